/* Fuzz target: any bytes as a rule, checked, compiled and run. The first byte chooses level,
 * language and whether a condition is wanted. Whatever comes, there is a program that runs or a
 * mistake with a sentence and a place inside the text; a runner for it gives booleans that are
 * 0, 1 or missing. */
#include "base/text.h"
#include "rule/rule_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_fault(const struct rule_fault *fault, struct str text)
{
    assert(fault->message && *fault->message && fault->line >= 1 && fault->column >= 1);
    assert(fault->at <= text.len && fault->length <= text.len - fault->at);
}

static void run(struct fixture *f, const struct rule_program *p)
{
    struct rule_runner *r = NULL;
    struct rule_fact *facts = NULL;
    size_t count = 0, level = rule_root_level(p, 0);
    if (rule_runner_make(&r, f->cx, p, f->block.count))
        return;
    rule_run(&f->figures, r, &f->source, &f->block);
    const int64_t *v = rule_value(r, 0);
    for (size_t i = 0; i < f->block.count[level]; i++)
        if (rule_root_type(p, 0).kind == RULE_BOOL)
            assert(v[i] == 0 || v[i] == 1 || v[i] == RULE_MISSING);
    if (rule_explain(&facts, &count, f->cx, r, &f->source, &f->block, 0, 1, 50))
        return;
    assert(count <= 50);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fixture f;
    struct cx cx;
    const struct rule_program *p = NULL;
    if (!size)
        return 0;
    cx_init(&cx, arena_open(16 * 1024 * 1024));
    text_use(LANG_ZH, &messages_zh);
    cx.lang = data[0] & 1 ? LANG_ZH : LANG_EN;
    fixture_open(&f, &cx);
    for (size_t n = 0; n < FIXTURE_COUNT; n++) /* small and large numbers, booleans as such */
        for (size_t i = 0; i < FIXTURE_BACK * FIXTURE_ROWS; i++) {
            int64_t any = (int64_t)(n * 7919 + i) % 5 - 1;
            int64_t large = i % 7 == 0 ? INT64_MAX - (int64_t)n : any;
            bool is_bool = f.names[n].type.kind == RULE_BOOL;
            f.values[n][i / FIXTURE_ROWS][i % FIXTURE_ROWS] = any == 3  ? RULE_MISSING
                                                              : is_bool ? any & 1
                                                                        : large;
        }
    const struct str bytes = {(const char *)data + 1, size - 1};
    const struct rule_text text = {"fuzz", (enum rule_level)(data[0] / 2 % 3), bytes,
                                   data[0] / 8 % 2};
    enum rc rc = rule_compile(&p, &f.fault, &cx, &f.d, &text, 1);
    assert(rc == RC_OK || rc == RC_INVALID || rc == RC_LIMIT);
    if (rc == RC_INVALID)
        check_fault(&f.fault, bytes);
    else if (rc == RC_OK)
        run(&f, p);
    arena_free(cx.arena);
    return 0;
}

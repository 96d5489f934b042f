/* The examples of doc/rules.md and doc/rules.zh.md: each box "rule LEVEL" compiles against the
 * Chinese profile, each box "wrong LEVEL" is refused, with the message in the box behind it. */
#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "profile/rules.h"

enum { BOXES_MAX = 100 };
struct box {
    bool wrong;
    enum rule_level level;
    struct str text, message;
};

static enum rule_level level_named(struct str word)
{
    assert_true(str_eq(word, STR("person")) || str_eq(word, STR("household")) ||
                str_eq(word, STR("area")));
    return str_eq(word, STR("person"))      ? RULE_PERSON
           : str_eq(word, STR("household")) ? RULE_HOUSEHOLD
                                            : RULE_AREA;
}

/* The text up to the line of the closing fence; *rest moves behind it. */
static struct str fenced(struct str *rest)
{
    size_t end = str_find(*rest, STR("\n```"));
    assert_true(end != SIZE_MAX);
    struct str text = {rest->p, end};
    rest->p += end + 4;
    rest->len -= end + 4;
    return text;
}

static size_t read_boxes(struct box *boxes, struct str rest)
{
    size_t count = 0;
    while (rest.p && rest.len) {
        struct str line = str_cut(&rest, '\n');
        if (!str_starts(line, STR("```")))
            continue;
        struct str words = {line.p + 3, line.len - 3}, kind = str_cut(&words, ' ');
        struct str text = fenced(&rest);
        if (str_eq(kind, STR("text"))) /* test cases: register/own_case_test.c reads them */
            continue;
        if (str_eq(kind, STR("message"))) {
            assert_true(count > 0 && boxes[count - 1].wrong);
            boxes[count - 1].message = text;
            continue;
        }
        assert_true(count < BOXES_MAX);
        assert_true(str_eq(kind, STR("rule")) || str_eq(kind, STR("wrong")));
        boxes[count++] =
            (struct box){str_eq(kind, STR("wrong")), level_named(words), text, {NULL, 0}};
    }
    return count;
}

/* Does the box do as its first line says? */
static bool holds(struct cx *cx, const struct profile *p, const struct box *box)
{
    const struct rule_program *program;
    struct rule_fault fault = {.message = ""};
    const struct rule_text text = {.name = "example", .level = box->level, .text = box->text};
    enum rc rc = rule_compile(&program, &fault, cx, p->rules->dictionary, &text, 1);
    bool good = rc == (box->wrong ? RC_INVALID : RC_OK) &&
                (!box->wrong || str_eq_z(box->message, fault.message));
    if (!good)
        print_error("%.*s\nmessage: %s\n\n", STR_ARG(box->text), rc ? fault.message : "none");
    err_clear(cx);
    return good;
}

static void try_file(struct cx *cx, const char *path, size_t least)
{
    static struct box boxes[BOXES_MAX];
    struct profile *p;
    struct profile_faults faults;
    struct str text;
    size_t bad = 0;
    check_ok(cx, file_read(&text, cx, path, 1 << 20));
    check_ok(cx, profile_load_embedded(&p, &faults, cx, "cn"));
    size_t count = read_boxes(boxes, text);
    assert_true(count >= least);
    for (size_t i = 0; i < count; i++)
        bad += !holds(cx, p, &boxes[i]);
    profile_free(p);
    assert_int_equal(bad, 0);
}

/* All boxes of both languages, in their language; there are as many as when this was written.
 */
static void examples_hold(void **state)
{
    (void)state;
    struct cx cx;
    check_open(&cx);
    text_use(LANG_ZH, &messages_zh);
    try_file(&cx, "doc/rules.md", 28);
    cx.lang = LANG_ZH;
    try_file(&cx, "doc/rules.zh.md", 28);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(examples_hold)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Fuzz target: any bytes as a rule (up to the first zero) and its test cases. The first byte
 * chooses language, subject and kind. Each line is understood and runs, or has a sentence that
 * says why not. */
#include "base/text.h"
#include "register/own_case.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct profile *profile_once(struct cx *cx)
{
    static struct profile *profile;
    struct profile_faults faults = {0};
    if (!profile && profile_load_embedded(&profile, &faults, cx, "cn"))
        abort();
    return profile;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str codes[] = {{"520181", 6}, {"52", 2}};
    const struct case_place place = {codes, 2, 20574};
    struct own_case *cases;
    size_t count = 0;
    struct cx cx;
    if (!size)
        return 0;
    cx_init(&cx, arena_open(64 * 1024 * 1024));
    cx.profile = profile_once(&cx);
    text_use(LANG_ZH, &messages_zh);
    cx.lang = data[0] & 1 ? LANG_ZH : LANG_EN;
    const char *text = arena_copy(cx.arena, (struct str){(const char *)data + 1, size - 1});
    struct own_rule rule = {.code = "fuzz",
                            .subject = data[0] & 2 ? SUBJECT_PERSON : SUBJECT_HOUSEHOLD,
                            .kind = (enum own_kind)(data[0] / 4 % 3),
                            .rule = text,
                            .message = "",
                            .hint = "",
                            .note = ""};
    const char *zero = memchr(text, 0, size - 1);
    rule.cases = zero ? zero + 1 : text;
    enum rc rc = case_run_all(&cases, &count, &cx, &rule, &place);
    assert(rc == RC_OK || rc == RC_LIMIT);
    for (size_t i = 0; !rc && i < count; i++) {
        assert(!cases[i].problem || cases[i].problem[0]);
        assert(cases[i].problem || (cases[i].expected[0] && cases[i].got[0]));
        assert(!cases[i].problem || !cases[i].passed);
    }
    arena_free(cx.arena);
    return 0;
}

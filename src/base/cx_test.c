/* Tests of base/cx and base/rc: failing, and which failure is kept. */
#include "base/cx.h"

#include "base/check.h"
#include "base/utf8.h"

static enum rc try_twice(struct cx *cx)
{
    TRY(RC_OK);
    TRY(fail(cx, RC_INVALID, "first", "n=%d", 1));
    return fail(cx, RC_DB, "not reached", "%s", "");
}

static void test_first_wins(void **state)
{
    (void)state;
    /* The first failure keeps code and text; later ones only add to the detail. */
    struct cx cx;
    check_open(&cx);
    assert_int_equal(try_twice(&cx), RC_INVALID);
    assert_int_equal(fail(&cx, RC_IO, "second", "disk=%s", "x"), RC_IO);
    assert_int_equal(cx.err.rc, RC_INVALID);
    assert_string_equal(cx.err.text, "first");
    assert_string_equal(cx.err.detail, "n=1 | io: disk=x");
    assert_int_equal(fail_f(&cx, RC_BUSY, "third %d", 3), RC_BUSY);
    assert_string_equal(cx.err.text, "first");
    err_clear(&cx);
    assert_int_equal(cx.err.rc, RC_OK);
    assert_int_equal(fail_f(&cx, RC_LIMIT, "Row %d of %s", 5, "a.csv"), RC_LIMIT);
    assert_string_equal(cx.err.text, "Row 5 of a.csv");
    check_close(&cx);
}

static void test_long_texts(void **state)
{
    (void)state;
    /* Texts longer than their room are cut between characters, whatever the offset, and many
     * failures do not write past the detail. */
    struct cx cx;
    check_open(&cx);
    for (int shift = 0; shift < 4; shift++) {
        const char *village =
            "村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村";
        const char *text = arena_printf(cx.arena, "%.*s%s%s%s%s%s%s", shift, "abc", village,
                                        village, village, village, village, village);
        fail(&cx, RC_INVALID, text, "%s", text);
        size_t len = strlen(cx.err.text);
        assert_true(len < sizeof cx.err.text && len >= sizeof cx.err.text - 4);
        assert_int_equal(utf8_bad_at(str_of(cx.err.text)), len);
        for (int i = 0; i < 100; i++)
            fail(&cx, RC_IO, "later", "detail %d", i);
        assert_true(strlen(cx.err.detail) < sizeof cx.err.detail);
        err_clear(&cx);
    }
    check_close(&cx);
}

static void test_rc_names(void **state)
{
    (void)state;
    /* Every code has a name of its own. */
    for (int a = RC_DB; a <= RC_OK; a++)
        for (int b = RC_DB; b < a; b++)
            assert_string_not_equal(rc_name((enum rc)a), rc_name((enum rc)b));
    assert_string_equal(rc_name(RC_NOTFOUND), "notfound");
    assert_string_equal(rc_name((enum rc) - 99), "unknown");
}

static void test_init(void **state)
{
    (void)state;
    /* A new context is English, at the time FUMIN_NOW says, without deadline or error. */
    struct cx cx;
    memset(&cx, 0xAA, sizeof cx);
    check_env("FUMIN_NOW", "1795392000");
    check_open(&cx);
    assert_int_equal(cx.now_at, 1795392000);
    assert_int_equal(cx.lang, LANG_EN);
    assert_int_equal(cx.deadline_ms, 0);
    assert_int_equal(cx.err.rc, RC_OK);
    assert_null(cx.db);
    check_env("FUMIN_NOW", NULL);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_wins),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_rc_names),
        cmocka_unit_test(test_init),
    };
    return cmocka_run_group_tests_name("base/cx", tests, NULL, NULL);
}

/* The templates' run time: what is escaped, which addresses pass, what a full buffer does. */
#include "html/html.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A fresh output in an arena that each test frees. */
struct bench {
    struct arena *arena;
    struct out o;
};

static void begin(struct bench *b)
{
    b->arena = arena_open(1024 * 1024);
    out_init(&b->o, b->arena, 0, NULL);
}

/* What was written, NUL-terminated; empties the output. */
static const char *take(struct bench *b)
{
    const char *copy = arena_copy(b->arena, out_view(&b->o));
    assert_true(out_ok(&b->o));
    out_init(&b->o, b->arena, 0, NULL);
    return copy;
}

static void escapes_what_html_needs(void **state)
{
    /* The five signs that can end a text or a quoted value are written as entities; UTF-8
     * passes; control characters, which no HTML may hold, become U+FFFD. By hand from the
     * WHATWG HTML standard, 13.1.2.3 and 13.3. */
    struct bench b;
    (void)state;
    begin(&b);
    html_put(&b.o, "a&b <i title=\"x\" lang='y'>");
    assert_string_equal(take(&b), "a&amp;b &lt;i title=&quot;x&quot; lang=&#39;y&#39;&gt;");
    html_put(&b.o, "王小明\tä\n");
    assert_string_equal(take(&b), "王小明\tä\n");
    html_put(&b.o, ((struct str){"a\0b\x01", 4}));
    assert_string_equal(take(&b), "a\xEF\xBF\xBD"
                                  "b\xEF\xBF\xBD");
    html_put(&b.o, (const char *)NULL);
    html_put(&b.o, ((struct str){NULL, 0}));
    assert_string_equal(take(&b), "");
    html_put_raw(&b.o, (struct html){"<b>&amp;</b>", 12});
    assert_string_equal(take(&b), "<b>&amp;</b>");
    arena_free(b.arena);
}

static void writes_every_integer_type(void **state)
{
    /* Each type goes through the right sign: the ends of the widest types come out whole. */
    struct bench b;
    (void)state;
    begin(&b);
    html_put(&b.o, INT64_MIN);
    html_put(&b.o, (unsigned char)255);
    html_put(&b.o, (short)-3);
    assert_string_equal(take(&b), "-9223372036854775808255-3");
    html_put(&b.o, UINT64_MAX);
    html_put(&b.o, sizeof(char));
    assert_string_equal(take(&b), "184467440737095516151");
    arena_free(b.arena);
}

static void lets_only_safe_addresses_through(void **state)
{
    /* Relative addresses and the four schemes pass; what a browser would run, also behind
     * blanks and line ends that it drops, becomes "#". Cases after the OWASP cross-site
     * scripting cheat sheet. */
    static const char *const good[] = {
        "/household/7",  "?page=2",           "#top",      "x",          "",
        "a/b:c",         "http://a.example/", "HTTPS://b", "mailto:a@b", "tel:+86",
        "//c.example/x", "x?y=javascript:1",
    };
    static const char *const bad[] = {
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "\tjavascript:1",
        "data:text/html,x",
        "vbscript:x",
        ":x",
        "\x01javascript:1",
        "file:///etc/passwd",
        "httpx:1",
        "blob:x",
    };
    struct bench b;
    (void)state;
    begin(&b);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        html_put_url(&b.o, good[i]);
        assert_string_equal(take(&b), good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        html_put_url(&b.o, str_of(bad[i]));
        assert_string_equal(take(&b), "#");
    }
    html_put_url(&b.o, "/a?b=1&c=\"2\"");
    assert_string_equal(take(&b), "/a?b=1&amp;c=&quot;2&quot;");
    html_put_url(&b.o, 12);
    assert_string_equal(take(&b), "12");
    arena_free(b.arena);
}

static void encodes_query_values(void **state)
{
    /* Everything but RFC 3986's unreserved characters is percent-encoded, byte by byte; the
     * function for C code gives the same. 王 is E7 8E 8B in UTF-8. */
    struct bench b;
    struct cx cx = {0};
    (void)state;
    begin(&b);
    html_put_query(&b.o, "a&b=c d/王-._~+\"");
    assert_string_equal(take(&b), "a%26b%3Dc%20d%2F%E7%8E%8B-._~%2B%22");
    html_put_query(&b.o, STR("x?"));
    html_put_query(&b.o, -5);
    assert_string_equal(take(&b), "x%3F-5");
    cx.arena = b.arena;
    assert_string_equal(html_encode(&cx, STR("a&b=c d/王-._~+\"")),
                        "a%26b%3Dc%20d%2F%E7%8E%8B-._~%2B%22");
    assert_string_equal(html_encode(&cx, STR("")), "");
    arena_free(b.arena);
}

static void stops_at_the_maximum(void **state)
{
    /* A page over its maximum is reported by out_ok and never longer than it; one of exactly
     * the maximum is whole. */
    struct bench b;
    (void)state;
    begin(&b);
    out_init(&b.o, b.arena, 10, "n0nce");
    html_put(&b.o, "1234567890");
    assert_true(out_ok(&b.o));
    assert_string_equal(b.o.nonce, "n0nce");
    html_put(&b.o, "<");
    assert_false(out_ok(&b.o));
    assert_true(out_view(&b.o).len <= 10);
    struct out *o = out_new(b.arena, NULL);
    html_literal(o, "<p>", 3);
    struct html part = out_html(o);
    assert_int_equal(part.len, 3);
    assert_memory_equal(part.p, "<p>", 3);
    arena_free(b.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_html_needs),
        cmocka_unit_test(writes_every_integer_type),
        cmocka_unit_test(lets_only_safe_addresses_through),
        cmocka_unit_test(encodes_query_values),
        cmocka_unit_test(stops_at_the_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

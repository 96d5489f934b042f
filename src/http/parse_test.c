/* Addresses, queries, cookies, headers: reading strictly, writing so that it reads back. And
 * the route table: which row is found, which tables are refused. */
#include "http/http_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is base/cx.h's */

static struct arena *arena;
static struct cx cx;

static int start(void **state)
{
    (void)state;
    arena = arena_open(LIMIT_REQUEST_ARENA);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    arena_reset(arena);
    cx_init(&cx, arena);
    return 0;
}

/* Request targets and what they are split into; NULL: refused. */
static void splits_targets(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"/", "/", ""},
        {"/a/b?c=d?e", "/a/b", "c=d?e"},
        {"/a/", "/a/", ""},
        {"/%E7%8E%8B+%20x", "/王+ x", ""},
        {"/a?", "/a", ""},
        {"/...", "/...", ""},
        {"/a.b/..c", "/a.b/..c", ""},
        {"http://host:80/a?b", "/a", "b"},
        {"https://host", "/", ""},
        {"/a?b=/../%00", "/a", "b=/../%00"}, /* the query is checked when it is read */
        {"", NULL, NULL},
        {"a", NULL, NULL},
        {"*", NULL, NULL},
        {"?a", NULL, NULL},
        {"//", NULL, NULL},
        {"/a//b", NULL, NULL},
        {"/.", NULL, NULL},
        {"/..", NULL, NULL},
        {"/a/../b", NULL, NULL},
        {"/a/%2e%2E", NULL, NULL},
        {"/a%2Fb", NULL, NULL},
        {"/a\\b", NULL, NULL},
        {"/a%5cb", NULL, NULL},
        {"/a%00", NULL, NULL},
        {"/a%0ab", NULL, NULL},
        {"/a%", NULL, NULL},
        {"/a%4", NULL, NULL},
        {"/a%zz", NULL, NULL},
        {"/a%c0%af", NULL, NULL},    /* over-long '/' */
        {"/a%ed%a0%80", NULL, NULL}, /* surrogate */
        {"/a b", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str path, query;
        bool ok = url_split(&path, &query, arena, str_of(rows[i][0]));
        if (ok != (rows[i][1] != NULL))
            print_error("target %s\n", rows[i][0]);
        assert_int_equal(ok, rows[i][1] != NULL);
        if (!ok)
            continue;
        assert_true(str_eq_z(path, rows[i][1]));
        assert_true(str_eq_z(query, rows[i][2]));
    }
}

/* Pairs: order and doubles are kept, the first is found; too many or damaged ones are refused.
 */
static void reads_pairs(void **state)
{
    (void)state;
    struct request q = {.method = METHOD_GET};
    assert_int_equal(
        pairs_parse(&q.query, &q.query_count, &cx, STR("a=1&b&=c&&a=2%3D&d=x=y"), 9), RC_OK);
    assert_int_equal(q.query_count, 5);
    assert_true(str_eq_z(request_query(&q, "a"), "1"));
    assert_true(request_query(&q, "b").p && request_query(&q, "b").len == 0);
    assert_true(str_eq_z(request_query(&q, "d"), "x=y"));
    assert_true(str_eq_z(q.query[3].value, "2="));
    assert_null(request_query(&q, "e").p);
    assert_int_equal(pairs_parse(&q.query, &q.query_count, &cx, STR(""), 9), RC_OK);
    assert_int_equal(q.query_count, 0);
    assert_int_equal(pairs_parse(&q.query, &q.query_count, &cx, STR("a&b&c"), 2), RC_LIMIT);
    err_clear(&cx);
    static const char *const bad[] = {"a=%", "%g0=1", "a=%00", "a=%ff", "a=\x01", "a=%7f"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(pairs_parse(&q.query, &q.query_count, &cx, str_of(bad[i]), 9),
                         RC_INVALID);
        assert_int_equal(cx.err.rc, RC_INVALID);
        err_clear(&cx);
    }
}

/* Cookies: trimmed, unquoted, case-bound; what has no '=' is left out. */
static void reads_cookies(void **state)
{
    (void)state;
    struct request q = {.method = METHOD_GET};
    cookies_parse(&q.cookies, &q.cookie_count, &cx, STR("a=1; sid=\"x=y\";bad;=z; SID=other"));
    assert_int_equal(q.cookie_count, 3);
    assert_true(str_eq_z(request_cookie(&q, "sid"), "x=y"));
    assert_true(str_eq_z(request_cookie(&q, "SID"), "other"));
    assert_null(request_cookie(&q, "bad").p);
}

/* Accept-Encoding with qualities, If-None-Match with lists and weak marks, media types. */
static void reads_headers(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool yes;
    } codings[] = {{"", false},         {"gzip", true},           {"br, GZIP", true},
                   {"gzip;q=0", false}, {"gzip; q=0.5", true},    {"*", true},
                   {"*;q=0", false},    {"identity", false},      {"gzip;q=0, *", false},
                   {"gzip;q=x", false}, {"*, gzip;q=0.0", false}, {"br;q=1, gzip;q=0.1", true}};
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++)
        assert_int_equal(accepts_gzip(str_of(codings[i].header)), codings[i].yes);
    assert_true(etag_matches(STR("\"a\""), STR("\"a\"")));
    assert_true(etag_matches(STR("\"b\" , W/\"a\""), STR("a")));
    assert_true(etag_matches(STR("*"), STR("\"a\"")));
    assert_false(etag_matches(STR("\"ab\""), STR("\"a\"")));
    assert_false(etag_matches(STR(""), STR("\"a\"")));
    assert_true(type_is(STR("Text/HTML ; charset=utf-8"), "text/html"));
    assert_false(type_is(STR("text/htmlx"), "text/html"));
    struct pair headers[] = {{STR("X-Name"), STR("v")}};
    struct request q = {.headers = headers, .header_count = 1};
    assert_true(str_eq_z(request_header(&q, "x-NAME"), "v"));
    assert_null(request_header(&q, "x-nam").p);
}

/* What is encoded contains only unreserved characters and escapes, and decodes to itself, for
 * every byte of valid text. */
static void encodes_addresses(void **state)
{
    (void)state;
    assert_string_equal(url_encode(arena, STR("a/b c&d=王~")), "a%2Fb%20c%26d%3D%E7%8E%8B~");
    assert_string_equal(url_encode(arena, STR("")), "");
    char text[200];
    size_t len = 0;
    for (int c = 0x20; c < 0x7f; c++)
        text[len++] = (char)c;
    struct str back;
    assert_true(
        url_decode(&back, arena, str_of(url_encode(arena, (struct str){text, len})), true));
    assert_true(str_eq(back, (struct str){text, len}));
}

/* Links of filters: set, add, remove; doubles of the set name collapse into one. */
static void changes_queries(void **state)
{
    (void)state;
    struct request q = {.method = METHOD_GET};
    assert_int_equal(
        pairs_parse(&q.query, &q.query_count, &cx, STR("a=1&page=3&b=x%26&page=4"), 9), RC_OK);
    assert_string_equal(url_with(&cx, &q, "page", "5"), "?a=1&page=5&b=x%26");
    assert_string_equal(url_with(&cx, &q, "page", NULL), "?a=1&b=x%26");
    assert_string_equal(url_with(&cx, &q, "new", "王"),
                        "?a=1&page=3&b=x%26&page=4&new=%E7%8E%8B");
    q.query_count = 0;
    assert_string_equal(url_with(&cx, &q, "a", NULL), "?");
    assert_string_equal(url_with(&cx, &q, "a", ""), "?a=");
}

static enum rc handle(struct cx *c, const struct request *q, struct response *a)
{
    (void)c;
    (void)q;
    (void)a;
    return RC_OK;
}

static const struct route table[] = {
    {.method = METHOD_GET, .path = "/", .handle = handle},
    {.method = METHOD_GET, .path = "/house/{id}", .handle = handle},
    {.method = METHOD_GET, .path = "/house/new", .handle = handle},
    {.method = METHOD_POST, .path = "/house/{id}", .handle = handle, .body_max = 10},
    {.method = METHOD_GET, .path = "/house/{id}/person/{person}", .handle = handle},
    {.method = METHOD_GET, .path = "/{kind}/{id}/person/all", .handle = handle},
};

/* Literal segments win from the left; a method without a row is told from an unknown path;
 * names get their segments. */
static void finds_routes(void **state)
{
    (void)state;
    static const struct {
        enum method method;
        const char *path;
        int row; /* -1: none */
        const char *allow;
    } rows[] = {
        {METHOD_GET, "/", 0, "GET, HEAD"},
        {METHOD_GET, "/house/7", 1, "GET, HEAD, POST"},
        {METHOD_HEAD, "/house/7", 1, "GET, HEAD, POST"},
        {METHOD_GET, "/house/new", 2, "GET, HEAD, POST"},
        {METHOD_POST, "/house/new", 3, "GET, HEAD, POST"},
        {METHOD_GET, "/house/7/person/8", 4, "GET, HEAD"},
        {METHOD_GET, "/house/7/person/all", 4, "GET, HEAD"},
        {METHOD_GET, "/area/7/person/all", 5, "GET, HEAD"},
        {METHOD_PUT, "/house/7", -1, "GET, HEAD, POST"},
        {METHOD_GET, "/house", -1, ""},
        {METHOD_GET, "/house/", -1, ""},
        {METHOD_GET, "/house/7/", -1, ""},
        {METHOD_GET, "/house/7/person", -1, ""},
    };
    const struct server_options o = {.routes = table,
                                     .route_count = sizeof table / sizeof *table};
    struct route_hit hit;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        route_find(&hit, &o, rows[i].method, str_of(rows[i].path));
        assert_ptr_equal(hit.route, rows[i].row < 0 ? NULL : &table[rows[i].row]);
        assert_string_equal(route_allow(arena, hit.allowed), rows[i].allow);
    }
    route_find(&hit, &o, METHOD_GET, STR("/house/7/person/8"));
    const struct request q = {.params = hit.params, .param_count = hit.param_count};
    int64_t id = 0;
    assert_int_equal(request_param_id(&id, &cx, &q, "person"), RC_OK);
    assert_int_equal(id, 8);
    assert_true(str_eq_z(request_param(&q, "id"), "7"));
    static const char *const no_ids[] = {"/house/0", "/house/-1", "/house/1x",
                                         "/house/99999999999999999999"};
    for (size_t i = 0; i < 4; i++) {
        route_find(&hit, &o, METHOD_GET, str_of(no_ids[i]));
        const struct request r = {.params = hit.params, .param_count = hit.param_count};
        assert_int_equal(request_param_id(&id, &cx, &r, "id"), RC_NOTFOUND);
        err_clear(&cx);
    }
}

/* Each mistake in a table is refused at the start, naming the row. */
static void checks_tables(void **state)
{
    (void)state;
    static const struct route bad[][2] = {
        {{.method = METHOD_GET, .path = "a", .handle = handle}},
        {{.method = METHOD_GET, .path = "/a"}},
        {{.path = "/a", .handle = handle}},
        {{.method = METHOD_GET, .path = "/a{b}", .handle = handle}},
        {{.method = METHOD_GET, .path = "/{}", .handle = handle}},
        {{.method = METHOD_GET, .path = "/a", .handle = handle, .body_max = 1}},
        {{.method = METHOD_GET, .path = "/a", .handle = handle, .scope = SCOPE_PERMISSION}},
        {{.method = METHOD_GET, .path = "/a/{b}", .handle = handle},
         {.method = METHOD_HEAD, .path = "/a/{c}", .handle = handle}},
    };
    assert_int_equal(routes_check(&cx, table, sizeof table / sizeof *table), RC_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t count = bad[i][1].path ? 2 : 1;
        assert_int_equal(routes_check(&cx, bad[i], count), RC_INVALID);
        assert_non_null(strstr(cx.err.detail, "route="));
        err_clear(&cx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(splits_targets, fresh),
        cmocka_unit_test_setup(reads_pairs, fresh),
        cmocka_unit_test_setup(reads_cookies, fresh),
        cmocka_unit_test_setup(reads_headers, fresh),
        cmocka_unit_test_setup(encodes_addresses, fresh),
        cmocka_unit_test_setup(changes_queries, fresh),
        cmocka_unit_test_setup(finds_routes, fresh),
        cmocka_unit_test_setup(checks_tables, fresh),
    };
    return cmocka_run_group_tests(tests, start, stop);
}

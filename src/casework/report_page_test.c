/* The public's pages as they are answered, on both databases: nobody is signed in; a report,
 * its code, the same form twice, robots, too many attempts; a notice, an objection on it, and
 * that nothing is to be seen where naming is off. No page says more than it may. */
#include "casework/public_fixture.h"
#include "web/page.h"

enum { TEXT_MAX = 2 * 1024 * 1024, PAIRS = 12 };

extern const struct route_table report_routes, posting_routes;

struct answer {
    enum rc rc;
    int status;
    const char *text;
};

static const struct route *route_of(enum method method, const char *pattern)
{
    const struct route_table *const tables[] = {&report_routes, &posting_routes};
    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < tables[t]->count; i++)
            if (tables[t]->rows[i].method == method &&
                !strcmp(tables[t]->rows[i].path, pattern))
                return &tables[t]->rows[i];
    fail_msg("no such route: %s", pattern);
    return NULL;
}

static size_t read_pairs(struct pair *pairs, struct str text)
{
    size_t n = 0;
    while (text.p && text.len && n < PAIRS) {
        struct str value = str_cut(&text, '&'), name = str_cut(&value, '=');
        pairs[n++] = (struct pair){name, value.p ? value : STR("")};
    }
    return n;
}

/* `rest`: the query of a GET, the form of a POST. */
static struct answer call(struct cx *cx, enum method method, const char *pattern,
                          const char *token, const char *rest)
{
    static const struct visitor visitor = {.csrf = "", .office = ""};
    struct pair *pairs = arena_new(cx->arena, PAIRS * sizeof *pairs);
    struct pair param = {STR("token"), str_of(token)};
    size_t count = read_pairs(pairs, str_of(rest));
    struct request q = {.method = method,
                        .path = str_of(pattern),
                        .route = route_of(method, pattern),
                        .params = &param,
                        .param_count = 1,
                        .client = "192.0.2.1",
                        .body_fd = -1};
    q.session = (void *)(uintptr_t)&visitor;
    q.query = method == METHOD_GET ? pairs : NULL;
    q.query_count = method == METHOD_GET ? count : 0;
    q.form = method == METHOD_POST ? pairs : NULL;
    q.form_count = method == METHOD_POST ? count : 0;
    struct response a = {.status = 200, .file_fd = -1};
    buf_init(&a.body, cx->arena, TEXT_MAX);
    cx->actor = NULL;
    struct answer out = {.rc = q.route->handle(cx, &q, &a)};
    db_read_end(cx);
    err_clear(cx);
    out.status = out.rc ? http_status_of(out.rc) : a.status;
    out.text = arena_copy(cx->arena, buf_view(&a.body));
    assert_null(cx->actor);
    return out;
}

static bool says(const struct answer *a, const char *text)
{
    return strstr(a->text, text) != NULL;
}

/* "ABCD 2346" as the page shows it. */
static const char *code_in(struct cx *cx, const struct answer *a)
{
    const char *at = strstr(a->text, "big-code\" translate=\"no\">");
    assert_non_null(at);
    at += strlen("big-code\" translate=\"no\">");
    return arena_printf(cx->arena, "%.9s", at);
}

static const char *form_of(struct cx *cx, const char *once, const char *more)
{
    return arena_printf(cx->arena,
                        "area=%" PRId64 "&once=%s&text=房子塌了&name=孙七&phone=13900009999%s",
                        f.village[0], once, more);
}

/* The way of a report: village by code, form, code, state; robots and mistakes are told on the
 * page and keep what was typed; guessing ends. */
static void report_on(struct cx *cx)
{
    public_fixture_open(cx);
    struct answer a = call(cx, METHOD_GET, "/report", "", "v=520181001201");
    assert_int_equal(a.status, 200);
    assert_true(says(&a, "新建村") && says(&a, "name=\"once\"") && says(&a, "noindex"));
    a = call(cx, METHOD_GET, "/report", "", "v=none");
    assert_true(a.status == 200 && !says(&a, "name=\"once\""));
    a = call(cx, METHOD_POST, "/report", "", form_of(cx, "1", ""));
    assert_int_equal(a.status, 200);
    assert_false(says(&a, "孙七") || says(&a, "13900009999") || says(&a, "房子"));
    const char *code = code_in(cx, &a);
    a = call(cx, METHOD_POST, "/report", "", form_of(cx, "1", ""));
    assert_string_equal(code_in(cx, &a), code);
    a = call(cx, METHOD_POST, "/report", "", form_of(cx, "2", "&website=x"));
    assert_int_equal(a.status, 400);
    a = call(cx, METHOD_POST, "/report", "",
             arena_printf(cx->arena, "area=%" PRId64 "&name=孙七&text=", f.village[0]));
    assert_true(a.status == 400 && says(&a, "孙七"));
    a = call(cx, METHOD_POST, "/report", "", "text=x&area=999");
    assert_int_equal(a.status, 404);
    a = call(cx, METHOD_POST, "/report/status", "", arena_printf(cx->arena, "code=%s", code));
    assert_true(a.status == 200 && says(&a, "Arrived"));
    assert_false(says(&a, "孙七") || says(&a, "房子"));
    int busy = 0;
    for (int i = 0; i < 40; i++) {
        a = call(cx, METHOD_POST, "/report/status", "", "code=ACDEFGHJ");
        assert_true(a.status == 404 || a.status == 429);
        busy += a.status == 429;
    }
    assert_true(busy >= 19);
    busy = 0;
    for (int i = 0; i < 30; i++) {
        a = call(cx, METHOD_POST, "/report", "",
                 form_of(cx, arena_printf(cx->arena, "n%d", i), ""));
        busy += a.status == 429;
    }
    assert_true(busy >= 9);
    case_fixture_close(cx);
}
static void test_report(void **state)
{
    (void)state;
    db_fixture_each(report_on);
}

static const char *token_of(struct cx *cx, int64_t flow)
{
    struct posting *list;
    size_t count;
    cx->actor = NULL;
    check_ok(cx, postings_of_flow(&list, &count, cx, flow));
    assert_int_equal(count, 1);
    return list[0].token;
}

/* What the form says of whom it is about: the n-th, from 1. */
static const char *item_in(struct cx *cx, const struct answer *a, int n)
{
    const char *at = strstr(a->text, "name=\"item\"");
    for (int i = 0; at && i <= n; i++) /* the first says "please choose" */
        at = strstr(at + 1, "<option value=\"");
    assert_non_null(at);
    return arena_printf(cx->arena, "%.16s", at + strlen("<option value=\""));
}

/* Somebody is taken off while another reads: the objection is to whom was meant. */
static void taken_off_on(struct cx *cx)
{
    public_fixture_open(cx);
    int64_t first = public_to_notice(cx, case_household(cx, 0, "H1", 0));
    int64_t second = public_to_notice(cx, case_household(cx, 0, "H2", 0));
    const char *token = token_of(cx, second);
    assert_string_equal(token, token_of(cx, first));
    struct answer a = call(cx, METHOD_GET, "/posting/{token}", token, "");
    const char *of_first = item_in(cx, &a, 1), *of_second = item_in(cx, &a, 2);
    assert_string_not_equal(of_first, of_second);
    as(cx, WORKER);
    check_ok(cx, case_try(cx, first, "object", "有人举报"));
    a = call(cx, METHOD_POST, "/posting/{token}/object", token,
             arena_printf(cx->arena, "item=%s&text=有车", of_second));
    assert_int_equal(a.status, 200);
    assert_int_equal(test_tasks(cx, "objection", second), 1);
    a = call(cx, METHOD_POST, "/posting/{token}/object", token,
             arena_printf(cx->arena, "item=%s&text=有车", of_first));
    assert_int_equal(a.status, 400);
    assert_int_equal(test_tasks(cx, "objection", first), 0);
    case_fixture_close(cx);
}
static void test_taken_off(void **state)
{
    (void)state;
    db_fixture_each(taken_off_on);
}

/* A notice shows the masked name only, takes an objection (given a code, which answers), and is
 * gone with its end; where naming is off there is no page and no list. */
static void posting_on(struct cx *cx)
{
    public_fixture_open(cx);
    int64_t flow = public_to_notice(cx, case_household(cx, 0, "H1", 0));
    const char *token = token_of(cx, flow);
    struct answer a = call(cx, METHOD_GET, "/posting/{token}", token, "");
    assert_true(a.status == 200 && says(&a, "王*") && says(&a, "noindex"));
    assert_false(says(&a, "王明") || says(&a, "H1"));
    assert_false(says(&a, arena_printf(cx->arena, "%" PRId64, flow)));
    const char *item = item_in(cx, &a, 1);
    a = call(cx, METHOD_GET, "/posting", "", "county=520181");
    assert_true(says(&a, token));
    a = call(cx, METHOD_POST, "/posting/{token}/object", token, "item=2&text=有车");
    assert_true(a.status == 400 && says(&a, "有车"));
    a = call(cx, METHOD_POST, "/posting/{token}/object", token,
             arena_printf(cx->arena, "item=%s&text=有车&once=7", item));
    assert_int_equal(a.status, 200);
    assert_int_equal(test_tasks(cx, "objection", flow), 1);
    a = call(cx, METHOD_POST, "/report/status", "",
             arena_printf(cx->arena, "code=%s", code_in(cx, &a)));
    assert_true(a.status == 200 && !says(&a, "有车"));
    public_option(cx, "public_naming", "no");
    a = call(cx, METHOD_GET, "/posting/{token}", token, "");
    assert_int_equal(a.status, 404);
    a = call(cx, METHOD_POST, "/posting/{token}/object", token,
             arena_printf(cx->arena, "item=%s&text=有车", item));
    assert_int_equal(a.status, 404);
    a = call(cx, METHOD_GET, "/posting", "", "county=520181");
    assert_true(a.status == 200 && !says(&a, token) && !says(&a, "王"));
    public_option(cx, "public_naming", "yes");
    case_clock(cx, CASE_NOW + 10 * 86400);
    a = call(cx, METHOD_GET, "/posting/{token}", token, "");
    assert_int_equal(a.status, 404);
    case_fixture_close(cx);
}
static void test_posting(void **state)
{
    (void)state;
    db_fixture_each(posting_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_report),
                                       cmocka_unit_test(test_posting),
                                       cmocka_unit_test(test_taken_off)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

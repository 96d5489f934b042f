/* The pages of cases as they are answered: what the page of a case shows to whom, forms that
 * come back with their mistakes, signing, moving with a file, the frozen decision beside the
 * register of today, the list, several at once, the audit page. */
#include "casework/case_view.h"
#include "casework/public_fixture.h"

#include <fcntl.h>
#include <sys/mman.h>

enum { TEXT_MAX = 2 * 1024 * 1024, PAIRS = 64 };

extern const struct route_table case_routes, case_list_routes, case_parts_routes,
    case_document_routes, case_frozen_routes, case_audit_routes, tip_routes, assembly_routes,
    assembly_show_routes;
static const struct route_table *const tables[] = {
    &case_routes,          &case_list_routes,   &case_parts_routes,
    &case_document_routes, &case_frozen_routes, &case_audit_routes,
    &tip_routes,           &assembly_routes,    &assembly_show_routes};

/* Fits "/case/12/move" to "/case/{id}/move"; literal parts win. */
static bool fits(struct request *q, struct cx *cx, const char *pattern, struct str path)
{
    struct str p = str_of(pattern), rest = path;
    struct pair *params = arena_new(cx->arena, 4 * sizeof *params);
    size_t n = 0;
    while (p.p && rest.p) {
        struct str want = str_cut(&p, '/'), got = str_cut(&rest, '/');
        if (want.len > 2 && want.p[0] == '{')
            params[n++] = (struct pair){{want.p + 1, want.len - 2}, got};
        else if (!str_eq(want, got))
            return false;
    }
    if (p.p || rest.p)
        return false;
    q->params = params;
    q->param_count = n;
    return true;
}

static void find_route(struct request *q, struct cx *cx)
{
    for (int literal = 1; literal >= 0; literal--)
        for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
            for (size_t i = 0; i < tables[t]->count; i++) {
                const struct route *r = &tables[t]->rows[i];
                if (!q->route && r->method == q->method &&
                    (strchr(r->path, '{') == NULL) == (literal == 1) &&
                    fits(q, cx, r->path, q->path))
                    q->route = r;
            }
    assert_non_null(q->route);
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

struct answer {
    enum rc rc;
    int status;
    const char *text, *location;
};

/* "GET /case?x=1" or "POST /case/3/move" with a form "a=b&c=d"; `file`: uploaded content. */
static struct answer call(struct cx *cx, const char *what, const char *form, const char *file)
{
    static const struct visitor visitor = {.signed_in = true, .csrf = "", .office = ""};
    bool post = str_starts(str_of(what), STR("POST "));
    struct str rest = str_of(what + (post ? 5 : 4));
    struct pair *pairs = arena_new(cx->arena, 2 * PAIRS * sizeof *pairs);
    struct request q = {.method = post ? METHOD_POST : METHOD_GET,
                        .path = str_cut(&rest, '?'),
                        .query = pairs,
                        .form = pairs + PAIRS,
                        .body_fd = -1};
    q.query_count = rest.p ? read_pairs(pairs, rest) : 0;
    q.form_count = form ? read_pairs(pairs + PAIRS, str_of(form)) : 0;
    if (file) {
        q.body_fd = memfd_create("upload", MFD_CLOEXEC);
        q.body_len = (int64_t)strlen(file);
        q.file_name = STR("承诺书.jpg");
        assert_int_equal(write(q.body_fd, file, strlen(file)), (ssize_t)strlen(file));
    }
    q.session = (void *)(uintptr_t)&visitor;
    find_route(&q, cx);
    struct response a = {.status = 200, .file_fd = -1};
    buf_init(&a.body, cx->arena, TEXT_MAX);
    db_read_end(cx);
    err_clear(cx);
    struct answer out = {.rc = q.route->handle(cx, &q, &a), .status = a.status};
    db_read_end(cx);
    for (size_t i = 0; i < a.header_count; i++)
        if (str_eq_z(a.headers[i].name, "Location"))
            out.location = arena_copy(cx->arena, a.headers[i].value);
    out.text = arena_copy(cx->arena, buf_view(&a.body));
    if (a.file_fd >= 0) {
        char *z = arena_new(cx->arena, 65536);
        assert_true(pread(a.file_fd, z, 65535, 0) >= 0);
        close(a.file_fd);
        out.text = z;
    }
    if (q.body_fd >= 0)
        close(q.body_fd);
    return out;
}

static const char *page(struct cx *cx, const char *what)
{
    struct answer a = call(cx, what, NULL, NULL);
    check_ok(cx, a.rc);
    assert_int_equal(a.status, 200);
    return a.text;
}

static void has(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("the page lacks \"%s\"", words);
}

static void lacks(const char *text, const char *words)
{
    if (strstr(text, words))
        fail_msg("the page has \"%s\"", words);
}

/* Who may take a step sees its form and rules; who may not sees the case and who has to act;
 * others see nothing. Mistakes of the form come back at their fields, with what was typed. */
static void shows_on(struct cx *cx)
{
    struct answer a;
    int64_t id;
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    as(cx, WORKER);
    a = call(cx, "POST /case/open",
             arena_printf(cx->arena, "kind=identify&household=%" PRId64, home), NULL);
    check_ok(cx, a.rc);
    assert_non_null(a.location);
    assert_true(str_to_i64(&id, str_of(a.location + strlen("/case/"))));
    const char *url = arena_printf(cx->arena, "GET /case/%" PRId64, id);
    const char *text = page(cx, url);
    has(text, "王明");
    has(text, "aria-current=\"step\"");
    has(text, "Take on");
    has(text, "holds");
    has(text, "Safe drinking water");
    has(text, "name=\"version\" value=\"");
    as(cx, COUNTY);
    text = page(cx, url);
    lacks(text, "name=\"version\"");
    has(text, "nothing for you to do");
    as(cx, TOWN_B);
    assert_int_equal(call(cx, url, NULL, NULL).rc, RC_NOTFOUND);
    err_clear(cx);
    as(cx, WORKER);
    const char *move = arena_printf(cx->arena, "POST /case/%" PRId64 "/move", id);
    a = call(cx, move,
             arena_printf(cx->arena, "event=dismiss&version=%d&reason_dismiss=",
                          (int)case_flow(cx, id).version),
             NULL);
    assert_int_equal(a.status, 400);
    has(a.text, "aria-invalid");
    check_ok(cx, case_try(cx, id, "accept", ""));
    a = call(cx, move, "event=accept&version=1", NULL);
    assert_int_equal(a.status, 409);
    has(a.text, "worker");
    case_fixture_close(cx);
}
static void test_shows(void **state)
{
    (void)state;
    db_fixture_each(shows_on);
}

/* The home check by its form: too few signs, a wrong number, then good, with a file that comes
 * back as it was and is not for others; the list of signs. */
static void form_on(struct cx *cx)
{
    int64_t id;
    struct flow_step *steps;
    size_t count;
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    as(cx, WORKER);
    check_ok(cx, case_open(&id, cx, "identify", home));
    check_ok(cx, case_try(cx, id, "accept", ""));
    const char *url = arena_printf(cx->arena, "GET /case/%" PRId64, id);
    int version = (int)case_flow(cx, id).version;
    has(page(cx, url), "Two officers sign");
    struct answer a = call(cx, arena_printf(cx->arena, "POST /case/%" PRId64 "/sign", id),
                           arena_printf(cx->arena, "version=%d", version), NULL);
    check_ok(cx, a.rc);
    as(cx, WORKER_2);
    has(page(cx, url), "worker");
    has(page(cx, url), "multipart/form-data");
    const char *move = arena_printf(cx->arena, "POST /case/%" PRId64 "/move", id);
    const char *good = "x_confirm_visited_on=2026-11-22&x_confirm_household_signed=王明&"
                       "x_confirm_main_reason=1&x_confirm_other_reasons=2&"
                       "x_confirm_other_reasons=23&x_confirm_words=房屋漏雨，饮水困难";
    a = call(cx, move,
             arena_printf(cx->arena, "event=confirm&version=%d&%s&x_confirm_rigid_expense=viel",
                          version, good),
             NULL);
    assert_int_equal(a.status, 400);
    has(a.text, "x_confirm_rigid_expense-error");
    has(a.text, "value=\"viel\"");
    has(a.text, "房屋漏雨，饮水困难");
    case_stands_at(cx, id, "check");
    a = call(cx, move,
             arena_printf(cx->arena,
                          "event=confirm&version=%d&x_confirm_rigid_expense=1&"
                          "x_confirm_visited_on=1800-01-01&%s",
                          version, strchr(good, '&') + 1),
             "the paper");
    assert_int_equal(a.status, 400);
    has(a.text, "x_confirm_visited_on-error"); /* the bounds of the indicator it sets */
    case_stands_at(cx, id, "check");
    a = call(cx, move,
             arena_printf(cx->arena,
                          "event=confirm&version=%d&%s&x_confirm_rigid_expense=25000.50",
                          version, good),
             "the paper");
    check_ok(cx, a.rc);
    assert_non_null(a.location);
    case_stands_at(cx, id, "compare");
    assert_int_equal(case_value(cx, home, "rigid_expense").i, 2500050);
    check_ok(cx, flow_history(&steps, &count, cx, id));
    const struct flow_step *s = &steps[count - 1];
    int64_t document = 0, codes = 0;
    for (size_t i = 0; i < s->answer_count; i++) {
        document = s->answers[i].document_id ? s->answers[i].document_id : document;
        if (s->answers[i].field->type == FIELD_TYPE_CODES)
            codes = s->answers[i].value.i;
    }
    assert_int_equal(codes, (1 << 2) | (1 << 23));
    const char *paper =
        arena_printf(cx->arena, "GET /case/%" PRId64 "/document/%" PRId64, id, document);
    assert_string_equal(call(cx, paper, NULL, NULL).text, "the paper");
    assert_int_equal(call(cx,
                          arena_printf(cx->arena, "GET /case/%" PRId64 "/document/%" PRId64, id,
                                       s->snapshot_id),
                          NULL, NULL)
                         .rc,
                     RC_NOTFOUND);
    err_clear(cx);
    as(cx, TOWN_B);
    assert_int_equal(call(cx, paper, NULL, NULL).rc, RC_NOTFOUND);
    err_clear(cx);
    case_fixture_close(cx);
}
static void test_form(void **state)
{
    (void)state;
    db_fixture_each(form_on);
}

static void move_household(struct cx *cx, int64_t household, int64_t area)
{
    const struct actor *before = cx->actor;
    struct household_record *r = fixture_household(cx, area, "", 0);
    cx->actor = NULL;
    r->household_id = household;
    r->values = NULL;
    r->year = 0;
    fixture_apply(cx, &source, r);
    cx->actor = before;
}

/* The frozen decision is as it was; what the register says otherwise today stands beside it; in
 * both languages, and as the document itself. */
static void frozen_on(struct cx *cx)
{
    struct flow_step *steps;
    size_t count;
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    int64_t id = case_to_decide(cx, home);
    as(cx, COUNTY);
    struct flow_ask ask = case_recognise(cx, id);
    check_ok(cx, case_decide(cx, &ask));
    check_ok(cx, flow_history(&steps, &count, cx, id));
    const char *url = arena_printf(cx->arena, "GET /case/%" PRId64 "/decision/%" PRId64, id,
                                   steps[count - 1].seq);
    const char *text = page(cx, url);
    has(text, "王明");
    has(text, "The register still says the same today.");
    has(text, "county,");
    case_set_value(cx, home, "water_safe", value_int(1));
    text = page(cx, url);
    has(text, "The register today says: yes");
    cx->lang = LANG_ZH;
    has(page(cx, url), "县级审定");
    cx->lang = LANG_EN;
    struct answer a = call(cx, arena_printf(cx->arena, "%s?format=json", url), NULL, NULL);
    has(a.text, "\"kind\":\"decision\"");
    a = call(cx, arena_printf(cx->arena, "GET /case/frozen/%" PRId64, ask.snapshot_id), NULL,
             NULL);
    check_ok(cx, a.rc);
    assert_string_equal(a.location, url + 4);
    assert_int_equal(
        call(cx, arena_printf(cx->arena, "GET /case/%" PRId64 "/decision/1", id), NULL, NULL)
            .rc,
        RC_NOTFOUND);
    err_clear(cx);
    as(cx, TOWN_B);
    assert_int_equal(call(cx, url, NULL, NULL).rc, RC_NOTFOUND);
    err_clear(cx);
    has(page(cx, "GET /case/audit"), "No area");
    /* It moves to another town: here the decision is still read, not what became of them. */
    as(cx, TOWN);
    has(page(cx, url), "The register today says: yes");
    move_household(cx, home, f.village[2]);
    text = page(cx, url);
    has(text, "王明");
    has(text, "Who has moved to another area");
    lacks(text, "The register today says");
    lacks(text, "The register still says the same");
    as(cx, COUNTY);
    text = page(cx, url);
    has(text, "The register today says: yes");
    lacks(text, "Who has moved to another area");
    case_fixture_close(cx);
}
static void test_frozen(void **state)
{
    (void)state;
    db_fixture_each(frozen_on);
}

/* The list: by state, what waits for whom, by area; several at once with what became of each;
 * the audit page of who may audit. */
static void list_on(struct cx *cx)
{
    int64_t id[3];
    case_fixture_open(cx);
    for (int i = 0; i < 3; i++) {
        int64_t home = case_household(cx, i == 2 ? 2 : 0, arena_printf(cx->arena, "L%d", i), 0);
        as(cx, i == 2 ? TOWN_B : WORKER);
        check_ok(cx, case_open(&id[i], cx, "identify", home));
    }
    as(cx, WORKER);
    const char *mine = arena_printf(cx->arena, "/case/%" PRId64, id[0]);
    const char *other = arena_printf(cx->arena, "/case/%" PRId64, id[2]);
    const char *text = page(cx, "GET /case");
    has(text, mine);
    lacks(text, other);
    has(page(cx, "GET /case?mine=1"), mine);
    has(page(cx, "GET /case?workflow=identify&state=check"), "No case here");
    as(cx, COUNTY);
    lacks(page(cx, "GET /case?mine=1"), mine);
    text = page(cx, arena_printf(cx->arena, "GET /case?area=%" PRId64, f.town[1]));
    has(text, other);
    lacks(text, mine);
    has(call(cx, "GET /case?format=csv", NULL, NULL).text, "王明");
    as(cx, WORKER);
    text = page(cx, "GET /case?workflow=identify&state=tip");
    has(text, "name=\"case\"");
    struct answer a = call(cx, "POST /case/batch",
                           arena_printf(cx->arena,
                                        "workflow=identify&state=tip&event=accept&case=%" PRId64
                                        ".%d&case=%" PRId64 ".77&case=%" PRId64 ".1",
                                        id[0], (int)case_flow(cx, id[0]).version, id[1], id[2]),
                           NULL);
    check_ok(cx, a.rc);
    has(a.text, "made for 1 of 3 cases.");
    case_stands_at(cx, id[0], "check");
    case_stands_at(cx, id[1], "tip");
    case_stands_at(cx, id[2], "tip");
    assert_int_equal(call(cx, "POST /case/batch",
                          "workflow=identify&state=check&event=confirm&case=1.1", NULL)
                         .rc,
                     RC_INVALID);
    err_clear(cx);
    as(cx, COUNTY);
    text = page(cx, "GET /case/audit");
    has(text, "Take on");
    has(text, "worker");
    has(text, "followed");
    lacks(page(cx, "GET /case/audit?from=2020-01-01&to=2020-12-31"), "Take on");
    assert_int_equal(call(cx, "GET /case/audit?from=x", NULL, NULL).rc, RC_INVALID);
    err_clear(cx);
    case_fixture_close(cx);
}
static void test_list(void **state)
{
    (void)state;
    db_fixture_each(list_on);
}

/* Lists of tips leave the program only with those who may export. */
static void tips_on(struct cx *cx)
{
    const char *code;
    int64_t id;
    public_fixture_open(cx);
    as(cx, WORKER);
    check_ok(cx, tip_add(&id, &code, cx,
                         &(struct tip){.area_id = f.village[0],
                                       .source = TIP_PHONE,
                                       .name = "孙七",
                                       .phone = "",
                                       .text = "房子塌了",
                                       .reference = ""}));
    has(page(cx, "GET /tip"), arena_printf(cx->arena, "/tip/%" PRId64, id));
    lacks(page(cx, "GET /tip"), "format=csv");
    assert_int_equal(call(cx, "GET /tip?format=csv", NULL, NULL).rc, RC_DENIED);
    err_clear(cx);
    as(cx, TOWN);
    has(page(cx, "GET /tip"), "format=csv");
    has(call(cx, "GET /tip?format=csv", NULL, NULL).text, "not known yet");
    case_fixture_close(cx);
}
static void test_tips(void **state)
{
    (void)state;
    db_fixture_each(tips_on);
}

/* A case on a meeting's list moves to another town: the pages of the meeting still open, say
 * that it moved and no longer whom it is about. */
static void meeting_on(struct cx *cx)
{
    int64_t id, moved;
    public_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0), flow = public_to_vote(cx, home);
    struct assembly a = {.area_id = f.village[0],
                         .place = "村委会",
                         .chair = "",
                         .recorder = "",
                         .minutes = "",
                         .at = CASE_NOW + 3600,
                         .entitled = 30,
                         .present = -1};
    as(cx, WORKER);
    check_ok(cx, assembly_add(&id, cx, &a));
    check_ok(cx, assembly_put(cx, id, flow));
    const char *const urls[] = {
        arena_printf(cx->arena, "GET /assembly/%" PRId64, id),
        arena_printf(cx->arena, "GET /assembly/%" PRId64 "/show", id),
        arena_printf(cx->arena, "GET /assembly/%" PRId64 "/minutes", id)};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        has(page(cx, urls[i]), i == 1 ? "王*" : "王明"); /* masked on the wall */
    move_household(cx, home, f.village[2]);
    cx->actor = NULL;
    check_ok(cx, case_follow(&moved, cx));
    assert_int_equal(moved, 1);
    as(cx, WORKER);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        const char *text = page(cx, urls[i]);
        has(text, "belongs to another area now");
        lacks(text, "王");
        lacks(text, arena_printf(cx->arena, "/case/%" PRId64, flow));
    }
    case_fixture_close(cx);
}
static void test_meeting(void **state)
{
    (void)state;
    db_fixture_each(meeting_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shows),  cmocka_unit_test(test_form),
        cmocka_unit_test(test_frozen), cmocka_unit_test(test_list),
        cmocka_unit_test(test_tips),   cmocka_unit_test(test_meeting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

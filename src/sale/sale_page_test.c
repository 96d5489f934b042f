/* The pages as they are answered: a guest buys in three pages without an account, sent twice is
 * one order, mistakes come back, links of others open nothing; the shop packs by weight, sends
 * and hands over; the webhook's answers; script in names is escaped. */
#include "sale/sale_fixture.h"
#include "sale/sale_view.h"

enum { TEXT_MAX = 1024 * 1024, PAIRS = 32 };

extern const struct route_table basket_routes, checkout_routes, order_routes, sell_order_routes;
static const struct route_table *const tables[] = {&basket_routes, &checkout_routes,
                                                   &order_routes, &sell_order_routes};

/* The guest's browser. */
static char cookie[100];
static const char *signature = "";

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
    q->params = params;
    q->param_count = n;
    return !p.p && !rest.p;
}

static void find_route(struct request *q, struct cx *cx)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct route *r = &tables[t]->rows[i];
            if (!q->route && r->method == q->method && fits(q, cx, r->path, q->path))
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

static void keep_cookie(const struct response *a)
{
    for (size_t i = 0; i < a->header_count; i++) {
        struct str value = a->headers[i].value, name = str_cut(&value, '=');
        if (str_eq_z(a->headers[i].name, "Set-Cookie") && str_eq_z(name, basket_cookie)) {
            struct str token = str_cut(&value, ';');
            snprintf(cookie, sizeof cookie, "%.*s", STR_ARG(token));
        }
    }
}

/* "GET /basket" or "POST /basket" with a form "a=b&c=d", or a body. */
static struct answer call(struct cx *cx, const char *what, const char *form)
{
    static const struct visitor visitor = {.csrf = "", .office = ""};
    bool post = str_starts(str_of(what), STR("POST "));
    struct str rest = str_of(what + (post ? 5 : 4));
    struct pair *pairs = arena_new(cx->arena, 2 * PAIRS * sizeof *pairs);
    struct pair *jar = arena_new(cx->arena, sizeof *jar),
                *head = arena_new(cx->arena, sizeof *head);
    struct request q = {.method = post ? METHOD_POST : METHOD_GET,
                        .path = str_cut(&rest, '?'),
                        .query = pairs,
                        .form = pairs + PAIRS,
                        .cookies = jar,
                        .cookie_count = cookie[0] != '\0',
                        .headers = head,
                        .header_count = 1,
                        .body_fd = -1};
    *jar = (struct pair){str_of(basket_cookie), str_of(cookie)};
    *head = (struct pair){STR("Signature"), str_of(signature)};
    q.query_count = rest.p ? read_pairs(pairs, rest) : 0;
    q.form_count = form ? read_pairs(pairs + PAIRS, str_of(form)) : 0;
    q.body = str_of(form ? form : "");
    q.session = (void *)(uintptr_t)&visitor;
    find_route(&q, cx);
    struct response a = {.status = 200, .file_fd = -1};
    buf_init(&a.body, cx->arena, TEXT_MAX);
    db_read_end(cx);
    err_clear(cx);
    struct answer out = {.rc = q.route->handle(cx, &q, &a)};
    db_read_end(cx);
    out.status = a.status;
    for (size_t i = 0; i < a.header_count; i++)
        if (str_eq_z(a.headers[i].name, "Location"))
            out.location = arena_copy(cx->arena, a.headers[i].value);
    keep_cookie(&a);
    out.text = arena_copy(cx->arena, buf_view(&a.body));
    return out;
}

static const char *page(struct cx *cx, const char *what)
{
    struct answer a = call(cx, what, NULL);
    check_ok(cx, a.rc);
    assert_int_equal(a.status, 200);
    assert_non_null(a.text);
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

/* The value of a hidden field. */
static const char *hidden(struct cx *cx, const char *text, const char *name)
{
    const char *p = strstr(text, arena_printf(cx->arena, "name=\"%s\" value=\"", name));
    if (!p)
        fail_msg("no field %s", name);
    struct str rest = str_of(strstr(p, "value=\"") + strlen("value=\""));
    return arena_copy(cx->arena, str_cut(&rest, '"'));
}

static const char *line(struct cx *cx, int variant, const char *quantity)
{
    return arena_printf(cx->arena, "county=%" PRId64 "&variant=%" PRId64 "&quantity=%s&add=1",
                        f.county, variants[variant], quantity);
}

static void fills_basket(struct cx *cx)
{
    struct answer a;
    cookie[0] = '\0';
    has(page(cx, "GET /basket"), "empty");
    a = call(cx, "GET /checkout", NULL);
    assert_string_equal(a.location, "/basket"); /* nothing to order yet */
    a = call(cx, "POST /basket", line(cx, V_BOX, "2"));
    check_ok(cx, a.rc);
    assert_string_equal(a.location, "/basket");
    assert_int_equal(strlen(cookie), 43);
    check_ok(cx, call(cx, "POST /basket", line(cx, V_LOOSE, "1.5")).rc);
    const char *text = page(cx, "GET /basket");
    has(text, "核桃, 礼盒");
    has(text, "181.99"); /* 2 x 68.50 + 44.99 */
    has(text, "href=\"/checkout\"");
    static const char *const wrong[] = {"abc", "-1", "1.2345", "99999999999999999999", "0.75"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        a = call(cx, "POST /basket", line(cx, V_LOOSE, wrong[i]));
        check_ok(cx, a.rc);
        assert_true(a.status == 400 || a.status == 413);
        has(a.text, "181.99"); /* as it was */
    }
}

static const char who[] = "name=王<script>&phone=13800138000&zone=county&address=一号&mail=";

static const char *buys(struct cx *cx)
{
    struct answer a;
    has(page(cx, "GET /checkout"), "name=\"phone\"");
    a = call(cx, "POST /checkout", "name=&phone=1&zone=county&provider=1");
    check_ok(cx, a.rc);
    assert_int_equal(a.status, 400);
    a = call(cx, "POST /checkout", arena_printf(cx->arena, "%s&provider=7", who));
    assert_int_equal(a.status, 400);
    a = call(cx, "POST /checkout", arena_printf(cx->arena, "%s&provider=1", who));
    check_ok(cx, a.rc);
    has(a.text, "王&lt;script&gt;");
    lacks(a.text, "<script>");
    has(a.text, "191.99"); /* 6,130 g in the county: 4.00 + 6 x 1.00 */
    const char *form =
        arena_printf(cx->arena, "%s&provider=1&key=%s&county=%s&total=%s&items=%s", who,
                     hidden(cx, a.text, "key"), hidden(cx, a.text, "county"),
                     hidden(cx, a.text, "total"), hidden(cx, a.text, "items"));
    a = call(cx, "POST /checkout/place", form);
    check_ok(cx, a.rc);
    assert_non_null(a.location);
    assert_true(str_starts(str_of(a.location), STR("/order/")));
    const char *first = a.location;
    a = call(cx, "POST /checkout/place", form); /* the button twice */
    check_ok(cx, a.rc);
    assert_string_equal(a.location, first);
    a = call(cx, "POST /checkout/place",
             arena_printf(cx->arena, "%s&provider=3&key=%s&county=%s&total=1&items=1:1", who,
                          "0123456789abcdef", "1"));
    check_ok(cx, a.rc);
    assert_int_equal(a.status, 404); /* not for sale */
    has(page(cx, "GET /basket"), "empty");
    return first;
}

/* Other content under the same key. */
static void key_used(struct cx *cx)
{
    struct answer a;
    for (int i = 1; i <= 2; i++)
        a = call(cx, "POST /checkout/place",
                 arena_printf(cx->arena,
                              "%s&provider=3&key=0123456789abcdef&total=7450&county=%" PRId64
                              "&items=%" PRId64 ":%d",
                              who, f.county, variants[V_BOX], i));
    check_ok(cx, a.rc);
    assert_int_equal(a.status, 422);
}

static void shows_order(struct cx *cx, const char *path)
{
    struct purchase p;
    struct payment *list;
    size_t count;
    const char *text = page(cx, arena_printf(cx->arena, "GET %s", path));
    check_ok(cx, purchase_by_token(&p, cx, str_of(path + strlen("/order/"))));
    check_ok(cx, payment_list(&list, &count, cx, p.county, p.id));
    has(text, list[0].reference);
    has(text, "坝芒合作社");
    has(text, "<svg class=\"qr\"");
    has(text, "191.99");
    has(text, "/cancel");
    lacks(text, "/received");
    struct answer a = call(cx, "GET /order/0123456789", NULL);
    assert_int_equal(a.rc, RC_NOTFOUND);
    a = call(cx, arena_printf(cx->arena, "POST %s/received", path),
             arena_printf(cx->arena, "order=%" PRId64 "&version=1", p.orders[0].id));
    assert_int_equal(a.status, 409);
    a = call(cx, arena_printf(cx->arena, "POST %s/cancel", path), "order=4711&version=1");
    assert_int_equal(a.rc, RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(
        tell(cx, PAY_TRANSFER, PAY_CAPTURE, list[0].id, list[0].amount_minor, "line-1"),
        PAY_DONE);
    lacks(page(cx, arena_printf(cx->arena, "GET %s", path)), list[0].reference);
}

static void shop_sends(struct cx *cx, const char *path)
{
    struct purchase p;
    struct answer a;
    check_ok(cx, purchase_by_token(&p, cx, str_of(path + strlen("/order/"))));
    const struct order *x = &p.orders[0];
    const char *one =
        arena_printf(cx->arena, "/sell/order/%" PRId64 "/%" PRId64, f.county, x->id);
    const char *text =
        page(cx, arena_printf(cx->arena, "GET /sell/order?county=%" PRId64 "&shop=%" PRId64,
                              f.county, x->shop_id));
    has(text, x->number);
    text = page(cx, arena_printf(cx->arena, "GET %s", one));
    has(text, "王&lt;script&gt;");
    has(text, "name=\"p1\"");
    lacks(text, "/ship\"");
    a = call(cx, arena_printf(cx->arena, "POST %s/pack", one),
             arena_printf(cx->arena, "version=%d&p0=2&p1=x", x->version));
    assert_int_equal(a.status, 400);
    a = call(cx, arena_printf(cx->arena, "POST %s/pack", one), "version=99&p0=2&p1=1.4");
    assert_int_equal(a.status, 409);
    a = call(cx, arena_printf(cx->arena, "POST %s/pack", one),
             arena_printf(cx->arena, "version=%d&p0=2&p1=1.4", x->version));
    check_ok(cx, a.rc);
    assert_string_equal(a.location, one);
    has(page(cx, arena_printf(cx->arena, "GET %s", path)), "188.99"); /* 3.00 less */
    a = call(cx, arena_printf(cx->arena, "POST %s/ship", one),
             arena_printf(cx->arena, "version=%d&carrier=顺丰&tracking=SF1", x->version + 1));
    check_ok(cx, a.rc);
    text = page(cx, arena_printf(cx->arena, "GET %s", path));
    has(text, "SF1");
    has(text, "/received");
    a = call(cx, arena_printf(cx->arena, "POST %s/received", path),
             arena_printf(cx->arena, "order=%" PRId64 "&version=%d", x->id, x->version + 2));
    check_ok(cx, a.rc);
    assert_non_null(a.location);
    has(page(cx, arena_printf(cx->arena, "GET %s", path)), "tag good");
    a = call(cx, arena_printf(cx->arena, "POST %s/cancel", one), "version=1");
    assert_int_equal(a.status, 409);
    a = call(cx, "GET /sell/order/1/4711", NULL);
    assert_int_equal(a.rc, RC_NOTFOUND);
    err_clear(cx);
}

static void webhook(struct cx *cx)
{
    struct placed p;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    const char *url = arena_printf(cx->arena, "POST /pay/%" PRId64, f.county);
    const char *body =
        arena_printf(cx->arena,
                     "{\"id\":\"h1\",\"type\":\"payment.captured\",\"payment\":"
                     "\"%" PRId64 "\",\"amount\":%" PRId64 ",\"currency\":\"CNY\"}",
                     p.payment_id, p.total_minor);
    signature = "t=1,v1=00";
    assert_int_equal(call(cx, url, body).rc, RC_DENIED);
    err_clear(cx);
    signature = pay_sign(cx, gateway_secret, cx->now_at, str_of(body));
    for (int i = 0; i < 3; i++) {
        struct answer a = call(cx, url, body);
        check_ok(cx, a.rc);
        assert_int_equal(a.status, 200);
    }
    signature = "";
    assert_int_equal(first_order(cx, &p).state, ORDER_PAID);
}

static void pages_on(struct cx *cx)
{
    sale_fixture_open(cx);
    cx->lang = LANG_ZH;
    fills_basket(cx);
    const char *path = buys(cx);
    key_used(cx);
    shows_order(cx, path);
    shop_sends(cx, path);
    webhook(cx);
    check_sound(cx);
    cx->lang = LANG_EN;
    sale_fixture_close(cx);
}

static void pages(void **state)
{
    (void)state;
    db_fixture_each(pages_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

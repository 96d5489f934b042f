/* The pages of selling, as they are answered, on both databases: a station opens a shop, makes
 * a card and puts goods up; the seller signs in with it; wrong prices come back as sentences;
 * others find nothing; script in names is escaped; photos on the pages. */
#include "sale/sale_fixture.h"
#include "shop/picture.h"
#include "shop/sell_view.h"

#include <sys/mman.h>

enum { TEXT_MAX = 1024 * 1024, PAIRS = 32, MEMBER = 1003 };

extern const struct route_table sell_routes, sell_product_routes, card_routes, window_routes;
static const struct route_table *const tables[] = {&sell_routes, &sell_product_routes,
                                                   &card_routes, &window_routes};

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
    const char *text, *location, *session;
    int64_t file_len;
};

static void read_headers(struct answer *out, struct cx *cx, const struct response *a)
{
    for (size_t i = 0; i < a->header_count; i++) {
        struct str value = a->headers[i].value;
        if (str_eq_z(a->headers[i].name, "Location"))
            out->location = arena_copy(cx->arena, value);
        struct str name = str_cut(&value, '=');
        if (str_eq_z(a->headers[i].name, "Set-Cookie") &&
            str_find(name, STR("notice")) == SIZE_MAX)
            out->session = arena_copy(cx->arena, str_cut(&value, ';'));
    }
}

/* "GET /sell" or "POST /sell/…" with a form "a=b&c=d"; `file`: an upload, or -1. */
static struct answer call_file(struct cx *cx, const char *what, const char *form, int file)
{
    static const struct visitor visitor = {.csrf = "", .office = "", .market = true};
    bool post = str_starts(str_of(what), STR("POST "));
    struct str rest = str_of(what + (post ? 5 : 4));
    struct pair *pairs = arena_new(cx->arena, 2 * PAIRS * sizeof *pairs);
    struct pair *head = arena_new(cx->arena, sizeof *head);
    *head = (struct pair){STR("Host"), STR("market.example")};
    struct request q = {.method = post ? METHOD_POST : METHOD_GET,
                        .path = str_cut(&rest, '?'),
                        .query = pairs,
                        .form = pairs + PAIRS,
                        .headers = head,
                        .header_count = 1,
                        .client = "192.0.2.9",
                        .tls = true,
                        .body_fd = file};
    q.query_count = rest.p ? read_pairs(pairs, rest) : 0;
    q.form_count = form ? read_pairs(pairs + PAIRS, str_of(form)) : 0;
    q.session = (void *)(uintptr_t)&visitor;
    find_route(&q, cx);
    struct response a = {.status = 200, .file_fd = -1};
    buf_init(&a.body, cx->arena, TEXT_MAX);
    db_read_end(cx);
    err_clear(cx);
    struct answer out = {.rc = q.route->handle(cx, &q, &a)};
    db_read_end(cx);
    out.status = a.status;
    out.file_len = a.file_len;
    if (a.file_fd >= 0)
        close(a.file_fd);
    read_headers(&out, cx, &a);
    out.text = arena_copy(cx->arena, buf_view(&a.body));
    return out;
}
static struct answer call(struct cx *cx, const char *what, const char *form)
{
    return call_file(cx, what, form, -1);
}

static const char *page(struct cx *cx, const char *what)
{
    struct answer a = call(cx, what, NULL);
    check_ok(cx, a.rc);
    assert_int_equal(a.status, 200);
    return a.text;
}

static bool has(const char *text, const char *part)
{
    return str_find(str_of(text), str_of(part)) != SIZE_MAX;
}

/* A form that is taken: where it leads to. */
static const char *sent(struct cx *cx, const char *what, const char *form)
{
    struct answer a = call(cx, what, form);
    check_ok(cx, a.rc);
    if (!a.location)
        print_error("%s: %s\n", what, a.text);
    assert_non_null(a.location);
    return a.location;
}

/* A form that comes back with this sentence. */
static void comes_back(struct cx *cx, const char *what, const char *form, const char *sentence)
{
    struct answer a = call(cx, what, form);
    check_ok(cx, a.rc);
    assert_true(a.status >= 400);
    if (!has(a.text, sentence))
        print_error("%s: %s\n", form, a.text);
    assert_true(has(a.text, sentence));
}

static const char *post_to(struct cx *cx, const char *base, const char *end)
{
    return arena_printf(cx->arena, "POST %s%s", base, end);
}
static const char *get_of(struct cx *cx, const char *base)
{
    return arena_printf(cx->arena, "GET %s", base);
}

static enum rc put_member(struct cx *cx, void *arg)
{
    (void)arg;
    struct seller s = {.county = f.county,
                       .id = MEMBER,
                       .kind = SELLER_HOUSEHOLD,
                       .area_id = f.village[0],
                       .alias = "alias-three",
                       .name = "王<b>家",
                       .consent_day = 20000,
                       .assist_day = 20000,
                       .state = SELLER_ACTIVE};
    return seller_set(cx, &s);
}

static const char *member_page(struct cx *cx)
{
    return arena_printf(cx->arena, "/sell/seller/%" PRId64 "/%d", f.county, MEMBER);
}

static void station(struct cx *cx)
{
    check_ok(cx, db_write(cx, f.county, put_member, NULL));
    cx->actor = fixture_officer(cx, &f, f.village[0], "station_operator");
    cx->dir = f.dir;
}

static const char *opened_shop(struct cx *cx)
{
    return sent(cx, post_to(cx, member_page(cx), "/shop"), "name=王家山货&about=<script>x");
}

/* The product of a shop, ready to be shown. */
static const char *made_product(struct cx *cx, const char *shop)
{
    const char *href = sent(cx, post_to(cx, shop, "/product"), "product=山菌<script>");
    assert_true(has(page(cx, get_of(cx, href)), "Say what a buyer can choose"));
    comes_back(cx, post_to(cx, href, ""), "version=1&name=山菌&kind=mushroom&from=06-15",
               "first and a last day");
    sent(cx, post_to(cx, href, ""),
         "version=1&name=山菌<script>&story=雨后采&kind=mushroom&claim=24&cost=8.50");
    return href;
}

/* ---- tests ---- */

static void opening(struct cx *cx)
{
    station(cx);
    const char *home = page(cx, "GET /sell");
    assert_true(has(home, "王&lt;b&gt;家"));
    assert_true(has(home, "坝芒合作社"));
    assert_false(has(home, "李家")); /* in another village */
    comes_back(cx, post_to(cx, member_page(cx), "/shop"), "name=", "Name of the shop");
    const char *shop = opened_shop(cx);
    comes_back(cx, post_to(cx, member_page(cx), "/shop"), "name=又一家", "has a shop already");
    const char *text = page(cx, get_of(cx, shop));
    assert_true(has(text, "王家山货"));
    assert_false(has(text, "<script>x"));
    assert_false(has(text, "poor"));
    sent(cx, post_to(cx, shop, ""), "version=1&name=王家山货店&about=&state=2");
    comes_back(cx, post_to(cx, shop, ""), "version=1&name=x&about=&state=1",
               "Somebody changed");
    comes_back(cx, post_to(cx, shop, ""), "version=2&name=x&about=&state=9", "is open");
    assert_true(has(page(cx, get_of(cx, shop)), "The shop is not open"));
    cx->actor = fixture_officer(cx, &f, f.village[1], "station_operator");
    assert_int_equal(call(cx, get_of(cx, shop), NULL).rc, RC_NOTFOUND);
    assert_int_equal(call(cx, post_to(cx, shop, ""), "version=2&name=x&state=1").rc,
                     RC_NOTFOUND);
    assert_int_equal(call(cx, get_of(cx, member_page(cx)), NULL).rc, RC_NOTFOUND);
}

/* The card's page shows its code once; with it and the PIN the seller is in its own shop. */
static void card(struct cx *cx)
{
    const struct actor *actor;
    struct session session;
    station(cx);
    const char *shop = opened_shop(cx);
    comes_back(cx, post_to(cx, member_page(cx), "/card"), "pin=1234", "among the first");
    struct answer made = call(cx, post_to(cx, member_page(cx), "/card"), "pin=2580");
    check_ok(cx, made.rc);
    assert_true(has(made.text, "Print this page now"));
    assert_true(has(made.text, "Code of the market card"));
    assert_false(has(page(cx, get_of(cx, member_page(cx))), "Print this page now"));
    const char *token;
    check_ok(cx, card_make(&token, cx, f.county, MEMBER, STR("2580")));
    const char *path = arena_printf(cx->arena, "/card/%s", token);
    cx->actor = NULL;
    assert_true(has(page(cx, get_of(cx, path)), "Your PIN"));
    assert_true(has(page(cx, "GET /card/none"), "Your PIN")); /* tells nothing */
    comes_back(cx, post_to(cx, path, ""), "pin=2581", "is wrong");
    comes_back(cx, "POST /card/none", "pin=2580", "is wrong");
    struct answer in = call(cx, post_to(cx, path, ""), "pin=2580");
    check_ok(cx, in.rc);
    assert_string_equal(in.location, "/sell");
    check_ok(cx, session_find(&session, &actor, cx, str_of(in.session)));
    cx->actor = actor;
    assert_string_equal(call(cx, "GET /sell", NULL).location, shop);
    const char *product = sent(cx, post_to(cx, shop, "/product"), "product=鸡蛋");
    assert_true(has(page(cx, get_of(cx, product)), "鸡蛋"));
    const char *other =
        arena_printf(cx->arena, "/sell/shop/%" PRId64 "/%" PRId64, f.county, shops[0]);
    assert_int_equal(call(cx, get_of(cx, other), NULL).rc, RC_NOTFOUND);
    comes_back(cx, post_to(cx, member_page(cx), "/card"), "pin=2580", "makes cards");
}

static void selling(struct cx *cx)
{
    station(cx);
    const char *p = made_product(cx, opened_shop(cx)), *choice = post_to(cx, p, "/choice");
    static const char *const bad[] = {"12.345", "1e3", "-5", "0", "99999999999999999999",
                                      "abc"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        comes_back(
            cx, choice,
            arena_printf(cx->arena, "name=500g&unit=1&price=%s&weight=0.6&have=5", bad[i]),
            strcmp(bad[i], "-5") && strcmp(bad[i], "0") ? "Price:" : "more than nothing");
    comes_back(cx, choice, "name=500g&unit=1&price=1.1&weight=0.6&have=-5", "more than 0");
    comes_back(cx, choice, "name=500g&unit=1&price=1.1&weight=0.6&have=1.5", "whole number");
    comes_back(cx, choice, "name=500g&unit=1&price=1.1&weight=&have=1", "with its packing");
    comes_back(cx, choice, "name=500g&unit=1&price=1.1&weight=1&source=777",
               "store it is taken");
    sent(cx, choice, "name=<i>500g&unit=1&price=38.50&net=0.5&weight=0.6&have=12");
    sent(cx, choice, "name=散装&unit=2&price=70&weight=1.02&have=2.5");
    const char *text = page(cx, get_of(cx, p));
    assert_false(has(text, "<i>500g"));
    assert_true(has(text, "value=\"38.50\""));
    assert_true(has(text, "2.5 kg"));
    int64_t id;
    assert_true(
        str_to_i64(&id, (struct str){strrchr(p, '/') + 1, strlen(strrchr(p, '/') + 1)}));
    struct variant *v;
    size_t count;
    check_ok(cx, product_variants(&v, &count, cx, f.county, id));
    assert_int_equal(count, 2);
    assert_int_equal(v[0].left, 12);
    assert_int_equal(v[1].left, 2500);
    const char *more =
        arena_printf(cx->arena, "variant=%" PRId64 "&what=1&quantity=3&seen=12", v[0].id);
    sent(cx, post_to(cx, p, "/stock"), more);
    comes_back(cx, post_to(cx, p, "/stock"), more, "has changed"); /* the same form twice */
    comes_back(
        cx, post_to(cx, p, "/stock"),
        arena_printf(cx->arena, "variant=%" PRId64 "&what=3&quantity=99&seen=15", v[0].id),
        ".");
    sent(
        cx, post_to(cx, p, "/stock"),
        arena_printf(cx->arena, "variant=%" PRId64 "&what=3&quantity=0.75&seen=2500", v[1].id));
    assert_int_equal(call(cx, post_to(cx, p, "/choice"),
                          arena_printf(cx->arena, "variant=%" PRId64 "&name=x&price=1&weight=1",
                                       variants[V_BOX]))
                         .rc,
                     RC_NOTFOUND); /* another product's */
    check_ok(cx, product_variants(&v, &count, cx, f.county, id));
    assert_int_equal(v[0].left, 15);
    assert_int_equal(v[1].left, 1500); /* 1,750 in steps of 500 */
    const char *goods = arena_printf(cx->arena, "GET /goods/%" PRId64, id);
    const struct actor *self = cx->actor;
    cx->actor = NULL;
    assert_int_equal(call(cx, goods, NULL).rc, RC_NOTFOUND);
    cx->actor = self;
    sent(cx, post_to(cx, p, "/state"), "version=2&to=2");
    comes_back(cx, post_to(cx, p, "/state"), "version=2&to=3", "Somebody changed");
    cx->actor = NULL;
    text = page(cx, goods);
    assert_true(has(text, "山菌&lt;script&gt;"));
    assert_true(has(text, "77.00"));   /* per kg */
    assert_false(has(text, "8.50</")); /* the own cost is the seller's */
    assert_true(has(page(cx, "GET /goods?q=山菌"), "38.50"));
}

static int photo_file(struct cx *cx)
{
    struct picture p;
    struct str s;
    check_ok(cx, picture_new(&p, cx, 400, 300));
    memset(p.rgb, 120, (size_t)400 * 300 * 3);
    check_ok(cx, picture_write(&s, cx, &p));
    int fd = memfd_create("photo", MFD_CLOEXEC);
    assert_int_equal(write(fd, s.p, s.len), s.len);
    return fd;
}

static void photos(struct cx *cx)
{
    station(cx);
    const char *shop = opened_shop(cx), *p = made_product(cx, shop);
    int fd = photo_file(cx);
    struct answer a = call_file(cx, post_to(cx, p, "/photo"), "", fd);
    check_ok(cx, a.rc);
    assert_non_null(a.location);
    close(fd);
    a = call_file(cx, post_to(cx, p, "/photo"), "", -1);
    check_ok(cx, a.rc);
    assert_true(has(a.text, "Choose a photo first"));
    const char *text = page(cx, get_of(cx, p)), *at = strstr(text, "/photo/");
    assert_non_null(at);
    assert_true(has(page(cx, get_of(cx, shop)), "/photo/"));
    const char *src = arena_copy(cx->arena, (struct str){at, strcspn(at, "\"")});
    a = call(cx, get_of(cx, src), NULL);
    check_ok(cx, a.rc);
    assert_true(a.file_len > 100);
    cx->actor = NULL; /* a draft's photo is not for everybody */
    assert_int_equal(call(cx, get_of(cx, src), NULL).rc, RC_NOTFOUND);
    assert_int_equal(call(cx, "GET /photo/1/x", NULL).rc, RC_NOTFOUND);
    assert_int_equal(call(cx, "GET /photo/1/s", NULL).rc, RC_NOTFOUND);
}

#define EACH(test)                                                                             \
    static void test##_on(struct cx *cx)                                                       \
    {                                                                                          \
        sale_fixture_open(cx);                                                                 \
        test(cx);                                                                              \
        sale_fixture_close(cx);                                                                \
    }                                                                                          \
    static void test##_each(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(test##_on);                                                            \
    }
EACH(opening)
EACH(card)
EACH(selling)
EACH(photos)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_each),
        cmocka_unit_test(card_each),
        cmocka_unit_test(selling_each),
        cmocka_unit_test(photos_each),
    };
    sandbox_child_main(argc, argv, &photo_sandbox_kind, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

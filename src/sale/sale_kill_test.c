/* kill -9 at every step of checkout, of capturing and of packing: afterwards the order is
 * absent or whole, no reservation is without an owner, and the same key then goes through once.
 * The test program starts itself again as a child that is killed (child_main). */
#include "sale/sale_fixture.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

enum { ARG_URL = 2, ARG_DIR, ARG_KEYS, ARG_COUNTY, ARG_VARIANT, ARG_WHAT, ARG_ID, ARG_PAYMENT };
static const char key[] = "the-key-of-who-is-killed";

static int64_t number(const char *z)
{
    int64_t n = 0;
    assert_true(str_to_i64(&n, str_of(z)));
    return n;
}

/* Places, is paid or packs until it is killed. */
static int child_main(char **argv)
{
    struct cx cx;
    struct profile_faults faults = {0};
    struct profile *p;
    const struct db_options options = {.url = argv[ARG_URL]};
    struct placed placed;
    struct order o;
    int64_t id = number(argv[ARG_ID]), one = 1;
    check_open(&cx);
    crypto_init();
    cx.dir = argv[ARG_DIR];
    f.county = number(argv[ARG_COUNTY]);
    variants[V_BOX] = number(argv[ARG_VARIANT]);
    check_ok(&cx, profile_load_embedded(&p, &faults, &cx, "cn"));
    cx.profile = p;
    check_ok(&cx, vault_open(&cx.vault, &cx, argv[ARG_KEYS]));
    check_ok(&cx, db_open(&cx.pool, &cx, &options));
    check_ok(&cx, db_attach(&cx));
    const struct purchase_item item = {variants[V_BOX], 1};
    switch (argv[ARG_WHAT][0]) {
    case 'o':
        return place_key(&placed, &cx, PAY_TRANSFER, &item, 1, key) != RC_OK;
    case 'p':
        check_ok(&cx, order_row(&o, &cx, f.county, id));
        (void)tell(&cx, PAY_TRANSFER, PAY_CAPTURE, number(argv[ARG_PAYMENT]), o.total_minor,
                   "killed-line");
        return 0;
    default:
        return order_pack(&cx, f.county, id, 0, &one, 1) != RC_OK;
    }
}

struct child {
    const char *what, *fault;
    int64_t id, payment_id;
};

static void run_child(struct cx *cx, const struct child *c)
{
    char self[] = "/proc/self/exe", word[] = "child";
    enum { EACH = 1024 };
    char *text = arena_new(cx->arena, 9 * EACH);
    char *argv[] = {self, word, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL};
    pid_t pid;
    int status;
    for (int i = ARG_URL; i <= ARG_PAYMENT; i++)
        argv[i] = text + (i - ARG_URL) * EACH;
    snprintf(argv[ARG_URL], EACH, "%s", db_fixture_url(cx));
    snprintf(argv[ARG_DIR], EACH, "%s", cx->dir);
    snprintf(argv[ARG_KEYS], EACH, "%s/key", f.dir);
    snprintf(argv[ARG_COUNTY], EACH, "%" PRId64, f.county);
    snprintf(argv[ARG_VARIANT], EACH, "%" PRId64, variants[V_BOX]);
    snprintf(argv[ARG_WHAT], EACH, "%s", c->what);
    snprintf(argv[ARG_ID], EACH, "%" PRId64, c->id);
    snprintf(argv[ARG_PAYMENT], EACH, "%" PRId64, c->payment_id);
    check_env("FUMIN_FAULT", c->fault);
    assert_int_equal(posix_spawn(&pid, self, NULL, NULL, argv, environ), 0);
    check_env("FUMIN_FAULT", NULL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        fail_msg("%s: the child was not killed (status %d)", c->fault, status);
}

static int64_t orders_in(struct cx *cx)
{
    static const struct sql sql = {
        .name = "~orders", .lite = "SELECT count(*) FROM sale_order", .args = "", .cols = "i"};
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, &sql));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static void while_placing(struct cx *cx)
{
    static const char *const points[] = {"sale.key:1:kill",     "sale.reserved:1:kill",
                                         "sale.ordered:1:kill", "sale.paying:1:kill",
                                         "sale.placed:1:kill",  "db.commit:1:kill"};
    const struct purchase_item item = {variants[V_BOX], 1};
    struct placed p;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        run_child(cx, &(struct child){"order", points[i], 0, 0});
        int64_t orders = orders_in(cx), reserved = stock_of(cx, V_BOX).reserved;
        assert_true(orders <= 1);
        assert_int_equal(reserved, orders);
        check_sound(cx);
    }
    int64_t before = orders_in(cx);
    check_ok(cx, place_key(&p, cx, PAY_TRANSFER, &item, 1, key));
    assert_int_equal(p.again, before == 1);
    assert_int_equal(orders_in(cx), 1);
    check_sound(cx);
}

static void while_paying(struct cx *cx)
{
    static const char *const points[] = {"ledger.inserted:1:kill", "ledger.account:1:kill",
                                         "ledger.written:1:kill", "db.commit:1:kill"};
    struct placed p;
    check_ok(cx, place_one(&p, cx, PAY_TRANSFER, V_BOX, 1));
    struct order o = first_order(cx, &p);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        run_child(cx, &(struct child){"pay", points[i], o.id, p.payment_id});
        o = first_order(cx, &p);
        assert_true(o.state == ORDER_PLACED || o.state == ORDER_PAID);
        assert_int_equal(o.paid_minor, o.state == ORDER_PAID ? o.total_minor : 0);
        check_sound(cx);
        if (o.state == ORDER_PAID)
            return;
    }
    assert_int_equal(
        tell(cx, PAY_TRANSFER, PAY_CAPTURE, p.payment_id, p.total_minor, "killed-line"),
        PAY_DONE);
}

static void while_packing(struct cx *cx)
{
    struct order o = paid_order(cx, V_BOX, 1);
    int64_t one = 1, before = stock_of(cx, V_BOX).on_hand;
    run_child(cx, &(struct child){"pack", "db.commit:1:kill", o.id, 0});
    check_ok(cx, order_row(&o, cx, f.county, o.id));
    check_sound(cx);
    if (o.state == ORDER_PAID)
        check_ok(cx, order_pack(cx, f.county, o.id, 0, &one, 1));
    assert_int_equal(stock_of(cx, V_BOX).on_hand, before - 1);
    check_sound(cx);
}

static void killed_on(struct cx *cx)
{
    sale_fixture_open(cx);
    while_placing(cx);
    while_paying(cx);
    while_packing(cx);
    sale_fixture_close(cx);
}

static void killed(void **state)
{
    (void)state;
    db_fixture_each(killed_on);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(killed)};
    if (argc > ARG_PAYMENT)
        return child_main(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

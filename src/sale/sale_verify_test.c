/* The proof from zero finds each kind of tampering, and nothing where nothing is wrong; fault
 * points at every step of checkout leave the order absent. Baskets. */
#include "sale/sale_fixture.h"

static struct order paid, packed_order;

/* What a hand at the database would do; undone again. */
static enum rc by_hand(struct cx *cx, void *arg)
{
    struct sql sql = {.name = "~hand", .lite = arg, .args = "", .cols = ""};
    return DB_RUN0(cx, &sql);
}

static void find(struct cx *cx, const char *what, const char *text, const char *undo)
{
    struct verify_fault *list;
    size_t count;
    bool found = false;
    char *copy = arena_new(cx->arena, strlen(text) + 1),
         *back = arena_new(cx->arena, strlen(undo) + 1);
    memcpy(copy, text, strlen(text));
    memcpy(back, undo, strlen(undo));
    check_ok(cx, db_write(cx, f.county, by_hand, copy));
    check_ok(cx, sale_verify(&list, &count, cx));
    for (size_t i = 0; i < count; i++)
        found = found || strstr(list[i].what, what);
    if (!found) {
        print_error("not found: %s after %s\n", what, text);
        print_faults(list, count);
        fail_msg("verify");
    }
    check_ok(cx, db_write(cx, f.county, by_hand, back));
    check_ok(cx, sale_verify(&list, &count, cx));
    print_faults(list, count);
    assert_int_equal(count, 0);
}

#define TEXT(...) arena_printf(cx->arena, __VA_ARGS__)

static void tampering(struct cx *cx)
{
    int64_t id = paid.id, packed_id = packed_order.id;
    struct payment *p;
    size_t count;
    check_ok(cx, payment_list(&p, &count, cx, f.county, paid.purchase_id));
    find(cx, "paid or refunded",
         TEXT("UPDATE sale_order SET paid_minor = paid_minor + 1 WHERE id = %" PRId64, id),
         TEXT("UPDATE sale_order SET paid_minor = paid_minor - 1 WHERE id = %" PRId64, id));
    find(
        cx, "balance differs",
        TEXT("UPDATE sale_account SET owner_id = 5 WHERE kind = 2 AND owner_id = %" PRId64, id),
        TEXT("UPDATE sale_account SET owner_id = %" PRId64 " WHERE kind = 2 AND owner_id = 5",
             id));
    find(cx, "does not follow", TEXT("UPDATE sale_order SET state = 5 WHERE id = %" PRId64, id),
         TEXT("UPDATE sale_order SET state = 2 WHERE id = %" PRId64, id));
    find(cx, "of purchase",
         TEXT("UPDATE purchase SET total_minor = total_minor + 1 WHERE id = %" PRId64,
              paid.purchase_id),
         TEXT("UPDATE purchase SET total_minor = total_minor - 1 WHERE id = %" PRId64,
              paid.purchase_id));
    find(cx, "was packed differs",
         TEXT("UPDATE sale_order SET adjust_minor = adjust_minor + 1 WHERE id = %" PRId64,
              packed_id),
         TEXT("UPDATE sale_order SET adjust_minor = adjust_minor - 1 WHERE id = %" PRId64,
              packed_id));
    find(cx, "price times quantity",
         TEXT("UPDATE order_item SET packed_amount_minor = packed_amount_minor - 1 WHERE "
              "order_id = %" PRId64,
              packed_id),
         TEXT("UPDATE order_item SET packed_amount_minor = packed_amount_minor + 1 WHERE "
              "order_id = %" PRId64,
              packed_id));
    find(cx, "parts of payment",
         TEXT("UPDATE payment_part SET amount_minor = amount_minor + 1 WHERE payment_id = "
              "%" PRId64,
              p[0].id),
         TEXT("UPDATE payment_part SET amount_minor = amount_minor - 1 WHERE payment_id = "
              "%" PRId64,
              p[0].id));
    find(cx, "for refund",
         TEXT("UPDATE refund SET state = 3 WHERE order_id = %" PRId64, packed_id),
         TEXT("UPDATE refund SET state = 2 WHERE order_id = %" PRId64, packed_id));
    find(
        cx, "does not fit the state",
        TEXT("UPDATE reservation SET state = 3, ended_at = 1 WHERE owner_id IN (SELECT id FROM "
             "order_item WHERE order_id = %" PRId64 ")",
             id),
        TEXT("UPDATE reservation SET state = 1, ended_at = 0 WHERE owner_id IN (SELECT id FROM "
             "order_item WHERE order_id = %" PRId64 ")",
             id));
    find(
        cx, "nobody owns",
        TEXT("UPDATE order_item SET reservation_id = -reservation_id WHERE order_id = %" PRId64,
             id),
        TEXT("UPDATE order_item SET reservation_id = -reservation_id WHERE order_id = %" PRId64,
             id));
}

static void faulty_steps(struct cx *cx)
{
    static const char *const points[] = {"sale.key:1", "sale.reserved:1", "sale.ordered:1",
                                         "sale.paying:1", "sale.placed:1"};
    int64_t before = stock_of(cx, V_BOX).reserved;
    struct placed p;
    struct purchase_item one;
    one = (struct purchase_item){variants[V_BOX], 1};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        assert_true(fault_set(points[i]));
        check_refused(cx, place_key(&p, cx, PAY_TRANSFER, &one, 1, "faults-at-each-step"),
                      RC_IO);
        assert_true(fault_set(""));
        assert_int_equal(stock_of(cx, V_BOX).reserved, before);
        check_sound(cx);
    }
    check_ok(cx, place_key(&p, cx, PAY_TRANSFER, &one, 1, "faults-at-each-step"));
    assert_false(p.again);
    assert_int_equal(stock_of(cx, V_BOX).reserved, before + 1);
}

/* ---- baskets ---- */

static enum rc put(const char **token, struct cx *cx, int variant, int64_t quantity, bool add)
{
    struct basket_change c = {f.county, variants[variant], quantity, add};
    return basket_set(token, cx, str_of(*token), &c);
}

static void baskets(struct cx *cx)
{
    const char *token = "", *first;
    struct basket b;
    check_ok(cx, basket_get(&b, cx, STR("")));
    assert_int_equal(b.count, 0);
    assert_false(b.can_buy);
    check_ok(cx, put(&token, cx, V_BOX, 2, true));
    first = token;
    assert_int_equal(strlen(token), 43);
    check_ok(cx, put(&token, cx, V_BOX, 1, true));
    check_ok(cx, put(&token, cx, V_LOOSE, 1500, false));
    assert_string_equal(token, first);
    check_ok(cx, basket_get(&b, cx, str_of(token)));
    assert_int_equal(b.count, 2);
    assert_int_equal(b.lines[0].quantity, 3);
    assert_int_equal(b.items_minor, 3 * 6850 + 4499);
    assert_string_equal(b.lines[0].title, "核桃, 礼盒");
    assert_int_equal(b.county, f.county);
    assert_true(b.can_buy);
    check_refused(cx, put(&token, cx, V_LOOSE, 750, false), RC_INVALID);
    check_refused(cx, put(&token, cx, V_BOX, -1, false), RC_INVALID);
    check_refused(cx, put(&token, cx, V_BOX, INT64_MAX, true), RC_INVALID);
    check_refused(cx, put(&token, cx, V_BOX, INT64_MAX, false), RC_LIMIT);
    check_refused(cx, put(&token, cx, V_BOX, INT64_MIN, false), RC_INVALID);
    /* More than there is: told, not hidden. */
    check_ok(cx, put(&token, cx, V_BOX, 5000, false));
    check_ok(cx, basket_get(&b, cx, str_of(token)));
    assert_false(b.can_buy);
    assert_non_null(b.lines[0].problem);
    check_ok(cx, put(&token, cx, V_BOX, 0, false));
    check_ok(cx, basket_get(&b, cx, str_of(token)));
    assert_int_equal(b.count, 1);
    /* A basket of a token that nobody gave out is a new one with a new token. */
    const char *foreign = "0123456789012345678901234567890123456789012";
    check_ok(cx, put(&foreign, cx, V_BOX, 1, false));
    assert_string_not_equal(foreign, "0123456789012345678901234567890123456789012");
    /* Emptied by the order it became, in the same write. */
    check_ok(cx, basket_get(&b, cx, str_of(token)));
    struct purchase_item item = {b.lines[0].variant_id, b.lines[0].quantity};
    struct purchase_ask ask = {.county = f.county,
                               .items = &item,
                               .item_count = 1,
                               .buyer = fixture_buyer(),
                               .provider = PAY_COD,
                               .key = STR("out-of-the-basket-1"),
                               .basket_id = b.id,
                               .total_minor = -1};
    struct placed p;
    check_ok(cx, purchase_place(&p, cx, &ask));
    check_ok(cx, basket_get(&b, cx, str_of(token)));
    assert_int_equal(b.count, 0);
}

static void forgotten(struct cx *cx)
{
    const char *token = "";
    struct basket b;
    check_ok(cx, put(&token, cx, V_BOX, 1, false));
    fixture_now(cx, cx->now_at + (int64_t)(BASKET_DAYS + 1) * 86400);
    check_ok(cx, job_run_now(cx, &sale_job_kinds[1], 0, ""));
    check_ok(cx, basket_get(&b, cx, str_of(token)));
    assert_int_equal(b.id, 0);
    fixture_now(cx, 0);
}

static void verify_on(struct cx *cx)
{
    int64_t packed = 1000;
    sale_fixture_open(cx);
    paid = paid_order(cx, V_BOX, 1);
    packed_order = paid_order(cx, V_LOOSE, 1500);
    check_ok(cx, order_pack(cx, f.county, packed_order.id, 0, &packed, 1));
    check_sound(cx);
    tampering(cx);
    faulty_steps(cx);
    baskets(cx);
    forgotten(cx);
    check_sound(cx);
    sale_fixture_close(cx);
}

static void verify(void **state)
{
    (void)state;
    db_fixture_each(verify_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(verify)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

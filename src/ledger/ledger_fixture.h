/* For the tests of the ledger only: accounts, one transfer at a time, and tampering. */
#ifndef LEDGER_LEDGER_FIXTURE_H
#define LEDGER_LEDGER_FIXTURE_H

#include "base/check.h"
#include "base/crypto.h"
#include "base/fault.h"
#include "base/time.h"
#include "db/db_fixture.h"
#include "ledger/ledger_inner.h"

/* A bank without limits, two sellers whose debits keep within their credits, a drawer of cash
 * whose credits keep within its debits and that holds 1,000 at most, a store of another unit.
 */
enum { COUNTY = 7, BANK = 1, SELLER = 2, OTHER = 3, DRAWER = 4, STORE = 5, NOBODY = 99 };

static CHECK_UNUSED void fixture_account(struct cx *cx, int64_t county, int64_t id,
                                         const char *unit, int64_t debit_max,
                                         int64_t credit_max)
{
    struct ledger_account a = {.county = county,
                               .id = id,
                               .unit = unit,
                               .kind = (int32_t)id,
                               .owner_id = 100 + id,
                               .debit_max = debit_max,
                               .credit_max = credit_max};
    check_ok(cx, ledger_account_add(cx, &a));
}

static CHECK_UNUSED void fixture_open(struct cx *cx)
{
    crypto_init();
    fixture_account(cx, COUNTY, BANK, "CNY", LEDGER_NO_LIMIT, LEDGER_NO_LIMIT);
    fixture_account(cx, COUNTY, SELLER, "CNY", 0, LEDGER_NO_LIMIT);
    fixture_account(cx, COUNTY, OTHER, "CNY", 0, LEDGER_NO_LIMIT);
    fixture_account(cx, COUNTY, DRAWER, "CNY", 1000, 0);
    fixture_account(cx, COUNTY, STORE, "kg", LEDGER_NO_LIMIT, LEDGER_NO_LIMIT);
}

/* A transfer from debit to credit, as a value that can be changed. */
static CHECK_UNUSED struct ledger_transfer plain(int64_t id, int64_t debit, int64_t credit,
                                                 int64_t amount)
{
    return (struct ledger_transfer){
        .id = id, .debit_id = debit, .credit_id = credit, .amount = amount, .code = 1};
}
static CHECK_UNUSED struct ledger_transfer pend(int64_t id, int64_t debit, int64_t credit,
                                                int64_t amount, int64_t timeout_s)
{
    struct ledger_transfer t = plain(id, debit, credit, amount);
    t.type = LEDGER_PENDING;
    t.timeout_s = timeout_s;
    return t;
}
static CHECK_UNUSED struct ledger_transfer ends(int64_t id, enum ledger_type type,
                                                int64_t pending_id, int64_t amount)
{
    return (struct ledger_transfer){
        .id = id, .type = type, .pending_id = pending_id, .amount = amount};
}

static CHECK_UNUSED enum ledger_result give(struct cx *cx, struct ledger_transfer t)
{
    enum ledger_result r = LEDGER_RESULT_COUNT;
    check_ok(cx, ledger_apply(&r, cx, COUNTY, &t, 1));
    return r;
}

static CHECK_UNUSED void check_result_at(enum ledger_result got, enum ledger_result want,
                                         const char *file, int line)
{
    if (got == want)
        return;
    print_error("got %s, want %s\n", ledger_result_name(got), ledger_result_name(want));
    _fail(file, line);
}
#define check_result(got, want) check_result_at((got), (want), __FILE__, __LINE__)

/* Fails unless the account has these balances, in the order pending, posted; debits first. */
static CHECK_UNUSED void check_account(struct cx *cx, int64_t id, int64_t dp, int64_t dt,
                                       int64_t cp, int64_t ct)
{
    struct ledger_account a;
    check_ok(cx, ledger_account_get(&a, cx, COUNTY, id));
    assert_int_equal(a.debits_pending, dp);
    assert_int_equal(a.debits_posted, dt);
    assert_int_equal(a.credits_pending, cp);
    assert_int_equal(a.credits_posted, ct);
}

static CHECK_UNUSED size_t faults(struct cx *cx)
{
    struct verify_fault *list;
    size_t count;
    check_ok(cx, ledger_verify(&list, &count, cx));
    return count;
}
static CHECK_UNUSED void check_sound(struct cx *cx)
{
    struct verify_fault *list;
    size_t count;
    check_ok(cx, ledger_verify(&list, &count, cx));
    for (size_t i = 0; i < count; i++)
        print_error("%s (county %" PRId64 ", id %" PRId64 ")\n", list[i].what, list[i].county,
                    list[i].id);
    assert_int_equal(count, 0);
}

static CHECK_UNUSED void fixture_now(struct cx *cx, int64_t at)
{
    check_env("FUMIN_NOW", arena_printf(cx->arena, "%" PRId64, at));
    cx->now_at = at;
}

/* Runs any text in a write, without values: what a hand at the database would do. */
static CHECK_UNUSED enum rc fixture_run_write(struct cx *cx, void *arg)
{
    struct sql sql = {.name = "~hand", .lite = arg, .args = "", .cols = ""};
    return DB_RUN0(cx, &sql);
}
static CHECK_UNUSED enum rc fixture_run(struct cx *cx, const char *text)
{
    char *copy = arena_new(cx->arena, strlen(text) + 1);
    memcpy(copy, text, strlen(text) + 1);
    return db_write(cx, COUNTY, fixture_run_write, copy);
}

#endif

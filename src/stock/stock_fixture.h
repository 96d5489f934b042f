/* For the tests of the stock only: one call of the room in a write of its own, items, proofs,
 * tampering, a second server. */
#ifndef STOCK_STOCK_FIXTURE_H
#define STOCK_STOCK_FIXTURE_H

#include "base/check.h"
#include "base/fault.h"
#include "db/db_fixture.h"
#include "stock/stock_inner.h"

enum { COUNTY = 7, NOW = 1800000000 };

/* One call of the room in a write of its own. */
struct doing {
    enum { ADD, MOVE, RESERVE, KEEP, EXPIRE, CONSUME, RELEASE } what;
    enum stock_unit unit;
    bool on_demand, kept;
    struct stock_move m;
    struct stock_take t[8];
    size_t count, short_at;
    int64_t ids[8], left, id, quantity, move_id, expires_at;
};
static CHECK_UNUSED enum rc do_write(struct cx *cx, void *arg)
{
    struct doing *d = arg;
    switch (d->what) {
    case ADD:
        return stock_item_add(&d->id, cx, COUNTY, d->unit, d->on_demand, 0);
    case MOVE:
        if (!d->m.id)
            TRY(db_ids(&d->m.id, cx, 1));
        return stock_move_add(cx, &d->m);
    case RESERVE:
        return stock_reserve(d->ids, &d->short_at, &d->left, cx, COUNTY, d->t, d->count,
                             d->expires_at);
    case KEEP:
        return stock_keep(&d->kept, cx, COUNTY, d->id);
    case EXPIRE:
        return stock_expire(cx, COUNTY, d->id);
    case CONSUME:
        if (!d->move_id)
            TRY(db_ids(&d->move_id, cx, 1));
        return stock_consume(cx, COUNTY, d->id, d->quantity, d->move_id);
    case RELEASE:
        return stock_release(cx, COUNTY, d->id);
    }
    return RC_INVALID;
}
static CHECK_UNUSED enum rc act(struct cx *cx, struct doing *d)
{
    enum rc rc = db_write(cx, COUNTY, do_write, d);
    if (rc)
        assert_true(cx->err.text[0] != '\0'); /* every refusal says why */
    err_clear(cx);
    return rc;
}

static CHECK_UNUSED int64_t item_new(struct cx *cx, enum stock_unit unit, bool on_demand)
{
    struct doing d = {.what = ADD, .unit = unit, .on_demand = on_demand};
    assert_int_equal(act(cx, &d), RC_OK);
    return d.id;
}

static CHECK_UNUSED enum rc move(struct cx *cx, int64_t item, enum stock_kind kind,
                                 int64_t quantity)
{
    struct doing d = {
        .what = MOVE,
        .m = {.county = COUNTY, .item_id = item, .kind = kind, .quantity = quantity}};
    return act(cx, &d);
}

static CHECK_UNUSED enum rc reserve(int64_t *id, struct cx *cx, int64_t item, int64_t quantity,
                                    int64_t expires_at)
{
    struct doing d = {
        .what = RESERVE, .t = {{item, 1, quantity}}, .count = 1, .expires_at = expires_at};
    enum rc rc = act(cx, &d);
    *id = d.ids[0];
    return rc;
}

static CHECK_UNUSED enum rc end(struct cx *cx, int what, int64_t id, int64_t quantity,
                                int64_t move_id)
{
    struct doing d = {.what = what, .id = id, .quantity = quantity, .move_id = move_id};
    return act(cx, &d);
}

static CHECK_UNUSED bool keep(struct cx *cx, int64_t id)
{
    struct doing d = {.what = KEEP, .id = id};
    assert_int_equal(act(cx, &d), RC_OK);
    return d.kept;
}

static CHECK_UNUSED void check_item(struct cx *cx, int64_t item, int64_t on_hand,
                                    int64_t reserved)
{
    struct stock_item i;
    check_ok(cx, stock_item_get(&i, cx, COUNTY, item));
    assert_int_equal(i.on_hand, on_hand);
    assert_int_equal(i.reserved, reserved);
}

static CHECK_UNUSED size_t faults(struct cx *cx)
{
    struct verify_fault *list;
    size_t count;
    check_ok(cx, stock_verify(&list, &count, cx));
    return count;
}
static CHECK_UNUSED void check_sound(struct cx *cx)
{
    struct verify_fault *list;
    size_t count;
    check_ok(cx, stock_verify(&list, &count, cx));
    for (size_t i = 0; i < count; i++)
        print_error("%s %" PRId64 "\n", list[i].what, list[i].id);
    assert_int_equal(count, 0);
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

/* A second server on the same database: a pool of its own, with its own writers. */
static CHECK_UNUSED struct db_pool *second_pool(struct cx *cx)
{
    struct db_pool *pool;
    struct cx other = *cx;
    other.db = NULL;
    const char *url = arena_copy(cx->arena, str_of(db_fixture_url(cx)));
    check_ok(&other, db_open(&pool, &other, &(struct db_options){.url = url}));
    return pool;
}

#define EACH(test)                                                                             \
    static void test##_each(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(test);                                                                 \
    }

#endif

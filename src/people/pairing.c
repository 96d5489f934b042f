/* Which helper stands by which household, from day to day. */
#include "base/text.h"
#include "people/helper.sql.h"
#include "people/org_inner.h"

enum { HOUSEHOLDS_MAX = 500, LIST_MAX = 1000 };

static enum rc add_write(struct cx *cx, void *arg)
{
    struct pairing *p = arg;
    struct helper h;
    struct db_rows rows;
    TRY(helper_get(&h, cx, p->helper_id));
    if (h.to_day || h.county != p->county)
        return fail(cx, RC_INVALID, _("This helper has left. Choose another."),
                    "helper=%" PRId64, p->helper_id);
    TRY(DB_ONE(&rows, cx, &PAIR_OPEN_COUNT, V_I(p->county), V_I(p->helper_id),
               V_I(p->household_id)));
    int64_t same = row_i64(&rows, PAIR_OPEN_COUNT_SAME),
            all = row_i64(&rows, PAIR_OPEN_COUNT_ALL_COUNT);
    TRY(db_done(&rows));
    if (same)
        return fail(cx, RC_CONFLICT, _("This helper stands by the household already."),
                    "helper=%" PRId64, p->helper_id);
    if (all >= HOUSEHOLDS_MAX)
        return fail_f(cx, RC_INVALID, _("A helper can stand by %d households at most."),
                      (int)HOUSEHOLDS_MAX);
    TRY(db_ids(&p->id, cx, 1));
    return DB_RUN(cx, &PAIR_INSERT, V_I(p->county), V_I(p->id), V_I(p->helper_id),
                  V_I(p->household_id), V_I(p->from_day));
}

enum rc pair_add(int64_t *id, struct cx *cx, int64_t county, int64_t helper_id,
                 int64_t household_id, int32_t from_day)
{
    struct pairing p = {.county = county,
                        .helper_id = helper_id,
                        .household_id = household_id,
                        .from_day = from_day ? from_day : people_today(cx)};
    if (p.from_day < 1 || p.from_day > DAY_LATEST)
        return fail(cx, RC_INVALID, _("This is not a day: write it as 2026-11-23."), "from");
    TRY(db_write(cx, county, add_write, &p));
    *id = p.id;
    return RC_OK;
}

struct closing {
    int64_t county, id;
    int32_t to_day;
};
static enum rc close_write(struct cx *cx, void *arg)
{
    const struct closing *c = arg;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &PAIR_CLOSE, V_I(c->county), V_I(c->id), V_I(c->to_day)));
    return changed ? RC_OK
                   : fail(cx, RC_CONFLICT, _("This help has ended already."), "pair=%" PRId64,
                          c->id);
}

enum rc pair_end(struct cx *cx, int64_t id, int32_t to_day)
{
    struct db_rows rows;
    struct helper h;
    enum rc rc = DB_ONE(&rows, cx, &PAIR_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such help, or not for you to see."), "pair=%" PRId64,
                    id);
    TRY(rc);
    struct closing c = {row_i64(&rows, PAIR_ONE_COUNTY), id, to_day};
    int64_t helper_id = row_i64(&rows, PAIR_ONE_HELPER_ID);
    int32_t from_day = (int32_t)row_i64(&rows, PAIR_ONE_FROM_DAY);
    TRY(db_done(&rows));
    TRY(helper_get(&h, cx, helper_id));
    if (to_day > people_today(cx) || to_day < from_day - 1)
        return fail(cx, RC_INVALID,
                    _("The last day lies between the first one and today: who goes later is "
                      "ended then."),
                    "to=%d", to_day);
    return db_write(cx, c.county, close_write, &c);
}

/* Both lists have the same columns. */
static enum rc read_pairs(struct pairing **out, size_t *count, struct db_rows *r)
{
    struct pairing *list = NULL;
    size_t n = 0, cap = 0;
    bool full = false;
    while (!full && n < LIST_MAX && db_next(r)) {
        list = people_grow(r->cx, list, n, &cap, sizeof *list);
        full = !list;
        if (!full)
            list[n++] =
                (struct pairing){.county = row_i64(r, PAIR_OF_HELPER_COUNTY),
                                 .id = row_i64(r, PAIR_OF_HELPER_ID),
                                 .helper_id = row_i64(r, PAIR_OF_HELPER_HELPER_ID),
                                 .household_id = row_i64(r, PAIR_OF_HELPER_HOUSEHOLD_ID),
                                 .helper_name = row_copy(r, PAIR_OF_HELPER_HELPER_NAME).p,
                                 .from_day = (int32_t)row_i64(r, PAIR_OF_HELPER_FROM_DAY),
                                 .to_day = (int32_t)row_i64(r, PAIR_OF_HELPER_TO_DAY)};
    }
    TRY(db_done(r));
    if (full)
        return RC_LIMIT;
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc pairs_of_household(struct pairing **out, size_t *count, struct cx *cx, int64_t county,
                           int64_t household_id, bool with_past)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &PAIR_OF_HOUSEHOLD, V_I(county), V_I(household_id),
                  V_I(with_past)));
    return read_pairs(out, count, &rows);
}

enum rc pairs_of_helper(struct pairing **out, size_t *count, struct cx *cx, int64_t helper_id,
                        bool with_past)
{
    struct db_rows rows;
    struct helper h;
    TRY(helper_get(&h, cx, helper_id));
    TRY(DB_SELECT(&rows, cx, &PAIR_OF_HELPER, V_I(h.county), V_I(helper_id), V_I(with_past)));
    return read_pairs(out, count, &rows);
}

enum rc pairs_left(int64_t **households, size_t *count, struct cx *cx, int64_t helper_id)
{
    struct db_rows rows;
    struct helper h;
    int64_t *list = arena_new(cx->arena, HOUSEHOLDS_MAX * sizeof *list);
    size_t n = 0;
    TRY(helper_get(&h, cx, helper_id));
    TRY(DB_SELECT(&rows, cx, &PAIR_LEFT, V_I(h.county), V_I(helper_id)));
    while (n < HOUSEHOLDS_MAX && db_next(&rows))
        list[n++] = row_i64(&rows, 0);
    TRY(db_done(&rows));
    *households = list;
    *count = n;
    return RC_OK;
}

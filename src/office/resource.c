/* The resource book: what there is, and how much of it is free. Bookings are booking.c. */
#include "office/resource.h"

#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "office/booking_inner.h"
#include "office/office.sql.h"
#include "office/office_inner.h"
#include "profile/profile.h"

enum { NAME_MAX_CHARS = 60, UNIT_MAX_CHARS = 12, NOTE_MAX_CHARS = 500, AMOUNT_MAX = 1000000 };

/* ---- reading ---- */

static enum rc no_resource(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such resource, or not for you to see."),
                "resource=%" PRId64, id);
}

/* Both statements have the same columns. */
static struct resource of_row(const struct db_rows *r)
{
    return (struct resource){.county = row_i64(r, RESOURCE_ONE_COUNTY),
                             .id = row_i64(r, RESOURCE_ONE_ID),
                             .org_id = row_i64(r, RESOURCE_ONE_ORG_ID),
                             .area_id = row_i64(r, RESOURCE_ONE_AREA_ID),
                             .area_path = row_null(r, RESOURCE_ONE_AREA_PATH)
                                              ? "?"
                                              : row_copy(r, RESOURCE_ONE_AREA_PATH).p,
                             .kind = row_copy(r, RESOURCE_ONE_KIND).p,
                             .name = row_copy(r, RESOURCE_ONE_NAME).p,
                             .unit = row_copy(r, RESOURCE_ONE_UNIT).p,
                             .note = row_copy(r, RESOURCE_ONE_NOTE).p,
                             .amount = (int32_t)row_i64(r, RESOURCE_ONE_AMOUNT),
                             .ended = row_i64(r, RESOURCE_ONE_ENDED_DAY) != 0,
                             .version = (int32_t)row_i64(r, RESOURCE_ONE_VERSION)};
}

enum rc resource_get(struct resource *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &RESOURCE_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_resource(cx, id);
    TRY(rc);
    struct resource r = of_row(&rows);
    TRY(db_done(&rows));
    if (!org_may_look(cx, str_of(r.area_path)))
        return no_resource(cx, id);
    *out = r;
    return RC_OK;
}

enum rc resource_list(struct resource **out, size_t *count, struct cx *cx, int64_t county,
                      struct str kind)
{
    struct db_rows rows;
    struct resource *list = arena_new(cx->arena, RESOURCE_LIST_MAX * sizeof *list);
    size_t n = 0;
    int64_t number;
    if (kind.len && !str_to_i64(&number, kind))
        kind = STR("?");
    TRY(DB_SELECT(&rows, cx, &RESOURCE_PAGE, V_I(county), V_S(kind.len ? kind : STR("")),
                  V_I(RESOURCE_LIST_MAX)));
    while (n < RESOURCE_LIST_MAX && db_next(&rows))
        list[n++] = of_row(&rows);
    TRY(db_done(&rows));
    if (n && !org_may_look(cx, str_of(list[0].area_path))) /* all are of one county */
        n = 0;
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc given_by_day(int32_t *used, struct cx *cx, const struct days *d)
{
    struct db_rows rows;
    for (int32_t i = 0; i <= d->to_day - d->from_day; i++)
        used[i] = 0;
    TRY(DB_SELECT(&rows, cx, &BOOKING_TAKEN, V_I(d->county), V_I(d->resource_id),
                  V_I(d->from_day), V_I(d->to_day), V_I(d->but_id)));
    while (db_next(&rows)) {
        int32_t from = (int32_t)row_i64(&rows, BOOKING_TAKEN_FROM_DAY),
                to = (int32_t)row_i64(&rows, BOOKING_TAKEN_TO_DAY),
                amount = (int32_t)row_i64(&rows, BOOKING_TAKEN_AMOUNT);
        for (int32_t day = from < d->from_day ? d->from_day : from;
             day <= to && day <= d->to_day; day++)
            used[day - d->from_day] += amount;
    }
    return db_done(&rows);
}

enum rc resource_free(int32_t *free_amount, struct cx *cx, int64_t resource_id,
                      int32_t from_day, int32_t to_day)
{
    struct resource r;
    TRY(resource_get(&r, cx, resource_id));
    if (to_day < from_day || to_day - from_day >= RESOURCE_DAYS_MAX)
        return fail_f(cx, RC_INVALID,
                      _("Days: at most %d at once, the last not before the "
                        "first."),
                      (int)RESOURCE_DAYS_MAX);
    const struct days d = {
        .county = r.county, .resource_id = r.id, .from_day = from_day, .to_day = to_day};
    TRY(given_by_day(free_amount, cx, &d));
    for (int32_t i = 0; i <= to_day - from_day; i++)
        free_amount[i] = r.amount - free_amount[i];
    return RC_OK;
}

enum rc resource_is_member(bool *is, struct cx *cx, const struct resource *r)
{
    struct duty *duties;
    size_t count;
    *is = false;
    if (!cx->actor || !r->org_id)
        return RC_OK;
    TRY(duties_of_user(&duties, &count, cx, cx->actor->user_id, false));
    for (size_t i = 0; i < count; i++)
        *is = *is || duties[i].org_id == r->org_id;
    return RC_OK;
}

enum rc resource_may(bool *may, struct cx *cx, const struct resource *r)
{
    *may = actor_may_in(cx, "resource.manage", str_of(r->area_path));
    return *may ? RC_OK : resource_is_member(may, cx, r);
}

/* ---- writing ---- */

static bool kind_known(const struct cx *cx, struct str kind)
{
    const struct code_list *list = profile_list(cx->profile, STR("resource_kind"));
    int64_t number;
    if (!str_to_i64(&number, kind))
        return false;
    for (size_t i = 0; list && i < list->code_count; i++)
        if (list->codes[i].code == number)
            return true;
    return false;
}

static enum rc fields_ok(struct resource *r, struct cx *cx)
{
    struct org o;
    if (!kind_known(cx, str_of(r->kind)))
        return fail(cx, RC_INVALID, _("Kind: choose one of the list."), "kind");
    TRY(office_text(&r->name, cx, r->name, _("Its name"), NAME_MAX_CHARS, false));
    TRY(office_text(&r->unit, cx, r->unit, _("Unit"), UNIT_MAX_CHARS, true));
    TRY(office_text(&r->note, cx, r->note, _("Remark"), NOTE_MAX_CHARS, true));
    if (r->amount < 1 || r->amount > AMOUNT_MAX)
        return fail(cx, RC_INVALID, _("How many: a whole number, 1 or more."), "amount");
    TRY(org_get(&o, cx, r->org_id));
    if (o.county != r->county || (o.ended_day && !r->ended))
        return fail(cx, RC_INVALID,
                    _("Whose it is: choose an organisation of the county that has not ended."),
                    "org=%" PRId64, r->org_id);
    return RC_OK;
}

static enum rc add_write(struct cx *cx, void *arg)
{
    struct resource *r = arg;
    TRY(db_ids(&r->id, cx, 1));
    return DB_RUN(cx, &RESOURCE_INSERT, V_I(r->county), V_I(r->id), V_I(r->org_id),
                  V_I(r->area_id), V_T(r->kind), V_T(r->name), V_T(r->unit), V_T(r->note),
                  V_I(r->amount));
}

/* What is given already stays possible. */
static enum rc still_enough(struct cx *cx, const struct resource *r)
{
    struct db_rows rows;
    int32_t used[RESOURCE_DAYS_MAX], today = day_at(cx->now_at, format_zone());
    TRY(DB_ONE(&rows, cx, &BOOKING_LAST, V_I(r->county), V_I(r->id)));
    int32_t last = (int32_t)row_i64(&rows, 0);
    TRY(db_done(&rows));
    for (int32_t from = today; from <= last; from += RESOURCE_DAYS_MAX) {
        const struct days d = {.county = r->county,
                               .resource_id = r->id,
                               .from_day = from,
                               .to_day = from + RESOURCE_DAYS_MAX - 1};
        TRY(given_by_day(used, cx, &d));
        for (int32_t i = 0; i < RESOURCE_DAYS_MAX; i++)
            if (used[i] > (r->ended ? 0 : r->amount))
                return fail_f(
                    cx, RC_CONFLICT,
                    _("How many: %d are given away on %s already. Cancel those bookings "
                      "first."),
                    (int)used[i], format_day(cx, from + i));
    }
    return RC_OK;
}

static enum rc set_write(struct cx *cx, void *arg)
{
    const struct resource *r = arg;
    int64_t changed;
    TRY(still_enough(cx, r));
    TRY(DB_RUN_COUNT(&changed, cx, &RESOURCE_UPDATE, V_I(r->id), V_I(r->version),
                     V_I(r->org_id), V_I(r->area_id), V_T(r->kind), V_T(r->name), V_T(r->unit),
                     V_T(r->note), V_I(r->amount),
                     V_I(r->ended ? day_at(cx->now_at, format_zone()) : 0)));
    return changed ? RC_OK
                   : fail(cx, RC_CONFLICT,
                          _("Somebody changed this since you opened it. Look at it again."),
                          "resource=%" PRId64, r->id);
}

enum rc resource_save(int64_t *id, struct cx *cx, const struct resource *r)
{
    struct resource fresh = *r, now;
    const char *path;
    bool may;
    if (r->id) {
        TRY(resource_get(&now, cx, r->id));
        TRY(resource_may(&may, cx, &now));
        if (!may)
            return actor_require_in(cx, "resource.manage", str_of(now.area_path));
    }
    TRY(office_area(&fresh.county, &path, cx, r->area_id));
    if (r->id && fresh.county != now.county)
        return fail(cx, RC_INVALID, _("Area: it cannot move to another county."), "area");
    if (!r->id)
        TRY(actor_require_in(cx, "resource.manage", str_of(path)));
    TRY(fields_ok(&fresh, cx));
    TRY(db_write(cx, fresh.county, r->id ? set_write : add_write, &fresh));
    *id = fresh.id;
    return RC_OK;
}

struct moving {
    int64_t county, from, to;
};
static enum rc move_write(struct cx *cx, void *arg)
{
    const struct moving *m = arg;
    return DB_RUN(cx, &RESOURCE_ORG_TO, V_I(m->county), V_I(m->from), V_I(m->to));
}

enum rc resource_hand_over(struct cx *cx, int64_t county, int64_t from_org, int64_t to_org)
{
    struct org o;
    struct moving m = {county, from_org, to_org};
    TRY(org_get(&o, cx, from_org));
    TRY(actor_require_in(cx, "org.manage", str_of(o.area_path)));
    return db_write(cx, county, move_write, &m);
}

/* Bookings: asking, giving, refusing, cancelling. All writes of a county go one after another
 * (db/db.h), and each giving looks at all days again in its own closure: so two at once never
 * give away more than there is. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "office/booking_inner.h"
#include "office/office.sql.h"
#include "office/office_inner.h"
#include "people/user.h"
#include "work/notice.h"

enum { PURPOSE_MAX_CHARS = 200, AHEAD_DAYS_MAX = 732 };

static enum rc no_booking(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such booking, or not for you to see."),
                "booking=%" PRId64, id);
}

/* All statements have the same columns. */
static struct booking of_row(const struct db_rows *r)
{
    return (struct booking){.county = row_i64(r, BOOKING_ONE_COUNTY),
                            .id = row_i64(r, BOOKING_ONE_ID),
                            .resource_id = row_i64(r, BOOKING_ONE_RESOURCE_ID),
                            .user_id = row_i64(r, BOOKING_ONE_USER_ID),
                            .task_id = row_i64(r, BOOKING_ONE_TASK_ID),
                            .from_day = (int32_t)row_i64(r, BOOKING_ONE_FROM_DAY),
                            .to_day = (int32_t)row_i64(r, BOOKING_ONE_TO_DAY),
                            .amount = (int32_t)row_i64(r, BOOKING_ONE_AMOUNT),
                            .state = (enum booking_state)row_i64(r, BOOKING_ONE_STATE),
                            .purpose = row_copy(r, BOOKING_ONE_PURPOSE).p,
                            .reason = row_copy(r, BOOKING_ONE_REASON).p,
                            .decided_by = row_i64(r, BOOKING_ONE_DECIDED_BY),
                            .version = (int32_t)row_i64(r, BOOKING_ONE_VERSION)};
}

enum rc booking_get(struct booking *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    struct resource r;
    enum rc rc = DB_ONE(&rows, cx, &BOOKING_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_booking(cx, id);
    TRY(rc);
    struct booking b = of_row(&rows);
    TRY(db_done(&rows));
    TRY(resource_get(&r, cx, b.resource_id));
    *out = b;
    return RC_OK;
}

static enum rc select_own(struct db_rows *rows, struct cx *cx, int32_t from_day, int32_t to_day)
{
    return DB_SELECT(rows, cx, &BOOKING_OWN, V_I(cx->actor ? cx->actor->user_id : 0),
                     V_I(from_day), V_I(to_day), V_I(BOOKING_LIST_MAX));
}

enum rc booking_list(struct booking **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t resource_id, int32_t from_day, int32_t to_day)
{
    struct db_rows rows;
    struct resource r;
    struct booking *list = arena_new(cx->arena, BOOKING_LIST_MAX * sizeof *list);
    size_t n = 0;
    if (resource_id) {
        TRY(resource_get(&r, cx, resource_id));
        TRY(DB_SELECT(&rows, cx, &BOOKING_PAGE, V_I(county), V_I(resource_id), V_I(from_day),
                      V_I(to_day), V_I(BOOKING_LIST_MAX)));
    } else {
        TRY(select_own(&rows, cx, from_day, to_day));
    }
    while (n < BOOKING_LIST_MAX && db_next(&rows))
        list[n++] = of_row(&rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- telling ---- */

/* The heads of the owner, or all its people when nobody heads it. */
static enum rc owners(int64_t **ids, size_t *count, struct cx *cx, int64_t org_id)
{
    TRY(org_users(ids, count, cx, org_id, true));
    return *count ? RC_OK : org_users(ids, count, cx, org_id, false);
}

static struct notice notice_of(struct cx *cx, const struct booking *b, const char *what)
{
    return (struct notice){
        .county = b->county,
        .key = arena_printf(cx->arena, "booking:%" PRId64 ":%s", b->id, what),
        .href = arena_printf(cx->arena, "/resource/%" PRId64 "#booking-%" PRId64,
                             b->resource_id, b->id)};
}

static enum rc tell_owners(struct cx *cx, const struct resource *r, const struct booking *b)
{
    int64_t *ids;
    size_t count;
    struct notice n = notice_of(cx, b, "asked");
    n.text = both_f(cx, N_("Somebody asks for %s, %s to %s: give it or refuse."), r->name,
                    day_iso(cx->arena, b->from_day), day_iso(cx->arena, b->to_day));
    TRY(owners(&ids, &count, cx, r->org_id));
    return notice_tell(cx, ids, count, &n);
}

static enum rc tell_asker(struct cx *cx, const struct resource *r, const struct booking *b,
                          enum booking_state state)
{
    const char *from = day_iso(cx->arena, b->from_day), *to = day_iso(cx->arena, b->to_day);
    struct notice n = notice_of(cx, b,
                                state == BOOKING_GIVEN     ? "given"
                                : state == BOOKING_REFUSED ? "refused"
                                                           : "cancelled");
    n.text = state == BOOKING_GIVEN
                 ? both_f(cx, N_("You have %s from %s to %s."), r->name, from, to)
             : state == BOOKING_REFUSED
                 ? both_f(cx, N_("You cannot have %s from %s to %s; the page says why."),
                          r->name, from, to)
                 : both_f(cx, N_("The booking of %s from %s to %s was cancelled."), r->name,
                          from, to);
    return notice_tell(cx, &b->user_id, 1, &n);
}

/* ---- writing ---- */

/* RC_CONFLICT names the first day on which not enough is left. */
static enum rc is_free(struct cx *cx, const struct resource *r, const struct booking *b)
{
    int32_t used[RESOURCE_DAYS_MAX];
    const struct days d = {.county = r->county,
                           .resource_id = r->id,
                           .but_id = b->id,
                           .from_day = b->from_day,
                           .to_day = b->to_day};
    TRY(given_by_day(used, cx, &d));
    for (int32_t i = 0; i <= d.to_day - d.from_day; i++)
        if (used[i] + b->amount > r->amount)
            return fail_f(cx, RC_CONFLICT, _("On %s only %d of %d are free."),
                          format_day(cx, d.from_day + i),
                          (int)(r->amount > used[i] ? r->amount - used[i] : 0), (int)r->amount);
    return RC_OK;
}

struct asking {
    struct booking b;
    bool own;
};
static enum rc ask_write(struct cx *cx, void *arg)
{
    struct asking *a = arg;
    struct resource r; /* read here: it may have changed since the page was shown */
    TRY(resource_get(&r, cx, a->b.resource_id));
    if (r.ended)
        return fail(cx, RC_INVALID, _("This resource is not to be had any more."),
                    "resource=%" PRId64, r.id);
    if (a->b.amount > r.amount)
        return fail_f(cx, RC_INVALID, _("How many: there are only %d."), (int)r.amount);
    a->b.id = 0;
    TRY(is_free(cx, &r, &a->b));
    TRY(db_ids(&a->b.id, cx, 1));
    TRY(DB_RUN(cx, &BOOKING_INSERT, V_I(r.county), V_I(a->b.id), V_I(r.id), V_I(a->b.user_id),
               V_I(a->b.task_id), V_I(a->b.from_day), V_I(a->b.to_day), V_I(a->b.amount),
               V_I(a->own ? BOOKING_GIVEN : BOOKING_ASKED), V_T(a->b.purpose), V_I(cx->now_at),
               V_I(a->own ? a->b.user_id : 0)));
    return a->own ? RC_OK : tell_owners(cx, &r, &a->b);
}

enum rc booking_ask(int64_t *id, struct cx *cx, const struct booking *b)
{
    struct asking a = {.b = *b};
    struct resource r;
    int32_t today = day_at(cx->now_at, format_zone());
    TRY(resource_get(&r, cx, b->resource_id));
    TRY(office_text(&a.b.purpose, cx, b->purpose, _("What for"), PURPOSE_MAX_CHARS, false));
    if (b->from_day < today || b->to_day < b->from_day ||
        b->to_day - b->from_day >= RESOURCE_DAYS_MAX || b->to_day > today + AHEAD_DAYS_MAX)
        return fail_f(cx, RC_INVALID,
                      _("Days: from today on, at most %d at once, the last not before the "
                        "first, at most two years ahead."),
                      (int)RESOURCE_DAYS_MAX);
    if (b->amount < 1)
        return fail(cx, RC_INVALID, _("How many: a whole number, 1 or more."), "amount");
    a.b.county = r.county;
    a.b.user_id = cx->actor ? cx->actor->user_id : b->user_id;
    TRY(resource_is_member(&a.own, cx, &r));
    TRY(db_write(cx, r.county, ask_write, &a));
    *id = a.b.id;
    return RC_OK;
}

/* Who may make this step of a booking. */
static enum rc step_ok(struct cx *cx, const struct resource *r, const struct booking *b,
                       enum booking_state state)
{
    bool owner, asker = cx->actor && cx->actor->user_id == b->user_id;
    TRY(resource_may(&owner, cx, r));
    bool decides = state == BOOKING_GIVEN || state == BOOKING_REFUSED;
    if (decides ? !owner : !owner && !asker)
        return fail(cx, RC_DENIED,
                    _("Only the owner gives or refuses; the owner or who asked cancels."),
                    "booking=%" PRId64, b->id);
    bool fits = decides ? b->state == BOOKING_ASKED
                        : state == BOOKING_CANCELLED &&
                              (b->state == BOOKING_ASKED || b->state == BOOKING_GIVEN);
    if (!fits)
        return fail(cx, RC_INVALID, _("This booking was decided already; look at it again."),
                    "booking=%" PRId64 " state=%d", b->id, (int)b->state);
    return RC_OK;
}

struct setting {
    int64_t id;
    int32_t version;
    enum booking_state state;
    const char *reason;
};
static enum rc set_write(struct cx *cx, void *arg)
{
    const struct setting *s = arg;
    struct booking b;
    struct resource r;
    int64_t changed;
    TRY(booking_get(&b, cx, s->id));
    TRY(resource_get(&r, cx, b.resource_id));
    if (b.version != s->version)
        return fail(cx, RC_CONFLICT,
                    _("Somebody changed this since you opened it. Look at it again."),
                    "booking=%" PRId64, s->id);
    TRY(step_ok(cx, &r, &b, s->state));
    if (s->state == BOOKING_GIVEN && r.ended)
        return fail(cx, RC_INVALID, _("This is not lent any more: refuse the request."),
                    "resource=%" PRId64, r.id);
    if (s->state == BOOKING_GIVEN)
        TRY(is_free(cx, &r, &b));
    TRY(DB_RUN_COUNT(&changed, cx, &BOOKING_UPDATE, V_I(s->id), V_I(s->version), V_I(s->state),
                     V_T(s->reason), V_I(cx->actor ? cx->actor->user_id : 0)));
    if (!changed)
        return fail(cx, RC_CONFLICT,
                    _("Somebody changed this since you opened it. Look at it again."),
                    "booking=%" PRId64, s->id);
    bool own = cx->actor && cx->actor->user_id == b.user_id;
    return own ? RC_OK : tell_asker(cx, &r, &b, s->state);
}

enum rc booking_set(struct cx *cx, int64_t id, int32_t version, enum booking_state state,
                    struct str reason)
{
    struct booking b;
    struct setting s = {.id = id, .version = version, .state = state};
    TRY(booking_get(&b, cx, id));
    TRY(office_text(&s.reason, cx, arena_copy(cx->arena, reason), _("Reason"),
                    PURPOSE_MAX_CHARS, state != BOOKING_REFUSED));
    return db_write(cx, b.county, set_write, &s);
}

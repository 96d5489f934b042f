/* Duties of users in organisations, and who is to be told: of an organisation, of an area. */
#include "base/text.h"
#include "people/org.sql.h"
#include "people/org_inner.h"
#include "profile/profile.h"

enum { DUTIES_MAX = 1000, LEVELS_MAX = 16 };

/* ---- duties ---- */

static struct duty duty_of_row(const struct db_rows *r)
{
    return (struct duty){.county = row_i64(r, DUTY_ONE_COUNTY),
                         .id = row_i64(r, DUTY_ONE_ID),
                         .org_id = row_i64(r, DUTY_ONE_ORG_ID),
                         .user_id = row_i64(r, DUTY_ONE_USER_ID),
                         .title = row_copy(r, DUTY_ONE_TITLE).p,
                         .heads = row_i64(r, DUTY_ONE_HEADS) != 0,
                         .from_day = (int32_t)row_i64(r, DUTY_ONE_FROM_DAY),
                         .to_day = (int32_t)row_i64(r, DUTY_ONE_TO_DAY)};
}

static enum rc read_duties(struct duty **out, size_t *count, struct db_rows *rows)
{
    struct duty *list = NULL;
    size_t n = 0, cap = 0;
    bool full = false;
    while (!full && n < DUTIES_MAX && db_next(rows)) {
        list = people_grow(rows->cx, list, n, &cap, sizeof *list);
        full = !list;
        if (!full)
            list[n++] = duty_of_row(rows);
    }
    TRY(db_done(rows));
    if (full)
        return RC_LIMIT;
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc duties_of_user(struct duty **out, size_t *count, struct cx *cx, int64_t user_id,
                       bool with_past)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &DUTY_LIST_USER, V_I(user_id), V_I(people_today(cx)),
                  V_I(with_past)));
    return read_duties(out, count, &rows);
}

enum rc duties_of_org(struct duty **out, size_t *count, struct cx *cx, int64_t org_id,
                      bool with_past)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &DUTY_LIST_ORG, V_I(org_id), V_I(people_today(cx)),
                  V_I(with_past)));
    return read_duties(out, count, &rows);
}

static enum rc days_ok(struct cx *cx, int32_t from_day, int32_t to_day)
{
    if (from_day < 1 || from_day > DAY_LATEST || to_day < 0 || to_day > DAY_LATEST ||
        (to_day && to_day < from_day))
        return fail(cx, RC_INVALID, _("The last day cannot lie before the first one."),
                    "from=%d to=%d", from_day, to_day);
    return RC_OK;
}

static enum rc add_write(struct cx *cx, void *arg)
{
    struct duty *d = arg;
    struct user_row user;
    struct db_rows rows;
    struct org o;
    TRY(org_load_managed(&o, cx, d->org_id)); /* it may have ended meanwhile */
    enum rc rc = people_row_by_id(&user, cx, d->user_id);
    if (rc == RC_NOTFOUND)
        return people_no_user(cx);
    TRY(rc);
    if (user.user.state != USER_ACTIVE)
        return fail(cx, RC_INVALID, _("This account is blocked: it can have no duty."),
                    "user=%" PRId64, d->user_id);
    TRY(DB_ONE(&rows, cx, &DUTY_OPEN_OF, V_I(d->org_id), V_I(d->user_id)));
    bool has_one = row_i64(&rows, 0) > 0;
    TRY(db_done(&rows));
    if (has_one)
        return fail(cx, RC_CONFLICT, _("This person has a duty in the organisation already."),
                    "user=%" PRId64, d->user_id);
    TRY(db_ids(&d->id, cx, 1));
    return DB_RUN(cx, &DUTY_INSERT, V_I(o.county), V_I(d->id), V_I(d->org_id), V_I(d->user_id),
                  V_T(d->title), V_I(d->heads), V_I(d->from_day), V_I(d->to_day));
}

enum rc duty_add(int64_t *id, struct cx *cx, const struct duty *d)
{
    struct org o;
    struct duty fresh = *d;
    TRY(org_load_managed(&o, cx, d->org_id));
    TRY(people_text(&fresh.title, cx, d->title, _("Duty"), false));
    if (!fresh.from_day)
        fresh.from_day = people_today(cx);
    TRY(days_ok(cx, fresh.from_day, fresh.to_day));
    TRY(db_write(cx, o.county, add_write, &fresh));
    *id = fresh.id;
    return RC_OK;
}

struct closing {
    int64_t id;
    int32_t to_day;
};
static enum rc close_write(struct cx *cx, void *arg)
{
    const struct closing *c = arg;
    return DB_RUN(cx, &DUTY_CLOSE, V_I(c->id), V_I(c->to_day));
}

enum rc duty_end(struct cx *cx, int64_t id, int32_t to_day)
{
    struct db_rows rows;
    struct org o;
    enum rc rc = DB_ONE(&rows, cx, &DUTY_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such duty, or not for you to see."), "duty=%" PRId64,
                    id);
    TRY(rc);
    struct duty d = duty_of_row(&rows);
    TRY(db_done(&rows));
    TRY(org_get(&o, cx, d.org_id));
    TRY(actor_require_in(cx, "org.manage", str_of(o.area_path)));
    if (to_day < d.from_day - 1 || to_day > DAY_LATEST)
        return fail(cx, RC_INVALID, _("The last day cannot lie before the first one."),
                    "duty=%" PRId64, id);
    struct closing c = {id, to_day};
    return db_write(cx, d.county, close_write, &c);
}

/* ---- whom to tell ---- */

enum rc user_set_add(struct cx *cx, struct user_set *set, int64_t id)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->ids[i] == id)
            return RC_OK;
    if (set->count >= ORG_USERS_MAX)
        return RC_OK;
    set->ids = people_grow(cx, set->ids, set->count, &set->cap, sizeof *set->ids);
    if (!set->ids)
        return RC_LIMIT;
    set->ids[set->count++] = id;
    return RC_OK;
}

static enum rc add_ids(struct cx *cx, struct user_set *set, struct db_rows *rows)
{
    enum rc rc = RC_OK;
    while (rc == RC_OK && set->count < ORG_USERS_MAX && db_next(rows))
        rc = user_set_add(cx, set, row_i64(rows, 0));
    enum rc done = db_done(rows);
    TRY(rc);
    return done;
}

enum rc user_set_substitutes(struct cx *cx, struct user_set *set)
{
    int32_t today = people_today(cx);
    for (size_t i = 0; i < set->count; i++) { /* the set grows while it is walked */
        struct db_rows rows;
        TRY(DB_SELECT(&rows, cx, &SUBSTITUTE_FOR, V_I(set->ids[i]), V_I(today)));
        TRY(add_ids(cx, set, &rows));
    }
    return RC_OK;
}

static enum rc give(int64_t **user_ids, size_t *count, struct cx *cx, struct user_set *set)
{
    TRY(user_set_substitutes(cx, set));
    *user_ids = set->ids;
    *count = set->count;
    return RC_OK;
}

enum rc org_users(int64_t **user_ids, size_t *count, struct cx *cx, int64_t org_id, bool heads)
{
    struct user_set set = {0};
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &ORG_USER_LIST, V_I(org_id), V_I(heads), V_I(people_today(cx))));
    TRY(add_ids(cx, &set, &rows));
    return give(user_ids, count, cx, &set);
}

/* Those with a role in just this area (0: everything) that holds the permission. */
static enum rc add_area(struct cx *cx, struct user_set *set, int64_t area_id,
                        const char *permission)
{
    struct db_rows rows;
    enum rc rc = RC_OK;
    TRY(DB_SELECT(&rows, cx, &AREA_USER_LIST, V_I(area_id)));
    while (rc == RC_OK && set->count < ORG_USERS_MAX && db_next(&rows))
        if (role_has(role_find(cx->profile, row_str(&rows, AREA_USER_LIST_ROLE)), permission))
            rc = user_set_add(cx, set, row_i64(&rows, AREA_USER_LIST_USER_ID));
    enum rc done = db_done(&rows);
    TRY(rc);
    return done;
}

enum rc area_users(int64_t **user_ids, size_t *count, struct cx *cx, int64_t area_id,
                   const char *permission)
{
    struct user_set set = {0};
    for (int level = 0; level < LEVELS_MAX; level++) {
        struct db_rows rows;
        TRY(add_area(cx, &set, area_id, permission));
        if (set.count || !area_id)
            break;
        enum rc rc = DB_ONE(&rows, cx, &ORG_AREA, V_I(area_id));
        if (rc == RC_NOTFOUND)
            return fail(cx, rc, _("There is no such area."), "area=%" PRId64, area_id);
        TRY(rc);
        area_id = row_i64(&rows, ORG_AREA_PARENT_ID);
        TRY(db_done(&rows));
    }
    return give(user_ids, count, cx, &set);
}

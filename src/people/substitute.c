/* Substitutes: while one is away, another is told and does what is to be done. */
#include "base/text.h"
#include "people/org.sql.h"
#include "people/org_inner.h"

enum { SUBSTITUTES_MAX = 50 };

/* Oneself, or a user whom the actor may manage. */
static enum rc may_speak_for(struct cx *cx, int64_t user_id)
{
    if (cx->actor && cx->actor->user_id == user_id)
        return RC_OK;
    return people_require_manage(NULL, cx, user_id, false);
}

static enum rc add_write(struct cx *cx, void *arg)
{
    struct substitute *s = arg;
    struct db_rows rows;
    struct user_row by;
    enum rc rc = people_row_by_id(&by, cx, s->by_user_id);
    if (rc == RC_NOTFOUND)
        return people_no_user(cx);
    TRY(rc);
    if (by.user.state != USER_ACTIVE)
        return fail(cx, RC_INVALID, _("This account is blocked: it cannot stand in."),
                    "user=%" PRId64, s->by_user_id);
    TRY(DB_ONE(&rows, cx, &SUBSTITUTE_OVERLAP, V_I(s->user_id), V_I(s->from_day),
               V_I(s->to_day)));
    bool overlaps = row_i64(&rows, 0) > 0;
    TRY(db_done(&rows));
    if (overlaps)
        return fail(cx, RC_CONFLICT, _("Somebody stands in on some of these days already."),
                    "user=%" PRId64, s->user_id);
    TRY(db_ids(&s->id, cx, 1));
    return DB_RUN(cx, &SUBSTITUTE_INSERT, V_I(s->id), V_I(s->user_id), V_I(s->by_user_id),
                  V_I(s->from_day), V_I(s->to_day), V_T(s->reason));
}

enum rc substitute_add(int64_t *id, struct cx *cx, const struct substitute *s)
{
    struct substitute fresh = *s;
    TRY(may_speak_for(cx, s->user_id));
    TRY(people_text(&fresh.reason, cx, s->reason, _("Reason"), true));
    if (s->user_id == s->by_user_id)
        return fail(cx, RC_INVALID, _("Choose somebody else: nobody stands in for themselves."),
                    "user=%" PRId64, s->user_id);
    if (s->from_day < 1 || s->to_day < s->from_day || s->to_day > DAY_LATEST)
        return fail(cx, RC_INVALID, _("The last day cannot lie before the first one."),
                    "from=%d to=%d", s->from_day, s->to_day);
    if (s->to_day < people_today(cx))
        return fail(cx, RC_INVALID, _("These days are over already."), "to=%d", s->to_day);
    TRY(db_write(cx, 0, add_write, &fresh));
    *id = fresh.id;
    return RC_OK;
}

static struct substitute of_row(const struct db_rows *r)
{
    return (struct substitute){.id = row_i64(r, SUBSTITUTE_ONE_ID),
                               .user_id = row_i64(r, SUBSTITUTE_ONE_USER_ID),
                               .by_user_id = row_i64(r, SUBSTITUTE_ONE_BY_USER_ID),
                               .from_day = (int32_t)row_i64(r, SUBSTITUTE_ONE_FROM_DAY),
                               .to_day = (int32_t)row_i64(r, SUBSTITUTE_ONE_TO_DAY),
                               .reason = row_copy(r, SUBSTITUTE_ONE_REASON).p};
}

struct closing {
    int64_t id;
    int32_t to_day;
};
static enum rc close_write(struct cx *cx, void *arg)
{
    const struct closing *c = arg;
    return DB_RUN(cx, &SUBSTITUTE_CLOSE, V_I(c->id), V_I(c->to_day));
}

enum rc substitute_end(struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &SUBSTITUTE_ONE, V_I(id));
    bool found = rc == RC_OK;
    if (!found && rc != RC_NOTFOUND)
        return rc;
    struct substitute s = {0};
    if (found) {
        s = of_row(&rows);
        TRY(db_done(&rows));
        if (may_speak_for(cx, s.user_id)) {
            err_clear(cx);
            found = false;
        }
    }
    if (!found)
        return fail(cx, RC_NOTFOUND, _("There is no such substitute, or not for you to see."),
                    "substitute=%" PRId64, id);
    int32_t yesterday = people_today(cx) - 1;
    struct closing c = {id, yesterday < s.from_day ? s.from_day - 1 : yesterday};
    return db_write(cx, 0, close_write, &c);
}

enum rc substitutes_of(struct substitute **out, size_t *count, struct cx *cx, int64_t user_id)
{
    struct db_rows rows;
    struct substitute *list = arena_new(cx->arena, SUBSTITUTES_MAX * sizeof *list);
    size_t n = 0;
    TRY(may_speak_for(cx, user_id));
    TRY(DB_SELECT(&rows, cx, &SUBSTITUTE_LIST, V_I(user_id)));
    while (n < SUBSTITUTES_MAX && db_next(&rows))
        list[n++] = of_row(&rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc substituting_for(int64_t **user_ids, size_t *count, struct cx *cx)
{
    struct user_set set = {0};
    int32_t today = people_today(cx);
    *user_ids = NULL;
    *count = 0;
    if (!cx->actor)
        return RC_OK;
    TRY(user_set_add(cx, &set, cx->actor->user_id));
    for (size_t i = 0; i < set.count; i++) { /* the set grows while it is walked */
        struct db_rows rows;
        enum rc rc = RC_OK;
        TRY(DB_SELECT(&rows, cx, &SUBSTITUTE_WHOM, V_I(set.ids[i]), V_I(today)));
        while (rc == RC_OK && db_next(&rows))
            rc = user_set_add(cx, &set, row_i64(&rows, 0));
        enum rc done = db_done(&rows);
        TRY(rc);
        TRY(done);
    }
    *user_ids = set.ids + 1; /* without oneself */
    *count = set.count - 1;
    return RC_OK;
}

/* Tasks: one, lists by deadline, sums, and the thread. A list is a handful of index ranges, one
 * per key of the actor, merged by deadline; only the tasks of the page are read whole. */
#include "base/text.h"
#include "profile/calendar.h"
#include "work/task.sql.h"
#include "work/task_inner.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 10000, SUM_MAX = 1000, THREAD_MAX = 2000, AREAS_MAX = 200, OF_ONE_MAX = 500 };

/* ---- one ---- */

static enum rc told_late(bool *told, struct cx *cx, const struct task *t)
{
    struct db_rows rows;
    struct task_key *keys;
    size_t count;
    TRY(task_keys(&keys, &count, cx));
    TRY(DB_SELECT(&rows, cx, &TASK_LATE_TOLD, V_I(t->county), V_I(t->id)));
    while (db_next(&rows))
        for (size_t i = 0; i < count; i++)
            if ((int64_t)keys[i].kind == row_i64(&rows, TASK_LATE_TOLD_OWNER_KIND) &&
                keys[i].id == row_i64(&rows, TASK_LATE_TOLD_OWNER_ID) &&
                str_eq_z(row_str(&rows, TASK_LATE_TOLD_OWNER_PERMISSION), keys[i].permission))
                *told = true;
    return db_done(&rows);
}

/* Owner or giver of the joint task or of one of its parts. */
static enum rc same_thread(bool *same, struct cx *cx, const struct task *t)
{
    struct db_rows rows;
    struct task other;
    int64_t ids[OF_ONE_MAX];
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &TASK_PARTS, V_I(task_thread_id(t))));
    while (n < OF_ONE_MAX - 1 && db_next(&rows))
        ids[n++] = row_i64(&rows, TASK_PARTS_ID);
    TRY(db_done(&rows));
    if (t->parent_id)
        ids[n++] = t->parent_id;
    for (size_t i = 0; i < n && !*same; i++) {
        TRY(task_read(&other, cx, ids[i]));
        *same = task_may(cx, &other);
    }
    return RC_OK;
}

static enum rc may_see(bool *may, struct cx *cx, const struct task *t)
{
    *may = actor_may_in(cx, "task.view", str_of(t->area_path)) || task_may(cx, t);
    if (!*may && t->done_by)
        *may = t->done_by == work_user(cx);
    if (!*may)
        TRY(told_late(may, cx, t));
    if (!*may)
        TRY(same_thread(may, cx, t));
    return RC_OK;
}

enum rc task_get(struct task *out, struct cx *cx, int64_t id)
{
    struct task t;
    bool may;
    TRY(task_read(&t, cx, id));
    TRY(may_see(&may, cx, &t));
    if (!may)
        return fail(cx, RC_NOTFOUND, _("There is no such task, or not for you to see."),
                    "task=%" PRId64, id);
    *out = t;
    return RC_OK;
}

/* ---- ranges ---- */

struct found {
    int64_t id, at;
};
struct search {
    struct cx *cx;
    const char *kind;
    int64_t after_at, after_id;
    size_t limit;
    struct found *list;
    size_t count, cap;
};

/* Takes the rows of a range; all such statements deliver number and moment. */
static enum rc take(struct search *s, struct db_rows *rows, enum rc rc)
{
    TRY(rc);
    while (db_next(rows)) {
        s->list = work_grow(s->cx, s->list, s->count, &s->cap, sizeof *s->list);
        s->list[s->count++] = (struct found){row_i64(rows, 0), row_i64(rows, 1)};
    }
    return db_done(rows);
}

static enum rc add_owned(struct search *s, const struct task_key *k, enum task_state state)
{
    struct db_rows rows;
    struct cx *cx = s->cx;
    TRY(take(s, &rows,
             DB_SELECT(&rows, cx, &TASK_KEYS_OWNER, V_I(k->kind), V_I(k->id),
                       V_T(k->permission), V_I(state), V_I(s->after_at), V_I(s->after_id),
                       V_T(s->kind), V_I(s->limit + 1))));
    if (k->kind != OWNER_AREA)
        return RC_OK;
    return take(s, &rows,
                DB_SELECT(&rows, cx, &TASK_KEYS_HELD, V_I(k->id), V_T(k->permission),
                          V_I(state), V_I(s->after_at), V_I(s->after_id), V_T(s->kind),
                          V_I(s->limit + 1)));
}

static enum rc add_mine(struct search *s, enum task_state state)
{
    struct task_key *keys;
    size_t count;
    TRY(task_keys(&keys, &count, s->cx));
    for (size_t i = 0; i < count; i++)
        TRY(add_owned(s, &keys[i], state));
    return RC_OK;
}

static enum rc add_late(struct search *s)
{
    struct task_key *keys;
    size_t count;
    TRY(task_keys(&keys, &count, s->cx));
    for (size_t i = 0; i < count; i++) {
        struct db_rows rows;
        TRY(take(s, &rows,
                 DB_SELECT(&rows, s->cx, &TASK_KEYS_LATE, V_I(keys[i].kind), V_I(keys[i].id),
                           V_T(keys[i].permission), V_I(s->after_at), V_I(s->after_id),
                           V_I(s->limit + 1))));
    }
    return RC_OK;
}

static enum rc add_given(struct search *s, enum task_state state)
{
    struct db_rows rows;
    return take(s, &rows,
                DB_SELECT(&rows, s->cx, &TASK_KEYS_GIVEN, V_I(work_user(s->cx)), V_I(state),
                          V_I(s->after_at), V_I(s->after_id), V_T(s->kind), V_I(s->limit + 1)));
}

static enum rc add_area(struct search *s, const struct place *place, enum task_state state)
{
    int64_t ids[AREAS_MAX];
    struct db_rows rows;
    struct cx *cx = s->cx;
    size_t count;
    TRY(place_below(ids, &count, AREAS_MAX, cx, place->path));
    if (count > AREAS_MAX)
        return take(s, &rows,
                    DB_SELECT(&rows, cx, &TASK_KEYS_WIDE, V_T(place->path),
                              V_T(place_path_end(cx, place->path)), V_I(state),
                              V_I(s->after_at), V_I(s->after_id), V_T(s->kind),
                              V_I(s->limit + 1)));
    for (size_t i = 0; i < count; i++)
        TRY(take(s, &rows,
                 DB_SELECT(&rows, cx, &TASK_KEYS_AREA, V_I(ids[i]), V_I(state),
                           V_I(s->after_at), V_I(s->after_id), V_T(s->kind),
                           V_I(s->limit + 1))));
    return RC_OK;
}

static enum rc add_state(struct search *s, const struct task_query *q,
                         const struct place *place, enum task_state state)
{
    if (q->mine)
        return add_mine(s, state);
    if (q->given)
        return add_given(s, state);
    return add_area(s, place, state);
}

static enum rc add_states(struct search *s, const struct task_query *q,
                          const struct place *place)
{
    bool all = str_eq_z(q->state, "all"), done = str_eq_z(q->state, "done");
    bool waiting = str_eq_z(q->state, "waiting");
    if (q->late_below)
        return add_late(s);
    for (int state = TASK_OPEN; state <= TASK_CANCELLED; state++) {
        bool wanted = all || (done && state >= TASK_DONE) ||
                      (waiting && state == TASK_WAITING) ||
                      (!done && !waiting && state == TASK_OPEN);
        if (wanted)
            TRY(add_state(s, q, place, (enum task_state)state));
    }
    return RC_OK;
}

/* ---- pages ---- */

static int by_moment(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Sorts, drops what was found twice, cuts to the page. */
static void merge(struct search *s, const char **next)
{
    size_t kept = 0;
    if (s->count)
        qsort(s->list, s->count, sizeof *s->list, by_moment);
    for (size_t i = 0; i < s->count; i++)
        if (!kept || s->list[kept - 1].id != s->list[i].id)
            s->list[kept++] = s->list[i];
    s->count = kept;
    if (kept <= s->limit)
        return;
    s->count = s->limit;
    const struct found *last = &s->list[s->limit - 1];
    *next = arena_printf(s->cx->arena, "%" PRId64 ".%" PRId64, last->at, last->id);
}

static enum rc read_found(struct task **out, size_t *count, const struct search *s)
{
    struct task *list = arena_array(s->cx->arena, s->count + 1, sizeof *list);
    if (!list)
        return RC_LIMIT;
    for (size_t i = 0; i < s->count; i++)
        TRY(task_read(&list[i], s->cx, s->list[i].id));
    *out = list;
    *count = s->count;
    return RC_OK;
}

static enum rc read_token(struct search *s, struct str token)
{
    struct cx *cx = s->cx;
    struct str rest = token;
    if (!token.len)
        return RC_OK;
    struct str first = str_cut(&rest, '.');
    if (!rest.p || !str_to_i64(&s->after_at, first) || !str_to_i64(&s->after_id, rest))
        return fail(cx, RC_INVALID, _("This place of the list does not exist any more."),
                    "task token");
    return RC_OK;
}

/* What the actor ended, newest first. */
static enum rc list_ended(struct task **out, size_t *count, const char **next, struct search *s)
{
    struct db_rows rows;
    if (!s->after_id)
        s->after_at = s->after_id = INT64_MAX;
    TRY(take(s, &rows,
             DB_SELECT(&rows, s->cx, &TASK_KEYS_ENDED, V_I(work_user(s->cx)), V_I(s->after_at),
                       V_I(s->after_id), V_T(s->kind), V_I(s->limit + 1))));
    if (s->count > s->limit) {
        s->count = s->limit;
        const struct found *last = &s->list[s->limit - 1];
        *next = arena_printf(s->cx->arena, "%" PRId64 ".%" PRId64, last->at, last->id);
    }
    return read_found(out, count, s);
}

static bool state_fits(const struct task *t, struct str state)
{
    if (str_eq_z(state, "all"))
        return true;
    if (str_eq_z(state, "done"))
        return t->state >= TASK_DONE;
    return t->state == (str_eq_z(state, "waiting") ? TASK_WAITING : TASK_OPEN);
}

/* Of a household or a joint task: few, all on one page. */
static enum rc list_few(struct task **out, size_t *count, struct search *s,
                        const struct task_query *q)
{
    struct cx *cx = s->cx;
    struct db_rows rows;
    struct task *list;
    size_t n, kept = 0;
    const char *ignored = NULL;
    s->limit = OF_ONE_MAX;
    TRY(take(s, &rows,
             q->parent_id ? DB_SELECT(&rows, cx, &TASK_PARTS, V_I(q->parent_id))
                          : DB_SELECT(&rows, cx, &TASK_KEYS_HOUSEHOLD, V_I(q->household_id),
                                      V_I(OF_ONE_MAX))));
    merge(s, &ignored);
    TRY(read_found(&list, &n, s));
    for (size_t i = 0; i < n; i++) {
        bool may;
        TRY(may_see(&may, cx, &list[i]));
        if (may && state_fits(&list[i], q->state) &&
            (!s->kind[0] || !strcmp(s->kind, list[i].kind)))
            list[kept++] = list[i];
    }
    *out = list;
    *count = kept;
    return RC_OK;
}

enum rc task_list(struct task **out, size_t *count, const char **next, struct cx *cx,
                  const struct task_query *q)
{
    struct place place = {.path = ""};
    struct search s = {.cx = cx,
                       .kind = q->kind.len ? arena_copy(cx->arena, q->kind) : "",
                       .after_at = INT64_MIN,
                       .limit = q->limit && q->limit < LIST_MAX ? q->limit : LIST_MAX};
    *next = NULL;
    if (q->household_id || q->parent_id)
        return list_few(out, count, &s, q);
    TRY(read_token(&s, q->after));
    if (q->mine && str_eq_z(q->state, "done"))
        return list_ended(out, count, next, &s);
    if (!q->mine && !q->given && !q->late_below) {
        if (q->area_id)
            TRY(place_get(&place, cx, q->area_id));
        TRY(actor_require_in(cx, "task.view", str_of(place.path)));
    }
    TRY(add_states(&s, q, &place));
    merge(&s, next);
    return read_found(out, count, &s);
}

/* ---- sums ---- */

/* The columns of both statements that count. */
static enum rc add_counts(struct task_sums *s, struct db_rows *rows, enum rc rc)
{
    TRY(rc);
    s->open += row_i64(rows, TASK_COUNT_OWNER_OPEN);
    s->late += row_i64(rows, TASK_COUNT_OWNER_LATE);
    s->due_today += row_i64(rows, TASK_COUNT_OWNER_TODAY);
    return db_done(rows);
}

static enum rc add_sums(struct task_sums *s, struct cx *cx, const struct task_key *k,
                        int64_t tonight)
{
    struct db_rows rows;
    TRY(add_counts(s, &rows,
                   DB_ONE(&rows, cx, &TASK_COUNT_OWNER, V_I(k->kind), V_I(k->id),
                          V_T(k->permission), V_I(cx->now_at), V_I(tonight), V_I(SUM_MAX))));
    if (k->kind == OWNER_AREA)
        TRY(add_counts(s, &rows,
                       DB_ONE(&rows, cx, &TASK_COUNT_HELD, V_I(k->id), V_T(k->permission),
                              V_I(cx->now_at), V_I(tonight), V_I(SUM_MAX))));
    TRY(DB_ONE(&rows, cx, &TASK_COUNT_LATE, V_I(k->kind), V_I(k->id), V_T(k->permission),
               V_I(SUM_MAX)));
    s->escalated += row_i64(&rows, 0);
    return db_done(&rows);
}

static int64_t at_most(int64_t n)
{
    return n < SUM_MAX ? n : SUM_MAX;
}

enum rc task_sums_mine(struct task_sums *out, struct cx *cx)
{
    struct task_sums s = {0};
    struct task_key *keys;
    size_t count;
    int64_t tonight = deadline_after(cx->profile, cx->now_at, 0, false);
    TRY(task_keys(&keys, &count, cx));
    for (size_t i = 0; i < count; i++)
        TRY(add_sums(&s, cx, &keys[i], tonight));
    *out = (struct task_sums){at_most(s.open), at_most(s.late), at_most(s.due_today),
                              at_most(s.escalated)};
    return RC_OK;
}

/* ---- thread ---- */

enum rc task_thread(struct task_event **out, size_t *count, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    struct task t;
    struct task_event *list = NULL;
    size_t n = 0, cap = 0;
    TRY(task_get(&t, cx, id));
    TRY(DB_SELECT(&rows, cx, &TASK_EVENTS, V_I(t.county), V_I(task_thread_id(&t)),
                  V_I(THREAD_MAX)));
    while (db_next(&rows)) {
        list = work_grow(cx, list, n, &cap, sizeof *list);
        list[n++] = (struct task_event){.at = row_i64(&rows, TASK_EVENTS_AT),
                                        .user_id = row_i64(&rows, TASK_EVENTS_USER_ID),
                                        .document_id = row_i64(&rows, TASK_EVENTS_DOCUMENT_ID),
                                        .task_id = row_i64(&rows, TASK_EVENTS_TASK_ID),
                                        .what = row_copy(&rows, TASK_EVENTS_WHAT).p,
                                        .text = row_copy(&rows, TASK_EVENTS_TEXT).p};
    }
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

const char *task_state_text(struct cx *cx, enum task_state state)
{
    switch (state) {
    case TASK_OPEN:
        return _("open");
    case TASK_WAITING:
        return _("waiting");
    case TASK_DONE:
        return _("done");
    case TASK_REFUSED:
        return _("refused");
    case TASK_CANCELLED:
        return _("cancelled");
    }
    return "";
}

const char *task_event_text(struct cx *cx, const char *what)
{
    static const struct {
        const char *what, *text;
    } words[] = {{"made", N_("given")},
                 {"opened", N_("can be begun now")},
                 {"given", N_("given to another")},
                 {"handed", N_("handed over")},
                 {"due", N_("new deadline")},
                 {"remark", N_("remark")},
                 {"evidence", N_("evidence")},
                 {"late", N_("the deadline passed")},
                 {"done", N_("done")},
                 {"refused", N_("refused")},
                 {"cancelled", N_("cancelled")},
                 {"reopened", N_("opened again")}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!strcmp(words[i].what, what))
            return text_in(cx->lang, words[i].text);
    return what;
}

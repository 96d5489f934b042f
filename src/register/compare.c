/* Lists of other departments: their rows in compare_list, steps as jobs. The work is in
 * compare_run.c. */
#include "register/compare.h"

#include "base/buf.h"
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "people/actor.h"
#include "register/area.h"
#include "register/compare.sql.h"
#include "register/compare_inner.h"
#include "store/store.h"

#include <stdlib.h>

enum { LISTS_MAX = 200, MODEL_BYTES = 4000, DAYS_DEFAULT = 15 };

/* ---- the model as a text: share, then m and u by field and level ---- */

static bool model_read(struct match_model *out, struct str text)
{
    struct match_model m = {.settled = true};
    double value[1 + 2 * MATCH_FIELDS * MATCH_LEVELS];
    size_t n = 0;
    while (text.p && text.len && n < sizeof value / sizeof *value)
        if (!str_to_f64(&value[n++], str_cut(&text, ' ')))
            return false;
    if (n != sizeof value / sizeof *value)
        return false;
    n = 0;
    m.share = value[n++];
    for (int f = 0; f < MATCH_FIELDS; f++)
        for (int k = 0; k < MATCH_LEVELS; k++) {
            m.m[f][k] = value[n++];
            m.u[f][k] = value[n++];
        }
    *out = m;
    return true;
}

/* ---- reading ---- */

static struct compare_list row_list(const struct db_rows *r)
{
    struct cx *cx = r->cx;
    struct compare_list l = {
        .id = row_i64(r, COMPARE_LIST_GET_ID),
        .county = row_i64(r, COMPARE_LIST_GET_COUNTY),
        .kind = profile_list_kind(cx->profile, row_str(r, COMPARE_LIST_GET_KIND)),
        .kind_code = row_copy(r, COMPARE_LIST_GET_KIND).p,
        .area_path = row_copy(r, COMPARE_LIST_GET_AREA_PATH).p,
        .document_id = row_i64(r, COMPARE_LIST_GET_DOCUMENT_ID),
        .file_name = row_copy(r, COMPARE_LIST_GET_FILE_NAME).p,
        .user_id = row_i64(r, COMPARE_LIST_GET_USER_ID),
        .owner_id = row_i64(r, COMPARE_LIST_GET_OWNER_ID),
        .list_day = (int32_t)row_i64(r, COMPARE_LIST_GET_LIST_DAY),
        .deadline_day = (int32_t)row_i64(r, COMPARE_LIST_GET_DEADLINE_DAY),
        .state = (enum compare_state)row_i64(r, COMPARE_LIST_GET_STATE),
        .job_id = row_i64(r, COMPARE_LIST_GET_JOB_ID),
        .run = row_i64(r, COMPARE_LIST_GET_RUN),
        .upper = row_i64(r, COMPARE_LIST_GET_UPPER),
        .lower = row_i64(r, COMPARE_LIST_GET_LOWER),
        .rows_total = row_i64(r, COMPARE_LIST_GET_ROWS_TOTAL),
        .rows_refused = row_i64(r, COMPARE_LIST_GET_ROWS_REFUSED),
        .rows_identity = row_i64(r, COMPARE_LIST_GET_ROWS_IDENTITY),
        .rows_score = row_i64(r, COMPARE_LIST_GET_ROWS_SCORE),
        .rows_decided = row_i64(r, COMPARE_LIST_GET_ROWS_DECIDED),
        .rows_review = row_i64(r, COMPARE_LIST_GET_ROWS_REVIEW),
        .rows_lost = row_i64(r, COMPARE_LIST_GET_ROWS_LOST),
        .pairs = row_i64(r, COMPARE_LIST_GET_PAIRS),
        .dropped = row_i64(r, COMPARE_LIST_GET_DROPPED),
        .newer_id = row_i64(r, COMPARE_LIST_GET_NEWER_ID),
        .created_at = row_i64(r, COMPARE_LIST_GET_CREATED_AT),
        .done_at = row_i64(r, COMPARE_LIST_GET_DONE_AT),
        .message = row_copy(r, COMPARE_LIST_GET_MESSAGE).p,
    };
    l.has_model = model_read(&l.model, row_str(r, COMPARE_LIST_GET_MODEL));
    return l;
}

enum rc compare_load(struct compare_list *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &COMPARE_LIST_GET, V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such list, or it is another office's."),
                    "list=%" PRId64, id);
    TRY(rc);
    *out = row_list(&rows);
    return db_done(&rows);
}

/* The list's area is the actor's, or a part of it is. */
static enum rc may_see(bool *may, struct cx *cx, const struct compare_list *l)
{
    const char *const *paths;
    size_t count;
    *may = !cx->actor;
    if (*may)
        return RC_OK;
    TRY(actor_paths(&paths, &count, cx, "compare.run"));
    for (size_t i = 0; i < count; i++)
        *may = *may || str_starts(str_of(l->area_path), str_of(paths[i])) ||
               str_starts(str_of(paths[i]), str_of(l->area_path));
    return RC_OK;
}

enum rc compare_get(struct compare_list *out, struct cx *cx, int64_t id)
{
    struct compare_list l;
    bool may;
    TRY(compare_load(&l, cx, id));
    TRY(may_see(&may, cx, &l));
    if (!may)
        return fail(cx, RC_NOTFOUND, _("There is no such list, or it is another office's."),
                    "list=%" PRId64, id);
    *out = l;
    return RC_OK;
}

bool compare_may_run(struct cx *cx, const struct compare_list *l)
{
    return actor_may_in(cx, "compare.run", str_of(l->area_path));
}

enum rc compare_list_all(struct compare_list **out, size_t *count, struct cx *cx)
{
    struct db_rows rows;
    int64_t *ids = arena_new(cx->arena, LISTS_MAX * sizeof *ids);
    size_t id_count = 0;
    *out = arena_new(cx->arena, LISTS_MAX * sizeof **out);
    *count = 0;
    TRY(DB_SELECT(&rows, cx, &COMPARE_LIST_IDS, V_I(INT64_MAX), V_I(LISTS_MAX)));
    while (db_next(&rows) && id_count < LISTS_MAX)
        ids[id_count++] = row_i64(&rows, COMPARE_LIST_IDS_ID);
    TRY(db_done(&rows));
    for (size_t i = 0; i < id_count; i++) {
        bool may;
        TRY(compare_load(&(*out)[*count], cx, ids[i]));
        TRY(may_see(&may, cx, &(*out)[*count]));
        *count += may;
    }
    return RC_OK;
}

/* ---- a new one ---- */

struct adding {
    const struct compare_new *n;
    const struct list_kind *kind;
    struct area area;
    const char *file_name;
    int32_t deadline_day;
    int64_t owner_id, id;
    bool is_new;
};

static enum rc insert_list(struct cx *cx, void *arg)
{
    struct adding *a = arg;
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &COMPARE_LIST_SAME, V_I(a->area.county), V_T(a->kind->code),
                        V_T(a->area.path), V_I(a->n->document_id));
    if (rc == RC_OK) {
        a->id = row_i64(&rows, COMPARE_LIST_SAME_ID);
        a->is_new = false;
        return db_done(&rows);
    }
    if (rc != RC_NOTFOUND)
        return rc;
    rc = DB_ONE(&rows, cx, &COMPARE_LIST_LATER, V_I(a->area.county), V_T(a->kind->code),
                V_T(a->area.path), V_I(a->n->list_day));
    if (rc == RC_OK) {
        int32_t later = (int32_t)row_i64(&rows, COMPARE_LIST_LATER_LIST_DAY);
        TRY(db_done(&rows));
        return fail_f(cx, RC_CONFLICT,
                      _("A newer list of this kind, of %s, is already compared. Take it back "
                        "first, or check the date."),
                      format_day(cx, later));
    }
    if (rc != RC_NOTFOUND)
        return rc;
    a->is_new = true;
    TRY(db_ids(&a->id, cx, 1));
    return DB_RUN(cx, &COMPARE_LIST_ADD, V_I(a->id), V_I(a->area.county), V_T(a->kind->code),
                  V_T(a->area.path), V_I(a->n->document_id), V_T(a->file_name),
                  V_I(register_user(cx)), V_I(a->owner_id), V_I(a->n->list_day),
                  V_I(a->deadline_day), V_I(a->kind->upper), V_I(a->kind->lower),
                  V_I(cx->now_at));
}

static enum rc check_days(struct adding *a, struct cx *cx)
{
    int32_t today = register_today(cx);
    a->deadline_day = a->n->deadline_day ? a->n->deadline_day : today + a->kind->days;
    if (a->n->list_day <= 0 || a->n->list_day > today)
        return fail(cx, RC_INVALID,
                    _("The date of the list should be a day such as 2026-11-23, not later than "
                      "today."),
                    "list day");
    if (a->deadline_day < today)
        return fail(cx, RC_INVALID, _("The deadline has already passed."), "deadline");
    return RC_OK;
}

enum rc compare_add(int64_t *id, bool *is_new, struct cx *cx, const struct compare_new *n)
{
    struct document document;
    struct adding a = {.n = n, .owner_id = n->owner_id};
    TRY(actor_require(cx, "compare.run"));
    a.kind = profile_list_kind(cx->profile, n->kind);
    if (!a.kind)
        return fail(cx, RC_INVALID, _("Please choose the kind of list."), "kind");
    TRY(area_get(&a.area, cx, n->area_id));
    if (!a.area.county)
        return fail(cx, RC_INVALID, _("Choose a county, or an area of one."), "area");
    TRY(actor_require_in(cx, "compare.run", str_of(a.area.path)));
    TRY(check_days(&a, cx));
    TRY(store_get(&document, cx, 0, n->document_id));
    a.file_name = document.name;
    if (!a.owner_id)
        a.owner_id = register_user(cx);
    TRY(db_write(cx, a.area.county, insert_list, &a));
    *id = a.id;
    *is_new = a.is_new;
    return RC_OK;
}

/* ---- steps ---- */

struct step {
    int64_t id, county;
    enum compare_state from_a, from_b, to;
    const char *kind;
    int64_t upper, lower; /* 0: as they are */
    bool now;
};

static enum rc take_step(struct cx *cx, void *arg)
{
    const struct step *s = arg;
    int64_t job_id = 0, changed;
    if (!s->now)
        TRY(job_add(&job_id, cx, s->county, s->kind, arena_printf(cx->arena, "%" PRId64, s->id),
                    0));
    TRY(DB_RUN_COUNT(&changed, cx, &COMPARE_LIST_STEP, V_I(s->id), V_I(s->from_a),
                     V_I(s->from_b), V_I(s->to), V_I(job_id)));
    if (!changed)
        return fail(cx, RC_CONFLICT,
                    _("This list has moved on in the meantime; reload the page."),
                    "list=%" PRId64, s->id);
    if (s->upper)
        TRY(DB_RUN(cx, &COMPARE_LIST_THRESHOLDS, V_I(s->id), V_I(s->upper), V_I(s->lower)));
    return RC_OK;
}

static enum rc queue_step(struct cx *cx, struct step *s)
{
    struct compare_list l;
    TRY(compare_get(&l, cx, s->id));
    TRY(actor_require_in(cx, "compare.run", str_of(l.area_path)));
    s->county = l.county;
    return db_write(cx, l.county, take_step, s);
}

static enum rc run_step(struct step *s, struct cx *cx, int64_t id, int64_t upper, int64_t lower)
{
    struct compare_list l;
    TRY(compare_get(&l, cx, id));
    if (!l.kind)
        return fail(cx, RC_CONFLICT, _("The profile no longer knows this kind of list."),
                    "kind");
    if (upper && (lower <= 0 || lower > upper || upper > MATCH_UNIT))
        return fail(cx, RC_INVALID,
                    _("The thresholds are percentages above 0; the lower one is not above the "
                      "upper one."),
                    "thresholds");
    bool is_new = l.state == COMPARE_WAITING;
    *s = (struct step){.id = id,
                       .from_a = is_new ? COMPARE_WAITING : COMPARE_DONE,
                       .from_b = is_new ? COMPARE_WAITING : COMPARE_FAILED,
                       .to = COMPARE_RUNNING,
                       .kind = "compare.run",
                       .upper = upper,
                       .lower = lower};
    return RC_OK;
}

static struct step undo_step(int64_t id)
{
    return (struct step){.id = id,
                         .from_a = COMPARE_DONE,
                         .from_b = COMPARE_FAILED,
                         .to = COMPARE_UNDOING,
                         .kind = "compare.undo"};
}

enum rc compare_queue_run(struct cx *cx, int64_t id, int64_t upper, int64_t lower)
{
    struct step s;
    TRY(run_step(&s, cx, id, upper, lower));
    return queue_step(cx, &s);
}

enum rc compare_queue_undo(struct cx *cx, int64_t id)
{
    struct step s = undo_step(id);
    return queue_step(cx, &s);
}

static enum rc run_now(struct cx *cx, struct step *s)
{
    s->now = true;
    TRY(queue_step(cx, s));
    for (size_t k = 0; k < compare_job_kind_count; k++)
        if (!strcmp(compare_job_kinds[k].name, s->kind))
            return job_run_now(cx, &compare_job_kinds[k], s->county,
                               arena_printf(cx->arena, "%" PRId64, s->id));
    return fail(cx, RC_INVALID, "", "job kind");
}

enum rc compare_run_now(struct cx *cx, int64_t id, int64_t upper, int64_t lower)
{
    struct step s;
    TRY(run_step(&s, cx, id, upper, lower));
    return run_now(cx, &s);
}

enum rc compare_undo_now(struct cx *cx, int64_t id)
{
    struct step s = undo_step(id);
    return run_now(cx, &s);
}

/* ---- jobs ---- */

struct state_set {
    int64_t id;
    enum compare_state state;
    const char *message;
};

static enum rc set_state(struct cx *cx, void *arg)
{
    const struct state_set *s = arg;
    return DB_RUN(cx, &COMPARE_LIST_STATE, V_I(s->id), V_I(s->state), V_T(s->message));
}

/* A failure is told on the list's page; a run that was cut off (RC_BUSY) is resumed. */
static enum rc note_failure(struct cx *cx, const struct compare_list *l, enum rc rc)
{
    if (!rc || rc == RC_BUSY)
        return rc;
    struct err err = cx->err;
    struct state_set s = {l->id, COMPARE_FAILED, arena_copy(cx->arena, str_of(err.text))};
    err_clear(cx);
    enum rc noted = db_write(cx, l->county, set_state, &s);
    (void)noted; /* the first failure is the one to report */
    cx->err = err;
    return rc;
}

static enum rc job_list_of(struct compare_list *l, struct cx *cx, const struct job *job)
{
    int64_t id;
    if (!str_to_i64(&id, str_of(job->argument)))
        return fail(cx, RC_INVALID, _("This job names no list."), "argument");
    return compare_load(l, cx, id);
}

static enum rc job_run(struct cx *cx, const struct job *job)
{
    struct compare_list l;
    TRY(job_list_of(&l, cx, job));
    if (l.state != COMPARE_RUNNING)
        return RC_OK; /* done before a crash of the runner */
    /* Looks at the whole county; what the user may was asked before. */
    const struct actor *acting = cx->actor;
    cx->actor = NULL;
    enum rc rc = compare_run(cx, job, &l);
    cx->actor = acting;
    return note_failure(cx, &l, rc);
}

static enum rc job_undo(struct cx *cx, const struct job *job)
{
    struct compare_list l;
    TRY(job_list_of(&l, cx, job));
    if (l.state != COMPARE_UNDOING)
        return RC_OK;
    return note_failure(cx, &l, flip_undo(cx, job, &l));
}

const struct job_kind compare_job_kinds[] = {
    {"compare.run", job_run, 3},
    {"compare.undo", job_undo, 3},
};
const size_t compare_job_kind_count = sizeof compare_job_kinds / sizeof compare_job_kinds[0];

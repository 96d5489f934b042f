/* What happens to cases by themselves: automatic moves when the time of a state is over and its
 * rule holds; cases that follow their household to another place. */
#include "casework/assembly.h"
#include "casework/case.sql.h"
#include "casework/case_inner.h"
#include "casework/posting.h"
#include "casework/tip.h"

#include "base/log.h"
#include "base/text.h"
#include "work/task.h"

#include <string.h>

enum { FOLLOW_PAGE = 500 };

/* By the engine's job, outside of write closures. */
static enum rc auto_move(struct cx *cx, const struct flow *f, const struct workflow_move *move)
{
    struct flow_ask ask = {.id = f->id, .version = f->version, .event = str_of(move->event)};
    /* Grievances and other plain things have no register behind them. */
    return f->workflow && f->workflow->subject == FLOW_PLAIN ? flow_move(cx, &ask)
                                                             : case_decide(cx, &ask);
}

/* ---- cases of households that moved ---- */

struct astray {
    int64_t id, home_id;
    int32_t version;
};

static enum rc read_astray(struct astray *list, size_t *count, int64_t *after, struct cx *cx)
{
    struct db_rows r;
    size_t rows = 0;
    *count = 0;
    TRY(DB_SELECT(&r, cx, &CASE_ASTRAY, V_I(*after), V_I(FOLLOW_PAGE)));
    while (db_next(&r)) {
        struct str code = row_str(&r, CASE_ASTRAY_WORKFLOW);
        const struct workflow *w = profile_workflow(cx->profile, code);
        *after = row_i64(&r, CASE_ASTRAY_ID);
        rows++;
        if (w && w->subject == FLOW_HOUSEHOLD && row_i64(&r, CASE_ASTRAY_ENDED_DAY) == 0)
            list[(*count)++] = (struct astray){*after, row_i64(&r, CASE_ASTRAY_HOME_ID),
                                               (int32_t)row_i64(&r, CASE_ASTRAY_VERSION)};
    }
    if (rows < FOLLOW_PAGE)
        *after = INT64_MAX;
    return db_done(&r);
}

enum rc case_follow(int64_t *moved, struct cx *cx)
{
    int64_t after = 0;
    *moved = 0;
    while (after != INT64_MAX) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct astray *list = arena_new(cx->arena, FOLLOW_PAGE * sizeof *list);
        size_t count;
        TRY(read_astray(list, &count, &after, cx));
        for (size_t i = 0; i < count; i++) {
            enum rc rc = flow_relocate(cx, list[i].id, list[i].version, list[i].home_id);
            /* Somebody moved the case just now: the next time. */
            if (rc == RC_CONFLICT)
                err_clear(cx);
            else
                TRY(rc);
            *moved += rc == RC_OK;
        }
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

static enum rc run_follow(struct cx *cx, const struct job *job)
{
    int64_t moved;
    (void)job;
    TRY(case_follow(&moved, cx));
    if (moved)
        log_event(LOG_LEVEL_INFO, "cases_followed", "count=%" PRId64, moved);
    return RC_OK;
}

/* ---- tasks that end elsewhere ---- */

static enum rc tip_is_new(bool *is, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &CASE_TIP_STATE, V_I(id));
    *is = false;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *is = row_i64(&rows, CASE_TIP_STATE_STATE) == TIP_NEW;
    return db_done(&rows);
}

/* A tip is taken or closed, which ends its task; ended the other way round it would lie there
 * and nobody would be reminded of it. Of an objection is said why it does not hold. */
static enum rc task_ended(struct cx *cx, const struct task *now)
{
    bool is_new;
    struct flow f;
    if (!cx->actor || now->state == TASK_OPEN || now->state == TASK_WAITING)
        return RC_OK;
    if (!strcmp(now->kind, "tip")) {
        TRY(tip_is_new(&is_new, cx, now->subject_id));
        return is_new ? fail(cx, RC_INVALID,
                             _("Take the tip or close it with a reason, on its own page; the "
                               "task ends with it."),
                             "tip task=%" PRId64, now->id)
                      : RC_OK;
    }
    if (strcmp(now->kind, "objection") != 0 || now->outcome[0])
        return RC_OK;
    TRY(flow_get(&f, cx, now->subject_id));
    return f.state && f.state->kind == STATE_NOTICE
               ? fail(cx, RC_INVALID, _("Say why the objection does not hold."),
                      "objection task=%" PRId64, now->id)
               : RC_OK;
}

const struct job_kind casework_job_kinds[] = {{"casework.follow", run_follow, 0}};
const size_t casework_job_kind_count = sizeof casework_job_kinds / sizeof casework_job_kinds[0];

void casework_begin(void)
{
    static bool begun; /* before threads start */
    flow_auto_set(auto_move);
    if (begun)
        return;
    begun = true;
    flow_hook_add(posting_hook);
    flow_hook_add(assembly_hook);
    task_hook_add(task_ended);
}

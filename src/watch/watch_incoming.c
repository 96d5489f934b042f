/* What raises alerts besides the register's rules: findings of departments' lists, late tasks;
 * and their ends: the finding was wrong or is gone, the task was done. */
#include "watch/watch_inner.h"

#include "base/text.h"
#include "profile/lists.h"
#include "watch/watch.sql.h"

#include <string.h>

enum { DAY_S = 24 * 3600, AT_ONCE = 500, BACK_S = 3600 };

struct incoming {
    struct watch_chunk chunk;
    int64_t ids[AT_ONCE];
    int64_t finding_at;
};

static struct both place_of_rule(const struct profile *p, struct str kind, struct str rule,
                                 struct both *message)
{
    const struct list_kind *k = profile_list_kind(p, kind);
    const struct list_rule *r = list_rule_find(k, rule);
    *message = r ? both_of(r->message) : (struct both){{"", ""}};
    return k ? both_of(k->label) : (struct both){{"", ""}};
}

static void take_finding(struct incoming *in, struct cx *cx, const struct db_rows *r)
{
    struct str kind = row_copy(r, WATCH_FINDINGS_KIND), code = row_copy(r, WATCH_FINDINGS_RULE);
    const struct alert_rule *rule = profile_alert_of_list(cx->profile, kind, code);
    struct both message, label = place_of_rule(cx->profile, kind, code, &message);
    if (row_i64(r, WATCH_FINDINGS_OPENED_AT) > in->finding_at)
        in->finding_at = row_i64(r, WATCH_FINDINGS_OPENED_AT);
    if (!rule)
        return;
    in->chunk.raise[in->chunk.raise_count++] =
        (struct alert){.county = in->chunk.county,
                       .household_id = row_i64(r, WATCH_FINDINGS_HOUSEHOLD_ID),
                       .person_id = row_i64(r, WATCH_FINDINGS_PERSON_ID),
                       .source_id = row_i64(r, WATCH_FINDINGS_ID),
                       .rule = rule,
                       .facts = watch_fact_json(cx, label, message)};
}

static enum rc finding_since(int64_t *since, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ALERT_CURSOR_GET, V_I(county));
    *since = 0;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *since = row_i64(&rows, ALERT_CURSOR_GET_FINDING_AT);
    return db_done(&rows);
}

static enum rc keep_since(struct cx *cx, void *arg)
{
    const struct incoming *in = arg;
    TRY(DB_RUN(cx, &ALERT_CURSOR_MAKE, V_I(in->chunk.county)));
    return DB_RUN(cx, &ALERT_CURSOR_FINDING, V_I(in->chunk.county), V_I(in->finding_at));
}

/* Findings that are older than the last look, but not by an hour, are looked at again: one that
 * was written meanwhile is not passed over. Those that raised nothing (an alert stood already)
 * are told apart by the alert's own rules. */
static enum rc findings(struct incoming *in, struct cx *cx)
{
    struct db_rows rows;
    int64_t since = 0, after_id = 0;
    size_t seen = AT_ONCE;
    TRY(finding_since(&since, cx, in->chunk.county));
    int64_t from = since > BACK_S ? since - BACK_S : 0;
    in->finding_at = since;
    while (seen == AT_ONCE) {
        in->chunk.raise_count = in->chunk.raise_at = seen = 0;
        TRY(DB_SELECT(&rows, cx, &WATCH_FINDINGS, V_I(in->chunk.county), V_I(from),
                      V_I(after_id), V_I(AT_ONCE)));
        for (; seen < AT_ONCE && db_next(&rows); seen++) {
            take_finding(in, cx, &rows);
            from = row_i64(&rows, WATCH_FINDINGS_OPENED_AT);
            after_id = row_i64(&rows, WATCH_FINDINGS_ID);
        }
        TRY(db_done(&rows));
        TRY(watch_write(cx, &in->chunk));
    }
    return in->finding_at > since ? db_write(cx, in->chunk.county, keep_since, in) : RC_OK;
}

/* ---- late tasks ---- */

static const struct alert_rule *task_rule(const struct profile *p)
{
    for (size_t i = 0; p->alerts && i < p->alerts->count; i++)
        if (p->alerts->list[i].kind == ALERT_TASK)
            return &p->alerts->list[i];
    return NULL;
}

static enum rc late_tasks(struct incoming *in, struct cx *cx)
{
    const struct alert_rule *rule = task_rule(cx->profile);
    struct db_rows rows;
    if (!rule)
        return RC_OK;
    in->chunk.raise_count = in->chunk.raise_at = 0;
    TRY(DB_SELECT(&rows, cx, &WATCH_LATE_TASKS, V_I(in->chunk.county),
                  V_I(cx->now_at - (int64_t)rule->again_days * DAY_S), V_I(rule->number),
                  V_I(cx->now_at - (int64_t)rule->again_days * DAY_S), V_I(AT_ONCE)));
    while (in->chunk.raise_count < AT_ONCE && db_next(&rows)) {
        struct both title = {{row_copy(&rows, WATCH_LATE_TASKS_TITLE_EN).p,
                              row_copy(&rows, WATCH_LATE_TASKS_TITLE_ZH).p}};
        in->chunk.raise[in->chunk.raise_count++] =
            (struct alert){.county = in->chunk.county,
                           .household_id = row_i64(&rows, WATCH_LATE_TASKS_HOUSEHOLD_ID),
                           .source_id = row_i64(&rows, WATCH_LATE_TASKS_ID),
                           .rule = rule,
                           .facts = watch_fact_json(cx, both_f(cx, N_("Late task")), title)};
    }
    TRY(db_done(&rows));
    return watch_write(cx, &in->chunk);
}

/* ---- ends ---- */

static enum rc take_over(struct incoming *in, struct db_rows *rows, enum rc rc)
{
    TRY(rc);
    in->chunk.over_count = in->chunk.over_at = 0;
    while (in->chunk.over_count < AT_ONCE && db_next(rows))
        in->ids[in->chunk.over_count++] = row_i64(rows, 0);
    TRY(db_done(rows));
    in->chunk.over = in->ids;
    return RC_OK;
}

static enum rc ends(struct incoming *in, struct cx *cx)
{
    struct db_rows rows;
    int64_t county = in->chunk.county;
    in->chunk.raise_count = in->chunk.raise_at = 0;
    TRY(take_over(in, &rows,
                  DB_SELECT(&rows, cx, &WATCH_FINDINGS_OVER, V_I(county), V_I(AT_ONCE))));
    TRY(watch_write(cx, &in->chunk));
    TRY(take_over(in, &rows,
                  DB_SELECT(&rows, cx, &WATCH_TASKS_OVER, V_I(county), V_I(AT_ONCE))));
    return watch_write(cx, &in->chunk);
}

enum rc watch_incoming(int64_t *raised, int64_t *over, struct cx *cx, int64_t county)
{
    struct incoming *in = arena_new(cx->arena, sizeof *in);
    in->chunk.county = county;
    in->chunk.raise = arena_array(cx->arena, AT_ONCE, sizeof *in->chunk.raise);
    if (!in->chunk.raise)
        return fail(cx, RC_LIMIT, _("This is too much at once."), "watch incoming");
    TRY(findings(in, cx));
    TRY(late_tasks(in, cx));
    TRY(ends(in, cx));
    *raised += in->chunk.raised;
    *over += in->chunk.over_done;
    return disasters_go_on(raised, cx, county);
}

/* Flows: lists by place and deadline, counts by state, and the history of one. */
#include "base/text.h"
#include "people/user.h"
#include "work/flow.sql.h"
#include "work/flow_inner.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 10000, GROUPS_MAX = 64, STEPS_MAX = 1000 };

/* One part of a list: a place, and for stranded ones a state. */
struct part {
    const char *path, *workflow, *state;
};
struct found {
    struct flow *list;
    size_t count, cap;
};

static int64_t due_of(const struct flow *f)
{
    return due_stored(f->due_at);
}

static int by_due(const void *a, const void *b)
{
    const struct flow *x = a, *y = b;
    if (due_of(x) != due_of(y))
        return due_of(x) < due_of(y) ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static enum rc add_part(struct found *out, struct cx *cx, const struct part *p,
                        const struct flow_query *q, int64_t after_due, int64_t after_id)
{
    struct db_rows rows;
    int open = str_eq_z(q->state, "closed") ? 0 : str_eq_z(q->state, "all") ? -1 : 1;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &FLOW_LIST_IN, V_T(p->path), V_T(place_path_end(cx, p->path)),
                  V_I(open), V_T(p->workflow), V_T(p->state), V_I(q->late ? cx->now_at : 0),
                  V_I(after_due), V_I(after_id), V_I(q->limit + 1)));
    while (n <= q->limit && db_next(&rows)) {
        out->list = work_grow(cx, out->list, out->count, &out->cap, sizeof *out->list);
        out->list[out->count++] = flow_of_row(cx, &rows);
        n++;
    }
    return db_done(&rows);
}

/* ---- where ---- */

static bool among(const char *path, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_starts(str_of(path), str_of(list[i])))
            return true;
    return false;
}

/* Areas in which the actor sees flows of this workflow (of any: ""). */
static enum rc own_paths(const char *const **out, size_t *count, struct cx *cx,
                         const struct workflow *w)
{
    const char *const *view, *const *open = NULL;
    size_t view_count, open_count = 0, n = 0;
    TRY(actor_paths(&view, &view_count, cx, "case.view"));
    if (w)
        TRY(actor_paths(&open, &open_count, cx, w->permission));
    const char **list = arena_new(cx->arena, (view_count + open_count + 1) * sizeof *list);
    for (size_t i = 0; i < view_count; i++)
        list[n++] = view[i];
    for (size_t i = 0; i < open_count; i++)
        if (!among(open[i], list, n))
            list[n++] = open[i];
    *out = list;
    *count = n;
    return RC_OK;
}

/* The paths to look under: the actor's, cut to the area that was asked for. */
static enum rc cut_paths(const char ***out, size_t *count, struct cx *cx,
                         const struct workflow *w, int64_t area_id)
{
    const char *const *own;
    size_t own_count, n = 0;
    struct place place = {.path = ""};
    TRY(own_paths(&own, &own_count, cx, w));
    if (area_id)
        TRY(place_get(&place, cx, area_id));
    const char **list = arena_new(cx->arena, (own_count + 1) * sizeof *list);
    for (size_t i = 0; i < own_count; i++) {
        if (str_starts(str_of(place.path), str_of(own[i]))) {
            list[0] = place.path;
            n = 1;
            break;
        }
        if (str_starts(str_of(own[i]), str_of(place.path)))
            list[n++] = own[i];
    }
    *out = list;
    *count = n;
    return RC_OK;
}

static enum rc add_groups(struct part *parts, size_t *count, struct cx *cx, const char *path,
                          struct str workflow)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &FLOW_STATES, V_T(path), V_T(place_path_end(cx, path))));
    while (db_next(&rows)) {
        struct str code = row_str(&rows, FLOW_STATES_WORKFLOW);
        struct str state = row_str(&rows, FLOW_STATES_STATE);
        const struct workflow *w = profile_workflow(cx->profile, code);
        if ((w && workflow_state(w, state)) || (workflow.len && !str_eq(code, workflow)) ||
            *count == GROUPS_MAX)
            continue;
        parts[(*count)++] =
            (struct part){path, arena_copy(cx->arena, code), arena_copy(cx->arena, state)};
    }
    return db_done(&rows);
}

static enum rc find_parts(struct part **out, size_t *count, struct cx *cx,
                          const struct flow_query *q)
{
    const char **paths;
    size_t path_count, n = 0;
    const struct workflow *w =
        q->workflow.len ? profile_workflow(cx->profile, q->workflow) : NULL;
    bool stranded = str_eq_z(q->state, "stranded");
    bool named = q->state.len && !stranded && !str_eq_z(q->state, "open") &&
                 !str_eq_z(q->state, "closed") && !str_eq_z(q->state, "all");
    TRY(cut_paths(&paths, &path_count, cx, w, q->area_id));
    struct part *parts = arena_new(cx->arena, (path_count + GROUPS_MAX) * sizeof *parts);
    for (size_t i = 0; i < path_count; i++) {
        if (stranded)
            TRY(add_groups(parts, &n, cx, paths[i], q->workflow));
        else
            parts[n++] = (struct part){
                paths[i], q->workflow.len ? arena_copy(cx->arena, q->workflow) : "",
                named ? arena_copy(cx->arena, q->state) : ""};
    }
    *out = parts;
    *count = n;
    return RC_OK;
}

/* ---- lists ---- */

static enum rc read_token(int64_t *due, int64_t *id, struct cx *cx, struct str token)
{
    struct str rest = token;
    *due = INT64_MIN;
    *id = 0;
    if (!token.len)
        return RC_OK;
    struct str first = str_cut(&rest, '.');
    if (!rest.p || !str_to_i64(due, first) || !str_to_i64(id, rest))
        return fail(cx, RC_INVALID, _("This place of the list does not exist any more."),
                    "flow token");
    return RC_OK;
}

static bool fits(struct cx *cx, const struct flow *f, const struct flow_query *q)
{
    if (q->workflow.len && !str_eq_z(q->workflow, f->workflow_code))
        return false;
    if (str_eq_z(q->state, "closed") ? !f->closed_at
                                     : str_eq_z(q->state, "open") && f->closed_at)
        return false;
    return !q->late || (f->due_at && !f->closed_at && f->due_at <= cx->now_at);
}

/* Of one subject, newest first; what is not the actor's is left out. */
static enum rc list_subject(struct flow **out, size_t *count, struct cx *cx,
                            const struct flow_query *q)
{
    struct db_rows rows;
    struct found found = {0};
    const char *const *own;
    size_t own_count, kept = 0;
    TRY(DB_SELECT(&rows, cx, &FLOW_OF_SUBJECT, V_I(q->subject_id)));
    while (db_next(&rows)) {
        found.list = work_grow(cx, found.list, found.count, &found.cap, sizeof *found.list);
        found.list[found.count++] = flow_of_row(cx, &rows);
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < found.count; i++) {
        const struct flow *f = &found.list[i];
        TRY(own_paths(&own, &own_count, cx, f->workflow));
        if (among(f->area_path, own, own_count) && fits(cx, f, q))
            found.list[kept++] = *f;
    }
    *out = found.list;
    *count = kept;
    return RC_OK;
}

enum rc flow_list(struct flow **out, size_t *count, const char **next, struct cx *cx,
                  const struct flow_query *query)
{
    struct flow_query q = *query;
    struct part *parts;
    size_t part_count;
    struct found found = {0};
    int64_t due, id;
    *next = NULL;
    if (!q.limit || q.limit > LIST_MAX)
        q.limit = LIST_MAX;
    if (q.subject_id)
        return list_subject(out, count, cx, &q);
    TRY(read_token(&due, &id, cx, q.after));
    TRY(find_parts(&parts, &part_count, cx, &q));
    for (size_t i = 0; i < part_count; i++)
        TRY(add_part(&found, cx, &parts[i], &q, due, id));
    if (found.count)
        qsort(found.list, found.count, sizeof *found.list, by_due);
    if (found.count > q.limit) {
        found.count = q.limit;
        const struct flow *last = &found.list[q.limit - 1];
        *next = arena_printf(cx->arena, "%" PRId64 ".%" PRId64, due_of(last), last->id);
    }
    *out = found.list;
    *count = found.count;
    return RC_OK;
}

enum rc flow_counts(int64_t *counts, struct cx *cx, const struct workflow *w, int64_t area_id)
{
    const char **paths;
    size_t path_count;
    memset(counts, 0, w->state_count * sizeof *counts);
    TRY(cut_paths(&paths, &path_count, cx, w, area_id));
    for (size_t p = 0; p < path_count; p++) {
        struct db_rows rows;
        TRY(DB_SELECT(&rows, cx, &FLOW_STATES, V_T(paths[p]),
                      V_T(place_path_end(cx, paths[p]))));
        while (db_next(&rows))
            for (size_t i = 0; i < w->state_count; i++)
                if (str_eq_z(row_str(&rows, FLOW_STATES_WORKFLOW), w->code) &&
                    str_eq_z(row_str(&rows, FLOW_STATES_STATE), w->states[i].code))
                    counts[i] += row_i64(&rows, FLOW_STATES_COUNT);
        TRY(db_done(&rows));
    }
    return RC_OK;
}

/* ---- history ---- */

static struct both state_label(const struct workflow *w, const char *code)
{
    const struct workflow_state *s = w ? workflow_state(w, str_of(code)) : NULL;
    return s ? both_of(s->label) : both_typed(code);
}

/* What a step is called, in both languages; a passed state's reason is its switch. */
static void name_step(struct flow_step *s, struct cx *cx, const struct workflow *w)
{
    const struct workflow_move *m =
        w ? workflow_move(w, str_of(s->from), str_of(s->event)) : NULL;
    if (m) {
        s->label = both_of(m->label);
    } else if (!strcmp(s->event, "open")) {
        s->label = both_f(cx, N_("Opened"));
    } else if (!strcmp(s->event, "late")) {
        s->label = both_f(cx, N_("The deadline passed"));
    } else if (!strcmp(s->event, "relocated")) {
        s->label = both_f(cx, N_("Moved to another place: its people act now"));
    } else if (!strcmp(s->event, "repair")) {
        s->label = both_f(cx, N_("Set by hand, because the profile had changed"));
    } else if (!strcmp(s->event, "passed")) {
        const struct option *o = profile_option(cx->profile, str_of(s->reason), NULL, 0);
        struct both state = state_label(w, s->from);
        struct both why = o ? both_of(o->label) : both_typed(s->reason);
        for (int i = 0; i < LANG_COUNT; i++)
            s->label.in[i] = arena_printf(
                cx->arena, "%s: %s (%s: %s)", text_in((enum lang)i, N_("Passed over")),
                state.in[i], text_in((enum lang)i, N_("switched off here")), why.in[i]);
        s->reason = "";
    } else {
        s->label = both_typed(s->event);
    }
}

/* The field of the profile, or one that says only the code. */
static const struct workflow_field *field_of(struct cx *cx, const struct workflow *w,
                                             const struct flow_step *s, struct str code)
{
    const struct workflow_move *m =
        w ? workflow_move(w, str_of(s->from), str_of(s->event)) : NULL;
    for (size_t i = 0; m && i < m->field_count; i++)
        if (str_eq_z(code, m->fields[i].code))
            return &m->fields[i];
    struct workflow_field *x = arena_new(cx->arena, sizeof *x);
    x->code = arena_copy(cx->arena, code);
    for (int i = 0; i < LANG_COUNT; i++)
        x->label.in[i] = x->code;
    x->source = "";
    return x;
}

static enum rc read_answers(struct flow_step *steps, size_t step_count, struct cx *cx,
                            const struct flow *f)
{
    struct db_rows rows;
    struct flow_answer *all = NULL;
    size_t n = 0, cap = 0, at = 0;
    size_t *first = arena_new(cx->arena, (step_count + 1) * sizeof *first);
    TRY(DB_SELECT(&rows, cx, &FLOW_ANSWERS, V_I(f->county), V_I(f->id)));
    while (db_next(&rows)) {
        int64_t seq = row_i64(&rows, FLOW_ANSWERS_SEQ);
        while (at < step_count && steps[at].seq < seq)
            at++;
        if (at == step_count || steps[at].seq != seq)
            continue;
        if (!steps[at].answer_count++)
            first[at] = n;
        all = work_grow(cx, all, n, &cap, sizeof *all);
        all[n++] = (struct flow_answer){
            .field = field_of(cx, f->workflow, &steps[at], row_str(&rows, FLOW_ANSWERS_CODE)),
            .value = {.kind = (enum value_kind)row_i64(&rows, FLOW_ANSWERS_KIND),
                      .i = row_i64(&rows, FLOW_ANSWERS_NUMBER),
                      .s = row_copy(&rows, FLOW_ANSWERS_TEXT)},
            .document_id = row_i64(&rows, FLOW_ANSWERS_DOCUMENT_ID)};
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < step_count; i++)
        if (steps[i].answer_count)
            steps[i].answers = all + first[i];
    return RC_OK;
}

enum rc flow_history(struct flow_step **out, size_t *count, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    struct flow f;
    struct flow_step *list = NULL;
    size_t n = 0, cap = 0;
    TRY(flow_get(&f, cx, id));
    TRY(DB_SELECT(&rows, cx, &FLOW_MOVES, V_I(f.county), V_I(f.id)));
    while (n < STEPS_MAX && db_next(&rows)) {
        list = work_grow(cx, list, n, &cap, sizeof *list);
        list[n++] = (struct flow_step){.seq = row_i64(&rows, FLOW_MOVES_SEQ),
                                       .at = row_i64(&rows, FLOW_MOVES_AT),
                                       .user_id = row_i64(&rows, FLOW_MOVES_USER_ID),
                                       .event = row_copy(&rows, FLOW_MOVES_EVENT).p,
                                       .from = row_copy(&rows, FLOW_MOVES_FROM_STATE).p,
                                       .to = row_copy(&rows, FLOW_MOVES_TO_STATE).p,
                                       .reason = row_copy(&rows, FLOW_MOVES_REASON).p,
                                       .advice = (enum advice)row_i64(&rows, FLOW_MOVES_ADVICE),
                                       .followed = row_i64(&rows, FLOW_MOVES_FOLLOWED) != 0,
                                       .advice_text = row_copy(&rows, FLOW_MOVES_ADVICE_TEXT).p,
                                       .journal_seq = row_i64(&rows, FLOW_MOVES_JOURNAL_SEQ),
                                       .snapshot_id = row_i64(&rows, FLOW_MOVES_SNAPSHOT_ID)};
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < n; i++) {
        list[i].user_name = user_name(cx, list[i].user_id);
        name_step(&list[i], cx, f.workflow);
    }
    TRY(read_answers(list, n, cx, &f));
    *out = list;
    *count = n;
    return RC_OK;
}

/* Every step of all cases of an area: who, what, whether the advice was followed, the frozen
 * data. For those who audit. */
#include "casework/case.sql.h"
#include "casework/case_list.html.h"
#include "casework/case_view.h"

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "people/actor.h"
#include "people/user.h"

#include <string.h>

enum { AUDIT_COLUMNS = 8, AUDIT_FILE_ROWS = 5000, DAYS_SHOWN = 30, DAY_S = 86400 };

struct audit_query {
    struct area area;
    int32_t from_day, to_day; /* both shown */
    int64_t user_id, before_at, before_flow, before_seq;
    bool other; /* only where the advice was not followed */
};

/* The area that was asked for, or the first one of the actor's that lies in a county. */
static enum rc find_area(struct audit_query *out, struct cx *cx, struct str text)
{
    int64_t id = 0;
    if (text.len && !str_to_i64(&id, text))
        return fail(cx, RC_INVALID, _("\"area\" in the address is not a number."), "area");
    for (size_t i = 0; !id && cx->actor && i < cx->actor->grant_count; i++)
        if (role_has(role_find(cx->profile, str_of(cx->actor->grants[i].role)), "audit.view"))
            id = cx->actor->grants[i].area_id;
    if (!id)
        return RC_OK;
    TRY(area_get(&out->area, cx, id));
    if (!actor_may_in(cx, "audit.view", str_of(out->area.path)))
        return fail(cx, RC_NOTFOUND, _("There is no such area, or it is not one of yours."),
                    "area=%" PRId64, id);
    return RC_OK;
}

static enum rc read_day(int32_t *day, struct cx *cx, const struct request *q, const char *name)
{
    struct str text = request_query(q, name);
    if (text.len && !day_parse(day, text))
        return fail_f(cx, RC_INVALID, _("\"%s\" in the address is not a day."), name);
    return RC_OK;
}

static enum rc read_after(struct audit_query *out, struct cx *cx, struct str token)
{
    struct str rest = token, at = str_cut(&rest, '.');
    out->before_at = INT64_MAX;
    if (!token.len)
        return RC_OK;
    struct str flow = rest.p ? str_cut(&rest, '.') : STR("");
    if (!rest.p || !str_to_i64(&out->before_at, at) || !str_to_i64(&out->before_flow, flow) ||
        !str_to_i64(&out->before_seq, rest))
        return fail(cx, RC_INVALID, _("This place of the list does not exist any more."),
                    "audit token");
    return RC_OK;
}

static enum rc read_query(struct audit_query *out, struct cx *cx, const struct request *q)
{
    struct str user = request_query(q, "user");
    *out = (struct audit_query){.to_day = case_today(cx),
                                .other = request_query(q, "other").len > 0};
    out->from_day = out->to_day - DAYS_SHOWN;
    if (user.len && !str_to_i64(&out->user_id, user))
        return fail(cx, RC_INVALID, _("\"user\" in the address is not a number."), "user");
    TRY(read_day(&out->from_day, cx, q, "from"));
    TRY(read_day(&out->to_day, cx, q, "to"));
    return read_after(out, cx, page_wants_file(q) ? STR("") : request_query(q, "after"));
}

/* ---- rows ---- */

static const char *state_name(struct cx *cx, const struct workflow *w, struct str code)
{
    const struct workflow_state *s = w && code.len ? workflow_state(w, code) : NULL;
    return s ? LABEL(cx, s->label) : arena_copy(cx->arena, code);
}

static const char *event_name(struct cx *cx, const struct workflow *w, const struct db_rows *r)
{
    struct str event = row_str(r, CASE_AUDIT_LIST_EVENT);
    const struct workflow_move *m =
        w ? workflow_move(w, row_str(r, CASE_AUDIT_LIST_FROM_STATE), event) : NULL;
    if (m)
        return LABEL(cx, m->label);
    return str_eq_z(event, "open")        ? _("Opened")
           : str_eq_z(event, "late")      ? _("The deadline passed")
           : str_eq_z(event, "passed")    ? _("Passed over, switched off here")
           : str_eq_z(event, "relocated") ? _("Moved to another place: its people act now")
           : str_eq_z(event, "repair")    ? _("Set by hand, because the profile had changed")
                                          : arena_copy(cx->arena, event);
}

static struct table_cell advice_cell(struct cx *cx, const struct db_rows *r)
{
    enum advice advice = (enum advice)row_i64(r, CASE_AUDIT_LIST_ADVICE);
    bool followed = row_i64(r, CASE_AUDIT_LIST_FOLLOWED) != 0;
    switch (advice) {
    case ADVICE_YES:
    case ADVICE_NO:
        return (struct table_cell){followed ? _("followed") : _("not followed"), NULL,
                                   followed ? "good" : "warn"};
    case ADVICE_UNKNOWN:
        return (struct table_cell){_("could not say"), NULL, "muted"};
    case ADVICE_NONE:
        break;
    }
    return (struct table_cell){0};
}

static void fill_row(struct table_cell *row, struct cx *cx, const struct db_rows *r,
                     struct flow *f)
{
    struct str workflow = row_str(r, CASE_AUDIT_LIST_WORKFLOW);
    const struct workflow *w = profile_workflow(cx->profile, workflow);
    int64_t id = row_i64(r, CASE_AUDIT_LIST_FLOW_ID), seq = row_i64(r, CASE_AUDIT_LIST_SEQ);
    *f = (struct flow){.id = id,
                       .workflow = w,
                       .workflow_code = arena_copy(cx->arena, workflow),
                       .subject_id = row_i64(r, CASE_AUDIT_LIST_SUBJECT_ID),
                       .area_id = row_i64(r, CASE_AUDIT_LIST_AREA_ID)};
    row[0] = (struct table_cell){format_time(cx, row_i64(r, CASE_AUDIT_LIST_AT)), NULL, NULL};
    row[2].text = event_name(cx, w, r);
    row[3].text = arena_printf(cx->arena, "%s → %s",
                               state_name(cx, w, row_str(r, CASE_AUDIT_LIST_FROM_STATE)),
                               state_name(cx, w, row_str(r, CASE_AUDIT_LIST_TO_STATE)));
    row[5] = advice_cell(cx, r);
    row[6].text = row_copy(r, CASE_AUDIT_LIST_REASON).p;
    if (row_i64(r, CASE_AUDIT_LIST_SNAPSHOT_ID))
        row[7] = (struct table_cell){
            _("frozen data"),
            arena_printf(cx->arena, "/case/%" PRId64 "/decision/%" PRId64, id, seq), NULL};
}

/* Names are read after the rows: one statement at a time. */
static enum rc fill_rows(struct table *t, struct cx *cx, const struct audit_query *aq,
                         size_t limit)
{
    struct table_cell *cells =
        arena_new(cx->arena, (limit + 1) * AUDIT_COLUMNS * sizeof *cells);
    struct flow *flows = arena_new(cx->arena, (limit + 1) * sizeof *flows);
    int64_t *users = arena_new(cx->arena, (limit + 1) * sizeof *users);
    struct db_rows r;
    int64_t from_at = ((int64_t)aq->from_day * DAY_S) - (int64_t)format_zone() * 60;
    int64_t to_at = ((int64_t)aq->to_day + 1) * DAY_S - (int64_t)format_zone() * 60;
    const char *end = arena_printf(cx->arena, "%s~", aq->area.path);
    const char *last = NULL;
    TRY(DB_SELECT(&r, cx, &CASE_AUDIT_LIST, V_I(aq->area.county), V_T(aq->area.path), V_T(end),
                  V_I(from_at), V_I(to_at), V_I(aq->user_id), V_I(aq->other),
                  V_I(aq->before_at), V_I(aq->before_flow), V_I(aq->before_seq),
                  V_I(limit + 1)));
    while (db_next(&r)) {
        if (t->row_count == limit) {
            t->next_token = last;
            continue;
        }
        size_t i = t->row_count++;
        fill_row(cells + i * AUDIT_COLUMNS, cx, &r, &flows[i]);
        users[i] = row_i64(&r, CASE_AUDIT_LIST_USER_ID);
        last = arena_printf(
            cx->arena, "%" PRId64 ".%" PRId64 ".%" PRId64, row_i64(&r, CASE_AUDIT_LIST_AT),
            row_i64(&r, CASE_AUDIT_LIST_FLOW_ID), row_i64(&r, CASE_AUDIT_LIST_SEQ));
    }
    TRY(db_done(&r));
    for (size_t i = 0; i < t->row_count; i++) {
        struct table_cell *row = cells + i * AUDIT_COLUMNS;
        TRY(case_subject_label(&row[1].text, cx, &flows[i]));
        row[1].text =
            arena_printf(cx->arena, "%s · %s", case_workflow_label(cx, &flows[i]), row[1].text);
        row[1].href = flow_href(cx, &flows[i]);
        row[4].text = user_name(cx, users[i]);
    }
    t->cells = cells;
    return RC_OK;
}

/* ---- the page ---- */

static const char *query_text(struct cx *cx, const struct audit_query *aq)
{
    return arena_printf(cx->arena, "area=%" PRId64 "&from=%s&to=%s%s%s", aq->area.id,
                        day_iso(cx->arena, aq->from_day), day_iso(cx->arena, aq->to_day),
                        aq->other ? "&other=1" : "",
                        aq->user_id ? arena_printf(cx->arena, "&user=%" PRId64, aq->user_id)
                                    : "");
}

static void fill_head(struct table *t, struct cx *cx, const struct audit_query *aq)
{
    struct table_column *c = arena_new(cx->arena, AUDIT_COLUMNS * sizeof *c);
    struct table_filter *f = arena_new(cx->arena, 4 * sizeof *f);
    struct filter_choice *other = arena_new(cx->arena, 2 * sizeof *other);
    c[0] = (struct table_column){NULL, _("When"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Case"), ALIGN_TEXT, false};
    c[2] = (struct table_column){NULL, _("What"), ALIGN_TEXT, false};
    c[3] = (struct table_column){NULL, _("From → to"), ALIGN_TEXT, true};
    c[4] = (struct table_column){NULL, _("Who"), ALIGN_TEXT, false};
    c[5] = (struct table_column){NULL, _("Advice of the rules"), ALIGN_TEXT, true};
    c[6] = (struct table_column){NULL, _("Reason"), ALIGN_TEXT, true};
    c[7] = (struct table_column){NULL, _("Data"), ALIGN_TEXT, false};
    other[0] = (struct filter_choice){"", _("all")};
    other[1] = (struct filter_choice){"1", _("only not followed")};
    f[0] = (struct table_filter){.kind = FILTER_SEARCH,
                                 .name = "from",
                                 .label = _("From day"),
                                 .value = day_iso(cx->arena, aq->from_day)};
    f[1] = (struct table_filter){.kind = FILTER_SEARCH,
                                 .name = "to",
                                 .label = _("To day"),
                                 .value = day_iso(cx->arena, aq->to_day)};
    f[2] = (struct table_filter){FILTER_CHOICE,        "other", _("Advice of the rules"),
                                 aq->other ? "1" : "", other,   2};
    f[3] = (struct table_filter){.kind = FILTER_HIDDEN,
                                 .name = "area",
                                 .value = arena_printf(cx->arena, "%" PRId64, aq->area.id)};
    *t = (struct table){.caption = _("Every step of all cases"),
                        .base = "/case/audit",
                        .query = query_text(cx, aq),
                        .columns = c,
                        .column_count = AUDIT_COLUMNS,
                        .filters = f,
                        .filter_count = 4,
                        .is_first_page = aq->before_at == INT64_MAX,
                        .can_export = actor_may(cx, "export.run"),
                        .empty_title = _("No step in these days"),
                        .empty_hint = _("Choose other days, or another area.")};
}

/* Above the counties: one of them is chosen first. */
static enum rc fill_counties(struct table *t, struct cx *cx, int64_t area_id)
{
    struct area *children;
    size_t count;
    struct table_column *c = arena_new(cx->arena, sizeof *c);
    TRY(area_children(&children, &count, cx, area_id));
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * sizeof *cells);
    c[0] = (struct table_column){NULL, _("Area"), ALIGN_TEXT, false};
    *t = (struct table){.caption = _("Which area?"),
                        .base = "/case/audit",
                        .query = "",
                        .columns = c,
                        .column_count = 1,
                        .cells = cells,
                        .is_first_page = true,
                        .empty_title = _("No area here has households")};
    for (size_t i = 0; i < count; i++)
        if (actor_may_in(cx, "audit.view", str_of(children[i].path)))
            cells[t->row_count++] = (struct table_cell){
                children[i].name,
                arena_printf(cx->arena, "/case/audit?area=%" PRId64, children[i].id), NULL};
    return RC_OK;
}

static enum rc audit_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct audit_query aq;
    struct case_audit_view v = {0};
    struct area *chain;
    struct table t;
    bool file = page_wants_file(q);
    TRY(read_query(&aq, cx, q));
    TRY(db_read_begin(cx));
    TRY(find_area(&aq, cx, request_query(q, "area")));
    if (aq.area.county) {
        fill_head(&t, cx, &aq);
        TRY(fill_rows(&t, cx, &aq, file ? AUDIT_FILE_ROWS : LIMIT_PAGE_ROWS_DEFAULT));
    } else {
        TRY(fill_counties(&t, cx, aq.area.id));
    }
    if (file) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "case-steps");
    }
    if (aq.area.id) {
        TRY(area_chain(&chain, &v.chain_count, cx, aq.area.id));
        v.chain = chain;
    }
    v.table = &t;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Every step of all cases"),
                                              .nav = "case",
                                              .back_href = "/case",
                                              .back_label = _("Cases")});
    case_audit_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/case/audit",
     .scope = SCOPE_PERMISSION,
     .permission = "audit.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = audit_get},
};
const struct route_table case_audit_routes = ROUTE_TABLE(rows);

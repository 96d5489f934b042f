/* The office's pages of assemblies: the list, planning, the list of cases, people, votes, the
 * signed list, closing. */
#include "base/format.h"
#include "base/text.h"
#include "casework/assembly.html.h"
#include "casework/assembly_view.h"
#include "casework/case_inner.h"
#include "casework/public.html.h"
#include "people/actor.h"
#include "store/store.h"

enum { COLUMNS = 5, FILE_BYTES = 20 * 1024 * 1024 };

/* ---- the list ---- */

static const struct table *list_table(struct cx *cx, const struct request *q,
                                      const struct assembly *list, size_t count)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * COLUMNS * sizeof *cells);
    int64_t area = query_id(q, "area");
    bool more = count > LIST_ROWS;
    const char *const titles[COLUMNS] = {_("When"), _("Where"), _("Present"), _("Entitled"),
                                         _("State")};
    count = more ? LIST_ROWS : count;
    for (int i = 0; i < COLUMNS; i++)
        c[i] = (struct table_column){NULL, titles[i],
                                     i == 2 || i == 3 ? ALIGN_NUMBER : ALIGN_TEXT, i == 3};
    for (size_t i = 0; i < count; i++) {
        const struct assembly *m = &list[i];
        struct table_cell *row = cells + i * COLUMNS;
        row[0] = (struct table_cell){
            format_time(cx, m->at), arena_printf(cx->arena, "/assembly/%" PRId64, m->id), NULL};
        row[1].text = arena_printf(cx->arena, "%s, %s", area_label(cx, m->area_id), m->place);
        row[2].text = m->present < 0 ? "–" : format_int(cx, m->present);
        row[3].text = m->entitled < 0 ? "–" : format_int(cx, m->entitled);
        row[4] = (struct table_cell){assembly_state_text(cx, m->state), NULL,
                                     assembly_state_tone(m->state)};
    }
    *t = (struct table){.caption = _("Village meetings"),
                        .base = "/assembly",
                        .query = area ? arena_printf(cx->arena, "area=%" PRId64, area) : "",
                        .columns = c,
                        .column_count = COLUMNS,
                        .cells = cells,
                        .row_count = count,
                        .is_first_page = !query_id(q, "after"),
                        .empty_title = _("No meeting is planned"),
                        .empty_hint =
                            _("Plan one, and put the cases on its list that wait for a vote."),
                        .empty_href = "/assembly/new",
                        .empty_action = _("Plan a meeting")};
    if (more)
        t->next_token = arena_printf(cx->arena, "%" PRId64, list[LIST_ROWS - 1].id);
    return t;
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct assembly *list;
    struct place_range range;
    size_t count;
    TRY(db_read_begin(cx));
    TRY(place_range_find(&range, cx, query_id(q, "area")));
    TRY(assembly_list(&list, &count, cx, query_id(q, "area"), query_id(q, "after"),
                      LIST_ROWS + 1));
    struct office_list_view v = {.tab = "assembly",
                                 .place = range.area.name,
                                 .table = list_table(cx, q, list, count),
                                 .intro = _("Meetings that vote on several cases at once.")};
    if (actor_may_in(cx, "case.check", str_of(range.path))) {
        v.new_href = "/assembly/new";
        v.new_label = _("Plan a meeting");
    }
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Village meetings"), .nav = "case"});
    office_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- planning ---- */

static bool people_of(int32_t *out, struct str s)
{
    int64_t n;
    s = str_trim(s);
    *out = -1;
    if (!s.len)
        return true;
    if (!str_to_i64(&n, s) || n < 0 || n > INT32_MAX)
        return false;
    *out = (int32_t)n;
    return true;
}

static enum rc show_new(struct cx *cx, const struct request *q, struct response *a,
                        struct assembly_new_view *v)
{
    struct place_range range;
    struct area *areas;
    TRY(db_read_begin(cx));
    TRY(place_range_find(&range, cx, v->area_id));
    TRY(area_children(&areas, &v->area_count, cx, range.area.id));
    v->areas = areas;
    v->area_id = range.area.id;
    v->area = range.area.id ? area_label(cx, range.area.id) : "";
    if (!v->area[0])
        v->area = range.area.name;
    v->csrf = visitor_of(q)->csrf;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Plan a meeting"),
                                              .nav = "case",
                                              .back_href = "/assembly",
                                              .back_label = _("Village meetings")});
    assembly_new_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct assembly_new_view v = {.area_id = query_id(q, "area"),
                                  .date = assembly_date(cx, cx->now_at),
                                  .time = "19:00",
                                  .place = "",
                                  .chair = "",
                                  .recorder = "",
                                  .entitled = ""};
    return show_new(cx, q, a, &v);
}

/* What the planning form and the meeting's own form have in common. */
static enum rc read_form(struct assembly *m, struct cx *cx, const struct request *q)
{
    m->place = form_text(cx, q, "place");
    m->chair = form_text(cx, q, "chair");
    m->recorder = form_text(cx, q, "recorder");
    if (!assembly_moment(&m->at, cx, request_form(q, "date"), request_form(q, "time")))
        return fail(cx, RC_INVALID, _("Say on which day and at what time it meets."), "at");
    if (!people_of(&m->entitled, request_form(q, "entitled")) ||
        !people_of(&m->present, request_form(q, "present")))
        return fail(cx, RC_INVALID, _("Numbers of people should be between 0 and 100,000."),
                    "people");
    return RC_OK;
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct assembly m = {.area_id = form_id(q, "area"), .minutes = ""};
    int64_t id;
    enum rc rc = read_form(&m, cx, q);
    if (!rc)
        rc = assembly_add(&id, cx, &m);
    if (!rc) {
        page_notice(cx, a, "created");
        response_redirect(cx, a, arena_printf(cx->arena, "/assembly/%" PRId64, id));
        return RC_OK;
    }
    struct assembly_new_view v = {.area_id = m.area_id,
                                  .date = form_text(cx, q, "date"),
                                  .time = form_text(cx, q, "time"),
                                  .place = form_text(cx, q, "place"),
                                  .chair = form_text(cx, q, "chair"),
                                  .recorder = form_text(cx, q, "recorder"),
                                  .entitled = form_text(cx, q, "entitled")};
    if (rc == RC_NOTFOUND || rc == RC_DENIED || !public_told(&v.error, cx, a, rc))
        return rc;
    return show_new(cx, q, a, &v);
}

/* ---- one meeting ---- */

static enum rc fill_waiting(struct assembly_page_view *v, struct cx *cx)
{
    struct flow *flows;
    struct case_subject s;
    TRY(assembly_waiting(&flows, &v->waiting_count, cx, v->a->area_id));
    struct assembly_waiting_view *list =
        arena_new(cx->arena, (v->waiting_count + 1) * sizeof *list);
    for (size_t i = 0; i < v->waiting_count; i++) {
        TRY(case_subject_get(&s, cx, &flows[i]));
        list[i] = (struct assembly_waiting_view){
            flows[i].id, s.title && s.title[0] ? s.title : "–",
            LABEL(cx, flows[i].workflow->label), s.place ? s.place : ""};
    }
    v->waiting = list;
    return RC_OK;
}

static int32_t version_of(struct str s)
{
    int64_t n;
    return str_to_i64(&n, s) && n > 0 && n <= INT32_MAX ? (int32_t)n : 0;
}

static struct str item_field(struct cx *cx, const struct request *q, const char *name,
                             int64_t flow_id)
{
    return str_trim(request_form(q, arena_printf(cx->arena, "%s_%" PRId64, name, flow_id)));
}

/* A form that comes back with its mistake keeps what was typed; its version stays that of the
 * form, so that nothing of others is written over unseen. */
static void keep_typed(struct assembly *m, struct cx *cx, const struct request *q)
{
    if (!request_form(q, "minutes").p)
        return;
    m->place = form_text(cx, q, "place");
    m->chair = form_text(cx, q, "chair");
    m->recorder = form_text(cx, q, "recorder");
    m->minutes = form_text(cx, q, "minutes");
    m->version = version_of(request_form(q, "version"));
}

static void keep_votes(struct assembly_item_view *v, struct cx *cx, const struct request *q)
{
    int64_t id = v->item->flow_id;
    struct str agree = item_field(cx, q, "agree", id),
               disagree = item_field(cx, q, "disagree", id),
               abstain = item_field(cx, q, "abstain", id);
    if (!agree.p || (str_eq_z(agree, v->agree) && str_eq_z(disagree, v->disagree) &&
                     str_eq_z(abstain, v->abstain)))
        return;
    v->kept = v->agree[0] ? arena_printf(cx->arena, _("%s for, %s against, %s abstained"),
                                         v->agree, v->disagree, v->abstain)
                          : _("no votes yet");
    v->agree = arena_copy(cx->arena, agree);
    v->disagree = arena_copy(cx->arena, disagree);
    v->abstain = arena_copy(cx->arena, abstain);
}

static enum rc show_one(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                        const char *error)
{
    struct assembly m;
    struct assembly_rule rule;
    struct assembly_item_view *items;
    struct assembly_page_view v = {.a = &m, .error = error, .csrf = visitor_of(q)->csrf};
    TRY(db_read_begin(cx));
    TRY(assembly_get(&m, cx, id));
    TRY(assembly_rule_get(&rule, cx, m.area_id));
    TRY(assembly_items_fill(&items, &v.item_count, cx, &m));
    for (size_t i = 0; error && i < v.item_count; i++)
        keep_votes(&items[i], cx, q);
    if (error)
        keep_typed(&m, cx, q);
    v.items = items;
    v.place = area_label(cx, m.area_id);
    v.state = assembly_state_text(cx, m.state);
    v.tone = assembly_state_tone(m.state);
    v.when = format_time(cx, m.at);
    v.date = assembly_date(cx, m.at);
    v.time = assembly_clock(cx, m.at);
    v.entitled = m.entitled < 0 ? "" : arena_printf(cx->arena, "%d", (int)m.entitled);
    v.present = m.present < 0 ? "" : arena_printf(cx->arena, "%d", (int)m.present);
    v.rule = assembly_rule_text(cx, &rule);
    v.has_quorum = assembly_has_quorum(&rule, &m);
    v.open = m.state == ASSEMBLY_PLANNED || m.state == ASSEMBLY_OPEN;
    v.closing = m.state == ASSEMBLY_CLOSING;
    v.may_work = actor_may_in(cx, "case.check", str_of(m.area_path));
    if (v.open && v.may_work)
        TRY(fill_waiting(&v, cx));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Village meeting"),
                                              .nav = "case",
                                              .back_href = "/assembly",
                                              .back_label = _("Village meetings")});
    assembly_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show_one(cx, q, a, id, NULL);
}

static enum rc after(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                     enum rc rc)
{
    const char *error;
    if (!rc) {
        page_notice(cx, a, "saved");
        response_redirect(cx, a, arena_printf(cx->arena, "/assembly/%" PRId64, id));
        return RC_OK;
    }
    if (rc == RC_NOTFOUND || rc == RC_DENIED || !public_told(&error, cx, a, rc))
        return rc;
    return show_one(cx, q, a, id, error);
}

static enum rc set(struct cx *cx, const struct request *q, int64_t id)
{
    struct assembly m;
    TRY(assembly_get(&m, cx, id));
    m.version = version_of(request_form(q, "version"));
    m.minutes = form_text(cx, q, "minutes");
    TRY(read_form(&m, cx, q));
    return assembly_set(cx, &m);
}

static enum rc set_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after(cx, q, a, id, set(cx, q, id));
}

static enum rc put(struct cx *cx, const struct request *q, int64_t id)
{
    struct assembly m;
    int64_t flow_id;
    TRY(assembly_get(&m, cx, id));
    for (size_t i = 0; i < q->form_count; i++)
        if (str_eq_z(q->form[i].name, "flow") && str_to_i64(&flow_id, q->form[i].value))
            TRY(assembly_put(cx, id, flow_id));
    return RC_OK;
}

static enum rc put_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after(cx, q, a, id, put(cx, q, id));
}

/* Only what differs is written, so that two people may enter different cases at once. */
static enum rc save_vote(struct cx *cx, const struct request *q, const struct assembly_item *i)
{
    struct assembly_item v = *i;
    struct str agree = item_field(cx, q, "agree", i->flow_id);
    struct str disagree = item_field(cx, q, "disagree", i->flow_id);
    struct str abstain = item_field(cx, q, "abstain", i->flow_id);
    struct str remark = item_field(cx, q, "remark", i->flow_id);
    if (!agree.len && !disagree.len && !abstain.len)
        return RC_OK;
    if (!people_of(&v.agree, agree) || !people_of(&v.disagree, disagree) ||
        !people_of(&v.abstain, abstain))
        return fail(cx, RC_INVALID, _("Votes are whole numbers from 0."), "votes");
    v.agree = v.agree < 0 ? 0 : v.agree;
    v.disagree = v.disagree < 0 ? 0 : v.disagree;
    v.abstain = v.abstain < 0 ? 0 : v.abstain;
    if (v.agree == i->agree && v.disagree == i->disagree && v.abstain == i->abstain &&
        str_eq_z(remark, i->remark))
        return RC_OK;
    v.remark = arena_copy(cx->arena, remark);
    v.version = version_of(item_field(cx, q, "version", i->flow_id));
    return assembly_vote(cx, i->assembly_id, &v);
}

static enum rc save_votes(struct cx *cx, const struct request *q, int64_t id)
{
    struct assembly_item *items;
    size_t count;
    int64_t off = form_id(q, "off");
    TRY(assembly_items(&items, &count, cx, id));
    for (size_t i = 0; i < count; i++)
        if (items[i].flow_id != off)
            TRY(save_vote(cx, q, &items[i]));
    return off ? assembly_take_off(cx, id, off) : RC_OK;
}

static enum rc votes_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after(cx, q, a, id, save_votes(cx, q, id));
}

static enum rc keep_list(struct cx *cx, const struct request *q, int64_t id)
{
    struct assembly m;
    bool is_new;
    TRY(assembly_get(&m, cx, id));
    TRY(actor_require_in(cx, "case.check", str_of(m.area_path)));
    if (q->body_fd < 0 || !q->body_len)
        return fail(cx, RC_INVALID, _("Please choose a file."), "no file");
    m.version = version_of(request_query(q, "version"));
    const char *name = q->file_name.len ? arena_copy(cx->arena, q->file_name) : "attendance";
    TRY(store_put(&m.attendance_id, &is_new, cx, m.county, "attendance", name,
                  "application/octet-stream", q->body_fd));
    return assembly_set(cx, &m);
}

static enum rc attendance_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after(cx, q, a, id, keep_list(cx, q, id));
}

static enum rc close_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, failed;
    TRY(request_param_id(&id, cx, q, "id"));
    return after(cx, q, a, id,
                 assembly_close(&failed, cx, id, version_of(request_form(q, "version"))));
}

#define SEES                                                                                   \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .permission = "case.view",                \
    .csrf = CSRF_NONE
#define WORKS                                                                                  \
    .method = METHOD_POST, .scope = SCOPE_PERMISSION, .permission = "case.check",              \
    .csrf = CSRF_TOKEN
static const struct route rows[] = {
    {SEES, .path = "/assembly", .handle = list_get},
    {.method = METHOD_GET,
     .path = "/assembly/new",
     .scope = SCOPE_PERMISSION,
     .permission = "case.check",
     .csrf = CSRF_NONE,
     .handle = new_get},
    {WORKS, .path = "/assembly/new", .body_max = OFFICE_FORM_BYTES, .handle = new_post},
    {SEES, .path = "/assembly/{id}", .handle = one_get, .test_path = "/assembly/1"},
    {WORKS, .path = "/assembly/{id}/set", .body_max = 2 * OFFICE_FORM_BYTES, .handle = set_post,
     .test_path = "/assembly/1/set"},
    {WORKS, .path = "/assembly/{id}/put", .body_max = OFFICE_FORM_BYTES, .handle = put_post,
     .test_path = "/assembly/1/put"},
    {WORKS, .path = "/assembly/{id}/votes", .body_max = 4 * OFFICE_FORM_BYTES,
     .handle = votes_post, .test_path = "/assembly/1/votes"},
    {WORKS, .path = "/assembly/{id}/attendance", .body_max = FILE_BYTES, .body_to_file = true,
     .time_ms_max = 30000, .heavy = true, .handle = attendance_post,
     .test_path = "/assembly/1/attendance"},
    {WORKS, .path = "/assembly/{id}/close", .body_max = OFFICE_FORM_BYTES,
     .time_ms_max = 120000, .heavy = true, .handle = close_post,
     .test_path = "/assembly/1/close"},
};
const struct route_table assembly_routes = ROUTE_TABLE(rows);

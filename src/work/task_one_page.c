/* One task: why, whose, until when; done, refused, given to another, undone; its thread with
 * remarks and evidence. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "people/actor.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "store/store.h"
#include "work/task_member.h"
#include "work/task_one.html.h"
#include "work/task_view.h"

#include <string.h>

enum { DAY_S = 24 * 3600 };

/* ---- showing ---- */

static const char *title_of(struct cx *cx, const struct task *list, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].id == id)
            return owner_label(cx, &list[i].owner);
    return NULL;
}

static enum rc fill_thread(struct task_one_view *v, struct cx *cx, const struct task *parts,
                           size_t part_count)
{
    struct task_event *events;
    size_t count;
    TRY(task_thread(&events, &count, cx, v->task->id));
    struct task_event_view *out = arena_new(cx->arena, (count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        const struct task_event *e = &events[i];
        out[i] = (struct task_event_view){
            .when = format_time(cx, e->at),
            .who = user_name(cx, e->user_id),
            .what = task_event_text(cx, e->what),
            .text = e->text,
            .part =
                e->task_id == v->task->id ? NULL : title_of(cx, parts, part_count, e->task_id)};
        if (e->document_id)
            out[i].href = arena_printf(cx->arena, "/task/%" PRId64 "/document/%" PRId64,
                                       v->task->id, e->document_id);
    }
    v->events = out;
    v->event_count = count;
    return RC_OK;
}

static struct task_link_view link_of(struct cx *cx, const struct task *t)
{
    return (struct task_link_view){t->title.in[cx->lang],
                                   arena_printf(cx->arena, "/task/%" PRId64, t->id),
                                   task_state_text(cx, t->state), owner_label(cx, &t->owner)};
}

static enum rc fill_befores(struct task_one_view *v, struct cx *cx)
{
    int64_t *ids;
    size_t count;
    TRY(task_befores(&ids, &count, cx, v->task->county, v->task->id));
    struct task_link_view *links = arena_new(cx->arena, (count + 1) * sizeof *links);
    for (size_t i = 0; i < count; i++) {
        struct task t;
        enum rc rc = task_get(&t, cx, ids[i]);
        if (rc == RC_NOTFOUND) { /* not for this reader */
            err_clear(cx);
            continue;
        }
        TRY(rc);
        links[v->before_count++] = link_of(cx, &t);
    }
    v->befores = links;
    return RC_OK;
}

static enum rc fill_parts(struct task_one_view *v, struct cx *cx, struct task **parts,
                          size_t *count)
{
    const struct task *t = v->task;
    struct task parent;
    const char *next;
    const struct task_query q = {.parent_id = t->parent_id ? t->parent_id : t->id,
                                 .state = STR("all")};
    TRY(task_list(parts, count, &next, cx, &q));
    if (t->parent_id) {
        enum rc rc = task_get(&parent, cx, t->parent_id);
        if (rc == RC_OK)
            v->parent = link_of(cx, &parent);
        err_clear(cx);
    }
    struct task_link_view *links = arena_new(cx->arena, (*count + 1) * sizeof *links);
    for (size_t i = 0; i < *count; i++) {
        const struct task *part = &(*parts)[i];
        links[i] = link_of(cx, part);
        v->joint |= !t->parent_id && (part->state == TASK_OPEN || part->state == TASK_WAITING);
    }
    v->parts = links;
    v->part_count = *count;
    return RC_OK;
}

static void fill_words(struct task_one_view *v, struct cx *cx, const struct task *t)
{
    struct task_item item;
    task_item_fill(&item, cx, t, NULL);
    v->title = item.title;
    v->why = item.why;
    v->due = item.due;
    v->tone = item.tone;
    v->state = task_state_text(cx, t->state);
    v->kind = task_kind_text(cx, t->kind);
    v->owner = owner_label(cx, &t->owner);
    v->giver = user_name(cx, t->giver_id);
    v->place = area_label(cx, t->area_id);
    v->href = t->href;
    if (t->held_id)
        v->held = owner_label(cx, &(struct owner){OWNER_AREA, t->held_id, t->owner.permission});
    if (t->done_by || t->state >= TASK_DONE)
        v->done_by = user_name(cx, t->done_by);
    if (t->household_id && actor_may_in(cx, "household.view", str_of(t->area_path)))
        v->household_href = arena_printf(cx->arena, "/household/%" PRId64, t->household_id);
}

static void fill_rights(struct task_one_view *v, struct cx *cx, const struct task *t)
{
    bool gives = !cx->actor || (t->giver_id && t->giver_id == cx->actor->user_id) ||
                 actor_may_in(cx, "task.give", str_of(t->area_path));
    v->may = task_may(cx, t);
    v->open = t->state == TASK_OPEN || t->state == TASK_WAITING;
    v->elsewhere = v->open && !strcmp(t->kind, "flow");
    v->may_done = v->may && v->open && !v->elsewhere;
    v->may_due = gives && v->open && !v->elsewhere;
    v->may_reopen = !v->open && strcmp(t->kind, "flow") != 0 && cx->actor &&
                    t->done_by == cx->actor->user_id && cx->now_at <= t->done_at + DAY_S;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                    const char *error)
{
    struct task t, *parts;
    size_t part_count;
    struct task_one_view v = {.csrf = visitor_of(q)->csrf, .error = error, .task = &t};
    TRY(db_read_begin(cx));
    TRY(task_get(&t, cx, id));
    fill_words(&v, cx, &t);
    fill_rights(&v, cx, &t);
    TRY(fill_parts(&v, cx, &parts, &part_count));
    TRY(fill_befores(&v, cx));
    TRY(fill_thread(&v, cx, parts, part_count));
    if (v.may_done) {
        struct field_choice *owners;
        TRY(task_owner_choices(&owners, &v.owner_count, cx, t.county, t.area_id));
        v.owners = owners;
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.title,
                                              .nav = "task",
                                              .back_href = "/task",
                                              .back_label = _("My tasks")});
    task_one_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show(cx, q, a, id, NULL);
}

/* ---- doing ---- */

/* What the forms say. */
struct said {
    int64_t id;
    int32_t version;
    struct str reason;
};

static struct str form(const struct request *q, const char *name)
{
    struct str s = request_form(q, name);
    return s.p ? str_trim(s) : STR("");
}

static enum rc read_said(struct said *out, struct cx *cx, const struct request *q)
{
    int64_t version = 0;
    TRY(request_param_id(&out->id, cx, q, "id"));
    if (!str_to_i64(&version, request_form(q, "version")) || version < 0 || version > INT32_MAX)
        version = 0;
    out->version = (int32_t)version;
    out->reason = form(q, "reason");
    return RC_OK;
}

/* Back to the task: with a notice, or with what is wrong. */
static enum rc answer(struct cx *cx, const struct request *q, struct response *a,
                      const struct said *s, enum rc rc)
{
    if (rc == RC_INVALID || rc == RC_CONFLICT || rc == RC_LIMIT) {
        const char *text = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
        a->status = rc == RC_CONFLICT ? 409 : 400;
        return show(cx, q, a, s->id, text);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/task/%" PRId64, s->id));
    return RC_OK;
}

static enum rc done_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct said s;
    TRY(read_said(&s, cx, q));
    return answer(cx, q, a, &s, task_done(cx, s.id, s.version, form(q, "outcome")));
}
static enum rc refuse_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct said s;
    TRY(read_said(&s, cx, q));
    return answer(cx, q, a, &s, task_refuse(cx, s.id, s.version, s.reason));
}
static enum rc cancel_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct said s;
    TRY(read_said(&s, cx, q));
    return answer(cx, q, a, &s, task_cancel(cx, s.id, s.version, s.reason));
}
static enum rc reopen_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct said s;
    TRY(read_said(&s, cx, q));
    return answer(cx, q, a, &s, task_reopen(cx, s.id, s.version));
}
static enum rc remark_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct said s;
    TRY(read_said(&s, cx, q));
    return answer(cx, q, a, &s, task_remark(cx, s.id, form(q, "text")));
}

static enum rc give_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct said s;
    struct owner owner = {0};
    TRY(read_said(&s, cx, q));
    if (!task_owner_parse(&owner, cx, form(q, "owner")))
        return answer(cx, q, a, &s,
                      fail(cx, RC_INVALID, _("Choose who is to do it."), "owner"));
    return answer(cx, q, a, &s, task_give_to(cx, s.id, s.version, owner, s.reason));
}

static enum rc due_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct said s;
    int32_t day = 0;
    TRY(read_said(&s, cx, q));
    if (!day_parse(&day, form(q, "day")))
        return answer(cx, q, a, &s,
                      fail(cx, RC_INVALID, _("Write the day as year-month-day."), "task day"));
    int64_t noon = (int64_t)day * DAY_S + DAY_S / 2 - cx->profile->zone_offset_min * 60;
    return answer(cx, q, a, &s,
                  task_set_due(cx, s.id, s.version, deadline_after(cx->profile, noon, 0, false),
                               s.reason));
}

static enum rc keep_evidence(struct cx *cx, const struct request *q, const struct said *s)
{
    struct task t;
    int64_t document;
    bool is_new;
    if (q->body_fd < 0 || !q->body_len)
        return fail(cx, RC_INVALID, _("Choose a file."), "task evidence");
    TRY(task_get(&t, cx, s->id));
    if (!task_may(cx, &t))
        return fail(cx, RC_DENIED, _("Evidence is added by the owner of a task."),
                    "task=%" PRId64, s->id);
    const char *name = q->file_name.len ? arena_copy(cx->arena, q->file_name) : "evidence";
    TRY(store_put(&document, &is_new, cx, t.county, "evidence", name,
                  "application/octet-stream", q->body_fd));
    return task_evidence(cx, s->id, document, form(q, "note"));
}

static enum rc evidence_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct said s;
    TRY(read_said(&s, cx, q));
    return answer(cx, q, a, &s, keep_evidence(cx, q, &s));
}

/* Always as a download: what people upload is never shown inside the office's own pages. */
static enum rc document_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, document;
    struct task t;
    struct document doc;
    bool has = false;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(request_param_id(&document, cx, q, "number"));
    TRY(db_read_begin(cx));
    TRY(task_get(&t, cx, id));
    TRY(task_has_document(&has, cx, t.county, t.parent_id ? t.parent_id : t.id, document));
    if (!has)
        return fail(cx, RC_NOTFOUND, _("There is no such document here."), "task=%" PRId64, id);
    TRY(store_get(&doc, cx, t.county, document));
    TRY(store_open(&a->file_fd, cx, t.county, document));
    a->file_len = doc.len;
    a->type = "application/octet-stream";
    response_download(cx, a, doc.name);
    return RC_OK;
}

#define WRITES                                                                                 \
    .method = METHOD_POST, .scope = SCOPE_SIGNED_IN, .csrf = CSRF_TOKEN,                       \
    .body_max = TASK_FORM_BYTES
#define READS .method = METHOD_GET, .scope = SCOPE_SIGNED_IN, .csrf = CSRF_NONE
static const struct route rows[] = {
    {READS, .path = "/task/{id}", .handle = one_get, .test_path = "/task/1"},
    {READS, .path = "/task/{id}/document/{number}", .handle = document_get,
     .test_path = "/task/1/document/1", .heavy = true, .time_ms_max = 60000},
    {WRITES, .path = "/task/{id}/done", .handle = done_post, .test_path = "/task/1/done"},
    {WRITES, .path = "/task/{id}/refuse", .handle = refuse_post, .test_path = "/task/1/refuse"},
    {WRITES, .path = "/task/{id}/cancel", .handle = cancel_post, .test_path = "/task/1/cancel"},
    {WRITES, .path = "/task/{id}/reopen", .handle = reopen_post, .test_path = "/task/1/reopen"},
    {WRITES, .path = "/task/{id}/give", .handle = give_post, .test_path = "/task/1/give"},
    {WRITES, .path = "/task/{id}/due", .handle = due_post, .test_path = "/task/1/due"},
    {WRITES, .path = "/task/{id}/remark", .handle = remark_post, .test_path = "/task/1/remark"},
    {.method = METHOD_POST,
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_TOKEN,
     .body_max = TASK_FILE_BYTES,
     .body_to_file = true,
     .heavy = true,
     .time_ms_max = 60000,
     .path = "/task/{id}/evidence",
     .handle = evidence_post,
     .test_path = "/task/1/evidence"},
};
const struct route_table task_one_routes = ROUTE_TABLE(rows);

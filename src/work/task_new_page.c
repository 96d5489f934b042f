/* Giving a free task: what, why, who, until when, after what. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "people/actor.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "work/place.h"
#include "work/task_member.h"
#include "work/task_one.html.h"
#include "work/task_view.h"

#include <string.h>

enum { ORGS_MAX = 200, MEMBERS_MAX = 300, AFTERS_MAX = 50, DAY_S = 24 * 3600, OWNERS_MAX = 30 };

/* ---- owners ---- */

struct choices {
    struct field_choice *list;
    size_t count;
};

static void add_choice(struct choices *c, const char *value, const char *label)
{
    c->list[c->count++] = (struct field_choice){.value = value, .label = label};
}

/* Those who hold task.view at the area, and at the levels above it up to the county. */
static enum rc add_areas(struct choices *c, struct cx *cx, int64_t area_id)
{
    struct place place, *chain;
    size_t count;
    TRY(place_get(&place, cx, area_id));
    TRY(place_chain(&chain, &count, cx, place.path));
    for (size_t i = count; i-- > 0 && chain[i].level >= cx->profile->tenant_level;) {
        const struct owner o = {OWNER_AREA, chain[i].id, "task.view"};
        add_choice(c, arena_printf(cx->arena, "area:%" PRId64 ":task.view", o.id),
                   owner_label(cx, &o));
    }
    return RC_OK;
}

enum rc task_owner_choices(struct field_choice **out, size_t *count, struct cx *cx,
                           int64_t county, int64_t area_id)
{
    struct org *orgs = NULL;
    struct task_member *members;
    size_t org_count = 0, member_count;
    struct choices c = {0};
    enum rc rc = org_list(&orgs, &org_count, cx, county, STR(""), STR(""), false);
    if (rc == RC_NOTFOUND || rc == RC_DENIED) { /* may not see the county's organisations */
        err_clear(cx);
        org_count = 0;
    } else {
        TRY(rc);
    }
    TRY(task_members(&members, &member_count, cx, county, MEMBERS_MAX));
    if (org_count > ORGS_MAX)
        org_count = ORGS_MAX;
    c.list = arena_new(cx->arena, (org_count + member_count + 12) * sizeof *c.list);
    TRY(add_areas(&c, cx, area_id));
    for (size_t i = 0; i < org_count; i++)
        add_choice(&c, arena_printf(cx->arena, "org:%" PRId64, orgs[i].id), orgs[i].name);
    for (size_t i = 0; i < member_count; i++)
        add_choice(&c, arena_printf(cx->arena, "user:%" PRId64, members[i].user_id),
                   arena_printf(cx->arena, "%s (%s)", members[i].name, members[i].org));
    *out = c.list;
    *count = c.count;
    return RC_OK;
}

bool task_owner_parse(struct owner *out, struct cx *cx, struct str value)
{
    struct str rest = value, kind = str_cut(&rest, ':');
    if (!rest.p)
        return false;
    struct str id = str_cut(&rest, ':');
    *out = (struct owner){.permission = rest.p ? arena_copy(cx->arena, rest) : ""};
    if (!str_to_i64(&out->id, id) || out->id <= 0)
        return false;
    out->kind = str_eq_z(kind, "user")   ? OWNER_USER
                : str_eq_z(kind, "org")  ? OWNER_ORG
                : str_eq_z(kind, "area") ? OWNER_AREA
                                         : 0;
    return out->kind && (out->kind == OWNER_AREA) == (rest.p != NULL);
}

/* ---- the form ---- */

struct typed {
    struct str title, why, due, after;
    struct str owners[OWNERS_MAX];
    size_t owner_count;
    int64_t area_id;
    bool evidence, too_many;
};

static struct str form(const struct request *q, const char *name)
{
    struct str s = request_form(q, name);
    return s.p ? str_trim(s) : STR("");
}

/* Browsers send line ends as \r\n. */
static const char *clean(struct cx *cx, struct str s)
{
    char *z = arena_new(cx->arena, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] != '\r')
            z[n++] = s.p[i];
    z[n] = 0;
    return z;
}

static void read_typed(struct typed *t, const struct request *q)
{
    *t = (struct typed){.title = form(q, "title"),
                        .why = form(q, "why"),
                        .due = form(q, "due"),
                        .after = form(q, "after"),
                        .evidence = form(q, "evidence").len > 0};
    if (!str_to_i64(&t->area_id, form(q, "area")))
        t->area_id = 0;
    for (size_t i = 0; i < q->form_count; i++) {
        if (!str_eq_z(q->form[i].name, "owner"))
            continue;
        t->too_many = t->owner_count == OWNERS_MAX;
        if (!t->too_many)
            t->owners[t->owner_count++] = q->form[i].value;
    }
}

/* The area asked for, or the first where the actor gives tasks. */
static enum rc find_area(struct place *out, struct cx *cx, int64_t area_id)
{
    const char *const *paths;
    struct place *chain;
    size_t count;
    TRY(actor_require(cx, "task.give"));
    if (area_id) {
        TRY(place_get(out, cx, area_id));
        return actor_may_in(cx, "task.give", str_of(out->path))
                   ? RC_OK
                   : fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                          "task area=%" PRId64, area_id);
    }
    TRY(actor_paths(&paths, &count, cx, "task.give"));
    for (size_t i = 0; i < count; i++)
        if (paths[i][0]) {
            TRY(place_chain(&chain, &count, cx, paths[i]));
            *out = chain[count - 1];
            return RC_OK;
        }
    return fail(cx, RC_INVALID, _("Open an area first and give the task from there."),
                "task new area");
}

static enum rc fill_afters(struct task_new_view *v, struct cx *cx, struct str chosen)
{
    struct task *tasks;
    size_t count;
    const char *next;
    TRY(task_list(&tasks, &count, &next, cx,
                  &(struct task_query){.given = true, .limit = AFTERS_MAX}));
    struct field_choice *c = arena_new(cx->arena, (count + 1) * sizeof *c);
    c[0] = (struct field_choice){"", _("it can begin at once"), false};
    for (size_t i = 0; i < count; i++) {
        const char *value = arena_printf(cx->arena, "%" PRId64, tasks[i].id);
        c[i + 1] =
            (struct field_choice){value, tasks[i].title.in[cx->lang], str_eq_z(chosen, value)};
    }
    v->after = (struct field){.name = "after",
                              .label = _("Comes after (of the tasks I gave)"),
                              .choices = c,
                              .choice_count = count + 1};
    return RC_OK;
}

static enum rc fill_owners(struct task_new_view *v, struct cx *cx, const struct place *place,
                           const struct typed *t)
{
    struct field_choice *list;
    TRY(task_owner_choices(&list, &v->owner_count, cx, place->county, place->id));
    for (size_t i = 0; i < v->owner_count; i++)
        for (size_t k = 0; k < t->owner_count; k++)
            list[i].chosen |= str_eq_z(t->owners[k], list[i].value);
    v->owners = list;
    return RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a,
                    const struct typed *t, const char *field, const char *error)
{
    struct place place;
    struct task_new_view v = {.csrf = visitor_of(q)->csrf, .evidence = t->evidence};
    TRY(db_read_begin(cx));
    TRY(find_area(&place, cx, t->area_id));
    if (!place.county)
        return fail(cx, RC_INVALID, _("Choose a county or a part of one."), "task area");
    v.area_id = place.id;
    v.area = area_label(cx, place.id);
    if (!v.area[0])
        v.area = place.name;
    v.area_href = arena_printf(cx->arena, "/area/%" PRId64, place.id);
    v.title = (struct field){.name = "title",
                             .label = _("What is to be done"),
                             .value = clean(cx, t->title),
                             .required = true};
    v.why = clean(cx, t->why);
    v.due = (struct field){
        .name = "due", .label = _("Until (a day)"), .type = "date", .value = clean(cx, t->due)};
    TRY(fill_afters(&v, cx, t->after));
    TRY(fill_owners(&v, cx, &place, t));
    if (!field || !strcmp(field, "area"))
        v.error = error;
    else if (!strcmp(field, "title"))
        v.title.error = error;
    else if (!strcmp(field, "why"))
        v.why_error = error;
    else if (!strcmp(field, "owner"))
        v.owner_error = error;
    else if (!strcmp(field, "due"))
        v.due.error = error;
    else
        v.after.error = error;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Give a task"),
                                              .nav = "task",
                                              .back_href = "/task",
                                              .back_label = _("My tasks")});
    task_new_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct typed t = {0};
    if (!str_to_i64(&t.area_id, request_query(q, "area")))
        t.area_id = 0;
    return show(cx, q, a, &t, NULL, NULL);
}

/* What was typed as a task; *field and RC_INVALID where a field cannot be read. */
static enum rc make_task(struct task_new *n, const char **field, struct cx *cx,
                         const struct typed *t)
{
    struct owner *owners = arena_new(cx->arena, OWNERS_MAX * sizeof *owners);
    int32_t day;
    *n = (struct task_new){.task = {.title = both_typed(clean(cx, t->title)),
                                    .why = both_typed(clean(cx, t->why)),
                                    .area_id = t->area_id,
                                    .needs_evidence = t->evidence}};
    *field = "owner";
    for (size_t i = 0; i < t->owner_count; i++)
        if (!task_owner_parse(&owners[i], cx, t->owners[i]))
            return fail(cx, RC_INVALID, _("Choose who is to do it."), "task owner");
    if (t->too_many)
        return fail(cx, RC_INVALID, _("These are too many parts for one task."), "task owners");
    if (t->owner_count == 1)
        n->task.owner = owners[0];
    n->parts = owners;
    n->part_count = t->owner_count > 1 ? t->owner_count : 0;
    *field = "due";
    if (t->due.len) {
        if (!day_parse(&day, t->due))
            return fail(cx, RC_INVALID, _("Write the day as year-month-day."), "task due");
        int64_t noon = (int64_t)day * DAY_S + DAY_S / 2 - cx->profile->zone_offset_min * 60;
        n->task.due_at = deadline_after(cx->profile, noon, 0, false);
    }
    *field = "after";
    if (t->after.len && (!str_to_i64(&n->after_id, t->after) || n->after_id <= 0))
        return fail(cx, RC_INVALID, _("There is no such task in this county."), "task after");
    *field = NULL;
    return RC_OK;
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct typed t;
    struct task_new n;
    const char *field;
    int64_t id;
    read_typed(&t, q);
    enum rc rc = make_task(&n, &field, cx, &t);
    if (!rc)
        rc = task_give_new(&id, &field, cx, &n);
    if (rc == RC_INVALID || rc == RC_LIMIT) {
        const char *text = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
        a->status = 400;
        return show(cx, q, a, &t, field, text);
    }
    TRY(rc);
    page_notice(cx, a, "created");
    response_redirect(cx, a, arena_printf(cx->arena, "/task/%" PRId64, id));
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/task/new",
     .scope = SCOPE_PERMISSION,
     .permission = "task.give",
     .csrf = CSRF_NONE,
     .handle = new_get},
    {.method = METHOD_POST,
     .path = "/task/new",
     .scope = SCOPE_PERMISSION,
     .permission = "task.give",
     .csrf = CSRF_TOKEN,
     .body_max = TASK_FORM_BYTES,
     .handle = new_post},
};
const struct route_table task_new_routes = ROUTE_TABLE(rows);

/* Merging an area into another: choosing it, what it concerns, the confirmation. A nested merge
 * (a village that went with its township) has no row of its own: its page tells of the area. */
#include "base/format.h"
#include "base/time.h"
#include "db/db.h"
#include "people/actor.h"
#include "profile/profile.h"
#include "register/area_merge.html.h"
#include "register/area_view.h"

enum { FORM_BYTES = 4096, CHOICES_MAX = 1000 };

static enum rc load_own(struct area *out, struct cx *cx, const struct request *q)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(area_get(out, cx, id));
    if (!actor_may_in(cx, "area.view", str_of(out->path)))
        return fail(cx, RC_NOTFOUND, _("There is no such area."), "merge outside scope");
    return actor_require_in(cx, "area.edit", str_of(out->path));
}

/* The areas beside it. */
static enum rc fill_choices(struct merge_view *v, struct cx *cx)
{
    struct area *list;
    size_t count;
    TRY(area_children(&list, &count, cx, v->from.parent_id));
    struct field_choice *c = arena_new(cx->arena, (count + 1) * sizeof *c);
    size_t used = 0;
    c[used++] = (struct field_choice){"", _("choose"), false};
    for (size_t i = 0; i < count && used < CHOICES_MAX; i++)
        if (list[i].id != v->from.id && list[i].level == v->from.level && !list[i].merged_into)
            c[used++] = (struct field_choice){
                arena_printf(cx->arena, "%" PRId64, list[i].id),
                list[i].code[0] ? arena_printf(cx->arena, "%s (%s)", list[i].name, list[i].code)
                                : list[i].name,
                false};
    v->choices = c;
    v->choice_count = used;
    return RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a,
                    struct merge_view *v)
{
    v->csrf = visitor_of(q)->csrf;
    if (!v->facts)
        TRY(fill_choices(v, cx));
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = arena_printf(cx->arena, _("Merge “%s”"), v->from.name),
                       .nav = "area",
                       .back_href = arena_printf(cx->arena, "/area/%" PRId64, v->from.id),
                       .back_label = v->from.name});
    merge_body(o, cx, v);
    return page_end(cx, q, a, o);
}

/* What the person can mend is told on the form. */
static bool told(const char **error, struct response *a, struct cx *cx, enum rc rc)
{
    if (rc != RC_INVALID && rc != RC_CONFLICT && rc != RC_NOTFOUND)
        return false;
    *error = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    a->status = rc == RC_CONFLICT ? 409 : 400;
    return true;
}

static enum rc find_facts(struct area_merge_facts *out, struct cx *cx, const struct area *from,
                          struct str into)
{
    struct area other;
    TRY(area_as_typed(&other, cx, arena_copy(cx->arena, into)));
    return area_merge_facts(out, cx, from->id, other.id);
}

static enum rc merge_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct merge_view v = {.other = ""};
    struct area_merge_facts facts;
    TRY(db_read_begin(cx));
    TRY(load_own(&v.from, cx, q));
    struct str typed = str_trim(request_query(q, "other"));
    struct str into = typed.len ? typed : request_query(q, "into");
    v.other = arena_copy(cx->arena, typed);
    if (into.len > 0) {
        enum rc rc = find_facts(&facts, cx, &v.from, into);
        if (!told(&v.error, a, cx, rc)) {
            TRY(rc);
            v.facts = &facts;
        }
    }
    return show(cx, q, a, &v);
}

static enum rc begin(struct cx *cx, const struct area *from, struct str into, struct str day)
{
    int64_t job;
    struct area other;
    int32_t from_day = day_at(cx->now_at, cx->profile->zone_offset_min);
    if (into.len == 0)
        return fail(cx, RC_INVALID, _("Choose the area to merge into."), "merge into");
    if (day.len > 0 && !day_parse(&from_day, day))
        return fail(cx, RC_INVALID, _("The day is not a date."), "merge day");
    TRY(area_as_typed(&other, cx, arena_copy(cx->arena, into)));
    return area_merge_begin(&job, cx, from->id, other.id, from_day);
}

static enum rc merge_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct merge_view v = {.other = ""};
    struct area_merge_facts facts;
    TRY(load_own(&v.from, cx, q));
    struct str into = request_form(q, "into"), day = str_trim(request_form(q, "day"));
    v.day = arena_copy(cx->arena, day);
    enum rc rc = begin(cx, &v.from, into, day);
    if (told(&v.error, a, cx, rc)) {
        if (into.len > 0 && find_facts(&facts, cx, &v.from, into) == RC_OK)
            v.facts = &facts;
        err_clear(cx);
        return show(cx, q, a, &v);
    }
    TRY(rc);
    page_notice(cx, a, "area-merge");
    response_redirect(cx, a, arena_printf(cx->arena, "/area/%" PRId64, v.from.id));
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/area/{id}/merge",
     .scope = SCOPE_PERMISSION,
     .permission = "area.edit",
     .csrf = CSRF_NONE,
     .handle = merge_get,
     .test_path = "/area/1/merge"},
    {.method = METHOD_POST,
     .path = "/area/{id}/merge",
     .scope = SCOPE_PERMISSION,
     .permission = "area.edit",
     .csrf = CSRF_TOKEN,
     .body_max = FORM_BYTES,
     .time_ms_max = 30000,
     .handle = merge_post,
     .test_path = "/area/1/merge"},
};
const struct route_table area_merge_routes = ROUTE_TABLE(rows);

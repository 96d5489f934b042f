/* What the pages of cases share, and the section "Cases" of the pages of a household and an
 * area. */
#include "casework/case.html.h"
#include "casework/case_view.h"

#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "people/actor.h"
#include "register/household_view.h"

#include <string.h>

/* The nearest area at or above the flow's of that level. */
static enum rc area_of_level(int64_t *id, struct cx *cx, const struct flow *f,
                             const char *level)
{
    struct area *chain;
    size_t count;
    int wanted = level[0] ? profile_level(cx->profile, level) : -1;
    *id = f->area_id;
    TRY(area_chain(&chain, &count, cx, f->area_id));
    for (size_t i = 0; i < count; i++)
        if (chain[i].level == wanted)
            *id = chain[i].id;
    return RC_OK;
}

const char *case_who(struct cx *cx, const struct flow *f)
{
    struct owner owner = {.kind = OWNER_AREA};
    if (!f->state || f->closed_at || !f->state->permission[0])
        return NULL;
    owner.permission = f->state->permission;
    if (area_of_level(&owner.id, cx, f, f->state->level) != RC_OK) {
        err_clear(cx);
        return NULL;
    }
    return owner_label(cx, &owner);
}

const char *case_state_label(struct cx *cx, const struct flow *f)
{
    return f->state ? LABEL(cx, f->state->label) : f->state_code;
}

const char *case_state_tone(const struct flow *f)
{
    if (!f->state)
        return "bad";
    if (!strcmp(f->state->tone, "ok"))
        return "good";
    return !strcmp(f->state->tone, "quiet") ? "muted" : f->state->tone;
}

const char *case_workflow_label(struct cx *cx, const struct flow *f)
{
    return f->workflow ? LABEL(cx, f->workflow->label) : f->workflow_code;
}

const char *case_due_text(bool *late, struct cx *cx, const struct flow *f)
{
    *late = f->due_at && !f->closed_at && f->due_at <= cx->now_at;
    /* A deadline is the end of a day: the day before its midnight is the last one. */
    return f->due_at && !f->closed_at ? format_day(cx, day_at(f->due_at - 1, format_zone()))
                                      : NULL;
}

enum rc case_subject_label(const char **title, struct cx *cx, const struct flow *f)
{
    enum rc rc;
    *title = arena_printf(cx->arena, _("No. %s"), format_int(cx, f->subject_id));
    if (!f->workflow || f->workflow->subject == FLOW_PLAIN)
        return RC_OK;
    if (f->workflow->subject == FLOW_HOUSEHOLD) {
        struct household h;
        rc = household_get(&h, cx, f->subject_id);
        if (rc == RC_OK)
            *title = household_label(cx, &h);
    } else {
        struct area a;
        rc = area_get(&a, cx, f->subject_id);
        if (rc == RC_OK)
            *title = a.name;
    }
    if (rc == RC_NOTFOUND)
        err_clear(cx);
    else
        TRY(rc);
    return RC_OK;
}

/* ---- the section ---- */

static enum rc fill_rows(struct case_parts_view *v, struct cx *cx, const struct flow *flows,
                         size_t count)
{
    v->rows = arena_new(cx->arena, (count + 1) * sizeof *v->rows);
    for (size_t i = 0; i < count; i++) {
        struct case_parts_row *r = &v->rows[v->row_count++];
        const struct flow *f = &flows[i];
        r->workflow = case_workflow_label(cx, f);
        r->state = case_state_label(cx, f);
        r->tone = case_state_tone(f);
        r->due = case_due_text(&r->late, cx, f);
        r->when =
            format_day(cx, day_at(f->closed_at ? f->closed_at : f->opened_at, format_zone()));
        r->href = arena_printf(cx->arena, "/case/%" PRId64, f->id);
    }
    return RC_OK;
}

/* The part of an area's path that is the area of a level at or above it: three characters a
 * level (register/area.h). */
static struct str path_at_level(const struct cx *cx, const char *path, const char *level)
{
    int n = level[0] ? profile_level(cx->profile, level) : -1;
    struct str s = str_of(path);
    if (n >= 0 && s.len > ((size_t)n + 1) * 3)
        s.len = ((size_t)n + 1) * 3;
    return s;
}

static bool is_open(const struct flow *flows, size_t count, const struct workflow *w)
{
    for (size_t i = 0; i < count; i++)
        if (!flows[i].closed_at && flows[i].workflow == w)
            return true;
    return false;
}

/* Workflows that the actor may open for a subject at this place; each kind once. */
struct choosing {
    enum flow_subject subject;
    const char *level, *path; /* level NULL: any */
    const struct flow *flows; /* those there are */
    size_t count;
    const struct household *household; /* NULL: an area */
};
static enum rc fill_choices(struct case_parts_view *v, struct cx *cx, const struct choosing *x)
{
    const struct workflows *all = cx->profile->workflows;
    v->choices = arena_new(cx->arena, (all->count + 1) * sizeof *v->choices);
    for (size_t i = 0; i < all->count; i++) {
        const struct workflow *w = &all->list[i];
        if (w->subject != x->subject || (x->level && strcmp(w->level, x->level) != 0) ||
            is_open(x->flows, x->count, w))
            continue;
        if (!actor_may_in(cx, w->permission, path_at_level(cx, x->path, w->level)))
            continue;
        bool makes_sense = true;
        if (x->household)
            TRY(case_makes_sense(&makes_sense, cx, w, x->household));
        if (makes_sense)
            v->choices[v->choice_count++] =
                (struct case_open_choice){w->kind, LABEL(cx, w->label), LABEL(cx, w->help)};
    }
    return RC_OK;
}

enum rc case_parts_fill(const struct case_parts_view **out, struct cx *cx,
                        const struct request *q, const struct household *h)
{
    struct case_parts_view *v = arena_new(cx->arena, sizeof *v);
    struct flow *flows;
    size_t count;
    *out = NULL;
    if (!cx->profile->workflows->count || !actor_may_in(cx, "case.view", str_of(h->area_path)))
        return RC_OK;
    TRY(case_history(&flows, &count, cx, h->county, h->id));
    TRY(fill_rows(v, cx, flows, count));
    v->household_id = h->id;
    v->csrf = visitor_of(q)->csrf;
    if (!h->ended_day)
        TRY(fill_choices(
            v, cx, &(struct choosing){FLOW_HOUSEHOLD, NULL, h->area_path, flows, count, h}));
    *out = v;
    return RC_OK;
}

enum rc case_parts_fill_area(const struct case_parts_view **out, struct cx *cx,
                             const struct request *q, const struct area *a)
{
    struct case_parts_view *v = arena_new(cx->arena, sizeof *v);
    struct flow *flows;
    size_t count;
    bool any = false;
    const char *level = a->level >= 0 && (size_t)a->level < cx->profile->level_count
                            ? cx->profile->levels[a->level].code
                            : "";
    const struct workflows *all = cx->profile->workflows;
    for (size_t i = 0; i < all->count; i++)
        any = any || (all->list[i].subject == FLOW_AREA && !strcmp(all->list[i].level, level));
    *out = NULL;
    if (!any || !a->county || !actor_may_in(cx, "case.view", str_of(a->path)))
        return RC_OK;
    TRY(case_history(&flows, &count, cx, a->county, a->id));
    TRY(fill_rows(v, cx, flows, count));
    v->area_id = a->id;
    v->csrf = visitor_of(q)->csrf;
    if (!a->ended_day)
        TRY(fill_choices(v, cx,
                         &(struct choosing){FLOW_AREA, level, a->path, flows, count, NULL}));
    *out = v;
    return RC_OK;
}

/* ---- opening ---- */

static enum rc open_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t household = 0, area = 0, flow = 0;
    struct str kind = request_form(q, "kind");
    (void)str_to_i64(&household, request_form(q, "household"));
    (void)str_to_i64(&area, request_form(q, "area"));
    if (kind.len == 0 || kind.len > 40 || (household < 1) == (area < 1))
        return fail(cx, RC_INVALID, _("Choose what kind of case it is."), "open");
    const char *code = arena_copy(cx->arena, kind);
    enum rc rc = household > 0 ? case_open(&flow, cx, code, household)
                               : case_open_area(&flow, cx, code, area);
    if (rc == RC_CONFLICT && flow) {
        err_clear(cx);
        page_notice(cx, a, "case-open");
    } else {
        TRY(rc);
        page_notice(cx, a, "created");
    }
    response_redirect(cx, a, arena_printf(cx->arena, "/case/%" PRId64, flow));
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_POST,
     .path = "/case/open",
     .scope = SCOPE_PERMISSION,
     .permission = "case.view",
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = open_post},
};
const struct route_table case_parts_routes = ROUTE_TABLE(rows);

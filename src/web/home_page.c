/* The start page and the help page. */
#include "web/home.html.h"
#include "web/home_view.h"

#include "db/db.h"

enum { HOME_AREAS_MAX = 200, HOME_TASKS = 5 };

/* The areas of the actor's grants; for a grant on everything, the top areas. */
static enum rc own_areas(struct home_view *v, struct cx *cx)
{
    const struct actor *actor = cx->actor;
    bool everything = actor_may_in(cx, "area.view", STR(""));
    if (everything) {
        TRY(area_children(&v->areas, &v->area_count, cx, 0));
    } else {
        v->areas = arena_new(cx->arena, (actor->grant_count + 1) * sizeof *v->areas);
        for (size_t i = 0; i < actor->grant_count; i++) {
            enum rc rc = area_get(&v->areas[v->area_count], cx, actor->grants[i].area_id);
            if (rc == RC_NOTFOUND) {
                err_clear(cx);
                continue;
            }
            TRY(rc);
            v->area_count++;
        }
    }
    for (size_t i = 0; i < v->area_count; i++) {
        v->households += v->areas[i].household_count;
        v->people += v->areas[i].person_count;
    }
    if (v->area_count > HOME_AREAS_MAX)
        v->area_count = HOME_AREAS_MAX;
    return RC_OK;
}

static enum rc home_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct home_view v = {.may_import = actor_may(cx, "import.run"),
                          .may_poverty = actor_may(cx, "poverty.view"),
                          .may_households = actor_may(cx, "household.view")};
    TRY(db_read_begin(cx));
    TRY(own_areas(&v, cx));
    TRY(task_next_fill(&v.next, cx, HOME_TASKS));
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Start"), .nav = "home"});
    home_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc help_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Help")});
    help_body(o, cx);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_NONE,
     .handle = home_get},
};
const struct route_table home_routes = ROUTE_TABLE(rows);
static const struct route help_rows[] = {
    {.method = METHOD_GET,
     .path = "/help",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = help_get},
};
const struct route_table help_routes = ROUTE_TABLE(help_rows);

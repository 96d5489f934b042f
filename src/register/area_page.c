/* Areas: the tree level by level, with household and person counts. */
#include "base/format.h"
#include "casework/case_view.h"
#include "profile/profile.h"
#include "register/area.h"
#include "register/area.html.h"
#include "register/area_view.h"

#include "db/db.h"
#include "web/page.h"

enum { AREA_COLUMNS = 5 };

static const char *level_label(struct cx *cx, int level)
{
    return level >= 0 && (size_t)level < cx->profile->level_count
               ? LABEL(cx, cx->profile->levels[level].label)
               : "";
}

/* An area above the actor's own is shown as the way down to it, without figures. */
static bool may_see(struct cx *cx, const struct area *area)
{
    return actor_may_in(cx, "area.view", str_of(area->path));
}

static enum rc leads_to_own(bool *leads, struct cx *cx, const struct area *area)
{
    const char *const *paths;
    size_t count;
    TRY(actor_paths(&paths, &count, cx, "area.view"));
    *leads = false;
    for (size_t i = 0; i < count; i++)
        *leads = *leads || str_starts(str_of(paths[i]), str_of(area->path));
    return RC_OK;
}

static enum rc fill_cells(struct table *t, struct cx *cx, const struct area *children,
                          size_t count)
{
    struct table_cell *cells = arena_new(cx->arena, (count * AREA_COLUMNS + 1) * sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        bool own = may_see(cx, &children[i]), leads = false;
        if (!own)
            TRY(leads_to_own(&leads, cx, &children[i]));
        if (!own && !leads)
            continue;
        struct table_cell *c = cells + t->row_count++ * AREA_COLUMNS;
        c[0] = (struct table_cell){
            children[i].name, arena_printf(cx->arena, "/area/%" PRId64, children[i].id), NULL};
        c[1].text = children[i].code;
        c[2].text = level_label(cx, children[i].level);
        c[3].text = own ? format_int(cx, children[i].household_count) : "–";
        c[4].text = own ? format_int(cx, children[i].person_count) : "–";
    }
    t->cells = cells;
    return RC_OK;
}

/* Where it went, or whether it may be merged into another. */
static enum rc fill_merge(struct area_view *v, struct cx *cx)
{
    struct area_merging m = {.from_day = v->area.ended_day, .total = v->area.household_count};
    struct area into;
    v->may_merge = v->own && !v->area.merged_into && !v->area.ended_day &&
                   v->area.level > cx->profile->tenant_level &&
                   actor_may_in(cx, "area.edit", str_of(v->area.path));
    if (!v->own || !v->area.merged_into)
        return RC_OK;
    enum rc rc = area_merge_get(&m, cx, v->area.id);
    if (rc != RC_NOTFOUND) /* no row: it goes with the area above */
        TRY(rc);
    TRY(area_get(&into, cx, v->area.merged_into));
    struct merge_state *s = arena_new(cx->arena, sizeof *s);
    *s = (struct merge_state){.into = into.name,
                              .day = m.from_day ? format_day(cx, m.from_day) : "",
                              .into_id = into.id,
                              .moved = m.moved,
                              .total = m.total,
                              .done = m.done_at != 0 || v->area.ended_day != 0};
    v->merge = s;
    return RC_OK;
}

static enum rc show_area(struct cx *cx, const struct request *q, struct response *a, int64_t id)
{
    TRY(db_read_begin(cx));
    struct area_view v = {0};
    struct area *children;
    size_t count;
    const char *title = _("Areas");
    if (id) {
        bool leads = false;
        TRY(area_get(&v.area, cx, id));
        v.has_area = true;
        v.own = may_see(cx, &v.area);
        if (!v.own)
            TRY(leads_to_own(&leads, cx, &v.area));
        if (!v.own && !leads)
            return fail(cx, RC_NOTFOUND, "", "area outside scope");
        TRY(area_chain(&v.chain, &v.chain_count, cx, id));
        v.level = level_label(cx, v.area.level);
        title = v.area.name;
    }
    TRY(area_children(&children, &count, cx, id));
    const struct table_column columns[AREA_COLUMNS] = {
        {NULL, _("Area"), ALIGN_TEXT, false},    {NULL, _("Code"), ALIGN_TEXT, true},
        {NULL, _("Level"), ALIGN_TEXT, true},    {NULL, _("Households"), ALIGN_NUMBER, false},
        {NULL, _("People"), ALIGN_NUMBER, true},
    };
    struct table t = {
        .caption = title,
        .base = arena_printf(cx->arena, id ? "/area/%" PRId64 : "/area", id),
        .query = "",
        .columns = columns,
        .column_count = AREA_COLUMNS,
        .is_first_page = true,
        .can_export = actor_may(cx, "export.run"),
        .empty_title = id ? _("Nothing is below this area") : _("No areas yet"),
        .empty_hint =
            id ? NULL : _("Areas come in with the first import, or by `fumin area load`.")};
    TRY(fill_cells(&t, cx, children, count));
    if (page_wants_file(q))
        return page_table_file(cx, q, a, &t, "areas");
    v.table = &t;
    v.may_see_households = actor_may(cx, "household.view");
    TRY(fill_merge(&v, cx));
    if (v.own)
        TRY(case_parts_fill_area(&v.cases, cx, q, &v.area));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = title,
                                              .nav = "area",
                                              .refresh_s = v.merge && !v.merge->done ? 5 : 0});
    area_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc area_list_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_area(cx, q, a, 0);
}

static enum rc area_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show_area(cx, q, a, id);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/area",
     .scope = SCOPE_PERMISSION,
     .permission = "area.view",
     .csrf = CSRF_NONE,
     .handle = area_list_get},
    {.method = METHOD_GET,
     .path = "/area/{id}",
     .scope = SCOPE_PERMISSION,
     .permission = "area.view",
     .csrf = CSRF_NONE,
     .handle = area_page_get,
     .test_path = "/area/1"},
};
const struct route_table area_routes = ROUTE_TABLE(rows);

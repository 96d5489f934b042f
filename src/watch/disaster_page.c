/* Pages of disasters: the list, beginning one (count first, then confirm), one with its
 * progress by village, ending it. Everything works without JavaScript. */
#include "base/format.h"
#include "base/text.h"
#include "db/db.h"
#include "people/actor.h"
#include "register/area.h"
#include "watch/disaster.html.h"
#include "watch/watch_view.h"
#include "work/place.h"

#include <string.h>

enum { LIST_COLUMNS = 6, AREA_COLUMNS = 5, AREAS_MAX = 2000 };

/* ---- the list ---- */

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct disaster *all;
    size_t count;
    const struct table_column c[LIST_COLUMNS] = {
        {NULL, _("Disaster"), ALIGN_TEXT, false},  {NULL, _("Place"), ALIGN_TEXT, true},
        {NULL, _("Since"), ALIGN_TEXT, true},      {NULL, _("Households"), ALIGN_NUMBER, false},
        {NULL, _("Checked"), ALIGN_NUMBER, false}, {NULL, _("State"), ALIGN_TEXT, false},
    };
    TRY(db_read_begin(cx));
    TRY(disaster_list(&all, &count, cx, watch_number(request_query(q, "area"))));
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * LIST_COLUMNS * sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        struct table_cell *row = cells + i * LIST_COLUMNS;
        row[0] = (struct table_cell){
            all[i].name, arena_printf(cx->arena, "/disaster/%" PRId64, all[i].id), NULL};
        row[1].text = area_label(cx, all[i].area_id);
        row[2].text = format_time(cx, all[i].at);
        row[3].text = format_int(cx, all[i].household_count);
        row[4].text = share_text(cx, all[i].checked_count, all[i].household_count);
        row[5] = all[i].ended_at ? (struct table_cell){_("ended"), NULL, "muted"}
                                 : (struct table_cell){_("under way"), NULL, "warn"};
    }
    const struct table t = {.caption = _("Disasters"),
                            .base = "/disaster",
                            .query = "",
                            .columns = c,
                            .column_count = LIST_COLUMNS,
                            .cells = cells,
                            .row_count = count,
                            .is_first_page = true,
                            .can_export = actor_may(cx, "export.run"),
                            .empty_title = _("No disaster"),
                            .empty_hint = _("Nothing was entered yet in your areas.")};
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "disasters");
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Disasters"),
                                              .nav = "alert",
                                              .back_href = "/alert",
                                              .back_label = _("Alerts")});
    disaster_list_body(o, cx, &t, actor_may(cx, "alert.disaster"));
    return page_end(cx, q, a, o);
}

/* ---- beginning one ---- */

struct asked {
    struct disaster_ask ask;
    int64_t areas[AREAS_MAX];
};

static const char *form_text(struct cx *cx, const struct request *q, const char *name)
{
    struct str s = request_form(q, name);
    return s.p ? arena_copy(cx->arena, str_trim(s)) : "";
}

static bool is_chosen(const struct disaster_ask *a, int64_t id)
{
    for (size_t i = 0; i < a->area_count; i++)
        if (a->area_ids[i] == id)
            return true;
    return false;
}

/* A number of the form; empty is 0. */
static enum rc form_f64(double *out, struct cx *cx, const char *text)
{
    *out = 0;
    if (!*text || str_to_f64(out, str_of(text)))
        return RC_OK;
    return fail(cx, RC_INVALID,
                _("Give the point as longitude and latitude in degrees, and a distance of at "
                  "most 500 km."),
                "circle");
}

static enum rc read_form(struct asked *out, struct disaster_form_view *v, struct cx *cx,
                         const struct request *q)
{
    struct disaster_ask *a = &out->ask;
    v->name = form_text(cx, q, "name");
    v->polygon = form_text(cx, q, "polygon");
    v->codes = form_text(cx, q, "codes");
    v->longitude = form_text(cx, q, "longitude");
    v->latitude = form_text(cx, q, "latitude");
    v->radius = form_text(cx, q, "radius");
    v->days = form_text(cx, q, "days");
    *a = (struct disaster_ask){.name = v->name,
                               .area_id = v->area_id,
                               .polygon = str_of(v->polygon),
                               .codes = str_of(v->codes),
                               .days = *v->days ? -1 : 0};
    for (size_t i = 0; i < q->form_count && a->area_count < AREAS_MAX; i++)
        if (str_eq_z(q->form[i].name, "in"))
            out->areas[a->area_count++] = watch_number(q->form[i].value);
    a->area_ids = out->areas;
    int64_t days = watch_number(str_of(v->days));
    if (days > 0 && days < 1000)
        a->days = (int32_t)days;
    TRY(form_f64(&a->longitude, cx, v->longitude));
    TRY(form_f64(&a->latitude, cx, v->latitude));
    return form_f64(&a->radius_km, cx, v->radius);
}

/* The county's area to begin in: the asked one, else the actor's own; area_id 0: choose. */
static enum rc find_scope(struct disaster_form_view *v, struct cx *cx)
{
    const char *const *paths;
    struct place *chain;
    struct area a, *children;
    size_t path_count, chain_count, count, n = 0;
    TRY(actor_require(cx, "alert.disaster"));
    TRY(actor_paths(&paths, &path_count, cx, "alert.disaster"));
    int64_t id = v->area_id;
    if (!id && path_count && paths[0][0]) {
        TRY(place_chain(&chain, &chain_count, cx, paths[0]));
        id = chain_count ? chain[chain_count - 1].id : 0;
    }
    v->area_id = 0;
    if (id) {
        TRY(area_get(&a, cx, id));
        if (a.county && actor_may_in(cx, "alert.disaster", str_of(a.path))) {
            v->area_id = id;
            v->place = area_label(cx, id);
            return RC_OK;
        }
        if (a.county)
            return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                        "disaster area=%" PRId64, id);
    }
    TRY(area_children(&children, &count, cx, id));
    for (size_t i = 0; i < count; i++)
        if (actor_may_in(cx, "alert.disaster", str_of(children[i].path)))
            children[n++] = children[i];
    v->choices = children;
    v->choice_count = n;
    return RC_OK;
}

static enum rc fill_areas(struct disaster_form_view *v, struct cx *cx,
                          const struct disaster_ask *a)
{
    struct area *children;
    size_t count;
    TRY(area_children(&children, &count, cx, v->area_id));
    struct disaster_area_view *list = arena_new(cx->arena, (count + 2) * sizeof *list);
    list[0] = (struct disaster_area_view){
        .id = v->area_id, .name = v->place, .chosen = is_chosen(a, v->area_id)};
    for (size_t i = 0; i < count; i++) {
        struct area *below;
        size_t below_count;
        struct disaster_area_view *one = &list[i + 1];
        TRY(area_children(&below, &below_count, cx, children[i].id));
        struct disaster_area_view *parts =
            arena_new(cx->arena, (below_count + 1) * sizeof *parts);
        for (size_t k = 0; k < below_count; k++)
            parts[k] = (struct disaster_area_view){
                .id = below[k].id, .name = below[k].name, .chosen = is_chosen(a, below[k].id)};
        *one = (struct disaster_area_view){.id = children[i].id,
                                           .name = children[i].name,
                                           .chosen = is_chosen(a, children[i].id),
                                           .below = parts,
                                           .below_count = below_count};
    }
    v->areas = list;
    v->area_count = count + 1;
    return RC_OK;
}

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a,
                         struct disaster_form_view *v, const struct disaster_ask *ask)
{
    v->csrf = visitor_of(q)->csrf;
    if (v->area_id)
        TRY(fill_areas(v, cx, ask));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Begin disaster mode"),
                                              .nav = "alert",
                                              .back_href = "/disaster",
                                              .back_label = _("Disasters")});
    if (v->area_id)
        disaster_form_body(o, cx, v);
    else
        disaster_choose_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct disaster_form_view v = {.area_id = watch_number(request_query(q, "area"))};
    struct disaster_ask none = {0};
    TRY(db_read_begin(cx));
    TRY(find_scope(&v, cx));
    return show_form(cx, q, a, &v, &none);
}

/* Where they are: households of the area as dots, those concerned dark. */
static enum rc fill_map(struct disaster_form_view *v, struct cx *cx,
                        const struct disaster_ask *ask)
{
    struct disaster_point *points;
    size_t count;
    TRY(disaster_points(&points, &count, cx, ask));
    if (!count)
        return RC_OK;
    struct map *m = arena_new(cx->arena, sizeof *m);
    struct map_point *p = arena_new(cx->arena, count * sizeof *p);
    for (size_t i = 0; i < count; i++)
        p[i] = (struct map_point){.longitude = points[i].longitude,
                                  .latitude = points[i].latitude,
                                  .strong = points[i].concerned};
    *m = (struct map){.title = _("Households with coordinates; dark: concerned"),
                      .points = p,
                      .point_count = count};
    v->map = m;
    return RC_OK;
}

static enum rc count_households(struct disaster_form_view *v, struct cx *cx,
                                const struct disaster_ask *ask)
{
    int64_t without;
    TRY(disaster_count(&v->household_count, &without, &v->unknown, &v->unknown_count, cx, ask));
    v->counted = true;
    v->households = arena_printf(
        cx->arena,
        _n("%s household is concerned.", "%s households are concerned.", v->household_count),
        format_int(cx, v->household_count));
    v->without_place =
        without ? arena_printf(cx->arena,
                               _("%s households of the area have no coordinates: whether they "
                                 "are inside is not known. Choose their villages besides."),
                               format_int(cx, without))
                : "";
    return fill_map(v, cx, ask);
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct disaster_form_view v = {.area_id = watch_number(request_form(q, "area"))};
    struct asked *asked = arena_new(cx->arena, sizeof *asked);
    int64_t id;
    bool begin = str_eq_z(request_form(q, "step"), "begin");
    TRY(db_read_begin(cx));
    TRY(find_scope(&v, cx));
    if (!v.area_id)
        return show_form(cx, q, a, &v, &asked->ask);
    enum rc rc = read_form(asked, &v, cx, q);
    if (!rc && begin) {
        db_read_end(cx);
        rc = disaster_begin(&id, cx, &asked->ask);
        if (!rc) {
            page_notice(cx, a, "created");
            response_redirect(cx, a, arena_printf(cx->arena, "/disaster/%" PRId64, id));
            return RC_OK;
        }
        TRY(db_read_begin(cx));
    } else if (!rc) {
        rc = count_households(&v, cx, &asked->ask);
    }
    if (rc && !watch_told(&v.error, cx, a, rc))
        return rc;
    return show_form(cx, q, a, &v, &asked->ask);
}

/* ---- one disaster ---- */

static enum rc areas_table(struct disaster_page_view *v, struct cx *cx)
{
    struct disaster_area *list;
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, AREA_COLUMNS * sizeof *c);
    size_t count;
    TRY(disaster_areas(&list, &count, cx, v->d));
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * AREA_COLUMNS * sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        struct table_cell *row = cells + i * AREA_COLUMNS;
        row[0] = (struct table_cell){
            area_label(cx, list[i].area_id),
            arena_printf(cx->arena, "/alert?disaster=%" PRId64 "&area=%" PRId64 "&state=all",
                         v->d->id, list[i].area_id),
            NULL};
        row[1].text = format_int(cx, list[i].total);
        row[2].text = format_int(cx, list[i].checked);
        row[3].text = format_int(cx, list[i].in_trouble);
        row[4].text = format_int(cx, list[i].open);
    }
    c[0] = (struct table_column){NULL, _("Village"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Households"), ALIGN_NUMBER, false};
    c[2] = (struct table_column){NULL, _("Checked"), ALIGN_NUMBER, false};
    c[3] = (struct table_column){NULL, _("In trouble"), ALIGN_NUMBER, false};
    c[4] = (struct table_column){NULL, _("Not checked yet"), ALIGN_NUMBER, true};
    *t = (struct table){.caption = _("By village"),
                        .base = "/disaster",
                        .query = "",
                        .columns = c,
                        .column_count = AREA_COLUMNS,
                        .cells = cells,
                        .row_count = count,
                        .is_first_page = true,
                        .empty_title = _("The check tasks are being made"),
                        .empty_hint = _("Look again in a minute.")};
    v->areas = t;
    return RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                    const char *error)
{
    struct disaster d;
    struct disaster_page_view v = {.d = &d, .error = error};
    TRY(db_read_begin(cx));
    TRY(disaster_get(&d, cx, id));
    TRY(areas_table(&v, cx));
    v.place = area_label(cx, d.area_id);
    v.by = user_name(cx, d.user_id);
    v.at = format_time(cx, d.at);
    v.ended =
        d.ended_at ? arena_printf(cx->arena, _("ended %s"), format_time(cx, d.ended_at)) : "";
    v.households = format_int(cx, d.household_count);
    v.raised = format_int(cx, d.raised_count);
    v.checked = format_int(cx, d.checked_count);
    v.in_trouble = format_int(cx, d.true_count);
    v.open = format_int(cx, d.open_count);
    v.share = share_text(cx, d.checked_count, d.household_count);
    v.percent = d.household_count ? (int)(d.checked_count * 100 / d.household_count) : 0;
    v.without_place = d.without_place
                          ? arena_printf(cx->arena,
                                         _("%s households of the area have no coordinates: "
                                           "whether they are inside is not known."),
                                         format_int(cx, d.without_place))
                          : "";
    v.may_end = !d.ended_at && actor_may_in(cx, "alert.disaster", str_of(d.area_path));
    v.csrf = visitor_of(q)->csrf;
    struct out *o =
        page_begin(cx, q,
                   &(struct page){.title = d.name,
                                  .nav = "alert",
                                  .back_href = "/disaster",
                                  .back_label = _("Disasters"),
                                  .refresh_s = d.ended_at || d.raised_count ? 0 : 5});
    disaster_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show(cx, q, a, id, NULL);
}

static enum rc end_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    const char *error = NULL;
    struct str reason = request_form(q, "reason");
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = disaster_end(cx, id, reason.p ? reason : STR(""));
    if (rc && !watch_told(&error, cx, a, rc))
        return rc;
    if (rc)
        return show(cx, q, a, id, error);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/disaster/%" PRId64, id));
    return RC_OK;
}

#define LOOK                                                                                   \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .csrf = CSRF_NONE, .time_ms_max = 30000
#define CHANGE                                                                                 \
    .method = METHOD_POST, .scope = SCOPE_PERMISSION, .permission = "alert.disaster",          \
    .csrf = CSRF_TOKEN, .body_max = WATCH_FORM_BYTES, .time_ms_max = 60000, .heavy = true
static const struct route rows[] = {
    {LOOK, .permission = "alert.view", .path = "/disaster", .handle = list_get},
    {LOOK, .permission = "alert.disaster", .path = "/disaster/new", .handle = new_get},
    {CHANGE, .path = "/disaster/new", .handle = new_post},
    {LOOK, .permission = "alert.view", .path = "/disaster/{id}", .handle = one_get,
     .test_path = "/disaster/1"},
    {CHANGE, .path = "/disaster/{id}/end", .handle = end_post, .test_path = "/disaster/1/end"},
};
const struct route_table disaster_routes = ROUTE_TABLE(rows);

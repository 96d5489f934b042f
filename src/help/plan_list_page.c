/* The list of help plans of an area, and what somebody's organisations are to deliver. */
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "help/plan.html.h"
#include "people/actor.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "register/household_view.h"

#include <string.h>

enum { COLUMNS = 7, ITEM_COLUMNS = 6, FILE_ROWS_MAX = 5000 };

static const struct table_filter *filters(struct cx *cx, const char *state, const char *area,
                                          size_t *count)
{
    static const char *const values[] = {"",     "late",    "draft", "running",
                                         "done", "stopped", "all"};
    const char *const labels[] = {_("open"),     _("late"),    _("draft"), _("running"),
                                  _("finished"), _("stopped"), _("all")};
    struct table_filter *f = arena_new(cx->arena, 2 * sizeof *f);
    struct filter_choice *c = arena_new(cx->arena, sizeof values / sizeof *values * sizeof *c);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        c[i] = (struct filter_choice){values[i], labels[i]};
    f[0] = (struct table_filter){FILTER_CHOICE, "state", _("State"),
                                 state,         c,       sizeof values / sizeof *values};
    f[1] = (struct table_filter){.kind = FILTER_HIDDEN, .name = "area", .value = area};
    *count = area[0] ? 2 : 1;
    return f;
}

static enum rc fill_row(struct table_cell *row, struct cx *cx, const struct plan *p)
{
    const char *title, *place, *href;
    const char *page = arena_printf(cx->arena, "/plan/%" PRId64, p->id);
    enum rc rc = plan_titles(&title, &place, &href, cx, p);
    if (rc == RC_NOTFOUND) { /* moved out of the actor's areas since */
        err_clear(cx);
        title = _("a household that moved away");
        place = "";
        page = NULL;
        rc = RC_OK;
    }
    TRY(rc);
    row[0] = (struct table_cell){title, page, NULL};
    row[1].text = place;
    row[2] = (struct table_cell){plan_state_label(cx, p->state), NULL,
                                 p->state == PLAN_DRAFT     ? "warn"
                                 : p->state == PLAN_STOPPED ? "muted"
                                                            : "good"};
    row[3].text = format_int(cx, p->item_count);
    row[4].text = format_int(cx, p->ended_count);
    row[5] =
        (struct table_cell){format_int(cx, p->late_count), NULL, p->late_count ? "bad" : NULL};
    row[6].text = format_time(cx, p->made_at);
    return RC_OK;
}

static enum rc plan_table(struct table *t, struct cx *cx, const struct request *q,
                          int64_t area_id)
{
    struct str state = request_query(q, "state"), after = request_query(q, "after");
    struct plan *plans;
    size_t count;
    const char *next;
    size_t max = page_wants_file(q) ? FILE_ROWS_MAX : LIMIT_PAGE_ROWS_DEFAULT;
    TRY(plan_list(&plans, &count, &next, cx, area_id, state, after, max));
    struct table_column *c = arena_new(cx->arena, COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * COLUMNS * sizeof *cells);
    c[0] = (struct table_column){NULL, _("Household or area"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Place"), ALIGN_TEXT, true};
    c[2] = (struct table_column){NULL, _("State"), ALIGN_TEXT, false};
    c[3] = (struct table_column){NULL, _("Measures"), ALIGN_NUMBER, true};
    c[4] = (struct table_column){NULL, _("Ended"), ALIGN_NUMBER, true};
    c[5] = (struct table_column){NULL, _("Late"), ALIGN_NUMBER, false};
    c[6] = (struct table_column){NULL, _("Made"), ALIGN_TEXT, true};
    for (size_t i = 0; i < count; i++)
        TRY(fill_row(cells + i * COLUMNS, cx, &plans[i]));
    const char *area = area_id ? arena_printf(cx->arena, "%" PRId64, area_id) : "";
    const char *state_z = arena_copy(cx->arena, state);
    *t = (struct table){.caption = _("Help plans"),
                        .base = "/plan",
                        .query = arena_printf(cx->arena, "state=%s%s%s", html_encode(cx, state),
                                              area_id ? "&area=" : "", area),
                        .columns = c,
                        .column_count = COLUMNS,
                        .cells = cells,
                        .row_count = count,
                        .next_token = next,
                        .is_first_page = !after.len,
                        .can_export = actor_may(cx, "export.run"),
                        .empty_title = _("No help plans here"),
                        .empty_hint =
                            _("Open a household and propose a plan, or choose another state."),
                        .empty_href = "/household",
                        .empty_action = _("Households")};
    t->filters = filters(cx, state_z, area, &t->filter_count);
    return RC_OK;
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct table t;
    struct area area;
    struct str area_text = request_query(q, "area");
    struct plan_list_view v = {.table = &t, .csrf = visitor_of(q)->csrf};
    int64_t area_id = 0;
    if (area_text.len && (!str_to_i64(&area_id, area_text) || area_id < 0))
        area_id = 0;
    TRY(db_read_begin(cx));
    if (area_id) {
        TRY(area_get(&area, cx, area_id));
        if (!actor_may_in(cx, "household.view", str_of(area.path)))
            return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                        "plan list area");
        v.area_name = area.name;
        if (area.county && actor_may_in(cx, "plan.edit", str_of(area.path)))
            v.area_id = area_id;
    }
    TRY(plan_table(&t, cx, q, area_id));
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "help-plans");
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Help plans"), .nav = "plan"});
    plan_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- what we are to deliver ---- */

struct owned {
    struct plan_item *items;
    size_t count;
};

static enum rc add_owned(struct owned *all, struct cx *cx, int64_t county, struct owner owner)
{
    struct plan_item *items;
    size_t count;
    TRY(plan_items_owned(&items, &count, cx, county, owner, 0, 0,
                         LIMIT_PAGE_ROWS - all->count));
    if (count)
        memcpy(all->items + all->count, items, count * sizeof *items);
    all->count += count;
    return RC_OK;
}

/* Of the actor, of the organisations they have a duty in, and of the areas whose measures they
 * carry out. */
static enum rc read_owned(struct owned *all, struct cx *cx)
{
    struct duty *duties;
    size_t count;
    const struct actor *me = cx->actor;
    all->items = arena_new(cx->arena, (LIMIT_PAGE_ROWS + 1) * sizeof *all->items);
    if (!me)
        return RC_OK;
    TRY(duties_of_user(&duties, &count, cx, me->user_id, false));
    for (size_t i = 0; i < count && all->count < LIMIT_PAGE_ROWS; i++)
        TRY(add_owned(all, cx, duties[i].county,
                      (struct owner){OWNER_ORG, duties[i].org_id, ""}));
    for (size_t g = 0; g < me->grant_count && all->count < LIMIT_PAGE_ROWS; g++) {
        const struct grant *grant = &me->grants[g];
        TRY(add_owned(all, cx, grant->county, (struct owner){OWNER_USER, me->user_id, ""}));
        if (actor_may_in(cx, "measure.run", str_of(grant->area_path)) &&
            all->count < LIMIT_PAGE_ROWS)
            TRY(add_owned(all, cx, grant->county,
                          (struct owner){OWNER_AREA, grant->area_id, "measure.run"}));
    }
    return RC_OK;
}

static enum rc item_row(struct table_cell *row, struct cx *cx, struct plan_item *x)
{
    struct plan p;
    struct plan_item same;
    struct plan_card *card;
    const char *title, *place, *href;
    enum rc rc = plan_item_get(&p, &same, cx, x->id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        row[0].text = "–";
        return RC_OK;
    }
    TRY(rc);
    TRY(plan_titles(&title, &place, &href, cx, &p));
    TRY(plan_cards_fill(&card, cx, &p, &same, 1, false));
    row[0] = (struct table_cell){card->title,
                                 arena_printf(cx->arena, "/plan/item/%" PRId64, x->id), NULL};
    row[1].text = title;
    row[2].text = place;
    row[3] = (struct table_cell){card->due, NULL, card->late ? "bad" : NULL};
    row[4] = (struct table_cell){card->state, NULL, card->tone[0] ? card->tone : NULL};
    row[5].text = card->cost;
    return RC_OK;
}

static enum rc items_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct owned all = {0};
    struct table_column *c = arena_new(cx->arena, ITEM_COLUMNS * sizeof *c);
    TRY(db_read_begin(cx));
    TRY(read_owned(&all, cx));
    struct table_cell *cells =
        arena_new(cx->arena, (all.count + 1) * ITEM_COLUMNS * sizeof *cells);
    c[0] = (struct table_column){NULL, _("Measure of help"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Household or area"), ALIGN_TEXT, false};
    c[2] = (struct table_column){NULL, _("Place"), ALIGN_TEXT, true};
    c[3] = (struct table_column){NULL, _("Until"), ALIGN_TEXT, false};
    c[4] = (struct table_column){NULL, _("State"), ALIGN_TEXT, true};
    c[5] = (struct table_column){NULL, _("Cost"), ALIGN_NUMBER, true};
    for (size_t i = 0; i < all.count; i++)
        TRY(item_row(cells + i * ITEM_COLUMNS, cx, &all.items[i]));
    const struct table t = {.caption = _("What we are to deliver"),
                            .base = "/plan/items",
                            .query = "",
                            .columns = c,
                            .column_count = ITEM_COLUMNS,
                            .cells = cells,
                            .row_count = all.count,
                            .is_first_page = true,
                            .can_export = actor_may(cx, "export.run"),
                            .empty_title = _("Nothing to deliver"),
                            .empty_hint = _("Measures come here when a plan is approved.")};
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "measures");
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("What we are to deliver"),
                                              .nav = "plan",
                                              .back_href = "/plan",
                                              .back_label = _("Help plans")});
    plan_items_body(o, cx, &t);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/plan",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = list_get},
    {.method = METHOD_GET,
     .path = "/plan/items",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = items_get},
};
const struct route_table plan_list_routes = ROUTE_TABLE(rows);

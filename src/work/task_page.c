/* My tasks: what to do next and why, by deadline, late ones first; given by me, late below me,
 * of an area; the same as a file; and the short list of the start page. */
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "people/actor.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "work/place.h"
#include "work/task.html.h"
#include "work/task_view.h"

#include <string.h>

enum { FILE_ROWS = 10000, COLUMNS = 7, FILTERS = 4, WEEK_DAYS = 7 };

static const struct {
    const char *kind, *text;
} kinds[] = {{"flow", N_("Case or grievance")},
             {"tip", N_("Tip")},
             {"objection", N_("Objection")},
             {"plan", N_("Help plan")},
             {"plan_item", N_("Step of a help plan")},
             {"alert", N_("Alert")},
             {"disaster", N_("Check after a disaster")},
             {"meeting", N_("Decision of a meeting")},
             {"free", N_("Task of a person")}};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

const char *task_kind_text(struct cx *cx, const char *kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (!strcmp(kinds[i].kind, kind))
            return text_in(cx->lang, kinds[i].text);
    return _("Task");
}

/* ---- one line ---- */

static int32_t due_day(struct cx *cx, const struct task *t)
{
    return local_day(cx->profile, t->due_at - 1);
}

/* Deadlines are the end of a day: what is due at tonight's midnight is due today. */
static const char *group_of(struct cx *cx, const struct task *t)
{
    int32_t today = local_day(cx->profile, cx->now_at);
    if (!t->due_at)
        return _("Without a deadline");
    if (t->due_at <= cx->now_at)
        return _("Late");
    int32_t day = due_day(cx, t);
    if (day <= today)
        return _("Today");
    return day <= today + WEEK_DAYS ? _("The next seven days") : _("Later");
}

static void fill_due(struct task_item *out, struct cx *cx, const struct task *t)
{
    out->tone = "muted";
    out->due = _("no deadline");
    if (t->state >= TASK_DONE) {
        out->due = format_time(cx, t->done_at);
        return;
    }
    if (!t->due_at)
        return;
    const char *day = format_day(cx, due_day(cx, t));
    if (t->due_at <= cx->now_at) {
        out->tone = "bad";
        out->due = arena_printf(cx->arena, _("late since %s"), day);
    } else if (due_day(cx, t) <= local_day(cx->profile, cx->now_at)) {
        out->tone = "warn";
        out->due = _("due today");
    } else {
        out->due = arena_printf(cx->arena, _("until %s"), day);
    }
}

void task_item_fill(struct task_item *out, struct cx *cx, const struct task *t,
                    const char **before)
{
    const char *own = arena_printf(cx->arena, "/task/%" PRId64, t->id);
    *out = (struct task_item){.title = t->title.in[cx->lang],
                              .why = t->why.in[cx->lang],
                              .href = t->href[0] ? t->href : own,
                              .own_href = t->href[0] ? own : NULL,
                              .place = ""};
    fill_due(out, cx, t);
    if (t->state != TASK_OPEN)
        out->state = task_state_text(cx, t->state);
    if (!before || t->state != TASK_OPEN)
        return;
    const char *group = group_of(cx, t);
    if (!*before || strcmp(*before, group) != 0)
        out->group = *before = group;
}

/* Many lie in one area: its name is read once a page. */
static void fill_places(struct task_item *items, struct cx *cx, const struct task *tasks,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        while (same < i && tasks[same].area_id != tasks[i].area_id)
            same++;
        items[i].place = same < i ? items[same].place : area_label(cx, tasks[i].area_id);
    }
}

enum rc task_next_fill(struct task_next_view *v, struct cx *cx, size_t max)
{
    struct task *tasks;
    size_t count;
    const char *next;
    const struct task_query q = {.mine = true, .limit = max};
    TRY(task_list(&tasks, &count, &next, cx, &q));
    v->items = arena_new(cx->arena, (count + 1) * sizeof *v->items);
    for (size_t i = 0; i < count; i++)
        task_item_fill(&v->items[i], cx, &tasks[i], NULL);
    fill_places(v->items, cx, tasks, count);
    v->count = count;
    return count ? task_sums_mine(&v->sums, cx) : RC_OK;
}

/* ---- what is asked for ---- */

enum tab { TAB_MINE, TAB_GIVEN, TAB_LATE, TAB_AREA };
static const char *const tab_names[] = {"mine", "given", "late", "area"};
struct asked {
    enum tab tab;
    struct task_query query;
    struct str kind, state;
    bool file;
};

static enum rc read_asked(struct asked *out, struct cx *cx, const struct request *q)
{
    struct str tab = request_query(q, "tab"), area = request_query(q, "area");
    *out = (struct asked){.kind = request_query(q, "kind"),
                          .state = request_query(q, "state"),
                          .file = page_wants_file(q)};
    for (int i = 0; i < 4; i++)
        if (str_eq_z(tab, tab_names[i]))
            out->tab = (enum tab)i;
    struct task_query *t = &out->query;
    t->mine = out->tab == TAB_MINE;
    t->given = out->tab == TAB_GIVEN;
    t->late_below = out->tab == TAB_LATE;
    t->kind = out->kind;
    t->state = out->state;
    t->after = out->file ? STR("") : request_query(q, "after");
    t->limit = out->file ? FILE_ROWS : LIMIT_PAGE_ROWS_DEFAULT;
    if (area.len && (!str_to_i64(&t->area_id, area) || t->area_id < 0))
        return fail(cx, RC_INVALID, _("\"area\" in the address is not a number."), "area");
    return RC_OK;
}

/* The area asked for, or the first that is the actor's. */
static enum rc find_area(struct asked *a, struct cx *cx)
{
    const char *const *paths;
    struct place *chain;
    size_t count;
    if (a->tab != TAB_AREA || a->query.area_id)
        return RC_OK;
    TRY(actor_require(cx, "task.view"));
    TRY(actor_paths(&paths, &count, cx, "task.view"));
    if (!count || !paths[0][0])
        return RC_OK;
    TRY(place_chain(&chain, &count, cx, paths[0]));
    a->query.area_id = chain[count - 1].id;
    return RC_OK;
}

/* ---- the page ---- */

static void fill_tabs(struct task_list_view *v, struct cx *cx, const struct asked *a)
{
    const char *labels[] = {_("Mine"), _("Given by me"), _("Late below me"), _("Of an area")};
    for (int i = 0; i < 4; i++) {
        if (i == TAB_AREA && !actor_may(cx, "task.view"))
            continue;
        v->tabs[v->tab_count++] = (struct task_tab){
            i ? arena_printf(cx->arena, "/task?tab=%s", tab_names[i]) : "/task", labels[i],
            a->tab == (enum tab)i};
    }
}

static const char *plain(struct cx *cx, struct str s)
{
    return s.p ? arena_copy(cx->arena, s) : "";
}

static void fill_filters(struct task_list_view *v, struct cx *cx, const struct asked *a)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_filter *f = arena_new(cx->arena, FILTERS * sizeof *f);
    struct filter_choice *kind = arena_new(cx->arena, (KIND_COUNT + 1) * sizeof *kind);
    struct filter_choice *state = arena_new(cx->arena, 4 * sizeof *state);
    size_t n = 0;
    kind[0] = (struct filter_choice){"", _("all")};
    for (size_t i = 0; i < KIND_COUNT; i++)
        kind[i + 1] = (struct filter_choice){kinds[i].kind, text_in(cx->lang, kinds[i].text)};
    state[0] = (struct filter_choice){"", _("open")};
    state[1] = (struct filter_choice){"waiting", _("waiting")};
    state[2] = (struct filter_choice){"done", _("ended")};
    state[3] = (struct filter_choice){"all", _("all")};
    if (a->tab != TAB_LATE)
        f[n++] = (struct table_filter){FILTER_CHOICE,      "kind", _("Kind"),
                                       plain(cx, a->kind), kind,   KIND_COUNT + 1};
    if (a->tab != TAB_LATE)
        f[n++] = (struct table_filter){FILTER_CHOICE,       "state", _("State"),
                                       plain(cx, a->state), state,   4};
    f[n++] =
        (struct table_filter){.kind = FILTER_HIDDEN, .name = "tab", .value = tab_names[a->tab]};
    if (a->query.area_id)
        f[n++] = (struct table_filter){
            .kind = FILTER_HIDDEN,
            .name = "area",
            .value = arena_printf(cx->arena, "%" PRId64, a->query.area_id)};
    *t = (struct table){.caption = "",
                        .base = "/task",
                        .query = "",
                        .filters = f,
                        .filter_count = a->tab == TAB_LATE ? 0 : n,
                        .is_first_page = true};
    v->filters = t;
}

static void fill_items(struct task_list_view *v, struct cx *cx, const struct asked *a,
                       const struct task *tasks, size_t count)
{
    struct task_item *items = arena_new(cx->arena, (count + 1) * sizeof *items);
    const char *before = NULL;
    bool ended = str_eq_z(a->state, "done") || str_eq_z(a->state, "all");
    for (size_t i = 0; i < count; i++) {
        task_item_fill(&items[i], cx, &tasks[i], ended ? NULL : &before);
        if (a->tab != TAB_MINE)
            items[i].owner = owner_label(cx, &tasks[i].owner);
    }
    fill_places(items, cx, tasks, count);
    v->items = items;
    v->item_count = count;
}

static void fill_empty(struct task_list_view *v, struct cx *cx, const struct asked *a)
{
    v->empty_title = a->kind.len || a->state.len ? _("Nothing fits")
                     : a->tab == TAB_MINE        ? _("Nothing is to be done")
                     : a->tab == TAB_LATE        ? _("Nothing is late")
                                                 : _("There are no tasks here");
    v->empty_hint =
        a->tab == TAB_MINE
            ? _("Tasks appear here by themselves when a case, a plan or an alert needs you.")
        : a->tab == TAB_GIVEN ? _("Give one with the button above.")
        : a->tab == TAB_LATE  ? _("You are told here when those below you are late.")
                              : _("Choose another area on its page.");
}

static const struct table *file_table(struct cx *cx, const struct task *tasks, size_t count)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * COLUMNS * sizeof *cells);
    const char *titles[] = {_("Task"),  _("Why"),      _("Kind"), _("Place"),
                            _("Owner"), _("Deadline"), _("State")};
    static const char *const keys[] = {"task",  "why",      "kind", "place",
                                       "owner", "deadline", "state"};
    for (size_t i = 0; i < COLUMNS; i++)
        c[i] = (struct table_column){keys[i], titles[i], ALIGN_TEXT, false};
    for (size_t i = 0; i < count; i++) {
        const struct task *x = &tasks[i];
        struct table_cell *row = cells + i * COLUMNS;
        row[0].text = x->title.in[cx->lang];
        row[1].text = x->why.in[cx->lang];
        row[2].text = task_kind_text(cx, x->kind);
        row[3].text = area_label(cx, x->area_id);
        row[4].text = owner_label(cx, &x->owner);
        row[5].text = x->due_at ? day_iso(cx->arena, due_day(cx, x)) : "";
        row[6].text = task_state_text(cx, x->state);
    }
    *t = (struct table){.caption = _("Tasks"),
                        .base = "/task",
                        .query = "",
                        .columns = c,
                        .column_count = COLUMNS,
                        .cells = cells,
                        .row_count = count,
                        .is_first_page = true};
    return t;
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct task_list_view v = {0};
    struct asked asked;
    struct task *tasks;
    size_t count;
    const char *next;
    TRY(read_asked(&asked, cx, q));
    TRY(db_read_begin(cx));
    TRY(find_area(&asked, cx));
    TRY(task_list(&tasks, &count, &next, cx, &asked.query));
    if (asked.file) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, file_table(cx, tasks, count), "tasks");
    }
    TRY(task_sums_mine(&v.sums, cx));
    fill_tabs(&v, cx, &asked);
    fill_filters(&v, cx, &asked);
    fill_items(&v, cx, &asked, tasks, count);
    fill_empty(&v, cx, &asked);
    if (asked.query.area_id)
        v.area = area_label(cx, asked.query.area_id);
    if (next)
        v.next_href = arena_printf(cx->arena, "/task%s", url_with(cx, q, "after", next));
    if (actor_may(cx, "task.give"))
        v.new_href = asked.query.area_id ? arena_printf(cx->arena, "/task/new?area=%" PRId64,
                                                        asked.query.area_id)
                                         : "/task/new";
    v.first_page = !asked.query.after.len;
    v.may_export = actor_may(cx, "export.run");
    v.export_query = arena_printf(cx->arena, "tab=%s&kind=%s&state=%s&area=%" PRId64,
                                  tab_names[asked.tab], url_encode(cx->arena, asked.kind),
                                  url_encode(cx->arena, asked.state), asked.query.area_id);
    struct out *o = page_begin(cx, q, &(struct page){.title = _("My tasks"), .nav = "task"});
    task_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/task",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_NONE,
     .time_ms_max = 20000,
     .handle = list_get},
};
const struct route_table task_routes = ROUTE_TABLE(rows);

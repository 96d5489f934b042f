/* The shared top of the evidence pages: tabs, the way to the area, the form. */
#include "insight/board.html.h"
#include "insight/board_view.h"
#include "people/actor.h"
#include "web/routes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SELECTS_MAX = 10, LINES_MAX = 16 };

static const struct {
    const char *path, *label;
} tabs[] = {
    {"/poverty", N_("Money")},
    {"/poverty/inequality", N_("Inequality and growth")},
    {"/poverty/dimensions", N_("Many dimensions")},
    {"/poverty/map", N_("Map")},
    {"/poverty/causes", N_("Causes")},
    {"/poverty/change", N_("Change")},
    {"/poverty/capability", N_("Own strength")},
    {"/poverty/publish", N_("Publish")},
};
enum { TAB_COUNT = sizeof tabs / sizeof tabs[0] };

const char *board_href(struct cx *cx, const struct scope *s, const char *path, const char *name,
                       const char *value)
{
    const char *query = scope_query(cx, s, name, value);
    return query[0] ? arena_printf(cx->arena, "%s?%s", path, query) : path;
}

const char *board_href_i64(struct cx *cx, const struct scope *s, const char *path,
                           const char *name, int64_t value)
{
    return board_href(cx, s, path, name, arena_printf(cx->arena, "%" PRId64, value));
}

const char *board_file(struct cx *cx, const struct scope *s, const char *path,
                       const char *format)
{
    const char *query = scope_query(cx, s, NULL, NULL);
    return arena_printf(cx->arena, "%s?%s%sformat=%s", path, query, query[0] ? "&" : "",
                        format);
}

/* Only pages that this program has and the actor may see. */
static bool may_open(const struct cx *cx, const char *path)
{
    size_t count;
    const struct route *all = routes_all(&count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(all[i].path, path) && (all[i].method & METHOD_GET))
            return !all[i].permission || actor_may(cx, all[i].permission);
    return false;
}

static void make_tabs(struct board *b, struct cx *cx)
{
    b->tabs = arena_new(cx->arena, TAB_COUNT * sizeof *b->tabs);
    for (size_t i = 0; i < TAB_COUNT; i++)
        if (may_open(cx, tabs[i].path))
            b->tabs[b->tab_count++] = (struct board_link){
                board_href(cx, b->scope, tabs[i].path, NULL, NULL),
                text_in(cx->lang, tabs[i].label), !strcmp(tabs[i].path, b->path)};
}

/* This page again with one thing changed, its own choices kept. */
static const char *own_href(const struct board *b, struct cx *cx, const char *name,
                            const char *value)
{
    const char *href = board_href(cx, b->scope, b->path, name, value);
    for (size_t i = 0; i < b->own_count; i++)
        for (size_t k = 0; k < b->own[i].count; k++) {
            const struct board_choice *c = &b->own[i].choices[k];
            if (c->chosen && c->value[0])
                href = arena_printf(cx->arena, "%s%c%s=%s", href, strchr(href, '?') ? '&' : '?',
                                    b->own[i].name, url_encode(cx->arena, str_of(c->value)));
        }
    return href;
}

/* Areas above the actor's own are named without a link. */
static void make_crumbs(struct board *b, struct cx *cx)
{
    const struct scope *s = b->scope;
    b->crumbs = arena_new(cx->arena, (s->chain_count + 2) * sizeof *b->crumbs);
    if (!s->chain_count)
        b->crumbs[b->crumb_count++] = (struct board_link){NULL, s->area.name, true};
    for (size_t i = 0; i < s->chain_count; i++) {
        const struct area *a = &s->chain[i];
        bool may = actor_may_in(cx, "poverty.view", str_of(a->path));
        b->crumbs[b->crumb_count++] = (struct board_link){
            may ? own_href(b, cx, "area", arena_printf(cx->arena, "%" PRId64, a->id)) : NULL,
            a->name, a->id == s->area.id};
    }
}

/* ---- lines ready to be chosen ---- */

static void add_line(struct board *b, struct cx *cx, const char *text, const char *label)
{
    if (b->line_count < LINES_MAX)
        b->lines[b->line_count++] = (struct board_link){own_href(b, cx, "line", text), label,
                                                        !strcmp(text, b->scope->line.text)};
}

/* A tenth lower or higher, to a round number. */
static void add_step(struct board *b, struct cx *cx, double times, const char *label)
{
    double step = pow(10, floor(log10(b->line)) - 1),
           line = round(b->line * times / step) * step;
    if (line > 0)
        add_line(b, cx, arena_printf(cx->arena, "%.10g", line),
                 arena_printf(cx->arena, "%s (%s)", label, scope_money(cx, b->scope, line)));
}

static void make_lines(struct board *b, struct cx *cx)
{
    const struct profile *p = cx->profile;
    b->lines = arena_new(cx->arena, LINES_MAX * sizeof *b->lines);
    b->line_hint = _("A number, a share, or:");
    b->line_value = b->scope->line.threshold
                        ? scope_threshold_label(cx, b->scope->line.threshold, b->scope->year)
                        : b->scope->line.text;
    for (size_t i = 0; i < p->poverty_line_count; i++)
        add_line(b, cx, p->poverty_lines[i],
                 scope_threshold_label(cx, p->poverty_lines[i], b->scope->year));
    add_line(b, cx, "60%median", _("60% of the median"));
    if (b->line > 0) {
        add_step(b, cx, .9, _("a tenth lower"));
        add_step(b, cx, 1.1, _("a tenth higher"));
    }
}

/* ---- fields ---- */

static struct board_select *add_select(struct board *b, struct cx *cx, const char *name,
                                       const char *label, size_t room)
{
    struct board_select *s = &b->selects[b->select_count++];
    *s = (struct board_select){name, label,
                               arena_new(cx->arena, (room + 1) * sizeof *s->choices), 0};
    return s;
}

static void add_choice(struct board_select *s, const char *value, const char *label,
                       bool chosen)
{
    s->choices[s->count++] = (struct board_choice){value, label, chosen};
}

static void add_years(struct board *b, struct cx *cx, const char *name, const char *label,
                      int32_t chosen)
{
    const struct scope *s = b->scope;
    if (s->year_count < 2)
        return;
    struct board_select *f = add_select(b, cx, name, label, s->year_count);
    for (size_t i = s->year_count; i-- > 0;) {
        const char *year = arena_printf(cx->arena, "%d", s->years[i]);
        add_choice(f, year, year, s->years[i] == chosen);
    }
}

static void add_indicators(struct board *b, struct cx *cx, const char *name, const char *label,
                           const struct indicator *const *of, size_t count)
{
    struct board_select *f = add_select(b, cx, name, label, count);
    for (size_t i = 0; i < count; i++)
        add_choice(f, of[i]->code, LABEL(cx, of[i]->label), of[i] == b->scope->welfare);
}

static void add_groups(struct board *b, struct cx *cx)
{
    const struct profile *p = cx->profile;
    const struct scope *s = b->scope;
    struct board_select *f =
        add_select(b, cx, "group", _("Split by"), p->poverty_group_count + 2);
    add_choice(f, "", _("nothing"), !s->group && !s->by_size);
    add_choice(f, "size", _("Number of people"), s->by_size);
    for (size_t i = 0; i < p->poverty_group_count; i++) {
        const struct indicator *g = p->poverty_groups[i];
        if (g->type == TYPE_CODE || g->type == TYPE_BOOL || g->type == TYPE_INTEGER)
            add_choice(f, g->code, LABEL(cx, g->label), g == s->group);
    }
}

static void add_index(struct board *b, struct cx *cx)
{
    const struct profile_rules *r = cx->profile->rules;
    if (!r || r->index_count < 2)
        return;
    struct board_select *f = add_select(b, cx, "index", _("Index"), r->index_count);
    for (size_t i = 0; i < r->index_count; i++)
        add_choice(f, r->indexes[i].code, LABEL(cx, r->indexes[i].label),
                   &r->indexes[i] == b->scope->index);
}

static void make_selects(struct board *b, struct cx *cx)
{
    const struct scope *s = b->scope;
    struct board_select *f;
    b->selects = arena_new(cx->arena, (SELECTS_MAX + b->own_count) * sizeof *b->selects);
    for (size_t i = 0; i < b->own_count; i++)
        b->selects[b->select_count++] = b->own[i];
    if (b->fields & BOARD_INDEX)
        add_index(b, cx);
    if (b->fields & BOARD_YEAR)
        add_years(b, cx, "year", _("Year"), s->year);
    if (b->fields & BOARD_FROM_YEAR)
        add_years(b, cx, "from_year", _("Compared with"), s->from_year);
    if (b->fields & BOARD_GROUP)
        add_groups(b, cx);
    b->select_first = b->select_count;
    if ((b->fields & BOARD_WELFARE) && cx->profile->welfare_count > 1)
        add_indicators(b, cx, "welfare", _("Income"), cx->profile->welfare,
                       cx->profile->welfare_count);
    if (b->fields & BOARD_UNIT) {
        f = add_select(b, cx, "unit", _("Counted are"), 2);
        add_choice(f, "", _("people"), !s->households);
        add_choice(f, "household", _("households"), s->households);
    }
    if (b->fields & BOARD_POOR) {
        f = add_select(b, cx, "poor", _("Poor is"), 2);
        add_choice(f, "", _("who is below the line"), !s->weak);
        add_choice(f, "at", _("who is below it or at it"), s->weak);
    }
}

static bool has_field(const struct board *b, struct str name)
{
    for (size_t i = 0; i < b->select_count; i++)
        if (str_eq_z(name, b->selects[i].name))
            return true;
    return (b->fields & BOARD_LINE) && str_eq_z(name, "line");
}

static void make_hidden(struct board *b, struct cx *cx)
{
    const struct scope *s = b->scope;
    b->hidden = arena_new(cx->arena, (s->pair_count + 1) * sizeof *b->hidden);
    for (size_t i = 0; i < s->pair_count; i++)
        if (!has_field(b, s->pairs[i].name))
            b->hidden[b->hidden_count++] = s->pairs[i];
}

void board_put(struct out *o, struct cx *cx, struct board *b)
{
    make_tabs(b, cx);
    make_crumbs(b, cx);
    if (b->fields & BOARD_LINE)
        make_lines(b, cx);
    make_selects(b, cx);
    make_hidden(b, cx);
    board_top(o, cx, b);
    if (b->fields)
        board_form(o, cx, b);
}

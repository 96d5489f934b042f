/* Opens the rows behind a figure: county after county, then their poverty line. */
#include "insight/population.h"

#include "insight/population_impl.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define POPULATION_BYTES_MAX ((size_t)3 << 30) /* some 60 million rows */

struct cx population_cx(const struct cx *cx, const struct population *p)
{
    struct cx wide = *cx;
    wide.arena = p->arena;
    err_clear(&wide);
    return wide;
}

enum rc population_failed(struct cx *cx, const struct cx *wide, enum rc rc)
{
    if (rc)
        cx->err = wide->err;
    return rc;
}

void population_close(struct population *p)
{
    if (p)
        arena_free(p->arena);
}

/* ---- reading ---- */

/* Children of an area above the tenants, or of everything. */
static enum rc children_above(struct population *p, struct cx *wide)
{
    const struct area *top = &p->scope->area;
    struct area *children;
    size_t count;
    if (top->id && top->level >= wide->profile->tenant_level)
        return RC_OK;
    TRY(area_children(&children, &count, wide, top->id));
    p->children = arena_new(p->arena, (count + 1) * sizeof *p->children);
    for (size_t i = 0; i < count; i++)
        p->children[i] = (struct population_group){
            .label = children[i].name, .area_id = children[i].id, .path = children[i].path};
    p->child_count = count;
    return RC_OK;
}

static bool differs_by_area(const struct scope *s, const struct profile *p,
                            const struct scope_line *line)
{
    bool some = line && line->threshold && scope_threshold_by_area(p, line->threshold);
    some =
        some || (s->from_line.threshold && scope_threshold_by_area(p, s->from_line.threshold));
    for (size_t i = 0; i < p->poverty_line_count; i++)
        some = some || scope_threshold_by_area(p, p->poverty_lines[i]);
    return some;
}

static enum rc codes_above(struct population_reading *r, const struct scope_county *county)
{
    struct area *chain;
    size_t count;
    r->above_count = 0;
    if (!r->with_codes)
        return RC_OK;
    TRY(area_chain(&chain, &count, r->wide, county->area_id));
    for (size_t i = count; i-- > 0 && r->above_count < 8;)
        if (chain[i].id != county->area_id && chain[i].code[0])
            r->above[r->above_count++] = str_of(chain[i].code);
    return RC_OK;
}

/* Without empty groups and without "directly here" where nobody lives. */
static void drop_empty(struct population_group *groups, size_t *count, uint32_t *of, size_t n,
                       struct arena *a, bool keep_areas)
{
    uint32_t *place = arena_new(a, (*count + 1) * sizeof *place);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (!groups[i].rows && !(keep_areas && groups[i].area_id))
            continue;
        place[i] = (uint32_t)kept;
        groups[kept++] = groups[i];
    }
    *count = kept;
    for (size_t i = 0; i < n; i++)
        of[i] = place[of[i]];
}

static enum rc read_all(struct population_reading *r)
{
    struct population *p = r->p;
    const struct scope *s = p->scope;
    p->sources = arena_new(p->arena, (s->county_count + 1) * sizeof *p->sources);
    if (r->want & POPULATION_CHILD)
        TRY(children_above(p, r->wide));
    population_codes_begin(r);
    for (size_t i = 0; i < s->county_count; i++) {
        struct columns *c;
        TRY(codes_above(r, &s->counties[i]));
        TRY(columns_open(&c, r->wide, s->counties[i].county));
        enum rc rc = population_read_county(r, c, &s->counties[i]);
        columns_close(c);
        TRY(rc);
    }
    if (r->want & POPULATION_CHILD)
        drop_empty(p->children, &p->child_count, p->child, p->n, p->arena, true);
    if (p->codes)
        drop_empty(p->codes, &p->code_count, p->code, p->n, p->arena, false);
    return RC_OK;
}

/* What must be there before anything is read. */
static enum rc check_scope(struct cx *cx, const struct scope *s, int32_t year, unsigned want)
{
    if (!year)
        return fail(cx, RC_INVALID,
                    _("There are no sheets of any year here yet. Import some first."), "years");
    if (!(want & POPULATION_NO_WELFARE) && !s->welfare)
        return fail(cx, RC_INVALID,
                    _("The profile names no income or consumption to measure poverty by."),
                    "welfare");
    if ((want & POPULATION_FLAGS) && !s->index)
        return fail(cx, RC_INVALID, _("The profile has no index of deprivations."), "index");
    return RC_OK;
}

enum rc population_open(struct population **out, struct cx *cx, const struct scope *s,
                        int32_t year, const struct scope_line *line, unsigned want)
{
    int32_t chosen = year ? year : s->year;
    const struct scope_line *wanted = line ? line : &s->line;
    *out = NULL;
    TRY(check_scope(cx, s, chosen, want));
    struct arena *arena = arena_open(POPULATION_BYTES_MAX);
    struct population *p = arena_new(arena, sizeof *p);
    *p = (struct population){.scope = s,
                             .year = chosen,
                             .arena = arena,
                             .line = (double)NAN,
                             .line_low = (double)NAN,
                             .line_high = (double)NAN};
    struct cx wide = population_cx(cx, p);
    struct population_reading r = {.p = p, .wide = &wide, .want = want};
    r.with_codes = differs_by_area(s, cx->profile, wanted);
    enum rc rc = population_failed(cx, &wide, read_all(&r));
    if (!rc && !(want & POPULATION_NO_WELFARE) && wanted->text && *wanted->text)
        rc = population_set_line(p, cx, wanted);
    if (rc) {
        population_close(p);
        return rc;
    }
    *out = p;
    return RC_OK;
}

/* ---- the line ---- */

struct welfare population_welfare(const struct population *p)
{
    return (struct welfare){.y = p->y, .w = p->w, .n = p->n};
}

enum rc population_ranked(const struct ranked **out, struct population *p, struct cx *cx)
{
    if (!p->ranked) {
        struct cx wide = population_cx(cx, p);
        struct ranked *ranked = arena_new(p->arena, sizeof *ranked);
        struct welfare x = population_welfare(p);
        TRY(population_failed(cx, &wide, ranked_make(ranked, &wide, &x)));
        p->ranked = ranked;
    }
    *out = p->ranked;
    return RC_OK;
}

static void one_run(struct population *p, double line)
{
    p->runs = arena_new(p->arena, sizeof *p->runs);
    p->runs[0] = (struct population_run){0, p->n, line};
    p->run_count = 1;
    p->line = p->line_low = p->line_high = line;
}

static enum rc no_threshold(struct cx *cx, const struct population *p,
                            const struct scope_line *line, const char *area)
{
    return fail_f(
        cx, RC_INVALID,
        _("“%s” has no value for %s at the end of %d. Choose another line or year, or "
          "enter the line in the profile's thresholds."),
        scope_threshold_label(cx, line->threshold, 0), area, p->year);
}

static enum rc threshold_everywhere(struct population *p, struct cx *cx,
                                    const struct scope_line *line)
{
    double value;
    enum rc rc = scope_threshold(&value, cx, line->threshold, NULL, 0, p->year);
    if (rc == RC_NOTFOUND)
        return no_threshold(cx, p, line, p->scope->area.name);
    TRY(rc);
    TRY(line_check(cx, value));
    one_run(p, value);
    return RC_OK;
}

static enum rc threshold_by_area(struct population *p, struct cx *cx,
                                 const struct scope_line *line)
{
    p->runs = arena_new(p->arena, (p->place_count + 1) * sizeof *p->runs);
    p->run_count = 0;
    p->line_low = INFINITY;
    p->line_high = -INFINITY;
    for (size_t i = 0; i < p->place_count; i++) {
        const struct population_place *at = &p->places[i];
        double value;
        enum rc rc =
            scope_threshold(&value, cx, line->threshold, at->codes, at->code_count, p->year);
        if (rc == RC_NOTFOUND)
            return no_threshold(cx, p, line, at->name);
        TRY(rc);
        TRY(line_check(cx, value));
        p->line_low = fmin(p->line_low, value);
        p->line_high = fmax(p->line_high, value);
        struct population_run *last = p->run_count ? &p->runs[p->run_count - 1] : NULL;
        if (last && last->line >= value && last->line <= value)
            last->end = at->end;
        else
            p->runs[p->run_count++] = (struct population_run){at->begin, at->end, value};
    }
    p->line = p->run_count == 1 ? p->line_low : (double)NAN;
    return RC_OK;
}

static enum rc relative_line(struct population *p, struct cx *cx, const struct scope_line *line)
{
    const struct ranked *ranked;
    double value = 0;
    TRY(population_ranked(&ranked, p, cx));
    if (!ranked->n)
        return fail(cx, RC_INVALID,
                    _("Nobody's income is known here, so a line relative to it cannot be had."),
                    "relative line");
    TRY(line_value(&value, cx, &line->spec, ranked, QUANTILE_LAEKEN));
    TRY(line_check(cx, value));
    one_run(p, value);
    return RC_OK;
}

enum rc population_set_line(struct population *p, struct cx *cx, const struct scope_line *line)
{
    assert(p->y || !p->n);
    p->run_count = 0;
    p->line = p->line_low = p->line_high = (double)NAN;
    if (!p->n)
        return RC_OK;
    if (line->threshold && scope_threshold_by_area(cx->profile, line->threshold))
        return threshold_by_area(p, cx, line);
    if (line->threshold)
        return threshold_everywhere(p, cx, line);
    if (line->spec.kind != LINE_FIXED)
        return relative_line(p, cx, line);
    TRY(line_check(cx, line->spec.value));
    one_run(p, line->spec.value);
    return RC_OK;
}

void population_fgt(struct fgt_sums *sums, const struct population *p, const uint32_t *group,
                    bool weak)
{
    for (size_t i = 0; i < p->run_count; i++) {
        const struct population_run *r = &p->runs[i];
        struct welfare x = {p->y + r->begin, p->w + r->begin, r->end - r->begin};
        fgt_add(sums, &x, group ? group + r->begin : NULL, r->line, weak);
    }
}

enum rc population_poor(const uint8_t **out, struct population *p, struct cx *cx, bool weak)
{
    uint8_t *poor = arena_array(p->arena, p->n + 1, sizeof *poor);
    if (!poor)
        return fail(
            cx, RC_LIMIT,
            _("There are too many households here for one page. Choose a smaller area."),
            "poor");
    for (size_t k = 0; k < p->run_count; k++)
        for (size_t i = p->runs[k].begin; i < p->runs[k].end; i++)
            poor[i] = p->y[i] < p->runs[k].line || (weak && p->y[i] <= p->runs[k].line);
    *out = poor;
    return RC_OK;
}

double population_line_of(const struct population *p, size_t row)
{
    size_t low = 0, high = p->run_count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (p->runs[middle].begin <= row)
            low = middle;
        else
            high = middle;
    }
    return p->run_count ? p->runs[low].line : (double)NAN;
}

const char *population_place_of(const struct population *p, size_t row)
{
    size_t low = 0, high = p->place_count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (p->places[middle].begin <= row)
            low = middle;
        else
            high = middle;
    }
    return p->place_count ? p->places[low].name : "";
}

/* Splitting the change of a poverty rate: see split.h. */
#include "insight/split.h"

#include "base/text.h"
#include "insight/attach.h"
#include "register/journal.h"

#include <math.h>
#include <stdlib.h>

/* A household in both years' populations; ids ascend. */
struct pair_row {
    int64_t household;
    size_t row;
};
struct year_rows {
    struct population *p;
    struct pair_row *by_id;
};

static int by_household(const void *a, const void *b)
{
    int64_t x = ((const struct pair_row *)a)->household;
    int64_t y = ((const struct pair_row *)b)->household;
    return x < y ? -1 : x > y;
}

static enum rc sort_ids(struct year_rows *y, struct cx *cx)
{
    struct cx wide = population_cx(cx, y->p);
    y->by_id = arena_array(wide.arena, y->p->n + 1, sizeof *y->by_id);
    if (!y->by_id)
        return fail(cx, RC_LIMIT, _("There are too many households for this page."), "split");
    for (size_t i = 0; i < y->p->n; i++)
        y->by_id[i] = (struct pair_row){y->p->household[i], i};
    qsort(y->by_id, y->p->n, sizeof *y->by_id, by_household);
    return RC_OK;
}

static size_t row_of(const struct year_rows *y, int64_t household)
{
    struct pair_row key = {household, 0};
    const struct pair_row *found =
        bsearch(&key, y->by_id, y->p->n, sizeof *y->by_id, by_household);
    return found ? found->row : SIZE_MAX;
}

/* ---- the earlier year as first recorded ---- */

struct firsts {
    const struct year_rows *y;
    double *value;   /* by row; NaN: none */
    double unit;     /* stored units of one whole */
    int64_t changes; /* values that were changed after they were first recorded */
};

static void note_change(void *arg, int64_t household_id, struct value from, struct value to)
{
    struct firsts *f = arg;
    size_t row = row_of(f->y, household_id);
    if (row == SIZE_MAX)
        return;
    if (to.kind != VALUE_INT) /* taken back: the next value is the first again */
        f->value[row] = NAN;
    else if (from.kind != VALUE_INT || isnan(f->value[row]))
        f->value[row] = (double)to.i / f->unit;
}

static enum rc read_firsts(struct firsts *f, struct cx *cx, const struct scope *s)
{
    const struct population *p = f->y->p;
    struct cx wide = population_cx(cx, p);
    f->value = arena_array(wide.arena, p->n + 1, sizeof *f->value);
    if (!f->value)
        return fail(cx, RC_LIMIT, _("There are too many households for this page."), "split");
    for (size_t i = 0; i < p->n; i++)
        f->value[i] = NAN;
    f->unit = pow(10, s->welfare->decimals);
    for (size_t k = 0; k < p->source_count; k++)
        TRY(journal_changes_of(cx, p->sources[k].county, p->year, s->welfare->number,
                               note_change, f));
    for (size_t i = 0; i < p->n; i++)
        f->changes += !isnan(f->value[i]) && !isnan(p->y[i]) &&
                      fabs(f->value[i] - p->y[i]) > 0.25 / f->unit;
    return RC_OK;
}

/* ---- rates ---- */

struct rate {
    double poor, weight;
    int64_t rows;
};
static bool is_poor(double y, double line, bool weak)
{
    return weak ? y <= line : y < line;
}

static void rate_add(struct rate *r, double y, double w, double line, bool weak)
{
    if (isnan(y) || isnan(w))
        return;
    r->rows++;
    r->weight += w;
    r->poor += is_poor(y, line, weak) ? w : 0;
}

static struct split_step step_of(const struct rate *r)
{
    return (struct split_step){.rate = r->weight > 0 ? r->poor / r->weight : NAN,
                               .households = r->rows};
}

static bool has_value(const struct population *p, size_t row)
{
    return row != SIZE_MAX && !isnan(p->y[row]);
}

struct splitting {
    struct year_rows a, b;
    struct firsts first;
    const double *line_a; /* the earlier line, by row of the later year's population */
    bool weak;
    struct rate rate[SPLIT_STEPS];
};

/* The first three rates: rows of the earlier year. */
static void add_earlier(struct splitting *t, struct split *out)
{
    const struct population *a = t->a.p;
    for (size_t i = 0; i < a->n; i++) {
        double line = population_line_of(a, i);
        size_t later = row_of(&t->b, a->household[i]);
        double first = isnan(t->first.value[i]) ? a->y[i] : t->first.value[i];
        rate_add(&t->rate[SPLIT_FIRST], first, a->w[i], line, t->weak);
        rate_add(&t->rate[SPLIT_CORRECTED], a->y[i], a->w[i], line, t->weak);
        if (has_value(t->b.p, later))
            rate_add(&t->rate[SPLIT_LEFT], a->y[i], a->w[i], line, t->weak);
        else if (has_value(a, i))
            out->step[SPLIT_LEFT].changed++;
    }
}

static void note_move(struct split *out, bool was, bool is)
{
    out->became_poor += !was && is;
    out->left_poverty += was && !is;
    out->stayed_poor += was && is;
}

/* The last three: rows of the later year. */
static void add_later(struct splitting *t, struct split *out)
{
    const struct population *a = t->a.p, *b = t->b.p;
    for (size_t i = 0; i < b->n; i++) {
        size_t before = row_of(&t->a, b->household[i]);
        double line = t->line_a[i];
        rate_add(&t->rate[SPLIT_CAME], b->y[i], b->w[i], line, t->weak);
        rate_add(&t->rate[SPLIT_LINE], b->y[i], b->w[i], population_line_of(b, i), t->weak);
        if (!has_value(b, i))
            continue;
        if (!has_value(a, before)) {
            out->step[SPLIT_CAME].changed++;
            continue;
        }
        rate_add(&t->rate[SPLIT_REAL], b->y[i], b->w[i], line, t->weak);
        note_move(out, is_poor(a->y[before], line, t->weak), is_poor(b->y[i], line, t->weak));
    }
}

/* The earlier year's line for each row of the later one. Both years have the same households
 * (all that are in the register now, at their area of now); one that was written down between
 * the two readings takes the first line. */
static enum rc earlier_lines(struct splitting *t, struct cx *cx)
{
    struct cx wide = population_cx(cx, t->b.p);
    double *line = arena_array(wide.arena, t->b.p->n + 1, sizeof *line);
    if (!line)
        return fail(cx, RC_LIMIT, _("There are too many households for this page."), "split");
    double other = t->a.p->run_count ? t->a.p->runs[0].line : NAN;
    for (size_t i = 0; i < t->b.p->n; i++) {
        size_t before = row_of(&t->a, t->b.p->household[i]);
        line[i] = before == SIZE_MAX ? other : population_line_of(t->a.p, before);
    }
    t->line_a = line;
    return RC_OK;
}

static enum rc compute(struct split *out, struct splitting *t, struct cx *cx,
                       const struct scope *s)
{
    TRY(sort_ids(&t->a, cx));
    TRY(sort_ids(&t->b, cx));
    t->first.y = &t->a;
    TRY(read_firsts(&t->first, cx, s));
    TRY(earlier_lines(t, cx));
    add_earlier(t, out);
    add_later(t, out);
    int64_t left = out->step[SPLIT_LEFT].changed, came = out->step[SPLIT_CAME].changed;
    for (int i = 0; i < SPLIT_STEPS; i++) {
        out->step[i] = step_of(&t->rate[i]);
        out->step[i].part = i ? out->step[i].rate - out->step[i - 1].rate : 0;
    }
    out->step[SPLIT_CORRECTED].changed = t->first.changes;
    out->step[SPLIT_LEFT].changed = left;
    out->step[SPLIT_CAME].changed = came;
    out->low_before = t->a.p->line;
    out->low_after = t->b.p->line;
    return RC_OK;
}

enum rc split_make(struct split *out, struct cx *cx, const struct scope *s)
{
    struct splitting t = {.weak = s->weak};
    *out = (struct split){0};
    if (!s->from_year || !s->year || s->from_year == s->year)
        return fail(
            cx, RC_INVALID,
            _("A change needs two years with data: choose an earlier one to compare with."),
            "split years");
    const struct scope_line *before = s->from_line.text ? &s->from_line : &s->line;
    TRY(population_open(&t.a.p, cx, s, s->from_year, before, POPULATION_ID));
    enum rc rc = population_open(&t.b.p, cx, s, s->year, NULL, POPULATION_ID);
    if (!rc) {
        rc = compute(out, &t, cx, s);
        population_close(t.b.p);
    }
    population_close(t.a.p);
    return rc;
}

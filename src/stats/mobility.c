/* Transition matrices with linearised errors. */
#include "stats/mobility.h"

#include "base/text.h"
#include "stats/inner.h"

static bool both_known(const struct state_rows *s, size_t i)
{
    return s->before[i] != UINT32_MAX && s->after[i] != UINT32_MAX &&
           (!s->w || isfinite(s->w[i]));
}

static enum rc check(struct cx *cx, const struct state_rows *s, const struct design *design)
{
    if (s->states < 2 || s->states > MOBILITY_STATES_MAX)
        return fail_f(cx, RC_INVALID,
                      _("A transition table has 2 to %d states; group the values first."),
                      MOBILITY_STATES_MAX);
    if (design && design->n != s->n)
        return fail(cx, RC_INVALID,
                    _("The survey design is of other rows than the table: make it again."),
                    "design=%zu rows=%zu", design->n, s->n);
    for (size_t i = 0; i < s->n; i++) {
        if (s->w && s->w[i] < 0)
            return fail(cx, RC_INVALID, _("A weight is negative; weights are zero or more."),
                        "row=%zu", i);
        if (both_known(s, i) && (s->before[i] >= s->states || s->after[i] >= s->states))
            return fail_f(cx, RC_INVALID,
                          _("Data row %lld has a state that is not among the %d of the table."),
                          (long long)i + 1, (int)s->states);
    }
    return RC_OK;
}

static enum rc count(struct transition *t, struct cx *cx, const struct state_rows *s)
{
    struct sum *cell = arena_array(cx->arena, t->states * t->states, sizeof *cell);
    struct sum total = {0}, left_out = {0};
    if (!cell)
        return fail(cx, RC_LIMIT, _("There are too many rows for a survey design."), "states");
    for (size_t i = 0; i < s->n; i++) {
        double w = s->w ? s->w[i] : 1;
        if (!both_known(s, i)) {
            t->rows_left_out++;
            sum_add(&left_out, isfinite(w) ? w : 0);
        } else if (w > 0) {
            t->rows++;
            sum_add(&total, w);
            sum_add(&cell[s->before[i] * t->states + s->after[i]], w);
        }
    }
    t->weight = total.hi;
    t->left_out = left_out.hi;
    for (size_t k = 0; k < t->states * t->states; k++)
        t->count[k / t->states][k % t->states] = cell[k].hi;
    return t->rows ? RC_OK : fail(cx, RC_INVALID, _(STATS_NOBODY), "transition n=%zu", s->n);
}

static double row_weight(const struct transition *t, size_t before)
{
    double sum = 0;
    for (size_t k = 0; k < t->states; k++)
        sum += t->count[before][k];
    return sum;
}

static void shares(struct transition *t, struct cx *cx)
{
    double trace = 0, stay = 0, m = (double)t->states;
    for (size_t i = 0; i < t->states; i++) {
        double row = row_weight(t, i);
        for (size_t j = 0; j < t->states; j++) {
            t->share[i][j] = row > 0 ? t->count[i][j] / row : NAN;
            t->se[i][j] = NAN;
        }
        if (!(row > 0))
            t->why = _("Somebody must have been in every state before for the index of "
                       "Shorrocks; one state was empty. Join it with another.");
        trace += t->share[i][i];
        stay += t->count[i][i];
    }
    t->stayers = stay / t->weight;
    t->shorrocks = (m - trace) / (m - 1);
    t->stayers_se = t->shorrocks_se = NAN;
}

/* ---- errors ---- */

static double error_of(struct design_sums *sums, double *df)
{
    double v = design_variance(sums, df);
    return v >= 0 ? sqrt(v) : NAN;
}

/* Adds w·u of the rows that were in `before`: 1(after = j) less its share, over their weight,
 * times factor. */
static void add_share(struct design_sums *sums, const struct transition *t,
                      const struct state_rows *s, size_t before, size_t j, double factor)
{
    double scale = factor / row_weight(t, before);
    for (uint32_t i = 0; i < s->n; i++) {
        double w = s->w ? s->w[i] : 1;
        if (s->before[i] != before || !both_known(s, i) || !(w > 0))
            continue;
        double u = scale * ((s->after[i] == j) - t->share[before][j]);
        design_sums_add(sums, &i, &w, &u, 1);
    }
}

static void add_stayers(struct design_sums *sums, const struct transition *t,
                        const struct state_rows *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        double w = s->w ? s->w[i] : 1;
        double u = ((s->before[i] == s->after[i]) - t->stayers) / t->weight;
        if (both_known(s, i) && w > 0)
            design_sums_add(sums, &i, &w, &u, 1);
    }
}

static bool inside(double share)
{
    return share > 0 && share < 1;
}

static enum rc add_errors(struct transition *t, struct cx *cx, const struct state_rows *s,
                          const struct design *design)
{
    struct design_sums sums;
    bool moving = !t->why;
    TRY(design_sums_make(&sums, cx, design));
    for (size_t i = 0; i < t->states; i++)
        for (size_t j = 0; j < t->states; j++) {
            if (!inside(t->share[i][j]))
                continue;
            add_share(&sums, t, s, i, j, 1);
            t->se[i][j] = error_of(&sums, &t->df[i]);
        }
    if (inside(t->stayers)) {
        add_stayers(&sums, t, s);
        t->stayers_se = error_of(&sums, NULL);
    }
    for (size_t i = 0; i < t->states && moving; i++)
        add_share(&sums, t, s, i, i, -1 / ((double)t->states - 1));
    if (moving && inside(t->stayers))
        t->shorrocks_se = error_of(&sums, NULL);
    return RC_OK;
}

enum rc transition_make(struct transition *out, struct cx *cx, const struct state_rows *s,
                        const struct design *design)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct transition t = {.states = s->states};
    TRY(check(cx, s, design));
    TRY(count(&t, cx, s));
    shares(&t, cx);
    if (design)
        TRY(add_errors(&t, cx, s, design));
    arena_back(cx->arena, mark);
    *out = t;
    return RC_OK;
}

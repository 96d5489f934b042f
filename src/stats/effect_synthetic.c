/* Synthetic control, synthetic difference in differences, and the plain one, for few treated
 * units; errors from placebos among the controls. */
#include "stats/effect_synthetic_inner.h"

#include "base/text.h"

#include <string.h>

enum { PLACEBOS = 200 };

/* ---- weights by Frank and Wolfe, as R's synthdid: its stopping rule is part of the number
 * ---- */

struct wolfe {
    size_t rows, n; /* |A w - b|², A rows × n */
    double *a, *b;
    double zeta, least; /* ridge; stop when the loss falls by less than least² */
    double *error;      /* rows */
};

static void centre_columns(struct wolfe *f)
{
    for (size_t j = 0; j <= f->n; j++) {
        double mean = 0;
        for (size_t i = 0; i < f->rows; i++)
            mean += (j < f->n ? f->a[i * f->n + j] : f->b[i]) / (double)f->rows;
        for (size_t i = 0; i < f->rows; i++)
            *(j < f->n ? &f->a[i * f->n + j] : &f->b[i]) -= mean;
    }
}

static double find_errors(struct wolfe *f, const double *w)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < f->rows; i++) {
        f->error[i] = -f->b[i];
        for (size_t j = 0; j < f->n; j++)
            f->error[i] += f->a[i * f->n + j] * w[j];
        sum += f->error[i] * f->error[i];
    }
    for (size_t j = 0; j < f->n; j++)
        square += w[j] * w[j];
    return f->zeta * f->zeta * square + sum / (double)f->rows;
}

/* One step with exact line search towards the best corner. */
static void wolfe_step(const struct wolfe *f, double *w)
{
    double eta = (double)f->rows * f->zeta * f->zeta, lowest = INFINITY, slope = 0, curve = 0;
    size_t best = 0;
    for (size_t j = 0; j < f->n; j++) {
        double g = eta * w[j];
        for (size_t i = 0; i < f->rows; i++)
            g += f->error[i] * f->a[i * f->n + j];
        slope += g * w[j];
        if (g < lowest) {
            lowest = g;
            best = j;
        }
    }
    for (size_t i = 0; i < f->rows; i++) { /* A w is error + b */
        double d = f->a[i * f->n + best] - f->error[i] - f->b[i];
        curve += d * d;
    }
    for (size_t j = 0; j < f->n; j++) {
        double d = (j == best) - w[j];
        curve += eta * d * d;
    }
    if (!(curve > 0))
        return;
    double step = fmin(1, fmax(0, (slope - lowest) / curve));
    for (size_t j = 0; j < f->n; j++)
        w[j] += step * ((j == best) - w[j]);
}

static void wolfe_run(struct wolfe *f, double *w, int most)
{
    double before = INFINITY, now = find_errors(f, w);
    for (int n = 0; n < most && (n < 2 || before - now > f->least * f->least); n++) {
        before = n ? now : INFINITY;
        wolfe_step(f, w);
        now = find_errors(f, w);
    }
}

/* 100 steps, then weights below a quarter of the largest become 0, then up to 10,000. */
static void wolfe_solve(struct wolfe *f, double *w)
{
    double largest = 0, all = 0;
    for (size_t j = 0; j < f->n; j++)
        w[j] = 1 / (double)f->n;
    wolfe_run(f, w, 100);
    for (size_t j = 0; j < f->n; j++)
        largest = fmax(largest, w[j]);
    for (size_t j = 0; j < f->n; j++)
        all += w[j] = w[j] > largest / 4 ? w[j] : 0;
    for (size_t j = 0; j < f->n; j++)
        w[j] /= all;
    wolfe_run(f, w, 10000);
}

/* ---- one estimate ---- */

struct answer {
    double effect, loss;
    double *unit, *time, *gap;
};

/* Deviation of the controls' changes before treatment. */
static double noise(const struct block *b)
{
    size_t periods = b->before + b->after, n = b->controls * (b->before - 1);
    double mean = 0, square = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < b->controls; i++)
            for (size_t t = 1; t < b->before; t++) {
                double d = b->y[i * periods + t] - b->y[i * periods + t - 1];
                if (pass)
                    square += (d - mean) * (d - mean);
                else
                    mean += d / (double)n;
            }
    return sqrt(square / (double)(n - 1));
}

static double mean_after(const struct block *b, const double *y)
{
    double sum = 0;
    for (size_t t = b->before; t < b->before + b->after; t++)
        sum += y[t];
    return sum / (double)b->after;
}

/* Weights of units (over the periods before) or of periods (over the controls). */
static enum rc fit_weights(double *w, struct cx *cx, const struct block *b, bool of_units,
                           bool intercept, double zeta, double least)
{
    struct arena_mark mark = arena_mark(cx->arena);
    size_t periods = b->before + b->after;
    struct wolfe f = {.rows = of_units ? b->before : b->controls,
                      .n = of_units ? b->controls : b->before,
                      .zeta = zeta,
                      .least = least};
    f.a = arena_array(cx->arena, f.rows * f.n, sizeof *f.a);
    f.b = arena_array(cx->arena, f.rows, sizeof *f.b);
    f.error = arena_array(cx->arena, f.rows, sizeof *f.error);
    TRY(effect_room(cx, f.a && f.b && f.error));
    for (size_t i = 0; i < f.rows; i++) {
        for (size_t j = 0; j < f.n; j++)
            f.a[i * f.n + j] = of_units ? b->y[j * periods + i] : b->y[i * periods + j];
        f.b[i] = of_units ? b->treated[i] : mean_after(b, b->y + i * periods);
    }
    if (intercept)
        centre_columns(&f);
    wolfe_solve(&f, w);
    arena_back(cx->arena, mark);
    return RC_OK;
}

/* Effect, gaps and loss at the weights. */
static void finish(struct answer *a, const struct block *b)
{
    size_t periods = b->before + b->after;
    double level = 0;
    for (size_t t = 0; t < periods; t++) {
        a->gap[t] = b->treated[t];
        for (size_t i = 0; i < b->controls; i++)
            a->gap[t] -= a->unit[i] * b->y[i * periods + t];
    }
    a->loss = 0;
    for (size_t t = 0; t < b->before; t++) {
        level += a->time[t] * a->gap[t];
        a->loss += a->gap[t] * a->gap[t] / (double)b->before;
    }
    for (size_t t = 0; t < periods; t++)
        a->gap[t] -= level;
    a->effect = mean_after(b, a->gap);
}

static enum rc estimate(struct answer *a, struct cx *cx, const struct block *b,
                        enum synthetic_kind kind, size_t treated)
{
    double sd = noise(b), least = 1e-5 * sd;
    memset(a->time, 0, b->before * sizeof *a->time);
    if (kind == PLAIN_DID) {
        for (size_t i = 0; i < b->controls; i++)
            a->unit[i] = 1 / (double)b->controls;
        for (size_t t = 0; t < b->before; t++)
            a->time[t] = 1 / (double)b->before;
    } else if (kind == SYNTHETIC_DID) {
        double zeta = sqrt(sqrt((double)(treated * b->after))) * sd;
        TRY(fit_weights(a->time, cx, b, false, true, 1e-6 * sd, least));
        TRY(fit_weights(a->unit, cx, b, true, true, zeta, least));
    } else if (b->k) {
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(synthetic_search(a->unit, cx, b));
        arena_back(cx->arena, mark);
    } else {
        TRY(fit_weights(a->unit, cx, b, true, false, 1e-6 * sd, least));
    }
    finish(a, b);
    return RC_OK;
}

/* ---- blocks of the data ---- */

struct room {
    const struct synthetic_spec *s;
    double *y, *treated, *x, *x_treated;
    struct answer a;
};

/* `order` lists units, the last s->treated_count of them as if treated. */
static struct block block_of(struct room *r, const uint32_t *order, size_t units)
{
    const struct synthetic_spec *s = r->s;
    size_t controls = units - s->treated_count, k = s->x ? s->k : 0;
    memset(r->treated, 0, s->periods * sizeof *r->treated);
    memset(r->x_treated, 0, k * sizeof *r->x_treated);
    for (size_t i = 0; i < units; i++) {
        double share = 1 / (double)s->treated_count;
        for (size_t t = 0; t < s->periods; t++)
            if (i < controls)
                r->y[i * s->periods + t] = s->y[order[i] * s->periods + t];
            else
                r->treated[t] += share * s->y[order[i] * s->periods + t];
        for (size_t j = 0; j < k; j++)
            if (i < controls)
                r->x[i * k + j] = s->x[j][order[i]];
            else
                r->x_treated[j] += share * s->x[j][order[i]];
    }
    return (struct block){.controls = controls,
                          .before = s->treated_from,
                          .after = s->periods - s->treated_from,
                          .y = r->y,
                          .treated = r->treated,
                          .k = k,
                          .x = r->x,
                          .x_treated = r->x_treated};
}

static enum rc open_room(struct room *r, struct cx *cx, const struct synthetic_spec *s)
{
    size_t k = s->x ? s->k : 0;
    *r = (struct room){.s = s};
    r->y = arena_array(cx->arena, s->units * s->periods, sizeof *r->y);
    r->treated = arena_array(cx->arena, s->periods, sizeof *r->treated);
    r->x = arena_array(cx->arena, s->units * k + 1, sizeof *r->x);
    r->x_treated = arena_array(cx->arena, k + 1, sizeof *r->x_treated);
    r->a.unit = arena_array(cx->arena, s->units, sizeof *r->a.unit);
    r->a.time = arena_array(cx->arena, s->periods, sizeof *r->a.time);
    r->a.gap = arena_array(cx->arena, s->periods, sizeof *r->a.gap);
    return effect_room(cx, r->y && r->treated && r->x && r->x_treated && r->a.unit &&
                               r->a.time && r->a.gap);
}

/* ---- placebos ---- */

static void shuffle(uint32_t *order, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)(effect_random(state) % i);
        uint32_t t = order[i - 1];
        order[i - 1] = order[j];
        order[j] = t;
    }
}

/* Each control in turn as if treated (one treated unit), or 200 draws of so many. */
static enum rc placebos(struct synthetic *out, struct cx *cx, const struct synthetic_spec *s,
                        enum synthetic_kind kind)
{
    size_t controls = s->units - s->treated_count;
    size_t rounds = s->treated_count == 1 ? controls : PLACEBOS;
    uint32_t *order = arena_array(cx->arena, s->units, sizeof *order);
    uint64_t state = s->seed;
    double sum = 0, square = 0;
    struct room r;
    out->se = NAN;
    if (controls <= s->treated_count + 1) /* too few controls to play the treated */
        return RC_OK;
    out->placebo = arena_array(cx->arena, rounds, sizeof *out->placebo);
    TRY(effect_room(cx, order && out->placebo));
    TRY(open_room(&r, cx, s));
    for (size_t i = 0; i < controls; i++)
        order[i] = (uint32_t)i;
    for (size_t p = 0; p < rounds; p++) {
        if (s->treated_count > 1)
            shuffle(order, controls, &state);
        else
            for (size_t i = 0; i < controls; i++)
                order[i] = (uint32_t)(i < p ? i : i + 1 < controls ? i + 1 : p);
        struct block b = block_of(&r, order, controls);
        TRY(estimate(&r.a, cx, &b, kind, s->treated_count));
        out->placebo[out->placebos++] = r.a.effect;
        sum += r.a.effect / (double)rounds;
    }
    for (size_t p = 0; p < rounds; p++)
        square += (out->placebo[p] - sum) * (out->placebo[p] - sum) / (double)rounds;
    out->se = sqrt(square);
    return RC_OK;
}

/* ---- the whole ---- */

static enum rc check_spec(struct cx *cx, const struct synthetic_spec *s)
{
    if (!s->treated_count || s->units < s->treated_count + 2)
        return fail(cx, RC_INVALID,
                    _("A synthetic control needs a treated unit and at least two that are not "
                      "treated."),
                    "units=%zu treated=%zu", s->units, s->treated_count);
    if (s->treated_from < 2 || s->treated_from >= s->periods)
        return fail(cx, RC_INVALID,
                    _("A synthetic control needs at least two periods before treatment and one "
                      "after."),
                    "from=%zu of %zu", s->treated_from, s->periods);
    for (size_t i = 0; i < s->units * s->periods; i++)
        if (!isfinite(s->y[i]))
            return fail_f(cx, RC_INVALID,
                          _("Unit %lld has no outcome in its period %lld. Leave the unit out, "
                            "or fill it in."),
                          (long long)(i / s->periods) + 1, (long long)(i % s->periods) + 1);
    return RC_OK;
}

enum rc synthetic_make(struct synthetic *out, struct cx *cx, const struct synthetic_spec *s,
                       enum synthetic_kind kind)
{
    struct room r;
    struct synthetic made = {0};
    TRY(check_spec(cx, s));
    TRY(open_room(&r, cx, s));
    uint32_t *order = arena_array(cx->arena, s->units, sizeof *order);
    TRY(effect_room(cx, order != NULL));
    for (size_t i = 0; i < s->units; i++)
        order[i] = (uint32_t)i;
    struct block b = block_of(&r, order, s->units);
    if (!(noise(&b) > 0))
        return fail(cx, RC_INVALID,
                    _("The outcomes of the controls do not change before treatment: nothing "
                      "can be learnt from them."),
                    "no noise");
    TRY(estimate(&r.a, cx, &b, kind, s->treated_count));
    TRY(placebos(&made, cx, s, kind));
    made.effect = r.a.effect;
    made.unit_weight = r.a.unit;
    made.time_weight = r.a.time;
    made.gap = r.a.gap;
    made.loss = r.a.loss;
    *out = made;
    return RC_OK;
}

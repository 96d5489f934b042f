/* Errors when a share of people is taken by score: who is missed, who is taken wrongly, how the
 * benefit lies, and how an alarm list does. */
#include "base/text.h"
#include "stats/inner.h"
#include "stats/mobility.h"
#include "stats/validate_inner.h"

/* poorest[i] by rank: the part of the row among the poorest `quota` by welfare. */
static enum rc take_poorest(double *poorest, struct cx *cx, const struct by_score *b,
                            const double *welfare, double quota)
{
    double *minus = arena_array(cx->arena, b->n + 1, sizeof *minus);
    double *taken = arena_array(cx->arena, b->n + 1, sizeof *taken);
    struct by_score poor = {0};
    if (!minus || !taken)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", b->n);
    for (size_t i = 0; i < b->n; i++)
        minus[i] = -welfare[b->row[i]];
    TRY(by_score_make(&poor, cx, &(struct scored){b->truth, minus, b->w, b->n}, NULL));
    by_score_take(taken, &poor, quota);
    for (size_t i = 0; i < b->n; i++)
        poorest[poor.row[i]] = taken[i];
    return RC_OK;
}

static size_t band_of(double y, double line)
{
    double b = floor(y / line * TARGETING_BANDS);
    return b < 0 ? 0 : b >= TARGETING_BANDS ? TARGETING_BANDS - 1 : (size_t)b;
}

static void bands(struct targeting *t, const struct by_score *b, const double *taken,
                  const double *welfare, double line)
{
    double missed[TARGETING_BANDS] = {0};
    for (size_t i = 0; i < b->n; i++) {
        double y = welfare[b->row[i]];
        if (b->truth[i] != 1 || !(y < line))
            continue;
        t->weight_by[band_of(y, line)] += b->w[i];
        missed[band_of(y, line)] += b->w[i] * (1 - taken[i]);
    }
    for (size_t k = 0; k < TARGETING_BANDS; k++)
        t->exclusion_by[k] = t->weight_by[k] > 0 ? missed[k] / t->weight_by[k] : NAN;
}

static void errors(struct targeting *t, const struct by_score *b, const double *taken)
{
    struct sum table[2][2] = {0};
    for (size_t i = 0; i < b->n; i++) {
        size_t truth = b->truth[i] == 1;
        sum_add(&table[truth][1], b->w[i] * taken[i]);
        sum_add(&table[truth][0], b->w[i] * (1 - taken[i]));
    }
    for (size_t k = 0; k < 4; k++)
        t->table[k / 2][k % 2] = table[k / 2][k % 2].hi / b->weight;
    t->selected = t->table[0][1] + t->table[1][1];
    t->poor = t->table[1][0] + t->table[1][1];
    t->exclusion = t->table[1][0] / t->poor;
    t->inclusion = t->table[0][1] / t->selected;
    t->recall = t->table[1][1] / t->poor;
    t->precision = t->table[1][1] / t->selected;
    t->accuracy = t->table[0][0] + t->table[1][1];
}

enum rc targeting_at(struct targeting *out, struct cx *cx, const struct scored *s,
                     const double *welfare, double line, double quota)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct by_score b = {0};
    TRY(quota_check(cx, quota));
    if (welfare && !isnan(line) && !(line > 0 && isfinite(line)))
        return fail(cx, RC_INVALID, _("A poverty line is an amount of money above zero."),
                    "line=%g", line);
    TRY(by_score_make(&b, cx, s, welfare));
    double *taken = arena_array(cx->arena, b.n + 1, sizeof *taken);
    double *poorest = arena_array(cx->arena, b.n + 1, sizeof *poorest);
    struct targeting t = {.cgh = NAN,
                          .weight = b.weight,
                          .weight_left_out = b.weight_left_out,
                          .rows = (int64_t)b.n,
                          .rows_left_out = b.rows_left_out};
    if (!taken || !poorest)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", b.n);
    by_score_take(taken, &b, quota);
    errors(&t, &b, taken);
    for (size_t k = 0; k < TARGETING_BANDS; k++)
        t.exclusion_by[k] = NAN;
    if (welfare) {
        struct sum reached = {0};
        TRY(take_poorest(poorest, cx, &b, welfare, quota));
        for (size_t i = 0; i < b.n; i++)
            sum_add(&reached, b.w[i] * taken[i] * poorest[i]);
        t.cgh = reached.hi / b.weight / t.selected / quota;
        if (!isnan(line))
            bands(&t, &b, taken, welfare, line);
    }
    arena_back(cx->arena, mark);
    *out = t;
    return RC_OK;
}

enum rc alarm_at(struct alarm *out, struct cx *cx, const struct scored *s,
                 const double *periods_until, double quota)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct by_score b = {0};
    struct sum listed = {0}, right = {0}, periods = {0}, timed = {0};
    TRY(quota_check(cx, quota));
    TRY(by_score_make(&b, cx, s, NULL));
    double *taken = arena_array(cx->arena, b.n + 1, sizeof *taken);
    if (!taken)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", b.n);
    by_score_take(taken, &b, quota);
    for (size_t i = 0; i < b.n; i++) {
        double w = b.w[i] * taken[i], until = periods_until ? periods_until[b.row[i]] : NAN;
        sum_add(&listed, w);
        if (b.truth[i] != 1)
            continue;
        sum_add(&right, w);
        if (!isfinite(until))
            continue;
        sum_add(&timed, w);
        sum_add(&periods, w * until);
    }
    *out = (struct alarm){.listed = listed.hi,
                          .right = right.hi,
                          .precision = right.hi / listed.hi,
                          .recall = right.hi / b.positive,
                          .lead = timed.hi > 0 ? periods.hi / timed.hi : NAN,
                          .weight_left_out = b.weight_left_out,
                          .rows_left_out = b.rows_left_out};
    arena_back(cx->arena, mark);
    return RC_OK;
}

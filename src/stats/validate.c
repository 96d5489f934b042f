/* Rows in order of score, the AUC and its influence values, the ROC curve, folds. Calibration:
 * calibration.c; errors at a quota: targeting.c. */
#include "stats/validate.h"

#include "base/text.h"
#include "stats/inner.h"
#include "stats/sort.h"
#include "stats/validate_inner.h"

#include <assert.h>

/* ---- rows in order of score ---- */

static bool counts(const struct scored *s, const double *also, size_t i)
{
    double w = s->w ? s->w[i] : 1;
    return isfinite(s->truth[i]) && isfinite(s->score[i]) && isfinite(w) &&
           (!also || isfinite(also[i]));
}

static enum rc count_scored(struct by_score *b, struct cx *cx, const struct scored *s,
                            const double *also)
{
    struct sum left_out = {0};
    for (size_t i = 0; i < s->n; i++) {
        double w = s->w ? s->w[i] : 1;
        if (w < 0)
            return fail(cx, RC_INVALID, _("A weight is negative; weights are zero or more."),
                        "row=%zu", i);
        if (!counts(s, also, i)) {
            b->rows_left_out++;
            sum_add(&left_out, isfinite(w) ? w : 0);
            continue;
        }
        if (s->truth[i] != 0 && s->truth[i] != 1)
            return fail_f(cx, RC_INVALID,
                          _("Data row %lld: the outcome to foretell must be 1 (it happened) or "
                            "0 (it did not); recode it first."),
                          (long long)i + 1);
        b->n += w > 0;
    }
    b->weight_left_out = left_out.hi;
    if (!b->n)
        return fail(cx, RC_INVALID, _(STATS_NOBODY), "scored n=%zu", s->n);
    return b->n < UINT32_MAX
               ? RC_OK
               : fail(cx, RC_LIMIT, _("There are too many rows to rank."), "n=%zu", b->n);
}

struct columns {
    uint32_t *row;
    double *score, *truth, *w;
};

static void sort_scored(struct by_score *b, const struct columns *to, struct sort_pairs *sort,
                        const struct scored *s, const double *also)
{
    size_t n = 0;
    struct sum weight = {0}, positive = {0};
    for (size_t i = 0; i < s->n; i++)
        if (counts(s, also, i) && (!s->w || s->w[i] > 0)) {
            sort->key[n] = sort_key(s->score[i]);
            sort->w[n++] = (double)i; /* a double holds a row's number exactly */
        }
    sort_pairs(sort);
    for (size_t k = 0; k < n; k++)
        to->row[k] = (uint32_t)sort->w[k];
    for (size_t k = 0; k < n; k++) {
        uint32_t i = to->row[k];
        to->score[k] = s->score[i];
        to->truth[k] = s->truth[i];
        to->w[k] = s->w ? s->w[i] : 1;
        sum_add(&weight, to->w[k]);
        sum_add(&positive, to->w[k] * to->truth[k]);
    }
    b->row = to->row;
    b->score = to->score;
    b->truth = to->truth;
    b->w = to->w;
    b->weight = weight.hi;
    b->positive = positive.hi;
}

enum rc by_score_make(struct by_score *out, struct cx *cx, const struct scored *s,
                      const double *also)
{
    struct by_score b = {0};
    TRY(count_scored(&b, cx, s, also));
    size_t n = b.n + 1, constant = 0;
    struct columns to = {
        arena_array(cx->arena, n, sizeof *to.row), arena_array(cx->arena, n, sizeof *to.score),
        arena_array(cx->arena, n, sizeof *to.truth), arena_array(cx->arena, n, sizeof *to.w)};
    struct arena_mark mark = arena_mark(cx->arena);
    uint64_t *key = arena_array(cx->arena, n, sizeof *key);
    uint32_t *places = arena_array(cx->arena, SORT_COUNTS, sizeof *places);
    if (!to.row || !to.score || !to.truth || !to.w || !key || !places)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", n);
    /* The columns are the sort's scratch until they get their values. */
    struct sort_pairs sort = {key, (uint64_t *)(void *)to.score, to.w, to.truth, places, b.n};
    sort_scored(&b, &to, &sort, s, also);
    arena_back(cx->arena, mark);
    while (constant < b.n && b.truth[constant] == b.truth[0])
        constant++;
    if (constant == b.n)
        return fail_f(
            cx, RC_INVALID,
            _("The outcome to foretell is %d in every row that counts: a score cannot "
              "be judged by it. Take rows with both outcomes."),
            (int)b.truth[0]);
    *out = b;
    return RC_OK;
}

void by_score_take(double *taken, const struct by_score *b, double quota)
{
    /* Weights are summed here and the total elsewhere: a hit is a hit within rounding. */
    double left = quota * b->weight, near = 1e-12 * b->weight;
    for (size_t end = b->n; end > 0;) {
        size_t first = end - 1;
        struct sum weight = {0};
        while (first > 0 && b->score[first - 1] == b->score[end - 1])
            first--;
        for (size_t i = first; i < end; i++)
            sum_add(&weight, b->w[i]);
        double part = left <= near ? 0 : weight.hi <= left + near ? 1 : left / weight.hi;
        for (size_t i = first; i < end; i++)
            taken[i] = part;
        left -= weight.hi;
        end = first;
    }
}

enum rc quota_check(struct cx *cx, double quota)
{
    if (quota > 0 && quota < 1)
        return RC_OK;
    return fail(cx, RC_INVALID,
                _("A quota is a share above 0 and below 1: for a fifth write 0.2 or 20%."),
                "quota=%g", quota);
}

/* ---- AUC and ROC ---- */

double auc_of_ranks(const struct by_score *b)
{
    struct sum area = {0};
    double below = 0; /* weight with truth 0 and a lower score */
    for (size_t i = 0, next; i < b->n; i = next) {
        double one = 0, zero = 0;
        next = by_score_next(b, i);
        for (size_t k = i; k < next; k++)
            *(b->truth[k] == 1 ? &one : &zero) += b->w[k];
        sum_add(&area, one * (below + zero / 2));
        below += zero;
    }
    return area.hi / b->positive / (b->weight - b->positive);
}

enum rc validate_auc_influence(double *u, struct cx *cx, const struct scored *s)
{
    struct by_score b = {0};
    struct arena_mark mark = arena_mark(cx->arena);
    TRY(by_score_make(&b, cx, s, NULL));
    double auc = auc_of_ranks(&b), negative = b.weight - b.positive, below = 0,
           above = b.positive;
    for (size_t i = 0; i < s->n; i++)
        u[i] = 0;
    for (size_t i = 0, next; i < b.n; i = next) {
        double one = 0, zero = 0;
        next = by_score_next(&b, i);
        for (size_t k = i; k < next; k++)
            *(b.truth[k] == 1 ? &one : &zero) += b.w[k];
        above -= one;
        for (size_t k = i; k < next; k++)
            u[b.row[k]] = b.truth[k] == 1 ? ((below + zero / 2) / negative - auc) / b.positive
                                          : ((above + one / 2) / b.positive - auc) / negative;
        below += zero;
    }
    arena_back(cx->arena, mark);
    return RC_OK;
}

enum rc validate_roc(struct roc_point **out, size_t *count, struct cx *cx,
                     const struct scored *s)
{
    struct by_score b = {0};
    TRY(by_score_make(&b, cx, s, NULL));
    struct roc_point *point = arena_array(cx->arena, b.n + 1, sizeof *point);
    struct sum one = {0}, zero = {0};
    size_t n = 1;
    if (!point)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", b.n);
    point[0] = (struct roc_point){.threshold = INFINITY};
    for (size_t i = b.n; i-- > 0;) {
        sum_add(b.truth[i] == 1 ? &one : &zero, b.w[i]);
        if (i > 0 && b.score[i - 1] == b.score[i])
            continue;
        point[n++] = (struct roc_point){b.score[i], one.hi / b.positive,
                                        zero.hi / (b.weight - b.positive)};
    }
    point[n - 1].true_rate = point[n - 1].false_rate = 1; /* but for rounding */
    *out = point;
    *count = n;
    return RC_OK;
}

/* ---- folds ---- */

/* SplitMix64. Source: Steele, Lea, Flood 2014. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

struct groups {
    size_t count, with_rows;
    double *weight;    /* by group; below zero: no rows */
    double *order;     /* groups with rows, heaviest first */
    uint32_t *fold_of; /* by group */
};

static enum rc groups_make(struct groups *g, struct cx *cx, const struct folds_spec *s)
{
    g->count = s->group ? s->group_count : s->n;
    g->weight = arena_array(cx->arena, g->count + 1, sizeof *g->weight);
    g->order = arena_array(cx->arena, g->count + 1, sizeof *g->order);
    g->fold_of = arena_array(cx->arena, g->count + 1, sizeof *g->fold_of);
    if (!g->weight || !g->order || !g->fold_of || g->count >= UINT32_MAX)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "groups=%zu", g->count);
    for (size_t k = 0; k < g->count; k++)
        g->weight[k] = -1;
    for (size_t i = 0; i < s->n; i++) {
        size_t k = s->group ? s->group[i] : i;
        double w = s->w ? s->w[i] : 1;
        assert(k < g->count);
        if (g->weight[k] < 0) {
            g->weight[k] = 0;
            g->order[g->with_rows++] = (double)k;
        }
        g->weight[k] += isfinite(w) && w > 0 ? w : 0;
    }
    return RC_OK;
}

/* Shuffles, then sorts by weight; the sort is stable, so groups of one weight stay shuffled. */
static enum rc order_groups(struct groups *g, struct cx *cx, uint64_t seed)
{
    size_t n = g->with_rows;
    uint64_t state = seed, *key = arena_array(cx->arena, 2 * n + 2, sizeof *key);
    double *scratch = arena_array(cx->arena, n + 1, sizeof *scratch);
    uint32_t *places = arena_array(cx->arena, SORT_COUNTS, sizeof *places);
    if (!key || !scratch || !places)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "groups=%zu", n);
    for (size_t k = n; k > 1; k--) { /* Fisher and Yates; numbers are below 2^32 */
        size_t other = (size_t)((random_next(&state) >> 32) * k >> 32);
        double held = g->order[k - 1];
        g->order[k - 1] = g->order[other];
        g->order[other] = held;
    }
    for (size_t k = 0; k < n; k++)
        key[k] = sort_key(-g->weight[(size_t)g->order[k]]);
    struct sort_pairs sort = {key, key + n + 1, g->order, scratch, places, n};
    sort_pairs(&sort);
    return RC_OK;
}

static void deal(const struct groups *g, double *load, size_t *held, uint32_t folds)
{
    for (size_t k = 0; k < g->with_rows; k++) {
        size_t group = (size_t)g->order[k];
        uint32_t best = 0;
        for (uint32_t f = 1; f < folds; f++)
            if (load[f] < load[best] || (load[f] <= load[best] && held[f] < held[best]))
                best = f;
        load[best] += g->weight[group];
        held[best]++;
        g->fold_of[group] = best;
    }
}

enum rc folds_make(uint32_t *fold, struct cx *cx, const struct folds_spec *s)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct groups g = {0};
    if (s->folds < 2 || s->folds > FOLDS_MAX)
        return fail_f(cx, RC_INVALID, _("Cross-validation takes 2 to %d folds; ten are usual."),
                      FOLDS_MAX);
    TRY(groups_make(&g, cx, s));
    if (s->folds > g.with_rows)
        return fail_f(
            cx, RC_INVALID,
            _("There are %lld groups of rows that stay together, too few for %d folds: "
              "ask for fewer folds or for smaller groups."),
            (long long)g.with_rows, (int)s->folds);
    TRY(order_groups(&g, cx, s->seed));
    double *load = arena_array(cx->arena, s->folds, sizeof *load);
    size_t *held = arena_array(cx->arena, s->folds, sizeof *held);
    if (!load || !held)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "folds");
    deal(&g, load, held, s->folds);
    for (size_t i = 0; i < s->n; i++)
        fold[i] = g.fold_of[s->group ? s->group[i] : i];
    arena_back(cx->arena, mark);
    return RC_OK;
}

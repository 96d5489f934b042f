/* Matching: the nearest control by score, subclasses of the score, exact matching on coarsened
 * covariates; then the difference of means, and the same after regression. */
#include "stats/effect_match_inner.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- the nearest ---- */

struct place { /* a score with the place it belongs to */
    double score;
    uint32_t place;
};
static int ascending(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}
static int descending(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* Sorted controls, and for each the next free one on both sides (path halving). */
struct free_list {
    struct place *at;
    size_t n, *up, *down; /* n + 2 places, shifted by one: 0 and n + 1 are the ends */
};
static size_t find(size_t *next, size_t i)
{
    while (next[i] != i) {
        next[i] = next[next[i]];
        i = next[i];
    }
    return i;
}

/* The free control nearest to `score`; 0: none within `reach`. */
static size_t nearest(struct free_list *f, double score, double reach)
{
    size_t low = 0, high = f->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (f->at[middle].score < score)
            low = middle + 1;
        else
            high = middle;
    }
    size_t right = find(f->up, low + 1), left = find(f->down, low);
    double to_right = right <= f->n ? f->at[right - 1].score - score : INFINITY;
    double to_left = left ? score - f->at[left - 1].score : INFINITY;
    if (fmin(to_left, to_right) > reach || isinf(fmin(to_left, to_right)))
        return 0;
    return to_left <= to_right ? left : right;
}

static double deviation(const double *x, size_t n)
{
    struct sum s = {0}, square = {0};
    for (size_t i = 0; i < n; i++)
        sum_add(&s, x[i]);
    for (size_t i = 0; i < n; i++)
        sum_add(&square, (x[i] - s.hi / (double)n) * (x[i] - s.hi / (double)n));
    return sqrt(square.hi / (double)(n - 1));
}

static enum rc match_nearest(struct match_work *m, struct cx *cx)
{
    size_t treated = m->a->treated, controls = m->a->n - treated;
    double reach = m->s->caliper > 0 ? m->s->caliper * deviation(m->score, m->a->n) : INFINITY;
    struct place *who = arena_array(cx->arena, treated, sizeof *who);
    struct free_list f = {.at = arena_array(cx->arena, controls, sizeof *f.at), .n = controls};
    f.up = arena_array(cx->arena, controls + 2, sizeof *f.up);
    f.down = arena_array(cx->arena, controls + 2, sizeof *f.down);
    m->partner = arena_array(cx->arena, treated, sizeof *m->partner);
    TRY(effect_room(cx, who && f.at && f.up && f.down && m->partner));
    for (size_t i = 0; i < treated; i++)
        who[i] = (struct place){m->score[i], (uint32_t)i};
    for (size_t i = 0; i < controls; i++)
        f.at[i] = (struct place){m->score[treated + i], (uint32_t)(treated + i)};
    for (size_t i = 0; i < controls + 2; i++)
        f.up[i] = f.down[i] = i;
    qsort(who, treated, sizeof *who, descending);
    qsort(f.at, controls, sizeof *f.at, ascending);
    for (size_t i = 0; i < treated; i++) {
        size_t at = nearest(&f, who[i].score, reach);
        if (!at)
            continue;
        uint32_t control = f.at[at - 1].place;
        m->partner[who[i].place] = control;
        m->weight[who[i].place] = 1;
        m->weight[control] += 1;
        if (!m->s->replace) {
            f.up[at] = at + 1;
            f.down[at] = at - 1;
        }
    }
    return RC_OK;
}

/* ---- subclasses ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Cuts at the quantiles (R's type 7) of the treated's scores; a subclass without treated or
 * without controls joins the one before, the first the one after. */
static enum rc match_subclass(struct match_work *m, struct cx *cx)
{
    size_t treated = m->a->treated, count = (size_t)m->s->subclasses;
    double *sorted = arena_array(cx->arena, treated, sizeof *sorted);
    double *cut = arena_array(cx->arena, count + 1, sizeof *cut);
    TRY(effect_room(cx, sorted && cut));
    memcpy(sorted, m->score, treated * sizeof *sorted);
    qsort(sorted, treated, sizeof *sorted, by_size);
    for (size_t q = 1; q < count; q++) {
        double h = (double)(treated - 1) * (double)q / (double)count;
        size_t low = (size_t)h;
        double next = sorted[low + 1 < treated ? low + 1 : low];
        cut[q] = sorted[low] + (h - (double)low) * (next - sorted[low]);
    }
    for (size_t i = 0; i < m->a->n; i++) {
        size_t q = 1;
        while (q < count && m->score[i] >= cut[q])
            q++;
        m->stratum[i] = (uint32_t)q;
    }
    m->strata = count;
    return RC_OK;
}

/* Strata lacking treated or controls join the one before (or, the first, the one after). */
static enum rc join_empty(struct match_work *m, struct cx *cx)
{
    size_t *size = arena_array(cx->arena, 2 * (m->strata + 1), sizeof *size);
    uint32_t *into = arena_array(cx->arena, m->strata + 1, sizeof *into), last = 0;
    TRY(effect_room(cx, size && into));
    for (size_t i = 0; i < m->a->n; i++)
        size[2 * m->stratum[i] + (i >= m->a->treated)]++;
    for (uint32_t q = 1; q <= m->strata; q++) {
        bool whole = size[2 * q] && size[2 * q + 1];
        into[q] = whole ? q : last;
        last = whole ? q : last;
    }
    for (uint32_t q = (uint32_t)m->strata; q >= 1; q--) { /* those before the first whole one */
        if (into[q])
            last = into[q];
        else
            into[q] = last;
    }
    for (size_t i = 0; i < m->a->n; i++)
        m->stratum[i] = into[m->stratum[i]];
    return RC_OK;
}

/* ---- the same for both: weights and errors of strata ---- */

static enum rc weigh_strata(struct match_work *m, struct cx *cx)
{
    size_t treated = m->a->treated;
    size_t *size = arena_array(cx->arena, 2 * (m->strata + 1), sizeof *size);
    TRY(effect_room(cx, size != NULL));
    for (size_t i = 0; i < m->a->n; i++)
        size[2 * m->stratum[i] + (i >= treated)]++;
    for (size_t i = 0; i < m->a->n; i++) {
        const size_t *own = size + 2 * m->stratum[i];
        if (m->stratum[i] && own[0] && own[1])
            m->weight[i] = i < treated ? 1 : (double)own[0] / (double)own[1];
    }
    return RC_OK;
}

/* ---- the whole ---- */

static double mean_at(const double *y, const double *w, size_t from, size_t end)
{
    struct sum a = {0}, b = {0};
    for (size_t i = from; i < end; i++) {
        sum_add(&a, w[i] * y[i]);
        sum_add(&b, w[i]);
    }
    return a.hi / b.hi;
}

static enum rc check_spec(struct cx *cx, const struct matching_spec *s, size_t k)
{
    if (!(s->caliper >= 0))
        return fail(cx, RC_INVALID, _("The caliper is zero (none) or more."), "caliper");
    if (s->kind == MATCH_SUBCLASS && (s->subclasses < 2 || s->subclasses > 1000))
        return fail(cx, RC_INVALID, _("Take 2 to 1000 subclasses; 5 or 6 are usual."),
                    "subclasses=%d", s->subclasses);
    if (!k)
        return fail(cx, RC_INVALID, _("Matching needs at least one covariate."), "k=0");
    return RC_OK;
}

static enum rc match(struct match_work *m, struct cx *cx)
{
    struct contrast_fit f;
    struct contrast c;
    if (m->s->kind == MATCH_EXACT_COARSE) {
        TRY(match_coarse(m, cx));
        return weigh_strata(m, cx);
    }
    TRY(cases_fit(&f, &c, cx, m->a, DID_IPW));
    for (size_t i = 0; i < m->a->n; i++)
        m->score[i] = contrast_score(&f, &c, i);
    if (m->s->kind == MATCH_NEAREST)
        return match_nearest(m, cx);
    TRY(match_subclass(m, cx));
    TRY(join_empty(m, cx));
    return weigh_strata(m, cx);
}

static enum rc finish(struct matching *out, struct cx *cx, struct match_work *m)
{
    const struct cases *a = m->a;
    for (size_t i = 0; i < a->n; i++) {
        out->pairs += i < a->treated && m->weight[i] > 0;
        out->controls += i >= a->treated && m->weight[i] > 0;
        m->weight[i] *= case_w(a, i);
    }
    if (!out->pairs)
        return fail(cx, RC_INVALID,
                    _("Nobody could be matched. Allow a wider caliper or coarser cuts, or take "
                      "fewer covariates."),
                    "no match");
    out->att =
        mean_at(a->y, m->weight, 0, a->treated) - mean_at(a->y, m->weight, a->treated, a->n);
    out->effective_controls = effective_size(m->weight, a->treated, a->n);
    out->left_out = a->left_out;
    TRY(match_error(&out->se, cx, m, out->att));
    TRY(cases_adjusted(&out->att_adjusted, cx, a, m->weight));
    TRY(cases_balance(&out->balance, cx, a, m->weight));
    return cases_rows(&out->weight, cx, a, m->weight);
}

enum rc matching_make(struct matching *out, struct cx *cx, const struct cohort *c,
                      const struct matching_spec *s)
{
    struct cases a;
    struct match_work m = {.a = &a, .s = s};
    struct matching r = {0};
    TRY(check_spec(cx, s, c->k));
    TRY(cases_make(&a, cx, c));
    m.score = arena_array(cx->arena, a.n, sizeof *m.score);
    m.weight = arena_array(cx->arena, a.n, sizeof *m.weight);
    m.stratum = arena_array(cx->arena, a.n, sizeof *m.stratum);
    TRY(effect_room(cx, m.score && m.weight && m.stratum));
    TRY(match(&m, cx));
    TRY(finish(&r, cx, &m));
    *out = r;
    return RC_OK;
}

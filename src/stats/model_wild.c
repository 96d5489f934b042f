/* Wild cluster bootstrap with the null imposed, in sums by cluster: a draw costs as many steps
 * as there are clusters times columns, whatever the rows. Source: Cameron, Gelbach, Miller
 * 2008; Roodman, MacKinnon, Nielsen, Webb 2019, section 5. */
#include "stats/model_inner.h"

#include "base/text.h"
#include "stats/inner.h"

enum { DRAWS = 9999, DRAWS_MOST = 1000000, WEBB_BELOW = 12 };

struct boot {
    size_t k, g, j;     /* columns, clusters, the column asked about */
    double b, se, unit; /* of it, times unit: of the scaled columns; se without the factor */
    double *lost;       /* g × k: A^-1 of the restricted scores' part that does not change … */
    double *moved;      /* g × k: … and of what changes with the value */
    double *own, *turn; /* g: the row of A^-1 times the cluster's scores, likewise */
    double *pull;       /* g × k: the row of A^-1 times X_g'X_g */
    double *part, *sign, *delta;
    size_t draws;
    bool all; /* every vector of signs */
    uint64_t seed;
};

static uint64_t next(uint64_t *state) /* SplitMix64 */
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void draw(struct boot *w, uint64_t *state, size_t number)
{
    static const double webb[] = {-1.5, -1, -0.5, 0.5, 1, 1.5}; /* squares of the points */
    uint64_t bits = 0;
    for (size_t c = 0; c < w->g; c++) {
        if (w->all) {
            w->sign[c] = number >> c & 1 ? -1 : 1;
        } else if (w->g < WEBB_BELOW) {
            double t = webb[next(state) % 6];
            w->sign[c] = t < 0 ? -sqrt(-t) : sqrt(t);
        } else {
            if (c % 64 == 0)
                bits = next(state);
            w->sign[c] = bits >> c % 64 & 1 ? -1 : 1;
        }
    }
}

/* |t| of one draw at the value that part and own belong to. */
static double draw_t(const struct boot *w, const double *own)
{
    double square = 0;
    memset(w->delta, 0, w->k * sizeof *w->delta);
    for (size_t c = 0; c < w->g; c++)
        for (size_t l = 0; l < w->k; l++)
            w->delta[l] += w->sign[c] * w->part[c * w->k + l];
    for (size_t c = 0; c < w->g; c++) {
        double score = w->sign[c] * own[c];
        for (size_t l = 0; l < w->k; l++)
            score -= w->pull[c * w->k + l] * w->delta[l];
        square += score * score;
    }
    return fabs(w->delta[w->j]) / sqrt(square);
}

/* The share of draws at least as far out as the sample. The small-sample factor is the same in
 * all and stays away. */
static double p_value(struct boot *w, double value, double *own)
{
    uint64_t state = w->seed;
    double t = fabs(w->b - value) / w->se;
    size_t far = 0, count = 0;
    for (size_t c = 0; c < w->g; c++) {
        own[c] = w->own[c] - value * w->turn[c];
        for (size_t l = 0; l < w->k; l++)
            w->part[c * w->k + l] = w->lost[c * w->k + l] - value * w->moved[c * w->k + l];
    }
    for (size_t d = 0; d < w->draws; d++) {
        draw(w, &state, d);
        double other = draw_t(w, own);
        if (isnan(other))
            continue;
        count++;
        far += other >= t * (1 - 1e-9);
    }
    return count ? (double)far / (double)count : NAN;
}

/* Where p falls below 0.05 on one side of the estimate. */
static double limit(struct boot *w, double side, double *own)
{
    double inside = 0, outside = 2;
    while (outside < 1e4 && p_value(w, w->b + side * outside * w->se, own) >= 0.05) {
        inside = outside;
        outside *= 2;
    }
    if (outside >= 1e4)
        return side * INFINITY;
    for (int i = 0; i < 30 && outside - inside > 1e-7 * outside; i++) {
        double middle = (inside + outside) / 2;
        if (p_value(w, w->b + side * middle * w->se, own) >= 0.05)
            inside = middle;
        else
            outside = middle;
    }
    return w->b + side * (inside + outside) / 2 * w->se;
}

/* ---- sums by cluster ---- */

struct sums {
    struct model_state *m;
    uint32_t *cluster;
    size_t g;
    double *restricted[2]; /* k: fit without the column, of the outcome and of the column */
};

static double cell(const struct model_rows *r, size_t c, size_t i)
{
    return (r->s->x[c][r->row ? r->row[i] : i] - r->shift[c]) * r->scale[c];
}

/* The outcome and column j on the other columns. */
static enum rc restrict_fit(struct sums *s, struct cx *cx, const double *xx, const double *xy,
                            size_t j)
{
    size_t k = s->m->rows.s->k;
    double *a = arena_array(cx->arena, k * k + k, sizeof *a);
    bool *dropped = arena_array(cx->arena, k, sizeof *dropped);
    if (!a || !dropped)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    double *c = a + k * k;
    for (int which = 0; which < 2; which++) {
        for (size_t i = 0; i < k; i++) {
            for (size_t l = 0; l < k; l++)
                a[i * k + l] = i == j || l == j ? 0 : xx[i * k + l];
            c[i] = i == j ? 0 : which ? xx[i * k + j] : xy[i];
        }
        TRY(matrix_solve(&(struct matrix_solution){s->restricted[which], NULL, dropped}, cx, a,
                         c, k));
    }
    return RC_OK;
}

static void add_rows(struct boot *w, const struct sums *s, const double *row, double *z)
{
    const struct model_rows *r = &s->m->rows;
    for (size_t i = 0; i < r->n; i++) {
        double weight = model_weight(r, i), e = r->y[i], d, pull = 0;
        size_t at = s->cluster[i] * w->k;
        for (size_t l = 0; l < w->k; l++)
            z[l] = cell(r, l, i);
        d = z[w->j];
        for (size_t l = 0; l < w->k; l++) {
            e -= s->restricted[0][l] * z[l];
            d -= s->restricted[1][l] * z[l];
            pull += row[l] * z[l];
        }
        for (size_t l = 0; l < w->k; l++) {
            w->lost[at + l] += weight * e * z[l];
            w->moved[at + l] += weight * d * z[l];
            w->pull[at + l] += weight * pull * z[l];
        }
    }
}

/* Scores become A^-1 scores. */
static void turn_scores(struct boot *w, const double *inverse, double *room)
{
    double *const both[] = {w->lost, w->moved}, *const own[] = {w->own, w->turn};
    for (int which = 0; which < 2; which++)
        for (size_t c = 0; c < w->g; c++) {
            double *score = both[which] + c * w->k;
            matrix_times(room, inverse, score, w->k);
            memcpy(score, room, w->k * sizeof *room);
            own[which][c] = score[w->j];
        }
}

static enum rc open_wild(struct boot *w, struct cx *cx)
{
    size_t each = w->g * w->k;
    w->lost = arena_array(cx->arena, 4 * each + 3 * w->g + 2 * w->k, sizeof *w->lost);
    if (!w->lost)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "clusters=%zu", w->g);
    w->moved = w->lost + each;
    w->pull = w->moved + each;
    w->part = w->pull + each;
    w->own = w->part + each;
    w->turn = w->own + w->g;
    w->sign = w->turn + w->g;
    w->delta = w->sign + w->g;
    return RC_OK;
}

static enum rc check(struct cx *cx, const struct model_spec *s, size_t j, int draws)
{
    if (s->family != MODEL_OLS)
        return fail(cx, RC_INVALID,
                    _("The wild bootstrap is for least squares. For other models use errors of "
                      "clusters."),
                    "family=%d", (int)s->family);
    if (s->errors != ERRORS_CLUSTER || !s->cluster)
        return fail(cx, RC_INVALID,
                    _("The wild bootstrap needs clusters: name the column of the clusters that "
                      "were drawn or treated."),
                    "errors=%d", (int)s->errors);
    if (j >= s->k || draws < 0 || draws > DRAWS_MOST)
        return fail_f(cx, RC_INVALID, _("The wild bootstrap makes 1 to %d draws."),
                      (int)DRAWS_MOST);
    return RC_OK;
}

static enum rc prepare(struct boot *w, struct cx *cx, const struct model_spec *s,
                       const struct model_fit *f)
{
    struct sums sums = {.m = arena_array(cx->arena, 1, sizeof *sums.m)};
    size_t k = s->k;
    double *xx = arena_array(cx->arena, k * k + 4 * k, sizeof *xx);
    if (!sums.m || !xx)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    struct model_fit again = *f;
    TRY(model_state_make(sums.m, cx, s));
    TRY(model_ols(&again, sums.m, cx));
    TRY(model_clusters(&sums.cluster, &w->g, cx, &sums.m->rows));
    struct model_rows *r = &sums.m->rows;
    double *xy = xx + k * k, *room = xy + k;
    double *weight = arena_array(cx->arena, 2 * r->n + 1, sizeof *weight);
    if (!weight)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", r->n);
    double *right = weight + r->n;
    for (size_t i = 0; i < r->n; i++) {
        weight[i] = model_weight(r, i);
        right[i] = weight[i] * r->y[i];
    }
    TRY(model_cross(xx, xy, cx, r, weight, right));
    sums.restricted[0] = room;
    sums.restricted[1] = room + k;
    TRY(restrict_fit(&sums, cx, xx, xy, w->j));
    TRY(open_wild(w, cx));
    add_rows(w, &sums, sums.m->inverse + w->j * k, room + 2 * k);
    turn_scores(w, sums.m->inverse, w->delta + k);
    w->unit = r->y_scale / r->scale[w->j];
    w->b = f->b[w->j] * w->unit;
    w->se = f->se[w->j] / sqrt(f->factor) * w->unit;
    return RC_OK;
}

enum rc model_wild(struct wild *out, struct cx *cx, const struct model_spec *s,
                   const struct wild_spec *spec)
{
    struct model_fit f;
    size_t j = spec->j;
    struct boot w = {.k = s->k, .j = j, .seed = spec->seed};
    bool varies = false;
    TRY(check(cx, s, j, spec->draws));
    TRY(model_fit_make(&f, cx, s));
    if (f.dropped[j])
        return fail_f(cx, RC_INVALID, _("“%s” was left out of the model: %s"),
                      model_name(cx, s, j), f.why ? f.why : "");
    for (size_t i = 0; i < s->n; i++)
        varies |= f.used[i] && s->x[j][i] != s->x[j][0];
    if (!varies)
        return fail(cx, RC_INVALID,
                    _("The wild bootstrap is for a column that varies, not for the constant."),
                    "j=%zu", j);
    TRY(prepare(&w, cx, s, &f));
    w.draws = spec->draws ? (size_t)spec->draws : DRAWS;
    w.all = w.g < 20 && (size_t)1 << w.g <= w.draws;
    if (w.all)
        w.draws = (size_t)1 << w.g;
    double *own = arena_array(cx->arena, w.g, sizeof *own);
    if (!own)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "clusters=%zu", w.g);
    *out = (struct wild){p_value(&w, spec->value * w.unit, own), NAN, NAN, w.draws};
    if (spec->interval) {
        out->low = limit(&w, -1, own) / w.unit;
        out->high = limit(&w, 1, own) / w.unit;
    }
    return RC_OK;
}

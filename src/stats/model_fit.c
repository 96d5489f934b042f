/* A model from its description to its figures; and predictions. The families' own work is in
 * model_ols.c, model_glm.c and model_quantile.c, the errors in model_errors.c. */
#include "stats/model_inner.h"

#include "base/text.h"
#include "stats/inner.h"

enum rc model_state_make(struct model_state *out, struct cx *cx, const struct model_spec *s)
{
    struct model_state m = {.dispersion = 1};
    TRY(model_rows_make(&m.rows, cx, s));
    m.b = arena_array(cx->arena, s->k, sizeof *m.b);
    m.inverse = arena_array(cx->arena, s->k * s->k, sizeof *m.inverse);
    m.dropped = arena_array(cx->arena, s->k, sizeof *m.dropped);
    m.score = arena_array(cx->arena, m.rows.n, sizeof *m.score);
    m.omega = arena_array(cx->arena, m.rows.n, sizeof *m.omega);
    if (!m.b || !m.inverse || !m.dropped || !m.score || !m.omega)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu k=%zu", m.rows.n, s->k);
    *out = m;
    return RC_OK;
}

/* The columns that dropped column j is a sum of, at most three; "" when it is zero. */
static const char *parts_of(struct cx *cx, const struct model_state *m, const double *xx,
                            size_t j)
{
    const struct model_spec *s = m->rows.s;
    const char *text = "";
    int named = 0;
    for (size_t i = 0; i < s->k; i++) {
        double c = 0;
        for (size_t l = 0; l < s->k; l++)
            c += m->inverse[i * s->k + l] * xx[l * s->k + j];
        if (m->dropped[i] ||
            !(fabs(c) * sqrt(xx[i * s->k + i]) > 1e-5 * sqrt(xx[j * s->k + j])))
            continue;
        if (++named <= 3)
            text = arena_printf(cx->arena, "%s%s%s", text, named > 1 ? ", " : "",
                                model_name(cx, s, i));
        else if (named == 4)
            text = arena_printf(cx->arena, "%s, …", text);
    }
    return text;
}

/* One more reason, after those there are. */
static void add_why(struct model_rows *r, struct cx *cx, const char *why)
{
    r->why = r->why ? arena_printf(cx->arena, "%s %s", r->why, why) : why;
}

enum rc model_note_dropped(struct model_state *m, struct cx *cx, const double *xx)
{
    struct model_rows *r = &m->rows;
    const struct model_spec *s = r->s;
    m->kept = 0;
    for (size_t j = 0; j < s->k; j++) {
        m->kept += !m->dropped[j];
        if (!m->dropped[j] || r->scale[j] == 0)
            continue;
        const char *name = model_name(cx, s, j), *of = parts_of(cx, m, xx, j);
        if (r->low[j] == 0 && r->high[j] == 0)
            add_why(r, cx,
                    arena_printf(cx->arena, _("“%s” is zero in every row and was left out."),
                                 name));
        else if (r->low[j] == r->high[j])
            add_why(r, cx,
                    arena_printf(cx->arena,
                                 _("“%s” is the same in every row, as the constant is, and "
                                   "was left out."),
                                 name));
        else
            add_why(r, cx,
                    arena_printf(cx->arena,
                                 _("“%s” was left out: the other columns (%s) determine it."),
                                 name, of));
    }
    if (r->n <= m->kept)
        return fail_f(cx, RC_INVALID,
                      _("There are %lld rows for %lld columns: a model needs more rows than "
                        "columns. Leave columns out."),
                      (long long)r->n, (long long)m->kept);
    return RC_OK;
}

/* ---- back to the columns as they were given ---- */

static void untransform_b(struct model_fit *f, const struct model_state *m)
{
    const struct model_rows *r = &m->rows;
    size_t k = r->s->k, c = r->constant;
    struct sum moved = {.hi = r->y_shift};
    for (size_t j = 0; j < k; j++) {
        f->b[j] = m->dropped[j] ? 0 : m->b[j] * r->scale[j] / r->y_scale;
        if (j != c)
            sum_add(&moved, -r->shift[j] * f->b[j]);
    }
    if (c < k)
        f->b[c] += moved.hi / r->low[c];
}

static void untransform_v(struct model_fit *f, const struct model_state *m)
{
    const struct model_rows *r = &m->rows;
    size_t k = r->s->k, c = r->constant;
    double *v = f->vcov;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            v[i * k + j] *= r->scale[i] / r->y_scale * (r->scale[j] / r->y_scale);
    if (c == k)
        return;
    /* T V T' with the constant's row of T: -shift_j / (the constant's value). */
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < k; i++) {
            double sum = 0;
            for (size_t j = 0; j < k; j++)
                if (j != c)
                    sum -= r->shift[j] / r->low[c] * (side ? v[i * k + j] : v[j * k + i]);
            v[side ? i * k + c : c * k + i] += sum;
        }
}

static void finish(struct model_fit *f, const struct model_state *m)
{
    size_t k = m->rows.s->k;
    untransform_b(f, m);
    untransform_v(f, m);
    for (size_t j = 0; j < k; j++) {
        if (m->dropped[j]) {
            f->dropped_count++;
            f->b[j] = NAN;
            for (size_t i = 0; i < k; i++)
                f->vcov[i * k + j] = f->vcov[j * k + i] = NAN;
        }
        f->se[j] = sqrt(f->vcov[j * k + j]);
    }
    f->dropped = m->dropped;
    f->why = m->rows.why;
    f->left_out = m->rows.left_out;
    f->separated = m->rows.separated;
    f->used = m->rows.used;
    f->n = m->rows.n;
    f->k = k;
}

static enum rc fit_family(struct model_fit *f, struct model_state *m, struct cx *cx)
{
    switch (m->rows.s->family) {
    case MODEL_OLS:
        return model_ols(f, m, cx);
    case MODEL_QUANTILE:
        return model_quantile(f, m, cx);
    case MODEL_LOGIT:
    case MODEL_PROBIT:
    case MODEL_POISSON:
    case MODEL_CLOGLOG:
        break;
    }
    return model_glm(f, m, cx);
}

enum rc model_fit_make(struct model_fit *out, struct cx *cx, const struct model_spec *s)
{
    struct model_fit f = {.sigma = NAN, .factor = 1, .df = INFINITY};
    struct model_state m;
    f.b = arena_array(cx->arena, s->k + 1, sizeof *f.b);
    f.se = arena_array(cx->arena, s->k + 1, sizeof *f.se);
    f.vcov = arena_array(cx->arena, s->k * s->k + 1, sizeof *f.vcov);
    if (!f.b || !f.se || !f.vcov)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", s->k);
    TRY(model_state_make(&m, cx, s));
    TRY(fit_family(&f, &m, cx));
    TRY(model_errors(f.vcov, &f, cx, &m));
    finish(&f, &m);
    *out = f;
    return RC_OK;
}

/* ---- predictions ---- */

enum rc model_predict(double *out, double *se, struct cx *cx, const struct model_fit *f,
                      const double *const *x, size_t n)
{
    double *row = arena_array(cx->arena, f->k + 1, sizeof *row);
    if (!row)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", f->k);
    for (size_t i = 0; i < n; i++) {
        double link = 0, variance = 0;
        for (size_t j = 0; j < f->k; j++) {
            row[j] = f->dropped[j] ? 0 : x[j][i];
            link += f->dropped[j] ? 0 : f->b[j] * row[j];
        }
        for (size_t a = 0; se && a < f->k; a++)
            for (size_t b = 0; b < f->k; b++)
                if (!f->dropped[a] && !f->dropped[b])
                    variance += row[a] * f->vcov[a * f->k + b] * row[b];
        out[i] = link;
        if (se)
            se[i] = variance >= 0 ? sqrt(variance) : isnan(variance) ? NAN : 0;
    }
    return RC_OK;
}

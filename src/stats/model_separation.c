/* Outcomes that a column, or a sum of columns, predicts perfectly: the likelihood then grows
 * without end and no coefficient exists. Source: Albert and Anderson 1984; what is done follows
 * Stata's logit (a dummy that is right whenever it is 1, or whenever it is 0, goes out with
 * those rows; all else is refused). */
#include "stats/model_inner.h"

#include "base/text.h"
#include "stats/inner.h"

struct side { /* of the rows without (0) and with (1) the outcome */
    double low[2], high[2];
};
struct sides {
    const struct model_rows *r;
    struct side *side; /* by column */
};

static void look(void *arg, size_t j, size_t thread)
{
    const struct sides *s = arg;
    const struct model_rows *r = s->r;
    const double *x = r->s->x[j];
    struct side side = {{INFINITY, INFINITY}, {-INFINITY, -INFINITY}};
    (void)thread;
    for (size_t i = 0; i < r->n; i++) {
        double v = x[r->row ? r->row[i] : i];
        int with = r->y[i] > 0;
        side.low[with] = v < side.low[with] ? v : side.low[with];
        side.high[with] = v > side.high[with] ? v : side.high[with];
    }
    s->side[j] = side;
}

static bool two_valued(const struct model_rows *r, size_t j)
{
    for (size_t i = 0; i < r->n; i++) {
        double v = r->s->x[j][r->row ? r->row[i] : i];
        if (v != r->low[j] && v != r->high[j])
            return false;
    }
    return true;
}

/* Column j out, with the rows where it is `value`. */
static void take_out(struct model_rows *r, struct cx *cx, size_t j, double value)
{
    int64_t rows = 0;
    double y = NAN;
    for (size_t i = 0; i < r->n; i++) {
        size_t at = r->row ? r->row[i] : i;
        if (r->s->x[j][at] != value)
            continue;
        y = r->y[i];
        r->used[at] = 0;
        rows++;
    }
    r->scale[j] = 0;
    r->separated += rows;
    const char *why = arena_printf(
        cx->arena,
        _("“%s” = %g always goes with “%s” = %g: the column and those %lld rows were left out. "
          "Join the group with another one to keep them."),
        model_name(cx, r->s, j), value, model_y_name(r->s), y, (long long)rows);
    r->why = r->why ? arena_printf(cx->arena, "%s %s", r->why, why) : why;
}

static enum rc refuse(struct cx *cx, const struct model_rows *r, const char *names)
{
    return fail_f(cx, RC_INVALID,
                  _("The outcome “%s” is predicted perfectly by: %s. No coefficient exists. "
                    "Leave the column out, join its groups, or use ridge regression."),
                  model_y_name(r->s), names);
}

enum rc model_separated(bool *found, struct cx *cx, struct model_rows *r)
{
    size_t k = r->s->k;
    bool counts = r->s->family == MODEL_POISSON;
    struct sides s = {r, arena_array(cx->arena, k, sizeof *s.side)};
    *found = false;
    if (!s.side)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    matrix_parts(k, r->s->threads, look, &s);
    for (size_t j = 0; j < k; j++) {
        const struct side *side = &s.side[j];
        bool up = side->high[0] <= side->low[1], down = side->high[1] <= side->low[0];
        if (r->scale[j] == 0 || r->low[j] == r->high[j] || (!up && !down))
            continue;
        if (counts && side->low[1] != side->high[1])
            continue; /* counts above zero tell its slope */
        bool strictly = side->high[0] < side->low[1] || side->high[1] < side->low[0];
        if ((strictly && !counts) || !two_valued(r, j))
            return refuse(cx, r, model_name(cx, r->s, j));
        /* The side that only one outcome has. */
        double value = up ? (side->low[0] < side->low[1] ? side->low[0] : side->high[1])
                          : (side->high[0] > side->high[1] ? side->high[0] : side->low[1]);
        take_out(r, cx, j, value);
        *found = true;
        break; /* the next look is at the rows that are left */
    }
    if (!*found)
        return RC_OK;
    TRY(model_rows_again(r, cx));
    size_t i = 1;
    while (i < r->n && r->y[i] == r->y[0])
        i++;
    return i < r->n ? RC_OK : refuse(cx, r, r->why);
}

struct along {
    const struct model_rows *r;
    double *eta;
};

static void keep_eta(const struct matrix_block *b, void *arg)
{
    const struct along *a = arg;
    for (size_t i = 0; i < b->n; i++)
        a->eta[b->first + i] = b->eta[i];
}

enum rc model_separated_along(struct cx *cx, const struct model_rows *r, const double *d)
{
    size_t k = r->s->k;
    bool counts = r->s->family == MODEL_POISSON;
    struct along a = {r, arena_array(cx->arena, r->n + 1, sizeof *a.eta)};
    double least = 0, most = 0;
    if (!a.eta)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", r->n);
    struct matrix_pass pass = {.b = d, .fill = keep_eta, .arg = &a};
    TRY(matrix_run(cx, &r->t, &pass));
    for (size_t i = 0; i < r->n; i++) {
        double t = r->y[i] > 0 ? (counts ? -fabs(a.eta[i]) : a.eta[i]) : -a.eta[i];
        least = fmin(least, t);
        most = fmax(most, t);
    }
    if (!(most > 0) || least < -0.01 * most)
        return RC_OK;
    /* Scaled columns reach from about -1 to 1: what they add is told by d. Largest first. */
    double above = INFINITY, most_d = 0;
    const char *names = "";
    for (int named = 0; named <= 4; named++) {
        size_t next = k;
        for (size_t j = 0; j < k; j++)
            if (j != r->constant && fabs(d[j]) < above &&
                (next == k || fabs(d[j]) > fabs(d[next])))
                next = j;
        if (next == k || fabs(d[next]) < 0.01 * most_d)
            break;
        above = fabs(d[next]);
        most_d = named ? most_d : above;
        names = named == 4 ? arena_printf(cx->arena, "%s, …", names)
                           : arena_printf(cx->arena, "%s%s%s", names, named ? ", " : "",
                                          model_name(cx, r->s, next));
    }
    return refuse(cx, r, names);
}

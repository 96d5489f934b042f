/* The rows and columns of a model: which count, whether they can, and how they are centred and
 * scaled so that sums of squares lose nothing and do not overflow. */
#include "stats/model_inner.h"

#include "base/text.h"
#include "stats/inner.h"

#include <assert.h>

#define VALUE_MOST 1e150 /* squares and their sums stay below the largest double */

const char *model_name(struct cx *cx, const struct model_spec *s, size_t j)
{
    return s->names && s->names[j] ? s->names[j] : arena_printf(cx->arena, "x%zu", j + 1);
}

const char *model_y_name(const struct model_spec *s)
{
    return s->y_name ? s->y_name : "y";
}

/* ---- one look at all values ---- */

struct range {
    double low, high, sum;
    size_t count;
};
struct scan {
    const struct model_spec *s;
    uint8_t *used;
    bool again; /* used[] stands: only ranges */
    size_t chunk;
    struct range *range;      /* by chunk and column */
    size_t *large, *negative; /* by chunk: column + 1 (k: y), row + 1; 0: none */
};

static void scan_column(const struct scan *scan, size_t j, struct range *to, const size_t at[3])
{
    const double *x = scan->s->x[j];
    struct range range = {INFINITY, -INFINITY, 0, 0};
    for (size_t i = at[0]; i < at[1]; i++) {
        double v = x[i];
        if (!(fabs(v) <= VALUE_MOST)) {
            if (!isnan(v) && !scan->large[at[2]] && scan->used[i])
                scan->large[at[2]] = j + 1;
            if (!scan->again)
                scan->used[i] = 0;
            continue;
        }
        if (scan->again && !scan->used[i])
            continue;
        range.low = v < range.low ? v : range.low;
        range.high = v > range.high ? v : range.high;
        range.sum += v;
        range.count++;
    }
    *to = range;
}

static void scan_rows(const struct scan *scan, const size_t at[3])
{
    const struct model_spec *s = scan->s;
    const struct design *d = s->errors == ERRORS_SURVEY ? s->design : NULL;
    for (size_t i = at[0]; i < at[1]; i++) {
        bool known = !isnan(s->y[i]) && !(s->offset && isnan(s->offset[i])) &&
                     !(s->w && !isfinite(s->w[i])) &&
                     !(s->errors == ERRORS_CLUSTER && s->cluster[i] == UINT32_MAX) &&
                     !(d && d->unit[i] == DESIGN_OUT);
        if (known && s->w && s->w[i] < 0 && !scan->negative[at[2]])
            scan->negative[at[2]] = i + 1;
        if (known &&
            (fabs(s->y[i]) > VALUE_MOST || (s->offset && fabs(s->offset[i]) > VALUE_MOST)))
            scan->large[at[2]] = s->k + 1;
        scan->used[i] = known;
    }
}

static void scan_part(void *arg, size_t chunk, size_t thread)
{
    const struct scan *scan = arg;
    (void)thread;
    size_t end = (chunk + 1) * scan->chunk;
    size_t at[3] = {chunk * scan->chunk, end < scan->s->n ? end : scan->s->n, chunk};
    if (!scan->again)
        scan_rows(scan, at);
    for (size_t j = 0; j < scan->s->k; j++)
        scan_column(scan, j, &scan->range[chunk * scan->s->k + j], at);
}

static enum rc refuse_values(struct cx *cx, const struct model_spec *s, size_t large,
                             size_t negative)
{
    if (negative)
        return fail_f(cx, RC_INVALID,
                      _("Data row %lld: the weight is negative. Weights are zero or more: mend "
                        "it, or leave the row out."),
                      (long long)negative);
    if (large)
        return fail_f(cx, RC_INVALID,
                      _("“%s” has values that are infinite or larger than 1e150. Mend them, or "
                        "use a larger unit."),
                      large > s->k ? model_y_name(s) : model_name(cx, s, large - 1));
    return RC_OK;
}

/* Fills low, high and the centre (in shift) of the columns; used[] but when `again`. */
static enum rc scan_all(struct model_rows *r, struct cx *cx, bool again)
{
    const struct model_spec *s = r->s;
    struct arena_mark mark = arena_mark(cx->arena);
    struct scan scan = {.s = s, .used = r->used, .again = again, .chunk = 4096};
    while (scan.chunk * 64 < s->n)
        scan.chunk += STATS_BLOCK;
    size_t chunks = (s->n + scan.chunk - 1) / scan.chunk, large = 0, negative = 0;
    scan.range = arena_array(cx->arena, chunks * s->k + 1, sizeof *scan.range);
    scan.large = arena_array(cx->arena, chunks + 1, sizeof *scan.large);
    scan.negative = arena_array(cx->arena, chunks + 1, sizeof *scan.negative);
    if (!scan.range || !scan.large || !scan.negative)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", s->k);
    matrix_parts(chunks, s->threads, scan_part, &scan);
    for (size_t c = chunks; c-- > 0;) {
        large = scan.large[c] ? scan.large[c] : large;
        negative = scan.negative[c] ? scan.negative[c] : negative;
    }
    TRY(refuse_values(cx, s, large, negative));
    for (size_t j = 0; j < s->k; j++) {
        struct range all = {INFINITY, -INFINITY, 0, 0};
        for (size_t c = 0; c < chunks; c++) {
            const struct range *one = &scan.range[c * s->k + j];
            all.low = fmin(all.low, one->low);
            all.high = fmax(all.high, one->high);
            all.sum += one->sum;
            all.count += one->count;
        }
        r->low[j] = all.low;
        r->high[j] = all.high;
        r->shift[j] = all.count ? all.sum / (double)all.count : 0;
    }
    arena_back(cx->arena, mark);
    return RC_OK;
}

/* ---- rows in use ---- */

static const double *packed(struct cx *cx, const struct model_rows *r, const double *x)
{
    if (!x || !r->row)
        return x;
    double *out = arena_array(cx->arena, r->n + 1, sizeof *out);
    for (size_t i = 0; out && i < r->n; i++)
        out[i] = x[r->row[i]];
    return out;
}

static enum rc pack(struct model_rows *r, struct cx *cx)
{
    const struct model_spec *s = r->s;
    r->row = NULL;
    if (r->n < s->n) {
        uint32_t *row = arena_array(cx->arena, r->n + 1, sizeof *row);
        size_t n = 0;
        if (!row)
            return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", r->n);
        for (size_t i = 0; i < s->n; i++)
            if (r->used[i])
                row[n++] = (uint32_t)i;
        r->row = row;
    }
    r->y = packed(cx, r, s->y);
    r->w = packed(cx, r, s->w);
    r->offset = packed(cx, r, s->offset);
    if (!r->y || (s->w && !r->w) || (s->offset && !r->offset))
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", r->n);
    struct sum weight = {0};
    for (size_t i = 0; i < r->n; i++)
        sum_add(&weight, model_weight(r, i));
    r->weight = weight.hi;
    return RC_OK;
}

/* A power of two near 1/x. */
static double scale_of(double x)
{
    int e;
    frexp(x, &e);
    return x > 0 ? ldexp(1, -e) : 1;
}

static void centre(struct model_rows *r)
{
    size_t k = r->s->k;
    r->constant = k;
    for (size_t j = k; j-- > 0;)
        if (r->low[j] == r->high[j] && r->low[j] != 0 && r->scale[j] != 0)
            r->constant = j;
    for (size_t j = 0; j < k; j++) {
        if (r->constant == k || r->low[j] == r->high[j])
            r->shift[j] = 0;
        if (r->scale[j] != 0)
            r->scale[j] =
                scale_of(fmax(fabs(r->high[j] - r->shift[j]), fabs(r->low[j] - r->shift[j])));
    }
}

enum rc model_rows_again(struct model_rows *r, struct cx *cx)
{
    const struct model_spec *s = r->s;
    r->n = 0;
    for (size_t i = 0; i < s->n; i++)
        r->n += r->used[i];
    if (!r->n)
        return fail(cx, RC_INVALID,
                    _("No row is left for the model: in every row a value is missing, or the "
                      "weight is zero. Leave out the columns that are mostly empty."),
                    "n=%zu", s->n);
    if (r->n < s->n)
        TRY(scan_all(r, cx, true));
    TRY(pack(r, cx));
    centre(r);
    r->t = (struct matrix_table){.x = s->x,
                                 .k = s->k,
                                 .n = r->n,
                                 .row = r->row,
                                 .shift = r->shift,
                                 .scale = r->scale,
                                 .threads = s->threads};
    return RC_OK;
}

static enum rc check_outcome(struct cx *cx, const struct model_rows *r)
{
    size_t i = 1;
    while (i < r->n && r->y[i] == r->y[0])
        i++;
    if (i == r->n)
        return fail_f(cx, RC_INVALID,
                      _("The outcome “%s” is the same in every row (%g): there is nothing to "
                        "explain. Choose another outcome or other rows."),
                      model_y_name(r->s), r->y[0]);
    return RC_OK;
}

enum rc model_rows_make(struct model_rows *out, struct cx *cx, const struct model_spec *s)
{
    struct model_rows r = {.s = s, .y_scale = 1};
    size_t k = s->k + 1;
    if (!s->k || s->n >= UINT32_MAX || s->k > MATRIX_COLUMNS_MAX)
        return fail_f(cx, RC_LIMIT, _("A model has 1 to %d columns; this one has %zu."),
                      (int)MATRIX_COLUMNS_MAX, s->k);
    if (s->errors == ERRORS_CLUSTER)
        assert(s->cluster);
    if (s->errors == ERRORS_SURVEY)
        assert(s->design && s->design->n == s->n);
    r.used = arena_array(cx->arena, s->n + 1, 1);
    r.low = arena_array(cx->arena, k, sizeof *r.low);
    r.high = arena_array(cx->arena, k, sizeof *r.high);
    r.shift = arena_array(cx->arena, k, sizeof *r.shift);
    r.scale = arena_array(cx->arena, k, sizeof *r.scale);
    if (!r.used || !r.low || !r.high || !r.shift || !r.scale)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", s->n);
    for (size_t j = 0; j < s->k; j++)
        r.scale[j] = 1;
    TRY(scan_all(&r, cx, false));
    for (size_t i = 0; i < s->n; i++) {
        r.left_out += !r.used[i];
        if (s->w && s->w[i] == 0)
            r.used[i] = 0;
    }
    TRY(model_rows_again(&r, cx));
    TRY(check_outcome(cx, &r));
    *out = r;
    return RC_OK;
}

enum rc model_rows_centre_outcome(struct model_rows *r, struct cx *cx)
{
    double *y = arena_array(cx->arena, r->n + 1, sizeof *y), low = INFINITY, high = -INFINITY;
    struct sum mean = {0};
    if (!y)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", r->n);
    for (size_t i = 0; i < r->n; i++) {
        y[i] = r->y[i] - (r->offset ? r->offset[i] : 0);
        sum_add(&mean, y[i] / (double)r->n);
        low = fmin(low, y[i]);
        high = fmax(high, y[i]);
    }
    r->y_shift = r->constant < r->s->k ? mean.hi : 0;
    r->y_scale = scale_of(fmax(fabs(high - r->y_shift), fabs(low - r->y_shift)));
    for (size_t i = 0; i < r->n; i++)
        y[i] = (y[i] - r->y_shift) * r->y_scale;
    r->y = y;
    return RC_OK;
}

/* ---- one pass ---- */

struct arrays {
    const double *weight, *right;
    double *eta;
};

static void fill(const struct matrix_block *b, void *arg)
{
    const struct arrays *a = arg;
    for (size_t i = 0; i < b->n; i++) {
        b->weight[i] = a->weight ? a->weight[b->first + i] : 1;
        b->right[i] = a->right ? a->right[b->first + i] : 0;
        if (a->eta)
            a->eta[b->first + i] = b->eta[i];
    }
}

enum rc model_cross(double *xx, double *xr, struct cx *cx, const struct model_rows *r,
                    const double *weight, const double *right)
{
    struct arrays a = {weight, right, NULL};
    struct matrix_pass pass = {.fill = fill, .arg = &a, .xx = xx, .xr = xr};
    return matrix_run(cx, &r->t, &pass);
}

enum rc model_eta(double *out, struct cx *cx, const struct model_rows *r, const double *b)
{
    struct arrays a = {NULL, NULL, out};
    struct matrix_pass pass = {.b = b, .fill = fill, .arg = &a};
    return matrix_run(cx, &r->t, &pass);
}

/* One pass over the rows of a table: cross-products and scores in fixed chunks, on several
 * threads. Solving is matrix_solve.c's. */
#include "stats/matrix.h"

#include "base/text.h"
#include "stats/inner.h"
#include "stats/matrix_inner.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

/* ---- threads ---- */

struct parts {
    size_t count;
    atomic_size_t next;
    matrix_part part;
    void *arg;
};
struct helper {
    struct parts *parts;
    size_t number;
    pthread_t id;
};

static void *help(void *arg)
{
    struct helper *h = arg;
    for (;;) {
        size_t i = atomic_fetch_add(&h->parts->next, 1);
        if (i >= h->parts->count)
            return NULL;
        h->parts->part(h->parts->arg, i, h->number);
    }
}

static size_t thread_count(int threads, size_t parts)
{
    size_t n = threads < 1                    ? 1
               : threads > MATRIX_THREADS_MAX ? MATRIX_THREADS_MAX
                                              : (size_t)threads;
    return parts && n > parts ? parts : n;
}

void matrix_parts(size_t count, int threads, matrix_part part, void *arg)
{
    struct parts parts = {.count = count, .part = part, .arg = arg};
    struct helper helper[MATRIX_THREADS_MAX];
    size_t n = thread_count(threads, count), begun = 1;
    for (size_t t = 0; t < n; t++)
        helper[t] = (struct helper){.parts = &parts, .number = t};
    while (begun < n && pthread_create(&helper[begun].id, NULL, help, &helper[begun]) == 0)
        begun++;            /* no thread to be had: those that there are do the work */
    (void)help(&helper[0]); /* always NULL */
    for (size_t t = 1; t < begun; t++)
        pthread_join(helper[t].id, NULL);
}

/* ---- the pass ---- */

struct scratch {
    double *p, *q; /* panels of the block, and of the block weighted with `right` behind it */
    double *eta, *hat, *weight, *right;
};
struct run {
    const struct matrix_table *t;
    const struct matrix_pass *pass;
    const struct matrix_kernel *kernel;
    double *shift, *scale, *b;       /* of the columns; 0, 1, 0 where none are given */
    size_t panels, q_panels, stride; /* stride: columns of a chunk's product */
    size_t chunk, chunks, size;      /* rows of a chunk; doubles of a chunk's sums */
    double *acc;                     /* by chunk: product, score, sums */
    struct scratch scratch[MATRIX_THREADS_MAX];
};

/* A column whose rows are picked, or that stands in no full panel. */
static void load_column(const struct run *run, const struct scratch *s, size_t j,
                        const size_t at[2])
{
    const struct matrix_table *t = run->t;
    const double *x = t->x[j];
    double *to = s->p + j / PANEL * PANEL * MATRIX_ROWS + j % PANEL;
    if (t->row)
        for (size_t r = 0; r < at[1]; r++)
            to[r * PANEL] = (x[t->row[at[0] + r]] - run->shift[j]) * run->scale[j];
    else
        for (size_t r = 0; r < at[1]; r++)
            to[r * PANEL] = (x[at[0] + r] - run->shift[j]) * run->scale[j];
    if (run->b[j] != 0)
        for (size_t r = 0; r < at[1]; r++)
            s->eta[r] += run->b[j] * to[r * PANEL];
}

static void load(const struct run *run, const struct scratch *s, size_t first, size_t n)
{
    const struct matrix_table *t = run->t;
    size_t at[2] = {first, n}, full = t->row ? 0 : t->k / PANEL * PANEL;
    for (size_t r = 0; r < n; r++)
        s->eta[r] = 0;
    for (size_t j = 0; j < full; j += PANEL) {
        struct matrix_panel from = {t->x + j, run->shift + j, run->scale + j, run->b + j,
                                    first};
        run->kernel->load(s->p + j * MATRIX_ROWS, s->eta, &from, n);
    }
    for (size_t j = full; j < t->k; j++)
        load_column(run, s, j, at);
}

static void hats(const struct run *run, const struct scratch *s, size_t n)
{
    size_t k = run->t->k;
    for (size_t r = 0; r < n; r++)
        s->hat[r] = 0;
    for (size_t i = 0; i < k; i++) {
        const double *zi = s->p + i / PANEL * PANEL * MATRIX_ROWS + i % PANEL;
        const double *inverse = run->pass->inverse + i * k;
        double *t = s->right; /* not yet filled */
        for (size_t r = 0; r < n; r++)
            t[r] = inverse[i] * zi[r * PANEL];
        for (size_t j = i + 1; j < k; j++) {
            const double *zj = s->p + j / PANEL * PANEL * MATRIX_ROWS + j % PANEL;
            for (size_t r = 0; r < n; r++)
                t[r] += 2 * inverse[j] * zj[r * PANEL];
        }
        for (size_t r = 0; r < n; r++)
            s->hat[r] += t[r] * zi[r * PANEL];
    }
}

/* Q: the block times the weights, and `right` as column k. */
static void weigh(const struct run *run, const struct scratch *s, size_t n)
{
    size_t k = run->t->k;
    for (size_t panel = 0; panel < run->panels; panel++)
        run->kernel->weigh(s->q + panel * PANEL * MATRIX_ROWS,
                           s->p + panel * PANEL * MATRIX_ROWS, s->weight, n);
    double *last = s->q + k / PANEL * PANEL * MATRIX_ROWS + k % PANEL;
    for (size_t r = 0; r < n; r++)
        last[r * PANEL] = s->right[r];
}

static void products(const struct run *run, const struct scratch *s, double *acc, size_t n)
{
    for (size_t i = 0; i < run->panels; i++)
        for (size_t j = i & ~(size_t)1; j < run->q_panels; j += 2)
            run->kernel->tile(acc + i * PANEL * run->stride + j * PANEL, run->stride,
                              s->p + i * PANEL * MATRIX_ROWS, s->q + j * PANEL * MATRIX_ROWS,
                              (size_t)PANEL * MATRIX_ROWS, n);
}

static void scores(const struct run *run, const struct scratch *s, double *acc, size_t n)
{
    for (size_t panel = 0; panel < run->panels; panel++)
        run->kernel->score(acc + panel * PANEL, s->p + panel * PANEL * MATRIX_ROWS, s->right,
                           n);
}

static void chunk_run(void *arg, size_t chunk, size_t thread)
{
    struct run *run = arg;
    const struct matrix_pass *pass = run->pass;
    struct scratch *s = &run->scratch[thread];
    double *acc = run->acc + chunk * run->size;
    size_t end = (chunk + 1) * run->chunk < run->t->n ? (chunk + 1) * run->chunk : run->t->n;
    for (size_t first = chunk * run->chunk; first < end; first += MATRIX_ROWS) {
        size_t n = end - first < MATRIX_ROWS ? end - first : MATRIX_ROWS;
        load(run, s, first, n);
        if (pass->inverse)
            hats(run, s, n);
        struct matrix_block b = {.first = first,
                                 .n = n,
                                 .eta = s->eta,
                                 .hat = s->hat,
                                 .weight = s->weight,
                                 .right = s->right,
                                 .sums = acc + run->size - MATRIX_SUMS};
        pass->fill(&b, pass->arg);
        if (pass->xx) {
            weigh(run, s, n);
            products(run, s, acc, n);
        } else if (pass->xr) {
            scores(run, s, acc, n);
        }
    }
}

static enum rc scratch_make(struct run *run, struct cx *cx, size_t threads)
{
    for (size_t t = 0; t < threads; t++) {
        struct scratch *s = &run->scratch[t];
        size_t p = run->panels * PANEL, q = run->pass->xx ? run->q_panels * PANEL : 0;
        double *room = arena_array(cx->arena, (p + q + 4) * MATRIX_ROWS + PANEL, sizeof *room);
        if (!room)
            return fail(cx, RC_LIMIT, _("There is too little memory for a model this large."),
                        "k=%zu", run->t->k);
        room += (64 - (uintptr_t)room % 64) % 64 / sizeof *room; /* a cache line each */
        *s = (struct scratch){.p = room,
                              .q = room + p * MATRIX_ROWS,
                              .eta = room + (p + q) * MATRIX_ROWS,
                              .hat = room + (p + q + 1) * MATRIX_ROWS,
                              .weight = room + (p + q + 2) * MATRIX_ROWS,
                              .right = room + (p + q + 3) * MATRIX_ROWS};
    }
    return RC_OK;
}

/* Chunks' sums added in order. */
static void gather(const struct run *run)
{
    const struct matrix_pass *pass = run->pass;
    size_t k = run->t->k, last = run->size - MATRIX_SUMS;
    for (size_t c = 1; c < run->chunks; c++)
        for (size_t i = 0; i < run->size; i++)
            run->acc[i] += run->acc[c * run->size + i];
    for (size_t i = 0; i < k && pass->xx; i++)
        for (size_t j = i; j < k; j++)
            pass->xx[i * k + j] = pass->xx[j * k + i] = run->acc[i * run->stride + j];
    for (size_t j = 0; j < k && pass->xr; j++)
        pass->xr[j] = run->acc[pass->xx ? j * run->stride + k : j];
    for (size_t j = 0; j < MATRIX_SUMS && pass->sums; j++)
        pass->sums[j] = run->acc[last + j];
}

enum rc matrix_run(struct cx *cx, const struct matrix_table *t, const struct matrix_pass *p)
{
    if (t->k > MATRIX_COLUMNS_MAX)
        return fail_f(cx, RC_LIMIT, _("A model has at most %d columns; this one has %zu."),
                      (int)MATRIX_COLUMNS_MAX, t->k);
    struct arena_mark mark = arena_mark(cx->arena);
    size_t panels = (t->k + PANEL - 1) / PANEL, most = t->k > 128 ? 16 : 64;
    struct run run = {.t = t,
                      .pass = p,
                      .kernel = matrix_kernel_best(),
                      .panels = panels,
                      .q_panels = (t->k / PANEL + 2) & ~(size_t)1,
                      .chunk = 16 * MATRIX_ROWS};
    run.stride = run.q_panels * PANEL;
    while (run.chunk * most < t->n)
        run.chunk += MATRIX_ROWS;
    run.chunks = t->n ? (t->n + run.chunk - 1) / run.chunk : 1;
    run.size = (p->xx ? panels * PANEL * run.stride : panels * PANEL) + MATRIX_SUMS;
    run.acc = arena_array(cx->arena, run.chunks * run.size, sizeof *run.acc);
    run.shift = arena_array(cx->arena, 3 * t->k + 1, sizeof *run.shift);
    if (!run.acc || !run.shift)
        return fail(cx, RC_LIMIT, _("There is too little memory for a model this large."),
                    "k=%zu", t->k);
    run.scale = run.shift + t->k;
    run.b = run.scale + t->k;
    for (size_t j = 0; j < t->k; j++) {
        run.shift[j] = t->shift ? t->shift[j] : 0;
        run.scale[j] = t->scale ? t->scale[j] : 1;
        run.b[j] = p->b ? p->b[j] : 0;
    }
    TRY(scratch_make(&run, cx, thread_count(t->threads, run.chunks)));
    matrix_parts(run.chunks, t->threads, chunk_run, &run);
    gather(&run);
    arena_back(cx->arena, mark);
    return RC_OK;
}

/* ---- cross-products of given weights ---- */

struct given {
    const double *w, *y;
};

static void fill_given(const struct matrix_block *b, void *arg)
{
    const struct given *g = arg;
    for (size_t r = 0; r < b->n; r++) {
        double w = g->w ? g->w[b->first + r] : 1;
        b->weight[r] = w;
        b->right[r] = g->y ? w * g->y[b->first + r] : 0;
    }
}

enum rc matrix_cross(double *xx, double *xy, struct cx *cx, const struct matrix_table *t,
                     const double *w, const double *y)
{
    struct given given = {w, y};
    struct matrix_pass p = {.fill = fill_given, .arg = &given, .xx = xx, .xr = y ? xy : NULL};
    return matrix_run(cx, t, &p);
}

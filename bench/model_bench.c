/* Models on made-up rows: least squares and a logit of 1 million rows by 60 columns with errors
 * of 10,000 clusters, and X'WX of 57 columns over 30 million rows, made in parts. Wall time,
 * best of several, on one and two threads. With a folder, 200,000 rows are left there for
 * model_peer.R, with our times on them.
 *     model_bench [FOLDER [MILLIONS]] */
#include "base/text.h"
#include "base/time.h"
#include "stats/matrix.h"
#include "stats/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 1000000, PEER_ROWS = 200000, K = 60, WIDE = 57, CLUSTERS = 10000 };

struct data {
    size_t rows;
    double *x[K], *y, *poor, *w;
    uint32_t *cluster;
};

static void *need(void *p)
{
    if (!p) {
        fprintf(stderr, "model_bench: no memory\n");
        exit(1);
    }
    return p;
}

static uint64_t next(uint64_t *state) /* SplitMix64 */
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* A constant, 32 columns of 0 and 1, the rest numbers; incomes with a part of their cluster. */
static void make(struct data *d, size_t rows)
{
    uint64_t state = 20261123;
    d->rows = rows;
    for (size_t j = 0; j < K; j++)
        d->x[j] = need(malloc(rows * sizeof(double)));
    d->y = need(malloc(rows * sizeof(double)));
    d->poor = need(malloc(rows * sizeof(double)));
    d->w = need(malloc(rows * sizeof(double)));
    d->cluster = need(malloc(rows * sizeof(uint32_t)));
    for (size_t i = 0; i < rows; i++) {
        uint64_t bits = next(&state);
        uint32_t cluster = (uint32_t)(next(&state) % CLUSTERS);
        double y = (double)(cluster % 100) / 100 - 1.5;
        for (size_t j = 0; j < K; j++) {
            double x = j == 0    ? 1
                       : j <= 32 ? (double)(bits >> j & 1)
                                 : (double)(next(&state) >> 40) * 0x1p-24 * 10;
            d->x[j][i] = x;
            y += x * (j % 7 == 3 ? -0.1 : j % 5 == 1 ? 0.1 : 0);
        }
        double u = ((double)(next(&state) >> 11) + 0.5) * 0x1p-53;
        double error = log(u / (1 - u));
        d->y[i] = y + error;
        d->poor[i] = y + error > 0;
        d->w[i] = 1 + (double)(bits >> 56) / 100;
        d->cluster[i] = cluster;
    }
}

static double seconds(void)
{
    return (double)time_mono_us() / 1e6;
}

/* Of all threads: what a busy machine does not blur. */
static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
static double best_cpu; /* of the work last timed */

static double fit(const struct data *d, enum model_family family, size_t rows, int threads)
{
    double best = 1e9;
    best_cpu = 1e9;
    for (int i = 0; i < 3; i++) {
        struct cx cx;
        struct model_fit f;
        cx_init(&cx, need(arena_open((size_t)4 << 30)));
        struct model_spec s = {.family = family,
                               .n = rows,
                               .k = K,
                               .y = family == MODEL_OLS ? d->y : d->poor,
                               .x = (const double *const *)d->x,
                               .errors = ERRORS_CLUSTER,
                               .cluster = d->cluster,
                               .cluster_count = CLUSTERS,
                               .threads = threads};
        double begun = seconds(), cpu = cpu_seconds();
        if (model_fit_make(&f, &cx, &s) != RC_OK) {
            fprintf(stderr, "model_bench: %s (%s)\n", cx.err.text, cx.err.detail);
            exit(1);
        }
        best = fmin(best, seconds() - begun);
        best_cpu = fmin(best_cpu, cpu_seconds() - cpu);
        arena_free(cx.arena);
    }
    return best;
}

/* The same rows over and over: as long a pass as that many rows, without their memory. */
static double cross(const struct data *d, size_t millions, int threads)
{
    struct cx cx;
    double xx[WIDE * WIDE], xy[WIDE], sum = 0;
    cx_init(&cx, need(arena_open((size_t)1 << 30)));
    double begun = seconds(), cpu = cpu_seconds();
    struct matrix_table t = {
        .x = (const double *const *)d->x, .k = WIDE, .n = d->rows, .threads = threads};
    for (size_t i = 0; i < millions; i++) {
        if (matrix_cross(xx, xy, &cx, &t, d->w, d->y) != RC_OK)
            exit(1);
        sum += xx[1];
    }
    double took = seconds() - begun;
    best_cpu = cpu_seconds() - cpu;
    arena_free(cx.arena);
    return sum > 0 ? took : 0;
}

static void leave(const struct data *d, const char *folder, double ols, double logit)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/model.bin", folder);
    FILE *f = need(fopen(path, "wb"));
    for (size_t j = 0; j < K; j++)
        (void)fwrite(d->x[j], sizeof(double), PEER_ROWS, f);
    (void)fwrite(d->y, sizeof(double), PEER_ROWS, f);
    (void)fwrite(d->poor, sizeof(double), PEER_ROWS, f);
    if (fclose(f) != 0)
        exit(1);
    snprintf(path, sizeof path, "%s/model_ours.txt", folder);
    f = need(fopen(path, "w"));
    fprintf(f, "%.6f %.6f\n", ols, logit);
    if (fclose(f) != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    size_t millions = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 30;
    struct data d = {0};
    make(&d, ROWS);
    for (int threads = 1; threads <= 2; threads++) {
        double took = fit(&d, MODEL_OLS, ROWS, threads);
        printf(
            "   threads %d: OLS 1 million x 60, clusters: %.3f s (<= 0.5 on 2), CPU %.3f s\n",
            threads, took, best_cpu);
        took = fit(&d, MODEL_LOGIT, ROWS, threads);
        printf(
            "   threads %d: logit 1 million x 60, clusters: %.3f s (<= 2 on 2), CPU %.3f s\n",
            threads, took, best_cpu);
        took = cross(&d, millions, threads);
        printf(
            "   threads %d: X'WX of 57 columns, %zu million rows: %.3f s (<= 3 for 30 on 2), "
            "CPU %.3f s\n",
            threads, millions, took, best_cpu);
        (void)fflush(stdout);
    }
    if (argc > 1)
        leave(&d, argv[1], fit(&d, MODEL_OLS, PEER_ROWS, 1),
              fit(&d, MODEL_LOGIT, PEER_ROWS, 1));
    return 0;
}

/* Effects on a made-up panel: Callaway and Sant'Anna over 1 million units × 10 years × 10
 * groups (nine treated, one never), with and without a covariate, on 1 and 2 threads; the
 * regression with two-way effects beside. Wall and CPU time.   effect_bench [UNITS] */
#include "base/str.h"
#include "base/time.h"
#include "stats/effect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { YEARS = 10, GROUPS = 10 };

static void *need(void *p)
{
    if (!p) {
        fprintf(stderr, "effect_bench: no memory\n");
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
static double uniform(uint64_t *state)
{
    return (double)(next(state) >> 11) * 0x1p-53;
}

struct rows {
    uint32_t *unit;
    int32_t *period, *first;
    double *y, *x;
    const double *columns[1];
};

static struct panel make(struct rows *r, size_t units)
{
    size_t n = units * YEARS;
    uint64_t state = 20261123;
    *r = (struct rows){need(malloc(n * 4)), need(malloc(n * 4)), need(malloc(n * 4)),
                       need(malloc(n * 8)), need(malloc(n * 8)), {NULL}};
    for (size_t u = 0; u < units; u++) {
        int32_t group = (int32_t)(next(&state) % GROUPS); /* 0: never */
        double size = uniform(&state) + 0.02 * group, level = uniform(&state);
        for (size_t t = 0; t < YEARS; t++) {
            size_t i = u * YEARS + t;
            r->unit[i] = (uint32_t)u;
            r->period[i] = 2011 + (int32_t)t;
            r->first[i] = group ? 2011 + group : INT32_MAX;
            r->x[i] = size;
            r->y[i] =
                level + size * (double)t + (r->period[i] >= r->first[i]) + uniform(&state);
        }
    }
    r->columns[0] = r->x;
    return (struct panel){.n = n,
                          .unit = r->unit,
                          .units = units,
                          .period = r->period,
                          .first = r->first,
                          .y = r->y,
                          .x = r->columns};
}

static void fail_now(const struct cx *cx)
{
    fprintf(stderr, "effect_bench: %s\n", cx->err.text);
    exit(1);
}

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct did time_did(const struct panel *p, bool not_yet, int threads)
{
    struct cx cx;
    struct did d;
    cx_init(&cx, arena_open((size_t)4 << 30));
    struct did_spec s = {.not_yet = not_yet, .threads = threads, .draws = 1000, .seed = 1};
    int64_t from = time_mono_ms();
    double cpu = cpu_s();
    if (did_make(&d, &cx, p, &s))
        fail_now(&cx);
    printf("   Callaway-Sant'Anna, %zu rows, %zu covariates, %s, %d thread%s: %6.2f s, "
           "CPU %6.2f s   (%zu cells, effect %.6f, se %.6f)\n",
           p->n, p->k, not_yet ? "not yet treated" : "never treated", threads,
           threads > 1 ? "s" : "", (double)(time_mono_ms() - from) / 1e3, cpu_s() - cpu,
           d.cells, d.simple.value, d.simple.se);
    arena_free(cx.arena);
    return d; /* its numbers; the pointers are gone */
}

int main(int argc, char **argv)
{
    int64_t units = 1000000;
    struct rows rows;
    if (argc > 1 && (!str_to_i64(&units, str_of(argv[1])) || units < 1000))
        return 2;
    struct panel p = make(&rows, (size_t)units);
    for (int run = 0; run < 3; run++) {
        p.k = run == 2;
        struct did one = time_did(&p, run == 1, 1), two = time_did(&p, run == 1, 2);
        if (memcmp(&one.simple, &two.simple, sizeof one.simple) != 0 ||
            memcmp(&one.dynamic, &two.dynamic, sizeof one.dynamic) != 0) {
            fprintf(stderr, "effect_bench: the results differ by threads\n");
            return 1;
        }
    }
    struct cx cx;
    struct twfe t;
    cx_init(&cx, arena_open((size_t)4 << 30));
    int64_t from = time_mono_ms();
    p.k = 0;
    if (twfe_make(&t, &cx, &p))
        fail_now(&cx);
    printf("   two-way fixed effects with clusters, %zu rows, 1 thread: %6.2f s\n", p.n,
           (double)(time_mono_ms() - from) / 1e3);
    arena_free(cx.arena);
    free(rows.unit);
    free(rows.period);
    free(rows.first);
    free(rows.y);
    free(rows.x);
    return 0;
}

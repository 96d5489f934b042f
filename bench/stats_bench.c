/* The kernels of stats/ on made-up packed columns, on one core: Alkire–Foster with 12
 * indicators, FGT and Gini, from 10 thousand to 30 million households; figures after a moved
 * weight at 3 million. CPU time, best of several. With a folder, the columns of 10 million rows
 * and our times are left there for stats_duckdb_bench and stats_peer.R.
 *     stats_bench [FOLDER [MILLIONS_AT_MOST]] */
#include "base/time.h"
#include "stats/kernel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { INDICATORS = 12, COUNTIES = 2844, HOUSEHOLDS = 3516, LINE = 4000, VILLAGE = 250 };
static const struct mpi_spec spec = {
    .n = INDICATORS, .weight = {3, 3, 3, 3, 2, 2, 2, 1, 1, 1, 1, 2}, .k_num = 1, .k_den = 3};
static double gini_exact, h_all, fgt2_all; /* of the rows last timed */

struct data {
    uint16_t *pattern;
    int32_t *income, *weight;
    size_t rows;
};

static void *need(void *p)
{
    if (!p) {
        fprintf(stderr, "stats_bench: no memory\n");
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

/* Incomes nearly log-normal (a sum of twelve uniforms); who has little is deprived more often.
 */
static void make(struct data *d, size_t rows)
{
    uint64_t state = 20261123;
    *d = (struct data){need(malloc(rows * 2)), need(malloc(rows * 4)), need(malloc(rows * 4)),
                       rows};
    for (size_t i = 0; i < rows; i++) {
        uint64_t a = next(&state), b = next(&state), c = next(&state), pattern = 0;
        double normal = -6;
        for (int k = 0; k < 6; k++)
            normal += (double)((a >> (10 * k) & 1023) + (b >> (10 * k) & 1023)) / 1023;
        d->income[i] = (int32_t)(9000 * exp(0.8 * normal));
        d->weight[i] = (int32_t)(1 + (b >> 60) % 8);
        for (int j = 0; j < INDICATORS; j++, c = c >> 5 | c << 59)
            pattern |= (uint64_t)((double)(c & 31) < 5 - 3 * normal) << j;
        d->pattern[i] = (uint16_t)pattern;
    }
}

static void drop(struct data *d)
{
    free(d->pattern);
    free(d->income);
    free(d->weight);
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- what is timed ---- */

struct work {
    struct cx cx;
    struct packed p;
    struct mpi_result *mpi;
    struct fgt_sums *fgt;
    struct gini_bounds bounds;
};

static void stop_on(struct work *w, enum rc rc)
{
    if (rc) {
        fprintf(stderr, "stats_bench: %s\n", w->cx.err.text);
        exit(1);
    }
}

static void run_mpi(struct work *w)
{
    double poor = 0, all = 0;
    stop_on(w, packed_mpi(w->mpi, &w->cx, &spec, &w->p));
    for (size_t g = 0; g < w->p.groups; g++) {
        poor += w->mpi[g].h * w->mpi[g].weight;
        all += w->mpi[g].weight;
    }
    h_all = poor / all;
}
static void run_fgt(struct work *w)
{
    struct fgt_sums all = {0};
    packed_fgt(w->fgt, &w->p, LINE, false);
    for (size_t g = 0; g < w->p.groups; g++)
        fgt_merge(&all, &w->fgt[g]);
    fgt2_all = fgt_of(&all, 2).value;
}
static void run_gini(struct work *w)
{
    stop_on(w, packed_gini(&gini_exact, &w->cx, &w->p));
}
static void run_bounds(struct work *w)
{
    stop_on(w, packed_gini_bounds(&w->bounds, &w->cx, &w->p));
}

static double best(void (*run)(struct work *), struct work *w, int times)
{
    double least = INFINITY;
    for (int i = 0; i < times; i++) {
        double begun = cpu_ms();
        run(w);
        double took = cpu_ms() - begun;
        least = took < least ? took : least;
    }
    return least;
}

/* Groups of about the same size, one behind the other. */
static uint64_t *cut(size_t rows, size_t groups)
{
    uint64_t *offset = need(calloc(groups + 1, sizeof *offset));
    for (size_t g = 0; g <= groups; g++)
        offset[g] = (uint64_t)((double)rows * (double)g / (double)groups);
    offset[groups] = rows;
    return offset;
}

static void open_work(struct work *w, const struct data *d, size_t groups)
{
    cx_init(&w->cx, arena_open((size_t)2 << 30));
    w->p = (struct packed){d->pattern, d->income, d->weight, cut(d->rows, groups), groups};
    w->mpi = need(calloc(groups, sizeof *w->mpi));
    w->fgt = need(calloc(groups, sizeof *w->fgt));
}

static void close_work(struct work *w)
{
    arena_free(w->cx.arena);
    free((void *)(uintptr_t)w->p.offset);
    free(w->mpi);
    free(w->fgt);
}

static void line(const char *name, const struct work *w, double ms, double bytes)
{
    double rows = (double)w->p.offset[w->p.groups];
    printf("   %-24s %9.0f rows %5zu groups %9.3f ms %6.2f ns/row %6.2f GB/s\n", name, rows,
           w->p.groups, ms, ms * 1e6 / rows, bytes * rows / ms / 1e6);
}

/* ---- 10 thousand to 30 million ---- */

static void save(const char *folder, const struct data *d, const struct work *w,
                 const double *ms)
{
    const struct {
        const char *name;
        const void *p;
        size_t width;
    } files[] = {{"pattern.u16", d->pattern, 2},
                 {"income.i32", d->income, 4},
                 {"weight.i32", d->weight, 4}};
    char path[512];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
        FILE *f = need(fopen(path, "wb"));
        fwrite(files[i].p, files[i].width, d->rows, f);
        fclose(f);
    }
    snprintf(path, sizeof path, "%s/county.u16", folder);
    FILE *f = need(fopen(path, "wb"));
    for (size_t g = 0; g < w->p.groups; g++)
        for (uint64_t i = w->p.offset[g]; i < w->p.offset[g + 1]; i++)
            fwrite(&(uint16_t){(uint16_t)g}, 2, 1, f);
    fclose(f);
    snprintf(path, sizeof path, "%s/ours.txt", folder);
    f = need(fopen(path, "w"));
    fprintf(f, "af %.6f %.15g\nfgt %.6f %.15g\ngini %.6f %.15g\nbounds %.6f %.15g\n", ms[0],
            h_all, ms[1], fgt2_all, ms[2], gini_exact, ms[3], w->bounds.high);
    fclose(f);
}

static void size(size_t rows, const char *folder)
{
    struct data d;
    struct work w;
    size_t groups = rows / HOUSEHOLDS;
    groups = rows >= 10000000 ? COUNTIES : groups ? groups : 1;
    make(&d, rows);
    open_work(&w, &d, groups);
    int times = rows > 5000000 ? 5 : 9;
    double ms[4] = {best(run_mpi, &w, times), best(run_fgt, &w, times), best(run_gini, &w, 3),
                    best(run_bounds, &w, times)};
    line("Alkire-Foster by county", &w, ms[0], 6);
    line("FGT by county", &w, ms[1], 8);
    kernel_use_avx2(false);
    line("FGT without AVX2", &w, best(run_fgt, &w, times), 8);
    kernel_use_avx2(true);
    line("Gini, exact", &w, ms[2], 8);
    line("Gini between bounds", &w, ms[3], 8);
    printf("     Gini %.9f, between %.9f and %.9f (%.1e apart); H %.9f\n", gini_exact,
           w.bounds.low, w.bounds.high, w.bounds.high - w.bounds.low, h_all);
    if (!(w.bounds.low <= gini_exact + 1e-13 && gini_exact <= w.bounds.high + 1e-13))
        printf("     THE BOUNDS DO NOT HOLD\n");
    if (folder && rows == 10000000)
        save(folder, &d, &w, ms);
    close_work(&w);
    drop(&d);
    fflush(stdout);
}

/* ---- a moved weight ---- */

static double hist_and_figures(struct work *w, const struct data *d, const double *weight,
                               const uint32_t *group)
{
    struct arena_mark mark = arena_mark(w->cx.arena);
    struct mpi_hist h;
    double begun = cpu_ms();
    stop_on(w, mpi_hist_make(&h, &w->cx, spec.n, w->p.groups));
    mpi_hist_add(&h, &(struct mpi_rows){d->pattern, NULL, weight, group, d->rows});
    for (size_t g = 0; g < w->p.groups; g++)
        mpi_of(&w->mpi[g], &spec, &h, g);
    double took = cpu_ms() - begun;
    arena_back(w->cx.arena, mark);
    return took;
}

static void moved_weight(void)
{
    enum { ROWS = 3000000 };
    static const char *const names[] = {"all villages", "all counties", "all together"};
    const size_t groups[] = {ROWS / VILLAGE, 853, 1};
    struct data d;
    double sum = 0;
    make(&d, ROWS);
    double *weight = need(malloc(ROWS * sizeof *weight));
    uint32_t *group = need(malloc(ROWS * sizeof *group));
    for (size_t i = 0; i < ROWS; i++)
        weight[i] = d.weight[i];
    for (int level = 0; level < 3; level++) {
        struct work w;
        open_work(&w, &d, groups[level]);
        double ms = best(run_mpi, &w, 5);
        line(names[level], &w, ms, 6);
        sum += ms;
        for (size_t g = 0; g < groups[level]; g++)
            for (uint64_t i = w.p.offset[g]; i < w.p.offset[g + 1]; i++)
                group[i] = (uint32_t)g;
        if (level)
            line("  by mpi_hist_add", &w, hist_and_figures(&w, &d, weight, group), 14);
        close_work(&w);
    }
    printf("   every area of three levels after a moved weight: %.1f ms (to be <= 100)\n", sum);
    free(weight);
    free(group);
    drop(&d);
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {10000, 100000, 1000000, 3000000, 10000000, 30000000};
    int64_t most = 30;
    if (argc > 2 && !str_to_i64(&most, str_of(argv[2])))
        return 2;
    printf("   AVX2: %s\n", kernel_has_avx2() ? "yes" : "no");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i] <= (size_t)most * 1000000)
            size(sizes[i], argc > 1 ? argv[1] : NULL);
    moved_weight();
    return 0;
}

/* Live columns: loading a county, one change reaching them, and all checks of the profile over
 * made-up arrays through the program's own code.
 *     build/release/bench/columns_bench DIR [CHANGES]     a database folder (fumin demo DIR)
 *     build/release/bench/columns_bench --rows HOUSEHOLDS
 * The first changes incomes and sheets of households in DIR: use a copy. */
#include "../bench/made_up_county.h"
#include "base/crypto.h"
#include "register/columns.sql.h"
#include "register/household.h"
#include "rule/code.h"
#include "web/app.h"

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* ---- a database ---- */

static int64_t first_county(struct cx *cx)
{
    struct db_rows rows;
    int64_t county = 0;
    for (int64_t n = 1; n < 4000 && !county; n++) {
        must(cx, DB_SELECT(&rows, cx, &COLUMNS_HOUSEHOLDS, V_I(n)), "counties");
        if (db_next(&rows))
            county = n;
        must(cx, db_done(&rows), "counties");
    }
    return county;
}

/* Everything that pages would ask for. */
static void ask_all(struct cx *cx, struct columns *c, bool say)
{
    const struct columns_head *h = columns_head(c);
    const struct profile *p = cx->profile;
    struct column col;
    struct columns_checks checks;
    struct columns_flags flags;
    int64_t firing = 0;
    double begun = seconds(CLOCK_MONOTONIC);
    for (size_t y = 0; y < h->year_count; y++)
        for (size_t s = 0; s < SUBJECT_COUNT; s++)
            must(cx,
                 columns_get(&col, cx, c, (enum subject)s, p->of[s][0]->number, h->years[y]),
                 "sheet");
    for (size_t y = 0; y < h->year_count; y++)
        must(cx, columns_income(&col, cx, c, p->incomes[0].number, h->years[y]), "income");
    int32_t year = h->years[h->year_count - 1];
    must(cx, columns_get(&col, cx, c, SUBJECT_HOUSEHOLD, FIX_SIZE, year), "size");
    double loaded = seconds(CLOCK_MONOTONIC);
    must(cx, columns_checks(&checks, cx, c, year, NULL, NULL), "checks");
    double checked = seconds(CLOCK_MONOTONIC);
    if (p->rules->derived_count)
        must(cx, columns_derived(&col, cx, c, 0, year), "derived");
    for (size_t i = 0; i < p->rules->index_count; i++)
        must(cx, columns_flags(&flags, cx, c, i, year), "flags");
    for (size_t i = 0; i < checks.count; i++)
        firing += checks.check[i].count;
    if (say)
        printf("   sheets and incomes of %zu years: %.0f ms; %zu checks of %d: %.0f ms, %lld "
               "fire; "
               "%zu derived, %zu indexes: %.0f ms\n",
               h->year_count, 1e3 * (loaded - begun), checks.count, (int)year,
               1e3 * (checked - loaded), (long long)firing, p->rules->derived_count,
               p->rules->index_count, 1e3 * (seconds(CLOCK_MONOTONIC) - checked));
}

struct edit {
    struct source s;
    struct household_record r;
};

static enum rc change_write(struct cx *cx, void *arg)
{
    struct edit *change = arg;
    struct change_counts counts = {0};
    return register_apply(&counts, cx, &change->s, &change->r);
}

/* Changes a sheet and an income of one household after the other. */
static void follow(struct cx *cx, int64_t county, size_t count)
{
    double *us = malloc(count * sizeof *us), *quiet = malloc(count * sizeof *quiet);
    double *cpu = malloc(count * sizeof *cpu);
    struct columns *c;
    must(cx, columns_open(&c, cx, county), "open");
    const struct columns_head *h = columns_head(c);
    int32_t year = h->years[h->year_count - 1];
    size_t rows = h->household_rows;
    int64_t *ids = malloc(rows * sizeof *ids);
    memcpy(ids, h->household_id, rows * sizeof *ids);
    columns_close(c);
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct income_record income = {.kind = profile_income(cx->profile, 101),
                                       .amount_minor = 100000 + below(1000000)};
        struct edit change = {.s = {.county = county, .valid_day = 20700},
                              .r = {.household_id = ids[below((uint32_t)rows)],
                                    .year = year,
                                    .incomes = &income,
                                    .income_count = 1}};
        size_t values = cx->profile->of_count[SUBJECT_HOUSEHOLD];
        change.r.values = arena_new(cx->arena, values * sizeof *change.r.values);
        const struct indicator *net =
            profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, STR("net_income_per_head"));
        change.r.values[net->index] = value_int(100000 + below(3000000));
        must(cx, db_write(cx, county, change_write, &change), "change");
        double begun = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_THREAD_CPUTIME_ID);
        must(cx, columns_open(&c, cx, county), "open");
        us[i] = 1e6 * (seconds(CLOCK_MONOTONIC) - begun);
        cpu[i] = 1e6 * (seconds(CLOCK_THREAD_CPUTIME_ID) - used);
        columns_close(c);
        begun = seconds(CLOCK_MONOTONIC);
        must(cx, columns_open(&c, cx, county), "open");
        quiet[i] = 1e6 * (seconds(CLOCK_MONOTONIC) - begun);
        columns_close(c);
        arena_back(cx->arena, mark);
    }
    qsort(us, count, sizeof *us, by_value);
    qsort(cpu, count, sizeof *cpu, by_value);
    qsort(quiet, count, sizeof *quiet, by_value);
    printf("   one change → columns, derived, deprivations, checks: p50 %.0f µs, p99 %.0f µs, "
           "CPU p50 %.0f µs, p99 %.0f µs (opening unchanged ones: p50 %.0f µs, p99 %.0f µs)\n",
           us[count / 2], us[count * 99 / 100], cpu[count / 2], cpu[count * 99 / 100],
           quiet[count / 2], quiet[count * 99 / 100]);
    free(us);
    free(quiet);
    free(cpu);
    free(ids);
}

static void database(struct cx *cx, const char *dir, size_t changes)
{
    struct app app;
    struct columns *c;
    must(cx, app_open(&app, cx, dir, &(struct app_options){0}), "app");
    int64_t county = first_county(cx);
    double before = peak_mb(), begun = seconds(CLOCK_MONOTONIC);
    must(cx, columns_open(&c, cx, county), "open");
    printf("   %zu households, %zu people, %zu areas: loaded in %.0f ms\n",
           columns_head(c)->household_rows, columns_head(c)->person_rows,
           columns_head(c)->area_count, 1e3 * (seconds(CLOCK_MONOTONIC) - begun));
    ask_all(cx, c, true);
    columns_close(c);
    printf("   peak memory grew by %.0f MB\n", peak_mb() - before);
    follow(cx, county, changes);
    app_close(&app, cx);
}

/* ---- made-up arrays ---- */

static void arrays(struct cx *cx, size_t households)
{
    struct profile *p;
    struct profile_faults faults = {0};
    struct columns_checks checks;
    must(cx, profile_load_embedded(&p, &faults, cx, "cn"), "profile");
    cx->profile = p;
    struct county *k = made_up_county(cx, households);
    struct columns c = {.county = k, .cx = cx, .own = *cx};
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    must(cx, columns_checks(&checks, cx, &c, 2026, NULL, NULL), "checks");
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("   %9zu households, %9zu people: %zu checks in %.2f s (%.2f s of CPU), %.0f ns a "
           "household; %.2f s for 263 of them; peak %.0f MB\n",
           households, k->person_rows, checks.count, wall, cpu, 1e9 * wall / (double)households,
           wall * 263 / (double)checks.count, peak_mb());
    county_clear(k);
    free(k);
    cx->profile = NULL;
    profile_free(p);
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_open((size_t)256 * 1024 * 1024);
    struct cx cx;
    int64_t count = 1000;
    crypto_init();
    cx_init(&cx, arena);
    state = (uint64_t)time_mono_us(); /* a second run makes other changes */
    if (argc < 2) {
        fprintf(stderr, "columns_bench DIR [CHANGES] | --rows HOUSEHOLDS\n");
        return 2;
    }
    if (argc > 2)
        (void)str_to_i64(&count, str_of(argv[2]));
    if (!strcmp(argv[1], "--rows"))
        arrays(&cx, (size_t)count);
    else
        database(&cx, argv[1], (size_t)count);
    arena_free(arena);
    return 0;
}

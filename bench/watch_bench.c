/* Alert rules: all of the profile over made-up households with people, through the program's
 * own columns, and one household's change in a database. build/release/bench/watch_bench
 * --households N     (3000000: the promised figure) build/release/bench/watch_bench DIR
 * [CHANGES]      a database folder (fumin demo DIR) The second raises alerts and changes
 * incomes of households in DIR: use a copy. */
#include "../bench/made_up_county.h"
#include "base/crypto.h"
#include "profile/alerts.h"
#include "register/apply.h"
#include "watch/watch.sql.h"
#include "watch/watch_inner.h"
#include "web/app.h"

/* ---- made-up households ---- */

struct counted {
    uint64_t *yes; /* by rule, bits by household row */
    size_t words;
    int64_t named;
};

static enum rc count_block(struct cx *cx, void *arg, const struct rule_runner *r,
                           const struct rule_block *b)
{
    struct counted *n = arg;
    const struct alert_rules *all = cx->profile->alerts;
    for (size_t i = 0; i < all->count; i++) {
        const struct alert_rule *a = &all->list[i];
        uint64_t *bits = n->yes + i * n->words;
        if (a->root < 0)
            continue;
        const int64_t *v = rule_value(r, (size_t)a->root);
        enum rule_level level = a->subject == SUBJECT_PERSON ? RULE_PERSON : RULE_HOUSEHOLD;
        for (size_t k = 0; k < b->count[level]; k++) {
            size_t place = level == RULE_PERSON ? b->parent[RULE_PERSON][k] : k;
            size_t row = (size_t)b->row[RULE_HOUSEHOLD][place];
            if (v[k] == 1)
                bits[row / 64] |= UINT64_C(1) << (row % 64);
        }
    }
    return RC_OK;
}

static void arrays(struct cx *cx, size_t households)
{
    struct profile *p;
    struct profile_faults faults = {0};
    must(cx, profile_load_embedded(&p, &faults, cx, "cn"), "profile");
    cx->profile = p;
    struct county *k = made_up_county(cx, households);
    struct columns c = {.county = k, .cx = cx, .own = *cx};
    struct counted n = {.words = households / 64 + 1};
    size_t rules = 0;
    n.yes = calloc(n.words * p->alerts->count, sizeof *n.yes);
    struct columns_run run = {.program = p->alerts->program,
                              .year = 2026,
                              .day = 20700,
                              .household_row = -1,
                              .block = count_block,
                              .arg = &n};
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    must(cx, columns_run(cx, &c, &run), "rules");
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    for (size_t i = 0; i < p->alerts->count; i++)
        rules += p->alerts->list[i].root >= 0;
    for (size_t i = 0; i < n.words * p->alerts->count; i++)
        n.named += __builtin_popcountll(n.yes[i]);
    printf("   %9zu households, %9zu people: %zu alert rules and their truths in %.2f s (%.2f "
           "s of CPU), %lld would be alerts; peak %.0f MB\n",
           households, k->person_rows, rules, wall, cpu, (long long)n.named, peak_mb());
    free(n.yes);
    county_clear(k);
    free(k);
    cx->profile = NULL;
    profile_free(p);
}

/* ---- a database ---- */

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

static int by_ms(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void one_change(struct cx *cx, int64_t county, int64_t household, int32_t year)
{
    struct edit change = {.s = {.county = county, .valid_day = 20700},
                          .r = {.household_id = household, .year = year}};
    size_t values = cx->profile->of_count[SUBJECT_HOUSEHOLD];
    const struct indicator *net =
        profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, STR("net_income_per_head"));
    change.r.values = arena_new(cx->arena, values * sizeof *change.r.values);
    change.r.values[net->index] = value_int(100000 + below(3000000));
    must(cx, db_write(cx, county, change_write, &change), "change");
}

static void changes(struct cx *cx, int64_t county, size_t count)
{
    double *ms = malloc(count * sizeof *ms), *cpu = malloc(count * sizeof *cpu);
    struct columns *c;
    int64_t raised = 0, over = 0;
    must(cx, columns_open(&c, cx, county), "open");
    const struct columns_head *h = columns_head(c);
    int32_t year = h->years[h->year_count - 1];
    size_t rows = h->household_rows;
    int64_t *ids = malloc(rows * sizeof *ids);
    memcpy(ids, h->household_id, rows * sizeof *ids);
    columns_close(c);
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        one_change(cx, county, ids[below((uint32_t)rows)], year);
        must(cx, columns_open(&c, cx, county), "open"); /* the columns' own figure */
        columns_close(c);
        double begun = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_PROCESS_CPUTIME_ID);
        must(cx, watch_register(&raised, &over, cx, county, false, NULL), "watch");
        ms[i] = 1e3 * (seconds(CLOCK_MONOTONIC) - begun);
        cpu[i] = 1e3 * (seconds(CLOCK_PROCESS_CPUTIME_ID) - used);
        arena_back(cx->arena, mark);
    }
    qsort(ms, count, sizeof *ms, by_ms);
    qsort(cpu, count, sizeof *cpu, by_ms);
    printf(
        "   one household's change → all alert rules, alerts and tasks written: p50 %.2f ms, "
        "p99 %.2f ms, CPU p50 %.2f ms, p99 %.2f ms; %zu changes raised %lld, ended %lld\n",
        ms[count / 2], ms[count * 99 / 100], cpu[count / 2], cpu[count * 99 / 100], count,
        (long long)raised, (long long)over);
    free(ms);
    free(cpu);
    free(ids);
}

static void database(struct cx *cx, const char *dir, size_t count)
{
    struct app app;
    struct db_rows rows;
    int64_t county = 0, raised, over;
    must(cx, app_open(&app, cx, dir, &(struct app_options){0}), "app");
    must(cx, DB_SELECT(&rows, cx, &WATCH_COUNTIES, V_I(0), V_I(1)), "county");
    if (db_next(&rows))
        county = row_i64(&rows, WATCH_COUNTIES_COUNTY);
    must(cx, db_done(&rows), "county");
    for (int i = 0; i < 2; i++) {
        double begun = seconds(CLOCK_MONOTONIC);
        must(cx, watch_county(&raised, &over, cx, county, true), "watch");
        printf("   run over everybody: %.2f s, %lld raised, %lld over\n",
               seconds(CLOCK_MONOTONIC) - begun, (long long)raised, (long long)over);
    }
    changes(cx, county, count);
    app_close(&app, cx);
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_open((size_t)256 * 1024 * 1024);
    struct cx cx;
    int64_t count = 300;
    crypto_init();
    cx_init(&cx, arena);
    if (argc < 2) {
        fprintf(stderr, "watch_bench --households N | DIR [CHANGES]\n");
        return 2;
    }
    if (argc > 2)
        (void)str_to_i64(&count, str_of(argv[2]));
    if (!strcmp(argv[1], "--households"))
        arrays(&cx, (size_t)count);
    else
        database(&cx, argv[1], (size_t)count);
    arena_free(arena);
    return 0;
}

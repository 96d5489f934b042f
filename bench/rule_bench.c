/* Rules over columns on one core: all data checks of the Chinese profile over made-up
 * households with 3.5 people each, at several block sizes; then single operators. CPU time,
 * best of three. rule_bench [HOUSEHOLDS]      default 100000 */
#include "base/crypto.h"
#include "profile/rules.h"
#include "rule/rule_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { POOL = 1 << 15, BLOCK_MAX = 4096, PEOPLE_MAX = BLOCK_MAX * 7 / 2, IDS_MAX = 8192 };

/* Every column is a stretch of one pool of made-up values; loading is a copy, as of columns. */
struct data {
    const int64_t *column[RULE_DERIVED + 1][IDS_MAX];
    int64_t bools[POOL], small[POOL], large[POOL], days[POOL], months[POOL];
    int64_t row[3][PEOPLE_MAX];
    uint32_t parent[3][PEOPLE_MAX];
};

static uint64_t next(uint64_t *state) /* SplitMix64 */
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

// NOLINTNEXTLINE(readability-function-size): the contract's parameters
static void load(void *arg, int64_t *out, const struct rule_block *b, enum rule_level level,
                 enum rule_table table, int32_t id, int back)
{
    const struct data *d = arg;
    size_t shift = ((size_t)(uint32_t)id * 641 + (size_t)back * 97) % (POOL - PEOPLE_MAX);
    const int64_t *from = d->column[table][(uint32_t)id % IDS_MAX];
    memcpy(out, (from ? from : d->small) + shift, b->count[level] * sizeof *out);
}

/* Which values suit each name of the program. */
static void choose_columns(struct data *d, const struct rule_program *p)
{
    for (size_t i = 0; i < p->name_count; i++) {
        const struct rule_name *n = &p->names[i];
        d->column[n->table][(uint32_t)n->id % IDS_MAX] =
            n->type.kind == RULE_BOOL || n->type.kind == RULE_TEXT ? d->bools
            : n->type.kind == RULE_DAY                             ? d->days
            : n->type.kind == RULE_MONTH                           ? d->months
            : n->type.decimals                                     ? d->large
                                                                   : d->small;
    }
}

static struct data *make_data(void)
{
    struct data *d = calloc(1, sizeof *d);
    uint64_t state = 20261123;
    if (!d)
        exit(1);
    for (size_t i = 0; i < POOL; i++) {
        bool gone = next(&state) % 20 == 0;
        d->bools[i] = gone ? RULE_MISSING : (int64_t)(next(&state) % 2);
        d->small[i] = gone ? RULE_MISSING : (int64_t)(next(&state) % 12);
        d->large[i] = gone ? RULE_MISSING : (int64_t)(next(&state) % 10000000);
        d->days[i] = gone ? RULE_MISSING : (int64_t)(next(&state) % 30000) - 9000;
        d->months[i] = gone ? RULE_MISSING : 2015 * 12 + (int64_t)(next(&state) % 140);
    }
    for (uint32_t h = 0, at = 0; h < BLOCK_MAX; h++) {
        d->parent[RULE_HOUSEHOLD][h] = h / 300;
        for (uint32_t n = h % 2 ? 5 : 2; n-- > 0 && at < PEOPLE_MAX; at++)
            d->parent[RULE_PERSON][at] = h;
    }
    return d;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds for so many households in blocks of that size; rows of all instructions in *rows. */
static double timed(double *rows, double *memory_mb, struct data *d,
                    const struct rule_program *p, size_t households, size_t block)
{
    struct cx cx;
    struct rule_runner *r = NULL;
    struct rule_figures figures;
    const struct rule_block b = {.count = {0, block, block * 7 / 2},
                                 .row = {d->row[0], d->row[1], d->row[2]},
                                 .parent = {NULL, d->parent[1], d->parent[2]}};
    const struct rule_source s = {d, 20780, 2026, load};
    double best = 1e9;
    cx_init(&cx, arena_open((size_t)1 << 30));
    choose_columns(d, p);
    if (rule_runner_make(&r, &cx, p, b.count))
        exit(1);
    *memory_mb = (double)arena_used(cx.arena) / 1e6;
    for (int round = 0; round < 3; round++) {
        double begun = seconds();
        for (size_t done = 0; done < households; done += block)
            rule_run(&figures, r, &s, &b);
        double taken = seconds() - begun;
        best = taken < best ? taken : best;
    }
    *rows = 0;
    const size_t blocks = (households + block - 1) / block;
    for (size_t i = 0; i < p->ins_count; i++)
        *rows += (double)b.count[p->ins[i].level] * (double)blocks;
    arena_free(cx.arena);
    return best;
}

static void all_checks(struct data *d, size_t households)
{
    struct cx cx;
    struct profile *profile = NULL;
    struct profile_faults faults;
    double rows = 0, memory_mb = 0;
    cx_init(&cx, arena_open((size_t)256 << 20));
    if (profile_load_embedded(&profile, &faults, &cx, "cn")) {
        fprintf(stderr, "rule_bench: %s\n", cx.err.text);
        exit(1);
    }
    const struct rule_program *p = profile->rules->check_program;
    printf("   %zu checks, %zu instructions, %zu names\n", p->root_count, p->ins_count,
           p->name_count);
    for (size_t block = 64; block <= BLOCK_MAX; block *= 4) {
        double taken = timed(&rows, &memory_mb, d, p, households, block);
        printf("   blocks of %4zu: %6.2f s for 1,000,000 households with 3,500,000 people, "
               "%5.2f ns an instruction and row, runner %5.1f MB\n",
               block, taken * 1e6 / (double)households, taken * 1e9 / rows, memory_mb);
    }
    profile_free(profile);
    arena_free(cx.arena);
}

/* The text's own time over that of its operands' loads. */
static void operators(struct data *d, size_t households)
{
    static const char *const texts[] = {
        "land + debt",
        "land * 3",
        "income.total / size",
        "income.total / 12",
        "land < 20",
        "yes and no",
        "not yes",
        "land is missing",
        "if(yes, land, 2)",
        "size in (1, 3, 5)",
        "size in (1, 500)",
        "years(visited)",
        "months(visited)",
        "round(land, 0)",
        "count(members)",
        "count(members where student)",
        "sum(members, earned)",
        "any(members where student)",
        "max(members, earned)",
    };
    struct cx cx;
    struct fixture f;
    double rows = 0, memory_mb = 0;
    cx_init(&cx, arena_open((size_t)64 << 20));
    fixture_open(&f, &cx);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct rule_program *p = NULL;
        if (fixture_compile(&p, &f, RULE_HOUSEHOLD, texts[i], false))
            exit(1);
        double taken = timed(&rows, &memory_mb, d, p, households, 1024);
        printf("   %-30s %6.2f ns a household, %zu instructions\n", texts[i],
               taken * 1e9 / (double)households, p->ins_count);
    }
    arena_free(cx.arena);
}

int main(int argc, char **argv)
{
    int64_t households = 100000;
    if (argc > 1 && (!str_to_i64(&households, str_of(argv[1])) || households < 1))
        return 2;
    crypto_init();
    struct data *d = make_data();
    all_checks(d, (size_t)households);
    operators(d, (size_t)households);
    free(d);
    return 0;
}

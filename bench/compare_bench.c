/* Precision and recall of matching a department's list with the register, on made-up lists
 * whose truth is known and in which most rows have a planted flaw (typing slips in numbers,
 * names and births, masked or missing numbers, people of one name, moved villages, strangers):
 *     build/release/bench/compare_bench [HOUSEHOLDS [FLAWED]]     3000; 600 of 1,000 rows
 * Prints figures by upper threshold, and by flaw at the profile's thresholds. A row counts as
 * found when the program says who it is without asking; rows in review are counted apart.
 *   precision = found and right / found;  recall = found and right / rows of people who are
 * there
 */
#include "base/crypto.h"
#include "base/file.h"
#include "base/time.h"
#include "db/db.h"
#include "frame/rows.h"
#include "people/user.h"
#include "register/apply.h"
#include "register/area.h"
#include "register/compare.h"
#include "store/store.h"
#include "web/app.h"
#include "web/demo_lists.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { YEAR = 2025, SEED = 5 };

static void must(struct cx *cx, enum rc rc, const char *what)
{
    if (rc == RC_OK)
        return;
    fprintf(stderr, "%s: %s: %s (%s)\n", what, rc_name(rc), cx->err.text, cx->err.detail);
    exit(1);
}

struct tally {
    int64_t rows, theirs, found, right, review, strangers, strangers_found;
};

static void print_tally(const char *name, const struct tally *t)
{
    printf("%-22s %7" PRId64 " %7" PRId64 " %9.4f %8.4f %8.4f %7" PRId64 "\n", name, t->rows,
           t->found, t->found ? (double)t->right / (double)t->found : 1,
           t->theirs ? (double)t->right / (double)t->theirs : 1,
           t->rows ? (double)t->review / (double)t->rows : 0, t->strangers_found);
}

static void print_head(const char *first)
{
    printf("%-22s %7s %7s %9s %8s %8s %7s\n", first, "rows", "found", "precision", "recall",
           "review", "strangers found");
}

/* The register's person behind each row; 0 a stranger; -1 one whose number the import refused:
 * the register may have the person without it, so the row is not counted. */
static int64_t *truth_of(struct cx *cx, int64_t county, const struct demo_list *list)
{
    int64_t *truth = calloc(list->count + 1, sizeof *truth);
    for (size_t i = 0; i < list->count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        int64_t household;
        if (list->rows[i].identity[0])
            must(cx,
                 register_find_person(&truth[i], &household, cx, county,
                                      str_of(list->rows[i].identity), STR("")),
                 "find");
        if (list->rows[i].identity[0] && !truth[i])
            truth[i] = -1;
        arena_back(cx->arena, mark);
    }
    return truth;
}

static void add_row(struct tally *t, const struct compare_row *row, int64_t truth)
{
    if (truth < 0)
        return;
    t->rows++;
    t->theirs += truth != 0;
    t->strangers += truth == 0;
    t->review += row->state == ROW_REVIEW;
    if (!row->person_id)
        return;
    t->found++;
    t->right += row->person_id == truth;
    t->strangers_found += truth == 0;
}

static void measure(struct tally *all, struct tally by_flaw[LIST_FLAWS], struct cx *cx,
                    int64_t id, const struct demo_list *list, const int64_t *truth)
{
    struct compare_list l;
    must(cx, compare_get(&l, cx, id), "get");
    for (size_t i = 0; i < list->count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct compare_row row;
        must(cx, compare_row_get(&row, cx, &l, list->first_row + (int64_t)i), "row");
        add_row(&by_flaw[list->rows[i].flaw], &row, truth[i]);
        if (list->rows[i].flaw != LIST_CLEAN && list->rows[i].flaw != LIST_STRANGER)
            add_row(all, &row, truth[i]);
        arena_back(cx->arena, mark);
    }
}

static int64_t add_list(struct cx *cx, const struct demo_list *list, int64_t area_id)
{
    struct compare_new n = {.area_id = area_id,
                            .kind = str_of(list->kind),
                            .list_day = day_at(cx->now_at, cx->profile->zone_offset_min) - 1};
    int64_t id;
    bool is_new;
    int fd = open(list->path, O_RDONLY | O_CLOEXEC);
    must(cx, store_put(&n.document_id, &is_new, cx, 0, "compare", list->name, "text/csv", fd),
         "store");
    close(fd);
    must(cx, compare_add(&id, &is_new, cx, &n), "add");
    return id;
}

static void sweep(struct cx *cx, const struct demo_list *list, int64_t area_id, int64_t county)
{
    static const int64_t uppers[] = {500000, 800000, 900000, 950000, 990000, 999000};
    int64_t id = add_list(cx, list, area_id), *truth = truth_of(cx, county, list);
    printf("\n%s: %zu rows; the flawed ones by upper threshold (lower 20 %%)\n", list->name,
           list->count);
    print_head("threshold");
    for (size_t i = 0; i < sizeof uppers / sizeof *uppers; i++) {
        struct tally all = {0}, by_flaw[LIST_FLAWS] = {0};
        char name[32];
        int64_t from = time_mono_ms();
        must(cx, compare_run_now(cx, id, uppers[i], 200000), "run");
        int64_t ms = time_mono_ms() - from;
        measure(&all, by_flaw, cx, id, list, truth);
        snprintf(name, sizeof name, "%.1f %%", (double)uppers[i] / 10000);
        print_tally(name, &all);
        if (uppers[i] != 950000)
            continue;
        printf("  at the profile's thresholds, by flaw (%" PRId64 " ms for the run):\n", ms);
        for (int f = 0; f < LIST_FLAWS; f++)
            if (by_flaw[f].rows)
                print_tally(demo_flaw_name((enum demo_list_flaw)f), &by_flaw[f]);
    }
    free(truth);
}

/* The register out of the demo's files, as `fumin demo` takes them in. */
static void load(struct cx *cx, struct demo_county **c, const char *dir, int households)
{
    struct demo_files *f;
    must(cx, demo_county_make(c, cx, SEED, households, YEAR), "county");
    must(cx, demo_files_open(&f, cx, arena_printf(cx->arena, "%s.files", dir), SEED), "files");
    must(cx, demo_files_year(cx, f, *c), "year");
    must(cx, demo_files_close(cx, f), "close");
    FILE *sink = fopen("/dev/null", "we");
    must(cx, demo_load(cx, *c, f, sink), "load");
    fclose(sink);
}

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *at)
{
    (void)s;
    (void)type;
    (void)at;
    return remove(path);
}

int main(int argc, char **argv)
{
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    int households = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3000;
    int flawed = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 600;
    char folder[] = "/tmp/fumin-compare-XXXXXX";
    struct app app;
    struct cx cx;
    struct demo_county *c;
    struct demo_list lists[DEMO_LISTS];
    struct area area;
    crypto_init();
    cx_init(&cx, arena_open((size_t)1 << 30));
    if (!mkdtemp(folder))
        return 1;
    const char *dir = arena_printf(cx.arena, "%s/d", folder);
    must(&cx, app_create(&app, &cx, dir, "cn", NULL, NULL), "create");
    load(&cx, &c, dir, households);
    must(&cx, area_by_code(&area, &cx, STR("999901"), day_at(cx.now_at, 480)), "area");
    must(&cx,
         demo_lists_write(lists, &cx, c, arena_printf(cx.arena, "%s/lists", folder), SEED,
                          flawed),
         "lists");
    for (int i = 0; i < DEMO_LISTS; i++)
        sweep(&cx, &lists[i], area.id, area.county);
    app_close(&app, &cx);
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* a temporary folder */
    return 0;
}

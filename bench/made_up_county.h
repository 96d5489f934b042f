/* A made-up county in memory for the benches: columns of two years filled with values that the
 * indicators may have, without a database. */
#ifndef BENCH_MADE_UP_COUNTY_H
#define BENCH_MADE_UP_COUNTY_H

#include "base/text.h"
#include "base/time.h"
#include "register/columns_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static void must(struct cx *cx, enum rc rc, const char *what)
{
    if (rc == RC_OK)
        return;
    fprintf(stderr, "%s: %s: %s (%s)\n", what, rc_name(rc), cx->err.text, cx->err.detail);
    exit(1);
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double peak_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static uint64_t state = 1;
static uint32_t below(uint32_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % n);
}

/* A value that the indicator may have; one in eight is missing. */
static int64_t made_up(const struct indicator *ind)
{
    if (below(8) == 0)
        return COLUMN_MISSING;
    if (ind->type == TYPE_CODE && ind->list)
        return ind->list->codes[below((uint32_t)ind->list->code_count)].code;
    if (ind->type == TYPE_CODES)
        return (int64_t)below(1 << 12);
    if (ind->type == TYPE_DAY)
        return 12000 + below(9000);
    if (ind->type == TYPE_MONTH)
        return 2000 * 12 + below(320);
    if (ind->type == TYPE_MONEY)
        return below(5000000);
    if (ind->type == TYPE_BOOL || ind->type == TYPE_TEXT || ind->secret)
        return below(2);
    return below(200);
}

static void fill_sheet(struct county *k, struct year_columns *y, enum subject subject)
{
    struct sheet_columns *s = calloc(1, sizeof *s);
    size_t count = k->profile->of_count[subject], rows = subject_rows(k, subject);
    s->col = calloc(count + 1, sizeof *s->col);
    s->has.width = 1;
    for (size_t r = 0; r < rows; r++)
        (void)vec_set(&s->has, subject_cap(k, subject), r, 1);
    for (size_t i = 0; i < count; i++) {
        const struct indicator *ind = k->profile->of[subject][i];
        s->col[i].width = vec_width_of(ind);
        for (size_t r = 0; r < rows; r++)
            (void)vec_set(&s->col[i], subject_cap(k, subject), r, made_up(ind));
    }
    y->sheet[subject] = s;
}

static void fill_people(struct county *k, size_t households)
{
    for (size_t h = 0; h < households; h++) {
        int64_t row = household_row_new(k, (int64_t)h + 1);
        k->moved[row] = 0;
        for (size_t n = 0; n < 3 + h % 2; n++) {
            struct person_cells p = {.id = k->person_rows + 1,
                                     .sex = 1 + (int32_t)below(2),
                                     .birth_day = (int32_t)below(20000),
                                     .relation = n ? 2 + (int32_t)below(10) : 1,
                                     .facts = 18 | FACT_VALID | FACT_BIRTH_COMPARED |
                                              FACT_BIRTH_AGREES,
                                     .present = true};
            int64_t person = person_row_new(k, p.id);
            if (!person_cells_set(k, (size_t)person, &p))
                exit(1);
            person_link(k, (size_t)person, (size_t)row);
        }
    }
    k->base_rows = k->rows;
}

static void fill_incomes(struct county *k, struct year_columns *y)
{
    struct income_columns *n = calloc(1, sizeof *n);
    n->kind = calloc(k->profile->income_count + 1, sizeof *n->kind);
    n->any.width = 1;
    for (size_t h = 0; h < k->rows; h++)
        for (int i = 0; i < 4; i++)
            (void)income_add(
                k, n, h, k->profile->incomes[below((uint32_t)k->profile->income_count)].number,
                below(2000000));
    y->incomes = n;
}

static void fill_county(struct county *k, struct cx *cx, size_t households)
{
    k->profile = cx->profile;
    k->areas = calloc(1, sizeof *k->areas);
    k->areas[0] = (struct columns_area){
        .id = 1, .parent = -1, .level = 2, .path = "", .code = "", .name = "", .end = 1};
    k->area_count = 1;
    fill_people(k, households);
    for (int32_t year = 2025; year <= 2026; year++) {
        struct year_columns *y = k->year[year_place(k, year)];
        y->sheets = (int64_t)households;
        for (int s = 0; s < SUBJECT_COUNT; s++)
            fill_sheet(k, y, (enum subject)s);
        fill_incomes(k, y);
        struct vec *size;
        must(cx, size_need(&size, k, cx, y), "size");
    }
    k->loaded = true;
    k->today = 20700;
    head_refresh(k);
}

/* A county of its own; freed by county_clear and free. */
static struct county *made_up_county(struct cx *cx, size_t households)
{
    struct county *k = calloc(1, sizeof *k);
    pthread_mutexattr_t attr;
    gate_open(&k->gate);
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&k->load_lock, &attr);
    fill_county(k, cx, households);
    return k;
}

#endif

/* Reads one household's portrait out of its county's columns. */
#include "insight/portrait.h"

#include "register/columns.h"

#include <math.h>
#include <stdlib.h>

enum { CODES_MAX = 16 };

struct sitter {
    struct columns *c;
    const struct columns_head *head;
    size_t row;
    struct str codes[CODES_MAX]; /* official codes, most specific first */
    size_t code_count;
};

static enum rc read_codes(struct sitter *s, struct cx *cx)
{
    struct area *chain;
    size_t count;
    int32_t at = s->head->area[s->row];
    for (int32_t a = at; a >= 0 && s->code_count < CODES_MAX; a = s->head->areas[a].parent)
        if (s->head->areas[a].code && s->head->areas[a].code[0])
            s->codes[s->code_count++] = arena_str(cx->arena, str_of(s->head->areas[a].code));
    TRY(area_chain(&chain, &count, cx, s->head->areas[0].id));
    for (size_t i = count; i-- > 0 && s->code_count < CODES_MAX;)
        if (chain[i].id != s->head->areas[0].id && chain[i].code[0])
            s->codes[s->code_count++] = str_of(chain[i].code);
    return RC_OK;
}

static enum rc income_of(double *out, struct cx *cx, struct sitter *s,
                         const struct indicator *welfare, int32_t year)
{
    struct column c;
    *out = (double)NAN;
    if (!welfare)
        return RC_OK;
    TRY(columns_get(&c, cx, s->c, SUBJECT_HOUSEHOLD, welfare->number, year));
    int64_t v = column_at(c, s->row);
    if (v != COLUMN_MISSING)
        *out = (double)v / pow(10, welfare->decimals);
    return RC_OK;
}

static enum rc read_indexes(struct portrait *p, struct cx *cx, struct sitter *s)
{
    const struct profile_rules *rules = cx->profile->rules;
    p->indexes = arena_new(cx->arena, (rules->index_count + 1) * sizeof *p->indexes);
    for (size_t i = 0; i < rules->index_count; i++) {
        struct portrait_index *x = &p->indexes[p->index_count++];
        x->index = &rules->indexes[i];
        for (size_t y = 0; y < p->year_count; y++) {
            struct columns_flags flags;
            TRY(columns_flags(&flags, cx, s->c, i, p->years[y]));
            x->deprived[y] = flags.deprived[s->row];
            x->known[y] = flags.known[s->row];
        }
    }
    return RC_OK;
}

static enum rc read_lines(struct portrait *p, struct cx *cx, const struct sitter *s)
{
    const struct profile *profile = cx->profile;
    p->lines = arena_new(cx->arena, (profile->poverty_line_count + 1) * sizeof *p->lines);
    for (size_t i = 0; i < profile->poverty_line_count; i++) {
        struct portrait_line *l = &p->lines[p->line_count++];
        l->code = profile->poverty_lines[i];
        for (size_t y = 0; y < p->year_count; y++) {
            enum rc rc =
                scope_threshold(&l->line[y], cx, l->code, s->codes, s->code_count, p->years[y]);
            if (rc == RC_NOTFOUND)
                l->line[y] = (double)NAN;
            else
                TRY(rc);
            l->distance[y] = p->income[y] - l->line[y];
        }
    }
    return RC_OK;
}

/* ---- neighbours ---- */

static int by_income(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Equal bins from the poorest to the 95th percentile, and one for all above. */
static void fill_bins(struct portrait *p, const double *sorted, size_t n, double own)
{
    double low = sorted[0], high = fmax(sorted[n - 1 - n / 20], own);
    double width = fmax((high - low) / (PORTRAIT_BINS - 1), 1);
    for (size_t i = 0; i <= PORTRAIT_BINS; i++)
        p->edge[i] = low + width * (double)i;
    for (size_t i = 0; i < n; i++) {
        double at = floor((sorted[i] - low) / width);
        p->count[at >= PORTRAIT_BINS - 1 ? PORTRAIT_BINS - 1 : (size_t)at] += 1;
    }
    p->median = n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* Is the area large enough? Then everything about the place is filled. */
static enum rc try_place(struct portrait *p, struct cx *cx, struct sitter *s, int32_t area,
                         size_t year)
{
    const uint32_t *rows;
    size_t count, n = 0;
    struct column income, size;
    double less = 0, all = 0, own = p->income[year];
    TRY(columns_rows(&rows, &count, cx, s->c, area));
    TRY(columns_get(&income, cx, s->c, SUBJECT_HOUSEHOLD, p->welfare->number, p->years[year]));
    TRY(columns_get(&size, cx, s->c, SUBJECT_HOUSEHOLD, FIX_SIZE, p->years[year]));
    double *y = arena_array(cx->arena, count + 1, sizeof *y);
    for (size_t i = 0; y && i < count; i++) {
        int64_t v = column_at(income, rows[i]), people = column_at(size, rows[i]);
        if (v == COLUMN_MISSING)
            continue;
        double w = people == COLUMN_MISSING ? 0 : (double)people;
        y[n] = (double)v / pow(10, p->welfare->decimals);
        all += w;
        less += y[n++] < own ? w : 0;
    }
    if (n < PORTRAIT_NEIGHBOURS_MIN || !(all > 0))
        return RC_OK;
    qsort(y, n, sizeof *y, by_income);
    fill_bins(p, y, n, own);
    p->place = arena_copy(cx->arena, str_of(s->head->areas[area].name));
    p->place_year = p->years[year];
    p->neighbours = (int64_t)n;
    p->percentile = less / all;
    return RC_OK;
}

static enum rc read_place(struct portrait *p, struct cx *cx, struct sitter *s)
{
    size_t year = p->year_count;
    while (year > 0 && isnan(p->income[year - 1]))
        year--;
    if (!year || !p->welfare)
        return RC_OK;
    for (int32_t a = s->head->area[s->row]; a >= 0 && !p->place; a = s->head->areas[a].parent)
        TRY(try_place(p, cx, s, a, year - 1));
    return RC_OK;
}

static enum rc read_sitter(struct portrait *p, struct cx *cx, struct sitter *s, int64_t id)
{
    int64_t row = columns_household_row(s->c, id);
    s->head = columns_head(s->c);
    if (row < 0)
        return RC_NOTFOUND;
    s->row = (size_t)row;
    size_t first =
        s->head->year_count > PORTRAIT_YEARS_MAX ? s->head->year_count - PORTRAIT_YEARS_MAX : 0;
    for (size_t y = first; y < s->head->year_count; y++)
        p->years[p->year_count++] = s->head->years[y];
    p->welfare = cx->profile->welfare_count ? cx->profile->welfare[0] : NULL;
    for (size_t y = 0; y < p->year_count; y++)
        TRY(income_of(&p->income[y], cx, s, p->welfare, p->years[y]));
    TRY(read_codes(s, cx));
    TRY(read_indexes(p, cx, s));
    TRY(read_lines(p, cx, s));
    return read_place(p, cx, s);
}

enum rc portrait_read(struct portrait *out, struct cx *cx, int64_t county, int64_t household_id)
{
    struct sitter s = {0};
    *out = (struct portrait){0};
    TRY(columns_open(&s.c, cx, county));
    enum rc rc = read_sitter(out, cx, &s, household_id);
    columns_close(s.c);
    return rc;
}

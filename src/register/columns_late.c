/* What is loaded only when it is asked for: a subject's sheets of a year, its incomes rolled up
 * over their kinds, the sizes of households. Under the reading lock: the county's rows stand
 * still, and what is complete is published with one store. */
#include "register/columns.sql.h"
#include "register/columns_inner.h"

#include "base/text.h"
#include "profile/sheet.h"

#include <stdlib.h>
#include <string.h>

/* ---- years ---- */

struct year_columns *year_find(const struct county *k, int32_t year)
{
    for (size_t i = 0; i < k->year_count; i++)
        if (k->year[i]->year == year)
            return k->year[i]->sheets > 0 ? k->year[i] : NULL;
    return NULL;
}

int year_place(struct county *k, int32_t year)
{
    for (size_t i = 0; i < k->year_count; i++)
        if (k->year[i]->year == year)
            return (int)i;
    if (k->year_count == COLUMN_YEARS_MAX)
        return -1;
    struct year_columns *y = calloc(1, sizeof *y);
    const struct profile_rules *rules = k->profile->rules;
    if (y)
        y->flags = calloc((rules ? rules->index_count : 0) + 1, sizeof *y->flags);
    if (!y || !y->flags) {
        free(y);
        return -1;
    }
    y->year = year;
    k->year[k->year_count] = y;
    return (int)k->year_count++;
}

void head_refresh(struct county *k)
{
    size_t count = 0;
    for (size_t i = 0; i < k->year_count; i++) {
        if (k->year[i]->sheets <= 0)
            continue;
        size_t at = count++;
        for (; at > 0 && k->years[at - 1] > k->year[i]->year; at--)
            k->years[at] = k->years[at - 1];
        k->years[at] = k->year[i]->year;
    }
    k->head_year_count = count;
    k->head = (struct columns_head){.county = k->number,
                                    .seq = k->seq,
                                    .household_id = k->household_id,
                                    .area = k->area,
                                    .household_rows = k->rows,
                                    .person_id = k->person_id,
                                    .household = k->household,
                                    .person_rows = k->person_rows,
                                    .areas = k->areas,
                                    .area_count = k->area_count,
                                    .years = k->years,
                                    .year_count = count};
}

void sheet_columns_free(const struct county *k, enum subject subject, struct sheet_columns *s)
{
    for (size_t c = 0; s && s->col && c < k->profile->of_count[subject]; c++)
        vec_free(&s->col[c]);
    if (s) {
        vec_free(&s->has);
        free(s->col);
    }
    free(s);
}

static void income_columns_free(const struct county *k, struct income_columns *n)
{
    for (size_t c = 0; n && n->kind && c < k->profile->income_count; c++)
        vec_free(&n->kind[c]);
    if (n) {
        vec_free(&n->any);
        free(n->kind);
    }
    free(n);
}

void year_free(struct county *k, struct year_columns *y)
{
    made_drop_year(k, y);
    for (int subject = 0; subject < SUBJECT_COUNT; subject++)
        sheet_columns_free(k, (enum subject)subject, y->sheet[subject]);
    income_columns_free(k, y->incomes);
    struct vec *size = y->size;
    if (size)
        vec_free(size);
    free(size);
    free(y->flags);
    free(y);
}

/* ---- sheets ---- */

static int32_t subject_row(const struct county *k, enum subject subject, int64_t id)
{
    return subject == SUBJECT_HOUSEHOLD ? index_find(&k->by_household, k->household_id, id)
           : subject == SUBJECT_PERSON  ? index_find(&k->by_person, k->person_id, id)
                                        : area_find(k, id);
}

static bool filler_sheet(void *arg, int64_t id, int32_t year)
{
    struct sheet_filler *f = arg;
    if (f->wanted_row < 0) { /* one year, all things */
        int32_t row = subject_row(f->k, f->subject, id);
        f->row = (size_t)row;
        if (row < 0)
            return false;
    } else { /* one thing, all years */
        struct county *k = f->k;
        int place = f->subject == SUBJECT_HOUSEHOLD ? year_place(k, year) : -1;
        if (place >= 0) {
            k->has_year[f->wanted_row] |= UINT64_C(1) << place;
            k->year[place]->sheets++;
        }
        f->row = (size_t)f->wanted_row;
        f->now = NULL;
        for (size_t i = 0; i < k->year_count; i++)
            if (k->year[i]->year == year)
                f->now = k->year[i]->sheet[f->subject];
        if (!f->now)
            return false;
    }
    f->failed = f->failed || !vec_set(&f->now->has, subject_cap(f->k, f->subject), f->row, 1);
    return !f->failed;
}

static void filler_value(void *arg, const struct indicator *ind, int64_t value)
{
    struct sheet_filler *f = arg;
    if (!vec_set(&f->now->col[ind->index], subject_cap(f->k, f->subject), f->row, value))
        f->failed = true;
}

struct sheet_reader sheet_filler_reader(struct sheet_filler *f)
{
    return (struct sheet_reader){.arg = f, .sheet = filler_sheet, .value = filler_value};
}

static enum rc sheet_load(struct sheet_columns **out, struct county *k, struct cx *cx,
                          enum subject subject, struct year_columns *y)
{
    const struct profile *p = k->profile;
    struct sheet_columns *s = calloc(1, sizeof *s);
    struct sheet_filler f = {.k = k, .subject = subject, .now = s, .wanted_row = -1};
    const struct sheet_reader reader = sheet_filler_reader(&f);
    if (s)
        s->col = calloc(p->of_count[subject] + 1, sizeof *s->col);
    if (!s || !s->col) {
        free(s);
        return columns_no_memory(cx);
    }
    s->has.width = 1;
    for (size_t i = 0; i < p->of_count[subject]; i++)
        s->col[i].width = vec_width_of(p->of[subject][i]);
    enum rc rc = sheet_read_year(cx, subject, k->number, y->year, &reader);
    if (!rc && f.failed)
        rc = columns_no_memory(cx);
    if (rc) {
        sheet_columns_free(k, subject, s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

enum rc sheet_need(struct sheet_columns **out, struct county *k, struct cx *cx,
                   enum subject subject, struct year_columns *y)
{
    struct sheet_columns *s = atomic_load(&y->sheet[subject]);
    enum rc rc = RC_OK;
    if (!s) {
        pthread_mutex_lock(&k->load_lock);
        s = atomic_load(&y->sheet[subject]);
        if (!s)
            rc = sheet_load(&s, k, cx, subject, y);
        if (!rc)
            atomic_store(&y->sheet[subject], s);
        pthread_mutex_unlock(&k->load_lock);
    }
    if (!rc)
        *out = s;
    return rc;
}

/* ---- incomes ---- */

static bool kind_add(struct county *k, struct income_columns *c, size_t kind, size_t row,
                     int64_t amount)
{
    struct vec *v = &c->kind[kind];
    if (!v->data) {
        v->width = 8;
        if (!vec_set(v, k->cap, row, 0))
            return false;
        for (size_t i = 0; c->any.data && i < k->rows; i++)
            if (vec_at(&c->any, i) == 0)
                ((int64_t *)v->data)[i] = 0;
    }
    int64_t now = vec_at(v, row), sum;
    if (now == COLUMN_MISSING)
        now = 0;
    if (__builtin_add_overflow(now, amount, &sum) || sum == COLUMN_MISSING)
        sum = amount > 0 ? INT64_MAX
                         : -INT64_MAX; /* nobody has that much: the end of the scale */
    return vec_set(v, k->cap, row, sum);
}

/* The first amount of a household makes it 0 for all kinds. */
static bool begin_household(struct county *k, struct income_columns *c, size_t row)
{
    if (vec_at(&c->any, row) == 0)
        return true;
    for (size_t i = 0; i < k->profile->income_count; i++)
        if (c->kind[i].data && !vec_set(&c->kind[i], k->cap, row, 0))
            return false;
    return vec_set(&c->any, k->cap, row, 0);
}

bool income_add(struct county *k, struct income_columns *c, size_t row, int64_t number,
                int64_t amount)
{
    const struct income_kind *own = profile_income(k->profile, number);
    if (!begin_household(k, c, row))
        return false;
    for (const struct income_kind *kind = own; kind; kind = kind->parent) {
        int64_t part = kind->sign == own->sign ? amount : -amount;
        if (!kind_add(k, c, (size_t)(kind - k->profile->incomes), row, part))
            return false;
    }
    return true;
}

void income_clear(struct county *k, struct income_columns *c, size_t row)
{
    vec_clear(&c->any, row);
    for (size_t i = 0; i < k->profile->income_count; i++)
        vec_clear(&c->kind[i], row);
}

static enum rc incomes_load(struct income_columns **out, struct county *k, struct cx *cx,
                            const struct year_columns *y)
{
    struct income_columns *c = calloc(1, sizeof *c);
    struct db_rows rows;
    bool good = true;
    if (c)
        c->kind = calloc(k->profile->income_count + 1, sizeof *c->kind);
    if (!c || !c->kind) {
        free(c);
        return columns_no_memory(cx);
    }
    c->any.width = 1;
    enum rc rc = DB_SELECT(&rows, cx, &COLUMNS_INCOMES, V_I(k->number), V_I(y->year));
    if (!rc) {
        while (good && db_next(&rows)) {
            int32_t row = index_find(&k->by_household, k->household_id,
                                     row_i64(&rows, COLUMNS_INCOMES_HOUSEHOLD_ID));
            good =
                row < 0 || income_add(k, c, (size_t)row, row_i64(&rows, COLUMNS_INCOMES_KIND),
                                      row_i64(&rows, COLUMNS_INCOMES_AMOUNT_MINOR));
        }
        rc = db_done(&rows);
    }
    if (!rc && !good)
        rc = columns_no_memory(cx);
    if (rc) {
        income_columns_free(k, c);
        return rc;
    }
    *out = c;
    return RC_OK;
}

enum rc incomes_need(struct income_columns **out, struct county *k, struct cx *cx,
                     struct year_columns *y)
{
    struct income_columns *c = atomic_load(&y->incomes);
    enum rc rc = RC_OK;
    if (!c) {
        pthread_mutex_lock(&k->load_lock);
        c = atomic_load(&y->incomes);
        if (!c)
            rc = incomes_load(&c, k, cx, y);
        if (!rc)
            atomic_store(&y->incomes, c);
        pthread_mutex_unlock(&k->load_lock);
    }
    if (!rc)
        *out = c;
    return rc;
}

/* ---- people of a year ---- */

bool anybody_of_year(const struct county *k, const struct sheet_columns *people,
                     size_t household)
{
    for (int32_t p = k->first[household]; p >= 0; p = k->next_person[p])
        if (vec_at(&people->has, (size_t)p) == 1)
            return true;
    return false;
}

bool is_of_year(const struct county *k, const struct sheet_columns *people, size_t person,
                bool anybody)
{
    return anybody ? vec_at(&people->has, person) == 1 : k->present[person] != 0;
}

bool size_set(struct county *k, const struct sheet_columns *people, struct vec *size,
              size_t row)
{
    bool anybody = anybody_of_year(k, people, row);
    int64_t count = 0;
    for (int32_t p = k->first[row]; p >= 0; p = k->next_person[p])
        count += is_of_year(k, people, (size_t)p, anybody);
    return vec_set(size, k->cap, row, count > 0 ? count : COLUMN_MISSING);
}

static enum rc size_load(struct vec **out, struct county *k, struct cx *cx,
                         struct year_columns *y)
{
    struct sheet_columns *people;
    TRY(sheet_need(&people, k, cx, SUBJECT_PERSON, y));
    struct vec *size = calloc(1, sizeof *size);
    bool good = size != NULL;
    if (good)
        size->width = 2;
    for (size_t row = 0; good && row < k->rows; row++)
        good = k->household_id[row] == 0 || size_set(k, people, size, row);
    if (!good) {
        if (size)
            vec_free(size);
        free(size);
        return columns_no_memory(cx);
    }
    *out = size;
    return RC_OK;
}

enum rc size_need(struct vec **out, struct county *k, struct cx *cx, struct year_columns *y)
{
    struct vec *size = atomic_load(&y->size);
    enum rc rc = RC_OK;
    if (!size) {
        pthread_mutex_lock(&k->load_lock);
        size = atomic_load(&y->size);
        if (!size)
            rc = size_load(&size, k, cx, y);
        if (!rc)
            atomic_store(&y->size, size);
        pthread_mutex_unlock(&k->load_lock);
    }
    if (!rc)
        *out = size;
    return rc;
}

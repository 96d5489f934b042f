/* The live columns' door: the cache of counties, opening (which brings a county up to date),
 * reading. */
#include "register/columns.sql.h"
#include "register/columns_inner.h"

#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct columns_cache {
    pthread_mutex_t lock; /* of the list; counties stay in it until the end */
    struct county *first;
};

enum rc columns_fail(struct cx *cx, const struct cx *own, enum rc rc)
{
    if (rc && own != cx && own->err.rc && !cx->err.rc)
        cx->err = own->err;
    return rc;
}

enum rc columns_no_memory(struct cx *cx)
{
    return fail(cx, RC_LIMIT, _("There is not enough memory for the figures of this county."),
                "columns");
}

/* ---- the cache ---- */

enum rc columns_cache_open(struct columns_cache **out, struct cx *cx)
{
    struct columns_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return columns_no_memory(cx);
    pthread_mutex_init(&cache->lock, NULL);
    *out = cache;
    return RC_OK;
}

void columns_cache_close(struct columns_cache *cache)
{
    if (!cache)
        return;
    for (struct county *k = cache->first, *next; k; k = next) {
        next = k->next;
        county_clear(k);
        gate_close(&k->gate);
        pthread_mutex_destroy(&k->load_lock);
        free(k);
    }
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct county *county_new(int64_t number)
{
    struct county *k = calloc(1, sizeof *k);
    pthread_mutexattr_t attr;
    if (!k)
        return NULL;
    k->number = number;
    gate_open(&k->gate);
    pthread_mutexattr_init(&attr);
    /* What is loaded late may need more that is loaded late. */
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&k->load_lock, &attr);
    pthread_mutexattr_destroy(&attr);
    return k;
}

static struct county *cache_county(struct columns_cache *cache, int64_t number)
{
    pthread_mutex_lock(&cache->lock);
    struct county *k = cache->first;
    while (k && k->number != number)
        k = k->next;
    if (!k && (k = county_new(number))) {
        k->next = cache->first;
        cache->first = k;
    }
    pthread_mutex_unlock(&cache->lock);
    return k;
}

/* ---- opening ---- */

static enum rc heads_read(int64_t *seq, int64_t *top_seq, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    *seq = *top_seq = 0;
    TRY(DB_SELECT(&rows, cx, &COLUMNS_HEADS, V_I(county)));
    while (db_next(&rows))
        *(row_i64(&rows, COLUMNS_HEADS_COUNTY) == 0 ? top_seq : seq) =
            row_i64(&rows, COLUMNS_HEADS_SEQ);
    return db_done(&rows);
}

/* Under the writing lock: to the state of the own transaction. */
static enum rc bring_up(struct county *k, struct cx *cx, int64_t seq, int64_t top_seq)
{
    enum rc rc = RC_OK;
    retired_free(k);
    if (k->loaded && (k->seq != seq || k->top_seq != top_seq))
        rc = county_follow(k, cx, seq, top_seq);
    if (!rc && !k->loaded)
        rc = county_load(k, cx);
    if (rc) {
        county_clear(k);
        return rc;
    }
    k->seq = seq;
    k->top_seq = top_seq;
    made_day(k, register_today(cx));
    head_refresh(k);
    return RC_OK;
}

static bool is_at(const struct county *k, int64_t seq, int64_t top_seq, int32_t today)
{
    return k->loaded && k->seq == seq && k->top_seq == top_seq && k->today >= today &&
           atomic_load(&k->retired_count) == 0;
}

/* The own transaction begins after the caller's, so it sees at least as much; the columns are
 * brought to exactly what it sees, for what is loaded late comes from it too. When they are
 * further already, a newer transaction is begun. On RC_OK the reading lock is held. */
static enum rc open_at(struct county *k, struct cx *own)
{
    int32_t today = register_today(own);
    for (;;) {
        int64_t seq, top_seq;
        TRY(db_read_begin(own));
        TRY(heads_read(&seq, &top_seq, own, k->number));
        gate_read(&k->gate);
        if (is_at(k, seq, top_seq, today))
            return RC_OK;
        bool ahead = k->loaded && (k->seq > seq || k->top_seq > top_seq);
        gate_read_end(&k->gate);
        if (!ahead) {
            gate_write(&k->gate);
            ahead = k->loaded && (k->seq > seq || k->top_seq > top_seq);
            enum rc rc = ahead ? RC_OK : bring_up(k, own, seq, top_seq);
            if (rc || ahead)
                gate_write_end(&k->gate);
            else
                gate_write_to_read(&k->gate);
            if (rc || !ahead)
                return rc;
        }
        db_read_end(own);
    }
}

enum rc columns_open(struct columns **out, struct cx *cx, int64_t county)
{
    assert(cx->columns && cx->pool && cx->profile);
    struct columns *c = arena_new(cx->arena, sizeof *c);
    c->county = cache_county(cx->columns, county);
    if (!c->county)
        return columns_no_memory(cx);
    c->cx = cx;
    c->own = *cx;
    c->own.db = NULL;
    err_clear(&c->own);
    enum rc rc = db_attach(&c->own);
    if (!rc)
        rc = open_at(c->county, &c->own);
    if (rc) {
        db_detach(&c->own);
        return columns_fail(cx, &c->own, rc);
    }
    *out = c;
    return RC_OK;
}

void columns_close(struct columns *c)
{
    if (!c || !c->county)
        return;
    gate_read_end(&c->county->gate);
    c->county = NULL;
    db_detach(&c->own);
}

/* ---- reading ---- */

const struct columns_head *columns_head(const struct columns *c)
{
    return &c->county->head;
}

int64_t columns_household_row(const struct columns *c, int64_t household_id)
{
    const struct county *k = c->county;
    return household_id ? index_find(&k->by_household, k->household_id, household_id) : -1;
}

int32_t columns_area_index(const struct columns *c, int64_t area_id)
{
    return area_find(c->county, area_id);
}

/* Rows that stand elsewhere than in order of place. */
struct stray {
    int32_t area;
    uint32_t row;
};

static int by_area_and_row(const void *a, const void *b)
{
    const struct stray *x = a, *y = b;
    if (x->area != y->area)
        return x->area < y->area ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static bool is_in(const struct county *k, size_t row, int32_t area)
{
    return k->household_id[row] && k->area[row] >= area && k->area[row] < k->areas[area].end;
}

enum rc columns_rows(const uint32_t **rows, size_t *count, struct cx *cx, struct columns *c,
                     int32_t area)
{
    const struct county *k = c->county;
    size_t all = 0, astray = 0, used = 0, s = 0;
    assert(area >= 0 && (size_t)area < k->area_count);
    for (size_t i = 0; i < k->rows; i++) {
        all += is_in(k, i, area);
        astray += k->moved[i] && is_in(k, i, area);
    }
    uint32_t *list = arena_array(cx->arena, all + 1, sizeof *list);
    struct stray *stray = arena_array(cx->arena, astray + 1, sizeof *stray);
    if (!list || !stray)
        return columns_no_memory(cx);
    for (size_t i = 0; i < k->rows; i++)
        if (k->moved[i] && is_in(k, i, area))
            stray[s++] = (struct stray){k->area[i], (uint32_t)i};
    qsort(stray, astray, sizeof *stray, by_area_and_row);
    s = 0;
    for (size_t i = 0; i < k->base_rows; i++) {
        if (k->moved[i] || !is_in(k, i, area))
            continue;
        while (s < astray && stray[s].area < k->area[i])
            list[used++] = stray[s++].row;
        list[used++] = (uint32_t)i;
    }
    while (s < astray)
        list[used++] = stray[s++].row;
    *rows = list;
    *count = used;
    return RC_OK;
}

static bool fact_of(enum person_fact *out, int32_t number)
{
    static const struct {
        int32_t number;
        enum person_fact fact;
    } facts[] = {{FIX_SEX, PF_SEX},
                 {FIX_BIRTH, PF_BIRTH},
                 {FIX_RELATION, PF_RELATION},
                 {FIX_IDENTITY_LENGTH, PF_IDENTITY_LENGTH},
                 {FIX_IDENTITY_VALID, PF_IDENTITY_VALID},
                 {FIX_IDENTITY_BIRTH, PF_IDENTITY_BIRTH},
                 {FIX_IDENTITY_SEX, PF_IDENTITY_SEX},
                 {FIX_IDENTITY_TWICE, PF_IDENTITY_TWICE},
                 {FIX_PHONE_KNOWN, PF_PHONE_KNOWN},
                 {FIX_PHONE_VALID, PF_PHONE_VALID},
                 {FIX_PHONE_SHARED, PF_PHONE_SHARED}};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (facts[i].number == number) {
            *out = facts[i].fact;
            return true;
        }
    return false;
}

static enum rc no_column(struct cx *cx, int32_t number)
{
    return fail(cx, RC_NOTFOUND, _("There is no such indicator."), "column=%d", (int)number);
}

enum rc fixed_column(const struct vec **out, struct county *k, struct cx *cx,
                     enum subject subject, int32_t number, int32_t year)
{
    enum person_fact fact;
    if (number == FIX_SIZE && subject == SUBJECT_HOUSEHOLD) {
        struct year_columns *y = year_find(k, year);
        struct vec *size = NULL;
        if (y)
            TRY(size_need(&size, k, cx, y));
        *out = size;
        return RC_OK;
    }
    if (subject != SUBJECT_PERSON || !fact_of(&fact, number))
        return no_column(cx, number);
    *out = &k->fact[fact];
    return RC_OK;
}

static enum rc get_indicator(struct column *out, struct columns *c, const struct indicator *ind,
                             int32_t year)
{
    struct year_columns *y = year_find(c->county, year);
    struct sheet_columns *s = NULL;
    if (y)
        TRY(sheet_need(&s, c->county, &c->own, ind->subject, y));
    *out = s ? vec_view(&s->col[ind->index]) : (struct column){NULL, 8};
    return RC_OK;
}

enum rc columns_get(struct column *out, struct cx *cx, struct columns *c, enum subject subject,
                    int32_t number, int32_t year)
{
    enum rc rc;
    if (number < 0) {
        const struct vec *v = NULL;
        rc = fixed_column(&v, c->county, &c->own, subject, number, year);
        if (!rc)
            *out = v ? vec_view(v) : (struct column){NULL, 8};
    } else {
        const struct indicator *ind = profile_indicator_number(c->county->profile, number);
        rc = ind && ind->subject == subject ? get_indicator(out, c, ind, year)
                                            : no_column(&c->own, number);
    }
    return columns_fail(cx, &c->own, rc);
}

enum rc columns_income(struct column *out, struct cx *cx, struct columns *c, int32_t kind,
                       int32_t year)
{
    struct county *k = c->county;
    const struct income_kind *income = profile_income(k->profile, kind);
    struct year_columns *y = year_find(k, year);
    struct income_columns *n = NULL;
    if (!income)
        return columns_fail(cx, &c->own, no_column(&c->own, kind));
    if (y)
        TRY(columns_fail(cx, &c->own, incomes_need(&n, k, &c->own, y)));
    const struct vec *v = n ? &n->kind[income - k->profile->incomes] : NULL;
    *out = !v ? (struct column){NULL, 8} : vec_view(v->data ? v : &n->any);
    return RC_OK;
}

enum rc columns_people(const uint32_t **people, size_t *count, struct cx *cx, struct columns *c,
                       int32_t year, size_t household_row)
{
    struct county *k = c->county;
    struct year_columns *y = year_find(k, year);
    struct sheet_columns none = {0}, *s = &none;
    size_t all = 0, used = 0;
    assert(household_row < k->rows);
    if (y)
        TRY(columns_fail(cx, &c->own, sheet_need(&s, k, &c->own, SUBJECT_PERSON, y)));
    for (int32_t p = k->first[household_row]; p >= 0; p = k->next_person[p])
        all++;
    uint32_t *list = arena_array(cx->arena, all + 1, sizeof *list);
    if (!list)
        return columns_no_memory(cx);
    bool anybody = anybody_of_year(k, s, household_row);
    for (int32_t p = k->first[household_row]; p >= 0; p = k->next_person[p])
        if (is_of_year(k, s, (size_t)p, anybody))
            list[used++] = (uint32_t)p;
    *people = list;
    *count = used;
    return RC_OK;
}

/* Loading columns from the tables: the county's areas, households and people at first use, then
 * each year's sheets and incomes when they are asked for. */
#include "register/columns.sql.h"
#include "register/columns_inner.h"

#include "base/text.h"
#include "profile/sheet.h"
#include "register/office.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { AREA_ARENA = 256 * 1024 * 1024 };

/* ---- rows ---- */

size_t subject_cap(const struct county *k, enum subject subject)
{
    return subject == SUBJECT_HOUSEHOLD ? k->cap
           : subject == SUBJECT_PERSON  ? k->person_cap
                                        : k->area_count;
}

size_t subject_rows(const struct county *k, enum subject subject)
{
    return subject == SUBJECT_HOUSEHOLD ? k->rows
           : subject == SUBJECT_PERSON  ? k->person_rows
                                        : k->area_count;
}

static bool widen(void *array, size_t size, size_t old_cap, size_t cap)
{
    void **p = array;
    char *wider = realloc(*p, cap * size);
    if (!wider)
        return false;
    memset(wider + old_cap * size, 0, (cap - old_cap) * size);
    *p = wider;
    return true;
}

/* Every column of a subject in every loaded year. */
static bool grow_years(struct county *k, enum subject subject, size_t old_cap, size_t cap)
{
    bool good = true;
    for (size_t i = 0; i < k->year_count; i++) {
        struct year_columns *y = k->year[i];
        struct sheet_columns *s = y->sheet[subject];
        for (size_t c = 0; s && c < k->profile->of_count[subject]; c++)
            good = good && vec_grow(&s->col[c], old_cap, cap);
        good = good && (!s || vec_grow(&s->has, old_cap, cap));
        if (subject == SUBJECT_HOUSEHOLD) {
            struct income_columns *n = y->incomes;
            for (size_t c = 0; n && c < k->profile->income_count; c++)
                good = good && vec_grow(&n->kind[c], old_cap, cap);
            good = good && (!n || vec_grow(&n->any, old_cap, cap));
            good = good && (!y->size || vec_grow(y->size, old_cap, cap));
        }
        good = good && made_grow(k, y, subject, old_cap, cap);
    }
    return good;
}

static bool households_grow(struct county *k, size_t cap)
{
    size_t old = k->cap;
    if (!widen(&k->household_id, sizeof *k->household_id, old, cap) ||
        !widen(&k->area, sizeof *k->area, old, cap) ||
        !widen(&k->first, sizeof *k->first, old, cap) ||
        !widen(&k->has_year, sizeof *k->has_year, old, cap) ||
        !widen(&k->moved, sizeof *k->moved, old, cap) ||
        !grow_years(k, SUBJECT_HOUSEHOLD, old, cap))
        return false;
    k->cap = cap;
    return true;
}

static bool people_grow(struct county *k, size_t cap)
{
    size_t old = k->person_cap;
    bool good = widen(&k->person_id, sizeof *k->person_id, old, cap) &&
                widen(&k->household, sizeof *k->household, old, cap) &&
                widen(&k->next_person, sizeof *k->next_person, old, cap) &&
                widen(&k->present, sizeof *k->present, old, cap) &&
                twins_grow(&k->identity, old, cap) && twins_grow(&k->phone, old, cap);
    for (int i = 0; i < PF_COUNT; i++)
        good = good && vec_grow(&k->fact[i], old, cap);
    if (!good || !grow_years(k, SUBJECT_PERSON, old, cap))
        return false;
    k->person_cap = cap;
    return true;
}

static size_t more_room(size_t rows)
{
    return rows + rows / 8 + 64;
}

int64_t household_row_new(struct county *k, int64_t id)
{
    if (k->rows == k->cap && !households_grow(k, more_room(k->rows)))
        return -1;
    size_t row = k->rows;
    k->household_id[row] = id;
    if (!index_add(&k->by_household, k->household_id, row))
        return -1;
    k->area[row] = 0;
    k->first[row] = -1;
    k->has_year[row] = 0;
    k->moved[row] = 1;
    k->rows++;
    return (int64_t)row;
}

int64_t person_row_new(struct county *k, int64_t id)
{
    if (k->person_rows == k->person_cap && !people_grow(k, more_room(k->person_rows)))
        return -1;
    size_t row = k->person_rows;
    k->person_id[row] = id;
    if (!index_add(&k->by_person, k->person_id, row))
        return -1;
    k->household[row] = k->next_person[row] = -1;
    k->present[row] = 0;
    k->person_rows++;
    return (int64_t)row;
}

static void clear_years(struct county *k, enum subject subject, size_t row)
{
    for (size_t i = 0; i < k->year_count; i++) {
        struct year_columns *y = k->year[i];
        struct sheet_columns *s = y->sheet[subject];
        for (size_t c = 0; s && c < k->profile->of_count[subject]; c++)
            vec_clear(&s->col[c], row);
        if (s)
            vec_clear(&s->has, row);
        if (subject == SUBJECT_HOUSEHOLD && y->incomes)
            income_clear(k, y->incomes, row);
        if (subject == SUBJECT_HOUSEHOLD && y->size)
            vec_clear(y->size, row);
        made_clear_row(k, y, subject, row);
    }
}

void household_row_free(struct county *k, size_t row)
{
    index_drop(&k->by_household, k->household_id, row, -1);
    for (size_t i = 0; i < k->year_count; i++)
        k->year[i]->sheets -= (int64_t)(k->has_year[row] >> i & 1);
    clear_years(k, SUBJECT_HOUSEHOLD, row);
    k->household_id[row] = 0;
    k->area[row] = 0;
    k->first[row] = -1;
    k->has_year[row] = 0;
    k->free_rows++;
}

void person_row_free(struct county *k, size_t row)
{
    index_drop(&k->by_person, k->person_id, row, -1);
    twins_drop(&k->identity, row);
    twins_drop(&k->phone, row);
    clear_years(k, SUBJECT_PERSON, row);
    for (int i = 0; i < PF_COUNT; i++)
        vec_clear(&k->fact[i], row);
    k->person_id[row] = 0;
    k->household[row] = k->next_person[row] = -1;
    k->present[row] = 0;
    k->free_people++;
}

/* ---- people ---- */

static int64_t key_of(struct str hash)
{
    int64_t key = 0;
    if (hash.len == BIND_BYTES)
        memcpy(&key, hash.p, sizeof key);
    return key;
}

struct person_cells person_cells_of(const struct db_rows *rows)
{
    return (struct person_cells){
        .id = row_i64(rows, COLUMNS_PEOPLE_ID),
        .household_id = row_i64(rows, COLUMNS_PEOPLE_HOUSEHOLD_ID),
        .sex = (int32_t)row_i64(rows, COLUMNS_PEOPLE_SEX),
        .birth_day = (int32_t)row_i64(rows, COLUMNS_PEOPLE_BIRTH_DAY),
        .relation = (int32_t)row_i64(rows, COLUMNS_PEOPLE_RELATION),
        .present = row_i64(rows, COLUMNS_PEOPLE_TO_DAY) == 0,
        .facts = (int32_t)row_i64(rows, COLUMNS_PEOPLE_IDENTITY_FACTS),
        .identity = key_of(row_str(rows, COLUMNS_PEOPLE_IDENTITY_KEY)),
        .phone = key_of(row_str(rows, COLUMNS_PEOPLE_PHONE_KEY)),
    };
}

static bool set_fact(struct county *k, enum person_fact fact, size_t row, int64_t value)
{
    static const uint8_t widths[PF_COUNT] = {[PF_BIRTH] = 4, [PF_IDENTITY_LENGTH] = 2};
    struct vec *v = &k->fact[fact];
    if (!v->data)
        v->width = widths[fact] ? widths[fact] : 1;
    return vec_set(v, k->person_cap, row, value);
}

/* A bit, or missing unless `known`. */
static int64_t bit(int32_t facts, int32_t known, int32_t wanted)
{
    return (facts & known) == 0 ? COLUMN_MISSING : (facts & wanted) != 0;
}

static bool set_secret_facts(struct county *k, size_t row, int32_t facts)
{
    bool any = facts >= 0;
    int32_t valid = k->synthetic ? FACT_VALID_SYNTHETIC : FACT_VALID, f = any ? facts : 0;
    return set_fact(k, PF_IDENTITY_LENGTH, row, any ? f & FACT_LENGTH_MASK : COLUMN_MISSING) &&
           set_fact(k, PF_IDENTITY_VALID, row, bit(f, FACT_LENGTH_MASK, valid)) &&
           set_fact(k, PF_IDENTITY_BIRTH, row,
                    bit(f, FACT_BIRTH_COMPARED, FACT_BIRTH_AGREES)) &&
           set_fact(k, PF_IDENTITY_SEX, row, bit(f, FACT_SEX_COMPARED, FACT_SEX_AGREES)) &&
           set_fact(k, PF_PHONE_VALID, row, bit(f, FACT_PHONE, FACT_PHONE_VALID));
}

bool person_cells_set(struct county *k, size_t row, const struct person_cells *p)
{
    k->present[row] = p->present;
    if (p->identity != k->identity.key[row]) {
        vec_clear(&k->fact[PF_IDENTITY_TWICE], row);
        twins_drop(&k->identity, row);
        if (!twins_add(&k->identity, row, p->identity))
            return false;
    }
    if (p->phone != k->phone.key[row]) {
        vec_clear(&k->fact[PF_PHONE_SHARED], row);
        twins_drop(&k->phone, row);
        if (!twins_add(&k->phone, row, p->phone))
            return false;
    }
    return set_fact(k, PF_SEX, row, p->sex ? p->sex : COLUMN_MISSING) &&
           set_fact(k, PF_BIRTH, row,
                    p->birth_day != BIRTH_UNKNOWN ? p->birth_day : COLUMN_MISSING) &&
           set_fact(k, PF_RELATION, row, p->relation ? p->relation : COLUMN_MISSING) &&
           set_fact(k, PF_PHONE_KNOWN, row, p->phone != 0) &&
           set_secret_facts(k, row, p->facts);
}

void person_link(struct county *k, size_t row, size_t household_row)
{
    int32_t *at = &k->first[household_row];
    while (*at >= 0)
        at = &k->next_person[*at];
    *at = (int32_t)row;
    k->household[row] = (int32_t)household_row;
    k->next_person[row] = -1;
}

/* Of the person's household, the people with the same key. */
static int64_t at_home(const struct county *k, const struct twins *t, int32_t person)
{
    int64_t count = 0;
    int32_t home = k->household[person];
    for (int32_t p = home >= 0 ? k->first[home] : -1; p >= 0; p = k->next_person[p])
        count += t->key[p] == t->key[person];
    return count;
}

bool twins_refresh(struct county *k, bool phone, int64_t key, twin_changed_fn changed,
                   void *arg)
{
    const struct twins *t = phone ? &k->phone : &k->identity;
    enum person_fact fact = phone ? PF_PHONE_SHARED : PF_IDENTITY_TWICE;
    int32_t head = key ? index_find(&t->heads, t->key, key) : -1;
    int64_t all = 0;
    for (int32_t at = head; at >= 0; at = t->next[at])
        all++;
    for (int32_t at = head; at >= 0; at = t->next[at]) {
        int64_t now = phone ? all - at_home(k, t, at) : all > 1;
        if (vec_at(&k->fact[fact], (size_t)at) == now)
            continue;
        if (!set_fact(k, fact, (size_t)at, now))
            return false;
        if (changed)
            changed(arg, (size_t)at);
    }
    return true;
}

static bool twins_refresh_all(struct county *k, bool phone)
{
    const struct twins *t = phone ? &k->phone : &k->identity;
    bool good = true;
    for (size_t i = 0; good && i < t->heads.size; i++)
        if (t->heads.slot[i] >= 0)
            good = twins_refresh(k, phone, t->key[t->heads.slot[i]], NULL, NULL);
    return good;
}

/* Everybody, as the table delivers them. */
struct crowd {
    struct person_cells *list;
    size_t count, cap;
};

static enum rc crowd_read(struct crowd *crowd, struct county *k, struct cx *cx)
{
    struct db_rows rows;
    bool full = false;
    TRY(DB_SELECT(&rows, cx, &COLUMNS_PEOPLE, V_I(k->number)));
    while (!full && db_next(&rows)) {
        struct person_cells p = person_cells_of(&rows);
        if (index_find(&k->by_household, k->household_id, p.household_id) < 0)
            continue;
        if (crowd->count == crowd->cap) {
            size_t cap = crowd->cap ? 2 * crowd->cap : 1024;
            full = !widen(&crowd->list, sizeof *crowd->list, crowd->cap, cap);
            if (full)
                break;
            crowd->cap = cap;
        }
        crowd->list[crowd->count++] = p;
    }
    TRY(db_done(&rows));
    return full ? columns_no_memory(cx) : RC_OK;
}

/* Their rows lie in the order of the households', and of their ids within one. */
static bool crowd_place(const struct crowd *crowd, struct county *k)
{
    size_t *place = calloc(k->rows + 1, sizeof *place);
    int32_t *order = malloc((crowd->count + 1) * sizeof *order);
    bool good = place && order && people_grow(k, more_room(crowd->count));
    for (size_t i = 0; good && i < crowd->count; i++)
        place[index_find(&k->by_household, k->household_id, crowd->list[i].household_id) + 1]++;
    for (size_t h = 0; good && h < k->rows; h++)
        place[h + 1] += place[h];
    for (size_t i = 0; good && i < crowd->count; i++)
        order[place[index_find(&k->by_household, k->household_id,
                               crowd->list[i].household_id)]++] = (int32_t)i;
    for (size_t i = 0; good && i < crowd->count; i++) {
        const struct person_cells *p = &crowd->list[order[i]];
        int64_t row = person_row_new(k, p->id);
        good = row >= 0 && person_cells_set(k, (size_t)row, p);
        if (good)
            person_link(k, (size_t)row,
                        (size_t)index_find(&k->by_household, k->household_id, p->household_id));
    }
    free(place);
    free(order);
    return good && twins_refresh_all(k, false) && twins_refresh_all(k, true);
}

static enum rc people_load(struct county *k, struct cx *cx)
{
    struct crowd crowd = {0};
    enum rc rc = crowd_read(&crowd, k, cx);
    if (!rc && !crowd_place(&crowd, k))
        rc = columns_no_memory(cx);
    free(crowd.list);
    return rc;
}

/* ---- areas ---- */

int32_t area_find(const struct county *k, int64_t area_id)
{
    return index_find(&k->by_area, k->area_id, area_id);
}

/* The areas of a county while they are read. */
struct area_list {
    struct columns_area *list;
    int64_t *parent_id;
    size_t count, cap;
};

static enum rc areas_read(struct area_list *l, struct arena *arena, struct cx *cx,
                          int64_t county)
{
    struct db_rows rows;
    bool full = false;
    TRY(DB_SELECT(&rows, cx, &COLUMNS_AREAS, V_I(county)));
    while (!full && db_next(&rows)) {
        if (l->count == l->cap) {
            size_t cap = l->cap ? 2 * l->cap : 64;
            full = !widen(&l->list, sizeof *l->list, l->cap, cap) ||
                   !widen(&l->parent_id, sizeof *l->parent_id, l->cap, cap);
            if (full)
                break;
            l->cap = cap;
        }
        l->parent_id[l->count] = row_i64(&rows, COLUMNS_AREAS_PARENT_ID);
        l->list[l->count++] = (struct columns_area){
            .id = row_i64(&rows, COLUMNS_AREAS_ID),
            .parent = -1,
            .level = (int)row_i64(&rows, COLUMNS_AREAS_LEVEL),
            .path = arena_copy(arena, row_str(&rows, COLUMNS_AREAS_PATH)),
            .code = arena_copy(arena, row_str(&rows, COLUMNS_AREAS_CODE)),
            .name = arena_copy(arena, row_str(&rows, COLUMNS_AREAS_NAME)),
        };
    }
    TRY(db_done(&rows));
    return full ? columns_no_memory(cx) : RC_OK;
}

/* Parents, ends and the rows by id; rows of households keep their areas. */
static bool areas_take(struct county *k, struct area_list *l)
{
    struct row_index by_id = {0};
    int64_t *ids = malloc((l->count + 1) * sizeof *ids);
    bool good = ids != NULL;
    for (size_t i = 0; good && i < l->count; i++) {
        ids[i] = l->list[i].id;
        good = index_add(&by_id, ids, i);
    }
    if (!good) {
        free(ids);
        index_free(&by_id);
        return false;
    }
    for (size_t i = l->count; i-- > 0;) {
        struct columns_area *a = &l->list[i];
        a->parent = index_find(&by_id, ids, l->parent_id[i]);
        a->end = a->end ? a->end : (int32_t)i + 1;
        if (a->parent >= 0 && l->list[a->parent].end < a->end)
            l->list[a->parent].end = a->end;
    }
    for (size_t h = 0; h < k->rows; h++) {
        int32_t now = k->household_id[h] ? index_find(&by_id, ids, k->area_id[k->area[h]]) : 0;
        k->area[h] = now >= 0 ? now : 0;
    }
    free(k->area_id);
    index_free(&k->by_area);
    free(k->areas);
    k->area_id = ids;
    k->by_area = by_id;
    k->areas = l->list;
    k->area_count = l->count;
    l->list = NULL;
    return true;
}

/* Official codes of what lies above the county: thresholds of a province hold in it. */
static enum rc above_load(struct county *k, struct arena *arena, struct cx *cx, int64_t id)
{
    struct area *chain;
    size_t count;
    TRY(area_chain(&chain, &count, cx, id));
    k->above = arena_new(arena, count * sizeof *k->above + 1);
    k->above_count = 0;
    for (size_t i = count - 1; i-- > 0;)
        k->above[k->above_count++] = arena_str(arena, str_of(chain[i].code));
    return RC_OK;
}

static void area_columns_free(struct county *k)
{
    for (size_t i = 0; i < k->year_count; i++) {
        sheet_columns_free(k, SUBJECT_AREA, k->year[i]->sheet[SUBJECT_AREA]);
        k->year[i]->sheet[SUBJECT_AREA] = NULL;
    }
}

enum rc areas_load(struct county *k, struct cx *cx)
{
    struct area_list l = {0};
    struct arena *arena = arena_open(AREA_ARENA);
    made_drop(k);
    area_values_free(k);
    area_columns_free(k);
    enum rc rc = areas_read(&l, arena, cx, k->number);
    if (!rc && l.count == 0)
        rc = fail(cx, RC_NOTFOUND, _("There is no such county."), "county=%" PRId64, k->number);
    if (!rc)
        rc = above_load(k, arena, cx, l.list[0].id);
    if (!rc && !areas_take(k, &l))
        rc = columns_no_memory(cx);
    free(l.list);
    free(l.parent_id);
    if (!rc && k->area_arena)
        arena_free(k->area_arena);
    if (rc)
        arena_free(arena);
    else
        k->area_arena = arena;
    return rc;
}

/* ---- the county ---- */

static enum rc households_load(struct county *k, struct cx *cx)
{
    struct db_rows rows;
    bool good = true;
    TRY(DB_SELECT(&rows, cx, &COLUMNS_HOUSEHOLDS, V_I(k->number)));
    while (good && db_next(&rows)) {
        int64_t row = household_row_new(k, row_i64(&rows, COLUMNS_HOUSEHOLDS_ID));
        int32_t area = area_find(k, row_i64(&rows, COLUMNS_HOUSEHOLDS_AREA_ID));
        good = row >= 0;
        if (good) {
            k->area[row] = area >= 0 ? area : 0;
            k->moved[row] = 0;
        }
    }
    TRY(db_done(&rows));
    k->base_rows = k->rows;
    return good ? RC_OK : columns_no_memory(cx);
}

static bool mark_year(void *arg, int64_t id, int32_t year)
{
    struct county *k = arg;
    int32_t row = index_find(&k->by_household, k->household_id, id);
    int place = row >= 0 ? year_place(k, year) : -1;
    if (place >= 0) {
        k->has_year[row] |= UINT64_C(1) << place;
        k->year[place]->sheets++;
    }
    return false;
}

enum rc county_load(struct county *k, struct cx *cx)
{
    const struct sheet_reader reader = {.arg = k, .sheet = mark_year};
    k->profile = cx->profile;
    TRY(office_is_synthetic(&k->synthetic, cx, k->number));
    TRY(areas_load(k, cx));
    TRY(households_load(k, cx));
    TRY(people_load(k, cx));
    TRY(sheet_read_pairs(cx, SUBJECT_HOUSEHOLD, k->number, &reader));
    k->loaded = true;
    head_refresh(k);
    return RC_OK;
}

void county_clear(struct county *k)
{
    for (size_t i = 0; i < k->year_count; i++)
        year_free(k, k->year[i]);
    made_free(k);
    retired_free(k);
    area_values_free(k);
    for (int i = 0; i < PF_COUNT; i++)
        vec_free(&k->fact[i]);
    twins_free(&k->identity);
    twins_free(&k->phone);
    index_free(&k->by_household);
    index_free(&k->by_person);
    index_free(&k->by_area);
    free(k->household_id);
    free(k->area);
    free(k->first);
    free(k->has_year);
    free(k->moved);
    free(k->person_id);
    free(k->household);
    free(k->next_person);
    free(k->present);
    free(k->areas);
    free(k->area_id);
    if (k->area_arena)
        arena_free(k->area_arena);
    /* The locks stay where they are. */
    size_t from = offsetof(struct county, loaded);
    memset((char *)k + from, 0, sizeof *k - from);
}

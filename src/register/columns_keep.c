/* The memory of what is kept of the profile's rules: values of derived indicators, deprivations
 * and checks as bits; growing with the rows, clearing one, dropping all. Filling it is
 * columns_made.c's. */
#include "register/columns_inner.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct profile_rules *rules_of(const struct county *k)
{
    static const struct profile_rules none = {0};
    return k->profile->rules ? k->profile->rules : &none;
}

void made_derived_free(const struct county *k, struct derived_columns *d)
{
    for (size_t i = 0; d && d->rule && i < rules_of(k)->derived_count; i++)
        vec_free(&d->rule[i]);
    if (d)
        free(d->rule);
    free(d);
}

void made_checks_free(const struct county *k, struct check_columns *c)
{
    for (size_t i = 0; c && c->check && i < rules_of(k)->check_count; i++) {
        union { /* ours, though readers may only read it */
            const uint64_t *shared;
            uint64_t *own;
        } bits = {c->check[i].fires};
        free(bits.own);
    }
    if (c)
        free(c->check);
    free(c);
}

void made_flags_free(struct flag_columns *f)
{
    if (f) {
        free(f->deprived);
        free(f->known);
    }
    free(f);
}

void retire_checks(struct county *k, struct check_columns *c)
{
    size_t room = sizeof k->retired / sizeof *k->retired, n = atomic_load(&k->retired_count);
    assert(n < room);
    k->retired[n] = c;
    atomic_store(&k->retired_count, n + 1);
}

void retired_free(struct county *k)
{
    for (size_t i = 0; i < atomic_load(&k->retired_count); i++)
        made_checks_free(k, k->retired[i]);
    atomic_store(&k->retired_count, 0);
}

void made_drop_areas(struct county *k, struct year_columns *y)
{
    made_derived_free(k, y->area_derived);
    made_checks_free(k, y->area_checks);
    y->area_derived = NULL;
    y->area_checks = NULL;
}

void made_drop_year(struct county *k, struct year_columns *y)
{
    k->places_changed++;
    made_drop_areas(k, y);
    made_derived_free(k, y->derived);
    made_checks_free(k, y->checks);
    y->derived = NULL;
    y->checks = NULL;
    for (size_t i = 0; i < rules_of(k)->index_count; i++) {
        made_flags_free(y->flags[i]);
        y->flags[i] = NULL;
    }
}

void made_drop(struct county *k)
{
    for (size_t i = 0; i < k->year_count; i++)
        made_drop_year(k, k->year[i]);
}

void made_day(struct county *k, int32_t today)
{
    if (today <= k->today)
        return;
    for (size_t i = 0; i < k->year_count; i++)
        if (year_day(k, k->year[i]->year, k->today) != year_day(k, k->year[i]->year, today))
            made_drop_year(k, k->year[i]);
    k->today = today;
}

static size_t words(size_t cap)
{
    return (cap + 63) / 64;
}

static uint64_t *check_bits(struct columns_check *c)
{
    union {
        const uint64_t *shared;
        uint64_t *own;
    } bits = {c->fires};
    return bits.own;
}

static bool grow_zero(void *array, size_t size, size_t old_count, size_t count)
{
    void **p = array;
    char *wider = realloc(*p, (count ? count : 1) * size);
    if (!wider)
        return false;
    if (count > old_count)
        memset(wider + old_count * size, 0, (count - old_count) * size);
    *p = wider;
    return true;
}

bool made_grow(struct county *k, struct year_columns *y, enum subject subject, size_t old_cap,
               size_t cap)
{
    const struct profile_rules *rules = rules_of(k);
    struct derived_columns *d = y->derived;
    struct check_columns *c = y->checks;
    bool good = true;
    for (size_t i = 0; d && i < rules->derived_count; i++)
        if (rules->derived[i].subject == subject)
            good = good && vec_grow(&d->rule[i], old_cap, cap);
    for (size_t i = 0; c && i < rules->check_count; i++) {
        uint64_t *bits = check_bits(&c->check[i]);
        if (rules->checks[i].subject != subject || !bits)
            continue;
        good = good && grow_zero(&bits, sizeof *bits, words(old_cap), words(cap));
        c->check[i].fires = bits;
    }
    for (size_t i = 0; subject == SUBJECT_HOUSEHOLD && i < rules->index_count; i++) {
        struct flag_columns *f = y->flags[i];
        good = good && (!f || (grow_zero(&f->deprived, sizeof *f->deprived, old_cap, cap) &&
                               grow_zero(&f->known, sizeof *f->known, old_cap, cap)));
    }
    return good;
}

static void bit_clear(struct columns_check *c, size_t row)
{
    uint64_t *bits = check_bits(c), bit = UINT64_C(1) << (row % 64);
    if (!bits || !(bits[row / 64] & bit))
        return;
    bits[row / 64] &= ~bit;
    c->count--;
}

void made_bit_set(struct columns_check *c, size_t row)
{
    uint64_t *bits = check_bits(c), bit = UINT64_C(1) << (row % 64);
    if (bits[row / 64] & bit)
        return;
    bits[row / 64] |= bit;
    c->count++;
}

void made_clear_row(struct county *k, struct year_columns *y, enum subject subject, size_t row)
{
    const struct profile_rules *rules = rules_of(k);
    struct derived_columns *d = y->derived;
    struct check_columns *c = y->checks;
    for (size_t i = 0; d && i < rules->derived_count; i++)
        if (rules->derived[i].subject == subject)
            vec_clear(&d->rule[i], row);
    for (size_t i = 0; c && i < rules->check_count; i++)
        if (rules->checks[i].subject == subject)
            bit_clear(&c->check[i], row);
    for (size_t i = 0; subject == SUBJECT_HOUSEHOLD && i < rules->index_count; i++) {
        struct flag_columns *f = y->flags[i];
        if (f)
            f->deprived[row] = f->known[row] = 0;
    }
}

static bool in_force(const struct county *k, size_t check, int32_t year)
{
    return check_in_year(k->profile, &rules_of(k)->checks[check], year);
}

struct check_columns *made_checks_new(const struct county *k, int32_t year, bool areas)
{
    const struct profile_rules *rules = rules_of(k);
    struct check_columns *c = calloc(1, sizeof *c);
    bool good = c != NULL;
    if (good)
        c->check = calloc(rules->check_count + 1, sizeof *c->check);
    good = good && c->check;
    for (size_t i = 0; good && i < rules->check_count; i++) {
        enum subject subject = rules->checks[i].subject;
        if ((subject == SUBJECT_AREA) != areas || !in_force(k, i, year))
            continue;
        c->check[i].fires = calloc(words(subject_cap(k, subject)) + 1, sizeof(uint64_t));
        good = c->check[i].fires != NULL;
    }
    if (!good) {
        made_checks_free(k, c);
        return NULL;
    }
    return c;
}

/* Values that rules read by area: thresholds in force on a day, indicators of areas in a year.
 * Computed for all areas at once, kept until the areas change. */
#include "register/columns_inner.h"

#include <stdlib.h>
#include <string.h>

/* Official codes of an area and what lies above it, lowest first. */
static size_t code_chain(struct str out[2 * COLUMN_LEVELS_MAX], const struct county *k,
                         int32_t area)
{
    size_t count = 0;
    for (; area >= 0 && count < COLUMN_LEVELS_MAX; area = k->areas[area].parent)
        if (*k->areas[area].code)
            out[count++] = str_of(k->areas[area].code);
    for (size_t i = 0; i < k->above_count && count < 2 * COLUMN_LEVELS_MAX; i++)
        if (k->above[i].len)
            out[count++] = k->above[i];
    return count;
}

/* A place whose code no row of the threshold names has what the place above it has. */
static bool is_named(const struct profile *p, const char *code, const char *area_code)
{
    for (size_t i = 0; *area_code && i < p->threshold_count; i++)
        if (!strcmp(p->thresholds[i].code, code) &&
            !strcmp(p->thresholds[i].area_code, area_code))
            return true;
    return false;
}

static void fill_thresholds(struct area_values *v, const struct county *k)
{
    const struct profile *p = k->profile;
    const char *code = p->thresholds[v->id].code;
    for (size_t i = 0; i < k->area_count; i++) {
        struct str chain[2 * COLUMN_LEVELS_MAX];
        const struct columns_area *a = &k->areas[i];
        if (a->parent >= 0 && !is_named(p, code, a->code)) {
            v->own[i] = v->own[a->parent];
            continue;
        }
        size_t count = code_chain(chain, k, (int32_t)i);
        const struct threshold *t = profile_threshold(p, str_of(code), chain, count, v->when);
        v->own[i] = t ? t->value : RULE_MISSING;
    }
}

static enum rc fill_indicators(struct area_values *v, struct county *k, struct cx *cx)
{
    const struct indicator *ind = profile_indicator_number(k->profile, v->id);
    struct year_columns *y = year_find(k, v->when);
    struct sheet_columns *s = NULL;
    if (y)
        TRY(sheet_need(&s, k, cx, SUBJECT_AREA, y));
    for (size_t i = 0; i < k->area_count; i++) {
        int32_t parent = k->areas[i].parent;
        v->own[i] = s ? vec_at(&s->col[ind->index], i) : RULE_MISSING;
        v->nearest[i] =
            v->own[i] == RULE_MISSING && parent >= 0 ? v->nearest[parent] : v->own[i];
    }
    return RC_OK;
}

static const struct area_values *area_values_find(const struct area_values *first,
                                                  enum rule_table table, int32_t id,
                                                  int32_t when)
{
    const struct area_values *v = first;
    while (v && (v->table != table || v->id != id || v->when != when))
        v = v->next;
    return v;
}

static enum rc area_values_make(const struct area_values **out, struct county *k, struct cx *cx,
                                const struct area_values *wanted)
{
    struct area_values *v = calloc(1, sizeof *v);
    int64_t *values = calloc(2 * (k->area_count + 1), sizeof *values);
    if (!v || !values) {
        free(values);
        free(v);
        return columns_no_memory(cx);
    }
    *v = *wanted;
    v->own = values;
    v->nearest = values + k->area_count;
    enum rc rc = RC_OK;
    if (v->table == RULE_THRESHOLD)
        fill_thresholds(v, k);
    else
        rc = fill_indicators(v, k, cx);
    if (rc) {
        free(values);
        free(v);
        return rc;
    }
    v->next = atomic_load(&k->area_values);
    atomic_store(&k->area_values, v);
    *out = v;
    /* cppcheck-suppress memleak ; v->own holds it */
    return RC_OK;
}

enum rc area_values_need(const struct area_values **out, struct county *k, struct cx *cx,
                         enum rule_table table, int32_t id, int32_t when)
{
    const struct area_values wanted = {.table = table, .id = id, .when = when};
    *out = area_values_find(atomic_load(&k->area_values), table, id, when);
    if (*out)
        return RC_OK;
    enum rc rc = RC_OK;
    pthread_mutex_lock(&k->load_lock);
    *out = area_values_find(atomic_load(&k->area_values), table, id, when);
    if (!*out)
        rc = area_values_make(out, k, cx, &wanted);
    pthread_mutex_unlock(&k->load_lock);
    return rc;
}

void area_values_free(struct county *k)
{
    struct area_values *v = atomic_load(&k->area_values);
    atomic_store(&k->area_values, NULL);
    k->places_changed++;
    while (v) {
        struct area_values *next = v->next;
        free(v->own);
        free(v);
        v = next;
    }
}

/* One packed column, and rows by their ids. Widths grow by themselves: a value that does not
 * fit makes its column twice as wide. */
#include "register/columns_inner.h"

#include <stdlib.h>
#include <string.h>

static int64_t lowest(unsigned width)
{
    return width == 8 ? INT64_MIN : -(INT64_C(1) << (8 * width - 1));
}

static bool fits(int64_t value, unsigned width)
{
    return width == 8 || (value > lowest(width) && value < -lowest(width));
}

static void put(void *data, unsigned width, size_t row, int64_t value)
{
    if (value == COLUMN_MISSING)
        value = lowest(width);
    switch (width) {
    case 1:
        ((int8_t *)data)[row] = (int8_t)value;
        return;
    case 2:
        ((int16_t *)data)[row] = (int16_t)value;
        return;
    case 4:
        ((int32_t *)data)[row] = (int32_t)value;
        return;
    default:
        ((int64_t *)data)[row] = value;
    }
}

static void *new_data(unsigned width, size_t from, size_t cap, void *old)
{
    void *data = realloc(old, (cap ? cap : 1) * width);
    for (size_t i = from; data && i < cap; i++)
        put(data, width, i, COLUMN_MISSING);
    return data;
}

static bool widen(struct vec *v, size_t cap, unsigned width)
{
    void *wider = malloc((cap ? cap : 1) * width);
    if (!wider)
        return false;
    for (size_t i = 0; i < cap; i++)
        put(wider, width, i, vec_at(v, i));
    free(v->data);
    *v = (struct vec){wider, width};
    return true;
}

bool vec_set(struct vec *v, size_t cap, size_t row, int64_t value)
{
    if (!v->data && value == COLUMN_MISSING)
        return true;
    unsigned width = v->width ? v->width : 4;
    while (value != COLUMN_MISSING && !fits(value, width))
        width *= 2;
    if (!v->data) {
        void *data = new_data(width, 0, cap, NULL);
        if (!data)
            return false;
        *v = (struct vec){data, width};
    } else if (width != v->width && !widen(v, cap, width)) {
        return false;
    }
    put(v->data, v->width, row, value);
    return true;
}

void vec_clear(struct vec *v, size_t row)
{
    if (v->data)
        put(v->data, v->width, row, COLUMN_MISSING);
}

bool vec_grow(struct vec *v, size_t old_cap, size_t cap)
{
    if (!v->data)
        return true;
    void *data = new_data(v->width, old_cap, cap, v->data);
    if (data)
        v->data = data;
    return data != NULL;
}

void vec_free(struct vec *v)
{
    free(v->data);
    v->data = NULL;
}

static unsigned width_of_codes(const struct code_list *list)
{
    int32_t most = 0;
    for (size_t i = 0; list && i < list->code_count; i++) {
        int32_t code = list->codes[i].code;
        most = code < 0 ? INT32_MAX : code > most ? code : most;
    }
    return most <= INT8_MAX ? 1 : most <= INT16_MAX ? 2 : 4;
}

unsigned vec_width_of(const struct indicator *ind)
{
    if (ind->secret)
        return 1;
    switch (ind->type) {
    case TYPE_BOOL:
    case TYPE_TEXT:
        return 1;
    case TYPE_CODE:
        return width_of_codes(ind->list);
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_DAY:
    case TYPE_MONTH:
        return 4;
    case TYPE_MONEY:
    case TYPE_CODES:
        return 8;
    }
    return 8;
}

/* ---- rows by key ---- */

static size_t place_of(const struct row_index *x, int64_t key)
{
    uint64_t h = (uint64_t)key * 0x9E3779B97F4A7C15u;
    return (size_t)(h ^ (h >> 32)) & (x->size - 1);
}

/* The slot of a key, or the free one where it would stand. */
static size_t probe(const struct row_index *x, const int64_t *keys, int64_t key)
{
    size_t at = place_of(x, key);
    while (x->slot[at] >= 0 && keys[x->slot[at]] != key)
        at = (at + 1) & (x->size - 1);
    return at;
}

int32_t index_find(const struct row_index *x, const int64_t *keys, int64_t key)
{
    return x->size ? x->slot[probe(x, keys, key)] : -1;
}

static bool index_grow(struct row_index *x, const int64_t *keys)
{
    struct row_index wider = {.size = x->size ? 2 * x->size : 64, .used = x->used};
    wider.slot = malloc(wider.size * sizeof *wider.slot);
    if (!wider.slot)
        return false;
    memset(wider.slot, 0xff, wider.size * sizeof *wider.slot);
    for (size_t i = 0; i < x->size; i++)
        if (x->slot[i] >= 0)
            wider.slot[probe(&wider, keys, keys[x->slot[i]])] = x->slot[i];
    free(x->slot);
    *x = wider;
    return true;
}

bool index_add(struct row_index *x, const int64_t *keys, size_t row)
{
    if (10 * (x->used + 1) > 7 * x->size && !index_grow(x, keys))
        return false;
    x->slot[probe(x, keys, keys[row])] = (int32_t)row;
    x->used++;
    return true;
}

void index_drop(struct row_index *x, const int64_t *keys, size_t row, int32_t instead)
{
    size_t at = probe(x, keys, keys[row]);
    if (instead >= 0 || x->slot[at] < 0) {
        x->slot[at] = instead;
        return;
    }
    x->slot[at] = -1;
    x->used--;
    /* What stands behind must be found from its own place on. */
    for (size_t i = (at + 1) & (x->size - 1); x->slot[i] >= 0; i = (i + 1) & (x->size - 1)) {
        int32_t other = x->slot[i];
        x->slot[i] = -1;
        x->slot[probe(x, keys, keys[other])] = other;
    }
}

void index_free(struct row_index *x)
{
    free(x->slot);
    *x = (struct row_index){0};
}

/* ---- people with the same key ---- */

bool twins_grow(struct twins *t, size_t old_cap, size_t cap)
{
    int64_t *key = realloc(t->key, (cap ? cap : 1) * sizeof *key);
    t->key = key ? key : t->key;
    int32_t *next = realloc(t->next, (cap ? cap : 1) * sizeof *next);
    t->next = next ? next : t->next;
    for (size_t i = old_cap; key && next && i < cap; i++) {
        key[i] = 0;
        next[i] = -1;
    }
    return key && next;
}

bool twins_add(struct twins *t, size_t row, int64_t key)
{
    if (key == 0)
        return true;
    int32_t head = index_find(&t->heads, t->key, key);
    t->key[row] = key;
    t->next[row] = -1;
    if (head < 0 && !index_add(&t->heads, t->key, row)) {
        t->key[row] = 0;
        return false;
    }
    if (head >= 0) {
        t->next[row] = t->next[head];
        t->next[head] = (int32_t)row;
    }
    return true;
}

void twins_drop(struct twins *t, size_t row)
{
    if (t->key[row] == 0)
        return;
    int32_t at = index_find(&t->heads, t->key, t->key[row]);
    if (at == (int32_t)row) {
        index_drop(&t->heads, t->key, row, t->next[row]);
    } else {
        while (at >= 0 && t->next[at] != (int32_t)row)
            at = t->next[at];
        if (at >= 0)
            t->next[at] = t->next[row];
    }
    t->key[row] = 0;
    t->next[row] = -1;
}

void twins_free(struct twins *t)
{
    free(t->key);
    free(t->next);
    index_free(&t->heads);
    *t = (struct twins){0};
}

/* From what was paid for a lot back to each delivery, exactly: see lot.h. */
#include "stock/stock_inner.h"

#include "base/text.h"

#include <stdlib.h>

__extension__ typedef unsigned __int128 wide;

struct share {
    size_t at;
    uint64_t whole;
    wide rest; /* of amount x weight by the sum of weights */
    uint64_t key;
};

/* The largest rest first; equal ones by their keys. */
static int by_rest(const void *a, const void *b)
{
    const struct share *x = a, *y = b;
    if (x->rest != y->rest)
        return x->rest > y->rest ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Largest remainder (Hamilton): the whole parts, then one more to the largest rests. */
enum rc split_exactly(int64_t *parts, struct cx *cx, int64_t amount, const int64_t *weights,
                      const uint64_t *keys, size_t count)
{
    struct share *shares = arena_new(cx->arena, (count + 1) * sizeof *shares);
    bool negative = amount < 0;
    uint64_t all = negative ? 0 - (uint64_t)amount : (uint64_t)amount, given = 0;
    wide sum = 0;
    bool sane = true;
    for (size_t i = 0; i < count; i++) {
        sane = sane && weights[i] >= 0;
        sum += (uint64_t)weights[i];
    }
    if (!sum || !sane)
        return fail(cx, RC_INVALID, _("There is nothing by which this could be divided."),
                    "split of %zu", count);
    for (size_t i = 0; i < count; i++) {
        wide product = (wide)all * (uint64_t)weights[i];
        uint64_t whole = (uint64_t)(product / sum);
        given += whole;
        shares[i] = (struct share){i, whole, product % sum, keys[i]};
    }
    qsort(shares, count, sizeof *shares, by_rest);
    for (size_t i = 0; given < all; i++, given++)
        shares[i].whole++;
    /* Unsigned until here: the lowest int64_t has no positive twin. */
    for (size_t i = 0; i < count; i++)
        parts[shares[i].at] = (int64_t)(negative ? 0 - shares[i].whole : shares[i].whole);
    return RC_OK;
}

/* Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", mix64variant13. */
static uint64_t mixed(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* NOLINTNEXTLINE(readability-function-size): what, of which lot, for which sale */
enum rc lot_split(struct lot_part **out, size_t *count, struct cx *cx, int64_t county,
                  int64_t lot_id, int64_t amount_minor, int64_t salt)
{
    struct delivery *list;
    struct lot lot;
    size_t all;
    bool priced = false;
    TRY(lot_get(&lot, cx, county, lot_id));
    if (lot.state == LOT_OPEN)
        return fail(cx, RC_CONFLICT, _("Close the lot first: it still takes deliveries."),
                    "lot=%" PRId64, lot_id);
    TRY(lot_counting(&list, &all, cx, county, lot_id));
    struct lot_part *parts = arena_new(cx->arena, (all + 1) * sizeof *parts);
    int64_t *weights = arena_new(cx->arena, (all + 1) * sizeof *weights);
    int64_t *amounts = arena_new(cx->arena, (all + 1) * sizeof *amounts);
    uint64_t *keys = arena_new(cx->arena, (all + 1) * sizeof *keys);
    for (size_t i = 0; i < all; i++)
        priced = priced || list[i].price_minor > 0;
    for (size_t i = 0; i < all; i++) {
        const struct delivery *d = &list[i];
        parts[i] = (struct lot_part){d->id, d->seller_id, d->grams, 0};
        weights[i] = priced ? d->grams * d->price_minor : d->grams;
        keys[i] = mixed((uint64_t)d->id ^ mixed((uint64_t)salt));
    }
    TRY(split_exactly(amounts, cx, amount_minor, weights, keys, all));
    for (size_t i = 0; i < all; i++)
        parts[i].amount_minor = amounts[i];
    *out = parts;
    *count = all;
    return RC_OK;
}

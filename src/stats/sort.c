/* Radix sorts: least significant digit first; a digit that all share costs no pass. */
#include "stats/sort.h"

#include <stdbool.h>
#include <string.h>

enum { FEW = 48 }; /* rows up to which insertion is faster */

uint64_t sort_key(double x)
{
    uint64_t u;
    x += 0.0; /* -0 is 0 */
    memcpy(&u, &x, sizeof u);
    return u >> 63 ? ~u : u | 1ULL << 63;
}

double sort_key_value(uint64_t key)
{
    double x;
    key = key >> 63 ? key & ~(1ULL << 63) : ~key;
    memcpy(&x, &key, sizeof x);
    return x;
}

static void insertion(struct sort_pairs *s)
{
    for (size_t i = 1; i < s->n; i++) {
        uint64_t key = s->key[i];
        double w = s->w[i];
        size_t at = i;
        for (; at > 0 && s->key[at - 1] > key; at--) {
            s->key[at] = s->key[at - 1];
            s->w[at] = s->w[at - 1];
        }
        s->key[at] = key;
        s->w[at] = w;
    }
}

/* Counts become first places. False when one digit holds all n: nothing to move. */
static bool places(uint32_t *count, size_t digits, size_t n)
{
    uint32_t sum = 0;
    for (size_t d = 0; d < digits; d++) {
        if (count[d] == n)
            return false;
        uint32_t c = count[d];
        count[d] = sum;
        sum += c;
    }
    return true;
}

void sort_pairs(struct sort_pairs *s)
{
    if (s->n <= FEW) {
        insertion(s);
        return;
    }
    unsigned bits = s->n < 8192 ? 8 : 11, passes = (64 + bits - 1) / bits;
    uint64_t mask = (1U << bits) - 1;
    memset(s->counts, 0, sizeof *s->counts * (passes << bits));
    for (size_t i = 0; i < s->n; i++)
        for (unsigned p = 0; p < passes; p++)
            s->counts[(p << bits) + (s->key[i] >> (p * bits) & mask)]++;
    uint64_t *key = s->key, *key2 = s->key2;
    double *w = s->w, *w2 = s->w2;
    for (unsigned p = 0; p < passes; p++) {
        uint32_t *at = s->counts + (p << bits);
        if (!places(at, (size_t)1 << bits, s->n))
            continue;
        for (size_t i = 0; i < s->n; i++) {
            uint32_t to = at[key[i] >> (p * bits) & mask]++;
            key2[to] = key[i];
            w2[to] = w[i];
        }
        uint64_t *k = key;
        key = key2;
        key2 = k;
        double *v = w;
        w = w2;
        w2 = v;
    }
    if (key != s->key) {
        memcpy(s->key, key, sizeof *key * s->n);
        memcpy(s->w, w, sizeof *w * s->n);
    }
}

uint64_t *sort_high32(uint64_t *items, uint64_t *scratch, size_t n, uint32_t *counts)
{
    enum { BITS = 11, PASSES = 3, MASK = (1 << BITS) - 1 };
    memset(counts, 0, sizeof *counts * (PASSES << BITS));
    for (size_t i = 0; i < n; i++)
        for (unsigned p = 0; p < PASSES; p++)
            counts[(p << BITS) + (items[i] >> (32 + p * BITS) & MASK)]++;
    for (unsigned p = 0; p < PASSES; p++) {
        uint32_t *at = counts + (p << BITS);
        if (!places(at, (size_t)1 << BITS, n))
            continue;
        for (size_t i = 0; i < n; i++)
            scratch[at[items[i] >> (32 + p * BITS) & MASK]++] = items[i];
        uint64_t *t = items;
        items = scratch;
        scratch = t;
    }
    return items;
}

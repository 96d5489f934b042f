/* Radix sorts of numbers with a weight beside them: stable, linear, no comparison. */
#ifndef STATS_SORT_H
#define STATS_SORT_H

#include <stddef.h>
#include <stdint.h>

enum { SORT_COUNTS = 6 * 2048 }; /* places of the table that the sorts need */

/* Ascending by key, n < 2^32; equal keys keep their order. `key2`, `w2` (n places) and `counts`
 * (SORT_COUNTS) are scratch; the result is in key and w. */
struct sort_pairs {
    uint64_t *key, *key2;
    double *w, *w2;
    uint32_t *counts;
    size_t n;
};
void sort_pairs(struct sort_pairs *s);
/* Ascending by the high 32 bits of each item. Returns where the result is: items or scratch. */
uint64_t *sort_high32(uint64_t *items, uint64_t *scratch, size_t n, uint32_t *counts);

/* Bits of a finite double whose unsigned order is that of the numbers, and back. */
uint64_t sort_key(double x);
double sort_key_value(uint64_t key);

#endif

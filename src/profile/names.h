/* Names and spellings: a small hash map from texts to numbers, the form in which two spellings
 * of a cell are the same, and the nearest known name to a mistyped one. */
#ifndef PROFILE_NAMES_H
#define PROFILE_NAMES_H

#include "base/arena.h"

struct name_slot {
    struct str key;
    uint32_t hash;
    int32_t value;
};
/* Filled once, then only read (by any thread). */
struct names {
    struct name_slot *slots;
    size_t mask;
};

/* Room for `count` names in the arena. */
void names_init(struct names *n, struct arena *a, size_t count);
/* Adds a name (its bytes must live as long as the map), value >= 0. Gives the value that the
 * name had already, which stays, or -1 when it is new. */
int32_t names_put(struct names *n, struct str key, int32_t value);
/* -1 when unknown. */
int32_t names_get(const struct names *n, struct str key);

enum { SPELLING_BYTES = 512 };
/* The spelling without what does not matter: blanks and zero-width characters left out, full
 * width folded to half, ASCII in lower case, all brackets round. Writes at most
 * SPELLING_BYTES; false (and *len 0) when it is longer. */
bool spelling_key(char out[SPELLING_BYTES], size_t *len, struct str s);

/* The name of `known` (NULL entries are skipped) that is fewest typing errors away from `name`,
 * or NULL when all are farther than a third of its length. */
const char *spelling_nearest(struct str name, const char *const *known, size_t count);

#endif

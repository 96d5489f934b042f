/* One value of an indicator. Everything but free text is an int64: integers, codes of a code
 * list, yes/no, days since 1970-01-01, money in minor units, decimals scaled by the
 * indicator's `decimals`, sets of codes as bits (bit n = code n, 0..62). */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/str.h"

enum value_kind { VALUE_MISSING = 0, VALUE_INT = 1, VALUE_TEXT = 2 };

struct value {
    enum value_kind kind;
    int64_t i;
    struct str s; /* text only; lifetime as its maker says */
};

static inline struct value value_missing(void)
{
    return (struct value){VALUE_MISSING, 0, {0, 0}};
}
static inline struct value value_int(int64_t i)
{
    return (struct value){VALUE_INT, i, {0, 0}};
}
static inline struct value value_text(struct str s)
{
    return (struct value){VALUE_TEXT, 0, s};
}
static inline bool value_eq(struct value a, struct value b)
{
    return a.kind == b.kind && a.i == b.i && (a.kind != VALUE_TEXT || str_eq(a.s, b.s));
}

#endif

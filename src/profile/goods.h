/* Kinds of goods on the market: goods.csv (may be missing) of a profile:
 *   code,claim_hours,label_en,label_zh
 * claim_hours: how long after delivery a buyer may complain, offered for a new product. */
#ifndef PROFILE_GOODS_H
#define PROFILE_GOODS_H

#include "profile/profile.h"

struct goods_kind {
    const char *code;
    struct label label;
    int64_t claim_hours;
};
/* profile->goods; NULL without the table. */
struct goods {
    const struct goods_kind *kinds; /* in the table's order */
    size_t count;
};
/* NULL: there is no such kind. */
const struct goods_kind *profile_goods(const struct profile *p, struct str code);

#endif

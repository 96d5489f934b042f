/* Where the market sends to and what it costs: shipping.csv (may be missing) of a profile:
 *   zone,first_grams,first_minor,more_grams,more_minor,max_grams,pickup,label_en,label_zh
 * A parcel costs first_minor up to first_grams, and more_minor for each begun more_grams
 * beyond. pickup (yes): the buyer comes for it, so no street is asked for. */
#ifndef PROFILE_SHIPPING_H
#define PROFILE_SHIPPING_H

#include "profile/profile.h"

struct shipping_zone {
    const char *code;
    struct label label;
    int64_t first_grams, first_minor, more_grams, more_minor, max_grams;
    bool pickup;
};
/* profile->shipping; NULL without the table. */
struct shipping {
    const struct shipping_zone *zones;
    size_t count;
};
/* NULL: there is no such zone. */
const struct shipping_zone *profile_zone(const struct profile *p, struct str code);
/* What a parcel of that weight costs; false when it is heavier than the zone takes. */
bool shipping_cost(int64_t *minor, const struct shipping_zone *z, int64_t grams);

#endif

/* Loads shipping.csv; finds zones and works out what a parcel costs. */
#include "profile/load_rules.h"
#include "profile/shipping.h"

#include <string.h>

enum {
    ZONE,
    FIRST_GRAMS,
    FIRST_MINOR,
    MORE_GRAMS,
    MORE_MINOR,
    MAX_GRAMS,
    PICKUP,
    LABEL_EN,
    LABEL_ZH,
    COLUMNS
};
enum { GRAMS_MAX = 10 * 1000 * 1000, COST_MAX = 100 * 1000 * 1000 };

void load_shipping(struct loader *l)
{
    static const char *const columns[] = {"zone",       "first_grams", "first_minor",
                                          "more_grams", "more_minor",  "max_grams",
                                          "pickup",     "label_en",    "label_zh"};
    struct table t;
    struct cx *cx = l->cx;
    if (!table_optional(&t, l, "shipping.csv", columns, COLUMNS))
        return;
    struct shipping_zone *zones = arena_new(l->arena, (t.row_count + 1) * sizeof *zones);
    struct shipping *s = arena_new(l->arena, sizeof *s);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        struct shipping_zone *z = &zones[i];
        *z = (struct shipping_zone){.code = row_name(&r, ZONE),
                                    .label = row_label(&r, LABEL_EN, true),
                                    .pickup = row_yes(&r, PICKUP)};
        /* Mistakes are noted; the profile is refused then. */
        (void)row_int(&z->first_grams, &r, FIRST_GRAMS, 1, GRAMS_MAX);
        (void)row_int(&z->first_minor, &r, FIRST_MINOR, 0, COST_MAX);
        (void)row_int(&z->more_grams, &r, MORE_GRAMS, 1, GRAMS_MAX);
        (void)row_int(&z->more_minor, &r, MORE_MINOR, 0, COST_MAX);
        (void)row_int(&z->max_grams, &r, MAX_GRAMS, 1, GRAMS_MAX);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(zones[k].code, z->code))
                row_fault(&r, ZONE, _("This code stands twice."));
    }
    *s = (struct shipping){zones, t.row_count};
    l->p->shipping = s;
}

const struct shipping_zone *profile_zone(const struct profile *p, struct str code)
{
    for (size_t i = 0; p->shipping && i < p->shipping->count; i++)
        if (str_eq_z(code, p->shipping->zones[i].code))
            return &p->shipping->zones[i];
    return NULL;
}

bool shipping_cost(int64_t *minor, const struct shipping_zone *z, int64_t grams)
{
    if (grams < 0 || grams > z->max_grams)
        return false;
    int64_t more = grams > z->first_grams ? grams - z->first_grams : 0;
    /* At most 10^7 steps of 10^8: no overflow. */
    *minor = z->first_minor + (more + z->more_grams - 1) / z->more_grams * z->more_minor;
    return true;
}

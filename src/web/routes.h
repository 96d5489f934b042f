/* All routes of the office. Each room's *_page.c exports one table; a handler without a row
 * here cannot be reached. */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "web/page.h"

/* The joined table; static memory, made at the first call (before threads start). */
const struct route *routes_all(size_t *count);

#endif

/* What the templates of the ways into the market show; filled by gate_page.c. */
#ifndef WEB_GATE_VIEW_H
#define WEB_GATE_VIEW_H

#include "web/page.h"

struct gate_view {
    const char *url, *pass; /* the market's address and the pass for it; NULL: not open */
};

#endif

/* What the layout's templates show; filled by layout.c. */
#ifndef WEB_LAYOUT_H
#define WEB_LAYOUT_H

#include "web/page.h"

struct nav_entry {
    const char *href, *label;
    bool current;
};
struct layout {
    const char *title, *office, *user_name, *csrf, *version;
    const char *back_href, *back_label, *notice;
    const char *new_notices; /* "3"; NULL: not counted, or none */
    const char *other_language, *other_language_href, *other_language_tag;
    const struct nav_entry *entries; /* the first stand open, the others under "More" */
    const char *more_label;          /* the current one of the others; NULL */
    size_t entry_count, first_count;
    bool synthetic, no_index, market;
    int refresh_s;
};
extern const struct html layout_mark; /* the small picture beside the name */

#endif

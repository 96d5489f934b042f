/* What the export template shows. */
#ifndef REGISTER_EXPORT_VIEW_H
#define REGISTER_EXPORT_VIEW_H

#include "web/page.h"

struct export_view {
    const char *csrf, *error;
    const struct field_choice *what;
    size_t what_count;
    const struct field_choice *formats;
    size_t format_count;
    bool may_reveal;
};

#endif

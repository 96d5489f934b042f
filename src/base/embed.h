/* Files carried inside the program (style sheet, scripts, profiles): made by tools/embed. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "base/str.h"

struct embedded {
    const char *path; /* "web/style.css", "profile/cn/indicators.csv" */
    const unsigned char *data;
    size_t len;
    const char *etag;          /* quoted, from the content's hash */
    const char *type;          /* media type by ending */
    const unsigned char *gzip; /* NULL when it would not be smaller */
    size_t gzip_len;
};

extern const struct embedded embedded_files[];
extern const size_t embedded_count;

/* The file of that path, or NULL. */
const struct embedded *embed_find(struct str path);

#endif

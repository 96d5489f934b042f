/* The schema's migrations, carried inside the program: src/db/migration/NNNN_what.sql through
 * `tools/embed --migrations` (build/gen/migrations.c). How they run is in db/. */
#ifndef DB_MIGRATION_H
#define DB_MIGRATION_H

#include <stddef.h>

struct migration {
    int number;       /* from 1, rising */
    const char *name; /* "0001_base" */
    const char *text; /* the file: statements end in `;` at a line's end; the lines `-- lite:`,
                         `-- pg:` and `-- both:` switch the following to one database or back */
};

/* Sorted by number. A row of number 0 stands behind the last one. */
extern const struct migration migrations[];
extern const size_t migration_count;

#endif

/* Lists of other departments about the made-up county: vehicles and disability certificates,
 * with the mistakes that such lists have, and the truth beside them. */
#ifndef WEB_DEMO_LISTS_H
#define WEB_DEMO_LISTS_H

#include "web/demo.h"

enum demo_list_flaw {
    LIST_CLEAN,              /* identity number and name as in the register */
    LIST_MASKED,             /* only the ends of the number */
    LIST_TYPO,               /* one digit of the number wrong, or two changed places */
    LIST_NO_NUMBER,          /* no number; name, birth and village are right */
    LIST_SOUND,              /* no number; a character of the same sound */
    LIST_CHARACTER,          /* no number; another character */
    LIST_BIRTH,              /* no number; month and day changed places, or a slip */
    LIST_MOVED,              /* no number; another village */
    LIST_NAME_ONLY,          /* no number, no birth, no village */
    LIST_STRANGER,           /* nobody of the county, with a number */
    LIST_STRANGER_NO_NUMBER, /* … without one, and a common name */
    LIST_FLAWS,
};
struct demo_list_row {
    char identity[20]; /* of the person it is; "" a stranger */
    enum demo_list_flaw flaw;
};
struct demo_list {
    const char *path, *name, *kind; /* kind: of the profile's lists.csv */
    struct demo_list_row *rows;     /* row i stands in line i + first_row of the file */
    size_t count;
    int64_t first_row;
};
enum { DEMO_LISTS = 2 };
/* Writes vehicles.csv, disability.xlsx and lists-truth.csv into `dir`. `flawed` of 1,000 rows
 * have a flaw (real lists: about 150). In cx->arena; the same seed gives the same bytes. */
enum rc demo_lists_write(struct demo_list out[DEMO_LISTS], struct cx *cx,
                         const struct demo_county *c, const char *dir, uint64_t seed,
                         int flawed) MUST_USE;
/* Writes them and compares both with the register through the normal door, as cx's actor; the
 * lists are of `day`. cx has an open database with the county taken in. */
enum rc demo_lists_make(struct cx *cx, const struct demo_county *c, const char *dir,
                        int64_t area_id, uint64_t seed, int32_t day) MUST_USE;
const char *demo_flaw_name(enum demo_list_flaw flaw); /* static */

#endif

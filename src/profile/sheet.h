/* The sheet tables, made from the profile: one row per household (person, area) and year with
 * a column per core indicator and the rest packed in `extra` (JSON object by indicator code).
 *   household_sheet (county, household_id, year, <core...>, extra)
 *   person_sheet    (county, person_id, year, <core...>, extra)
 *   area_sheet      (county, area_id, year, <core...>, extra)
 * The first three columns are the primary key. Values of secret indicators are stored as given:
 * the caller seals and opens them (as text, e.g. base64). A sheet is written whole: values of
 * indicators that the profile no longer knows are dropped then (the journal keeps them).
 * This is one of the two places that write SQL text from data (STYLE 6.1). */
#ifndef PROFILE_SHEET_H
#define PROFILE_SHEET_H

#include "db/db.h"
#include "profile/profile.h"

/* Creates the tables, or adds the columns that a newer profile brought (its name must be new),
 * and records the profile's version and hash in table `profile_version`. In a write closure. */
enum rc sheet_install(struct cx *cx) MUST_USE;

/* Reads one sheet: `values` has of_count[subject] places, filled by indicator.index; texts in
 * cx->arena. RC_NOTFOUND when there is none (no err text, values untouched). */
enum rc sheet_get(struct value *values, struct cx *cx, enum subject subject, int64_t county,
                  int64_t id, int32_t year) MUST_USE;
/* Writes a whole sheet (insert or replace). In a write closure. */
enum rc sheet_put(struct cx *cx, enum subject subject, int64_t county, int64_t id, int32_t year,
                  const struct value *values) MUST_USE;
enum rc sheet_delete(struct cx *cx, enum subject subject, int64_t county, int64_t id,
                     int32_t year) MUST_USE;
/* The years that have a sheet, newest first, at most `max`. */
enum rc sheet_years(int32_t *years, size_t *count, struct cx *cx, enum subject subject,
                    int64_t county, int64_t id) MUST_USE; /* *count: room in, used out */

/* Reading many sheets one after another, as numbers: what columns are filled from. */
struct sheet_reader {
    void *arg;
    /* A sheet begins; false: its values are not wanted. */
    bool (*sheet)(void *arg, int64_t id, int32_t year);
    /* One value of it that is not missing; 1 for a text. May be NULL for sheet_read_pairs. */
    void (*value)(void *arg, const struct indicator *ind, int64_t value);
};
/* All sheets of a county's year in the order of ids; those of one thing, oldest first; only
 * which sheets there are (values are not read). */
enum rc sheet_read_year(struct cx *cx, enum subject subject, int64_t county, int32_t year,
                        const struct sheet_reader *r) MUST_USE;
enum rc sheet_read_thing(struct cx *cx, enum subject subject, int64_t county, int64_t id,
                         const struct sheet_reader *r) MUST_USE;
enum rc sheet_read_pairs(struct cx *cx, enum subject subject, int64_t county,
                         const struct sheet_reader *r) MUST_USE;

#endif

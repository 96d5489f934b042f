/* The journal: one append-only, hash-chained record per county of every change to the register.
 * One entry = one thing (household, person, sheet, membership, income, area, import) changed by
 * one document or person at one time, with the changed fields from → to. Secret fields stand
 * in it only sealed with the person's key, so dropping the key erases them and the chain holds.
 * hash(n) = BLAKE2b-256(hash(n-1) | canonical bytes of entry n); see README for the bytes. */
#ifndef REGISTER_JOURNAL_H
#define REGISTER_JOURNAL_H

#include "base/cx.h"
#include "base/value.h"

enum subject_kind {
    KIND_HOUSEHOLD = 1,
    KIND_PERSON = 2,
    KIND_HOUSEHOLD_SHEET = 3,
    KIND_PERSON_SHEET = 4,
    KIND_MEMBERSHIP = 5,
    KIND_INCOME = 6,
    KIND_AREA = 7,
    KIND_AREA_SHEET = 8,
    KIND_IMPORT = 9, /* an import became visible, or was undone */
};
struct journal_field {
    int32_t field;  /* indicator number, or a fixed field's negative number (journal_field_name) */
    struct value from, to;
    bool secret;    /* sealed bytes in .s */
};
struct journal_entry {
    int64_t county, seq;
    int64_t at;          /* when we learned it */
    int32_t valid_day;   /* since when it is true */
    int64_t user_id;     /* 0 = the system */
    int64_t document_id; /* out of which document; 0 = typed by the user */
    int64_t document_row;/* row of that document; 0 */
    int64_t import_id;   /* 0 */
    enum subject_kind kind;
    int64_t subject_id;  /* household, person, area … */
    int64_t household_id;/* the household concerned; 0 */
    int32_t year;        /* of a sheet or income; 0 */
    const struct journal_field *fields;
    size_t field_count;
};
/* Appends in a write closure of that county; seq and hash are given by the room. */
enum rc journal_append(int64_t *seq, struct cx *cx, const struct journal_entry *e) MUST_USE;
/* Entries about a household, newest first, before `before_seq` (0 = newest), at most `max`. */
enum rc journal_of_household(struct journal_entry **out, size_t *count, struct cx *cx, int64_t county,
                             int64_t household_id, int64_t before_seq, size_t max) MUST_USE;
/* The entry that gave a field of a thing its present value: "where does this value come from?" */
enum rc journal_source(struct journal_entry *out, struct cx *cx, int64_t county, enum subject_kind kind,
                       int64_t subject_id, int32_t year, int32_t field) MUST_USE;
/* Recomputes the chain of a county from its beginning. *bad_seq = first entry that does not fit, 0 = none. */
enum rc journal_verify(int64_t *entries, int64_t *bad_seq, struct cx *cx, int64_t county) MUST_USE;
/* Name of a field for people: indicator's label or the fixed field's. */
const char *journal_field_label(struct cx *cx, enum subject_kind kind, int32_t field);

#endif

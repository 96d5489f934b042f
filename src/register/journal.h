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
/* Fields that are no indicators have negative numbers. In KIND_INCOME a field is the number of
 * the income's kind. */
enum fixed_field {
    FIELD_EXISTS = -1, /* missing to 1: made; 1 to missing: removed */
    FIELD_CODE = -2,   /* of a household, person or area */
    FIELD_NAME = -3,   /* of a person or area */
    FIELD_AREA = -4,   /* of a household */
    FIELD_HEAD = -5,   /* of a household: the person */
    FIELD_SEX = -11,
    FIELD_BIRTH = -12,
    FIELD_IDENTITY = -13,  /* secret */
    FIELD_PHONE = -14,     /* secret */
    FIELD_ACCOUNT = -15,   /* secret */
    FIELD_HOUSEHOLD = -21, /* KIND_MEMBERSHIP: in which household */
    FIELD_RELATION = -22,
    FIELD_FROM = -23,
    FIELD_TO = -24,
    FIELD_REASON = -25,
    FIELD_PARENT = -31, /* of an area */
    FIELD_LEVEL = -32,
    FIELD_VISIBLE = -41, /* KIND_IMPORT: 1 from the flip on, missing after the undo */
    FIELD_KEPT = -42, /* KIND_IMPORT: fields that the undo left, as they were changed since */
    FIELD_KEY = -43,  /* 1 to missing: a person's key was dropped, the secrets are gone */
};
struct journal_field {
    int32_t field; /* indicator number, or one of enum fixed_field */
    struct value from, to;
    bool secret; /* sealed bytes in .s */
};
struct journal_entry {
    int64_t county, seq;
    int64_t at;           /* when we learned it */
    int32_t valid_day;    /* since when it is true */
    int64_t user_id;      /* 0 = the system */
    int64_t document_id;  /* out of which document; 0 = typed by the user */
    int64_t document_row; /* row of that document; 0 */
    int64_t import_id;    /* 0 */
    enum subject_kind kind;
    int64_t subject_id;   /* household, person, area … */
    int64_t household_id; /* the household concerned; 0 */
    int32_t year;         /* of a sheet or income; 0 */
    const struct journal_field *fields;
    size_t field_count;
};
/* One stored entry can be about several things (a new household with its people and sheets);
 * the reading functions hand out one struct journal_entry per thing, with the same seq. */
/* Appends in a write closure of that county; seq and hash are given by the room. */
enum rc journal_append(int64_t *seq, struct cx *cx, const struct journal_entry *e) MUST_USE;
/* Entries about a household, newest first, before `before_seq` (0 = newest), of at most `max`
 * stored entries. The caller has checked that the household may be seen (household_get). */
enum rc journal_of_household(struct journal_entry **out, size_t *count, struct cx *cx,
                             int64_t county, int64_t household_id, int64_t before_seq,
                             size_t max) MUST_USE;
/* The entry that gave a field of a thing its present value: "where does this value come from?"
 */
enum rc journal_source(struct journal_entry *out, struct cx *cx, int64_t county,
                       enum subject_kind kind, int64_t subject_id, int32_t year,
                       int32_t field) MUST_USE;
/* Recomputes the chain of a county from its beginning. *bad_seq = first entry that does not
 * fit, 0 = none. */
enum rc journal_verify(int64_t *entries, int64_t *bad_seq, struct cx *cx,
                       int64_t county) MUST_USE;
/* Every change that a county's journal holds of one field of the households' sheets of a year,
 * in the order in which they were recorded: reads the whole journal (about 5 µs an entry). Also
 * of imports that nobody sees yet: the caller leaves out households it does not know. */
typedef void (*journal_change_fn)(void *arg, int64_t household_id, struct value from,
                                  struct value to);
enum rc journal_changes_of(struct cx *cx, int64_t county, int32_t year, int32_t field,
                           journal_change_fn change, void *arg) MUST_USE;
/* Households that something happened to in entries after `after_seq` up to `last_seq`, each
 * once, ascending. all: an import became visible or was undone, an area changed, or there are
 * more than `max`: everybody is to be looked at. */
struct journal_since {
    const int64_t *households;
    size_t count;
    bool all;
};
enum rc journal_households_since(struct journal_since *out, struct cx *cx, int64_t county,
                                 int64_t after_seq, int64_t last_seq, size_t max) MUST_USE;
/* The number of a county's last entry; 0: none. */
enum rc journal_last(int64_t *seq, struct cx *cx, int64_t county) MUST_USE;
/* Name of a field for people: indicator's label or the fixed field's. Static or the profile's.
 */
const char *journal_field_label(struct cx *cx, enum subject_kind kind, int32_t field);

#endif

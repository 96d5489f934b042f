/* The one door by which documents change the register: a household record (the household, its
 * people, the sheets of one year, incomes) is compared with what is there and the difference is
 * written together with its journal entries. Imports, visits and edits all come through here.
 */
#ifndef REGISTER_APPLY_H
#define REGISTER_APPLY_H

#include "base/cx.h"
#include "base/value.h"
#include "base/verify.h"
#include "profile/profile.h"

/* Absent (VALUE_MISSING) means "the document does not say": nothing is erased by it. */
struct person_record {
    int64_t person_id;                               /* 0: new */
    int64_t row;                                     /* row of the document */
    struct str code, name, identity, phone, account; /* p == NULL: not said */
    int32_t sex, relation;                           /* 0: not said */
    int32_t birth_day;                               /* INT32_MIN: not said */
    struct value *values;                            /* of_count[SUBJECT_PERSON]; NULL: none */
};
struct income_record {
    const struct income_kind *kind;
    int64_t amount_minor;
    int64_t row;
};
struct household_record {
    int64_t household_id; /* 0: new */
    int64_t row;
    int64_t area_id; /* 0: not said */
    struct str code;
    int32_t year;         /* of the sheets; 0: no sheets */
    struct value *values; /* of_count[SUBJECT_HOUSEHOLD]; NULL: none */
    bool *erases; /* as `values`: these become missing; NULL: none. Only for single edits (no
                     import_id) */
    struct person_record *people;
    size_t people_count;
    bool people_complete; /* members that the record does not name are only reported, never
                             removed */
    struct income_record *incomes; /* replace this year's amounts of the same kinds */
    size_t income_count;
};
struct source {
    int64_t county;
    int64_t document_id;
    int64_t
        import_id; /* 0: a single edit; else new things stay hidden until the import's flip */
    int32_t valid_day;
};
enum change { CHANGE_NONE = 0, CHANGE_NEW = 1, CHANGE_CHANGED = 2 };
struct change_counts {
    int64_t households[3], people[3]; /* by enum change */
    int64_t incomes[3];
    int64_t missing_people; /* in the register, not in a complete record */
};
/* What applying would do; reads only. Adds to *counts. */
enum rc register_compare(struct change_counts *counts, struct cx *cx, const struct source *s,
                         const struct household_record *r) MUST_USE;
/* The part of applying that needs no database: sealing, blind indexes, search words, journal
 * bytes. In any thread with its own cx (vault and profile set); the result lives in that cx's
 * arena, shares the record's memory, and can be written any number of times. */
struct prepared;
enum rc register_prepare(struct prepared **out, struct cx *cx, const struct source *s,
                         const struct household_record *r) MUST_USE;
/* Writes prepared records, in a write closure of s->county: as register_apply for each, with
 * one look at the journal's head, the ids and the counts for all. Adds to *counts. */
enum rc register_write(struct change_counts *counts, struct cx *cx, const struct source *s,
                       struct prepared *const *list, size_t count) MUST_USE;
/* Does it at once: prepares and writes one, in a write closure of s->county. With s->import_id,
 * changes to things that exist are parked in table `import_change` and made at the flip; new
 * things are written hidden. Adds to *counts. */
enum rc register_apply(struct change_counts *counts, struct cx *cx, const struct source *s,
                       const struct household_record *r) MUST_USE;
/* Finds the person with that identity number (blind index) or code in the county: 0 none. */
enum rc register_find_person(int64_t *person_id, int64_t *household_id, struct cx *cx,
                             int64_t county, struct str identity, struct str code) MUST_USE;
/* Puts the blind indexes of an import's new people in, sorted, in many short writes of its own
 * (not in a write closure), so that the flip need not. For large imports, after the last
 * register_write and before the flip; what it does not do, the flip does. */
enum rc register_index(struct cx *cx, int64_t county, int64_t import_id) MUST_USE;
/* One transaction: parked changes are made, hidden things become visible, counts of areas are
 * brought up to date, one journal entry KIND_IMPORT. In a write closure. */
enum rc register_flip(struct cx *cx, int64_t county, int64_t import_id) MUST_USE;
/* Takes back an import: new things go, changed fields get their former values unless changed
 * again since (those are counted in *kept and listed in the journal). In chunks: *more = call
 * again in a new write closure. Also for an import that never became visible. */
enum rc register_undo(int64_t *kept, bool *more, struct cx *cx, int64_t county,
                      int64_t import_id) MUST_USE;
/* Recomputes from zero: chain, counts of areas, people_count, heads, seals, sheets against the
 * journal's last values (a sample of `sample` households; 0 = all). Faults are described in the
 * arena. */
enum rc register_verify(struct verify_fault **faults, size_t *count, struct cx *cx,
                        int64_t sample) MUST_USE;

#endif

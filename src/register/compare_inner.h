/* Inside of the comparison: what its files share. Read first: compare.h.
 *   compare.c         lists: adding, reading, steps, jobs
 *   compare_row.c     one row of the file as a record; sealing and opening it
 *   compare_place.c   areas by the names a list uses
 *   compare_block.c   which people a row is compared with, and how well they agree
 *   compare_run.c     the run: reading, matching, findings
 *   compare_flip.c    writing a run and making it seen; taking a list back
 *   compare_rule.c    of whom the kind's rules are true
 *   compare_review.c  what people decide
 *   compare_finding.c findings: lists, counts, assigning, explaining
 *   compare_file.c    rows of the file that are nobody's, as a file */
#ifndef REGISTER_COMPARE_INNER_H
#define REGISTER_COMPARE_INNER_H

#include "base/limits.h"
#include "register/compare.h"
#include "register/import_inner.h"
#include "register/inner.h"

enum {
    COMPARE_BYTES = 1024 * 1024 * 1024, /* memory of one run */
    COMPARE_PAIRS_OF_ROW = 200,
    COMPARE_PAIRS_KEPT = 5,      /* of a row in review */
    COMPARE_CHANCE_KEPT = 10000, /* … with at least this chance */
    COMPARE_PAIRS_MAX = 4000000, /* of a run */
    COMPARE_FINDINGS_MAX = 200000,
    COMPARE_DETAILS_MAX = 8,
    COMPARE_KEY_BYTES = 16,
    COMPARE_ROUNDS_MAX = 200,
};
#define COMPARE_STRENGTH 50.0 /* pairs that speak for the profile's values */
#define COMPARE_PRESENT  0.5  /* a first guess: of the rows are people of the register */

/* ---- compare_row.c ---- */
enum refusal {
    REFUSAL_NONE,
    REFUSAL_EMPTY,    /* neither a name nor an identity number */
    REFUSAL_IDENTITY, /* a number that is none, and no name */
    REFUSAL_DIGITS,   /* the spreadsheet kept the number as a number and lost digits; no name */
};
const char *refusal_text(struct cx *cx, enum refusal r);

/* A row of the list, in the run's memory. Texts are folded as the register's are. */
struct record {
    int64_t number; /* as a spreadsheet counts */
    uint32_t index; /* place in the file */
    enum refusal refusal;
    enum compare_row_state state;
    struct str name, pinyin; /* folded; pinyin without blanks */
    struct str surname;      /* its first syllable */
    struct str identity;     /* upper case; may hold '*' */
    bool masked;
    struct str phone;              /* as written */
    uint8_t phone_key[BIND_BYTES]; /* blind index; has_phone */
    bool has_phone;
    int32_t sex, birth_day;
    struct str place; /* path of the township or village; "" not known */
    uint8_t key[COMPARE_KEY_BYTES];
    int64_t person_id, household_id, chance;
    uint32_t first_pair, pair_count; /* in run.pairs, likeliest first */
};
struct places; /* compare_place.c */
struct reader {
    struct cx *cx; /* arena: the run's */
    struct import_file *f;
    const struct places *places;
    struct bind_keys keys;
    uint8_t row_key[KEY_BYTES], seal_key[KEY_BYTES];
};
void reader_keys(struct reader *r, struct cx *cx);
/* Reads the row at `index`; what stands in the record lives in r->cx's arena. */
enum rc record_read(struct record *out, struct reader *r, size_t index) MUST_USE;
/* The row's texts and details, sealed with the lists' key. */
enum rc record_seal(struct str *out, struct reader *r, const struct record *rec) MUST_USE;
/* Opens a sealed row: texts as they were, masked where they are secret. */
enum rc record_open(struct compare_row *out, struct cx *cx, struct str sealed) MUST_USE;
/* Folding that both sides share. */
struct str fold_name(struct cx *cx, struct str name);
struct str join_pinyin(struct cx *cx, struct str name);
/* The first syllable of a name's pinyin. */
struct str first_syllable(struct cx *cx, struct str name);

/* ---- compare_place.c ---- */
enum rc places_load(struct places **out, struct cx *cx, int64_t county) MUST_USE;
/* The path of what these names call; len 0: not known. */
struct str places_find(const struct places *p, struct cx *cx, struct str township,
                       struct str village);
size_t places_county_len(const struct places *p);
/* Names below the county of a path: "坝芒乡 · 新建村". */
const char *places_label(const struct places *p, struct cx *cx, struct str path);

/* ---- compare_block.c ---- */
struct match_pair {
    uint32_t record;
    uint16_t pattern;
    int8_t verdict; /* enum compare_verdict */
    int64_t person_id, household_id;
    double chance, weight;
};
struct run {
    struct compare_list l;
    struct import_file file;
    struct reader reader;
    struct places *places;
    struct record *records;
    size_t record_count;
    struct match_pair *pairs;
    size_t pair_count, pair_room;
    int64_t dropped, pairs_seen;
    int64_t *counts;              /* by pattern */
    struct match_outside outside; /* of a sample, then scaled to all pairs not looked at */
    int64_t people, open_count;   /* of the register; rows that are compared */
    struct match_model model;
    struct holding *holdings; /* compare_rule.c */
    size_t holding_count;
    struct staged *staged;
    size_t staged_count;
    int64_t next_run;
    struct judged *judged; /* of the record at hand */
    struct arena *keep;
    const struct job *job;
};
/* Makes the pairs of all records without a match, with their patterns and counts. `done` and
 * `total` of the job's progress count on. */
enum rc block_pairs(struct cx *cx, struct run *r) MUST_USE;

/* ---- compare_rule.c ---- */
struct holding {
    int64_t person_id, household_id;
    uint32_t rules; /* bit i: rule i of the kind is true */
};
/* People of whom a rule of the kind is true, by id; household_id 0: the whole county. In
 * `arena`. */
enum rc rules_hold(struct holding **out, size_t *count, struct cx *cx, struct arena *arena,
                   const struct compare_list *l, int64_t household_id) MUST_USE;

/* ---- compare_flip.c ---- */
struct staged {
    const struct list_rule *rule;
    int64_t person_id, household_id, row_number, chance;
};
enum rc flip_write(struct cx *cx, struct run *r) MUST_USE;
/* Takes back a list: its findings go at once, its rows in pieces. */
enum rc flip_undo(struct cx *cx, const struct job *job, const struct compare_list *l) MUST_USE;
/* Drops rows of other runs than `run`, in pieces. */
enum rc flip_clean(struct cx *cx, int64_t county, int64_t list_id, int64_t run) MUST_USE;

/* ---- compare_review.c ---- */
struct judged {
    enum compare_row_state state;
    size_t chosen;   /* the likeliest pair, or the one that somebody chose */
    int64_t anybody; /* chance that it is somebody, of MATCH_UNIT, as the chances */
    int64_t chances[COMPARE_PAIRS_OF_ROW];
};
/* What becomes of a row whose pairs have these weights and verdicts. A row is at most one
 * person, so its pairs compete: with odds o, the chance of pair i is o(i) / (1 + sum of all o),
 * and that it is nobody 1 / (1 + sum). Pairs that somebody refused do not count for the others.
 */
void compare_judge(struct judged *out, const struct compare_list *l,
                   const struct match_model *model, const double *weights,
                   const enum compare_verdict *verdicts, size_t count);

/* ---- compare_run.c ---- */
enum rc compare_run(struct cx *cx, const struct job *job,
                    const struct compare_list *l) MUST_USE;

/* ---- compare.c ---- */
enum rc compare_load(struct compare_list *out, struct cx *cx, int64_t id) MUST_USE;

#endif

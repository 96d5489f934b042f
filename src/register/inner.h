/* Inside of register/: what its files share. Others use the headers named after the subjects.
 */
#ifndef REGISTER_INNER_H
#define REGISTER_INNER_H

#include "base/buf.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "db/db.h"
#include "register/apply.h"
#include "register/area.h"
#include "register/household.h"
#include "register/journal.h"

enum { BIND_BYTES = 16, SHOWN_MAX = 8, SECRET_COUNT = 3 };
#define BIRTH_UNKNOWN INT32_MIN

/* ---- journal_code.c: the bytes of an entry ---- */

/* The part of an entry about one thing. */
struct section {
    enum subject_kind kind;
    int64_t subject_id;
    int64_t row;
    int32_t year;
    struct journal_field *fields;
    size_t field_count;
};
void code_put_u64(struct buf *b, uint64_t n);
void code_put_i64(struct buf *b, int64_t n);
void code_put_str(struct buf *b, struct str s);
void code_put_value(struct buf *b, struct value v);
/* Reading: `failed` is set at the first byte that does not fit, and zeros follow. */
struct code_reader {
    struct str rest;
    bool failed;
};
uint64_t code_u64(struct code_reader *r);
int64_t code_i64(struct code_reader *r);
/* Shares the bytes. */
struct str code_str(struct code_reader *r);
struct value code_value(struct code_reader *r);

/* Household ids within a section are kept as differences from `base_id`, the entry's household,
 * so that a section can be written before ids are known (base_id 0 and relative ids). */
void section_put(struct buf *b, int64_t base_id, const struct section *s);
/* The entry's own bytes without its sections; `e` gives what they have in common. */
void entry_put_header(struct buf *b, const struct journal_entry *e, size_t section_count);
/* One struct journal_entry per section; false when the bytes make no sense. Texts share `body`.
 */
bool entry_read(struct journal_entry **out, size_t *count, struct arena *a, struct str body);

/* ---- journal.c ---- */

/* Appends many entries to one county's chain: the head is read and written once. */
struct pen {
    int64_t county, seq, first_seq;
    uint8_t hash[HASH_BYTES];
};
enum rc pen_open(struct pen *pen, struct cx *cx, int64_t county) MUST_USE;
/* `sections` are bytes of section_put with base e->household_id. Gives e its seq. */
enum rc pen_write(struct cx *cx, struct pen *pen, struct journal_entry *e, struct str sections,
                  size_t section_count) MUST_USE;
enum rc pen_close(struct cx *cx, struct pen *pen) MUST_USE;
/* The thing by which an entry is found: the household, else the subject. */
int64_t journal_thing(const struct journal_entry *e);
/* journal_source among the entries before one; `subject` gives county, kind, subject and year.
 */
enum rc journal_source_before(struct journal_entry *out, struct cx *cx, int64_t before_seq,
                              const struct journal_entry *subject, int32_t field) MUST_USE;

/* ---- area.c ---- */

/* The first path behind everything under `path`. */
struct str area_path_end(struct cx *cx, struct str path);
/* Normal form of a name for comparing, and the same without the kind of place ("镇"). */
struct str area_name_key(struct cx *cx, struct str name);
struct str area_name_stem(const struct cx *cx, struct str key);
/* As area_by_code, without filling zeros taken off; RC_NOTFOUND without text. */
enum rc area_by_exact_code(struct area *out, struct cx *cx, struct str code,
                           int32_t day) MUST_USE;
enum rc area_by_path(struct area *out, struct cx *cx, struct str path) MUST_USE;
/* The path of the next area below a parent. */
enum rc area_child_path(const char **path, struct cx *cx, int64_t parent_id,
                        const char *parent_path) MUST_USE;
enum rc area_journal(struct cx *cx, const struct area *a, int32_t from_day,
                     const struct journal_field *fields, size_t count) MUST_USE;

/* ---- secret.c ---- */

/* The keys of the blind indexes; derived once for many people. */
struct bind_keys {
    uint8_t key[SECRET_COUNT][KEY_BYTES];
};
void bind_keys_get(struct bind_keys *out, const struct vault *v);
/* Blind index of a value: equal values give equal bytes, which say nothing without the key. The
 * value is folded first: upper case, half width, no blanks. */
void secret_bind(uint8_t out[BIND_BYTES], struct cx *cx, const struct bind_keys *keys,
                 enum secret which, struct str value);
/* The form in which secret values are compared: upper case, half width, no blanks. */
struct str secret_fold(struct cx *cx, struct str value);
/* What is authenticated with a sealed value, and the field's number in the journal. */
const char *secret_context(enum secret which);
enum fixed_field secret_field(enum secret which);

/* A person's sealed values. */
struct safe {
    bool exists;  /* there is a row */
    bool has_key; /* false: erased, or never had one */
    uint8_t key[KEY_BYTES];
    struct str wrapped;
    struct str sealed[SECRET_COUNT]; /* len 0: none */
};
/* Reads and unwraps; RC_OK with exists = false when there is none. */
enum rc safe_get(struct safe *out, struct cx *cx, int64_t county, int64_t person_id) MUST_USE;
/* A new random key, wrapped. */
void safe_new(struct safe *out, struct cx *cx);
/* An indicator marked secret stands in its sheet (and in the journal) sealed with the person's
 * key, as text. The present text is kept when it says the same; it may be a missing value. The
 * person gets a key if there is none yet; *made says so. */
enum rc secret_indicator_seal(struct value *out, bool *made, struct cx *cx, struct safe *safe,
                              struct value present, struct str plain) MUST_USE;
enum rc safe_put(struct cx *cx, int64_t county, int64_t person_id,
                 const struct safe *s) MUST_USE;

/* ---- load.c: rows as they are, also hidden ones, for writing ---- */

struct member {
    struct person p;
    uint8_t bind[SECRET_COUNT][BIND_BYTES];
    bool has[SECRET_COUNT];
    int64_t import_id;
    int32_t facts; /* enum secret_fact; -1 not made yet */
};
/* From a row with person_row's columns; texts in cx->arena. */
struct member member_of_row(struct cx *cx, const struct db_rows *rows);
/* RC_NOTFOUND without text. */
enum rc member_load(struct member *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* Everyone whose last household it is, by id; who has left has a to_day. */
enum rc members_load(struct member **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t household_id) MUST_USE;
enum rc member_put(struct cx *cx, const struct member *m) MUST_USE;
/* Brings person_bind from one state of a person to another; NULL: not there. Accounts are only
 * compared, never searched. */
enum rc member_bind(struct cx *cx, const struct member *from, const struct member *to) MUST_USE;
/* RC_NOTFOUND without text. *name_key may be NULL. */
enum rc household_load(struct household *out, int64_t *import_id, struct cx *cx, int64_t county,
                       int64_t id) MUST_USE;
struct household household_of_row(struct cx *cx, const struct db_rows *rows);

/* ---- facts.c: what may be told of secrets without telling them ---- */

enum secret_fact {
    FACT_LENGTH_MASK = 0xff, /* characters of the identity number; 0 = none known */
    FACT_VALID = 0x100,
    FACT_VALID_SYNTHETIC = 0x200, /* by the rule of made-up counties */
    FACT_BIRTH_COMPARED = 0x400,
    FACT_BIRTH_AGREES = 0x800,
    FACT_SEX_COMPARED = 0x1000,
    FACT_SEX_AGREES = 0x2000,
    FACT_PHONE = 0x4000,
    FACT_PHONE_VALID = 0x8000,
};
/* From plain values; len 0: none. */
int32_t secret_facts(struct cx *cx, struct str identity, struct str phone, int32_t sex,
                     int32_t birth_day);
/* From a person's sealed values, opened for it. */
enum rc member_facts(struct member *m, struct cx *cx, const struct safe *safe) MUST_USE;

/* ---- words.c ---- */

/* Words under which a household is found by its people's names. */
struct str household_words(struct cx *cx, const struct str *names, size_t count);
/* Key for sorting by name: pinyin, then the name itself. */
struct str household_name_key(struct cx *cx, struct str name);

/* ---- shown.c: the profile's list columns ---- */

size_t shown_count(const struct profile *p);
const struct indicator *shown_indicator(const struct profile *p, size_t i);
/* SQL arguments out of a household sheet's values. */
void shown_args(struct db_arg out[SHOWN_MAX], const struct profile *p,
                const struct value *values);

/* ---- tally.c: counts of areas ---- */

enum { AREA_PATH_BYTES = 3 * LIMIT_AREA_LEVELS };
struct tally_row {
    int64_t area_id;
    char path[AREA_PATH_BYTES + 1];
    int64_t households, people;
};
struct tally {
    struct tally_row *rows;
    size_t count, cap; /* when cap grew, rows were made anew in the arena */
};
enum rc tally_add(struct tally *t, struct cx *cx, int64_t area_id, struct str path,
                  int64_t households, int64_t people) MUST_USE;
/* Into the areas themselves and those above them in the county. */
enum rc tally_flush(struct cx *cx, const struct tally *t, int64_t county) MUST_USE;
/* Beside, until the import is seen. */
enum rc tally_park(struct cx *cx, const struct tally *t, int64_t county,
                   int64_t import_id) MUST_USE;

/* ---- a write of the register: apply.c, change.c, flip.c, undo.c ---- */

struct trace {
    int64_t first_seq, last_seq, change_count, bound_id, undo_seq, kept_count;
    int state; /* enum trace_state */
    bool exists;
};
enum trace_state { TRACE_HIDDEN = 0, TRACE_SEEN = 1, TRACE_UNDOING = 2, TRACE_UNDONE = 3 };
enum rc trace_get(struct trace *out, struct cx *cx, int64_t county, int64_t import_id) MUST_USE;
enum rc trace_put(struct cx *cx, int64_t county, int64_t import_id,
                  const struct trace *t) MUST_USE;

/* What one write closure of a county carries along. */
struct writing {
    const struct source *s;
    bool hides; /* new things are not seen yet, and changes are parked */
    struct pen pen;
    struct tally tally;
    struct trace trace;
    struct change_counts counts;
    struct bind_keys keys;
    int64_t next_id, end_id; /* ids taken in advance */
    /* The area used last; what it was merged into, or 0. */
    int64_t area_id, area_county, area_into;
    char area_path[AREA_PATH_BYTES + 1];
};
enum rc writing_begin(struct writing *w, struct cx *cx, const struct source *s) MUST_USE;
enum rc writing_end(struct cx *cx, struct writing *w) MUST_USE;
/* The path of an area, which must lie in the county; good until the next call. w->area_into
 * says when the area was merged: the caller writes there instead. */
enum rc writing_area(const char **path, struct cx *cx, struct writing *w,
                     int64_t area_id) MUST_USE;
enum rc writing_id(int64_t *id, struct cx *cx, struct writing *w) MUST_USE;
/* Common part of an entry of this write. */
struct journal_entry writing_entry(struct cx *cx, const struct writing *w,
                                   int64_t household_id);

/* The sections of one entry while they are collected. */
struct sections {
    struct buf bytes;
    size_t count;
    int64_t household_id, subject_id; /* subject of the first */
};
void sections_begin(struct sections *s, struct cx *cx, int64_t household_id);
/* Sections without fields are left out. */
void sections_add(struct sections *s, struct section *section, int64_t subject_id);
/* Writes the entry, if there is anything in it; *seq is its number or the last one's. */
enum rc sections_end(int64_t *seq, struct cx *cx, struct writing *w,
                     struct sections *s) MUST_USE;

/* Takes back what one entry (its bytes) did, and records that (undo.c). */
enum rc undo_entry(struct cx *cx, struct writing *w, struct str body) MUST_USE;
/* An entry that an import became visible or was undone (flip.c). */
enum rc import_journal(struct cx *cx, struct writing *w, bool seen) MUST_USE;

/* ---- record.c ---- */

/* A record as sealed bytes for the table of parked changes, and back. */
enum rc record_pack(struct str *out, struct cx *cx, const struct source *s,
                    const struct household_record *r) MUST_USE;
enum rc record_unpack(struct source *s, struct household_record *r, struct cx *cx,
                      struct str packed) MUST_USE;

/* ---- change.c: differences of a record from what is there ---- */

/* Reads what is there and builds the sections of the difference. `keys` may be of any vault. */
struct delta;
enum rc delta_make(struct delta **out, struct cx *cx, const struct source *s,
                   const struct household_record *r, const struct bind_keys *keys) MUST_USE;
bool delta_is_empty(const struct delta *d);
void delta_count(struct change_counts *counts, const struct delta *d);
/* The record without what it does not change. */
enum rc delta_reduce(struct household_record *out, struct cx *cx,
                     const struct delta *d) MUST_USE;
/* Writes it, with its journal entry. */
enum rc delta_write(struct cx *cx, struct writing *w, struct delta *d) MUST_USE;
/* Brings a household's size, head and sort key up to date with its people, and the tally; with
 * `words` also the search. *head is the journal's field when the head changed, else field 0. */
enum rc household_refresh(struct journal_field *head, struct cx *cx, struct writing *w,
                          int64_t household_id, bool words) MUST_USE;
/* The newest sheet's year and its shown values into the household's row. */
enum rc household_refresh_sheet(struct cx *cx, int64_t county, int64_t household_id,
                                int64_t changed_at) MUST_USE;

/* ---- small things ---- */

/* Does the relation say that someone is the head of the household? 0 = unknown. */
static inline bool is_head(const struct profile *p, int32_t relation)
{
    return relation != 0 && relation == p->relation_head_code;
}
/* Never SQL NULL. */
static inline struct str str_or_empty(struct str s)
{
    return s.p ? s : (struct str){"", 0};
}
/* Who acts, for the journal: 0 = the system. */
int64_t register_user(const struct cx *cx);
/* The day in the profile's time zone. */
int32_t register_today(const struct cx *cx);

#endif

/* Inside of the live columns: what the files columns*.c share. See columns.h for what they are.
 *   columns_vec.c     one packed column; rows by id
 *   columns_lock.c    one writer or many readers, a writer can go on as a reader
 *   columns.c         opening, closing, reading
 *   columns_load.c    from the tables: areas, households, people
 *   columns_late.c    from the tables: a year's sheets and incomes, when they are asked for
 *   columns_follow.c  bringing them up to date from the journal
 *   columns_rule.c    rules over columns: any program; columns_area.c: values by area
 *   columns_keep.c, columns_made.c: what is kept of the profile's rules
 *   columns_explain.c, columns_freeze.c, columns_describe.c
 * Memory here lives longer than a request, so it is malloc's: all of it hangs on struct county,
 * is owned by it and goes with county_clear.
 *
 * Locks. Everything in struct county changes only under the gate's writing lock, but for what
 * is loaded late: pointers marked _Atomic, which go once from NULL to their value while
 * load_lock is held. A reader that finds one set needs no lock. */
#ifndef REGISTER_COLUMNS_INNER_H
#define REGISTER_COLUMNS_INNER_H

#include "base/crypto.h"
#include "db/db.h"
#include "register/columns.h"
#include "register/inner.h"

#include <pthread.h>
#include <stdatomic.h>

enum { COLUMN_YEARS_MAX = 64, COLUMN_LEVELS_MAX = 16 };

/* ---- columns_vec.c ---- */

/* Values of a table's rows; the room (`cap`) is the table's. data NULL: all missing. */
struct vec {
    void *data;
    unsigned width; /* of the data; before that: what the first value should have */
};
/* Sets a value, widening when it does not fit. False: no memory (nothing changed). */
bool vec_set(struct vec *v, size_t cap, size_t row, int64_t value);
void vec_clear(struct vec *v, size_t row); /* to missing */
bool vec_grow(struct vec *v, size_t old_cap, size_t cap);
void vec_free(struct vec *v);
static inline int64_t vec_at(const struct vec *v, size_t row)
{
    return column_at((struct column){v->data, v->width}, row);
}
static inline struct column vec_view(const struct vec *v)
{
    return (struct column){v->data, v->data ? v->width : 8};
}
/* Bytes that an indicator's values are expected to need. */
unsigned vec_width_of(const struct indicator *ind);

/* Rows by a key that stands in an array beside. */
struct row_index {
    int32_t *slot; /* row, -1 free */
    size_t size;   /* a power of two, or 0 */
    size_t used;
};
int32_t index_find(const struct row_index *x, const int64_t *keys, int64_t key);
/* The key must not be there yet. False: no memory. */
bool index_add(struct row_index *x, const int64_t *keys, size_t row);
/* `row` must be there; `instead` has the same key and takes its place, or -1. */
void index_drop(struct row_index *x, const int64_t *keys, size_t row, int32_t instead);
void index_free(struct row_index *x);

/* Which people share a key (a hash of their identity number or phone): chains of rows. */
struct twins {
    int64_t *key;  /* by person row; 0 none */
    int32_t *next; /* -1 the last */
    struct row_index heads;
};
bool twins_grow(struct twins *t, size_t old_cap, size_t cap);
bool twins_add(struct twins *t, size_t row, int64_t key); /* row has none yet */
void twins_drop(struct twins *t, size_t row);
void twins_free(struct twins *t);

/* ---- columns_lock.c ---- */

/* Writers go first; a writing lock can become a reading one without a gap. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int readers, writers_waiting;
    bool writing;
};
void gate_open(struct gate *g);
void gate_close(struct gate *g);
void gate_read(struct gate *g);
void gate_read_end(struct gate *g);
void gate_write(struct gate *g);
void gate_write_end(struct gate *g);
void gate_write_to_read(struct gate *g);

/* ---- a county ---- */

/* One subject's sheets of one year. */
struct sheet_columns {
    struct vec has;  /* 1 where there is a sheet */
    struct vec *col; /* by indicator.index */
};
/* Incomes of one year, rolled up. */
struct income_columns {
    struct vec any;   /* 0 where a household has any income: what a kind it does not name has */
    struct vec *kind; /* by place in profile->incomes */
};
struct flag_columns {
    uint16_t *deprived, *known;
};
/* What fires; checks of areas and those of households and people each have their own. */
struct check_columns {
    struct columns_check *check; /* by index in profile->checks; bits have room for the cap */
};
struct derived_columns {
    struct vec *rule; /* by index in profile->derived */
};
struct year_columns {
    int32_t year;
    int64_t sheets; /* household sheets; 0: the year is none of head.years */
    _Atomic(struct sheet_columns *) sheet[SUBJECT_COUNT];
    _Atomic(struct income_columns *) incomes;
    _Atomic(struct vec *) size;
    /* What rules make of it; those of areas go whenever anything changes. */
    _Atomic(struct derived_columns *) derived, area_derived;
    _Atomic(struct check_columns *) checks, area_checks;
    _Atomic(struct flag_columns *) *flags; /* by index in profile->indexes */
};

enum person_fact {
    PF_SEX,
    PF_BIRTH,
    PF_RELATION,
    PF_IDENTITY_LENGTH,
    PF_IDENTITY_VALID,
    PF_IDENTITY_BIRTH,
    PF_IDENTITY_SEX,
    PF_IDENTITY_TWICE,
    PF_PHONE_KNOWN,
    PF_PHONE_VALID,
    PF_PHONE_SHARED,
    PF_COUNT
};

struct county {
    struct county *next;
    int64_t number;
    const struct profile *profile;
    struct gate gate;
    pthread_mutex_t load_lock;
    bool loaded, synthetic;
    int64_t seq, top_seq; /* of the county's chain and of the database's */
    int32_t today;        /* day that rules were last run for */

    struct arena *area_arena;
    struct columns_area *areas;
    size_t area_count;
    int64_t *area_id;
    struct row_index by_area;
    struct str *above; /* codes of the areas above the tenant, lowest first */
    size_t above_count;

    size_t rows, cap, free_rows; /* households */
    int64_t *household_id;
    int32_t *area, *first; /* first: first person, -1 */
    uint64_t *has_year;    /* bit i: a sheet in year[i] */
    struct row_index by_household;
    size_t base_rows; /* rows before it were loaded in order of place … */
    uint8_t *moved;   /* … and stand there still, unless marked */

    size_t person_rows, person_cap, free_people;
    int64_t *person_id;
    int32_t *household, *next_person; /* household -1: free */
    uint8_t *present;
    struct vec fact[PF_COUNT];
    struct row_index by_person;
    struct twins identity, phone;

    struct year_columns *year[COLUMN_YEARS_MAX]; /* in order of appearance */
    size_t year_count;
    int32_t years[COLUMN_YEARS_MAX]; /* head's: oldest first */
    size_t head_year_count;
    struct columns_head head;

    struct check_columns
        *retired[8]; /* readers may still hold them; freed by the next writer */
    _Atomic size_t retired_count;
    struct area_values *_Atomic area_values;
    int64_t places_changed; /* counts up: kept load_places are no longer right */
    struct made *made;      /* columns_made.c: programs and runners */
};

struct columns {
    struct county *county;
    struct cx *cx; /* the caller's */
    struct cx own; /* with a connection and a read transaction of its own */
};

/* The own cx's failure becomes the caller's. */
enum rc columns_fail(struct cx *cx, const struct cx *own, enum rc rc);
enum rc columns_no_memory(struct cx *cx);

/* ---- columns_load.c ---- */

/* Everything that is loaded goes, but the locks. Under the writing lock. */
void county_clear(struct county *k);
/* Areas, households, people, which years; under the writing lock. RC_NOTFOUND: no such county.
 */
enum rc county_load(struct county *k, struct cx *cx) MUST_USE;
/* Only the areas; rows point to the same areas as before. */
enum rc areas_load(struct county *k, struct cx *cx) MUST_USE;
/* ---- columns_late.c ---- */

void year_free(struct county *k, struct year_columns *y);
void sheet_columns_free(const struct county *k, enum subject subject, struct sheet_columns *s);
/* Late loading: under the reading lock (or the writing one). */
enum rc sheet_need(struct sheet_columns **out, struct county *k, struct cx *cx,
                   enum subject subject, struct year_columns *y) MUST_USE;
enum rc incomes_need(struct income_columns **out, struct county *k, struct cx *cx,
                     struct year_columns *y) MUST_USE;
enum rc size_need(struct vec **out, struct county *k, struct cx *cx,
                  struct year_columns *y) MUST_USE;
/* NULL: no household has a sheet of that year. */
struct year_columns *year_find(const struct county *k, int32_t year);
/* The year's place; made when it is new. -1: too many years. */
int year_place(struct county *k, int32_t year);
/* head.years anew, and head's pointers. */
void head_refresh(struct county *k);

size_t subject_cap(const struct county *k, enum subject subject);
size_t subject_rows(const struct county *k, enum subject subject);
int32_t area_find(const struct county *k, int64_t area_id);
/* A free row at the tail, or -1 when there is no memory. */
int64_t household_row_new(struct county *k, int64_t id);
int64_t person_row_new(struct county *k, int64_t id);
void household_row_free(struct county *k, size_t row);
void person_row_free(struct county *k, size_t row);
/* A person as columns_people and columns_people_of deliver them. */
struct person_cells {
    int64_t id, household_id, identity, phone; /* keys; 0 none */
    int32_t sex, birth_day, relation, facts;
    bool present;
};
struct person_cells person_cells_of(const struct db_rows *rows);
/* Everything of a person but household, and sharing with others. False: no memory. */
bool person_cells_set(struct county *k, size_t row, const struct person_cells *p);
void person_link(struct county *k, size_t row, size_t household_row); /* as the last */
/* Whether others have the same number (or phone), for all who have this key. `changed` (may be
 * NULL) is called for rows whose value became another. */
typedef void (*twin_changed_fn)(void *arg, size_t person_row);
bool twins_refresh(struct county *k, bool phone, int64_t key, twin_changed_fn changed,
                   void *arg);
/* Fills the cells of sheets that are read. */
struct sheet_filler {
    struct county *k;
    enum subject subject;
    struct sheet_columns *now; /* of the sheet being read */
    struct year_columns *only; /* NULL: all loaded years */
    size_t row;
    int64_t wanted_row; /* >= 0: this one, whatever its id */
    bool failed, year_seen;
};
struct sheet_reader sheet_filler_reader(struct sheet_filler *f);
/* Adds one amount of a household to its kind and those above. False: no memory. */
bool income_add(struct county *k, struct income_columns *c, size_t row, int64_t kind,
                int64_t amount);
void income_clear(struct county *k, struct income_columns *c, size_t row);
/* The size of a household in a year: people with a sheet, else present members. */
bool size_set(struct county *k, const struct sheet_columns *people, struct vec *size,
              size_t row);
bool is_of_year(const struct county *k, const struct sheet_columns *people, size_t person,
                bool anybody);
bool anybody_of_year(const struct county *k, const struct sheet_columns *people,
                     size_t household);

/* ---- columns_follow.c ---- */

/* From k->seq to `seq`; under the writing lock. On failure the county must be cleared. */
enum rc county_follow(struct county *k, struct cx *cx, int64_t seq, int64_t top_seq) MUST_USE;

/* ---- columns_rule.c: programs over columns ---- */

/* What a program reads, each once, in the order of its instructions. */
struct load_key {
    uint8_t level, back;
    enum rule_table table;
    int32_t id;
};
struct load_list {
    struct load_key *keys;
    size_t count;
};
/* NULL: no memory. */
bool load_list_make(struct load_list *out, struct arena *a, const struct rule_program *p);

/* Where the values of a load stand for one year and day. It stays right while columns widen and
 * grow; what does not raises k->places_changed. */
struct load_place {
    bool by_area;
    enum subject subject;              /* whose rows the column has */
    const struct vec *vec, *otherwise; /* not by_area; NULL: all missing. otherwise: no data */
    const int64_t *own, *nearest;      /* by_area: the area's own value; or of one above it */
};
struct rule_input {
    struct county *k;
    const struct load_list *loads;
    struct load_place *places;
    size_t next; /* programs ask in the order of the list: where the next is looked for first */
    const struct sheet_columns *people; /* who is of the year; NULL: present members */
    struct rule_source source;
};
/* Loads what the program reads. */
enum rc input_make(struct rule_input *out, struct county *k, struct cx *cx,
                   const struct load_list *loads, int32_t year, int32_t day) MUST_USE;
/* The day for which a year's rules are asked. */
int32_t year_day(const struct county *k, int32_t year, int32_t today);

/* Rows for one run of a program. */
struct block_rows {
    struct rule_block b;
    int64_t *row[3];
    uint32_t *parent[3];
    size_t max[3];
};
bool block_make(struct block_rows *out, struct arena *a, const size_t max[3]);
void block_empty(struct block_rows *b);
bool block_add_area(struct block_rows *b, int32_t area);
/* With the people of the input's year. False: no room (nothing was added). */
bool block_add_household(struct block_rows *b, const struct rule_input *in, size_t row);
size_t largest_household(const struct county *k);

typedef enum rc (*block_fn)(struct cx *cx, void *arg, const struct rule_runner *r,
                            const struct rule_block *b);
struct rule_pass {
    struct county *k;
    const struct rule_program *program;
    const struct load_list *loads;
    int32_t year, day;
    const uint32_t *rows; /* households; NULL: all */
    size_t row_count;
    const int32_t *areas; /* not NULL: blocks of one area each, with its households */
    size_t area_count;
    block_fn block;
    void *arg;
    struct cx *block_cx; /* for `block`; NULL: the pass' own, whose arena ends with it */
    columns_progress_fn progress; /* NULL: nobody asks */
    void *progress_arg;
    struct cx *progress_cx;
    struct rule_figures figures;      /* out */
    const struct rule_source *source; /* for `block`: what the program reads from */
};
/* Runs a program over many households, with working memory of its own. */
enum rc rule_pass(struct cx *cx, struct rule_pass *pass) MUST_USE;

/* Values by area: thresholds of a day, indicators of a year. Kept until the areas change. */
struct area_values {
    struct area_values *next;
    enum rule_table table;
    int32_t id, when; /* day or year */
    int64_t *own, *nearest;
};
enum rc area_values_need(const struct area_values **out, struct county *k, struct cx *cx,
                         enum rule_table table, int32_t id, int32_t when) MUST_USE;
void area_values_free(struct county *k);
/* NULL: all missing. */
enum rc fixed_column(const struct vec **out, struct county *k, struct cx *cx,
                     enum subject subject, int32_t number, int32_t year) MUST_USE;

/* ---- columns_keep.c: memory of what is kept of rules ---- */

const struct profile_rules *rules_of(const struct county *k); /* never NULL */
void made_derived_free(const struct county *k, struct derived_columns *d);
void made_checks_free(const struct county *k, struct check_columns *c);
void made_flags_free(struct flag_columns *f);
/* With room for the bits of all checks (of areas, or of the others) in force; NULL: no memory.
 */
struct check_columns *made_checks_new(const struct county *k, int32_t year, bool areas);
void made_bit_set(struct columns_check *c, size_t row);
void made_drop_areas(struct county *k, struct year_columns *y); /* what belongs to areas */
void made_drop_year(struct county *k, struct year_columns *y);
void made_drop(struct county *k); /* the results of all years */
/* Room for more rows, beside the other columns. */
bool made_grow(struct county *k, struct year_columns *y, enum subject subject, size_t old_cap,
               size_t cap);
void made_clear_row(struct county *k, struct year_columns *y, enum subject subject, size_t row);
/* A new day: what depends on it is dropped. Under the writing lock. */
void made_day(struct county *k, int32_t today);
/* Goes under the next writing lock: a reader may still hold it. */
void retire_checks(struct county *k, struct check_columns *c);
void retired_free(struct county *k);

/* ---- columns_made.c: filling it ---- */

void made_free(struct county *k); /* programs and runners */
/* Computes everything anew for these households (sorted, without doubles). */
enum rc made_refresh(struct county *k, struct cx *cx, const int32_t *rows,
                     size_t count) MUST_USE;

/* ---- columns_describe.c: parts of a frozen copy's snapshot.json ---- */

struct json;
/* KEY_en and KEY_zh, unless there is no text. */
void json_labels(struct json *j, struct cx *cx, const char *key, const struct label *label);
/* From the opening of the object to its areas; then what stands behind its columns. */
void frozen_head(struct json *j, struct cx *cx, const struct county *k, int32_t year);
void frozen_foot(struct json *j, struct cx *cx, const struct county *k);

#endif

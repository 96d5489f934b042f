/* Live columns: a county's register as arrays in memory, never older than the last committed
 * change. They are loaded at first use (year by year, indicator by indicator) and brought up to
 * date from the journal whenever they are opened. Lists, statistics, checks and rules read
 * these.
 *
 * A *row* is a household's or person's place in the arrays; it stays the same while the columns
 * are open, and until the county is loaded anew. A row whose id is 0 is free. Values are those
 * of base/value.h as integers; texts and sealed indicators: 1 where there is one.
 *
 * Facts that are no indicators (enum fixed_column) can be asked for like indicators. */
#ifndef REGISTER_COLUMNS_H
#define REGISTER_COLUMNS_H

#include "base/cx.h"
#include "profile/profile.h"
#include "profile/rules.h"

#define COLUMN_MISSING INT64_MIN
/* One value per row, little-endian, signed, `width` bytes; the smallest value of the width is
 * missing. data NULL: all missing. Lives until columns_close. */
struct column {
    const void *data;
    unsigned width; /* 1, 2, 4, 8 */
};
static inline int64_t column_at(struct column c, size_t row)
{
    if (!c.data)
        return COLUMN_MISSING;
    switch (c.width) {
    case 1: {
        int8_t v = ((const int8_t *)c.data)[row];
        return v == INT8_MIN ? COLUMN_MISSING : v;
    }
    case 2: {
        int16_t v = ((const int16_t *)c.data)[row];
        return v == INT16_MIN ? COLUMN_MISSING : v;
    }
    case 4: {
        int32_t v = ((const int32_t *)c.data)[row];
        return v == INT32_MIN ? COLUMN_MISSING : v;
    }
    default:
        return ((const int64_t *)c.data)[row];
    }
}

struct columns_area {
    int64_t id;
    int32_t parent; /* index, -1: the tenant's area itself */
    int level;
    const char *path, *code, *name;
    int32_t end; /* areas under it are those after it up to `end` (exclusive): they lie in path
                    order */
};
struct columns_head {
    int64_t county, seq;         /* the journal entry up to which the columns are */
    const int64_t *household_id; /* by household row; 0: free */
    const int32_t *area;         /* by household row: index of its lowest area */
    size_t household_rows;
    const int64_t *person_id; /* by person row; 0: free */
    const int32_t *household; /* by person row: household row */
    size_t person_rows;
    const struct columns_area *areas; /* parents before children, [0] = the tenant's */
    size_t area_count;
    const int32_t *years; /* that have household sheets, oldest first */
    size_t year_count;
};

/* The cache of all counties' columns, one per process (struct app keeps it; cx->columns). */
struct columns_cache;
enum rc columns_cache_open(struct columns_cache **out, struct cx *cx) MUST_USE;
void columns_cache_close(struct columns_cache *cache);

/* The county's columns as of cx's read transaction or later; holds a reading lock until
 * columns_close: close soon, do not write and do not open another while one is open. Only
 * active, visible households are rows. The caller checks areas and permissions
 * (columns_area_may). RC_NOTFOUND: no such county. */
struct columns;
enum rc columns_open(struct columns **out, struct cx *cx, int64_t county) MUST_USE;
void columns_close(struct columns *c);
const struct columns_head *columns_head(const struct columns *c);
/* Row of a household; -1 none. */
int64_t columns_household_row(const struct columns *c, int64_t household_id);
/* Index of an area; -1 none. */
int32_t columns_area_index(const struct columns *c, int64_t area_id);
/* The households' rows of an area and everything under it, in order of place (of those that
 * came or moved since the county was loaded: within their area behind the others); in
 * cx->arena. */
enum rc columns_rows(const uint32_t **rows, size_t *count, struct cx *cx, struct columns *c,
                     int32_t area) MUST_USE;

enum fixed_column {
    FIX_SIZE = -101,     /* household: people of that year (>= 1 where anybody is known) */
    FIX_SEX = -111,      /* person: code of the sex list */
    FIX_BIRTH = -112,    /* day */
    FIX_RELATION = -113, /* code of the relation list */
    FIX_IDENTITY_LENGTH = -121, /* characters of the identity number; 0: none is known */
    FIX_IDENTITY_VALID =
        -122, /* its check character fits (a synthetic county's fits its own rule) */
    FIX_IDENTITY_BIRTH = -123, /* the birth day written in it agrees with birth */
    FIX_IDENTITY_SEX = -124,   /* the sex written in it agrees with sex */
    FIX_IDENTITY_TWICE = -125, /* another person of the county has the same number */
    FIX_PHONE_KNOWN = -131,
    FIX_PHONE_VALID = -132,
    FIX_PHONE_SHARED = -133, /* people of other households with the same phone */
};
/* Values of one year; number: an indicator's number or a fixed column. Person columns are by
 * person row. RC_NOTFOUND: unknown number. A year without sheets is all missing. */
enum rc columns_get(struct column *out, struct cx *cx, struct columns *c, enum subject subject,
                    int32_t number, int32_t year) MUST_USE;
/* Money of a kind with all below it, less the costs below it (a kind that is a cost: as
 * written); minor units. A household with any income of the year has 0 for kinds it does not
 * name. */
enum rc columns_income(struct column *out, struct cx *cx, struct columns *c, int32_t kind,
                       int32_t year) MUST_USE;
/* The people of a household in a year: who have a sheet of that year, else (nobody has) the
 * present members. Who has left is there for earlier years; who moved is in today's household
 * in all years. Person rows. */
enum rc columns_people(const uint32_t **people, size_t *count, struct cx *cx, struct columns *c,
                       int32_t year, size_t household_row) MUST_USE;

/* ---- what the profile's rules make of it: kept up to date row by row ---- */
/* A derived rule (index in profile->derived), by row of its subject. */
enum rc columns_derived(struct column *out, struct cx *cx, struct columns *c, size_t derived,
                        int32_t year) MUST_USE;
/* Deprivations of an index (profile->indexes[i]) by household row: bit j = deprivation j;
 * `known`: its value is not missing. */
struct columns_flags {
    const uint16_t *deprived, *known;
};
enum rc columns_flags(struct columns_flags *out, struct cx *cx, struct columns *c, size_t index,
                      int32_t year) MUST_USE;
/* Which checks fire: bits by row of the check's subject (areas: by area index). Checks of areas
 * are made for areas that have a sheet of the year or households of their own. */
struct columns_check {
    const uint64_t *fires;
    size_t rows;
    int64_t count;
};
struct columns_checks {
    const struct columns_check *check; /* by index in profile->checks */
    size_t count;
};
/* Runs all checks over the county at first use (`progress` NULL or told rows done and total),
 * then only over what changed. */
typedef enum rc (*columns_progress_fn)(struct cx *cx, void *arg, int64_t done, int64_t total);
enum rc columns_checks(struct columns_checks *out, struct cx *cx, struct columns *c,
                       int32_t year, columns_progress_fn progress, void *arg) MUST_USE;
/* The same with every check computed anew. */
enum rc columns_checks_again(struct columns_checks *out, struct cx *cx, struct columns *c,
                             int32_t year, columns_progress_fn progress, void *arg) MUST_USE;

/* ---- any rule ---- */
/* Runs a program over the whole county (or one area's households) in blocks; `block` is called
 * after each with the runner's values; a failure of it ends the run. */
typedef enum rc (*columns_block_fn)(struct cx *cx, void *arg, const struct rule_runner *r,
                                    const struct rule_block *b);
struct columns_run {
    const struct rule_program *program;
    int32_t year, day; /* day 0: the last of the profile's income year `year`, at most today */
    int32_t area;      /* index; 0 = the whole county */
    int64_t household_row; /* >= 0: this one only; else -1 */
    /* A program with roots of areas runs area by area, each a block with all its households. */
    columns_block_fn block;
    void *arg;
    struct rule_figures figures; /* out */
};
enum rc columns_run(struct cx *cx, struct columns *c, struct columns_run *run) MUST_USE;
/* The facts behind a root's value for one row of its level; labels are for people. */
struct columns_fact {
    const char *label; /* "Age", with the person's relation where it is one of several people */
    const char *value; /* shown as people read it, "not known" when missing */
    int32_t year;
};
enum rc columns_explain(struct columns_fact **out, size_t *count, struct cx *cx,
                        struct columns *c, const struct rule_program *program, size_t root,
                        int64_t row, int32_t year) MUST_USE;

/* ---- frozen copies ---- */
/* Writes FOLDER/: snapshot.json and one raw little-endian file per column, fsynced, renamed
 * into place; the folder's name is a hash of its content, in *name. Years: one, or 0 for all.
 * Readable with numpy.memmap, R's readBin (doc/snapshot.md). */
enum rc columns_freeze(const char **name, struct cx *cx, struct columns *c, int32_t year,
                       const char *folder) MUST_USE;

#endif

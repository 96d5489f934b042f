/* Inside of the import: what its files share.
 *   import_file.c       the rows of the document, its header, its columns bound to the mapping
 *   import_row.c        one row becomes fields, each cell checked
 *   import_household.c  the rows of one household become a household record
 *   import_pass.c       the pass over all households: grouping, checking
 *   import_apply.c      applying: in batches, in chunks, visible by one flip
 *   import_finding.c    what was found wrong
 *   import_refused.c    the refused rows as a file */
#ifndef REGISTER_IMPORT_INNER_H
#define REGISTER_IMPORT_INNER_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/time.h"
#include "frame/rows.h"
#include "register/import.h"

/* ---- the file ---- */
struct bound {
    const struct mapping_column *m;
    int column;        /* of the file; -1: a template, a fixed text, or not in the file */
    const char *title; /* as it stands in the file */
    int *part_columns; /* of a template's parts; -1 where a part is no column */
};
struct import_file {
    struct rows *rows;
    const struct mapping *mapping;
    size_t header, first; /* places in rows: the header, the first row of data */
    size_t row_count;     /* places to look at, from `first` on */
    struct bound *bound;  /* one per column of the mapping */
    int year_column;      /* -1 none */
    size_t column_count;  /* of the header row */
    int title_year;       /* a year that a row above the header names; 0 */
};
/* Opens the document and finds the header. mapping NULL: the best fitting of the profile, given
 * back in f->mapping. RC_INVALID with a text that names the missing columns. Close with
 * import_file_close. */
enum rc import_file_open(struct import_file *f, struct cx *cx, int64_t county,
                         int64_t document_id, const struct mapping *mapping) MUST_USE;
void import_file_close(struct import_file *f);
/* The text of a bound column in a row, trimmed; built for templates. `index` is the row's
 * place. */
struct str import_cell(struct cx *cx, const struct import_file *f, const struct bound *b,
                       const struct row *row, size_t index, enum cell_kind *kind);

/* ---- findings ---- */
enum finding_code {
    FOUND_CELL,       /* a cell that its column does not accept; .expected */
    FOUND_EMPTY,      /* a required cell is empty */
    FOUND_CELL_ERROR, /* #N/A and the like */
    FOUND_RANGE,      /* outside of the indicator's limits */
    FOUND_IDENTITY_CHECK,
    FOUND_IDENTITY_LENGTH,
    FOUND_IDENTITY_DIGITS, /* the spreadsheet kept it as a number and lost digits */
    FOUND_IDENTITY_BIRTH,
    FOUND_IDENTITY_DUPLICATE,
    FOUND_IDENTITY_FILLER, /* 999999… */
    FOUND_CODE_DUPLICATE,
    FOUND_PHONE,
    FOUND_TWO_HEADS,
    FOUND_NO_HEAD,
    FOUND_SIZE,
    FOUND_DIFFERS, /* rows of one household disagree */
    FOUND_AREA_NEW,
    FOUND_AREA_OTHER,   /* another county than the file's */
    FOUND_AREA_OUTSIDE, /* outside of the user's areas */
    FOUND_MOVED,        /* the person was in another household */
    FOUND_YEAR,
    FOUND_TITLE_YEAR,
    FOUND_HEADER_TWICE,
    FOUND_COLUMN_UNKNOWN,
    FOUND_HOUSEHOLD_SIZE_LIMIT,
    FOUND_COUNT,
};
struct found {
    enum finding_code code;
    int64_t row; /* as a spreadsheet counts; 0 the file */
    const char *column;
    struct str value;
    bool secret;                    /* the value is masked before it is kept */
    const struct mapping_column *m; /* FOUND_CELL: whose expectation is named */
    const char *more;               /* further text of the message; NULL */
    int64_t number;                 /* further number of the message */
};
struct finding_row; /* kept until the next write */
struct findings {
    int64_t import_id, number, error_count, warning_count;
    int64_t counts[FOUND_COUNT];
    struct finding_row *rows;
    size_t row_count;
    struct arena *arena; /* of the rows not yet written */
};
enum rc findings_open(struct findings *f, struct cx *cx,
                      int64_t import_id) MUST_USE; /* clears former ones */
enum rc findings_add(struct cx *cx, struct findings *f, const struct mapping *mapping,
                     const struct found *found) MUST_USE;
enum rc findings_close(struct cx *cx, struct findings *f) MUST_USE;
enum finding_level finding_level_of(enum finding_code code);

/* ---- the pass ---- */
enum pass_mode { PASS_CHECK, PASS_APPLY };
struct area_entry; /* a chain of area names and the area it is, import_household.c */
struct seen;       /* hashes of identity numbers and person codes met in this file */
struct pass {
    struct import i;
    enum pass_mode mode;
    struct import_file file;
    struct findings findings;
    uint8_t *refused; /* one bit per row place */
    struct area_entry *areas;
    size_t area_count, area_room;
    struct seen *seen;
    const struct actor *actor;
    bool synthetic;     /* the county's people are made up: shifted check digits */
    bool fresh;         /* the county holds nobody yet: no look-ups needed */
    struct arena *keep; /* lives as long as the pass */
    struct source source;
};
/* The fields of one row. */
struct row_fields {
    bool refused;
    int64_t number;
    struct str area[LIMIT_AREA_LEVELS], area_code[LIMIT_AREA_LEVELS];
    struct str household_code;
    int64_t household_size; /* -1 not said */
    int32_t year;
    struct person_record person;
    struct value *household_values; /* by indicator.index */
    struct income_record *incomes;
    size_t income_count;
};
/* Reads and checks one row; what is wrong is noted in p->findings. */
enum rc import_row_read(struct row_fields *out, struct cx *cx, struct pass *p,
                        size_t index) MUST_USE;
/* Only what places the row: household code (or, without one, the whole row alone). For
 * grouping. */
enum rc import_row_key(uint64_t *hash, struct cx *cx, const struct import_file *f,
                       size_t index) MUST_USE;
/* Makes the record of the rows `indexes`; *usable is false when nothing of it may go in. */
enum rc import_household_build(struct household_record *out, bool *usable, struct cx *cx,
                               struct pass *p, const uint32_t *indexes, size_t count) MUST_USE;
/* Notes a finding; an error refuses the row at `index` (SIZE_MAX: no row). */
enum rc pass_found(struct cx *cx, struct pass *p, size_t index, struct found found) MUST_USE;
void pass_refuse(struct pass *p, size_t index);
bool pass_is_refused(const struct pass *p, size_t index);
/* Rows of the file in the order of their households. */
struct groups {
    uint32_t *indexes; /* row places, household by household */
    uint32_t *starts;  /* of each household in indexes; one more at the end */
    size_t count;
};
/* Writes all households from the first that is not yet written, then makes them visible. */
enum rc import_apply_groups(struct cx *cx, const struct job *job, struct pass *p,
                            const struct groups *g) MUST_USE;
/* Hands a failure of a batch's own context to the pass's. */
enum rc import_work_failed(struct cx *cx, const struct cx *work, enum rc rc) MUST_USE;
/* The whole check or the applying of one import. */
enum rc import_pass_run(struct cx *cx, const struct job *job, enum pass_mode mode) MUST_USE;
/* The import's mapping: of the profile, or the text kept with the import. */
enum rc import_mapping(const struct mapping **out, struct cx *cx,
                       const struct import *i) MUST_USE;
/* The bits of refused rows as the check kept them. */
enum rc import_refused_bits(uint8_t **bits, struct cx *cx, int64_t import_id,
                            size_t row_count) MUST_USE;
/* Was this hash met before in this file? Remembers it with its row; gives the earlier row. */
bool seen_before(struct pass *p, uint64_t hash, int64_t row, int64_t *earlier);
uint64_t import_hash(struct str a, struct str b);

#endif

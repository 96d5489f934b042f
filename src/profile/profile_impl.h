/* What the files of this room share and other rooms do not see: the loader, its rows, and the
 * private part of a profile. */
#ifndef PROFILE_PROFILE_IMPL_H
#define PROFILE_PROFILE_IMPL_H

#include "db/db.h"
#include "profile/mapping.h"
#include "profile/names.h"
#include "profile/profile.h"
#include "profile/profile_table.h"

enum {
    PROFILE_ARENA = 64 * 1024 * 1024,
    PROFILE_BYTES_MAX = 2 * 1024 * 1024, /* all files together */
    PROFILE_FAULTS_MAX = 1000,
    CODES_BIT_MAX = 62, /* highest code of a list that TYPE_CODES uses */
};

struct code_index {
    struct names spellings;              /* to the position in list->codes */
    const struct code *const *by_number; /* ascending */
    const int64_t *lines;                /* of codes.csv, by position */
    bool fits_bits;                      /* every code is 0..62 */
};

/* The statements of one sheet table (sheet.c). */
struct sheet_sql {
    const char *table;
    struct sql create, get, put, delete, years;
    struct sql of_year, of_thing, pairs; /* many at once: sheet_read.c */
    const struct sql *add;               /* one ALTER TABLE per core column, in their order */
    const struct indicator *const *core;
    size_t core_count;
};

struct profile_private {
    struct arena *arena;
    struct names indicators[SUBJECT_COUNT]; /* to the position in p->of[] */
    struct names lists, incomes, roles;
    const struct income_kind *const *incomes_by_number;
    struct sheet_sql sheets[SUBJECT_COUNT];
};

/* One unit of units.csv. */
struct unit {
    const char *code;
    struct label label;
    bool money;
};

struct source_file {
    const char *name; /* "codes.csv", "mapping/x.csv" */
    struct str bytes;
};

/* One run of loading. Errors are collected, not returned. */
struct loader {
    struct cx *cx;
    struct profile *p;
    struct arena *arena; /* what is loaded */
    struct arena *temp;  /* one table */
    struct profile_faults *faults;
    const struct source_file *files;
    size_t file_count;
    const struct unit *units;
    size_t unit_count;
    const char **list_names; /* by position in p->lists */
    int64_t key_lines[48];   /* of profile.csv, by key */
    const char *relation_list, *sex_list,
        *list_columns;       /* its names, until they can be found */
    const char *poverty[14]; /* the keys that may be missing, in the order of load_keys.c */
    int32_t relation_head_code;
};

/* Notes a mistake; `line` 0 is the file itself. The message is already translated. */
void loader_fault(struct loader *l, const char *file, int64_t line, const char *field,
                  struct str value, const char *message);
const struct source_file *loader_file(const struct loader *l, const char *name);
/* The value of a key of profile.csv that may be missing; "" without. */
struct str loader_key(const struct loader *l, const char *key);
void loader_key_fault(struct loader *l, const char *key, struct str value, const char *message);

/* Places in a table. */
struct row {
    struct loader *l;
    const struct table *t;
    size_t at;
};
struct str row_cell(const struct row *r, int column); /* trimmed */
int64_t row_line(const struct row *r);
void row_fault(const struct row *r, int column, const char *message);
/* As row_fault with the nearest known name: "... Did you mean x?" */
void row_unknown(const struct row *r, int column, const char *const *known, size_t count);
/* The same where only a part of the cell is the name. */
void row_unknown_part(const struct row *r, int column, struct str part,
                      const char *const *known, size_t count);
/* The cell as a NUL-terminated text in the profile's arena. */
const char *row_text(const struct row *r, int column);
/* As row_text; an empty cell is a mistake. */
const char *row_needed(const struct row *r, int column);
/* A name: small letters, digits, `_`, beginning with a letter, at most 48; "" after a mistake.
 */
const char *row_name(const struct row *r, int column);
bool row_int(int64_t *out, const struct row *r, int column, int64_t min, int64_t max);
/* Position in `names`, -1 after a mistake. */
int row_choice(const struct row *r, int column, const char *const *names, size_t count);
/* yes, no; empty is no. */
bool row_yes(const struct row *r, int column);
/* English in `column`, Chinese behind it; both needed, or both or neither. */
struct label row_label(const struct row *r, int column, bool needed);

/* The unit, subject or level a cell names; NULL or -1 after a mistake. `name` may be a part of
 * the cell. */
const struct unit *row_unit(const struct row *r, int column);
int row_subject(const struct row *r, int column);
int row_level(const struct row *r, int column, struct str name);

/* The tables, in the order in which they must be loaded (load_*.c). */
void load_keys(struct loader *l);
void load_levels(struct loader *l);
void load_units(struct loader *l);
void load_eras(struct loader *l);
void load_codes(struct loader *l);
void load_crosswalk(struct loader *l);
void load_groups(struct loader *l);
void load_indicators(struct loader *l);
void load_incomes(struct loader *l);
void load_thresholds(struct loader *l);
void load_roles(struct loader *l);
void load_mappings(struct loader *l);
/* Lists of other departments; after the rules' dictionary and the mappings. */
void load_lists(struct loader *l);
/* derived.csv, checks.csv, indexes.csv and what belongs to them: profile->rules. */
void load_rules(struct loader *l);
/* calendar.csv and its keys; workflow*.csv, org_kinds.csv, options.csv; measures and tapers;
 * alerts.csv: in this order, after load_rules and load_lists. */
void load_calendar(struct loader *l);
void load_workflows(struct loader *l);
void load_measures(struct loader *l);
void load_alerts(struct loader *l);
/* shipping.csv of the market. */
void load_shipping(struct loader *l);
void load_goods(struct loader *l);
/* Keys of profile.csv that name lists and indicators. */
void load_references(struct loader *l);
/* The keys that name derived rules, once those are compiled. */
void load_capability(struct loader *l);
/* One mapping file; NULL after a mistake. */
struct mapping *load_mapping(struct loader *l, const struct source_file *file);

/* The whole work on files in memory, as profile_load (also for tests and the fuzzer). */
enum rc profile_load_files(struct profile **out, struct profile_faults *faults, struct cx *cx,
                           const struct source_file *files, size_t count) MUST_USE;

/* Is it a word that SQLite or PostgreSQL keeps, or a column every sheet has? (keyword.c) */
bool column_name_taken(const char *name);
/* Builds the statements of the sheets; the SQL type of a core column (sheet_sql.c). */
const char *sheet_column_type(const struct indicator *ind);
void sheet_build(struct profile *p);
/* "2026-11", "202611", "2026年11月", "2026/11", "2026.11" or a day: year * 12 + month - 1. */
bool month_parse(int64_t *out, struct str s);
/* The indicator's name of a type, as the tables write it ("money"). Static. */
const char *type_name(enum indicator_type type);
const char *subject_name(enum subject subject);

#endif

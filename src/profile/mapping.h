/* A mapping: how the columns of a file become fields of the register. One CSV per mapping in
 * the profile's mapping/ folder, or any file given on the command line. Rows:
 *     target,header,aliases,required,values,decimals,note
 * Settings are rows whose target begins with "@":
 *   @name, @label_en, @label_zh, @subject (person: a row is a person; household: a row is a
 * household),
 *   @year (a number; "ask"; or the header of a column), @header_search_rows (how many title
 * rows may stand above the header), @match (person: "identity" | "code"; household: "code"),
 *   @missing (a cell's text that means "not known", e.g. NA).
 * `header` is a column's title, a template with {Title} parts and {#} for the row's number
 * ("{commune}-{#}"; the first row of data is 1), or "=TEXT", the same text in every row.
 * `aliases` separates other titles by "|". `values` maps cell texts to codes
 * ("male=1|female=2"), besides what the code list accepts; an export writes those texts.
 * `decimals` (incomes): digits behind the point that the file may have. A column may be mapped
 * twice; an export writes it where it stands first. Templates and "=TEXT" are never exported.
 * Targets: "area.LEVEL" (name), "area.LEVEL.code" (official code), "household.code",
 * "household.size", "person.code", "person.name", "person.sex", "person.birth",
 * "person.identity", "person.phone", "person.account", "person.relation", an indicator as
 * "household:CODE" or "person:CODE", an income as "income:CODE", or "ignore". */
#ifndef PROFILE_MAPPING_H
#define PROFILE_MAPPING_H

#include "profile/profile.h"

enum target_kind {
    TARGET_IGNORE,
    TARGET_AREA,      /* .level */
    TARGET_AREA_CODE, /* .level */
    TARGET_HOUSEHOLD_CODE,
    TARGET_HOUSEHOLD_SIZE,
    TARGET_PERSON_CODE,
    TARGET_PERSON_NAME,
    TARGET_PERSON_SEX,
    TARGET_PERSON_BIRTH,
    TARGET_PERSON_IDENTITY,
    TARGET_PERSON_PHONE,
    TARGET_PERSON_ACCOUNT,
    TARGET_PERSON_RELATION,
    TARGET_INDICATOR, /* .indicator */
    TARGET_INCOME,    /* .income */
};
struct mapping_value {
    struct str text;
    int64_t code;
};
/* What a header is made of: a title is one PART_COLUMN, "=TEXT" one PART_TEXT. */
enum part_kind {
    PART_TEXT,   /* .text as it stands */
    PART_COLUMN, /* the cell of the column titled .text */
    PART_ROW,    /* the row's number */
};
struct mapping_part {
    enum part_kind kind;
    struct str text;
};
struct mapping_column {
    enum target_kind kind;
    int level;
    const struct indicator *indicator;
    const struct income_kind *income;
    const char *target; /* as written */
    const char *header; /* title, template or "=TEXT" as written */
    const struct mapping_part *parts;
    size_t part_count;
    bool title;                 /* the header is a plain title: one PART_COLUMN */
    const char *const *aliases; /* NULL-terminated */
    bool required;
    const struct mapping_value *values;
    size_t value_count;
    unsigned decimals; /* incomes; the currency's unless given */
};
enum mapping_year { YEAR_FIXED, YEAR_ASK, YEAR_COLUMN };
struct mapping {
    const char *name;
    struct label label;
    enum subject subject;
    enum mapping_year year_kind;
    int32_t year;
    const char *year_header;
    int header_search_rows;
    bool match_identity; /* people matched by identity number first */
    const char *missing; /* "" = none */
    const struct mapping_column *columns;
    size_t column_count;
};

/* Reads a mapping file from outside the profile's folder; lives as long as `arena`. */
enum rc mapping_load(struct mapping **out, struct profile_faults *faults, struct cx *cx,
                     const char *path) MUST_USE;

/* Does a title of a file mean this column? Blanks, width, case and brackets' form do not
 * matter. `wanted` is a part's text; the column's aliases count for plain titles only. */
bool mapping_title_is(const struct mapping_column *c, struct str title);
bool mapping_text_is(struct str wanted, struct str title);

/* Reads one cell for a column: @missing, then `values`, then what the target accepts: an
 * indicator's value, money of an income, a code of relation or sex, else the trimmed text
 * (sharing the cell's bytes). RC_INVALID as value_parse. */
enum rc mapping_cell(struct value *out, const char **expected, struct cx *cx,
                     const struct mapping *m, const struct mapping_column *c, struct str cell,
                     bool excel_days) MUST_USE;
/* The cell that an export writes for a value: the text of `values` that means it, @missing for
 * a missing one, else as value_plain. */
const char *mapping_plain(struct cx *cx, const struct mapping *m,
                          const struct mapping_column *c, struct value v);

#endif

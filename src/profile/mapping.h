/* A mapping: how the columns of a file become fields of the register. One CSV per mapping in
 * the profile's mapping/ folder, or any file given on the command line. Rows:
 *     target,header,aliases,required,values,decimals,note
 * Settings are rows whose target begins with "@":
 *   @name, @label_en, @label_zh, @subject (person: a row is a person; household: a row is a household),
 *   @year (a number; "ask"; or the header of a column), @header_search_rows (how many title rows may stand
 *   above the header), @match (person: "identity" | "code"; household: "code").
 * `header` is a column's title, or a template with {Title} parts and {#} for the row number
 * ("{commune}-{#}"). `aliases` separates other titles by "|". `values` maps cell texts to
 * codes ("male=1|female=2"), besides what the code list accepts.
 * Targets: "area.LEVEL" (name), "area.LEVEL.code" (official code), "household.code",
 * "household.size", "person.code", "person.name", "person.sex", "person.birth",
 * "person.identity", "person.phone", "person.account", "person.relation", an indicator as
 * "household:CODE" or "person:CODE", an income as "income:CODE", or "ignore". */
#ifndef PROFILE_MAPPING_H
#define PROFILE_MAPPING_H

#include "profile/profile.h"

enum target_kind {
    TARGET_IGNORE,
    TARGET_AREA,          /* .level */
    TARGET_AREA_CODE,     /* .level */
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
struct mapping_column {
    enum target_kind kind;
    int level;
    const struct indicator *indicator;
    const struct income_kind *income;
    const char *target; /* as written */
    const char *header; /* title or template */
    const char *const *aliases; /* NULL-terminated */
    bool required;
    const struct mapping_value *values;
    size_t value_count;
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
    const struct mapping_column *columns;
    size_t column_count;
};

/* Reads a mapping file from outside the profile's folder; lives as long as `arena`. */
enum rc mapping_load(struct mapping **out, struct profile_faults *faults, struct cx *cx,
                     const char *path) MUST_USE;

#endif

/* The profile: what a country's programme knows, as CSV tables in a folder (profile/cn). This
 * header is its loaded, checked, immutable form. C code never names an indicator, code or level
 * of a country: it asks here. All pointers live as long as the profile.
 *
 * Files of the folder (all UTF-8 CSV with a header line; `#` begins a comment line):
 *   profile.csv      key,value; the keys are those of struct profile: code, name_en, name_zh,
 *                    version, era, currency, currency_decimals, currency_sign,
 *                    zone_offset_min, country, year_start_month, identity_check
 *                    (mod11_2 | none), identity_length, identity_longer,
 *                    identity_birth_at, identity_sex_at, phone_pattern ("digits:11";
 *                    empty = any), name_order, name_endings, relation_list,
 *                    relation_head_code, sex_list, person_name_required (yes | no),
 *                    list_columns (household indicators of the list, by blanks);
 *                    for the poverty pages, by blanks: welfare (household money per head),
 *                    poverty_lines (threshold codes), poverty_groups (household indicators to
 *                    split by), cause_columns, earned_incomes and transferred_incomes (income
 *                    kinds), capability (derived household rules), support_rule (one that
 *                    is a condition); longitude, latitude (household indicators);
 *                    wage_income (the kind of income that wages of new work become);
 *                    rest_days, quiet_hours, summary_at (profile/calendar.h)
 *   levels.csv       level,code,label_en,label_zh,tenant,code_length
 *   units.csv        code,label_en,label_zh,money (yes: in the profile's currency)
 *   indicators.csv   number,code,subject,type,decimals,unit,list,min,max,core,secret,
 *                    group,label_en,label_zh,question_en,question_zh,help_en,help_zh,source
 *   codes.csv        list,code,label_en,label_zh,aliases,era,order
 *   groups.csv       code,subject,label_en,label_zh,order
 *   incomes.csv      number,code,parent,sign,label_en,label_zh,source
 *   thresholds.csv   code,area,from,to,value,unit,label_en,label_zh,source
 *   eras.csv         code,from,label_en,label_zh
 *   crosswalk.csv    list,era_from,code_from,era_to,code_to,note
 *   roles.csv        code,label_en,label_zh,level,permissions
 *   mapping/NAME.csv see profile/mapping.h
 *   derived.csv, checks.csv, indexes.csv … see profile/rules.h
 *   lists.csv, list_rules.csv, list_priors.csv see profile/lists.h
 *   calendar.csv; org_kinds.csv, options.csv, workflow*.csv; measure*.csv, tapers.csv;
 * alerts.csv, shipping.csv, goods.csv: see profile/calendar.h, workflows.h, measures.h … */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include "base/cx.h"
#include "base/text.h"
#include "base/value.h"

/* A text in every language. */
struct label {
    const char *in[LANG_COUNT];
};
#define LABEL(cx, label_) ((label_).in[(cx)->lang])

struct level {
    int number; /* 0 = top */
    const char *code;
    struct label label;
    bool tenant;     /* the level whose areas are the "county" of every key */
    int code_length; /* characters of an official code, 0 = any */
};

enum subject { SUBJECT_HOUSEHOLD, SUBJECT_PERSON, SUBJECT_AREA };
enum { SUBJECT_COUNT = 3 };
enum indicator_type {
    TYPE_INTEGER,
    TYPE_DECIMAL, /* int64 scaled by 10^decimals */
    TYPE_MONEY,   /* minor units */
    TYPE_BOOL,    /* 0, 1 */
    TYPE_CODE,    /* one code of a list */
    TYPE_CODES,   /* set of codes as bits */
    TYPE_DAY,     /* days since 1970 */
    TYPE_MONTH,   /* year * 12 + month - 1 */
    TYPE_TEXT,
};

struct code {
    int32_t code;
    struct label label;
    const char *const *aliases; /* other spellings an import accepts; NULL-terminated */
    const char *era; /* eras in which it is used, separated by blanks; "" = all (code_in_era) */
    int32_t order;
};
struct code_list {
    const char *name;
    const struct code *codes; /* in page order */
    size_t code_count;
    const struct code_index *index; /* by number and by spelling; private to the room */
};

struct indicator {
    int32_t number;   /* stable, never reused */
    const char *code; /* also the column's name in SQL and in files */
    enum subject subject;
    enum indicator_type type;
    unsigned decimals; /* TYPE_DECIMAL; TYPE_MONEY: the currency's */
    const char *unit;  /* code of units.csv; "" = none */
    struct label unit_label;
    const struct code_list *list; /* TYPE_CODE, TYPE_CODES */
    bool has_min, has_max;
    int64_t min, max; /* in stored units; TYPE_TEXT: max characters */
    bool core;        /* a column of its own; else packed in `extra` */
    bool secret;      /* encrypted with the person's key */
    const char *group;
    struct label label, question, help;
    const char *source;
    int index; /* position among the indicators of its subject: 0.. */
};
struct indicator_group {
    const char *code;
    enum subject subject;
    struct label label;
    int32_t order;
};
struct income_kind {
    int32_t number;
    const char *code;
    const struct income_kind *parent; /* NULL: top */
    int sign;                         /* +1 income, -1 cost */
    struct label label;
    const char *source;
};
struct threshold {
    const char *code;
    const char *area_code;    /* official code; "" = everywhere */
    int32_t from_day, to_day; /* both included; open: INT32_MAX */
    int64_t value;            /* scaled by 10^decimals; money: minor units */
    unsigned decimals;
    bool money; /* its unit is money */
    const char *unit;
    struct label unit_label;
    struct label label;
    const char *source;
};
struct era {
    const char *code;
    int32_t from_day;
    struct label label;
};
/* What became of a code of an era in the next one. */
struct crosswalk {
    const struct code_list *list;
    const char *era_from, *era_to;
    int32_t code_from, code_to;
    const char *note;
};
struct role {
    const char *code;
    struct label label;
    const char *level;              /* level of areas it is given for; "" = any */
    const char *const *permissions; /* NULL-terminated */
};

struct mapping;       /* profile/mapping.h */
struct profile_rules; /* profile/rules.h */
struct list_kinds;    /* profile/lists.h */
struct calendar;      /* profile/calendar.h */
struct workflows;     /* profile/workflows.h */
struct measures;      /* profile/measures.h */
struct shipping;      /* profile/shipping.h */
struct goods;         /* profile/goods.h */
struct alert_rules;   /* profile/alerts.h */

struct profile {
    const char *code, *version, *era, *currency, *currency_sign, *country;
    struct label name;
    unsigned currency_decimals;
    int32_t zone_offset_min;
    int32_t year_start_month;
    const char *identity_check;  /* "mod11_2" or "none" */
    int32_t identity_length;     /* 0 = any */
    const char *identity_longer; /* other lengths in use, e.g. "20 22": the number and what
                                    follows it */
    int32_t identity_birth_at;   /* place of YYYYMMDD in the number, from 1; 0 = not in it */
    int32_t identity_sex_at; /* place of a digit that is odd for the sex list's first code; 0 */
    int32_t phone_length;    /* 0 = any */
    const char *name_order;  /* "family_first" or "given_first" */
    const struct str
        *name_endings; /* what kinds of areas are called at the end of their names */
    size_t name_ending_count;
    bool person_name_required;
    const struct code_list *relation_list, *sex_list;
    int32_t relation_head_code;
    const struct indicator *list_columns[8]; /* of the household list */
    size_t list_column_count;
    const struct indicator *welfare[4], *poverty_groups[12], *cause_columns[8];
    size_t welfare_count, poverty_group_count, cause_column_count;
    const char *poverty_lines[8]; /* codes of thresholds */
    size_t poverty_line_count;
    const struct income_kind *earned_incomes[8], *transferred_incomes[8];
    size_t earned_income_count, transferred_income_count;
    const struct income_kind *wage_income; /* NULL: wages of help are not recorded */
    const char *capability[8]; /* codes of derived household rules: what households can */
    size_t capability_count;
    const char *support_rule; /* code of a derived condition: who has support; NULL */
    const struct indicator *longitude, *latitude; /* NULL: the profile has none */
    const struct profile_rules *rules;            /* never NULL */
    const struct list_kinds *compared;            /* lists of other departments; never NULL */
    const struct calendar *calendar;              /* these four: never NULL */
    const struct workflows *workflows;
    const struct measures *measures;
    const struct shipping *shipping; /* NULL: nothing is sold by this profile */
    const struct goods *goods;       /* NULL: nothing is sold by this profile */
    const struct alert_rules *alerts;
    const struct level *levels;
    size_t level_count;
    int tenant_level;
    const struct indicator *indicators; /* all, by number */
    size_t indicator_count;
    const struct indicator *const *of[SUBJECT_COUNT]; /* by subject, in page order */
    size_t of_count[SUBJECT_COUNT];
    const struct indicator_group *groups;
    size_t group_count;
    const struct code_list *lists;
    size_t list_count;
    const struct income_kind *incomes;
    size_t income_count;
    const struct threshold *thresholds;
    size_t threshold_count;
    const struct era *eras; /* oldest first */
    size_t era_count;
    const struct crosswalk *crosswalks;
    size_t crosswalk_count;
    const struct role *roles;
    size_t role_count;
    const struct mapping *const *mappings;
    size_t mapping_count;
    uint8_t hash[32];            /* of all files, in order of name */
    struct profile_private *own; /* arena, indexes and statements; profile_impl.h */
};

/* One mistake in a profile's files. */
struct profile_fault {
    const char *file;
    int64_t row; /* line number; 0 = the file itself */
    const char *field, *value;
    const char *message; /* what was expected, in cx's language */
};
struct profile_faults {
    struct profile_fault *rows; /* at most 1,000 */
    size_t count;
};

/* Loads and checks a folder. All mistakes are collected in *faults; any mistake gives
 * RC_INVALID. Owned by caller, free with profile_free. */
enum rc profile_load(struct profile **out, struct profile_faults *faults, struct cx *cx,
                     const char *folder) MUST_USE;
/* Loads one of the profiles carried in the program ("cn", "vlss"). */
enum rc profile_load_embedded(struct profile **out, struct profile_faults *faults,
                              struct cx *cx, const char *name) MUST_USE;
void profile_free(struct profile *p);
/* Writes the embedded profile's files into a folder (fumin init). */
enum rc profile_write_embedded(struct cx *cx, const char *name, const char *folder) MUST_USE;

const struct indicator *profile_indicator(const struct profile *p, enum subject subject,
                                          struct str code);
const struct indicator *profile_indicator_number(const struct profile *p, int32_t number);
const struct code_list *profile_list(const struct profile *p, struct str name);
const struct code *code_of(const struct code_list *list, int64_t code); /* NULL: unknown */
/* Is the code used in that era? */
bool code_in_era(const struct code *code, const char *era);
/* The code of `list` that stands in era `to` for what `code` was in era `from` (not later than
 * `to`), step by step through the eras; a code used in both stays. -1: unknown. */
int32_t profile_crosswalk(const struct profile *p, const struct code_list *list,
                          const char *from, int32_t code, const char *to);
/* By label in any language, alias or the number itself; blanks and width do not matter. */
const struct code *code_parse(const struct code_list *list, struct cx *cx, struct str text);
const struct income_kind *profile_income(const struct profile *p, int64_t number);
const struct income_kind *profile_income_code(const struct profile *p, struct str code);
const struct role *profile_role(const struct profile *p, struct str code);
const struct mapping *profile_mapping(const struct profile *p, struct str name);
/* The threshold of that code in force on a day in an area given by its official codes, most
 * specific first; NULL when none. */
const struct threshold *profile_threshold(const struct profile *p, struct str code,
                                          const struct str *area_codes, size_t area_code_count,
                                          int32_t day);

/* A value as people read it: label of the code, "yes", "1,234.50 yuan", "2026-11-23". */
const char *value_show(struct cx *cx, const struct indicator *ind, struct value v);
/* A value as files hold it: code number (sets: "1|3"), 0/1, plain decimal without trailing
 * zeros, ISO day, ISO month; "" when missing. value_parse reads it back. */
const char *value_plain(struct cx *cx, const struct indicator *ind, struct value v);
/* Reads a cell of a file or a form field. Accepts labels, aliases and numbers of codes; 是/否,
 * yes/no, 1/0; Excel day serials when `excel_days`; thousands separators; full width. Empty
 * gives VALUE_MISSING. On failure RC_INVALID and *expected says what was expected, translated
 * ("one of: 1 Head, 2 Spouse …"), with no err set. A text shares the cell's bytes. */
enum rc value_parse(struct value *out, const char **expected, struct cx *cx,
                    const struct indicator *ind, struct str cell, bool excel_days) MUST_USE;

#endif

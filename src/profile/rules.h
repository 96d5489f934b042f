/* What the profile says by rules: derived indicators, checks, indexes of deprivations. Loaded
 * and compiled with the profile (a mistake in a rule is a mistake of its file, with the place).
 *
 * Further files of the folder:
 *   derived.csv      code,subject,rule,unit,label_en,label_zh,help_en,help_zh,source
 *   checks.csv       number,code,subject,severity (error | warning | note),group,rule,from,to
 * (eras; empty: always),message_en,message_zh,hint_en,hint_zh,source check_groups.csv
 * code,label_en,label_zh,order indexes.csv      code,k
 * (1/3),label_en,label_zh,help_en,help_zh,source deprivations.csv
 * index,code,dimension,dimension_en,dimension_zh,weight,rule,label_en,label_zh,
 *                    help_en,help_zh,source
 * A check's subject is household, person or area; it fires where its rule is true. */
#ifndef PROFILE_RULES_H
#define PROFILE_RULES_H

#include "profile/profile.h"
#include "rule/rule.h"

struct derived {
    const char *code;
    enum subject subject;
    const char *rule, *unit; /* unit "" or of units.csv */
    struct label label, help;
    const char *source;
};
enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };
struct check_group {
    const char *code;
    struct label label;
    int32_t order;
};
struct check {
    int32_t number; /* never used again for another */
    const char *code;
    enum subject subject;
    enum severity severity;
    const struct check_group *group;
    const char *rule;
    const char *era_from, *era_to; /* "" open */
    struct label message;          /* what is wrong, a sentence */
    struct label hint;             /* what to do */
    const char *source;
};
struct deprivation {
    const char *code, *dimension;
    struct label dimension_label;
    int32_t weight;
    const char *rule; /* household level, a condition */
    struct label label, help;
    const char *source;
};
struct poverty_index {
    const char *code;
    int64_t k_num, k_den;
    struct label label, help;
    const char *source;
    const struct deprivation *deprivations;
    size_t count;                       /* at most 16 */
    const struct rule_program *program; /* root j = deprivation j */
};
/* profile->rules */
struct profile_rules {
    const struct derived *derived;
    size_t derived_count;
    const struct check_group *check_groups;
    size_t check_group_count;
    const struct check *checks; /* by number */
    size_t check_count;
    const struct poverty_index *indexes;
    size_t index_count;
    const struct rule_dictionary *dictionary;   /* all names of the profile */
    const struct rule_program *derived_program; /* root i = derived i */
    const struct rule_program *check_program;   /* root i = check i */
};
/* Ids of fields in the dictionary are indicator numbers or enum fixed_column
 * (register/columns.h); names of the fixed ones: household `size`; person `sex`, `birth`, `age`
 * (years(birth)), `relation`, `identity_length`, `identity_valid`, `identity_birth_agrees`,
 * `identity_sex_agrees`, `identity_twice`, `phone_known`, `phone_valid`, `phone_shared`. Income
 * kinds: `income.CODE`. Thresholds: their code, id = index of the first row of that code in
 * profile->thresholds. */

/* What a name of the dictionary is called in cx's language. (rule_name.label is English.) */
const char *profile_name_label(struct cx *cx, const struct profile *p,
                               const struct rule_name *name);

const struct check *profile_check(const struct profile *p, int64_t number);
const struct poverty_index *profile_index(const struct profile *p, struct str code);
/* Is the check in force in that year's era? */
bool check_in_year(const struct profile *p, const struct check *c, int32_t year);
/* First and last day of an income year. It is named after the calendar year in which it ends:
 * with year_start_month 10, 2026 is 2025-10-01 to 2026-09-30. */
int32_t profile_year_first(const struct profile *p, int32_t year);
int32_t profile_year_last(const struct profile *p, int32_t year);

#endif

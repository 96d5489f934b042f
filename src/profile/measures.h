/* The catalogue of help: what there is, for whom, against which cause, from whom. Loaded with
 * the profile; all files are optional.
 *
 *   measure_groups.csv
 *
 * code,label_en,label_zh,picture (name of a drawing of help/),order. Fourteen in profile/cn.
 *
 *   measures.csv
 *
 * number,code,group,subject (household | person | area),rule,answers,needs,excludes,cost,unit,
 * department,days,evidence,effect_column,label_en,label_zh,help_en,help_zh,evidence_en,
 * evidence_zh,source. rule: who may get it, a condition at the subject's level. answers: codes
 * of derived household conditions (causes), by blanks. needs: numbers of the list `need_kind`,
 * by blanks. excludes: codes of measures not at the same time. cost: usual amount per unit in
 * the currency ("1200.50"); unit: of units.csv, needed with a cost. department: an org kind.
 * days: usual days until it is there. evidence: 0 none … 3 strong (above 0 with its text).
 * effect_column: the household indicator in which an effect should show.
 *
 *   tapers.csv
 *
 * code,rule,from_month,percent,label_en,label_zh,source. How help with income gets less when a
 * household earns more by new activity: rule: whom it concerns (household condition); in the
 * months from `from_month` after the new income began the household keeps `percent` of it; rows
 * of a code together, in order of from_month, the first with month 0, rule and labels.
 *
 * Lists of codes.csv used here: need_kind; urgency (in order: the first code can wait longest,
 * the last is the most urgent). */
#ifndef PROFILE_MEASURES_H
#define PROFILE_MEASURES_H

#include "profile/profile.h"
#include "profile/rules.h"

struct measure_group {
    const char *code, *picture;
    struct label label;
    int32_t order;
};
struct measure {
    int32_t number; /* never used again for another */
    const char *code;
    const struct measure_group *group;
    enum subject subject;
    const char *rule;
    const struct derived *const *answers; /* household conditions */
    size_t answer_count;
    const int32_t *needs; /* codes of list need_kind */
    size_t need_count;
    const struct measure *const *excludes;
    size_t exclude_count;
    int64_t cost_minor; /* per unit; 0: not known */
    const char *unit, *department;
    struct label unit_label;
    int32_t days;
    int32_t evidence;                      /* 0 … 3 */
    const struct indicator *effect_column; /* NULL */
    struct label label, help, evidence_text;
    const char *source;
    size_t root; /* in measures.program */
};
struct taper_step {
    int32_t from_month, percent;
};
struct taper {
    const char *code, *rule;
    struct label label;
    const char *source;
    const struct taper_step *steps;
    size_t step_count;
    size_t root; /* in measures.program */
};
/* profile->measures; never NULL */
struct measures {
    const struct measure_group *groups;
    size_t group_count;
    const struct measure *list; /* by number */
    size_t count;
    const struct taper *tapers;
    size_t taper_count;
    const struct code_list *need_kinds, *urgencies; /* NULL without measures */
    const struct rule_program
        *program; /* roots: measures, tapers, then (answer_root) answers */
    const struct derived *const *causes; /* all that any measure answers, without duplicates */
    size_t cause_count;
    size_t cause_root; /* root of causes[0]; the others follow */
};
const struct measure *profile_measure(const struct profile *p, int64_t number);
const struct measure *profile_measure_code(const struct profile *p, struct str code);

#endif

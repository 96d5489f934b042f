/* Lists of other departments as the profile knows them: kinds of lists, what is compared with
 * the register, and what a match of two records is worth. Loaded with the profile.
 *
 * Further files of the folder (all three, or none: then nothing can be compared):
 *   lists.csv code,label_en,label_zh,department_en,department_zh,mapping,days,upper,lower,
 *                    help_en,help_zh,source
 *                    (mapping: of the folder mapping/, never offered for imports; days:
 * deadline of its findings; upper, lower: percent, see register/compare.h) list_rules.csv
 * list,code,person,rule,severity,message_en,message_zh,hint_en,hint_zh,source (person: listed |
 * unlisted; a finding for everybody of whom the rule, written at a person's level, is true and
 * who is, or is not, in the list) list_priors.csv  field,level,m,u,source (m, u: probabilities
 * of that level among records of the same person and of two persons; those of a field add up to
 * 1) */
#ifndef PROFILE_LISTS_H
#define PROFILE_LISTS_H

#include "profile/profile.h"
#include "profile/rules.h"

/* How two records are compared: fields, and the levels of each from different to same. */
enum match_field {
    MATCH_NAME,
    MATCH_BIRTH,
    MATCH_SEX,
    MATCH_AREA,
    MATCH_IDENTITY,
    MATCH_PHONE,
};
enum { MATCH_FIELDS = 6, MATCH_LEVELS = 4, MATCH_UNIT = 1000000 };
/* Levels of each field; 0 = different. */
enum name_level { NAME_DIFFERENT, NAME_ONE_CHARACTER, NAME_PINYIN, NAME_EXACT };
enum birth_level { BIRTH_DIFFERENT, BIRTH_YEAR, BIRTH_SWAPPED, BIRTH_EXACT };
enum sex_level { SEX_DIFFERENT, SEX_SAME };
enum place_level { PLACE_DIFFERENT, PLACE_TOWNSHIP, PLACE_VILLAGE };
enum identity_level { IDENTITY_DIFFERENT, IDENTITY_ENDS, IDENTITY_VISIBLE, IDENTITY_NEAR };
enum phone_level { PHONE_DIFFERENT, PHONE_SAME };
/* How many levels a field has. */
int match_level_count(enum match_field field);

struct match_priors {
    int32_t m[MATCH_FIELDS][MATCH_LEVELS], u[MATCH_FIELDS][MATCH_LEVELS]; /* of MATCH_UNIT */
};
struct list_rule {
    const char *code;
    bool listed; /* for people in the list; else for those who are not */
    const char *rule;
    enum severity severity;
    struct label message, hint;
    const char *source;
    size_t root; /* in list_kinds.program */
};
struct list_kind {
    const char *code;
    struct label label, department, help;
    const struct mapping *mapping;
    int32_t days;
    int32_t upper, lower; /* of MATCH_UNIT */
    const char *source;
    const struct list_rule *rules;
    size_t rule_count;
};
/* profile->compared */
struct list_kinds {
    const struct list_kind *kinds;
    size_t count;
    struct match_priors priors;
    const struct rule_program *program; /* NULL without kinds */
};

const struct list_kind *profile_list_kind(const struct profile *p, struct str code);
const struct list_rule *list_rule_find(const struct list_kind *kind, struct str code);
/* Does the mapping belong to a list? Then it is nothing for imports and exports. */
bool profile_is_list_mapping(const struct profile *p, const struct mapping *m);

#endif

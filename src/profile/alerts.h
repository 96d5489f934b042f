/* Rules that raise alerts. Loaded with the profile; the file is optional.
 *
 *   alerts.csv
 *
 * number,code,subject (household | person),source_kind (register | list | task |
 * disaster),list, rule,colour (red | orange |
 * yellow),again_days,days,cause,measure,truth,label_en,label_zh,
 * message_en,message_zh,todo_en,todo_zh,source
 *
 * register: `rule` over the columns is true; list: a finding of the rule named in `list` as
 * LIST.RULE of list_rules.csv; task: a task of the household is overdue by `again_days`;
 * disaster: raised by disaster mode only. again_days: no second alert of this rule for the
 * household within so many days; days: working days to check; cause: a derived household
 * condition; measure: a code of measures.csv; truth: a household condition asked a year later:
 * was the alert right? */
#ifndef PROFILE_ALERTS_H
#define PROFILE_ALERTS_H

#include "profile/measures.h"
#include "profile/profile.h"
#include "profile/rules.h"

enum alert_colour { ALERT_YELLOW = 1, ALERT_ORANGE = 2, ALERT_RED = 3 };
enum alert_source { ALERT_REGISTER, ALERT_LIST, ALERT_TASK, ALERT_DISASTER };
struct alert_rule {
    int32_t number; /* never used again for another */
    const char *code;
    enum subject subject;
    enum alert_source kind;
    const char *list; /* "LIST.RULE"; "" */
    const char *rule; /* "" */
    enum alert_colour colour;
    int32_t again_days, days;
    const struct derived *cause;   /* NULL */
    const struct measure *measure; /* NULL */
    const char *truth;             /* "" */
    struct label label, message, todo;
    const char *source;
    int64_t root, truth_root; /* in alert_rules.program; -1: none */
};
/* profile->alerts; never NULL */
struct alert_rules {
    const struct alert_rule *list; /* by number */
    size_t count;
    const struct rule_program *program; /* rules, then truths; NULL without */
};
const struct alert_rule *profile_alert(const struct profile *p, int64_t number);
const struct alert_rule *profile_alert_code(const struct profile *p, struct str code);
/* The rule that LIST.RULE of a comparison raises; NULL. */
const struct alert_rule *profile_alert_of_list(const struct profile *p, struct str list,
                                               struct str rule);

#endif

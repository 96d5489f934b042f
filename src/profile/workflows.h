/* Workflows, kinds of organisations and switches as the profile knows them. Loaded with the
 * profile; all files are optional (a profile without workflows.csv has no casework).
 *
 *   org_kinds.csv
 *
 * code,label_en,label_zh,lead (yes | no; one at most),order
 *
 *   options.csv
 *
 * code,area,value,label_en,label_zh,help_en,help_zh,source. A switch (yes, no), a number or a
 * word; `area` an official code, empty: everywhere, as in thresholds.csv. The first row of a
 * code has the labels and is for everywhere.
 *
 *   workflows.csv
 *
 * code,subject (household | area | plain),kind (identify | exit | watch | grievance | other:
 * what program pages open it for),level (of the area whose people open
 * it),permission,label_en,label_zh,help_en,help_zh,source
 *
 *   workflow_states.csv
 *
 * workflow,code,kind (start | work | notice | vote | watch | end),tone (ok | warn | bad |
 * quiet),permission,level,days,working (yes | no),after_days,option,skip_to,label_en,label_zh,
 * todo_en,todo_zh,told_en,told_zh,source. Permission and level: who has to act, in the flow's
 * area or the area of that level above it (level empty: the workflow's). days: deadline, empty:
 * none; work and vote need one. after_days: earliest day to go forward (public notice,
 * observation). option: when that switch is "no" the state is passed over to skip_to. todo:
 * what to do next (not for ends). told: what the household is told.
 *
 *   workflow_moves.csv
 *
 * workflow,from,event,to,kind (forward | back | refuse | object | close | appeal | reopen |
 * auto),permission,level,guard,guard_kind (must | advice),reason (yes | no),snapshot (yes |
 * no),two (yes | no: two different people must have signed the state),label_en,label_zh,
 * help_en,help_zh,source. Permission and level empty: the state's own (auto: none). guard: a
 * condition of the rule language at the subject's level. auto: made by the clock when
 * after_days are over and the guard, if any, holds. An end is left only by appeal and reopen.
 *
 *   workflow_fields.csv
 *
 * workflow,event,code,type (text | integer | money | day | month | bool | code | codes | file |
 * signature),list,required,min,max,label_en,label_zh,sets,source. What the form of a move asks;
 * sets: an indicator of the subject, of the same type and list, that takes the answer when the
 * move is made.
 *
 *   workflow_sets.csv
 *
 * workflow,event,indicator,value (a code's number, a plain value, `today`, `missing`): what a
 * move writes into the register besides. */
#ifndef PROFILE_WORKFLOWS_H
#define PROFILE_WORKFLOWS_H

#include "profile/profile.h"
#include "profile/rules.h"

#include <string.h>

struct org_kind {
    const char *code;
    struct label label;
    bool lead;
    int32_t order;
};
struct option {
    const char *code, *area_code, *value; /* "yes", "no", a number or a word */
    struct label label, help;
    const char *source;
};
enum flow_subject { FLOW_HOUSEHOLD = 1, FLOW_AREA = 2, FLOW_PLAIN = 3 };
enum state_kind { STATE_START, STATE_WORK, STATE_NOTICE, STATE_VOTE, STATE_WATCH, STATE_END };
enum move_kind {
    MOVE_FORWARD,
    MOVE_BACK,
    MOVE_REFUSE,
    MOVE_OBJECT,
    MOVE_CLOSE,
    MOVE_APPEAL,
    MOVE_REOPEN,
    MOVE_AUTO
};
enum field_type {
    FIELD_TYPE_TEXT,
    FIELD_TYPE_INTEGER,
    FIELD_TYPE_MONEY,
    FIELD_TYPE_DAY,
    FIELD_TYPE_MONTH,
    FIELD_TYPE_BOOL,
    FIELD_TYPE_CODE,
    FIELD_TYPE_CODES,
    FIELD_TYPE_FILE,
    FIELD_TYPE_SIGNATURE /* the name of who signs, typed by them */
};
struct workflow_field {
    const char *code;
    enum field_type type;
    const struct code_list *list;
    bool required, has_min, has_max;
    int64_t min, max; /* text: characters; money: minor units */
    struct label label;
    const struct indicator *sets; /* NULL */
    const char *source;
};
struct workflow_set {
    const struct indicator *indicator;
    struct value value;
    bool today; /* the day (month) of the move */
};
struct workflow_state {
    const char *code;
    enum state_kind kind;
    const char *tone, *permission, *level; /* permission "": nobody (ends) */
    int32_t days, after_days;              /* days -1: no deadline */
    bool working;
    const char *option, *skip_to; /* "" */
    struct label label, todo, told;
    const char *source;
};
struct workflow_move {
    const char *from, *event, *to;
    enum move_kind kind;
    const char *permission, *level; /* never "" for moves of people: filled from the state */
    const char *guard;              /* "" none */
    bool guard_must, needs_reason, snapshot, two;
    struct label label, help;
    const char *source;
    const struct workflow_field *fields;
    size_t field_count;
    const struct workflow_set *sets;
    size_t set_count;
    int64_t root; /* of the guard in workflow.program; -1 none */
};
struct workflow {
    const char *code;
    enum flow_subject subject;
    const char *kind, *level, *permission;
    struct label label, help;
    const char *source;
    const struct workflow_state *states; /* in the file's order: that of the chain */
    size_t state_count;
    const struct workflow_move *moves;
    size_t move_count;
    const struct rule_program *program; /* of the guards; NULL none */
};
/* profile->workflows; never NULL */
struct workflows {
    const struct workflow *list;
    size_t count;
    const struct org_kind *org_kinds;
    size_t org_kind_count;
    const struct option *options;
    size_t option_count;
};

const struct workflow *profile_workflow(const struct profile *p, struct str code);
/* The first workflow of that kind; NULL. */
const struct workflow *profile_workflow_kind(const struct profile *p, const char *kind);
const struct workflow_state *workflow_state(const struct workflow *w, struct str code);
const struct workflow_state *workflow_start(const struct workflow *w);
/* The move for an event in a state; NULL: there is none. */
const struct workflow_move *workflow_move(const struct workflow *w, struct str from,
                                          struct str event);
const struct org_kind *profile_org_kind(const struct profile *p, struct str code);
/* The switch in an area given by its official codes, most specific first; NULL unknown. */
const struct option *profile_option(const struct profile *p, struct str code,
                                    const struct str *area_codes, size_t area_code_count);
static inline bool option_on(const struct option *o)
{
    return !o || (strcmp(o->value, "no") != 0 && strcmp(o->value, "0") != 0);
}
/* The level of that code; -1: none. */
int profile_level(const struct profile *p, const char *code);

#endif

/* Rules that a county's office writes itself: checks, named lists of households or people, and
 * figures, in the language of rule/rule.h. Each saving is a version that stays for ever; one is
 * in use. A rule in force has only test cases that pass. What it finds is computed when it is
 * asked for (own_rule_count.c); nothing of it is stored. */
#ifndef REGISTER_OWN_RULE_H
#define REGISTER_OWN_RULE_H

#include "register/check.h"

enum {
    OWN_RULES_MAX = 200,   /* of a county */
    OWN_VERSIONS_MAX = 60, /* kept in sight; older ones stay stored */
    OWN_CODE_MAX = 40,
    OWN_MESSAGE_MAX = 300, /* characters */
    OWN_HINT_MAX = 500,
    OWN_NOTE_MAX = 1000,
    OWN_RULE_BYTES = 4096,
    OWN_CASES_BYTES = 8192,
    OWN_CASES_MAX = 50,
    OWN_CASE_PEOPLE_MAX = 30,
    OWN_CASE_FACTS_MAX = 200,
};
enum own_state { OWN_IN_FORCE, OWN_DRAFT, OWN_RETIRED }; /* in the order of lists */
enum own_kind {
    OWN_CHECK, /* a condition that should not be true: severity, message, hint */
    OWN_LIST,  /* a condition with a name */
    OWN_FIGURE /* anything else: a number, a day */
};
struct own_rule {
    int64_t county, id;
    int32_t version;
    int32_t origin; /* the version whose content this is: its own number, or an older one */
    const char *code;
    enum subject subject; /* household or person */
    enum own_kind kind;
    enum severity severity;
    enum own_state state;
    const char *rule, *message, *hint, *note, *cases; /* never NULL */
    int64_t at, user_id;
};

/* ---- reading ---- */

/* May the actor look at the county's rules: has profile.view in it, above it or in a part? */
bool own_rule_may_look(struct cx *cx, const char *county_path);
/* Whose rules: the county of an area, or the choice on the way to one. */
struct own_place {
    bool has_county;
    struct area county;         /* the county's own area */
    struct area area;           /* what was asked for, in it (or it) */
    const struct area *choices; /* without a county: areas one step down */
    size_t choice_count;
    bool may_edit; /* rule.edit in the whole county */
};
/* area_id 0: the actor's own area, or the only county there is. RC_NOTFOUND outside of the
 * actor's areas. */
enum rc own_place_find(struct own_place *out, struct cx *cx, int64_t area_id) MUST_USE;
/* The newest versions, those in force first, then by kind and code; at most OWN_RULES_MAX. The
 * caller has checked that the actor may look. */
enum rc own_rule_list(struct own_rule **out, size_t *count, struct cx *cx,
                      int64_t county) MUST_USE;
/* The newest version. RC_NOTFOUND also when it is of a county that is not for the actor. */
enum rc own_rule_get(struct own_rule *out, struct cx *cx, int64_t id) MUST_USE;
/* All versions, newest first. The caller got the rule by own_rule_get. */
enum rc own_rule_versions(struct own_rule **out, size_t *count, struct cx *cx,
                          const struct own_rule *rule) MUST_USE;
/* ---- compiling and trying ---- */

/* RC_INVALID: *fault is the mistake; no err is set. Checks and lists must be conditions. */
enum rc own_rule_compile(const struct rule_program **out, struct rule_fault *fault,
                         struct cx *cx, const struct own_rule *rule) MUST_USE;

/* One line of test cases:
 *     yes: size = 3; house_grade = 'D' | birth = 2015-03-01; student = 'Not at school'
 * Before the colon what the rule must answer: yes, no, unknown, or for a figure its value. Then
 * facts: of the household (and its area, and limits by name), behind each | those of a person.
 * In a rule about people the answer is the first person's, whose facts may also stand with the
 * household's. `last_year.x`, `earlier.2.x`: of years before; `today = DAY` sets the day. What
 * is not said is not known, but for: size (the people named), limits (those in force in the
 * county), money of a kind (what is named below it; with any money named, else 0). A derived
 * name that is given stands for its rule. Empty lines and what follows # are left out. */
struct own_case {
    size_t line; /* of the cases' text, from 1 */
    const char *text;
    const char *problem;        /* the line is not understood; NULL */
    bool passed;                /* never with a problem */
    const char *expected, *got; /* in words */
};
/* Runs all cases of rule->cases. The rule compiles (else RC_INVALID without err). RC_LIMIT: too
 * many lines or bytes. */
enum rc own_cases_run(struct own_case **out, size_t *count, struct cx *cx,
                      const struct own_rule *rule) MUST_USE;

/* ---- writing ---- */

/* Why a rule cannot be saved. */
struct own_problem {
    const char *field; /* "code", "rule", "message", "cases" … */
    const char *text;  /* in cx's language */
};
/* Makes `rule` the newest version, or a new rule when its id is 0. rule->version is the version
 * that was looked at: when somebody saved since, RC_CONFLICT and *newer is theirs. RC_INVALID:
 * *problem says what and where. Saving what is saved already makes no version. Permission
 * rule.edit in the whole county. Gives *rule its id and version. Opens its own write. */
enum rc own_rule_save(struct own_rule *rule, struct own_problem *problem,
                      struct own_rule *newer, struct cx *cx) MUST_USE;
/* Goes back: the content before that of `version` (the newest, as it was looked at) becomes a
 * new version. Undoing again goes further back. What was in force and cannot be any more (a
 * case fails, the profile changed) comes back as a draft, with the reason in *problem.
 * RC_INVALID: there is nothing before, or the code is another rule's now. RC_CONFLICT as above.
 */
enum rc own_rule_undo(struct own_rule *out, struct own_problem *problem, struct cx *cx,
                      int64_t id, int32_t version) MUST_USE;
/* Index in versions (newest first, as own_rule_versions gives them) of what an undo brings
 * back; -1: nothing. */
int own_rule_before(const struct own_rule *versions, size_t count);

/* ---- what it finds ---- */

/* Rows of the rule's subject: true, false, not known; households: with one that is true. Of a
 * figure: known stands in yes. */
struct own_tally {
    int64_t yes, no, unknown, households;
};
/* For each rule, over the place. A rule that does not compile: all -1. */
enum rc own_rules_count(struct own_tally **out, struct cx *cx, const struct check_place *place,
                        int32_t year, const struct own_rule *rules, size_t count) MUST_USE;

/* A rule worked out over a place and held open as the checks are (check.h): check 0 of `c` is
 * the rule, so that check_list, check_nodes_of and check_facts answer for it. A figure fires
 * nowhere. */
struct own_open {
    struct check_county c;
    struct rule_type type;
    struct rule_figures figures; /* zero divisions, overflows: of the place */
    uint64_t *seen, *known,
        *yes; /* bits by row of the subject: worked out; has a value; true */
    int64_t yes_count;
    int64_t *value; /* a number, day or month, by row; NULL for other types */
    size_t rows;
    struct arena *arena; /* of these */
};
/* RC_LIMIT when cx's deadline passes: a smaller area is quicker. */
enum rc own_rule_open(struct own_open *out, struct cx *cx, const struct own_rule *rule,
                      const struct rule_program *program, const struct check_place *place,
                      int32_t year) MUST_USE;
void own_rule_close(struct own_open *o);
/* The rule as a check without number: subject, severity, message (or code) and hint. */
const struct check *own_rule_check(struct cx *cx, const struct own_rule *rule);
/* Sums by node (see check_nodes): node_of[area] < node_count or -1. */
void own_rule_tally(struct own_tally *tally, const struct own_open *o, const int32_t *node_of);
/* Smallest, median (the lower of the middle two) and largest known value of a figure; false:
 * none is known. */
struct own_spread {
    int64_t least, median, most;
};
bool own_rule_spread(struct own_spread *out, const struct own_open *o);
/* A value of the rule's type as people read it. */
const char *own_rule_show(struct cx *cx, struct rule_type type, int64_t value);

/* The county's checks in force that are true of a household or its people, evaluated now. The
 * caller has checked that the actor may see the household. */
struct own_finding {
    const struct own_rule *rule;
    int64_t person_id; /* 0: the household */
    struct columns_fact *facts;
    size_t fact_count;
};
enum rc own_rule_household(struct own_finding **out, size_t *count, struct cx *cx,
                           int64_t county, int64_t household_id, int32_t year) MUST_USE;

#endif

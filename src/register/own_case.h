/* Inside of test cases: what own_case.c reads and own_case_run.c runs. */
#ifndef REGISTER_OWN_CASE_H
#define REGISTER_OWN_CASE_H

#include "register/own_rule.h"

/* A value that a case gives. */
struct case_fact {
    enum rule_table table;
    int32_t id;
    int back;
    int32_t person; /* from 0; -1: the household */
    int64_t value;
};
/* One line as it was read. */
struct case_line {
    const struct own_rule *rule;
    struct rule_dictionary names; /* the profile's, and what stands in for derived names */
    struct rule_name *own_names;  /* names.names, to be changed; the stand-ins at the end */
    size_t profile_count;         /* of the profile's names */
    struct case_fact *facts;
    size_t fact_count;
    int32_t people;
    int32_t day, year; /* year 0: that of the day */
    struct str expected;
    const char *problem; /* not understood, and why */
};
/* Where a case stands: for limits that it does not give. */
struct case_place {
    const struct str *area_codes; /* most specific first */
    size_t area_code_count;
    int32_t today;
};

/* Reads one line (without its comment). Mistakes are line->problem. */
void case_read(struct case_line *out, struct cx *cx, const struct own_rule *rule,
               const struct case_place *place, struct str text);
/* Full-width signs and curved quotes, as input methods make them, as plain ones; without what
 * follows #. */
struct str case_plain(struct cx *cx, struct str line);
/* Reads a value of a type; NULL, or what was expected. Missing is RULE_MISSING. */
const char *case_value(int64_t *out, struct cx *cx, const struct rule_type *type,
                       struct str text);
/* All lines of rule->cases; of own_cases_run without looking anything up. */
enum rc case_run_all(struct own_case **out, size_t *count, struct cx *cx,
                     const struct own_rule *rule, const struct case_place *place) MUST_USE;
/* What a value of this type looks like to value_parse and value_show. */
struct indicator case_like(const struct rule_type *type);

#endif

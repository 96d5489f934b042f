/* Inside of casework/: what a case is about, its rules run over the columns, and the frozen
 * decision while it is made. Others use case.h. */
#ifndef CASEWORK_CASE_INNER_H
#define CASEWORK_CASE_INNER_H

#include "casework/case.h"
#include "db/db.h"
#include "register/apply.h"
#include "register/area.h"
#include "store/store.h"

enum {
    CASE_HISTORY_MAX = 200,               /* cases of one household */
    CASE_ANSWERS_MAX = 100,               /* answers of one move */
    CASE_FROZEN_BYTES = 16 * 1024 * 1024, /* one frozen decision */
    CASE_ADVICE_BYTES = 64 * 1024,        /* the advice of one move with its values */
    CASE_REASON_BYTES = 4000,
};

/* Whom or what a flow is about, as the cx's read transaction sees it. */
struct case_subject {
    enum flow_subject kind;
    bool gone;          /* the actor may not see it, or it is no more */
    struct household h; /* FLOW_HOUSEHOLD */
    struct area area;   /* FLOW_AREA; FLOW_HOUSEHOLD: where it lives */
    int32_t year;       /* whose values count: the newest with a sheet; else the income year of
                           today */
    int64_t seq;        /* newest journal entry about a household; 0 */
    const char *title, *place;
};
enum rc case_subject_get(struct case_subject *out, struct cx *cx,
                         const struct flow *f) MUST_USE;
/* The newest entry of the journal about a household; 0: none. */
enum rc case_thing_seq(int64_t *seq, struct cx *cx, int64_t county,
                       int64_t household_id) MUST_USE;
/* The income year in which a day lies. */
int32_t case_year_of(const struct profile *p, int32_t day);
int32_t case_today(const struct cx *cx);

/* A guard with what it read, in both languages. */
struct case_rule {
    const struct workflow_move *move;
    enum advice advice;
    const struct case_part *parts;
    size_t part_count;
    struct columns_fact *facts[LANG_COUNT];
    size_t fact_count;
};
struct case_rules {
    struct case_rule *rules;
    size_t count;
    int64_t seq; /* journal entry up to which they know the register */
};
/* The guards of all moves that leave the flow's state. Opens and closes the county's columns:
 * the cx must not have them open. */
enum rc case_rules_run(struct case_rules *out, struct cx *cx, const struct flow *f,
                       const struct case_subject *s) MUST_USE;
/* The conditions of the profile that a rule's text names, those of a condition that is made of
 * several others in its place; with their values in a row of the columns. */
struct case_where {
    struct columns *c;
    enum subject subject;
    int64_t row;
    int32_t year;
};
enum rc case_parts_of(const struct case_part **out, size_t *count, struct cx *cx,
                      const struct case_where *w, const char *rule) MUST_USE;
/* What the rules advise about a move: its own guard; for a refusal or a closing without one the
 * guard of the first move forward (*contrary: then YES speaks against the move). NULL: none. */
const struct case_rule *case_advice_on(bool *contrary, const struct case_rules *r,
                                       const struct workflow_move *move);
/* "Income per head 5,200.00 yuan; Line 8,800.00 yuan": in a language. */
const char *case_facts_text(struct cx *cx, const struct columns_fact *facts, size_t count);
/* JSON of rules: [{"event","must","advice","facts":[…]}]. `only` NULL: all. */
enum rc case_rules_json(struct str *out, struct cx *cx, const struct case_rules *r,
                        const struct case_rule *only) MUST_USE;

/* One decision on its way into a frozen document. */
struct case_decision {
    const struct flow *flow;
    const struct case_subject *subject;
    const struct case_rules *rules;
    const struct workflow_move *move;
    const struct flow_ask *ask;
};
/* Builds the JSON in cx's read transaction, into an unnamed file in memory (*fd: the caller's).
 */
enum rc case_freeze_build(int *fd, struct cx *cx, const struct case_decision *d) MUST_USE;
/* Keeps it as a sealed document of kind "decision" and closes fd. Outside of transactions. */
enum rc case_freeze_put(int64_t *document_id, struct cx *cx, const struct flow *flow,
                        int fd) MUST_USE;

/* What a move writes into the register. */
struct case_writes {
    bool any;
    int32_t valid_day;
    struct household_record record; /* of a household */
    int64_t area_id;                /* of an area: its sheet of `record.year` */
};
void case_writes_collect(struct case_writes *out, const struct cx *cx,
                         const struct case_subject *s, const struct workflow_move *move,
                         const struct flow_ask *ask);
/* In a write closure of the county, with the frozen document as the source. */
enum rc case_writes_apply(struct cx *cx, const struct case_writes *w, int64_t county,
                          int64_t document_id) MUST_USE;
/* Other open cases of the subject whose automatic moves may hold now are looked at at once. In
 * a write closure. */
enum rc case_wake_others(struct cx *cx, const struct flow *f) MUST_USE;

/* Open cases of households that moved follow them; *moved counts. Outside of write closures. */
enum rc case_follow(int64_t *moved, struct cx *cx) MUST_USE;

/* An indicator that has just what parsing and showing a field's answer looks at. */
struct indicator case_field_like(const struct cx *cx, const struct workflow_field *field);

#endif

/* What the pages of cases show; filled by case_*_page.c. */
#ifndef CASEWORK_CASE_VIEW_H
#define CASEWORK_CASE_VIEW_H

#include "casework/case_inner.h"
#include "web/page.h"

enum { CASE_FORM_BYTES = 256 * 1024, CASE_FILE_BYTES = 64 * 1024 * 1024 };

/* ---- one case ---- */

/* One state of the chain. The mark is a sign and a word, never only a colour. */
struct case_step_view {
    const char *label, *mark, *word, *when; /* when: since when, or NULL */
    bool now, done;
};
struct case_rule_view {
    const char *title, *answer, *tone, *rule, *about;
    bool must;
    const struct columns_fact *facts;
    size_t fact_count;
    struct case_part_view {
        const char *label, *mark, *word;
    } *parts;
    size_t part_count;
};
enum case_input { INPUT_LINE, INPUT_LINES, INPUT_CHOICE, INPUT_CHOICES, INPUT_FILE };
struct case_field_view {
    struct field f;
    enum case_input input;
    const char *kept; /* INPUT_FILE: what was attached already; NULL */
    int64_t document_id;
    bool waits; /* INPUT_FILE: another file goes first, one at a time */
};
struct case_move_view {
    const struct workflow_move *move;
    const char *title, *help, *why_not, *advice, *advice_tone, *error, *tone;
    struct case_field_view *fields;
    size_t field_count;
    struct field reason;
    bool has_file, open, reason_required;
};
struct case_answer_view {
    const char *label, *value, *href;
};
struct case_history_view {
    const char *when, *who, *what, *from_to, *reason, *advice, *advice_tone, *frozen_href;
    struct case_answer_view *answers;
    size_t answer_count;
    struct columns_fact *facts;
    size_t fact_count;
};
struct case_link_view {
    const char *label, *href, *note;
};
struct case_page_view {
    const struct case_view *c;
    const char *title, *workflow, *state, *state_tone, *todo, *told, *due, *who, *subject_href,
        *earliest, *csrf, *error, *problem;
    bool is_late, closed, stranded, may_repair, may_sign, signs_wanted;
    const char *signers;
    struct case_step_view *steps;
    size_t step_count;
    struct case_rule_view *rules;
    size_t rule_count;
    struct case_move_view *moves;
    size_t move_count;
    struct case_history_view *history;
    size_t history_count;
    struct case_link_view *others, *tasks, *tips, *postings;
    size_t other_count, task_count, tip_count, posting_count;
    struct field repair;
};
/* What a form said, kept when it comes back with its mistakes. */
struct case_form_value {
    const struct workflow_field *field;
    struct str text;
    int64_t document_id;
    const char *error;
};
struct case_form {
    struct str event, reason;
    const char *reason_error, *error;
    struct case_form_value *values;
    size_t value_count;
};

/* ---- case_form_page.c ---- */

/* Reads the answers to a move from a posted form: *answers has room for all fields. What cannot
 * be read is noted in the form; false: something was noted. */
bool case_form_read(struct case_form *form, struct flow_answer *answers, size_t *count,
                    struct cx *cx, const struct request *q, const struct workflow_move *move);
/* Puts the engine's problems at their fields. */
void case_form_problems(struct case_form *form, const struct flow_problem *problems,
                        size_t count);
/* The form of a move; `form` is of this move or NULL. */
void case_move_fill(struct case_move_view *out, struct cx *cx, const struct workflow_move *move,
                    const struct case_form *form, int64_t county);

/* ---- case_history_page.c ---- */

enum rc case_history_fill(struct case_history_view **out, size_t *count, struct cx *cx,
                          const struct flow *f) MUST_USE;
const char *case_advice_word(struct cx *cx, enum advice advice, bool must);
const char *case_advice_tone(enum advice advice);
struct case_part_view case_part_view_of(struct cx *cx, const char *label, enum advice value);
/* The facts of an advice text, in cx's language. */
void case_advice_facts(struct columns_fact **out, size_t *count, struct cx *cx,
                       const char *advice_text);

/* ---- case_parts_page.c ---- */

/* Who has to act in a state: an area's people with a permission. */
const char *case_who(struct cx *cx, const struct flow *f);
const char *case_state_label(struct cx *cx, const struct flow *f);
const char *case_state_tone(const struct flow *f);
const char *case_workflow_label(struct cx *cx, const struct flow *f);
/* "Day 2026-12-01, late": in *late. NULL: no deadline. */
const char *case_due_text(bool *late, struct cx *cx, const struct flow *f);
/* The name of a household or area, for lists: read each time. */
enum rc case_subject_label(const char **title, struct cx *cx, const struct flow *f) MUST_USE;

struct case_parts_row {
    const char *workflow, *state, *tone, *due, *when, *href;
    bool late;
};
struct case_open_choice {
    const char *kind, *label, *help;
};
/* The section on the page of a household or an area. */
struct case_parts_view {
    struct case_parts_row *rows;
    size_t row_count;
    struct case_open_choice *choices;
    size_t choice_count;
    int64_t household_id, area_id;
    const char *csrf;
};
enum rc case_parts_fill(const struct case_parts_view **out, struct cx *cx,
                        const struct request *q, const struct household *h) MUST_USE;
/* NULL when the profile has no cases of this level. */
enum rc case_parts_fill_area(const struct case_parts_view **out, struct cx *cx,
                             const struct request *q, const struct area *a) MUST_USE;

/* ---- the frozen decision ---- */

struct case_frozen_value {
    const char *label, *value, *today; /* today: NULL the same */
    bool differs;
};
struct case_frozen_group {
    const char *label;
    struct case_frozen_value *values;
    size_t count;
};
struct case_frozen_thing {
    const char *title, *note;
    struct case_frozen_group *groups;
    size_t group_count;
};
struct case_frozen_view {
    const char *title, *when, *who, *step, *from_to, *place, *year, *journal, *profile, *hash,
        *reason, *download_href;
    struct case_rule_view *rules;
    size_t rule_count;
    struct case_answer_view *answers;
    size_t answer_count;
    struct case_frozen_thing *things; /* the household, its incomes, its people */
    size_t thing_count;
    size_t differing;
    size_t hidden; /* things whose values of today the actor may not see, or that are no more */
};

/* ---- lists ---- */

struct case_funnel_row {
    const char *label, *href, *count, *width;
    bool now;
};
struct case_tick {
    const char *value, *label, *href, *place, *due;
    bool late;
};
struct case_batch_choice {
    const char *event, *label;
    bool needs_reason;
};
struct case_list_view {
    const struct table *table;
    const struct area *chain;
    size_t chain_count;
    const char *query; /* of the crumbs' links: "&workflow=…" or "" */
    struct case_funnel_row *funnel;
    size_t funnel_count;
    const char *funnel_title;
    struct case_tick *ticks; /* the same rows, to be ticked */
    size_t tick_count;
    struct case_batch_choice *batch;
    size_t batch_count;
    const char *csrf, *audit_href, *back, *workflow, *state;
    bool may_audit;
};
struct case_result_view {
    const char *label, *href, *text;
    bool made;
};
struct case_batch_view {
    struct case_result_view *rows;
    size_t count, made;
    const char *what, *back;
};
struct case_audit_view {
    const struct table *table;
    const struct area *chain;
    size_t chain_count;
};

#endif

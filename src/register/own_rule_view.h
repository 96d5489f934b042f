/* What the templates of own rules show, and what their pages share (own_rule_parts_page.c). */
#ifndef REGISTER_OWN_RULE_VIEW_H
#define REGISTER_OWN_RULE_VIEW_H

#include "register/check_view.h"
#include "register/own_rule.h"

enum { OWN_NAMES_SHOWN = 40, OWN_ITEMS_TRIED = 20 };

const char *own_state_text(struct cx *cx, enum own_state state);
const char *own_state_tone(enum own_state state);
const char *own_kind_text(struct cx *cx, const struct own_rule *rule);
const char *own_subject_text(struct cx *cx, enum subject subject);
/* "number, 2 decimals", "one of: A, B …" */
const char *own_type_text(struct cx *cx, const struct rule_type *type);
/* The message, else the note's first line, else the code. */
const char *own_rule_title(struct cx *cx, const struct own_rule *rule);
const char *own_rule_href(struct cx *cx, const struct own_rule *rule);

/* ---- where the mistake stands ---- */
struct own_fault_view {
    const char *message, *where;         /* "Line 2, character 5" */
    const char *before, *marked, *after; /* the line in three parts */
    const char *caret;                   /* blanks, then ^ under the place */
    size_t line, column, length;         /* from 1; characters: for the script */
};
void own_fault_fill(struct own_fault_view *out, struct cx *cx, const struct own_rule *rule,
                    const struct rule_fault *fault);

/* ---- what a rule finds ---- */
struct own_result {
    bool counted;
    const char *why_not; /* not counted: why; NULL: nothing to say */
    bool is_bool, of_people;
    const char *answers; /* what it answers, in words */
    const char *yes, *no, *unknown, *households;
    const char *least, *median, *most; /* NULL: no figure */
    const char *troubles;              /* divisions by zero, numbers too long; NULL */
    const struct check_where *where;
    const struct table *areas; /* NULL */
    const struct check_item *items;
    size_t item_count;
    bool more;
    int64_t last;
};
/* The area that is asked for, when it lies in the rule's county; nothing asked, or an area
 * above: the county. RC_NOTFOUND elsewhere. */
enum rc own_where_find(struct check_where *w, struct cx *cx, const struct own_rule *rule,
                       const struct check_query *query) MUST_USE;
/* `base`: address of the areas' links, NULL: none. query: area (0: the county), year, after. */
enum rc own_result_fill(struct own_result *out, struct cx *cx, const struct own_rule *rule,
                        const struct rule_program *program, const struct check_query *query,
                        const char *base) MUST_USE;

/* ---- versions ---- */
struct own_diff_line {
    char kind; /* ' ' both, '-' only before, '+' only after */
    const char *text;
};
struct own_diff {
    const char *label; /* "Rule", "Test cases" … */
    const struct own_diff_line *lines;
    size_t count;
};
/* What differs, field by field and line by line. */
size_t own_diff_fill(const struct own_diff **out, struct cx *cx, const struct own_rule *before,
                     const struct own_rule *after);
struct own_version_view {
    const struct own_rule *rule;
    const char *who, *when, *state, *back; /* back: "as version 2"; NULL */
    const struct own_diff *diffs;
    size_t diff_count;
    bool first;
};

/* ---- pages ---- */
struct own_list_view {
    const struct own_place *place;
    const struct table *rules;
    const struct check_where *where; /* NULL: not counted */
    const char *why_not;
    const struct table *choices; /* areas to choose a county by; NULL */
    const char *new_href;
};
struct own_one_view {
    const struct own_rule *rule;
    const char *title, *state, *tone, *kind, *subject, *who, *when;
    const char *severity, *severity_tone;
    const struct named_name *names;
    size_t name_count;
    const struct own_fault_view *fault; /* it does not compile any more */
    const struct own_result *result;    /* NULL with a fault */
    const struct table *filter, *list;
    const struct own_case *cases;
    size_t case_count;
    const struct own_version_view *versions;
    size_t version_count;
    bool may_edit, can_undo, may_export;
    int32_t undo_to;
    const char *file_query, *csrf;
};

struct own_name_view {
    const char *name, *label, *level, *type, *values; /* values: of a list; "" */
};
struct own_names_view {
    const char *search;
    const struct own_name_view *names;
    size_t count, all; /* all that fit */
};
struct own_try_view {
    const struct own_fault_view *fault;
    const struct own_result *result;
    const struct own_case *cases;
    size_t case_count, failed;
    const char *case_problem; /* too many */
};
struct own_edit_view {
    const struct own_rule *rule;
    const char *county_name;
    int64_t area_id;
    const char *error; /* on top; NULL */
    struct own_problem problem;
    const struct own_diff *newer; /* saved by somebody else meanwhile */
    size_t newer_count;
    const char *newer_who;
    const struct field_choice *subjects, *kinds, *severities, *states, *years, *areas;
    size_t year_count, area_count;
    const struct own_names_view *names;
    const struct own_try_view *tried; /* NULL: not yet */
    const char *script, *csrf, *cancel_href;
};

struct own_profile_row {
    const char *kind, *code, *subject, *label, *help, *rule, *more;
    const char *href, *href_label; /* where its result stands; NULL */
    const char *const *used;       /* where it is named */
    size_t used_count;
    const char *copy_href; /* "make an own rule of it"; NULL */
};
struct own_profile_view {
    const struct table *table; /* filters and pager */
    const struct own_profile_row *rows;
    size_t count;
};

/* The household's page: findings of the county's own checks. */
struct own_part {
    const char *title, *hint, *severity, *tone, *href, *person;
    const struct columns_fact *facts;
    size_t fact_count;
};
enum rc own_parts_fill(struct own_part **out, size_t *count, struct cx *cx,
                       const struct household *h, int32_t year) MUST_USE;

/* The names that fit a search, those of the subject's level first. */
void own_names_fill(struct own_names_view *out, struct cx *cx, struct str search,
                    enum subject subject, size_t max);

#endif

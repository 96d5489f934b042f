/* What the templates of the comparison show. */
#ifndef REGISTER_COMPARE_VIEW_H
#define REGISTER_COMPARE_VIEW_H

#include "register/compare.h"
#include "web/page.h"

struct compare_lists_view {
    const struct table *table;
    bool may_run;
};
struct compare_new_view {
    struct field_choice *kinds, *areas, *owners;
    size_t kind_count, area_count, owner_count;
    const struct list_kind *all_kinds;
    size_t all_kind_count;
    const char *today, *deadline, *csrf, *error;
};
/* One finding as pages show it. */
struct finding_view {
    struct compare_finding f;
    const char *what, *hint, *detail; /* detail: what the list says of it; "" */
    const char *severity, *severity_tone;
    const char *state, *tone;
    const char *owner, *deadline, *list_label, *list_href;
};
struct findings_view {
    struct finding_view *findings;
    size_t count;
    const struct table *filters; /* only its filters are shown */
    struct field_choice *owners, *states;
    size_t owner_count, state_count;
    const char *csrf, *next_href, *back; /* back: where the form returns to */
    const char *county, *list_id;        /* hidden fields */
    const char *file_href;               /* the same list as a file; NULL */
    const char *empty;
    bool may_assign, may_mark, shows_list;
};
struct rule_count_view {
    const char *what, *hint, *href, *severity, *tone;
    const struct compare_rule_count *c;
};
struct level_view {
    const char *field, *level, *m, *u, *weight;
};
struct compare_result_view {
    struct compare_list l;
    const char *state, *tone, *kind_label, *department, *area_label, *who, *owner;
    const char *progress_text;
    int progress_percent; /* -1 unknown */
    bool running, may_run, may_undo, is_done;
    const char *upper, *lower, *share;
    struct level_view *levels;
    size_t level_count;
    struct rule_count_view *rules;
    size_t rule_count;
    struct findings_view findings;
    const char *csrf, *error, *newer_href;
};
struct agree_view {
    const char *field, *listed, *own, *level, *tone;
};
struct pair_view {
    const struct compare_pair *p;
    const char *chance, *weight, *verdict, *tone, *decided; /* decided: by whom and when */
    const char *household_href, *region;                    /* region: the table's name */
    struct agree_view fields[MATCH_FIELDS];
};
struct compare_case_view {
    const struct compare_case *c;
    struct pair_view *pairs;
    const char *row, *state, *tone;
};
struct compare_review_view {
    struct compare_list l;
    struct compare_case_view *cases;
    size_t case_count;
    const char *csrf, *error, *next_href;
    bool decided, may_decide;
};
/* The household's page: findings of its people. */
struct household_findings_view {
    struct finding_view *findings;
    size_t count;
};

/* ---- what the pages share; compare_parts_page.c ---- */
enum rc finding_views(struct finding_view **out, struct cx *cx, struct compare_finding *all,
                      size_t count) MUST_USE;
const char *compare_state_text(struct cx *cx, enum compare_state state, const char **tone);
const char *compare_percent(struct cx *cx, int64_t millionths);
/* Column `field` and level as words. */
const char *match_field_text(struct cx *cx, enum match_field field);
const char *match_level_text(struct cx *cx, enum match_field field, int level,
                             const char **tone);
struct field_choice *compare_owner_choices(size_t *count, struct cx *cx,
                                           const struct compare_user *users, size_t user_count);
struct field_choice *compare_mark_choices(size_t *count, struct cx *cx);
/* The findings of a list by what the address asks for; compare_finding_page.c. */
enum rc compare_fill_findings(struct findings_view *v, struct cx *cx, const struct request *q,
                              const struct compare_list *l) MUST_USE;
enum rc compare_findings_file(struct cx *cx, const struct request *q, struct response *a,
                              const struct compare_list *l) MUST_USE;
/* The findings of a household as a section of its page; nothing when there are none. */
enum rc household_findings_load(struct household_findings_view *out, struct cx *cx,
                                int64_t county, int64_t household_id) MUST_USE;

#endif

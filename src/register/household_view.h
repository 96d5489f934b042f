/* What the household templates show; filled by household_list_page.c and household_page.c. */
#ifndef REGISTER_HOUSEHOLD_VIEW_H
#define REGISTER_HOUSEHOLD_VIEW_H

#include "html/chart.h"
#include "insight/portrait_view.h"
#include "register/area.h"
#include "register/household.h"
#include "register/journal.h"
#include "store/store.h"
#include "web/page.h"

struct household_list_view {
    const struct table *table;
    struct area *chain; /* the area the list is limited to; NULL */
    size_t chain_count;
};

/* One secret of a person as the page shows it. */
struct secret_view {
    bool present, may_reveal;
    const char *masked, *name; /* "identity" */
    const char *label;
};
struct person_view {
    struct person p;
    const char *name, *relation, *sex, *birth, *age, *href;
    struct secret_view secrets[3];
};
struct fact_view {
    const char *label, *value, *help;
    const char *source_href; /* where does this value come from? NULL for missing values */
};
struct fact_group {
    const char *label;
    struct fact_view *facts;
    size_t fact_count;
};
struct year_link {
    int32_t year;
    const char *href;
    bool current;
};
struct change_view {
    const char *at, *who, *what, *document, *document_href;
    const char *row;
    struct field_change {
        const char *label, *from, *to;
    } *fields;
    size_t field_count, more_count;
    bool is_new;
    int64_t seq;
    size_t follow_count; /* the next ones stand in the same entry of the journal */
    bool follows;        /* shown with an earlier one */
};
struct check_parts_view;        /* register/check_view.h */
struct help_section;            /* help/help_view.h */
struct household_findings_view; /* register/compare_view.h */
struct case_parts_view;         /* casework/case_view.h */
struct household_helpers_view;  /* people/org_view.h */
struct household_view {
    struct household h;
    struct portrait_view portrait;         /* deprivations, lines, place among the neighbours */
    const struct check_parts_view *checks; /* what the checks find; NULL: nothing to evaluate */
    const struct household_findings_view *findings; /* of other departments' lists */
    const struct help_section *help;                /* needs and plans; NULL: no measures */
    const struct case_parts_view *cases;            /* NULL: not for the actor to see */
    const struct household_helpers_view *helpers;   /* who stands by it */
    const char *title;
    struct area *chain;
    size_t chain_count;
    struct person_view *people;
    size_t person_count;
    struct year_link *years;
    size_t year_count;
    struct fact_group *groups;
    size_t group_count;
    const struct chart *chart;
    struct document *documents;
    size_t document_count;
    struct change_view *changes;
    size_t change_count;
    const char *older_href;
    const char *csrf;
    bool has_past_members, shows_past;
};
struct person_page_view {
    struct person_view person;
    struct household h;
    const char *household_label;
    struct year_link *years;
    size_t year_count;
    struct fact_group *groups;
    size_t group_count;
    struct look *looks;
    size_t look_count;
    bool may_see_looks;
    const char *csrf;
};
struct source_view {
    const char *what, *value;
    const struct change_view *change; /* NULL: no entry is known */
    const char *chain_seq;            /* number in the county's journal */
};
struct reveal_view {
    const char *person, *label, *value, *back_href;
};

/* ---- what the pages about households share; implemented in household_parts_page.c ---- */

/* A person with texts in the context's language. */
struct person_view person_view_of(struct cx *cx, const struct person *p);
/* Fills the masked secrets. */
enum rc person_view_secrets(struct cx *cx, struct person_view *v) MUST_USE;
const char *household_label(struct cx *cx, const struct household *h);
/* The sheet of a year as groups of facts; values that are missing are left out. */
struct sheet_of {
    enum subject subject;
    int64_t county, id;
};
enum rc facts_of_sheet(struct fact_group **out, size_t *count, struct cx *cx,
                       const struct sheet_of *of, int32_t year) MUST_USE;
/* Years with a sheet, newest first; *year 0 becomes the newest. */
enum rc sheet_year_links(struct year_link **out, size_t *count, int32_t *year, struct cx *cx,
                         const struct sheet_of *of) MUST_USE;
/* The document that an entry came out of. */
enum rc journal_document(struct document *out, struct cx *cx,
                         const struct journal_entry *e) MUST_USE;
/* One entry of the journal as people read it. */
enum rc change_view_of(struct change_view *out, struct cx *cx,
                       const struct journal_entry *e) MUST_USE;
/* A value of a journal field as text; NULL when missing. */
const char *journal_value_text(struct cx *cx, const struct journal_entry *e,
                               const struct journal_field *f, struct value v);

#endif

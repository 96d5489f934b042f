/* What the templates of the checks show, and what their pages share (check_parts_page.c). */
#ifndef REGISTER_CHECK_VIEW_H
#define REGISTER_CHECK_VIEW_H

#include "html/chart.h"
#include "register/check.h"
#include "register/household.h"
#include "web/page.h"

/* What the address of a page about checks asks for. */
struct check_query {
    int64_t area_id, after;
    int32_t year; /* 0: the newest */
    struct str severity, group, search, sort;
    bool descending, all; /* also checks that find nothing */
    enum check_show show;
};
enum rc check_query_read(struct check_query *out, struct cx *cx,
                         const struct request *q) MUST_USE;
/* Where and when: the scope, its years, and the year that is shown. */
struct check_where {
    struct check_scope scope;
    struct area *chain; /* down to the scope's area */
    size_t chain_count;
    int32_t *years;
    size_t year_count;
    int32_t year; /* 0: no sheets at all */
    const char *area_name;
};
enum rc check_where_find(struct check_where *out, struct cx *cx,
                         const struct check_query *query) MUST_USE;
/* "/check/101?area=5&year=2025&show=all" with what is not the default. */
const char *check_href(struct cx *cx, const char *path, int64_t area_id, int32_t year);

const char *severity_text(struct cx *cx, enum severity severity);
const char *severity_tone(enum severity severity);

/* A finding as a list shows it. */
struct check_item {
    int64_t household_id, area_id;
    const char *label, *href; /* the household's head, or the area */
    const char *code;
    const char *place;                      /* "Bapa Township · Xinjian Village · Group 2" */
    const char *township, *village, *group; /* its parts; "" */
    int64_t village_id;                     /* the village, or what is lowest: one sheet each */
    const char *people;                     /* "Wang Hua (child)"; "" for a household's own */
    const char *values;                     /* "Age: 7 · In school: no" */
    const char *reason;                     /* explained: why; NULL */
    bool explained;
    int64_t explanation_id;
};
enum rc check_item_fill(struct check_item *out, struct cx *cx, const struct check_county *c,
                        size_t check, const struct check_found *f) MUST_USE;

/* Small bars of the last runs and now. */
struct spark_bar {
    int x, y, height;
};
struct spark {
    struct spark_bar bars[CHECK_TREND_MAX + 1];
    size_t count;       /* 0: no run yet */
    const char *change; /* "−12" since the first one; NULL */
    const char *summary;
};
struct check_row_view {
    const struct check *check;
    const char *href, *severity, *tone, *group;
    const char *count, *people, *explained;
    bool starts_group;
    struct spark spark;
    int64_t shown; /* for sorting */
};
struct check_list_view {
    const struct table *table; /* filters, columns and paging; its rows are `rows` */
    const struct check_row_view *rows;
    size_t row_count;
    const struct check_where *where;
    const struct table *areas; /* by area; NULL: nothing is below */
    const char *base;
    const char *households, *errors, *warnings, *explained; /* figures */
    const char *last_run; /* "23 Nov 2026, 31,204 findings"; NULL: none */
    const char *run_href; /* list of runs; NULL: several counties */
    int64_t run_county;   /* 0: may not start one */
    bool choose_area;     /* too many counties for a sum */
    const char *csrf;
};

/* A form that explains one finding. */
struct check_form {
    const char *action, *csrf;
    int32_t number, year;
    int64_t person, key; /* key: of its fields' ids on the page */
};
struct named_name {
    const char *name, *label;
};
struct check_area_card {
    struct check_item item;
    bool may_explain;
};
struct check_page_view {
    const struct check *check;
    const struct check_where *where;
    const char *severity, *tone, *group, *subject;
    const char *households, *people, *explained;
    const struct named_name *names;
    size_t name_count;
    const struct chart *trend;           /* NULL: fewer than two runs */
    const struct table *areas;           /* NULL */
    const struct table *filter;          /* the form above the list */
    const struct table *list;            /* of households */
    const struct check_area_card *cards; /* of areas */
    size_t card_count;
    const char *file_query; /* behind ?format=xlsx& */
    const char *print_href, *file_href;
    bool may_export, retired;
    const char *csrf;
};

/* The sheet for workers. */
struct check_sheet {
    const char *area;
    const struct check_item *items;
    size_t count;
};
struct check_print_view {
    const struct check *check;
    const struct check_sheet *sheets;
    size_t sheet_count;
    const char *made; /* "2025, made on …" */
};

struct check_run_view {
    const struct table *runs;
    struct job job;
    bool has_job, running, may_cancel;
    const char *state, *tone, *progress;
    int percent; /* -1 unknown */
    const char *csrf;
    int64_t county;
    bool may_run;
    const char *county_name;
};

/* What the checks find in a household. */
struct check_part {
    const struct check *check;
    const char *severity, *tone, *href, *person;
    int64_t person_id;
    const struct columns_fact *facts;
    size_t fact_count;   /* known ones */
    const char *missing; /* "Not known: …"; "" */
    bool explained;
    const char *reason, *who; /* of the explanation, also of one that holds no more */
    int64_t explanation_id;
};
struct own_part;
struct check_parts_view {
    int64_t household_id;
    int32_t year;
    const struct check_part *parts;       /* open ones by severity, then the explained ones */
    size_t count, open_count, note_count; /* notes that are open */
    const struct own_part *own;           /* of the county's own checks: own_rule_view.h */
    size_t own_count;
    bool may_explain;
    const char *csrf;
};
/* NULL in *out when there is nothing to evaluate (no sheets, ended). */
enum rc check_parts_fill(const struct check_parts_view **out, struct cx *cx,
                         const struct request *q, const struct household *h,
                         int32_t year) MUST_USE;

#endif

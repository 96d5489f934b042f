/* What the pages of vacancies, loans, offers and tapers show. */
#ifndef HELP_EARN_VIEW_H
#define HELP_EARN_VIEW_H

#include "help/loan.h"
#include "help/offer.h"
#include "help/vacancy.h"
#include "people/org_view.h"
#include "register/household.h"
#include "web/page.h"

enum help_tab { HELP_PLANS, HELP_ITEMS, HELP_JOBS, HELP_LOANS, HELP_OFFERS };
enum { EARN_FORM_BYTES = 64 * 1024, EARN_FILE_BYTES = 32 * 1024 * 1024, EARN_ROWS = 50 };

/* ---- earn_part_page.c: what the pages share ---- */

const char *earn_money(struct cx *cx, int64_t minor); /* "¥ 1,500", also of 0 */
/* Of a list: as people read it, in a file the plain number. */
const char *earn_money_cell(struct cx *cx, const struct request *q, int64_t minor);
/* As a field holds it; "" for 0. */
const char *earn_money_value(struct cx *cx, int64_t minor);
const char *earn_month(struct cx *cx, int32_t month); /* of year × 12 + month − 1: "2026-11" */
/* "Household of …" and where it is; "" when the actor may not see it (any more). */
enum rc earn_household(const char **label, const char **place, struct cx *cx,
                       int64_t household_id) MUST_USE;
/* Several lines of text. */
struct earn_text {
    const char *name, *label, *hint, *value;
    bool required;
};
/* An amount or day that was typed; RC_INVALID begins with the label. */
enum rc earn_amount(int64_t *out, struct cx *cx, const struct request *q, const char *name,
                    const char *label) MUST_USE;

/* A taper in words. */
struct taper_row {
    const char *when, *keeps, *width; /* "month 1 to 7", "50 %", width of the bar */
    bool now;
};
struct taper_words {
    const char *help, *now; /* the help that gets less; where the household stands */
    struct taper_row *rows;
    size_t count;
};
/* *out NULL: none concerns the household. `own`: said to the household itself. */
enum rc taper_words_fill(const struct taper_words **out, struct cx *cx, int64_t county,
                         int64_t household_id, bool own) MUST_USE;

/* Jobs, loans and the taper on the household's page. */
struct earn_line {
    const char *text, *href, *more, *tag, *tone;
};
struct earn_section {
    struct earn_line *jobs, *loans;
    size_t job_count, loan_count;
    const struct taper_words *taper;
    int64_t household_id;
    bool may_ask;
};
enum rc earn_section_fill(const struct earn_section **out, struct cx *cx,
                          const struct household *h) MUST_USE;

/* ---- jobs ---- */
struct vacancy_form {
    struct vacancy v;
    const struct field_choice *areas, *orgs, *channels, *rules;
    size_t area_count, org_count, channel_count, rule_count;
    const char *action, *csrf, *error, *places, *from, *to, *wage;
    int64_t county;
};
struct candidate_line {
    const struct candidate *c;
    const char *household, *place, *why;
};
struct placement_line {
    struct placement p;
    const char *name, *href, *days, *amount; /* amount: of the month, as the field holds it */
    bool runs, in_month, may_end;
};
struct vacancy_view {
    struct vacancy v;
    const char *org, *place, *days, *wage, *channel, *csrf, *error, *today, *begin;
    const char *month, *income, *year_words, *found;
    struct candidate_line *candidates;
    size_t candidate_count;
    struct placement_line *placements;
    size_t placement_count, paid_count; /* paid_count: those who worked in the month */
    const struct field_choice *months;
    size_t month_count;
    bool may_edit, may_look, is_open, has_income;
};

/* ---- loans ---- */
struct loan_form {
    const struct household *h;
    const char *csrf, *error, *amount, *months, *rate, *subsidy, *purpose, *kind;
    const struct field_choice *kinds, *banks, *guarantors;
    size_t org_count;
};
struct loan_part_line {
    const char *due, *principal, *interest, *subsidy, *left, *paid, *tone;
};
struct loan_entry_line {
    const char *day, *amount, *receipt, *who;
};
struct loan_view {
    struct loan l;
    struct loan_sums s;
    const char *household, *place, *kind, *state, *tone, *amount, *bank, *guarantor, *rate,
        *subsidy_rate, *asked, *granted, *paid, *late, *late_since, *next, *outstanding, *owed,
        *subsidy, *csrf, *error, *today, *typed_amount, *typed_receipt;
    struct loan_part_line *parts;
    struct loan_entry_line *entries;
    size_t part_count, entry_count;
    bool may_edit;
};

/* ---- offers ---- */
struct offer_form {
    const char *giver, *text, *amount, *until, *csrf, *error;
    const struct field_choice *kinds, *orgs;
    size_t kind_count, org_count;
    int64_t county;
};
struct offer_need_line {
    int64_t id;
    const char *amount, *urgency, *words, *when;
};
struct offer_match_line {
    struct offer_match m;
    const char *household, *href, *place, *amount, *state, *tone, *when, *proof;
};
struct offer_view {
    struct offer o;
    const char *giver, *kind, *amount, *left, *until, *csrf, *error, *typed_amount;
    struct offer_need_line *needs;
    struct offer_match_line *matches;
    size_t need_count, match_count;
    bool may_edit, is_open;
};

#endif

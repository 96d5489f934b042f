/* Loans and grants: the list, and asking for one. */
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "help/earn_part.html.h"
#include "help/loan.html.h"
#include "people/actor.h"
#include "profile/calendar.h"
#include "register/household_view.h"

#include <string.h>

enum { COLUMNS = 6, FILE_ROWS_MAX = 5000, RATE_DECIMALS = 2 };

/* ---- the list ---- */

static const struct {
    const char *value;
    enum loan_state state;
} states[] = {{"", 0},
              {"late", 0},
              {"asked", LOAN_ASKED},
              {"granted", LOAN_GRANTED},
              {"paid", LOAN_PAID_OUT},
              {"repaid", LOAN_REPAID},
              {"refused", LOAN_REFUSED},
              {"written_off", LOAN_WRITTEN_OFF}};
enum { STATES = sizeof states / sizeof states[0] };

static enum rc fill_row(struct table_cell *c, struct cx *cx, const struct request *q,
                        const struct loan *l)
{
    const char *name, *place;
    bool runs = l->state == LOAN_PAID_OUT && l->due_day != INT32_MIN;
    bool late = runs && l->due_day < local_day(cx->profile, cx->now_at);
    TRY(earn_household(&name, &place, cx, l->household_id));
    c[0] = (struct table_cell){name, arena_printf(cx->arena, "/loan/%" PRId64, l->id), NULL};
    c[1].text = place;
    c[2].text = l->kind == LOAN_GRANT ? _("Start-up grant") : _("Small loan");
    c[3].text = earn_money_cell(cx, q, l->amount_minor);
    c[4] =
        (struct table_cell){late ? _("a part is late") : loan_state_label(cx, l->state), NULL,
                            late                       ? "bad"
                            : l->state <= LOAN_GRANTED ? "warn"
                            : l->state <= LOAN_REPAID  ? "good"
                                                       : "muted"};
    c[5] =
        (struct table_cell){runs ? format_day(cx, l->due_day) : "", NULL, late ? "bad" : NULL};
    return RC_OK;
}

static const struct table_filter *filters(size_t *count, struct cx *cx, size_t chosen,
                                          const struct office_place *place)
{
    struct table_filter *f = arena_new(cx->arena, 2 * sizeof *f);
    struct filter_choice *c = arena_new(cx->arena, STATES * sizeof *c);
    for (size_t i = 0; i < STATES; i++)
        c[i] = (struct filter_choice){states[i].value,
                                      i == 0   ? _("all")
                                      : i == 1 ? _("a part is late")
                                               : loan_state_label(cx, states[i].state)};
    f[0] = (struct table_filter){FILTER_CHOICE,        "state", _("State"),
                                 states[chosen].value, c,       STATES};
    *count = 1 + (size_t)office_county_filter(&f[1], cx, place);
    return f;
}

static enum rc list_table(struct table *t, struct cx *cx, const struct request *q,
                          const struct office_place *place)
{
    struct loan *list = NULL;
    size_t count = 0, chosen = 0;
    size_t max = page_wants_file(q) ? FILE_ROWS_MAX : LIMIT_PAGE_ROWS_DEFAULT;
    int64_t after = 0;
    struct table_column *columns = arena_new(cx->arena, COLUMNS * sizeof *columns);
    for (size_t i = 0; i < STATES; i++)
        if (str_eq_z(request_query(q, "state"), states[i].value))
            chosen = i;
    if (!str_to_i64(&after, request_query(q, "after")) || after < 0)
        after = 0;
    const struct loan_query ask = {.county = place->here.county,
                                   .state = states[chosen].state,
                                   .late = chosen == 1,
                                   .before_id = after,
                                   .max = max + 1};
    if (place->has)
        TRY(loan_list(&list, &count, cx, &ask));
    size_t shown = count < max ? count : max;
    struct table_cell *cells = arena_new(cx->arena, (shown + 1) * COLUMNS * sizeof *cells);
    for (size_t i = 0; i < shown; i++)
        TRY(fill_row(cells + i * COLUMNS, cx, q, &list[i]));
    columns[0] = (struct table_column){NULL, _("Household"), ALIGN_TEXT, false};
    columns[1] = (struct table_column){NULL, _("Place"), ALIGN_TEXT, true};
    columns[2] = (struct table_column){NULL, _("Kind"), ALIGN_TEXT, true};
    columns[3] = (struct table_column){NULL, _("Amount"), ALIGN_NUMBER, false};
    columns[4] = (struct table_column){NULL, _("State"), ALIGN_TEXT, false};
    columns[5] = (struct table_column){NULL, _("Part due on"), ALIGN_TEXT, true};
    *t = (struct table){
        .caption = _("Loans"),
        .base = "/loan",
        .query = arena_printf(cx->arena, "state=%s&county=%" PRId64, states[chosen].value,
                              place->here.county),
        .columns = columns,
        .column_count = COLUMNS,
        .cells = cells,
        .row_count = shown,
        .is_first_page = !after,
        .next_token =
            count > shown ? arena_printf(cx->arena, "%" PRId64, list[shown - 1].id) : NULL,
        .can_export = actor_may(cx, "export.run"),
        .empty_title = chosen == 1 ? _("Nothing is late") : _("No loan here"),
        .empty_hint = _("A loan or start-up grant is asked for on the page of the household, "
                        "under “Help and needs”."),
        .empty_href = "/household",
        .empty_action = _("Households")};
    t->filters = filters(&t->filter_count, cx, chosen, place);
    return RC_OK;
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct table t;
    struct office_place place;
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    TRY(list_table(&t, cx, q, &place));
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "loans");
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Loans"), .nav = "plan"});
    earn_list_body(o, cx, &t, HELP_LOANS, NULL, NULL);
    return page_end(cx, q, a, o);
}

/* ---- asking ---- */

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                         struct loan_form *f)
{
    struct household *h = arena_new(cx->arena, sizeof *h);
    size_t count;
    TRY(db_read_begin(cx));
    TRY(household_get(h, cx, id));
    TRY(actor_require_in(cx, "work.manage", str_of(h->area_path)));
    const struct field_choice kinds[] = {
        {"1", _("Small loan: it is paid back in monthly parts"), strcmp(f->kind, "2") != 0},
        {"2", _("Start-up grant: it is not paid back"), strcmp(f->kind, "2") == 0}};
    f->h = h;
    f->kinds = memcpy(arena_new(cx->arena, sizeof kinds), kinds, sizeof kinds);
    f->csrf = visitor_of(q)->csrf;
    TRY(office_org_choices(&f->banks, &f->org_count, cx, h->county, typed_id(q, "bank"),
                           _("no bank")));
    TRY(office_org_choices(&f->guarantors, &count, cx, h->county, typed_id(q, "guarantor"),
                           _("nobody")));
    struct out *o = page_begin(
        cx, q,
        &(struct page){
            .title = arena_printf(cx->arena, _("A loan or grant: %s"), household_label(cx, h)),
            .nav = "household",
            .back_href = arena_printf(cx->arena, "/household/%" PRId64 "#help", id),
            .back_label = household_label(cx, h)});
    loan_form_body(o, cx, f);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct loan_form f = {
        .amount = "", .months = "12", .rate = "", .subsidy = "", .purpose = "", .kind = "1"};
    TRY(request_param_id(&id, cx, q, "id"));
    return show_form(cx, q, a, id, &f);
}

/* "3.65" percent are 365 of 10,000. */
static enum rc read_rate(int32_t *bp, struct cx *cx, const struct request *q, const char *name,
                         const char *label)
{
    int64_t n = 0;
    struct str text = str_trim(request_form(q, name));
    if (text.len && (!str_to_scaled(&n, text, RATE_DECIMALS) || n < 0 || n > 10000))
        return fail_f(cx, RC_INVALID, _("%s: please write percent as a number, such as 3.65."),
                      label);
    *bp = (int32_t)n;
    return RC_OK;
}

static enum rc ask(struct cx *cx, const struct request *q, const struct loan_form *f,
                   int64_t household_id, int64_t *id)
{
    int64_t months = 0;
    struct loan l = {.household_id = household_id,
                     .kind = !strcmp(f->kind, "2") ? LOAN_GRANT : LOAN_SMALL,
                     .bank_org_id = typed_id(q, "bank"),
                     .purpose = f->purpose};
    TRY(earn_amount(&l.amount_minor, cx, q, "amount", _("How much")));
    if (l.kind == LOAN_SMALL) {
        l.guarantor_org_id = typed_id(q, "guarantor");
        if (str_to_i64(&months, str_of(f->months)) && months > 0 && months <= LOAN_MONTHS_MAX)
            l.months = (int32_t)months;
        TRY(read_rate(&l.rate_bp, cx, q, "rate", _("Interest, percent a year")));
        TRY(read_rate(&l.subsidy_bp, cx, q, "subsidy", _("Of it the programme pays")));
    }
    return loan_ask(id, cx, &l);
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t household, id;
    struct loan_form f = {.amount = typed_text(cx, q, "amount"),
                          .months = typed_text(cx, q, "months"),
                          .rate = typed_text(cx, q, "rate"),
                          .subsidy = typed_text(cx, q, "subsidy"),
                          .purpose = typed_text(cx, q, "purpose"),
                          .kind = typed_text(cx, q, "kind")};
    TRY(request_param_id(&household, cx, q, "id"));
    enum rc rc = ask(cx, q, &f, household, &id);
    if (typed_mistake(rc)) {
        a->status = http_status_of(rc);
        f.error = typed_error(cx);
        return show_form(cx, q, a, household, &f);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/loan/%" PRId64, id));
    return RC_OK;
}

#define MANAGES .scope = SCOPE_PERMISSION, .permission = "work.manage"
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/loan",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = list_get},
    {MANAGES, .method = METHOD_GET, .path = "/household/{id}/loan", .csrf = CSRF_NONE,
     .handle = new_get, .test_path = "/household/1/loan"},
    {MANAGES, .method = METHOD_POST, .path = "/household/{id}/loan", .csrf = CSRF_TOKEN,
     .body_max = EARN_FORM_BYTES, .handle = new_post, .test_path = "/household/1/loan"},
};
const struct route_table loan_routes = ROUTE_TABLE(rows);

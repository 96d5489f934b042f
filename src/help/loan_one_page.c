/* The page of one loan or grant: schedule, payments, what is late, and its steps. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "help/loan.html.h"
#include "people/actor.h"
#include "people/user.h"
#include "profile/calendar.h"
#include "register/household_view.h"

#include <string.h>

static const char *rate_text(struct cx *cx, int32_t bp)
{
    return arena_printf(cx->arena, "%d.%02d %%", (int)(bp / 100), (int)(bp % 100));
}

static const char *part_state(struct cx *cx, const struct loan_part *p, int64_t left,
                              int32_t today)
{
    if (left)
        return p->due_day < today ? _("late") : _("to come");
    return p->paid_day == INT32_MIN
               ? _("paid")
               : arena_printf(cx->arena, _("paid on %s"), format_day(cx, p->paid_day));
}

static void fill_parts(struct loan_view *v, struct cx *cx, int32_t today)
{
    size_t count = v->s.parts ? (size_t)v->l.months : 0;
    v->parts = arena_new(cx->arena, (count + 1) * sizeof *v->parts);
    for (size_t i = 0; i < count; i++) {
        const struct loan_part *p = &v->s.parts[i];
        int64_t left = p->principal_left_minor + p->interest_left_minor;
        bool known = p->interest_minor || p->subsidy_minor || p->due_day <= today;
        v->parts[v->part_count++] =
            (struct loan_part_line){.due = format_day(cx, p->due_day),
                                    .principal = earn_money(cx, p->principal_minor),
                                    .interest = known ? earn_money(cx, p->interest_minor) : "–",
                                    .subsidy = known ? earn_money(cx, p->subsidy_minor) : "–",
                                    .left = earn_money(cx, left),
                                    .paid = part_state(cx, p, left, today),
                                    .tone = !left                ? "good"
                                            : p->due_day < today ? "bad"
                                                                 : ""};
    }
}

static void fill_sums(struct loan_view *v, struct cx *cx)
{
    const struct loan_sums *s = &v->s;
    v->outstanding = earn_money(cx, s->outstanding_minor);
    v->owed = earn_money(cx, s->owed_minor);
    v->subsidy = earn_money(cx, s->subsidy_minor);
    if (s->next_day != INT32_MIN)
        v->next = arena_printf(cx->arena, _("%s on %s"), earn_money(cx, s->next_minor),
                               format_day(cx, s->next_day));
    if (!s->late_minor)
        return;
    v->late = earn_money(cx, s->late_minor);
    v->late_since = arena_printf(cx->arena, _("since %s"), format_day(cx, s->late_since));
}

static enum rc fill(struct loan_view *v, struct cx *cx, const struct loan_entry *entries,
                    size_t count)
{
    struct household h;
    const struct loan *l = &v->l;
    int32_t today = local_day(cx->profile, cx->now_at);
    TRY(household_get(&h, cx, l->household_id));
    TRY(earn_household(&v->household, &v->place, cx, l->household_id));
    v->may_edit = actor_may_in(cx, "work.manage", str_of(h.area_path));
    v->kind = l->kind == LOAN_GRANT ? _("Start-up grant") : _("Small loan");
    v->state = loan_state_label(cx, l->state);
    v->amount = earn_money(cx, l->amount_minor);
    v->bank = l->bank_org_id ? org_name(cx, l->bank_org_id) : "";
    v->guarantor = l->guarantor_org_id ? org_name(cx, l->guarantor_org_id) : "";
    v->rate = rate_text(cx, l->rate_bp);
    v->subsidy_rate = rate_text(cx, l->subsidy_bp);
    v->asked = format_day(cx, l->asked_day);
    v->granted = l->granted_day == INT32_MIN ? NULL : format_day(cx, l->granted_day);
    v->paid = l->paid_day == INT32_MIN ? NULL : format_day(cx, l->paid_day);
    v->today = day_iso(cx->arena, today);
    TRY(loan_sums_at(&v->s, cx, l, entries, count, today));
    v->tone = v->s.late_minor            ? "bad"
              : l->state <= LOAN_GRANTED ? "warn"
              : l->state <= LOAN_REPAID  ? "good"
                                         : "muted";
    fill_parts(v, cx, today);
    fill_sums(v, cx);
    v->entries = arena_new(cx->arena, (count + 1) * sizeof *v->entries);
    for (size_t i = 0; i < count; i++)
        v->entries[v->entry_count++] = (struct loan_entry_line){
            format_day(cx, entries[i].day), earn_money(cx, entries[i].amount_minor),
            entries[i].receipt, user_name(cx, entries[i].user_id)};
    return RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                    const char *error)
{
    struct loan_view v = {.csrf = visitor_of(q)->csrf,
                          .error = error,
                          .typed_amount = typed_text(cx, q, "amount"),
                          .typed_receipt = typed_text(cx, q, "receipt")};
    struct loan_entry *entries;
    size_t count;
    TRY(db_read_begin(cx));
    TRY(loan_get(&v.l, &entries, &count, cx, id));
    TRY(fill(&v, cx, entries, count));
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = arena_printf(cx->arena, "%s: %s", v.kind, v.household),
                       .nav = "plan",
                       .back_href = "/loan",
                       .back_label = _("Loans")});
    loan_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show(cx, q, a, id, NULL);
}

static enum rc answer(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                      enum rc rc)
{
    if (typed_mistake(rc)) {
        a->status = http_status_of(rc);
        return show(cx, q, a, id, typed_error(cx));
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/loan/%" PRId64, id));
    return RC_OK;
}

static enum rc move(struct cx *cx, const struct request *q, int64_t id)
{
    static const struct {
        const char *step;
        enum loan_state state;
    } steps[] = {{"grant", LOAN_GRANTED},
                 {"refuse", LOAN_REFUSED},
                 {"pay", LOAN_PAID_OUT},
                 {"repaid", LOAN_REPAID},
                 {"write_off", LOAN_WRITTEN_OFF}};
    int32_t day;
    TRY(typed_day(&day, cx, q, "day", _("On which day"), local_day(cx->profile, cx->now_at)));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (str_eq_z(request_form(q, "do"), steps[i].step))
            return loan_move(cx, id, (int32_t)typed_id(q, "version"), steps[i].state, day,
                             request_form(q, "reason"));
    return fail(cx, RC_INVALID, _("Something is missing in this form. Open it again."),
                "loan step");
}

static enum rc move_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return answer(cx, q, a, id, move(cx, q, id));
}

static enum rc repay(struct cx *cx, const struct request *q, int64_t id)
{
    int32_t day;
    int64_t amount;
    TRY(typed_day(&day, cx, q, "day", _("On which day"), local_day(cx->profile, cx->now_at)));
    TRY(earn_amount(&amount, cx, q, "amount", _("The household paid")));
    return loan_repay(cx, id, day, amount, request_form(q, "receipt"));
}

static enum rc repay_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return answer(cx, q, a, id, repay(cx, q, id));
}

#define MANAGES                                                                                \
    .method = METHOD_POST, .scope = SCOPE_PERMISSION, .permission = "work.manage",             \
    .csrf = CSRF_TOKEN, .body_max = EARN_FORM_BYTES
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/loan/{id}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = one_get,
     .test_path = "/loan/1"},
    {MANAGES, .path = "/loan/{id}/move", .handle = move_post, .test_path = "/loan/1/move"},
    {MANAGES, .path = "/loan/{id}/repay", .handle = repay_post, .test_path = "/loan/1/repay"},
};
const struct route_table loan_one_routes = ROUTE_TABLE(rows);

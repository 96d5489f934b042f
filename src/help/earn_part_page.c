/* What the pages of jobs, loans and offers share, and what the pages of a household show of
 * them: jobs, loans, and what help the family keeps when it earns. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "help/earn_part.html.h"
#include "help/taper.h"
#include "people/actor.h"
#include "profile/sheet.h"
#include "register/area.h"
#include "register/household_view.h"

enum { LINES_MAX = 100 };

const char *earn_money(struct cx *cx, int64_t minor)
{
    return arena_printf(cx->arena, "%s %s", cx->profile->currency_sign,
                        format_money(cx, minor, cx->profile->currency_decimals));
}

const char *earn_money_value(struct cx *cx, int64_t minor)
{
    const struct indicator plain = {.type = TYPE_DECIMAL,
                                    .decimals = cx->profile->currency_decimals};
    return minor ? value_plain(cx, &plain, value_int(minor)) : "";
}

const char *earn_money_cell(struct cx *cx, const struct request *q, int64_t minor)
{
    return !page_wants_file(q) ? earn_money(cx, minor)
           : minor             ? earn_money_value(cx, minor)
                               : "0";
}

const char *earn_month(struct cx *cx, int32_t month)
{
    return arena_printf(cx->arena, "%d-%02d", (int)(month / 12), (int)(month % 12 + 1));
}

enum rc earn_household(const char **label, const char **place, struct cx *cx,
                       int64_t household_id)
{
    struct household h;
    *label = *place = "";
    enum rc rc = household_get(&h, cx, household_id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    *label = household_label(cx, &h);
    *place = area_label(cx, h.area_id);
    return RC_OK;
}

enum rc earn_amount(int64_t *out, struct cx *cx, const struct request *q, const char *name,
                    const char *label)
{
    struct str text = str_trim(request_form(q, name));
    *out = 0;
    if (!text.len)
        return RC_OK;
    if (!str_to_scaled(out, text, cx->profile->currency_decimals) || *out < 0)
        return fail_f(cx, RC_INVALID,
                      _("%s: please write an amount as a number, such as 1500 or 1500.50."),
                      label);
    return RC_OK;
}

/* ---- tapers ---- */

static const char *when_text(struct cx *cx, const struct taper_view *t, size_t i)
{
    int from = t->steps[i].from_month + 1;
    if (i + 1 == t->step_count)
        return t->steps[i].calendar_month
                   ? arena_printf(cx->arena, _("from month %d on (%s)"), from,
                                  earn_month(cx, t->steps[i].calendar_month))
                   : arena_printf(cx->arena, _("from month %d on"), from);
    int until = t->steps[i + 1].from_month;
    return t->steps[i].calendar_month
               ? arena_printf(cx->arena, _("month %d to %d (%s to %s)"), from, until,
                              earn_month(cx, t->steps[i].calendar_month),
                              earn_month(cx, t->steps[i + 1].calendar_month - 1))
               : arena_printf(cx->arena, _("month %d to %d"), from, until);
}

static const char *keeps_text(struct cx *cx, int32_t percent)
{
    if (percent == 100)
        return _("all of it (100 %)");
    if (percent == 0)
        return _("nothing more (0 %)");
    return arena_printf(cx->arena, _("%d of 100 (%d %%)"), (int)percent, (int)percent);
}

static const char *now_text(struct cx *cx, const struct taper_view *t, bool own)
{
    if (t->month < 0)
        return own ? _("You can take a job without fear: this help does not end at once. It "
                       "gets less slowly, like this.")
                   : _("it has no such job yet. When it takes one, the help gets less slowly, "
                       "like this.");
    return arena_printf(cx->arena, _("this is month %d with a new job; now %d %% is kept."),
                        (int)t->month + 1, (int)t->percent_now);
}

enum rc taper_words_fill(const struct taper_words **out, struct cx *cx, int64_t county,
                         int64_t household_id, bool own)
{
    struct taper_view t;
    *out = NULL;
    TRY(taper_of(&t, cx, county, household_id));
    if (!t.taper)
        return RC_OK;
    struct taper_words *w = arena_new(cx->arena, sizeof *w);
    w->rows = arena_new(cx->arena, (t.step_count + 1) * sizeof *w->rows);
    w->help = LABEL(cx, t.taper->label);
    w->now = now_text(cx, &t, own);
    for (size_t i = 0; i < t.step_count; i++) {
        bool begun = t.month >= t.steps[i].from_month;
        bool over = i + 1 < t.step_count && t.month >= t.steps[i + 1].from_month;
        w->rows[w->count++] = (struct taper_row){
            when_text(cx, &t, i), keeps_text(cx, t.steps[i].percent),
            arena_printf(cx->arena, "%d%%", (int)t.steps[i].percent), begun && !over};
    }
    *out = w;
    return RC_OK;
}

/* ---- the household's page ---- */

static enum rc fill_jobs(struct earn_section *s, struct cx *cx, const struct household *h)
{
    struct placement *list;
    size_t count;
    TRY(placements_of(&list, &count, cx, h->county, h->id, 0));
    s->jobs = arena_new(cx->arena, (count + 1) * sizeof *s->jobs);
    for (size_t i = 0; i < count && i < LINES_MAX; i++) {
        struct vacancy v;
        struct wage *wages;
        struct person person;
        size_t wage_count;
        TRY(vacancy_get(&v, cx, list[i].vacancy_id));
        enum rc rc = person_get(&person, cx, list[i].person_id);
        if (rc == RC_NOTFOUND) { /* moved to where the actor may not look */
            err_clear(cx);
            continue;
        }
        TRY(rc);
        TRY(wages_of(&wages, &wage_count, cx, h->county, list[i].id));
        const char *paid = wage_count ? arena_printf(cx->arena, _("last wage: %s in %s"),
                                                     earn_money(cx, wages[0].amount_minor),
                                                     earn_month(cx, wages[0].month))
                                      : _("no wage was entered yet");
        s->jobs[s->job_count++] =
            (struct earn_line){.text = arena_printf(cx->arena, _("%s: %s"),
                                                    person_view_of(cx, &person).name, v.title),
                               .href = arena_printf(cx->arena, "/vacancy/%" PRId64, v.id),
                               .more = arena_printf(cx->arena, _("since %s; %s"),
                                                    format_day(cx, list[i].from_day), paid),
                               .tag = list[i].to_day ? _("ended") : _("works there"),
                               .tone = list[i].to_day ? "muted" : "good"};
    }
    return RC_OK;
}

static enum rc fill_loans(struct earn_section *s, struct cx *cx, const struct household *h)
{
    struct loan *list;
    size_t count;
    int32_t today = day_at(cx->now_at, format_zone());
    const struct loan_query q = {.county = h->county, .household_id = h->id, .max = LINES_MAX};
    if (!actor_may(cx, "household.view"))
        return RC_OK;
    TRY(loan_list(&list, &count, cx, &q));
    s->loans = arena_new(cx->arena, (count + 1) * sizeof *s->loans);
    for (size_t i = 0; i < count; i++) {
        const struct loan *l = &list[i];
        bool late = l->state == LOAN_PAID_OUT && l->due_day != INT32_MIN && l->due_day < today;
        s->loans[s->loan_count++] = (struct earn_line){
            .text = arena_printf(cx->arena, "%s: %s",
                                 l->kind == LOAN_GRANT ? _("Start-up grant") : _("Small loan"),
                                 earn_money(cx, l->amount_minor)),
            .href = arena_printf(cx->arena, "/loan/%" PRId64, l->id),
            .more = l->purpose,
            .tag = late ? _("a part is late") : loan_state_label(cx, l->state),
            .tone = late                       ? "bad"
                    : l->state <= LOAN_GRANTED ? "warn"
                                               : "muted"};
    }
    return RC_OK;
}

enum rc earn_section_fill(const struct earn_section **out, struct cx *cx,
                          const struct household *h)
{
    struct earn_section *s = arena_new(cx->arena, sizeof *s);
    s->household_id = h->id;
    s->may_ask = actor_may_in(cx, "work.manage", str_of(h->area_path));
    TRY(fill_jobs(s, cx, h));
    TRY(fill_loans(s, cx, h));
    TRY(taper_words_fill(&s->taper, cx, h->county, h->id, false));
    *out = s;
    return RC_OK;
}

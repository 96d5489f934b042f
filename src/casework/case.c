/* Cases: whom a flow is about, opening one (a former case of the same subject becomes its
 * history), reading one with its rules, the history of a household. Deciding is case_decide.c,
 * the rules case_guard.c, the frozen decision case_freeze.c and case_frozen.c. */
#include "casework/case_inner.h"

#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "people/actor.h"
#include "profile/calendar.h"
#include "profile/rules.h"
#include "profile/sheet.h"
#include "register/journal.h"

#include <string.h>

int32_t case_today(const struct cx *cx)
{
    return local_day(cx->profile, cx->now_at);
}

int32_t case_year_of(const struct profile *p, int32_t day)
{
    int32_t year = day_date(day).year;
    return day > profile_year_last(p, year) ? year + 1 : year;
}

/* ---- the subject ---- */

enum rc case_thing_seq(int64_t *seq, struct cx *cx, int64_t county, int64_t household_id)
{
    struct journal_entry *entries;
    size_t count;
    TRY(journal_of_household(&entries, &count, cx, county, household_id, 0, 1));
    *seq = count ? entries[0].seq : 0;
    return RC_OK;
}

static enum rc household_subject(struct case_subject *out, struct cx *cx, const struct flow *f)
{
    TRY(household_get(&out->h, cx, f->subject_id));
    TRY(area_get(&out->area, cx, out->h.area_id));
    TRY(case_thing_seq(&out->seq, cx, f->county, f->subject_id));
    if (out->h.sheet_year)
        out->year = out->h.sheet_year;
    out->title = out->h.head_name && out->h.head_name[0]
                     ? out->h.head_name
                     : arena_printf(cx->arena, _("Household %s"), out->h.code);
    out->place = area_label(cx, out->h.area_id);
    return RC_OK;
}

static enum rc area_subject(struct case_subject *out, struct cx *cx, const struct flow *f)
{
    int32_t years[1];
    size_t count = 1;
    TRY(area_get(&out->area, cx, f->subject_id));
    TRY(sheet_years(years, &count, cx, SUBJECT_AREA, f->county, f->subject_id));
    if (count)
        out->year = years[0];
    out->title = out->area.name;
    out->place = area_label(cx, f->subject_id);
    return RC_OK;
}

enum rc case_subject_get(struct case_subject *out, struct cx *cx, const struct flow *f)
{
    *out = (struct case_subject){.kind = f->workflow ? f->workflow->subject : FLOW_PLAIN,
                                 .year = case_year_of(cx->profile, case_today(cx)),
                                 .title = "",
                                 .place = ""};
    enum rc rc = RC_OK;
    if (out->kind == FLOW_HOUSEHOLD)
        rc = household_subject(out, cx, f);
    else if (out->kind == FLOW_AREA)
        rc = area_subject(out, cx, f);
    else
        out->place = area_label(cx, f->area_id);
    if (rc != RC_NOTFOUND)
        return rc;
    /* An import that brought it may have been undone, or it lies elsewhere now: the case is
     * still there, to be closed. */
    err_clear(cx);
    out->gone = true;
    out->title = arena_printf(cx->arena, _("No. %s"), format_int(cx, f->subject_id));
    return RC_OK;
}

/* ---- reading ---- */

static enum rc fill_guards(struct case_view *out, struct cx *cx, const struct case_subject *s)
{
    struct case_rules rules;
    TRY(case_rules_run(&rules, cx, &out->flow, s));
    out->guards = arena_new(cx->arena, (rules.count + 1) * sizeof *out->guards);
    out->guard_count = rules.count;
    out->journal_seq = rules.seq;
    for (size_t i = 0; i < rules.count; i++)
        out->guards[i] = (struct case_guard){.move = rules.rules[i].move,
                                             .advice = rules.rules[i].advice,
                                             .parts = rules.rules[i].parts,
                                             .part_count = rules.rules[i].part_count,
                                             .facts = rules.rules[i].facts[cx->lang],
                                             .fact_count = rules.rules[i].fact_count};
    return RC_OK;
}

enum rc case_get(struct case_view *out, struct cx *cx, int64_t flow_id)
{
    struct case_view v = {0};
    struct case_subject s;
    TRY(flow_get(&v.flow, cx, flow_id));
    TRY(case_subject_get(&s, cx, &v.flow));
    v.household = s.h;
    v.title = s.title;
    v.place = s.place;
    v.ended_day = s.kind == FLOW_HOUSEHOLD ? s.h.ended_day : s.area.ended_day;
    v.gone = s.gone;
    TRY(fill_guards(&v, cx, &s));
    *out = v;
    return RC_OK;
}

enum rc case_history(struct flow **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t household_id)
{
    struct flow *all;
    const char *next;
    size_t n, kept = 0;
    const struct flow_query q = {.subject_id = household_id, .limit = CASE_HISTORY_MAX};
    TRY(flow_list(&all, &n, &next, cx, &q));
    for (size_t i = 0; i < n; i++)
        if (all[i].county == county &&
            (!all[i].workflow || all[i].workflow->subject != FLOW_PLAIN))
            all[kept++] = all[i];
    /* Newest first; there are few. */
    for (size_t i = 1; i < kept; i++)
        for (size_t j = i; j > 0 && all[j].opened_at > all[j - 1].opened_at; j--) {
            struct flow f = all[j];
            all[j] = all[j - 1];
            all[j - 1] = f;
        }
    *out = all;
    *count = kept;
    return RC_OK;
}

/* ---- opening ---- */

struct opening {
    const struct workflow *w;
    int64_t county, subject_id, area_id, back_id;
    int64_t id;
};

static enum rc open_write(struct cx *cx, void *arg)
{
    struct opening *o = arg;
    return flow_open(&o->id, cx, o->w, o->county, o->subject_id, o->area_id, o->back_id);
}

/* The subject's case that was closed last. */
static enum rc find_former(int64_t *id, struct cx *cx, int64_t county, int64_t subject_id)
{
    struct flow *list;
    size_t count;
    int64_t closed_at = 0;
    const struct actor *self = cx->actor;
    *id = 0;
    cx->actor = NULL; /* it may have lived in another village then */
    enum rc rc = case_history(&list, &count, cx, county, subject_id);
    cx->actor = self;
    TRY(rc);
    for (size_t i = 0; i < count; i++)
        if (list[i].closed_at > closed_at ||
            (list[i].closed_at && list[i].closed_at == closed_at && list[i].id > *id)) {
            closed_at = list[i].closed_at;
            *id = list[i].id;
        }
    return RC_OK;
}

static enum rc open_flow(int64_t *flow_id, struct cx *cx, struct opening *o)
{
    TRY(find_former(&o->back_id, cx, o->county, o->subject_id));
    enum rc rc = db_write(cx, o->county, open_write, o);
    if (rc == RC_OK || rc == RC_CONFLICT)
        *flow_id = o->id;
    return rc;
}

static enum rc find_workflow(const struct workflow **out, struct cx *cx, const char *kind,
                             enum flow_subject subject, const char *level)
{
    const struct workflows *all = cx->profile->workflows;
    for (size_t i = 0; i < all->count; i++) {
        const struct workflow *w = &all->list[i];
        if (w->subject == subject && !strcmp(w->kind, kind) &&
            (!level || !strcmp(w->level, level))) {
            *out = w;
            return RC_OK;
        }
    }
    return fail(cx, RC_INVALID, _("The profile has no cases of this kind."), "kind=%s", kind);
}

enum rc case_open(int64_t *flow_id, struct cx *cx, const char *kind, int64_t household_id)
{
    struct opening o = {0};
    struct household h;
    TRY(find_workflow(&o.w, cx, kind, FLOW_HOUSEHOLD, NULL));
    TRY(household_get(&h, cx, household_id));
    if (h.ended_day)
        return fail(cx, RC_INVALID,
                    _("This household has ended; a case can no longer be opened for it."),
                    "household=%" PRId64, household_id);
    o.county = h.county;
    o.subject_id = h.id;
    o.area_id = h.area_id;
    return open_flow(flow_id, cx, &o);
}

enum rc case_open_area(int64_t *flow_id, struct cx *cx, const char *kind, int64_t area_id)
{
    struct opening o = {0};
    struct area a;
    TRY(area_get(&a, cx, area_id));
    if (!actor_may_in(cx, "case.view", str_of(a.path)))
        return fail(cx, RC_NOTFOUND, _("There is no such area, or it is not one of yours."),
                    "area=%" PRId64, area_id);
    const char *level = a.level >= 0 && (size_t)a.level < cx->profile->level_count
                            ? cx->profile->levels[a.level].code
                            : "";
    TRY(find_workflow(&o.w, cx, kind, FLOW_AREA, level));
    if (a.ended_day)
        return fail(cx, RC_INVALID,
                    _("This area has ended; a case can no longer be opened for it."),
                    "area=%" PRId64, area_id);
    o.county = a.county;
    o.subject_id = o.area_id = a.id;
    return open_flow(flow_id, cx, &o);
}

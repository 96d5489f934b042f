/* What the pages of plans share: a measure as a card, titles, fields of forms. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "help/help_view.h"
#include "people/actor.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "register/household_view.h"

#include <string.h>

const char *help_money(struct cx *cx, int64_t minor)
{
    return minor ? arena_printf(cx->arena, "%s %s", cx->profile->currency_sign,
                                format_money(cx, minor, cx->profile->currency_decimals))
                 : "";
}

enum rc plan_titles(const char **title, const char **place, const char **href, struct cx *cx,
                    const struct plan *p)
{
    struct household h;
    *place = area_label(cx, p->area_id);
    if (!p->household_id) {
        *title = arena_printf(cx->arena, _("Help plan of %s"), *place);
        *href = arena_printf(cx->arena, "/area/%" PRId64, p->area_id);
        return RC_OK;
    }
    TRY(household_get(&h, cx, p->household_id));
    *title = household_label(cx, &h);
    *place = area_label(cx, h.area_id);
    *href = arena_printf(cx->arena, "/household/%" PRId64, p->household_id);
    return RC_OK;
}

const char *plan_home_address(struct cx *cx, const struct request *q, const struct plan *p)
{
    struct notice_settings s;
    struct str host = request_header(q, "host");
    if (!plan_has_page(p, cx->now_at))
        return "";
    if (notice_settings_get(&s, cx, p->county) == RC_OK && s.page_url && s.page_url[0]) {
        size_t len = strlen(s.page_url);
        bool slash = s.page_url[len - 1] == '/';
        return arena_printf(cx->arena, "%.*s/p/%s", (int)(len - slash), s.page_url, p->token);
    }
    err_clear(cx);
    return arena_printf(cx->arena, "%s://%.*s/p/%s", q->tls ? "https" : "http", STR_ARG(host),
                        p->token);
}

bool help_is_told(const char **text, struct cx *cx, enum rc rc)
{
    if (rc != RC_INVALID && rc != RC_CONFLICT && rc != RC_LIMIT)
        return false;
    *text = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    return true;
}

/* ---- fields ---- */

enum rc help_form_number(int64_t *out, struct cx *cx, const struct request *q, const char *name,
                         int64_t max)
{
    int64_t n;
    if (!str_to_i64(&n, request_form(q, name)) || n < 0 || n > max)
        return fail(cx, RC_INVALID, _("Something is missing in this form. Open it again."),
                    "form %s", name);
    *out = n;
    return RC_OK;
}

enum rc help_day_read(int32_t *out, struct cx *cx, const struct request *q, const char *name,
                      int32_t otherwise)
{
    struct str text = str_trim(request_form(q, name));
    *out = otherwise;
    if (text.len && !day_parse(out, text))
        return fail(cx, RC_INVALID, _("Please write a date as 2026-11-23."), "%s", name);
    return RC_OK;
}

enum rc help_money_read(int64_t *out, struct cx *cx, const struct request *q, const char *name,
                        int64_t otherwise)
{
    struct str text = str_trim(request_form(q, name));
    *out = otherwise;
    if (text.len && (!str_to_scaled(out, text, cx->profile->currency_decimals) || *out < 0))
        return fail(cx, RC_INVALID,
                    _("Please write an amount as a number, such as 1500 or "
                      "1500.50."),
                    "%s", name);
    return RC_OK;
}

/* "org:12", "area:3", "user:7" */
static const char *owner_value(struct cx *cx, const struct owner *o)
{
    const char *kind = o->kind == OWNER_ORG ? "org" : o->kind == OWNER_AREA ? "area" : "user";
    return arena_printf(cx->arena, "%s:%" PRId64, kind, o->id);
}

enum rc help_owner_field(struct field *out, struct cx *cx, const struct plan *p,
                         const struct owner *now)
{
    struct org *orgs;
    size_t count, n = 0;
    const struct owner here = {OWNER_AREA, p->area_id, "measure.run"};
    struct field_choice *c = arena_new(cx->arena, (OWNERS_SHOWN + 3) * sizeof *c);
    TRY(org_list(&orgs, &count, cx, p->county, STR(""), STR(""), false));
    if (now->kind)
        c[n++] = (struct field_choice){owner_value(cx, now), owner_label(cx, now), true};
    if (now->kind != OWNER_AREA || now->id != here.id)
        c[n++] = (struct field_choice){owner_value(cx, &here), owner_label(cx, &here), false};
    for (size_t i = 0; i < count && i < OWNERS_SHOWN; i++) {
        const struct owner o = {OWNER_ORG, orgs[i].id, ""};
        if (now->kind == OWNER_ORG && now->id == o.id)
            continue;
        c[n++] = (struct field_choice){owner_value(cx, &o), orgs[i].name, false};
    }
    *out = (struct field){.name = "owner",
                          .label = _("Who delivers it"),
                          .choices = c,
                          .choice_count = n,
                          .required = true};
    return RC_OK;
}

enum rc help_owner_read(struct owner *out, struct cx *cx, const struct plan *p,
                        struct str value)
{
    struct str kind = str_cut(&value, ':');
    struct org org;
    int64_t id;
    if (!value.p || !str_to_i64(&id, value) || id < 1)
        return fail(cx, RC_INVALID, _("Say who is to deliver it."), "owner");
    if (str_eq_z(kind, "area") && id == p->area_id)
        *out = (struct owner){OWNER_AREA, id, "measure.run"};
    else if (str_eq_z(kind, "user"))
        *out = (struct owner){OWNER_USER, id, ""};
    else if (str_eq_z(kind, "org")) {
        TRY(org_get(&org, cx, id));
        if (org.county != p->county)
            return fail(cx, RC_INVALID, _("Say who is to deliver it."), "owner county");
        *out = (struct owner){OWNER_ORG, id, ""};
    } else {
        return fail(cx, RC_INVALID, _("Say who is to deliver it."), "owner kind");
    }
    return RC_OK;
}

/* ---- cards ---- */

static const char *tone_of(const struct plan_item *x)
{
    switch (x->state) {
    case ITEM_CONFIRMED:
        return "good";
    case ITEM_DENIED:
        return "bad";
    case ITEM_DELIVERED:
        return "warn";
    case ITEM_REFUSED:
    case ITEM_STOPPED:
        return "muted";
    case ITEM_PROPOSED:
    case ITEM_AGREED:
    case ITEM_STARTED:
        break;
    }
    return x->objected_at ? "bad" : "";
}

static const char *mark_of(const struct plan_item *x)
{
    switch (x->state) {
    case ITEM_CONFIRMED:
        return "✓";
    case ITEM_DENIED:
        return "✗";
    case ITEM_DELIVERED:
        return "●";
    case ITEM_REFUSED:
    case ITEM_STOPPED:
        return "–";
    case ITEM_STARTED:
        return "▶";
    case ITEM_PROPOSED:
        return "?";
    case ITEM_AGREED:
        break;
    }
    return "○";
}

static const char *person_label(struct cx *cx, int64_t person_id)
{
    struct person p;
    if (!person_id)
        return NULL;
    if (person_get(&p, cx, person_id)) {
        err_clear(cx);
        return _("a member of the household");
    }
    return person_view_of(cx, &p).name;
}

/* "Floor space: 60 m² (2026) → 90 m² (2027)"; no claim of a cause. */
static const char *effect_text(struct cx *cx, const struct measure *m,
                               const struct plan_item *x)
{
    const struct indicator *ind = m ? m->effect_column : NULL;
    if (!ind || !x->task_id)
        return NULL;
    const char *before = x->before_value == COLUMN_MISSING
                             ? _("not known")
                             : arena_printf(cx->arena, "%s (%d)",
                                            value_show(cx, ind, value_int(x->before_value)),
                                            (int)x->before_year);
    if (x->after_value == COLUMN_MISSING)
        return arena_printf(cx->arena, _("%s: %s when it was approved; nothing newer yet"),
                            LABEL(cx, ind->label), before);
    return arena_printf(cx->arena, _("%s: %s when it was approved, now %s (%d)"),
                        LABEL(cx, ind->label), before,
                        value_show(cx, ind, value_int(x->after_value)), (int)x->after_year);
}

static void card_rights(struct plan_card *c, struct cx *cx, const struct plan *p, bool may_edit,
                        bool may_approve)
{
    const struct plan_item *x = c->item;
    struct task t;
    bool open = p->state == PLAN_DRAFT || p->state == PLAN_RUNNING;
    bool under_way =
        x->state == ITEM_AGREED || x->state == ITEM_STARTED || x->state == ITEM_DENIED;
    bool mine = may_approve;
    if (!mine && x->task_id) {
        mine = task_get(&t, cx, x->task_id) == RC_OK && task_may(cx, &t);
        err_clear(cx);
    }
    c->may_decide = open && may_edit &&
                    ((!x->task_id && (x->state == ITEM_PROPOSED || x->state == ITEM_REFUSED ||
                                      x->state == ITEM_AGREED)) ||
                     (x->task_id && under_way));
    c->may_stop = open && may_edit && x->task_id && under_way;
    bool can = plan_item_runs(p, x) && !x->objected_at && mine;
    c->may_start = can && (x->state == ITEM_AGREED || x->state == ITEM_DENIED);
    c->may_deliver = can && under_way;
}

/* What the household may say; also on its own page. */
static void card_words(struct plan_card *c, const struct plan *p, int32_t today)
{
    const struct plan_item *x = c->item;
    bool runs = p->state == PLAN_RUNNING || p->state == PLAN_DONE;
    bool overdue = x->task_id && (x->state == ITEM_AGREED || x->state == ITEM_STARTED) &&
                   x->due_day < today;
    c->may_receive =
        runs && (x->state == ITEM_DELIVERED || (x->state == ITEM_DENIED && x->delivered_day));
    c->may_deny = runs && (x->state == ITEM_DELIVERED || x->state == ITEM_CONFIRMED || overdue);
    c->late = p->state == PLAN_RUNNING && x->task_id && x->due_day < today &&
              (x->state == ITEM_AGREED || x->state == ITEM_STARTED || x->state == ITEM_DENIED);
    c->waits = x->state == ITEM_AGREED && !x->task_id;
    c->running = x->task_id != 0;
}

static void fill_card(struct plan_card *c, struct cx *cx, const struct plan_item *x)
{
    const struct measure *m = profile_measure(cx->profile, x->measure);
    unsigned decimals = cx->profile->currency_decimals;
    *c = (struct plan_card){
        .item = x,
        .title = m ? LABEL(cx, m->label)
                   : arena_printf(cx->arena, _("Measure %d (no longer in the profile)"),
                                  (int)x->measure),
        .group = m && m->group ? LABEL(cx, m->group->label) : "",
        .picture = m && m->group ? m->group->picture : "",
        .state = item_state_label(cx, x->state),
        .tone = tone_of(x),
        .mark = mark_of(x),
        .reason = x->reason.in[cx->lang],
        .why = x->why,
        .cost = help_money(cx, x->cost_minor),
        .paid = help_money(cx, x->paid_minor),
        .owner = owner_label(cx, &x->owner),
        .start = format_day(cx, x->start_day),
        .due = format_day(cx, x->due_day),
        .start_value = day_iso(cx->arena, x->start_day),
        .due_value = day_iso(cx->arena, x->due_day),
        .effect = effect_text(cx, m, x)};
    if (x->by_program && m && m->subject != SUBJECT_AREA)
        c->sure = arena_printf(cx->arena, _("%d of 100"), (int)x->sure);
    c->cost_value = "";
    if (x->cost_minor)
        c->cost_value =
            value_plain(cx, &(struct indicator){.type = TYPE_DECIMAL, .decimals = decimals},
                        value_int(x->cost_minor));
    if (x->delivered_day)
        c->delivered = format_day(cx, x->delivered_day);
    if (x->confirmed_day)
        c->confirmed = format_day(cx, x->confirmed_day);
    if (x->objected_at)
        c->objected = format_time(cx, x->objected_at);
}

enum rc plan_cards_fill(struct plan_card **out, struct cx *cx, const struct plan *p,
                        struct plan_item *items, size_t count, bool officer)
{
    struct plan_card *cards = arena_new(cx->arena, (count + 1) * sizeof *cards);
    struct area a;
    int32_t today = local_day(cx->profile, cx->now_at);
    bool may_edit = false, may_approve = false;
    if (officer) {
        TRY(plan_effects(items, count, cx, p));
        TRY(area_get(&a, cx, p->area_id));
        may_edit = actor_may_in(cx, "plan.edit", str_of(a.path));
        may_approve = actor_may_in(cx, "plan.approve", str_of(a.path));
    }
    for (size_t i = 0; i < count; i++) {
        fill_card(&cards[i], cx, &items[i]);
        card_words(&cards[i], p, today);
        if (!officer)
            continue;
        cards[i].person = person_label(cx, items[i].person_id);
        card_rights(&cards[i], cx, p, may_edit, may_approve);
        if (cards[i].may_decide)
            TRY(help_owner_field(&cards[i].owner_field, cx, p, &items[i].owner));
    }
    *out = cards;
    return RC_OK;
}

/* ---- what happened ---- */

const char *help_event_text(struct cx *cx, const char *what)
{
    static const struct {
        const char *what, *text;
    } texts[] = {{"proposed", N_("Proposed by the program")},
                 {"opened", N_("Plan begun")},
                 {"added", N_("Measure added by hand")},
                 {"agreed", N_("Measure taken")},
                 {"changed", N_("Measure changed")},
                 {"refused", N_("Measure not taken")},
                 {"undecided", N_("Decision taken back")},
                 {"item_stopped", N_("Measure stopped")},
                 {"all", N_("All taken as proposed")},
                 {"approved", N_("Plan approved: the departments have their tasks")},
                 {"started", N_("Delivery begun")},
                 {"delivered", N_("Delivered, says the department")},
                 {"given_back", N_("The department cannot deliver it: to be decided again")},
                 {"confirmed", N_("Received, says the household")},
                 {"denied", N_("Did not happen, says the household")},
                 {"objected", N_("The household does not agree")},
                 {"stopped", N_("Plan ended early")},
                 {"done", N_("Plan finished")},
                 {"reopened", N_("Plan open again")},
                 {"token", N_("New address of the household's page")}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!strcmp(texts[i].what, what))
            return text_in(cx->lang, texts[i].text);
    return what;
}

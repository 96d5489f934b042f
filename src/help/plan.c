/* Making plans and deciding on their measures: proposing, taking, changing, refusing, adding by
 * hand. Approving and what comes after is plan_run.c. */
#include "help/plan.h"

#include "base/file.h"
#include "base/text.h"
#include "help/help.sql.h"
#include "help/help_inner.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "register/household.h"
#include "store/store.h"
#include "work/flow.h"

#include <string.h>

enum { QUANTITY_ONE = 1000, DAYS_AHEAD_MAX = 3660 };
static const int64_t COST_MAX_MINOR = INT64_C(1000000000000);
static const int64_t QUANTITY_MAX = INT64_C(1000000) * QUANTITY_ONE;

/* ---- making ---- */

struct plan_new {
    int64_t id, county, household_id, area_id, flow_id, journal_seq, proposal_id;
    const char *area_path;
    struct plan_item *items;
    size_t count;
    int64_t open; /* the plan that is there already */
};

static enum rc write_items(struct cx *cx, const struct plan_new *n)
{
    int64_t first;
    if (!n->count)
        return RC_OK;
    TRY(db_ids(&first, cx, (int64_t)n->count));
    for (size_t i = 0; i < n->count; i++) {
        const struct plan_item *x = &n->items[i];
        TRY(DB_RUN(cx, &ITEM_INSERT, V_I(n->county), V_I(first + (int64_t)i), V_I(n->id),
                   V_I(x->person_id), V_I(x->measure), V_I(x->state), V_I(x->by_program),
                   V_T(x->reason.in[LANG_EN]), V_T(x->reason.in[LANG_ZH]), V_T(x->why),
                   V_I(x->owner.kind), V_I(x->owner.id), V_T(x->owner.permission),
                   V_I(x->cost_minor), V_I(x->quantity), V_I(x->start_day), V_I(x->due_day),
                   V_I(x->sure)));
    }
    return RC_OK;
}

static enum rc open_already(struct plan_new *n, struct cx *cx)
{
    struct db_rows rows;
    enum rc rc = n->household_id
                     ? DB_ONE(&rows, cx, &PLAN_OPEN_ONE, V_I(n->county), V_I(n->household_id))
                     : DB_ONE(&rows, cx, &PLAN_OPEN_OF_AREA, V_I(n->county), V_I(n->area_id));
    n->open = 0;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    n->open = row_i64(&rows, 0);
    return db_done(&rows);
}

static enum rc write_plan(struct cx *cx, void *arg)
{
    struct plan_new *n = arg;
    uint8_t hash[HASH_BYTES];
    TRY(open_already(n, cx));
    if (n->open)
        return RC_CONFLICT;
    TRY(db_ids(&n->id, cx, 1));
    struct str token = plan_token_make(cx);
    plan_token_hash(hash, cx, token);
    bool page = n->household_id != 0;
    TRY(DB_RUN(cx, &PLAN_INSERT, V_I(n->county), V_I(n->id), V_I(n->household_id),
               V_I(n->area_id), V_T(n->area_path), V_I(n->flow_id),
               page ? V_B(hash, sizeof hash) : V_NULL, page ? help_seal(cx, token) : V_NULL,
               V_I(n->journal_seq), V_I(n->proposal_id), V_I(cx->now_at), V_I(help_user(cx))));
    TRY(write_items(cx, n));
    const struct plan p = {.county = n->county, .id = n->id};
    return plan_note(cx, &p, 0, n->proposal_id ? "proposed" : "opened", STR(""));
}

static enum rc add_plan(int64_t *id, struct cx *cx, struct plan_new *n)
{
    enum rc rc = db_write(cx, n->county, write_plan, n);
    *id = n->open ? n->open : n->id;
    if (n->open)
        return fail(cx, RC_CONFLICT, _("There is an open help plan already."), "plan=%" PRId64,
                    n->open);
    return rc;
}

/* Kept as it was: what the plan rests on can be read again later. */
static enum rc freeze(int64_t *document, struct cx *cx, const struct proposal by[LANG_COUNT],
                      const struct household *h)
{
    struct file_temp temp;
    struct str json;
    bool is_new;
    TRY(proposal_json(&json, cx, by, h->id));
    TRY(file_temp_open(&temp, cx, cx->dir));
    enum rc rc = file_put(cx, temp.fd, json.p, json.len, "proposal");
    if (!rc)
        rc = store_put(document, &is_new, cx, h->county, "proposal",
                       arena_printf(cx->arena, "proposal-%" PRId64 "-%" PRId64 ".json", h->id,
                                    by[0].journal_seq),
                       "application/json", temp.fd);
    file_temp_drop(&temp);
    return rc;
}

static enum rc usual(struct plan_item *out, struct cx *cx, int64_t county, int64_t area_id,
                     const char *area_path, const struct measure *m)
{
    *out = (struct plan_item){.county = county,
                              .measure = m->number,
                              .state = ITEM_PROPOSED,
                              .why = "",
                              .reason = {{"", ""}},
                              .cost_minor = m->cost_minor,
                              .quantity = QUANTITY_ONE,
                              .start_day = help_today(cx)};
    out->due_day = calendar_after(cx->profile, out->start_day, m->days);
    return measure_owner(&out->owner, cx, county, area_id, str_of(area_path), m);
}

static enum rc items_of_proposal(struct plan_new *n, struct cx *cx,
                                 const struct proposal by[LANG_COUNT])
{
    size_t max = by[0].fit_count;
    enum lang before = cx->lang;
    if (max > PROPOSAL_ITEMS_MAX)
        max = PROPOSAL_ITEMS_MAX;
    n->items = arena_new(cx->arena, (max + 1) * sizeof *n->items);
    for (size_t i = 0; i < max; i++) {
        struct plan_item *x = &n->items[n->count++];
        TRY(usual(x, cx, n->county, n->area_id, n->area_path, by[0].list[i].measure));
        x->person_id = by[0].list[i].person_id;
        x->by_program = true;
        x->sure = by[0].list[i].sure;
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            cx->lang = (enum lang)lang;
            x->reason.in[lang] = proposal_words(cx, &by[lang], &by[lang].list[i]);
        }
        cx->lang = before;
    }
    return RC_OK;
}

/* The case of the household that is under watch, whether or not one came here from it. */
static enum rc find_case(int64_t *flow_id, struct cx *cx, const struct household *h)
{
    struct flow *flows;
    size_t count;
    const char *next;
    const struct flow_query q = {.subject_id = h->id, .state = STR("open")};
    TRY(flow_list(&flows, &count, &next, cx, &q));
    for (size_t i = 0; i < count; i++)
        if (flows[i].county == h->county && flows[i].state &&
            flows[i].state->kind == STATE_WATCH && flows[i].workflow->subject == FLOW_HOUSEHOLD)
            *flow_id = flows[i].id;
    return RC_OK;
}

enum rc plan_propose(int64_t *id, struct cx *cx, int64_t household_id, int64_t flow_id)
{
    struct household h;
    struct proposal by[LANG_COUNT];
    TRY(household_get(&h, cx, household_id));
    TRY(actor_require_in(cx, "plan.edit", str_of(h.area_path)));
    if (h.ended_day)
        return fail(cx, RC_INVALID, _("This household has ended; it can get no help plan."),
                    "plan household ended");
    struct plan_new n = {.county = h.county,
                         .household_id = h.id,
                         .area_id = h.area_id,
                         .area_path = h.area_path,
                         .flow_id = flow_id};
    TRY(open_already(&n, cx));
    if (n.open) {
        *id = n.open;
        return fail(cx, RC_CONFLICT, _("There is an open help plan already."), "plan=%" PRId64,
                    n.open);
    }
    if (!n.flow_id)
        TRY(find_case(&n.flow_id, cx, &h));
    TRY(proposal_both(by, cx, h.county, h.id));
    n.journal_seq = by[0].journal_seq;
    TRY(items_of_proposal(&n, cx, by));
    TRY(freeze(&n.proposal_id, cx, by, &h));
    return add_plan(id, cx, &n);
}

/* ---- plans of areas ---- */

struct area_said {
    const struct measures *m;
    int32_t area;
    int64_t *value; /* by measure */
};

static enum rc keep_area(struct cx *cx, void *arg, const struct rule_runner *r,
                         const struct rule_block *b)
{
    struct area_said *s = arg;
    (void)cx;
    if (b->count[RULE_AREA] != 1 || b->row[RULE_AREA][0] != s->area)
        return RC_OK;
    for (size_t i = 0; i < s->m->count; i++)
        if (s->m->list[i].subject == SUBJECT_AREA)
            s->value[i] = rule_value(r, s->m->list[i].root)[0];
    return RC_OK;
}

static enum rc run_area(struct area_said *s, int64_t *seq, struct cx *cx, struct columns *c,
                        int64_t area_id)
{
    const struct columns_head *h = columns_head(c);
    s->area = columns_area_index(c, area_id);
    *seq = h->seq;
    if (s->area < 0 || !s->m->program)
        return RC_OK;
    struct columns_run run = {.program = s->m->program,
                              .year = h->year_count ? h->years[h->year_count - 1] : 0,
                              .area = s->area,
                              .household_row = -1,
                              .block = keep_area,
                              .arg = s};
    return columns_run(cx, c, &run);
}

enum rc plan_open_area(int64_t *id, struct cx *cx, int64_t area_id)
{
    struct area a;
    struct columns *c;
    struct area_said s = {.m = cx->profile->measures};
    TRY(area_get(&a, cx, area_id));
    if (!a.county || !actor_may_in(cx, "household.view", str_of(a.path)))
        return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                    "plan area=%" PRId64, area_id);
    TRY(actor_require_in(cx, "plan.edit", str_of(a.path)));
    struct plan_new n = {.county = a.county, .area_id = a.id, .area_path = a.path};
    s.value = arena_new(cx->arena, (s.m->count + 1) * sizeof *s.value);
    TRY(columns_open(&c, cx, a.county));
    enum rc rc = run_area(&s, &n.journal_seq, cx, c, area_id);
    columns_close(c);
    TRY(rc);
    n.items = arena_new(cx->arena, (s.m->count + 1) * sizeof *n.items);
    for (size_t i = 0; i < s.m->count && n.count < PROPOSAL_ITEMS_MAX; i++) {
        if (s.m->list[i].subject != SUBJECT_AREA || s.value[i] != 1)
            continue;
        struct plan_item *x = &n.items[n.count++];
        TRY(usual(x, cx, a.county, a.id, a.path, &s.m->list[i]));
        x->by_program = true;
        x->reason = both_f(cx, N_("The measure's rule is true of this area."));
    }
    return add_plan(id, cx, &n);
}

/* ---- checking what is typed ---- */

static enum rc check_item(struct cx *cx, const struct plan_item *x)
{
    int32_t today = help_today(cx);
    if (x->cost_minor < 0 || x->quantity < 1)
        return fail(cx, RC_INVALID, _("Amounts are numbers above 0."), "item amount");
    if (x->cost_minor > COST_MAX_MINOR || x->quantity > QUANTITY_MAX)
        return fail(cx, RC_INVALID, _("This amount is larger than any help can be."),
                    "item amount");
    if (x->due_day < x->start_day)
        return fail(cx, RC_INVALID, _("It cannot be due before it begins."), "item days");
    if (x->start_day < today - DAYS_AHEAD_MAX || x->due_day > today + DAYS_AHEAD_MAX)
        return fail(cx, RC_INVALID, _("These dates are more than ten years away."),
                    "item days");
    if (x->owner.kind < OWNER_USER || x->owner.kind > OWNER_AREA || !x->owner.id)
        return fail(cx, RC_INVALID, _("Say who is to deliver it."), "item owner");
    return RC_OK;
}

static bool same_plan_of(const struct plan_item *a, const struct plan_item *b)
{
    return a->owner.kind == b->owner.kind && a->owner.id == b->owner.id &&
           a->cost_minor == b->cost_minor && a->quantity == b->quantity &&
           a->start_day == b->start_day && a->due_day == b->due_day;
}

static bool same_money_of(const struct plan_item *a, const struct plan_item *b)
{
    return a->owner.kind == b->owner.kind && a->owner.id == b->owner.id &&
           a->cost_minor == b->cost_minor && a->quantity == b->quantity;
}

/* ---- deciding ---- */

struct deciding {
    const struct plan *p;
    const struct plan_item *now, *to;
    enum item_state state;
    const char *what;
};

/* The right to change the plan was asked; the task's own rights are its giver's. */
static enum rc move_task(struct cx *cx, const struct deciding *d)
{
    struct task t;
    struct str why = str_of(d->to->why);
    TRY(task_get(&t, cx, d->now->task_id));
    if (t.state != TASK_OPEN && t.state != TASK_WAITING)
        return RC_OK;
    if (d->to->due_day != d->now->due_day) {
        TRY(task_set_due(cx, t.id, t.version, help_day_end(cx, d->to->due_day), why));
        TRY(task_get(&t, cx, d->now->task_id));
    }
    bool moved = d->to->owner.kind != d->now->owner.kind || d->to->owner.id != d->now->owner.id;
    return moved ? task_give_to(cx, t.id, t.version, d->to->owner, why) : RC_OK;
}

static enum rc follow_task(struct cx *cx, const struct deciding *d)
{
    const struct actor *who = cx->actor;
    if (d->state == ITEM_STOPPED)
        return task_close_of(cx, d->p->county, "plan_item", d->now->id, TASK_CANCELLED);
    cx->actor = NULL;
    enum rc rc = move_task(cx, d);
    cx->actor = who;
    return rc;
}

static enum rc write_decision(struct cx *cx, void *arg)
{
    const struct deciding *d = arg;
    const struct plan_item *x = d->to;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &ITEM_DECIDE, V_I(d->p->county), V_I(d->p->id), V_I(x->id),
                     V_I(x->version), V_I(d->state), V_I(x->changed), V_T(x->why),
                     V_I(x->owner.kind), V_I(x->owner.id), V_T(x->owner.permission),
                     V_I(x->cost_minor), V_I(x->quantity), V_I(x->start_day), V_I(x->due_day)));
    if (!changed)
        return item_changed_meanwhile(cx, x);
    TRY(DB_RUN(cx, &PLAN_TOUCH, V_I(d->p->county), V_I(d->p->id)));
    if (d->now->task_id)
        TRY(follow_task(cx, d));
    TRY(plan_note(cx, d->p, x->id, d->what, str_of(x->why)));
    return plan_settle(cx, d->p);
}

/* What may be decided of an item that is not under way, and of one that is. */
static enum rc may_decide(struct cx *cx, const struct plan *p, const struct plan_item *now,
                          enum item_state to)
{
    bool waits = !now->task_id && (now->state == ITEM_PROPOSED || now->state == ITEM_REFUSED ||
                                   now->state == ITEM_AGREED);
    bool runs = now->task_id && (now->state == ITEM_AGREED || now->state == ITEM_STARTED ||
                                 now->state == ITEM_DENIED);
    if (p->state != PLAN_DRAFT && p->state != PLAN_RUNNING)
        return fail(cx, RC_INVALID, _("This plan has ended."), "plan ended");
    if (waits && (to == ITEM_AGREED || to == ITEM_REFUSED || to == ITEM_PROPOSED))
        return RC_OK;
    if (runs && (to == ITEM_STOPPED || to == ITEM_AGREED))
        return RC_OK;
    return fail(cx, RC_INVALID,
                _("This cannot be decided any more; look at what became of it."),
                "item state=%d to=%d", (int)now->state, (int)to);
}

static const char *decision_name(const struct plan_item *to, enum item_state state)
{
    if (state == ITEM_STOPPED)
        return "item_stopped";
    if (state == ITEM_REFUSED)
        return "refused";
    if (state == ITEM_PROPOSED)
        return "undecided";
    return to->changed ? "changed" : "agreed";
}

enum rc plan_item_decide(struct cx *cx, const struct plan_item *changed, enum item_state state)
{
    struct plan p;
    struct plan_item now, to;
    TRY(plan_item_get(&p, &now, cx, changed->id));
    TRY(plan_require(cx, &p, "plan.edit"));
    if (now.version != changed->version)
        return item_changed_meanwhile(cx, changed);
    TRY(may_decide(cx, &p, &now, state));
    to = now;
    to.why = arena_copy(cx->arena, str_trim(str_of(changed->why)));
    if (state == ITEM_AGREED) {
        to.owner = changed->owner;
        to.cost_minor = changed->cost_minor;
        to.quantity = changed->quantity;
        to.start_day = changed->start_day;
        to.due_day = changed->due_day;
        if (!to.owner.permission)
            to.owner.permission = to.owner.kind == OWNER_AREA ? "measure.run" : "";
        TRY(check_item(cx, &to));
    }
    bool differs = !same_plan_of(&now, &to);
    /* What was approved is money and somebody's duty: changed by who may approve. */
    if (now.task_id && !same_money_of(&now, &to))
        TRY(plan_require(cx, &p, "plan.approve"));
    to.changed = now.changed || differs;
    bool needs_why = state == ITEM_REFUSED || state == ITEM_STOPPED ||
                     (state == ITEM_AGREED && (differs || now.objected_at));
    TRY(help_words_check(cx, str_of(to.why), needs_why));
    struct deciding d = {
        .p = &p, .now = &now, .to = &to, .state = state, .what = decision_name(&to, state)};
    if (now.task_id && state == ITEM_AGREED)
        d.state = now.state;
    return db_write(cx, p.county, write_decision, &d);
}

static enum rc write_all(struct cx *cx, void *arg)
{
    const struct plan *p = arg;
    int64_t changed, taken;
    TRY(DB_RUN_COUNT(&changed, cx, &PLAN_STATE_SET, V_I(p->county), V_I(p->id), V_I(p->version),
                     V_I(p->state), V_I(0)));
    if (!changed)
        return plan_changed_meanwhile(cx, p);
    TRY(DB_RUN_COUNT(&taken, cx, &ITEM_TAKE_ALL, V_I(p->county), V_I(p->id)));
    return taken ? plan_note(cx, p, 0, "all", STR("")) : RC_OK;
}

enum rc plan_take_all(struct cx *cx, int64_t id, int32_t version)
{
    struct plan p;
    TRY(plan_load(&p, cx, id));
    TRY(plan_require(cx, &p, "plan.edit"));
    if (p.state != PLAN_DRAFT && p.state != PLAN_RUNNING)
        return fail(cx, RC_INVALID, _("This plan has ended."), "plan ended");
    p.version = version;
    return db_write(cx, p.county, write_all, &p);
}

/* ---- by hand ---- */

enum rc plan_measure_doubt(const char **out, struct cx *cx, const struct plan *p,
                           int32_t measure)
{
    struct proposal by;
    *out = "";
    if (!p->household_id)
        return RC_OK;
    TRY(proposal_make(&by, cx, p->county, p->household_id));
    for (size_t i = 0; i < by.count; i++)
        if (by.list[i].measure->number == measure) { /* the best of several people */
            if (by.list[i].fit != FIT_YES)
                *out = proposal_words(cx, &by, &by.list[i]);
            break;
        }
    return RC_OK;
}

struct adding {
    const struct plan *p;
    struct plan_item *x;
    int64_t id;
};

static enum rc write_added(struct cx *cx, void *arg)
{
    struct adding *a = arg;
    struct plan now;
    struct plan_item *items;
    size_t count;
    TRY(plan_load(&now, cx, a->p->id));
    if (now.state != PLAN_DRAFT && now.state != PLAN_RUNNING)
        return fail(cx, RC_CONFLICT, _("This plan has ended."), "plan ended");
    TRY(items_load(&items, &count, cx, now.county, now.id));
    if (count >= PLAN_ITEMS_MAX)
        return fail_f(cx, RC_LIMIT, _("A plan has at most %d measures."), (int)PLAN_ITEMS_MAX);
    struct plan_new n = {.county = now.county, .id = now.id, .items = a->x, .count = 1};
    TRY(write_items(cx, &n));
    TRY(items_load(&items, &count, cx, now.county, now.id));
    a->id = count ? items[count - 1].id : 0;
    TRY(DB_RUN(cx, &PLAN_TOUCH, V_I(now.county), V_I(now.id)));
    return plan_note(cx, &now, a->id, "added", str_of(a->x->why));
}

static enum rc check_added(struct cx *cx, const struct plan *p, const struct plan_item *item,
                           const struct measure *m)
{
    struct person person;
    if (!m || (m->subject == SUBJECT_AREA) != (p->household_id == 0))
        return fail(cx, RC_INVALID, _("Choose a measure of the catalogue."), "item measure");
    if (m->subject != SUBJECT_PERSON && item->person_id)
        return fail(cx, RC_INVALID, _("This measure is not for one person."), "item person");
    if (m->subject != SUBJECT_PERSON)
        return RC_OK;
    if (!item->person_id)
        return fail(cx, RC_INVALID, _("Say for whom it is."), "item person");
    TRY(person_get(&person, cx, item->person_id));
    return person.household_id == p->household_id
               ? RC_OK
               : fail(cx, RC_INVALID, _("That person does not live in this household."),
                      "item person");
}

enum rc plan_item_add(int64_t *id, struct cx *cx, const struct plan_item *item)
{
    struct plan p;
    struct plan_item x;
    const struct measure *m = profile_measure(cx->profile, item->measure);
    TRY(plan_load(&p, cx, item->plan_id));
    TRY(plan_require(cx, &p, "plan.edit"));
    TRY(check_added(cx, &p, item, m));
    TRY(help_words_check(cx, str_trim(str_of(item->why)), true));
    TRY(usual(&x, cx, p.county, p.area_id, p.area_path, m));
    x.state = ITEM_AGREED;
    x.person_id = item->person_id;
    x.why = arena_copy(cx->arena, str_trim(str_of(item->why)));
    x.reason = both_typed(x.why);
    if (item->owner.kind)
        x.owner = item->owner;
    if (!x.owner.permission)
        x.owner.permission = x.owner.kind == OWNER_AREA ? "measure.run" : "";
    x.cost_minor = item->cost_minor ? item->cost_minor : x.cost_minor;
    x.quantity = item->quantity ? item->quantity : x.quantity;
    x.start_day = item->start_day ? item->start_day : x.start_day;
    x.due_day = item->due_day ? item->due_day : x.due_day;
    TRY(check_item(cx, &x));
    struct adding a = {.p = &p, .x = &x};
    TRY(db_write(cx, p.county, write_added, &a));
    *id = a.id;
    return RC_OK;
}

/* Plans under way: approving makes the tasks; departments deliver, households confirm, deny or
 * object; stopping. Each change is one transaction with its event and what follows from it. */
#include "base/fault.h"
#include "base/text.h"
#include "base/time.h"
#include "casework/grievance.h"
#include "help/help.sql.h"
#include "help/help_inner.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "register/area.h"

#include <string.h>

/* ---- approving ---- */

struct approving {
    const struct plan *p;
    struct plan_item *items; /* of the caller; texts live as long as the closure needs them */
    struct effect *before;
    size_t count;
};

static bool is_new(const struct plan_item *x)
{
    return x->state == ITEM_AGREED && !x->task_id;
}

/* Does a new item wait for another: begins on or after the other's last day? */
static bool waits_for(const struct approving *a, size_t i, size_t j)
{
    const struct plan_item *x = &a->items[i], *before = &a->items[j];
    return i != j && is_new(x) && (is_new(before) || before->task_id) &&
           !item_is_over(before->state) && x->start_day >= before->due_day &&
           before->start_day < x->start_day;
}

static enum rc write_task(struct cx *cx, const struct approving *a, struct plan_item *made,
                          size_t i)
{
    const struct effect *e = &a->before[i];
    bool waits = false;
    for (size_t j = 0; j < a->count && !waits; j++)
        waits = waits_for(a, i, j);
    TRY(item_task_add(cx, a->p, made, waits ? ITEM_TASK_WAITS : ITEM_TASK));
    return DB_RUN(cx, &ITEM_BEFORE_SET, V_I(a->p->county), V_I(a->p->id), V_I(made->id),
                  e->value == COLUMN_MISSING ? V_NULL : V_I(e->value), V_I(e->year));
}

/* In order where start days say so. */
static enum rc write_tasks(struct cx *cx, const struct approving *a)
{
    struct plan_item *made = arena_new(cx->arena, (a->count + 1) * sizeof *made);
    memcpy(made, a->items, a->count * sizeof *made);
    for (size_t i = 0; i < a->count; i++)
        if (is_new(&a->items[i]))
            TRY(write_task(cx, a, &made[i], i));
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < a->count; j++)
            if (waits_for(a, i, j))
                TRY(task_after(cx, a->p->county, made[i].task_id, made[j].task_id));
    return RC_OK;
}

static enum rc write_approval(struct cx *cx, void *arg)
{
    const struct approving *a = arg;
    const struct plan *p = a->p;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &PLAN_APPROVE_SET, V_I(p->county), V_I(p->id),
                     V_I(p->version), V_I(cx->now_at), V_I(help_user(cx))));
    if (!changed)
        return plan_changed_meanwhile(cx, p);
    TRY(DB_RUN(cx, &PLAN_PLACE_SET, V_I(p->county), V_I(p->id), V_I(p->area_id),
               V_T(p->area_path)));
    if (fault_hit("help.approve"))
        return fail(cx, RC_IO, _("The plan could not be approved. Please try again."),
                    "fault help.approve");
    TRY(write_tasks(cx, a));
    if (p->flow_id)
        TRY(task_close_of(cx, p->county, "plan", p->flow_id, TASK_DONE));
    return plan_note(cx, p, 0, "approved", STR(""));
}

static enum rc check_decided(struct cx *cx, const struct approving *a)
{
    size_t agreed = 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct plan_item *x = &a->items[i];
        if (x->state == ITEM_PROPOSED)
            return fail(cx, RC_INVALID,
                        _("Decide on every measure first: take it, change it or leave it out."),
                        "plan undecided");
        if (is_new(x) && x->objected_at)
            return fail(cx, RC_INVALID,
                        _("The household does not agree with a measure. Decide on it again "
                          "first."),
                        "plan objected");
        agreed += is_new(x);
    }
    return agreed ? RC_OK
                  : fail(cx, RC_INVALID,
                         _("No measure waits for approval. Add one, or end the plan."),
                         "plan empty");
}

/* Where the household lives today. */
static enum rc find_place(struct plan *p, struct cx *cx)
{
    struct household h;
    if (!p->household_id)
        return RC_OK;
    TRY(household_get(&h, cx, p->household_id));
    p->area_id = h.area_id;
    p->area_path = h.area_path;
    return RC_OK;
}

enum rc plan_approve(struct cx *cx, int64_t id, int32_t version)
{
    struct plan p;
    struct approving a = {.p = &p};
    TRY(plan_get(&p, &a.items, &a.count, cx, id));
    TRY(plan_require(cx, &p, "plan.approve"));
    if (p.state != PLAN_DRAFT && p.state != PLAN_RUNNING)
        return fail(cx, RC_INVALID, _("This plan has ended."), "plan ended");
    if (p.version != version)
        return plan_changed_meanwhile(cx, &p);
    TRY(check_decided(cx, &a));
    TRY(find_place(&p, cx));
    a.before = arena_new(cx->arena, (a.count + 1) * sizeof *a.before);
    TRY(effects_read(a.before, cx, &p, a.items, a.count));
    return db_write(cx, p.county, write_approval, &a);
}

/* ---- stopping ---- */

struct stopping {
    const struct plan *p;
    struct str reason;
};

static enum rc write_stop(struct cx *cx, void *arg)
{
    const struct stopping *s = arg;
    const struct plan *p = s->p;
    struct plan_item *items;
    size_t count;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &PLAN_STATE_SET, V_I(p->county), V_I(p->id), V_I(p->version),
                     V_I(PLAN_STOPPED), V_I(cx->now_at)));
    if (!changed)
        return plan_changed_meanwhile(cx, p);
    TRY(items_load(&items, &count, cx, p->county, p->id));
    for (size_t i = 0; i < count; i++) {
        if (item_is_over(items[i].state))
            continue;
        TRY(DB_RUN(cx, &ITEM_STATE_SET, V_I(p->county), V_I(p->id), V_I(items[i].id),
                   V_I(items[i].version), V_I(ITEM_STOPPED)));
        TRY(task_close_of(cx, p->county, "plan_item", items[i].id, TASK_CANCELLED));
    }
    return plan_note(cx, p, 0, "stopped", s->reason);
}

enum rc plan_stop(struct cx *cx, int64_t id, int32_t version, struct str reason)
{
    struct plan p;
    TRY(plan_load(&p, cx, id));
    TRY(plan_require(cx, &p, p.state == PLAN_RUNNING ? "plan.approve" : "plan.edit"));
    if (p.state != PLAN_DRAFT && p.state != PLAN_RUNNING)
        return fail(cx, RC_INVALID, _("This plan has ended."), "plan ended");
    reason = str_trim(reason);
    TRY(help_words_check(cx, reason, true));
    p.version = version;
    struct stopping s = {&p, reason};
    return db_write(cx, p.county, write_stop, &s);
}

/* ---- delivering ---- */

struct delivering {
    const struct plan *p;
    const struct plan_item *item;
    enum item_state state;
    int32_t day;
    int64_t paid_minor, document_id;
};

/* The task ends with the item; by its owner's own word where they do it. */
static enum rc end_task(struct cx *cx, const struct delivering *d)
{
    struct task t;
    const char *outcome = arena_printf(cx->arena, "%s", day_iso(cx->arena, d->day));
    enum rc rc = task_get(&t, cx, d->item->task_id);
    if (rc == RC_OK && d->document_id && task_may(cx, &t))
        TRY(task_evidence(cx, t.id, d->document_id, STR("")));
    if (rc == RC_OK && t.state == TASK_OPEN && task_may(cx, &t))
        return task_done(cx, t.id, t.version, str_of(outcome));
    if (rc)
        err_clear(cx);
    return task_close_of(cx, d->p->county, "plan_item", d->item->id, TASK_DONE);
}

static enum rc write_delivery(struct cx *cx, void *arg)
{
    const struct delivering *d = arg;
    const struct plan_item *x = d->item;
    int64_t changed;
    if (d->state == ITEM_STARTED)
        TRY(DB_RUN_COUNT(&changed, cx, &ITEM_STATE_SET, V_I(d->p->county), V_I(d->p->id),
                         V_I(x->id), V_I(x->version), V_I(ITEM_STARTED)));
    else
        TRY(DB_RUN_COUNT(&changed, cx, &ITEM_DELIVER, V_I(d->p->county), V_I(d->p->id),
                         V_I(x->id), V_I(x->version), V_I(d->day), V_I(d->paid_minor),
                         V_I(d->document_id ? d->document_id : x->document_id)));
    if (!changed)
        return item_changed_meanwhile(cx, x);
    if (d->state == ITEM_DELIVERED)
        TRY(end_task(cx, d));
    TRY(DB_RUN(cx, &PLAN_TOUCH, V_I(d->p->county), V_I(d->p->id)));
    return plan_note(cx, d->p, x->id, d->state == ITEM_STARTED ? "started" : "delivered",
                     STR(""));
}

enum rc item_objected(struct cx *cx)
{
    return fail(cx, RC_INVALID,
                _("The household does not agree with this measure; it waits until the plan's "
                  "officer has decided."),
                "item objected");
}

bool plan_item_runs(const struct plan *p, const struct plan_item *x)
{
    return x->task_id &&
           (p->state == PLAN_RUNNING || (p->state == PLAN_DONE && x->state == ITEM_DENIED));
}

/* Its owner, or who may approve plans there; not while the household does not agree. */
static enum rc may_deliver(struct plan *p, struct plan_item *x, struct cx *cx, int64_t item_id,
                           int32_t version)
{
    struct task t = {0};
    TRY(plan_item_get(p, x, cx, item_id));
    if (x->task_id && task_get(&t, cx, x->task_id))
        err_clear(cx);
    if (!t.id || !task_may(cx, &t))
        TRY(plan_require(cx, p, "plan.approve"));
    if (x->version != version)
        return item_changed_meanwhile(cx, x);
    if (!plan_item_runs(p, x))
        return fail(cx, RC_INVALID, _("This measure is not approved, or its plan has ended."),
                    "item not running");
    return x->objected_at ? item_objected(cx) : RC_OK;
}

static enum rc not_now(struct cx *cx, const struct plan_item *x)
{
    return fail(cx, RC_INVALID, _("This cannot be done now; look at what became of it."),
                "item=%" PRId64 " state=%d", x->id, (int)x->state);
}

enum rc plan_item_start(struct cx *cx, int64_t item_id, int32_t version)
{
    struct plan p;
    struct plan_item x;
    TRY(may_deliver(&p, &x, cx, item_id, version));
    if (x.state != ITEM_AGREED && x.state != ITEM_DENIED)
        return not_now(cx, &x);
    struct delivering d = {.p = &p, .item = &x, .state = ITEM_STARTED};
    return db_write(cx, p.county, write_delivery, &d);
}

enum rc plan_item_deliver(struct cx *cx, int64_t item_id, int32_t version, int32_t day,
                          int64_t paid_minor, int64_t document_id)
{
    struct plan p;
    struct plan_item x;
    TRY(may_deliver(&p, &x, cx, item_id, version));
    if (x.state != ITEM_AGREED && x.state != ITEM_STARTED && x.state != ITEM_DENIED)
        return not_now(cx, &x);
    if (paid_minor < 0)
        return fail(cx, RC_INVALID, _("An amount is a number of 0 or more."), "item paid");
    if (day > help_today(cx) || day < local_day(cx->profile, p.made_at) - 366)
        return fail(cx, RC_INVALID,
                    _("Give the day on which it was delivered: not after today."), "item day");
    struct delivering d = {.p = &p,
                           .item = &x,
                           .state = ITEM_DELIVERED,
                           .day = day,
                           .paid_minor = paid_minor,
                           .document_id = document_id};
    return db_write(cx, p.county, write_delivery, &d);
}

/* ---- the household's word ---- */

struct confirming {
    const struct plan *p;
    const struct plan_item *item;
    enum item_state state;
    bool happened, by_household;
    struct str words;
};

static enum rc tell_heads(struct cx *cx, const struct plan *p, const struct plan_item *x)
{
    int64_t *users;
    size_t count;
    if (x->owner.kind == OWNER_ORG)
        TRY(org_users(&users, &count, cx, x->owner.id, true));
    else if (x->owner.kind == OWNER_AREA)
        TRY(area_users(&users, &count, cx, x->owner.id, x->owner.permission));
    else
        return RC_OK; /* a user: the task tells */
    const struct notice n = {
        .county = p->county,
        .weight = NOTICE_URGENT,
        .key = arena_printf(cx->arena, "plan_item:%" PRId64 ":denied:%d", x->id, x->version),
        .text = both_f(cx, N_("A household in %s says that a measure did not happen."),
                       area_label(cx, p->area_id)),
        .href = arena_printf(cx->arena, "/plan/item/%" PRId64, x->id)};
    return notice_tell(cx, users, count, &n);
}

/* A word in the open task; the household's own words stay in the plan. */
static enum rc remark(struct cx *cx, const struct plan_item *x)
{
    const struct actor *who = cx->actor;
    struct str text = str_of(_("The household says that this did not happen."));
    if (!x->task_id)
        return RC_OK;
    cx->actor = NULL; /* the right to speak for the household was asked already */
    enum rc rc = task_remark(cx, x->task_id, text);
    cx->actor = who;
    return rc;
}

/* The department has it again: a new task, or a word in the one that is open still. */
static enum rc back_to_owner(struct cx *cx, const struct confirming *c)
{
    struct plan_item x = *c->item;
    if (x.state == ITEM_DELIVERED || x.state == ITEM_CONFIRMED)
        TRY(item_task_add(cx, c->p, &x, ITEM_TASK_AGAIN));
    else
        TRY(remark(cx, &x));
    return tell_heads(cx, c->p, c->item);
}

static enum rc write_word(struct cx *cx, void *arg)
{
    const struct confirming *c = arg;
    const struct plan_item *x = c->item;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &ITEM_CONFIRM, V_I(c->p->county), V_I(c->p->id), V_I(x->id),
                     V_I(x->version), V_I(c->state), V_I(c->happened ? help_today(cx) : 0)));
    if (!changed)
        return item_changed_meanwhile(cx, x);
    TRY(DB_RUN(cx, &PLAN_TOUCH, V_I(c->p->county), V_I(c->p->id)));
    TRY(needs_solved_by(cx, c->p, x, c->happened));
    const char *what = c->happened ? "confirmed" : "denied";
    TRY(c->by_household ? plan_note_household(cx, c->p, x->id, what, c->words)
                        : plan_note(cx, c->p, x->id, what, c->words));
    if (!c->happened)
        TRY(back_to_owner(cx, c));
    else
        TRY(task_close_of(cx, c->p->county, "plan_item", x->id, TASK_DONE));
    return plan_settle(cx, c->p);
}

/* The plan and the item for a token; or for an officer. */
static enum rc find_for(struct plan *p, struct plan_item *x, struct cx *cx, int64_t item_id,
                        struct str token)
{
    struct plan_item *items;
    size_t count;
    if (!token.p) {
        TRY(plan_item_get(p, x, cx, item_id));
        return plan_require(cx, p, "plan.edit");
    }
    TRY(plan_by_token(p, &items, &count, cx, token));
    for (size_t i = 0; i < count; i++)
        if (items[i].id == item_id) {
            *x = items[i];
            return RC_OK;
        }
    return fail(cx, RC_NOTFOUND, _("There is no such measure in this plan."),
                "token item=%" PRId64, item_id);
}

/* Received what was delivered, or what had been said not to have come. Not happened: what was
 * delivered or confirmed; what is agreed once its day is over. */
static bool may_say(const struct cx *cx, const struct plan_item *x, bool happened)
{
    if (happened)
        return x->state == ITEM_DELIVERED || (x->state == ITEM_DENIED && x->delivered_day);
    if (x->state == ITEM_DELIVERED || x->state == ITEM_CONFIRMED)
        return true;
    return (x->state == ITEM_AGREED || x->state == ITEM_STARTED) && x->task_id &&
           x->due_day < help_today(cx);
}

enum rc plan_item_confirm(struct cx *cx, int64_t item_id, struct str token, bool happened,
                          struct str words)
{
    struct plan p;
    struct plan_item x;
    TRY(find_for(&p, &x, cx, item_id, token));
    words = str_trim(words);
    TRY(help_words_check(cx, words, false));
    if ((happened && x.state == ITEM_CONFIRMED) || (!happened && x.state == ITEM_DENIED))
        return RC_OK; /* said already: tapped twice */
    if ((p.state != PLAN_RUNNING && p.state != PLAN_DONE) || !may_say(cx, &x, happened))
        return not_now(cx, &x);
    struct confirming c = {.p = &p,
                           .item = &x,
                           .state = happened ? ITEM_CONFIRMED : ITEM_DENIED,
                           .happened = happened,
                           .by_household = token.p != NULL,
                           .words = words};
    return db_write(cx, p.county, write_word, &c);
}

/* ---- objecting ---- */

struct objecting {
    const struct plan *p;
    const struct plan_item *item;
    struct str words;
};

/* A grievance where the profile knows how they are handled. */
static enum rc add_grievance(int64_t *id, struct cx *cx, const struct objecting *o)
{
    const char *reference;
    *id = 0;
    if (!profile_workflow_kind(cx->profile, "grievance"))
        return RC_OK;
    const struct grievance g = {.county = o->p->county,
                                .area_id = o->p->area_id,
                                .about_plan = o->p->id,
                                .household_id = o->p->household_id,
                                .against_user =
                                    o->p->approved_by ? o->p->approved_by : o->p->made_by,
                                .channel = BY_PAGE,
                                .name = "",
                                .phone = "",
                                .text = arena_copy(cx->arena, o->words),
                                .answer = ""};
    return grievance_add(id, &reference, cx, &g);
}

static enum rc write_objection(struct cx *cx, void *arg)
{
    const struct objecting *o = arg;
    const struct plan_item *x = o->item;
    int64_t changed, grievance;
    TRY(add_grievance(&grievance, cx, o));
    TRY(DB_RUN_COUNT(&changed, cx, &ITEM_OBJECT, V_I(o->p->county), V_I(o->p->id), V_I(x->id),
                     V_I(x->version), V_I(cx->now_at), V_I(grievance)));
    if (!changed)
        return item_changed_meanwhile(cx, x);
    TRY(DB_RUN(cx, &PLAN_TOUCH, V_I(o->p->county), V_I(o->p->id)));
    TRY(plan_note_household(cx, o->p, x->id, "objected", o->words));
    if (!o->p->made_by)
        return RC_OK;
    const struct notice n = {
        .county = o->p->county,
        .user_id = o->p->made_by,
        .weight = NOTICE_URGENT,
        .key = arena_printf(cx->arena, "plan_item:%" PRId64 ":objected:%d", x->id, x->version),
        .text = both_f(cx, N_("A household in %s does not agree with a measure of its plan."),
                       area_label(cx, o->p->area_id)),
        .href = arena_printf(cx->arena, "/plan/%" PRId64, o->p->id)};
    return notice_add(cx, &n);
}

enum rc plan_object(struct cx *cx, struct str token, int64_t item_id, struct str words)
{
    struct plan p;
    struct plan_item x;
    TRY(find_for(&p, &x, cx, item_id, token));
    words = str_trim(words);
    TRY(help_words_check(cx, words, false));
    if (x.objected_at)
        return RC_OK;
    bool open = p.state == PLAN_DRAFT || p.state == PLAN_RUNNING;
    if (!open ||
        (x.state != ITEM_PROPOSED && x.state != ITEM_AGREED && x.state != ITEM_STARTED))
        return not_now(cx, &x);
    if (!words.len)
        words = str_of(_("The household does not agree (no reason was written)."));
    struct objecting o = {&p, &x, words};
    return db_write(cx, p.county, write_objection, &o);
}

/* ---- token, merged areas ---- */

struct token_write {
    const struct plan *p;
    struct str token;
};

static enum rc write_token(struct cx *cx, void *arg)
{
    const struct token_write *w = arg;
    uint8_t hash[HASH_BYTES];
    plan_token_hash(hash, cx, w->token);
    TRY(DB_RUN(cx, &PLAN_TOKEN_SET, V_I(w->p->county), V_I(w->p->id), V_B(hash, sizeof hash),
               help_seal(cx, w->token)));
    return plan_note(cx, w->p, 0, "token", STR(""));
}

enum rc plan_token_new(const char **token, struct cx *cx, int64_t id)
{
    struct plan p;
    TRY(plan_load(&p, cx, id));
    TRY(plan_require(cx, &p, "plan.edit"));
    if (!p.household_id)
        return fail(cx, RC_INVALID, _("Only a household's plan has a page of its own."),
                    "plan token area");
    struct token_write w = {&p, plan_token_make(cx)};
    TRY(db_write(cx, p.county, write_token, &w));
    *token = arena_copy(cx->arena, w.token);
    return RC_OK;
}

enum rc plan_area_merged(struct cx *cx, int64_t county, int64_t from_area, int64_t to_area)
{
    struct area to;
    TRY(area_get(&to, cx, to_area));
    return DB_RUN(cx, &PLAN_AREA_MOVE, V_I(county), V_I(from_area), V_I(to_area), V_T(to.path));
}

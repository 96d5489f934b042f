/* Help plans: the measures agreed for a household (or village), each with reason, owner, dates,
 * cost and what became of it. Proposed by the program, decided by an officer measure by measure
 * (taken as proposed, changed, refused with a reason), shown to the household, who can object
 * to the proposal, confirm that a step happened, or say that it did not. Steps are tasks of
 * their departments (work/task.h). Effects are read from the register afterwards, never typed
 * in. Tables `plan`, `plan_item`, `plan_event`. */
#ifndef HELP_PLAN_H
#define HELP_PLAN_H

#include "help/proposal.h"
#include "work/task.h"

enum plan_state { PLAN_DRAFT = 1, PLAN_RUNNING = 2, PLAN_DONE = 3, PLAN_STOPPED = 4 };
struct plan {
    int64_t county, id, household_id, area_id; /* household 0: a village's plan */
    const char *area_path;
    int64_t flow_id; /* the case it belongs to; 0 */
    enum plan_state state;
    const char *token;                /* of the household's page; "" = none */
    int64_t journal_seq, proposal_id; /* document: the frozen proposal */
    int64_t made_at, made_by, approved_at, approved_by, ended_at; /* 0: not yet */
    int32_t version;
    int32_t item_count, ended_count, late_count; /* filled by plan_list */
};
enum item_state {
    ITEM_PROPOSED = 1,
    ITEM_REFUSED = 2, /* by the officer, with the reason */
    ITEM_AGREED = 3,
    ITEM_STARTED = 4,
    ITEM_DELIVERED = 5, /* the department says so */
    ITEM_CONFIRMED = 6, /* the household says so */
    ITEM_DENIED = 7,    /* "this did not happen" */
    ITEM_STOPPED = 8
};
struct plan_item {
    int64_t county, id, plan_id, person_id, task_id;
    int32_t measure; /* number */
    enum item_state state;
    bool by_program, changed; /* proposed by the program; changed by the officer */
    struct both reason;       /* in words */
    const char *why;          /* the officer's reason for changing or refusing */
    struct owner owner;
    int64_t cost_minor, paid_minor;
    int32_t quantity; /* in the measure's unit, thousandths */
    int32_t start_day, due_day, delivered_day, confirmed_day;
    int64_t document_id; /* proof of delivery; 0 */
    /* effect_column at approval and the newest known since (plan_effects): COLUMN_MISSING */
    int64_t before_value, after_value;
    int32_t before_year, after_year; /* 0 */
    int32_t sure;
    int64_t objected_at, grievance_id; /* the household does not agree: it waits; 0 */
    int32_t version;
};
enum {
    PLAN_ITEMS_MAX = 40,
    PLAN_WORDS_MAX = 1000,
    PLAN_TOKEN_CHARS = 22,
    PLAN_TOKEN_DAYS = 90
};
/* Reading needs household.view where the household lives today (for a village's plan: at the
 * area); what is elsewhere is RC_NOTFOUND. Writing opens its own write unless said otherwise;
 * RC_CONFLICT: somebody was quicker. What a state does not allow is RC_INVALID with a sentence;
 * the table of states and events is in README.md. */

/* A draft with the proposal's fitting measures as items. RC_CONFLICT: an open plan exists. */
enum rc plan_propose(int64_t *id, struct cx *cx, int64_t household_id,
                     int64_t flow_id) MUST_USE;
/* … of a village or county, with the area measures whose rule is true there. */
enum rc plan_open_area(int64_t *id, struct cx *cx, int64_t area_id) MUST_USE;
/* plan.edit. Of `changed`: id, version, owner, cost_minor, quantity, start_day, due_day, why.
 * state: AGREED, REFUSED (with why), PROPOSED (undecided again); of an item under way AGREED
 * (other dates or owner; ends an objection) and STOPPED (with why). */
enum rc plan_item_decide(struct cx *cx, const struct plan_item *changed,
                         enum item_state state) MUST_USE;
/* All that are still proposed are agreed, as they are; those that the household does not agree
 * with stay. */
enum rc plan_take_all(struct cx *cx, int64_t id, int32_t version) MUST_USE;
/* By hand, agreed at once: plan_id, measure, person_id, why (required); owner kind 0 and days
 * 0: as usual. In a running plan it waits for plan_approve. Not refused for a rule that is
 * false: the page warns (plan_measure_doubt). */
enum rc plan_item_add(int64_t *id, struct cx *cx, const struct plan_item *item) MUST_USE;
/* Why a measure does not fit, in words, in cx's language; "" when it fits. */
enum rc plan_measure_doubt(const char **out, struct cx *cx, const struct plan *p,
                           int32_t measure) MUST_USE;
/* All items decided, owners and dates set: running; makes the tasks, in order where start days
 * say so, in one transaction. Of a running plan: items added since. plan.approve. */
enum rc plan_approve(struct cx *cx, int64_t id, int32_t version) MUST_USE;
enum rc plan_stop(struct cx *cx, int64_t id, int32_t version, struct str reason) MUST_USE;
/* Is it under way: of a running plan, or denied by the household after the plan was done? */
bool plan_item_runs(const struct plan *p, const struct plan_item *x);
/* By who may do the item's task, or plan.approve. */
enum rc plan_item_start(struct cx *cx, int64_t item_id, int32_t version) MUST_USE;
enum rc plan_item_deliver(struct cx *cx, int64_t item_id, int32_t version, int32_t day,
                          int64_t paid_minor, int64_t document_id) MUST_USE;
/* By an officer on the household's word (plan.edit), or by the household itself with the page's
 * token. Denied: it goes back to the owner's task, whose heads are told. */
enum rc plan_item_confirm(struct cx *cx, int64_t item_id, struct str token, bool happened,
                          struct str words) MUST_USE;
/* The household objects to an item that is not delivered yet: a grievance (about_plan) is made
 * where the profile has a workflow for it; the item is marked and waits. */
enum rc plan_object(struct cx *cx, struct str token, int64_t item_id,
                    struct str words) MUST_USE;
enum rc plan_get(struct plan *out, struct plan_item **items, size_t *count, struct cx *cx,
                 int64_t id) MUST_USE;
enum rc plan_item_get(struct plan *plan, struct plan_item *out, struct cx *cx,
                      int64_t item_id) MUST_USE;
/* Has the plan a page for its household? Not without a token, nor 90 days after its end. */
bool plan_has_page(const struct plan *p, int64_t now_at);
/* As read: RC_NOTFOUND when the token is not known or its page has ended (plan_has_page). */
enum rc plan_by_token(struct plan *out, struct plan_item **items, size_t *count, struct cx *cx,
                      struct str token) MUST_USE;
enum rc plans_of(struct plan **out, size_t *count, struct cx *cx, int64_t county,
                 int64_t household_id) MUST_USE;
/* Newest first. state: "" or "open" (draft, running), "late" (running, something is overdue),
 * "draft", "running", "done", "stopped", "all". area_id 0: all of the actor's areas. */
enum rc plan_list(struct plan **out, size_t *count, const char **next, struct cx *cx,
                  int64_t area_id, struct str state, struct str after, size_t max) MUST_USE;
struct plan_event {
    int64_t at, user_id, item_id; /* user 0 with by_household */
    bool by_household;
    const char *what, *text;
};
enum rc plan_events(struct plan_event **out, size_t *count, struct cx *cx, int64_t id) MUST_USE;
/* What an organisation is to deliver, by date; after: (due_day, id) of the last one seen. */
enum rc plan_items_owned(struct plan_item **out, size_t *count, struct cx *cx, int64_t county,
                         struct owner owner, int32_t after_day, int64_t after_id,
                         size_t max) MUST_USE;
/* Fills after_value and after_year of items from the register as it is now. */
enum rc plan_effects(struct plan_item *items, size_t count, struct cx *cx,
                     const struct plan *p) MUST_USE;
const char *plan_state_label(struct cx *cx, enum plan_state state);
const char *item_state_label(struct cx *cx, enum item_state state);
/* Has the item ended (refused, confirmed, stopped)? */
bool item_is_over(enum item_state state);
/* An area was merged into another. In a write closure. */
enum rc plan_area_merged(struct cx *cx, int64_t county, int64_t from_area,
                         int64_t to_area) MUST_USE;
/* New token for the household's page; the old one ends. */
enum rc plan_token_new(const char **token, struct cx *cx, int64_t id) MUST_USE;
/* Called once at start: a case that comes into a state of kind `watch` gets a plan task; task
 * ends move items on. */
void help_begin(void);

#endif

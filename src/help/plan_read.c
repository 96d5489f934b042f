/* Reading plans: rows, who may see them, lists, events, the household's token. */
#include "base/text.h"
#include "base/vault.h"
#include "help/help.sql.h"
#include "help/help_inner.h"
#include "register/area.h"
#include "register/household.h"

#include <string.h>

enum { PLANS_OF_HOUSEHOLD_MAX = 50, EVENTS_MAX = 2000 };

/* ---- the token ---- */

void plan_token_hash(uint8_t out[HASH_BYTES], const struct cx *cx, struct str token)
{
    uint8_t key[KEY_BYTES] = {0};
    if (cx->vault)
        vault_key(key, cx->vault, "plan.token", true);
    hash_keyed(out, key, token);
}

struct str plan_token_make(struct cx *cx)
{
    return (struct str){token_new(cx->arena), PLAN_TOKEN_CHARS};
}

/* ---- rows ---- */

static struct plan plan_of_row(struct cx *cx, const struct db_rows *r)
{
    return (struct plan){.county = row_i64(r, PLAN_ONE_COUNTY),
                         .id = row_i64(r, PLAN_ONE_ID),
                         .household_id = row_i64(r, PLAN_ONE_HOUSEHOLD_ID),
                         .area_id = row_i64(r, PLAN_ONE_AREA_ID),
                         .area_path = row_copy(r, PLAN_ONE_AREA_PATH).p,
                         .flow_id = row_i64(r, PLAN_ONE_FLOW_ID),
                         .state = (enum plan_state)row_i64(r, PLAN_ONE_STATE),
                         .token = help_unseal(cx, row_str(r, PLAN_ONE_TOKEN)),
                         .journal_seq = row_i64(r, PLAN_ONE_JOURNAL_SEQ),
                         .proposal_id = row_i64(r, PLAN_ONE_PROPOSAL_ID),
                         .made_at = row_i64(r, PLAN_ONE_MADE_AT),
                         .made_by = row_i64(r, PLAN_ONE_MADE_BY),
                         .approved_at = row_i64(r, PLAN_ONE_APPROVED_AT),
                         .approved_by = row_i64(r, PLAN_ONE_APPROVED_BY),
                         .ended_at = row_i64(r, PLAN_ONE_ENDED_AT),
                         .version = (int32_t)row_i64(r, PLAN_ONE_VERSION)};
}

static struct plan_item item_of_row(const struct db_rows *r)
{
    return (struct plan_item){
        .county = row_i64(r, ITEM_ONE_COUNTY),
        .id = row_i64(r, ITEM_ONE_ID),
        .plan_id = row_i64(r, ITEM_ONE_PLAN_ID),
        .person_id = row_i64(r, ITEM_ONE_PERSON_ID),
        .task_id = row_i64(r, ITEM_ONE_TASK_ID),
        .measure = (int32_t)row_i64(r, ITEM_ONE_MEASURE),
        .state = (enum item_state)row_i64(r, ITEM_ONE_STATE),
        .by_program = row_i64(r, ITEM_ONE_BY_PROGRAM) != 0,
        .changed = row_i64(r, ITEM_ONE_CHANGED) != 0,
        .reason = {{row_copy(r, ITEM_ONE_REASON_EN).p, row_copy(r, ITEM_ONE_REASON_ZH).p}},
        .why = row_copy(r, ITEM_ONE_WHY).p,
        .owner = {(enum owner_kind)row_i64(r, ITEM_ONE_OWNER_KIND),
                  row_i64(r, ITEM_ONE_OWNER_ID), row_copy(r, ITEM_ONE_OWNER_PERMISSION).p},
        .cost_minor = row_i64(r, ITEM_ONE_COST_MINOR),
        .paid_minor = row_i64(r, ITEM_ONE_PAID_MINOR),
        .quantity = (int32_t)row_i64(r, ITEM_ONE_QUANTITY),
        .start_day = (int32_t)row_i64(r, ITEM_ONE_START_DAY),
        .due_day = (int32_t)row_i64(r, ITEM_ONE_DUE_DAY),
        .delivered_day = (int32_t)row_i64(r, ITEM_ONE_DELIVERED_DAY),
        .confirmed_day = (int32_t)row_i64(r, ITEM_ONE_CONFIRMED_DAY),
        .document_id = row_i64(r, ITEM_ONE_DOCUMENT_ID),
        .before_value = row_null(r, ITEM_ONE_BEFORE_VALUE) ? COLUMN_MISSING
                                                           : row_i64(r, ITEM_ONE_BEFORE_VALUE),
        .after_value = COLUMN_MISSING,
        .before_year = (int32_t)row_i64(r, ITEM_ONE_BEFORE_YEAR),
        .sure = (int32_t)row_i64(r, ITEM_ONE_SURE),
        .objected_at = row_i64(r, ITEM_ONE_OBJECTED_AT),
        .grievance_id = row_i64(r, ITEM_ONE_GRIEVANCE_ID),
        .version = (int32_t)row_i64(r, ITEM_ONE_VERSION)};
}

static enum rc no_plan(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such help plan, or not for you to see."),
                "plan=%" PRId64, id);
}

enum rc plan_load(struct plan *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &PLAN_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_plan(cx, id);
    TRY(rc);
    *out = plan_of_row(cx, &rows);
    return db_done(&rows);
}

enum rc item_load(struct plan_item *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ITEM_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such measure in a plan, or not for you to see."),
                    "plan item=%" PRId64, id);
    TRY(rc);
    *out = item_of_row(&rows);
    return db_done(&rows);
}

static enum rc read_items(struct plan_item **out, size_t *count, struct db_rows *rows,
                          size_t max)
{
    struct plan_item *list = arena_new(rows->cx->arena, (max + 1) * sizeof *list);
    size_t n = 0;
    while (n < max && db_next(rows))
        list[n++] = item_of_row(rows);
    TRY(db_done(rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc items_load(struct plan_item **out, size_t *count, struct cx *cx, int64_t county,
                   int64_t plan_id)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &ITEM_LIST, V_I(county), V_I(plan_id)));
    return read_items(out, count, &rows, PLAN_ITEMS_MAX);
}

/* ---- who may ---- */

/* Where it is today: the household may have moved. RC_NOTFOUND: not for the actor to see. */
static enum rc place_today(const char **path, struct cx *cx, const struct plan *p)
{
    struct household h;
    *path = p->area_path;
    if (!p->household_id)
        return actor_may_in(cx, "household.view", str_of(p->area_path)) ? RC_OK
                                                                        : no_plan(cx, p->id);
    enum rc rc = household_get(&h, cx, p->household_id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return no_plan(cx, p->id);
    }
    TRY(rc);
    *path = h.area_path;
    return RC_OK;
}

enum rc plan_require(struct cx *cx, const struct plan *p, const char *permission)
{
    const char *path;
    TRY(place_today(&path, cx, p));
    return actor_require_in(cx, permission, str_of(path));
}

enum rc plan_changed_meanwhile(struct cx *cx, const struct plan *p)
{
    return fail(cx, RC_CONFLICT, _("Somebody changed this plan meanwhile. Look at it again."),
                "plan=%" PRId64 " version=%d", p->id, p->version);
}

enum rc item_changed_meanwhile(struct cx *cx, const struct plan_item *item)
{
    return fail(cx, RC_CONFLICT,
                _("Somebody changed this measure meanwhile. Look at it again."),
                "plan item=%" PRId64 " version=%d", item->id, item->version);
}

/* ---- reading ---- */

enum rc plan_get(struct plan *out, struct plan_item **items, size_t *count, struct cx *cx,
                 int64_t id)
{
    struct plan p;
    const char *path;
    TRY(plan_load(&p, cx, id));
    TRY(place_today(&path, cx, &p));
    TRY(items_load(items, count, cx, p.county, p.id));
    *out = p;
    return RC_OK;
}

enum rc plan_item_get(struct plan *plan, struct plan_item *out, struct cx *cx, int64_t item_id)
{
    struct plan_item item;
    const char *path;
    TRY(item_load(&item, cx, item_id));
    TRY(plan_load(plan, cx, item.plan_id));
    TRY(place_today(&path, cx, plan));
    *out = item;
    return RC_OK;
}

bool plan_has_page(const struct plan *p, int64_t now_at)
{
    return p->token[0] &&
           (!p->ended_at || p->ended_at + (int64_t)PLAN_TOKEN_DAYS * 86400 >= now_at);
}

enum rc plan_by_token(struct plan *out, struct plan_item **items, size_t *count, struct cx *cx,
                      struct str token)
{
    struct db_rows rows;
    uint8_t hash[HASH_BYTES];
    if (token.len != PLAN_TOKEN_CHARS)
        return no_plan(cx, 0);
    plan_token_hash(hash, cx, token);
    enum rc rc = DB_ONE(&rows, cx, &PLAN_OF_TOKEN, V_B(hash, sizeof hash));
    if (rc == RC_NOTFOUND)
        return no_plan(cx, 0);
    TRY(rc);
    struct plan p = plan_of_row(cx, &rows);
    TRY(db_done(&rows));
    if (!plan_has_page(&p, cx->now_at))
        return no_plan(cx, p.id);
    TRY(items_load(items, count, cx, p.county, p.id));
    *out = p;
    return RC_OK;
}

enum rc plans_of(struct plan **out, size_t *count, struct cx *cx, int64_t county,
                 int64_t household_id)
{
    struct db_rows rows;
    struct plan *list = arena_new(cx->arena, PLANS_OF_HOUSEHOLD_MAX * sizeof *list);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &PLAN_LIST_HOUSEHOLD, V_I(county), V_I(household_id)));
    while (n < PLANS_OF_HOUSEHOLD_MAX && db_next(&rows))
        list[n++] = plan_of_row(cx, &rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

static bool states_named(int *lowest, int *highest, bool *late, struct str name)
{
    static const struct {
        const char *name;
        int lowest, highest;
    } names[] = {{"", PLAN_DRAFT, PLAN_RUNNING},          {"open", PLAN_DRAFT, PLAN_RUNNING},
                 {"late", PLAN_RUNNING, PLAN_RUNNING},    {"draft", PLAN_DRAFT, PLAN_DRAFT},
                 {"running", PLAN_RUNNING, PLAN_RUNNING}, {"done", PLAN_DONE, PLAN_DONE},
                 {"stopped", PLAN_STOPPED, PLAN_STOPPED}, {"all", PLAN_DRAFT, PLAN_STOPPED}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq_z(name, names[i].name)) {
            *lowest = names[i].lowest;
            *highest = names[i].highest;
            *late = !strcmp(names[i].name, "late");
            return true;
        }
    return false;
}

/* The path under which all lies that is asked for; more is filtered row by row. */
static enum rc list_path(struct str *path, struct cx *cx, int64_t area_id)
{
    struct area a;
    const char *const *own;
    size_t count;
    TRY(actor_require(cx, "household.view"));
    if (area_id) {
        TRY(area_get(&a, cx, area_id));
        *path = str_of(a.path);
        return RC_OK;
    }
    TRY(actor_paths(&own, &count, cx, "household.view"));
    *path = str_of(count == 1 ? own[0] : "");
    return RC_OK;
}

/* NOLINTNEXTLINE(readability-function-size): where, which state, from where, how many */
enum rc plan_list(struct plan **out, size_t *count, const char **next, struct cx *cx,
                  int64_t area_id, struct str state, struct str after, size_t max)
{
    struct db_rows rows;
    struct str path;
    int lowest, highest;
    bool late;
    int64_t before = INT64_MAX;
    if (!states_named(&lowest, &highest, &late, state))
        return fail(cx, RC_INVALID, _("There is no such state of plans."), "plan state");
    if (after.len && (!str_to_i64(&before, after) || before < 1))
        return fail(cx, RC_INVALID, _("There is no such page of the list."), "plan after");
    TRY(list_path(&path, cx, area_id));
    struct plan *list = arena_new(cx->arena, (max + 1) * sizeof *list);
    size_t n = 0;
    bool more = false;
    TRY(DB_SELECT(&rows, cx, &PLAN_LIST_UNDER, V_S(path), V_S(help_path_end(cx, path)),
                  V_I(lowest), V_I(highest), V_I(before), V_I(help_today(cx))));
    while (!more && db_next(&rows)) {
        int64_t late_count = row_i64(&rows, PLAN_LIST_UNDER_LATE);
        if ((late && !late_count) ||
            !actor_may_in(cx, "household.view", row_str(&rows, PLAN_LIST_UNDER_AREA_PATH)))
            continue;
        more = n == max;
        if (more)
            break;
        list[n] = plan_of_row(cx, &rows);
        list[n].item_count = (int32_t)row_i64(&rows, PLAN_LIST_UNDER_ITEMS);
        list[n].ended_count = (int32_t)row_i64(&rows, PLAN_LIST_UNDER_ENDED);
        list[n++].late_count = (int32_t)late_count;
    }
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    *next = more && n ? arena_printf(cx->arena, "%" PRId64, list[n - 1].id) : NULL;
    return RC_OK;
}

/* NOLINTNEXTLINE(readability-function-size): whose, from which date, how many */
enum rc plan_items_owned(struct plan_item **out, size_t *count, struct cx *cx, int64_t county,
                         struct owner owner, int32_t after_day, int64_t after_id, size_t max)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &ITEM_OWNED, V_I(county), V_I(owner.kind), V_I(owner.id),
                  V_I(after_day), V_I(after_id), V_I(max)));
    return read_items(out, count, &rows, max);
}

enum rc plan_events(struct plan_event **out, size_t *count, struct cx *cx, int64_t id)
{
    struct plan p;
    const char *path;
    struct db_rows rows;
    size_t n = 0, room = 64;
    TRY(plan_load(&p, cx, id));
    TRY(place_today(&path, cx, &p));
    struct plan_event *list = arena_new(cx->arena, room * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &EVENT_LIST, V_I(p.county), V_I(id)));
    while (n < EVENTS_MAX && db_next(&rows)) {
        if (n == room) {
            struct plan_event *larger = arena_new(cx->arena, room * 2 * sizeof *larger);
            memcpy(larger, list, n * sizeof *larger);
            list = larger;
            room *= 2;
        }
        list[n++] =
            (struct plan_event){.at = row_i64(&rows, EVENT_LIST_AT),
                                .user_id = row_i64(&rows, EVENT_LIST_USER_ID),
                                .item_id = row_i64(&rows, EVENT_LIST_ITEM_ID),
                                .by_household = row_i64(&rows, EVENT_LIST_BY_HOUSEHOLD) != 0,
                                .what = row_copy(&rows, EVENT_LIST_WHAT).p,
                                .text = help_unseal(cx, row_str(&rows, EVENT_LIST_WORDS))};
    }
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- labels ---- */

const char *plan_state_label(struct cx *cx, enum plan_state state)
{
    switch (state) {
    case PLAN_DRAFT:
        return _("draft");
    case PLAN_RUNNING:
        return _("running");
    case PLAN_DONE:
        return _("finished");
    case PLAN_STOPPED:
        break;
    }
    return _("stopped");
}

const char *item_state_label(struct cx *cx, enum item_state state)
{
    switch (state) {
    case ITEM_PROPOSED:
        return _("proposed");
    case ITEM_REFUSED:
        return _("not taken");
    case ITEM_AGREED:
        return _("agreed");
    case ITEM_STARTED:
        return _("begun");
    case ITEM_DELIVERED:
        return _("delivered, says the department");
    case ITEM_CONFIRMED:
        return _("received, says the household");
    case ITEM_DENIED:
        return _("did not happen, says the household");
    case ITEM_STOPPED:
        break;
    }
    return _("stopped");
}

bool item_is_over(enum item_state state)
{
    return state == ITEM_REFUSED || state == ITEM_CONFIRMED || state == ITEM_STOPPED;
}

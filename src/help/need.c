/* Needs: what a household says it lacks; and the few things that all of help/ shares. */
#include "help/need.h"

#include "base/text.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "help/help.sql.h"
#include "help/help_inner.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "register/household.h"

#include <string.h>

static const char words_purpose[] = "help.words";

int64_t help_user(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

struct str help_path_end(struct cx *cx, struct str path)
{
    if (!path.len)
        return STR("\x7f");
    char *end = arena_new(cx->arena, path.len + 1);
    memcpy(end, path.p, path.len);
    end[path.len - 1]++;
    return (struct str){end, path.len};
}

struct db_arg help_seal(struct cx *cx, struct str words)
{
    uint8_t key[KEY_BYTES];
    if (!words.len || !cx->vault)
        return V_NULL;
    vault_key(key, cx->vault, words_purpose, true);
    struct str sealed = seal(cx->arena, key, words, words_purpose);
    return V_B(sealed.p, sealed.len);
}

const char *help_unseal(struct cx *cx, struct str sealed)
{
    uint8_t key[KEY_BYTES];
    struct str plain;
    if (!sealed.len || !cx->vault)
        return "";
    vault_key(key, cx->vault, words_purpose, true);
    if (unseal(&plain, cx, key, sealed, words_purpose)) {
        err_clear(cx);
        return "";
    }
    return arena_copy(cx->arena, plain);
}

/* ---- labels ---- */

static const char *label_of(struct cx *cx, const struct code_list *list, int32_t code)
{
    const struct code *c = list ? code_of(list, code) : NULL;
    return c ? LABEL(cx, c->label) : "";
}

const char *need_kind_label(struct cx *cx, int32_t kind)
{
    return label_of(cx, cx->profile->measures->need_kinds, kind);
}

const char *urgency_label(struct cx *cx, int32_t urgency)
{
    return label_of(cx, cx->profile->measures->urgencies, urgency);
}

bool need_is_urgent(const struct cx *cx, const struct need *n)
{
    const struct code_list *list = cx->profile->measures->urgencies;
    return list && list->code_count && list->codes[list->code_count - 1].code == n->urgency;
}

/* ---- reading ---- */

static struct need need_of_row(struct cx *cx, const struct db_rows *r)
{
    return (struct need){.county = row_i64(r, NEED_ONE_COUNTY),
                         .id = row_i64(r, NEED_ONE_ID),
                         .household_id = row_i64(r, NEED_ONE_HOUSEHOLD_ID),
                         .person_id = row_i64(r, NEED_ONE_PERSON_ID),
                         .kind = (int32_t)row_i64(r, NEED_ONE_KIND),
                         .urgency = (int32_t)row_i64(r, NEED_ONE_URGENCY),
                         .amount_minor = row_i64(r, NEED_ONE_AMOUNT_MINOR),
                         .words = help_unseal(cx, row_str(r, NEED_ONE_WORDS)),
                         .state = (enum need_state)row_i64(r, NEED_ONE_STATE),
                         .at = row_i64(r, NEED_ONE_AT),
                         .user_id = row_i64(r, NEED_ONE_USER_ID),
                         .solved_at = row_i64(r, NEED_ONE_SOLVED_AT),
                         .plan_item_id = row_i64(r, NEED_ONE_PLAN_ITEM_ID),
                         .may_be_listed = row_i64(r, NEED_ONE_MAY_BE_LISTED) != 0,
                         .version = (int32_t)row_i64(r, NEED_ONE_VERSION)};
}

static enum rc read_needs(struct need **out, size_t *count, struct db_rows *rows, size_t max)
{
    struct need *list = arena_new(rows->cx->arena, (max + 1) * sizeof *list);
    size_t n = 0;
    while (n < max && db_next(rows))
        list[n++] = need_of_row(rows->cx, rows);
    TRY(db_done(rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc needs_of(struct need **out, size_t *count, struct cx *cx, int64_t county,
                 int64_t household_id, bool only_open)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &NEED_LIST, V_I(county), V_I(household_id),
                  V_I(only_open ? NEED_OPEN : NEED_WITHDRAWN)));
    return read_needs(out, count, &rows, NEEDS_MAX);
}

/* NOLINTNEXTLINE(readability-function-size): where, which kind, from where, how many */
enum rc needs_listed(struct need **out, size_t *count, struct cx *cx, int64_t area_id,
                     int32_t kind, int64_t after, size_t max)
{
    struct db_rows rows;
    struct area a;
    TRY(area_get(&a, cx, area_id));
    if (!a.county)
        return fail(cx, RC_INVALID, _("Choose a county or an area in it."), "needs area");
    TRY(DB_SELECT(&rows, cx, &NEED_LIST_PUBLIC, V_I(a.county), V_I(kind), V_T(a.path),
                  V_S(help_path_end(cx, str_of(a.path))), V_I(after), V_I(max)));
    TRY(read_needs(out, count, &rows, max));
    for (size_t i = 0; i < *count; i++)
        (*out)[i].household_id = (*out)[i].person_id = (*out)[i].user_id = 0;
    return RC_OK;
}

static enum rc no_need(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such need, or not for you to see."),
                "need=%" PRId64, id);
}

enum rc need_get(struct need *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    struct household h;
    enum rc rc = DB_ONE(&rows, cx, &NEED_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_need(cx, id);
    TRY(rc);
    struct need n = need_of_row(cx, &rows);
    TRY(db_done(&rows));
    rc = household_get(&h, cx, n.household_id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return no_need(cx, id);
    }
    TRY(rc);
    *out = n;
    return RC_OK;
}

/* ---- writing ---- */

struct need_write {
    int64_t id;
    const struct need *n;
    const struct household *h;
};

static enum rc write_need(struct cx *cx, void *arg)
{
    struct need_write *w = arg;
    const struct need *n = w->n;
    TRY(db_ids(&w->id, cx, 1));
    return DB_RUN(cx, &NEED_INSERT, V_I(w->h->county), V_I(w->id), V_I(n->household_id),
                  V_I(n->person_id), V_T(w->h->area_path), V_I(n->kind), V_I(n->urgency),
                  V_I(n->amount_minor), help_seal(cx, str_of(n->words)), V_I(cx->now_at),
                  V_I(help_user(cx)), V_I(n->may_be_listed));
}

static enum rc check_need(struct cx *cx, const struct need *n, const struct household *h)
{
    const struct measures *m = cx->profile->measures;
    if (!m->need_kinds || !code_of(m->need_kinds, n->kind))
        return fail(cx, RC_INVALID, _("Choose what the household needs."), "need kind");
    if (!m->urgencies || !code_of(m->urgencies, n->urgency))
        return fail(cx, RC_INVALID, _("Choose how urgent it is."), "need urgency");
    if (n->amount_minor < 0)
        return fail(cx, RC_INVALID, _("An amount is a number of 0 or more."), "need amount");
    struct str words = str_of(n->words);
    if (words.len > (size_t)NEED_WORDS_MAX * 4 || utf8_bad_at(words) != words.len ||
        utf8_length(words) > NEED_WORDS_MAX)
        return fail_f(cx, RC_INVALID, _("Say it in at most %d characters."),
                      (int)NEED_WORDS_MAX);
    if (!n->person_id)
        return RC_OK;
    struct person p;
    TRY(person_get(&p, cx, n->person_id));
    if (p.household_id != h->id)
        return fail(cx, RC_INVALID, _("That person does not live in this household."),
                    "need person");
    return RC_OK;
}

enum rc need_add(int64_t *id, struct cx *cx, const struct need *n)
{
    struct household h;
    TRY(household_get(&h, cx, n->household_id));
    TRY(actor_require_in(cx, "plan.edit", str_of(h.area_path)));
    TRY(check_need(cx, n, &h));
    struct need_write w = {.n = n, .h = &h};
    TRY(db_write(cx, h.county, write_need, &w));
    *id = w.id;
    return RC_OK;
}

struct state_write {
    const struct need *n;
    enum need_state state;
    const char *why;
    bool stale;
};

static enum rc write_state(struct cx *cx, void *arg)
{
    struct state_write *w = arg;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &NEED_STATE_SET, V_I(w->n->county), V_I(w->n->id),
                     V_I(w->n->version), V_I(w->state),
                     V_I(w->state == NEED_OPEN ? 0 : cx->now_at), V_T(w->why)));
    w->stale = !changed;
    return changed ? RC_OK : RC_CONFLICT;
}

enum rc need_set_state(struct cx *cx, int64_t id, int32_t version, enum need_state state,
                       struct str why)
{
    struct need n;
    struct household h;
    TRY(need_get(&n, cx, id));
    TRY(household_get(&h, cx, n.household_id));
    TRY(actor_require_in(cx, "plan.edit", str_of(h.area_path)));
    why = str_trim(why);
    if (state == NEED_WITHDRAWN && !why.len)
        return fail(cx, RC_INVALID, _("Say in a few words why it is withdrawn."), "need why");
    if (why.len > NEED_WORDS_MAX || utf8_bad_at(why) != why.len)
        return fail_f(cx, RC_INVALID, _("Say it in at most %d characters."),
                      (int)NEED_WORDS_MAX);
    n.version = version;
    struct state_write w = {.n = &n, .state = state, .why = arena_copy(cx->arena, why)};
    enum rc rc = db_write(cx, n.county, write_state, &w);
    return w.stale ? fail(cx, rc, _("Somebody changed this need meanwhile. Look at it again."),
                          "need=%" PRId64 " version=%d", id, version)
                   : rc;
}

static bool answers_kind(const struct measure *m, int32_t kind)
{
    for (size_t i = 0; i < m->need_count; i++)
        if (m->needs[i] == kind)
            return true;
    return false;
}

enum rc needs_solved_by(struct cx *cx, const struct plan *p, const struct plan_item *item,
                        bool solved)
{
    const struct measure *m = profile_measure(cx->profile, item->measure);
    struct need *needs;
    size_t count;
    if (!p->household_id)
        return RC_OK;
    if (!solved)
        return DB_RUN(cx, &NEED_ITEM_CLEAR, V_I(p->county), V_I(p->household_id),
                      V_I(item->id));
    TRY(needs_of(&needs, &count, cx, p->county, p->household_id, true));
    for (size_t i = 0; m && i < count; i++) {
        bool whose =
            !needs[i].person_id || !item->person_id || needs[i].person_id == item->person_id;
        if (whose && needs[i].at <= p->approved_at && answers_kind(m, needs[i].kind))
            TRY(DB_RUN(cx, &NEED_ITEM_SET, V_I(p->county), V_I(needs[i].id), V_I(item->id),
                       V_I(cx->now_at)));
    }
    return RC_OK;
}

/* ---- days ---- */

int32_t help_today(const struct cx *cx)
{
    return local_day(cx->profile, cx->now_at);
}

int64_t help_day_end(const struct cx *cx, int32_t day)
{
    return ((int64_t)day + 1) * 86400 - (int64_t)cx->profile->zone_offset_min * 60;
}

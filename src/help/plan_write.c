/* What the writes of plans share, mostly inside of write closures: events, tasks of items, the
 * state of the whole. */
#include "base/text.h"
#include "base/utf8.h"
#include "help/help.sql.h"
#include "help/help_inner.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "register/area.h"

enum rc help_words_check(struct cx *cx, struct str words, bool required)
{
    if (required && !words.len)
        return fail(cx, RC_INVALID, _("Say why in a few words."), "words missing");
    if (words.len > (size_t)PLAN_WORDS_MAX * 4 || utf8_bad_at(words) != words.len ||
        utf8_length(words) > PLAN_WORDS_MAX)
        return fail_f(cx, RC_INVALID, _("Say it in at most %d characters."),
                      (int)PLAN_WORDS_MAX);
    return RC_OK;
}

static enum rc note(struct cx *cx, const struct plan *p, int64_t item_id, bool by_household,
                    const char *what, struct str words)
{
    int64_t id;
    TRY(db_ids(&id, cx, 1));
    return DB_RUN(cx, &EVENT_INSERT, V_I(p->county), V_I(p->id), V_I(id), V_I(item_id),
                  V_I(cx->now_at), V_I(by_household ? 0 : help_user(cx)), V_I(by_household),
                  V_T(what), help_seal(cx, words));
}

enum rc plan_note(struct cx *cx, const struct plan *p, int64_t item_id, const char *what,
                  struct str words)
{
    return note(cx, p, item_id, false, what, words);
}

enum rc plan_note_household(struct cx *cx, const struct plan *p, int64_t item_id,
                            const char *what, struct str words)
{
    return note(cx, p, item_id, true, what, words);
}

static enum rc other_plan_open(bool *is, struct cx *cx, const struct plan *p)
{
    struct db_rows rows;
    enum rc rc = p->household_id
                     ? DB_ONE(&rows, cx, &PLAN_OPEN_ONE, V_I(p->county), V_I(p->household_id))
                     : DB_ONE(&rows, cx, &PLAN_OPEN_OF_AREA, V_I(p->county), V_I(p->area_id));
    *is = rc == RC_OK;
    return rc == RC_NOTFOUND ? RC_OK : rc ? rc : db_done(&rows);
}

enum rc plan_settle(struct cx *cx, const struct plan *p)
{
    struct plan now;
    struct plan_item *items;
    size_t count, waiting = 0;
    int64_t changed;
    bool other = false;
    TRY(plan_load(&now, cx, p->id));
    TRY(items_load(&items, &count, cx, p->county, p->id));
    for (size_t i = 0; i < count; i++)
        waiting += !item_is_over(items[i].state);
    bool done = now.state == PLAN_RUNNING && !waiting;
    if (!done && !(now.state == PLAN_DONE && waiting))
        return RC_OK;
    if (!done)
        TRY(other_plan_open(&other, cx, &now));
    if (other) /* only one is open at a time: what was denied is delivered under this one */
        return RC_OK;
    TRY(DB_RUN_COUNT(&changed, cx, &PLAN_STATE_SET, V_I(p->county), V_I(p->id),
                     V_I(now.version), V_I(done ? PLAN_DONE : PLAN_RUNNING),
                     V_I(done ? cx->now_at : 0)));
    if (!changed)
        return plan_changed_meanwhile(cx, &now);
    return plan_note(cx, p, 0, done ? "done" : "reopened", STR(""));
}

enum rc measure_owner(struct owner *out, struct cx *cx, int64_t county, int64_t area_id,
                      struct str area_path, const struct measure *m)
{
    int64_t org = 0;
    *out = (struct owner){OWNER_AREA, area_id, "measure.run"};
    if (m->department && m->department[0])
        TRY(org_for(&org, cx, county, m->department, area_path));
    if (org)
        *out = (struct owner){OWNER_ORG, org, ""};
    return RC_OK;
}

/* ---- tasks of items ---- */

static struct both title_of(struct cx *cx, const struct measure *m, const char *place,
                            bool again)
{
    enum lang before = cx->lang;
    struct both t;
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        cx->lang = (enum lang)lang;
        t.in[lang] = arena_printf(cx->arena,
                                  again ? _("“%s” did not arrive, says a household in %s")
                                        : _("Deliver “%s” to a household in %s"),
                                  LABEL(cx, m->label), place);
    }
    cx->lang = before;
    return t;
}

static struct both title_of_area(struct cx *cx, const struct measure *m, const char *place)
{
    enum lang before = cx->lang;
    struct both t;
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        cx->lang = (enum lang)lang;
        t.in[lang] =
            arena_printf(cx->arena, _("Deliver “%s” in %s"), LABEL(cx, m->label), place);
    }
    cx->lang = before;
    return t;
}

/* The task's deadline is the end of the item's day, or of the next working day. */
static int64_t due_of(const struct cx *cx, const struct plan_item *item)
{
    int32_t today = help_today(cx);
    int32_t day = item->due_day > today ? item->due_day : today;
    return help_day_end(cx, calendar_after(cx->profile, day, 0));
}

enum rc item_task_add(struct cx *cx, const struct plan *p, struct plan_item *item,
                      enum item_task how)
{
    bool again = how == ITEM_TASK_AGAIN;
    const struct measure *m = profile_measure(cx->profile, item->measure);
    if (!m)
        return fail_f(cx, RC_INVALID,
                      _("Measure %d is not in the profile any more. Do not take it."),
                      (int)item->measure);
    const char *place = area_label(cx, p->area_id);
    struct task t = {.county = p->county,
                     .kind = "plan_item",
                     .subject_id = item->id,
                     .household_id = p->household_id,
                     .area_id = p->area_id,
                     .owner = item->owner,
                     .giver_id = again ? 0 : help_user(cx),
                     .title = p->household_id ? title_of(cx, m, place, again)
                                              : title_of_area(cx, m, place),
                     .why = item->reason,
                     .href = arena_printf(cx->arena, "/plan/item/%" PRId64, item->id),
                     .weight = again ? NOTICE_URGENT : NOTICE_ORDINARY,
                     .due_at = due_of(cx, item),
                     .state = how == ITEM_TASK_WAITS ? TASK_WAITING : TASK_OPEN,
                     .outcome = ""};
    TRY(task_add(&item->task_id, cx, &t));
    return DB_RUN(cx, &ITEM_TASK_SET, V_I(p->county), V_I(p->id), V_I(item->id),
                  V_I(item->task_id));
}

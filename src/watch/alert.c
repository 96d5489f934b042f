/* One alert: raised, looked after, closed with what was found, opened again. Lists are
 * alert_list.c, running the rules watch_run.c. */
#include "watch/alert.h"

#include "base/text.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "casework/tip.h"
#include "profile/calendar.h"
#include "watch/watch.sql.h"
#include "watch/watch_inner.h"
#include "work/place.h"

#include <assert.h>
#include <string.h>

enum { DAY_S = 24 * 3600 };
static const char words_context[] = "alert.words";

/* ---- reading ---- */

static void words_key(uint8_t key[KEY_BYTES], const struct cx *cx)
{
    vault_key(key, cx->vault, words_context, true);
}

static struct str seal_words(struct cx *cx, struct str words)
{
    uint8_t key[KEY_BYTES];
    if (!words.len)
        return STR("");
    words_key(key, cx);
    return seal(cx->arena, key, words, words_context);
}

static enum rc open_words(const char **out, struct cx *cx, struct str sealed)
{
    uint8_t key[KEY_BYTES];
    struct str plain;
    *out = "";
    if (!sealed.len)
        return RC_OK;
    words_key(key, cx);
    TRY(unseal(&plain, cx, key, sealed, words_context));
    *out = arena_copy(cx->arena, plain);
    return RC_OK;
}

enum rc alert_of_row(struct alert *out, struct cx *cx, const struct db_rows *r)
{
    int32_t number = (int32_t)row_i64(r, ALERT_BY_NUMBER_RULE);
    *out = (struct alert){.county = row_i64(r, ALERT_BY_NUMBER_COUNTY),
                          .id = row_i64(r, ALERT_BY_NUMBER_ID),
                          .household_id = row_i64(r, ALERT_BY_NUMBER_HOUSEHOLD_ID),
                          .person_id = row_i64(r, ALERT_BY_NUMBER_PERSON_ID),
                          .area_id = row_i64(r, ALERT_BY_NUMBER_AREA_ID),
                          .area_path = row_copy(r, ALERT_BY_NUMBER_AREA_PATH).p,
                          .rule = profile_alert(cx->profile, number),
                          .rule_number = number,
                          .colour = (enum alert_colour)row_i64(r, ALERT_BY_NUMBER_COLOUR),
                          .state = (enum alert_state)row_i64(r, ALERT_BY_NUMBER_STATE),
                          .outcome = (enum alert_outcome)row_i64(r, ALERT_BY_NUMBER_OUTCOME),
                          .at = row_i64(r, ALERT_BY_NUMBER_AT),
                          .due_at = row_i64(r, ALERT_BY_NUMBER_DUE_AT),
                          .closed_at = row_i64(r, ALERT_BY_NUMBER_CLOSED_AT),
                          .closed_by = row_i64(r, ALERT_BY_NUMBER_CLOSED_BY),
                          .journal_seq = row_i64(r, ALERT_BY_NUMBER_JOURNAL_SEQ),
                          .source_id = row_i64(r, ALERT_BY_NUMBER_SOURCE_ID),
                          .facts = row_copy(r, ALERT_BY_NUMBER_FACTS).p,
                          .task_id = row_i64(r, ALERT_BY_NUMBER_TASK_ID),
                          .tip_id = row_i64(r, ALERT_BY_NUMBER_TIP_ID),
                          .flow_id = row_i64(r, ALERT_BY_NUMBER_FLOW_ID),
                          .disaster_id = row_i64(r, ALERT_BY_NUMBER_DISASTER_ID),
                          .version = (int32_t)row_i64(r, ALERT_BY_NUMBER_VERSION)};
    return open_words(&out->words, cx, row_copy(r, ALERT_BY_NUMBER_WORDS));
}

static enum rc no_alert(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such alert, or not in your areas."),
                "alert=%" PRId64, id);
}

enum rc alert_read(struct alert *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ALERT_BY_NUMBER, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_alert(cx, id);
    TRY(rc);
    rc = alert_of_row(out, cx, &rows);
    enum rc ended = db_done(&rows);
    return rc ? rc : ended;
}

enum rc alert_get(struct alert *out, struct cx *cx, int64_t id)
{
    struct alert a;
    TRY(alert_read(&a, cx, id));
    if (!actor_may_in(cx, "alert.view", str_of(a.area_path)) &&
        !actor_may_in(cx, "alert.handle", str_of(a.area_path)))
        return no_alert(cx, id);
    *out = a;
    return RC_OK;
}

/* For who checks: the alert as it stands. */
static enum rc to_handle(struct alert *out, struct cx *cx, int64_t id)
{
    TRY(alert_get(out, cx, id));
    return actor_require_in(cx, "alert.handle", str_of(out->area_path));
}

/* ---- raising ---- */

struct cx watch_in(const struct cx *cx, enum lang lang)
{
    struct cx other = *cx;
    other.lang = lang;
    return other;
}

static const char *task_title(struct cx *cx, const struct alert_rule *rule, const char *place)
{
    return arena_printf(cx->arena, _("Check a household in %s: %s"), place,
                        LABEL(cx, rule->label));
}

/* Only a single red alert is told by itself, and at once. */
static int32_t weight_of(const struct alert *a)
{
    enum notice_weight weight = a->disaster_id           ? NOTICE_EMERGENCY
                                : a->colour == ALERT_RED ? NOTICE_URGENT
                                                         : NOTICE_ORDINARY;
    bool alone = a->colour == ALERT_RED && !a->many && !a->disaster_id;
    return alone ? (int32_t)weight : (int32_t)weight + TASK_TOGETHER;
}

static enum rc add_task(struct cx *cx, const struct alert *a)
{
    struct place place;
    struct task t;
    int64_t task_id;
    TRY(place_get(&place, cx, a->area_id));
    t = (struct task){.county = a->county,
                      .kind = "alert",
                      .subject_id = a->id,
                      .household_id = a->household_id,
                      .area_id = a->area_id,
                      .owner = {OWNER_AREA, a->area_id, "alert.handle"},
                      .href = arena_printf(cx->arena, "/alert/%" PRId64, a->id),
                      .weight = weight_of(a),
                      .due_at = a->due_at,
                      .outcome = ""};
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        struct cx in = watch_in(cx, (enum lang)lang);
        t.title.in[lang] = task_title(&in, a->rule, place.name);
        t.why.in[lang] = a->rule->todo.in[lang];
    }
    TRY(task_add(&task_id, cx, &t));
    return DB_RUN(cx, &ALERT_PUT_TASK, V_I(a->county), V_I(a->id), V_I(task_id));
}

/* Is there an open one, or was there one lately? What was found before a disaster says nothing
 * about after it. */
static enum rc too_soon(bool *is, struct cx *cx, const struct alert *a)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ALERT_LAST, V_I(a->county), V_I(a->household_id),
                        V_I(a->rule->number));
    *is = false;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    int64_t until = row_i64(&rows, ALERT_LAST_CLOSED_AT) + (int64_t)a->rule->again_days * DAY_S;
    *is = row_i64(&rows, ALERT_LAST_STATE) != ALERT_CLOSED ||
          (cx->now_at < until && row_i64(&rows, ALERT_LAST_COLOUR) >= (int64_t)a->colour);
    return db_done(&rows);
}

/* Where the household lives now; *there false: it has ended. */
static enum rc find_home(bool *there, struct alert *a, struct cx *cx)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ALERT_HOME, V_I(a->county), V_I(a->household_id));
    *there = rc == RC_OK;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    a->area_id = row_i64(&rows, ALERT_HOME_AREA_ID);
    a->area_path = row_copy(&rows, ALERT_HOME_AREA_PATH).p;
    return db_done(&rows);
}

enum rc alert_raise(int64_t *id, struct cx *cx, const struct alert *given)
{
    struct alert a = *given;
    bool soon, there;
    int64_t changed = 0, number;
    assert(a.county > 0 && a.household_id > 0 && a.rule);
    a.colour = a.colour ? a.colour : a.rule->colour;
    *id = 0;
    TRY(too_soon(&soon, cx, &a));
    if (soon)
        return RC_OK;
    TRY(find_home(&there, &a, cx));
    if (!there)
        return RC_OK;
    if (!a.due_at)
        a.due_at = deadline_after(cx->profile, cx->now_at, a.rule->days, true);
    TRY(db_ids(&number, cx, 1));
    a.id = number;
    TRY(DB_RUN_COUNT(&changed, cx, &ALERT_ADD, V_I(a.county), V_I(a.id), V_I(a.rule->number),
                     V_I(a.household_id), V_I(a.person_id), V_I(a.area_id), V_T(a.area_path),
                     V_I(a.colour), V_I(cx->now_at), V_I(a.due_at), V_I(a.journal_seq),
                     V_I(a.source_id), V_T(a.facts ? a.facts : "[]"), V_B("", 0),
                     V_I(a.disaster_id)));
    if (!changed) /* another server was quicker */
        return RC_OK;
    TRY(add_task(cx, &a));
    *id = a.id;
    return RC_OK;
}

enum rc alert_over(bool *done, struct cx *cx, int64_t county, int64_t id)
{
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &ALERT_OVER_ROW, V_I(county), V_I(id), V_I(cx->now_at)));
    *done = changed > 0;
    return changed ? task_close_of(cx, county, "alert", id, TASK_CANCELLED) : RC_OK;
}

/* ---- what people do ---- */

struct alert_write {
    struct alert a;
    int32_t version;
    enum alert_outcome outcome;
    struct str sealed;
    bool stale, is_open;
};

static enum rc changed_since(struct cx *cx, int64_t id)
{
    return fail(cx, RC_CONFLICT,
                _("Somebody changed this alert since you opened it. Look at it again."),
                "alert=%" PRId64, id);
}

/* The household's open case; 0: none. */
static enum rc open_case(int64_t *flow_id, struct cx *cx, const struct alert *a)
{
    struct db_rows rows;
    *flow_id = 0;
    TRY(DB_SELECT(&rows, cx, &ALERT_OPEN_CASE, V_I(a->county), V_I(a->household_id)));
    while (db_next(&rows)) {
        const struct workflow *w =
            profile_workflow(cx->profile, row_str(&rows, ALERT_OPEN_CASE_WORKFLOW));
        if (!*flow_id && w && w->subject == FLOW_HOUSEHOLD)
            *flow_id = row_i64(&rows, ALERT_OPEN_CASE_ID);
    }
    return db_done(&rows);
}

/* In trouble: a tip for the village, unless its case is under way. */
static enum rc hand_on(struct cx *cx, const struct alert *a)
{
    int64_t flow_id, tip_id = 0;
    const char *reference;
    TRY(open_case(&flow_id, cx, a));
    if (!flow_id) {
        const struct tip t = {.area_id = a->area_id,
                              .household_id = a->household_id,
                              .source = TIP_ALERT,
                              .source_id = a->id,
                              .name = "",
                              .phone = "",
                              .text = a->rule ? a->rule->code : "",
                              .reference = ""};
        TRY(tip_add(&tip_id, &reference, cx, &t));
    }
    return DB_RUN(cx, &ALERT_PUT_CASE, V_I(a->county), V_I(a->id), V_I(tip_id), V_I(flow_id));
}

static enum rc write_close(struct cx *cx, void *arg)
{
    struct alert_write *w = arg;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &ALERT_CLOSE_ROW, V_I(w->a.county), V_I(w->a.id),
                     V_I(w->version), V_I(w->outcome), V_I(cx->now_at), V_I(watch_user(cx)),
                     V_B(w->sealed.p, w->sealed.len)));
    w->stale = changed != 1;
    if (w->stale)
        return RC_CONFLICT;
    TRY(task_close_of(cx, w->a.county, "alert", w->a.id, TASK_DONE));
    return w->outcome == OUTCOME_TRUE ? hand_on(cx, &w->a) : RC_OK;
}

enum rc alert_close(struct cx *cx, int64_t id, int32_t version, enum alert_outcome outcome,
                    struct str words)
{
    struct alert_write w = {.version = version, .outcome = outcome};
    TRY(to_handle(&w.a, cx, id));
    words = str_trim(words);
    if (outcome != OUTCOME_TRUE && outcome != OUTCOME_FALSE && outcome != OUTCOME_KNOWN)
        return fail(cx, RC_INVALID, _("Say what the check found."), "outcome=%d", outcome);
    if (utf8_bad_at(words) != words.len || utf8_length(words) > WATCH_WORDS_MAX)
        return fail(cx, RC_INVALID, _("At most 1,000 characters, please."), "words");
    w.sealed = seal_words(cx, words);
    enum rc rc = db_write(cx, w.a.county, write_close, &w);
    return w.stale ? changed_since(cx, id) : rc;
}

static enum rc write_take(struct cx *cx, void *arg)
{
    struct alert_write *w = arg;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &ALERT_TAKE_ROW, V_I(w->a.county), V_I(w->a.id),
                     V_I(w->version)));
    w->stale = changed != 1;
    return w->stale ? RC_CONFLICT : RC_OK;
}

enum rc alert_take(struct cx *cx, int64_t id, int32_t version)
{
    struct alert_write w = {.version = version};
    TRY(to_handle(&w.a, cx, id));
    enum rc rc = db_write(cx, w.a.county, write_take, &w);
    return w.stale ? changed_since(cx, id) : rc;
}

static enum rc write_reopen(struct cx *cx, void *arg)
{
    struct alert_write *w = arg;
    struct db_rows rows;
    int64_t changed;
    w->stale = w->is_open = false;
    enum rc rc = DB_ONE(&rows, cx, &ALERT_LAST, V_I(w->a.county), V_I(w->a.household_id),
                        V_I(w->a.rule_number));
    if (rc == RC_OK) {
        w->is_open = row_i64(&rows, ALERT_LAST_STATE) != ALERT_CLOSED;
        rc = db_done(&rows);
    }
    if (rc && rc != RC_NOTFOUND)
        return rc;
    if (w->is_open)
        return RC_CONFLICT;
    TRY(DB_RUN_COUNT(&changed, cx, &ALERT_REOPEN_ROW, V_I(w->a.county), V_I(w->a.id),
                     V_I(w->version)));
    w->stale = changed != 1;
    if (w->stale)
        return RC_CONFLICT;
    return w->a.rule ? add_task(cx, &w->a) : RC_OK;
}

enum rc alert_reopen(struct cx *cx, int64_t id, int32_t version)
{
    struct alert_write w = {.version = version};
    TRY(to_handle(&w.a, cx, id));
    if (w.a.state != ALERT_CLOSED)
        return changed_since(cx, id);
    if (cx->now_at - w.a.closed_at > DAY_S)
        return fail(
            cx, RC_INVALID,
            _("A check can be taken back within a day. The rules raise a new alert when "
              "the household is in trouble again."),
            "alert=%" PRId64, id);
    enum rc rc = db_write(cx, w.a.county, write_reopen, &w);
    if (w.is_open)
        return fail(cx, RC_CONFLICT,
                    _("There is a newer alert of this kind for the household already."),
                    "alert=%" PRId64, id);
    return w.stale ? changed_since(cx, id) : rc;
}

enum rc alert_area_merged(struct cx *cx, int64_t county, int64_t from_area, int64_t to_area)
{
    struct place place;
    TRY(place_get(&place, cx, to_area));
    TRY(DB_RUN(cx, &ALERT_AREA_MERGED, V_I(county), V_I(from_area), V_I(to_area),
               V_T(place.path)));
    return DB_RUN(cx, &DISASTER_AREA_MERGED, V_I(county), V_I(from_area), V_I(to_area),
                  V_T(place.path));
}

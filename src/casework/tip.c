/* Tips: making, taking, closing, and what a reporter may ask. */
#include "casework/tip.h"

#include "base/crypto.h"
#include "base/text.h"
#include "casework/public_inner.h"
#include "casework/tip.sql.h"
#include "db/db.h"
#include "people/actor.h"
#include "people/user.h"
#include "profile/alerts.h"
#include "profile/calendar.h"

#include <string.h>

enum { DAY_S = 24 * 3600, DEFAULT_DAYS = 2, REASON_MAX_CHARS = 500, TRIES_MAX = 20 };
static const char words_context[] = "tip.words";

static int64_t user_id(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

/* ---- making ---- */

struct tip_write {
    const struct tip *tip;
    struct area area;
    struct words said; /* what `words` seals */
    struct str words, seed;
    int64_t due_at, id;
    uint8_t hash[REFERENCE_BYTES];
    char reference[REFERENCE_LEN + 1];
};

/* How long the village has: that of the first state of identification, else two working days.
 */
static int64_t due_at(struct cx *cx)
{
    const struct workflow *w = profile_workflow_kind(cx->profile, "identify");
    const struct workflow_state *s = w ? workflow_start(w) : NULL;
    if (s && s->days >= 0)
        return deadline_after(cx->profile, cx->now_at, s->days, s->working);
    return deadline_after(cx->profile, cx->now_at, DEFAULT_DAYS, true);
}

enum rc tip_self_allowed(bool *out, struct cx *cx, int64_t area_id)
{
    const struct option *o;
    TRY(area_option(&o, cx, area_id, "self_report"));
    *out = option_on(o);
    return RC_OK;
}

static enum rc may_add(struct cx *cx, const struct tip *t, const struct area *a)
{
    bool allowed;
    switch (t->source) {
    case TIP_SELF:
        TRY(tip_self_allowed(&allowed, cx, a->id));
        if (!allowed)
            return fail(cx, RC_DENIED,
                        _("Reports by page are not taken here. Please tell your village."),
                        "self_report off");
        return RC_OK;
    case TIP_OFFICER:
    case TIP_PHONE:
    case TIP_MEDIA:
        return place_require(cx, "case.check", a->path);
    case TIP_LIST:
    case TIP_ALERT:
        return RC_OK;
    }
    return fail(cx, RC_INVALID, _("Choose where the tip comes from."), "source");
}

static enum rc tip_words(struct tip_write *w, struct cx *cx)
{
    struct words words = {{str_of(w->tip->name), str_of(w->tip->phone), str_of(w->tip->text)}};
    bool said = w->tip->source != TIP_LIST && w->tip->source != TIP_ALERT;
    TRY(words_clean(&words.part[0], cx, NAME_MAX_CHARS, false, _("Name")));
    TRY(words_clean_phone(&words.part[1], cx));
    TRY(words_clean(&words.part[2], cx, TEXT_MAX_CHARS, said, _("What happened")));
    w->said = words;
    w->words = words_seal(cx, &words, words_context);
    w->seed =
        reference_seed(cx, w->tip->reference ? w->tip->reference : "", w->area.id, &words);
    return RC_OK;
}

static enum rc task_of(struct cx *cx, const struct tip_write *w)
{
    const struct tip *t = w->tip;
    int64_t task_id;
    const struct task task = {
        .county = w->area.county,
        .kind = "tip",
        .subject_id = w->id,
        .household_id = t->household_id,
        .area_id = w->area.id,
        .owner = {OWNER_AREA, w->area.id, "case.check"},
        .title =
            both_f(cx, N_("A tip in %s: see whether a household needs help"), w->area.name),
        .why = both_f(cx, N_("Somebody told the office of it. Take it, which opens a case, or "
                             "close it with a reason.")),
        .href = arena_printf(cx->arena, "/tip/%" PRId64, w->id),
        .due_at = w->due_at,
        .outcome = "",
    };
    return task_add(&task_id, cx, &task);
}

/* A code that nobody has; with a form's number the tip that it made before. */
static enum rc find_reference(bool *exists, struct tip_write *w, struct cx *cx)
{
    struct db_rows rows;
    *exists = false;
    for (int i = 0; i < TRIES_MAX; i++) {
        reference_make(w->reference, cx, i ? STR("") : w->seed, "tip");
        (void)reference_hash(w->hash, cx, str_of(w->reference)); /* its own letters */
        if (w->seed.len && !i) {
            enum rc rc = DB_ONE(&rows, cx, &TIP_OF_REFERENCE, V_B(w->hash, REFERENCE_BYTES));
            if (rc == RC_OK) {
                w->id = row_i64(&rows, TIP_OF_REFERENCE_ID);
                *exists = true;
                return db_done(&rows);
            }
            if (rc != RC_NOTFOUND)
                return rc;
        }
        TRY(DB_ONE(&rows, cx, &REFERENCE_USED, V_B(w->hash, REFERENCE_BYTES)));
        bool used = row_i64(&rows, 0) > 0;
        TRY(db_done(&rows));
        if (!used)
            return RC_OK;
    }
    return fail(cx, RC_BUSY, _("Please try again."), "no free reference");
}

/* The open tip of the same household and source of the last day: of a list or an alert whatever
 * it says, of people only when they say the very same (a second tap on the button). */
static enum rc find_recent(bool *exists, struct tip_write *w, struct cx *cx)
{
    const struct tip *t = w->tip;
    bool by_program = t->source == TIP_LIST || t->source == TIP_ALERT;
    struct db_rows rows;
    struct words before;
    enum rc rc = DB_ONE(&rows, cx, &TIP_RECENT, V_I(w->area.county), V_I(t->household_id),
                        V_I(t->source), V_I(cx->now_at - DAY_S));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    int64_t id = row_i64(&rows, TIP_RECENT_ID);
    struct str sealed = row_copy(&rows, TIP_RECENT_WORDS);
    TRY(db_done(&rows));
    *exists = by_program;
    if (!by_program) {
        TRY(words_open(&before, cx, sealed, words_context));
        *exists = str_eq(before.part[0], w->said.part[0]) &&
                  str_eq(before.part[1], w->said.part[1]) &&
                  str_eq(before.part[2], w->said.part[2]);
    }
    if (*exists)
        w->id = id;
    return RC_OK;
}

static enum rc write_tip(struct cx *cx, void *arg)
{
    struct tip_write *w = arg;
    const struct tip *t = w->tip;
    bool exists = false;
    w->reference[0] = '\0';
    if (t->source == TIP_SELF)
        TRY(find_reference(&exists, w, cx));
    else if (t->household_id)
        TRY(find_recent(&exists, w, cx));
    if (exists)
        return RC_OK;
    TRY(db_ids(&w->id, cx, 1));
    TRY(DB_RUN(cx, &TIP_ADD_ROW, V_I(w->area.county), V_I(w->id), V_I(w->area.id),
               V_I(t->household_id), V_I(t->source), V_I(t->source_id),
               V_B(w->words.p, w->words.len),
               w->reference[0] ? V_B(w->hash, REFERENCE_BYTES) : V_NULL, V_I(cx->now_at),
               V_I(w->due_at), V_I(user_id(cx))));
    return task_of(cx, w);
}

enum rc tip_add(int64_t *id, const char **reference, struct cx *cx, const struct tip *t)
{
    struct tip_write w = {.tip = t};
    TRY(area_get(&w.area, cx, t->area_id));
    if (!w.area.county || w.area.ended_day)
        return fail(cx, RC_INVALID, _("Choose the village where it is."), "area=%" PRId64,
                    t->area_id);
    TRY(may_add(cx, t, &w.area));
    if (t->household_id && t->source != TIP_LIST && t->source != TIP_ALERT) {
        struct household h;
        TRY(household_get(&h, cx, t->household_id));
        if (h.county != w.area.county)
            return fail(cx, RC_INVALID, _("The household lives in another county."), "county");
    }
    TRY(tip_words(&w, cx));
    w.due_at = due_at(cx);
    TRY(db_write(cx, w.area.county, write_tip, &w));
    *id = w.id;
    *reference = arena_copy(cx->arena, str_of(w.reference));
    return RC_OK;
}

/* ---- reading ---- */

static enum rc no_tip(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such tip, or not in your areas."),
                "tip=%" PRId64, id);
}

/* All but the words. */
static struct tip tip_of_row(const struct db_rows *r)
{
    return (struct tip){
        .county = row_i64(r, TIP_BY_NUMBER_COUNTY),
        .id = row_i64(r, TIP_BY_NUMBER_ID),
        .area_id = row_i64(r, TIP_BY_NUMBER_AREA_ID),
        .household_id = row_i64(r, TIP_BY_NUMBER_HOUSEHOLD_ID),
        .source = (enum tip_source)row_i64(r, TIP_BY_NUMBER_SOURCE),
        .state = (enum tip_state)row_i64(r, TIP_BY_NUMBER_STATE),
        .source_id = row_i64(r, TIP_BY_NUMBER_SOURCE_ID),
        .name = "",
        .phone = "",
        .text = "",
        .reference = "",
        .at = row_i64(r, TIP_BY_NUMBER_AT),
        .due_at = row_i64(r, TIP_BY_NUMBER_DUE_AT),
        .flow_id = row_i64(r, TIP_BY_NUMBER_FLOW_ID),
        .closed_by = row_i64(r, TIP_BY_NUMBER_CLOSED_BY),
        .reason = row_copy(r, TIP_BY_NUMBER_REASON).p,
        .version = (int32_t)row_i64(r, TIP_BY_NUMBER_VERSION),
    };
}

/* The tip with its sealed words; the actor may see it. */
static enum rc load(struct tip *out, const char **path, struct words *words, struct cx *cx,
                    int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &TIP_BY_NUMBER, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_tip(cx, id);
    TRY(rc);
    struct tip t = tip_of_row(&rows);
    struct str sealed = row_copy(&rows, TIP_BY_NUMBER_WORDS);
    *path = row_copy(&rows, TIP_BY_NUMBER_PATH).p;
    TRY(db_done(&rows));
    if (!actor_may_in(cx, "case.view", str_of(*path)))
        return no_tip(cx, id);
    if (words)
        TRY(words_open(words, cx, sealed, words_context));
    *out = t;
    return RC_OK;
}

/* An alert's tip keeps its rule's code: whoever reads it reads the rule's words in their own
 * language. A rule that the profile no longer has is told by its code. */
static const char *said(const struct cx *cx, const struct tip *t, struct str text)
{
    const struct alert_rule *rule =
        t->source == TIP_ALERT ? profile_alert_code(cx->profile, text) : NULL;
    return rule ? LABEL(cx, rule->message) : text.p;
}

static void put_words(struct tip *t, struct cx *cx, const struct words *w)
{
    t->name = w->part[0].p;
    t->phone = w->part[1].len ? secret_mask(cx, SECRET_PHONE, w->part[1]) : "";
    t->text = said(cx, t, w->part[2]);
}

enum rc tip_get(struct tip *out, struct cx *cx, int64_t id)
{
    struct tip t;
    struct words words;
    const char *path;
    TRY(load(&t, &path, &words, cx, id));
    put_words(&t, cx, &words);
    *out = t;
    return RC_OK;
}

enum rc tip_reveal(const char **phone, struct cx *cx, int64_t id, struct str reason)
{
    struct tip t;
    struct words words;
    const char *path;
    TRY(load(&t, &path, &words, cx, id));
    TRY(actor_require_in(cx, "household.reveal", str_of(path)));
    if (!words.part[1].len)
        return fail(cx, RC_NOTFOUND, _("No phone number was left."), "tip=%" PRId64, id);
    TRY(look_log(cx, t.county, 0, "tip.phone", reason));
    *phone = words.part[1].p;
    return RC_OK;
}

static enum rc read_tips(struct tip **out, size_t *count, struct db_rows *rows, size_t max)
{
    struct cx *cx = rows->cx;
    struct tip *list = arena_new(cx->arena, (max + 1) * sizeof *list);
    struct str *sealed = arena_new(cx->arena, (max + 1) * sizeof *sealed);
    size_t n = 0;
    while (n < max && db_next(rows)) {
        sealed[n] = row_copy(rows, TIP_BY_NUMBER_WORDS);
        list[n++] = tip_of_row(rows);
    }
    TRY(db_done(rows));
    for (size_t i = 0; i < n; i++) {
        struct words words;
        TRY(words_open(&words, cx, sealed[i], words_context));
        put_words(&list[i], cx, &words);
    }
    *out = list;
    *count = n;
    return RC_OK;
}

/* NOLINTNEXTLINE(readability-function-size): what, where, and which page of it */
enum rc tip_list(struct tip **out, size_t *count, struct cx *cx, enum tip_state state,
                 int64_t area_id, int64_t after, size_t max)
{
    struct place_range r;
    struct db_rows rows;
    TRY(place_range_find(&r, cx, area_id));
    TRY(DB_SELECT(&rows, cx, &TIP_PAGE, V_I(r.from_county), V_I(r.to_county), V_I(state),
                  V_T(r.path), V_T(r.end), V_I(after > 0 ? after : INT64_MAX), V_I(max)));
    return read_tips(out, count, &rows, max);
}

enum rc tips_of_flow(struct tip **out, size_t *count, struct cx *cx, int64_t flow_id)
{
    enum { MAX = 100 };
    struct flow flow;
    struct db_rows rows;
    TRY(flow_get(&flow, cx, flow_id));
    TRY(DB_SELECT(&rows, cx, &TIP_OF_CASE, V_I(flow.county), V_I(flow_id), V_I(MAX)));
    return read_tips(out, count, &rows, MAX);
}

enum rc tip_ask(struct tip *out, struct cx *cx, struct str reference)
{
    uint8_t hash[REFERENCE_BYTES];
    struct db_rows rows;
    enum rc rc = reference_hash(hash, cx, reference)
                     ? DB_ONE(&rows, cx, &TIP_OF_REFERENCE, V_B(hash, sizeof hash))
                     : RC_NOTFOUND;
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("This code is not known. Please look at each character."),
                    "tip reference");
    TRY(rc);
    struct tip t = tip_of_row(&rows);
    TRY(db_done(&rows));
    *out = (struct tip){.county = t.county,
                        .id = t.id,
                        .area_id = t.area_id,
                        .source = t.source,
                        .state = t.state,
                        .name = "",
                        .phone = "",
                        .text = "",
                        .reference = "",
                        .at = t.at,
                        .due_at = t.due_at,
                        .reason = t.reason};
    return RC_OK;
}

/* ---- working on it ---- */

struct tip_work {
    struct tip tip;
    int32_t version;
    struct household household;
    struct str reason;
    int64_t flow_id;
};

static enum rc stale(struct cx *cx, int64_t id)
{
    return fail(cx, RC_CONFLICT,
                _("Somebody worked on this tip in the meantime. Reload the page."),
                "tip=%" PRId64, id);
}

static enum rc to_work_on(struct tip_work *w, struct cx *cx, int64_t id)
{
    const char *path;
    TRY(load(&w->tip, &path, NULL, cx, id));
    return actor_require_in(cx, "case.check", str_of(path));
}

/* The household of another village: its people have to look at the tip now. */
static enum rc move_task(struct cx *cx, const struct tip_work *w)
{
    struct tip t = w->tip;
    struct tip_write of = {.tip = &t, .id = t.id, .due_at = t.due_at};
    const struct actor *actor = cx->actor;
    t.household_id = w->household.id;
    TRY(area_get(&of.area, cx, w->household.area_id));
    cx->actor = NULL; /* the task is the program's to close */
    enum rc rc = task_close_of(cx, t.county, "tip", t.id, TASK_CANCELLED);
    if (!rc)
        rc = task_of(cx, &of);
    cx->actor = actor;
    return rc;
}

static enum rc write_household(struct cx *cx, void *arg)
{
    const struct tip_work *w = arg;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &TIP_PUT_HOUSEHOLD, V_I(w->tip.county), V_I(w->tip.id),
                     V_I(w->version), V_I(w->household.id), V_I(w->household.area_id)));
    if (!changed)
        return stale(cx, w->tip.id);
    return w->household.area_id == w->tip.area_id ? RC_OK : move_task(cx, w);
}

enum rc tip_set_household(struct cx *cx, int64_t id, int32_t version, int64_t household_id)
{
    struct tip_work w = {.version = version};
    TRY(to_work_on(&w, cx, id));
    TRY(household_get(&w.household, cx, household_id));
    if (w.household.county != w.tip.county)
        return fail(cx, RC_INVALID, _("The household lives in another county."), "county");
    return db_write(cx, w.tip.county, write_household, &w);
}

/* Of a household that has an open case the tip joins it. */
static enum rc open_or_join(int64_t *flow_id, struct cx *cx, int64_t household_id)
{
    TRY(db_savepoint(cx));
    enum rc rc = case_open(flow_id, cx, "identify", household_id);
    if (rc != RC_CONFLICT || !*flow_id) {
        TRY(rc);
        return db_release(cx);
    }
    err_clear(cx);
    return db_undo(cx);
}

static enum rc write_take(struct cx *cx, void *arg)
{
    struct tip_work *w = arg;
    int64_t changed;
    w->flow_id = 0;
    TRY(DB_RUN_COUNT(&changed, cx, &TIP_TAKE_ROW, V_I(w->tip.county), V_I(w->tip.id),
                     V_I(w->version), V_I(user_id(cx)), V_I(cx->now_at)));
    if (!changed)
        return stale(cx, w->tip.id);
    TRY(open_or_join(&w->flow_id, cx, w->tip.household_id));
    TRY(DB_RUN(cx, &TIP_PUT_FLOW, V_I(w->tip.county), V_I(w->tip.id), V_I(w->flow_id)));
    return task_close_of(cx, w->tip.county, "tip", w->tip.id, TASK_DONE);
}

enum rc tip_take(int64_t *flow_id, struct cx *cx, int64_t id, int32_t version)
{
    struct tip_work w = {.version = version};
    TRY(to_work_on(&w, cx, id));
    if (!w.tip.household_id)
        return fail(cx, RC_INVALID,
                    _("Say first which household it is: then the tip becomes a case."),
                    "tip=%" PRId64, id);
    TRY(db_write(cx, w.tip.county, write_take, &w));
    *flow_id = w.flow_id;
    return RC_OK;
}

static enum rc write_close(struct cx *cx, void *arg)
{
    const struct tip_work *w = arg;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &TIP_CLOSE_ROW, V_I(w->tip.county), V_I(w->tip.id),
                     V_I(w->version), V_I(user_id(cx)), V_I(cx->now_at), V_S(w->reason)));
    if (!changed)
        return stale(cx, w->tip.id);
    return task_close_of(cx, w->tip.county, "tip", w->tip.id, TASK_DONE);
}

enum rc tip_close(struct cx *cx, int64_t id, int32_t version, struct str reason)
{
    struct tip_work w = {.version = version, .reason = reason};
    TRY(to_work_on(&w, cx, id));
    TRY(words_clean(&w.reason, cx, REASON_MAX_CHARS, true, _("Reason")));
    return db_write(cx, w.tip.county, write_close, &w);
}

/* ---- areas ---- */

enum rc casework_area_merged(struct cx *cx, int64_t county, int64_t from_area, int64_t to_area)
{
    const struct sql *const all[] = {&TIP_AREA_MOVED, &GRIEVANCE_AREA_MOVED,
                                     &ASSEMBLY_AREA_MOVED, &POSTING_AREA_MOVED};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        TRY(DB_RUN(cx, all[i], V_I(county), V_I(from_area), V_I(to_area)));
    return RC_OK;
}

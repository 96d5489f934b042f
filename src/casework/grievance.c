/* Grievances: adding, answering, appealing, and what somebody may ask by the code. State,
 * deadline and escalation are those of the flow (work/flow.h). */
#include "casework/grievance.h"

#include "base/text.h"
#include "casework/grievance.sql.h"
#include "casework/public_inner.h"
#include "casework/tip.sql.h"
#include "db/db.h"
#include "people/actor.h"
#include "work/place.h"

#include <string.h>

enum { TRIES_MAX = 20, LIST_MAX = 50, APPEALS_MAX_CHARS = 6000 };
static const char words_context[] = "grievance.words", answer_context[] = "grievance.answer";

/* ---- adding ---- */

struct grievance_write {
    const struct grievance *g;
    const struct workflow *workflow;
    struct area area;
    struct flow about; /* id 0: none */
    int64_t against_user, id, flow_id;
    struct str words, seed;
    uint8_t hash[REFERENCE_BYTES];
    char reference[REFERENCE_LEN + 1];
    const struct workflow_move *object; /* of the posting's state; NULL */
    int64_t object_area;
};

static const struct workflow_move *object_move(const struct flow *f)
{
    for (size_t i = 0; f->workflow && f->state && i < f->workflow->move_count; i++) {
        const struct workflow_move *m = &f->workflow->moves[i];
        if (m->kind == MOVE_OBJECT && !strcmp(m->from, f->state_code))
            return m;
    }
    return NULL;
}

/* What it is about, seen by the system: the one who complains need not see it. */
static enum rc read_about(struct grievance_write *w, struct cx *cx)
{
    struct flow_step *steps;
    struct place place;
    size_t count;
    TRY(flow_get(&w->about, cx, w->g->about_flow));
    TRY(flow_history(&steps, &count, cx, w->about.id));
    for (size_t i = count; !w->against_user && i-- > 0;)
        w->against_user = steps[i].user_id;
    if (!w->g->posting_id || w->about.closed_at)
        return RC_OK;
    w->object = object_move(&w->about);
    if (!w->object)
        return RC_OK;
    TRY(place_at_level(&place, cx, w->about.area_path, w->object->level));
    w->object_area = place.id;
    return RC_OK;
}

/* Whoever closed a tip is the one objected to. */
static enum rc find_closer(struct grievance_write *w, struct cx *cx)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &TIP_BY_NUMBER, V_I(w->g->tip_id));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such tip, or not in your areas."), "grievance tip");
    TRY(rc);
    if (!w->against_user)
        w->against_user = row_i64(&rows, TIP_BY_NUMBER_CLOSED_BY);
    return db_done(&rows);
}

static enum rc find_about(struct grievance_write *w, struct cx *cx)
{
    const struct actor *self = cx->actor;
    if (w->g->tip_id)
        TRY(find_closer(w, cx));
    if (!w->g->about_flow)
        return RC_OK;
    cx->actor = NULL;
    enum rc rc = read_about(w, cx);
    cx->actor = self;
    return rc;
}

static enum rc grievance_words(struct grievance_write *w, struct cx *cx)
{
    struct words words = {{str_of(w->g->name), str_of(w->g->phone), str_of(w->g->text)}};
    TRY(words_clean(&words.part[0], cx, NAME_MAX_CHARS, false, _("Name")));
    TRY(words_clean_phone(&words.part[1], cx));
    TRY(words_clean(&words.part[2], cx, TEXT_MAX_CHARS, true, _("What you object to")));
    w->words = words_seal(cx, &words, words_context);
    w->seed = reference_seed(cx, w->g->reference ? w->g->reference : "",
                             w->g->about_flow ? w->g->about_flow : w->area.id, &words);
    return RC_OK;
}

static enum rc find_reference(bool *exists, struct grievance_write *w, struct cx *cx)
{
    struct db_rows rows;
    *exists = false;
    for (int i = 0; i < TRIES_MAX; i++) {
        reference_make(w->reference, cx, i ? STR("") : w->seed, "grievance");
        (void)reference_hash(w->hash, cx, str_of(w->reference)); /* its own letters */
        if (w->seed.len && !i) {
            enum rc rc =
                DB_ONE(&rows, cx, &GRIEVANCE_OF_REFERENCE, V_B(w->hash, REFERENCE_BYTES));
            if (rc == RC_OK) {
                w->id = row_i64(&rows, GRIEVANCE_OF_REFERENCE_ID);
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

static enum rc object_task(struct cx *cx, const struct grievance_write *w)
{
    int64_t task_id;
    const struct task task = {
        .county = w->area.county,
        .kind = "objection",
        .subject_id = w->about.id,
        .household_id = w->about.workflow->subject == FLOW_HOUSEHOLD ? w->about.subject_id : 0,
        .area_id = w->about.area_id,
        .owner = {OWNER_AREA, w->object_area, w->object->permission},
        .title = both_f(cx, N_("Somebody objects to a public notice in %s"), w->area.name),
        .why = both_f(cx, N_("Look at what is said. Send the case back, or say here why the "
                             "objection does not hold: until then the notice does not end.")),
        .href = arena_printf(cx->arena, "/grievance/%" PRId64, w->id),
        .due_at = w->about.due_at > cx->now_at ? w->about.due_at : 0,
        .weight = NOTICE_URGENT,
        .outcome = "",
    };
    return task_add(&task_id, cx, &task);
}

static enum rc write_rows(struct cx *cx, struct grievance_write *w)
{
    const struct grievance *g = w->g;
    TRY(db_ids(&w->id, cx, 1));
    TRY(DB_RUN(cx, &GRIEVANCE_ADD_ROW, V_I(w->area.county), V_I(w->id), V_I(0), V_I(w->area.id),
               V_I(g->about_flow), V_I(g->about_plan), V_I(g->posting_id), V_I(g->tip_id),
               V_I(g->household_id), V_I(w->against_user), V_I(g->channel),
               V_B(w->words.p, w->words.len), V_B(w->hash, REFERENCE_BYTES), V_I(cx->now_at)));
    TRY(flow_open(&w->flow_id, cx, w->workflow, w->area.county, w->id, w->area.id, 0));
    TRY(DB_RUN(cx, &GRIEVANCE_PUT_FLOW, V_I(w->area.county), V_I(w->id), V_I(w->flow_id)));
    return w->object ? object_task(cx, w) : RC_OK;
}

/* Whoever may complain may open it: the workflow's permission is for the office's own. */
static enum rc write_grievance(struct cx *cx, void *arg)
{
    struct grievance_write *w = arg;
    const struct actor *self = cx->actor;
    bool exists;
    TRY(find_reference(&exists, w, cx));
    if (exists)
        return RC_OK;
    cx->actor = NULL;
    enum rc rc = write_rows(cx, w);
    cx->actor = self;
    return rc;
}

/* An officer writes down what is about things of their own areas only. */
static enum rc may_write_down(struct cx *cx, const struct grievance *g, const struct area *a)
{
    struct flow flow;
    struct household h;
    TRY(place_require(cx, "case.view", a->path));
    if (g->about_flow)
        TRY(flow_get(&flow, cx, g->about_flow));
    return g->household_id ? household_get(&h, cx, g->household_id) : RC_OK;
}

enum rc grievance_add(int64_t *id, const char **reference, struct cx *cx,
                      const struct grievance *g)
{
    struct grievance_write w = {.g = g, .against_user = g->against_user};
    w.workflow = profile_workflow_kind(cx->profile, "grievance");
    if (!w.workflow || w.workflow->subject != FLOW_PLAIN)
        return fail(cx, RC_INVALID, _("The profile of this office has no grievances."),
                    "no workflow");
    if (g->channel < BY_PAGE || g->channel > BY_OFFICER)
        return fail(cx, RC_INVALID, _("Choose how the grievance came."), "channel");
    TRY(find_about(&w, cx));
    TRY(area_get(&w.area, cx, g->area_id ? g->area_id : w.about.area_id));
    if (!w.area.county)
        return fail(cx, RC_INVALID, _("Choose the village where it is."), "area");
    if (g->channel != BY_PAGE)
        TRY(may_write_down(cx, g, &w.area));
    TRY(grievance_words(&w, cx));
    TRY(db_write(cx, w.area.county, write_grievance, &w));
    *id = w.id;
    *reference = arena_copy(cx->arena, str_of(w.reference));
    return RC_OK;
}

/* ---- reading ---- */

static enum rc no_grievance(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such grievance, or not in your areas."),
                "grievance=%" PRId64, id);
}

struct sealed {
    struct str words, answer;
    const char *path;
};

static struct grievance of_row(struct sealed *s, const struct db_rows *r)
{
    *s = (struct sealed){.words = row_copy(r, GRIEVANCE_BY_NUMBER_WORDS),
                         .answer = row_copy(r, GRIEVANCE_BY_NUMBER_ANSWER),
                         .path = row_copy(r, GRIEVANCE_BY_NUMBER_PATH).p};
    return (struct grievance){
        .county = row_i64(r, GRIEVANCE_BY_NUMBER_COUNTY),
        .id = row_i64(r, GRIEVANCE_BY_NUMBER_ID),
        .flow_id = row_i64(r, GRIEVANCE_BY_NUMBER_FLOW_ID),
        .area_id = row_i64(r, GRIEVANCE_BY_NUMBER_AREA_ID),
        .about_flow = row_i64(r, GRIEVANCE_BY_NUMBER_ABOUT_FLOW),
        .about_plan = row_i64(r, GRIEVANCE_BY_NUMBER_ABOUT_PLAN),
        .posting_id = row_i64(r, GRIEVANCE_BY_NUMBER_POSTING_ID),
        .tip_id = row_i64(r, GRIEVANCE_BY_NUMBER_TIP_ID),
        .household_id = row_i64(r, GRIEVANCE_BY_NUMBER_HOUSEHOLD_ID),
        .against_user = row_i64(r, GRIEVANCE_BY_NUMBER_AGAINST_USER),
        .channel = (enum grievance_channel)row_i64(r, GRIEVANCE_BY_NUMBER_CHANNEL),
        .name = "",
        .phone = "",
        .text = "",
        .answer = "",
        .reference = "",
        .at = row_i64(r, GRIEVANCE_BY_NUMBER_AT),
        .answered_at = row_i64(r, GRIEVANCE_BY_NUMBER_ANSWERED_AT),
        .answered_by = row_i64(r, GRIEVANCE_BY_NUMBER_ANSWERED_BY),
    };
}

static enum rc open_answer(struct grievance *g, struct cx *cx, const struct sealed *s)
{
    struct words words;
    if (!s->answer.len)
        return RC_OK;
    TRY(words_open(&words, cx, s->answer, answer_context));
    g->answer = words.part[2].p;
    return RC_OK;
}

static bool is_against_actor(const struct cx *cx, const struct grievance *g)
{
    return cx->actor && g->against_user && cx->actor->user_id == g->against_user;
}

static enum rc open_words(struct grievance *g, struct cx *cx, const struct sealed *s)
{
    struct words words;
    TRY(words_open(&words, cx, s->words, words_context));
    if (!is_against_actor(cx, g)) {
        g->name = words.part[0].p;
        g->phone = words.part[1].len ? secret_mask(cx, SECRET_PHONE, words.part[1]) : "";
    }
    g->text = words.part[2].p;
    return open_answer(g, cx, s);
}

static enum rc load(struct grievance *out, struct sealed *s, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &GRIEVANCE_BY_NUMBER, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_grievance(cx, id);
    TRY(rc);
    *out = of_row(s, &rows);
    TRY(db_done(&rows));
    return actor_may_in(cx, "case.view", str_of(s->path)) ? RC_OK : no_grievance(cx, id);
}

enum rc grievance_get(struct grievance *out, struct flow *flow, struct cx *cx, int64_t id)
{
    struct sealed s;
    struct grievance g;
    TRY(load(&g, &s, cx, id));
    TRY(open_words(&g, cx, &s));
    TRY(flow_get(flow, cx, g.flow_id));
    *out = g;
    return RC_OK;
}

/* NOLINTNEXTLINE(readability-function-size): two lists out, what, where, which page */
enum rc grievance_list(struct grievance **out, struct flow **flows, size_t *count,
                       const char **next, struct cx *cx, struct str state, int64_t area_id,
                       struct str after, size_t max)
{
    const struct workflow *w = profile_workflow_kind(cx->profile, "grievance");
    struct place_range range;
    struct flow *found = NULL;
    size_t n = 0, kept = 0;
    *next = NULL;
    TRY(place_range_find(&range, cx, area_id));
    if (w)
        TRY(flow_list(&found, &n, next, cx,
                      &(struct flow_query){.workflow = str_of(w->code),
                                           .state = state,
                                           .area_id = range.area.id,
                                           .after = after,
                                           .limit = max}));
    struct grievance *list = arena_new(cx->arena, (n + 1) * sizeof *list);
    for (size_t i = 0; i < n; i++) {
        struct sealed s;
        enum rc rc = load(&list[kept], &s, cx, found[i].subject_id);
        if (rc == RC_NOTFOUND) {
            err_clear(cx);
            continue;
        }
        TRY(rc);
        TRY(open_words(&list[kept], cx, &s));
        found[kept++] = found[i];
    }
    *out = list;
    *flows = found;
    *count = kept;
    return RC_OK;
}

enum rc grievances_of_flow(struct grievance **out, size_t *count, struct cx *cx,
                           int64_t flow_id)
{
    struct grievance *list = arena_new(cx->arena, LIST_MAX * sizeof *list);
    struct sealed *sealed = arena_new(cx->arena, LIST_MAX * sizeof *sealed);
    struct flow flow;
    struct db_rows rows;
    size_t n = 0;
    TRY(flow_get(&flow, cx, flow_id));
    TRY(DB_SELECT(&rows, cx, &GRIEVANCE_OF_CASE, V_I(flow.county), V_I(flow_id),
                  V_I(LIST_MAX)));
    while (n < LIST_MAX && db_next(&rows)) {
        list[n] = of_row(&sealed[n], &rows);
        n++;
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < n; i++)
        TRY(open_words(&list[i], cx, &sealed[i]));
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- answering ---- */

bool grievance_is_answer(const struct workflow_move *m)
{
    return m->kind == MOVE_REFUSE || (m->kind == MOVE_FORWARD && !m->needs_reason);
}

struct answer_write {
    struct grievance g;
    struct flow_ask ask;
    bool keeps; /* it is an answer, for who complained */
    struct str sealed;
};

static enum rc write_answer(struct cx *cx, void *arg)
{
    const struct answer_write *w = arg;
    TRY(flow_move(cx, &w->ask));
    return w->keeps ? DB_RUN(cx, &GRIEVANCE_PUT_ANSWER, V_I(w->g.county), V_I(w->g.id),
                             V_B(w->sealed.p, w->sealed.len), V_I(cx->now_at),
                             V_I(cx->actor ? cx->actor->user_id : 0))
                    : RC_OK;
}

enum rc grievance_answer(struct cx *cx, int64_t id, int32_t flow_version, struct str event,
                         struct str answer)
{
    struct answer_write w = {.keeps = false};
    struct sealed s;
    struct flow flow;
    TRY(load(&w.g, &s, cx, id));
    TRY(actor_require_in(cx, "grievance.answer", str_of(s.path)));
    TRY(flow_get(&flow, cx, w.g.flow_id));
    const struct workflow_move *m =
        flow.workflow ? workflow_move(flow.workflow, str_of(flow.state_code), event) : NULL;
    w.keeps = m && grievance_is_answer(m);
    bool passes_on = m && m->kind == MOVE_FORWARD && !w.keeps;
    if (is_against_actor(cx, &w.g) && !passes_on)
        return fail(cx, RC_DENIED,
                    _("Somebody objects to what you did, so somebody else has to answer."),
                    "grievance=%" PRId64, id);
    TRY(words_clean(&answer, cx, TEXT_MAX_CHARS, w.keeps, _("Answer")));
    w.ask = (struct flow_ask){.id = w.g.flow_id,
                              .version = flow_version,
                              .event = event,
                              .reason = w.keeps ? str_of(_("Answered in words.")) : answer};
    if (w.keeps)
        w.sealed = words_seal(cx, &(struct words){{{0}, {0}, answer}}, answer_context);
    return db_write(cx, w.g.county, write_answer, &w);
}

/* ---- by the code ---- */

const struct workflow_move *grievance_appeal_move(const struct flow *flow)
{
    for (size_t i = 0; flow->workflow && i < flow->workflow->move_count; i++) {
        const struct workflow_move *m = &flow->workflow->moves[i];
        if (m->kind == MOVE_APPEAL && !strcmp(m->from, flow->state_code))
            return m;
    }
    return NULL;
}

static enum rc find(struct grievance *g, struct sealed *s, struct flow *flow, struct cx *cx,
                    struct str reference)
{
    uint8_t hash[REFERENCE_BYTES];
    struct db_rows rows;
    const struct actor *self = cx->actor;
    enum rc rc = reference_hash(hash, cx, reference)
                     ? DB_ONE(&rows, cx, &GRIEVANCE_OF_REFERENCE, V_B(hash, sizeof hash))
                     : RC_NOTFOUND;
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("This code is not known. Please look at each character."),
                    "grievance reference");
    TRY(rc);
    *g = of_row(s, &rows);
    TRY(db_done(&rows));
    cx->actor = NULL;
    rc = flow_get(flow, cx, g->flow_id);
    cx->actor = self;
    return rc;
}

enum rc grievance_ask(struct grievance *out, struct flow *flow, struct cx *cx,
                      struct str reference)
{
    struct grievance g;
    struct sealed s;
    TRY(find(&g, &s, flow, cx, reference));
    TRY(open_answer(&g, cx, &s));
    *out = (struct grievance){.county = g.county,
                              .id = g.id,
                              .area_id = g.area_id,
                              .channel = g.channel,
                              .name = "",
                              .phone = "",
                              .text = "",
                              .answer = g.answer,
                              .reference = "",
                              .at = g.at,
                              .answered_at = g.answered_at};
    return RC_OK;
}

struct appeal_write {
    struct grievance g;
    struct flow_ask ask;
    struct str words;
};

static enum rc write_appeal(struct cx *cx, void *arg)
{
    const struct appeal_write *w = arg;
    const struct actor *self = cx->actor;
    cx->actor = NULL; /* the code is the proof */
    enum rc rc = flow_move(cx, &w->ask);
    cx->actor = self;
    TRY(rc);
    return w->words.len ? DB_RUN(cx, &GRIEVANCE_PUT_WORDS, V_I(w->g.county), V_I(w->g.id),
                                 V_B(w->words.p, w->words.len))
                        : RC_OK;
}

/* What is said to the appeal stands below what was said before. */
static enum rc add_words(struct str *out, struct cx *cx, const struct sealed *s,
                         struct str text)
{
    struct words words;
    TRY(words_open(&words, cx, s->words, words_context));
    words.part[2] = str_of(arena_printf(cx->arena, "%.*s\n\n%s %.*s", STR_ARG(words.part[2]),
                                        _("Appeal:"), STR_ARG(text)));
    if (words.part[2].len > 4 * (size_t)APPEALS_MAX_CHARS)
        return fail(cx, RC_LIMIT, _("This is too long by now; please tell it in the office."),
                    "appeals");
    *out = words_seal(cx, &words, words_context);
    return RC_OK;
}

enum rc grievance_appeal(struct cx *cx, struct str reference, struct str text)
{
    struct appeal_write w = {.words = {0}};
    struct sealed s;
    struct flow flow;
    TRY(find(&w.g, &s, &flow, cx, reference));
    const struct workflow_move *m = grievance_appeal_move(&flow);
    if (!m)
        return fail(cx, RC_INVALID, _("No appeal is open now."), "grievance=%" PRId64, w.g.id);
    TRY(words_clean(&text, cx, TEXT_MAX_CHARS, false, _("Why you appeal")));
    if (text.len)
        TRY(add_words(&w.words, cx, &s, text));
    w.ask = (struct flow_ask){.id = flow.id,
                              .version = flow.version,
                              .event = str_of(m->event),
                              .reason = str_of(_("Appeal by the code."))};
    return db_write(cx, w.g.county, write_appeal, &w);
}

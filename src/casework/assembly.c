/* Assemblies: planning, the list of cases, people counted, votes. Closing is assembly_close.c,
 * the minutes assembly_minutes.c. */
#include "base/text.h"
#include "base/utf8.h"
#include "casework/assembly.sql.h"
#include "casework/assembly_inner.h"
#include "people/actor.h"

#include <string.h>

enum { PLACE_MAX_CHARS = 100, MINUTES_MAX_CHARS = 10000, PEOPLE_MAX = 100000 };

static enum rc no_assembly(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such meeting, or not in your areas."),
                "assembly=%" PRId64, id);
}

enum rc assembly_stale(struct cx *cx, int64_t id)
{
    return fail(cx, RC_CONFLICT,
                _("Somebody changed this meeting in the meantime. Reload the page and look at "
                  "what they wrote."),
                "assembly=%" PRId64, id);
}

/* ---- reading ---- */

static struct assembly of_row(const struct db_rows *r)
{
    return (struct assembly){
        .county = row_i64(r, ASSEMBLY_BY_NUMBER_COUNTY),
        .id = row_i64(r, ASSEMBLY_BY_NUMBER_ID),
        .area_id = row_i64(r, ASSEMBLY_BY_NUMBER_AREA_ID),
        .area_path = row_copy(r, ASSEMBLY_BY_NUMBER_PATH).p,
        .place = row_copy(r, ASSEMBLY_BY_NUMBER_PLACE).p,
        .chair = row_copy(r, ASSEMBLY_BY_NUMBER_CHAIR).p,
        .recorder = row_copy(r, ASSEMBLY_BY_NUMBER_RECORDER).p,
        .minutes = row_copy(r, ASSEMBLY_BY_NUMBER_MINUTES).p,
        .at = row_i64(r, ASSEMBLY_BY_NUMBER_AT),
        .state = (enum assembly_state)row_i64(r, ASSEMBLY_BY_NUMBER_STATE),
        .entitled = (int32_t)row_i64(r, ASSEMBLY_BY_NUMBER_ENTITLED),
        .present = (int32_t)row_i64(r, ASSEMBLY_BY_NUMBER_PRESENT),
        .attendance_id = row_i64(r, ASSEMBLY_BY_NUMBER_ATTENDANCE_ID),
        .made_by = row_i64(r, ASSEMBLY_BY_NUMBER_MADE_BY),
        .closed_at = row_i64(r, ASSEMBLY_BY_NUMBER_CLOSED_AT),
        .version = (int32_t)row_i64(r, ASSEMBLY_BY_NUMBER_VERSION),
    };
}

enum rc assembly_load(struct assembly *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ASSEMBLY_BY_NUMBER, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_assembly(cx, id);
    TRY(rc);
    struct assembly a = of_row(&rows);
    TRY(db_done(&rows));
    if (!actor_may_in(cx, "case.view", str_of(a.area_path)))
        return no_assembly(cx, id);
    *out = a;
    return RC_OK;
}

enum rc assembly_to_write(struct assembly *out, struct cx *cx, int64_t id)
{
    TRY(assembly_load(out, cx, id));
    return actor_require_in(cx, "case.check", str_of(out->area_path));
}

enum rc assembly_get(struct assembly *out, struct cx *cx, int64_t id)
{
    return assembly_load(out, cx, id);
}

enum rc assembly_list(struct assembly **out, size_t *count, struct cx *cx, int64_t area_id,
                      int64_t after, size_t max)
{
    struct place_range r;
    struct db_rows rows;
    size_t n = 0;
    TRY(place_range_find(&r, cx, area_id));
    struct assembly *list = arena_new(cx->arena, (max + 1) * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &ASSEMBLY_PAGE, V_I(r.from_county), V_I(r.to_county), V_T(r.path),
                  V_T(r.end), V_I(after > 0 ? after : INT64_MAX), V_I(max)));
    while (n < max && db_next(&rows))
        list[n++] = of_row(&rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc assembly_read_items(struct assembly_item **out, size_t *count, struct cx *cx,
                            const struct assembly *a)
{
    struct assembly_item *list = arena_new(cx->arena, ASSEMBLY_ITEMS_MAX * sizeof *list);
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &ASSEMBLY_ITEM_LIST, V_I(a->county), V_I(a->id),
                  V_I(ASSEMBLY_ITEMS_MAX)));
    while (n < ASSEMBLY_ITEMS_MAX && db_next(&rows)) {
        struct str failed = row_copy(&rows, ASSEMBLY_ITEM_LIST_FAILED);
        list[n++] = (struct assembly_item){
            .county = a->county,
            .assembly_id = a->id,
            .flow_id = row_i64(&rows, ASSEMBLY_ITEM_LIST_FLOW_ID),
            .agree = (int32_t)row_i64(&rows, ASSEMBLY_ITEM_LIST_AGREE),
            .disagree = (int32_t)row_i64(&rows, ASSEMBLY_ITEM_LIST_DISAGREE),
            .abstain = (int32_t)row_i64(&rows, ASSEMBLY_ITEM_LIST_ABSTAIN),
            .remark = row_copy(&rows, ASSEMBLY_ITEM_LIST_REMARK).p,
            .passed = row_i64(&rows, ASSEMBLY_ITEM_LIST_PASSED) != 0,
            .moved = row_i64(&rows, ASSEMBLY_ITEM_LIST_MOVED) != 0,
            .failed = failed.len ? failed.p : NULL,
            .version = (int32_t)row_i64(&rows, ASSEMBLY_ITEM_LIST_VERSION),
            .flow_version = (int32_t)row_i64(&rows, ASSEMBLY_ITEM_LIST_FLOW_VERSION),
        };
    }
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc assembly_items(struct assembly_item **out, size_t *count, struct cx *cx, int64_t id)
{
    struct assembly a;
    TRY(assembly_load(&a, cx, id));
    return assembly_read_items(out, count, cx, &a);
}

static enum rc open_items(int64_t **ids, size_t *count, struct cx *cx, int64_t county)
{
    enum { MAX = 5000 };
    int64_t *list = arena_new(cx->arena, MAX * sizeof *list);
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &ASSEMBLY_ITEMS_OPEN, V_I(county)));
    while (n < MAX && db_next(&rows))
        list[n++] = row_i64(&rows, ASSEMBLY_ITEMS_OPEN_FLOW_ID);
    TRY(db_done(&rows));
    *ids = list;
    *count = n;
    return RC_OK;
}

static bool listed(const int64_t *ids, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static enum rc waiting_in(struct flow *list, size_t *n, struct cx *cx,
                          const struct flow_query *q)
{
    struct flow *flows;
    size_t count, taken_count;
    int64_t *taken;
    const char *next;
    TRY(flow_list(&flows, &count, &next, cx, q));
    if (!count)
        return RC_OK;
    TRY(open_items(&taken, &taken_count, cx, flows[0].county));
    for (size_t i = 0; i < count && *n < ASSEMBLY_ITEMS_MAX; i++)
        if (!flows[i].closed_at && !listed(taken, taken_count, flows[i].id))
            list[(*n)++] = flows[i];
    return RC_OK;
}

enum rc assembly_waiting(struct flow **out, size_t *count, struct cx *cx, int64_t area_id)
{
    const struct workflows *all = cx->profile->workflows;
    struct flow *list = arena_new(cx->arena, ASSEMBLY_ITEMS_MAX * sizeof *list);
    size_t n = 0;
    for (size_t w = 0; w < all->count; w++)
        for (size_t s = 0; s < all->list[w].state_count; s++)
            if (all->list[w].states[s].kind == STATE_VOTE)
                TRY(waiting_in(
                    list, &n, cx,
                    &(struct flow_query){.workflow = str_of(all->list[w].code),
                                         .state = str_of(all->list[w].states[s].code),
                                         .area_id = area_id,
                                         .limit = ASSEMBLY_ITEMS_MAX}));
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- planning ---- */

static enum rc clean(struct assembly *a, struct cx *cx)
{
    struct str place = str_of(a->place), chair = str_of(a->chair),
               recorder = str_of(a->recorder), minutes = str_of(a->minutes);
    TRY(words_clean(&place, cx, PLACE_MAX_CHARS, true, _("Place")));
    TRY(words_clean(&chair, cx, NAME_MAX_CHARS, false, _("Chair")));
    TRY(words_clean(&recorder, cx, NAME_MAX_CHARS, false, _("Recorder")));
    TRY(words_clean(&minutes, cx, MINUTES_MAX_CHARS, false, _("Minutes")));
    a->place = arena_copy(cx->arena, place);
    a->chair = arena_copy(cx->arena, chair);
    a->recorder = arena_copy(cx->arena, recorder);
    a->minutes = arena_copy(cx->arena, minutes);
    if (a->at <= 0)
        return fail(cx, RC_INVALID, _("Say on which day and at what time it meets."), "at");
    if (a->entitled < -1 || a->entitled > PEOPLE_MAX || a->present < -1 ||
        a->present > PEOPLE_MAX)
        return fail(cx, RC_INVALID, _("Numbers of people should be between 0 and 100,000."),
                    "people");
    if (a->present > a->entitled)
        return fail_f(cx, RC_INVALID,
                      _("%d people are present, but only %d are entitled to vote."),
                      (int)a->present, a->entitled < 0 ? 0 : (int)a->entitled);
    return RC_OK;
}

static enum rc write_add(struct cx *cx, void *arg)
{
    struct assembly *a = arg;
    TRY(db_ids(&a->id, cx, 1));
    return DB_RUN(cx, &ASSEMBLY_ADD_ROW, V_I(a->county), V_I(a->id), V_I(a->area_id),
                  V_T(a->place), V_T(a->chair), V_T(a->recorder), V_I(a->at), V_I(a->entitled),
                  V_I(cx->actor ? cx->actor->user_id : 0));
}

enum rc assembly_add(int64_t *id, struct cx *cx, const struct assembly *a)
{
    struct assembly new = *a;
    struct area area;
    TRY(area_get(&area, cx, a->area_id));
    TRY(place_require(cx, "case.check", area.path));
    if (!area.county || area.ended_day)
        return fail(cx, RC_INVALID, _("A meeting belongs to a county or a part of it."),
                    "area=%" PRId64, a->area_id);
    new.county = area.county;
    new.present = -1;
    new.minutes = "";
    TRY(clean(&new, cx));
    TRY(db_write(cx, area.county, write_add, &new));
    *id = new.id;
    return RC_OK;
}

static enum rc write_set(struct cx *cx, void *arg)
{
    const struct assembly *a = arg;
    struct db_rows rows;
    int64_t changed;
    TRY(DB_ONE(&rows, cx, &ASSEMBLY_MOST_HANDS, V_I(a->county), V_I(a->id)));
    int64_t hands = row_i64(&rows, ASSEMBLY_MOST_HANDS_HANDS);
    TRY(db_done(&rows));
    if (a->present < hands)
        return fail_f(cx, RC_INVALID,
                      _("%d people have voted on a case, so at least as many are present."),
                      (int)hands);
    TRY(DB_RUN_COUNT(&changed, cx, &ASSEMBLY_PUT_ROW, V_I(a->county), V_I(a->id),
                     V_I(a->version), V_T(a->place), V_T(a->chair), V_T(a->recorder),
                     V_T(a->minutes), V_I(a->at), V_I(a->entitled), V_I(a->present),
                     V_I(a->attendance_id)));
    return changed ? RC_OK : assembly_stale(cx, a->id);
}

enum rc assembly_set(struct cx *cx, const struct assembly *a)
{
    struct assembly now, new = *a;
    TRY(assembly_to_write(&now, cx, a->id));
    new.county = now.county;
    TRY(clean(&new, cx));
    return db_write(cx, now.county, write_set, &new);
}

/* ---- the list ---- */

struct item_write {
    struct assembly assembly;
    struct flow flow;
    struct assembly_item item;
};

static enum rc is_open(struct cx *cx, const struct assembly *a)
{
    if (a->state == ASSEMBLY_PLANNED || a->state == ASSEMBLY_OPEN)
        return RC_OK;
    return fail(cx, RC_CONFLICT, _("This meeting is closed: its list stands."),
                "assembly=%" PRId64, a->id);
}

static bool in_vote(const struct flow *f)
{
    return !f->closed_at && f->state && f->state->kind == STATE_VOTE;
}

static enum rc write_put(struct cx *cx, void *arg)
{
    struct item_write *w = arg;
    struct db_rows rows;
    struct assembly now;
    TRY(assembly_load(&now, cx, w->assembly.id));
    TRY(is_open(cx, &now));
    TRY(DB_ONE(&rows, cx, &ASSEMBLY_LISTS_OF, V_I(now.county), V_I(w->flow.id)));
    int64_t lists = row_i64(&rows, 0);
    TRY(db_done(&rows));
    if (lists)
        return fail(cx, RC_CONFLICT, _("The case is on the list of a meeting already."),
                    "flow=%" PRId64, w->flow.id);
    return DB_RUN(cx, &ASSEMBLY_ITEM_ADD, V_I(now.county), V_I(now.id), V_I(w->flow.id),
                  V_I(w->flow.version));
}

enum rc assembly_put(struct cx *cx, int64_t id, int64_t flow_id)
{
    struct item_write w;
    struct assembly_item *items;
    size_t count;
    TRY(assembly_to_write(&w.assembly, cx, id));
    TRY(flow_get(&w.flow, cx, flow_id));
    if (!in_vote(&w.flow) || w.flow.county != w.assembly.county ||
        !str_starts(str_of(w.flow.area_path), str_of(w.assembly.area_path)))
        return fail(cx, RC_INVALID, _("This case does not wait for a vote of this area."),
                    "flow=%" PRId64, flow_id);
    TRY(assembly_read_items(&items, &count, cx, &w.assembly));
    if (count >= ASSEMBLY_ITEMS_MAX)
        return fail_f(cx, RC_LIMIT, _("A meeting has at most %d cases on its list."),
                      (int)ASSEMBLY_ITEMS_MAX);
    return db_write(cx, w.assembly.county, write_put, &w);
}

static enum rc write_take_off(struct cx *cx, void *arg)
{
    const struct item_write *w = arg;
    struct assembly now;
    TRY(assembly_load(&now, cx, w->assembly.id));
    TRY(is_open(cx, &now));
    return DB_RUN(cx, &ASSEMBLY_ITEM_DROP, V_I(now.county), V_I(now.id), V_I(w->item.flow_id));
}

enum rc assembly_take_off(struct cx *cx, int64_t id, int64_t flow_id)
{
    struct item_write w = {.item = {.flow_id = flow_id}};
    TRY(assembly_to_write(&w.assembly, cx, id));
    return db_write(cx, w.assembly.county, write_take_off, &w);
}

/* ---- votes ---- */

static enum rc write_vote(struct cx *cx, void *arg)
{
    const struct item_write *w = arg;
    const struct assembly_item *v = &w->item;
    struct assembly now;
    int64_t changed, hands = (int64_t)v->agree + v->disagree + v->abstain;
    TRY(assembly_load(&now, cx, w->assembly.id));
    TRY(is_open(cx, &now));
    if (now.present < 0)
        return fail(cx, RC_INVALID, _("Count the people who are present first."), "present");
    if (hands > now.present)
        return fail_f(cx, RC_INVALID, _("%d hands were counted, but only %d people are here."),
                      (int)hands, (int)now.present);
    TRY(DB_RUN_COUNT(&changed, cx, &ASSEMBLY_ITEM_VOTE, V_I(now.county), V_I(now.id),
                     V_I(v->flow_id), V_I(v->version), V_I(v->agree), V_I(v->disagree),
                     V_I(v->abstain), V_T(v->remark), V_I(w->flow.version)));
    return changed ? RC_OK
                   : fail(cx, RC_CONFLICT,
                          _("Somebody wrote the votes on this case in the meantime. Compare "
                            "and save again."),
                          "flow=%" PRId64, v->flow_id);
}

enum rc assembly_case(struct flow *f, struct case_subject *s, struct cx *cx, int64_t flow_id)
{
    enum rc rc = flow_get(f, cx, flow_id);
    if (rc == RC_OK)
        rc = case_subject_get(s, cx, f);
    if (rc == RC_OK && (!s->title || !s->title[0]))
        s->title = "–";
    if (rc != RC_NOTFOUND)
        return rc;
    err_clear(cx);
    *f = (struct flow){.workflow_code = ""};
    *s = (struct case_subject){.title = _("A case that belongs to another area now")};
    return RC_OK;
}

enum rc assembly_vote(struct cx *cx, int64_t id, const struct assembly_item *vote)
{
    enum { REMARK_MAX_CHARS = 500 };
    struct item_write w = {.item = *vote};
    struct case_subject s;
    struct str remark = str_of(vote->remark);
    TRY(assembly_to_write(&w.assembly, cx, id));
    TRY(assembly_case(&w.flow, &s, cx, vote->flow_id));
    if (!in_vote(&w.flow))
        return fail(cx, RC_INVALID,
                    _("This case was decided in the meantime or belongs to another area now; "
                      "take it off the list."),
                    "flow=%" PRId64, vote->flow_id);
    if (vote->agree < 0 || vote->disagree < 0 || vote->abstain < 0 ||
        vote->agree > PEOPLE_MAX || vote->disagree > PEOPLE_MAX || vote->abstain > PEOPLE_MAX)
        return fail(cx, RC_INVALID, _("Votes are whole numbers from 0."), "votes");
    TRY(words_clean(&remark, cx, REMARK_MAX_CHARS, false, _("Remark")));
    w.item.remark = arena_copy(cx->arena, remark);
    return db_write(cx, w.assembly.county, write_vote, &w);
}

/* Meetings: saving, minutes, decisions, and closing, which makes tasks of the decisions. */
#include "office/meeting.h"

#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "office/office.sql.h"
#include "office/office_inner.h"

enum {
    TITLE_MAX_CHARS = 100,
    AGENDA_MAX_CHARS = 4000,
    MINUTES_MAX_CHARS = 20000,
    DECISION_MAX_CHARS = 300
};

/* ---- reading ---- */

static enum rc no_meeting(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such meeting, or not for you to see."),
                "meeting=%" PRId64, id);
}

/* Both statements have the same columns. */
static struct meeting of_row(const struct db_rows *r)
{
    return (struct meeting){.county = row_i64(r, MEETING_ONE_COUNTY),
                            .id = row_i64(r, MEETING_ONE_ID),
                            .area_id = row_i64(r, MEETING_ONE_AREA_ID),
                            .area_path = row_null(r, MEETING_ONE_AREA_PATH)
                                             ? "?"
                                             : row_copy(r, MEETING_ONE_AREA_PATH).p,
                            .at = row_i64(r, MEETING_ONE_AT),
                            .title = row_copy(r, MEETING_ONE_TITLE).p,
                            .place = row_copy(r, MEETING_ONE_PLACE).p,
                            .agenda = row_copy(r, MEETING_ONE_AGENDA).p,
                            .minutes = row_copy(r, MEETING_ONE_MINUTES).p,
                            .chair_id = row_i64(r, MEETING_ONE_CHAIR_ID),
                            .closed_at = row_i64(r, MEETING_ONE_CLOSED_AT),
                            .version = (int32_t)row_i64(r, MEETING_ONE_VERSION)};
}

static enum rc load(struct meeting *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &MEETING_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_meeting(cx, id);
    TRY(rc);
    struct meeting m = of_row(&rows);
    TRY(db_done(&rows));
    if (!office_touches(cx, str_of(m.area_path)))
        return no_meeting(cx, id);
    *out = m;
    return RC_OK;
}

static enum rc owners_of(struct meeting_decision *d, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &DECISION_OWNERS, V_I(county), V_I(d->id)));
    while (d->owner_count < MEETING_OWNERS_MAX && db_next(&rows))
        d->owners[d->owner_count++] =
            (struct owner){.kind = (enum owner_kind)row_i64(&rows, DECISION_OWNERS_KIND),
                           .id = row_i64(&rows, DECISION_OWNERS_OWNER_ID),
                           .permission = ""};
    return db_done(&rows);
}

static enum rc decisions_of(struct meeting_decision **out, size_t *count, struct cx *cx,
                            const struct meeting *m)
{
    struct db_rows rows;
    struct meeting_decision *list = arena_new(cx->arena, MEETING_DECISIONS_MAX * sizeof *list);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &DECISION_LIST, V_I(m->county), V_I(m->id)));
    while (n < MEETING_DECISIONS_MAX && db_next(&rows))
        list[n++] = (struct meeting_decision){
            .id = row_i64(&rows, DECISION_LIST_ID),
            .meeting_id = m->id,
            .task_id = row_i64(&rows, DECISION_LIST_TASK_ID),
            .text = row_copy(&rows, DECISION_LIST_TEXT).p,
            .due_day = (int32_t)row_i64(&rows, DECISION_LIST_DUE_DAY)};
    TRY(db_done(&rows));
    for (size_t i = 0; i < n; i++)
        TRY(owners_of(&list[i], cx, m->county));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc meeting_get(struct meeting *out, struct meeting_decision **decisions, size_t *count,
                    struct cx *cx, int64_t id)
{
    struct meeting m;
    TRY(load(&m, cx, id));
    if (decisions)
        TRY(decisions_of(decisions, count, cx, &m));
    *out = m;
    return RC_OK;
}

enum rc meeting_list(struct meeting **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t after, size_t max)
{
    struct db_rows rows;
    struct meeting last = {.at = INT64_MAX, .id = INT64_MAX};
    struct meeting *list = arena_array(cx->arena, max + 1, sizeof *list);
    size_t n = 0;
    if (!list)
        return fail(cx, RC_LIMIT, _("The list is too long to be shown at once."), "max=%zu",
                    max);
    if (after)
        TRY(load(&last, cx, after));
    while (n < max) { /* until a page is full: those of other areas are passed over */
        size_t read = 0;
        TRY(DB_SELECT(&rows, cx, &MEETING_PAGE, V_I(county), V_I(last.at), V_I(last.id),
                      V_I(max)));
        while (n < max && db_next(&rows)) {
            last = of_row(&rows);
            read++;
            if (office_touches(cx, str_of(last.area_path)))
                list[n++] = last;
        }
        TRY(db_done(&rows));
        if (read < max)
            break;
    }
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc meeting_orgs(int64_t **org_ids, size_t *count, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    struct meeting m;
    int64_t *list = arena_new(cx->arena, MEETING_ORGS_MAX * sizeof *list);
    size_t n = 0;
    TRY(load(&m, cx, id));
    TRY(DB_SELECT(&rows, cx, &MEETING_ORG_LIST, V_I(m.county), V_I(id)));
    while (n < MEETING_ORGS_MAX && db_next(&rows))
        list[n++] = row_i64(&rows, 0);
    TRY(db_done(&rows));
    *org_ids = list;
    *count = n;
    return RC_OK;
}

bool meeting_may_run(struct cx *cx, const struct meeting *m)
{
    return actor_may_in(cx, "meeting.run", str_of(m->area_path));
}

static enum rc load_run(struct meeting *out, struct cx *cx, int64_t id)
{
    TRY(load(out, cx, id));
    return actor_require_in(cx, "meeting.run", str_of(out->area_path));
}

/* ---- saving ---- */

struct saving {
    struct meeting m;
    const int64_t *orgs;
    size_t count;
};

static enum rc stale(struct cx *cx, int64_t id)
{
    return fail(cx, RC_CONFLICT,
                _("Somebody changed or closed this meeting since you opened it. Look at it "
                  "again."),
                "meeting=%" PRId64, id);
}

/* The heads of each organisation, or all its people; once per time of the meeting. */
static enum rc invite(struct cx *cx, const struct saving *s)
{
    const struct notice n = {
        .county = s->m.county,
        .key = arena_printf(cx->arena, "meeting:%" PRId64 ":%" PRId64, s->m.id, s->m.at),
        .text = both_f(cx, N_("You are invited to a meeting: %s. %s, %s"), s->m.title,
                       office_time(cx, s->m.at), s->m.place),
        .href = arena_printf(cx->arena, "/meeting/%" PRId64, s->m.id)};
    for (size_t i = 0; i < s->count; i++) {
        int64_t *ids;
        size_t count;
        TRY(org_users(&ids, &count, cx, s->orgs[i], true));
        if (!count)
            TRY(org_users(&ids, &count, cx, s->orgs[i], false));
        TRY(notice_tell(cx, ids, count, &n));
    }
    return RC_OK;
}

static enum rc save_write(struct cx *cx, void *arg)
{
    struct saving *s = arg;
    const struct meeting *m = &s->m;
    int64_t changed;
    if (m->version == 0) { /* new */
        TRY(db_ids(&s->m.id, cx, 1));
        TRY(DB_RUN(cx, &MEETING_INSERT, V_I(m->county), V_I(m->id), V_I(m->area_id), V_I(m->at),
                   V_T(m->title), V_T(m->place), V_T(m->agenda), V_T(m->minutes),
                   V_I(m->chair_id)));
    } else {
        TRY(DB_RUN_COUNT(&changed, cx, &MEETING_UPDATE, V_I(m->id), V_I(m->version),
                         V_I(m->area_id), V_I(m->at), V_T(m->title), V_T(m->place),
                         V_T(m->agenda), V_I(m->chair_id)));
        if (!changed)
            return stale(cx, m->id);
    }
    TRY(DB_RUN(cx, &MEETING_ORG_CLEAR, V_I(m->county), V_I(m->id)));
    for (size_t i = 0; i < s->count; i++)
        TRY(DB_RUN(cx, &MEETING_ORG_INSERT, V_I(m->county), V_I(m->id), V_I(s->orgs[i])));
    return invite(cx, s);
}

static enum rc orgs_ok(struct cx *cx, const struct saving *s)
{
    if (s->count > MEETING_ORGS_MAX)
        return fail_f(cx, RC_INVALID, _("Who is invited: at most %d organisations."),
                      (int)MEETING_ORGS_MAX);
    for (size_t i = 0; i < s->count; i++) {
        struct org o;
        TRY(org_get(&o, cx, s->orgs[i]));
        if (o.county != s->m.county)
            return fail(cx, RC_INVALID, _("Who is invited: only organisations of the county."),
                        "org=%" PRId64, s->orgs[i]);
    }
    return RC_OK;
}

enum rc meeting_save(int64_t *id, struct cx *cx, const struct meeting *m,
                     const int64_t *org_ids, size_t org_count)
{
    struct saving s = {.m = *m, .orgs = org_ids, .count = org_count};
    struct meeting now;
    const char *path;
    if (m->id) {
        TRY(load_run(&now, cx, m->id));
        if (m->version < 1)
            return stale(cx, m->id);
    } else {
        s.m.version = 0;
    }
    TRY(office_area(&s.m.county, &path, cx, m->area_id));
    TRY(actor_require_in(cx, "meeting.run", str_of(path)));
    if (m->id && s.m.county != now.county)
        return fail(cx, RC_INVALID, _("Area: it cannot move to another county."), "area");
    TRY(office_text(&s.m.title, cx, m->title, _("Title"), TITLE_MAX_CHARS, false));
    TRY(office_text(&s.m.place, cx, m->place, _("Place"), TITLE_MAX_CHARS, true));
    TRY(office_text(&s.m.agenda, cx, m->agenda, _("Agenda"), AGENDA_MAX_CHARS, true));
    TRY(office_text(&s.m.minutes, cx, m->minutes ? m->minutes : "", _("Minutes"),
                    MINUTES_MAX_CHARS, true));
    if (m->at < 86400 || m->at > (int64_t)OFFICE_DAY_LATEST * 86400)
        return fail(cx, RC_INVALID, _("When: give the day and the time."), "at");
    TRY(orgs_ok(cx, &s));
    TRY(db_write(cx, s.m.county, save_write, &s));
    *id = s.m.id;
    return RC_OK;
}

static enum rc minutes_write(struct cx *cx, void *arg)
{
    const struct meeting *m = arg;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &MEETING_UPDATE_MINUTES, V_I(m->id), V_I(m->version),
                     V_T(m->minutes)));
    return changed ? RC_OK : stale(cx, m->id);
}

enum rc meeting_minutes(struct cx *cx, int64_t id, int32_t version, const char *text)
{
    struct meeting m;
    TRY(load_run(&m, cx, id));
    TRY(office_text(&m.minutes, cx, text, _("Minutes"), MINUTES_MAX_CHARS, true));
    m.version = version;
    return db_write(cx, m.county, minutes_write, &m);
}

/* ---- decisions ---- */

struct deciding {
    struct meeting_decision d;
    int64_t county;
};
static enum rc decide_write(struct cx *cx, void *arg)
{
    struct deciding *a = arg;
    struct meeting m; /* it may have been closed meanwhile */
    struct meeting_decision *list;
    size_t count;
    TRY(meeting_get(&m, &list, &count, cx, a->d.meeting_id));
    if (m.closed_at)
        return fail(cx, RC_CONFLICT, _("The meeting is closed: nothing is added any more."),
                    "meeting=%" PRId64, m.id);
    if (count >= MEETING_DECISIONS_MAX)
        return fail_f(cx, RC_LIMIT, _("A meeting has at most %d decisions."),
                      (int)MEETING_DECISIONS_MAX);
    TRY(db_ids(&a->d.id, cx, 1));
    TRY(DB_RUN(cx, &DECISION_INSERT, V_I(a->county), V_I(a->d.id), V_I(m.id), V_T(a->d.text),
               V_I(a->d.due_day)));
    for (size_t i = 0; i < a->d.owner_count; i++)
        TRY(DB_RUN(cx, &DECISION_OWNER_INSERT, V_I(a->county), V_I(a->d.id), V_I(i),
                   V_I(a->d.owners[i].kind), V_I(a->d.owners[i].id)));
    return RC_OK;
}

static enum rc owners_ok(struct cx *cx, const struct meeting *m,
                         const struct meeting_decision *d)
{
    for (size_t i = 0; i < d->owner_count; i++) {
        struct org o;
        if (d->owners[i].kind == OWNER_USER)
            continue;
        if (d->owners[i].kind != OWNER_ORG)
            return fail(cx, RC_INVALID, _("Who does it: a person or an organisation."),
                        "owner");
        TRY(org_get(&o, cx, d->owners[i].id));
        if (o.county != m->county || o.ended_day)
            return fail(cx, RC_INVALID,
                        _("Who does it: only organisations of the county that exist today."),
                        "org=%" PRId64, o.id);
        for (size_t k = 0; k < i; k++)
            if (d->owners[k].kind == OWNER_ORG && d->owners[k].id == o.id)
                return fail(cx, RC_INVALID, _("Who does it: each only once."), "twice");
    }
    return RC_OK;
}

enum rc meeting_decide(int64_t *id, struct cx *cx, const struct meeting_decision *d)
{
    struct deciding a = {.d = *d};
    struct meeting m;
    TRY(load_run(&m, cx, d->meeting_id));
    a.county = m.county;
    TRY(office_text(&a.d.text, cx, d->text, _("Decision"), DECISION_MAX_CHARS, false));
    if (d->owner_count > MEETING_OWNERS_MAX)
        return fail_f(cx, RC_INVALID, _("Who does it: at most %d."), (int)MEETING_OWNERS_MAX);
    TRY(owners_ok(cx, &m, d));
    if (d->owner_count &&
        (d->due_day < day_at(cx->now_at, format_zone()) || d->due_day > OFFICE_DAY_LATEST))
        return fail(cx, RC_INVALID, _("Until when: a day from today on."), "due");
    if (!d->owner_count)
        a.d.due_day = 0;
    TRY(db_write(cx, m.county, decide_write, &a));
    *id = a.d.id;
    return RC_OK;
}

struct dropping {
    int64_t county, meeting_id, id;
};
static enum rc drop_write(struct cx *cx, void *arg)
{
    const struct dropping *d = arg;
    struct meeting m;
    int64_t changed;
    TRY(load(&m, cx, d->meeting_id));
    if (m.closed_at)
        return stale(cx, m.id);
    TRY(DB_RUN_COUNT(&changed, cx, &DECISION_DROP, V_I(d->county), V_I(d->id),
                     V_I(d->meeting_id)));
    return changed ? RC_OK : stale(cx, m.id);
}

enum rc meeting_drop(struct cx *cx, int64_t meeting_id, int64_t decision_id)
{
    struct meeting m;
    TRY(load_run(&m, cx, meeting_id));
    struct dropping d = {m.county, meeting_id, decision_id};
    return db_write(cx, m.county, drop_write, &d);
}

/* ---- closing ---- */

static struct task task_of(struct cx *cx, const struct meeting *m,
                           const struct meeting_decision *d)
{
    return (struct task){.county = m->county,
                         .kind = "meeting",
                         .subject_id = d->id,
                         .area_id = m->area_id,
                         .giver_id = cx->actor ? cx->actor->user_id : 0,
                         .title = both_typed(d->text),
                         .why = both_f(cx, N_("Decided by the meeting “%s” of %s."), m->title,
                                       day_iso(cx->arena, day_at(m->at, format_zone()))),
                         .href = "",
                         .state = TASK_OPEN,
                         .weight = NOTICE_ORDINARY,
                         .due_at =
                             ((int64_t)d->due_day + 1) * 86400 - (int64_t)format_zone() * 60,
                         .outcome = ""};
}

/* One owner: one task. Several: a joint task that the giver keeps, with a part for each. */
static enum rc make_task(int64_t *id, struct cx *cx, const struct meeting *m,
                         const struct meeting_decision *d)
{
    struct task t = task_of(cx, m, d);
    if (d->owner_count == 1) {
        t.owner = d->owners[0];
        return task_add(id, cx, &t);
    }
    t.owner = (struct owner){
        .kind = OWNER_USER, .id = m->chair_id ? m->chair_id : t.giver_id, .permission = ""};
    TRY(task_add(id, cx, &t));
    for (size_t i = 0; i < d->owner_count; i++) {
        int64_t part;
        t.parent_id = *id;
        t.owner = d->owners[i];
        TRY(task_add(&part, cx, &t));
    }
    return RC_OK;
}

struct closing {
    int64_t id;
    int32_t version;
};
static enum rc close_write(struct cx *cx, void *arg)
{
    const struct closing *c = arg;
    struct meeting m;
    struct meeting_decision *list;
    size_t count;
    int64_t changed;
    TRY(meeting_get(&m, &list, &count, cx, c->id));
    TRY(DB_RUN_COUNT(&changed, cx, &MEETING_SHUT, V_I(c->id), V_I(c->version),
                     V_I(cx->now_at)));
    if (!changed)
        return stale(cx, c->id);
    for (size_t i = 0; i < count; i++) {
        int64_t task;
        if (!list[i].owner_count)
            continue;
        TRY(make_task(&task, cx, &m, &list[i]));
        TRY(DB_RUN(cx, &DECISION_SET_TASK, V_I(m.county), V_I(list[i].id), V_I(task)));
    }
    return RC_OK;
}

enum rc meeting_close(struct cx *cx, int64_t id, int32_t version)
{
    struct meeting m;
    struct closing c = {id, version};
    TRY(load_run(&m, cx, id));
    return db_write(cx, m.county, close_write, &c);
}

/* Giving free tasks, and tasks that change hands: a person leaves, an organisation ends, an
 * area is merged into another. */
#include "base/text.h"
#include "base/utf8.h"
#include "people/org.h"
#include "work/task.sql.h"
#include "work/task_inner.h"

#include <string.h>

enum { PARTS_MAX = 30, CHUNK = 200 };

/* ---- new ones ---- */

struct give_write {
    struct task_new given;
    int64_t id;
};

static enum rc add_one(int64_t *id, struct cx *cx, const struct give_write *g,
                       const struct task *t)
{
    struct task one = *t;
    one.state = g->given.after_id ? TASK_WAITING : TASK_OPEN;
    TRY(task_add(id, cx, &one));
    return g->given.after_id ? task_after(cx, one.county, *id, g->given.after_id) : RC_OK;
}

static enum rc write_new(struct cx *cx, void *arg)
{
    struct give_write *g = arg;
    struct task t = g->given.task;
    int64_t part;
    if (!g->given.part_count)
        return add_one(&g->id, cx, g, &t);
    struct task joint = t;
    joint.owner = (struct owner){OWNER_USER, work_user(cx), ""};
    joint.needs_evidence = false;
    TRY(task_add(&g->id, cx, &joint));
    for (size_t i = 0; i < g->given.part_count; i++) {
        t.parent_id = g->id;
        t.owner = g->given.parts[i];
        TRY(add_one(&part, cx, g, &t));
    }
    return RC_OK;
}

static enum rc wrong(struct cx *cx, const char **field, const char *name, const char *text)
{
    if (field)
        *field = name;
    return fail(cx, RC_INVALID, text, "task field=%s", name);
}

static enum rc owners_ok(const char **field, struct cx *cx, const struct task_new *n)
{
    size_t count = n->part_count ? n->part_count : 1;
    if (n->part_count > PARTS_MAX)
        return wrong(cx, field, "owner", _("These are too many parts for one task."));
    for (size_t i = 0; i < count; i++) {
        const struct owner *o = n->part_count ? &n->parts[i] : &n->task.owner;
        if (o->id <= 0)
            return wrong(cx, field, "owner", _("Choose who is to do it."));
        enum rc rc = owner_exists(cx, n->task.county, o);
        if (rc == RC_INVALID && field)
            *field = "owner";
        TRY(rc);
    }
    return RC_OK;
}

static enum rc new_ok(const char **field, struct cx *cx, const struct task_new *n)
{
    size_t title = utf8_length(str_trim(str_of(n->task.title.in[0])));
    if (!title)
        return wrong(cx, field, "title", _("Say in a few words what is to be done."));
    if (title > TITLE_MAX)
        return wrong(
            cx, field, "title",
            arena_printf(cx->arena, _("At most %d characters, please."), (int)TITLE_MAX));
    if (n->task.why.in[0] && utf8_length(str_of(n->task.why.in[0])) > TEXT_MAX)
        return wrong(
            cx, field, "why",
            arena_printf(cx->arena, _("At most %d characters, please."), (int)TEXT_MAX));
    if (n->task.due_at && n->task.due_at <= cx->now_at)
        return wrong(cx, field, "due", _("This day lies in the past."));
    return owners_ok(field, cx, n);
}

static enum rc after_ok(const char **field, struct cx *cx, const struct task_new *n)
{
    struct task before;
    if (!n->after_id)
        return RC_OK;
    enum rc rc = task_get(&before, cx, n->after_id);
    if (rc && rc != RC_NOTFOUND)
        return rc;
    err_clear(cx);
    return rc || before.county != n->task.county
               ? wrong(cx, field, "after", _("There is no such task in this county."))
               : RC_OK;
}

enum rc task_give_new(int64_t *id, const char **field, struct cx *cx,
                      const struct task_new *given)
{
    struct give_write g = {.given = *given};
    struct place place;
    if (field)
        *field = NULL;
    TRY(place_get(&place, cx, given->task.area_id));
    TRY(actor_require_in(cx, "task.give", str_of(place.path)));
    if (!place.county)
        return wrong(cx, field, "area", _("Choose a county or a part of one."));
    g.given.task.county = place.county;
    g.given.task.kind = "free";
    g.given.task.subject_id = 0;
    g.given.task.giver_id = work_user(cx);
    g.given.task.href = "";
    TRY(new_ok(field, cx, &g.given));
    TRY(after_ok(field, cx, &g.given));
    TRY(db_write(cx, place.county, write_new, &g));
    *id = g.id;
    return RC_OK;
}

/* ---- handing over ---- */

struct hand {
    struct owner from, to;
    int64_t county, after_id, last_id, moved;
    size_t found;
};

/* Who has it when nobody is named: an organisation of the one who left, what an organisation
 * belongs to now, else whoever gives tasks in the area. */
static enum rc default_owner(struct owner *out, struct cx *cx, const struct hand *h,
                             const struct task *t)
{
    struct duty *duties;
    size_t count;
    int64_t org = 0;
    if (h->from.kind == OWNER_ORG)
        TRY(org_now(&org, cx, h->from.id));
    if (org == h->from.id)
        org = 0;
    if (h->from.kind == OWNER_USER) {
        TRY(duties_of_user(&duties, &count, cx, h->from.id, true));
        for (size_t i = 0; i < count && !org; i++)
            if (duties[i].county == t->county)
                TRY(org_now(&org, cx, duties[i].org_id));
    }
    *out = org ? (struct owner){OWNER_ORG, org, ""}
               : (struct owner){OWNER_AREA, t->area_id, "task.give"};
    return RC_OK;
}

/* To the new owner; when that one has the same task, this one is superfluous. */
static enum rc hand_one(struct cx *cx, const struct task *t, const struct owner *to)
{
    int64_t held, changed;
    TRY(task_holder(&held, cx, to));
    TRY(db_savepoint(cx));
    enum rc rc =
        DB_RUN_COUNT(&changed, cx, &TASK_SET_OWNER, V_I(t->county), V_I(t->id), V_I(t->version),
                     V_I(to->kind), V_I(to->id), V_T(to->permission), V_I(held));
    if (rc == RC_CONFLICT) {
        TRY(db_undo(cx));
        return task_end(cx, t, TASK_CANCELLED, STR(""), true);
    }
    TRY(rc);
    TRY(db_release(cx));
    if (changed != 1)
        return RC_OK; /* ended just now */
    struct task now = *t;
    now.owner = *to;
    now.version++;
    TRY(task_say(cx, &now, "handed",
                 str_of(arena_printf(cx->arena, "→ %s", owner_label(cx, to))), 0));
    return task_tell(cx, &now, to, N_("New task"),
                     arena_printf(cx->arena, "task:%" PRId64 ":new:%d", now.id, now.version));
}

static enum rc write_hand(struct cx *cx, void *arg)
{
    struct hand *h = arg;
    struct db_rows rows;
    int64_t ids[CHUNK], moved = 0;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &TASK_OPEN_OWNED, V_I(h->from.kind), V_I(h->from.id),
                  V_T(h->from.permission[0] ? h->from.permission : "*"), V_I(h->after_id),
                  V_I(CHUNK)));
    while (n < CHUNK && db_next(&rows))
        ids[n++] = row_i64(&rows, TASK_OPEN_OWNED_ID);
    TRY(db_done(&rows));
    for (size_t i = 0; i < n; i++) {
        struct owner to = h->to;
        struct task t;
        TRY(task_read(&t, cx, ids[i]));
        if (t.county != h->county)
            continue;
        if (!to.id)
            TRY(default_owner(&to, cx, h, &t));
        TRY(hand_one(cx, &t, &to));
        moved++;
    }
    h->found = n;
    h->moved = moved;
    h->last_id = n ? ids[n - 1] : 0;
    return RC_OK;
}

static enum rc may_hand_over(struct cx *cx, int64_t county)
{
    static const char *const rights[] = {"org.manage", "user.manage"};
    struct place place;
    TRY(place_of_county(&place, cx, county));
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++)
        if (actor_may_in(cx, rights[i], str_of(place.path)))
            return RC_OK;
    return actor_require_in(cx, "task.give", str_of(place.path));
}

enum rc task_hand_over(int64_t *moved, struct cx *cx, int64_t county, struct owner from,
                       struct owner to)
{
    struct hand h = {.from = from, .to = to, .county = county};
    if (!h.from.permission)
        h.from.permission = "";
    if (!h.to.permission)
        h.to.permission = "";
    *moved = 0;
    TRY(may_hand_over(cx, county));
    if (to.id)
        TRY(owner_exists(cx, county, &h.to));
    do {
        TRY(db_write(cx, county, write_hand, &h));
        *moved += h.moved;
        h.after_id = h.last_id;
    } while (h.found == CHUNK);
    return RC_OK;
}

/* ---- areas ---- */

enum rc task_area_merged(struct cx *cx, int64_t county, int64_t from_area, int64_t to_area)
{
    struct db_rows rows;
    struct place to;
    int64_t *ids = NULL;
    size_t n = 0, cap = 0;
    TRY(place_get(&to, cx, to_area));
    TRY(DB_SELECT(&rows, cx, &TASK_OF_PLACE, V_I(county), V_I(from_area)));
    while (db_next(&rows)) {
        ids = work_grow(cx, ids, n, &cap, sizeof *ids);
        ids[n++] = row_i64(&rows, TASK_OF_PLACE_ID);
    }
    TRY(db_done(&rows));
    TRY(DB_RUN(cx, &TASK_MOVE_PLACE, V_I(county), V_I(from_area), V_I(to_area), V_T(to.path)));
    TRY(DB_RUN(cx, &TASK_LATE_MOVE, V_I(county), V_I(from_area), V_I(to_area)));
    TRY(place_held_merged(cx, county, from_area, to_area));
    for (size_t i = 0; i < n; i++) {
        struct task t;
        TRY(task_read(&t, cx, ids[i]));
        const struct owner owner = {OWNER_AREA, to_area, t.owner.permission};
        if (t.state == TASK_OPEN || t.state == TASK_WAITING)
            TRY(hand_one(cx, &t, &owner));
    }
    return RC_OK;
}

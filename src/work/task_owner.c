/* Owners of tasks: who they are today, what they are called, which levels stand above them, and
 * under which keys a person finds tasks. */
#include "base/text.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "work/task.sql.h"
#include "work/task_inner.h"

#include <assert.h>
#include <string.h>

enum { ORG_STEPS_MAX = 6 };
static const char heads[] = "heads"; /* permission of keys: the heads of an organisation */

static bool is_heads(const struct owner *o)
{
    return o->kind == OWNER_ORG && !strcmp(o->permission, heads);
}

static bool known(const char *permission)
{
    return permission_find(str_of(permission)) != NULL;
}

enum rc task_holder(int64_t *held_id, struct cx *cx, const struct owner *o)
{
    struct place place, *chain;
    size_t count;
    int index;
    *held_id = 0;
    if (o->kind != OWNER_AREA)
        return RC_OK;
    TRY(place_get(&place, cx, o->id));
    TRY(place_chain(&chain, &count, cx, place.path));
    TRY(place_holder(&index, cx, chain, count, o->permission));
    if (index >= 0 && chain[index].id != o->id)
        *held_id = chain[index].id;
    return RC_OK;
}

enum rc owner_users(int64_t **user_ids, size_t *count, struct cx *cx, const struct owner *o)
{
    switch (o->kind) {
    case OWNER_ORG:
        return org_users(user_ids, count, cx, o->id, is_heads(o));
    case OWNER_AREA:
        *count = 0;
        return known(o->permission) ? area_users(user_ids, count, cx, o->id, o->permission)
                                    : RC_OK;
    case OWNER_USER:
        break;
    }
    *user_ids = arena_new(cx->arena, sizeof **user_ids);
    (*user_ids)[0] = o->id;
    *count = 1;
    return RC_OK;
}

/* What is told of one task. */
static struct notice notice_of(struct cx *cx, const struct task *t, const char *n_text,
                               const char *key)
{
    struct notice n = {.county = t->county,
                       .weight = (enum notice_weight)t->weight,
                       .key = key,
                       .href = arena_printf(cx->arena, "/task/%" PRId64, t->id)};
    for (int i = 0; i < LANG_COUNT; i++)
        n.text.in[i] =
            arena_printf(cx->arena, "%s: %s", text_in((enum lang)i, n_text), t->title.in[i]);
    return n;
}

/* What is told, once a day, of many. */
static struct notice notice_together(struct cx *cx, const struct task *t, bool late)
{
    const char *text = late ? N_("Some tasks are late.") : N_("New tasks wait for you.");
    struct notice n = {.county = t->county,
                       .weight = (enum notice_weight)(t->weight - TASK_TOGETHER),
                       .key = arena_printf(cx->arena, "task:together:%s:%d:%d",
                                           late ? "late" : "new", (int)t->weight,
                                           (int)local_day(cx->profile, cx->now_at)),
                       .href = "/task"};
    for (int i = 0; i < LANG_COUNT; i++)
        n.text.in[i] = text_in((enum lang)i, text);
    return n;
}

enum rc task_tell(struct cx *cx, const struct task *t, const struct owner *o,
                  const char *n_text, const char *key)
{
    int64_t *ids;
    size_t count, kept = 0;
    struct notice n = t->weight >= TASK_TOGETHER
                          ? notice_together(cx, t, t->due_at && t->due_at <= cx->now_at)
                          : notice_of(cx, t, n_text, key);
    TRY(owner_users(&ids, &count, cx, o));
    for (size_t i = 0; i < count; i++)
        if (!work_user(cx) || ids[i] != work_user(cx))
            ids[kept++] = ids[i];
    return notice_tell(cx, ids, kept, &n);
}

/* ---- names ---- */

/* The roles of the place's level that hold the permission; else what it is called. */
static const char *people_of(struct cx *cx, const struct place *place, const char *permission)
{
    const struct permission *p = permission_find(str_of(permission));
    const char *names = NULL;
    for (size_t i = 0; i < cx->profile->role_count; i++) {
        const struct role *r = &cx->profile->roles[i];
        const char *label = LABEL(cx, r->label);
        if (r->level[0] && profile_level(cx->profile, r->level) == place->level &&
            role_has(r, permission))
            names = names ? arena_printf(cx->arena, "%s / %s", names, label) : label;
    }
    if (names)
        return names;
    return p ? text_in(cx->lang, p->label) : permission;
}

const char *owner_label(struct cx *cx, const struct owner *o)
{
    struct place place;
    if (o->kind == OWNER_USER)
        return user_name(cx, o->id);
    if (o->kind == OWNER_ORG)
        return org_name(cx, o->id);
    if (place_get(&place, cx, o->id)) {
        err_clear(cx);
        return "";
    }
    return arena_printf(cx->arena, _("%s: %s"), place.name,
                        people_of(cx, &place, o->permission));
}

enum rc owner_exists(struct cx *cx, int64_t county, const struct owner *o)
{
    struct place place = {0};
    struct org org = {0};
    enum rc rc = RC_OK;
    if (o->kind == OWNER_USER && !user_name(cx, o->id)[0])
        rc = RC_NOTFOUND;
    else if (o->kind == OWNER_ORG)
        rc = org_get(&org, cx, o->id);
    else if (o->kind == OWNER_AREA)
        rc = known(o->permission) ? place_get(&place, cx, o->id) : RC_NOTFOUND;
    bool elsewhere =
        !rc && ((o->kind == OWNER_ORG && (org.county != county || org.ended_day)) ||
                (o->kind == OWNER_AREA && place.county && place.county != county));
    if (rc && rc != RC_NOTFOUND)
        return rc;
    err_clear(cx);
    return rc || elsewhere
               ? fail(cx, RC_INVALID, _("Choose who is to do it."), "owner=%" PRId64, o->id)
               : RC_OK;
}

/* ---- levels above ---- */

struct above {
    struct owner *list;
    size_t count;
};

static void add_above(struct above *a, enum owner_kind kind, int64_t id, const char *permission)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].kind == kind && a->list[i].id == id &&
            !strcmp(a->list[i].permission, permission))
            return;
    if (a->count < ABOVE_MAX)
        a->list[a->count++] = (struct owner){kind, id, permission};
}

/* The organisation's heads, then those of what it belongs to. */
static enum rc add_orgs(struct above *a, struct cx *cx, int64_t org_id)
{
    for (int i = 0; org_id && i < ORG_STEPS_MAX; i++) {
        struct org o;
        enum rc rc = org_get(&o, cx, org_id);
        if (rc == RC_NOTFOUND) {
            err_clear(cx);
            return RC_OK;
        }
        TRY(rc);
        add_above(a, OWNER_ORG, o.id, heads);
        org_id = o.parent_id;
    }
    return RC_OK;
}

/* From chain[last] up to the tenant: who holds the permission there, else who gives tasks. */
static enum rc add_areas(struct above *a, struct cx *cx, const struct place *chain, int last,
                         const char *permission)
{
    for (int i = last; i >= 0 && chain[i].level >= cx->profile->tenant_level; i--) {
        bool has = false;
        if (known(permission))
            TRY(place_has_holder(&has, cx, chain[i].id, permission));
        if (has) {
            add_above(a, OWNER_AREA, chain[i].id, permission);
            continue;
        }
        TRY(place_has_holder(&has, cx, chain[i].id, "task.give"));
        if (has)
            add_above(a, OWNER_AREA, chain[i].id, "task.give");
    }
    return RC_OK;
}

static enum rc above_area(struct above *a, struct cx *cx, const struct task *t)
{
    struct place place, *chain;
    size_t count;
    TRY(place_get(&place, cx, t->held_id ? t->held_id : t->owner.id));
    TRY(place_chain(&chain, &count, cx, place.path));
    return add_areas(a, cx, chain, (int)count - 2, t->owner.permission);
}

static enum rc above_user(struct above *a, struct cx *cx, const struct task *t)
{
    struct duty *duties;
    struct place *chain;
    size_t count;
    TRY(duties_of_user(&duties, &count, cx, t->owner.id, false));
    for (size_t i = 0; i < count; i++)
        if (duties[i].county == t->county)
            TRY(add_orgs(a, cx, duties[i].org_id));
    if (a->count)
        return RC_OK;
    TRY(place_chain(&chain, &count, cx, t->area_path));
    return add_areas(a, cx, chain, (int)count - 1, "task.give");
}

enum rc task_above(struct owner *out, size_t *count, struct cx *cx, const struct task *t)
{
    struct above a = {.list = out};
    int64_t lead = 0;
    switch (t->owner.kind) {
    case OWNER_AREA:
        TRY(above_area(&a, cx, t));
        break;
    case OWNER_ORG:
        TRY(add_orgs(&a, cx, t->owner.id));
        break;
    case OWNER_USER:
        TRY(above_user(&a, cx, t));
        break;
    }
    enum rc rc = org_lead(&lead, cx, t->county);
    if (rc == RC_NOTFOUND)
        err_clear(cx);
    else
        TRY(rc);
    if (lead)
        add_above(&a, OWNER_ORG, lead, heads);
    *count = a.count;
    return RC_OK;
}

/* ---- keys of the actor ---- */

struct key_list {
    struct task_key *list;
    size_t count, cap;
};

static void add_key(struct key_list *k, struct cx *cx, enum owner_kind kind, int64_t id,
                    const char *permission)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->list[i].kind == kind && k->list[i].id == id &&
            !strcmp(k->list[i].permission, permission))
            return;
    k->list = work_grow(cx, k->list, k->count, &k->cap, sizeof *k->list);
    k->list[k->count++] = (struct task_key){kind, id, permission};
}

static enum rc add_actor(struct key_list *k, struct cx *cx, const struct actor *a)
{
    struct duty *duties;
    size_t count;
    add_key(k, cx, OWNER_USER, a->user_id, "");
    TRY(duties_of_user(&duties, &count, cx, a->user_id, false));
    for (size_t i = 0; i < count; i++) {
        add_key(k, cx, OWNER_ORG, duties[i].org_id, "");
        if (duties[i].heads)
            add_key(k, cx, OWNER_ORG, duties[i].org_id, heads);
    }
    for (size_t i = 0; i < a->grant_count; i++) {
        const struct role *r = role_find(cx->profile, str_of(a->grants[i].role));
        for (const char *const *p = r ? r->permissions : NULL; a->grants[i].area_id && p && *p;
             p++)
            add_key(k, cx, OWNER_AREA, a->grants[i].area_id, *p);
    }
    return RC_OK;
}

enum rc task_keys(struct task_key **out, size_t *count, struct cx *cx)
{
    const struct actor *const *selves;
    size_t self_count;
    struct key_list k = {0};
    *out = NULL;
    *count = 0;
    if (!cx->actor)
        return RC_OK;
    TRY(work_selves(&selves, &self_count, cx));
    for (size_t i = 0; i < self_count; i++)
        TRY(add_actor(&k, cx, selves[i]));
    *out = k.list;
    *count = k.count;
    return RC_OK;
}

enum rc task_is_owner(bool *is, struct cx *cx, const struct owner *o)
{
    struct task_key *keys;
    struct place place;
    size_t count;
    *is = false;
    TRY(task_keys(&keys, &count, cx));
    for (size_t i = 0; i < count && !*is; i++)
        *is = keys[i].kind == o->kind && keys[i].id == o->id &&
              !strcmp(keys[i].permission, o->permission);
    if (*is || o->kind != OWNER_AREA || !known(o->permission))
        return RC_OK;
    enum rc rc = place_get(&place, cx, o->id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    return work_may(is, cx, o->permission, place.path);
}

bool task_may(struct cx *cx, const struct task *t)
{
    bool is = false;
    if (!cx->actor || (t->giver_id && t->giver_id == work_user(cx)) ||
        actor_may_in(cx, "task.give", str_of(t->area_path)))
        return true;
    if (task_is_owner(&is, cx, &t->owner)) {
        err_clear(cx);
        return false;
    }
    return is;
}

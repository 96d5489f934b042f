/* What an actor may: pure functions over the grants in cx->actor and the profile's roles. No
 * database here; grants are loaded by user.c and user_session.c. */
#include "people/actor.h"

#include "base/text.h"
#include "profile/profile.h"

#include <assert.h>

bool permissions_known(const char **role, const char **permission, const struct profile *p)
{
    for (size_t i = 0; i < p->role_count; i++) {
        for (const char *const *code = p->roles[i].permissions; *code; code++) {
            if (!permission_find(str_of(*code))) {
                *role = p->roles[i].code;
                *permission = *code;
                return false;
            }
        }
    }
    return true;
}

const struct role *role_find(const struct profile *p, struct str code)
{
    for (size_t i = 0; i < p->role_count; i++) {
        if (str_eq_z(code, p->roles[i].code))
            return &p->roles[i];
    }
    return NULL;
}

bool role_has(const struct role *role, const char *permission)
{
    if (!role)
        return false;
    for (const char *const *code = role->permissions; *code; code++) {
        if (strcmp(*code, permission) == 0)
            return true;
    }
    return false;
}

static bool grant_has(const struct cx *cx, const struct grant *g, const char *permission)
{
    assert(cx->profile);
    return role_has(role_find(cx->profile, str_of(g->role)), permission);
}

bool actor_may(const struct cx *cx, const char *permission)
{
    assert(permission_find(str_of(permission)));
    const struct actor *actor = cx->actor;
    if (!actor)
        return true;
    for (size_t i = 0; i < actor->grant_count; i++) {
        if (grant_has(cx, &actor->grants[i], permission))
            return true;
    }
    return false;
}

bool actor_may_in(const struct cx *cx, const char *permission, struct str area_path)
{
    assert(permission_find(str_of(permission)));
    const struct actor *actor = cx->actor;
    if (!actor)
        return true;
    for (size_t i = 0; i < actor->grant_count; i++) {
        const struct grant *g = &actor->grants[i];
        if (str_starts(area_path, str_of(g->area_path)) && grant_has(cx, g, permission))
            return true;
    }
    return false;
}

static enum rc refuse(struct cx *cx, const char *permission, const char *where)
{
    const struct permission *known = permission_find(str_of(permission));
    const char *label = known ? text_in(cx->lang, known->label) : permission;
    const char *text = arena_printf(
        cx->arena,
        where ? _("You may not do this here: the right \"%s\" is missing for this area. An "
                  "administrator of the area can give you a role that has it.")
              : _("You may not do this: the right \"%s\" is missing. An administrator of your "
                  "area can give you a role that has it."),
        label);
    return fail(cx, RC_DENIED, text, "permission=%s user=%" PRId64 " area=%s", permission,
                cx->actor->user_id, where ? where : "any");
}

enum rc actor_require(struct cx *cx, const char *permission)
{
    return actor_may(cx, permission) ? RC_OK : refuse(cx, permission, NULL);
}

enum rc actor_require_in(struct cx *cx, const char *permission, struct str area_path)
{
    if (actor_may_in(cx, permission, area_path))
        return RC_OK;
    return refuse(cx, permission, arena_copy(cx->arena, area_path));
}

/* Puts a path into the list unless one in it covers it; drops those that it covers. */
static size_t add_path(const char **list, size_t count, const char *path)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (str_starts(str_of(path), str_of(list[i])))
            return count;
    }
    for (size_t i = 0; i < count; i++) {
        if (!str_starts(str_of(list[i]), str_of(path)))
            list[kept++] = list[i];
    }
    list[kept++] = path;
    return kept;
}

enum rc actor_paths(const char *const **paths, size_t *count, struct cx *cx,
                    const char *permission)
{
    const struct actor *actor = cx->actor;
    size_t most = actor ? actor->grant_count : 1, n = 0;
    const char **list = arena_new(cx->arena, (most + 1) * sizeof *list);
    if (!actor)
        list[n++] = "";
    for (size_t i = 0; actor && i < actor->grant_count; i++) {
        if (grant_has(cx, &actor->grants[i], permission))
            n = add_path(list, n, actor->grants[i].area_path);
    }
    for (size_t i = 1; i < n; i++) {
        const char *path = list[i];
        size_t at = i;
        for (; at > 0 && strcmp(list[at - 1], path) > 0; at--)
            list[at] = list[at - 1];
        list[at] = path;
    }
    *paths = list;
    *count = n;
    return RC_OK;
}

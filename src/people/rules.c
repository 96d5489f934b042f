/* Rows and rules that users, sessions and looks share: who may touch whom. */
#include "base/text.h"
#include "base/utf8.h"
#include "people/people_inner.h"
#include "people/user.sql.h"
#include "profile/profile.h"

#include <assert.h>

void *people_grow(struct cx *cx, void *rows, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return rows;
    size_t wanted = *cap ? *cap * 2 : 16;
    void *grown = arena_array(cx->arena, wanted, size);
    if (!grown) {
        (void)fail(cx, RC_LIMIT, _("The list is too long to be shown at once."), "rows=%zu",
                   count);
        return NULL;
    }
    if (count > 0)
        memcpy(grown, rows, count * size);
    *cap = wanted;
    return grown;
}

int64_t people_self(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

enum rc people_no_user(struct cx *cx)
{
    return fail(cx, RC_NOTFOUND, _("There is no such user, or not for you to see."), "user");
}

struct str people_login(struct cx *cx, struct str login)
{
    return utf8_fold(cx, utf8_normal(cx, str_trim(login), true));
}

/* Both statements have the same columns. */
static enum rc read_row(struct user_row *out, struct cx *cx, struct db_rows *rows)
{
    struct user_row r = {
        .user = {.id = row_i64(rows, USER_GET_BY_ID_ID),
                 .login = arena_copy(cx->arena, row_str(rows, USER_GET_BY_ID_LOGIN)),
                 .name = arena_copy(cx->arena, row_str(rows, USER_GET_BY_ID_NAME)),
                 .state = (enum user_state)row_i64(rows, USER_GET_BY_ID_STATE),
                 .lang = (enum lang)row_i64(rows, USER_GET_BY_ID_LANG),
                 .created_at = row_i64(rows, USER_GET_BY_ID_CREATED_AT),
                 .signed_in_at = row_i64(rows, USER_GET_BY_ID_SIGNED_IN_AT),
                 .must_change_password = row_i64(rows, USER_GET_BY_ID_MUST_CHANGE) != 0},
        .password = arena_copy(cx->arena, row_str(rows, USER_GET_BY_ID_PASSWORD)),
        .keeper_id = row_i64(rows, USER_GET_BY_ID_KEEPER_ID),
    };
    TRY(db_done(rows));
    *out = r;
    return RC_OK;
}

enum rc people_row_by_id(struct user_row *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &USER_GET_BY_ID, V_I(id)));
    return read_row(out, cx, &rows);
}

enum rc people_row_by_login(struct user_row *out, struct cx *cx, struct str login)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &USER_GET_BY_LOGIN, V_S(people_login(cx, login))));
    return read_row(out, cx, &rows);
}

enum rc people_grants(struct grant **out, size_t *count, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    struct grant *list = NULL;
    size_t n = 0, cap = 0;
    bool full = false;
    TRY(DB_SELECT(&rows, cx, &USER_GRANT_LIST, V_I(id)));
    while (!full && db_next(&rows)) {
        list = people_grow(cx, list, n, &cap, sizeof *list);
        full = !list;
        if (full)
            break;
        int64_t area_id = row_i64(&rows, USER_GRANT_LIST_AREA_ID);
        bool missing = area_id != 0 && row_null(&rows, USER_GRANT_LIST_PATH);
        struct str path = area_id == 0 ? STR("") : row_str(&rows, USER_GRANT_LIST_PATH);
        list[n++] = (struct grant){
            .role = arena_copy(cx->arena, row_str(&rows, USER_GRANT_LIST_ROLE)),
            .area_id = area_id,
            .county = row_i64(&rows, USER_GRANT_LIST_COUNTY),
            .area_path = missing ? "?" : arena_copy(cx->arena, path),
        };
    }
    TRY(db_done(&rows));
    if (full)
        return RC_LIMIT;
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc people_actor(struct actor **out, struct cx *cx, const struct user *user,
                     int64_t session_id)
{
    struct grant *grants = NULL;
    size_t count = 0, kept = 0;
    TRY(people_grants(&grants, &count, cx, user->id));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(grants[i].area_path, "?") != 0)
            grants[kept++] = grants[i];
    }
    struct actor *actor = arena_new(cx->arena, sizeof *actor);
    *actor = (struct actor){.user_id = user->id,
                            .name = user->name,
                            .lang = user->lang,
                            .grants = grants,
                            .grant_count = kept,
                            .session_id = session_id,
                            .must_change_password = user->must_change_password};
    *out = actor;
    return RC_OK;
}

/* Does the actor hold, in the grant's area, everything that the grant gives? */
static bool holds_all(const struct cx *cx, const struct grant *g)
{
    const struct role *role = role_find(cx->profile, str_of(g->role));
    for (const char *const *p = role ? role->permissions : NULL; p && *p; p++) {
        if (!permission_find(str_of(*p)) || !actor_may_in(cx, *p, str_of(g->area_path)))
            return false;
    }
    return true;
}

bool people_may_manage(const struct cx *cx, const struct grant *grants, size_t count,
                       int64_t keeper_id, bool takeover)
{
    if (!cx->actor || actor_may_in(cx, "user.manage", STR(""))) {
        for (size_t i = 0; takeover && cx->actor && i < count; i++) {
            if (!holds_all(cx, &grants[i]))
                return false;
        }
        return true;
    }
    if (count == 0)
        return actor_may(cx, "user.manage") && keeper_id == cx->actor->user_id;
    for (size_t i = 0; i < count; i++) {
        if (!actor_may_in(cx, "user.manage", str_of(grants[i].area_path)))
            return false;
        if (takeover && !holds_all(cx, &grants[i]))
            return false;
    }
    return true;
}

enum rc people_require_manage(struct user_row *out, struct cx *cx, int64_t id, bool takeover)
{
    struct user_row row;
    struct grant *grants;
    size_t count;
    TRY(actor_require(cx, "user.manage"));
    enum rc rc = people_row_by_id(&row, cx, id);
    if (rc == RC_NOTFOUND)
        return people_no_user(cx);
    TRY(rc);
    TRY(people_grants(&grants, &count, cx, id));
    if (!people_may_manage(cx, grants, count, row.keeper_id, false))
        return people_no_user(cx);
    if (takeover && !people_may_manage(cx, grants, count, row.keeper_id, true))
        return fail(cx, RC_DENIED,
                    _("This user has rights that you do not have. Ask an administrator who has "
                      "them."),
                    "user=%" PRId64, id);
    if (out)
        *out = row;
    return RC_OK;
}

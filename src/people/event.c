/* The log of changes to users: written with each change, never changed, shown to
 * administrators. */
#include "base/text.h"
#include "people/people_inner.h"
#include "people/user.sql.h"

#include <assert.h>

static const struct {
    const char *what, *label;
} labels[] = {
    {"add", N_("User added")},
    {"password", N_("New password set")},
    {"block", N_("User blocked")},
    {"unblock", N_("User unblocked")},
    {"name", N_("Name changed")},
    {"grant", N_("Role given")},
    {"revoke", N_("Role taken away")},
    {"recovery", N_("Recovery code made")},
    {"session_end", N_("Session ended by somebody else")},
};

const char *user_event_label(struct cx *cx, const char *what)
{
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(labels[i].what, what) == 0)
            return text_in(cx->lang, labels[i].label);
    }
    return what;
}

enum rc people_event(struct cx *cx, int64_t user_id, const char *what, const char *role,
                     int64_t area_id)
{
    int64_t id;
    assert(user_event_label(cx, what) != what);
    TRY(db_ids(&id, cx, 1));
    return DB_RUN(cx, &USER_EVENT_INSERT, V_I(id), V_I(cx->now_at), V_I(people_self(cx)),
                  V_I(user_id), V_T(what), V_T(role), V_I(area_id));
}

/* Is the user among those the actor may manage? `users` is sorted by login, so look at all. */
static bool among(const struct user *users, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (users[i].id == id)
            return true;
    }
    return false;
}

enum rc user_event_list(struct user_event **out, size_t *count, struct cx *cx, int64_t user_id,
                        int64_t before_id, size_t max)
{
    struct user *users = NULL;
    size_t user_count = 0, n = 0, cap = 0;
    struct user_event *list = NULL;
    struct db_rows rows;
    bool all = !cx->actor || actor_may_in(cx, "user.manage", STR(""));
    if (user_id != 0)
        TRY(people_require_manage(NULL, cx, user_id, false));
    else if (all)
        TRY(actor_require(cx, "user.manage"));
    else
        TRY(user_list(&users, &user_count, cx, STR("")));
    TRY(DB_SELECT(&rows, cx, &USER_EVENT_PAGE, V_I(user_id),
                  V_I(before_id > 0 ? before_id : INT64_MAX)));
    enum rc rc = RC_OK;
    while (rc == RC_OK && n < max && db_next(&rows)) {
        int64_t whom = row_i64(&rows, USER_EVENT_PAGE_USER_ID);
        if (user_id == 0 && !all && !among(users, user_count, whom))
            continue;
        list = people_grow(cx, list, n, &cap, sizeof *list);
        if (!list) {
            rc = RC_LIMIT;
            break;
        }
        list[n++] = (struct user_event){
            .id = row_i64(&rows, USER_EVENT_PAGE_ID),
            .at = row_i64(&rows, USER_EVENT_PAGE_AT),
            .by_user_id = row_i64(&rows, USER_EVENT_PAGE_BY_USER_ID),
            .by_login = arena_copy(cx->arena, row_str(&rows, USER_EVENT_PAGE_BY_LOGIN)),
            .user_id = whom,
            .login = arena_copy(cx->arena, row_str(&rows, USER_EVENT_PAGE_LOGIN)),
            .what = arena_copy(cx->arena, row_str(&rows, USER_EVENT_PAGE_WHAT)),
            .role = arena_copy(cx->arena, row_str(&rows, USER_EVENT_PAGE_ROLE)),
            .area_id = row_i64(&rows, USER_EVENT_PAGE_AREA_ID)};
    }
    enum rc done = db_done(&rows);
    TRY(rc);
    TRY(done);
    *out = list;
    *count = n;
    return RC_OK;
}

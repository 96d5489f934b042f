/* Users, their grants, passwords and sessions. Writes happen in write closures made here. */
#ifndef PEOPLE_USER_H
#define PEOPLE_USER_H

#include "people/actor.h"

enum user_state { USER_ACTIVE = 1, USER_BLOCKED = 2 };
struct user {
    int64_t id;
    const char *login; /* lower case, 2..64 of [a-z0-9._-] or CJK letters; unique */
    const char *name;  /* as shown */
    enum user_state state;
    enum lang lang;
    int64_t created_at, signed_in_at;
    bool must_change_password;
};
/* Passwords: 10..256 bytes, not among the common ones, not the login. Texts say what is wrong.
 */
enum rc user_password_ok(struct cx *cx, struct str login, struct str password) MUST_USE;
enum rc user_add(int64_t *id, struct cx *cx, struct str login, struct str name,
                 struct str password, bool must_change) MUST_USE;
enum rc user_set_password(struct cx *cx, int64_t id, struct str password,
                          bool must_change) MUST_USE;
enum rc user_change_password(struct cx *cx, struct str old_password,
                             struct str new_password) MUST_USE; /* own */
enum rc user_set_state(struct cx *cx, int64_t id,
                       enum user_state state) MUST_USE; /* blocked: sessions end */
enum rc user_rename(struct cx *cx, int64_t id, struct str name) MUST_USE;
enum rc user_set_lang(struct cx *cx, enum lang lang) MUST_USE; /* own; nothing for the system */
/* A role in an area and all under it (area_id 0: everything). The actor must hold user.manage
 * there and every permission of the role; the role's level must be the area's (but for
 * everything). RC_INVALID for an unknown role, RC_NOTFOUND for an unknown area or user,
 * RC_DENIED. Giving it again changes nothing. */
enum rc user_grant(struct cx *cx, int64_t id, const char *role, int64_t area_id) MUST_USE;
enum rc user_revoke(struct cx *cx, int64_t id, const char *role, int64_t area_id) MUST_USE;
/* An area was merged into another of its level: who had a role there has it in the other
 * (user_event says so). In a write closure; asks nobody's permission. */
enum rc user_area_merged(struct cx *cx, int64_t from_area, int64_t to_area) MUST_USE;
/* The user of that id or login: oneself, or one whose grants all lie where the actor holds
 * user.manage (without grants: one that the actor made). Others are RC_NOTFOUND. */
enum rc user_get(struct user *out, struct cx *cx, int64_t id) MUST_USE;
enum rc user_by_login(struct user *out, struct cx *cx, struct str login) MUST_USE;
/* The name shown for an id, for anybody ("who did this"): "" when there is none, "the system"
 * for 0. */
const char *user_name(struct cx *cx, int64_t id);
/* Those the actor may manage, by login, at most 2,000; `search` in login, name or its pinyin.
 */
enum rc user_list(struct user **out, size_t *count, struct cx *cx, struct str search) MUST_USE;
/* The grants of oneself or of a user the actor may manage. A grant on an area that is gone has
 * area_path "?" and counts for nothing. */
enum rc user_grants(struct grant **out, size_t *count, struct cx *cx, int64_t id) MUST_USE;
/* A one-time code by which a person sets a new password (account recovery): valid 24 h, made by
 * an administrator or `fumin user reset`; shown once. */
enum rc user_recovery_new(const char **code, struct cx *cx, int64_t id) MUST_USE;
enum rc user_recovery_use(struct cx *cx, struct str login, struct str code,
                          struct str password) MUST_USE;

/* Every change of users, grants, passwords and sessions, append-only. */
struct user_event {
    int64_t id, at;
    int64_t by_user_id; /* 0 = the system (commands) */
    const char *by_login;
    int64_t user_id; /* whom it befell */
    const char *login;
    const char *what; /* add password block unblock name grant revoke recovery session_end */
    const char *role; /* grant, revoke; else "" */
    int64_t area_id;
};
/* Newest first, at most `max`, before the event `before_id` (0 = from the newest), of one user
 * or (user_id 0) of all whom the actor may manage. Permission user.manage. */
enum rc user_event_list(struct user_event **out, size_t *count, struct cx *cx, int64_t user_id,
                        int64_t before_id, size_t max) MUST_USE;
/* The words for `what` in the context's language. */
const char *user_event_label(struct cx *cx, const char *what);

/* ---- sessions ---- */
struct session {
    int64_t id, user_id;
    int64_t created_at, seen_at;
    const char *device; /* browser family, from User-Agent */
    const char *client; /* address, cut to /24 or /48 */
    const char *csrf;   /* secret of this session, derived from its token; "" in lists */
    int64_t ended_at;   /* 0 = open; lists show ended ones for 30 days */
};
/* Checks the password and opens a session. Throttled by login and by client: after 5 failures
 * the wait doubles from 1 s to 15 min, and the answer says how long; unknown logins cost the
 * same time as known ones. Attempts are counted in the database, so a restart forgives nothing;
 * a client (an office may share one address) has 30 free failures. RC_DENIED: wrong, or
 * blocked; RC_BUSY: wait. `client` is the address as seen, `device` the User-Agent. `token`
 * goes into the cookie and is stored only as a hash. */
enum rc session_open(const char **token, struct cx *cx, struct str login, struct str password,
                     struct str client, struct str device) MUST_USE;
/* Opens a session of a user who proved who they are in another way (a card and its PIN, a pass
 * of the office): the caller's duty. RC_DENIED: blocked. */
enum rc session_open_for(const char **token, struct cx *cx, int64_t user_id, struct str client,
                         struct str device) MUST_USE;
/* The session and actor of a cookie's token; RC_DENIED when it does not exist, has ended, idle
 * for 12 h or is older than 30 days. *actor is in cx->arena with grants and current area paths.
 */
enum rc session_find(struct session *out, const struct actor **actor, struct cx *cx,
                     struct str token) MUST_USE;
enum rc session_end(struct cx *cx,
                    int64_t session_id) MUST_USE; /* own, or of others with user.manage */
enum rc session_end_all(struct cx *cx, int64_t user_id) MUST_USE; /* all but the one in use */
enum rc session_list(struct session **out, size_t *count, struct cx *cx,
                     int64_t user_id) MUST_USE;
/* Actor of a user without a session (commands with --as, jobs started by a user). */
enum rc actor_of_user(const struct actor **out, struct cx *cx, int64_t user_id) MUST_USE;

/* ---- looks at personal data ---- */
/* `reason` has 1 to 300 bytes, else RC_INVALID. Logs that the actor saw a secret field of a
 * person, with the reason given; before it is shown. */
enum rc look_log(struct cx *cx, int64_t county, int64_t person_id, const char *field,
                 struct str reason) MUST_USE;
struct look {
    int64_t at, user_id, person_id;
    const char *user_name, *field, *reason;
};
/* Newest first, at most 5,000; person_id 0: of the whole county. Permission audit.view (the
 * caller checks that the county or the person's area is the actor's). */
enum rc look_list(struct look **out, size_t *count, struct cx *cx, int64_t county,
                  int64_t person_id) MUST_USE;

#endif

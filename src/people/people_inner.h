/* What the files of people share among themselves; no other room includes this. */
#ifndef PEOPLE_PEOPLE_INNER_H
#define PEOPLE_PEOPLE_INNER_H

#include "db/db.h"
#include "people/user.h"

/* A row of app_user with what leaves this room never. */
struct user_row {
    struct user user;
    const char *password; /* Argon2id text */
    int64_t keeper_id;    /* who made the user or last changed the grants; 0 = the system */
};
/* RC_NOTFOUND without a text when there is none. */
enum rc people_row_by_id(struct user_row *out, struct cx *cx, int64_t id) MUST_USE;
enum rc people_row_by_login(struct user_row *out, struct cx *cx, struct str login) MUST_USE;
/* RC_NOTFOUND with the sentence for the person. */
enum rc people_no_user(struct cx *cx);

/* Makes room for one more element behind `count`; NULL when the arena is full. */
void *people_grow(struct cx *cx, void *rows, size_t count, size_t *cap, size_t size) MUST_USE;

/* All grants of a user. A grant on an area that does not exist any more has the path "?",
 * which no area's path begins with. */
enum rc people_grants(struct grant **out, size_t *count, struct cx *cx, int64_t id) MUST_USE;
/* The actor of a user row; grants on missing areas are left out. */
enum rc people_actor(struct actor **out, struct cx *cx, const struct user *user,
                     int64_t session_id) MUST_USE;

/* May the actor touch this user? All grants of the user must lie where the actor holds
 * user.manage; a user without grants belongs to its keeper and to administrators of
 * everything. With `takeover` (a new password, a recovery code) the actor must also hold every
 * permission that the user holds, for it could then sign in as that user. */
bool people_may_manage(const struct cx *cx, const struct grant *grants, size_t count,
                       int64_t keeper_id, bool takeover);
/* The same as a check: RC_NOTFOUND, RC_DENIED. *out may be NULL. */
enum rc people_require_manage(struct user_row *out, struct cx *cx, int64_t id,
                              bool takeover) MUST_USE;
/* The actor's own user id; 0 for the system. */
int64_t people_self(const struct cx *cx);

/* Adds a line to user_event. In a write closure. */
enum rc people_event(struct cx *cx, int64_t user_id, const char *what, const char *role,
                     int64_t area_id) MUST_USE;

/* Lower case, NFC, half width: the form in which logins are stored and looked up. */
struct str people_login(struct cx *cx, struct str login);

/* Argon2id with at most two at a time in the process; others wait 5 s, then RC_BUSY. */
enum rc people_hash(const char **out, struct cx *cx, struct str password) MUST_USE;
/* *ok = does it fit? `hash` NULL: works as long as for a real one and says no. */
enum rc people_check(bool *ok, struct cx *cx, const char *hash, struct str password) MUST_USE;

/* The throttle: counts an attempt at these doors before it is tried, RC_BUSY with the wait when
 * one of them has to wait. In a write closure. */
struct door {
    char key[72];
    int64_t free;     /* failures before the first wait */
    int64_t forget_s; /* failures are forgotten after this time without another */
};
struct door people_door(struct cx *cx, const char *kind, struct str value);
enum rc people_door_enter(struct cx *cx, const struct door *doors, size_t count) MUST_USE;

/* Forgets the failures of a login: it has a new password. In a write closure. */
enum rc people_throttle_clear(struct cx *cx, struct str login) MUST_USE;

/* RC_CONFLICT when an area would lose its last active administrator: when the user is blocked
 * (role NULL), or loses this role in this area. In a write closure. */
enum rc people_keep_admin(struct cx *cx, int64_t user_id, const char *role,
                          int64_t area_id) MUST_USE;

/* Ends all sessions of a user but one (0: all). In a write closure. */
enum rc people_end_sessions(struct cx *cx, int64_t user_id, int64_t except_id) MUST_USE;

#endif

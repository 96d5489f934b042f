/* Who acts, and what they may: loaded from the session at each request, from the command line
 * for commands. cx->actor == NULL is the system itself (jobs, migrations): it may all. */
#ifndef PEOPLE_ACTOR_H
#define PEOPLE_ACTOR_H

#include "base/cx.h"
#include "profile/permission.h"

/* One grant: a role in an area and everything under it. */
struct grant {
    const char *role; /* code in the profile's roles.csv */
    int64_t area_id;
    int64_t
        county; /* tenant number the area lies in; 0: above tenants (all counties under it) */
    const char *area_path; /* path of the area today; "" = everything */
};
struct actor {
    int64_t user_id;
    const char *name; /* shown on pages and in the journal's page; login name */
    enum lang lang;
    const struct grant *grants;
    size_t grant_count;
    int64_t session_id;
    bool must_change_password;
};
/* May the actor use this permission ("household.view") anywhere at all? */
bool actor_may(const struct cx *cx, const char *permission);
/* … in an area with this path? A grant on an area covers all areas whose path begins with its
 * path. */
bool actor_may_in(const struct cx *cx, const char *permission, struct str area_path);
/* RC_DENIED with a sentence that says which right is missing and who can give it. */
enum rc actor_require(struct cx *cx, const char *permission) MUST_USE;
enum rc actor_require_in(struct cx *cx, const char *permission, struct str area_path) MUST_USE;
/* The area paths in which the actor holds a permission, shortest, without those covered by
 * others: lists filter by these. count 0: nowhere. A path "" means everywhere. */
enum rc actor_paths(const char *const **paths, size_t *count, struct cx *cx,
                    const char *permission) MUST_USE;

struct profile;
struct role;
/* False when a role of the profile holds a permission that does not exist: then *role and
 * *permission name the first such place (main checks this once at start). */
bool permissions_known(const char **role, const char **permission, const struct profile *p);
/* The role of that code by the profile's public table, or NULL. As profile_role, but also for
 * profiles that a test made by hand; there are few roles. */
const struct role *role_find(const struct profile *p, struct str code);
/* Does the role hold the permission? NULL (a role the profile no longer knows) holds none. */
bool role_has(const struct role *role, const char *permission);

#endif

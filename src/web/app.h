/* The running program: a database folder opened with its profile and keys. Used by every
 * command and by the server's workers.
 *
 *     DIR/      fumin.db (SQLite) or fumin.conf (database=postgresql://…); profile/, store/,
 *               backup/, work/
 *     DIR.key   the keys (base/vault.h), or the file that FUMIN_KEY_FILE names */
#ifndef WEB_APP_H
#define WEB_APP_H

#include "base/cx.h"
#include "base/option.h"

struct app {
    const char *dir;
    struct db_pool *pool;
    struct profile *profile;
    struct vault *vault;
    struct columns_cache *columns; /* register/columns.h */
    bool synthetic;                /* some county holds made-up people: every page says so */
};
struct app_options {
    bool server;     /* writer threads and many readers; else one thread */
    bool no_migrate; /* refuse an older schema instead of upgrading it */
};
/* Opens DIR and fills cx (dir, pool, profile, vault, db attached). Upgrades the schema after a
 * backup, whose path is logged. RC_NOTFOUND with a text that says `fumin init` when DIR holds
 * no database. */
enum rc app_open(struct app *app, struct cx *cx, const char *dir,
                 const struct app_options *options) MUST_USE;
void app_close(struct app *app, struct cx *cx);
/* Makes a new database in DIR (which must not hold one): key file, profile folder, schema,
 * sheet tables. Leaves it open as app_open does. `profile_name` is an embedded profile's name
 * or a folder; `url` NULL = SQLite. */
enum rc app_create(struct app *app, struct cx *cx, const char *dir, const char *profile_name,
                   const char *url) MUST_USE;
/* Lends another thread's cx the app's services and a reading connection. */
enum rc app_attach(const struct app *app, struct cx *cx) MUST_USE;

/* After options_parse failed: nothing more for --help (EXIT_OK), else the mistake (EXIT_USAGE).
 */
int command_usage(const struct cx *cx, enum rc rc);
/* Prints cx->err for a person on stderr and gives the exit code. */
int command_failed(const struct cx *cx);

#endif

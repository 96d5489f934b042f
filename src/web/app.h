/* The running program: a database folder opened with its profile and keys. Used by every
 * command and by the server's workers.
 *
 *     DIR/      fumin.db (SQLite) or fumin.conf (database=postgresql://…); profile/, store/,
 *               backup/, work/
 *     DIR.key   the keys (base/vault.h), or the file that FUMIN_KEY_FILE names
 * The market is apart (web/market.h): its own database and keys, the same profile.
 *     DIR/market/     fumin.db (or fumin.conf: market=postgresql://…); store/, backup/, work/
 *     DIR-market.key  its keys, or the file that FUMIN_MARKET_KEY_FILE names */
#ifndef WEB_APP_H
#define WEB_APP_H

#include "base/cx.h"
#include "base/option.h"

enum app_place { PLACE_OFFICE, PLACE_MARKET };
struct app {
    enum app_place place;
    const char *dir; /* its own: DIR, or DIR/market */
    struct db_pool *pool;
    struct profile *profile;
    struct vault *vault;
    struct columns_cache *columns; /* register/columns.h */
    const char *market_url;        /* of fumin.conf; NULL: the office's host and market_port */
    int market_port;               /* of the child; 0: there is none */
    bool synthetic;                /* some county holds made-up people: every page says so */
};
struct app_options {
    enum app_place place;
    bool beside;     /* app_open_beside */
    bool server;     /* writer threads and many readers; else one thread */
    bool no_migrate; /* refuse an older schema instead of upgrading it */
};
/* Opens DIR and fills cx (dir, pool, profile, vault, db attached). Upgrades the schema after a
 * backup, whose path is logged. RC_NOTFOUND with a text that says `fumin init` when DIR holds
 * no database. The market of DIR is made when it is not there. */
enum rc app_open(struct app *app, struct cx *cx, const char *dir,
                 const struct app_options *options) MUST_USE;
/* The market of DIR beside the office in one process (the bridge): its database and keys, with
 * a cx of its own; joins nothing. */
enum rc app_open_beside(struct app *market, struct cx *cx, const char *dir) MUST_USE;
void app_close(struct app *app, struct cx *cx);
/* Makes a new database in DIR (which must not hold one): key file, profile folder, schema,
 * sheet tables. Leaves it open as app_open does. `profile_name` is an embedded profile's name
 * or a folder; `url` NULL = SQLite; with it `market_url` of the market's database (NULL: none).
 */
enum rc app_create(struct app *app, struct cx *cx, const char *dir, const char *profile_name,
                   const char *url, const char *market_url) MUST_USE;
/* Lends another thread's cx the app's services and a reading connection. */
enum rc app_attach(const struct app *app, struct cx *cx) MUST_USE;

/* After options_parse failed: nothing more for --help (EXIT_OK), else the mistake (EXIT_USAGE).
 */
int command_usage(const struct cx *cx, enum rc rc);
/* Prints cx->err for a person on stderr and gives the exit code. */
int command_failed(const struct cx *cx);

#endif

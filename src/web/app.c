/* Opening and creating a database folder: see app.h. */
#include "web/app.h"

#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "base/vault.h"
#include "db/db.h"
#include "profile/profile.h"
#include "profile/sheet.h"
#include "register/columns.h"
#include "register/office.h"
#include "web/jobs.h"
#include "web/market.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONF_BYTES = 16 * 1024, PROFILE_FILE_BYTES = 16 * 1024 * 1024 };

static const char *folder_path(struct cx *cx, const char *dir, const char *name)
{
    return arena_printf(cx->arena, "%s/%s", dir, name);
}

const char *market_dir(struct cx *cx, const char *root)
{
    return folder_path(cx, root, "market");
}

/* Apart from the office's, so that the market's machine needs no other. */
static const char *key_path(struct cx *cx, const char *root, enum app_place place)
{
    const char *named = getenv("FUMIN_MARKET_KEY_FILE");
    if (place == PLACE_OFFICE)
        return vault_path(cx, root);
    if (named && *named)
        return arena_copy(cx->arena, str_of(named));
    struct str d = str_of(root);
    while (d.len > 1 && d.p[d.len - 1] == '/')
        d.len--;
    return arena_printf(cx->arena, "%.*s-market.key", STR_ARG(d));
}

bool market_exists(struct cx *cx, const char *root)
{
    return !access(market_dir(cx, root), F_OK);
}

/* The database's address: `database=` (`market=`) of fumin.conf, or the folder itself (SQLite).
 */
static enum rc read_url(const char **url, const char **market_url, struct cx *cx,
                        const char *root, enum app_place place)
{
    const char *path = folder_path(cx, root, "fumin.conf");
    const char *wanted = place == PLACE_MARKET ? "market" : "database";
    bool any = false, found = false;
    *url = place == PLACE_MARKET ? market_dir(cx, root) : root;
    if (access(path, R_OK))
        return RC_OK;
    struct str text;
    TRY(file_read(&text, cx, path, CONF_BYTES));
    while (text.p) {
        struct str line = str_trim(str_cut(&text, '\n'));
        if (!line.len || line.p[0] == '#')
            continue;
        struct str key = str_trim(str_cut(&line, '='));
        if (str_eq_z(key, "market_url") && line.p) {
            *market_url = arena_copy(cx->arena, str_trim(line));
            continue;
        }
        if ((!str_eq_z(key, "database") && !str_eq_z(key, "market")) || !line.p)
            return fail_f(cx, RC_INVALID,
                          _("%s: unknown setting \"%.*s\"; expected database=postgresql://…"),
                          path, STR_ARG(key));
        any = true;
        if (str_eq_z(key, wanted)) {
            *url = arena_copy(cx->arena, str_trim(line));
            found = true;
        }
    }
    if (any && !found && place == PLACE_MARKET)
        return fail_f(cx, RC_NOTFOUND,
                      _("The market has no database: add a line market=postgresql://… with a "
                        "database of its own to %s."),
                      path);
    return RC_OK;
}

static enum rc load_profile(struct app *app, struct cx *cx, const char *folder)
{
    struct profile_faults faults = {0};
    enum rc rc = profile_load(&app->profile, &faults, cx, folder);
    if (!rc)
        return RC_OK;
    for (size_t i = 0; i < faults.count && i < 20; i++)
        fprintf(stderr, "%s:%" PRId64 ": %s: %s\n", faults.rows[i].file, faults.rows[i].row,
                faults.rows[i].field, faults.rows[i].message);
    return fail_f(cx, rc, _("The profile in %s has mistakes: run `fumin profile check %s`"),
                  folder, folder);
}

static enum rc open_pool(struct app *app, struct cx *cx, const char *url, bool server)
{
    const struct db_options options = {
        .url = url, .reader_count_max = server ? 64 : 2, .single_thread = !server};
    TRY(db_open(&app->pool, cx, &options));
    cx->pool = app->pool;
    return db_attach(cx);
}

static enum rc install_sheets(struct cx *cx, void *arg)
{
    (void)arg;
    return sheet_install(cx);
}

static void adopt(struct app *app, struct cx *cx, const char *dir)
{
    app->dir = dir;
    cx->dir = dir;
    cx->profile = app->profile;
    cx->vault = app->vault;
    format_set_zone(app->profile->zone_offset_min);
}

/* What the register keeps ready besides its tables. */
static enum rc open_register(struct app *app, struct cx *cx)
{
    TRY(db_write(cx, 0, install_sheets, NULL));
    TRY(register_refresh_lists(cx));
    TRY(register_refresh_facts(cx));
    TRY(columns_cache_open(&app->columns, cx));
    cx->columns = app->columns;
    return RC_OK;
}

static enum rc make_market(struct cx *cx, const char *root)
{
    const char *dir = market_dir(cx, root), *key = key_path(cx, root, PLACE_MARKET);
    if (access(key, F_OK) && !access(folder_path(cx, dir, "fumin.db"), F_OK))
        return fail_f(cx, RC_NOTFOUND,
                      _("The market's keys are missing: %s. Put the file back from its copy; "
                        "without it what is sealed there cannot be read."),
                      key);
    if (access(dir, F_OK))
        TRY(file_mkdir(cx, dir));
    return access(key, F_OK) ? vault_create(cx, key) : RC_OK;
}

static enum rc open_parts(struct app *app, struct cx *cx, const char *root, const char *url,
                          const struct app_options *options)
{
    bool market = options->place == PLACE_MARKET;
    TRY(load_profile(app, cx, folder_path(cx, root, "profile")));
    if (market)
        TRY(make_market(cx, root));
    TRY(vault_open(&app->vault, cx, key_path(cx, root, options->place)));
    adopt(app, cx, market ? market_dir(cx, root) : root);
    if (!options->beside)
        (market ? market_begin : office_begin)();
    TRY(open_pool(app, cx, url, options->server));
    const char *backup = NULL;
    TRY(db_migrate(&backup, cx));
    if (backup)
        log_event(LOG_LEVEL_INFO, "schema_upgraded", "backup=%s", backup);
    if (!market)
        TRY(open_register(app, cx));
    return office_any_synthetic(&app->synthetic, cx);
}

enum rc app_open(struct app *app, struct cx *cx, const char *dir,
                 const struct app_options *options)
{
    *app = (struct app){.place = options->place};
    if (access(folder_path(cx, dir, "profile"), R_OK))
        return fail_f(
            cx, RC_NOTFOUND,
            _("%s holds no Fumin database. Make one with: fumin init %s --profile cn"), dir,
            dir);
    const char *url;
    TRY(read_url(&url, &app->market_url, cx, dir, options->place));
    enum rc rc = open_parts(app, cx, dir, url, options);
    if (rc)
        app_close(app, cx);
    return rc;
}

enum rc app_open_beside(struct app *market, struct cx *cx, const char *dir)
{
    const struct app_options options = {.place = PLACE_MARKET, .server = true, .beside = true};
    return app_open(market, cx, dir, &options);
}

static enum rc write_conf(struct cx *cx, const char *dir, const char *url,
                          const char *market_url)
{
    if (!url)
        return RC_OK;
    const char *text = arena_printf(cx->arena, "database=%s\n", url);
    if (market_url)
        text = arena_printf(cx->arena, "%smarket=%s\n", text, market_url);
    return file_write(cx, folder_path(cx, dir, "fumin.conf"), str_of(text), 0600);
}

/* Copies the CSV files of a profile folder and of its sub-folders (mapping/). */
static enum rc copy_profile(struct cx *cx, const char *from, const char *to)
{
    TRY(file_mkdir(cx, to));
    DIR *d = opendir(from);
    if (!d)
        return file_fail(cx, errno, from);
    enum rc rc = RC_OK;
    struct dirent *e;
    while (!rc && (e = readdir(d))) {
        const char *source = folder_path(cx, from, e->d_name);
        const char *target = folder_path(cx, to, e->d_name);
        struct stat st;
        if (e->d_name[0] == '.' || stat(source, &st))
            continue;
        struct str text;
        if (S_ISDIR(st.st_mode) && !strcmp(e->d_name, "mapping")) {
            rc = copy_profile(cx, source, target);
        } else if (str_ends(str_of(e->d_name), STR(".csv"))) {
            rc = file_read(&text, cx, source, PROFILE_FILE_BYTES);
            if (!rc)
                rc = file_write(cx, target, text, 0600);
        }
    }
    closedir(d);
    return rc;
}

enum rc app_create(struct app *app, struct cx *cx, const char *dir, const char *profile_name,
                   const char *url, const char *market_url)
{
    *app = (struct app){0};
    if (!access(folder_path(cx, dir, "profile"), F_OK) ||
        !access(folder_path(cx, dir, "fumin.db"), F_OK))
        return fail_f(cx, RC_CONFLICT,
                      _("%s already holds a Fumin database; nothing was changed"), dir);
    TRY(file_mkdir(cx, dir));
    const char *folder = folder_path(cx, dir, "profile");
    struct stat st;
    if (!stat(profile_name, &st) && S_ISDIR(st.st_mode)) {
        TRY(load_profile(app, cx, profile_name));
        profile_free(app->profile);
        app->profile = NULL;
        TRY(copy_profile(cx, profile_name, folder));
    } else {
        TRY(profile_write_embedded(cx, profile_name, folder));
    }
    TRY(write_conf(cx, dir, url, market_url));
    const char *key_path = vault_path(cx, dir);
    if (access(key_path, F_OK))
        TRY(vault_create(cx, key_path));
    return app_open(app, cx, dir, &(struct app_options){0});
}

void app_close(struct app *app, struct cx *cx)
{
    db_detach(cx);
    columns_cache_close(app->columns);
    if (app->pool)
        db_close(app->pool);
    if (app->vault)
        vault_close(app->vault);
    if (app->profile)
        profile_free(app->profile);
    cx->pool = NULL;
    cx->columns = NULL;
    cx->vault = NULL;
    cx->profile = NULL;
    *app = (struct app){0};
}

enum rc app_attach(const struct app *app, struct cx *cx)
{
    cx->dir = app->dir;
    cx->pool = app->pool;
    cx->profile = app->profile;
    cx->vault = app->vault;
    cx->columns = app->columns;
    return db_attach(cx);
}

int command_usage(const struct cx *cx, enum rc rc)
{
    if (rc == RC_NOTFOUND && !cx->err.text[0])
        return EXIT_OK;
    fprintf(stderr, "fumin: %s\n", cx->err.text);
    return EXIT_USAGE;
}

int command_failed(const struct cx *cx)
{
    fprintf(stderr, "fumin: %s\n", cx->err.text[0] ? cx->err.text : rc_name(cx->err.rc));
    if (cx->err.detail[0])
        log_event(LOG_LEVEL_ERROR, "command_failed", "rc=%s detail=\"%s\"", rc_name(cx->err.rc),
                  cx->err.detail);
    switch (cx->err.rc) {
    case RC_BUSY:
        return EXIT_BUSY;
    case RC_OK:
    case RC_NOTFOUND:
    case RC_INVALID:
    case RC_DENIED:
    case RC_CONFLICT:
    case RC_LIMIT:
    case RC_IO:
    case RC_DB:
        return EXIT_FAILED;
    }
    return EXIT_FAILED;
}

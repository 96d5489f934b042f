/* `fumin user add|list|grant|revoke|password|reset|block|unblock`: accounts from the command
 * line. Expects what main opens for NEEDS_DB: cx with pool (single thread), connection,
 * profile, vault and dir, no actor (the system may all); argv[0] = "user". Exit codes:
 * base/option.h. With --help the database is not open. */
#include "base/crypto.h"
#include "base/file.h"
#include "base/format.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/option.h"
#include "base/text.h"
#include "base/time.h"
#include "people/user.h"
#include "profile/profile.h"
#include "register/area.h"
#include "web/app.h"
#include "web/commands.h"

#include <termios.h>
#include <unistd.h>

enum { PASSWORD_FILE_BYTES = 4096, PASSWORD_LINE = 300 };

#define ROW_DB    {"db", "DIR", OPTION_TEXT, N_("the database's folder"), true}
#define ROW_LOGIN {NULL, "LOGIN", OPTION_TEXT, N_("user name for signing in"), true}
#define ROW_AREA                                                                               \
    {"area", "CODE", OPTION_TEXT,                                                              \
     N_("official code of the area, #NUMBER of one without a code, or \"all\"; default all"),  \
     false}
#define ROW_PASSWORD                                                                           \
    {"password-file", "FILE", OPTION_TEXT,                                                     \
     N_("its first line is the password; else it is asked for, or made and printed once"),     \
     false}

/* ---- passwords ---- */

static enum rc read_line_hidden(char *line, size_t size, struct cx *cx, const char *prompt)
{
    struct termios before, quiet;
    fprintf(stderr, "%s ", prompt);
    fflush(stderr);
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return fail(cx, RC_IO, _("The terminal does not answer."), "tcgetattr");
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    bool got = fgets(line, (int)size, stdin) != NULL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    line[got ? strcspn(line, "\r\n") : 0] = '\0';
    return RC_OK;
}

/* *made: the password was made here and must be shown. */
static enum rc get_password(const char **out, bool *made, struct cx *cx, const char *path)
{
    char first[PASSWORD_LINE] = "", again[PASSWORD_LINE] = "";
    *made = false;
    if (path) {
        struct str text;
        TRY(file_read(&text, cx, path, PASSWORD_FILE_BYTES));
        struct str line = str_cut(&text, '\n');
        while (line.len > 0 && line.p[line.len - 1] == '\r')
            line.len--;
        *out = arena_copy(cx->arena, line);
        return RC_OK;
    }
    if (isatty(STDIN_FILENO) == 1) {
        TRY(read_line_hidden(first, sizeof first, cx,
                             _("New password (empty: one is made for you):")));
        if (first[0])
            TRY(read_line_hidden(again, sizeof again, cx, _("Once more:")));
    }
    if (first[0] && strcmp(first, again) != 0)
        return fail(cx, RC_INVALID, _("The two passwords are not the same."), "prompt");
    *made = !first[0];
    *out = *made ? arena_printf(cx->arena, "%.16s", token_new(cx->arena))
                 : arena_copy(cx->arena, str_of(first));
    explicit_bzero(first, sizeof first);
    explicit_bzero(again, sizeof again);
    return RC_OK;
}

static void print_made(struct cx *cx, const char *password)
{
    printf(_("Password: %s (to be changed at the first sign-in; it is not shown again)\n"),
           password);
}

/* ---- areas ---- */

static enum rc area_id_of(int64_t *id, struct cx *cx, const struct option_value *v)
{
    struct area area;
    *id = 0;
    if (!v->given || strcmp(v->text, "all") == 0)
        return RC_OK;
    int32_t zone = cx->profile->zone_offset_min;
    int64_t number;
    if (v->text[0] == '#' && str_to_i64(&number, str_of(v->text + 1)))
        TRY(area_get(&area, cx, number)); /* as `user list` and `area list` show it */
    else
        TRY(area_by_code(&area, cx, str_of(v->text), day_at(cx->now_at, zone)));
    *id = area.id;
    return RC_OK;
}

/* ---- subcommands ---- */

enum { ADD_LOGIN, ADD_NAME, ADD_ROLE, ADD_AREA, ADD_LANG, ADD_PASSWORD, ADD_DB, ADD_COUNT };
static const struct option_row add_rows[ADD_COUNT] = {
    ROW_LOGIN,
    {"name", "NAME", OPTION_TEXT, N_("the person's name; default the user name"), false},
    {"role", "ROLE", OPTION_TEXT, N_("code of a role of the profile to give at once"), false},
    ROW_AREA,
    {"lang", "en|zh-CN", OPTION_TEXT,
     N_("language of the user's pages; default the terminal's"), false},
    ROW_PASSWORD,
    ROW_DB,
};

static enum rc add_run(struct cx *cx, const struct option_value *v)
{
    const char *password;
    bool made;
    int64_t id, area_id;
    TRY(area_id_of(&area_id, cx, &v[ADD_AREA]));
    if (v[ADD_ROLE].given && !profile_role(cx->profile, str_of(v[ADD_ROLE].text)))
        return fail(cx, RC_INVALID, _("The profile has no such role."), "role");
    TRY(get_password(&password, &made, cx, v[ADD_PASSWORD].text));
    struct str login = str_of(v[ADD_LOGIN].text);
    struct str name = v[ADD_NAME].given ? str_of(v[ADD_NAME].text) : login;
    enum lang terminal = cx->lang;
    if (v[ADD_LANG].given)
        cx->lang = lang_parse(str_of(v[ADD_LANG].text), cx->lang);
    enum rc rc = user_add(&id, cx, login, name, str_of(password), made);
    cx->lang = terminal;
    TRY(rc);
    printf(_("Added the user %s.\n"), v[ADD_LOGIN].text);
    if (made)
        print_made(cx, password);
    if (v[ADD_ROLE].given)
        TRY(user_grant(cx, id, v[ADD_ROLE].text, area_id));
    return RC_OK;
}

enum { GRANT_LOGIN, GRANT_ROLE, GRANT_AREA, GRANT_DB, GRANT_COUNT };
static const struct option_row grant_rows[GRANT_COUNT] = {
    ROW_LOGIN,
    {NULL, "ROLE", OPTION_TEXT, N_("code of a role of the profile"), true},
    ROW_AREA,
    ROW_DB,
};

static enum rc grant_run(struct cx *cx, const struct option_value *v)
{
    struct user user;
    int64_t area_id;
    TRY(area_id_of(&area_id, cx, &v[GRANT_AREA]));
    TRY(user_by_login(&user, cx, str_of(v[GRANT_LOGIN].text)));
    return user_grant(cx, user.id, v[GRANT_ROLE].text, area_id);
}

static enum rc revoke_run(struct cx *cx, const struct option_value *v)
{
    struct user user;
    int64_t area_id;
    TRY(area_id_of(&area_id, cx, &v[GRANT_AREA]));
    TRY(user_by_login(&user, cx, str_of(v[GRANT_LOGIN].text)));
    return user_revoke(cx, user.id, v[GRANT_ROLE].text, area_id);
}

enum { PASSWORD_LOGIN, PASSWORD_FILE, PASSWORD_DB, PASSWORD_COUNT };
static const struct option_row password_rows[PASSWORD_COUNT] = {ROW_LOGIN, ROW_PASSWORD,
                                                                ROW_DB};

static enum rc password_run(struct cx *cx, const struct option_value *v)
{
    struct user user;
    const char *password;
    bool made;
    TRY(user_by_login(&user, cx, str_of(v[PASSWORD_LOGIN].text)));
    TRY(get_password(&password, &made, cx, v[PASSWORD_FILE].text));
    TRY(user_set_password(cx, user.id, str_of(password), made));
    if (made)
        print_made(cx, password);
    return RC_OK;
}

enum { ONE_LOGIN, ONE_DB, ONE_COUNT };
static const struct option_row one_rows[ONE_COUNT] = {ROW_LOGIN, ROW_DB};

static enum rc reset_run(struct cx *cx, const struct option_value *v)
{
    struct user user;
    const char *code;
    TRY(user_by_login(&user, cx, str_of(v[ONE_LOGIN].text)));
    TRY(user_recovery_new(&code, cx, user.id));
    printf(_("Recovery code of %s: %s (valid for 24 hours, once)\n"), user.login, code);
    return RC_OK;
}

static enum rc block_run(struct cx *cx, const struct option_value *v)
{
    struct user user;
    TRY(user_by_login(&user, cx, str_of(v[ONE_LOGIN].text)));
    return user_set_state(cx, user.id, USER_BLOCKED);
}

static enum rc unblock_run(struct cx *cx, const struct option_value *v)
{
    struct user user;
    TRY(user_by_login(&user, cx, str_of(v[ONE_LOGIN].text)));
    return user_set_state(cx, user.id, USER_ACTIVE);
}

/* ---- list ---- */

enum { LIST_SEARCH, LIST_FORMAT, LIST_DB, LIST_COUNT };
static const struct option_row list_rows[LIST_COUNT] = {
    {"search", "TEXT", OPTION_TEXT, N_("only those with this in user name or name"), false},
    {"format", "text|json|csv", OPTION_TEXT, N_("default text"), false},
    ROW_DB,
};

/* "county_admin@12 analyst@all": the area's official code, or its number where it has none. */
static const char *grants_text(struct cx *cx, const struct grant *grants, size_t count)
{
    struct buf b;
    buf_init(&b, cx->arena, 64 * 1024);
    for (size_t i = 0; i < count; i++) {
        struct area area;
        const char *where = "all";
        if (grants[i].area_id != 0 && area_get(&area, cx, grants[i].area_id) == RC_OK)
            where = area.code[0] ? area.code
                                 : arena_printf(cx->arena, "#%" PRId64, grants[i].area_id);
        else if (grants[i].area_id != 0)
            where = arena_printf(cx->arena, "#%" PRId64, grants[i].area_id);
        err_clear(cx);
        buf_printf(&b, "%s%s@%s", i ? " " : "", grants[i].role, where);
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static void csv_cell(const char *z, char end)
{
    putchar('"');
    for (; *z; z++) {
        if (*z == '"')
            putchar('"');
        putchar(*z);
    }
    putchar('"');
    putchar(end);
}

static void list_csv(struct cx *cx, const struct user *u, const char *grants)
{
    csv_cell(u->login, ',');
    csv_cell(u->name, ',');
    printf("%s,%s,%s,%s,", u->state == USER_BLOCKED ? "blocked" : "active", lang_tag(u->lang),
           time_iso(cx->arena, u->created_at),
           u->signed_in_at ? time_iso(cx->arena, u->signed_in_at) : "");
    csv_cell(grants, '\n');
}

static void list_json(struct cx *cx, struct json *j, const struct user *u, const char *grants)
{
    json_object_begin(j);
    json_put_i64(j, "id", u->id);
    json_put_z(j, "login", u->login);
    json_put_z(j, "name", u->name);
    json_put_z(j, "state", u->state == USER_BLOCKED ? "blocked" : "active");
    json_put_z(j, "language", lang_tag(u->lang));
    json_put_z(j, "created_at", time_iso(cx->arena, u->created_at));
    json_put_z(j, "signed_in_at",
               u->signed_in_at ? time_iso(cx->arena, u->signed_in_at) : NULL);
    json_put_z(j, "grants", grants);
    json_object_end(j);
}

static void list_text(struct cx *cx, const struct user *u, const char *grants)
{
    printf("%-20s %-20s %-8s %-20s %s\n", u->login, u->name,
           u->state == USER_BLOCKED ? _("blocked") : _("active"),
           u->signed_in_at ? format_time(cx, u->signed_in_at) : _("never signed in"), grants);
}

static enum rc list_run(struct cx *cx, const struct option_value *v)
{
    const char *format = v[LIST_FORMAT].given ? v[LIST_FORMAT].text : "text";
    bool is_json = strcmp(format, "json") == 0, is_csv = strcmp(format, "csv") == 0;
    struct user *users = NULL;
    size_t count = 0;
    struct buf b;
    struct json j;
    if (!is_json && !is_csv && strcmp(format, "text") != 0)
        return fail(cx, RC_INVALID, _("--format is text, json or csv."), "format");
    TRY(user_list(&users, &count, cx, str_of(v[LIST_SEARCH].text)));
    buf_init(&b, cx->arena, LIMIT_REQUEST_ARENA);
    json_init(&j, &b);
    json_array_begin(&j);
    if (is_csv)
        printf("login,name,state,language,created_at,signed_in_at,grants\n");
    for (size_t i = 0; i < count; i++) {
        struct grant *grants = NULL;
        size_t grant_count = 0;
        TRY(user_grants(&grants, &grant_count, cx, users[i].id));
        const char *text = grants_text(cx, grants, grant_count);
        if (is_csv)
            list_csv(cx, &users[i], text);
        else if (is_json)
            list_json(cx, &j, &users[i], text);
        else
            list_text(cx, &users[i], text);
    }
    json_array_end(&j);
    if (is_json && buf_ok(&b))
        printf("%.*s\n", STR_ARG(buf_view(&b)));
    return RC_OK;
}

/* ---- the table ---- */

static const struct {
    const char *name, *help;
    enum rc (*run)(struct cx *cx, const struct option_value *v);
    const struct option_row *rows;
    size_t row_count;
} subcommands[] = {
    {"add", N_("add a user"), add_run, add_rows, ADD_COUNT},
    {"list", N_("list users with their roles"), list_run, list_rows, LIST_COUNT},
    {"grant", N_("give a role in an area"), grant_run, grant_rows, GRANT_COUNT},
    {"revoke", N_("take a role away"), revoke_run, grant_rows, GRANT_COUNT},
    {"password", N_("set a new password"), password_run, password_rows, PASSWORD_COUNT},
    {"reset", N_("make a recovery code for a lost password"), reset_run, one_rows, ONE_COUNT},
    {"block", N_("block a user and end the sessions"), block_run, one_rows, ONE_COUNT},
    {"unblock", N_("let a blocked user in again"), unblock_run, one_rows, ONE_COUNT},
};
enum { SUB_COUNT = sizeof subcommands / sizeof subcommands[0], VALUES_MAX = 8 };

static int help(struct cx *cx, FILE *to)
{
    fprintf(to, "%s fumin user SUBCOMMAND --db DIR …\n\n", _("Usage:"));
    for (size_t i = 0; i < SUB_COUNT; i++)
        fprintf(to, "  %-10s %s\n", subcommands[i].name,
                text_in(cx->lang, subcommands[i].help));
    fprintf(to, "\n%s\n", _("fumin user SUBCOMMAND --help tells more."));
    return to == stdout ? EXIT_OK : EXIT_USAGE;
}

int user_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[VALUES_MAX];
    char shown[64];
    if (argc >= 2 && strcmp(argv[1], "--help") == 0)
        return help(cx, stdout);
    for (size_t i = 0; argc >= 2 && i < SUB_COUNT; i++) {
        if (strcmp(argv[1], subcommands[i].name) != 0)
            continue;
        snprintf(shown, sizeof shown, "user %s", subcommands[i].name);
        argv[1] = shown;
        enum rc rc = options_parse(v, cx, subcommands[i].rows, subcommands[i].row_count,
                                   argc - 1, argv + 1);
        if (rc)
            return command_usage(cx, rc);
        rc = subcommands[i].run(cx, v);
        return rc ? command_failed(cx) : EXIT_OK;
    }
    return help(cx, stderr);
}

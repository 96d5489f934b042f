/* `fumin init`: a new database folder with its keys and a first administrator. */
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "people/user.h"
#include "profile/profile.h"
#include "web/app.h"
#include "web/commands.h"

enum {
    OPT_DIR,
    OPT_PROFILE,
    OPT_DATABASE,
    OPT_MARKET,
    OPT_ADMIN,
    OPT_PASSWORD_FILE,
    OPT_COUNT
};
static const struct option_row rows[OPT_COUNT] = {
    {NULL, "DIR", OPTION_TEXT,
     N_("folder to make; its key file DIR.key lies beside it: keep the two apart"), true},
    {"profile", "NAME", OPTION_TEXT,
     N_("profile carried in the program (cn, mirea, mpi, vlss) or a folder; default cn"),
     false},
    {"database", "URL", OPTION_TEXT, N_("postgresql://… instead of a file in DIR"), false},
    {"market-database", "URL", OPTION_TEXT,
     N_("the market's: another database, with --database; default none, no market"), false},
    {"admin", "LOGIN", OPTION_TEXT, N_("first administrator's login; default admin"), false},
    {"password-file", "FILE", OPTION_TEXT,
     N_("first line is the administrator's password; else one is made and printed once"),
     false},
};

enum { PASSWORD_FILE_BYTES = 4096 };

/* The first line of the file; NULL when no file was named. */
static enum rc read_password(const char **out, struct cx *cx, const char *path)
{
    *out = NULL;
    if (!path)
        return RC_OK;
    struct str text;
    TRY(file_read(&text, cx, path, PASSWORD_FILE_BYTES));
    *out = arena_copy(cx->arena, str_trim(str_cut(&text, '\n')));
    return RC_OK;
}

/* The profile's first role that may manage users. */
static const char *administrator_role(const struct profile *p)
{
    for (size_t i = 0; i < p->role_count; i++)
        for (const char *const *right = p->roles[i].permissions; *right; right++)
            if (!strcmp(*right, "user.manage"))
                return p->roles[i].code;
    return NULL;
}

static enum rc first_administrator(const char **password, struct cx *cx,
                                   const struct option_value *v)
{
    const char *login = v[OPT_ADMIN].given ? v[OPT_ADMIN].text : "admin";
    const char *given;
    TRY(read_password(&given, cx,
                      v[OPT_PASSWORD_FILE].given ? v[OPT_PASSWORD_FILE].text : NULL));
    *password = given ? NULL : arena_printf(cx->arena, "%.16s", token_new(cx->arena));
    const char *role = administrator_role(cx->profile);
    if (!role)
        return fail(cx, RC_INVALID,
                    _("The profile has no role with the permission user.manage."), "roles");
    int64_t id;
    TRY(user_add(&id, cx, str_of(login), str_of(login), str_of(given ? given : *password),
                 !given));
    return user_grant(cx, id, role, 0);
}

int init_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    enum rc rc = options_parse(v, cx, rows, OPT_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    struct app app;
    const char *profile = v[OPT_PROFILE].given ? v[OPT_PROFILE].text : "cn";
    if (v[OPT_MARKET].given && !v[OPT_DATABASE].given) {
        (void)fail(cx, RC_INVALID, _("--market-database belongs to --database."), "init");
        return command_usage(cx, RC_INVALID);
    }
    if (app_create(&app, cx, v[OPT_DIR].text, profile,
                   v[OPT_DATABASE].given ? v[OPT_DATABASE].text : NULL,
                   v[OPT_MARKET].given ? v[OPT_MARKET].text : NULL))
        return command_failed(cx);
    const char *password = NULL;
    rc = first_administrator(&password, cx, v);
    if (!rc) {
        printf(_("Made %s with the profile \"%s\".\n"), v[OPT_DIR].text, profile);
        printf(_("Keys: %s.key — without this file personal data cannot be read. Keep a copy "
                 "in another place.\n"),
               v[OPT_DIR].text);
        const char *login = v[OPT_ADMIN].given ? v[OPT_ADMIN].text : "admin";
        if (password)
            printf(_("First administrator: %s, password %s (to be changed at the first "
                     "sign-in).\n"),
                   login, password);
        else
            printf(_("First administrator: %s.\n"), login);
        printf(_("Next: fumin serve --db %s --listen 127.0.0.1:8080\n"), v[OPT_DIR].text);
    }
    app_close(&app, cx);
    return rc ? command_failed(cx) : EXIT_OK;
}

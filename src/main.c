/* The table of commands and nothing else. */
#include "base/crypto.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/option.h"
#include "base/text.h"
#include "frame/rows.h"
#include "shop/photo.h"
#include "web/app.h"
#include "web/commands.h"
#include "web/version.h"

enum command_flag {
    NEEDS_DB = 1, /* --db DIR is opened before the command runs */
    MAY_DB = 2,   /* … if it is given */
};
struct command {
    const char *name, *help;
    int (*run)(struct cx *cx, int argc, char **argv);
    unsigned flags;
};
static const struct command commands[] = {
    {"init", N_("make a new database folder"), init_cmd, 0},
    {"serve", N_("open the office's pages on an address"), serve_cmd, 0},
    {"market", N_("open the market's pages on an address, without the office"), market_cmd, 0},
    {"import", N_("take a table file into the register"), import_cmd, NEEDS_DB},
    {"export", N_("write the register, or a part, as a file"), export_cmd, NEEDS_DB},
    {"user", N_("accounts, roles and lost passwords"), user_cmd, NEEDS_DB},
    {"snapshot", N_("a frozen copy of a county for analysis"), snapshot_cmd, NEEDS_DB},
    {"verify", N_("recompute everything that must agree"), verify_cmd, NEEDS_DB},
    {"profile", N_("check a profile's tables"), profile_cmd, 0},
    {"codebook", N_("list indicators and code lists"), codebook_cmd, MAY_DB},
    {"check", N_("what the data checks find"), check_cmd, 0},
    {"compare", N_("compare a department's list with the register"), compare_cmd, NEEDS_DB},
    {"area", N_("areas: load official divisions, list"), area_cmd, NEEDS_DB},
    {"poverty", N_("poverty and inequality of money, of a table file or the register"),
     poverty_cmd, 0},
    {"mpi", N_("multidimensional poverty from a table file"), mpi_cmd, 0},
    {"describe", N_("what is in a table file: kinds, means, spreads, quantiles"), describe_cmd,
     0},
    {"tabulate", N_("count the rows of a table file by one or two columns"), tabulate_cmd, 0},
    {"regress", N_("regression models on a table file"), regress_cmd, 0},
    {"demo", N_("make up a county and its files"), demo_cmd, 0},
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static int print_help(struct cx *cx, FILE *to)
{
    fprintf(to, "%s\n\n", _("Fumin: a county's register, market and evidence in one program."));
    fprintf(to, "%s\n", _("Usage: fumin COMMAND [OPTIONS]; fumin COMMAND --help tells more."));
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, text_in(cx->lang, commands[i].help));
    return to == stdout ? EXIT_OK : EXIT_USAGE;
}

/* The value of --db, wherever it stands. */
static const char *db_option(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--db") && i + 1 < argc)
            return argv[i + 1];
        if (!strncmp(argv[i], "--db=", 5))
            return argv[i] + 5;
    }
    return NULL;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--help"))
            return true;
    return false;
}

static int run_command(struct cx *cx, const struct command *command, int argc, char **argv)
{
    const char *dir = db_option(argc, argv);
    if (wants_help(argc, argv) || !command->flags || (!dir && command->flags == MAY_DB))
        return command->run(cx, argc, argv);
    if (!dir) {
        fprintf(stderr, "fumin %s: %s\n", command->name,
                _("--db DIR is needed: the database's folder"));
        return EXIT_USAGE;
    }
    struct app app;
    if (app_open(&app, cx, dir, &(struct app_options){0}))
        return command_failed(cx);
    int code = command->run(cx, argc, argv);
    app_close(&app, cx);
    return code;
}

/* What runs behind the sandbox's walls. */
static void become_child(int argc, char **argv)
{
    enum { KINDS_MAX = 8 };
    struct sandbox_kind kinds[KINDS_MAX];
    size_t count = 0;
    for (; count < frame_sandbox_kind_count && count < KINDS_MAX - 1; count++)
        kinds[count] = frame_sandbox_kinds[count];
    kinds[count++] = photo_sandbox_kind;
    sandbox_child_main(argc, argv, kinds, count);
}

int main(int argc, char **argv)
{
    log_init();
    crypto_init();
    text_use(LANG_ZH, &messages_zh);
    become_child(argc, argv);
    struct arena *arena = arena_open(LIMIT_JOB_ARENA);
    struct cx cx;
    cx_init(&cx, arena);
    const char *lang = getenv("LANG");
    cx.lang = lang ? lang_parse(str_of(lang), LANG_EN) : LANG_EN;
    int code = -1;
    if (argc >= 2 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "version"))) {
        printf("fumin %s\n", fumin_version);
        code = EXIT_OK;
    } else if (argc >= 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
        code = print_help(&cx, stdout);
    }
    for (size_t i = 0; code < 0 && argc >= 2 && i < COMMAND_COUNT; i++)
        if (!strcmp(commands[i].name, argv[1]))
            code = run_command(&cx, &commands[i], argc - 1, argv + 1);
    if (code < 0)
        code = print_help(&cx, stderr);
    arena_free(arena);
    return code;
}

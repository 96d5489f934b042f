/* `fumin demo`: makes up a county, writes its files and takes them into a new database. */
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "profile/profile.h"
#include "web/app.h"
#include "web/commands.h"
#include "web/demo.h"
#include "web/demo_market.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    OPT_DIR,
    OPT_SEED,
    OPT_HOUSEHOLDS,
    OPT_YEAR,
    OPT_FILES_ONLY,
    OPT_NO_IMPORT,
    OPT_DATABASE,
    OPT_COUNT
};
static const struct option_row rows[OPT_COUNT] = {
    {NULL, "DIR", OPTION_TEXT,
     N_("folder of the database to make; the files go to DIR.files, the accounts to "
        "DIR.accounts.txt"),
     false},
    {"seed", "N", OPTION_INT, N_("another county for each number; default 1"), false},
    {"households", "N", OPTION_INT, N_("how many; default 20000"), false},
    {"year", "YEAR", OPTION_INT, N_("the newest of the three years; default 2025"), false},
    {"files-only", "FOLDER", OPTION_TEXT, N_("write the files there and make no database"),
     false},
    {"no-import", NULL, OPTION_FLAG, N_("make the database but leave the files for you"),
     false},
    {"database", "URL", OPTION_TEXT, N_("postgresql://… instead of a file in DIR"), false},
};
enum { YEAR_MIN = 2021, YEAR_MAX = 2100, YEARS = 3 };

struct plan {
    const char *dir, *files_dir, *url;
    int64_t seed;
    int households, year;
    bool import;
};

static enum rc read_plan(struct plan *p, struct cx *cx, const struct option_value *v)
{
    int64_t households = v[OPT_HOUSEHOLDS].given ? v[OPT_HOUSEHOLDS].number : 20000;
    int64_t year = v[OPT_YEAR].given ? v[OPT_YEAR].number : 2025;
    if (!v[OPT_DIR].given && !v[OPT_FILES_ONLY].given)
        return fail(cx, RC_INVALID, _("Name the folder to make, or --files-only FOLDER."),
                    "dir");
    if (year < YEAR_MIN || year > YEAR_MAX)
        return fail_f(cx, RC_INVALID, _("--year should be from %d to %d."), YEAR_MIN, YEAR_MAX);
    if (households < 1 || households > INT32_MAX)
        households = 0; /* refused where the limits stand */
    *p = (struct plan){.dir = v[OPT_FILES_ONLY].given ? NULL : v[OPT_DIR].text,
                       .url = v[OPT_DATABASE].given ? v[OPT_DATABASE].text : NULL,
                       .seed = v[OPT_SEED].given ? v[OPT_SEED].number : 1,
                       .households = (int)households,
                       .year = (int)year,
                       .import = !v[OPT_NO_IMPORT].given};
    p->files_dir =
        p->dir ? arena_printf(cx->arena, "%s.files", p->dir) : v[OPT_FILES_ONLY].text;
    return RC_OK;
}

/* The county in its newest year, with the files of all. */
static enum rc make_files(struct demo_county **c, struct demo_files **f, struct cx *cx,
                          const struct plan *p)
{
    uint64_t seed = (uint64_t)p->seed;
    TRY(demo_county_make(c, cx, seed, p->households, p->year - YEARS + 1));
    TRY(demo_files_open(f, cx, p->files_dir, seed));
    enum rc rc = demo_files_year(cx, *f, *c);
    for (int i = 1; i < YEARS && !rc; i++) {
        rc = demo_county_step(cx, *c);
        if (!rc)
            rc = demo_files_year(cx, *f, *c);
    }
    enum rc closed = demo_files_close(cx, *f);
    TRY(rc ? rc : closed);
    int64_t people = 0;
    for (size_t i = 0; i < (*f)->count; i++)
        if ((*f)->files[i].year == p->year &&
            !strcmp((*f)->files[i].mapping, "national_person"))
            people += (*f)->files[i].rows;
    printf(_("%s: %d households, %d people in %d; %d mistakes planted, told in truth.csv\n"),
           p->files_dir, (*c)->household_count, (int)people, p->year, (int)(*f)->planted);
    fflush(stdout);
    return RC_OK;
}

static enum rc make_files_only(struct cx *cx, const struct plan *p)
{
    struct profile *profile;
    struct profile_faults faults = {0};
    struct demo_county *c;
    struct demo_files *f;
    TRY(profile_load_embedded(&profile, &faults, cx, "cn"));
    cx->profile = profile;
    enum rc rc = make_files(&c, &f, cx, p);
    cx->profile = NULL;
    profile_free(profile);
    return rc;
}

static enum rc fill_database(struct cx *cx, const struct plan *p)
{
    struct demo_county *c;
    struct demo_files *f;
    TRY(make_files(&c, &f, cx, p));
    const char *path = arena_printf(cx->arena, "%s.accounts.txt", p->dir);
    FILE *accounts = fopen(path, "we");
    if (!accounts)
        return file_fail(cx, errno, path);
    enum rc rc = demo_load(cx, c, p->import ? f : NULL, accounts);
    if (fclose(accounts) && !rc)
        rc = file_fail(cx, errno, path);
    struct str text;
    TRY(rc);
    TRY(file_read(&text, cx, path, 64 * 1024));
    printf("\n%.*s\n", STR_ARG(text));
    printf(_("Next: fumin serve --db %s --listen 127.0.0.1:8080\n"), p->dir);
    return RC_OK;
}

/* The national profile with the made-up county's own monitoring line: its incomes lie lower
 * than in the provinces whose lines the profile carries, and half of it would be under alarm.
 */
static enum rc write_profile(const char **folder, struct cx *cx, const struct plan *p)
{
    static const char row[] =
        "monitoring_line,999901,2020-03-20,,5200,yuan_per_head,"
        "Monitoring line of the demonstration county (made up),示范县监测线（虚构）,made up\n";
    struct buf all;
    struct str text;
    TRY(file_mkdir(cx, p->files_dir));
    *folder = arena_printf(cx->arena, "%s/profile", p->files_dir);
    TRY(profile_write_embedded(cx, "cn", *folder));
    const char *path = arena_printf(cx->arena, "%s/thresholds.csv", *folder);
    TRY(file_read(&text, cx, path, 1024 * 1024));
    buf_init(&all, cx->arena, text.len + sizeof row);
    buf_str(&all, text);
    buf_z(&all, row);
    return file_write(cx, path, buf_view(&all), 0644);
}

static enum rc make_database(struct cx *cx, const struct plan *p)
{
    struct app app;
    const char *profile;
    TRY(write_profile(&profile, cx, p));
    TRY(app_create(&app, cx, p->dir, profile, p->url, NULL));
    enum rc rc = fill_database(cx, p);
    if (!rc)
        rc = demo_market_make(cx, p->dir);
    app_close(&app, cx);
    return rc;
}

int demo_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    struct plan plan = {0};
    enum rc rc = options_parse(v, cx, rows, OPT_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    if (read_plan(&plan, cx, v))
        return command_usage(cx, RC_INVALID);
    rc = plan.dir ? make_database(cx, &plan) : make_files_only(cx, &plan);
    return rc ? command_failed(cx) : EXIT_OK;
}

/* `fumin export`: the register, or a part, as a file. Expects what main opens for NEEDS_DB. */
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "profile/mapping.h"
#include "register/area.h"
#include "register/export.h"
#include "web/app.h"
#include "web/commands.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    OPT_DB,
    OPT_WHAT,
    OPT_YEAR,
    OPT_AREA,
    OPT_FORMAT,
    OPT_LABELS,
    OPT_SECRETS,
    OPT_OUTPUT,
    OPT_COUNT
};
static const struct option_row rows[OPT_COUNT] = {
    {"db", "DIR", OPTION_TEXT, N_("the database's folder"), true},
    {"what", "WHAT", OPTION_TEXT,
     N_("households, people, incomes, or the name of a mapping: then the file can come in "
        "again"),
     true},
    {"year", "YEAR", OPTION_INT, N_("default: the newest of each household"), false},
    {"area", "ID", OPTION_TEXT, N_("number or official code of an area; default: all"), false},
    {"format", "csv|xlsx|json|dta|sav", OPTION_TEXT,
     N_("default: by the ending of --output, else csv"), false},
    {"labels", NULL, OPTION_FLAG, N_("codes and titles in words (CSV, XLSX, JSON)"), false},
    {"secrets", NULL, OPTION_FLAG,
     N_("identity numbers, phones and accounts in full; this is written down"), false},
    {"output", "FILE", OPTION_TEXT, N_("default and \"-\": standard output (csv, json)"),
     false},
};

static enum rc read_what(struct export_options *o, struct cx *cx, const char *what)
{
    if (!strcmp(what, "households"))
        o->what = EXPORT_HOUSEHOLDS;
    else if (!strcmp(what, "people"))
        o->what = EXPORT_PEOPLE;
    else if (!strcmp(what, "incomes"))
        o->what = EXPORT_INCOMES;
    else if (profile_mapping(cx->profile, str_of(what))) {
        o->what = EXPORT_MAPPING;
        o->mapping = what;
    } else {
        const char *names = "";
        for (size_t i = 0; i < cx->profile->mapping_count; i++)
            names = arena_printf(cx->arena, "%s, %s", names, cx->profile->mappings[i]->name);
        return fail_f(cx, RC_INVALID, _("--what is one of households, people, incomes%s."),
                      names);
    }
    return RC_OK;
}

static enum rc read_format(struct export_options *o, struct cx *cx, const char *format,
                           const char *output)
{
    struct str name = str_of(format);
    const char *dot = output ? strrchr(output, '.') : NULL;
    if (!format)
        name = dot && !strchr(dot, '/') ? str_of(dot + 1) : STR("csv");
    if (!frame_format_parse(&o->format, name))
        return fail(cx, RC_INVALID, _("--format is csv, xlsx, json, dta or sav."), "format");
    if (!output && o->format != FRAME_CSV && o->format != FRAME_JSON)
        return fail(cx, RC_INVALID, _("This format needs --output FILE."), "format");
    return RC_OK;
}

static enum rc read_area(int64_t *id, struct cx *cx, const char *text)
{
    struct area area = {0};
    if (text)
        TRY(area_as_typed(&area, cx, text));
    *id = area.id;
    return RC_OK;
}

static enum rc read_options(struct export_options *o, const char **output, struct cx *cx,
                            const struct option_value *v)
{
    *output =
        v[OPT_OUTPUT].given && strcmp(v[OPT_OUTPUT].text, "-") != 0 ? v[OPT_OUTPUT].text : NULL;
    *o = (struct export_options){.use_labels = v[OPT_LABELS].given,
                                 .secrets = v[OPT_SECRETS].given};
    if (v[OPT_YEAR].given && (v[OPT_YEAR].number < 1900 || v[OPT_YEAR].number > 2200))
        return fail(cx, RC_INVALID, _("The year should be a number such as 2025."), "year");
    o->year = (int32_t)v[OPT_YEAR].number;
    TRY(read_what(o, cx, v[OPT_WHAT].text));
    TRY(read_format(o, cx, v[OPT_FORMAT].given ? v[OPT_FORMAT].text : NULL, *output));
    return read_area(&o->area_id, cx, v[OPT_AREA].given ? v[OPT_AREA].text : NULL);
}

/* The file appears under its name only when it is complete. */
static enum rc write_file(int64_t *count, struct cx *cx, const struct export_options *o,
                          const char *path)
{
    struct file_temp temp;
    TRY(file_temp_open(&temp, cx, file_dir(cx, path)));
    enum rc rc = export_write(count, cx, o, temp.fd);
    if (rc) {
        file_temp_drop(&temp);
        return rc;
    }
    if (unlink(path) && errno != ENOENT) {
        int error = errno;
        file_temp_drop(&temp);
        return file_fail(cx, error, path);
    }
    return file_temp_keep(cx, &temp, path);
}

int export_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    struct export_options o = {0};
    const char *output = NULL;
    int64_t count = 0;
    enum rc rc = options_parse(v, cx, rows, OPT_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    if (read_options(&o, &output, cx, v))
        return cx->err.rc == RC_INVALID ? command_usage(cx, RC_INVALID) : command_failed(cx);
    rc = output ? write_file(&count, cx, &o, output)
                : export_write(&count, cx, &o, STDOUT_FILENO);
    if (rc)
        return command_failed(cx);
    fprintf(stderr, _n("%s row written.\n", "%s rows written.\n", count),
            format_int(cx, count));
    return EXIT_OK;
}

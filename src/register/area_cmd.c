/* `fumin area load|list|add|merge`: areas from the command line. Expects what main opens for
 * NEEDS_DB; argv[0] = "area". An area is named by its number or its official code. */
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "frame/frame.h"
#include "profile/profile.h"
#include "register/area_merge.h"
#include "web/app.h"
#include "web/commands.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROW_DB {"db", "DIR", OPTION_TEXT, N_("the database's folder"), true}

static int32_t today(const struct cx *cx)
{
    return day_at(cx->now_at, cx->profile->zone_offset_min);
}

static enum rc find_area(struct area *out, struct cx *cx, const char *text)
{
    int64_t id;
    if (str_to_i64(&id, str_of(text))) {
        enum rc rc = area_get(out, cx, id);
        if (rc != RC_NOTFOUND)
            return rc;
        err_clear(cx);
    }
    enum rc rc = area_by_code(out, cx, str_of(text), today(cx));
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return fail_f(cx, RC_NOTFOUND, _("There is no area with the number or code %s."), text);
    }
    return rc;
}

/* ---- load ---- */

enum { LOAD_FOLDER, LOAD_PREFIX, LOAD_HISTORY, LOAD_DB, LOAD_COUNT };
static const struct option_row load_rows[LOAD_COUNT] = {
    {NULL, "FOLDER", OPTION_TEXT,
     N_("holds div_provinces.csv, div_cities.csv, div_areas.csv, div_streets.csv"), true},
    {"prefix", "CODE", OPTION_TEXT,
     N_("only areas whose official code begins so, with those above them"), false},
    {"history", "FILE", OPTION_TEXT, N_("dated history of codes (areacodes_result.csv)"),
     false},
    ROW_DB,
};

static enum rc load_run(struct cx *cx, const struct option_value *v)
{
    int64_t added;
    TRY(area_import_divisions(&added, cx, v[LOAD_FOLDER].text,
                              str_of(v[LOAD_PREFIX].given ? v[LOAD_PREFIX].text : ""),
                              v[LOAD_HISTORY].given ? v[LOAD_HISTORY].text : NULL));
    printf(_n("%d area added.\n", "%d areas added.\n", added), (int)added);
    return RC_OK;
}

/* ---- list ---- */

enum { LIST_UNDER, LIST_DEPTH, LIST_FORMAT, LIST_DB, LIST_COUNT };
static const struct option_row list_rows[LIST_COUNT] = {
    {"under", "ID", OPTION_TEXT, N_("number or official code; default: from the top"), false},
    {"depth", "N", OPTION_INT, N_("how many levels; default 1"), false},
    {"format", "text|json|csv", OPTION_TEXT, N_("default text"), false},
    ROW_DB,
};
enum { COLUMN_COUNT = 9 };

/* The list on its way out; writer NULL: text. */
struct listing {
    struct cx *cx;
    struct frame_writer *writer;
    int depth;
};

static const struct level *level_of(const struct cx *cx, int number)
{
    return number >= 0 && (size_t)number < cx->profile->level_count
               ? &cx->profile->levels[number]
               : NULL;
}

static enum rc put_area(struct listing *l, const struct area *a, int deep)
{
    struct cx *cx = l->cx;
    const struct level *level = level_of(cx, a->level);
    if (!l->writer) {
        printf("%*s%" PRId64 "  %-12s  %s  (%s)  %" PRId64 " / %" PRId64 "\n", deep * 2, "",
               a->id, a->code, a->name, level ? LABEL(cx, level->label) : "",
               a->household_count, a->person_count);
        return RC_OK;
    }
    const struct out_cell cells[COLUMN_COUNT] = {
        {.i = a->id},
        {.i = a->parent_id},
        {.i = a->county},
        {.s = str_of(level ? level->code : "")},
        {.s = str_of(a->code)},
        {.s = str_of(a->name)},
        {.i = a->household_count},
        {.i = a->person_count},
        {.i = a->ended_day, .missing = !a->ended_day},
    };
    return frame_writer_row(cx, l->writer, cells);
}

/* Everything under an area, depth first, without recursion: one open list per level. */
static enum rc put_under(struct listing *l, int64_t parent_id)
{
    struct {
        struct area *areas;
        size_t count, at;
    } open[LIMIT_AREA_LEVELS] = {0};
    int deep = 0;
    TRY(area_children(&open[0].areas, &open[0].count, l->cx, parent_id));
    while (deep >= 0) {
        if (open[deep].at == open[deep].count) {
            deep--;
            continue;
        }
        const struct area *a = &open[deep].areas[open[deep].at++];
        TRY(put_area(l, a, deep));
        if (deep + 1 >= l->depth || deep + 1 >= LIMIT_AREA_LEVELS)
            continue;
        deep++;
        open[deep].at = 0;
        TRY(area_children(&open[deep].areas, &open[deep].count, l->cx, a->id));
    }
    return RC_OK;
}

static enum rc open_writer(struct listing *l, enum frame_format format)
{
    static const struct column_spec columns[COLUMN_COUNT] = {
        {.name = "id", .label = "", .type = COLUMN_I64},
        {.name = "parent_id", .label = "", .type = COLUMN_I64},
        {.name = "county", .label = "", .type = COLUMN_I64},
        {.name = "level", .label = "", .type = COLUMN_TEXT},
        {.name = "code", .label = "", .type = COLUMN_TEXT},
        {.name = "name", .label = "", .type = COLUMN_TEXT},
        {.name = "households", .label = "", .type = COLUMN_I64},
        {.name = "people", .label = "", .type = COLUMN_I64},
        {.name = "ended", .label = "", .type = COLUMN_I64, .is_day = true},
    };
    const struct frame_write_options options = {.format = format, .title = "", .row_count = -1};
    fflush(stdout);
    return frame_writer_open(&l->writer, l->cx, STDOUT_FILENO, columns, COLUMN_COUNT, &options);
}

static enum rc list_run(struct cx *cx, const struct option_value *v)
{
    const char *format = v[LIST_FORMAT].given ? v[LIST_FORMAT].text : "text";
    bool is_json = !strcmp(format, "json"), is_csv = !strcmp(format, "csv");
    struct listing l = {.cx = cx, .depth = v[LIST_DEPTH].given ? (int)v[LIST_DEPTH].number : 1};
    struct area under = {0};
    if (!is_json && !is_csv && strcmp(format, "text") != 0)
        return fail(cx, RC_INVALID, _("--format is text, json or csv."), "format");
    if (l.depth < 1 || l.depth > LIMIT_AREA_LEVELS)
        return fail_f(cx, RC_INVALID, _("--depth is a number from 1 to %d."),
                      (int)LIMIT_AREA_LEVELS);
    if (v[LIST_UNDER].given)
        TRY(find_area(&under, cx, v[LIST_UNDER].text));
    if (is_json || is_csv)
        TRY(open_writer(&l, is_json ? FRAME_JSON : FRAME_CSV));
    enum rc rc = put_under(&l, under.id);
    if (rc && l.writer)
        frame_writer_abort(l.writer);
    TRY(rc);
    return l.writer ? frame_writer_close(cx, l.writer) : RC_OK;
}

/* ---- add ---- */

enum { ADD_PARENT, ADD_LEVEL, ADD_NAME, ADD_CODE, ADD_FROM, ADD_DB, ADD_COUNT };
static const struct option_row add_rows[ADD_COUNT] = {
    {"parent", "ID", OPTION_TEXT,
     N_("number or official code of the area above; none: a top area"), false},
    {"level", "LEVEL", OPTION_TEXT, N_("code of a level of the profile (township, village …)"),
     true},
    {"name", "NAME", OPTION_TEXT, N_("its name"), true},
    {"code", "CODE", OPTION_TEXT, N_("its official code, if it has one"), false},
    {"from", "DAY", OPTION_TEXT, N_("since when, such as 2026-11-23; default today"), false},
    ROW_DB,
};

struct addition {
    int64_t parent_id, id;
    int level;
    struct str code, name;
    int32_t from_day;
};

static enum rc add_write(struct cx *cx, void *arg)
{
    struct addition *a = arg;
    return area_add(&a->id, cx, a->parent_id, a->level, a->code, a->name, a->from_day);
}

static enum rc level_number(int *out, struct cx *cx, const char *code)
{
    for (size_t i = 0; i < cx->profile->level_count; i++) {
        if (!strcmp(cx->profile->levels[i].code, code)) {
            *out = cx->profile->levels[i].number;
            return RC_OK;
        }
    }
    return fail_f(cx, RC_INVALID, _("The profile has no level \"%s\"."), code);
}

static enum rc add_run(struct cx *cx, const struct option_value *v)
{
    struct addition a = {.name = str_of(v[ADD_NAME].text),
                         .code = str_of(v[ADD_CODE].given ? v[ADD_CODE].text : ""),
                         .from_day = today(cx)};
    struct area parent = {0};
    if (v[ADD_PARENT].given)
        TRY(find_area(&parent, cx, v[ADD_PARENT].text));
    a.parent_id = parent.id;
    TRY(level_number(&a.level, cx, v[ADD_LEVEL].text));
    if (v[ADD_FROM].given && !day_parse(&a.from_day, str_of(v[ADD_FROM].text)))
        return fail(cx, RC_INVALID, _("--from is a day such as 2026-11-23."), "from");
    TRY(db_write(cx, parent.county, add_write, &a));
    printf("%" PRId64 "\n", a.id);
    return RC_OK;
}

/* ---- merge ---- */

enum { MERGE_FROM, MERGE_INTO, MERGE_DAY, MERGE_LOOK, MERGE_DB, MERGE_COUNT };
static const struct option_row merge_rows[MERGE_COUNT] = {
    {NULL, "FROM", OPTION_TEXT, N_("the area that ends: number or official code"), true},
    {NULL, "INTO", OPTION_TEXT, N_("the area it is merged into: number or official code"),
     true},
    {"from", "DAY", OPTION_TEXT, N_("since when, such as 2026-11-23; default today"), false},
    {"look", NULL, OPTION_FLAG, N_("look only: say what it would concern"), false},
    ROW_DB,
};

static enum rc merge_run(struct cx *cx, const struct option_value *v)
{
    struct area from, into;
    struct area_merge_facts f;
    int32_t day = today(cx);
    TRY(find_area(&from, cx, v[MERGE_FROM].text));
    TRY(find_area(&into, cx, v[MERGE_INTO].text));
    if (v[MERGE_DAY].given && !day_parse(&day, str_of(v[MERGE_DAY].text)))
        return fail(cx, RC_INVALID, _("--from is a day such as 2026-11-23."), "from");
    if (v[MERGE_LOOK].given) {
        TRY(area_merge_facts(&f, cx, from.id, into.id));
        printf(_("%s into %s: %d households, %d open tasks, %d open cases, %d users, %d areas "
                 "move, %d are merged by name.\n"),
               from.name, into.name, (int)f.households, (int)f.tasks, (int)f.flows,
               (int)f.users, (int)f.moves, (int)f.merges);
        return RC_OK;
    }
    TRY(area_merge(cx, from.id, into.id, day));
    printf(_("%s is merged into %s.\n"), from.name, into.name);
    return RC_OK;
}

/* ---- the table ---- */

static const struct {
    const char *name, *help;
    enum rc (*run)(struct cx *cx, const struct option_value *v);
    const struct option_row *rows;
    size_t row_count;
} subcommands[] = {
    {"load", N_("load official divisions from a folder"), load_run, load_rows, LOAD_COUNT},
    {"list", N_("list areas with their numbers and counts"), list_run, list_rows, LIST_COUNT},
    {"add", N_("add one area and print its number"), add_run, add_rows, ADD_COUNT},
    {"merge", N_("merge an area into another of the same level"), merge_run, merge_rows,
     MERGE_COUNT},
};
enum { SUB_COUNT = sizeof subcommands / sizeof subcommands[0], VALUES_MAX = 8 };

static int help(struct cx *cx, FILE *to)
{
    fprintf(to, "%s\n", _("Usage: fumin area SUBCOMMAND --db DIR …; each with --help"));
    for (size_t i = 0; i < SUB_COUNT; i++)
        fprintf(to, "  %-6s %s\n", subcommands[i].name, text_in(cx->lang, subcommands[i].help));
    return to == stdout ? EXIT_OK : EXIT_USAGE;
}

int area_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[VALUES_MAX];
    char shown[64];
    if (argc >= 2 && !strcmp(argv[1], "--help"))
        return help(cx, stdout);
    for (size_t i = 0; argc >= 2 && i < SUB_COUNT; i++) {
        if (strcmp(argv[1], subcommands[i].name) != 0)
            continue;
        snprintf(shown, sizeof shown, "area %s", subcommands[i].name);
        argv[1] = shown;
        enum rc rc = options_parse(v, cx, subcommands[i].rows, subcommands[i].row_count,
                                   argc - 1, argv + 1);
        if (rc)
            return command_usage(cx, rc);
        return subcommands[i].run(cx, v) ? command_failed(cx) : EXIT_OK;
    }
    return help(cx, stderr);
}

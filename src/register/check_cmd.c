/* `fumin check`: what the profile's checks find in the register, and whom one of them concerns.
 * Opens the database itself, since the folder may stand without --db. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "register/check_file_view.h"
#include "web/app.h"
#include "web/commands.h"

#include <unistd.h>

enum { OPT_DIR, OPT_DB, OPT_YEAR, OPT_AREA, OPT_LIST, OPT_SHOW, OPT_FORMAT, OPT_COUNT };
static const struct option_row rows[OPT_COUNT] = {
    {NULL, "DIR", OPTION_TEXT, N_("the database's folder"), false},
    {"db", "DIR", OPTION_TEXT, N_("the same"), false},
    {"year", "YEAR", OPTION_INT, N_("default: the newest with figures"), false},
    {"area", "ID", OPTION_TEXT, N_("number or official code of an area; default: all"), false},
    {"list", "NUMBER", OPTION_INT, N_("whom the check of that number concerns"), false},
    {"show", "open|explained|all", OPTION_TEXT, N_("findings of --list; default open"), false},
    {"format", "table|csv|json", OPTION_TEXT, N_("default table"), false},
};

struct asked {
    struct check_query query;
    struct check_where where;
    const struct check *list; /* NULL: counts */
    const char *format;
};

static enum rc read_area(int64_t *id, struct cx *cx, const char *text)
{
    struct area area = {0};
    if (text)
        TRY(area_as_typed(&area, cx, text));
    *id = area.id;
    return RC_OK;
}

static enum rc read_choices(struct asked *a, struct cx *cx, const struct option_value *v)
{
    *a = (struct asked){.format = v[OPT_FORMAT].given ? v[OPT_FORMAT].text : "table"};
    if (strcmp(a->format, "table") != 0 && strcmp(a->format, "csv") != 0 &&
        strcmp(a->format, "json") != 0)
        return fail(cx, RC_INVALID, _("--format is table, csv or json."), "format");
    if (v[OPT_YEAR].given && (v[OPT_YEAR].number < 1900 || v[OPT_YEAR].number > 2200))
        return fail(cx, RC_INVALID, _("The year should be a number such as 2025."), "year");
    a->query.year = (int32_t)v[OPT_YEAR].number;
    const char *show = v[OPT_SHOW].given ? v[OPT_SHOW].text : "open";
    if (!strcmp(show, "all"))
        a->query.show = CHECK_ALL;
    else if (!strcmp(show, "explained"))
        a->query.show = CHECK_EXPLAINED;
    else if (strcmp(show, "open") != 0)
        return fail(cx, RC_INVALID, _("--show is open, explained or all."), "show");
    return RC_OK;
}

static enum rc find_where(struct asked *a, struct cx *cx, const struct option_value *v)
{
    TRY(read_area(&a->query.area_id, cx, v[OPT_AREA].given ? v[OPT_AREA].text : NULL));
    if (v[OPT_LIST].given) {
        a->list = profile_check(cx->profile, v[OPT_LIST].number);
        if (!a->list)
            return fail(cx, RC_NOTFOUND, _("There is no such check."), "check");
    }
    TRY(check_where_find(&a->where, cx, &a->query));
    if (a->where.scope.too_many)
        return fail(cx, RC_LIMIT,
                    _("Checks are summed up over a few counties at most. Choose an area:"),
                    "counties");
    if (!a->where.year)
        return fail(cx, RC_NOTFOUND, _("There are no figures of this year."), "year");
    return RC_OK;
}

/* ---- counts ---- */

static enum rc count_all(struct check_sum *sums, struct cx *cx, const struct check_where *w)
{
    for (size_t i = 0; i < w->scope.place_count; i++) {
        struct check_county c;
        struct check_nodes nodes = {.sum = sums};
        TRY(check_county_open(
            &c, cx, &(struct check_ask){.place = &w->scope.places[i], .year = w->year}));
        enum rc rc = check_nodes_of(&nodes.node_of, cx, &c, NULL, 0);
        if (!rc)
            rc = check_count(&nodes, cx, &c);
        check_county_close(&c);
        TRY(rc);
    }
    return RC_OK;
}

static const char *severity_code(const struct check *k)
{
    static const char *const codes[] = {"error", "warning", "note"};
    return codes[k->severity];
}

static void print_table(struct cx *cx, const struct check_sum *sums, int32_t year)
{
    const struct profile_rules *rules = cx->profile->rules;
    printf("%6s  %-8s %10s %10s %10s  %s\n", _("Number"), _("Kind"), _("Count"), _("People"),
           _("Explained"), _("Check"));
    for (size_t i = 0; i < rules->check_count; i++) {
        const struct check *k = &rules->checks[i];
        if (!check_in_year(cx->profile, k, year) ||
            (!check_sum_shown(k, &sums[i]) && !sums[i].explained))
            continue;
        printf("%6d  %-8s %10s %10s %10s  %s\n", k->number, severity_text(cx, k->severity),
               format_int(cx, check_sum_shown(k, &sums[i])),
               k->subject == SUBJECT_PERSON ? format_int(cx, sums[i].people) : "",
               format_int(cx, sums[i].explained), LABEL(cx, k->message));
    }
}

/* CSV and JSON hold every check in force, also those that find nothing. */
static enum rc write_counts(struct cx *cx, const struct check_sum *sums, int32_t year,
                            enum frame_format format)
{
    enum { COLUMNS = 9 };
    const char *const names[COLUMNS] = {"check",  "severity",  "group", "subject", "count",
                                        "people", "explained", "year",  "message"};
    const struct profile_rules *rules = cx->profile->rules;
    static const char *const subjects[] = {"household", "person", "area"};
    struct column_spec columns[COLUMNS];
    struct frame_writer *w;
    for (size_t i = 0; i < COLUMNS; i++) {
        bool is_text = i == 1 || i == 2 || i == 3 || i == 8;
        columns[i] = (struct column_spec){
            .name = names[i], .label = names[i], .type = is_text ? COLUMN_TEXT : COLUMN_I64};
    }
    const struct frame_write_options options = {
        .format = format, .title = "checks", .row_count = -1};
    TRY(frame_writer_open(&w, cx, STDOUT_FILENO, columns, COLUMNS, &options));
    enum rc rc = RC_OK;
    for (size_t i = 0; i < rules->check_count && !rc; i++) {
        const struct check *k = &rules->checks[i];
        if (!check_in_year(cx->profile, k, year))
            continue;
        const struct out_cell cells[COLUMNS] = {
            {.i = k->number},
            {.s = str_of(severity_code(k))},
            {.s = str_of(k->group->code)},
            {.s = str_of(subjects[k->subject])},
            {.i = check_sum_shown(k, &sums[i])},
            {.missing = k->subject != SUBJECT_PERSON, .i = sums[i].people},
            {.i = sums[i].explained},
            {.i = year},
            {.s = str_of(LABEL(cx, k->message))}};
        rc = frame_writer_row(cx, w, cells);
    }
    if (rc) {
        frame_writer_abort(w);
        return rc;
    }
    return frame_writer_close(cx, w);
}

static enum rc show_counts(struct cx *cx, const struct asked *a)
{
    struct check_sum *sums =
        arena_new(cx->arena, (cx->profile->rules->check_count + 1) * sizeof *sums);
    TRY(count_all(sums, cx, &a->where));
    if (!strcmp(a->format, "table")) {
        print_table(cx, sums, a->where.year);
        return RC_OK;
    }
    return write_counts(cx, sums, a->where.year,
                        strcmp(a->format, "csv") ? FRAME_JSON : FRAME_CSV);
}

/* ---- whom ---- */

static enum rc show_list(struct cx *cx, const struct asked *a)
{
    struct check_file f = {.check = a->list,
                           .scope = &a->where.scope,
                           .year = a->where.year,
                           .show = a->query.show,
                           .format = strcmp(a->format, "csv") ? FRAME_JSON : FRAME_CSV};
    struct check_item *items;
    size_t count;
    int64_t written;
    bool more;
    if (strcmp(a->format, "table") != 0)
        return check_file_write(&written, cx, &f, STDOUT_FILENO);
    TRY(check_items(&items, &count, &more, cx, &f, CHECK_FILE_MAX));
    printf("%d %s\n", a->list->number, LABEL(cx, a->list->message));
    for (size_t i = 0; i < count; i++)
        printf("%s\t%s\t%s\t%s\t%s\n", items[i].place, items[i].code, items[i].label,
               items[i].people, items[i].values);
    if (more)
        fprintf(stderr, _("Only the first %s are shown.\n"), format_int(cx, CHECK_FILE_MAX));
    return RC_OK;
}

static int run(struct cx *cx, const struct option_value *v)
{
    struct asked asked;
    if (read_choices(&asked, cx, v))
        return command_usage(cx, cx->err.rc);
    if (db_read_begin(cx) || find_where(&asked, cx, v) ||
        (asked.list ? show_list(cx, &asked) : show_counts(cx, &asked)))
        return command_failed(cx);
    return EXIT_OK;
}

int check_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    struct app app;
    enum rc rc = options_parse(v, cx, rows, OPT_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    const char *dir = v[OPT_DB].given ? v[OPT_DB].text : v[OPT_DIR].text;
    if (!dir) {
        fprintf(stderr, "fumin check: %s\n", _("DIR is needed: the database's folder"));
        return EXIT_USAGE;
    }
    if (app_open(&app, cx, dir, &(struct app_options){0}))
        return command_failed(cx);
    int code = run(cx, v);
    app_close(&app, cx);
    return code;
}

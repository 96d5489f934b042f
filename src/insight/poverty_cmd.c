/* `fumin poverty FILE|DIR`: poverty and inequality of money from any table file, or from the
 * register in a database's folder (poverty_register.c). */
#include "base/option.h"
#include "base/text.h"
#include "insight/poverty_figures.h"
#include "web/app.h"
#include "web/commands.h"

#include <math.h>
#include <sys/stat.h>

enum {
    OPT_FILE,
    OPT_WELFARE,
    OPT_LINE,
    OPT_WEIGHT,
    OPT_BY,
    OPT_WEAK,
    OPT_OWN_LINE,
    OPT_QUANTILE,
    OPT_SHEET,
    OPT_YEAR,
    OPT_AREA,
    OPT_HOUSEHOLDS,
    OPT_FORMAT,
    OPT_SURVEY,
    OPT_COUNT = OPT_SURVEY + SURVEY_OPTIONS
};
static const struct option_row own_rows[OPT_SURVEY] = {
    {NULL, "FILE|DIR", OPTION_TEXT,
     N_("a table: CSV, Excel .xlsx, Stata .dta or SPSS .sav; or a database's folder"), true},
    {"welfare", "V", OPTION_TEXT,
     N_("the column with the income or expenditure of each row; of a register the indicator"),
     false},
    {"line", "N|60%median", OPTION_TEXT,
     N_("the poverty line: an amount, or a share such as 60%median, 50%mean, 40%q0.5; of a "
        "register also a threshold's name"),
     false},
    {"weight", "V,…", OPTION_TEXT,
     N_("the column of weights; several are multiplied (weight,household size)"), false},
    {"by", "V,…", OPTION_TEXT,
     N_("also for each group of these columns; of a register: area, size or an indicator"),
     false},
    {"weak", NULL, OPTION_FLAG,
     N_("who is exactly on the line is poor too (default: below only)"), false},
    {"own-line", NULL, OPTION_FLAG,
     N_("a relative line is that of each group (default: of all rows)"), false},
    {"quantile", "laeken|convey", OPTION_TEXT,
     N_("how a quantile between two rows is taken; default laeken"), false},
    {"sheet", "NAME", OPTION_TEXT, N_("of a workbook; default the first"), false},
    {"year", "YEAR", OPTION_TEXT, N_("of a register; default the newest"), false},
    {"area", "ID", OPTION_TEXT, N_("of a register: number or official code; default all"),
     false},
    {"households", NULL, OPTION_FLAG, N_("of a register: count households instead of people"),
     false},
    {"format", "table|json|csv|markdown", OPTION_TEXT, N_("default table"), false},
};
static struct option_row option_rows[OPT_COUNT]; /* own_rows, then those of the survey */
enum { ARENA_MAX_MB = 6144 };

struct run {
    struct figure_rows out;
    struct file_groups groups;
    struct survey survey;
    struct line_spec line_spec;
    enum quantile_kind kind;
    enum figure_format format;
    double line; /* of all rows */
    bool weak, own_line, is_register;
    double *y, *w;
    size_t n;
};

static bool is_folder(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* RC_INVALID about the first of these options that was given: they are for the other thing. */
static enum rc not_given(struct cx *cx, const struct option_value *v, const int *options,
                         size_t count, bool is_register)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = option_rows[options[i]].name;
        if (v[options[i]].given && is_register)
            return fail_f(cx, RC_INVALID,
                          _("--%s is for a table file; this is a database's folder."), name);
        if (v[options[i]].given)
            return fail_f(cx, RC_INVALID,
                          _("--%s is for a database's folder; this is a table file."), name);
    }
    return RC_OK;
}

static enum rc read_options(struct run *run, struct cx *cx, const struct option_value *v)
{
    run->weak = v[OPT_WEAK].given;
    run->own_line = v[OPT_OWN_LINE].given;
    const char *kind = v[OPT_QUANTILE].given ? v[OPT_QUANTILE].text : "laeken";
    if (strcmp(kind, "laeken") != 0 && strcmp(kind, "convey") != 0)
        return fail(cx, RC_INVALID, _("--quantile is laeken or convey."), "quantile");
    run->kind = kind[0] == 'l' ? QUANTILE_LAEKEN : QUANTILE_INVERSE;
    TRY(figure_format_parse(&run->format, cx, v[OPT_FORMAT].given ? v[OPT_FORMAT].text : NULL));
    run->is_register = is_folder(v[OPT_FILE].text);
    static const int of_file[] = {OPT_WEIGHT, OPT_OWN_LINE, OPT_QUANTILE, OPT_SHEET},
                     of_register[] = {OPT_YEAR, OPT_AREA, OPT_HOUSEHOLDS};
    static const int of_survey[] = {
        OPT_SURVEY + SURVEY_STRATA,    OPT_SURVEY + SURVEY_CLUSTER,
        OPT_SURVEY + SURVEY_FPC,       OPT_SURVEY + SURVEY_LONELY,
        OPT_SURVEY + SURVEY_SRS,       OPT_SURVEY + SURVEY_HOUSEHOLD,
        OPT_SURVEY + SURVEY_REPLICATE, OPT_SURVEY + SURVEY_KIND,
        OPT_SURVEY + SURVEY_SCALE,     OPT_SURVEY + SURVEY_BOOTSTRAP,
        OPT_SURVEY + SURVEY_JACKKNIFE, OPT_SURVEY + SURVEY_SEED,
        OPT_SURVEY + SURVEY_DIFFERENCE};
    if (run->is_register) {
        TRY(not_given(cx, v, of_file, 4, true));
        return not_given(cx, v, of_survey, SURVEY_OPTIONS, true);
    }
    TRY(not_given(cx, v, of_register, 3, false));
    if (!v[OPT_WELFARE].given || !v[OPT_LINE].given)
        return fail(cx, RC_INVALID, _("A table file needs --welfare and --line."), "options");
    return line_parse(&run->line_spec, cx, str_of(v[OPT_LINE].text));
}

/* Weights multiplied into the first one's column. */
static void multiply(double *out, const struct file_want *wants, size_t count, size_t rows)
{
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < rows; i++)
            out[i] = k ? out[i] * wants[k].number[i] : wants[k].number[i];
}

static enum rc read_file(struct run *run, struct cx *cx, const struct option_value *v)
{
    const char **weights = NULL, **by = NULL;
    size_t weight_count = 0, by_count = 0;
    if (v[OPT_WEIGHT].given)
        TRY(file_frame_list(&weights, &weight_count, cx, v[OPT_WEIGHT].text));
    if (v[OPT_BY].given)
        TRY(file_frame_list(&by, &by_count, cx, v[OPT_BY].text));
    TRY(survey_options(&run->survey, cx, v + OPT_SURVEY, by, by_count));
    size_t own = 1 + weight_count + by_count, count = own + run->survey.name_count;
    struct file_want *wants = arena_array(cx->arena, count, sizeof *wants);
    if (!wants)
        return fail(cx, RC_LIMIT, _("The list is too long."), "n=%zu", count);
    wants[0].name = v[OPT_WELFARE].text;
    for (size_t i = 0; i < weight_count; i++)
        wants[1 + i].name = weights[i];
    for (size_t i = 0; i < by_count; i++)
        wants[1 + weight_count + i] = (struct file_want){.name = by[i], .as_labels = true};
    memcpy(wants + own, run->survey.names, run->survey.name_count * sizeof *wants);
    struct file_from from = {v[OPT_FILE].text, v[OPT_SHEET].given ? v[OPT_SHEET].text : NULL};
    TRY(file_frame_read(&run->n, cx, &from, wants, count));
    run->y = wants[0].number;
    if (weight_count) {
        run->w = wants[1].number;
        multiply(run->w, wants + 1, weight_count, run->n);
    }
    TRY(survey_make(&run->survey, cx, wants + own, run->w, run->n));
    return file_groups_make(&run->groups, cx, wants + 1 + weight_count, by_count, run->n);
}

/* ---- measures ---- */

/* One group; a group of which no own line can be had tells why in every figure. */
static enum rc add_group(struct figure_rows *out, struct cx *cx, struct run *run,
                         const struct welfare *x, size_t group)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct ranked r;
    double line = run->line;
    TRY(ranked_make(&r, cx, x));
    if (group == FIGURE_ALL || run->own_line) {
        enum rc rc = line_value(&line, cx, &run->line_spec, &r, run->kind);
        if (rc && group != FIGURE_ALL) {
            struct estimate e = {.value = NAN,
                                 .se = NAN,
                                 .rows = (int64_t)r.n,
                                 .rows_left_out = r.rows_left_out,
                                 .weight_left_out = r.weight_left_out};
            arena_back(cx->arena, mark);
            e.refused = arena_copy(cx->arena, str_of(cx->err.text));
            err_clear(cx);
            figure_rows_add(out,
                            (struct figure_row){.measure = "line", .group = group, .e = e});
            return RC_OK;
        }
        TRY(rc);
    }
    if (group == FIGURE_ALL)
        run->line = line;
    struct fgt_sums sums = {0};
    fgt_add(&sums, x, NULL, line, run->weak);
    poverty_figures_add(out, cx,
                        &(struct poverty_group){.rows = x,
                                                .sums = &sums,
                                                .ranked = &r,
                                                .line = line,
                                                .weak = run->weak,
                                                .kind = run->kind,
                                                .group = group});
    arena_back(cx->arena, mark);
    return RC_OK;
}

/* All figures with these weights: once for the figures themselves, and for each replicate. */
static enum rc all_figures(struct figure_rows *out, struct cx *cx, const double *w,
                           void *context)
{
    struct run *run = context;
    size_t *start = NULL, groups = run->groups.by_count ? run->groups.count : 0;
    struct welfare rows = {run->y, w, run->n};
    TRY(add_group(out, cx, run, &rows, FIGURE_ALL));
    if (groups)
        TRY(poverty_rows_by_group(&start, cx, &rows, &run->groups));
    for (size_t g = 0; g < groups; g++) {
        struct welfare x = {rows.y + start[g], rows.w ? rows.w + start[g] : NULL,
                            start[g + 1] - start[g]};
        TRY(add_group(out, cx, run, &x, g));
    }
    survey_differences(&run->survey, cx, out);
    return RC_OK;
}

/* A given line comes out the same in every replicate: it has no error to tell of. */
static void fixed_line(struct run *run, struct cx *cx)
{
    for (size_t i = 0; i < run->out.count && run->line_spec.kind == LINE_FIXED; i++) {
        struct estimate *e = &run->out.rows[i].e;
        if (strcmp(run->out.rows[i].measure, "line") != 0)
            continue;
        e->se = NAN;
        e->df = 0;
        e->se_refused = _("The line is given, not estimated.");
    }
}

static enum rc compute(struct run *run, struct cx *cx, const struct option_value *v)
{
    TRY(read_file(run, cx, v));
    size_t groups = run->groups.by_count ? run->groups.count : 0;
    struct welfare rows = {run->y, run->w, run->n};
    struct poverty_errors errors = {&run->survey, &rows,     &run->line_spec,
                                    run->kind,    run->weak, run->own_line};
    TRY(figure_rows_make(&run->out, cx, &run->groups,
                         survey_room(&run->survey, (groups + 1) * POVERTY_FIGURES)));
    TRY(all_figures(&run->out, cx, run->w, run));
    switch (run->survey.errors) {
    case SURVEY_NONE:
        for (size_t i = 0; i < run->out.count; i++)
            run->out.rows[i].e.se_refused = run->survey.why_none;
        break;
    case SURVEY_LINEAR:
        TRY(poverty_errors_fill(&run->out, cx, &errors));
        break;
    case SURVEY_REPLICATED:
        TRY(survey_replicate(&run->survey, cx, &run->out, run->w, all_figures, run));
        fixed_line(run, cx);
        break;
    }
    return figure_rows_print(cx, &run->out, run->format);
}

static enum rc compute_register(struct run *run, struct cx *cx, const struct option_value *v)
{
    struct poverty_asked asked = {
        .dir = v[OPT_FILE].text,
        .welfare = v[OPT_WELFARE].given ? v[OPT_WELFARE].text : NULL,
        .line = v[OPT_LINE].given ? v[OPT_LINE].text : NULL,
        .area = v[OPT_AREA].given ? v[OPT_AREA].text : NULL,
        .year = v[OPT_YEAR].given ? v[OPT_YEAR].text : NULL,
        .by = v[OPT_BY].given ? v[OPT_BY].text : NULL,
        .weak = run->weak,
        .households = v[OPT_HOUSEHOLDS].given,
        .format = run->format,
    };
    struct app app;
    TRY(app_open(&app, cx, asked.dir, &(struct app_options){0}));
    enum rc rc = poverty_of_register(cx, &asked);
    app_close(&app, cx);
    return rc;
}

int poverty_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    struct run run = {0};
    struct arena *small = cx->arena;
    survey_option_table(option_rows, own_rows, OPT_SURVEY);
    enum rc rc = options_parse(v, cx, option_rows, OPT_COUNT, argc, argv);
    if (!rc)
        rc = read_options(&run, cx, v);
    if (rc)
        return command_usage(cx, rc);
    cx->arena = arena_open((size_t)ARENA_MAX_MB << 20); /* a file of millions of rows */
    rc = run.is_register ? compute_register(&run, cx, v) : compute(&run, cx, v);
    arena_free(cx->arena);
    cx->arena = small;
    return rc ? command_failed(cx) : EXIT_OK;
}

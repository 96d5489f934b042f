/* `fumin poverty FILE`: poverty and inequality of money from any table file. */
#include "base/option.h"
#include "base/text.h"
#include "insight/figure_rows.h"
#include "web/app.h"
#include "web/commands.h"

#include <math.h>

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
    OPT_FORMAT,
    OPT_COUNT
};
static const struct option_row option_rows[OPT_COUNT] = {
    {NULL, "FILE", OPTION_TEXT, N_("a table: CSV, Excel .xlsx, Stata .dta or SPSS .sav"), true},
    {"welfare", "V", OPTION_TEXT, N_("the column with the income or expenditure of each row"),
     true},
    {"line", "N|60%median", OPTION_TEXT,
     N_("the poverty line: an amount, or a share such as 60%median, 50%mean, 40%q0.5"), true},
    {"weight", "V,…", OPTION_TEXT,
     N_("the column of weights; several are multiplied (weight,household size)"), false},
    {"by", "V,…", OPTION_TEXT, N_("also for each group of these columns"), false},
    {"weak", NULL, OPTION_FLAG,
     N_("who is exactly on the line is poor too (default: below only)"), false},
    {"own-line", NULL, OPTION_FLAG,
     N_("a relative line is that of each group (default: of all rows)"), false},
    {"quantile", "laeken|convey", OPTION_TEXT,
     N_("how a quantile between two rows is taken; default laeken"), false},
    {"sheet", "NAME", OPTION_TEXT, N_("of a workbook; default the first"), false},
    {"format", "table|json|csv", OPTION_TEXT, N_("default table"), false},
};
enum { ARENA_MAX_MB = 6144, MEASURES = 32, DECILES = 10 };

struct run {
    struct figure_rows out;
    struct file_groups groups;
    struct line_spec line_spec;
    enum quantile_kind kind;
    enum figure_format format;
    double line; /* of all rows */
    bool weak, own_line;
    double *y, *w; /* rows, by group one behind the other after grouping */
    size_t n;
};

static enum rc read_options(struct run *run, struct cx *cx, const struct option_value *v)
{
    run->weak = v[OPT_WEAK].given;
    run->own_line = v[OPT_OWN_LINE].given;
    const char *kind = v[OPT_QUANTILE].given ? v[OPT_QUANTILE].text : "laeken";
    if (strcmp(kind, "laeken") != 0 && strcmp(kind, "convey") != 0)
        return fail(cx, RC_INVALID, _("--quantile is laeken or convey."), "quantile");
    run->kind = kind[0] == 'l' ? QUANTILE_LAEKEN : QUANTILE_INVERSE;
    TRY(figure_format_parse(&run->format, cx, v[OPT_FORMAT].given ? v[OPT_FORMAT].text : NULL));
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
    size_t count = 1 + weight_count + by_count;
    struct file_want *wants = arena_array(cx->arena, count, sizeof *wants);
    if (!wants)
        return fail(cx, RC_LIMIT, _("The list is too long."), "n=%zu", count);
    wants[0].name = v[OPT_WELFARE].text;
    for (size_t i = 0; i < weight_count; i++)
        wants[1 + i].name = weights[i];
    for (size_t i = 0; i < by_count; i++)
        wants[1 + weight_count + i] = (struct file_want){.name = by[i], .as_labels = true};
    struct file_from from = {v[OPT_FILE].text, v[OPT_SHEET].given ? v[OPT_SHEET].text : NULL};
    TRY(file_frame_read(&run->n, cx, &from, wants, count));
    run->y = wants[0].number;
    if (weight_count) {
        run->w = wants[1].number;
        multiply(run->w, wants + 1, weight_count, run->n);
    }
    return file_groups_make(&run->groups, cx, wants + 1 + weight_count, by_count, run->n);
}

/* ---- measures ---- */

static void add(struct run *run, const char *measure, size_t group, struct estimate e)
{
    figure_rows_add(&run->out, (struct figure_row){.measure = measure, .group = group, .e = e});
}

static struct estimate known(double value, const struct estimate *like)
{
    struct estimate e = *like;
    e.value = value;
    e.refused = NULL;
    return e;
}

static void add_sums(struct run *run, struct cx *cx, const struct welfare *x, double line,
                     size_t group)
{
    static const char *const names[] = {"fgt0", "fgt1", "fgt2"};
    struct fgt_sums s = {0};
    fgt_add(&s, x, NULL, line, run->weak);
    struct estimate mean = mean_of(cx, &s);
    add(run, "line", group, known(line, &mean));
    add(run, "weight", group, known(s.weight, &mean));
    add(run, "mean", group, mean);
    for (int power = 0; power < 3; power++) {
        struct estimate e = fgt_of(&s, power);
        e.refused = e.refused ? text_in(cx->lang, e.refused) : NULL;
        add(run, names[power], group, e);
    }
    add(run, "watts", group, watts_of(cx, &s));
}

static void add_ranked(struct run *run, struct cx *cx, const struct ranked *r, double line,
                       size_t group)
{
    static const char *const deciles[DECILES] = {"decile1", "decile2", "decile3", "decile4",
                                                 "decile5", "decile6", "decile7", "decile8",
                                                 "decile9", "decile10"};
    struct estimate gini = ranked_gini(cx, r, false);
    struct estimate median = gini;
    median.value = ranked_quantile(r, 0.5, run->kind);
    median.refused = r->n ? NULL : gini.refused;
    add(run, "median", group, median);
    add(run, "sst", group, ranked_sst(cx, r, line, run->weak));
    add(run, "gini", group, gini);
    add(run, "gini_convey", group, ranked_gini(cx, r, true));
    add(run, "ge0", group, ranked_ge(cx, r, 0));
    add(run, "ge1", group, ranked_ge(cx, r, 1));
    add(run, "ge2", group, ranked_ge(cx, r, 2));
    add(run, "atkinson05", group, ranked_atkinson(cx, r, 0.5));
    add(run, "atkinson1", group, ranked_atkinson(cx, r, 1));
    add(run, "atkinson2", group, ranked_atkinson(cx, r, 2));
    add(run, "s80s20", group, ranked_s80s20(cx, r));
    for (int i = 0; i < DECILES; i++)
        add(run, deciles[i], group, ranked_share(cx, r, i / 10.0, (i + 1) / 10.0));
}

/* One group; a group of which no own line can be had tells why in every figure. */
static enum rc add_group(struct run *run, struct cx *cx, const struct welfare *x, size_t group)
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
            add(run, "line", group, e);
            return RC_OK;
        }
        TRY(rc);
    }
    if (group == FIGURE_ALL)
        run->line = line;
    add_sums(run, cx, x, line, group);
    add_ranked(run, cx, &r, line, group);
    arena_back(cx->arena, mark);
    return RC_OK;
}

/* Rows of a group one behind the other, in row order; start[g] is where group g begins. */
static enum rc sort_by_group(struct run *run, struct cx *cx, size_t **start)
{
    size_t count = run->groups.count;
    size_t *at = arena_array(cx->arena, count + 1, sizeof *at);
    double *y = arena_array(cx->arena, run->n + 1, sizeof *y);
    double *w = run->w ? arena_array(cx->arena, run->n + 1, sizeof *w) : NULL;
    *start = arena_array(cx->arena, count + 1, sizeof **start);
    if (!at || !y || (run->w && !w) || !*start)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", run->n);
    for (size_t i = 0; i < run->n; i++)
        (*start)[run->groups.of_row[i] + 1]++;
    for (size_t g = 0; g < count; g++)
        (*start)[g + 1] += (*start)[g];
    memcpy(at, *start, (count + 1) * sizeof *at);
    for (size_t i = 0; i < run->n; i++) {
        size_t to = at[run->groups.of_row[i]]++;
        y[to] = run->y[i];
        if (w)
            w[to] = run->w[i];
    }
    run->y = y;
    run->w = w;
    return RC_OK;
}

static enum rc compute(struct run *run, struct cx *cx, const struct option_value *v)
{
    size_t *start = NULL, groups;
    TRY(read_file(run, cx, v));
    groups = run->groups.by_count ? run->groups.count : 0;
    TRY(figure_rows_make(&run->out, cx, &run->groups, (groups + 1) * MEASURES));
    TRY(add_group(run, cx, &(struct welfare){run->y, run->w, run->n}, FIGURE_ALL));
    if (groups)
        TRY(sort_by_group(run, cx, &start));
    for (size_t g = 0; g < groups; g++) {
        struct welfare x = {run->y + start[g], run->w ? run->w + start[g] : NULL,
                            start[g + 1] - start[g]};
        TRY(add_group(run, cx, &x, g));
    }
    return figure_rows_print(cx, &run->out, run->format);
}

int poverty_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    struct run run = {0};
    struct arena *small = cx->arena;
    enum rc rc = options_parse(v, cx, option_rows, OPT_COUNT, argc, argv);
    if (!rc)
        rc = read_options(&run, cx, v);
    if (rc)
        return command_usage(cx, rc);
    cx->arena = arena_open((size_t)ARENA_MAX_MB << 20); /* a file of millions of rows */
    rc = compute(&run, cx, v);
    arena_free(cx->arena);
    cx->arena = small;
    return rc ? command_failed(cx) : EXIT_OK;
}

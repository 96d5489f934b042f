/* `fumin describe FILE`: what is in a table file: for each column its kind, how many values
 * there are, mean, spread and quantiles, with weights and standard errors of a survey. */
#include "base/text.h"
#include "insight/study.h"
#include "insight/text_table.h"
#include "stats/influence.h"
#include "web/app.h"
#include "web/commands.h"

#include <math.h>
#include <stdio.h>

enum { OPT_FILE, OPT_COLUMNS, OPT_STUDY, OPT_COUNT = OPT_STUDY + STUDY_OPTIONS };
static const struct option_row own_rows[OPT_STUDY] = {
    {NULL, "FILE", OPTION_TEXT, N_("a table: CSV, Excel .xlsx, Stata .dta or SPSS .sav"), true},
    {"columns", "V,…", OPTION_TEXT, N_("only these columns; default all"), false},
};
static struct option_row option_rows[OPT_COUNT];

/* What is said of a column of numbers. */
enum figure { N, MISSING, MEAN, SD, MIN, P25, P50, P75, MAX, DISTINCT, FIGURES };
static const char *const figure_names[FIGURES] = {"n",   "missing", "mean", "sd",  "min",
                                                  "p25", "p50",     "p75",  "max", "distinct"};
enum { NUMBER_FIGURES = 9, TEXT_FIGURES = 3 };

struct run {
    struct study study;
    struct figure_rows out;
    const struct option_value *v;
    int argc;
    char **argv;
    double *u; /* influence values of the column at work */
};

/* ---- one column of one group ---- */

static enum rc sample_of(struct sample *out, struct cx *cx, const struct run *run,
                         size_t column, size_t group, const double *w)
{
    const struct welfare all = {run->study.wants[column].number, w, run->study.n};
    size_t count = 0;
    const uint32_t *rows = study_rows(&run->study, group, &count);
    return sample_make(out, cx, &all, rows, count);
}

/* n - 1 below, as R's svyvar: sum w (x - mean)² / sum w · n/(n - 1). */
static double spread(const struct ranked *r)
{
    double sum = 0;
    for (size_t i = 0; i < r->n; i++)
        sum += r->w[i] * (r->y[i] - r->mean) * (r->y[i] - r->mean);
    return r->n > 1 ? sqrt(sum / r->weight * (double)r->n / (double)(r->n - 1)) : NAN;
}

static double number_figure(const struct ranked *r, enum figure f)
{
    switch (f) {
    case N:
        return (double)r->n;
    case MISSING:
        return (double)r->rows_left_out;
    case MEAN:
        return r->mean;
    case SD:
        return spread(r);
    case MIN:
        return r->n ? r->y[0] : NAN;
    case MAX:
        return r->n ? r->y[r->n - 1] : NAN;
    case P25:
    case P50:
    case P75:
        return ranked_quantile(r, .25 * (f - P25 + 1), QUANTILE_LAEKEN);
    case DISTINCT:
    case FIGURES:
        break;
    }
    return NAN;
}

static enum rc add_numbers(struct figure_rows *out, struct cx *cx, const struct run *run,
                           size_t column, size_t group, const double *w)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct sample s;
    TRY(sample_of(&s, cx, run, column, group, w));
    for (int f = N; f < NUMBER_FIGURES; f++) {
        struct estimate e = {.value = number_figure(&s.ranked, (enum figure)f),
                             .se = NAN,
                             .rows = (int64_t)s.ranked.n,
                             .rows_left_out = s.ranked.rows_left_out,
                             .weight_left_out = s.ranked.weight_left_out};
        if (isnan(e.value))
            e.refused = s.ranked.n ? _("One row has no spread.") : _("Every value is missing.");
        figure_rows_add(out, (struct figure_row){.measure = figure_names[f],
                                                 .indicator = run->study.wants[column].name,
                                                 .group = group,
                                                 .e = e});
    }
    arena_back(cx->arena, mark);
    return RC_OK;
}

static enum rc add_texts(struct figure_rows *out, struct cx *cx, const struct run *run,
                         size_t column, size_t group)
{
    static const enum figure which[TEXT_FIGURES] = {N, MISSING, DISTINCT};
    const struct file_want *want = &run->study.wants[column];
    struct arena_mark mark = arena_mark(cx->arena);
    size_t count = 0, known = 0, distinct = 0;
    const uint32_t *rows = study_rows(&run->study, group, &count);
    uint8_t *seen = arena_array(cx->arena, want->label_count + 1, sizeof *seen);
    if (!seen)
        return fail(cx, RC_LIMIT, _("There is not enough memory for so many groups."), "seen");
    for (size_t i = 0; i < count; i++) {
        uint32_t at = want->label[rows[i]];
        bool has = *want->labels[at] != '\0';
        known += has;
        distinct += has && !seen[at];
        seen[at] = 1;
    }
    const double value[TEXT_FIGURES] = {(double)known, (double)(count - known),
                                        (double)distinct};
    for (int f = 0; f < TEXT_FIGURES; f++)
        figure_rows_add(out,
                        (struct figure_row){.measure = figure_names[which[f]],
                                            .indicator = want->name,
                                            .group = group,
                                            .e = {.value = value[f],
                                                  .se = NAN,
                                                  .rows = (int64_t)known,
                                                  .rows_left_out = (int64_t)(count - known)}});
    arena_back(cx->arena, mark);
    return RC_OK;
}

static enum rc all_figures(struct figure_rows *out, struct cx *cx, const double *w,
                           void *context)
{
    struct run *run = context;
    for (size_t g = 0; g <= run->study.group_count; g++) {
        size_t group = g ? g - 1 : FIGURE_ALL, count = 0;
        (void)study_rows(&run->study, group, &count);
        for (size_t c = 0; c < run->study.own && (count || !g); c++)
            if (run->study.wants[c].number)
                TRY(add_numbers(out, cx, run, c, group, w));
            else
                TRY(add_texts(out, cx, run, c, group));
    }
    survey_differences(&run->study.survey, cx, out);
    return RC_OK;
}

/* ---- standard errors ---- */

static bool has_error(const struct figure_row *row)
{
    return !strcmp(row->measure, "mean") ||
           (row->measure[0] == 'p' && row->measure[1] >= '0' && row->measure[1] <= '9');
}

static double part_of(const char *measure)
{
    return measure[1] == '2' ? .25 : measure[1] == '5' ? .5 : .75;
}

static size_t column_of(const struct run *run, const char *name)
{
    size_t c = 0;
    while (c + 1 < run->study.own && run->study.wants[c].name != name)
        c++;
    return c;
}

/* Adds sign times the figure's influence to the survey's sums; the sample is that of `row`'s
 * column in the group. */
static void add_influence(struct run *run, const struct sample *s, const char *measure,
                          double sign)
{
    double p = part_of(measure);
    if (!strcmp(measure, "mean"))
        influence_mean(run->u, s);
    else
        influence_quantile(run->u, s, p, ranked_quantile(&s->ranked, p, QUANTILE_LAEKEN));
    for (size_t i = 0; i < s->ranked.n && sign < 0; i++)
        run->u[i] = -run->u[i];
    design_sums_add(&run->study.survey.sums, s->row, s->ranked.w, run->u, s->ranked.n);
}

static enum rc fill_error(struct run *run, struct cx *cx, struct figure_row *row,
                          const struct sample *s)
{
    struct survey *survey = &run->study.survey;
    double df = 0;
    add_influence(run, s, row->measure, 1);
    if (row->minus) {
        struct sample base;
        size_t group = survey_base(survey, &run->study.groups, row->group);
        TRY(sample_of(&base, cx, run, column_of(run, row->indicator), group, run->study.w));
        add_influence(run, &base, row->measure, -1);
    }
    double v = design_variance(&survey->sums, &df);
    if (!isfinite(v) && s->bandwidth <= 0) {
        row->e.se_refused = _("All rows have the same value: a density cannot be had.");
        return RC_OK;
    }
    estimate_error(&row->e, cx, v, df, false);
    if (!row->minus && isfinite(row->e.se))
        row->e.deff = design_effect(v, s->ranked.w, run->u, s->ranked.n);
    return RC_OK;
}

static enum rc fill_errors(struct run *run, struct cx *cx)
{
    run->u = arena_array(cx->arena, run->study.n + 1, sizeof *run->u);
    if (!run->u)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", run->study.n);
    struct arena_mark mark = arena_mark(cx->arena);
    struct sample s = {0};
    const struct figure_row *sampled = NULL; /* whose column and group `s` is of */
    for (size_t i = 0; i < run->out.count; i++) {
        struct figure_row *row = &run->out.rows[i];
        if (!has_error(row) || !isfinite(row->e.value))
            continue;
        if (row->e.rows < 2) {
            row->e.se_refused = _("Only one row has such a value: a sample of one has no "
                                  "error to tell of.");
            continue;
        }
        if (!sampled || row->minus || sampled->group != row->group ||
            sampled->indicator != row->indicator) {
            arena_back(cx->arena, mark);
            TRY(sample_of(&s, cx, run, column_of(run, row->indicator), row->group,
                          run->study.w));
            sampled = row;
        }
        TRY(fill_error(run, cx, row, &s));
        if (row->minus)
            sampled = NULL;
    }
    return RC_OK;
}

/* Rows that a replicate moves but that are no estimate: counts and ends. */
static void only_estimates(struct run *run, const struct cx *cx)
{
    for (size_t i = 0; i < run->out.count; i++) {
        struct figure_row *row = &run->out.rows[i];
        if (has_error(row))
            continue;
        row->e.se = NAN;
        row->e.df = 0;
        row->e.se_refused = _("This figure describes the rows, it estimates nothing.");
    }
}

/* ---- the table for people ---- */

static const char *short_number(struct cx *cx, double x)
{
    return isfinite(x) ? arena_printf(cx->arena, "%.6g", x) : "-";
}

static void put_heading(struct text_table *t, const struct cx *cx, const struct run *run,
                        bool error)
{
    for (size_t i = 0; i < run->study.by_count; i++)
        text_table_put(t, run->study.by[i]);
    text_table_put(t, _("column"));
    text_table_put(t, _("kind"));
    text_table_put(t, _("values"));
    text_table_put(t, _("missing"));
    text_table_put(t, _("mean"));
    if (error)
        text_table_put(t, _("standard error"));
    text_table_put(t, _("spread"));
    text_table_put(t, _("smallest"));
    text_table_put(t, "25 %");
    text_table_put(t, "50 %");
    text_table_put(t, "75 %");
    text_table_put(t, _("largest"));
}

/* The rows of one column and group begin at `at`; returns how many they are. */
static size_t put_column(struct text_table *t, struct cx *cx, const struct run *run, size_t at,
                         bool error)
{
    const struct figure_row *row = &run->out.rows[at];
    const struct file_want *want = &run->study.wants[column_of(run, row->indicator)];
    const struct file_groups *g = &run->study.groups;
    for (size_t i = 0; i < run->study.by_count; i++) {
        const char *z =
            row->group == FIGURE_ALL ? _("all") : g->by[i].labels[g->labels[row->group][i]];
        text_table_put(t, *z ? z : _("(missing)"));
    }
    text_table_put(t, row->minus
                          ? arena_printf(cx->arena, _("%s, less %s"), want->name, row->minus)
                          : want->name);
    size_t figures = want->number ? NUMBER_FIGURES : TEXT_FIGURES;
    text_table_put(t, want->number ? _("number")
                                   : arena_printf(cx->arena, _("text, %.0f different"),
                                                  row[TEXT_FIGURES - 1].e.value));
    for (int f = N; f < NUMBER_FIGURES; f++) {
        bool has = want->number || f < MEAN;
        text_table_put(t, has ? short_number(cx, row[f].e.value) : "");
        if (f == MEAN && error)
            text_table_put(t,
                           has && isfinite(row[f].e.se) ? short_number(cx, row[f].e.se) : "");
    }
    return figures;
}

static enum rc print_table(struct run *run, struct cx *cx)
{
    struct text_table t;
    bool error = false;
    for (size_t i = 0; i < run->out.count; i++)
        error |= isfinite(run->out.rows[i].e.se);
    TRY(text_table_make(&t, cx, run->study.by_count + 11 + error,
                        run->out.count / TEXT_FIGURES + 2));
    put_heading(&t, cx, run, error);
    for (size_t i = 0; i < run->out.count;)
        i += put_column(&t, cx, run, i, error);
    return text_table_print(cx, &t, run->study.format == FIGURE_MARKDOWN);
}

/* ---- together ---- */

/* Tells of a column that would be numbers but for some cells. */
static void note_texts(const struct run *run, const struct cx *cx)
{
    for (size_t c = 0; c < run->study.own; c++) {
        const struct file_want *w = &run->study.wants[c];
        size_t numbers = 0, texts = 0, first = 0;
        double x;
        for (size_t i = 0; w->label && i < run->study.n; i++) {
            const char *z = w->labels[w->label[i]];
            bool is_number = str_to_f64(&x, str_of(z));
            numbers += is_number;
            if (*z && !is_number && !texts++)
                first = i;
        }
        if (texts && numbers > texts)
            fprintf(stderr,
                    _("Note: column %s is taken as text: %zu of its values are numbers, %zu "
                      "are not; the first is “%s” in data row %zu. Correct or empty these "
                      "cells to have its mean.\n"),
                    w->name, numbers, texts, w->labels[w->label[first]], first + 1);
    }
}

static enum rc read_columns(struct run *run, struct cx *cx)
{
    const char **names = NULL;
    size_t count = 0;
    if (!run->v[OPT_COLUMNS].given)
        return study_read(&run->study, cx, NULL, 0);
    TRY(file_frame_list(&names, &count, cx, run->v[OPT_COLUMNS].text));
    struct file_want *wants = arena_array(cx->arena, count + 1, sizeof *wants);
    if (!wants)
        return fail(cx, RC_LIMIT, _("The list is too long."), "n=%zu", count);
    for (size_t i = 0; i < count; i++)
        wants[i] = (struct file_want){.name = names[i], .as_auto = true};
    return study_read(&run->study, cx, wants, count);
}

static enum rc compute(void *context, struct cx *cx)
{
    struct run *run = context;
    struct study *s = &run->study;
    TRY(study_options(s, cx, run->v[OPT_FILE].text, run->v + OPT_STUDY));
    TRY(read_columns(run, cx));
    note_texts(run, cx);
    TRY(figure_rows_make(
        &run->out, cx, &s->groups,
        survey_room(&s->survey, (s->group_count + 1) * s->own * NUMBER_FIGURES)));
    TRY(all_figures(&run->out, cx, s->w, run));
    switch (s->survey.errors) {
    case SURVEY_NONE:
        for (size_t i = 0; i < run->out.count; i++)
            run->out.rows[i].e.se_refused = s->survey.why_none;
        break;
    case SURVEY_LINEAR:
        TRY(fill_errors(run, cx));
        break;
    case SURVEY_REPLICATED:
        TRY(survey_replicate(&s->survey, cx, &run->out, s->w, all_figures, run));
        break;
    }
    if (s->survey.errors != SURVEY_NONE)
        only_estimates(run, cx);
    study_say_again(cx, run->argc, run->argv);
    if (s->format == FIGURE_TABLE || s->format == FIGURE_MARKDOWN)
        return print_table(run, cx);
    return figure_rows_print(cx, &run->out, s->format);
}

int describe_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    struct study check;
    struct run run = {.v = v, .argc = argc, .argv = argv};
    study_option_table(option_rows, own_rows, OPT_STUDY);
    enum rc rc = options_parse(v, cx, option_rows, OPT_COUNT, argc, argv);
    if (!rc)
        rc = study_options(&check, cx, v[OPT_FILE].text, v + OPT_STUDY);
    if (rc)
        return command_usage(cx, rc);
    return study_compute(cx, compute, &run) ? command_failed(cx) : EXIT_OK;
}

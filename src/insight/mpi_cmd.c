/* `fumin mpi FILE`: Alkire–Foster from any table file with one column of 0 and 1 per
 * indicator. */
#include "base/option.h"
#include "base/text.h"
#include "insight/mpi_errors.h"
#include "web/app.h"
#include "web/commands.h"

#include <assert.h>
#include <math.h>

enum {
    OPT_FILE,
    OPT_INDICATORS,
    OPT_WEIGHTS,
    OPT_K,
    OPT_WEIGHT,
    OPT_BY,
    OPT_SHEET,
    OPT_FORMAT,
    OPT_SURVEY,
    OPT_COUNT = OPT_SURVEY + SURVEY_OPTIONS
};
static const struct option_row own_rows[OPT_SURVEY] = {
    {NULL, "FILE", OPTION_TEXT, N_("a table: CSV, Excel .xlsx, Stata .dta or SPSS .sav"), true},
    {"indicators", "V,…", OPTION_TEXT,
     N_("columns of 0 and 1, 1 for deprived; a row with a missing one is left out"), true},
    {"weights", "N,…", OPTION_TEXT,
     N_("the indicators' weights: whole numbers (3,3,1), or fractions that add up to 1 (1/6)"),
     true},
    {"k", "N,…|all", OPTION_TEXT,
     N_("who is poor from which score on: 1/3, 33% or 0.33; several; or all that occur"), true},
    {"weight", "V,…", OPTION_TEXT,
     N_("the column of weights; several are multiplied (weight,household size)"), false},
    {"by", "V,…", OPTION_TEXT, N_("also for each group of these columns"), false},
    {"sheet", "NAME", OPTION_TEXT, N_("of a workbook; default the first"), false},
    {"format", "table|json|csv|markdown", OPTION_TEXT, N_("default table"), false},
};
static struct option_row option_rows[OPT_COUNT]; /* own_rows, then those of the survey */
enum { ARENA_MAX_MB = 6144, K_MAX = 100 };

struct run {
    struct figure_rows out;
    struct file_groups groups;
    struct survey survey;
    struct mpi_spec spec;
    struct mpi_hist hist;    /* group 0: all rows; then the groups */
    const char **names, **k; /* k NULL: all that occur */
    size_t k_count;
    int64_t k_num[K_MAX], k_den[K_MAX];
    enum figure_format format;
    struct file_want *wants;
    size_t n;
    uint16_t *deprived, *known;
    uint32_t *in_hist; /* by row: its group of the histogram; NULL: no groups */
    double *w;
};

/* ---- options ---- */

/* Of positive numbers. */
static int64_t gcd(int64_t a, int64_t b)
{
    assert(a > 0 && b > 0);
    while (b) {
        int64_t t = a % b;
        a = b;
        b = t;
    }
    return a;
}

/* "3", "0", "1/6", "0.25" or "25%" as num/den; `whole` is cleared by all but the first two. */
static enum rc weight_parse(int64_t *num, int64_t *den, bool *whole, struct cx *cx,
                            const char *text)
{
    struct str s = str_of(text);
    *den = 1;
    if (str_to_i64(num, s)) {
        if (*num >= 0 && *num <= INT32_MAX)
            return RC_OK;
    } else if (!mpi_k_parse(num, den, cx, s)) {
        int64_t common = gcd(*num, *den);
        *num /= common;
        *den /= common;
        *whole = false;
        return RC_OK;
    }
    err_clear(cx);
    return fail_f(cx, RC_INVALID,
                  _("“%s” is no weight: write whole numbers (3,3,1), or fractions that add up "
                    "to 1 (1/6, 0.25, 25%%)."),
                  text);
}

/* Weights over one denominator; fractions have to add up to exactly one. */
static enum rc read_weights(struct run *run, struct cx *cx, const char *text)
{
    const char **list = NULL;
    size_t count = 0;
    int64_t num[MPI_INDICATORS_MAX], den[MPI_INDICATORS_MAX], common = 1, sum = 0;
    bool whole = true;
    TRY(file_frame_list(&list, &count, cx, text));
    if (count != run->spec.n)
        return fail_f(cx, RC_INVALID, _("There are %d weights for %d indicators."), (int)count,
                      (int)run->spec.n);
    for (size_t j = 0; j < count; j++) {
        TRY(weight_parse(&num[j], &den[j], &whole, cx, list[j]));
        if (den[j] <= INT32_MAX)
            common = common / gcd(common, den[j]) * den[j];
        if (den[j] > INT32_MAX || common > INT32_MAX)
            return fail(cx, RC_INVALID,
                        _("The weights have no small common denominator. Write whole numbers."),
                        "weights");
    }
    for (size_t j = 0; j < count; j++) {
        int64_t weight = num[j] * (common / den[j]); /* num <= den when common is above 1 */
        if (weight > INT32_MAX)
            return fail(cx, RC_INVALID,
                        _("Write all weights as whole numbers or all as "
                          "fractions."),
                        "weights");
        run->spec.weight[j] = (int32_t)weight;
        sum += weight;
    }
    if (!whole && sum != common)
        return fail_f(cx, RC_INVALID,
                      _("The weights add up to %.9g, not to 1. Write fractions (1/6), or whole "
                        "numbers, whose sum is free."),
                      (double)sum / (double)common);
    return RC_OK;
}

static enum rc read_options(struct run *run, struct cx *cx, const struct option_value *v)
{
    TRY(file_frame_list(&run->names, &run->spec.n, cx, v[OPT_INDICATORS].text));
    if (run->spec.n > MPI_INDICATORS_MAX)
        return fail_f(cx, RC_INVALID, _("An index has 1 to %d indicators."),
                      (int)MPI_INDICATORS_MAX);
    TRY(read_weights(run, cx, v[OPT_WEIGHTS].text));
    run->spec.k_num = run->spec.k_den = 1;
    if (strcmp(v[OPT_K].text, "all") != 0) {
        TRY(file_frame_list(&run->k, &run->k_count, cx, v[OPT_K].text));
        if (run->k_count > K_MAX)
            return fail(cx, RC_INVALID, _("The list is too long."), "k");
        for (size_t i = 0; i < run->k_count; i++)
            TRY(mpi_k_parse(&run->k_num[i], &run->k_den[i], cx, str_of(run->k[i])));
    }
    TRY(figure_format_parse(&run->format, cx, v[OPT_FORMAT].given ? v[OPT_FORMAT].text : NULL));
    return mpi_spec_check(cx, &run->spec);
}

/* ---- reading ---- */

static enum rc patterns(struct run *run, struct cx *cx, uint16_t *deprived, uint16_t *known)
{
    for (size_t j = 0; j < run->spec.n; j++) {
        const double *x = run->wants[j].number;
        for (size_t i = 0; i < run->n; i++) {
            if (isnan(x[i]))
                continue;
            if (x[i] != 0 && x[i] != 1)
                return fail_f(cx, RC_INVALID,
                              _("Column %s holds %.9g in data row %lld; an indicator is 0 or 1 "
                                "(deprived)."),
                              run->names[j], x[i], (long long)i + 1);
            known[i] = (uint16_t)(known[i] | 1U << j);
            if (x[i] == 1)
                deprived[i] = (uint16_t)(deprived[i] | 1U << j);
        }
    }
    return RC_OK;
}

static enum rc weights(double **out, struct run *run, struct cx *cx, size_t first, size_t count)
{
    double *w = count ? run->wants[first].number : NULL;
    for (size_t k = 1; k < count; k++)
        for (size_t i = 0; i < run->n; i++)
            w[i] *= run->wants[first + k].number[i];
    for (size_t i = 0; w && i < run->n; i++)
        if (w[i] < 0)
            return fail(cx, RC_INVALID, _("A weight is negative; weights are zero or more."),
                        "row=%zu", i);
    *out = w;
    return RC_OK;
}

static enum rc no_room(struct run *run, struct cx *cx)
{
    return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                "rows=%zu", run->n);
}

static enum rc make_patterns(struct run *run, struct cx *cx)
{
    size_t groups = run->groups.by_count ? run->groups.count : 0;
    run->deprived = arena_array(cx->arena, run->n + 1, sizeof *run->deprived);
    run->known = arena_array(cx->arena, run->n + 1, sizeof *run->known);
    if (groups)
        run->in_hist = arena_array(cx->arena, run->n + 1, sizeof *run->in_hist);
    if (!run->deprived || !run->known || (groups && !run->in_hist))
        return no_room(run, cx);
    for (size_t i = 0; groups && i < run->n; i++)
        run->in_hist[i] = run->groups.of_row[i] + 1;
    return patterns(run, cx, run->deprived, run->known);
}

/* Group 0 is all rows, group g + 1 the g-th: so that one histogram holds both. */
static enum rc fill(struct run *run, struct cx *cx, const double *w)
{
    size_t groups = run->groups.by_count ? run->groups.count : 0;
    TRY(mpi_hist_make(&run->hist, cx, run->spec.n, groups + 1));
    struct mpi_rows rows = {run->deprived, run->known, w, NULL, run->n};
    mpi_hist_add(&run->hist, &rows);
    rows.group = run->in_hist;
    if (groups)
        mpi_hist_add(&run->hist, &rows);
    return RC_OK;
}

static enum rc read_file(struct run *run, struct cx *cx, const struct option_value *v)
{
    const char **weight_names = NULL, **by = NULL;
    size_t weight_count = 0, by_count = 0, n = run->spec.n;
    if (v[OPT_WEIGHT].given)
        TRY(file_frame_list(&weight_names, &weight_count, cx, v[OPT_WEIGHT].text));
    if (v[OPT_BY].given)
        TRY(file_frame_list(&by, &by_count, cx, v[OPT_BY].text));
    TRY(survey_options(&run->survey, cx, v + OPT_SURVEY, by, by_count));
    size_t own = n + weight_count + by_count, count = own + run->survey.name_count;
    run->wants = arena_array(cx->arena, count, sizeof *run->wants);
    if (!run->wants)
        return fail(cx, RC_LIMIT, _("The list is too long."), "n=%zu", count);
    for (size_t i = 0; i < own; i++)
        run->wants[i] =
            (struct file_want){.name = i < n                  ? run->names[i]
                                       : i < n + weight_count ? weight_names[i - n]
                                                              : by[i - n - weight_count],
                               .as_labels = i >= n + weight_count};
    memcpy(run->wants + own, run->survey.names, run->survey.name_count * sizeof *run->wants);
    struct file_from from = {v[OPT_FILE].text, v[OPT_SHEET].given ? v[OPT_SHEET].text : NULL};
    TRY(file_frame_read(&run->n, cx, &from, run->wants, count));
    TRY(weights(&run->w, run, cx, n, weight_count));
    TRY(survey_make(&run->survey, cx, run->wants + own, run->w, run->n));
    TRY(file_groups_make(&run->groups, cx, run->wants + n + weight_count, by_count, run->n));
    return make_patterns(run, cx);
}

/* ---- figures ---- */

static struct estimate estimate(struct cx *cx, const struct mpi_result *r, double value)
{
    struct estimate e = {.value = value,
                         .se = NAN,
                         .rows = r->rows,
                         .rows_left_out = r->missing_rows,
                         .weight_left_out = r->missing_weight};
    if (isnan(value))
        e.refused = r->weight > 0 ? _("Nobody is poor: there is nothing to divide.")
                                  : _("Nobody is left to count: every row is missing or has "
                                      "the weight zero.");
    return e;
}

static void add(struct figure_rows *out, struct figure_row row, struct estimate e)
{
    row.e = e;
    figure_rows_add(out, row);
}

static size_t group_of(size_t in_hist)
{
    return in_hist ? in_hist - 1 : FIGURE_ALL;
}

static void add_result(struct figure_rows *out, struct cx *cx, struct run *run, size_t group,
                       const char *k)
{
    struct mpi_result r;
    struct figure_row row = {.k = k, .group = group_of(group)};
    mpi_of(&r, &run->spec, &run->hist, group);
    const struct {
        const char *measure;
        double value;
    } all[] = {{"h", r.h}, {"m0", r.m0}, {"a", r.a}};
    for (size_t i = 0; i < 3; i++) {
        row.measure = all[i].measure;
        add(out, row, estimate(cx, &r, all[i].value));
    }
    const struct {
        const char *measure;
        const double *value;
    } each[] = {
        {"hd", r.uncensored}, {"hdk", r.censored}, {"actb", r.absolute}, {"pctb", r.share}};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < run->spec.n; j++) {
            row.measure = each[i].measure;
            row.indicator = run->names[j];
            add(out, row, estimate(cx, &r, each[i].value[j]));
        }
}

/* All scores that occur in all rows together, for every group. */
static enum rc add_all_k(struct figure_rows *out, struct cx *cx, struct run *run,
                         const struct mpi_at_k *scores, size_t count)
{
    int64_t sum = 0;
    for (size_t j = 0; j < run->spec.n; j++)
        sum += run->spec.weight[j];
    for (size_t g = 0; g < run->hist.groups; g++)
        for (size_t i = 0; i < count; i++) {
            struct mpi_result r;
            if (scores[i].score == 0)
                continue; /* at k = 0 everybody would be poor */
            run->spec.k_num = scores[i].score;
            run->spec.k_den = sum;
            mpi_of(&r, &run->spec, &run->hist, g);
            struct figure_row row = {.group = group_of(g)};
            row.k = arena_printf(cx->arena, "%" PRId64 "/%" PRId64, scores[i].score, sum);
            row.measure = "h";
            add(out, row, estimate(cx, &r, r.h));
            row.measure = "m0";
            add(out, row, estimate(cx, &r, r.m0));
            row.measure = "a";
            add(out, row, estimate(cx, &r, r.a));
        }
    return RC_OK;
}

/* The scores of --k all, of all rows with the survey's own weights. */
struct figures {
    struct run *run;
    struct mpi_at_k *scores;
    size_t count;
};

/* All figures with these weights: once for the figures themselves, and for each replicate. */
static enum rc all_figures(struct figure_rows *out, struct cx *cx, const double *w,
                           void *context)
{
    struct figures *f = context;
    struct run *run = f->run;
    TRY(fill(run, cx, w));
    if (!run->k)
        TRY(add_all_k(out, cx, run, f->scores, f->count));
    for (size_t g = 0; g < run->hist.groups && run->k; g++)
        for (size_t i = 0; i < run->k_count; i++) {
            run->spec.k_num = run->k_num[i];
            run->spec.k_den = run->k_den[i];
            add_result(out, cx, run, g, run->k[i]);
        }
    survey_differences(&run->survey, cx, out);
    return RC_OK;
}

static enum rc compute(struct run *run, struct cx *cx, const struct option_value *v)
{
    struct figures f = {.run = run};
    TRY(read_file(run, cx, v));
    TRY(fill(run, cx, run->w));
    if (!run->k)
        TRY(mpi_all_k(&f.scores, &f.count, cx, &run->spec, &run->hist, 0));
    size_t each = run->k ? run->k_count * (3 + 4 * run->spec.n) : f.count * 3;
    TRY(figure_rows_make(&run->out, cx, &run->groups,
                         survey_room(&run->survey, run->hist.groups * each)));
    TRY(all_figures(&run->out, cx, run->w, &f));
    struct mpi_errors errors = {.survey = &run->survey,
                                .spec = run->spec,
                                .hist = &run->hist,
                                .deprived = run->deprived,
                                .known = run->known,
                                .w = run->w,
                                .names = run->names,
                                .n = run->n};
    switch (run->survey.errors) {
    case SURVEY_NONE:
        for (size_t i = 0; i < run->out.count; i++)
            run->out.rows[i].e.se_refused = run->survey.why_none;
        break;
    case SURVEY_LINEAR:
        TRY(mpi_errors_fill(&run->out, cx, &errors));
        break;
    case SURVEY_REPLICATED:
        TRY(survey_replicate(&run->survey, cx, &run->out, run->w, all_figures, &f));
        break;
    }
    return figure_rows_print(cx, &run->out, run->format);
}

int mpi_cmd(struct cx *cx, int argc, char **argv)
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
    rc = compute(&run, cx, v);
    arena_free(cx->arena);
    cx->arena = small;
    return rc ? command_failed(cx) : EXIT_OK;
}

/* `fumin regress FILE "y ~ x + i.region"`: regression models on a table file. */
#include "base/text.h"
#include "insight/regress_view.h"
#include "web/app.h"
#include "web/commands.h"

#include <math.h>

enum {
    OPT_FILE,
    OPT_FORMULA,
    OPT_MODEL,
    OPT_ERRORS,
    OPT_MARGINS,
    OPT_FAMILY,
    OPT_ALPHA,
    OPT_FOLDS,
    OPT_LAMBDA,
    OPT_DRAWS,
    OPT_STUDY,
    OPT_COUNT = OPT_STUDY + STUDY_OPTIONS
};
static const struct option_row own_rows[OPT_STUDY] = {
    {NULL, "FILE", OPTION_TEXT, N_("a table: CSV, Excel .xlsx, Stata .dta or SPSS .sav"), true},
    {NULL, "FORMULA", OPTION_TEXT,
     N_("such as \"y ~ x + i.region + c.age#c.age + spline(dist, 5, 10)\""), true},
    {"model", "ols|logit|probit|poisson|cloglog|quantile(q)|lasso|ridge|net", OPTION_TEXT,
     N_("default ols; quantile alone is the median"), false},
    {"errors", "iid|hc0|hc1|hc2|hc3|cluster|survey|wild", OPTION_TEXT,
     N_("standard errors; default survey where a design is declared, else iid; cluster and "
        "wild use the first column of --cluster"),
     false},
    {"margins", NULL, OPTION_FLAG, N_("also average marginal effects"), false},
    {"family", "ols|logit", OPTION_TEXT, N_("of lasso, ridge and net; default ols"), false},
    {"alpha", "N", OPTION_TEXT, N_("of net: 1 is the lasso, 0 the ridge; default 0.5"), false},
    {"folds", "N", OPTION_INT,
     N_("of the cross-validation of lasso, ridge and net; default 10"), false},
    {"lambda", "best|1se", OPTION_TEXT,
     N_("the penalty with the least error, or the largest within one standard error of it; "
        "default best"),
     false},
    {"draws", "N", OPTION_INT, N_("of the wild bootstrap; default 9999"), false},
};
static struct option_row option_rows[OPT_COUNT];

/* ---- options ---- */

static const char *text_of(const struct option_value *v, const char *otherwise)
{
    return v->given ? v->text : otherwise;
}

static size_t word_of(const char *text, const char *const *words, size_t count)
{
    size_t i = 0;
    while (i < count && strcmp(words[i], text) != 0)
        i++;
    return i;
}

static enum rc read_model(struct regress *run, struct cx *cx, const struct option_value *v)
{
    static const char *const words[] = {"ols",      "logit", "probit", "poisson", "cloglog",
                                        "quantile", "lasso", "ridge",  "net"};
    const char *text = text_of(&v[OPT_MODEL], "ols");
    struct str s = str_of(text);
    run->tau = 0.5;
    if (str_starts(s, STR("quantile(")) && str_ends(s, STR(")"))) {
        if (!str_to_f64(&run->tau, (struct str){s.p + 9, s.len - 10}) || !(run->tau > 0) ||
            !(run->tau < 1))
            return fail(cx, RC_INVALID,
                        _("--model quantile(q): q lies between 0 and 1, as in quantile(0.25)."),
                        "tau");
        run->family = MODEL_QUANTILE;
        return RC_OK;
    }
    size_t i = word_of(text, words, 9);
    if (i == 9)
        return fail_f(cx, RC_INVALID, _("There is no --model “%s”. There are: %s."), text,
                      "ols, logit, probit, poisson, cloglog, quantile(q), lasso, ridge, net");
    run->kind = i < 6 ? REGRESS_FIT : (enum regress_kind)(i - 5);
    run->family = i < 6 ? (enum model_family)i : MODEL_OLS;
    return RC_OK;
}

static enum rc read_net(struct regress *run, struct cx *cx, const struct option_value *v)
{
    const char *family = text_of(&v[OPT_FAMILY], "ols"),
               *lambda = text_of(&v[OPT_LAMBDA], "best");
    bool net = run->kind != REGRESS_FIT;
    run->alpha = run->kind == REGRESS_LASSO ? 1 : run->kind == REGRESS_RIDGE ? 0 : 0.5;
    for (size_t o = OPT_FAMILY; o <= OPT_LAMBDA; o++)
        if (v[o].given && !net)
            return fail_f(cx, RC_INVALID, _("--%s is for --model lasso, ridge and net."),
                          option_rows[o].name);
    if (strcmp(family, "ols") != 0 && strcmp(family, "logit") != 0)
        return fail(cx, RC_INVALID, _("--family is ols or logit."), "family");
    if (net && family[0] == 'l')
        run->family = MODEL_LOGIT;
    if (strcmp(lambda, "best") != 0 && strcmp(lambda, "1se") != 0)
        return fail(cx, RC_INVALID, _("--lambda is best or 1se."), "lambda");
    run->best_1se = lambda[0] == '1';
    run->folds = v[OPT_FOLDS].given ? v[OPT_FOLDS].number : 10;
    if (v[OPT_ALPHA].given &&
        (run->kind != REGRESS_NET || !str_to_f64(&run->alpha, str_of(v[OPT_ALPHA].text)) ||
         !(run->alpha >= 0) || !(run->alpha <= 1)))
        return fail(cx, RC_INVALID, _("--alpha is a number from 0 to 1, for --model net."),
                    "alpha");
    if (run->folds < 2 || run->folds > 1000)
        return fail(cx, RC_INVALID, _("--folds is a number from 2 to 1000."), "folds");
    if (net && (v[OPT_ERRORS].given || v[OPT_MARGINS].given))
        return fail(cx, RC_INVALID,
                    _("A penalised model has no standard errors: leave out --errors and "
                      "--margins."),
                    "net");
    return RC_OK;
}

static enum rc read_errors(struct regress *run, struct cx *cx, const struct option_value *v)
{
    static const char *const words[] = {"iid", "hc0",     "hc1",    "hc2",
                                        "hc3", "cluster", "survey", "wild"};
    const struct survey *s = &run->study.survey;
    bool declared = s->errors != SURVEY_NONE;
    size_t i = word_of(text_of(&v[OPT_ERRORS], declared ? "survey" : "iid"), words, 8);
    if (i == 8)
        return fail(cx, RC_INVALID,
                    _("--errors is iid, hc0, hc1, hc2, hc3, cluster, survey or wild."),
                    "errors");
    run->wild = i == 7;
    run->errors = run->wild ? ERRORS_CLUSTER : (enum model_errors)i;
    if (run->errors == ERRORS_CLUSTER && !s->clusters)
        return fail(cx, RC_INVALID,
                    _("--errors cluster and wild need --cluster V: the column of the clusters "
                      "that were drawn or treated."),
                    "cluster");
    if (run->errors == ERRORS_SURVEY && !declared)
        return fail(cx, RC_INVALID,
                    _("--errors survey needs the design: --strata, --cluster, --replicate or "
                      "--srs."),
                    "survey");
    if (s->errors == SURVEY_REPLICATED && run->errors != ERRORS_SURVEY)
        return fail(cx, RC_INVALID,
                    _("Replicates give survey errors: leave out --errors, or --replicate, "
                      "--bootstrap and --jackknife."),
                    "replicate");
    if (run->wild && run->family != MODEL_OLS)
        return fail(cx, RC_INVALID, _("--errors wild is for --model ols."), "wild");
    if (v[OPT_DRAWS].given &&
        (!run->wild || v[OPT_DRAWS].number < 99 || v[OPT_DRAWS].number > 1000000))
        return fail(cx, RC_INVALID,
                    _("--draws is a number from 99 to 1000000, for --errors wild."), "draws");
    run->draws = v[OPT_DRAWS].given ? v[OPT_DRAWS].number : 0;
    return RC_OK;
}

static enum rc read_options(struct regress *run, struct cx *cx, const struct option_value *v)
{
    const struct option_value *seed = &v[OPT_STUDY + STUDY_SURVEY + SURVEY_SEED];
    TRY(formula_parse(&run->formula, cx, v[OPT_FORMULA].text));
    TRY(read_model(run, cx, v));
    TRY(read_net(run, cx, v));
    TRY(study_options(&run->study, cx, v[OPT_FILE].text, v + OPT_STUDY));
    if (v[OPT_STUDY + STUDY_SURVEY + SURVEY_DIFFERENCE].given)
        return fail(cx, RC_INVALID,
                    _("Models of groups have no --difference: write an interaction, such as "
                      "c.x##i.group."),
                    "difference");
    run->margins = v[OPT_MARGINS].given;
    run->seed = seed->given ? seed->number : 1;
    return run->kind == REGRESS_FIT ? read_errors(run, cx, v) : RC_OK;
}

/* ---- computing ---- */

/* Weights of the group's rows for which --if holds; zero elsewhere. */
static enum rc weights_of(const double **out, struct cx *cx, const struct regress *run,
                          const double *w, size_t group)
{
    const struct study *s = &run->study;
    size_t count = 0;
    const uint32_t *rows = study_rows(s, group, &count);
    if (count == s->n) {
        *out = w;
        return RC_OK;
    }
    double *own = arena_array(cx->arena, s->n + 1, sizeof *own);
    if (!own)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", s->n);
    for (size_t i = 0; i < count; i++)
        own[rows[i]] = w ? w[rows[i]] : 1;
    *out = own;
    return RC_OK;
}

/* A group that cannot be fitted tells why; the others go on. */
static enum rc fit_group(struct figure_rows *out, struct cx *cx, struct regress *run,
                         const double *w, size_t group)
{
    const double *own = NULL;
    size_t before = out->count;
    TRY(weights_of(&own, cx, run, w, group));
    enum rc rc = regress_fit(out, cx, run, own, group);
    if (rc != RC_INVALID || group == FIGURE_ALL)
        return rc;
    struct figure_row row = {
        .measure = "coefficient",
        .group = group,
        .e = {.value = NAN, .se = NAN, .refused = arena_copy(cx->arena, str_of(cx->err.text))}};
    err_clear(cx);
    out->count = before;
    figure_rows_add(out, row);
    return RC_OK;
}

static enum rc all_figures(struct figure_rows *out, struct cx *cx, const double *w,
                           void *context)
{
    struct regress *run = context;
    for (size_t g = 0; g <= run->study.group_count; g++) {
        size_t group = g ? g - 1 : FIGURE_ALL, count = 0;
        (void)study_rows(&run->study, group, &count);
        if (count)
            TRY(fit_group(out, cx, run, w, group));
    }
    return RC_OK;
}

/* Replicated errors: the tests again; figures of the fit have none. */
static void test_again(struct regress *run, struct cx *cx)
{
    for (size_t i = 0; i < run->out.count; i++) {
        struct figure_row *row = &run->out.rows[i];
        bool estimate = !strcmp(row->measure, "coefficient") || !strcmp(row->measure, "margin");
        if (!estimate) {
            row->e.se = NAN;
            row->e.df = 0;
            row->e.se_refused = _("This figure describes the fit, it estimates nothing.");
        } else if (isfinite(row->e.se) && row->e.se > 0) {
            struct figure_test *test = arena_new(cx->arena, sizeof *test);
            test->statistic = row->e.value / row->e.se;
            test->p = student_p(test->statistic, row->e.df);
            row->test = test;
        }
    }
}

static enum rc read_file(struct regress *run, struct cx *cx)
{
    struct study *s = &run->study;
    struct file_want *wants = NULL;
    size_t count = 0;
    TRY(read_options(run, cx, run->v)); /* again, now in the arena that lasts */
    s->survey.own_errors = true;
    TRY(formula_wants(&wants, &count, cx, &run->formula));
    TRY(study_read(s, cx, wants, count));
    if (s->survey.errors == SURVEY_REPLICATED)
        run->errors = ERRORS_HC0; /* of the fit itself; the replicates replace them */
    run->zeros = arena_array(cx->arena, s->n + 1, sizeof *run->zeros);
    if (!run->zeros)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", s->n);
    const struct formula_data data = {s->wants, s->own, s->n, s->inside};
    return formula_columns_make(&run->columns, cx, &run->formula, &data);
}

static enum rc compute(void *context, struct cx *cx)
{
    struct regress *run = context;
    struct study *s = &run->study;
    TRY(read_file(run, cx));
    TRY(figure_rows_make(&run->out, cx, &s->groups, (s->group_count + 1) * regress_room(run)));
    TRY(all_figures(&run->out, cx, s->w, run));
    if (s->survey.errors == SURVEY_REPLICATED && run->kind == REGRESS_FIT) {
        run->quiet = true;
        TRY(survey_replicate(&s->survey, cx, &run->out, s->w, all_figures, run));
        test_again(run, cx);
    }
    study_say_again(cx, run->argc, run->argv);
    if (s->format == FIGURE_TABLE || s->format == FIGURE_MARKDOWN)
        return regress_print(run, cx);
    return figure_rows_print(cx, &run->out, s->format);
}

int regress_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    struct regress check = {0}, run = {.v = v, .argc = argc, .argv = argv};
    study_option_table(option_rows, own_rows, OPT_STUDY);
    enum rc rc = options_parse(v, cx, option_rows, OPT_COUNT, argc, argv);
    if (!rc)
        rc = read_options(&check, cx, v);
    if (rc)
        return command_usage(cx, rc);
    return study_compute(cx, compute, &run) ? command_failed(cx) : EXIT_OK;
}

/* The tables of `fumin regress` for people. */
#include "base/text.h"
#include "insight/regress_view.h"
#include "insight/text_table.h"

#include <math.h>
#include <stdio.h>

static const char *shown(struct cx *cx, double x)
{
    return isfinite(x) ? arena_printf(cx->arena, "%.6g", x) : "-";
}

static void put_group(struct text_table *t, const struct cx *cx, const struct regress *run,
                      const struct figure_row *row)
{
    const struct file_groups *g = &run->study.groups;
    for (size_t i = 0; i < run->study.by_count; i++) {
        const char *z =
            row->group == FIGURE_ALL ? _("all") : g->by[i].labels[g->labels[row->group][i]];
        text_table_put(t, *z ? z : _("(missing)"));
    }
}

static void put_names(struct text_table *t, const struct regress *run)
{
    for (size_t i = 0; i < run->study.by_count; i++)
        text_table_put(t, run->study.by[i]);
}

/* That penalised coefficients have no error is said once, below. */
static const char *reason(const struct regress *run, const struct figure_row *row)
{
    bool penalised = run->kind != REGRESS_FIT;
    const char *why = row->e.refused ? row->e.refused : row->e.se_refused;
    return why && !penalised ? why : "";
}

/* Coefficients or marginal effects. */
static enum rc print_estimates(struct regress *run, struct cx *cx, const char *measure,
                               const char *heading)
{
    struct text_table t;
    bool normal = false;
    TRY(text_table_make(&t, cx, run->study.by_count + 8, run->out.count + 1));
    for (size_t i = 0; i < run->out.count; i++)
        normal |= isinf(run->out.rows[i].e.df);
    put_names(&t, run);
    text_table_put(&t, heading);
    text_table_put(&t, _("estimate"));
    text_table_put(&t, _("standard error"));
    text_table_put(&t, normal ? "z" : "t");
    text_table_put(&t, "p");
    text_table_put(&t, _("95 % from"));
    text_table_put(&t, _("to"));
    text_table_put(&t, "");
    for (size_t i = 0; i < run->out.count; i++) {
        const struct figure_row *row = &run->out.rows[i];
        bool interval = row->e.df > 0;
        if (strcmp(row->measure, measure) != 0)
            continue;
        put_group(&t, cx, run, row);
        text_table_put(&t, row->indicator ? row->indicator : "");
        text_table_put(&t, shown(cx, row->e.value));
        text_table_put(&t, shown(cx, row->e.se));
        text_table_put(&t,
                       row->test ? arena_printf(cx->arena, "%.2f", row->test->statistic) : "-");
        text_table_put(&t, row->test && isfinite(row->test->p)
                               ? arena_printf(cx->arena, "%.4f", row->test->p)
                               : "-");
        text_table_put(&t, shown(cx, interval ? row->e.low : NAN));
        text_table_put(&t, shown(cx, interval ? row->e.high : NAN));
        text_table_put(&t, reason(run, row));
    }
    return text_table_print(cx, &t, run->study.format == FIGURE_MARKDOWN);
}

static enum rc print_figures(struct regress *run, struct cx *cx)
{
    static const struct {
        const char *measure, *text;
    } names[] = {
        {"n", N_("rows")},
        {"left_out", N_("rows left out: a value is missing, or foretold perfectly")},
        {"clusters", N_("clusters")},
        {"r2", "R²"},
        {"r2_adjusted", N_("R², adjusted")},
        {"sigma", N_("residual standard error")},
        {"log_likelihood", N_("log likelihood")},
        {"lambda", N_("lambda chosen")},
        {"lambda_best", N_("lambda with the least error")},
        {"lambda_1se", N_("largest lambda within one standard error of it")},
        {"deviance", N_("cross-validated deviance")},
    };
    struct text_table t;
    TRY(text_table_make(&t, cx, run->study.by_count + 2, run->out.count + 1));
    put_names(&t, run);
    text_table_put(&t, _("the fit"));
    text_table_put(&t, _("value"));
    for (size_t i = 0; i < run->out.count; i++)
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
            const struct figure_row *row = &run->out.rows[i];
            if (strcmp(row->measure, names[n].measure) != 0)
                continue;
            put_group(&t, cx, run, row);
            text_table_put(&t, _(names[n].text));
            text_table_put(&t, arena_printf(cx->arena, "%.9g", row->e.value));
        }
    return text_table_print(cx, &t, run->study.format == FIGURE_MARKDOWN);
}

static void blank_line(void)
{
    printf("\n");
    fflush(stdout);
}

enum rc regress_print(struct regress *run, struct cx *cx)
{
    TRY(print_estimates(run, cx, "coefficient",
                        arena_printf(cx->arena, "%s", run->columns.y_name)));
    if (run->margins) {
        blank_line();
        TRY(print_estimates(run, cx, "margin", _("average marginal effect")));
    }
    blank_line();
    TRY(print_figures(run, cx));
    if (run->kind != REGRESS_FIT && run->out.count)
        fprintf(stderr, "%s\n", run->out.rows[0].e.se_refused);
    for (size_t i = 0; i < run->columns.notes; i++)
        fprintf(stderr, "%s\n", run->columns.note[i]);
    return RC_OK;
}

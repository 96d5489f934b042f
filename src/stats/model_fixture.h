/* For the tests of models: the columns of testdata/design_rows.csv as regressors, and the
 * numbers that R printed for them (model.R). */
#ifndef STATS_MODEL_FIXTURE_H
#define STATS_MODEL_FIXTURE_H

#include "stats/design_fixture.h"
#include "stats/model.h"

enum { MODEL_K = 6 };
struct model_room {
    struct cx cx;
    struct survey_rows rows;
    struct fixture reference;
    const double *x[MODEL_K];
    double *one, *poor, *count, *unique;
    struct model_spec s;
};

static const char *const model_names[] = {"constant", "a", "b", "c", "fpc1", "fpc2"};

static CHECK_UNUSED void model_room_open(struct model_room *r)
{
    check_open(&r->cx);
    survey_rows_read(&r->rows, &r->cx);
    fixture_read(&r->reference, &r->cx, "src/stats/testdata/model_reference.csv");
    size_t n = r->rows.x.n;
    r->one = arena_array(r->cx.arena, n, sizeof(double));
    r->poor = arena_array(r->cx.arena, n, sizeof(double));
    r->count = arena_array(r->cx.arena, n, sizeof(double));
    r->unique = arena_array(r->cx.arena, n, sizeof(double));
    r->x[0] = r->one;
    for (size_t j = 1; j < MODEL_K; j++)
        r->x[j] = fixture_numbers(&r->cx, &r->rows.file, model_names[j]);
    double *psu = fixture_numbers(&r->cx, &r->rows.file, "psu");
    double *ssu = fixture_numbers(&r->cx, &r->rows.file, "ssu");
    for (size_t i = 0; i < n; i++) {
        r->one[i] = 1;
        r->poor[i] = r->rows.x.y[i] < 5000;
        r->count[i] = (double)(((long)psu[i] * 7 + (long)ssu[i] * 3) % 5) + r->x[1][i];
        r->unique[i] = r->rows.x.y[i] + 137 * sin((double)(i + 1) * 1.7);
    }
    r->s = (struct model_spec){.n = n,
                               .k = MODEL_K,
                               .y = r->rows.x.y,
                               .x = r->x,
                               .names = model_names,
                               .y_name = "income",
                               .cluster = r->rows.psu,
                               .cluster_count = n};
}

static CHECK_UNUSED double model_reference(struct model_room *r, const char *name)
{
    return fixture_reference(&r->reference, name);
}

/* Fails unless got[0 … k-1] are the numbers NAME0, NAME1, … */
static CHECK_UNUSED void model_near(struct model_room *r, const double *got, const char *name,
                                    size_t k, double relative)
{
    for (size_t j = 0; j < k; j++) {
        const char *one = arena_printf(r->cx.arena, "%s%zu", name, j);
        double want = model_reference(r, one);
        if (fabs(got[j] - want) <= relative * fabs(want))
            continue;
        print_error("%s: got %.15g, want %.15g\n", one, got[j], want);
        fail_msg("%s", one);
    }
}

#endif

/* For the tests of designs and influence values: the rows of testdata/design_rows.csv and a
 * standard error of any influence. */
#ifndef STATS_DESIGN_FIXTURE_H
#define STATS_DESIGN_FIXTURE_H

#include "stats/design.h"
#include "stats/influence.h"
#include "stats/stats_fixture.h"

struct survey_rows {
    struct fixture file, reference;
    struct welfare x;
    uint32_t *stratum, *psu, *ssu;
    double *fpc1, *fpc2;
};

/* Texts of a column as numbers in order of appearance. */
static CHECK_UNUSED uint32_t *fixture_codes(struct cx *cx, const struct fixture *f,
                                            const char *name)
{
    const struct str *cells = fixture_cells(f, name);
    uint32_t *out = arena_array(cx->arena, f->rows, sizeof *out), count = 0;
    struct str *known = arena_array(cx->arena, f->rows, sizeof *known);
    for (size_t i = 0; i < f->rows; i++) {
        /* Files are sorted, or have few texts: the last ones are looked at first. */
        uint32_t k = count;
        while (k > 0 && !str_eq(known[k - 1], cells[i]))
            k--;
        if (!k) {
            known[count++] = cells[i];
            k = count;
        }
        out[i] = k - 1;
    }
    return out;
}

static CHECK_UNUSED void survey_rows_read(struct survey_rows *s, struct cx *cx)
{
    fixture_read(&s->file, cx, "src/stats/testdata/design_rows.csv");
    fixture_read(&s->reference, cx, "src/stats/testdata/design_reference.csv");
    s->x = (struct welfare){fixture_numbers(cx, &s->file, "y"),
                            fixture_numbers(cx, &s->file, "w"), s->file.rows};
    s->stratum = fixture_codes(cx, &s->file, "stratum");
    s->psu = fixture_codes(cx, &s->file, "psu");
    s->ssu = fixture_codes(cx, &s->file, "ssu");
    s->fpc1 = fixture_numbers(cx, &s->file, "fpc1");
    s->fpc2 = fixture_numbers(cx, &s->file, "fpc2");
}

/* A design with sums for it. */
struct surveyed {
    struct design d;
    struct design_sums sums;
};
static CHECK_UNUSED void surveyed_make(struct surveyed *out, struct cx *cx,
                                       const struct design_columns *c)
{
    check_ok(cx, design_make(&out->d, cx, c));
    check_ok(cx, design_sums_make(&out->sums, cx, &out->d));
}
static CHECK_UNUSED double se_of(struct surveyed *s, const struct sample *x, const double *u)
{
    design_sums_add(&s->sums, x->row, x->ranked.w, u, x->ranked.n);
    return sqrt(design_variance(&s->sums, NULL));
}

/* Fails unless got is want to `relative`. */
static CHECK_UNUSED void check_near_at(double got, double want, double relative,
                                       const char *file, int line)
{
    if (fabs(got - want) <= relative * fabs(want))
        return;
    print_error("got  %.15g\nwant %.15g to %g\n", got, want, relative);
    _fail(file, line);
}
#define check_near(got, want, relative)                                                        \
    check_near_at((got), (want), (relative), __FILE__, __LINE__)

#endif

/* For the tests of movement: the made-up panel of testdata/ and the rice farms of
 * ../shared/data, each with its reference numbers (testdata/mobility.R). */
#ifndef STATS_MOBILITY_FIXTURE_H
#define STATS_MOBILITY_FIXTURE_H

#include "stats/design_fixture.h"

struct panel_file {
    struct fixture file, want;
    int64_t *id;
    int32_t *period;
    double *poor, *w;
    uint32_t *before, *after, *stratum, *psu;
    size_t n;
};

static CHECK_UNUSED uint32_t *states_of(struct cx *cx, const double *x, size_t n)
{
    uint32_t *s = arena_array(cx->arena, n, sizeof *s);
    for (size_t i = 0; i < n; i++)
        s[i] = isnan(x[i]) ? UINT32_MAX : (uint32_t)x[i];
    return s;
}

static CHECK_UNUSED void read_panel(struct panel_file *p, struct cx *cx)
{
    fixture_read(&p->file, cx, "src/stats/testdata/panel_rows.csv");
    fixture_read(&p->want, cx, "src/stats/testdata/panel_reference.csv");
    const double *id = fixture_numbers(cx, &p->file, "id");
    const double *period = fixture_numbers(cx, &p->file, "period");
    p->n = p->file.rows;
    p->id = arena_array(cx->arena, p->n, sizeof *p->id);
    p->period = arena_array(cx->arena, p->n, sizeof *p->period);
    for (size_t i = 0; i < p->n; i++) {
        p->id[i] = (int64_t)id[i];
        p->period[i] = (int32_t)period[i];
    }
    p->poor = fixture_numbers(cx, &p->file, "poor");
    p->w = fixture_numbers(cx, &p->file, "w");
    p->before = states_of(cx, fixture_numbers(cx, &p->file, "before"), p->n);
    p->after = states_of(cx, fixture_numbers(cx, &p->file, "after"), p->n);
    p->stratum = fixture_codes(cx, &p->file, "stratum");
    p->psu = fixture_codes(cx, &p->file, "psu");
}

/* The farms, a season a period; false: not here. Cuts are R's 30 % and 70 % quantiles. */
static CHECK_UNUSED bool read_farms(struct panel_file *p, struct cx *cx)
{
    if (!fixture_shared(&p->file, cx, "ricefarms/RiceFarms.csv"))
        return false;
    fixture_read(&p->want, cx, "src/stats/testdata/ricefarms_reference.csv");
    const double *id = fixture_numbers(cx, &p->file, "id");
    const double *output = fixture_numbers(cx, &p->file, "goutput");
    /* The numbers are printed with 15 digits: a yield at the cut is above it. */
    double cut[] = {fixture_reference(&p->want, "cut1") * (1 - 1e-12),
                    fixture_reference(&p->want, "cut2") * (1 - 1e-12)};
    p->n = p->file.rows;
    p->w = fixture_numbers(cx, &p->file, "size");
    p->id = arena_array(cx->arena, p->n, sizeof *p->id);
    p->period = arena_array(cx->arena, p->n, sizeof *p->period);
    p->poor = arena_array(cx->arena, p->n, sizeof *p->poor);
    p->before = arena_array(cx->arena, p->n, sizeof *p->before);
    p->after = arena_array(cx->arena, p->n, sizeof *p->after);
    for (size_t i = 0; i < p->n; i++) {
        double yield = output[i] / p->w[i];
        p->id[i] = (int64_t)id[i];
        p->period[i] = i && p->id[i] == p->id[i - 1] ? p->period[i - 1] + 1 : 1;
        p->before[i] = (uint32_t)(yield >= cut[0]) + (yield >= cut[1]);
        p->poor[i] = p->before[i] == 0;
    }
    for (size_t i = 0; i < p->n; i++)
        p->after[i] = i + 1 < p->n && p->id[i + 1] == p->id[i] ? p->before[i + 1] : UINT32_MAX;
    p->psu = fixture_codes(cx, &p->file, "id");
    p->stratum = fixture_codes(cx, &p->file, "region");
    return true;
}

#endif

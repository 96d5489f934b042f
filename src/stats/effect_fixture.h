/* For the tests of effects: panels from the data sets of ../shared/data. */
#ifndef STATS_EFFECT_FIXTURE_H
#define STATS_EFFECT_FIXTURE_H

#include "stats/effect.h"
#include "stats/stats_fixture.h"

/* Units and clusters numbered by their code less the least one (codes are whole numbers). */
static CHECK_UNUSED uint32_t *effect_codes(struct cx *cx, const double *x, size_t n,
                                           size_t *count)
{
    uint32_t *out = arena_array(cx->arena, n, sizeof *out), *number;
    *count = 0;
    number = arena_array(cx->arena, 1 << 20, sizeof *number);
    for (size_t i = 0; i < n; i++) {
        uint32_t *at = &number[(size_t)x[i]];
        if (!*at)
            *at = (uint32_t)++*count;
        out[i] = *at - 1;
    }
    return out;
}

static CHECK_UNUSED int32_t *effect_whole(struct cx *cx, const double *x, size_t n,
                                          bool zero_is_never)
{
    int32_t *out = arena_array(cx->arena, n, sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = zero_is_never && x[i] == 0 ? INT32_MAX : (int32_t)x[i];
    return out;
}

/* The minimum wage panel of R's did; with log population as the covariate when asked. */
static CHECK_UNUSED bool mpdta_read(struct panel *p, struct cx *cx, bool covariate)
{
    struct fixture f;
    const double **x = arena_array(cx->arena, 1, sizeof *x);
    if (!fixture_shared(&f, cx, "effects-mpdta/mpdta.csv"))
        return false;
    *p = (struct panel){.n = f.rows, .k = covariate};
    p->unit = effect_codes(cx, fixture_numbers(cx, &f, "countyreal"), f.rows, &p->units);
    p->period = effect_whole(cx, fixture_numbers(cx, &f, "year"), f.rows, false);
    p->first = effect_whole(cx, fixture_numbers(cx, &f, "first.treat"), f.rows, true);
    p->y = fixture_numbers(cx, &f, "lemp");
    x[0] = fixture_numbers(cx, &f, "lpop");
    p->x = x;
    return true;
}

/* A made-up panel: unit u of 40 is first treated in period 4, 6 or never (u % 3), 8 periods;
 * the effect is 2. */
enum { MADE_UNITS = 40, MADE_PERIODS = 8, MADE_ROWS = MADE_UNITS * MADE_PERIODS };
struct made_panel {
    struct panel p;
    uint32_t unit[MADE_ROWS], cluster[MADE_ROWS];
    int32_t period[MADE_ROWS], first[MADE_ROWS];
    double y[MADE_ROWS], x[MADE_ROWS], w[MADE_ROWS];
    const double *columns[1];
    const char *names[1];
};
static CHECK_UNUSED void made_panel_make(struct made_panel *m, uint64_t seed)
{
    uint64_t state = seed;
    for (size_t i = 0; i < MADE_ROWS; i++) {
        uint32_t u = (uint32_t)(i / MADE_PERIODS);
        m->unit[i] = u;
        m->cluster[i] = u / 2;
        m->period[i] = 2001 + (int32_t)(i % MADE_PERIODS);
        m->first[i] = u % 3 == 0 ? INT32_MAX : u % 3 == 1 ? 2004 : 2006;
        m->x[i] = u * 7 % 11;
        m->w[i] = 1 + u % 4;
        m->y[i] = u * 0.3 + (double)(i % MADE_PERIODS) * 0.5 +
                  2 * (m->period[i] >= m->first[i]) +
                  (double)check_int(&state, -1000, 1000) / 1000;
    }
    m->columns[0] = m->x;
    m->names[0] = "size";
    m->p = (struct panel){.n = MADE_ROWS,
                          .unit = m->unit,
                          .units = MADE_UNITS,
                          .period = m->period,
                          .first = m->first,
                          .y = m->y};
}

static CHECK_UNUSED void check_sum_at(const struct did_sum *s, double value, double se,
                                      const char *file, int line)
{
    fixture_close_at(s->value, value, 8, file, line);
    fixture_close_at(s->se, se, 8, file, line);
}
#define check_sum(s, value, se) check_sum_at(&(s), (value), (se), __FILE__, __LINE__)

#endif

/* Brings the rows of a panel into a table of units by periods, units sorted by the period in
 * which they were first treated, and refuses what cannot be one. */
#include "stats/effect_inner.h"

#include "base/text.h"

#include <string.h>

enum { GROUPS_MAX = 4096, PERIOD_SPAN_MAX = 1 << 22 };

struct reading {
    const struct panel *p;
    const struct grid_spec *s;
    int32_t *first;            /* by unit */
    uint32_t *count, *cluster; /* by unit: rows with an outcome; + 1, 0: none yet */
    uint32_t *group, *place;   /* by unit: group (UINT32_MAX: left out); position */
    uint32_t *at;              /* period - least: column + 1 */
    int64_t least;
    size_t span;
};

static bool used(const struct panel *p, size_t i)
{
    return isfinite(p->y[i]) && (!p->w || p->w[i] > 0);
}

/* ---- units ---- */

static enum rc read_row(struct reading *r, struct cx *cx, size_t i)
{
    const struct panel *p = r->p;
    uint32_t u = p->unit[i], c = p->cluster ? p->cluster[i] : u;
    if (p->w && !(p->w[i] >= 0))
        return fail_f(cx, RC_INVALID,
                      _("Data row %lld: the weight is negative or no number. Weights are zero "
                        "or more."),
                      (long long)i + 1);
    if (u >= p->units || (p->cluster && c >= p->clusters))
        return fail_f(cx, RC_INVALID,
                      _("Data row %lld: the number of the unit or cluster is "
                        "too large."),
                      (long long)i + 1);
    if (!r->cluster[u])
        r->first[u] = p->first[i];
    else if (r->first[u] != p->first[i])
        return fail_f(cx, RC_INVALID,
                      _("Data row %lld: this unit is first treated in another period than its "
                        "rows before say. Give each unit one first treated period."),
                      (long long)i + 1);
    else if (r->cluster[u] != c + 1)
        return fail_f(cx, RC_INVALID,
                      _("Data row %lld: this unit is in another cluster than its rows before "
                        "say. A cluster must hold its units over all periods."),
                      (long long)i + 1);
    r->cluster[u] = c + 1;
    r->count[u] += used(p, i);
    return RC_OK;
}

static enum rc read_units(struct reading *r, struct cx *cx)
{
    const struct panel *p = r->p;
    r->first = arena_array(cx->arena, p->units + 1, sizeof *r->first);
    r->count = arena_array(cx->arena, p->units + 1, sizeof *r->count);
    r->cluster = arena_array(cx->arena, p->units + 1, sizeof *r->cluster);
    r->group = arena_array(cx->arena, p->units + 1, sizeof *r->group);
    r->place = arena_array(cx->arena, p->units + 1, sizeof *r->place);
    TRY(effect_room(cx, r->first && r->count && r->cluster && r->group && r->place));
    for (size_t i = 0; i < p->n; i++)
        TRY(read_row(r, cx, i));
    return RC_OK;
}

/* ---- periods ---- */

static enum rc read_periods(struct grid *g, struct cx *cx, struct reading *r)
{
    const struct panel *p = r->p;
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (size_t i = 0; i < p->n; i++)
        if (used(p, i)) {
            least = p->period[i] < least ? p->period[i] : least;
            most = p->period[i] > most ? p->period[i] : most;
        }
    if (least >= most)
        return fail(cx, RC_INVALID,
                    _("An effect over time needs at least two periods with outcomes."),
                    "periods");
    if (most - least >= PERIOD_SPAN_MAX)
        return fail_f(cx, RC_INVALID,
                      _("The periods run from %lld to %lld. Number them by year, quarter or "
                        "month."),
                      (long long)least, (long long)most);
    r->least = least;
    r->span = (size_t)(most - least) + 1;
    r->at = arena_array(cx->arena, r->span, sizeof *r->at);
    TRY(effect_room(cx, r->at != NULL));
    for (size_t i = 0; i < p->n; i++)
        if (used(p, i))
            r->at[p->period[i] - least] = 1;
    for (size_t t = 0; t < r->span; t++)
        if (r->at[t])
            r->at[t] = (uint32_t)++g->periods;
    g->period = arena_array(cx->arena, g->periods, sizeof *g->period);
    TRY(effect_room(cx, g->period != NULL));
    for (size_t t = 0; t < r->span; t++)
        if (r->at[t])
            g->period[r->at[t] - 1] = (int32_t)(least + (int64_t)t);
    return RC_OK;
}

/* ---- groups ---- */

/* Whether this unit is never treated within the periods there are. */
static bool is_never(const struct grid *g, const struct reading *r, int32_t first)
{
    return first == INT32_MAX ||
           first > (int64_t)g->period[g->periods - 1] + r->s->anticipation;
}
static bool is_out(const struct grid *g, const struct reading *r, size_t u)
{
    return (r->s->balanced && r->count[u] != g->periods) ||
           (r->s->untreated_first && r->first[u] <= (int64_t)g->period[0] + r->s->anticipation);
}

/* Place of `first` among the groups; where it would stand when it is none yet. */
static size_t group_place(const struct grid *g, int32_t first)
{
    size_t low = 0, high = g->groups;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (g->group[middle] < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum rc find_groups(struct grid *g, struct cx *cx, const struct reading *r)
{
    g->group = arena_array(cx->arena, GROUPS_MAX, sizeof *g->group);
    TRY(effect_room(cx, g->group != NULL));
    for (size_t u = 0; u < r->p->units; u++) {
        if (!r->count[u] || is_out(g, r, u) || is_never(g, r, r->first[u]))
            continue;
        size_t at = group_place(g, r->first[u]);
        if (at < g->groups && g->group[at] == r->first[u])
            continue;
        if (g->groups == GROUPS_MAX)
            return fail_f(cx, RC_INVALID,
                          _("There are more than %d periods of first treatment. Join some, for "
                            "example days to months."),
                          (int)GROUPS_MAX);
        memmove(g->group + at + 1, g->group + at, (g->groups - at) * sizeof *g->group);
        g->group[at] = r->first[u];
        g->groups++;
    }
    return RC_OK;
}

/* Counts and numbers the units; start and unit of g, group and place of r. */
static enum rc place_units(struct grid *g, struct cx *cx, const struct reading *r)
{
    g->start = arena_array(cx->arena, g->groups + 3, sizeof *g->start);
    TRY(effect_room(cx, g->start != NULL));
    for (size_t u = 0; u < r->p->units; u++) {
        r->group[u] = UINT32_MAX;
        if (!r->cluster[u])
            continue; /* no row has this number */
        if (!r->count[u] || is_out(g, r, u)) {
            g->dropped++;
            continue;
        }
        size_t at = is_never(g, r, r->first[u]) ? g->groups : group_place(g, r->first[u]);
        r->group[u] = (uint32_t)at;
        g->start[at + 2]++;
        g->units++;
    }
    for (size_t k = 2; k < g->groups + 3; k++)
        g->start[k] += g->start[k - 1];
    g->unit = arena_array(cx->arena, g->units + 1, sizeof *g->unit);
    TRY(effect_room(cx, g->unit != NULL));
    for (size_t u = 0; u < r->p->units; u++)
        if (r->group[u] != UINT32_MAX) {
            r->place[u] = (uint32_t)g->start[r->group[u] + 1]++;
            g->unit[r->place[u]] = (uint32_t)u;
        }
    return RC_OK;
}

/* Numbers the clusters that are left: 0, 1, … */
static enum rc number_clusters(struct grid *g, struct cx *cx, const struct reading *r)
{
    g->clusters = g->units;
    if (r->p->cluster) {
        uint32_t *number = arena_array(cx->arena, r->p->clusters + 1, sizeof *number);
        g->cluster = arena_array(cx->arena, g->units + 1, sizeof *g->cluster);
        TRY(effect_room(cx, number && g->cluster));
        g->clusters = 0;
        for (size_t i = 0; i < g->units; i++) {
            uint32_t c = r->cluster[g->unit[i]] - 1;
            if (!number[c])
                number[c] = (uint32_t)++g->clusters;
            g->cluster[i] = number[c] - 1;
        }
    }
    if (g->clusters < 2)
        return fail(cx, RC_INVALID,
                    _("All units are in one cluster: its error cannot be told. Cluster by "
                      "something that has more values (village, township), or by unit."),
                    "one cluster");
    return RC_OK;
}

/* ---- cells ---- */

static enum rc fill(struct grid *g, struct cx *cx, const struct reading *r)
{
    const struct panel *p = r->p;
    size_t size = g->units * g->periods;
    g->y = arena_array(cx->arena, size, sizeof *g->y);
    g->w = p->w ? arena_array(cx->arena, size, sizeof *g->w) : NULL;
    TRY(effect_room(cx, g->y && (g->w || !p->w)));
    for (size_t i = 0; i < size; i++)
        g->y[i] = NAN;
    for (size_t i = 0; i < p->n; i++) {
        if (!used(p, i) || r->group[p->unit[i]] == UINT32_MAX)
            continue;
        size_t t = r->at[p->period[i] - r->least] - 1;
        size_t at = t * g->units + r->place[p->unit[i]];
        if (!isnan(g->y[at]))
            return fail_f(cx, RC_INVALID,
                          _("Data row %lld: this unit has another row for period %d. Keep one "
                            "row for each unit and period."),
                          (long long)i + 1, (int)p->period[i]);
        g->y[at] = p->y[i];
        if (g->w)
            g->w[at] = p->w[i];
    }
    return RC_OK;
}

/* Covariates of the first period's row of each unit, standardised: figures do not change, and
 * systems are well conditioned. */
static enum rc fill_covariate(struct grid *g, struct cx *cx, const struct reading *r, size_t j)
{
    const struct panel *p = r->p;
    struct sum mean = {0}, square = {0};
    for (size_t i = 0; i < p->n; i++) {
        if (!used(p, i) || r->group[p->unit[i]] == UINT32_MAX || p->period[i] != g->period[0])
            continue;
        if (!isfinite(p->x[j][i]))
            return fail_f(cx, RC_INVALID,
                          _("Data row %lld: the covariate %s is missing in the first period. "
                            "Leave the unit out, or fill it in."),
                          (long long)i + 1, p->names ? p->names[j] : "-");
        g->x[(size_t)r->place[p->unit[i]] * g->columns + j + 1] = p->x[j][i];
        sum_add(&mean, p->x[j][i]);
    }
    double m = mean.hi / (double)g->units;
    for (size_t i = 0; i < g->units; i++) {
        double d = g->x[i * g->columns + j + 1] - m;
        sum_add(&square, d * d);
    }
    double sd = sqrt(square.hi / (double)g->units);
    if (!(sd > 1e-12 * fabs(m)))
        return fail_f(cx, RC_INVALID,
                      _("The covariate %s has the same value for every unit. Take it away."),
                      p->names ? p->names[j] : "-");
    for (size_t i = 0; i < g->units; i++) {
        double *x = &g->x[i * g->columns + j + 1];
        *x = (*x - m) / sd;
    }
    return RC_OK;
}

static enum rc fill_covariates(struct grid *g, struct cx *cx, const struct reading *r)
{
    g->columns = 1;
    if (!r->s->covariates || !r->p->k)
        return RC_OK;
    g->columns += r->p->k;
    g->x = arena_array(cx->arena, g->units * g->columns, sizeof *g->x);
    TRY(effect_room(cx, g->x != NULL));
    for (size_t i = 0; i < g->units; i++)
        g->x[i * g->columns] = 1;
    for (size_t j = 0; j < r->p->k; j++)
        TRY(fill_covariate(g, cx, r, j));
    return RC_OK;
}

static enum rc refuse_empty(const struct grid *g, struct cx *cx)
{
    if (!g->units)
        return fail_f(cx, RC_INVALID,
                      _("No unit is left: %lld were left out because they lack a period or "
                        "were treated from the first one."),
                      (long long)g->dropped);
    if (!g->groups)
        return fail(cx, RC_INVALID,
                    _("Nobody is treated in these periods (or only from the first one): there "
                      "is no effect to find. Check the column of the first treated period."),
                    "nobody treated");
    for (size_t k = 0; k <= g->groups; k++)
        if (g->start[k + 1] > g->start[k] && (k == g->groups || g->group[k] > g->period[0]))
            return RC_OK;
    return fail(cx, RC_INVALID,
                _("Everybody is treated in every period: there is nobody to compare with. Add "
                  "units that are not treated, or earlier periods."),
                "everybody treated");
}

enum rc grid_make(struct grid *out, struct cx *cx, const struct panel *p,
                  const struct grid_spec *s)
{
    struct grid g = {0};
    struct reading r = {.p = p, .s = s};
    TRY(read_units(&r, cx));
    TRY(read_periods(&g, cx, &r));
    TRY(find_groups(&g, cx, &r));
    TRY(place_units(&g, cx, &r));
    TRY(refuse_empty(&g, cx));
    TRY(number_clusters(&g, cx, &r));
    TRY(fill(&g, cx, &r));
    TRY(fill_covariates(&g, cx, &r));
    *out = g;
    return RC_OK;
}

/* Alkire–Foster over a population, by area and group, over years. */
#include "insight/dimension.h"

#include <math.h>
#include <string.h>

enum { DIMENSION_YEARS_MAX = 15 };

int64_t dimension_score(bool *complete, const struct mpi_spec *s, uint16_t deprived,
                        uint16_t known)
{
    int64_t score = 0;
    *complete = true;
    for (size_t j = 0; j < s->n; j++) {
        *complete = *complete && (known >> j & 1);
        if (deprived >> j & 1)
            score += s->weight[j];
    }
    return score;
}

bool dimension_poor(const struct mpi_spec *s, uint16_t deprived, uint16_t known)
{
    int64_t sum = 0;
    bool complete;
    int64_t score = dimension_score(&complete, s, deprived, known);
    for (size_t j = 0; j < s->n; j++)
        sum += s->weight[j];
    return complete && score * s->k_den >= s->k_num * sum;
}

static enum rc results_by(struct dimension_group **out, struct cx *cx,
                          const struct population *p, const uint32_t *of,
                          const struct population_group *groups, size_t count)
{
    struct mpi_hist hist;
    struct cx wide = population_cx(cx, p);
    struct mpi_rows rows = {p->deprived, p->known, p->w, of, p->n};
    TRY(population_failed(cx, &wide, mpi_hist_make(&hist, &wide, p->scope->spec.n, count)));
    mpi_hist_add(&hist, &rows);
    struct dimension_group *g = arena_array(cx->arena, count + 1, sizeof *g);
    if (!g)
        return fail(cx, RC_LIMIT, _("There are too many groups for one page."), "groups=%zu",
                    count);
    for (size_t i = 0; i < count; i++) {
        g[i] = (struct dimension_group){.label = arena_copy(cx->arena, str_of(groups[i].label)),
                                        .area_id = groups[i].area_id,
                                        .code = groups[i].code,
                                        .households = groups[i].rows};
        mpi_of(&g[i].result, &p->scope->spec, &hist, i);
    }
    *out = g;
    return RC_OK;
}

static enum rc everybody(struct mpi_result *out, struct mpi_at_k **at_k, size_t *at_k_count,
                         struct cx *cx, const struct population *p)
{
    struct mpi_hist hist;
    struct cx wide = population_cx(cx, p);
    struct mpi_rows rows = {p->deprived, p->known, p->w, NULL, p->n};
    TRY(population_failed(cx, &wide, mpi_hist_make(&hist, &wide, p->scope->spec.n, 1)));
    mpi_hist_add(&hist, &rows);
    mpi_of(out, &p->scope->spec, &hist, 0);
    if (!at_k)
        return RC_OK;
    return mpi_all_k(at_k, at_k_count, cx, &p->scope->spec, &hist, 0);
}

enum rc dimension_read(struct dimension *out, struct cx *cx, const struct population *p)
{
    *out = (struct dimension){0};
    TRY(everybody(&out->all, &out->at_k, &out->at_k_count, cx, p));
    if (p->child && p->child_count)
        TRY(results_by(&out->children, cx, p, p->child, p->children, p->child_count));
    out->child_count = p->child ? p->child_count : 0;
    if (p->code && p->code_count)
        TRY(results_by(&out->codes, cx, p, p->code, p->codes, p->code_count));
    out->code_count = p->code ? p->code_count : 0;
    return RC_OK;
}

enum rc dimension_trend(struct dimension_year **out, size_t *count, struct cx *cx,
                        const struct scope *s)
{
    size_t first =
        s->year_count > DIMENSION_YEARS_MAX ? s->year_count - DIMENSION_YEARS_MAX : 0;
    *out = arena_new(cx->arena, (s->year_count + 1) * sizeof **out);
    *count = 0;
    for (size_t i = first; i < s->year_count; i++) {
        struct population *p;
        struct dimension_year *y = &(*out)[(*count)++];
        y->year = s->years[i];
        TRY(population_open(&p, cx, s, y->year, NULL,
                            POPULATION_FLAGS | POPULATION_NO_WELFARE));
        enum rc rc = everybody(&y->result, NULL, NULL, cx, p);
        population_close(p);
        TRY(rc);
    }
    return RC_OK;
}

/* ---- files ---- */

static void add_result(struct figures *f, struct cx *cx, const struct mpi_result *r)
{
    figures_add(f, cx, "h", r->h, r->rows);
    figures_add(f, cx, "a", r->a, r->rows);
    figures_add(f, cx, "m0", r->m0, r->rows);
    figures_add(f, cx, "weight", r->weight, r->rows);
    figures_add(f, cx, "left_out", r->missing_weight, r->missing_rows);
}

/* What each deprivation does; `by` and `value` of the group stand in the list already. */
static void add_parts(struct figures *f, struct cx *cx, const struct scope *s,
                      const struct mpi_result *r)
{
    for (size_t j = 0; j < s->spec.n; j++) {
        const char *code = s->index->deprivations[j].code;
        const struct {
            const char *name;
            double value;
        } parts[] = {{"hd", r->uncensored[j]},
                     {"hdk", r->censored[j]},
                     {"actb", r->absolute[j]},
                     {"pctb", r->share[j]}};
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            figures_add(f, cx, arena_printf(cx->arena, "%s:%s", parts[i].name, code),
                        parts[i].value, r->rows);
    }
}

static void add_groups(struct figures *f, struct cx *cx, const struct scope *s, const char *by,
                       const struct dimension_group *g, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool area = !strcmp(by, "area");
        figures_of(f, by, g[i].label,
                   !area          ? g[i].code
                   : g[i].area_id ? g[i].area_id
                                  : COLUMN_MISSING);
        add_result(f, cx, &g[i].result);
        add_parts(f, cx, s, &g[i].result);
    }
}

void dimension_figures(struct figures *f, struct cx *cx, const struct scope *s,
                       const struct dimension *d)
{
    int64_t sum = 0;
    for (size_t j = 0; j < s->spec.n; j++)
        sum += s->spec.weight[j];
    figures_of(f, "", "", COLUMN_MISSING);
    add_result(f, cx, &d->all);
    add_parts(f, cx, s, &d->all);
    add_groups(f, cx, s, "area", d->children, d->child_count);
    add_groups(f, cx, s, s->group ? s->group->code : "size", d->codes, d->code_count);
    for (size_t i = 0; i < d->at_k_count; i++) {
        figures_of(f, "k",
                   arena_printf(cx->arena, "%" PRId64 "/%" PRId64, d->at_k[i].score, sum),
                   d->at_k[i].score);
        figures_add(f, cx, "h", d->at_k[i].h, -1);
        figures_add(f, cx, "m0", d->at_k[i].m0, -1);
    }
    figures_of(f, "", "", COLUMN_MISSING);
}

void dimension_trend_figures(struct figures *f, struct cx *cx, const struct scope *s,
                             const struct dimension_year *years, size_t count)
{
    int32_t kept = f->year;
    figures_of(f, "year", "", COLUMN_MISSING);
    for (size_t i = 0; i < count; i++) {
        f->year = years[i].year;
        add_result(f, cx, &years[i].result);
        add_parts(f, cx, s, &years[i].result);
    }
    f->year = kept;
    figures_of(f, "", "", COLUMN_MISSING);
}

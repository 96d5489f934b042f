/* `fumin poverty DIR`: the figures of a register, from the same rows as the poverty pages. The
 * database is open (cx). */
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "insight/population.h"
#include "insight/poverty_figures.h"

#include <math.h>

struct run {
    const struct poverty_asked *asked;
    struct scope scope;
    struct population *people;
    struct figure_rows out;
    struct file_groups groups;
    struct file_want by; /* the labels of the groups */
    struct fgt_sums *sums;
};

/* An area's number, or its official code. */
static enum rc area_number(const char **out, struct cx *cx, const char *text)
{
    struct area area;
    TRY(area_as_typed(&area, cx, text));
    *out = arena_printf(cx->arena, "%" PRId64, area.id);
    return RC_OK;
}

static enum rc read_scope(struct run *run, struct cx *cx)
{
    const struct poverty_asked *a = run->asked;
    struct pair pairs[8];
    size_t n = 0;
    const char *area = NULL;
    if (a->area)
        TRY(area_number(&area, cx, a->area));
    const struct {
        const char *name, *value;
    } asked[] = {{"area", area},
                 {"year", a->year},
                 {"welfare", a->welfare},
                 {"line", a->line},
                 {"poor", a->weak ? "at" : NULL},
                 {"unit", a->households ? "household" : NULL},
                 {"group", a->by && strcmp(a->by, "area") != 0 ? a->by : NULL}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        if (asked[i].value)
            pairs[n++] = (struct pair){str_of(asked[i].name), str_of(asked[i].value)};
    return scope_of_pairs(&run->scope, cx, pairs, n);
}

/* The population's groups as those of a file. */
static enum rc read_groups(struct run *run, struct cx *cx)
{
    struct population *p = run->people;
    bool areas = run->asked->by && !strcmp(run->asked->by, "area");
    const struct population_group *from = areas ? p->children : p->codes;
    size_t count = areas ? p->child_count : p->code_count;
    if (!run->asked->by || !from)
        count = 0;
    const char **labels = arena_array(cx->arena, count + 1, sizeof *labels);
    uint32_t *index = arena_array(cx->arena, count + 1, sizeof *index);
    uint32_t **of = arena_array(cx->arena, count + 1, sizeof *of);
    run->sums = arena_array(cx->arena, count + 1, sizeof *run->sums);
    if (!labels || !index || !of || !run->sums)
        return fail(cx, RC_LIMIT, _("There are too many groups. Take fewer columns."), "by");
    for (size_t g = 0; g < count; g++) {
        labels[g] = from[g].label;
        index[g] = (uint32_t)g;
        of[g] = &index[g];
    }
    run->by =
        (struct file_want){.name = run->asked->by, .labels = labels, .label_count = count};
    run->groups = (struct file_groups){.by = &run->by,
                                       .by_count = count ? 1 : 0,
                                       .count = count,
                                       .of_row = areas ? p->child : p->code,
                                       .labels = of};
    return RC_OK;
}

static enum rc add(struct run *run, struct cx *cx, const struct welfare *x, size_t group)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct ranked ranked;
    TRY(ranked_make(&ranked, cx, x));
    const struct poverty_group g = {
        .rows = x,
        .sums = &run->sums[group == FIGURE_ALL ? run->groups.count : group],
        .ranked = &ranked,
        .line = run->people->line,
        .weak = run->asked->weak,
        .kind = QUANTILE_LAEKEN,
        .group = group};
    poverty_figures_add(&run->out, cx, &g);
    arena_back(cx->arena, mark);
    return RC_OK;
}

static enum rc figures(struct run *run, struct cx *cx)
{
    struct population *p = run->people;
    struct welfare rows = population_welfare(p);
    size_t *start = NULL;
    TRY(read_groups(run, cx));
    TRY(figure_rows_make(&run->out, cx, &run->groups,
                         (run->groups.count + 1) * POVERTY_FIGURES));
    population_fgt(&run->sums[run->groups.count], p, NULL, run->asked->weak);
    TRY(add(run, cx, &rows, FIGURE_ALL));
    if (run->groups.count) {
        population_fgt(run->sums, p, run->groups.of_row, run->asked->weak);
        TRY(poverty_rows_by_group(&start, cx, &rows, &run->groups));
    }
    for (size_t g = 0; g < run->groups.count; g++) {
        struct welfare x = {rows.y + start[g], rows.w ? rows.w + start[g] : NULL,
                            start[g + 1] - start[g]};
        TRY(add(run, cx, &x, g));
    }
    for (size_t i = 0; i < run->out.count; i++)
        run->out.rows[i].e.se_refused =
            _("The register counts everybody: there is no sampling error.");
    return figure_rows_print(cx, &run->out, run->asked->format);
}

enum rc poverty_of_register(struct cx *cx, const struct poverty_asked *asked)
{
    struct run run = {.asked = asked};
    unsigned want = !asked->by                  ? 0
                    : strcmp(asked->by, "area") ? POPULATION_CODE
                                                : POPULATION_CHILD;
    TRY(db_read_begin(cx));
    enum rc rc = read_scope(&run, cx);
    if (!rc)
        rc = population_open(&run.people, cx, &run.scope, 0, NULL, want);
    if (!rc) {
        rc = figures(&run, cx);
        population_close(run.people);
    }
    db_read_end(cx);
    return rc;
}

/* Groups, replicates and differences of figures under a survey design. */
#include "insight/survey.h"

#include "base/text.h"

#include <math.h>

enum rc survey_rows_by_group(uint32_t **order, size_t **start, struct cx *cx,
                             const struct file_groups *groups, size_t n)
{
    size_t *begin = arena_array(cx->arena, groups->count + 2, sizeof *begin);
    uint32_t *list = arena_array(cx->arena, n + 1, sizeof *list);
    if (!begin || !list)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", n);
    for (size_t i = 0; i < n; i++)
        begin[groups->of_row[i] + 2]++;
    for (size_t g = 2; g < groups->count + 2; g++)
        begin[g] += begin[g - 1];
    for (uint32_t i = 0; i < n; i++) /* afterwards begin[g + 1] is where g ends */
        list[begin[groups->of_row[i] + 1]++] = i;
    *order = list;
    *start = begin;
    return RC_OK;
}

size_t survey_base(const struct survey *s, const struct file_groups *groups, size_t g)
{
    /* Groups stand in order of their labels: the first that agrees in the other columns has the
     * first label there is for them. */
    for (size_t b = 0; b < g && s->difference != SIZE_MAX; b++) {
        bool same = true;
        for (size_t i = 0; i < groups->by_count; i++)
            same &= i == s->difference || groups->labels[b][i] == groups->labels[g][i];
        if (same)
            return b;
    }
    return SIZE_MAX;
}

size_t survey_room(const struct survey *s, size_t rows)
{
    return s->difference == SIZE_MAX ? rows : rows * 2;
}

bool survey_is_proportion(const char *measure)
{
    static const char *const names[] = {"fgt0",  "h",         "m0",          "a",
                                        "hd",    "hdk",       "actb",        "pctb",
                                        "share", "row_share", "column_share"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(measure, names[i]))
            return true;
    return false;
}

/* ---- differences ---- */

static bool same_figure(const struct figure_row *a, const struct figure_row *b)
{
    return !strcmp(a->measure, b->measure) && !a->minus == !b->minus &&
           (a->k == b->k || (a->k && b->k && !strcmp(a->k, b->k))) &&
           (a->indicator == b->indicator ||
            (a->indicator && b->indicator && !strcmp(a->indicator, b->indicator)));
}

/* Where the rows of each group begin in `full`; they stand one behind the other. */
static void add_difference(struct survey *s, struct figure_rows *full, size_t group,
                           size_t base, size_t count)
{
    const struct file_groups *groups = full->groups;
    size_t at = 0;
    while (at < count && full->rows[at].group != base)
        at++;
    for (size_t i = 0; i < count; i++) {
        const struct figure_row *row = &full->rows[i];
        if (row->group != group)
            continue;
        for (; at < count && full->rows[at].group == base; at++)
            if (same_figure(&full->rows[at], row))
                break;
        if (at == count || full->rows[at].group != base)
            return;
        const struct estimate *a = &full->rows[at].e, *b = &row->e;
        struct figure_row difference = *row;
        difference.minus =
            groups->by[s->difference].labels[groups->labels[base][s->difference]];
        difference.e =
            (struct estimate){.value = b->value - a->value,
                              .se = NAN,
                              .rows = a->rows + b->rows,
                              .rows_left_out = a->rows_left_out + b->rows_left_out,
                              .weight_left_out = a->weight_left_out + b->weight_left_out,
                              .refused = b->refused ? b->refused : a->refused,
                              .se_refused = s->why_none};
        figure_rows_add(full, difference);
    }
}

void survey_differences(struct survey *s, struct cx *cx, struct figure_rows *full)
{
    size_t count = full->count;
    (void)cx;
    if (s->difference == SIZE_MAX || !full->groups)
        return;
    for (size_t g = 0; g < full->groups->count; g++) {
        size_t base = survey_base(s, full->groups, g);
        if (base != SIZE_MAX)
            add_difference(s, full, g, base, count);
    }
}

/* ---- replicates ---- */

static void keep(double *value, const struct figure_rows *full, const struct figure_rows *part,
                 size_t replicates)
{
    for (size_t i = 0; i < full->count; i++) {
        bool same = i < part->count && part->rows[i].group == full->rows[i].group &&
                    same_figure(&part->rows[i], &full->rows[i]);
        value[i * replicates] = same ? part->rows[i].e.value : NAN;
    }
}

enum rc survey_replicate(struct survey *s, struct cx *cx, struct figure_rows *full,
                         const double *w, survey_compute *compute, void *context)
{
    size_t count = s->plan.count;
    double *again = arena_array(cx->arena, s->plan.n + 1, sizeof *again);
    double *value = arena_array(cx->arena, count * (full->count + 1), sizeof *value);
    if (!again || !value)
        return fail(cx, RC_LIMIT, _("There are too many groups for so many replicates."),
                    "replicates=%zu", count);
    for (size_t r = 0; r < count; r++) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct figure_rows part = {0};
        replicate_weights(again, &s->plan, r, w);
        TRY(figure_rows_make(&part, cx, full->groups, full->room));
        TRY(compute(&part, cx, again, context));
        keep(value + r, full, &part, count);
        arena_back(cx->arena, mark);
    }
    for (size_t i = 0; i < full->count; i++) {
        struct figure_row *row = &full->rows[i];
        bool proportion = !row->minus && survey_is_proportion(row->measure);
        estimate_error(&row->e, cx,
                       replicate_variance(&s->plan, value + i * count, row->e.value),
                       replicate_df(&s->plan), proportion);
    }
    return RC_OK;
}

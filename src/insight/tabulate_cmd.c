/* `fumin tabulate FILE V [V]`: how many rows have each value of a column, or each pair of
 * values of two, with weights; shares with standard errors of a survey. */
#include "base/text.h"
#include "insight/study.h"
#include "insight/text_table.h"
#include "stats/design.h"
#include "web/app.h"
#include "web/commands.h"

#include <math.h>

enum {
    OPT_FILE,
    OPT_FIRST,
    OPT_SECOND,
    OPT_MISSING,
    OPT_PERCENT,
    OPT_STUDY,
    OPT_COUNT = OPT_STUDY + STUDY_OPTIONS
};
static const struct option_row own_rows[OPT_STUDY] = {
    {NULL, "FILE", OPTION_TEXT, N_("a table: CSV, Excel .xlsx, Stata .dta or SPSS .sav"), true},
    {NULL, "V", OPTION_TEXT, N_("the column whose values are counted"), true},
    {NULL, "V", OPTION_TEXT, N_("a second one, across"), false},
    {"missing", NULL, OPTION_FLAG, N_("empty cells are counted as a value of their own"),
     false},
    {"percent", "total|row|column|none", OPTION_TEXT,
     N_("which shares the printed table of two columns shows; default row. Other formats have "
        "all"),
     false},
};
static struct option_row option_rows[OPT_COUNT];
enum { CELLS_MAX = 5000, NO_CELL = UINT32_MAX };

/* What a share is of. */
enum base { OF_ALL, OF_ROW, OF_COLUMN, BASES };
static const char *const share_names[BASES] = {"share", "row_share", "column_share"};

/* The table's places are groups of `groups`: FIGURE_MARGIN where a column is summed over. Those
 * of the cells come first, in the order of `cells`; then the margins. */
struct place {
    uint32_t base[BASES]; /* the place that a share is of; NO_CELL: there is no such share */
    size_t first, count;  /* its rows in `order`; rows of several cells are only summed */
    double weight;
    int64_t rows;
};
struct run {
    struct study study;
    struct figure_rows out;
    struct file_groups cells, groups;
    struct place *place;
    uint32_t *order;
    double *w;               /* along order */
    struct file_want by[16]; /* of the groups: those of --by, then one or two */
    size_t two;              /* 1 when there is a second column */
    int64_t left_out;
    const struct option_value *v;
    int argc;
    char **argv;
    enum base shown;
    bool no_shares, missing;
};

/* ---- places ---- */

/* The place with these labels; NO_CELL: none yet. */
static uint32_t find_place(const struct run *run, const uint32_t *label)
{
    for (size_t p = 0; p < run->groups.count; p++)
        if (!memcmp(run->groups.labels[p], label, run->groups.by_count * sizeof *label))
            return (uint32_t)p;
    return NO_CELL;
}

/* The place of a cell's labels with some of the last two summed over; made when new. */
static enum rc margin(uint32_t *out, struct run *run, struct cx *cx, const uint32_t *of,
                      bool first, bool second)
{
    size_t n = run->groups.by_count, own = n - 1 - run->two;
    uint32_t *label = arena_new(cx->arena, n * sizeof *label);
    memcpy(label, of, n * sizeof *label);
    if (first)
        label[own] = FIGURE_MARGIN;
    if (second && run->two)
        label[own + 1] = FIGURE_MARGIN;
    *out = find_place(run, label);
    if (*out == NO_CELL) {
        *out = (uint32_t)run->groups.count++;
        run->groups.labels[*out] = label;
    }
    return RC_OK;
}

static bool is_known(const struct run *run, size_t cell)
{
    size_t n = run->cells.by_count;
    for (size_t i = n - 1 - run->two; i < n && !run->missing; i++)
        if (!*run->by[i].labels[run->cells.labels[cell][i]])
            return false;
    return true;
}

static enum rc too_many(struct cx *cx)
{
    return fail_f(cx, RC_LIMIT,
                  _("The table would have more than %d cells. Take columns with fewer values, "
                    "or fewer groups."),
                  (int)CELLS_MAX);
}

/* Cells that have rows for which --if holds, then the margins. */
static enum rc make_places(struct run *run, struct cx *cx, uint32_t **place_of_cell)
{
    size_t count = run->cells.count, all = 0;
    uint32_t *map = arena_array(cx->arena, count + 1, sizeof *map);
    const uint32_t *rows = study_rows(&run->study, FIGURE_ALL, &all);
    if (count > CELLS_MAX || !map)
        return too_many(cx);
    run->groups = (struct file_groups){.by = run->by, .by_count = run->cells.by_count};
    run->groups.labels = arena_new(cx->arena, (5 * count + 1) * sizeof *run->groups.labels);
    run->place = arena_new(cx->arena, (5 * count + 1) * sizeof *run->place);
    for (size_t i = 0; i < all; i++)
        map[run->cells.of_row[rows[i]]] = 1;
    for (size_t c = 0; c < count; c++) {
        bool is = map[c] && is_known(run, c);
        map[c] = is ? (uint32_t)run->groups.count : NO_CELL;
        if (is)
            run->groups.labels[run->groups.count++] = run->cells.labels[c];
    }
    size_t cells = run->groups.count;
    for (size_t p = 0; p < cells; p++) {
        uint32_t *base = run->place[p].base, both = 0;
        TRY(margin(&base[OF_ROW], run, cx, run->groups.labels[p], false, true));
        TRY(margin(&base[OF_COLUMN], run, cx, run->groups.labels[p], true, false));
        TRY(margin(&both, run, cx, run->groups.labels[p], true, true));
        base[OF_ALL] = both;
        struct place *row = &run->place[base[OF_ROW]], *column = &run->place[base[OF_COLUMN]];
        row->base[OF_ALL] = column->base[OF_ALL] = run->place[both].base[OF_ALL] = both;
        if (!run->two)
            base[OF_ROW] = base[OF_COLUMN] = NO_CELL;
    }
    for (size_t p = cells; p < run->groups.count; p++)
        run->place[p].base[OF_ROW] = run->place[p].base[OF_COLUMN] = NO_CELL;
    *place_of_cell = map;
    return RC_OK;
}

/* Rows of each cell side by side; a margin's rows are those of its cells. */
static enum rc list_rows(struct run *run, struct cx *cx, const uint32_t *place_of_cell)
{
    size_t all = 0, at = 0, taken = 0;
    const uint32_t *rows = study_rows(&run->study, FIGURE_ALL, &all);
    const double *w = run->study.w;
    run->order = arena_array(cx->arena, all + 1, sizeof *run->order);
    run->w = arena_array(cx->arena, all + 1, sizeof *run->w);
    if (!run->order || !run->w)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", all);
    for (int filling = 0; filling < 2; filling++) {
        for (size_t i = 0; i < all; i++) {
            uint32_t p = place_of_cell[run->cells.of_row[rows[i]]];
            if (p == NO_CELL || (w && !(w[rows[i]] > 0 && isfinite(w[rows[i]]))))
                continue;
            struct place *place = &run->place[p];
            if (filling) {
                run->order[place->first + place->count] = rows[i];
                run->w[place->first + place->count] = w ? w[rows[i]] : 1;
            }
            place->count++;
            taken += (size_t)!filling;
        }
        for (size_t p = 0; p < run->groups.count && !filling; p++) {
            run->place[p].first = at;
            at += run->place[p].count;
            run->place[p].count = 0;
        }
    }
    run->left_out = (int64_t)(all - taken);
    return RC_OK;
}

/* ---- figures ---- */

static void add_place(struct run *run, size_t from, size_t to)
{
    if (to != from && to != NO_CELL) {
        run->place[to].weight += run->place[from].weight;
        run->place[to].rows += run->place[from].rows;
    }
}

static bool is_cell(const struct run *run, size_t p)
{
    return run->place[p].base[OF_ALL] != p && run->place[p].count;
}

/* The margins of a place: its row, its column and all. */
static void margins_of(uint32_t out[3], const struct run *run, struct cx *cx, size_t p)
{
    uint32_t of[3] = {NO_CELL, NO_CELL, run->place[p].base[OF_ALL]};
    (void)cx;
    if (run->two) {
        of[0] = run->place[p].base[OF_ROW];
        of[1] = run->place[p].base[OF_COLUMN];
    }
    memcpy(out, of, sizeof of);
}

static void weigh(struct run *run, struct cx *cx, const double *w)
{
    for (size_t p = 0; p < run->groups.count; p++) {
        run->place[p].weight = 0;
        run->place[p].rows = 0;
    }
    for (size_t p = 0; p < run->groups.count; p++) {
        struct place *place = &run->place[p];
        if (!is_cell(run, p))
            continue;
        for (size_t i = 0; i < place->count; i++)
            place->weight += w ? w[run->order[place->first + i]] : 1;
        place->rows = (int64_t)place->count;
        uint32_t of[3];
        margins_of(of, run, cx, p);
        for (size_t m = 0; m < 3; m++)
            add_place(run, p, of[m]);
    }
}

static void add(struct figure_rows *out, const struct run *run, const char *measure, size_t p,
                double value)
{
    struct figure_row row = {.measure = measure,
                             .group = p,
                             .e = {.value = value,
                                   .se = NAN,
                                   .rows = run->place[p].rows,
                                   .rows_left_out = run->left_out}};
    figure_rows_add(out, row);
}

static enum rc all_figures(struct figure_rows *out, struct cx *cx, const double *w,
                           void *context)
{
    struct run *run = context;
    weigh(run, cx, w);
    for (size_t p = 0; p < run->groups.count; p++) {
        const struct place *place = &run->place[p];
        add(out, run, "rows", p, (double)place->rows);
        add(out, run, "weight", p, place->weight);
        for (int b = 0; b < BASES; b++)
            if (place->base[b] != NO_CELL)
                add(out, run, share_names[b], p,
                    place->weight / run->place[place->base[b]].weight);
    }
    return RC_OK;
}

/* ---- standard errors ---- */

/* Adds w · factor of the place's rows to the sums. */
static void add_rows(struct run *run, struct design_sums *sums, const double *u, size_t p,
                     struct cx *cx)
{
    for (size_t c = 0; c < run->groups.count; c++) {
        uint32_t of[3];
        if (!is_cell(run, c))
            continue;
        margins_of(of, run, cx, c);
        if (c == p || of[0] == p || of[1] == p || of[2] == p)
            design_sums_add(sums, run->order + run->place[c].first,
                            run->w + run->place[c].first, u, run->place[c].count);
    }
}

static enum rc fill_error(struct run *run, struct cx *cx, struct figure_row *row,
                          const double *one)
{
    struct survey *s = &run->study.survey;
    const struct place *place = &run->place[row->group];
    double df = 0, total = 1;
    uint32_t base = NO_CELL;
    if (!strcmp(row->measure, "rows"))
        return RC_OK;
    for (int b = 0; b < BASES; b++)
        if (!strcmp(row->measure, share_names[b]))
            base = place->base[b];
    design_sums_clear(&s->other);
    add_rows(run, &s->other, one, row->group, cx);
    if (base != NO_CELL) {
        total = run->place[base].weight;
        add_rows(run, &s->sums, one, base, cx);
        struct design_sums whole = s->sums; /* sum of 1 of the base, then less the share */
        s->sums = s->other;
        s->other = whole;
        design_sums_merge(&s->sums, &s->other, -row->e.value);
        design_sums_clear(&s->other);
    } else {
        design_sums_merge(&s->sums, &s->other, 1);
    }
    double v = design_variance(&s->sums, &df) / (total * total);
    estimate_error(&row->e, cx, v, df, base != NO_CELL);
    return RC_OK;
}

static enum rc fill_errors(struct run *run, struct cx *cx)
{
    size_t longest = 0;
    for (size_t p = 0; p < run->groups.count; p++)
        longest = run->place[p].count > longest ? run->place[p].count : longest;
    double *one = arena_array(cx->arena, longest + 1, sizeof *one);
    if (!one)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", longest);
    for (size_t i = 0; i < longest; i++)
        one[i] = 1;
    for (size_t i = 0; i < run->out.count; i++)
        TRY(fill_error(run, cx, &run->out.rows[i], one));
    return RC_OK;
}

/* Counted rows are no estimates; a share of itself has no error. */
static void only_estimates(struct run *run, const struct cx *cx)
{
    for (size_t i = 0; i < run->out.count; i++) {
        struct figure_row *row = &run->out.rows[i];
        bool itself =
            !strcmp(row->measure, "share") && run->place[row->group].base[OF_ALL] == row->group;
        if (strcmp(row->measure, "rows") != 0 && !itself)
            continue;
        row->e.se = NAN;
        row->e.df = 0;
        row->e.se_refused = _("This figure describes the rows, it estimates nothing.");
    }
}

/* ---- the table for people ---- */

static const char *label_of(const struct run *run, const struct cx *cx, size_t p, size_t column)
{
    uint32_t at = run->groups.labels[p][column];
    const char *z = at == FIGURE_MARGIN ? _("all") : run->by[column].labels[at];
    return *z ? z : _("(missing)");
}

static const struct figure_row *figure_of(const struct run *run, size_t p, const char *measure)
{
    for (size_t i = 0; i < run->out.count; i++)
        if (run->out.rows[i].group == p && !strcmp(run->out.rows[i].measure, measure))
            return &run->out.rows[i];
    return NULL;
}

static const char *percent(struct cx *cx, double x)
{
    return isfinite(x) ? arena_printf(cx->arena, "%.2f", x * 100) : "-";
}

/* One line for each place: what a table of one column is. */
static enum rc print_list(struct run *run, struct cx *cx)
{
    struct text_table t;
    size_t n = run->groups.by_count;
    TRY(text_table_make(&t, cx, n + 6, run->groups.count + 1));
    for (size_t i = 0; i < n; i++)
        text_table_put(&t, run->by[i].name);
    text_table_put(&t, _("rows"));
    text_table_put(&t, _("weighted"));
    text_table_put(&t, "%");
    text_table_put(&t, _("standard error"));
    text_table_put(&t, _("95 % from"));
    text_table_put(&t, _("to"));
    for (size_t p = 0; p < run->groups.count; p++) {
        const struct figure_row *share = figure_of(run, p, "share");
        const struct place *place = &run->place[p];
        for (size_t i = 0; i < n; i++)
            text_table_put(&t, label_of(run, cx, p, i));
        bool interval = share && share->e.df > 0;
        text_table_put(&t, arena_printf(cx->arena, "%" PRId64, place->rows));
        text_table_put(&t, arena_printf(cx->arena, "%.9g", place->weight));
        text_table_put(&t, percent(cx, share ? share->e.value : NAN));
        text_table_put(&t, percent(cx, share ? share->e.se : NAN));
        text_table_put(&t, percent(cx, interval ? share->e.low : NAN));
        text_table_put(&t, percent(cx, interval ? share->e.high : NAN));
    }
    return text_table_print(cx, &t, run->study.format == FIGURE_MARKDOWN);
}

/* A cell of the table of two columns: "12.30 (0.45)", or what is counted. */
static const char *grid_cell(struct cx *cx, const struct run *run, size_t p)
{
    if (run->no_shares)
        return arena_printf(cx->arena, "%.9g", run->place[p].weight);
    const struct figure_row *row = figure_of(run, p, share_names[run->shown]);
    uint32_t base = run->place[p].base[OF_ALL];
    if (!row && run->groups.labels[p][run->groups.by_count - 1] == FIGURE_MARGIN)
        row = run->shown == OF_COLUMN ? figure_of(run, p, "share") : NULL;
    else if (!row && run->shown == OF_ROW && base != p)
        row = figure_of(run, p, "share");
    if (!row)
        return "100.00";
    if (isfinite(row->e.se))
        return arena_printf(cx->arena, "%.2f (%.2f)", row->e.value * 100, row->e.se * 100);
    return percent(cx, row->e.value);
}

/* The labels that occur in the last column, in order, with the margin at the end. */
static size_t across(uint32_t *label, const struct run *run)
{
    const struct file_want *w = &run->by[run->groups.by_count - 1];
    size_t count = 0;
    for (uint32_t l = 0; l < w->label_count; l++)
        for (size_t p = 0; p < run->groups.count; p++)
            if (run->groups.labels[p][run->groups.by_count - 1] == l) {
                label[count++] = l;
                break;
            }
    label[count++] = FIGURE_MARGIN;
    return count;
}

static void grid_line(struct text_table *t, struct cx *cx, const struct run *run, size_t margin,
                      const uint32_t *label, size_t columns)
{
    size_t n = run->groups.by_count;
    uint32_t *key = arena_new(cx->arena, n * sizeof *key);
    memcpy(key, run->groups.labels[margin], n * sizeof *key);
    for (size_t i = 0; i + 1 < n; i++)
        text_table_put(t, label_of(run, cx, margin, i));
    for (size_t c = 0; c < columns; c++) {
        key[n - 1] = label[c];
        uint32_t p = find_place(run, key);
        text_table_put(t, p == NO_CELL ? "0" : grid_cell(cx, run, p));
    }
    text_table_put(t, arena_printf(cx->arena, "%" PRId64, run->place[margin].rows));
}

static enum rc print_grid(struct run *run, struct cx *cx)
{
    struct text_table t;
    size_t n = run->groups.by_count;
    const struct file_want *w = &run->by[n - 1];
    uint32_t *label = arena_new(cx->arena, (w->label_count + 1) * sizeof *label);
    size_t columns = across(label, run);
    TRY(text_table_make(&t, cx, n + columns, run->groups.count + 1));
    for (size_t i = 0; i + 1 < n; i++)
        text_table_put(&t, run->by[i].name);
    for (size_t c = 0; c < columns; c++)
        text_table_put(&t, label[c] == FIGURE_MARGIN
                               ? _("all")
                               : arena_printf(cx->arena, "%s = %s", w->name,
                                              *w->labels[label[c]] ? w->labels[label[c]]
                                                                   : _("(missing)")));
    text_table_put(&t, _("rows"));
    for (int all = 0; all < 2; all++) /* the rows' margins, those of all rows last */
        for (size_t p = 0; p < run->groups.count; p++) {
            const uint32_t *own = run->groups.labels[p];
            if (own[n - 1] == FIGURE_MARGIN && (own[n - 2] == FIGURE_MARGIN) == all)
                grid_line(&t, cx, run, p, label, columns);
        }
    return text_table_print(cx, &t, run->study.format == FIGURE_MARKDOWN);
}

/* ---- together ---- */

static enum rc read_columns(struct run *run, struct cx *cx)
{
    const struct option_value *v = run->v;
    struct study *s = &run->study;
    struct file_want own[2] = {{.name = v[OPT_FIRST].text, .as_labels = true},
                               {.name = v[OPT_SECOND].text, .as_labels = true}};
    TRY(study_options(s, cx, v[OPT_FILE].text, v + OPT_STUDY));
    run->two = v[OPT_SECOND].given;
    run->missing = v[OPT_MISSING].given;
    size_t n = s->by_count + 1 + run->two;
    if (n > sizeof run->by / sizeof *run->by)
        return fail(cx, RC_LIMIT, _("There are too many groups. Take fewer columns."), "by");
    TRY(study_read(s, cx, own, 1 + run->two));
    for (size_t i = 0; i < s->by_count; i++)
        run->by[i] = s->groups.by[i];
    for (size_t i = 0; i < 1 + run->two; i++)
        run->by[s->by_count + i] = s->wants[i];
    return file_groups_make(&run->cells, cx, run->by, n, s->n);
}

static enum rc errors(struct run *run, struct cx *cx)
{
    struct study *s = &run->study;
    switch (s->survey.errors) {
    case SURVEY_NONE:
        for (size_t i = 0; i < run->out.count; i++)
            run->out.rows[i].e.se_refused = s->survey.why_none;
        return RC_OK;
    case SURVEY_LINEAR:
        TRY(fill_errors(run, cx));
        break;
    case SURVEY_REPLICATED:
        TRY(survey_replicate(&s->survey, cx, &run->out, s->w, all_figures, run));
        weigh(run, cx, s->w);
        break;
    }
    only_estimates(run, cx);
    return RC_OK;
}

static enum rc compute(void *context, struct cx *cx)
{
    struct run *run = context;
    uint32_t *place_of_cell = NULL;
    TRY(read_columns(run, cx));
    TRY(make_places(run, cx, &place_of_cell));
    TRY(list_rows(run, cx, place_of_cell));
    if (!run->groups.count)
        return fail_f(cx, RC_INVALID,
                      _("Every value of column %s is missing. --missing counts these rows."),
                      run->v[OPT_FIRST].text);
    TRY(figure_rows_make(&run->out, cx, &run->groups, run->groups.count * (2 + BASES)));
    TRY(all_figures(&run->out, cx, run->study.w, run));
    TRY(errors(run, cx));
    study_say_again(cx, run->argc, run->argv);
    if (run->study.format != FIGURE_TABLE && run->study.format != FIGURE_MARKDOWN)
        return figure_rows_print(cx, &run->out, run->study.format);
    return run->two ? print_grid(run, cx) : print_list(run, cx);
}

static enum rc read_options(struct run *run, struct cx *cx, const struct option_value *v)
{
    static const char *const words[] = {"total", "row", "column", "none"};
    struct study check;
    const char *word = v[OPT_PERCENT].given ? v[OPT_PERCENT].text : "row";
    size_t i = 0;
    while (i < 4 && strcmp(words[i], word) != 0)
        i++;
    if (i == 4)
        return fail(cx, RC_INVALID, _("--percent is total, row, column or none."), "percent");
    run->no_shares = i == 3;
    run->shown = i < 3 ? (enum base)i : OF_ALL;
    if (v[OPT_STUDY + STUDY_SURVEY + SURVEY_DIFFERENCE].given)
        return fail(cx, RC_INVALID, _("A table has no --difference."), "difference");
    return study_options(&check, cx, v[OPT_FILE].text, v + OPT_STUDY);
}

int tabulate_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    struct run run = {.v = v, .argc = argc, .argv = argv};
    study_option_table(option_rows, own_rows, OPT_STUDY);
    enum rc rc = options_parse(v, cx, option_rows, OPT_COUNT, argc, argv);
    if (!rc)
        rc = read_options(&run, cx, v);
    if (rc)
        return command_usage(cx, rc);
    return study_compute(cx, compute, &run) ? command_failed(cx) : EXIT_OK;
}

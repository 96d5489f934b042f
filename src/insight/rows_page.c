/* The households behind the figures as a file, without names: for computing the same figures
 * elsewhere (fumin poverty, fumin mpi, R, Stata). */
#include "insight/attach.h"
#include "insight/poverty_view.h"

#include "db/db.h"
#include "people/actor.h"
#include "web/page.h"

#include <math.h>

enum { ROWS_FIXED = 5, ROWS_COLUMNS_MAX = ROWS_FIXED + 4 + 12 + MPI_INDICATORS_MAX };

struct rows_file {
    const struct population *p;
    struct frame_writer *w;
    size_t column_count;
    struct column size, welfare[4], groups[12];
    struct out_cell cells[ROWS_COLUMNS_MAX];
    struct cx *cx;
    enum rc rc; /* the first failure of a row */
};

static struct out_cell number_cell(int64_t value)
{
    return (struct out_cell){.missing = value == COLUMN_MISSING, .i = value};
}

static enum rc get_columns(struct cx *cx, void *arg, struct columns *c)
{
    struct rows_file *f = arg;
    const struct profile *p = cx->profile;
    int32_t year = f->p->year;
    TRY(columns_get(&f->size, cx, c, SUBJECT_HOUSEHOLD, FIX_SIZE, year));
    for (size_t i = 0; i < p->welfare_count; i++)
        TRY(columns_get(&f->welfare[i], cx, c, SUBJECT_HOUSEHOLD, p->welfare[i]->number, year));
    for (size_t i = 0; i < p->poverty_group_count; i++)
        TRY(columns_get(&f->groups[i], cx, c, SUBJECT_HOUSEHOLD, p->poverty_groups[i]->number,
                        year));
    return RC_OK;
}

/* The order is that of column_list. A household without known people has no size: commands
 * leave it out, as its weight is nothing here. */
static void put_row(void *arg, size_t i, int64_t at)
{
    struct rows_file *f = arg;
    const struct profile *p = f->cx->profile;
    const struct population *all = f->p;
    size_t n = 0;
    if (f->rc)
        return;
    struct arena_mark mark = arena_mark(f->cx->arena);
    f->cells[n++] = (struct out_cell){.i = (int64_t)i + 1};
    f->cells[n++] = (struct out_cell){.s = str_of(all->sources[all->source[i]].name)};
    f->cells[n++] = (struct out_cell){.s = str_of(all->children[all->child[i]].label)};
    f->cells[n++] = (struct out_cell){.s = str_of(population_place_of(all, i))};
    size_t row = at < 0 ? 0 : (size_t)at;
    bool gone = at < 0;
    f->cells[n++] = number_cell(gone ? COLUMN_MISSING : column_at(f->size, row));
    for (size_t k = 0; k < p->welfare_count; k++)
        f->cells[n++] = number_cell(gone ? COLUMN_MISSING : column_at(f->welfare[k], row));
    for (size_t k = 0; k < p->poverty_group_count; k++)
        f->cells[n++] = number_cell(gone ? COLUMN_MISSING : column_at(f->groups[k], row));
    for (size_t j = 0; all->deprived && j < all->scope->spec.n; j++)
        f->cells[n++] =
            number_cell(all->known[i] >> j & 1 ? all->deprived[i] >> j & 1 : COLUMN_MISSING);
    f->rc = frame_writer_row(f->cx, f->w, f->cells);
    arena_back(f->cx->arena, mark);
}

static struct column_spec indicator_column(struct cx *cx, const struct indicator *ind)
{
    struct column_spec c = {.name = ind->code,
                            .label = LABEL(cx, ind->label),
                            .type = COLUMN_I64,
                            .decimals = ind->decimals,
                            .is_day = ind->type == TYPE_DAY};
    if (ind->list) {
        struct column_label *labels =
            arena_new(cx->arena, (ind->list->code_count + 1) * sizeof *labels);
        for (size_t i = 0; i < ind->list->code_count; i++)
            labels[i] = (struct column_label){ind->list->codes[i].code,
                                              LABEL(cx, ind->list->codes[i].label)};
        c.labels = labels;
        c.label_count = ind->list->code_count;
    }
    return c;
}

static struct column_spec *column_list(size_t *count, struct cx *cx, const struct scope *s)
{
    const struct profile *p = cx->profile;
    struct column_spec *c = arena_new(cx->arena, ROWS_COLUMNS_MAX * sizeof *c);
    size_t n = 0;
    c[n++] = (struct column_spec){.name = "row", .label = _("Row"), .type = COLUMN_I64};
    c[n++] = (struct column_spec){.name = "county", .label = _("County"), .type = COLUMN_TEXT};
    c[n++] = (struct column_spec){.name = "area", .label = _("Area"), .type = COLUMN_TEXT};
    c[n++] =
        (struct column_spec){.name = "village", .label = _("Village"), .type = COLUMN_TEXT};
    c[n++] = (struct column_spec){
        .name = "size", .label = _("Number of people"), .type = COLUMN_I64};
    for (size_t i = 0; i < p->welfare_count; i++)
        c[n++] = indicator_column(cx, p->welfare[i]);
    for (size_t i = 0; i < p->poverty_group_count; i++)
        c[n++] = indicator_column(cx, p->poverty_groups[i]);
    for (size_t j = 0; s->index && j < s->spec.n; j++)
        c[n++] = (struct column_spec){
            .name = arena_printf(cx->arena, "d_%s", s->index->deprivations[j].code),
            .label = LABEL(cx, s->index->deprivations[j].label),
            .type = COLUMN_I64};
    *count = n;
    return c;
}

static enum rc write_rows(struct cx *cx, int fd, enum frame_format format, void *arg)
{
    struct rows_file *f = arg;
    const struct scope *s = f->p->scope;
    struct column_spec *columns = column_list(&f->column_count, cx, s);
    const struct frame_write_options options = {
        .format = format,
        .title = arena_printf(cx->arena, "%s %d", s->area.name, f->p->year),
        .row_count = (int64_t)f->p->n};
    TRY(frame_writer_open(&f->w, cx, fd, columns, f->column_count, &options));
    enum rc rc = attach_rows(cx, f->p, get_columns, put_row, f);
    if (!rc)
        rc = f->rc;
    if (rc) {
        frame_writer_abort(f->w);
        return rc;
    }
    return frame_writer_close(cx, f->w);
}

static enum rc rows_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct scope *s = arena_new(cx->arena, sizeof *s);
    enum frame_format format;
    struct str asked = request_query(q, "format");
    TRY(db_read_begin(cx));
    TRY(scope_read(s, cx, q));
    TRY(actor_require_in(cx, "poverty.view", str_of(s->area.path)));
    TRY(actor_require_in(cx, "export.run", str_of(s->area.path)));
    if (!frame_format_parse(&format, asked.len ? asked : STR("csv")))
        return fail(cx, RC_INVALID, _("Please choose a format."), "format");
    struct population *p;
    struct rows_file f = {.cx = cx};
    TRY(population_open(&p, cx, s, 0, NULL,
                        POPULATION_ID | POPULATION_CHILD | POPULATION_NO_WELFARE |
                            (s->index ? POPULATION_FLAGS : 0)));
    f.p = p;
    enum rc rc =
        page_file(cx, a, arena_printf(cx->arena, "rows-%d", p->year), format, write_rows, &f);
    population_close(p);
    return rc;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/poverty/rows",
     .scope = SCOPE_PERMISSION,
     .permission = "export.run",
     .csrf = CSRF_NONE,
     .time_ms_max = 600000,
     .heavy = true,
     .handle = rows_get},
};
const struct route_table rows_routes = ROUTE_TABLE(rows);

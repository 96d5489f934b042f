/* The list of figures behind a page, and its file. */
#include "insight/figures.h"

#include <math.h>
#include <string.h>

enum { FIGURES_MAX = 20000, COLUMN_COUNT = 7 };

void figures_begin(struct figures *f, int32_t year)
{
    *f = (struct figures){.by = "", .value = "", .code = COLUMN_MISSING, .year = year};
}

void figures_of(struct figures *f, const char *by, const char *value, int64_t code)
{
    f->by = by;
    f->value = value;
    f->code = code;
}

void figures_add(struct figures *f, struct cx *cx, const char *measure, double estimate,
                 int64_t rows)
{
    if (f->count == f->room) {
        if (f->room >= FIGURES_MAX)
            return;
        size_t room = f->room ? f->room * 2 : 64;
        struct page_figure *more = arena_new(cx->arena, room * sizeof *more);
        if (f->count)
            memcpy(more, f->rows, f->count * sizeof *more);
        f->rows = more;
        f->room = room;
    }
    f->rows[f->count++] =
        (struct page_figure){measure, f->by, f->value, f->code, f->year, estimate, rows};
}

static enum rc write_rows(struct cx *cx, struct frame_writer *w, const struct figures *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct page_figure *r = &f->rows[i];
        const struct out_cell cells[COLUMN_COUNT] = {
            {.s = str_of(r->measure)},
            {.s = str_of(r->by), .missing = !r->by[0]},
            {.s = str_of(r->value), .missing = !r->value[0]},
            {.i = r->code, .missing = r->code == COLUMN_MISSING},
            {.i = r->year, .missing = !r->year},
            {.f = r->estimate, .missing = isnan(r->estimate)},
            {.i = r->rows, .missing = r->rows < 0}};
        TRY(frame_writer_row(cx, w, cells));
    }
    return RC_OK;
}

enum rc figures_write(struct cx *cx, int fd, enum frame_format format, const struct figures *f,
                      const char *title)
{
    const struct column_spec columns[COLUMN_COUNT] = {
        {.name = "measure", .label = _("Measure"), .type = COLUMN_TEXT},
        {.name = "by", .label = _("Split by"), .type = COLUMN_TEXT},
        {.name = "value", .label = _("Group"), .type = COLUMN_TEXT},
        {.name = "code", .label = _("Code"), .type = COLUMN_I64},
        {.name = "year", .label = _("Year"), .type = COLUMN_I64},
        {.name = "estimate", .label = _("Figure"), .type = COLUMN_F64},
        {.name = "rows", .label = _("Households"), .type = COLUMN_I64}};
    const struct frame_write_options options = {
        .format = format, .title = title, .row_count = (int64_t)f->count};
    struct frame_writer *w;
    TRY(frame_writer_open(&w, cx, fd, columns, COLUMN_COUNT, &options));
    enum rc rc = write_rows(cx, w, f);
    if (rc) {
        frame_writer_abort(w);
        return rc;
    }
    return frame_writer_close(cx, w);
}

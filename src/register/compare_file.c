/* Rows of a list that are nobody's, or that could not be read, as a file in its own columns,
 * with a last column that says why. */
#include "base/text.h"
#include "frame/frame.h"
#include "people/actor.h"
#include "register/compare.sql.h"
#include "register/compare_inner.h"

#include <stdlib.h>

enum { PAGE_ROWS = 5000 };

/* One row that is wanted. */
struct wanted {
    int64_t number;
    enum refusal refusal;
};
struct rows_out {
    struct import_file file;
    struct frame_writer *writer;
    struct out_cell *cells;
    size_t column_count; /* with the reason's */
    struct wanted *wanted;
    size_t count;
};

static enum rc load_wanted(struct rows_out *o, struct cx *cx, const struct compare_list *l,
                           enum compare_row_state state)
{
    struct db_rows rows;
    size_t room = (size_t)l->rows_total + 1;
    o->wanted = arena_array(cx->arena, room, sizeof *o->wanted);
    if (!o->wanted)
        return fail(cx, RC_LIMIT, _("The file is too large for this."), "rows file");
    TRY(DB_SELECT(&rows, cx, &COMPARE_ROWS, V_I(l->county), V_I(l->id), V_I(l->run), V_I(state),
                  V_I(-1), V_I((int64_t)room)));
    while (db_next(&rows) && o->count < room)
        o->wanted[o->count++] =
            (struct wanted){row_i64(&rows, COMPARE_ROWS_ROW_NUMBER),
                            (enum refusal)row_i64(&rows, COMPARE_ROWS_REASON)};
    return db_done(&rows);
}

static enum rc open_writer(struct rows_out *o, struct cx *cx, enum frame_format format, int fd)
{
    struct row header;
    TRY(rows_read(&header, cx, o->file.rows, o->file.header));
    o->column_count = header.count + 1;
    struct column_spec *columns = arena_new(cx->arena, o->column_count * sizeof *columns);
    o->cells = arena_new(cx->arena, o->column_count * sizeof *o->cells);
    for (size_t c = 0; c < o->column_count; c++) {
        const char *title =
            c < header.count ? arena_copy(cx->arena, header.cells[c].text) : _("reason");
        columns[c] = (struct column_spec){.name = title, .label = title, .type = COLUMN_TEXT};
    }
    return frame_writer_open(&o->writer, cx, fd, columns, o->column_count,
                             &(struct frame_write_options){.format = format,
                                                           .title = _("Rows of the list"),
                                                           .label_header = true,
                                                           .row_count = -1});
}

static enum rc write_row(struct cx *cx, struct rows_out *o, const struct row *row,
                         const char *reason)
{
    for (size_t c = 0; c + 1 < o->column_count; c++) {
        bool there = c < row->count && row->cells[c].kind != CELL_EMPTY;
        o->cells[c] =
            (struct out_cell){.missing = !there, .s = there ? row->cells[c].text : STR("")};
    }
    o->cells[o->column_count - 1] = (struct out_cell){.s = str_of(reason)};
    return frame_writer_row(cx, o->writer, o->cells);
}

static enum rc write_rows(struct cx *cx, struct rows_out *o)
{
    size_t at = 0;
    for (size_t i = 0; i < o->file.row_count && at < o->count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct row row;
        TRY(rows_read(&row, cx, o->file.rows, o->file.first + i));
        while (at < o->count && o->wanted[at].number < row.number)
            at++;
        if (at < o->count && o->wanted[at].number == row.number) {
            enum refusal why = o->wanted[at].refusal;
            TRY(write_row(cx, o, &row,
                          why ? refusal_text(cx, why) : _("Nobody of the register.")));
        }
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

enum rc compare_rows_write(struct cx *cx, int64_t id, enum compare_row_state state,
                           struct str format_name, int fd)
{
    struct rows_out o = {0};
    struct compare_list l;
    enum frame_format format;
    if (!frame_format_parse(&format, format_name) ||
        (format != FRAME_CSV && format != FRAME_XLSX))
        return fail(cx, RC_INVALID, _("These rows come as csv or xlsx."), "format");
    TRY(compare_get(&l, cx, id));
    TRY(actor_require_in(cx, "compare.run", str_of(l.area_path)));
    if (!l.kind || (state != ROW_REFUSED && state != ROW_LOST))
        return fail(cx, RC_INVALID, _("These rows are not kept."), "state");
    TRY(load_wanted(&o, cx, &l, state));
    TRY(import_file_open(&o.file, cx, 0, l.document_id, l.kind->mapping));
    enum rc rc = open_writer(&o, cx, format, fd);
    if (!rc) {
        rc = write_rows(cx, &o);
        if (rc)
            frame_writer_abort(o.writer);
        else
            rc = frame_writer_close(cx, o.writer);
    }
    import_file_close(&o.file);
    return rc;
}

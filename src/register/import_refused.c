/* The refused rows of an import as a file in its own columns, with a last column that says why.
 */
#include "base/limits.h"
#include "base/text.h"
#include "db/db.h"
#include "frame/frame.h"
#include "register/import.sql.h"
#include "register/import_inner.h"

enum { REASON_BYTES = 2000, WORK_BYTES = 16 * 1024 * 1024 };

struct refused {
    struct import i;
    struct import_file file;
    uint8_t *bits;
    struct frame_writer *writer;
    struct out_cell *cells;
    size_t column_count;   /* with the reason's */
    struct db_rows errors; /* by row number */
    bool has_error;
    int64_t error_row;
};

static void put_row(struct refused *r, const struct row *row, const char *reason)
{
    for (size_t c = 0; c + 1 < r->column_count; c++) {
        bool there = c < row->count && row->cells[c].kind != CELL_EMPTY;
        r->cells[c] =
            (struct out_cell){.missing = !there, .s = there ? row->cells[c].text : STR("")};
    }
    r->cells[r->column_count - 1] = (struct out_cell){.missing = !reason, .s = str_of(reason)};
}

static void next_error(struct refused *r)
{
    r->has_error = db_next(&r->errors);
    if (r->has_error)
        r->error_row = row_i64(&r->errors, FINDING_ERRORS_ROW_NUMBER);
}

/* All reasons of a row in one text; rows refused with their household have none of their own.
 */
static const char *reason_of(struct refused *r, struct cx *cx, int64_t row_number)
{
    struct buf b;
    int message = cx->lang == LANG_ZH ? FINDING_ERRORS_MESSAGE_ZH : FINDING_ERRORS_MESSAGE_EN;
    buf_init(&b, cx->arena, REASON_BYTES);
    while (r->has_error && r->error_row < row_number)
        next_error(r);
    while (r->has_error && r->error_row == row_number) {
        struct str column = row_str(&r->errors, FINDING_ERRORS_COLUMN_TITLE),
                   text = row_str(&r->errors, message);
        if (b.len)
            buf_z(&b, " | ");
        if (column.len)
            buf_printf(&b, "%.*s: ", STR_ARG(column));
        buf_str(&b, text);
        next_error(r);
    }
    if (!b.len)
        return _("Another row of the same household is wrong; it is sent again together with "
                 "this one.");
    return arena_copy(cx->arena, buf_view(&b));
}

/* The file's first row becomes the writer's header: a title above the real header keeps its
 * place, since it can name the year. */
static enum rc open_writer(struct refused *r, struct cx *cx, enum frame_format format, int fd)
{
    struct row first, header;
    TRY(rows_read(&header, cx, r->file.rows, r->file.header));
    TRY(rows_read(&first, cx, r->file.rows, 0));
    r->column_count = (header.count > first.count ? header.count : first.count) + 1;
    struct column_spec *columns = arena_new(cx->arena, r->column_count * sizeof *columns);
    r->cells = arena_new(cx->arena, r->column_count * sizeof *r->cells);
    for (size_t c = 0; c < r->column_count; c++) {
        const char *title = c < first.count ? arena_copy(cx->arena, first.cells[c].text) : "";
        if (r->file.header == 0 && c + 1 == r->column_count)
            title = _("reason");
        columns[c] = (struct column_spec){.name = title, .label = title, .type = COLUMN_TEXT};
    }
    const struct frame_write_options options = {
        .format = format, .title = _("Refused rows"), .label_header = true, .row_count = -1};
    return frame_writer_open(&r->writer, cx, fd, columns, r->column_count, &options);
}

/* The further title rows and the real header, with the reason's title. */
static enum rc write_titles(struct refused *r, struct cx *cx)
{
    for (size_t i = 1; i <= r->file.header; i++) {
        struct row row;
        TRY(rows_read(&row, cx, r->file.rows, i));
        put_row(r, &row, i == r->file.header ? _("reason") : NULL);
        TRY(frame_writer_row(cx, r->writer, r->cells));
    }
    return RC_OK;
}

static enum rc write_rows(struct refused *r, struct cx *cx)
{
    TRY(DB_SELECT(&r->errors, cx, &FINDING_ERRORS, V_I(r->i.id)));
    next_error(r);
    enum rc rc = RC_OK;
    for (size_t k = 0; k < r->file.row_count && !rc; k++) {
        size_t index = r->file.first + k;
        if (!(r->bits[index / 8] >> index % 8 & 1))
            continue;
        struct arena_mark mark = arena_mark(cx->arena);
        struct row row;
        rc = rows_read(&row, cx, r->file.rows, index);
        if (!rc) {
            put_row(r, &row, reason_of(r, cx, row.number));
            rc = frame_writer_row(cx, r->writer, r->cells);
        }
        arena_back(cx->arena, mark);
    }
    enum rc closed = db_done(&r->errors);
    return rc ? rc : closed;
}

enum rc import_refused_write(struct cx *cx, int64_t id, struct str format_name, int fd)
{
    struct refused r = {0};
    enum frame_format format;
    const struct mapping *mapping;
    if (!frame_format_parse(&format, format_name))
        return fail(cx, RC_INVALID, _("Refused rows come as csv or xlsx."), "format");
    TRY(import_get(&r.i, cx, id));
    TRY(import_mapping(&mapping, cx, &r.i));
    TRY(import_file_open(&r.file, cx, 0, r.i.document_id, mapping));
    enum rc rc = import_refused_bits(&r.bits, cx, id, r.file.first + r.file.row_count);
    if (!rc)
        rc = open_writer(&r, cx, format, fd);
    if (!rc) {
        rc = write_titles(&r, cx);
        if (!rc)
            rc = write_rows(&r, cx);
        if (rc)
            frame_writer_abort(r.writer);
        else
            rc = frame_writer_close(cx, r.writer);
    }
    import_file_close(&r.file);
    return rc;
}

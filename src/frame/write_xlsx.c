/* XLSX through libxlsxwriter in constant memory. It writes to a path, so it gets an unnamed
 * file through /proc, which is then copied to the caller's descriptor. */
#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"
#include "frame/number.h"
#include "frame/writer.h"

#include <errno.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum {
    XLSX_ROWS_MAX = 1048576,
    XLSX_COLUMNS_MAX = 16384,
    SHEET_NAME_UNITS = 31, /* UTF-16 units */
    EXCEL_TO_1970 = 25569,
    EXCEL_GAP_DAY = 61, /* serial of 1900-03-01: before it Excel counts a day that never was */
    COPY_BYTES = 64 * 1024,
    COLUMN_WIDTH = 14,
};
/* Excel keeps 15 significant digits: a larger integer goes out as text, digit for digit. */
static const int64_t exact_max = 999999999999999;

struct xlsx_writer {
    struct file_temp temp;
    bool temp_open;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *day, *bold;
    struct buf text;     /* one cell, NUL-terminated */
    lxw_row_t row_count; /* of the sheet, without its header */
};

static enum rc xlsx_failed(struct cx *cx, const struct frame_writer *w, lxw_error e)
{
    if (e == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED)
        return fail_f(cx, RC_LIMIT,
                      _("Row %" PRId64 " holds a text that is too long for Excel. Choose CSV."),
                      w->row_count + 1);
    return fail(cx, RC_IO, _("The Excel file could not be written. The disk may be full."),
                "libxlsxwriter error=%d", (int)e);
}

/* A sheet's name may have 31 units and none of []:*?/\ nor an apostrophe at its ends. */
static const char *sheet_name(struct cx *cx, const char *title)
{
    struct buf b;
    size_t units = 0;
    buf_init(&b, cx->arena, 256);
    struct str rest = str_trim(str_of(title));
    for (uint32_t c; (c = utf8_next(&rest)) != 0;) {
        units += c > 0xffff ? 2 : 1;
        if (units > SHEET_NAME_UNITS)
            break;
        bool bad = c < 0x20 || (c < 0x80 && strchr("[]:*?/\\'", (int)c) != NULL);
        utf8_put(&b, bad ? ' ' : c);
    }
    struct str name = str_trim(buf_view(&b));
    return name.len > 0 ? arena_copy(cx->arena, name) : NULL;
}

static enum rc book_open(struct cx *cx, struct frame_writer *w, struct xlsx_writer *x)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", x->temp.fd);
    char *dir = arena_new(w->arena, strlen(writer_tmp_dir(cx)) + 1);
    memcpy(dir, writer_tmp_dir(cx), strlen(writer_tmp_dir(cx)));
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = dir};
    x->book = workbook_new_opt(path, &options);
    x->sheet = x->book ? workbook_add_worksheet(x->book, sheet_name(cx, w->title)) : NULL;
    if (x->sheet == NULL)
        return xlsx_failed(cx, w, LXW_ERROR_CREATING_TMPFILE);
    x->day = workbook_add_format(x->book);
    x->bold = workbook_add_format(x->book);
    format_set_num_format(x->day, "yyyy-mm-dd");
    format_set_bold(x->bold);
    char *title = arena_new(w->arena, strlen(w->title) + 1);
    char *note = arena_new(w->arena, strlen(w->note) + 1);
    memcpy(title, w->title, strlen(w->title));
    memcpy(note, w->note, strlen(w->note));
    lxw_doc_properties properties = {.title = title, .comments = note, .created = cx->now_at};
    (void)workbook_set_properties(x->book, &properties); /* only memory could fail it */
    return RC_OK;
}

static bool is_escape(struct str s, size_t at)
{
    if (s.len - at < 7 || s.p[at + 1] != 'x' || s.p[at + 6] != '_')
        return false;
    for (size_t i = at + 2; i < at + 6; i++)
        if (memchr("0123456789abcdefABCDEF", s.p[i], 22) == NULL)
            return false;
    return true;
}

/* What XML cannot hold is written _xHHHH_, and so is the underscore of a text that looks like
 * that. Source: ECMA-376-1, 22.4.2.4 (bstr). */
static void escape(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n') || (c == '_' && is_escape(s, i)))
            buf_printf(out, "_x%04X_", c);
        else
            buf_char(out, (char)c);
    }
}

static lxw_error put_text(struct xlsx_writer *x, lxw_row_t row, size_t column, struct str s,
                          lxw_format *format)
{
    buf_clear(&x->text);
    escape(&x->text, s);
    return worksheet_write_string(x->sheet, row, (lxw_col_t)column, buf_view(&x->text).p,
                                  format);
}

/* Titles of the columns, held in sight. */
static enum rc sheet_head(struct cx *cx, struct frame_writer *w, struct xlsx_writer *x)
{
    x->row_count = 0;
    worksheet_freeze_panes(x->sheet, 1, 0);
    lxw_error e =
        worksheet_set_column(x->sheet, 0, (lxw_col_t)(w->column_count - 1), COLUMN_WIDTH, NULL);
    for (size_t i = 0; i < w->column_count && e == LXW_NO_ERROR; i++)
        e = put_text(x, 0, i, writer_header(w, &w->columns[i]), x->bold);
    return e == LXW_NO_ERROR ? RC_OK : xlsx_failed(cx, w, e);
}

static enum rc xlsx_begin(struct cx *cx, struct frame_writer *w)
{
    struct xlsx_writer *x = arena_new(w->arena, sizeof *x);
    w->state = x;
    buf_init(&x->text, NULL, 1 << 20);
    if (w->column_count > XLSX_COLUMNS_MAX)
        return fail_f(cx, RC_LIMIT, _("An Excel sheet holds at most %d columns. Choose CSV."),
                      (int)XLSX_COLUMNS_MAX);
    TRY(file_temp_open(&x->temp, cx, writer_tmp_dir(cx)));
    x->temp_open = true;
    TRY(book_open(cx, w, x));
    return sheet_head(cx, w, x);
}

/* Two sheets may not have the same name: the later one is then called "Sheet7". */
static enum rc xlsx_sheet(struct cx *cx, struct frame_writer *w, const char *title)
{
    struct xlsx_writer *x = w->state;
    const char *name = sheet_name(cx, title);
    if (name && workbook_get_worksheet_by_name(x->book, name))
        name = NULL;
    x->sheet = workbook_add_worksheet(x->book, name);
    if (x->sheet == NULL)
        return xlsx_failed(cx, w, LXW_ERROR_CREATING_TMPFILE);
    return sheet_head(cx, w, x);
}

static lxw_error put_day(struct xlsx_writer *x, lxw_row_t row, size_t column, int64_t day,
                         struct str iso)
{
    int64_t serial = day + EXCEL_TO_1970;
    if (serial < EXCEL_GAP_DAY)
        serial--;
    if (serial < 1)
        return put_text(x, row, column, iso, NULL); /* Excel's calendar begins in 1900 */
    return worksheet_write_number(x->sheet, row, (lxw_col_t)column, (double)serial, x->day);
}

static lxw_error put_cell(struct frame_writer *w, lxw_row_t row, size_t column,
                          const struct out_cell *cell)
{
    struct xlsx_writer *x = w->state;
    const struct column_spec *c = &w->columns[column];
    char z[NUMBER_TEXT_MAX];
    bool is_number;
    if (writer_missing(c, cell))
        return LXW_NO_ERROR;
    struct str text = writer_text(&is_number, z, w, c, cell);
    if (text.len == 0)
        return LXW_NO_ERROR;
    if (c->type == COLUMN_I64 && c->is_day)
        return put_day(x, row, column, cell->i, text);
    double number = cell->f;
    bool exact = c->type == COLUMN_F64 || (cell->i <= exact_max && cell->i >= -exact_max);
    if (!is_number || !exact || (c->type == COLUMN_I64 && !str_to_f64(&number, text)))
        return put_text(x, row, column, text, NULL);
    return worksheet_write_number(x->sheet, row, (lxw_col_t)column, number, NULL);
}

static enum rc xlsx_row(struct cx *cx, struct frame_writer *w, const struct out_cell *cells)
{
    struct xlsx_writer *x = w->state;
    if (x->row_count + 1 >= XLSX_ROWS_MAX)
        return fail_f(cx, RC_LIMIT, _("An Excel sheet holds at most %d rows. Choose CSV."),
                      (int)XLSX_ROWS_MAX);
    for (size_t i = 0; i < w->column_count; i++) {
        lxw_error e = put_cell(w, x->row_count + 1, i, &cells[i]);
        if (e != LXW_NO_ERROR)
            return xlsx_failed(cx, w, e);
    }
    x->row_count++;
    return RC_OK;
}

static enum rc copy_out(struct cx *cx, struct frame_writer *w, int from)
{
    char *p = arena_new(w->arena, COPY_BYTES);
    off_t at = 0;
    ssize_t n;
    while ((n = pread(from, p, COPY_BYTES, at)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return file_fail(cx, errno, "export");
        TRY(file_put(cx, w->fd, p, (size_t)n, "export"));
        at += n;
    }
    return RC_OK;
}

static enum rc xlsx_end(struct cx *cx, struct frame_writer *w)
{
    struct xlsx_writer *x = w->state;
    lxw_error e = workbook_close(x->book); /* frees it in every case */
    x->book = NULL;
    if (e != LXW_NO_ERROR)
        return xlsx_failed(cx, w, e);
    return copy_out(cx, w, x->temp.fd);
}

static void xlsx_release(struct frame_writer *w)
{
    struct xlsx_writer *x = w->state;
    if (x->book)
        (void)workbook_close(x->book); /* the only way to free it; its file is dropped */
    if (x->temp_open)
        file_temp_drop(&x->temp);
    buf_free(&x->text);
}

const struct writer_ops writer_xlsx = {xlsx_begin, xlsx_row, xlsx_end, xlsx_release,
                                       xlsx_sheet};

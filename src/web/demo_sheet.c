/* A table file of the demo, written row by row: CSV in UTF-8 with its mark, CSV in GB18030 as
 * older Chinese programs write it, XLSX. Unlike frame/frame.h it writes what it is told,
 * mistakes too, and the same bytes every time. */
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "web/demo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/ustring.h>
#include <xlsxwriter.h>

enum { LINE_BYTES = 64 * 1024 };
/* Written into the XLSX as its day of creation, so that the bytes do not depend on the clock.
 */
#define MADE_AT ((time_t)1735660800) /* 2024-12-31 16:00 UTC */

struct demo_sheet {
    enum demo_format format;
    const char *path;
    int64_t row;
    FILE *file;
    struct buf line;
    UConverter *converter;
    UChar *wide;
    char *narrow;
    lxw_workbook *book;
    lxw_worksheet *sheet;
};

static enum rc open_xlsx(struct cx *cx, struct demo_sheet *s)
{
    char title[] = "Fumin demo: made-up people";
    lxw_workbook_options options = {.constant_memory = LXW_FALSE};
    lxw_doc_properties properties = {.title = title, .created = MADE_AT};
    s->book = workbook_new_opt(s->path, &options);
    if (!s->book)
        return fail(cx, RC_LIMIT, _("There is not enough memory for this file."), "xlsx");
    (void)workbook_set_properties(s->book, &properties); /* only lack of memory fails */
    s->sheet = workbook_add_worksheet(s->book, "Sheet1");
    return s->sheet
               ? RC_OK
               : fail(cx, RC_LIMIT, _("There is not enough memory for this file."), "xlsx");
}

enum rc demo_sheet_open(struct demo_sheet **out, struct cx *cx, const char *path,
                        enum demo_format format)
{
    struct demo_sheet *s = arena_new(cx->arena, sizeof *s);
    s->format = format;
    s->path = path;
    s->row = 1;
    if (format == DEMO_XLSX) {
        TRY(open_xlsx(cx, s));
        *out = s;
        return RC_OK;
    }
    buf_init(&s->line, cx->arena, LINE_BYTES);
    if (format == DEMO_CSV_GB18030) {
        UErrorCode code = U_ZERO_ERROR;
        s->wide = arena_new(cx->arena, LINE_BYTES * sizeof *s->wide);
        s->narrow = arena_new(cx->arena, LINE_BYTES * 2);
        s->converter = ucnv_open("gb18030", &code);
        if (U_FAILURE(code))
            return fail(cx, RC_IO, _("The encoding GB18030 is not known on this machine."),
                        "ucnv_open: %s", u_errorName(code));
    }
    s->file = fopen(path, "wbe");
    if (!s->file) {
        int error = errno;
        if (s->converter)
            ucnv_close(s->converter);
        return file_fail(cx, error, path);
    }
    if (format == DEMO_CSV_UTF8)
        fputs("\xEF\xBB\xBF", s->file);
    *out = s;
    return RC_OK;
}

int64_t demo_sheet_row(const struct demo_sheet *s)
{
    return s->row;
}

static void put_csv_cell(struct buf *line, const char *text)
{
    if (!text[strcspn(text, ",\"\r\n")]) {
        buf_z(line, text);
        return;
    }
    buf_char(line, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            buf_char(line, '"');
        buf_char(line, *p);
    }
    buf_char(line, '"');
}

static enum rc write_line(struct cx *cx, struct demo_sheet *s)
{
    struct str line = buf_view(&s->line);
    if (s->converter) {
        UErrorCode code = U_ZERO_ERROR;
        int32_t wide_len;
        u_strFromUTF8(s->wide, LINE_BYTES, &wide_len, line.p, (int32_t)line.len, &code);
        int32_t len =
            ucnv_fromUChars(s->converter, s->narrow, LINE_BYTES * 2, s->wide, wide_len, &code);
        if (U_FAILURE(code))
            return fail(cx, RC_INVALID, _("A line cannot be written in GB18030."), "%s",
                        u_errorName(code));
        line = (struct str){s->narrow, (size_t)len};
    }
    if (fwrite(line.p, 1, line.len, s->file) != line.len)
        return file_fail(cx, errno, s->path);
    return RC_OK;
}

enum rc demo_sheet_put(struct cx *cx, struct demo_sheet *s, const struct demo_cell *cells,
                       size_t count)
{
    if (s->format == DEMO_XLSX) {
        for (size_t i = 0; i < count; i++) {
            lxw_row_t row = (lxw_row_t)(s->row - 1);
            double number;
            if (cells[i].number && str_to_f64(&number, str_of(cells[i].text)))
                worksheet_write_number(s->sheet, row, (lxw_col_t)i, number, NULL);
            else if (cells[i].text[0])
                worksheet_write_string(s->sheet, row, (lxw_col_t)i, cells[i].text, NULL);
        }
        s->row++;
        return RC_OK;
    }
    buf_clear(&s->line);
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_char(&s->line, ',');
        put_csv_cell(&s->line, cells[i].text);
    }
    buf_z(&s->line, "\r\n");
    if (!buf_ok(&s->line))
        return fail(cx, RC_LIMIT, _("A line of the demo's files is too long."), "csv");
    s->row++;
    return write_line(cx, s);
}

enum rc demo_sheet_close(struct cx *cx, struct demo_sheet *s)
{
    if (s->converter)
        ucnv_close(s->converter);
    if (s->book) {
        lxw_error error = workbook_close(s->book);
        return error ? fail_f(cx, RC_IO, _("%s could not be written: %s"), s->path,
                              lxw_strerror(error))
                     : RC_OK;
    }
    bool failed = ferror(s->file) != 0;
    if (fclose(s->file) || failed)
        return file_fail(cx, errno, s->path);
    return RC_OK;
}

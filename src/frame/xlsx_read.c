/* A workbook from end to end: frame, styles, strings, then the wanted sheet. */
#include "frame/xlsx.h"

#include "base/text.h"
#include "frame/xlsx_parts.h"

#include <libxml/parser.h>

enum {
    STRINGS_BYTES_MAX = 384 * 1024 * 1024,
    STRINGS_MAX = 20 * 1000 * 1000,
    SMALL_MAX = 4 * 1024 * 1024,
};

void xlsx_prepare(void)
{
    xmlInitParser();
}

static const struct xlsx_sheet *sheet_at(const struct xlsx *x, size_t i)
{
    return (const struct xlsx_sheet *)(const void *)x->sheets.p + i;
}

static size_t sheet_count(const struct xlsx *x)
{
    return x->sheets.len / sizeof(struct xlsx_sheet);
}

static enum rc read_named(struct xlsx *x, struct sink *sink, struct str name)
{
    struct cx *cx = x->cx;
    for (size_t i = 0; i < sheet_count(x); i++)
        if (str_eq_z(name, sheet_at(x, i)->name))
            return xlsx_read_sheet(x, sheet_at(x, i)->part, sink);
    return fail(cx, RC_INVALID, _("There is no sheet with this name in the workbook."),
                "%zu sheets", sheet_count(x));
}

/* The first sheet with a row: visible ones first, hidden ones when those are all empty. */
static enum rc read_first(struct xlsx *x, struct sink *sink)
{
    for (int hidden = 0; hidden <= 1; hidden++)
        for (size_t i = 0; i < sheet_count(x) && sink_row_count(sink) == 0; i++)
            if (sheet_at(x, i)->hidden == (hidden == 1))
                TRY(xlsx_read_sheet(x, sheet_at(x, i)->part, sink));
    return RC_OK;
}

/* Visible sheets' names; all when none is visible. */
static enum rc finish(struct xlsx *x, struct sink *sink)
{
    struct cx *cx = x->cx;
    size_t count = sheet_count(x), shown = 0;
    struct str *names = arena_array(x->cx->arena, count, sizeof *names);
    if (names == NULL)
        return fail(cx, RC_LIMIT, _("The file could not be read."), "sheet names");
    for (size_t i = 0; i < count; i++)
        if (!sheet_at(x, i)->hidden)
            names[shown++] = str_of(sheet_at(x, i)->name);
    for (size_t i = 0; i < count && shown == 0; i++)
        names[i] = str_of(sheet_at(x, i)->name);
    return sink_finish(x->cx, sink, ROWS_XLSX, ROWS_UTF8, names, shown ? shown : count);
}

static enum rc read_all(struct xlsx *x, int fd, struct sink *sink, struct str sheet)
{
    TRY(xlsx_open(x, fd));
    TRY(xlsx_read_book(x));
    TRY(xlsx_read_styles(x));
    TRY(xlsx_read_strings(x));
    if (sheet.len > 0)
        TRY(read_named(x, sink, sheet));
    else
        TRY(read_first(x, sink));
    return finish(x, sink);
}

enum rc xlsx_read(struct cx *cx, int fd, struct sink *sink, struct str sheet)
{
    struct xlsx x = {.cx = cx};
    buf_init(&x.relations, NULL, SMALL_MAX);
    buf_init(&x.sheets, NULL, SMALL_MAX);
    buf_init(&x.date_formats, NULL, SMALL_MAX);
    buf_init(&x.date_styles, NULL, SMALL_MAX);
    buf_init(&x.strings, NULL, STRINGS_BYTES_MAX);
    buf_init(&x.string_ends, NULL, (size_t)STRINGS_MAX * sizeof(uint32_t));
    enum rc rc = read_all(&x, fd, sink, sheet);
    xlsx_close(&x);
    buf_free(&x.relations);
    buf_free(&x.sheets);
    buf_free(&x.date_formats);
    buf_free(&x.date_styles);
    buf_free(&x.strings);
    buf_free(&x.string_ends);
    return rc;
}

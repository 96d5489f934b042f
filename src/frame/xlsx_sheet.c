/* One sheet's rows and cells into the sink. Source: ECMA-376-1, 18.3.1.4 (c), 18.3.1.73 (row),
 * 18.18.11 (cell types). */
#include "frame/xlsx_parts.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "frame/number.h"

#include <string.h>

enum { ROW_NUMBER_MAX = 10 * 1000 * 1000, COLUMN_LETTERS_MAX = 3 };

enum cell_type {
    XLSX_NUMBER,
    XLSX_SHARED,
    XLSX_TEXT,
    XLSX_BOOLEAN,
    XLSX_ERROR,
    XLSX_ISO_DAY,
};
struct sheet {
    struct xlsx *x;
    struct sink *sink;
    bool in_data, in_row, in_cell, in_inline, collecting;
    int phonetic;
    int64_t row_number;
    size_t column; /* of the present cell */
    size_t next_column;
    enum cell_type type;
    bool is_date;
    size_t text_len;
    char text[LIMIT_CELL_BYTES + 1];
};

static enum rc damaged(const struct sheet *s, const char *what)
{
    struct cx *cx = s->x->cx;
    return fail_f(cx, RC_INVALID,
                  _("The workbook is damaged in row %" PRId64
                    " (%s). Open it in Excel, save it again "
                    "and send that file."),
                  s->row_number, what);
}

/* "BC12" to column 54; the row's number is the row element's. */
static bool column_of(size_t *out, struct str reference)
{
    size_t n = 0, i = 0;
    for (; i < reference.len && reference.p[i] >= 'A' && reference.p[i] <= 'Z'; i++) {
        if (i == COLUMN_LETTERS_MAX)
            return false;
        n = n * 26 + (size_t)(reference.p[i] - 'A') + 1;
    }
    if (i == 0)
        return false;
    *out = n - 1;
    return true;
}

static enum rc row_start(struct sheet *s, const struct xml_element *e)
{
    struct str r = xml_attribute(e, "r");
    int64_t number = s->row_number + 1;
    if (r.len > 0 && (!str_to_i64(&number, r) || number < 1 || number > ROW_NUMBER_MAX))
        return damaged(s, "row");
    s->row_number = number;
    s->in_row = true;
    s->next_column = 0;
    sink_row_begin(s->sink, number);
    return RC_OK;
}

static enum cell_type type_of(struct str t)
{
    if (t.len == 0 || str_eq_z(t, "n"))
        return XLSX_NUMBER;
    if (str_eq_z(t, "s"))
        return XLSX_SHARED;
    if (str_eq_z(t, "b"))
        return XLSX_BOOLEAN;
    if (str_eq_z(t, "e"))
        return XLSX_ERROR;
    if (str_eq_z(t, "d"))
        return XLSX_ISO_DAY;
    return XLSX_TEXT; /* str, inlineStr */
}

static enum rc cell_start(struct sheet *s, const struct xml_element *e)
{
    struct str r = xml_attribute(e, "r"), style = xml_attribute(e, "s");
    int64_t style_number = 0;
    s->column = s->next_column;
    if (r.len > 0 && !column_of(&s->column, r))
        return damaged(s, "cell");
    s->next_column = s->column + 1;
    s->type = type_of(xml_attribute(e, "t"));
    const struct buf *dates = &s->x->date_styles;
    if (style.len > 0 && !str_to_i64(&style_number, style))
        return damaged(s, "style");
    s->is_date =
        style_number >= 0 && (uint64_t)style_number < dates->len && dates->p[style_number] != 0;
    s->in_cell = true;
    s->text_len = 0;
    return RC_OK;
}

static enum rc sheet_start(void *user, const struct xml_element *e)
{
    struct sheet *s = user;
    const char *name = e->name;
    if (strcmp(name, "sheetData") == 0)
        s->in_data = true;
    else if (!s->in_data)
        return RC_OK;
    else if (strcmp(name, "row") == 0)
        return row_start(s, e);
    else if (strcmp(name, "c") == 0 && s->in_row)
        return cell_start(s, e);
    else if (strcmp(name, "v") == 0)
        s->collecting = s->in_cell;
    else if (strcmp(name, "is") == 0)
        s->in_inline = s->in_cell;
    else if (strcmp(name, "rPh") == 0)
        s->phonetic++;
    else if (strcmp(name, "t") == 0)
        s->collecting = s->in_inline && s->phonetic == 0;
    return RC_OK;
}

static enum rc put(struct sheet *s, enum cell_kind kind, struct str text)
{
    return sink_cell(s->x->cx, s->sink, s->column, kind, text);
}

static enum rc number_end(struct sheet *s, struct str text)
{
    char z[NUMBER_TEXT_MAX];
    double x;
    int32_t day;
    if (text.len == 0)
        return RC_OK;
    if (!s->is_date && number_is_short(text))
        return put(s, CELL_NUMBER, text);
    if (!str_to_f64(&x, text))
        return damaged(s, "number");
    if (s->is_date && day_from_excel(&day, x, s->x->is_1904))
        return put(s, CELL_DAY, number_text_day(z, day));
    return put(s, CELL_NUMBER, number_text(z, x));
}

static enum rc iso_end(struct sheet *s, struct str text)
{
    struct str first = {text.p, text.len < 10 ? text.len : 10};
    int32_t day;
    char z[NUMBER_TEXT_MAX];
    if (day_parse(&day, first))
        return put(s, CELL_DAY, number_text_day(z, day));
    return put(s, CELL_TEXT, text);
}

static enum rc cell_end(struct sheet *s)
{
    struct str text = {s->text, s->text_len};
    s->in_cell = s->in_inline = s->collecting = false;
    switch (s->type) {
    case XLSX_NUMBER:
        return number_end(s, str_trim(text));
    case XLSX_SHARED:
        if (text.len == 0)
            return RC_OK;
        if (!xlsx_string(&text, s->x, str_trim(text)))
            return damaged(s, "shared string");
        return put(s, CELL_TEXT, text);
    case XLSX_BOOLEAN:
        text = str_trim(text);
        return put(s, CELL_TEXT,
                   str_eq_z(text, "1") ? STR("TRUE")
                   : text.len          ? STR("FALSE")
                                       : text);
    case XLSX_ERROR:
        return put(s, CELL_ERROR, text);
    case XLSX_ISO_DAY:
        return iso_end(s, str_trim(text));
    case XLSX_TEXT:
        break;
    }
    text.len = xlsx_unescape(s->text, s->text_len);
    return put(s, CELL_TEXT, text);
}

static enum rc sheet_end(void *user, const char *name)
{
    struct sheet *s = user;
    if (!s->in_data)
        return RC_OK;
    if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) {
        s->collecting = false;
    } else if (strcmp(name, "c") == 0 && s->in_cell) {
        return cell_end(s);
    } else if (strcmp(name, "row") == 0 && s->in_row) {
        s->in_row = false;
        return sink_row_end(s->x->cx, s->sink, false);
    } else if (strcmp(name, "is") == 0) {
        s->in_inline = false;
    } else if (strcmp(name, "rPh") == 0 && s->phonetic > 0) {
        s->phonetic--;
    } else if (strcmp(name, "sheetData") == 0) {
        s->in_data = false;
    }
    return RC_OK;
}

static enum rc sheet_text(void *user, struct str text)
{
    struct sheet *s = user;
    if (!s->collecting)
        return RC_OK;
    if (text.len > sizeof s->text - s->text_len)
        return sink_cell_too_long(s->x->cx, s->sink, s->column);
    memcpy(s->text + s->text_len, text.p, text.len);
    s->text_len += text.len;
    return RC_OK;
}

enum rc xlsx_read_sheet(struct xlsx *x, const char *part, struct sink *sink)
{
    struct cx *cx = x->cx;
    static const struct xml_handler handler = {sheet_start, sheet_end, sheet_text};
    struct sheet *s = arena_try(x->cx->arena, sizeof *s);
    if (s == NULL)
        return fail(cx, RC_LIMIT, _("The file could not be read."), "sheet memory");
    s->x = x;
    s->sink = sink;
    enum rc rc = xlsx_parse(x, part, &handler, s);
    return rc == RC_NOTFOUND ? xlsx_damaged(x->cx, part, "zip") : rc;
}

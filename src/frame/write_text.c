/* CSV that Excel opens rightly and safely, and JSON as an array of objects; both streamed. */
#include "base/json.h"
#include "frame/number.h"
#include "frame/writer.h"

#include <string.h>

/* A spreadsheet runs a cell that begins like a formula. An apostrophe before it stops that; one
 * more is put before apostrophes that already stand there, so that reading takes off exactly
 * one (csv_read.c). Source: OWASP, CSV Injection. */
static bool needs_guard(struct str s)
{
    size_t i = 0;
    while (i < s.len && s.p[i] == '\'')
        i++;
    return i < s.len && memchr("=+-@\t\r", s.p[i], 6) != NULL;
}

static bool needs_marks(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\r' || s.p[i] == '\n')
            return true;
    return false;
}

static void csv_cell(struct buf *out, struct str s, bool is_number)
{
    bool guard = !is_number && needs_guard(s), marks = needs_marks(s);
    if (marks)
        buf_char(out, '"');
    if (guard)
        buf_char(out, '\'');
    for (struct str rest = s; marks && rest.p;) {
        struct str part = str_cut(&rest, '"');
        buf_str(out, part);
        if (rest.p)
            buf_z(out, "\"\"");
    }
    if (!marks)
        buf_str(out, s);
    if (marks)
        buf_char(out, '"');
}

static enum rc csv_begin(struct cx *cx, struct frame_writer *w)
{
    (void)cx;
    buf_z(&w->out, "\xef\xbb\xbf");
    for (size_t i = 0; i < w->column_count; i++) {
        if (i > 0)
            buf_char(&w->out, ',');
        csv_cell(&w->out, writer_header(w, &w->columns[i]), false);
    }
    buf_z(&w->out, "\r\n");
    return RC_OK;
}

static enum rc csv_row(struct cx *cx, struct frame_writer *w, const struct out_cell *cells)
{
    (void)cx;
    char z[NUMBER_TEXT_MAX];
    bool is_number;
    for (size_t i = 0; i < w->column_count; i++) {
        if (i > 0)
            buf_char(&w->out, ',');
        struct str text = writer_text(&is_number, z, w, &w->columns[i], &cells[i]);
        if (w->column_count == 1 && text.len == 0)
            buf_z(&w->out, "\"\""); /* an empty line would be no row */
        csv_cell(&w->out, text, is_number);
    }
    buf_z(&w->out, "\r\n");
    return RC_OK;
}

static enum rc csv_end(struct cx *cx, struct frame_writer *w)
{
    (void)cx, (void)w;
    return RC_OK;
}

const struct writer_ops writer_csv = {csv_begin, csv_row, csv_end, NULL, NULL};

/* ---- JSON ---- */

static const int64_t json_exact_max = (int64_t)1 << 53;

static void json_cell(struct json *j, const struct frame_writer *w, const struct column_spec *c,
                      const struct out_cell *cell)
{
    char z[NUMBER_TEXT_MAX];
    bool is_number;
    struct str text = writer_text(&is_number, z, w, c, cell);
    if (writer_missing(c, cell)) {
        json_nothing(j);
    } else if (!is_number) {
        json_str(j, text);
    } else if (c->type == COLUMN_F64) {
        json_f64(j, cell->f);
    } else if (c->decimals == 0) {
        json_i64(j, cell->i);
    } else if (cell->i > json_exact_max || cell->i < -json_exact_max) {
        json_str(j, text);
    } else {
        double x = 0;
        (void)str_to_f64(&x, text); /* our own digits: they always read back */
        json_f64(j, x);
    }
}

static enum rc json_begin(struct cx *cx, struct frame_writer *w)
{
    (void)cx;
    buf_z(&w->out, "[");
    return RC_OK;
}

static enum rc json_row(struct cx *cx, struct frame_writer *w, const struct out_cell *cells)
{
    (void)cx;
    struct json j;
    buf_z(&w->out, w->row_count > 0 ? ",\n" : "\n");
    json_init(&j, &w->out);
    json_object_begin(&j);
    for (size_t i = 0; i < w->column_count; i++) {
        json_key(&j, w->columns[i].name);
        json_cell(&j, w, &w->columns[i], &cells[i]);
    }
    json_object_end(&j);
    return RC_OK;
}

static enum rc json_end(struct cx *cx, struct frame_writer *w)
{
    (void)cx;
    buf_z(&w->out, "\n]\n");
    return RC_OK;
}

const struct writer_ops writer_json = {json_begin, json_row, json_end, NULL, NULL};

/* The CSV parser: a state machine over pieces. A cell that lies in one piece goes to the sink
 * without being copied; one that is cut or holds doubled marks is collected in `cell`. */
#include "frame/csv.h"

#include "base/limits.h"
#include "base/text.h"
#include "frame/number.h"

#include <assert.h>

enum csv_state {
    CSV_CELL,   /* before a cell's first byte */
    CSV_PLAIN,  /* in a cell without marks */
    CSV_QUOTED, /* between marks */
    CSV_MARK,   /* behind a mark in a quoted cell: its end, or half of a doubled one */
};
struct csv {
    struct sink *sink;
    char delimiter; /* 0 until guessed */
    bool prefer_tab;
    bool started;  /* the first piece has been looked at */
    bool in_row;   /* sink_row_begin was called */
    bool has_mark; /* the row has a quoted cell: "" alone is a row */
    bool after_cr; /* the last byte was CR: an LF that follows belongs to it */
    enum csv_state state;
    size_t column;
    int64_t line, mark_line; /* mark_line: where the open mark stands */
    size_t cell_len, cell_max;
    bool stop[256]; /* ends a plain run: delimiter, CR, LF */
    char cell[LIMIT_CELL_BYTES + 1];
};

enum rc csv_open(struct csv **out, struct cx *cx, struct sink *sink, char delimiter,
                 bool prefer_tab)
{
    struct csv *c = calloc(1, sizeof *c);
    if (c == NULL)
        return fail(cx, RC_LIMIT, _("The file could not be read."), "csv memory");
    c->sink = sink;
    c->delimiter = delimiter;
    c->prefer_tab = prefer_tab;
    c->line = 1;
    c->cell_max = sink_cell_bytes_max(sink);
    *out = c;
    return RC_OK;
}

void csv_free(struct csv *c)
{
    free(c);
}

int64_t csv_line(const struct csv *c)
{
    return c->line;
}

/* "sep=;" as the first line, which Excel writes and obeys: gives the length to skip. */
static size_t separator_line(char *delimiter, struct str piece)
{
    if (piece.len < 6 || strncasecmp(piece.p, "sep=", 4) != 0)
        return 0;
    if (piece.p[5] != '\r' && piece.p[5] != '\n')
        return 0;
    *delimiter = piece.p[4];
    return 5; /* its line end is counted as an empty row */
}

static struct str start(struct csv *c, struct str piece)
{
    size_t skip = separator_line(&c->delimiter, piece);
    if (c->delimiter == 0)
        c->delimiter = csv_guess_delimiter(piece, c->prefer_tab);
    c->stop[(unsigned char)c->delimiter] = true;
    c->stop['\r'] = c->stop['\n'] = true;
    c->started = true;
    return (struct str){piece.p + skip, piece.len - skip};
}

static enum rc collect(struct cx *cx, struct csv *c, const char *p, size_t len)
{
    if (len > c->cell_max - c->cell_len)
        return sink_cell_too_long(cx, c->sink, c->column);
    memcpy(c->cell + c->cell_len, p, len);
    c->cell_len += len;
    return RC_OK;
}

/* Our own files guard texts that a spreadsheet would run as a formula with an apostrophe (see
 * write_text.c); one is taken off again. */
static struct str unguarded(struct str s)
{
    size_t marks = 0;
    while (marks < s.len && s.p[marks] == '\'')
        marks++;
    if (marks > 0 && marks < s.len && strchr("=+-@\t\r", s.p[marks]))
        return (struct str){s.p + 1, s.len - 1};
    return s;
}

/* The cell ends: `tail` is what follows what has been collected. */
static enum rc cell_end(struct cx *cx, struct csv *c, struct str tail)
{
    struct str text = tail;
    if (c->cell_len > 0) {
        TRY(collect(cx, c, tail.p, tail.len));
        text = (struct str){c->cell, c->cell_len};
        c->cell_len = 0;
    }
    if (text.len > 0 && text.p[0] == '\'')
        text = unguarded(text);
    TRY(sink_cell(cx, c->sink, c->column, CELL_TEXT, text));
    c->column++;
    c->state = CSV_CELL;
    return RC_OK;
}

static void row_begin(struct csv *c)
{
    if (c->in_row)
        return;
    sink_row_begin(c->sink, c->line);
    c->in_row = true;
    c->has_mark = false;
    c->column = 0;
}

static enum rc row_end(struct cx *cx, struct csv *c)
{
    c->in_row = false;
    return sink_row_end(cx, c->sink, c->has_mark);
}

/* The byte that ended a cell: a delimiter or a line end. */
static enum rc cell_stop(struct cx *cx, struct csv *c, char stop)
{
    if (stop == c->delimiter)
        return RC_OK;
    TRY(row_end(cx, c));
    c->after_cr = stop == '\r';
    c->line++;
    return RC_OK;
}

/* In a plain cell from p; moves past the byte that ends it. */
static enum rc plain(struct cx *cx, struct csv *c, const char **p, const char *end)
{
    const char *from = *p, *at = from;
    while (at < end && !c->stop[(unsigned char)*at])
        at++;
    *p = at;
    if (at == end) {
        c->state = CSV_PLAIN;
        return collect(cx, c, from, (size_t)(at - from));
    }
    TRY(cell_end(cx, c, (struct str){from, (size_t)(at - from)}));
    *p = at + 1;
    return cell_stop(cx, c, *at);
}

/* Between marks from p; counts lines. */
static enum rc quoted(struct cx *cx, struct csv *c, const char **p, const char *end)
{
    const char *from = *p, *at = from;
    for (; at < end && *at != '"'; at++) {
        c->line += *at == '\r' || (*at == '\n' && !c->after_cr);
        c->after_cr = *at == '\r';
    }
    TRY(collect(cx, c, from, (size_t)(at - from)));
    *p = at;
    if (at < end) {
        *p = at + 1;
        c->state = CSV_MARK;
        c->after_cr = false;
    }
    return RC_OK;
}

/* Behind a mark in a quoted cell. */
static enum rc behind_mark(struct cx *cx, struct csv *c, const char **p)
{
    char next = **p;
    if (next == '"') {
        c->state = CSV_QUOTED;
        ++*p;
        return collect(cx, c, "\"", 1);
    }
    if (!c->stop[(unsigned char)next]) {
        c->state = CSV_PLAIN; /* "abc"def: Excel reads abcdef */
        return RC_OK;
    }
    TRY(cell_end(cx, c, (struct str){"", 0}));
    ++*p;
    return cell_stop(cx, c, next);
}

static enum rc cell_start(struct cx *cx, struct csv *c, const char **p, const char *end)
{
    if (c->after_cr) {
        c->after_cr = false;
        if (**p == '\n' && !c->in_row) {
            ++*p;
            return RC_OK;
        }
    }
    row_begin(c);
    if (**p != '"')
        return plain(cx, c, p, end);
    c->has_mark = true;
    c->state = CSV_QUOTED;
    c->mark_line = c->line;
    ++*p;
    return RC_OK;
}

enum rc csv_put(struct cx *cx, struct csv *c, struct str piece)
{
    if (!c->started)
        piece = start(c, piece);
    const char *p = piece.p, *end = piece.p + piece.len;
    while (p < end) {
        switch (c->state) {
        case CSV_CELL:
            TRY(cell_start(cx, c, &p, end));
            break;
        case CSV_PLAIN:
            TRY(plain(cx, c, &p, end));
            break;
        case CSV_QUOTED:
            TRY(quoted(cx, c, &p, end));
            break;
        case CSV_MARK:
            TRY(behind_mark(cx, c, &p));
            break;
        }
    }
    return RC_OK;
}

enum rc csv_end(struct cx *cx, struct csv *c)
{
    if (c->state == CSV_QUOTED)
        return fail_f(cx, RC_INVALID,
                      _("Line %" PRId64
                        ": a quotation mark (\") is opened there and never closed. "
                        "The file may be cut off, or the mark does not belong there."),
                      c->mark_line);
    if (!c->in_row)
        return RC_OK;
    if (c->state != CSV_CELL)
        TRY(cell_end(cx, c, (struct str){"", 0}));
    return row_end(cx, c);
}

static enum rc refuse(struct cx *cx, const struct decoder *d, int64_t line)
{
    uint64_t at = decoder_trouble_at(d) + 1;
    if (decoder_trouble(d) == DECODE_NUL)
        return fail_f(cx, RC_INVALID,
                      _("Line %" PRId64 " holds a zero byte (byte %" PRIu64
                        " of the file): this is not "
                        "a plain text file, or it is damaged. Save it again as CSV UTF-8."),
                      line, at);
    const char *name = decoder_charset(d) == CHARSET_UTF8      ? "UTF-8"
                       : decoder_charset(d) == CHARSET_GB18030 ? "GB18030"
                                                               : "UTF-16";
    return fail_f(cx, RC_INVALID,
                  _("Line %" PRId64 " (byte %" PRIu64
                    " of the file) is not valid %s text. Save the "
                    "file again as CSV UTF-8 and do not mix encodings."),
                  line, at, name);
}

static enum rows_charset charset_found(const struct decoder *d)
{
    switch (decoder_charset(d)) {
    case CHARSET_GB18030:
        return ROWS_GB18030;
    case CHARSET_UTF16LE:
        return ROWS_UTF16LE;
    case CHARSET_UTF16BE:
        return ROWS_UTF16BE;
    case CHARSET_UTF8:
        break;
    }
    return ROWS_UTF8;
}

static enum rc read_all(struct cx *cx, struct decoder *d, struct csv *c, struct sink *sink)
{
    struct str piece;
    while (true) {
        TRY(decoder_next(&piece, cx, d));
        if (piece.len == 0)
            break;
        TRY(csv_put(cx, c, piece));
    }
    if (decoder_trouble(d) != DECODE_FINE)
        return refuse(cx, d, csv_line(c));
    TRY(csv_end(cx, c));
    const struct str no_name = {"", 0};
    return sink_finish(cx, sink, ROWS_CSV, charset_found(d), &no_name, 1);
}

enum rc csv_read(struct cx *cx, int fd, struct sink *sink, bool prefer_tab)
{
    struct decoder *d = NULL;
    struct csv *c = NULL;
    TRY(decoder_open(&d, cx, fd));
    enum rc rc = csv_open(&c, cx, sink, 0, prefer_tab);
    if (rc == RC_OK)
        rc = read_all(cx, d, c, sink);
    csv_free(c);
    decoder_free(d);
    return rc;
}

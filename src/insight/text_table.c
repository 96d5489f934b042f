/* Tables of texts: see text_table.h. */
#include "insight/text_table.h"

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

#include <assert.h>
#include <unistd.h>

enum { PRINT_MAX = 1 << 30 };

size_t text_width(const char *z)
{
    struct str s = str_of(z);
    size_t places = 0;
    for (uint32_t c; (c = utf8_next(&s)) != 0;)
        places += c >= 0x1100 && (c <= 0x115F || c >= 0x2E80) ? 2 : 1;
    return places;
}

static void fill(struct buf *b, size_t from, size_t to)
{
    for (; from < to; from++)
        buf_char(b, ' ');
}

static void markdown_cell(struct buf *b, const char *z)
{
    buf_z(b, "| ");
    for (; *z; z++) {
        if (*z == '|' || *z == '\\' || *z == '*' || *z == '_' || *z == '`' || *z == '<')
            buf_char(b, '\\');
        buf_char(b, *z == '\n' || *z == '\r' ? ' ' : *z);
    }
    buf_char(b, ' ');
}

static void line(struct buf *b, const char *const *cell, const size_t *width, const bool *right,
                 size_t columns)
{
    for (size_t c = 0; c < columns; c++) {
        size_t w = text_width(cell[c]);
        bool to_right = right && right[c];
        fill(b, to_right ? w : width[c], width[c]);
        buf_z(b, cell[c]);
        if (c + 1 < columns)
            fill(b, to_right ? 0 : w, (to_right ? 0 : width[c]) + 2);
    }
    buf_char(b, '\n');
}

void text_line(struct buf *b, const char *const *cell, const size_t *width, size_t columns,
               bool markdown)
{
    if (!markdown) {
        line(b, cell, width, NULL, columns);
        return;
    }
    for (size_t c = 0; c < columns; c++)
        markdown_cell(b, cell[c]);
    buf_z(b, "|\n");
}

void text_rule(struct buf *b, const bool *right, size_t columns)
{
    for (size_t c = 0; c < columns; c++)
        buf_z(b, right && right[c] ? "| ---: " : "| --- ");
    buf_z(b, "|\n");
}

enum rc text_table_make(struct text_table *out, struct cx *cx, size_t columns, size_t rows)
{
    *out = (struct text_table){.columns = columns, .room = columns * rows};
    out->cell = arena_array(cx->arena, out->room + 1, sizeof *out->cell);
    return out->cell ? RC_OK
                     : fail(cx, RC_LIMIT, _("The table is too large to be printed."),
                            "cells=%zu", out->room);
}

void text_table_put(struct text_table *t, const char *z)
{
    assert(t->count < t->room);
    t->cell[t->count++] = z;
}

/* A number with what may stand around it: "-1.5", "12 %", "0.3 (0.1)". */
static bool looks_numeric(const char *z)
{
    return z[strspn(z, "0123456789.,-+e %()<InfaN")] == '\0';
}

enum rc text_table_print(struct cx *cx, const struct text_table *t, bool markdown)
{
    assert(t->columns);
    struct buf b;
    size_t *width = arena_new(cx->arena, (t->columns + 1) * sizeof *width);
    bool *right = arena_new(cx->arena, (t->columns + 1) * sizeof *right);
    for (size_t c = 0; c < t->columns; c++)
        right[c] = true;
    for (size_t i = 0; i < t->count; i++) {
        size_t c = i % t->columns, w = text_width(t->cell[i]);
        width[c] = w > width[c] ? w : width[c];
        right[c] &= i < t->columns || looks_numeric(t->cell[i]);
    }
    buf_init(&b, NULL, PRINT_MAX);
    for (size_t i = 0; i + t->columns <= t->count; i += t->columns) {
        if (markdown)
            text_line(&b, t->cell + i, width, t->columns, true);
        else
            line(&b, t->cell + i, width, right, t->columns);
        if (markdown && !i)
            text_rule(&b, right, t->columns);
    }
    enum rc rc = buf_ok(&b)
                     ? file_put(cx, STDOUT_FILENO, b.p, b.len, _("standard output"))
                     : fail(cx, RC_LIMIT, _("The table is too large to be printed."), "bytes");
    buf_free(&b);
    return rc;
}

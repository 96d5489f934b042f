/* Reads the normal form. Its writer is hostile: nothing is used before it is checked. */
#include "frame/normal.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <assert.h>

static uint64_t get64(const unsigned char *p)
{
    uint64_t n = 0;
    for (int i = 7; i >= 0; i--)
        n = n << 8 | p[i];
    return n;
}

/* A varint at *at, before `end`; moves *at. */
static bool get_varint(uint64_t *out, const unsigned char *p, size_t *at, size_t end)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
        unsigned char c = p[(*at)++];
        n |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80) {
            *out = n;
            return true;
        }
    }
    return false;
}

bool normal_open(struct normal *out, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    if (len < NORMAL_MARK + NORMAL_FOOT || memcmp(p, NORMAL_HEAD, NORMAL_MARK) != 0)
        return false;
    const unsigned char *foot = p + len - NORMAL_FOOT;
    if (memcmp(foot + NORMAL_FOOT - NORMAL_MARK, NORMAL_TAIL, NORMAL_MARK) != 0)
        return false;
    uint64_t rows = get64(foot), index = get64(foot + 8), sheets = get64(foot + 16);
    uint64_t sheet_count = get64(foot + 24), file = get64(foot + 32);
    uint64_t charset = get64(foot + 40);
    uint64_t foot_at = len - NORMAL_FOOT;
    if (rows > LIMIT_IMPORT_ROWS || sheet_count == 0 || sheet_count > NORMAL_SHEETS_MAX ||
        file >= ROWS_FILE_COUNT || charset >= ROWS_CHARSET_COUNT)
        return false;
    if (index < NORMAL_MARK || index > foot_at || sheets < index || sheets > foot_at ||
        (sheets - index) != rows * 8)
        return false;
    *out = (struct normal){.p = p,
                           .len = len,
                           .row_count = (size_t)rows,
                           .index_at = (size_t)index,
                           .sheets_at = (size_t)sheets,
                           .sheet_count = (size_t)sheet_count,
                           .file = (enum rows_file)file,
                           .charset = (enum rows_charset)charset};
    return true;
}

static bool chars_of(struct str s, const char *allowed)
{
    for (size_t i = 0; i < s.len; i++)
        if (strchr(allowed, s.p[i]) == NULL)
            return false;
    return s.len > 0;
}

static bool cell_valid(const struct cell *c)
{
    if (c->text.len == 0 || c->text.len > LIMIT_CELL_BYTES)
        return false;
    switch (c->kind) {
    case CELL_TEXT:
    case CELL_ERROR:
        return utf8_bad_at(c->text) == c->text.len;
    case CELL_NUMBER:
        return c->text.p[0] && chars_of(c->text, "0123456789.-+e");
    case CELL_DAY:
        return c->text.len == 10 && chars_of(c->text, "0123456789-");
    case CELL_EMPTY:
        break;
    }
    return false;
}

static bool get_cell(struct cell *out, const struct normal *n, size_t *at, size_t end)
{
    if (*at >= end)
        return false;
    unsigned char kind = n->p[(*at)++];
    if (kind == CELL_EMPTY) {
        *out = (struct cell){CELL_EMPTY, {"", 0}};
        return true;
    }
    uint64_t len;
    if (kind > CELL_ERROR || !get_varint(&len, n->p, at, end) || len > end - *at)
        return false;
    *out = (struct cell){(enum cell_kind)kind, {(const char *)n->p + *at, (size_t)len}};
    *at += (size_t)len;
    return cell_valid(out);
}

bool normal_row(struct row *out, struct arena *arena, const struct normal *n, size_t i)
{
    assert(i < n->row_count);
    uint64_t offset = get64(n->p + n->index_at + i * 8);
    size_t end = n->index_at;
    if (offset < NORMAL_MARK || offset >= end)
        return false;
    size_t at = (size_t)offset;
    uint64_t number, count;
    if (!get_varint(&number, n->p, &at, end) || !get_varint(&count, n->p, &at, end) ||
        number == 0 || number > INT64_MAX || count > LIMIT_IMPORT_COLUMNS || count > end - at)
        return false;
    struct cell *cells = arena_array(arena, (size_t)count + 1, sizeof *cells);
    if (cells == NULL)
        return false;
    for (size_t c = 0; c < count; c++)
        if (!get_cell(&cells[c], n, &at, end))
            return false;
    *out = (struct row){cells, (size_t)count, (int64_t)number};
    return true;
}

bool normal_sheets(const char **names, struct arena *arena, const struct normal *n)
{
    size_t at = n->sheets_at, end = n->len - NORMAL_FOOT;
    for (size_t i = 0; i < n->sheet_count; i++) {
        uint64_t len;
        if (!get_varint(&len, n->p, &at, end) || len > end - at || len > 1024)
            return false;
        struct str name = {(const char *)n->p + at, (size_t)len};
        if (utf8_bad_at(name) != name.len)
            return false;
        names[i] = arena_copy(arena, name);
        at += (size_t)len;
    }
    return at == end;
}

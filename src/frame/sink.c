/* Writes the normal form: one row is collected, then encoded into a block that goes out when
 * it is full. Memory: one block, one row, eight bytes per row for the index. */
#include "frame/sink.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

enum { BLOCK_BYTES = 256 * 1024, ROW_BYTES_MAX = 16 * 1024 * 1024, VARINT_MAX = 10 };

struct sink_slot {
    uint32_t at, len; /* in `text` */
    uint8_t kind;
};
struct sink {
    int fd;
    struct sink_limits limits;
    struct buf block, text, index;
    uint64_t written; /* bytes before the block */
    size_t row_count;
    int64_t number;
    size_t columns; /* of the present row: last one that is not empty, plus one */
    struct sink_slot slots[LIMIT_IMPORT_COLUMNS];
};

struct sink_limits sink_limits_standard(void)
{
    return (struct sink_limits){LIMIT_IMPORT_ROWS, LIMIT_IMPORT_COLUMNS, LIMIT_CELL_BYTES,
                                ROW_BYTES_MAX};
}

static enum rc no_memory(struct cx *cx)
{
    return fail(cx, RC_LIMIT,
                _("Reading the file needs more memory than allowed. Split it into smaller "
                  "files."),
                "rows sink");
}

static enum rc block_flush(struct cx *cx, struct sink *s)
{
    size_t at = 0;
    while (at < s->block.len) {
        ssize_t n = write(s->fd, s->block.p + at, s->block.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(cx, RC_IO,
                        _("The disk is full or failing: the rows could not be stored."),
                        "rows sink write: %s", strerrorname_np(errno));
        at += (size_t)n;
    }
    s->written += s->block.len;
    buf_clear(&s->block);
    return RC_OK;
}

static size_t varint_put(char *out, uint64_t n)
{
    size_t len = 0;
    while (n >= 0x80) {
        out[len++] = (char)(n | 0x80);
        n >>= 7;
    }
    out[len++] = (char)n;
    return len;
}

static void block_varint(struct sink *s, uint64_t n)
{
    char z[VARINT_MAX];
    buf_put(&s->block, z, varint_put(z, n));
}

static void block_u64(struct sink *s, uint64_t n)
{
    unsigned char z[8];
    for (int i = 0; i < 8; i++)
        z[i] = (unsigned char)(n >> (8 * i));
    buf_put(&s->block, z, sizeof z);
}

enum rc sink_open(struct sink **out, struct cx *cx, int fd, const struct sink_limits *limits)
{
    assert(limits->columns <= LIMIT_IMPORT_COLUMNS && limits->cell_bytes <= LIMIT_CELL_BYTES);
    assert(limits->rows <= LIMIT_IMPORT_ROWS && limits->row_bytes <= ROW_BYTES_MAX);
    struct sink *s = calloc(1, sizeof *s);
    if (s == NULL)
        return no_memory(cx);
    s->fd = fd;
    s->limits = *limits;
    /* A block may be passed by one row: what a row can hold, with its lengths. */
    buf_init(&s->block, NULL,
             BLOCK_BYTES + limits->row_bytes + (limits->columns + 2) * (VARINT_MAX + 1));
    buf_init(&s->text, NULL, limits->row_bytes + 1);
    buf_init(&s->index, NULL, (limits->rows + 1) * 8);
    buf_put(&s->block, NORMAL_HEAD, NORMAL_MARK);
    *out = s;
    return RC_OK;
}

void sink_free(struct sink *s)
{
    if (s == NULL)
        return;
    buf_free(&s->block);
    buf_free(&s->text);
    buf_free(&s->index);
    free(s);
}

void sink_row_begin(struct sink *s, int64_t number)
{
    s->number = number;
    s->columns = 0;
    buf_clear(&s->text);
}

enum rc sink_cell_too_long(struct cx *cx, const struct sink *s, size_t column)
{
    return fail_f(cx, RC_LIMIT,
                  _("Row %" PRId64 ", column %zu: the cell is longer than %zu bytes. In a text "
                    "file a quotation mark may be missing there."),
                  s->number, column + 1, s->limits.cell_bytes);
}

static enum rc too_many_columns(struct cx *cx, const struct sink *s)
{
    return fail_f(cx, RC_LIMIT,
                  _("Row %" PRId64 " has more than %zu columns, which is the most a file may "
                    "have. Leave out the columns that are not needed."),
                  s->number, s->limits.columns);
}

enum rc sink_cell(struct cx *cx, struct sink *s, size_t column, enum cell_kind kind,
                  struct str text)
{
    bool empty = kind == CELL_EMPTY || text.len == 0;
    if (empty && column >= s->columns)
        return RC_OK;
    if (column >= s->limits.columns)
        return too_many_columns(cx, s);
    if (text.len > s->limits.cell_bytes)
        return sink_cell_too_long(cx, s, column);
    while (s->columns <= column)
        s->slots[s->columns++].kind = CELL_EMPTY;
    struct sink_slot *slot = &s->slots[column];
    slot->kind = empty ? (uint8_t)CELL_EMPTY : (uint8_t)kind;
    slot->at = (uint32_t)s->text.len;
    slot->len = (uint32_t)text.len;
    if (s->text.len + text.len > s->limits.row_bytes)
        return fail_f(cx, RC_LIMIT, _("Row %" PRId64 " is longer than %zu bytes."), s->number,
                      s->limits.row_bytes);
    buf_put(&s->text, text.p, text.len);
    return buf_ok(&s->text) ? RC_OK : no_memory(cx);
}

static void row_encode(struct sink *s)
{
    char z[VARINT_MAX + 1];
    block_varint(s, (uint64_t)s->number);
    block_varint(s, s->columns);
    for (size_t i = 0; i < s->columns; i++) {
        const struct sink_slot *slot = &s->slots[i];
        z[0] = (char)slot->kind;
        if (slot->kind == CELL_EMPTY) {
            buf_put(&s->block, z, 1);
            continue;
        }
        buf_put(&s->block, z, 1 + varint_put(z + 1, slot->len));
        buf_put(&s->block, s->text.p + slot->at, slot->len);
    }
}

enum rc sink_row_end(struct cx *cx, struct sink *s, bool keep_empty)
{
    while (s->columns > 0 && s->slots[s->columns - 1].kind == CELL_EMPTY)
        s->columns--;
    if (s->columns == 0 && !keep_empty)
        return RC_OK;
    if (s->row_count >= s->limits.rows)
        return fail_f(cx, RC_LIMIT,
                      _("The file has more than %zu rows, which is the most one file may have. "
                        "Split it into several files."),
                      s->limits.rows);
    uint64_t at = s->written + s->block.len;
    unsigned char z[8];
    for (int i = 0; i < 8; i++)
        z[i] = (unsigned char)(at >> (8 * i));
    buf_put(&s->index, z, sizeof z);
    row_encode(s);
    if (!buf_ok(&s->index) || !buf_ok(&s->block))
        return no_memory(cx);
    s->row_count++;
    s->columns = 0;
    return s->block.len >= BLOCK_BYTES ? block_flush(cx, s) : RC_OK;
}

size_t sink_row_count(const struct sink *s)
{
    return s->row_count;
}

size_t sink_cell_bytes_max(const struct sink *s)
{
    return s->limits.cell_bytes;
}

/* The index leaves in pieces through the block. */
static enum rc index_write(struct cx *cx, struct sink *s)
{
    for (size_t at = 0; at < s->index.len; at += BLOCK_BYTES) {
        size_t left = s->index.len - at;
        TRY(block_flush(cx, s));
        buf_put(&s->block, s->index.p + at, left < BLOCK_BYTES ? left : BLOCK_BYTES);
    }
    return block_flush(cx, s);
}

enum rc sink_finish(struct cx *cx, struct sink *s, enum rows_file file,
                    enum rows_charset charset, const struct str *sheets, size_t sheet_count)
{
    assert(sheet_count > 0 && sheet_count <= NORMAL_SHEETS_MAX);
    uint64_t index_at = s->written + s->block.len;
    TRY(index_write(cx, s));
    uint64_t sheets_at = s->written;
    for (size_t i = 0; i < sheet_count; i++) {
        block_varint(s, sheets[i].len);
        buf_str(&s->block, sheets[i]);
    }
    block_u64(s, s->row_count);
    block_u64(s, index_at);
    block_u64(s, sheets_at);
    block_u64(s, sheet_count);
    block_u64(s, (uint64_t)file);
    block_u64(s, (uint64_t)charset);
    buf_put(&s->block, NORMAL_TAIL, NORMAL_MARK);
    return buf_ok(&s->block) ? block_flush(cx, s) : no_memory(cx);
}

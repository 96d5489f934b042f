/* A row is u32 length, then per cell one byte "present" and, when it is 1, eight bytes of
 * number or u32 length and text. Our own file, written and read by the same process. */
#include "frame/spool.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "frame/writer.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

enum { SPOOL_BLOCK = 256 * 1024, SPOOL_ROW_MAX = 64 * 1024 * 1024 };

struct spool {
    const struct column_spec *columns;
    size_t count;
    struct spool_column *seen;
    struct file_temp temp;
    struct buf out; /* rows not written yet */
    struct buf in;  /* bytes read and not given yet, from in_at */
    size_t in_at;
    off_t read_at;
    int64_t rows;
};

enum rc spool_open(struct spool **out, struct cx *cx, const struct column_spec *columns,
                   size_t count, const char *dir)
{
    struct spool *s = calloc(1, sizeof *s);
    struct spool_column *seen = calloc(count, sizeof *seen);
    if (s == NULL || seen == NULL) {
        free(s);
        free(seen);
        return fail(cx, RC_LIMIT, _("A row is too long to be written."), "spool memory");
    }
    *s = (struct spool){.columns = columns, .count = count, .seen = seen};
    for (size_t i = 0; i < count; i++)
        seen[i] = (struct spool_column){INT64_MAX, INT64_MIN, 0};
    buf_init(&s->out, NULL, SPOOL_BLOCK + SPOOL_ROW_MAX);
    buf_init(&s->in, NULL, SPOOL_BLOCK + SPOOL_ROW_MAX);
    enum rc rc = file_temp_open(&s->temp, cx, dir);
    if (rc) {
        free(seen);
        free(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

void spool_free(struct spool *s)
{
    if (s == NULL)
        return;
    file_temp_drop(&s->temp);
    buf_free(&s->out);
    buf_free(&s->in);
    free(s->seen);
    free(s);
}

static enum rc spool_flush(struct cx *cx, struct spool *s)
{
    if (!buf_ok(&s->out))
        return fail(cx, RC_LIMIT, _("A row is too long to be written."), "spool row=%" PRId64,
                    s->rows);
    TRY(file_put(cx, s->temp.fd, s->out.p, s->out.len, "export"));
    buf_clear(&s->out);
    return RC_OK;
}

static void put_cell(struct spool *s, size_t i, const struct out_cell *cell)
{
    struct spool_column *seen = &s->seen[i];
    uint32_t len = (uint32_t)cell->s.len;
    if (writer_missing(&s->columns[i], cell)) {
        buf_char(&s->out, 0);
        return;
    }
    buf_char(&s->out, 1);
    switch (s->columns[i].type) {
    case COLUMN_I64:
        buf_put(&s->out, &cell->i, sizeof cell->i);
        seen->min = cell->i < seen->min ? cell->i : seen->min;
        seen->max = cell->i > seen->max ? cell->i : seen->max;
        break;
    case COLUMN_F64:
        buf_put(&s->out, &cell->f, sizeof cell->f);
        break;
    case COLUMN_TEXT:
        buf_put(&s->out, &len, sizeof len);
        buf_str(&s->out, cell->s);
        seen->text_bytes = cell->s.len > seen->text_bytes ? cell->s.len : seen->text_bytes;
        break;
    }
}

enum rc spool_put(struct cx *cx, struct spool *s, const struct out_cell *cells)
{
    size_t start = s->out.len;
    uint32_t len = 0;
    buf_put(&s->out, &len, sizeof len);
    for (size_t i = 0; i < s->count; i++)
        put_cell(s, i, &cells[i]);
    if (buf_ok(&s->out)) {
        len = (uint32_t)(s->out.len - start - sizeof len);
        memcpy(s->out.p + start, &len, sizeof len);
    }
    s->rows++;
    return s->out.len >= SPOOL_BLOCK || !buf_ok(&s->out) ? spool_flush(cx, s) : RC_OK;
}

enum rc spool_rewind(struct cx *cx, struct spool *s)
{
    TRY(spool_flush(cx, s));
    buf_clear(&s->in);
    s->in_at = 0;
    s->read_at = 0;
    return RC_OK;
}

/* Makes `need` bytes stand at in_at. */
static enum rc spool_fill(struct cx *cx, struct spool *s, size_t need)
{
    if (s->in.len - s->in_at >= need)
        return RC_OK;
    size_t rest = s->in.len - s->in_at;
    if (rest > 0)
        memmove(s->in.p, s->in.p + s->in_at, rest);
    s->in.len = rest;
    s->in_at = 0;
    while (s->in.len < need) {
        char piece[4096];
        ssize_t n = pread(s->temp.fd, piece, sizeof piece, s->read_at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return file_fail(cx, n < 0 ? errno : EIO, "export");
        buf_put(&s->in, piece, (size_t)n);
        s->read_at += n;
        if (!buf_ok(&s->in))
            return fail(cx, RC_LIMIT, _("A row is too long to be written."), "spool read");
    }
    return RC_OK;
}

static void get_cell(struct out_cell *out, struct spool *s, size_t i)
{
    const char *p = s->in.p + s->in_at;
    uint32_t len;
    *out = (struct out_cell){.missing = p[0] == 0};
    s->in_at++;
    if (out->missing)
        return;
    p++;
    switch (s->columns[i].type) {
    case COLUMN_I64:
        memcpy(&out->i, p, sizeof out->i);
        s->in_at += sizeof out->i;
        break;
    case COLUMN_F64:
        memcpy(&out->f, p, sizeof out->f);
        s->in_at += sizeof out->f;
        break;
    case COLUMN_TEXT:
        memcpy(&len, p, sizeof len);
        out->s = (struct str){p + sizeof len, len};
        s->in_at += sizeof len + len;
        break;
    }
}

enum rc spool_get(struct out_cell *cells, struct cx *cx, struct spool *s)
{
    uint32_t len;
    TRY(spool_fill(cx, s, sizeof len));
    memcpy(&len, s->in.p + s->in_at, sizeof len);
    s->in_at += sizeof len;
    TRY(spool_fill(cx, s, len));
    size_t end = s->in_at + len;
    for (size_t i = 0; i < s->count; i++)
        get_cell(&cells[i], s, i);
    assert(s->in_at == end);
    return RC_OK;
}

const struct spool_column *spool_column(const struct spool *s, size_t i)
{
    assert(i < s->count);
    return &s->seen[i];
}

int64_t spool_row_count(const struct spool *s)
{
    return s->rows;
}

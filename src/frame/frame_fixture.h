/* What the tests of this room share: files made from bytes, rows as one readable line each. */
#ifndef FRAME_FRAME_FIXTURE_H
#define FRAME_FRAME_FIXTURE_H

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "frame/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is base/cx.h's */

static struct cx fixture_cx;

static inline int fixture_setup(void **state)
{
    cx_init(&fixture_cx, arena_open(256 << 20));
    *state = &fixture_cx;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    struct cx *cx = *state;
    arena_free(cx->arena);
    return 0;
}

/* A file with these bytes; close it. */
static inline int file_of(const void *p, size_t len)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    const char *at = p;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        assert_true(n > 0);
        at += n;
        len -= (size_t)n;
    }
    return fd;
}

/* One row per line: "3: text|#12|@2026-11-23|!#N/A|" with # numbers, @ days, ! errors. */
static inline const char *rows_dump(struct cx *cx, const struct rows *r)
{
    static const char marks[] = {0, 0, '#', '@', '!'};
    struct buf b;
    buf_init(&b, cx->arena, 64 << 20);
    for (size_t i = 0; i < rows_count(r); i++) {
        struct row row;
        assert_int_equal(rows_read(&row, cx, r, i), RC_OK);
        buf_printf(&b, "%" PRId64 ":", row.number);
        for (size_t c = 0; c < row.count; c++) {
            buf_char(&b, c ? '|' : ' ');
            if (marks[row.cells[c].kind])
                buf_char(&b, marks[row.cells[c].kind]);
            buf_str(&b, row.cells[c].text);
        }
        buf_char(&b, '\n');
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static inline enum rc open_fd(struct rows **out, struct cx *cx, int fd, const char *name,
                              const char *sheet)
{
    struct rows_options options = {.name = str_of(name), .sheet = str_of(sheet)};
    err_clear(cx);
    return rows_open(out, cx, fd, &options);
}

/* The whole way: bytes, sandbox, dump. On failure the message instead. */
static inline const char *read_bytes(struct cx *cx, const void *p, size_t len, const char *name)
{
    struct rows *r;
    int fd = file_of(p, len);
    enum rc rc = open_fd(&r, cx, fd, name, "");
    close(fd);
    if (rc)
        return arena_printf(cx->arena, "%s: %s", rc_name(rc), cx->err.text);
    const char *dump = rows_dump(cx, r);
    rows_close(r);
    return dump;
}

#endif

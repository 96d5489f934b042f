/* What the fuzz targets of this room share: bytes through convert_file, and its output through
 * the parent's reader. */
#ifndef FRAME_FRAME_FUZZ_H
#define FRAME_FRAME_FUZZ_H

#include "frame/convert.h"

#include <assert.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads a form; whether all rows and sheets were accepted. */
static inline bool fuzz_form(struct cx *cx, const void *p, size_t len)
{
    struct normal n;
    if (!normal_open(&n, p, len))
        return false;
    const char **sheets = arena_new(cx->arena, n.sheet_count * sizeof *sheets);
    bool ok = normal_sheets(sheets, cx->arena, &n);
    struct arena_mark mark = arena_mark(cx->arena);
    for (size_t i = 0; i < n.row_count; i++) {
        struct row row;
        ok = normal_row(&row, cx->arena, &n, i) && ok;
        arena_back(cx->arena, mark);
    }
    return ok;
}

static inline void fuzz_convert(const uint8_t *p, size_t len)
{
    struct cx cx;
    struct sink *sink;
    struct sink_limits limits = sink_limits_standard();
    int in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC);
    assert(in >= 0 && out >= 0 && write(in, p, len) == (ssize_t)len);
    cx_init(&cx, arena_open(64 << 20));
    if (sink_open(&sink, &cx, out, &limits) == RC_OK) {
        enum rc rc = convert_file(&cx, in, sink, (struct str){"", 0}, false);
        sink_free(sink);
        struct stat st;
        if (rc == RC_OK && fstat(out, &st) == 0) {
            void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, out, 0);
            assert(map != MAP_FAILED);
            bool ok = fuzz_form(&cx, map, (size_t)st.st_size);
            assert(ok);
            munmap(map, (size_t)st.st_size);
        } else {
            assert(cx.err.rc != RC_OK && cx.err.text[0] != 0);
        }
    }
    arena_free(cx.arena);
    close(in);
    close(out);
}

#endif

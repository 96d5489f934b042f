/* A growing byte buffer with a maximum, in an arena or on the heap. Passing the maximum sets
 * `failed` and drops further bytes, so that a writer can be a plain sequence of calls with
 * one check at the end (buf_ok). */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

struct buf {
    char *p;
    size_t len, cap, max;
    struct arena *arena; /* NULL: heap, free with buf_free */
    bool failed;
};

void buf_init(struct buf *b, struct arena *arena, size_t max);
void buf_free(struct buf *b);
void buf_clear(struct buf *b);
void buf_put(struct buf *b, const void *p, size_t len);
void buf_str(struct buf *b, struct str s);
void buf_z(struct buf *b, const char *z);
void buf_char(struct buf *b, char c);
void buf_i64(struct buf *b, int64_t n);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buf_ok(const struct buf *b);
/* What was written; shares the bytes. NUL-terminated behind the end (not counted). */
struct str buf_view(struct buf *b);

#endif

/* The growing buffer. Its bytes are always NUL-terminated once something was written. */
#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, struct arena *arena, size_t max)
{
    assert(max < SIZE_MAX / 4);
    *b = (struct buf){.max = max, .arena = arena};
}

void buf_free(struct buf *b)
{
    if (!b->arena)
        free(b->p);
    *b = (struct buf){.max = b->max, .arena = b->arena};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->p)
        b->p[0] = 0;
}

/* Room for `more` bytes and the NUL; false (and failed) when that passes the maximum. */
static bool buf_room(struct buf *b, size_t more)
{
    if (b->failed)
        return false;
    if (more < b->cap - b->len) /* cap counts the NUL's byte */
        return true;
    if (more > b->max - b->len) {
        b->failed = true;
        return false;
    }
    size_t want = b->len + more + 1;
    size_t cap = b->cap ? b->cap * 2 : 256;
    if (cap > b->max + 1)
        cap = b->max + 1;
    if (cap < want)
        cap = want;
    char *p = b->arena ? arena_try(b->arena, cap) : realloc(b->p, cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    if (b->arena && b->len)
        memcpy(p, b->p, b->len);
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_put(struct buf *b, const void *p, size_t len)
{
    if (len == 0 || !buf_room(b, len))
        return;
    memcpy(b->p + b->len, p, len);
    b->len += len;
    b->p[b->len] = 0;
}

void buf_str(struct buf *b, struct str s)
{
    buf_put(b, s.p, s.len);
}

void buf_z(struct buf *b, const char *z)
{
    if (z)
        buf_put(b, z, strlen(z));
}

void buf_char(struct buf *b, char c)
{
    if (!buf_room(b, 1))
        return;
    b->p[b->len++] = c;
    b->p[b->len] = 0;
}

void buf_i64(struct buf *b, int64_t n)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (n < 0)
        digits[--at] = '-';
    buf_put(b, digits + at, sizeof digits - at);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list ap;
    char small[256];
    va_start(ap, format);
    int len = vsnprintf(small, sizeof small, format, ap);
    va_end(ap);
    assert(len >= 0);
    if ((size_t)len < sizeof small) {
        buf_put(b, small, (size_t)len);
        return;
    }
    if (!buf_room(b, (size_t)len))
        return;
    va_start(ap, format);
    vsnprintf(b->p + b->len, (size_t)len + 1, format, ap);
    va_end(ap);
    b->len += (size_t)len;
}

bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

struct str buf_view(struct buf *b)
{
    return b->p ? (struct str){b->p, b->len} : (struct str){"", 0};
}

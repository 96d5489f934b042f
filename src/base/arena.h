/* Arena: memory of one request, job or command, freed at once. Everything a `cx` hands out
 * lives here. Blocks grow by doubling up to `cap`; passing the cap returns NULL from
 * arena_try and aborts from arena_new (use arena_try for sizes that come from outside). */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/rc.h"
#include "base/str.h"

#include <stdarg.h>

struct arena;

/* An arena that may hold at most `cap` bytes; owned by caller, free with arena_free. Aborts
 * when the process has no memory at all. */
struct arena *arena_open(size_t cap);
void arena_free(struct arena *a);
/* Forgets everything handed out, keeps the first block. */
void arena_reset(struct arena *a);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

/* Zeroed, aligned for any type, until reset. NULL when the cap would be passed. */
void *arena_try(struct arena *a, size_t size) MUST_USE;
/* As arena_try; passing the cap is a programmer's error and aborts. */
void *arena_new(struct arena *a, size_t size) __attribute__((returns_nonnull)) MUST_USE;
/* Zeroed array; the multiplication is checked. NULL when the cap would be passed. */
void *arena_array(struct arena *a, size_t count, size_t size) MUST_USE;
/* NUL-terminated copies, until reset; abort when over the cap. */
const char *arena_copy(struct arena *a, struct str s);
struct str arena_str(struct arena *a, struct str s);
/* printf into the arena; NUL-terminated. */
const char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *arena_vprintf(struct arena *a, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* A mark to go back to: loops over many rows reset to it to stay small. */
struct arena_mark {
    void *block;
    size_t used, total;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_back(struct arena *a, struct arena_mark mark);

#endif

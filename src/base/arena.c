/* The arena: bump allocation in blocks that double. Not thread-safe: one arena belongs to one
 * request, job or command. */
#include "base/arena.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer, bytes that are not handed out are poisoned: a use after arena_reset
 * or past a piece's end is reported like one of the heap's. */
#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, size)   ((void)(p), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(p, size) ((void)(p), (void)(size))
#endif

enum { FIRST_BLOCK = 16 * 1024, ALIGN = 16, BLOCK_MAX = 8 * 1024 * 1024 };

struct block {
    struct block *before; /* the block filled before this one; NULL in the first */
    size_t size;          /* usable bytes behind the header */
    _Alignas(ALIGN) unsigned char bytes[];
};

struct arena {
    struct block *block; /* the one being filled */
    size_t used;         /* bytes used of it */
    size_t total;        /* bytes handed out, rounded up to ALIGN */
    size_t cap;
};

static struct block *block_new(struct block *before, size_t size)
{
    struct block *b = malloc(sizeof *b + size);
    if (!b)
        return NULL;
    b->before = before;
    b->size = size;
    ASAN_POISON_MEMORY_REGION(b->bytes, size);
    return b;
}

static void block_free(struct block *b)
{
    ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
    free(b);
}

static void out_of_memory(void)
{
    fputs("fumin: no memory left\n", stderr);
    abort();
}

struct arena *arena_open(size_t cap)
{
    struct arena *a = malloc(sizeof *a);
    struct block *b = block_new(NULL, cap < FIRST_BLOCK ? cap + ALIGN : FIRST_BLOCK);
    if (!a || !b)
        out_of_memory();
    *a = (struct arena){.block = b, .cap = cap};
    return a;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct block *b = a->block, *before; b; b = before) {
        before = b->before;
        block_free(b);
    }
    free(a);
}

void arena_reset(struct arena *a)
{
    while (a->block->before) {
        struct block *b = a->block;
        a->block = b->before;
        block_free(b);
    }
    a->used = 0;
    a->total = 0;
    ASAN_POISON_MEMORY_REGION(a->block->bytes, a->block->size);
}

size_t arena_used(const struct arena *a)
{
    return a->total;
}

/* Begins a block that holds `size` bytes; false when the process has no memory. */
static bool arena_grow(struct arena *a, size_t size)
{
    size_t next = a->block->size < BLOCK_MAX / 2 ? a->block->size * 2 : (size_t)BLOCK_MAX;
    if (next < size)
        next = size;
    struct block *b = block_new(a->block, next);
    if (!b)
        return false;
    a->block = b;
    a->used = 0;
    return true;
}

/* As arena_try, but the bytes are not cleared. */
static void *arena_take(struct arena *a, size_t size)
{
    if (size > a->cap || size > SIZE_MAX - ALIGN)
        return NULL;
    /* A size of 0 still gets an address of its own. */
    size_t rounded = size ? (size + (ALIGN - 1)) & ~(size_t)(ALIGN - 1) : ALIGN;
    if (size > a->cap - (a->total < a->cap ? a->total : a->cap))
        return NULL;
    if (rounded > a->block->size - a->used && !arena_grow(a, rounded))
        return NULL;
    void *p = a->block->bytes + a->used;
    a->used += rounded;
    a->total += rounded;
    ASAN_UNPOISON_MEMORY_REGION(p, size ? size : 1);
    return p;
}

void *arena_try(struct arena *a, size_t size)
{
    void *p = arena_take(a, size);
    if (p)
        memset(p, 0, size);
    return p;
}

static void *must(const struct arena *a, void *p, size_t size)
{
    if (p)
        return p;
    fprintf(stderr, "fumin: arena of %zu bytes cannot give %zu more (%zu used)\n", a->cap, size,
            a->total);
    abort();
}

void *arena_new(struct arena *a, size_t size)
{
    return must(a, arena_try(a, size), size);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return arena_try(a, bytes);
}

const char *arena_copy(struct arena *a, struct str s)
{
    assert(s.len < SIZE_MAX);
    char *z = must(a, arena_take(a, s.len + 1), s.len + 1);
    if (s.len)
        memcpy(z, s.p, s.len);
    z[s.len] = 0;
    return z;
}

struct str arena_str(struct arena *a, struct str s)
{
    return (struct str){arena_copy(a, s), s.len};
}

const char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    const char *z = arena_vprintf(a, format, ap);
    va_end(ap);
    return z;
}

const char *arena_vprintf(struct arena *a, const char *format, va_list ap)
{
    char small[256];
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(small, sizeof small, format, ap);
    assert(len >= 0);
    size_t size = (size_t)len + 1;
    char *z = must(a, arena_take(a, size), size);
    if (size <= sizeof small)
        memcpy(z, small, size);
    else
        vsnprintf(z, size, format, again);
    va_end(again);
    return z;
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){a->block, a->used, a->total};
}

void arena_back(struct arena *a, struct arena_mark mark)
{
    while (a->block != mark.block) {
        struct block *b = a->block;
        a->block = b->before;
        block_free(b);
        assert(a->block);
    }
    assert(mark.used <= a->block->size);
    a->used = mark.used;
    a->total = mark.total;
    ASAN_POISON_MEMORY_REGION(a->block->bytes + a->used, a->block->size - a->used);
}

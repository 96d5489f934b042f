/* Fuzz target: any bytes through everything of base/utf8 that takes foreign text. The same
 * checks as the unit tests': results are valid UTF-8, normal forms are stable, search misses
 * nothing. */
#include "base/utf8.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                        \
    do {                                                                                       \
        if (!(condition))                                                                      \
            abort();                                                                           \
    } while (0)

static bool is_valid(struct str s)
{
    return utf8_bad_at(s) == s.len;
}

static void check_valid_text(struct cx *cx, struct str s)
{
    for (int fold = 0; fold < 2; fold++) {
        struct str once = utf8_normal(cx, s, fold);
        MUST(is_valid(once));
        MUST(str_eq(utf8_normal(cx, once, fold), once));
    }
    struct str folded = utf8_fold(cx, s);
    MUST(is_valid(folded));
    MUST(is_valid(utf8_pinyin(cx, s)));
    MUST(is_valid(utf8_search_words(cx, s, true)));
    MUST(is_valid(utf8_search_words(cx, s, false)));
    struct buf again;
    buf_init(&again, cx->arena, s.len + 4);
    for (struct str rest = s; rest.len;)
        utf8_put(&again, utf8_next(&rest));
    MUST(str_eq(buf_view(&again), s));
}

static void check_charsets(struct cx *cx, struct str s)
{
    size_t bom = 0;
    struct str out;
    (void)charset_guess(&bom, s); /* any answer is right */
    MUST(bom <= s.len);
    for (int from = CHARSET_UTF8; from <= CHARSET_UTF16BE; from++) {
        size_t whole = utf8_whole(s, (enum charset)from);
        MUST(whole <= s.len && s.len - whole <= 3);
        if (utf8_from(&out, cx, s, (enum charset)from) == RC_OK)
            MUST(is_valid(out) && whole == s.len);
        else
            MUST(cx->err.rc == RC_INVALID);
        err_clear(cx);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct cx cx;
    if (!arena)
        arena = arena_open(64 * 1024 * 1024);
    cx_init(&cx, arena);
    struct str s = {(const char *)data, size};
    struct str rest = s;
    while (rest.len)
        (void)utf8_next(&rest); /* must only not read past the end */
    (void)utf8_length(s);       /* as above */
    (void)lang_parse(s, LANG_EN);
    check_charsets(&cx, s);
    if (is_valid(s))
        check_valid_text(&cx, s);
    else
        (void)utf8_normal(&cx, s, true); /* hostile callers: no crash */
    arena_reset(arena);
    return 0;
}

/* UTF-8 and normal forms. ICU normalises; this file recognises what needs no work, because an
 * import asks for tens of millions of cells and nearly all are plain already.
 * Pinyin and search words: utf8_pinyin.c. Other encodings: charset.c. */
#include "base/utf8.h"

#include <assert.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static uint64_t load8(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static bool is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Length of the valid character at p (1..4), or 0. Source: Unicode 15, table 3-7. */
static size_t whole_at(const unsigned char *p, size_t left)
{
    unsigned char c = p[0];
    if (c < 0x80)
        return c != 0;
    if (c < 0xC2 || c > 0xF4)
        return 0;
    if (c < 0xE0)
        return left >= 2 && is_tail(p[1]) ? 2 : 0;
    if (left < 3 || !is_tail(p[1]) || !is_tail(p[2]))
        return 0;
    if (c < 0xF0) {
        bool over_long = c == 0xE0 && p[1] < 0xA0, surrogate = c == 0xED && p[1] > 0x9F;
        return over_long || surrogate ? 0 : 3;
    }
    if (left < 4 || !is_tail(p[3]) || (c == 0xF0 && p[1] < 0x90) || (c == 0xF4 && p[1] > 0x8F))
        return 0;
    return 4;
}

size_t utf8_bad_at(struct str s)
{
    const uint64_t high = 0x8080808080808080u, ones = 0x0101010101010101u;
    size_t i = 0;
    while (i < s.len) {
        if (i + 8 <= s.len) {
            uint64_t word = load8(s.p + i);
            /* No high bit, and no byte that borrows when 1 is taken: eight of 01..7F. */
            if (((word | (word - ones)) & high) == 0) {
                i += 8;
                continue;
            }
        }
        size_t n = whole_at((const unsigned char *)s.p + i, s.len - i);
        if (n == 0)
            return i;
        i += n;
    }
    return s.len;
}

size_t utf8_length(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += !is_tail((unsigned char)s.p[i]);
    return count;
}

uint32_t utf8_next(struct str *s)
{
    if (s->len == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)s->p;
    size_t n = whole_at(p, s->len);
    uint32_t c = 0xFFFD;
    switch (n) {
    case 1:
        c = p[0];
        break;
    case 2:
        c = (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
        break;
    case 3:
        c = (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
        break;
    case 4:
        c = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
            (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
        break;
    default:
        n = 1;
        break;
    }
    s->p += n;
    s->len -= n;
    return c;
}

void utf8_put(struct buf *out, uint32_t c)
{
    char z[4];
    size_t n = 0;
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = 0xFFFD;
    if (c < 0x80) {
        z[n++] = (char)c;
    } else if (c < 0x800) {
        z[n++] = (char)(0xC0 | c >> 6);
    } else if (c < 0x10000) {
        z[n++] = (char)(0xE0 | c >> 12);
        z[n++] = (char)(0x80 | (c >> 6 & 0x3F));
    } else {
        z[n++] = (char)(0xF0 | c >> 18);
        z[n++] = (char)(0x80 | (c >> 12 & 0x3F));
        z[n++] = (char)(0x80 | (c >> 6 & 0x3F));
    }
    if (c >= 0x80)
        z[n++] = (char)(0x80 | (c & 0x3F));
    buf_put(out, z, n);
}

bool utf8_is_plain(uint32_t c)
{
    /* Starters (class 0) whose NFC_Quick_Check is Yes: a text of only these is in NFC.
     * Source: UAX #15, section 9; utf8_test checks every one against ICU's data. */
    if (c < 0x300)
        return true;
    if (c >= 0x4E00 && c <= 0x9FFF) /* CJK unified ideographs */
        return true;
    if (c < 0x3000)
        return c >= 0x2002 && c <= 0x20CF; /* punctuation, currency */
    if (c <= 0x3096)                       /* CJK punctuation, hiragana */
        return !(c >= 0x302A && c <= 0x302F);
    return (c >= 0x3400 && c <= 0x4DBF) || /* extension A */
           (c >= 0xFF00 && c <= 0xFFEF) || /* full-width forms */
           (c >= 0x20000 && c <= 0x2A6DF); /* extension B */
}

bool utf8_is_wide_alnum(uint32_t c)
{
    return (c >= 0xFF10 && c <= 0xFF19) || (c >= 0xFF21 && c <= 0xFF3A) ||
           (c >= 0xFF41 && c <= 0xFF5A);
}

enum { WIDE_SHIFT = 0xFF01 - 0x21 };

/* Bytes from the start that are ASCII, eight at a time as far as that goes. */
static size_t ascii_run(struct str s)
{
    size_t i = 0;
    while (i + 8 <= s.len && (load8(s.p + i) & 0x8080808080808080u) == 0)
        i += 8;
    while (i < s.len && (unsigned char)s.p[i] < 0x80)
        i++;
    return i;
}

/* Bytes from the start that are common ideographs, U+4E00..9FFF: E4 B8 80 .. E9 BF BF. */
static size_t ideograph_run(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;
    while (i + 3 <= s.len && p[i] >= 0xE4 && p[i] <= 0xE9 && is_tail(p[i + 1]) &&
           is_tail(p[i + 2]) && (p[i] > 0xE4 || p[i + 1] >= 0xB8))
        i += 3;
    return i;
}

/* What a text needs: nothing, full-width letters folded, or ICU. */
enum need { NEED_NOTHING, NEED_WIDTH, NEED_ICU };

static enum need look(struct str s)
{
    enum need need = NEED_NOTHING;
    while (s.len) {
        size_t run = ascii_run(s);
        run += ideograph_run((struct str){s.p + run, s.len - run});
        s.p += run;
        s.len -= run;
        if (run)
            continue;
        uint32_t c = utf8_next(&s);
        if (c == 0xFFFD || !utf8_is_plain(c))
            return NEED_ICU;
        if (utf8_is_wide_alnum(c))
            need = NEED_WIDTH;
    }
    return need;
}

/* Normalises through UTF-16 by `normalizer`; the result is in the arena. */
static struct str through_icu(struct cx *cx, struct str s, const UNormalizer2 *normalizer)
{
    UErrorCode status = U_ZERO_ERROR;
    assert(s.len < INT32_MAX / 64);
    int32_t len = 0, normal_len = 0, out_len = 0;
    UChar *wide = arena_new(cx->arena, (s.len + 1) * sizeof *wide);
    u_strFromUTF8WithSub(wide, (int32_t)s.len + 1, &len, s.p, (int32_t)s.len, 0xFFFD, NULL,
                         &status);
    assert(U_SUCCESS(status));
    /* Most texts keep their size; the first try tells the true one when it does not fit. */
    int32_t room = len + len / 2 + 16;
    UChar *normal = arena_new(cx->arena, (size_t)room * sizeof *normal);
    normal_len = unorm2_normalize(normalizer, wide, len, normal, room, &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
        status = U_ZERO_ERROR;
        room = normal_len + 1;
        normal = arena_new(cx->arena, (size_t)room * sizeof *normal);
        normal_len = unorm2_normalize(normalizer, wide, len, normal, room, &status);
    }
    assert(U_SUCCESS(status));
    size_t size = (size_t)normal_len * 3 + 1;
    char *out = arena_new(cx->arena, size);
    u_strToUTF8(out, (int32_t)size, &out_len, normal, normal_len, &status);
    assert(U_SUCCESS(status));
    return (struct str){out, (size_t)out_len};
}

/* Full-width letters and digits to ASCII, in place: a character shrinks from 3 bytes to 1. */
static struct str fold_width_in_place(char *p, size_t len)
{
    size_t n = 0;
    struct str rest = {p, len};
    while (rest.len) {
        const char *from = rest.p;
        uint32_t c = utf8_next(&rest);
        if (utf8_is_wide_alnum(c)) {
            p[n++] = (char)(c - WIDE_SHIFT);
            continue;
        }
        size_t size = (size_t)(rest.p - from);
        memmove(p + n, from, size);
        n += size;
    }
    p[n] = 0;
    return (struct str){p, n};
}

static struct str folded_copy(struct cx *cx, struct str s)
{
    char *p = arena_new(cx->arena, s.len + 1);
    memcpy(p, s.p, s.len);
    return fold_width_in_place(p, s.len);
}

struct str utf8_normal(struct cx *cx, struct str s, bool fold_width)
{
    enum need need = look(s);
    if (need == NEED_NOTHING || (need == NEED_WIDTH && !fold_width))
        return arena_str(cx->arena, s);
    if (need == NEED_WIDTH)
        return folded_copy(cx, s);
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    assert(U_SUCCESS(status));
    if (!fold_width)
        return through_icu(cx, s, nfc);
    /* Width first: a full-width letter before a combining mark must compose with it. */
    return through_icu(cx, folded_copy(cx, s), nfc);
}

/* Blanks at the ends dropped, runs of them made one; in place. */
static struct str collapse_blanks(char *p, size_t len)
{
    size_t n = 0;
    bool blank = false;
    for (size_t i = 0; i < len; i++) {
        char c = p[i];
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            blank = n > 0;
            continue;
        }
        if (blank)
            p[n++] = ' ';
        blank = false;
        p[n++] = c;
    }
    p[n] = 0;
    return (struct str){p, n};
}

struct str utf8_fold(struct cx *cx, struct str s)
{
    struct str rest = s;
    bool simple = true; /* ASCII and ideographs: only letters change, and those by one bit */
    while (rest.len && simple) {
        uint32_t c = utf8_next(&rest);
        simple = c < 0x80 || (c >= 0x4E00 && c <= 0x9FFF);
    }
    if (!simple) {
        UErrorCode status = U_ZERO_ERROR;
        const UNormalizer2 *fold = unorm2_getNFKCCasefoldInstance(&status);
        assert(U_SUCCESS(status));
        s = through_icu(cx, s, fold);
    }
    char *p = arena_new(cx->arena, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        p[i] = c;
    }
    return collapse_blanks(p, s.len);
}

/* Other encodings to UTF-8, and the guess which one a file has. */
#include "base/utf8.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>
#include <unicode/ucnv.h>

static enum rc bad_bytes(struct cx *cx, size_t offset)
{
    return fail(cx, RC_INVALID,
                _("The text is damaged, or in another encoding than it says. Save the file as "
                  "UTF-8 and try again."),
                "bad byte at offset=%zu", offset);
}

static const char *converter_name(enum charset from)
{
    switch (from) {
    case CHARSET_GB18030:
        return "gb18030";
    case CHARSET_UTF16LE:
        return "UTF-16LE";
    case CHARSET_UTF16BE:
        return "UTF-16BE";
    case CHARSET_UTF8:
        break;
    }
    return "UTF-8";
}

/* A converter that stops at bad bytes instead of writing U+FFFD. */
static UConverter *open_strict(enum charset from)
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(converter_name(from), &status);
    assert(U_SUCCESS(status)); /* these are built into ICU */
    ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    assert(U_SUCCESS(status));
    return converter;
}

/* UTF-16 to UTF-8. *high keeps a first half whose second comes with the next piece. False: a
 * half without its other half, or NUL. */
static bool put_wide(struct buf *out, uint32_t *high, const UChar *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t c = p[i];
        if (*high) {
            if (c < 0xDC00 || c > 0xDFFF)
                return false;
            utf8_put(out, 0x10000 + ((*high - 0xD800) << 10) + (c - 0xDC00));
            *high = 0;
        } else if (c >= 0xD800 && c <= 0xDBFF) {
            *high = c;
        } else if (c == 0 || (c >= 0xDC00 && c <= 0xDFFF)) {
            return false;
        } else {
            utf8_put(out, c);
        }
    }
    return true;
}

/* Converts all; false with *bad_at (near) the first bad byte. */
static bool convert(struct buf *out, size_t *bad_at, struct str bytes, enum charset from)
{
    UChar piece[1024] = {0};
    const char *at = bytes.p, *end = bytes.p + bytes.len;
    UConverter *converter = open_strict(from);
    UErrorCode status = U_BUFFER_OVERFLOW_ERROR;
    uint32_t high = 0;
    bool ok = true;
    while (ok && status == U_BUFFER_OVERFLOW_ERROR) {
        UChar *to = piece;
        const char *before = at;
        status = U_ZERO_ERROR;
        ucnv_toUnicode(converter, &to, piece + sizeof piece / sizeof *piece, &at, end, NULL, 1,
                       &status);
        ok = put_wide(out, &high, piece, (size_t)(to - piece));
        *bad_at = (size_t)(before - bytes.p);
    }
    if (ok && U_FAILURE(status)) {
        char bad[16];
        int8_t bad_len = sizeof bad;
        UErrorCode ignored = U_ZERO_ERROR;
        ucnv_getInvalidChars(converter, bad, &bad_len, &ignored);
        *bad_at = (size_t)(at - bytes.p) - (size_t)(bad_len > 0 ? bad_len : 0);
    }
    ucnv_close(converter);
    return ok && U_SUCCESS(status) && !high;
}

enum rc utf8_from(struct str *out, struct cx *cx, struct str bytes, enum charset from)
{
    bool ascii = from == CHARSET_GB18030;
    for (size_t i = 0; i < bytes.len && ascii; i++)
        ascii = (unsigned char)bytes.p[i] - 1u < 0x7F;
    if (ascii || from == CHARSET_UTF8) {
        size_t bad_at = ascii ? bytes.len : utf8_bad_at(bytes);
        if (bad_at < bytes.len)
            return bad_bytes(cx, bad_at);
        *out = arena_str(cx->arena, bytes);
        return RC_OK;
    }
    struct buf b;
    size_t bad_at = 0;
    assert(bytes.len < SIZE_MAX / 8);
    buf_init(&b, cx->arena, bytes.len * 3 + 1);
    if (!convert(&b, &bad_at, bytes, from))
        return bad_bytes(cx, bad_at);
    if (!buf_ok(&b))
        return fail(cx, RC_LIMIT, _("This text is too large."), "utf8_from len=%zu", bytes.len);
    *out = buf_view(&b);
    return RC_OK;
}

/* Length of the GB18030 character at p: 1, 2 or 4; 0 when bad; `left` + 1 when cut off.
 * Source: GB 18030-2005, table 1. */
static size_t gb18030_at(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] == 0x80 || p[0] == 0xFF)
        return 0;
    if (left < 2)
        return left + 1;
    if (p[1] >= 0x40)
        return p[1] != 0x7F && p[1] != 0xFF ? 2 : 0;
    if (p[1] < 0x30 || p[1] > 0x39)
        return 0;
    if (left < 3)
        return left + 1;
    if (p[2] < 0x81 || p[2] == 0xFF)
        return 0;
    if (left < 4)
        return left + 1;
    return p[3] >= 0x30 && p[3] <= 0x39 ? 4 : 0;
}

static size_t gb18030_whole(struct str bytes)
{
    size_t i = 0;
    while (i < bytes.len) {
        size_t n = gb18030_at((const unsigned char *)bytes.p + i, bytes.len - i);
        if (n > bytes.len - i)
            return i;
        i += n ? n : 1; /* a bad byte is the converter's to refuse */
    }
    return bytes.len;
}

static size_t utf16_whole(struct str bytes, bool little)
{
    size_t len = bytes.len & ~(size_t)1;
    if (len < 2)
        return len;
    unsigned char top = (unsigned char)bytes.p[little ? len - 1 : len - 2];
    return top >= 0xD8 && top <= 0xDB ? len - 2 : len;
}

static size_t utf8_whole_bytes(struct str bytes)
{
    for (size_t back = 1; back <= 3 && back <= bytes.len; back++) {
        unsigned char c = (unsigned char)bytes.p[bytes.len - back];
        if ((c & 0xC0) == 0x80)
            continue;
        size_t want = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
        return want > back ? bytes.len - back : bytes.len;
    }
    return bytes.len;
}

size_t utf8_whole(struct str bytes, enum charset from)
{
    switch (from) {
    case CHARSET_GB18030:
        return gb18030_whole(bytes);
    case CHARSET_UTF16LE:
        return utf16_whole(bytes, true);
    case CHARSET_UTF16BE:
        return utf16_whole(bytes, false);
    case CHARSET_UTF8:
        break;
    }
    return utf8_whole_bytes(bytes);
}

/* Valid but for NULs (which say nothing about the encoding) and a character cut at the end. */
static bool looks_utf8(struct str s)
{
    s.len = utf8_whole_bytes(s);
    while (s.len) {
        size_t bad_at = utf8_bad_at(s);
        if (bad_at == s.len)
            return true;
        if (s.p[bad_at] != 0)
            return false;
        s = (struct str){s.p + bad_at + 1, s.len - bad_at - 1};
    }
    return true;
}

static bool looks_gb18030(struct str s)
{
    size_t i = 0;
    while (i < s.len) {
        size_t n = gb18030_at((const unsigned char *)s.p + i, s.len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

enum charset charset_guess(size_t *bom_len, struct str sample)
{
    static const struct {
        struct str bom;
        enum charset charset;
    } boms[] = {
        {{"\xEF\xBB\xBF", 3}, CHARSET_UTF8},
        {{"\x84\x31\x95\x33", 4}, CHARSET_GB18030},
        {{"\xFF\xFE", 2}, CHARSET_UTF16LE},
        {{"\xFE\xFF", 2}, CHARSET_UTF16BE},
    };
    for (size_t i = 0; i < sizeof boms / sizeof *boms; i++) {
        if (str_starts(sample, boms[i].bom)) {
            *bom_len = boms[i].bom.len;
            return boms[i].charset;
        }
    }
    *bom_len = 0;
    if (!looks_utf8(sample) && looks_gb18030(sample))
        return CHARSET_GB18030;
    return CHARSET_UTF8;
}

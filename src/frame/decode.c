/* Bytes to UTF-8, piece by piece. ICU converts; UTF-8 itself is only checked. */
#include "frame/decode.h"

#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <unicode/ucnv.h>
#include <unistd.h>

enum {
    RAW_BYTES = 256 * 1024,
    TEXT_BYTES = 3 * RAW_BYTES + 64, /* two bytes of UTF-16 become at most three */
    PIVOT_UNITS = 4096,
};

struct decoder {
    int fd;
    enum charset charset;
    UConverter *from, *to;  /* NULL for UTF-8 */
    size_t raw_at, raw_len; /* what is not decoded yet: raw[raw_at .. raw_len) */
    uint64_t raw_base;      /* offset in the file of raw[0] */
    bool eof, ascii;        /* ascii: nothing else so far */
    bool more;              /* the converter stopped because `text` was full */
    enum decode_trouble trouble;
    uint64_t trouble_at;
    UChar pivot[PIVOT_UNITS];
    UChar *pivot_source, *pivot_target;
    char raw[RAW_BYTES];
    char text[TEXT_BYTES];
};

static enum rc raw_fill(struct cx *cx, struct decoder *d)
{
    size_t rest = d->raw_len - d->raw_at;
    memmove(d->raw, d->raw + d->raw_at, rest);
    d->raw_base += d->raw_at;
    d->raw_at = 0;
    d->raw_len = rest;
    while (!d->eof && d->raw_len < RAW_BYTES) {
        ssize_t n = read(d->fd, d->raw + d->raw_len, RAW_BYTES - d->raw_len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(cx, RC_IO, _("The file could not be read."), "read: %s",
                        strerrorname_np(errno));
        d->raw_len += (size_t)n;
        d->eof = n == 0;
    }
    return RC_OK;
}

static const char *charset_icu_name(enum charset c)
{
    switch (c) {
    case CHARSET_GB18030:
        return "GB18030";
    case CHARSET_UTF16LE:
        return "UTF-16LE";
    case CHARSET_UTF16BE:
        return "UTF-16BE";
    case CHARSET_UTF8:
        break;
    }
    return "UTF-8";
}

static enum rc converters_open(struct cx *cx, struct decoder *d)
{
    UErrorCode e = U_ZERO_ERROR;
    d->from = ucnv_open(charset_icu_name(d->charset), &e);
    d->to = ucnv_open("UTF-8", &e);
    if (U_SUCCESS(e))
        ucnv_setToUCallBack(d->from, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &e);
    if (U_FAILURE(e))
        return fail(cx, RC_IO, _("The file could not be read."), "ICU converter %s: %s",
                    charset_icu_name(d->charset), u_errorName(e));
    d->pivot_source = d->pivot_target = d->pivot;
    return RC_OK;
}

/* UTF-16 without its mark: nearly every second byte is zero in text with Latin letters, digits
 * and separators. Chinese text has enough of them in its separators and line ends only, so a
 * tenth of the sample's pairs suffices when no pair is zero on the other side. */
static enum charset without_mark(enum charset guessed, struct str sample)
{
    size_t zero[2] = {0, 0};
    for (size_t i = 0; i < sample.len; i++)
        zero[i & 1] += sample.p[i] == 0;
    if (zero[1] >= 3 && zero[1] > sample.len / 20 && zero[0] == 0)
        return CHARSET_UTF16LE;
    if (zero[0] >= 3 && zero[0] > sample.len / 20 && zero[1] == 0)
        return CHARSET_UTF16BE;
    return guessed;
}

enum rc decoder_open(struct decoder **out, struct cx *cx, int fd)
{
    struct decoder *d = calloc(1, sizeof *d);
    if (d == NULL)
        return fail(cx, RC_LIMIT, _("The file could not be read."), "decoder memory");
    d->fd = fd;
    d->ascii = true;
    enum rc rc = raw_fill(cx, d);
    if (rc == RC_OK) {
        size_t bom_len = 0;
        struct str sample = decoder_sample(d);
        d->charset = charset_guess(&bom_len, sample);
        if (bom_len == 0)
            d->charset = without_mark(d->charset, sample);
        d->raw_at = bom_len;
        if (d->charset != CHARSET_UTF8)
            rc = converters_open(cx, d);
    }
    if (rc) {
        decoder_free(d);
        return rc;
    }
    *out = d;
    return RC_OK;
}

void decoder_free(struct decoder *d)
{
    if (d == NULL)
        return;
    if (d->from)
        ucnv_close(d->from);
    if (d->to)
        ucnv_close(d->to);
    free(d);
}

struct str decoder_sample(const struct decoder *d)
{
    return (struct str){d->raw + d->raw_at, d->raw_len - d->raw_at};
}

static void trouble(struct decoder *d, enum decode_trouble what, uint64_t at)
{
    d->trouble = what;
    d->trouble_at = at;
}

/* A character that begins at p and needs bytes that have not been read yet. */
static bool is_cut(const unsigned char *p, size_t left)
{
    size_t want = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 1;
    if (p[0] > 0xf4 || left >= want)
        return false;
    for (size_t i = 1; i < left; i++)
        if ((p[i] & 0xc0) != 0x80)
            return false;
    return true;
}

static bool is_ascii(struct str s)
{
    unsigned char all = 0;
    for (size_t i = 0; i < s.len; i++)
        all |= (unsigned char)s.p[i];
    return all < 0x80;
}

static enum rc next_utf8(struct str *out, struct cx *cx, struct decoder *d)
{
    struct str raw = decoder_sample(d);
    size_t good = utf8_bad_at(raw);
    struct str piece = {raw.p, good};
    d->ascii = d->ascii && is_ascii(piece);
    d->raw_at += good;
    *out = piece;
    if (good == raw.len)
        return RC_OK;
    const unsigned char *bad = (const unsigned char *)raw.p + good;
    if (!d->eof && is_cut(bad, raw.len - good))
        return RC_OK; /* kept for the next piece */
    if (good > 0)
        return RC_OK; /* what stands before the fault is given first */
    if (bad[0] == 0) {
        trouble(d, DECODE_NUL, d->raw_base + d->raw_at);
    } else if (d->ascii) {
        d->charset = CHARSET_GB18030;
        return converters_open(cx, d);
    } else {
        trouble(d, DECODE_BAD, d->raw_base + d->raw_at);
    }
    return RC_OK;
}

static void convert_stopped(struct decoder *d)
{
    char bad[16];
    int8_t len = sizeof bad;
    UErrorCode e = U_ZERO_ERROR;
    ucnv_getInvalidChars(d->from, bad, &len, &e);
    uint64_t at = d->raw_base + d->raw_at;
    trouble(d, DECODE_BAD,
            U_SUCCESS(e) && len > 0 && (uint64_t)len <= at ? at - (uint64_t)len : at);
}

static enum rc next_converted(struct str *out, struct decoder *d)
{
    const char *source = d->raw + d->raw_at;
    char *target = d->text;
    UErrorCode e = U_ZERO_ERROR;
    uint64_t start = d->raw_base + d->raw_at;
    ucnv_convertEx(d->to, d->from, &target, d->text + TEXT_BYTES, &source, d->raw + d->raw_len,
                   d->pivot, &d->pivot_source, &d->pivot_target, d->pivot + PIVOT_UNITS, false,
                   d->eof, &e);
    d->raw_at = (size_t)(source - d->raw);
    d->more = e == U_BUFFER_OVERFLOW_ERROR;
    if (U_FAILURE(e) && !d->more)
        convert_stopped(d);
    *out = (struct str){d->text, (size_t)(target - d->text)};
    const char *nul = memchr(d->text, 0, out->len);
    if (nul) {
        out->len = (size_t)(nul - d->text);
        trouble(d, DECODE_NUL, start);
    }
    return RC_OK;
}

enum rc decoder_next(struct str *out, struct cx *cx, struct decoder *d)
{
    *out = (struct str){"", 0};
    while (out->len == 0 && d->trouble == DECODE_FINE) {
        if (!d->more && d->raw_len - d->raw_at < RAW_BYTES / 2 && !d->eof)
            TRY(raw_fill(cx, d));
        bool at_end = d->eof && d->raw_at == d->raw_len && !d->more;
        if (d->charset == CHARSET_UTF8)
            TRY(next_utf8(out, cx, d));
        else
            TRY(next_converted(out, d));
        if (at_end && d->charset != CHARSET_UTF8)
            at_end = out->len == 0 && !d->more;
        if (at_end)
            break;
    }
    return RC_OK;
}

enum charset decoder_charset(const struct decoder *d)
{
    return d->charset;
}

enum decode_trouble decoder_trouble(const struct decoder *d)
{
    return d->trouble;
}

uint64_t decoder_trouble_at(const struct decoder *d)
{
    return d->trouble_at;
}

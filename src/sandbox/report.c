/* The child's last words, written and read. */
#include "sandbox/report.h"

#include "base/utf8.h"

static const unsigned char report_magic[4] = {'F', 'S', 'R', '1'};

static void put16(unsigned char *p, size_t n)
{
    p[0] = (unsigned char)(n & 0xff);
    p[1] = (unsigned char)(n >> 8);
}

static size_t get16(const unsigned char *p)
{
    return (size_t)p[0] | (size_t)p[1] << 8;
}

size_t report_write(unsigned char *out, const struct err *err)
{
    size_t text_len = strnlen(err->text, sizeof err->text - 1);
    size_t detail_len = strnlen(err->detail, sizeof err->detail - 1);
    memcpy(out, report_magic, sizeof report_magic);
    put16(out + 4, (size_t)(-(int)err->rc));
    put16(out + 6, 0);
    put16(out + 8, text_len);
    put16(out + 10, detail_len);
    memcpy(out + REPORT_HEAD, err->text, text_len);
    memcpy(out + REPORT_HEAD + text_len, err->detail, detail_len);
    return REPORT_HEAD + text_len + detail_len;
}

static bool clean_text(const unsigned char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] < 0x20 || p[i] == 0x7f)
            return false;
    return utf8_bad_at((struct str){(const char *)p, len}) == len;
}

bool report_read(struct err *out, const unsigned char *p, size_t len)
{
    if (len < REPORT_HEAD || memcmp(p, report_magic, sizeof report_magic) != 0)
        return false;
    size_t code = get16(p + 4);
    size_t text_len = get16(p + 8);
    size_t detail_len = get16(p + 10);
    if (code > (size_t)-(int)RC_DB || get16(p + 6) != 0 || text_len >= sizeof out->text ||
        detail_len >= sizeof out->detail || len != REPORT_HEAD + text_len + detail_len)
        return false;
    const unsigned char *text = p + REPORT_HEAD;
    const unsigned char *detail = text + text_len;
    if (!clean_text(text, text_len) || !clean_text(detail, detail_len))
        return false;
    memset(out, 0, sizeof *out);
    out->rc = (enum rc)(-(int)code);
    memcpy(out->text, text, text_len);
    memcpy(out->detail, detail, detail_len);
    return true;
}

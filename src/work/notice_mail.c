/* The text of a mail: headers and a body in base64, so that any text passes any server.
 * Sources: RFC 5322 (headers, dates), RFC 2047 (encoded words), RFC 2045 (base64 lines). */
#include "base/time.h"
#include "work/notice_inner.h"

#include <string.h>

enum { WORD_BYTES = 42, LINE_BYTES = 57 }; /* 56 and 76 characters of base64 */

static void put_base64(struct buf *b, const unsigned char *p, size_t len)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        unsigned n = (unsigned)p[i] << 16;
        n |= i + 1 < len ? (unsigned)p[i + 1] << 8 : 0;
        n |= i + 2 < len ? p[i + 2] : 0;
        buf_char(b, digits[n >> 18]);
        buf_char(b, digits[n >> 12 & 63]);
        buf_char(b, i + 1 < len ? digits[n >> 6 & 63] : '=');
        buf_char(b, i + 2 < len ? digits[n & 63] : '=');
    }
}

const char *notice_mail_word(struct arena *a, struct str text)
{
    struct buf b;
    buf_init(&b, a, text.len * 2 + 64 + text.len / 8 * 4);
    for (size_t at = 0; at == 0 || at < text.len;) {
        size_t n = text.len - at < WORD_BYTES ? text.len - at : WORD_BYTES;
        while (n > 0 && at + n < text.len && ((unsigned char)text.p[at + n] & 0xc0) == 0x80)
            n--; /* not in the middle of a character */
        buf_z(&b, at == 0 ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        put_base64(&b, (const unsigned char *)text.p + at, n);
        buf_z(&b, "?=");
        if (n == 0)
            break;
        at += n;
    }
    return arena_copy(a, buf_view(&b));
}

static void put_date(struct buf *b, int64_t at)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int32_t day = day_at(at, 0);
    struct date d = day_date(day);
    int second = (int)(at - (int64_t)day * 86400);
    buf_printf(b, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[(day % 7 + 7) % 7],
               (int)d.day, months[d.month - 1], (int)d.year, second / 3600, second / 60 % 60,
               second % 60);
}

struct str notice_mail_text(struct arena *a, const struct parcel *p, const char *subject,
                            struct str body, const char *message_id, int64_t at)
{
    struct buf b;
    buf_init(&b, a, 2 * NOTICE_BODY_MAX);
    put_date(&b, at);
    buf_printf(&b, "From: <%s>\r\nTo: <%s>\r\nMessage-ID: <%s>\r\nSubject: %s\r\n",
               p->mail_from, p->mail_to, message_id, notice_mail_word(a, str_of(subject)));
    buf_z(&b, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n");
    for (size_t i = 0; i < body.len; i += LINE_BYTES) {
        size_t n = body.len - i < LINE_BYTES ? body.len - i : LINE_BYTES;
        put_base64(&b, (const unsigned char *)body.p + i, n);
        buf_z(&b, "\r\n");
    }
    return buf_view(&b);
}

/* The templates' run time; see html.h. */
#include "html/html.h"

#include <string.h>
#include <strings.h>

void out_init(struct out *o, struct arena *arena, size_t max, const char *nonce)
{
    buf_init(&o->buf, arena, max ? max : HTML_OUT_MAX);
    o->nonce = nonce;
}

struct out *out_new(struct arena *arena, const char *nonce)
{
    struct out *o = arena_new(arena, sizeof *o);
    out_init(o, arena, 0, nonce);
    return o;
}

bool out_ok(const struct out *o)
{
    return buf_ok(&o->buf);
}

struct str out_view(struct out *o)
{
    return buf_view(&o->buf);
}

struct html out_html(struct out *o)
{
    struct str s = buf_view(&o->buf);
    return (struct html){s.p, s.len};
}

void html_literal(struct out *o, const char *p, size_t len)
{
    buf_put(&o->buf, p, len);
}

void html_put_raw(struct out *o, struct html h)
{
    buf_put(&o->buf, h.p, h.len);
}

/* What stands for a byte, or NULL when it stands for itself. */
static const char *escape_of(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
    case '\r':
        return NULL;
    default:
        return c < 0x20 || c == 0x7f ? "\xEF\xBF\xBD" : NULL;
    }
}

void html_put_str(struct out *o, struct str s)
{
    size_t start = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char *escape = escape_of((unsigned char)s.p[i]);
        if (!escape)
            continue;
        buf_put(&o->buf, s.p + start, i - start);
        buf_z(&o->buf, escape);
        start = i + 1;
    }
    if (start < s.len)
        buf_put(&o->buf, s.p + start, s.len - start);
}

void html_put_z(struct out *o, const char *z)
{
    if (z)
        html_put_str(o, (struct str){z, strlen(z)});
}

void html_put_i64(struct out *o, int64_t n)
{
    buf_i64(&o->buf, n);
}

void html_put_u64(struct out *o, uint64_t n)
{
    buf_printf(&o->buf, "%" PRIu64, n);
}

/* Browsers cut outer blanks and drop tabs and line ends inside an address before they look
 * for the scheme, so such an address is refused. Source: WHATWG URL, 4.4 "basic URL parser". */
static bool url_is_safe(struct str s)
{
    static const char *const schemes[] = {"http", "https", "mailto", "tel"};
    size_t colon = s.len;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == 0x7f || (c == ' ' && (i == 0 || i + 1 == s.len)))
            return false;
        if (colon == s.len && (c == ':' || c == '/' || c == '?' || c == '#'))
            colon = i;
    }
    if (colon == s.len || s.p[colon] != ':')
        return true;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strlen(schemes[i]) == colon && strncasecmp(schemes[i], s.p, colon) == 0)
            return true;
    }
    return false;
}

void html_put_url_str(struct out *o, struct str s)
{
    if (url_is_safe(s))
        html_put_str(o, s);
    else
        buf_char(&o->buf, '#');
}

void html_put_url_z(struct out *o, const char *z)
{
    if (z)
        html_put_url_str(o, (struct str){z, strlen(z)});
}

/* RFC 3986, 2.3: unreserved characters. */
static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

/* The three characters of one encoded byte. */
static void encode_byte(char out[3], unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    out[0] = '%';
    out[1] = digits[c >> 4];
    out[2] = digits[c & 15];
}

void html_put_query_str(struct out *o, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char coded[3];
        encode_byte(coded, (unsigned char)s.p[i]);
        if (is_unreserved(s.p[i]))
            buf_char(&o->buf, s.p[i]);
        else
            buf_put(&o->buf, coded, sizeof coded);
    }
}

void html_put_query_z(struct out *o, const char *z)
{
    if (z)
        html_put_query_str(o, (struct str){z, strlen(z)});
}

const char *html_encode(struct cx *cx, struct str s)
{
    char *coded = arena_new(cx->arena, s.len * 3 + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (is_unreserved(s.p[i])) {
            coded[len++] = s.p[i];
        } else {
            encode_byte(coded + len, (unsigned char)s.p[i]);
            len += 3;
        }
    }
    return coded;
}

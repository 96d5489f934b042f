/* Reads the texts of a request: addresses, queries, forms, cookies and a few headers; and
 * writes addresses. Strict: what is not clearly right is refused. Bodies of several parts are
 * read in multipart.c, the framing is checked in guard.c. */
#include "base/text.h"
#include "base/utf8.h"
#include "http/http_parts.h"

#include <assert.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool is_forbidden_control(unsigned char c)
{
    return (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f;
}

/* Undoes the escapes of `raw` into `to` (room for raw.len); the length, or SIZE_MAX. */
static size_t unescape(char *to, struct str raw, bool plus)
{
    size_t len = 0;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.p[i];
        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < raw.len ? hex_digit(raw.p[i + 1]) : -1;
            int low = i + 2 < raw.len ? hex_digit(raw.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return SIZE_MAX;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (is_forbidden_control((unsigned char)c))
            return SIZE_MAX;
        to[len++] = c;
    }
    return len;
}

bool url_decode(struct str *out, struct arena *a, struct str raw, bool plus)
{
    char *to = arena_try(a, raw.len + 1);
    if (!to)
        return false;
    size_t len = unescape(to, raw, plus);
    if (len == SIZE_MAX)
        return false;
    to[len] = 0;
    struct str s = {to, len};
    if (utf8_bad_at(s) != len)
        return false;
    *out = s;
    return true;
}

/* The absolute form that proxies use: the part behind the host. */
static struct str strip_authority(struct str target)
{
    static const struct str schemes[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < 2; i++) {
        if (!str_starts(target, schemes[i]))
            continue;
        struct str rest = {target.p + schemes[i].len, target.len - schemes[i].len};
        const char *slash = rest.len ? memchr(rest.p, '/', rest.len) : NULL;
        if (!slash)
            return STR("/");
        return (struct str){slash, rest.len - (size_t)(slash - rest.p)};
    }
    return target;
}

static bool segment_is_plain(struct str segment)
{
    return segment.len > 0 && !str_eq_z(segment, ".") && !str_eq_z(segment, "..");
}

/* Whether no segment is empty (but the last), "." or "..". */
static bool segments_are_plain(struct str path)
{
    struct str rest = {path.p + 1, path.len - 1};
    while (rest.p) {
        struct str segment = str_cut(&rest, '/');
        bool last = rest.p == NULL;
        if (!segment_is_plain(segment) && !(last && segment.len == 0))
            return false;
    }
    return true;
}

bool url_split(struct str *path, struct str *query_raw, struct arena *a, struct str target)
{
    for (size_t i = 0; i < target.len; i++)
        if ((unsigned char)target.p[i] <= ' ' || target.p[i] == 0x7f)
            return false;
    struct str rest = strip_authority(target);
    struct str raw = str_cut(&rest, '?');
    struct str decoded;
    if (raw.len == 0 || raw.p[0] != '/' || !url_decode(&decoded, a, raw, false))
        return false;
    size_t slashes_raw = 0, slashes = 0;
    for (size_t i = 0; i < raw.len; i++)
        slashes_raw += raw.p[i] == '/';
    for (size_t i = 0; i < decoded.len; i++) {
        unsigned char c = (unsigned char)decoded.p[i];
        if (c == '\\' || c < 0x20)
            return false;
        slashes += c == '/';
    }
    if (slashes != slashes_raw || !segments_are_plain(decoded))
        return false;
    *path = decoded;
    *query_raw = rest.p ? rest : STR("");
    return true;
}

enum rc pairs_parse(const struct pair **out, size_t *count, struct cx *cx, struct str raw,
                    size_t max)
{
    size_t n = raw.len > 0;
    for (size_t i = 0; i < raw.len; i++)
        n += raw.p[i] == '&';
    if (n > max)
        return fail(cx, RC_LIMIT, _("The form has too many fields."), "fields=%zu", n);
    struct pair *pairs = arena_array(cx->arena, n ? n : 1, sizeof *pairs);
    if (!pairs)
        return fail(cx, RC_LIMIT, _("The form is too large."), "pairs");
    size_t used = 0;
    struct str rest = raw.len ? raw : (struct str){NULL, 0};
    while (rest.p) {
        struct str value = str_cut(&rest, '&');
        if (value.len == 0)
            continue;
        struct str name = str_cut(&value, '=');
        struct pair *pair = &pairs[used];
        if (!url_decode(&pair->name, cx->arena, name, true) ||
            !url_decode(&pair->value, cx->arena, value.p ? value : STR(""), true))
            return fail(cx, RC_INVALID,
                        _("The text that was sent is damaged. Go back and try again."),
                        "pair=%zu", used);
        used++;
    }
    *out = pairs;
    *count = used;
    return RC_OK;
}

void cookies_parse(const struct pair **out, size_t *count, struct cx *cx, struct str raw)
{
    struct pair *pairs = arena_array(cx->arena, HTTP_COOKIES_MAX, sizeof *pairs);
    size_t used = 0;
    *count = 0;
    *out = pairs;
    struct str rest = raw.len && pairs ? raw : (struct str){NULL, 0};
    while (rest.p && used < HTTP_COOKIES_MAX) {
        struct str value = str_cut(&rest, ';');
        struct str name = str_trim(str_cut(&value, '='));
        if (!value.p || name.len == 0)
            continue;
        value = str_trim(value);
        if (value.len >= 2 && value.p[0] == '"' && value.p[value.len - 1] == '"')
            value = (struct str){value.p + 1, value.len - 2};
        pairs[used++] = (struct pair){name, value};
    }
    *count = used;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_eq_case(struct str a, const char *z)
{
    size_t i = 0;
    while (i < a.len && z[i] && lower(a.p[i]) == lower(z[i]))
        i++;
    return i == a.len && !z[i];
}

/* Whether a parameter list ";q=0" forbids. Anything unreadable forbids too. */
static bool quality_is_zero(struct str parameters)
{
    while (parameters.p) {
        struct str one = str_trim(str_cut(&parameters, ';'));
        if (one.len < 2 || lower(one.p[0]) != 'q' || one.p[1] != '=')
            continue;
        int64_t q = 0;
        struct str number = {one.p + 2, one.len - 2};
        return !str_to_scaled(&q, str_trim(number), 3) || q <= 0;
    }
    return false;
}

bool accepts_gzip(struct str header)
{
    struct str rest = header.len ? header : (struct str){NULL, 0};
    bool any = false;
    while (rest.p) {
        struct str item = str_cut(&rest, ',');
        struct str coding = str_trim(str_cut(&item, ';'));
        bool yes = !item.p || !quality_is_zero(item);
        if (str_eq_case(coding, "gzip") || str_eq_case(coding, "x-gzip"))
            return yes;
        if (str_eq_z(coding, "*"))
            any = yes;
    }
    return any;
}

/* The ETag without the weakness mark and quotes. */
static struct str etag_core(struct str etag)
{
    etag = str_trim(etag);
    if (str_starts(etag, STR("W/")))
        etag = (struct str){etag.p + 2, etag.len - 2};
    if (etag.len >= 2 && etag.p[0] == '"' && etag.p[etag.len - 1] == '"')
        etag = (struct str){etag.p + 1, etag.len - 2};
    return etag;
}

bool etag_matches(struct str header, struct str etag)
{
    struct str rest = header.len ? header : (struct str){NULL, 0};
    struct str wanted = etag_core(etag);
    while (rest.p) {
        struct str item = str_cut(&rest, ',');
        if (str_eq(etag_core(item), wanted) || str_eq_z(str_trim(item), "*"))
            return true;
    }
    return false;
}

bool type_is(struct str content_type, const char *type)
{
    struct str rest = content_type;
    return str_eq_case(str_trim(str_cut(&rest, ';')), type);
}

/* ---- what handlers ask a request ---- */

static struct str find_pair(const struct pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(pairs[i].name, name))
            return pairs[i].value;
    return (struct str){NULL, 0};
}

struct str request_query(const struct request *q, const char *name)
{
    return find_pair(q->query, q->query_count, name);
}

struct str request_form(const struct request *q, const char *name)
{
    return find_pair(q->form, q->form_count, name);
}

struct str request_param(const struct request *q, const char *name)
{
    return find_pair(q->params, q->param_count, name);
}

struct str request_cookie(const struct request *q, const char *name)
{
    return find_pair(q->cookies, q->cookie_count, name);
}

struct str request_header(const struct request *q, const char *name)
{
    for (size_t i = 0; i < q->header_count; i++)
        if (str_eq_case(q->headers[i].name, name))
            return q->headers[i].value;
    return (struct str){NULL, 0};
}

enum rc request_param_id(int64_t *out, struct cx *cx, const struct request *q, const char *name)
{
    struct str s = request_param(q, name);
    int64_t id = 0;
    if (!s.p || !str_to_i64(&id, s) || id <= 0)
        return fail(cx, RC_NOTFOUND, _("There is no page at this address."),
                    "parameter %s is not a number", name);
    *out = id;
    return RC_OK;
}

/* ---- writing addresses ---- */

static bool is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

static void put_encoded(struct buf *b, struct str s)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (is_unreserved(s.p[i])) {
            buf_char(b, s.p[i]);
            continue;
        }
        buf_char(b, '%');
        buf_char(b, digits[c >> 4]);
        buf_char(b, digits[c & 15]);
    }
}

const char *url_encode(struct arena *a, struct str s)
{
    struct buf b;
    buf_init(&b, a, s.len * 3 + 1);
    put_encoded(&b, s);
    assert(buf_ok(&b));
    return b.p ? b.p : "";
}

static void put_pair(struct buf *b, struct str name, struct str value)
{
    buf_char(b, b->len ? '&' : '?');
    put_encoded(b, name);
    buf_char(b, '=');
    put_encoded(b, value);
}

const char *url_with(struct cx *cx, const struct request *q, const char *name,
                     const char *value)
{
    struct buf b;
    bool placed = value == NULL;
    /* A query comes from an address of at most LIMIT_URL_BYTES; encoding triples it at worst.
     */
    buf_init(&b, cx->arena, 4 * LIMIT_URL_BYTES + (value ? strlen(value) * 3 : 0) + 256);
    for (size_t i = 0; i < q->query_count; i++) {
        if (!str_eq_z(q->query[i].name, name)) {
            put_pair(&b, q->query[i].name, q->query[i].value);
        } else if (!placed) {
            put_pair(&b, str_of(name), str_of(value));
            placed = true;
        }
    }
    if (!placed)
        put_pair(&b, str_of(name), str_of(value));
    assert(buf_ok(&b));
    return b.len ? b.p : "?"; /* "?" alone: this page without a query */
}

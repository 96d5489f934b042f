/* The shared strings: every text of the workbook once. Rich text is joined, phonetic guides are
 * left out. Source: ECMA-376-1, 18.4. */
#include "frame/xlsx_parts.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"

struct strings {
    struct xlsx *x;
    bool in_item, in_text;
    int phonetic; /* depth of rPh */
    size_t start; /* of the present string */
};

static bool hex4(uint32_t *out, const char *p)
{
    uint32_t n = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef";
        const char *d = strchr(digits, p[i] >= 'A' && p[i] <= 'F' ? p[i] + 32 : p[i]);
        if (p[i] == 0 || d == NULL)
            return false;
        n = n << 4 | (uint32_t)(d - digits);
    }
    *out = n;
    return true;
}

/* Only what XML cannot hold is written like this: control characters and a literal underscore;
 * other code points are decoded too, but not halves of pairs. */
size_t xlsx_unescape(char *p, size_t len)
{
    size_t to = 0;
    for (size_t i = 0; i < len;) {
        uint32_t c;
        bool is = p[i] == '_' && len - i >= 7 && p[i + 1] == 'x' && p[i + 6] == '_' &&
                  hex4(&c, p + i + 2) && (c < 0xd800 || c > 0xdfff);
        if (!is) {
            p[to++] = p[i++];
            continue;
        }
        i += 7;
        if (c == 0)
            continue; /* cells hold no zero bytes */
        if (c < 0x80) {
            p[to++] = (char)c;
        } else if (c < 0x800) {
            p[to++] = (char)(0xc0 | c >> 6);
            p[to++] = (char)(0x80 | (c & 0x3f));
        } else {
            p[to++] = (char)(0xe0 | c >> 12);
            p[to++] = (char)(0x80 | (c >> 6 & 0x3f));
            p[to++] = (char)(0x80 | (c & 0x3f));
        }
    }
    return to;
}

static enum rc strings_start(void *user, const struct xml_element *e)
{
    struct strings *s = user;
    if (strcmp(e->name, "si") == 0) {
        s->in_item = true;
        s->start = s->x->strings.len;
    } else if (strcmp(e->name, "rPh") == 0) {
        s->phonetic++;
    } else if (strcmp(e->name, "t") == 0) {
        s->in_text = s->in_item && s->phonetic == 0;
    }
    return RC_OK;
}

static enum rc item_end(struct strings *s)
{
    struct cx *cx = s->x->cx;
    struct xlsx *x = s->x;
    s->in_item = false;
    if (!buf_ok(&x->strings))
        return fail(cx, RC_LIMIT,
                    _("Reading the file needs more memory than allowed. Split it into smaller "
                      "files."),
                    "shared strings");
    char *p = x->strings.p ? x->strings.p + s->start : NULL;
    size_t len = x->strings.len - s->start;
    if (p && len > 0 && memchr(p, '_', len))
        x->strings.len = s->start + xlsx_unescape(p, len);
    uint32_t end = (uint32_t)x->strings.len;
    buf_put(&x->string_ends, &end, sizeof end);
    return RC_OK;
}

static enum rc strings_end(void *user, const char *name)
{
    struct strings *s = user;
    if (strcmp(name, "si") == 0)
        return item_end(s);
    if (strcmp(name, "rPh") == 0 && s->phonetic > 0)
        s->phonetic--;
    else if (strcmp(name, "t") == 0)
        s->in_text = false;
    return RC_OK;
}

static enum rc strings_text(void *user, struct str text)
{
    struct strings *s = user;
    size_t have = s->x->strings.len - s->start;
    /* One byte over the limit is kept, so that the cell that uses it is refused by name. */
    size_t room = have > LIMIT_CELL_BYTES ? 0 : LIMIT_CELL_BYTES + 1 - have;
    if (s->in_text && room > 0)
        buf_put(&s->x->strings, text.p, text.len < room ? text.len : room);
    return RC_OK;
}

enum rc xlsx_read_strings(struct xlsx *x)
{
    struct cx *cx = x->cx;
    static const struct xml_handler handler = {strings_start, strings_end, strings_text};
    struct strings s = {.x = x};
    const char *part = "xl/sharedStrings.xml";
    for (size_t at = 0; at < x->relations.len; at += sizeof(struct xlsx_relation)) {
        struct xlsx_relation r;
        memcpy(&r, x->relations.p + at, sizeof r);
        if (r.is_strings)
            part = r.part;
    }
    enum rc rc = xlsx_parse(x, part, &handler, &s);
    if (rc == RC_OK && (!buf_ok(&x->strings) || !buf_ok(&x->string_ends)))
        return fail(cx, RC_LIMIT,
                    _("Reading the file needs more memory than allowed. Split it into smaller "
                      "files."),
                    "shared strings");
    return rc == RC_NOTFOUND ? RC_OK : rc; /* a workbook of numbers has none */
}

bool xlsx_string(struct str *out, const struct xlsx *x, struct str number)
{
    int64_t i;
    size_t count = x->string_ends.len / sizeof(uint32_t);
    if (!str_to_i64(&i, number) || i < 0 || (uint64_t)i >= count)
        return false;
    uint32_t from = 0, to;
    if (i > 0)
        memcpy(&from, x->string_ends.p + (size_t)(i - 1) * sizeof from, sizeof from);
    memcpy(&to, x->string_ends.p + (size_t)i * sizeof to, sizeof to);
    *out = (struct str){x->strings.p ? x->strings.p + from : "", to - from};
    return true;
}

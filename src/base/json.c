/* The JSON writer. Nesting mistakes are the programmer's and are asserted. */
#include "base/json.h"

#include "base/utf8.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH_MAX = 63 };

void json_init(struct json *j, struct buf *out)
{
    *j = (struct json){.out = out};
}

static uint64_t bit(const struct json *j)
{
    return (uint64_t)1 << j->depth;
}

/* Called before every value: its comma, and the rule that an object's value has a key. */
static void before_value(struct json *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    assert(!(j->is_object & bit(j)));           /* a value in an object needs json_key first */
    assert(j->depth > 0 || !(j->has_item & 1)); /* one value at the top */
    if (j->has_item & bit(j))
        buf_char(j->out, ',');
    j->has_item |= bit(j);
}

static void begin(struct json *j, char bracket, bool object)
{
    before_value(j);
    assert(j->depth < DEPTH_MAX);
    j->depth++;
    j->has_item &= ~bit(j);
    j->is_object = object ? j->is_object | bit(j) : j->is_object & ~bit(j);
    buf_char(j->out, bracket);
}

static void end(struct json *j, char bracket, bool object)
{
    assert(j->depth > 0 && !j->after_key);
    assert(((j->is_object & bit(j)) != 0) == object);
    j->depth--;
    buf_char(j->out, bracket);
}

void json_object_begin(struct json *j)
{
    begin(j, '{', true);
}

void json_object_end(struct json *j)
{
    end(j, '}', true);
}

void json_array_begin(struct json *j)
{
    begin(j, '[', false);
}

void json_array_end(struct json *j)
{
    end(j, ']', false);
}

/* '<' is escaped too, so that JSON inside a script element cannot end it. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '<';
}

static void put_ascii(struct buf *out, unsigned char c)
{
    switch (c) {
    case '"':
        buf_z(out, "\\\"");
        return;
    case '\\':
        buf_z(out, "\\\\");
        return;
    case '\n':
        buf_z(out, "\\n");
        return;
    case '\r':
        buf_z(out, "\\r");
        return;
    case '\t':
        buf_z(out, "\\t");
        return;
    default:
        buf_printf(out, "\\u%04x", c);
    }
}

static void put_quoted(struct buf *out, struct str s)
{
    buf_char(out, '"');
    while (s.len) {
        size_t n = 0;
        while (n < s.len && is_plain((unsigned char)s.p[n]))
            n++;
        buf_put(out, s.p, n);
        s.p += n;
        s.len -= n;
        if (s.len == 0)
            break;
        unsigned char c = (unsigned char)s.p[0];
        if (c < 0x80) {
            put_ascii(out, c);
            s.p++;
            s.len--;
        } else {
            utf8_put(out, utf8_next(&s)); /* a bad byte becomes U+FFFD */
        }
    }
    buf_char(out, '"');
}

void json_key(struct json *j, const char *key)
{
    assert((j->is_object & bit(j)) && !j->after_key);
    if (j->has_item & bit(j))
        buf_char(j->out, ',');
    j->has_item |= bit(j);
    put_quoted(j->out, str_of(key));
    buf_char(j->out, ':');
    j->after_key = true;
}

void json_str(struct json *j, struct str s)
{
    if (!s.p) {
        json_nothing(j);
        return;
    }
    before_value(j);
    put_quoted(j->out, s);
}

void json_z(struct json *j, const char *z)
{
    json_str(j, z ? str_of(z) : (struct str){NULL, 0});
}

void json_i64(struct json *j, int64_t n)
{
    const int64_t safe = (int64_t)1 << 53; /* what a double holds exactly */
    bool quoted = n > safe || n < -safe;
    before_value(j);
    if (quoted)
        buf_char(j->out, '"');
    buf_i64(j->out, n);
    if (quoted)
        buf_char(j->out, '"');
}

void json_f64(struct json *j, double x)
{
    if (!isfinite(x)) {
        json_nothing(j);
        return;
    }
    char z[40];
    /* 17 digits always read back; fewer often do and are what people expect. */
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(z, sizeof z, "%.*g", digits, x);
        if (strtod(z, NULL) == x)
            break;
    }
    before_value(j);
    buf_z(j->out, z);
}

void json_bool(struct json *j, bool b)
{
    before_value(j);
    buf_z(j->out, b ? "true" : "false");
}

void json_nothing(struct json *j)
{
    before_value(j);
    buf_z(j->out, "null");
}

void json_put_z(struct json *j, const char *key, const char *z)
{
    json_key(j, key);
    json_z(j, z);
}

void json_put_str(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    json_str(j, s);
}

void json_put_i64(struct json *j, const char *key, int64_t n)
{
    json_key(j, key);
    json_i64(j, n);
}

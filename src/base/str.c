/* Texts with a length: comparison, cutting, and strict numbers. Nothing here allocates or looks
 * at the locale. */
#include "base/str.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct str str_of(const char *z)
{
    return z ? (struct str){z, strlen(z)} : (struct str){"", 0};
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool str_eq_z(struct str a, const char *z)
{
    return str_eq(a, str_of(z));
}

int str_cmp(struct str a, struct str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.p, b.p, len) : 0;
    if (order)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.p, prefix.p, prefix.len) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.p + (s.len - suffix.len), suffix.p, suffix.len) == 0);
}

/* Whether the `len` bytes at p are one blank beyond ASCII. */
static bool is_wide_blank(const char *p, size_t len)
{
    if (len == 2)
        return memcmp(p, "\xc2\xa0", 2) == 0;   /* U+00A0 */
    return memcmp(p, "\xe3\x80\x80", 3) == 0 || /* U+3000 */
           memcmp(p, "\xe2\x80\x8b", 3) == 0 || /* U+200B */
           memcmp(p, "\xef\xbb\xbf", 3) == 0;   /* U+FEFF */
}

static bool is_ascii_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t blank_at_start(struct str s)
{
    if (s.len == 0)
        return 0;
    if (is_ascii_blank(s.p[0]))
        return 1;
    for (size_t len = 2; len <= 3; len++)
        if (s.len >= len && is_wide_blank(s.p, len))
            return len;
    return 0;
}

static size_t blank_at_end(struct str s)
{
    if (s.len == 0)
        return 0;
    if (is_ascii_blank(s.p[s.len - 1]))
        return 1;
    for (size_t len = 2; len <= 3; len++)
        if (s.len >= len && is_wide_blank(s.p + (s.len - len), len))
            return len;
    return 0;
}

struct str str_trim(struct str s)
{
    size_t n;
    while ((n = blank_at_start(s)) > 0) {
        s.p += n;
        s.len -= n;
    }
    while ((n = blank_at_end(s)) > 0)
        s.len -= n;
    return s;
}

struct str str_cut(struct str *rest, char separator)
{
    struct str all = *rest;
    const char *at = all.len ? memchr(all.p, separator, all.len) : NULL;
    if (!at) {
        *rest = (struct str){NULL, 0};
        return all.p ? all : (struct str){"", 0};
    }
    size_t len = (size_t)(at - all.p);
    *rest = (struct str){at + 1, all.len - len - 1};
    return (struct str){all.p, len};
}

/* Reads digits into *magnitude, at most `limit`; false on another character, none or overflow.
 */
static bool read_digits(uint64_t *magnitude, struct str s, uint64_t limit)
{
    uint64_t n = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';
        if (digit > 9 || n > (limit - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *magnitude = n;
    return true;
}

static bool cut_minus(struct str *s)
{
    if (s->len == 0 || s->p[0] != '-')
        return false;
    s->p++;
    s->len--;
    return true;
}

/* -(2^63) has no positive twin, so the sign is applied without overflow. */
static int64_t with_sign(uint64_t magnitude, bool negative)
{
    if (!negative)
        return (int64_t)magnitude;
    return magnitude > (uint64_t)INT64_MAX ? INT64_MIN : -(int64_t)magnitude;
}

bool str_to_i64(int64_t *out, struct str s)
{
    bool negative = cut_minus(&s);
    uint64_t n = 0;
    if (!read_digits(&n, s, (uint64_t)INT64_MAX + negative))
        return false;
    *out = with_sign(n, negative);
    return true;
}

static size_t count_digits(struct str s, size_t from)
{
    size_t i = from;
    while (i < s.len && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i - from;
}

/* [-]digits[.digits][e[+-]digits], with a digit before or behind the point. */
static bool looks_like_f64(struct str s)
{
    size_t i = s.len && s.p[0] == '-';
    size_t digits = count_digits(s, i);
    i += digits;
    if (i < s.len && s.p[i] == '.') {
        size_t behind = count_digits(s, i + 1);
        i += 1 + behind;
        digits += behind;
    }
    if (digits == 0)
        return false;
    if (i < s.len && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        if (i < s.len && (s.p[i] == '+' || s.p[i] == '-'))
            i++;
        size_t exponent = count_digits(s, i);
        if (exponent == 0)
            return false;
        i += exponent;
    }
    return i == s.len;
}

bool str_to_f64(double *out, struct str s)
{
    /* 400 bytes hold every number a program prints; longer is not a number to us. */
    char z[400];
    if (s.len == 0 || s.len >= sizeof z || !looks_like_f64(s))
        return false;
    memcpy(z, s.p, s.len);
    z[s.len] = 0;
    /* The program never calls setlocale for LC_NUMERIC, so strtod reads a point. */
    char *end = NULL;
    double x = strtod(z, &end);
    if (end != z + s.len || !isfinite(x))
        return false;
    *out = x;
    return true;
}

bool str_to_scaled(int64_t *out, struct str s, unsigned decimals)
{
    bool negative = cut_minus(&s);
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    struct str behind = s;
    struct str whole = str_cut(&behind, '.');
    if (behind.p && behind.len == 0)
        return false;
    while (behind.len > decimals && behind.p[behind.len - 1] == '0')
        behind.len--;
    if (behind.len > decimals)
        return false;
    uint64_t n = 0;
    if (!read_digits(&n, whole, limit))
        return false;
    for (size_t i = 0; i < decimals; i++) {
        unsigned digit = i < behind.len ? (unsigned)(unsigned char)behind.p[i] - '0' : 0;
        if (digit > 9 || n > (limit - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *out = with_sign(n, negative);
    return true;
}

size_t str_find(struct str hay, struct str needle)
{
    if (needle.len == 0)
        return 0;
    if (needle.len > hay.len)
        return SIZE_MAX;
    const char *at = memmem(hay.p, hay.len, needle.p, needle.len);
    return at ? (size_t)(at - hay.p) : SIZE_MAX;
}

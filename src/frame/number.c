/* Shortest decimals by trying 15, 16 and 17 digits: the C library rounds correctly both ways.
 */
#include "frame/number.h"

#include "base/time.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>

/* Lays out the digits of "d.ddde±x". */
static struct str layout(char *out, const char *scientific)
{
    char digits[24] = "0";
    size_t count = 0;
    const char *p = scientific;
    bool negative = *p == '-';
    for (p += negative; *p && *p != 'e'; p++)
        if (*p != '.' && count < sizeof digits)
            digits[count++] = *p;
    long exponent = *p ? strtol(p + 1, NULL, 10) : 0;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    char *o = out;
    if (negative)
        *o++ = '-';
    long point = exponent + 1; /* digits before the point */
    int n = (int)count;
    if (point > 21 || point < -5) {
        *o++ = digits[0];
        if (n > 1)
            *o++ = '.';
        memcpy(o, digits + 1, count - 1);
        o += n - 1;
        o += snprintf(o, 8, "e%c%ld", exponent < 0 ? '-' : '+', labs(exponent));
    } else if (point <= 0) {
        memcpy(o, "0.00000", (size_t)(2 - point));
        o += 2 - point;
        memcpy(o, digits, count);
        o += n;
    } else {
        for (long i = 0; i < point || i < n; i++) {
            if (i == point)
                *o++ = '.';
            *o++ = i < n ? digits[i] : '0';
        }
    }
    *o = 0;
    return (struct str){out, (size_t)(o - out)};
}

/* Most numbers of real files have few decimals: x is n / 10^k for an n of at most 15 digits,
 * and the smallest such k gives the shortest text. Division rounds correctly, so equality is
 * exact. */
static bool few_decimals(struct str *out, char *z, double x)
{
    static const double powers[] = {1, 10, 100, 1000, 10000, 100000};
    for (unsigned k = 0; k < sizeof powers / sizeof powers[0]; k++) {
        double n = nearbyint(x * powers[k]);
        if (!(fabs(n) < 1e15))
            return false;
        if (n / powers[k] == x) {
            *out = number_text_scaled(z, (int64_t)n, k);
            return true;
        }
    }
    return false;
}

struct str number_text(char *out, double x)
{
    assert(isfinite(x));
    char z[32];
    struct str text;
    if (few_decimals(&text, out, x)) /* minus zero is zero for people */
        return text;
    /* Fewer digits are found by cutting zeros off, but not for the smallest numbers. */
    for (int digits = fabs(x) < DBL_MIN ? 0 : 14; digits <= 16; digits++) {
        snprintf(z, sizeof z, "%.*e", digits, x);
        if (strtod(z, NULL) == x)
            break;
    }
    return layout(out, z);
}

struct str number_text_f32(char *out, float x)
{
    assert(isfinite(x));
    char z[32];
    if (x == 0)
        return number_text_i64(out, 0);
    for (int digits = fabsf(x) < FLT_MIN ? 0 : 5; digits <= 8; digits++) {
        snprintf(z, sizeof z, "%.*e", digits, (double)x);
        if (strtof(z, NULL) == x)
            break;
    }
    return layout(out, z);
}

struct str number_text_i64(char *out, int64_t n)
{
    return number_text_scaled(out, n, 0);
}

/* By hand: this is called for every number of an export. */
struct str number_text_scaled(char *out, int64_t n, unsigned decimals)
{
    assert(decimals <= 18);
    char digits[NUMBER_TEXT_MAX];
    uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    while (decimals > 0 && u % 10 == 0) {
        u /= 10;
        decimals--;
    }
    char *p = digits + sizeof digits;
    for (unsigned written = 0; u > 0 || written <= decimals; written++) {
        if (written == decimals && decimals > 0)
            *--p = '.';
        *--p = (char)('0' + u % 10);
        u /= 10;
    }
    if (n < 0)
        *--p = '-';
    size_t len = (size_t)(digits + sizeof digits - p);
    memcpy(out, p, len);
    out[len] = 0;
    return (struct str){out, len};
}

struct str number_text_day(char *out, int32_t day)
{
    if (day < -719162 || day > 2932896) /* 0001-01-01, 9999-12-31 */
        return (struct str){"", 0};
    struct date d = day_date(day);
    int len = snprintf(out, NUMBER_TEXT_MAX, "%04d-%02d-%02d", d.year, d.month, d.day);
    return (struct str){out, (size_t)len};
}

bool number_is_short(struct str s)
{
    size_t i = s.len > 0 && s.p[0] == '-';
    size_t first = i, point = s.len;
    for (; i < s.len; i++) {
        if (s.p[i] == '.' && point == s.len)
            point = i;
        else if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    size_t whole = point - first, all = s.len - first;
    if (whole == 0 || all > 16 || (all == 16 && point == s.len))
        return false;
    if (s.p[first] == '0' && (whole > 1 || point == s.len))
        return whole == 1 && first == 0; /* "0", but not "-0", "00" */
    if (point == s.len)
        return true;
    /* "0.000001" is plain, "0.0000001" is not. */
    return point + 1 < s.len && s.p[s.len - 1] != '0' && (s.p[first] != '0' || all <= 7);
}

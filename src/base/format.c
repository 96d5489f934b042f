/* Numbers, days and times for people. Both languages group thousands with a comma. */
#include "base/format.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static _Atomic int32_t zone_offset_min;

void format_set_zone(int32_t offset_min)
{
    atomic_store(&zone_offset_min, offset_min);
}

int32_t format_zone(void)
{
    return atomic_load(&zone_offset_min);
}

/* "[-]digits[.digits]" with commas in the whole part. */
static const char *grouped(struct cx *cx, struct str number)
{
    bool negative = str_starts(number, STR("-"));
    struct str behind = {number.p + negative, number.len - negative};
    struct str whole = str_cut(&behind, '.');
    size_t size = number.len + whole.len / 3 + 2;
    char *out = arena_new(cx->arena, size);
    size_t n = 0;
    if (negative)
        out[n++] = '-';
    for (size_t i = 0; i < whole.len; i++) {
        if (i > 0 && (whole.len - i) % 3 == 0)
            out[n++] = ',';
        out[n++] = whole.p[i];
    }
    if (behind.p && behind.len) {
        out[n++] = '.';
        memcpy(out + n, behind.p, behind.len);
    }
    return out;
}

/* n / 10^decimals with all decimals, or without trailing zeros. */
static const char *scaled(struct cx *cx, int64_t n, unsigned decimals, bool keep_zeros)
{
    char digits[64];
    char out[80];
    size_t len = 0;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    if (decimals > 30)
        decimals = 30;
    /* Least digit first; at least one digit before the point. */
    while (rest || len <= decimals) {
        digits[len++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    size_t from = 0;
    while (!keep_zeros && from < decimals && digits[from] == '0')
        from++;
    size_t at = 0;
    if (n < 0)
        out[at++] = '-';
    for (size_t i = len; i-- > from;) {
        out[at++] = digits[i];
        if (i == decimals && i > from)
            out[at++] = '.';
    }
    return grouped(cx, (struct str){out, at});
}

const char *format_int(struct cx *cx, int64_t n)
{
    return scaled(cx, n, 0, true);
}

const char *format_scaled(struct cx *cx, int64_t n, unsigned decimals)
{
    return scaled(cx, n, decimals, false);
}

const char *format_money(struct cx *cx, int64_t minor, unsigned decimals)
{
    return scaled(cx, minor, decimals, true);
}

const char *format_f64(struct cx *cx, double x, unsigned decimals)
{
    char z[400];
    if (!isfinite(x))
        return "–";
    int len = snprintf(z, sizeof z, "%.*f", (int)(decimals > 15 ? 15 : decimals), x);
    if (len < 0 || (size_t)len >= sizeof z)
        return "–";
    /* -0.00 is a zero to a reader. */
    const char *p = z;
    if (z[0] == '-' && strspn(z + 1, "0.") == (size_t)len - 1) {
        p++;
        len--;
    }
    return grouped(cx, (struct str){p, (size_t)len});
}

const char *format_percent(struct cx *cx, double share)
{
    const char *number = format_f64(cx, share * 100, 1);
    if (!isfinite(share))
        return number;
    return arena_printf(cx->arena, cx->lang == LANG_ZH ? "%s%%" : "%s %%", number);
}

const char *format_day(struct cx *cx, int32_t day)
{
    struct date d = day_date(day);
    if (cx->lang == LANG_ZH)
        return arena_printf(cx->arena, "%d年%d月%d日", d.year, d.month, d.day);
    return day_iso(cx->arena, day);
}

const char *format_time(struct cx *cx, int64_t at)
{
    int64_t offset_min = format_zone();
    int64_t minute = (at - (at % 60 + 60) % 60) / 60 + offset_min;
    int in_day = (int)((minute % 1440 + 1440) % 1440);
    const char *day = format_day(cx, day_at(at, (int32_t)offset_min));
    return arena_printf(cx->arena, "%s %02d:%02d", day, in_day / 60, in_day % 60);
}

const char *format_bytes(struct cx *cx, int64_t len)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double x = (double)len;
    size_t unit = 0;
    /* 999.95 and more would print as 1000.0. */
    while (unit + 1 < sizeof units / sizeof *units && fabs(x) >= (unit ? 999.95 : 1000)) {
        x /= 1000;
        unit++;
    }
    return arena_printf(cx->arena, "%s %s", format_f64(cx, x, unit ? 1 : 0), units[unit]);
}

const char *format_duration(struct cx *cx, int64_t seconds)
{
    int64_t s = seconds < 0 ? 0 : seconds;
    if (s < 60)
        return arena_printf(cx->arena, _("%d s"), (int)s);
    if (s < 3600)
        return arena_printf(cx->arena, _("%d min %d s"), (int)(s / 60), (int)(s % 60));
    if (s < 86400)
        return arena_printf(cx->arena, _("%d h %d min"), (int)(s / 3600), (int)(s / 60 % 60));
    return arena_printf(cx->arena, _("%s d %d h"), format_int(cx, s / 86400),
                        (int)(s / 3600 % 24));
}

/* Clocks and the calendar. No time zone database: offices have one fixed offset. */
#include "base/time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t time_now(void)
{
    const char *fixed = getenv("FUMIN_NOW");
    int64_t at = 0;
    if (fixed && str_to_i64(&at, str_of(fixed)))
        return at;
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec;
}

int64_t time_mono_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t time_mono_ms(void)
{
    return time_mono_us() / 1000;
}

/* Source: Hinnant, days_from_civil. Years begin in March so that the leap day comes last. */
int32_t day_of(struct date d)
{
    int64_t year = (int64_t)d.year - (d.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = d.month > 2 ? d.month - 3 : d.month + 9;
    int64_t day_of_year = (153 * month + 2) / 5 + d.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int32_t)(era * 146097 + day_of_era - 719468);
}

/* Source: Hinnant, civil_from_days. */
struct date day_date(int32_t day)
{
    int64_t z = (int64_t)day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct date d;
    d.day = (int32_t)(day_of_year - (153 * month + 2) / 5 + 1);
    d.month = (int32_t)(month < 10 ? month + 3 : month - 9);
    d.year = (int32_t)(year_of_era + era * 400 + (d.month <= 2));
    return d;
}

bool date_valid(struct date d)
{
    static const int8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (d.year < 1800 || d.year > 2200 || d.month < 1 || d.month > 12 || d.day < 1)
        return false;
    bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
    return d.day <= lengths[d.month - 1] + (d.month == 2 && leap);
}

int32_t day_at(int64_t at, int32_t offset_min)
{
    int64_t local;
    if (__builtin_add_overflow(at, (int64_t)offset_min * 60, &local))
        local = at;
    int64_t day = local / 86400 - (local % 86400 < 0);
    if (day > INT32_MAX)
        return INT32_MAX;
    return day < INT32_MIN ? INT32_MIN : (int32_t)day;
}

/* Reads `min`..`max` digits from the start of *s into *out. */
static bool take_number(int32_t *out, struct str *s, size_t min, size_t max)
{
    int32_t n = 0;
    size_t i = 0;
    while (i < s->len && i < max && s->p[i] >= '0' && s->p[i] <= '9')
        n = n * 10 + (s->p[i++] - '0');
    if (i < min)
        return false;
    s->p += i;
    s->len -= i;
    *out = n;
    return true;
}

static bool take(struct str *s, struct str word)
{
    if (!str_starts(*s, word))
        return false;
    s->p += word.len;
    s->len -= word.len;
    return true;
}

bool day_parse(int32_t *out, struct str s)
{
    static const struct str separators[][3] = {
        {{"-", 1}, {"-", 1}, {"", 0}},
        {{"/", 1}, {"/", 1}, {"", 0}},
        {{".", 1}, {".", 1}, {"", 0}},
        {{"年", 3}, {"月", 3}, {"日", 3}},
    };
    struct date d = {0, 0, 0};
    if (!take_number(&d.year, &s, 4, 4) || s.len == 0)
        return false;
    bool ok = false;
    if (s.p[0] >= '0' && s.p[0] <= '9') {
        ok = take_number(&d.month, &s, 2, 2) && take_number(&d.day, &s, 2, 2);
    } else {
        for (size_t i = 0; i < sizeof separators / sizeof *separators && !ok; i++) {
            struct str rest = s;
            ok = take(&rest, separators[i][0]) && take_number(&d.month, &rest, 1, 2) &&
                 take(&rest, separators[i][1]) && take_number(&d.day, &rest, 1, 2) &&
                 take(&rest, separators[i][2]);
            if (ok)
                s = rest;
        }
    }
    if (!ok || s.len != 0 || !date_valid(d))
        return false;
    *out = day_of(d);
    return true;
}

const char *day_iso(struct arena *a, int32_t day)
{
    struct date d = day_date(day);
    return arena_printf(a, "%04d-%02d-%02d", d.year, d.month, d.day);
}

const char *time_iso(struct arena *a, int64_t at)
{
    int32_t day = day_at(at, 0);
    struct date d = day_date(day);
    int s = (int)(((at % 86400) + 86400) % 86400);
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year, d.month, d.day, s / 3600,
                        s / 60 % 60, s % 60);
}

bool day_from_excel(int32_t *out, double serial, bool is_1904)
{
    if (!isfinite(serial) || serial < 0 || serial >= 2958466) /* 9999-12-31 is 2958465 */
        return false;
    int32_t n = (int32_t)floor(serial);
    if (is_1904) {
        *out = n - 24107; /* 1904-01-01 is 0 */
        return true;
    }
    /* Serial 1 is 1900-01-01; 60 is 1900-02-29, a day that never was (a mistake of Lotus 1-2-3
     * that Excel keeps); so days before it stand one closer. */
    if (n == 0 || n == 60)
        return false;
    *out = n < 60 ? n - 25568 : n - 25569;
    return true;
}

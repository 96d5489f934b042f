/* Clocks, days and dates. Days are counted from 1970-01-01; times are Unix seconds UTC. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/arena.h"

/* Unix seconds UTC. FUMIN_NOW (tests) fixes it. */
int64_t time_now(void);
/* Monotonic clocks for durations. */
int64_t time_mono_ms(void);
int64_t time_mono_us(void);

struct date {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};
/* Proleptic Gregorian. Source: Hinnant, "chrono-compatible low-level date algorithms". */
int32_t day_of(struct date d);
struct date day_date(int32_t day);
bool date_valid(struct date d); /* years 1800..2200 */
/* The day in a fixed offset from UTC (profile's time zone; China: 480 minutes). */
int32_t day_at(int64_t at, int32_t offset_min);

/* Reads 2026-11-23, 20261123, 2026/11/23, 2026.11.23, 2026年11月23日, with 1- or 2-digit month
 * and day where separated. False: not such a date. */
bool day_parse(int32_t *out, struct str s);
/* "2026-11-23"; until the arena resets. */
const char *day_iso(struct arena *a, int32_t day);
/* "2026-11-23T08:00:00Z". */
const char *time_iso(struct arena *a, int64_t at);
/* Excel serial number to day: 1900 date system with its 1900-02-29; or the 1904 system. */
bool day_from_excel(int32_t *out, double serial, bool is_1904);

#endif

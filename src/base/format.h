/* Numbers, dates and money as people read them, in the context's language; into cx->arena. */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include "base/cx.h"

const char *format_int(struct cx *cx, int64_t n);                       /* 12,345 */
const char *format_scaled(struct cx *cx, int64_t n, unsigned decimals); /* 12.5 */
const char *format_f64(struct cx *cx, double x, unsigned decimals);
const char *format_money(struct cx *cx, int64_t minor, unsigned decimals); /* 1,234.50 */
const char *format_percent(struct cx *cx, double share);                   /* 12.3 % */
const char *format_day(struct cx *cx, int32_t day);   /* 2026-11-23 | 2026年11月23日 */
const char *format_time(struct cx *cx, int64_t at);   /* in the office's zone, see below */
const char *format_bytes(struct cx *cx, int64_t len); /* 1.2 MB */
const char *format_duration(struct cx *cx, int64_t seconds); /* 3 min 20 s */
/* Offset of the office's time zone in minutes; set once at start from the profile. */
void format_set_zone(int32_t offset_min);
int32_t format_zone(void);

#endif

/* Working days: the profile's days of rest and its holidays. Loaded with the profile.
 *
 * Keys of profile.csv: rest_days (ISO weekdays by blanks, "6 7"), quiet_hours ("21:00-07:00":
 * nothing but emergencies is sent then), summary_at ("07:30": when the daily summary goes out).
 * Further file (optional): calendar.csv
 *   day,to,kind (holiday | workday),label_en,label_zh,source
 * A `workday` is a day of rest on which people work (made-up Saturdays). `to` empty: one day.
 */
#ifndef PROFILE_CALENDAR_H
#define PROFILE_CALENDAR_H

#include "profile/profile.h"

struct calendar_day {
    int32_t from_day, to_day;
    bool works;
    struct label label;
    const char *source;
};
/* profile->calendar; never NULL */
struct calendar {
    bool rests[8];                   /* by ISO weekday, 1 = Monday */
    const struct calendar_day *days; /* by from_day, without overlaps */
    size_t count;
    int32_t quiet_from_min, quiet_to_min; /* minutes of the local day; equal: never quiet */
    int32_t summary_min;
};

bool calendar_works(const struct profile *p, int32_t day);
/* Why a day is not like its weekday: "National Day"; NULL. */
const char *calendar_label(struct cx *cx, int32_t day);
/* Does the calendar say anything about that year? Else only days of rest are known: pages say
 * so where a deadline falls into it. */
bool calendar_covers(const struct profile *p, int32_t year);
/* The day that is `count` working days after `day` (count >= 0; 0: `day` itself or the next
 * working day). At most 3,660 days ahead. */
int32_t calendar_after(const struct profile *p, int32_t day, int32_t count);
/* Working days in (from, to]. */
int32_t calendar_between(const struct profile *p, int32_t from, int32_t to);
/* The moment a deadline falls due: the end (local midnight) of the day `days` (working or
 * calendar) days after the local day of `from_at`. What begins on Friday evening with 2 working
 * days is due at Tuesday's end. */
int64_t deadline_after(const struct profile *p, int64_t from_at, int32_t days, bool working);
int32_t local_day(const struct profile *p, int64_t at);
/* Is the moment within the quiet hours? *until_at = their end. */
bool quiet_at(const struct profile *p, int64_t at, int64_t *until_at);

#endif

/* Working days, deadlines and quiet hours by a profile's calendar. A profile made by hand, in a
 * test, may have none: then every day is a working day. */
#include "profile/calendar.h"

#include "base/time.h"

#include <assert.h>

enum { DAY_SECONDS = 24 * 60 * 60, AHEAD_MAX = 3660, WEEK = 7 };

static int weekday(int32_t day)
{
    int32_t n = (day + 3) % WEEK; /* 1970-01-01 was a Thursday */
    return (n < 0 ? n + WEEK : n) + 1;
}

/* The row that says something about a day; NULL. */
static const struct calendar_day *row_of(const struct calendar *c, int32_t day)
{
    size_t low = 0, high = c ? c->count : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct calendar_day *d = &c->days[middle];
        if (d->from_day <= day && day <= d->to_day)
            return d;
        if (d->to_day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool calendar_works(const struct profile *p, int32_t day)
{
    const struct calendar *c = p->calendar;
    const struct calendar_day *d = row_of(c, day);
    return d ? d->works : !c || !c->rests[weekday(day)];
}

const char *calendar_label(struct cx *cx, int32_t day)
{
    const struct calendar_day *d = row_of(cx->profile->calendar, day);
    return d ? LABEL(cx, d->label) : NULL;
}

bool calendar_covers(const struct profile *p, int32_t year)
{
    const struct calendar *c = p->calendar;
    for (size_t i = 0; c && i < c->count; i++)
        if (day_date(c->days[i].from_day).year == year ||
            day_date(c->days[i].to_day).year == year)
            return true;
    return false;
}

int32_t calendar_after(const struct profile *p, int32_t day, int32_t count)
{
    assert(count >= 0);
    int32_t last = day + AHEAD_MAX;
    if (!count)
        while (day < last && !calendar_works(p, day))
            day++;
    while (count > 0 && day < last) {
        day++;
        count -= calendar_works(p, day);
    }
    return day;
}

int32_t calendar_between(const struct profile *p, int32_t from, int32_t to)
{
    const struct calendar *c = p->calendar;
    int32_t per_week = 0, n = 0;
    if (to <= from)
        return 0;
    for (int i = 1; i <= WEEK; i++)
        per_week += !c || !c->rests[i];
    n = (to - from) / WEEK * per_week;
    for (int32_t day = from + (to - from) / WEEK * WEEK + 1; day <= to; day++)
        n += !c || !c->rests[weekday(day)];
    for (size_t i = 0; c && i < c->count; i++) {
        const struct calendar_day *d = &c->days[i];
        int32_t first = d->from_day > from ? d->from_day : from + 1;
        int32_t last = d->to_day < to ? d->to_day : to;
        for (int32_t day = first; day <= last; day++)
            n += (int32_t)d->works - (int32_t)!c->rests[weekday(day)];
    }
    return n;
}

int32_t local_day(const struct profile *p, int64_t at)
{
    return day_at(at, p->zone_offset_min);
}

/* The moment at which a local day begins. */
static int64_t day_begins(const struct profile *p, int32_t day)
{
    return (int64_t)day * DAY_SECONDS - (int64_t)p->zone_offset_min * 60;
}

int64_t deadline_after(const struct profile *p, int64_t from_at, int32_t days, bool working)
{
    assert(days >= 0);
    int32_t day = local_day(p, from_at);
    return day_begins(p, (working ? calendar_after(p, day, days) : day + days) + 1);
}

bool quiet_at(const struct profile *p, int64_t at, int64_t *until_at)
{
    const struct calendar *c = p->calendar;
    if (!c || c->quiet_from_min == c->quiet_to_min)
        return false;
    int32_t day = local_day(p, at);
    int64_t second = at - day_begins(p, day);
    int64_t from = (int64_t)c->quiet_from_min * 60, to = (int64_t)c->quiet_to_min * 60;
    bool over_midnight = from > to;
    bool quiet = over_midnight ? second >= from || second < to : second >= from && second < to;
    if (quiet)
        *until_at = day_begins(p, over_midnight && second >= from ? day + 1 : day) + to;
    return quiet;
}

/* What resource.c and booking.c share. */
#ifndef OFFICE_BOOKING_INNER_H
#define OFFICE_BOOKING_INNER_H

#include "office/resource.h"

struct days {
    int64_t county, resource_id, but_id; /* but_id: a booking that is not counted; 0 */
    int32_t from_day, to_day;            /* at most RESOURCE_DAYS_MAX days */
};
/* What is given on each of the days. */
enum rc given_by_day(int32_t *used, struct cx *cx, const struct days *d) MUST_USE;
/* Has the actor a duty today in the organisation that owns it? */
enum rc resource_is_member(bool *is, struct cx *cx, const struct resource *r) MUST_USE;

#endif

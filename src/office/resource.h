/* The resource book: trucks, cold rooms, trainers; who owns them, when they are free, who has
 * asked for them. What is given never exceeds what there is, on any day, whoever asks at once.
 * Tables `resource`, `booking`. Permission to change: resource.manage in the resource's area,
 * or a duty in the organisation that owns it; to look and ask: household.view in the county. */
#ifndef OFFICE_RESOURCE_H
#define OFFICE_RESOURCE_H

#include "people/org.h"

enum { RESOURCE_DAYS_MAX = 92, RESOURCE_LIST_MAX = 500, BOOKING_LIST_MAX = 500 };

struct resource {
    int64_t county, id, org_id, area_id;
    const char *area_path;                 /* filled on reading */
    const char *kind, *name, *unit, *note; /* kind: code of list resource_kind, as text */
    int32_t amount; /* how many can be had at once (trucks, m³, people) */
    bool ended;
    int32_t version;
};
enum booking_state {
    BOOKING_ASKED = 1,
    BOOKING_GIVEN = 2,
    BOOKING_REFUSED = 3,
    BOOKING_CANCELLED = 4
};
struct booking {
    int64_t county, id, resource_id, user_id, task_id;
    int32_t from_day, to_day, amount;
    enum booking_state state;
    const char *purpose, *reason;
    int64_t decided_by; /* user; 0 */
    int32_t version;
};
/* id 0: a new one (county from the area). RC_INVALID: kind, name, unit, amount, organisation;
 * RC_CONFLICT: the version is not the newest, or less than what is given on a later day. */
enum rc resource_save(int64_t *id, struct cx *cx, const struct resource *r) MUST_USE;
enum rc resource_get(struct resource *out, struct cx *cx, int64_t id) MUST_USE;
/* By kind and name; those that have not ended. */
enum rc resource_list(struct resource **out, size_t *count, struct cx *cx, int64_t county,
                      struct str kind) MUST_USE;
/* Free amount of each day from..to (at most RESOURCE_DAYS_MAX); what is asked for and not yet
 * given is not taken off. */
enum rc resource_free(int32_t *free_amount, struct cx *cx, int64_t resource_id,
                      int32_t from_day, int32_t to_day) MUST_USE;
/* May the actor give and refuse, and change the resource? */
enum rc resource_may(bool *may, struct cx *cx, const struct resource *r) MUST_USE;
/* An organisation ended: what it owned goes to another (0: stays without owner). */
enum rc resource_hand_over(struct cx *cx, int64_t county, int64_t from_org,
                           int64_t to_org) MUST_USE;

/* Asks for a resource; the bookings of those who work in the owning organisation are given at
 * once. RC_CONFLICT names the first day that is full. RC_INVALID: days (in the past, more than
 * RESOURCE_DAYS_MAX), amount, purpose. The owners are told. */
enum rc booking_ask(int64_t *id, struct cx *cx, const struct booking *b) MUST_USE;
/* asked → given, refused (with a reason) by the owner; asked, given → cancelled by the owner or
 * whoever asked. All others RC_INVALID. RC_CONFLICT: somebody was quicker, or a day is full. */
enum rc booking_set(struct cx *cx, int64_t id, int32_t version, enum booking_state state,
                    struct str reason) MUST_USE;
enum rc booking_get(struct booking *out, struct cx *cx, int64_t id) MUST_USE;
/* Bookings that touch the days, by first day; resource_id 0: the actor's own. */
enum rc booking_list(struct booking **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t resource_id, int32_t from_day, int32_t to_day) MUST_USE;

#endif

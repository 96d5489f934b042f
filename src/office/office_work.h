/* What departments do together: meetings whose decisions become tasks, the resource book,
 * policy papers. Tables `meeting`, `meeting_decision`, `resource`, `booking`, `paper`,
 * `paper_link`. */
#ifndef OFFICE_OFFICE_WORK_H
#define OFFICE_OFFICE_WORK_H

#include "people/org.h"
#include "work/task.h"

/* ---- meetings ---- */
struct meeting {
    int64_t county, id, area_id, at;
    const char *title, *place, *agenda, *minutes;
    int64_t chair_id;
    bool closed;
    int32_t version;
};
struct meeting_decision {
    int64_t id, meeting_id, task_id; /* task_id 0 until the meeting is closed */
    const char *text;
    struct owner owner;
    int32_t due_day;
};
enum rc meeting_save(int64_t *id, struct cx *cx, const struct meeting *m,
                     const int64_t *org_ids, size_t org_count) MUST_USE; /* invites: notices */
enum rc meeting_decide(int64_t *id, struct cx *cx, const struct meeting_decision *d) MUST_USE;
/* Decisions with several owners are one joint task with parts. */
enum rc meeting_close(struct cx *cx, int64_t id, int32_t version) MUST_USE;
enum rc meeting_get(struct meeting *out, struct meeting_decision **decisions, size_t *count,
                    struct cx *cx, int64_t id) MUST_USE;
enum rc meeting_list(struct meeting **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t after, size_t max) MUST_USE;
enum rc meeting_orgs(int64_t **org_ids, size_t *count, struct cx *cx, int64_t id) MUST_USE;

/* ---- resources ---- */
struct resource {
    int64_t county, id, org_id, area_id;
    const char *kind, *name, *unit, *note; /* kind: code of list resource_kind */
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
    int32_t version;
};
enum rc resource_save(int64_t *id, struct cx *cx, const struct resource *r) MUST_USE;
enum rc resource_list(struct resource **out, size_t *count, struct cx *cx, int64_t county,
                      struct str kind) MUST_USE;
/* Free amount of each day from..to (at most 92). */
enum rc resource_free(int32_t *free_amount, struct cx *cx, int64_t resource_id,
                      int32_t from_day, int32_t to_day) MUST_USE;
/* Never more than there is on any day (conditional, whoever asks at once): RC_CONFLICT names
 * the first day that is full. The owner's own bookings are given at once. */
enum rc booking_ask(int64_t *id, struct cx *cx, const struct booking *b) MUST_USE;
enum rc booking_set(struct cx *cx, int64_t id, int32_t version, enum booking_state state,
                    struct str reason) MUST_USE;
enum rc booking_list(struct booking **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t resource_id, int32_t from_day, int32_t to_day) MUST_USE;

/* ---- policy papers ---- */
struct paper {
    int64_t county, id, area_id, document_id, replaces_id; /* document: the text as received */
    const char *number, *title, *summary;
    int32_t from_day, to_day; /* to_day 0 open */
    int32_t version;
};
/* What a paper sets: a rule, measure, threshold, workflow or option of the profile by code, or
 * a county's own rule by id. */
struct paper_link {
    const char *kind, *code, *note;
};
enum rc paper_save(int64_t *id, struct cx *cx, const struct paper *p,
                   const struct paper_link *links, size_t count) MUST_USE;
enum rc paper_list(struct paper **out, size_t *count, struct cx *cx, int64_t county,
                   int32_t in_force_on, struct str search) MUST_USE;
enum rc paper_get(struct paper *out, struct paper_link **links, size_t *count, struct cx *cx,
                  int64_t id) MUST_USE;
/* The papers in force today that set a thing: for "why?" on its page. */
enum rc papers_of(struct paper **out, size_t *count, struct cx *cx, int64_t county,
                  const char *kind, struct str code) MUST_USE;

#endif

/* Meetings of departments: invitations, agenda, minutes, decisions. When a meeting is closed
 * its decisions become tasks; one with several owners becomes a joint task with parts. Tables
 * `meeting`, `meeting_org`, `meeting_decision`, `meeting_owner`. Permission meeting.run in the
 * meeting's area; seen by those whose areas (household.view) touch it. */
#ifndef OFFICE_MEETING_H
#define OFFICE_MEETING_H

#include "people/org.h"
#include "work/task.h"

enum { MEETING_OWNERS_MAX = 12, MEETING_ORGS_MAX = 60, MEETING_DECISIONS_MAX = 60 };

struct meeting {
    int64_t county, id, area_id, at;
    const char *area_path; /* filled on reading */
    const char *title, *place, *agenda, *minutes;
    int64_t chair_id;  /* user */
    int64_t closed_at; /* 0: open */
    int32_t version;
};
struct meeting_decision {
    int64_t id, meeting_id, task_id; /* task_id 0 until the meeting is closed */
    const char *text;
    struct owner owners[MEETING_OWNERS_MAX]; /* users and organisations */
    size_t owner_count;                      /* 0: the minutes only keep it */
    int32_t due_day;                         /* with owners always */
};
/* id 0: a new one. Invited organisations' heads (or, without heads, all their people) are told,
 * again when the time changes. RC_CONFLICT: changed or closed since; RC_INVALID names the
 * field. */
enum rc meeting_save(int64_t *id, struct cx *cx, const struct meeting *m,
                     const int64_t *org_ids, size_t org_count) MUST_USE;
/* The minutes alone: while people talk, others may change the rest. RC_CONFLICT as above. */
enum rc meeting_minutes(struct cx *cx, int64_t id, int32_t version, const char *text) MUST_USE;
enum rc meeting_decide(int64_t *id, struct cx *cx, const struct meeting_decision *d) MUST_USE;
/* Takes a decision back before the meeting is closed. */
enum rc meeting_drop(struct cx *cx, int64_t meeting_id, int64_t decision_id) MUST_USE;
/* Closes it and makes the tasks, in one transaction: all or none, once. */
enum rc meeting_close(struct cx *cx, int64_t id, int32_t version) MUST_USE;
/* decisions may be NULL. */
enum rc meeting_get(struct meeting *out, struct meeting_decision **decisions, size_t *count,
                    struct cx *cx, int64_t id) MUST_USE;
/* Newest first; those with an id other than `after` and before its time (0: the newest). */
enum rc meeting_list(struct meeting **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t after, size_t max) MUST_USE;
enum rc meeting_orgs(int64_t **org_ids, size_t *count, struct cx *cx, int64_t id) MUST_USE;
bool meeting_may_run(struct cx *cx, const struct meeting *m);

#endif

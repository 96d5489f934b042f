/* Alerts: a rule of the profile (profile/alerts.h) became true of a household: who is slipping,
 * why, what to do until when, and what came of it. The rules run over the live columns: over
 * everything once, then over the households that changed since (journal number kept per
 * county); findings of departments' lists, late tasks and disasters come in by alert_raise.
 * One open alert per (rule, household); none again within again_days after its end, unless the
 * colour rose. Tables `alert`, `alert_cursor`, `disaster`. */
#ifndef WATCH_ALERT_H
#define WATCH_ALERT_H

#include "profile/alerts.h"
#include "register/columns.h"
#include "work/task.h"

enum alert_state { ALERT_OPEN = 1, ALERT_CHECKING = 2, ALERT_CLOSED = 3 };
enum alert_outcome {
    OUTCOME_NONE = 0,
    OUTCOME_TRUE = 1,  /* in trouble: a case was opened or help given */
    OUTCOME_FALSE = 2, /* not in trouble */
    OUTCOME_KNOWN = 3, /* already being dealt with */
    OUTCOME_OVER = 4   /* the rule is no longer true; closed by the program */
};
struct alert {
    int64_t county, id, household_id, person_id, area_id;
    const char *area_path;
    const struct alert_rule *rule; /* NULL: the profile has it no more */
    int32_t rule_number;
    enum alert_colour colour;
    enum alert_state state;
    enum alert_outcome outcome;
    int64_t at, due_at, closed_at, closed_by;
    int64_t journal_seq; /* of the data that raised it */
    int64_t source_id;   /* comparison finding, task, disaster; 0 */
    const char *facts;   /* JSON: label, value, year of what the rule read */
    const char *words;   /* what the checker found */
    int64_t task_id, tip_id, flow_id, disaster_id;
    bool many; /* for alert_raise: it comes with many others; see TASK_TOGETHER */
    int32_t version;
};
/* In a write closure; by the program, no permission is asked. Wanted: county, household_id,
 * rule; person_id, journal_seq, source_id, facts, disaster_id may be 0 or NULL; colour 0: the
 * rule's; due_at 0: the rule's days from now. Makes the task of the household's area. *id 0:
 * not raised, for there is one or was one lately, or the household has ended. */
enum rc alert_raise(int64_t *id, struct cx *cx, const struct alert *a) MUST_USE;
/* The check's result. OUTCOME_TRUE opens a tip for the village (casework) unless a case is
 * open; *flow or tip is set in the alert. Permission alert.handle. */
enum rc alert_close(struct cx *cx, int64_t id, int32_t version, enum alert_outcome outcome,
                    struct str words) MUST_USE;
enum rc alert_reopen(struct cx *cx, int64_t id, int32_t version) MUST_USE; /* within a day */
/* "I look after it": from open to checking. Permission alert.handle. */
enum rc alert_take(struct cx *cx, int64_t id, int32_t version) MUST_USE;
/* An area was merged into another. In a write closure. */
enum rc alert_area_merged(struct cx *cx, int64_t county, int64_t from_area,
                          int64_t to_area) MUST_USE;
enum rc alert_get(struct alert *out, struct cx *cx, int64_t id) MUST_USE;
struct alert_query {
    int64_t area_id, household_id, disaster_id;
    int32_t rule, colour; /* 0 any */
    struct str state;     /* "open" (open and checking; default), "closed", "all" */
    struct str after;
    size_t limit;
};
enum rc alert_list(struct alert **out, size_t *count, const char **next, struct cx *cx,
                   const struct alert_query *q) MUST_USE;
struct alert_sum {
    const struct alert_rule *rule;
    int32_t rule_number;
    int64_t open, late, closed, answered, right; /* right: OUTCOME_TRUE among closed; answered:
                                                    those with TRUE or FALSE */
};
/* Of every rule of the profile and those that alerts still have; area 0: all of the actor's. */
enum rc alert_sums(struct alert_sum **out, size_t *count, struct cx *cx,
                   int64_t area_id) MUST_USE;

/* ---- running ---- */
/* All rules over one county: new alerts, and those that are over. *raised, *over count. Reads
 * outside, writes in chunks; resumable (what is raised already is not raised again, the cursor
 * goes on at the end). Over everybody at first, once a day (rules ask what day it is), after a
 * change of the profile's rules, of areas, after an import and when very many changed; else
 * over the households of the journal's new entries. Comes with findings of lists and late
 * tasks. A rule is over when it is known to be false: data that went missing end no alert.
 * `again`: over everybody. In no write closure and no read transaction. */
enum rc watch_county(int64_t *raised, int64_t *over, struct cx *cx, int64_t county,
                     bool again) MUST_USE;
/* The same without the register: findings of lists, late tasks, unfinished disasters. */
enum rc watch_incoming(int64_t *raised, int64_t *over, struct cx *cx, int64_t county) MUST_USE;
/* Job kinds "watch.run" (a county; argument "again": over everybody) and "watch.tick" (every
 * half minute: queues counties whose journal went on; findings; late tasks). */
extern const struct job_kind watch_job_kinds[];
extern const size_t watch_job_kind_count;
/* At start, before jobs run: the line of the daily summary; tasks of alerts end with the
 * check's result only. */
void watch_begin(void);

/* ---- trying a rule on the past ---- */
/* The rule as it would have run on each earlier year's data: whom it names, how many of them
 * its `truth` was true of a year later, how many it missed, how early. */
struct watch_trial {
    int32_t year;
    int64_t households, named, right, wrong, unknown,
        missed;    /* missed: true later, not named */
    int64_t early; /* of `right`: not yet in trouble in `year` itself: told a year ahead */
};
/* Oldest year first; every year that has one after it. RC_INVALID without a fault: the rule has
 * no `truth`, or none of its own (lists, tasks). Permission alert.view in the area.
 * `text`: another rule text than the profile's, to try it; "" the profile's. RC_INVALID: *fault
 * where it does not compile. */
enum rc watch_try(struct watch_trial **out, size_t *count, struct rule_fault *fault,
                  struct cx *cx, int64_t area_id, const struct alert_rule *rule,
                  struct str text) MUST_USE;

/* ---- disasters ---- */
struct disaster {
    int64_t county, id, area_id, user_id, at;
    const char *name, *shape; /* shape: "lon lat, lon lat, …" or "" (a list) */
    int64_t household_count, checked_count, without_place; /* without_place: no coordinates */
    int64_t ended_at;
    const char *area_path, *reason; /* reason: why it was ended */
    int32_t rule_number, days;
    int64_t raised_count, true_count,
        open_count; /* alerts made so far; in trouble; unchecked */
};
/* Its villages, for the page. */
struct disaster_area {
    int64_t area_id, total, checked, in_trouble, open;
};
enum rc disaster_areas(struct disaster_area **out, size_t *count, struct cx *cx,
                       const struct disaster *d) MUST_USE;
/* Households inside a polygon (3 to 500 corners), within a distance of a point, of areas, or
 * named by household codes (one a line; what is not found is listed in *unknown), all of them
 * under area_id, which lies in one county. All get a red alert with a check task (a job goes on
 * with it). An open alert of an earlier disaster stands for both. Permission alert.disaster at
 * area_id. RC_INVALID: what is wrong with the shape, name or days. */
struct disaster_ask {
    const char *name; /* disaster_begin only */
    int64_t area_id;
    struct str polygon, codes;             /* p NULL: not used */
    double longitude, latitude, radius_km; /* radius 0: not used */
    const int64_t *area_ids;
    size_t area_count;
    int32_t days; /* to check; 0: the rule's */
};
enum rc disaster_count(int64_t *households, int64_t *without_place, const char *const **unknown,
                       size_t *unknown_count, struct cx *cx,
                       const struct disaster_ask *a) MUST_USE;
/* The same for a map: at most DISASTER_POINTS_MAX households of the area that have coordinates,
 * evenly chosen; without names. */
enum { DISASTER_POINTS_MAX = 2500 };
struct disaster_point {
    double longitude, latitude;
    bool concerned;
};
enum rc disaster_points(struct disaster_point **out, size_t *count, struct cx *cx,
                        const struct disaster_ask *a) MUST_USE;
enum rc disaster_begin(int64_t *id, struct cx *cx, const struct disaster_ask *a) MUST_USE;
enum rc disaster_get(struct disaster *out, struct cx *cx, int64_t id) MUST_USE;
/* Ends it with a reason: checks that were not made are over. */
enum rc disaster_end(struct cx *cx, int64_t id, struct str reason) MUST_USE;
enum rc disaster_list(struct disaster **out, size_t *count, struct cx *cx,
                      int64_t area_id) MUST_USE;

#endif

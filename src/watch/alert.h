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
    int32_t version;
};
/* In a write closure. *id 0: not raised, for there is one or was one lately. */
enum rc alert_raise(int64_t *id, struct cx *cx, const struct alert *a) MUST_USE;
/* The check's result. OUTCOME_TRUE opens a tip for the village (casework) unless a case is
 * open; *flow or tip is set in the alert. Permission alert.handle. */
enum rc alert_close(struct cx *cx, int64_t id, int32_t version, enum alert_outcome outcome,
                    struct str words) MUST_USE;
enum rc alert_reopen(struct cx *cx, int64_t id, int32_t version) MUST_USE; /* within a day */
enum rc alert_get(struct alert *out, struct cx *cx, int64_t id) MUST_USE;
struct alert_query {
    int64_t area_id, household_id, disaster_id;
    int32_t rule, colour; /* 0 any */
    struct str state;     /* "open" (open and checking), "closed", "all" */
    struct str after;
    size_t limit;
};
enum rc alert_list(struct alert **out, size_t *count, const char **next, struct cx *cx,
                   const struct alert_query *q) MUST_USE;
struct alert_sum {
    const struct alert_rule *rule;
    int64_t open, late, closed, right; /* right: OUTCOME_TRUE among closed */
};
enum rc alert_sums(struct alert_sum **out, size_t *count, struct cx *cx,
                   int64_t area_id) MUST_USE;

/* ---- running ---- */
/* All rules over one county: new alerts, and those that are over. *raised, *over count. Reads
 * outside, writes in chunks; resumable. `again`: from the beginning, not from the cursor. */
enum rc watch_county(int64_t *raised, int64_t *over, struct cx *cx, int64_t county,
                     bool again) MUST_USE;
/* Job kinds "watch.run" (a county) and "watch.tick" (every half minute: counties whose journal
 * went on; new findings of comparisons; late tasks). */
extern const struct job_kind watch_job_kinds[];
extern const size_t watch_job_kind_count;
void watch_begin(void);

/* ---- trying a rule on the past ---- */
/* The rule as it would have run on each earlier year's data: whom it names, how many of them
 * its `truth` was true of a year later, how many it missed, how early. */
struct watch_trial {
    int32_t year;
    int64_t households, named, right, wrong, unknown,
        missed; /* missed: true later, not named */
};
/* `text`: another rule text than the profile's, to try it; "" the profile's. RC_INVALID: *fault
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
};
/* Households inside a polygon (3 to 500 corners), within a distance of a point, of areas, or
 * named by household codes (one a line; what is not found is listed in *unknown). All get a red
 * alert with a check task. Permission alert.disaster. */
struct disaster_ask {
    const char *name;
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
enum rc disaster_begin(int64_t *id, struct cx *cx, const struct disaster_ask *a) MUST_USE;
enum rc disaster_end(struct cx *cx, int64_t id, struct str reason) MUST_USE;
enum rc disaster_list(struct disaster **out, size_t *count, struct cx *cx,
                      int64_t area_id) MUST_USE;

#endif

/* What the profile's data checks find: live counts by area, the households concerned with the
 * values that make a check fire, findings that somebody explained, runs over a whole county and
 * the trend they leave. The checks themselves are the profile's (profile/rules.h) and are
 * evaluated by the columns (register/columns.h); nothing here knows one of them.
 *
 * A *finding* is a check that fires for a household, a person or an area in a year. A finding
 * is *explained* while somebody's explanation stands and every value the check reads is the
 * same as then: it is counted apart, and comes back by itself when a value changes. */
#ifndef REGISTER_CHECK_H
#define REGISTER_CHECK_H

#include "base/crypto.h"
#include "register/area.h"
#include "register/columns.h"
#include "work/job.h"

enum {
    CHECK_COUNTIES_MAX = 12, /* summed up in one page; more: choose an area */
    CHECK_TREND_MAX = 12,
    CHECK_REASON_MAX = 500, /* characters of a reason */
};

/* ---- where ---- */

/* What of one county is looked at. */
struct check_place {
    int64_t county;
    struct area tenant;       /* the county's own area */
    const char *const *paths; /* areas in it that are looked at, none within another */
    const int64_t *area_ids;  /* the same as ids */
    size_t path_count;
};
struct check_scope {
    bool has_area; /* an area was asked for, or the actor has only one */
    struct area area;
    const struct check_place *places; /* counties with households, by path */
    size_t place_count;
    bool too_many; /* more than CHECK_COUNTIES_MAX counties: places are empty */
    /* The areas one step further down, of the actor's: to choose from and to count by. */
    const struct area *children;
    size_t child_count;
};
/* Where the area (0: all) and the actor's areas (household.view) meet. RC_NOTFOUND outside of
 * them. In a read transaction. */
enum rc check_scope_find(struct check_scope *out, struct cx *cx, int64_t area_id) MUST_USE;
/* The whole county as a place, whoever acts; the caller has checked. */
enum rc check_place_of_county(struct check_place *out, struct cx *cx, int64_t county) MUST_USE;
/* Years that have sheets in the scope, newest first; at most 40. Opens each county's columns.
 */
enum rc check_years(int32_t **out, size_t *count, struct cx *cx,
                    const struct check_scope *scope) MUST_USE;

/* ---- findings of a county ---- */

struct check_explanation {
    int64_t id, county, household_id, subject_id;
    int32_t year, number;
    uint8_t facts[HASH_BYTES];
    const char *reason;
    int64_t user_id, at;
};
/* A county's findings of a year, held open: between check_county_open and check_county_close
 * nothing may be written and no other county opened (see columns_open). All pointers until
 * check_county_close. */
struct check_county {
    struct columns *columns;
    const struct columns_head *head;
    const struct profile_rules *rules;
    struct columns_checks fires;
    int32_t year;
    const bool *within; /* by area index: looked at */
    /* By check: bits (by row of its subject) of findings that are explained; NULL: none. */
    uint64_t **explained;
    const bool *in_force; /* by check: of the year's era */
    /* All that stand for the year, by check number. */
    const struct check_explanation *explanations;
    size_t explanation_count;
};
struct check_ask {
    const struct check_place *place;
    int32_t year;
    bool again;                   /* compute every check anew */
    columns_progress_fn progress; /* NULL */
    void *arg;
};
enum rc check_county_open(struct check_county *out, struct cx *cx,
                          const struct check_ask *ask) MUST_USE;
void check_county_close(struct check_county *c);

/* How often a check fires. Households and people count those with an open finding; explained
 * counts findings. */
struct check_sum {
    int64_t households, people, areas, explained;
};
/* The number that is shown: areas of a check about areas, else households. */
static inline int64_t check_sum_shown(const struct check *check, const struct check_sum *s)
{
    return check->subject == SUBJECT_AREA ? s->areas : s->households;
}
/* Counted into nodes: node_of[area index] is the node of an area, -1 is left out. Sums are
 * added to sum[node * check_count + check] and any[node] (households with an open finding of
 * any check but notes); both may hold sums of other counties already. */
struct check_nodes {
    const int32_t *node_of;
    struct check_sum *sum;
    int64_t *any;
};
enum rc check_count(struct check_nodes *nodes, struct cx *cx,
                    const struct check_county *c) MUST_USE;
/* Nodes for counting by areas: area i and all under it is node i, everything else that is
 * looked at is node `count`. In cx->arena. */
enum rc check_nodes_of(const int32_t **node_of, struct cx *cx, const struct check_county *c,
                       const struct area *areas, size_t count) MUST_USE;

enum check_show { CHECK_OPEN, CHECK_EXPLAINED, CHECK_ALL };
/* A household (or area) that a check fires for. */
struct check_found {
    int64_t household_id; /* 0: an area's finding */
    int64_t area_id;
    int64_t household_row; /* -1 */
    const uint32_t *rows;  /* of the check's subject: the household, its people or the area */
    size_t row_count;
    bool explained; /* all of them are */
};
struct check_find {
    size_t check; /* index */
    enum check_show show;
    int64_t after; /* id of the last household (area) of the page before; 0: from the start */
    size_t max;
};
/* In order of place. *more: there are others behind. */
enum rc check_list(struct check_found **out, size_t *count, bool *more, struct cx *cx,
                   const struct check_county *c, const struct check_find *find) MUST_USE;
/* What the check read for one of the rows. */
enum rc check_facts(struct columns_fact **out, size_t *count, struct cx *cx,
                    const struct check_county *c, size_t check, uint32_t row) MUST_USE;

/* Hash of every value that a check reads for a row (and of whose they are): independent of
 * language, labels and order. */
enum rc check_hash(uint8_t out[HASH_BYTES], struct cx *cx, const struct check_county *c,
                   size_t check, uint32_t row) MUST_USE;

/* ---- one household, evaluated now ---- */

struct check_finding {
    const struct check *check;
    size_t index;
    int64_t person_id; /* 0: the household */
    struct columns_fact *facts;
    size_t fact_count;
    uint8_t hash[HASH_BYTES];
    const struct check_explanation *explanation; /* the last one that stands; NULL */
    bool explained;                              /* … and the values are still those */
};
/* Errors first, then by number. None for a household that has ended. The caller has checked
 * that the actor may see it. */
enum rc check_household(struct check_finding **out, size_t *count, struct cx *cx,
                        int64_t county, int64_t household_id, int32_t year) MUST_USE;

/* ---- explaining ---- */

/* The explanations of a county and year that stand (whether or not the values are still the
 * same); household_id 0: all. */
enum rc check_explanations(struct check_explanation **out, size_t *count, struct cx *cx,
                           int64_t county, int32_t year, int64_t household_id) MUST_USE;
/* What is explained: household_id with person_id or 0, or area_id alone. */
struct check_explain {
    int32_t number, year;
    int64_t household_id, person_id, area_id;
    struct str reason;
};
/* Permission check.explain where it is. RC_CONFLICT: the check does not fire there (any more);
 * RC_INVALID: no reason. Replaces an earlier one. In its own write. */
enum rc check_explain_add(struct cx *cx, const struct check_explain *e) MUST_USE;
/* Takes it back; the finding is open again. Of this household or area. */
enum rc check_explain_end(struct cx *cx, int64_t household_id, int64_t area_id,
                          int64_t id) MUST_USE;

/* ---- runs ---- */

/* Kinds "check.run" (one county; argument: the year, 0 = the newest) and "check.nightly"
 * (queues a run of every county). */
extern const struct job_kind check_job_kinds[];
extern const size_t check_job_kind_count;
/* Queues a run of a whole county, or gives the one that is under way. Permission check.explain
 * in the county. */
enum rc check_run_queue(int64_t *job_id, struct cx *cx, int64_t county, int32_t year) MUST_USE;
/* The run under way; 0: none. */
enum rc check_run_open(int64_t *job_id, struct cx *cx, int64_t county) MUST_USE;

struct check_run {
    int64_t id, job_id, at, user_id, seq, household_count, finding_count, duration_ms;
    int32_t year;
};
/* Complete runs of a year (0: any), newest first. */
enum rc check_runs(struct check_run **out, size_t *count, struct cx *cx, int64_t county,
                   int32_t year, size_t max) MUST_USE;
/* Counts of the last runs, oldest first: open[run * check_count + check], households or areas.
 * Summed over the place's areas. */
struct check_trend {
    struct check_run runs[CHECK_TREND_MAX];
    size_t run_count;
    int64_t *open; /* NULL without runs */
};
enum rc check_trend_get(struct check_trend *out, struct cx *cx, const struct check_place *place,
                        int32_t year) MUST_USE;

#endif

/* An area is merged into another of the same level and county: what lies below it moves there
 * (or is merged in turn with what has the same name there), then its households move with an
 * entry of the journal each, then it ends: its names and codes lead to the other area, who had
 * a role in it has the same there, and the rooms above follow by hooks.
 * The plan is written whole at the beginning (tables area_merge, area_merge_step); each step is
 * done once, in a transaction of its own (households in chunks), so that a merge that was cut
 * off goes on where it was. From the beginning on nothing new is written into a merged area: it
 * goes to the other one. There is no way back. An area's own yearly figures, published and
 * checked ones stay with it, and so does a case or an open plan about the area itself: the
 * other's people close those. */
#ifndef REGISTER_AREA_MERGE_H
#define REGISTER_AREA_MERGE_H

#include "register/area.h"
#include "work/job.h"

/* What a merge concerns, for the page that asks. */
struct area_merge_facts {
    struct area from, into;
    int64_t households, people; /* of `from` with all below it */
    size_t moves, merges;       /* areas below: that move; that are merged by their name */
    int64_t tasks, flows;       /* open ones there */
    int64_t users, orgs;        /* with a role in an area that ends; organisations there */
};
/* Permission area.edit in both (RC_NOTFOUND where the actor sees nothing). RC_INVALID: the same
 * area, another level or county, above or below each other, a county itself; RC_CONFLICT: one
 * of them was merged or is being merged, or an import that nobody sees yet has brought
 * households there. */
enum rc area_merge_facts(struct area_merge_facts *out, struct cx *cx, int64_t from_id,
                         int64_t into_id) MUST_USE;
/* Checks as above, writes the plan and queues the job "area.merge"; it is true from `from_day`
 * on (not later than today). *job_id may be NULL: no job, the caller runs it. */
enum rc area_merge_begin(int64_t *job_id, struct cx *cx, int64_t from_id, int64_t into_id,
                         int32_t from_day) MUST_USE;
/* Begins and runs it to the end; a merge of the same two that was cut off goes on. Not in a
 * write closure. */
enum rc area_merge(struct cx *cx, int64_t from_id, int64_t into_id, int32_t from_day) MUST_USE;

struct area_merging {
    int64_t county, from_id, into_id, user_id, job_id;
    int32_t from_day;
    int64_t total, moved; /* households */
    int64_t at, done_at;  /* done_at 0: under way */
};
/* The merge by which an area ended; RC_NOTFOUND without text. The caller has checked that the
 * area may be seen. */
enum rc area_merge_get(struct area_merging *out, struct cx *cx, int64_t from_id) MUST_USE;

/* An area is another one now, or (from_id = to_id) stands at another path. Called in the
 * transaction that does it, when its households have their new place already. */
struct area_moved {
    int64_t county, from_id, to_id;
    const char *from_path, *to_path;
};
typedef enum rc (*area_moved_hook)(struct cx *cx, const struct area_moved *m);
/* At most 8, at the start of the program; adding one again changes nothing. */
void area_moved_hook_add(area_moved_hook hook);

extern const struct job_kind area_merge_job_kinds[];
extern const size_t area_merge_job_kind_count;

#endif

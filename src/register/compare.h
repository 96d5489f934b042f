/* Comparing the register with lists of other departments. A list (vehicles, disability …; kinds
 * in profile/lists.h) is uploaded, a job finds whom of the register it names and what follows,
 * and the differences become findings with an owner and a deadline.
 *   waiting → running → done → replaced (by a newer list of the kind)
 *                            → undoing → undone         (failed from running)
 * A row of the list is the same person as one of the register
 *   - by identity number (blind index), or
 *   - by a score (compare_match.h). A row is at most one person, so those who resemble it
 *     compete: with at least `upper` of the chance it is that person; when the chance that it
 *     is anybody is at least `lower`, a person decides; else it is nobody of the register.
 *
 * What was decided holds for the same row in later runs and in newer lists. Nothing of a run is
 * seen before its last write; names and numbers of the list are kept sealed and shown masked;
 * of rows that are nobody's only the number is kept. */
#ifndef REGISTER_COMPARE_H
#define REGISTER_COMPARE_H

#include "db/filter.h"
#include "profile/lists.h"
#include "register/compare_match.h"
#include "work/job.h"

enum compare_state {
    COMPARE_WAITING = 0,
    COMPARE_RUNNING = 1,
    COMPARE_DONE = 2,
    COMPARE_REPLACED = 3,
    COMPARE_UNDOING = 4,
    COMPARE_UNDONE = 5,
    COMPARE_FAILED = 6,
};
enum compare_row_state {
    ROW_IDENTITY = 1, /* found by the identity number */
    ROW_SCORE = 2,    /* by the score */
    ROW_DECIDED = 3,  /* a person said who it is */
    ROW_REVIEW = 4,
    ROW_LOST = 5, /* nobody of the register */
    ROW_REFUSED = 6,
};
struct compare_list {
    int64_t id, county;
    const struct list_kind *kind; /* NULL: the profile no longer knows it */
    const char *kind_code;
    const char *area_path; /* what the list covers: the county or an area of it */
    int64_t document_id, user_id, owner_id;
    const char *file_name;
    int32_t list_day, deadline_day;
    enum compare_state state;
    int64_t job_id, run;
    int64_t upper, lower; /* of MATCH_UNIT */
    int64_t rows_total, rows_refused, rows_identity, rows_score, rows_decided, rows_review,
        rows_lost;
    int64_t pairs, dropped; /* pairs looked at; pairs left out because a row had too many */
    struct match_model model;
    bool has_model;
    int64_t newer_id;
    int64_t created_at, done_at;
    const char *message; /* why it failed */
};
struct compare_new {
    int64_t area_id; /* the county or an area of it */
    struct str kind;
    int64_t document_id;
    int32_t list_day;
    int32_t deadline_day; /* 0: today and the kind's days */
    int64_t owner_id;     /* 0: the actor */
};
/* Registers an uploaded list. The same file of the same kind and area is recognised: *is_new is
 * false and *id the earlier one. RC_CONFLICT: a newer list of the kind is in force. Permission
 * compare.run in the whole area. In its own write. */
enum rc compare_add(int64_t *id, bool *is_new, struct cx *cx,
                    const struct compare_new *n) MUST_USE;
/* RC_NOTFOUND also when it lies outside the actor's areas (compare.run). */
enum rc compare_get(struct compare_list *out, struct cx *cx, int64_t id) MUST_USE;
/* Newest first; at most 200. */
enum rc compare_list_all(struct compare_list **out, size_t *count, struct cx *cx) MUST_USE;
/* May the actor run, change and take back this list: compare.run all over its area. */
bool compare_may_run(struct cx *cx, const struct compare_list *l);
/* Queue the work as jobs; upper and lower 0: as they are. */
enum rc compare_queue_run(struct cx *cx, int64_t id, int64_t upper, int64_t lower) MUST_USE;
enum rc compare_queue_undo(struct cx *cx, int64_t id) MUST_USE;
/* The same at once in the calling thread (commands, tests). */
enum rc compare_run_now(struct cx *cx, int64_t id, int64_t upper, int64_t lower) MUST_USE;
enum rc compare_undo_now(struct cx *cx, int64_t id) MUST_USE;
extern const struct job_kind compare_job_kinds[];
extern const size_t compare_job_kind_count;

/* ---- rows ---- */
struct compare_detail {
    const char *title, *value;
};
/* What a row of the list says, opened for showing: numbers masked. */
struct compare_row {
    int64_t number; /* as a spreadsheet counts */
    enum compare_row_state state;
    int64_t person_id, chance;
    const char *name, *identity, *phone, *place, *birth, *sex;
    const struct compare_detail *details;
    size_t detail_count;
};
enum rc compare_row_get(struct compare_row *out, struct cx *cx, const struct compare_list *l,
                        int64_t number) MUST_USE;
/* Writes the file's rows of that state (refused, nobody of the register) with a last column
 * that says why, as csv or xlsx. */
enum rc compare_rows_write(struct cx *cx, int64_t id, enum compare_row_state state,
                           struct str format, int fd) MUST_USE;

/* ---- review ---- */
enum compare_verdict {
    VERDICT_NONE = 0, /* takes a verdict back */
    VERDICT_SAME = 1,
    VERDICT_OTHER = 2,
    VERDICT_UNSURE = 3,
};
struct compare_pair {
    int64_t person_id, household_id, chance;
    double weight;
    struct match_levels levels;
    const char *name, *identity, *phone, *place, *birth, *sex; /* of the register; masked */
    enum compare_verdict verdict;
    int64_t verdict_by, verdict_at;
};
struct compare_case {
    struct compare_row row;
    struct compare_pair *pairs; /* likeliest first, at most 5 */
    size_t pair_count;
};
/* Rows to be decided (decided = false) or that were decided, after a row number. */
enum rc compare_cases(struct compare_case **out, size_t *count, struct cx *cx,
                      const struct compare_list *l, bool decided, int64_t after,
                      size_t max) MUST_USE;
/* Says whether a row and a person are the same; VERDICT_NONE takes it back. The row and the
 * findings of those concerned follow at once. */
enum rc compare_decide(struct cx *cx, int64_t list_id, int64_t row_number, int64_t person_id,
                       enum compare_verdict verdict) MUST_USE;

/* ---- findings ---- */
enum compare_finding_state {
    DIFFERENCE_OPEN = 1,
    DIFFERENCE_EXPLAINED = 2,
    DIFFERENCE_CLOSED = 3,
    DIFFERENCE_WRONG_MATCH = 4,
};
struct compare_finding {
    int64_t county, id, list_id;
    const char *kind_code, *rule_code;
    const struct list_kind *kind; /* NULL: not in the profile any more */
    const struct list_rule *rule;
    int64_t household_id, person_id, row_number, chance;
    enum compare_finding_state state;
    bool gone; /* closed because it was not found again */
    int64_t newer_id, owner_id;
    int32_t deadline_day;
    const char *reason;
    int64_t opened_at, changed_at, changed_by;
    const char *person_name, *head_name, *household_code, *place; /* names of areas */
    bool overdue;
};
struct compare_query {
    int64_t list_id;  /* 0: those whose owner the actor is */
    struct str rule;  /* "" all */
    struct str kind;  /* "" all; without list_id */
    struct str state; /* number; "" all */
    struct str owner; /* number; "" all */
    int64_t area_id;  /* 0 all */
    bool overdue;     /* open and past the deadline */
    struct str sort;  /* "deadline" (default), "area" */
    struct str after;
    size_t limit;
};
/* *next: token of the next page, NULL at the end. */
enum rc compare_findings(struct compare_finding **out, size_t *count, const char **next,
                         struct cx *cx, const struct compare_query *q) MUST_USE;
enum rc compare_findings_of_household(struct compare_finding **out, size_t *count,
                                      struct cx *cx, int64_t county,
                                      int64_t household_id) MUST_USE;
/* By rule of the list's kind: how many in each state, of the actor's areas. */
struct compare_rule_count {
    const char *rule_code;
    const struct list_rule *rule;
    int64_t by_state[5], overdue;
};
enum rc compare_rule_counts(struct compare_rule_count **out, size_t *count, struct cx *cx,
                            const struct compare_list *l) MUST_USE;
/* Owners that findings of the list have. */
enum rc compare_owners(int64_t **out, size_t *count, struct cx *cx,
                       const struct compare_list *l) MUST_USE;
struct compare_user {
    int64_t id;
    const char *name;
};
enum rc compare_users(struct compare_user **out, size_t *count, struct cx *cx,
                      int64_t county) MUST_USE;
/* What is done to several findings at once. */
struct compare_action {
    int64_t county;
    const int64_t *ids;
    size_t count; /* at most 200 */
    bool assigns; /* owner and deadline, else state and reason */
    int64_t owner_id;
    int32_t deadline_day; /* 0: as it is */
    enum compare_finding_state state;
    struct str reason; /* needed for explained and wrong match; at most 500 bytes */
};
/* compare.run in the household's area; the owner with check.explain there may set the state.
 * All or none. */
enum rc compare_act(struct cx *cx, const struct compare_action *a) MUST_USE;

#endif

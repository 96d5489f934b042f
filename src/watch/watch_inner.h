/* What the files of watch share among themselves; no other room includes this. */
#ifndef WATCH_WATCH_INNER_H
#define WATCH_WATCH_INNER_H

#include "db/db.h"
#include "people/actor.h"
#include "watch/alert.h"

struct job;

enum { WATCH_BATCH = 100, WATCH_CHANGED_MAX = 3000, WATCH_WORDS_MAX = 1000 };

/* ---- alert.c ---- */
/* The row without looking at the actor. RC_NOTFOUND with a sentence. */
enum rc alert_read(struct alert *out, struct cx *cx, int64_t id) MUST_USE;
/* A row with the columns of ALERT_BY_NUMBER; in cx->arena. RC_DB: its words were not sealed so.
 */
enum rc alert_of_row(struct alert *out, struct cx *cx, const struct db_rows *r) MUST_USE;
/* In a write closure: ends an open alert without a person's word, with its task. *done false:
 * somebody was quicker. */
enum rc alert_over(bool *done, struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* Text in one of the languages, whatever cx's is. */
struct cx watch_in(const struct cx *cx, enum lang lang);

/* ---- watch_write.c: writing in chunks ---- */
struct watch_chunk {
    struct alert *raise; /* copies of what alert_raise takes */
    size_t raise_count;
    const int64_t *over; /* ids */
    size_t over_count;
    const struct alert *move; /* id, area_id, area_path */
    size_t move_count;
    const struct job *job; /* NULL */
    int64_t raised, over_done;
    size_t raise_at, over_at, move_at;
    int64_t county;
};
/* A place where a test makes the work stop (base/fault.h). */
enum rc watch_stop(struct cx *cx, const char *point) MUST_USE;
enum rc watch_write(struct cx *cx, struct watch_chunk *c) MUST_USE;
/* Facts as the alert keeps them: a JSON array of {year, label: [en, zh], value: [en, zh]}. */
const char *watch_facts_json(struct cx *cx, struct columns_fact *const *facts, size_t count);
const char *watch_fact_json(struct cx *cx, struct both label, struct both value);

/* ---- watch_run.c ---- */
/* As watch_county; job NULL outside of a job. */
enum rc watch_register(int64_t *raised, int64_t *over, struct cx *cx, int64_t county,
                       bool again, const struct job *job) MUST_USE;
/* A fingerprint of the rules that run over the register. */
int64_t watch_rules_print(const struct profile *p);
/* Does something wait: the journal went on, a new day, other rules? */
enum rc watch_behind(bool *behind, struct cx *cx, int64_t county) MUST_USE;

/* ---- disaster.c ---- */
/* Raises what is left of the county's disasters. */
enum rc disasters_go_on(int64_t *raised, struct cx *cx, int64_t county) MUST_USE;

/* The actor's number; 0 the system. */
static inline int64_t watch_user(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

#endif

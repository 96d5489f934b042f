/* Durable jobs and their clock: a row per job; survives any crash; runs once to its end (a job
 * that died while running is started again and must go on from what it committed). */
#ifndef WORK_JOB_H
#define WORK_JOB_H

#include "base/cx.h"
#include "base/text.h"

enum job_state {
    JOB_WAITING = 0,
    JOB_RUNNING = 1,
    JOB_DONE = 2,
    JOB_FAILED = 3,
    JOB_CANCELLED = 4
};
struct job {
    int64_t id, county, user_id;
    const char *kind;     /* "import.check", "import.apply" … */
    const char *argument; /* what to work on: a number or JSON */
    enum job_state state;
    int64_t done, total; /* progress in `unit`s; total 0 = unknown */
    const char *unit;    /* N_("rows") */
    const char *message; /* last word to the person, translated */
    int64_t created_at, run_at, started_at, ended_at;
    int tries; /* runs that failed so far */
    bool cancel_wanted;
    int64_t from_at, from_done; /* when, and at which progress, the present run began */
};
/* Runs the job in its own cx (actor = the job's user, language of the user). */
typedef enum rc (*job_fn)(struct cx *cx, const struct job *job);
struct job_kind {
    const char *name;
    job_fn run;
    int tries_max; /* 0 = 3; waits 1 s, 10 s, 100 s … between. Not for RC_INVALID, RC_DENIED,
                    * RC_NOTFOUND and RC_LIMIT, which would come again, nor for crashes: those
                    * are resumed. */
};
/* Queues a job for `run_at` (0 = now). In a write closure, or makes its own. */
enum rc job_add(int64_t *id, struct cx *cx, int64_t county, const char *kind,
                const char *argument, int64_t run_at) MUST_USE;
enum rc job_get(struct job *out, struct cx *cx, int64_t id) MUST_USE;
/* Newest first; county 0: of all. job_get and job_list do not look at the actor: pages do. */
enum rc job_list(struct job **out, size_t *count, struct cx *cx, int64_t county,
                 size_t max) MUST_USE;
/* The user of the job or an administrator of the county; RC_CONFLICT when it has ended. A
 * running job ends at its next job_progress. */
enum rc job_cancel(struct cx *cx, int64_t id) MUST_USE;
/* Work that comes again: a job of the office (county 0, no user) every `seconds`, first after
 * that time. Registering it again changes nothing unless `seconds` differ. While one is still
 * open no second is added; times that passed while no server ran are made up for once. */
enum rc job_every(struct cx *cx, const char *kind, const char *argument,
                  int64_t seconds) MUST_USE;
enum rc job_never(struct cx *cx, const char *kind, const char *argument) MUST_USE;
/* From a running job: says how far it is. Written at most twice a second; cheap to call often.
 * RC_BUSY with a text when the job was cancelled or the server stops: return it. By the thread
 * that runs the job only, outside write closures. */
enum rc job_progress(struct cx *cx, const struct job *job, int64_t done, int64_t total,
                     const char *unit) MUST_USE;
/* The last word of the running job, translated; written with the next progress or at the end.
 */
void job_say(struct cx *cx, const struct job *job, const char *text);
/* In a write closure of a running job: RC_BUSY when another server has taken the job over, so
 * that nothing of a job that was thought dead is committed beside its successor. `job` is the
 * pointer that the job's function was given. */
enum rc job_fence(struct cx *cx, const struct job *job) MUST_USE;
/* Rate and time left from the present run, for pages and terminals; false while unknown. */
bool job_rate(double *per_s, int64_t *left_s, const struct job *job, int64_t now_at);

/* The runner: `threads` threads that take due jobs. */
struct job_runner;
enum rc job_runner_start(struct job_runner **out, struct cx *cx, const struct job_kind *kinds,
                         size_t kind_count, int threads) MUST_USE;
void job_runner_stop(struct job_runner *r); /* running jobs are asked to stop and stay RUNNING →
                                               resumed at next start */
/* ---- clocks ---- */
/* What a server does again and again without a row for each time: its work lies due in tables
 * of its own and is claimed there by conditional writes, so that several servers may do it
 * beside each other and a crash loses nothing. Each has a thread of its own, so that none waits
 * behind an import. A failure is logged and tried again, at last once a minute. */
struct job_clock {
    const char *name;
    int64_t every_ms;              /* from the end of one run to the next */
    enum rc (*run)(struct cx *cx); /* cx->actor is NULL */
};
/* All clocks of the program, in static memory; before job_runner_start, which runs them. */
void job_clocks_set(const struct job_clock *clocks, size_t count);
/* Within a clock's run: the server is stopping; return soon. False elsewhere. */
bool job_clock_stopping(void);

/* For commands: runs one job in this thread with a progress line on stderr when it is a
 * terminal. Returns what the job returned; it is not tried again. Killed, it is resumed by the
 * next server. */
enum rc job_run_now(struct cx *cx, const struct job_kind *kind, int64_t county,
                    const char *argument) MUST_USE;

#endif

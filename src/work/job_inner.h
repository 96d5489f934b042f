/* What the files of work share among themselves; no other room includes this. */
#ifndef WORK_JOB_INNER_H
#define WORK_JOB_INNER_H

#include "db/db.h"
#include "work/job.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    JOB_LEASE_S = 30,
    JOB_BEAT_MS = 5000,
    JOB_POLL_MS = 500,
    JOB_NOTE_MS = 500,
    JOB_THREADS_MAX = 16,
    JOB_CLOCKS_MAX = 8,
    JOB_CRASHES_MAX = 20, /* in a row, without progress */
    JOB_MESSAGE_MAX = 480,
};

/* A job while it runs in this process. */
struct running {
    struct job job; /* what its function sees; progress is kept up to date here */
    enum lang lang;
    int64_t crashes;
    enum rc refused; /* the user may not act any more: cx->err says why */
    const char *server;
    int64_t noted_ms; /* monotonic: when progress was last written */
    int64_t begun_ms;
    bool is_shown; /* progress line on the terminal */
    char unit[64], message[JOB_MESSAGE_MAX];
    atomic_bool stop, cancel, lost;
    atomic_llong lease_ms; /* monotonic: end of the lease as far as we know */
};

/* Who we are to other processes on the same database: a random name and, while we live, a
 * locked file DIR/work/NAME, so that others on this machine see our death at once. */
struct job_server {
    char name[40];
    int lock_fd; /* -1: none */
    char path[512];
};
void job_server_open(struct job_server *s, struct cx *cx);
void job_server_close(struct job_server *s);
/* Ends the leases of servers whose lock file is free. cx has a connection. */
enum rc job_server_bury(struct cx *cx, const struct job_server *self) MUST_USE;

/* The clocks of a runner; `cx` and `stop` are the runner's and outlive them. */
struct job_clock_thread {
    const struct cx *cx;
    const struct job_clock *clock;
    const atomic_bool *stop;
    pthread_t thread;
};
struct job_clocks {
    struct job_clock_thread threads[JOB_CLOCKS_MAX];
    size_t count;
};
/* False: short of threads; what was started is to be stopped and joined. */
bool job_clocks_start(struct job_clocks *c, const struct cx *cx, const atomic_bool *stop);
void job_clocks_join(struct job_clocks *c);

/* The real clock; FUMIN_NOW does not change it. */
int64_t job_wall_at(void);
int64_t job_wall_ms(void);

/* A row with the columns of JOB_GET_ROW. */
struct job job_read(struct cx *cx, const struct db_rows *rows, enum lang *lang,
                    int64_t *crashes);
/* Wakes the runners of this process. */
void job_wake(void);
/* How often job_wake was called; asked before looking for work. */
uint64_t job_wake_mark(void);
/* Waits for a job_wake since the mark was asked, or for `ms`. */
void job_wait(uint64_t mark, int64_t ms);

/* Adds a job; in a write closure. */
enum rc job_add_row(int64_t *id, struct cx *cx, int64_t county, const char *kind,
                    const char *argument, int64_t run_at) MUST_USE;
/* What the clock is to start now; called by a runner about once a second. */
enum rc job_clock_tick(struct cx *cx) MUST_USE;

/* Makes the running job known to job_progress in this thread; NULL ends it. */
void job_enter(struct running *r);
/* Extends the lease; sets r->lost and r->cancel. */
enum rc job_beat(struct cx *cx, struct running *r) MUST_USE;
/* Runs the function and writes the end of the job. Returns what the function returned. */
enum rc job_perform(struct cx *cx, struct running *r, const struct job_kind *kind, bool retry);

#endif

/* A child process in which hostile bytes become plain ones: no network, no files but the
 * given descriptors, limited memory, time and output, seccomp. The child is this same program
 * started as `fumin convert KIND` (posix_spawn of /proc/self/exe): the functions that run in it
 * are registered by name, so every test program and main must call sandbox_child_main first. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/cx.h"

/* Runs in the child: reads fd `in`, writes fd `out`; a failure's cx->err goes back to the
 * parent. `argument` is a short text given by the parent. */
typedef enum rc (*sandbox_fn)(struct cx *cx, int in, int out, struct str argument);
struct sandbox_kind {
    const char *name; /* "rows" */
    sandbox_fn run;
    /* Before the walls close: opens what a library loads from files at its first use
     * (converters, tables). NULL = nothing to prepare. */
    void (*prepare)(void);
};
struct sandbox_limits {
    size_t memory_max;  /* 0 = 512 MiB */
    int cpu_s_max;      /* 0 = 120 */
    int64_t output_max; /* 0 = 4 GiB */
};
/* When argv says `convert KIND …`, becomes the child and never returns; else does nothing.
 * Call text_use(LANG_ZH, &messages_zh) before, so that the child's messages can be Chinese. */
void sandbox_child_main(int argc, char **argv, const struct sandbox_kind *kinds, size_t count);
/* Runs `kind` on in_fd, writing to out_fd (both stay open here). The child sees a regular file
 * read-only and from offset 0, and ends at cx->deadline_ms at the latest. RC_INVALID or what
 * the child failed with (its text in cx->err); RC_INVALID too when it crashed; RC_LIMIT when it
 * passed a limit or was killed by seccomp; RC_IO when it could not be started. */
enum rc sandbox_run(struct cx *cx, const char *kind, struct str argument, int in_fd, int out_fd,
                    const struct sandbox_limits *limits) MUST_USE;

#endif

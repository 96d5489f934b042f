/* The result of every function that can fail. RC_OK is 0, failures are negative. */
#ifndef BASE_RC_H
#define BASE_RC_H

enum rc {
    RC_OK = 0,
    RC_NOTFOUND =
        -1, /* no such thing, or not for this user: the two are told apart only in logs */
    RC_INVALID = -2, /* the caller's data are wrong; the message says what was expected */
    RC_DENIED = -3,  /* known user, not allowed */
    RC_CONFLICT =
        -4,        /* unique key, foreign key or check refused it, or someone else was faster */
    RC_BUSY = -5,  /* queue full, lock not had, deadline passed: try again */
    RC_LIMIT = -6, /* a limit of base/limits.h was passed */
    RC_IO = -7,    /* file, network, disk full */
    RC_DB = -8,    /* database failure that is nobody's data's fault */
};

#define MUST_USE __attribute__((warn_unused_result))

/* Leaves the calling function with the failure of `x`. */
#define TRY(x)                                                                                 \
    do {                                                                                       \
        enum rc rc_ = (x);                                                                     \
        if (rc_)                                                                               \
            return rc_;                                                                        \
    } while (0)

/* A short fixed name ("invalid") for logs, JSON and exit codes. Static. */
const char *rc_name(enum rc rc);

#endif

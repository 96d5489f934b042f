/* What the parent tells the child on its command line, besides the kind. */
#ifndef SANDBOX_CHILD_H
#define SANDBOX_CHILD_H

#include "sandbox/sandbox.h"

/* A sanitiser's run time is in the program: it needs more memory and an option or two. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_SANITISED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANDBOX_SANITISED 1
#endif
#endif
#ifndef SANDBOX_SANITISED
#define SANDBOX_SANITISED 0
#endif

enum { SANDBOX_IN = 0, SANDBOX_OUT = 1, SANDBOX_REPORT = 2 };

/* "z536870912,120,4294967296:ARGUMENT": language, limits, the kind's own argument; in
 * cx->arena. */
const char *child_order(struct cx *cx, const struct sandbox_limits *limits,
                        struct str argument);
/* Reads it back; false when it is not such a text. */
bool child_order_read(enum lang *lang, struct sandbox_limits *limits, struct str *argument,
                      const char *order);

#endif

/* Inside of scope: what its files share. */
#ifndef INSIGHT_SCOPE_IMPL_H
#define INSIGHT_SCOPE_IMPL_H

#include "db/db.h"
#include "insight/scope.h"

/* The first mistake of an address; the rest is read all the same. */
struct scope_reading {
    const char *error;
};
/* What the address says for a name; p NULL: nothing. */
struct str scope_asked(const struct scope *s, const char *name);
/* Keeps a mistake for the end (RC_OK), so that the other wishes are still read and a page can
 * show its form with all of them; other failures pass. */
enum rc scope_keep(struct scope_reading *r, struct cx *cx, enum rc rc) MUST_USE;
/* Index, weights, cut-offs, k. A mistake goes into r->error and leaves the profile's own. */
enum rc scope_read_index(struct scope *s, struct scope_reading *r, struct cx *cx) MUST_USE;

#endif

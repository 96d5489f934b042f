/* Letters between the office and the market: two processes, two databases, two keys. A letter
 * is written in the transaction of what it tells of (outbox), carried to the other database
 * (outbox_carry, by the office), and taken there exactly once, in the transaction of what it
 * changes (inbox). No crash loses or doubles one. Bodies are sealed at rest. Tables `outbox`,
 * `inbox`. */
#ifndef WORK_OUTBOX_H
#define WORK_OUTBOX_H

#include "base/cx.h"
#include "base/str.h"

enum { LETTER_BYTES_MAX = 512 * 1024, LETTER_KIND_MAX = 64 };

struct letter {
    int64_t county, id; /* the id is the sender's, time-ordered */
    const char *kind;   /* "seller.set", "lot.closed", "payout.done" … */
    struct str body;    /* JSON */
    int64_t at;
};
/* In a write closure of the county. RC_LIMIT: longer than LETTER_BYTES_MAX. */
enum rc outbox_put(struct cx *cx, int64_t county, const char *kind, struct str body) MUST_USE;

/* Carries what waits in the database of `from` to that of `to` (each with its own pool and
 * vault, attached), oldest first, until nothing waits; *carried counts. Killed anywhere, the
 * next call goes on; carried twice is kept once. Fault points "outbox.kept", "outbox.carried".
 */
enum rc outbox_carry(int64_t *carried, struct cx *from, struct cx *to) MUST_USE;

/* Takes one letter, in the write closure that ends it; cx->actor is NULL. A failure undoes
 * what it did: tried again after 2 s, 4 s … up to an hour. One that can never be taken
 * (RC_INVALID) is tried again every hour too, so that a mended program takes it; `fumin verify`
 * and the status page count those that wait for long. Letters of a county are taken in their
 * order unless one fails: what follows does not wait for it. */
typedef enum rc (*letter_fn)(struct cx *cx, const struct letter *m);
struct letter_kind {
    const char *name;
    letter_fn take;
};
/* All kinds that this process takes; before the clock runs. */
void letter_kinds_set(const struct letter_kind *kinds, size_t count);
/* Takes what is due. A clock of the server does this; tests call it. */
enum rc inbox_take_due(int64_t *taken, struct cx *cx) MUST_USE;

/* Not yet carried; not yet taken, and of those failed at least once; the last failure's words
 * (for the log and the administrator). */
struct letter_figures {
    int64_t waiting, arrived, failing, oldest_at;
    const char *error;
};
enum rc letter_figures_get(struct letter_figures *out, struct cx *cx) MUST_USE;

#endif

/* Inside of help/: what its files share. */
#ifndef HELP_HELP_INNER_H
#define HELP_HELP_INNER_H

#include "base/buf.h"
#include "base/crypto.h"
#include "db/db.h"
#include "help/plan.h"
#include "people/actor.h"

/* ---- need.c ---- */

/* The first path behind everything under `path`. */
struct str help_path_end(struct cx *cx, struct str path);
/* Words of a household, sealed with the county's key; "" gives an SQL NULL. */
struct db_arg help_seal(struct cx *cx, struct str words);
/* The plain words; "" when there are none or they cannot be opened. */
const char *help_unseal(struct cx *cx, struct str sealed);
int64_t help_user(const struct cx *cx); /* 0: the system, or the household itself */
/* The number of a measure's open needs that a confirmed item answers are marked solved; and
 * open again when the confirmation is taken back. In a write closure. */
enum rc needs_solved_by(struct cx *cx, const struct plan *p, const struct plan_item *item,
                        bool solved) MUST_USE;

/* ---- plan_read.c ---- */

/* Without a look at areas and permissions. RC_NOTFOUND with a sentence. */
enum rc plan_load(struct plan *out, struct cx *cx, int64_t id) MUST_USE;
enum rc item_load(struct plan_item *out, struct cx *cx, int64_t id) MUST_USE;
enum rc items_load(struct plan_item **out, size_t *count, struct cx *cx, int64_t county,
                   int64_t plan_id) MUST_USE;
/* Has the actor the permission where the plan's household (area) is today? Also RC_NOTFOUND
 * when it may not be seen at all. */
enum rc plan_require(struct cx *cx, const struct plan *p, const char *permission) MUST_USE;
enum rc plan_changed_meanwhile(struct cx *cx, const struct plan *p);
/* RC_INVALID: the household does not agree with the measure. */
enum rc item_objected(struct cx *cx);
enum rc item_changed_meanwhile(struct cx *cx, const struct plan_item *item);

/* What is stored of the household's token to find it. */
void plan_token_hash(uint8_t out[HASH_BYTES], const struct cx *cx, struct str token);
struct str plan_token_make(struct cx *cx);

/* ---- plan_effect.c ---- */

/* The newest known values of the items' effect columns; COLUMN_MISSING, 0. Not in a write
 * closure. */
struct effect {
    int64_t value;
    int32_t year;
};
enum rc effects_read(struct effect *out, struct cx *cx, const struct plan *p,
                     const struct plan_item *items, size_t count) MUST_USE;

/* ---- plan_write.c: inside of write closures, but for the first ---- */

/* Words that somebody typed: short, plain UTF-8, there when they must be. RC_INVALID. */
enum rc help_words_check(struct cx *cx, struct str words, bool required) MUST_USE;

enum rc plan_note(struct cx *cx, const struct plan *p, int64_t item_id, const char *what,
                  struct str words) MUST_USE;
/* … by the household itself. */
enum rc plan_note_household(struct cx *cx, const struct plan *p, int64_t item_id,
                            const char *what, struct str words) MUST_USE;
/* After an item ended: the plan is done when nothing waits any more; running again when
 * something does. */
enum rc plan_settle(struct cx *cx, const struct plan *p) MUST_USE;
/* Adds the task of an agreed item and remembers it. */
enum item_task {
    ITEM_TASK,       /* to deliver it */
    ITEM_TASK_WAITS, /* … after others: task_after follows */
    ITEM_TASK_AGAIN  /* the household says that it did not happen */
};
enum rc item_task_add(struct cx *cx, const struct plan *p, struct plan_item *item,
                      enum item_task how) MUST_USE;
/* Who is to deliver a measure at the plan's place. */
enum rc measure_owner(struct owner *out, struct cx *cx, int64_t county, int64_t area_id,
                      struct str area_path, const struct measure *m) MUST_USE;
/* The end of a local day as a moment. */
int64_t help_day_end(const struct cx *cx, int32_t day);
int32_t help_today(const struct cx *cx);

#endif

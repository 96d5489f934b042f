/* The context that every function that can fail takes first: memory, who acts, in which
 * language, on which connection, until when, and the error that happened.
 * The pointers to higher rooms are opaque here; each is set by the floor that owns it. */
#ifndef BASE_CX_H
#define BASE_CX_H

#include "base/arena.h"
#include "base/rc.h"

#include <inttypes.h>
#include <stdint.h>

struct db;            /* db/db.h: this context's connection */
struct db_pool;       /* db/db.h: connections and writer */
struct profile;       /* profile/profile.h */
struct vault;         /* base/vault.h: master keys */
struct columns_cache; /* register/columns.h: live columns */
struct actor;         /* people/actor.h: who acts and what they may; NULL = the system itself */

enum lang { LANG_EN = 0, LANG_ZH = 1 };
enum { LANG_COUNT = 2 };

/* The first failure since err_clear. `text` is for the person, already translated; `detail`
 * is for the log, in English, and never holds personal data. */
struct err {
    enum rc rc;
    char text[480];
    char detail[480];
};

struct cx {
    struct arena *arena;
    enum lang lang;
    int64_t now_at;      /* seconds UTC at which this request, job or command began */
    int64_t deadline_ms; /* monotonic milliseconds (time_mono_ms); 0 = none */
    struct db *db;       /* for reading; inside a write closure the writer's own */
    struct db_pool *pool;
    const struct profile *profile;
    struct vault *vault;
    struct columns_cache *columns;
    const struct actor *actor;
    const char *dir; /* the database's folder, NUL-terminated */
    struct err err;
};

/* Fills cx with zeros, the arena, LANG_EN and the present time. */
void cx_init(struct cx *cx, struct arena *arena);

/* Records a failure and returns `rc`:
 *     return fail(cx, RC_INVALID, _("Quantity must be positive"), "order=%" PRId64, id);
 * `text` is shown to the person; `detail` goes to the log. The first failure wins: a later
 * one is appended to detail only. */
enum rc fail(struct cx *cx, enum rc rc, const char *text, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));
/* As fail, with a formatted text for the person: fail_f(cx, rc, _("Row %d ..."), n). The
 * text's translation must keep its conversions (msgc checks). */
enum rc fail_f(struct cx *cx, enum rc rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void err_clear(struct cx *cx);

#endif

/* The throttle of guessing: failures by login and by client, kept in the database so that a
 * restart does not forgive them. An attempt is counted before it is tried and taken back when
 * it succeeds; many attempts at once therefore cannot slip through. */
#include "base/crypto.h"
#include "base/format.h"
#include "base/text.h"
#include "people/people_inner.h"
#include "people/user_session.sql.h"

#include <assert.h>

enum {
    FREE_OF_LOGIN = 5,
    /* A whole office may share one address: its mistakes of a morning must not lock it out. */
    FREE_OF_CLIENT = 30,
    WAIT_MAX_S = 15 * 60,
    FORGET_LOGIN_S = 24 * 3600,
    FORGET_CLIENT_S = 3600,
};

struct door people_door(struct cx *cx, const char *kind, struct str value)
{
    bool client = strcmp(kind, "client") == 0;
    struct door door = {.free = client ? FREE_OF_CLIENT : FREE_OF_LOGIN,
                        .forget_s = client ? FORGET_CLIENT_S : FORGET_LOGIN_S};
    uint8_t hash[HASH_BYTES];
    struct hash_state state;
    hash_begin(&state);
    hash_add(&state, kind, strlen(kind) + 1);
    hash_add(&state, value.p, value.len);
    hash_end(&state, hash);
    snprintf(door.key, sizeof door.key, "%.1s%s", kind, hex_of(cx->arena, hash, sizeof hash));
    return door;
}

/* 0 for the free ones, then 1 s, 2 s, 4 s … 15 min. */
static int64_t wait_s(const struct door *door, int64_t failures)
{
    int64_t over = failures - door->free;
    if (over < 0)
        return 0;
    return over >= 10 ? WAIT_MAX_S : (int64_t)1 << over;
}

struct door_state {
    int64_t failures, last_at, forget_at;
};

static enum rc door_read(struct door_state *out, struct cx *cx, const struct door *door)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &FAILURE_GET, V_T(door->key));
    *out = (struct door_state){0};
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    if (row_i64(&rows, FAILURE_GET_FORGET_AT) >= cx->now_at) {
        out->failures = row_i64(&rows, FAILURE_GET_FAILURES);
        out->last_at = row_i64(&rows, FAILURE_GET_LAST_AT);
    }
    return db_done(&rows);
}

enum rc people_door_enter(struct cx *cx, const struct door *doors, size_t count)
{
    struct door_state state[2];
    assert(count <= 2);
    int64_t longest = 0;
    for (size_t i = 0; i < count; i++) {
        TRY(door_read(&state[i], cx, &doors[i]));
        int64_t wait = wait_s(&doors[i], state[i].failures);
        int64_t left = state[i].last_at + wait - cx->now_at;
        left = left < wait ? left : wait; /* also when the clock was set back */
        longest = left > longest ? left : longest;
    }
    if (longest > 0)
        return fail_f(cx, RC_BUSY, _("Too many failed attempts. Try again in %s."),
                      format_duration(cx, longest));
    for (size_t i = 0; i < count; i++)
        TRY(DB_RUN(cx, &FAILURE_PUT, V_T(doors[i].key), V_I(state[i].failures + 1),
                   V_I(cx->now_at), V_I(cx->now_at + doors[i].forget_s)));
    return DB_RUN(cx, &FAILURE_FORGET, V_I(cx->now_at));
}

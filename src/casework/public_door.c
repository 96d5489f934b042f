/* The throttle of the public pages, as people/throttle.c does it for signing in: an attempt is
 * counted before it is made, in the database, so that neither a restart nor many at once slip
 * through. Addresses are kept as keyed hashes and forgotten after an hour. */
#include "base/crypto.h"
#include "base/format.h"
#include "base/text.h"
#include "base/vault.h"
#include "casework/public_door.sql.h"
#include "casework/public_inner.h"
#include "db/db.h"

#include <arpa/inet.h>
#include <string.h>

enum { WAIT_MAX_S = 15 * 60, FORGET_S = 3600, DOOR_BYTES = 12 };

struct door_write {
    const char *door;
    int32_t free_tries;
    bool back;
};

/* Of IPv6 the customer's network (/64) is one client. */
static struct str client_bytes(uint8_t raw[16], struct str client)
{
    char text[INET6_ADDRSTRLEN];
    if (client.len < sizeof text) {
        memcpy(text, client.p, client.len);
        text[client.len] = '\0';
        if (inet_pton(AF_INET6, text, raw) == 1)
            return (struct str){(const char *)raw, 8};
    }
    return client;
}

static const char *door_of(struct cx *cx, const char *kind, const char *client)
{
    uint8_t key[KEY_BYTES], hash[HASH_BYTES], raw[16];
    struct str address = client_bytes(raw, str_of(client));
    vault_key(key, cx->vault, "casework.door", true);
    hash_keyed(hash, key, address);
    explicit_bzero(key, sizeof key);
    return arena_printf(cx->arena, "%s %s", kind, hex_of(cx->arena, hash, DOOR_BYTES));
}

static int64_t wait_s(int64_t over)
{
    if (over < 0)
        return 0;
    return over >= 10 ? WAIT_MAX_S : (int64_t)1 << over;
}

static enum rc door_write(struct cx *cx, void *arg)
{
    const struct door_write *w = arg;
    struct db_rows rows;
    int64_t tries = 0, last_at = 0;
    if (w->back)
        return DB_RUN(cx, &PUBLIC_DOOR_BACK, V_T(w->door));
    enum rc rc = DB_ONE(&rows, cx, &PUBLIC_DOOR_GET, V_T(w->door));
    if (rc == RC_OK) {
        if (row_i64(&rows, PUBLIC_DOOR_GET_FORGET_AT) >= cx->now_at) {
            tries = row_i64(&rows, PUBLIC_DOOR_GET_TRIES);
            last_at = row_i64(&rows, PUBLIC_DOOR_GET_LAST_AT);
        }
        TRY(db_done(&rows));
    } else if (rc != RC_NOTFOUND) {
        return rc;
    }
    int64_t wait = wait_s(tries - w->free_tries), left = last_at + wait - cx->now_at;
    left = left < wait ? left : wait; /* also when the clock was set back */
    if (left > 0)
        return fail_f(cx, RC_BUSY, _("Too many attempts from here. Try again in %s."),
                      format_duration(cx, left));
    TRY(DB_RUN(cx, &PUBLIC_DOOR_PUT, V_T(w->door), V_I(tries + 1), V_I(cx->now_at),
               V_I(cx->now_at + FORGET_S)));
    return DB_RUN(cx, &PUBLIC_DOOR_FORGET, V_I(cx->now_at));
}

enum rc public_door_enter(struct cx *cx, const char *kind, const char *client,
                          int32_t free_tries)
{
    struct door_write w = {.door = door_of(cx, kind, client), .free_tries = free_tries};
    return db_write(cx, 0, door_write, &w);
}

enum rc public_door_leave(struct cx *cx, const char *kind, const char *client)
{
    struct door_write w = {.door = door_of(cx, kind, client), .back = true};
    return db_write(cx, 0, door_write, &w);
}

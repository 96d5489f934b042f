/* Sending what is due: messages are claimed by a conditional update, carried beside each other
 * (at most two of a lane, so that a slow target never holds up the others), and their end is
 * written down. A crash in between sends a message again, with the same id. */
#include "base/crypto.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "base/vault.h"
#include "people/org.h"
#include "work/notice_inner.h"
#include "work/notice_send.sql.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

enum {
    LANE_MAX = 2, /* of one lane under way */
    LANES_MAX = 256,
    ITEM_ARENA = 4 * 1024 * 1024,
    CLAIM_MS = 30000, /* a run claims for so long */
    LOOK_MS = 1000,   /* while some are under way, new ones are looked for this often */
    STEP_MS = 100,
    STOP_MS = 1500, /* what is under way may end within this when the server stops */
    BACKOFF_S = 60,
    BACKOFF_MAX_S = 6 * 3600,
    GIVE_UP_S = 3 * 24 * 3600
};

static atomic_llong connect_limit_ms = NOTICE_CONNECT_MS, try_limit_ms = NOTICE_TRY_MS;

void notice_send_limits(int64_t connect_ms, int64_t try_ms)
{
    atomic_store(&connect_limit_ms, connect_ms ? connect_ms : NOTICE_CONNECT_MS);
    atomic_store(&try_limit_ms, try_ms ? try_ms : NOTICE_TRY_MS);
}

/* A message under way, in an arena of its own. */
struct item {
    struct arena *arena;
    int64_t county, id, lane, user_id, at, seen_at, tries; /* tries: with this one */
    enum notice_channel channel;
    const char *event, *subject, *body;
    struct parcel parcel;
    bool claimed, ended, final; /* final: another try would give the same */
    char error[40];
};
struct sender {
    struct carrier *carrier;
    struct item *items[CARRY_MAX];
    size_t count;
    int64_t last_lane, sent;
};

/* ---- claiming ---- */

static size_t of_lane(const struct sender *s, int64_t lane)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        n += s->items[i]->lane == lane;
    return n;
}

static struct item *item_of_row(const struct db_rows *r, int64_t lane)
{
    struct arena *a = arena_open(ITEM_ARENA);
    struct item *it = arena_new(a, sizeof *it);
    *it = (struct item){
        .arena = a,
        .county = row_i64(r, NOTICE_SEND_OF_LANE_COUNTY),
        .id = row_i64(r, NOTICE_SEND_OF_LANE_ID),
        .lane = lane,
        .user_id = row_i64(r, NOTICE_SEND_OF_LANE_USER_ID),
        .at = row_i64(r, NOTICE_SEND_OF_LANE_AT),
        .seen_at = row_i64(r, NOTICE_SEND_OF_LANE_NEXT_AT),
        .tries = row_i64(r, NOTICE_SEND_OF_LANE_TRIES) + 1,
        .channel = (enum notice_channel)row_i64(r, NOTICE_SEND_OF_LANE_CHANNEL),
        .event = arena_copy(a, row_str(r, NOTICE_SEND_OF_LANE_EVENT)),
        .subject = arena_copy(a, row_str(r, NOTICE_SEND_OF_LANE_SUBJECT)),
        .body = arena_copy(a, row_str(r, NOTICE_SEND_OF_LANE_BODY)),
    };
    return it;
}

static enum rc find_lane(struct sender *s, struct cx *cx, int64_t lane, int64_t now_at)
{
    struct db_rows rows;
    size_t room = CARRY_MAX - s->count, own = of_lane(s, lane);
    size_t most = own < LANE_MAX ? LANE_MAX - own : 0, n = 0;
    most = most < room ? most : room;
    if (most == 0)
        return RC_OK;
    TRY(DB_SELECT(&rows, cx, &NOTICE_SEND_OF_LANE, V_I(lane), V_I(now_at), V_I(most)));
    while (n < most && db_next(&rows)) {
        s->items[s->count++] = item_of_row(&rows, lane);
        n++;
    }
    return db_done(&rows);
}

struct claiming {
    struct item **items;
    size_t count;
    int64_t now_at;
};

static enum rc claim_write(struct cx *cx, void *arg)
{
    const struct claiming *c = arg;
    for (size_t i = 0; i < c->count; i++) {
        struct item *it = c->items[i];
        int64_t changed;
        TRY(DB_RUN_COUNT(&changed, cx, &NOTICE_SEND_CLAIM, V_I(it->county), V_I(it->id),
                         V_I(it->tries - 1), V_I(it->seen_at),
                         V_I(c->now_at + NOTICE_LEASE_S)));
        it->claimed = changed == 1;
    }
    return RC_OK;
}

static void drop_from(struct sender *s, size_t from, bool only_unclaimed)
{
    size_t kept = from;
    for (size_t i = from; i < s->count; i++) {
        if (only_unclaimed && s->items[i]->claimed)
            s->items[kept++] = s->items[i];
        else
            arena_free(s->items[i]->arena);
    }
    s->count = kept;
}

/* ---- what is sent ---- */

/* The same for every try: "fumin-COUNTY-ID-" and 16 characters that differ between databases.
 */
static const char *stable_id(struct cx *cx, const struct item *it)
{
    uint8_t key[KEY_BYTES], hash[HASH_BYTES];
    assert(cx->vault);
    vault_key(key, cx->vault, "notice.id", true);
    const char *name = arena_printf(cx->arena, "%" PRId64 "-%" PRId64, it->county, it->id);
    hash_keyed(hash, key, str_of(name));
    return arena_printf(cx->arena, "fumin-%s-%s", name, hex_of(cx->arena, hash, 8));
}

static void refuse(struct item *it, const char *error)
{
    snprintf(it->error, sizeof it->error, "%s", error);
    it->ended = it->final = true;
}

static void pack_mail(struct item *it, struct cx *cx, const struct notice_settings *s,
                      const char *to, int64_t now_at)
{
    struct parcel *p = &it->parcel;
    const char *domain = strchr(s->mail_from, '@');
    *p = (struct parcel){.channel = CHANNEL_MAIL,
                         .url = s->mail_url,
                         .mail_from = s->mail_from,
                         .mail_to = to,
                         .user = s->mail_user,
                         .password = s->mail_password};
    p->must_encrypt = s->mail_password[0] && !notice_local_allowed();
    const char *id =
        arena_printf(cx->arena, "%s%s", stable_id(cx, it), domain ? domain : "@localhost");
    p->body = notice_mail_text(cx->arena, p, it->subject, str_of(it->body), id, now_at);
}

static void pack_sms(struct item *it, struct cx *cx, const struct notice_settings *s,
                     const char *to)
{
    struct buf b;
    struct json j;
    const char **headers = arena_new(cx->arena, 5 * sizeof *headers);
    const char *id = stable_id(cx, it);
    buf_init(&b, cx->arena, NOTICE_BODY_MAX * 2);
    json_init(&j, &b);
    json_object_begin(&j);
    json_put_z(&j, "to", to);
    json_put_z(&j, "text", it->body);
    json_put_z(&j, "id", id);
    json_object_end(&j);
    headers[0] = "Content-Type: application/json";
    headers[1] = arena_printf(cx->arena, "Idempotency-Key: %s", id);
    if (s->sms_token[0])
        headers[2] = arena_printf(cx->arena, "Authorization: Bearer %s", s->sms_token);
    it->parcel = (struct parcel){
        .channel = CHANNEL_SMS, .url = s->sms_url, .headers = headers, .body = buf_view(&b)};
}

/* To a user: who is blocked, or has no address any more, is sent nothing. */
static enum rc pack_for_user(struct item *it, struct cx *cx, int64_t now_at)
{
    struct notice_settings s;
    struct contact c;
    const struct actor *actor;
    bool mail = it->channel == CHANNEL_MAIL;
    enum rc rc = actor_of_user(&actor, cx, it->user_id);
    if (rc == RC_DENIED || rc == RC_NOTFOUND) {
        err_clear(cx);
        refuse(it, "blocked");
        return RC_OK;
    }
    TRY(rc);
    TRY(contact_get(&c, cx, it->user_id));
    TRY(notice_settings_used(&s, cx, it->county));
    const char *to = mail ? c.mail : c.phone;
    if (!(mail ? s.mail_url : s.sms_url)[0])
        refuse(it, "off");
    else if (!to[0] || strpbrk(to, "\r\n<>"))
        refuse(it, "address");
    else if (mail)
        pack_mail(it, cx, &s, to, now_at);
    else
        pack_sms(it, cx, &s, to);
    return RC_OK;
}

static enum rc pack_webhook(struct item *it, struct cx *cx, int64_t now_at)
{
    const char *url, *secret;
    const char **headers = arena_new(cx->arena, 7 * sizeof *headers);
    enum rc rc = webhook_open(&url, &secret, cx, it->lane);
    if (rc == RC_NOTFOUND || rc == RC_CONFLICT) {
        err_clear(cx);
        refuse(it, "off");
        return RC_OK;
    }
    TRY(rc);
    struct str body = str_of(it->body);
    headers[0] = "Content-Type: application/json";
    headers[1] = arena_printf(cx->arena, "X-Fumin-Event: %s", it->event);
    headers[2] = arena_printf(cx->arena, "X-Fumin-Delivery: %s", stable_id(cx, it));
    headers[3] = arena_printf(cx->arena, "X-Fumin-Time: %" PRId64, now_at);
    headers[4] = arena_printf(cx->arena, "X-Fumin-Signature: %s",
                              webhook_sign(cx->arena, str_of(secret), now_at, body));
    headers[5] = "Expect:"; /* curl would else wait for a 100 before long bodies */
    it->parcel = (struct parcel){.channel = CHANNEL_WEBHOOK,
                                 .url = url,
                                 .headers = headers,
                                 .body = body,
                                 .no_local = !notice_local_allowed()};
    return RC_OK;
}

/* Puts a claimed message under way. A secret that cannot be read fails this one only. */
static void begin(struct sender *s, struct item *it, const struct cx *cx)
{
    struct cx own = *cx;
    int64_t now_at = time_now();
    own.arena = it->arena;
    enum rc rc = it->channel == CHANNEL_WEBHOOK ? pack_webhook(it, &own, now_at)
                                                : pack_for_user(it, &own, now_at);
    if (rc) {
        log_event(LOG_LEVEL_WARN, "notice.not_packed", "message=%" PRId64 " rc=%s", it->id,
                  rc_name(rc));
        snprintf(it->error, sizeof it->error, "broken");
        it->ended = true;
    }
    if (!it->ended && !carrier_add(s->carrier, &it->parcel, it)) {
        assert(false && "as many places as items");
        it->ended = true;
    }
}

static enum rc due_lanes(int64_t *lanes, size_t *count, struct cx *cx, int64_t now_at)
{
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &NOTICE_SEND_LANES, V_I(now_at)));
    while (n < LANES_MAX && db_next(&rows))
        lanes[n++] = row_i64(&rows, 0);
    *count = n;
    return db_done(&rows);
}

/* Lanes take turns: the first is the one behind that which was served last. */
static enum rc claim_more(struct sender *s, struct cx *cx)
{
    int64_t lanes[LANES_MAX], now_at = time_now();
    size_t count = 0, first = 0, before = s->count;
    enum rc rc = due_lanes(lanes, &count, cx, now_at);
    while (first < count && lanes[first] <= s->last_lane)
        first++;
    for (size_t i = 0; !rc && i < count && s->count < CARRY_MAX; i++) {
        s->last_lane = lanes[(first + i) % count];
        rc = find_lane(s, cx, s->last_lane, now_at);
    }
    struct claiming c = {&s->items[before], s->count - before, now_at};
    if (!rc && c.count > 0)
        rc = db_write(cx, 0, claim_write, &c);
    if (rc) {
        drop_from(s, before, false);
        return rc;
    }
    drop_from(s, before, true);
    for (size_t i = before; i < s->count; i++)
        begin(s, s->items[i], cx);
    return RC_OK;
}

/* ---- the end of a try ---- */

static int64_t backoff_s(int64_t tries)
{
    int64_t wait_s = BACKOFF_S;
    for (int64_t i = 1; i < tries && wait_s < BACKOFF_MAX_S; i++)
        wait_s *= 2;
    return wait_s < BACKOFF_MAX_S ? wait_s : BACKOFF_MAX_S;
}

static enum rc end_one(struct cx *cx, const struct item *it, int64_t now_at)
{
    bool hook = it->channel == CHANNEL_WEBHOOK;
    if (!it->error[0]) {
        TRY(DB_RUN(cx, &NOTICE_SEND_SENT, V_I(it->county), V_I(it->id), V_I(it->tries),
                   V_I(now_at)));
        return hook ? DB_RUN(cx, &WEBHOOK_WORKED, V_I(it->lane)) : RC_OK;
    }
    bool over = it->final || now_at - it->at >= GIVE_UP_S;
    TRY(DB_RUN(cx, &NOTICE_SEND_FAILED, V_I(it->county), V_I(it->id), V_I(it->tries),
               V_I(over ? SEND_FAILED : SEND_WAITING), V_I(now_at + backoff_s(it->tries)),
               V_T(it->error)));
    return hook ? DB_RUN(cx, &WEBHOOK_FAILED, V_I(it->lane), V_I(now_at), V_T(it->error))
                : RC_OK;
}

static enum rc end_write(struct cx *cx, void *arg)
{
    const struct sender *s = arg;
    int64_t now_at = time_now();
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i]->ended)
            TRY(end_one(cx, s->items[i], now_at));
    return RC_OK;
}

/* Writes down what has ended; *freed says whether anything had. */
static enum rc write_ends(struct sender *s, struct cx *cx, bool *freed)
{
    const char *error;
    struct item *done;
    size_t kept = 0, ended = 0;
    while ((done = carrier_done(s->carrier, &error))) {
        snprintf(done->error, sizeof done->error, "%s", error);
        done->ended = true;
        if (done->error[0])
            log_event(LOG_LEVEL_INFO, "notice.try_failed",
                      "message=%" PRId64 " channel=%d tries=%" PRId64 " error=\"%s\"", done->id,
                      (int)done->channel, done->tries, done->error);
    }
    for (size_t i = 0; i < s->count; i++)
        ended += s->items[i]->ended;
    *freed = ended > 0;
    if (ended == 0)
        return RC_OK;
    (void)fault_hit("notice.record"); /* tests die here: sent, but not written down */
    TRY(db_write(cx, 0, end_write, s));
    for (size_t i = 0; i < s->count; i++) {
        struct item *it = s->items[i];
        if (!it->ended) {
            s->items[kept++] = it;
            continue;
        }
        s->sent += !it->error[0];
        arena_free(it->arena);
    }
    s->count = kept;
    return RC_OK;
}

/* ---- the run ---- */

static enum rc look(struct sender *s, struct cx *cx)
{
    size_t made;
    struct arena_mark mark = arena_mark(cx->arena);
    enum rc rc = notice_fan_out(&made, cx);
    if (!rc)
        rc = claim_more(s, cx);
    arena_back(cx->arena, mark);
    return rc;
}

static enum rc send_all(struct sender *s, struct cx *cx)
{
    int64_t begun_ms = time_mono_ms(), looked_ms = 0, stop_ms = 0;
    bool freed = true;
    for (;;) {
        int64_t now_ms = time_mono_ms();
        bool stop = job_clock_stopping();
        if (stop && !stop_ms)
            stop_ms = now_ms;
        if (!stop && now_ms - begun_ms < CLAIM_MS && (freed || now_ms - looked_ms >= LOOK_MS)) {
            TRY(look(s, cx));
            looked_ms = now_ms;
        }
        if (s->count == 0 || (stop && now_ms - stop_ms > STOP_MS))
            return RC_OK;
        carrier_step(s->carrier, STEP_MS);
        TRY(write_ends(s, cx, &freed));
    }
}

enum rc notice_send_due(int64_t *sent, struct cx *cx)
{
    struct sender s = {0};
    *sent = 0;
    TRY(carrier_open(&s.carrier, cx, atomic_load(&connect_limit_ms),
                     atomic_load(&try_limit_ms)));
    enum rc rc = send_all(&s, cx);
    carrier_close(s.carrier);
    drop_from(&s, 0, false);
    *sent = s.sent;
    return rc;
}

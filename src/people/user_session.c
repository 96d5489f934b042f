/* Sessions: signing in, finding the actor of a cookie, ending. The token lives in the cookie
 * only; the database holds its hash. Pages and cookies are made in web/. */
#include "base/crypto.h"
#include "base/text.h"
#include "base/utf8.h"
#include "people/people_inner.h"
#include "people/user_pin.h"
#include "people/user_session.sql.h"

#include <arpa/inet.h>
#include <assert.h>

enum {
    IDLE_MAX_S = 12 * 3600,
    AGE_MAX_S = 30 * 24 * 3600,
    KEEP_S = 30 * 24 * 3600, /* on the list after the end */
    TOUCH_S = 60,
    TOKEN_LEN = 43,
};

/* ---- what is kept of a browser and an address ---- */

struct name_of {
    const char *sign, *name;
};
static const char *first_of(const struct name_of *table, struct str text)
{
    for (; table->sign; table++) {
        if (str_find(text, str_of(table->sign)) != SIZE_MAX)
            return table->name;
    }
    return NULL;
}

/* Families only: "Chrome, Windows". More specific signs stand first. */
static const char *device_of(struct cx *cx, struct str agent)
{
    static const struct name_of browsers[] = {{"MicroMessenger", "WeChat"},
                                              {"DingTalk", "DingTalk"},
                                              {"QQBrowser", "QQ Browser"},
                                              {"UCBrowser", "UC Browser"},
                                              {"HuaweiBrowser", "Huawei Browser"},
                                              {"MiuiBrowser", "Mi Browser"},
                                              {"Edg", "Edge"},
                                              {"OPR/", "Opera"},
                                              {"SamsungBrowser", "Samsung Browser"},
                                              {"Firefox", "Firefox"},
                                              {"Chrome", "Chrome"},
                                              {"Safari", "Safari"},
                                              {"curl", "curl"},
                                              {NULL, NULL}};
    static const struct name_of systems[] = {{"HarmonyOS", "HarmonyOS"},
                                             {"OpenHarmony", "HarmonyOS"},
                                             {"Android", "Android"},
                                             {"iPhone", "iPhone"},
                                             {"iPad", "iPad"},
                                             {"Windows", "Windows"},
                                             {"Mac OS X", "Mac"},
                                             {"Linux", "Linux"},
                                             {NULL, NULL}};
    const char *browser = first_of(browsers, agent), *system_name = first_of(systems, agent);
    if (browser && system_name)
        return arena_printf(cx->arena, "%s, %s", browser, system_name);
    return browser ? browser : system_name ? system_name : "";
}

/* "192.0.2.0/24", "2001:db8:1::/48"; "" when it is no address. */
static const char *client_of(struct cx *cx, struct str address)
{
    uint8_t raw[16];
    char text[INET6_ADDRSTRLEN];
    if (address.len == 0 || address.len >= sizeof text)
        return "";
    const char *z = arena_copy(cx->arena, address);
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    bool six = inet_pton(AF_INET6, z, raw) == 1;
    if (six && memcmp(raw, mapped, sizeof mapped) == 0) {
        memmove(raw, raw + 12, 4);
        six = false;
    } else if (!six && inet_pton(AF_INET, z, raw) != 1) {
        return "";
    }
    if (six)
        memset(raw + 6, 0, 10);
    else
        raw[3] = 0;
    if (!inet_ntop(six ? AF_INET6 : AF_INET, raw, text, sizeof text))
        return "";
    return arena_printf(cx->arena, "%s/%d", text, six ? 48 : 24);
}

static const char *derived(struct cx *cx, const char *purpose, struct str token)
{
    uint8_t hash[HASH_BYTES];
    struct hash_state state;
    hash_begin(&state);
    hash_add(&state, purpose, strlen(purpose) + 1);
    hash_add(&state, token.p, token.len);
    hash_end(&state, hash);
    return hex_of(cx->arena, hash, sizeof hash);
}

/* ---- signing in ---- */

struct opening {
    struct door doors[2]; /* login, client */
    size_t door_count;
    int64_t user_id;
    struct str login;
    const char *token_hash, *device, *client;
};

static enum rc enter_write(struct cx *cx, void *arg)
{
    const struct opening *o = arg;
    return people_door_enter(cx, o->doors, o->door_count);
}

static enum rc open_write(struct cx *cx, void *arg)
{
    const struct opening *o = arg;
    struct user_row row;
    int64_t id;
    /* Between the check of the password and now the user may have been blocked. */
    TRY(people_row_by_id(&row, cx, o->user_id));
    if (row.user.state != USER_ACTIVE)
        return fail(cx, RC_DENIED,
                    _("This account is blocked. Ask an administrator of your area."),
                    "user=%" PRId64, o->user_id);
    if (o->door_count > 0)
        TRY(DB_RUN(cx, &FAILURE_CLEAR, V_T(o->doors[0].key)));
    if (o->door_count > 1)
        TRY(DB_RUN(cx, &FAILURE_TAKE_BACK, V_T(o->doors[1].key)));
    TRY(db_ids(&id, cx, 1));
    TRY(DB_RUN(cx, &SESSION_INSERT, V_I(id), V_I(o->user_id), V_T(o->token_hash),
               V_I(cx->now_at), V_T(o->device), V_T(o->client)));
    TRY(DB_RUN(cx, &SESSION_USER_SEEN, V_I(o->user_id), V_I(cx->now_at)));
    return DB_RUN(cx, &SESSION_FORGET, V_I(cx->now_at - AGE_MAX_S - KEEP_S));
}

static enum rc open_now(const char **token, struct cx *cx, struct opening *o)
{
    const char *fresh = token_new(cx->arena);
    o->token_hash = derived(cx, "session", str_of(fresh));
    TRY(db_write(cx, 0, open_write, o));
    *token = fresh;
    return RC_OK;
}

enum rc session_open(const char **token, struct cx *cx, struct str login, struct str password,
                     struct str client, struct str device)
{
    struct user_row row = {0};
    struct opening o = {.door_count = 1};
    bool fits;
    if (utf8_bad_at(login) < login.len || login.len > 1024)
        login = STR("");
    o.login = people_login(cx, login);
    o.client = client_of(cx, client);
    o.device = device_of(cx, device);
    o.doors[0] = people_door(cx, "login", o.login);
    if (o.client[0])
        o.doors[o.door_count++] = people_door(cx, "client", str_of(o.client));
    TRY(db_write(cx, 0, enter_write, &o));
    enum rc rc = people_row_by_login(&row, cx, o.login);
    if (rc != RC_NOTFOUND)
        TRY(rc);
    TRY(people_check(&fits, cx, row.password, password));
    if (!fits)
        return fail(cx, RC_DENIED, _("The user name or the password is wrong."), "sign in");
    o.user_id = row.user.id;
    return open_now(token, cx, &o);
}

enum rc session_open_for(const char **token, struct cx *cx, int64_t user_id, struct str client,
                         struct str device)
{
    struct opening o = {
        .user_id = user_id, .client = client_of(cx, client), .device = device_of(cx, device)};
    return open_now(token, cx, &o);
}

enum rc session_open_pin(const char **token, struct cx *cx, const struct pin_proof *p,
                         struct str client, struct str device)
{
    struct opening o = {.user_id = p->user_id,
                        .client = client_of(cx, client),
                        .device = device_of(cx, device),
                        .door_count = 1};
    bool fits;
    o.doors[0] = people_door(cx, "thing", p->thing);
    if (o.client[0])
        o.doors[o.door_count++] = people_door(cx, "client", str_of(o.client));
    TRY(db_write(cx, 0, enter_write, &o));
    TRY(people_check(&fits, cx, p->user_id ? p->hash : NULL, p->pin));
    if (!fits)
        return fail(cx, RC_DENIED, _("The card or the PIN is wrong."), "pin");
    return open_now(token, cx, &o);
}

/* ---- finding ---- */

static enum rc signed_out(struct cx *cx)
{
    return fail(cx, RC_DENIED, _("You are not signed in, or your session has ended. Sign in."),
                "session");
}

/* The seven columns are the same in both statements. */
static struct session read_session(struct cx *cx, const struct db_rows *rows)
{
    return (struct session){
        .id = row_i64(rows, SESSION_BY_TOKEN_ID),
        .user_id = row_i64(rows, SESSION_BY_TOKEN_USER_ID),
        .created_at = row_i64(rows, SESSION_BY_TOKEN_CREATED_AT),
        .seen_at = row_i64(rows, SESSION_BY_TOKEN_SEEN_AT),
        .ended_at = row_i64(rows, SESSION_BY_TOKEN_ENDED_AT),
        .device = arena_copy(cx->arena, row_str(rows, SESSION_BY_TOKEN_DEVICE)),
        .client = arena_copy(cx->arena, row_str(rows, SESSION_BY_TOKEN_CLIENT)),
        .csrf = "",
    };
}

/* When a session ends by itself, unless it is used. */
static int64_t lapses_at(const struct session *s)
{
    int64_t idle = s->seen_at + IDLE_MAX_S, age = s->created_at + AGE_MAX_S;
    return idle < age ? idle : age;
}

static enum rc touch_write(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    return DB_RUN(cx, &SESSION_TOUCH, V_I(*id), V_I(cx->now_at));
}

enum rc session_find(struct session *out, const struct actor **actor, struct cx *cx,
                     struct str token)
{
    struct db_rows rows;
    struct user_row row;
    struct actor *found;
    if (token.len != TOKEN_LEN)
        return signed_out(cx);
    const char *hash = derived(cx, "session", token);
    enum rc rc = DB_ONE(&rows, cx, &SESSION_BY_TOKEN, V_T(hash));
    if (rc == RC_NOTFOUND)
        return signed_out(cx);
    TRY(rc);
    struct session s = read_session(cx, &rows);
    TRY(db_done(&rows));
    if (s.ended_at != 0 || lapses_at(&s) <= cx->now_at)
        return signed_out(cx);
    TRY(people_row_by_id(&row, cx, s.user_id));
    if (row.user.state != USER_ACTIVE)
        return signed_out(cx);
    TRY(people_actor(&found, cx, &row.user, s.id));
    if (cx->now_at - s.seen_at >= TOUCH_S) {
        /* A queue that is full must not keep a signed-in person out: touched next time. */
        if (db_write(cx, 0, touch_write, &s.id) == RC_OK)
            s.seen_at = cx->now_at;
        else
            err_clear(cx);
    }
    s.csrf = derived(cx, "csrf", token);
    *out = s;
    *actor = found;
    return RC_OK;
}

enum rc actor_of_user(const struct actor **out, struct cx *cx, int64_t user_id)
{
    struct user_row row;
    struct actor *found;
    if (user_id == 0) {
        *out = NULL;
        return RC_OK;
    }
    enum rc rc = people_row_by_id(&row, cx, user_id);
    if (rc == RC_NOTFOUND)
        return people_no_user(cx);
    TRY(rc);
    if (row.user.state != USER_ACTIVE)
        return fail(cx, RC_DENIED,
                    _("This account is blocked. Ask an administrator of your area."),
                    "user=%" PRId64, user_id);
    TRY(people_actor(&found, cx, &row.user, 0));
    *out = found;
    return RC_OK;
}

/* ---- ending ---- */

enum rc people_end_sessions(struct cx *cx, int64_t user_id, int64_t except_id)
{
    return DB_RUN(cx, &SESSION_FINISH_ALL, V_I(user_id), V_I(except_id), V_I(cx->now_at));
}

enum rc people_throttle_clear(struct cx *cx, struct str login)
{
    struct door door = people_door(cx, "login", login);
    TRY(DB_RUN(cx, &FAILURE_CLEAR, V_T(door.key)));
    door = people_door(cx, "recovery", login);
    return DB_RUN(cx, &FAILURE_CLEAR, V_T(door.key));
}

struct ending {
    int64_t id; /* of the session, or of the user for all */
};

static enum rc no_session(struct cx *cx)
{
    return fail(cx, RC_NOTFOUND, _("There is no such session, or it has ended."), "session");
}

static enum rc end_write(struct cx *cx, void *arg)
{
    const struct ending *e = arg;
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &SESSION_BY_ID, V_I(e->id));
    if (rc == RC_NOTFOUND)
        return no_session(cx);
    TRY(rc);
    int64_t user_id = row_i64(&rows, SESSION_BY_ID_USER_ID);
    bool ended = row_i64(&rows, SESSION_BY_ID_ENDED_AT) != 0;
    TRY(db_done(&rows));
    bool own = cx->actor && cx->actor->user_id == user_id;
    /* To somebody else a session that is not theirs to end does not exist. */
    if (!own && !actor_may(cx, "user.manage"))
        return no_session(cx);
    if (!own)
        TRY(people_require_manage(NULL, cx, user_id, false));
    if (ended)
        return RC_OK;
    TRY(DB_RUN(cx, &SESSION_FINISH, V_I(e->id), V_I(cx->now_at)));
    return own ? RC_OK : people_event(cx, user_id, "session_end", "", 0);
}

enum rc session_end(struct cx *cx, int64_t session_id)
{
    struct ending e = {session_id};
    return db_write(cx, 0, end_write, &e);
}

static enum rc end_all_write(struct cx *cx, void *arg)
{
    const struct ending *e = arg;
    bool own = cx->actor && cx->actor->user_id == e->id;
    if (!own)
        TRY(people_require_manage(NULL, cx, e->id, false));
    TRY(people_end_sessions(cx, e->id, own ? cx->actor->session_id : 0));
    return own ? RC_OK : people_event(cx, e->id, "session_end", "", 0);
}

enum rc session_end_all(struct cx *cx, int64_t user_id)
{
    struct ending e = {user_id};
    return db_write(cx, 0, end_all_write, &e);
}

enum rc session_list(struct session **out, size_t *count, struct cx *cx, int64_t user_id)
{
    struct db_rows rows;
    struct session *list = NULL;
    size_t n = 0, cap = 0;
    bool full = false;
    if (!cx->actor || cx->actor->user_id != user_id)
        TRY(people_require_manage(NULL, cx, user_id, false));
    TRY(DB_SELECT(&rows, cx, &SESSION_OF_USER, V_I(user_id), V_I(cx->now_at - KEEP_S)));
    while (!full && db_next(&rows)) {
        struct session s = read_session(cx, &rows);
        if (s.ended_at == 0 && lapses_at(&s) <= cx->now_at)
            s.ended_at = lapses_at(&s);
        if (s.ended_at != 0 && s.ended_at <= cx->now_at - KEEP_S)
            continue;
        list = people_grow(cx, list, n, &cap, sizeof *list);
        full = !list;
        if (!full)
            list[n++] = s;
    }
    TRY(db_done(&rows));
    if (full)
        return RC_LIMIT;
    *out = list;
    *count = n;
    return RC_OK;
}

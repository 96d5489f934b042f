/* Users: adding, passwords, state, recovery, lists. Grants are in grant.c, sessions in
 * user_session.c. Passwords are hashed before the write closure: the closure must be quick. */
#include "base/crypto.h"
#include "base/text.h"
#include "base/utf8.h"
#include "people/people_inner.h"
#include "people/user.sql.h"

#include <assert.h>

enum {
    LOGIN_MIN = 2,
    LOGIN_MAX = 64,
    NAME_MAX_BYTES = 120,
    USERS_MAX = 2000,
    RECOVERY_VALID_S = 24 * 3600,
};

static bool login_char(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x323AF);
}

static enum rc login_ok(struct cx *cx, struct str login)
{
    struct str rest = login;
    size_t length = 0;
    bool good = utf8_bad_at(login) == login.len;
    while (good && rest.len > 0) {
        good = login_char(utf8_next(&rest));
        length++;
    }
    if (!good || length < LOGIN_MIN || length > LOGIN_MAX)
        return fail_f(cx, RC_INVALID,
                      _("A user name has %d to %d letters: a to z, digits, Chinese characters, "
                        "dot, hyphen and underscore, without blanks."),
                      (int)LOGIN_MIN, (int)LOGIN_MAX);
    return RC_OK;
}

static enum rc name_ok(struct str *out, struct cx *cx, struct str name)
{
    if (utf8_bad_at(name) < name.len)
        return fail(cx, RC_INVALID, _("The name holds characters that cannot be read."),
                    "not utf-8");
    struct str n = str_trim(utf8_normal(cx, name, false));
    if (n.len == 0 || n.len > NAME_MAX_BYTES)
        return fail(cx, RC_INVALID,
                    _("Give the person's name, at most 40 Chinese characters or 120 letters."),
                    "len=%zu", n.len);
    *out = n;
    return RC_OK;
}

struct change {
    int64_t id;
    struct str login, name;
    const char *hash;
    bool must_change;
    enum user_state state;
    enum lang lang;
    int64_t except_session;
    const char *code_hash;
};

static enum rc add_write(struct cx *cx, void *arg)
{
    struct change *c = arg;
    TRY(db_ids(&c->id, cx, 1));
    enum rc rc =
        DB_RUN(cx, &USER_INSERT, V_I(c->id), V_S(c->login), V_S(c->name), V_I(cx->lang),
               V_T(c->hash), V_I(c->must_change), V_I(people_self(cx)), V_I(cx->now_at));
    if (rc == RC_CONFLICT)
        return fail(cx, RC_CONFLICT, _("This user name is taken. Choose another."), "login");
    TRY(rc);
    return people_event(cx, c->id, "add", "", 0);
}

enum rc user_add(int64_t *id, struct cx *cx, struct str login, struct str name,
                 struct str password, bool must_change)
{
    struct change c = {.must_change = must_change};
    TRY(actor_require(cx, "user.manage"));
    if (utf8_bad_at(login) < login.len)
        login = STR("");
    c.login = people_login(cx, login);
    TRY(login_ok(cx, c.login));
    TRY(name_ok(&c.name, cx, name));
    TRY(user_password_ok(cx, c.login, password));
    TRY(people_hash(&c.hash, cx, password));
    TRY(db_write(cx, 0, add_write, &c));
    *id = c.id;
    return RC_OK;
}

/* ---- passwords ---- */

static enum rc password_write(struct cx *cx, void *arg)
{
    struct change *c = arg;
    TRY(DB_RUN(cx, &USER_UPDATE_PASSWORD, V_I(c->id), V_T(c->hash), V_I(c->must_change)));
    TRY(DB_RUN(cx, &RECOVERY_DELETE, V_I(c->id)));
    TRY(people_end_sessions(cx, c->id, c->except_session));
    TRY(people_throttle_clear(cx, c->login));
    return people_event(cx, c->id, "password", "", 0);
}

static enum rc set_password_write(struct cx *cx, void *arg)
{
    struct change *c = arg;
    TRY(people_require_manage(NULL, cx, c->id, true));
    return password_write(cx, arg);
}

enum rc user_set_password(struct cx *cx, int64_t id, struct str password, bool must_change)
{
    struct user_row row;
    TRY(people_require_manage(&row, cx, id, true));
    struct change c = {.id = id, .login = str_of(row.user.login), .must_change = must_change};
    TRY(user_password_ok(cx, c.login, password));
    TRY(people_hash(&c.hash, cx, password));
    return db_write(cx, 0, set_password_write, &c);
}

struct attempt {
    struct door door;
};

static enum rc attempt_write(struct cx *cx, void *arg)
{
    struct attempt *a = arg;
    return people_door_enter(cx, &a->door, 1);
}

enum rc user_change_password(struct cx *cx, struct str old_password, struct str new_password)
{
    struct user_row row;
    bool ok;
    if (!cx->actor)
        return fail(cx, RC_INVALID, _("Sign in first."), "no actor");
    TRY(people_row_by_id(&row, cx, cx->actor->user_id));
    struct change c = {.id = row.user.id,
                       .login = str_of(row.user.login),
                       .except_session = cx->actor->session_id};
    TRY(user_password_ok(cx, c.login, new_password));
    if (str_eq(old_password, new_password))
        return fail(cx, RC_INVALID, _("The new password is the old one. Choose another."),
                    "same");
    struct attempt a = {.door = people_door(cx, "login", c.login)};
    TRY(db_write(cx, 0, attempt_write, &a));
    TRY(people_check(&ok, cx, row.password, old_password));
    if (!ok)
        return fail(cx, RC_DENIED, _("The old password is wrong."), "user=%" PRId64,
                    row.user.id);
    TRY(people_hash(&c.hash, cx, new_password));
    return db_write(cx, 0, password_write, &c);
}

/* ---- state, name, language ---- */

static enum rc state_write(struct cx *cx, void *arg)
{
    struct change *c = arg;
    struct user_row row;
    TRY(people_require_manage(&row, cx, c->id, false));
    if (row.user.state == c->state)
        return RC_OK;
    if (c->state == USER_BLOCKED) {
        if (c->id == people_self(cx))
            return fail(cx, RC_INVALID, _("You cannot block yourself."), "self");
        TRY(people_keep_admin(cx, c->id, NULL, 0));
        TRY(people_end_sessions(cx, c->id, 0));
        TRY(DB_RUN(cx, &RECOVERY_DELETE, V_I(c->id)));
    }
    TRY(DB_RUN(cx, &USER_UPDATE_STATE, V_I(c->id), V_I(c->state)));
    return people_event(cx, c->id, c->state == USER_BLOCKED ? "block" : "unblock", "", 0);
}

enum rc user_set_state(struct cx *cx, int64_t id, enum user_state state)
{
    assert(state == USER_ACTIVE || state == USER_BLOCKED);
    struct change c = {.id = id, .state = state};
    return db_write(cx, 0, state_write, &c);
}

static enum rc name_write(struct cx *cx, void *arg)
{
    struct change *c = arg;
    TRY(people_require_manage(NULL, cx, c->id, false));
    TRY(DB_RUN(cx, &USER_UPDATE_NAME, V_I(c->id), V_S(c->name)));
    return people_event(cx, c->id, "name", "", 0);
}

enum rc user_rename(struct cx *cx, int64_t id, struct str name)
{
    struct change c = {.id = id};
    TRY(name_ok(&c.name, cx, name));
    return db_write(cx, 0, name_write, &c);
}

static enum rc lang_write(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    return DB_RUN(cx, &USER_UPDATE_LANG, V_I(c->id), V_I(c->lang));
}

enum rc user_set_lang(struct cx *cx, enum lang lang)
{
    struct change c = {.id = people_self(cx), .lang = lang};
    return c.id == 0 ? RC_OK : db_write(cx, 0, lang_write, &c);
}

/* ---- reading ---- */

enum rc user_get(struct user *out, struct cx *cx, int64_t id)
{
    struct user_row row;
    if (cx->actor && id == cx->actor->user_id) {
        enum rc rc = people_row_by_id(&row, cx, id);
        if (rc == RC_NOTFOUND)
            return people_no_user(cx);
        TRY(rc);
    } else {
        TRY(people_require_manage(&row, cx, id, false));
    }
    *out = row.user;
    return RC_OK;
}

enum rc user_by_login(struct user *out, struct cx *cx, struct str login)
{
    struct user_row row;
    if (utf8_bad_at(login) < login.len)
        return people_no_user(cx);
    enum rc rc = people_row_by_login(&row, cx, login);
    if (rc == RC_NOTFOUND)
        return people_no_user(cx);
    TRY(rc);
    return user_get(out, cx, row.user.id);
}

const char *user_name(struct cx *cx, int64_t id)
{
    struct user_row row;
    if (id == 0)
        return _("the system");
    if (people_row_by_id(&row, cx, id) != RC_OK)
        return "";
    return row.user.name;
}

/* One user with its grants, while the joined rows are read. */
struct collected {
    struct user user;
    int64_t keeper_id;
    struct grant *grants;
    size_t grant_count, grant_cap;
};

static bool matches(struct cx *cx, const struct user *u, struct str needle)
{
    if (needle.len == 0 || str_find(utf8_fold(cx, str_of(u->login)), needle) != SIZE_MAX ||
        str_find(utf8_fold(cx, str_of(u->name)), needle) != SIZE_MAX)
        return true;
    return str_find(utf8_pinyin(cx, str_of(u->name)), needle) != SIZE_MAX;
}

static enum rc add_grant(struct cx *cx, struct collected *at, struct db_rows *rows)
{
    if (row_null(rows, USER_PAGE_ROLE))
        return RC_OK;
    at->grants =
        people_grow(cx, at->grants, at->grant_count, &at->grant_cap, sizeof *at->grants);
    if (!at->grants)
        return RC_LIMIT;
    int64_t area_id = row_i64(rows, USER_PAGE_AREA_ID);
    bool missing = area_id != 0 && row_null(rows, USER_PAGE_PATH);
    at->grants[at->grant_count++] = (struct grant){
        .role = arena_copy(cx->arena, row_str(rows, USER_PAGE_ROLE)),
        .area_id = area_id,
        .county = row_i64(rows, USER_PAGE_COUNTY),
        .area_path = area_id == 0 ? ""
                     : missing    ? "?"
                                  : arena_copy(cx->arena, row_str(rows, USER_PAGE_PATH))};
    return RC_OK;
}

static struct user read_user(struct cx *cx, struct db_rows *rows)
{
    return (struct user){.id = row_i64(rows, USER_PAGE_ID),
                         .login = arena_copy(cx->arena, row_str(rows, USER_PAGE_LOGIN)),
                         .name = arena_copy(cx->arena, row_str(rows, USER_PAGE_NAME)),
                         .state = (enum user_state)row_i64(rows, USER_PAGE_STATE),
                         .lang = (enum lang)row_i64(rows, USER_PAGE_LANG),
                         .created_at = row_i64(rows, USER_PAGE_CREATED_AT),
                         .signed_in_at = row_i64(rows, USER_PAGE_SIGNED_IN_AT),
                         .must_change_password = row_i64(rows, USER_PAGE_MUST_CHANGE) != 0};
}

struct listing {
    struct user *users;
    size_t count, cap;
    struct str needle;
};

static enum rc list_one(struct cx *cx, struct listing *l, const struct collected *c)
{
    if (c->user.id == 0 || l->count >= USERS_MAX ||
        !people_may_manage(cx, c->grants, c->grant_count, c->keeper_id, false) ||
        !matches(cx, &c->user, l->needle))
        return RC_OK;
    l->users = people_grow(cx, l->users, l->count, &l->cap, sizeof *l->users);
    if (!l->users)
        return RC_LIMIT;
    l->users[l->count++] = c->user;
    return RC_OK;
}

enum rc user_list(struct user **out, size_t *count, struct cx *cx, struct str search)
{
    TRY(actor_require(cx, "user.manage"));
    bool readable = utf8_bad_at(search) == search.len;
    struct listing l = {.needle = readable ? utf8_fold(cx, str_trim(search)) : STR("\x01")};
    struct collected at = {0};
    struct db_rows rows;
    enum rc rc = RC_OK;
    TRY(DB_SELECT(&rows, cx, &USER_PAGE, V_T("")));
    while (rc == RC_OK && l.count < USERS_MAX && db_next(&rows)) {
        if (row_i64(&rows, USER_PAGE_ID) != at.user.id) {
            rc = list_one(cx, &l, &at);
            at = (struct collected){.user = read_user(cx, &rows),
                                    .keeper_id = row_i64(&rows, USER_PAGE_KEEPER_ID)};
        }
        if (rc == RC_OK)
            rc = add_grant(cx, &at, &rows);
    }
    enum rc done = db_done(&rows);
    TRY(rc);
    TRY(done);
    TRY(list_one(cx, &l, &at));
    *out = l.users;
    *count = l.count;
    return RC_OK;
}

/* ---- recovery ---- */

/* 20 of 30 letters = 98 bits; without 0, 1, i, l, o, u, which are misread. */
static const char *code_new(struct cx *cx)
{
    static const char letters[] = "23456789abcdefghjkmnpqrstvwxyz";
    uint8_t random[20];
    char out[25];
    size_t at = 0;
    _Static_assert(sizeof letters - 1 == 30, "letters");
    for (size_t i = 0; i < sizeof random; i++) {
        do {
            crypto_random(&random[i], 1);
            random[i] &= 31;
        } while (random[i] >= 30); /* no bias: 30 letters are used */
        if (i > 0 && i % 4 == 0)
            out[at++] = '-';
        out[at++] = letters[random[i]];
    }
    out[at] = '\0';
    return arena_copy(cx->arena, (struct str){out, at});
}

/* Hash of a code as typed: case, blanks and hyphens do not matter. */
static const char *code_hash(struct cx *cx, struct str code)
{
    uint8_t hash[HASH_BYTES];
    struct hash_state state;
    hash_begin(&state);
    hash_add(&state, "recovery", sizeof "recovery");
    for (size_t i = 0; i < code.len && i < 64; i++) {
        char c = code.p[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        if (c != '-' && c != ' ')
            hash_add(&state, &c, 1);
    }
    hash_end(&state, hash);
    return hex_of(cx->arena, hash, sizeof hash);
}

static enum rc recovery_new_write(struct cx *cx, void *arg)
{
    const struct change *c = arg;
    struct user_row row;
    TRY(people_require_manage(&row, cx, c->id, true));
    if (row.user.state == USER_BLOCKED)
        return fail(cx, RC_INVALID, _("This user is blocked. Unblock the user first."),
                    "blocked");
    TRY(DB_RUN(cx, &RECOVERY_PUT, V_I(c->id), V_T(c->code_hash), V_I(cx->now_at),
               V_I(cx->now_at + RECOVERY_VALID_S)));
    return people_event(cx, c->id, "recovery", "", 0);
}

enum rc user_recovery_new(const char **code, struct cx *cx, int64_t id)
{
    const char *fresh = code_new(cx);
    struct change c = {.id = id, .code_hash = code_hash(cx, str_of(fresh))};
    TRY(db_write(cx, 0, recovery_new_write, &c));
    *code = fresh;
    return RC_OK;
}

static enum rc recovery_known(struct cx *cx, const struct change *c)
{
    struct db_rows rows;
    enum rc rc = c->id == 0 ? RC_NOTFOUND
                            : DB_ONE(&rows, cx, &RECOVERY_KNOWN, V_I(c->id), V_T(c->code_hash),
                                     V_I(cx->now_at));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_DENIED,
                    _("User name and code do not fit together, or the code is older than 24 "
                      "hours or was used. Ask your administrator for a new one."),
                    "recovery");
    TRY(rc);
    return db_done(&rows);
}

static enum rc recovery_use_write(struct cx *cx, void *arg)
{
    TRY(recovery_known(cx, arg));
    return password_write(cx, arg);
}

enum rc user_recovery_use(struct cx *cx, struct str login, struct str code, struct str password)
{
    struct user_row row = {0};
    if (utf8_bad_at(login) < login.len)
        login = STR("");
    struct change c = {.login = people_login(cx, login), .code_hash = code_hash(cx, code)};
    TRY(user_password_ok(cx, c.login, password));
    struct attempt a = {.door = people_door(cx, "recovery", c.login)};
    TRY(db_write(cx, 0, attempt_write, &a));
    enum rc rc = people_row_by_login(&row, cx, login);
    if (rc != RC_NOTFOUND)
        TRY(rc);
    c.id = row.user.id;
    TRY(recovery_known(cx, &c));
    TRY(people_hash(&c.hash, cx, password));
    return db_write(cx, 0, recovery_use_write, &c);
}

/* Helpers: people, with or without an account, who stand by households. Pairs are pairing.c. */
#include "base/text.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "people/helper.sql.h"
#include "people/org.sql.h"
#include "people/org_inner.h"

#include <assert.h>

static const char phone_context[] = "helper.phone";

/* ---- reading ---- */

static enum rc no_helper(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such helper, or not for you to see."),
                "helper=%" PRId64, id);
}

static enum rc open_phone(struct str *out, struct cx *cx, struct str sealed)
{
    uint8_t key[KEY_BYTES];
    *out = STR("");
    if (!sealed.len)
        return RC_OK;
    assert(cx->vault);
    vault_key(key, cx->vault, "people.contact", true);
    return unseal(out, cx, key, sealed, phone_context);
}

/* "138****0001": the first three and last four of a long enough number. */
static const char *phone_mask(struct cx *cx, struct str plain)
{
    size_t first = plain.len >= 11 ? 3 : 0, last = plain.len >= 11 ? 4 : plain.len / 4;
    char *out = arena_new(cx->arena, plain.len + 1);
    for (size_t i = 0; i < plain.len; i++)
        out[i] = i < first || i >= plain.len - last ? plain.p[i] : '*';
    return out;
}

/* A helper with what its rights hang on: the path of its organisation's area. */
struct helper_row {
    struct helper h;
    const char *path;
    struct str sealed;
};

/* Both statements have the same columns. */
static enum rc read_row(struct helper_row *out, struct db_rows *r)
{
    struct cx *cx = r->cx;
    struct helper_row row = {
        .h = {.county = row_i64(r, HELPER_ONE_COUNTY),
              .id = row_i64(r, HELPER_ONE_ID),
              .user_id = row_i64(r, HELPER_ONE_USER_ID),
              .org_id = row_i64(r, HELPER_ONE_ORG_ID),
              .name = row_copy(r, HELPER_ONE_NAME).p,
              .title = row_copy(r, HELPER_ONE_TITLE).p,
              .from_day = (int32_t)row_i64(r, HELPER_ONE_FROM_DAY),
              .to_day = (int32_t)row_i64(r, HELPER_ONE_TO_DAY),
              .household_count = row_i64(r, HELPER_ONE_HOUSEHOLD_COUNT)},
        .path = row_null(r, HELPER_ONE_AREA_PATH) ? "?" : row_copy(r, HELPER_ONE_AREA_PATH).p,
        .sealed = row_copy(r, HELPER_ONE_PHONE)};
    struct str phone;
    TRY(open_phone(&phone, cx, row.sealed));
    row.h.phone = phone_mask(cx, phone);
    *out = row;
    return RC_OK;
}

static enum rc load(struct helper_row *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &HELPER_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_helper(cx, id);
    TRY(rc);
    rc = read_row(out, &rows);
    enum rc done = db_done(&rows);
    TRY(rc);
    TRY(done);
    return org_may_look(cx, str_of(out->path)) ? RC_OK : no_helper(cx, id);
}

enum rc helper_get(struct helper *out, struct cx *cx, int64_t id)
{
    struct helper_row row;
    TRY(load(&row, cx, id));
    *out = row.h;
    return RC_OK;
}

enum rc helper_phone(const char **out, struct cx *cx, int64_t id)
{
    struct helper_row row;
    struct str plain;
    TRY(load(&row, cx, id));
    TRY(actor_require_in(cx, "household.reveal", str_of(row.path)));
    TRY(open_phone(&plain, cx, row.sealed));
    *out = arena_copy(cx->arena, plain);
    return RC_OK;
}

enum rc helper_list(struct helper **out, size_t *count, struct cx *cx, int64_t county,
                    struct str search, int64_t after, size_t max)
{
    struct db_rows rows;
    struct helper *list = arena_array(cx->arena, max + 1, sizeof *list);
    size_t n = 0;
    enum rc rc = RC_OK;
    if (!list)
        return fail(cx, RC_LIMIT, _("The list is too long to be shown at once."), "max=%zu",
                    max);
    TRY(DB_SELECT(&rows, cx, &HELPER_PAGE, V_I(county), V_S(people_needle(cx, search)),
                  V_I(after), V_I(max)));
    while (rc == RC_OK && n < max && db_next(&rows)) {
        struct helper_row row;
        rc = read_row(&row, &rows);
        if (rc == RC_OK && org_may_look(cx, str_of(row.path)))
            list[n++] = row.h;
    }
    enum rc done = db_done(&rows);
    TRY(rc);
    TRY(done);
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc helper_of_user(int64_t *id, struct cx *cx, int64_t user_id)
{
    struct db_rows rows;
    *id = 0;
    enum rc rc = DB_ONE(&rows, cx, &HELPER_USER, V_I(user_id));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *id = row_i64(&rows, HELPER_USER_ID);
    return db_done(&rows);
}

/* ---- writing ---- */

struct saving {
    struct helper h;
    const char *key;
    struct str phone; /* sealed */
    bool sets_phone;
};

/* Digits, blanks, + and -; 5 to 20 of them. */
static enum rc phone_ok(struct str *out, struct cx *cx, const char *typed)
{
    struct str s = str_trim(str_of(typed));
    if (utf8_bad_at(s) == s.len)
        s = str_trim(utf8_normal(cx, s, true));
    bool good = s.len == 0 || (s.len >= 5 && s.len <= 20);
    for (size_t i = 0; good && i < s.len; i++)
        good = (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == ' ' || s.p[i] == '-' ||
               (s.p[i] == '+' && i == 0);
    if (!good)
        return fail(cx, RC_INVALID,
                    _("Phone: 5 to 20 digits, with blanks or hyphens if you like."), "phone");
    *out = s;
    return RC_OK;
}

static enum rc saving_fill(struct saving *s, struct cx *cx, const struct helper *h)
{
    struct org o;
    struct str phone;
    uint8_t key[KEY_BYTES];
    *s = (struct saving){.h = *h, .sets_phone = h->phone != NULL};
    TRY(org_load_managed(&o, cx, h->org_id));
    s->h.county = o.county;
    TRY(people_text(&s->h.name, cx, h->name, _("Name"), false));
    TRY(people_text(&s->h.title, cx, h->title, _("Title"), true));
    TRY(phone_ok(&phone, cx, h->phone));
    s->key = people_key(cx, s->h.name);
    if (phone.len) {
        assert(cx->vault);
        vault_key(key, cx->vault, "people.contact", true);
        s->phone = seal(cx->arena, key, phone, phone_context);
    }
    if (!s->h.from_day)
        s->h.from_day = people_today(cx);
    if (s->h.from_day < 1 || s->h.from_day > DAY_LATEST)
        return fail(cx, RC_INVALID, _("This is not a day: write it as 2026-11-23."), "from");
    return RC_OK;
}

static struct db_arg blob_or_null(struct str s)
{
    return s.len ? V_B(s.p, s.len) : V_NULL;
}

static enum rc user_free(struct cx *cx, const struct helper *h)
{
    struct user_row user;
    int64_t other;
    if (!h->user_id)
        return RC_OK;
    enum rc rc = people_row_by_id(&user, cx, h->user_id);
    if (rc == RC_NOTFOUND)
        return people_no_user(cx);
    TRY(rc);
    TRY(helper_of_user(&other, cx, h->user_id));
    if (other && other != h->id)
        return fail(cx, RC_CONFLICT, _("This account is a helper's already."),
                    "helper=%" PRId64, other);
    return RC_OK;
}

static enum rc add_write(struct cx *cx, void *arg)
{
    struct saving *s = arg;
    TRY(user_free(cx, &s->h));
    TRY(db_ids(&s->h.id, cx, 1));
    return DB_RUN(cx, &HELPER_INSERT, V_I(s->h.county), V_I(s->h.id), V_I(s->h.user_id),
                  V_I(s->h.org_id), V_T(s->h.name), V_T(s->key), V_T(s->h.title),
                  blob_or_null(s->phone), V_I(s->h.from_day));
}

enum rc helper_add(int64_t *id, struct cx *cx, const struct helper *h)
{
    struct saving s;
    TRY(saving_fill(&s, cx, h));
    s.h.id = 0;
    TRY(db_write(cx, s.h.county, add_write, &s));
    *id = s.h.id;
    return RC_OK;
}

static enum rc set_write(struct cx *cx, void *arg)
{
    const struct saving *s = arg;
    int64_t changed;
    TRY(user_free(cx, &s->h));
    TRY(DB_RUN_COUNT(&changed, cx, &HELPER_UPDATE, V_I(s->h.id), V_I(s->h.user_id),
                     V_I(s->h.org_id), V_T(s->h.name), V_T(s->key), V_T(s->h.title)));
    if (!changed)
        return fail(cx, RC_CONFLICT, _("This helper has left."), "helper=%" PRId64, s->h.id);
    return s->sets_phone
               ? DB_RUN(cx, &HELPER_UPDATE_PHONE, V_I(s->h.id), blob_or_null(s->phone))
               : RC_OK;
}

/* The helper, when the actor may manage helpers where its organisation works. */
static enum rc load_managed(struct helper_row *out, struct cx *cx, int64_t id)
{
    TRY(load(out, cx, id));
    return actor_require_in(cx, "org.manage", str_of(out->path));
}

enum rc helper_set(struct cx *cx, const struct helper *h)
{
    struct helper_row now;
    struct saving s;
    TRY(load_managed(&now, cx, h->id));
    TRY(saving_fill(&s, cx, h));
    if (s.h.county != now.h.county)
        return fail(cx, RC_INVALID, _("A helper cannot move to another county."),
                    "helper=%" PRId64, h->id);
    return db_write(cx, now.h.county, set_write, &s);
}

/* ---- leaving ---- */

struct leaving {
    int64_t county, id;
    int32_t to_day;
    struct arena *arena; /* the caller's: the writer's ends with the closure */
    int64_t *left;
    size_t count;
};

static enum rc leave_write(struct cx *cx, void *arg)
{
    struct leaving *l = arg;
    struct db_rows rows;
    int64_t changed;
    struct user_set found = {0};
    size_t cap = 0;
    bool full = false;
    TRY(DB_SELECT(&rows, cx, &PAIR_ONLY, V_I(l->county), V_I(l->id)));
    while (!full && db_next(&rows)) {
        found.ids = people_grow(cx, found.ids, found.count, &cap, sizeof *found.ids);
        full = !found.ids;
        if (!full)
            found.ids[found.count++] = row_i64(&rows, 0);
    }
    TRY(db_done(&rows));
    if (full)
        return RC_LIMIT;
    TRY(DB_RUN_COUNT(&changed, cx, &HELPER_CLOSE, V_I(l->id), V_I(l->to_day)));
    if (!changed)
        return fail(cx, RC_CONFLICT, _("This helper has left."), "helper=%" PRId64, l->id);
    TRY(DB_RUN(cx, &PAIR_CLOSE_HELPER, V_I(l->county), V_I(l->id), V_I(l->to_day)));
    l->left = arena_new(l->arena, (found.count + 1) * sizeof *l->left);
    if (found.count)
        memcpy(l->left, found.ids, found.count * sizeof *l->left);
    l->count = found.count;
    return RC_OK;
}

enum rc helper_close_all(int64_t **left, size_t *count, struct cx *cx, int64_t helper_id,
                         int32_t to_day)
{
    struct helper_row row;
    TRY(load(&row, cx, helper_id));
    if (to_day > people_today(cx) || to_day < row.h.from_day - 1)
        return fail(cx, RC_INVALID,
                    _("The last day lies between the first one and today: who goes later is "
                      "ended then."),
                    "to=%d", to_day);
    struct leaving l = {
        .county = row.h.county, .id = helper_id, .to_day = to_day, .arena = cx->arena};
    TRY(db_write(cx, row.h.county, leave_write, &l));
    *left = l.left;
    *count = l.count;
    return RC_OK;
}

enum rc helper_end(int64_t **left, size_t *count, struct cx *cx, int64_t id, int32_t to_day)
{
    struct helper_row row;
    TRY(load_managed(&row, cx, id));
    return helper_close_all(left, count, cx, id, to_day);
}

/* Sellers: as the office tells of them, sealed at rest. See shop.h. */
#include "shop/shop_inner.h"

#include "base/crypto.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "people/actor.h"
#include "shop/shop.sql.h"
#include "work/place.h"

#include <assert.h>
#include <string.h>

enum { SELLERS_MAX = 2000, COUNTIES_MAX = 16 };

/* ---- what is sealed ---- */

static const char *const contexts[] = {"seller.name", "seller.phone", "seller.account"};

static void seller_key(uint8_t key[KEY_BYTES], const struct cx *cx)
{
    assert(cx->vault);
    vault_key(key, cx->vault, "market.seller", true);
}

static const char *context_of(struct cx *cx, int which, int64_t id)
{
    return arena_printf(cx->arena, "%s.%" PRId64, contexts[which], id);
}

static struct db_arg seal_text(struct cx *cx, int which, int64_t id, const char *text)
{
    uint8_t key[KEY_BYTES];
    seller_key(key, cx);
    struct str sealed =
        seal(cx->arena, key, str_of(text ? text : ""), context_of(cx, which, id));
    return V_B(sealed.p, sealed.len);
}

static enum rc open_text(const char **out, struct cx *cx, int which, int64_t id,
                         struct str sealed)
{
    uint8_t key[KEY_BYTES];
    struct str plain;
    *out = "";
    if (!sealed.len)
        return RC_OK;
    seller_key(key, cx);
    TRY(unseal(&plain, cx, key, sealed, context_of(cx, which, id)));
    *out = arena_copy(cx->arena, plain);
    return RC_OK;
}

/* ---- rows ---- */

struct sealed_row {
    struct seller s;
    struct str sealed[3];
};

/* The columns of the three statements are the same. */
static struct sealed_row read_row(const struct db_rows *r)
{
    struct str path = row_copy(r, SELLER_ONE_PATH);
    return (struct sealed_row){.s = {.county = row_i64(r, SELLER_ONE_COUNTY),
                                     .id = row_i64(r, SELLER_ONE_ID),
                                     .kind = (enum seller_kind)row_i64(r, SELLER_ONE_KIND),
                                     .area_id = row_i64(r, SELLER_ONE_AREA_ID),
                                     .area_path = path.p ? path.p : "?",
                                     .alias = row_copy(r, SELLER_ONE_ALIAS).p,
                                     .user_id = row_i64(r, SELLER_ONE_USER_ID),
                                     .shop_id = row_i64(r, SELLER_ONE_SHOP_ID),
                                     .consent_day = (int32_t)row_i64(r, SELLER_ONE_CONSENT_DAY),
                                     .assist_day = (int32_t)row_i64(r, SELLER_ONE_ASSIST_DAY),
                                     .story_day = (int32_t)row_i64(r, SELLER_ONE_STORY_DAY),
                                     .state = (enum seller_state)row_i64(r, SELLER_ONE_STATE),
                                     .version = (int32_t)row_i64(r, SELLER_ONE_VERSION),
                                     .created_at = row_i64(r, SELLER_ONE_CREATED_AT)},
                               .sealed = {row_copy(r, SELLER_ONE_NAME),
                                          row_copy(r, SELLER_ONE_PHONE),
                                          row_copy(r, SELLER_ONE_ACCOUNT)}};
}

static enum rc open_row(struct seller *out, struct cx *cx, const struct sealed_row *row)
{
    *out = row->s;
    TRY(open_text(&out->name, cx, 0, out->id, row->sealed[0]));
    TRY(open_text(&out->phone, cx, 1, out->id, row->sealed[1]));
    return open_text(&out->account, cx, 2, out->id, row->sealed[2]);
}

enum rc seller_set(struct cx *cx, const struct seller *s)
{
    if (s->id <= 0 || s->kind < SELLER_HOUSEHOLD || s->kind > SELLER_STATION || !s->alias ||
        !s->alias[0] || !s->name || !s->name[0] || s->state < SELLER_ACTIVE ||
        s->state > SELLER_ENDED)
        return fail(cx, RC_INVALID, _("This seller is not complete."), "seller=%" PRId64,
                    s->id);
    return DB_RUN(cx, &SELLER_PUT, V_I(s->county), V_I(s->id), V_I(s->kind), V_I(s->area_id),
                  V_T(s->alias), seal_text(cx, 0, s->id, s->name),
                  seal_text(cx, 1, s->id, s->phone), seal_text(cx, 2, s->id, s->account),
                  V_I(s->user_id), V_I(s->consent_day), V_I(s->assist_day), V_I(s->story_day),
                  V_I(s->state), V_I(cx->now_at));
}

/* ---- who may ---- */

static bool may_work_for(const struct cx *cx, const struct seller *s)
{
    struct str path = str_of(s->area_path);
    if (!cx->actor)
        return true;
    return (s->user_id && cx->actor->user_id == s->user_id) ||
           (s->assist_day && actor_may_in(cx, "shop.assist", path)) ||
           actor_may_in(cx, "shop.manage", path);
}

static enum rc no_seller(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such seller, or not for you to see."),
                "seller=%" PRId64, id);
}

enum rc seller_get(struct seller *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &SELLER_ONE, V_I(county), V_I(id));
    if (rc == RC_NOTFOUND)
        return no_seller(cx, id);
    TRY(rc);
    struct sealed_row row = read_row(&rows);
    TRY(db_done(&rows));
    return may_work_for(cx, &row.s) ? open_row(out, cx, &row) : no_seller(cx, id);
}

enum rc seller_of_actor(struct seller *out, struct cx *cx)
{
    struct db_rows rows;
    if (!cx->actor)
        return RC_NOTFOUND;
    TRY(DB_ONE(&rows, cx, &SELLER_OF_USER, V_I(cx->actor->user_id)));
    struct sealed_row row = read_row(&rows);
    TRY(db_done(&rows));
    return open_row(out, cx, &row);
}

static enum rc add_under(struct seller **list, size_t *n, struct cx *cx, int64_t county,
                         const char *path, struct str search)
{
    struct db_rows rows;
    struct sealed_row *found = arena_new(cx->arena, SELLERS_MAX * sizeof *found);
    size_t count = 0;
    TRY(DB_SELECT(&rows, cx, &SELLER_UNDER, V_I(county), V_T(path),
                  V_T(place_path_end(cx, path)), V_I(0), V_I(SELLERS_MAX)));
    while (count < SELLERS_MAX && db_next(&rows))
        found[count++] = read_row(&rows);
    TRY(db_done(&rows));
    for (size_t i = 0; i < count && *n < SELLERS_MAX; i++) {
        struct seller s;
        if (!may_work_for(cx, &found[i].s))
            continue;
        TRY(open_row(&s, cx, &found[i]));
        if (!search.len || str_find(str_of(s.name), search) != SIZE_MAX)
            (*list)[(*n)++] = s;
    }
    return RC_OK;
}

enum rc seller_list(struct seller **out, size_t *count, struct cx *cx, int64_t county,
                    struct str search, size_t max)
{
    static const char *const rights[] = {"shop.manage", "shop.assist"};
    struct seller *list = arena_new(cx->arena, SELLERS_MAX * sizeof *list);
    size_t n = 0;
    bool all = !cx->actor;
    if (all)
        TRY(add_under(&list, &n, cx, county, "", search));
    for (size_t r = 0; !all && !n && r < 2; r++) {
        const char *const *paths;
        size_t path_count;
        TRY(actor_paths(&paths, &path_count, cx, rights[r]));
        for (size_t i = 0; i < path_count; i++)
            TRY(add_under(&list, &n, cx, county, paths[i], search));
    }
    *out = list;
    *count = n < max ? n : max;
    return RC_OK;
}

/* Counties of the actor's grants, each once. */
static size_t counties_of(int64_t *out, size_t max, const struct cx *cx)
{
    size_t n = 0;
    for (size_t i = 0; cx->actor && i < cx->actor->grant_count; i++) {
        bool seen = !cx->actor->grants[i].county;
        for (size_t k = 0; k < n && !seen; k++)
            seen = out[k] == cx->actor->grants[i].county;
        if (!seen && n < max)
            out[n++] = cx->actor->grants[i].county;
    }
    return n;
}

enum rc seller_mine(struct seller **out, size_t *count, struct cx *cx, struct str search,
                    size_t max)
{
    int64_t counties[COUNTIES_MAX], own = 0;
    size_t county_count = counties_of(counties, COUNTIES_MAX, cx), n = 0;
    struct seller *list = arena_new(cx->arena, (max + 1) * sizeof *list);
    enum rc rc = seller_of_actor(&list[0], cx);
    if (rc == RC_OK && (!search.len || str_find(str_of(list[0].name), search) != SIZE_MAX))
        own = list[n++].id;
    else if (rc != RC_OK && rc != RC_NOTFOUND)
        return rc;
    for (size_t c = 0; c < county_count; c++) {
        struct seller *found;
        size_t found_count;
        TRY(seller_list(&found, &found_count, cx, counties[c], search, max));
        for (size_t i = 0; i < found_count && n < max; i++)
            if (found[i].id != own)
                list[n++] = found[i];
    }
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc seller_act_add(struct cx *cx, int64_t county, int64_t seller_id, const char *what,
                       const char *detail, int64_t thing_id)
{
    int64_t id;
    TRY(db_ids(&id, cx, 1));
    return DB_RUN(cx, &SELLER_ACT_INSERT, V_I(county), V_I(id), V_I(seller_id),
                  V_I(cx->actor ? cx->actor->user_id : 0), V_T(what), V_T(detail),
                  V_I(thing_id), V_I(cx->now_at));
}

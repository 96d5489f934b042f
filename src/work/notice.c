/* Notices as rows: what somebody is told, and reading them. How they go out is notice_send.c.
 */
#include "work/notice.h"

#include "db/db.h"
#include "people/actor.h"
#include "work/notice.sql.h"

#include <assert.h>
#include <string.h>

enum { LIST_MAX = 200, COUNT_MAX = 1000, READ_CHUNK = 2000, KEY_MAX = 200 };

/* ---- texts ---- */

struct both both_f(struct cx *cx, const char *n_format, ...)
{
    struct both b;
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        va_list ap;
        va_start(ap, n_format);
        b.in[lang] = arena_vprintf(cx->arena, text_in((enum lang)lang, n_format), ap);
        va_end(ap);
    }
    return b;
}

struct both both_of(struct label label)
{
    struct both b;
    for (int lang = 0; lang < LANG_COUNT; lang++)
        b.in[lang] = label.in[lang];
    return b;
}

struct both both_typed(const char *text)
{
    struct both b;
    for (int lang = 0; lang < LANG_COUNT; lang++)
        b.in[lang] = text;
    return b;
}

/* ---- telling ---- */

static enum rc add_row(struct cx *cx, int64_t id, int64_t user_id, const struct notice *n)
{
    int64_t at = n->at ? n->at : cx->now_at;
    return DB_RUN(cx, &NOTICE_INSERT, V_I(user_id), V_I(id), V_I(n->county), V_I(at),
                  V_I(n->weight), V_T(n->key), V_T(n->text.in[LANG_EN]),
                  V_T(n->text.in[LANG_ZH]), V_T(n->href ? n->href : ""),
                  V_I(n->weight == NOTICE_ORDINARY ? 0 : at));
}

enum rc notice_tell(struct cx *cx, const int64_t *user_ids, size_t count,
                    const struct notice *n)
{
    int64_t first;
    assert(n->key && n->key[0] && strlen(n->key) <= KEY_MAX);
    assert(n->text.in[LANG_EN] && n->text.in[LANG_ZH]);
    if (count == 0)
        return RC_OK;
    TRY(db_ids(&first, cx, (int64_t)count));
    for (size_t i = 0; i < count; i++)
        if (user_ids[i] != 0)
            TRY(add_row(cx, first + (int64_t)i, user_ids[i], n));
    return RC_OK;
}

enum rc notice_add(struct cx *cx, const struct notice *n)
{
    return notice_tell(cx, &n->user_id, 1, n);
}

/* ---- reading ---- */

static enum notice_weight weight_of(int64_t n)
{
    return n == 2 ? NOTICE_EMERGENCY : n == 1 ? NOTICE_URGENT : NOTICE_ORDINARY;
}

enum rc notice_list(struct notice **out, size_t *count, struct cx *cx, int64_t before_id,
                    bool only_new, size_t max)
{
    struct db_rows rows;
    size_t n = 0, most = max < LIST_MAX ? max : LIST_MAX;
    struct notice *list = arena_new(cx->arena, (most + 1) * sizeof *list);
    int64_t user_id = cx->actor ? cx->actor->user_id : 0;
    int64_t before = before_id > 0 ? before_id : INT64_MAX;
    const struct sql *sql = only_new ? &NOTICE_NEW_OF_USER : &NOTICE_OF_USER;
    TRY(DB_SELECT(&rows, cx, sql, V_I(user_id), V_I(before), V_I(most)));
    while (n < most && db_next(&rows))
        list[n++] = (struct notice){
            .county = row_i64(&rows, NOTICE_OF_USER_COUNTY),
            .id = row_i64(&rows, NOTICE_OF_USER_ID),
            .user_id = user_id,
            .at = row_i64(&rows, NOTICE_OF_USER_AT),
            .read_at = row_i64(&rows, NOTICE_OF_USER_READ_AT),
            .weight = weight_of(row_i64(&rows, NOTICE_OF_USER_WEIGHT)),
            .key = row_copy(&rows, NOTICE_OF_USER_KEY).p,
            .text = {{row_copy(&rows, NOTICE_OF_USER_TEXT_EN).p,
                      row_copy(&rows, NOTICE_OF_USER_TEXT_ZH).p}},
            .href = row_copy(&rows, NOTICE_OF_USER_HREF).p,
        };
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc notice_count_new(int64_t *count, struct cx *cx)
{
    struct db_rows rows;
    *count = 0;
    if (!cx->actor)
        return RC_OK;
    TRY(DB_ONE(&rows, cx, &NOTICE_NEW_COUNT, V_I(cx->actor->user_id), V_I(COUNT_MAX)));
    *count = row_i64(&rows, 0);
    return db_done(&rows);
}

struct reading {
    int64_t id, changed;
};

static enum rc read_write(struct cx *cx, void *arg)
{
    struct reading *r = arg;
    struct db_rows rows;
    int64_t user_id = cx->actor->user_id;
    if (r->id == 0)
        return DB_RUN_COUNT(&r->changed, cx, &NOTICE_READ_SOME, V_I(user_id), V_I(cx->now_at),
                            V_I(READ_CHUNK));
    TRY(DB_RUN_COUNT(&r->changed, cx, &NOTICE_READ_ONE, V_I(user_id), V_I(r->id),
                     V_I(cx->now_at)));
    if (r->changed)
        return RC_OK;
    enum rc rc = DB_ONE(&rows, cx, &NOTICE_EXISTS, V_I(user_id), V_I(r->id));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such notice, or it is not yours."),
                    "notice=%" PRId64, r->id);
    TRY(rc);
    return db_done(&rows);
}

enum rc notice_read(struct cx *cx, int64_t id)
{
    struct reading r = {.id = id};
    if (!cx->actor)
        return fail(cx, RC_NOTFOUND, _("There is no such notice, or it is not yours."),
                    "the system has none");
    do
        TRY(db_write(cx, 0, read_write, &r));
    while (id == 0 && r.changed == READ_CHUNK);
    return RC_OK;
}

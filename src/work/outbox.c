/* Letters between two databases: see outbox.h. */
#include "work/outbox.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "base/vault.h"
#include "db/db.h"
#include "work/outbox.sql.h"

#include <assert.h>
#include <string.h>

enum { BATCH = 50, RETRY_FIRST_S = 2, RETRY_MAX_S = 3600, ERROR_MAX = 200 };

static const struct letter_kind *all_kinds;
static size_t all_count;

void letter_kinds_set(const struct letter_kind *kinds, size_t count)
{
    all_kinds = kinds;
    all_count = count;
}

/* ---- sealing: the kind is authenticated with the body ---- */

static struct str seal_body(struct cx *cx, const char *kind, struct str plain)
{
    uint8_t key[KEY_BYTES];
    assert(cx->vault);
    vault_key(key, cx->vault, "work.letter", true);
    return seal(cx->arena, key, plain, kind);
}

static enum rc open_body(struct str *plain, struct cx *cx, const char *kind, struct str sealed)
{
    uint8_t key[KEY_BYTES];
    assert(cx->vault);
    vault_key(key, cx->vault, "work.letter", true);
    return unseal(plain, cx, key, sealed, kind);
}

enum rc outbox_put(struct cx *cx, int64_t county, const char *kind, struct str body)
{
    int64_t id;
    assert(kind && kind[0] && strlen(kind) < LETTER_KIND_MAX);
    if (body.len > LETTER_BYTES_MAX)
        return fail(cx, RC_LIMIT, _("This is too much for one letter to the market."),
                    "letter kind=%s bytes=%zu", kind, body.len);
    struct str sealed = seal_body(cx, kind, body);
    TRY(db_ids(&id, cx, 1));
    return DB_RUN(cx, &OUTBOX_INSERT, V_I(county), V_I(id), V_T(kind),
                  V_B(sealed.p, sealed.len), V_I(cx->now_at));
}

/* ---- carrying ---- */

struct batch {
    struct letter m[BATCH];
    size_t count;
    int64_t county; /* of the part being written */
};

static enum rc read_batch(struct batch *b, struct cx *from)
{
    struct db_rows rows;
    b->count = 0;
    TRY(DB_SELECT(&rows, from, &OUTBOX_NEXT, V_I(BATCH)));
    while (b->count < BATCH && db_next(&rows))
        b->m[b->count++] =
            (struct letter){.county = row_i64(&rows, OUTBOX_NEXT_COUNTY),
                            .id = row_i64(&rows, OUTBOX_NEXT_ID),
                            .kind = arena_copy(from->arena, row_str(&rows, OUTBOX_NEXT_KIND)),
                            .body = row_copy(&rows, OUTBOX_NEXT_BODY),
                            .at = row_i64(&rows, OUTBOX_NEXT_AT)};
    return db_done(&rows);
}

static enum rc keep_write(struct cx *cx, void *arg)
{
    const struct batch *b = arg;
    for (size_t i = 0; i < b->count; i++) {
        const struct letter *m = &b->m[i];
        if (m->county == b->county)
            TRY(DB_RUN(cx, &INBOX_INSERT, V_I(m->county), V_I(m->id), V_T(m->kind),
                       V_B(m->body.p, m->body.len), V_I(m->at), V_I(cx->now_at)));
    }
    return RC_OK;
}

static enum rc done_write(struct cx *cx, void *arg)
{
    const struct batch *b = arg;
    for (size_t i = 0; i < b->count; i++)
        if (b->m[i].county == b->county)
            TRY(DB_RUN(cx, &OUTBOX_DONE, V_I(b->county), V_I(b->m[i].id), V_I(cx->now_at)));
    return RC_OK;
}

/* A transaction never spans counties: one write per county of the batch. */
static enum rc write_counties(struct cx *cx, struct batch *b, db_write_fn fn)
{
    for (size_t i = 0; i < b->count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = b->m[k].county == b->m[i].county;
        b->county = b->m[i].county;
        if (!seen)
            TRY(db_write(cx, b->county, fn, b));
    }
    return RC_OK;
}

static enum rc carry_batch(struct batch *b, struct cx *cx, struct cx *to)
{
    TRY(read_batch(b, cx));
    for (size_t i = 0; i < b->count; i++) {
        struct str plain;
        TRY(open_body(&plain, cx, b->m[i].kind, b->m[i].body));
        b->m[i].body = seal_body(to, b->m[i].kind, plain);
    }
    to->now_at = cx->now_at;
    TRY(write_counties(to, b, keep_write));
    if (fault_hit("outbox.kept"))
        return fail(cx, RC_IO, _("The letter could not be carried."), "outbox.kept");
    TRY(write_counties(cx, b, done_write));
    return fault_hit("outbox.carried")
               ? fail(cx, RC_IO, _("The letter could not be carried."), "outbox.carried")
               : RC_OK;
}

enum rc outbox_carry(int64_t *carried, struct cx *from, struct cx *to)
{
    struct batch b;
    *carried = 0;
    do {
        struct arena_mark mark_from = arena_mark(from->arena), mark_to = arena_mark(to->arena);
        TRY(carry_batch(&b, from, to));
        *carried += (int64_t)b.count;
        arena_back(to->arena, mark_to);
        arena_back(from->arena, mark_from);
    } while (b.count == BATCH);
    return RC_OK;
}

/* ---- taking ---- */

static const struct letter_kind *kind_find(const char *name)
{
    for (size_t i = 0; i < all_count; i++)
        if (!strcmp(all_kinds[i].name, name))
            return &all_kinds[i];
    return NULL;
}

struct taking {
    const struct letter *m;
    bool taken;
};
static enum rc take_write(struct cx *cx, void *arg)
{
    struct taking *t = arg;
    const struct letter *m = t->m;
    const struct letter_kind *kind = kind_find(m->kind);
    int64_t changed;
    struct str plain;
    t->taken = false;
    if (!kind)
        return fail(cx, RC_INVALID, _("A letter of an unknown kind came in."), "kind=%s",
                    m->kind);
    TRY(DB_RUN_COUNT(&changed, cx, &INBOX_TAKE, V_I(m->county), V_I(m->id), V_I(cx->now_at)));
    if (!changed)
        return RC_OK; /* another server has it */
    TRY(open_body(&plain, cx, m->kind, m->body));
    struct letter opened = *m;
    opened.body = plain;
    cx->actor = NULL;
    TRY(kind->take(cx, &opened));
    t->taken = true;
    return RC_OK;
}

struct failing {
    const struct letter *m;
    int64_t next_at;
    const char *error;
};
static enum rc failed_write(struct cx *cx, void *arg)
{
    const struct failing *f = arg;
    return DB_RUN(cx, &INBOX_FAILED, V_I(f->m->county), V_I(f->m->id), V_I(f->next_at),
                  V_T(f->error));
}

static enum rc take_one(bool *taken, struct cx *cx, const struct letter *m, int64_t tries)
{
    struct taking t = {.m = m};
    enum rc rc = db_write(cx, m->county, take_write, &t);
    *taken = t.taken;
    if (rc == RC_OK || rc == RC_BUSY)
        return rc;
    int64_t wait = tries < 11 ? (int64_t)RETRY_FIRST_S << tries : RETRY_MAX_S;
    /* The words are an error's detail: never personal data. */
    struct failing f = {
        m, cx->now_at + wait,
        arena_printf(cx->arena, "%s %.*s", rc_name(rc), ERROR_MAX, cx->err.detail)};
    log_event(LOG_LEVEL_WARN, "letter_failed", "kind=%s tries=%" PRId64 " rc=%s detail=\"%s\"",
              m->kind, tries + 1, rc_name(rc), cx->err.detail);
    err_clear(cx);
    *taken = false;
    return db_write(cx, m->county, failed_write, &f);
}

enum rc inbox_take_due(int64_t *taken, struct cx *cx)
{
    struct letter m[BATCH];
    int64_t tries[BATCH];
    size_t count;
    *taken = 0;
    do {
        struct db_rows rows;
        count = 0;
        TRY(DB_SELECT(&rows, cx, &INBOX_NEXT, V_I(cx->now_at), V_I(BATCH)));
        while (count < BATCH && db_next(&rows)) {
            tries[count] = row_i64(&rows, INBOX_NEXT_TRIES);
            m[count++] =
                (struct letter){.county = row_i64(&rows, INBOX_NEXT_COUNTY),
                                .id = row_i64(&rows, INBOX_NEXT_ID),
                                .kind = arena_copy(cx->arena, row_str(&rows, INBOX_NEXT_KIND)),
                                .body = row_copy(&rows, INBOX_NEXT_BODY),
                                .at = row_i64(&rows, INBOX_NEXT_AT)};
        }
        TRY(db_done(&rows));
        for (size_t i = 0; i < count; i++) {
            bool one;
            TRY(take_one(&one, cx, &m[i], tries[i]));
            *taken += one;
        }
    } while (count == BATCH);
    return RC_OK;
}

enum rc letter_figures_get(struct letter_figures *out, struct cx *cx)
{
    struct db_rows rows;
    struct letter_figures f = {.error = ""};
    TRY(DB_ONE0(&rows, cx, &OUTBOX_FIGURES));
    f.waiting = row_i64(&rows, OUTBOX_FIGURES_WAITING);
    f.oldest_at = row_i64(&rows, OUTBOX_FIGURES_OLDEST_AT);
    TRY(db_done(&rows));
    TRY(DB_ONE0(&rows, cx, &INBOX_FIGURES));
    f.arrived = row_i64(&rows, INBOX_FIGURES_ARRIVED);
    f.failing = row_i64(&rows, INBOX_FIGURES_FAILING);
    int64_t oldest = row_i64(&rows, INBOX_FIGURES_OLDEST_AT);
    if (f.arrived && (!f.oldest_at || oldest < f.oldest_at))
        f.oldest_at = oldest;
    f.error = arena_copy(cx->arena, row_str(&rows, INBOX_FIGURES_ERROR));
    TRY(db_done(&rows));
    *out = f;
    return RC_OK;
}

/* The bridge: what the office's process carries between the two databases. See market.h. */
#include "web/market.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "register/office.h"
#include "shop/shop.h"
#include "web/bridge.sql.h"
#include "work/outbox.h"

#include <stdlib.h>

enum { AREAS_EVERY_S = 600, BATCH = 200, COLUMNS = 10 };

/* ---- areas ---- */

struct area_row {
    int64_t n[6]; /* id, county, parent_id, level, ended_day, merged_into */
    const char *path, *code, *name, *name_key;
};

static enum rc read_areas(struct area_row *rows_out, size_t *count, struct cx *cx,
                          int64_t after)
{
    struct db_rows rows;
    *count = 0;
    TRY(DB_SELECT(&rows, cx, &BRIDGE_AREAS, V_I(after), V_I(BATCH)));
    while (*count < BATCH && db_next(&rows))
        rows_out[(*count)++] = (struct area_row){
            .n = {row_i64(&rows, BRIDGE_AREAS_ID), row_i64(&rows, BRIDGE_AREAS_COUNTY),
                  row_i64(&rows, BRIDGE_AREAS_PARENT_ID), row_i64(&rows, BRIDGE_AREAS_LEVEL),
                  row_i64(&rows, BRIDGE_AREAS_ENDED_DAY),
                  row_i64(&rows, BRIDGE_AREAS_MERGED_INTO)},
            .path = row_copy(&rows, BRIDGE_AREAS_PATH).p,
            .code = row_copy(&rows, BRIDGE_AREAS_CODE).p,
            .name = row_copy(&rows, BRIDGE_AREAS_NAME).p,
            .name_key = row_copy(&rows, BRIDGE_AREAS_NAME_KEY).p};
    return db_done(&rows);
}

static bool same_area(const struct area_row *a, const struct area_row *b)
{
    return !memcmp(a->n, b->n, sizeof a->n) && !strcmp(a->path, b->path) &&
           !strcmp(a->code, b->code) && !strcmp(a->name, b->name) &&
           !strcmp(a->name_key, b->name_key);
}

struct changed_areas {
    struct area_row *rows[BATCH];
    size_t count;
};
static enum rc put_areas(struct cx *cx, void *arg)
{
    const struct changed_areas *c = arg;
    for (size_t i = 0; i < c->count; i++)
        TRY(DB_RUN(cx, &BRIDGE_AREA_ASIDE, V_I(c->rows[i]->n[0])));
    for (size_t i = 0; i < c->count; i++) {
        const struct area_row *r = c->rows[i];
        TRY(DB_RUN(cx, &BRIDGE_AREA_PUT, V_I(r->n[0]), V_I(r->n[1]), V_I(r->n[2]), V_I(r->n[3]),
                   V_T(r->path), V_T(r->code), V_T(r->name), V_T(r->name_key), V_I(r->n[4]),
                   V_I(r->n[5])));
    }
    return RC_OK;
}

static enum rc follow_merge(struct cx *cx, void *arg)
{
    const struct area_row *r = arg;
    return shop_area_moved(cx, r->n[1], r->n[0], r->n[5]);
}

/* Both lists are sorted by id; areas are never deleted. */
static enum rc copy_batch(size_t *count, int64_t *last, int64_t *changed, struct cx *office,
                          struct cx *market)
{
    struct area_row *here = arena_new(office->arena, BATCH * sizeof *here);
    struct area_row *there = arena_new(market->arena, BATCH * sizeof *there);
    struct changed_areas c = {.count = 0};
    size_t there_count, k = 0;
    TRY(read_areas(here, count, office, *last));
    TRY(read_areas(there, &there_count, market, *last));
    for (size_t i = 0; i < *count; i++) {
        while (k < there_count && there[k].n[0] < here[i].n[0])
            k++;
        if (k >= there_count || there[k].n[0] != here[i].n[0] ||
            !same_area(&here[i], &there[k]))
            c.rows[c.count++] = &here[i];
        *last = here[i].n[0];
    }
    if (c.count)
        TRY(db_write(market, 0, put_areas, &c));
    for (size_t i = 0; i < c.count; i++)
        if (c.rows[i]->n[5]) /* merged into another one */
            TRY(db_write(market, c.rows[i]->n[1], follow_merge, c.rows[i]));
    *changed += (int64_t)c.count;
    return RC_OK;
}

enum rc areas_copy(int64_t *changed, struct cx *office, struct cx *market)
{
    int64_t last = 0;
    size_t count;
    *changed = 0;
    do {
        struct arena_mark mark_here = arena_mark(office->arena);
        struct arena_mark mark_there = arena_mark(market->arena);
        TRY(copy_batch(&count, &last, changed, office, market));
        arena_back(market->arena, mark_there);
        arena_back(office->arena, mark_here);
    } while (count == BATCH);
    return RC_OK;
}

/* ---- the bridge ---- */

struct bridge {
    struct app market;
    struct cx cx; /* of the market, for the clock's thread */
    int64_t areas_at;
};
static struct bridge *open_bridge; /* set before the clocks run, cleared after they ended */

enum rc bridge_open(struct bridge **out, struct cx *cx, const char *root)
{
    struct bridge *b = calloc(1, sizeof *b);
    if (!b)
        return fail(cx, RC_LIMIT, _("There is not enough memory for this."), "bridge");
    cx_init(&b->cx, arena_open(LIMIT_JOB_ARENA));
    b->cx.lang = cx->lang;
    enum rc rc = app_open_beside(&b->market, &b->cx, root);
    if (rc) {
        cx->err = b->cx.err;
        arena_free(b->cx.arena);
        free(b);
        return rc;
    }
    db_detach(&b->cx);
    open_bridge = *out = b;
    return RC_OK;
}

void bridge_close(struct bridge *b)
{
    if (!b)
        return;
    open_bridge = NULL;
    app_close(&b->market, &b->cx);
    arena_free(b->cx.arena);
    free(b);
}

const struct vault *bridge_vault(void)
{
    return open_bridge ? open_bridge->market.vault : NULL;
}

struct setting {
    bool synthetic;
};
static enum rc put_setting(struct cx *cx, void *arg)
{
    const struct setting *s = arg;
    return office_set(cx, 0, "synthetic", s->synthetic ? "1" : "0");
}

/* That the people are made up is said on the market's pages too. */
static enum rc copy_setting(struct cx *office, struct cx *market)
{
    struct setting s;
    bool there;
    TRY(office_any_synthetic(&s.synthetic, office));
    TRY(office_any_synthetic(&there, market));
    return s.synthetic == there ? RC_OK : db_write(market, 0, put_setting, &s);
}

static enum rc carry_all(struct cx *office, struct bridge *b)
{
    int64_t out = 0, in = 0, areas = 0;
    struct cx *market = &b->cx;
    if (office->now_at - b->areas_at >= AREAS_EVERY_S || office->now_at < b->areas_at) {
        TRY(areas_copy(&areas, office, market));
        TRY(copy_setting(office, market));
        b->areas_at = office->now_at;
    }
    TRY(outbox_carry(&out, office, market));
    TRY(outbox_carry(&in, market, office));
    if (out || in || areas)
        log_event(LOG_LEVEL_INFO, "bridge",
                  "to_market=%" PRId64 " to_office=%" PRId64 " areas=%" PRId64, out, in, areas);
    return RC_OK;
}

enum rc bridge_carry(struct cx *cx)
{
    struct bridge *b = open_bridge;
    if (!b)
        return RC_OK;
    b->cx.now_at = cx->now_at;
    TRY(db_attach(&b->cx));
    enum rc rc = carry_all(cx, b);
    db_detach(&b->cx);
    if (rc && !cx->err.text[0])
        cx->err = b->cx.err;
    err_clear(&b->cx);
    arena_reset(b->cx.arena);
    return rc;
}

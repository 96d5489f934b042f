/* Items and their movements: see stock.h. */
#include "stock/stock_inner.h"

#include "base/text.h"
#include "base/utf8.h"
#include "people/actor.h"
#include "stock/stock.sql.h"

#include <assert.h>

enum { NOTE_MAX = 300 };

enum rc stock_item_add(int64_t *id, struct cx *cx, int64_t county, enum stock_unit unit,
                       bool on_demand, int64_t lot_id)
{
    assert(unit == STOCK_PIECES || unit == STOCK_GRAMS);
    TRY(db_ids(id, cx, 1));
    return DB_RUN(cx, &STOCK_ITEM_INSERT, V_I(county), V_I(*id), V_I(unit), V_I(on_demand),
                  V_I(lot_id), V_I(cx->now_at));
}

enum rc stock_item_get(struct stock_item *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &STOCK_ITEM_GET, V_I(county), V_I(id)));
    *out = (struct stock_item){.county = county,
                               .id = id,
                               .unit = (enum stock_unit)row_i64(&rows, STOCK_ITEM_GET_UNIT),
                               .on_hand = row_i64(&rows, STOCK_ITEM_GET_ON_HAND),
                               .reserved = row_i64(&rows, STOCK_ITEM_GET_RESERVED),
                               .on_demand = row_i64(&rows, STOCK_ITEM_GET_ON_DEMAND) != 0,
                               .lot_id = row_i64(&rows, STOCK_ITEM_GET_LOT_ID)};
    return db_done(&rows);
}

/* ---- movements ---- */

/* *same: it was made before, with the same content. */
static enum rc made_before(bool *same, struct cx *cx, const struct stock_move *m)
{
    struct db_rows rows;
    *same = false;
    enum rc rc = DB_ONE(&rows, cx, &STOCK_MOVE_GET, V_I(m->county), V_I(m->id));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *same = row_i64(&rows, STOCK_MOVE_GET_ITEM_ID) == m->item_id &&
            row_i64(&rows, STOCK_MOVE_GET_KIND) == (int64_t)m->kind &&
            row_i64(&rows, STOCK_MOVE_GET_QUANTITY) == m->quantity &&
            row_i64(&rows, STOCK_MOVE_GET_DOCUMENT_ID) == m->document_id;
    TRY(db_done(&rows));
    if (*same)
        return RC_OK;
    return fail(cx, RC_CONFLICT,
                _("This movement of the store was made before, with other content."),
                "move=%" PRId64, m->id);
}

enum rc stock_move_put(struct cx *cx, const struct stock_move *m)
{
    bool same;
    int64_t changed;
    TRY(made_before(&same, cx, m));
    if (same)
        return RC_OK;
    TRY(DB_RUN_COUNT(&changed, cx, &STOCK_ITEM_CHANGE, V_I(m->county), V_I(m->item_id),
                     V_I(m->quantity)));
    if (!changed)
        return fail(cx, RC_CONFLICT,
                    _("So much is not in the store, or it is reserved for buyers. Look again."),
                    "item=%" PRId64, m->item_id);
    return DB_RUN(cx, &STOCK_MOVE_INSERT, V_I(m->county), V_I(m->id), V_I(m->item_id),
                  V_I(m->kind), V_I(m->quantity), V_I(m->document_id),
                  V_T(m->note ? m->note : ""), V_I(cx->actor ? cx->actor->user_id : 0),
                  V_I(cx->now_at));
}

static bool sign_fits(const struct stock_move *m)
{
    switch (m->kind) {
    case STOCK_IN:
    case STOCK_BACK:
        return m->quantity > 0;
    case STOCK_LOSS:
        return m->quantity < 0;
    case STOCK_COUNTED:
        return m->quantity != 0;
    case STOCK_SOLD:
        return false; /* by stock_consume only */
    }
    return false;
}

/* Into a lot's store comes what was weighed, by delivery_add alone: its grams are shared out.
 */
static enum rc check_lot(struct cx *cx, const struct stock_move *m)
{
    struct stock_item item;
    if (m->kind != STOCK_IN)
        return RC_OK;
    enum rc rc = stock_item_get(&item, cx, m->county, m->item_id);
    if (rc == RC_NOTFOUND || (!rc && !item.lot_id))
        return RC_OK;
    TRY(rc);
    return fail(cx, RC_INVALID,
                _("This is the store of a lot: weigh what comes in as a delivery."),
                "lot=%" PRId64, item.lot_id);
}

enum rc stock_move_add(struct cx *cx, const struct stock_move *m)
{
    struct str note = str_of(m->note ? m->note : "");
    if (!sign_fits(m) || m->quantity > STOCK_QUANTITY_MAX || m->quantity < -STOCK_QUANTITY_MAX)
        return fail(cx, RC_INVALID, _("Give an amount above 0 that can be real."),
                    "move kind=%d", (int)m->kind);
    if (note.len > NOTE_MAX || utf8_bad_at(note) != note.len)
        return fail(cx, RC_INVALID, _("The note is too long."), "move note");
    TRY(check_lot(cx, m));
    return stock_move_put(cx, m);
}

/* NOLINTNEXTLINE(readability-function-size): of what, and which page of it */
enum rc stock_moves(struct stock_move **out, size_t *count, struct cx *cx, int64_t county,
                    int64_t item_id, int64_t from_id, size_t max)
{
    struct db_rows rows;
    size_t n = 0;
    max = max < STOCK_PAGE_MAX ? max : STOCK_PAGE_MAX;
    struct stock_move *list = arena_new(cx->arena, (max + 1) * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &STOCK_MOVE_LIST, V_I(county), V_I(item_id),
                  V_I(from_id ? from_id : INT64_MAX), V_I(max)));
    while (n < max && db_next(&rows))
        list[n++] =
            (struct stock_move){.county = county,
                                .id = row_i64(&rows, STOCK_MOVE_LIST_ID),
                                .item_id = item_id,
                                .kind = (enum stock_kind)row_i64(&rows, STOCK_MOVE_LIST_KIND),
                                .quantity = row_i64(&rows, STOCK_MOVE_LIST_QUANTITY),
                                .document_id = row_i64(&rows, STOCK_MOVE_LIST_DOCUMENT_ID),
                                .note = row_copy(&rows, STOCK_MOVE_LIST_NOTE).p,
                                .user_id = row_i64(&rows, STOCK_MOVE_LIST_USER_ID),
                                .at = row_i64(&rows, STOCK_MOVE_LIST_AT)};
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

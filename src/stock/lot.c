/* Lots and deliveries: see lot.h. */
#include "stock/stock_inner.h"

#include "base/buf.h"
#include "base/fault.h"
#include "base/text.h"
#include "base/utf8.h"
#include "people/actor.h"
#include "stock/lot.sql.h"
#include "work/outbox.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_CHARS = 100, NOTE_CHARS = 300, UID_MIN = 8, UID_MAX = 64, GRADE_MAX = 9 };
_Static_assert(LOT_DELIVERY_MAX * 64 < LETTER_BYTES_MAX, "a whole lot fits into a letter");
static const int64_t GRAMS_MAX = 100000000, PRICE_MAX_MINOR = 100000000;

/* ---- lots ---- */

enum rc lot_add(int64_t *id, struct cx *cx, int64_t county, int64_t shop_id, struct str name,
                int32_t harvested_day)
{
    int64_t item_id;
    name = str_trim(name);
    if (!name.len || utf8_bad_at(name) != name.len || utf8_length(name) > NAME_CHARS)
        return fail(cx, RC_INVALID, _("Give the lot a name of at most 100 characters."),
                    "lot name");
    TRY(db_ids(id, cx, 1));
    TRY(stock_item_add(&item_id, cx, county, STOCK_GRAMS, false, *id));
    return DB_RUN(cx, &LOT_INSERT, V_I(county), V_I(*id), V_I(shop_id), V_S(name), V_I(item_id),
                  V_I(harvested_day), V_I(cx->now_at));
}

/* The columns of LOT_GET and LOT_LIST are the same. */
static struct lot lot_of_row(const struct db_rows *r, int64_t county)
{
    return (struct lot){.county = county,
                        .id = row_i64(r, LOT_GET_ID),
                        .shop_id = row_i64(r, LOT_GET_SHOP_ID),
                        .name = row_copy(r, LOT_GET_NAME).p,
                        .item_id = row_i64(r, LOT_GET_ITEM_ID),
                        .state = (enum lot_state)row_i64(r, LOT_GET_STATE),
                        .harvested_day = (int32_t)row_i64(r, LOT_GET_HARVESTED_DAY),
                        .grams = row_i64(r, LOT_GET_GRAMS),
                        .deliveries = row_i64(r, LOT_GET_DELIVERIES),
                        .helped_grams = row_i64(r, LOT_GET_HELPED_GRAMS),
                        .helped_households = row_i64(r, LOT_GET_HELPED_HOUSEHOLDS),
                        .share_day = (int32_t)row_i64(r, LOT_GET_SHARE_DAY),
                        .version = (int32_t)row_i64(r, LOT_GET_VERSION),
                        .created_at = row_i64(r, LOT_GET_CREATED_AT),
                        .closed_at = row_i64(r, LOT_GET_CLOSED_AT)};
}

enum rc lot_get(struct lot *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &LOT_GET, V_I(county), V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such lot."), "lot=%" PRId64, id);
    TRY(rc);
    *out = lot_of_row(&rows, county);
    return db_done(&rows);
}

/* NOLINTNEXTLINE(readability-function-size): whose, and which page of it */
enum rc lot_list(struct lot **out, size_t *count, struct cx *cx, int64_t county,
                 int64_t shop_id, int64_t from_id, size_t max)
{
    struct db_rows rows;
    size_t n = 0;
    max = max < STOCK_PAGE_MAX ? max : STOCK_PAGE_MAX;
    struct lot *list = arena_new(cx->arena, (max + 1) * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &LOT_LIST, V_I(county), V_I(shop_id),
                  V_I(from_id ? from_id : INT64_MAX), V_I(max)));
    while (n < max && db_next(&rows))
        list[n++] = lot_of_row(&rows, county);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- deliveries ---- */

static enum rc delivery_ok(struct cx *cx, const struct delivery *d)
{
    struct str note = str_of(d->note ? d->note : "");
    size_t uid = d->client_uid ? strlen(d->client_uid) : 0;
    if (d->grams <= 0 || d->grams > GRAMS_MAX)
        return fail(cx, RC_INVALID, _("A delivery weighs between 1 g and 100 t."), "grams");
    if (d->grade < 1 || d->grade > GRADE_MAX)
        return fail(cx, RC_INVALID, _("Grades are 1 (the best) to 9."), "grade");
    if (d->price_minor < 0 || d->price_minor > PRICE_MAX_MINOR)
        return fail(cx, RC_INVALID, _("This price per kg cannot be right."), "price");
    /* Never more in advance than the delivery is worth. */
    if (d->advance_minor < 0 || d->advance_minor > d->grams * d->price_minor / 1000)
        return fail(cx, RC_INVALID,
                    _("The part paid at once is at most what the delivery is worth."),
                    "advance");
    if (uid < UID_MIN || uid > UID_MAX || d->seller_id <= 0 || d->day <= 0)
        return fail(cx, RC_INVALID, _("The delivery is not complete."), "delivery");
    if (utf8_bad_at(note) != note.len || utf8_length(note) > NOTE_CHARS)
        return fail(cx, RC_INVALID, _("The note is too long."), "delivery note");
    return RC_OK;
}

/* Sent before, from a place without network? */
static enum rc sent_before(int64_t *id, struct cx *cx, const struct delivery *d)
{
    struct db_rows rows;
    *id = 0;
    enum rc rc = DB_ONE(&rows, cx, &DELIVERY_OF_UID, V_I(d->county), V_T(d->client_uid));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    bool same = row_i64(&rows, DELIVERY_OF_UID_LOT_ID) == d->lot_id &&
                row_i64(&rows, DELIVERY_OF_UID_SELLER_ID) == d->seller_id &&
                row_i64(&rows, DELIVERY_OF_UID_GRAMS) == d->grams &&
                row_i64(&rows, DELIVERY_OF_UID_GRADE) == d->grade &&
                row_i64(&rows, DELIVERY_OF_UID_PRICE_MINOR) == d->price_minor &&
                row_i64(&rows, DELIVERY_OF_UID_ADVANCE_MINOR) == d->advance_minor &&
                row_i64(&rows, DELIVERY_OF_UID_DAY) == d->day;
    *id = row_i64(&rows, DELIVERY_OF_UID_ID);
    TRY(db_done(&rows));
    if (same)
        return RC_OK;
    return fail(cx, RC_CONFLICT,
                _("This delivery was sent before, with other numbers. Look which is right."),
                "delivery=%" PRId64, *id);
}

static enum rc not_open(struct cx *cx, int64_t lot_id)
{
    return fail(cx, RC_CONFLICT,
                _("This lot takes no more deliveries: it is closed or full. Begin a new one."),
                "lot=%" PRId64, lot_id);
}

/* `grams` into (or, negative, out of) the lot's store, by its delivery. */
static enum rc lot_change(struct cx *cx, const struct lot *lot, int64_t delivery_id,
                          int64_t grams)
{
    int64_t changed, move_id;
    TRY(DB_RUN_COUNT(&changed, cx, &LOT_GROW, V_I(lot->county), V_I(lot->id), V_I(grams),
                     V_I(grams > 0 ? 1 : -1)));
    if (!changed)
        return not_open(cx, lot->id);
    TRY(db_ids(&move_id, cx, 1));
    return stock_move_put(cx, &(struct stock_move){.county = lot->county,
                                                   .id = move_id,
                                                   .item_id = lot->item_id,
                                                   .kind = STOCK_IN,
                                                   .quantity = grams,
                                                   .document_id = delivery_id});
}

enum rc delivery_add(int64_t *id, struct cx *cx, const struct delivery *d)
{
    struct lot lot;
    TRY(delivery_ok(cx, d));
    TRY(sent_before(id, cx, d));
    if (*id)
        return RC_OK;
    TRY(lot_get(&lot, cx, d->county, d->lot_id));
    TRY(db_ids(id, cx, 1));
    TRY(DB_RUN(cx, &DELIVERY_INSERT, V_I(d->county), V_I(*id), V_I(d->lot_id),
               V_I(d->seller_id), V_I(d->grams), V_I(d->grade), V_I(d->price_minor),
               V_I(d->advance_minor), V_I(d->day), V_I(cx->actor ? cx->actor->user_id : 0),
               V_T(d->client_uid), V_T(d->note ? d->note : ""), V_I(cx->now_at)));
    if (fault_hit("stock.delivery"))
        return fail(cx, RC_IO, _("The delivery could not be written."), "stock.delivery");
    return lot_change(cx, &lot, *id, d->grams);
}

enum rc delivery_cancel(struct cx *cx, int64_t county, int64_t id, struct str note)
{
    struct db_rows rows;
    struct lot lot;
    int64_t changed;
    note = str_trim(note);
    if (!note.len || utf8_bad_at(note) != note.len || utf8_length(note) > NOTE_CHARS)
        return fail(cx, RC_INVALID, _("Say in a few words why it is taken back."),
                    "cancel note");
    enum rc rc = DB_ONE(&rows, cx, &DELIVERY_GET, V_I(county), V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such delivery."), "delivery=%" PRId64, id);
    TRY(rc);
    int64_t lot_id = row_i64(&rows, DELIVERY_GET_LOT_ID);
    int64_t grams = row_i64(&rows, DELIVERY_GET_GRAMS);
    TRY(db_done(&rows));
    TRY(DB_RUN_COUNT(&changed, cx, &DELIVERY_CANCEL_ROW, V_I(county), V_I(id), V_I(cx->now_at),
                     V_S(note)));
    if (!changed)
        return fail(cx, RC_CONFLICT, _("This delivery was taken back already."),
                    "delivery=%" PRId64, id);
    TRY(lot_get(&lot, cx, county, lot_id));
    return lot_change(cx, &lot, id, -grams);
}

/* The columns of DELIVERY_OF_LOT and DELIVERY_OF_SELLER are the same. */
static enum rc read_deliveries(struct delivery **out, size_t *count, struct db_rows *rows,
                               size_t max, int64_t county)
{
    size_t n = 0, cap = 0;
    struct delivery *list = NULL;
    while (n < max && db_next(rows)) {
        if (n == cap) {
            struct delivery *more =
                arena_new(rows->cx->arena, (cap = cap ? 2 * cap : 32) * sizeof *more);
            if (n)
                memcpy(more, list, n * sizeof *more);
            list = more;
        }
        list[n++] =
            (struct delivery){.county = county,
                              .id = row_i64(rows, DELIVERY_OF_LOT_ID),
                              .lot_id = row_i64(rows, DELIVERY_OF_LOT_LOT_ID),
                              .seller_id = row_i64(rows, DELIVERY_OF_LOT_SELLER_ID),
                              .grams = row_i64(rows, DELIVERY_OF_LOT_GRAMS),
                              .grade = (int32_t)row_i64(rows, DELIVERY_OF_LOT_GRADE),
                              .price_minor = row_i64(rows, DELIVERY_OF_LOT_PRICE_MINOR),
                              .advance_minor = row_i64(rows, DELIVERY_OF_LOT_ADVANCE_MINOR),
                              .day = (int32_t)row_i64(rows, DELIVERY_OF_LOT_DAY),
                              .user_id = row_i64(rows, DELIVERY_OF_LOT_USER_ID),
                              .client_uid = row_copy(rows, DELIVERY_OF_LOT_CLIENT_UID).p,
                              .cancelled_at = row_i64(rows, DELIVERY_OF_LOT_CANCELLED_AT),
                              .note = row_copy(rows, DELIVERY_OF_LOT_NOTE).p,
                              .at = row_i64(rows, DELIVERY_OF_LOT_AT)};
    }
    TRY(db_done(rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc delivery_list(struct delivery **out, size_t *count, struct cx *cx, int64_t county,
                      int64_t lot_id)
{
    /* Those taken back are listed too; a lot has at most so many that count. */
    enum { LISTED_MAX = 2 * LOT_DELIVERY_MAX };
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &DELIVERY_OF_LOT, V_I(county), V_I(lot_id), V_I(0)));
    return read_deliveries(out, count, &rows, LISTED_MAX, county);
}

enum rc lot_counting(struct delivery **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t lot_id)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &DELIVERY_OF_LOT, V_I(county), V_I(lot_id), V_I(1)));
    return read_deliveries(out, count, &rows, LOT_DELIVERY_MAX, county);
}

/* NOLINTNEXTLINE(readability-function-size): whose, and which page of it */
enum rc delivery_of_seller(struct delivery **out, size_t *count, struct cx *cx, int64_t county,
                           int64_t seller_id, int64_t from_id, size_t max)
{
    struct db_rows rows;
    max = max < STOCK_PAGE_MAX ? max : STOCK_PAGE_MAX;
    TRY(DB_SELECT(&rows, cx, &DELIVERY_OF_SELLER, V_I(county), V_I(seller_id),
                  V_I(from_id ? from_id : INT64_MAX), V_I(max)));
    return read_deliveries(out, count, &rows, max, county);
}

/* ---- closing and ending ---- */

static enum rc lot_changed(struct cx *cx, int64_t id)
{
    return fail(cx, RC_CONFLICT,
                _("The lot changed since you opened it, or nothing is in it. Look again."),
                "lot=%" PRId64, id);
}

/* Who delivered how much: the office alone knows who of them is helped. */
static enum rc ask_share(struct cx *cx, int64_t county, int64_t id)
{
    struct delivery *list;
    size_t count;
    struct buf body;
    TRY(lot_counting(&list, &count, cx, county, id));
    buf_init(&body, cx->arena, LETTER_BYTES_MAX);
    buf_printf(&body, "{\"lot\":%" PRId64 ",\"rows\":[", id);
    for (size_t i = 0; i < count; i++)
        buf_printf(&body, "%s{\"seller\":%" PRId64 ",\"grams\":%" PRId64 "}", i ? "," : "",
                   list[i].seller_id, list[i].grams);
    buf_z(&body, "]}");
    return outbox_put(cx, county, "lot.closed", buf_view(&body));
}

enum rc lot_close(struct cx *cx, int64_t county, int64_t id, int32_t version)
{
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &LOT_CLOSE_ROW, V_I(county), V_I(id), V_I(version),
                     V_I(cx->now_at)));
    return changed ? ask_share(cx, county, id) : lot_changed(cx, id);
}

enum rc lot_helped_set(struct cx *cx, int64_t county, int64_t id, int64_t grams,
                       int64_t households, int32_t day)
{
    int64_t changed;
    if (grams < 0 || households < 0 || day <= 0)
        return fail(cx, RC_INVALID, _("The delivery is not complete."), "lot helped");
    TRY(DB_RUN_COUNT(&changed, cx, &LOT_HELPED, V_I(county), V_I(id), V_I(grams),
                     V_I(households), V_I(day)));
    return changed ? RC_OK
                   : fail(cx, RC_INVALID, _("There is no such lot."),
                          "lot=%" PRId64 " helped=%" PRId64, id, grams);
}

enum rc lot_end(struct cx *cx, int64_t county, int64_t id, int32_t version, struct str note)
{
    struct lot lot;
    struct stock_item item;
    int64_t changed, move_id;
    note = str_trim(note);
    TRY(lot_get(&lot, cx, county, id));
    TRY(DB_RUN_COUNT(&changed, cx, &LOT_END_ROW, V_I(county), V_I(id), V_I(version)));
    if (!changed)
        return lot_changed(cx, id);
    TRY(stock_item_get(&item, cx, county, lot.item_id));
    if (item.reserved)
        return fail(cx, RC_CONFLICT, _("Something of this lot is reserved for buyers still."),
                    "lot=%" PRId64, id);
    if (!item.on_hand)
        return RC_OK;
    if (!note.len || utf8_bad_at(note) != note.len || utf8_length(note) > NOTE_CHARS)
        return fail(cx, RC_INVALID, _("Say in a few words what became of the rest."),
                    "end note");
    TRY(db_ids(&move_id, cx, 1));
    return stock_move_put(cx, &(struct stock_move){.county = county,
                                                   .id = move_id,
                                                   .item_id = lot.item_id,
                                                   .kind = STOCK_LOSS,
                                                   .quantity = -item.on_hand,
                                                   .document_id = id,
                                                   .note = arena_copy(cx->arena, note)});
}

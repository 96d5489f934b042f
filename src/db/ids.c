/* Ids: seconds since 2020-01-01 UTC shifted left by ID_SHIFT bits, plus a number within the
 * second. 32 bits of seconds and 21 bits of number stay below 2^53 until the year 2156; 21 bits
 * leave 2,097,152 ids a second, so that a bulk load may take blocks of a million. More than
 * that in one second borrows from the coming seconds: still rising, still unique. The table
 * id_block holds the next free id. On SQLite a block is taken inside the closure's transaction:
 * what was committed is never given again, and this process remembers what it gave to closures
 * that were undone. On PostgreSQL a block is taken by a short transaction of its own (the row's
 * lock would else make all counties wait for each other) and handed out from memory for one
 * second at most, so that ids of several servers stay in order of time. */
#include "db/db_impl.h"

#include "base/text.h"
#include "base/time.h"
#include "db/db.sql.h"

#include <assert.h>

enum { ID_SHIFT = 21, ID_COUNT_MAX = 1000 * 1000, ID_RESERVE = 4096 };
static const int64_t ID_EPOCH_AT = 1577836800; /* 2020-01-01T00:00:00Z */

static int64_t second_now(void)
{
    int64_t second = time_now() - ID_EPOCH_AT;
    return second > 1 ? second : 1; /* a wrong clock: ids are still above 0 and unique */
}

static enum rc take(int64_t *first, struct cx *cx, int64_t floor_id, int64_t count)
{
    struct db_rows rows;
    enum rc rc;
    if (cx->db->driver->is_pg) {
        rc = DB_ONE(&rows, cx, &DB_ID_TAKE, V_I(floor_id), V_I(count));
    } else {
        TRY(DB_RUN(cx, &DB_ID_RAISE, V_I(floor_id), V_I(count)));
        rc = DB_ONE0(&rows, cx, &DB_ID_NEXT);
    }
    if (rc == RC_NOTFOUND)
        return db_fail(cx, RC_DB, "id_block has no row");
    TRY(rc);
    int64_t next = row_i64(&rows, DB_ID_TAKE_NEXT_ID);
    TRY(db_done(&rows));
    if (next > (INT64_C(1) << 53))
        return db_fail(cx, RC_DB, "ids are used up: is the clock right?");
    *first = next - count;
    return RC_OK;
}

/* SQLite: pool->id_next is the lowest id that this process has not given to anyone. */
static enum rc ids_lite(int64_t *first, struct cx *cx, int64_t count)
{
    struct db_pool *pool = cx->pool;
    int64_t floor_id = second_now() << ID_SHIFT;
    if (floor_id < pool->id_next)
        floor_id = pool->id_next;
    TRY(take(first, cx, floor_id, count));
    pool->id_next = *first + count;
    return RC_OK;
}

static enum rc reserve(struct cx *cx, int64_t count)
{
    struct db_pool *pool = cx->pool;
    struct cx own = *cx;
    int64_t second = second_now(), first = 0;
    if (!pool->id_db)
        TRY(db_connection_open(&pool->id_db, cx, DB_ROLE_WRITE));
    own.db = pool->id_db;
    enum rc rc = own.db->driver->revive(own.db, &own);
    if (!rc)
        rc = take(&first, &own, second << ID_SHIFT, count);
    if (rc) {
        cx->err = own.err;
        return rc;
    }
    pool->id_next = first;
    pool->id_end = first + count;
    pool->id_second = second;
    return RC_OK;
}

static enum rc ids_pg(int64_t *first, struct cx *cx, int64_t count)
{
    struct db_pool *pool = cx->pool;
    bool is_left = pool->id_end - pool->id_next >= count && pool->id_second == second_now();
    if (!is_left)
        TRY(reserve(cx, count > ID_RESERVE ? count : ID_RESERVE));
    *first = pool->id_next;
    pool->id_next += count;
    return RC_OK;
}

enum rc db_ids(int64_t *first, struct cx *cx, int64_t count)
{
    struct db_pool *pool = cx->pool;
    assert(cx->db && cx->db->state == DB_STATE_WRITE);
    if (count < 1 || count > ID_COUNT_MAX)
        return fail(cx, RC_LIMIT, _("Too many records at once."), "ids=%" PRId64, count);
    int64_t got = 0;
    pthread_mutex_lock(&pool->id_lock);
    enum rc rc = cx->db->driver->is_pg ? ids_pg(&got, cx, count) : ids_lite(&got, cx, count);
    pthread_mutex_unlock(&pool->id_lock);
    if (!rc)
        *first = got;
    return rc;
}

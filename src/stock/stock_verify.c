/* Proof from zero: what the stores hold is what came in and went out. See stock.h. */
#include "stock/stock_inner.h"

#include "stock/stock.sql.h"

enum { FAULTS_MAX = 1000 };

enum rc stock_verify(struct verify_fault **out, size_t *count, struct cx *cx)
{
    static const struct {
        const struct sql *sql;
        const char *what;
    } proofs[] = {
        {&WRONG_ON_HAND, "on hand differs from the movements of item"},
        {&WRONG_RESERVED, "reserved differs from the reservations of item"},
        {&WRONG_CONSUMED, "no movement, or another one, for reservation"},
        {&WRONG_SOLD, "sold without a reservation by movement"},
        {&WRONG_LOT, "the grams differ from the deliveries of lot"},
        {&WRONG_LOT_ITEM, "it and its lot do not name each other: item"},
    };
    struct verify_fault *list = arena_new(cx->arena, FAULTS_MAX * sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < sizeof proofs / sizeof *proofs; i++) {
        struct db_rows rows;
        TRY(DB_SELECT(&rows, cx, proofs[i].sql, V_I(FAULTS_MAX)));
        while (n < FAULTS_MAX && db_next(&rows)) /* county, id: the same in all of them */
            list[n++] =
                (struct verify_fault){proofs[i].what, row_i64(&rows, WRONG_ON_HAND_COUNTY),
                                      row_i64(&rows, WRONG_ON_HAND_ID)};
        TRY(db_done(&rows));
    }
    *out = list;
    *count = n;
    return RC_OK;
}

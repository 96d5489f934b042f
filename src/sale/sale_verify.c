/* Proof from zero: totals, packing, events, payments, refunds, balances, reservations. */
#include "db/db.h"
#include "sale/sale.h"
#include "sale/sale_verify.sql.h"

enum { FAULTS_MAX = 1000 };

enum rc sale_verify(struct verify_fault **out, size_t *count, struct cx *cx)
{
    static const struct {
        const struct sql *sql;
        const char *what;
    } proofs[] = {
        {&SALE_WRONG_ITEMS, "the total differs from the items of order"},
        {&SALE_WRONG_LINE, "price times quantity differs in item"},
        {&SALE_WRONG_PURCHASE, "the total differs from the orders of purchase"},
        {&SALE_WRONG_PACKING, "what was packed differs from the items of order"},
        {&SALE_WRONG_EVENTS, "the state does not follow from the events of order"},
        {&SALE_WRONG_PAID, "paid or refunded differs from the payments of order"},
        {&SALE_WRONG_PAYMENT, "captured or refunded differs from the parts of payment"},
        {&SALE_WRONG_PART, "no transfer, or another one, for a part of payment"},
        {&SALE_WRONG_REFUND, "no transfer, or another one, for refund"},
        {&SALE_WRONG_BALANCE, "the ledger's balance differs from what was paid for order"},
        {&SALE_OWNERLESS, "nobody owns reservation"},
        {&SALE_WRONG_RESERVATION, "the reservation does not fit the state of item"},
    };
    struct verify_fault *list = arena_new(cx->arena, FAULTS_MAX * sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < sizeof proofs / sizeof *proofs; i++) {
        struct db_rows rows;
        TRY(DB_SELECT(&rows, cx, proofs[i].sql, V_I(FAULTS_MAX)));
        while (n < FAULTS_MAX && db_next(&rows)) /* county, id: the same in all of them */
            list[n++] =
                (struct verify_fault){proofs[i].what, row_i64(&rows, SALE_WRONG_ITEMS_COUNTY),
                                      row_i64(&rows, SALE_WRONG_ITEMS_ID)};
        TRY(db_done(&rows));
    }
    *out = list;
    *count = n;
    return RC_OK;
}

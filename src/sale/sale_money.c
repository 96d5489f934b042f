/* The ledger accounts of the market, made when they are first needed. */
#include "base/text.h"
#include "db/db.h"
#include "ledger/ledger.h"
#include "profile/profile.h"
#include "sale/order.sql.h"
#include "sale/sale.h"

enum rc money_account_find(int64_t *id, struct cx *cx, int64_t county, enum money_kind kind,
                           int64_t owner_id)
{
    struct db_rows rows;
    *id = 0;
    enum rc rc = DB_ONE(&rows, cx, &SALE_ACCOUNT_ONE, V_I(county), V_I(kind), V_I(owner_id));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *id = row_i64(&rows, SALE_ACCOUNT_ONE_ACCOUNT_ID);
    return db_done(&rows);
}

static void set_limits(struct ledger_account *a, enum money_kind kind)
{
    a->debit_max = a->credit_max = LEDGER_NO_LIMIT;
    switch (kind) {
    case MONEY_ORDER:
    case MONEY_SELLER:
        a->debit_max = 0;
        break;
    case MONEY_PROVIDER:
    case MONEY_CASH:
        a->credit_max = 0;
        break;
    case MONEY_FEES:
    case MONEY_CARRIER:
    case MONEY_TAX:
    case MONEY_CLAIMS:
    case MONEY_PAYOUT:
    case MONEY_CAPITAL:
        break;
    }
}

enum rc money_account(int64_t *id, struct cx *cx, int64_t county, enum money_kind kind,
                      int64_t owner_id)
{
    int64_t new_id;
    TRY(money_account_find(id, cx, county, kind, owner_id));
    if (*id)
        return RC_OK;
    TRY(db_ids(&new_id, cx, 1));
    struct ledger_account a = {.county = county,
                               .id = new_id,
                               .unit = cx->profile->currency,
                               .kind = (int32_t)kind,
                               .owner_id = owner_id};
    set_limits(&a, kind);
    TRY(ledger_account_add(cx, &a));
    TRY(DB_RUN(cx, &SALE_ACCOUNT_INSERT, V_I(county), V_I(kind), V_I(owner_id), V_I(new_id)));
    *id = new_id;
    return RC_OK;
}

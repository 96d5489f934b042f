/* Between the files of ledger/. */
#ifndef LEDGER_LEDGER_INNER_H
#define LEDGER_LEDGER_INNER_H

#include "base/crypto.h"
#include "ledger/ledger.h"

/* The county's row of ledger_head: held by who writes, until the commit. */
struct ledger_head {
    int64_t seq, at;
    uint8_t hash[HASH_BYTES];
};
enum rc ledger_head_hold(struct ledger_head *out, struct cx *cx, int64_t county) MUST_USE;
/* The hash of a row behind the one before it. `seq` and all read-only fields are filled. */
void ledger_row_hash(uint8_t out[HASH_BYTES], const uint8_t before[HASH_BYTES], int64_t county,
                     const struct ledger_transfer *t);
/* A number read as upper and lower half of 32 bits; false on overflow. */
bool ledger_halves(int64_t *out, int64_t high, int64_t low);
/* What a transfer does to the balances of the account `id`; sign -1 takes it back. */
void ledger_effect(struct ledger_balance *b, int64_t id, const struct ledger_transfer *t,
                   int64_t sign);

#endif

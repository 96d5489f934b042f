/* A seller's card: printed with a random text as QR code. With its PIN it opens a session on
 * any phone, its own or a shared one. Table `seller_card`; one card holds for a seller at a
 * time. */
#ifndef SHOP_CARD_H
#define SHOP_CARD_H

#include "shop/shop.h"

/* Wrong PINs in a row after which a card holds no longer, whatever the waits between them. */
enum { CARD_TRIES_MAX = 20 };

/* A new card for a seller who agreed to sell; by its station or county (cx->actor NULL: the
 * system), RC_NOTFOUND for others. RC_CONFLICT: the seller is a user of the
 * office. The card before ends, and its sessions. *token is the text
 * of the QR code, known only now. */
enum rc card_make(const char **token, struct cx *cx, int64_t county, int64_t seller_id,
                  struct str pin) MUST_USE;
/* It was lost: ends it and its sessions. RC_NOTFOUND: the seller has none. As card_make. */
enum rc card_end(struct cx *cx, int64_t county, int64_t seller_id) MUST_USE;
struct card_state {
    int64_t made_at, used_at; /* made_at 0: no card holds; used_at 0: never */
    int tries;                /* wrong PINs since the last right one */
};
/* For those who may work for the seller. */
enum rc card_get(struct card_state *out, struct cx *cx, int64_t county,
                 int64_t seller_id) MUST_USE;
/* Signs in with card and PIN. RC_DENIED: wrong, ended, or the seller sells no more (the same
 * sentence); RC_BUSY: wait; RC_LIMIT: tried too often, the station makes a new one. */
enum rc card_enter(const char **session, struct cx *cx, struct str token, struct str pin,
                   struct str client, struct str device) MUST_USE;

#endif

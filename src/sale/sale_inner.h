/* What the files of this room share. */
#ifndef SALE_SALE_INNER_H
#define SALE_SALE_INNER_H

#include "base/crypto.h"
#include "profile/shipping.h"
#include "sale/payment.h"

enum { SALE_TOKEN_MAX = 100, SALE_NUMBER_LEN = 10, SALE_KEY_MIN = 16, SALE_KEY_MAX = 100 };

/* The hash under which a token of that kind ("basket", "order", "key") is kept. */
void sale_token_hash(uint8_t out[32], struct cx *cx, const char *kind, struct str token);
/* 10 characters that nobody mistakes for one another, at random; in the arena. */
const char *sale_number(struct cx *cx);
struct str sale_seal(struct cx *cx, struct str plain, const char *purpose, int64_t id);
enum rc sale_open(struct str *plain, struct cx *cx, struct str sealed, const char *purpose,
                  int64_t id) MUST_USE;

/* ---- buyers ---- */
struct str buyer_text(struct cx *cx, const struct buyer *b);
/* Sealed NULL (erased): all empty. */
enum rc buyer_open(struct buyer *out, struct cx *cx, struct str sealed, const char *zone,
                   int64_t purchase_id) MUST_USE;
struct buyer buyer_none(void);

/* ---- orders, in a write closure ---- */
/* Moves an order that was read in this closure, keeps the event, and puts the new state and
 * version into *o. `at_column`: which moment is set with it. RC_CONFLICT with a sentence. */
struct step {
    enum order_event event;
    enum order_who who;
    const char *note;
};
enum rc order_step(struct order *o, struct cx *cx, const struct step *s) MUST_USE;
enum rc order_event_add(struct cx *cx, const struct order *from, enum order_state to,
                        const struct step *s) MUST_USE;
/* All orders of a purchase, by id. */
enum rc order_of_purchase(struct order **out, size_t *count, struct cx *cx, int64_t county,
                          int64_t purchase_id) MUST_USE;
/* Ends a placed order whose time is over: stock back, event. */
enum rc order_expire(struct order *o, struct cx *cx) MUST_USE;
enum rc order_release(struct cx *cx, const struct order *o) MUST_USE;
/* What is still to be paid for it: total - adjust - paid, never below 0. */
int64_t order_due(const struct order *o);

/* ---- payments, in a write closure ---- */
/* Makes the row and queues the instruction when the provider is to be told. */
struct payment_ask {
    int64_t county, purchase_id, order_id, amount_minor;
    int provider;
    const char *currency;
};
enum rc payment_add(int64_t *id, struct cx *cx, const struct payment_ask *a) MUST_USE;
/* The whole amount came in: spread over its orders, each paid or given back at once. *result is
 * PAY_DONE, PAY_BACK or PAY_NOTHING (captured before). */
enum rc payment_capture(enum pay_result *result, struct cx *cx, const struct payment *p,
                        enum order_who who) MUST_USE;
/* Cash for an order that is handed over: a payment row of its own, captured at once. */
enum rc payment_cash(struct cx *cx, const struct order *o) MUST_USE;
/* Ends a refund as done: the pending transfer is posted. PAY_NOTHING: it was. */
enum rc refund_done(enum pay_result *result, struct cx *cx, const struct refund *r) MUST_USE;
/* Queues telling the provider. kind: "payment" or "refund". */
enum rc instruct_add(struct cx *cx, int64_t county, const char *kind, int64_t id,
                     int64_t run_at) MUST_USE;
enum rc instruct_run(struct cx *cx, const struct job *job) MUST_USE;
enum rc sale_tend(struct cx *cx, const struct job *job) MUST_USE;
/* Without looking at the actor. RC_NOTFOUND without a text. */
enum rc payment_by_reference(struct payment *out, struct cx *cx, int64_t county,
                             struct str reference) MUST_USE;
extern const struct pay_provider pay_gateway;

#endif

/* Payments: what was asked for, what providers told, what went back. Providers stand behind one
 * small interface. We hold nobody's money, and a payment is real only when the provider's event
 * (webhook, bank line, cash handed over) was matched with it: same id or reference, same
 * amount, same currency. Instructions to providers are durable jobs, never inside a write
 * closure. */
#ifndef SALE_PAYMENT_H
#define SALE_PAYMENT_H

#include "sale/order.h"

enum pay_number { PAY_TRANSFER = 1, PAY_GATEWAY = 2, PAY_COD = 3 };
enum { PAY_PROVIDERS = 3, PAY_HOOK_BYTES = 64 * 1024, PAY_HOOK_AGE_S = 300 };

enum payment_state {
    PAYMENT_NEW = 1,   /* the provider is to be told */
    PAYMENT_ASKED = 2, /* awaited */
    PAYMENT_CAPTURED = 3,
    PAYMENT_FAILED = 4 /* the provider says so; may still be captured: facts win */
};
struct payment {
    int64_t county, id, purchase_id, order_id; /* order_id 0: of the whole purchase */
    int provider;
    enum payment_state state;
    const char *currency;
    int64_t amount_minor, captured_minor, refunding_minor, refunded_minor;
    const char *reference; /* for the bank's line: 10 characters, unique in the county */
    const char *provider_reference, *pay_url;
    int64_t tries, created_at, captured_at;
};
enum refund_state { REFUND_NEW = 1, REFUND_ASKED = 2, REFUND_DONE = 3, REFUND_FAILED = 4 };
struct refund {
    int64_t county, id, payment_id, order_id;
    enum refund_state state;
    const char *currency;
    int64_t amount_minor;
    const char *reason;
    int64_t tries, created_at, done_at;
    int64_t transfer_id; /* the ledger's pending transfer */
};
/* How a county is paid by a provider; county 0: for all that have none of their own. Sealed at
 * rest. Texts are never NULL. */
struct pay_setting {
    int64_t county;
    int provider;
    bool active;
    const char *holder, *account, *bank; /* of the bank transfer */
    const char *qr_id, *qr_city;         /* EMVCo: globally unique id, city; "" no QR */
    const char *url, *secret;            /* of the gateway; secret: at least 16 characters */
};
enum rc pay_setting_get(struct pay_setting *out, struct cx *cx, int64_t county,
                        int provider) MUST_USE;
/* shop.manage in the county (the system for county 0). */
enum rc pay_setting_set(struct cx *cx, const struct pay_setting *s) MUST_USE;

/* ---- what providers tell ---- */
enum pay_kind {
    PAY_AUTHORISED = 1,
    PAY_CAPTURE = 2,
    PAY_FAIL = 3,
    PAY_REFUNDED = 4,
    PAY_REFUND_FAIL = 5
};
struct pay_event {
    int provider;
    const char *event_id; /* the provider's, unique: 1 to 100 characters */
    enum pay_kind kind;
    int64_t payment_id, refund_id; /* ours; payment_id 0: by reference */
    struct str reference;
    int64_t amount_minor;
    const char *currency;
    struct str raw; /* as received; kept sealed */
};
enum pay_result {
    PAY_DONE = 1,    /* had its effect */
    PAY_SEEN = 2,    /* this event was there before: nothing done */
    PAY_NOTHING = 3, /* true, but changes nothing (captured before, an authorisation) */
    PAY_UNKNOWN = 4, /* no such payment or refund */
    PAY_DIFFERS = 5, /* other amount, currency or provider: a person must look */
    PAY_BACK = 6     /* captured for what has ended or was paid: goes back (part of it may) */
};
/* Keeps the event once by (provider, event id) and lets it have its effect, in one write. */
enum rc pay_event_take(enum pay_result *out, struct cx *cx, int64_t county,
                       const struct pay_event *e) MUST_USE;
/* A webhook as it came. RC_DENIED: not signed by this county's gateway, or too old: nothing is
 * kept. RC_INVALID: signed, but not to be read. */
struct pay_hook {
    int64_t county;
    int provider;
    struct str body, signature; /* "t=SECONDS,v1=HEX": HMAC-SHA256 over "SECONDS.body" */
};
enum rc pay_hook_take(enum pay_result *out, struct cx *cx, const struct pay_hook *h) MUST_USE;
/* What would be in the header of a signed body (for the gateway of tests, and our own calls).
 */
const char *pay_sign(struct cx *cx, const char *secret, int64_t at, struct str body);

/* ---- reading ---- */
enum rc payment_get(struct payment *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* Of a purchase, by id. */
enum rc payment_list(struct payment **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t purchase_id) MUST_USE;
enum rc refund_get(struct refund *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
enum rc refund_list(struct refund **out, size_t *count, struct cx *cx, int64_t county,
                    int64_t order_id) MUST_USE;

/* ---- giving back ---- */
/* Part of what was captured for an order, newest payment first; never more than captured and
 * not yet asked back, also under many at once: RC_CONFLICT. Posts a pending transfer
 * MONEY_ORDER to MONEY_PROVIDER, posted when the provider confirms. In a write closure. Raises
 * the order's refunded_minor. */
struct refund_ask {
    int64_t county, order_id, amount_minor;
    const char *reason; /* a short key: "cancelled", "weight", "late", "claim" */
};
enum rc refund_add(int64_t *id, struct cx *cx, const struct refund_ask *r) MUST_USE;
/* A refund that goes by hand (bank transfer, cash) was made: shop.manage in the county, or the
 * system. */
enum rc refund_confirm(struct cx *cx, int64_t county, int64_t id) MUST_USE;

/* ---- the interface of providers ---- */
struct pay_answer {
    bool accepted;
    const char *provider_reference, *pay_url; /* "" */
};
struct pay_provider {
    int number;
    const char *name; /* "transfer": key, never shown */
    int64_t wait_s;   /* how long goods wait for the money; 0: paid on delivery */
    /* NULL: nothing to tell, people do it. Outside of any closure and lock. RC_IO, RC_BUSY: to
     * be tried again with the same idempotency key. */
    enum rc (*begin)(struct pay_answer *out, struct cx *cx, const struct pay_setting *s,
                     const struct payment *p);
    enum rc (*refund)(struct pay_answer *out, struct cx *cx, const struct pay_setting *s,
                      const struct refund *r);
    /* NULL: it sends none. Checks the signature. */
    enum rc (*parse)(struct pay_event *out, struct cx *cx, const struct pay_setting *s,
                     const struct pay_hook *h);
};
/* NULL: there is none of that number. */
const struct pay_provider *pay_provider_of(int number);
/* For people. */
const char *pay_provider_text(struct cx *cx, int number);

#endif

/* Offers of donors and volunteers, matched to needs that households let be listed, with proof
 * of delivery. Tables `offer`, `offer_match`. */
#ifndef HELP_OFFER_H
#define HELP_OFFER_H

#include "help/need.h"

struct offer {
    int64_t county, id, org_id;
    const char *giver, *text; /* giver: sealed when a person */
    int32_t kind;             /* code of need_kind */
    int64_t amount_minor;     /* what is left */
    int32_t until_day;
    int32_t version;
};
enum rc offer_add(int64_t *id, struct cx *cx, const struct offer *o) MUST_USE;
enum rc offer_list(struct offer **out, size_t *count, struct cx *cx, int64_t county) MUST_USE;
/* Takes part of the offer for a need (conditional: never below zero); *id of the match. */
enum rc offer_match(int64_t *id, struct cx *cx, int64_t offer_id, int64_t need_id,
                    int64_t amount_minor) MUST_USE;
enum rc offer_delivered(struct cx *cx, int64_t match_id, int64_t document_id) MUST_USE;

#endif

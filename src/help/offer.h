/* Offers of donors and volunteers, matched to needs that households let be listed, with proof
 * of delivery. Tables `offer`, `offer_match`. */
#ifndef HELP_OFFER_H
#define HELP_OFFER_H

#include "help/need.h"

struct offer {
    int64_t county, id, org_id; /* org_id 0: a person */
    const char *giver, *text;   /* giver: a name, sealed at rest */
    int32_t kind;               /* code of need_kind */
    int64_t amount_minor;       /* money, or what the things are worth */
    int64_t left_minor;         /* not yet matched */
    int32_t until_day;          /* 0: open */
    int64_t at;
    int32_t version;
};
struct offer_match {
    int64_t county, id, offer_id, need_id, amount_minor;
    int64_t at, user_id, delivered_at, document_id, ended_at; /* 0: not yet */
};
/* Permission work.manage at the county's area. */
enum rc offer_add(int64_t *id, struct cx *cx, int64_t county_area,
                  const struct offer *o) MUST_USE;
/* Newest first, at most 500; those with work.manage see the giver, others "". */
enum rc offer_list(struct offer **out, size_t *count, struct cx *cx, int64_t county) MUST_USE;
enum rc offer_get(struct offer *out, struct cx *cx, int64_t id) MUST_USE;
enum rc offer_matches(struct offer_match **out, size_t *count, struct cx *cx, int64_t county,
                      int64_t offer_id) MUST_USE;
/* Permission work.manage at the county. */
enum rc offer_match_get(struct offer_match *out, struct cx *cx, int64_t id) MUST_USE;
/* Takes part of the offer for an open need of its kind that may be listed. RC_CONFLICT: not so
 * much is left (conditional). */
enum rc offer_match_add(int64_t *id, struct cx *cx, int64_t offer_id, int64_t need_id,
                        int64_t amount_minor) MUST_USE;
/* Delivered, with a stored document as proof; the need is solved when what was delivered is as
 * much as it asked for, or it named no amount. */
enum rc offer_delivered(struct cx *cx, int64_t match_id, int64_t document_id) MUST_USE;
/* It came to nothing: the amount is free again. */
enum rc offer_match_end(struct cx *cx, int64_t match_id) MUST_USE;

#endif

/* Assemblies: the meeting of a village (or a county's panel) that votes on several cases at
 * once. The cases of its area that stand in a state of kind `vote` can be put on its list.
 * present <= entitled; agree + disagree + abstain <= present for every case; a case passes with
 * more than the share of the option `vote_share` (percent of those present; 0 = more votes for
 * than against). With fewer than `vote_quorum` percent of the entitled present (rounded to
 * whole percents) the meeting decides nothing and cannot be closed with cases on its list.
 * Closing makes the moves: the forward move of the vote's state, or the one that refuses (else
 * the one back). Tables `assembly`, `assembly_item`. */
#ifndef CASEWORK_ASSEMBLY_H
#define CASEWORK_ASSEMBLY_H

#include "casework/case.h"

enum assembly_state {
    ASSEMBLY_PLANNED = 1,
    ASSEMBLY_OPEN = 2, /* people are counted */
    ASSEMBLY_CLOSED = 3,
    ASSEMBLY_CLOSING = 4 /* the votes stand, the moves are being made: closing again goes on */
};
struct assembly {
    int64_t county, id, area_id;
    const char *area_path, *place, *chair, *recorder, *minutes;
    int64_t at; /* when it meets */
    enum assembly_state state;
    int32_t entitled, present; /* -1: not counted yet */
    int64_t attendance_id;     /* document: the signed list; 0 */
    int64_t made_by, closed_at;
    int32_t version;
};
struct assembly_item {
    int64_t county, assembly_id, flow_id;
    int32_t agree, disagree, abstain; /* -1: not voted yet */
    const char *remark;
    bool passed;          /* after closing */
    bool moved;           /* its move was made */
    const char *failed;   /* why its move was not made; NULL */
    int32_t version;      /* for conditional changes */
    int32_t flow_version; /* of the case, when it was voted on */
};
/* Writing needs case.check in the area; reading case.view. */
enum rc assembly_add(int64_t *id, struct cx *cx, const struct assembly *a) MUST_USE;
/* Everything but the area, conditional on the version. RC_INVALID: more people present than
 * entitled, fewer than voted on a case, no date. RC_CONFLICT: somebody was quicker, or it is
 * closed. */
enum rc assembly_set(struct cx *cx, const struct assembly *a) MUST_USE;
/* A case of the area that stands in a vote. RC_CONFLICT: it is on this or another open list. */
enum rc assembly_put(struct cx *cx, int64_t id, int64_t flow_id) MUST_USE;
enum rc assembly_take_off(struct cx *cx, int64_t id, int64_t flow_id) MUST_USE;
/* Conditional on the item's version. RC_INVALID: more hands than people present, negative, the
 * people are not counted yet, the case was decided meanwhile. RC_CONFLICT: somebody wrote other
 * votes. */
enum rc assembly_vote(struct cx *cx, int64_t id, const struct assembly_item *vote) MUST_USE;
/* All voted, people counted, minutes written: makes the moves. *failed: items whose case was
 * moved by others meanwhile (listed, not made). RC_INVALID says what is missing; RC_CONFLICT:
 * somebody was quicker. After a crash half-way, closing again makes what is left. Not in a
 * write closure. */
enum rc assembly_close(int64_t *failed, struct cx *cx, int64_t id, int32_t version) MUST_USE;
enum rc assembly_get(struct assembly *out, struct cx *cx, int64_t id) MUST_USE;
enum rc assembly_items(struct assembly_item **out, size_t *count, struct cx *cx,
                       int64_t id) MUST_USE;
enum rc assembly_list(struct assembly **out, size_t *count, struct cx *cx, int64_t area_id,
                      int64_t after, size_t max) MUST_USE;
/* How a vote would end, by the options of the area. */
struct assembly_rule {
    int32_t quorum, share; /* percent */
};
enum rc assembly_rule_get(struct assembly_rule *out, struct cx *cx, int64_t area_id) MUST_USE;
bool assembly_has_quorum(const struct assembly_rule *r, const struct assembly *a);
bool assembly_passes(const struct assembly_rule *r, const struct assembly *a,
                     const struct assembly_item *item);
/* Cases of the area that stand in a vote and are on no open list; at most 200. */
enum rc assembly_waiting(struct flow **out, size_t *count, struct cx *cx,
                         int64_t area_id) MUST_USE;
/* Flow hook (work/flow.h), added by casework_begin: notes in the move's own transaction that an
 * assembly's result was made. */
enum rc assembly_hook(struct cx *cx, const struct flow *now, const struct workflow_move *move,
                      const struct flow_ask *ask) MUST_USE;
/* The minutes as PDF (html/pdf.h), into fd. */
enum rc assembly_pdf(struct cx *cx, int64_t id, int fd) MUST_USE;

#endif

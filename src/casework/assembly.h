/* Assemblies: the meeting of a village (or a county's panel) that votes on several cases at
 * once. The cases of its area that stand in a state of kind `vote` can be put on its list.
 * present <= entitled; agree + disagree + abstain <= present for every case; a case passes by
 * the share of the option `vote_share` (percent of those present; 0 = simple majority of
 * votes), and with at least `vote_quorum` percent of the entitled present. Closing makes the
 * moves. Tables `assembly`, `assembly_item`. */
#ifndef CASEWORK_ASSEMBLY_H
#define CASEWORK_ASSEMBLY_H

#include "casework/case.h"

enum assembly_state { ASSEMBLY_PLANNED = 1, ASSEMBLY_OPEN = 2, ASSEMBLY_CLOSED = 3 };
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
    bool passed;        /* after closing */
    const char *failed; /* why its move was not made; NULL */
};
enum rc assembly_add(int64_t *id, struct cx *cx, const struct assembly *a) MUST_USE;
enum rc assembly_set(struct cx *cx, const struct assembly *a) MUST_USE; /* conditional */
enum rc assembly_put(struct cx *cx, int64_t id, int64_t flow_id) MUST_USE;
enum rc assembly_take_off(struct cx *cx, int64_t id, int64_t flow_id) MUST_USE;
/* RC_INVALID: more hands than people present, negative. */
enum rc assembly_vote(struct cx *cx, int64_t id, const struct assembly_item *vote) MUST_USE;
/* All voted, people counted, minutes written: makes the moves. *failed: items whose case was
 * moved by others meanwhile (listed, not made). Not in a write closure. */
enum rc assembly_close(int64_t *failed, struct cx *cx, int64_t id, int32_t version) MUST_USE;
enum rc assembly_get(struct assembly *out, struct cx *cx, int64_t id) MUST_USE;
enum rc assembly_items(struct assembly_item **out, size_t *count, struct cx *cx,
                       int64_t id) MUST_USE;
enum rc assembly_list(struct assembly **out, size_t *count, struct cx *cx, int64_t area_id,
                      int64_t after, size_t max) MUST_USE;
/* Cases that could be put on the list. */
enum rc assembly_waiting(struct flow **out, size_t *count, struct cx *cx,
                         int64_t area_id) MUST_USE;
/* The minutes as PDF (html/pdf.h), into fd. */
enum rc assembly_pdf(struct cx *cx, int64_t id, int fd) MUST_USE;

#endif

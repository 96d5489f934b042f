/* Tips: anybody's word that a household may be in trouble: its own report (page, QR code of the
 * village, telephone), an officer, a department's list, an alert, the media. A tip is taken or
 * closed with a reason; taken, it opens a case. What is said is sealed at rest. Table `tip`. */
#ifndef CASEWORK_TIP_H
#define CASEWORK_TIP_H

#include "casework/case.h"

enum tip_source { TIP_SELF = 1, TIP_OFFICER, TIP_LIST, TIP_ALERT, TIP_MEDIA, TIP_PHONE };
enum tip_state { TIP_ANY = 0 /* in lists */, TIP_NEW = 1, TIP_TAKEN = 2, TIP_CLOSED = 3 };
struct tip {
    int64_t county, id, area_id, household_id; /* household 0: not known yet */
    enum tip_source source;
    enum tip_state state;
    int64_t source_id; /* alert, comparison finding; 0 */
    /* As said; sealed at rest; the phone is masked when read. The text of TIP_ALERT is the code
     * of its rule when added, the rule's message in the reader's language when read. */
    const char *name, *phone, *text;
    /* TIP_SELF, on adding: the number of the form that was sent ("": none), so that the same
     * form sent twice makes one tip and gives the same code; "" on reading. */
    const char *reference;
    int64_t at, due_at, flow_id, closed_by;
    const char *reason; /* why closed */
    int32_t version;
};
/* Makes the tip with its task for the village. Of the same household and source within a day
 * only one. TIP_SELF: no permission is asked; throttled by the page; *reference: eight
 * characters by which the reporter asks what became of it, stored as a hash, given once ("" for
 * other sources). Officers, telephone and media: permission case.check; lists and alerts: the
 * caller has checked. RC_DENIED when the profile's option self_report is off in the area;
 * RC_INVALID names what is wrong. In a write closure or not. */
enum rc tip_add(int64_t *id, const char **reference, struct cx *cx,
                const struct tip *t) MUST_USE;
/* Which household it is. */
enum rc tip_set_household(struct cx *cx, int64_t id, int32_t version,
                          int64_t household_id) MUST_USE;
/* Opens the case (or joins the open one) in *flow_id. Permission case.check. */
enum rc tip_take(int64_t *flow_id, struct cx *cx, int64_t id, int32_t version) MUST_USE;
/* With a reason, which whoever reported themselves may read. RC_CONFLICT: it was taken or
 * closed meanwhile. */
enum rc tip_close(struct cx *cx, int64_t id, int32_t version, struct str reason) MUST_USE;
enum rc tip_get(struct tip *out, struct cx *cx, int64_t id) MUST_USE;
enum rc tip_list(struct tip **out, size_t *count, struct cx *cx, enum tip_state state,
                 int64_t area_id, int64_t after, size_t max) MUST_USE;
enum rc tips_of_flow(struct tip **out, size_t *count, struct cx *cx, int64_t flow_id) MUST_USE;
/* The phone in full, to call back: permission household.reveal in the area, a reason; written
 * into the looks (with person 0) before it is given. */
enum rc tip_reveal(const char **phone, struct cx *cx, int64_t id, struct str reason) MUST_USE;
/* What a reporter may know: id, area, state, deadline, reason; nothing else (words are "").
 * RC_NOTFOUND, without saying whether the code was ever given. */
enum rc tip_ask(struct tip *out, struct cx *cx, struct str reference) MUST_USE;
/* May people report themselves in the area (option self_report)? */
enum rc tip_self_allowed(bool *out, struct cx *cx, int64_t area_id) MUST_USE;

/* An area was merged into another: tips, assemblies, postings and grievances follow (cases
 * themselves: flow_area_merged, task_area_merged). In a write closure. */
enum rc casework_area_merged(struct cx *cx, int64_t county, int64_t from_area,
                             int64_t to_area) MUST_USE;

#endif

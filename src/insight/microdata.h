/* De-identified files of households for analysts. Asked for with a purpose, checked for
 * disclosure, approved by somebody else, kept as they were approved, and every taking of the
 * file is logged.
 *
 * What is done to the data (microdata_make.c): only households with an answer to what is asked
 * for in that year; no names, numbers, addresses, positions or texts; a serial number in an
 * order at random; areas only as an unnamed part of the area asked for (its number is drawn,
 * but how many records it has may tell which it is, so it counts as known); household size up
 * to 7; money rounded to 100, other quantities to two digits (above the lowest value that the
 * profile allows), both cut at the 1st and 99th percentile and never showing an extreme that
 * fewer than MICRODATA_K have; quantities that fewer than MICRODATA_KNOWN know are blanked;
 * months become years. Records that fewer than MICRODATA_K share in all that could be known
 * from outside (part, size, codes, yes/no, years) lose first the part, then answer after
 * answer; what is still alone is left out. Source: Hundepool and others, Statistical Disclosure
 * Control (2012), chapter 3 (k-anonymity: Samarati 2001). */
#ifndef INSIGHT_MICRODATA_H
#define INSIGHT_MICRODATA_H

#include "insight/population.h"

enum {
    MICRODATA_K = 3,
    MICRODATA_VARIABLES_MAX = 40,
    MICRODATA_LEAST = 100, /* households */
    MICRODATA_KNOWN = 20,
};
enum microdata_state { MICRODATA_ASKED, MICRODATA_APPROVED, MICRODATA_REFUSED };
struct microdata {
    int64_t county, id, at, user_id, area_id;
    const char *user_name;
    int32_t year;
    const char *purpose;
    const char *variables; /* codes of household indicators, by blanks */
    enum microdata_state state;
    int64_t decided_at, decided_by;
    const char *reason;
    int64_t document_id;
    int64_t records, dropped, blanked; /* of the approved file */
    const char *path;                  /* of the area */
};
/* What the check found. */
struct microdata_risk {
    int64_t households;    /* of the area with an answer of that year */
    int64_t alone_before;  /* records that fewer than K shared before anything was blanked */
    int64_t parts_blanked; /* records that lost the part */
    int64_t answers_blanked;
    int64_t dropped;
    int64_t records;   /* that stay */
    int64_t least;     /* smallest group that shares everything, >= K */
    double reidentify; /* mean of 1 / group size: the chance that a known person is found */
};
/* May this indicator be asked for? Not secret, text or position. */
bool microdata_allowed(const struct cx *cx, const struct indicator *ind);
/* Makes the file (CSV) into fd, or with fd -1 only the check. RC_INVALID with a sentence:
 * unknown or forbidden variables, fewer than MICRODATA_LEAST households, a year without sheets.
 * What is asked for twice is in the file once. */
enum rc microdata_make(struct microdata_risk *risk, struct cx *cx, const struct microdata *m,
                       int fd) MUST_USE;

/* Asks: permission microdata.request in the area (RC_NOTFOUND where the actor may not even see
 * figures), a purpose of 10 to 1,000 bytes. Opens its own write. Fills id, county, at. */
enum rc microdata_ask(struct microdata *m, struct cx *cx) MUST_USE;
/* Permission microdata.approve in the area; nobody approves what they asked for themselves
 * (RC_DENIED). Approving makes and keeps the file. `reason` is needed to refuse. */
enum rc microdata_decide(struct cx *cx, int64_t id, bool approve, struct str reason) MUST_USE;
/* Own requests, and all where the actor may approve. Newest first. */
enum rc microdata_list(struct microdata **out, size_t *count, struct cx *cx) MUST_USE;
/* RC_NOTFOUND also when it is neither the actor's own nor theirs to approve. */
enum rc microdata_get(struct microdata *out, struct cx *cx, int64_t id) MUST_USE;
/* Approved files of its county and year. Two files can be joined by what both hold, so the
 * approver should know. */
enum rc microdata_approved(int64_t *count, struct cx *cx, const struct microdata *m) MUST_USE;
/* The approved file; logged before it is handed out. The caller closes fd. */
enum rc microdata_take(int *fd, struct cx *cx, int64_t id) MUST_USE;
struct microdata_access {
    int64_t at;
    const char *user_name;
};
enum rc microdata_accesses(struct microdata_access **out, size_t *count, struct cx *cx,
                           const struct microdata *m) MUST_USE;

#endif

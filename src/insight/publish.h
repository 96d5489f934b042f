/* Figures for everybody: how many people of an area and its parts are below the line. Counts
 * from 1 to 9 households are hidden, and others with them, so that nobody can be told from a
 * table or from two tables together. What is published is frozen: it keeps its numbers when the
 * register changes. */
#ifndef INSIGHT_PUBLISH_H
#define INSIGHT_PUBLISH_H

#include "insight/population.h"

enum {
    PUBLISH_LEAST = 10 /* households; smaller counts are hidden */,
    PUBLISH_ROWS_MAX = 2000
};
struct publish_row {
    int64_t area_id;
    const char *label;
    int64_t households, people; /* with known welfare */
    bool hidden;                /* then the poor are not known to the reader */
    int64_t poor_households, poor_people;
};
struct publish_figure {
    int64_t county, id, at, user_id, area_id;
    int32_t year;
    /* line_label: the line as it was asked for, scope_line.text; welfare: the indicator's code
     */
    const char *title, *line_label, *welfare;
    int64_t line_minor;
    bool weak;
    int64_t seq; /* journal entry up to which the register was */
    int64_t withdrawn_at;
    const struct publish_row *rows; /* [0] the whole area */
    size_t row_count;
};
/* The table of a scope with its small cells hidden. RC_INVALID with a sentence: nobody can be
 * shown (fewer than 10 poor or not poor in all), or there is no year, line or welfare. */
enum rc publish_make(struct publish_figure *out, struct cx *cx, const struct scope *s) MUST_USE;
/* Sets `hidden` of rows 1 … count - 1, the parts of rows[0]; the counts are read. RC_INVALID as
 * publish_make. First the small ones, then enough others that no hidden one can be worked out
 * from the sum. Source: Hundepool and others, Statistical Disclosure Control (2012), chapter 4
 * (threshold rule, secondary suppression); ours is the plain heuristic. */
enum rc publish_hide(struct publish_row *rows, struct cx *cx, size_t count) MUST_USE;
/* Would the figure, together with all that were ever published for its year (withdrawn ones
 * too: readers may have kept them), tell about fewer than 10 households? RC_CONFLICT with a
 * sentence. Refuses more than it must, by rules that can be followed (publish_check.c):
 *   - the same area again: the same parts hidden, and every shown number as well as the sum of
 *     the hidden ones as before or at least 10 households away;
 *   - an area inside or round one that was published: the same line and rule; the smaller one
 *     is shown in the figure of the area directly above it, which must be there, with exactly
 *     the same numbers. So figures hang together in chains, and a hidden part has none below.
 * In a write closure or read transaction. */
enum rc publish_check(struct cx *cx, const struct publish_figure *f) MUST_USE;
/* Keeps it for everybody to read. RC_DENIED without figure.publish in the area; RC_CONFLICT as
 * publish_check. Opens its own write. */
enum rc publish_put(int64_t *id, struct cx *cx, const struct publish_figure *f) MUST_USE;
/* May the actor publish and withdraw figures of its area? */
bool publish_may(struct cx *cx, const struct publish_figure *f);
/* Newest first; without rows. Withdrawn ones only with `all`. */
enum rc publish_list(struct publish_figure **out, size_t *count, struct cx *cx,
                     bool all) MUST_USE;
enum rc publish_get(struct publish_figure *out, struct cx *cx, int64_t id) MUST_USE;
/* The rows of a figure whose county and id are set. */
enum rc publish_read_rows(struct publish_figure *f, struct cx *cx) MUST_USE;
/* It is no longer shown; it stays in the records. RC_DENIED as publish_put. */
enum rc publish_withdraw(struct cx *cx, int64_t id) MUST_USE;

#endif

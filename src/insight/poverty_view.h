/* What the pages about poverty of money show. */
#ifndef INSIGHT_POVERTY_VIEW_H
#define INSIGHT_POVERTY_VIEW_H

#include "html/chart.h"
#include "html/chart_xy.h"
#include "html/table.h"
#include "insight/board_view.h"
#include "insight/poor.h"

struct poverty_head {
    const char *label, *value, *more; /* more: a small second line; NULL */
};
enum { POVERTY_HEADS_MAX = 8, POVERTY_NOTES_MAX = 6 };
struct poverty_view {
    struct board board;
    bool has_figures;
    struct poverty_head heads[POVERTY_HEADS_MAX];
    size_t head_count;
    const char *notes[POVERTY_NOTES_MAX]; /* what must be known about these figures */
    size_t note_count;
    const char *newly, *newly_href; /* who is newly poor; href NULL: may not see households */
    const char *poor_href;          /* the poor households; NULL: may not */
    const struct table *ranking, *groups;
    const char *group_label;
    const struct chart *trend;
    const struct chart_xy *bins;
    const char *bins_note;
    const struct how *how;
};

struct inequality_view {
    struct board board;
    bool has_figures;
    const struct chart_xy *lorenz, *incidence;
    const struct table *statistics, *parts;
    const struct chart *shares;
    const char *growth_refused, *growth_note;
    const struct how *how;
};

struct poverty_list_view {
    struct board board;
    const char *what; /* a sentence: which households these are */
    const struct table *table;
    const struct how *how;
};

/* "12.3%"; "–" for none. */
const char *poverty_percent(struct cx *cx, double share);
/* "1,234": people or households. */
const char *poverty_count(struct cx *cx, double weight);
/* Starts a page's board after scope_read: takes a mistake of the address over as its error
 * (*bad = true) and lets other failures pass. */
enum rc poverty_begin(struct board *b, bool *bad, struct cx *cx, struct scope *s,
                      const struct request *q) MUST_USE;
/* The same for a failure while computing: RC_INVALID becomes the board's error. */
enum rc poverty_take(struct board *b, struct cx *cx, enum rc rc) MUST_USE;
/* The beginning of a page of the evidence: status 400 when what was asked for is wrong, the
 * frame, the board. The caller adds its body and ends with page_end. */
struct out *poverty_page_begin(struct cx *cx, const struct request *q, struct response *a,
                               struct board *b, const char *title);
/* Links of how-blocks: the figures of the page as files, and the rows behind them. */
void poverty_how_links(struct cx *cx, struct how *h, const struct scope *s, const char *path);

#endif

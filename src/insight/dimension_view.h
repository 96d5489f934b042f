/* What the page about poverty in many dimensions shows. */
#ifndef INSIGHT_DIMENSION_VIEW_H
#define INSIGHT_DIMENSION_VIEW_H

#include "insight/dimension.h"
#include "insight/poverty_view.h"

struct dimension_rule {
    const char *label, *dimension, *help, *rule, *source;
    const char *name;   /* of the weight in the address: "w_school" */
    const char *weight; /* as asked for */
    const char *own;    /* as the profile has it */
};
struct dimension_view {
    struct board board;
    bool has_figures;
    const char *help; /* what the index is */
    struct poverty_head heads[POVERTY_HEADS_MAX];
    size_t head_count;
    const char *notes[POVERTY_NOTES_MAX];
    size_t note_count;
    const char *poor_href; /* the poor households; NULL: may not */
    const struct table *parts, *ranking, *groups;
    const char *group_label;
    const struct chart *shares, *trend;
    const struct chart_xy *at_k;
    const struct dimension_rule *rules;
    size_t rule_count;
    const char *k_own;
    const char *reset_href;  /* NULL: nothing was moved */
    const struct pair *kept; /* of the address, for the form of settings */
    size_t kept_count;
    const struct how *how;
};

#endif

/* What the pages of causes, changes and capability share. */
#ifndef INSIGHT_WHY_PARTS_VIEW_H
#define INSIGHT_WHY_PARTS_VIEW_H

#include "insight/why_view.h"

/* A mistake in what was asked for becomes a sentence on the page; other failures pass. */
enum rc why_error(const char **error, struct cx *cx, enum rc rc) MUST_USE;
/* The table in cx->arena with a copy of its columns. */
const struct table *why_table(struct cx *cx, const struct table *t,
                              const struct table_column *columns, size_t column_count);

#endif

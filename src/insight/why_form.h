/* What the pages of causes and of changes share. */
#ifndef INSIGHT_WHY_FORM_H
#define INSIGHT_WHY_FORM_H

#include "insight/why_view.h"

/* Years, line and what else stays in the address; with `two_years` the year compared with too.
 */
void why_form_fill(struct why_form *f, struct cx *cx, const struct scope *s, bool two_years);
/* A mistake in what was asked for becomes a sentence on the page; other failures pass. */
enum rc why_error(const char **error, struct cx *cx, enum rc rc) MUST_USE;
/* The table in cx->arena with a copy of its columns. */
const struct table *why_table(struct cx *cx, const struct table *t,
                              const struct table_column *columns, size_t column_count);

#endif

/* A condition of the rule language (rule/rule.h) over the columns of a table file: --if of the
 * statistics commands. Columns of numbers are numbers; columns of texts are lists of codes,
 * compared with texts in quotes: age >= 15 and region in ('North', 'South'). */
#ifndef INSIGHT_FILE_RULE_H
#define INSIGHT_FILE_RULE_H

#include "insight/file_frame.h"

/* The words of the rule that may be columns, to be read (as_auto, optional). */
enum rc file_rule_columns(struct file_want **out, size_t *count, struct cx *cx,
                          const char *rule) MUST_USE;
/* *out: by row, 1 where the rule is true; missing is not true. RC_INVALID with a sentence: the
 * rule has a mistake (and where), or a number is too large for it. */
enum rc file_rule_run(uint8_t **out, struct cx *cx, const char *rule,
                      const struct file_want *columns, size_t count, size_t rows) MUST_USE;

#endif

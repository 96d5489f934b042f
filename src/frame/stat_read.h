/* Stata (.dta) and SPSS (.sav) files to rows: the first row holds the variables' names, the
 * cells hold codes (not their labels); dates become days, missing values empty cells. */
#ifndef FRAME_STAT_READ_H
#define FRAME_STAT_READ_H

#include "frame/sink.h"

/* `file` is ROWS_DTA or ROWS_SAV. Reads from fd into the sink, finished. */
enum rc stat_read(struct cx *cx, int fd, struct sink *sink, enum rows_file file) MUST_USE;

#endif

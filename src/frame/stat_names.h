/* Names of variables that Stata and SPSS accept. */
#ifndef FRAME_STAT_NAMES_H
#define FRAME_STAT_NAMES_H

#include "frame/frame.h"

/* One valid name per column, unique without regard to case, at most 32 bytes for Stata and 64
 * for SPSS; a name that is valid already stays. In cx->arena. */
const char **stat_names(struct cx *cx, const struct column_spec *columns, size_t count,
                        bool stata);

#endif

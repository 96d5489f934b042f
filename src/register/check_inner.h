/* Inside of the checks: what check*.c share. Others use register/check.h. */
#ifndef REGISTER_CHECK_INNER_H
#define REGISTER_CHECK_INNER_H

#include "register/check.h"

/* Does the check fire for a row of its subject (-1: no)? */
bool check_fires(const struct check_county *c, size_t check, int64_t row);
/* The row of what an explanation is about; -1: not among the rows. */
int64_t check_row_of(struct cx *cx, const struct check_county *c, const struct check *check,
                     const struct check_explanation *e);

#endif

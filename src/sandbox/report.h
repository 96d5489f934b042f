/* What the sandboxed child tells its parent at its end: one small record on descriptor 2. The
 * parent believes nothing of it that it has not checked. */
#ifndef SANDBOX_REPORT_H
#define SANDBOX_REPORT_H

#include "base/cx.h"

enum {
    REPORT_HEAD = 12, /* magic, rc, two lengths */
    REPORT_MAX = REPORT_HEAD + (int)sizeof(((struct err *)0)->text) +
                 (int)sizeof(((struct err *)0)->detail),
};

/* Writes the record of `err` into `out` (REPORT_MAX bytes); returns its length. */
size_t report_write(unsigned char *out, const struct err *err);
/* Reads a record that may be hostile: false unless magic, lengths and code are right and both
 * texts are valid UTF-8 without control characters. */
bool report_read(struct err *out, const unsigned char *p, size_t len);

#endif

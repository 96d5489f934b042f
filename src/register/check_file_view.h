/* The list of whom a check concerns as a file: shared by the page and the command. */
#ifndef REGISTER_CHECK_FILE_VIEW_H
#define REGISTER_CHECK_FILE_VIEW_H

#include "frame/frame.h"
#include "register/check_view.h"
#include "register/own_rule.h"

enum { CHECK_FILE_MAX = 20000 }; /* households in one file */

struct check_file {
    const struct check *check;
    const struct check_scope *scope;
    int32_t year;
    enum check_show show;
    enum frame_format format;
    const struct own_rule
        *own; /* a rule of the county's own instead: check is own_rule_check */
    const struct rule_program *own_program;
};
/* One row a household, in order of place; XLSX: a sheet for every village. RC_LIMIT beyond
 * CHECK_FILE_MAX. */
enum rc check_file_write(int64_t *rows, struct cx *cx, const struct check_file *f,
                         int fd) MUST_USE;
/* Every item of the scope, at most `max` (then *more); in cx->arena. */
enum rc check_items(struct check_item **out, size_t *count, bool *more, struct cx *cx,
                    const struct check_file *f, size_t max) MUST_USE;

#endif

/* Reads C just far enough for check_src: what is comment, text or code, and which arguments a
 * call has. */
#ifndef TOOLS_COMMON_C_SCAN_H
#define TOOLS_COMMON_C_SCAN_H

#include "common/tool.h"

/* A copy of the same length without comments, and without the insides of strings and
 * characters (blanks in their place; quotes and line ends stay). */
char *c_without_texts(const char *c, size_t len);

/* Offset of the next whole word `name` at or behind `from` in code, or SIZE_MAX. */
size_t c_find_word(const char *code, size_t from, const char *name);

/* Offset of argument `number` (from 0) of the call whose name begins at `at`; SIZE_MAX when
 * that is no call or has fewer arguments. *end is set behind the argument. */
size_t c_argument(const char *code, size_t at, int number, size_t *end);

#endif

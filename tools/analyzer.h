/* Included before a source by clang-tidy and gcc -fanalyzer only (tools/check): tells them
 * what they cannot see across files, that a failure is never RC_OK. Without it each output
 * behind a TRY counts as uninitialised. Not for base/cx.c, which
 * defines fail; base/file.c and db/ say who they are. */
#ifndef TOOLS_ANALYZER_H
#define TOOLS_ANALYZER_H

#include "base/cx.h"
#include "base/file.h"

#define fail(cx, rc, ...)   ((void)fail((cx), (rc), __VA_ARGS__), (rc))
#define fail_f(cx, rc, ...) ((void)fail_f((cx), (rc), __VA_ARGS__), (rc))

#ifndef ANALYZER_IN_FILE
#define file_fail(cx, no, path) ((void)file_fail((cx), (no), (path)), RC_IO)
#endif

#ifdef ANALYZER_IN_DB
#include "db/db_impl.h"
#define db_fail(cx, rc, ...) ((void)db_fail((cx), (rc), __VA_ARGS__), (rc))
#endif

#endif

/* A table file as rows of text cells, whatever it was: CSV/TSV (UTF-8, GB18030, UTF-16), XLSX,
 * Stata .dta, SPSS .sav. The conversion runs in the sandbox and lands in an unnamed file that
 * is mapped, so any row can be read at once and a million rows cost no memory. */
#ifndef FRAME_ROWS_H
#define FRAME_ROWS_H

#include "base/cx.h"
#include "sandbox/sandbox.h"

enum cell_kind {
    CELL_EMPTY = 0,
    CELL_TEXT = 1,
    CELL_NUMBER = 2, /* text holds its shortest exact decimal form ("12", "0.1") */
    CELL_DAY = 3,    /* text holds "2026-11-23": a spreadsheet's date or Stata's %td */
    CELL_ERROR = 4,  /* a spreadsheet's #N/A … */
};
struct cell {
    enum cell_kind kind;
    struct str text; /* valid UTF-8, NUL-free; mapped, until rows_close */
};
/* CSV cells are CELL_TEXT or CELL_EMPTY; booleans of XLSX are the texts TRUE and FALSE; times
 * without a day are numbers. Trailing empty cells are left off: a cell beyond `count` is empty.
 */
struct row {
    const struct cell *cells; /* until the next rows_read with the same arena mark */
    size_t count;
    int64_t number; /* 1-based row in the file, as a spreadsheet counts; for CSV the record's
                       first line */
};

struct rows;
struct rows_options {
    struct str name;     /* file name: its ending is a hint, the content decides */
    struct str sheet;    /* XLSX sheet by name; empty = the first that is not empty */
    const char *tmp_dir; /* where the unnamed file lies; NULL = cx->dir or /tmp */
};
/* Rows without any content are left out (CSV, XLSX). Stata and SPSS: row 1 holds the variables'
 * names, all other rows are kept; codes come without their labels.
 * Reads fd from offset 0. Owned by caller, free with rows_close. RC_INVALID with a message that
 * names the place: not a known format, truncated, encrypted, bad encoding at byte n …;
 * RC_LIMIT: more than LIMIT_IMPORT_ROWS rows, LIMIT_IMPORT_COLUMNS columns, a cell over
 * LIMIT_CELL_BYTES, or a bomb. */
enum rc rows_open(struct rows **out, struct cx *cx, int fd,
                  const struct rows_options *options) MUST_USE;
void rows_close(struct rows *r);
size_t rows_count(const struct rows *r);
/* Row i (0-based) into cx->arena (cells array only; texts are mapped). */
enum rc rows_read(struct row *out, struct cx *cx, const struct rows *r, size_t i) MUST_USE;
/* "csv", "xlsx", "dta", "sav"; "UTF-8", "GB18030" … */
const char *rows_format(const struct rows *r);
const char *rows_encoding(const struct rows *r);
/* Names of an XLSX's sheets, NULL-terminated; one "" otherwise. */
const char *const *rows_sheets(const struct rows *r);

/* The sandbox kinds of this room, for main and test mains. */
extern const struct sandbox_kind frame_sandbox_kinds[];
extern const size_t frame_sandbox_kind_count;

#endif

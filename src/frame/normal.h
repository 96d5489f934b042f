/* The normal form of rows: what the converter writes and the parent maps.
 *   "FUMINRO1"
 *   rows: varint row number, varint cell count, then per cell one byte kind and, unless it is
 *         CELL_EMPTY, varint length and bytes
 *   index: u64 offset of each row
 *   sheets: per sheet name varint length and bytes
 *   foot (FOOT_BYTES): u64 row count, u64 index offset, u64 sheets offset, u64 sheet count,
 *         u64 format, u64 encoding, "FUMINRO9"
 * Varints are LEB128 of at most 10 bytes, fixed numbers little-endian. The writer is the
 * sandboxed child, so the reader checks every byte it uses. */
#ifndef FRAME_NORMAL_H
#define FRAME_NORMAL_H

#include "frame/rows.h"

enum rows_file { ROWS_CSV, ROWS_XLSX, ROWS_DTA, ROWS_SAV };
enum rows_charset {
    ROWS_UTF8,
    ROWS_GB18030,
    ROWS_UTF16LE,
    ROWS_UTF16BE,
    ROWS_OTHER, /* an old Stata or SPSS file in a Western or other code page */
};
enum { ROWS_FILE_COUNT = 4, ROWS_CHARSET_COUNT = 5 };

#define NORMAL_HEAD "FUMINRO1"
#define NORMAL_TAIL "FUMINRO9"
enum { NORMAL_MARK = 8, NORMAL_FOOT = 6 * 8 + NORMAL_MARK, NORMAL_SHEETS_MAX = 1000 };

/* A checked view of a normal form in memory; the bytes stay the caller's. */
struct normal {
    const unsigned char *p;
    size_t len;
    size_t row_count;
    size_t index_at, sheets_at;
    size_t sheet_count;
    enum rows_file file;
    enum rows_charset charset;
};
/* Checks head, foot and that the parts lie inside. False: not a normal form. */
bool normal_open(struct normal *out, const void *p, size_t len);
/* Row i into *out with its cells in `arena`. False when its bytes are not a valid row (every
 * offset, length, kind and text is checked) or the arena is full. */
bool normal_row(struct row *out, struct arena *arena, const struct normal *n, size_t i);
/* The sheet names into names[0..sheet_count), NUL-terminated copies in `arena`. */
bool normal_sheets(const char **names, struct arena *arena, const struct normal *n);

#endif

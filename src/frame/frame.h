/* Typed columns with labels and missing values: what is exported, and what statistics read. */
#ifndef FRAME_FRAME_H
#define FRAME_FRAME_H

#include "base/cx.h"

enum column_type { COLUMN_I64, COLUMN_F64, COLUMN_TEXT };
struct column_label {
    int64_t code;
    const char *label;
};
struct column_spec {
    const char *name;  /* at most 32 bytes of [a-z0-9_] for Stata; kept whole elsewhere */
    const char *label; /* for people */
    enum column_type type;
    unsigned decimals; /* I64 scaled by 10^decimals: written as a decimal number */
    bool is_day;       /* I64 days since 1970: written as a date */
    const struct column_label *labels; /* value labels; NULL */
    size_t label_count;
};
/* One cell on its way out. */
struct out_cell {
    bool missing;
    int64_t i;
    double f;
    struct str s;
};

enum frame_format { FRAME_CSV, FRAME_XLSX, FRAME_JSON, FRAME_DTA, FRAME_SAV };
bool frame_format_parse(enum frame_format *out, struct str name); /* "csv", "xlsx" … */
const char *frame_format_type(enum frame_format format);          /* media type */
const char *frame_format_ending(enum frame_format format);        /* ".csv" */

/* A streaming writer onto a file descriptor: memory does not grow with rows. CSV is UTF-8 with
 * BOM (Excel opens it), CRLF, and cells that a spreadsheet would run as a formula (= + - @ tab
 * CR) get a leading apostrophe unless they are numbers (OWASP CSV injection); XLSX text is
 * always text. */
struct frame_writer;
struct frame_write_options {
    enum frame_format format;
    const char *title; /* XLSX sheet's and Stata data label */
    bool use_labels;   /* CSV, XLSX, JSON: codes as their labels instead of numbers */
    bool label_header; /* CSV, XLSX: column labels instead of names in the header */
    int64_t row_count; /* needed by Stata and SPSS; -1 unknown (they then spool) */
    const char *note;  /* first row of CSV/XLSX? no: XLSX document property, Stata note;
                          "Synthetic data" */
};
enum rc frame_writer_open(struct frame_writer **out, struct cx *cx, int fd,
                          const struct column_spec *columns, size_t column_count,
                          const struct frame_write_options *options) MUST_USE;
enum rc frame_writer_row(struct cx *cx, struct frame_writer *w,
                         const struct out_cell *cells) MUST_USE;
/* XLSX: the rows that follow go to a new sheet of that name, with the header again; the first
 * sheet has the options' title. Nothing in other formats. */
enum rc frame_writer_sheet(struct cx *cx, struct frame_writer *w, const char *title) MUST_USE;
/* Finishes the file. Frees the writer in every case. */
enum rc frame_writer_close(struct cx *cx, struct frame_writer *w) MUST_USE;
void frame_writer_abort(struct frame_writer *w);

#endif

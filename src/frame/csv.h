/* Delimited text (CSV, TSV …) to rows. RFC 4180, and what real files do besides: any line end,
 * quotation marks inside plain cells, text behind a closing mark, `sep=;`, rows of other
 * length. */
#ifndef FRAME_CSV_H
#define FRAME_CSV_H

#include "frame/decode.h"
#include "frame/sink.h"

/* The delimiter among , tab ; | that splits the sample into the most even rows; ',' when none
 * does. `prefer_tab`: the file's name says so, ties go to the tab. */
char csv_guess_delimiter(struct str sample, bool prefer_tab);

struct csv;
/* A parser that puts rows into `sink`. delimiter 0: guess from the first piece. csv_free. */
enum rc csv_open(struct csv **out, struct cx *cx, struct sink *sink, char delimiter,
                 bool prefer_tab) MUST_USE;
void csv_free(struct csv *c);
/* The next piece of valid UTF-8; pieces may end anywhere. */
enum rc csv_put(struct cx *cx, struct csv *c, struct str piece) MUST_USE;
/* The text has ended: the last row need not have a line end. RC_INVALID when a quotation mark
 * was never closed. */
enum rc csv_end(struct cx *cx, struct csv *c) MUST_USE;
/* Line at which the parser stands, from 1. */
int64_t csv_line(const struct csv *c);

/* A whole file from fd's present offset into the sink, finished. */
enum rc csv_read(struct cx *cx, int fd, struct sink *sink, bool prefer_tab) MUST_USE;

#endif

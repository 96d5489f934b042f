/* XLSX workbooks to rows: libzip unpacks, libxml2's SAX parser reads, in memory that grows only
 * with the shared strings. Formulas give their cached values. Nothing is ever computed. */
#ifndef FRAME_XLSX_H
#define FRAME_XLSX_H

#include "frame/sink.h"

/* Reads the workbook behind fd into the sink, finished. An empty `sheet` is the first visible
 * one that has a row. */
enum rc xlsx_read(struct cx *cx, int fd, struct sink *sink, struct str sheet) MUST_USE;
/* What libxml2 loads at first use. */
void xlsx_prepare(void);

#endif

/* Plain documents as PDF: headings, paragraphs, tables, pictures of codes; A4, page numbers,
 * any script (pango picks the fonts; they are embedded as subsets), tagged text that can be
 * searched and copied. For minutes, plans, notices. */
#ifndef HTML_PDF_H
#define HTML_PDF_H

#include "base/cx.h"
#include "base/str.h"

struct pdf;
enum rc pdf_begin(struct pdf **out, struct cx *cx, const char *title,
                  const char *footer) MUST_USE;
void pdf_heading(struct pdf *p, const char *text, int level); /* 1 … 3 */
void pdf_text(struct pdf *p, const char *text);               /* wraps; keeps line breaks */
/* Label and value beside each other. */
void pdf_field(struct pdf *p, const char *label, const char *value);
/* cells[row * columns + column], row 0 = head, repeated on each page; widths in percent. */
void pdf_table(struct pdf *p, const char *const *cells, size_t rows, size_t columns,
               const int *widths);
void pdf_qr(struct pdf *p, const char *text, const char *caption);
/* Room for names and signatures. */
void pdf_signatures(struct pdf *p, const char *const *labels, size_t count);
/* Writes the document; ends *p. RC_LIMIT: over 500 pages. RC_IO. */
enum rc pdf_end(struct cx *cx, struct pdf *p, int fd) MUST_USE;

#endif

/* QR codes: as a picture in a page and as a matrix for PDF. */
#ifndef HTML_QR_H
#define HTML_QR_H

#include "html/html.h"

/* Dark and light modules, row by row; 1 = dark. Error correction M (ISO/IEC 18004). */
struct qr {
    const unsigned char *dark;
    int size; /* modules each way, without the quiet zone */
};
/* RC_INVALID: the text is empty, RC_LIMIT: over 600 bytes. In cx->arena. */
enum rc qr_make(struct qr *out, struct cx *cx, const char *text) MUST_USE;
/* An SVG of the code with a quiet zone of four modules; `label` says what it leads to, for
 * those who do not see it. */
enum rc qr_svg(struct html *out, struct cx *cx, const char *text, const char *label) MUST_USE;

#endif

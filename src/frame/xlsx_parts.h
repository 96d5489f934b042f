/* The parts of the XLSX reader among themselves: the package with its limits, the XML pump, and
 * what is read from each part. Nothing outside xlsx*.c includes this. */
#ifndef FRAME_XLSX_PARTS_H
#define FRAME_XLSX_PARTS_H

#include "base/buf.h"
#include "frame/sink.h"

#include <zip.h>

/* One element of a part: local name and attributes, valid during the call. */
struct xml_element {
    const char *name;
    const unsigned char *const *attributes; /* libxml2's five pointers each */
    int attribute_count;
};
/* The attribute's value by local name, whatever its prefix; empty when it is missing. */
struct str xml_attribute(const struct xml_element *e, const char *name);

/* What to do with a part. A callback that fails records it in cx->err and returns its code;
 * parsing stops there. */
struct xml_handler {
    enum rc (*start)(void *user, const struct xml_element *e);
    enum rc (*end)(void *user, const char *name);
    enum rc (*text)(void *user, struct str s);
};

struct xlsx_relation {
    const char *id, *part; /* part: its name in the package */
    bool is_sheet, is_strings, is_styles;
};
struct xlsx_sheet {
    const char *name, *part;
    bool hidden;
};
struct xlsx {
    struct cx *cx;
    zip_t *zip;
    char *piece;                     /* inflated bytes on their way to the parser */
    uint64_t unpacked, unpacked_max; /* bytes inflated so far over all parts, and allowed */
    struct buf relations;            /* struct xlsx_relation */
    struct buf sheets;               /* struct xlsx_sheet, in the workbook's order */
    bool is_1904;
    struct buf date_formats; /* uint32_t: custom number formats that are dates */
    struct buf date_styles;  /* one byte per cell style: 1 = a date */
    struct buf strings;      /* bytes of the shared strings, one after another */
    struct buf string_ends;  /* uint32_t: where each ends in `strings` */
};

/* xlsx_zip.c: runs a part through the parser. RC_NOTFOUND (nothing recorded) when the package
 * has no such part; RC_INVALID damaged; RC_LIMIT a bomb. */
enum rc xlsx_parse(struct xlsx *x, const char *part, const struct xml_handler *h,
                   void *user) MUST_USE;
enum rc xlsx_open(struct xlsx *x, int fd) MUST_USE;
void xlsx_close(struct xlsx *x);
enum rc xlsx_damaged(struct cx *cx, const char *part, const char *what) MUST_USE;

/* xlsx_book.c */
enum rc xlsx_read_book(struct xlsx *x) MUST_USE;
enum rc xlsx_read_styles(struct xlsx *x) MUST_USE;
/* Whether a number format shows a day (not only a time). */
bool xlsx_format_is_date(struct str code);
/* xlsx_strings.c */
enum rc xlsx_read_strings(struct xlsx *x) MUST_USE;
bool xlsx_string(struct str *out, const struct xlsx *x, struct str number);
/* Decodes Excel's _xHHHH_ in place; returns the new length. */
size_t xlsx_unescape(char *p, size_t len);
/* xlsx_sheet.c */
enum rc xlsx_read_sheet(struct xlsx *x, const char *part, struct sink *sink) MUST_USE;

#endif

/* The writers among themselves: what all formats share. Nothing outside this room includes it.
 */
#ifndef FRAME_WRITER_H
#define FRAME_WRITER_H

#include "base/buf.h"
#include "frame/frame.h"

struct writer_ops {
    /* Before the first row. */
    enum rc (*begin)(struct cx *cx, struct frame_writer *w);
    enum rc (*row)(struct cx *cx, struct frame_writer *w, const struct out_cell *cells);
    /* After the last row. */
    enum rc (*end)(struct cx *cx, struct frame_writer *w);
    /* Always, whatever happened before; NULL = nothing to release. */
    void (*release)(struct frame_writer *w);
    /* What follows goes to a new sheet; NULL = the format has none. */
    enum rc (*sheet)(struct cx *cx, struct frame_writer *w, const char *title);
};
struct frame_writer {
    struct arena *arena; /* lives as long as the writer */
    int fd;
    const struct writer_ops *ops;
    struct column_spec *columns; /* own copies; labels sorted by code */
    size_t column_count;
    enum frame_format format;
    const char *title, *note; /* never NULL */
    bool use_labels, label_header;
    int64_t row_count; /* rows given so far */
    int64_t row_count_promised;
    struct buf out; /* bytes on their way to fd */
    void *state;    /* of the format */
};

extern const struct writer_ops writer_csv, writer_json, writer_xlsx, writer_stat;

/* Sends `out` to the descriptor when it is larger than a block, or in any case. */
enum rc writer_flush(struct cx *cx, struct frame_writer *w, bool all) MUST_USE;
/* The label of a code, or NULL. */
const char *writer_label(const struct column_spec *c, int64_t code);
/* Missing: said so, or a number that is not finite. */
bool writer_missing(const struct column_spec *c, const struct out_cell *cell);
/* The cell as text (a label, a number, an ISO day, a text). `z` holds NUMBER_TEXT_MAX bytes.
 * *is_number: it is a number and not a label or day. */
struct str writer_text(bool *is_number, char *z, const struct frame_writer *w,
                       const struct column_spec *c, const struct out_cell *cell);
/* The header's text of a column. */
struct str writer_header(const struct frame_writer *w, const struct column_spec *c);
/* Folder for unnamed files. */
const char *writer_tmp_dir(const struct cx *cx);

#endif

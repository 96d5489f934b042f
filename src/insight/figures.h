/* The figures of a page as rows of a file: one number each, with what it is of. Every page
 * writes what it shows into such a list, and ?format= saves it. */
#ifndef INSIGHT_FIGURES_H
#define INSIGHT_FIGURES_H

#include "frame/frame.h"
#include "insight/how.h"

struct page_figure {
    const char *measure; /* code: "fgt0" */
    const char *by;      /* what it is split by: "area", an indicator's code, "p"; "" */
    const char *value;   /* the group's label; "" */
    int64_t code;        /* the area's id or the group's code; COLUMN_MISSING: none */
    int32_t year;
    double estimate; /* NaN: cannot be had */
    int64_t rows;    /* households; -1: not told */
};
struct figures {
    struct page_figure *rows;
    size_t count, room;
    const char *by, *value; /* taken by the rows that follow */
    int64_t code;
    int32_t year;
};
void figures_begin(struct figures *f, int32_t year);
/* What the following rows are of; by "" = everybody. */
void figures_of(struct figures *f, const char *by, const char *value, int64_t code);
/* Rows beyond 20,000 are dropped. */
void figures_add(struct figures *f, struct cx *cx, const char *measure, double estimate,
                 int64_t rows);
/* Writes the list; a page_file_fn's body. */
enum rc figures_write(struct cx *cx, int fd, enum frame_format format, const struct figures *f,
                      const char *title) MUST_USE;

#endif

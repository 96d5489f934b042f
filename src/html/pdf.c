/* PDF files by cairo and pango. The document is drawn as it is told, from top to bottom; what
 * does not fit begins a new page. The bytes are gathered in memory and written at the end. */
#include "html/pdf.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "html/qr.h"

#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

/* A4 in points (1/72 inch). */
enum {
    PAGE_W = 595,
    PAGE_H = 842,
    MARGIN = 56,
    FOOT = 36,
    WIDTH = PAGE_W - 2 * MARGIN,
    LABEL_W = 140,
    CELL_PAD = 4,
    QR_SIDE = 110,
    SIGN_H = 44,
    PAGES_MAX = 500,
    FILE_MAX = 32 * 1024 * 1024
};
#if defined(__SANITIZE_ADDRESS__)
/* fontconfig keeps what it read about fonts for as long as the process lives. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}
#endif

struct pdf {
    struct cx *cx;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoLayout *layout;
    struct buf bytes;
    const char *footer;
    double y;
    int page;
    bool full;
};

static cairo_status_t take_bytes(void *arg, const unsigned char *data, unsigned len)
{
    struct pdf *p = arg;
    buf_put(&p->bytes, data, len);
    return p->bytes.failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void set_font(struct pdf *p, const char *font)
{
    PangoFontDescription *d = pango_font_description_from_string(font);
    pango_layout_set_font_description(p->layout, d);
    pango_font_description_free(d);
}

/* Prepares a text and gives its height in points. */
static double lay_out(struct pdf *p, const char *font, const char *text, double width)
{
    int height;
    set_font(p, font);
    pango_layout_set_width(p->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(p->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_text(p->layout, text, -1);
    pango_layout_get_size(p->layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

static void draw(struct pdf *p, double x, double y)
{
    cairo_move_to(p->cr, x, y);
    pango_cairo_show_layout(p->cr, p->layout);
}

#define FONT_TEXT  "Sans 10.5"
#define FONT_SMALL "Sans 8.5"
#define FONT_HEAD  "Sans Bold 9.5"

static void put_footer(struct pdf *p)
{
    const char *page = arena_printf(p->cx->arena, "%d", p->page);
    lay_out(p, FONT_SMALL, page, WIDTH);
    pango_layout_set_alignment(p->layout, PANGO_ALIGN_RIGHT);
    draw(p, MARGIN, PAGE_H - FOOT);
    pango_layout_set_alignment(p->layout, PANGO_ALIGN_LEFT);
    lay_out(p, FONT_SMALL, p->footer, WIDTH - 60);
    draw(p, MARGIN, PAGE_H - FOOT);
}

static void next_page(struct pdf *p)
{
    put_footer(p);
    if (p->page >= PAGES_MAX) {
        p->full = true;
    } else {
        cairo_show_page(p->cr);
        p->page++;
    }
    p->y = MARGIN;
}

/* Makes room for so many points. */
static void need(struct pdf *p, double height)
{
    if (p->y + height > PAGE_H - MARGIN && p->y > MARGIN)
        next_page(p);
}

static void line(struct pdf *p, double y)
{
    cairo_set_line_width(p->cr, 0.6);
    cairo_move_to(p->cr, MARGIN, y);
    cairo_line_to(p->cr, MARGIN + WIDTH, y);
    cairo_stroke(p->cr);
}

enum rc pdf_begin(struct pdf **out, struct cx *cx, const char *title, const char *footer)
{
    struct pdf *p = arena_new(cx->arena, sizeof *p);
    *p = (struct pdf){.cx = cx, .footer = footer ? footer : "", .y = MARGIN, .page = 1};
    buf_init(&p->bytes, NULL, FILE_MAX);
    p->surface = cairo_pdf_surface_create_for_stream(take_bytes, p, PAGE_W, PAGE_H);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   time_iso(cx->arena, cx->now_at));
    p->cr = cairo_create(p->surface);
    p->layout = pango_cairo_create_layout(p->cr);
    /* Which of the shared Chinese, Japanese and Korean letters are meant. */
    pango_context_set_language(pango_layout_get_context(p->layout),
                               pango_language_from_string(lang_tag(cx->lang)));
    *out = p;
    return RC_OK;
}

void pdf_heading(struct pdf *p, const char *text, int level)
{
    static const char *const fonts[] = {"Sans Bold 18", "Sans Bold 13", "Sans Bold 11"};
    double height = lay_out(p, fonts[level < 1 ? 0 : level > 3 ? 2 : level - 1], text, WIDTH);
    if (p->y > MARGIN)
        p->y += 8;
    need(p, height + 40); /* not alone at the foot of a page */
    draw(p, MARGIN, p->y);
    p->y += height + 6;
}

/* Draws those lines of the layout of `text` that fit into `room` points; *used: their height.
 * Returns what is left of the text, "" when it is all there. */
static const char *draw_lines(double *used, struct pdf *p, const char *text, double x, double y,
                              double room)
{
    const double rounded = 0.5;
    const char *rest = "";
    PangoLayoutIter *i = pango_layout_get_iter(p->layout);
    *used = 0;
    do {
        int top, bottom;
        PangoRectangle where; /* words that run from right to left begin at the right */
        PangoLayoutLine *l = pango_layout_iter_get_line_readonly(i);
        pango_layout_iter_get_line_yrange(i, &top, &bottom);
        pango_layout_iter_get_line_extents(i, NULL, &where);
        if ((double)bottom / PANGO_SCALE > room + rounded) {
            rest = text + l->start_index;
            break;
        }
        cairo_move_to(p->cr, x + (double)where.x / PANGO_SCALE,
                      y + (double)pango_layout_iter_get_baseline(i) / PANGO_SCALE);
        pango_cairo_show_layout_line(p->cr, l);
        *used = (double)bottom / PANGO_SCALE;
    } while (pango_layout_iter_next_line(i));
    pango_layout_iter_free(i);
    return rest;
}

/* A text that goes on over as many pages as it needs. The footer uses the layout: on each page
 * what is left is laid out again. */
static void put_text(struct pdf *p, const char *text, double x, double width)
{
    for (;;) {
        double used;
        lay_out(p, FONT_TEXT, text, width);
        text = draw_lines(&used, p, text, x, p->y, PAGE_H - MARGIN - p->y);
        p->y += used;
        if (!*text || p->full)
            return;
        next_page(p);
    }
}

void pdf_text(struct pdf *p, const char *text)
{
    put_text(p, text, MARGIN, WIDTH);
    p->y += 6;
}

void pdf_field(struct pdf *p, const char *label, const char *value)
{
    double left = lay_out(p, FONT_HEAD, label, LABEL_W - 8);
    double right = lay_out(p, FONT_TEXT, value, WIDTH - LABEL_W);
    need(p, fmax(left, right));
    lay_out(p, FONT_HEAD, label, LABEL_W - 8);
    draw(p, MARGIN, p->y);
    double below = p->y + left;
    int page = p->page;
    put_text(p, value, MARGIN + LABEL_W, WIDTH - LABEL_W);
    if (p->page == page)
        p->y = fmax(p->y, below);
    p->y += 4;
}

/* Rows of one table. */
struct grid {
    const char *const *head;
    size_t columns;
    const int *widths; /* percent */
};

static double cell_width(const struct grid *g, size_t column)
{
    return WIDTH * g->widths[column] / 100.0;
}

static double lay_out_cell(struct pdf *p, const struct grid *g, const char *const *row,
                           size_t column)
{
    return lay_out(p, row == g->head ? FONT_HEAD : "Sans 9.5", row[column] ? row[column] : "",
                   cell_width(g, column) - 2 * CELL_PAD);
}

static double row_height(struct pdf *p, const struct grid *g, const char *const *row)
{
    double height = 0;
    for (size_t c = 0; c < g->columns; c++)
        height = fmax(height, lay_out_cell(p, g, row, c));
    return height + 2 * CELL_PAD;
}

/* Draws what fits into that height; rest[column] is what is left. False: nothing is left. */
static bool put_row(const char **rest, struct pdf *p, const struct grid *g,
                    const char *const *row, double height)
{
    double x = MARGIN, used;
    bool left = false;
    for (size_t c = 0; c < g->columns; c++) {
        lay_out_cell(p, g, row, c);
        rest[c] = draw_lines(&used, p, row[c] ? row[c] : "", x + CELL_PAD, p->y + CELL_PAD,
                             height - 2 * CELL_PAD);
        left = left || rest[c][0];
        x += cell_width(g, c);
    }
    p->y += height;
    line(p, p->y);
    return left;
}

static void put_head(struct pdf *p, const struct grid *g)
{
    const char **cut = arena_new(p->cx->arena, g->columns * sizeof *cut);
    line(p, p->y);
    put_row(cut, p, g, g->head, fmin(row_height(p, g, g->head), PAGE_H - 3 * MARGIN));
}

/* A row that does not fit goes to the next page; one higher than a page is divided. */
static void put_body_row(struct pdf *p, const struct grid *g, const char **row)
{
    enum { WHOLE = PAGE_H - 3 * MARGIN, LEAST = 60 };
    bool left = true, fresh = false; /* fresh: nothing but the head stands on the page */
    while (left && !p->full) {
        double height = row_height(p, g, row), room = PAGE_H - MARGIN - p->y;
        if (height > room && !fresh && (height <= WHOLE || room < LEAST)) {
            next_page(p);
            put_head(p, g);
            fresh = true;
            continue;
        }
        left = put_row(row, p, g, row, fmin(height, room));
        fresh = false;
    }
}

void pdf_table(struct pdf *p, const char *const *cells, size_t rows, size_t columns,
               const int *widths)
{
    const struct grid g = {cells, columns, widths};
    const char **row = arena_new(p->cx->arena, (columns + 1) * sizeof *row);
    if (!rows)
        return;
    need(p, 4 * row_height(p, &g, cells)); /* the head not alone at the foot of a page */
    put_head(p, &g);
    for (size_t r = 1; r < rows && !p->full; r++) {
        memcpy(row, cells + r * columns, columns * sizeof *row);
        put_body_row(p, &g, row);
    }
    p->y += 10;
}

void pdf_qr(struct pdf *p, const char *text, const char *caption)
{
    struct qr qr;
    if (qr_make(&qr, p->cx, text) != RC_OK) {
        err_clear(p->cx); /* the address stands below all the same */
        pdf_field(p, caption, text);
        return;
    }
    need(p, QR_SIDE + 30);
    double module = (double)QR_SIDE / (qr.size + 8);
    for (int y = 0; y < qr.size; y++)
        for (int x = 0; x < qr.size; x++)
            if (qr.dark[y * qr.size + x])
                cairo_rectangle(p->cr, MARGIN + (x + 4) * module, p->y + (y + 4) * module,
                                module, module);
    cairo_fill(p->cr);
    double width = WIDTH - QR_SIDE - 20;
    double height = lay_out(p, FONT_TEXT, caption, width);
    draw(p, MARGIN + QR_SIDE + 20, p->y + 12);
    lay_out(p, FONT_SMALL, text, width);
    draw(p, MARGIN + QR_SIDE + 20, p->y + 18 + height);
    p->y += QR_SIDE + 10;
}

void pdf_signatures(struct pdf *p, const char *const *labels, size_t count)
{
    p->y += 14;
    for (size_t i = 0; i < count; i += 2) {
        need(p, SIGN_H);
        for (size_t j = i; j < count && j < i + 2; j++) {
            double x = j > i ? MARGIN + WIDTH / 2.0 : MARGIN;
            lay_out(p, FONT_SMALL, labels[j], WIDTH / 2.0 - 20);
            draw(p, x, p->y + SIGN_H - 16);
            cairo_set_line_width(p->cr, 0.6);
            cairo_move_to(p->cr, x, p->y + SIGN_H - 18);
            cairo_line_to(p->cr, x + WIDTH / 2.0 - 20, p->y + SIGN_H - 18);
            cairo_stroke(p->cr);
        }
        p->y += SIGN_H;
    }
}

enum rc pdf_end(struct cx *cx, struct pdf *p, int fd)
{
    put_footer(p);
    g_object_unref(p->layout);
    cairo_destroy(p->cr);
    cairo_surface_finish(p->surface);
    cairo_status_t status = cairo_surface_status(p->surface);
    cairo_surface_destroy(p->surface);
    enum rc rc = RC_OK;
    if (p->full || p->bytes.failed)
        rc = fail_f(cx, RC_LIMIT,
                    _("This document would have more than %d pages. Choose less."), PAGES_MAX);
    else if (status != CAIRO_STATUS_SUCCESS)
        rc = fail(cx, RC_IO, _("The PDF file could not be made."), "cairo %s",
                  cairo_status_to_string(status));
    else
        rc = file_put(cx, fd, p->bytes.p, p->bytes.len, "pdf");
    buf_free(&p->bytes);
    return rc;
}

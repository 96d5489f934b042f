/* JPEG in and out, by libjpeg-turbo. */
#include "base/text.h"
#include "shop/picture.h"

#include <jpeglib.h>
#include <setjmp.h>
#include <string.h>

/* A file may ask for its picture to be painted over again and again. */
enum { SCANS_MAX = 100, QUALITY = 82, EXIF_MARKER = JPEG_APP0 + 1, MARKER_MAX = 0xFFFF };

struct jpeg_state {
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
};

static _Noreturn void on_error(j_common_ptr c)
{
    struct jpeg_state *s = (struct jpeg_state *)(void *)c->err;
    longjmp(s->back, 1);
}
static void on_message(j_common_ptr c, int level)
{
    (void)c;
    (void)level; /* what is missing stays grey */
}
static void on_progress(j_common_ptr c)
{
    const struct jpeg_decompress_struct *d = (const void *)c;
    if (c->is_decompressor && d->input_scan_number > SCANS_MAX)
        on_error(c);
}

/* The codes' header cannot be read beside tools/banned.h: by its words. */
static bool out_of_memory(const struct jpeg_error_mgr *e)
{
    static const char words[] = "Insufficient memory";
    return e->msg_code > 0 && e->msg_code <= e->last_jpeg_message &&
           !strncmp(e->jpeg_message_table[e->msg_code], words, sizeof words - 1);
}

/* Decoded in eighths, so that a large photo needs no large memory. */
static void choose_scale(struct jpeg_decompress_struct *d)
{
    unsigned longest = d->image_width > d->image_height ? d->image_width : d->image_height;
    unsigned denom = 8;
    while (denom > 1 && longest / denom < PICTURE_LARGE)
        denom /= 2;
    d->scale_num = 1;
    d->scale_denom = denom;
}

static int turn_of(const struct jpeg_decompress_struct *d)
{
    for (jpeg_saved_marker_ptr m = d->marker_list; m; m = m->next)
        if (m->marker == EXIF_MARKER)
            return picture_turn(m->data, m->data_length);
    return 1;
}

static enum rc read_lines(struct picture *out, struct cx *cx, struct jpeg_decompress_struct *d,
                          struct str file)
{
    struct picture whole;
    jpeg_mem_src(d, (const unsigned char *)file.p, file.len);
    jpeg_save_markers(d, EXIF_MARKER, MARKER_MAX);
    if (jpeg_read_header(d, TRUE) != JPEG_HEADER_OK)
        return picture_broken(cx, "jpeg header");
    if (d->num_components != 1 && d->num_components != 3)
        return fail(cx, RC_INVALID,
                    _("This photo was made for printing (CMYK). Save it as an ordinary JPEG."),
                    "components=%d", d->num_components);
    /* Asked of what the file says, before it is made smaller. */
    int64_t pixels = (int64_t)d->image_width * d->image_height;
    if (d->image_width > PICTURE_SIDE_MAX || d->image_height > PICTURE_SIDE_MAX ||
        pixels > PICTURE_PIXELS_MAX)
        return picture_new(&whole, cx, d->image_width, d->image_height);
    choose_scale(d);
    d->out_color_space = JCS_RGB;
    jpeg_start_decompress(d);
    TRY(picture_new(out, cx, d->output_width, d->output_height));
    while (d->output_scanline < d->output_height) {
        JSAMPROW row = out->rgb + (size_t)d->output_scanline * (size_t)out->width * 3;
        jpeg_read_scanlines(d, &row, 1);
    }
    out->turn = turn_of(d);
    return RC_OK;
}

enum rc picture_jpeg(struct picture *out, struct cx *cx, struct str file)
{
    struct jpeg_decompress_struct d = {0};
    struct jpeg_state s;
    d.err = jpeg_std_error(&s.errors);
    s.errors.error_exit = on_error;
    s.errors.emit_message = on_message;
    if (setjmp(s.back)) {
        jpeg_destroy_decompress(&d);
        if (out_of_memory(&s.errors))
            return fail(cx, RC_LIMIT, _("This photo is too large. Send it smaller."), "memory");
        return picture_broken(cx, "jpeg");
    }
    jpeg_create_decompress(&d);
    s.progress = (struct jpeg_progress_mgr){.progress_monitor = on_progress};
    d.progress = &s.progress;
    enum rc rc = read_lines(out, cx, &d, file);
    jpeg_destroy_decompress(&d);
    return rc;
}

/* ---- out ---- */

static void write_lines(struct jpeg_compress_struct *c, const struct picture *p)
{
    c->image_width = (JDIMENSION)p->width;
    c->image_height = (JDIMENSION)p->height;
    c->input_components = 3;
    c->in_color_space = JCS_RGB;
    jpeg_set_defaults(c);
    jpeg_set_quality(c, QUALITY, TRUE);
    c->optimize_coding = TRUE;
    jpeg_start_compress(c, TRUE);
    while (c->next_scanline < c->image_height) {
        JSAMPROW row = p->rgb + (size_t)c->next_scanline * (size_t)p->width * 3;
        jpeg_write_scanlines(c, &row, 1);
    }
    jpeg_finish_compress(c);
}

enum rc picture_write(struct str *out, struct cx *cx, const struct picture *p)
{
    struct jpeg_compress_struct c = {0};
    struct jpeg_state s;
    unsigned char *made = NULL;
    unsigned long len = 0;
    c.err = jpeg_std_error(&s.errors);
    s.errors.error_exit = on_error;
    s.errors.emit_message = on_message;
    if (setjmp(s.back)) {
        jpeg_destroy_compress(&c);
        return fail(cx, RC_LIMIT, _("This photo is too large. Send it smaller."), "jpeg out");
    }
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &made, &len);
    write_lines(&c, p);
    jpeg_destroy_compress(&c);
    *out = (struct str){arena_copy(cx->arena, (struct str){(const char *)made, len}), len};
    free(made);
    return RC_OK;
}

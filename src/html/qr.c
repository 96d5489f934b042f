/* QR codes by libqrencode, drawn as one path. */
#include "html/qr.h"

#include "base/buf.h"
#include "base/text.h"

#include <qrencode.h>

enum { TEXT_MAX = 600, QUIET = 4, SVG_MAX = 200 * 1024 };

enum rc qr_make(struct qr *out, struct cx *cx, const char *text)
{
    size_t len = strlen(text);
    if (!len)
        return fail(cx, RC_INVALID, _("There is nothing to put into the code."), "qr empty");
    if (len > TEXT_MAX)
        return fail(cx, RC_LIMIT, _("This address is too long for a code."), "qr len=%zu", len);
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code)
        return fail(cx, RC_LIMIT, _("The code could not be made."), "qrencode failed");
    size_t cells = (size_t)code->width * (size_t)code->width;
    unsigned char *dark = arena_new(cx->arena, cells);
    for (size_t i = 0; i < cells; i++)
        dark[i] = code->data[i] & 1;
    *out = (struct qr){dark, code->width};
    QRcode_free(code);
    return RC_OK;
}

/* Each run of dark modules is one rectangle. */
static void put_runs(struct buf *b, const struct qr *qr)
{
    for (int at = 0; at < qr->size * qr->size; at++) {
        int from = at, end = (at / qr->size + 1) * qr->size;
        while (at < end && qr->dark[at])
            at++;
        if (at > from)
            buf_printf(b, "M%d %dh%dv1h-%dz", from % qr->size + QUIET, from / qr->size + QUIET,
                       at - from, at - from);
        if (at == end)
            at--; /* the next row begins a run of its own */
    }
}

enum rc qr_svg(struct html *out, struct cx *cx, const char *text, const char *label)
{
    struct qr qr;
    struct buf b;
    TRY(qr_make(&qr, cx, text));
    buf_init(&b, cx->arena, SVG_MAX);
    int side = qr.size + 2 * QUIET;
    struct out *o = out_new(cx->arena, NULL);
    html_put(o, label);
    buf_printf(&b, "<svg class=\"qr\" role=\"img\" viewBox=\"0 0 %d %d\" aria-label=\"", side,
               side);
    buf_str(&b, out_view(o));
    buf_printf(&b, "\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path fill=\"#000\" d=\"", side,
               side);
    put_runs(&b, &qr);
    buf_z(&b, "\"/></svg>");
    if (!buf_ok(&b))
        return fail(cx, RC_LIMIT, _("The code could not be made."), "qr svg limit");
    struct str view = buf_view(&b);
    out->p = arena_copy(cx->arena, view);
    out->len = view.len;
    return RC_OK;
}

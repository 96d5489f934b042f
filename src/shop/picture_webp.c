/* WebP in, by libwebp; what is transparent becomes white. */
#include "base/text.h"
#include "shop/picture.h"

#include <webp/decode.h>

enum { RGBA = 4, OPAQUE = 255 };

static void flatten(struct picture *out, const unsigned char *p, int stride)
{
    unsigned char *to = out->rgb;
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++) {
            const unsigned char *from = p + (size_t)y * (size_t)stride + (size_t)x * RGBA;
            for (int c = 0; c < 3; c++)
                *to++ =
                    (unsigned char)((from[c] * from[3] + OPAQUE * (OPAQUE - from[3])) / OPAQUE);
        }
}

/* As large as is needed, no larger: the decoder makes it smaller as it reads. */
static void choose_size(WebPDecoderConfig *config)
{
    int w = config->input.width, h = config->input.height, longest = w > h ? w : h;
    if (longest <= PICTURE_LARGE)
        return;
    w = (int)((int64_t)w * PICTURE_LARGE / longest);
    h = (int)((int64_t)h * PICTURE_LARGE / longest);
    config->options.use_scaling = 1;
    config->options.scaled_width = w < 1 ? 1 : w;
    config->options.scaled_height = h < 1 ? 1 : h;
}

enum rc picture_webp(struct picture *out, struct cx *cx, struct str file)
{
    WebPDecoderConfig config;
    struct picture whole;
    const uint8_t *p = (const uint8_t *)file.p;
    if (!WebPInitDecoderConfig(&config) ||
        WebPGetFeatures(p, file.len, &config.input) != VP8_STATUS_OK)
        return picture_broken(cx, "webp head");
    if (config.input.has_animation)
        return fail(cx, RC_INVALID, _("This picture moves. Send a photo."), "webp animation");
    if (config.input.width > PICTURE_SIDE_MAX || config.input.height > PICTURE_SIDE_MAX ||
        (int64_t)config.input.width * config.input.height > PICTURE_PIXELS_MAX)
        return picture_new(&whole, cx, config.input.width, config.input.height);
    choose_size(&config);
    config.output.colorspace = MODE_RGBA;
    if (WebPDecode(p, file.len, &config) != VP8_STATUS_OK)
        return picture_broken(cx, "webp");
    enum rc rc = picture_new(out, cx, config.output.width, config.output.height);
    if (!rc)
        flatten(out, config.output.u.RGBA.rgba, config.output.u.RGBA.stride);
    WebPFreeDecBuffer(&config.output);
    return rc;
}

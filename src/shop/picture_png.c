/* PNG in, by libpng; what is transparent becomes white. */
#include "shop/picture.h"

#include <png.h>

enum rc picture_png(struct picture *out, struct cx *cx, struct str file)
{
    const png_color white = {255, 255, 255};
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, file.p, file.len))
        return picture_broken(cx, "png head");
    image.format = PNG_FORMAT_RGB;
    enum rc rc = picture_new(out, cx, image.width, image.height);
    if (!rc && !png_image_finish_read(&image, &white, out->rgb, 0, NULL))
        rc = picture_broken(cx, "png");
    png_image_free(&image);
    return rc;
}

/* The geometry of a map, computed by map.c and drawn by map.html. */
#ifndef HTML_MAP_PARTS_H
#define HTML_MAP_PARTS_H

#include "html/map.h"

struct map_shape {
    const char *path;         /* SVG path data */
    const char *fill_class;   /* "map-0" … "map-4", "map-none" */
    const char *href, *title; /* "Longtan: 12.3 %" */
};
struct map_text {
    const char *x, *y, *text;
    const char
        *style;       /* classes: "light" on a dark ground, "tight" where phones have no room */
    struct map_xy at; /* its middle, and how wide it is: labels keep apart */
    double width;
};
struct map_dot {
    const char *x, *y, *r;
    const char *fill_class, *href, *title;
};
struct map_class {
    const char *fill_class, *label;
};
struct map_drawing {
    const struct map *map;
    const char *view_box, *summary;
    struct map_shape *shapes;
    size_t shape_count;
    struct map_text *texts;
    size_t text_count;
    struct map_dot *dots;
    size_t dot_count;
    struct map_class classes[MAP_CLASSES + 1];
    size_t class_count;
    bool too_many, approximate;
};

#endif

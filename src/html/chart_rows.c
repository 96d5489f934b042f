/* Lying stacked bars: a row per category, its name at the left; drawn by chart.html. */
#include "base/format.h"
#include "base/text.h"
#include "html/chart.h"
#include "html/chart.html.h"
#include "html/chart_parts.h"

#include <assert.h>
#include <math.h>

enum { ROWS_WIDTH = 640, ROWS_LEFT = 170, ROWS_RIGHT = 56, ROW_HEIGHT = 28, NAME_UNITS = 24 };

/* At most NAME_UNITS wide: a wide (Chinese) letter counts two. */
static const char *short_name(struct cx *cx, const char *name)
{
    int units = 0;
    size_t i = 0;
    while (name[i]) {
        unsigned char c = (unsigned char)name[i];
        size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        int wide = len >= 3 ? 2 : 1;
        if (units + wide > NAME_UNITS)
            return arena_printf(cx->arena, "%.*s…", (int)i, name);
        units += wide;
        for (size_t k = 0; k < len && name[i]; k++)
            i++;
    }
    return name;
}

static double row_sum(const struct chart *c, size_t category)
{
    double sum = 0;
    for (size_t s = 0; s < c->series_count; s++)
        if (c->series[s].values[category] > 0)
            sum += c->series[s].values[category];
    return sum;
}

static const char *units(struct cx *cx, double x)
{
    return arena_printf(cx->arena, "%.1f", x);
}

static void draw_row(struct chart_drawing *d, struct cx *cx, size_t i, double most)
{
    const struct chart *c = d->chart;
    double x = ROWS_LEFT, y = (double)i * ROW_HEIGHT + 4;
    double scale = (ROWS_WIDTH - ROWS_LEFT - ROWS_RIGHT) / most;
    for (size_t s = 0; s < c->series_count; s++) {
        double v = c->series[s].values[i];
        if (!(v > 0))
            continue;
        d->boxes[d->box_count++] =
            (struct chart_box){units(cx, x),
                               units(cx, y),
                               units(cx, v * scale),
                               units(cx, ROW_HEIGHT - 8),
                               chart_colour(s),
                               arena_printf(cx->arena, "%s · %s: %s", c->categories[i],
                                            c->series[s].label, chart_value(cx, c, s, i))};
        x += v * scale;
    }
    double text = y + ROW_HEIGHT * .5;
    d->texts[d->text_count++] = (struct chart_text){units(cx, ROWS_LEFT - 8), units(cx, text),
                                                    short_name(cx, c->categories[i]), "end"};
    d->texts[d->text_count++] = (struct chart_text){
        units(cx, x + 6), units(cx, text), format_f64(cx, row_sum(c, i), c->decimals), "start"};
}

void html_chart_rows(struct out *o, struct cx *cx, const struct chart *c)
{
    double most = 0;
    assert(c->category_count > 0 && c->series_count > 0);
    for (size_t i = 0; i < c->category_count; i++)
        most = fmax(most, row_sum(c, i));
    struct chart_drawing d = {
        .chart = c,
        .view_box = arena_printf(cx->arena, "0 0 %d %zu", ROWS_WIDTH,
                                 c->category_count * ROW_HEIGHT + 4),
        .summary = arena_printf(cx->arena, "%s. %s", c->title,
                                _("The figures stand in the table below.")),
        .boxes =
            arena_new(cx->arena, (c->category_count * c->series_count + 1) * sizeof *d.boxes),
        .texts = arena_new(cx->arena, (c->category_count * 2 + 1) * sizeof *d.texts),
    };
    for (size_t i = 0; i < c->category_count; i++)
        draw_row(&d, cx, i, most > 0 ? most : 1);
    chart_svg(o, cx, &d);
}

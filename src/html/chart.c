/* Charts: scales and geometry; the markup is in chart.html. */
#include "html/chart.h"

#include "base/format.h"
#include "base/text.h"
#include "html/chart.html.h"
#include "html/chart_parts.h"

#include <assert.h>
#include <math.h>

enum {
    WIDTH = 640,
    HEIGHT = 280,
    LEFT = 64,
    RIGHT = 12,
    TOP = 14,
    BOTTOM = 28,
    TICKS_MAX = 8,
    COLOURS = 8
};

/* Told apart by lightness too; checked against white with WCAG 1.4.11 (3:1). */
static const char *const colours[COLOURS] = {"#0b6b4f", "#c77700", "#1456c8", "#8a3ffc",
                                             "#a3231b", "#4d5b55", "#0f7c86", "#8c6d00"};
static const char *const dashes[] = {NULL, "7 4", "2 3", "10 3 2 3"};

struct scale {
    double low, high, step;
};

const char *chart_colour(size_t series)
{
    return colours[series % COLOURS];
}

const char *chart_value(struct cx *cx, const struct chart *c, size_t series, size_t category)
{
    double value = c->series[series].values[category];
    return isnan(value) ? "–" : format_f64(cx, value, c->decimals);
}

/* 1, 2 or 5 times a power of ten, so that at most 6 steps cover the range. */
static double nice_step(double range)
{
    double raw = range / 5;
    double power = pow(10, floor(log10(raw)));
    double times = raw / power;
    return (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10) * power;
}

static struct scale scale_of(double low, double high)
{
    if (!(high > low))
        high = low + 1;
    struct scale s = {.step = nice_step(high - low)};
    s.low = floor(low / s.step) * s.step;
    s.high = ceil(high / s.step) * s.step;
    return s;
}

static double y_of(const struct scale *s, double value)
{
    return TOP + (HEIGHT - TOP - BOTTOM) * (s->high - value) / (s->high - s->low);
}

static const char *px(struct cx *cx, double x)
{
    return arena_printf(cx->arena, "%.1f", x);
}

/* Sums of what lies above and below zero in a category, for stacked bars. */
static void stacked_range(const struct chart *c, double *low, double *high)
{
    for (size_t i = 0; i < c->category_count; i++) {
        double up = 0, down = 0;
        for (size_t s = 0; s < c->series_count; s++) {
            double v = c->series[s].values[i];
            if (!isnan(v))
                *(v >= 0 ? &up : &down) += v;
        }
        *high = fmax(*high, up);
        *low = fmin(*low, down);
    }
}

static void line_range(const struct chart *c, double *low, double *high)
{
    for (size_t s = 0; s < c->series_count; s++)
        for (size_t i = 0; i < c->category_count; i++) {
            double v = c->series[s].values[i];
            if (isnan(v))
                continue;
            *high = fmax(*high, v);
            *low = fmin(*low, v);
        }
}

static void draw_axes(struct chart_drawing *d, struct cx *cx, const struct scale *s)
{
    const struct chart *c = d->chart;
    d->rules = arena_new(cx->arena, (TICKS_MAX + 4) * sizeof *d->rules);
    d->texts = arena_new(cx->arena, (TICKS_MAX + 4 + c->category_count) * sizeof *d->texts);
    int ticks = (int)lround((s->high - s->low) / s->step);
    for (int i = 0; i <= ticks && i < TICKS_MAX + 4; i++) {
        double value = s->low + s->step * i;
        const char *y = px(cx, y_of(s, value));
        d->rules[d->rule_count++] = (struct chart_rule){px(cx, LEFT), y, px(cx, WIDTH - RIGHT),
                                                        y, fabs(value) < s->step / 2};
        d->texts[d->text_count++] =
            (struct chart_text){px(cx, LEFT - 6), px(cx, y_of(s, value) + 4),
                                format_f64(cx, value, s->step < 1 ? 2 : 0), "end"};
    }
    double slot = (double)(WIDTH - LEFT - RIGHT) / (double)c->category_count;
    for (size_t i = 0; i < c->category_count; i++)
        d->texts[d->text_count++] =
            (struct chart_text){px(cx, LEFT + slot * ((double)i + .5)), px(cx, HEIGHT - 8),
                                c->categories[i], "middle"};
}

static void draw_bars(struct chart_drawing *d, struct cx *cx, const struct scale *s)
{
    const struct chart *c = d->chart;
    double slot = (double)(WIDTH - LEFT - RIGHT) / (double)c->category_count;
    double width = fmin(slot * .66, 80);
    d->boxes =
        arena_new(cx->arena, (c->category_count * c->series_count + 1) * sizeof *d->boxes);
    for (size_t i = 0; i < c->category_count; i++) {
        double up = 0, down = 0;
        for (size_t k = 0; k < c->series_count; k++) {
            double v = c->series[k].values[i];
            if (isnan(v) || v == 0)
                continue;
            double *from = v >= 0 ? &up : &down;
            double y0 = y_of(s, fmax(*from, *from + v)), y1 = y_of(s, fmin(*from, *from + v));
            *from += v;
            d->boxes[d->box_count++] =
                (struct chart_box){px(cx, LEFT + slot * ((double)i + .5) - width / 2),
                                   px(cx, y0),
                                   px(cx, width),
                                   px(cx, fmax(y1 - y0, .5)),
                                   chart_colour(k),
                                   arena_printf(cx->arena, "%s · %s: %s", c->categories[i],
                                                c->series[k].label, chart_value(cx, c, k, i))};
        }
    }
}

static void draw_lines(struct chart_drawing *d, struct cx *cx, const struct scale *s)
{
    const struct chart *c = d->chart;
    double slot = (double)(WIDTH - LEFT - RIGHT) / (double)c->category_count;
    d->lines = arena_new(cx->arena, (c->series_count + 1) * sizeof *d->lines);
    for (size_t k = 0; k < c->series_count; k++) {
        struct buf b;
        buf_init(&b, cx->arena, 64 * 1024);
        for (size_t i = 0; i < c->category_count; i++)
            if (!isnan(c->series[k].values[i]))
                buf_printf(&b, "%.1f,%.1f ", LEFT + slot * ((double)i + .5),
                           y_of(s, c->series[k].values[i]));
        d->lines[d->line_count++] = (struct chart_line){
            arena_copy(cx->arena, buf_view(&b)), chart_colour(k), dashes[k / COLOURS % 4]};
    }
}

static struct chart_drawing drawing_of(struct cx *cx, const struct chart *c)
{
    return (struct chart_drawing){
        .chart = c,
        .view_box = arena_printf(cx->arena, "0 0 %d %d", WIDTH, HEIGHT),
        .summary = arena_printf(cx->arena, "%s. %s", c->title,
                                _("The figures stand in the table below.")),
    };
}

void html_chart_bars(struct out *o, struct cx *cx, const struct chart *c)
{
    assert(c->category_count > 0 && c->series_count > 0);
    double low = 0, high = 0;
    stacked_range(c, &low, &high);
    struct scale s = scale_of(low, high);
    struct chart_drawing d = drawing_of(cx, c);
    draw_axes(&d, cx, &s);
    draw_bars(&d, cx, &s);
    chart_svg(o, cx, &d);
}

void html_chart_lines(struct out *o, struct cx *cx, const struct chart *c)
{
    assert(c->category_count > 0 && c->series_count > 0);
    double low = 0, high = 0;
    line_range(c, &low, &high);
    struct scale s = scale_of(low, high);
    struct chart_drawing d = drawing_of(cx, c);
    draw_axes(&d, cx, &s);
    draw_lines(&d, cx, &s);
    chart_svg(o, cx, &d);
}

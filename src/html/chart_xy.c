/* Charts over a number: scales and geometry; the markup is in chart_xy.html. */
#include "html/chart_xy.h"

#include "base/format.h"
#include "base/text.h"
#include "html/chart_xy.html.h"
#include "html/chart_xy_parts.h"

#include <assert.h>
#include <math.h>

enum {
    XY_WIDTH = 640,
    XY_HEIGHT = 300,
    XY_LEFT = 72,
    XY_RIGHT = 24,
    XY_TOP = 30,
    XY_BOTTOM = 54,
    XY_TICKS_MAX = 12
};
static const char grey[] = "#8a9790";

struct axis {
    double low, high, step;
};

static double tidy_step(double range, int parts)
{
    double raw = range / parts, power = pow(10, floor(log10(raw))), times = raw / power;
    return (times <= 1 ? 1 : times <= 2 ? 2 : times <= 2.5 ? 2.5 : times <= 5 ? 5 : 10) * power;
}

static struct axis axis_of(double low, double high, int parts, bool round_out)
{
    if (!(high > low))
        high = low + 1;
    struct axis a = {low, high, tidy_step(high - low, parts)};
    if (round_out) {
        a.low = floor(low / a.step + 1e-9) * a.step;
        a.high = ceil(high / a.step - 1e-9) * a.step;
    }
    return a;
}

static struct axis y_axis(const struct chart_xy *c)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t k = 0; k < c->curve_count; k++)
        for (size_t i = 0; i < c->count; i++) {
            double v = c->curves[k].values[i];
            if (isnan(v) || (c->curves[k].shape == SHAPE_BARS && i + 1 == c->count))
                continue;
            low = fmin(low, v);
            high = fmax(high, v);
        }
    if (!(low <= high))
        low = high = 0;
    if (c->from_zero || (low > 0 && low < high / 2))
        low = fmin(low, 0);
    return axis_of(low, high, 4, true);
}

static double x_at(const struct axis *a, double x)
{
    return XY_LEFT + (XY_WIDTH - XY_LEFT - XY_RIGHT) * (x - a->low) / (a->high - a->low);
}

static double y_at(const struct axis *a, double y)
{
    return XY_TOP + (XY_HEIGHT - XY_TOP - XY_BOTTOM) * (a->high - y) / (a->high - a->low);
}

static const char *tenth(struct cx *cx, double x)
{
    return arena_printf(cx->arena, "%.1f", x);
}

/* Decimals that a multiple of the step needs. */
static unsigned step_decimals(double step)
{
    unsigned decimals = 0;
    for (; decimals < 6 && fabs(step - round(step)) > step * 1e-6; decimals++)
        step *= 10;
    return decimals;
}

static const char *tick_text(struct cx *cx, double value, double step, enum chart_number kind)
{
    double times = kind == NUMBER_PERCENT ? 100 : 1;
    const char *z = format_f64(cx, value * times, step_decimals(step * times));
    return kind == NUMBER_PERCENT ? arena_printf(cx->arena, "%s%%", z) : z;
}

static const char *number_of(struct cx *cx, double value, unsigned decimals,
                             enum chart_number kind)
{
    if (isnan(value))
        return "–";
    if (kind == NUMBER_PERCENT)
        return arena_printf(cx->arena, "%s%%", format_f64(cx, value * 100, decimals));
    return format_f64(cx, value, decimals);
}

const char *chart_xy_x(struct cx *cx, const struct chart_xy *c, size_t i)
{
    return number_of(cx, c->x[i], c->x_decimals, c->x_number);
}

const char *chart_xy_y(struct cx *cx, const struct chart_xy *c, size_t curve, size_t i)
{
    return number_of(cx, c->curves[curve].values[i], c->y_decimals, c->y_number);
}

const char *chart_xy_row(struct cx *cx, const struct chart_xy *c, size_t i)
{
    if (c->curves[0].shape != SHAPE_BARS)
        return chart_xy_x(cx, c, i);
    return arena_printf(cx->arena, "%s – %s", chart_xy_x(cx, c, i), chart_xy_x(cx, c, i + 1));
}

size_t chart_xy_rows(const struct chart_xy *c)
{
    return c->curves[0].shape == SHAPE_BARS ? c->count - 1 : c->count;
}

static void draw_axis_x(struct chart_xy_drawing *d, struct cx *cx, const struct axis *a)
{
    double first = ceil(a->low / a->step - 1e-9) * a->step;
    for (int i = 0; i < XY_TICKS_MAX && first + i * a->step <= a->high * (1 + 1e-9); i++) {
        double v = first + i * a->step;
        d->texts[d->text_count++] =
            (struct chart_text){tenth(cx, x_at(a, v)), tenth(cx, XY_HEIGHT - XY_BOTTOM + 20),
                                tick_text(cx, v, a->step, d->chart->x_number), "middle"};
    }
    d->x_title_x = tenth(cx, XY_WIDTH - XY_RIGHT);
    d->x_title_y = tenth(cx, XY_HEIGHT - 8);
}

static void draw_axis_y(struct chart_xy_drawing *d, struct cx *cx, const struct axis *a)
{
    int ticks = (int)lround((a->high - a->low) / a->step);
    for (int i = 0; i <= ticks && i < XY_TICKS_MAX; i++) {
        double v = a->low + a->step * i;
        const char *y = tenth(cx, y_at(a, v));
        d->rules[d->rule_count++] = (struct chart_rule){
            tenth(cx, XY_LEFT), y, tenth(cx, XY_WIDTH - XY_RIGHT), y, fabs(v) < a->step / 2};
        d->texts[d->text_count++] =
            (struct chart_text){tenth(cx, XY_LEFT - 8), tenth(cx, y_at(a, v) + 4),
                                tick_text(cx, v, a->step, d->chart->y_number), "end"};
    }
}

static void draw_marks(struct chart_xy_drawing *d, struct cx *cx, const struct axis *a)
{
    const struct chart_xy *c = d->chart;
    for (size_t i = 0; i < c->mark_count; i++) {
        double at = c->marks[i].at;
        if (isnan(at) || at < a->low || at > a->high)
            continue;
        const char *x = tenth(cx, x_at(a, at));
        bool right = x_at(a, at) > XY_WIDTH * .6;
        d->marks[d->mark_count++] = (struct chart_rule){x, tenth(cx, XY_TOP - 8), x,
                                                        tenth(cx, XY_HEIGHT - XY_BOTTOM), true};
        d->mark_texts[d->mark_text_count++] =
            (struct chart_text){tenth(cx, x_at(a, at) + (right ? -5 : 5)),
                                tenth(cx, XY_TOP - 12 + 15 * (double)(i % 2)),
                                c->marks[i].label, right ? "end" : "start"};
    }
}

static void draw_bins(struct chart_xy_drawing *d, struct cx *cx, size_t curve,
                      const struct axis *ax, const struct axis *ay)
{
    const struct chart_xy *c = d->chart;
    d->boxes = arena_new(cx->arena, c->count * sizeof *d->boxes);
    for (size_t i = 0; i + 1 < c->count; i++) {
        double v = c->curves[curve].values[i];
        if (isnan(v) || (v >= 0 && v <= 0))
            continue;
        double y0 = y_at(ay, fmax(0, v)), y1 = y_at(ay, fmin(0, v));
        bool low = !isnan(c->highlight) && c->x[i + 1] <= c->highlight * (1 + 1e-9);
        d->boxes[d->box_count++] =
            (struct chart_box){tenth(cx, x_at(ax, c->x[i])),
                               tenth(cx, y0),
                               tenth(cx, fmax(x_at(ax, c->x[i + 1]) - x_at(ax, c->x[i]), .5)),
                               tenth(cx, fmax(y1 - y0, .5)),
                               chart_colour(low ? 1 : 0),
                               arena_printf(cx->arena, "%s: %s", chart_xy_row(cx, c, i),
                                            chart_xy_y(cx, c, curve, i))};
    }
}

static void draw_curve(struct chart_xy_drawing *d, struct cx *cx, size_t curve,
                       const struct axis *ax, const struct axis *ay)
{
    const struct chart_curve *v = &d->chart->curves[curve];
    static const char *const dashes[] = {NULL, "7 4", "2 3", "10 3 2 3"};
    struct buf b;
    double before = (double)NAN;
    buf_init(&b, cx->arena, 256 * 1024);
    for (size_t i = 0; i < d->chart->count; i++) {
        if (isnan(v->values[i]))
            continue;
        double x = x_at(ax, d->chart->x[i]), y = y_at(ay, v->values[i]);
        if (v->shape == SHAPE_STEP && !isnan(before))
            buf_printf(&b, "%.1f,%.1f ", before, y);
        buf_printf(&b, "%.1f,%.1f ", x, y);
        before = x;
    }
    d->lines[d->line_count++] = (struct chart_line){arena_copy(cx->arena, buf_view(&b)),
                                                    v->quiet ? grey : chart_colour(curve),
                                                    dashes[v->quiet ? 2 : curve % 4]};
}

void html_chart_xy(struct out *o, struct cx *cx, const struct chart_xy *c)
{
    assert(c->count > 1 && c->curve_count > 0);
    struct axis ax = axis_of(c->x[0], c->x[c->count - 1], 6, false), ay = y_axis(c);
    struct chart_xy_drawing d = {
        .chart = c,
        .view_box = arena_printf(cx->arena, "0 0 %d %d", XY_WIDTH, XY_HEIGHT),
        .summary = arena_printf(cx->arena, "%s. %s", c->title,
                                _("The figures stand in the table below.")),
        .texts = arena_new(cx->arena, (size_t)XY_TICKS_MAX * 3 * sizeof *d.texts),
        .rules = arena_new(cx->arena, (size_t)XY_TICKS_MAX * 2 * sizeof *d.rules),
        .marks = arena_new(cx->arena, (c->mark_count + 1) * sizeof *d.marks),
        .mark_texts = arena_new(cx->arena, (c->mark_count + 1) * sizeof *d.mark_texts),
        .lines = arena_new(cx->arena, (c->curve_count + 1) * sizeof *d.lines),
    };
    draw_axis_x(&d, cx, &ax);
    draw_axis_y(&d, cx, &ay);
    draw_marks(&d, cx, &ax);
    for (size_t k = 0; k < c->curve_count; k++) {
        if (c->curves[k].shape == SHAPE_BARS)
            draw_bins(&d, cx, k, &ax, &ay);
        else
            draw_curve(&d, cx, k, &ax, &ay);
    }
    chart_xy_svg(o, cx, &d);
}

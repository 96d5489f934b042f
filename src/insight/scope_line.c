/* Poverty lines as people write them, and thresholds by area and year. */
#include "base/format.h"
#include "base/utf8.h"
#include "insight/scope_impl.h"

#include <math.h>
#include <string.h>

/* Far above any income in any currency; sums of gaps stay exact. */
#define LINE_HIGHEST  1e12
#define SHARE_HIGHEST 100.0 /* of the median or mean: 10,000 % */

static bool is_threshold(const struct profile *p, struct str code)
{
    for (size_t i = 0; i < p->threshold_count; i++)
        if (str_eq_z(code, p->thresholds[i].code))
            return true;
    return false;
}

/* The threshold that a label in any language belongs to; NULL: none. */
static const char *labelled(const struct profile *p, struct str text)
{
    for (size_t i = 0; i < p->threshold_count; i++)
        for (size_t lang = 0; lang < LANG_COUNT; lang++)
            if (text.len && str_eq_z(text, p->thresholds[i].label.in[lang]))
                return p->thresholds[i].code;
    return NULL;
}

/* Half width, without blanks and thousands separators: "６，０００" is 6000. */
static struct str plain_text(struct cx *cx, struct str text)
{
    struct str s = utf8_normal(cx, text, true);
    char *out = arena_new(cx->arena, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        struct str rest = {s.p + i, s.len - i};
        if (s.p[i] == ' ' || s.p[i] == ',')
            continue;
        if (str_starts(rest, STR("，")) || str_starts(rest, STR("％"))) {
            if (str_starts(rest, STR("％")))
                out[n++] = '%';
            i += 2;
            continue;
        }
        out[n++] = s.p[i];
    }
    return (struct str){out, n};
}

static const char *line_names(struct cx *cx)
{
    struct buf b;
    buf_init(&b, cx->arena, 4096);
    for (size_t i = 0; i < cx->profile->poverty_line_count; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", cx->profile->poverty_lines[i]);
    return arena_copy(cx->arena, buf_view(&b));
}

/* At most two decimals, none where it is whole. */
static const char *number_text(struct cx *cx, double x)
{
    if (fabs(x) < 1e15 && x == floor(x))
        return format_int(cx, (int64_t)x);
    return format_f64(cx, x, 2);
}

static const char *money_text(struct cx *cx, const struct indicator *welfare, double x)
{
    const char *unit = welfare ? LABEL(cx, welfare->unit_label) : "";
    const char *number = number_text(cx, x);
    return unit[0] ? arena_printf(cx->arena, "%s %s", number, unit) : number;
}

const char *scope_money(struct cx *cx, const struct scope *s, double value)
{
    if (isnan(value))
        return "–";
    return money_text(cx, s->welfare, value);
}

static const char *spec_label(struct cx *cx, const struct line_spec *l)
{
    const struct profile *p = cx->profile;
    const char *share = number_text(cx, l->value * 100);
    switch (l->kind) {
    case LINE_OF_MEDIAN:
        return arena_printf(cx->arena, _("%s%% of the median"), share);
    case LINE_OF_MEAN:
        return arena_printf(cx->arena, _("%s%% of the mean"), share);
    case LINE_OF_QUANTILE:
        return arena_printf(cx->arena, _("%s%% of the quantile %s"), share,
                            format_f64(cx, l->quantile, 2));
    case LINE_FIXED:
        break;
    }
    return money_text(cx, p->welfare_count ? p->welfare[0] : NULL, l->value);
}

enum rc scope_line_parse(struct scope_line *out, struct cx *cx, struct str text)
{
    const char *code = labelled(cx->profile, str_trim(text));
    struct str plain = code ? str_of(code) : plain_text(cx, str_trim(text));
    struct scope_line line = {.text = arena_copy(cx->arena, plain)};
    if (is_threshold(cx->profile, plain)) {
        line.threshold = line.text;
        line.label = scope_threshold_label(cx, line.text, 0);
        *out = line;
        return RC_OK;
    }
    char first = plain.len ? plain.p[0] : 0;
    if (!first || (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') ||
        (unsigned char)first >= 0x80)
        return fail_f(
            cx, RC_INVALID,
            _("“%.*s” is not a poverty line. Give a number such as 4000, a share such "
              "as 60%%median, or one of: %s."),
            STR_ARG(plain), line_names(cx));
    TRY(line_parse(&line.spec, cx, plain));
    if (line.spec.kind == LINE_FIXED)
        TRY(line_check(cx, line.spec.value));
    else if (!(line.spec.value > 0))
        return fail(cx, RC_INVALID, _("The share of a relative line must be above zero."),
                    "line share");
    if (line.spec.value > (line.spec.kind == LINE_FIXED ? LINE_HIGHEST : SHARE_HIGHEST))
        return fail(cx, RC_INVALID, _("No poverty line is that high. Give a smaller number."),
                    "line too high");
    line.label = spec_label(cx, &line.spec);
    *out = line;
    return RC_OK;
}

enum rc scope_threshold(double *out, struct cx *cx, const char *code, const struct str *codes,
                        size_t code_count, int32_t year)
{
    const struct threshold *t = profile_threshold(cx->profile, str_of(code), codes, code_count,
                                                  profile_year_last(cx->profile, year));
    if (!t)
        return RC_NOTFOUND;
    *out = (double)t->value / pow(10, t->decimals);
    return RC_OK;
}

bool scope_threshold_by_area(const struct profile *p, const char *code)
{
    for (size_t i = 0; i < p->threshold_count; i++)
        if (!strcmp(p->thresholds[i].code, code) && p->thresholds[i].area_code[0])
            return true;
    return false;
}

const char *scope_threshold_label(struct cx *cx, const char *code, int32_t year)
{
    const struct profile *p = cx->profile;
    int32_t day = year ? profile_year_last(p, year) : INT32_MIN;
    const struct threshold *found = NULL;
    for (size_t i = 0; i < p->threshold_count; i++) {
        const struct threshold *t = &p->thresholds[i];
        if (strcmp(t->code, code) != 0)
            continue;
        bool holds = !year || (t->from_day <= day && day <= t->to_day);
        /* Rows for everywhere speak for all; later rows are newer. */
        if (holds && (!found || !t->area_code[0]))
            found = t;
    }
    return found ? LABEL(cx, found->label) : code;
}

const char *scope_unit(struct cx *cx, const struct scope *s)
{
    return s->households ? _("households") : _("people");
}

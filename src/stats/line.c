/* Poverty lines as people write them: an amount, or a share of a median, mean or quantile. */
#include "base/text.h"
#include "stats/inner.h"

enum rc line_parse(struct line_spec *out, struct cx *cx, struct str text)
{
    struct line_spec l = {.kind = LINE_FIXED};
    struct str rest = str_trim(text), number = str_cut(&rest, '%');
    rest = rest.p ? str_trim(rest) : rest;
    bool known = true;
    if (rest.p && str_eq_z(rest, "median"))
        l.kind = LINE_OF_MEDIAN;
    else if (rest.p && str_eq_z(rest, "mean"))
        l.kind = LINE_OF_MEAN;
    else if (rest.p && rest.len > 1 && rest.p[0] == 'q') {
        l.kind = LINE_OF_QUANTILE;
        known = str_to_f64(&l.quantile, (struct str){rest.p + 1, rest.len - 1}) &&
                l.quantile > 0 && l.quantile < 1;
    } else
        known = !rest.p;
    if (!known || !str_to_f64(&l.value, str_trim(number)))
        return fail(cx, RC_INVALID,
                    _("Write the line as an amount (3000) or as a share: 60%median, 50%mean, "
                      "40%q0.5."),
                    "line");
    TRY(line_check(cx, l.value));
    if (l.kind != LINE_FIXED)
        l.value /= 100;
    *out = l;
    return RC_OK;
}

enum rc line_value(double *out, struct cx *cx, const struct line_spec *l,
                   const struct ranked *r, enum quantile_kind kind)
{
    double of = 1;
    if (l->kind != LINE_FIXED && !r->n)
        return fail(cx, RC_INVALID, _(STATS_NOBODY), "line of nobody");
    switch (l->kind) {
    case LINE_FIXED:
        break;
    case LINE_OF_MEDIAN:
        of = ranked_quantile(r, 0.5, kind);
        break;
    case LINE_OF_MEAN:
        of = r->mean;
        break;
    case LINE_OF_QUANTILE:
        of = ranked_quantile(r, l->quantile, kind);
        break;
    }
    if (!(of > 0))
        return fail(cx, RC_INVALID,
                    _("The median, mean or quantile that the line is a share of is not above "
                      "zero. Give an amount."),
                    "relative line");
    double line = l->value * of;
    TRY(line_check(cx, line));
    *out = line;
    return RC_OK;
}

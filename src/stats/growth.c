/* Two years: growth incidence, and the Datt–Ravallion split of a change in poverty. */
#include "base/text.h"
#include "stats/inner.h"

void growth_incidence(double *out, const struct ranked *a, const struct ranked *b, size_t count,
                      enum quantile_kind kind)
{
    for (size_t i = 0; i < count; i++) {
        double p = ((double)i + 0.5) / (double)count;
        double before = ranked_quantile(a, p, kind), after = ranked_quantile(b, p, kind);
        out[i] = before > 0 ? after / before - 1 : NAN;
    }
}

/* FGT of a year's distribution scaled to another mean: the line is scaled the other way. */
static double poverty(const struct ranked *r, double line, int power, bool weak)
{
    struct fgt_sums s = {0};
    struct welfare x = {r->y, r->w, r->n};
    fgt_add(&s, &x, NULL, line, weak);
    return fgt_of(&s, power).value;
}

/* Seven parameters: two years, and what is measured in them. */
// NOLINTNEXTLINE(readability-function-size)
enum rc datt_ravallion(struct change_parts *out, struct cx *cx, const struct ranked *a,
                       const struct ranked *b, double line, int power, bool weak)
{
    TRY(line_check(cx, line));
    if (!a->n || !b->n)
        return fail(cx, RC_INVALID, _(STATS_NOBODY), "a year is empty");
    if (!(a->mean > 0) || !(b->mean > 0))
        return fail(cx, RC_INVALID,
                    _("The mean of a year is not above zero: growth cannot be told from "
                      "redistribution."),
                    "mean");
    double ratio = b->mean / a->mean;
    struct change_parts c = {.before = poverty(a, line, power, weak),
                             .after = poverty(b, line, power, weak)};
    double grown = poverty(a, line / ratio, power, weak);  /* mean of after, shape of before */
    double spread = poverty(b, line * ratio, power, weak); /* mean of before, shape of after */
    double change = c.after - c.before;
    c.growth_1 = grown - c.before;
    c.redistribution_1 = spread - c.before;
    c.residual_1 = change - c.growth_1 - c.redistribution_1;
    c.growth_2 = c.after - spread;
    c.redistribution_2 = c.after - grown;
    c.residual_2 = change - c.growth_2 - c.redistribution_2;
    c.growth = (c.growth_1 + c.growth_2) / 2;
    c.redistribution = (c.redistribution_1 + c.redistribution_2) / 2;
    *out = c;
    return RC_OK;
}

/* The words under every figure: definitions, formulas and their sources; the facts of a
 * computation; the same by command line. */
#include "insight/how.h"

#include "base/format.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define FGT_SOURCE "Foster, Greer, Thorbecke 1984, Econometrica 52(3)"
#define AF_SOURCE  "Alkire, Foster 2011, Journal of Public Economics 95(7–8)"

static const struct statistic_text texts[STATISTIC_COUNT] = {
    [STATISTIC_HEADCOUNT] = {"fgt0", N_("Poverty rate"),
                             N_("Share of the people who live below the line."),
                             "FGT₀ = Σ w·1(y < z) ∕ Σ w", FGT_SOURCE},
    [STATISTIC_GAP] = {"fgt1", N_("Poverty gap"),
                       N_("How far the people are below the line on average, as a share of the "
                          "line; who is above it counts as zero."),
                       "FGT₁ = Σ w·1(y < z)·(1 − y∕z) ∕ Σ w", FGT_SOURCE},
    [STATISTIC_SEVERITY] =
        {"fgt2", N_("Severity of poverty"),
         N_("As the gap, with each gap squared, so that the poorest weigh more."),
         "FGT₂ = Σ w·1(y < z)·(1 − y∕z)² ∕ Σ w", FGT_SOURCE},
    [STATISTIC_WATTS] =
        {"watts", N_("Watts index"),
         N_("Average of the logarithm of line over income of the poor. Incomes of "
            "zero or less have no logarithm and are left out."),
         "W = Σ w·1(y < z)·ln(z∕y) ∕ Σ w, y > 0", "Watts 1968"},
    [STATISTIC_SST] =
        {"sst", N_("Sen–Shorrocks–Thon index"),
         N_("Poverty gap times one plus the inequality of the gaps among everybody."),
         "SST = FGT₁·(1 + G(gaps))", "Shorrocks 1995, Econometrica 63(5)"},
    [STATISTIC_GINI] =
        {"gini", N_("Gini coefficient"),
         N_("0 when all have the same, 1 when one person has everything. Negative "
            "incomes are kept and can raise it above 1."),
         "G = Σ w·y·(2W − w) ∕ (N·Σ w·y) − 1, W = running weight",
         "Gini 1914; weighted as in R laeken"},
    [STATISTIC_GE0] = {"ge0", N_("Theil L (mean log deviation), GE(0)"),
                       N_("Inequality that looks most at the poor. Only incomes above zero."),
                       "GE(0) = −mean ln(y∕μ)", "Theil 1967; Cowell 2011"},
    [STATISTIC_GE1] = {"ge1", N_("Theil T, GE(1)"),
                       N_("Inequality that looks at all alike. Only incomes above zero."),
                       "GE(1) = mean (y∕μ)·ln(y∕μ)", "Theil 1967; Cowell 2011"},
    [STATISTIC_GE2] = {"ge2", N_("Half the squared variation, GE(2)"),
                       N_("Inequality that looks most at the rich."),
                       "GE(2) = (mean (y∕μ)² − 1) ∕ 2", "Cowell 2011"},
    [STATISTIC_ATKINSON_HALF] =
        {"atkinson05", N_("Atkinson index, ε = 0.5"),
         N_("Share of all income that could be given up if it were spread "
            "evenly with no loss of welfare, by mild aversion."),
         "A(ε) = 1 − [mean (y∕μ)^(1−ε)]^(1∕(1−ε))", "Atkinson 1970"},
    [STATISTIC_ATKINSON_1] = {"atkinson1", N_("Atkinson index, ε = 1"),
                              N_("The same by middling aversion. Only incomes above zero."),
                              "A(1) = 1 − exp(mean ln y) ∕ μ", "Atkinson 1970"},
    [STATISTIC_ATKINSON_2] = {"atkinson2", N_("Atkinson index, ε = 2"),
                              N_("The same by strong aversion. Only incomes above zero."),
                              "A(2) = 1 − 1 ∕ mean (μ∕y)", "Atkinson 1970"},
    [STATISTIC_MEAN] = {"mean", N_("Mean"), N_("Average over the people."), "μ = Σ w·y ∕ Σ w",
                        ""},
    [STATISTIC_MEDIAN] = {"median", N_("Median"),
                          N_("Half of the people have less, half have more."), "q(0.5)",
                          "Quantiles as in R laeken"},
    [STATISTIC_SHARES] = {"shares", N_("Shares of fifths"),
                          N_("Share of all income that each fifth of the people has, from the "
                             "poorest fifth to the richest."),
                          "L(p₂) − L(p₁)", "Lorenz 1905"},
    [STATISTIC_S80S20] = {"s80s20", N_("Richest fifth to poorest fifth"),
                          N_("Income of the richest fifth over income of the poorest fifth."),
                          "S80∕S20", "Eurostat; R laeken"},
    [STATISTIC_LORENZ] =
        {"lorenz", N_("Lorenz curve"),
         N_("Share of all income that the poorest p percent of the people have."),
         "L(p) = Σ(poorest p) w·y ∕ Σ w·y", "Lorenz 1905"},
    [STATISTIC_GROWTH_INCIDENCE] = {"growth_incidence", N_("Growth incidence curve"),
                                    N_("How much the income at each place of the ranking grew "
                                       "between the two years: not the same people, the same "
                                       "place."),
                                    "g(p) = q₂(p) ∕ q₁(p) − 1",
                                    "Ravallion, Chen 2003, Economics Letters 78(1)"},
    [STATISTIC_DATT_RAVALLION] =
        {"datt_ravallion", N_("Growth and redistribution"),
         N_("The change of the poverty rate split into what growth of the "
            "mean alone and what the change of the distribution alone "
            "would have done; average over both orders."),
         "P(z;μ₂,L₁) − P(z;μ₁,L₁) and P(z;μ₁,L₂) − P(z;μ₁,L₁), Shapley",
         "Datt, Ravallion 1992, Journal of Development Economics 38(2)"},
    [STATISTIC_NEWLY_POOR] = {"newly_poor", N_("Newly poor by the line"),
                              N_("Households that are poor at one line and not at the other."),
                              "1(y < z₂)·(1 − 1(y < z₁))", ""},
    [STATISTIC_H] =
        {"h", N_("Share of the poor in many dimensions (H)"),
         N_("Share of the people in households whose weighted deprivations reach k."),
         "H = Σ w·1(c ≥ k) ∕ Σ w", AF_SOURCE},
    [STATISTIC_A] = {"a", N_("Intensity (A)"),
                     N_("Average share of weighted deprivations among the poor."), "A = M₀ ∕ H",
                     AF_SOURCE},
    [STATISTIC_M0] = {"m0", N_("Adjusted headcount (M₀)"),
                      N_("Share of the poor times their intensity: it falls also when a poor "
                         "household loses one of its deprivations."),
                      "M₀ = Σ w·c·1(c ≥ k) ∕ Σ w = H·A", AF_SOURCE},
    [STATISTIC_UNCENSORED] = {"hd", N_("Deprived in it"),
                              N_("Share of the people deprived in this, poor or not."),
                              "h = Σ w·g ∕ Σ w", AF_SOURCE},
    [STATISTIC_CENSORED] = {"hdk", N_("Poor and deprived in it"),
                            N_("Share of the people who are poor and deprived in this."),
                            "h(k) = Σ w·g·1(c ≥ k) ∕ Σ w", AF_SOURCE},
    [STATISTIC_CONTRIBUTION] = {"pctb", N_("Contribution to M₀"),
                                N_("What part of M₀ comes from this deprivation."),
                                "v·h(k) ∕ M₀", AF_SOURCE},
    [STATISTIC_PERCENTILE] = {"percentile", N_("Place in the village"),
                              N_("Share of the village's people who have less."),
                              "p = Σ w·1(y′ < y) ∕ Σ w", ""},
};

const struct statistic_text *statistic_text(enum statistic m)
{
    assert(m < STATISTIC_COUNT);
    return &texts[m];
}

const char *statistic_name(struct cx *cx, enum statistic m)
{
    return text_in(cx->lang, statistic_text(m)->name);
}

void how_add(struct cx *cx, struct how *h, const char *label, const char *value)
{
    (void)cx;
    if (h->fact_count < HOW_FACTS_MAX)
        h->facts[h->fact_count++] = (struct how_fact){label, value};
}

static const char *line_fact(struct cx *cx, const struct scope *s, const struct population *p)
{
    const char *label = s->line.threshold
                            ? scope_threshold_label(cx, s->line.threshold, p->year)
                            : s->line.label;
    if (!isnan(p->line) && s->line.threshold)
        return arena_printf(cx->arena, "%s: %s", label, scope_money(cx, s, p->line));
    if (!isnan(p->line) && s->line.spec.kind != LINE_FIXED)
        return arena_printf(cx->arena, "%s: %s", label, scope_money(cx, s, p->line));
    if (p->run_count > 1)
        return arena_printf(cx->arena, _("%s: %s to %s, by area"), label,
                            scope_money(cx, s, p->line_low), scope_money(cx, s, p->line_high));
    return label;
}

static void population_facts(struct how *h, struct cx *cx, const struct scope *s,
                             const struct population *p)
{
    if (p->y && s->welfare) {
        how_add(cx, h, _("Income measured"), LABEL(cx, s->welfare->label));
        if (p->run_count)
            how_add(cx, h, _("Poverty line"), line_fact(cx, s, p));
        if (p->run_count)
            how_add(cx, h, _("Who is poor"),
                    s->weak ? _("who stands at the line or below it")
                            : _("who stands below the line, not at it"));
    }
    how_add(cx, h, _("Counted are"),
            s->households ? _("households, one each")
                          : _("people: each household by its number of people that year"));
    how_add(cx, h, _("Households used"), format_int(cx, p->rows_used));
    if (!p->y)
        return;
    const char *left = format_int(cx, p->rows_missing);
    if (p->rows_missing)
        left = arena_printf(
            cx->arena, _("%s (income not known; of these %s have nothing recorded for %d)"),
            left, format_int(cx, p->rows_empty), p->year);
    how_add(cx, h, _("Households left out"), left);
}

struct how *how_of(struct cx *cx, const struct scope *s, const struct population *p,
                   const enum statistic *statistics, size_t statistic_count)
{
    struct how *h = arena_new(cx->arena, sizeof *h);
    const struct profile *profile = cx->profile;
    enum statistic *copy = arena_new(cx->arena, (statistic_count + 1) * sizeof *copy);
    if (statistic_count)
        memcpy(copy, statistics, statistic_count * sizeof *copy);
    h->statistics = copy;
    h->statistic_count = statistic_count;
    h->facts = arena_new(cx->arena, HOW_FACTS_MAX * sizeof *h->facts);
    how_add(cx, h, _("Area"), s->area.name);
    if (s->year)
        how_add(cx, h, _("Year"), arena_printf(cx->arena, "%d", p ? p->year : s->year));
    if (p) {
        struct population_source *sources =
            arena_new(cx->arena, (p->source_count + 1) * sizeof *sources);
        memcpy(sources, p->sources, p->source_count * sizeof *sources);
        population_facts(h, cx, s, p);
        h->sources = sources;
        h->source_count = p->source_count;
    }
    h->profile =
        arena_printf(cx->arena, "%s %s · %02x%02x%02x%02x", profile->code, profile->version,
                     profile->hash[0], profile->hash[1], profile->hash[2], profile->hash[3]);
    return h;
}

/* The number as a command takes it: enough digits to read the same double back. */
static const char *exact(struct cx *cx, double x)
{
    for (int digits = 6; digits < 17; digits++) {
        const char *z = arena_printf(cx->arena, "%.*g", digits, x);
        double back;
        if (str_to_f64(&back, str_of(z)) && back >= x && back <= x)
            return z;
    }
    return arena_printf(cx->arena, "%.17g", x);
}

const char *how_poverty_command(struct cx *cx, const struct scope *s,
                                const struct population *p)
{
    if (!s->welfare || isnan(p->line))
        return NULL;
    bool relative = !s->line.threshold && s->line.spec.kind != LINE_FIXED;
    return arena_printf(cx->arena, "fumin poverty rows.csv --welfare %s%s --line %s%s",
                        s->welfare->code, s->households ? "" : " --weight size",
                        relative ? s->line.text : exact(cx, p->line), s->weak ? " --weak" : "");
}

const char *how_mpi_command(struct cx *cx, const struct scope *s)
{
    struct buf b;
    buf_init(&b, cx->arena, 8192);
    buf_z(&b, "fumin mpi rows.csv --indicators ");
    for (size_t j = 0; j < s->spec.n; j++)
        buf_printf(&b, "%sd_%s", j ? "," : "", s->index->deprivations[j].code);
    buf_z(&b, " --weights ");
    for (size_t j = 0; j < s->spec.n; j++)
        buf_printf(&b, "%s%d", j ? "," : "", s->spec.weight[j]);
    buf_printf(&b, " --k %s%s", s->k_text, s->households ? "" : " --weight size");
    return arena_copy(cx->arena, buf_view(&b));
}

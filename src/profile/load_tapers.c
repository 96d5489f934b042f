/* Loads tapers.csv: how help with income gets less when a household earns more. */
#include "profile/load_measures.h"

#include <string.h>

enum { CODE, RULE, FROM_MONTH, PERCENT, LABEL_EN, LABEL_ZH, SOURCE, COLUMNS };
enum { MONTHS_MAX = 240, STEPS_MAX = 60 };

/* The first row of a taper has its words; NULL after a mistake. */
static struct taper *row_taper(const struct row *r, struct measure_load *load,
                               struct taper *tapers)
{
    struct cx *cx = r->l->cx;
    size_t n = load->out->taper_count;
    if (n && str_eq_z(row_cell(r, CODE), tapers[n - 1].code)) {
        struct taper *t = &tapers[n - 1];
        struct str rule = row_cell(r, RULE);
        if (rule.len && !str_eq_z(rule, t->rule))
            row_fault(r, RULE, _("Only the first row of a code has the rule."));
        if (t->step_count < STEPS_MAX)
            return t;
        row_fault(r, FROM_MONTH, _("At most 60 steps."));
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        if (str_eq_z(row_cell(r, CODE), tapers[i].code))
            row_fault(r, CODE, _("The rows of a code stand together."));
    rule_place_of(&load->taper_places[n], r, RULE);
    tapers[n] = (struct taper){.code = row_name(r, CODE),
                               .rule = row_text(r, RULE),
                               .label = row_label(r, LABEL_EN, true),
                               .source = row_text(r, SOURCE)};
    load->out->taper_count++;
    return &tapers[n];
}

static void load_step(struct taper_step *out, const struct row *r,
                      const struct taper_step *last)
{
    struct cx *cx = r->l->cx;
    int64_t month = 0, percent = 0;
    bool good = row_int(&month, r, FROM_MONTH, 0, MONTHS_MAX);
    (void)row_int(&percent, r, PERCENT, 0, 100); /* notes the mistake */
    if (good && !last && month)
        row_fault(r, FROM_MONTH, _("The first row of a code is for month 0."));
    if (good && last && month <= last->from_month)
        row_fault(r, FROM_MONTH, _("Each row begins in a later month than the one above it."));
    *out = (struct taper_step){(int32_t)month, (int32_t)percent};
}

void load_tapers(struct measure_load *load)
{
    static const char *const columns[] = {"code",     "rule",     "from_month", "percent",
                                          "label_en", "label_zh", "source"};
    struct loader *l = load->l;
    struct table t;
    if (!table_optional(&t, l, "tapers.csv", columns, COLUMNS))
        return;
    struct taper *tapers = arena_new(l->arena, (t.row_count + 1) * sizeof *tapers);
    struct taper_step *steps = arena_new(l->arena, (t.row_count + 1) * sizeof *steps);
    size_t used = 0; /* rows of a code stand together, so their steps do */
    load->tapers = tapers;
    load->out->tapers = tapers;
    load->taper_places = arena_new(l->temp, (t.row_count + 1) * sizeof *load->taper_places);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        struct taper *in = row_taper(&r, load, tapers);
        if (!in)
            continue;
        if (!in->step_count)
            in->steps = &steps[used];
        load_step(&steps[used], &r, in->step_count ? &steps[used - 1] : NULL);
        in->step_count++;
        used++;
    }
}

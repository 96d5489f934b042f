/* Loads org_kinds.csv and options.csv. */
#include "base/str.h"
#include "profile/load_workflows.h"

#include <string.h>

void load_org_kinds(struct workflows *out, struct loader *l)
{
    enum { CODE, LABEL_EN, LABEL_ZH, LEAD, ORDER, COLUMNS };
    static const char *const columns[] = {"code", "label_en", "label_zh", "lead", "order"};
    struct cx *cx = l->cx;
    struct table t;
    if (!table_optional(&t, l, "org_kinds.csv", columns, COLUMNS))
        return;
    struct org_kind *kinds = arena_new(l->arena, (t.row_count + 1) * sizeof *kinds);
    struct names seen;
    int leads = 0;
    names_init(&seen, l->temp, t.row_count);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        int64_t order = (int64_t)i;
        (void)row_int(&order, &r, ORDER, 0, 1000000); /* notes the mistake */
        kinds[i] = (struct org_kind){.code = row_name(&r, CODE),
                                     .label = row_label(&r, LABEL_EN, true),
                                     .lead = row_yes(&r, LEAD),
                                     .order = (int32_t)order};
        if (names_put(&seen, row_cell(&r, CODE), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
        leads += kinds[i].lead;
        if (kinds[i].lead && leads > 1)
            row_fault(&r, LEAD, _("Only one kind can lead."));
    }
    out->org_kinds = kinds;
    out->org_kind_count = t.row_count;
}

const char *row_org_kind(const struct row *r, int column)
{
    const struct workflows *w = r->l->p->workflows;
    struct str name = row_cell(r, column);
    for (size_t i = 0; i < w->org_kind_count; i++)
        if (str_eq_z(name, w->org_kinds[i].code))
            return w->org_kinds[i].code;
    const char **known = arena_new(r->l->temp, (w->org_kind_count + 1) * sizeof *known);
    for (size_t i = 0; i < w->org_kind_count; i++)
        known[i] = w->org_kinds[i].code;
    row_unknown(r, column, known, w->org_kind_count);
    return "";
}

enum { CODE, AREA, VALUE, LABEL_EN, LABEL_ZH, HELP_EN, HELP_ZH, SOURCE, COLUMNS };

/* yes, no, a number or a word. */
static void check_value(const struct row *r)
{
    struct cx *cx = r->l->cx;
    struct str s = row_cell(r, VALUE);
    int64_t number;
    if (s.len && (s.p[0] < 'a' || s.p[0] > 'z') && !str_to_scaled(&number, s, 4))
        row_fault(r, VALUE, _("Expected yes, no, a number or a word of small letters."));
    else
        (void)row_needed(r, VALUE); /* notes an empty cell */
}

/* The first row of that code among those before `count`; NULL. */
static const struct option *first_of(const struct option *options, size_t count,
                                     struct str code)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(code, options[i].code))
            return &options[i];
    return NULL;
}

void load_options(struct workflows *out, struct loader *l)
{
    static const char *const columns[] = {"code",     "area",    "value",   "label_en",
                                          "label_zh", "help_en", "help_zh", "source"};
    struct cx *cx = l->cx;
    struct table t;
    if (!table_optional(&t, l, "options.csv", columns, COLUMNS))
        return;
    struct option *options = arena_new(l->arena, (t.row_count + 1) * sizeof *options);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        const struct option *first = first_of(options, i, row_cell(&r, CODE));
        struct str area = row_cell(&r, AREA);
        int64_t digits;
        options[i] = (struct option){.code = row_name(&r, CODE),
                                     .area_code = row_text(&r, AREA),
                                     .value = row_text(&r, VALUE),
                                     .source = row_text(&r, SOURCE)};
        check_value(&r);
        if (area.len && !str_to_i64(&digits, area))
            row_fault(&r, AREA, _("Expected an official area code, or nothing."));
        if (!first && area.len)
            row_fault(&r, AREA, _("The first row of a switch is for everywhere."));
        options[i].label = first ? first->label : row_label(&r, LABEL_EN, true);
        options[i].help = first ? first->help : row_label(&r, HELP_EN, false);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(options[k].code, options[i].code) &&
                !strcmp(options[k].area_code, options[i].area_code))
                row_fault(&r, AREA, _("The switch has a value for this area already."));
    }
    out->options = options;
    out->option_count = t.row_count;
}

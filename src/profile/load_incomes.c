/* Loads the kinds of income and the dated thresholds. */
#include "base/time.h"
#include "profile/profile_impl.h"

#include <string.h>

/* ---- incomes.csv ---- */

enum { NUMBER, CODE, PARENT, SIGN, LABEL_EN, LABEL_ZH, SOURCE, COLUMNS };

static int by_number(const void *a, const void *b)
{
    const struct income_kind *x = *(const struct income_kind *const *)a;
    const struct income_kind *y = *(const struct income_kind *const *)b;
    return x->number < y->number ? -1 : x->number > y->number;
}

static void unknown_parent(const struct row *r, size_t count)
{
    struct arena_mark mark = arena_mark(r->l->temp);
    const char **known = arena_new(r->l->temp, (count + 1) * sizeof *known);
    for (size_t i = 0; i < count; i++)
        known[i] = r->l->p->incomes[i].code;
    row_unknown(r, PARENT, known, count);
    arena_back(r->l->temp, mark);
}

static void load_income(struct income_kind *out, const struct row *r, size_t count)
{
    struct cx *cx = r->l->cx;
    const struct profile *p = r->l->p;
    int64_t number = 0, sign = 1;
    struct str parent = row_cell(r, PARENT);
    (void)row_int(&number, r, NUMBER, 1, 1000000); /* notes the mistake */
    if (!str_to_i64(&sign, row_cell(r, SIGN)) || (sign != 1 && sign != -1))
        row_fault(r, SIGN, _("Expected 1 (income) or -1 (cost)."));
    *out = (struct income_kind){.number = (int32_t)number,
                                .code = row_name(r, CODE),
                                .sign = sign < 0 ? -1 : 1,
                                .label = row_label(r, LABEL_EN, true),
                                .source = row_text(r, SOURCE)};
    if (!parent.len)
        return;
    int32_t at = names_get(&p->own->incomes, parent);
    if (at < 0)
        unknown_parent(r, count);
    else if (p->incomes[at].sign != out->sign)
        row_fault(r, SIGN, _("A kind has the same sign as the kind it belongs to."));
    else
        out->parent = &p->incomes[at];
}

void load_incomes(struct loader *l)
{
    static const char *const columns[] = {"number",   "code",     "parent", "sign",
                                          "label_en", "label_zh", "source"};
    struct cx *cx = l->cx;
    struct table t;
    const struct source_file *f = loader_file(l, "incomes.csv");
    if (!f || !table_read(&t, l, f, columns, COLUMNS))
        return;
    struct income_kind *incomes = arena_new(l->arena, (t.row_count + 1) * sizeof *incomes);
    const struct income_kind **sorted = arena_new(l->arena, (t.row_count + 1) * sizeof *sorted);
    struct names numbers;
    names_init(&numbers, l->temp, t.row_count);
    names_init(&l->p->own->incomes, l->arena, t.row_count);
    l->p->incomes = incomes;
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        load_income(&incomes[i], &r, i);
        sorted[i] = &incomes[i];
        const char *number = arena_printf(l->temp, "%" PRId32, incomes[i].number);
        if (names_put(&numbers, str_of(number), (int32_t)i) >= 0)
            row_fault(&r, NUMBER, _("This number stands twice."));
        if (names_put(&l->p->own->incomes, str_of(incomes[i].code), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
    }
    qsort(sorted, t.row_count, sizeof *sorted, by_number);
    l->p->income_count = t.row_count;
    l->p->own->incomes_by_number = sorted;
}

/* ---- thresholds.csv ---- */

enum {
    T_CODE,
    T_AREA,
    T_FROM,
    T_TO,
    T_VALUE,
    T_UNIT,
    T_LABEL_EN,
    T_LABEL_ZH,
    T_SOURCE,
    T_COLUMNS
};

struct dated {
    struct threshold t;
    int64_t line;
};

/* Digits behind the point, as written. */
static unsigned written_decimals(struct str s)
{
    size_t point = str_find(s, STR("."));
    return point == SIZE_MAX ? 0 : (unsigned)(s.len - point - 1);
}

static void load_value(struct threshold *t, const struct row *r)
{
    struct cx *cx = r->l->cx;
    struct str cell = row_cell(r, T_VALUE);
    const struct unit *u = row_unit(r, T_UNIT);
    t->unit = "";
    t->unit_label = (struct label){{"", ""}};
    if (u) {
        t->unit = u->code;
        t->unit_label = u->label;
        t->money = u->money;
    }
    t->decimals = t->money ? r->l->p->currency_decimals : written_decimals(cell);
    if (t->decimals > 9 || !str_to_scaled(&t->value, cell, t->decimals))
        row_fault(r, T_VALUE, _("Expected a number, with a point before decimals."));
}

static void load_days(struct threshold *t, const struct row *r)
{
    struct cx *cx = r->l->cx;
    bool good = day_parse(&t->from_day, row_cell(r, T_FROM));
    if (!good)
        row_fault(r, T_FROM, _("Expected a day, e.g. 2026-01-01."));
    t->to_day = INT32_MAX;
    if (!row_cell(r, T_TO).len)
        return;
    if (!day_parse(&t->to_day, row_cell(r, T_TO)))
        row_fault(r, T_TO, _("Expected a day, e.g. 2026-12-31, or nothing."));
    else if (good && t->to_day < t->from_day)
        row_fault(r, T_TO, _("The last day is before the first."));
}

static int by_scope(const void *a, const void *b)
{
    const struct threshold *x = &((const struct dated *)a)->t;
    const struct threshold *y = &((const struct dated *)b)->t;
    int order = strcmp(x->code, y->code);
    if (!order)
        order = strcmp(x->area_code, y->area_code);
    if (!order)
        order = x->from_day < y->from_day ? -1 : x->from_day > y->from_day;
    return order;
}

static void check_overlap(struct loader *l, const struct dated *a, const struct dated *b)
{
    struct cx *cx = l->cx;
    if (!strcmp(a->t.code, b->t.code) && !strcmp(a->t.area_code, b->t.area_code) &&
        a->t.to_day >= b->t.from_day)
        loader_fault(l, "thresholds.csv", b->line, "from",
                     str_of(day_iso(cx->arena, b->t.from_day)),
                     arena_printf(cx->arena, _("Its days overlap those of line %lld."),
                                  (long long)a->line));
}

/* All rows of a limit get the most decimals that one of them is written with: rules and pages
 * read them as one thing. */
static void same_decimals(struct loader *l, struct dated *rows, size_t count)
{
    struct cx *cx = l->cx;
    unsigned most = 0;
    for (size_t i = 0; i < count; i++)
        most = rows[i].t.decimals > most ? rows[i].t.decimals : most;
    for (size_t i = 0; i < count; i++) {
        struct threshold *t = &rows[i].t;
        if (strcmp(t->unit, rows[0].t.unit) != 0)
            loader_fault(l, "thresholds.csv", rows[i].line, "unit", str_of(t->unit),
                         arena_printf(cx->arena, _("Expected the unit of line %lld, “%s”."),
                                      (long long)rows[0].line, rows[0].t.unit));
        for (; t->decimals < most; t->decimals++)
            if (__builtin_mul_overflow(t->value, 10, &t->value)) {
                loader_fault(l, "thresholds.csv", rows[i].line, "value", STR(""),
                             _("The number is too large."));
                return;
            }
    }
}

void load_thresholds(struct loader *l)
{
    static const char *const columns[] = {"code", "area",     "from",     "to",    "value",
                                          "unit", "label_en", "label_zh", "source"};
    struct cx *cx = l->cx;
    struct table t;
    const struct source_file *f = loader_file(l, "thresholds.csv");
    if (!f || !table_read(&t, l, f, columns, T_COLUMNS))
        return;
    struct dated *rows = arena_new(l->temp, (t.row_count + 1) * sizeof *rows);
    struct threshold *out = arena_new(l->arena, (t.row_count + 1) * sizeof *out);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        rows[i].line = row_line(&r);
        rows[i].t = (struct threshold){.code = row_name(&r, T_CODE),
                                       .area_code = row_text(&r, T_AREA),
                                       .label = row_label(&r, T_LABEL_EN, true),
                                       .source = row_needed(&r, T_SOURCE)};
        load_days(&rows[i].t, &r);
        load_value(&rows[i].t, &r);
        struct str area = row_cell(&r, T_AREA);
        int64_t digits;
        if (area.len && !str_to_i64(&digits, area))
            row_fault(&r, T_AREA, _("Expected an official area code, or nothing."));
    }
    qsort(rows, t.row_count, sizeof *rows, by_scope);
    for (size_t i = 0, first = 0; i < t.row_count; i++) {
        if (i)
            check_overlap(l, &rows[i - 1], &rows[i]);
        if (i + 1 < t.row_count && !strcmp(rows[i].t.code, rows[i + 1].t.code))
            continue;
        same_decimals(l, rows + first, i + 1 - first);
        first = i + 1;
    }
    for (size_t i = 0; i < t.row_count; i++)
        out[i] = rows[i].t;
    l->p->thresholds = out;
    l->p->threshold_count = t.row_count;
}

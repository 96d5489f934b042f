/* Loads the indicators, and orders them as pages show them. */
#include "base/limits.h"
#include "base/time.h"
#include "profile/profile_impl.h"

#include <string.h>

enum {
    NUMBER,
    CODE,
    SUBJECT,
    TYPE,
    DECIMALS,
    UNIT,
    LIST,
    MIN,
    MAX,
    CORE,
    SECRET,
    GROUP,
    LABEL_EN,
    LABEL_ZH,
    QUESTION_EN,
    QUESTION_ZH,
    HELP_EN,
    HELP_ZH,
    SOURCE,
    COLUMNS
};
static const char *const columns[] = {
    "number",      "code",        "subject", "type",    "decimals", "unit",     "list",
    "min",         "max",         "core",    "secret",  "group",    "label_en", "label_zh",
    "question_en", "question_zh", "help_en", "help_zh", "source",
};
static const char *const types[] = {"integer", "decimal", "money", "bool", "code",
                                    "codes",   "day",     "month", "text"};
enum { TYPE_COUNT = sizeof types / sizeof *types, DECIMALS_MAX = 9 };

/* An indicator on its way to its place on the page. */
struct loose {
    struct indicator ind;
    int32_t group_order;
    size_t at;
};

const char *type_name(enum indicator_type type)
{
    return types[type];
}

static bool is_money(const struct indicator *ind)
{
    return ind->type == TYPE_MONEY;
}

static bool has_list(const struct indicator *ind)
{
    return ind->type == TYPE_CODE || ind->type == TYPE_CODES;
}

static void load_unit(struct indicator *ind, const struct row *r)
{
    struct cx *cx = r->l->cx;
    ind->unit = "";
    ind->unit_label = (struct label){{"", ""}};
    if (!row_cell(r, UNIT).len) {
        if (is_money(ind))
            row_fault(r, UNIT, _("Money needs a unit of money."));
        return;
    }
    const struct unit *u = row_unit(r, UNIT);
    if (!u)
        return;
    ind->unit = u->code;
    ind->unit_label = u->label;
    if (u->money != is_money(ind))
        row_fault(r, UNIT,
                  is_money(ind) ? _("Money needs a unit of money.")
                                : _("Only type money has a unit of money."));
}

static void load_list(struct indicator *ind, const struct row *r)
{
    struct cx *cx = r->l->cx;
    struct str name = row_cell(r, LIST);
    if (!has_list(ind)) {
        if (name.len)
            row_fault(r, LIST, _("Only types code and codes have a list."));
        return;
    }
    ind->list = profile_list(r->l->p, name);
    if (!ind->list && name.len)
        row_unknown(r, LIST, r->l->list_names, r->l->p->list_count);
    else if (!ind->list)
        row_fault(r, LIST, _("Types code and codes need a list."));
    else if (ind->type == TYPE_CODES && !ind->list->index->fits_bits)
        row_fault(r, LIST, _("For type codes every code of the list must be 0 to 62."));
}

/* One bound in stored units. */
static bool load_bound(int64_t *out, const struct indicator *ind, const struct row *r,
                       int column)
{
    struct cx *cx = r->l->cx;
    struct str cell = row_cell(r, column);
    int32_t day;
    bool good = false;
    if (!cell.len)
        return false;
    switch (ind->type) {
    case TYPE_INTEGER:
    case TYPE_TEXT:
        good = str_to_i64(out, cell);
        break;
    case TYPE_DECIMAL:
    case TYPE_MONEY:
        good = str_to_scaled(out, cell, ind->decimals);
        break;
    case TYPE_DAY:
        good = day_parse(&day, cell);
        *out = good ? day : 0;
        break;
    case TYPE_MONTH:
        good = month_parse(out, cell);
        break;
    case TYPE_BOOL:
    case TYPE_CODE:
    case TYPE_CODES:
        row_fault(r, column, _("This type has no bounds."));
        return false;
    }
    if (!good)
        row_fault(r, column, _("Expected a bound written as the indicator's values are."));
    return good;
}

static void load_bounds(struct indicator *ind, const struct row *r)
{
    struct cx *cx = r->l->cx;
    ind->has_min = load_bound(&ind->min, ind, r, MIN);
    ind->has_max = load_bound(&ind->max, ind, r, MAX);
    if (ind->has_min && ind->has_max && ind->min > ind->max)
        row_fault(r, MIN, _("min is greater than max."));
}

static void load_decimals(struct indicator *ind, const struct row *r)
{
    struct cx *cx = r->l->cx;
    int64_t n = 0;
    if (ind->type == TYPE_DECIMAL && row_int(&n, r, DECIMALS, 0, DECIMALS_MAX))
        ind->decimals = (unsigned)n;
    if (is_money(ind))
        ind->decimals = r->l->p->currency_decimals;
    if (ind->type != TYPE_DECIMAL && row_cell(r, DECIMALS).len)
        row_fault(r, DECIMALS, _("Only type decimal has decimals."));
}

static int32_t load_group(struct indicator *ind, const struct row *r)
{
    struct cx *cx = r->l->cx;
    const struct profile *p = r->l->p;
    struct arena_mark mark = arena_mark(r->l->temp);
    const char **known = arena_new(r->l->temp, (p->group_count + 1) * sizeof *known);
    for (size_t i = 0; i < p->group_count; i++) {
        if (str_eq_z(row_cell(r, GROUP), p->groups[i].code)) {
            ind->group = p->groups[i].code;
            if (p->groups[i].subject != ind->subject)
                row_fault(r, GROUP, _("This group belongs to another subject."));
            arena_back(r->l->temp, mark);
            return p->groups[i].order;
        }
        known[i] = p->groups[i].code;
    }
    ind->group = "";
    row_unknown(r, GROUP, known, p->group_count);
    arena_back(r->l->temp, mark);
    return 0;
}

static void check_flags(const struct indicator *ind, const struct row *r)
{
    struct cx *cx = r->l->cx;
    if (ind->secret && (ind->type != TYPE_TEXT || ind->subject != SUBJECT_PERSON || ind->core))
        row_fault(r, SECRET, _("Only texts of a person that are not core can be secret."));
    if (column_name_taken(ind->code))
        row_fault(r, CODE, _("SQL or every sheet uses this word; choose another name."));
}

/* False when the row is too wrong to be an indicator. */
static bool load_indicator(struct loose *out, const struct row *r)
{
    struct indicator *ind = &out->ind;
    int64_t number = 0;
    bool good = row_int(&number, r, NUMBER, 1, 1000000);
    int subject = row_subject(r, SUBJECT);
    int type = row_choice(r, TYPE, types, TYPE_COUNT);
    if (!good || subject < 0 || type < 0)
        return false;
    *ind = (struct indicator){.number = (int32_t)number,
                              .code = row_name(r, CODE),
                              .subject = (enum subject)subject,
                              .type = (enum indicator_type)type};
    load_decimals(ind, r);
    load_unit(ind, r);
    load_list(ind, r);
    load_bounds(ind, r);
    ind->core = row_yes(r, CORE);
    ind->secret = row_yes(r, SECRET);
    out->group_order = load_group(ind, r);
    ind->label = row_label(r, LABEL_EN, true);
    ind->question = row_label(r, QUESTION_EN, true);
    ind->help = row_label(r, HELP_EN, false);
    ind->source = row_text(r, SOURCE);
    out->at = r->at;
    check_flags(ind, r);
    return true;
}

static int by_page(const void *a, const void *b)
{
    const struct loose *x = a, *y = b;
    if (x->ind.subject != y->ind.subject)
        return x->ind.subject < y->ind.subject ? -1 : 1;
    if (x->group_order != y->group_order)
        return x->group_order < y->group_order ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
    const struct indicator *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Numbers the indicators by page order, then sorts by number and fills the indexes. */
static void place(struct loader *l, struct loose *rows, size_t count)
{
    struct profile *p = l->p;
    struct indicator *all = arena_new(l->arena, (count + 1) * sizeof *all);
    qsort(rows, count, sizeof *rows, by_page);
    for (size_t i = 0; i < count; i++) {
        rows[i].ind.index = (int)p->of_count[rows[i].ind.subject]++;
        all[i] = rows[i].ind;
    }
    qsort(all, count, sizeof *all, by_number);
    for (int s = 0; s < SUBJECT_COUNT; s++) {
        const struct indicator **of = arena_new(l->arena, (p->of_count[s] + 1) * sizeof *of);
        names_init(&p->own->indicators[s], l->arena, p->of_count[s]);
        for (size_t i = 0; i < count; i++)
            if ((int)all[i].subject == s) {
                of[all[i].index] = &all[i];
                (void)names_put(&p->own->indicators[s], str_of(all[i].code),
                                all[i].index); /* doubles are noted by load_indicators */
            }
        p->of[s] = of;
    }
    p->indicators = all;
    p->indicator_count = count;
}

void load_indicators(struct loader *l)
{
    struct cx *cx = l->cx;
    struct table t;
    const struct source_file *f = loader_file(l, "indicators.csv");
    if (!f || !table_read(&t, l, f, columns, COLUMNS))
        return;
    struct loose *rows = arena_new(l->temp, (t.row_count + 1) * sizeof *rows);
    struct names seen[SUBJECT_COUNT], numbers;
    size_t count = 0;
    for (int s = 0; s < SUBJECT_COUNT; s++)
        names_init(&seen[s], l->temp, t.row_count);
    names_init(&numbers, l->temp, t.row_count);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        if (i == LIMIT_INDICATORS)
            row_fault(&r, NUMBER, _("At most 1,000 indicators."));
        if (i >= LIMIT_INDICATORS || !load_indicator(&rows[count], &r))
            continue;
        const struct indicator *ind = &rows[count++].ind;
        const char *number = arena_printf(l->temp, "%" PRId32, ind->number);
        if (names_put(&numbers, str_of(number), (int32_t)i) >= 0)
            row_fault(&r, NUMBER, _("This number stands twice."));
        if (*ind->code && names_put(&seen[ind->subject], str_of(ind->code), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
    }
    place(l, rows, count);
}

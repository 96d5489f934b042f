/* The columns of an export and the cells of a row. */
#include "base/text.h"
#include "register/export_inner.h"

#include <assert.h>
#include <string.h>

/* ---- columns ---- */

static void add(struct export_plan *plan, struct export_field field, struct column_spec column)
{
    assert(plan->count < plan->room);
    plan->needs_person_sheet |=
        field.kind == EXPORT_VALUE && field.indicator->subject == SUBJECT_PERSON;
    plan->needs_household_sheet |=
        field.kind == EXPORT_VALUE && field.indicator->subject == SUBJECT_HOUSEHOLD;
    plan->needs_incomes |= field.kind == EXPORT_INCOME;
    plan->needs_secrets |= field.kind == EXPORT_SECRET;
    plan->fields[plan->count] = field;
    plan->columns[plan->count++] = column;
}

static void labels_of_list(struct column_spec *column, struct cx *cx,
                           const struct code_list *list)
{
    struct column_label *labels = arena_new(cx->arena, (list->code_count + 1) * sizeof *labels);
    for (size_t i = 0; i < list->code_count; i++)
        labels[i] = (struct column_label){list->codes[i].code, LABEL(cx, list->codes[i].label)};
    column->labels = labels;
    column->label_count = list->code_count;
}

static void labels_of_bool(struct column_spec *column, struct cx *cx)
{
    struct column_label *labels = arena_new(cx->arena, 2 * sizeof *labels);
    labels[0] = (struct column_label){0, _("no")};
    labels[1] = (struct column_label){1, _("yes")};
    column->labels = labels;
    column->label_count = 2;
}

/* How an indicator's values lie in a file. */
static struct column_spec indicator_column(struct cx *cx, const struct indicator *ind)
{
    struct column_spec c = {
        .name = ind->code, .label = LABEL(cx, ind->label), .type = COLUMN_I64};
    switch (ind->type) {
    case TYPE_INTEGER:
        return c;
    case TYPE_DECIMAL:
    case TYPE_MONEY:
        c.decimals = ind->decimals;
        return c;
    case TYPE_BOOL:
        labels_of_bool(&c, cx);
        return c;
    case TYPE_CODE:
        labels_of_list(&c, cx, ind->list);
        return c;
    case TYPE_DAY:
        c.is_day = true;
        return c;
    case TYPE_CODES:
    case TYPE_MONTH:
    case TYPE_TEXT:
        c.type = COLUMN_TEXT;
        return c;
    }
    return c;
}

static void add_text(struct export_plan *plan, enum field_kind kind, const char *name,
                     const char *label)
{
    add(plan, (struct export_field){.kind = kind},
        (struct column_spec){.name = name, .label = label, .type = COLUMN_TEXT});
}

static void add_number(struct export_plan *plan, enum field_kind kind, const char *name,
                       const char *label)
{
    add(plan, (struct export_field){.kind = kind},
        (struct column_spec){.name = name, .label = label, .type = COLUMN_I64});
}

static void add_coded(struct export_plan *plan, struct cx *cx, enum field_kind kind,
                      const char *name, const char *label)
{
    const struct code_list *list =
        kind == EXPORT_SEX ? cx->profile->sex_list : cx->profile->relation_list;
    struct column_spec c = {.name = name, .label = label, .type = COLUMN_I64};
    if (list)
        labels_of_list(&c, cx, list);
    add(plan, (struct export_field){.kind = kind}, c);
}

static void add_areas(struct export_plan *plan, struct cx *cx)
{
    const struct profile *p = cx->profile;
    for (size_t i = 0; i < p->level_count; i++)
        if (p->levels[i].number >= p->tenant_level)
            add(plan, (struct export_field){.kind = EXPORT_AREA, .level = p->levels[i].number},
                (struct column_spec){.name = p->levels[i].code,
                                     .label = LABEL(cx, p->levels[i].label),
                                     .type = COLUMN_TEXT});
}

static void add_indicators(struct export_plan *plan, struct cx *cx, enum subject subject)
{
    const struct profile *p = cx->profile;
    for (size_t i = 0; i < p->of_count[subject]; i++)
        add(plan, (struct export_field){.kind = EXPORT_VALUE, .indicator = p->of[subject][i]},
            indicator_column(cx, p->of[subject][i]));
}

static void add_secret(struct export_plan *plan, enum secret which, const char *name,
                       const char *label)
{
    add(plan, (struct export_field){.kind = EXPORT_SECRET, .secret = which},
        (struct column_spec){.name = name, .label = label, .type = COLUMN_TEXT});
}

static void plan_households(struct export_plan *plan, struct cx *cx)
{
    add_areas(plan, cx);
    add_text(plan, EXPORT_CODE, "household", _("Household number"));
    add_text(plan, EXPORT_HEAD, "head", _("Head of the household"));
    add_number(plan, EXPORT_SIZE, "size", _("Members"));
    add_number(plan, EXPORT_YEAR, "year", _("Year"));
    add_indicators(plan, cx, SUBJECT_HOUSEHOLD);
}

static void plan_people(struct export_plan *plan, struct cx *cx)
{
    plan->of_people = true;
    add_areas(plan, cx);
    add_text(plan, EXPORT_CODE, "household", _("Household number"));
    add_text(plan, EXPORT_PERSON_CODE, "person", _("Person number"));
    add_text(plan, EXPORT_PERSON_NAME, "name", _("Name"));
    add_secret(plan, SECRET_IDENTITY, "identity", _("Identity number"));
    add_coded(plan, cx, EXPORT_SEX, "sex", _("Sex"));
    add(plan, (struct export_field){.kind = EXPORT_BIRTH},
        (struct column_spec){
            .name = "birth", .label = _("Born"), .type = COLUMN_I64, .is_day = true});
    add_coded(plan, cx, EXPORT_RELATION, "relation", _("Relation to the head"));
    add_secret(plan, SECRET_PHONE, "phone", _("Phone"));
    add_secret(plan, SECRET_ACCOUNT, "account", _("Bank account"));
    add_number(plan, EXPORT_YEAR, "year", _("Year"));
    add_indicators(plan, cx, SUBJECT_PERSON);
}

static void plan_incomes(struct export_plan *plan, struct cx *cx)
{
    add_areas(plan, cx);
    add_text(plan, EXPORT_CODE, "household", _("Household number"));
    add_text(plan, EXPORT_HEAD, "head", _("Head of the household"));
    add_number(plan, EXPORT_YEAR, "year", _("Year"));
    add_text(plan, EXPORT_INCOME_CODE, "kind", _("Kind (code)"));
    add_text(plan, EXPORT_INCOME_NAME, "kind_name", _("Kind of income"));
    add(plan, (struct export_field){.kind = EXPORT_INCOME_AMOUNT},
        (struct column_spec){.name = "amount",
                             .label = _("Amount"),
                             .type = COLUMN_I64,
                             .decimals = cx->profile->currency_decimals});
    plan->needs_incomes = true;
}

/* ---- columns of a mapping ---- */

static bool is_chinese(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0xE0)
            return true;
    return false;
}

/* A set can be written by labels only if no label holds what separates them. */
static bool labels_are_whole(const struct code_list *list)
{
    for (size_t i = 0; i < list->code_count; i++)
        for (int lang = 0; lang < LANG_COUNT; lang++)
            if (strpbrk(list->codes[i].label.in[lang], ",;|/") ||
                strstr(list->codes[i].label.in[lang], "、"))
                return false;
    return true;
}

/* Codes go out as the texts the mapping names, or as labels in the language of its titles, so
 * that people can read the file; statistics programs get numbers with labels instead. */
static bool wants_text(const struct export_plan *plan, const struct mapping_column *c,
                       bool coded)
{
    bool has_labels = plan->o->format == FRAME_DTA || plan->o->format == FRAME_SAV;
    return c->value_count || (coded && !has_labels && is_chinese(c->header));
}

/* A mapping's word for what is not known (NA) can stand only in a column of texts; programs
 * that know missing numbers get those. */
static bool wants_plain(const struct export_plan *plan, enum field_kind kind)
{
    bool table = plan->o->format == FRAME_CSV || plan->o->format == FRAME_XLSX;
    return plan->m->missing[0] && table && (kind == EXPORT_VALUE || kind == EXPORT_INCOME);
}

static struct column_spec titled(struct column_spec c, const struct mapping_column *m,
                                 bool as_text)
{
    c.name = m->header;
    c.label = m->header;
    if (as_text) {
        c.type = COLUMN_TEXT;
        c.labels = NULL;
        c.label_count = 0;
        c.is_day = false;
    }
    return c;
}

static void add_mapped_indicator(struct export_plan *plan, struct cx *cx,
                                 const struct mapping_column *m)
{
    const struct indicator *ind = m->indicator;
    bool set = ind->type == TYPE_CODES && labels_are_whole(ind->list);
    struct export_field f = {.kind = EXPORT_VALUE, .indicator = ind, .column = m};
    f.as_text = wants_text(plan, m, ind->type == TYPE_CODE || ind->type == TYPE_BOOL || set);
    f.as_plain = !f.as_text && wants_plain(plan, f.kind);
    add(plan, f, titled(indicator_column(cx, ind), m, f.as_text || f.as_plain));
}

static enum field_kind kind_of(enum target_kind kind)
{
    switch (kind) {
    case TARGET_AREA:
        return EXPORT_AREA;
    case TARGET_AREA_CODE:
        return EXPORT_AREA_CODE;
    case TARGET_HOUSEHOLD_CODE:
        return EXPORT_CODE;
    case TARGET_HOUSEHOLD_SIZE:
        return EXPORT_SIZE;
    case TARGET_PERSON_CODE:
        return EXPORT_PERSON_CODE;
    case TARGET_PERSON_NAME:
        return EXPORT_PERSON_NAME;
    case TARGET_PERSON_SEX:
        return EXPORT_SEX;
    case TARGET_PERSON_BIRTH:
        return EXPORT_BIRTH;
    case TARGET_PERSON_RELATION:
        return EXPORT_RELATION;
    case TARGET_PERSON_IDENTITY:
    case TARGET_PERSON_PHONE:
    case TARGET_PERSON_ACCOUNT:
        return EXPORT_SECRET;
    case TARGET_INDICATOR:
        return EXPORT_VALUE;
    case TARGET_INCOME:
        return EXPORT_INCOME;
    case TARGET_IGNORE:
        return EXPORT_NOTHING;
    }
    return EXPORT_NOTHING;
}

static void add_mapped(struct export_plan *plan, struct cx *cx, const struct mapping_column *m)
{
    struct export_field f = {
        .kind = kind_of(m->kind), .level = m->level, .income = m->income, .column = m};
    struct column_spec c = {.type = COLUMN_TEXT};
    if (m->kind == TARGET_INDICATOR) {
        add_mapped_indicator(plan, cx, m);
        return;
    }
    if (m->kind == TARGET_PERSON_PHONE)
        f.secret = SECRET_PHONE;
    if (m->kind == TARGET_PERSON_ACCOUNT)
        f.secret = SECRET_ACCOUNT;
    if (f.kind == EXPORT_SIZE || f.kind == EXPORT_INCOME || f.kind == EXPORT_BIRTH)
        c = (struct column_spec){.type = COLUMN_I64, .is_day = f.kind == EXPORT_BIRTH};
    if (f.kind == EXPORT_INCOME)
        c.decimals = cx->profile->currency_decimals;
    if (f.kind == EXPORT_SEX || f.kind == EXPORT_RELATION) {
        f.as_text = wants_text(plan, m, true);
        c.type = COLUMN_I64;
        const struct code_list *list =
            f.kind == EXPORT_SEX ? cx->profile->sex_list : cx->profile->relation_list;
        if (list)
            labels_of_list(&c, cx, list);
    }
    f.as_plain = wants_plain(plan, f.kind);
    add(plan, f, titled(c, m, f.as_text || f.as_plain));
}

static bool stands_before(const struct mapping *m, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (m->columns[i].title &&
            mapping_text_is(str_of(m->columns[i].header), str_of(m->columns[at].header)))
            return true;
    return false;
}

static enum rc plan_mapping(struct export_plan *plan, struct cx *cx)
{
    plan->of_people = plan->m->subject == SUBJECT_PERSON;
    if (plan->m->year_kind == YEAR_COLUMN)
        add_number(plan, EXPORT_YEAR, plan->m->year_header, plan->m->year_header);
    for (size_t i = 0; i < plan->m->column_count; i++)
        if (plan->m->columns[i].title && !stands_before(plan->m, i))
            add_mapped(plan, cx, &plan->m->columns[i]);
    return RC_OK;
}

enum rc export_plan_make(struct export_plan *plan, struct cx *cx,
                         const struct export_options *o)
{
    const struct profile *p = cx->profile;
    *plan = (struct export_plan){.o = o};
    plan->room = p->indicator_count + p->level_count + 16;
    if (o->what == EXPORT_MAPPING) {
        plan->m = profile_mapping(p, str_of(o->mapping));
        if (!plan->m)
            return fail_f(cx, RC_INVALID, _("The profile has no mapping \"%s\"."),
                          o->mapping ? o->mapping : "");
        plan->room = plan->m->column_count + 1;
    }
    plan->fields = arena_new(cx->arena, plan->room * sizeof *plan->fields);
    plan->columns = arena_new(cx->arena, plan->room * sizeof *plan->columns);
    switch (o->what) {
    case EXPORT_HOUSEHOLDS:
        plan_households(plan, cx);
        return RC_OK;
    case EXPORT_PEOPLE:
        plan_people(plan, cx);
        return RC_OK;
    case EXPORT_INCOMES:
        plan_incomes(plan, cx);
        return RC_OK;
    case EXPORT_MAPPING:
        return plan_mapping(plan, cx);
    }
    return RC_OK;
}

/* ---- cells ---- */

static struct out_cell text_cell(struct str s)
{
    return (struct out_cell){.missing = s.len == 0, .s = s};
}

static struct out_cell number_cell(int64_t n)
{
    return (struct out_cell){.i = n};
}

static struct out_cell nothing(void)
{
    return (struct out_cell){.missing = true};
}

static const struct area *area_at(const struct export_row *r, int level)
{
    for (size_t i = 0; i < r->chain_count; i++)
        if (r->chain[i].level == level)
            return &r->chain[i];
    return NULL;
}

static struct out_cell area_cell(const struct export_row *r, const struct export_field *f)
{
    const struct area *a = area_at(r, f->level);
    if (!a)
        return nothing();
    return text_cell(str_of(f->kind == EXPORT_AREA ? a->name : a->code));
}

/* Codes of a set as the profile's labels in the file's language. */
static const char *set_labels(struct cx *cx, const struct code_list *list, int64_t bits)
{
    const char *text = "";
    for (size_t i = 0; i < list->code_count; i++)
        if ((uint64_t)bits >> list->codes[i].code & 1)
            text = arena_printf(cx->arena, "%s%s%s", text, *text ? "、" : "",
                                list->codes[i].label.in[LANG_ZH]);
    return text;
}

/* The text of a code: what the mapping's `values` say, else the Chinese label. */
static struct out_cell code_text(struct cx *cx, const struct export_plan *plan,
                                 const struct export_field *f, struct value v)
{
    const struct mapping_column *c = f->column;
    const struct code_list *list = NULL;
    if (c->value_count)
        return text_cell(str_of(mapping_plain(cx, plan->m, c, v)));
    if (f->kind == EXPORT_SEX)
        list = cx->profile->sex_list;
    else if (f->kind == EXPORT_RELATION)
        list = cx->profile->relation_list;
    else if (f->indicator->type == TYPE_BOOL)
        return text_cell(str_of(text_in(LANG_ZH, v.i ? N_("yes") : N_("no"))));
    else if (f->indicator->type == TYPE_CODES)
        return text_cell(str_of(set_labels(cx, f->indicator->list, v.i)));
    else
        list = f->indicator->list;
    const struct code *code = list ? code_of(list, v.i) : NULL;
    return text_cell(code ? str_of(code->label.in[LANG_ZH])
                          : str_of(arena_printf(cx->arena, "%" PRId64, v.i)));
}

static struct out_cell value_cell(struct cx *cx, const struct export_plan *plan,
                                  const struct export_field *f, struct value v)
{
    const struct indicator *ind = f->indicator;
    if (v.kind == VALUE_MISSING)
        return nothing();
    if (f->as_text)
        return code_text(cx, plan, f, v);
    if (v.kind == VALUE_TEXT)
        return text_cell(v.s);
    if (f->as_plain)
        return text_cell(str_of(mapping_plain(cx, plan->m, f->column, v)));
    if (ind->type == TYPE_CODES && plan->o->use_labels)
        return text_cell(str_of(value_show(cx, ind, v)));
    if (ind->type == TYPE_CODES || ind->type == TYPE_MONTH || ind->type == TYPE_TEXT)
        return text_cell(str_of(value_plain(cx, ind, v)));
    return number_cell(v.i);
}

static struct value value_of(const struct export_plan *plan, const struct export_row *r,
                             const struct indicator *ind)
{
    const struct value *values =
        ind->subject == SUBJECT_PERSON ? r->person_values : r->household_values;
    if (!values || (ind->secret && !plan->o->secrets))
        return value_missing();
    return values[ind->index];
}

static struct out_cell income_cell(const struct export_row *r, const struct income_kind *kind)
{
    int64_t sum = 0;
    bool found = false;
    for (size_t i = 0; i < r->income_count; i++) {
        if (r->incomes[i].kind != kind || r->incomes[i].year != r->year)
            continue;
        sum += r->incomes[i].amount_minor;
        found = true;
    }
    return found ? number_cell(sum) : nothing();
}

static struct out_cell mapped_income(struct cx *cx, const struct export_plan *plan,
                                     const struct export_field *f, const struct export_row *r)
{
    struct out_cell cell = income_cell(r, f->income);
    if (cell.missing || !f->as_plain)
        return cell;
    return text_cell(str_of(mapping_plain(cx, plan->m, f->column, value_int(cell.i))));
}

static struct out_cell coded_cell(struct cx *cx, const struct export_plan *plan,
                                  const struct export_field *f, int32_t code)
{
    if (!code)
        return nothing();
    return f->as_text ? code_text(cx, plan, f, value_int(code)) : number_cell(code);
}

static struct out_cell person_cell(struct cx *cx, const struct export_plan *plan,
                                   const struct export_field *f, const struct person *p)
{
    if (!p)
        return nothing();
    if (f->kind == EXPORT_PERSON_CODE)
        return text_cell(str_of(p->code));
    if (f->kind == EXPORT_PERSON_NAME)
        return text_cell(str_of(p->name));
    if (f->kind == EXPORT_SEX)
        return coded_cell(cx, plan, f, p->sex);
    if (f->kind == EXPORT_RELATION)
        return coded_cell(cx, plan, f, p->relation);
    return p->birth_day == BIRTH_UNKNOWN ? nothing() : number_cell(p->birth_day);
}

static struct out_cell cell_of(struct cx *cx, const struct export_plan *plan,
                               const struct export_field *f, const struct export_row *r)
{
    switch (f->kind) {
    case EXPORT_AREA:
    case EXPORT_AREA_CODE:
        return area_cell(r, f);
    case EXPORT_CODE:
        return text_cell(str_of(r->h->code));
    case EXPORT_HEAD:
        return text_cell(str_of(r->h->head_name));
    case EXPORT_SIZE:
        return number_cell(r->h->people_count);
    case EXPORT_YEAR:
        return r->year ? number_cell(r->year) : nothing();
    case EXPORT_PERSON_CODE:
    case EXPORT_PERSON_NAME:
    case EXPORT_SEX:
    case EXPORT_BIRTH:
    case EXPORT_RELATION:
        return person_cell(cx, plan, f, r->p);
    case EXPORT_SECRET:
        return text_cell(r->secrets[f->secret]);
    case EXPORT_VALUE:
        return value_cell(cx, plan, f, value_of(plan, r, f->indicator));
    case EXPORT_INCOME:
        return mapped_income(cx, plan, f, r);
    case EXPORT_INCOME_CODE:
        return text_cell(str_of(r->income->kind->code));
    case EXPORT_INCOME_NAME:
        return text_cell(str_of(LABEL(cx, r->income->kind->label)));
    case EXPORT_INCOME_AMOUNT:
        return number_cell(r->income->amount_minor);
    case EXPORT_NOTHING:
        return nothing();
    }
    return nothing();
}

void export_cells(struct out_cell *cells, struct cx *cx, const struct export_plan *plan,
                  const struct export_row *r)
{
    for (size_t i = 0; i < plan->count; i++) {
        cells[i] = cell_of(cx, plan, &plan->fields[i], r);
        /* A mapping has its own word for what is not known; numbers stay empty in programs
         * that know missing numbers. */
        if (cells[i].missing && plan->m && plan->columns[i].type == COLUMN_TEXT)
            cells[i] = text_cell(str_of(plan->m->missing));
    }
}

/* What the mapping writes into every row by itself ("=Households file", "H{commune}-{#}") must
 * be so of this household, or the row did not come by this mapping and cannot come in by it. */
static bool fixed_text_holds(const struct export_row *r, const struct mapping_column *c)
{
    if (c->title || !c->part_count || c->parts[0].kind != PART_TEXT)
        return true;
    if (c->kind == TARGET_HOUSEHOLD_CODE)
        return str_starts(str_of(r->h->code), c->parts[0].text);
    if (c->kind != TARGET_AREA || c->part_count > 1)
        return true;
    const struct area *a = area_at(r, c->level);
    return !a || str_eq_z(c->parts[0].text, a->name);
}

bool export_row_fits(const struct export_plan *plan, const struct export_row *r)
{
    const struct mapping *m = plan->m;
    for (size_t i = 0; m && i < m->column_count; i++)
        if (!fixed_text_holds(r, &m->columns[i]))
            return false;
    /* Without a word for what is not known, a needed cell cannot be empty. */
    for (size_t i = 0; m && !m->missing[0] && i < plan->count; i++) {
        const struct export_field *f = &plan->fields[i];
        if (!f->column || !f->column->required)
            continue;
        if (f->kind == EXPORT_VALUE && value_of(plan, r, f->indicator).kind == VALUE_MISSING)
            return false;
        if (f->kind == EXPORT_INCOME && income_cell(r, f->income).missing)
            return false;
    }
    return true;
}

/* Why a rule has its value for one household, person or area: the facts it read, in words. */
#include "register/columns_inner.h"

#include "base/text.h"
#include "rule/code.h"

#include <assert.h>

enum { FACTS_MAX = 200 };

/* One explanation while its block runs. */
struct explaining {
    struct columns *c;
    struct cx *cx; /* the caller's */
    const struct rule_pass *pass;
    size_t root;
    int64_t row;
    struct columns_fact *facts;
    size_t count;
};

/* An indicator that has only what value_show looks at. */
static const char *show_as(struct cx *cx, enum indicator_type type, unsigned decimals,
                           const void *list, int64_t value)
{
    const struct indicator like = {
        .type = type, .decimals = decimals, .list = list, .unit_label = {{"", ""}}};
    return value_show(cx, &like, value_int(value));
}

static const char *show_type(struct cx *cx, const struct rule_type *type, int64_t value)
{
    switch (type->kind) {
    case RULE_NUMBER:
        return show_as(cx, TYPE_DECIMAL, type->decimals, NULL, value);
    case RULE_BOOL:
        return show_as(cx, TYPE_BOOL, 0, NULL, value);
    case RULE_CODE:
        return show_as(cx, TYPE_CODE, 0, type->list, value);
    case RULE_CODES:
        return show_as(cx, TYPE_CODES, 0, type->list, value);
    case RULE_DAY:
        return show_as(cx, TYPE_DAY, 0, NULL, value);
    case RULE_MONTH:
        return show_as(cx, TYPE_MONTH, 0, NULL, value);
    case RULE_TEXT:
        return _("recorded");
    }
    return "";
}

static const char *show_threshold(struct cx *cx, const struct threshold *t, int64_t value)
{
    const struct indicator like = {.type = t->money ? TYPE_MONEY : TYPE_DECIMAL,
                                   .decimals = t->decimals,
                                   .unit_label = t->unit_label};
    return value_show(cx, &like, value_int(value));
}

static const char *show_fact(struct cx *cx, const struct profile *p, const struct rule_fact *f)
{
    const struct rule_name *name = f->name;
    if (f->value == RULE_MISSING)
        return _("not known");
    if (name->table == RULE_INCOME)
        return show_as(cx, TYPE_MONEY, p->currency_decimals, NULL, f->value);
    if (name->table == RULE_THRESHOLD)
        return show_threshold(cx, &p->thresholds[name->id], f->value);
    const struct indicator *ind = name->table == RULE_FIELD && name->id > 0
                                      ? profile_indicator_number(p, name->id)
                                      : NULL;
    bool is_text = ind && (ind->type == TYPE_TEXT || ind->secret);
    return ind && !is_text ? value_show(cx, ind, value_int(f->value))
                           : show_type(cx, &name->type, f->value);
}

/* A limit is called differently from year to year: the row that gave this value. */
static const char *threshold_label(const struct explaining *e, const struct rule_fact *f)
{
    const struct profile *p = e->c->county->profile;
    struct cx *cx = e->cx;
    const struct threshold *first = &p->thresholds[f->name->id], *found = first;
    int32_t day = f->back ? profile_year_last(p, e->pass->year - f->back) : e->pass->day;
    for (const struct threshold *t = p->thresholds; t < p->thresholds + p->threshold_count; t++)
        if (!strcmp(t->code, first->code) && t->from_day <= day && day <= t->to_day &&
            t->value == f->value)
            found = t;
    return LABEL(cx, found->label);
}

/* "Age (Son)": which of several people. */
static const char *label_of(struct explaining *e, const struct rule_fact *f)
{
    const struct county *k = e->c->county;
    struct cx *cx = e->cx;
    if (f->name->table == RULE_THRESHOLD)
        return threshold_label(e, f);
    const char *label = profile_name_label(cx, k->profile, f->name);
    bool person = f->name->level == RULE_PERSON;
    if (!person || rule_root_level(e->pass->program, e->root) == RULE_PERSON)
        return label;
    int64_t relation = vec_at(&k->fact[PF_RELATION], (size_t)f->row);
    const struct code *code = relation != COLUMN_MISSING && k->profile->relation_list
                                  ? code_of(k->profile->relation_list, relation)
                                  : NULL;
    return code ? arena_printf(cx->arena, _("%s (%s)"), label, LABEL(cx, code->label))
                : arena_printf(cx->arena, _("%s (member)"), label);
}

static enum rc explain_block(struct cx *cx, void *arg, const struct rule_runner *r,
                             const struct rule_block *b)
{
    struct explaining *e = arg;
    enum rule_level level = rule_root_level(e->pass->program, e->root);
    struct rule_fact *facts;
    size_t count, place = 0;
    while (place < b->count[level] && b->row[level][place] != e->row)
        place++;
    if (place == b->count[level])
        return RC_OK; /* a person who is not of that year */
    TRY(rule_explain(&facts, &count, cx, r, e->pass->source, b, e->root, place, FACTS_MAX));
    e->facts = arena_array(cx->arena, count + 1, sizeof *e->facts);
    if (!e->facts)
        return columns_no_memory(cx);
    for (size_t i = 0; i < count; i++) {
        struct columns_fact *out = &e->facts[e->count++];
        out->label = label_of(e, &facts[i]);
        out->value = show_fact(cx, e->c->county->profile, &facts[i]);
        out->year = e->pass->year - facts[i].back;
    }
    return RC_OK;
}

/* The household whose block has the row; -1: it is free. */
static int64_t explained_household(const struct county *k, enum rule_level level, int64_t row)
{
    if (level == RULE_PERSON)
        return row >= 0 && (size_t)row < k->person_rows ? k->household[row] : -1;
    return row >= 0 && (size_t)row < k->rows && k->household_id[row] ? row : -1;
}

/* NOLINTNEXTLINE(readability-function-size): a row, a root and a year, each plain */
enum rc columns_explain(struct columns_fact **out, size_t *count, struct cx *cx,
                        struct columns *c, const struct rule_program *program, size_t root,
                        int64_t row, int32_t year)
{
    struct county *k = c->county;
    struct load_list loads;
    enum rule_level level = rule_root_level(program, root);
    int64_t household = level == RULE_AREA ? 0 : explained_household(k, level, row);
    uint32_t one = (uint32_t)household;
    int32_t area = (int32_t)row;
    struct rule_pass pass = {.k = k,
                             .program = program,
                             .loads = &loads,
                             .year = year,
                             .day = year_day(k, year, register_today(cx)),
                             .rows = &one,
                             .row_count = 1,
                             .block = explain_block,
                             .block_cx = cx};
    struct explaining e = {.c = c, .cx = cx, .pass = &pass, .root = root, .row = row};
    if (household < 0 || (level == RULE_AREA && (row < 0 || (size_t)row >= k->area_count)))
        return fail(cx, RC_NOTFOUND, _("There is no such household, or not in your areas."),
                    "explain row=%" PRId64, row);
    if (!load_list_make(&loads, cx->arena, program))
        return columns_no_memory(cx);
    pass.arg = &e;
    if (level == RULE_AREA) {
        pass.areas = &area;
        pass.area_count = 1;
    }
    TRY(columns_fail(cx, &c->own, rule_pass(&c->own, &pass)));
    *out = e.facts;
    *count = e.count;
    return RC_OK;
}

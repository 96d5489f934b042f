/* The dictionary of the rule language: everything that a profile's rules may name. Finding
 * checks and indexes by number, code and year. */
#include "base/time.h"
#include "profile/load_rules.h"

#include <string.h>

/* Facts that are no indicators. The numbers are those of register/columns.h (enum
 * fixed_column), which this room cannot include: change them there and here together. */
enum {
    SIZE = -101,
    SEX = -111,
    BIRTH = -112,
    RELATION = -113,
    IDENTITY_LENGTH = -121,
    IDENTITY_VALID = -122,
    IDENTITY_BIRTH = -123,
    IDENTITY_SEX = -124,
    IDENTITY_TWICE = -125,
    PHONE_KNOWN = -131,
    PHONE_VALID = -132,
    PHONE_SHARED = -133,
};
static const struct fixed {
    const char *name;
    enum rule_level level;
    enum rule_kind kind;
    int32_t id;
    const char *label;
} fixed_names[] = {
    {"size", RULE_HOUSEHOLD, RULE_NUMBER, SIZE, N_("People of the household")},
    {"sex", RULE_PERSON, RULE_CODE, SEX, N_("Sex")},
    {"birth", RULE_PERSON, RULE_DAY, BIRTH, N_("Born on")},
    {"relation", RULE_PERSON, RULE_CODE, RELATION, N_("Relation to the head")},
    {"identity_length", RULE_PERSON, RULE_NUMBER, IDENTITY_LENGTH,
     N_("Characters of the identity number")},
    {"identity_valid", RULE_PERSON, RULE_BOOL, IDENTITY_VALID,
     N_("The identity number's check character fits")},
    {"identity_birth_agrees", RULE_PERSON, RULE_BOOL, IDENTITY_BIRTH,
     N_("The birth day in the identity number agrees")},
    {"identity_sex_agrees", RULE_PERSON, RULE_BOOL, IDENTITY_SEX,
     N_("The sex in the identity number agrees")},
    {"identity_twice", RULE_PERSON, RULE_BOOL, IDENTITY_TWICE,
     N_("Another person has the same identity number")},
    {"phone_known", RULE_PERSON, RULE_BOOL, PHONE_KNOWN, N_("A phone number is known")},
    {"phone_valid", RULE_PERSON, RULE_BOOL, PHONE_VALID, N_("The phone number can be right")},
    {"phone_shared", RULE_PERSON, RULE_NUMBER, PHONE_SHARED,
     N_("People of other households with the same phone")},
};
enum { FIXED_COUNT = sizeof fixed_names / sizeof *fixed_names };

static enum rule_level level_of(enum subject subject)
{
    switch (subject) {
    case SUBJECT_HOUSEHOLD:
        return RULE_HOUSEHOLD;
    case SUBJECT_PERSON:
        return RULE_PERSON;
    case SUBJECT_AREA:
        return RULE_AREA;
    }
    return RULE_HOUSEHOLD;
}

static struct rule_type type_of(const struct indicator *ind)
{
    struct rule_type type = {RULE_NUMBER, ind->decimals, NULL};
    switch (ind->type) {
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_MONEY:
        break;
    case TYPE_BOOL:
        type.kind = RULE_BOOL;
        break;
    case TYPE_CODE:
        type = (struct rule_type){RULE_CODE, 0, ind->list};
        break;
    case TYPE_CODES:
        type = (struct rule_type){RULE_CODES, 0, ind->list};
        break;
    case TYPE_DAY:
        type.kind = RULE_DAY;
        break;
    case TYPE_MONTH:
        type.kind = RULE_MONTH;
        break;
    case TYPE_TEXT:
        type.kind = RULE_TEXT;
        break;
    }
    return type;
}

static bool code_find(int32_t *code, struct cx *cx, const void *list, struct str text)
{
    const struct code *c = list ? code_parse(list, cx, text) : NULL;
    if (c)
        *code = c->code;
    return c != NULL;
}

static const char *code_label(struct cx *cx, const void *list, size_t i)
{
    const struct code_list *codes = list;
    return codes && i < codes->code_count ? LABEL(cx, codes->codes[i].label) : NULL;
}

/* ---- the names ---- */

static size_t add_indicators(struct rule_name *out, const struct profile *p)
{
    for (size_t i = 0; i < p->indicator_count; i++) {
        const struct indicator *ind = &p->indicators[i];
        out[i] = (struct rule_name){.name = str_of(ind->code),
                                    .level = level_of(ind->subject),
                                    .type = type_of(ind),
                                    .table = RULE_FIELD,
                                    .id = ind->number,
                                    .label = ind->label.in[LANG_EN]};
    }
    return p->indicator_count;
}

/* A profile that has an indicator of that name means its own. */
static bool has_indicator(const struct profile *p, enum rule_level level, const char *name)
{
    enum subject subject = level == RULE_PERSON ? SUBJECT_PERSON : SUBJECT_HOUSEHOLD;
    return profile_indicator(p, subject, str_of(name)) != NULL;
}

static size_t add_fixed(struct rule_name *out, const struct profile *p)
{
    size_t n = 0;
    for (size_t i = 0; i < FIXED_COUNT; i++) {
        const struct fixed *f = &fixed_names[i];
        const struct code_list *list = f->id == SEX        ? p->sex_list
                                       : f->id == RELATION ? p->relation_list
                                                           : NULL;
        if (!has_indicator(p, f->level, f->name))
            out[n++] = (struct rule_name){.name = str_of(f->name),
                                          .level = f->level,
                                          .type = {f->kind, 0, list},
                                          .table = RULE_FIELD,
                                          .id = f->id,
                                          .label = f->label};
    }
    if (!has_indicator(p, RULE_PERSON, "age")) /* not stored: counted from the day of birth */
        out[n++] = (struct rule_name){.name = STR("age"),
                                      .level = RULE_PERSON,
                                      .type = {RULE_NUMBER, 0, NULL},
                                      .table = RULE_DERIVED,
                                      .id = -1,
                                      .label = N_("Age"),
                                      .text = STR("years(birth)")};
    return n;
}

static size_t add_incomes(struct rule_name *out, struct loader *l)
{
    const struct profile *p = l->p;
    for (size_t i = 0; i < p->income_count; i++) {
        const char *name = arena_printf(l->arena, "income.%s", p->incomes[i].code);
        out[i] = (struct rule_name){.name = str_of(name),
                                    .level = RULE_HOUSEHOLD,
                                    .type = {RULE_NUMBER, p->currency_decimals, NULL},
                                    .table = RULE_INCOME,
                                    .id = p->incomes[i].number,
                                    .label = p->incomes[i].label.in[LANG_EN]};
    }
    return p->income_count;
}

/* One name for all dated rows of a limit; they have the same decimals (load_thresholds). */
static size_t add_thresholds(struct rule_name *out, const struct profile *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->threshold_count; i++) {
        const struct threshold *t = &p->thresholds[i];
        if (!i || strcmp(t->code, t[-1].code) != 0)
            out[n++] = (struct rule_name){.name = str_of(t->code),
                                          .level = RULE_HOUSEHOLD,
                                          .type = {RULE_NUMBER, t->decimals, NULL},
                                          .table = RULE_THRESHOLD,
                                          .id = (int32_t)i,
                                          .label = t->label.in[LANG_EN]};
    }
    return n;
}

static size_t add_derived(struct rule_name *out, const struct profile_rules *rules)
{
    for (size_t i = 0; i < rules->derived_count; i++) {
        const struct derived *d = &rules->derived[i];
        out[i] = (struct rule_name){.name = str_of(d->code),
                                    .level = level_of(d->subject),
                                    .table = RULE_DERIVED,
                                    .id = (int32_t)i,
                                    .label = d->label.in[LANG_EN],
                                    .text = str_of(d->rule)};
    }
    return rules->derived_count;
}

void rule_names_make(struct loader *l, struct rule_load *load)
{
    struct profile_rules *rules = load->rules;
    const struct profile *p = l->p;
    size_t room = p->indicator_count + FIXED_COUNT + 1 + p->income_count + p->threshold_count +
                  rules->derived_count;
    struct rule_name *names = arena_new(l->arena, room * sizeof *names);
    struct rule_dictionary *d = arena_new(l->arena, sizeof *d);
    size_t n = add_indicators(names, p);
    n += add_fixed(names + n, p);
    n += add_incomes(names + n, l);
    n += add_thresholds(names + n, p);
    n += add_derived(names + n, rules);
    *d = (struct rule_dictionary){names, n, code_find, code_label};
    rules->dictionary = d;
    load->names = names;
}

void rule_names_types(struct rule_load *load)
{
    const struct profile_rules *rules = load->rules;
    struct rule_name *names = load->names;
    for (size_t i = 0; i < rules->dictionary->count; i++)
        if (names[i].table == RULE_DERIVED && names[i].id >= 0)
            names[i].type = rule_root_type(rules->derived_program, (size_t)names[i].id);
}

const char *profile_name_label(struct cx *cx, const struct profile *p,
                               const struct rule_name *name)
{
    switch (name->table) {
    case RULE_FIELD:
        if (name->id > 0) {
            const struct indicator *ind = profile_indicator_number(p, name->id);
            return ind ? LABEL(cx, ind->label) : name->label;
        }
        return _(name->label);
    case RULE_INCOME: {
        const struct income_kind *kind = profile_income(p, name->id);
        return kind ? LABEL(cx, kind->label) : name->label;
    }
    case RULE_THRESHOLD:
        return LABEL(cx, p->thresholds[name->id].label);
    case RULE_DERIVED:
        return name->id < 0 ? _(name->label) : LABEL(cx, p->rules->derived[name->id].label);
    }
    return name->label;
}

/* ---- finding ---- */

const struct check *profile_check(const struct profile *p, int64_t number)
{
    size_t low = 0, high = p->rules->check_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct check *c = &p->rules->checks[middle];
        if (c->number == number)
            return c;
        if (c->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct poverty_index *profile_index(const struct profile *p, struct str code)
{
    for (size_t i = 0; i < p->rules->index_count; i++)
        if (str_eq_z(code, p->rules->indexes[i].code))
            return &p->rules->indexes[i];
    return NULL;
}

int32_t profile_year_first(const struct profile *p, int32_t year)
{
    int32_t month = p->year_start_month;
    return day_of((struct date){month > 1 ? year - 1 : year, month, 1});
}

int32_t profile_year_last(const struct profile *p, int32_t year)
{
    return profile_year_first(p, year + 1) - 1;
}

bool check_in_year(const struct profile *p, const struct check *c, int32_t year)
{
    int32_t last = profile_year_last(p, year);
    size_t now = 0, from = 0, to = p->era_count;
    for (size_t i = 0; i < p->era_count; i++) {
        if (p->eras[i].from_day <= last)
            now = i;
        if (!strcmp(p->eras[i].code, c->era_from))
            from = i;
        if (!strcmp(p->eras[i].code, c->era_to))
            to = i;
    }
    return from <= now && now <= to;
}

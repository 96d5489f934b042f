/* Loads what the profile says about lists of other departments: kinds, rules, priors. */
#include "profile/lists.h"
#include "profile/profile_impl.h"

#include <string.h>

enum { PERCENT_DECIMALS = 4, PROBABILITY_DECIMALS = 6, RULES_MAX = 500 };

static const char *const field_names[MATCH_FIELDS] = {"name", "birth",    "sex",
                                                      "area", "identity", "phone"};
static const char *const level_names[MATCH_FIELDS][MATCH_LEVELS] = {
    [MATCH_NAME] = {"different", "one_character", "pinyin", "exact"},
    [MATCH_BIRTH] = {"different", "year", "swapped", "exact"},
    [MATCH_SEX] = {"different", "same"},
    [MATCH_AREA] = {"different", "township", "village"},
    [MATCH_IDENTITY] = {"different", "ends", "visible", "near"},
    [MATCH_PHONE] = {"different", "same"},
};

int match_level_count(enum match_field field)
{
    int n = 0;
    while (n < MATCH_LEVELS && level_names[field][n])
        n++;
    return n;
}

const struct list_kind *profile_list_kind(const struct profile *p, struct str code)
{
    for (size_t i = 0; p->compared && i < p->compared->count; i++)
        if (str_eq_z(code, p->compared->kinds[i].code))
            return &p->compared->kinds[i];
    return NULL;
}

const struct list_rule *list_rule_find(const struct list_kind *kind, struct str code)
{
    for (size_t i = 0; kind && i < kind->rule_count; i++)
        if (str_eq_z(code, kind->rules[i].code))
            return &kind->rules[i];
    return NULL;
}

bool profile_is_list_mapping(const struct profile *p, const struct mapping *m)
{
    for (size_t i = 0; p->compared && i < p->compared->count; i++)
        if (p->compared->kinds[i].mapping == m)
            return true;
    return false;
}

/* ---- lists.csv ---- */

enum {
    CODE,
    LABEL_EN,
    LABEL_ZH,
    DEPARTMENT_EN,
    DEPARTMENT_ZH,
    MAPPING,
    DAYS,
    UPPER,
    LOWER,
    HELP_EN,
    HELP_ZH,
    SOURCE,
    COLUMNS
};

static int32_t row_percent(const struct row *r, int column)
{
    struct cx *cx = r->l->cx;
    int64_t n = 0;
    if (!str_to_scaled(&n, row_cell(r, column), PERCENT_DECIMALS) || n <= 0 || n > MATCH_UNIT)
        row_fault(r, column, _("Expected a percentage above 0, up to 100."));
    return (int32_t)n;
}

static const struct mapping *row_mapping(const struct row *r, int column)
{
    const struct profile *p = r->l->p;
    struct str name = row_cell(r, column);
    const struct mapping *m = profile_mapping(p, name);
    if (m)
        return m;
    const char **known = arena_new(r->l->temp, (p->mapping_count + 1) * sizeof *known);
    for (size_t i = 0; i < p->mapping_count; i++)
        known[i] = p->mappings[i]->name;
    row_unknown(r, column, known, p->mapping_count);
    return NULL;
}

static void load_kinds(struct list_kinds *out, struct loader *l, const struct source_file *f)
{
    static const char *const columns[] = {
        "code", "label_en", "label_zh", "department_en", "department_zh", "mapping",
        "days", "upper",    "lower",    "help_en",       "help_zh",       "source"};
    struct cx *cx = l->cx;
    struct table t;
    if (!table_read(&t, l, f, columns, COLUMNS))
        return;
    struct list_kind *kinds = arena_new(l->arena, (t.row_count + 1) * sizeof *kinds);
    struct names codes;
    names_init(&codes, l->temp, t.row_count);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        int64_t days = 0;
        (void)row_int(&days, &r, DAYS, 1, 366); /* notes the mistake */
        kinds[i] = (struct list_kind){.code = row_name(&r, CODE),
                                      .label = row_label(&r, LABEL_EN, true),
                                      .department = row_label(&r, DEPARTMENT_EN, true),
                                      .help = row_label(&r, HELP_EN, false),
                                      .mapping = row_mapping(&r, MAPPING),
                                      .days = (int32_t)days,
                                      .upper = row_percent(&r, UPPER),
                                      .lower = row_percent(&r, LOWER),
                                      .source = row_text(&r, SOURCE)};
        if (kinds[i].lower > kinds[i].upper)
            row_fault(&r, LOWER, _("The lower threshold is above the upper one."));
        if (names_put(&codes, str_of(kinds[i].code), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
    }
    out->kinds = kinds;
    out->count = t.row_count;
}

/* ---- list_rules.csv ---- */

enum {
    R_LIST,
    R_CODE,
    R_PERSON,
    R_RULE,
    R_SEVERITY,
    R_MESSAGE_EN,
    R_MESSAGE_ZH,
    R_HINT_EN,
    R_HINT_ZH,
    R_SOURCE,
    R_COLUMNS
};

/* The rules of all kinds, in the file's order, while they are loaded. */
struct rules {
    struct list_rule *rules;
    int *kind;
    size_t count;
    const struct table *t;
};

static int row_kind(const struct row *r, int column, const struct list_kinds *k)
{
    const char **known = arena_new(r->l->temp, (k->count + 1) * sizeof *known);
    for (size_t i = 0; i < k->count; i++)
        known[i] = k->kinds[i].code;
    return row_choice(r, column, known, k->count);
}

static void load_rule(struct rules *rules, const struct row *r, const struct list_kinds *k)
{
    static const char *const sides[] = {"unlisted", "listed"};
    static const char *const severities[] = {"error", "warning", "note"};
    struct cx *cx = r->l->cx;
    size_t i = rules->count++;
    int severity = row_choice(r, R_SEVERITY, severities, 3);
    rules->kind[i] = row_kind(r, R_LIST, k);
    rules->rules[i] =
        (struct list_rule){.code = row_name(r, R_CODE),
                           .listed = row_choice(r, R_PERSON, sides, 2) == 1,
                           .rule = row_needed(r, R_RULE),
                           .severity = (enum severity)(severity < 0 ? 0 : severity),
                           .message = row_label(r, R_MESSAGE_EN, true),
                           .hint = row_label(r, R_HINT_EN, false),
                           .source = row_text(r, R_SOURCE),
                           .root = i};
    for (size_t j = 0; j < i; j++)
        if (rules->kind[j] == rules->kind[i] &&
            !strcmp(rules->rules[j].code, rules->rules[i].code))
            row_fault(r, R_CODE, _("This code stands twice."));
}

/* Each kind's rules behind one another; `kinds` is the loader's own memory. */
static void hand_out(struct list_kinds *k, struct loader *l, const struct rules *rules)
{
    struct list_kind *kinds = arena_new(l->arena, (k->count + 1) * sizeof *kinds);
    memcpy(kinds, k->kinds, k->count * sizeof *kinds);
    struct list_rule *sorted = arena_new(l->arena, (rules->count + 1) * sizeof *sorted);
    size_t n = 0;
    for (size_t i = 0; i < k->count; i++) {
        kinds[i].rules = sorted + n;
        for (size_t j = 0; j < rules->count; j++)
            if (rules->kind[j] == (int)i)
                sorted[n++] = rules->rules[j];
        kinds[i].rule_count = (size_t)(sorted + n - kinds[i].rules);
    }
    k->kinds = kinds;
}

static void compile_rules(struct list_kinds *k, struct loader *l, const struct rules *rules)
{
    const struct profile_rules *own = l->p->rules;
    if (!own || !own->dictionary || l->faults->count)
        return;
    struct rule_text *texts = arena_new(l->temp, (rules->count + 1) * sizeof *texts);
    for (size_t i = 0; i < rules->count; i++)
        texts[i] = (struct rule_text){.name = rules->rules[i].code,
                                      .level = RULE_PERSON,
                                      .text = str_of(rules->rules[i].rule),
                                      .want_bool = true};
    struct rule_fault fault = {0};
    struct cx cx = *l->cx;
    cx.arena = l->arena;
    if (!rule_compile(&k->program, &fault, &cx, own->dictionary, texts, rules->count))
        return;
    struct row r = {l, rules->t, fault.rule};
    row_fault(&r, R_RULE, arena_copy(l->cx->arena, str_of(fault.message)));
}

static void load_list_rules(struct list_kinds *k, struct loader *l, const struct source_file *f)
{
    static const char *const columns[] = {"list",     "code",       "person",     "rule",
                                          "severity", "message_en", "message_zh", "hint_en",
                                          "hint_zh",  "source"};
    struct table t;
    if (!table_read(&t, l, f, columns, R_COLUMNS))
        return;
    struct rules rules = {.t = &t};
    rules.rules = arena_new(l->temp, (t.row_count + 1) * sizeof *rules.rules);
    rules.kind = arena_new(l->temp, (t.row_count + 1) * sizeof *rules.kind);
    for (size_t i = 0; i < t.row_count && i < RULES_MAX; i++) {
        struct row r = {l, &t, i};
        load_rule(&rules, &r, k);
    }
    hand_out(k, l, &rules);
    compile_rules(k, l, &rules);
}

/* ---- list_priors.csv ---- */

enum { P_FIELD, P_LEVEL, P_M, P_U, P_SOURCE, P_COLUMNS };

static void load_prior(struct match_priors *p, const struct row *r)
{
    struct cx *cx = r->l->cx;
    int field = row_choice(r, P_FIELD, field_names, MATCH_FIELDS);
    if (field < 0)
        return;
    int level = row_choice(r, P_LEVEL, level_names[field],
                           (size_t)match_level_count((enum match_field)field));
    if (level < 0)
        return;
    for (int k = P_M; k <= P_U; k++) {
        int64_t n = 0;
        if (!str_to_scaled(&n, row_cell(r, k), PROBABILITY_DECIMALS) || n <= 0 ||
            n >= MATCH_UNIT)
            row_fault(r, k, _("Expected a probability between 0 and 1, e.g. 0.95."));
        else
            (k == P_M ? p->m : p->u)[field][level] = (int32_t)n;
    }
}

static void check_sums(struct loader *l, const struct match_priors *p)
{
    struct cx *cx = l->cx;
    for (int f = 0; f < MATCH_FIELDS; f++) {
        int64_t m = 0, u = 0;
        for (int k = 0; k < MATCH_LEVELS; k++) {
            m += p->m[f][k];
            u += p->u[f][k];
        }
        if (m != MATCH_UNIT || u != MATCH_UNIT)
            loader_fault(l, "list_priors.csv", 0, "field", str_of(field_names[f]),
                         _("The probabilities of a field's levels must add up to 1."));
    }
}

static void load_priors(struct list_kinds *k, struct loader *l, const struct source_file *f)
{
    static const char *const columns[] = {"field", "level", "m", "u", "source"};
    struct table t;
    if (!table_read(&t, l, f, columns, P_COLUMNS))
        return;
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        load_prior(&k->priors, &r);
    }
    check_sums(l, &k->priors);
}

void load_lists(struct loader *l)
{
    static const char *const files[] = {"lists.csv", "list_rules.csv", "list_priors.csv"};
    struct cx *cx = l->cx;
    struct list_kinds *k = arena_new(l->arena, sizeof *k);
    const struct source_file *f[3];
    int there = 0;
    for (int i = 0; i < 3; i++) {
        f[i] = loader_file(l, files[i]);
        there += f[i] != NULL;
    }
    l->p->compared = k;
    for (int i = 0; there && i < 3; i++)
        if (!f[i])
            loader_fault(l, files[i], 0, "", STR(""),
                         _("The profile lacks this file; lists.csv, list_rules.csv and "
                           "list_priors.csv belong together."));
    if (there < 3)
        return;
    load_kinds(k, l, f[0]);
    load_list_rules(k, l, f[1]);
    load_priors(k, l, f[2]);
}

/* Loads the catalogue of help: measure_groups.csv, measures.csv, tapers.csv; finds measures. */
#include "profile/load_measures.h"

#include "profile/load_workflows.h"

#include <string.h>

enum { DAYS_MAX = 3660, EVIDENCE_MAX = 3 };

/* ---- measure_groups.csv ---- */

static void load_groups_of(struct measure_load *load)
{
    enum { CODE, LABEL_EN, LABEL_ZH, PICTURE, ORDER, COLUMNS };
    static const char *const columns[] = {"code", "label_en", "label_zh", "picture", "order"};
    struct loader *l = load->l;
    struct cx *cx = l->cx;
    struct table t;
    if (!table_optional(&t, l, "measure_groups.csv", columns, COLUMNS))
        return;
    struct measure_group *out = arena_new(l->arena, (t.row_count + 1) * sizeof *out);
    struct names seen;
    names_init(&seen, l->temp, t.row_count);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        int64_t order = (int64_t)i;
        (void)row_int(&order, &r, ORDER, 0, 1000000); /* notes the mistake */
        out[i] = (struct measure_group){.code = row_name(&r, CODE),
                                        .picture = row_text(&r, PICTURE),
                                        .label = row_label(&r, LABEL_EN, true),
                                        .order = (int32_t)order};
        if (names_put(&seen, row_cell(&r, CODE), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
    }
    load->out->groups = out;
    load->out->group_count = t.row_count;
}

/* ---- measures.csv ---- */

enum {
    NUMBER,
    CODE,
    GROUP,
    SUBJECT,
    RULE,
    ANSWERS,
    NEEDS,
    EXCLUDES,
    COST,
    UNIT,
    DEPARTMENT,
    DAYS,
    EVIDENCE,
    EFFECT,
    LABEL_EN,
    LABEL_ZH,
    HELP_EN,
    HELP_ZH,
    EVIDENCE_EN,
    EVIDENCE_ZH,
    SOURCE,
    COLUMNS
};

/* A measure on its way to its place by number. */
struct loose_measure {
    struct measure measure;
    struct rule_place place;
    size_t at; /* row */
};

/* How many words a cell has at most. */
static size_t word_count(struct str s)
{
    size_t n = 1;
    for (size_t i = 0; i < s.len; i++)
        n += s.p[i] == ' ';
    return n;
}

/* The next word of a cell; false: no more. */
static bool next_word(struct str *word, struct str *rest)
{
    while (rest->p) {
        *word = str_trim(str_cut(rest, ' '));
        if (word->len)
            return true;
    }
    return false;
}

static const struct measure_group *row_group(const struct row *r, const struct measures *m)
{
    struct str name = row_cell(r, GROUP);
    for (size_t i = 0; i < m->group_count; i++)
        if (str_eq_z(name, m->groups[i].code))
            return &m->groups[i];
    const char **known = arena_new(r->l->temp, (m->group_count + 1) * sizeof *known);
    for (size_t i = 0; i < m->group_count; i++)
        known[i] = m->groups[i].code;
    row_unknown(r, GROUP, known, m->group_count);
    return NULL;
}

static void load_words(struct measure *m, const struct row *r, const struct measures *out)
{
    struct cx *cx = r->l->cx;
    struct str rest = row_cell(r, ANSWERS), word;
    const struct derived **answers = arena_new(r->l->arena, word_count(rest) * sizeof *answers);
    while (next_word(&word, &rest)) {
        const struct derived *d = row_condition(r, ANSWERS, word);
        if (d)
            answers[m->answer_count++] = d;
    }
    m->answers = answers;
    rest = row_cell(r, NEEDS);
    int32_t *needs = arena_new(r->l->arena, word_count(rest) * sizeof *needs);
    while (out->need_kinds && next_word(&word, &rest)) {
        int64_t code;
        if (str_to_i64(&code, word) && code_of(out->need_kinds, code))
            needs[m->need_count++] = (int32_t)code;
        else
            row_fault(r, NEEDS,
                      arena_printf(cx->arena,
                                   _("%.*s is no code of the list need_kind in codes.csv."),
                                   STR_ARG(word)));
    }
    m->needs = needs;
}

static void load_cost(struct measure *m, const struct row *r)
{
    struct cx *cx = r->l->cx;
    const struct profile *p = r->l->p;
    struct str cell = row_cell(r, COST);
    const struct unit *u = row_cell(r, UNIT).len ? row_unit(r, UNIT) : NULL;
    m->unit = u ? u->code : "";
    m->unit_label = u ? u->label : (struct label){{"", ""}};
    if (cell.len &&
        (!str_to_scaled(&m->cost_minor, cell, p->currency_decimals) || m->cost_minor < 0))
        row_fault(r, COST, _("Expected an amount of money, 0 or more, or nothing."));
    if (m->cost_minor > 0 && !u && !row_cell(r, UNIT).len)
        row_fault(r, UNIT, _("A cost needs the unit that it is for."));
}

static const struct indicator *row_effect(const struct row *r)
{
    struct cx *cx = r->l->cx;
    const struct profile *p = r->l->p;
    struct str name = row_cell(r, EFFECT);
    if (!name.len)
        return NULL;
    const struct indicator *ind = profile_indicator(p, SUBJECT_HOUSEHOLD, name);
    if (ind && ind->type != TYPE_TEXT && !ind->secret)
        return ind;
    if (ind)
        row_fault(r, EFFECT, _("A text shows no effect; name another indicator."));
    else
        row_fault(r, EFFECT, _("There is no such household indicator."));
    return NULL;
}

static void load_measure(struct loose_measure *out, const struct row *r,
                         const struct measures *all)
{
    struct measure *m = &out->measure;
    int64_t number = 0, days = 0, evidence = 0;
    int subject = row_subject(r, SUBJECT);
    (void)row_int(&number, r, NUMBER, 1, 1000000); /* these note their mistakes */
    (void)row_int(&days, r, DAYS, 0, DAYS_MAX);
    (void)row_int(&evidence, r, EVIDENCE, 0, EVIDENCE_MAX);
    rule_place_of(&out->place, r, RULE);
    out->at = r->at;
    *m = (struct measure){.number = (int32_t)number,
                          .code = row_name(r, CODE),
                          .group = row_group(r, all),
                          .subject = subject < 0 ? SUBJECT_HOUSEHOLD : (enum subject)subject,
                          .rule = row_text(r, RULE),
                          .department = row_org_kind(r, DEPARTMENT),
                          .days = (int32_t)days,
                          .evidence = (int32_t)evidence,
                          .effect_column = row_effect(r),
                          .label = row_label(r, LABEL_EN, true),
                          .help = row_label(r, HELP_EN, false),
                          .evidence_text = row_label(r, EVIDENCE_EN, evidence > 0),
                          .source = row_text(r, SOURCE)};
    load_words(m, r, all);
    load_cost(m, r);
}

static int by_number(const void *a, const void *b)
{
    const struct loose_measure *x = a, *y = b;
    return x->measure.number < y->measure.number ? -1 : x->measure.number > y->measure.number;
}

/* Once all codes are known. */
static void load_excludes(struct measure *m, const struct row *r, const struct measures *all)
{
    struct cx *cx = r->l->cx;
    struct str rest = row_cell(r, EXCLUDES), word;
    const struct measure **excludes =
        arena_new(r->l->arena, word_count(rest) * sizeof *excludes);
    const char **known = arena_new(r->l->temp, (all->count + 1) * sizeof *known);
    for (size_t i = 0; i < all->count; i++)
        known[i] = all->list[i].code;
    while (next_word(&word, &rest)) {
        const struct measure *other = NULL;
        for (size_t i = 0; i < all->count && !other; i++)
            other = str_eq_z(word, all->list[i].code) ? &all->list[i] : NULL;
        if (other == m)
            row_fault(r, EXCLUDES, _("A measure cannot exclude itself."));
        else if (other)
            excludes[m->exclude_count++] = other;
        else
            row_unknown_part(r, EXCLUDES, word, known, all->count);
    }
    m->excludes = excludes;
}

static void check_twice(struct names *codes, struct names *numbers, const struct row *r,
                        const struct measure *m)
{
    struct cx *cx = r->l->cx;
    const char *number = arena_printf(r->l->temp, "%" PRId32, m->number);
    if (names_put(numbers, str_of(number), (int32_t)r->at) >= 0)
        row_fault(r, NUMBER, _("This number stands twice."));
    if (names_put(codes, row_cell(r, CODE), (int32_t)r->at) >= 0)
        row_fault(r, CODE, _("This code stands twice."));
}

/* The lists of codes.csv that the catalogue uses. */
static void find_lists(struct measure_load *load)
{
    struct loader *l = load->l;
    struct cx *cx = l->cx;
    struct measures *m = load->out;
    m->need_kinds = profile_list(l->p, STR("need_kind"));
    m->urgencies = profile_list(l->p, STR("urgency"));
    for (int i = 0; i < 2; i++)
        if (!(i ? m->urgencies : m->need_kinds))
            loader_fault(l, "codes.csv", 0, "list", str_of(i ? "urgency" : "need_kind"),
                         _("The list is missing; measures.csv needs it."));
}

static void load_list(struct measure_load *load)
{
    static const char *const columns[] = {
        "number",      "code",          "group",    "subject",  "rule",       "answers",
        "needs",       "excludes",      "cost",     "unit",     "department", "days",
        "evidence",    "effect_column", "label_en", "label_zh", "help_en",    "help_zh",
        "evidence_en", "evidence_zh",   "source"};
    struct loader *l = load->l;
    struct table t;
    if (!table_optional(&t, l, "measures.csv", columns, COLUMNS))
        return;
    find_lists(load);
    size_t count = t.row_count;
    struct loose_measure *rows = arena_new(l->temp, (count + 1) * sizeof *rows);
    struct measure *list = arena_new(l->arena, (count + 1) * sizeof *list);
    struct names codes, numbers;
    names_init(&codes, l->temp, count);
    names_init(&numbers, l->temp, count);
    for (size_t i = 0; i < count; i++) {
        struct row r = {l, &t, i};
        load_measure(&rows[i], &r, load->out);
        check_twice(&codes, &numbers, &r, &rows[i].measure);
    }
    qsort(rows, count, sizeof *rows, by_number);
    load->out->list = list;
    load->out->count = count;
    load->places = arena_new(l->temp, (count + 1) * sizeof *load->places);
    for (size_t i = 0; i < count; i++) {
        list[i] = rows[i].measure;
        list[i].root = i;
        load->places[i] = rows[i].place;
    }
    for (size_t i = 0; i < count; i++) {
        struct row r = {l, &t, rows[i].at};
        load_excludes(&list[i], &r, load->out);
    }
}

/* ---- all ---- */

/* The causes that any measure answers, without duplicates, in the order of derived.csv. */
static void find_causes(struct measure_load *load)
{
    struct measures *m = load->out;
    const struct profile_rules *rules = load->l->p->rules;
    const struct derived **causes =
        arena_new(load->l->arena, (rules->derived_count + 1) * sizeof *causes);
    for (size_t d = 0; d < rules->derived_count; d++) {
        bool used = false;
        for (size_t i = 0; i < m->count && !used; i++)
            for (size_t k = 0; k < m->list[i].answer_count && !used; k++)
                used = m->list[i].answers[k] == &rules->derived[d];
        if (used)
            causes[m->cause_count++] = &rules->derived[d];
    }
    m->causes = causes;
}

static void compile_all(struct measure_load *load)
{
    struct measures *m = load->out;
    struct loader *l = load->l;
    size_t room = m->count + m->taper_count + m->cause_count, n = 0;
    struct rule_text *texts = arena_new(l->temp, (room + 1) * sizeof *texts);
    struct rule_place *places = arena_new(l->temp, (room + 1) * sizeof *places);
    for (size_t i = 0; i < m->count; i++, n++) {
        texts[n] =
            (struct rule_text){.name = arena_printf(l->temp, "measure %s", m->list[i].code),
                               .level = rule_level_of(m->list[i].subject),
                               .text = str_of(m->list[i].rule),
                               .want_bool = true};
        places[n] = load->places[i];
    }
    for (size_t i = 0; i < m->taper_count; i++, n++) {
        load->tapers[i].root = n;
        texts[n] =
            (struct rule_text){.name = arena_printf(l->temp, "measure %s", m->tapers[i].code),
                               .level = RULE_HOUSEHOLD,
                               .text = str_of(m->tapers[i].rule),
                               .want_bool = true};
        places[n] = load->taper_places[i];
    }
    m->cause_root = n;
    for (size_t i = 0; i < m->cause_count; i++, n++) {
        /* Not its name: a text of that name would need itself. */
        texts[n] =
            (struct rule_text){.name = arena_printf(l->temp, "measure %s", m->causes[i]->code),
                               .level = RULE_HOUSEHOLD,
                               .text = str_of(m->causes[i]->rule),
                               .want_bool = true};
        places[n] = (struct rule_place){"derived.csv", 0, "rule"};
    }
    if (n)
        m->program = rules_compile(l, texts, places, n);
}

void load_measures(struct loader *l)
{
    struct measure_load load = {.l = l, .out = arena_new(l->arena, sizeof *load.out)};
    l->p->measures = load.out;
    load_groups_of(&load);
    load_list(&load);
    load_tapers(&load);
    find_causes(&load);
    compile_all(&load);
}

const struct measure *profile_measure(const struct profile *p, int64_t number)
{
    size_t low = 0, high = p->measures ? p->measures->count : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct measure *m = &p->measures->list[middle];
        if (m->number == number)
            return m;
        if (m->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct measure *profile_measure_code(const struct profile *p, struct str code)
{
    for (size_t i = 0; p->measures && i < p->measures->count; i++)
        if (str_eq_z(code, p->measures->list[i].code))
            return &p->measures->list[i];
    return NULL;
}

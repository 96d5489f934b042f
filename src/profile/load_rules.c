/* Loads what a profile says by rules: derived.csv, check_groups.csv, checks.csv, indexes.csv,
 * deprivations.csv. Each may be missing: then there is nothing of it. The texts are compiled in
 * load_programs.c. */
#include "profile/load_rules.h"

#include <assert.h>
#include <string.h>

/* Rules of a profile's files at most; far above what one needs. */
enum { RULES_OF_FILE_MAX = 2000, INDEXES_MAX = 16, WEIGHT_MAX = 10000 };

bool table_optional(struct table *t, struct loader *l, const char *file,
                    const char *const *columns, size_t column_count)
{
    struct cx *cx = l->cx;
    const struct source_file *f = loader_file(l, file);
    if (!f || !table_read(t, l, f, columns, column_count))
        return false;
    if (t->row_count > RULES_OF_FILE_MAX) {
        loader_fault(l, file, 0, "", STR(""), _("At most 2,000 rows."));
        return false;
    }
    return true;
}

void rule_place_of(struct rule_place *out, const struct row *r, int column)
{
    *out = (struct rule_place){r->t->file, row_line(r), r->t->columns[column]};
    (void)row_needed(r, column); /* notes an empty cell */
}

/* ---- derived.csv ---- */

/* Words of the rule language cannot be names of rules. */
static bool rule_word(struct str s)
{
    static const char *const words[] = {
        "or",     "and",   "not",  "in",    "is",        "missing", "has",   "any",  "all",
        "true",   "false", "if",   "first", "min",       "max",     "abs",   "sum",  "count",
        "round",  "years", "year", "today", "last_year", "earlier", "where", "area", "months",
        "person", "list",  "size", "age",   "household", "members", "income"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq_z(s, words[i]))
            return true;
    return false;
}

/* A rule's name must mean one thing at every level. */
static void check_free(const struct row *r, int column, struct str code)
{
    struct cx *cx = r->l->cx;
    const struct profile *p = r->l->p;
    bool taken = rule_word(code);
    for (int s = 0; s < SUBJECT_COUNT && !taken; s++)
        taken = profile_indicator(p, (enum subject)s, code) != NULL;
    for (size_t i = 0; i < p->threshold_count && !taken; i++)
        taken = str_eq_z(code, p->thresholds[i].code);
    if (taken)
        row_fault(
            r, column,
            _("An indicator, a limit or a word of the rules has this name already; choose "
              "another."));
}

static void load_derived(struct loader *l, struct rule_load *load)
{
    enum { CODE, SUBJECT, RULE, UNIT, LABEL_EN, LABEL_ZH, HELP_EN, HELP_ZH, SOURCE, COLUMNS };
    static const char *const columns[] = {"code",     "subject", "rule",    "unit",  "label_en",
                                          "label_zh", "help_en", "help_zh", "source"};
    struct cx *cx = l->cx;
    struct table t;
    if (!table_optional(&t, l, "derived.csv", columns, COLUMNS))
        return;
    struct derived *out = arena_new(l->arena, (t.row_count + 1) * sizeof *out);
    struct names seen;
    names_init(&seen, l->temp, t.row_count);
    load->derived_places = arena_new(l->temp, (t.row_count + 1) * sizeof *load->derived_places);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        int subject = row_subject(&r, SUBJECT);
        const struct unit *u = row_cell(&r, UNIT).len ? row_unit(&r, UNIT) : NULL;
        rule_place_of(&load->derived_places[i], &r, RULE);
        out[i] =
            (struct derived){.code = row_name(&r, CODE),
                             .subject = subject < 0 ? SUBJECT_HOUSEHOLD : (enum subject)subject,
                             .rule = row_text(&r, RULE),
                             .unit = u ? u->code : "",
                             .label = row_label(&r, LABEL_EN, true),
                             .help = row_label(&r, HELP_EN, false),
                             .source = row_text(&r, SOURCE)};
        check_free(&r, CODE, row_cell(&r, CODE));
        if (names_put(&seen, row_cell(&r, CODE), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
    }
    load->rules->derived = out;
    load->rules->derived_count = t.row_count;
}

/* ---- check_groups.csv, checks.csv ---- */

static void load_check_groups(struct loader *l, struct rule_load *load)
{
    enum { CODE, LABEL_EN, LABEL_ZH, ORDER, COLUMNS };
    static const char *const columns[] = {"code", "label_en", "label_zh", "order"};
    struct cx *cx = l->cx;
    struct table t;
    if (!table_optional(&t, l, "check_groups.csv", columns, COLUMNS))
        return;
    struct check_group *out = arena_new(l->arena, (t.row_count + 1) * sizeof *out);
    struct names seen;
    names_init(&seen, l->temp, t.row_count);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        int64_t order = (int64_t)i;
        (void)row_int(&order, &r, ORDER, 0, 1000000); /* notes the mistake */
        out[i] = (struct check_group){row_name(&r, CODE), row_label(&r, LABEL_EN, true),
                                      (int32_t)order};
        if (names_put(&seen, row_cell(&r, CODE), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
    }
    load->rules->check_groups = out;
    load->rules->check_group_count = t.row_count;
}

enum {
    NUMBER,
    CODE,
    SUBJECT,
    SEVERITY,
    GROUP,
    RULE,
    FROM,
    TO,
    MESSAGE_EN,
    MESSAGE_ZH,
    HINT_EN,
    HINT_ZH,
    SOURCE,
    COLUMNS
};
static const char *const check_columns[] = {
    "number", "code",       "subject",    "severity", "group",   "rule",   "from",
    "to",     "message_en", "message_zh", "hint_en",  "hint_zh", "source",
};

/* The era a cell names, "" when empty or after a mistake. *at its place, -1. */
static const char *row_era(int *at, const struct row *r, int column)
{
    const struct profile *p = r->l->p;
    struct str name = row_cell(r, column);
    *at = -1;
    if (!name.len)
        return "";
    struct arena_mark mark = arena_mark(r->l->temp);
    const char **known = arena_new(r->l->temp, (p->era_count + 1) * sizeof *known);
    for (size_t i = 0; i < p->era_count; i++) {
        known[i] = p->eras[i].code;
        if (str_eq_z(name, known[i]))
            *at = (int)i;
    }
    if (*at < 0)
        row_unknown(r, column, known, p->era_count);
    arena_back(r->l->temp, mark);
    return *at < 0 ? "" : p->eras[*at].code;
}

static const struct check_group *row_check_group(const struct row *r, int column,
                                                 const struct profile_rules *rules)
{
    struct str name = row_cell(r, column);
    for (size_t i = 0; i < rules->check_group_count; i++)
        if (str_eq_z(name, rules->check_groups[i].code))
            return &rules->check_groups[i];
    struct arena_mark mark = arena_mark(r->l->temp);
    const char **known = arena_new(r->l->temp, (rules->check_group_count + 1) * sizeof *known);
    for (size_t i = 0; i < rules->check_group_count; i++)
        known[i] = rules->check_groups[i].code;
    row_unknown(r, column, known, rules->check_group_count);
    arena_back(r->l->temp, mark);
    return NULL;
}

/* A check on its way to its place by number. */
struct loose_check {
    struct check check;
    struct rule_place place;
};

static int by_number(const void *a, const void *b)
{
    const struct loose_check *x = a, *y = b;
    return x->check.number < y->check.number ? -1 : x->check.number > y->check.number;
}

static void load_check(struct loose_check *out, const struct row *r,
                       const struct profile_rules *rules)
{
    static const char *const severities[] = {"error", "warning", "note"};
    struct cx *cx = r->l->cx;
    int64_t number = 0;
    int from, to;
    (void)row_int(&number, r, NUMBER, 1, 1000000); /* notes the mistake */
    int subject = row_subject(r, SUBJECT);
    int severity = row_choice(r, SEVERITY, severities, 3);
    rule_place_of(&out->place, r, RULE);
    out->check =
        (struct check){.number = (int32_t)number,
                       .code = row_name(r, CODE),
                       .subject = subject < 0 ? SUBJECT_HOUSEHOLD : (enum subject)subject,
                       .severity = severity < 0 ? SEVERITY_ERROR : (enum severity)severity,
                       .group = row_check_group(r, GROUP, rules),
                       .rule = row_text(r, RULE),
                       .era_from = row_era(&from, r, FROM),
                       .era_to = row_era(&to, r, TO),
                       .message = row_label(r, MESSAGE_EN, true),
                       .hint = row_label(r, HINT_EN, true),
                       .source = row_text(r, SOURCE)};
    if (from >= 0 && to >= 0 && to < from)
        row_fault(r, TO, _("The last era is before the first."));
}

static void load_checks(struct loader *l, struct rule_load *load)
{
    struct cx *cx = l->cx;
    struct table t;
    if (!table_optional(&t, l, "checks.csv", check_columns, COLUMNS))
        return;
    struct loose_check *rows = arena_new(l->temp, (t.row_count + 1) * sizeof *rows);
    struct check *out = arena_new(l->arena, (t.row_count + 1) * sizeof *out);
    struct names codes, numbers;
    names_init(&codes, l->temp, t.row_count);
    names_init(&numbers, l->temp, t.row_count);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        load_check(&rows[i], &r, load->rules);
        const char *number = arena_printf(l->temp, "%" PRId32, rows[i].check.number);
        if (names_put(&numbers, str_of(number), (int32_t)i) >= 0)
            row_fault(&r, NUMBER, _("This number stands twice."));
        if (names_put(&codes, row_cell(&r, CODE), (int32_t)i) >= 0)
            row_fault(&r, CODE, _("This code stands twice."));
    }
    qsort(rows, t.row_count, sizeof *rows, by_number);
    load->check_places = arena_new(l->temp, (t.row_count + 1) * sizeof *load->check_places);
    for (size_t i = 0; i < t.row_count; i++) {
        out[i] = rows[i].check;
        load->check_places[i] = rows[i].place;
    }
    load->rules->checks = out;
    load->rules->check_count = t.row_count;
}

/* ---- indexes.csv, deprivations.csv ---- */

/* "1/3": a share of the weights above 0 and at most 1. */
static void load_k(struct poverty_index *out, const struct row *r, int column)
{
    struct cx *cx = r->l->cx;
    struct str rest = row_cell(r, column), num = str_trim(str_cut(&rest, '/'));
    int64_t n, d;
    out->k_num = out->k_den = 1;
    if (!rest.p || !str_to_i64(&n, num) || !str_to_i64(&d, str_trim(rest)) || n < 1 || d < n ||
        d > 1000000)
        row_fault(r, column,
                  _("Expected a fraction above 0 and at most 1 such as 1/3: the share of the "
                    "weights from which a household is poor."));
    else
        out->k_num = n, out->k_den = d;
}

static void load_indexes(struct loader *l, struct rule_load *load)
{
    enum { X_CODE, X_K, X_LABEL_EN, X_LABEL_ZH, X_HELP_EN, X_HELP_ZH, X_SOURCE, X_COLUMNS };
    static const char *const columns[] = {"code",    "k",       "label_en", "label_zh",
                                          "help_en", "help_zh", "source"};
    struct cx *cx = l->cx;
    struct table t;
    if (!table_optional(&t, l, "indexes.csv", columns, X_COLUMNS))
        return;
    struct poverty_index *out = arena_new(l->arena, (t.row_count + 1) * sizeof *out);
    load->index_lines = arena_new(l->temp, (t.row_count + 1) * sizeof *load->index_lines);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        out[i] = (struct poverty_index){.code = row_name(&r, X_CODE),
                                        .label = row_label(&r, X_LABEL_EN, true),
                                        .help = row_label(&r, X_HELP_EN, false),
                                        .source = row_needed(&r, X_SOURCE)};
        load_k(&out[i], &r, X_K);
        load->index_lines[i] = row_line(&r);
        if (i == INDEXES_MAX)
            row_fault(&r, X_CODE, _("At most 16 indexes."));
        for (size_t k = 0; k < i && k < INDEXES_MAX; k++)
            if (!strcmp(out[k].code, out[i].code))
                row_fault(&r, X_CODE, _("This code stands twice."));
    }
    load->indexes = out;
    load->rules->indexes = out;
    load->rules->index_count = t.row_count;
}

enum {
    D_INDEX,
    D_CODE,
    D_DIMENSION,
    D_DIMENSION_EN,
    D_DIMENSION_ZH,
    D_WEIGHT,
    D_RULE,
    D_LABEL_EN,
    D_LABEL_ZH,
    D_HELP_EN,
    D_HELP_ZH,
    D_SOURCE,
    D_COLUMNS
};
static const char *const deprivation_columns[] = {
    "index", "code",     "dimension", "dimension_en", "dimension_zh", "weight",
    "rule",  "label_en", "label_zh",  "help_en",      "help_zh",      "source",
};

/* The index a row belongs to; NULL after a mistake. */
static struct poverty_index *row_index(const struct row *r, const struct rule_load *load)
{
    const char *known[INDEXES_MAX] = {0};
    for (size_t i = 0; i < load->rules->index_count && i < INDEXES_MAX; i++) {
        known[i] = load->indexes[i].code;
        if (str_eq_z(row_cell(r, D_INDEX), known[i]))
            return &load->indexes[i];
    }
    row_unknown(r, D_INDEX, known, INDEXES_MAX);
    return NULL;
}

/* Compares a new deprivation with those of its index above it. */
static void check_deprivation(const struct row *r, const struct poverty_index *x)
{
    struct cx *cx = r->l->cx;
    const struct deprivation *new = &x->deprivations[x->count];
    bool worded = false;
    for (size_t i = 0; i < x->count; i++) {
        const struct deprivation *d = &x->deprivations[i];
        if (!strcmp(d->code, new->code))
            row_fault(r, D_CODE, _("This code stands twice."));
        if (strcmp(d->dimension, new->dimension) != 0 || worded)
            continue;
        worded = true;
        for (int lang = 0; lang < LANG_COUNT; lang++)
            if (strcmp(d->dimension_label.in[lang], new->dimension_label.in[lang]) != 0)
                row_fault(r, D_DIMENSION_EN + lang,
                          _("A dimension has the same words in each of its rows."));
    }
}

static void load_deprivation(const struct row *r, const struct rule_load *load)
{
    struct cx *cx = r->l->cx;
    struct poverty_index *x = row_index(r, load);
    int64_t weight = 0;
    (void)row_int(&weight, r, D_WEIGHT, 0, WEIGHT_MAX); /* notes the mistake */
    if (!x)
        return;
    if (x->count == INDEX_DEPRIVATIONS_MAX) {
        row_fault(r, D_INDEX, _("An index has at most 16 deprivations."));
        return;
    }
    size_t at = (size_t)(x - load->indexes);
    struct deprivation *d = &load->deprivations[at * INDEX_DEPRIVATIONS_MAX + x->count];
    rule_place_of(&load->deprivation_places[at * INDEX_DEPRIVATIONS_MAX + x->count], r, D_RULE);
    *d = (struct deprivation){.code = row_name(r, D_CODE),
                              .dimension = row_name(r, D_DIMENSION),
                              .dimension_label = row_label(r, D_DIMENSION_EN, true),
                              .weight = (int32_t)weight,
                              .rule = row_text(r, D_RULE),
                              .label = row_label(r, D_LABEL_EN, true),
                              .help = row_label(r, D_HELP_EN, false),
                              .source = row_text(r, D_SOURCE)};
    check_deprivation(r, x);
    x->count++;
}

static void check_weights(struct loader *l, const struct rule_load *load)
{
    struct cx *cx = l->cx;
    for (size_t i = 0; i < load->rules->index_count; i++) {
        const struct poverty_index *x = &load->indexes[i];
        int64_t sum = 0;
        for (size_t j = 0; j < x->count; j++)
            sum += x->deprivations[j].weight;
        if (!x->count)
            loader_fault(l, "indexes.csv", load->index_lines[i], "code", str_of(x->code),
                         _("The index has no rows in deprivations.csv."));
        else if (!sum)
            loader_fault(l, "indexes.csv", load->index_lines[i], "code", str_of(x->code),
                         _("All weights of the index are 0."));
    }
}

static void load_deprivations(struct loader *l, struct rule_load *load)
{
    struct table t;
    assert(load->indexes || !load->rules->index_count);
    size_t room = load->rules->index_count * INDEX_DEPRIVATIONS_MAX + 1;
    load->deprivations = arena_new(l->arena, room * sizeof *load->deprivations);
    load->deprivation_places = arena_new(l->temp, room * sizeof *load->deprivation_places);
    for (size_t i = 0; i < load->rules->index_count; i++)
        load->indexes[i].deprivations = &load->deprivations[i * INDEX_DEPRIVATIONS_MAX];
    if (table_optional(&t, l, "deprivations.csv", deprivation_columns, D_COLUMNS))
        for (size_t i = 0; i < t.row_count; i++) {
            struct row r = {l, &t, i};
            load_deprivation(&r, load);
        }
    check_weights(l, load);
}

void load_rules(struct loader *l)
{
    struct rule_load load = {.rules = arena_new(l->arena, sizeof *load.rules),
                             .faults_before = l->faults->count};
    l->p->rules = load.rules;
    load_derived(l, &load);
    load_check_groups(l, &load);
    load_checks(l, &load);
    load_indexes(l, &load);
    load_deprivations(l, &load);
    rule_names_make(l, &load);
    load_programs(l, &load);
}

/* What rules of the office's own find: counts of many rules in one pass, one rule held open
 * with its rows, and what the checks in force find in one household. */
#include "base/text.h"
#include "base/time.h"
#include "register/inner.h"
#include "register/own_case.h"

#include <stdlib.h>
#include <string.h>

enum { FINDINGS_MAX = 200 };
/* Three arrays over a county's people. */
static const size_t OPEN_ARENA = (size_t)1024 * 1024 * 1024;

const char *own_rule_show(struct cx *cx, struct rule_type type, int64_t value)
{
    struct indicator like = case_like(&type);
    if (value == RULE_MISSING)
        return _("not known");
    return type.kind == RULE_TEXT ? _("recorded") : value_show(cx, &like, value_int(value));
}

static enum rc in_time(struct cx *cx)
{
    if (cx->deadline_ms && time_mono_ms() > cx->deadline_ms)
        return fail(cx, RC_LIMIT,
                    _("This takes too long. Choose a smaller area, or a simpler rule."),
                    "own rule deadline");
    return RC_OK;
}

static enum rule_level level_of(enum subject subject)
{
    return subject == SUBJECT_PERSON ? RULE_PERSON : RULE_HOUSEHOLD;
}

/* Runs over every area of the place. */
static enum rc run_place(struct cx *cx, struct columns *c, const struct check_place *place,
                         struct columns_run *run)
{
    struct rule_figures sum = {0};
    for (size_t i = 0; i < place->path_count; i++) {
        run->area = columns_area_index(c, place->area_ids[i]);
        if (run->area < 0)
            continue;
        TRY(columns_run(cx, c, run));
        sum.zero_divisions += run->figures.zero_divisions;
        sum.overflows += run->figures.overflows;
    }
    run->figures = sum;
    return RC_OK;
}

/* ---- many rules ---- */

struct counting {
    struct own_tally *tally;
    const size_t *rule_of; /* by root */
    size_t root_count;
    const struct rule_program *program;
};

/* Adds a household that was not yet counted: people of one stand together. */
static void count_row(struct own_tally *t, const struct rule_block *b, enum rule_level level,
                      size_t i, int64_t *last)
{
    int64_t household = level == RULE_PERSON ? (int64_t)b->parent[RULE_PERSON][i] : (int64_t)i;
    t->yes++;
    t->households += household != *last;
    *last = household;
}

static enum rc count_block(struct cx *cx, void *arg, const struct rule_runner *r,
                           const struct rule_block *b)
{
    struct counting *k = arg;
    for (size_t root = 0; root < k->root_count; root++) {
        struct own_tally *t = &k->tally[k->rule_of[root]];
        bool is_bool = rule_root_type(k->program, root).kind == RULE_BOOL;
        enum rule_level level = rule_root_level(k->program, root);
        const int64_t *v = rule_value(r, root);
        int64_t last = -1;
        for (size_t i = 0; i < b->count[level]; i++)
            if (v[i] == RULE_MISSING)
                t->unknown++;
            else if (is_bool && !v[i])
                t->no++;
            else
                count_row(t, b, level, i, &last);
    }
    return in_time(cx);
}

/* Those that compile, as one program. */
static enum rc compile_all(const struct rule_program **out, size_t *rule_of, size_t *count,
                           struct cx *cx, const struct own_rule *rules, size_t rule_count)
{
    struct rule_text *texts = arena_new(cx->arena, (rule_count + 1) * sizeof *texts);
    size_t n = 0;
    for (size_t i = 0; i < rule_count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        const struct rule_program *alone;
        struct rule_fault fault;
        enum rc rc = own_rule_compile(&alone, &fault, cx, &rules[i]);
        arena_back(cx->arena, mark);
        if (rc == RC_INVALID)
            continue;
        TRY(rc);
        rule_of[n] = i;
        texts[n++] = (struct rule_text){.name = rules[i].code,
                                        .level = level_of(rules[i].subject),
                                        .text = str_of(rules[i].rule),
                                        .want_bool = rules[i].kind != OWN_FIGURE};
    }
    struct rule_fault fault;
    *count = n;
    return n ? rule_compile(out, &fault, cx, cx->profile->rules->dictionary, texts, n) : RC_OK;
}

enum rc own_rules_count(struct own_tally **out, struct cx *cx, const struct check_place *place,
                        int32_t year, const struct own_rule *rules, size_t count)
{
    struct own_tally *tally = arena_new(cx->arena, (count + 1) * sizeof *tally);
    size_t *rule_of = arena_new(cx->arena, (count + 1) * sizeof *rule_of);
    struct counting k = {.tally = tally, .rule_of = rule_of};
    const struct rule_program *program = NULL;
    struct columns *c;
    for (size_t i = 0; i < count; i++)
        tally[i] = (struct own_tally){-1, -1, -1, -1};
    TRY(compile_all(&program, rule_of, &k.root_count, cx, rules, count));
    for (size_t i = 0; i < k.root_count; i++)
        tally[rule_of[i]] = (struct own_tally){0};
    *out = tally;
    if (!k.root_count)
        return RC_OK;
    k.program = program;
    TRY(columns_open(&c, cx, place->county));
    struct columns_run run = {
        .program = program, .year = year, .household_row = -1, .block = count_block, .arg = &k};
    enum rc rc = run_place(cx, c, place, &run);
    columns_close(c);
    return rc;
}

/* ---- one rule, held open ---- */

static enum rc keep_block(struct cx *cx, void *arg, const struct rule_runner *r,
                          const struct rule_block *b)
{
    struct own_open *o = arg;
    enum rule_level level = level_of(o->c.rules->checks[0].subject);
    const int64_t *v = rule_value(r, 0);
    for (size_t i = 0; i < b->count[level]; i++) {
        size_t row = (size_t)b->row[level][i];
        uint64_t bit = UINT64_C(1) << (row % 64);
        o->seen[row / 64] |= bit;
        if (v[i] == RULE_MISSING)
            continue;
        o->known[row / 64] |= bit;
        if (o->value)
            o->value[row] = v[i];
        if (o->type.kind == RULE_BOOL && v[i]) {
            o->yes[row / 64] |= bit;
            o->yes_count++;
        }
    }
    return in_time(cx);
}

const struct check *own_rule_check(struct cx *cx, const struct own_rule *rule)
{
    static const struct check_group none = {.code = "", .label = {{"", ""}}};
    struct check *check = arena_new(cx->arena, sizeof *check);
    const char *message = rule->message[0] ? rule->message : rule->code;
    *check = (struct check){.code = rule->code,
                            .subject = rule->subject,
                            .severity = rule->severity,
                            .group = &none,
                            .rule = rule->rule,
                            .era_from = "",
                            .era_to = "",
                            .message = {{message, message}},
                            .hint = {{rule->hint, rule->hint}},
                            .source = ""};
    return check;
}

static const struct profile_rules *as_rules(struct cx *cx, const struct own_rule *rule,
                                            const struct rule_program *program)
{
    struct profile_rules *rules = arena_new(cx->arena, sizeof *rules);
    *rules = (struct profile_rules){.checks = own_rule_check(cx, rule),
                                    .check_count = 1,
                                    .dictionary = cx->profile->rules->dictionary,
                                    .check_program = program};
    return rules;
}

static void mark_within(struct check_county *c, struct cx *cx, const struct check_place *place)
{
    bool *within = arena_new(cx->arena, c->head->area_count + 1);
    for (size_t p = 0; p < place->path_count; p++) {
        int32_t first = columns_area_index(c->columns, place->area_ids[p]);
        for (int32_t i = first; first >= 0 && i < c->head->areas[first].end; i++)
            within[i] = true;
    }
    c->within = within;
}

static enum rc fill_open(struct own_open *o, struct cx *cx, const struct rule_program *program,
                         const struct check_place *place)
{
    static const bool in_force[1] = {true};
    struct check_county *c = &o->c;
    struct columns_check *fires = arena_new(cx->arena, sizeof *fires);
    bool has_value =
        o->type.kind == RULE_NUMBER || o->type.kind == RULE_DAY || o->type.kind == RULE_MONTH;
    c->head = columns_head(c->columns);
    c->in_force = in_force;
    o->rows = c->rules->checks[0].subject == SUBJECT_PERSON ? c->head->person_rows
                                                            : c->head->household_rows;
    o->seen = arena_array(o->arena, o->rows / 64 + 1, sizeof *o->seen);
    o->known = arena_array(o->arena, o->rows / 64 + 1, sizeof *o->known);
    o->yes = arena_array(o->arena, o->rows / 64 + 1, sizeof *o->yes);
    if (has_value)
        o->value = arena_array(o->arena, o->rows + 1, sizeof *o->value);
    if (!o->seen || !o->known || !o->yes || (has_value && !o->value))
        return fail(cx, RC_LIMIT, _("There are too many areas here; choose a smaller one."),
                    "rows=%zu", o->rows);
    c->fires = (struct columns_checks){fires, 1};
    mark_within(c, cx, place);
    struct columns_run run = {.program = program,
                              .year = c->year,
                              .household_row = -1,
                              .block = keep_block,
                              .arg = o};
    TRY(run_place(cx, c->columns, place, &run));
    o->figures = run.figures;
    *fires = (struct columns_check){o->yes, o->rows, o->yes_count};
    return RC_OK;
}

enum rc own_rule_open(struct own_open *out, struct cx *cx, const struct own_rule *rule,
                      const struct rule_program *program, const struct check_place *place,
                      int32_t year)
{
    struct own_open o = {.type = rule_root_type(program, 0)};
    o.c.rules = as_rules(cx, rule, program);
    o.c.year = year;
    TRY(columns_open(&o.c.columns, cx, place->county));
    o.arena = arena_open(OPEN_ARENA);
    enum rc rc = fill_open(&o, cx, program, place);
    if (rc) {
        own_rule_close(&o);
        return rc;
    }
    *out = o;
    return RC_OK;
}

void own_rule_close(struct own_open *o)
{
    check_county_close(&o->c);
    if (o->arena)
        arena_free(o->arena);
    o->arena = NULL;
}

static bool has_bit(const uint64_t *bits, size_t row)
{
    return bits[row / 64] >> (row % 64) & 1;
}

void own_rule_tally(struct own_tally *tally, const struct own_open *o, const int32_t *node_of)
{
    const struct columns_head *h = o->c.head;
    bool of_people = o->c.rules->checks[0].subject == SUBJECT_PERSON;
    uint8_t *counted = arena_array(o->arena, h->household_rows / 8 + 1, 1);
    for (size_t row = 0; row < o->rows; row++) {
        if (!has_bit(o->seen, row))
            continue;
        size_t household = of_people ? (size_t)h->household[row] : row;
        int32_t node = node_of[h->area[household]];
        if (node < 0)
            continue;
        bool known = has_bit(o->known, row);
        bool yes = o->type.kind == RULE_BOOL ? has_bit(o->yes, row) : known;
        tally[node].yes += yes;
        tally[node].no += known && !yes;
        tally[node].unknown += !known;
        if (yes && counted && !(counted[household / 8] >> (household % 8) & 1)) {
            counted[household / 8] |= (uint8_t)(1u << (household % 8));
            tally[node].households++;
        }
    }
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool own_rule_spread(struct own_spread *out, const struct own_open *o)
{
    size_t n = 0;
    int64_t *values = o->value ? arena_array(o->arena, o->rows + 1, sizeof *values) : NULL;
    for (size_t row = 0; values && row < o->rows; row++)
        if (has_bit(o->known, row))
            values[n++] = o->value[row];
    if (!n)
        return false;
    qsort(values, n, sizeof *values, by_value);
    *out = (struct own_spread){values[0], values[(n - 1) / 2], values[n - 1]};
    return true;
}

/* ---- one household ---- */

struct looking {
    const struct own_rule *rules;
    const size_t *rule_of;
    size_t root_count;
    const struct columns_head *head;
    struct own_finding *out;
    uint32_t *rows;
    size_t *roots;
    size_t count;
};

static enum rc look_block(struct cx *cx, void *arg, const struct rule_runner *r,
                          const struct rule_block *b)
{
    struct looking *l = arg;
    (void)cx;
    for (size_t root = 0; root < l->root_count; root++) {
        const struct own_rule *rule = &l->rules[l->rule_of[root]];
        enum rule_level level = level_of(rule->subject);
        const int64_t *v = rule_value(r, root);
        for (size_t i = 0; i < b->count[level] && l->count < FINDINGS_MAX; i++) {
            if (v[i] != 1)
                continue;
            size_t row = (size_t)b->row[level][i];
            l->rows[l->count] = (uint32_t)row;
            l->roots[l->count] = root;
            l->out[l->count++] = (struct own_finding){
                .rule = rule, .person_id = level == RULE_PERSON ? l->head->person_id[row] : 0};
        }
    }
    return RC_OK;
}

static enum rc look(struct looking *l, struct cx *cx, struct columns *c,
                    const struct rule_program *program, int64_t household_id, int32_t year)
{
    int64_t row = columns_household_row(c, household_id);
    l->head = columns_head(c);
    if (row < 0)
        return RC_OK;
    struct columns_run run = {
        .program = program, .year = year, .household_row = row, .block = look_block, .arg = l};
    TRY(columns_run(cx, c, &run));
    for (size_t i = 0; i < l->count; i++)
        TRY(columns_explain(&l->out[i].facts, &l->out[i].fact_count, cx, c, program,
                            l->roots[i], l->rows[i], year));
    return RC_OK;
}

static int by_severity(const void *a, const void *b)
{
    const struct own_finding *x = a, *y = b;
    if (x->rule->severity != y->rule->severity)
        return x->rule->severity < y->rule->severity ? -1 : 1;
    int codes = strcmp(x->rule->code, y->rule->code);
    return codes ? codes : (x->person_id > y->person_id) - (x->person_id < y->person_id);
}

enum rc own_rule_household(struct own_finding **out, size_t *count, struct cx *cx,
                           int64_t county, int64_t household_id, int32_t year)
{
    struct own_rule *rules;
    size_t n, used = 0;
    const struct rule_program *program = NULL;
    struct columns *c;
    *count = 0;
    TRY(own_rule_list(&rules, &n, cx, county));
    for (size_t i = 0; i < n; i++)
        if (rules[i].kind == OWN_CHECK && rules[i].state == OWN_IN_FORCE)
            rules[used++] = rules[i];
    size_t *rule_of = arena_new(cx->arena, (used + 1) * sizeof *rule_of);
    struct looking l = {.rules = rules, .rule_of = rule_of};
    TRY(compile_all(&program, rule_of, &l.root_count, cx, rules, used));
    if (!l.root_count)
        return RC_OK;
    l.out = arena_new(cx->arena, FINDINGS_MAX * sizeof *l.out);
    l.rows = arena_new(cx->arena, FINDINGS_MAX * sizeof *l.rows);
    l.roots = arena_new(cx->arena, FINDINGS_MAX * sizeof *l.roots);
    TRY(columns_open(&c, cx, county));
    enum rc rc = look(&l, cx, c, program, household_id, year);
    columns_close(c);
    TRY(rc);
    qsort(l.out, l.count, sizeof *l.out, by_severity);
    *out = l.out;
    *count = l.count;
    return RC_OK;
}

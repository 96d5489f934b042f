/* Test cases of own rules, run: each line is compiled with the names it gives and worked out
 * over a made-up household. */
#include "register/own_case.h"

#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "register/inner.h"

#include <stdio.h>
#include <string.h>

/* ---- what a case's rule reads ---- */

struct case_source {
    const struct case_line *line;
    const struct profile *profile;
    const struct case_place *place;
    int32_t day;
};

static int32_t day_earlier(int32_t day, int back)
{
    struct date d = day_date(day);
    d.year -= back;
    if (!date_valid(d))
        d.day = 28; /* of February */
    return day_of(d);
}

static const struct case_fact *fact_of(const struct case_line *c, enum rule_table table,
                                       int32_t id, int back, int32_t person)
{
    for (size_t i = c->fact_count; i-- > 0;) { /* the last one that says it */
        const struct case_fact *f = &c->facts[i];
        if (f->table == table && f->id == id && f->back == back && f->person == person)
            return f;
    }
    return NULL;
}

static bool lies_under(const struct income_kind *kind, const struct income_kind *top)
{
    while (kind && kind != top)
        kind = kind->parent;
    return kind != NULL;
}

/* A kind that is not named: what is named below it, costs taken off; 0 when other money of the
 * year is named. A named kind stands for what lies below it. */
static int64_t income_of(const struct case_source *s, int32_t id, int back)
{
    const struct income_kind *top = profile_income(s->profile, id);
    bool any = false;
    int64_t sum = 0;
    for (size_t i = 0; top && i < s->line->fact_count; i++) {
        const struct case_fact *f = &s->line->facts[i];
        if (f->table != RULE_INCOME || f->back != back || f->value == RULE_MISSING)
            continue;
        const struct income_kind *kind = profile_income(s->profile, f->id);
        any = true;
        bool counts = kind && kind != top && lies_under(kind, top) &&
                      fact_of(s->line, RULE_INCOME, f->id, back, -1) == f;
        for (const struct income_kind *k = counts ? kind->parent : NULL; k && k != top;
             k = k->parent)
            counts = counts && !fact_of(s->line, RULE_INCOME, k->number, back, -1);
        int64_t part = counts ? (top->sign < 0 ? f->value : kind->sign * f->value) : 0;
        if (__builtin_add_overflow(sum, part, &sum))
            return RULE_MISSING;
    }
    return any ? sum : RULE_MISSING;
}

static int64_t household_value(const struct case_source *s, enum rule_table table, int32_t id,
                               int back)
{
    const struct case_fact *f = fact_of(s->line, table, id, back, -1);
    if (f)
        return f->value;
    if (table == RULE_INCOME)
        return income_of(s, id, back);
    if (table == RULE_FIELD && id == FIX_SIZE && back == 0 && s->line->people > 0)
        return s->line->people;
    if (table != RULE_THRESHOLD)
        return RULE_MISSING;
    const struct threshold *t = profile_threshold(
        s->profile, str_of(s->profile->thresholds[id].code), s->place->area_codes,
        s->place->area_code_count, day_earlier(s->day, back));
    return t ? t->value : RULE_MISSING;
}

/* NOLINTNEXTLINE(readability-function-size): the contract of struct rule_source. */
static void load(void *arg, int64_t *out, const struct rule_block *b, enum rule_level level,
                 enum rule_table table, int32_t id, int back)
{
    const struct case_source *s = arg;
    int64_t household = household_value(s, table, id, back);
    for (size_t i = 0; i < b->count[level]; i++) {
        const struct case_fact *f =
            level == RULE_PERSON ? fact_of(s->line, table, id, back, (int32_t)b->row[level][i])
                                 : NULL;
        out[i] = f ? f->value : household;
    }
}

/* ---- one case ---- */

static enum rc run_line(int64_t *value, struct cx *cx, const struct case_line *line,
                        const struct case_place *place, const struct rule_program *program)
{
    static const int64_t household_row[1] = {0};
    static const uint32_t zero[OWN_CASE_PEOPLE_MAX + 1] = {0};
    struct case_source s = {line, cx->profile, place, line->day};
    struct rule_figures figures;
    struct rule_runner *runner;
    int64_t people[OWN_CASE_PEOPLE_MAX + 1];
    size_t count = (size_t)line->people;
    for (size_t i = 0; i < count; i++)
        people[i] = (int64_t)i;
    struct rule_block block = {.count = {0, 1, count},
                               .row = {NULL, household_row, people},
                               .parent = {NULL, zero, zero}};
    int32_t year = line->year;
    if (!year) {
        year = day_date(line->day).year;
        year += line->day > profile_year_last(cx->profile, year);
    }
    const struct rule_source source = {.arg = &s, .day = line->day, .year = year, .load = load};
    TRY(rule_runner_make(&runner, cx, program, block.count));
    rule_run(&figures, runner, &source, &block);
    *value = rule_value(runner, 0)[0];
    return RC_OK;
}

static enum rc judge(struct own_case *out, struct cx *cx, const struct case_line *line,
                     const struct case_place *place)
{
    const struct own_rule *r = line->rule;
    const struct rule_program *program;
    struct rule_fault fault = {.message = ""};
    const struct rule_text text = {.name = r->code,
                                   .level = r->subject == SUBJECT_PERSON ? RULE_PERSON
                                                                         : RULE_HOUSEHOLD,
                                   .text = str_of(r->rule),
                                   .want_bool = r->kind != OWN_FIGURE};
    int64_t value, expected;
    enum rc rc = rule_compile(&program, &fault, cx, &line->names, &text, 1);
    if (rc == RC_INVALID) { /* the rule itself, or a stand-in that is too deep */
        err_clear(cx);
        out->problem = fault.message;
        return RC_OK;
    }
    TRY(rc);
    struct rule_type type = rule_root_type(program, 0);
    const char *wanted = case_value(&expected, cx, &type, line->expected);
    if (wanted) {
        out->problem =
            arena_printf(cx->arena, _("“%.*s” cannot be what the rule answers; expected: %s"),
                         STR_ARG(line->expected), wanted);
        return RC_OK;
    }
    TRY(run_line(&value, cx, line, place, program));
    out->expected = own_rule_show(cx, type, expected);
    out->got = own_rule_show(cx, type, value);
    out->passed = value == expected;
    return RC_OK;
}

/* The texts that outlive the case's memory. */
struct kept {
    char problem[600], expected[300], got[300];
};

static void keep(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text ? text : "");
    while (to[0] && utf8_bad_at(str_of(to)) < strlen(to)) /* cut within a character */
        to[strlen(to) - 1] = 0;
}

static enum rc run_case(struct own_case *out, struct cx *cx, const struct own_rule *rule,
                        const struct case_place *place, struct str text)
{
    struct kept *k = arena_new(cx->arena, sizeof *k);
    struct arena_mark mark = arena_mark(cx->arena);
    struct case_line line;
    case_read(&line, cx, rule, place, text);
    out->problem = line.problem;
    if (!out->problem)
        TRY(judge(out, cx, &line, place));
    keep(k->problem, sizeof k->problem, out->problem);
    keep(k->expected, sizeof k->expected, out->expected);
    keep(k->got, sizeof k->got, out->got);
    arena_back(cx->arena, mark);
    out->problem = k->problem[0] ? k->problem : NULL;
    out->expected = k->expected;
    out->got = k->got;
    return RC_OK;
}

enum rc case_run_all(struct own_case **out, size_t *count, struct cx *cx,
                     const struct own_rule *rule, const struct case_place *place)
{
    struct own_case *cases = arena_new(cx->arena, (OWN_CASES_MAX + 1) * sizeof *cases);
    struct str rest = str_of(rule->cases);
    size_t n = 0, number = 0;
    if (rest.len > OWN_CASES_BYTES)
        return fail(cx, RC_LIMIT, _("The test cases are too long."), "bytes=%zu", rest.len);
    while (rest.p) {
        struct str line = str_cut(&rest, '\n'), text = case_plain(cx, line);
        number++;
        if (!text.len)
            continue;
        if (n == OWN_CASES_MAX)
            return fail_f(cx, RC_LIMIT, _("A rule may have at most %d test cases."),
                          (int)OWN_CASES_MAX);
        cases[n] =
            (struct own_case){.line = number, .text = arena_copy(cx->arena, str_trim(line))};
        TRY(run_case(&cases[n++], cx, rule, place, text));
    }
    *out = cases;
    *count = n;
    return RC_OK;
}

enum rc own_cases_run(struct own_case **out, size_t *count, struct cx *cx,
                      const struct own_rule *rule)
{
    struct check_place place;
    struct area *chain;
    size_t n, used = 0;
    TRY(check_place_of_county(&place, cx, rule->county));
    TRY(area_chain(&chain, &n, cx, place.tenant.id));
    struct str *codes = arena_new(cx->arena, (n + 1) * sizeof *codes);
    for (size_t i = n; i-- > 0;)
        if (chain[i].code[0])
            codes[used++] = str_of(chain[i].code);
    const struct case_place where = {codes, used, register_today(cx)};
    return case_run_all(out, count, cx, rule, &where);
}

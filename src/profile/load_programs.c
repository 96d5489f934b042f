/* Compiles a profile's rules while it is loaded: derived indicators, checks, deprivations. A
 * mistake in a rule becomes a mistake of its row, with the place in the text. */
#include "profile/load_rules.h"

#include <string.h>

enum { WORKING_ARENA = 256 * 1024 * 1024 };

/* A set of rules that becomes one program. */
struct rules {
    const struct rule_text *texts;
    const struct rule_place *places;
    size_t count;
};

/* Notes the compiler's mistake in the rule's row: at which character, and what. */
static void note(struct loader *l, const struct rules *rules, size_t at,
                 const struct rule_fault *f)
{
    struct cx *cx = l->cx;
    const struct rule_text *t = &rules->texts[at];
    struct str part = t->text;
    part.p += f->at < part.len ? f->at : part.len;
    part.len -= (size_t)(part.p - t->text.p);
    part.len = f->length < part.len ? f->length : part.len;
    /* The compiler's text ends with the nearest name, if there is one. */
    const char *message =
        f->line > 1 ? arena_printf(cx->arena, _("Line %zu, character %zu: %s"), f->line,
                                   f->column, f->message)
                    : arena_printf(cx->arena, _("Character %zu: %s"), f->column, f->message);
    loader_fault(l, rules->places[at].file, rules->places[at].line,
                 rules->places[at].field ? rules->places[at].field : "rule", part, message);
}

/* A context whose memory is `arena` and whose errors nobody sees: they are noted as faults. */
static struct cx inner(const struct loader *l, struct arena *arena)
{
    struct cx cx;
    cx_init(&cx, arena);
    cx.lang = l->cx->lang;
    return cx;
}

/* After a mistake each rule is compiled alone, so that every mistake is told at once. */
static void note_all(struct loader *l, const struct rules *rules)
{
    struct arena *arena = arena_open(WORKING_ARENA);
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule_program *unused;
        struct rule_fault fault = {0};
        struct cx cx = inner(l, arena);
        if (rules->texts[i].text.len &&
            rule_compile(&unused, &fault, &cx, l->p->rules->dictionary, &rules->texts[i], 1))
            note(l, rules, i, &fault);
        arena_reset(arena);
    }
    arena_free(arena);
}

/* NULL after mistakes, which are noted. */
static const struct rule_program *compile(struct loader *l, const struct rules *rules)
{
    const struct rule_program *program = NULL;
    struct rule_fault fault = {0};
    struct cx cx = inner(l, l->arena);
    size_t before = l->faults->count;
    if (!rule_compile(&program, &fault, &cx, l->p->rules->dictionary, rules->texts,
                      rules->count))
        return program;
    note_all(l, rules);
    /* Together they may be too many where each alone is good. */
    if (l->faults->count == before)
        loader_fault(l, rules->count ? rules->places[0].file : "checks.csv", 0, "rule", STR(""),
                     arena_copy(l->cx->arena, str_of(cx.err.text)));
    return NULL;
}

enum rule_level rule_level_of(enum subject subject)
{
    return subject == SUBJECT_PERSON ? RULE_PERSON
           : subject == SUBJECT_AREA ? RULE_AREA
                                     : RULE_HOUSEHOLD;
}

static bool compile_derived(struct loader *l, struct rule_load *load)
{
    struct profile_rules *r = load->rules;
    struct rule_text *texts = arena_new(l->temp, (r->derived_count + 1) * sizeof *texts);
    for (size_t i = 0; i < r->derived_count; i++)
        texts[i] = (struct rule_text){.name = r->derived[i].code,
                                      .level = rule_level_of(r->derived[i].subject),
                                      .text = str_of(r->derived[i].rule)};
    r->derived_program =
        compile(l, &(struct rules){texts, load->derived_places, r->derived_count});
    return r->derived_program != NULL;
}

static void compile_checks(struct loader *l, struct rule_load *load)
{
    struct profile_rules *r = load->rules;
    struct rule_text *texts = arena_new(l->temp, (r->check_count + 1) * sizeof *texts);
    for (size_t i = 0; i < r->check_count; i++)
        texts[i] = (struct rule_text){.name = r->checks[i].code,
                                      .level = rule_level_of(r->checks[i].subject),
                                      .text = str_of(r->checks[i].rule),
                                      .want_bool = true};
    r->check_program = compile(l, &(struct rules){texts, load->check_places, r->check_count});
}

static void compile_index(struct loader *l, struct rule_load *load, size_t at)
{
    struct poverty_index *x = &load->indexes[at];
    struct rule_text texts[INDEX_DEPRIVATIONS_MAX];
    for (size_t j = 0; j < x->count; j++)
        texts[j] = (struct rule_text){.name = x->deprivations[j].code,
                                      .level = RULE_HOUSEHOLD,
                                      .text = str_of(x->deprivations[j].rule),
                                      .want_bool = true};
    x->program = compile(
        l, &(struct rules){texts, &load->deprivation_places[at * INDEX_DEPRIVATIONS_MAX],
                           x->count});
}

void load_programs(struct loader *l, struct rule_load *load)
{
    /* Wrong lists or names would only make mistakes of mistakes. */
    if (load->faults_before || !compile_derived(l, load))
        return;
    rule_names_types(load);
    load_capability(l);
    compile_checks(l, load);
    for (size_t i = 0; i < load->rules->index_count; i++)
        compile_index(l, load, i);
}

const struct rule_program *rules_compile(struct loader *l, const struct rule_text *texts,
                                         const struct rule_place *places, size_t count)
{
    if (!l->p->rules || !l->p->rules->derived_program)
        return NULL;
    return compile(l, &(struct rules){texts, places, count});
}

const struct derived *row_condition(const struct row *r, int column, struct str name)
{
    struct cx *cx = r->l->cx;
    const struct profile_rules *rules = r->l->p->rules;
    const struct derived *found = NULL;
    if (!rules->derived_program)
        return NULL; /* its own mistakes come first */
    for (size_t i = 0; i < rules->derived_count && !found; i++)
        if (str_eq_z(name, rules->derived[i].code))
            found = &rules->derived[i];
    if (found && found->subject == SUBJECT_HOUSEHOLD &&
        rule_root_type(rules->derived_program, (size_t)(found - rules->derived)).kind ==
            RULE_BOOL)
        return found;
    if (found) {
        row_fault(r, column,
                  _("Expected a rule of derived.csv that is a condition about a "
                    "household."));
        return NULL;
    }
    const char **known = arena_new(r->l->temp, (rules->derived_count + 1) * sizeof *known);
    for (size_t i = 0; i < rules->derived_count; i++)
        known[i] = rules->derived[i].code;
    row_unknown_part(r, column, name, known, rules->derived_count);
    return NULL;
}

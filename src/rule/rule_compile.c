/* Compiles a list of texts into one program and gives what others ask of it. */
#include "rule/rule_impl.h"

#include <string.h>

/* Tells the caller where the mistake is, also in cx->err. */
static enum rc report(struct rule_fault *fault, struct compiler *c, size_t rule,
                      const struct rule_text *text)
{
    struct cx *cx = c->cx;
    *fault = (struct rule_fault){.rule = rule,
                                 .at = c->fault_at,
                                 .length = c->fault_length,
                                 .message = c->message,
                                 .nearest = c->nearest};
    rule_line_column(&fault->line, &fault->column, text->text, c->fault_at);
    return fail_f(cx, RC_INVALID, _("%s, line %zu, column %zu: %s"),
                  text->name ? text->name : _("rule"), fault->line, fault->column, c->message);
}

/* The instruction of one text, for rows of its level. */
static enum rc compile_text(struct rule_root *root, struct compiler *c,
                            const struct rule_text *text)
{
    struct cx *cx = c->cx;
    const struct derived_open open = {NULL, text->name};
    struct value v;
    c->open = text->name ? &open : NULL;
    c->scope = (struct scope){text->level, text->level, 0, false};
    c->depth = 0;
    c->nodes = 0;
    TRY(rule_parse_text(&v, c, text->text));
    if (text->want_bool)
        TRY(rule_want_bool(c, &v));
    else
        TRY(rule_settle(c, &v, RULE_NUMBER));
    *root =
        (struct rule_root){text->name, rule_lift(c, v.ins, text->level), text->level, v.type};
    if (c->full)
        return fail(cx, RC_LIMIT, _("The rules are too large together"), "ins=%zu",
                    c->ins_count);
    return RC_OK;
}

/* Marks what roots need; operands stand before their instruction. */
static void mark(bool *needed, const struct rule_ins *ins, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        const int32_t parts[] = {ins[i].a, ins[i].b, ins[i].c};
        for (size_t p = 0; needed[i] && p < 3; p++)
            if (parts[p] >= 0)
                needed[parts[p]] = true;
    }
}

/* Copies the needed instructions, names and sets, with their new numbers. */
static enum rc pack(struct rule_program *p, struct compiler *c, struct rule_root *roots,
                    size_t root_count)
{
    struct cx *cx = c->cx;
    size_t most = c->ins_count + c->name_count + c->set_count + 1;
    bool *needed = arena_array(cx->arena, c->ins_count + 1, sizeof *needed);
    int32_t *at = arena_array(cx->arena, most, sizeof *at);
    struct rule_ins *ins = arena_array(cx->arena, c->ins_count + 1, sizeof *ins);
    struct rule_name *names = arena_array(cx->arena, c->name_count + 1, sizeof *names);
    struct rule_set *sets = arena_array(cx->arena, c->set_count + 1, sizeof *sets);
    if (!needed || !at || !ins || !names || !sets)
        return fail(cx, RC_LIMIT, _("The rules are too large together"), "ins=%zu",
                    c->ins_count);
    int32_t *name_at = at + c->ins_count, *set_at = name_at + c->name_count;
    memset(at, 0xFF, most * sizeof *at);
    for (size_t r = 0; r < root_count; r++)
        needed[roots[r].ins] = true;
    mark(needed, c->ins, c->ins_count);
    size_t n = 0;
    for (size_t i = 0; i < c->ins_count; i++) {
        struct rule_ins x = c->ins[i];
        if (!needed[i])
            continue;
        x.a = x.a < 0 ? -1 : at[x.a];
        x.b = x.b < 0 ? -1 : at[x.b];
        x.c = x.c < 0 ? -1 : at[x.c];
        if (x.op == OP_LOAD && name_at[x.k] < 0) {
            name_at[x.k] = (int32_t)p->name_count;
            names[p->name_count++] = *c->names[x.k];
        }
        if (x.op == OP_IN && set_at[x.k] < 0) {
            set_at[x.k] = (int32_t)p->set_count;
            sets[p->set_count++] = c->sets[x.k];
        }
        x.k = x.op == OP_LOAD ? name_at[x.k] : x.op == OP_IN ? set_at[x.k] : x.k;
        at[i] = (int32_t)n;
        ins[n++] = x;
    }
    for (size_t r = 0; r < root_count; r++)
        roots[r].ins = at[roots[r].ins];
    p->ins = ins;
    p->ins_count = n;
    p->names = names;
    p->sets = sets;
    p->roots = roots;
    p->root_count = root_count;
    return RC_OK;
}

enum rc rule_compile(const struct rule_program **out, struct rule_fault *fault, struct cx *cx,
                     const struct rule_dictionary *d, const struct rule_text *texts,
                     size_t count)
{
    struct compiler *c = arena_try(cx->arena, sizeof *c);
    struct rule_program *p = arena_try(cx->arena, sizeof *p);
    struct rule_root *roots = arena_array(cx->arena, count + 1, sizeof *roots);
    *fault = (struct rule_fault){.message = "", .line = 1, .column = 1};
    if (!c || !p || !roots)
        return fail(cx, RC_LIMIT, _("The rules are too large together"), "rules=%zu", count);
    c->cx = cx;
    c->d = d;
    TRY(rule_names_begin(c));
    (void)rule_const(c, RULE_BOOL, 0, RULE_MISSING); /* place 0 stands for "no room" later */
    if (c->full)
        return fail(cx, RC_LIMIT, _("The rules are too large together"), "rules=%zu", count);
    for (size_t i = 0; i < count; i++) {
        enum rc rc = compile_text(&roots[i], c, &texts[i]);
        if (rc)
            return rc == RC_INVALID && c->message ? report(fault, c, i, &texts[i]) : rc;
    }
    TRY(pack(p, c, roots, count));
    *out = p;
    return RC_OK;
}

size_t rule_root_count(const struct rule_program *p)
{
    return p->root_count;
}

struct rule_type rule_root_type(const struct rule_program *p, size_t root)
{
    return p->roots[root].type;
}

enum rule_level rule_root_level(const struct rule_program *p, size_t root)
{
    return p->roots[root].level;
}

enum rc rule_root_names(const struct rule_name ***out, size_t *count, struct cx *cx,
                        const struct rule_program *p, size_t root)
{
    size_t ins_count = (size_t)p->roots[root].ins + 1, n = 0;
    bool *needed = arena_array(cx->arena, ins_count, sizeof *needed);
    bool *seen = arena_array(cx->arena, p->name_count + 1, sizeof *seen);
    const struct rule_name **names =
        arena_array(cx->arena, p->name_count + 1, sizeof(struct rule_name *));
    if (!needed || !seen || !names)
        return fail(cx, RC_LIMIT, _("The rules are too large together"), "names");
    needed[ins_count - 1] = true;
    mark(needed, p->ins, ins_count);
    for (size_t i = 0; i < ins_count; i++)
        if (needed[i] && p->ins[i].op == OP_LOAD && !seen[p->ins[i].k]) {
            seen[p->ins[i].k] = true;
            names[n++] = &p->names[p->ins[i].k];
        }
    *out = names;
    *count = n;
    return RC_OK;
}

/* One root of a program as an SQL expression for SQLite and PostgreSQL: the same answer as
 * run.c to the last digit, for every stored value. It runs nothing and knows no table.
 *
 * Instructions become texts from the first to the last; a text that is needed twice, or is
 * long, is computed once in a step of a chain:
 *     (WITH rule_s1 AS MATERIALIZED (SELECT … AS rule_1),
 *           rule_s2 AS MATERIALIZED (SELECT *, … AS rule_2 FROM rule_s1)
 *      SELECT … FROM rule_s2)
 * so the text grows with the rule and not with its paths, and no database's limit of nesting is
 * met. Both databases compute steps even where a CASE will not use them, so nothing here may
 * ever fail or leave int64: SQLite would go on in floating point, PostgreSQL would stop. Every
 * sum, product and quotient therefore asks first, without overflowing itself, whether its
 * result fits, and is NULL where it does not (run.c: missing). A plain comparison of a column
 * stays a plain comparison that an index can serve. */
#include "rule/rule_sql_impl.h"

#include "base/text.h"
#include "base/time.h"

#include <assert.h>
#include <string.h>

enum {
    STEPS_MAX = 120,
    TEXT_MAX = 96 * 1024,
    ATOM_MAX = 48,   /* a text up to this long may stand several times */
    DEPTH_MAX = 7,   /* a deeper one becomes a step: SQLite's parser has 100 places */
    PIECE_MAX = 400, /* a longer one too */
};

/* ---- pieces ---- */

struct sql_piece sql_constant(struct cx *cx, int64_t k)
{
    struct sql_piece r = {.constant = true, .k = k};
    if (k == RULE_MISSING)
        r.text = "CAST(NULL AS BIGINT)";
    else
        r.text = arena_printf(cx->arena, k < 0 ? "(%" PRId64 ")" : "%" PRId64, k);
    return r;
}

struct sql_piece sql_value(const char *text, int depth)
{
    return (struct sql_piece){.text = text, .wide = true, .depth = depth};
}

struct sql_piece sql_cond(const char *text, int depth)
{
    return (struct sql_piece){.text = text, .cond = true, .depth = depth};
}

/* Makes `text` a step; its column's name. */
const char *sql_step(struct sql_maker *s, const char *text)
{
    int n = ++s->step_count;
    if (n == 1)
        buf_printf(&s->steps, "rule_s1 AS MATERIALIZED (SELECT %s AS rule_1)", text);
    else
        buf_printf(&s->steps,
                   ", rule_s%d AS MATERIALIZED (SELECT *, %s AS rule_%d FROM rule_s%d)", n,
                   text, n, n - 1);
    return arena_printf(s->cx->arena, "rule_%d", n);
}

/* The piece as a condition, as a value, as a BIGINT. */
const char *sql_as_cond(struct sql_maker *s, const struct sql_piece *p)
{
    return p->cond ? p->text : arena_printf(s->cx->arena, "(%s <> 0)", p->text);
}

const char *sql_as_value(struct sql_maker *s, const struct sql_piece *p)
{
    return p->cond ? arena_printf(s->cx->arena, "CAST(%s AS INTEGER)", p->text) : p->text;
}

const char *sql_as_wide(struct sql_maker *s, const struct sql_piece *p)
{
    const char *value = sql_as_value(s, p);
    return p->wide ? value : arena_printf(s->cx->arena, "CAST(%s AS BIGINT)", value);
}

/* As sql_as_wide, as a text that may stand several times: short, or the column of a step. */
const char *sql_as_atom(struct sql_maker *s, struct sql_piece *p)
{
    const char *text = sql_as_wide(s, p);
    if (strlen(text) <= ATOM_MAX && p->depth <= 1)
        return text;
    text = sql_step(s, text);
    *p = (struct sql_piece){.text = text, .wide = true, .uses = p->uses, .civil = p->civil};
    return text;
}

/* Long, deep and shared pieces become steps. */
static struct sql_piece settle(struct sql_maker *s, struct sql_piece r)
{
    size_t len = strlen(r.text);
    bool shared = r.uses > 1 && (len > ATOM_MAX || r.depth > 1);
    if (!shared && len <= PIECE_MAX && r.depth <= DEPTH_MAX)
        return r;
    r.text = sql_step(s, sql_as_wide(s, &r));
    r.cond = false;
    r.wide = true;
    r.depth = 0;
    return r;
}

int sql_deeper(const struct sql_piece *a, const struct sql_piece *b)
{
    return (a->depth > b->depth ? a->depth : b->depth) + 1;
}

/* Today `back` years earlier: on 29 February the 28th where there is none. */
static int64_t earlier_day(int32_t day, int32_t back)
{
    struct date d = day_date(day);
    int32_t there = day_of((struct date){d.year - back, d.month, d.day});
    return day_date(there).month == d.month ? there : there - 1;
}

/* ---- one instruction ---- */

static enum rc load(struct sql_piece *out, struct sql_maker *s, const struct rule_ins *in)
{
    struct cx *cx = s->cx;
    const struct rule_name *name = &s->p->names[in->k];
    if (in->back)
        return fail_f(cx, RC_INVALID,
                      _("“%.*s” of an earlier year cannot be asked of the database."),
                      STR_ARG(name->name));
    const char *text = s->column(s->arg, cx, name);
    if (!text)
        return fail_f(cx, RC_INVALID, _("“%.*s” is not a column of this table."),
                      STR_ARG(name->name));
    *out = (struct sql_piece){.text = text};
    if (name->type.kind == RULE_TEXT)
        *out =
            sql_value(arena_printf(cx->arena, "CASE WHEN %s IS NOT NULL THEN 1 END", text), 1);
    return RC_OK;
}

static struct sql_piece logic(struct sql_maker *s, const struct rule_ins *in)
{
    struct arena *arena = s->cx->arena;
    struct sql_piece *a = &s->pieces[in->a], *b = in->b < 0 ? a : &s->pieces[in->b];
    int depth = sql_deeper(a, b);
    if (in->op == OP_NOT)
        return sql_cond(arena_printf(arena, "(NOT %s)", sql_as_cond(s, a)), depth);
    if (in->op == OP_MISSING)
        return sql_cond(arena_printf(arena, "(%s IS NULL)", a->text), depth);
    return sql_cond(arena_printf(arena, "(%s %s %s)", sql_as_cond(s, a),
                                 in->op == OP_AND ? "AND" : "OR", sql_as_cond(s, b)),
                    depth);
}

static struct sql_piece choice(struct sql_maker *s, const struct rule_ins *in)
{
    struct sql_piece *a = &s->pieces[in->a], *b = &s->pieces[in->b];
    if (in->op == OP_FIRST)
        return sql_value(arena_printf(s->cx->arena, "coalesce(%s, %s)", sql_as_wide(s, a),
                                      sql_as_wide(s, b)),
                         sql_deeper(a, b));
    struct sql_piece *c = &s->pieces[in->c];
    struct sql_piece when = sql_cond(sql_as_cond(s, a), a->depth);
    int depth = sql_deeper(b, c);
    return sql_value(arena_printf(s->cx->arena, "CASE %s WHEN 1 THEN %s WHEN 0 THEN %s END",
                                  sql_as_value(s, &when), sql_as_wide(s, b), sql_as_wide(s, c)),
                     depth > a->depth + 2 ? depth + 1 : a->depth + 3);
}

static struct sql_piece compare(struct sql_maker *s, const struct rule_ins *in)
{
    static const char *const words[OP_OPS] = {
        [OP_EQ] = "=", [OP_NE] = "<>", [OP_LT] = "<", [OP_LE] = "<="};
    struct sql_piece *a = &s->pieces[in->a], *b = &s->pieces[in->b];
    return sql_cond(arena_printf(s->cx->arena, "(%s %s %s)", sql_as_value(s, a), words[in->op],
                                 sql_as_value(s, b)),
                    sql_deeper(a, b));
}

static struct sql_piece member(struct sql_maker *s, const struct rule_ins *in)
{
    struct arena *arena = s->cx->arena;
    struct sql_piece *a = &s->pieces[in->a];
    if (in->op != OP_IN)
        return sql_cond(arena_printf(arena, "((%s & %" PRId64 ") %s %" PRId64 ")",
                                     sql_as_wide(s, a), in->k,
                                     in->op == OP_HAS_ANY ? "<>" : "=",
                                     in->op == OP_HAS_ANY ? (int64_t)0 : in->k),
                        a->depth + 1);
    const struct rule_set *set = &s->p->sets[in->k];
    const char *value = sql_as_value(s, a);
    struct buf list;
    buf_init(&list, arena, TEXT_MAX);
    buf_printf(&list, set->count ? "(%s IN (" : "(%s <> %s", value, value);
    for (size_t i = 0; i < set->count; i++)
        buf_printf(&list, i ? ", %" PRId64 : "%" PRId64, set->items[i]);
    buf_z(&list, set->count ? "))" : ")");
    return sql_cond(buf_view(&list).p, a->depth + 1);
}

/* Instructions that make a number out of numbers. */
static struct sql_piece arithmetic(struct sql_maker *s, const struct rule_ins *in)
{
    struct sql_piece *a = &s->pieces[in->a], *b = in->b < 0 ? a : &s->pieces[in->b];
    if (in->op == OP_NEG || in->op == OP_ABS)
        return sql_sign(s, in);
    if (in->op == OP_ADD || in->op == OP_SUB)
        return sql_add(s, a, b, in->op == OP_SUB);
    if (in->op == OP_MUL)
        return sql_multiply(s, a, b);
    if (in->op == OP_UP)
        return sql_multiply_known(s, a, sql_power(in->k));
    if (in->op == OP_DIV)
        return sql_divide(s, a, b, in->k);
    if (in->op == OP_ROUND)
        return sql_round(s, a, in->k);
    return sql_lesser(s, a, b, in->op == OP_MAX);
}

/* Instructions over values of the row; operands have their SQL. */
static struct sql_piece computed(struct sql_maker *s, const struct rule_ins *in)
{
    if (in->op <= OP_MAX)
        return arithmetic(s, in);
    if (in->op <= OP_LE)
        return compare(s, in);
    if (in->op <= OP_MISSING)
        return logic(s, in);
    if (in->op <= OP_FIRST)
        return choice(s, in);
    if (in->op <= OP_HAS_ALL)
        return member(s, in);
    return sql_date(s, in);
}
_Static_assert(OP_NEG == OP_YEAR + 1 && OP_EQ == OP_MAX + 1 && OP_AND == OP_LE + 1 &&
                   OP_IF == OP_MISSING + 1 && OP_IN == OP_FIRST + 1 &&
                   OP_YEARS == OP_HAS_ALL + 1 && OP_SPREAD == OP_MONTH_OF + 1,
               "computed() follows the order of enum rule_op");

static enum rc translate(struct sql_piece *out, struct sql_maker *s, const struct rule_ins *in)
{
    struct cx *cx = s->cx;
    if (in->op == OP_LOAD)
        return load(out, s, in);
    if (in->op > OP_SPREAD)
        return fail(cx, RC_INVALID,
                    _("Counting or summing over members or households cannot be asked of the "
                      "database."),
                    "op=%d", in->op);
    if (in->op == OP_CONST)
        *out = sql_constant(cx, in->k);
    else if (in->op == OP_TODAY)
        *out = sql_constant(cx, earlier_day(s->day, in->back));
    else if (in->op == OP_YEAR)
        *out = sql_constant(cx, s->year - in->back);
    else if (in->op == OP_SPREAD) /* `column` decided whether the parent's values are at hand */
        *out = s->pieces[in->a];
    else
        *out = computed(s, in);
    return RC_OK;
}

/* Which instructions the root needs, and how often each. */
static void mark(struct sql_piece *pieces, const struct rule_program *p, int32_t root)
{
    pieces[root].uses = 1;
    for (int32_t i = root; i >= 0; i--) {
        const int32_t operands[] = {p->ins[i].a, p->ins[i].b, p->ins[i].c};
        for (int o = 0; o < 3 && pieces[i].uses; o++)
            if (operands[o] >= 0)
                pieces[operands[o]].uses++;
    }
}

/* Puts steps and root together. */
static enum rc finish(struct str *out, struct sql_maker *s, int32_t root, bool is_bool)
{
    struct cx *cx = s->cx;
    const struct sql_piece *r = &s->pieces[root];
    struct buf b;
    const char *text = is_bool ? sql_as_cond(s, r) : sql_as_value(s, r);
    buf_init(&b, cx->arena, TEXT_MAX);
    if (s->step_count)
        buf_printf(&b, "(WITH %s SELECT %s FROM rule_s%d)", buf_view(&s->steps).p, text,
                   s->step_count);
    else
        buf_z(&b, text);
    if (!buf_ok(&s->steps) || !buf_ok(&b) || s->step_count > STEPS_MAX)
        return fail(cx, RC_INVALID, _("The rule is too long to be asked of the database."),
                    "steps=%d", s->step_count);
    *out = buf_view(&b);
    return RC_OK;
}

/* NOLINTNEXTLINE(readability-function-size): the contract of rule.h. */
enum rc rule_sql(struct str *out, struct cx *cx, const struct rule_program *p, size_t root,
                 bool pg, rule_column_fn column, void *arg, int32_t day, int32_t year)
{
    (void)pg; /* one text serves both */
    assert(root < p->root_count && column);
    int32_t at = p->roots[root].ins;
    struct sql_maker s = {
        .cx = cx, .p = p, .column = column, .arg = arg, .day = day, .year = year};
    s.pieces = arena_array(cx->arena, (size_t)at + 1, sizeof *s.pieces);
    if (!s.pieces)
        return fail(cx, RC_LIMIT, _("The rule is too long to be asked of the database."),
                    "ins=%d", at);
    buf_init(&s.steps, cx->arena, TEXT_MAX);
    mark(s.pieces, p, at);
    for (int32_t i = 0; i <= at; i++) {
        if (!s.pieces[i].uses)
            continue;
        struct sql_piece made = {.text = NULL};
        TRY(translate(&made, &s, &p->ins[i]));
        made.uses = s.pieces[i].uses;
        made.civil = NULL;
        s.pieces[i] = settle(&s, made);
        if (s.step_count > STEPS_MAX)
            break;
    }
    if (s.step_count > STEPS_MAX)
        s.pieces[at].text = ""; /* finish refuses */
    return finish(out, &s, at, p->roots[root].type.kind == RULE_BOOL);
}

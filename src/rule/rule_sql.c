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
#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "rule/code.h"

#include <assert.h>
#include <string.h>

enum {
    STEPS_MAX = 120,
    TEXT_MAX = 96 * 1024,
    ATOM_MAX = 48,   /* a text up to this long may stand several times */
    DEPTH_MAX = 7,   /* a deeper one becomes a step: SQLite's parser has 100 places */
    PIECE_MAX = 400, /* a longer one too */
};
#define MAX_TEXT "9223372036854775807"

/* The SQL of one instruction. */
struct piece {
    const char *text; /* NULL: not needed by the root */
    bool cond;        /* a condition; else a value */
    bool wide;        /* a value known to be BIGINT on PostgreSQL */
    bool constant;    /* the value is k (may be RULE_MISSING) */
    int depth;
    int uses;
    int64_t k;
    const char *civil; /* day values: made by civil(), NULL when not yet */
};
struct sqlish {
    struct cx *cx;
    const struct rule_program *p;
    struct piece *pieces; /* one per instruction */
    struct buf steps;
    int step_count;
    rule_column_fn column;
    void *arg;
    int32_t day, year;
};

/* ---- pieces ---- */

static struct piece constant_piece(struct cx *cx, int64_t k)
{
    struct piece r = {.constant = true, .k = k};
    if (k == RULE_MISSING)
        r.text = "CAST(NULL AS BIGINT)";
    else
        r.text = arena_printf(cx->arena, k < 0 ? "(%" PRId64 ")" : "%" PRId64, k);
    return r;
}

static struct piece value_piece(const char *text, int depth)
{
    return (struct piece){.text = text, .wide = true, .depth = depth};
}

static struct piece cond_piece(const char *text, int depth)
{
    return (struct piece){.text = text, .cond = true, .depth = depth};
}

/* Makes `text` a step; its column's name. */
static const char *step(struct sqlish *s, const char *text)
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
static const char *as_cond(struct sqlish *s, const struct piece *p)
{
    return p->cond ? p->text : arena_printf(s->cx->arena, "(%s <> 0)", p->text);
}

static const char *as_value(struct sqlish *s, const struct piece *p)
{
    return p->cond ? arena_printf(s->cx->arena, "CAST(%s AS INTEGER)", p->text) : p->text;
}

static const char *as_wide(struct sqlish *s, const struct piece *p)
{
    const char *value = as_value(s, p);
    return p->wide ? value : arena_printf(s->cx->arena, "CAST(%s AS BIGINT)", value);
}

/* As as_wide, as a text that may stand several times: short, or the column of a step. */
static const char *as_atom(struct sqlish *s, struct piece *p)
{
    const char *text = as_wide(s, p);
    if (strlen(text) <= ATOM_MAX && p->depth <= 1)
        return text;
    text = step(s, text);
    *p = (struct piece){.text = text, .wide = true, .uses = p->uses, .civil = p->civil};
    return text;
}

/* Long, deep and shared pieces become steps. */
static struct piece settle(struct sqlish *s, struct piece r)
{
    size_t len = strlen(r.text);
    bool shared = r.uses > 1 && (len > ATOM_MAX || r.depth > 1);
    if (!shared && len <= PIECE_MAX && r.depth <= DEPTH_MAX)
        return r;
    r.text = step(s, as_wide(s, &r));
    r.cond = false;
    r.wide = true;
    r.depth = 0;
    return r;
}

static int deeper(const struct piece *a, const struct piece *b)
{
    int d = a->depth;
    if (b && b->depth > d)
        d = b->depth;
    return d + 1;
}

static int64_t power_of_10(int64_t k)
{
    assert(k >= 0 && k <= 18);
    int64_t power = 1;
    while (k-- > 0)
        power *= 10;
    return power;
}

/* ---- arithmetic ---- */

/* a + b or a - b of constants; RULE_MISSING when missing or out of range. */
static int64_t add_constants(int64_t a, int64_t b)
{
    int64_t sum;
    if (a == RULE_MISSING || b == RULE_MISSING || __builtin_add_overflow(a, b, &sum))
        return RULE_MISSING;
    return sum; /* the lowest int64 is missing itself */
}

/* x + k where one side is known: one comparison guards it. */
static struct piece add_known(struct sqlish *s, struct piece *x, int64_t k)
{
    if (k == RULE_MISSING || x->constant)
        return constant_piece(s->cx, add_constants(x->constant ? x->k : k, k));
    const char *a = as_atom(s, x);
    int64_t limit = k >= 0 ? INT64_MAX - k : -INT64_MAX - k;
    return value_piece(arena_printf(s->cx->arena,
                                    "CASE WHEN %s %s (%" PRId64 ") THEN %s + (%" PRId64 ") END",
                                    a, k >= 0 ? "<=" : ">=", limit, a, k),
                       x->depth + 2);
}

/* a + b or a - b. The halves and what they leave tell, within range, where the result lies. */
static struct piece add(struct sqlish *s, struct piece *x, struct piece *y, bool minus)
{
    if (y->constant)
        return add_known(s, x, minus && y->k != RULE_MISSING ? -y->k : y->k);
    if (x->constant && !minus)
        return add_known(s, y, x->k);
    if (x->constant && x->k == RULE_MISSING)
        return *x;
    const char *a = as_atom(s, x), *b = as_atom(s, y), *op = minus ? "-" : "+";
    return value_piece(
        arena_printf(s->cx->arena,
                     "CASE WHEN %s / 2 %s %s / 2 + (%s %% 2 %s %s %% 2) / 2 BETWEEN "
                     "-4611686018427387903 AND 4611686018427387903 THEN %s %s %s END",
                     a, op, b, a, op, b, a, op, b),
        3);
}

/* x * k with k known; also OP_UP. */
static struct piece multiply_known(struct sqlish *s, struct piece *x, int64_t k)
{
    if (k == RULE_MISSING || (x->constant && x->k == RULE_MISSING))
        return constant_piece(s->cx, RULE_MISSING);
    if (x->constant) {
        int64_t product;
        bool over = __builtin_mul_overflow(x->k, k, &product);
        return constant_piece(s->cx, over ? RULE_MISSING : product);
    }
    if (k == 1)
        return *x;
    const char *a = as_atom(s, x);
    if (k == 0 || k == -1)
        return value_piece(arena_printf(s->cx->arena, "(%s * (%" PRId64 "))", a, k), 1);
    int64_t limit = INT64_MAX / (k < 0 ? -k : k);
    return value_piece(arena_printf(s->cx->arena,
                                    "CASE WHEN %s BETWEEN -%" PRId64 " AND %" PRId64
                                    " THEN %s * (%" PRId64 ") END",
                                    a, limit, limit, a, k),
                       2);
}

static struct piece multiply(struct sqlish *s, struct piece *x, struct piece *y)
{
    if (y->constant)
        return multiply_known(s, x, y->k);
    if (x->constant)
        return multiply_known(s, y, x->k);
    const char *a = as_atom(s, x), *b = as_atom(s, y);
    return value_piece(arena_printf(s->cx->arena,
                                    "CASE WHEN %s = 0 OR abs(%s) <= " MAX_TEXT
                                    " / NULLIF(abs(%s), 0) THEN %s * %s END",
                                    b, a, b, a, b),
                       3);
}

/* The digits behind the whole quotient, when rest * 10^k does not fit: the long division in
 * base 2, doubling and adding modulo the divisor, in which nothing passes the divisor. `rest` <
 * `by`, both atoms. */
static const char *long_division(struct sqlish *s, const char *rest, const char *by,
                                 int64_t power)
{
    int bits = 64 - __builtin_clzll((unsigned long long)power);
    const char *more = arena_printf(s->cx->arena,
                                    "CASE WHEN i %% 2 = 0 THEN r WHEN ((CAST(%" PRId64
                                    " AS BIGINT) >> (%d - i / 2)) & 1) = 1 "
                                    "THEN %s ELSE 0 END",
                                    power, bits - 1, rest);
    return arena_printf(
        s->cx->arena,
        "(WITH RECURSIVE rule_d(i, q, r) AS (SELECT 0, CAST(0 AS BIGINT), CAST(0 AS BIGINT) "
        "UNION ALL SELECT i + 1, q * (2 - i %% 2) + CASE WHEN r >= %s - %s THEN 1 ELSE 0 END, "
        "CASE WHEN r >= %s - %s THEN r - (%s - %s) ELSE r + %s END FROM rule_d WHERE i < %d) "
        "SELECT q + CASE WHEN r >= %s - r THEN 1 ELSE 0 END FROM rule_d WHERE i = %d)",
        by, more, by, more, by, more, more, 2 * bits, by, 2 * bits);
}

/* x * 10^k / y, halves away from zero. */
static struct piece divide(struct sqlish *s, struct piece *x, struct piece *y, int64_t k)
{
    if ((x->constant && x->k == RULE_MISSING) ||
        (y->constant && (y->k == RULE_MISSING || y->k == 0)))
        return constant_piece(s->cx, RULE_MISSING);
    struct arena *arena = s->cx->arena;
    int64_t power = power_of_10(k);
    const char *a = as_atom(s, x), *b = as_atom(s, y);
    const char *by = y->constant ? arena_printf(arena, "CAST(%" PRId64 " AS BIGINT)",
                                                y->k < 0 ? -y->k : y->k)
                                 : step(s, arena_printf(arena, "NULLIF(abs(%s), 0)", b));
    const char *rest = step(s, arena_printf(arena, "abs(%s) %% %s", a, by));
    const char *n = power == 1 ? rest : arena_printf(arena, "(%s * %" PRId64 ")", rest, power);
    const char *digits =
        arena_printf(arena, "%s / %s + CASE WHEN %s %% %s >= %s - %s %% %s THEN 1 ELSE 0 END",
                     n, by, n, by, by, n, by);
    if (power > 1)
        digits = arena_printf(
            arena, "CASE WHEN %s <= %" PRId64 " THEN %s WHEN %s IS NOT NULL THEN %s END", rest,
            INT64_MAX / power, digits, rest, long_division(s, rest, by, power));
    digits = step(s, digits);
    return value_piece(arena_printf(arena,
                                    "CASE WHEN abs(%s) / %s < %" PRId64
                                    " OR (abs(%s) / %s = %" PRId64 " AND %s <= %" PRId64
                                    ") THEN (abs(%s) / %s * %" PRId64 " + %s) * CASE WHEN "
                                    "(%s < 0) = (%s < 0) THEN 1 ELSE -1 END END",
                                    a, by, INT64_MAX / power, a, by, INT64_MAX / power, digits,
                                    INT64_MAX % power, a, by, power, digits, a, b),
                       4);
}

/* a / 10^k, halves away from zero: the rest over half the power is -1, 0 or 1. */
static struct piece round_off(struct sqlish *s, struct piece *x, int64_t k)
{
    int64_t power = power_of_10(k);
    if (x->constant && x->k == RULE_MISSING)
        return *x;
    if (power == 1)
        return *x;
    const char *a = as_atom(s, x);
    return value_piece(arena_printf(s->cx->arena,
                                    "(%s / %" PRId64 " + %s %% %" PRId64 " / %" PRId64 ")", a,
                                    power, a, power, power / 2),
                       2);
}

static struct piece lesser(struct sqlish *s, struct piece *x, struct piece *y, bool most)
{
    const char *a = as_atom(s, x), *b = as_atom(s, y);
    return value_piece(
        arena_printf(s->cx->arena,
                     "CASE WHEN %s %s %s THEN %s WHEN %s IS NOT NULL AND %s IS NOT "
                     "NULL THEN %s END",
                     a, most ? ">=" : "<=", b, a, a, b, b),
        2);
}

/* ---- days ---- */

/* A day as one number that compares and subtracts: months since year -6,000,000 times 32, and
 * the day of the month. Days beyond two million years are held at that, as in rule_scalar.h.
 * Source: Hinnant, civil_from_days, moved by 15,000 times 400 years: nothing is negative. */
enum {
    ERAS = 15000,
    MONTHS_MOVED = ERAS * 400 * 12,
    DAY_MAX = 700000000,
    MONTH_MAX = 24000000
};

/* An atom held between -most and most. */
static const char *held(struct sqlish *s, struct piece *x, int64_t most)
{
    const char *a = as_atom(s, x);
    return arena_printf(s->cx->arena,
                        "CASE WHEN %s < -%" PRId64 " THEN -%" PRId64 " WHEN %s > %" PRId64
                        " THEN %" PRId64 " ELSE %s END",
                        a, most, most, a, most, most, a);
}

/* The number of a day, or of a month's first day; the text is short. */
static const char *civil(struct sqlish *s, struct piece *x, bool is_month)
{
    struct arena *arena = s->cx->arena;
    if (x->civil)
        return x->civil;
    if (x->constant && x->k == RULE_MISSING)
        return x->text;
    if (x->constant && !is_month && x->k >= -DAY_MAX && x->k <= DAY_MAX) {
        struct date d = day_date((int32_t)x->k);
        int64_t months = (int64_t)d.year * 12 + d.month - 1 + MONTHS_MOVED;
        return arena_printf(arena, "%" PRId64, months * 32 + d.day);
    }
    if (is_month)
        return x->civil = step(s, arena_printf(arena, "(%s + %d) * 32 + 1",
                                               held(s, x, MONTH_MAX), MONTHS_MOVED));
    const char *z = step(s, arena_printf(arena, "%s + %" PRId64, held(s, x, DAY_MAX),
                                         (int64_t)719468 + (int64_t)146097 * ERAS));
    const char *of_era = step(s, arena_printf(arena, "%s %% 146097", z));
    const char *year =
        step(s, arena_printf(arena, "(%s - %s / 1460 + %s / 36524 - %s / 146096) / 365", of_era,
                             of_era, of_era, of_era));
    const char *of_year = step(s, arena_printf(arena, "%s - (365 * %s + %s / 4 - %s / 100)",
                                               of_era, year, year, year));
    const char *month = step(s, arena_printf(arena, "(5 * %s + 2) / 153", of_year));
    const char *text = arena_printf(
        arena, "((%s + %s / 146097 * 400) * 12 + %s + 2) * 32 + %s - (153 * %s + 2) / 5 + 1",
        year, z, month, of_year, month);
    return x->civil = step(s, text);
}

static struct piece date_piece(struct sqlish *s, const struct rule_ins *in)
{
    struct arena *arena = s->cx->arena;
    struct piece *a = &s->pieces[in->a];
    if (in->op == OP_MONTH_OF)
        return value_piece(
            arena_printf(arena, "(%s / 32 - %d)", civil(s, a, false), MONTHS_MOVED), 2);
    bool months = in->op == OP_MONTHS;
    const char *from = civil(s, a, months && in->k & 1);
    const char *to = civil(s, &s->pieces[in->b], months && in->k & 2);
    return value_piece(
        arena_printf(arena, "((%s - %s) / 32%s)", to, from, months ? "" : " / 12"), 2);
}

/* Today `back` years earlier: on 29 February the 28th where there is none. */
static int64_t earlier_day(int32_t day, int32_t back)
{
    struct date d = day_date(day);
    int32_t there = day_of((struct date){d.year - back, d.month, d.day});
    return day_date(there).month == d.month ? there : there - 1;
}

/* ---- one instruction ---- */

static enum rc load(struct piece *out, struct sqlish *s, const struct rule_ins *in)
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
    *out = (struct piece){.text = text};
    if (name->type.kind == RULE_TEXT)
        *out = value_piece(arena_printf(cx->arena, "CASE WHEN %s IS NOT NULL THEN 1 END", text),
                           1);
    return RC_OK;
}

static struct piece logic(struct sqlish *s, const struct rule_ins *in)
{
    struct arena *arena = s->cx->arena;
    struct piece *a = &s->pieces[in->a], *b = in->b < 0 ? NULL : &s->pieces[in->b];
    int depth = deeper(a, b);
    if (in->op == OP_NOT)
        return cond_piece(arena_printf(arena, "(NOT %s)", as_cond(s, a)), depth);
    if (in->op == OP_MISSING)
        return cond_piece(arena_printf(arena, "(%s IS NULL)", a->text), depth);
    return cond_piece(arena_printf(arena, "(%s %s %s)", as_cond(s, a),
                                   in->op == OP_AND ? "AND" : "OR", as_cond(s, b)),
                      depth);
}

static struct piece choice(struct sqlish *s, const struct rule_ins *in)
{
    struct piece *a = &s->pieces[in->a], *b = &s->pieces[in->b];
    if (in->op == OP_FIRST)
        return value_piece(
            arena_printf(s->cx->arena, "coalesce(%s, %s)", as_wide(s, a), as_wide(s, b)),
            deeper(a, b));
    struct piece *c = &s->pieces[in->c];
    struct piece when = cond_piece(as_cond(s, a), a->depth);
    int depth = deeper(b, c);
    return value_piece(arena_printf(s->cx->arena, "CASE %s WHEN 1 THEN %s WHEN 0 THEN %s END",
                                    as_value(s, &when), as_wide(s, b), as_wide(s, c)),
                       depth > a->depth + 2 ? depth + 1 : a->depth + 3);
}

static struct piece compare(struct sqlish *s, const struct rule_ins *in)
{
    static const char *const words[OP_OPS] = {
        [OP_EQ] = "=", [OP_NE] = "<>", [OP_LT] = "<", [OP_LE] = "<="};
    struct piece *a = &s->pieces[in->a], *b = &s->pieces[in->b];
    return cond_piece(
        arena_printf(s->cx->arena, "(%s %s %s)", as_value(s, a), words[in->op], as_value(s, b)),
        deeper(a, b));
}

static struct piece member(struct sqlish *s, const struct rule_ins *in)
{
    struct arena *arena = s->cx->arena;
    struct piece *a = &s->pieces[in->a];
    if (in->op != OP_IN)
        return cond_piece(arena_printf(arena, "((%s & %" PRId64 ") %s %" PRId64 ")",
                                       as_wide(s, a), in->k, in->op == OP_HAS_ANY ? "<>" : "=",
                                       in->op == OP_HAS_ANY ? (int64_t)0 : in->k),
                          a->depth + 1);
    const struct rule_set *set = &s->p->sets[in->k];
    const char *value = as_value(s, a);
    struct buf list;
    buf_init(&list, arena, TEXT_MAX);
    buf_printf(&list, set->count ? "(%s IN (" : "(%s <> %s", value, value);
    for (size_t i = 0; i < set->count; i++)
        buf_printf(&list, i ? ", %" PRId64 : "%" PRId64, set->items[i]);
    buf_z(&list, set->count ? "))" : ")");
    return cond_piece(buf_view(&list).p, a->depth + 1);
}

static struct piece sign(struct sqlish *s, const struct rule_ins *in)
{
    struct piece *a = &s->pieces[in->a];
    if (a->constant && a->k != RULE_MISSING)
        return constant_piece(s->cx, in->op == OP_NEG || a->k < 0 ? -a->k : a->k);
    return value_piece(
        arena_printf(s->cx->arena, in->op == OP_NEG ? "(-(%s))" : "abs(%s)", as_wide(s, a)),
        a->depth + 1);
}

/* The SQL of an instruction whose operands have theirs. */
static enum rc translate(struct piece *out, struct sqlish *s, const struct rule_ins *in)
{
    struct cx *cx = s->cx;
    struct piece *a = in->a < 0 ? NULL : &s->pieces[in->a];
    struct piece *b = in->b < 0 ? NULL : &s->pieces[in->b];
    switch ((enum rule_op)in->op) {
    case OP_CONST:
        *out = constant_piece(cx, in->k);
        return RC_OK;
    case OP_TODAY:
        *out = constant_piece(cx, earlier_day(s->day, in->back));
        return RC_OK;
    case OP_YEAR:
        *out = constant_piece(cx, s->year - in->back);
        return RC_OK;
    case OP_LOAD:
        return load(out, s, in);
    case OP_NEG:
    case OP_ABS:
        *out = sign(s, in);
        return RC_OK;
    case OP_ADD:
    case OP_SUB:
        *out = add(s, a, b, in->op == OP_SUB);
        return RC_OK;
    case OP_MUL:
        *out = multiply(s, a, b);
        return RC_OK;
    case OP_UP:
        *out = multiply_known(s, a, power_of_10(in->k));
        return RC_OK;
    case OP_DIV:
        *out = divide(s, a, b, in->k);
        return RC_OK;
    case OP_ROUND:
        *out = round_off(s, a, in->k);
        return RC_OK;
    case OP_MIN:
    case OP_MAX:
        *out = lesser(s, a, b, in->op == OP_MAX);
        return RC_OK;
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
        *out = compare(s, in);
        return RC_OK;
    case OP_AND:
    case OP_OR:
    case OP_NOT:
    case OP_MISSING:
        *out = logic(s, in);
        return RC_OK;
    case OP_IF:
    case OP_FIRST:
        *out = choice(s, in);
        return RC_OK;
    case OP_IN:
    case OP_HAS_ANY:
    case OP_HAS_ALL:
        *out = member(s, in);
        return RC_OK;
    case OP_YEARS:
    case OP_MONTHS:
    case OP_MONTH_OF:
        *out = date_piece(s, in);
        return RC_OK;
    case OP_SPREAD: /* `column` has decided whether the parent's values are at hand */
        *out = *a;
        return RC_OK;
    case OP_COUNT:
    case OP_SUM:
    case OP_LEAST:
    case OP_MOST:
    case OP_ANY:
    case OP_ALL:
        return fail(cx, RC_INVALID,
                    _("Counting or summing over members or households cannot be asked of the "
                      "database."),
                    "op=%d", in->op);
    case OP_OPS:
        break;
    }
    assert(!"an instruction that code.h does not know");
    return RC_INVALID;
}

/* Which instructions the root needs, and how often each. */
static void mark(struct piece *pieces, const struct rule_program *p, int32_t root)
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
static enum rc finish(struct str *out, struct sqlish *s, int32_t root, bool is_bool)
{
    struct cx *cx = s->cx;
    const struct piece *r = &s->pieces[root];
    struct buf b;
    const char *text = is_bool ? as_cond(s, r) : as_value(s, r);
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

enum rc rule_sql(struct str *out, struct cx *cx, const struct rule_program *p, size_t root,
                 bool pg, rule_column_fn column, void *arg, int32_t day, int32_t year)
{
    (void)pg; /* one text serves both */
    assert(root < p->root_count && column);
    int32_t at = p->roots[root].ins;
    struct sqlish s = {
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
        struct piece made = {.text = NULL};
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

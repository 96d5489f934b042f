/* Functions of the language: if, first, min, max, abs, round, years, months, last_year,
 * earlier, and the folds over people and households: count, sum, min, max, any, all. */
#include "rule/rule_impl.h"

enum call {
    CALL_IF,
    CALL_FIRST,
    CALL_MIN,
    CALL_MAX,
    CALL_ABS,
    CALL_ROUND,
    CALL_YEARS,
    CALL_MONTHS,
    CALL_LAST_YEAR,
    CALL_EARLIER,
    CALL_COUNT,
    CALL_SUM,
    CALL_ANY,
    CALL_ALL,
    CALLS
};
static const struct {
    const char *name, *usage;
    size_t least, most;
} calls[CALLS] = {
    [CALL_IF] = {"if", N_("if(condition, value, other value)"), 3, 3},
    [CALL_FIRST] = {"first", N_("first(value, value if that is missing, …)"), 2, RULE_LIST_MAX},
    [CALL_MIN] = {"min", N_("min(value, value, …) or min(members where condition, value)"), 2,
                  RULE_LIST_MAX},
    [CALL_MAX] = {"max", N_("max(value, value, …) or max(members where condition, value)"), 2,
                  RULE_LIST_MAX},
    [CALL_ABS] = {"abs", N_("abs(number)"), 1, 1},
    [CALL_ROUND] = {"round", N_("round(number, decimals)"), 2, 2},
    [CALL_YEARS] = {"years", N_("years(day) or years(day, until day)"), 1, 2},
    [CALL_MONTHS] = {"months", N_("months(day) or months(day, until day)"), 1, 2},
    [CALL_LAST_YEAR] = {"last_year", N_("last_year(value)"), 1, 1},
    [CALL_EARLIER] = {"earlier", N_("earlier(years, value), with 1 to 20 years"), 2, 2},
    [CALL_COUNT] = {"count", N_("count(members) or count(members where condition)"), 0, 0},
    [CALL_SUM] = {"sum", N_("sum(members, value) or sum(members where condition, value)"), 0,
                  0},
    [CALL_ANY] = {"any", N_("any(members where condition)"), 0, 0},
    [CALL_ALL] = {"all",
                  N_("all(members, condition) or all(members where condition, condition)"), 0,
                  0},
};

/* The function is used wrongly: says how it is written. */
static enum rc misused(struct compiler *c, enum call call, const struct token *at)
{
    struct cx *cx = c->cx;
    return rule_fail(c, at->at, at->length, _("“%s” is written like this: %s"),
                     calls[call].name, text_in(cx->lang, calls[call].usage));
}

/* ---- functions of values ---- */

/* Brings all to one type, beginning with the first that has one. */
static enum rc unify_all(struct compiler *c, struct value *args, size_t count)
{
    size_t anchor = 0;
    while (anchor + 1 < count && args[anchor].form != VALUE_PLAIN)
        anchor++;
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < count; i++)
            if (i != anchor)
                TRY(rule_unify(c, &args[anchor], &args[i]));
    return RC_OK;
}

static enum rc call_choice(struct value *out, struct compiler *c, enum call call,
                           struct value *args, size_t count)
{
    struct cx *cx = c->cx;
    if (call == CALL_IF) {
        TRY(rule_want_bool(c, &args[0]));
        TRY(unify_all(c, args + 1, 2));
        *out = rule_apply(c, (struct rule_ins){.op = OP_IF}, args[1].type, args, 3);
        return RC_OK;
    }
    enum rule_op op = call == CALL_FIRST ? OP_FIRST : call == CALL_MIN ? OP_MIN : OP_MAX;
    TRY(unify_all(c, args, count));
    enum rule_kind kind = args[0].type.kind;
    if (call != CALL_FIRST && kind != RULE_NUMBER && kind != RULE_DAY && kind != RULE_MONTH)
        return rule_fail_value(c, &args[0], _("“%s” is %s and has no order"),
                               rule_excerpt(c, &args[0]), rule_kind_words(c, kind));
    *out = args[0];
    for (size_t i = 1; i < count; i++) {
        struct value pair[2] = {*out, args[i]};
        *out = rule_apply(c, (struct rule_ins){.op = (uint8_t)op}, out->type, pair, 2);
    }
    return RC_OK;
}

static enum rc call_round(struct value *out, struct compiler *c, struct value *args)
{
    struct cx *cx = c->cx;
    int64_t decimals = -1;
    TRY(rule_want_number(c, &args[0]));
    TRY(rule_want_number(c, &args[1]));
    if (!rule_is_const(c, args[1].ins, &decimals) || args[1].type.decimals || decimals < 0 ||
        decimals > RULE_DECIMALS_MAX)
        return rule_fail_value(c, &args[1],
                               _("The number of decimals is a whole number from 0 to %d"),
                               RULE_DECIMALS_MAX);
    *out = args[0];
    if (args[0].type.decimals <= (unsigned)decimals)
        return RC_OK;
    struct rule_type type = {RULE_NUMBER, (unsigned)decimals, NULL};
    *out = rule_apply(
        c, (struct rule_ins){.op = OP_ROUND, .k = (int64_t)args[0].type.decimals - decimals},
        type, args, 1);
    return RC_OK;
}

static struct value today(struct compiler *c)
{
    struct rule_ins ins = {.op = OP_TODAY,
                           .level = (uint8_t)rule_base_rows(c),
                           .back = (uint8_t)c->scope.back,
                           .a = -1,
                           .b = -1,
                           .c = -1};
    return (struct value){.ins = rule_emit(c, ins), .type = {RULE_DAY, 0, NULL}};
}

static enum rc call_time(struct value *out, struct compiler *c, enum call call,
                         struct value *args, size_t count)
{
    struct cx *cx = c->cx;
    int64_t k = 0;
    if (count == 1) {
        args[1] = today(c); /* a list has room for four at least */
        args[1].at = args[0].at;
        args[1].length = args[0].length;
    }
    for (size_t i = 0; i < 2; i++) {
        TRY(rule_settle(c, &args[i], RULE_DAY));
        if (args[i].type.kind == RULE_MONTH && call == CALL_YEARS)
            return rule_fail_value(c, &args[i],
                                   _("“%s” is a month and years(…) needs days; use months(…)"),
                                   rule_excerpt(c, &args[i]));
        if (args[i].type.kind != RULE_DAY && args[i].type.kind != RULE_MONTH)
            return rule_fail_value(c, &args[i], _("“%s” is %s, and here a day is expected"),
                                   rule_excerpt(c, &args[i]),
                                   rule_kind_words(c, args[i].type.kind));
        k |= args[i].type.kind == RULE_MONTH ? (int64_t)1 << i : 0;
    }
    *out = rule_apply(
        c, (struct rule_ins){.op = call == CALL_YEARS ? OP_YEARS : OP_MONTHS, .k = k},
        (struct rule_type){RULE_NUMBER, 0, NULL}, args, 2);
    return RC_OK;
}

static enum rc call_values(struct value *out, struct compiler *c, enum call call,
                           const struct token *at)
{
    struct value *args = NULL;
    size_t count = 0;
    TRY(rule_parse_list(&args, &count, c, rule_parse));
    if (count < calls[call].least || count > calls[call].most)
        return misused(c, call, at);
    if (call == CALL_ROUND)
        TRY(call_round(out, c, args));
    else if (call == CALL_YEARS || call == CALL_MONTHS)
        TRY(call_time(out, c, call, args, count));
    else if (call == CALL_ABS) {
        TRY(rule_want_number(c, &args[0]));
        *out = rule_apply(c, (struct rule_ins){.op = OP_ABS}, args[0].type, args, 1);
    } else
        TRY(call_choice(out, c, call, args, count));
    return rule_check_folded(c, out);
}

/* ---- earlier years ---- */

static enum rc call_earlier(struct value *out, struct compiler *c, enum call call,
                            const struct token *at)
{
    struct cx *cx = c->cx;
    int64_t years = 1;
    TRY(rule_read(c)); /* the parenthesis */
    if (call == CALL_EARLIER) {
        const struct token *t = &c->in.now;
        if (t->kind != TOKEN_NUMBER || t->decimals || t->value < 1)
            return misused(c, call, at);
        years = t->value < 1000 ? t->value : 1000;
        TRY(rule_read(c));
        if (!rule_sign(c, ','))
            return misused(c, call, at);
        TRY(rule_read(c));
    }
    if (c->scope.back + years > RULE_EARLIER_MAX)
        return rule_fail(c, at->at, at->length, _("A rule can look back %d years at most"),
                         RULE_EARLIER_MAX);
    TRY(rule_deeper(c));
    c->scope.back += (int)years;
    TRY(rule_parse(out, c));
    c->scope.back -= (int)years;
    c->depth--;
    if (rule_sign(c, ','))
        return misused(c, call, at);
    return rule_expect(c, ')', _("Here a closing parenthesis ) is expected"));
}

/* ---- folds ---- */

static bool is_scope(const struct compiler *c)
{
    return rule_word(c, "members") || rule_word(c, "households");
}

/* Goes into the scope that is the token, or says why it cannot be here. */
static enum rc enter(struct compiler *c)
{
    struct cx *cx = c->cx;
    const struct token *t = &c->in.now;
    struct scope *s = &c->scope;
    if (rule_word(c, "households")) {
        if (s->names != RULE_AREA || s->rows != RULE_AREA)
            return rule_fail(c, t->at, t->length,
                             _("Households can only be counted in a rule for areas; this rule "
                               "is for one household. Its people are: members"));
        *s = (struct scope){RULE_HOUSEHOLD, RULE_HOUSEHOLD, s->back, true};
        return rule_read(c);
    }
    if (s->names == RULE_AREA)
        return rule_fail(c, t->at, t->length,
                         _("An area has households, and they have members. Write for example: "
                           "sum(households, count(members))"));
    if (s->names == RULE_PERSON && s->in_fold)
        return rule_fail(c, t->at, t->length,
                         _("Members cannot be asked inside members: give the inner part a name "
                           "of its own, as a rule for households"));
    *s = (struct scope){RULE_PERSON, RULE_PERSON, s->back, true};
    return rule_read(c);
}

static enum rc check_folded_value(struct compiler *c, enum call call, struct value *v)
{
    struct cx *cx = c->cx;
    if (call == CALL_ALL)
        return rule_want_bool(c, v);
    if (call == CALL_SUM && v->form == VALUE_PLAIN && v->type.kind == RULE_BOOL)
        return rule_fail_value(c, v,
                               _("“%s” is true or false and cannot be added up. Write: "
                                 "count(members where %s)"),
                               rule_excerpt(c, v), rule_excerpt(c, v));
    if (call == CALL_SUM)
        return rule_want_number(c, v);
    TRY(rule_settle(c, v, RULE_NUMBER));
    if (v->type.kind == RULE_DAY || v->type.kind == RULE_MONTH)
        return RC_OK;
    return rule_want_number(c, v);
}

/* [where c] and, but for count and any, ", x". */
static enum rc fold_parts(struct value *where, struct value *x, struct compiler *c,
                          enum call call, const struct token *at)
{
    bool wants_value = call != CALL_COUNT && call != CALL_ANY;
    *where = rule_const(c, RULE_BOOL, 0, 1);
    if (rule_word(c, "where")) {
        TRY(rule_read(c));
        TRY(rule_parse(where, c));
        TRY(rule_want_bool(c, where));
    }
    if (rule_sign(c, ',') != wants_value)
        return misused(c, call, at);
    if (wants_value) {
        TRY(rule_read(c));
        TRY(rule_parse(x, c));
        TRY(check_folded_value(c, call, x));
    }
    return rule_sign(c, ')') ? RC_OK : misused(c, call, at);
}

static enum rc call_fold(struct value *out, struct compiler *c, enum call call,
                         const struct token *at)
{
    static const uint8_t ops[CALLS] = {
        [CALL_COUNT] = OP_COUNT, [CALL_SUM] = OP_SUM, [CALL_MIN] = OP_LEAST,
        [CALL_MAX] = OP_MOST,    [CALL_ANY] = OP_ANY, [CALL_ALL] = OP_ALL};
    struct scope outer = c->scope;
    struct value where, x = {.form = VALUE_PLAIN};
    int64_t k = 0;
    TRY(rule_deeper(c));
    TRY(enter(c));
    TRY(fold_parts(&where, &x, c, call, at));
    enum rule_level rows = c->scope.rows;
    bool has_value = call != CALL_COUNT && call != CALL_ANY;
    bool everyone = call != CALL_ANY && rule_is_const(c, where.ins, &k) && k == 1;
    struct rule_type type = {call == CALL_ANY || call == CALL_ALL ? RULE_BOOL : RULE_NUMBER, 0,
                             NULL};
    if (call == CALL_SUM || call == CALL_MIN || call == CALL_MAX)
        type = x.type;
    struct rule_ins ins = {.op = ops[call],
                           .level = (uint8_t)(rows - 1),
                           .decimals = (uint8_t)type.decimals,
                           .a = has_value ? rule_lift(c, x.ins, rows) : -1,
                           .b = everyone ? -1 : rule_lift(c, where.ins, rows),
                           .c = -1};
    *out = (struct value){.ins = rule_emit(c, ins), .type = type};
    c->scope = outer;
    c->depth--;
    TRY(rule_read(c)); /* the closing parenthesis */
    return rule_check_folded(c, out);
}

enum rc rule_parse_call(struct value *out, bool *found, struct compiler *c)
{
    struct cx *cx = c->cx;
    const struct token at = c->in.now;
    enum call call = 0;
    *found = rule_before_parenthesis(c);
    if (!*found)
        return RC_OK;
    while (call < CALLS && !str_eq_z(at.text, calls[call].name))
        call++;
    if (call == CALLS) {
        c->nearest = rule_nearest_word(c, at.text);
        return rule_fail(c, at.at, at.length, _("There is no function “%s”"),
                         arena_copy(cx->arena, at.text));
    }
    TRY(rule_read(c));
    if (call == CALL_LAST_YEAR || call == CALL_EARLIER)
        return call_earlier(out, c, call, &at);
    if (calls[call].most && call != CALL_MIN && call != CALL_MAX)
        return call_values(out, c, call, &at);
    struct reader here = c->in;
    TRY(rule_read(c));
    if (is_scope(c))
        return call_fold(out, c, call, &at);
    if (!calls[call].most)
        return misused(c, call, &at);
    c->in = here;
    return call_values(out, c, call, &at);
}

/* The grammar of rule.h, read from left to right; each rule's value comes out as soon as its
 * operands are there. */
#include "rule/rule_impl.h"

#include <string.h>

enum rc rule_deeper(struct compiler *c)
{
    struct cx *cx = c->cx;
    if (c->depth >= RULE_DEPTH_MAX)
        return rule_fail(c, c->in.now.at, c->in.now.length,
                         _("The rule is nested too deep: at most %d parentheses inside each "
                           "other. Give a part of it a name of its own"),
                         RULE_DEPTH_MAX);
    c->depth++;
    return RC_OK;
}

/* The value ends before the token. */
static void span(const struct compiler *c, struct value *v, size_t begin)
{
    v->at = begin;
    v->length = c->in.last_end > begin ? c->in.last_end - begin : 0;
}

static enum rc missing_value(struct compiler *c)
{
    struct cx *cx = c->cx;
    const struct token *t = &c->in.now;
    if (t->kind == TOKEN_END)
        return rule_fail(c, t->at, 0,
                         _("The rule ends here, but a value is expected: a name, a "
                           "number, a day, or an answer in quotes"));
    return rule_fail(c, t->at, t->length,
                     _("Before “%s” a value is expected: a name, a number, a day, or an "
                       "answer in quotes"),
                     rule_excerpt_at(c, t->at, t->length));
}

/* Words that begin no value. */
static bool is_joining(const struct compiler *c)
{
    static const char *const words[] = {"and", "or", "in", "is", "has", "where", "not"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (rule_word(c, words[i]))
            return true;
    return false;
}

static enum rc parse_word(struct value *out, struct compiler *c)
{
    bool found = false;
    if (is_joining(c))
        return missing_value(c);
    if (rule_word(c, "true") || rule_word(c, "false")) {
        *out = rule_const(c, RULE_BOOL, 0, rule_word(c, "true"));
        return rule_read(c);
    }
    if (rule_word(c, "missing")) {
        out->form = VALUE_MISSING;
        return rule_read(c);
    }
    TRY(rule_parse_call(out, &found, c));
    return found ? RC_OK : rule_parse_name(out, c);
}

static enum rc parse_parentheses(struct value *out, struct compiler *c)
{
    struct cx *cx = c->cx;
    TRY(rule_read(c));
    TRY(rule_deeper(c));
    TRY(rule_parse(out, c));
    c->depth--;
    return rule_expect(c, ')', _("Here a closing parenthesis ) is expected"));
}

static enum rc parse_primary(struct value *out, struct compiler *c)
{
    size_t begin = c->in.now.at;
    *out = (struct value){.form = VALUE_PLAIN};
    const struct token t = c->in.now;
    if (t.kind == TOKEN_NUMBER) {
        *out = rule_const(c, RULE_NUMBER, t.decimals, t.value);
        TRY(rule_read(c));
    } else if (t.kind == TOKEN_DAY || t.kind == TOKEN_MONTH) {
        *out = rule_const(c, t.kind == TOKEN_DAY ? RULE_DAY : RULE_MONTH, 0, t.value);
        TRY(rule_read(c));
    } else if (t.kind == TOKEN_TEXT) {
        out->form = VALUE_TEXT;
        out->text = t.text;
        TRY(rule_read(c));
    } else if (t.kind == TOKEN_WORD)
        TRY(parse_word(out, c));
    else if (rule_sign(c, '('))
        TRY(parse_parentheses(out, c));
    else
        return missing_value(c);
    span(c, out, begin);
    return RC_OK;
}

static enum rc parse_unary(struct value *out, struct compiler *c)
{
    size_t begin = c->in.now.at, minus = 0;
    for (; rule_sign(c, '-'); minus++)
        TRY(rule_read(c));
    TRY(parse_primary(out, c));
    if (!minus)
        return RC_OK;
    TRY(rule_want_number(c, out));
    if (minus % 2)
        *out = rule_apply(c, (struct rule_ins){.op = OP_NEG}, out->type, out, 1);
    span(c, out, begin);
    return RC_OK;
}

static enum rc parse_product(struct value *out, struct compiler *c)
{
    size_t begin = c->in.now.at;
    TRY(parse_unary(out, c));
    while (rule_sign(c, '*') || rule_sign(c, '/')) {
        char sign = c->in.now.sign;
        struct value right;
        TRY(rule_read(c));
        TRY(parse_unary(&right, c));
        TRY(rule_arithmetic(out, c, sign, *out, right));
        span(c, out, begin);
    }
    return RC_OK;
}

enum rc rule_parse_sum(struct value *out, struct compiler *c)
{
    size_t begin = c->in.now.at;
    TRY(parse_product(out, c));
    while (rule_sign(c, '+') || rule_sign(c, '-')) {
        char sign = c->in.now.sign;
        struct value right;
        TRY(rule_read(c));
        TRY(parse_product(&right, c));
        TRY(rule_arithmetic(out, c, sign, *out, right));
        span(c, out, begin);
    }
    return RC_OK;
}

/* Room for one more in a list that doubles. */
static enum rc list_room(struct value **list, struct compiler *c, size_t count)
{
    struct cx *cx = c->cx;
    size_t cap = count ? count * 2 : 4;
    if (count && (count < 4 || (count & (count - 1)) != 0))
        return RC_OK;
    if (count == RULE_LIST_MAX)
        return rule_fail(c, c->in.now.at, c->in.now.length,
                         _("The list is too long: at most %d values"), RULE_LIST_MAX);
    struct value *larger = arena_array(cx->arena, cap, sizeof *larger);
    if (!larger)
        return fail(cx, RC_LIMIT, _("The rules are too large together"), "list=%zu", cap);
    if (count)
        memcpy(larger, *list, count * sizeof *larger);
    *list = larger;
    return RC_OK;
}

enum rc rule_parse_list(struct value **list, size_t *count, struct compiler *c,
                        enum rc (*part)(struct value *out, struct compiler *c))
{
    struct cx *cx = c->cx;
    size_t n = 0;
    TRY(rule_deeper(c));
    do {
        TRY(rule_read(c)); /* the parenthesis or a comma */
        TRY(list_room(list, c, n));
        TRY(part(&(*list)[n], c));
        n++;
    } while (rule_sign(c, ','));
    c->depth--;
    *count = n;
    return rule_expect(c, ')', _("Here a comma or the closing parenthesis ) is expected"));
}

/* Behind "in". */
static enum rc parse_in(struct value *out, struct compiler *c, const struct value *x)
{
    struct cx *cx = c->cx;
    struct value *items = NULL, low, high;
    size_t count;
    if (rule_sign(c, '(')) {
        TRY(rule_parse_list(&items, &count, c, rule_parse_sum));
        return rule_in_list(out, c, *x, items, count);
    }
    TRY(rule_parse_sum(&low, c));
    if (!rule_sign(c, SIGN_RANGE))
        return rule_fail(c, low.at, low.length,
                         _("Behind “in” stands a list in parentheses, like (1, 2), or a range, "
                           "like 1 .. 5"));
    TRY(rule_read(c));
    TRY(rule_parse_sum(&high, c));
    return rule_between(out, c, x, &low, &high);
}

/* Behind "is". */
static enum rc parse_is(struct value *out, struct compiler *c, struct value *x)
{
    struct cx *cx = c->cx;
    bool negative = rule_word(c, "not");
    if (negative)
        TRY(rule_read(c));
    if (!rule_word(c, "missing"))
        return rule_fail(c, c->in.now.at, c->in.now.length,
                         _("Behind “is” stands only “missing” or “not missing”; to compare "
                           "write ="));
    TRY(rule_read(c));
    TRY(rule_settle(c, x, RULE_NUMBER));
    *out = rule_apply(c, (struct rule_ins){.op = OP_MISSING},
                      (struct rule_type){RULE_BOOL, 0, NULL}, x, 1);
    if (negative)
        *out = rule_not(c, out);
    return RC_OK;
}

/* Behind "has". */
static enum rc parse_has(struct value *out, struct compiler *c, const struct value *x)
{
    struct value *items = NULL, single;
    size_t count;
    bool all = rule_word(c, "all");
    if (all || rule_word(c, "any"))
        TRY(rule_read(c));
    if (!rule_sign(c, '(')) {
        TRY(parse_primary(&single, c));
        return rule_has(out, c, x, all, &single, 1);
    }
    TRY(rule_parse_list(&items, &count, c, rule_parse_sum));
    return rule_has(out, c, x, all, items, count);
}

static bool is_comparison(const struct compiler *c)
{
    char s = c->in.now.sign;
    return c->in.now.kind == TOKEN_SIGN &&
           (s == '=' || s == SIGN_NE || s == '<' || s == SIGN_LE || s == '>' || s == SIGN_GE);
}

/* A second comparison directly behind the first. */
static enum rc refuse_chain(struct compiler *c)
{
    struct cx *cx = c->cx;
    if (!is_comparison(c) && !rule_word(c, "in") && !rule_word(c, "is") && !rule_word(c, "has"))
        return RC_OK;
    return rule_fail(c, c->in.now.at, c->in.now.length,
                     _("Two comparisons in a row: join them, as in a < b and b < c, or write "
                       "b in a .. c"));
}

static enum rc parse_relation(struct value *out, struct compiler *c)
{
    struct cx *cx = c->cx;
    size_t begin = c->in.now.at;
    struct value x, right;
    TRY(rule_parse_sum(&x, c));
    *out = x;
    bool negative = rule_word(c, "not");
    if (negative) {
        TRY(rule_read(c));
        if (!rule_word(c, "in"))
            return rule_fail(c, c->in.now.at, c->in.now.length,
                             _("Between two values “not” can only stand as “not in”"));
    }
    if (is_comparison(c)) {
        char sign = c->in.now.sign;
        TRY(rule_read(c));
        TRY(rule_parse_sum(&right, c));
        TRY(rule_compare(out, c, sign, x, right));
    } else if (rule_word(c, "in")) {
        TRY(rule_read(c));
        TRY(parse_in(out, c, &x));
    } else if (rule_word(c, "is")) {
        TRY(rule_read(c));
        TRY(parse_is(out, c, &x));
    } else if (rule_word(c, "has")) {
        TRY(rule_read(c));
        TRY(parse_has(out, c, &x));
    } else
        return RC_OK;
    if (negative)
        *out = rule_not(c, out);
    span(c, out, begin);
    return refuse_chain(c);
}

static enum rc parse_not(struct value *out, struct compiler *c)
{
    size_t begin = c->in.now.at, nots = 0;
    for (; rule_word(c, "not"); nots++)
        TRY(rule_read(c));
    TRY(parse_relation(out, c));
    if (!nots)
        return RC_OK;
    TRY(rule_want_bool(c, out));
    if (nots % 2)
        *out = rule_not(c, out);
    span(c, out, begin);
    return RC_OK;
}

static enum rc join(struct value *out, struct compiler *c, enum rule_op op, struct value *right)
{
    TRY(rule_want_bool(c, out));
    TRY(rule_want_bool(c, right));
    struct value args[2] = {*out, *right};
    *out = rule_apply(c, (struct rule_ins){.op = (uint8_t)op},
                      (struct rule_type){RULE_BOOL, 0, NULL}, args, 2);
    return rule_check_folded(c, out);
}

static enum rc parse_and(struct value *out, struct compiler *c)
{
    size_t begin = c->in.now.at;
    TRY(parse_not(out, c));
    while (rule_word(c, "and")) {
        struct value right;
        TRY(rule_read(c));
        TRY(parse_not(&right, c));
        TRY(join(out, c, OP_AND, &right));
        span(c, out, begin);
    }
    return RC_OK;
}

enum rc rule_parse(struct value *out, struct compiler *c)
{
    size_t begin = c->in.now.at;
    TRY(parse_and(out, c));
    while (rule_word(c, "or")) {
        struct value right;
        TRY(rule_read(c));
        TRY(parse_and(&right, c));
        TRY(join(out, c, OP_OR, &right));
        span(c, out, begin);
    }
    return RC_OK;
}

/* Something stands behind the rule's end. */
static enum rc refuse_rest(struct compiler *c)
{
    struct cx *cx = c->cx;
    const struct token *t = &c->in.now;
    if (rule_sign(c, ')'))
        return rule_fail(c, t->at, t->length, _("This parenthesis closes nothing"));
    if (t->kind == TOKEN_WORD)
        c->nearest = rule_nearest_word(c, t->text);
    return rule_fail(c, t->at, t->length,
                     _("“%s” does not belong here: between two values stands a sign such as + "
                       "- * / = < > or a word such as and, or, in"),
                     rule_excerpt_at(c, t->at, t->length));
}

enum rc rule_parse_text(struct value *out, struct compiler *c, struct str text)
{
    struct cx *cx = c->cx;
    TRY(rule_read_begin(c, text));
    if (c->in.now.kind == TOKEN_END)
        return rule_fail(c, 0, 0, _("The rule is empty"));
    TRY(rule_parse(out, c));
    return c->in.now.kind == TOKEN_END ? RC_OK : refuse_rest(c);
}

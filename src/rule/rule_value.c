/* What may be computed with what: types, decimals, and the instruction each operator becomes.
 */
#include "rule/rule_impl.h"

#include <assert.h>

/* A household's, or an area's in a rule for areas. People's rows are only used where a person's
 * value is read. */
enum rule_level rule_base_rows(const struct compiler *c)
{
    return c->scope.rows == RULE_AREA ? RULE_AREA : RULE_HOUSEHOLD;
}

struct value rule_const(struct compiler *c, enum rule_kind kind, unsigned decimals, int64_t k)
{
    struct rule_ins ins = {.op = OP_CONST,
                           .level = (uint8_t)rule_base_rows(c),
                           .decimals = (uint8_t)decimals,
                           .a = -1,
                           .b = -1,
                           .c = -1,
                           .k = k};
    return (struct value){.ins = rule_emit(c, ins), .type = {kind, decimals, NULL}};
}

struct value rule_apply(struct compiler *c, struct rule_ins like, struct rule_type type,
                        const struct value *args, size_t count)
{
    enum rule_level level = rule_base_rows(c);
    int32_t ins[3] = {-1, -1, -1};
    assert(count <= 3);
    for (size_t i = 0; i < count; i++)
        if (!rule_is_leaf(c, args[i].ins) && c->ins[args[i].ins].level > level)
            level = (enum rule_level)c->ins[args[i].ins].level;
    for (size_t i = 0; i < count; i++)
        ins[i] = rule_lift(c, args[i].ins, level);
    like.level = (uint8_t)level;
    like.decimals = (uint8_t)type.decimals;
    like.a = ins[0];
    like.b = ins[1];
    like.c = ins[2];
    return (struct value){.ins = rule_emit(c, like),
                          .type = type,
                          .at = args[0].at,
                          .length = args[count - 1].at + args[count - 1].length - args[0].at};
}

static struct value apply1(struct compiler *c, enum rule_op op, int64_t k,
                           struct rule_type type, const struct value *a)
{
    return rule_apply(c, (struct rule_ins){.op = (uint8_t)op, .k = k}, type, a, 1);
}

static struct value apply2(struct compiler *c, enum rule_op op, struct rule_type type,
                           struct value a, struct value b)
{
    struct value args[2] = {a, b};
    return rule_apply(c, (struct rule_ins){.op = (uint8_t)op}, type, args, 2);
}

enum rc rule_check_folded(struct compiler *c, const struct value *v)
{
    struct cx *cx = c->cx;
    if (c->full)
        return fail(cx, RC_LIMIT, _("The rules are too large together"), "ins=%zu",
                    c->ins_count);
    if (c->nodes > RULE_NODES_MAX)
        return rule_fail_value(c, v,
                               _("The rule is too large together with the rules it uses: at "
                                 "most %d steps"),
                               RULE_NODES_MAX);
    if (c->folded.overflows)
        return rule_fail_value(c, v, _("“%s” is a number too large to compute with"),
                               rule_excerpt(c, v));
    return RC_OK;
}

enum rc rule_up(struct compiler *c, struct value *v, unsigned decimals)
{
    size_t at = v->at, length = v->length;
    if (v->type.decimals == decimals)
        return RC_OK;
    assert(v->type.decimals < decimals && decimals <= RULE_DECIMALS_MAX);
    *v = apply1(c, OP_UP, decimals - v->type.decimals,
                (struct rule_type){RULE_NUMBER, decimals, NULL}, v);
    v->at = at;
    v->length = length;
    return rule_check_folded(c, v);
}

/* A literal in quotes where no list says what it means. */
static enum rc lonely_text(struct compiler *c, const struct value *v)
{
    struct cx *cx = c->cx;
    return rule_fail_value(c, v,
                           _("“%s” in quotes is an answer of a list; it can only be compared "
                             "with a name that has such a list, like grade = 'A'"),
                           rule_excerpt(c, v));
}

/* Gives `missing` the type of a kind. */
static void type_missing(struct compiler *c, struct value *v, const struct rule_type *type)
{
    struct value missing = rule_const(c, type->kind, type->decimals, RULE_MISSING);
    missing.type = *type;
    missing.at = v->at;
    missing.length = v->length;
    *v = missing;
}

enum rc rule_settle(struct compiler *c, struct value *v, enum rule_kind kind)
{
    if (v->form == VALUE_TEXT)
        return lonely_text(c, v);
    if (v->form == VALUE_MISSING)
        type_missing(c, v, &(struct rule_type){kind, 0, NULL});
    return RC_OK;
}

enum rc rule_want_bool(struct compiler *c, struct value *v)
{
    struct cx *cx = c->cx;
    if (v->form == VALUE_TEXT)
        return rule_fail_value(c, v,
                               _("“%s” alone is not a condition. To allow several answers "
                                 "write: name in ('A', 'B')"),
                               rule_excerpt(c, v));
    TRY(rule_settle(c, v, RULE_BOOL));
    if (v->type.kind == RULE_BOOL)
        return RC_OK;
    return rule_fail_value(c, v,
                           _("Here a condition is expected, but “%s” is %s. Compare it with "
                             "something, or ask whether it is missing"),
                           rule_excerpt(c, v), rule_kind_words(c, v->type.kind));
}

enum rc rule_want_number(struct compiler *c, struct value *v)
{
    struct cx *cx = c->cx;
    TRY(rule_settle(c, v, RULE_NUMBER));
    if (v->type.kind == RULE_NUMBER)
        return RC_OK;
    if (v->type.kind == RULE_DAY || v->type.kind == RULE_MONTH)
        return rule_fail_value(c, v,
                               _("“%s” is %s, and here a number is expected. Count with "
                                 "years(…) or months(…)"),
                               rule_excerpt(c, v), rule_kind_words(c, v->type.kind));
    return rule_fail_value(c, v, _("“%s” is %s, and here a number is expected"),
                           rule_excerpt(c, v), rule_kind_words(c, v->type.kind));
}

/* A literal in quotes beside a value of another kind than code. */
static enum rc text_with(struct compiler *c, const struct value *text,
                         const struct value *other)
{
    struct cx *cx = c->cx;
    const char *typed = arena_copy(cx->arena, text->text), *name = rule_excerpt(c, other);
    if (other->form == VALUE_TEXT)
        return lonely_text(c, text);
    if (other->type.kind == RULE_CODES)
        return rule_fail_value(c, text, _("“%s” can have several answers: write %s has '%s'"),
                               name, name, typed);
    if (other->type.kind == RULE_TEXT)
        return rule_fail_value(c, text,
                               _("“%s” is a text; only whether it is missing can be asked: "
                                 "write %s is missing"),
                               name, name);
    if (other->type.kind == RULE_BOOL)
        return rule_fail_value(
            c, text, _("“%s” is true or false: write only its name, or not %s"), name, name);
    return rule_fail_value(c, text, _("“%s” is %s: write %s without quotes"), name,
                           rule_kind_words(c, other->type.kind), typed);
}

/* The code that a literal in quotes means in the other's list. */
static enum rc resolve_text(struct compiler *c, struct value *text, const struct value *other)
{
    struct cx *cx = c->cx;
    int32_t code = 0;
    if (other->form != VALUE_PLAIN || other->type.kind != RULE_CODE)
        return text_with(c, text, other);
    const void *list = other->type.list;
    if (!c->d->code_find(&code, cx, list, text->text)) {
        c->nearest = rule_nearest_label(c, list, text->text);
        return rule_fail_value(c, text, _("“%s” is not an answer of “%s”, which is one of: %s"),
                               arena_copy(cx->arena, text->text), rule_excerpt(c, other),
                               rule_labels(c, list));
    }
    struct value v = rule_const(c, RULE_CODE, 0, code);
    v.type.list = list;
    v.at = text->at;
    v.length = text->length;
    *text = v;
    return RC_OK;
}

/* A code beside a number: says which answers there are, and the one that was meant. */
static enum rc code_with_number(struct compiler *c, const struct value *code,
                                const struct value *number)
{
    struct cx *cx = c->cx;
    const char *typed = rule_excerpt(c, number), *name = rule_excerpt(c, code);
    const char *labels = rule_labels(c, code->type.list);
    const char *meant = rule_label_of(c, code->type.list, str_of(typed));
    if (meant)
        return rule_fail_value(c, number,
                               _("“%s” is one of: %s. Write the answer in quotes: '%s'"), name,
                               labels, meant);
    meant = c->d->code_label(cx, code->type.list, 0);
    return rule_fail_value(
        c, number, _("“%s” is one of: %s. Write the answer in quotes, for example '%s'"), name,
        labels, meant ? meant : "A");
}

static enum rc mismatch(struct compiler *c, const struct value *a, const struct value *b)
{
    struct cx *cx = c->cx;
    enum rule_kind x = a->type.kind, y = b->type.kind;
    if (x == RULE_CODE && y == RULE_NUMBER)
        return code_with_number(c, a, b);
    if (y == RULE_CODE && x == RULE_NUMBER)
        return code_with_number(c, b, a);
    bool time_x = x == RULE_DAY || x == RULE_MONTH, time_y = y == RULE_DAY || y == RULE_MONTH;
    if ((time_x && y == RULE_NUMBER) || (time_y && x == RULE_NUMBER)) {
        const struct value *day = time_x ? a : b, *number = time_x ? b : a;
        return rule_fail_value(c, number,
                               _("“%s” is %s and “%s” is a number. Write a day as 2026-11-23, "
                                 "or count with years(%s) or months(%s)"),
                               rule_excerpt(c, day), rule_kind_words(c, day->type.kind),
                               rule_excerpt(c, number), rule_excerpt(c, day),
                               rule_excerpt(c, day));
    }
    return rule_fail_value(c, b, _("“%s” is %s and “%s” is %s: they do not go together"),
                           rule_excerpt(c, a), rule_kind_words(c, x), rule_excerpt(c, b),
                           rule_kind_words(c, y));
}

enum rc rule_unify(struct compiler *c, struct value *a, struct value *b)
{
    struct cx *cx = c->cx;
    if (a->form == VALUE_MISSING && b->form == VALUE_MISSING)
        TRY(rule_settle(c, a, RULE_NUMBER));
    if (a->form == VALUE_MISSING && b->form == VALUE_PLAIN)
        type_missing(c, a, &b->type);
    if (b->form == VALUE_MISSING && a->form == VALUE_PLAIN)
        type_missing(c, b, &a->type);
    if (a->form == VALUE_TEXT)
        TRY(resolve_text(c, a, b));
    if (b->form == VALUE_TEXT)
        TRY(resolve_text(c, b, a));
    if (a->type.kind != b->type.kind)
        return mismatch(c, a, b);
    if ((a->type.kind == RULE_CODE || a->type.kind == RULE_CODES) &&
        a->type.list != b->type.list)
        return rule_fail_value(c, b,
                               _("“%s” and “%s” are answers of different lists: they do not go "
                                 "together"),
                               rule_excerpt(c, a), rule_excerpt(c, b));
    if (a->type.kind == RULE_TEXT)
        return rule_fail_value(c, a,
                               _("“%s” is a text; only whether it is missing can be asked: "
                                 "write %s is missing"),
                               rule_excerpt(c, a), rule_excerpt(c, a));
    if (a->type.kind != RULE_NUMBER)
        return RC_OK;
    if (a->type.decimals < b->type.decimals)
        return rule_up(c, a, b->type.decimals);
    return rule_up(c, b, a->type.decimals);
}

static enum rc too_many_decimals(struct compiler *c, const struct value *v)
{
    struct cx *cx = c->cx;
    return rule_fail_value(c, v,
                           _("“%s” would have more than %d decimals. Round a part of it first: "
                             "round(…, 2)"),
                           rule_excerpt(c, v), RULE_DECIMALS_MAX);
}

static enum rc divide(struct value *out, struct compiler *c, struct value a, struct value b)
{
    struct cx *cx = c->cx;
    int64_t k = 1;
    if (rule_is_const(c, b.ins, &k) && k == 0)
        return rule_fail_value(c, &b, _("Division by zero: “%s” is 0"), rule_excerpt(c, &b));
    unsigned decimals =
        a.type.decimals > RULE_DIVISION_DECIMALS ? a.type.decimals : RULE_DIVISION_DECIMALS;
    unsigned power = decimals + b.type.decimals - a.type.decimals;
    if (power > RULE_DECIMALS_MAX)
        return too_many_decimals(c, &b);
    struct value args[2] = {a, b};
    *out = rule_apply(c, (struct rule_ins){.op = OP_DIV, .k = power},
                      (struct rule_type){RULE_NUMBER, decimals, NULL}, args, 2);
    return rule_check_folded(c, out);
}

enum rc rule_arithmetic(struct value *out, struct compiler *c, char sign, struct value a,
                        struct value b)
{
    TRY(rule_want_number(c, &a));
    TRY(rule_want_number(c, &b));
    if (sign == '/')
        return divide(out, c, a, b);
    struct rule_type type = {RULE_NUMBER, a.type.decimals + b.type.decimals, NULL};
    struct value whole = {.at = a.at, .length = b.at + b.length - a.at};
    if (sign == '*' && type.decimals > RULE_DECIMALS_MAX)
        return too_many_decimals(c, &whole);
    if (sign != '*') {
        TRY(rule_unify(c, &a, &b));
        type.decimals = a.type.decimals;
    }
    *out = apply2(c, sign == '*' ? OP_MUL : sign == '+' ? OP_ADD : OP_SUB, type, a, b);
    return rule_check_folded(c, out);
}

struct value rule_not(struct compiler *c, const struct value *v)
{
    return apply1(c, OP_NOT, 0, (struct rule_type){RULE_BOOL, 0, NULL}, v);
}

/* Days beside months are compared as months. */
static void day_to_month(struct compiler *c, struct value *day, const struct value *month)
{
    size_t at = day->at, length = day->length;
    if (day->form != VALUE_PLAIN || month->form != VALUE_PLAIN || day->type.kind != RULE_DAY ||
        month->type.kind != RULE_MONTH)
        return;
    *day = apply1(c, OP_MONTH_OF, 0, (struct rule_type){RULE_MONTH, 0, NULL}, day);
    day->at = at;
    day->length = length;
}

static enum rc refuse_missing(struct compiler *c, const struct value *missing,
                              const struct value *other)
{
    struct cx *cx = c->cx;
    const char *name = other->form == VALUE_MISSING ? "…" : rule_excerpt(c, other);
    return rule_fail_value(
        c, missing, _("Nothing can be compared with missing. Write: %s is missing"), name);
}

static enum rc refuse_order(struct compiler *c, const struct value *a)
{
    struct cx *cx = c->cx;
    return rule_fail_value(c, a,
                           _("“%s” is %s and has no order: ask with = or <>, or name the "
                             "answers with in (…)"),
                           rule_excerpt(c, a), rule_kind_words(c, a->type.kind));
}

enum rc rule_compare(struct value *out, struct compiler *c, char sign, struct value a,
                     struct value b)
{
    struct cx *cx = c->cx;
    struct rule_type type = {RULE_BOOL, 0, NULL};
    if (a.form == VALUE_MISSING)
        return refuse_missing(c, &a, &b);
    if (b.form == VALUE_MISSING)
        return refuse_missing(c, &b, &a);
    day_to_month(c, &a, &b);
    day_to_month(c, &b, &a);
    TRY(rule_unify(c, &a, &b));
    if (a.type.kind == RULE_CODES)
        return rule_fail_value(c, &a, _("“%s” can have several answers: ask with has"),
                               rule_excerpt(c, &a));
    bool has_order =
        a.type.kind == RULE_NUMBER || a.type.kind == RULE_DAY || a.type.kind == RULE_MONTH;
    if (sign != '=' && sign != SIGN_NE && !has_order)
        return refuse_order(c, &a);
    if (sign == '=')
        *out = apply2(c, OP_EQ, type, a, b);
    else if (sign == SIGN_NE)
        *out = apply2(c, OP_NE, type, a, b);
    else if (sign == '<')
        *out = apply2(c, OP_LT, type, a, b);
    else if (sign == SIGN_LE)
        *out = apply2(c, OP_LE, type, a, b);
    else if (sign == '>')
        *out = apply2(c, OP_LT, type, b, a);
    else
        *out = apply2(c, OP_LE, type, b, a);
    return rule_check_folded(c, &a);
}

enum rc rule_between(struct value *out, struct compiler *c, const struct value *x,
                     const struct value *a, const struct value *b)
{
    struct value low, high;
    TRY(rule_compare(&low, c, SIGN_GE, *x, *a));
    TRY(rule_compare(&high, c, SIGN_LE, *x, *b));
    *out = apply2(c, OP_AND, (struct rule_type){RULE_BOOL, 0, NULL}, low, high);
    return RC_OK;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sorted without duplicates; the count left. */
static size_t sort_items(int64_t *items, size_t count)
{
    size_t left = 0;
    qsort(items, count, sizeof *items, by_value);
    for (size_t i = 0; i < count; i++)
        if (!left || items[left - 1] != items[i])
            items[left++] = items[i];
    return left;
}

/* Brings x and all items to one type; items are constants. */
static enum rc unify_items(struct compiler *c, struct value *x, struct value *items,
                           size_t count)
{
    struct cx *cx = c->cx;
    int64_t k;
    for (size_t i = 0; i < count; i++) {
        if (items[i].form == VALUE_MISSING)
            return rule_fail_value(c, &items[i],
                                   _("missing cannot stand in a list. Add: or %s is missing"),
                                   rule_excerpt(c, x));
        if (items[i].form == VALUE_PLAIN && !rule_is_const(c, items[i].ins, &k))
            return rule_fail_value(c, &items[i],
                                   _("Only fixed values can stand in a list, and “%s” is not "
                                     "one. Write: … = %s or …"),
                                   rule_excerpt(c, &items[i]), rule_excerpt(c, &items[i]));
        day_to_month(c, x, &items[i]);
        TRY(rule_unify(c, x, &items[i]));
    }
    for (size_t i = 0; i < count; i++)
        TRY(rule_unify(c, x, &items[i])); /* to the most decimals of all */
    return RC_OK;
}

enum rc rule_in_list(struct value *out, struct compiler *c, struct value x, struct value *items,
                     size_t count)
{
    struct cx *cx = c->cx;
    struct rule_type type = {RULE_BOOL, 0, NULL};
    if (x.form == VALUE_MISSING)
        return refuse_missing(c, &x, &x);
    TRY(rule_settle(c, &x, RULE_NUMBER));
    if (x.type.kind == RULE_BOOL)
        return rule_fail_value(c, &x,
                               _("“%s” is true or false: write only its name, or not %s"),
                               rule_excerpt(c, &x), rule_excerpt(c, &x));
    if (x.type.kind == RULE_CODES)
        return rule_fail_value(c, &x, _("“%s” can have several answers: ask with has"),
                               rule_excerpt(c, &x));
    TRY(unify_items(c, &x, items, count));
    int64_t *set = arena_array(cx->arena, count, sizeof *set);
    if (!set)
        return fail(cx, RC_LIMIT, _("The rules are too large together"), "set=%zu", count);
    for (size_t i = 0; i < count; i++)
        if (!rule_is_const(c, items[i].ins, &set[i]))
            return rule_check_folded(c, &items[i]);
    size_t left = sort_items(set, count);
    if (left == 1)
        return rule_compare(out, c, '=', x, items[0]);
    *out = apply1(c, OP_IN, rule_set_add(c, set, left), type, &x);
    return rule_check_folded(c, out);
}

enum rc rule_has(struct value *out, struct compiler *c, const struct value *x, bool all,
                 const struct value *items, size_t count)
{
    struct cx *cx = c->cx;
    int64_t mask = 0;
    const char *name = rule_excerpt(c, x);
    if (x->form != VALUE_PLAIN || x->type.kind != RULE_CODES)
        return rule_fail_value(c, x,
                               _("has asks for one of several answers, and “%s” is %s. Write: "
                                 "%s = …"),
                               name,
                               x->form == VALUE_PLAIN ? rule_kind_words(c, x->type.kind)
                                                      : _("a fixed value"),
                               name);
    for (size_t i = 0; i < count; i++) {
        struct value list = *x, item = items[i];
        list.type.kind = RULE_CODE;
        if (item.form != VALUE_TEXT)
            return rule_fail_value(c, &item,
                                   _("Behind has stand answers in quotes, one of: %s"),
                                   rule_labels(c, x->type.list));
        TRY(resolve_text(c, &item, &list));
        int64_t code = 0;
        if (!rule_is_const(c, item.ins, &code) || code < 0 || code > 62)
            return rule_fail_value(c, &items[i], _("“%s” cannot be in a set of answers"),
                                   rule_excerpt(c, &items[i]));
        mask |= (int64_t)1 << code;
    }
    *out = apply1(c, all ? OP_HAS_ALL : OP_HAS_ANY, mask,
                  (struct rule_type){RULE_BOOL, 0, NULL}, x);
    return rule_check_folded(c, out);
}

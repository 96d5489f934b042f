/* A compiled program as JSON: what web/rule.js runs on a phone. It only writes; nothing here
 * reads JSON.
 *
 * The form (version 1), one object:
 *   "version" 1
 *   "names"   the names that are read: {"name": "age", "level": "person", "table": "field",
 *             "kind": "number", "decimals": 0}; table is field, income, threshold or derived;
 *             kind is number, bool, code, codes, day, month or text
 *   "sets"    lists of integers, ascending
 *   "roots"   {"name": "check 12", "at": 17, "level": "household", "kind": "bool",
 *             "decimals": 0}; `at` is a place in "code"
 *   "code"    instructions [op, level, a, b, c, k, back]: op is a word (OP_ADD is "add"), level
 *             0 area, 1 household, 2 person; a, b, c are places before this one. What an
 *             instruction does not use is left away at the end: a, b, c are then -1, k and back
 *             0. A k that is missing is null.
 * Integers beyond 2^53 are strings ("9007199254740993"), all others are numbers. */
#include "base/json.h"
#include "base/text.h"
#include "rule/code.h"

#include <assert.h>

enum { JSON_MAX = 16 * 1024 * 1024 };

static const char *const op_words[OP_OPS] = {
    [OP_CONST] = "const",     [OP_LOAD] = "load",       [OP_TODAY] = "today",
    [OP_YEAR] = "year",       [OP_NEG] = "neg",         [OP_ABS] = "abs",
    [OP_ADD] = "add",         [OP_SUB] = "sub",         [OP_MUL] = "mul",
    [OP_DIV] = "div",         [OP_UP] = "up",           [OP_ROUND] = "round",
    [OP_MIN] = "min",         [OP_MAX] = "max",         [OP_EQ] = "eq",
    [OP_NE] = "ne",           [OP_LT] = "lt",           [OP_LE] = "le",
    [OP_AND] = "and",         [OP_OR] = "or",           [OP_NOT] = "not",
    [OP_MISSING] = "missing", [OP_IF] = "if",           [OP_FIRST] = "first",
    [OP_IN] = "in",           [OP_HAS_ANY] = "has_any", [OP_HAS_ALL] = "has_all",
    [OP_YEARS] = "years",     [OP_MONTHS] = "months",   [OP_MONTH_OF] = "month_of",
    [OP_SPREAD] = "spread",   [OP_COUNT] = "count",     [OP_SUM] = "sum",
    [OP_LEAST] = "least",     [OP_MOST] = "most",       [OP_ANY] = "any",
    [OP_ALL] = "all",
};
static const char *const level_words[] = {"area", "household", "person"};
static const char *const kind_words[] = {"number", "bool",  "code", "codes",
                                         "day",    "month", "text"};
static const char *const table_words[] = {"field", "income", "threshold", "derived"};

static void put_type(struct json *j, struct rule_type type)
{
    assert((size_t)type.kind < sizeof kind_words / sizeof *kind_words);
    json_put_z(j, "kind", kind_words[type.kind]);
    json_put_i64(j, "decimals", type.decimals);
}

static void put_names(struct json *j, const struct rule_program *p)
{
    json_key(j, "names");
    json_array_begin(j);
    for (size_t i = 0; i < p->name_count; i++) {
        const struct rule_name *n = &p->names[i];
        json_object_begin(j);
        json_put_str(j, "name", n->name);
        json_put_z(j, "level", level_words[n->level]);
        json_put_z(j, "table", table_words[n->table]);
        put_type(j, n->type);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_sets(struct json *j, const struct rule_program *p)
{
    json_key(j, "sets");
    json_array_begin(j);
    for (size_t i = 0; i < p->set_count; i++) {
        json_array_begin(j);
        for (size_t m = 0; m < p->sets[i].count; m++)
            json_i64(j, p->sets[i].items[m]);
        json_array_end(j);
    }
    json_array_end(j);
}

static void put_roots(struct json *j, const struct rule_program *p)
{
    json_key(j, "roots");
    json_array_begin(j);
    for (size_t i = 0; i < p->root_count; i++) {
        const struct rule_root *r = &p->roots[i];
        json_object_begin(j);
        json_put_z(j, "name", r->name);
        json_put_i64(j, "at", r->ins);
        json_put_z(j, "level", level_words[r->level]);
        put_type(j, r->type);
        json_object_end(j);
    }
    json_array_end(j);
}

/* How many members after op and level must be written: those behind are as the form's defaults
 * say. */
static int used_members(const struct rule_ins *in)
{
    if (in->back)
        return 5;
    if (in->k)
        return 4;
    if (in->c >= 0)
        return 3;
    if (in->b >= 0)
        return 2;
    return in->a >= 0;
}

static void put_instruction(struct json *j, const struct rule_ins *in)
{
    assert(in->op < OP_OPS && in->level <= RULE_PERSON);
    int used = used_members(in);
    const int32_t places[] = {in->a, in->b, in->c};
    json_array_begin(j);
    json_z(j, op_words[in->op]);
    json_i64(j, in->level);
    for (int i = 0; i < 3 && i < used; i++)
        json_i64(j, places[i] < 0 ? -1 : places[i]);
    if (used >= 4 && in->k == RULE_MISSING)
        json_nothing(j);
    else if (used >= 4)
        json_i64(j, in->k);
    if (used >= 5)
        json_i64(j, in->back);
    json_array_end(j);
}

enum rc rule_json(struct str *out, struct cx *cx, const struct rule_program *p)
{
    struct buf b;
    struct json j;
    buf_init(&b, cx->arena, JSON_MAX);
    json_init(&j, &b);
    json_object_begin(&j);
    json_put_i64(&j, "version", 1);
    put_names(&j, p);
    put_sets(&j, p);
    put_roots(&j, p);
    json_key(&j, "code");
    json_array_begin(&j);
    for (size_t i = 0; i < p->ins_count; i++)
        put_instruction(&j, &p->ins[i]);
    json_array_end(&j);
    json_object_end(&j);
    if (!buf_ok(&b))
        return fail(cx, RC_LIMIT, _("These are too many rules for a phone."), "ins=%zu",
                    p->ins_count);
    *out = buf_view(&b);
    return RC_OK;
}

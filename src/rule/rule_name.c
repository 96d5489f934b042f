/* Names of the dictionary: which one is meant, from which rows it is read, and derived rules,
 * whose text is read in the place of their name. */
#include "rule/rule_impl.h"

#include <string.h>

static uint64_t text_hash(struct str s)
{
    uint64_t h = 0xCBF29CE484222325u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001B3u;
    return h ^ h >> 29;
}

/* Where names of that text begin, or -1. */
static int32_t *name_slot(const struct compiler *c, struct str text)
{
    size_t at = text_hash(text) & (c->name_hash_size - 1);
    while (c->name_hash[at] >= 0 && !str_eq(c->d->names[c->name_hash[at]].name, text))
        at = (at + 1) & (c->name_hash_size - 1);
    return &c->name_hash[at];
}

enum rc rule_names_begin(struct compiler *c)
{
    struct cx *cx = c->cx;
    size_t count = c->d->count, size = 16;
    while (size < count * 2 + 2)
        size *= 2;
    c->name_hash = arena_array(cx->arena, size, sizeof *c->name_hash);
    c->name_next = arena_array(cx->arena, count + 1, sizeof *c->name_next);
    c->name_number = arena_array(cx->arena, count + 1, sizeof *c->name_number);
    c->names = arena_array(cx->arena, count + 1, sizeof *c->names);
    c->made = arena_array(cx->arena, count + 1, sizeof(struct derived_made *));
    if (!c->name_hash || !c->name_next || !c->name_number || !c->names || !c->made)
        return fail(cx, RC_LIMIT, _("The rules are too large together"), "names=%zu", count);
    c->name_hash_size = size;
    memset(c->name_hash, 0xFF, size * sizeof *c->name_hash);
    for (size_t i = count; i-- > 0;) {
        int32_t *slot = name_slot(c, c->d->names[i].name);
        c->name_next[i] = *slot;
        c->name_number[i] = -1;
        *slot = (int32_t)i;
    }
    return RC_OK;
}

/* The first name of that text, of a table from..to, of the level; -1: none. */
static int32_t find(const struct compiler *c, struct str text, enum rule_level level,
                    enum rule_table from, enum rule_table to)
{
    int32_t i = *name_slot(c, text);
    while (i >= 0 && (c->d->names[i].level != level || c->d->names[i].table < from ||
                      c->d->names[i].table > to))
        i = c->name_next[i];
    return i;
}

/* From `level` outwards. */
static int32_t find_outwards(const struct compiler *c, struct str text, enum rule_level level,
                             enum rule_table from, enum rule_table to)
{
    int32_t i = -1;
    for (int l = (int)level; l >= (int)RULE_AREA && i < 0; l--)
        i = find(c, text, (enum rule_level)l, from, to);
    return i;
}

/* "person.", "household.", "area." in front of a name: its level, and *text is cut. */
static bool level_prefix(enum rule_level *level, struct str *text)
{
    static const struct {
        struct str prefix;
        enum rule_level level;
    } levels[] = {{{"person.", 7}, RULE_PERSON},
                  {{"household.", 10}, RULE_HOUSEHOLD},
                  {{"area.", 5}, RULE_AREA}};
    for (size_t i = 0; i < 3; i++)
        if (str_starts(*text, levels[i].prefix)) {
            *level = levels[i].level;
            text->p += levels[i].prefix.len;
            text->len -= levels[i].prefix.len;
            return true;
        }
    return false;
}

/* In the order of rule.h: own level and outwards, thresholds, derived rules. */
static int32_t resolve(const struct compiler *c, struct str text)
{
    enum rule_level level = c->scope.names;
    int32_t i = *name_slot(c, text) >= 0 ? 0 : -1;
    if (i < 0) { /* "income.wages" is a plain name; "household.size" is not */
        if (!level_prefix(&level, &text))
            return -1;
        i = level > c->scope.names ? -1 : find(c, text, level, RULE_FIELD, RULE_DERIVED);
        return i;
    }
    i = find_outwards(c, text, level, RULE_FIELD, RULE_INCOME);
    if (i < 0)
        i = find_outwards(c, text, RULE_PERSON, RULE_THRESHOLD, RULE_THRESHOLD);
    if (i < 0)
        i = find_outwards(c, text, level, RULE_DERIVED, RULE_DERIVED);
    return i;
}

/* No name can be meant: unknown, or known only for people or households. */
static enum rc unknown(struct compiler *c, const struct token *t)
{
    struct cx *cx = c->cx;
    enum rule_level level = RULE_AREA;
    struct str text = t->text;
    const char *typed = arena_copy(cx->arena, text);
    int32_t i = *name_slot(c, text);
    if (i < 0 && level_prefix(&level, &text))
        i = find(c, text, level, RULE_FIELD, RULE_DERIVED);
    if (i >= 0 && c->d->names[i].level == RULE_PERSON)
        return rule_fail(
            c, t->at, t->length,
            _("“%s” belongs to each person, and this is asked of a household or an "
              "area. Ask its people, for example: count(members where …)"),
            typed);
    if (i >= 0)
        return rule_fail(c, t->at, t->length,
                         _("“%s” belongs to each household, and this is asked of an area. Ask "
                           "its households, for example: count(households where …)"),
                         typed);
    if (rule_word(c, "members") || rule_word(c, "households"))
        return rule_fail(c, t->at, t->length,
                         _("“%s” stands only in count(…), sum(…), min(…), max(…), any(…) or "
                           "all(…)"),
                         typed);
    c->nearest = rule_nearest_name(c, t->text);
    return rule_fail(c, t->at, t->length, _("“%s” is not a name that is known here"), typed);
}

static enum rule_level rows_of(const struct compiler *c, const struct rule_name *name)
{
    if (name->table == RULE_THRESHOLD)
        return rule_base_rows(c);
    if (name->level == RULE_PERSON)
        return RULE_PERSON;
    return name->level == RULE_HOUSEHOLD ? RULE_HOUSEHOLD : rule_base_rows(c);
}

static struct value load(struct compiler *c, int32_t i)
{
    const struct rule_name *name = &c->d->names[i];
    if (c->name_number[i] < 0) {
        c->name_number[i] = (int32_t)c->name_count;
        c->names[c->name_count++] = name;
    }
    struct rule_ins ins = {.op = OP_LOAD,
                           .level = (uint8_t)rows_of(c, name),
                           .back = (uint8_t)c->scope.back,
                           .decimals = (uint8_t)name->type.decimals,
                           .a = -1,
                           .b = -1,
                           .c = -1,
                           .k = c->name_number[i]};
    return (struct value){.ins = rule_emit(c, ins), .type = name->type};
}

/* "a → b → a": the rules that are open, from the outermost `name` inwards. */
static enum rc cycle(struct compiler *c, const struct token *t, const char *name)
{
    struct cx *cx = c->cx;
    const char *path = name;
    for (const struct derived_open *o = c->open; o; o = o->outer) {
        path = arena_printf(cx->arena, "%s → %s", o->name, path);
        if (o->name && strcmp(o->name, name) == 0)
            break;
    }
    return rule_fail(c, t->at, t->length, _("The rule “%s” needs itself: %s"), name, path);
}

/* Reads the derived rule's text; its place in a fault is told inside the message. */
static enum rc read_derived(struct value *out, struct compiler *c, const struct rule_name *name,
                            const struct token *t)
{
    struct cx *cx = c->cx;
    const struct derived_open open = {c->open, arena_copy(cx->arena, name->name)};
    const struct reader outer = c->in;
    const struct scope scope = c->scope;
    TRY(rule_deeper(c));
    // cppcheck-suppress autoVariables ; taken back below, on every way
    c->open = &open;
    c->scope = (struct scope){name->level, rows_of(c, name), c->scope.back, false};
    enum rc rc = rule_parse_text(out, c, name->text);
    if (!rc)
        rc = rule_settle(c, out, RULE_NUMBER);
    c->open = open.outer;
    c->scope = scope;
    c->in = outer;
    c->depth--;
    if (rc == RC_INVALID && c->message) {
        size_t line, column;
        rule_line_column(&line, &column, name->text, c->fault_at);
        if (!c->fault_inside)
            c->message =
                arena_printf(cx->arena, _("In the rule “%s”, line %zu, column %zu: %s"),
                             open.name, line, column, c->message);
        c->fault_inside = true;
        c->fault_at = t->at;
        c->fault_length = t->length;
    }
    return rc;
}

static enum rc derived(struct value *out, struct compiler *c, int32_t i, const struct token *t)
{
    struct cx *cx = c->cx;
    const struct rule_name *name = &c->d->names[i];
    enum rule_level rows = rows_of(c, name);
    for (const struct derived_open *o = c->open; o; o = o->outer)
        if (o->name && str_eq_z(name->name, o->name))
            return cycle(c, t, o->name);
    for (const struct derived_made *m = c->made[i]; m; m = m->next)
        if (m->rows == rows && m->back == c->scope.back) {
            *out = m->value;
            return RC_OK;
        }
    struct derived_made *made = arena_try(cx->arena, sizeof *made);
    if (!made)
        return fail(cx, RC_LIMIT, _("The rules are too large together"), "derived");
    TRY(read_derived(out, c, name, t));
    *made = (struct derived_made){c->made[i], rows, c->scope.back, *out};
    c->made[i] = made;
    return RC_OK;
}

enum rc rule_parse_name(struct value *out, struct compiler *c)
{
    const struct token t = c->in.now;
    bool is_today = rule_word(c, "today");
    if (is_today || rule_word(c, "year")) {
        struct rule_ins ins = {.op = is_today ? OP_TODAY : OP_YEAR,
                               .level = (uint8_t)rule_base_rows(c),
                               .back = (uint8_t)c->scope.back,
                               .a = -1,
                               .b = -1,
                               .c = -1};
        *out = (struct value){.ins = rule_emit(c, ins),
                              .type = {is_today ? RULE_DAY : RULE_NUMBER, 0, NULL}};
        return rule_read(c);
    }
    int32_t i = resolve(c, t.text);
    if (i < 0)
        return unknown(c, &t);
    if (c->d->names[i].table == RULE_DERIVED)
        TRY(derived(out, c, i, &t));
    else
        *out = load(c, i);
    return rule_read(c);
}

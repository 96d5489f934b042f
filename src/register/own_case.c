/* Test cases of own rules, read: a line of facts into values. Running them is own_case_run.c.
 */
#include "register/own_case.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_BYTES = 1000, GIVEN_ID = INT32_MIN + 1000 };

/* ---- the line ---- */

static const struct {
    const char *wide;
    char plain;
} signs[] = {{"：", ':'}, {"；", ';'}, {"｜", '|'}, {"＝", '='},  {"‘", '\''},
             {"’", '\''}, {"“", '\''}, {"”", '\''}, {"\"", '\''}, {"　", ' '}};

struct str case_plain(struct cx *cx, struct str line)
{
    struct buf b;
    bool quoted = false;
    buf_init(&b, cx->arena, line.len + 1);
    while (line.len) {
        char c = line.p[0];
        size_t width = 1;
        for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
            if (str_starts(line, str_of(signs[i].wide))) {
                c = signs[i].plain;
                width = strlen(signs[i].wide);
            }
        if (c == '#' && !quoted)
            break;
        quoted = c == '\'' ? !quoted : quoted;
        buf_char(&b, c);
        line.p += width;
        line.len -= width;
    }
    return str_trim(buf_view(&b));
}

/* As str_cut, but not within quotes. */
static struct str cut(struct str *rest, char separator)
{
    bool quoted = false;
    for (size_t i = 0; i < rest->len; i++) {
        if (rest->p[i] == '\'')
            quoted = !quoted;
        if (rest->p[i] == separator && !quoted) {
            struct str before = {rest->p, i};
            *rest = (struct str){rest->p + i + 1, rest->len - i - 1};
            return before;
        }
    }
    struct str all = *rest;
    *rest = (struct str){NULL, 0};
    return all;
}

/* ---- values ---- */

struct indicator case_like(const struct rule_type *type)
{
    static const enum indicator_type types[] = {
        [RULE_NUMBER] = TYPE_DECIMAL, [RULE_BOOL] = TYPE_BOOL, [RULE_CODE] = TYPE_CODE,
        [RULE_CODES] = TYPE_CODES,    [RULE_DAY] = TYPE_DAY,   [RULE_MONTH] = TYPE_MONTH,
        [RULE_TEXT] = TYPE_TEXT};
    return (struct indicator){.code = "",
                              .type = types[type->kind],
                              .decimals = type->decimals,
                              .list = type->list,
                              .unit = "",
                              .unit_label = {{"", ""}}};
}

static bool is_one_of(struct str text, const char *const *words)
{
    for (; *words; words++)
        if (str_eq_z(text, *words))
            return true;
    return false;
}
static const char *const yes_words[] = {"yes", "true", "是", "真", "1", NULL};
static const char *const no_words[] = {"no", "false", "否", "假", "0", NULL};
static const char *const missing_words[] = {"missing", "unknown", "not known", "不详", "未知",
                                            "不知道",  "缺失",    "空",        NULL};

/* Without quotes and parentheses: 'A', ('A', 'B'). */
static struct str bare(struct cx *cx, struct str text)
{
    struct buf b;
    bool quoted = false;
    buf_init(&b, cx->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        quoted = text.p[i] == '\'' ? !quoted : quoted;
        bool dropped = text.p[i] == '\'' || (!quoted && (text.p[i] == '(' || text.p[i] == ')'));
        if (!dropped)
            buf_char(&b, text.p[i]);
    }
    return str_trim(buf_view(&b));
}

static const char *bool_value(int64_t *out, struct cx *cx, struct str text)
{
    if (is_one_of(text, yes_words))
        *out = 1;
    else if (is_one_of(text, no_words))
        *out = 0;
    else
        return _("yes, no or unknown");
    return NULL;
}

const char *case_value(int64_t *out, struct cx *cx, const struct rule_type *type,
                       struct str text)
{
    const char *expected = NULL;
    struct value v;
    text = str_trim(text);
    if (is_one_of(text, missing_words)) {
        *out = RULE_MISSING;
        return NULL;
    }
    if (type->kind == RULE_BOOL)
        return bool_value(out, cx, text);
    if (type->kind == RULE_TEXT) { /* only whether there is one */
        *out = 1;
        return NULL;
    }
    if (type->kind == RULE_NUMBER)
        return str_to_scaled(out, text, type->decimals) && *out != RULE_MISSING
                   ? NULL
                   : arena_printf(cx->arena,
                                  _n("a number with at most %d decimal, such as 1200",
                                     "a number with at most %d decimals, such as 1200",
                                     type->decimals),
                                  (int)type->decimals);
    struct indicator like = case_like(type);
    bool is_list = type->kind == RULE_CODE || type->kind == RULE_CODES;
    text = is_list ? bare(cx, text) : text;
    if (text.len > VALUE_BYTES)
        return _("a shorter value");
    if (is_list && !type->list)
        return _("missing: this has no list");
    if (value_parse(&v, &expected, cx, &like, text, false) || v.kind != VALUE_INT) {
        err_clear(cx);
        return expected && expected[0] ? expected : _("a value, or unknown");
    }
    *out = v.i;
    return NULL;
}

/* ---- names ---- */

static bool drop_prefix(struct str *text, struct str prefix)
{
    if (!str_starts(*text, prefix))
        return false;
    text->p += prefix.len;
    text->len -= prefix.len;
    return true;
}

/* "last_year." and "earlier.3." in front; -1: not understood. */
static int years_back(struct str *name)
{
    int back = 0;
    for (;;) {
        struct str rest = *name;
        int64_t n = 1;
        if (drop_prefix(&rest, STR("earlier."))) {
            if (!str_to_i64(&n, str_cut(&rest, '.')) || n < 1 || !rest.p)
                return -1;
        } else if (!drop_prefix(&rest, STR("last_year."))) {
            return back;
        }
        if (n > RULE_EARLIER_MAX - back)
            return -1;
        back += (int)n;
        *name = rest;
    }
}

static const struct rule_name *find_at(const struct case_line *c, struct str name, int level)
{
    for (size_t i = 0; i < c->profile_count; i++)
        if ((int)c->own_names[i].level == level && str_eq(c->own_names[i].name, name))
            return &c->own_names[i];
    return NULL;
}

/* The name as a section of the household (person -1) or of a person means it. */
static const struct rule_name *find_name(const struct case_line *c, struct str name,
                                         bool of_person)
{
    int from = of_person ? RULE_PERSON : RULE_HOUSEHOLD,
        to = of_person ? RULE_PERSON : RULE_AREA;
    if (find_at(c, name, RULE_PERSON) && of_person)
        return find_at(c, name, RULE_PERSON);
    if (drop_prefix(&name, STR("person.")))
        from = to = RULE_PERSON;
    else if (drop_prefix(&name, STR("household.")))
        from = to = RULE_HOUSEHOLD;
    else if (drop_prefix(&name, STR("area.")))
        from = to = RULE_AREA;
    const struct rule_name *found = NULL;
    for (int level = from; level >= to && !found; level--)
        found = find_at(c, name, level);
    return found;
}

/* What the rule language says of a name that is not known: with the nearest one. */
static const char *unknown_name(struct cx *cx, const struct case_line *c, struct str name)
{
    struct arena_mark mark = arena_mark(cx->arena);
    const struct rule_program *program;
    struct rule_fault fault = {.message = NULL};
    const char *typed = arena_copy(cx->arena, name);
    const char *text = arena_printf(cx->arena, "%s is missing", typed);
    const struct rule_text probe = {.name = "", .level = RULE_PERSON, .text = str_of(text)};
    char kept[400] = "";
    enum rc rc = rule_compile(&program, &fault, cx, cx->profile->rules->dictionary, &probe, 1);
    err_clear(cx);
    if (rc == RC_INVALID && fault.message)
        (void)snprintf(kept, sizeof kept, "%s", fault.message);
    arena_back(cx->arena, mark);
    (void)c;
    if (kept[0] && utf8_bad_at(str_of(kept)) >= strlen(kept))
        return arena_copy(cx->arena, str_of(kept));
    return arena_printf(cx->arena, _("“%.*s” is not a name that is known here."),
                        STR_ARG(name));
}

/* A derived name that is given: a fact of its own, and the rule where it is not. */
static int32_t stand_in(struct case_line *c, struct cx *cx, const struct rule_name *derived)
{
    size_t at = (size_t)(derived - c->own_names);
    int32_t id = GIVEN_ID + (int32_t)at;
    for (size_t i = c->profile_count; i < c->names.count; i++)
        if (c->own_names[i].id == id)
            return id;
    const char *given = arena_printf(cx->arena, "given.n%zu", at);
    struct rule_name *n = &c->own_names[c->names.count++];
    *n = (struct rule_name){.name = str_of(given),
                            .level = derived->level,
                            .type = derived->type,
                            .table = RULE_FIELD,
                            .id = id,
                            .label = derived->label};
    c->own_names[at].text =
        str_of(arena_printf(cx->arena, "first(%s, %.*s)", given, STR_ARG(derived->text)));
    return id;
}

/* ---- a fact ---- */

static void wrong(struct case_line *c, const char *problem)
{
    if (!c->problem)
        c->problem = problem;
}

/* today and year are of the case itself. */
static bool read_moment(struct case_line *c, struct cx *cx, struct str name, struct str value)
{
    static const struct rule_type day = {RULE_DAY, 0, NULL}, number = {RULE_NUMBER, 0, NULL};
    bool is_day = str_eq(name, STR("today"));
    int64_t v = 0;
    if (!is_day && !str_eq(name, STR("year")))
        return false;
    const char *expected = case_value(&v, cx, is_day ? &day : &number, value);
    bool fits = !expected && v != RULE_MISSING &&
                (is_day ? v >= -50000 && v <= 80000 : v >= 1900 && v <= 2200);
    if (!fits)
        wrong(c, arena_printf(cx->arena,
                              _("“%.*s” is not understood: write today = 2026-11-23, "
                                "or year = 2026."),
                              STR_ARG(value)));
    else if (is_day)
        c->day = (int32_t)v;
    else
        c->year = (int32_t)v;
    return true;
}

static void add_fact(struct case_line *c, struct cx *cx, const struct case_fact *f)
{
    if (c->fact_count == OWN_CASE_FACTS_MAX)
        wrong(c, arena_printf(cx->arena, _("A test case may have at most %d facts."),
                              (int)OWN_CASE_FACTS_MAX));
    else
        c->facts[c->fact_count++] = *f;
}

/* Whose the name is; false: not of this section. */
static bool place_fact(struct case_line *c, struct cx *cx, struct case_fact *f,
                       const struct rule_name *name, int32_t section)
{
    bool of_person = name->level == RULE_PERSON;
    bool first_too = c->rule->subject == SUBJECT_PERSON;
    f->person = of_person ? (section < 0 ? 0 : section) : -1;
    if (of_person && section < 0 && !first_too) {
        wrong(c, arena_printf(cx->arena, _("“%.*s” belongs to a person: write it behind a |"),
                              STR_ARG(name->name)));
        return false;
    }
    if (!of_person && section >= 0) {
        wrong(c, arena_printf(
                     cx->arena,
                     _("“%.*s” belongs to the household: write it in front of the first |"),
                     STR_ARG(name->name)));
        return false;
    }
    if (of_person && c->people < f->person + 1)
        c->people = f->person + 1;
    return true;
}

static void read_fact(struct case_line *c, struct cx *cx, struct str part, int32_t section)
{
    struct str rest = part, name = str_trim(cut(&rest, '='));
    struct case_fact f = {0};
    if (!rest.p || !name.len) {
        wrong(c, arena_printf(cx->arena,
                              _("“%.*s” is not understood: write name = value, and ; between "
                                "two of them."),
                              STR_ARG(part)));
        return;
    }
    struct str value = str_trim(rest);
    if (section < 0 && read_moment(c, cx, name, value))
        return;
    f.back = years_back(&name);
    if (f.back < 0) {
        wrong(c, arena_printf(cx->arena,
                              _("“%.*s” is not understood: write last_year.name, or "
                                "earlier.2.name with at most %d years."),
                              STR_ARG(name), (int)RULE_EARLIER_MAX));
        return;
    }
    bool of_person = section >= 0 || c->rule->subject == SUBJECT_PERSON;
    const struct rule_name *found = find_name(c, name, of_person);
    if (!found)
        found = find_name(c, name, !of_person);
    if (!found) {
        wrong(c, unknown_name(cx, c, name));
        return;
    }
    if (!place_fact(c, cx, &f, found, section))
        return;
    const char *expected = case_value(&f.value, cx, &found->type, value);
    if (expected) {
        wrong(c, arena_printf(cx->arena, _("“%.*s” does not fit %.*s; expected: %s"),
                              STR_ARG(value), STR_ARG(name), expected));
        return;
    }
    f.table = found->table == RULE_DERIVED ? RULE_FIELD : found->table;
    f.id = found->table == RULE_DERIVED ? stand_in(c, cx, found) : found->id;
    add_fact(c, cx, &f);
}

static void read_section(struct case_line *c, struct cx *cx, struct str text, int32_t section)
{
    struct str rest = text;
    if (section >= OWN_CASE_PEOPLE_MAX) {
        wrong(c, arena_printf(cx->arena, _("A test case may have at most %d people."),
                              (int)OWN_CASE_PEOPLE_MAX));
        return;
    }
    if (section >= 0 && c->people < section + 1)
        c->people = section + 1;
    while (rest.p && !c->problem) {
        struct str part = str_trim(cut(&rest, ';'));
        if (part.len)
            read_fact(c, cx, part, section);
    }
}

/* In a rule about people whose first section names a person, what follows are the others. */
static bool names_person(const struct case_line *c)
{
    for (size_t i = 0; i < c->fact_count; i++)
        if (c->facts[i].person == 0)
            return true;
    return false;
}

void case_read(struct case_line *out, struct cx *cx, const struct own_rule *rule,
               const struct case_place *place, struct str text)
{
    const struct rule_dictionary *d = cx->profile->rules->dictionary;
    struct str rest = text;
    *out = (struct case_line){.rule = rule, .profile_count = d->count, .day = place->today};
    size_t room = d->count + OWN_CASE_FACTS_MAX + 1;
    out->own_names = arena_array(cx->arena, room, sizeof *out->own_names);
    out->facts = arena_array(cx->arena, OWN_CASE_FACTS_MAX, sizeof *out->facts);
    if (!out->own_names || !out->facts) {
        wrong(out, _("There is no room for this test case."));
        return;
    }
    memcpy(out->own_names, d->names, d->count * sizeof *out->own_names);
    out->names = *d;
    out->names.names = out->own_names;
    out->expected = str_trim(cut(&rest, ':'));
    if (!rest.p) {
        wrong(out,
              _("Begin with what the rule must answer and a colon, such as yes: size = 3"));
        return;
    }
    read_section(out, cx, cut(&rest, '|'), -1);
    int32_t person = names_person(out) ? 1 : 0;
    while (rest.p && !out->problem)
        read_section(out, cx, cut(&rest, '|'), person++);
    if (rule->subject == SUBJECT_PERSON && out->people == 0)
        out->people = 1;
}

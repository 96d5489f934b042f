/* Parses a model's line: see formula.h. */
#include "insight/formula.h"

#include "base/text.h"
#include "base/utf8.h"

#include <assert.h>
#include <math.h>

struct parser {
    struct cx *cx;
    struct str text;
    size_t at;
    struct formula *f;
};

/* ---- mistakes ---- */

/* The character the parser stands at, from 1. */
static size_t place(const struct parser *p)
{
    struct str before = {p->text.p, p->at};
    size_t n = 1;
    while (before.len && utf8_next(&before))
        n++;
    return n;
}

/* What stands there, for a message: up to 20 bytes. */
static const char *here(const struct parser *p)
{
    struct cx *cx = p->cx;
    struct str rest = {p->text.p + p->at, p->text.len - p->at};
    if (!rest.len)
        return _("the end");
    if (rest.len > 20)
        rest.len = utf8_whole((struct str){rest.p, 20}, CHARSET_UTF8);
    return arena_printf(cx->arena, "“%.*s”", STR_ARG(rest));
}

static enum rc mistake(const struct parser *p, const char *expected)
{
    struct cx *cx = p->cx;
    return fail_f(cx, RC_INVALID, _("The formula, character %zu: %s stands here; expected %s."),
                  place(p), here(p), expected);
}

/* ---- characters ---- */

static void blanks(struct parser *p)
{
    while (p->at < p->text.len && strchr(" \t\r\n", p->text.p[p->at]))
        p->at++;
}

static char peek(struct parser *p)
{
    blanks(p);
    return p->at < p->text.len ? p->text.p[p->at] : '\0';
}

static bool take(struct parser *p, char c)
{
    if (peek(p) != c)
        return false;
    p->at++;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.';
}

/* A run of name bytes; empty when none begins here. */
static struct str word(struct parser *p)
{
    blanks(p);
    size_t from = p->at;
    if (from < p->text.len && is_letter(p->text.p[from]))
        while (p->at < p->text.len && is_name(p->text.p[p->at]))
            p->at++;
    return (struct str){p->text.p + from, p->at - from};
}

static enum rc quoted(const char **out, struct parser *p)
{
    struct cx *cx = p->cx;
    size_t from = p->at; /* behind the first quote */
    while (p->at < p->text.len && p->text.p[p->at] != '`')
        p->at++;
    if (p->at == p->text.len)
        return mistake(p, _("the closing back quote of a column's name"));
    *out = arena_copy(cx->arena, (struct str){p->text.p + from, p->at - from});
    p->at++;
    return **out ? RC_OK : mistake(p, _("a column's name between the back quotes"));
}

static enum rc name(const char **out, struct parser *p)
{
    struct cx *cx = p->cx;
    if (take(p, '`'))
        return quoted(out, p);
    struct str w = word(p);
    if (!w.len)
        return mistake(p, _("a column's name"));
    *out = arena_copy(cx->arena, w);
    return RC_OK;
}

static enum rc number(double *out, struct parser *p)
{
    struct cx *cx = p->cx;
    blanks(p);
    size_t from = p->at;
    while (p->at < p->text.len && strchr("0123456789.-+eE", p->text.p[p->at]) != NULL)
        p->at++;
    if (str_to_f64(out, (struct str){p->text.p + from, p->at - from}))
        return RC_OK;
    p->at = from;
    return mistake(p, _("a number"));
}

/* ---- parts ---- */

static enum rc closing(struct parser *p)
{
    return take(p, ')') ? RC_OK : mistake(p, "“)”");
}

static enum rc spline(struct formula_part *out, struct parser *p)
{
    struct cx *cx = p->cx;
    TRY(name(&out->name, p));
    while (take(p, ',')) {
        if (out->knot_count == FORMULA_KNOTS_MAX)
            return fail_f(cx, RC_LIMIT, _("A spline has at most %d knots."),
                          (int)FORMULA_KNOTS_MAX);
        double *knot = &out->knot[out->knot_count];
        TRY(number(knot, p));
        if (out->knot_count && *knot <= knot[-1])
            return fail_f(cx, RC_INVALID,
                          _("The formula, character %zu: the knots of a spline ascend; %g "
                            "comes after %g."),
                          place(p), *knot, knot[-1]);
        out->knot_count++;
    }
    if (!out->knot_count)
        return mistake(p, _("a comma and a knot, as in spline(x, 10, 20)"));
    return closing(p);
}

static enum rc power(struct formula_part *out, struct parser *p)
{
    struct cx *cx = p->cx;
    if (!take(p, '^'))
        return RC_OK;
    char c = peek(p);
    if (c < '2' || c > '9')
        return mistake(p, _("a power from 2 to 9"));
    p->at++;
    out->kind = FORMULA_POWER;
    out->power = c - '0';
    return RC_OK;
}

/* Behind "i." or "c." or "ib3." a column's name, as the word's rest or in back quotes. */
static enum rc prefixed(bool *found, struct formula_part *out, struct parser *p)
{
    struct cx *cx = p->cx;
    size_t from = p->at;
    struct str w = word(p);
    const char *dot = w.len ? memchr(w.p, '.', w.len) : NULL;
    struct str prefix = {w.p, dot ? (size_t)(dot - w.p) : 0};
    bool based = prefix.len > 2 && w.p[0] == 'i' && w.p[1] == 'b';
    *found = str_eq_z(prefix, "i") || str_eq_z(prefix, "c") || based;
    if (!*found) {
        p->at = from;
        return RC_OK;
    }
    if (prefix.p[0] == 'i')
        out->kind = FORMULA_GROUPS;
    if (based)
        out->base = arena_copy(cx->arena, (struct str){prefix.p + 2, prefix.len - 2});
    p->at = (size_t)(dot + 1 - p->text.p);
    if (p->at < p->text.len && p->text.p[p->at] == '`') {
        p->at++;
        return quoted(&out->name, p);
    }
    struct str rest = {dot + 1, w.len - prefix.len - 1};
    if (!rest.len)
        return mistake(p, _("a column's name behind the dot"));
    out->name = arena_copy(cx->arena, rest);
    p->at += rest.len;
    return RC_OK;
}

static enum rc call(struct formula_part *out, struct parser *p, const char *function)
{
    struct cx *cx = p->cx;
    assert(function);
    if (!strcmp(function, "spline")) {
        out->kind = FORMULA_SPLINE;
        return spline(out, p);
    }
    if (strcmp(function, "log") != 0 && strcmp(function, "sqrt") != 0)
        return fail_f(cx, RC_INVALID,
                      _("The formula, character %zu: there is no function “%s”; there are log, "
                        "sqrt and spline."),
                      place(p), function);
    out->kind = function[0] == 'l' ? FORMULA_LOG : FORMULA_SQRT;
    TRY(name(&out->name, p));
    return closing(p);
}

/* *bare: a name without a sign of what it is. */
static enum rc part(struct formula_part *out, bool *bare, struct parser *p)
{
    bool found = false;
    *out = (struct formula_part){.kind = FORMULA_NUMBER, .name = ""};
    *bare = false;
    blanks(p);
    TRY(prefixed(&found, out, p));
    if (found)
        return out->kind == FORMULA_NUMBER ? power(out, p) : RC_OK;
    bool plain = peek(p) != '`';
    TRY(name(&out->name, p));
    if (plain && take(p, '(')) {
        const char *function = out->name;
        return call(out, p, function);
    }
    *bare = true;
    return power(out, p);
}

bool formula_same_part(const struct formula_part *a, const struct formula_part *b)
{
    return a->kind == b->kind && a->power == b->power && a->knot_count == b->knot_count &&
           !strcmp(a->name, b->name) &&
           !memcmp(a->knot, b->knot, a->knot_count * sizeof *a->knot);
}

/* ---- terms ---- */

/* The same parts in any order; c.x#c.x is not c.x. */
static bool same_term(const struct formula_term *a, const struct formula_term *b)
{
    bool used[FORMULA_PARTS_MAX] = {0};
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        size_t j = 0;
        while (j < b->count && (used[j] || !formula_same_part(&a->part[i], &b->part[j])))
            j++;
        if (j == b->count)
            return false;
        used[j] = true;
    }
    return true;
}

static enum rc add_term(struct parser *p, const struct formula_term *t)
{
    struct cx *cx = p->cx;
    for (size_t i = 0; i < p->f->count; i++)
        if (same_term(&p->f->terms[i], t))
            return RC_OK;
    if (p->f->count == FORMULA_TERMS_MAX)
        return fail_f(cx, RC_LIMIT, _("A formula has at most %d terms."),
                      (int)FORMULA_TERMS_MAX);
    p->f->terms[p->f->count++] = *t;
    return RC_OK;
}

/* All products of some of the parts: smaller ones first. */
static enum rc add_products(struct parser *p, const struct formula_term *t)
{
    for (size_t size = 1; size <= t->count; size++)
        for (unsigned set = 1; set < 1U << t->count; set++) {
            struct formula_term some = {0};
            for (size_t i = 0; i < t->count; i++)
                if (set >> i & 1)
                    some.part[some.count++] = t->part[i];
            if (some.count == size)
                TRY(add_term(p, &some));
        }
    return RC_OK;
}

static enum rc term(struct parser *p)
{
    struct cx *cx = p->cx;
    struct formula_term t = {0};
    bool bare = false, any_bare = false, all = false, only = false;
    do {
        if (t.count == FORMULA_PARTS_MAX)
            return fail_f(cx, RC_LIMIT, _("An interaction has at most %d parts."),
                          (int)FORMULA_PARTS_MAX);
        TRY(part(&t.part[t.count++], &bare, p));
        any_bare |= bare;
        if (!take(p, '#'))
            break;
        bool twice = p->at < p->text.len && p->text.p[p->at] == '#';
        p->at += twice;
        all |= twice;
        only |= !twice;
    } while (true);
    if (any_bare && t.count > 1)
        return fail_f(cx, RC_INVALID,
                      _("The formula, before character %zu: in an interaction say what each "
                        "part is: c.age for a number, i.region for groups."),
                      place(p));
    if (all && only)
        return fail_f(cx, RC_INVALID,
                      _("The formula, before character %zu: take # or ## in one term, not "
                        "both."),
                      place(p));
    return all ? add_products(p, &t) : add_term(p, &t);
}

static enum rc outcome(struct parser *p)
{
    struct cx *cx = p->cx;
    bool bare = false;
    TRY(part(&p->f->outcome, &bare, p));
    enum formula_kind kind = p->f->outcome.kind;
    if (kind != FORMULA_NUMBER && kind != FORMULA_LOG)
        return fail(cx, RC_INVALID,
                    _("The outcome of a formula is a column, or log(column): y ~ x."),
                    "outcome");
    return take(p, '~') ? RC_OK : mistake(p, _("“~” between the outcome and the terms"));
}

/* "1", "0" and "- 1"; *found: it was one. */
static enum rc constant(bool *found, struct parser *p, bool minus)
{
    struct cx *cx = p->cx;
    char c = peek(p);
    bool alone = p->at + 1 >= p->text.len || !is_name(p->text.p[p->at + 1]);
    *found = (c == '0' || c == '1') && alone;
    if (*found) {
        p->f->constant = (c == '1') != minus;
        p->at++;
    } else if (minus) {
        return mistake(p, _("1: only the constant can be taken away"));
    }
    return RC_OK;
}

enum rc formula_parse(struct formula *out, struct cx *cx, const char *text)
{
    struct formula f = {.constant = true};
    struct parser p = {.cx = cx, .text = str_of(text), .f = &f};
    if (p.text.len > FORMULA_BYTES_MAX)
        return fail(cx, RC_LIMIT, _("The formula is too long."), "bytes=%zu", p.text.len);
    if (utf8_bad_at(p.text) != p.text.len)
        return fail(cx, RC_INVALID, _("The formula is not valid UTF-8 text."), "utf8");
    f.terms = arena_new(cx->arena, FORMULA_TERMS_MAX * sizeof *f.terms);
    TRY(outcome(&p));
    bool minus = take(&p, '-'), found = false;
    do {
        TRY(constant(&found, &p, minus));
        if (!found)
            TRY(term(&p));
        minus = peek(&p) == '-';
    } while (take(&p, minus ? '-' : '+'));
    if (p.at < p.text.len)
        return mistake(&p, _("“+” and a further term, or the end"));
    if (!f.count && !f.constant)
        return fail(cx, RC_INVALID, _("The formula has no terms: y ~ x."), "terms");
    *out = f;
    return RC_OK;
}

const char *formula_part_name(struct cx *cx, const struct formula_part *p)
{
    switch (p->kind) {
    case FORMULA_LOG:
        return arena_printf(cx->arena, "log(%s)", p->name);
    case FORMULA_SQRT:
        return arena_printf(cx->arena, "sqrt(%s)", p->name);
    case FORMULA_POWER:
        return arena_printf(cx->arena, "%s^%d", p->name, p->power);
    case FORMULA_NUMBER:
    case FORMULA_GROUPS:
    case FORMULA_SPLINE:
        break;
    }
    return p->name;
}

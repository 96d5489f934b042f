/* A condition over the columns of a file: see file_rule.h. */
#include "insight/file_rule.h"

#include "base/text.h"
#include "rule/rule.h"

#include <math.h>

enum { BLOCK = 4096, DECIMALS_MAX = 9, WORDS_MAX = 200 };
static const double scaled_max = 9e18;

/* ---- words ---- */

static bool is_first(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(char c)
{
    return is_first(c) || (c >= '0' && c <= '9') || c == '.';
}

static bool is_known(const struct file_want *list, size_t count, struct str word)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(word, list[i].name))
            return true;
    return false;
}

enum rc file_rule_columns(struct file_want **out, size_t *count, struct cx *cx,
                          const char *rule)
{
    struct file_want *list = arena_new(cx->arena, WORDS_MAX * sizeof *list);
    size_t n = 0;
    for (const char *p = rule; *p;) {
        const char *from = p;
        if (*p == '\'') { /* a text: no column */
            for (p++; *p && *p != '\'';)
                p++;
            p += *p == '\'';
            continue;
        }
        if (!is_word(*p)) {
            p++;
            continue;
        }
        while (is_word(*p))
            p++;
        struct str word = {from, (size_t)(p - from)};
        if (!is_first(*from) || is_known(list, n, word))
            continue;
        if (n == WORDS_MAX)
            return fail(cx, RC_LIMIT, _("The condition of --if is too long."), "words");
        list[n++] = (struct file_want){
            .name = arena_copy(cx->arena, word), .as_auto = true, .optional = true};
    }
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- values ---- */

struct source {
    const struct file_want *columns;
    const unsigned *decimals;
    const int64_t *row;
};

/* The fewest decimals that hold every value exactly, else six. */
static enum rc decimals_of(unsigned *out, struct cx *cx, const struct file_want *w, size_t rows)
{
    unsigned decimals = 0;
    double scale = 1, largest = 0;
    for (size_t i = 0; i < rows; i++) {
        double x = fabs(w->number[i]);
        if (isnan(x))
            continue;
        largest = fmax(largest, x);
        while (decimals < DECIMALS_MAX &&
               fabs(x * scale - nearbyint(x * scale)) > 1e-15 * x * scale) {
            decimals++;
            scale *= 10;
        }
    }
    if (decimals == DECIMALS_MAX) {
        decimals = 6;
        scale = 1e6;
    }
    if (largest * scale > scaled_max)
        return fail_f(cx, RC_INVALID,
                      _("Column %s has numbers too large for a condition (up to %g)."), w->name,
                      largest);
    *out = decimals;
    return RC_OK;
}

// NOLINTNEXTLINE(readability-function-size): the contract's parameters
static void load(void *arg, int64_t *out, const struct rule_block *b, enum rule_level level,
                 enum rule_table table, int32_t id, int back)
{
    const struct source *s = arg;
    const struct file_want *w = &s->columns[id];
    double scale = pow(10, s->decimals[id]);
    (void)table;
    for (size_t i = 0; i < b->count[level]; i++) {
        size_t row = (size_t)b->row[level][i];
        if (back)
            out[i] = RULE_MISSING;
        else if (w->number)
            out[i] = isnan(w->number[row]) ? RULE_MISSING : llrint(w->number[row] * scale);
        else
            out[i] = *w->labels[w->label[row]] ? (int64_t)w->label[row] + 1 : RULE_MISSING;
    }
}

/* Codes of a column of texts: place + 1. */
static bool code_find(int32_t *code, struct cx *cx, const void *list, struct str text)
{
    const struct file_want *w = list;
    (void)cx;
    for (size_t i = 0; i < w->label_count; i++)
        if (str_eq_z(text, w->labels[i])) {
            *code = (int32_t)i + 1;
            return true;
        }
    return false;
}

static const char *code_label(struct cx *cx, const void *list, size_t i)
{
    const struct file_want *w = list;
    (void)cx;
    return i < w->label_count && i < 1000 ? w->labels[i] : NULL;
}

static enum rc dictionary(struct rule_dictionary *out, unsigned **decimals, struct cx *cx,
                          const struct file_want *columns, size_t count, size_t rows)
{
    struct rule_name *names = arena_array(cx->arena, count + 1, sizeof *names);
    unsigned *digits = arena_array(cx->arena, count + 1, sizeof *digits);
    size_t n = 0;
    if (!names || !digits)
        return fail(cx, RC_LIMIT, _("The condition of --if is too long."), "names");
    for (size_t i = 0; i < count; i++) {
        const struct file_want *w = &columns[i];
        if (!w->number && !w->label)
            continue;
        if (w->number)
            TRY(decimals_of(&digits[i], cx, w, rows));
        names[n++] = (struct rule_name){
            .name = str_of(w->name),
            .level = RULE_AREA,
            .type = {w->number ? RULE_NUMBER : RULE_CODE, digits[i], w->number ? NULL : w},
            .table = RULE_FIELD,
            .id = (int32_t)i};
    }
    *out = (struct rule_dictionary){names, n, code_find, code_label};
    *decimals = digits;
    return RC_OK;
}

enum rc file_rule_run(uint8_t **out, struct cx *cx, const char *rule,
                      const struct file_want *columns, size_t count, size_t rows)
{
    static const size_t max[3] = {[RULE_AREA] = BLOCK};
    const struct rule_text text = {"--if", RULE_AREA, str_of(rule), true};
    const struct rule_program *p = NULL;
    struct rule_dictionary d;
    struct rule_fault fault = {0};
    struct rule_figures figures = {0};
    struct rule_runner *r = NULL;
    unsigned *decimals = NULL;
    int64_t row[BLOCK];
    TRY(dictionary(&d, &decimals, cx, columns, count, rows));
    TRY(rule_compile(&p, &fault, cx, &d, &text, 1));
    TRY(rule_runner_make(&r, cx, p, max));
    uint8_t *inside = arena_array(cx->arena, rows + 1, sizeof *inside);
    if (!inside)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", rows);
    struct source source = {columns, decimals, row};
    const struct rule_source from = {.arg = &source, .load = load};
    for (size_t first = 0; first < rows; first += BLOCK) {
        size_t n = rows - first < BLOCK ? rows - first : BLOCK;
        for (size_t i = 0; i < n; i++)
            row[i] = (int64_t)(first + i);
        const struct rule_block b = {.count = {[RULE_AREA] = n}, .row = {[RULE_AREA] = row}};
        rule_run(&figures, r, &from, &b);
        const int64_t *value = rule_value(r, 0);
        for (size_t i = 0; i < n; i++)
            inside[first + i] = value[i] == 1;
    }
    *out = inside;
    return RC_OK;
}

/* Mistakes in a rule's text: what is said, and the name or label that was probably meant. */
#include "rule/rule_impl.h"

#include "base/utf8.h"

#include <string.h>

enum { NEAR_CHARACTERS = 48, LABELS_MAX = 6000, EXCERPT_BYTES = 40 };

enum rc rule_fail(struct compiler *c, size_t at, size_t length, const char *format, ...)
{
    struct cx *cx = c->cx;
    if (!c->message) {
        va_list ap;
        va_start(ap, format);
        c->message = arena_vprintf(cx->arena, format, ap);
        va_end(ap);
        if (c->nearest)
            c->message =
                arena_printf(cx->arena, _("%s. Did you mean “%s”?"), c->message, c->nearest);
        c->fault_at = at;
        c->fault_length = length;
    }
    return RC_INVALID;
}

enum rc rule_fail_value(struct compiler *c, const struct value *v, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    const char *text = arena_vprintf(c->cx->arena, format, ap);
    va_end(ap);
    return rule_fail(c, v->at, v->length, "%s", text);
}

void rule_line_column(size_t *line, size_t *column, struct str text, size_t at)
{
    size_t begin = 0;
    *line = 1;
    for (size_t i = 0; i < at && i < text.len; i++)
        if (text.p[i] == '\n') {
            ++*line;
            begin = i + 1;
        }
    struct str before = {text.p + begin, (at < text.len ? at : text.len) - begin};
    for (*column = 1; before.len; ++*column)
        (void)utf8_next(&before);
}

const char *rule_excerpt_at(struct compiler *c, size_t at, size_t length)
{
    struct str text = {c->in.text.p + at, length};
    if (text.len <= EXCERPT_BYTES)
        return arena_copy(c->cx->arena, text);
    text.len = utf8_whole((struct str){text.p, EXCERPT_BYTES}, CHARSET_UTF8);
    return arena_printf(c->cx->arena, "%.*s…", STR_ARG(text));
}

const char *rule_excerpt(struct compiler *c, const struct value *v)
{
    return rule_excerpt_at(c, v->at, v->length);
}

const char *rule_kind_words(struct compiler *c, enum rule_kind kind)
{
    static const char *const words[] = {
        [RULE_NUMBER] = N_("a number"),
        [RULE_BOOL] = N_("a condition (true or false)"),
        [RULE_CODE] = N_("an answer of a list"),
        [RULE_CODES] = N_("several answers of a list"),
        [RULE_DAY] = N_("a day"),
        [RULE_MONTH] = N_("a month"),
        [RULE_TEXT] = N_("a text"),
    };
    return text_in(c->cx->lang, words[kind]);
}

const char *rule_labels(struct compiler *c, const void *list)
{
    struct buf b;
    buf_init(&b, c->cx->arena, 1024);
    const char *label = NULL;
    for (size_t i = 0; (label = c->d->code_label(c->cx, list, i)) != NULL; i++) {
        if (i == 6 || b.len > 120) {
            buf_z(&b, " …");
            break;
        }
        buf_printf(&b, "%s%s", i ? ", " : "", label);
    }
    return buf_ok(&b) ? arena_copy(c->cx->arena, buf_view(&b)) : "…";
}

const char *rule_label_of(struct compiler *c, const void *list, struct str text)
{
    int32_t wanted = 0, code = 0;
    const char *label = NULL;
    if (!c->d->code_find(&wanted, c->cx, list, text))
        return NULL;
    for (size_t i = 0; i < LABELS_MAX && (label = c->d->code_label(c->cx, list, i)); i++)
        if (c->d->code_find(&code, c->cx, list, str_of(label)) && code == wanted)
            return label;
    return NULL;
}

/* Characters with ASCII in small letters; at most NEAR_CHARACTERS. */
static size_t characters(uint32_t *out, struct str s)
{
    size_t n = 0;
    while (s.len && n < NEAR_CHARACTERS) {
        uint32_t ch = utf8_next(&s);
        out[n++] = ch >= 'A' && ch <= 'Z' ? ch + 32 : ch;
    }
    return n;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters put in, left out, changed or swapped with their neighbour, each counting 1.
 * Source: Damerau 1964, as optimal string alignment. */
static size_t distance(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
    size_t rows[3][NEAR_CHARACTERS + 1];
    for (size_t j = 0; j <= b_count; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_count; i++) {
        size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_count; j++) {
            size_t change = last[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(change, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[a_count % 3][b_count];
}

/* The best of several candidates for one text. */
struct search_near {
    uint32_t text[NEAR_CHARACTERS];
    size_t count, score;
    const char *best;
};

static void near_begin(struct search_near *n, struct str text)
{
    n->count = characters(n->text, text);
    n->score = SIZE_MAX;
    n->best = NULL;
}

static bool contains(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
    for (size_t i = 0; i + b_count <= a_count; i++)
        if (memcmp(a + i, b, b_count * sizeof *b) == 0)
            return true;
    return false;
}

/* Near is a third of the characters, at least one and not all; or one inside the other. */
static void near_try(struct search_near *n, struct str candidate, const char *shown)
{
    uint32_t other[NEAR_CHARACTERS];
    size_t count = characters(other, candidate);
    if (!count || !n->count)
        return;
    size_t apart = distance(n->text, n->count, other, count), longer = n->count;
    longer = count > longer ? count : longer;
    size_t limit = longer / 3 > 1 ? longer / 3 : 1;
    bool close = apart <= limit && apart < longer;
    bool inside = (n->count >= 2 && contains(other, count, n->text, n->count)) ||
                  (count >= 2 && contains(n->text, n->count, other, count));
    size_t score = close ? apart : inside ? 1000 + apart : SIZE_MAX;
    if (score < n->score) {
        n->score = score;
        n->best = shown;
    }
}

const char *rule_nearest_label(struct compiler *c, const void *list, struct str text)
{
    struct search_near n;
    const char *label = NULL;
    near_begin(&n, text);
    for (size_t i = 0; i < LABELS_MAX && (label = c->d->code_label(c->cx, list, i)); i++)
        near_try(&n, str_of(label), label);
    return n.best;
}

static const char *const language_words[] = {
    "and",   "or",    "not",   "in",    "is",      "missing",    "has",
    "true",  "false", "today", "year",  "if",      "first",      "min",
    "max",   "abs",   "round", "years", "months",  "last_year",  "earlier",
    "count", "sum",   "any",   "all",   "members", "households", "where"};

static void near_words(struct search_near *n)
{
    for (size_t i = 0; i < sizeof language_words / sizeof *language_words; i++)
        near_try(n, str_of(language_words[i]), language_words[i]);
}

const char *rule_nearest_word(struct compiler *c, struct str text)
{
    struct search_near n;
    (void)c;
    near_begin(&n, text);
    near_words(&n);
    return n.score <= 2 ? n.best : NULL;
}

const char *rule_nearest_name(struct compiler *c, struct str text)
{
    struct search_near n;
    size_t best = SIZE_MAX;
    near_begin(&n, text);
    for (size_t i = 0; i < c->d->count; i++) {
        const struct rule_name *name = &c->d->names[i];
        size_t before = n.score;
        near_try(&n, name->name, "");
        if (name->label)
            near_try(&n, str_of(name->label), "");
        if (n.score < before)
            best = i;
    }
    if (best != SIZE_MAX)
        n.best = arena_copy(c->cx->arena, c->d->names[best].name);
    near_words(&n);
    return n.best;
}

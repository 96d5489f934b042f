/* What tmplc knows about HTML and about C inside of templates; see markup.h. */
#include "common/markup.h"

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++) {
        if (strcmp(name, *names) == 0)
            return true;
    }
    return false;
}

bool markup_is_void(const char *tag)
{
    static const char *const names[] = {"area",   "base",  "br",    "col",  "embed",
                                        "hr",     "img",   "input", "link", "meta",
                                        "source", "track", "wbr",   NULL};
    return is_one_of(tag, names);
}

bool markup_is_raw(const char *tag)
{
    static const char *const names[] = {"script", "style", NULL};
    return is_one_of(tag, names);
}

bool markup_keeps_space(const char *tag)
{
    static const char *const names[] = {"pre", "textarea", NULL};
    return is_one_of(tag, names);
}

bool markup_is_literal(const char *tag)
{
    static const char *const names[] = {"code", "kbd", "samp", "var", NULL};
    return is_one_of(tag, names);
}

bool markup_may_self_close(const char *tag)
{
    static const char *const names[] = {"path",     "rect",  "circle", "line",
                                        "polyline", "use",   "stop",   "polygon",
                                        "ellipse",  "image", NULL};
    return is_one_of(tag, names);
}

bool markup_is_address(const char *attribute)
{
    static const char *const names[] = {"href", "src",    "action",     "formaction",
                                        "cite", "poster", "xlink:href", NULL};
    return is_one_of(attribute, names);
}

bool markup_is_for_people(const char *attribute)
{
    static const char *const names[] = {"title",          "alt",   "placeholder",
                                        "aria-label",     "label", "aria-description",
                                        "aria-valuetext", NULL};
    return is_one_of(attribute, names);
}

/* Signs that need no translation: Latin-1 signs, general punctuation to symbols and arrows,
 * CJK punctuation, full-width punctuation. */
static bool is_sign(uint32_t c)
{
    return (c >= 0x80 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA) || c == 0xD7 ||
           c == 0xF7 || (c >= 0x2000 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) ||
           (c >= 0x3008 && c <= 0x3020) || (c >= 0xFF01 && c <= 0xFF20) || c == 0xFEFF;
}

/* Length of the entity at p ("&nbsp;"), 0 when there is none. */
static size_t entity_length(const char *p, size_t len)
{
    size_t at = 1;
    if (len < 3 || p[0] != '&')
        return 0;
    while (at < len && (is_name_char(p[at]) || (at == 1 && p[at] == '#')))
        at++;
    return at > 1 && at < len && p[at] == ';' ? at + 1 : 0;
}

size_t markup_letter(const char *p, size_t from, size_t to)
{
    size_t at = from;
    while (at < to) {
        size_t start = at, entity = entity_length(p + at, to - at);
        if (entity > 0) {
            at += entity;
            continue;
        }
        uint32_t c = utf8_take(p, to, &at);
        if (c < 0x80 ? is_name_start((char)c) && c != '_' : !is_sign(c))
            return start;
    }
    return to;
}

/* A literal colon ends the scheme: is it one that a value may follow? */
static bool address_colon(struct address_state *state)
{
    static const char *const good[] = {"http", "https", "mailto", "tel", NULL};
    bool is_whole = state->scheme_len < (int)sizeof state->scheme;
    if (state->scheme_len >= 0 && is_whole) {
        state->scheme[state->scheme_len] = '\0';
        if (is_one_of(state->scheme, good)) {
            state->at = ADDRESS_PATH;
            return true;
        }
    }
    state->at = ADDRESS_CLOSED;
    return state->scheme_len >= 0 && is_whole && strcmp(state->scheme, "data") == 0;
}

bool address_literal(struct address_state *state, char c)
{
    bool is_early = state->at == ADDRESS_START || state->at == ADDRESS_OPEN;
    if (is_early && c == ':')
        return address_colon(state);
    if (is_early && (c == '/' || c == '?' || c == '#')) {
        state->at = ADDRESS_PATH;
    } else if (is_early) {
        if (state->at == ADDRESS_OPEN && state->scheme_len == 0)
            state->scheme_len = -1; /* a value stands before: no known scheme any more */
        state->at = ADDRESS_OPEN;
        if (state->scheme_len >= 0 && state->scheme_len < (int)sizeof state->scheme)
            state->scheme[state->scheme_len++] = c;
    }
    if (c == '?' || c == '#')
        state->in_query = c == '?';
    if (c == '?' || c == '#' || c == '&')
        state->in_query_value = false;
    else if (c == '=' && state->in_query)
        state->in_query_value = true;
    return true;
}

void address_merge(struct address_state *state, const struct address_state *other)
{
    if (other->at < state->at || other->at == ADDRESS_CLOSED)
        state->at = other->at;
    if (state->scheme_len != other->scheme_len)
        state->scheme_len = -1;
    state->in_query = state->in_query || other->in_query;
    state->in_query_value = state->in_query_value || other->in_query_value;
}

/* Behind a string, character or comment that begins at `at`, else `at`. */
static size_t c_skip(const char *c, size_t len, size_t at)
{
    if (c[at] == '"' || c[at] == '\'')
        return string_end(c, len, at, true);
    if (c[at] == '/' && at + 1 < len && c[at + 1] == '*') {
        const char *end = memmem(c + at + 2, len - at - 2, "*/", 2);
        return end ? (size_t)(end - c) + 2 : len;
    }
    return at;
}

static bool is_pair(char open, char close)
{
    return (open == '(' && close == ')') || (open == '[' && close == ']') ||
           (open == '{' && close == '}');
}

size_t c_check(const char *c, size_t len, int semicolons, const char **trouble)
{
    enum { DEPTH_MAX = 64 };
    size_t opened_at[DEPTH_MAX];
    int depth = 0, found = 0;
    for (size_t at = 0; at < len; at++) {
        size_t behind = c_skip(c, len, at);
        if (behind > at) {
            *trouble = "this quote is not closed";
            if (behind >= len && (c[at] == '"' || c[at] == '\'') &&
                (len - at < 2 || c[len - 1] != c[at]))
                return at;
            at = behind - 1;
            continue;
        }
        *trouble = "a line comment would hide what follows; use {{-- --}}";
        if (c[at] == '/' && at + 1 < len && c[at + 1] == '/')
            return at;
        *trouble = "a preprocessor line does not belong into a template";
        if (c[at] == '#')
            return at;
        *trouble = "too many semicolons";
        if (c[at] == ';' && depth == 0 && ++found > semicolons)
            return at;
        *trouble = "this bracket does not match";
        if (c[at] == '(' || c[at] == '[' || c[at] == '{') {
            if (depth == DEPTH_MAX)
                return at;
            opened_at[depth++] = at;
        } else if (c[at] == ')' || c[at] == ']' || c[at] == '}') {
            if (depth == 0 || !is_pair(c[opened_at[depth - 1]], c[at]))
                return at;
            depth--;
        }
    }
    *trouble = "this bracket is not closed";
    if (depth > 0)
        return opened_at[depth - 1];
    *trouble = "write {{for INIT; CONDITION; STEP}}";
    return found < semicolons ? 0 : SIZE_MAX;
}

size_t c_bare_text(const char *c, size_t len)
{
    int depth = 0;
    for (size_t at = 0; at < len; at++) {
        size_t behind = c_skip(c, len, at);
        if (behind > at) {
            if (c[at] == '"' && depth == 0 && markup_letter(c, at, behind) < behind)
                return at;
            at = behind - 1;
            continue;
        }
        depth += (c[at] == '(' || c[at] == '[') - (c[at] == ')' || c[at] == ']');
    }
    return SIZE_MAX;
}

size_t c_directive_end(const char *text, size_t len, size_t at)
{
    int depth = 0;
    while (at < len) {
        size_t behind = c_skip(text, len, at);
        if (behind > at) {
            at = behind;
            continue;
        }
        if (text[at] == '}' && depth == 0 && at + 1 < len && text[at + 1] == '}')
            return at;
        if (text[at] == '{' && at + 1 < len && text[at + 1] == '{' && depth == 0)
            return len;
        depth += (text[at] == '{') - (text[at] == '}' && depth > 0);
        at++;
    }
    return len;
}

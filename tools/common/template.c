/* What {{ }} does in templates; see template.h. */
#include "common/template.h"

#include <stdarg.h>

void fail_at(const struct tmplc *t, size_t at, const char *format, ...)
{
    char what[512];
    va_list ap;
    va_start(ap, format);
    vsnprintf(what, sizeof what, format, ap);
    va_end(ap);
    struct text_place place = place_of(t->text, at);
    complain(t->path, place.line, place.column, "%s", what);
    exit(1);
}

bool looks_at(const struct tmplc *t, const char *what)
{
    return strncmp(t->text + t->at, what, strlen(what)) == 0;
}

/* ---- output ---- */

static void flush(struct tmplc *t)
{
    if (t->fixed.len == 0)
        return;
    text_z(&t->code, "    html_literal(o,\n");
    text_literal(&t->code, t->fixed.p, t->fixed.len, "        ");
    text_printf(&t->code, ", %zu);\n", t->fixed.len);
    t->fixed.len = 0;
}

void put_fixed(struct tmplc *t, const char *p, size_t len)
{
    text_add(&t->fixed, p, len);
    t->context.after_newline = false;
}

/* C from the template between two pieces of ours, with the template's line numbers. */
static void put_code(struct tmplc *t, const char *before, size_t from, size_t to,
                     const char *after)
{
    flush(t);
    text_printf(&t->code, "#line %d \"%s\"\n    %s", place_of(t->text, from).line, t->path,
                before);
    text_add(&t->code, t->text + from, to - from);
    text_printf(&t->code, "%s\n", after);
}

/* ---- elements ---- */

static int block_floor(const struct tmplc *t)
{
    return t->block_count ? t->blocks[t->block_count - 1].element_count : 0;
}

const struct element *innermost(const struct tmplc *t)
{
    return t->element_count ? &t->elements[t->element_count - 1] : NULL;
}

void push_element(struct tmplc *t, const struct element *element)
{
    const struct element *around = innermost(t);
    if (t->element_count == ELEMENTS_MAX)
        fail_at(t, element->at, "tags are nested more than %d deep", ELEMENTS_MAX);
    struct element *fresh = &t->elements[t->element_count++];
    *fresh = *element;
    fresh->keeps_space = markup_keeps_space(fresh->name) || (around && around->keeps_space);
    fresh->is_literal =
        fresh->is_literal || markup_is_literal(fresh->name) || (around && around->is_literal);
}

void pop_element(struct tmplc *t, const char *name, size_t at)
{
    const struct element *open = innermost(t);
    if (markup_is_void(name))
        fail_at(t, at, "<%s> takes no end tag", name);
    if (!open)
        fail_at(t, at, "</%s> closes a tag that this template did not open", name);
    if (t->element_count == block_floor(t))
        fail_at(t, at, "</%s> closes a tag from outside of this {{%s}}", name,
                t->blocks[t->block_count - 1].keyword);
    if (strcmp(open->name, name) != 0)
        fail_at(t, at, "</%s> stands where </%s> is expected (opened in line %d)", name,
                open->name, place_of(t->text, open->at).line);
    t->element_count--;
}

/* ---- blocks: if, for, while ---- */

static void open_block(struct tmplc *t, const char *keyword, size_t at)
{
    if (t->block_count == BLOCKS_MAX)
        fail_at(t, at, "blocks are nested more than %d deep", BLOCKS_MAX);
    if (strcmp(keyword, "if") != 0)
        t->context.after_newline = false;
    t->blocks[t->block_count++] = (struct block){
        .keyword = keyword,
        .at = at,
        .element_count = t->element_count,
        .start = t->context,
    };
}

static void merge_context(struct block *block, const struct context *context)
{
    if (!block->is_merged) {
        block->merged = *context;
        block->is_merged = true;
        return;
    }
    address_merge(&block->merged.address, &context->address);
    block->merged.needs_blank = block->merged.needs_blank || context->needs_blank;
}

/* Ends one branch of the innermost block at `at`. */
static struct block *close_branch(struct tmplc *t, size_t at, const char *keyword)
{
    if (t->block_count == 0)
        fail_at(t, at, "{{%s}} without {{if}}, {{for}} or {{while}}", keyword);
    struct block *block = &t->blocks[t->block_count - 1];
    if (t->element_count > block->element_count)
        fail_at(t, innermost(t)->at, "<%s> is opened in this branch but not closed in it",
                innermost(t)->name);
    if (t->context.place != block->start.place || t->context.tag_at != block->start.tag_at ||
        strcmp(t->context.attribute, block->start.attribute) != 0)
        fail_at(t, at, "this branch does not end where it began: inside or outside of a tag");
    merge_context(block, &t->context);
    return block;
}

static void else_block(struct tmplc *t, size_t at, const char *keyword)
{
    struct block *block = close_branch(t, at, keyword);
    if (strcmp(block->keyword, "if") != 0)
        fail_at(t, at, "{{%s}} belongs to {{if}}, this is a {{%s}}", keyword, block->keyword);
    if (block->saw_else)
        fail_at(t, at, "{{%s}} behind {{else}}", keyword);
    block->saw_else = strcmp(keyword, "else") == 0;
    t->context = block->start;
}

static void end_block(struct tmplc *t, size_t at)
{
    struct block *block = close_branch(t, at, "end");
    if (!block->saw_else)
        merge_context(block, &block->start);
    t->context = block->merged;
    t->context.after_newline = false;
    t->block_count--;
}

/* ---- directives ---- */

/* The word behind {{ if it is `word`, moving *from behind it. */
bool template_word(const struct tmplc *t, size_t *from, size_t to, const char *word)
{
    size_t len = strlen(word);
    if (to - *from < len || strncmp(t->text + *from, word, len) != 0 ||
        (*from + len < to && is_name_char(t->text[*from + len])))
        return false;
    *from += len;
    while (*from < to && is_blank(t->text[*from]))
        (*from)++;
    return true;
}

static void check_code(const struct tmplc *t, size_t from, size_t to, int semicolons)
{
    const char *trouble;
    if (from >= to)
        fail_at(t, from, "an expression is missing");
    size_t bad = c_check(t->text + from, to - from, semicolons, &trouble);
    if (bad != SIZE_MAX)
        fail_at(t, from + bad, "%s", trouble);
}

static void put_address(struct tmplc *t, size_t at, size_t from, size_t to)
{
    struct address_state *address = &t->context.address;
    switch (address->at) {
    case ADDRESS_START:
        put_code(t, "html_put_url(o, (", from, to, "));");
        address->at = ADDRESS_OPEN;
        address->scheme_len = -1;
        return;
    case ADDRESS_OPEN:
        fail_at(t, at,
                "a second part of an address needs a / ? or # before it, or make both "
                "one expression");
    case ADDRESS_CLOSED:
        fail_at(t, at, "no value may stand in an address of this scheme");
    case ADDRESS_PATH:
        break;
    }
    put_code(t, address->in_query_value ? "html_put_query(o, (" : "html_put(o, (", from, to,
             "));");
}

static void check_bare_text(const struct tmplc *t, size_t from, size_t to)
{
    size_t bare = c_bare_text(t->text + from, to - from);
    if (bare != SIZE_MAX)
        fail_at(t, from + bare, "a text for people comes from _(\"...\")");
}

static void put_expression(struct tmplc *t, size_t at, size_t from, size_t to)
{
    check_code(t, from, to, 0);
    const struct element *around = innermost(t);
    if (t->context.place == IN_TAG)
        fail_at(t, at,
                "an expression cannot stand here: only the text of an element and "
                "attribute values in \" take one");
    if (t->context.place == IN_TEXT) {
        if (!around || !around->is_literal)
            check_bare_text(t, from, to);
        put_code(t, "html_put(o, (", from, to, "));");
    } else if (markup_is_address(t->context.attribute)) {
        put_address(t, at, from, to);
    } else {
        if (strcmp(t->context.attribute, "style") == 0 ||
            strcmp(t->context.attribute, "srcdoc") == 0 ||
            strcmp(t->context.attribute, "srcset") == 0)
            fail_at(t, at, "no expression in the attribute %s", t->context.attribute);
        if (markup_is_for_people(t->context.attribute))
            check_bare_text(t, from, to);
        put_code(t, "html_put(o, (", from, to, "));");
    }
    t->context.after_newline = false;
}

/* Code that may only stand between tags: {{do}} and {{! }}. */
static void put_in_text_only(struct tmplc *t, size_t at, size_t from, size_t to, bool is_call)
{
    if (t->context.place != IN_TEXT)
        fail_at(t, at, "%s may only stand between tags", is_call ? "{{do}}" : "{{! }}");
    check_code(t, from, to, 0);
    put_code(t, is_call ? "" : "html_put_raw(o, ", from, to, is_call ? ";" : ");");
    t->context.after_newline = false;
}

/* {{enters html body}} and {{leaves html body}}: the page's layout in two templates. */
static void enter_or_leave(struct tmplc *t, size_t at, size_t from, size_t to, bool is_enter)
{
    struct element names[ELEMENTS_MAX];
    int count = 0;
    while (from < to && count < ELEMENTS_MAX) {
        size_t len = strcspn(t->text + from, " \n}");
        names[count] = (struct element){.at = at};
        snprintf(names[count++].name, NAME_MAX_LEN, "%.*s", (int)len, t->text + from);
        for (from += len; from < to && is_blank(t->text[from]);)
            from++;
    }
    if (t->block_count > 0 || t->context.place != IN_TEXT)
        fail_at(t, at, "{{enters}} and {{leaves}} stand outside of blocks and tags");
    if (is_enter && t->element_count > 0)
        fail_at(t, at, "{{enters}} stands first in its template");
    for (int i = 0; is_enter && i < count; i++)
        push_element(t, &names[i]);
    if (is_enter)
        return;
    bool is_same = count == t->element_count;
    for (int i = 0; is_same && i < count; i++)
        is_same = strcmp(names[i].name, t->elements[i].name) == 0;
    if (!is_same)
        fail_at(t, at, "{{leaves}} does not name exactly the %d tags that are open",
                t->element_count);
    t->element_count = 0;
}

static void end_template(struct tmplc *t, size_t at)
{
    if (t->block_count > 0)
        fail_at(t, t->blocks[t->block_count - 1].at, "this {{%s}} has no {{end}}",
                t->blocks[t->block_count - 1].keyword);
    if (t->context.place != IN_TEXT)
        fail_at(t, at, "the template ends inside of a tag");
    if (t->element_count > 0)
        fail_at(t, innermost(t)->at, "<%s> is not closed", innermost(t)->name);
    flush(t);
    text_z(&t->code, "}\n\n");
    t->in_template = false;
}

/* Flow: if, elif, else, for, while, end. False when it is none of them. */
static bool flow(struct tmplc *t, size_t at, size_t from, size_t to)
{
    if (template_word(t, &from, to, "if")) {
        check_code(t, from, to, 0);
        put_code(t, "if (", from, to, ") {");
        open_block(t, "if", at);
    } else if (template_word(t, &from, to, "elif")) {
        check_code(t, from, to, 0);
        put_code(t, "} else if (", from, to, ") {");
        else_block(t, at, "elif");
    } else if (template_word(t, &from, to, "else")) {
        if (from < to)
            fail_at(t, from, "expected {{else}} or {{elif CONDITION}}");
        put_code(t, "} else {", to, to, "");
        else_block(t, at, "else");
    } else if (template_word(t, &from, to, "for")) {
        check_code(t, from, to, 2);
        put_code(t, "for (", from, to, ") {");
        open_block(t, "for", at);
    } else if (template_word(t, &from, to, "while")) {
        check_code(t, from, to, 0);
        put_code(t, "while (", from, to, ") {");
        open_block(t, "while", at);
    } else if (template_word(t, &from, to, "end")) {
        if (template_word(t, &from, to, "template")) {
            end_template(t, at);
        } else {
            if (from < to)
                fail_at(t, from, "expected {{end}} or {{end template}}");
            put_code(t, "}", to, to, "");
            end_block(t, at);
        }
    } else {
        return false;
    }
    return true;
}

/* A comment behind "{{--"; moves behind its end. */
void template_comment(struct tmplc *t)
{
    const char *end = memmem(t->text + t->at, t->len - t->at, "--}}", 4);
    if (!end)
        fail_at(t, t->at, "this comment has no --}}");
    t->at = (size_t)(end - t->text) + 4;
}

/* The inside of the directive at t->at without blanks around; moves behind it. */
void template_inside(struct tmplc *t, size_t *from, size_t *to)
{
    *from = t->at + 2;
    *to = c_directive_end(t->text, t->len, *from);
    if (*to >= t->len)
        fail_at(t, t->at, "this {{ has no }}");
    t->at = *to + 2;
    while (*from < *to && is_blank(t->text[*from]))
        (*from)++;
    while (*to > *from && is_blank(t->text[*to - 1]))
        (*to)--;
}

void template_directive(struct tmplc *t)
{
    size_t at = t->at, from, to;
    if (looks_at(t, "{{--")) {
        template_comment(t);
        return;
    }
    template_inside(t, &from, &to);
    if (flow(t, at, from, to))
        return;
    if (template_word(t, &from, to, "let")) {
        check_code(t, from, to, 0);
        put_code(t, "", from, to, ";");
    } else if (template_word(t, &from, to, "do")) {
        put_in_text_only(t, at, from, to, true);
    } else if (template_word(t, &from, to, "enters")) {
        enter_or_leave(t, at, from, to, true);
    } else if (template_word(t, &from, to, "leaves")) {
        enter_or_leave(t, at, from, to, false);
    } else if (template_word(t, &from, to, "template") ||
               template_word(t, &from, to, "include")) {
        fail_at(t, at, "this stands outside of templates; is an {{end template}} missing?");
    } else if (t->text[from] == '!') {
        put_in_text_only(t, at, from + 1, to, false);
    } else {
        put_expression(t, at, from, to);
    }
}

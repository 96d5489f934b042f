/* tmplc: templates become C functions. The language is described in doc/tools.md.
 *     tmplc IN.html OUT.c OUT.h
 * One pass over the file: markup is scanned character by character, so that each {{ }} is known
 * to stand in text, in a tag or in an attribute's value (common/template.c says what it does
 * there). The first error ends the tool. */
#include "common/template.h"

/* Behind the text `end`, which must come before any {{. */
static size_t find_plain(const struct tmplc *t, size_t from, const char *end, const char *where)
{
    const char *found = memmem(t->text + from, t->len - from, end, strlen(end));
    const char *inside = memmem(t->text + from, t->len - from, "{{", 2);
    if (inside && (!found || inside < found))
        fail_at(t, (size_t)(inside - t->text), "nothing in {{ }} may stand in %s", where);
    if (!found)
        fail_at(t, from, "%s without %s", where, end);
    return (size_t)(found - t->text) + strlen(end);
}

/* A tag's or attribute's name at t->at; moves behind it. */
static void take_name(struct tmplc *t, char name[NAME_MAX_LEN], const char *what)
{
    size_t from = t->at;
    while (t->at < t->len && (is_name_char(t->text[t->at]) || t->text[t->at] == '-' ||
                              t->text[t->at] == ':' || t->text[t->at] == '.'))
        t->at++;
    if (t->at == from || t->at - from >= NAME_MAX_LEN)
        fail_at(t, from, looks_at(t, "{{") ? "an expression cannot be %s" : "expected %s",
                what);
    snprintf(name, NAME_MAX_LEN, "%.*s", (int)(t->at - from), t->text + from);
}

/* ---- text ---- */

static void end_tag(struct tmplc *t)
{
    char name[NAME_MAX_LEN];
    size_t at = t->at;
    t->at += 2;
    take_name(t, name, "a tag's name");
    if (t->text[t->at] != '>')
        fail_at(t, t->at, "expected >");
    t->at++;
    pop_element(t, name, at);
    put_fixed(t, t->text + at, t->at - at);
}

static void begin_tag(struct tmplc *t)
{
    size_t at = t->at++;
    t->tag = (struct element){.at = at};
    if (!is_name_start(t->text[t->at]) && !looks_at(t, "{{"))
        fail_at(t, at, "write &lt; for a < in text");
    take_name(t, t->tag.name, "a tag's name");
    put_fixed(t, t->text + at, t->at - at);
    t->context.place = IN_TAG;
    t->context.tag_at = at;
    t->context.needs_blank = true;
}

static void markup_in_text(struct tmplc *t)
{
    size_t at = t->at;
    if (looks_at(t, "<!--")) {
        t->at = find_plain(t, at, "-->", "a comment");
    } else if (looks_at(t, "<!")) {
        t->at = find_plain(t, at, ">", "a declaration");
        put_fixed(t, t->text + at, t->at - at);
    } else if (looks_at(t, "</")) {
        end_tag(t);
    } else {
        begin_tag(t);
    }
}

/* Text up to the next < or {{: white space with a line end becomes one line end. */
static void plain_text(struct tmplc *t)
{
    const struct element *around = innermost(t);
    size_t from = t->at, end = from;
    while (end < t->len && t->text[end] != '<' && strncmp(t->text + end, "{{", 2) != 0)
        end++;
    size_t letter = markup_letter(t->text, from, end);
    if (letter < end && !(around && around->is_literal))
        fail_at(t, letter,
                "a text for people comes from {{ _(\"...\") }} (or mark the element "
                "translate=\"no\")");
    for (size_t at = from; at < end;) {
        size_t run = at;
        bool has_newline = false;
        while (run < end && is_blank(t->text[run]))
            has_newline = t->text[run++] == '\n' || has_newline;
        if (around && around->keeps_space)
            has_newline = false;
        if (has_newline && !t->context.after_newline)
            put_fixed(t, "\n", 1);
        else if (!has_newline && run > at)
            put_fixed(t, t->text + at, run - at);
        t->context.after_newline = t->context.after_newline || has_newline;
        at = run;
        while (run < end && !is_blank(t->text[run]))
            run++;
        if (run > at)
            put_fixed(t, t->text + at, run - at);
        at = run;
    }
    t->at = end;
}

/* ---- tags ---- */

static void close_tag(struct tmplc *t)
{
    bool is_self_closed = looks_at(t, "/>");
    const char *name = t->tag.name;
    if (is_self_closed && !markup_is_void(name) && !markup_may_self_close(name))
        fail_at(t, t->at, "write <%s></%s>", name, name);
    t->at += is_self_closed ? 2 : 1;
    if (is_self_closed && !markup_is_void(name))
        put_fixed(t, "/>", 2);
    else
        put_fixed(t, ">", 1);
    t->context.place = IN_TEXT;
    t->context.tag_at = 0;
    t->context.needs_blank = false;
    if (!is_self_closed && !markup_is_void(name))
        push_element(t, &t->tag);
    if (markup_is_raw(name)) {
        char end[NAME_MAX_LEN + 4];
        snprintf(end, sizeof end, "</%s>", name);
        size_t at = t->at;
        t->at = find_plain(t, at, end, "<script> or <style>");
        put_fixed(t, t->text + at, t->at - at);
        t->element_count--;
    }
}

static void attribute(struct tmplc *t)
{
    size_t at = t->at;
    char name[NAME_MAX_LEN];
    if (t->context.needs_blank)
        fail_at(t, at, "a blank is missing before this attribute");
    take_name(t, name, "an attribute's name");
    if (strncmp(name, "on", 2) == 0)
        fail_at(t, at, "scripts do not stand in attributes (%s)", name);
    t->context.needs_blank = true;
    put_fixed(t, t->text + at, t->at - at);
    if (looks_at(t, "{{") && !looks_at(t, "{{end") && !looks_at(t, "{{el") &&
        !looks_at(t, "{{if"))
        fail_at(t, t->at, "an expression cannot be part of an attribute's name");
    if (t->text[t->at] != '=')
        return;
    if (t->text[t->at + 1] != '"')
        fail_at(t, t->at + 1, "the value of %s must be quoted with \"", name);
    put_fixed(t, "=\"", 2);
    t->at += 2;
    snprintf(t->context.attribute, NAME_MAX_LEN, "%s", name);
    t->context.place = IN_VALUE;
    t->context.address = (struct address_state){0};
    t->value_len = 0;
}

static void inside_tag(struct tmplc *t)
{
    if (is_blank(t->text[t->at])) {
        while (is_blank(t->text[t->at]))
            t->at++;
        if (t->text[t->at] != '>' && !looks_at(t, "/>"))
            put_fixed(t, " ", 1);
        t->context.needs_blank = false;
    } else if (t->text[t->at] == '>' || looks_at(t, "/>")) {
        close_tag(t);
    } else {
        attribute(t);
    }
}

static void end_value(struct tmplc *t)
{
    if (strcmp(t->context.attribute, "translate") == 0 && t->value_len == 2 &&
        memcmp(t->value, "no", 2) == 0)
        t->tag.is_literal = true;
    put_fixed(t, "\"", 1);
    t->at++;
    t->context.place = IN_TAG;
    t->context.attribute[0] = '\0';
    t->context.needs_blank = true;
}

/* The literal part of a value up to its end or the next {{. */
static void inside_value(struct tmplc *t)
{
    size_t from = t->at;
    if (t->text[from] == '"') {
        end_value(t);
        return;
    }
    while (t->at < t->len && t->text[t->at] != '"' && !looks_at(t, "{{")) {
        char c = t->text[t->at];
        if (markup_is_address(t->context.attribute) && !address_literal(&t->context.address, c))
            fail_at(t, from, "an address of this scheme is refused");
        if (t->value_len < sizeof t->value)
            t->value[t->value_len++] = c;
        t->at++;
    }
    size_t letter = markup_letter(t->text, from, t->at);
    if (letter < t->at && markup_is_for_people(t->context.attribute) && !t->tag.is_literal)
        fail_at(t, letter, "the text of %s comes from {{ _(\"...\") }}", t->context.attribute);
    put_fixed(t, t->text + from, t->at - from);
}

/* ---- the file ---- */

static void inside_template(struct tmplc *t)
{
    if (looks_at(t, "{{"))
        template_directive(t);
    else if (t->context.place == IN_TAG)
        inside_tag(t);
    else if (t->context.place == IN_VALUE)
        inside_value(t);
    else if (t->text[t->at] == '<')
        markup_in_text(t);
    else
        plain_text(t);
}

/* {{template NAME(PARAMETERS)}} */
static void begin_template(struct tmplc *t, size_t at, size_t from, size_t to)
{
    static const char first[] = "struct out *o, struct cx *cx";
    const char *trouble;
    size_t open = from;
    while (open < to && is_name_char(t->text[open]))
        open++;
    size_t bad = c_check(t->text + from, to - from, 0, &trouble);
    if (bad != SIZE_MAX)
        fail_at(t, from + bad, "%s", trouble);
    if (open == from || t->text[open] != '(' || t->text[to - 1] != ')')
        fail_at(t, from, "write {{template NAME(%s, ...)}}", first);
    size_t behind = open + 1 + strlen(first);
    if (strncmp(t->text + open + 1, first, strlen(first)) != 0 ||
        (t->text[behind] != ',' && t->text[behind] != ')'))
        fail_at(t, open + 1, "the parameters begin with %s", first);
    int line = t->template_line = place_of(t->text, at).line;
    text_printf(&t->header, "void %.*s;\n", (int)(to - from), t->text + from);
    text_printf(&t->code, "#line %d \"%s\"\nvoid %.*s\n{\n    (void)o;\n    (void)cx;\n", line,
                t->path, (int)(to - from), t->text + from);
    t->in_template = true;
    t->context = (struct context){.after_newline = true};
    t->element_count = 0;
}

static void outside_template(struct tmplc *t)
{
    size_t at = t->at, from, to;
    if (is_blank(t->text[at])) {
        t->at++;
        return;
    }
    if (looks_at(t, "{{--")) {
        template_comment(t);
        return;
    }
    if (!looks_at(t, "{{"))
        fail_at(t, at, "outside of templates only comments and {{include}} may stand");
    template_inside(t, &from, &to);
    if (template_word(t, &from, to, "include")) {
        if (to - from < 3 || t->text[from] != '"' || t->text[to - 1] != '"')
            fail_at(t, from, "write {{include \"room/file.h\"}}");
        text_printf(&t->includes, "#include %.*s\n", (int)(to - from), t->text + from);
    } else if (template_word(t, &from, to, "template")) {
        begin_template(t, at, from, to);
    } else {
        fail_at(t, at, "expected {{template}}, {{include}} or a comment");
    }
}

static void write_files(const struct tmplc *t, const char *code_path, const char *header_path)
{
    struct text header = {0}, code = {0};
    char *guard = macro_name(room_path(t->path));
    text_printf(&header,
                "/* Made by tools/tmplc from %s. */\n#ifndef GEN_%s\n#define GEN_%s\n\n",
                t->path, guard, guard);
    text_printf(&header, "#include \"html/html.h\"\n%s\n%s\n#endif\n",
                t->includes.p ? t->includes.p : "", t->header.p ? t->header.p : "");
    text_printf(&code, "/* Made by tools/tmplc from %s. */\n#include \"%s.h\"\n\n", t->path,
                room_path(t->path));
    text_z(&code, "#include \"base/format.h\"\n#include \"base/text.h\"\n\n"
                  "#include <inttypes.h>\n\n");
    text_z(&code, t->code.p ? t->code.p : "");
    file_write(header_path, &header);
    file_write(code_path, &code);
}

int main(int argc, char **argv)
{
    static struct tmplc t;
    if (argc != 4)
        die("usage: tmplc IN.html OUT.c OUT.h");
    t.path = argv[1];
    t.text = file_read(t.path, &t.len);
    size_t bad = utf8_bad(t.text, t.len);
    if (bad < t.len)
        fail_at(&t, bad, "not UTF-8");
    while (t.at < t.len) {
        if (t.in_template)
            inside_template(&t);
        else
            outside_template(&t);
    }
    if (t.in_template) {
        complain(t.path, t.template_line, 1, "this template has no {{end template}}");
        return 1;
    }
    write_files(&t, argv[2], argv[3]);
    return 0;
}

/* Reads C just far enough for check_src; see c_scan.h. */
#include "common/c_scan.h"

static void blank_out(char *code, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (code[i] != '\n')
            code[i] = ' ';
    }
}

/* Behind the comment that begins at `at`, or `at` when there is none. */
static size_t comment_end(const char *c, size_t len, size_t at)
{
    const char *end = NULL;
    if (c[at] != '/' || at + 1 >= len)
        return at;
    if (c[at + 1] == '*') {
        end = memmem(c + at + 2, len - at - 2, "*/", 2);
        return end ? (size_t)(end - c) + 2 : len;
    }
    if (c[at + 1] == '/') {
        end = memchr(c + at, '\n', len - at);
        return end ? (size_t)(end - c) : len;
    }
    return at;
}

char *c_without_texts(const char *c, size_t len)
{
    char *code = must_copy(c, len);
    size_t at = 0;
    while (at < len) {
        size_t end = comment_end(c, len, at);
        if (end > at) {
            blank_out(code, at, end);
            at = end;
        } else if (c[at] == '"' || c[at] == '\'') {
            end = string_end(c, len, at, true);
            blank_out(code, at + 1, end > at + 1 ? end - 1 : end);
            at = end;
        } else {
            at++;
        }
    }
    return code;
}

size_t c_find_word(const char *code, size_t from, const char *name)
{
    size_t len = strlen(name);
    for (const char *p = code + from; (p = strstr(p, name)) != NULL; p++) {
        if ((p == code || !is_name_char(p[-1])) && !is_name_char(p[len]))
            return (size_t)(p - code);
    }
    return SIZE_MAX;
}

size_t c_argument(const char *code, size_t at, int number, size_t *end)
{
    int depth = 1, seen = 0;
    while (is_name_char(code[at]))
        at++;
    while (is_blank(code[at]))
        at++;
    if (code[at++] != '(')
        return SIZE_MAX;
    size_t start = at;
    for (; code[at] && depth > 0; at++) {
        depth += (code[at] == '(' || code[at] == '{' || code[at] == '[') -
                 (code[at] == ')' || code[at] == '}' || code[at] == ']');
        bool is_border = depth == 0 || (depth == 1 && code[at] == ',');
        if (!is_border)
            continue;
        if (seen++ == number) {
            while (is_blank(code[start]))
                start++;
            *end = at;
            return start < at ? start : SIZE_MAX;
        }
        start = at + 1;
    }
    return SIZE_MAX;
}

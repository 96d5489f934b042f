/* Source: Stata User's Guide 11.3 (naming conventions); IBM SPSS Statistics, "Variable names".
 */
#include "frame/stat_names.h"

#include <string.h>
#include <strings.h>

static const char *const reserved[] = {
    "_all", "_b",  "byte",  "_coef", "_cons", "double", "float", "if",   "in",  "int", "long",
    "_n",   "_pi", "_pred", "_rc",   "_skip", "strl",   "using", "with", "all", "and", "by",
    "eq",   "ge",  "gt",    "le",    "lt",    "ne",     "not",   "or",   "to",
};

static bool is_reserved(const char *name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (strcasecmp(name, reserved[i]) == 0)
            return true;
    if (strncmp(name, "str", 3) != 0 || name[3] == 0)
        return false;
    return strspn(name + 3, "0123456789") == strlen(name + 3); /* str8 */
}

static const char *valid_name(struct cx *cx, const char *name, size_t max)
{
    char z[72];
    size_t len = 0;
    for (const char *p = name; *p && len < max; p++) {
        char c = *p;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '_';
        if (len == 0 && !letter)
            z[len++] = 'v'; /* SPSS wants a letter first */
        z[len++] = letter || other ? c : '_';
    }
    if (len == 0)
        z[len++] = 'v';
    z[len < max ? len : max] = 0;
    if (is_reserved(z))
        return arena_printf(cx->arena, "%s_", z);
    return arena_printf(cx->arena, "%s", z);
}

static bool is_taken(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

const char **stat_names(struct cx *cx, const struct column_spec *columns, size_t count,
                        bool stata)
{
    size_t max = stata ? 32 : 64;
    const char **names = arena_new(cx->arena, (count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++) {
        const char *name = valid_name(cx, columns[i].name, max);
        const char *unique = name;
        for (unsigned n = 2; is_taken((const char *const *)names, i, unique); n++)
            unique = arena_printf(cx->arena, "%.*s_%u", (int)max - 8, name, n);
        names[i] = unique;
    }
    return names;
}

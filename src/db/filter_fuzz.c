/* Fuzz target: any bytes as filter values, operators and page tokens. Whatever is accepted
 * gives a statement whose text depends only on the shape, never on the bytes, and whose token
 * for the same place is taken again. */
#include "db/filter.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                        \
    do {                                                                                       \
        if (!(condition))                                                                      \
            abort();                                                                           \
    } while (0)

static const struct sql LIST = {
    .name = "list",
    .lite = "SELECT h.id FROM home h WHERE h.county = $1 /*FILTER*/ /*ORDER*/",
    .args = "i",
    .cols = "i",
};
static const struct filter_column columns[] = {
    {"name", "h.name", FILTER_TYPE_TEXT, 0, true, NULL},
    {"size", "h.size", FILTER_TYPE_INT, 2, true, NULL},
    {"day", "h.day", FILTER_TYPE_DAY, 0, true, NULL},
};
static const struct filter_table table = {&LIST, columns, 3, "h.id"};

/* Only the letters, signs and numbers of our own texts. */
static void check_text(const struct filtered *out)
{
    MUST(strlen(out->sql->args) == out->arg_count);
    for (const char *p = out->sql->lite; *p; p++)
        MUST(*p >= ' ' && *p < 127 && *p != '\'' && *p != '"' && *p != ';' && *p != '-');
    for (const char *p = out->sql->lite; (p = strchr(p, '$')); p++) {
        long n = strtol(p + 1, NULL, 10);
        MUST(n >= 1 && (size_t)n <= out->arg_count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct str op_name = str_cut(&rest, '\n'), after = rest.p ? str_cut(&rest, '\n') : rest;
    struct cx cx;
    struct str values[4];
    size_t value_count = 0;
    enum filter_op op = size > 0 ? data[size - 1] % 10 : FILTER_EQ;
    (void)filter_op_parse(&op, op_name);
    while (rest.p && value_count < 4)
        values[value_count++] = str_cut(&rest, '\n');
    cx_init(&cx, arena_open(16 * 1024 * 1024));
    for (size_t i = 0; i < 3; i++) {
        const struct db_arg fixed[] = {V_I(1)};
        struct filter_term term = {columns[i].name, op, values, value_count};
        struct filter f = {.fixed = fixed,
                           .fixed_count = 1,
                           .terms = &term,
                           .term_count = 1,
                           .sort = columns[size % 3].name,
                           .after = after,
                           .limit = 50};
        struct filtered out;
        err_clear(&cx);
        enum rc rc = filter_sql(&out, &cx, &table, &f);
        MUST(rc == RC_OK || (cx.err.rc == rc && cx.err.text[0]));
        if (rc)
            continue;
        check_text(&out);
        if (after.len == 0)
            continue;
        /* The last three arguments are the sort value, the id and the limit. */
        const struct db_arg *last = &out.args[out.arg_count - 3];
        const char *token = filter_token(&cx, &table, &f, last[0], last[1].i);
        f.after = str_of(token);
        MUST(filter_sql(&out, &cx, &table, &f) == RC_OK);
    }
    arena_free(cx.arena);
    return 0;
}

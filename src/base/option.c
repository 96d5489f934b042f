/* Command lines from one table: parsing and help. Prints to standard output only for --help. */
#include "base/option.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* The state of one parse. */
struct parse {
    struct option_value *values;
    struct cx *cx;
    const struct option_row *rows;
    size_t row_count;
    int argc;
    char **argv;
    int at; /* the argument being read */
};

static const char *shown_name(struct cx *cx, const struct option_row *row)
{
    return row->name ? arena_printf(cx->arena, "--%s", row->name) : row->meta;
}

static enum rc bad_value(struct cx *cx, const struct option_row *row)
{
    return fail(cx, RC_INVALID,
                arena_printf(cx->arena, _("%s needs a whole number."), shown_name(cx, row)),
                "option");
}

static enum rc set_value(struct parse *p, size_t index, const char *text)
{
    struct cx *cx = p->cx;
    const struct option_row *row = &p->rows[index];
    struct option_value v = {.given = true, .text = text};
    if (p->values[index].given)
        return fail(cx, RC_INVALID,
                    arena_printf(cx->arena, _("%s was given twice."), shown_name(cx, row)),
                    "option");
    if (row->kind == OPTION_INT && !str_to_i64(&v.number, str_of(text)))
        return bad_value(cx, row);
    p->values[index] = v;
    return RC_OK;
}

static enum rc parse_positional(struct parse *p, const char *text)
{
    struct cx *cx = p->cx;
    for (size_t i = 0; i < p->row_count; i++)
        if (!p->rows[i].name && !p->values[i].given)
            return set_value(p, i, text);
    return fail(cx, RC_INVALID,
                arena_printf(cx->arena, _("“%s” is one argument too many. See --help."), text),
                "option");
}

static enum rc parse_named(struct parse *p, struct str argument)
{
    struct cx *cx = p->cx;
    struct str value = argument;
    struct str name = str_cut(&value, '=');
    for (size_t i = 0; i < p->row_count; i++) {
        const struct option_row *row = &p->rows[i];
        if (!row->name || !str_eq_z(name, row->name))
            continue;
        if (row->kind == OPTION_FLAG) {
            if (!value.p)
                return set_value(p, i, NULL);
            return fail(cx, RC_INVALID,
                        arena_printf(cx->arena, _("--%s takes no value."), row->name),
                        "option");
        }
        if (value.p) /* an argument is NUL-terminated, so its tail is too */
            return set_value(p, i, value.p);
        if (p->at + 1 < p->argc && strncmp(p->argv[p->at + 1], "--", 2) != 0)
            return set_value(p, i, p->argv[++p->at]);
        return fail(cx, RC_INVALID,
                    arena_printf(cx->arena, _("--%s needs a value: --%s %s"), row->name,
                                 row->name, row->meta ? row->meta : "…"),
                    "option");
    }
    return fail(
        cx, RC_INVALID,
        arena_printf(cx->arena, _("There is no option --%.*s. See --help."), STR_ARG(name)),
        "option");
}

static enum rc check_required(struct parse *p)
{
    struct cx *cx = p->cx;
    for (size_t i = 0; i < p->row_count; i++)
        if (p->rows[i].required && !p->values[i].given)
            return fail(cx, RC_INVALID,
                        arena_printf(cx->arena, _("%s is missing. See --help."),
                                     shown_name(cx, &p->rows[i])),
                        "option");
    return RC_OK;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

enum rc options_parse(struct option_value *values, struct cx *cx, const struct option_row *rows,
                      size_t row_count, int argc, char **argv)
{
    struct parse p = {values, cx, rows, row_count, argc, argv, 1};
    bool only_positional = false;
    for (size_t i = 0; i < row_count; i++)
        values[i] = (struct option_value){0};
    if (wants_help(argc, argv)) {
        options_help(cx, argc > 0 ? argv[0] : "", NULL, rows, row_count);
        return fail(cx, RC_NOTFOUND, "", "help was asked for");
    }
    for (; p.at < argc; p.at++) {
        const char *arg = argv[p.at];
        if (!only_positional && strcmp(arg, "--") == 0)
            only_positional = true;
        else if (!only_positional && strncmp(arg, "--", 2) == 0)
            TRY(parse_named(&p, str_of(arg + 2)));
        else
            TRY(parse_positional(&p, arg));
    }
    return check_required(&p);
}

/* "--db DIR", "--dry-run", "FILE". */
static const char *synopsis_of(struct cx *cx, const struct option_row *row)
{
    if (!row->name)
        return row->meta;
    if (row->kind == OPTION_FLAG)
        return arena_printf(cx->arena, "--%s", row->name);
    return arena_printf(cx->arena, "--%s %s", row->name, row->meta ? row->meta : "…");
}

void options_help(struct cx *cx, const char *command, const char *summary,
                  const struct option_row *rows, size_t row_count)
{
    printf("%s fumin %s", _("Usage:"), command);
    size_t width = strlen("--help");
    for (size_t i = 0; i < row_count; i++) {
        const char *one = synopsis_of(cx, &rows[i]);
        printf(rows[i].required ? " %s" : " [%s]", one);
        width = strlen(one) > width ? strlen(one) : width;
    }
    printf("\n");
    if (summary && *summary)
        printf("\n%s\n", text_in(cx->lang, summary));
    printf("\n");
    for (size_t i = 0; i < row_count; i++)
        printf("  %-*s  %s\n", (int)width, synopsis_of(cx, &rows[i]),
               rows[i].help ? text_in(cx->lang, rows[i].help) : "");
    printf("  %-*s  %s\n", (int)width, "--help", _("Print this help."));
}

/* Command lines: one table per command gives parsing, --help and the man page's synopsis. */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include "base/cx.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_INT };
struct option_row { /* NOLINT(clang-analyzer-optin.performance.Padding): reads in this order */
    const char *name; /* "db" for --db; NULL-name row: a positional argument */
    const char *meta; /* "DIR" */
    enum option_kind kind;
    const char *help; /* N_() */
    bool required;
};
/* Parsed values, by the index of the table's row. */
struct option_value {
    bool given;
    const char *text;
    int64_t number;
};
/* argv[0] is the command's name. --help prints the help and gives RC_NOTFOUND with empty
 * err.text. RC_INVALID with a message that names the option. `--name=value`, `--name value`,
 * `--` known. */
enum rc options_parse(struct option_value *values, struct cx *cx, const struct option_row *rows,
                      size_t row_count, int argc, char **argv) MUST_USE;
void options_help(struct cx *cx, const char *command, const char *summary,
                  const struct option_row *rows, size_t row_count);

/* Exit codes of every command, documented in the man page. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,   /* it could not be done: input/output, database, limit */
    EXIT_USAGE = 2,    /* wrong command line */
    EXIT_FINDINGS = 3, /* done, but something in the data needs a person (rows refused, verify
                          found faults) */
    EXIT_BUSY = 4,     /* try again later */
};

#endif

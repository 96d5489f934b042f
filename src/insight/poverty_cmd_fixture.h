/* For tests of the statistics commands on files: runs a command and reads its JSON. The test
 * includes web/commands.h before. */
#ifndef INSIGHT_POVERTY_CMD_FIXTURE_H
#define INSIGHT_POVERTY_CMD_FIXTURE_H

#include "base/check.h"
#include "base/file.h"
#include "base/option.h"
#include "base/text.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <sys/mman.h>

static char output[256 * 1024], errors[4096];

static CHECK_UNUSED int (*command_of(const char *name))(struct cx *cx, int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct cx *cx, int argc, char **argv);
    } commands[] = {{"mpi", mpi_cmd},
                    {"describe", describe_cmd},
                    {"tabulate", tabulate_cmd},
                    {"regress", regress_cmd}};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(commands[i].name, name))
            return commands[i].run;
    return poverty_cmd;
}

/* Runs `fumin WORDS…`, words separated by '|'; standard output and error are in `output` and
 * `errors`. */
static CHECK_UNUSED int run(struct cx *cx, const char *words)
{
    char *argv[40];
    int argc = 0, kept[2], fd[2];
    struct str rest = str_of(words);
    while (rest.p && argc < 40)
        argv[argc++] = (char *)(uintptr_t)arena_copy(cx->arena, str_cut(&rest, '|'));
    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        kept[i] = dup(i + 1);
        fd[i] = memfd_create("poverty_cmd_test", MFD_CLOEXEC);
        assert_true(kept[i] >= 0 && fd[i] >= 0 && dup2(fd[i], i + 1) == i + 1);
    }
    err_clear(cx);
    int code = command_of(argv[0])(cx, argc, argv);
    fflush(stdout);
    ssize_t n = pread(fd[0], output, sizeof output - 1, 0);
    output[n > 0 ? n : 0] = '\0';
    n = pread(fd[1], errors, sizeof errors - 1, 0);
    errors[n > 0 ? n : 0] = '\0';
    for (int i = 0; i < 2; i++) {
        dup2(kept[i], i + 1);
        close(kept[i]);
        close(fd[i]);
    }
    return code;
}

static CHECK_UNUSED const char *file_of(struct cx *cx, const char *dir, const char *name,
                                        const char *text)
{
    const char *path = arena_printf(cx->arena, "%s/%s", dir, name);
    check_ok(cx, file_write(cx, path, str_of(text), 0600));
    return path;
}

static CHECK_UNUSED json_t *parsed(void)
{
    json_error_t e;
    json_t *rows = json_loads(output, 0, &e);
    if (!json_is_array(rows))
        fail_msg("%s\n%.300s", e.text, output);
    return rows;
}

#endif

/* A backup of a PostgreSQL database by pg_dump, which must be installed. */
#include "db/db_pg_impl.h"

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* "NAME=value" as the environment wants it: not const. */
static char *setting(struct arena *a, const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(value) + 2;
    char *out = arena_new(a, size);
    snprintf(out, size, "%s=%s", name, value);
    return out;
}

/* This process's environment with the connection's own PG… settings. */
static char **environment(struct cx *cx, const PQconninfoOption *options)
{
    size_t count = 0, used = 0;
    while (environ[count])
        count++;
    size_t option_count = 0;
    while (options[option_count].keyword)
        option_count++;
    char **out = arena_array(cx->arena, count + option_count + 1, sizeof *out);
    for (size_t i = 0; out && i < count; i++) {
        if (strncmp(environ[i], "PG", 2) != 0)
            out[used++] = environ[i];
    }
    for (size_t i = 0; out && i < option_count; i++) {
        const PQconninfoOption *o = &options[i];
        if (o->envvar && o->val && o->val[0])
            out[used++] = setting(cx->arena, o->envvar, o->val);
    }
    return out;
}

static enum rc run_pg_dump(struct cx *cx, char **env, const char *path)
{
    char program[] = "pg_dump", format[] = "--format=custom", no_password[] = "--no-password";
    char *file;
    pid_t pid;
    int status = 0;
    if (asprintf(&file, "--file=%s", path) < 0)
        return db_fail(cx, RC_IO, "no memory");
    char *argv[] = {program, format, no_password, file, NULL};
    int trouble = posix_spawnp(&pid, program, NULL, NULL, argv, env);
    free(file);
    if (!trouble) {
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    if (!trouble && status == 0)
        return RC_OK;
    unlink(path);
    log_event(LOG_LEVEL_ERROR, "pg_dump", "errno=%d status=%d", trouble, status);
    return fail(cx, RC_IO,
                _("No backup could be made, so nothing was changed. Install pg_dump of the "
                  "server's version, or make a backup yourself and set FUMIN_NO_BACKUP=1."),
                "pg_dump errno=%d status=%d", trouble, status);
}

enum rc pg_backup(struct db *db, struct cx *cx, const char *path)
{
    const struct pg *pg = db->native;
    /* Made here so that nobody but the owner may read it. */
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return file_fail(cx, errno, path);
    PQconninfoOption *options = PQconninfo(pg->conn);
    char **env = options ? environment(cx, options) : NULL;
    enum rc rc = env ? run_pg_dump(cx, env, path) : db_fail(cx, RC_IO, "no memory");
    if (!rc && fsync(fd))
        rc = file_fail(cx, errno, path);
    close(fd);
    PQconninfoFree(options);
    return rc ? rc : file_sync_dir(cx, file_dir(cx, path));
}

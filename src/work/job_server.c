/* Who runs jobs: a random name and a lock file that tells others on this machine, at once, that
 * its holder has died. On other machines only the lease tells. */
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "work/job.sql.h"
#include "work/job_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

void job_server_open(struct job_server *s, struct cx *cx)
{
    uint8_t random[16];
    char made[600];
    *s = (struct job_server){.lock_fd = -1};
    crypto_random(random, sizeof random);
    snprintf(s->name, sizeof s->name, "%s", hex_of(cx->arena, random, sizeof random));
    if (!cx->dir || !cx->dir[0])
        return;
    const char *dir = arena_printf(cx->arena, "%s/work", cx->dir);
    struct err kept = cx->err;
    int n = snprintf(s->path, sizeof s->path, "%s/%s", dir, s->name);
    if (file_mkdir(cx, dir) != RC_OK || n < 0 || (size_t)n >= sizeof s->path) {
        /* Without the file others wait for the lease: slower, not wrong. */
        log_event(LOG_LEVEL_WARN, "job.no_lock_file", "detail=\"%s\"", cx->err.detail);
        cx->err = kept;
        return;
    }
    /* Locked before it has the name that others look for. */
    snprintf(made, sizeof made, "%s.new", s->path);
    s->lock_fd = open(made, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->lock_fd < 0)
        return;
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0 || rename(made, s->path) != 0) {
        unlink(made);
        close(s->lock_fd);
        s->lock_fd = -1;
    }
}

void job_server_close(struct job_server *s)
{
    if (s->lock_fd < 0)
        return;
    unlink(s->path);
    close(s->lock_fd);
    s->lock_fd = -1;
}

static enum rc dead_write(struct cx *cx, void *arg)
{
    return DB_RUN(cx, &JOB_SERVER_DEAD, V_T((const char *)arg));
}

/* Is the lock file there and free? Then *fd holds it. */
static bool is_dead(int *fd, const char *path)
{
    *fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0)
        return false;
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    close(*fd);
    return false;
}

enum rc job_server_bury(struct cx *cx, const struct job_server *self)
{
    enum { SERVERS_MAX = 64 };
    struct db_rows rows;
    char *names[SERVERS_MAX];
    size_t count = 0;
    if (!cx->dir || !cx->dir[0])
        return RC_OK;
    TRY(DB_SELECT0(&rows, cx, &JOB_SERVERS));
    while (count < SERVERS_MAX && db_next(&rows)) {
        struct str name = row_str(&rows, JOB_SERVERS_SERVER);
        char *copy = arena_new(cx->arena, name.len + 1);
        memcpy(copy, name.p, name.len);
        if (strcmp(copy, self->name) != 0 && !strchr(copy, '/'))
            names[count++] = copy;
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(cx->arena, "%s/work/%s", cx->dir, names[i]);
        int fd;
        if (!is_dead(&fd, path))
            continue;
        enum rc rc = db_write(cx, 0, dead_write, names[i]);
        if (rc == RC_OK) {
            log_event(LOG_LEVEL_WARN, "job.server_died", "server=%s", names[i]);
            unlink(path);
        }
        close(fd);
        TRY(rc);
    }
    return RC_OK;
}

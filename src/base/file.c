/* Durable files. Source for the order of fsync and rename: the Linux manual, fsync(2): "Calling
 * fsync() does not necessarily ensure that the entry in the directory ... has also reached
 * disk". */
#include "base/file.h"

#include "base/buf.h"
#include "base/fault.h"
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum rc file_fail(struct cx *cx, int error, const char *path)
{
    const char *name = strerrorname_np(error);
    enum rc rc = RC_IO;
    const char *text;
    if (error == ENOENT || error == ENOTDIR) {
        rc = RC_NOTFOUND;
        text = arena_printf(cx->arena, _("%s does not exist."), path);
    } else if (error == EEXIST) {
        rc = RC_CONFLICT;
        text = arena_printf(cx->arena, _("%s exists already."), path);
    } else if (error == ENOSPC || error == EDQUOT) {
        text = arena_printf(
            cx->arena,
            _("The disk is full: %s could not be written. Free some space and try again."),
            path);
    } else if (error == EACCES || error == EPERM || error == EROFS) {
        text = arena_printf(
            cx->arena,
            _("This program has no right to use %s. Ask the person who runs the server."),
            path);
    } else {
        text = arena_printf(cx->arena, _("%s could not be read or written."), path);
    }
    return fail(cx, rc, text, "errno=%s path=%s", name ? name : "?", path);
}

enum rc file_read(struct str *out, struct cx *cx, const char *path, size_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return file_fail(cx, errno, path);
    struct buf b;
    buf_init(&b, cx->arena, max);
    /* A regular file's size is known: growing by doubling would cost the arena twice as much.
     */
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        (uint64_t)st.st_size <= max) {
        b.cap = (size_t)st.st_size + 1;
        b.p = arena_try(cx->arena, b.cap);
        b.failed = !b.p;
    }
    char piece[4096 - 512];
    ssize_t n = 0;
    while (buf_ok(&b) && ((n = read(fd, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            buf_put(&b, piece, (size_t)n);
    int error = n < 0 ? errno : 0;
    close(fd);
    if (!buf_ok(&b))
        return fail(
            cx, RC_LIMIT,
            arena_printf(cx->arena, _("%s is too large: %zu bytes are allowed."), path, max),
            "max=%zu path=%s", max, path);
    if (error)
        return file_fail(cx, error, path);
    *out = buf_view(&b);
    return RC_OK;
}

enum rc file_put(struct cx *cx, int fd, const void *p, size_t len, const char *path)
{
    const char *at = p;
    while (len > 0) {
        if (fault_hit("file.write"))
            return file_fail(cx, errno, path);
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return file_fail(cx, n < 0 ? errno : EIO, path);
        at += n;
        len -= (size_t)n;
    }
    return RC_OK;
}

const char *file_dir(struct cx *cx, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    size_t len = (size_t)(slash - path);
    return len ? arena_copy(cx->arena, (struct str){path, len}) : "/";
}

enum rc file_sync_dir(struct cx *cx, const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return file_fail(cx, errno, dir);
    int failed = fsync(fd) != 0 ? errno : 0;
    close(fd);
    return failed ? file_fail(cx, failed, dir) : RC_OK;
}

static enum rc sync_fd(struct cx *cx, int fd, const char *path)
{
    if (fault_hit("file.fsync") || fsync(fd) != 0)
        return file_fail(cx, errno, path);
    return RC_OK;
}

/* Opens a new hidden file in `dir`; its name goes to *path. */
static enum rc open_hidden(int *out_fd, const char **path, struct cx *cx, const char *dir)
{
    char name[4096 - 512];
    int len = snprintf(name, sizeof name, "%s/.tmp-XXXXXX", dir);
    if (len < 0 || (size_t)len >= sizeof name)
        return file_fail(cx, ENAMETOOLONG, dir);
    int fd = mkostemp(name, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return file_fail(cx, errno, dir);
    *path = arena_copy(cx->arena, str_of(name));
    *out_fd = fd;
    return RC_OK;
}

enum rc file_write(struct cx *cx, const char *path, struct str content, unsigned mode)
{
    const char *dir = file_dir(cx, path), *temp = NULL;
    int fd = -1;
    TRY(open_hidden(&fd, &temp, cx, dir));
    assert(fd >= 0 && temp);
    enum rc rc = file_put(cx, fd, content.p, content.len, path);
    if (!rc && fchmod(fd, (mode_t)mode) != 0)
        rc = file_fail(cx, errno, path);
    if (!rc)
        rc = sync_fd(cx, fd, path);
    if (close(fd) != 0 && !rc)
        rc = file_fail(cx, errno, path);
    if (!rc && (fault_hit("file.rename") || rename(temp, path) != 0))
        rc = file_fail(cx, errno, path);
    if (rc) {
        unlink(temp);
        return rc;
    }
    return file_sync_dir(cx, dir);
}

enum rc file_mkdir(struct cx *cx, const char *path)
{
    char part[4096 - 256];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof part)
        return file_fail(cx, len ? ENAMETOOLONG : ENOENT, path);
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (part[i] != '/' && part[i] != 0)
            continue;
        char kept = part[i];
        part[i] = 0;
        struct stat st;
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return file_fail(cx, errno, part);
        if (stat(part, &st) != 0 || !S_ISDIR(st.st_mode))
            return file_fail(cx, ENOTDIR, part);
        part[i] = kept;
    }
    return RC_OK;
}

enum rc file_temp_open(struct file_temp *out, struct cx *cx, const char *dir)
{
    struct file_temp t = {.fd = -1, .dir = arena_copy(cx->arena, str_of(dir))};
    if (!fault_hit("file.tmpfile"))
        t.fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (t.fd < 0) /* EOPNOTSUPP, EISDIR on old kernels; true troubles show again here */
        TRY(open_hidden(&t.fd, &t.path, cx, dir));
    *out = t;
    return RC_OK;
}

void file_temp_drop(struct file_temp *t)
{
    if (t->fd >= 0)
        close(t->fd);
    if (t->path)
        unlink(t->path);
    t->fd = -1;
    t->path = NULL;
}

/* link, not rename: it refuses to replace a file that is there. */
static int link_temp(const struct file_temp *t, const char *path)
{
    if (fault_hit("file.rename"))
        return -1;
    if (t->path)
        return link(t->path, path);
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", t->fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

enum rc file_temp_keep(struct cx *cx, struct file_temp *t, const char *path)
{
    assert(t->fd >= 0);
    enum rc rc = sync_fd(cx, t->fd, path);
    if (!rc && link_temp(t, path) != 0)
        rc = file_fail(cx, errno, path);
    file_temp_drop(t);
    return rc ? rc : file_sync_dir(cx, file_dir(cx, path));
}

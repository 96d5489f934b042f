/* Files done right: whole reads with a limit, atomic durable writes, folders, temporary files.
 * Every failure's text names the path as it was given; errno stands in the detail. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/cx.h"

/* Records the failure of an operation on `path` with this errno: ENOENT and ENOTDIR are
 * RC_NOTFOUND, EEXIST is RC_CONFLICT, all else RC_IO; a full disk and missing rights get a
 * sentence of their own. */
enum rc file_fail(struct cx *cx, int error, const char *path);

/* The whole file into cx->arena (NUL-terminated behind the end). RC_NOTFOUND, RC_LIMIT when it
 * is longer than `max` bytes or the arena is full, RC_IO. Reads pipes too. */
enum rc file_read(struct str *out, struct cx *cx, const char *path, size_t max) MUST_USE;
/* Writes all bytes to the descriptor, again after EINTR and short writes. RC_IO; fault point
 * "file.write". `path` is for the message. */
enum rc file_put(struct cx *cx, int fd, const void *p, size_t len, const char *path) MUST_USE;
/* Replaces `path` as a whole or not at all: a temporary file beside it with `mode`, fsync,
 * rename, fsync of the folder. When it returns RC_OK the content survives power loss. Fault
 * points "file.write", "file.fsync", "file.rename". */
enum rc file_write(struct cx *cx, const char *path, struct str content, unsigned mode) MUST_USE;
/* Creates the folder and those above it that are missing, mode 0700. RC_OK when it is there. */
enum rc file_mkdir(struct cx *cx, const char *path) MUST_USE;
/* fsync of a folder: makes names created in it durable. */
enum rc file_sync_dir(struct cx *cx, const char *dir) MUST_USE;
/* The folder of a path ("a/b" gives "a", "b" gives "."), in cx->arena. */
const char *file_dir(struct cx *cx, const char *path);

/* A temporary file in a folder that gets its name only when it is complete. */
struct file_temp {
    int fd;           /* open for reading and writing */
    const char *path; /* its temporary name where the file system has no O_TMPFILE; else NULL */
    const char *dir;
};
/* Opens one, mode 0600; O_TMPFILE, or a hidden ".tmp-..." name where that is not known. End it
 * with file_temp_keep or file_temp_drop. Strings live until cx ends. */
enum rc file_temp_open(struct file_temp *out, struct cx *cx, const char *dir) MUST_USE;
/* fsync, gives it the name `path` in the same file system, fsync of path's folder, closes it.
 * RC_CONFLICT when the name is taken (the old file stays). Closed and dropped on failure. */
enum rc file_temp_keep(struct cx *cx, struct file_temp *t, const char *path) MUST_USE;
/* Closes and forgets it. */
void file_temp_drop(struct file_temp *t);

#endif

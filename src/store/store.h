/* Documents as received: encrypted, content-addressed, fsynced before the row that names them
 * is committed, never changed. Files lie in DIR/store/ab/cdef…; the name is a keyed hash of
 * the content, so equal files are kept once and nobody can tell from outside what they are. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/cx.h"

struct document {
    int64_t id, county;
    const char *kind; /* "import", "visit", "photo" … */
    const char *name; /* file name as received (cut to 200 bytes) */
    const char *type; /* media type */
    int64_t len;
    int64_t received_at;
    int64_t user_id;
    uint8_t hash[32]; /* keyed hash of the content */
};
/* Stores what fd holds from offset 0 and adds the row. The same content of the same county and
 * kind gives the existing document with *is_new = false, and mends its file when that is
 * missing or damaged. RC_IO when the disk is full: nothing is left behind. The position of fd
 * is moved. Not inside a write closure. Fault points "store.write", "store.rename", "file.*".
 */
enum rc store_put(int64_t *id, bool *is_new, struct cx *cx, int64_t county, const char *kind,
                  const char *name, const char *type, int fd) MUST_USE;
/* As store_put, for a JSON text that the program itself wrote (a decision, a wage). */
enum rc store_put_text(int64_t *id, struct cx *cx, int64_t county, const char *kind,
                       const char *name, struct str text) MUST_USE;
enum rc store_get(struct document *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* A readable unnamed file with the content at offset 0; the caller closes it. RC_IO with a
 * clear text when the file is missing or damaged. */
enum rc store_open(int *fd, struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* Reads every document and compares its hash: for fumin verify. Counts faults. */
enum rc store_verify(int64_t *checked, int64_t *faults, struct cx *cx) MUST_USE;
/* As store_verify, naming the first 10,000 faults. */
struct store_fault {
    int64_t county, id;
    const char *what; /* "the file is missing", "the file is damaged", translated */
};
enum rc store_fault_list(struct store_fault **out, size_t *count, int64_t *checked,
                         struct cx *cx) MUST_USE;

#endif

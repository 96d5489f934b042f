/* A bounded reader of multipart/form-data (RFC 7578): text parts and at most one file. Own,
 * since MHD_PostProcessor had CVE-2023-27371. Fed in pieces of any size; the file's bytes go to
 * a sink as they come. */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include "base/buf.h"

enum multipart_state {
    MULTIPART_MORE,      /* not at the end yet */
    MULTIPART_END,       /* the closing boundary was read */
    MULTIPART_MALFORMED, /* not this format */
    MULTIPART_TOO_MUCH,  /* more parts or text than allowed */
    MULTIPART_TWO_FILES,
    MULTIPART_SINK, /* the sink refused */
};

/* Takes the file's bytes; false: stop. */
typedef bool (*multipart_sink)(void *arg, const void *p, size_t len);

struct multipart_limits {
    size_t parts_max;
    size_t text_max; /* names and values of all text parts together */
};
struct multipart;
/* The boundary of "multipart/form-data; boundary=x"; len 0 when there is none that is valid (1
 * to 70 characters of RFC 2046). Shares the bytes of `content_type`. */
struct str multipart_boundary(struct str content_type);
/* Owned by caller, free with multipart_free. NULL: no memory. */
struct multipart *multipart_new(struct str boundary, struct multipart_limits limits,
                                multipart_sink sink, void *sink_arg);
/* Reads on. Once the state is neither MORE nor END further bytes are ignored. */
enum multipart_state multipart_feed(struct multipart *m, const void *p, size_t len);
enum multipart_state multipart_state_get(const struct multipart *m);
/* Text parts in order. The bytes live until multipart_free. */
size_t multipart_count(const struct multipart *m);
struct str multipart_name(struct multipart *m, size_t i);
struct str multipart_value(struct multipart *m, size_t i);
/* Whether a part with a non-empty file name was there. */
bool multipart_has_file(const struct multipart *m);
/* Base name as sent (not checked for UTF-8), and the part's Content-Type. Until multipart_free.
 */
struct str multipart_file_name(struct multipart *m);
struct str multipart_file_type(struct multipart *m);
int64_t multipart_file_len(const struct multipart *m);
void multipart_free(struct multipart *m);

#endif

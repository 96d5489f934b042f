/* For the test and the fuzz target of multipart.c: the property both check. */
#ifndef HTTP_MULTIPART_CHECK_H
#define HTTP_MULTIPART_CHECK_H

#include "http/multipart.h"

#include <assert.h>
#include <string.h>

enum { CHECK_PARTS_MAX = 5, CHECK_TEXT_MAX = 200, CHECK_FILE_MAX = 300 };

struct check_file {
    char bytes[CHECK_FILE_MAX];
    size_t len;
};

static inline bool check_sink(void *arg, const void *p, size_t len)
{
    struct check_file *file = arg;
    if (len > sizeof file->bytes - file->len)
        return false;
    memcpy(file->bytes + file->len, p, len);
    file->len += len;
    return true;
}

static inline struct multipart *check_read(struct check_file *file, struct str body,
                                           size_t step)
{
    const struct multipart_limits limits = {CHECK_PARTS_MAX, CHECK_TEXT_MAX};
    file->len = 0;
    struct multipart *m = multipart_new(STR("B"), limits, check_sink, file);
    assert(m);
    for (size_t at = 0; at < body.len; at += step)
        (void)multipart_feed(m, body.p + at, step < body.len - at ? step : body.len - at);
    return m;
}

/* Whatever the bytes: reading them at once and in pieces of `step` gives the same parts and the
 * same state, and no limit is passed. */
static inline void check_multipart(struct str body, size_t step)
{
    struct check_file whole_file, file;
    struct multipart *whole = check_read(&whole_file, body, body.len ? body.len : 1);
    struct multipart *m = check_read(&file, body, step);
    size_t text = 0;
    assert(multipart_state_get(whole) == multipart_state_get(m));
    assert(multipart_count(whole) == multipart_count(m));
    assert(multipart_count(m) <= CHECK_PARTS_MAX);
    for (size_t i = 0; i < multipart_count(m); i++) {
        text += multipart_name(m, i).len + multipart_value(m, i).len;
        assert(str_eq(multipart_name(m, i), multipart_name(whole, i)));
        /* A value over the limit is cut where its piece began. */
        if (multipart_state_get(m) != MULTIPART_TOO_MUCH)
            assert(str_eq(multipart_value(m, i), multipart_value(whole, i)));
    }
    assert(text <= CHECK_TEXT_MAX);
    assert(str_eq(multipart_file_name(m), multipart_file_name(whole)));
    if (multipart_state_get(m) != MULTIPART_SINK)
        assert(file.len == whole_file.len &&
               memcmp(file.bytes, whole_file.bytes, file.len) == 0);
    multipart_free(whole);
    multipart_free(m);
}

#endif

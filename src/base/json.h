/* JSON out: a writer over struct buf that keeps commas and nesting right (asserted). Integers
 * beyond 2^53 are written as strings. Reading JSON is jansson's work; its json_object,
 * json_array and json_null are why ours are named otherwise: one program cannot have both. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

struct json {
    struct buf *out;
    int depth;
    uint64_t has_item, is_object; /* one bit per depth */
    bool after_key;
};
void json_init(struct json *j, struct buf *out);
void json_object_begin(struct json *j);
void json_object_end(struct json *j);
void json_array_begin(struct json *j);
void json_array_end(struct json *j);
void json_key(struct json *j, const char *key);
void json_str(struct json *j, struct str s); /* s.p == NULL writes null */
void json_z(struct json *j, const char *z);
void json_i64(struct json *j, int64_t n);
void json_f64(struct json *j, double x); /* shortest that reads back; NaN and infinity: null */
void json_bool(struct json *j, bool b);
void json_nothing(struct json *j);
/* key and value at once */
void json_put_z(struct json *j, const char *key, const char *z);
void json_put_str(struct json *j, const char *key, struct str s);
void json_put_i64(struct json *j, const char *key, int64_t n);

#endif

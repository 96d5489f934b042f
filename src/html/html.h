/* The templates' run time: an output buffer and writers that escape. The code made by
 * tools/tmplc calls these; C code that must write markup itself (charts) does too.
 * Whether a place needs html_put, html_put_url or html_put_query is decided by tmplc. */
#ifndef HTML_HTML_H
#define HTML_HTML_H

#include "base/buf.h"
#include "base/cx.h"

enum { HTML_OUT_MAX = 4 * 1024 * 1024 }; /* bytes of one page when the caller names none */

/* A page or a part of one that grows. Passing the maximum drops what follows and makes out_ok
 * false, so a template needs no checks: its caller asks once, at the end. */
struct out {
    struct buf buf;
    const char
        *nonce; /* of the answer's Content-Security-Policy, for <script nonce>; or NULL */
};

/* Finished markup. Only html/ makes such values, from templates' output. */
struct html {
    const char *p;
    size_t len;
};

/* An empty buffer in the arena. max 0 means HTML_OUT_MAX; nonce may be NULL. */
void out_init(struct out *o, struct arena *arena, size_t max, const char *nonce);
/* As out_init, the struct in the arena too; until the arena resets. */
struct out *out_new(struct arena *arena, const char *nonce);
/* False once the maximum or the arena's cap was passed: the page is not whole. */
bool out_ok(const struct out *o);
/* What was written; shares the bytes, until the next write. */
struct str out_view(struct out *o);
/* The same as markup, to be put into another page: {{! part }}. */
struct html out_html(struct out *o);

/* Bytes as they are: the fixed parts of a template. */
void html_literal(struct out *o, const char *p, size_t len);
void html_put_raw(struct out *o, struct html h);

/* Writes a value as text of an element or of a quoted attribute: & < > " ' are escaped,
 * control characters but tab and line ends become U+FFFD. x is const char *, char * (NULL
 * writes nothing), struct str or an integer; bool and floating point do not compile: say
 * which words are meant, format numbers first (base/format.h). */
#define html_put(o, x)                                                                         \
    _Generic((x),                                                                              \
        const char *: html_put_z,                                                              \
        char *: html_put_z,                                                                    \
        struct str: html_put_str,                                                              \
        signed char: html_put_i64,                                                             \
        short: html_put_i64,                                                                   \
        int: html_put_i64,                                                                     \
        long: html_put_i64,                                                                    \
        long long: html_put_i64,                                                               \
        unsigned char: html_put_u64,                                                           \
        unsigned short: html_put_u64,                                                          \
        unsigned int: html_put_u64,                                                            \
        unsigned long: html_put_u64,                                                           \
        unsigned long long: html_put_u64)((o), (x))

/* Writes the beginning of an address (href, src, action …): relative ones and http:, https:,
 * mailto:, tel: pass, escaped as html_put does; anything else (javascript:, data:, addresses
 * with control characters or outer blanks) becomes "#". Integers pass. */
#define html_put_url(o, x)                                                                     \
    _Generic((x),                                                                              \
        const char *: html_put_url_z,                                                          \
        char *: html_put_url_z,                                                                \
        struct str: html_put_url_str,                                                          \
        int: html_put_i64,                                                                     \
        long: html_put_i64,                                                                    \
        long long: html_put_i64,                                                               \
        unsigned int: html_put_u64,                                                            \
        unsigned long: html_put_u64,                                                           \
        unsigned long long: html_put_u64)((o), (x))

/* Writes one value of an address's query (behind `name=`): all but letters, digits and -._~ is
 * percent-encoded. Source: RFC 3986, 2.3. */
#define html_put_query(o, x)                                                                   \
    _Generic((x),                                                                              \
        const char *: html_put_query_z,                                                        \
        char *: html_put_query_z,                                                              \
        struct str: html_put_query_str,                                                        \
        int: html_put_i64,                                                                     \
        long: html_put_i64,                                                                    \
        long long: html_put_i64,                                                               \
        unsigned int: html_put_u64,                                                            \
        unsigned long: html_put_u64,                                                           \
        unsigned long long: html_put_u64)((o), (x))

/* What the three macros choose from. */
void html_put_z(struct out *o, const char *z);
void html_put_str(struct out *o, struct str s);
void html_put_i64(struct out *o, int64_t n);
void html_put_u64(struct out *o, uint64_t n);
void html_put_url_z(struct out *o, const char *z);
void html_put_url_str(struct out *o, struct str s);
void html_put_query_z(struct out *o, const char *z);
void html_put_query_str(struct out *o, struct str s);

/* One part of an address's path or query, percent-encoded as html_put_query does; for
 * addresses put together in C. Until the arena resets; over the arena's cap aborts. */
const char *html_encode(struct cx *cx, struct str s);

#endif

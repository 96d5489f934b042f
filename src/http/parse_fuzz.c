/* Fuzzes what reads addresses, queries, forms, cookies and headers. Checked: what is accepted
 * is clean, and writing a query and reading it again gives the same pairs. */
#include "base/utf8.h"
#include "http/http_parts.h"

#include <assert.h>
#include <string.h>

static bool is_clean(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
            return false;
    }
    return utf8_bad_at(s) == s.len;
}

static void check_target(struct cx *cx, struct str target)
{
    struct str path, query;
    if (!url_split(&path, &query, cx->arena, target))
        return;
    assert(path.len > 0 && path.p[0] == '/' && is_clean(path));
    assert(str_find(path, STR("//")) == SIZE_MAX && str_find(path, STR("/../")) == SIZE_MAX);
    assert(!str_ends(path, STR("/..")) && !memchr(path.p, '\\', path.len));
}

static void check_pairs(struct cx *cx, struct str raw)
{
    struct request q;
    memset(&q, 0, sizeof q);
    if (pairs_parse(&q.query, &q.query_count, cx, raw, 50))
        return;
    for (size_t i = 0; i < q.query_count; i++)
        assert(is_clean(q.query[i].name) && is_clean(q.query[i].value));
    struct str written = str_of(url_with(cx, &q, "\x01", NULL));
    const struct pair *again;
    size_t count;
    written = (struct str){written.p + 1, written.len - 1};
    if (pairs_parse(&again, &count, cx, written, 50))
        assert(!"what was written is not read");
    assert(count == q.query_count);
    for (size_t i = 0; i < count; i++)
        assert(str_eq(again[i].name, q.query[i].name) &&
               str_eq(again[i].value, q.query[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = {(const char *)data, size};
    struct arena *arena = arena_open(LIMIT_REQUEST_ARENA);
    struct cx cx;
    cx_init(&cx, arena);
    if (size > LIMIT_URL_BYTES)
        s.len = LIMIT_URL_BYTES;
    check_target(&cx, s);
    check_pairs(&cx, s);
    const struct pair *cookies;
    size_t count;
    cookies_parse(&cookies, &count, &cx, s);
    assert(count <= HTTP_COOKIES_MAX);
    (void)accepts_gzip(s);
    assert(!etag_matches(s, STR("\"no such tag, with a comma\"")) || size > 0);
    (void)type_is(s, "text/plain");
    arena_free(arena);
    return 0;
}

/* Finds the row of the route table for a request, and checks the table at start. Rows are few
 * (hundreds), so a plain walk is fast enough: 2 microseconds for 200 rows. */
#include "base/text.h"
#include "http/http_parts.h"

#include <assert.h>
#include <string.h>

static bool is_name(struct str segment)
{
    return segment.len > 2 && segment.p[0] == '{' && segment.p[segment.len - 1] == '}';
}

static struct str name_of(struct str segment)
{
    return (struct str){segment.p + 1, segment.len - 2};
}

/* Compares pattern and path. *literal gets one bit per segment, leftmost highest: 1 = literal.
 */
static bool path_fits(struct route_hit *hit, uint32_t *literal, const char *pattern,
                      struct str path)
{
    struct str want = str_of(pattern), have = path;
    uint32_t bit = 1u << 31;
    hit->param_count = 0;
    *literal = 0;
    /* Both begin with '/', so the first segment of each is empty and equal. */
    while (want.p && have.p) {
        struct str w = str_cut(&want, '/'), h = str_cut(&have, '/');
        if (is_name(w)) {
            if (h.len == 0 || hit->param_count == HTTP_PARAMS_MAX)
                return false;
            hit->params[hit->param_count++] = (struct pair){name_of(w), h};
        } else if (str_eq(w, h)) {
            *literal |= bit;
        } else {
            return false;
        }
        bit >>= 1;
    }
    return !want.p && !have.p;
}

static unsigned row_methods(const struct route *r)
{
    unsigned m = (unsigned)r->method;
    return m & METHOD_GET ? m | METHOD_HEAD : m;
}

void route_find(struct route_hit *hit, const struct server_options *o, enum method method,
                struct str path)
{
    uint32_t best = 0;
    *hit = (struct route_hit){.route = NULL};
    for (size_t i = 0; i < o->route_count; i++) {
        const struct route *r = &o->routes[i];
        struct route_hit one;
        uint32_t literal;
        if (!path_fits(&one, &literal, r->path, path))
            continue;
        hit->allowed |= row_methods(r);
        if (!(row_methods(r) & (unsigned)method) || (hit->route && literal <= best))
            continue;
        best = literal;
        hit->route = r;
        hit->param_count = one.param_count;
        memcpy(hit->params, one.params, one.param_count * sizeof one.params[0]);
    }
}

static const struct {
    enum method method;
    const char *name;
} methods[] = {{METHOD_GET, "GET"},
               {METHOD_HEAD, "HEAD"},
               {METHOD_POST, "POST"},
               {METHOD_PUT, "PUT"},
               {METHOD_DELETE, "DELETE"}};
enum { METHOD_COUNT = sizeof methods / sizeof *methods };

enum method method_of(const char *name)
{
    for (size_t i = 0; i < METHOD_COUNT; i++)
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].method;
    return (enum method)0;
}

const char *method_name(enum method method)
{
    for (size_t i = 0; i < METHOD_COUNT; i++)
        if (methods[i].method == method)
            return methods[i].name;
    return "-";
}

const char *route_allow(struct arena *a, unsigned allowed)
{
    struct buf b;
    buf_init(&b, a, 100);
    for (size_t i = 0; i < METHOD_COUNT; i++) {
        if (!(allowed & (unsigned)methods[i].method))
            continue;
        buf_z(&b, b.len ? ", " : "");
        buf_z(&b, methods[i].name);
    }
    return b.p ? b.p : "";
}

/* Whether two patterns stand for the same set of paths. */
static bool same_shape(const char *a, const char *b)
{
    struct str x = str_of(a), y = str_of(b);
    while (x.p && y.p) {
        struct str p = str_cut(&x, '/'), q = str_cut(&y, '/');
        if (!(is_name(p) && is_name(q)) && !str_eq(p, q))
            return false;
    }
    return !x.p && !y.p;
}

/* What is wrong with one row; NULL: nothing. */
static const char *row_mistake(const struct route *r)
{
    const unsigned all = METHOD_GET | METHOD_POST | METHOD_PUT | METHOD_DELETE | METHOD_HEAD;
    if (!r->path || r->path[0] != '/')
        return "path";
    if (!r->handle)
        return "handler";
    if (!r->method || ((unsigned)r->method & ~all))
        return "method";
    if (r->scope == SCOPE_PERMISSION && !r->permission)
        return "permission";
    if (((unsigned)r->method & METHOD_GET) && r->body_max)
        return "body on GET";
    size_t names = 0, depth = 0;
    struct str rest = {r->path + 1, strlen(r->path) - 1};
    while (rest.p) {
        struct str segment = str_cut(&rest, '/');
        bool brace = segment.len && (memchr(segment.p, '{', segment.len) ||
                                     memchr(segment.p, '}', segment.len));
        if (brace && !is_name(segment))
            return "braces";
        names += brace;
        depth++;
    }
    return names > HTTP_PARAMS_MAX || depth > 30 ? "too many parts" : NULL;
}

enum rc routes_check(struct cx *cx, const struct route *routes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *mistake = row_mistake(&routes[i]);
        if (mistake)
            return fail(cx, RC_INVALID, _("The table of addresses is wrong."),
                        "route=%s mistake=%s", routes[i].path ? routes[i].path : "", mistake);
        for (size_t j = 0; j < i; j++)
            if (row_methods(&routes[i]) & row_methods(&routes[j]) &&
                same_shape(routes[i].path, routes[j].path))
                return fail(cx, RC_INVALID, _("The table of addresses is wrong."),
                            "route=%s mistake=twice", routes[i].path);
    }
    return RC_OK;
}

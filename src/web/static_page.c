/* Files carried in the program: style sheet, pictures, scripts. */
#include "base/embed.h"
#include "web/page.h"

static enum rc static_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct str name = request_param(q, "name");
    const char *path = arena_printf(cx->arena, "web/%.*s", STR_ARG(name));
    const struct embedded *file = embed_find(str_of(path));
    if (!file)
        return fail(cx, RC_NOTFOUND, "", "static");
    response_embedded(cx, q, a, file);
    return RC_OK;
}

static enum rc robots_get(struct cx *cx, const struct request *q, struct response *a)
{
    (void)q;
    a->type = "text/plain; charset=utf-8";
    buf_init(&a->body, cx->arena, 64);
    buf_z(&a->body, "User-agent: *\nDisallow: /\n");
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/static/{name}",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = static_get,
     .test_path = "/static/style.css"},
    {.method = METHOD_GET,
     .path = "/robots.txt",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = robots_get},
};
const struct route_table static_routes = ROUTE_TABLE(rows);

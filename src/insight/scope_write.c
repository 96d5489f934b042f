/* The address of a scope with one thing changed. */
#include "insight/scope_impl.h"

#include <string.h>

/* Goes with a present index only. */
static bool is_of_index(struct str name)
{
    return str_starts(name, STR("w_")) || str_starts(name, STR("c_")) || str_eq_z(name, "k");
}

static void put(struct buf *b, struct cx *cx, struct str name, struct str value)
{
    buf_printf(b, "%s%s=%s", b->len ? "&" : "", url_encode(cx->arena, name),
               url_encode(cx->arena, value));
}

const char *scope_query(struct cx *cx, const struct scope *s, const char *name,
                        const char *value)
{
    struct buf b;
    bool done = !name || !value || !*value;
    bool other_index = name && !strcmp(name, "index");
    buf_init(&b, cx->arena, 64 * 1024);
    for (size_t i = 0; i < s->pair_count; i++) {
        const struct pair *p = &s->pairs[i];
        if (other_index && is_of_index(p->name))
            continue;
        if (!name || !str_eq_z(p->name, name)) {
            put(&b, cx, p->name, p->value);
            continue;
        }
        if (!done)
            put(&b, cx, p->name, str_of(value));
        done = true;
    }
    if (!done)
        put(&b, cx, str_of(name), str_of(value));
    return arena_copy(cx->arena, buf_view(&b));
}

const char *scope_query_i64(struct cx *cx, const struct scope *s, const char *name,
                            int64_t value)
{
    return scope_query(cx, s, name, arena_printf(cx->arena, "%" PRId64, value));
}

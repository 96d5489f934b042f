/* Table pages: addresses of sorting and paging around the templates of table.html. */
#include "html/table.h"

#include "html/form.h"
#include "html/table.html.h"
#include "html/table_parts.h"

const char *table_cell_class(const struct table_column *c)
{
    if (c->align == ALIGN_NUMBER)
        return c->narrow_hidden ? "num narrow-hidden" : "num";
    return c->narrow_hidden ? "narrow-hidden" : "";
}

/* The table's query without the parameter `name`. */
static const char *query_without(struct cx *cx, const char *query, const char *name)
{
    struct buf b;
    buf_init(&b, cx->arena, 16 * 1024);
    struct str rest = str_of(query);
    size_t name_len = strlen(name);
    while (rest.p) {
        struct str part = str_cut(&rest, '&');
        bool same = part.len >= name_len && !memcmp(part.p, name, name_len) &&
                    (part.len == name_len || part.p[name_len] == '=');
        if (!part.len || same)
            continue;
        if (b.len)
            buf_char(&b, '&');
        buf_str(&b, part);
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static const char *join(struct cx *cx, const struct table *t, const char *query,
                        const char *more)
{
    const char *glue = query[0] && more[0] ? "&" : "";
    const char *mark = query[0] || more[0] ? "?" : "";
    return arena_printf(cx->arena, "%s%s%s%s%s", t->base, mark, query, glue, more);
}

const char *table_sort_href(struct cx *cx, const struct table *t, const struct table_column *c,
                            bool down)
{
    const char *query = query_without(cx, query_without(cx, t->query, "sort"), "down");
    return join(cx, t, query,
                arena_printf(cx->arena, "sort=%s%s", c->key, down ? "&down=1" : ""));
}

const char *table_page_href(struct cx *cx, const struct table *t, const char *token)
{
    const char *query = query_without(cx, t->query, "after");
    if (!token)
        return join(cx, t, query, "");
    return join(cx, t, query,
                arena_printf(cx->arena, "after=%s", html_encode(cx, str_of(token))));
}

const char *table_file_href(struct cx *cx, const struct table *t, const char *format)
{
    const char *query = query_without(cx, query_without(cx, t->query, "after"), "format");
    return join(cx, t, query, arena_printf(cx->arena, "format=%s", format));
}

const char *table_bar_width(struct cx *cx, const struct table *t, const struct table_cell *row,
                            size_t column)
{
    if (!t->bars || column != t->bar_column)
        return NULL;
    double share = t->bars[(size_t)(row - t->cells) / t->column_count];
    if (!(share >= 0))
        return NULL;
    return arena_printf(cx->arena, "%.1f%%", share < 1 ? share * 100 : 100);
}

void table_choice(struct out *o, struct cx *cx, const struct table_filter *f)
{
    struct field_choice *choices =
        arena_new(cx->arena, (f->choice_count + 1) * sizeof *choices);
    const char *value = f->value ? f->value : "";
    for (size_t i = 0; i < f->choice_count; i++)
        choices[i] = (struct field_choice){f->choices[i].value, f->choices[i].label,
                                           !strcmp(f->choices[i].value, value)};
    html_field_select(o, cx,
                      &(struct field){.name = f->name,
                                      .label = f->label,
                                      .choices = choices,
                                      .choice_count = f->choice_count});
}

void html_table(struct out *o, struct cx *cx, const struct table *t)
{
    if (t->filter_count)
        table_filters(o, cx, t);
    if (!t->row_count) {
        table_empty(o, cx, t);
        return;
    }
    table_grid(o, cx, t);
    if (t->total || t->next_token || !t->is_first_page || t->can_export)
        table_pager(o, cx, t);
}

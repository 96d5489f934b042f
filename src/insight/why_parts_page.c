/* What the pages of causes, changes and capability share. */
#include "insight/why_parts_view.h"

enum rc why_error(const char **error, struct cx *cx, enum rc rc)
{
    if (rc != RC_INVALID)
        return rc;
    *error = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    return RC_OK;
}

const struct table *why_table(struct cx *cx, const struct table *t,
                              const struct table_column *columns, size_t column_count)
{
    struct table *out = arena_new(cx->arena, sizeof *out);
    struct table_column *heads = arena_new(cx->arena, (column_count + 1) * sizeof *heads);
    for (size_t i = 0; i < column_count; i++)
        heads[i] = columns[i];
    *out = *t;
    out->columns = heads;
    out->column_count = column_count;
    out->is_first_page = true;
    return out;
}

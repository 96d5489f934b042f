/* The form over the pages of causes and of changes. */
#include "insight/why_form.h"

static const struct field_choice *year_choices(size_t *count, struct cx *cx,
                                               const struct scope *s, int32_t chosen)
{
    struct field_choice *years = arena_new(cx->arena, (s->year_count + 1) * sizeof *years);
    for (size_t i = 0; i < s->year_count; i++) {
        const char *year = arena_printf(cx->arena, "%d", s->years[i]);
        years[i] = (struct field_choice){year, year, s->years[i] == chosen};
    }
    *count = s->year_count;
    return years;
}

void why_form_fill(struct why_form *f, struct cx *cx, const struct scope *s, bool two_years)
{
    f->years = year_choices(&f->year_count, cx, s, s->year);
    if (two_years)
        f->from_years = year_choices(&f->from_year_count, cx, s, s->from_year);
    f->line = s->line.text;
    struct pair *kept = arena_new(cx->arena, (s->pair_count + 1) * sizeof *kept);
    for (size_t i = 0; i < s->pair_count; i++) {
        struct str name = s->pairs[i].name;
        if (!str_eq_z(name, "year") && !str_eq_z(name, "line") &&
            !(two_years && str_eq_z(name, "from_year")))
            kept[f->kept_count++] = s->pairs[i];
    }
    f->kept = kept;
}

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

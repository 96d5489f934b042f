/* Form fields: chooses which hint and error describe a field, and shows its template. */
#include "html/form.h"

#include "html/form.html.h"

/* The ids that describe a field, or NULL. */
static const char *described_by(struct cx *cx, const struct field *f)
{
    if (f->hint && f->error)
        return arena_printf(cx->arena, "%s-hint %s-error", f->name, f->name);
    if (f->hint)
        return arena_printf(cx->arena, "%s-hint", f->name);
    return f->error ? arena_printf(cx->arena, "%s-error", f->name) : NULL;
}

void html_field(struct out *o, struct cx *cx, const struct field *f)
{
    form_input(o, cx, f, described_by(cx, f));
}

void html_field_select(struct out *o, struct cx *cx, const struct field *f)
{
    form_select(o, cx, f, described_by(cx, f));
}

void html_field_radio(struct out *o, struct cx *cx, const struct field *f)
{
    form_radio(o, cx, f);
}

void html_field_check(struct out *o, struct cx *cx, const struct field *f)
{
    form_check(o, cx, f);
}

void html_field_csrf(struct out *o, struct cx *cx, const char *token)
{
    form_csrf(o, cx, token);
}

void html_form_error(struct out *o, struct cx *cx, const char *text)
{
    form_error(o, cx, text);
}

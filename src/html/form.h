/* Form fields with label, hint and error, in one place, so that every form looks and behaves
 * alike. */
#ifndef HTML_FORM_H
#define HTML_FORM_H

#include "html/html.h"

struct field_choice {
    const char *value, *label;
    bool chosen;
};
struct field {
    const char *name, *label;
    const char *hint;  /* NULL */
    const char *error; /* NULL; shown, linked by aria-describedby, field marked aria-invalid */
    const char *value; /* NULL = "" */
    const char *type;  /* "text", "password", "number", "date", "search", "file" */
    const char *autocomplete; /* NULL */
    bool required;
    const struct field_choice *choices; /* html_field_select, html_field_radio */
    size_t choice_count;
};
void html_field(struct out *o, struct cx *cx, const struct field *f);
void html_field_select(struct out *o, struct cx *cx, const struct field *f);
void html_field_radio(struct out *o, struct cx *cx, const struct field *f);
void html_field_check(struct out *o, struct cx *cx, const struct field *f);
/* Hidden CSRF field (token of the page). */
void html_field_csrf(struct out *o, struct cx *cx, const char *token);
/* A summary of what is wrong on top of a form, focused by its link. */
void html_form_error(struct out *o, struct cx *cx, const char *text);

#endif

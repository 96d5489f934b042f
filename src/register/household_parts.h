/* What the pages about households share; implemented in household_parts_page.c. */
#ifndef REGISTER_HOUSEHOLD_PARTS_H
#define REGISTER_HOUSEHOLD_PARTS_H

#include "register/household_view.h"

/* A person with texts in the context's language. */
struct person_view person_view_of(struct cx *cx, const struct person *p);
/* Fills the masked secrets. */
enum rc person_view_secrets(struct cx *cx, struct person_view *v) MUST_USE;
const char *household_label(struct cx *cx, const struct household *h);
/* The sheet of a year as groups of facts; values that are missing are left out. */
enum rc facts_of_sheet(struct fact_group **out, size_t *count, struct cx *cx,
                       enum subject subject, int64_t county, int64_t id, int32_t year) MUST_USE;
/* Years with a sheet, newest first; *year 0 becomes the newest. */
enum rc sheet_year_links(struct year_link **out, size_t *count, int32_t *year, struct cx *cx,
                         enum subject subject, int64_t county, int64_t id) MUST_USE;
/* The document that an entry came out of. */
enum rc journal_document(struct document *out, struct cx *cx, const struct journal_entry *e) MUST_USE;
/* One entry of the journal as people read it. */
enum rc change_view_of(struct change_view *out, struct cx *cx,
                       const struct journal_entry *e) MUST_USE;
/* A value of a journal field as text; NULL when missing. */
const char *journal_value_text(struct cx *cx, const struct journal_entry *e,
                               const struct journal_field *f, struct value v);

#endif

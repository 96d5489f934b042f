/* What the pages of tips, postings, assemblies and grievances share (public_parts_page.c). */
#ifndef CASEWORK_PUBLIC_VIEW_H
#define CASEWORK_PUBLIC_VIEW_H

#include "casework/public_inner.h"
#include "web/page.h"

enum { PUBLIC_FORM_BYTES = 24 * 1024, OFFICE_FORM_BYTES = 64 * 1024, LIST_ROWS = 50 };

/* The full address of a path: that which the office set, else the one that was asked. */
const char *public_address(struct cx *cx, const struct request *q, int64_t county,
                           const char *path);
/* A number for a form, so that the same form sent twice counts once. */
const char *public_once(struct cx *cx);
/* Was the field filled that no person sees? */
bool public_is_robot(const struct request *q);
/* Public pages belong to nobody: what they do is done by the system, also when somebody signed
 * in looks at them. Gives the actor to put back. */
const struct actor *public_begin(struct cx *cx);
/* Shows the failure on the page itself? Then *error is its sentence and the answer has the
 * status. */
bool public_told(const char **error, struct cx *cx, struct response *a, enum rc rc);
/* Has a workflow of the profile a state of this kind? Tabs that nothing ever comes to are left
 * out. */
bool public_has_state(const struct cx *cx, enum state_kind kind);
/* A form's text; "" when it is missing. */
const char *form_text(struct cx *cx, const struct request *q, const char *name);
/* A form's or query's id; 0. */
int64_t form_id(const struct request *q, const char *name);
int64_t query_id(const struct request *q, const char *name);
/* An answer that is a PDF. */
typedef enum rc (*public_pdf_fn)(struct cx *cx, void *arg, int fd);
enum rc public_pdf(struct cx *cx, struct response *a, const char *name, public_pdf_fn write,
                   void *arg) MUST_USE;

/* ---- lists of the office ---- */
struct office_list_view {
    const struct table *table;
    const char *tab; /* "tip", "assembly", "posting", "grievance" */
    const char *place, *intro;
    const char *new_href, *new_label; /* NULL */
    const char *more_href, *more_label;
};

/* ---- /report ---- */
struct report_view {
    const struct area *chain; /* down to the village or how far it was chosen */
    size_t chain_count;
    const struct area *choices;
    size_t choice_count;
    int64_t area_id; /* of the form; 0: still to be chosen */
    const char *place;
    bool allowed;
    const char *error, *once, *csrf, *name, *phone, *text;
};
struct reference_view {
    const char *title, *code, *told, *due, *status_href, *script;
    struct html qr;
};
struct report_status_view {
    const char *error, *csrf, *script;
    bool found;
    const char *kind, *state, *tone, *due, *reason, *answer, *told, *code, *once;
    bool may_object, may_appeal;
};

/* ---- postings ---- */
struct posting_view {
    const struct posting *posting;
    const struct posting_item *items;
    size_t count;
    const char *place, *from, *to, *address, *error, *once, *csrf, *name, *phone, *text;
    struct str item; /* the key of whom it is about, as sent */
    struct html qr;
};
struct public_list_view {
    const struct table *table;
    const char *county, *error;
};

#endif

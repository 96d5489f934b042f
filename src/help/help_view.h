/* What the pages of help show; filled by plan_*_page.c and need_page.c. */
#ifndef HELP_HELP_VIEW_H
#define HELP_HELP_VIEW_H

#include "help/earn_view.h"
#include "help/plan.h"
#include "register/household.h"
#include "web/page.h"

#include <jansson.h>

enum { HELP_FORM_BYTES = 64 * 1024, HELP_FILE_BYTES = 32 * 1024 * 1024, OWNERS_SHOWN = 200 };

/* One measure of a plan. */
struct plan_card {
    const struct plan_item *item;
    const char *title, *group, *picture, *state, *tone, *mark, *reason, *why, *sure, *cost,
        *paid, *owner, *start, *due, *person, *effect, *delivered, *confirmed, *objected;
    const char *cost_value, *start_value, *due_value; /* as fields hold them */
    struct field owner_field;
    bool late, waits, running, may_decide, may_stop, may_start, may_deliver, may_receive,
        may_deny;
};
struct plan_line {
    const char *text, *more, *href;
};
struct plan_event_line {
    const char *when, *who, *what, *text;
};
struct plan_view {
    const struct plan *p;
    const char *title, *place, *state, *tone, *household_href, *household, *case_href, *csrf,
        *error, *made, *approved, *home_href, *home_address, *total;
    struct html qr;
    struct plan_line *needs, *causes;
    size_t need_count, cause_count;
    struct plan_card *cards;
    size_t card_count, undecided, waiting; /* waiting: agreed and not yet approved */
    struct plan_event_line *events;
    size_t event_count;
    struct field_choice *measures, *people;
    size_t measure_count, people_count;
    const char *doubt; /* why the measure chosen by hand does not fit */
    const char *add_measure, *add_person, *add_why;
    bool may_edit, may_approve, may_change;
    const struct taper_words *taper; /* NULL */
};
struct plan_item_view {
    const struct plan *p;
    const struct plan_card *card;
    const char *household, *household_href, *place, *csrf, *error, *today, *document, *unit,
        *evidence;
    bool may_edit;
};
struct why_line {
    const char *measure, *fit, *tone, *words, *person;
    const char *source; /* of the measure's figures, as the profile's author wrote it; "" */
    struct columns_fact *facts;
    size_t fact_count;
};
struct why_view {
    const char *intro, *unanswered, *csrf, *error;
    int64_t household_id, flow_id; /* of a plan that can be made; 0: the frozen one */
    struct why_line *offered, *others;
    size_t offered_count, other_count;
};
struct plan_list_view {
    const struct table *table;
    const char *csrf, *area_name;
    int64_t area_id; /* where a plan of the area can be made; 0 */
};
/* One need as the household's page shows it. */
struct need_line {
    const struct need *need;
    const char *kind, *urgency, *amount, *state, *when, *who;
};
struct need_form {
    const struct household *h;
    struct field kind, urgency, amount, words, person, listed;
    const char *csrf, *error;
};
/* The section "Help" of a household's page. */
struct help_section {
    int64_t household_id;
    struct need_line *needs;
    size_t need_count;
    struct plan_line *plans;
    size_t plan_count;
    bool may_edit, has_open;
    const char *csrf;
    const struct earn_section *earn;
};
enum rc help_section_fill(const struct help_section **out, struct cx *cx,
                          const struct request *q, const struct household *h) MUST_USE;

/* The household's own page. */
struct home_card {
    const struct plan_card *card;
    const char *amount, *day, *say; /* big number, date, one sentence on how it stands */
    const char *ask;                /* the helper of the household, else who delivers */
};
struct home_view {
    const char *token, *csrf, *sent, *error;
    struct home_card *cards;
    size_t card_count;
    const struct taper_words *taper; /* NULL */
};

/* ---- plan_why_page.c ---- */

/* The proposal as it was frozen with the plan; to be given back with json_decref. */
enum rc plan_frozen(json_t **out, struct cx *cx, const struct plan *p) MUST_USE;

/* ---- plan_parts_page.c ---- */

/* All cards of a plan; `officer`: with what the actor may do. */
enum rc plan_cards_fill(struct plan_card **out, struct cx *cx, const struct plan *p,
                        struct plan_item *items, size_t count, bool officer) MUST_USE;
const char *help_money(struct cx *cx, int64_t minor); /* "¥ 1,500"; "" for 0 */
/* "Household of …" or the area's name, and where it is. */
enum rc plan_titles(const char **title, const char **place, const char **href, struct cx *cx,
                    const struct plan *p) MUST_USE;
/* The address of the household's page, for the QR code: with the office's own address. */
const char *plan_home_address(struct cx *cx, const struct request *q, const struct plan *p);
/* A version or id of a form; RC_INVALID. */
enum rc help_form_number(int64_t *out, struct cx *cx, const struct request *q, const char *name,
                         int64_t max) MUST_USE;
/* Is it a mistake to be told on the form again (then *text is it and err is cleared)? */
bool help_is_told(const char **text, struct cx *cx, enum rc rc);
const char *help_event_text(struct cx *cx, const char *what);
/* A select field of who can deliver; the value is read by help_owner_read. */
enum rc help_owner_field(struct field *out, struct cx *cx, const struct plan *p,
                         const struct owner *now) MUST_USE;
enum rc help_owner_read(struct owner *out, struct cx *cx, const struct plan *p,
                        struct str value) MUST_USE;
enum rc help_day_read(int32_t *out, struct cx *cx, const struct request *q, const char *name,
                      int32_t otherwise) MUST_USE;
enum rc help_money_read(int64_t *out, struct cx *cx, const struct request *q, const char *name,
                        int64_t otherwise) MUST_USE;

#endif

/* What the templates of meetings, resources and policy papers show. */
#ifndef OFFICE_OFFICE_VIEW_H
#define OFFICE_OFFICE_VIEW_H

#include "office/meeting.h"
#include "office/paper.h"
#include "office/resource.h"
#include "people/org_view.h"

/* ---- meetings ---- */
struct meeting_edit_view {
    struct meeting m;
    const char *action, *csrf, *error, *day, *time; /* day, time: as in the form's fields */
    const struct field_choice *areas, *orgs;        /* orgs: chosen = invited */
    size_t area_count, org_count;
    int64_t county;
};
struct decision_view {
    const struct meeting_decision *d;
    const char *owners, *due; /* NULL: nothing is to be done */
};
struct meeting_view {
    struct meeting m;
    const char *when, *area, *chair, *orgs, *closed, *csrf, *error;
    struct decision_view *decisions;
    size_t decision_count;
    const struct field_choice *owners, *users; /* organisations of the county */
    size_t owner_count, user_count;
    bool may_run;
};

/* ---- resources ---- */
struct resource_edit_view {
    struct resource r;
    const char *action, *csrf, *error;
    const struct field_choice *kinds, *areas, *orgs;
    size_t kind_count, area_count, org_count;
    int64_t county;
};
struct day_view {
    const char *label; /* "23"; "" before or behind what is shown */
    const char *text;  /* "2 free", "full" */
    const char *tone;
};
struct week_view {
    const char *label; /* "11-23" of its Monday */
    struct day_view days[7];
};
struct booking_view {
    struct booking b;
    const char *days, *who, *state, *tone;
    bool may_decide, may_cancel;
};
struct resource_view {
    struct resource r;
    const char *kind, *owner, *area, *csrf, *error, *back_href, *next_href, *range;
    struct week_view *weeks;
    size_t week_count;
    struct booking_view *bookings;
    size_t booking_count;
    bool may_edit;
    const char *from, *to, *amount, *purpose; /* as typed */
};

/* ---- papers ---- */
struct link_view {
    const struct paper_link *link;
    const char *kind, *label, *href;
    bool known;
};
struct paper_edit_view {
    struct paper p;
    const char *action, *csrf, *error, *from, *to;
    const struct paper_link *links; /* as typed, and a few empty ones */
    size_t link_count;
    const struct field_choice *areas, *others;
    size_t area_count, other_count;
    int64_t county;
};
struct paper_view {
    struct paper p;
    const char *area, *days, *state, *tone, *csrf, *document, *replaces, *heir;
    int64_t heir_id;
    struct link_view *links;
    size_t link_count;
    bool may_edit;
};

#endif

/* The office of the made-up county: organisations, helpers, tips, cases, plans, tasks, alerts,
 * as if people had worked with the program for some months. Everything is done by the rooms'
 * own functions, as the user who would do it, on the day on which it would have been done
 * (cx->now_at; the last day is that of the command). The same seed on the same day gives the
 * same county.
 *   demo_office.c   who works there; the clock
 *   demo_cases.c    tips and cases on their way, assemblies
 *   demo_grievance.c  grievances; villages that want to leave
 *   demo_help.c     needs, help plans
 *   demo_income_help.c  vacancies, wages, loans, offers
 *   demo_work.c     tasks, a meeting, resources, policy papers
 *   demo_watch.c    visits, the insurer's list, alerts, a disaster */
#ifndef WEB_DEMO_OFFICE_H
#define WEB_DEMO_OFFICE_H

#include "people/org.h"
#include "register/household.h"
#include "web/demo.h"

enum demo_who {
    DEMO_ADMIN,
    DEMO_COUNTY,
    DEMO_DEPARTMENT,
    DEMO_HEALTH,
    DEMO_EDUCATION,
    DEMO_CIVIL,
    DEMO_WHO
};
/* A village in which things happen, and who acts there. */
struct demo_spot {
    int village;
    int64_t area_id, town_id;
    const char *path;
    const struct actor *worker, *town;
};
enum { DEMO_SPOTS = 6 };
struct demo_office {
    const struct demo_county *c;
    const char *dir; /* of the files */
    int64_t county, county_area;
    const char *county_path;
    const int64_t *townships, *villages; /* area ids */
    int64_t now_at, day_at;              /* day_at: the local midnight before now_at */
    int32_t today;
    const struct actor *who[DEMO_WHO];
    struct demo_spot spots[DEMO_SPOTS];
    int spot_count, copies; /* copies: how often each story is told */
    struct demo_dice dice;
    bool *used;            /* by household: it is in a story */
    int again[DEMO_SPOTS]; /* where WISH_AGAIN goes on */
    int32_t high_cost;     /* household in the insurer's list; -1 none */
};

/* What demo_load.c knows. */
struct demo_office_place {
    int64_t county, county_area;
    const int64_t *townships, *villages;
    const char *dir;
};
/* Everything. Prints accounts that it adds to `accounts`. cx->now_at is the present. */
enum rc demo_office_make(struct cx *cx, const struct demo_county *c,
                         const struct demo_office_place *place, FILE *accounts) MUST_USE;

/* ---- used by its parts ---- */
/* `days` before today at `hour`:00 (today: not after the present). */
void demo_at(const struct demo_office *o, struct cx *cx, int days, int hour);
int32_t demo_day(const struct demo_office *o, int days);
/* STEADY: well off and healthy. AGAIN: it may be in a story already. */
enum demo_wish { WISH_ANY, WISH_TROUBLE, WISH_QUIET, WISH_STEADY, WISH_AGAIN };
/* The next household of the spot (else of the next ones) that is in no story yet; *spot: where
 * it is. RC_NOTFOUND without a text: none is left. */
enum rc demo_take_household(struct household *out, const struct demo_household **made,
                            int *spot, struct cx *cx, struct demo_office *o, int from_spot,
                            enum demo_wish wish) MUST_USE;
/* The only organisation of the kind (the first one). */
enum rc demo_org(int64_t *id, struct cx *cx, const struct demo_office *o,
                 const char *kind) MUST_USE;
/* A short text as a stored document of kind `kind`. */
enum rc demo_document(int64_t *id, struct cx *cx, const struct demo_office *o, const char *kind,
                      const char *name, const char *title, const char *text) MUST_USE;

/* demo_watch.c */
enum rc demo_visits_make(struct cx *cx, struct demo_office *o) MUST_USE;
enum rc demo_costs_make(struct cx *cx, struct demo_office *o) MUST_USE;
enum rc demo_watch_make(struct cx *cx, struct demo_office *o) MUST_USE;
/* demo_cases.c */
enum rc demo_cases_make(struct cx *cx, struct demo_office *o) MUST_USE;
/* demo_grievance.c: about two cases, 0: none. */
struct demo_objected {
    int64_t refused, by_meeting;
};
enum rc demo_grievances_make(struct cx *cx, struct demo_office *o,
                             const struct demo_objected *about) MUST_USE;
enum rc demo_villages_make(struct cx *cx, struct demo_office *o) MUST_USE;
/* demo_help.c: a plan of a watched household. */
enum demo_plan { PLAN_NONE, PLAN_DRAFTED, PLAN_UNDER_WAY, PLAN_CONTRADICTED, PLAN_ENDED };
enum rc demo_plan_make(struct cx *cx, struct demo_office *o, int64_t flow_id,
                       int64_t household_id, int spot, enum demo_plan how, int days) MUST_USE;
enum rc demo_needs_make(struct cx *cx, struct demo_office *o) MUST_USE;
/* demo_income_help.c */
enum rc demo_incomes_help_make(struct cx *cx, struct demo_office *o) MUST_USE;
/* demo_work.c */
enum rc demo_work_make(struct cx *cx, struct demo_office *o) MUST_USE;

#endif

/* Reading households and people for whoever acts: only what is visible and lies in their areas.
 * The list and the search are list.c, secrets secret.c. */
#include "register/household.h"

#include "base/limits.h"
#include "base/text.h"
#include "people/actor.h"
#include "register/household.sql.h"
#include "register/inner.h"

#include <string.h>

static const char permission[] = "household.view";

static enum rc no_household(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such household, or not in your areas."),
                "household=%" PRId64, id);
}

static enum rc no_person(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such person, or not in your areas."),
                "person=%" PRId64, id);
}

/* One household of a statement with household_row's columns, if the actor may see it. */
static enum rc seen(struct household *out, struct cx *cx, struct db_rows *rows)
{
    struct household h = household_of_row(cx, rows);
    TRY(db_done(rows));
    if (!actor_may_in(cx, permission, str_of(h.area_path)))
        return no_household(cx, h.id);
    *out = h;
    return RC_OK;
}

static enum rc get_in_county(struct household *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &HOUSEHOLD_ROW_SEEN, V_I(county), V_I(id));
    if (rc == RC_NOTFOUND)
        return no_household(cx, id);
    TRY(rc);
    return seen(out, cx, &rows);
}

enum rc household_get(struct household *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc =
        DB_ONE(&rows, cx, &HOUSEHOLD_ROW_ANYWHERE, V_I(cx->profile->tenant_level), V_I(id));
    if (rc == RC_NOTFOUND)
        return no_household(cx, id);
    TRY(rc);
    return seen(out, cx, &rows);
}

enum rc household_by_code(struct household *out, struct cx *cx, int64_t county, struct str code)
{
    struct db_rows rows;
    enum rc rc = code.len > 0
                     ? DB_ONE(&rows, cx, &HOUSEHOLD_OF_CODE_SEEN, V_I(county), V_S(code))
                     : RC_NOTFOUND;
    if (rc == RC_NOTFOUND)
        return no_household(cx, 0);
    TRY(rc);
    int64_t id = row_i64(&rows, HOUSEHOLD_OF_CODE_SEEN_ID);
    TRY(db_done(&rows));
    return get_in_county(out, cx, county, id);
}

/* ---- people ---- */

enum rc person_get(struct person *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    struct household h;
    enum rc rc =
        DB_ONE(&rows, cx, &PERSON_ROW_ANYWHERE, V_I(cx->profile->tenant_level), V_I(id));
    if (rc == RC_NOTFOUND)
        return no_person(cx, id);
    TRY(rc);
    struct person p = member_of_row(cx, &rows).p;
    TRY(db_done(&rows));
    rc = get_in_county(&h, cx, p.county, p.household_id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return no_person(cx, id);
    }
    TRY(rc);
    *out = p;
    return RC_OK;
}

/* Head first, then by birth (unknown last), then by id; who has left comes after all others. */
struct order {
    int64_t head_id;
    struct person p;
};

static int by_place(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    bool x_left = x->p.to_day != 0, y_left = y->p.to_day != 0;
    if (x_left != y_left)
        return x_left ? 1 : -1;
    bool x_head = x->p.id == x->head_id, y_head = y->p.id == y->head_id;
    if (x_head != y_head)
        return x_head ? -1 : 1;
    int32_t x_birth = x->p.birth_day == BIRTH_UNKNOWN ? INT32_MAX : x->p.birth_day;
    int32_t y_birth = y->p.birth_day == BIRTH_UNKNOWN ? INT32_MAX : y->p.birth_day;
    if (x_birth != y_birth)
        return x_birth < y_birth ? -1 : 1;
    return x->p.id < y->p.id ? -1 : x->p.id > y->p.id;
}

static enum rc load_past(struct order *list, size_t *count, size_t room, struct cx *cx,
                         const struct household *h)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &PERSON_PAST, V_I(h->county), V_I(h->id)));
    while (db_next(&rows))
        if (*count < room)
            list[(*count)++] = (struct order){h->head_id, member_of_row(cx, &rows).p};
    return db_done(&rows);
}

enum rc household_people(struct person **out, size_t *count, struct cx *cx, int64_t county,
                         int64_t household_id, bool with_past)
{
    struct household h;
    struct member *members;
    size_t loaded, used = 0, room;
    TRY(get_in_county(&h, cx, county, household_id));
    TRY(members_load(&members, &loaded, cx, county, household_id));
    room = loaded + (with_past ? LIMIT_HOUSEHOLD_PEOPLE : 0);
    struct order *list = arena_array(cx->arena, room + 1, sizeof *list);
    struct person *people = arena_array(cx->arena, room + 1, sizeof *people);
    if (!list || !people)
        return fail(cx, RC_LIMIT, _("This household has too many people."), "people=%zu", room);
    for (size_t i = 0; i < loaded; i++)
        if (members[i].p.to_day == 0 || with_past)
            list[used++] = (struct order){h.head_id, members[i].p};
    if (with_past)
        TRY(load_past(list, &used, room, cx, &h));
    qsort(list, used, sizeof *list, by_place);
    for (size_t i = 0; i < used; i++)
        people[i] = list[i].p;
    *out = people;
    *count = used;
    return RC_OK;
}

/* ---- incomes ---- */

enum rc household_incomes(struct income **out, size_t *count, struct cx *cx, int64_t county,
                          int64_t household_id)
{
    struct household h;
    struct db_rows rows;
    struct income *list = NULL;
    size_t used = 0, cap = 0;
    TRY(get_in_county(&h, cx, county, household_id));
    TRY(DB_SELECT(&rows, cx, &INCOME_OF_HOUSEHOLD, V_I(county), V_I(household_id)));
    while (db_next(&rows)) {
        if (used == cap) {
            cap = cap ? 2 * cap : 32;
            struct income *wider = arena_array(cx->arena, cap, sizeof *wider);
            if (!wider)
                break;
            if (used > 0)
                memcpy(wider, list, used * sizeof *list);
            list = wider;
        }
        list[used] = (struct income){
            .year = (int32_t)row_i64(&rows, INCOME_OF_HOUSEHOLD_YEAR),
            .kind = profile_income(cx->profile, row_i64(&rows, INCOME_OF_HOUSEHOLD_KIND)),
            .person_id = row_i64(&rows, INCOME_OF_HOUSEHOLD_PERSON_ID),
            .amount_minor = row_i64(&rows, INCOME_OF_HOUSEHOLD_AMOUNT_MINOR),
            .document_id = row_i64(&rows, INCOME_OF_HOUSEHOLD_DOCUMENT_ID),
            .journal_seq = row_i64(&rows, INCOME_OF_HOUSEHOLD_JOURNAL_SEQ),
        };
        used +=
            list[used].kind != NULL; /* a kind that the profile no longer knows is left out */
    }
    TRY(db_done(&rows));
    *out = list;
    *count = used;
    return RC_OK;
}

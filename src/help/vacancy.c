/* Vacancies and placements: saving, and places that are never given twice. */
#include "help/vacancy.h"

#include "base/text.h"
#include "base/utf8.h"
#include "help/help_inner.h"
#include "help/vacancy.sql.h"
#include "help/vacancy_inner.h"
#include "people/org.h"
#include "register/area.h"
#include "register/household.h"

enum { TITLE_MAX = 80, TEXT_MAX = 2000, PLACES_MAX = 10000, LIST_MAX = 500, PLACED_MAX = 2000 };
static const int64_t WAGE_MAX_MINOR = 10000000000;

/* ---- reading ---- */

static struct vacancy vacancy_of_row(const struct db_rows *r)
{
    return (struct vacancy){.county = row_i64(r, VACANCY_ONE_COUNTY),
                            .id = row_i64(r, VACANCY_ONE_ID),
                            .org_id = row_i64(r, VACANCY_ONE_ORG_ID),
                            .area_id = row_i64(r, VACANCY_ONE_AREA_ID),
                            .area_path = row_copy(r, VACANCY_ONE_AREA_PATH).p,
                            .title = row_copy(r, VACANCY_ONE_TITLE).p,
                            .text = row_copy(r, VACANCY_ONE_WORDS).p,
                            .rule = row_copy(r, VACANCY_ONE_RULE).p,
                            .places = (int32_t)row_i64(r, VACANCY_ONE_PLACES),
                            .taken = (int32_t)row_i64(r, VACANCY_ONE_TAKEN),
                            .from_day = (int32_t)row_i64(r, VACANCY_ONE_FROM_DAY),
                            .to_day = (int32_t)row_i64(r, VACANCY_ONE_TO_DAY),
                            .wage_month_minor = row_i64(r, VACANCY_ONE_WAGE_MONTH_MINOR),
                            .public_post = row_i64(r, VACANCY_ONE_PUBLIC_POST) != 0,
                            .channel = (int32_t)row_i64(r, VACANCY_ONE_CHANNEL),
                            .version = (int32_t)row_i64(r, VACANCY_ONE_VERSION)};
}

static enum rc no_vacancy(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such vacancy, or not for you to see."),
                "vacancy=%" PRId64, id);
}

enum rc vacancy_get(struct vacancy *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &VACANCY_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_vacancy(cx, id);
    TRY(rc);
    *out = vacancy_of_row(&rows);
    TRY(db_done(&rows));
    return org_may_look(cx, str_of(out->area_path)) ? RC_OK : no_vacancy(cx, id);
}

enum rc vacancy_list(struct vacancy **out, size_t *count, struct cx *cx, int64_t county,
                     bool only_open)
{
    struct db_rows rows;
    struct vacancy *list = arena_new(cx->arena, LIST_MAX * sizeof *list);
    size_t n = 0;
    TRY(actor_require(cx, "household.view"));
    TRY(DB_SELECT(&rows, cx, &VACANCY_ALL, V_I(county), V_I(only_open ? help_today(cx) : 0),
                  V_I(LIST_MAX)));
    while (n < LIST_MAX && db_next(&rows))
        if (org_may_look(cx, row_str(&rows, VACANCY_ONE_AREA_PATH)))
            list[n++] = vacancy_of_row(&rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

static struct placement placement_of_row(const struct db_rows *r)
{
    return (struct placement){.county = row_i64(r, PLACEMENT_ONE_COUNTY),
                              .id = row_i64(r, PLACEMENT_ONE_ID),
                              .vacancy_id = row_i64(r, PLACEMENT_ONE_VACANCY_ID),
                              .person_id = row_i64(r, PLACEMENT_ONE_PERSON_ID),
                              .household_id = row_i64(r, PLACEMENT_ONE_HOUSEHOLD_ID),
                              .from_day = (int32_t)row_i64(r, PLACEMENT_ONE_FROM_DAY),
                              .to_day = (int32_t)row_i64(r, PLACEMENT_ONE_TO_DAY),
                              .end_reason = row_copy(r, PLACEMENT_ONE_END_REASON).p};
}

enum rc placements_of(struct placement **out, size_t *count, struct cx *cx, int64_t county,
                      int64_t household_id, int64_t vacancy_id)
{
    struct db_rows rows;
    struct placement *list = arena_new(cx->arena, PLACED_MAX * sizeof *list);
    size_t n = 0;
    if (vacancy_id)
        TRY(DB_SELECT(&rows, cx, &PLACEMENT_OF_VACANCY, V_I(county), V_I(vacancy_id)));
    else
        TRY(DB_SELECT(&rows, cx, &PLACEMENT_OF_HOUSEHOLD, V_I(county), V_I(household_id)));
    while (n < PLACED_MAX && db_next(&rows))
        list[n++] = placement_of_row(&rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc placement_load(struct placement *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &PLACEMENT_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such placement, or not for you to see."),
                    "placement=%" PRId64, id);
    TRY(rc);
    *out = placement_of_row(&rows);
    return db_done(&rows);
}

/* ---- saving ---- */

enum rc vacancy_compile(const struct rule_program **out, struct cx *cx, const char *rule)
{
    struct rule_fault fault;
    struct rule_text text = {.name = "vacancy",
                             .level = RULE_PERSON,
                             .text = str_trim(str_of(rule)),
                             .want_bool = true};
    if (!text.text.len)
        return fail(cx, RC_INVALID, _("Say who fits: a rule about people."), "no rule");
    return rule_compile(out, &fault, cx, cx->profile->rules->dictionary, &text, 1);
}

static enum rc text_ok(struct cx *cx, const char *text, size_t max, bool needed)
{
    struct str s = str_of(text ? text : "");
    if (utf8_bad_at(s) < s.len)
        return fail(cx, RC_INVALID, _("The text holds characters that cannot be read."),
                    "not utf-8");
    if (needed && !str_trim(s).len)
        return fail(cx, RC_INVALID, _("Give the vacancy a name, such as “packer”."),
                    "no title");
    if (s.len > max * 3)
        return fail_f(cx, RC_INVALID, _("The text is too long: at most %zu letters."), max);
    return RC_OK;
}

static enum rc vacancy_ok(struct cx *cx, const struct vacancy *v)
{
    const struct rule_program *program;
    TRY(text_ok(cx, v->title, TITLE_MAX, true));
    TRY(text_ok(cx, v->text, TEXT_MAX, false));
    if (v->places < 1 || v->places > PLACES_MAX)
        return fail_f(cx, RC_INVALID, _("There are 1 to %d places."), PLACES_MAX);
    if (v->wage_month_minor < 0 || v->wage_month_minor > WAGE_MAX_MINOR)
        return fail(cx, RC_INVALID, _("The wage is out of range."), "vacancy wage");
    if (v->to_day && v->to_day < v->from_day)
        return fail(cx, RC_INVALID, _("It ends before it begins."), "vacancy days");
    return vacancy_compile(&program, cx, v->rule);
}

struct saving {
    struct vacancy v;
    int64_t id;
};

static enum rc save_write(struct cx *cx, void *arg)
{
    struct saving *s = arg;
    const struct vacancy *v = &s->v;
    int64_t changed;
    if (!v->id) {
        TRY(db_ids(&s->id, cx, 1));
        return DB_RUN(cx, &VACANCY_INSERT, V_I(v->county), V_I(s->id), V_I(v->org_id),
                      V_I(v->area_id), V_T(v->area_path), V_T(v->title), V_T(v->text),
                      V_T(v->rule), V_I(v->places), V_I(v->from_day), V_I(v->to_day),
                      V_I(v->wage_month_minor), V_I(v->public_post), V_I(v->channel),
                      V_I(help_user(cx)));
    }
    s->id = v->id;
    TRY(DB_RUN_COUNT(&changed, cx, &VACANCY_UPDATE, V_I(v->county), V_I(v->id), V_I(v->version),
                     V_I(v->org_id), V_T(v->title), V_T(v->text), V_T(v->rule), V_I(v->places),
                     V_I(v->from_day), V_I(v->to_day), V_I(v->wage_month_minor),
                     V_I(v->public_post), V_I(v->channel)));
    return changed
               ? RC_OK
               : fail(cx, RC_CONFLICT,
                      _("Somebody changed this vacancy meanwhile, or more people work there "
                        "than it would have places. Look again."),
                      "vacancy version");
}

enum rc vacancy_save(int64_t *id, struct cx *cx, const struct vacancy *v)
{
    struct saving s = {.v = *v};
    struct area a;
    struct vacancy before = {0};
    if (v->id)
        TRY(vacancy_get(&before, cx, v->id));
    TRY(area_get(&a, cx, v->id ? before.area_id : v->area_id));
    TRY(actor_require_in(cx, "work.manage", str_of(a.path)));
    if (!a.county)
        return fail(cx, RC_INVALID, _("Choose a county or an area in it."), "vacancy area");
    TRY(vacancy_ok(cx, v));
    s.v.county = a.county;
    s.v.area_id = a.id;
    s.v.area_path = a.path;
    s.v.text = v->text ? v->text : "";
    TRY(db_write(cx, a.county, save_write, &s));
    *id = s.id;
    return RC_OK;
}

/* ---- placing ---- */

struct placing {
    struct vacancy v;
    struct person person;
    int64_t id;
    int32_t day;
    struct str reason;
};

static enum rc place_write(struct cx *cx, void *arg)
{
    struct placing *p = arg;
    int64_t changed;
    TRY(db_ids(&p->id, cx, 1));
    TRY(DB_RUN_COUNT(&changed, cx, &VACANCY_TAKE, V_I(p->v.county), V_I(p->v.id), V_I(p->day)));
    if (!changed)
        return fail(cx, RC_CONFLICT,
                    _("No place is left there, or the vacancy has ended. Look again."),
                    "no place vacancy=%" PRId64, p->v.id);
    enum rc rc =
        DB_RUN(cx, &PLACEMENT_INSERT, V_I(p->v.county), V_I(p->id), V_I(p->v.id),
               V_I(p->person.id), V_I(p->person.household_id), V_I(p->day), V_I(help_user(cx)));
    if (rc == RC_CONFLICT)
        return fail(cx, RC_CONFLICT, _("This person works there already."), "placed twice");
    return rc;
}

enum rc placement_add(int64_t *id, struct cx *cx, int64_t vacancy_id, int64_t person_id,
                      int32_t from_day)
{
    struct placing p = {.day = from_day};
    TRY(vacancy_get(&p.v, cx, vacancy_id));
    TRY(actor_require_in(cx, "work.manage", str_of(p.v.area_path)));
    TRY(person_get(&p.person, cx, person_id));
    if (p.person.county != p.v.county)
        return no_vacancy(cx, vacancy_id);
    if (from_day < p.v.from_day || (p.v.to_day && from_day > p.v.to_day))
        return fail(cx, RC_INVALID, _("The vacancy is not open on that day."), "placement day");
    TRY(db_write(cx, p.v.county, place_write, &p));
    *id = p.id;
    return RC_OK;
}

static enum rc end_write(struct cx *cx, void *arg)
{
    const struct placing *p = arg;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &PLACEMENT_CLOSE, V_I(p->v.county), V_I(p->id), V_I(p->day),
                     V_S(p->reason)));
    if (!changed)
        return fail(cx, RC_CONFLICT, _("This placement has ended already."), "placement ended");
    return DB_RUN(cx, &VACANCY_GIVE_BACK, V_I(p->v.county), V_I(p->v.id));
}

enum rc placement_end(struct cx *cx, int64_t id, int32_t to_day, struct str reason)
{
    struct placement old;
    struct placing p = {.id = id, .day = to_day, .reason = str_trim(reason)};
    TRY(placement_load(&old, cx, id));
    TRY(vacancy_get(&p.v, cx, old.vacancy_id));
    TRY(actor_require_in(cx, "work.manage", str_of(p.v.area_path)));
    if (to_day < old.from_day || to_day > help_today(cx))
        return fail(cx, RC_INVALID, _("The last day lies before the first, or ahead."),
                    "placement day");
    if (!p.reason.len || p.reason.len > TEXT_MAX || utf8_bad_at(p.reason) < p.reason.len)
        return fail(cx, RC_INVALID, _("Say in some words why it ended."), "no reason");
    return db_write(cx, p.v.county, end_write, &p);
}

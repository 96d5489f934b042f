/* Wages that were paid: documents that become income of the register. */
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "help/help_inner.h"
#include "help/vacancy.sql.h"
#include "help/vacancy_inner.h"
#include "profile/rules.h"
#include "register/apply.h"
#include "register/household.h"
#include "store/store.h"

enum { WAGES_MAX = 240, OF_MONTH_MAX = 2000, DOCUMENT_MAX = 4096 };
static const int64_t WAGE_MAX_MINOR = 10000000000;

struct paying {
    struct placement placement;
    int64_t household_id; /* where the person lives now */
    int32_t month, year;  /* year: income year */
    int64_t amount_minor, document_id;
};

/* That in which the month's last day lies. */
int32_t wage_year(const struct profile *p, int32_t month)
{
    int32_t next = month + 1;
    int32_t last = day_of((struct date){next / 12, next % 12 + 1, 1}) - 1;
    int32_t year = month / 12;
    return last > profile_year_last(p, year) ? year + 1 : year;
}

static int32_t month_of_day(int32_t day)
{
    struct date d = day_date(day);
    return d.year * 12 + d.month - 1;
}

/* What was said, as it is kept. */
static enum rc keep_document(struct paying *p, struct cx *cx)
{
    struct buf b;
    struct json j;
    buf_init(&b, cx->arena, DOCUMENT_MAX);
    json_init(&j, &b);
    json_object_begin(&j);
    json_put_i64(&j, "placement", p->placement.id);
    json_put_i64(&j, "person", p->placement.person_id);
    json_put_i64(&j, "household", p->household_id);
    json_put_i64(&j, "year", p->month / 12);
    json_put_i64(&j, "month", p->month % 12 + 1);
    json_put_i64(&j, "amount_minor", p->amount_minor);
    json_put_i64(&j, "by", help_user(cx));
    json_put_i64(&j, "at", cx->now_at);
    json_object_end(&j);
    return store_put_text(&p->document_id, cx, p->placement.county, "wage", "wage.json",
                          buf_view(&b));
}

/* The household's sum of the year becomes its income. */
static enum rc put_income(struct cx *cx, const struct paying *p, int64_t household_id)
{
    struct db_rows rows;
    struct change_counts counts = {0};
    TRY(DB_ONE(&rows, cx, &WAGE_SUM, V_I(p->placement.county), V_I(household_id),
               V_I(p->year)));
    struct income_record income = {.kind = cx->profile->wage_income,
                                   .amount_minor = row_i64(&rows, WAGE_SUM_AMOUNT_MINOR)};
    TRY(db_done(&rows));
    struct household_record record = {
        .household_id = household_id, .year = p->year, .incomes = &income, .income_count = 1};
    struct source source = {.county = p->placement.county,
                            .document_id = p->document_id,
                            .valid_day = help_today(cx)};
    return register_apply(&counts, cx, &source, &record);
}

static enum rc wage_write(struct cx *cx, void *arg)
{
    const struct paying *p = arg;
    struct db_rows rows;
    int64_t before = 0;
    enum rc rc = DB_ONE(&rows, cx, &WAGE_HOUSEHOLD, V_I(p->placement.county),
                        V_I(p->placement.id), V_I(p->month));
    if (rc == RC_OK) {
        before = row_i64(&rows, WAGE_HOUSEHOLD_HOUSEHOLD_ID);
        TRY(db_done(&rows));
    } else if (rc != RC_NOTFOUND) {
        return rc;
    }
    TRY(DB_RUN(cx, &WAGE_PUT, V_I(p->placement.county), V_I(p->placement.id), V_I(p->month),
               V_I(p->household_id), V_I(p->placement.person_id), V_I(p->year),
               V_I(p->amount_minor), V_I(p->document_id), V_I(help_user(cx)), V_I(cx->now_at)));
    if (before && before != p->household_id) /* the person moved: it counts once */
        TRY(put_income(cx, p, before));
    return put_income(cx, p, p->household_id);
}

enum rc wage_paid(struct cx *cx, int64_t placement_id, int32_t month, int64_t amount_minor)
{
    struct paying p = {.month = month, .amount_minor = amount_minor};
    struct vacancy v;
    struct person person;
    TRY(placement_load(&p.placement, cx, placement_id));
    TRY(vacancy_get(&v, cx, p.placement.vacancy_id));
    TRY(actor_require_in(cx, "work.manage", str_of(v.area_path)));
    TRY(person_get(&person, cx, p.placement.person_id));
    if (!cx->profile->wage_income)
        return fail(cx, RC_INVALID,
                    _("This profile does not say which kind of income such wages are."),
                    "no wage_income");
    if (amount_minor < 0 || amount_minor > WAGE_MAX_MINOR)
        return fail(cx, RC_INVALID, _("The wage is out of range."), "wage amount");
    if (month > month_of_day(help_today(cx)) || month < month_of_day(p.placement.from_day) ||
        (p.placement.to_day && month > month_of_day(p.placement.to_day)))
        return fail(cx, RC_INVALID,
                    _("In this month the person did not work there, or it lies ahead."),
                    "wage month=%d", (int)month);
    p.household_id = person.household_id;
    p.year = wage_year(cx->profile, month);
    TRY(keep_document(&p, cx));
    return db_write(cx, p.placement.county, wage_write, &p);
}

enum rc wages_of(struct wage **out, size_t *count, struct cx *cx, int64_t county,
                 int64_t placement_id)
{
    struct db_rows rows;
    struct wage *list = arena_new(cx->arena, WAGES_MAX * sizeof *list);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &WAGE_LIST, V_I(county), V_I(placement_id)));
    while (n < WAGES_MAX && db_next(&rows))
        list[n++] = (struct wage){.placement_id = placement_id,
                                  .month = (int32_t)row_i64(&rows, WAGE_LIST_MONTH),
                                  .amount_minor = row_i64(&rows, WAGE_LIST_AMOUNT_MINOR),
                                  .document_id = row_i64(&rows, WAGE_LIST_DOCUMENT_ID),
                                  .user_id = row_i64(&rows, WAGE_LIST_USER_ID),
                                  .at = row_i64(&rows, WAGE_LIST_AT)};
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc wages_of_month(struct wage **out, size_t *count, struct cx *cx, int64_t county,
                       int64_t vacancy_id, int32_t month)
{
    struct db_rows rows;
    struct wage *list = arena_new(cx->arena, OF_MONTH_MAX * sizeof *list);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &WAGE_MONTH, V_I(county), V_I(vacancy_id), V_I(month)));
    while (n < OF_MONTH_MAX && db_next(&rows))
        list[n++] = (struct wage){.placement_id = row_i64(&rows, WAGE_MONTH_PLACEMENT_ID),
                                  .month = month,
                                  .amount_minor = row_i64(&rows, WAGE_MONTH_AMOUNT_MINOR),
                                  .document_id = row_i64(&rows, WAGE_MONTH_DOCUMENT_ID),
                                  .user_id = row_i64(&rows, WAGE_MONTH_USER_ID),
                                  .at = row_i64(&rows, WAGE_MONTH_AT)};
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

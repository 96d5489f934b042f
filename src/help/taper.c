/* Which taper concerns a household and where it stands in it. */
#include "help/taper.h"

#include "base/time.h"
#include "help/help_inner.h"
#include "help/vacancy.sql.h"
#include "profile/rules.h"

void taper_fill(struct taper_view *out, const struct taper *taper, int32_t since_month,
                int32_t this_month)
{
    *out = (struct taper_view){
        .taper = taper, .since_month = since_month, .month = -1, .percent_now = 100};
    if (since_month && this_month >= since_month)
        out->month = this_month - since_month;
    for (size_t i = 0; i < taper->step_count && i < TAPER_STEPS_MAX; i++) {
        const struct taper_step *s = &taper->steps[i];
        out->steps[i].from_month = s->from_month;
        out->steps[i].percent = s->percent;
        out->steps[i].calendar_month = since_month ? since_month + s->from_month : 0;
        if (out->month >= s->from_month)
            out->percent_now = s->percent;
        out->step_count = i + 1;
    }
}

struct asking {
    const struct measures *measures;
    const struct taper *found;
};

static enum rc look_at(struct cx *cx, void *arg, const struct rule_runner *r,
                       const struct rule_block *b)
{
    struct asking *a = arg;
    (void)cx;
    for (size_t i = 0; b->count[RULE_HOUSEHOLD] && !a->found && i < a->measures->taper_count;
         i++)
        if (rule_value(r, a->measures->tapers[i].root)[0] == 1)
            a->found = &a->measures->tapers[i];
    return RC_OK;
}

static enum rc find_taper(struct asking *a, struct cx *cx, struct columns *c,
                          int64_t household_id)
{
    const struct columns_head *head = columns_head(c);
    int64_t row = columns_household_row(c, household_id);
    if (row < 0 || !head->year_count)
        return RC_OK;
    struct columns_run run = {.program = a->measures->program,
                              .year = head->years[head->year_count - 1],
                              .household_row = row,
                              .block = look_at,
                              .arg = a};
    return columns_run(cx, c, &run);
}

enum rc taper_of(struct taper_view *out, struct cx *cx, int64_t county, int64_t household_id)
{
    struct asking a = {.measures = cx->profile->measures};
    struct columns *c;
    struct db_rows rows;
    *out = (struct taper_view){.month = -1, .percent_now = 100};
    if (!a.measures->taper_count)
        return RC_OK;
    TRY(columns_open(&c, cx, county));
    enum rc rc = find_taper(&a, cx, c, household_id);
    columns_close(c);
    TRY(rc);
    if (!a.found)
        return RC_OK;
    struct date today = day_date(help_today(cx));
    /* Far enough back that a household's months count on until its last step. */
    int32_t years = 1 + a.found->steps[a.found->step_count - 1].from_month / 12;
    TRY(DB_ONE(&rows, cx, &WAGE_FIRST, V_I(county), V_I(household_id),
               V_I(today.year - years)));
    int32_t since = (int32_t)row_i64(&rows, WAGE_FIRST_MONTH);
    TRY(db_done(&rows));
    taper_fill(out, a.found, since, today.year * 12 + today.month - 1);
    return RC_OK;
}

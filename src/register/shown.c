/* The profile's list columns: kept in the household's own row (shown_0 …) from its newest
 * sheet, so that the list reads one table and can be filtered by index. */
#include "register/apply.sql.h"
#include "register/inner.h"

#include "profile/sheet.h"

#include <string.h>

size_t shown_count(const struct profile *p)
{
    return p->list_column_count < SHOWN_MAX ? p->list_column_count : SHOWN_MAX;
}

const struct indicator *shown_indicator(const struct profile *p, size_t i)
{
    return p->list_columns[i];
}

void shown_args(struct db_arg out[SHOWN_MAX], const struct profile *p,
                const struct value *values)
{
    for (size_t i = 0; i < SHOWN_MAX; i++) {
        out[i] = V_NULL;
        if (!values || i >= shown_count(p))
            continue;
        struct value v = values[shown_indicator(p, i)->index];
        if (v.kind == VALUE_INT)
            out[i] = V_I(v.i);
    }
}

enum rc household_refresh_sheet(struct cx *cx, int64_t county, int64_t household_id,
                                int64_t changed_at)
{
    int32_t year = 0;
    size_t count = 1;
    struct db_arg s[SHOWN_MAX];
    struct value *values =
        arena_new(cx->arena, (cx->profile->of_count[SUBJECT_HOUSEHOLD] + 1) * sizeof *values);
    TRY(sheet_years(&year, &count, cx, SUBJECT_HOUSEHOLD, county, household_id));
    if (count > 0)
        TRY(sheet_get(values, cx, SUBJECT_HOUSEHOLD, county, household_id, year));
    shown_args(s, cx->profile, values);
    return DB_RUN(cx, &HOUSEHOLD_SET_SHOWN, V_I(county), V_I(household_id), V_I(changed_at),
                  V_I(count > 0 ? year : 0), s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
}

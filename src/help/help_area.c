/* What help keeps of areas, when areas move or are merged. */
#include "help/help_area.h"

#include "db/db.h"
#include "help/help_area.sql.h"
#include "help/plan.h"

enum rc help_area_moved(struct cx *cx, const struct area_moved *m)
{
    TRY(plan_area_merged(cx, m->county, m->from_id, m->to_id));
    TRY(DB_RUN(cx, &PLAN_ITEM_AREA_TO, V_I(m->county), V_I(m->from_id), V_I(m->to_id)));
    TRY(DB_RUN(cx, &NEED_AREA_PATH, V_I(m->county), V_T(m->from_path), V_T(m->to_path)));
    TRY(DB_RUN(cx, &VACANCY_AREA_TO, V_I(m->county), V_I(m->from_id), V_I(m->to_id),
               V_T(m->to_path)));
    return DB_RUN(cx, &LOAN_AREA_TO, V_I(m->county), V_I(m->from_id), V_I(m->to_id),
                  V_T(m->to_path));
}

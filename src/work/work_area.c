/* What keeps an area's path or number in the room work, when areas move or are merged. */
#include "db/db.h"
#include "work/place.h"
#include "work/work_area.sql.h"

enum rc place_moved(struct cx *cx, int64_t county, int64_t area_id, const char *from_path,
                    const char *to_path)
{
    TRY(DB_RUN(cx, &WORK_TASK_PATH, V_I(county), V_I(area_id), V_T(to_path)));
    return DB_RUN(cx, &WORK_FLOW_PATH, V_I(county), V_I(area_id), V_T(from_path), V_T(to_path));
}

enum rc place_held_merged(struct cx *cx, int64_t county, int64_t from_area, int64_t to_area)
{
    return DB_RUN(cx, &WORK_HELD_TO, V_I(county), V_I(from_area), V_I(to_area));
}

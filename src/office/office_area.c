/* What the room office keeps of areas, when they are merged. */
#include "office/office_area.h"

#include "db/db.h"
#include "office/office_area.sql.h"

enum rc office_area_merged(struct cx *cx, int64_t county, int64_t from_area, int64_t to_area)
{
    const struct sql *const all[] = {&RESOURCE_AREA_TO, &MEETING_AREA_TO, &PAPER_AREA_TO};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        TRY(DB_RUN(cx, all[i], V_I(county), V_I(from_area), V_I(to_area)));
    return RC_OK;
}

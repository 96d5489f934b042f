/* When a newer profile shows other columns in the household list, the values kept beside each
 * household (shown.c) are made anew, once, when the database is opened. */
#include "base/text.h"
#include "db/db.h"
#include "register/inner.h"
#include "register/office.h"
#include "register/refresh.sql.h"

enum { AT_ONCE = 200 };
static const char setting[] = "list_columns";

struct refresh {
    int64_t county, id; /* done up to here */
    bool more;
    const char *columns;
};

static const char *column_names(struct cx *cx)
{
    const char *names = "";
    for (size_t i = 0; i < shown_count(cx->profile); i++)
        names = arena_printf(cx->arena, "%s%s%s", names, i ? " " : "",
                             shown_indicator(cx->profile, i)->code);
    return names;
}

static enum rc refresh_chunk(struct cx *cx, void *arg)
{
    struct refresh *r = arg;
    struct {
        int64_t county, id, changed_at;
    } *list = arena_new(cx->arena, AT_ONCE * sizeof *list);
    size_t count = 0;
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &REFRESH_NEXT, V_I(r->county), V_I(r->id), V_I(AT_ONCE)));
    while (db_next(&rows)) {
        list[count].county = row_i64(&rows, REFRESH_NEXT_COUNTY);
        list[count].id = row_i64(&rows, REFRESH_NEXT_ID);
        list[count++].changed_at = row_i64(&rows, REFRESH_NEXT_CHANGED_AT);
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(household_refresh_sheet(cx, list[i].county, list[i].id, list[i].changed_at));
        arena_back(cx->arena, mark);
    }
    r->more = count == AT_ONCE;
    if (!r->more)
        return office_set(cx, 0, setting, r->columns);
    r->county = list[count - 1].county;
    r->id = list[count - 1].id;
    return RC_OK;
}

enum rc register_refresh_lists(struct cx *cx)
{
    const char *kept;
    struct refresh r = {.columns = column_names(cx), .more = true};
    TRY(office_get(&kept, cx, 0, setting));
    if (kept && !strcmp(kept, r.columns))
        return RC_OK;
    while (r.more)
        TRY(db_write(cx, 0, refresh_chunk, &r));
    return RC_OK;
}

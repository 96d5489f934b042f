/* Small things that meetings, resources and papers share. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "office/office.sql.h"
#include "office/office_inner.h"
#include "people/actor.h"

enum rc office_text(const char **out, struct cx *cx, const char *typed, const char *field,
                    size_t max, bool may_be_empty)
{
    struct str s = str_of(typed);
    if (utf8_bad_at(s) < s.len)
        return fail_f(cx, RC_INVALID, _("%s: there are characters that cannot be read."),
                      field);
    s = str_trim(utf8_normal(cx, s, false));
    if (!s.len && !may_be_empty)
        return fail_f(cx, RC_INVALID, _("%s: please fill it in."), field);
    if (utf8_length(s) > max)
        return fail_f(cx, RC_INVALID, _("%s: at most %d characters."), field, (int)max);
    *out = arena_copy(cx->arena, s);
    return RC_OK;
}

enum rc office_area(int64_t *county, const char **path, struct cx *cx, int64_t area_id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &OFFICE_AREA, V_I(area_id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_INVALID, _("Choose an area of a county that exists today."),
                    "area=%" PRId64, area_id);
    TRY(rc);
    *county = row_i64(&rows, OFFICE_AREA_COUNTY);
    *path = row_copy(&rows, OFFICE_AREA_PATH).p;
    bool ended = row_i64(&rows, OFFICE_AREA_ENDED_DAY) != 0;
    TRY(db_done(&rows));
    if (!*county || ended)
        return fail(cx, RC_INVALID, _("Choose an area of a county that exists today."),
                    "area=%" PRId64, area_id);
    return RC_OK;
}

bool office_touches(struct cx *cx, struct str path)
{
    const char *const *own;
    size_t count;
    if (actor_paths(&own, &count, cx, "household.view")) {
        err_clear(cx);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (str_starts(path, str_of(own[i])) || str_starts(str_of(own[i]), path))
            return true;
    return false;
}

const char *office_time(struct cx *cx, int64_t at)
{
    int32_t zone = format_zone();
    int64_t local = at + (int64_t)zone * 60;
    int64_t minute = (local % 86400 + 86400) % 86400 / 60;
    return arena_printf(cx->arena, "%s %02d:%02d", day_iso(cx->arena, day_at(at, zone)),
                        (int)(minute / 60), (int)(minute % 60));
}

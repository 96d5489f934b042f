/* Disasters: everybody concerned is written down first, then seen to be there, then alerts and
 * check tasks are made in chunks; whatever dies on the way is gone on with by the next tick. */
#include "watch/disaster_inner.h"

#include "base/text.h"
#include "base/utf8.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "watch/watch.sql.h"
#include "work/job.h"
#include "work/place.h"

#include <string.h>

enum { LIST_MAX = 500, AT_ONCE = 200, NAME_CHARS = 100, DAYS_MAX = 60, UNFINISHED_MAX = 20 };
enum { AREAS_MAX = 1000, REASON_CHARS = 500, SHAPE_BYTES = 20000 };

/* ---- reading ---- */

static struct disaster of_row(const struct db_rows *r)
{
    return (struct disaster){.county = row_i64(r, DISASTER_BY_NUMBER_COUNTY),
                             .id = row_i64(r, DISASTER_BY_NUMBER_ID),
                             .area_id = row_i64(r, DISASTER_BY_NUMBER_AREA_ID),
                             .area_path = row_copy(r, DISASTER_BY_NUMBER_AREA_PATH).p,
                             .rule_number = (int32_t)row_i64(r, DISASTER_BY_NUMBER_RULE),
                             .user_id = row_i64(r, DISASTER_BY_NUMBER_USER_ID),
                             .at = row_i64(r, DISASTER_BY_NUMBER_AT),
                             .name = row_copy(r, DISASTER_BY_NUMBER_NAME).p,
                             .shape = row_copy(r, DISASTER_BY_NUMBER_SHAPE).p,
                             .days = (int32_t)row_i64(r, DISASTER_BY_NUMBER_DAYS),
                             .household_count = row_i64(r, DISASTER_BY_NUMBER_HOUSEHOLD_COUNT),
                             .without_place = row_i64(r, DISASTER_BY_NUMBER_WITHOUT_PLACE),
                             .ended_at = row_i64(r, DISASTER_BY_NUMBER_ENDED_AT),
                             .reason = row_copy(r, DISASTER_BY_NUMBER_REASON).p};
}

static enum rc add_sums(struct disaster *d, struct cx *cx)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &DISASTER_SUMS, V_I(d->county), V_I(d->id)));
    d->raised_count = row_i64(&rows, DISASTER_SUMS_RAISED);
    d->checked_count = row_i64(&rows, DISASTER_SUMS_CHECKED);
    d->true_count = row_i64(&rows, DISASTER_SUMS_HITS);
    d->open_count = row_i64(&rows, DISASTER_SUMS_OPEN);
    return db_done(&rows);
}

static enum rc read_disaster(struct disaster *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &DISASTER_BY_NUMBER, V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such disaster, or not in your areas."),
                    "disaster=%" PRId64, id);
    TRY(rc);
    *out = of_row(&rows);
    return db_done(&rows);
}

enum rc disaster_get(struct disaster *out, struct cx *cx, int64_t id)
{
    struct disaster d;
    TRY(read_disaster(&d, cx, id));
    if (!actor_may_in(cx, "alert.view", str_of(d.area_path)))
        return fail(cx, RC_NOTFOUND, _("There is no such disaster, or not in your areas."),
                    "disaster=%" PRId64, id);
    TRY(add_sums(&d, cx));
    *out = d;
    return RC_OK;
}

enum rc disaster_list(struct disaster **out, size_t *count, struct cx *cx, int64_t area_id)
{
    const char *const *paths;
    size_t path_count, n = 0;
    struct disaster *list = arena_new(cx->arena, (LIST_MAX + 1) * sizeof *list);
    struct area a = {.path = ""};
    TRY(actor_require(cx, "alert.view"));
    TRY(actor_paths(&paths, &path_count, cx, "alert.view"));
    if (area_id)
        TRY(area_get(&a, cx, area_id));
    for (size_t i = 0; i < path_count; i++) {
        struct db_rows rows;
        const char *path = str_starts(str_of(a.path), str_of(paths[i])) ? a.path : paths[i];
        if (!str_starts(str_of(path), str_of(a.path)))
            continue;
        TRY(DB_SELECT(&rows, cx, &DISASTER_PAGE, V_T(path), V_T(place_path_end(cx, path)),
                      V_I(LIST_MAX)));
        while (n < LIST_MAX && db_next(&rows))
            list[n++] = of_row(&rows);
        TRY(db_done(&rows));
    }
    for (size_t i = 0; i < n; i++)
        TRY(add_sums(&list[i], cx));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc disaster_areas(struct disaster_area **out, size_t *count, struct cx *cx,
                       const struct disaster *d)
{
    struct db_rows rows;
    struct disaster_area *list = arena_new(cx->arena, (AREAS_MAX + 1) * sizeof *list);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &DISASTER_BY_AREA, V_I(d->county), V_I(d->id), V_I(AREAS_MAX)));
    while (n < AREAS_MAX && db_next(&rows))
        list[n++] = (struct disaster_area){.area_id = row_i64(&rows, DISASTER_BY_AREA_AREA_ID),
                                           .total = row_i64(&rows, DISASTER_BY_AREA_TOTAL),
                                           .checked = row_i64(&rows, DISASTER_BY_AREA_CHECKED),
                                           .in_trouble = row_i64(&rows, DISASTER_BY_AREA_HITS),
                                           .open = row_i64(&rows, DISASTER_BY_AREA_OPEN)};
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- beginning ---- */

static const struct alert_rule *disaster_rule(const struct profile *p)
{
    for (size_t i = 0; p->alerts && i < p->alerts->count; i++)
        if (p->alerts->list[i].kind == ALERT_DISASTER)
            return &p->alerts->list[i];
    return NULL;
}

static enum rc may_begin(struct area *out, struct cx *cx, const struct disaster_ask *a)
{
    TRY(actor_require(cx, "alert.disaster"));
    TRY(area_get(out, cx, a->area_id));
    if (!actor_may_in(cx, "alert.disaster", str_of(out->path)))
        return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                    "disaster area=%" PRId64, a->area_id);
    if (!out->county)
        return fail(cx, RC_INVALID, _("Choose a county, or an area in one."), "disaster area");
    if (!disaster_rule(cx->profile))
        return fail(cx, RC_INVALID,
                    _("The profile has no alert for disasters (alerts.csv, source_kind "
                      "disaster)."),
                    "no disaster rule");
    return RC_OK;
}

enum rc disaster_count(int64_t *households, int64_t *without_place, const char *const **unknown,
                       size_t *unknown_count, struct cx *cx, const struct disaster_ask *a)
{
    struct area area;
    struct disaster_found found = {.wants_points = false};
    TRY(may_begin(&area, cx, a));
    TRY(disaster_find(&found, cx, area.county, a));
    *households = (int64_t)found.count;
    *without_place = found.without_place;
    *unknown = found.unknown;
    *unknown_count = found.unknown_count;
    return RC_OK;
}

enum rc disaster_points(struct disaster_point **out, size_t *count, struct cx *cx,
                        const struct disaster_ask *a)
{
    struct area area;
    struct disaster_found found = {.wants_points = true};
    TRY(may_begin(&area, cx, a));
    TRY(disaster_find(&found, cx, area.county, a));
    *out = found.points;
    *count = found.point_count;
    return RC_OK;
}

struct beginning {
    const struct disaster_ask *ask;
    const struct disaster_found *found;
    const struct alert_rule *rule;
    struct area area;
    const char *name, *shape;
    int64_t id;
    size_t at;
};

static enum rc write_row(struct cx *cx, void *arg)
{
    struct beginning *b = arg;
    TRY(db_ids(&b->id, cx, 1));
    return DB_RUN(cx, &DISASTER_ADD, V_I(b->area.county), V_I(b->id), V_I(b->area.id),
                  V_T(b->area.path), V_I(b->rule->number), V_I(watch_user(cx)), V_I(cx->now_at),
                  V_T(b->name), V_T(b->shape), V_I(b->ask->days), V_I(b->found->count),
                  V_I(b->found->without_place));
}

static enum rc write_targets(struct cx *cx, void *arg)
{
    struct beginning *b = arg;
    size_t at = b->at;
    do
        for (size_t i = 0; i < AT_ONCE && at < b->found->count; i++, at++)
            TRY(DB_RUN(cx, &DISASTER_TARGET_ADD, V_I(b->area.county), V_I(b->id),
                       V_I(b->found->ids[at])));
    while (at < b->found->count && db_chunk_left_ms(cx) > 0);
    b->at = at;
    return RC_OK;
}

static enum rc write_begun(struct cx *cx, void *arg)
{
    const struct beginning *b = arg;
    int64_t job_id;
    TRY(DB_RUN(cx, &DISASTER_BEGUN, V_I(b->area.county), V_I(b->id)));
    return job_add(&job_id, cx, b->area.county, "watch.run", "disaster", 0);
}

/* The shape as it is kept: the polygon's corners, or the circle. */
static enum rc keep_shape(const char **out, struct cx *cx, const struct disaster_ask *a)
{
    struct disaster_shape s;
    struct buf b;
    TRY(disaster_shape_read(&s, cx, a));
    buf_init(&b, cx->arena, SHAPE_BYTES);
    for (size_t i = 0; i < s.corner_count; i++)
        buf_printf(&b, "%s%.6f %.6f", i ? ", " : "", s.corners[i].lon, s.corners[i].lat);
    if (!s.corner_count && s.radius_km > 0)
        buf_printf(&b, "%.6f %.6f %.3f km", s.centre.lon, s.centre.lat, s.radius_km);
    if (!buf_ok(&b))
        return fail(cx, RC_LIMIT, _("This is too much at once."), "shape");
    *out = arena_copy(cx->arena, buf_view(&b));
    return RC_OK;
}

enum rc disaster_begin(int64_t *id, struct cx *cx, const struct disaster_ask *a)
{
    struct disaster_found found = {.wants_points = false};
    struct beginning b = {.ask = a, .found = &found, .rule = disaster_rule(cx->profile)};
    struct str name = str_trim(str_of(a->name));
    TRY(may_begin(&b.area, cx, a));
    if (!name.len || utf8_bad_at(name) != name.len || utf8_length(name) > NAME_CHARS)
        return fail(cx, RC_INVALID,
                    _("Give the disaster a name of at most 100 characters, such as Flood of 23 "
                      "November."),
                    "name");
    if (a->days < 0 || a->days > DAYS_MAX)
        return fail(cx, RC_INVALID, _("The checks are due in 1 to 60 days."), "days");
    b.name = arena_copy(cx->arena, name);
    TRY(keep_shape(&b.shape, cx, a));
    TRY(disaster_find(&found, cx, b.area.county, a));
    if (!found.count)
        return fail(cx, RC_INVALID,
                    _("No household is concerned. Choose areas, a larger distance, or give the "
                      "codes of households."),
                    "nobody");
    TRY(db_write(cx, b.area.county, write_row, &b));
    while (b.at < found.count)
        TRY(db_write_bulk(cx, b.area.county, write_targets, &b));
    TRY(watch_stop(cx, "disaster.begun"));
    TRY(db_write(cx, b.area.county, write_begun, &b));
    *id = b.id;
    return RC_OK;
}

/* ---- raising ---- */

struct raising {
    const struct disaster *d;
    const struct alert_rule *rule;
    int64_t households[AT_ONCE];
    size_t count, at, begun_at;
    int64_t raised, begun_raised, due_at;
    const char *facts;
};

static enum rc open_alert(int64_t *id, struct cx *cx, int64_t county, int64_t household_id,
                          int32_t rule)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ALERT_LAST, V_I(county), V_I(household_id), V_I(rule));
    *id = 0;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    if (row_i64(&rows, ALERT_LAST_STATE) != ALERT_CLOSED)
        *id = row_i64(&rows, ALERT_LAST_ID);
    return db_done(&rows);
}

static enum rc raise_one(struct cx *cx, struct raising *r, int64_t household_id)
{
    int64_t id, county = r->d->county;
    const struct alert a = {.county = county,
                            .household_id = household_id,
                            .rule = r->rule,
                            .colour = ALERT_RED,
                            .due_at = r->due_at,
                            .source_id = r->d->id,
                            .disaster_id = r->d->id,
                            .facts = r->facts};
    TRY(open_alert(&id, cx, county, household_id, r->rule->number));
    if (!id) {
        TRY(alert_raise(&id, cx, &a));
        r->raised += id != 0;
    }
    return DB_RUN(cx, &DISASTER_PUT_ALERT, V_I(county), V_I(r->d->id), V_I(household_id),
                  V_I(id ? id : -1));
}

/* Somebody may end the disaster while its checks are being given out: no more then. */
static enum rc raise_chunk(struct cx *cx, void *arg)
{
    struct raising *r = arg;
    struct db_rows rows;
    r->raised = r->begun_raised;
    r->at = r->begun_at;
    enum rc rc = DB_ONE(&rows, cx, &DISASTER_IS_OPEN, V_I(r->d->county), V_I(r->d->id));
    if (rc == RC_NOTFOUND) {
        r->at = r->count;
        return RC_OK;
    }
    TRY(rc);
    TRY(db_done(&rows));
    do
        TRY(raise_one(cx, r, r->households[r->at++]));
    while (r->at < r->count && db_chunk_left_ms(cx) > 0);
    return RC_OK;
}

static enum rc raise_batch(struct cx *cx, struct raising *r)
{
    for (r->begun_at = 0; r->begun_at < r->count; r->begun_at = r->at) {
        TRY(watch_stop(cx, "disaster.chunk"));
        r->begun_raised = r->raised;
        TRY(db_write_bulk(cx, r->d->county, raise_chunk, r));
    }
    return RC_OK;
}

/* How long there is to check: the disaster's days, else the rule's. */
static int64_t due_of(struct cx *cx, const struct disaster *d, const struct alert_rule *rule)
{
    return deadline_after(cx->profile, cx->now_at, d->days ? d->days : rule->days, false);
}

static enum rc go_on(int64_t *raised, struct cx *cx, int64_t id)
{
    struct disaster d;
    struct raising *r = arena_new(cx->arena, sizeof *r);
    TRY(read_disaster(&d, cx, id));
    r->d = &d;
    r->rule = profile_alert(cx->profile, d.rule_number);
    if (!r->rule)
        return RC_OK;
    r->due_at = due_of(cx, &d, r->rule);
    r->facts = watch_fact_json(cx, both_of(r->rule->label), both_typed(d.name));
    do {
        struct db_rows rows;
        r->count = 0;
        TRY(DB_SELECT(&rows, cx, &DISASTER_OPEN_TARGETS, V_I(d.county), V_I(d.id),
                      V_I(AT_ONCE)));
        while (r->count < AT_ONCE && db_next(&rows))
            r->households[r->count++] = row_i64(&rows, DISASTER_OPEN_TARGETS_HOUSEHOLD_ID);
        TRY(db_done(&rows));
        TRY(raise_batch(cx, r));
    } while (r->count == AT_ONCE);
    *raised += r->raised;
    return RC_OK;
}

enum rc disasters_go_on(int64_t *raised, struct cx *cx, int64_t county)
{
    int64_t ids[UNFINISHED_MAX];
    struct db_rows rows;
    size_t count = 0;
    TRY(DB_SELECT(&rows, cx, &DISASTERS_UNFINISHED, V_I(county), V_I(UNFINISHED_MAX)));
    while (count < UNFINISHED_MAX && db_next(&rows))
        ids[count++] = row_i64(&rows, DISASTERS_UNFINISHED_ID);
    TRY(db_done(&rows));
    for (size_t i = 0; i < count; i++)
        TRY(go_on(raised, cx, ids[i]));
    return RC_OK;
}

/* ---- ending ---- */

struct ending {
    const struct disaster *d;
    struct str reason;
    int64_t ids[AT_ONCE];
    size_t count, at;
    bool stale;
};

static enum rc write_end(struct cx *cx, void *arg)
{
    struct ending *e = arg;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &DISASTER_END_ROW, V_I(e->d->county), V_I(e->d->id),
                     V_I(cx->now_at), V_I(watch_user(cx)), V_S(e->reason)));
    e->stale = changed != 1;
    return e->stale ? RC_CONFLICT : RC_OK;
}

static enum rc write_over(struct cx *cx, void *arg)
{
    struct ending *e = arg;
    bool done;
    size_t at = e->at;
    do
        TRY(alert_over(&done, cx, e->d->county, e->ids[at++]));
    while (at < e->count && db_chunk_left_ms(cx) > 0);
    e->at = at;
    return RC_OK;
}

static enum rc end_checks(struct cx *cx, struct ending *e)
{
    do {
        struct db_rows rows;
        e->count = e->at = 0;
        TRY(DB_SELECT(&rows, cx, &DISASTER_OPEN_ALERTS, V_I(e->d->county), V_I(e->d->id),
                      V_I(AT_ONCE)));
        while (e->count < AT_ONCE && db_next(&rows))
            e->ids[e->count++] = row_i64(&rows, DISASTER_OPEN_ALERTS_ID);
        TRY(db_done(&rows));
        while (e->at < e->count)
            TRY(db_write_bulk(cx, e->d->county, write_over, e));
    } while (e->count == AT_ONCE);
    return RC_OK;
}

enum rc disaster_end(struct cx *cx, int64_t id, struct str reason)
{
    struct disaster d;
    struct ending *e = arena_new(cx->arena, sizeof *e);
    TRY(disaster_get(&d, cx, id));
    TRY(actor_require_in(cx, "alert.disaster", str_of(d.area_path)));
    reason = str_trim(reason);
    if (!reason.len || utf8_bad_at(reason) != reason.len || utf8_length(reason) > REASON_CHARS)
        return fail(cx, RC_INVALID, _("Say in at most 500 characters why it ends."), "reason");
    *e = (struct ending){.d = &d, .reason = reason};
    enum rc rc = db_write(cx, d.county, write_end, e);
    if (e->stale)
        return fail(cx, RC_CONFLICT, _("Somebody ended it already."), "disaster=%" PRId64, id);
    TRY(rc);
    return end_checks(cx, e);
}

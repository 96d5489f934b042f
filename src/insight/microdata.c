/* Requests for de-identified files: asking, deciding, taking. */
#include "insight/microdata.h"

#include "base/file.h"
#include "base/text.h"
#include "db/db.h"
#include "insight/microdata.sql.h"
#include "people/actor.h"
#include "store/store.h"

#include <string.h>

enum { PURPOSE_MIN = 10, PURPOSE_MAX = 1000, REASON_MAX = 500, LIST_MAX = 500 };

static int64_t user_of(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

/* microdata_one and microdata_list give the same columns in the same order. */
static struct microdata record_of(struct cx *cx, const struct db_rows *rows)
{
    return (struct microdata){
        .county = row_i64(rows, MICRODATA_ONE_COUNTY),
        .id = row_i64(rows, MICRODATA_ONE_ID),
        .at = row_i64(rows, MICRODATA_ONE_AT),
        .user_id = row_i64(rows, MICRODATA_ONE_USER_ID),
        .area_id = row_i64(rows, MICRODATA_ONE_AREA_ID),
        .year = (int32_t)row_i64(rows, MICRODATA_ONE_YEAR),
        .purpose = arena_copy(cx->arena, row_str(rows, MICRODATA_ONE_PURPOSE)),
        .variables = arena_copy(cx->arena, row_str(rows, MICRODATA_ONE_VARIABLES)),
        .state = (enum microdata_state)row_i64(rows, MICRODATA_ONE_STATE),
        .decided_at = row_i64(rows, MICRODATA_ONE_DECIDED_AT),
        .decided_by = row_i64(rows, MICRODATA_ONE_DECIDED_BY),
        .reason = arena_copy(cx->arena, row_str(rows, MICRODATA_ONE_REASON)),
        .document_id = row_i64(rows, MICRODATA_ONE_DOCUMENT_ID),
        .records = row_i64(rows, MICRODATA_ONE_RECORDS),
        .dropped = row_i64(rows, MICRODATA_ONE_DROPPED),
        .blanked = row_i64(rows, MICRODATA_ONE_BLANKED),
        .user_name = arena_copy(cx->arena, row_str(rows, MICRODATA_ONE_USER_NAME)),
        .path = arena_copy(cx->arena, row_str(rows, MICRODATA_ONE_PATH))};
}

/* ---- asking ---- */

static enum rc ask_closure(struct cx *cx, void *arg)
{
    struct microdata *m = arg;
    TRY(db_ids(&m->id, cx, 1));
    m->at = cx->now_at;
    return DB_RUN(cx, &MICRODATA_INSERT, V_I(m->county), V_I(m->id), V_I(m->at),
                  V_I(m->user_id), V_I(m->area_id), V_I(m->year), V_T(m->purpose),
                  V_T(m->variables));
}

enum rc microdata_ask(struct microdata *m, struct cx *cx)
{
    struct area area;
    struct microdata_risk risk;
    TRY(area_get(&area, cx, m->area_id));
    if (!actor_may_in(cx, "poverty.view", str_of(area.path)))
        return fail(cx, RC_NOTFOUND, "", "area outside scope");
    TRY(actor_require_in(cx, "microdata.request", str_of(area.path)));
    size_t len = strlen(m->purpose);
    if (len < PURPOSE_MIN || len > PURPOSE_MAX)
        return fail_f(cx, RC_INVALID, _("Say what the file is for, in %d to %d characters."),
                      PURPOSE_MIN, PURPOSE_MAX);
    if (!area.county)
        return fail(cx, RC_INVALID, _("Ask for one county or a part of it at a time."),
                    "above the tenant");
    m->county = area.county;
    m->user_id = user_of(cx);
    TRY(microdata_make(&risk, cx, m, -1));
    return db_write(cx, m->county, ask_closure, m);
}

/* ---- reading ---- */

/* Own, or theirs to approve. */
static bool may_see(const struct cx *cx, int64_t user_id, struct str path)
{
    return (cx->actor && user_id == cx->actor->user_id) ||
           actor_may_in(cx, "microdata.approve", path);
}

enum rc microdata_list(struct microdata **out, size_t *count, struct cx *cx)
{
    struct db_rows rows;
    struct microdata *list = arena_new(cx->arena, LIST_MAX * sizeof *list);
    *count = 0;
    TRY(DB_SELECT0(&rows, cx, &MICRODATA_LIST));
    while (*count < LIST_MAX && db_next(&rows))
        if (may_see(cx, row_i64(&rows, MICRODATA_LIST_USER_ID),
                    row_str(&rows, MICRODATA_LIST_PATH)))
            list[(*count)++] = record_of(cx, &rows);
    *out = list;
    return db_done(&rows);
}

enum rc microdata_get(struct microdata *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &MICRODATA_ONE, V_I(id));
    if (rc)
        return rc;
    *out = record_of(cx, &rows);
    TRY(db_done(&rows));
    return may_see(cx, out->user_id, str_of(out->path))
               ? RC_OK
               : fail(cx, RC_NOTFOUND, "", "microdata of others");
}

enum rc microdata_approved(int64_t *count, struct cx *cx, const struct microdata *m)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &MICRODATA_APPROVED_COUNT, V_I(m->county), V_I(m->year)));
    *count = row_i64(&rows, MICRODATA_APPROVED_COUNT_COUNT);
    return db_done(&rows);
}

enum rc microdata_accesses(struct microdata_access **out, size_t *count, struct cx *cx,
                           const struct microdata *m)
{
    struct db_rows rows;
    struct microdata_access *list = arena_array(cx->arena, LIST_MAX, sizeof *list);
    *count = 0;
    TRY(DB_SELECT(&rows, cx, &MICRODATA_ACCESS_LIST, V_I(m->county), V_I(m->id)));
    while (db_next(&rows) && *count < LIST_MAX)
        list[(*count)++] = (struct microdata_access){
            row_i64(&rows, MICRODATA_ACCESS_LIST_AT),
            arena_copy(cx->arena, row_str(&rows, MICRODATA_ACCESS_LIST_USER_NAME))};
    *out = list;
    return db_done(&rows);
}

/* ---- deciding ---- */

struct deciding {
    const struct microdata *m;
    enum microdata_state state;
    const char *reason;
    int64_t document_id;
    struct microdata_risk risk;
};

static enum rc decide_closure(struct cx *cx, void *arg)
{
    struct deciding *d = arg;
    int64_t changed;
    int64_t blanked = d->risk.parts_blanked + d->risk.answers_blanked;
    TRY(DB_RUN_COUNT(&changed, cx, &MICRODATA_DECIDE, V_I(d->m->county), V_I(d->m->id),
                     V_I(d->state), V_I(cx->now_at), V_I(user_of(cx)), V_T(d->reason),
                     V_I(d->document_id), V_I(d->risk.records), V_I(d->risk.dropped),
                     V_I(blanked)));
    return changed ? RC_OK
                   : fail(cx, RC_CONFLICT, _("Somebody else has decided this meanwhile."),
                          "microdata decided");
}

/* The file goes into the store before the row names it. */
static enum rc keep_file(struct deciding *d, struct cx *cx)
{
    struct file_temp temp;
    bool is_new;
    TRY(file_temp_open(&temp, cx, cx->dir));
    enum rc rc = microdata_make(&d->risk, cx, d->m, temp.fd);
    if (!rc)
        rc = store_put(&d->document_id, &is_new, cx, d->m->county, "microdata",
                       arena_printf(cx->arena, "microdata-%" PRId64 ".csv", d->m->id),
                       "text/csv", temp.fd);
    file_temp_drop(&temp);
    return rc;
}

enum rc microdata_decide(struct cx *cx, int64_t id, bool approve, struct str reason)
{
    struct microdata m;
    struct deciding d = {.m = &m, .state = approve ? MICRODATA_APPROVED : MICRODATA_REFUSED};
    TRY(microdata_get(&m, cx, id));
    TRY(actor_require_in(cx, "microdata.approve", str_of(m.path)));
    if (m.state != MICRODATA_ASKED)
        return fail(cx, RC_CONFLICT, _("This request has been decided already."), "state");
    if (cx->actor && m.user_id == cx->actor->user_id)
        return fail(cx, RC_DENIED, _("Somebody else must decide what you asked for yourself."),
                    "own request");
    if ((!approve && !reason.len) || reason.len > REASON_MAX)
        return fail(cx, RC_INVALID, _("Say in a sentence why it is refused."), "reason");
    d.reason = arena_copy(cx->arena, reason);
    if (approve)
        TRY(keep_file(&d, cx));
    return db_write(cx, m.county, decide_closure, &d);
}

/* ---- taking ---- */

static enum rc access_closure(struct cx *cx, void *arg)
{
    const struct microdata *m = arg;
    return DB_RUN(cx, &MICRODATA_ACCESS_ADD, V_I(m->county), V_I(m->id), V_I(cx->now_at),
                  V_I(user_of(cx)));
}

enum rc microdata_take(int *fd, struct cx *cx, int64_t id)
{
    struct microdata m;
    TRY(microdata_get(&m, cx, id));
    if (m.state != MICRODATA_APPROVED)
        return fail(cx, RC_NOTFOUND, _("There is no approved file."), "state");
    TRY(db_write(cx, m.county, access_closure, &m));
    return store_open(fd, cx, m.county, m.document_id);
}

/* Rows of the register as structs, whether seen or not: for the parts of this room that write.
 * Who may see what is household.c's. */
#include "base/text.h"
#include "base/time.h"
#include "people/actor.h"
#include "register/apply.sql.h"
#include "register/household.sql.h"
#include "register/inner.h"

#include <string.h>

int64_t register_user(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}

int32_t register_today(const struct cx *cx)
{
    return day_at(cx->now_at, cx->profile->zone_offset_min);
}

static void take_bind(struct member *m, const struct db_rows *rows, enum secret which, int col)
{
    struct str s = row_str(rows, col);
    m->has[which] = s.len == BIND_BYTES;
    if (m->has[which])
        memcpy(m->bind[which], s.p, BIND_BYTES);
}

struct member member_of_row(struct cx *cx, const struct db_rows *rows)
{
    struct member m = {
        .p = {.county = row_i64(rows, PERSON_ROW_COUNTY),
              .id = row_i64(rows, PERSON_ROW_ID),
              .household_id = row_i64(rows, PERSON_ROW_HOUSEHOLD_ID),
              .code = arena_copy(cx->arena, row_str(rows, PERSON_ROW_CODE)),
              .name = arena_copy(cx->arena, row_str(rows, PERSON_ROW_NAME)),
              .sex = (int32_t)row_i64(rows, PERSON_ROW_SEX),
              .birth_day = (int32_t)row_i64(rows, PERSON_ROW_BIRTH_DAY),
              .relation = (int32_t)row_i64(rows, PERSON_ROW_RELATION),
              .from_day = (int32_t)row_i64(rows, PERSON_ROW_FROM_DAY),
              .to_day = (int32_t)row_i64(rows, PERSON_ROW_TO_DAY)},
        .import_id = row_i64(rows, PERSON_ROW_IMPORT_ID),
        .facts = (int32_t)row_i64(rows, PERSON_ROW_IDENTITY_FACTS),
    };
    take_bind(&m, rows, SECRET_IDENTITY, PERSON_ROW_IDENTITY_KEY);
    take_bind(&m, rows, SECRET_PHONE, PERSON_ROW_PHONE_KEY);
    take_bind(&m, rows, SECRET_ACCOUNT, PERSON_ROW_ACCOUNT_KEY);
    m.p.has_identity = m.has[SECRET_IDENTITY];
    m.p.has_phone = m.has[SECRET_PHONE];
    m.p.has_account = m.has[SECRET_ACCOUNT];
    return m;
}

enum rc member_load(struct member *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &PERSON_ROW, V_I(county), V_I(id)));
    struct member m = member_of_row(cx, &rows);
    TRY(db_done(&rows));
    *out = m;
    return RC_OK;
}

enum rc members_load(struct member **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t household_id)
{
    struct db_rows rows;
    struct member *list = NULL;
    size_t used = 0, cap = 0;
    bool full = false;
    TRY(DB_SELECT(&rows, cx, &PERSON_OF_HOUSEHOLD, V_I(county), V_I(household_id)));
    while (!full && db_next(&rows)) {
        if (used == cap) {
            cap = cap ? 2 * cap : 8;
            struct member *wider = arena_array(cx->arena, cap, sizeof *wider);
            full = !wider;
            if (full)
                break;
            if (used > 0)
                memcpy(wider, list, used * sizeof *list);
            list = wider;
        }
        list[used++] = member_of_row(cx, &rows);
    }
    TRY(db_done(&rows));
    if (full)
        return fail(cx, RC_LIMIT, _("This household has too many people."), "rows=%zu", used);
    *out = list;
    *count = used;
    return RC_OK;
}

static struct db_arg bind_arg(const struct member *m, enum secret which)
{
    return m->has[which] ? V_B(m->bind[which], BIND_BYTES) : V_NULL;
}

enum rc member_put(struct cx *cx, const struct member *m)
{
    const struct person *p = &m->p;
    return DB_RUN(cx, &PERSON_SET, V_I(p->county), V_I(p->id), V_I(p->household_id),
                  V_T(p->code), V_T(p->name), V_I(p->sex), V_I(p->birth_day), V_I(p->relation),
                  V_I(p->from_day), V_I(p->to_day), bind_arg(m, SECRET_IDENTITY),
                  bind_arg(m, SECRET_PHONE), bind_arg(m, SECRET_ACCOUNT), V_I(m->facts));
}

enum rc member_bind(struct cx *cx, const struct member *from, const struct member *to)
{
    static const enum secret found_by[] = {SECRET_IDENTITY, SECRET_PHONE};
    for (size_t i = 0; i < sizeof found_by / sizeof *found_by; i++) {
        enum secret which = found_by[i];
        bool was = from && from->has[which], is = to && to->has[which];
        if (was && is && memcmp(from->bind[which], to->bind[which], BIND_BYTES) == 0)
            continue;
        if (was)
            TRY(DB_RUN(cx, &PERSON_BIND_DROP, V_I(from->p.county), bind_arg(from, which),
                       V_I(from->p.id)));
        if (is)
            TRY(DB_RUN(cx, &PERSON_BIND_ADD, V_I(to->p.county), bind_arg(to, which),
                       V_I(to->p.id)));
    }
    return RC_OK;
}

struct household household_of_row(struct cx *cx, const struct db_rows *rows)
{
    return (struct household){
        .county = row_i64(rows, HOUSEHOLD_ROW_COUNTY),
        .id = row_i64(rows, HOUSEHOLD_ROW_ID),
        .area_id = row_i64(rows, HOUSEHOLD_ROW_AREA_ID),
        .area_path = arena_copy(cx->arena, row_str(rows, HOUSEHOLD_ROW_AREA_PATH)),
        .code = arena_copy(cx->arena, row_str(rows, HOUSEHOLD_ROW_CODE)),
        .head_id = row_i64(rows, HOUSEHOLD_ROW_HEAD_ID),
        .head_name = arena_copy(cx->arena, row_str(rows, HOUSEHOLD_ROW_HEAD_NAME)),
        .people_count = (int32_t)row_i64(rows, HOUSEHOLD_ROW_PEOPLE_COUNT),
        .from_day = (int32_t)row_i64(rows, HOUSEHOLD_ROW_FROM_DAY),
        .ended_day = (int32_t)row_i64(rows, HOUSEHOLD_ROW_ENDED_DAY),
        .changed_at = row_i64(rows, HOUSEHOLD_ROW_CHANGED_AT),
        .sheet_year = (int32_t)row_i64(rows, HOUSEHOLD_ROW_SHEET_YEAR),
    };
}

enum rc household_load(struct household *out, int64_t *import_id, struct cx *cx, int64_t county,
                       int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &HOUSEHOLD_ROW, V_I(county), V_I(id)));
    struct household h = household_of_row(cx, &rows);
    int64_t import = row_i64(&rows, HOUSEHOLD_ROW_IMPORT_ID);
    TRY(db_done(&rows));
    *out = h;
    *import_id = import;
    return RC_OK;
}

/* Counts of households and people by area. Changes are collected during a write and added once
 * per area at its end; an import's wait in import_count until it is seen. */
#include "base/text.h"
#include "register/apply.sql.h"
#include "register/area.sql.h"
#include "register/inner.h"

#include <assert.h>
#include <string.h>

enum rc tally_add(struct tally *t, struct cx *cx, int64_t area_id, struct str path,
                  int64_t households, int64_t people)
{
    /* Files are sorted by village: the last row is nearly always the right one. */
    for (size_t i = t->count; i-- > 0;)
        if (t->rows[i].area_id == area_id) {
            t->rows[i].households += households;
            t->rows[i].people += people;
            return RC_OK;
        }
    if (t->count == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 64;
        struct tally_row *rows = arena_array(cx->arena, cap, sizeof *rows);
        if (!rows)
            return fail(cx, RC_LIMIT, _("Too many areas are changed at once."), "areas=%zu",
                        t->count);
        if (t->count > 0)
            memcpy(rows, t->rows, t->count * sizeof *rows);
        t->rows = rows;
        t->cap = cap;
    }
    assert(path.len <= AREA_PATH_BYTES);
    struct tally_row *row = &t->rows[t->count++];
    *row = (struct tally_row){.area_id = area_id, .households = households, .people = people};
    memcpy(row->path, path.p, path.len);
    return RC_OK;
}

enum rc tally_flush(struct cx *cx, const struct tally *t, int64_t county)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct tally_row *row = &t->rows[i];
        if (row->households == 0 && row->people == 0)
            continue;
        /* Areas above the tenant have no county and are left out by the statement. */
        for (size_t len = 3; len <= strlen(row->path); len += 3)
            TRY(DB_RUN(cx, &AREA_COUNT_ADD, V_I(county), V_S(((struct str){row->path, len})),
                       V_I(row->households), V_I(row->people)));
    }
    return RC_OK;
}

enum rc tally_park(struct cx *cx, const struct tally *t, int64_t county, int64_t import_id)
{
    for (size_t i = 0; i < t->count; i++)
        TRY(DB_RUN(cx, &IMPORT_COUNT_ADD, V_I(county), V_I(import_id), V_I(t->rows[i].area_id),
                   V_I(t->rows[i].households), V_I(t->rows[i].people)));
    return RC_OK;
}

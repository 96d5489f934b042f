/* Which households something happened to since an entry of the journal: for those who keep
 * something worked out from the register (watch/). */
#include "register/columns.sql.h"
#include "register/inner.h"
#include "register/journal.h"

#include "base/text.h"

#include <stdlib.h>

/* Numbers as they come; made unique when the room is used up. */
struct since {
    int64_t *ids;
    size_t count, room, max;
    bool all;
};

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void make_unique(struct since *s)
{
    size_t kept = 0;
    qsort(s->ids, s->count, sizeof *s->ids, by_id);
    for (size_t i = 0; i < s->count; i++)
        if (!kept || s->ids[kept - 1] != s->ids[i])
            s->ids[kept++] = s->ids[i];
    s->count = kept;
    s->all = s->all || kept > s->max;
}

static void add(struct since *s, int64_t id)
{
    if (id <= 0 || s->all || (s->count && s->ids[s->count - 1] == id))
        return;
    if (s->count == s->room)
        make_unique(s);
    if (!s->all)
        s->ids[s->count++] = id;
}

static void take(struct since *s, const struct journal_entry *e)
{
    /* Areas change what their rules and limits say of everybody in them; an import is many. */
    if (e->kind == KIND_AREA || e->kind == KIND_AREA_SHEET || e->kind == KIND_IMPORT) {
        s->all = true;
        return;
    }
    add(s, e->household_id);
    for (size_t i = 0; e->kind == KIND_MEMBERSHIP && i < e->field_count; i++) {
        if (e->fields[i].field != FIELD_HOUSEHOLD)
            continue;
        if (e->fields[i].from.kind == VALUE_INT)
            add(s, e->fields[i].from.i);
        if (e->fields[i].to.kind == VALUE_INT)
            add(s, e->fields[i].to.i);
    }
}

enum rc journal_households_since(struct journal_since *out, struct cx *cx, int64_t county,
                                 int64_t after_seq, int64_t last_seq, size_t max)
{
    struct since s = {.room = 2 * max + 2, .max = max};
    struct db_rows rows;
    bool good = true;
    s.ids = arena_array(cx->arena, s.room, sizeof *s.ids);
    if (!s.ids)
        return fail(cx, RC_LIMIT, _("This is too much at once."), "since max=%zu", max);
    TRY(DB_SELECT(&rows, cx, &COLUMNS_ENTRIES, V_I(county), V_I(after_seq), V_I(last_seq)));
    while (good && !s.all && db_next(&rows)) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct journal_entry *entries;
        size_t count = 0;
        good = entry_read(&entries, &count, cx->arena, row_str(&rows, COLUMNS_ENTRIES_BODY));
        for (size_t i = 0; good && i < count; i++)
            take(&s, &entries[i]);
        arena_back(cx->arena, mark);
    }
    TRY(db_done(&rows));
    if (!good)
        return fail(cx, RC_DB,
                    _("The journal is damaged. Stop working and call whoever runs this "
                      "server: `fumin verify` shows the place."),
                    "since county=%" PRId64, county);
    make_unique(&s);
    *out = (struct journal_since){s.ids, s.all ? 0 : s.count, s.all};
    return RC_OK;
}

enum rc journal_last(int64_t *seq, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    int64_t found = 0;
    TRY(DB_SELECT(&rows, cx, &COLUMNS_HEADS, V_I(county)));
    while (db_next(&rows))
        if (row_i64(&rows, COLUMNS_HEADS_COUNTY) == county)
            found = row_i64(&rows, COLUMNS_HEADS_SEQ);
    TRY(db_done(&rows));
    *seq = found;
    return RC_OK;
}

/* Every change of one field of the households' sheets of a year, out of the journal. */
#include "register/inner.h"
#include "register/journal.sql.h"

static void tell(const struct journal_entry *e, int32_t field, journal_change_fn change,
                 void *arg)
{
    for (size_t i = 0; i < e->field_count; i++)
        if (e->fields[i].field == field)
            change(arg, e->household_id, e->fields[i].from, e->fields[i].to);
}

enum rc journal_changes_of(struct cx *cx, int64_t county, int32_t year, int32_t field,
                           journal_change_fn change, void *arg)
{
    struct db_rows rows;
    bool readable = true;
    TRY(DB_SELECT(&rows, cx, &JOURNAL_ALL, V_I(county)));
    struct arena_mark mark = arena_mark(cx->arena);
    while (readable && db_next(&rows)) {
        struct journal_entry *entries;
        size_t count;
        readable = entry_read(&entries, &count, cx->arena, row_str(&rows, JOURNAL_ALL_BODY));
        for (size_t i = 0; readable && i < count; i++)
            if (entries[i].kind == KIND_HOUSEHOLD_SHEET && entries[i].year == year)
                tell(&entries[i], field, change, arg);
        arena_back(cx->arena, mark);
    }
    TRY(db_done(&rows));
    return readable ? RC_OK
                    : fail(cx, RC_DB,
                           _("The journal is damaged. Stop working and call whoever runs this "
                             "server: `fumin verify` shows the place."),
                           "county=%" PRId64, county);
}

/* Taking back an import: its journal entries from the newest to the oldest, in chunks. What
 * becomes of one entry is undo.c's. */
#include "register/apply.sql.h"
#include "register/inner.h"
#include "register/journal.sql.h"

enum { PIECE = 16 };

struct piece {
    int64_t seq;
    struct str body;
};

static enum rc read_piece(struct piece list[PIECE], size_t *count, struct cx *cx,
                          const struct writing *w)
{
    struct db_rows rows;
    *count = 0;
    TRY(DB_SELECT(&rows, cx, &JOURNAL_OF_IMPORT, V_I(w->s->county), V_I(w->s->import_id),
                  V_I(w->trace.first_seq), V_I(w->trace.undo_seq), V_I(PIECE)));
    while (db_next(&rows)) {
        list[*count].seq = row_i64(&rows, JOURNAL_OF_IMPORT_SEQ);
        list[(*count)++].body = row_copy(&rows, JOURNAL_OF_IMPORT_BODY);
    }
    return db_done(&rows);
}

/* Undoes entries until the time is over; *more = some are left. */
static enum rc undo_some(bool *more, struct cx *cx, struct writing *w)
{
    *more = true;
    do {
        struct piece list[PIECE];
        size_t count, areas = w->tally.cap;
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(read_piece(list, &count, cx, w));
        for (size_t i = 0; i < count; i++) {
            TRY(undo_entry(cx, w, list[i].body));
            w->trace.undo_seq = list[i].seq;
        }
        if (areas == w->tally.cap)
            arena_back(cx->arena, mark);
        *more = count == PIECE;
    } while (*more && db_chunk_left_ms(cx) > 0);
    return RC_OK;
}

static enum rc undo_begin(bool *hidden, struct cx *cx, struct writing *w)
{
    struct db_rows rows;
    int64_t county = w->s->county, import_id = w->s->import_id;
    enum rc rc = DB_ONE(&rows, cx, &IMPORT_IS_HIDDEN, V_I(import_id));
    *hidden = rc == RC_OK;
    if (rc == RC_OK)
        TRY(db_done(&rows));
    else if (rc != RC_NOTFOUND)
        return rc;
    if (w->trace.state == TRACE_UNDOING)
        return RC_OK;
    w->trace.state = TRACE_UNDOING;
    w->trace.undo_seq = w->trace.last_seq + 1;
    w->trace.kept_count = 0;
    return DB_RUN(cx, &IMPORT_CHANGE_DROP, V_I(county), V_I(import_id), V_I(INT64_MAX));
}

enum rc register_undo(int64_t *kept, bool *more, struct cx *cx, int64_t county,
                      int64_t import_id)
{
    struct source s = {
        .county = county, .import_id = import_id, .valid_day = register_today(cx)};
    struct writing w = {.s = &s};
    bool hidden, left = false;
    TRY(trace_get(&w.trace, cx, county, import_id));
    if (w.trace.exists && w.trace.state != TRACE_UNDONE) {
        int64_t last = w.trace.last_seq;
        TRY(pen_open(&w.pen, cx, county));
        bind_keys_get(&w.keys, cx->vault);
        TRY(undo_begin(&hidden, cx, &w));
        w.hides = hidden; /* what nobody saw was never counted */
        TRY(undo_some(&left, cx, &w));
        if (!left) {
            w.trace.state = TRACE_UNDONE;
            TRY(import_journal(cx, &w, false));
        }
        TRY(writing_end(cx, &w));
        if (!left) {
            TRY(DB_RUN(cx, &IMPORT_UNHIDE, V_I(import_id)));
            TRY(DB_RUN(cx, &IMPORT_COUNT_DROP, V_I(county), V_I(import_id)));
        }
        /* The undo's own entries are not part of what is to be undone. */
        w.trace.last_seq = last;
        TRY(trace_put(cx, county, import_id, &w.trace));
    }
    *kept = w.trace.kept_count;
    *more = left;
    return RC_OK;
}

/* The flip: an import's waiting changes are made and its new things become visible, in one
 * transaction. */
#include "base/text.h"
#include "register/apply.sql.h"
#include "register/inner.h"

enum { PIECE = 64 };

/* A waiting change. */
struct waiting {
    int64_t no;
    struct str packed;
};

static enum rc read_piece(struct waiting list[PIECE], size_t *count, struct cx *cx,
                          int64_t county, int64_t import_id, int64_t after)
{
    struct db_rows rows;
    *count = 0;
    TRY(DB_SELECT(&rows, cx, &IMPORT_CHANGE_NEXT, V_I(county), V_I(import_id), V_I(after),
                  V_I(PIECE)));
    while (db_next(&rows)) {
        list[*count].no = row_i64(&rows, IMPORT_CHANGE_NEXT_NO);
        list[(*count)++].packed = row_copy(&rows, IMPORT_CHANGE_NEXT_BODY);
    }
    return db_done(&rows);
}

/* What changed or vanished under it meanwhile is compared anew; what cannot be done any more is
 * counted as left out. */
static enum rc make_change(struct cx *cx, struct writing *w, struct str packed)
{
    struct source s;
    struct household_record r;
    struct delta *d;
    TRY(record_unpack(&s, &r, cx, packed));
    const struct source *own = w->s;
    enum rc rc = delta_make(&d, cx, &s, &r, &w->keys);
    if (rc == RC_NOTFOUND || rc == RC_CONFLICT) {
        err_clear(cx);
        w->trace.kept_count++;
        return RC_OK;
    }
    TRY(rc);
    if (delta_is_empty(d))
        return RC_OK;
    w->s = &s;
    rc = delta_write(cx, w, d);
    w->s = own;
    return rc;
}

static enum rc make_changes(struct cx *cx, struct writing *w)
{
    int64_t county = w->s->county, import_id = w->s->import_id, after = 0;
    size_t count = PIECE;
    while (count == PIECE) {
        struct waiting list[PIECE];
        struct arena_mark mark = arena_mark(cx->arena);
        size_t areas = w->tally.cap;
        TRY(read_piece(list, &count, cx, county, import_id, after));
        for (size_t i = 0; i < count; i++) {
            struct arena_mark one = arena_mark(cx->arena);
            size_t before = w->tally.cap;
            TRY(make_change(cx, w, list[i].packed));
            after = list[i].no;
            if (before == w->tally.cap)
                arena_back(cx->arena, one);
        }
        if (areas == w->tally.cap)
            arena_back(cx->arena, mark);
    }
    return DB_RUN(cx, &IMPORT_CHANGE_DROP, V_I(county), V_I(import_id), V_I(INT64_MAX));
}

static enum rc take_counts(struct cx *cx, struct writing *w)
{
    struct db_rows rows;
    enum rc rc = RC_OK;
    TRY(DB_SELECT(&rows, cx, &IMPORT_COUNTS, V_I(w->s->county), V_I(w->s->import_id)));
    while (rc == RC_OK && db_next(&rows))
        rc = tally_add(&w->tally, cx, row_i64(&rows, IMPORT_COUNTS_AREA_ID),
                       row_str(&rows, IMPORT_COUNTS_PATH),
                       row_i64(&rows, IMPORT_COUNTS_HOUSEHOLDS),
                       row_i64(&rows, IMPORT_COUNTS_PEOPLE));
    TRY(db_done(&rows));
    TRY(rc);
    return DB_RUN(cx, &IMPORT_COUNT_DROP, V_I(w->s->county), V_I(w->s->import_id));
}

enum rc import_journal(struct cx *cx, struct writing *w, bool seen)
{
    struct sections s;
    int64_t seq;
    struct journal_field fields[] = {
        {.field = FIELD_VISIBLE,
         .from = seen ? value_missing() : value_int(1),
         .to = seen ? value_int(1) : value_missing()},
        {.field = FIELD_KEPT, .to = value_int(w->trace.kept_count)},
    };
    struct section section = {
        .kind = KIND_IMPORT, .fields = fields, .field_count = w->trace.kept_count > 0 ? 2 : 1};
    sections_begin(&s, cx, 0);
    sections_add(&s, &section, w->s->import_id);
    return sections_end(&seq, cx, w, &s);
}

enum rc register_flip(struct cx *cx, int64_t county, int64_t import_id)
{
    struct source s = {
        .county = county, .import_id = import_id, .valid_day = register_today(cx)};
    struct writing w;
    TRY(writing_begin(&w, cx, &s));
    if (!w.hides)
        return fail(cx, RC_CONFLICT, _("This import is visible already."), "import=%" PRId64,
                    import_id);
    w.hides = false;
    TRY(DB_RUN(cx, &IMPORT_UNHIDE, V_I(import_id)));
    TRY(take_counts(cx, &w));
    TRY(DB_RUN(cx, &PERSON_BIND_REST, V_I(county), V_I(import_id), V_I(w.trace.bound_id)));
    TRY(make_changes(cx, &w));
    TRY(import_journal(cx, &w, true));
    w.trace.state = TRACE_SEEN;
    w.trace.kept_count = 0;
    return writing_end(cx, &w);
}

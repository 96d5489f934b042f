/* The journal in the database: appending to a county's chain, reading a household's history,
 * finding where a value comes from, proving the chain. The bytes are journal_code.c's. */
#include "register/journal.h"

#include "base/limits.h"
#include "base/text.h"
#include "register/inner.h"
#include "register/journal.sql.h"

#include <string.h>

enum { ENTRY_BYTES_MAX = 16 * 1024 * 1024, SOURCE_STEP = 32 };

int64_t journal_thing(const struct journal_entry *e)
{
    return e->household_id ? e->household_id : e->subject_id;
}

static enum rc damaged(struct cx *cx, int64_t county, int64_t seq)
{
    return fail(cx, RC_DB,
                _("The journal is damaged. Stop working and call whoever runs this server: "
                  "`fumin verify` shows the place."),
                "journal county=%" PRId64 " seq=%" PRId64, county, seq);
}

enum rc pen_open(struct pen *pen, struct cx *cx, int64_t county)
{
    *pen = (struct pen){.county = county};
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &JOURNAL_HEAD_GET, V_I(county));
    if (rc == RC_OK) {
        pen->seq = row_i64(&rows, JOURNAL_HEAD_GET_SEQ);
        struct str hash = row_str(&rows, JOURNAL_HEAD_GET_HASH);
        bool whole = hash.len == HASH_BYTES;
        if (whole)
            memcpy(pen->hash, hash.p, HASH_BYTES);
        TRY(db_done(&rows));
        if (!whole)
            return damaged(cx, county, pen->seq);
    } else if (rc != RC_NOTFOUND) {
        return rc;
    }
    pen->first_seq = pen->seq + 1;
    return RC_OK;
}

enum rc pen_write(struct cx *cx, struct pen *pen, struct journal_entry *e, struct str sections,
                  size_t section_count)
{
    e->county = pen->county;
    e->seq = pen->seq + 1;
    struct buf body;
    buf_init(&body, cx->arena, ENTRY_BYTES_MAX);
    entry_put_header(&body, e, section_count);
    buf_str(&body, sections);
    if (!buf_ok(&body))
        return fail(cx, RC_LIMIT, _("This change is too large to be recorded."), "bytes=%zu",
                    sections.len);
    struct str bytes = buf_view(&body);
    struct hash_state hash;
    hash_begin(&hash);
    hash_add(&hash, pen->hash, HASH_BYTES);
    hash_add(&hash, bytes.p, bytes.len);
    hash_end(&hash, pen->hash);
    pen->seq++;
    return DB_RUN(cx, &JOURNAL_ADD, V_I(pen->county), V_I(e->seq), V_I(journal_thing(e)),
                  V_I(e->import_id), V_B(pen->hash, HASH_BYTES), V_B(bytes.p, bytes.len));
}

enum rc pen_close(struct cx *cx, struct pen *pen)
{
    if (pen->seq < pen->first_seq)
        return RC_OK;
    return DB_RUN(cx, &JOURNAL_HEAD_PUT, V_I(pen->county), V_I(pen->seq),
                  V_B(pen->hash, HASH_BYTES));
}

enum rc journal_append(int64_t *seq, struct cx *cx, const struct journal_entry *e)
{
    struct pen pen;
    struct buf bytes;
    struct journal_entry copy = *e;
    TRY(pen_open(&pen, cx, e->county));
    buf_init(&bytes, cx->arena, ENTRY_BYTES_MAX);
    struct section section = {.kind = e->kind,
                              .subject_id = e->subject_id,
                              .row = e->document_row,
                              .year = e->year,
                              .field_count = e->field_count};
    section.fields = arena_array(cx->arena, e->field_count + 1, sizeof *section.fields);
    if (!section.fields)
        return fail(cx, RC_LIMIT, _("This change is too large to be recorded."), "fields=%zu",
                    e->field_count);
    if (e->field_count > 0)
        memcpy(section.fields, e->fields, e->field_count * sizeof *section.fields);
    section_put(&bytes, e->household_id, &section);
    TRY(pen_write(cx, &pen, &copy, buf_view(&bytes), 1));
    TRY(pen_close(cx, &pen));
    *seq = copy.seq;
    return RC_OK;
}

/* ---- reading ---- */

/* Entries found so far; grows by doubling in the arena. */
struct entry_list {
    struct journal_entry *rows;
    size_t count, cap;
};

static enum rc list_add(struct entry_list *list, struct cx *cx,
                        const struct journal_entry *entries, size_t count)
{
    if (list->count + count > list->cap) {
        size_t cap = 2 * (list->count + count) + 16;
        struct journal_entry *rows = arena_array(cx->arena, cap, sizeof *rows);
        if (!rows)
            return fail(cx, RC_LIMIT, _("This history is too long for one page."), "cap=%zu",
                        cap);
        if (list->count > 0)
            memcpy(rows, list->rows, list->count * sizeof *rows);
        list->rows = rows;
        list->cap = cap;
    }
    if (count > 0)
        memcpy(list->rows + list->count, entries, count * sizeof *entries);
    list->count += count;
    return RC_OK;
}

/* NOLINTNEXTLINE(readability-function-size): a page of a history has this many sides. */
enum rc journal_of_household(struct journal_entry **out, size_t *count, struct cx *cx,
                             int64_t county, int64_t household_id, int64_t before_seq,
                             size_t max)
{
    struct entry_list list = {0};
    struct db_rows rows;
    int64_t bad = 0;
    enum rc rc = RC_OK;
    TRY(DB_SELECT(&rows, cx, &JOURNAL_OF_THING, V_I(county), V_I(household_id),
                  V_I(before_seq ? before_seq : INT64_MAX), V_I(max)));
    while (rc == RC_OK && db_next(&rows)) {
        struct journal_entry *entries = NULL;
        size_t n = 0;
        if (!entry_read(&entries, &n, cx->arena, row_copy(&rows, JOURNAL_OF_THING_BODY)))
            bad = row_i64(&rows, JOURNAL_OF_THING_SEQ);
        else
            rc = list_add(&list, cx, entries, n);
    }
    TRY(db_done(&rows));
    TRY(rc);
    if (bad)
        return damaged(cx, county, bad);
    *out = list.rows;
    *count = list.count;
    return RC_OK;
}

/* What journal_source looks for, and the newest place found so far. */
struct wanted {
    int64_t county;
    enum subject_kind kind;
    int64_t subject_id;
    int32_t year, field;
    int64_t before_seq;
    struct journal_entry found;
};

static bool entry_gives(const struct journal_entry *e, const struct wanted *w)
{
    if (e->kind != w->kind || e->subject_id != w->subject_id || e->year != w->year)
        return false;
    /* An undo lists the fields it left as they were, from = to: no source. */
    for (size_t i = 0; i < e->field_count; i++)
        if (e->fields[i].field == w->field && !value_eq(e->fields[i].from, e->fields[i].to))
            return true;
    return false;
}

/* Walks the entries of one thing from the newest back to the first that gives the field. */
static enum rc source_in(struct wanted *w, struct cx *cx, int64_t thing_id)
{
    int64_t before = w->before_seq;
    size_t delivered = SOURCE_STEP;
    while (delivered == SOURCE_STEP) {
        struct db_rows rows;
        int64_t bad = 0;
        delivered = 0;
        TRY(DB_SELECT(&rows, cx, &JOURNAL_OF_THING, V_I(w->county), V_I(thing_id), V_I(before),
                      V_I(SOURCE_STEP)));
        bool done = false;
        while (db_next(&rows)) {
            struct journal_entry *entries = NULL;
            size_t n = 0;
            delivered++;
            before = row_i64(&rows, JOURNAL_OF_THING_SEQ);
            if (done || before <= w->found.seq)
                continue;
            struct arena_mark mark = arena_mark(cx->arena);
            if (!entry_read(&entries, &n, cx->arena, row_copy(&rows, JOURNAL_OF_THING_BODY)))
                bad = before;
            for (size_t i = 0; i < n && !done; i++)
                if (entry_gives(&entries[i], w)) {
                    w->found = entries[i];
                    done = true;
                }
            if (!done)
                arena_back(cx->arena, mark);
        }
        TRY(db_done(&rows));
        if (bad)
            return damaged(cx, w->county, bad);
        if (done || before <= w->found.seq)
            break;
    }
    return RC_OK;
}

static enum rc things_of(int64_t *things, size_t *count, struct cx *cx, const struct wanted *w)
{
    size_t room = *count;
    *count = 0;
    if (w->kind != KIND_PERSON && w->kind != KIND_PERSON_SHEET && w->kind != KIND_MEMBERSHIP) {
        things[(*count)++] = w->subject_id;
        return RC_OK;
    }
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &JOURNAL_HOUSEHOLDS_OF, V_I(w->county), V_I(w->subject_id)));
    while (db_next(&rows))
        if (*count < room)
            things[(*count)++] = row_i64(&rows, JOURNAL_HOUSEHOLDS_OF_HOUSEHOLD_ID);
    return db_done(&rows);
}

enum rc journal_source_before(struct journal_entry *out, struct cx *cx, int64_t before_seq,
                              const struct journal_entry *subject, int32_t field)
{
    struct wanted w = {.county = subject->county,
                       .kind = subject->kind,
                       .subject_id = subject->subject_id,
                       .year = subject->year,
                       .field = field,
                       .before_seq = before_seq};
    int64_t things[64];
    size_t count = sizeof things / sizeof *things;
    TRY(things_of(things, &count, cx, &w));
    for (size_t i = 0; i < count; i++)
        TRY(source_in(&w, cx, things[i]));
    if (w.found.seq == 0)
        return RC_NOTFOUND;
    *out = w.found;
    return RC_OK;
}

/* NOLINTNEXTLINE(readability-function-size): a field of a thing has this many names. */
enum rc journal_source(struct journal_entry *out, struct cx *cx, int64_t county,
                       enum subject_kind kind, int64_t subject_id, int32_t year, int32_t field)
{
    struct journal_entry subject = {
        .county = county, .kind = kind, .subject_id = subject_id, .year = year};
    return journal_source_before(out, cx, INT64_MAX, &subject, field);
}

/* ---- proof ---- */

/* Does the row follow from `hash`, and do its finding columns say what its body says? */
static bool row_follows(uint8_t hash[HASH_BYTES], struct cx *cx, const struct db_rows *rows,
                        int64_t county, int64_t expected_seq)
{
    struct str body = row_str(rows, JOURNAL_ALL_BODY), stored = row_str(rows, JOURNAL_ALL_HASH);
    struct hash_state state;
    hash_begin(&state);
    hash_add(&state, hash, HASH_BYTES);
    hash_add(&state, body.p, body.len);
    hash_end(&state, hash);
    struct journal_entry *entries = NULL;
    size_t count = 0;
    return stored.len == HASH_BYTES && memcmp(stored.p, hash, HASH_BYTES) == 0 &&
           entry_read(&entries, &count, cx->arena, body) && count > 0 &&
           entries[0].county == county && entries[0].seq == expected_seq &&
           row_i64(rows, JOURNAL_ALL_SEQ) == expected_seq &&
           row_i64(rows, JOURNAL_ALL_THING_ID) == journal_thing(&entries[0]) &&
           row_i64(rows, JOURNAL_ALL_IMPORT_ID) == entries[0].import_id;
}

enum rc journal_verify(int64_t *entries, int64_t *bad_seq, struct cx *cx, int64_t county)
{
    struct pen head;
    TRY(pen_open(&head, cx, county));
    uint8_t hash[HASH_BYTES] = {0};
    int64_t seq = 0, bad = 0;
    struct db_rows rows;
    struct arena_mark mark = arena_mark(cx->arena);
    TRY(DB_SELECT(&rows, cx, &JOURNAL_ALL, V_I(county)));
    while (db_next(&rows)) {
        seq++;
        if (bad == 0 && !row_follows(hash, cx, &rows, county, seq))
            bad = seq;
        arena_back(cx->arena, mark);
    }
    TRY(db_done(&rows));
    if (bad == 0 && (seq != head.seq || memcmp(hash, head.hash, HASH_BYTES) != 0))
        bad = seq < head.seq ? seq + 1 : seq > 0 ? seq : 1;
    *entries = seq;
    *bad_seq = bad;
    return RC_OK;
}

/* ---- names of fields ---- */

static const struct {
    enum fixed_field field;
    const char *label;
} fixed_labels[] = {
    {FIELD_EXISTS, N_("Recorded")},
    {FIELD_CODE, N_("Code")},
    {FIELD_NAME, N_("Name")},
    {FIELD_AREA, N_("Area")},
    {FIELD_HEAD, N_("Head of household")},
    {FIELD_SEX, N_("Sex")},
    {FIELD_BIRTH, N_("Born")},
    {FIELD_IDENTITY, N_("Identity number")},
    {FIELD_PHONE, N_("Phone")},
    {FIELD_ACCOUNT, N_("Bank account")},
    {FIELD_HOUSEHOLD, N_("Household")},
    {FIELD_RELATION, N_("Relation to the head")},
    {FIELD_FROM, N_("Member since")},
    {FIELD_TO, N_("Member until")},
    {FIELD_REASON, N_("Reason")},
    {FIELD_PARENT, N_("Belongs to")},
    {FIELD_LEVEL, N_("Level")},
    {FIELD_VISIBLE, N_("Import visible")},
    {FIELD_KEPT, N_("Fields kept at the undo")},
    {FIELD_KEY, N_("Key of the protected fields")},
};

const char *journal_field_label(struct cx *cx, enum subject_kind kind, int32_t field)
{
    if (kind == KIND_INCOME && field > 0) {
        const struct income_kind *income = profile_income(cx->profile, field);
        return income ? LABEL(cx, income->label) : "";
    }
    if (field > 0) {
        const struct indicator *ind = profile_indicator_number(cx->profile, field);
        return ind ? LABEL(cx, ind->label) : "";
    }
    for (size_t i = 0; i < sizeof fixed_labels / sizeof *fixed_labels; i++)
        if (fixed_labels[i].field == (enum fixed_field)field)
            return text_in(cx->lang, fixed_labels[i].label);
    return "";
}

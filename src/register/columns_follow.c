/* Bringing a county's columns up to date: the journal entries since say which households and
 * areas something happened to. Changed fields of sheets and incomes are taken from the entry
 * itself; of all else the household is read anew from the tables, which costs a few statements
 * and cannot drift from what loading makes. When very much happened (an
 * import became visible), everything is loaded anew instead. */
#include "register/columns.sql.h"
#include "register/columns_inner.h"

#include "base/text.h"
#include "profile/sheet.h"

#include <stdlib.h>
#include <string.h>

enum { FOLLOW_HOUSEHOLDS_MIN = 500 };

/* A growing list of numbers. */
struct numbers {
    int64_t *list;
    size_t count, cap;
    bool failed;
};

static void numbers_add(struct numbers *n, int64_t number)
{
    if (n->count > 0 && n->list[n->count - 1] == number)
        return;
    if (n->count == n->cap) {
        size_t cap = n->cap ? 2 * n->cap : 64;
        int64_t *wider = realloc(n->list, cap * sizeof *wider);
        if (!wider) {
            n->failed = true;
            return;
        }
        n->list = wider;
        n->cap = cap;
    }
    n->list[n->count++] = number;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void numbers_sort(struct numbers *n)
{
    size_t used = 0;
    if (n->count > 1)
        qsort(n->list, n->count, sizeof *n->list, by_number);
    for (size_t i = 0; i < n->count; i++)
        if (used == 0 || n->list[used - 1] != n->list[i])
            n->list[used++] = n->list[i];
    n->count = used;
}

/* One following. */
struct follow {
    struct county *k;
    struct cx *cx;
    struct numbers households; /* ids */
    struct numbers imports;    /* that became visible or were undone */
    struct numbers people;     /* rows that were in touched households */
    struct numbers keys[2];    /* of identity numbers and phones that came, went or moved */
    struct numbers rows;       /* of households, to compute anew */
    bool areas, area_sheets;
};

/* ---- what an entry says itself ---- */

/* Changed fields of a sheet that was there before: nothing else follows from them, so they are
 * set without a look at the tables. False: the household must be read. */
static bool apply_sheet(struct follow *f, const struct journal_entry *e, enum subject subject)
{
    struct county *k = f->k;
    struct sheet_columns *s = NULL;
    bool good = true;
    int64_t row = subject == SUBJECT_PERSON
                      ? index_find(&k->by_person, k->person_id, e->subject_id)
                      : index_find(&k->by_household, k->household_id, e->subject_id);
    int64_t home = subject == SUBJECT_PERSON && row >= 0 ? k->household[row] : row;
    if (row < 0 || home < 0 || k->household_id[home] != e->household_id)
        return false;
    for (size_t i = 0; i < k->year_count; i++)
        if (k->year[i]->year == e->year)
            s = k->year[i]->sheet[subject];
    for (size_t i = 0; good && i < e->field_count; i++) {
        const struct journal_field *field = &e->fields[i];
        const struct indicator *ind =
            field->field > 0 ? profile_indicator_number(k->profile, field->field) : NULL;
        if (!ind || ind->subject != subject)
            return false;
        int64_t value = field->to.kind == VALUE_MISSING ? COLUMN_MISSING
                        : field->to.kind == VALUE_TEXT  ? 1
                                                        : field->to.i;
        if (s)
            good = vec_set(&s->col[ind->index], subject_cap(k, subject), (size_t)row, value);
    }
    numbers_add(&f->rows, home);
    return good;
}

/* Amounts that came or changed; where one went, others may be left or not: that is read. */
static bool apply_income(struct follow *f, const struct journal_entry *e)
{
    struct county *k = f->k;
    struct income_columns *n = NULL;
    int32_t row = index_find(&k->by_household, k->household_id, e->household_id);
    bool good = row >= 0;
    for (size_t i = 0; i < k->year_count; i++)
        if (k->year[i]->year == e->year)
            n = k->year[i]->incomes;
    for (size_t i = 0; good && i < e->field_count; i++) {
        const struct journal_field *field = &e->fields[i];
        int64_t from = field->from.kind == VALUE_INT ? field->from.i : 0, more = 0;
        if (field->to.kind != VALUE_INT || !profile_income(k->profile, field->field) ||
            __builtin_sub_overflow(field->to.i, from, &more))
            return false;
        if (n)
            good = income_add(k, n, (size_t)row, field->field, more);
    }
    if (good)
        numbers_add(&f->rows, row);
    return good;
}

static bool apply_entry(struct follow *f, const struct journal_entry *e)
{
    return e->kind == KIND_HOUSEHOLD_SHEET ? apply_sheet(f, e, SUBJECT_HOUSEHOLD)
           : e->kind == KIND_PERSON_SHEET  ? apply_sheet(f, e, SUBJECT_PERSON)
           : e->kind == KIND_INCOME        ? apply_income(f, e)
                                           : false;
}

/* ---- what happened ---- */

static void take_entry(struct follow *f, const struct journal_entry *e)
{
    switch (e->kind) {
    case KIND_AREA:
        f->areas = true;
        return;
    case KIND_AREA_SHEET:
        f->area_sheets = true;
        return;
    case KIND_IMPORT:
        numbers_add(&f->imports, e->subject_id);
        return;
    case KIND_HOUSEHOLD:
    case KIND_PERSON:
    case KIND_HOUSEHOLD_SHEET:
    case KIND_PERSON_SHEET:
    case KIND_MEMBERSHIP:
    case KIND_INCOME:
        break;
    }
    if (e->household_id && !apply_entry(f, e))
        numbers_add(&f->households, e->household_id);
    if (e->kind != KIND_MEMBERSHIP)
        return;
    /* Where a person came from or went back to need not have an entry of its own. */
    for (size_t i = 0; i < e->field_count; i++) {
        if (e->fields[i].field != FIELD_HOUSEHOLD)
            continue;
        if (e->fields[i].from.kind == VALUE_INT)
            numbers_add(&f->households, e->fields[i].from.i);
        if (e->fields[i].to.kind == VALUE_INT)
            numbers_add(&f->households, e->fields[i].to.i);
    }
}

static size_t most_households(const struct county *k)
{
    return k->rows / 8 + FOLLOW_HOUSEHOLDS_MIN;
}

static bool is_too_much(const struct follow *f)
{
    return f->households.count > most_households(f->k);
}

static enum rc read_entries(struct follow *f, int64_t seq)
{
    struct cx *cx = f->cx;
    struct db_rows rows;
    bool good = true;
    TRY(DB_SELECT(&rows, cx, &COLUMNS_ENTRIES, V_I(f->k->number), V_I(f->k->seq), V_I(seq)));
    while (good && !is_too_much(f) && db_next(&rows)) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct journal_entry *entries;
        size_t count = 0;
        good = entry_read(&entries, &count, cx->arena, row_str(&rows, COLUMNS_ENTRIES_BODY));
        for (size_t i = 0; good && i < count; i++)
            take_entry(f, &entries[i]);
        arena_back(cx->arena, mark);
    }
    TRY(db_done(&rows));
    return good ? RC_OK
                : fail(cx, RC_DB,
                       _("The journal is damaged. Stop working and call whoever runs this "
                         "server: `fumin verify` shows the place."),
                       "columns county=%" PRId64, f->k->number);
}

static enum rc read_imports(struct follow *f)
{
    for (size_t i = 0; i < f->imports.count && !is_too_much(f); i++) {
        struct db_rows rows;
        TRY(DB_SELECT(&rows, f->cx, &COLUMNS_OF_IMPORT, V_I(f->k->number),
                      V_I(f->imports.list[i])));
        while (!is_too_much(f) && db_next(&rows))
            numbers_add(&f->households, row_i64(&rows, COLUMNS_OF_IMPORT_ID));
        TRY(db_done(&rows));
    }
    return RC_OK;
}

/* ---- one household ---- */

static void note_keys(struct follow *f, size_t person)
{
    if (f->k->identity.key[person])
        numbers_add(&f->keys[0], f->k->identity.key[person]);
    if (f->k->phone.key[person])
        numbers_add(&f->keys[1], f->k->phone.key[person]);
}

/* Nobody belongs to the household until the table says who. */
static void let_go(struct follow *f, size_t row)
{
    struct county *k = f->k;
    for (int32_t p = k->first[row], next; p >= 0; p = next) {
        next = k->next_person[p];
        numbers_add(&f->people, p);
        note_keys(f, (size_t)p);
        k->household[p] = k->next_person[p] = -1;
    }
    k->first[row] = -1;
}

static void unlink_person(struct county *k, size_t person)
{
    if (k->household[person] < 0)
        return;
    int32_t *at = &k->first[k->household[person]];
    while (*at >= 0 && *at != (int32_t)person)
        at = &k->next_person[*at];
    if (*at >= 0)
        *at = k->next_person[person];
    k->household[person] = -1;
}

static bool take_person(struct follow *f, const struct person_cells *p, size_t household)
{
    struct county *k = f->k;
    int64_t row = index_find(&k->by_person, k->person_id, p->id);
    if (row < 0)
        row = person_row_new(k, p->id);
    if (row < 0)
        return false;
    note_keys(f, (size_t)row);
    unlink_person(k, (size_t)row); /* the household left may be read later */
    if (!person_cells_set(k, (size_t)row, p))
        return false;
    note_keys(f, (size_t)row);
    person_link(k, (size_t)row, household);
    numbers_add(&f->people, row);
    return true;
}

static enum rc read_people(struct follow *f, size_t household)
{
    struct county *k = f->k;
    struct db_rows rows;
    bool good = true;
    let_go(f, household);
    TRY(DB_SELECT(&rows, f->cx, &COLUMNS_PEOPLE_OF, V_I(k->number),
                  V_I(k->household_id[household])));
    while (good && db_next(&rows)) {
        struct person_cells p = person_cells_of(&rows);
        good = take_person(f, &p, household);
    }
    TRY(db_done(&rows));
    return good ? RC_OK : columns_no_memory(f->cx);
}

/* All years of one thing; its cells are cleared before. */
static enum rc read_sheets(struct follow *f, enum subject subject, size_t row, int64_t id)
{
    struct county *k = f->k;
    struct sheet_filler filler = {
        .k = k, .subject = subject, .row = row, .wanted_row = (int64_t)row};
    const struct sheet_reader reader = sheet_filler_reader(&filler);
    for (size_t i = 0; i < k->year_count; i++) {
        struct sheet_columns *s = k->year[i]->sheet[subject];
        for (size_t c = 0; s && c < k->profile->of_count[subject]; c++)
            vec_clear(&s->col[c], row);
        if (s)
            vec_clear(&s->has, row);
    }
    TRY(sheet_read_thing(f->cx, subject, k->number, id, &reader));
    return filler.failed ? columns_no_memory(f->cx) : RC_OK;
}

static bool any_loaded(const struct county *k, enum subject subject)
{
    bool any = false;
    for (size_t i = 0; i < k->year_count; i++)
        any = any || k->year[i]->sheet[subject];
    return any;
}

static enum rc read_incomes(struct follow *f, size_t row)
{
    struct county *k = f->k;
    struct db_rows rows;
    bool any = false, good = true;
    for (size_t i = 0; i < k->year_count; i++)
        if (k->year[i]->incomes) {
            income_clear(k, k->year[i]->incomes, row);
            any = true;
        }
    if (!any)
        return RC_OK;
    TRY(DB_SELECT(&rows, f->cx, &COLUMNS_INCOMES_OF, V_I(k->number),
                  V_I(k->household_id[row])));
    while (good && db_next(&rows)) {
        int32_t year = (int32_t)row_i64(&rows, COLUMNS_INCOMES_OF_YEAR);
        for (size_t i = 0; i < k->year_count; i++)
            if (k->year[i]->year == year && k->year[i]->incomes)
                good = good && income_add(k, k->year[i]->incomes, row,
                                          row_i64(&rows, COLUMNS_INCOMES_OF_KIND),
                                          row_i64(&rows, COLUMNS_INCOMES_OF_AMOUNT_MINOR));
    }
    TRY(db_done(&rows));
    return good ? RC_OK : columns_no_memory(f->cx);
}

static enum rc household_gone(struct follow *f, int64_t id)
{
    struct county *k = f->k;
    int32_t row = index_find(&k->by_household, k->household_id, id);
    if (row < 0)
        return RC_OK;
    let_go(f, (size_t)row);
    household_row_free(k, (size_t)row);
    return RC_OK;
}

static enum rc read_household(struct follow *f, int64_t id)
{
    struct county *k = f->k;
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, f->cx, &COLUMNS_HOUSEHOLD, V_I(k->number), V_I(id));
    if (rc == RC_NOTFOUND)
        return household_gone(f, id);
    TRY(rc);
    int32_t area = area_find(k, row_i64(&rows, COLUMNS_HOUSEHOLD_AREA_ID));
    TRY(db_done(&rows));
    int64_t row = index_find(&k->by_household, k->household_id, id);
    if (row < 0)
        row = household_row_new(k, id);
    if (row < 0)
        return columns_no_memory(f->cx);
    area = area >= 0 ? area : 0;
    if (k->area[row] != area) {
        k->moved[row] = 1;
        k->area[row] = area;
    }
    for (size_t i = 0; i < k->year_count; i++)
        k->year[i]->sheets -= (int64_t)(k->has_year[row] >> i & 1);
    k->has_year[row] = 0;
    TRY(read_sheets(f, SUBJECT_HOUSEHOLD, (size_t)row, id));
    TRY(read_incomes(f, (size_t)row));
    TRY(read_people(f, (size_t)row));
    numbers_add(&f->rows, row);
    return RC_OK;
}

/* ---- when all households are read ---- */

/* Who is nowhere any more goes; the others' sheets are read. */
static enum rc settle_people(struct follow *f)
{
    struct county *k = f->k;
    bool sheets = any_loaded(k, SUBJECT_PERSON);
    numbers_sort(&f->people);
    for (size_t i = 0; i < f->people.count; i++) {
        size_t row = (size_t)f->people.list[i];
        if (k->person_id[row] == 0)
            continue;
        if (k->household[row] < 0)
            person_row_free(k, row);
        else if (sheets)
            TRY(read_sheets(f, SUBJECT_PERSON, row, k->person_id[row]));
    }
    return RC_OK;
}

static void twin_changed(void *arg, size_t person)
{
    struct follow *f = arg;
    if (f->k->household[person] >= 0)
        numbers_add(&f->rows, f->k->household[person]);
}

static enum rc settle_twins(struct follow *f)
{
    for (int phone = 0; phone < 2; phone++) {
        numbers_sort(&f->keys[phone]);
        for (size_t i = 0; i < f->keys[phone].count; i++)
            if (!twins_refresh(f->k, phone != 0, f->keys[phone].list[i], twin_changed, f))
                return columns_no_memory(f->cx);
    }
    return RC_OK;
}

static enum rc settle_sizes(struct follow *f)
{
    struct county *k = f->k;
    for (size_t i = 0; i < k->year_count; i++) {
        struct year_columns *y = k->year[i];
        for (size_t r = 0; y->size && r < f->rows.count; r++)
            if (!size_set(k, y->sheet[SUBJECT_PERSON], y->size, (size_t)f->rows.list[r]))
                return columns_no_memory(f->cx);
    }
    return RC_OK;
}

static enum rc settle_made(struct follow *f)
{
    struct arena_mark mark = arena_mark(f->cx->arena);
    int32_t *rows = arena_array(f->cx->arena, f->rows.count + 1, sizeof *rows);
    if (!rows)
        return columns_no_memory(f->cx);
    if (f->rows.count > most_households(f->k)) { /* faster all at once, when asked for */
        made_drop(f->k);
        return RC_OK;
    }
    for (size_t i = 0; i < f->rows.count; i++)
        rows[i] = (int32_t)f->rows.list[i];
    enum rc rc = made_refresh(f->k, f->cx, rows, f->rows.count);
    arena_back(f->cx->arena, mark);
    return rc;
}

/* A year that came or went is one that rules look back at, of all households. */
static void settle_years(struct county *k, const int32_t *before, size_t count)
{
    head_refresh(k);
    if (k->head_year_count == count && memcmp(k->years, before, count * sizeof *before) == 0)
        return;
    made_drop(k);
    area_values_free(k);
}

static enum rc apply(struct follow *f)
{
    struct county *k = f->k;
    int32_t years[COLUMN_YEARS_MAX];
    size_t year_count = k->head_year_count;
    memcpy(years, k->years, sizeof years);
    if (f->areas || f->area_sheets)
        TRY(areas_load(k, f->cx));
    numbers_sort(&f->households);
    for (size_t i = 0; i < f->households.count; i++) {
        struct arena_mark mark = arena_mark(f->cx->arena);
        TRY(read_household(f, f->households.list[i]));
        arena_back(f->cx->arena, mark);
    }
    TRY(settle_people(f));
    TRY(settle_twins(f));
    numbers_sort(&f->rows);
    TRY(settle_sizes(f));
    settle_years(k, years, year_count);
    TRY(settle_made(f));
    return f->households.failed || f->people.failed || f->keys[0].failed || f->keys[1].failed ||
                   f->rows.failed || f->imports.failed
               ? columns_no_memory(f->cx)
               : RC_OK;
}

enum rc county_follow(struct county *k, struct cx *cx, int64_t seq, int64_t top_seq)
{
    struct follow f = {.k = k, .cx = cx, .areas = k->top_seq != top_seq};
    enum rc rc = read_entries(&f, seq);
    if (!rc)
        rc = read_imports(&f);
    bool anew = !rc && (is_too_much(&f) || k->free_rows > k->rows / 4 + FOLLOW_HOUSEHOLDS_MIN ||
                        k->free_people > k->person_rows / 4 + 4 * FOLLOW_HOUSEHOLDS_MIN);
    if (anew)
        county_clear(k); /* bring_up loads */
    else if (!rc)
        rc = apply(&f);
    free(f.households.list);
    free(f.imports.list);
    free(f.people.list);
    free(f.keys[0].list);
    free(f.keys[1].list);
    free(f.rows.list);
    return rc;
}

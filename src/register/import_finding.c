/* What an import found wrong: kept in both languages, counted, listed. */
#include "base/limits.h"
#include "base/text.h"
#include "db/db.h"
#include "register/import.sql.h"
#include "register/import_inner.h"

enum { WRITE_EVERY = 400, VALUE_BYTES = 120 };

struct finding_row {
    int64_t row;
    enum finding_level level;
    const char *code, *column, *value, *message[LANG_COUNT];
};

/* `text` names the kind in a summary. `sentence` is what the row's finding says; %1 stands for
 * what the column expects or `more`, %2 for the number. */
struct finding_kind {
    const char *code;
    enum finding_level level;
    const char *text, *sentence;
};
static const struct finding_kind kinds[FOUND_COUNT] = {
    [FOUND_CELL] = {"cell.value", FINDING_ERROR, N_("Values that the column does not know"),
                    N_("Not understood. Expected: %1")},
    [FOUND_EMPTY] = {"cell.empty", FINDING_ERROR, N_("Needed cells that are empty"),
                     N_("This cell is needed and empty.")},
    [FOUND_CELL_ERROR] = {"cell.error", FINDING_ERROR, N_("Errors of the spreadsheet (#N/A …)"),
                          N_("The spreadsheet shows an error here; put the value itself in.")},
    [FOUND_RANGE] = {"cell.range", FINDING_ERROR, N_("Numbers outside of what is possible"),
                     N_("Outside of what is possible: %1")},
    [FOUND_IDENTITY_CHECK] = {"identity.check_digit", FINDING_ERROR,
                              N_("Identity numbers with a wrong check digit"),
                              N_("The last digit does not fit the others: a digit is wrong or "
                                 "two are swapped. Compare with the identity card.")},
    [FOUND_IDENTITY_LENGTH] = {"identity.length", FINDING_ERROR,
                               N_("Identity numbers of a wrong length"),
                               N_("The number has %2 characters; expected %1.")},
    [FOUND_IDENTITY_DIGITS] =
        {"identity.as_number", FINDING_ERROR,
         N_("Identity numbers that the spreadsheet turned into numbers"),
         N_("The spreadsheet kept this as a number and lost its last digits. Format the column "
            "as text and type the number again.")},
    [FOUND_IDENTITY_BIRTH] =
        {"identity.birth", FINDING_ERROR, N_("Identity numbers with an impossible birth date"),
         N_("The birth date inside the number does not exist or lies in the future.")},
    [FOUND_IDENTITY_DUPLICATE] = {"identity.duplicate", FINDING_ERROR,
                                  N_("Identity numbers that stand twice in the file"),
                                  N_("The same number stands in row %2 already.")},
    [FOUND_IDENTITY_FILLER] =
        {"identity.filler", FINDING_WARNING, N_("Filler numbers (999999…)"),
         N_("A filler number, not an identity number: the person is taken in without one.")},
    [FOUND_CODE_DUPLICATE] = {"person.code_duplicate", FINDING_ERROR,
                              N_("Person numbers that stand twice in the file"),
                              N_("The same person number stands in row %2 already.")},
    [FOUND_PHONE] = {"phone.form", FINDING_ERROR, N_("Phone numbers of a wrong form"),
                     N_("Expected %1 digits.")},
    [FOUND_TWO_HEADS] = {"household.two_heads", FINDING_ERROR, N_("Households with two heads"),
                         N_("The household has a second head; the first stands in row %2. All "
                            "its rows stay out until one is corrected.")},
    [FOUND_NO_HEAD] = {"household.no_head", FINDING_WARNING, N_("Households without a head"),
                       N_("No row of this household is its head.")},
    [FOUND_SIZE] = {"household.size", FINDING_WARNING,
                    N_("Households whose size differs from their rows"),
                    N_("The file says this many people, but the household has %2 rows.")},
    [FOUND_DIFFERS] = {"household.differs", FINDING_WARNING,
                       N_("Rows of one household that disagree"),
                       N_("Another row of this household says: %1. The first is kept.")},
    [FOUND_AREA_NEW] =
        {"area.new", FINDING_WARNING, N_("Areas that are not in the register yet"),
         N_("Not in the register yet; it will be added under %1. Check the spelling.")},
    [FOUND_AREA_OTHER] = {"area.other_county", FINDING_ERROR, N_("Rows of another county"),
                          N_("This file is taken into %1; rows of other counties belong in a "
                             "file of their own.")},
    [FOUND_AREA_OUTSIDE] =
        {"area.outside", FINDING_ERROR, N_("Households outside of your areas"),
         N_("Your role does not reach this area; ask the county office to import these rows.")},
    [FOUND_MOVED] = {"person.moved", FINDING_WARNING,
                     N_("People who were in another household"),
                     N_("The register has this person in another household; taking over the "
                        "row moves the person.")},
    [FOUND_YEAR] = {"year.value", FINDING_ERROR, N_("Years that cannot be"),
                    N_("Expected a year such as 2025, not in the future.")},
    [FOUND_TITLE_YEAR] = {"year.title", FINDING_WARNING, N_("The title names another year"),
                          N_("The title of the file says %2, but it is being imported for %1. "
                             "If the title is right, import it again for that year.")},
    [FOUND_HEADER_TWICE] = {"header.twice", FINDING_WARNING,
                            N_("Column titles that stand twice"),
                            N_("This title stands twice; only the first column is read.")},
    [FOUND_COLUMN_UNKNOWN] =
        {"header.unknown", FINDING_WARNING, N_("Columns that are not read"),
         N_("This column is not part of the chosen kind of file and is not read.")},
    [FOUND_HOUSEHOLD_SIZE_LIMIT] =
        {"household.too_large", FINDING_ERROR, N_("Households with too many rows"),
         N_("More than %2 rows have this household number; it is probably not one household.")},
};

enum finding_level finding_level_of(enum finding_code code)
{
    return kinds[code].level;
}

static enum rc clear_findings(struct cx *cx, void *arg)
{
    const struct findings *f = arg;
    TRY(DB_RUN(cx, &FINDING_CLEAR, V_I(f->import_id)));
    TRY(DB_RUN(cx, &FINDING_COUNT_CLEAR, V_I(f->import_id)));
    return DB_RUN(cx, &REFUSED_CLEAR, V_I(f->import_id));
}

enum rc findings_open(struct findings *f, struct cx *cx, int64_t import_id)
{
    *f = (struct findings){.import_id = import_id, .arena = arena_open(LIMIT_REQUEST_ARENA)};
    f->rows = arena_new(f->arena, WRITE_EVERY * sizeof *f->rows);
    return db_write(cx, 0, clear_findings, f);
}

static enum rc write_rows(struct cx *cx, void *arg)
{
    const struct findings *f = arg;
    for (size_t i = 0; i < f->row_count; i++) {
        const struct finding_row *r = &f->rows[i];
        TRY(DB_RUN(cx, &FINDING_INSERT, V_I(f->import_id),
                   V_I(f->number - (int64_t)f->row_count + (int64_t)i), V_I(r->row),
                   V_I(r->level), V_T(r->code), V_T(r->column), V_T(r->value),
                   V_T(r->message[LANG_EN]), V_T(r->message[LANG_ZH])));
    }
    return RC_OK;
}

static enum rc flush(struct cx *cx, struct findings *f)
{
    if (!f->row_count)
        return RC_OK;
    TRY(db_write(cx, 0, write_rows, f));
    f->row_count = 0;
    arena_reset(f->arena);
    f->rows = arena_new(f->arena, WRITE_EVERY * sizeof *f->rows);
    return RC_OK;
}

static enum rc write_counts(struct cx *cx, void *arg)
{
    const struct findings *f = arg;
    for (size_t i = 0; i < FOUND_COUNT; i++)
        if (f->counts[i])
            TRY(DB_RUN(cx, &FINDING_COUNT_ADD, V_I(f->import_id), V_T(kinds[i].code),
                       V_I(kinds[i].level), V_I(f->counts[i])));
    return RC_OK;
}

enum rc findings_close(struct cx *cx, struct findings *f)
{
    enum rc rc = flush(cx, f);
    if (!rc)
        rc = db_write(cx, 0, write_counts, f);
    arena_free(f->arena);
    f->arena = NULL;
    return rc;
}

/* The limits of an indicator as people write them. */
static const char *range_text(struct cx *cx, const struct indicator *ind)
{
    const char *low = ind->has_min ? value_show(cx, ind, value_int(ind->min)) : NULL;
    const char *high = ind->has_max ? value_show(cx, ind, value_int(ind->max)) : NULL;
    if (low && high)
        return arena_printf(cx->arena, _("from %s to %s"), low, high);
    return low ? arena_printf(cx->arena, _("at least %s"), low)
               : arena_printf(cx->arena, _("at most %s"), high ? high : "");
}

/* %1 of the sentence: what was expected, in cx's language. */
static const char *first_text(struct cx *cx, const struct mapping *mapping,
                              const struct found *found)
{
    const char *expected = "";
    struct value ignored;
    if (found->more)
        return found->more;
    if (found->code == FOUND_PHONE)
        return arena_printf(cx->arena, "%d", cx->profile->phone_length);
    if (found->code == FOUND_IDENTITY_LENGTH)
        return arena_printf(cx->arena, "%d", cx->profile->identity_length);
    if (found->code == FOUND_RANGE && found->m && found->m->indicator)
        return range_text(cx, found->m->indicator);
    if (found->code != FOUND_CELL || !found->m)
        return "";
    if (found->m->kind == TARGET_PERSON_BIRTH)
        return _("a date such as 1985-03-14, not in the future");
    if (found->m->kind == TARGET_HOUSEHOLD_SIZE)
        return _("a number of people");
    if (mapping_cell(&ignored, &expected, cx, mapping, found->m, found->value, false) ==
            RC_INVALID &&
        expected)
        return expected;
    return "";
}

static const char *sentence(struct cx *cx, const struct mapping *mapping,
                            const struct found *found)
{
    const char *text = text_in(cx->lang, kinds[found->code].sentence);
    struct buf b;
    buf_init(&b, cx->arena, 2000);
    for (; *text; text++) {
        if (text[0] == '%' && text[1] == '1') {
            buf_z(&b, first_text(cx, mapping, found));
            text++;
        } else if (text[0] == '%' && text[1] == '2') {
            buf_i64(&b, found->number);
            text++;
        } else {
            buf_char(&b, *text);
        }
    }
    return arena_copy(cx->arena, buf_view(&b));
}

/* Personal values are kept only as their ends. */
static const char *shown_value(struct cx *cx, const struct found *found)
{
    struct str v = found->value;
    if (!v.p)
        return "";
    if (found->secret)
        return v.len <= 8 ? "****"
                          : arena_printf(cx->arena, "%.3s****%.2s", v.p, v.p + v.len - 2);
    size_t len = v.len > VALUE_BYTES ? VALUE_BYTES : v.len;
    while (len < v.len && len > 0 && ((unsigned char)v.p[len] & 0xC0) == 0x80)
        len--; /* not within a character */
    return arena_printf(cx->arena, "%.*s%s", (int)len, v.p, len < v.len ? "…" : "");
}

enum rc findings_add(struct cx *cx, struct findings *f, const struct mapping *mapping,
                     const struct found *found)
{
    const struct finding_kind *kind = &kinds[found->code];
    f->counts[found->code]++;
    *(kind->level == FINDING_ERROR ? &f->error_count : &f->warning_count) += 1;
    if (f->number >= LIMIT_FINDINGS)
        return RC_OK;
    struct arena_mark mark = arena_mark(cx->arena);
    struct finding_row *row = &f->rows[f->row_count++];
    enum lang lang = cx->lang;
    *row = (struct finding_row){
        .row = found->row,
        .level = kind->level,
        .code = kind->code,
        .column = arena_copy(f->arena, str_of(found->column ? found->column : "")),
        .value = arena_copy(f->arena, str_of(shown_value(cx, found)))};
    for (int l = 0; l < LANG_COUNT; l++) {
        cx->lang = (enum lang)l;
        row->message[l] = arena_copy(f->arena, str_of(sentence(cx, mapping, found)));
    }
    cx->lang = lang;
    f->number++;
    arena_back(cx->arena, mark);
    return f->row_count == WRITE_EVERY ? flush(cx, f) : RC_OK;
}

enum rc import_findings(struct finding **out, size_t *count, struct cx *cx,
                        const struct finding_query *q)
{
    struct import i;
    TRY(import_get(&i, cx, q->import_id));
    struct db_rows rows;
    struct finding *list = arena_array(cx->arena, q->max + 1, sizeof *list);
    if (!list)
        return fail(cx, RC_LIMIT, _("That many findings do not fit on one page."), "findings");
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &FINDING_LIST, V_I(q->import_id), V_I(q->level),
                  V_S(q->code.p ? q->code : STR("")), V_I(q->after), V_I((int64_t)q->max)));
    while (db_next(&rows)) {
        int text = cx->lang == LANG_ZH ? FINDING_LIST_MESSAGE_ZH : FINDING_LIST_MESSAGE_EN;
        list[n++] = (struct finding){
            .row = row_i64(&rows, FINDING_LIST_ROW_NUMBER),
            .level = (enum finding_level)row_i64(&rows, FINDING_LIST_LEVEL),
            .code = row_copy(&rows, FINDING_LIST_CODE).p,
            .column = row_copy(&rows, FINDING_LIST_COLUMN_TITLE).p,
            .value = row_copy(&rows, FINDING_LIST_VALUE).p,
            .message = row_copy(&rows, text).p,
        };
    }
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc import_finding_counts(struct finding_count **out, size_t *count, struct cx *cx,
                              int64_t id)
{
    struct db_rows rows;
    struct finding_count *list = arena_new(cx->arena, FOUND_COUNT * sizeof *list);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &FINDING_KINDS, V_I(id)));
    while (db_next(&rows)) {
        struct str code = row_copy(&rows, FINDING_KINDS_CODE);
        for (size_t k = 0; k < FOUND_COUNT && n < FOUND_COUNT; k++)
            if (str_eq_z(code, kinds[k].code))
                list[n++] =
                    (struct finding_count){kinds[k].code, text_in(cx->lang, kinds[k].text),
                                           kinds[k].level, row_i64(&rows, FINDING_KINDS_COUNT)};
    }
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

/* One row of an import becomes fields; each cell is checked and what is wrong is noted. */
#include "base/check_digit.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "register/import_inner.h"

enum { IDENTITY_MAX = 40, EXCEL_DIGITS = 15 };

/* One cell on its way into the fields. */
struct cell_at {
    const struct bound *b;
    size_t index;
    struct str text;
    enum cell_kind kind;
};

static enum rc note(struct cx *cx, struct pass *p, const struct row_fields *r,
                    const struct cell_at *c, enum finding_code code)
{
    bool secret = c->b->m->kind == TARGET_PERSON_IDENTITY ||
                  c->b->m->kind == TARGET_PERSON_PHONE ||
                  c->b->m->kind == TARGET_PERSON_ACCOUNT;
    return pass_found(cx, p, c->index,
                      (struct found){.code = code,
                                     .row = r->number,
                                     .column = c->b->title,
                                     .value = c->text,
                                     .secret = secret,
                                     .m = c->b->m});
}

/* Upper case, half width, no blanks, no leading apostrophe of a spreadsheet. */
static struct str plain_number(struct cx *cx, struct str text)
{
    struct str folded = utf8_normal(cx, text, true);
    char *out = arena_new(cx->arena, folded.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < folded.len; i++) {
        char ch = folded.p[i];
        if (ch == ' ' || ch == '\t' || ch == '\'' || ch == '`' || ch == '-')
            continue;
        out[n++] = ch >= 'a' && ch <= 'z' ? (char)(ch - 'a' + 'A') : ch;
    }
    return (struct str){out, n};
}

/* A programme's own number of a household or person: half width, without a spreadsheet's
 * apostrophe. */
static struct str plain_code(struct cx *cx, struct str text)
{
    struct str code = str_trim(utf8_normal(cx, text, true));
    if (code.len && code.p[0] == '\'')
        code = (struct str){code.p + 1, code.len - 1};
    return code;
}

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.len > 0;
}

/* A made-up county's numbers carry the next check character: they are valid nowhere else. */
static bool check_digit_holds(const struct pass *p, struct str number)
{
    static const char order[] = "0123456789X";
    if (!p->synthetic)
        return check_mod11_2(number);
    char right = check_mod11_2_of((struct str){number.p, number.len - 1});
    const char *at = right ? strchr(order, right) : NULL;
    return at && number.p[number.len - 1] == order[(at - order + 1) % 11];
}

static bool length_is_used(const struct profile *profile, size_t len)
{
    if (!profile->identity_length || len == (size_t)profile->identity_length)
        return true;
    struct str rest = str_of(profile->identity_longer);
    while (rest.p) {
        int64_t n;
        if (str_to_i64(&n, str_cut(&rest, ' ')) && (size_t)n == len)
            return true;
    }
    return false;
}

/* Birth and sex that the number itself tells. */
static enum rc read_identity_parts(struct row_fields *r, struct cx *cx, struct pass *p,
                                   const struct cell_at *c, struct str number)
{
    const struct profile *profile = cx->profile;
    size_t birth = (size_t)profile->identity_birth_at, sex = (size_t)profile->identity_sex_at;
    if (birth && number.len >= birth + 7) {
        int32_t day;
        if (!day_parse(&day, (struct str){number.p + birth - 1, 8}) ||
            day > day_at(cx->now_at, profile->zone_offset_min))
            return note(cx, p, r, c, FOUND_IDENTITY_BIRTH);
        if (r->person.birth_day == INT32_MIN)
            r->person.birth_day = day;
    }
    if (sex && number.len >= sex && profile->sex_list && profile->sex_list->code_count >= 2 &&
        !r->person.sex)
        r->person.sex = profile->sex_list->codes[(number.p[sex - 1] - '0') % 2 ? 0 : 1].code;
    return RC_OK;
}

static enum rc read_identity(struct row_fields *r, struct cx *cx, struct pass *p,
                             const struct cell_at *c)
{
    const struct profile *profile = cx->profile;
    struct str number = plain_number(cx, c->text);
    if (!number.len)
        return RC_OK;
    size_t length = (size_t)profile->identity_length;
    if (c->kind == CELL_NUMBER && (number.len > EXCEL_DIGITS || !all_digits(number)))
        return note(cx, p, r, c, FOUND_IDENTITY_DIGITS);
    if (str_starts(number, STR("999999")))
        return note(cx, p, r, c, FOUND_IDENTITY_FILLER);
    if (number.len > IDENTITY_MAX || !length_is_used(profile, number.len))
        return pass_found(cx, p, c->index,
                          (struct found){.code = FOUND_IDENTITY_LENGTH,
                                         .row = r->number,
                                         .column = c->b->title,
                                         .value = c->text,
                                         .secret = true,
                                         .number = (int64_t)number.len});
    if (length && !strcmp(profile->identity_check, "mod11_2") &&
        !check_digit_holds(p, (struct str){number.p, length}))
        return note(cx, p, r, c, FOUND_IDENTITY_CHECK);
    int64_t earlier;
    if (seen_before(p, import_hash(STR("identity"), number), r->number, &earlier))
        return pass_found(cx, p, c->index,
                          (struct found){.code = FOUND_IDENTITY_DUPLICATE,
                                         .row = r->number,
                                         .column = c->b->title,
                                         .value = c->text,
                                         .secret = true,
                                         .number = earlier});
    r->person.identity = number;
    return read_identity_parts(r, cx, p, c, number);
}

static enum rc read_phone(struct row_fields *r, struct cx *cx, struct pass *p,
                          const struct cell_at *c)
{
    struct str number = plain_number(cx, c->text);
    size_t length = (size_t)cx->profile->phone_length;
    if (!number.len)
        return RC_OK;
    if (length && (number.len != length || !all_digits(number)))
        return note(cx, p, r, c, FOUND_PHONE);
    r->person.phone = number;
    return RC_OK;
}

static enum rc read_birth(struct row_fields *r, struct cx *cx, struct pass *p,
                          const struct cell_at *c)
{
    int32_t day;
    if (!c->text.len)
        return RC_OK;
    if (!day_parse(&day, c->text) || day > day_at(cx->now_at, cx->profile->zone_offset_min))
        return note(cx, p, r, c, FOUND_CELL);
    r->person.birth_day = day;
    return RC_OK;
}

/* Values that a list, an indicator or an income kind reads. */
static enum rc read_value(struct value *out, struct cx *cx, struct pass *p,
                          struct row_fields *r, const struct cell_at *c)
{
    const char *expected;
    *out = value_missing();
    enum rc rc = mapping_cell(out, &expected, cx, p->file.mapping, c->b->m, c->text,
                              c->kind == CELL_NUMBER);
    if (rc == RC_INVALID)
        return note(cx, p, r, c, FOUND_CELL);
    return rc;
}

static enum rc read_indicator(struct row_fields *r, struct cx *cx, struct pass *p,
                              const struct cell_at *c)
{
    const struct indicator *ind = c->b->m->indicator;
    struct value v;
    TRY(read_value(&v, cx, p, r, c));
    if (v.kind == VALUE_MISSING)
        return RC_OK;
    if (v.kind == VALUE_INT && ind->type != TYPE_CODES &&
        ((ind->has_min && v.i < ind->min) || (ind->has_max && v.i > ind->max)))
        return note(cx, p, r, c, FOUND_RANGE);
    struct value *values =
        ind->subject == SUBJECT_PERSON ? r->person.values : r->household_values;
    values[ind->index] = v;
    return RC_OK;
}

static enum rc read_income(struct row_fields *r, struct cx *cx, struct pass *p,
                           const struct cell_at *c)
{
    struct value v;
    TRY(read_value(&v, cx, p, r, c));
    if (v.kind == VALUE_INT)
        r->incomes[r->income_count++] = (struct income_record){c->b->m->income, v.i, r->number};
    return RC_OK;
}

static enum rc read_size(struct row_fields *r, struct cx *cx, struct pass *p,
                         const struct cell_at *c)
{
    int64_t n;
    if (!c->text.len)
        return RC_OK;
    if (!str_to_i64(&n, utf8_normal(cx, c->text, true)) || n < 0 || n > LIMIT_HOUSEHOLD_PEOPLE)
        return note(cx, p, r, c, FOUND_CELL);
    r->household_size = n;
    return RC_OK;
}

static struct str name_text(struct cx *cx, struct str text)
{
    return text.len ? arena_str(cx->arena, utf8_normal(cx, text, false)) : (struct str){0};
}

static enum rc read_code_value(int32_t *out, struct cx *cx, struct pass *p,
                               struct row_fields *r, const struct cell_at *c)
{
    struct value v;
    TRY(read_value(&v, cx, p, r, c));
    if (v.kind == VALUE_INT)
        *out = (int32_t)v.i;
    return RC_OK;
}

static enum rc read_target(struct row_fields *r, struct cx *cx, struct pass *p,
                           const struct cell_at *c)
{
    const struct mapping_column *m = c->b->m;
    switch (m->kind) {
    case TARGET_IGNORE:
        return RC_OK;
    case TARGET_AREA:
        r->area[m->level] = name_text(cx, c->text);
        return RC_OK;
    case TARGET_AREA_CODE:
        r->area_code[m->level] = plain_number(cx, c->text);
        return RC_OK;
    case TARGET_HOUSEHOLD_CODE:
        r->household_code = plain_code(cx, c->text);
        return RC_OK;
    case TARGET_HOUSEHOLD_SIZE:
        return read_size(r, cx, p, c);
    case TARGET_PERSON_CODE:
        r->person.code = plain_code(cx, c->text);
        return RC_OK;
    case TARGET_PERSON_NAME:
        r->person.name = name_text(cx, c->text);
        return RC_OK;
    case TARGET_PERSON_SEX:
        return read_code_value(&r->person.sex, cx, p, r, c);
    case TARGET_PERSON_BIRTH:
        return read_birth(r, cx, p, c);
    case TARGET_PERSON_IDENTITY:
        return read_identity(r, cx, p, c);
    case TARGET_PERSON_PHONE:
        return read_phone(r, cx, p, c);
    case TARGET_PERSON_ACCOUNT:
        r->person.account = plain_number(cx, c->text);
        return RC_OK;
    case TARGET_PERSON_RELATION:
        return read_code_value(&r->person.relation, cx, p, r, c);
    case TARGET_INDICATOR:
        return read_indicator(r, cx, p, c);
    case TARGET_INCOME:
        return read_income(r, cx, p, c);
    }
    return RC_OK;
}

static enum rc read_year(struct row_fields *r, struct cx *cx, struct pass *p,
                         const struct row *row, size_t index)
{
    const struct import_file *f = &p->file;
    r->year = p->i.year;
    if (f->year_column < 0)
        return RC_OK;
    struct str text = (size_t)f->year_column < row->count
                          ? str_trim(row->cells[f->year_column].text)
                          : STR("");
    int64_t year;
    int this_year = day_date(day_at(cx->now_at, cx->profile->zone_offset_min)).year;
    if (!str_to_i64(&year, utf8_normal(cx, text, true)) || year < 1900 || year > this_year + 1)
        return pass_found(cx, p, index,
                          (struct found){.code = FOUND_YEAR,
                                         .row = row->number,
                                         .column = f->mapping->year_header,
                                         .value = text});
    r->year = (int32_t)year;
    return RC_OK;
}

static enum rc read_cells(struct row_fields *r, struct cx *cx, struct pass *p,
                          const struct row *row, size_t index)
{
    const struct mapping *m = p->file.mapping;
    for (size_t i = 0; i < m->column_count; i++) {
        struct cell_at c = {.b = &p->file.bound[i], .index = index};
        if (c.b->m->title && c.b->column < 0)
            continue;
        c.text = import_cell(cx, &p->file, c.b, row, index, &c.kind);
        bool not_known = m->missing[0] && str_eq_z(c.text, m->missing);
        if (c.kind == CELL_ERROR)
            TRY(note(cx, p, r, &c, FOUND_CELL_ERROR));
        else if (not_known) /* the file says so itself */
            continue;
        else if (!c.text.len) /* needed, and the file has no word for what is not known */
            TRY(c.b->m->required && !m->missing[0] ? note(cx, p, r, &c, FOUND_EMPTY) : RC_OK);
        else
            TRY(read_target(r, cx, p, &c));
    }
    return RC_OK;
}

enum rc import_row_read(struct row_fields *out, struct cx *cx, struct pass *p, size_t index)
{
    struct row row;
    const struct profile *profile = cx->profile;
    TRY(rows_read(&row, cx, p->file.rows, index));
    *out = (struct row_fields){.number = row.number, .household_size = -1};
    out->person.row = row.number;
    out->person.birth_day = INT32_MIN;
    out->person.values = arena_new(cx->arena, (profile->of_count[SUBJECT_PERSON] + 1) *
                                                  sizeof *out->person.values);
    out->household_values = arena_new(cx->arena, (profile->of_count[SUBJECT_HOUSEHOLD] + 1) *
                                                     sizeof *out->household_values);
    out->incomes =
        arena_new(cx->arena, (p->file.mapping->column_count + 1) * sizeof *out->incomes);
    TRY(read_year(out, cx, p, &row, index));
    TRY(read_cells(out, cx, p, &row, index));
    out->refused = pass_is_refused(p, index);
    return RC_OK;
}

static bool is_blank(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].text.len && str_trim(row->cells[i].text).len)
            return false;
    return true;
}

enum rc import_row_key(uint64_t *hash, struct cx *cx, const struct import_file *f, size_t index)
{
    struct row row;
    TRY(rows_read(&row, cx, f->rows, index));
    *hash = 0;
    if (is_blank(&row))
        return RC_OK;
    for (size_t i = 0; i < f->mapping->column_count; i++) {
        const struct bound *b = &f->bound[i];
        enum cell_kind kind;
        if (b->m->kind != TARGET_HOUSEHOLD_CODE)
            continue;
        struct str code = plain_code(cx, import_cell(cx, f, b, &row, index, &kind));
        if (code.len)
            *hash = import_hash(STR("household"), code) | 1;
    }
    if (!*hash) /* a household number is missing: the row stands alone and is refused for it */
        *hash = (uint64_t)index << 1 | UINT64_C(0x8000000000000000);
    return RC_OK;
}

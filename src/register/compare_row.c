/* One row of a list becomes a record that can be compared; what is kept of it is sealed, and
 * opened again for people to see, masked. */
#include "base/buf.h"
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "register/compare_inner.h"

#include <string.h>

enum {
    IDENTITY_MIN = 8,
    IDENTITY_MAX = 40,
    EXCEL_DIGITS = 15,
    SEALED_BYTES = 16 * 1024,
    LONG_DIGITS = 11,
    PARTS = 6, /* of a sealed row, before the details */
};
static const char seal_context[] = "compare.row";

const char *refusal_text(struct cx *cx, enum refusal r)
{
    switch (r) {
    case REFUSAL_NONE:
        return "";
    case REFUSAL_EMPTY:
        return _("There is neither a name nor an identity number.");
    case REFUSAL_IDENTITY:
        return _("The identity number is none, and there is no name.");
    case REFUSAL_DIGITS:
        return _(
            "The spreadsheet kept the identity number as a number and lost its last digits, "
            "and there is no name. Format the column as text.");
    }
    return "";
}

void reader_keys(struct reader *r, struct cx *cx)
{
    bind_keys_get(&r->keys, cx->vault);
    vault_key(r->row_key, cx->vault, "compare.row", true);
    vault_key(r->seal_key, cx->vault, "compare.list", true);
}

/* ---- folding ---- */

/* Without blanks and the dots of transcribed names; stars of any width are '*'. */
struct str fold_name(struct cx *cx, struct str name)
{
    struct buf b;
    if (!name.len)
        return (struct str){"", 0};
    struct str s = utf8_fold(cx, utf8_normal(cx, str_trim(name), true));
    buf_init(&b, cx->arena, 2 * s.len + 8);
    while (s.len) {
        uint32_t c = utf8_next(&s);
        if (c == ' ' || c == 0xB7 || c == 0x2022 || c == 0x30FB || c == 0x3000)
            continue;
        utf8_put(&b, c == 0xFF0A ? '*' : c);
    }
    return buf_view(&b);
}

struct str join_pinyin(struct cx *cx, struct str name)
{
    struct str s = utf8_pinyin(cx, name);
    char *out = arena_new(cx->arena, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] != ' ')
            out[n++] = s.p[i];
    return (struct str){out, n};
}

struct str first_syllable(struct cx *cx, struct str name)
{
    struct str s = utf8_pinyin(cx, name);
    return str_cut(&s, ' ');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Upper case, half width; blanks and what a spreadsheet puts before are left out. */
static struct str plain_number(struct cx *cx, struct str text)
{
    struct str s = utf8_normal(cx, text, true);
    char *out = arena_new(cx->arena, s.len + 1);
    size_t n = 0;
    while (s.len) {
        uint32_t c = utf8_next(&s);
        if (c == 0xFF0A)
            c = '*';
        if (c == ' ' || c == '\t' || c == '\'' || c == '`' || c == '-')
            continue;
        if (c >= 0x80)
            return (struct str){"?", 1}; /* words are no number */
        out[n++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return (struct str){out, n};
}

/* ---- reading ---- */

/* The texts of one row by target, as they stand in the file. */
struct cells {
    struct str name, identity, sex, birth, phone, township, village;
    enum cell_kind identity_kind;
    struct compare_detail details[COMPARE_DETAILS_MAX];
    size_t detail_count;
    const struct bound *sex_column;
};

static void take_cell(struct cells *c, struct cx *cx, const struct bound *b, struct str text,
                      enum cell_kind kind)
{
    int tenant = cx->profile->tenant_level;
    if (kind == CELL_ERROR)
        return;
    if (b->m->kind == TARGET_PERSON_NAME)
        c->name = text;
    if (b->m->kind == TARGET_PERSON_IDENTITY) {
        c->identity = text;
        c->identity_kind = kind;
    }
    if (b->m->kind == TARGET_PERSON_SEX) {
        c->sex = text;
        c->sex_column = b;
    }
    if (b->m->kind == TARGET_PERSON_BIRTH)
        c->birth = text;
    if (b->m->kind == TARGET_PERSON_PHONE)
        c->phone = text;
    if (b->m->kind == TARGET_AREA && b->m->level == tenant + 1)
        c->township = text;
    if (b->m->kind == TARGET_AREA && b->m->level == tenant + 2)
        c->village = text;
    if (b->m->kind == TARGET_IGNORE && text.len && c->detail_count < COMPARE_DETAILS_MAX)
        c->details[c->detail_count++] =
            (struct compare_detail){b->title, arena_copy(cx->arena, text)};
}

static enum rc read_cells(struct cells *out, int64_t *number, struct reader *r, size_t index)
{
    struct cx *cx = r->cx;
    struct row row;
    *out = (struct cells){.identity_kind = CELL_EMPTY};
    TRY(rows_read(&row, cx, r->f->rows, index));
    *number = row.number;
    for (size_t i = 0; i < r->f->mapping->column_count; i++) {
        enum cell_kind kind;
        const struct bound *b = &r->f->bound[i];
        struct str text = import_cell(cx, r->f, b, &row, index, &kind);
        if (kind != CELL_EMPTY)
            take_cell(out, cx, b, text, kind);
    }
    return RC_OK;
}

/* What the number says by itself: birth and sex, at the profile's places. */
static void read_identity_parts(struct record *rec, const struct cx *cx)
{
    const struct profile *p = cx->profile;
    size_t birth = (size_t)p->identity_birth_at, sex = (size_t)p->identity_sex_at;
    bool whole = !p->identity_length || rec->identity.len >= (size_t)p->identity_length;
    if (rec->masked || !whole)
        return;
    int32_t day;
    if (rec->birth_day == INT32_MIN && birth && rec->identity.len >= birth + 7 &&
        day_parse(&day, (struct str){rec->identity.p + birth - 1, 8}))
        rec->birth_day = day;
    if (!rec->sex && sex && rec->identity.len >= sex && is_digit(rec->identity.p[sex - 1]) &&
        p->sex_list && p->sex_list->code_count >= 2)
        rec->sex = p->sex_list->codes[(rec->identity.p[sex - 1] - '0') % 2 ? 0 : 1].code;
}

/* A number that can be compared; digits a spreadsheet lost count as masked. */
static enum refusal read_identity(struct record *rec, struct cx *cx, const struct cells *c)
{
    struct str s = plain_number(cx, c->identity);
    size_t length = (size_t)cx->profile->identity_length, digits = 0;
    if (!s.len)
        return REFUSAL_EMPTY;
    for (size_t i = 0; i < s.len; i++) {
        bool good = is_digit(s.p[i]) || (s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '*';
        digits += is_digit(s.p[i]);
        if (!good)
            return REFUSAL_IDENTITY;
    }
    if (c->identity_kind == CELL_NUMBER && s.len > EXCEL_DIGITS) {
        char *lost = arena_new(cx->arena, s.len + 1);
        memcpy(lost, s.p, EXCEL_DIGITS);
        memset(lost + EXCEL_DIGITS, '*', s.len - EXCEL_DIGITS);
        rec->identity = (struct str){lost, s.len};
        rec->masked = true;
        return length && s.len == length ? REFUSAL_DIGITS : REFUSAL_IDENTITY;
    }
    if (s.len < IDENTITY_MIN || s.len > IDENTITY_MAX || digits < 4)
        return REFUSAL_IDENTITY;
    rec->identity = s;
    rec->masked = memchr(s.p, '*', s.len) != NULL;
    return REFUSAL_NONE;
}

static void read_person(struct record *rec, struct reader *r, const struct cells *c)
{
    struct cx *cx = r->cx;
    struct value v;
    const char *expected;
    int32_t day;
    rec->name = fold_name(cx, c->name);
    rec->pinyin = rec->name.len ? join_pinyin(cx, rec->name) : (struct str){"", 0};
    rec->surname = rec->name.len ? first_syllable(cx, rec->name) : (struct str){"", 0};
    if (day_parse(&day, c->birth) && day <= register_today(cx))
        rec->birth_day = day;
    if (c->sex_column && c->sex.len &&
        !mapping_cell(&v, &expected, cx, r->f->mapping, c->sex_column->m, c->sex, false) &&
        v.kind == VALUE_INT)
        rec->sex = (int32_t)v.i;
    rec->phone = plain_number(cx, c->phone);
    size_t wanted = (size_t)cx->profile->phone_length;
    rec->has_phone = rec->phone.len && !memchr(rec->phone.p, '*', rec->phone.len) &&
                     (!wanted || rec->phone.len == wanted);
    if (rec->has_phone)
        secret_bind(rec->phone_key, cx, &r->keys, SECRET_PHONE, rec->phone);
    rec->place = places_find(r->places, cx, c->township, c->village);
}

/* The same row of another file, or of another run, has the same key. */
static void make_key(struct record *rec, const struct reader *r)
{
    uint8_t hash[HASH_BYTES];
    struct cx *cx = r->cx;
    const char *text = arena_printf(
        cx->arena, "%.*s|%.*s|%d|%d|%.*s|%.*s", STR_ARG(rec->identity), STR_ARG(rec->name),
        (int)rec->birth_day, (int)rec->sex, STR_ARG(rec->place), STR_ARG(rec->phone));
    hash_keyed(hash, r->row_key, str_of(text));
    memcpy(rec->key, hash, COMPARE_KEY_BYTES);
}

enum rc record_read(struct record *out, struct reader *r, size_t index)
{
    struct cells c;
    struct record rec = {.index = (uint32_t)index, .birth_day = INT32_MIN};
    rec.identity = rec.name = rec.place = (struct str){"", 0};
    TRY(read_cells(&c, &rec.number, r, index));
    read_person(&rec, r, &c);
    enum refusal why = read_identity(&rec, r->cx, &c);
    read_identity_parts(&rec, r->cx);
    if (!rec.name.len && why != REFUSAL_NONE)
        rec.refusal = why;
    make_key(&rec, r);
    *out = rec;
    return RC_OK;
}

/* ---- keeping ---- */

enum rc record_seal(struct str *out, struct reader *r, const struct record *rec)
{
    struct cells c;
    struct buf b;
    int64_t number;
    struct cx *cx = r->cx;
    TRY(read_cells(&c, &number, r, rec->index));
    buf_init(&b, cx->arena, SEALED_BYTES);
    const struct str parts[PARTS] = {
        c.name,
        c.identity,
        c.sex,
        c.birth,
        c.phone,
        str_of(arena_printf(cx->arena, "%.*s%s%.*s", STR_ARG(c.township),
                            c.township.len && c.village.len ? " · " : "", STR_ARG(c.village)))};
    for (size_t i = 0; i < PARTS; i++) {
        buf_str(&b, str_or_empty(parts[i]));
        buf_char(&b, '\x1f');
    }
    for (size_t i = 0; i < c.detail_count; i++)
        buf_printf(&b, "%s\x1e%s\x1f", c.details[i].title, c.details[i].value);
    *out = buf_ok(&b) ? seal(cx->arena, r->seal_key, buf_view(&b), seal_context)
                      : (struct str){NULL, 0};
    return RC_OK;
}

/* A long number among the details (a certificate holds the identity number) is masked. */
static const char *safe_detail(struct cx *cx, struct str value)
{
    size_t digits = 0;
    for (size_t i = 0; i < value.len; i++)
        digits += is_digit(value.p[i]);
    return digits >= LONG_DIGITS && digits * 5 >= value.len * 4
               ? secret_mask(cx, SECRET_IDENTITY, value)
               : arena_copy(cx->arena, value);
}

static const char *masked_number(struct cx *cx, enum secret which, struct str value)
{
    if (!value.len)
        return "";
    return memchr(value.p, '*', value.len) ? arena_copy(cx->arena, value)
                                           : secret_mask(cx, which, value);
}

enum rc record_open(struct compare_row *out, struct cx *cx, struct str sealed)
{
    struct str plain, part[PARTS];
    uint8_t key[KEY_BYTES];
    out->name = out->identity = out->phone = out->place = out->birth = out->sex = "";
    out->detail_count = 0;
    if (!sealed.len)
        return RC_OK;
    vault_key(key, cx->vault, "compare.list", true);
    TRY(unseal(&plain, cx, key, sealed, seal_context));
    for (size_t i = 0; i < PARTS; i++)
        part[i] = str_cut(&plain, '\x1f');
    out->name = arena_copy(cx->arena, part[0]);
    out->identity = masked_number(cx, SECRET_IDENTITY, part[1]);
    out->sex = arena_copy(cx->arena, part[2]);
    out->birth = arena_copy(cx->arena, part[3]);
    out->phone = masked_number(cx, SECRET_PHONE, part[4]);
    out->place = arena_copy(cx->arena, part[5]);
    struct compare_detail *details =
        arena_new(cx->arena, COMPARE_DETAILS_MAX * sizeof *details);
    while (plain.p && plain.len && out->detail_count < COMPARE_DETAILS_MAX) {
        struct str rest = str_cut(&plain, '\x1f'), title = str_cut(&rest, '\x1e');
        details[out->detail_count++] =
            (struct compare_detail){arena_copy(cx->arena, title), safe_detail(cx, rest)};
    }
    out->details = details;
    return RC_OK;
}

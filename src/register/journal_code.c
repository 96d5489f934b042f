/* The bytes of a journal entry, and of whatever else the register packs: numbers as LEB128,
 * signed ones zigzag, texts with their length before them. No database here. The layout is in
 * register/README.md; it is hashed, so it never changes for what is written (version byte). */
#include "register/inner.h"

enum { ENTRY_VERSION = 1, FLAG_SECRET = 16 };

void code_put_u64(struct buf *b, uint64_t n)
{
    char bytes[10];
    size_t len = 0;
    while (n >= 0x80) {
        bytes[len++] = (char)(unsigned char)(n | 0x80);
        n >>= 7;
    }
    bytes[len++] = (char)n;
    buf_put(b, bytes, len);
}

void code_put_i64(struct buf *b, int64_t n)
{
    code_put_u64(b, ((uint64_t)n << 1) ^ (n < 0 ? UINT64_MAX : 0));
}

void code_put_str(struct buf *b, struct str s)
{
    code_put_u64(b, s.len);
    buf_put(b, s.p, s.len);
}

void code_put_value(struct buf *b, struct value v)
{
    code_put_u64(b, (uint64_t)v.kind);
    if (v.kind == VALUE_INT)
        code_put_i64(b, v.i);
    else if (v.kind == VALUE_TEXT)
        code_put_str(b, v.s);
}

uint64_t code_u64(struct code_reader *r)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64 && r->rest.len > 0; shift += 7) {
        unsigned char byte = (unsigned char)*r->rest.p;
        r->rest.p++;
        r->rest.len--;
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return r->failed ? 0 : n;
    }
    r->failed = true;
    return 0;
}

int64_t code_i64(struct code_reader *r)
{
    uint64_t n = code_u64(r);
    return (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
}

struct str code_str(struct code_reader *r)
{
    uint64_t len = code_u64(r);
    if (r->failed || len > r->rest.len) {
        r->failed = true;
        return (struct str){"", 0};
    }
    struct str s = {r->rest.p, (size_t)len};
    r->rest.p += len;
    r->rest.len -= (size_t)len;
    return s;
}

static struct value value_of_kind(struct code_reader *r, uint64_t kind)
{
    if (kind == VALUE_INT)
        return value_int(code_i64(r));
    if (kind == VALUE_TEXT)
        return value_text(code_str(r));
    if (kind != VALUE_MISSING)
        r->failed = true;
    return value_missing();
}

struct value code_value(struct code_reader *r)
{
    return value_of_kind(r, code_u64(r));
}

/* Values that are ids of the same household's block are kept relative to the household. */
static bool field_is_relative(int32_t field)
{
    return field == FIELD_HEAD || field == FIELD_HOUSEHOLD;
}

static void put_field_value(struct buf *b, int64_t base_id, int32_t field, struct value v)
{
    if (v.kind == VALUE_INT)
        code_put_i64(b, field_is_relative(field) ? v.i - base_id : v.i);
    else if (v.kind == VALUE_TEXT)
        code_put_str(b, v.s);
}

void section_put(struct buf *b, int64_t base_id, const struct section *s)
{
    code_put_u64(b, (uint64_t)s->kind);
    code_put_i64(b, s->subject_id - base_id);
    code_put_u64(b, (uint64_t)s->row);
    code_put_i64(b, s->year);
    code_put_u64(b, s->field_count);
    for (size_t i = 0; i < s->field_count; i++) {
        const struct journal_field *f = &s->fields[i];
        code_put_i64(b, f->field);
        code_put_u64(b, (uint64_t)f->from.kind | (uint64_t)f->to.kind << 2 |
                            (f->secret ? (uint64_t)FLAG_SECRET : 0));
        put_field_value(b, base_id, f->field, f->from);
        put_field_value(b, base_id, f->field, f->to);
    }
}

void entry_put_header(struct buf *b, const struct journal_entry *e, size_t section_count)
{
    code_put_u64(b, ENTRY_VERSION);
    code_put_i64(b, e->county);
    code_put_i64(b, e->seq);
    code_put_i64(b, e->at);
    code_put_i64(b, e->valid_day);
    code_put_i64(b, e->user_id);
    code_put_i64(b, e->document_id);
    code_put_i64(b, e->import_id);
    code_put_i64(b, e->household_id);
    code_put_u64(b, section_count);
}

static bool read_field(struct journal_field *f, int64_t base_id, struct code_reader *r)
{
    f->field = (int32_t)code_i64(r);
    uint64_t flags = code_u64(r);
    f->secret = (flags & FLAG_SECRET) != 0;
    f->from = value_of_kind(r, flags & 3);
    f->to = value_of_kind(r, flags >> 2 & 3);
    if (field_is_relative(f->field)) {
        f->from.i += f->from.kind == VALUE_INT ? base_id : 0;
        f->to.i += f->to.kind == VALUE_INT ? base_id : 0;
    }
    return !r->failed && flags < 2 * FLAG_SECRET;
}

static bool read_section(struct journal_entry *e, struct arena *a, struct code_reader *r)
{
    int64_t base_id = e->household_id;
    uint64_t kind = code_u64(r);
    if (kind < KIND_HOUSEHOLD || kind > KIND_IMPORT)
        return false;
    e->kind = (enum subject_kind)kind;
    e->subject_id = code_i64(r) + base_id;
    e->document_row = (int64_t)code_u64(r);
    e->year = (int32_t)code_i64(r);
    uint64_t count = code_u64(r);
    /* A field takes two bytes at least: a wild count cannot ask for more than the body has. */
    if (r->failed || count > r->rest.len / 2)
        return false;
    struct journal_field *fields = arena_array(a, (size_t)count + 1, sizeof *fields);
    if (!fields)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!read_field(&fields[i], base_id, r))
            return false;
    e->fields = fields;
    e->field_count = (size_t)count;
    return true;
}

bool entry_read(struct journal_entry **out, size_t *count, struct arena *a, struct str body)
{
    struct code_reader r = {.rest = body};
    struct journal_entry common = {0};
    uint64_t version = code_u64(&r);
    common.county = code_i64(&r);
    common.seq = code_i64(&r);
    common.at = code_i64(&r);
    common.valid_day = (int32_t)code_i64(&r);
    common.user_id = code_i64(&r);
    common.document_id = code_i64(&r);
    common.import_id = code_i64(&r);
    common.household_id = code_i64(&r);
    uint64_t sections = code_u64(&r);
    if (r.failed || version != ENTRY_VERSION || sections > r.rest.len)
        return false;
    struct journal_entry *entries = arena_array(a, (size_t)sections + 1, sizeof *entries);
    if (!entries)
        return false;
    for (size_t i = 0; i < sections; i++) {
        entries[i] = common;
        if (!read_section(&entries[i], a, &r))
            return false;
    }
    if (r.rest.len > 0)
        return false;
    *out = entries;
    *count = (size_t)sections;
    return true;
}

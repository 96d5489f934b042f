/* A household record as bytes: how changes of a hidden import wait for the flip. They may hold
 * secrets, so the whole is sealed with a key of the vault. */
#include "base/limits.h"
#include "base/text.h"
#include "base/vault.h"
#include "register/inner.h"

enum { RECORD_VERSION = 1, RECORD_BYTES_MAX = 4 * 1024 * 1024 };
static const char record_context[] = "import.change";

/* Present texts are written with their length plus one; 0 says "not said". */
static void put_text(struct buf *b, struct str s)
{
    code_put_u64(b, s.p ? s.len + 1 : 0);
    if (s.p)
        buf_put(b, s.p, s.len);
}

static struct str get_text(struct code_reader *r)
{
    uint64_t len = code_u64(r);
    if (len == 0 || r->failed)
        return (struct str){NULL, 0};
    len--;
    if (len > r->rest.len) {
        r->failed = true;
        return (struct str){NULL, 0};
    }
    struct str s = {r->rest.p, (size_t)len};
    r->rest.p += len;
    r->rest.len -= (size_t)len;
    return s;
}

/* Indicators by number: they survive a newer profile. */
static void put_values(struct buf *b, const struct profile *p, enum subject subject,
                       const struct value *values)
{
    size_t count = 0;
    for (size_t i = 0; values && i < p->of_count[subject]; i++)
        count += values[i].kind != VALUE_MISSING;
    code_put_u64(b, values ? count + 1 : 0);
    for (size_t i = 0; values && i < p->of_count[subject]; i++) {
        if (values[i].kind == VALUE_MISSING)
            continue;
        code_put_i64(b, p->of[subject][i]->number);
        code_put_value(b, values[i]);
    }
}

static struct value *get_values(struct code_reader *r, struct cx *cx, enum subject subject)
{
    uint64_t count = code_u64(r);
    if (count == 0 || r->failed)
        return NULL;
    struct value *values =
        arena_new(cx->arena, (cx->profile->of_count[subject] + 1) * sizeof *values);
    for (uint64_t i = 1; i < count && !r->failed; i++) {
        int64_t number = code_i64(r);
        struct value v = code_value(r);
        const struct indicator *ind = profile_indicator_number(cx->profile, (int32_t)number);
        if (ind && ind->subject == subject)
            values[ind->index] = v;
    }
    return values;
}

static void put_person(struct buf *b, const struct profile *p, const struct person_record *r)
{
    code_put_i64(b, r->person_id);
    code_put_i64(b, r->row);
    put_text(b, r->code);
    put_text(b, r->name);
    put_text(b, r->identity);
    put_text(b, r->phone);
    put_text(b, r->account);
    code_put_i64(b, r->sex);
    code_put_i64(b, r->relation);
    code_put_i64(b, r->birth_day);
    put_values(b, p, SUBJECT_PERSON, r->values);
}

static void get_person(struct person_record *out, struct code_reader *r, struct cx *cx)
{
    out->person_id = code_i64(r);
    out->row = code_i64(r);
    out->code = get_text(r);
    out->name = get_text(r);
    out->identity = get_text(r);
    out->phone = get_text(r);
    out->account = get_text(r);
    out->sex = (int32_t)code_i64(r);
    out->relation = (int32_t)code_i64(r);
    out->birth_day = (int32_t)code_i64(r);
    out->values = get_values(r, cx, SUBJECT_PERSON);
}

enum rc record_pack(struct str *out, struct cx *cx, const struct source *s,
                    const struct household_record *r)
{
    struct buf b;
    uint8_t key[KEY_BYTES];
    buf_init(&b, cx->arena, RECORD_BYTES_MAX);
    code_put_u64(&b, RECORD_VERSION);
    code_put_i64(&b, s->county);
    code_put_i64(&b, s->document_id);
    code_put_i64(&b, s->import_id);
    code_put_i64(&b, s->valid_day);
    code_put_i64(&b, r->household_id);
    code_put_i64(&b, r->row);
    code_put_i64(&b, r->area_id);
    put_text(&b, r->code);
    code_put_i64(&b, r->year);
    put_values(&b, cx->profile, SUBJECT_HOUSEHOLD, r->values);
    code_put_u64(&b, r->people_complete);
    code_put_u64(&b, r->people_count);
    for (size_t i = 0; i < r->people_count; i++)
        put_person(&b, cx->profile, &r->people[i]);
    code_put_u64(&b, r->income_count);
    for (size_t i = 0; i < r->income_count; i++) {
        code_put_i64(&b, r->incomes[i].kind->number);
        code_put_i64(&b, r->incomes[i].amount_minor);
        code_put_i64(&b, r->incomes[i].row);
    }
    if (!buf_ok(&b))
        return fail(cx, RC_LIMIT, _("This household has too much in it."), "people=%zu",
                    r->people_count);
    vault_key(key, cx->vault, record_context, true);
    *out = seal(cx->arena, key, buf_view(&b), record_context);
    return RC_OK;
}

static bool read_incomes(struct household_record *r, struct code_reader *in, struct cx *cx)
{
    uint64_t count = code_u64(in);
    if (in->failed || count > in->rest.len)
        return false;
    r->incomes = arena_array(cx->arena, (size_t)count + 1, sizeof *r->incomes);
    for (uint64_t i = 0; r->incomes && i < count; i++) {
        struct income_record income = {.kind = profile_income(cx->profile, code_i64(in))};
        income.amount_minor = code_i64(in);
        income.row = code_i64(in);
        if (income.kind)
            r->incomes[r->income_count++] = income;
    }
    return r->incomes && !in->failed;
}

static bool read_record(struct source *s, struct household_record *r, struct cx *cx,
                        struct str bytes)
{
    struct code_reader in = {.rest = bytes};
    uint64_t version = code_u64(&in);
    s->county = code_i64(&in);
    s->document_id = code_i64(&in);
    s->import_id = code_i64(&in);
    s->valid_day = (int32_t)code_i64(&in);
    r->household_id = code_i64(&in);
    r->row = code_i64(&in);
    r->area_id = code_i64(&in);
    r->code = get_text(&in);
    r->year = (int32_t)code_i64(&in);
    r->values = get_values(&in, cx, SUBJECT_HOUSEHOLD);
    r->people_complete = code_u64(&in) != 0;
    uint64_t people = code_u64(&in);
    if (in.failed || version != RECORD_VERSION || people > LIMIT_HOUSEHOLD_PEOPLE)
        return false;
    r->people = arena_array(cx->arena, (size_t)people + 1, sizeof *r->people);
    for (uint64_t i = 0; r->people && i < people; i++)
        get_person(&r->people[r->people_count++], &in, cx);
    return r->people && read_incomes(r, &in, cx) && in.rest.len == 0;
}

enum rc record_unpack(struct source *s, struct household_record *r, struct cx *cx,
                      struct str packed)
{
    struct str bytes;
    uint8_t key[KEY_BYTES];
    struct source source = {0};
    struct household_record record = {0};
    vault_key(key, cx->vault, record_context, true);
    TRY(unseal(&bytes, cx, key, packed, record_context));
    if (!read_record(&source, &record, cx, bytes))
        return fail(cx, RC_DB, _("A waiting change of this import cannot be read. Undo it."),
                    "record bytes=%zu", bytes.len);
    *s = source;
    *r = record;
    return RC_OK;
}

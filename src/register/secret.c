/* Secret fields of a person: identity number, phone, account. Each person has a random key,
 * wrapped by the master key; values are sealed with it, and found only by blind indexes.
 * What is shown without being logged is masked. */
#include "base/text.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "people/user.h"
#include "register/apply.sql.h"
#include "register/household.sql.h"
#include "register/inner.h"

#include <assert.h>
#include <string.h>

/* Never changed: they are authenticated with what is stored. */
static const struct {
    const char *context, *purpose, *log_name;
    enum fixed_field field;
    size_t first, last, min_len; /* characters shown, of values at least min_len long */
} secrets[SECRET_COUNT] = {
    [SECRET_IDENTITY] = {"person.identity", "index.identity", "identity", FIELD_IDENTITY, 4, 4,
                         15},
    [SECRET_PHONE] = {"person.phone", "index.phone", "phone", FIELD_PHONE, 3, 4, 11},
    [SECRET_ACCOUNT] = {"person.account", "index.account", "account", FIELD_ACCOUNT, 0, 4, 12},
};

const char *secret_context(enum secret which)
{
    return secrets[which].context;
}

enum fixed_field secret_field(enum secret which)
{
    return secrets[which].field;
}

void bind_keys_get(struct bind_keys *out, const struct vault *v)
{
    for (size_t i = 0; i < SECRET_COUNT; i++)
        vault_key(out->key[i], v, secrets[i].purpose, true);
}

/* Upper case, half width, without blanks. */
struct str secret_fold(struct cx *cx, struct str value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.p[i] >= 0x80) {
            value = utf8_normal(cx, value, true);
            break;
        }
    char *out = arena_new(cx->arena, value.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.p[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        out[len++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return (struct str){out, len};
}

void secret_bind(uint8_t out[BIND_BYTES], struct cx *cx, const struct bind_keys *keys,
                 enum secret which, struct str value)
{
    uint8_t hash[HASH_BYTES];
    hash_keyed(hash, keys->key[which], secret_fold(cx, value));
    memcpy(out, hash, BIND_BYTES);
}

/* ---- a person's safe ---- */

enum rc safe_get(struct safe *out, struct cx *cx, int64_t county, int64_t person_id)
{
    struct safe s = {0};
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &PERSON_SECRET_GET, V_I(county), V_I(person_id));
    if (rc == RC_OK) {
        s.exists = true;
        s.wrapped = row_copy(&rows, PERSON_SECRET_GET_WRAPPED);
        s.sealed[SECRET_IDENTITY] = row_copy(&rows, PERSON_SECRET_GET_IDENTITY);
        s.sealed[SECRET_PHONE] = row_copy(&rows, PERSON_SECRET_GET_PHONE);
        s.sealed[SECRET_ACCOUNT] = row_copy(&rows, PERSON_SECRET_GET_ACCOUNT);
        TRY(db_done(&rows));
        s.has_key = s.wrapped.len > 0;
        if (s.has_key)
            TRY(vault_unwrap(s.key, cx, cx->vault, s.wrapped));
    } else if (rc != RC_NOTFOUND) {
        return rc;
    }
    *out = s;
    return RC_OK;
}

void safe_new(struct safe *out, struct cx *cx)
{
    uint8_t *wrapped = arena_new(cx->arena, WRAPPED_KEY_BYTES);
    *out =
        (struct safe){.has_key = true, .wrapped = {(const char *)wrapped, WRAPPED_KEY_BYTES}};
    crypto_random(out->key, KEY_BYTES);
    vault_wrap(wrapped, cx->vault, out->key);
}

static struct db_arg blob_or_null(struct str s)
{
    return s.len > 0 ? V_B(s.p, s.len) : V_NULL;
}

enum rc safe_put(struct cx *cx, int64_t county, int64_t person_id, const struct safe *s)
{
    return DB_RUN(cx, &PERSON_SECRET_PUT, V_I(county), V_I(person_id), blob_or_null(s->wrapped),
                  blob_or_null(s->sealed[SECRET_IDENTITY]),
                  blob_or_null(s->sealed[SECRET_PHONE]),
                  blob_or_null(s->sealed[SECRET_ACCOUNT]));
}

/* ---- secret indicators ---- */

static const char indicator_context[] = "person.indicator", sealed_prefix[] = "sealed:";

/* RC_NOTFOUND: the text is not a sealed value, or there is no key. */
static enum rc indicator_open(struct str *plain, struct cx *cx, const struct safe *safe,
                              struct str text)
{
    struct str prefix = str_of(sealed_prefix);
    if (!safe->has_key || !str_starts(text, prefix))
        return RC_NOTFOUND;
    struct str hex = {text.p + prefix.len, text.len - prefix.len};
    uint8_t *bytes = arena_try(cx->arena, hex.len / 2 + 1);
    if (!bytes || !hex_parse(bytes, hex.len / 2, hex))
        return RC_NOTFOUND;
    return unseal(plain, cx, safe->key, (struct str){(const char *)bytes, hex.len / 2},
                  indicator_context);
}

enum rc secret_indicator_seal(struct value *out, bool *made, struct cx *cx, struct safe *safe,
                              struct value present, struct str plain)
{
    struct str old;
    *made = false;
    if (present.kind == VALUE_TEXT) {
        enum rc rc = indicator_open(&old, cx, safe, present.s);
        if (rc != RC_NOTFOUND)
            TRY(rc);
        if (rc == RC_OK && str_eq(old, plain)) {
            *out = present;
            return RC_OK;
        }
    }
    if (!safe->has_key) {
        safe_new(safe, cx);
        *made = true;
    }
    struct str sealed = seal(cx->arena, safe->key, plain, indicator_context);
    *out = value_text(str_of(arena_printf(cx->arena, "%s%s", sealed_prefix,
                                          hex_of(cx->arena, sealed.p, sealed.len))));
    return RC_OK;
}

enum rc person_secret_value(struct str *plain, struct cx *cx, int64_t county, int64_t person_id,
                            struct value sealed)
{
    struct safe safe;
    TRY(safe_get(&safe, cx, county, person_id));
    enum rc rc =
        sealed.kind == VALUE_TEXT ? indicator_open(plain, cx, &safe, sealed.s) : RC_NOTFOUND;
    if (rc != RC_NOTFOUND)
        return rc;
    return safe.exists && !safe.has_key
               ? fail(cx, rc, _("The protected fields of this person were erased."),
                      "person=%" PRId64, person_id)
               : fail(cx, rc, _("This field is not recorded."), "person=%" PRId64, person_id);
}

/* ---- showing ---- */

const char *secret_mask(struct cx *cx, enum secret which, struct str plain)
{
    size_t first = secrets[which].first, last = secrets[which].last;
    if (plain.len < secrets[which].min_len) {
        first = 0;
        last = plain.len / 4;
    }
    char *out = arena_new(cx->arena, plain.len + 1);
    for (size_t i = 0; i < plain.len; i++) {
        bool shown = (i < first || i >= plain.len - last) && (unsigned char)plain.p[i] < 0x80;
        out[i] = shown ? plain.p[i] : '*';
    }
    return out;
}

/* The plain value of a person who may be seen; RC_NOTFOUND when there is none. */
static enum rc open_value(struct str *plain, struct cx *cx, int64_t county, int64_t person_id,
                          enum secret which)
{
    struct safe s;
    TRY(safe_get(&s, cx, county, person_id));
    if (s.exists && !s.has_key)
        return fail(cx, RC_NOTFOUND, _("The protected fields of this person were erased."),
                    "person=%" PRId64, person_id);
    if (!s.exists || s.sealed[which].len == 0)
        return fail(cx, RC_NOTFOUND, _("This field is not recorded."), "person=%" PRId64,
                    person_id);
    return unseal(plain, cx, s.key, s.sealed[which], secrets[which].context);
}

enum rc person_masked(const char **out, struct cx *cx, int64_t county, int64_t person_id,
                      enum secret which)
{
    struct person p;
    struct str plain;
    TRY(person_get(&p, cx, person_id));
    if (p.county != county)
        return fail(cx, RC_NOTFOUND, _("There is no such person, or not in your areas."),
                    "county=%" PRId64, county);
    TRY(open_value(&plain, cx, county, person_id, which));
    *out = secret_mask(cx, which, plain);
    return RC_OK;
}

enum rc person_reveal(const char **out, struct cx *cx, int64_t county, int64_t person_id,
                      enum secret which, struct str reason)
{
    struct person p;
    struct household h;
    struct str plain;
    TRY(person_get(&p, cx, person_id));
    if (p.county != county)
        return fail(cx, RC_NOTFOUND, _("There is no such person, or not in your areas."),
                    "county=%" PRId64, county);
    TRY(household_get(&h, cx, p.household_id));
    TRY(actor_require_in(cx, "household.reveal", str_of(h.area_path)));
    TRY(open_value(&plain, cx, county, person_id, which));
    TRY(look_log(cx, county, person_id, secrets[which].log_name, reason));
    *out = arena_copy(cx->arena, plain);
    return RC_OK;
}

enum rc person_erase_secrets(struct cx *cx, int64_t county, int64_t person_id)
{
    struct member m;
    enum rc rc = member_load(&m, cx, county, person_id);
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such person, or not in your areas."), "erase");
    TRY(rc);
    TRY(member_bind(cx, &m, NULL));
    memset(m.has, 0, sizeof m.has);
    m.facts = 0;
    TRY(member_put(cx, &m));
    TRY(safe_put(cx, county, person_id, &(struct safe){0}));
    struct journal_field field = {
        .field = FIELD_KEY, .from = value_int(1), .to = value_missing()};
    struct journal_entry e = {.county = county,
                              .at = cx->now_at,
                              .valid_day = register_today(cx),
                              .user_id = register_user(cx),
                              .kind = KIND_PERSON,
                              .subject_id = person_id,
                              .household_id = m.p.household_id,
                              .fields = &field,
                              .field_count = 1};
    int64_t seq;
    return journal_append(&seq, cx, &e);
}

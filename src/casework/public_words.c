/* Sealed words of the public, codes for asking again, and what an actor may reach. */
#include "base/crypto.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "casework/public_inner.h"
#include "people/actor.h"

#include <string.h>

/* ---- words ---- */

struct str words_seal(struct cx *cx, const struct words *w, const char *context)
{
    struct buf b;
    uint8_t key[KEY_BYTES];
    size_t room = WORDS_PARTS;
    for (size_t i = 0; i < WORDS_PARTS; i++)
        room += w->part[i].len;
    buf_init(&b, cx->arena, room + 1);
    for (size_t i = 0; i < WORDS_PARTS; i++) {
        buf_str(&b, w->part[i]);
        buf_char(&b, '\0');
    }
    crypto_random(key, sizeof key);
    struct str sealed = seal(cx->arena, key, buf_view(&b), context);
    uint8_t *out = arena_new(cx->arena, WRAPPED_KEY_BYTES + sealed.len);
    vault_wrap(out, cx->vault, key);
    memcpy(out + WRAPPED_KEY_BYTES, sealed.p, sealed.len);
    explicit_bzero(key, sizeof key);
    return (struct str){(const char *)out, WRAPPED_KEY_BYTES + sealed.len};
}

enum rc words_open(struct words *out, struct cx *cx, struct str sealed, const char *context)
{
    uint8_t key[KEY_BYTES];
    struct str plain;
    *out = (struct words){0};
    if (sealed.len < WRAPPED_KEY_BYTES + SEAL_OVERHEAD)
        return fail(cx, RC_INVALID, _("These words cannot be read any more."), "short seal");
    TRY(vault_unwrap(key, cx, cx->vault, (struct str){sealed.p, WRAPPED_KEY_BYTES}));
    enum rc rc = unseal(
        &plain, cx, key,
        (struct str){sealed.p + WRAPPED_KEY_BYTES, sealed.len - WRAPPED_KEY_BYTES}, context);
    explicit_bzero(key, sizeof key);
    TRY(rc);
    for (size_t i = 0; i < WORDS_PARTS; i++) {
        struct str part = str_cut(&plain, '\0');
        out->part[i] = str_of(arena_copy(cx->arena, part));
    }
    return RC_OK;
}

enum rc words_clean(struct str *text, struct cx *cx, size_t max_chars, bool required,
                    const char *field)
{
    struct str s = str_trim(*text);
    if (utf8_bad_at(s) < s.len)
        return fail_f(cx, RC_INVALID, _("%s: it holds characters that cannot be read."), field);
    s = utf8_normal(cx, s, false);
    if (required && !s.len)
        return fail_f(cx, RC_INVALID, _("%s: please fill this in."), field);
    if (utf8_length(s) > max_chars)
        return fail_f(cx, RC_INVALID, _("%s: at most %zu characters, please."), field,
                      max_chars);
    *text = s;
    return RC_OK;
}

enum rc words_clean_phone(struct str *phone, struct cx *cx)
{
    struct str s = str_trim(*phone);
    if (utf8_bad_at(s) < s.len)
        return fail(cx, RC_INVALID, _("The phone number holds characters that cannot be read."),
                    "phone");
    s = utf8_normal(cx, s, true);
    for (size_t i = 0; i < s.len; i++)
        if (!strchr("0123456789+-() ", s.p[i]) || !s.p[i])
            return fail(cx, RC_INVALID, _("The phone number may hold digits only."), "phone");
    if (s.len > PHONE_MAX_CHARS)
        return fail(cx, RC_INVALID, _("The phone number is too long."), "phone");
    *phone = s;
    return RC_OK;
}

/* ---- codes for asking again ---- */

/* No 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V: nobody mistakes one for another on paper. */
static const char alphabet[] = "34679ACDEFGHJKMNPRTVWXY";
enum { ALPHABET = sizeof alphabet - 1 };

struct str reference_seed(struct cx *cx, const char *once, int64_t about,
                          const struct words *words)
{
    if (!once[0])
        return STR("");
    return str_of(arena_printf(cx->arena, "%s\n%" PRId64 "\n%.*s\n%.*s\n%.*s", once, about,
                               STR_ARG(words->part[0]), STR_ARG(words->part[1]),
                               STR_ARG(words->part[2])));
}

void reference_make(char out[REFERENCE_LEN + 1], struct cx *cx, struct str seed,
                    const char *kind)
{
    uint8_t bytes[HASH_BYTES], key[KEY_BYTES];
    if (seed.len) {
        vault_key(key, cx->vault, arena_printf(cx->arena, "casework.%s", kind), true);
        hash_keyed(bytes, key, seed);
        explicit_bzero(key, sizeof key);
    } else {
        crypto_random(bytes, sizeof bytes);
    }
    for (size_t i = 0; i < REFERENCE_LEN; i++) {
        uint32_t n = (uint32_t)bytes[3 * i] << 16 | (uint32_t)bytes[3 * i + 1] << 8 |
                     (uint32_t)bytes[3 * i + 2];
        out[i] = alphabet[n % ALPHABET];
    }
    out[REFERENCE_LEN] = '\0';
}

bool reference_hash(uint8_t out[REFERENCE_BYTES], struct cx *cx, struct str typed)
{
    char code[REFERENCE_LEN];
    size_t n = 0;
    uint8_t hash[HASH_BYTES], key[KEY_BYTES];
    if (typed.len > 100 || utf8_bad_at(typed) < typed.len)
        return false;
    typed = utf8_normal(cx, str_trim(typed), true);
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.p[i];
        if (c == ' ' || c == '-')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (n == REFERENCE_LEN || !c || !strchr(alphabet, c))
            return false;
        code[n++] = c;
    }
    if (n != REFERENCE_LEN)
        return false;
    vault_key(key, cx->vault, "index.reference", true);
    hash_keyed(hash, key, (struct str){code, sizeof code});
    memcpy(out, hash, REFERENCE_BYTES);
    explicit_bzero(key, sizeof key);
    return true;
}

const char *reference_shown(struct cx *cx, const char *reference)
{
    return arena_printf(cx->arena, "%.4s %s", reference, reference + 4);
}

/* ---- areas ---- */

enum rc area_option(const struct option **out, struct cx *cx, int64_t area_id, const char *code)
{
    struct area *chain;
    size_t count;
    TRY(area_chain(&chain, &count, cx, area_id));
    struct str *codes = arena_new(cx->arena, (count + 1) * sizeof *codes);
    size_t n = 0;
    for (size_t i = count; i-- > 0;)
        if (chain[i].code[0])
            codes[n++] = str_of(chain[i].code);
    *out = profile_option(cx->profile, str_of(code), codes, n);
    return RC_OK;
}

enum rc place_require(struct cx *cx, const char *permission, const char *path)
{
    if (!actor_may_in(cx, "case.view", str_of(path)))
        return fail(cx, RC_NOTFOUND,
                    _("There is nothing at this address, or it lies outside "
                      "the areas you look after."),
                    "casework path");
    return actor_require_in(cx, permission, str_of(path));
}

static int64_t own_area(const struct cx *cx)
{
    for (size_t i = 0; cx->actor && i < cx->actor->grant_count; i++) {
        const struct grant *g = &cx->actor->grants[i];
        if (g->area_id && actor_may_in(cx, "case.view", str_of(g->area_path)))
            return g->area_id;
    }
    return 0;
}

enum rc place_range_find(struct place_range *out, struct cx *cx, int64_t area_id)
{
    struct area a = {.path = "", .name = "", .code = ""};
    TRY(actor_require(cx, "case.view"));
    if (!area_id)
        area_id = own_area(cx);
    if (area_id)
        TRY(area_get(&a, cx, area_id));
    TRY(place_require(cx, "case.view", a.path));
    *out = (struct place_range){.area = a,
                                .from_county = a.county,
                                .to_county = a.county ? a.county : INT64_MAX,
                                .path = a.path,
                                .end = arena_printf(cx->arena, "%s~", a.path)};
    return RC_OK;
}

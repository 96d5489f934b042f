/* What a person means by a search text: an identity number or phone (found by blind index), the
 * beginning of a household's code, a village's name, or people's names in either script. */
#include "base/text.h"
#include "base/utf8.h"
#include "db/search_words.h"
#include "register/area.sql.h"
#include "register/household.sql.h"
#include "register/list.h"
#include "register/list.sql.h"

#include <string.h>

enum { FEW_FINDS = 2000, IDENTITY_MIN = 15, PHONE_MIN = 7, CODE_MIN = 2 };

static size_t digits_of(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.p[i] >= '0' && s.p[i] <= '9';
    return n;
}

static bool is_ascii_word(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] >= 0x80 || s.p[i] == ' ')
            return false;
    return s.len > 0;
}

/* Areas whose name begins with the text, or with the text less its kind of place. */
static enum rc find_villages(struct search *s, struct cx *cx, bool *exact)
{
    struct db_rows rows;
    struct str key = area_name_key(cx, s->typed), stem = area_name_stem(cx, key);
    struct str end = str_of(arena_printf(cx->arena, "%.*s\xF4\x8F\xBF\xBF", STR_ARG(stem)));
    TRY(DB_SELECT(&rows, cx, &AREA_NAMED, V_S(stem), V_S(end), V_T(""), V_T("~")));
    while (db_next(&rows)) {
        struct str name = row_str(&rows, AREA_NAMED_NAME_KEY);
        bool same = str_eq(name, key);
        if (!same && !str_eq(area_name_stem(cx, name), stem))
            continue;
        *exact = *exact || (same && stem.len < key.len);
        if (s->path_count < SEARCH_PATHS_MAX)
            s->paths[s->path_count++] = row_copy(&rows, AREA_NAMED_PATH);
    }
    return db_done(&rows);
}

static enum rc count_finds(int64_t *count, struct cx *cx, int64_t county, struct str query,
                           int64_t max)
{
    struct db_rows rows;
    *count = 0;
    if (query.len == 0)
        return RC_OK;
    TRY(DB_ONE(&rows, cx, &SEARCH_COUNT, V_I(county), V_S(query), V_I(max)));
    *count = row_i64(&rows, SEARCH_COUNT_COUNT);
    return db_done(&rows);
}

/* A name in general; a village when it is one by its full name, or when nobody is called so. */
static enum rc read_words(struct search *s, struct cx *cx)
{
    bool exact = false;
    s->query = words_query(cx, s->typed);
    TRY(find_villages(s, cx, &exact));
    s->kind = SEARCH_NAME;
    if (s->path_count == 0)
        return RC_OK;
    int64_t finds = 0;
    if (!exact)
        TRY(count_finds(&finds, cx, 0, s->query, 1));
    if (exact || finds == 0)
        s->kind = SEARCH_VILLAGE;
    return RC_OK;
}

enum rc search_read(struct search *out, struct cx *cx, struct str typed)
{
    struct search s = {.query = {"", 0}};
    typed = str_trim(typed);
    if (typed.len == 0) {
        *out = s;
        return RC_OK;
    }
    if (utf8_bad_at(typed) < typed.len || typed.len > 200)
        return fail(cx, RC_INVALID, _("Search for a name, a number or a village."), "len=%zu",
                    typed.len);
    s.typed = utf8_normal(cx, typed, true);
    s.code = s.typed;
    size_t digits = digits_of(s.typed);
    if (is_ascii_word(s.typed) && digits >= PHONE_MIN && digits + 1 >= s.typed.len) {
        s.kind = SEARCH_PEOPLE;
        s.is_identity = s.typed.len >= IDENTITY_MIN;
        s.may_be_code = true;
    } else if (is_ascii_word(s.typed) && s.typed.len >= CODE_MIN && digits > 0) {
        s.kind = SEARCH_CODE;
    } else {
        TRY(read_words(&s, cx));
    }
    *out = s;
    return RC_OK;
}

static enum rc take_ids(struct search *s, struct cx *cx, int64_t county,
                        const uint8_t bind[BIND_BYTES])
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &PERSON_BY_BIND, V_I(county), V_B(bind, BIND_BYTES)));
    while (db_next(&rows))
        if (s->id_count < SEARCH_IDS_MAX)
            s->ids[s->id_count++] = str_of(arena_printf(
                cx->arena, "%" PRId64, row_i64(&rows, PERSON_BY_BIND_HOUSEHOLD_ID)));
    return db_done(&rows);
}

enum rc search_in_county(struct search *s, struct cx *cx, int64_t county)
{
    if (s->may_be_code) { /* decided anew for every county */
        struct bind_keys keys;
        uint8_t bind[BIND_BYTES];
        s->id_count = 0;
        bind_keys_get(&keys, cx->vault);
        secret_bind(bind, cx, &keys, SECRET_IDENTITY, s->typed);
        TRY(take_ids(s, cx, county, bind));
        secret_bind(bind, cx, &keys, SECRET_PHONE, s->typed);
        TRY(take_ids(s, cx, county, bind));
        s->kind = s->id_count > 0 ? SEARCH_PEOPLE : SEARCH_CODE;
    }
    return RC_OK;
}

enum rc search_has_many(bool *many, struct cx *cx, const struct search *s, int64_t county)
{
    int64_t finds;
    TRY(count_finds(&finds, cx, county, s->query, FEW_FINDS + 1));
    *many = finds > FEW_FINDS;
    return RC_OK;
}

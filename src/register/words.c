/* Search by name: the words stored for a household, the query made of what a person typed, and
 * the key by which names sort. The words themselves are base/utf8.h's. */
#include "base/utf8.h"
#include "register/inner.h"

enum {
    WORDS_BYTES_MAX = 64 * 1024,
    SYLLABLES_MAX = 8,
    QUERY_WORDS_MAX = 12,
    KEY_BYTES_MAX = 120
};

/* "wangxm" for 王小明: the first syllable with the initials of the others. The joined form, the
 * initials and the single syllables are among utf8_search_words already. */
static void put_surname_initials(struct buf *b, struct str pinyin)
{
    struct str part[SYLLABLES_MAX];
    size_t count = 0;
    while (pinyin.p && count < SYLLABLES_MAX)
        part[count++] = str_cut(&pinyin, ' ');
    if (count < 3 || part[0].len == 0)
        return;
    buf_char(b, ' ');
    buf_str(b, part[0]);
    for (size_t i = 1; i < count; i++)
        if (part[i].len > 0)
            buf_char(b, part[i].p[0]);
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

struct str household_words(struct cx *cx, const struct str *names, size_t count)
{
    struct buf b;
    buf_init(&b, cx->arena, WORDS_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (names[i].len == 0)
            continue;
        if (b.len > 0)
            buf_char(&b, ' ');
        buf_str(&b, utf8_search_words(cx, names[i], true));
        if (!is_ascii(names[i]))
            put_surname_initials(&b, utf8_pinyin(cx, names[i]));
    }
    return buf_view(&b);
}

struct str household_name_key(struct cx *cx, struct str name)
{
    if (name.len == 0)
        return (struct str){"", 0};
    struct str pinyin = utf8_pinyin(cx, name);
    const char *key = arena_printf(cx->arena, "%.*s %.*s", STR_ARG(pinyin), STR_ARG(name));
    struct str s = str_of(key);
    if (s.len > KEY_BYTES_MAX) {
        s.len = KEY_BYTES_MAX;
        s.len = utf8_bad_at(s);
    }
    return s;
}

/* A word of the query in the database's notation. Latin words are beginnings: people stop
 * typing. */
static void put_query_word(struct buf *b, bool is_pg, struct str word)
{
    bool latin = is_ascii(word);
    if (b->len > 0)
        buf_z(b, is_pg ? " & " : " AND ");
    buf_char(b, is_pg ? '\'' : '"');
    buf_str(b, word);
    buf_char(b, is_pg ? '\'' : '"');
    if (latin)
        buf_z(b, is_pg ? ":*" : "*");
}

/* Is the word one ideograph out of a run that is also there as pairs? Then the pairs do. */
static bool is_covered(struct str word, size_t run_length)
{
    return run_length > 1 && !is_ascii(word) && utf8_length(word) == 1;
}

struct str words_query(struct cx *cx, struct str typed)
{
    struct buf b;
    bool is_pg = db_is_pg(cx);
    size_t used = 0;
    struct str rest = utf8_fold(cx, utf8_normal(cx, str_trim(typed), true));
    buf_init(&b, cx->arena, WORDS_BYTES_MAX);
    while (rest.p && rest.len > 0) {
        struct str part = str_cut(&rest, ' ');
        size_t length = utf8_length(part);
        struct str words = utf8_search_words(cx, part, false);
        while (words.p && words.len > 0 && used < QUERY_WORDS_MAX) {
            struct str word = str_cut(&words, ' ');
            if (word.len == 0 || is_covered(word, length))
                continue;
            put_query_word(&b, is_pg, word);
            used++;
        }
    }
    return buf_view(&b);
}

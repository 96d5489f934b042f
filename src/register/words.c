/* Search by name: the words stored for a household and the key by which names sort. The words
 * themselves are base/utf8.h's, the query is db/search_words.h's. */
#include "base/utf8.h"
#include "register/inner.h"

enum { WORDS_BYTES_MAX = 64 * 1024, SYLLABLES_MAX = 8, KEY_BYTES_MAX = 120 };

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

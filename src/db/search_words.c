/* Queries of full-text search: see search_words.h. */
#include "db/search_words.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "db/db.h"

enum { WORDS_BYTES_MAX = 64 * 1024, QUERY_WORDS_MAX = 12 };

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
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

/* What a person typed, as a query of full-text search in the database's own notation (FTS5 or
 * tsquery) over words that base/utf8.h utf8_search_words made. Words are joined by "and"; Latin
 * ones are beginnings, since people stop typing. */
#ifndef DB_SEARCH_WORDS_H
#define DB_SEARCH_WORDS_H

#include "base/cx.h"
#include "base/str.h"

/* len 0: nothing to search for. */
struct str words_query(struct cx *cx, struct str typed);

#endif

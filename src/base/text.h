/* Texts for people. The source text is English; po/zh_CN.po holds the Chinese. tools/msgc
 * turns the .po files into build/gen/messages.c; xgettext collects `_`, `_n` and `N_`.
 * `_()` and `_n()` need a `struct cx *cx` in scope. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/cx.h"

/* The text in the context's language; the English source when a translation is missing. */
#define _(text) text_in((cx)->lang, (text))
/* By count: _n("%d row", "%d rows", n). Chinese has one form. */
#define _n(one, many, n) text_n_in((cx)->lang, (one), (many), (int64_t)(n))
/* Marks a text in a static table; translated where it is shown with text_in. */
#define N_(text) (text)

const char *text_in(enum lang lang, const char *text) __attribute__((format_arg(2)));
const char *text_n_in(enum lang lang, const char *one, const char *many, int64_t n)
    __attribute__((format_arg(2), format_arg(3)));

/* "en", "zh-CN" for the html lang attribute. Static. */
const char *lang_tag(enum lang lang);
/* Best match of an Accept-Language header or a tag such as "zh-TW", "en"; `fallback` when
 * nothing fits. */
enum lang lang_parse(struct str header, enum lang fallback);

/* One generated catalogue per language: sorted by source text (byte order). */
struct message {
    const char *source, *translation;
};
struct message_catalogue {
    const struct message *messages;
    size_t count;
};
/* The Chinese catalogue: build/gen/messages.c. */
extern const struct message_catalogue messages_zh;
/* Set once at start (main and tests that want Chinese): text_use(LANG_ZH, &messages_zh). */
void text_use(enum lang lang, const struct message_catalogue *catalogue);

#endif

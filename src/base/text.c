/* Looks texts up in the generated catalogues and picks languages. Catalogues are set once at
 * start, before threads exist, and never change. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static const struct message_catalogue *catalogues[LANG_COUNT];

void text_use(enum lang lang, const struct message_catalogue *catalogue)
{
    catalogues[lang] = catalogue;
}

static int compare_source(const void *key, const void *row)
{
    return strcmp(key, ((const struct message *)row)->source);
}

/* The translation, or NULL. */
static const char *find(enum lang lang, const char *text)
{
    const struct message_catalogue *c = catalogues[lang];
    /* The empty msgid is the .po header, never a text. */
    if (!c || !text || !*text)
        return NULL;
    const struct message *row =
        bsearch(text, c->messages, c->count, sizeof *c->messages, compare_source);
    return row && row->translation && *row->translation ? row->translation : NULL;
}

const char *text_in(enum lang lang, const char *text)
{
    const char *found = find(lang, text);
    return found ? found : text;
}

const char *text_n_in(enum lang lang, const char *one, const char *many, int64_t n)
{
    /* Chinese has one form, stored under the singular's source; English chooses here. */
    const char *found = find(lang, one);
    if (found)
        return found;
    return n == 1 ? one : many;
}

const char *lang_tag(enum lang lang)
{
    switch (lang) {
    case LANG_EN:
        return "en";
    case LANG_ZH:
        return "zh-CN";
    }
    return "en";
}

/* Whether the tag's first part is the two letters `code`, in any case. */
static bool tag_is(struct str tag, const char *code)
{
    return tag.len >= 2 && ((tag.p[0] | 0x20) == code[0]) && ((tag.p[1] | 0x20) == code[1]) &&
           (tag.len == 2 || tag.p[2] == '-' || tag.p[2] == '_' || tag.p[2] == '.');
}

/* ";q=0.8" in thousandths; 1000 when absent, 0 when it cannot be read. */
static int64_t quality(struct str parameters)
{
    while (parameters.p) {
        struct str one = str_trim(str_cut(&parameters, ';'));
        if (one.len < 2 || (one.p[0] | 0x20) != 'q' || one.p[1] != '=')
            continue;
        int64_t q = 0;
        struct str number = str_trim((struct str){one.p + 2, one.len - 2});
        return str_to_scaled(&q, number, 3) && q >= 0 && q <= 1000 ? q : 0;
    }
    return 1000;
}

enum lang lang_parse(struct str header, enum lang fallback)
{
    enum lang best = fallback;
    int64_t best_q = 0;
    while (header.p) {
        struct str item = str_cut(&header, ',');
        struct str tag = str_trim(str_cut(&item, ';'));
        enum lang lang;
        if (tag_is(tag, "zh"))
            lang = LANG_ZH;
        else if (tag_is(tag, "en"))
            lang = LANG_EN;
        else
            continue;
        int64_t q = item.p ? quality(item) : 1000;
        if (q > best_q) {
            best = lang;
            best_q = q;
        }
    }
    return best;
}

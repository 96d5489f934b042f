/* What tmplc knows about HTML: which tags are void, which attributes hold addresses or texts
 * for people, what counts as a letter. */
#ifndef TOOLS_COMMON_MARKUP_H
#define TOOLS_COMMON_MARKUP_H

#include "common/tool.h"

bool markup_is_void(const char *tag);        /* <br>: takes no end tag */
bool markup_is_raw(const char *tag);         /* <script>, <style>: no markup inside */
bool markup_keeps_space(const char *tag);    /* <pre>, <textarea> */
bool markup_is_literal(const char *tag);     /* <code>, <kbd> …: not translated */
bool markup_may_self_close(const char *tag); /* SVG shapes */
bool markup_is_address(const char *attribute);
bool markup_is_for_people(const char *attribute); /* title, alt, placeholder, aria-label … */

/* Offset of the first letter in [from, to) that is no part of an entity; `to` when none. */
size_t markup_letter(const char *p, size_t from, size_t to);

/* How far the value of an address attribute has come: it decides how a value is written. */
enum address {
    ADDRESS_START,  /* nothing written yet: html_put_url */
    ADDRESS_OPEN,   /* written, but no / ? # yet: a further value could complete a scheme */
    ADDRESS_PATH,   /* html_put */
    ADDRESS_CLOSED, /* data: and the like: no values */
};
struct address_state {
    enum address at;
    bool in_query, in_query_value; /* behind ?; behind = there: html_put_query */
    char scheme[8];                /* literal beginning, for "mailto:" */
    int scheme_len;
};
/* One literal character of the value. False for "javascript:". */
bool address_literal(struct address_state *state, char c);
/* The states of two branches become one, the stricter. */
void address_merge(struct address_state *state, const struct address_state *other);

/* Checks a piece of C from a template: quotes and brackets are closed, `semicolons` stand at
 * the outermost level. SIZE_MAX when sound, else the offset with *trouble set. */
size_t c_check(const char *c, size_t len, int semicolons, const char **trouble);
/* Offset of the first string literal with a letter outside all brackets, or SIZE_MAX. */
size_t c_bare_text(const char *c, size_t len);
/* Offset of the }} that ends a directive whose inside begins at `at`; len when it is missing.
 */
size_t c_directive_end(const char *text, size_t len, size_t at);

#endif

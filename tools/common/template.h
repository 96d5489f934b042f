/* tmplc's state and what {{ }} does; the markup around is scanned in tools/tmplc.c. */
#ifndef TOOLS_COMMON_TEMPLATE_H
#define TOOLS_COMMON_TEMPLATE_H

#include "common/markup.h"

enum { ELEMENTS_MAX = 64, BLOCKS_MAX = 32, NAME_MAX_LEN = 40 };

enum place { IN_TEXT, IN_TAG, IN_VALUE };

struct element {
    char name[NAME_MAX_LEN];
    size_t at; /* offset of its `<` */
    bool keeps_space, is_literal;
};

/* Where in the markup we are: what must be the same at both ends of a branch. */
struct context {
    enum place place;
    size_t tag_at;    /* the tag we are in; 0 in text */
    bool needs_blank; /* in a tag: an attribute must be set off by a blank */
    char attribute[NAME_MAX_LEN];
    struct address_state address;
    bool after_newline; /* the last thing written is a line end of text */
};

struct block {
    const char *keyword; /* "if", "for", "while" */
    size_t at;
    int element_count;
    bool saw_else, is_merged;
    struct context start, merged;
};

struct tmplc {
    const char *path, *text;
    size_t len, at;
    struct text code, header, includes;
    struct text fixed; /* fixed output not yet written into `code` */
    struct context context;
    struct element elements[ELEMENTS_MAX];
    int element_count;
    struct block blocks[BLOCKS_MAX];
    int block_count;
    struct element tag; /* being opened */
    char value[16];     /* beginning of the literal value being read */
    size_t value_len;
    bool in_template;
    int template_line;
};

/* Complains about the offset and ends the tool. */
_Noreturn void fail_at(const struct tmplc *t, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Whether the text at t->at begins with `what`. */
bool looks_at(const struct tmplc *t, const char *what);
/* Adds output that is the same on every call. */
void put_fixed(struct tmplc *t, const char *p, size_t len);
/* The innermost open element, or NULL. */
const struct element *innermost(const struct tmplc *t);
void push_element(struct tmplc *t, const struct element *element);
/* Closes the innermost element, which must have that name and belong to the present branch. */
void pop_element(struct tmplc *t, const char *name, size_t at);
/* Handles the {{ }} at t->at and moves behind it. {{end template}} ends t->in_template. */
void template_directive(struct tmplc *t);
/* Passes the {{-- comment --}} at t->at. */
void template_comment(struct tmplc *t);
/* The inside of the {{ }} at t->at, without blanks around it; moves behind it. */
void template_inside(struct tmplc *t, size_t *from, size_t *to);
/* If the inside begins with `word`, moves *from behind it and the blanks that follow. */
bool template_word(const struct tmplc *t, size_t *from, size_t to, const char *word);

#endif

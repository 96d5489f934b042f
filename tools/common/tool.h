/* What the host tools share: growing text, files, C literals, complaints with a place.
 * The tools are short-lived: memory is never given back, and a lack of it ends the tool. */
#ifndef TOOLS_COMMON_TOOL_H
#define TOOLS_COMMON_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A growing text, always NUL-terminated once something was added. Start with {0}. */
struct text {
    char *p;
    size_t len, cap;
};
void text_add(struct text *t, const char *p, size_t len);
void text_z(struct text *t, const char *z);
void text_char(struct text *t, char c);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The bytes as C string literals in quotes, a few words a line, each line begun
 * with `indent`. Safe for any byte and for trigraphs. Empty bytes give "". */
void text_literal(struct text *t, const char *p, size_t len, const char *indent);

/* Ends the tool with exit code 2 and a message: a wrong command line, no file, no memory. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Allocation that cannot fail. */
void *must_alloc(size_t size);
void *must_grow(void *p, size_t size);
char *must_copy(const char *p, size_t len);

/* The whole file, NUL-terminated (the NUL is not counted). */
char *file_read(const char *path, size_t *len);
/* Replaces the file in one step, so that two makes at once never see half of it. */
void file_write(const char *path, const struct text *t);

/* Prints "file:line:column: message" on stderr and counts it. column 0 is left out. */
void complain(const char *path, int line, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* How often complain was called. */
int complaint_count(void);

/* 1-based line and column (in bytes) of an offset. */
struct text_place {
    int line, column;
};
struct text_place place_of(const char *text, size_t offset);

bool is_name_start(char c); /* [A-Za-z_] */
bool is_name_char(char c);  /* [A-Za-z0-9_] */
bool is_blank(char c);      /* blank, tab, line end */
/* Offset behind a quoted C, SQL or po string that begins at `at` with its quote; backslash
 * escapes only when `escapes`, doubled quotes otherwise. `len` when it does not end. */
size_t string_end(const char *text, size_t len, size_t at, bool escapes);
/* Upper case, anything but letters and digits becomes '_'. */
char *macro_name(const char *name);
/* "src/register/area.sql" -> "register/area.sql". */
const char *room_path(const char *path);
/* A new array of `count` names, NULL-terminated file paths as the shell gave them, sorted. */
const char **sorted_paths(char **paths, int count);
/* Offset of the first byte that is not valid UTF-8, or len. */
size_t utf8_bad(const char *p, size_t len);
/* Code point at *at (valid UTF-8) and moves *at behind it. */
uint32_t utf8_take(const char *p, size_t len, size_t *at);

#endif

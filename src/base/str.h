/* A text with a length. Not NUL-terminated unless a function says so. The bytes belong to
 * whoever made them: an arena, a mapped file, or static storage. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *p;
    size_t len;
};

/* A str of a string literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* printf arguments for "%.*s". */
#define STR_ARG(s) ((int)(s).len), ((s).p)

/* A str of a NUL-terminated text; NULL gives the empty str. */
struct str str_of(const char *z);
bool str_eq(struct str a, struct str b);
bool str_eq_z(struct str a, const char *z);
/* Byte order; shorter first when one is the other's beginning. <0, 0, >0. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Without ASCII blanks, tabs, line ends, NBSP (U+00A0), ideographic space (U+3000) and
 * zero-width characters (U+200B, U+FEFF) at both ends. Shares the bytes. */
struct str str_trim(struct str s);
/* Cuts `*rest` at the first `separator`: returns what stands before it and moves *rest behind
 * it. When none is left, returns all of *rest and sets rest->p to NULL. */
struct str str_cut(struct str *rest, char separator);
/* Strict decimal integer: optional '-', digits, nothing else; false on overflow or any other
 * character, *out untouched. */
bool str_to_i64(int64_t *out, struct str s);
/* Strict finite decimal number in C notation, no locale, no hex, no "nan". */
bool str_to_f64(double *out, struct str s);
/* Fixed-point: "12.5" with decimals=2 gives 1250. Refuses more decimals than given (trailing
 * zeros allowed), overflow, exponents, thousands separators. */
bool str_to_scaled(int64_t *out, struct str s, unsigned decimals);
/* Offset of `needle` in `hay`, or SIZE_MAX. */
size_t str_find(struct str hay, struct str needle);

#endif

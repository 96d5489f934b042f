/* UTF-8, normal forms and names. ICU does the hard parts. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"
#include "base/cx.h"

/* Offset of the first bad byte (over-long, surrogate, > U+10FFFF, NUL counts as bad), or s.len.
 */
size_t utf8_bad_at(struct str s);
/* Code points in valid UTF-8. */
size_t utf8_length(struct str s);
/* Next code point; moves *s. U+FFFD on bad bytes (one byte is passed). 0 at the end. */
uint32_t utf8_next(struct str *s);
void utf8_put(struct buf *out, uint32_t code_point);
/* NFC, full-width ASCII letters and digits to half width when `fold_width`; in the arena. */
struct str utf8_normal(struct cx *cx, struct str s, bool fold_width);
/* What utf8_normal knows without ICU. Plain: alone and beside other plain characters in NFC.
 * Wide: a full-width ASCII letter or digit. */
bool utf8_is_plain(uint32_t code_point);
bool utf8_is_wide_alnum(uint32_t code_point);
/* Search form: NFKC case fold, blanks collapsed. */
struct str utf8_fold(struct cx *cx, struct str s);
/* Pinyin of 王小明 without tones, lower case, syllables apart: "wang xiao ming"; ü is u. The
 * first character is read as a surname where that differs (曾: zeng). Other scripts come
 * through folded and without accents; the dot of transcribed names is a blank. For sorting and
 * search. */
struct str utf8_pinyin(struct cx *cx, struct str s);
/* Words for full-text search, separated by blanks: every CJK character and every pair of
 * neighbours; other scripts by word; `with_pinyin` adds the syllables and their pairs joined,
 * and for runs of up to 16 characters all joined ("wangxiaoming") and the initials ("wxm"),
 * also with the first character read as a surname and with ü typed as v; and words without
 * accents. The same text goes into SQLite's FTS5 and PostgreSQL's tsvector; a query takes its
 * words without pinyin. */
struct str utf8_search_words(struct cx *cx, struct str s, bool with_pinyin);
/* GB18030 (covers GBK, GB2312) or UTF-16 to UTF-8. RC_INVALID with the offset in detail. */
enum charset { CHARSET_UTF8, CHARSET_GB18030, CHARSET_UTF16LE, CHARSET_UTF16BE };
enum rc utf8_from(struct str *out, struct cx *cx, struct str bytes, enum charset from) MUST_USE;
/* Length of the longest beginning of `bytes` that ends between characters, so that a file can
 * be converted piece by piece: the cut-off rest is put before the next piece. At most 3 bytes
 * less than bytes.len. `bytes` must begin at a character. */
size_t utf8_whole(struct str bytes, enum charset from);
/* By byte-order mark, then validity: UTF-8 when the sample is valid UTF-8 (a character cut at
 * the sample's end is allowed), else GB18030 when valid as that, else UTF-8. *bom_len = bytes
 * to skip. */
enum charset charset_guess(size_t *bom_len, struct str sample);

#endif

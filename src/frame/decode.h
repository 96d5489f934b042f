/* A file descriptor of text in UTF-8, GB18030 or UTF-16 as pieces of valid UTF-8 without NUL,
 * in constant memory. Does not know lines: the reader says where a fault lies. */
#ifndef FRAME_DECODE_H
#define FRAME_DECODE_H

#include "base/cx.h"
#include "base/utf8.h"

enum decode_trouble {
    DECODE_FINE,
    DECODE_BAD, /* bytes that are not of this encoding */
    DECODE_NUL, /* a zero byte */
};
struct decoder;
/* Reads the first piece of `fd` and guesses the encoding. Owned by caller, decoder_free. */
enum rc decoder_open(struct decoder **out, struct cx *cx, int fd) MUST_USE;
void decoder_free(struct decoder *d);
/* The first bytes of the file as they are, at most 256 KiB; until decoder_next is called. */
struct str decoder_sample(const struct decoder *d);
/* The next piece, until the next call; empty at the end or at a fault. A text of pure ASCII
 * that turns into GB18030 later is followed. */
enum rc decoder_next(struct str *out, struct cx *cx, struct decoder *d) MUST_USE;
enum charset decoder_charset(const struct decoder *d);
/* What stopped decoder_next, and the offset in the file (near it for NUL outside UTF-8). */
enum decode_trouble decoder_trouble(const struct decoder *d);
uint64_t decoder_trouble_at(const struct decoder *d);

#endif

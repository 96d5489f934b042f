/* What tips, grievances, postings and assemblies share: sealed words, codes for asking again,
 * switches by area, what an actor may reach, and the throttle of the public pages. */
#ifndef CASEWORK_PUBLIC_INNER_H
#define CASEWORK_PUBLIC_INNER_H

#include "profile/workflows.h"
#include "register/area.h"

enum {
    REFERENCE_LEN = 8,
    REFERENCE_BYTES = 16,
    WORDS_PARTS = 3,
    NAME_MAX_CHARS = 60,
    PHONE_MAX_CHARS = 30,
    TEXT_MAX_CHARS = 2000
};

/* ---- words ---- */
struct words {
    struct str part[WORDS_PARTS]; /* name, phone, text */
};
/* A new key, wrapped by the master key, and the parts sealed with it. */
struct str words_seal(struct cx *cx, const struct words *w, const char *context);
/* Into the arena. RC_INVALID when it was not sealed so. */
enum rc words_open(struct words *out, struct cx *cx, struct str sealed,
                   const char *context) MUST_USE;
/* Trims, checks UTF-8, makes NFC; RC_INVALID with a sentence that names `field`. An empty
 * required text is RC_INVALID. */
enum rc words_clean(struct str *text, struct cx *cx, size_t max_chars, bool required,
                    const char *field) MUST_USE;
/* Digits, blanks and +-() only; may be empty. */
enum rc words_clean_phone(struct str *phone, struct cx *cx) MUST_USE;

/* ---- codes for asking again ---- */
/* At random, or from `seed` (the form's own number): the same seed gives the same code. */
void reference_make(char out[REFERENCE_LEN + 1], struct cx *cx, struct str seed,
                    const char *kind);
/* The seed of what a form said: its own number with the words, so that the same form sent twice
 * gives one code, and a form that was gone back to and written anew another. "" without a
 * number. */
struct str reference_seed(struct cx *cx, const char *once, int64_t about,
                          const struct words *words);
/* As typed: either case, blanks and hyphens do not count. False: not such a code. */
bool reference_hash(uint8_t out[REFERENCE_BYTES], struct cx *cx, struct str typed);
/* "ABCD 2346" */
const char *reference_shown(struct cx *cx, const char *reference);

/* ---- areas ---- */
/* The switch of the profile in the area; NULL: the profile has none. */
enum rc area_option(const struct option **out, struct cx *cx, int64_t area_id,
                    const char *code) MUST_USE;
/* RC_NOTFOUND when the actor may not see cases at the path, RC_DENIED when the permission is
 * missing there. */
enum rc place_require(struct cx *cx, const char *permission, const char *path) MUST_USE;
/* The part of the office a list is about: the area, or (0) the actor's first own one. */
struct place_range {
    struct area area;
    int64_t from_county, to_county;
    const char *path, *end;
};
enum rc place_range_find(struct place_range *out, struct cx *cx, int64_t area_id) MUST_USE;

/* ---- the public's door ---- */
/* Counts an attempt of a client: `free_tries` an hour, then waits of 1 s, 2 s … 15 min. RC_BUSY
 * with a sentence. Opens its own write. */
enum rc public_door_enter(struct cx *cx, const char *kind, const char *client,
                          int32_t free_tries) MUST_USE;
/* It was no guess: takes the attempt back. */
enum rc public_door_leave(struct cx *cx, const char *kind, const char *client) MUST_USE;

#endif

/* Short secrets of things that people carry, such as a printed card: a PIN of 4 to 6 digits.
 * The thing and the PIN together are the proof; where they are kept is the caller's. */
#ifndef PEOPLE_USER_PIN_H
#define PEOPLE_USER_PIN_H

#include "people/user.h"

/* RC_INVALID with a sentence: not 4 to 6 digits, or among the first that others would try (the
 * same digit all along, 1234, 654321). */
enum rc user_pin_ok(struct cx *cx, struct str pin) MUST_USE;
/* Argon2id, a tenth of a second: not inside a write closure. */
enum rc user_pin_hash(const char **out, struct cx *cx, struct str pin) MUST_USE;
struct pin_proof {
    struct str thing; /* what the PIN belongs to: guessing is slowed down by it */
    int64_t user_id;  /* 0: there is no such thing; costs the same time */
    const char *hash;
    struct str pin;
};
/* Opens a session; throttled by thing and client as session_open is by login and client.
 * RC_DENIED: wrong or blocked; RC_BUSY: wait. */
enum rc session_open_pin(const char **token, struct cx *cx, const struct pin_proof *p,
                         struct str client, struct str device) MUST_USE;
/* A user of such a thing: without a password, without grants. Its number is below 0, so that it
 * is never that of a user of the office. In a write closure. */
enum rc user_pin_add(int64_t *id, struct cx *cx, const char *login, const char *name) MUST_USE;
/* All sessions of a user end: the thing was lost. In a write closure. */
enum rc user_pin_end(struct cx *cx, int64_t user_id) MUST_USE;

#endif

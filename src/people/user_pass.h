/* A pass: how a user who is signed in at the office enters the market, where there are no
 * passwords of theirs. Sealed with the market's key, for a minute, once. In the market the user
 * has the same number, name and grants as in the office at that moment. */
#ifndef PEOPLE_USER_PASS_H
#define PEOPLE_USER_PASS_H

#include "people/user.h"

struct vault;
enum { PASS_S = 60 };
/* In the office: a pass of the actor, sealed with the market's keys. Text of letters and
 * digits. */
enum rc user_pass_make(const char **pass, struct cx *cx, const struct vault *market) MUST_USE;
/* In the market: the user and grants are as the pass says, and a session is opened. RC_DENIED
 * with a sentence: too old, used before, or not made by this market's office. */
enum rc user_pass_use(const char **token, struct cx *cx, struct str pass, struct str client,
                      struct str device) MUST_USE;

#endif

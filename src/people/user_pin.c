/* PINs of cards: see user_pin.h; session_open_pin is in user_session.c. */
#include "people/user_pin.h"

#include "base/text.h"
#include "people/people_inner.h"
#include "people/user_pin.sql.h"

enum { PIN_MIN = 4, PIN_MAX = 6 };

enum rc user_pin_ok(struct cx *cx, struct str pin)
{
    bool digits = pin.len >= PIN_MIN && pin.len <= PIN_MAX;
    for (size_t i = 0; i < pin.len && digits; i++)
        digits = pin.p[i] >= '0' && pin.p[i] <= '9';
    if (!digits)
        return fail(cx, RC_INVALID, _("The PIN has 4 to 6 digits."), "pin");
    int step = pin.p[1] - pin.p[0];
    bool run = step >= -1 && step <= 1;
    for (size_t i = 1; i < pin.len && run; i++)
        run = pin.p[i] - pin.p[i - 1] == step;
    if (run)
        return fail(cx, RC_INVALID,
                    _("This PIN is among the first that others would try. Choose another."),
                    "pin run");
    return RC_OK;
}

enum rc user_pin_hash(const char **out, struct cx *cx, struct str pin)
{
    TRY(user_pin_ok(cx, pin));
    return people_hash(out, cx, pin);
}

enum rc user_pin_add(int64_t *id, struct cx *cx, const char *login, const char *name)
{
    int64_t fresh;
    TRY(db_ids(&fresh, cx, 1));
    *id = -fresh;
    return DB_RUN(cx, &PIN_USER_ADD, V_I(*id), V_T(login), V_T(name), V_I(cx->now_at));
}

enum rc user_pin_end(struct cx *cx, int64_t user_id)
{
    return people_end_sessions(cx, user_id, 0);
}

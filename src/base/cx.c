/* The context and the one way to fail. Logging the failure is the caller's edge (request, job,
 * command), not done here. */
#include "base/cx.h"

#include "base/text.h"
#include "base/time.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void cx_init(struct cx *cx, struct arena *arena)
{
    memset(cx, 0, sizeof *cx);
    cx->arena = arena;
    cx->lang = LANG_EN;
    cx->now_at = time_now();
}

/* A text cut off by its buffer must not end in half a character. */
static void trim_half_character(char *text, size_t size)
{
    size_t len = strnlen(text, size - 1);
    if (len + 1 < size)
        return;
    size_t lead = len;
    while (lead > 0 && len - lead < 3 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (lead == 0)
        return;
    unsigned char c = (unsigned char)text[lead - 1];
    size_t want = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    if (len - (lead - 1) < want)
        text[lead - 1] = 0;
}

enum rc fail(struct cx *cx, enum rc rc, const char *text, const char *detail, ...)
{
    struct err *err = &cx->err;
    va_list ap;
    assert(rc != RC_OK);
    size_t used = 0;
    if (err->rc == RC_OK) {
        err->rc = rc;
        snprintf(err->text, sizeof err->text, "%s", text ? text : "");
        trim_half_character(err->text, sizeof err->text);
        err->detail[0] = 0;
    } else {
        used = strnlen(err->detail, sizeof err->detail - 1);
        snprintf(err->detail + used, sizeof err->detail - used, "%s%s: ", used ? " | " : "",
                 rc_name(rc));
        used = strnlen(err->detail, sizeof err->detail - 1);
    }
    if (detail) {
        va_start(ap, detail);
        vsnprintf(err->detail + used, sizeof err->detail - used, detail, ap);
        va_end(ap);
        trim_half_character(err->detail, sizeof err->detail);
    }
    return rc;
}

enum rc fail_f(struct cx *cx, enum rc rc, const char *format, ...)
{
    struct err *err = &cx->err;
    assert(rc != RC_OK);
    if (err->rc != RC_OK)
        return fail(cx, rc, NULL, "later failure");
    err->rc = rc;
    err->detail[0] = 0;
    va_list ap;
    va_start(ap, format);
    vsnprintf(err->text, sizeof err->text, format, ap);
    va_end(ap);
    trim_half_character(err->text, sizeof err->text);
    return rc;
}

void err_clear(struct cx *cx)
{
    cx->err.rc = RC_OK;
    cx->err.text[0] = 0;
    cx->err.detail[0] = 0;
}

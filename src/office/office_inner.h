/* What the files of office share; no other room includes this. */
#ifndef OFFICE_OFFICE_INNER_H
#define OFFICE_OFFICE_INNER_H

#include "base/cx.h"
#include "base/str.h"

enum { OFFICE_DAY_LATEST = 84005 /* 2199-12-31 */ };

/* A text typed by a person: valid UTF-8, NFC, trimmed, at most `max` characters; RC_INVALID
 * with the field's name in the sentence. */
enum rc office_text(const char **out, struct cx *cx, const char *typed, const char *field,
                    size_t max, bool may_be_empty) MUST_USE;
/* County and path of an area that exists today. RC_INVALID, RC_NOTFOUND. */
enum rc office_area(int64_t *county, const char **path, struct cx *cx,
                    int64_t area_id) MUST_USE;
/* Does the path touch the actor's areas (household.view)? */
bool office_touches(struct cx *cx, struct str path);
/* "2026-11-23 09:30" in the office's zone: the same in both languages. */
const char *office_time(struct cx *cx, int64_t at);

#endif

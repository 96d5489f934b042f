/* What organisations, duties, substitutes and helpers share inside people. */
#ifndef PEOPLE_ORG_INNER_H
#define PEOPLE_ORG_INNER_H

#include "people/org.h"
#include "people/people_inner.h"

enum { ORG_TEXT_MAX = 60, DAY_LATEST = 84005 /* 2199-12-31 */, ORG_USERS_MAX = 200 };

/* The day of cx->now_at in the profile's zone. */
int32_t people_today(const struct cx *cx);
/* A text typed by a person: valid UTF-8, NFC, trimmed, at most ORG_TEXT_MAX characters; empty
 * only where `may_be_empty`. RC_INVALID with `field` ("Name") in the sentence. */
enum rc people_text(const char **out, struct cx *cx, const char *typed, const char *field,
                    bool may_be_empty) MUST_USE;
/* Folded text and its pinyin: what searches look into. */
const char *people_key(struct cx *cx, const char *name);
/* A search as typed, in the form of people_key. */
struct str people_needle(struct cx *cx, struct str search);
/* The part of an area's path that names its county; the path itself above counties. */
struct str people_county_path(const struct cx *cx, struct str area_path);
/* RC_NOTFOUND: no such organisation. Without looking at rights. */
enum rc org_load(struct org *out, struct cx *cx, int64_t id) MUST_USE;
/* … that exists today and that the actor may manage. */
enum rc org_load_managed(struct org *out, struct cx *cx, int64_t id) MUST_USE;

/* A growing list of users without repetition. */
struct user_set {
    int64_t *ids;
    size_t count, cap;
};
enum rc user_set_add(struct cx *cx, struct user_set *set, int64_t id) MUST_USE;
/* Adds who stands in today for those in the set, and for them in turn. */
enum rc user_set_substitutes(struct cx *cx, struct user_set *set) MUST_USE;

/* Ends what a person does for organisations and helps; in a write closure. */
enum rc helper_close_all(int64_t **left, size_t *count, struct cx *cx, int64_t helper_id,
                         int32_t to_day) MUST_USE;

#endif

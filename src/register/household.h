/* Households and their people: identity, membership with dates, search. Indicators are in the
 * sheets (profile/sheet.h); every change goes through register/apply.h. Reading only here. */
#ifndef REGISTER_HOUSEHOLD_H
#define REGISTER_HOUSEHOLD_H

#include "base/cx.h"
#include "base/value.h"
#include "db/filter.h"
#include "profile/profile.h"

struct household {
    int64_t county, id, area_id;
    const char *area_path;
    const char *code; /* household code of the programme; unique in the county, "" when none */
    int64_t head_id;  /* person; 0 when unknown */
    const char *head_name;
    int32_t people_count;        /* present members */
    int32_t from_day, ended_day; /* ended_day 0 = active */
    int64_t changed_at;
    int32_t sheet_year; /* newest sheet; 0 = none */
};
struct person {
    int64_t county, id, household_id;
    const char *code;                          /* person code of the programme; "" */
    const char *name;                          /* "" where the profile's surveys have none */
    int32_t sex;                               /* code of the profile's sex list; 0 unknown */
    int32_t birth_day;                         /* INT32_MIN unknown */
    int32_t relation;                          /* code of the relation list; 0 unknown */
    int32_t from_day, to_day;                  /* membership; to_day 0 = present */
    bool has_identity, has_phone, has_account; /* sealed: see person_reveal */
};
/* RC_NOTFOUND also when it lies outside the actor's areas (permission household.view) or its
 * import has not yet become visible. */
enum rc household_get(struct household *out, struct cx *cx, int64_t id) MUST_USE;
enum rc household_by_code(struct household *out, struct cx *cx, int64_t county,
                          struct str code) MUST_USE;
/* Present members, head first, then by birth; `with_past` adds former ones. */
enum rc household_people(struct person **out, size_t *count, struct cx *cx, int64_t county,
                         int64_t household_id, bool with_past) MUST_USE;
enum rc person_get(struct person *out, struct cx *cx, int64_t id) MUST_USE;

enum secret { SECRET_IDENTITY, SECRET_PHONE, SECRET_ACCOUNT };
/* Masked form for screens: "5201**********1234"; never leaves more than the profile's
 * first/last digits. */
enum rc person_masked(const char **out, struct cx *cx, int64_t county, int64_t person_id,
                      enum secret which) MUST_USE;
/* The masked form of a plain value; in cx->arena. */
const char *secret_mask(struct cx *cx, enum secret which, struct str plain);
/* The plain value, after permission household.reveal, logged with look_log before it is
 * returned. */
enum rc person_reveal(const char **out, struct cx *cx, int64_t county, int64_t person_id,
                      enum secret which, struct str reason) MUST_USE;

/* The plain text of an indicator marked secret: its value in the sheet is sealed. The caller
 * has checked the permission household.reveal and logs the look. */
enum rc person_secret_value(struct str *plain, struct cx *cx, int64_t county, int64_t person_id,
                            struct value sealed) MUST_USE;
/* Erases a person's secrets for good: drops the key, the sealed values and the blind indexes.
 * The journal keeps its sealed bytes, which nobody can read any more. In a write closure of the
 * county. */
enum rc person_erase_secrets(struct cx *cx, int64_t county, int64_t person_id) MUST_USE;

/* ---- list ---- */
struct household_row {
    struct household h;
    const char *village;   /* names from below the tenant to the lowest level, "A · B" */
    struct value shown[8]; /* profile->list_columns */
};
struct household_query {
    struct str search; /* name (either language's script, pinyin), household code, identity
                          number, phone, village */
    int64_t area_id;   /* 0 = all of the actor's areas */
    struct str sort;   /* "area" (default), "code", "name", "size", "changed" */
    bool descending;
    bool ended; /* ended households instead of active ones */
    struct str
        list_column[8]; /* filter on profile->list_columns[i]: code number as text; "" = any */
    struct str after;   /* keyset token of the previous page; "" = first */
    size_t limit;
};
/* *next: token for the next page or NULL. Never counts the whole list; see household_count. */
enum rc household_list(struct household_row **out, size_t *count, const char **next,
                       struct cx *cx, const struct household_query *q) MUST_USE;
/* Stored count for an area when no other filter is set (exact, cheap); else counted up to `max`
 * (then *more). */
enum rc household_count(int64_t *count, bool *more, struct cx *cx,
                        const struct household_query *q, int64_t max) MUST_USE;

/* ---- incomes ---- */
struct income {
    int32_t year;
    const struct income_kind *kind;
    int64_t person_id; /* 0: the household */
    int64_t amount_minor;
    int64_t document_id;
    int64_t journal_seq;
};
enum rc household_incomes(struct income **out, size_t *count, struct cx *cx, int64_t county,
                          int64_t household_id) MUST_USE;

#endif

/* The codebook of cx->profile: every indicator, income and code list in one text. */
#ifndef PROFILE_CODEBOOK_H
#define PROFILE_CODEBOOK_H

#include "base/buf.h"
#include "base/json.h"
#include "profile/profile.h"
#include "profile/rules.h"

enum codebook_format {
    CODEBOOK_TEXT, /* in cx's language, for reading */
    CODEBOOK_CSV,  /* one row per indicator, both languages, codes as "1=Head|2=Spouse" */
    CODEBOOK_JSON, /* one object: profile, indicators, incomes, lists, thresholds, derived,
                      checks, indexes */
};
enum { CODEBOOK_BYTES_MAX = 8 * 1024 * 1024 };

/* Appends the codebook; the caller checks buf_ok. */
void profile_codebook(struct buf *out, struct cx *cx, enum codebook_format format);
/* Appends a cell of a CSV file, quoted where needed. */
void codebook_csv_cell(struct buf *out, const char *text);
/* Puts {"en": …, "zh": …} under the key. */
void codebook_json_label(struct json *j, const char *key, struct label label);
/* The parts about rules (codebook_rules.c): sections of the text, keys of the JSON object. */
void codebook_rules_text(struct buf *out, struct cx *cx);
void codebook_rules_json(struct json *j, struct cx *cx);
/* "error", "warning", "note": as checks.csv writes it. Static. */
const char *severity_name(enum severity severity);

#endif

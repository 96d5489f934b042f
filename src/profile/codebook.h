/* The codebook of cx->profile: every indicator, income and code list in one text. */
#ifndef PROFILE_CODEBOOK_H
#define PROFILE_CODEBOOK_H

#include "base/buf.h"
#include "profile/profile.h"

enum codebook_format {
    CODEBOOK_TEXT, /* in cx's language, for reading */
    CODEBOOK_CSV,  /* one row per indicator, both languages, codes as "1=Head|2=Spouse" */
    CODEBOOK_JSON, /* one object: profile, indicators, incomes, lists, thresholds */
};
enum { CODEBOOK_BYTES_MAX = 8 * 1024 * 1024 };

/* Appends the codebook; the caller checks buf_ok. */
void profile_codebook(struct buf *out, struct cx *cx, enum codebook_format format);
/* Appends a cell of a CSV file, quoted where needed. */
void codebook_csv_cell(struct buf *out, const char *text);

#endif

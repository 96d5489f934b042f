/* Streams many sheets as numbers, without building values: what columns are filled from. The
 * packed field is read by a scanner that knows what sheet.c writes (one flat object of whole
 * numbers and texts); anything else in it is a damaged sheet. */
#include "profile/sheet.h"

#include "base/text.h"
#include "profile/profile_impl.h"

#include <string.h>

/* ---- the packed field ---- */

static void skip_blanks(struct str *s)
{
    while (s->len > 0 && (*s->p == ' ' || *s->p == '\n' || *s->p == '\t' || *s->p == '\r')) {
        s->p++;
        s->len--;
    }
}

static bool take(struct str *s, char c)
{
    skip_blanks(s);
    if (s->len == 0 || *s->p != c)
        return false;
    s->p++;
    s->len--;
    return true;
}

/* A JSON text without its quotes, escapes left as they are. */
static bool take_text(struct str *out, struct str *s)
{
    if (!take(s, '"'))
        return false;
    size_t len = 0;
    while (len < s->len && s->p[len] != '"')
        len += s->p[len] == '\\' ? 2 : 1;
    if (len >= s->len)
        return false;
    *out = (struct str){s->p, len};
    s->p += len + 1;
    s->len -= len + 1;
    return true;
}

/* A number, or one written as a text because it is beyond 2^53. */
static bool take_value(int64_t *number, bool *is_number, struct str *s)
{
    struct str text;
    skip_blanks(s);
    if (s->len > 0 && *s->p == '"') {
        if (!take_text(&text, s))
            return false;
        *is_number = str_to_i64(number, text);
        return true;
    }
    size_t len = 0;
    while (len < s->len && s->p[len] != ',' && s->p[len] != '}' && s->p[len] != ' ')
        len++;
    text = (struct str){s->p, len};
    s->p += len;
    s->len -= len;
    *is_number = str_to_i64(number, text);
    return *is_number;
}

/* False when the bytes are not what sheet.c writes. */
static bool read_extra(const struct profile *p, enum subject subject, struct str extra,
                       const struct sheet_reader *r)
{
    if (!take(&extra, '{'))
        return false;
    if (take(&extra, '}'))
        return true;
    do {
        struct str key;
        int64_t number = 0;
        bool is_number = false;
        if (!take_text(&key, &extra) || !take(&extra, ':') ||
            !take_value(&number, &is_number, &extra))
            return false;
        const struct indicator *ind = profile_indicator(p, subject, key);
        if (!ind || ind->core)
            continue;
        if (ind->type == TYPE_TEXT || ind->secret)
            r->value(r->arg, ind, 1);
        else if (is_number)
            r->value(r->arg, ind, number);
        else
            return false;
    } while (take(&extra, ','));
    return take(&extra, '}');
}

/* ---- rows ---- */

enum { COLUMN_ID, COLUMN_YEAR, COLUMN_EXTRA, COLUMN_CORE };

static enum rc read_rows(struct db_rows *rows, struct cx *cx, enum subject subject,
                         const struct sheet_reader *r)
{
    const struct sheet_sql *s = &cx->profile->own->sheets[subject];
    bool good = true;
    while (good && db_next(rows)) {
        if (!r->sheet(r->arg, row_i64(rows, COLUMN_ID), (int32_t)row_i64(rows, COLUMN_YEAR)))
            continue;
        for (size_t i = 0; i < s->core_count; i++) {
            int column = COLUMN_CORE + (int)i;
            const struct indicator *ind = s->core[i];
            if (row_null(rows, column))
                continue;
            r->value(r->arg, ind,
                     ind->type == TYPE_TEXT || ind->secret ? 1 : row_i64(rows, column));
        }
        struct str extra = row_str(rows, COLUMN_EXTRA);
        if (extra.len > 0)
            good = read_extra(cx->profile, subject, extra, r);
    }
    TRY(db_done(rows));
    return good ? RC_OK
                : fail(cx, RC_DB, _("A stored sheet cannot be read."), "extra of subject %d",
                       (int)subject);
}

enum rc sheet_read_year(struct cx *cx, enum subject subject, int64_t county, int32_t year,
                        const struct sheet_reader *r)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &cx->profile->own->sheets[subject].of_year, V_I(county),
                  V_I(year)));
    return read_rows(&rows, cx, subject, r);
}

enum rc sheet_read_thing(struct cx *cx, enum subject subject, int64_t county, int64_t id,
                         const struct sheet_reader *r)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &cx->profile->own->sheets[subject].of_thing, V_I(county),
                  V_I(id)));
    return read_rows(&rows, cx, subject, r);
}

enum rc sheet_read_pairs(struct cx *cx, enum subject subject, int64_t county,
                         const struct sheet_reader *r)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &cx->profile->own->sheets[subject].pairs, V_I(county)));
    while (db_next(&rows))
        (void)r->sheet(r->arg, row_i64(&rows, COLUMN_ID), (int32_t)row_i64(&rows, COLUMN_YEAR));
    return db_done(&rows);
}

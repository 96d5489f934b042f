/* Stata (release 118, UTF-8) and SPSS through ReadStat's writer. Rows are spooled first; at the
 * end every column gets the narrowest type that holds what was seen. Names: stat_names.c. */
#include "frame/stat_names.h"

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"
#include "frame/number.h"
#include "frame/spool.h"
#include "frame/writer.h"

#include <readstat.h>

enum {
    DTA_VERSION = 118,
    DTA_TEXT_MAX = 2045, /* longer: strL */
    SAV_TEXT_MAX = 32767,
    LABEL_BYTES_MAX = 240, /* 80 characters of 3 bytes; SPSS allows 255 bytes */
    SAV_VALUE_LABEL_MAX = 120,
    DTA_VALUE_LABEL_MAX = 1000,
    NOTE_BYTES_MAX = 80, /* one line of an SPSS document record */
    STATA_FROM_1970 = 3653,
};
static const double spss_from_1970 = 141428, day_seconds = 86400;
/* Integers beyond this are not exact as doubles: the column becomes text. */
static const int64_t exact_max = (int64_t)1 << 53;

enum stat_kind {
    STAT_INT8,
    STAT_INT16,
    STAT_INT32,
    STAT_DOUBLE,
    STAT_DIGITS,
    STAT_TEXT,
    STAT_LONG
};
struct stat_column {
    enum stat_kind kind;
    readstat_variable_t *variable;
};
struct stat_writer {
    struct cx *cx; /* during close: for the write callback */
    struct frame_writer *w;
    struct spool *spool;
    readstat_writer_t *writer;
    struct stat_column *columns;
    struct out_cell *cells;
    struct buf text; /* one text, NUL-terminated */
    int next_long;   /* the next strL to be referred to */
    enum rc rc;      /* failure of the write callback */
};

static enum rc stat_begin(struct cx *cx, struct frame_writer *w)
{
    struct stat_writer *s = arena_new(w->arena, sizeof *s);
    w->state = s;
    s->w = w;
    s->columns = arena_new(w->arena, w->column_count * sizeof *s->columns);
    s->cells = arena_new(w->arena, w->column_count * sizeof *s->cells);
    buf_init(&s->text, NULL, 64 * 1024 * 1024);
    return spool_open(&s->spool, cx, w->columns, w->column_count, writer_tmp_dir(cx));
}

static enum rc stat_row(struct cx *cx, struct frame_writer *w, const struct out_cell *cells)
{
    struct stat_writer *s = w->state;
    if (w->row_count >= INT32_MAX)
        return fail_f(cx, RC_LIMIT, _("The file can hold at most %d rows. Choose CSV."),
                      INT32_MAX);
    return spool_put(cx, s->spool, cells);
}

static void stat_release(struct frame_writer *w)
{
    struct stat_writer *s = w->state;
    if (s->writer)
        readstat_writer_free(s->writer);
    spool_free(s->spool);
    buf_free(&s->text);
}

/* ---- the head ---- */

static ssize_t on_bytes(const void *p, size_t len, void *user)
{
    struct stat_writer *s = user;
    buf_put(&s->w->out, p, len);
    s->rc = writer_flush(s->cx, s->w, false);
    return s->rc ? -1 : (ssize_t)len;
}

static enum rc stat_failed(struct cx *cx, const struct stat_writer *s, readstat_error_t e,
                           const char *column)
{
    if (s->rc)
        return s->rc;
    return fail_f(cx, RC_INVALID,
                  _("Column %s cannot be written to this kind of file (%s). Choose CSV."),
                  column, readstat_error_message(e));
}

/* At most `max` bytes, cut between characters; NUL-terminated in the writer's arena. */
static const char *cut(const struct stat_writer *s, const char *z, size_t max)
{
    struct str text = str_of(z);
    text.len = text.len < max ? text.len : max;
    text.len = utf8_whole(text, CHARSET_UTF8);
    return arena_copy(s->w->arena, text);
}

static enum stat_kind kind_of(const struct frame_writer *w, const struct column_spec *c,
                              const struct spool_column *seen)
{
    bool dta = w->format == FRAME_DTA;
    if (c->type == COLUMN_TEXT)
        return dta && seen->text_bytes > DTA_TEXT_MAX ? STAT_LONG : STAT_TEXT;
    if (c->type == COLUMN_F64)
        return STAT_DOUBLE;
    if (seen->min <= seen->max && (seen->min < -exact_max || seen->max > exact_max))
        return STAT_DIGITS;
    if (c->decimals > 0 || !dta)
        return STAT_DOUBLE;
    int64_t shift = c->is_day ? STATA_FROM_1970 : 0;
    int64_t min = seen->min <= seen->max ? seen->min + shift : 0;
    int64_t max = seen->min <= seen->max ? seen->max + shift : 0;
    /* Stata's largest values of each type are its missing values. */
    if (min >= -127 && max <= 100)
        return STAT_INT8;
    if (min >= -32767 && max <= 32740)
        return STAT_INT16;
    if (min >= -2147483647 && max <= 2147483620)
        return STAT_INT32;
    return STAT_DOUBLE;
}

static readstat_type_t type_of(enum stat_kind kind)
{
    switch (kind) {
    case STAT_INT8:
        return READSTAT_TYPE_INT8;
    case STAT_INT16:
        return READSTAT_TYPE_INT16;
    case STAT_INT32:
        return READSTAT_TYPE_INT32;
    case STAT_DOUBLE:
        return READSTAT_TYPE_DOUBLE;
    case STAT_LONG:
        return READSTAT_TYPE_STRING_REF;
    case STAT_DIGITS:
    case STAT_TEXT:
        break;
    }
    return READSTAT_TYPE_STRING;
}

static size_t width_of(enum stat_kind kind, const struct spool_column *seen)
{
    if (kind == STAT_DIGITS)
        return NUMBER_TEXT_MAX;
    if (kind == STAT_TEXT)
        return seen->text_bytes > 0 ? seen->text_bytes : 1;
    return 0;
}

static const char *display_format(struct cx *cx, const struct frame_writer *w,
                                  const struct column_spec *c, enum stat_kind kind)
{
    bool dta = w->format == FRAME_DTA;
    if (c->type != COLUMN_I64 || kind == STAT_DIGITS)
        return NULL; /* the library's own */
    if (c->is_day)
        return dta ? "%td" : "SDATE10";
    return arena_printf(cx->arena, dta ? "%%%d.%uf" : "F%d.%u", c->decimals ? 16 : 12,
                        c->decimals);
}

static bool labels_fit(const struct column_spec *c, enum stat_kind kind, bool dta)
{
    if (c->label_count == 0 || c->type != COLUMN_I64 || c->decimals > 0 || c->is_day ||
        kind == STAT_DIGITS)
        return false;
    for (size_t i = 0; i < c->label_count && dta; i++)
        if (c->labels[i].code < -2147483647 || c->labels[i].code > 2147483620)
            return false;
    return true;
}

static readstat_label_set_t *label_set_add(struct cx *cx, struct stat_writer *s, size_t index)
{
    const struct column_spec *c = &s->w->columns[index];
    bool dta = s->w->format == FRAME_DTA;
    const char *name = arena_printf(cx->arena, "labels%zu", index + 1);
    readstat_label_set_t *set = readstat_add_label_set(
        s->writer, dta ? READSTAT_TYPE_INT32 : READSTAT_TYPE_DOUBLE, name);
    for (size_t i = 0; i < c->label_count; i++) {
        const char *label =
            cut(s, c->labels[i].label, dta ? DTA_VALUE_LABEL_MAX : SAV_VALUE_LABEL_MAX);
        if (dta)
            readstat_label_int32_value(set, (int32_t)c->labels[i].code, label);
        else
            readstat_label_double_value(set, (double)c->labels[i].code, label);
    }
    return set;
}

static enum rc columns_add(struct cx *cx, struct stat_writer *s)
{
    struct frame_writer *w = s->w;
    bool dta = w->format == FRAME_DTA;
    const char **names = stat_names(cx, w->columns, w->column_count, dta);
    for (size_t i = 0; i < w->column_count; i++) {
        const struct column_spec *c = &w->columns[i];
        const struct spool_column *seen = spool_column(s->spool, i);
        enum stat_kind kind = kind_of(w, c, seen);
        if (!dta && kind == STAT_TEXT && seen->text_bytes > SAV_TEXT_MAX)
            return fail_f(cx, RC_LIMIT,
                          _("Column %s holds a text that is too long for SPSS. Choose CSV."),
                          c->name);
        readstat_variable_t *v =
            readstat_add_variable(s->writer, names[i], type_of(kind), width_of(kind, seen));
        s->columns[i] = (struct stat_column){kind, v};
        readstat_variable_set_label(v, cut(s, c->label, LABEL_BYTES_MAX));
        const char *format = display_format(cx, w, c, kind);
        if (format)
            readstat_variable_set_format(v, format);
        bool nominal = c->label_count > 0 || c->type == COLUMN_TEXT;
        readstat_variable_set_measure(v, nominal ? READSTAT_MEASURE_NOMINAL
                                                 : READSTAT_MEASURE_SCALE);
        if (labels_fit(c, kind, dta))
            readstat_variable_set_label_set(v, label_set_add(cx, s, i));
    }
    return RC_OK;
}

/* ---- the rows ---- */

static const char *text_z(struct stat_writer *s, struct str text)
{
    buf_clear(&s->text);
    buf_str(&s->text, text);
    return buf_view(&s->text).p;
}

static double number_of(const struct stat_writer *s, const struct column_spec *c,
                        const struct out_cell *cell)
{
    if (c->type == COLUMN_F64)
        return cell->f;
    if (c->is_day)
        return s->w->format == FRAME_DTA ? (double)(cell->i + STATA_FROM_1970)
                                         : ((double)cell->i + spss_from_1970) * day_seconds;
    double scale = 1;
    for (unsigned i = 0; i < c->decimals; i++)
        scale *= 10;
    return (double)cell->i / scale; /* both exact, so the quotient is rounded once */
}

static readstat_error_t insert(struct stat_writer *s, size_t i, const struct out_cell *cell)
{
    const struct column_spec *c = &s->w->columns[i];
    const readstat_variable_t *v = s->columns[i].variable;
    readstat_writer_t *out = s->writer;
    char z[NUMBER_TEXT_MAX];
    if (cell->missing && s->columns[i].kind != STAT_LONG)
        return readstat_insert_missing_value(out, v);
    int64_t whole = cell->i + (c->is_day ? STATA_FROM_1970 : 0);
    switch (s->columns[i].kind) {
    case STAT_INT8:
        return readstat_insert_int8_value(out, v, (int8_t)whole);
    case STAT_INT16:
        return readstat_insert_int16_value(out, v, (int16_t)whole);
    case STAT_INT32:
        return readstat_insert_int32_value(out, v, (int32_t)whole);
    case STAT_DOUBLE:
        return readstat_insert_double_value(out, v, number_of(s, c, cell));
    case STAT_DIGITS:
        return readstat_insert_string_value(
            out, v, text_z(s, number_text_scaled(z, cell->i, c->decimals)));
    case STAT_TEXT:
        return readstat_insert_string_value(out, v, text_z(s, cell->s));
    case STAT_LONG:
        break;
    }
    if (cell->missing || cell->s.len == 0)
        return readstat_insert_string_ref(out, v, readstat_get_string_ref(out, 0));
    return readstat_insert_string_ref(out, v, readstat_get_string_ref(out, s->next_long++));
}

/* strL texts stand before the rows in ReadStat's memory: they are added in a first pass. */
static enum rc long_texts_add(struct cx *cx, struct stat_writer *s)
{
    bool any = false;
    for (size_t i = 0; i < s->w->column_count; i++)
        any = any || s->columns[i].kind == STAT_LONG;
    if (any) {
        (void)readstat_add_string_ref(s->writer, ""); /* number 0: all empty cells share it */
        s->next_long = 1;
    }
    TRY(spool_rewind(cx, s->spool));
    for (int64_t row = 0; any && row < spool_row_count(s->spool); row++) {
        TRY(spool_get(s->cells, cx, s->spool));
        for (size_t i = 0; i < s->w->column_count; i++)
            if (s->columns[i].kind == STAT_LONG && !s->cells[i].missing &&
                s->cells[i].s.len > 0)
                (void)readstat_add_string_ref(s->writer, text_z(s, s->cells[i].s));
    }
    return spool_rewind(cx, s->spool);
}

static enum rc rows_write(struct cx *cx, struct stat_writer *s)
{
    for (int64_t row = 0; row < spool_row_count(s->spool); row++) {
        TRY(spool_get(s->cells, cx, s->spool));
        readstat_error_t e = readstat_begin_row(s->writer);
        size_t i = 0;
        for (; i < s->w->column_count && e == READSTAT_OK; i++)
            e = insert(s, i, &s->cells[i]);
        if (e == READSTAT_OK)
            e = readstat_end_row(s->writer);
        if (e != READSTAT_OK)
            return stat_failed(cx, s, e, s->w->columns[i ? i - 1 : 0].name);
    }
    return RC_OK;
}

static enum rc head_write(struct cx *cx, struct stat_writer *s)
{
    struct frame_writer *w = s->w;
    bool dta = w->format == FRAME_DTA;
    long rows = (long)spool_row_count(s->spool);
    readstat_error_t e = readstat_set_data_writer(s->writer, on_bytes);
    e = e ? e : readstat_writer_set_file_label(s->writer, cut(s, w->title, dta ? 240 : 64));
    e = e ? e : readstat_writer_set_file_timestamp(s->writer, cx->now_at);
    if (dta)
        e = e ? e : readstat_writer_set_file_format_version(s->writer, DTA_VERSION);
    else
        e = e ? e : readstat_writer_set_compression(s->writer, READSTAT_COMPRESS_ROWS);
    if (*w->note)
        readstat_add_note(s->writer, cut(s, w->note, NOTE_BYTES_MAX));
    e = e     ? e
        : dta ? readstat_begin_writing_dta(s->writer, s, rows)
              : readstat_begin_writing_sav(s->writer, s, rows);
    return e ? stat_failed(cx, s, e, w->columns[0].name) : RC_OK;
}

static enum rc stat_end(struct cx *cx, struct frame_writer *w)
{
    struct stat_writer *s = w->state;
    s->cx = cx;
    s->writer = readstat_writer_init();
    if (s->writer == NULL)
        return fail(cx, RC_LIMIT, _("A row is too long to be written."), "readstat memory");
    TRY(columns_add(cx, s));
    TRY(long_texts_add(cx, s));
    TRY(head_write(cx, s));
    TRY(rows_write(cx, s));
    readstat_error_t e = readstat_end_writing(s->writer);
    return e ? stat_failed(cx, s, e, w->columns[0].name) : RC_OK;
}

const struct writer_ops writer_stat = {stat_begin, stat_row, stat_end, stat_release, NULL};

/* Stata and SPSS through ReadStat, which asks for bytes and gives variables and values. Texts
 * come as they lie in the file and are turned into UTF-8 here: iconv would load modules. */
#include "frame/stat_read.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "frame/number.h"

#include <errno.h>
#include <math.h>
#include <readstat.h>
#include <unicode/ucnv.h>
#include <unistd.h>

/* Days from the formats' own first day to 1970-01-01: Stata counts from 1960-01-01, SPSS (in
 * seconds) from 1582-10-14. */
static const double stata_to_1970 = 3653, spss_to_1970 = 141428, day_seconds = 86400;

struct stat_file {
    struct cx *cx;
    int fd;
    off_t at, size;
    struct sink *sink;
    enum rows_file file;
    const char *declared; /* the file's own encoding; NULL when it names none */
    UConverter *converter;
    enum rows_charset charset;
    const char *names[LIMIT_IMPORT_COLUMNS];
    size_t name_count;
    bool names_put;
    int row; /* present observation, -1 before the first */
    enum rc rc;
};

/* ---- bytes ---- */

static int io_open(const char *path, void *user)
{
    (void)path, (void)user;
    return 0;
}

static int io_close(void *user)
{
    (void)user;
    return 0;
}

static readstat_off_t io_seek(readstat_off_t offset, readstat_io_flags_t whence, void *user)
{
    struct stat_file *f = user;
    off_t from = whence == READSTAT_SEEK_CUR   ? f->at
                 : whence == READSTAT_SEEK_END ? f->size
                                               : 0;
    off_t to;
    if (__builtin_add_overflow(from, offset, &to) || to < 0 || to > f->size)
        return -1;
    f->at = to;
    return to;
}

static ssize_t io_read(void *p, size_t len, void *user)
{
    struct stat_file *f = user;
    size_t got = 0;
    while (got < len) {
        ssize_t n = pread(f->fd, (char *)p + got, len - got, f->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
        f->at += n;
    }
    return (ssize_t)got;
}

static readstat_error_t io_update(long size, readstat_progress_handler progress, void *user_ctx,
                                  void *user)
{
    (void)size, (void)progress, (void)user_ctx, (void)user;
    return READSTAT_OK;
}

/* ---- texts ---- */

/* From a code page that ICU knows by name; unknown bytes become U+FFFD. */
static bool from_code_page(struct str *out, struct stat_file *f, struct str s, const char *name)
{
    UErrorCode e = U_ZERO_ERROR;
    if (f->converter == NULL)
        f->converter = ucnv_open(name, &e);
    if (U_FAILURE(e) || f->converter == NULL || s.len > LIMIT_CELL_BYTES)
        return false;
    char *to = arena_try(f->cx->arena, s.len * 4 + 1);
    if (to == NULL)
        return false;
    int32_t n = ucnv_toAlgorithmic(UCNV_UTF8, f->converter, to, (int32_t)(s.len * 4), s.p,
                                   (int32_t)s.len, &e);
    *out = (struct str){to, n > 0 ? (size_t)n : 0};
    return U_SUCCESS(e) && utf8_bad_at(*out) == out->len;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

/* Without a last character that the field's width has cut. A text that is ASCII but for that
 * end says nothing about its encoding and stays whole. */
static struct str without_cut(struct str s, enum charset charset)
{
    struct str whole = {s.p, utf8_whole(s, charset)};
    return is_ascii(whole) ? s : whole;
}

/* UTF-8 of a text in the file. Order: UTF-8; the encoding that the file declares; GB18030;
 * Western. */
static struct str text_of(struct stat_file *f, const char *z)
{
    struct str s = str_of(z);
    struct str whole = without_cut(s, CHARSET_UTF8);
    if (utf8_bad_at(whole) == whole.len)
        return whole;
    struct str out = {"", 0};
    bool declared = f->declared && strcasecmp(f->declared, "UTF-8") != 0;
    if (declared && from_code_page(&out, f, s, f->declared)) {
        f->charset = ROWS_OTHER;
        return out;
    }
    whole = without_cut(s, CHARSET_GB18030);
    struct err before = f->cx->err;
    if (utf8_from(&out, f->cx, whole, CHARSET_GB18030) == RC_OK) {
        f->charset = ROWS_GB18030;
        return out;
    }
    f->cx->err = before; /* that guess failing is not the file's failure */
    f->charset = ROWS_OTHER;
    return from_code_page(&out, f, s, "windows-1252") ? out : (struct str){"?", 1};
}

/* ---- what ReadStat gives ---- */

static int stop(struct stat_file *f, enum rc rc)
{
    f->rc = rc;
    return rc ? READSTAT_HANDLER_ABORT : READSTAT_HANDLER_OK;
}

static int on_metadata(readstat_metadata_t *metadata, void *user)
{
    struct stat_file *f = user;
    struct cx *cx = f->cx;
    const char *encoding = readstat_get_file_encoding(metadata);
    if (encoding)
        f->declared = arena_copy(cx->arena, str_of(encoding));
    if (readstat_get_var_count(metadata) > LIMIT_IMPORT_COLUMNS)
        return stop(f,
                    fail_f(cx, RC_LIMIT,
                           _("The file has %d columns; at most %d are allowed. Leave out the "
                             "columns that are not needed."),
                           readstat_get_var_count(metadata), (int)LIMIT_IMPORT_COLUMNS));
    return READSTAT_HANDLER_OK;
}

static int on_variable(int index, readstat_variable_t *variable, const char *labels, void *user)
{
    (void)labels;
    struct stat_file *f = user;
    if (index < 0 || index >= LIMIT_IMPORT_COLUMNS)
        return READSTAT_HANDLER_ABORT;
    struct str name = text_of(f, readstat_variable_get_name(variable));
    f->names[index] = arena_copy(f->cx->arena, name);
    if ((size_t)index >= f->name_count)
        f->name_count = (size_t)index + 1;
    return READSTAT_HANDLER_OK;
}

static enum rc names_put(struct stat_file *f)
{
    if (f->names_put)
        return RC_OK;
    f->names_put = true;
    sink_row_begin(f->sink, 1);
    for (size_t i = 0; i < f->name_count; i++)
        if (f->names[i])
            TRY(sink_cell(f->cx, f->sink, i, CELL_TEXT, str_of(f->names[i])));
    return sink_row_end(f->cx, f->sink, true);
}

static bool is_spss_date(const char *format)
{
    static const char *const dates[] = {"DATE",  "ADATE",    "EDATE", "SDATE",
                                        "JDATE", "DATETIME", "YMDHMS"};
    size_t len = strspn(format, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        if (strlen(dates[i]) == len && memcmp(dates[i], format, len) == 0)
            return true;
    return false;
}

/* The day that a number means by its variable's format; false when it is just a number. */
static bool day_of_value(int32_t *out, const struct stat_file *f, const char *format, double x)
{
    double day;
    if (f->file == ROWS_SAV) {
        if (!is_spss_date(format))
            return false;
        day = floor(x / day_seconds) - spss_to_1970;
    } else if (strncmp(format, "%td", 3) == 0 || strncmp(format, "%d", 2) == 0 ||
               strncmp(format, "%-td", 4) == 0) {
        day = floor(x) - stata_to_1970;
    } else if (strncasecmp(format, "%tc", 3) == 0) {
        day = floor(x / 1000 / day_seconds) - stata_to_1970;
    } else {
        return false;
    }
    if (!(day > -800000 && day < 3000000))
        return false;
    *out = (int32_t)day;
    return true;
}

static enum rc number_put(struct stat_file *f, size_t column, readstat_variable_t *variable,
                          readstat_value_t value)
{
    char z[NUMBER_TEXT_MAX];
    double x = readstat_double_value(value);
    int32_t day;
    if (!isfinite(x))
        return RC_OK;
    if (day_of_value(&day, f, readstat_variable_get_format(variable), x)) {
        struct str text = number_text_day(z, day);
        if (text.len > 0)
            return sink_cell(f->cx, f->sink, column, CELL_DAY, text);
    }
    bool is_float = readstat_value_type(value) == READSTAT_TYPE_FLOAT;
    struct str text =
        is_float ? number_text_f32(z, readstat_float_value(value)) : number_text(z, x);
    return sink_cell(f->cx, f->sink, column, CELL_NUMBER, text);
}

static enum rc row_reached(struct stat_file *f, int row)
{
    TRY(names_put(f));
    if (row == f->row)
        return RC_OK;
    if (f->row >= 0)
        TRY(sink_row_end(f->cx, f->sink, true));
    f->row = row;
    sink_row_begin(f->sink, (int64_t)row + 2);
    return RC_OK;
}

static int on_value(int row, readstat_variable_t *variable, readstat_value_t value, void *user)
{
    struct stat_file *f = user;
    int column = readstat_variable_get_index(variable);
    if (row < f->row || column < 0 || column >= LIMIT_IMPORT_COLUMNS)
        return READSTAT_HANDLER_ABORT;
    enum rc rc = row_reached(f, row);
    if (rc || readstat_value_is_missing(value, variable))
        return stop(f, rc);
    if (readstat_value_type_class(value) == READSTAT_TYPE_CLASS_NUMERIC)
        return stop(f, number_put(f, (size_t)column, variable, value));
    const char *z = readstat_string_value(value);
    struct arena_mark mark = arena_mark(f->cx->arena);
    rc = sink_cell(f->cx, f->sink, (size_t)column, CELL_TEXT, text_of(f, z ? z : ""));
    arena_back(f->cx->arena, mark);
    return stop(f, rc);
}

/* ---- together ---- */

static enum rc refuse(struct stat_file *f, readstat_error_t e)
{
    struct cx *cx = f->cx;
    const char *name = f->file == ROWS_DTA ? "Stata" : "SPSS";
    if (f->rc)
        return f->rc;
    if (e == READSTAT_ERROR_MALLOC)
        return fail(cx, RC_LIMIT,
                    _("Reading the file needs more memory than allowed. Split it into smaller "
                      "files."),
                    "readstat=%d", (int)e);
    enum rc rc =
        fail_f(cx, RC_INVALID,
               _("The %s file is damaged, incomplete or of an unknown version. Save it again, "
                 "or as CSV."),
               name);
    (void)fail(cx, RC_INVALID, "", "readstat=%d", (int)e); /* adds the number to the detail */
    return rc;
}

static enum rc parse(struct stat_file *f)
{
    struct cx *cx = f->cx;
    readstat_parser_t *p = readstat_parser_init();
    if (p == NULL)
        return fail(cx, RC_LIMIT, _("The file could not be read."), "readstat memory");
    readstat_error_t e = READSTAT_OK;
    e = e ? e : readstat_set_open_handler(p, io_open);
    e = e ? e : readstat_set_close_handler(p, io_close);
    e = e ? e : readstat_set_seek_handler(p, io_seek);
    e = e ? e : readstat_set_read_handler(p, io_read);
    e = e ? e : readstat_set_update_handler(p, io_update);
    e = e ? e : readstat_set_io_ctx(p, f);
    e = e ? e : readstat_set_handler_character_encoding(p, NULL);
    e = e ? e : readstat_set_metadata_handler(p, on_metadata);
    e = e ? e : readstat_set_variable_handler(p, on_variable);
    e = e ? e : readstat_set_value_handler(p, on_value);
    if (e == READSTAT_OK)
        e = f->file == ROWS_DTA ? readstat_parse_dta(p, "", f) : readstat_parse_sav(p, "", f);
    readstat_parser_free(p);
    if (e != READSTAT_OK || f->rc)
        return refuse(f, e);
    TRY(names_put(f));
    return f->row >= 0 ? sink_row_end(cx, f->sink, true) : RC_OK;
}

enum rc stat_read(struct cx *cx, int fd, struct sink *sink, enum rows_file file)
{
    struct stat_file *f = arena_try(cx->arena, sizeof *f);
    off_t size = lseek(fd, 0, SEEK_END);
    if (f == NULL || size < 0)
        return fail(cx, RC_IO, _("The file could not be read."), "stat file");
    f->cx = cx;
    f->fd = fd;
    f->size = size;
    f->sink = sink;
    f->file = file;
    f->row = -1;
    enum rc rc = parse(f);
    if (f->converter)
        ucnv_close(f->converter);
    TRY(rc);
    const struct str no_name = {"", 0};
    return sink_finish(cx, sink, file, f->charset, &no_name, 1);
}

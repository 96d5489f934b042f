/* Recognises a file by its content and calls its reader; names what is not a table. */
#include "frame/convert.h"

#include "base/text.h"
#include "frame/csv.h"
#include "frame/stat_read.h"
#include "frame/xlsx.h"

#include <errno.h>
#include <unistd.h>

enum { SAMPLE_BYTES = 64 * 1024 };

static bool starts(struct str s, const char *magic, size_t len)
{
    return s.len >= len && memcmp(s.p, magic, len) == 0;
}

/* Stata before 13 begins with its version and byte order; since then with a tag. */
static bool is_dta(struct str s)
{
    if (starts(s, "<stata_dta>", 11))
        return true;
    return s.len >= 4 && (unsigned char)s.p[0] >= 104 && (unsigned char)s.p[0] <= 115 &&
           (s.p[1] == 1 || s.p[1] == 2) && s.p[2] == 1 && s.p[3] == 0;
}

static bool is_web_page(struct str s)
{
    struct str t = str_trim(s);
    if (t.len == 0 || t.p[0] != '<')
        return false;
    static const char *const marks[] = {"<html", "<HTML", "<table", "<TABLE", "<?xml", "<!DOC"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (str_find(t, str_of(marks[i])) != SIZE_MAX)
            return true;
    return false;
}

/* Old .xls and encrypted .xlsx are both "compound files"; the second has a stream of this name.
 */
static enum rc refuse_compound(struct cx *cx, struct str s)
{
    static const char name[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
    if (memmem(s.p, s.len, name, sizeof name - 1))
        return fail(
            cx, RC_INVALID,
            _("This workbook is protected with a password. Take the password off in Excel "
              "and save it as .xlsx."),
            "compound file, EncryptedPackage");
    return fail(
        cx, RC_INVALID,
        _("This workbook is an old .xls file or is protected with a password. Open it in "
          "Excel and save it as .xlsx without a password."),
        "compound file");
}

static enum rc refuse_known(struct cx *cx, struct str s)
{
    static const struct {
        const char *magic;
        size_t len;
    } others[] = {
        {"%PDF", 4},
        {"Rar!", 4},
        {"7z\xbc\xaf", 4},
        {"\x1f\x8b", 2},
        {"\x89PNG", 4},
        {"\xff\xd8\xff", 3},
        {"GIF8", 4},
        {"SQLite format 3", 15},
        {"PAR1", 4},
        {"\x7f"
         "ELF",
         4},
    };
    if (starts(s, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8))
        return refuse_compound(cx, s);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (starts(s, others[i].magic, others[i].len))
            return fail(
                cx, RC_INVALID,
                _("This is not a table. Files can be CSV, Excel .xlsx, Stata .dta or SPSS "
                  ".sav."),
                "magic=%zu", i);
    if (is_web_page(s))
        return fail(
            cx, RC_INVALID,
            _("This is a web page or XML that is only named like a table. Open it in Excel "
              "and save it as .xlsx."),
            "markup");
    return RC_OK;
}

static enum rc sample_read(struct cx *cx, char *sample, size_t *len, int fd)
{
    *len = 0;
    if (lseek(fd, 0, SEEK_SET) != 0) {
        if (errno == ESPIPE)
            return RC_OK; /* a pipe can only be text; it is not looked at before */
        return fail(cx, RC_IO, _("The file could not be read."), "seek: %s",
                    strerrorname_np(errno));
    }
    while (*len < SAMPLE_BYTES) {
        ssize_t n = pread(fd, sample + *len, SAMPLE_BYTES - *len, (off_t)*len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(cx, RC_IO, _("The file could not be read."), "read: %s",
                        strerrorname_np(errno));
        if (n == 0)
            break;
        *len += (size_t)n;
    }
    return RC_OK;
}

enum rc convert_file(struct cx *cx, int fd, struct sink *sink, struct str sheet,
                     bool prefer_tab)
{
    char *sample = arena_try(cx->arena, SAMPLE_BYTES);
    size_t len = 0;
    if (sample == NULL)
        return fail(cx, RC_LIMIT, _("The file could not be read."), "convert memory");
    TRY(sample_read(cx, sample, &len, fd));
    struct str s = {sample, len};
    TRY(refuse_known(cx, s));
    if (starts(s, "PK\3\4", 4) || starts(s, "PK\5\6", 4))
        return xlsx_read(cx, fd, sink, sheet);
    if (is_dta(s))
        return stat_read(cx, fd, sink, ROWS_DTA);
    if (starts(s, "$FL2", 4) || starts(s, "$FL3", 4))
        return stat_read(cx, fd, sink, ROWS_SAV);
    return csv_read(cx, fd, sink, prefer_tab);
}

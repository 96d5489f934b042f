/* The parent's side of a table file: runs the converter in the sandbox, maps what it wrote,
 * and hands out rows. */
#include "frame/rows.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "frame/convert.h"
#include "frame/csv.h"
#include "frame/normal.h"
#include "frame/xlsx.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unicode/ucnv.h>
#include <unistd.h>

enum {
    ROWS_ARENA = 4 * 1024 * 1024,
    SHEET_NAME_MAX = 200,
    ROWS_KEPT = 1 << 16, /* a reader from first to last keeps no more than these in memory */
};
/* Between the parts of the sandbox argument; in no file name's ending and no sheet's name. */
#define PART_END '\x1f'

struct rows {
    struct arena *arena;
    void *map;
    size_t map_len;
    struct normal normal;
    const char **sheets;
};

/* ---- the child ---- */

static void prepare_readers(void)
{
    static const char *const names[] = {"GB18030", "UTF-16LE", "UTF-16BE", "UTF-8",
                                        "windows-1252"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        UErrorCode e = U_ZERO_ERROR;
        UConverter *c = ucnv_open(names[i], &e);
        if (c)
            ucnv_close(c); /* ICU keeps the table */
    }
    xlsx_prepare();
    tzset(); /* ReadStat asks for calendar times */
}

static enum rc run_rows(struct cx *cx, int in, int out, struct str argument)
{
    struct str rest = argument;
    struct str hint = str_cut(&rest, PART_END);
    struct str sheet = rest.p ? rest : (struct str){"", 0};
    struct sink_limits limits = sink_limits_standard();
    struct sink *sink = NULL;
    TRY(sink_open(&sink, cx, out, &limits));
    enum rc rc = convert_file(cx, in, sink, sheet, str_eq_z(hint, "tab"));
    sink_free(sink);
    return rc;
}

const struct sandbox_kind frame_sandbox_kinds[] = {{"rows", run_rows, prepare_readers}};
const size_t frame_sandbox_kind_count =
    sizeof frame_sandbox_kinds / sizeof frame_sandbox_kinds[0];

/* ---- the parent ---- */

static bool ends_nocase(struct str s, const char *ending)
{
    size_t len = strlen(ending);
    return s.len >= len && strncasecmp(s.p + s.len - len, ending, len) == 0;
}

static const char *argument_of(struct cx *cx, const struct rows_options *options)
{
    struct str name = options->name;
    bool tab = ends_nocase(name, ".tsv") || ends_nocase(name, ".tab");
    return arena_printf(cx->arena, "%s%c%.*s", tab ? "tab" : "", PART_END,
                        STR_ARG(options->sheet));
}

static enum rc broken(struct cx *cx, const char *what)
{
    return fail(
        cx, RC_INVALID,
        _("The file is damaged in a way that its reader could not handle. Open it in its "
          "own program and save it again."),
        "normal form: %s", what);
}

static enum rc map_rows(struct rows *r, struct cx *cx, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail(cx, RC_IO, _("The file could not be read."), "fstat: %s",
                    strerrorname_np(errno));
    if (st.st_size < NORMAL_MARK)
        return broken(cx, "size");
    r->map_len = (size_t)st.st_size;
    r->map = mmap(NULL, r->map_len, PROT_READ, MAP_SHARED, fd, 0);
    if (r->map == MAP_FAILED) {
        r->map = NULL;
        return fail(cx, RC_IO, _("The file could not be read."), "mmap: %s",
                    strerrorname_np(errno));
    }
    if (!normal_open(&r->normal, r->map, r->map_len))
        return broken(cx, "foot");
    r->sheets = arena_new(r->arena, (r->normal.sheet_count + 1) * sizeof *r->sheets);
    return normal_sheets(r->sheets, r->arena, &r->normal) ? RC_OK : broken(cx, "sheets");
}

static const char *tmp_dir(const struct cx *cx, const struct rows_options *options)
{
    return options->tmp_dir ? options->tmp_dir : cx->dir ? cx->dir : "/tmp";
}

enum rc rows_open(struct rows **out, struct cx *cx, int fd, const struct rows_options *options)
{
    struct str sheet = options->sheet;
    if (sheet.len > SHEET_NAME_MAX || (sheet.len > 0 && memchr(sheet.p, PART_END, sheet.len)))
        return fail(cx, RC_INVALID, _("There is no sheet with this name in the workbook."),
                    "sheet name of %zu bytes", sheet.len);
    struct file_temp temp;
    TRY(file_temp_open(&temp, cx, tmp_dir(cx, options)));
    struct rows *r = calloc(1, sizeof *r);
    enum rc rc = RC_OK;
    if (r == NULL)
        rc = fail(cx, RC_LIMIT, _("The file could not be read."), "rows memory");
    else
        r->arena = arena_open(ROWS_ARENA);
    if (rc == RC_OK)
        rc = sandbox_run(cx, "rows", str_of(argument_of(cx, options)), fd, temp.fd, NULL);
    if (rc == RC_OK)
        rc = map_rows(r, cx, temp.fd);
    file_temp_drop(&temp); /* the mapping keeps the bytes */
    if (rc) {
        rows_close(r);
        return rc;
    }
    *out = r;
    return RC_OK;
}

void rows_close(struct rows *r)
{
    if (r == NULL)
        return;
    if (r->map)
        (void)munmap(r->map, r->map_len); /* read-only */
    if (r->arena)
        arena_free(r->arena);
    free(r);
}

size_t rows_count(const struct rows *r)
{
    return r->normal.row_count;
}

enum rc rows_read(struct row *out, struct cx *cx, const struct rows *r, size_t i)
{
    assert(i < r->normal.row_count);
    if (i > 0 && i % ROWS_KEPT == 0)
        /* Only unmaps pages of a file: they are read again when touched, texts stay valid. */
        (void)madvise(r->map, r->map_len, MADV_DONTNEED);
    if (!normal_row(out, cx->arena, &r->normal, i))
        return fail(
            cx, RC_INVALID,
            _("The file is damaged in a way that its reader could not handle. Open it in "
              "its own program and save it again."),
            "normal form: row %zu", i);
    return RC_OK;
}

const char *rows_format(const struct rows *r)
{
    static const char *const names[ROWS_FILE_COUNT] = {"csv", "xlsx", "dta", "sav"};
    return names[r->normal.file];
}

const char *rows_encoding(const struct rows *r)
{
    static const char *const names[ROWS_CHARSET_COUNT] = {"UTF-8", "GB18030", "UTF-16LE",
                                                          "UTF-16BE", "other"};
    return names[r->normal.charset];
}

const char *const *rows_sheets(const struct rows *r)
{
    return (const char *const *)r->sheets;
}

/* The parent's side: a converter that lies is refused, whatever it writes; old Stata and SPSS
 * files in other encodings; Chinese messages; many rows. */
#include "frame/frame_fixture.h"
#include "frame/normal.h"
#include "frame/sink.h"

#include <fcntl.h>
#include <readstat.h>
#include <sys/stat.h>

extern const struct message_catalogue messages_zh;

/* ---- a converter that writes what it is told ---- */

static enum rc run_lie(struct cx *cx, int in, int out, struct str argument)
{
    (void)argument;
    char p[65536];
    ssize_t n;
    while ((n = read(in, p, sizeof p)) > 0)
        if (write(out, p, (size_t)n) != n)
            return fail(cx, RC_IO, "write", "lie");
    return RC_OK;
}
/* Takes the real one's name, so that rows_open starts it; only when the file says so. */
static enum rc run_either(struct cx *cx, int in, int out, struct str argument)
{
    char mark[8];
    if (pread(in, mark, 8, 0) == 8 && memcmp(mark, NORMAL_HEAD, 8) == 0)
        return run_lie(cx, in, out, argument);
    return frame_sandbox_kinds[0].run(cx, in, out, argument);
}

/* A good normal form with every kind of cell; its length. */
static size_t good_form(struct cx *cx, unsigned char *p, size_t max)
{
    struct sink_limits limits = sink_limits_standard();
    struct sink *s;
    int fd = memfd_create("rows", MFD_CLOEXEC);
    assert_int_equal(sink_open(&s, cx, fd, &limits), RC_OK);
    static const struct {
        enum cell_kind kind;
        const char *text;
    } cells[] = {{CELL_TEXT, "姓名"},
                 {CELL_NUMBER, "-1.5e+21"},
                 {CELL_EMPTY, ""},
                 {CELL_DAY, "2026-11-23"},
                 {CELL_ERROR, "#N/A"}};
    for (int64_t row = 1; row <= 3; row++) {
        sink_row_begin(s, row * 100);
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(sink_cell(cx, s, i, cells[i].kind, str_of(cells[i].text)), RC_OK);
        assert_int_equal(sink_row_end(cx, s, false), RC_OK);
    }
    const struct str sheets[] = {{"one", 3}, {"两", 3}};
    assert_int_equal(sink_finish(cx, s, ROWS_XLSX, ROWS_UTF8, sheets, 2), RC_OK);
    sink_free(s);
    ssize_t n = pread(fd, p, max, 0);
    close(fd);
    assert_in_range(n, 100, max - 1);
    return (size_t)n;
}

static const char *const good_dump = "100: 姓名|#-1.5e+21||@2026-11-23|!#N/A\n"
                                     "200: 姓名|#-1.5e+21||@2026-11-23|!#N/A\n"
                                     "300: 姓名|#-1.5e+21||@2026-11-23|!#N/A\n";

static void test_form(void **state)
{
    /* What the sink writes is read back: rows, numbers, kinds, sheets. */
    struct cx *cx = *state;
    unsigned char p[4096];
    size_t len = good_form(cx, p, sizeof p);
    assert_string_equal(read_bytes(cx, p, len, "x"), good_dump);
}

/* Reads everything of a form that may be anything; true when all of it was accepted. */
static bool read_through(struct cx *cx, const unsigned char *p, size_t len)
{
    struct normal n;
    if (!normal_open(&n, p, len))
        return false;
    bool ok = true;
    struct arena_mark mark = arena_mark(cx->arena);
    const char **sheets = arena_new(cx->arena, n.sheet_count * sizeof *sheets);
    ok = normal_sheets(sheets, cx->arena, &n);
    for (size_t i = 0; i < n.row_count; i++) {
        struct row row;
        ok = normal_row(&row, cx->arena, &n, i) && ok;
    }
    arena_back(cx->arena, mark);
    return ok;
}

static void test_hostile_form(void **state)
{
    /* Every byte changed to eight other values, and every cut: nothing is read outside (the
     * address sanitiser watches an exact-size copy), cuts are refused, and the form's head and
     * foot marks are never accepted changed. */
    struct cx *cx = *state;
    unsigned char good[4096];
    size_t len = good_form(cx, good, sizeof good), refused = 0;
    for (size_t at = 0; at < len; at++) {
        unsigned char *p = malloc(len);
        assert_non_null(p);
        memcpy(p, good, len);
        for (int bit = 0; bit < 8; bit++) {
            p[at] = (unsigned char)(good[at] ^ (1 << bit));
            refused += !read_through(cx, p, len);
        }
        p[at] = 0xff;
        bool in_mark = at < NORMAL_MARK || at >= len - NORMAL_MARK;
        assert_true(!read_through(cx, p, len) || !in_mark);
        free(p);
    }
    assert_true(refused > len * 4); /* most bytes mean something */
    for (size_t cut = 0; cut < len; cut++) {
        unsigned char *p = malloc(cut + 1);
        assert_non_null(p);
        memcpy(p, good, cut);
        assert_false(read_through(cx, p, cut));
        free(p);
    }
}

static void test_hostile_child(void **state)
{
    /* A child that writes a bad form through the whole way: refused when opened (foot) or when
     * the row is read (a text that is not UTF-8, a length past the end). */
    struct cx *cx = *state;
    unsigned char p[4096];
    size_t len = good_form(cx, p, sizeof p);
    p[len - 1] ^= 1;
    const char *got = read_bytes(cx, p, len, "x");
    assert_int_equal(cx->err.rc, RC_INVALID);
    assert_non_null(strstr(got, "damaged"));
    for (int i = 0; i < 2; i++) {
        len = good_form(cx, p, sizeof p);
        unsigned char *name = memmem(p, len, "姓名", 6);
        assert_non_null(name);
        if (i == 0)
            name[1] = 0xff;
        else
            name[-1] = 0x7f; /* its length */
        int fd = file_of(p, len);
        struct rows *r;
        struct row row;
        assert_int_equal(open_fd(&r, cx, fd, "x", ""), RC_OK);
        assert_int_equal(rows_read(&row, cx, r, 0), RC_INVALID);
        err_clear(cx);
        assert_int_equal(rows_read(&row, cx, r, 1), RC_OK);
        rows_close(r);
        close(fd);
    }
}

/* ---- other encodings ---- */

static ssize_t to_fd(const void *p, size_t len, void *user)
{
    return write(*(int *)user, p, len);
}

/* A file of one text and one number written by ReadStat with these raw bytes. */
static int stat_file(const char *raw, int version, bool dta)
{
    static int fd;
    fd = memfd_create("stat", MFD_CLOEXEC);
    readstat_writer_t *w = readstat_writer_init();
    readstat_set_data_writer(w, to_fd);
    if (dta)
        readstat_writer_set_file_format_version(w, (uint8_t)version);
    readstat_variable_t *t = readstat_add_variable(w, "t", READSTAT_TYPE_STRING, 20);
    readstat_variable_t *n = readstat_add_variable(w, "n", READSTAT_TYPE_FLOAT, 0);
    readstat_variable_t *d = readstat_add_variable(w, "d", READSTAT_TYPE_DOUBLE, 0);
    readstat_variable_set_format(d, dta ? "%tc" : "DATETIME20");
    assert_int_equal(dta ? readstat_begin_writing_dta(w, &fd, 2)
                         : readstat_begin_writing_sav(w, &fd, 2),
                     READSTAT_OK);
    for (int i = 0; i < 2; i++) {
        readstat_begin_row(w);
        readstat_insert_string_value(w, t, raw);
        readstat_insert_float_value(w, n, 0.1f);
        if (i == 0) /* 2000-01-01 12:00: ms from 1960 by Python; seconds from 1582-10-14 */
            readstat_insert_double_value(w, d, dta ? 1262347200000.0 : 13166107200.0);
        else if (dta)
            readstat_insert_tagged_missing_value(w, d, 'a');
        else
            readstat_insert_missing_value(w, d);
        assert_int_equal(readstat_end_row(w), READSTAT_OK);
    }
    assert_int_equal(readstat_end_writing(w), READSTAT_OK);
    readstat_writer_free(w);
    return fd;
}

static void test_old_stata(void **state)
{
    /* Stata 12 and 13 in GB18030 and in Western bytes; floats shortest; %tc is a day; a tagged
     * missing value is empty. */
    struct cx *cx = *state;
    static const int versions[] = {113, 114, 115, 117, 118};
    for (size_t i = 0; i < 5; i++) {
        int fd = stat_file("\xcd\xf5\xd0\xa1\xc3\xf7", versions[i], true);
        struct rows *r;
        assert_int_equal(open_fd(&r, cx, fd, "a.dta", ""), RC_OK);
        assert_string_equal(rows_dump(cx, r),
                            "1: t|n|d\n2: 王小明|#0.1|@2000-01-01\n3: 王小明|#0.1\n");
        assert_string_equal(rows_encoding(r), "GB18030");
        assert_string_equal(rows_format(r), "dta");
        rows_close(r);
        close(fd);
    }
    int fd = stat_file("caf\xe9", 114, true);
    struct rows *r;
    assert_int_equal(open_fd(&r, cx, fd, "a.dta", ""), RC_OK);
    assert_string_equal(rows_dump(cx, r), "1: t|n|d\n2: café|#0.1|@2000-01-01\n3: café|#0.1\n");
    rows_close(r);
    close(fd);
}

static void test_spss_code_page(void **state)
{
    /* An SPSS file that declares another code page (its number 65001, UTF-8, patched to those
     * of Big5 and windows-1252) is read by it, inside the sandbox. SPSS knows
     * doubles only, so the float 0.1 shows what it really is. */
    struct cx *cx = *state;
    static const struct {
        uint32_t code_page;
        const char *raw, *text;
    } cases[] = {
        {950, "\xa4\xfd\xa4\x70\xa9\xfa", "王小明"},
        {1252, "caf\xe9s", "cafés"},
    };
    for (size_t i = 0; i < 2; i++) {
        int fd = stat_file(cases[i].raw, 2, false);
        char p[8192];
        ssize_t len = pread(fd, p, sizeof p, 0);
        assert_in_range(len, 100, sizeof p - 1);
        uint32_t utf8 = 65001;
        char *mark = memmem(p, (size_t)len, &utf8, 4);
        assert_non_null(mark);
        memcpy(mark, &cases[i].code_page, 4);
        close(fd);
        const char *got = read_bytes(cx, p, (size_t)len, "a.sav");
        assert_string_equal(got,
                            arena_printf(cx->arena,
                                         "1: t|n|d\n2: %s|#0.10000000149011612|@2000-01-01\n"
                                         "3: %s|#0.10000000149011612\n",
                                         cases[i].text, cases[i].text));
    }
}

static void test_chinese(void **state)
{
    /* The child's messages come in the language of the context. */
    struct cx *cx = *state;
    cx->lang = LANG_ZH;
    const char *got = read_bytes(cx, "a,b\nc\0,d\n", 9, "a.csv");
    cx->lang = LANG_EN;
    assert_non_null(strstr(got, "第 2 行"));
}

static void test_many(void **state)
{
    /* 200,000 rows: each is found by its place, from first to last and at random. */
    struct cx *cx = *state;
    struct buf b;
    buf_init(&b, NULL, 16 << 20);
    for (int i = 0; i < 200000; i++)
        buf_printf(&b, "%d,村%d,%d\n", i, i * 7, i % 3);
    int fd = file_of(b.p, b.len);
    buf_free(&b);
    struct rows *r;
    assert_int_equal(open_fd(&r, cx, fd, "a.csv", ""), RC_OK);
    assert_int_equal(rows_count(r), 200000);
    struct arena_mark mark = arena_mark(cx->arena);
    for (size_t k = 0; k < 150000; k++) {
        size_t i = k < 100000 ? k * 2 : (k * 7919) % 200000;
        struct row row;
        assert_int_equal(rows_read(&row, cx, r, i), RC_OK);
        int64_t n = -1;
        assert_true(row.count == 3 && str_to_i64(&n, row.cells[0].text));
        assert_int_equal(n, i);
        assert_int_equal(row.number, i + 1);
        arena_back(cx->arena, mark);
    }
    rows_close(r);
    close(fd);
}

static void test_options(void **state)
{
    /* A name that ends in .tsv prefers the tab; a sheet name that is too long is refused; a
     * folder that is not there is an error, not a crash. */
    struct cx *cx = *state;
    assert_string_equal(read_bytes(cx, "a,b\tc\n", 6, "x.TSV"), "1: a,b|c\n");
    assert_string_equal(read_bytes(cx, "a,b\tc\n", 6, "x.csv"), "1: a|b\tc\n");
    int fd = file_of("a\n", 2);
    struct rows *r;
    char *name = arena_new(cx->arena, 301);
    memset(name, 'x', 300);
    assert_int_equal(open_fd(&r, cx, fd, "x", name), RC_INVALID);
    err_clear(cx);
    struct rows_options options = {.tmp_dir = "/nonexistent"};
    assert_int_not_equal(rows_open(&r, cx, fd, &options), RC_OK);
    close(fd);
}

int main(int argc, char **argv)
{
    text_use(LANG_ZH, &messages_zh);
    const struct sandbox_kind kinds[] = {{"rows", run_either, frame_sandbox_kinds[0].prepare}};
    sandbox_child_main(argc, argv, kinds, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),           cmocka_unit_test(test_hostile_form),
        cmocka_unit_test(test_hostile_child),  cmocka_unit_test(test_old_stata),
        cmocka_unit_test(test_spss_code_page), cmocka_unit_test(test_chinese),
        cmocka_unit_test(test_many),           cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}

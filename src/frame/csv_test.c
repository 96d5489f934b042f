/* Delimited text, from bytes through the sandbox to rows. */
#include "frame/csv.h"
#include "frame/frame_fixture.h"
#include "frame/number.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/wait.h>

static void expect(struct cx *cx, const char *text, const char *rows)
{
    assert_string_equal(read_bytes(cx, text, strlen(text), "a.csv"), rows);
}

static void test_plain(void **state)
{
    /* RFC 4180's own examples: line ends, quotation marks, commas and line ends inside. */
    struct cx *cx = *state;
    expect(cx, "aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", "1: aaa|bbb|ccc\n2: zzz|yyy|xxx\n");
    expect(cx, "aaa,bbb,ccc\r\nzzz,yyy,xxx", "1: aaa|bbb|ccc\n2: zzz|yyy|xxx\n");
    expect(cx, "\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx",
           "1: aaa|b\r\nbb|ccc\n3: zzz|yyy|xxx\n");
    expect(cx, "\"aaa\",\"b\"\"bb\",\"ccc\"", "1: aaa|b\"bb|ccc\n");
    expect(cx, "", "");
}

static void test_real_files(void **state)
{
    /* Bare CR, bare LF, mixed; marks inside plain cells; text behind a closing mark; a BOM;
     * `sep=`; trailing empty columns and rows; rows of other lengths; numbers stay text. */
    struct cx *cx = *state;
    expect(cx, "a,b\rc,d\re,f", "1: a|b\n2: c|d\n3: e|f\n");
    expect(cx, "a,b\nc,d\r\n\ne,f\n\n\n", "1: a|b\n2: c|d\n4: e|f\n");
    expect(cx, "5\" pipe,it\"s\nx,y\n", "1: 5\" pipe|it\"s\n2: x|y\n");
    expect(cx, "\"abc\"def,g\n", "1: abcdef|g\n");
    expect(cx, "\xef\xbb\xbf姓名,性别\n王小明,男\n", "1: 姓名|性别\n2: 王小明|男\n");
    expect(cx, "sep=;\r\na,1;b\r\n", "2: a,1|b\n");
    expect(cx, "a,b,,,\n,,,\nc,,d,,\n,,,,\n", "1: a|b\n3: c||d\n");
    expect(cx, "t\na,b,c\nd\n", "1: t\n2: a|b|c\n3: d\n");
    expect(cx, "012,1.50\n", "1: 012|1.50\n");
    expect(cx, "name,name\n1,2\n", "1: name|name\n2: 1|2\n"); /* a mapping's matter */
    expect(cx, "\"\"\nx\n", "1:\n2: x\n");
}

static void test_delimiters(void **state)
{
    /* The delimiter that splits most evenly wins, whatever stands in cells and title rows. */
    struct cx *cx = *state;
    expect(cx, "a;b;c\n1,5;2,5;3\n4,5;5,5;6\n", "1: a|b|c\n2: 1,5|2,5|3\n3: 4,5|5,5|6\n");
    expect(cx, "a\tb\nx, y\tz\n", "1: a|b\n2: x, y|z\n");
    expect(cx, "某县名单\n\na|b|c\n1|2|3\n4|5|6\n",
           "1: 某县名单\n3: a|b|c\n4: 1|2|3\n5: 4|5|6\n");
    expect(cx, "\"a;b;c;d\",x\n\"e;f\",y\n", "1: a;b;c;d|x\n2: e;f|y\n");
    expect(cx, "only\none\n", "1: only\n2: one\n");
    assert_int_equal(csv_guess_delimiter(STR("a,b\tc\n"), true), '\t');
    assert_int_equal(csv_guess_delimiter(STR("a,b\tc\n"), false), ',');
}

static void test_formula_guard(void **state)
{
    /* One apostrophe before a formula's first character is taken off; others stay. */
    struct cx *cx = *state;
    expect(cx, "'=1+1,''=x,'a,'+86,'\n", "1: =1+1|'=x|'a|+86|'\n");
}

static void test_encodings(void **state)
{
    /* GB18030, UTF-16 with and without its mark: the same rows, and the name of the encoding.
     */
    struct cx *cx = *state;
    const char *want = "1: 姓名,|性别\n2: 王|男\n";
    static const char gb[] = "\"\xd0\xd5\xc3\xfb,\",\xd0\xd4\xb1\xf0\r\n\xcd\xf5,\xc4\xd0\r\n";
    assert_string_equal(read_bytes(cx, gb, sizeof gb - 1, "a.csv"), want);
    static const char le[] =
        "\xff\xfe\"\0\xd3\x59\x0d\x54,\0\"\0,\0'`+R\r\0\n\0\x8bs,\0\x37u\n\0";
    assert_string_equal(read_bytes(cx, le, sizeof le - 1, "a.csv"), want);
    assert_string_equal(read_bytes(cx, le + 2, sizeof le - 3, "a.csv"), want);
    char be[sizeof le - 1];
    for (size_t i = 0; i < sizeof be; i++)
        be[i] = le[i ^ 1];
    assert_string_equal(read_bytes(cx, be, sizeof be, "a.csv"), want);
    struct rows *r;
    int fd = file_of(gb, sizeof gb - 1);
    assert_int_equal(open_fd(&r, cx, fd, "a.csv", ""), RC_OK);
    assert_string_equal(rows_encoding(r), "GB18030");
    assert_string_equal(rows_format(r), "csv");
    assert_string_equal(rows_sheets(r)[0], "");
    assert_null(rows_sheets(r)[1]);
    rows_close(r);
    close(fd);
}

static void test_late_gb18030(void **state)
{
    /* 300 KB of ASCII and then GB18030: followed, although the first sample says nothing. */
    struct cx *cx = *state;
    struct buf b;
    buf_init(&b, cx->arena, 1 << 20);
    while (b.len < 300 * 1024)
        buf_z(&b, "abc,def\n");
    size_t rows = b.len / 8;
    buf_z(&b, "\xcd\xf5,\xc4\xd0\n");
    struct rows *r;
    int fd = file_of(b.p, b.len);
    assert_int_equal(open_fd(&r, cx, fd, "a.csv", ""), RC_OK);
    assert_int_equal(rows_count(r), rows + 1);
    struct row row;
    assert_int_equal(rows_read(&row, cx, r, rows), RC_OK);
    assert_true(str_eq_z(row.cells[0].text, "王"));
    assert_true(str_eq_z(row.cells[1].text, "男"));
    assert_string_equal(rows_encoding(r), "GB18030");
    rows_close(r);
    close(fd);
}

static void expect_refused(struct cx *cx, const char *p, size_t len, enum rc rc,
                           const char *part)
{
    const char *got = read_bytes(cx, p, len, "a.csv");
    if (cx->err.rc != rc || strstr(got, part) == NULL)
        assert_string_equal(got, part); /* shows both */
}

static void test_refused(void **state)
{
    /* Wrong bytes are refused with line and byte; zero bytes with their line; an open mark with
     * its line; other files by their kind. */
    struct cx *cx = *state;
    static const char mixed[] = "姓名,a\n王,b\n\xcd\xf5,c\n";
    expect_refused(cx, mixed, sizeof mixed - 1, RC_INVALID,
                   "Line 3 (byte 16 of the file) is not");
    static const char gb[] = "\xd0\xd5\xc3\xfb\n\xff\xff\n";
    expect_refused(cx, gb, sizeof gb - 1, RC_INVALID, "UTF-8");
    static const char nul[] = "a,b\nc\0,d\n";
    expect_refused(cx, nul, sizeof nul - 1, RC_INVALID, "Line 2 holds a zero byte (byte 6 of");
    static const char cut[] = "a,b\nc,\"d\ne,f\ng,h\n";
    expect_refused(cx, cut, sizeof cut - 1, RC_INVALID, "Line 2: a quotation mark");
    expect_refused(cx, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", 12, RC_INVALID, "old .xls");
    expect_refused(cx, "<html><table><tr>", 17, RC_INVALID, "web page");
    expect_refused(cx, "%PDF-1.7", 8, RC_INVALID, "not a table");
    static const char half[] = "\xe7\x8e\x8b,\xe7\x8e";
    expect_refused(cx, half, sizeof half - 1, RC_INVALID, "Line 1 (byte 5 of");
}

static void test_many_columns(void **state)
{
    /* 10,000 columns are refused and the limit is named; 10,000 empty ones behind two are not
     * there at all. */
    struct cx *cx = *state;
    struct buf b;
    buf_init(&b, cx->arena, 1 << 20);
    for (int i = 0; i < 10000; i++)
        buf_printf(&b, "c%d,", i);
    expect_refused(cx, b.p, b.len, RC_LIMIT, "Row 1 has more than 2000 columns");
    buf_clear(&b);
    buf_z(&b, "a,b");
    for (int i = 0; i < 10000; i++)
        buf_char(&b, ',');
    assert_string_equal(read_bytes(cx, b.p, b.len, "a.csv"), "1: a|b\n");
}

static void test_huge_cell(void **state)
{
    /* A cell of 1 GB (a sparse file of zero bytes cannot serve: they are refused first; so a
     * pipe gives letters without end) is refused at once: the writer is cut off early. */
    struct cx *cx = *state;
    int p[2];
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        static char block[65536];
        memset(block, 'x', sizeof block);
        size_t total = 0;
        signal(SIGPIPE, SIG_IGN);
        close(p[0]);
        while (total < ((size_t)1 << 30)) {
            ssize_t n = write(p[1], block, sizeof block);
            if (n <= 0)
                break;
            total += (size_t)n;
        }
        _exit(total < ((size_t)4 << 20) ? 0 : 1);
    }
    close(p[1]);
    struct rows *r;
    assert_int_equal(open_fd(&r, cx, p[0], "a.csv", ""), RC_LIMIT);
    assert_non_null(strstr(cx->err.text, "Row 1, column 1: the cell is longer than 32768"));
    close(p[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Rows of a text put in pieces of `step` bytes, without the sandbox. */
static const char *in_pieces(struct cx *cx, const char *text, size_t step)
{
    struct sink_limits limits = sink_limits_standard();
    struct sink *sink;
    struct csv *c;
    int fd = memfd_create("rows", MFD_CLOEXEC);
    assert_int_equal(sink_open(&sink, cx, fd, &limits), RC_OK);
    assert_int_equal(csv_open(&c, cx, sink, ',', false), RC_OK);
    size_t len = strlen(text);
    for (size_t at = 0; at < len; at += step) {
        struct str piece = {text + at, len - at < step ? len - at : step};
        assert_int_equal(csv_put(cx, c, piece), RC_OK);
    }
    assert_int_equal(csv_end(cx, c), RC_OK);
    assert_int_equal(sink_finish(cx, sink, ROWS_CSV, ROWS_UTF8, &STR(""), 1), RC_OK);
    static char p[65536];
    ssize_t n = pread(fd, p, sizeof p, 0);
    assert_true(n > 0);
    struct normal normal;
    assert_true(normal_open(&normal, p, (size_t)n));
    struct buf b;
    buf_init(&b, cx->arena, 65536);
    for (size_t i = 0; i < normal.row_count; i++) {
        struct row row;
        assert_true(normal_row(&row, cx->arena, &normal, i));
        buf_printf(&b, "%" PRId64, row.number);
        for (size_t k = 0; k < row.count; k++)
            buf_printf(&b, "|%.*s", STR_ARG(row.cells[k].text));
        buf_char(&b, '\n');
    }
    csv_free(c);
    sink_free(sink);
    close(fd);
    return arena_copy(cx->arena, buf_view(&b));
}

static void test_pieces(void **state)
{
    /* The result is the same however the text is cut into pieces. */
    struct cx *cx = *state;
    const char *text = "a,\"b\"\"c\r\nd\",'=e\r\n\r\nf\"g,,\"\"\r\"h\"i,\"\nj\"\nk";
    const char *whole = in_pieces(cx, text, 1000);
    assert_string_equal(whole, "1|a|b\"c\r\nd|=e\n4|f\"g\n5|hi|\nj\n7|k\n");
    for (size_t step = 1; step < strlen(text); step++)
        assert_string_equal(in_pieces(cx, text, step), whole);
}

static void test_limits(void **state)
{
    /* Lowered limits: rows, cell bytes and row bytes are each refused by name. */
    struct cx *cx = *state;
    static const struct {
        struct sink_limits limits;
        const char *text, *message;
    } cases[] = {
        {{2, 10, 100, 1000}, "a\nb\nc\n", "more than 2 rows"},
        {{9, 2, 100, 1000}, "a,b\nc,d,e\n", "Row 2 has more than 2 columns"},
        {{9, 9, 3, 1000}, "abc\nd,abcd\n", "Row 2, column 2: the cell is longer than 3 bytes"},
        {{9, 9, 9, 10}, "abc\nabcdef,abcdef\n", "Row 2 is longer than 10 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sink *sink;
        int fd = file_of(cases[i].text, strlen(cases[i].text));
        int out = memfd_create("rows", MFD_CLOEXEC);
        lseek(fd, 0, SEEK_SET);
        err_clear(cx);
        assert_int_equal(sink_open(&sink, cx, out, &cases[i].limits), RC_OK);
        assert_int_equal(csv_read(cx, fd, sink, false), RC_LIMIT);
        if (strstr(cx->err.text, cases[i].message) == NULL)
            assert_string_equal(cx->err.text, cases[i].message);
        sink_free(sink);
        close(fd);
        close(out);
    }
}

static void test_numbers(void **state)
{
    /* Shortest decimals: expected texts are ECMAScript's Number.prototype.toString (node 20).
     */
    (void)state;
    static const struct {
        double x;
        const char *text;
    } cases[] = {
        {12, "12"},
        {0.1, "0.1"},
        {-0.0, "0"},
        {0.1 + 0.2, "0.30000000000000004"},
        {110101199003070011.0, "110101199003070020"},
        {1e21, "1e+21"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e-6, "0.000001"},
        {1.25e-7, "1.25e-7"},
        {-1234.5, "-1234.5"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {100, "100"},
        {2.5, "2.5"},
        {0.00001, "0.00001"},
        {1234567890.12345, "1234567890.12345"},
        {123456789012.345, "123456789012.345"},
        {999999999999999, "999999999999999"},
        {1000000000000000, "1000000000000000"},
        {9007199254740993.0, "9007199254740992"},
        {-0.07, "-0.07"},
        {1.0 / 3, "0.3333333333333333"},
    };
    char z[NUMBER_TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str s = number_text(z, cases[i].x);
        if (!str_eq_z(s, cases[i].text))
            assert_string_equal(z, cases[i].text);
    }
    assert_true(str_eq_z(number_text_f32(z, 0.1f), "0.1"));
    assert_true(str_eq_z(number_text_f32(z, 16777216.0f), "16777216"));
    assert_true(str_eq_z(number_text_scaled(z, 1250, 2), "12.5"));
    assert_true(str_eq_z(number_text_scaled(z, -5, 2), "-0.05"));
    assert_true(str_eq_z(number_text_scaled(z, INT64_MIN, 0), "-9223372036854775808"));
    assert_true(str_eq_z(number_text_scaled(z, 0, 3), "0"));
    assert_true(str_eq_z(number_text_scaled(z, 1, 18), "0.000000000000000001"));
    assert_true(str_eq_z(number_text_scaled(z, INT64_MAX, 18), "9.223372036854775807"));
    assert_true(str_eq_z(number_text_i64(z, 0), "0"));
    /* Any number reads back, and as many digits as %.17g never are needed more. */
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double x, again;
        memcpy(&x, &seed, sizeof x);
        if (!isfinite(x))
            continue;
        if (i % 2)
            x = (double)(int64_t)(seed >> 30) / 1000;
        assert_true(str_to_f64(&again, number_text(z, x)));
        assert_true(again == x);
    }
    static const char *const short_yes[] = {"0", "12", "-3", "0.1", "-0.5", "999999999999999"};
    static const char *const short_no[] = {"",          "-",     "-0", "00", "012",
                                           "1.50",      "1e5",   ".5", "5.", "1234567890123456",
                                           "0.0000001", "1.2.3", "+1"};
    for (size_t i = 0; i < sizeof short_yes / sizeof short_yes[0]; i++)
        assert_true(number_is_short(str_of(short_yes[i])));
    for (size_t i = 0; i < sizeof short_no / sizeof short_no[0]; i++)
        assert_false(number_is_short(str_of(short_no[i])));
}

int main(int argc, char **argv)
{
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),      cmocka_unit_test(test_real_files),
        cmocka_unit_test(test_delimiters), cmocka_unit_test(test_formula_guard),
        cmocka_unit_test(test_encodings),  cmocka_unit_test(test_late_gb18030),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_many_columns),
        cmocka_unit_test(test_huge_cell),  cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}

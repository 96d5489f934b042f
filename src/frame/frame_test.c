/* Writers: what is written in a format comes back through rows_open as the same cells; and what
 * each format promises besides (guards, labels, notes, limits). */
#include "frame/frame.h"

#include "frame/frame_fixture.h"
#include "frame/number.h"
#include "frame/spool.h"
#include "frame/stat_names.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <readstat.h>

static const struct column_label sexes[] = {{2, "女"}, {1, "男"}};
static const struct column_spec columns[] = {
    {"id", "Number", COLUMN_I64, 0, false, NULL, 0},
    {"sex", "性别", COLUMN_I64, 0, false, sexes, 2},
    {"income", "收入", COLUMN_I64, 2, false, NULL, 0},
    {"born", "出生", COLUMN_I64, 0, true, NULL, 0},
    {"score", "Score", COLUMN_F64, 0, false, NULL, 0},
    {"name", "姓名", COLUMN_TEXT, 0, false, NULL, 0},
};
enum { COLUMNS = sizeof columns / sizeof columns[0], ROWS = 5 };

static struct out_cell i64(int64_t i)
{
    return (struct out_cell){.i = i};
}
static struct out_cell f64(double f)
{
    return (struct out_cell){.f = f};
}
static struct out_cell text(const char *z)
{
    return (struct out_cell){.s = str_of(z)};
}
static const struct out_cell none = {.missing = true};

/* 7400 is 1990-04-06, -25000 is 1901-07-22 (computed with Python's datetime). */
static void fill(struct out_cell cells[ROWS][COLUMNS])
{
    const struct out_cell rows[ROWS][COLUMNS] = {
        {i64(1), i64(1), i64(1250), i64(7400), f64(0.1), text("王小明")},
        {i64(999999999999999), i64(2), i64(-5), i64(-25000), f64(1.0 / 3), text("a,\"b\"\nc")},
        {none, none, none, none, none, text("")},
        {i64(-7), i64(3), i64(100), i64(0), f64(1e-7), text("=1+1")},
        {i64(300), i64(1), i64(0), i64(20000), f64(NAN), text("𠮷 'x")},
    };
    memcpy(cells, rows, sizeof rows);
}

static int write_file(struct cx *cx, const struct frame_write_options *options)
{
    struct out_cell cells[ROWS][COLUMNS];
    fill(cells);
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct frame_writer *w;
    assert_int_equal(frame_writer_open(&w, cx, fd, columns, COLUMNS, options), RC_OK);
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(frame_writer_row(cx, w, cells[i]), RC_OK);
    enum rc rc = frame_writer_close(cx, w);
    if (rc)
        assert_string_equal(cx->err.text, cx->err.detail);
    return fd;
}

static const char *back(struct cx *cx, int fd)
{
    struct rows *r;
    if (open_fd(&r, cx, fd, "x", "") != RC_OK)
        return cx->err.text;
    const char *dump = rows_dump(cx, r);
    rows_close(r);
    return dump;
}

static const char *bytes_of(struct cx *cx, int fd)
{
    off_t len = lseek(fd, 0, SEEK_END);
    char *p = arena_new(cx->arena, (size_t)len + 1);
    assert_int_equal(pread(fd, p, (size_t)len, 0), len);
    return p;
}

static void test_csv(void **state)
{
    /* CSV: the same cells, as text; a BOM, CRLF and a guarded formula in the bytes. */
    struct cx *cx = *state;
    int fd =
        write_file(cx, &(struct frame_write_options){.format = FRAME_CSV, .row_count = -1});
    assert_string_equal(back(cx, fd), "1: id|sex|income|born|score|name\n"
                                      "2: 1|1|12.5|1990-04-06|0.1|王小明\n"
                                      "3: 999999999999999|2|-0.05|1901-07-22|"
                                      "0.3333333333333333|a,\"b\"\nc\n"
                                      "6: -7|3|1|1970-01-01|1e-7|=1+1\n"
                                      "7: 300|1|0|2024-10-04||𠮷 'x\n");
    const char *p = bytes_of(cx, fd);
    assert_memory_equal(p, "\xef\xbb\xbfid,sex", 9);
    assert_non_null(strstr(p, ",'=1+1\r\n"));
    assert_non_null(strstr(p, "\n-7,3,")); /* a number is not guarded */
    assert_non_null(strstr(p, "\"a,\"\"b\"\"\nc\"\r\n"));
    close(fd);
}

static void test_csv_labels(void **state)
{
    /* With labels: codes as their labels (an unknown code stays a number), headers for people.
     */
    struct cx *cx = *state;
    int fd = write_file(cx, &(struct frame_write_options){.format = FRAME_CSV,
                                                          .row_count = -1,
                                                          .use_labels = true,
                                                          .label_header = true});
    const char *p = bytes_of(cx, fd);
    assert_non_null(strstr(p, "Number,性别,收入,出生,Score,姓名\r\n1,男,12.5,"));
    assert_non_null(strstr(p, "\n-7,3,"));
    close(fd);
}

static void test_csv_guards(void **state)
{
    /* Every formula character, alone and behind apostrophes, goes out guarded and comes back
     * as it was; a single missing column is still a row. */
    struct cx *cx = *state;
    static const char *const texts[] = {"=x",  "+86", "-x",   "@x", "\tx",
                                        "\rx", "'=x", "''-1", "'x"};
    const struct column_spec one = {"t", NULL, COLUMN_TEXT, 0, false, NULL, 0};
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct frame_writer *w;
    const struct frame_write_options options = {.format = FRAME_CSV, .row_count = -1};
    assert_int_equal(frame_writer_open(&w, cx, fd, &one, 1, &options), RC_OK);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct out_cell cell = text(texts[i]);
        assert_int_equal(frame_writer_row(cx, w, &cell), RC_OK);
    }
    assert_int_equal(frame_writer_row(cx, w, &none), RC_OK);
    assert_int_equal(frame_writer_close(cx, w), RC_OK);
    struct rows *r;
    assert_int_equal(open_fd(&r, cx, fd, "x.csv", ""), RC_OK);
    assert_int_equal(rows_count(r), 2 + sizeof texts / sizeof texts[0]);
    struct row row;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(rows_read(&row, cx, r, i + 1), RC_OK);
        assert_true(str_eq_z(row.cells[0].text, texts[i]));
    }
    assert_int_equal(rows_read(&row, cx, r, rows_count(r) - 1), RC_OK);
    assert_int_equal(row.count, 0);
    const char *p = bytes_of(cx, fd);
    for (const char *at = p; (at = strchr(at, '\n')) != NULL; at++)
        assert_null(strchr("=+-@\t", at[1] ? at[1] : 'x'));
    rows_close(r);
    close(fd);
}

static void test_xlsx(void **state)
{
    /* XLSX: numbers, days and texts with their kinds; a formula's text stays text; the title
     * is a valid sheet name. */
    struct cx *cx = *state;
    int fd = write_file(
        cx, &(struct frame_write_options){.format = FRAME_XLSX,
                                          .title = "人员[1]/2:345678901234567890123𠮷x",
                                          .note = "Synthetic data",
                                          .row_count = -1});
    assert_string_equal(back(cx, fd), "1: id|sex|income|born|score|name\n"
                                      "2: #1|#1|#12.5|@1990-04-06|#0.1|王小明\n"
                                      "3: #999999999999999|#2|#-0.05|@1901-07-22|"
                                      "#0.3333333333333333|a,\"b\"\nc\n"
                                      "5: #-7|#3|#1|@1970-01-01|#1e-7|=1+1\n"
                                      "6: #300|#1|#0|@2024-10-04||𠮷 'x\n");
    struct rows *r;
    assert_int_equal(open_fd(&r, cx, fd, "x", ""), RC_OK);
    assert_string_equal(rows_sheets(r)[0], "人员 1  2 345678901234567890123𠮷");
    rows_close(r);
    close(fd);
}

static void test_xlsx_edges(void **state)
{
    /* Integers beyond 15 digits and days before 1900 go out as text; days around Excel's
     * imaginary 1900-02-29 stay right; control characters survive; a text over 32,767
     * characters is refused by row. Days from Python's datetime. */
    struct cx *cx = *state;
    const struct column_spec c[] = {{"i", NULL, COLUMN_I64, 0, false, NULL, 0},
                                    {"d", NULL, COLUMN_I64, 0, true, NULL, 0},
                                    {"t", NULL, COLUMN_TEXT, 0, false, NULL, 0}};
    const struct out_cell rows[][3] = {
        {i64(110101199003070011), i64(-25567), text("a\rb\001c_x000D_")},
        {i64(-1000000000000000), i64(-25509), text("x")},
        {i64(5), i64(-25508), text("x")},
        {i64(6), i64(-25568), text("x")},
    };
    int fd = memfd_create("out", MFD_CLOEXEC);
    struct frame_writer *w;
    const struct frame_write_options options = {.format = FRAME_XLSX, .row_count = -1};
    assert_int_equal(frame_writer_open(&w, cx, fd, c, 3, &options), RC_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(frame_writer_row(cx, w, rows[i]), RC_OK);
    assert_int_equal(frame_writer_close(cx, w), RC_OK);
    assert_string_equal(back(cx, fd), "1: i|d|t\n"
                                      "2: 110101199003070011|@1900-01-01|a\rb\001c_x000D_\n"
                                      "3: -1000000000000000|@1900-02-28|x\n"
                                      "4: #5|@1900-03-01|x\n"
                                      "5: #6|1899-12-31|x\n");
    close(fd);
    char *big = arena_new(cx->arena, 40001);
    memset(big, 'x', 40000);
    struct out_cell cells[3] = {i64(1), i64(1), text(big)};
    fd = memfd_create("out", MFD_CLOEXEC);
    assert_int_equal(frame_writer_open(&w, cx, fd, c, 3, &options), RC_OK);
    assert_int_equal(frame_writer_row(cx, w, cells), RC_LIMIT);
    assert_non_null(strstr(cx->err.text, "Row 1 holds a text"));
    frame_writer_abort(w);
    close(fd);
}

static void test_json(void **state)
{
    /* JSON, read by jansson: an array of objects; missing is null; decimals exact; labels when
     * asked for. */
    struct cx *cx = *state;
    int fd = write_file(cx, &(struct frame_write_options){
                                .format = FRAME_JSON, .row_count = -1, .use_labels = true});
    json_error_t error;
    json_t *all = json_loads(bytes_of(cx, fd), JSON_REJECT_DUPLICATES, &error);
    assert_non_null(all);
    assert_int_equal(json_array_size(all), ROWS);
    json_t *row = json_array_get(all, 0);
    assert_int_equal(json_integer_value(json_object_get(row, "id")), 1);
    assert_string_equal(json_string_value(json_object_get(row, "sex")), "男");
    assert_true(json_real_value(json_object_get(row, "income")) == 12.5);
    assert_string_equal(json_string_value(json_object_get(row, "born")), "1990-04-06");
    assert_string_equal(json_string_value(json_object_get(json_array_get(all, 1), "name")),
                        "a,\"b\"\nc");
    assert_true(json_is_null(json_object_get(json_array_get(all, 2), "income")));
    assert_true(json_is_null(json_object_get(json_array_get(all, 4), "score")));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(all, 3), "sex")), 3);
    json_decref(all);
    close(fd);
}

static const char *const stat_rows = "1: id|sex|income|born|score|name\n"
                                     "2: #1|#1|#12.5|@1990-04-06|#0.1|王小明\n"
                                     "3: #999999999999999|#2|#-0.05|@1901-07-22|"
                                     "#0.3333333333333333|a,\"b\"\nc\n"
                                     "4:\n"
                                     "5: #-7|#3|#1|@1970-01-01|#1e-7|=1+1\n"
                                     "6: #300|#1|#0|@2024-10-04||𠮷 'x\n";

/* What ReadStat itself finds in the head. */
struct found {
    char text[4096];
};
static int on_variable(int index, readstat_variable_t *v, const char *labels, void *user)
{
    struct found *f = user;
    size_t len = strlen(f->text);
    (void)index;
    snprintf(f->text + len, sizeof f->text - len, "%s:%d:%s:%s%s;",
             readstat_variable_get_name(v), (int)readstat_variable_get_type(v),
             readstat_variable_get_label(v),
             readstat_variable_get_format(v) ? readstat_variable_get_format(v) : "",
             labels ? ":labels" : "");
    return READSTAT_HANDLER_OK;
}
static int on_label(const char *set, readstat_value_t value, const char *label, void *user)
{
    struct found *f = user;
    size_t len = strlen(f->text);
    (void)set;
    snprintf(f->text + len, sizeof f->text - len, "%d=%s;", (int)readstat_double_value(value),
             label);
    return READSTAT_HANDLER_OK;
}
static int on_metadata(readstat_metadata_t *m, void *user)
{
    struct found *f = user;
    size_t len = strlen(f->text);
    snprintf(f->text + len, sizeof f->text - len, "v%d rows=%d %s;",
             readstat_get_file_format_version(m), readstat_get_row_count(m),
             readstat_get_file_label(m));
    return READSTAT_HANDLER_OK;
}
static int on_note(int index, const char *note, void *user)
{
    struct found *f = user;
    size_t len = strlen(f->text);
    (void)index;
    snprintf(f->text + len, sizeof f->text - len, "note %s;", note);
    return READSTAT_HANDLER_OK;
}
static const char *head_of(int fd, bool dta)
{
    static struct found f;
    f.text[0] = 0;
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    readstat_parser_t *p = readstat_parser_init();
    readstat_set_metadata_handler(p, on_metadata);
    readstat_set_variable_handler(p, on_variable);
    readstat_set_value_label_handler(p, on_label);
    readstat_set_note_handler(p, on_note);
    readstat_error_t e =
        dta ? readstat_parse_dta(p, path, &f) : readstat_parse_sav(p, path, &f);
    readstat_parser_free(p);
    assert_int_equal(e, READSTAT_OK);
    return f.text;
}

static void expect_part(const char *all, const char *part)
{
    if (strstr(all, part) == NULL)
        assert_string_equal(all, part);
}

static void test_dta(void **state)
{
    /* Stata: the same cells with an empty row kept; the narrowest types (int8 = 1, double = 5,
     * string = 0), variable and value labels, data label and note, %td. */
    struct cx *cx = *state;
    int fd = write_file(cx, &(struct frame_write_options){.format = FRAME_DTA,
                                                          .title = "某县人员",
                                                          .note = "Synthetic data",
                                                          .row_count = -1});
    assert_string_equal(back(cx, fd), stat_rows);
    const char *head = head_of(fd, true);
    expect_part(head, "v118 rows=5 某县人员;");
    expect_part(head, "id:5:Number:");
    expect_part(head, "sex:1:性别:%12.0f:labels;");
    expect_part(head, "income:5:收入:%16.2f;");
    expect_part(head, "born:2:出生:%td;");
    expect_part(head, "name:0:姓名:");
    expect_part(head, "1=男;2=女;");
    expect_part(head, "note Synthetic data;");
    close(fd);
}

static void test_sav(void **state)
{
    /* SPSS: the same, with its own formats. */
    struct cx *cx = *state;
    int fd = write_file(cx, &(struct frame_write_options){.format = FRAME_SAV,
                                                          .title = "某县人员",
                                                          .note = "Synthetic data",
                                                          .row_count = ROWS});
    assert_string_equal(back(cx, fd), stat_rows);
    const char *head = head_of(fd, false);
    expect_part(head, "rows=5 某县人员;");
    expect_part(head, "sex:5:性别:F12.0:labels;");
    expect_part(head, "income:5:收入:F16.2;");
    expect_part(head, "born:5:出生:SDATE10;");
    expect_part(head, "1=男;2=女;");
    expect_part(head, "note Synthetic data;");
    close(fd);
}

static void test_stat_edges(void **state)
{
    /* Long texts (strL in Stata, segments in SPSS), integers beyond 2^53 as digits, Stata's
     * type bounds (100 is a byte, 101 is not), names that must change, no rows at all. */
    struct cx *cx = *state;
    const struct column_spec c[] = {
        {"long text", NULL, COLUMN_TEXT, 0, false, NULL, 0},
        {"big", NULL, COLUMN_I64, 0, false, NULL, 0},
        {"b100", NULL, COLUMN_I64, 0, false, NULL, 0},
        {"b101", NULL, COLUMN_I64, 0, false, NULL, 0},
        {"int", NULL, COLUMN_I64, 0, false, NULL, 0},
    };
    char *big = arena_new(cx->arena, 9001);
    for (int i = 0; i < 3000; i++)
        memcpy(big + (size_t)i * 3, "村", 3);
    const struct out_cell rows[][5] = {
        {text(big), i64(110101199003070011), i64(100), i64(101), i64(2147483621)},
        {none, none, none, none, none},
        {text("short"), i64(1), i64(-127), i64(-127), i64(0)},
    };
    for (int format = FRAME_DTA; format <= FRAME_SAV; format++) {
        const struct frame_write_options options = {.format = (enum frame_format)format,
                                                    .row_count = -1};
        int fd = memfd_create("out", MFD_CLOEXEC);
        struct frame_writer *w;
        assert_int_equal(frame_writer_open(&w, cx, fd, c, 5, &options), RC_OK);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(frame_writer_row(cx, w, rows[i]), RC_OK);
        if (frame_writer_close(cx, w) != RC_OK)
            assert_string_equal(cx->err.text, "written");
        assert_string_equal(back(cx, fd),
                            arena_printf(cx->arena,
                                         "1: long_text|big|b100|b101|int_\n"
                                         "2: %s|110101199003070011|#100|#101|#2147483621\n3:\n"
                                         "4: short|1|#-127|#-127|#0\n",
                                         big));
        close(fd);
        fd = memfd_create("out", MFD_CLOEXEC);
        assert_int_equal(frame_writer_open(&w, cx, fd, c, 5, &options), RC_OK);
        assert_int_equal(frame_writer_close(cx, w), RC_OK);
        assert_string_equal(back(cx, fd), "1: long_text|big|b100|b101|int_\n");
        close(fd);
    }
}

static void test_stat_names(void **state)
{
    /* Names become valid and unique and are otherwise kept. */
    struct cx *cx = *state;
    const struct column_spec c[] = {
        {.name = "a_1"},  {.name = "1a"},     {.name = "姓名"},
        {.name = "str8"}, {.name = "A_1"},    {.name = "_x"},
        {.name = "with"}, {.name = "strand"}, {.name = "a23456789012345678901234567890123456"}};
    const char **names = stat_names(cx, c, 9, true);
    static const char *const want[] = {"a_1",   "v1a",    "v______",
                                       "str8_", "A_1_2",  "v_x",
                                       "with_", "strand", "a2345678901234567890123456789012"};
    for (size_t i = 0; i < 9; i++)
        assert_string_equal(names[i], want[i]);
}

static void test_cut_dta(void **state)
{
    /* A Stata or SPSS file cut anywhere is refused with a sentence. */
    struct cx *cx = *state;
    for (int format = FRAME_DTA; format <= FRAME_SAV; format++) {
        int fd = write_file(cx, &(struct frame_write_options){
                                    .format = (enum frame_format)format, .row_count = -1});
        off_t len = lseek(fd, 0, SEEK_END);
        for (off_t cut = len / 10; cut < len - 1; cut += len / 10) {
            int part = file_of(bytes_of(cx, fd), (size_t)cut);
            struct rows *r = NULL;
            enum rc rc = open_fd(&r, cx, part, "x", "");
            close(part);
            if (rc == RC_OK) {
                /* Only value labels, which are not read, may be missing at the end. */
                assert_int_equal(rows_count(r), ROWS + 1);
                rows_close(r);
                continue;
            }
            assert_int_equal(rc, RC_INVALID);
            assert_true(cx->err.text[0] != 0);
        }
        close(fd);
    }
}

static void test_formats(void **state)
{
    /* Names, endings and media types. */
    (void)state;
    enum frame_format f;
    assert_true(frame_format_parse(&f, STR("sav")));
    assert_int_equal(f, FRAME_SAV);
    assert_false(frame_format_parse(&f, STR("xls")));
    assert_string_equal(frame_format_ending(FRAME_XLSX), ".xlsx");
    assert_string_equal(frame_format_type(FRAME_JSON), "application/json");
}

static void test_disk_full(void **state)
{
    /* A descriptor that cannot be written gives RC_IO and frees the writer, in each format. */
    struct cx *cx = *state;
    for (int format = FRAME_CSV; format <= FRAME_SAV; format++) {
        const struct frame_write_options options = {.format = (enum frame_format)format,
                                                    .row_count = -1};
        int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
        struct frame_writer *w;
        struct out_cell cells[ROWS][COLUMNS];
        fill(cells);
        err_clear(cx);
        assert_int_equal(frame_writer_open(&w, cx, fd, columns, COLUMNS, &options), RC_OK);
        assert_int_equal(frame_writer_row(cx, w, cells[0]), RC_OK);
        assert_int_equal(frame_writer_close(cx, w), RC_IO);
        close(fd);
    }
}

int main(int argc, char **argv)
{
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),        cmocka_unit_test(test_csv_labels),
        cmocka_unit_test(test_csv_guards), cmocka_unit_test(test_xlsx),
        cmocka_unit_test(test_xlsx_edges), cmocka_unit_test(test_json),
        cmocka_unit_test(test_dta),        cmocka_unit_test(test_sav),
        cmocka_unit_test(test_stat_edges), cmocka_unit_test(test_stat_names),
        cmocka_unit_test(test_cut_dta),    cmocka_unit_test(test_formats),
        cmocka_unit_test(test_disk_full),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}

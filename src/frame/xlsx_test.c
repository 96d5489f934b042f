/* Workbooks, made here by hand (libzip) so that every oddity is what it says, through the
 * sandbox to rows. */
#include "frame/frame_fixture.h"
#include "frame/xlsx_parts.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Parts that the tests change; NULL = the standard one; "" = left out. */
struct book {
    const char *workbook, *relations, *styles, *strings, *sheet1, *sheet2;
};
#define HEAD   "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN   "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define DOCREL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define SHEET(rows)                                                                            \
    HEAD "<worksheet xmlns=\"" MAIN "\"><sheetData>" rows "</sheetData></worksheet>"

static const char *const standard_workbook =
    HEAD "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" DOCREL "\"><sheets>"
         "<sheet name=\"人员\" sheetId=\"1\" r:id=\"rId1\"/>"
         "<sheet name=\"Two\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>";
static const char *const standard_relations = HEAD
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    "<Relationship Id=\"rId1\" Type=\"" DOCREL "/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
    "<Relationship Id=\"rId2\" Type=\"" DOCREL
    "/worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/>"
    "<Relationship Id=\"rId3\" Type=\"" DOCREL "/styles\" Target=\"styles.xml\"/>"
    "<Relationship Id=\"rId4\" Type=\"" DOCREL "/sharedStrings\" Target=\"sharedStrings.xml\"/>"
    "</Relationships>";
/* Styles 0 General, 1 built-in date, 2 custom date, 3 custom time, 4 a colour with d in quotes,
 * 5 Chinese Excel's built-in 31. */
static const char *const standard_styles = HEAD
    "<styleSheet xmlns=\"" MAIN "\"><numFmts count=\"3\">"
    "<numFmt numFmtId=\"164\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/>"
    "<numFmt numFmtId=\"165\" formatCode=\"[h]:mm:ss\"/>"
    "<numFmt numFmtId=\"166\" formatCode=\"[Red]0.0&quot;day&quot;\"/></numFmts>"
    "<cellStyleXfs count=\"1\"><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs count=\"6\">"
    "<xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/>"
    "<xf numFmtId=\"166\"/><xf numFmtId=\"31\"/></cellXfs></styleSheet>";
static const char *const standard_strings =
    HEAD "<sst xmlns=\"" MAIN "\" count=\"4\" uniqueCount=\"4\"><si><t>姓名</t></si>"
         "<si><r><t xml:space=\"preserve\">rich </t></r><r><rPr><b/></rPr><t>text</t></r></si>"
         "<si><t>東京</t><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh></si>"
         "<si><t>a_x000D_b_x005F_x000D__x0000_&amp;&lt;</t></si></sst>";
static const char *const standard_sheet2 = SHEET("<row r=\"1\"><c r=\"A1\"><v>2</v></c></row>");

static void part_add(zip_t *zip, const char *name, const char *text, const char *standard)
{
    if (text == NULL)
        text = standard;
    if (text == NULL || *text == 0)
        return;
    zip_source_t *source = zip_source_buffer(zip, text, strlen(text), 0);
    assert_non_null(source);
    assert_true(zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8) >= 0);
}

/* The workbook's bytes, in cx->arena. */
static struct str book_bytes(struct cx *cx, const struct book *b)
{
    zip_error_t error;
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
    assert_non_null(zip);
    zip_source_keep(target);
    part_add(zip, "xl/workbook.xml", b->workbook, standard_workbook);
    part_add(zip, "xl/_rels/workbook.xml.rels", b->relations, standard_relations);
    part_add(zip, "xl/styles.xml", b->styles, standard_styles);
    part_add(zip, "xl/sharedStrings.xml", b->strings, standard_strings);
    part_add(zip, "xl/worksheets/sheet1.xml", b->sheet1, NULL);
    part_add(zip, "xl/worksheets/sheet2.xml", b->sheet2, standard_sheet2);
    assert_int_equal(zip_close(zip), 0);
    zip_stat_t st;
    assert_int_equal(zip_source_stat(target, &st), 0);
    char *p = arena_new(cx->arena, st.size);
    assert_int_equal(zip_source_open(target), 0);
    assert_int_equal(zip_source_read(target, p, st.size), st.size);
    zip_source_close(target);
    zip_source_free(target);
    return (struct str){p, st.size};
}

static void expect(struct cx *cx, const struct book *b, const char *rows)
{
    struct str bytes = book_bytes(cx, b);
    assert_string_equal(read_bytes(cx, bytes.p, bytes.len, "a.xlsx"), rows);
}

static void expect_refused(struct cx *cx, const struct book *b, enum rc rc, const char *part)
{
    struct str bytes = book_bytes(cx, b);
    const char *got = read_bytes(cx, bytes.p, bytes.len, "a.xlsx");
    if (cx->err.rc != rc || strstr(got, part) == NULL)
        assert_string_equal(got, part); /* shows both */
}

static void test_cells(void **state)
{
    /* Shared, rich, phonetic, inline and formula texts; escapes; numbers in shortest form;
     * booleans; errors; numbers stored as text; a formula's cached value. */
    struct cx *cx = *state;
    const struct book b = {
        .sheet1 = SHEET(
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>"
            "<c r=\"C1\" t=\"s\"><v>2</v></c><c r=\"D1\" t=\"s\"><v>3</v></c></row>"
            "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>in</t><rPh><t>x</t></rPh>"
            "<r><t xml:space=\"preserve\"> line</t></r></is></c><c r=\"B2\" "
            "t=\"str\"><f>A1&amp;A2</f>"
            "<v>计算</v></c><c r=\"C2\"><f>1+1</f><v>2</v></c></row>"
            "<row r=\"3\"><c r=\"A3\"><v>0.10000000000000001</v></c><c "
            "r=\"B3\"><v>1.1010119900307E+17</v></c>"
            "<c r=\"C3\"><v>12.50</v></c><c r=\"D3\"><v>-1E-7</v></c><c r=\"E3\" "
            "t=\"n\"><v>007</v></c></row>"
            "<row r=\"4\"><c r=\"A4\" t=\"b\"><v>1</v></c><c r=\"B4\" t=\"b\"><v>0</v></c>"
            "<c r=\"C4\" t=\"e\"><v>#N/A</v></c><c r=\"D4\" t=\"str\"><v>012</v></c></row>")};
    expect(cx, &b,
           "1: 姓名|rich text|東京|a\rb_x000D_&<\n"
           "2: in line|计算|#2\n"
           "3: #0.1|#110101199003070000|#12.5|#-1e-7|#7\n"
           "4: TRUE|FALSE|!#N/A|012\n");
}

static void test_dates(void **state)
{
    /* Dates by built-in, custom and Chinese formats; times and quoted letters are numbers.
     * Serial 45000 is 2023-03-15, 1 is 1900-01-01, 61 is 1900-03-01 (Excel's own calendar). */
    struct cx *cx = *state;
#define DATES                                                                                  \
    "<row r=\"1\"><c r=\"A1\" s=\"1\"><v>45000</v></c><c r=\"B1\" s=\"2\"><v>45000.75</v></c>" \
    "<c r=\"C1\" s=\"3\"><v>0.5</v></c><c r=\"D1\" s=\"4\"><v>45000</v></c>"                   \
    "<c r=\"E1\" s=\"5\"><v>61</v></c><c r=\"F1\" s=\"1\"><v>1</v></c>"                        \
    "<c r=\"G1\" s=\"99\"><v>45000</v></c><c r=\"H1\" t=\"d\"><v>2026-11-23T08:00:00</v></c>"  \
    "<c r=\"I1\" s=\"1\"><v>-5</v></c></row>"
    const struct book b = {.sheet1 = SHEET(DATES)};
    expect(
        cx, &b,
        "1: "
        "@2023-03-15|@2023-03-15|#0.5|#45000|@1900-03-01|@1900-01-01|#45000|@2026-11-23|#-5\n");
    /* The 1904 system: serial 43538 is 2023-03-15. */
    const struct book mac = {
        .workbook =
            HEAD "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" DOCREL
                 "\"><workbookPr date1904=\"1\"/><sheets><sheet name=\"a\" sheetId=\"1\" "
                 "r:id=\"rId1\"/></sheets></workbook>",
        .sheet1 = SHEET("<row r=\"1\"><c r=\"A1\" s=\"1\"><v>43538</v></c>"
                        "<c r=\"B1\" s=\"1\"><v>0</v></c></row>")};
    expect(cx, &mac, "1: @2023-03-15|@1904-01-01\n");
}

static void test_formats(void **state)
{
    /* Which number formats are dates. */
    (void)state;
    static const char *const dates[] = {
        "yyyy-mm-dd", "m/d/yy h:mm", "[$-804]yyyy\"年\"m\"月\";@",
        "mmm",        "D-MMM",       "[$-F800]dddd\\, mmmm dd"};
    static const char *const others[] = {
        "General", "0.00", "h:mm AM/PM", "[h]:mm", "[mm]:ss", "#,##0 \"yd\"",
        "[Red]0",  "0\\d", "mm:ss.0",    "@",      ""};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        if (!xlsx_format_is_date(str_of(dates[i])))
            assert_string_equal(dates[i], "a date");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (xlsx_format_is_date(str_of(others[i])))
            assert_string_equal(others[i], "not a date");
}

static void test_shape(void **state)
{
    /* Sparse rows and cells stand where their references say; rows and cells without one
     * follow; cells out of order are sorted; merged ranges have their first value; empty
     * formatted cells far right and empty rows are nothing. */
    struct cx *cx = *state;
    const struct book b = {
        .sheet1 = HEAD
        "<worksheet xmlns=\"" MAIN "\"><sheetData>"
        "<row r=\"3\"><c r=\"B3\"><v>1</v></c><c r=\"AA3\"><v>2</v></c><c r=\"XFD3\" "
        "s=\"1\"/></row>"
        "<row><c><v>3</v></c><c><v>4</v></c></row><row r=\"7\" s=\"1\"/>"
        "<row r=\"9\"><c r=\"C9\"><v>3</v></c><c r=\"A9\"><v>1</v></c></row>"
        "<row r=\"10\"><c r=\"A10\"><v>5</v></c><c r=\"B10\" s=\"1\"/></row>"
        "</sheetData><mergeCells><mergeCell ref=\"A10:B10\"/></mergeCells></worksheet>"};
    expect(cx, &b, "3: |#1|||||||||||||||||||||||||#2\n4: #3|#4\n9: #1||#3\n10: #5\n");
}

static void test_sheets(void **state)
{
    /* The first sheet that is not empty; hidden ones only by name or when all else is empty;
     * names are listed; an unknown name is refused. */
    struct cx *cx = *state;
    const struct book b = {.sheet1 = SHEET("")};
    expect(cx, &b, "1: #2\n");
    const struct book hidden = {
        .workbook =
            HEAD "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" DOCREL "\"><sheets>"
                 "<sheet name=\"H\" sheetId=\"1\" state=\"hidden\" r:id=\"rId1\"/>"
                 "<sheet name=\"Two\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>",
        .sheet1 = SHEET("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>")};
    expect(cx, &hidden, "1: #2\n");
    struct str bytes = book_bytes(cx, &hidden);
    int fd = file_of(bytes.p, bytes.len);
    struct rows *r;
    assert_int_equal(open_fd(&r, cx, fd, "a.xlsx", "H"), RC_OK);
    assert_string_equal(rows_dump(cx, r), "1: #1\n");
    assert_string_equal(rows_format(r), "xlsx");
    assert_string_equal(rows_sheets(r)[0], "Two");
    assert_null(rows_sheets(r)[1]);
    rows_close(r);
    assert_int_equal(open_fd(&r, cx, fd, "a.xlsx", "Three"), RC_INVALID);
    assert_non_null(strstr(cx->err.text, "no sheet"));
    close(fd);
}

static void test_refused(void **state)
{
    /* Damaged parts are named; a DTD with entities, a shared string that is not there, cells
     * that are too long and too many columns are refused. */
    struct cx *cx = *state;
    const struct book none = {.sheet1 = ""};
    expect_refused(cx, &none, RC_INVALID, "sheet1.xml");
    const struct book no_book = {.workbook = "", .sheet1 = SHEET("")};
    expect_refused(cx, &no_book, RC_INVALID, "not an Excel workbook");
    const struct book cut = {.sheet1 = HEAD "<worksheet><sheetData><row r=\"1\">"};
    expect_refused(cx, &cut, RC_INVALID, "XML");
    const struct book dtd = {
        .sheet1 =
            HEAD "<!DOCTYPE w [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>"
                 "<worksheet><sheetData><row><c t=\"str\"><v>&b;</v></c></row></sheetData>"
                 "</worksheet>"};
    expect_refused(cx, &dtd, RC_INVALID, "DTD");
    const struct book outside = {.sheet1 = HEAD "<!DOCTYPE w SYSTEM \"file:///etc/passwd\">"
                                                "<worksheet/>"};
    expect_refused(cx, &outside, RC_INVALID, "DTD");
    const struct book lost = {.sheet1 = SHEET("<row><c t=\"s\"><v>4</v></c></row>")};
    expect_refused(cx, &lost, RC_INVALID, "shared string");
    const struct book wide = {.sheet1 = SHEET("<row r=\"5\"><c r=\"XFD5\"><v>1</v></c></row>")};
    expect_refused(cx, &wide, RC_LIMIT, "Row 5 has more than 2000 columns");
    const struct book bad_number = {.sheet1 = SHEET("<row><c><v>1.2.3</v></c></row>")};
    expect_refused(cx, &bad_number, RC_INVALID, "damaged in row 1 (number)");
    const struct book bad_row = {.sheet1 = SHEET("<row r=\"99999999999\"/>")};
    expect_refused(cx, &bad_row, RC_INVALID, "damaged in row 0 (row)");
}

static void test_long_cells(void **state)
{
    /* Cells over 32 KB, inline or shared, are refused by place. */
    struct cx *cx = *state;
    struct buf b;
    buf_init(&b, cx->arena, 1 << 20);
    buf_z(&b, "<worksheet><sheetData><row r=\"2\"><c r=\"B2\" t=\"str\"><v>");
    for (int i = 0; i < 33000; i++)
        buf_char(&b, 'x');
    buf_z(&b, "</v></c></row></sheetData></worksheet>");
    const struct book is = {.sheet1 = buf_view(&b).p};
    expect_refused(cx, &is, RC_LIMIT, "Row 2, column 2: the cell is longer");
    struct buf s;
    buf_init(&s, cx->arena, 1 << 20);
    buf_z(&s, "<sst><si><t>");
    for (int i = 0; i < 33000; i++)
        buf_char(&s, 'x');
    buf_z(&s, "</t></si></sst>");
    const struct book shared = {
        .strings = buf_view(&s).p,
        .sheet1 = SHEET("<row r=\"3\"><c r=\"A3\" t=\"s\"><v>0</v></c></row>")};
    expect_refused(cx, &shared, RC_LIMIT, "Row 3, column 1: the cell is longer");
    const struct book unused = {.strings = buf_view(&s).p,
                                .sheet1 = SHEET("<row r=\"3\"><c r=\"A3\"><v>0</v></c></row>")};
    expect(cx, &unused, "3: #0\n");
}

static void test_bomb(void **state)
{
    /* 96 MB of blanks in 100 KB: refused by the declared size; and, when the declared size lies
     * (patched in both zip headers to 1,000 bytes), by what really comes out or as damaged. */
    struct cx *cx = *state;
    size_t size = 96 << 20;
    char *sheet = malloc(size + 100);
    assert_non_null(sheet);
    memset(sheet, ' ', size);
    memcpy(sheet, "<worksheet>", 11);
    memcpy(sheet + size, "</worksheet>", 13);
    const struct book b = {.sheet1 = sheet};
    struct str bytes = book_bytes(cx, &b);
    free(sheet);
    assert_true(bytes.len < 200 * 1024);
    const char *got = read_bytes(cx, bytes.p, bytes.len, "a.xlsx");
    assert_int_equal(cx->err.rc, RC_LIMIT);
    assert_non_null(strstr(got, "too large when it is unpacked"));
    uint32_t real = (uint32_t)(size + 12), lie = 1000;
    char *p = arena_new(cx->arena, bytes.len);
    memcpy(p, bytes.p, bytes.len);
    int patched = 0;
    for (size_t i = 0; i + 4 <= bytes.len; i++)
        if (memcmp(p + i, &real, 4) == 0) {
            memcpy(p + i, &lie, 4);
            patched++;
        }
    assert_true(patched >= 1);
    (void)read_bytes(cx, p, bytes.len, "a.xlsx");
    assert_true(cx->err.rc == RC_LIMIT || cx->err.rc == RC_INVALID);
}

static void test_truncated(void **state)
{
    /* A workbook cut anywhere is refused with a sentence, never read as less. */
    struct cx *cx = *state;
    const struct book b = {.sheet1 = SHEET("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>")};
    struct str bytes = book_bytes(cx, &b);
    for (size_t len = 4; len < bytes.len; len += bytes.len / 12) {
        const char *got = read_bytes(cx, bytes.p, len, "a.xlsx");
        assert_int_equal(cx->err.rc, RC_INVALID);
        assert_non_null(strstr(got, "incomplete"));
    }
}

static void test_protected(void **state)
{
    /* A compound file with Excel's encryption stream is called protected. */
    struct cx *cx = *state;
    char p[2048] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    const char *name = "EncryptedPackage";
    for (size_t i = 0; name[i]; i++)
        p[1024 + 2 * i] = name[i];
    const char *got = read_bytes(cx, p, sizeof p, "a.xlsx");
    assert_int_equal(cx->err.rc, RC_INVALID);
    assert_non_null(strstr(got, "protected with a password"));
}

static void test_unescape(void **state)
{
    /* Only whole _xHHHH_ are escapes; halves of pairs stay as they are. */
    (void)state;
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"_x0041_", "A"},       {"_x4E2D_", "中"},    {"_x00e9_", "é"},
        {"_xD800_", "_xD800_"}, {"_x004_", "_x004_"}, {"_x00410", "_x00410"},
        {"__x0041_", "_A"},     {"_x", "_x"},         {"_x005F_x0041_", "_x0041_"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char p[64];
        size_t len = strlen(cases[i].from);
        memcpy(p, cases[i].from, len + 1);
        p[xlsx_unescape(p, len)] = 0;
        assert_string_equal(p, cases[i].to);
    }
}

int main(int argc, char **argv)
{
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),      cmocka_unit_test(test_dates),
        cmocka_unit_test(test_formats),    cmocka_unit_test(test_shape),
        cmocka_unit_test(test_sheets),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long_cells), cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_truncated),  cmocka_unit_test(test_protected),
        cmocka_unit_test(test_unescape),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}

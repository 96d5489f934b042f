/* PDF files: poppler finds all words again, pages break where they must, limits hold; codes are
 * what a reader of ISO/IEC 18004 expects at the three corners. */
#include "base/check.h"
#include "base/file.h"
#include "html/pdf.h"
#include "html/qr.h"

#include <sys/wait.h>

#define INFO "pdfinfo"
#define TEXT "pdftotext"

/* What poppler's tool says of the file; "" when the file could not be made. */
static const char *said(struct cx *cx, struct pdf *p, enum rc expected, const char *tool)
{
    const char *dir = check_dir(cx);
    const char *path = arena_printf(cx->arena, "%s/x.pdf", dir);
    const char *result = arena_printf(cx->arena, "%s/said", dir);
    FILE *f = fopen(path, "w+b"), *to = fopen(result, "wb");
    struct str s = {0};
    assert_non_null(f);
    assert_non_null(to);
    assert_int_equal(pdf_end(cx, p, fileno(f)), expected);
    fclose(f);
    pid_t child = expected == RC_OK ? fork() : -1;
    if (child == 0) {
        dup2(fileno(to), STDOUT_FILENO);
        execlp(tool, tool, path, !strcmp(tool, TEXT) ? "-" : NULL, NULL);
        _exit(127);
    }
    fclose(to);
    if (child > 0) {
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        check_ok(cx, file_read(&s, cx, result, 64 * 1024 * 1024));
    }
    check_dir_remove(cx, dir);
    return arena_copy(cx->arena, s);
}

static int pages_in(const char *info)
{
    const char *at = strstr(info, "Pages:");
    assert_non_null(at);
    return (int)strtol(at + 6, NULL, 10);
}

static const char *minutes(struct cx *cx, int rows, const char *tool)
{
    struct pdf *p;
    static const int widths[] = {30, 70};
    check_ok(cx, pdf_begin(&p, cx, "Minutes", "Xinjian Village"));
    pdf_heading(p, "会议纪要 Minutes", 1);
    pdf_field(p, "Place", "村委会");
    const char **cells = arena_new(cx->arena, (size_t)rows * 2 * sizeof *cells);
    for (int i = 0; i < rows * 2; i++)
        cells[i] =
            i % 2 ? "a long cell that wraps over more than one row of the table, 长长的一格"
                  : "王小明";
    pdf_table(p, cells, (size_t)rows, 2, widths);
    pdf_qr(p, "https://example.org/p/abc", "Scan to see it");
    pdf_signatures(p, (const char *const[]){"Chair", "Recorder", "Witness"}, 3);
    return said(cx, p, RC_OK, tool);
}

static void breaks_into_pages(void **state)
{
    struct cx own, *cx = &own;
    (void)state;
    check_open(cx);
    assert_int_equal(pages_in(minutes(cx, 3, INFO)), 1);
    /* About 25 rows a page. */
    assert_in_range(pages_in(minutes(cx, 200, INFO)), 5, 14);
    const char *text = minutes(cx, 3, TEXT);
    assert_non_null(strstr(text, "会议纪要 Minutes"));
    assert_non_null(strstr(text, "王小明"));
    assert_non_null(strstr(text, "Xinjian Village"));
    assert_non_null(strstr(text, "https://example.org/p/abc"));
    check_close(cx);
}

static void long_texts_go_on(void **state)
{
    struct cx own, *cx = &own;
    (void)state;
    check_open(cx);
    struct pdf *p;
    struct buf b;
    check_ok(cx, pdf_begin(&p, cx, "x", NULL));
    buf_init(&b, cx->arena, 1024 * 1024);
    for (int i = 0; i < 3000; i++)
        buf_printf(&b, "word%d 字 ", i);
    pdf_text(p, arena_copy(cx->arena, buf_view(&b)));
    const char *text = said(cx, p, RC_OK, TEXT);
    for (int i = 0; i < 3000; i++) { /* every word is there, none lost at a page's end */
        const char *word = arena_printf(cx->arena, "word%d", i);
        const char *at = strstr(text, word);
        assert_non_null(at);
        text = at + strlen(word);
    }
    check_close(cx);
}

/* A field and a cell that are higher than a page: nothing of them is cut. */
static void high_cells_go_on(void **state)
{
    enum { LINES = 150 };
    static const int widths[] = {25, 75};
    struct cx own, *cx = &own;
    (void)state;
    check_open(cx);
    struct pdf *p;
    struct buf b, c;
    buf_init(&b, cx->arena, 65536);
    buf_init(&c, cx->arena, 65536);
    for (int i = 0; i < LINES; i++) {
        buf_printf(&b, "field%d字\n", i);
        buf_printf(&c, "cell%d字\n", i);
    }
    const char *field = arena_copy(cx->arena, buf_view(&b)),
               *cell = arena_copy(cx->arena, buf_view(&c));
    const char *const cells[] = {"Who", "What", "before", "first", "high", cell, "after", NULL};
    check_ok(cx, pdf_begin(&p, cx, "x", NULL));
    pdf_field(p, "Invited", field);
    pdf_table(p, cells, 4, 2, widths);
    pdf_text(p, "the end");
    const char *text = said(cx, p, RC_OK, TEXT);
    for (int i = 0; i < LINES; i++) {
        assert_non_null(strstr(text, arena_printf(cx->arena, "field%d字", i)));
        assert_non_null(strstr(text, arena_printf(cx->arena, "cell%d字", i)));
    }
    assert_non_null(strstr(text, "before"));
    assert_non_null(strstr(text, "after"));
    assert_non_null(strstr(text, "the end"));
    check_close(cx);
}

static void ends_at_its_limit(void **state)
{
    struct cx own, *cx = &own;
    (void)state;
    check_open(cx);
    struct pdf *p;
    check_ok(cx, pdf_begin(&p, cx, "x", "y"));
    for (int i = 0; i < 60000; i++)
        pdf_text(p, "one\ntwo");
    said(cx, p, RC_LIMIT, TEXT);
    assert_non_null(strstr(cx->err.text, "500"));
    err_clear(cx);
    check_close(cx);
}

static void codes_have_their_marks(void **state)
{
    /* ISO/IEC 18004, 6.3.3: a finder pattern of 7 x 7 in three corners: dark ring, light ring,
     * dark middle of 3 x 3. */
    struct cx own, *cx = &own;
    (void)state;
    check_open(cx);
    struct qr qr;
    check_ok(cx, qr_make(&qr, cx, "https://example.org/report?v=520181001201"));
    assert_int_equal((qr.size - 17) % 4, 0);
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 7; x++) {
            bool ring = x == 0 || x == 6 || y == 0 || y == 6;
            bool middle = x >= 2 && x <= 4 && y >= 2 && y <= 4;
            assert_int_equal(qr.dark[y * qr.size + x], ring || middle);
            assert_int_equal(qr.dark[y * qr.size + qr.size - 7 + x], ring || middle);
            assert_int_equal(qr.dark[(qr.size - 7 + y) * qr.size + x], ring || middle);
        }
    struct html svg;
    check_ok(cx, qr_svg(&svg, cx, "x", "a \"label\" <b>"));
    assert_non_null(strstr(svg.p, "a &quot;label&quot; &lt;b&gt;"));
    assert_int_equal(qr_svg(&svg, cx, "", "x"), RC_INVALID);
    err_clear(cx);
    check_close(cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breaks_into_pages),      cmocka_unit_test(long_texts_go_on),
        cmocka_unit_test(high_cells_go_on),       cmocka_unit_test(ends_at_its_limit),
        cmocka_unit_test(codes_have_their_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of what is taken away from the checks: the list of a check as CSV and as a workbook
 * with a sheet for every village, and the figures by command. */
#include "register/check_file_view.h"

#include "frame/rows.h"
#include "register/check_fixture.h"
#include "web/commands.h"

#include <fcntl.h>

/* The file that is written for an area and a format. */
static int write_file(struct cx *cx, int64_t *rows, int64_t area_id, enum frame_format format)
{
    struct check_scope *scope = arena_new(cx->arena, sizeof *scope);
    struct check_file file = {.check = &f.profile->rules->checks[BIG_HOUSE],
                              .scope = scope,
                              .year = YEAR,
                              .format = format};
    char path[] = "/tmp/fumin-check-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    check_ok(cx, check_scope_find(scope, cx, area_id));
    check_ok(cx, check_file_write(rows, cx, &file, fd));
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static struct rows *open_rows(struct cx *cx, int fd, const char *name, const char *sheet)
{
    struct rows *r;
    check_ok(cx,
             rows_open(&r, cx, fd,
                       &(struct rows_options){
                           .name = str_of(name), .sheet = str_of(sheet), .tmp_dir = "/tmp"}));
    return r;
}

/* Every row names a household of the area with the value that makes the check fire. */
static void look_at_rows(struct cx *cx, const struct rows *r, size_t count, const char *village)
{
    assert_int_equal(rows_count(r), count + 1); /* with the header */
    for (size_t i = 1; i <= count; i++) {
        struct row row;
        struct household h;
        check_ok(cx, rows_read(&row, cx, r, i));
        assert_true(row.count >= 9);
        check_str_z(row.cells[0].text, "9001");
        if (village)
            check_str_z(row.cells[3].text, village);
        check_ok(cx, household_by_code(&h, cx, f.county, row.cells[5].text));
        assert_true(str_find(row.cells[8].text, STR("Floor space")) != SIZE_MAX);
    }
}

/* CSV holds the counted households; XLSX has a sheet for each village with its own, and two
 * villages of one name have two sheets; by reading the files back. */
static void files_on(struct cx *cx)
{
    int64_t all, town, village;
    check_fixture_open(cx);
    cx->dir = f.dir;
    int fd = write_file(cx, &all, 0, FRAME_CSV);
    struct rows *r = open_rows(cx, fd, "a.csv", "");
    look_at_rows(cx, r, (size_t)all, NULL);
    rows_close(r);
    close(fd);
    fd = write_file(cx, &village, f.village[1], FRAME_CSV);
    r = open_rows(cx, fd, "a.csv", "");
    look_at_rows(cx, r, (size_t)village, "老寨村");
    rows_close(r);
    close(fd);
    fd = write_file(cx, &town, f.town[0], FRAME_XLSX);
    r = open_rows(cx, fd, "a.xlsx", "老寨村");
    const char *const *sheets = rows_sheets(r);
    assert_string_equal(sheets[0], "新建村");
    assert_string_equal(sheets[1], "老寨村");
    assert_null(sheets[2]);
    look_at_rows(cx, r, (size_t)village, "老寨村");
    rows_close(r);
    r = open_rows(cx, fd, "a.xlsx", "新建村");
    look_at_rows(cx, r, (size_t)(town - village), "新建村");
    rows_close(r);
    close(fd);
    fd = write_file(cx, &all, 0, FRAME_XLSX);
    r = open_rows(cx, fd, "a.xlsx", "");
    for (int i = 0; i < 4; i++)
        assert_non_null(rows_sheets(r)[i]);
    assert_null(rows_sheets(r)[4]);
    rows_close(r);
    close(fd);
    cx->dir = NULL;
    check_fixture_close(cx);
}
static void test_files(void **state)
{
    (void)state;
    db_fixture_each(files_on);
}

/* The command refuses what it does not know, each with the exit code for a wrong command line
 * or for what cannot be done. */
static void test_command(void **state)
{
    (void)state;
    struct cx cx;
    check_open(&cx);
    char name[] = "check", dir[] = "/nowhere", wrong[] = "--farmat", csv[] = "csv";
    char *nothing[] = {name, NULL};
    char *unknown[] = {name, dir, wrong, csv, NULL};
    char *nowhere[] = {name, dir, NULL};
    assert_int_equal(check_cmd(&cx, 1, nothing), 2);
    assert_int_equal(check_cmd(&cx, 4, unknown), 2);
    err_clear(&cx);
    assert_int_equal(check_cmd(&cx, 2, nowhere), 1);
    check_close(&cx);
}

int main(int argc, char **argv)
{
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files),
                                       cmocka_unit_test(test_command)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

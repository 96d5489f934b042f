/* The multipart reader: what browsers send, corner cases of boundaries, limits; and the
 * property of the fuzz target on seeded random bodies. */
#include "http/multipart_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_FIELD(name, file)                                                                 \
    "Content-Disposition: form-data; name=\"" name "\"; filename=\"" file                      \
    "\"\r\nContent-Type: text/csv\r\n\r\n"

static struct check_file file;

static struct multipart *read_body(const char *body)
{
    /* One byte at a time is the hardest rhythm; check_multipart compares it with all at once.
     */
    check_multipart(str_of(body), 1);
    return check_read(&file, str_of(body), 1);
}

static void state_is(const char *body, enum multipart_state state)
{
    struct multipart *m = read_body(body);
    if (multipart_state_get(m) != state)
        print_error("body: %s\n", body);
    assert_int_equal(multipart_state_get(m), state);
    multipart_free(m);
}

static bool value_is(struct multipart *m, size_t i, const char *name, const char *value)
{
    return str_eq_z(multipart_name(m, i), name) && str_eq_z(multipart_value(m, i), value);
}

/* Text parts come in order; an empty one is there; preamble and epilogue are passed over. */
static void reads_text_parts(void **state)
{
    (void)state;
    struct multipart *m = read_body("preamble\r\n--B\r\n" FIELD("a") "1\r\n--B  \r\n" FIELD(
        "b") "\r\n--B\r\n" FIELD("a") "two\r\nlines\r\n--B--\r\nepilogue --B\r\n");
    assert_int_equal(multipart_state_get(m), MULTIPART_END);
    assert_int_equal(multipart_count(m), 3);
    assert_true(value_is(m, 0, "a", "1"));
    assert_true(value_is(m, 1, "b", ""));
    assert_true(value_is(m, 2, "a", "two\r\nlines"));
    assert_false(multipart_has_file(m));
    multipart_free(m);
}

/* A file's bytes reach the sink unchanged, also those that nearly are a delimiter. */
static void passes_the_file_on(void **state)
{
    (void)state;
    static const char content[] = "\r\r\n-\r\n--\r\n--A\r\n\r\n-B--B\r";
    char body[500];
    snprintf(body, sizeof body, "--B\r\n" FILE_FIELD("f", "a.csv") "%s\r\n--B--", content);
    struct multipart *m = read_body(body);
    assert_int_equal(multipart_state_get(m), MULTIPART_END);
    assert_int_equal(multipart_file_len(m), sizeof content - 1);
    assert_int_equal(file.len, sizeof content - 1);
    assert_memory_equal(file.bytes, content, file.len);
    assert_true(str_eq_z(multipart_file_type(m), "text/csv"));
    multipart_free(m);
}

/* "--Bx" at a line's beginning: RFC 2046 takes any line that begins with the delimiter for one,
 * so such a body is malformed rather than guessed at. */
static void refuses_a_boundary_that_goes_on(void **state)
{
    (void)state;
    state_is("--B\r\n" FIELD("a") "1\r\n--Bx\r\n--B--", MULTIPART_MALFORMED);
}

/* File names: folders go (both kinds of slash), browsers' escapes and backslashed quotes are
 * undone, a long name keeps its ending. */
static void cleans_file_names(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"a.csv", "a.csv"},
        {"C:\\dir\\a.csv", "a.csv"},
        {"/etc/../a.csv", "a.csv"},
        {"王.xlsx", "王.xlsx"},
        {"a%22b%0D%0A.csv", "a\"b.csv"},
        {"a\\\"b.csv", "\"b.csv"}, /* the backslash counts as a folder's mark; harmless */
        {"x;y=z.csv", "x;y=z.csv"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[500];
        snprintf(body, sizeof body,
                 "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"%s\"\r\n\r\n"
                 "x\r\n--B--",
                 rows[i][0]);
        struct multipart *m = read_body(body);
        assert_int_equal(multipart_state_get(m), MULTIPART_END);
        assert_true(str_eq_z(multipart_file_name(m), rows[i][1]));
        multipart_free(m);
    }
    char name[301] = {0}, body[600];
    memset(name, 'n', 300);
    memcpy(name + 296, ".csv", 4);
    snprintf(
        body, sizeof body,
        "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"%s\"\r\n\r\nx\r\n--B--",
        name);
    struct multipart *m = read_body(body);
    assert_int_equal(multipart_file_name(m).len, 200);
    assert_true(str_ends(multipart_file_name(m), STR(".csv")));
    multipart_free(m);
}

/* A file field left empty is no file; a file without bytes is one; two files are refused. */
static void counts_files(void **state)
{
    (void)state;
    struct multipart *m = read_body("--B\r\n" FILE_FIELD("f", "") "\r\n--B--");
    assert_int_equal(multipart_state_get(m), MULTIPART_END);
    assert_false(multipart_has_file(m));
    multipart_free(m);
    m = read_body("--B\r\n" FILE_FIELD("f", "empty.csv") "\r\n--B--");
    assert_true(multipart_has_file(m));
    assert_int_equal(multipart_file_len(m), 0);
    multipart_free(m);
    state_is("--B\r\n" FILE_FIELD("f", "a") "1\r\n--B\r\n" FILE_FIELD("g", "b") "2\r\n--B--",
             MULTIPART_TWO_FILES);
}

/* Broken bodies, each by one fault, end in the state that says so. */
static void refuses_broken_bodies(void **state)
{
    (void)state;
    state_is("", MULTIPART_MORE);
    state_is("--B", MULTIPART_MORE);
    state_is("--B\r\n" FIELD("a") "1", MULTIPART_MORE);
    state_is("--B--", MULTIPART_END);
    state_is("--B-x", MULTIPART_MALFORMED);
    state_is("--B\rx", MULTIPART_MALFORMED);
    state_is("--B\r\n\r\n1\r\n--B--", MULTIPART_MALFORMED);
    state_is("--B\r\nContent-Type: text/plain\r\n\r\n1\r\n--B--", MULTIPART_MALFORMED);
    state_is("--B\r\nContent-Disposition: form-data\r\n\r\n1\r\n--B--", MULTIPART_MALFORMED);
    state_is("--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--B--",
             MULTIPART_MALFORMED);
    state_is("--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--B--",
             MULTIPART_MALFORMED);
}

/* Each limit of multipart_check.h, passed by one: parts, text, a part's header, the sink. */
static void keeps_limits(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, NULL, 100000);
    for (int i = 0; i <= CHECK_PARTS_MAX; i++) {
        if (i == CHECK_PARTS_MAX) {
            struct multipart *m = read_body(buf_view(&b).p);
            assert_int_equal(multipart_count(m), CHECK_PARTS_MAX);
            assert_int_equal(multipart_state_get(m), MULTIPART_MORE);
            multipart_free(m);
        }
        buf_z(&b, "\r\n--B\r\n" FIELD("a") "1");
    }
    state_is(buf_view(&b).p, MULTIPART_TOO_MUCH);
    buf_clear(&b);
    buf_z(&b, "--B\r\n" FIELD("a"));
    for (int i = 0; i < CHECK_TEXT_MAX; i++)
        buf_char(&b, 'x');
    buf_z(&b, "\r\n--B--");
    state_is(buf_view(&b).p, MULTIPART_TOO_MUCH); /* name and value together are one too many */
    buf_clear(&b);
    buf_z(&b, "--B\r\nX: ");
    for (int i = 0; i < 4096; i++)
        buf_char(&b, 'x');
    state_is(buf_view(&b).p, MULTIPART_TOO_MUCH);
    buf_clear(&b);
    buf_z(&b, "--B\r\n" FILE_FIELD("f", "a"));
    for (int i = 0; i <= CHECK_FILE_MAX; i++)
        buf_char(&b, 'x');
    buf_z(&b, "\r\n--B--");
    state_is(buf_view(&b).p, MULTIPART_SINK);
    buf_free(&b);
}

/* Boundaries by RFC 2046: quoted or not, 1 to 70 of its characters, only of
 * multipart/form-data. */
static void finds_boundaries(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"multipart/form-data; boundary=abc", "abc"},
        {"Multipart/Form-Data;charset=utf-8; Boundary=\"a b:c\"", "a b:c"},
        {"multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxk",
         "----WebKitFormBoundary7MA4YWxk"},
        {"multipart/form-data", NULL},
        {"multipart/form-data; boundary=", NULL},
        {"multipart/form-data; boundary=\"abc", NULL},
        {"multipart/form-data; boundary=a@b", NULL},
        {"multipart/form-data; boundary=\"a \"", NULL},
        {"multipart/mixed; boundary=abc", NULL},
        {"multipart/form-data; boundary="
         "12345678901234567890123456789012345678901234567890123456789012345678901",
         NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str b = multipart_boundary(str_of(rows[i][0]));
        assert_int_equal(b.p != NULL, rows[i][1] != NULL);
        if (b.p)
            assert_true(str_eq_z(b, rows[i][1]));
    }
}

/* Seeded random bodies made of the format's own pieces: any rhythm gives the same result. */
static void reads_alike_in_any_rhythm(void **state)
{
    (void)state;
    static const char field[] = FIELD("a"), file_field[] = FILE_FIELD("f", "n");
    static const char *const pieces[] = {"\r\n",     "--B", "--",          "\r",
                                         "x",        "\n",  "-",           field,
                                         file_field, "B",   "\r\n--B\r\n", "--B--"};
    uint64_t x = 88172645463325252u;
    for (int round = 0; round < 3000; round++) {
        struct buf b;
        buf_init(&b, NULL, 10000);
        buf_z(&b, "--B\r\n");
        for (int i = 0; i < 12; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            buf_z(&b, pieces[x % (sizeof pieces / sizeof *pieces)]);
        }
        check_multipart(buf_view(&b), 1 + x / 16 % 9);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_text_parts),
        cmocka_unit_test(passes_the_file_on),
        cmocka_unit_test(refuses_a_boundary_that_goes_on),
        cmocka_unit_test(cleans_file_names),
        cmocka_unit_test(counts_files),
        cmocka_unit_test(refuses_broken_bodies),
        cmocka_unit_test(keeps_limits),
        cmocka_unit_test(finds_boundaries),
        cmocka_unit_test(reads_alike_in_any_rhythm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

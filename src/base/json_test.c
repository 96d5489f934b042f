/* Tests of base/json: jansson reads back what was written. */
#include "base/json.h"

#include "base/check.h"
#include "base/utf8.h"

#include <jansson.h>
#include <math.h>
#include <sys/wait.h>

static void test_shape(void **state)
{
    (void)state;
    /* Commas, nesting and escapes, byte for byte. */
    struct buf b;
    struct json j;
    buf_init(&b, NULL, 4096);
    json_init(&j, &b);
    json_object_begin(&j);
    json_put_z(&j, "a", "x\"\\\n\t\r\x01</村");
    json_put_i64(&j, "n", 9007199254740992);
    json_put_i64(&j, "big", 9007199254740993);
    json_put_i64(&j, "small", INT64_MIN);
    json_key(&j, "list");
    json_array_begin(&j);
    json_bool(&j, true);
    json_nothing(&j);
    json_object_begin(&j);
    json_object_end(&j);
    json_f64(&j, 0.1);
    json_f64(&j, NAN);
    json_f64(&j, INFINITY);
    json_array_end(&j);
    json_put_str(&j, "none", (struct str){NULL, 0});
    json_put_z(&j, "z", NULL);
    json_put_str(&j, "empty", STR(""));
    json_object_end(&j);
    check_str_z(
        buf_view(&b),
        "{\"a\":\"x\\\"\\\\\\n\\t\\r\\u0001\\u003c/村\",\"n\":9007199254740992,"
        "\"big\":\"9007199254740993\",\"small\":\"-9223372036854775808\","
        "\"list\":[true,null,{},0.1,null,null],\"none\":null,\"z\":null,\"empty\":\"\"}");
    buf_free(&b);
}

static void test_texts_read_back(void **state)
{
    (void)state;
    /* Random code points come back through jansson; a bad byte has become U+FFFD. */
    for_each_seed (seed, 300) {
        uint64_t r = seed;
        struct buf text, out;
        struct json j;
        buf_init(&text, NULL, 4096);
        buf_init(&out, NULL, 16384);
        for (int i = 0; i < 40; i++) {
            static const int64_t tops[] = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};
            utf8_put(&text, (uint32_t)check_int(&r, 1, tops[check_random(&r) % 4]));
        }
        json_init(&j, &out);
        json_array_begin(&j);
        json_str(&j, buf_view(&text));
        json_str(&j, STR("a\xC3(\xFF"));
        json_array_end(&j);
        json_t *read = json_loadb(out.p, out.len, 0, NULL);
        assert_non_null(read);
        const json_t *one = json_array_get(read, 0);
        check_str(((struct str){json_string_value(one), json_string_length(one)}),
                  buf_view(&text));
        assert_string_equal(json_string_value(json_array_get(read, 1)), "a\uFFFD(\uFFFD");
        json_decref(read);
        buf_free(&text);
        buf_free(&out);
    }
}

static void test_doubles_read_back(void **state)
{
    (void)state;
    /* Any finite double reads back to the same bits, and simple ones are short. */
    for_each_seed (seed, 2000) {
        uint64_t r = seed, bits = check_random(&r);
        double x;
        memcpy(&x, &bits, sizeof x);
        if (seed % 2)
            x = (double)check_int(&r, -1000000, 1000000) / 100;
        if (!isfinite(x))
            continue;
        struct buf out;
        struct json j;
        buf_init(&out, NULL, 100);
        json_init(&j, &out);
        json_f64(&j, x);
        double again = strtod(buf_view(&out).p, NULL);
        assert_memory_equal(&again, &x, sizeof x);
        assert_true(seed % 2 == 0 || out.len <= 9);
        buf_free(&out);
    }
}

static void misuse(int kind)
{
    struct buf b;
    struct json j;
    buf_init(&b, NULL, 100);
    json_init(&j, &b);
    switch (kind) {
    case 0: /* a value in an object without its key */
        json_object_begin(&j);
        json_nothing(&j);
        break;
    case 1: /* the wrong bracket */
        json_object_begin(&j);
        json_array_end(&j);
        break;
    case 2: /* two values at the top */
        json_nothing(&j);
        json_nothing(&j);
        break;
    case 3: /* a key without its value */
        json_object_begin(&j);
        json_key(&j, "a");
        json_object_end(&j);
        break;
    default: /* a key in a list */
        json_array_begin(&j);
        json_key(&j, "a");
        break;
    }
}

static void test_misuse_aborts(void **state)
{
    (void)state;
    /* Wrong nesting is a programmer's error: each kind ends a child by SIGABRT. */
    for (int kind = 0; kind < 5; kind++) {
        pid_t child = fork();
        if (child == 0) {
            (void)!freopen("/dev/null", "w", stderr);
            misuse(kind);
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_texts_read_back),
        cmocka_unit_test(test_doubles_read_back),
        cmocka_unit_test(test_misuse_aborts),
    };
    return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}

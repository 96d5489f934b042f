/* Tests of base/embed over the generated table. */
#include "base/embed.h"

#include "base/check.h"

#include <zlib.h>

static void test_find(void **state)
{
    (void)state;
    /* Each embedded file is found by its path and by no other; etags are quoted; the packed
     * form is smaller and unpacks to the plain one. */
    for (size_t i = 0; i < embedded_count; i++) {
        const struct embedded *e = &embedded_files[i];
        assert_ptr_equal(embed_find(str_of(e->path)), e);
        assert_true(e->etag[0] == '"' && e->etag[strlen(e->etag) - 1] == '"');
        if (!e->gzip)
            continue;
        assert_true(e->gzip_len < e->len);
        unsigned char *plain = malloc(e->len + 1);
        z_stream z = {.next_in = (unsigned char *)(uintptr_t)e->gzip,
                      .avail_in = (unsigned)e->gzip_len,
                      .next_out = plain,
                      .avail_out = (unsigned)e->len + 1};
        assert_int_equal(inflateInit2(&z, 16 + 15), Z_OK);
        assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
        assert_int_equal(z.total_out, e->len);
        assert_memory_equal(plain, e->data, e->len);
        inflateEnd(&z);
        free(plain);
    }
    assert_null(embed_find(STR("web/none")));
    assert_null(embed_find(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find)};
    return cmocka_run_group_tests_name("base/embed", tests, NULL, NULL);
}

/* Fuzz target: one file of the survey's small profile is replaced by the input. The first byte
 * says which. Whatever comes, the loader ends with a profile or with named mistakes. */
#include "base/crypto.h"
#include "base/embed.h"
#include "profile/profile_impl.h"

#include <assert.h>
#include <string.h>

enum { FILES_MAX = 80 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char prefix[] = "profile/vlss/";
    struct source_file files[FILES_MAX];
    size_t count = 0;
    if (!size)
        return 0;
    crypto_init();
    for (size_t i = 0; i < embedded_count && count < FILES_MAX; i++)
        if (str_starts(str_of(embedded_files[i].path), str_of(prefix)))
            files[count++] = (struct source_file){
                embedded_files[i].path + strlen(prefix),
                {(const char *)embedded_files[i].data, embedded_files[i].len}};
    assert(count > 0);
    files[data[0] % count].bytes = (struct str){(const char *)data + 1, size - 1};
    struct cx cx;
    cx_init(&cx, arena_open(8 * 1024 * 1024));
    cx.lang = size % 2 ? LANG_ZH : LANG_EN;
    struct profile *p = NULL;
    struct profile_faults faults;
    enum rc rc = profile_load_files(&p, &faults, &cx, files, count);
    assert(rc == RC_OK || (rc == RC_INVALID && faults.count > 0));
    for (size_t i = 0; i < faults.count; i++)
        assert(faults.rows[i].file && faults.rows[i].field && faults.rows[i].value &&
               *faults.rows[i].message);
    profile_free(p);
    arena_free(cx.arena);
    return 0;
}

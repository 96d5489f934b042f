/* Fuzz target: one file of the survey's small profile, with the office's tables beside it
 * (office_fixture.h), is replaced by the input. The first byte says which. Whatever comes, the
 * loader ends with a profile or with named mistakes. */
#include "base/crypto.h"
#include "profile/office_fixture.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source_file files[OFFICE_FILES_MAX];
    if (!size)
        return 0;
    crypto_init();
    struct cx cx;
    cx_init(&cx, arena_open(8 * 1024 * 1024));
    size_t count = office_profile(files, cx.arena);
    files[data[0] % count].bytes = (struct str){(const char *)data + 1, size - 1};
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

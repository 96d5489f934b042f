/* Fuzz target: any bytes as a formula. Whatever comes, there is a formula whose parts have
 * names, or a mistake with a sentence. */
#include "base/text.h"
#include "insight/formula.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx;
    struct formula f = {0};
    cx_init(&cx, arena_open(16 * 1024 * 1024));
    text_use(LANG_ZH, &messages_zh);
    cx.lang = size && data[0] & 1 ? LANG_ZH : LANG_EN;
    const struct str bytes = {(const char *)data + 1, size ? size - 1 : 0};
    enum rc rc = formula_parse(&f, &cx, size ? arena_copy(cx.arena, bytes) : "");
    assert(rc == RC_OK || rc == RC_INVALID || rc == RC_LIMIT);
    assert(rc || (*f.outcome.name && f.count <= FORMULA_TERMS_MAX && (f.count || f.constant)));
    assert(!rc || *cx.err.text);
    for (size_t t = 0; t < f.count; t++) {
        assert(f.terms[t].count > 0 && f.terms[t].count <= FORMULA_PARTS_MAX);
        for (size_t i = 0; i < f.terms[t].count; i++)
            assert(*f.terms[t].part[i].name && *formula_part_name(&cx, &f.terms[t].part[i]));
    }
    arena_free(cx.arena);
    return 0;
}

/* Facts of the counties' columns for a population's rows. */
#include "insight/attach.h"

#include <assert.h>

enum rc attach_rows(struct cx *cx, const struct population *p, attach_county_fn county,
                    attach_row_fn row, void *arg)
{
    assert(p->household || !p->n);
    size_t i = 0;
    /* Rows lie county by county, in the order of the sources. */
    for (size_t k = 0; k < p->source_count; k++) {
        struct columns *c;
        TRY(columns_open(&c, cx, p->sources[k].county));
        enum rc rc = county(cx, arg, c);
        for (; !rc && i < p->n && p->source[i] == k; i++)
            row(arg, i, columns_household_row(c, p->household[i]));
        columns_close(c);
        TRY(rc);
    }
    return RC_OK;
}

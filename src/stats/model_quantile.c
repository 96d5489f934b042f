#include "base/text.h"
#include "stats/model_inner.h"
enum rc model_quantile(struct model_fit *f, struct model_state *m, struct cx *cx)
{
    (void)f;
    (void)m;
    return fail(cx, RC_INVALID, _(MODEL_MEMORY), "not yet");
}

/* What happens to cases by themselves: automatic moves when the time of a state is over and its
 * rule holds. Called by the engine's job, outside of write closures. */
#include "casework/case_inner.h"

static enum rc auto_move(struct cx *cx, const struct flow *f, const struct workflow_move *move)
{
    struct flow_ask ask = {.id = f->id, .version = f->version, .event = str_of(move->event)};
    /* Grievances and other plain things have no register behind them. */
    return f->workflow && f->workflow->subject == FLOW_PLAIN ? flow_move(cx, &ask)
                                                             : case_decide(cx, &ask);
}

void casework_begin(void)
{
    flow_auto_set(auto_move);
}

/* Finding workflows, states, moves, kinds of organisations and switches. A profile made by
 * hand, in a test, may have none of them. */
#include "profile/workflows.h"

#include <string.h>

const struct workflow *profile_workflow(const struct profile *p, struct str code)
{
    for (size_t i = 0; p->workflows && i < p->workflows->count; i++)
        if (str_eq_z(code, p->workflows->list[i].code))
            return &p->workflows->list[i];
    return NULL;
}

const struct workflow *profile_workflow_kind(const struct profile *p, const char *kind)
{
    for (size_t i = 0; p->workflows && i < p->workflows->count; i++)
        if (!strcmp(kind, p->workflows->list[i].kind))
            return &p->workflows->list[i];
    return NULL;
}

const struct workflow_state *workflow_state(const struct workflow *w, struct str code)
{
    for (size_t i = 0; w && i < w->state_count; i++)
        if (str_eq_z(code, w->states[i].code))
            return &w->states[i];
    return NULL;
}

const struct workflow_state *workflow_start(const struct workflow *w)
{
    for (size_t i = 0; i < w->state_count; i++)
        if (w->states[i].kind == STATE_START)
            return &w->states[i];
    return NULL;
}

const struct workflow_move *workflow_move(const struct workflow *w, struct str from,
                                          struct str event)
{
    for (size_t i = 0; w && i < w->move_count; i++)
        if (str_eq_z(from, w->moves[i].from) && str_eq_z(event, w->moves[i].event))
            return &w->moves[i];
    return NULL;
}

const struct org_kind *profile_org_kind(const struct profile *p, struct str code)
{
    for (size_t i = 0; p->workflows && i < p->workflows->org_kind_count; i++)
        if (str_eq_z(code, p->workflows->org_kinds[i].code))
            return &p->workflows->org_kinds[i];
    return NULL;
}

static const struct option *option_in(const struct profile *p, struct str code, struct str area)
{
    for (size_t i = 0; p->workflows && i < p->workflows->option_count; i++) {
        const struct option *o = &p->workflows->options[i];
        if (str_eq_z(code, o->code) && str_eq_z(area, o->area_code))
            return o;
    }
    return NULL;
}

const struct option *profile_option(const struct profile *p, struct str code,
                                    const struct str *area_codes, size_t area_code_count)
{
    for (size_t i = 0; i < area_code_count; i++) {
        const struct option *o = area_codes[i].len ? option_in(p, code, area_codes[i]) : NULL;
        if (o)
            return o;
    }
    return option_in(p, code, STR(""));
}

int profile_level(const struct profile *p, const char *code)
{
    for (size_t i = 0; i < p->level_count; i++)
        if (!strcmp(p->levels[i].code, code))
            return p->levels[i].number;
    return -1;
}

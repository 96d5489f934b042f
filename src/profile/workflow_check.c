/* What must be true of a workflow as a whole: one start, ends, a way into and out of every
 * state, no circle of passed-over states. */
#include "profile/load_workflows.h"

#include <string.h>

static void state_fault(const struct workflow_load *load, const struct loose_workflow *in,
                        size_t at, const char *field, const char *message)
{
    loader_fault(load->l, "workflow_states.csv", in->state_lines[at], field,
                 str_of(in->states[at].code), message);
}

static void move_fault(const struct workflow_load *load, const struct loose_workflow *in,
                       size_t at, const char *field, const char *value, const char *message)
{
    loader_fault(load->l, "workflow_moves.csv", in->move_lines[at], field, str_of(value),
                 message);
}

/* Place of a state; -1. */
static int place(const struct loose_workflow *in, const char *code)
{
    for (size_t i = 0; i < in->w->state_count; i++)
        if (!strcmp(in->states[i].code, code))
            return (int)i;
    return -1;
}

/* The state that `code` means, with the nearest name where there is none. */
static const char *unknown_state(const struct workflow_load *load,
                                 const struct loose_workflow *in, const char *code)
{
    struct cx *cx = load->l->cx;
    const char *known[STATES_MAX] = {0};
    for (size_t i = 0; i < in->w->state_count; i++)
        known[i] = in->states[i].code;
    const char *near = spelling_nearest(str_of(code), known, in->w->state_count);
    return near ? arena_printf(cx->arena,
                               _("The workflow has no such state. Did you mean “%s”?"), near)
                : _("The workflow has no such state.");
}

/* ---- names ---- */

static void check_skips(const struct workflow_load *load, const struct loose_workflow *in)
{
    struct cx *cx = load->l->cx;
    for (size_t i = 0; i < in->w->state_count; i++) {
        int at = (int)i;
        size_t steps = 0;
        if (!*in->states[i].skip_to)
            continue;
        if (place(in, in->states[i].skip_to) < 0) {
            loader_fault(load->l, "workflow_states.csv", in->state_lines[i], "skip_to",
                         str_of(in->states[i].skip_to),
                         unknown_state(load, in, in->states[i].skip_to));
            continue;
        }
        while (at >= 0 && *in->states[at].skip_to && steps++ <= in->w->state_count)
            at = place(in, in->states[at].skip_to);
        if (steps > in->w->state_count)
            state_fault(load, in, i, "skip_to",
                        _("With all switches off this goes round in a circle."));
    }
}

static bool may_leave_end(enum move_kind kind)
{
    return kind == MOVE_APPEAL || kind == MOVE_REOPEN;
}

static void check_moves(const struct workflow_load *load, const struct loose_workflow *in)
{
    struct cx *cx = load->l->cx;
    for (size_t i = 0; i < in->w->move_count; i++) {
        struct workflow_move *m = &in->moves[i];
        int from = place(in, m->from), to = place(in, m->to);
        if (from < 0)
            move_fault(load, in, i, "from", m->from, unknown_state(load, in, m->from));
        if (to < 0)
            move_fault(load, in, i, "to", m->to, unknown_state(load, in, m->to));
        if (from < 0)
            continue;
        const struct workflow_state *s = &in->states[from];
        bool people = m->kind != MOVE_AUTO;
        if (!*m->permission && people)
            m->permission = s->permission;
        if (!*m->level)
            m->level = s->level;
        if (!*m->permission && people)
            move_fault(load, in, i, "permission", "",
                       _("Somebody must make this move: name a permission."));
        if (*m->permission && !people)
            move_fault(load, in, i, "permission", m->permission,
                       _("The clock makes an automatic move: it has no permission."));
        if (!people && !s->after_days)
            move_fault(load, in, i, "kind", "auto",
                       _("An automatic move needs the days of its state (after_days)."));
        if (s->kind == STATE_END && !may_leave_end(m->kind))
            move_fault(load, in, i, "from", m->from,
                       _("An end is left only by a move of kind appeal or reopen."));
    }
}

/* ---- ways ---- */

static void check_reached(const struct workflow_load *load, const struct loose_workflow *in)
{
    struct cx *cx = load->l->cx;
    bool reached[STATES_MAX] = {0}, more = true;
    for (size_t i = 0; i < in->w->state_count; i++)
        reached[i] = in->states[i].kind == STATE_START;
    while (more) {
        more = false;
        for (size_t i = 0; i < in->w->move_count + in->w->state_count; i++) {
            bool skip = i >= in->w->move_count;
            size_t k = skip ? i - in->w->move_count : i;
            int from = skip ? (int)k : place(in, in->moves[k].from);
            int to = place(in, skip ? in->states[k].skip_to : in->moves[k].to);
            if (from >= 0 && to >= 0 && reached[from] && !reached[to])
                reached[to] = more = true;
        }
    }
    for (size_t i = 0; i < in->w->state_count; i++)
        if (!reached[i])
            state_fault(load, in, i, "code", _("No way leads from the start to this state."));
}

static void check_left(const struct workflow_load *load, const struct loose_workflow *in)
{
    struct cx *cx = load->l->cx;
    for (size_t i = 0; i < in->w->state_count; i++) {
        bool way = in->states[i].kind == STATE_END;
        for (size_t k = 0; k < in->w->move_count && !way; k++)
            way = !strcmp(in->moves[k].from, in->states[i].code) &&
                  strcmp(in->moves[k].to, in->states[i].code) != 0;
        if (!way)
            state_fault(load, in, i, "code", _("No move leads out of this state."));
    }
}

void workflow_check(const struct workflow_load *load, const struct loose_workflow *in)
{
    struct cx *cx = load->l->cx;
    size_t starts = 0, ends = 0, before = load->l->faults->count;
    for (size_t i = 0; i < in->w->state_count; i++) {
        starts += in->states[i].kind == STATE_START;
        ends += in->states[i].kind == STATE_END;
        if (starts > 1 && in->states[i].kind == STATE_START)
            state_fault(load, in, i, "kind", _("A workflow has one start."));
    }
    if (!starts || !ends)
        loader_fault(load->l, "workflows.csv", in->line, "code", str_of(in->w->code),
                     _("The workflow needs a state of kind start and one of kind end in "
                       "workflow_states.csv."));
    check_skips(load, in);
    check_moves(load, in);
    if (!starts || load->l->faults->count > before)
        return; /* ways of wrong names only make mistakes of mistakes */
    check_reached(load, in);
    check_left(load, in);
}

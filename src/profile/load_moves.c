/* Loads workflow_moves.csv: what can be done in a state of a workflow, and by whom. */
#include "profile/load_workflows.h"

#include <string.h>

enum {
    WORKFLOW,
    FROM,
    EVENT,
    TO,
    KIND,
    PERMISSION,
    LEVEL,
    GUARD,
    GUARD_KIND,
    REASON,
    SNAPSHOT,
    TWO,
    LABEL_EN,
    LABEL_ZH,
    HELP_EN,
    HELP_ZH,
    SOURCE,
    COLUMNS
};

static void check_guard(const struct row *r, const struct workflow *w, struct workflow_move *m)
{
    static const char *const kinds[] = {"advice", "must"};
    struct cx *cx = r->l->cx;
    if (*m->guard)
        m->guard_must = row_choice(r, GUARD_KIND, kinds, 2) == 1;
    else if (row_cell(r, GUARD_KIND).len)
        row_fault(r, GUARD_KIND, _("There is no guard in this row."));
    if (*m->guard && w->subject == FLOW_PLAIN)
        row_fault(r, GUARD,
                  _("A plain workflow is about no household and no area: it has no guards."));
}

static void load_move(struct workflow_load *load, const struct row *r)
{
    static const char *const kinds[] = {"forward", "back",   "refuse", "object",
                                        "close",   "appeal", "reopen", "auto"};
    struct cx *cx = r->l->cx;
    struct loose_workflow *in = row_workflow(r, WORKFLOW, load);
    int kind = row_choice(r, KIND, kinds, sizeof kinds / sizeof *kinds);
    if (!in)
        return;
    if (in->w->move_count == MOVES_MAX) {
        row_fault(r, WORKFLOW, _("A workflow has at most 200 moves."));
        return;
    }
    size_t at = in->w->move_count++;
    struct workflow_move *m = &in->moves[at];
    in->move_lines[at] = row_line(r);
    *m = (struct workflow_move){.from = row_needed(r, FROM),
                                .event = row_name(r, EVENT),
                                .to = row_needed(r, TO),
                                .kind = kind < 0 ? MOVE_FORWARD : (enum move_kind)kind,
                                .permission = row_permission(r, PERMISSION),
                                .level = row_level_code(r, LEVEL),
                                .guard = row_text(r, GUARD),
                                .needs_reason = row_yes(r, REASON),
                                .snapshot = row_yes(r, SNAPSHOT),
                                .two = row_yes(r, TWO),
                                .label = row_label(r, LABEL_EN, true),
                                .help = row_label(r, HELP_EN, false),
                                .source = row_text(r, SOURCE),
                                .root = -1};
    check_guard(r, in->w, m);
    if (m->kind == MOVE_AUTO && (m->needs_reason || m->two))
        row_fault(r, KIND, _("The clock gives no reason and signs nothing."));
    for (size_t i = 0; i < at; i++)
        if (!strcmp(in->moves[i].from, m->from) && !strcmp(in->moves[i].event, m->event))
            row_fault(r, EVENT, _("The state has a move for this event already."));
}

void load_moves(struct workflow_load *load)
{
    static const char *const columns[] = {
        "workflow", "from",     "event",      "to",      "kind",     "permission",
        "level",    "guard",    "guard_kind", "reason",  "snapshot", "two",
        "label_en", "label_zh", "help_en",    "help_zh", "source"};
    struct table t;
    if (!table_optional(&t, load->l, "workflow_moves.csv", columns, COLUMNS))
        return;
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {load->l, &t, i};
        load_move(load, &r);
    }
}

/* Loads workflows.csv and workflow_states.csv; moves and answers are in load_moves.c and
 * load_answers.c, what is checked of the whole in workflow_check.c. */
#include "profile/load_workflows.h"
#include "profile/permission.h"

#include <string.h>

enum { DAYS_MAX = 3660, PERMISSIONS_MAX = 100 };

struct loose_workflow *row_workflow(const struct row *r, int column,
                                    const struct workflow_load *load)
{
    const char *known[WORKFLOWS_MAX] = {0};
    for (size_t i = 0; i < load->out->count; i++) {
        known[i] = load->out->list[i].code;
        if (str_eq_z(row_cell(r, column), known[i]))
            return &load->list[i];
    }
    row_unknown(r, column, known, load->out->count);
    return NULL;
}

const char *row_permission(const struct row *r, int column)
{
    struct str name = row_cell(r, column);
    const char *known[PERMISSIONS_MAX] = {0};
    size_t n = 0;
    if (!name.len)
        return "";
    for (; n < PERMISSIONS_MAX && permissions[n].code; n++) {
        known[n] = permissions[n].code;
        if (str_eq_z(name, known[n]))
            return known[n];
    }
    row_unknown(r, column, known, n);
    return "";
}

const char *row_level_code(const struct row *r, int column)
{
    struct str name = row_cell(r, column);
    int level = name.len ? row_level(r, column, name) : -1;
    return level < 0 ? "" : r->l->p->levels[level].code;
}

/* ---- workflows.csv ---- */

enum {
    CODE,
    SUBJECT,
    KIND,
    LEVEL,
    PERMISSION,
    LABEL_EN,
    LABEL_ZH,
    HELP_EN,
    HELP_ZH,
    SOURCE,
    COLUMNS
};

static void load_list(struct workflow_load *load)
{
    static const char *const columns[] = {"code",       "subject",  "kind",     "level",
                                          "permission", "label_en", "label_zh", "help_en",
                                          "help_zh",    "source"};
    static const char *const subjects[] = {"household", "area", "plain"};
    static const char *const kinds[] = {"identify", "exit", "watch", "grievance", "other"};
    struct loader *l = load->l;
    struct cx *cx = l->cx;
    struct table t;
    if (!table_optional(&t, l, "workflows.csv", columns, COLUMNS))
        return;
    if (t.row_count > WORKFLOWS_MAX) {
        loader_fault(l, t.file, 0, "", STR(""), _("At most 64 workflows."));
        return;
    }
    struct workflow *list = arena_new(l->arena, (t.row_count + 1) * sizeof *list);
    load->list = arena_new(l->temp, (t.row_count + 1) * sizeof *load->list);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        int subject = row_choice(&r, SUBJECT, subjects, 3);
        int kind = row_choice(&r, KIND, kinds, sizeof kinds / sizeof *kinds);
        (void)row_needed(&r, LEVEL);      /* notes an empty cell */
        (void)row_needed(&r, PERMISSION); /* as above */
        list[i] = (struct workflow){
            .code = row_name(&r, CODE),
            .subject = subject < 0 ? FLOW_PLAIN : (enum flow_subject)(subject + FLOW_HOUSEHOLD),
            .kind = kind < 0 ? "other" : kinds[kind],
            .level = row_level_code(&r, LEVEL),
            .permission = row_permission(&r, PERMISSION),
            .label = row_label(&r, LABEL_EN, true),
            .help = row_label(&r, HELP_EN, false),
            .source = row_text(&r, SOURCE)};
        load->list[i].w = &list[i];
        load->list[i].line = row_line(&r);
        load->list[i].states = arena_new(l->arena, STATES_MAX * sizeof(struct workflow_state));
        load->list[i].moves = arena_new(l->arena, MOVES_MAX * sizeof(struct workflow_move));
        list[i].states = load->list[i].states;
        list[i].moves = load->list[i].moves;
        for (size_t k = 0; k < i; k++)
            if (!strcmp(list[k].code, list[i].code))
                row_fault(&r, CODE, _("This code stands twice."));
    }
    load->out->list = list;
    load->out->count = t.row_count;
}

/* ---- workflow_states.csv ---- */

enum {
    S_WORKFLOW,
    S_CODE,
    S_KIND,
    S_TONE,
    S_PERMISSION,
    S_LEVEL,
    S_DAYS,
    S_WORKING,
    S_AFTER,
    S_OPTION,
    S_SKIP,
    S_LABEL_EN,
    S_LABEL_ZH,
    S_TODO_EN,
    S_TODO_ZH,
    S_TOLD_EN,
    S_TOLD_ZH,
    S_SOURCE,
    S_COLUMNS
};

static int32_t days_of(const struct row *r, int column, int32_t empty)
{
    int64_t n = empty;
    if (row_cell(r, column).len)
        (void)row_int(&n, r, column, 0, DAYS_MAX); /* notes the mistake */
    return (int32_t)n;
}

/* The switch of a state is one that is yes or no everywhere. */
static const char *row_option(const struct row *r, const struct workflows *out)
{
    struct cx *cx = r->l->cx;
    struct str name = row_cell(r, S_OPTION);
    const char *found = NULL;
    if (!name.len)
        return "";
    for (size_t i = 0; i < out->option_count; i++) {
        const struct option *o = &out->options[i];
        if (!str_eq_z(name, o->code))
            continue;
        if (strcmp(o->value, "yes") != 0 && strcmp(o->value, "no") != 0) {
            row_fault(r, S_OPTION, _("Expected a switch: in options.csv it is yes or no."));
            return "";
        }
        found = o->code;
    }
    if (found)
        return found;
    const char **known = arena_new(r->l->temp, (out->option_count + 1) * sizeof *known);
    for (size_t i = 0; i < out->option_count; i++)
        known[i] = out->options[i].code;
    row_unknown(r, S_OPTION, known, out->option_count);
    return "";
}

/* What a state's own row must say together. */
static void check_state(const struct row *r, const struct workflow_state *s)
{
    struct cx *cx = r->l->cx;
    bool end = s->kind == STATE_END;
    if (!end && !*s->permission && !row_cell(r, S_PERMISSION).len)
        row_fault(r, S_PERMISSION, _("Somebody must act here: name a permission."));
    if ((s->kind == STATE_WORK || s->kind == STATE_VOTE) && s->days < 0)
        row_fault(r, S_DAYS, _("Where people have to act, a deadline in days is needed."));
    if (s->kind == STATE_NOTICE && !s->after_days)
        row_fault(r, S_AFTER, _("A public notice needs its days."));
    if (!s->working && s->days >= 0 && s->days < s->after_days)
        row_fault(r, S_DAYS, _("The deadline is before the earliest day."));
    if (end && (s->days >= 0 || s->after_days || *s->option))
        row_fault(r, S_KIND, _("An end has no deadline, no days and no switch."));
    if ((*s->skip_to != 0) != (row_cell(r, S_OPTION).len != 0))
        row_fault(r, S_SKIP,
                  _("A switch and the state to go to when it is off belong together."));
}

static void load_state(struct workflow_load *load, const struct row *r)
{
    static const char *const kinds[] = {"start", "work", "notice", "vote", "watch", "end"};
    static const char *const tones[] = {"ok", "warn", "bad", "quiet"};
    struct cx *cx = r->l->cx;
    struct loose_workflow *in = row_workflow(r, S_WORKFLOW, load);
    int kind = row_choice(r, S_KIND, kinds, 6), tone = row_choice(r, S_TONE, tones, 4);
    if (!in)
        return;
    if (in->w->state_count == STATES_MAX) {
        row_fault(r, S_WORKFLOW, _("A workflow has at most 64 states."));
        return;
    }
    size_t at = in->w->state_count++;
    struct workflow_state *s = &in->states[at];
    bool end = kind == STATE_END;
    in->state_lines[at] = row_line(r);
    *s = (struct workflow_state){.code = row_name(r, S_CODE),
                                 .kind = kind < 0 ? STATE_WATCH : (enum state_kind)kind,
                                 .tone = tone < 0 ? "quiet" : tones[tone],
                                 .permission = row_permission(r, S_PERMISSION),
                                 .level = row_level_code(r, S_LEVEL),
                                 .days = days_of(r, S_DAYS, -1),
                                 .working = row_yes(r, S_WORKING),
                                 .after_days = days_of(r, S_AFTER, 0),
                                 .option = row_option(r, load->out),
                                 .skip_to = row_text(r, S_SKIP),
                                 .label = row_label(r, S_LABEL_EN, true),
                                 .todo = row_label(r, S_TODO_EN, !end),
                                 .told = row_label(r, S_TOLD_EN, false),
                                 .source = row_text(r, S_SOURCE)};
    if (!*s->level)
        s->level = in->w->level;
    if (kind >= 0)
        check_state(r, s);
    for (size_t i = 0; i < at; i++)
        if (!strcmp(in->states[i].code, s->code))
            row_fault(r, S_CODE, _("This code stands twice."));
}

static void load_states(struct workflow_load *load)
{
    static const char *const columns[] = {
        "workflow", "code",    "kind",       "tone",    "permission", "level",
        "days",     "working", "after_days", "option",  "skip_to",    "label_en",
        "label_zh", "todo_en", "todo_zh",    "told_en", "told_zh",    "source"};
    struct table t;
    if (!table_optional(&t, load->l, "workflow_states.csv", columns, S_COLUMNS))
        return;
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {load->l, &t, i};
        load_state(load, &r);
    }
}

/* ---- the whole ---- */

/* Guards of one workflow become one program. */
static void compile_guards(struct workflow_load *load, const struct loose_workflow *in)
{
    struct loader *l = load->l;
    size_t count = 0;
    struct rule_text texts[MOVES_MAX];
    struct rule_place places[MOVES_MAX];
    enum subject subject = in->w->subject == FLOW_AREA ? SUBJECT_AREA : SUBJECT_HOUSEHOLD;
    for (size_t i = 0; i < in->w->move_count; i++) {
        struct workflow_move *m = &in->moves[i];
        m->root = -1;
        if (!*m->guard || in->w->subject == FLOW_PLAIN)
            continue;
        texts[count] = (struct rule_text){.name = arena_printf(l->temp, "guard %s", m->event),
                                          .level = rule_level_of(subject),
                                          .text = str_of(m->guard),
                                          .want_bool = true};
        places[count] = (struct rule_place){"workflow_moves.csv", in->move_lines[i], "guard"};
        m->root = (int64_t)count++;
    }
    if (count)
        in->w->program = rules_compile(l, texts, places, count);
}

void load_workflows(struct loader *l)
{
    struct workflow_load load = {.l = l, .out = arena_new(l->arena, sizeof *load.out)};
    l->p->workflows = load.out;
    load_org_kinds(load.out, l);
    load_options(load.out, l);
    load_list(&load);
    load_states(&load);
    load_moves(&load);
    load_answers(&load);
    for (size_t i = 0; i < load.out->count; i++) {
        workflow_check(&load, &load.list[i]);
        compile_guards(&load, &load.list[i]);
    }
}

/* Loads workflow_fields.csv and workflow_sets.csv: what the form of a move asks, and what a
 * move writes into the register. A row belongs to every move of its event in its workflow. */
#include "profile/load_workflows.h"

#include <string.h>

/* Rows of one table by workflow and event, while they are handed out. */
struct loose_row {
    const struct loose_workflow *in;
    const char *event;
    struct workflow_field field;
    struct workflow_set set;
};

/* Does the workflow have a move of that event? Else the nearest is named. */
static bool known_event(const struct row *r, int column, const struct loose_workflow *in)
{
    const char *known[MOVES_MAX] = {0};
    for (size_t i = 0; i < in->w->move_count; i++) {
        known[i] = in->moves[i].event;
        if (str_eq_z(row_cell(r, column), known[i]))
            return true;
    }
    row_unknown(r, column, known, in->w->move_count);
    return false;
}

/* The indicator of the workflow's subject that a cell names; NULL after a mistake. */
static const struct indicator *row_indicator(const struct row *r, int column,
                                             const struct workflow *w)
{
    struct cx *cx = r->l->cx;
    const struct profile *p = r->l->p;
    enum subject subject = w->subject == FLOW_AREA ? SUBJECT_AREA : SUBJECT_HOUSEHOLD;
    if (w->subject == FLOW_PLAIN) {
        row_fault(r, column,
                  _("A plain workflow is about no household and no area: it writes nothing."));
        return NULL;
    }
    const struct indicator *ind = profile_indicator(p, subject, row_cell(r, column));
    if (ind && !ind->secret)
        return ind;
    if (ind) {
        row_fault(r, column, _("A secret indicator is not written by a workflow."));
        return NULL;
    }
    const char **known = arena_new(r->l->temp, (p->of_count[subject] + 1) * sizeof *known);
    for (size_t i = 0; i < p->of_count[subject]; i++)
        known[i] = p->of[subject][i]->code;
    row_unknown(r, column, known, p->of_count[subject]);
    return NULL;
}

/* ---- workflow_fields.csv ---- */

enum {
    WORKFLOW,
    EVENT,
    CODE,
    TYPE,
    LIST,
    REQUIRED,
    MIN,
    MAX,
    LABEL_EN,
    LABEL_ZH,
    SETS,
    SOURCE,
    COLUMNS
};
static const char *const types[] = {"text", "integer", "money", "day",  "month",
                                    "bool", "code",    "codes", "file", "signature"};
enum { TYPES = sizeof types / sizeof *types };

static bool has_list(enum field_type type)
{
    return type == FIELD_TYPE_CODE || type == FIELD_TYPE_CODES;
}

static void load_list(struct workflow_field *f, const struct row *r)
{
    struct cx *cx = r->l->cx;
    const struct profile *p = r->l->p;
    struct str name = row_cell(r, LIST);
    if (!has_list(f->type)) {
        if (name.len)
            row_fault(r, LIST, _("Only types code and codes have a list."));
        return;
    }
    f->list = profile_list(p, name);
    if (!f->list && name.len)
        row_unknown(r, LIST, r->l->list_names, p->list_count);
    else if (!f->list)
        row_fault(r, LIST, _("Types code and codes need a list."));
    else if (f->type == FIELD_TYPE_CODES && !f->list->index->fits_bits)
        row_fault(r, LIST, _("For type codes every code of the list must be 0 to 62."));
}

static bool load_bound(int64_t *out, const struct row *r, int column, enum field_type type)
{
    struct cx *cx = r->l->cx;
    struct str cell = row_cell(r, column);
    unsigned decimals = type == FIELD_TYPE_MONEY ? r->l->p->currency_decimals : 0;
    if (!cell.len)
        return false;
    if (type != FIELD_TYPE_TEXT && type != FIELD_TYPE_INTEGER && type != FIELD_TYPE_MONEY) {
        row_fault(r, column, _("This type has no bounds."));
        return false;
    }
    if (str_to_scaled(out, cell, decimals))
        return true;
    row_fault(r, column, _("Expected a number, with a point before decimals."));
    return false;
}

/* Can answers of that type be kept as that indicator's values? */
static bool fits(const struct workflow_field *f, const struct indicator *ind)
{
    static const int same[TYPES] = {TYPE_TEXT, TYPE_INTEGER, TYPE_MONEY, TYPE_DAY, TYPE_MONTH,
                                    TYPE_BOOL, TYPE_CODE,    TYPE_CODES, -1,       -1};
    return same[f->type] == (int)ind->type && (!has_list(f->type) || f->list == ind->list);
}

static void load_sets_of_field(struct workflow_field *f, const struct row *r,
                               const struct workflow *w)
{
    struct cx *cx = r->l->cx;
    if (!row_cell(r, SETS).len)
        return;
    f->sets = row_indicator(r, SETS, w);
    if (f->sets && !fits(f, f->sets))
        row_fault(r, SETS,
                  _("The indicator has another type or list than this field of the form."));
}

static bool load_field(struct loose_row *out, const struct row *r,
                       const struct workflow_load *load)
{
    struct cx *cx = r->l->cx;
    struct workflow_field *f = &out->field;
    int type = row_choice(r, TYPE, types, TYPES);
    out->in = row_workflow(r, WORKFLOW, load);
    out->event = row_text(r, EVENT);
    *f = (struct workflow_field){.code = row_name(r, CODE),
                                 .type = type < 0 ? FIELD_TYPE_TEXT : (enum field_type)type,
                                 .required = row_yes(r, REQUIRED),
                                 .label = row_label(r, LABEL_EN, true),
                                 .source = row_text(r, SOURCE)};
    if (type < 0 || !out->in || !known_event(r, EVENT, out->in))
        return false;
    load_list(f, r);
    f->has_min = load_bound(&f->min, r, MIN, f->type);
    f->has_max = load_bound(&f->max, r, MAX, f->type);
    if (f->has_min && f->has_max && f->max < f->min)
        row_fault(r, MAX, _("The largest value is below the smallest."));
    load_sets_of_field(f, r, out->in->w);
    return true;
}

/* ---- workflow_sets.csv ---- */

enum { W_WORKFLOW, W_EVENT, W_INDICATOR, W_VALUE, W_COLUMNS };

static void load_value(struct workflow_set *s, const struct row *r)
{
    struct cx *cx = r->l->cx;
    struct str cell = row_cell(r, W_VALUE);
    const char *expected = "";
    if (str_eq_z(cell, "missing"))
        return;
    if (str_eq_z(cell, "today")) {
        s->today = true;
        if (s->indicator->type != TYPE_DAY && s->indicator->type != TYPE_MONTH)
            row_fault(r, W_VALUE, _("“today” is for indicators of type day or month."));
        return;
    }
    if (value_parse(&s->value, &expected, cx, s->indicator, cell, false))
        row_fault(r, W_VALUE, expected);
    else if (s->value.kind == VALUE_MISSING)
        row_fault(r, W_VALUE, _("Write “missing” where the value is to be removed."));
    else if (s->value.kind == VALUE_TEXT)
        s->value.s = arena_str(r->l->arena, s->value.s);
}

static bool load_set(struct loose_row *out, const struct row *r,
                     const struct workflow_load *load)
{
    out->in = row_workflow(r, W_WORKFLOW, load);
    out->event = row_text(r, W_EVENT);
    if (!out->in || !known_event(r, W_EVENT, out->in))
        return false;
    out->set.indicator = row_indicator(r, W_INDICATOR, out->in->w);
    if (!out->set.indicator)
        return false;
    load_value(&out->set, r);
    return true;
}

/* ---- handing out ---- */

static bool same_event(const struct loose_row *a, const struct loose_row *b)
{
    return a->in == b->in && !strcmp(a->event, b->event);
}

/* The rows of each event, once, as an array that all its moves share. */
static void give(struct loader *l, const struct loose_row *rows, size_t count, bool fields)
{
    for (size_t i = 0; i < count; i++) {
        bool seen = false;
        size_t n = 0;
        for (size_t k = 0; k < i && !seen; k++)
            seen = same_event(&rows[k], &rows[i]);
        if (seen)
            continue;
        struct workflow_field *f = arena_new(l->arena, (count - i) * sizeof *f);
        struct workflow_set *s = arena_new(l->arena, (count - i) * sizeof *s);
        for (size_t k = i; k < count; k++)
            if (same_event(&rows[k], &rows[i])) {
                f[n] = rows[k].field;
                s[n++] = rows[k].set;
            }
        for (size_t k = 0; k < rows[i].in->w->move_count; k++) {
            struct workflow_move *m = &rows[i].in->moves[k];
            if (strcmp(m->event, rows[i].event) != 0)
                continue;
            if (fields)
                m->fields = f, m->field_count = n;
            else
                m->sets = s, m->set_count = n;
        }
    }
}

static void load_fields(struct workflow_load *load)
{
    static const char *const columns[] = {"workflow", "event",    "code", "type",
                                          "list",     "required", "min",  "max",
                                          "label_en", "label_zh", "sets", "source"};
    struct loader *l = load->l;
    struct cx *cx = l->cx;
    struct table t;
    size_t count = 0;
    if (!table_optional(&t, l, "workflow_fields.csv", columns, COLUMNS))
        return;
    struct loose_row *rows = arena_new(l->temp, (t.row_count + 1) * sizeof *rows);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        if (!load_field(&rows[count], &r, load))
            continue;
        for (size_t k = 0; k < count; k++)
            if (same_event(&rows[k], &rows[count]) &&
                !strcmp(rows[k].field.code, rows[count].field.code))
                row_fault(&r, CODE, _("This code stands twice."));
        count++;
    }
    give(l, rows, count, true);
}

void load_answers(struct workflow_load *load)
{
    static const char *const columns[] = {"workflow", "event", "indicator", "value"};
    struct loader *l = load->l;
    struct cx *cx = l->cx;
    struct table t;
    size_t count = 0;
    load_fields(load);
    if (!table_optional(&t, l, "workflow_sets.csv", columns, W_COLUMNS))
        return;
    struct loose_row *rows = arena_new(l->temp, (t.row_count + 1) * sizeof *rows);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        rows[count] = (struct loose_row){0};
        if (!load_set(&rows[count], &r, load))
            continue;
        for (size_t k = 0; k < count; k++)
            if (same_event(&rows[k], &rows[count]) &&
                rows[k].set.indicator == rows[count].set.indicator)
                row_fault(&r, W_INDICATOR, _("The move writes this indicator already."));
        count++;
    }
    give(l, rows, count, false);
}

/* Loads alerts.csv: the rules that raise alerts; finds them. */
#include "profile/alerts.h"
#include "profile/lists.h"
#include "profile/load_rules.h"

#include <string.h>

enum { DAYS_MAX = 3660 };
enum {
    NUMBER,
    CODE,
    SUBJECT,
    SOURCE_KIND,
    LIST,
    RULE,
    COLOUR,
    AGAIN,
    DAYS,
    CAUSE,
    MEASURE,
    TRUTH,
    LABEL_EN,
    LABEL_ZH,
    MESSAGE_EN,
    MESSAGE_ZH,
    TODO_EN,
    TODO_ZH,
    SOURCE,
    COLUMNS
};

/* A rule on its way to its place by number. */
struct loose_alert {
    struct alert_rule alert;
    int64_t line;
};

static const char *row_list_rule(const struct row *r)
{
    struct cx *cx = r->l->cx;
    struct str rest = row_cell(r, LIST), list = str_cut(&rest, '.');
    const struct list_kind *kind = profile_list_kind(r->l->p, list);
    if (kind && rest.p && list_rule_find(kind, rest))
        return row_text(r, LIST);
    row_fault(r, LIST,
              kind ? _("This list has no such rule in list_rules.csv.")
                   : _("Expected a list of lists.csv, a point and a rule of list_rules.csv."));
    return "";
}

static const struct measure *row_measure(const struct row *r)
{
    const struct profile *p = r->l->p;
    struct str name = row_cell(r, MEASURE);
    const struct measure *m = name.len ? profile_measure_code(p, name) : NULL;
    if (m || !name.len)
        return m;
    const char **known = arena_new(r->l->temp, (p->measures->count + 1) * sizeof *known);
    for (size_t i = 0; i < p->measures->count; i++)
        known[i] = p->measures->list[i].code;
    row_unknown(r, MEASURE, known, p->measures->count);
    return NULL;
}

/* A rule belongs to kind register and a list to kind list; only those know people. */
static void check_kind(const struct row *r, struct alert_rule *a)
{
    struct cx *cx = r->l->cx;
    bool list = row_cell(r, LIST).len, rule = row_cell(r, RULE).len;
    if (a->kind == ALERT_LIST)
        a->list = row_list_rule(r);
    else if (list)
        row_fault(r, LIST, _("Only source_kind list names a list."));
    if (a->kind == ALERT_REGISTER)
        (void)row_needed(r, RULE); /* notes an empty cell */
    else if (rule)
        row_fault(r, RULE, _("Only source_kind register has a rule."));
    if (a->subject == SUBJECT_AREA ||
        (a->subject == SUBJECT_PERSON && a->kind != ALERT_REGISTER && a->kind != ALERT_LIST))
        row_fault(r, SUBJECT, _("Expected household; register and list may have person."));
}

static void load_alert(struct loose_alert *out, const struct row *r)
{
    static const char *const kinds[] = {"register", "list", "task", "disaster"};
    static const char *const colours[] = {"yellow", "orange", "red"};
    struct alert_rule *a = &out->alert;
    int64_t number = 0, again = 0, days = 1;
    int subject = row_subject(r, SUBJECT), kind = row_choice(r, SOURCE_KIND, kinds, 4);
    int colour = row_choice(r, COLOUR, colours, 3);
    struct str cause = row_cell(r, CAUSE);
    (void)row_int(&number, r, NUMBER, 1, 1000000); /* these note their mistakes */
    (void)row_int(&again, r, AGAIN, 0, DAYS_MAX);
    (void)row_int(&days, r, DAYS, 0, 366);
    out->line = row_line(r);
    *a = (struct alert_rule){.number = (int32_t)number,
                             .code = row_name(r, CODE),
                             .subject = subject < 0 ? SUBJECT_HOUSEHOLD : (enum subject)subject,
                             .kind = kind < 0 ? ALERT_TASK : (enum alert_source)kind,
                             .list = "",
                             .rule = row_text(r, RULE),
                             .colour = colour < 0 ? ALERT_YELLOW
                                                  : (enum alert_colour)(colour + ALERT_YELLOW),
                             .again_days = (int32_t)again,
                             .days = (int32_t)days,
                             .cause = cause.len ? row_condition(r, CAUSE, cause) : NULL,
                             .measure = row_measure(r),
                             .truth = row_text(r, TRUTH),
                             .label = row_label(r, LABEL_EN, true),
                             .message = row_label(r, MESSAGE_EN, true),
                             .todo = row_label(r, TODO_EN, true),
                             .source = row_text(r, SOURCE),
                             .root = -1,
                             .truth_root = -1};
    if (kind >= 0)
        check_kind(r, a);
}

static void check_twice(const struct row *r, const struct loose_alert *rows, size_t at)
{
    struct cx *cx = r->l->cx;
    const struct alert_rule *new = &rows[at].alert;
    for (size_t i = 0; i < at; i++) {
        const struct alert_rule *a = &rows[i].alert;
        if (a->number == new->number)
            row_fault(r, NUMBER, _("This number stands twice."));
        if (!strcmp(a->code, new->code))
            row_fault(r, CODE, _("This code stands twice."));
        if (*new->list && !strcmp(a->list, new->list))
            row_fault(r, LIST, _("This rule of the list raises an alert already."));
    }
}

static int by_number(const void *a, const void *b)
{
    const struct loose_alert *x = a, *y = b;
    return x->alert.number < y->alert.number ? -1 : x->alert.number > y->alert.number;
}

/* Rules, then truths. */
static void compile_all(struct alert_rules *out, struct loader *l, struct alert_rule *list,
                        const struct loose_alert *rows)
{
    size_t n = 0;
    struct rule_text *texts = arena_new(l->temp, (2 * out->count + 1) * sizeof *texts);
    struct rule_place *places = arena_new(l->temp, (2 * out->count + 1) * sizeof *places);
    for (size_t i = 0; i < out->count; i++)
        if (list[i].kind == ALERT_REGISTER && *list[i].rule) {
            list[i].root = (int64_t)n;
            texts[n] =
                (struct rule_text){.name = arena_printf(l->temp, "alert %s", list[i].code),
                                   .level = rule_level_of(list[i].subject),
                                   .text = str_of(list[i].rule),
                                   .want_bool = true};
            places[n++] = (struct rule_place){"alerts.csv", rows[i].line, "rule"};
        }
    for (size_t i = 0; i < out->count; i++)
        if (*list[i].truth) {
            list[i].truth_root = (int64_t)n;
            texts[n] =
                (struct rule_text){.name = arena_printf(l->temp, "alert %s", list[i].code),
                                   .level = RULE_HOUSEHOLD,
                                   .text = str_of(list[i].truth),
                                   .want_bool = true};
            places[n++] = (struct rule_place){"alerts.csv", rows[i].line, "truth"};
        }
    if (n)
        out->program = rules_compile(l, texts, places, n);
}

void load_alerts(struct loader *l)
{
    static const char *const columns[] = {
        "number",     "code",       "subject", "source_kind", "list",  "rule",     "colour",
        "again_days", "days",       "cause",   "measure",     "truth", "label_en", "label_zh",
        "message_en", "message_zh", "todo_en", "todo_zh",     "source"};
    struct alert_rules *out = arena_new(l->arena, sizeof *out);
    struct table t;
    l->p->alerts = out;
    if (!table_optional(&t, l, "alerts.csv", columns, COLUMNS))
        return;
    struct loose_alert *rows = arena_new(l->temp, (t.row_count + 1) * sizeof *rows);
    struct alert_rule *list = arena_new(l->arena, (t.row_count + 1) * sizeof *list);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        load_alert(&rows[i], &r);
        check_twice(&r, rows, i);
    }
    qsort(rows, t.row_count, sizeof *rows, by_number);
    for (size_t i = 0; i < t.row_count; i++)
        list[i] = rows[i].alert;
    out->list = list;
    out->count = t.row_count;
    compile_all(out, l, list, rows);
}

const struct alert_rule *profile_alert(const struct profile *p, int64_t number)
{
    size_t low = 0, high = p->alerts ? p->alerts->count : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct alert_rule *a = &p->alerts->list[middle];
        if (a->number == number)
            return a;
        if (a->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct alert_rule *profile_alert_code(const struct profile *p, struct str code)
{
    for (size_t i = 0; p->alerts && i < p->alerts->count; i++)
        if (str_eq_z(code, p->alerts->list[i].code))
            return &p->alerts->list[i];
    return NULL;
}

const struct alert_rule *profile_alert_of_list(const struct profile *p, struct str list,
                                               struct str rule)
{
    for (size_t i = 0; p->alerts && i < p->alerts->count; i++) {
        struct str right = str_of(p->alerts->list[i].list), left = str_cut(&right, '.');
        if (right.p && str_eq(left, list) && str_eq(right, rule))
            return &p->alerts->list[i];
    }
    return NULL;
}

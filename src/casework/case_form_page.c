/* The form of a move: its fields by type, what was typed read back, mistakes at their fields.
 * Files come one at a time: the first field that has none takes what was uploaded, and the form
 * asks for the next. */
#include "casework/case_view.h"

#include "base/text.h"
#include "people/actor.h"

#include <string.h>

enum { LINES_FROM = 120 };

static const struct case_form_value *value_of(const struct case_form *form,
                                              const struct workflow_field *field)
{
    for (size_t i = 0; form && i < form->value_count; i++)
        if (form->values[i].field == field)
            return &form->values[i];
    return NULL;
}

/* ---- reading ---- */

/* Each move has a form of its own on the page: names carry its event. */
static const char *input_name(struct cx *cx, const struct workflow_move *m,
                              const struct workflow_field *f)
{
    return arena_printf(cx->arena, "x_%s_%s", m->event, f->code);
}

/* What was typed; of several ticks all, with bars between. */
static struct str typed(struct cx *cx, const struct request *q, const struct workflow_move *m,
                        const struct workflow_field *f)
{
    const char *name = input_name(cx, m, f);
    struct buf b;
    if (f->type != FIELD_TYPE_CODES) {
        struct str text = request_form(q, name);
        return text.p ? str_trim(text) : STR("");
    }
    buf_init(&b, cx->arena, 4096);
    for (size_t i = 0; i < q->form_count; i++)
        if (str_eq_z(q->form[i].name, name) && q->form[i].value.len) {
            if (b.len)
                buf_char(&b, '|');
            buf_str(&b, q->form[i].value);
        }
    return buf_ok(&b) ? buf_view(&b) : STR("");
}

static void read_file(struct case_form_value *v, struct flow_answer *a, struct cx *cx,
                      const struct request *q)
{
    int64_t id;
    struct str text = request_form(q, arena_printf(cx->arena, "d_%s", v->field->code));
    if (str_to_i64(&id, text) && id > 0)
        v->document_id = a->document_id = id;
}

static void read_value(struct case_form_value *v, struct flow_answer *a, struct cx *cx)
{
    const struct indicator like = case_field_like(cx, v->field);
    const char *expected = NULL;
    if (v->text.len == 0)
        return;
    if (value_parse(&a->value, &expected, cx, &like, v->text, false) == RC_OK)
        return;
    v->error = expected ? arena_printf(cx->arena, _("Expected: %s"), expected)
                        : _("This cannot be read.");
}

bool case_form_read(struct case_form *form, struct flow_answer *answers, size_t *count,
                    struct cx *cx, const struct request *q, const struct workflow_move *move)
{
    bool good = true;
    *count = 0;
    form->values = arena_new(cx->arena, (move->field_count + 1) * sizeof *form->values);
    form->value_count = move->field_count;
    for (size_t i = 0; i < move->field_count; i++) {
        struct case_form_value *v = &form->values[i];
        struct flow_answer *a = &answers[*count];
        v->field = &move->fields[i];
        *a = (struct flow_answer){.field = v->field, .value = value_missing()};
        if (v->field->type == FIELD_TYPE_FILE) {
            read_file(v, a, cx, q);
        } else {
            v->text = typed(cx, q, move, v->field);
            read_value(v, a, cx);
        }
        good = good && !v->error;
        if (a->document_id || a->value.kind != VALUE_MISSING)
            (*count)++;
    }
    return good;
}

void case_form_problems(struct case_form *form, const struct flow_problem *problems,
                        size_t count)
{
    for (size_t p = 0; p < count; p++) {
        if (!strcmp(problems[p].field, "reason"))
            form->reason_error = problems[p].text;
        for (size_t i = 0; i < form->value_count; i++)
            if (!strcmp(form->values[i].field->code, problems[p].field) &&
                !form->values[i].error)
                form->values[i].error = problems[p].text;
    }
}

/* ---- showing ---- */

static bool has_choice(struct str chosen, const char *value)
{
    struct str rest = chosen;
    while (rest.p)
        if (str_eq_z(str_cut(&rest, '|'), value))
            return true;
    return false;
}

static void fill_choices(struct case_field_view *out, struct cx *cx,
                         const struct workflow_field *f, struct str chosen)
{
    bool yes_no = f->type == FIELD_TYPE_BOOL, several = f->type == FIELD_TYPE_CODES;
    size_t codes = yes_no ? 2 : f->list ? f->list->code_count : 0, n = 0;
    struct field_choice *c = arena_new(cx->arena, (codes + 2) * sizeof *c);
    if (!several)
        c[n++] = (struct field_choice){"", _("– choose –"), chosen.len == 0};
    for (size_t i = 0; i < codes; i++) {
        const char *value =
            yes_no ? (i ? "0" : "1") : arena_printf(cx->arena, "%d", f->list->codes[i].code);
        const char *label =
            yes_no ? (i ? _("No") : _("Yes")) : LABEL(cx, f->list->codes[i].label);
        c[n++] = (struct field_choice){value, label, has_choice(chosen, value)};
    }
    out->input = several ? INPUT_CHOICES : INPUT_CHOICE;
    out->f.choices = c;
    out->f.choice_count = n;
}

static const char *hint_of(struct cx *cx, const struct workflow_field *f)
{
    switch (f->type) {
    case FIELD_TYPE_MONEY:
        return arena_printf(cx->arena, _("In %s, for example 1200.50"), cx->profile->currency);
    case FIELD_TYPE_DAY:
        return _("For example 2026-11-23");
    case FIELD_TYPE_MONTH:
        return _("For example 2026-11");
    case FIELD_TYPE_SIGNATURE:
        return _("Type the full name of the person who signs.");
    case FIELD_TYPE_TEXT:
    case FIELD_TYPE_INTEGER:
    case FIELD_TYPE_BOOL:
    case FIELD_TYPE_CODE:
    case FIELD_TYPE_CODES:
    case FIELD_TYPE_FILE:
        return NULL;
    }
    return NULL;
}

static void fill_file(struct case_field_view *out, struct cx *cx,
                      const struct case_form_value *v, int64_t county, bool *waiting)
{
    struct document doc;
    out->input = INPUT_FILE;
    out->f.type = "file";
    out->document_id = v ? v->document_id : 0;
    if (out->document_id && store_get(&doc, cx, county, out->document_id) == RC_OK) {
        out->kept = doc.name;
        out->f.required = false;
        return;
    }
    err_clear(cx);
    out->waits = *waiting;
    *waiting = true;
    /* The browser cannot ask for a file that goes second. */
    out->f.required = out->f.required && !out->waits;
}

static void fill_field(struct case_field_view *out, struct cx *cx,
                       const struct workflow_move *m, const struct workflow_field *f,
                       const struct case_form_value *v)
{
    struct str text = v ? v->text : STR("");
    *out = (struct case_field_view){.f = {.name = input_name(cx, m, f),
                                          .label = LABEL(cx, f->label),
                                          .hint = hint_of(cx, f),
                                          .error = v ? v->error : NULL,
                                          .value = arena_copy(cx->arena, text),
                                          .type = "text",
                                          .autocomplete = "off",
                                          .required = f->required},
                                    .input = INPUT_LINE};
    switch (f->type) {
    case FIELD_TYPE_INTEGER:
        out->f.type = "number";
        return;
    case FIELD_TYPE_DAY:
        out->f.type = "date";
        return;
    case FIELD_TYPE_MONTH:
        out->f.type = "month";
        return;
    case FIELD_TYPE_BOOL:
    case FIELD_TYPE_CODE:
    case FIELD_TYPE_CODES:
        fill_choices(out, cx, f, text);
        return;
    case FIELD_TYPE_TEXT:
        if (!f->has_max || f->max > LINES_FROM)
            out->input = INPUT_LINES;
        return;
    case FIELD_TYPE_MONEY:
    case FIELD_TYPE_SIGNATURE:
    case FIELD_TYPE_FILE:
        return;
    }
    return;
}

static const char *tone_of(enum move_kind kind)
{
    switch (kind) {
    case MOVE_FORWARD:
    case MOVE_REOPEN:
        return "";
    case MOVE_REFUSE:
    case MOVE_CLOSE:
        return "danger";
    case MOVE_BACK:
    case MOVE_OBJECT:
    case MOVE_APPEAL:
    case MOVE_AUTO:
        return "quiet";
    }
    return "";
}

void case_move_fill(struct case_move_view *out, struct cx *cx, const struct workflow_move *move,
                    const struct case_form *form, int64_t county)
{
    bool waiting = false;
    *out = (struct case_move_view){
        .move = move,
        .title = LABEL(cx, move->label),
        .help = LABEL(cx, move->help),
        .tone = tone_of(move->kind),
        .error = form ? form->error : NULL,
        .open = form != NULL,
        .fields = arena_new(cx->arena, (move->field_count + 1) * sizeof *out->fields),
        .field_count = move->field_count,
        .reason_required = move->needs_reason};
    out->reason = (struct field){
        .name = arena_printf(cx->arena, "reason_%s", move->event),
        .label = move->needs_reason ? _("Reason")
                                    : _("Reason (needed when the rules advise otherwise)"),
        .value = form ? arena_copy(cx->arena, form->reason) : "",
        .error = form ? form->reason_error : NULL,
        .required = move->needs_reason};
    for (size_t i = 0; i < move->field_count; i++) {
        const struct workflow_field *f = &move->fields[i];
        const struct case_form_value *v = value_of(form, f);
        fill_field(&out->fields[i], cx, move, f, v);
        if (f->type != FIELD_TYPE_FILE)
            continue;
        fill_file(&out->fields[i], cx, v, county, &waiting);
        out->has_file = true;
    }
}

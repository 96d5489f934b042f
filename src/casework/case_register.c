/* What a decision writes into the register: the answers that set an indicator, and what the
 * workflow sets besides, with the frozen document as their source. */
#include "casework/case_inner.h"

#include "people/actor.h"
#include "profile/sheet.h"
#include "register/journal.h"

#include <string.h>

static void put_value(struct case_writes *w, const struct cx *cx, enum subject subject,
                      const struct indicator *ind, struct value v)
{
    size_t count = cx->profile->of_count[subject];
    if (ind->subject != subject || ind->secret)
        return;
    if (!w->record.values) {
        w->record.values = arena_new(cx->arena, (count + 1) * sizeof *w->record.values);
        w->record.erases = arena_new(cx->arena, (count + 1) * sizeof *w->record.erases);
    }
    w->record.values[ind->index] = v;
    w->record.erases[ind->index] = v.kind == VALUE_MISSING;
    w->any = true;
}

void case_writes_collect(struct case_writes *out, const struct cx *cx,
                         const struct case_subject *s, const struct workflow_move *move,
                         const struct flow_ask *ask)
{
    int32_t today = case_today(cx);
    enum subject subject = s->kind == FLOW_AREA ? SUBJECT_AREA : SUBJECT_HOUSEHOLD;
    *out = (struct case_writes){.valid_day = today};
    if (s->gone || s->kind == FLOW_PLAIN)
        return;
    for (size_t i = 0; i < move->set_count; i++) {
        const struct workflow_set *x = &move->sets[i];
        put_value(out, cx, subject, x->indicator,
                  x->today ? case_value_for(x->indicator, FIELD_TYPE_DAY, value_int(today))
                           : x->value);
    }
    for (size_t i = 0; i < ask->answer_count; i++) {
        const struct flow_answer *a = &ask->answers[i];
        if (!a->field->sets || a->value.kind == VALUE_MISSING)
            continue;
        struct value v = case_value_for(a->field->sets, a->field->type, a->value);
        if (v.kind != VALUE_MISSING)
            put_value(out, cx, subject, a->field->sets, v);
    }
    out->record.year = s->year;
    if (subject == SUBJECT_AREA)
        out->area_id = s->area.id;
    else
        out->record.household_id = s->h.id;
}

/* The register's door takes households; an area's sheet is written here, with its entry in the
 * journal. */
static enum rc apply_area(struct cx *cx, const struct case_writes *w, int64_t county,
                          int64_t document_id)
{
    size_t count = cx->profile->of_count[SUBJECT_AREA], n = 0;
    struct value *sheet = arena_new(cx->arena, (count + 1) * sizeof *sheet);
    struct journal_field *fields = arena_new(cx->arena, (count + 2) * sizeof *fields);
    int64_t seq;
    enum rc rc = sheet_get(sheet, cx, SUBJECT_AREA, county, w->area_id, w->record.year);
    if (rc == RC_NOTFOUND)
        fields[n++] =
            (struct journal_field){FIELD_EXISTS, value_missing(), value_int(1), false};
    else
        TRY(rc);
    for (size_t i = 0; i < count; i++) {
        struct value to = w->record.values[i];
        if ((to.kind == VALUE_MISSING && !w->record.erases[i]) || value_eq(sheet[i], to))
            continue;
        fields[n++] = (struct journal_field){cx->profile->of[SUBJECT_AREA][i]->number, sheet[i],
                                             to, false};
        sheet[i] = to;
    }
    if (!n)
        return RC_OK;
    TRY(sheet_put(cx, SUBJECT_AREA, county, w->area_id, w->record.year, sheet));
    return journal_append(&seq, cx,
                          &(struct journal_entry){.county = county,
                                                  .at = cx->now_at,
                                                  .valid_day = w->valid_day,
                                                  .user_id = cx->actor ? cx->actor->user_id : 0,
                                                  .document_id = document_id,
                                                  .kind = KIND_AREA_SHEET,
                                                  .subject_id = w->area_id,
                                                  .year = w->record.year,
                                                  .fields = fields,
                                                  .field_count = n});
}

enum rc case_writes_apply(struct cx *cx, const struct case_writes *w, int64_t county,
                          int64_t document_id)
{
    const struct source source = {
        .county = county, .document_id = document_id, .valid_day = w->valid_day};
    struct change_counts counts = {0};
    if (!w->any)
        return RC_OK;
    if (w->area_id)
        return apply_area(cx, w, county, document_id);
    return register_apply(&counts, cx, &source, &w->record);
}

static bool has_auto(const struct flow *f)
{
    for (size_t i = 0; f->state && i < f->workflow->move_count; i++)
        if (f->workflow->moves[i].kind == MOVE_AUTO &&
            !strcmp(f->workflow->moves[i].from, f->state_code))
            return true;
    return false;
}

enum rc case_wake_others(struct cx *cx, const struct flow *f)
{
    struct flow *list;
    size_t count;
    if (f->workflow->subject == FLOW_PLAIN)
        return RC_OK;
    TRY(case_history(&list, &count, cx, f->county, f->subject_id));
    for (size_t i = 0; i < count; i++)
        if (list[i].id != f->id && !list[i].closed_at && has_auto(&list[i]) &&
            flow_earliest(cx, &list[i]) <= cx->now_at)
            TRY(deadline_set(cx, f->county, "flow.auto", list[i].id, cx->now_at, 0));
    return RC_OK;
}

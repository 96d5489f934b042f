/* Fields of a move's form: read and shown like the profile's indicators, and written into them.
 */
#include "casework/case_inner.h"

#include "base/text.h"
#include "base/time.h"

struct indicator case_field_like(const struct cx *cx, const struct workflow_field *f)
{
    static const enum indicator_type types[] = {
        [FIELD_TYPE_TEXT] = TYPE_TEXT,   [FIELD_TYPE_INTEGER] = TYPE_INTEGER,
        [FIELD_TYPE_MONEY] = TYPE_MONEY, [FIELD_TYPE_DAY] = TYPE_DAY,
        [FIELD_TYPE_MONTH] = TYPE_MONTH, [FIELD_TYPE_BOOL] = TYPE_BOOL,
        [FIELD_TYPE_CODE] = TYPE_CODE,   [FIELD_TYPE_CODES] = TYPE_CODES,
        [FIELD_TYPE_FILE] = TYPE_TEXT,   [FIELD_TYPE_SIGNATURE] = TYPE_TEXT,
    };
    const struct profile *p = cx->profile;
    bool money = f->type == FIELD_TYPE_MONEY;
    /* What is written into the register keeps its bounds; a form may ask for less. */
    const struct indicator *sets = f->sets;
    bool low = f->has_min || !sets, high = f->has_max || !sets;
    return (struct indicator){
        .code = f->code,
        .type = types[f->type],
        .decimals = money ? p->currency_decimals : 0,
        .unit = "",
        .unit_label = {{money ? p->currency : "", money ? p->currency : ""}},
        .list = f->list,
        .has_min = types[f->type] != TYPE_TEXT && (low ? f->has_min : sets->has_min),
        .has_max = high ? f->has_max : sets->has_max,
        .min = low ? f->min : sets->min,
        .max = high ? f->max : sets->max,
        .label = f->label,
        .group = "",
        .source = ""};
}

const char *case_answer_text(struct cx *cx, const struct flow_answer *a)
{
    if (a->field->type == FIELD_TYPE_FILE)
        return a->document_id ? _("attached") : "";
    if (a->value.kind == VALUE_MISSING)
        return "";
    const struct indicator like = case_field_like(cx, a->field);
    return value_show(cx, &like, a->value);
}

static int64_t power_of_ten(unsigned n)
{
    int64_t p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

struct value case_value_for(const struct indicator *ind, enum field_type type, struct value v)
{
    if (v.kind != VALUE_INT)
        return ind->type == TYPE_TEXT ? v : value_missing();
    if (type == FIELD_TYPE_DAY && ind->type == TYPE_MONTH) {
        struct date d = day_date((int32_t)v.i);
        return value_int((int64_t)d.year * 12 + d.month - 1);
    }
    if (type == FIELD_TYPE_INTEGER && ind->type == TYPE_DECIMAL)
        return value_int(v.i * power_of_ten(ind->decimals));
    return v;
}

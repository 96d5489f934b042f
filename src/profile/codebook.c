/* Writes the codebook as text, CSV or JSON. Pages show it by themselves (codebook_page.c). */
#include "profile/codebook.h"

#include "base/time.h"
#include "profile/profile_impl.h"

#include <string.h>

/* A bound as people write it; "" when there is none. */
static const char *bound(struct cx *cx, const struct indicator *ind, bool has, int64_t n)
{
    if (!has)
        return "";
    return ind->type == TYPE_TEXT ? arena_printf(cx->arena, "%" PRId64, n)
                                  : value_plain(cx, ind, value_int(n));
}

/* ---- text ---- */

static void text_indicator(struct buf *out, struct cx *cx, const struct indicator *ind)
{
    buf_printf(out, "  %s — %s\n", ind->code, LABEL(cx, ind->label));
    buf_printf(out, "      %s\n", LABEL(cx, ind->question));
    if (*LABEL(cx, ind->help))
        buf_printf(out, "      %s\n", LABEL(cx, ind->help));
    buf_printf(out, "      %" PRId32 " · %s", ind->number, type_name(ind->type));
    if (*LABEL(cx, ind->unit_label))
        buf_printf(out, " · %s", LABEL(cx, ind->unit_label));
    if (ind->has_min || ind->has_max)
        buf_printf(out, " · %s…%s", bound(cx, ind, ind->has_min, ind->min),
                   bound(cx, ind, ind->has_max, ind->max));
    if (ind->list)
        buf_printf(out, " · %s", ind->list->name);
    if (*ind->source)
        buf_printf(out, " · %s", ind->source);
    buf_char(out, '\n');
}

static void text_lists(struct buf *out, struct cx *cx)
{
    const struct profile *p = cx->profile;
    for (size_t i = 0; i < p->list_count; i++) {
        const struct code_list *list = &p->lists[i];
        buf_printf(out, "\n  %s\n", list->name);
        for (size_t k = 0; k < list->code_count; k++) {
            const struct code *c = &list->codes[k];
            buf_printf(out, "      %" PRId32 " %s", c->code, LABEL(cx, c->label));
            if (*c->era)
                buf_printf(out, " [%s]", c->era);
            buf_char(out, '\n');
        }
    }
}

static void text_incomes(struct buf *out, struct cx *cx)
{
    const struct profile *p = cx->profile;
    for (size_t i = 0; i < p->income_count; i++) {
        const struct income_kind *kind = &p->incomes[i];
        buf_z(out, "  ");
        for (const struct income_kind *up = kind->parent; up; up = up->parent)
            buf_z(out, "  ");
        buf_printf(out, "%c %s — %s\n", kind->sign < 0 ? '-' : '+', kind->code,
                   LABEL(cx, kind->label));
    }
}

static void write_text(struct buf *out, struct cx *cx)
{
    const struct profile *p = cx->profile;
    const char *const heads[SUBJECT_COUNT] = {_("Of a household"), _("Of a person"),
                                              _("Of an area")};
    buf_printf(out, "%s (%s, %s %s, %s %s)\n", LABEL(cx, p->name), p->code, _("version"),
               p->version, _("era"), p->era);
    for (int s = 0; s < SUBJECT_COUNT; s++) {
        const char *group = "";
        buf_printf(out, "\n== %s ==\n", heads[s]);
        for (size_t i = 0; i < p->of_count[s]; i++) {
            const struct indicator *ind = p->of[s][i];
            for (size_t g = 0; g < p->group_count && strcmp(group, ind->group) != 0; g++)
                if (!strcmp(p->groups[g].code, ind->group))
                    buf_printf(out, "\n%s\n", LABEL(cx, p->groups[g].label));
            group = ind->group;
            text_indicator(out, cx, ind);
        }
    }
    buf_printf(out, "\n== %s ==\n\n", _("Incomes and costs"));
    text_incomes(out, cx);
    buf_printf(out, "\n== %s ==\n", _("Code lists"));
    text_lists(out, cx);
    codebook_rules_text(out, cx);
}

/* ---- CSV ---- */

void codebook_csv_cell(struct buf *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        buf_z(out, text);
        return;
    }
    buf_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_char(out, '"');
        buf_char(out, *text);
    }
    buf_char(out, '"');
}

static const char *codes_text(struct cx *cx, const struct code_list *list)
{
    struct buf b;
    if (!list)
        return "";
    buf_init(&b, cx->arena, CODEBOOK_BYTES_MAX);
    for (size_t i = 0; i < list->code_count; i++)
        buf_printf(&b, "%s%" PRId32 "=%s", i ? "|" : "", list->codes[i].code,
                   LABEL(cx, list->codes[i].label));
    return arena_copy(cx->arena, buf_view(&b));
}

static void write_csv(struct buf *out, struct cx *cx)
{
    const struct profile *p = cx->profile;
    buf_z(out, "number,code,subject,group,type,unit,decimals,min,max,label_en,label_zh,"
               "question_en,question_zh,list,codes,source\n");
    for (size_t i = 0; i < p->indicator_count; i++) {
        const struct indicator *ind = &p->indicators[i];
        const char *const cells[] = {
            arena_printf(cx->arena, "%" PRId32, ind->number),
            ind->code,
            subject_name(ind->subject),
            ind->group,
            type_name(ind->type),
            ind->unit,
            ind->type == TYPE_DECIMAL || ind->type == TYPE_MONEY
                ? arena_printf(cx->arena, "%u", ind->decimals)
                : "",
            bound(cx, ind, ind->has_min, ind->min),
            bound(cx, ind, ind->has_max, ind->max),
            ind->label.in[LANG_EN],
            ind->label.in[LANG_ZH],
            ind->question.in[LANG_EN],
            ind->question.in[LANG_ZH],
            ind->list ? ind->list->name : "",
            codes_text(cx, ind->list),
            ind->source,
        };
        for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) {
            if (k)
                buf_char(out, ',');
            codebook_csv_cell(out, cells[k]);
        }
        buf_char(out, '\n');
    }
}

/* ---- JSON ---- */

void codebook_json_label(struct json *j, const char *key, struct label label)
{
    json_key(j, key);
    json_object_begin(j);
    json_put_z(j, "en", label.in[LANG_EN]);
    json_put_z(j, "zh", label.in[LANG_ZH]);
    json_object_end(j);
}

static void json_indicators(struct json *j, struct cx *cx)
{
    const struct profile *p = cx->profile;
    json_key(j, "indicators");
    json_array_begin(j);
    for (size_t i = 0; i < p->indicator_count; i++) {
        const struct indicator *ind = &p->indicators[i];
        json_object_begin(j);
        json_put_i64(j, "number", ind->number);
        json_put_z(j, "code", ind->code);
        json_put_z(j, "subject", subject_name(ind->subject));
        json_put_z(j, "group", ind->group);
        json_put_z(j, "type", type_name(ind->type));
        json_put_z(j, "unit", ind->unit);
        json_put_i64(j, "decimals", ind->decimals);
        json_put_z(j, "min", bound(cx, ind, ind->has_min, ind->min));
        json_put_z(j, "max", bound(cx, ind, ind->has_max, ind->max));
        json_put_z(j, "list", ind->list ? ind->list->name : "");
        codebook_json_label(j, "label", ind->label);
        codebook_json_label(j, "question", ind->question);
        codebook_json_label(j, "help", ind->help);
        json_put_z(j, "source", ind->source);
        json_object_end(j);
    }
    json_array_end(j);
}

static void json_lists(struct json *j, const struct profile *p)
{
    json_key(j, "lists");
    json_object_begin(j);
    for (size_t i = 0; i < p->list_count; i++) {
        json_key(j, p->lists[i].name);
        json_array_begin(j);
        for (size_t k = 0; k < p->lists[i].code_count; k++) {
            const struct code *c = &p->lists[i].codes[k];
            json_object_begin(j);
            json_put_i64(j, "code", c->code);
            codebook_json_label(j, "label", c->label);
            json_put_z(j, "era", c->era);
            json_object_end(j);
        }
        json_array_end(j);
    }
    json_object_end(j);
}

static void json_incomes(struct json *j, const struct profile *p)
{
    json_key(j, "incomes");
    json_array_begin(j);
    for (size_t i = 0; i < p->income_count; i++) {
        const struct income_kind *kind = &p->incomes[i];
        json_object_begin(j);
        json_put_i64(j, "number", kind->number);
        json_put_z(j, "code", kind->code);
        json_put_z(j, "parent", kind->parent ? kind->parent->code : "");
        json_put_i64(j, "sign", kind->sign);
        codebook_json_label(j, "label", kind->label);
        json_object_end(j);
    }
    json_array_end(j);
}

static void json_thresholds(struct json *j, struct cx *cx)
{
    const struct profile *p = cx->profile;
    json_key(j, "thresholds");
    json_array_begin(j);
    for (size_t i = 0; i < p->threshold_count; i++) {
        const struct threshold *t = &p->thresholds[i];
        const struct indicator as = {.type = TYPE_DECIMAL, .decimals = t->decimals};
        json_object_begin(j);
        json_put_z(j, "code", t->code);
        json_put_z(j, "area", t->area_code);
        json_put_z(j, "from", day_iso(cx->arena, t->from_day));
        json_put_z(j, "to", t->to_day == INT32_MAX ? "" : day_iso(cx->arena, t->to_day));
        json_put_z(j, "value", value_plain(cx, &as, value_int(t->value)));
        json_put_z(j, "unit", t->unit);
        codebook_json_label(j, "label", t->label);
        json_put_z(j, "source", t->source);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_json(struct buf *out, struct cx *cx)
{
    const struct profile *p = cx->profile;
    struct json j;
    json_init(&j, out);
    json_object_begin(&j);
    json_put_z(&j, "profile", p->code);
    json_put_z(&j, "version", p->version);
    json_put_z(&j, "era", p->era);
    codebook_json_label(&j, "name", p->name);
    json_indicators(&j, cx);
    json_incomes(&j, p);
    json_lists(&j, p);
    json_thresholds(&j, cx);
    codebook_rules_json(&j, cx);
    json_object_end(&j);
    buf_char(out, '\n');
}

void profile_codebook(struct buf *out, struct cx *cx, enum codebook_format format)
{
    switch (format) {
    case CODEBOOK_TEXT:
        write_text(out, cx);
        return;
    case CODEBOOK_CSV:
        write_csv(out, cx);
        return;
    case CODEBOOK_JSON:
        write_json(out, cx);
        return;
    }
}

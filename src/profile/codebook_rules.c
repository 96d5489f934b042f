/* What the codebook says of a profile's rules: derived indicators, data checks, indexes of
 * deprivation; as text and as JSON. */
#include "profile/codebook.h"
#include "profile/profile_impl.h"
#include "profile/rules.h"

const char *severity_name(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return "error";
    case SEVERITY_WARNING:
        return "warning";
    case SEVERITY_NOTE:
        return "note";
    }
    return "";
}

/* ---- text ---- */

static void text_derived(struct buf *out, struct cx *cx, const struct profile_rules *r)
{
    for (size_t i = 0; i < r->derived_count; i++) {
        const struct derived *d = &r->derived[i];
        buf_printf(out, "  %s — %s\n      %s\n", d->code, LABEL(cx, d->label), d->rule);
        if (*LABEL(cx, d->help))
            buf_printf(out, "      %s\n", LABEL(cx, d->help));
        buf_printf(out, "      %s%s%s\n", subject_name(d->subject), *d->unit ? " · " : "",
                   d->unit);
    }
}

static void text_checks(struct buf *out, struct cx *cx, const struct profile_rules *r)
{
    const struct check_group *group = NULL;
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check *c = &r->checks[i];
        if (c->group != group)
            buf_printf(out, "\n%s\n", LABEL(cx, c->group->label));
        group = c->group;
        buf_printf(out, "  %" PRId32 " %s (%s, %s)\n      %s\n      %s\n      %s\n", c->number,
                   c->code, subject_name(c->subject), severity_name(c->severity),
                   LABEL(cx, c->message), LABEL(cx, c->hint), c->rule);
    }
}

static void text_indexes(struct buf *out, struct cx *cx, const struct profile_rules *r)
{
    for (size_t i = 0; i < r->index_count; i++) {
        const struct poverty_index *x = &r->indexes[i];
        buf_printf(out, "  %s — %s (k = %" PRId64 "/%" PRId64 ")\n      %s\n", x->code,
                   LABEL(cx, x->label), x->k_num, x->k_den, LABEL(cx, x->help));
        for (size_t j = 0; j < x->count; j++) {
            const struct deprivation *d = &x->deprivations[j];
            buf_printf(out, "      %" PRId32 " %s — %s, %s: %s\n", d->weight, d->code,
                       LABEL(cx, d->dimension_label), LABEL(cx, d->label), d->rule);
        }
    }
}

void codebook_rules_text(struct buf *out, struct cx *cx)
{
    const struct profile_rules *r = cx->profile->rules;
    if (r->derived_count)
        buf_printf(out, "\n== %s ==\n\n", _("Derived indicators"));
    text_derived(out, cx, r);
    if (r->check_count)
        buf_printf(out, "\n== %s ==\n", _("Data checks"));
    text_checks(out, cx, r);
    if (r->index_count)
        buf_printf(out, "\n== %s ==\n\n", _("Indexes of deprivation"));
    text_indexes(out, cx, r);
}

/* ---- JSON ---- */

static void json_derived(struct json *j, const struct profile_rules *r)
{
    json_key(j, "derived");
    json_array_begin(j);
    for (size_t i = 0; i < r->derived_count; i++) {
        const struct derived *d = &r->derived[i];
        json_object_begin(j);
        json_put_z(j, "code", d->code);
        json_put_z(j, "subject", subject_name(d->subject));
        json_put_z(j, "rule", d->rule);
        json_put_z(j, "unit", d->unit);
        codebook_json_label(j, "label", d->label);
        codebook_json_label(j, "help", d->help);
        json_put_z(j, "source", d->source);
        json_object_end(j);
    }
    json_array_end(j);
}

static void json_checks(struct json *j, const struct profile_rules *r)
{
    json_key(j, "checks");
    json_array_begin(j);
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check *c = &r->checks[i];
        json_object_begin(j);
        json_put_i64(j, "number", c->number);
        json_put_z(j, "code", c->code);
        json_put_z(j, "subject", subject_name(c->subject));
        json_put_z(j, "severity", severity_name(c->severity));
        json_put_z(j, "group", c->group->code);
        json_put_z(j, "rule", c->rule);
        json_put_z(j, "from", c->era_from);
        json_put_z(j, "to", c->era_to);
        codebook_json_label(j, "message", c->message);
        codebook_json_label(j, "hint", c->hint);
        json_put_z(j, "source", c->source);
        json_object_end(j);
    }
    json_array_end(j);
}

static void json_deprivation(struct json *j, const struct deprivation *d)
{
    json_object_begin(j);
    json_put_z(j, "code", d->code);
    json_put_z(j, "dimension", d->dimension);
    codebook_json_label(j, "dimension_label", d->dimension_label);
    json_put_i64(j, "weight", d->weight);
    json_put_z(j, "rule", d->rule);
    codebook_json_label(j, "label", d->label);
    codebook_json_label(j, "help", d->help);
    json_put_z(j, "source", d->source);
    json_object_end(j);
}

static void json_indexes(struct json *j, const struct profile_rules *r)
{
    json_key(j, "indexes");
    json_array_begin(j);
    for (size_t i = 0; i < r->index_count; i++) {
        const struct poverty_index *x = &r->indexes[i];
        json_object_begin(j);
        json_put_z(j, "code", x->code);
        json_put_i64(j, "k_num", x->k_num);
        json_put_i64(j, "k_den", x->k_den);
        codebook_json_label(j, "label", x->label);
        codebook_json_label(j, "help", x->help);
        json_put_z(j, "source", x->source);
        json_key(j, "deprivations");
        json_array_begin(j);
        for (size_t k = 0; k < x->count; k++)
            json_deprivation(j, &x->deprivations[k]);
        json_array_end(j);
        json_object_end(j);
    }
    json_array_end(j);
}

void codebook_rules_json(struct json *j, struct cx *cx)
{
    json_derived(j, cx->profile->rules);
    json_checks(j, cx->profile->rules);
    json_indexes(j, cx->profile->rules);
}

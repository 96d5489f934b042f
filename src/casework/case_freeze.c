/* Freezing a decision: one JSON document with everything it rests on, in both languages, so
 * that it can be read in twenty years without the profile of today. Values of secret indicators
 * and identity numbers are left out: who erases a person's key must find nothing here. */
#include "casework/case_inner.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "people/actor.h"
#include "profile/sheet.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* Working memory of one freezing: a household has at most 200 people. */
static const size_t FREEZE_ARENA = (size_t)256 * 1024 * 1024;

/* What the writing of one document carries along. */
struct freezer {
    struct cx *cx;
    struct json j;
    const struct case_decision *d;
};

static void put_label(struct freezer *z, const char *key, const struct label *label)
{
    json_key(&z->j, key);
    json_object_begin(&z->j);
    json_put_z(&z->j, "en", label->in[LANG_EN]);
    json_put_z(&z->j, "zh", label->in[LANG_ZH]);
    json_object_end(&z->j);
}

/* A value as people read it, in both languages. */
static void put_shown(struct freezer *z, const char *key, const struct indicator *ind,
                      struct value v)
{
    struct cx *cx = z->cx;
    enum lang before = cx->lang;
    struct label both;
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        cx->lang = (enum lang)lang;
        both.in[lang] = value_show(cx, ind, v);
    }
    cx->lang = before;
    put_label(z, key, &both);
}

static const struct label *group_label(const struct profile *p, enum subject subject,
                                       const char *group)
{
    static const struct label none = {{"", ""}};
    for (size_t i = 0; i < p->group_count; i++)
        if (p->groups[i].subject == subject && !strcmp(p->groups[i].code, group))
            return &p->groups[i].label;
    return &none;
}

/* The known values of a sheet. */
static enum rc put_sheet(struct freezer *z, enum subject subject, int64_t id, int32_t year)
{
    struct cx *cx = z->cx;
    const struct profile *p = cx->profile;
    size_t n = p->of_count[subject];
    struct value *values = arena_new(cx->arena, (n + 1) * sizeof *values);
    enum rc rc = sheet_get(values, cx, subject, z->d->flow->county, id, year);
    if (rc != RC_NOTFOUND)
        TRY(rc);
    json_key(&z->j, "values");
    json_array_begin(&z->j);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        const struct indicator *ind = p->of[subject][i];
        if (values[i].kind == VALUE_MISSING)
            continue;
        json_object_begin(&z->j);
        json_put_z(&z->j, "code", ind->code);
        put_label(z, "label", &ind->label);
        put_label(z, "group", group_label(p, subject, ind->group));
        if (!ind->secret) {
            put_shown(z, "value", ind, values[i]);
            json_put_z(&z->j, "plain", value_plain(cx, ind, values[i]));
        } else {
            json_key(&z->j, "sealed");
            json_bool(&z->j, true);
        }
        json_object_end(&z->j);
    }
    json_array_end(&z->j);
    return RC_OK;
}

static void put_code(struct freezer *z, const char *key, const struct code_list *list,
                     int32_t code)
{
    const struct code *c = list && code ? code_of(list, code) : NULL;
    if (c)
        put_label(z, key, &c->label);
}

static enum rc put_people(struct freezer *z, const struct household *h, int32_t year)
{
    struct cx *cx = z->cx;
    struct person *people;
    size_t count;
    TRY(household_people(&people, &count, cx, h->county, h->id, false));
    json_key(&z->j, "people");
    json_array_begin(&z->j);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(&z->j);
        json_put_i64(&z->j, "id", people[i].id);
        json_put_z(&z->j, "name", people[i].name);
        put_code(z, "relation", cx->profile->relation_list, people[i].relation);
        put_code(z, "sex", cx->profile->sex_list, people[i].sex);
        if (people[i].birth_day != INT32_MIN)
            json_put_z(&z->j, "birth", day_iso(cx->arena, people[i].birth_day));
        TRY(put_sheet(z, SUBJECT_PERSON, people[i].id, year));
        json_object_end(&z->j);
    }
    json_array_end(&z->j);
    return RC_OK;
}

static enum rc put_incomes(struct freezer *z, const struct household *h, int32_t year)
{
    struct cx *cx = z->cx;
    struct income *incomes;
    size_t count;
    TRY(household_incomes(&incomes, &count, cx, h->county, h->id));
    const struct indicator like = {.type = TYPE_MONEY,
                                   .decimals = cx->profile->currency_decimals,
                                   .unit_label = {{"", ""}}};
    json_key(&z->j, "incomes");
    json_array_begin(&z->j);
    for (size_t i = 0; i < count; i++) {
        if (incomes[i].year != year)
            continue;
        json_object_begin(&z->j);
        json_put_z(&z->j, "code", incomes[i].kind->code);
        put_label(z, "label", &incomes[i].kind->label);
        put_shown(z, "value", &like, value_int(incomes[i].amount_minor));
        json_put_z(&z->j, "plain", value_plain(cx, &like, value_int(incomes[i].amount_minor)));
        json_object_end(&z->j);
    }
    json_array_end(&z->j);
    return RC_OK;
}

static enum rc put_subject(struct freezer *z)
{
    static const char *const kinds[] = {
        [FLOW_HOUSEHOLD] = "household", [FLOW_AREA] = "area", [FLOW_PLAIN] = "plain"};
    const struct case_subject *s = z->d->subject;
    json_key(&z->j, "subject");
    json_object_begin(&z->j);
    json_put_z(&z->j, "kind", kinds[s->kind]);
    json_put_i64(&z->j, "id", z->d->flow->subject_id);
    json_put_z(&z->j, "title", s->title);
    json_put_z(&z->j, "place", s->place);
    json_put_i64(&z->j, "year", s->year);
    if (s->kind == FLOW_HOUSEHOLD && !s->gone) {
        json_put_z(&z->j, "code", s->h.code);
        TRY(put_sheet(z, SUBJECT_HOUSEHOLD, s->h.id, s->year));
        TRY(put_incomes(z, &s->h, s->year));
        TRY(put_people(z, &s->h, s->year));
    } else if (s->kind == FLOW_AREA && !s->gone) {
        json_put_z(&z->j, "code", s->area.code);
        TRY(put_sheet(z, SUBJECT_AREA, s->area.id, s->year));
    }
    json_object_end(&z->j);
    return RC_OK;
}

static void put_case(struct freezer *z)
{
    const struct flow *f = z->d->flow;
    const struct workflow_move *m = z->d->move;
    const struct workflow_state *to = workflow_state(f->workflow, str_of(m->to));
    json_key(&z->j, "case");
    json_object_begin(&z->j);
    json_put_i64(&z->j, "id", f->id);
    json_put_i64(&z->j, "version", f->version);
    json_put_z(&z->j, "workflow", f->workflow_code);
    put_label(z, "workflow_label", &f->workflow->label);
    json_put_z(&z->j, "from", f->state_code);
    put_label(z, "from_label", &f->state->label);
    json_put_z(&z->j, "event", m->event);
    put_label(z, "event_label", &m->label);
    json_put_z(&z->j, "to", m->to);
    if (to)
        put_label(z, "to_label", &to->label);
    json_object_end(&z->j);
}

static void put_answers(struct freezer *z)
{
    const struct flow_ask *ask = z->d->ask;
    json_key(&z->j, "answers");
    json_array_begin(&z->j);
    for (size_t i = 0; i < ask->answer_count; i++) {
        const struct flow_answer *a = &ask->answers[i];
        const struct indicator like = case_field_like(z->cx, a->field);
        if (a->value.kind == VALUE_MISSING && !a->document_id)
            continue;
        json_object_begin(&z->j);
        json_put_z(&z->j, "code", a->field->code);
        put_label(z, "label", &a->field->label);
        if (a->value.kind != VALUE_MISSING)
            put_shown(z, "value", &like, a->value);
        if (a->document_id)
            json_put_i64(&z->j, "document", a->document_id);
        json_object_end(&z->j);
    }
    json_array_end(&z->j);
}

static enum rc put_all(struct freezer *z)
{
    struct cx *cx = z->cx;
    const struct case_decision *d = z->d;
    struct json *j = &z->j;
    struct str rules;
    TRY(case_rules_json(&rules, cx, d->rules, NULL));
    json_object_begin(j);
    json_put_z(j, "kind", "decision");
    json_put_i64(j, "format", 1);
    json_put_i64(j, "at", cx->now_at);
    json_put_i64(j, "county", d->flow->county);
    json_put_i64(j, "journal", d->rules->seq);
    json_put_z(j, "profile", cx->profile->code);
    json_put_z(j, "profile_version", cx->profile->version);
    json_put_i64(j, "user", cx->actor ? cx->actor->user_id : 0);
    json_put_z(j, "user_name", cx->actor ? cx->actor->name : "");
    put_case(z);
    TRY(put_subject(z));
    /* The rules as one text: the same form as in the case's history. */
    json_put_str(j, "rules", rules);
    put_answers(z);
    json_put_str(j, "reason", d->ask->reason.p ? d->ask->reason : STR(""));
    json_object_end(j);
    return RC_OK;
}

static enum rc build(int fd, struct cx *cx, const struct case_decision *d)
{
    struct buf b;
    struct freezer z = {.cx = cx, .d = d};
    buf_init(&b, cx->arena, CASE_FROZEN_BYTES);
    json_init(&z.j, &b);
    TRY(put_all(&z));
    if (!buf_ok(&b))
        return fail(cx, RC_LIMIT,
                    _("The data of this household are too large to be frozen in one document."),
                    "freeze flow=%" PRId64, d->flow->id);
    struct str json = buf_view(&b);
    return file_put(cx, fd, json.p, json.len, "decision");
}

enum rc case_freeze_build(int *fd, struct cx *cx, const struct case_decision *d)
{
    struct cx own = *cx;
    int made = memfd_create("decision", MFD_CLOEXEC);
    if (made < 0)
        return file_fail(cx, errno, _("The file"));
    own.arena = arena_open(FREEZE_ARENA);
    enum rc rc = build(made, &own, d);
    cx->err = own.err;
    arena_free(own.arena);
    if (rc)
        close(made);
    else
        *fd = made;
    return rc;
}

enum rc case_freeze_put(int64_t *document_id, struct cx *cx, const struct flow *flow, int fd)
{
    bool is_new;
    const char *name =
        arena_printf(cx->arena, "decision-%" PRId64 "-%d.json", flow->id, (int)flow->version);
    enum rc rc = store_put(document_id, &is_new, cx, flow->county, "decision", name,
                           "application/json", fd);
    close(fd);
    if (!rc && fault_hit("casework.frozen"))
        return file_fail(cx, errno, _("The file"));
    return rc;
}

enum rc case_frozen(struct str *json, struct cx *cx, int64_t county, int64_t document_id)
{
    struct document doc;
    int fd;
    TRY(store_get(&doc, cx, county, document_id));
    if (strcmp(doc.kind, "decision") != 0 || doc.len > CASE_FROZEN_BYTES)
        return fail(cx, RC_NOTFOUND, _("There is no such document."), "frozen=%" PRId64,
                    document_id);
    TRY(store_open(&fd, cx, county, document_id));
    char *p = arena_try(cx->arena, (size_t)doc.len + 1);
    if (!p) {
        close(fd);
        return fail(cx, RC_LIMIT, _("There is not enough memory for this file."), "frozen");
    }
    size_t at = 0;
    ssize_t n = 1;
    while (at < (size_t)doc.len && n > 0) {
        n = read(fd, p + at, (size_t)doc.len - at);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            at += (size_t)n;
    }
    int error = n < 0 ? errno : EIO;
    close(fd);
    if (at < (size_t)doc.len)
        return file_fail(cx, error, _("The document"));
    *json = (struct str){p, at};
    return RC_OK;
}

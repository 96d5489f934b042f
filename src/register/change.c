/* The difference between a record and what the register holds: read once, as sections of one
 * journal entry with the new rows beside, then counted, parked or written. */
#include "register/change.h"
#include "base/limits.h"
#include "base/text.h"
#include "profile/sheet.h"
#include "register/household.sql.h"

#include <string.h>

enum { FIELDS_FIXED = 12, INCOMES_MAX = 256 };

/* What the making of one delta carries along. */
struct maker {
    struct cx *cx;
    const struct source *s;
    const struct bind_keys *keys;
    struct delta *d;
    struct journal_field *scratch; /* room for the fields of one section */
    size_t used;
};

static void say(struct maker *m, int32_t field, struct value from, struct value to)
{
    if (!value_eq(from, to))
        m->scratch[m->used++] = (struct journal_field){.field = field, .from = from, .to = to};
}

/* Takes what was said into a section. */
static void said(struct section *out, struct maker *m, enum subject_kind kind, int64_t row,
                 int32_t year)
{
    *out = (struct section){.kind = kind, .row = row, .year = year, .field_count = m->used};
    if (m->used > 0) {
        out->fields = arena_new(m->cx->arena, (m->used + 1) * sizeof *out->fields);
        memcpy(out->fields, m->scratch, m->used * sizeof *out->fields);
    }
    m->used = 0;
}

static struct value text_value(struct str s)
{
    return s.len > 0 ? value_text(s) : value_missing();
}

static struct value code_value_of(int32_t code)
{
    return code != 0 ? value_int(code) : value_missing();
}

/* A text that the record gives and that differs. */
static void say_text(struct maker *m, int32_t field, const char **now, struct str to)
{
    if (to.len == 0 || str_eq_z(to, *now))
        return;
    say(m, field, text_value(str_of(*now)), value_text(to));
    *now = arena_copy(m->cx->arena, to);
}

static void say_code(struct maker *m, int32_t field, int32_t *now, int32_t to)
{
    if (to == 0)
        return;
    say(m, field, code_value_of(*now), value_int(to));
    *now = to;
}

/* ---- sheets ---- */

/* A secret value as it would be stored; the present one when it says the same. */
static enum rc sealed_value(struct value *out, struct maker *m, struct person_delta *p,
                            struct value present, struct value given)
{
    bool made;
    if (given.kind != VALUE_TEXT || !p) {
        *out = given;
        return RC_OK;
    }
    if (!p->puts_safe && !p->is_new && !p->safe.exists)
        TRY(safe_get(&p->safe, m->cx, m->s->county, p->now.p.id));
    TRY(secret_indicator_seal(out, &made, m->cx, &p->safe, present, given.s));
    p->puts_safe = p->puts_safe || made;
    return RC_OK;
}

/* Fills *values with the new sheet and says what differs; `p` is the person whose sheet it is.
 */
static enum rc sheet_delta(struct value **values, struct maker *m, struct person_delta *p,
                           const struct value *given)
{
    enum subject subject = p ? SUBJECT_PERSON : SUBJECT_HOUSEHOLD;
    int64_t id = !p ? m->d->h.id : p->is_new ? 0 : p->now.p.id;
    struct cx *cx = m->cx;
    size_t count = cx->profile->of_count[subject];
    int32_t year = m->d->r->year;
    const bool *erases = p ? NULL : m->d->r->erases;
    bool any = false;
    for (size_t i = 0; given && i < count; i++)
        any = any || given[i].kind != VALUE_MISSING || (erases && erases[i]);
    if (!any || year == 0)
        return RC_OK;
    struct value *sheet = arena_new(cx->arena, (count + 1) * sizeof *sheet);
    enum rc rc = id ? sheet_get(sheet, cx, subject, m->s->county, id, year) : RC_NOTFOUND;
    if (rc == RC_NOTFOUND)
        say(m, FIELD_EXISTS, value_missing(), value_int(1));
    else
        TRY(rc);
    for (size_t i = 0; i < count; i++) {
        if (given[i].kind == VALUE_MISSING && !(erases && erases[i]))
            continue;
        const struct indicator *ind = cx->profile->of[subject][i];
        struct value to = given[i];
        size_t used = m->used;
        if (ind->secret)
            TRY(sealed_value(&to, m, p, sheet[i], given[i]));
        say(m, ind->number, sheet[i], to);
        if (ind->secret && m->used > used)
            m->scratch[used].secret = true;
        sheet[i] = to;
    }
    *values = sheet;
    return RC_OK;
}

/* ---- people ---- */

static struct str secret_said(const struct person_record *r, enum secret which)
{
    return which == SECRET_IDENTITY ? r->identity
           : which == SECRET_PHONE  ? r->phone
                                    : r->account;
}

static enum rc secret_delta(struct maker *m, struct person_delta *p, enum secret which)
{
    struct cx *cx = m->cx;
    struct str plain = secret_said(p->r, which);
    uint8_t bind[BIND_BYTES];
    if (plain.len == 0)
        return RC_OK;
    secret_bind(bind, cx, m->keys, which, plain);
    if (p->now.has[which] && bytes_equal(bind, p->now.bind[which], BIND_BYTES))
        return RC_OK;
    if (!p->puts_safe && !p->is_new)
        TRY(safe_get(&p->safe, cx, m->s->county, p->now.p.id));
    if (!p->safe.has_key)
        safe_new(&p->safe, cx);
    struct str sealed = seal(cx->arena, p->safe.key, plain, secret_context(which));
    say(m, secret_field(which), text_value(p->safe.sealed[which]), value_text(sealed));
    m->scratch[m->used - 1].secret = true;
    p->safe.sealed[which] = sealed;
    p->puts_safe = true;
    p->now.has[which] = true;
    memcpy(p->now.bind[which], bind, BIND_BYTES);
    return RC_OK;
}

/* The facts about identity number and phone, where what they tell of may have changed. */
static enum rc facts_follow(struct maker *m, struct person_delta *p)
{
    const struct person *was = &p->was.p, *now = &p->now.p;
    if (!p->is_new && !p->puts_safe && was->sex == now->sex && was->birth_day == now->birth_day)
        return RC_OK;
    struct safe safe = p->safe;
    if (!p->puts_safe && !p->is_new)
        TRY(safe_get(&safe, m->cx, m->s->county, now->id));
    return member_facts(&p->now, m->cx, &safe);
}

static enum rc person_fields(struct maker *m, struct person_delta *p)
{
    const struct person_record *r = p->r;
    struct person *now = &p->now.p;
    if (p->is_new)
        say(m, FIELD_EXISTS, value_missing(), value_int(1));
    say_text(m, FIELD_CODE, &now->code, r->code);
    say_text(m, FIELD_NAME, &now->name, r->name);
    say_code(m, FIELD_SEX, &now->sex, r->sex);
    if (r->birth_day != BIRTH_UNKNOWN) {
        say(m, FIELD_BIRTH,
            now->birth_day != BIRTH_UNKNOWN ? value_int(now->birth_day) : value_missing(),
            value_int(r->birth_day));
        now->birth_day = r->birth_day;
    }
    for (int i = 0; i < SECRET_COUNT; i++)
        TRY(secret_delta(m, p, (enum secret)i));
    TRY(facts_follow(m, p));
    said(&p->person, m, KIND_PERSON, r->row, 0);
    p->renamed = strcmp(p->was.p.name ? p->was.p.name : "", now->name) != 0;
    return RC_OK;
}

static void membership_fields(struct maker *m, struct person_delta *p)
{
    int64_t household_id = m->d->r->household_id;
    struct person *now = &p->now.p;
    p->moves = !p->is_new && (now->household_id != household_id || now->to_day != 0);
    /* Said also when someone comes back into the household just left. */
    if (p->is_new || p->moves) {
        m->scratch[m->used++] = (struct journal_field){
            .field = FIELD_HOUSEHOLD,
            .from = p->is_new ? value_missing() : value_int(now->household_id),
            .to = value_int(household_id)};
        now->household_id = household_id;
        now->from_day = m->s->valid_day;
        now->to_day = 0;
    }
    say_code(m, FIELD_RELATION, &now->relation, p->r->relation);
    said(&p->membership, m, KIND_MEMBERSHIP, p->r->row, 0);
}

static enum rc person_delta_make(struct maker *m, struct person_delta *p)
{
    struct person blank = {.county = m->s->county,
                           .code = "",
                           .name = "",
                           .birth_day = BIRTH_UNKNOWN,
                           .from_day = m->s->valid_day};
    if (p->is_new)
        p->was.p = blank;
    p->now = p->was;
    TRY(person_fields(m, p));
    membership_fields(m, p);
    TRY(sheet_delta(&p->values, m, p, p->r->values));
    said(&p->sheet, m, KIND_PERSON_SHEET, p->r->row, m->d->r->year);
    p->puts_sheet = p->sheet.field_count > 0;
    return RC_OK;
}

/* Someone whom the record does not know by id, but who is a member already: an import that
 * begins again after a crash brings people that it wrote itself. */
static bool is_same(struct maker *m, const struct member *member, const struct person_record *r)
{
    uint8_t bind[BIND_BYTES];
    if (r->person_id != 0)
        return member->p.id == r->person_id;
    if (r->identity.len == 0)
        return r->code.len > 0 && str_eq_z(r->code, member->p.code);
    if (!member->has[SECRET_IDENTITY])
        return false;
    secret_bind(bind, m->cx, m->keys, SECRET_IDENTITY, r->identity);
    return bytes_equal(bind, member->bind[SECRET_IDENTITY], BIND_BYTES);
}

static enum rc people_delta(struct maker *m)
{
    struct cx *cx = m->cx;
    struct delta *d = m->d;
    struct member *members = NULL;
    size_t count = 0, present = 0, named = 0;
    if (d->exists && (d->r->people_count > 0 || d->r->people_complete))
        TRY(members_load(&members, &count, cx, m->s->county, d->r->household_id));
    for (size_t i = 0; i < count; i++)
        present += members[i].p.to_day == 0;
    for (size_t k = 0; k < d->r->people_count; k++) {
        const struct person_record *r = &d->r->people[k];
        struct person_delta *p = &d->people[d->people_count++];
        *p = (struct person_delta){.r = r, .is_new = r->person_id == 0};
        bool here = false;
        for (size_t i = 0; i < count && !here; i++)
            if (is_same(m, &members[i], r)) {
                p->was = members[i];
                named += members[i].p.to_day == 0;
                p->is_new = false;
                here = true;
            }
        if (!here && !p->is_new) {
            enum rc rc = member_load(&p->was, cx, m->s->county, r->person_id);
            if (rc == RC_NOTFOUND)
                return fail(cx, rc, _("There is no such person, or not in your areas."),
                            "person=%" PRId64, r->person_id);
            TRY(rc);
        }
        TRY(person_delta_make(m, p));
    }
    if (d->r->people_complete && present > named)
        d->missing = (int64_t)(present - named);
    return RC_OK;
}

/* ---- incomes ---- */

static enum rc incomes_delta(struct maker *m)
{
    struct delta *d = m->d;
    struct {
        int64_t kind, amount;
    } have[INCOMES_MAX];
    size_t count = 0;
    struct db_rows rows;
    if (d->r->income_count == 0 || d->r->year == 0)
        return RC_OK;
    if (d->exists) {
        TRY(DB_SELECT(&rows, m->cx, &INCOME_OF_YEAR, V_I(m->s->county), V_I(d->h.id),
                      V_I(d->r->year)));
        while (db_next(&rows))
            if (count < INCOMES_MAX) {
                have[count].kind = row_i64(&rows, INCOME_OF_YEAR_KIND);
                have[count++].amount = row_i64(&rows, INCOME_OF_YEAR_AMOUNT_MINOR);
            }
        TRY(db_done(&rows));
    }
    for (size_t k = 0; k < d->r->income_count; k++) {
        const struct income_record *r = &d->r->incomes[k];
        struct income_delta *income = &d->incomes[d->income_count++];
        struct value from = value_missing();
        for (size_t i = 0; i < count; i++)
            if (have[i].kind == r->kind->number)
                from = value_int(have[i].amount);
        say(m, r->kind->number, from, value_int(r->amount_minor));
        income->r = r;
        income->is_new = from.kind == VALUE_MISSING;
        said(&income->section, m, KIND_INCOME, r->row, d->r->year);
    }
    return RC_OK;
}

/* ---- the whole ---- */

/* Another area than now may have been merged since the record was read. */
static enum rc area_said(int64_t *out, struct cx *cx, int64_t said, int64_t now)
{
    struct area a = {.id = said};
    if (said != 0 && said != now)
        TRY(area_get(&a, cx, said));
    *out = a.merged_into ? a.merged_into : said;
    return RC_OK;
}

static enum rc household_delta(struct maker *m)
{
    struct cx *cx = m->cx;
    struct delta *d = m->d;
    const struct household_record *r = d->r;
    int64_t import_id;
    if (r->household_id != 0) {
        enum rc rc = household_load(&d->h, &import_id, cx, m->s->county, r->household_id);
        if (rc == RC_NOTFOUND)
            return fail(cx, rc, _("There is no such household, or not in your areas."),
                        "household=%" PRId64, r->household_id);
        TRY(rc);
        d->exists = true;
        TRY(area_said(&d->area_id, cx, r->area_id, d->h.area_id));
        if (d->area_id != 0)
            say(m, FIELD_AREA, value_int(d->h.area_id), value_int(d->area_id));
        if (r->code.len > 0)
            say(m, FIELD_CODE, text_value(str_of(d->h.code)), value_text(r->code));
    }
    said(&d->household, m, KIND_HOUSEHOLD, r->row, 0);
    if (!d->exists)
        return RC_OK;
    TRY(sheet_delta(&d->values, m, NULL, r->values));
    said(&d->sheet, m, KIND_HOUSEHOLD_SHEET, r->row, r->year);
    d->puts_sheet = d->sheet.field_count > 0;
    return RC_OK;
}

enum rc delta_make(struct delta **out, struct cx *cx, const struct source *s,
                   const struct household_record *r, const struct bind_keys *keys)
{
    const size_t *of_count = cx->profile->of_count;
    size_t most = of_count[SUBJECT_HOUSEHOLD] > of_count[SUBJECT_PERSON]
                      ? of_count[SUBJECT_HOUSEHOLD]
                      : of_count[SUBJECT_PERSON];
    struct maker m = {.cx = cx, .s = s, .keys = keys};
    m.d = arena_array(cx->arena, 1, sizeof *m.d);
    m.scratch = arena_array(cx->arena, most + FIELDS_FIXED, sizeof *m.scratch);
    if (!m.d || !m.scratch || r->people_count > LIMIT_HOUSEHOLD_PEOPLE)
        return fail(cx, RC_LIMIT, _("This household has too much in it."), "people=%zu",
                    r->people_count);
    m.d->r = r;
    m.d->people = arena_array(cx->arena, r->people_count + 1, sizeof *m.d->people);
    m.d->incomes = arena_array(cx->arena, r->income_count + 1, sizeof *m.d->incomes);
    if (!m.d->people || !m.d->incomes)
        return fail(cx, RC_LIMIT, _("This household has too much in it."), "people=%zu",
                    r->people_count);
    TRY(household_delta(&m));
    TRY(people_delta(&m));
    if (m.d->exists)
        TRY(incomes_delta(&m));
    *out = m.d;
    return RC_OK;
}

static bool person_changed(const struct person_delta *p)
{
    return p->person.field_count + p->membership.field_count + p->sheet.field_count > 0;
}

bool delta_is_empty(const struct delta *d)
{
    bool empty = d->household.field_count + d->sheet.field_count == 0;
    for (size_t i = 0; i < d->people_count; i++)
        empty = empty && !person_changed(&d->people[i]);
    for (size_t i = 0; i < d->income_count; i++)
        empty = empty && d->incomes[i].section.field_count == 0;
    return empty;
}

enum rc delta_reduce(struct household_record *out, struct cx *cx, const struct delta *d)
{
    const struct household_record *r = d->r;
    struct household_record less = *r;
    less.people_complete = false;
    less.people_count = less.income_count = 0;
    less.people = arena_array(cx->arena, r->people_count + 1, sizeof *less.people);
    less.incomes = arena_array(cx->arena, r->income_count + 1, sizeof *less.incomes);
    if (!less.people || !less.incomes)
        return fail(cx, RC_LIMIT, _("This household has too much in it."), "people=%zu",
                    r->people_count);
    if (d->sheet.field_count == 0)
        less.values = NULL;
    for (size_t i = 0; i < d->people_count; i++)
        if (person_changed(&d->people[i]))
            less.people[less.people_count++] = *d->people[i].r;
    for (size_t i = 0; i < d->income_count; i++)
        if (d->incomes[i].section.field_count > 0)
            less.incomes[less.income_count++] = *d->incomes[i].r;
    *out = less;
    return RC_OK;
}

void delta_count(struct change_counts *counts, const struct delta *d)
{
    bool changed = d->household.field_count + d->sheet.field_count > 0;
    counts->households[changed ? CHANGE_CHANGED : CHANGE_NONE]++;
    for (size_t i = 0; i < d->people_count; i++) {
        const struct person_delta *p = &d->people[i];
        counts->people[p->is_new           ? CHANGE_NEW
                       : person_changed(p) ? CHANGE_CHANGED
                                           : CHANGE_NONE]++;
    }
    for (size_t i = 0; i < d->income_count; i++)
        counts->incomes[d->incomes[i].section.field_count == 0 ? CHANGE_NONE
                        : d->incomes[i].is_new                 ? CHANGE_NEW
                                                               : CHANGE_CHANGED]++;
    counts->missing_people += d->missing;
}

/* Taking back one journal entry of an import (undo_run.c walks them). What it made goes,
 * what it changed becomes what it was before, unless someone changed it since: then it is
 * kept, counted, and listed in the undo's own entry as a field whose from equals its to. */
#include "base/text.h"
#include "db/db.h"
#include "profile/sheet.h"
#include "register/apply.sql.h"
#include "register/inner.h"
#include "register/journal.sql.h"

#include <string.h>

enum { GONE_MAX = 256 };

/* The undoing of one entry. */
struct undoing {
    struct cx *cx;
    struct writing *w;
    int64_t county, household_id, seq;
    struct journal_entry *parts; /* the entry's, one per thing */
    size_t count;
    struct sections out;
    int64_t gone[GONE_MAX]; /* people removed with this entry */
    size_t gone_count;
    bool people, sheet;      /* what must be brought up to date at the end */
    int64_t other[GONE_MAX]; /* households that people went back to */
    size_t other_count;
    int64_t kept;
};

static bool is_made(const struct journal_entry *e)
{
    for (size_t i = 0; i < e->field_count; i++)
        if (e->fields[i].field == FIELD_EXISTS && e->fields[i].from.kind == VALUE_MISSING)
            return true;
    return false;
}

/* Was a thing of this household changed by others since? subject_id 0: anything. */
static enum rc changed_since(bool *changed, struct undoing *u, int64_t subject_id)
{
    struct cx *cx = u->cx;
    struct db_rows rows;
    struct arena_mark mark = arena_mark(cx->arena);
    *changed = false;
    TRY(DB_SELECT(&rows, cx, &JOURNAL_LATER, V_I(u->county), V_I(u->household_id), V_I(u->seq),
                  V_I(u->w->s->import_id)));
    while (db_next(&rows)) {
        struct journal_entry *list;
        size_t count = 0;
        *changed = *changed || subject_id == 0;
        if (!*changed &&
            entry_read(&list, &count, cx->arena, row_str(&rows, JOURNAL_LATER_BODY)))
            for (size_t i = 0; i < count; i++)
                *changed = *changed || list[i].subject_id == subject_id;
        arena_back(cx->arena, mark);
    }
    return db_done(&rows);
}

/* A section of the undo's entry, filled field by field. */
struct answer {
    struct section s;
};

static void answer_begin(struct answer *a, struct undoing *u, const struct journal_entry *e)
{
    a->s = (struct section){.kind = e->kind, .subject_id = e->subject_id, .year = e->year};
    a->s.fields = arena_new(u->cx->arena, (e->field_count + 1) * sizeof *a->s.fields);
}

/* Says what became of a field: taken back, or kept as it is now. True when taken back. */
static bool answer_field(struct answer *a, struct undoing *u, const struct journal_field *f,
                         struct value now)
{
    bool back = value_eq(now, f->to);
    a->s.fields[a->s.field_count++] = (struct journal_field){
        .field = f->field, .from = now, .to = back ? f->from : now, .secret = f->secret};
    u->kept += !back;
    return back;
}

static void answer_end(struct answer *a, struct undoing *u)
{
    sections_add(&u->out, &a->s, a->s.subject_id);
}

/* ---- removing ---- */

static enum rc drop_sheets(struct cx *cx, enum subject subject, int64_t county, int64_t id)
{
    int32_t years[64];
    size_t count = 64;
    TRY(sheet_years(years, &count, cx, subject, county, id));
    for (size_t i = 0; i < count; i++)
        TRY(sheet_delete(cx, subject, county, id, years[i]));
    return RC_OK;
}

static enum rc drop_person(struct cx *cx, const struct member *m)
{
    int64_t county = m->p.county, id = m->p.id;
    TRY(member_bind(cx, m, NULL));
    TRY(drop_sheets(cx, SUBJECT_PERSON, county, id));
    TRY(DB_RUN(cx, &PERSON_SECRET_DROP, V_I(county), V_I(id)));
    TRY(DB_RUN(cx, &MEMBERSHIP_DROP_PERSON, V_I(county), V_I(id)));
    return DB_RUN(cx, &PERSON_DROP, V_I(county), V_I(id));
}

static enum rc drop_household(struct undoing *u)
{
    struct cx *cx = u->cx;
    struct household h;
    struct member *members;
    size_t count;
    int64_t import_id, id = u->household_id, seq;
    TRY(household_load(&h, &import_id, cx, u->county, id));
    TRY(members_load(&members, &count, cx, u->county, id));
    for (size_t i = 0; i < count; i++)
        TRY(drop_person(cx, &members[i]));
    TRY(drop_sheets(cx, SUBJECT_HOUSEHOLD, u->county, id));
    TRY(DB_RUN(cx, &INCOME_DROP_HOUSEHOLD, V_I(u->county), V_I(id)));
    TRY(DB_RUN(cx, &MEMBERSHIP_DROP_HOUSEHOLD, V_I(u->county), V_I(id)));
    TRY(DB_RUN(cx, &SEARCH_DROP, V_I(u->county), V_I(id)));
    TRY(DB_RUN(cx, &HOUSEHOLD_DROP, V_I(u->county), V_I(id)));
    TRY(tally_add(&u->w->tally, cx, h.area_id, str_of(h.area_path), -1, -h.people_count));
    struct journal_field gone = {.field = FIELD_EXISTS, .from = value_int(1)};
    struct section section = {.kind = KIND_HOUSEHOLD, .fields = &gone, .field_count = 1};
    sections_add(&u->out, &section, id);
    return sections_end(&seq, cx, u->w, &u->out);
}

/* A household that the import made goes whole, or stays whole when others worked on it since.
 */
static enum rc undo_made_household(struct undoing *u)
{
    bool changed;
    struct household h;
    int64_t import_id;
    enum rc rc = household_load(&h, &import_id, u->cx, u->county, u->household_id);
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    TRY(changed_since(&changed, u, 0));
    if (!changed)
        return drop_household(u);
    u->kept++;
    struct cx *cx = u->cx;
    struct journal_field stays = {
        .field = FIELD_EXISTS, .from = value_int(1), .to = value_int(1)};
    struct section section = {.kind = KIND_HOUSEHOLD, .fields = &stays, .field_count = 1};
    int64_t seq;
    sections_add(&u->out, &section, u->household_id);
    return sections_end(&seq, cx, u->w, &u->out);
}

/* ---- taking back fields ---- */

static enum rc undo_household(struct undoing *u, const struct journal_entry *e)
{
    struct cx *cx = u->cx;
    struct household h;
    struct answer a;
    int64_t import_id;
    bool any = false;
    TRY(household_load(&h, &import_id, cx, u->county, u->household_id));
    struct household was = h;
    answer_begin(&a, u, e);
    for (size_t i = 0; i < e->field_count; i++) {
        const struct journal_field *f = &e->fields[i];
        if (f->field == FIELD_AREA && answer_field(&a, u, f, value_int(h.area_id)) &&
            f->from.kind == VALUE_INT) {
            struct area area;
            TRY(area_get(&area, cx, f->from.i));
            if (area.merged_into)
                TRY(area_get(&area, cx, area.merged_into));
            h.area_id = area.id;
            h.area_path = area.path;
            any = true;
        } else if (f->field == FIELD_CODE) {
            struct str code = str_of(h.code);
            struct value now = code.len ? value_text(code) : value_missing();
            if (answer_field(&a, u, f, now)) {
                h.code = f->from.kind == VALUE_TEXT ? arena_copy(cx->arena, f->from.s) : "";
                any = true;
            }
        } /* the head follows from the people */
    }
    answer_end(&a, u);
    if (!any)
        return RC_OK;
    if (h.area_id != was.area_id && h.ended_day == 0) {
        TRY(tally_add(&u->w->tally, cx, was.area_id, str_of(was.area_path), -1,
                      -h.people_count));
        TRY(tally_add(&u->w->tally, cx, h.area_id, str_of(h.area_path), 1, h.people_count));
    }
    return DB_RUN(cx, &HOUSEHOLD_SET, V_I(u->county), V_I(h.id), V_I(h.area_id),
                  V_T(h.area_path), V_T(h.code), V_I(cx->now_at));
}

static enum rc undo_sheet(struct undoing *u, const struct journal_entry *e,
                          enum subject subject)
{
    struct cx *cx = u->cx;
    size_t count = cx->profile->of_count[subject];
    struct value *values = arena_new(cx->arena, (count + 1) * sizeof *values);
    struct answer a;
    bool any = false;
    enum rc rc = sheet_get(values, cx, subject, u->county, e->subject_id, e->year);
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    answer_begin(&a, u, e);
    for (size_t i = 0; i < e->field_count; i++) {
        const struct journal_field *f = &e->fields[i];
        const struct indicator *ind = profile_indicator_number(cx->profile, f->field);
        if (f->field > 0 && ind && ind->subject == subject &&
            answer_field(&a, u, f, values[ind->index]))
            values[ind->index] = f->from;
    }
    for (size_t i = 0; i < count; i++)
        any = any || values[i].kind != VALUE_MISSING;
    if (any) {
        TRY(sheet_put(cx, subject, u->county, e->subject_id, e->year, values));
    } else {
        a.s.fields[a.s.field_count++] =
            (struct journal_field){.field = FIELD_EXISTS, .from = value_int(1)};
        TRY(sheet_delete(cx, subject, u->county, e->subject_id, e->year));
    }
    answer_end(&a, u);
    u->sheet = u->sheet || subject == SUBJECT_HOUSEHOLD;
    return RC_OK;
}

static enum rc undo_income(struct undoing *u, const struct journal_entry *e)
{
    struct cx *cx = u->cx;
    struct answer a;
    answer_begin(&a, u, e);
    for (size_t i = 0; i < e->field_count; i++) {
        const struct journal_field *f = &e->fields[i];
        struct db_rows rows;
        struct value now = value_missing();
        enum rc rc = DB_ONE(&rows, cx, &INCOME_ONE, V_I(u->county), V_I(u->household_id),
                            V_I(e->year), V_I(f->field));
        if (rc == RC_OK) {
            now = value_int(row_i64(&rows, INCOME_ONE_AMOUNT_MINOR));
            TRY(db_done(&rows));
        } else if (rc != RC_NOTFOUND) {
            return rc;
        }
        if (!answer_field(&a, u, f, now))
            continue;
        if (f->from.kind == VALUE_MISSING) {
            TRY(DB_RUN(cx, &INCOME_DROP, V_I(u->county), V_I(u->household_id), V_I(e->year),
                       V_I(f->field)));
            continue;
        }
        struct journal_entry source = {0};
        rc = journal_source_before(&source, cx, u->seq, e, f->field);
        if (rc != RC_NOTFOUND)
            TRY(rc);
        TRY(DB_RUN(cx, &INCOME_PUT, V_I(u->county), V_I(u->household_id), V_I(e->year),
                   V_I(f->field), V_I(0), V_I(f->from.i), V_I(source.document_id),
                   V_I(source.seq)));
    }
    answer_end(&a, u);
    return RC_OK;
}

/* ---- people ---- */

static enum rc undo_secret(struct undoing *u, struct answer *a, const struct journal_field *f,
                           struct member *m, struct safe *safe, enum secret which)
{
    struct cx *cx = u->cx;
    struct str sealed = safe->sealed[which], plain;
    struct value now = sealed.len ? value_text(sealed) : value_missing();
    if (!answer_field(a, u, f, now))
        return RC_OK;
    safe->sealed[which] = f->from.kind == VALUE_TEXT ? f->from.s : (struct str){NULL, 0};
    m->has[which] = false;
    if (safe->sealed[which].len == 0 || !safe->has_key)
        return RC_OK;
    TRY(unseal(&plain, cx, safe->key, safe->sealed[which], secret_context(which)));
    secret_bind(m->bind[which], cx, &u->w->keys, which, plain);
    m->has[which] = true;
    return RC_OK;
}

static struct value text_now(const char *z)
{
    return *z ? value_text(str_of(z)) : value_missing();
}

static struct value int_now(int32_t n, int32_t unknown)
{
    return n == unknown ? value_missing() : value_int(n);
}

static const char *text_back(struct cx *cx, struct value v)
{
    return v.kind == VALUE_TEXT ? arena_copy(cx->arena, v.s) : "";
}

static int32_t int_back(struct value v, int32_t unknown)
{
    return v.kind == VALUE_INT ? (int32_t)v.i : unknown;
}

static enum rc undo_person_field(struct undoing *u, struct answer *a, struct member *m,
                                 struct safe *safe, const struct journal_field *f)
{
    struct cx *cx = u->cx;
    struct person *p = &m->p;
    for (int i = 0; i < SECRET_COUNT; i++)
        if (f->field == (int32_t)secret_field((enum secret)i))
            return undo_secret(u, a, f, m, safe, (enum secret)i);
    if (f->field == FIELD_CODE && answer_field(a, u, f, text_now(p->code)))
        p->code = text_back(cx, f->from);
    if (f->field == FIELD_NAME && answer_field(a, u, f, text_now(p->name)))
        p->name = text_back(cx, f->from);
    if (f->field == FIELD_SEX && answer_field(a, u, f, int_now(p->sex, 0)))
        p->sex = int_back(f->from, 0);
    if (f->field == FIELD_BIRTH && answer_field(a, u, f, int_now(p->birth_day, BIRTH_UNKNOWN)))
        p->birth_day = int_back(f->from, BIRTH_UNKNOWN);
    return RC_OK;
}

static bool has_secret(const struct safe *s)
{
    bool any = false;
    for (int i = 0; i < SECRET_COUNT; i++)
        any = any || s->sealed[i].len > 0;
    return any;
}

/* A person that the import brought into a household that stays. */
static enum rc undo_made_person(struct undoing *u, const struct journal_entry *e)
{
    bool changed;
    struct answer a;
    TRY(changed_since(&changed, u, e->subject_id));
    answer_begin(&a, u, e);
    struct journal_field made = {.field = FIELD_EXISTS, .to = value_int(1)};
    (void)answer_field(&a, u, &made,
                       changed ? value_int(2) : value_int(1)); /* says and counts */
    if (changed)
        a.s.fields[0].from = a.s.fields[0].to = value_int(1);
    answer_end(&a, u);
    if (u->gone_count < GONE_MAX)
        u->gone[u->gone_count++] = e->subject_id; /* either way its other parts are done with */
    u->people = true;
    if (changed)
        return RC_OK;
    struct member m;
    TRY(member_load(&m, u->cx, u->county, e->subject_id));
    return drop_person(u->cx, &m);
}

static enum rc undo_person(struct undoing *u, const struct journal_entry *e)
{
    struct cx *cx = u->cx;
    struct member m;
    struct safe safe;
    struct answer a;
    if (is_made(e))
        return undo_made_person(u, e);
    TRY(member_load(&m, cx, u->county, e->subject_id));
    TRY(safe_get(&safe, cx, u->county, e->subject_id));
    struct member was = m;
    answer_begin(&a, u, e);
    for (size_t i = 0; i < e->field_count; i++)
        TRY(undo_person_field(u, &a, &m, &safe, &e->fields[i]));
    TRY(member_facts(&m, cx, &safe));
    answer_end(&a, u);
    TRY(member_put(cx, &m));
    TRY(member_bind(cx, &was, &m));
    u->people = true;
    if (safe.exists && safe.has_key && !has_secret(&safe))
        return DB_RUN(cx, &PERSON_SECRET_DROP, V_I(u->county), V_I(e->subject_id));
    return safe.exists ? safe_put(cx, u->county, e->subject_id, &safe) : RC_OK;
}

/* Back to where the person came from, with the days and the relation of then. */
static enum rc move_back(struct undoing *u, struct member *m, int64_t household_id,
                         int32_t valid_day)
{
    struct cx *cx = u->cx;
    struct db_rows rows;
    enum rc rc =
        DB_ONE(&rows, cx, &MEMBERSHIP_LAST, V_I(u->county), V_I(household_id), V_I(m->p.id));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    int32_t to = (int32_t)row_i64(&rows, MEMBERSHIP_LAST_TO_DAY);
    m->p.household_id = household_id;
    m->p.from_day = (int32_t)row_i64(&rows, MEMBERSHIP_LAST_FROM_DAY);
    m->p.to_day = to == valid_day ? 0 : to;
    m->p.relation = (int32_t)row_i64(&rows, MEMBERSHIP_LAST_RELATION);
    TRY(db_done(&rows));
    if (u->other_count < GONE_MAX)
        u->other[u->other_count++] = household_id;
    return DB_RUN(cx, &MEMBERSHIP_DROP, V_I(u->county), V_I(household_id), V_I(m->p.id),
                  V_I(m->p.from_day));
}

static enum rc undo_membership(struct undoing *u, const struct journal_entry *e)
{
    struct cx *cx = u->cx;
    struct member m;
    struct answer a;
    TRY(member_load(&m, cx, u->county, e->subject_id));
    answer_begin(&a, u, e);
    for (size_t i = 0; i < e->field_count; i++) { /* before the move brings its own back */
        const struct journal_field *f = &e->fields[i];
        if (f->field == FIELD_RELATION && answer_field(&a, u, f, int_now(m.p.relation, 0)))
            m.p.relation = int_back(f->from, 0);
    }
    for (size_t i = 0; i < e->field_count; i++) {
        const struct journal_field *f = &e->fields[i];
        if (f->field == FIELD_HOUSEHOLD && f->from.kind == VALUE_INT &&
            answer_field(&a, u, f, value_int(m.p.household_id)))
            TRY(move_back(u, &m, f->from.i, e->valid_day));
    }
    answer_end(&a, u);
    u->people = true;
    return member_put(cx, &m);
}

/* ---- one entry ---- */

static enum rc undo_part(struct undoing *u, const struct journal_entry *e)
{
    for (size_t i = 0; i < u->gone_count; i++)
        if (u->gone[i] == e->subject_id)
            return RC_OK;
    switch (e->kind) {
    case KIND_HOUSEHOLD:
        return undo_household(u, e);
    case KIND_PERSON:
        return undo_person(u, e);
    case KIND_HOUSEHOLD_SHEET:
        return undo_sheet(u, e, SUBJECT_HOUSEHOLD);
    case KIND_PERSON_SHEET:
        return undo_sheet(u, e, SUBJECT_PERSON);
    case KIND_MEMBERSHIP:
        return undo_membership(u, e);
    case KIND_INCOME:
        return undo_income(u, e);
    case KIND_AREA:
    case KIND_AREA_SHEET:
    case KIND_IMPORT:
        return RC_OK;
    }
    return RC_OK;
}

static enum rc bring_up_to_date(struct undoing *u)
{
    struct journal_field head;
    if (u->people) {
        TRY(household_refresh(&head, u->cx, u->w, u->household_id, true));
        struct section s = {
            .kind = KIND_HOUSEHOLD, .fields = &head, .field_count = head.field != 0};
        sections_add(&u->out, &s, u->household_id);
    }
    for (size_t i = 0; i < u->other_count; i++)
        TRY(household_refresh(&head, u->cx, u->w, u->other[i], true));
    if (u->sheet)
        TRY(household_refresh_sheet(u->cx, u->county, u->household_id, u->cx->now_at));
    return DB_RUN(u->cx, &HOUSEHOLD_TOUCH, V_I(u->county), V_I(u->household_id),
                  V_I(u->cx->now_at));
}

static enum rc undo_changes(struct undoing *u)
{
    struct household h;
    int64_t import_id, seq;
    enum rc rc = household_load(&h, &import_id, u->cx, u->county, u->household_id);
    if (rc == RC_NOTFOUND)
        return RC_OK; /* went with what was undone already */
    TRY(rc);
    for (size_t i = 0; i < u->count; i++) {
        rc = undo_part(u, &u->parts[i]);
        if (rc == RC_NOTFOUND)
            u->kept++; /* the person went another way since */
        else
            TRY(rc);
    }
    TRY(bring_up_to_date(u));
    return sections_end(&seq, u->cx, u->w, &u->out);
}

enum rc undo_entry(struct cx *cx, struct writing *w, struct str body)
{
    struct undoing *u = arena_new(cx->arena, sizeof *u);
    u->cx = cx;
    u->w = w;
    u->county = w->s->county;
    if (!entry_read(&u->parts, &u->count, cx->arena, body) || u->count == 0)
        return fail(cx, RC_DB,
                    _("The journal is damaged. Stop working and call whoever runs this "
                      "server: `fumin verify` shows the place."),
                    "undo");
    u->household_id = u->parts[0].household_id;
    u->seq = u->parts[0].seq;
    if (u->household_id == 0)
        return RC_OK; /* the import itself */
    sections_begin(&u->out, cx, u->household_id);
    bool made = false;
    for (size_t i = 0; i < u->count; i++)
        made = made || (u->parts[i].kind == KIND_HOUSEHOLD && is_made(&u->parts[i]));
    TRY(made ? undo_made_household(u) : undo_changes(u));
    w->trace.kept_count += u->kept;
    return RC_OK;
}

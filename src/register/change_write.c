/* Writing a difference: the changed rows, the journal entry, and what follows from people
 * coming and going (size, head, search words, counts, the history of the household they left).
 */
#include "base/text.h"
#include "profile/sheet.h"
#include "register/apply.sql.h"
#include "register/change.h"

#include <string.h>

enum { SECTIONS_BYTES_MAX = 4 * 1024 * 1024 };

/* ---- what follows from a household's people ---- */

/* The head stays while the relation says so; else the first whose relation does. */
static const struct person *head_of(const struct profile *profile, const struct member *members,
                                    size_t count, int64_t head_id)
{
    const struct person *first = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct person *p = &members[i].p;
        if (p->to_day != 0 || !is_head(profile, p->relation))
            continue;
        if (p->id == head_id)
            return p;
        first = first ? first : p;
    }
    return first;
}

static enum rc refresh_words(struct cx *cx, int64_t county, int64_t household_id,
                             const struct member *members, size_t count)
{
    struct str *names = arena_new(cx->arena, (count + 1) * sizeof *names);
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (members[i].p.to_day == 0)
            names[used++] = str_of(members[i].p.name);
    struct str words = household_words(cx, names, used);
    TRY(DB_RUN(cx, &SEARCH_DROP, V_I(county), V_I(household_id)));
    return words.len > 0 ? DB_RUN(cx, &SEARCH_ADD, V_I(county), V_I(household_id), V_S(words))
                         : RC_OK;
}

enum rc household_refresh(struct journal_field *head, struct cx *cx, struct writing *w,
                          int64_t household_id, bool words)
{
    struct household h;
    struct member *members;
    size_t count;
    int64_t import_id, present = 0, county = w->s->county;
    TRY(household_load(&h, &import_id, cx, county, household_id));
    TRY(members_load(&members, &count, cx, county, household_id));
    for (size_t i = 0; i < count; i++)
        present += members[i].p.to_day == 0;
    const struct person *first = head_of(cx->profile, members, count, h.head_id);
    int64_t head_id = first ? first->id : 0;
    struct str name = first ? str_of(first->name) : (struct str){"", 0};
    *head = (struct journal_field){0};
    if (head_id != h.head_id)
        *head = (struct journal_field){
            .field = FIELD_HEAD,
            .from = h.head_id ? value_int(h.head_id) : value_missing(),
            .to = head_id ? value_int(head_id) : value_missing(),
        };
    if (h.ended_day == 0)
        TRY(tally_add(&w->tally, cx, h.area_id, str_of(h.area_path), 0,
                      present - h.people_count));
    TRY(DB_RUN(cx, &HOUSEHOLD_SET_PEOPLE, V_I(county), V_I(household_id), V_I(head_id),
               V_S(name), V_S(household_name_key(cx, name)), V_I(present)));
    return words ? refresh_words(cx, county, household_id, members, count) : RC_OK;
}

/* ---- journal ---- */

void sections_begin(struct sections *s, struct cx *cx, int64_t household_id)
{
    *s = (struct sections){.household_id = household_id};
    buf_init(&s->bytes, cx->arena, SECTIONS_BYTES_MAX);
}

void sections_add(struct sections *s, struct section *section, int64_t subject_id)
{
    if (section->field_count == 0)
        return;
    section->subject_id = subject_id;
    if (s->count == 0)
        s->subject_id = subject_id;
    section_put(&s->bytes, s->household_id, section);
    s->count++;
}

enum rc sections_end(int64_t *seq, struct cx *cx, struct writing *w, struct sections *s)
{
    struct journal_entry e = writing_entry(cx, w, s->household_id);
    e.subject_id = s->subject_id; /* by which an entry without household is found */
    *seq = w->pen.seq;
    if (s->count == 0)
        return RC_OK;
    if (!buf_ok(&s->bytes))
        return fail(cx, RC_LIMIT, _("This change is too large to be recorded."), "sections=%zu",
                    s->count);
    TRY(pen_write(cx, &w->pen, &e, buf_view(&s->bytes), s->count));
    *seq = e.seq;
    return RC_OK;
}

/* The household that a person left: its people and its history. */
static enum rc leave(struct cx *cx, struct writing *w, const struct member *was)
{
    struct journal_field head;
    struct sections s;
    int64_t seq, household_id = was->p.household_id;
    TRY(household_refresh(&head, cx, w, household_id, true));
    TRY(DB_RUN(cx, &HOUSEHOLD_TOUCH, V_I(w->s->county), V_I(household_id), V_I(cx->now_at)));
    struct journal_field to = {.field = FIELD_TO, .to = value_int(w->s->valid_day)};
    struct section left = {.kind = KIND_MEMBERSHIP, .fields = &to, .field_count = 1};
    struct section changed = {
        .kind = KIND_HOUSEHOLD, .fields = &head, .field_count = head.field != 0};
    sections_begin(&s, cx, household_id);
    sections_add(&s, &changed, household_id);
    sections_add(&s, &left, was->p.id);
    return sections_end(&seq, cx, w, &s);
}

/* ---- writing one difference ---- */

static enum rc insert_person(struct cx *cx, struct writing *w, struct person_delta *p)
{
    const struct person *n = &p->now.p;
    struct db_arg bind[SECRET_COUNT];
    TRY(writing_id(&p->now.p.id, cx, w));
    for (int i = 0; i < SECRET_COUNT; i++)
        bind[i] = p->now.has[i] ? V_B(p->now.bind[i], BIND_BYTES) : V_NULL;
    return DB_RUN(cx, &PERSON_ADD, V_I(w->s->county), V_I(n->id), V_I(n->household_id),
                  V_T(n->code), V_T(n->name), V_I(n->sex), V_I(n->birth_day), V_I(n->relation),
                  V_I(n->from_day), V_I(w->s->import_id), bind[0], bind[1], bind[2],
                  V_I(p->now.facts));
}

static enum rc write_person(struct cx *cx, struct writing *w, struct person_delta *p,
                            int32_t year)
{
    const struct person *was = &p->was.p;
    if (p->is_new)
        TRY(insert_person(cx, w, p));
    else if (p->person.field_count + p->membership.field_count > 0)
        TRY(member_put(cx, &p->now));
    if (p->moves)
        TRY(DB_RUN(cx, &MEMBERSHIP_ADD, V_I(w->s->county), V_I(was->household_id), V_I(was->id),
                   V_I(was->from_day), V_I(was->to_day ? was->to_day : w->s->valid_day),
                   V_I(was->relation), V_T("")));
    if (p->puts_safe)
        TRY(member_bind(cx, p->is_new ? NULL : &p->was, &p->now));
    if (p->puts_safe)
        TRY(safe_put(cx, w->s->county, p->now.p.id, &p->safe));
    if (p->puts_sheet)
        TRY(sheet_put(cx, SUBJECT_PERSON, w->s->county, p->now.p.id, year, p->values));
    return RC_OK;
}

/* Another area: the counts go along. */
static enum rc move_household(const char **path, struct cx *cx, struct writing *w,
                              const struct household *h, int64_t area_id)
{
    TRY(writing_area(path, cx, w, area_id));
    if (h->ended_day != 0)
        return RC_OK;
    TRY(tally_add(&w->tally, cx, h->area_id, str_of(h->area_path), -1, -h->people_count));
    return tally_add(&w->tally, cx, area_id, str_of(*path), 1, h->people_count);
}

static enum rc write_household(struct cx *cx, struct writing *w, struct delta *d)
{
    const struct household_record *r = d->r;
    struct household *h = &d->h;
    if (d->household.field_count > 0) {
        const char *path = h->area_path;
        int64_t area_id = d->area_id ? d->area_id : h->area_id;
        if (area_id != h->area_id)
            TRY(move_household(&path, cx, w, h, area_id));
        TRY(DB_RUN(cx, &HOUSEHOLD_SET, V_I(h->county), V_I(h->id), V_I(area_id), V_T(path),
                   r->code.len ? V_S(r->code) : V_T(h->code), V_I(cx->now_at)));
    }
    if (d->puts_sheet)
        TRY(sheet_put(cx, SUBJECT_HOUSEHOLD, h->county, h->id, r->year, d->values));
    if (!d->puts_sheet || r->year < h->sheet_year)
        return d->household.field_count > 0
                   ? RC_OK
                   : DB_RUN(cx, &HOUSEHOLD_TOUCH, V_I(h->county), V_I(h->id), V_I(cx->now_at));
    struct db_arg s[SHOWN_MAX];
    shown_args(s, cx->profile, d->values);
    return DB_RUN(cx, &HOUSEHOLD_SET_SHOWN, V_I(h->county), V_I(h->id), V_I(cx->now_at),
                  V_I(r->year), s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
}

/* Puts the change of head among the household's own fields. */
static void add_head(struct cx *cx, struct section *household, const struct journal_field *head)
{
    if (head->field == 0)
        return;
    size_t count = household->field_count;
    struct journal_field *fields = arena_new(cx->arena, (count + 1) * sizeof *fields);
    if (count > 0)
        memcpy(fields, household->fields, count * sizeof *fields);
    fields[count] = *head;
    household->kind = KIND_HOUSEHOLD;
    household->fields = fields;
    household->field_count = count + 1;
}

static enum rc write_people(struct cx *cx, struct writing *w, struct delta *d)
{
    bool words = false, members = false;
    for (size_t i = 0; i < d->people_count; i++) {
        struct person_delta *p = &d->people[i];
        TRY(write_person(cx, w, p, d->r->year));
        words = words || p->is_new || p->moves || p->renamed;
        members = members || p->membership.field_count > 0;
    }
    if (!words && !members)
        return RC_OK;
    struct journal_field head;
    TRY(household_refresh(&head, cx, w, d->h.id, words));
    add_head(cx, &d->household, &head);
    for (size_t i = 0; i < d->people_count; i++) {
        const struct person_delta *p = &d->people[i];
        if (p->moves && p->was.p.to_day == 0 && p->was.p.household_id != d->h.id)
            TRY(leave(cx, w, &p->was));
    }
    return RC_OK;
}

enum rc delta_write(struct cx *cx, struct writing *w, struct delta *d)
{
    struct sections s;
    int64_t seq;
    TRY(write_household(cx, w, d));
    TRY(write_people(cx, w, d));
    sections_begin(&s, cx, d->h.id);
    sections_add(&s, &d->household, d->h.id);
    sections_add(&s, &d->sheet, d->h.id);
    for (size_t i = 0; i < d->income_count; i++)
        sections_add(&s, &d->incomes[i].section, d->h.id);
    for (size_t i = 0; i < d->people_count; i++) {
        struct person_delta *p = &d->people[i];
        sections_add(&s, &p->person, p->now.p.id);
        sections_add(&s, &p->membership, p->now.p.id);
        sections_add(&s, &p->sheet, p->now.p.id);
    }
    TRY(sections_end(&seq, cx, w, &s));
    for (size_t i = 0; i < d->income_count; i++) {
        const struct income_record *r = d->incomes[i].r;
        if (d->incomes[i].section.field_count > 0)
            TRY(DB_RUN(cx, &INCOME_PUT, V_I(w->s->county), V_I(d->h.id), V_I(d->r->year),
                       V_I(r->kind->number), V_I(0), V_I(r->amount_minor),
                       V_I(w->s->document_id), V_I(seq)));
    }
    return RC_OK;
}

/* Applying records: preparing (any thread, no database) and writing. New households are written
 * here, whole and with one journal entry; what exists already is change.c's. */
#include "register/apply.h"

#include "base/limits.h"
#include "base/text.h"
#include "profile/sheet.h"
#include "register/apply.sql.h"
#include "register/household.sql.h"
#include "register/inner.h"

#include <assert.h>
#include <string.h>

enum { SECTIONS_BYTES_MAX = 4 * 1024 * 1024, FIELDS_FIXED = 12 };

/* A new person, sealed. */
struct prepared_person {
    int64_t
        number; /* 1.. among the household's new people; its id is the household's plus this */
    struct safe safe;
    uint8_t bind[SECRET_COUNT][BIND_BYTES];
    bool has[SECRET_COUNT], has_any;
    int32_t facts;              /* enum secret_fact */
    const struct value *values; /* the record's, secret indicators sealed */
};
struct prepared {
    const struct household_record *r;
    bool is_new;
    /* all that follows: only of a new household */
    struct prepared_person *people; /* as r->people; number 0: it exists already */
    size_t new_people;
    size_t head; /* index in r->people, or SIZE_MAX */
    struct str name_key, words, sections;
    size_t section_count;
    bool has_sheet;
    struct bind_keys keys;
};

/* ---- preparing ---- */

static struct str secret_of(const struct person_record *p, enum secret which)
{
    return which == SECRET_IDENTITY ? p->identity
           : which == SECRET_PHONE  ? p->phone
                                    : p->account;
}

static void seal_person(struct prepared_person *out, struct cx *cx,
                        const struct person_record *p, const struct bind_keys *keys)
{
    out->facts = secret_facts(cx, p->identity, p->phone, p->sex, p->birth_day);
    for (int i = 0; i < SECRET_COUNT; i++) {
        enum secret which = (enum secret)i;
        struct str plain = secret_of(p, which);
        if (plain.len == 0)
            continue;
        if (!out->has_any)
            safe_new(&out->safe, cx);
        out->has_any = true;
        out->has[i] = true;
        out->safe.sealed[i] = seal(cx->arena, out->safe.key, plain, secret_context(which));
        secret_bind(out->bind[i], cx, keys, which, plain);
    }
}

/* A copy of the values only where one is secret. */
static enum rc seal_values(struct prepared_person *out, struct cx *cx,
                           const struct person_record *p)
{
    const struct profile *profile = cx->profile;
    size_t count = profile->of_count[SUBJECT_PERSON];
    struct value *copy = NULL;
    out->values = p->values;
    for (size_t i = 0; p->values && i < count; i++) {
        if (!profile->of[SUBJECT_PERSON][i]->secret || p->values[i].kind != VALUE_TEXT)
            continue;
        if (!copy) {
            copy = arena_array(cx->arena, count, sizeof *copy);
            if (!copy)
                return fail(cx, RC_LIMIT, _("This household has too much in it."), "values");
            memcpy(copy, p->values, count * sizeof *copy);
            out->values = copy;
        }
        bool made;
        TRY(secret_indicator_seal(&copy[i], &made, cx, &out->safe, value_missing(),
                                  p->values[i].s));
        out->has_any = true;
    }
    return RC_OK;
}

/* Fields of one section while it is collected. */
struct collector {
    struct section s;
    struct prepared *to;
    struct buf *bytes;
};

static void collect(struct collector *c, int32_t field, struct value to)
{
    if (to.kind != VALUE_MISSING)
        c->s.fields[c->s.field_count++] = (struct journal_field){.field = field, .to = to};
}

static void collect_end(struct collector *c)
{
    section_put(c->bytes, 0, &c->s);
    c->to->section_count++;
    c->s.field_count = 0;
}

static struct value text_or_missing(struct str s)
{
    return s.len > 0 ? value_text(s) : value_missing();
}

static bool any_value(const struct value *values, size_t count)
{
    for (size_t i = 0; values && i < count; i++)
        if (values[i].kind != VALUE_MISSING)
            return true;
    return false;
}

static void collect_sheet(struct collector *c, const struct profile *p, enum subject subject,
                          const struct value *values)
{
    collect(c, FIELD_EXISTS, value_int(1));
    for (size_t i = 0; i < p->of_count[subject]; i++) {
        collect(c, p->of[subject][i]->number, values[i]);
        if (p->of[subject][i]->secret && values[i].kind != VALUE_MISSING)
            c->s.fields[c->s.field_count - 1].secret = true;
    }
    collect_end(c);
}

static void collect_household(struct collector *c, const struct profile *profile,
                              const struct prepared *p)
{
    const struct household_record *r = p->r;
    c->s.kind = KIND_HOUSEHOLD;
    c->s.subject_id = 0;
    c->s.row = r->row;
    c->s.year = 0;
    collect(c, FIELD_EXISTS, value_int(1));
    collect(c, FIELD_AREA, value_int(r->area_id));
    collect(c, FIELD_CODE, text_or_missing(r->code));
    if (p->head != SIZE_MAX && p->people[p->head].number > 0)
        collect(c, FIELD_HEAD, value_int(p->people[p->head].number));
    collect_end(c);
    c->s.year = r->year;
    if (p->has_sheet) {
        c->s.kind = KIND_HOUSEHOLD_SHEET;
        collect_sheet(c, profile, SUBJECT_HOUSEHOLD, r->values);
    }
    for (size_t i = 0; i < r->income_count; i++) {
        c->s.kind = KIND_INCOME;
        c->s.row = r->incomes[i].row;
        collect(c, r->incomes[i].kind->number, value_int(r->incomes[i].amount_minor));
        collect_end(c);
    }
}

static void collect_person(struct collector *c, const struct profile *profile, int32_t year,
                           const struct person_record *r, const struct prepared_person *p)
{
    c->s.kind = KIND_PERSON;
    c->s.subject_id = p->number;
    c->s.row = r->row;
    c->s.year = 0;
    collect(c, FIELD_EXISTS, value_int(1));
    collect(c, FIELD_CODE, text_or_missing(r->code));
    collect(c, FIELD_NAME, text_or_missing(r->name));
    collect(c, FIELD_SEX, r->sex ? value_int(r->sex) : value_missing());
    collect(c, FIELD_BIRTH,
            r->birth_day != BIRTH_UNKNOWN ? value_int(r->birth_day) : value_missing());
    for (int i = 0; i < SECRET_COUNT; i++)
        if (p->has[i]) {
            collect(c, secret_field((enum secret)i), value_text(p->safe.sealed[i]));
            c->s.fields[c->s.field_count - 1].secret = true;
        }
    collect_end(c);
    c->s.kind = KIND_MEMBERSHIP;
    collect(c, FIELD_HOUSEHOLD, value_int(0));
    collect(c, FIELD_RELATION, r->relation ? value_int(r->relation) : value_missing());
    collect_end(c);
    if (year && any_value(p->values, profile->of_count[SUBJECT_PERSON])) {
        c->s.kind = KIND_PERSON_SHEET;
        c->s.year = year;
        collect_sheet(c, profile, SUBJECT_PERSON, p->values);
    }
}

static enum rc collect_all(struct prepared *p, struct cx *cx)
{
    const struct profile *profile = cx->profile;
    size_t most = profile->of_count[SUBJECT_HOUSEHOLD] > profile->of_count[SUBJECT_PERSON]
                      ? profile->of_count[SUBJECT_HOUSEHOLD]
                      : profile->of_count[SUBJECT_PERSON];
    struct buf bytes;
    struct collector c = {.to = p, .bytes = &bytes};
    buf_init(&bytes, cx->arena, SECTIONS_BYTES_MAX);
    c.s.fields = arena_array(cx->arena, most + FIELDS_FIXED, sizeof *c.s.fields);
    if (!c.s.fields)
        return fail(cx, RC_LIMIT, _("This household has too much in it."), "fields");
    collect_household(&c, profile, p);
    for (size_t i = 0; i < p->r->people_count; i++)
        if (p->people[i].number > 0)
            collect_person(&c, profile, p->r->year, &p->r->people[i], &p->people[i]);
    if (!buf_ok(&bytes))
        return fail(cx, RC_LIMIT, _("This household has too much in it."), "bytes");
    p->sections = buf_view(&bytes);
    return RC_OK;
}

static enum rc prepare_new(struct prepared *p, struct cx *cx)
{
    const struct household_record *r = p->r;
    struct str *names = arena_array(cx->arena, r->people_count + 1, sizeof *names);
    p->people = arena_array(cx->arena, r->people_count + 1, sizeof *p->people);
    if (!names || !p->people)
        return fail(cx, RC_LIMIT, _("This household has too much in it."), "people=%zu",
                    r->people_count);
    p->head = SIZE_MAX;
    for (size_t i = 0; i < r->people_count; i++) {
        if (r->people[i].person_id != 0)
            continue; /* comes over from another household, by change.c */
        p->people[i].number = (int64_t)++p->new_people;
        seal_person(&p->people[i], cx, &r->people[i], &p->keys);
        TRY(seal_values(&p->people[i], cx, &r->people[i]));
        names[p->new_people - 1] = r->people[i].name;
        if (is_head(cx->profile, r->people[i].relation) && p->head == SIZE_MAX)
            p->head = i;
    }
    p->has_sheet = r->year && any_value(r->values, cx->profile->of_count[SUBJECT_HOUSEHOLD]);
    p->words = household_words(cx, names, p->new_people);
    if (p->head != SIZE_MAX)
        p->name_key = household_name_key(cx, r->people[p->head].name);
    return collect_all(p, cx);
}

enum rc register_prepare(struct prepared **out, struct cx *cx, const struct source *s,
                         const struct household_record *r)
{
    assert(s->county > 0);
    struct prepared *p = arena_new(cx->arena, sizeof *p);
    if (r->people_count > LIMIT_HOUSEHOLD_PEOPLE)
        return fail_f(cx, RC_LIMIT, _("A household can have at most %d people."),
                      (int)LIMIT_HOUSEHOLD_PEOPLE);
    p->r = r;
    p->is_new = r->household_id == 0;
    bind_keys_get(&p->keys, cx->vault);
    if (p->is_new)
        TRY(prepare_new(p, cx));
    *out = p;
    return RC_OK;
}

/* ---- a write ---- */

enum rc trace_get(struct trace *out, struct cx *cx, int64_t county, int64_t import_id)
{
    struct trace t = {.state = TRACE_HIDDEN};
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &IMPORT_TRACE_GET, V_I(county), V_I(import_id));
    if (rc == RC_OK) {
        t = (struct trace){.first_seq = row_i64(&rows, IMPORT_TRACE_GET_FIRST_SEQ),
                           .last_seq = row_i64(&rows, IMPORT_TRACE_GET_LAST_SEQ),
                           .change_count = row_i64(&rows, IMPORT_TRACE_GET_CHANGE_COUNT),
                           .bound_id = row_i64(&rows, IMPORT_TRACE_GET_BOUND_ID),
                           .undo_seq = row_i64(&rows, IMPORT_TRACE_GET_UNDO_SEQ),
                           .kept_count = row_i64(&rows, IMPORT_TRACE_GET_KEPT_COUNT),
                           .state = (int)row_i64(&rows, IMPORT_TRACE_GET_STATE),
                           .exists = true};
        TRY(db_done(&rows));
    } else if (rc != RC_NOTFOUND) {
        return rc;
    }
    *out = t;
    return RC_OK;
}

enum rc trace_put(struct cx *cx, int64_t county, int64_t import_id, const struct trace *t)
{
    return DB_RUN(cx, &IMPORT_TRACE_PUT, V_I(county), V_I(import_id), V_I(t->first_seq),
                  V_I(t->last_seq), V_I(t->change_count), V_I(t->bound_id), V_I(t->undo_seq),
                  V_I(t->kept_count), V_I(t->state));
}

enum rc writing_begin(struct writing *w, struct cx *cx, const struct source *s)
{
    *w = (struct writing){.s = s};
    TRY(pen_open(&w->pen, cx, s->county));
    bind_keys_get(&w->keys, cx->vault);
    if (s->import_id == 0)
        return RC_OK;
    TRY(trace_get(&w->trace, cx, s->county, s->import_id));
    if (w->trace.state == TRACE_UNDOING || w->trace.state == TRACE_UNDONE)
        return fail(cx, RC_CONFLICT, _("This import was undone; start a new one."),
                    "import=%" PRId64, s->import_id);
    w->hides = w->trace.state == TRACE_HIDDEN;
    if (!w->trace.exists)
        TRY(DB_RUN(cx, &IMPORT_HIDE, V_I(s->county), V_I(s->import_id)));
    return RC_OK;
}

enum rc writing_end(struct cx *cx, struct writing *w)
{
    const struct source *s = w->s;
    TRY(pen_close(cx, &w->pen));
    if (w->hides)
        TRY(tally_park(cx, &w->tally, s->county, s->import_id));
    else
        TRY(tally_flush(cx, &w->tally, s->county));
    if (s->import_id == 0)
        return RC_OK;
    if (w->pen.seq >= w->pen.first_seq) {
        w->trace.first_seq = w->trace.first_seq ? w->trace.first_seq : w->pen.first_seq;
        w->trace.last_seq = w->pen.seq;
    }
    return trace_put(cx, s->county, s->import_id, &w->trace);
}

enum rc writing_area(const char **path, struct cx *cx, struct writing *w, int64_t area_id)
{
    if (w->area_id != area_id) {
        struct area a;
        TRY(area_get(&a, cx, area_id));
        struct str p = str_of(a.path);
        assert(p.len <= AREA_PATH_BYTES);
        memcpy(w->area_path, p.p, p.len);
        w->area_path[p.len] = '\0';
        w->area_id = area_id;
        w->area_county = a.county;
        w->area_into = a.merged_into;
    }
    if (w->area_county != w->s->county)
        return fail_f(cx, RC_INVALID, _("The area “%s” lies in another county."),
                      area_label(cx, area_id));
    *path = w->area_path;
    return RC_OK;
}

enum rc writing_id(int64_t *id, struct cx *cx, struct writing *w)
{
    if (w->next_id == w->end_id) {
        TRY(db_ids(&w->next_id, cx, 16));
        w->end_id = w->next_id + 16;
    }
    *id = w->next_id++;
    return RC_OK;
}

struct journal_entry writing_entry(struct cx *cx, const struct writing *w, int64_t household_id)
{
    return (struct journal_entry){.county = w->s->county,
                                  .at = cx->now_at,
                                  .valid_day = w->s->valid_day,
                                  .user_id = register_user(cx),
                                  .document_id = w->s->document_id,
                                  .import_id = w->s->import_id,
                                  .household_id = household_id};
}

/* ---- new households ---- */

static enum rc add_person(struct cx *cx, struct writing *w, int64_t household_id,
                          const struct person_record *r, const struct prepared_person *p)
{
    const struct source *s = w->s;
    int64_t id = household_id + p->number;
    struct db_arg bind[SECRET_COUNT];
    for (int i = 0; i < SECRET_COUNT; i++)
        bind[i] = p->has[i] ? V_B(p->bind[i], BIND_BYTES) : V_NULL;
    TRY(DB_RUN(cx, &PERSON_ADD, V_I(s->county), V_I(id), V_I(household_id),
               V_S(str_or_empty(r->code)), V_S(str_or_empty(r->name)), V_I(r->sex),
               V_I(r->birth_day), V_I(r->relation), V_I(s->valid_day), V_I(s->import_id),
               bind[0], bind[1], bind[2], V_I(p->facts)));
    if (p->has_any)
        TRY(safe_put(cx, s->county, id, &p->safe));
    if (w->hides)
        return RC_OK; /* register_index or the flip puts them in sorted */
    for (int i = 0; i < SECRET_COUNT; i++)
        if (p->has[i] && i != SECRET_ACCOUNT)
            TRY(DB_RUN(cx, &PERSON_BIND_ADD, V_I(s->county), bind[i], V_I(id)));
    return RC_OK;
}

static enum rc add_household_row(struct cx *cx, struct writing *w, const struct prepared *p,
                                 int64_t id, const char *area_path)
{
    const struct household_record *r = p->r;
    struct db_arg shown[SHOWN_MAX];
    int64_t head_id = 0;
    struct str head_name = {"", 0};
    if (p->head != SIZE_MAX) {
        head_id = id + p->people[p->head].number;
        head_name = str_or_empty(r->people[p->head].name);
    }
    shown_args(shown, cx->profile, p->has_sheet ? r->values : NULL);
    return DB_RUN(cx, &HOUSEHOLD_ADD, V_I(w->s->county), V_I(id), V_I(r->area_id),
                  V_T(area_path), V_S(str_or_empty(r->code)), V_I(head_id), V_S(head_name),
                  V_S(str_or_empty(p->name_key)), V_I(p->new_people), V_I(w->s->valid_day),
                  V_I(cx->now_at), V_I(p->has_sheet ? r->year : 0), V_I(w->s->import_id),
                  shown[0], shown[1], shown[2], shown[3], shown[4], shown[5], shown[6],
                  shown[7]);
}

static enum rc code_is_free(struct cx *cx, int64_t county, struct str code)
{
    struct db_rows rows;
    if (code.len == 0)
        return RC_OK;
    enum rc rc = DB_ONE(&rows, cx, &HOUSEHOLD_OF_CODE, V_I(county), V_S(code));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    TRY(db_done(&rows));
    return fail_f(cx, RC_CONFLICT, _("There is a household with the code %.*s already."),
                  STR_ARG(code));
}

static enum rc add_details(struct cx *cx, struct writing *w, const struct prepared *p,
                           int64_t id, int64_t seq)
{
    const struct household_record *r = p->r;
    const struct source *s = w->s;
    size_t person_values = cx->profile->of_count[SUBJECT_PERSON];
    if (p->has_sheet)
        TRY(sheet_put(cx, SUBJECT_HOUSEHOLD, s->county, id, r->year, r->values));
    for (size_t i = 0; i < r->people_count; i++) {
        if (p->people[i].number == 0)
            continue;
        TRY(add_person(cx, w, id, &r->people[i], &p->people[i]));
        if (r->year && any_value(p->people[i].values, person_values))
            TRY(sheet_put(cx, SUBJECT_PERSON, s->county, id + p->people[i].number, r->year,
                          p->people[i].values));
    }
    for (size_t i = 0; i < r->income_count; i++)
        TRY(DB_RUN(cx, &INCOME_PUT, V_I(s->county), V_I(id), V_I(r->year),
                   V_I(r->incomes[i].kind->number), V_I(0), V_I(r->incomes[i].amount_minor),
                   V_I(s->document_id), V_I(seq)));
    return RC_OK;
}

/* Changes of an import wait; others are made at once. */
static enum rc change_or_park(struct cx *cx, struct writing *w,
                              const struct household_record *r)
{
    struct delta *d;
    TRY(delta_make(&d, cx, w->s, r, &w->keys));
    delta_count(&w->counts, d);
    if (delta_is_empty(d))
        return RC_OK;
    if (!w->hides)
        return delta_write(cx, w, d);
    struct household_record less;
    struct str packed;
    TRY(delta_reduce(&less, cx, d));
    TRY(record_pack(&packed, cx, w->s, &less));
    return DB_RUN(cx, &IMPORT_CHANGE_ADD, V_I(w->s->county), V_I(w->s->import_id),
                  V_I(++w->trace.change_count), V_B(packed.p, packed.len));
}

/* People who exist come over into the household just made. */
static enum rc bring_people(struct cx *cx, struct writing *w, const struct household_record *r,
                            int64_t id)
{
    struct household_record moved = {
        .household_id = id, .row = r->row, .year = r->year, .people_complete = false};
    moved.people = arena_array(cx->arena, r->people_count + 1, sizeof *moved.people);
    if (!moved.people)
        return fail(cx, RC_LIMIT, _("This household has too much in it."), "moved people");
    for (size_t i = 0; i < r->people_count; i++)
        if (r->people[i].person_id != 0)
            moved.people[moved.people_count++] = r->people[i];
    struct change_counts counts = w->counts;
    enum rc rc = change_or_park(cx, w, &moved);
    /* The household was counted as new. */
    memcpy(w->counts.households, counts.households, sizeof counts.households);
    return rc;
}

/* The area was merged since the record was read: the same record for what it was merged into.
 */
static enum rc prepare_for_heir(const struct prepared **p, struct cx *cx,
                                const struct writing *w)
{
    struct household_record *r = arena_new(cx->arena, sizeof *r);
    struct prepared *again;
    *r = *(*p)->r;
    r->area_id = w->area_into;
    TRY(register_prepare(&again, cx, w->s, r));
    *p = again;
    return RC_OK;
}

static enum rc add_household(struct cx *cx, struct writing *w, const struct prepared *p,
                             int64_t id)
{
    const char *path;
    if (p->r->area_id == 0)
        return fail(cx, RC_INVALID, _("A new household needs an area."), "row=%" PRId64,
                    p->r->row);
    TRY(writing_area(&path, cx, w, p->r->area_id));
    if (w->area_into) {
        TRY(prepare_for_heir(&p, cx, w));
        TRY(writing_area(&path, cx, w, p->r->area_id));
    }
    const struct household_record *r = p->r;
    TRY(code_is_free(cx, w->s->county, r->code));
    TRY(add_household_row(cx, w, p, id, path));
    struct journal_entry entry = writing_entry(cx, w, id);
    entry.kind = KIND_HOUSEHOLD;
    entry.subject_id = id;
    TRY(pen_write(cx, &w->pen, &entry, p->sections, p->section_count));
    TRY(add_details(cx, w, p, id, entry.seq));
    if (p->words.len > 0)
        TRY(DB_RUN(cx, &SEARCH_ADD, V_I(w->s->county), V_I(id), V_S(p->words)));
    TRY(tally_add(&w->tally, cx, r->area_id, str_of(path), 1, (int64_t)p->new_people));
    w->counts.households[CHANGE_NEW]++;
    w->counts.people[CHANGE_NEW] += (int64_t)p->new_people;
    w->counts.incomes[CHANGE_NEW] += (int64_t)r->income_count;
    return p->new_people < r->people_count ? bring_people(cx, w, r, id) : RC_OK;
}

static void counts_add(struct change_counts *to, const struct change_counts *more)
{
    for (int i = 0; i < 3; i++) {
        to->households[i] += more->households[i];
        to->people[i] += more->people[i];
        to->incomes[i] += more->incomes[i];
    }
    to->missing_people += more->missing_people;
}

enum rc register_write(struct change_counts *counts, struct cx *cx, const struct source *s,
                       struct prepared *const *list, size_t count)
{
    struct writing w;
    int64_t ids = 0;
    TRY(writing_begin(&w, cx, s));
    for (size_t i = 0; i < count; i++)
        ids += list[i]->is_new ? 1 + (int64_t)list[i]->new_people : 0;
    if (ids > 0)
        TRY(db_ids(&w.next_id, cx, ids));
    w.end_id = w.next_id + ids;
    int64_t id = w.next_id;
    w.next_id = w.end_id; /* the block is for the new households, in order */
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        size_t areas = w.tally.cap;
        if (list[i]->is_new)
            TRY(add_household(cx, &w, list[i], id));
        else
            TRY(change_or_park(cx, &w, list[i]->r));
        id += list[i]->is_new ? 1 + (int64_t)list[i]->new_people : 0;
        /* Of what a household needs only a grown tally outlives it. */
        if (areas == w.tally.cap)
            arena_back(cx->arena, mark);
    }
    TRY(writing_end(cx, &w));
    counts_add(counts, &w.counts);
    return RC_OK;
}

enum rc register_apply(struct change_counts *counts, struct cx *cx, const struct source *s,
                       const struct household_record *r)
{
    struct prepared *p;
    TRY(register_prepare(&p, cx, s, r));
    return register_write(counts, cx, s, &p, 1);
}

enum rc register_compare(struct change_counts *counts, struct cx *cx, const struct source *s,
                         const struct household_record *r)
{
    if (r->household_id == 0) {
        counts->households[CHANGE_NEW]++;
        counts->incomes[CHANGE_NEW] += (int64_t)r->income_count;
    }
    struct bind_keys keys;
    struct delta *d;
    bind_keys_get(&keys, cx->vault);
    TRY(delta_make(&d, cx, s, r, &keys));
    struct change_counts here = {0};
    delta_count(&here, d);
    if (r->household_id == 0) {
        memset(here.households, 0, sizeof here.households);
        memset(here.incomes, 0, sizeof here.incomes);
    }
    counts_add(counts, &here);
    return RC_OK;
}

/* Proving the register from zero: the journal's chains, the counts of areas, and household by
 * household its size, head, seals, and that the sheets hold what the journal said last. */
#include "base/text.h"
#include "profile/sheet.h"
#include "register/apply.sql.h"
#include "register/inner.h"
#include "register/journal.sql.h"

#include <string.h>

enum { FAULTS_MAX = 1000, PIECE = 64, COUNTIES_STEP = 64, ENTRIES_MAX = 100000 };

struct verifier {
    struct cx *cx;
    struct verify_fault *faults;
    size_t count;
    struct bind_keys keys;
};

static void fault(struct verifier *v, const char *what, int64_t county, int64_t id)
{
    if (v->count < FAULTS_MAX)
        v->faults[v->count++] = (struct verify_fault){.what = what, .county = county, .id = id};
}

/* ---- areas ---- */

/* Sums by path, of the households that are there. */
struct place_sum {
    struct str path;
    int64_t households, people;
};

static enum rc read_sums(struct place_sum **out, size_t *count, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    struct place_sum *list = NULL;
    size_t used = 0, cap = 0;
    bool full = false;
    TRY(DB_SELECT(&rows, cx, &VERIFY_COUNTS, V_I(county)));
    while (!full && db_next(&rows)) {
        if (used == cap) {
            cap = cap ? 2 * cap : 256;
            struct place_sum *wider = arena_array(cx->arena, cap, sizeof *wider);
            full = !wider;
            if (full)
                break;
            if (used > 0)
                memcpy(wider, list, used * sizeof *list);
            list = wider;
        }
        list[used++] = (struct place_sum){row_copy(&rows, VERIFY_COUNTS_PATH),
                                          row_i64(&rows, VERIFY_COUNTS_HOUSEHOLDS),
                                          row_i64(&rows, VERIFY_COUNTS_PEOPLE)};
    }
    TRY(db_done(&rows));
    *out = list;
    *count = used;
    return full ? fail(cx, RC_LIMIT, _("There are too many areas above this one."), "verify")
                : RC_OK;
}

static enum rc verify_areas(struct verifier *v, int64_t county)
{
    struct place_sum *sums;
    size_t count;
    struct db_rows rows;
    TRY(read_sums(&sums, &count, v->cx, county));
    TRY(DB_SELECT(&rows, v->cx, &VERIFY_AREAS, V_I(county)));
    while (db_next(&rows)) {
        struct str path = row_str(&rows, VERIFY_AREAS_PATH);
        int64_t households = 0, people = 0;
        for (size_t i = 0; i < count; i++)
            if (str_starts(sums[i].path, path)) {
                households += sums[i].households;
                people += sums[i].people;
            }
        if (households != row_i64(&rows, VERIFY_AREAS_HOUSEHOLDS) ||
            people != row_i64(&rows, VERIFY_AREAS_PEOPLE))
            fault(v, "area: stored counts differ from the households there", county,
                  row_i64(&rows, VERIFY_AREAS_ID));
    }
    TRY(db_done(&rows));
    TRY(DB_SELECT(&rows, v->cx, &VERIFY_PLACES, V_I(county)));
    while (db_next(&rows))
        fault(v, "household: it stands at another path than its area, or its area has ended",
              county, row_i64(&rows, VERIFY_PLACES_ID));
    return db_done(&rows);
}

/* ---- sheets against the journal ---- */

/* The values of one sheet as the journal tells them. */
struct told {
    enum subject_kind kind;
    int64_t id;
    int32_t year;
    struct value *values;
    struct told *next;
};

static enum subject subject_of(enum subject_kind kind)
{
    return kind == KIND_HOUSEHOLD_SHEET ? SUBJECT_HOUSEHOLD : SUBJECT_PERSON;
}

/* Entries come newest first: the first one that gives a field gives its present value. */
static void tell(struct told **list, struct cx *cx, const struct journal_entry *e)
{
    if (e->kind != KIND_HOUSEHOLD_SHEET && e->kind != KIND_PERSON_SHEET)
        return;
    enum subject subject = subject_of(e->kind);
    struct told *t = *list;
    while (t && (t->kind != e->kind || t->id != e->subject_id || t->year != e->year))
        t = t->next;
    if (!t) {
        t = arena_new(cx->arena, sizeof *t);
        *t =
            (struct told){.kind = e->kind, .id = e->subject_id, .year = e->year, .next = *list};
        t->values =
            arena_new(cx->arena, (cx->profile->of_count[subject] + 1) * 2 * sizeof *t->values);
        *list = t;
    }
    /* The second half of `values` marks what is known already. */
    struct value *known = t->values + cx->profile->of_count[subject] + 1;
    for (size_t i = 0; i < e->field_count; i++) {
        const struct journal_field *f = &e->fields[i];
        const struct indicator *ind =
            f->field > 0 ? profile_indicator_number(cx->profile, f->field) : NULL;
        if (!ind || ind->subject != subject || value_eq(f->from, f->to) ||
            known[ind->index].kind != VALUE_MISSING)
            continue;
        known[ind->index] = value_int(1);
        t->values[ind->index] = f->to;
    }
}

static enum rc compare_told(struct verifier *v, int64_t county, const struct told *t)
{
    struct cx *cx = v->cx;
    enum subject subject = subject_of(t->kind);
    size_t count = cx->profile->of_count[subject];
    struct value *values = arena_new(cx->arena, (count + 1) * sizeof *values);
    enum rc rc = sheet_get(values, cx, subject, county, t->id, t->year);
    if (rc != RC_NOTFOUND)
        TRY(rc);
    for (size_t i = 0; i < count; i++)
        if (!value_eq(values[i], t->values[i])) {
            fault(v, "sheet: a value differs from what the journal said last", county, t->id);
            break;
        }
    return RC_OK;
}

static enum rc verify_sheets(struct verifier *v, const struct household *h,
                             const struct member *members, size_t member_count)
{
    struct cx *cx = v->cx;
    struct journal_entry *entries;
    size_t count;
    struct told *told = NULL;
    TRY(journal_of_household(&entries, &count, cx, h->county, h->id, 0, ENTRIES_MAX));
    for (size_t i = 0; i < count; i++)
        tell(&told, cx, &entries[i]);
    for (struct told *t = told; t; t = t->next) {
        /* Of people who came or went, another household's history tells the rest. */
        bool whole = t->kind == KIND_HOUSEHOLD_SHEET;
        for (size_t i = 0; i < member_count && !whole; i++)
            if (members[i].p.id == t->id) {
                struct db_rows rows;
                int64_t homes = 0;
                TRY(DB_SELECT(&rows, cx, &JOURNAL_HOUSEHOLDS_OF, V_I(h->county), V_I(t->id)));
                while (db_next(&rows))
                    homes++;
                TRY(db_done(&rows));
                whole = homes == 1;
            }
        if (whole)
            TRY(compare_told(v, h->county, t));
    }
    return RC_OK;
}

/* ---- households ---- */

static enum rc has_bind(struct cx *cx, const struct member *m, const uint8_t bind[BIND_BYTES])
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &PERSON_BIND_HAS, V_I(m->p.county), V_B(bind, BIND_BYTES),
               V_I(m->p.id)));
    return db_done(&rows);
}

/* Is the import that brought something visible? */
static enum rc is_seen(bool *seen, struct cx *cx, int64_t import_id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &IMPORT_IS_HIDDEN, V_I(import_id));
    *seen = rc == RC_NOTFOUND;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    return db_done(&rows);
}

static enum rc verify_seals(struct verifier *v, const struct member *m)
{
    bool seen;
    struct cx *cx = v->cx;
    struct safe s;
    struct str open[SECRET_COUNT] = {{"", 0}, {"", 0}, {"", 0}};
    TRY(is_seen(&seen, cx, m->import_id));
    enum rc rc = safe_get(&s, cx, m->p.county, m->p.id);
    if (rc == RC_INVALID) {
        err_clear(cx);
        fault(v, "person: the key cannot be unwrapped", m->p.county, m->p.id);
        return RC_OK;
    }
    TRY(rc);
    for (int i = 0; i < SECRET_COUNT; i++) {
        struct str plain;
        uint8_t bind[BIND_BYTES];
        if (m->has[i] != (s.sealed[i].len > 0)) {
            fault(v, "person: blind index and sealed value do not go together", m->p.county,
                  m->p.id);
            continue;
        }
        if (!m->has[i])
            continue;
        rc = unseal(&plain, cx, s.key, s.sealed[i], secret_context((enum secret)i));
        if (rc) {
            err_clear(cx);
            fault(v, "person: a sealed value cannot be opened", m->p.county, m->p.id);
            continue;
        }
        open[i] = plain;
        secret_bind(bind, cx, &v->keys, (enum secret)i, plain);
        rc = i == SECRET_ACCOUNT || !seen ? RC_OK : has_bind(cx, m, bind);
        if (rc != RC_NOTFOUND)
            TRY(rc);
        if (rc == RC_NOTFOUND || !bytes_equal(bind, m->bind[i], BIND_BYTES))
            fault(v, "person: the blind index is not of the sealed value", m->p.county,
                  m->p.id);
    }
    if (m->facts != -1 &&
        m->facts != secret_facts(cx, open[SECRET_IDENTITY], open[SECRET_PHONE], m->p.sex,
                                 m->p.birth_day))
        fault(v, "person: the facts about identity number and phone are of other values",
              m->p.county, m->p.id);
    return RC_OK;
}

static enum rc verify_household(struct verifier *v, int64_t county, int64_t id)
{
    struct cx *cx = v->cx;
    struct household h;
    struct member *members;
    size_t count;
    int64_t import_id, present = 0;
    bool head_here = false;
    TRY(household_load(&h, &import_id, cx, county, id));
    TRY(members_load(&members, &count, cx, county, id));
    for (size_t i = 0; i < count; i++) {
        const struct person *p = &members[i].p;
        present += p->to_day == 0;
        head_here = head_here || (p->id == h.head_id && p->to_day == 0 &&
                                  is_head(cx->profile, p->relation) &&
                                  str_eq_z(str_of(p->name), h.head_name));
        TRY(verify_seals(v, &members[i]));
    }
    if (present != h.people_count)
        fault(v, "household: its size is not the number of its members", county, id);
    if (h.head_id != 0 && !head_here)
        fault(v, "household: its head is not among its members", county, id);
    return verify_sheets(v, &h, members, count);
}

static enum rc verify_county_households(struct verifier *v, int64_t county, int64_t sample)
{
    struct cx *cx = v->cx;
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &VERIFY_HOUSEHOLD_IDS, V_I(county)));
    int64_t low = row_i64(&rows, VERIFY_HOUSEHOLD_IDS_LOWEST);
    int64_t high = row_i64(&rows, VERIFY_HOUSEHOLD_IDS_HIGHEST);
    int64_t total = row_i64(&rows, VERIFY_HOUSEHOLD_IDS_COUNT);
    TRY(db_done(&rows));
    bool all = sample == 0 || sample >= total;
    int64_t wanted = all ? total : sample;
    int64_t step = all ? 0 : (high - low) / sample, after = low - 1;
    for (int64_t done = 0; done < wanted;) {
        int64_t ids[PIECE];
        size_t count = 0;
        /* A sample takes the first household at or after evenly spread ids. */
        TRY(DB_SELECT(&rows, cx, &VERIFY_HOUSEHOLDS, V_I(county), V_I(after),
                      V_I(all ? PIECE : 1)));
        while (db_next(&rows))
            ids[count++] = row_i64(&rows, VERIFY_HOUSEHOLDS_ID);
        TRY(db_done(&rows));
        if (count == 0)
            break;
        for (size_t i = 0; i < count; i++) {
            struct arena_mark mark = arena_mark(cx->arena);
            TRY(verify_household(v, county, ids[i]));
            arena_back(cx->arena, mark);
        }
        done += (int64_t)count;
        after = all ? ids[count - 1] : (ids[0] > after + step ? ids[0] : after + step);
    }
    return RC_OK;
}

static enum rc verify_county(struct verifier *v, int64_t county, int64_t sample)
{
    int64_t entries, bad;
    TRY(journal_verify(&entries, &bad, v->cx, county));
    if (bad)
        fault(v, "journal: the chain does not hold from this entry on", county, bad);
    if (county == 0)
        return RC_OK;
    TRY(verify_areas(v, county));
    return verify_county_households(v, county, sample);
}

enum rc register_verify(struct verify_fault **faults, size_t *count, struct cx *cx,
                        int64_t sample)
{
    struct verifier v = {.cx = cx};
    bind_keys_get(&v.keys, cx->vault);
    v.faults = arena_array(cx->arena, FAULTS_MAX, sizeof *v.faults);
    if (!v.faults)
        return fail(cx, RC_LIMIT, _("There is not enough memory for this check."), "verify");
    struct db_rows rows;
    int64_t last = -1;
    size_t n = COUNTIES_STEP;
    while (n == COUNTIES_STEP) {
        int64_t counties[COUNTIES_STEP];
        n = 0;
        TRY(DB_SELECT(&rows, cx, &JOURNAL_COUNTIES, V_I(last), V_I(COUNTIES_STEP)));
        while (db_next(&rows))
            counties[n++] = row_i64(&rows, JOURNAL_COUNTIES_COUNTY);
        TRY(db_done(&rows));
        for (size_t i = 0; i < n; i++)
            TRY(verify_county(&v, last = counties[i], sample));
    }
    *faults = v.faults;
    *count = v.count;
    return RC_OK;
}

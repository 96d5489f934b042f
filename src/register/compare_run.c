/* One run of a comparison: the file's rows are read, found in the register by number or by
 * score, and what follows from the kind's rules is staged. Reads only; compare_flip.c writes.
 */
#include "base/text.h"
#include "register/compare.sql.h"
#include "register/compare_inner.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRESS_ROWS = 200 };

/* ---- reading ---- */

static bool keep_text(struct str *s, struct arena *keep)
{
    char *p = s->len ? arena_try(keep, s->len) : NULL;
    if (!s->len)
        return true;
    if (p)
        memcpy(p, s->p, s->len);
    s->p = p;
    return p != NULL;
}

static enum rc read_row(struct cx *cx, struct run *r, size_t i)
{
    struct record *rec = &r->records[r->record_count];
    TRY(record_read(rec, &r->reader, r->file.first + i));
    if (!keep_text(&rec->name, r->keep) || !keep_text(&rec->pinyin, r->keep) ||
        !keep_text(&rec->surname, r->keep) || !keep_text(&rec->identity, r->keep) ||
        !keep_text(&rec->place, r->keep))
        return fail(cx, RC_LIMIT, _("The list has too many rows; split it by township."),
                    "record texts");
    rec->phone = (struct str){"", 0};
    r->record_count++;
    return RC_OK;
}

static enum rc read_rows(struct cx *cx, struct run *r)
{
    struct cx work = *cx;
    enum rc rc = RC_OK;
    r->records = arena_array(r->keep, r->file.row_count + 1, sizeof *r->records);
    if (!r->records)
        return fail(cx, RC_LIMIT, _("The list has too many rows; split it by township."),
                    "records");
    work.arena = arena_open(LIMIT_REQUEST_ARENA);
    r->reader.cx = &work;
    for (size_t i = 0; i < r->file.row_count && !rc; i++) {
        arena_reset(work.arena);
        rc = read_row(&work, r, i);
        if (rc)
            rc = import_work_failed(cx, &work, rc);
        else if (i % PROGRESS_ROWS == 0)
            rc = job_progress(cx, r->job, (int64_t)i, (int64_t)r->file.row_count * 2,
                              N_("rows"));
    }
    r->reader.cx = cx;
    arena_free(work.arena);
    return rc;
}

/* ---- by identity number ---- */

static enum rc find_bind(struct cx *cx, struct run *r, struct record *rec, struct str number)
{
    uint8_t hash[BIND_BYTES];
    struct db_rows rows;
    secret_bind(hash, cx, &r->reader.keys, SECRET_IDENTITY, number);
    TRY(DB_SELECT(&rows, cx, &COMPARE_BY_BIND, V_I(r->l.county), V_B(hash, BIND_BYTES)));
    int found = 0;
    while (db_next(&rows)) {
        found++;
        rec->person_id = row_i64(&rows, COMPARE_BY_BIND_ID);
        rec->household_id = row_i64(&rows, COMPARE_BY_BIND_HOUSEHOLD_ID);
    }
    TRY(db_done(&rows));
    if (found == 1) {
        rec->state = ROW_IDENTITY;
        rec->chance = MATCH_UNIT;
    } else {
        rec->person_id = rec->household_id = 0; /* two people with one number: by score */
    }
    return RC_OK;
}

static enum rc match_identities(struct cx *cx, struct run *r)
{
    size_t length = (size_t)cx->profile->identity_length;
    for (size_t i = 0; i < r->record_count; i++) {
        struct record *rec = &r->records[i];
        struct arena_mark mark = arena_mark(cx->arena);
        if (rec->identity.len && !rec->masked && !rec->refusal) {
            TRY(find_bind(cx, r, rec, rec->identity));
            /* A certificate's number is the identity number and more behind it. */
            if (!rec->state && length && rec->identity.len > length)
                TRY(find_bind(cx, r, rec, (struct str){rec->identity.p, length}));
        }
        arena_back(cx->arena, mark);
        if (i % PROGRESS_ROWS == 0)
            TRY(job_progress(cx, r->job, (int64_t)(r->file.row_count + i),
                             (int64_t)r->file.row_count * 2, N_("rows")));
    }
    return RC_OK;
}

/* ---- by score ---- */

static int by_record(const void *a, const void *b)
{
    const struct match_pair *x = a, *y = b;
    if (x->record != y->record)
        return x->record < y->record ? -1 : 1;
    if (x->weight > y->weight || x->weight < y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->person_id < y->person_id ? -1 : x->person_id > y->person_id;
}

static void score_pairs(struct run *r, const struct match_priors *priors)
{
    double share = COMPARE_PRESENT / (double)(r->people > 1 ? r->people : 2);
    match_model_begin(&r->model, priors, share);
    match_model_fit(&r->model, priors, r->counts, &r->outside, COMPARE_STRENGTH,
                    COMPARE_ROUNDS_MAX);
    for (size_t i = 0; i < r->pair_count; i++) {
        struct match_pair *p = &r->pairs[i];
        p->weight = match_weight(&r->model, match_levels_of(p->pattern));
    }
    if (r->pair_count)
        qsort(r->pairs, r->pair_count, sizeof *r->pairs, by_record);
    for (size_t i = 0; i < r->pair_count; i++) {
        struct record *rec = &r->records[r->pairs[i].record];
        if (!rec->pair_count++)
            rec->first_pair = (uint32_t)i;
    }
}

/* What people decided of rows of this kind. */
struct ruling {
    uint8_t key[COMPARE_KEY_BYTES];
    int64_t person_id;
    enum compare_verdict verdict;
};
struct rulings {
    struct ruling *all; /* by key, then person */
    size_t count;
};

static enum rc load_rulings(struct rulings *out, struct cx *cx, struct run *r)
{
    struct db_rows rows;
    size_t room = 0;
    *out = (struct rulings){0};
    TRY(DB_SELECT(&rows, cx, &COMPARE_VERDICTS, V_I(r->l.county), V_T(r->l.kind_code)));
    while (db_next(&rows)) {
        struct str key = row_str(&rows, COMPARE_VERDICTS_ROW_KEY);
        if (key.len != COMPARE_KEY_BYTES)
            continue;
        if (out->count == room) {
            room = room ? 2 * room : 64;
            struct ruling *wider = arena_new(r->keep, room * sizeof *wider);
            if (out->count)
                memcpy(wider, out->all, out->count * sizeof *wider);
            out->all = wider;
        }
        struct ruling *ruling = &out->all[out->count++];
        memcpy(ruling->key, key.p, COMPARE_KEY_BYTES);
        ruling->person_id = row_i64(&rows, COMPARE_VERDICTS_PERSON_ID);
        ruling->verdict = (enum compare_verdict)row_i64(&rows, COMPARE_VERDICTS_VERDICT);
    }
    return db_done(&rows);
}

static enum compare_verdict ruling_of(const struct rulings *all, const struct record *rec,
                                      int64_t person_id)
{
    size_t low = 0, high = all->count;
    while (low < high) {
        size_t at = low + (high - low) / 2;
        int order = memcmp(all->all[at].key, rec->key, COMPARE_KEY_BYTES);
        if (!order)
            order =
                all->all[at].person_id < person_id ? -1 : all->all[at].person_id > person_id;
        if (!order)
            return all->all[at].verdict;
        if (order < 0)
            low = at + 1;
        else
            high = at;
    }
    return VERDICT_NONE;
}

/* The pairs of a record that are worth keeping: the likeliest, and those somebody decided. */
static void keep_pairs(struct run *r, struct record *rec, const struct judged *j)
{
    struct match_pair *mine = r->pairs + rec->first_pair;
    size_t left = 0;
    for (size_t i = 0; i < rec->pair_count; i++) {
        mine[i].chance = (double)j->chances[i] / MATCH_UNIT;
        bool likely = j->chances[i] >= COMPARE_CHANCE_KEPT && rec->state != ROW_LOST;
        if (likely || mine[i].verdict != VERDICT_NONE)
            mine[left++] = mine[i];
    }
    rec->pair_count = (uint32_t)left;
}

static void place_record(struct run *r, const struct rulings *rulings, struct record *rec)
{
    double weights[COMPARE_PAIRS_OF_ROW];
    enum compare_verdict verdicts[COMPARE_PAIRS_OF_ROW];
    struct judged *j = r->judged;
    struct match_pair *mine = r->pairs + rec->first_pair;
    for (size_t i = 0; i < rec->pair_count; i++) {
        verdicts[i] = ruling_of(rulings, rec, mine[i].person_id);
        mine[i].verdict = (int8_t)verdicts[i];
        weights[i] = mine[i].weight;
    }
    compare_judge(j, &r->l, &r->model, weights, verdicts, rec->pair_count);
    rec->state = j->state;
    rec->chance = rec->pair_count ? j->chances[j->chosen] : 0;
    if (rec->state == ROW_SCORE || rec->state == ROW_DECIDED) {
        rec->person_id = mine[j->chosen].person_id;
        rec->household_id = mine[j->chosen].household_id;
    }
    keep_pairs(r, rec, j);
}

static enum rc match_scores(struct cx *cx, struct run *r)
{
    struct rulings rulings;
    TRY(load_rulings(&rulings, cx, r));
    TRY(block_pairs(cx, r));
    score_pairs(r, &cx->profile->compared->priors);
    for (size_t i = 0; i < r->record_count; i++) {
        struct record *rec = &r->records[i];
        if (rec->refusal)
            rec->state = ROW_REFUSED;
        else if (!rec->state)
            place_record(r, &rulings, rec);
    }
    return RC_OK;
}

/* ---- what follows ---- */

/* People whom the list names, or perhaps names. */
struct named {
    int64_t person_id, household_id, row_number, chance;
    bool perhaps;
};

static int by_named(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    if (x->person_id != y->person_id)
        return x->person_id < y->person_id ? -1 : 1;
    if (x->perhaps != y->perhaps)
        return x->perhaps ? 1 : -1;
    return x->row_number < y->row_number ? -1 : x->row_number > y->row_number;
}

static enum rc collect_named(struct named **out, size_t *count, struct cx *cx, struct run *r)
{
    size_t n = 0;
    struct named *all = arena_array(r->keep, r->record_count + r->pair_count + 1, sizeof *all);
    if (!all)
        return fail(cx, RC_LIMIT, _("The list has too many rows; split it by township."),
                    "named");
    for (size_t i = 0; i < r->record_count; i++) {
        const struct record *rec = &r->records[i];
        if (rec->person_id)
            all[n++] = (struct named){rec->person_id, rec->household_id, rec->number,
                                      rec->chance, false};
        for (uint32_t k = 0; rec->state == ROW_REVIEW && k < rec->pair_count; k++)
            if (r->pairs[rec->first_pair + k].verdict != VERDICT_OTHER)
                all[n++] = (struct named){.person_id = r->pairs[rec->first_pair + k].person_id,
                                          .perhaps = true};
    }
    qsort(all, n, sizeof *all, by_named);
    *out = all;
    *count = n;
    return RC_OK;
}

static const struct named *find_named(const struct named *all, size_t count, int64_t person_id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t at = low + (high - low) / 2;
        if (all[at].person_id < person_id)
            low = at + 1;
        else
            high = at;
    }
    return low < count && all[low].person_id == person_id ? &all[low] : NULL;
}

/* Households outside of what the list covers. */
struct covered {
    int64_t *ids; /* ascending */
    size_t count;
    bool all;
};

static int by_id(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static enum rc load_covered(struct covered *out, struct cx *cx, struct run *r)
{
    struct db_rows rows;
    size_t room = 0;
    struct str path = str_of(r->l.area_path);
    *out = (struct covered){.all = path.len <= places_county_len(r->places)};
    if (out->all)
        return RC_OK;
    TRY(DB_SELECT(&rows, cx, &COMPARE_COVERED, V_I(r->l.county), V_S(path),
                  V_S(area_path_end(cx, path))));
    while (db_next(&rows)) {
        if (out->count == room) {
            room = room ? 2 * room : 1024;
            int64_t *wider = arena_new(r->keep, room * sizeof *wider);
            if (out->count)
                memcpy(wider, out->ids, out->count * sizeof *wider);
            out->ids = wider;
        }
        out->ids[out->count++] = row_i64(&rows, COMPARE_COVERED_ID);
    }
    TRY(db_done(&rows));
    if (out->count)
        qsort(out->ids, out->count, sizeof *out->ids, by_id);
    return RC_OK;
}

static bool is_covered(const struct covered *c, int64_t household_id)
{
    return c->all ||
           (c->count && bsearch(&household_id, c->ids, c->count, sizeof *c->ids, by_id));
}

static enum rc stage(struct cx *cx, struct run *r, struct staged s)
{
    if (r->staged_count == COMPARE_FINDINGS_MAX)
        return fail_f(cx, RC_LIMIT,
                      _("More than %s differences: is it the right kind of list, and does it "
                        "cover the whole area?"),
                      "200,000");
    r->staged[r->staged_count++] = s;
    return RC_OK;
}

static enum rc stage_holding(struct cx *cx, struct run *r, const struct holding *h,
                             const struct named *n)
{
    const struct list_kind *kind = r->l.kind;
    for (size_t k = 0; k < kind->rule_count; k++) {
        const struct list_rule *rule = &kind->rules[k];
        bool listed = n && !n->perhaps;
        if (!(h->rules >> k & 1) || rule->listed != listed || (n && n->perhaps))
            continue;
        TRY(stage(cx, r,
                  (struct staged){.rule = rule,
                                  .person_id = h->person_id,
                                  .household_id = h->household_id,
                                  .row_number = listed ? n->row_number : 0,
                                  .chance = listed ? n->chance : 0}));
    }
    return RC_OK;
}

static enum rc find_differences(struct cx *cx, struct run *r)
{
    struct named *named = NULL;
    size_t named_count = 0;
    struct covered covered;
    TRY(collect_named(&named, &named_count, cx, r));
    TRY(load_covered(&covered, cx, r));
    TRY(rules_hold(&r->holdings, &r->holding_count, cx, r->keep, &r->l, 0));
    r->staged = arena_array(r->keep, COMPARE_FINDINGS_MAX, sizeof *r->staged);
    if (!r->staged)
        return fail(cx, RC_LIMIT, _("The county is too large for this comparison."), "staged");
    for (size_t i = 0; i < r->holding_count; i++) {
        const struct holding *h = &r->holdings[i];
        if (is_covered(&covered, h->household_id))
            TRY(stage_holding(cx, r, h, find_named(named, named_count, h->person_id)));
    }
    return RC_OK;
}

/* ---- the whole ---- */

static enum rc run_all(struct cx *cx, struct run *r)
{
    struct cx keep = *cx;
    keep.arena = r->keep;
    enum rc rc = places_load(&r->places, &keep, r->l.county);
    if (rc)
        return import_work_failed(cx, &keep, rc);
    r->reader.places = r->places;
    r->reader.f = &r->file;
    reader_keys(&r->reader, cx);
    r->counts = arena_array(r->keep, MATCH_PATTERNS, sizeof *r->counts);
    r->judged = arena_new(r->keep, sizeof *r->judged);
    if (!r->counts)
        return fail(cx, RC_LIMIT, _("The county is too large for this comparison."), "counts");
    TRY(read_rows(cx, r));
    if (!r->record_count)
        return fail(cx, RC_INVALID, _("The file has a header but no rows of data below it."),
                    "no rows");
    TRY(match_identities(cx, r));
    TRY(match_scores(cx, r));
    TRY(find_differences(cx, r));
    return flip_write(cx, r);
}

enum rc compare_run(struct cx *cx, const struct job *job, const struct compare_list *l)
{
    struct run r = {.l = *l, .job = job, .next_run = l->run + 1};
    if (!l->kind)
        return fail(cx, RC_INVALID, _("The profile no longer knows this kind of list."),
                    "kind");
    TRY(flip_clean(cx, l->county, l->id, l->run));
    TRY(import_file_open(&r.file, cx, 0, l->document_id, l->kind->mapping));
    r.keep = arena_open(COMPARE_BYTES);
    enum rc rc = run_all(cx, &r);
    import_file_close(&r.file);
    arena_free(r.keep);
    TRY(rc);
    return flip_clean(cx, l->county, l->id, r.next_run);
}

/* Writing a run: its rows, pairs and findings go into the database in pieces under a number of
 * their own, unseen, and are seen by one last write. Taking a list back is the same backwards.
 */
#include "base/buf.h"
#include "base/text.h"
#include "register/compare.sql.h"
#include "register/compare_inner.h"

#include <math.h>
#include <stdio.h>

enum { MODEL_BYTES = 4096, DROP_ROWS = 500, MILLI = 1000 };

/* ---- rows and staged findings, in chunks ---- */

struct writing_rows {
    struct run *r;
    size_t from_record, from_staged; /* where this chunk begins: it may be run twice */
    size_t record, staged;           /* the next ones */
};

/* Of those who are nobody's only the number is kept. */
static bool is_kept(const struct record *rec)
{
    return rec->person_id || rec->pair_count;
}

static enum rc write_record(struct cx *cx, struct run *r, const struct record *rec)
{
    struct str sealed = {NULL, 0};
    if (is_kept(rec)) {
        struct reader reader = r->reader;
        reader.cx = cx;
        TRY(record_seal(&sealed, &reader, rec));
    }
    TRY(DB_RUN(cx, &COMPARE_ROW_ADD, V_I(r->l.county), V_I(r->l.id), V_I(r->next_run),
               V_I(rec->number), V_I(rec->state), V_I(rec->refusal), V_I(rec->person_id),
               V_I(rec->chance), rec->pair_count ? V_B(rec->key, COMPARE_KEY_BYTES) : V_NULL,
               sealed.len ? V_B(sealed.p, sealed.len) : V_NULL));

    for (uint32_t k = 0; k < rec->pair_count; k++) {
        const struct match_pair *p = &r->pairs[rec->first_pair + k];
        if (k >= COMPARE_PAIRS_KEPT && p->verdict == VERDICT_NONE)
            continue;
        TRY(DB_RUN(cx, &COMPARE_PAIR_ADD, V_I(r->l.county), V_I(r->l.id), V_I(r->next_run),
                   V_I(rec->number), V_I(p->person_id), V_I(llround(p->chance * MATCH_UNIT)),
                   V_I(llround(p->weight * MILLI)), V_I(p->pattern)));
    }
    return RC_OK;
}

static enum rc write_chunk(struct cx *cx, void *arg)
{
    struct writing_rows *w = arg;
    struct run *r = w->r;
    TRY(job_fence(cx, r->job));
    w->record = w->from_record;
    w->staged = w->from_staged;
    do {
        struct arena_mark mark = arena_mark(cx->arena);
        if (w->record < r->record_count) {
            TRY(write_record(cx, r, &r->records[w->record]));
            w->record++;
        } else if (w->staged < r->staged_count) {
            const struct staged *s = &r->staged[w->staged];
            int64_t id;
            TRY(db_ids(&id, cx, 1));
            TRY(DB_RUN(cx, &COMPARE_STAGE_ADD, V_I(r->l.county), V_I(r->l.id), V_I(r->next_run),
                       V_T(s->rule->code), V_I(s->person_id), V_I(id), V_I(s->household_id),
                       V_I(s->row_number), V_I(s->chance)));
            w->staged++;
        } else {
            break;
        }
        arena_back(cx->arena, mark);
    } while (db_chunk_left_ms(cx) > 0);
    return RC_OK;
}

/* ---- the last write ---- */

static const char *model_text(struct cx *cx, const struct match_model *m)
{
    struct buf b;
    buf_init(&b, cx->arena, MODEL_BYTES);
    buf_printf(&b, "%.9g", m->share);
    for (int f = 0; f < MATCH_FIELDS; f++)
        for (int k = 0; k < MATCH_LEVELS; k++)
            buf_printf(&b, " %.9g %.9g", m->m[f][k], m->u[f][k]);
    return arena_copy(cx->arena, buf_view(&b));
}

static int64_t count_state(const struct run *r, enum compare_row_state state)
{
    int64_t n = 0;
    for (size_t i = 0; i < r->record_count; i++)
        n += r->records[i].state == state;
    return n;
}

static enum rc flip(struct cx *cx, void *arg)
{
    struct run *r = arg;
    const struct compare_list *l = &r->l;
    struct str path = str_of(l->area_path), end = area_path_end(cx, path);
    TRY(job_fence(cx, r->job));
    TRY(DB_RUN(cx, &COMPARE_FLIP_ADD, V_I(l->county), V_I(l->id), V_I(r->next_run),
               V_T(l->kind_code), V_I(l->owner_id), V_I(l->deadline_day), V_I(cx->now_at),
               V_S(path), V_S(end)));
    TRY(DB_RUN(cx, &COMPARE_FLIP_GONE, V_I(l->county), V_I(l->id), V_I(r->next_run),
               V_I(cx->now_at)));
    TRY(DB_RUN(cx, &COMPARE_LIST_REPLACE, V_I(l->county), V_T(l->kind_code), V_S(path),
               V_S(end), V_I(l->id), V_I(l->list_day)));
    TRY(DB_RUN(cx, &COMPARE_FLIP_OLD, V_I(l->county), V_I(l->id), V_I(cx->now_at)));
    return DB_RUN(cx, &COMPARE_LIST_DONE, V_I(l->id), V_I(r->next_run),
                  V_I((int64_t)r->record_count), V_I(count_state(r, ROW_REFUSED)),
                  V_I(count_state(r, ROW_IDENTITY)), V_I(count_state(r, ROW_SCORE)),
                  V_I(count_state(r, ROW_DECIDED)), V_I(count_state(r, ROW_REVIEW)),
                  V_I(count_state(r, ROW_LOST)), V_I(r->pairs_seen), V_I(r->dropped),
                  V_T(model_text(cx, &r->model)), V_I(cx->now_at));
}

enum rc flip_write(struct cx *cx, struct run *r)
{
    struct writing_rows w = {.r = r};
    while (w.record < r->record_count || w.staged < r->staged_count) {
        TRY(db_write_bulk(cx, r->l.county, write_chunk, &w));
        w.from_record = w.record;
        w.from_staged = w.staged;
        TRY(job_progress(cx, r->job, (int64_t)(w.record + w.staged),
                         (int64_t)(r->record_count + r->staged_count), N_("rows written")));
    }
    return db_write(cx, r->l.county, flip, r);
}

/* ---- cleaning and taking back ---- */

struct cleaning {
    int64_t county, list_id, run;
    bool more;
};

static enum rc clean_chunk(struct cx *cx, void *arg)
{
    struct cleaning *c = arg;
    const struct sql *const drops[] = {&COMPARE_ROWS_DROP, &COMPARE_PAIRS_DROP,
                                       &COMPARE_STAGE_DROP};
    c->more = false;
    for (size_t i = 0; i < sizeof drops / sizeof *drops && !c->more; i++) {
        int64_t changed;
        do
            TRY(DB_RUN_COUNT(&changed, cx, drops[i], V_I(c->county), V_I(c->list_id),
                             V_I(c->run), V_I(DROP_ROWS)));
        while (changed == DROP_ROWS && db_chunk_left_ms(cx) > 0);
        c->more = changed == DROP_ROWS;
    }
    return RC_OK;
}

enum rc flip_clean(struct cx *cx, int64_t county, int64_t list_id, int64_t run)
{
    struct cleaning c = {county, list_id, run, true};
    while (c.more)
        TRY(db_write_bulk(cx, county, clean_chunk, &c));
    return RC_OK;
}

struct undoing {
    const struct compare_list *l;
    const struct job *job;
};

static enum rc take_back(struct cx *cx, void *arg)
{
    const struct undoing *u = arg;
    const struct compare_list *l = u->l;
    TRY(job_fence(cx, u->job));
    TRY(DB_RUN(cx, &COMPARE_FINDINGS_DROP, V_I(l->county), V_I(l->id)));
    TRY(DB_RUN(cx, &COMPARE_RESTORE_OLD, V_I(l->county), V_I(l->id)));
    TRY(DB_RUN(cx, &COMPARE_LIST_RESTORE, V_I(l->county), V_I(l->id)));
    return DB_RUN(cx, &COMPARE_LIST_STATE, V_I(l->id), V_I(COMPARE_UNDONE), V_T(""));
}

enum rc flip_undo(struct cx *cx, const struct job *job, const struct compare_list *l)
{
    TRY(flip_clean(cx, l->county, l->id, -1)); /* the page says "being taken back" meanwhile */
    struct undoing u = {l, job};
    return db_write(cx, l->county, take_back, &u);
}

/* Deadlines: setting them, and firing what is due in chunks of a county. A batch is fired in
 * one savepoint; only when one of it fails is the batch undone and each fired in its own. */
#include "work/deadline.h"

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "work/deadline.sql.h"
#include "work/job.h"

#include <assert.h>
#include <string.h>

enum {
    BATCH = 100,
    RETRY_S = 60,
    LATE_S = 10, /* due for longer than this: the clock is behind */
    COUNTIES_MAX = 4096,
    KIND_MAX = 64,
    ERROR_MAX = 200
};

/* ---- setting ---- */

enum rc deadline_set(struct cx *cx, int64_t county, const char *kind, int64_t subject_id,
                     int64_t at, int32_t step)
{
    int64_t id;
    assert(kind && kind[0] && strlen(kind) < KIND_MAX);
    if (at == 0)
        return deadline_clear(cx, county, kind, subject_id);
    TRY(db_ids(&id, cx, 1));
    return DB_RUN(cx, &DEADLINE_PUT, V_I(county), V_T(kind), V_I(subject_id), V_I(id), V_I(at),
                  V_I(step));
}

enum rc deadline_clear(struct cx *cx, int64_t county, const char *kind, int64_t subject_id)
{
    return DB_RUN(cx, &DEADLINE_DELETE, V_I(county), V_T(kind), V_I(subject_id));
}

enum rc deadline_get(struct deadline *out, struct cx *cx, int64_t county, const char *kind,
                     int64_t subject_id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &DEADLINE_ONE, V_I(county), V_T(kind), V_I(subject_id)));
    struct deadline d = {
        .county = county,
        .id = row_i64(&rows, DEADLINE_ONE_ID),
        .at = row_i64(&rows, DEADLINE_ONE_AT),
        .kind = arena_copy(cx->arena, str_of(kind)),
        .subject_id = subject_id,
        .step = (int32_t)row_i64(&rows, DEADLINE_ONE_STEP),
    };
    TRY(db_done(&rows));
    *out = d;
    return RC_OK;
}

/* ---- kinds ---- */

static const struct deadline_kind *all_kinds;
static size_t all_count;

void deadline_kinds_set(const struct deadline_kind *kinds, size_t count)
{
    all_kinds = kinds;
    all_count = count;
}

static deadline_fn fire_of(const char *kind)
{
    for (size_t i = 0; i < all_count; i++)
        if (!strcmp(all_kinds[i].name, kind))
            return all_kinds[i].fire;
    return NULL;
}

/* ---- firing ---- */

/* How far a pass over a county's due rows has come, and how many it has fired. */
struct place {
    int64_t at, id, fired;
};
struct firing {
    int64_t county, now_at;
    struct place from, to; /* `to` is where the chunk ended */
    int64_t fired;
    bool done; /* nothing of the county is left */
};

static enum rc read_due(struct deadline *out, size_t *count, struct cx *cx,
                        const struct firing *f, struct place *last)
{
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &DEADLINE_NEXT, V_I(f->county), V_I(f->now_at), V_I(last->at),
                  V_I(last->id), V_I(BATCH)));
    while (n < BATCH && db_next(&rows)) {
        struct deadline *d = &out[n++];
        *d = (struct deadline){
            .county = f->county,
            .id = row_i64(&rows, DEADLINE_NEXT_ID),
            .at = row_i64(&rows, DEADLINE_NEXT_AT),
            .kind = arena_copy(cx->arena, row_str(&rows, DEADLINE_NEXT_KIND)),
            .subject_id = row_i64(&rows, DEADLINE_NEXT_SUBJECT_ID),
            .step = (int32_t)row_i64(&rows, DEADLINE_NEXT_STEP),
        };
        last->at = row_i64(&rows, DEADLINE_NEXT_NEXT_AT);
        last->id = d->id;
    }
    TRY(db_done(&rows));
    *count = n;
    return RC_OK;
}

static enum rc take(bool *taken, struct cx *cx, const struct deadline *d)
{
    int64_t count;
    TRY(DB_RUN_COUNT(&count, cx, &DEADLINE_TAKE, V_I(d->county), V_T(d->kind),
                     V_I(d->subject_id), V_I(d->id)));
    *taken = count == 1;
    return RC_OK;
}

/* The row goes first, so that the handler may set it again. */
static enum rc fire_one(int64_t *fired, struct cx *cx, const struct deadline *d)
{
    bool taken;
    deadline_fn fire = fire_of(d->kind);
    TRY(take(&taken, cx, d));
    if (!taken)
        return RC_OK;
    if (!fire)
        return fail(cx, RC_INVALID, _("This program does not know this kind of deadline."),
                    "kind=%s", d->kind);
    TRY(fire(cx, d));
    ++*fired;
    return RC_OK;
}

/* Its savepoint was undone: the row ends without effect, or is tried again later. */
static enum rc give_up(struct cx *cx, const struct firing *f, const struct deadline *d,
                       enum rc rc)
{
    bool taken;
    const char *error =
        arena_printf(cx->arena, "%s %.*s", rc_name(rc), ERROR_MAX, cx->err.detail);
    err_clear(cx);
    if (rc == RC_CONFLICT || rc == RC_NOTFOUND)
        return take(&taken, cx, d);
    log_event(LOG_LEVEL_WARN, "deadline.failed",
              "county=%" PRId64 " kind=%s subject=%" PRId64 " rc=%s", d->county, d->kind,
              d->subject_id, rc_name(rc));
    return DB_RUN(cx, &DEADLINE_FAILED, V_I(d->county), V_T(d->kind), V_I(d->subject_id),
                  V_I(d->id), V_I(f->now_at + RETRY_S), V_T(error));
}

static enum rc fire_each(int64_t *fired, struct cx *cx, const struct firing *f,
                         const struct deadline *due, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(db_savepoint(cx));
        enum rc rc = fire_one(fired, cx, &due[i]);
        if (rc) {
            TRY(db_undo(cx));
            TRY(give_up(cx, f, &due[i], rc));
        } else {
            TRY(db_release(cx));
        }
    }
    return RC_OK;
}

static enum rc fire_batch(int64_t *fired, struct cx *cx, const struct firing *f,
                          const struct deadline *due, size_t count)
{
    enum rc rc = RC_OK;
    int64_t n = 0;
    TRY(db_savepoint(cx));
    for (size_t i = 0; i < count && !rc; i++)
        rc = fire_one(&n, cx, &due[i]);
    if (!rc) {
        TRY(db_release(cx));
    } else {
        n = 0;
        err_clear(cx);
        TRY(db_undo(cx));
        TRY(fire_each(&n, cx, f, due, count));
    }
    *fired += n;
    return RC_OK;
}

/* A pass that fired something is followed by another: handlers may have set what is due. */
static enum rc fire_chunk(struct cx *cx, void *arg)
{
    struct firing *f = arg;
    struct place last = f->from;
    int64_t fired = 0;
    bool done = false;
    cx->actor = NULL;
    cx->now_at = f->now_at;
    do {
        struct arena_mark mark = arena_mark(cx->arena);
        size_t count = 0;
        int64_t before = fired;
        struct deadline *due = arena_new(cx->arena, BATCH * sizeof *due);
        TRY(read_due(due, &count, cx, f, &last));
        TRY(fire_batch(&fired, cx, f, due, count));
        last.fired += fired - before;
        done = count == 0 && last.fired == 0;
        if (count == 0)
            last = (struct place){0, 0, 0};
        arena_back(cx->arena, mark);
    } while (!done && db_chunk_left_ms(cx) > 0);
    f->to = last; /* only now: a closure may run twice */
    f->fired = fired;
    f->done = done;
    return RC_OK;
}

static enum rc due_counties(int64_t *counties, size_t *count, struct cx *cx, int64_t now_at)
{
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &DEADLINE_COUNTIES, V_I(now_at)));
    while (n < COUNTIES_MAX && db_next(&rows))
        counties[n++] = row_i64(&rows, 0);
    *count = n;
    return db_done(&rows);
}

/* One chunk of each county in turn. What fails as a whole (the database) is left for the next
 * time and does not stop the others. */
static enum rc fire_round(int64_t *fired, bool *more, struct cx *cx, struct firing *all,
                          size_t count)
{
    enum rc first = RC_OK;
    *more = false;
    for (size_t i = 0; i < count; i++) {
        struct firing *f = &all[i];
        if (f->done || job_clock_stopping())
            continue;
        enum rc rc = db_write_bulk(cx, f->county, fire_chunk, f);
        if (rc) {
            f->done = true;
            first = first ? first : rc;
            continue;
        }
        f->from = f->to;
        *fired += f->fired;
        *more = *more || !f->done;
    }
    return first;
}

enum rc deadline_fire_due(int64_t *fired, struct cx *cx)
{
    size_t count;
    int64_t now_at = time_now(), n = 0;
    bool more;
    enum rc rc = RC_OK;
    int64_t *counties = arena_new(cx->arena, COUNTIES_MAX * sizeof *counties);
    TRY(due_counties(counties, &count, cx, now_at));
    struct firing *all = arena_new(cx->arena, (count + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = (struct firing){.county = counties[i], .now_at = now_at};
    do {
        enum rc now = fire_round(&n, &more, cx, all, count);
        rc = rc ? rc : now;
    } while (more && !job_clock_stopping());
    *fired = n;
    return rc;
}

/* ---- figures ---- */

enum rc deadline_figures_get(struct deadline_figures *out, struct cx *cx)
{
    struct db_rows rows;
    struct deadline_figures f = {0};
    TRY(DB_ONE(&rows, cx, &DEADLINE_LATE, V_I(time_now() - LATE_S)));
    f.late = row_i64(&rows, DEADLINE_LATE_LATE);
    f.oldest_at = row_i64(&rows, DEADLINE_LATE_OLDEST_AT);
    TRY(db_done(&rows));
    TRY(DB_ONE0(&rows, cx, &DEADLINE_FAILING));
    f.failing = row_i64(&rows, DEADLINE_FAILING_COUNT);
    TRY(db_done(&rows));
    *out = f;
    return RC_OK;
}

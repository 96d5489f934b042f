/* Applying an import: households are built and prepared in batches, written in chunks that
 * leave room for others, resumed from the last finished batch, and become visible by one flip.
 * The first load of a county looks nothing up, so there a second thread makes the next batch
 * meanwhile. */
#include "base/fault.h"
#include "base/text.h"
#include "db/db.h"
#include "register/import.sql.h"
#include "register/import_inner.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum {
    BATCH_HOUSEHOLDS = 512,
    WRITE_AT_ONCE = 64, /* households between two looks at the clock */
    WRITE_AT_ONCE_ALONE =
        256, /* while nobody else waits: ids and savepoints once for more of them */
    WORK_BYTES = 96 * 1024 * 1024,
    LINE_SLOTS = 2,
};

struct batch {
    struct pass *p;
    const struct job *job;
    struct prepared *list[BATCH_HOUSEHOLDS];
    uint64_t codes[BATCH_HOUSEHOLDS]; /* hashes of their numbers */
    size_t count, written;
    int64_t groups_done, rows_done;
};

/* Writes as many of the batch as the chunk's time allows; what stands in the import's row
 * afterwards is what was written. */
static enum rc write_chunk(struct cx *cx, void *arg)
{
    struct batch *b = arg;
    size_t at = b->written, at_once = WRITE_AT_ONCE;
    struct change_counts ignored = {0};
    cx->actor = b->p->actor; /* in whose name the journal is written */
    if (fault_hit("import.chunk"))
        return fail(cx, RC_IO, _("The disk is full; nothing of this step was kept."),
                    "import.chunk");
    TRY(job_fence(cx, b->job));
    do {
        size_t n = b->count - at < at_once ? b->count - at : at_once;
        if (n)
            TRY(register_write(&ignored, cx, &b->p->source, b->list + at, n));
        at += n;
        at_once = WRITE_AT_ONCE_ALONE;
    } while (at < b->count && db_chunk_left_ms(cx) > 0);
    if (at == b->count)
        TRY(DB_RUN(cx, &IMPORT_PROGRESS, V_I(b->p->i.id), V_I(b->groups_done),
                   V_I(b->rows_done)));
    b->written = at;
    return RC_OK;
}

/* A batch is one unit for resuming: several commits, each household once; after a crash within
 * it the households already written are found by their number and compare as unchanged. */
static enum rc write_batch(struct cx *cx, struct batch *b, int64_t total)
{
    b->written = 0;
    do
        TRY(db_write_bulk(cx, b->p->i.county, write_chunk, b));
    while (b->written < b->count);
    return job_progress(cx, b->job, b->rows_done, total, N_("rows"));
}

/* Is the record's household already in the batch (another year of it)? */
static bool in_batch(const struct batch *b, uint64_t code)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->codes[i] == code)
            return true;
    return false;
}

enum rc import_work_failed(struct cx *cx, const struct cx *work, enum rc rc)
{
    cx->err = work->err;
    return rc;
}

/* Makes the next batch from the group *at on, with memory of `work`; ends before a household
 * that the batch holds already, since it must be compared with what that one leaves. */
static enum rc fill_batch(struct batch *b, struct cx *work, const struct groups *g, size_t *at)
{
    struct pass *p = b->p;
    b->count = 0;
    while (*at < g->count && b->count < BATCH_HOUSEHOLDS) {
        struct household_record *record = arena_new(work->arena, sizeof *record);
        bool usable;
        size_t start = g->starts[*at], count = g->starts[*at + 1] - start;
        TRY(import_household_build(record, &usable, work, p, g->indexes + start, count));
        uint64_t code = usable ? import_hash(STR(""), record->code) : 0;
        if (usable && !p->fresh && in_batch(b, code))
            return RC_OK;
        if (usable) {
            b->codes[b->count] = code;
            TRY(register_prepare(&b->list[b->count++], work, &p->source, record));
        }
        *at += 1;
        b->groups_done = (int64_t)*at;
        b->rows_done = (int64_t)g->starts[*at];
    }
    return RC_OK;
}

/* One batch after the other: each is looked up in what the one before left. */
static enum rc apply_in_turn(struct cx *cx, const struct job *job, struct pass *p,
                             const struct groups *g, size_t at)
{
    struct arena *arena = arena_open(WORK_BYTES);
    struct batch *b = arena_new(p->keep, sizeof *b);
    enum rc rc = RC_OK;
    *b = (struct batch){.p = p, .job = job};
    while (at < g->count && !rc) {
        struct cx work = *cx;
        arena_reset(arena);
        work.arena = arena;
        rc = fill_batch(b, &work, g, &at);
        if (rc)
            rc = import_work_failed(cx, &work, rc);
        else
            rc = write_batch(cx, b, (int64_t)g->starts[g->count]);
    }
    arena_free(arena);
    return rc;
}

/* ---- two threads ---- */

/* A belt of two batches: one is being made while the other is being written. */
struct line {
    const struct cx *caller;
    const struct groups *g;
    size_t at;
    struct batch *batches[LINE_SLOTS];
    struct arena *arenas[LINE_SLOTS];
    sem_t empty, full;
    atomic_bool stop;   /* the writer failed: nothing more is wanted */
    atomic_size_t made; /* batches handed over */
    enum rc rc;         /* of the maker; read after its last `full` */
    struct err err;
};

static void *make_batches(void *arg)
{
    struct line *l = arg;
    struct cx work = *l->caller;
    work.db = NULL;
    err_clear(&work);
    work.arena = l->arenas[0];
    l->rc = db_attach(&work);
    for (size_t slot = 0; !l->rc && l->at < l->g->count; slot = (slot + 1) % LINE_SLOTS) {
        sem_wait(&l->empty);
        if (atomic_load(&l->stop))
            break;
        arena_reset(l->arenas[slot]);
        work.arena = l->arenas[slot];
        l->rc = fill_batch(l->batches[slot], &work, l->g, &l->at);
        if (l->rc)
            break;
        atomic_fetch_add(&l->made, 1);
        sem_post(&l->full);
    }
    l->err = work.err;
    db_detach(&work);
    sem_post(&l->full); /* the last word: nothing more comes */
    return NULL;
}

static enum rc write_line(struct cx *cx, struct line *l)
{
    int64_t total = (int64_t)l->g->starts[l->g->count];
    enum rc rc = RC_OK;
    for (size_t written = 0; !rc; written++) {
        sem_wait(&l->full);
        if (written == atomic_load(&l->made)) /* the maker's last word */
            break;
        rc = write_batch(cx, l->batches[written % LINE_SLOTS], total);
        atomic_store(&l->stop, rc != RC_OK);
        sem_post(&l->empty);
    }
    return rc;
}

static enum rc apply_on_line(struct cx *cx, const struct job *job, struct pass *p,
                             const struct groups *g, size_t from)
{
    struct line l = {.caller = cx, .g = g, .at = from};
    pthread_t maker;
    sem_init(&l.empty, 0, LINE_SLOTS);
    sem_init(&l.full, 0, 0);
    for (size_t i = 0; i < LINE_SLOTS; i++) {
        l.arenas[i] = arena_open(WORK_BYTES);
        l.batches[i] = arena_new(p->keep, sizeof *l.batches[i]);
        *l.batches[i] = (struct batch){.p = p, .job = job};
    }
    enum rc rc;
    if (pthread_create(&maker, NULL, make_batches, &l)) {
        rc = apply_in_turn(cx, job, p, g, from);
    } else {
        rc = write_line(cx, &l);
        pthread_join(maker, NULL);
        if (!rc && l.rc) {
            cx->err = l.err;
            rc = l.rc;
        }
    }
    for (size_t i = 0; i < LINE_SLOTS; i++)
        arena_free(l.arenas[i]);
    sem_destroy(&l.empty);
    sem_destroy(&l.full);
    return rc;
}

/* ---- the whole ---- */

static enum rc flip(struct cx *cx, void *arg)
{
    const struct pass *p = arg;
    cx->actor = p->actor;
    TRY(register_flip(cx, p->i.county, p->i.id));
    return DB_RUN(cx, &IMPORT_FINISH, V_I(p->i.id), V_I(IMPORT_DONE), V_I(cx->now_at), V_I(0),
                  V_I(0));
}

enum rc import_apply_groups(struct cx *cx, const struct job *job, struct pass *p,
                            const struct groups *g)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &IMPORT_MORE, V_I(p->i.id)));
    size_t from = (size_t)row_i64(&rows, IMPORT_MORE_GROUPS_DONE);
    TRY(db_done(&rows));
    if (from > 0)
        p->fresh = false;
    TRY(p->fresh ? apply_on_line(cx, job, p, g, from) : apply_in_turn(cx, job, p, g, from));
    TRY(register_index(cx, p->i.county, p->i.id));
    if (fault_hit("import.flip"))
        return fail(cx, RC_IO, _("The disk is full; nothing of this step was kept."),
                    "import.flip");
    return db_write(cx, p->i.county, flip, p);
}

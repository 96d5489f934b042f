/* Imports: their rows, their steps as jobs. The work itself is in import_pass.c. */
#include "register/import.h"

#include "base/file.h"
#include "base/text.h"
#include "db/db.h"
#include "people/actor.h"
#include "register/import.sql.h"
#include "register/import_inner.h"
#include "store/store.h"

#include <unistd.h>

enum { MAPPING_BYTES = 1024 * 1024, LIST_MAX = 500 };

static struct import row_import(const struct db_rows *r)
{
    return (struct import){
        .id = row_i64(r, IMPORT_SELECT_ID),
        .county = row_i64(r, IMPORT_SELECT_COUNTY),
        .document_id = row_i64(r, IMPORT_SELECT_DOCUMENT_ID),
        .user_id = row_i64(r, IMPORT_SELECT_USER_ID),
        .file_name = row_copy(r, IMPORT_SELECT_FILE_NAME).p,
        .mapping = row_copy(r, IMPORT_SELECT_MAPPING).p,
        .year = (int32_t)row_i64(r, IMPORT_SELECT_YEAR),
        .state = (enum import_state)row_i64(r, IMPORT_SELECT_STATE),
        .job_id = row_i64(r, IMPORT_SELECT_JOB_ID),
        .rows_total = row_i64(r, IMPORT_SELECT_ROWS_TOTAL),
        .rows_good = row_i64(r, IMPORT_SELECT_ROWS_GOOD),
        .rows_refused = row_i64(r, IMPORT_SELECT_ROWS_REFUSED),
        .error_count = row_i64(r, IMPORT_SELECT_ERROR_COUNT),
        .warning_count = row_i64(r, IMPORT_SELECT_WARNING_COUNT),
        .counts = {.households = {row_i64(r, IMPORT_SELECT_HOUSEHOLDS_SAME),
                                  row_i64(r, IMPORT_SELECT_HOUSEHOLDS_NEW),
                                  row_i64(r, IMPORT_SELECT_HOUSEHOLDS_CHANGED)},
                   .people = {row_i64(r, IMPORT_SELECT_PEOPLE_SAME),
                              row_i64(r, IMPORT_SELECT_PEOPLE_NEW),
                              row_i64(r, IMPORT_SELECT_PEOPLE_CHANGED)},
                   .incomes = {row_i64(r, IMPORT_SELECT_INCOMES_SAME),
                               row_i64(r, IMPORT_SELECT_INCOMES_NEW),
                               row_i64(r, IMPORT_SELECT_INCOMES_CHANGED)},
                   .missing_people = row_i64(r, IMPORT_SELECT_PEOPLE_MISSING)},
        .rows_done = row_i64(r, IMPORT_SELECT_ROWS_DONE),
        .kept_count = row_i64(r, IMPORT_SELECT_KEPT_COUNT),
        .created_at = row_i64(r, IMPORT_SELECT_CREATED_AT),
        .checked_at = row_i64(r, IMPORT_SELECT_CHECKED_AT),
        .applied_at = row_i64(r, IMPORT_SELECT_APPLIED_AT),
        .undone_at = row_i64(r, IMPORT_SELECT_UNDONE_AT),
        .message = row_copy(r, IMPORT_SELECT_MESSAGE).p,
    };
}

/* One's own imports, and those of a county in which one may import all over it. */
static enum rc may_see(bool *may, struct cx *cx, const struct import *i)
{
    struct db_rows rows;
    *may = !cx->actor || cx->actor->user_id == i->user_id ||
           actor_may_in(cx, "import.run", STR(""));
    if (*may || !i->county)
        return RC_OK;
    enum rc rc =
        DB_ONE(&rows, cx, &IMPORT_TENANT_AREA, V_I(cx->profile->tenant_level), V_I(i->county));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *may = actor_may_in(cx, "import.run", row_str(&rows, IMPORT_TENANT_AREA_PATH));
    return db_done(&rows);
}

enum rc import_get(struct import *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    bool may;
    enum rc rc = DB_ONE(&rows, cx, &IMPORT_SELECT, V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such import, or it is another office's."),
                    "import=%" PRId64, id);
    TRY(rc);
    struct import i = row_import(&rows);
    TRY(db_done(&rows));
    TRY(may_see(&may, cx, &i));
    if (!may)
        return fail(cx, RC_NOTFOUND, _("There is no such import, or it is another office's."),
                    "import=%" PRId64, id);
    *out = i;
    return RC_OK;
}

enum rc import_list(struct import **out, size_t *count, struct cx *cx, int64_t before_id,
                    size_t max)
{
    struct db_rows rows;
    max = max > LIST_MAX ? LIST_MAX : max;
    int64_t *ids = arena_new(cx->arena, (max + 1) * sizeof *ids);
    size_t id_count = 0;
    *out = arena_new(cx->arena, (max + 1) * sizeof **out);
    *count = 0;
    TRY(DB_SELECT(&rows, cx, &IMPORT_IDS, V_I(before_id ? before_id : INT64_MAX),
                  V_I((int64_t)max)));
    while (db_next(&rows) && id_count < max)
        ids[id_count++] = row_i64(&rows, IMPORT_IDS_ID);
    TRY(db_done(&rows));
    for (size_t i = 0; i < id_count; i++) {
        enum rc rc = import_get(&(*out)[*count], cx, ids[i]);
        if (rc == RC_NOTFOUND) {
            err_clear(cx);
            continue;
        }
        TRY(rc);
        (*count)++;
    }
    return RC_OK;
}

/* ---- a new one ---- */

struct new_import {
    int64_t id, county, document_id;
    const char *file_name, *mapping;
    struct str mapping_text;
    int32_t year;
};

static enum rc insert_import(struct cx *cx, void *arg)
{
    struct new_import *n = arg;
    TRY(db_ids(&n->id, cx, 1));
    return DB_RUN(cx, &IMPORT_INSERT, V_I(n->id), V_I(n->county), V_I(n->document_id),
                  V_I(cx->actor ? cx->actor->user_id : 0), V_T(n->file_name), V_T(n->mapping),
                  V_S(n->mapping_text), V_I(n->year), V_I(cx->now_at));
}

/* A name of the profile, or the path of a file whose text is kept with the import. */
static enum rc choose_mapping(struct new_import *n, struct cx *cx, struct str name)
{
    n->mapping = "";
    n->mapping_text = STR("");
    if (!name.len)
        return RC_OK;
    if (profile_mapping(cx->profile, name)) {
        n->mapping = arena_copy(cx->arena, name);
        return RC_OK;
    }
    bool is_path = str_find(name, STR("/")) != SIZE_MAX || str_ends(name, STR(".csv"));
    if (!is_path || cx->actor) /* only a command at the machine itself reads files by path */
        return fail_f(cx, RC_INVALID, _("There is no mapping called \"%.*s\" in the profile."),
                      STR_ARG(name));
    struct mapping *ignored;
    struct profile_faults faults = {0};
    const char *path = arena_copy(cx->arena, name);
    enum rc rc = mapping_load(&ignored, &faults, cx, path);
    if (rc && faults.count) {
        err_clear(cx);
        return fail_f(cx, RC_INVALID, _("%s, row %s, %s: %s"), path,
                      arena_printf(cx->arena, "%" PRId64, faults.rows[0].row),
                      faults.rows[0].field, faults.rows[0].message);
    }
    TRY(rc);
    n->mapping = "file";
    return file_read(&n->mapping_text, cx, path, MAPPING_BYTES);
}

enum rc import_add(int64_t *id, struct cx *cx, int64_t county, int64_t document_id,
                   struct str mapping_name, int32_t year)
{
    struct document document;
    TRY(actor_require(cx, "import.run"));
    TRY(store_get(&document, cx, 0, document_id));
    struct new_import n = {
        .county = county, .document_id = document_id, .file_name = document.name, .year = year};
    TRY(choose_mapping(&n, cx, mapping_name));
    TRY(db_write(cx, 0, insert_import, &n));
    *id = n.id;
    return RC_OK;
}

enum rc import_mapping(const struct mapping **out, struct cx *cx, const struct import *i)
{
    struct db_rows rows;
    *out = NULL;
    if (!i->mapping[0])
        return RC_OK;
    if (strcmp(i->mapping, "file")) {
        *out = profile_mapping(cx->profile, str_of(i->mapping));
        return *out
                   ? RC_OK
                   : fail_f(cx, RC_INVALID,
                            _("There is no mapping called \"%s\" in the profile."), i->mapping);
    }
    TRY(DB_ONE(&rows, cx, &IMPORT_MORE, V_I(i->id)));
    struct str text = row_copy(&rows, IMPORT_MORE_MAPPING_TEXT);
    TRY(db_done(&rows));
    const char *path = arena_printf(cx->arena, "%s/mapping-%" PRId64 ".csv", cx->dir, i->id);
    TRY(file_write(cx, path, text, 0600));
    struct mapping *m;
    struct profile_faults faults = {0};
    enum rc rc = mapping_load(&m, &faults, cx, path);
    (void)unlink(path);
    *out = rc ? NULL : m;
    return rc;
}

/* ---- steps ---- */

struct step {
    int64_t id, county;
    enum import_state from_a, from_b, to;
    const char *kind;
    bool now; /* the caller runs the job itself */
};

static enum rc take_step(struct cx *cx, void *arg)
{
    const struct step *s = arg;
    int64_t job_id = 0, changed;
    if (!s->now)
        TRY(job_add(&job_id, cx, s->county, s->kind, arena_printf(cx->arena, "%" PRId64, s->id),
                    0));
    TRY(DB_RUN_COUNT(&changed, cx, &IMPORT_STEP, V_I(s->id), V_I(s->from_a), V_I(s->from_b),
                     V_I(s->to), V_I(job_id)));
    if (!changed)
        return fail(cx, RC_CONFLICT,
                    _("This import has moved on in the meantime; reload the page."),
                    "import=%" PRId64, s->id);
    return RC_OK;
}

static enum rc queue_step(struct cx *cx, int64_t id, const char *permission, struct step step)
{
    struct import i;
    TRY(actor_require(cx, permission));
    TRY(import_get(&i, cx, id));
    step.id = id;
    step.county = i.county;
    return db_write(cx, 0, take_step, &step);
}

static enum rc check_step(struct step *s, struct cx *cx, int64_t id)
{
    struct import i;
    TRY(import_get(&i, cx, id));
    if (i.rows_done > 0)
        return fail(
            cx, RC_CONFLICT,
            _("Part of this import is already taken over: continue it or take it back."),
            "check after apply");
    bool is_new = i.state == IMPORT_CREATED;
    *s = (struct step){.from_a = is_new ? IMPORT_CREATED : IMPORT_CHECKED,
                       .from_b = is_new ? IMPORT_CREATED : IMPORT_FAILED,
                       .to = IMPORT_CHECKING,
                       .kind = "import.check"};
    return RC_OK;
}

static enum rc apply_step(struct step *s, struct cx *cx, int64_t id)
{
    struct import i;
    TRY(import_get(&i, cx, id));
    if (!i.checked_at)
        return fail(cx, RC_CONFLICT, _("This import was not checked yet."),
                    "apply before check");
    *s = (struct step){.from_a = IMPORT_CHECKED,
                       .from_b = IMPORT_FAILED,
                       .to = IMPORT_APPLYING,
                       .kind = "import.apply"};
    return RC_OK;
}

static const struct step undo_step = {.from_a = IMPORT_DONE,
                                      .from_b = IMPORT_FAILED,
                                      .to = IMPORT_UNDOING,
                                      .kind = "import.undo"};

enum rc import_queue_check(struct cx *cx, int64_t id)
{
    struct step s;
    TRY(check_step(&s, cx, id));
    return queue_step(cx, id, "import.run", s);
}

enum rc import_queue_apply(struct cx *cx, int64_t id)
{
    struct step s;
    TRY(apply_step(&s, cx, id));
    return queue_step(cx, id, "import.run", s);
}

enum rc import_queue_undo(struct cx *cx, int64_t id)
{
    return queue_step(cx, id, "import.undo", undo_step);
}

static enum rc run_step_now(struct cx *cx, int64_t id, const char *permission, struct step s)
{
    struct import i;
    s.now = true;
    TRY(queue_step(cx, id, permission, s));
    TRY(import_get(&i, cx, id));
    for (size_t k = 0; k < import_job_kind_count; k++)
        if (!strcmp(import_job_kinds[k].name, s.kind))
            return job_run_now(cx, &import_job_kinds[k], i.county,
                               arena_printf(cx->arena, "%" PRId64, id));
    return fail(cx, RC_INVALID, "", "job kind");
}

enum rc import_check_now(struct cx *cx, int64_t id)
{
    struct step s;
    TRY(check_step(&s, cx, id));
    return run_step_now(cx, id, "import.run", s);
}

enum rc import_apply_now(struct cx *cx, int64_t id)
{
    struct step s;
    struct import i;
    TRY(import_get(&i, cx, id));
    TRY(apply_step(&s, cx, id));
    if (i.state == IMPORT_APPLYING) /* cut off by a crash of the command that ran it */
        s.from_a = IMPORT_APPLYING;
    return run_step_now(cx, id, "import.run", s);
}

enum rc import_undo_now(struct cx *cx, int64_t id)
{
    return run_step_now(cx, id, "import.undo", undo_step);
}

/* ---- jobs ---- */

struct state_set {
    int64_t id;
    enum import_state state;
    const char *message;
};

static enum rc set_state(struct cx *cx, void *arg)
{
    const struct state_set *s = arg;
    return DB_RUN(cx, &IMPORT_STATE_SET, V_I(s->id), V_I(s->state), V_T(s->message));
}

/* A job that was cut off (RC_BUSY) is resumed; what the file or the disk did is told to the
 * person. */
static enum rc note_failure(struct cx *cx, const struct job *job, enum rc rc)
{
    int64_t id;
    if (!rc || rc == RC_BUSY || !str_to_i64(&id, str_of(job->argument)))
        return rc;
    struct err err = cx->err;
    struct state_set s = {id, IMPORT_FAILED, arena_copy(cx->arena, str_of(err.text))};
    err_clear(cx);
    enum rc noted = db_write(cx, 0, set_state, &s);
    (void)noted; /* the first failure is the one to report */
    cx->err = err;
    return rc;
}

static enum rc run_check(struct cx *cx, const struct job *job)
{
    return note_failure(cx, job, import_pass_run(cx, job, PASS_CHECK));
}

static enum rc run_apply(struct cx *cx, const struct job *job)
{
    return note_failure(cx, job, import_pass_run(cx, job, PASS_APPLY));
}

struct undoing {
    struct import i;
    int64_t kept;
    bool more;
};

static enum rc undo_chunk(struct cx *cx, void *arg)
{
    struct undoing *u = arg;
    int64_t kept = 0;
    TRY(register_undo(&kept, &u->more, cx, u->i.county, u->i.id));
    u->kept += kept;
    if (u->more)
        return RC_OK;
    return DB_RUN(cx, &IMPORT_FINISH, V_I(u->i.id), V_I(IMPORT_UNDONE), V_I(u->i.applied_at),
                  V_I(cx->now_at), V_I(u->kept));
}

static enum rc undo(struct cx *cx, const struct job *job)
{
    struct undoing u = {0};
    int64_t id, chunks = 0;
    if (!str_to_i64(&id, str_of(job->argument)))
        return fail(cx, RC_INVALID, _("This job names no import."), "argument");
    TRY(import_get(&u.i, cx, id));
    if (u.i.state != IMPORT_UNDOING)
        return RC_OK;
    do {
        int64_t kept = u.kept;
        enum rc rc = db_write_bulk(cx, u.i.county, undo_chunk, &u);
        if (rc)
            u.kept = kept;
        TRY(rc);
        TRY(job_progress(cx, job, ++chunks, 0, N_("steps")));
    } while (u.more);
    return RC_OK;
}

static enum rc run_undo(struct cx *cx, const struct job *job)
{
    return note_failure(cx, job, undo(cx, job));
}

const struct job_kind import_job_kinds[] = {
    {"import.check", run_check, 3},
    {"import.apply", run_apply, 5},
    {"import.undo", run_undo, 5},
};
const size_t import_job_kind_count = sizeof import_job_kinds / sizeof import_job_kinds[0];

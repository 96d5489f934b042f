/* Imports: a table file and a mapping become household records that go through register/apply.
 *   created → checking → checked → applying → done → undoing → undone      (failed from any)
 * Checking (the dry run) reads only: it counts what is new, changed and unchanged, and lists
 * every finding by row, field, value and what was expected. Applying takes the good rows; rows
 * with an error are left out and can be fetched as a file with a reason column, corrected and
 * sent again. The same file twice changes nothing. A crash while applying is resumed by its job
 * from the last committed chunk, or undone; nothing is seen before the flip. */
#ifndef REGISTER_IMPORT_H
#define REGISTER_IMPORT_H

#include "profile/mapping.h"
#include "register/apply.h"
#include "work/job.h"

enum import_state {
    IMPORT_CREATED = 0,
    IMPORT_CHECKING = 1,
    IMPORT_CHECKED = 2,
    IMPORT_APPLYING = 3,
    IMPORT_DONE = 4,
    IMPORT_UNDOING = 5,
    IMPORT_UNDONE = 6,
    IMPORT_FAILED = 7,
};
struct import {
    int64_t id, county, document_id, user_id;
    const char *file_name;
    const char *mapping; /* name in the profile, or "file" */
    int32_t year;        /* of the sheets */
    enum import_state state;
    int64_t job_id;                              /* the running or last job: progress */
    int64_t rows_total, rows_good, rows_refused; /* data rows, without title and header rows */
    int64_t error_count, warning_count;          /* findings, also beyond those kept */
    struct change_counts counts; /* of the check; after applying: what was done */
    int64_t rows_done;           /* applied so far */
    int64_t kept_count;          /* undo: fields changed since and therefore kept */
    int64_t created_at, checked_at, applied_at, undone_at;
    const char *message; /* why it failed, for the person */
};
enum finding_level {
    FINDING_ANY = 0, /* in queries */
    FINDING_ERROR = 1 /* the row (or the whole household) stays out */,
    FINDING_WARNING = 2
};
struct finding {
    int64_t row; /* as a spreadsheet counts; 0 = the whole file */
    enum finding_level level;
    const char
        *code; /* stable: "identity.check_digit", "code.unknown", "household.two_heads" … */
    const char *column;  /* title in the file; "" */
    const char *value;   /* as it stands there; identity numbers, phones, accounts masked */
    const char *message; /* what is wrong and what was expected, in cx's language */
};

/* Registers an upload as an import. mapping_name "" = guess by the header (best fitting mapping
 * of the profile). year 0 = from the file. county 0 = found from the file's areas (one county a
 * file). Permission import.run in the county. In its own write. */
enum rc import_add(int64_t *id, struct cx *cx, int64_t county, int64_t document_id,
                   struct str mapping_name, int32_t year) MUST_USE;
enum rc import_get(struct import *out, struct cx *cx, int64_t id) MUST_USE;
/* Newest first, of the actor's areas. */
enum rc import_list(struct import **out, size_t *count, struct cx *cx, int64_t before_id,
                    size_t max) MUST_USE;
/* Queue the work as jobs (for pages). RC_CONFLICT when the state does not allow it. */
enum rc import_queue_check(struct cx *cx, int64_t id) MUST_USE;
enum rc import_queue_apply(struct cx *cx, int64_t id) MUST_USE;
enum rc import_queue_undo(struct cx *cx, int64_t id) MUST_USE;
/* The same at once in the calling thread, with a progress line (commands): no server is needed.
 * After a crash import_apply_now goes on where the last committed chunk ended. */
enum rc import_check_now(struct cx *cx, int64_t id) MUST_USE;
enum rc import_apply_now(struct cx *cx, int64_t id) MUST_USE;
enum rc import_undo_now(struct cx *cx, int64_t id) MUST_USE;
/* The jobs themselves: argument = the import's id. Kinds "import.check", "import.apply",
 * "import.undo". */
extern const struct job_kind import_job_kinds[];
extern const size_t import_job_kind_count;

/* Findings by row. */
struct finding_query {
    int64_t import_id;
    enum finding_level level; /* FINDING_ANY: both */
    struct str code;          /* "": all */
    int64_t after;            /* number of findings to skip */
    size_t max;
};
enum rc import_findings(struct finding **out, size_t *count, struct cx *cx,
                        const struct finding_query *q) MUST_USE;
/* How often each finding code occurs. */
struct finding_count {
    const char *code, *message; /* message without the row's particulars */
    enum finding_level level;
    int64_t count;
};
enum rc import_finding_counts(struct finding_count **out, size_t *count, struct cx *cx,
                              int64_t id) MUST_USE;
/* Writes the refused rows in the file's own columns and order, with title and header rows, plus
 * a last column "reason", as "csv" or "xlsx", so that it can be corrected and sent again (the
 * reason column is ignored on the way in). */
enum rc import_refused_write(struct cx *cx, int64_t id, struct str format, int fd) MUST_USE;

#endif

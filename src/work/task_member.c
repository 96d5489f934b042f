/* What the pages of tasks ask besides: members of organisations, what comes before, documents.
 */
#include "work/task_member.h"

#include "db/db.h"
#include "profile/calendar.h"
#include "work/task.sql.h"

enum { BEFORES_MAX = 100 };

enum rc task_members(struct task_member **out, size_t *count, struct cx *cx, int64_t county,
                     size_t max)
{
    struct db_rows rows;
    struct task_member *list = arena_new(cx->arena, (max + 1) * sizeof *list);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &TASK_MEMBERS, V_I(county),
                  V_I(local_day(cx->profile, cx->now_at)), V_I(max)));
    while (n < max && db_next(&rows))
        list[n++] = (struct task_member){.user_id = row_i64(&rows, TASK_MEMBERS_USER_ID),
                                         .name = row_copy(&rows, TASK_MEMBERS_NAME).p,
                                         .org = row_copy(&rows, TASK_MEMBERS_ORG_NAME).p};
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc task_befores(int64_t **ids, size_t *count, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    int64_t *list = arena_new(cx->arena, BEFORES_MAX * sizeof *list);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &TASK_BEFORES, V_I(county), V_I(id)));
    while (n < BEFORES_MAX && db_next(&rows))
        list[n++] = row_i64(&rows, TASK_BEFORES_ID);
    TRY(db_done(&rows));
    *ids = list;
    *count = n;
    return RC_OK;
}

enum rc task_has_document(bool *has, struct cx *cx, int64_t county, int64_t thread_id,
                          int64_t document_id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &TASK_HAS_DOCUMENT, V_I(county), V_I(thread_id), V_I(document_id)));
    *has = document_id > 0 && row_i64(&rows, 0) > 0;
    return db_done(&rows);
}

/* Looks at personal data: each is written before the secret is shown. */
#include "base/text.h"
#include "base/utf8.h"
#include "people/look.sql.h"
#include "people/people_inner.h"

enum { REASON_MAX = 300, LOOKS_MAX = 5000 };

struct looking {
    int64_t county, person_id;
    const char *field;
    struct str reason;
};

static enum rc look_write(struct cx *cx, void *arg)
{
    const struct looking *l = arg;
    int64_t id;
    TRY(db_ids(&id, cx, 1));
    return DB_RUN(cx, &LOOK_INSERT, V_I(l->county), V_I(id), V_I(cx->now_at),
                  V_I(people_self(cx)), V_I(l->person_id), V_T(l->field), V_S(l->reason));
}

enum rc look_log(struct cx *cx, int64_t county, int64_t person_id, const char *field,
                 struct str reason)
{
    struct looking l = {county, person_id, field, str_trim(reason)};
    if (utf8_bad_at(l.reason) < l.reason.len)
        return fail(cx, RC_INVALID, _("The reason holds characters that cannot be read."),
                    "not utf-8");
    if (l.reason.len == 0)
        return fail(cx, RC_INVALID, _("Say why you need to see this. It is written down."),
                    "no reason");
    if (l.reason.len > REASON_MAX)
        return fail(cx, RC_INVALID,
                    _("The reason is too long: at most 100 Chinese characters."), "len=%zu",
                    l.reason.len);
    return db_write(cx, county, look_write, &l);
}

/* Both statements have the same columns. */
static enum rc read_looks(struct look **out, size_t *count, struct cx *cx, struct db_rows *rows)
{
    struct look *list = NULL;
    size_t n = 0, cap = 0;
    bool full = false;
    while (!full && n < LOOKS_MAX && db_next(rows)) {
        list = people_grow(cx, list, n, &cap, sizeof *list);
        full = !list;
        if (full)
            break;
        list[n++] = (struct look){
            .at = row_i64(rows, LOOK_OF_PERSON_AT),
            .user_id = row_i64(rows, LOOK_OF_PERSON_USER_ID),
            .person_id = row_i64(rows, LOOK_OF_PERSON_PERSON_ID),
            .user_name = row_null(rows, LOOK_OF_PERSON_USER_NAME)
                             ? _("the system")
                             : arena_copy(cx->arena, row_str(rows, LOOK_OF_PERSON_USER_NAME)),
            .field = arena_copy(cx->arena, row_str(rows, LOOK_OF_PERSON_FIELD)),
            .reason = arena_copy(cx->arena, row_str(rows, LOOK_OF_PERSON_REASON))};
    }
    TRY(db_done(rows));
    if (full)
        return RC_LIMIT;
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc look_list(struct look **out, size_t *count, struct cx *cx, int64_t county,
                  int64_t person_id)
{
    struct db_rows rows;
    TRY(actor_require(cx, "audit.view"));
    if (person_id != 0)
        TRY(DB_SELECT(&rows, cx, &LOOK_OF_PERSON, V_I(county), V_I(person_id)));
    else
        TRY(DB_SELECT(&rows, cx, &LOOK_OF_COUNTY, V_I(county)));
    return read_looks(out, count, cx, &rows);
}

/* Reads and writes sheets: core indicators are columns (NULL when missing), the others lie
 * packed as a JSON object in `extra`. The SQL is made in sheet_sql.c. */
#include "profile/sheet.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/limits.h"
#include "profile/profile_impl.h"
#include "profile/sheet.sql.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

enum { EXTRA_MAX = 4 * 1024 * 1024, COLUMNS_MAX = 2 * LIMIT_INDICATORS };

static const struct sheet_sql *sheet_of(const struct cx *cx, enum subject subject)
{
    return &cx->profile->own->sheets[subject];
}

/* ---- installing ---- */

struct columns {
    struct str *names, *types;
    size_t count;
};

static enum rc read_columns(struct columns *out, struct cx *cx, const char *sheet)
{
    struct db_rows rows;
    out->names = arena_new(cx->arena, COLUMNS_MAX * sizeof *out->names);
    out->types = arena_new(cx->arena, COLUMNS_MAX * sizeof *out->types);
    out->count = 0;
    TRY(DB_SELECT(&rows, cx, &SHEET_COLUMNS, V_T(sheet)));
    while (db_next(&rows)) {
        if (out->count == COLUMNS_MAX)
            continue;
        out->names[out->count] = row_copy(&rows, SHEET_COLUMNS_NAME);
        out->types[out->count++] = row_copy(&rows, SHEET_COLUMNS_TYPE);
    }
    return db_done(&rows);
}

/* Adds the column of a new core indicator; refuses one whose type has changed. */
static enum rc fit_column(struct cx *cx, const struct sheet_sql *s, size_t at,
                          const struct columns *there)
{
    const struct indicator *ind = s->core[at];
    for (size_t i = 0; i < there->count; i++) {
        if (!str_eq_z(there->names[i], ind->code))
            continue;
        if (str_eq_z(there->types[i], sheet_column_type(ind)))
            return RC_OK;
        return fail_f(cx, RC_CONFLICT,
                      _("Indicator %s has another type in this database. Give the new one "
                        "another code and number."),
                      ind->code);
    }
    return DB_RUN0(cx, &s->add[at]);
}

/* A core indicator's values would be lost to sight when it stopped being core. */
static enum rc check_still_core(struct cx *cx, enum subject subject,
                                const struct columns *there)
{
    for (size_t i = 0; i < there->count; i++) {
        const struct indicator *ind = profile_indicator(cx->profile, subject, there->names[i]);
        if (ind && !ind->core)
            return fail_f(cx, RC_CONFLICT,
                          _("Indicator %s was core in this database and must stay so."),
                          ind->code);
    }
    return RC_OK;
}

static enum rc check_same_profile(struct cx *cx)
{
    struct db_rows rows;
    const char *other = NULL;
    TRY(DB_SELECT0(&rows, cx, &PROFILE_VERSION_CODE));
    while (db_next(&rows))
        if (!str_eq_z(row_str(&rows, PROFILE_VERSION_CODE_CODE), cx->profile->code))
            other = row_copy(&rows, PROFILE_VERSION_CODE_CODE).p;
    TRY(db_done(&rows));
    if (other)
        return fail_f(cx, RC_CONFLICT, _("This database was made with another profile: %s."),
                      other);
    return RC_OK;
}

enum rc sheet_install(struct cx *cx)
{
    const struct profile *p = cx->profile;
    TRY(check_same_profile(cx));
    for (int subject = 0; subject < SUBJECT_COUNT; subject++) {
        const struct sheet_sql *s = sheet_of(cx, (enum subject)subject);
        struct columns there;
        TRY(read_columns(&there, cx, s->table));
        if (!there.count) {
            TRY(DB_RUN0(cx, &s->create));
            continue;
        }
        TRY(check_still_core(cx, (enum subject)subject, &there));
        for (size_t i = 0; i < s->core_count; i++)
            TRY(fit_column(cx, s, i, &there));
    }
    return DB_RUN(cx, &PROFILE_VERSION_PUT, V_T(hex_of(cx->arena, p->hash, sizeof p->hash)),
                  V_T(p->code), V_T(p->version), V_I(cx->now_at));
}

/* ---- the packed field ---- */

/* NULL when nothing is packed. */
static enum rc pack(struct str *out, struct cx *cx, enum subject subject,
                    const struct value *values)
{
    const struct profile *p = cx->profile;
    struct buf b;
    struct json j;
    bool any = false;
    *out = (struct str){NULL, 0};
    for (size_t i = 0; i < p->of_count[subject]; i++) {
        const struct indicator *ind = p->of[subject][i];
        const struct value *v = &values[i];
        if (ind->core || v->kind == VALUE_MISSING)
            continue;
        if (!any) {
            buf_init(&b, cx->arena, EXTRA_MAX);
            json_init(&j, &b);
            json_object_begin(&j);
            any = true;
        }
        if (v->kind == VALUE_TEXT)
            json_put_str(&j, ind->code, v->s);
        else
            json_put_i64(&j, ind->code, v->i);
    }
    if (!any)
        return RC_OK;
    json_object_end(&j);
    if (!buf_ok(&b))
        return fail(cx, RC_LIMIT, _("The sheet holds too much text."), "subject=%d", subject);
    *out = buf_view(&b);
    return RC_OK;
}

/* One packed member as a value; false when it is of the wrong kind. */
static bool unpack_one(struct value *out, struct cx *cx, const struct indicator *ind,
                       const json_t *member)
{
    struct str text = {NULL, 0};
    if (json_is_string(member))
        text = (struct str){json_string_value(member), json_string_length(member)};
    if (ind->type == TYPE_TEXT) {
        *out = value_text(arena_str(cx->arena, text));
        return text.p != NULL;
    }
    *out = value_int(0);
    if (json_is_integer(member))
        out->i = json_integer_value(member);
    return json_is_integer(member) || (text.p && str_to_i64(&out->i, text));
}

/* Members of indicators that the profile no longer knows are passed over. */
static enum rc unpack(struct value *values, struct cx *cx, enum subject subject,
                      struct str extra)
{
    json_t *root = json_loadb(extra.p, extra.len, JSON_REJECT_DUPLICATES, NULL);
    enum rc rc = RC_OK;
    if (!json_is_object(root))
        rc = fail(cx, RC_DB, _("A stored sheet cannot be read."), "extra is no object");
    for (void *at = rc ? NULL : json_object_iter(root); at;
         at = json_object_iter_next(root, at)) {
        const struct indicator *ind =
            profile_indicator(cx->profile, subject, str_of(json_object_iter_key(at)));
        struct value v;
        if (!ind || values[ind->index].kind != VALUE_MISSING)
            continue;
        if (unpack_one(&v, cx, ind, json_object_iter_value(at)))
            values[ind->index] = v;
        else
            rc =
                fail(cx, RC_DB, _("A stored sheet cannot be read."), "indicator=%s", ind->code);
    }
    json_decref(root);
    return rc;
}

/* ---- one sheet ---- */

enum rc sheet_get(struct value *values, struct cx *cx, enum subject subject, int64_t county,
                  int64_t id, int32_t year)
{
    const struct sheet_sql *s = sheet_of(cx, subject);
    size_t count = cx->profile->of_count[subject];
    struct value *found = arena_new(cx->arena, (count + 1) * sizeof *found);
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &s->get, V_I(county), V_I(id), V_I(year)));
    struct str extra = row_copy(&rows, 0);
    for (size_t i = 0; i < s->core_count; i++) {
        const struct indicator *ind = s->core[i];
        int column = (int)i + 1;
        if (row_null(&rows, column))
            continue;
        found[ind->index] = ind->type == TYPE_TEXT ? value_text(row_copy(&rows, column))
                                                   : value_int(row_i64(&rows, column));
    }
    TRY(db_done(&rows));
    if (extra.len)
        TRY(unpack(found, cx, subject, extra));
    memcpy(values, found, count * sizeof *found);
    return RC_OK;
}

enum rc sheet_put(struct cx *cx, enum subject subject, int64_t county, int64_t id, int32_t year,
                  const struct value *values)
{
    const struct sheet_sql *s = sheet_of(cx, subject);
    struct db_arg *args = arena_new(cx->arena, (s->core_count + 4) * sizeof *args);
    struct str extra;
    TRY(pack(&extra, cx, subject, values));
    args[0] = V_I(county);
    args[1] = V_I(id);
    args[2] = V_I(year);
    for (size_t i = 0; i < s->core_count; i++) {
        const struct value *v = &values[s->core[i]->index];
        assert(v->kind == VALUE_MISSING ||
               (v->kind == VALUE_TEXT) == (s->core[i]->type == TYPE_TEXT));
        args[i + 3] = v->kind == VALUE_MISSING ? V_NULL
                      : v->kind == VALUE_TEXT  ? V_S(v->s)
                                               : V_I(v->i);
    }
    args[s->core_count + 3] = V_S(extra);
    return db_run(cx, &s->put, args, s->core_count + 4);
}

enum rc sheet_delete(struct cx *cx, enum subject subject, int64_t county, int64_t id,
                     int32_t year)
{
    return DB_RUN(cx, &sheet_of(cx, subject)->delete, V_I(county), V_I(id), V_I(year));
}

enum rc sheet_years(int32_t *years, size_t *count, struct cx *cx, enum subject subject,
                    int64_t county, int64_t id)
{
    struct db_rows rows;
    size_t room = *count, used = 0;
    TRY(DB_SELECT(&rows, cx, &sheet_of(cx, subject)->years, V_I(county), V_I(id), V_I(room)));
    while (db_next(&rows) && used < room)
        years[used++] = (int32_t)row_i64(&rows, 0);
    TRY(db_done(&rows));
    *count = used;
    return RC_OK;
}

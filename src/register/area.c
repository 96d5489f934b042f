/* Areas: the tree, its dated codes and names, and finding an area by either. Counts are kept by
 * count.c; loading a country's divisions is divisions.c. */
#include "register/area.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "register/area.sql.h"
#include "register/inner.h"

#include <string.h>

enum { PATH_STEP = 3, CHILDREN_MAX = 32768, LOOKUP_ROWS = 8 };

/* Rising in byte order, so that paths sort in the order of creation. */
static const char path_digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct str area_path_end(struct cx *cx, struct str path)
{
    return str_of(arena_printf(cx->arena, "%.*s~", STR_ARG(path)));
}

struct str area_name_key(struct cx *cx, struct str name)
{
    return utf8_fold(cx, utf8_normal(cx, str_trim(name), true));
}

/* The counts of what lies above the tenant are not stored. */
static enum rc fill_counts(struct area *a, struct cx *cx)
{
    if (a->county != 0)
        return RC_OK;
    struct db_rows rows;
    struct str path = str_of(a->path);
    TRY(DB_ONE(&rows, cx, &AREA_SUM, V_I(cx->profile->tenant_level), V_S(path),
               V_S(area_path_end(cx, path))));
    a->household_count = row_i64(&rows, AREA_SUM_HOUSEHOLD_COUNT);
    a->person_count = row_i64(&rows, AREA_SUM_PERSON_COUNT);
    return db_done(&rows);
}

static struct area area_of_row(struct cx *cx, const struct db_rows *rows)
{
    return (struct area){
        .id = row_i64(rows, AREA_GET_ID),
        .parent_id = row_i64(rows, AREA_GET_PARENT_ID),
        .county = row_i64(rows, AREA_GET_COUNTY),
        .level = (int)row_i64(rows, AREA_GET_LEVEL),
        .path = arena_copy(cx->arena, row_str(rows, AREA_GET_PATH)),
        .code = arena_copy(cx->arena, row_str(rows, AREA_GET_CODE)),
        .name = arena_copy(cx->arena, row_str(rows, AREA_GET_NAME)),
        .household_count = row_i64(rows, AREA_GET_HOUSEHOLD_COUNT),
        .person_count = row_i64(rows, AREA_GET_PERSON_COUNT),
        .ended_day = (int32_t)row_i64(rows, AREA_GET_ENDED_DAY),
        .merged_into = row_i64(rows, AREA_GET_MERGED_INTO),
    };
}

static enum rc no_area(struct cx *cx, const char *detail)
{
    return fail(cx, RC_NOTFOUND, _("There is no such area."), "%s", detail);
}

/* Takes the one row of a statement with area_get's columns. */
static enum rc one_area(struct area *out, struct cx *cx, const struct sql *sql,
                        struct db_arg arg)
{
    struct db_rows rows;
    TRY(db_one(&rows, cx, sql, &arg, 1));
    struct area a = area_of_row(cx, &rows);
    TRY(db_done(&rows));
    TRY(fill_counts(&a, cx));
    *out = a;
    return RC_OK;
}

enum rc area_get(struct area *out, struct cx *cx, int64_t id)
{
    enum rc rc = one_area(out, cx, &AREA_GET, V_I(id));
    return rc == RC_NOTFOUND ? no_area(cx, "area by id") : rc;
}

enum rc area_by_path(struct area *out, struct cx *cx, struct str path)
{
    enum rc rc = one_area(out, cx, &AREA_GET_BY_PATH, V_S(path));
    return rc == RC_NOTFOUND ? no_area(cx, "area by path") : rc;
}

enum rc area_children(struct area **out, size_t *count, struct cx *cx, int64_t parent_id)
{
    struct db_rows rows;
    struct area *list = NULL;
    size_t used = 0, cap = 0;
    TRY(DB_SELECT(&rows, cx, &AREA_OF_PARENT, V_I(parent_id)));
    while (db_next(&rows)) {
        if (used == cap) {
            cap = cap ? 2 * cap : 64;
            struct area *wider = arena_array(cx->arena, cap, sizeof *wider);
            if (!wider)
                break;
            if (used > 0)
                memcpy(wider, list, used * sizeof *list);
            list = wider;
        }
        list[used++] = area_of_row(cx, &rows);
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < used; i++)
        TRY(fill_counts(&list[i], cx));
    *out = list;
    *count = used;
    return RC_OK;
}

enum rc area_chain(struct area **out, size_t *count, struct cx *cx, int64_t id)
{
    struct area last;
    TRY(area_get(&last, cx, id));
    size_t depth = strlen(last.path) / PATH_STEP;
    struct area *list = arena_array(cx->arena, depth, sizeof *list);
    if (!list)
        return fail(cx, RC_LIMIT, _("There are too many areas above this one."), "depth=%zu",
                    depth);
    for (size_t i = 0; i + 1 < depth; i++)
        TRY(area_by_path(&list[i], cx, (struct str){last.path, (i + 1) * PATH_STEP}));
    list[depth - 1] = last;
    *out = list;
    *count = depth;
    return RC_OK;
}

const char *area_label(struct cx *cx, int64_t id)
{
    struct area *chain;
    size_t count;
    if (area_chain(&chain, &count, cx, id))
        return "";
    const char *label = chain[count - 1].name;
    for (size_t i = count - 1; i > 0 && chain[i - 1].level >= cx->profile->tenant_level; i--)
        label = arena_printf(cx->arena, "%s › %s", chain[i - 1].name, label);
    return label;
}

/* ---- finding ---- */

static enum rc two_areas(struct cx *cx, struct str what)
{
    return fail_f(cx, RC_CONFLICT, _("“%.*s” fits more than one area; give the official code."),
                  STR_ARG(what));
}

static int64_t heir_of(const struct area *a)
{
    return a->merged_into ? a->merged_into : a->id;
}

/* The rows of one code: the one in force, or else the one it meant last. */
enum rc area_by_exact_code(struct area *out, struct cx *cx, struct str code, int32_t day)
{
    struct db_rows rows;
    struct area found = {0};
    bool in_force = false, twice = false;
    TRY(DB_SELECT(&rows, cx, &AREA_OF_CODE, V_S(code), V_I(day)));
    while (db_next(&rows)) {
        bool this_in_force = row_i64(&rows, AREA_OF_CODE_IN_FORCE) != 0;
        struct area a = area_of_row(cx, &rows);
        if (found.id == 0) {
            found = a;
            in_force = this_in_force;
        } else if (heir_of(&a) != heir_of(&found) && in_force == this_in_force &&
                   (found.ended_day == 0 || found.merged_into)) {
            twice = true;
        }
    }
    TRY(db_done(&rows));
    if (found.id == 0)
        return RC_NOTFOUND;
    if (twice)
        return two_areas(cx, code);
    if (found.merged_into)
        return area_get(out, cx, found.merged_into);
    TRY(fill_counts(&found, cx));
    *out = found;
    return RC_OK;
}

static bool only_zeros(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] != '0')
            return false;
    return true;
}

enum rc area_by_code(struct area *out, struct cx *cx, struct str code, int32_t day)
{
    code = str_trim(code);
    if (code.len == 0)
        return no_area(cx, "empty code");
    enum rc rc = area_by_exact_code(out, cx, code, day);
    /* Files fill a short code up with zeros to the length of a lower level's. */
    for (size_t i = cx->profile->level_count; rc == RC_NOTFOUND && i-- > 0;) {
        size_t len = (size_t)cx->profile->levels[i].code_length;
        if (len == 0 || len >= code.len ||
            !only_zeros((struct str){code.p + len, code.len - len}))
            continue;
        rc = area_by_exact_code(out, cx, (struct str){code.p, len}, day);
    }
    return rc == RC_NOTFOUND ? no_area(cx, "area by code") : rc;
}

struct str area_name_stem(const struct cx *cx, struct str key)
{
    const struct profile *p = cx->profile;
    for (size_t i = 0; i < p->name_ending_count; i++) {
        struct str ending = p->name_endings[i];
        bool is_word = (unsigned char)ending.p[0] < 0x80; /* stands apart: "Bapa Township" */
        if (key.len <= ending.len + 2 || !str_ends(key, ending))
            continue;
        size_t left = key.len - ending.len;
        if (is_word && key.p[left - 1] != ' ')
            continue;
        return (struct str){key.p, is_word ? left - 1 : left};
    }
    return key;
}

/* How well a name fits; 0 = not. */
static int name_fit(struct cx *cx, struct str name, struct str key)
{
    struct str own = area_name_key(cx, name);
    if (str_eq(own, key))
        return 2;
    /* One of the two without its suffix, or both: 坝芒乡 became 坝芒镇. */
    return str_eq(area_name_stem(cx, own), area_name_stem(cx, key)) ? 1 : 0;
}

/* The best fit so far. */
struct fit {
    int best;
    int64_t id;
    bool twice;
};

static void fit_take(struct fit *fit, int how, int64_t id)
{
    if (how > fit->best)
        *fit = (struct fit){.best = how, .id = id};
    else if (how > 0 && how == fit->best && fit->id != id)
        fit->twice = true;
}

enum rc area_by_name(struct area *out, struct cx *cx, int64_t parent_id, struct str name)
{
    struct str key = area_name_key(cx, name);
    struct fit fit = {0};
    struct db_rows rows;
    if (key.len == 0)
        return no_area(cx, "empty name");
    TRY(DB_SELECT(&rows, cx, &AREA_OF_PARENT, V_I(parent_id)));
    while (db_next(&rows))
        fit_take(&fit, name_fit(cx, row_str(&rows, AREA_OF_PARENT_NAME), key),
                 row_i64(&rows, AREA_OF_PARENT_ID));
    TRY(db_done(&rows));
    if (fit.best == 0) {
        TRY(DB_SELECT(&rows, cx, &AREA_FORMER_NAMES, V_I(parent_id)));
        while (db_next(&rows))
            fit_take(&fit, name_fit(cx, row_str(&rows, AREA_FORMER_NAMES_NAME), key),
                     row_i64(&rows, AREA_FORMER_NAMES_AREA_ID));
        TRY(db_done(&rows));
    }
    if (fit.best == 0)
        return no_area(cx, "area by name");
    if (fit.twice)
        return two_areas(cx, name);
    return area_get(out, cx, fit.id);
}

/* ---- writing ---- */

enum rc area_child_path(const char **path, struct cx *cx, int64_t parent_id,
                        const char *parent_path)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &AREA_CHILD_COUNT, V_I(parent_id)));
    int64_t n = row_i64(&rows, AREA_CHILD_COUNT_COUNT);
    TRY(db_done(&rows));
    if (n >= CHILDREN_MAX)
        return fail_f(cx, RC_LIMIT, _("An area cannot have more than %d areas under it."),
                      (int)CHILDREN_MAX);
    *path = arena_printf(cx->arena, "%s%c%c%c", parent_path, path_digits[n >> 10 & 31],
                         path_digits[n >> 5 & 31], path_digits[n & 31]);
    return RC_OK;
}

static enum rc county_of_new(int64_t *county, struct cx *cx, const struct area *parent,
                             int level)
{
    int tenant = cx->profile->tenant_level;
    *county = parent->county;
    if (level < tenant)
        return RC_OK;
    if (level > tenant)
        return *county != 0
                   ? RC_OK
                   : fail_f(cx, RC_INVALID,
                            _("An area of this level must lie in an area of level “%s”."),
                            LABEL(cx, cx->profile->levels[tenant].label));
    struct db_rows rows;
    TRY(DB_ONE0(&rows, cx, &AREA_COUNTY_NEXT));
    *county = row_i64(&rows, AREA_COUNTY_NEXT_COUNTY);
    return db_done(&rows);
}

/* Areas above the tenant and the tenants themselves are in the chain of the whole database:
 * they are not one county's. */
enum rc area_journal(struct cx *cx, const struct area *a, int32_t from_day,
                     const struct journal_field *fields, size_t count)
{
    int64_t seq;
    struct journal_entry e = {
        .county = a->level > cx->profile->tenant_level ? a->county : 0,
        .at = cx->now_at,
        .valid_day = from_day,
        .user_id = register_user(cx),
        .kind = KIND_AREA,
        .subject_id = a->id,
        .fields = fields,
        .field_count = count,
    };
    return journal_append(&seq, cx, &e);
}

static enum rc check_new(struct cx *cx, const struct area *parent, int level, struct str code,
                         struct str name)
{
    if (level < 0 || (size_t)level >= cx->profile->level_count ||
        (parent->id && level <= parent->level))
        return fail(cx, RC_INVALID, _("An area must lie under one of a higher level."),
                    "level=%d parent=%d", level, parent->level);
    if (name.len == 0 || name.len > 200)
        return fail(cx, RC_INVALID, _("An area needs a name of at most 200 bytes."), "len=%zu",
                    name.len);
    struct area other;
    enum rc rc =
        code.len ? area_by_exact_code(&other, cx, code, day_at(cx->now_at, 0)) : RC_NOTFOUND;
    if (rc == RC_OK && strlen(other.code) == code.len &&
        memcmp(other.code, code.p, code.len) == 0)
        return fail_f(cx, RC_CONFLICT, _("The code %.*s belongs to “%s” already."),
                      STR_ARG(code), other.name);
    return rc == RC_NOTFOUND || rc == RC_OK ? RC_OK : rc;
}

/* NOLINTNEXTLINE(readability-function-size): what an area is, is told in one call. */
enum rc area_add(int64_t *id, struct cx *cx, int64_t parent_id, int level, struct str code,
                 struct str name, int32_t from_day)
{
    struct area parent = {.path = ""}, made = {.parent_id = parent_id, .level = level};
    if (parent_id)
        TRY(area_get(&parent, cx, parent_id));
    if (parent.ended_day || parent.merged_into)
        return fail_f(cx, RC_CONFLICT, _("“%s” was merged into another area."), parent.name);
    name = utf8_normal(cx, str_trim(name), false);
    code = str_trim(code);
    TRY(check_new(cx, &parent, level, code, name));
    TRY(county_of_new(&made.county, cx, &parent, level));
    TRY(area_child_path(&made.path, cx, parent_id, parent.path));
    TRY(db_ids(&made.id, cx, 1));
    TRY(DB_RUN(cx, &AREA_ADD_ROW, V_I(made.id), V_I(made.county), V_I(parent_id), V_I(level),
               V_T(made.path), V_S(str_or_empty(code)), V_S(name),
               V_S(area_name_key(cx, name))));
    TRY(DB_RUN(cx, &AREA_NAME_ADD, V_I(made.id), V_I(from_day), V_I(0), V_S(str_or_empty(code)),
               V_S(name)));
    struct journal_field fields[] = {
        {.field = FIELD_EXISTS, .to = value_int(1)},
        {.field = FIELD_PARENT, .to = value_int(parent_id)},
        {.field = FIELD_LEVEL, .to = value_int(level)},
        {.field = FIELD_NAME, .to = value_text(name)},
        {.field = FIELD_CODE, .to = value_text(code)},
    };
    TRY(area_journal(cx, &made, from_day, fields, code.len ? 5 : 4));
    *id = made.id;
    return RC_OK;
}

enum rc area_rename(struct cx *cx, int64_t id, struct str code, struct str name,
                    int32_t from_day)
{
    struct area a;
    struct journal_field fields[2];
    size_t count = 0;
    TRY(area_get(&a, cx, id));
    name = utf8_normal(cx, str_trim(name), false);
    code = str_or_empty(str_trim(code));
    if (!str_eq_z(code, a.code)) {
        struct area none = {.path = ""};
        TRY(check_new(cx, &none, a.level, code, name));
        fields[count++] = (struct journal_field){
            .field = FIELD_CODE, .from = value_text(str_of(a.code)), .to = value_text(code)};
    }
    if (!str_eq_z(name, a.name))
        fields[count++] = (struct journal_field){
            .field = FIELD_NAME, .from = value_text(str_of(a.name)), .to = value_text(name)};
    if (count == 0)
        return RC_OK;
    if (name.len == 0)
        return fail(cx, RC_INVALID, _("An area needs a name of at most 200 bytes."), "rename");
    TRY(DB_RUN(cx, &AREA_NAME_END, V_I(id), V_I(from_day)));
    TRY(DB_RUN(cx, &AREA_NAME_DROP_EMPTY, V_I(id), V_I(from_day)));
    TRY(DB_RUN(cx, &AREA_NAME_ADD, V_I(id), V_I(from_day), V_I(0), V_S(code), V_S(name)));
    TRY(DB_RUN(cx, &AREA_SET_NAME, V_I(id), V_S(code), V_S(name),
               V_S(area_name_key(cx, name))));
    return area_journal(cx, &a, from_day, fields, count);
}

enum rc area_former_add(struct cx *cx, int64_t id, struct str code, struct str name,
                        int32_t from_day, int32_t to_day)
{
    if (to_day <= from_day)
        return fail(cx, RC_INVALID, _("A name must end after it began."), "from=%d to=%d",
                    from_day, to_day);
    return DB_RUN(cx, &AREA_NAME_ADD, V_I(id), V_I(from_day), V_I(to_day), V_S(code),
                  V_S(name));
}

enum rc area_names(struct area_name **out, size_t *count, struct cx *cx, int64_t id)
{
    enum { NAMES_MAX = 200 };
    struct db_rows rows;
    size_t used = 0;
    struct area_name *list = arena_array(cx->arena, NAMES_MAX, sizeof *list);
    if (!list)
        return fail(cx, RC_LIMIT, _("There are too many names."), "area names");
    TRY(DB_SELECT(&rows, cx, &AREA_NAMES, V_I(id)));
    while (db_next(&rows))
        if (used < NAMES_MAX)
            list[used++] = (struct area_name){
                .from_day = (int32_t)row_i64(&rows, AREA_NAMES_FROM_DAY),
                .to_day = (int32_t)row_i64(&rows, AREA_NAMES_TO_DAY),
                .code = arena_copy(cx->arena, row_str(&rows, AREA_NAMES_CODE)),
                .name = arena_copy(cx->arena, row_str(&rows, AREA_NAMES_NAME)),
            };
    TRY(db_done(&rows));
    *out = list;
    *count = used;
    return RC_OK;
}

enum rc area_as_typed(struct area *out, struct cx *cx, const char *text)
{
    int64_t number;
    if (str_to_i64(&number, str_of(text)) && !area_get(out, cx, number))
        return RC_OK;
    err_clear(cx);
    int32_t today = day_at(cx->now_at, cx->profile->zone_offset_min);
    enum rc rc = area_by_code(out, cx, str_of(text), today);
    if (rc != RC_NOTFOUND)
        return rc;
    err_clear(cx);
    return fail_f(cx, rc, _("There is no area with the number or code %s."), text);
}

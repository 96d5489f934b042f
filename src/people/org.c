/* Organisations: adding, changing, ending, merging, finding. Who works in them is duty.c. */
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "people/helper.sql.h"
#include "people/org.sql.h"
#include "people/org_inner.h"
#include "profile/workflows.h"

#include <assert.h>

enum { ORGS_MAX = 2000, DEPTH_MAX = 32, COUNTIES_MAX = 200, PATH_STEP = 3 };

/* ---- small things ---- */

int32_t people_today(const struct cx *cx)
{
    return day_at(cx->now_at, cx->profile ? cx->profile->zone_offset_min : 0);
}

enum rc people_text(const char **out, struct cx *cx, const char *typed, const char *field,
                    bool may_be_empty)
{
    struct str s = str_of(typed);
    if (utf8_bad_at(s) < s.len)
        return fail_f(cx, RC_INVALID, _("%s: there are characters that cannot be read."),
                      field);
    s = str_trim(utf8_normal(cx, s, false));
    if (!s.len && !may_be_empty)
        return fail_f(cx, RC_INVALID, _("%s: please fill it in."), field);
    if (utf8_length(s) > ORG_TEXT_MAX)
        return fail_f(cx, RC_INVALID, _("%s: at most %d characters."), field,
                      (int)ORG_TEXT_MAX);
    *out = arena_copy(cx->arena, s);
    return RC_OK;
}

const char *people_key(struct cx *cx, const char *name)
{
    struct str folded = utf8_fold(cx, str_of(name)), pinyin = utf8_pinyin(cx, str_of(name));
    return arena_printf(cx->arena, "%.*s %.*s", STR_ARG(folded), STR_ARG(pinyin));
}

struct str people_needle(struct cx *cx, struct str search)
{
    if (utf8_bad_at(search) < search.len)
        return STR("\x01");
    return utf8_fold(cx, str_trim(search));
}

struct str people_county_path(const struct cx *cx, struct str area_path)
{
    size_t len = (size_t)(cx->profile->tenant_level + 1) * PATH_STEP;
    return area_path.len > len ? (struct str){area_path.p, len} : area_path;
}

bool org_may_look(struct cx *cx, struct str area_path)
{
    const char *const *own;
    size_t count;
    struct str county = people_county_path(cx, area_path);
    if (actor_paths(&own, &count, cx, "household.view")) {
        err_clear(cx);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (str_starts(county, str_of(own[i])) || str_starts(str_of(own[i]), county))
            return true;
    return false;
}

/* ---- reading ---- */

static enum rc no_org(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such organisation, or not for you to see."),
                "org=%" PRId64, id);
}

/* Both statements have the same columns. */
static struct org org_of_row(const struct db_rows *r)
{
    return (struct org){
        .county = row_i64(r, ORG_ONE_COUNTY),
        .id = row_i64(r, ORG_ONE_ID),
        .parent_id = row_i64(r, ORG_ONE_PARENT_ID),
        .area_id = row_i64(r, ORG_ONE_AREA_ID),
        .area_path = row_null(r, ORG_ONE_AREA_PATH) ? "?" : row_copy(r, ORG_ONE_AREA_PATH).p,
        .kind = row_copy(r, ORG_ONE_KIND).p,
        .name = row_copy(r, ORG_ONE_NAME).p,
        .from_day = (int32_t)row_i64(r, ORG_ONE_FROM_DAY),
        .ended_day = (int32_t)row_i64(r, ORG_ONE_ENDED_DAY),
        .merged_into = row_i64(r, ORG_ONE_MERGED_INTO),
        .version = (int32_t)row_i64(r, ORG_ONE_VERSION)};
}

enum rc org_load(struct org *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ORG_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_org(cx, id);
    TRY(rc);
    *out = org_of_row(&rows);
    return db_done(&rows);
}

enum rc org_get(struct org *out, struct cx *cx, int64_t id)
{
    struct org o;
    TRY(org_load(&o, cx, id));
    if (!org_may_look(cx, str_of(o.area_path)))
        return no_org(cx, id);
    *out = o;
    return RC_OK;
}

enum rc org_load_managed(struct org *out, struct cx *cx, int64_t id)
{
    struct org o;
    TRY(org_get(&o, cx, id));
    TRY(actor_require_in(cx, "org.manage", str_of(o.area_path)));
    if (o.ended_day)
        return fail(cx, RC_INVALID, _("This organisation has ended."), "org=%" PRId64, id);
    *out = o;
    return RC_OK;
}

static int32_t kind_order(const struct cx *cx, const char *kind)
{
    const struct org_kind *k = profile_org_kind(cx->profile, str_of(kind));
    return k ? k->order : INT32_MAX;
}

enum rc org_list(struct org **out, size_t *count, struct cx *cx, int64_t county,
                 struct str kind, struct str search, bool with_ended)
{
    struct db_rows rows;
    struct org *list = arena_new(cx->arena, (ORGS_MAX + 1) * sizeof *list);
    int32_t *order = arena_new(cx->arena, (ORGS_MAX + 1) * sizeof *order);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &ORG_PAGE, V_I(county),
                  V_S(utf8_bad_at(kind) < kind.len ? STR("?")
                      : kind.p                     ? kind
                                                   : STR("")),
                  V_S(people_needle(cx, search)), V_I(with_ended), V_I(ORGS_MAX)));
    while (db_next(&rows))
        list[n++] = org_of_row(&rows);
    TRY(db_done(&rows));
    if (n && !org_may_look(cx, str_of(list[0].area_path))) /* all are of one county */
        n = 0;
    for (size_t i = 0; i < n; i++)
        order[i] = kind_order(cx, list[i].kind);
    for (size_t i = 1; i < n; i++) { /* by kind, keeping the order of names */
        struct org o = list[i];
        int32_t own = order[i];
        size_t at = i;
        for (; at && order[at - 1] > own; at--) {
            list[at] = list[at - 1];
            order[at] = order[at - 1];
        }
        list[at] = o;
        order[at] = own;
    }
    *out = list;
    *count = n;
    return RC_OK;
}

const char *org_name(struct cx *cx, int64_t id)
{
    struct org o;
    if (!id || org_load(&o, cx, id)) {
        err_clear(cx);
        return "";
    }
    return o.name;
}

enum rc org_lead(int64_t *id, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ORG_LEADER, V_I(county));
    if (rc == RC_NOTFOUND) {
        *id = 0;
        return RC_OK;
    }
    TRY(rc);
    *id = row_i64(&rows, ORG_LEADER_ID);
    return db_done(&rows);
}

enum rc org_for(int64_t *id, struct cx *cx, int64_t county, const char *kind,
                struct str area_path)
{
    struct db_rows rows;
    int64_t found = 0;
    size_t first_len = 0;
    TRY(DB_SELECT(&rows, cx, &ORG_AT, V_I(county), V_T(kind), V_S(area_path)));
    while (db_next(&rows)) {
        size_t len = row_str(&rows, ORG_AT_PATH).len;
        if (rows.at > 1 && len == first_len)
            found = 0; /* two at one place: neither is the only one */
        else if (rows.at == 1)
            found = row_i64(&rows, ORG_AT_ID);
        if (rows.at == 1)
            first_len = len;
    }
    TRY(db_done(&rows));
    *id = found;
    return RC_OK;
}

enum rc org_now(int64_t *out, struct cx *cx, int64_t id)
{
    for (int depth = 0; id && depth < DEPTH_MAX; depth++) {
        struct org o;
        TRY(org_load(&o, cx, id));
        if (!o.ended_day)
            break;
        id = o.merged_into ? o.merged_into : o.parent_id;
    }
    *out = id;
    return RC_OK;
}

/* The smallest text behind all that begin with `path`. */
static const char *path_end(struct cx *cx, struct str path)
{
    return arena_printf(cx->arena, "%.*s~", STR_ARG(path));
}

static enum rc add_counties(struct org_county *list, size_t *count, struct cx *cx,
                            struct str path)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &ORG_COUNTY_LIST, V_I(cx->profile->tenant_level), V_S(path),
                  V_T(path_end(cx, path))));
    while (db_next(&rows)) {
        bool have = *count >= COUNTIES_MAX;
        for (size_t i = 0; i < *count && !have; i++)
            have = list[i].county == row_i64(&rows, ORG_COUNTY_LIST_COUNTY);
        if (!have)
            list[(*count)++] =
                (struct org_county){.county = row_i64(&rows, ORG_COUNTY_LIST_COUNTY),
                                    .area_id = row_i64(&rows, ORG_COUNTY_LIST_ID),
                                    .name = row_copy(&rows, ORG_COUNTY_LIST_NAME).p,
                                    .path = row_copy(&rows, ORG_COUNTY_LIST_PATH).p};
    }
    return db_done(&rows);
}

enum rc org_counties(struct org_county **out, size_t *count, struct cx *cx)
{
    const char *const *own;
    size_t own_count;
    struct org_county *list = arena_new(cx->arena, (COUNTIES_MAX + 1) * sizeof *list);
    *count = 0;
    TRY(actor_paths(&own, &own_count, cx, "household.view"));
    for (size_t i = 0; i < own_count; i++)
        TRY(add_counties(list, count, cx, people_county_path(cx, str_of(own[i]))));
    *out = list;
    return RC_OK;
}

/* ---- writing ---- */

struct place {
    int64_t county;
    const char *path;
};
static enum rc place_of(struct place *out, struct cx *cx, int64_t area_id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ORG_AREA, V_I(area_id));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such area."), "area=%" PRId64, area_id);
    TRY(rc);
    *out = (struct place){row_i64(&rows, ORG_AREA_COUNTY), row_copy(&rows, ORG_AREA_PATH).p};
    bool ended = row_i64(&rows, ORG_AREA_ENDED_DAY) != 0;
    TRY(db_done(&rows));
    if (!out->county || ended)
        return fail(cx, RC_INVALID, _("Choose an area of a county that exists today."),
                    "area=%" PRId64, area_id);
    return org_may_look(cx, str_of(out->path))
               ? RC_OK
               : fail(cx, RC_NOTFOUND, _("There is no such area."), "area=%" PRId64, area_id);
}

static enum rc parent_ok(struct cx *cx, const struct org *o, int64_t parent)
{
    for (int depth = 0; parent; depth++) {
        struct org up;
        if (parent == o->id || depth >= DEPTH_MAX)
            return fail(cx, RC_INVALID,
                        _("An organisation cannot stand below itself. Choose another one above "
                          "it."),
                        "org=%" PRId64, o->id);
        TRY(org_load(&up, cx, parent));
        if (up.county != o->county || (depth == 0 && up.ended_day))
            return fail(cx, RC_INVALID,
                        _("The organisation above it must be one of the same county that has "
                          "not ended."),
                        "parent=%" PRId64, parent);
        parent = up.parent_id;
    }
    return RC_OK;
}

struct saving {
    struct org o;
    const char *key;
    bool lead;
    const struct org *seen; /* for a change */
};

static enum rc one_count(int64_t *out, struct db_rows *rows, enum rc rc)
{
    TRY(rc);
    *out = row_i64(rows, 0);
    return db_done(rows);
}

static enum rc twin_free(struct cx *cx, const struct saving *s)
{
    struct db_rows rows;
    int64_t n, leader;
    TRY(one_count(&n, &rows,
                  DB_ONE(&rows, cx, &ORG_TWIN, V_I(s->o.county), V_T(s->o.kind), V_T(s->o.name),
                         V_I(s->o.id))));
    if (n)
        return fail(cx, RC_CONFLICT,
                    _("There is an organisation of this kind and name already."), "twin");
    TRY(org_lead(&leader, cx, s->o.county));
    if (s->lead && leader && leader != s->o.id)
        return fail_f(cx, RC_CONFLICT,
                      _("The county has a lead office already: %s. Change or end that first."),
                      org_name(cx, leader));
    return RC_OK;
}

static enum rc add_write(struct cx *cx, void *arg)
{
    struct saving *s = arg;
    TRY(parent_ok(cx, &s->o, s->o.parent_id));
    TRY(twin_free(cx, s));
    TRY(db_ids(&s->o.id, cx, 1));
    return DB_RUN(cx, &ORG_INSERT, V_I(s->o.county), V_I(s->o.id), V_I(s->o.parent_id),
                  V_I(s->o.area_id), V_T(s->o.kind), V_T(s->o.name), V_T(s->key), V_I(s->lead),
                  V_I(s->o.from_day));
}

/* What is typed, in the form in which it is kept; and the right to do so. */
static enum rc saving_fill(struct saving *s, struct cx *cx, const struct org *o)
{
    struct place place = {0};
    const struct org_kind *kind = profile_org_kind(cx->profile, str_of(o->kind));
    *s = (struct saving){.o = *o};
    if (!kind)
        return fail(cx, RC_INVALID, _("Choose what kind of organisation it is."), "kind");
    TRY(people_text(&s->o.name, cx, o->name, _("Its name"), false));
    TRY(place_of(&place, cx, o->area_id));
    TRY(actor_require_in(cx, "org.manage", str_of(place.path)));
    s->o.county = place.county;
    s->o.kind = kind->code;
    s->key = people_key(cx, s->o.name);
    s->lead = kind->lead;
    if (!s->o.from_day)
        s->o.from_day = people_today(cx);
    return RC_OK;
}

enum rc org_add(int64_t *id, struct cx *cx, const struct org *o)
{
    struct saving s;
    TRY(saving_fill(&s, cx, o));
    s.o.id = 0;
    TRY(db_write(cx, s.o.county, add_write, &s));
    *id = s.o.id;
    return RC_OK;
}

static enum rc stale(struct cx *cx, int64_t id)
{
    return fail(cx, RC_CONFLICT,
                _("Somebody changed this organisation since you opened it. Look at it again."),
                "org=%" PRId64, id);
}

static enum rc set_write(struct cx *cx, void *arg)
{
    const struct saving *s = arg;
    int64_t changed;
    TRY(parent_ok(cx, &s->o, s->o.parent_id));
    TRY(twin_free(cx, s));
    TRY(DB_RUN_COUNT(&changed, cx, &ORG_UPDATE, V_I(s->o.id), V_I(s->o.version),
                     V_I(s->o.parent_id), V_I(s->o.area_id), V_T(s->o.kind), V_T(s->o.name),
                     V_T(s->key), V_I(s->lead)));
    return changed ? RC_OK : stale(cx, s->o.id);
}

enum rc org_set(struct cx *cx, const struct org *o)
{
    struct saving s;
    struct org now;
    TRY(org_load_managed(&now, cx, o->id));
    TRY(saving_fill(&s, cx, o));
    if (s.o.county != now.county)
        return fail(cx, RC_INVALID, _("An organisation cannot move to another county."),
                    "org=%" PRId64, o->id);
    return db_write(cx, now.county, set_write, &s);
}

/* ---- the usual ones ---- */

struct usual {
    struct saving *list;
    size_t count;
    int64_t added;
};
static enum rc usual_write(struct cx *cx, void *arg)
{
    struct usual *u = arg;
    int64_t lead, twin;
    struct db_rows rows;
    u->added = 0;
    for (size_t i = 0; i < u->count; i++) {
        struct saving *s = &u->list[i];
        TRY(org_lead(&lead, cx, s->o.county));
        TRY(one_count(&twin, &rows,
                      DB_ONE(&rows, cx, &ORG_TWIN, V_I(s->o.county), V_T(s->o.kind),
                             V_T(s->o.name), V_I(0))));
        if (twin || (s->lead && lead))
            continue;
        s->o.parent_id = s->lead ? 0 : lead;
        TRY(add_write(cx, s));
        u->added++;
    }
    return RC_OK;
}

enum rc org_add_usual(int64_t *added, struct cx *cx, int64_t county_area,
                      const char *const *kinds, size_t count)
{
    struct usual u = {.list = arena_new(cx->arena, (count + 1) * sizeof *u.list)};
    for (int lead = 1; lead >= 0; lead--) /* the one that leads stands above the others */
        for (size_t i = 0; i < count; i++) {
            const struct org_kind *k = profile_org_kind(cx->profile, str_of(kinds[i]));
            if (k && (int)k->lead != lead)
                continue;
            if (!k && !lead)
                continue; /* refused in the first round */
            const struct org o = {
                .kind = kinds[i], .name = k ? LABEL(cx, k->label) : "", .area_id = county_area};
            TRY(saving_fill(&u.list[u.count++], cx, &o));
        }
    if (!u.count)
        return fail(cx, RC_INVALID, _("Choose what kind of organisation it is."), "no kind");
    TRY(db_write(cx, u.list[0].o.county, usual_write, &u));
    *added = u.added;
    return RC_OK;
}

/* ---- ending ---- */

struct ending {
    struct org o;
    int32_t version, today;
    int64_t into;
};

/* Those who work there go on in the organisation it was merged into. */
static enum rc move_duties(struct cx *cx, const struct ending *e)
{
    struct duty *duties;
    size_t count;
    TRY(duties_of_org(&duties, &count, cx, e->o.id, false));
    TRY(DB_RUN(cx, &DUTY_CLOSE_ORG, V_I(e->o.id), V_I(e->today - 1)));
    for (size_t i = 0; e->into && i < count; i++) {
        struct db_rows rows;
        int64_t open, id;
        TRY(one_count(&open, &rows,
                      DB_ONE(&rows, cx, &DUTY_OPEN_OF, V_I(e->into), V_I(duties[i].user_id))));
        if (open)
            continue;
        TRY(db_ids(&id, cx, 1));
        TRY(DB_RUN(cx, &DUTY_INSERT, V_I(e->o.county), V_I(id), V_I(e->into),
                   V_I(duties[i].user_id), V_T(duties[i].title), V_I(0), V_I(e->today),
                   V_I(0)));
    }
    return RC_OK;
}

static enum rc end_write(struct cx *cx, void *arg)
{
    const struct ending *e = arg;
    int64_t changed, heir = e->into ? e->into : e->o.parent_id;
    if (e->into) {
        struct org into;
        TRY(org_load(&into, cx, e->into));
        if (into.ended_day || into.county != e->o.county)
            return fail(cx, RC_INVALID,
                        _("Choose an organisation of the same county that has not ended."),
                        "into=%" PRId64, e->into);
        TRY(parent_ok(cx, &e->o, e->into)); /* not itself nor below it */
    }
    TRY(DB_RUN_COUNT(&changed, cx, &ORG_CLOSE, V_I(e->o.id), V_I(e->version), V_I(e->today),
                     V_I(e->into)));
    if (!changed)
        return stale(cx, e->o.id);
    TRY(move_duties(cx, e));
    TRY(DB_RUN(cx, &ORG_CHILDREN_TO, V_I(e->o.id), V_I(heir)));
    return DB_RUN(cx, &HELPER_ORG_TO, V_I(e->o.id), V_I(heir));
}

enum rc org_end(struct cx *cx, int64_t id, int32_t version, int64_t into)
{
    struct ending e = {.version = version, .into = into, .today = people_today(cx)};
    TRY(org_load_managed(&e.o, cx, id));
    return db_write(cx, e.o.county, end_write, &e);
}

enum rc org_area_merged(struct cx *cx, int64_t county, int64_t from_area, int64_t to_area)
{
    return DB_RUN(cx, &ORG_AREA_TO, V_I(county), V_I(from_area), V_I(to_area));
}

/* What the pages of organisations and of the office share: see org_view.h. */
#include "people/org_view.h"

#include "base/format.h"
#include "base/time.h"
#include "people/org.sql.h"
#include "people/org_inner.h"
#include "profile/workflows.h"

enum { AREAS_MAX = 1500, USERS_MAX = 1000, LEVELS_BELOW = 2 };

/* ---- whose ---- */

enum rc office_place_find(struct office_place *out, struct cx *cx, int64_t county)
{
    *out = (struct office_place){0};
    TRY(org_counties(&out->list, &out->count, cx));
    for (size_t i = 0; i < out->count && !out->has; i++)
        if (!county || out->list[i].county == county) {
            out->here = out->list[i];
            out->has = true;
        }
    if (!out->has && county)
        return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                    "county=%" PRId64, county);
    return RC_OK;
}

enum rc office_place_of(struct office_place *out, struct cx *cx, const struct request *q)
{
    int64_t county = 0;
    struct str text = request_query(q, "county");
    if (text.len && (!str_to_i64(&county, text) || county < 1))
        return fail_f(cx, RC_INVALID, _("\"%s\" in the address is not a number."), "county");
    return office_place_find(out, cx, county);
}

bool office_county_filter(struct table_filter *out, struct cx *cx, const struct office_place *p)
{
    if (p->count < 2)
        return false;
    struct filter_choice *choices = arena_new(cx->arena, p->count * sizeof *choices);
    for (size_t i = 0; i < p->count; i++)
        choices[i] = (struct filter_choice){
            arena_printf(cx->arena, "%" PRId64, p->list[i].county), p->list[i].name};
    *out = (struct table_filter){.kind = FILTER_CHOICE,
                                 .name = "county",
                                 .label = _("County"),
                                 .value = arena_printf(cx->arena, "%" PRId64, p->here.county),
                                 .choices = choices,
                                 .choice_count = p->count};
    return true;
}

bool office_may(struct cx *cx, const char *permission, const struct office_place *p)
{
    const char *const *own;
    size_t count;
    if (!p->has || actor_paths(&own, &count, cx, permission)) {
        err_clear(cx);
        return false;
    }
    struct str county = str_of(p->here.path);
    for (size_t i = 0; i < count; i++)
        if (str_starts(county, str_of(own[i])) || str_starts(str_of(own[i]), county))
            return true;
    return false;
}

/* ---- choices ---- */

static const char *number(struct cx *cx, int64_t n)
{
    return arena_printf(cx->arena, "%" PRId64, n);
}

/* The areas of the county down to two levels below it, the county first. */
enum rc office_area_choices(const struct field_choice **out, size_t *count, struct cx *cx,
                            const char *permission, const struct org_county *c, int64_t chosen)
{
    static const char indent[] = "\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0";
    struct field_choice *list = arena_new(cx->arena, AREAS_MAX * sizeof *list);
    int64_t *ids = arena_new(cx->arena, AREAS_MAX * sizeof *ids);
    int *levels = arena_new(cx->arena, AREAS_MAX * sizeof *levels);
    size_t n = 0, kept = 0;
    struct db_rows rows;
    const char *end = arena_printf(cx->arena, "%s~", c->path);
    TRY(DB_SELECT(&rows, cx, &ORG_AREA_CHOICES, V_T(c->path), V_T(end),
                  V_I(cx->profile->tenant_level + LEVELS_BELOW)));
    while (n < AREAS_MAX && db_next(&rows)) {
        ids[n] = row_i64(&rows, ORG_AREA_CHOICES_ID);
        levels[n] = (int)row_i64(&rows, ORG_AREA_CHOICES_LEVEL) - cx->profile->tenant_level;
        list[n++].label = row_copy(&rows, ORG_AREA_CHOICES_NAME).p;
    }
    TRY(db_done(&rows));
    bool everywhere = actor_may_in(cx, permission, str_of(c->path));
    for (size_t i = 0; i < n; i++) {
        struct db_rows one;
        bool may = everywhere;
        if (!may) {
            TRY(DB_ONE(&one, cx, &ORG_AREA, V_I(ids[i])));
            may = actor_may_in(cx, permission, row_copy(&one, ORG_AREA_PATH));
            TRY(db_done(&one));
        }
        if (!may)
            continue;
        int depth = levels[i] < 0 ? 0 : levels[i];
        list[kept++] = (struct field_choice){
            number(cx, ids[i]),
            arena_printf(cx->arena, "%.*s%s", depth * 4, indent, list[i].label),
            ids[i] == chosen};
    }
    *out = list;
    *count = kept;
    return RC_OK;
}

enum rc office_org_choices(const struct field_choice **out, size_t *count, struct cx *cx,
                           int64_t county, int64_t chosen, const char *none)
{
    struct org *orgs;
    size_t org_count, n = 0;
    TRY(org_list(&orgs, &org_count, cx, county, STR(""), STR(""), false));
    struct field_choice *list = arena_new(cx->arena, (org_count + 1) * sizeof *list);
    if (none)
        list[n++] = (struct field_choice){"", none, !chosen};
    for (size_t i = 0; i < org_count; i++)
        list[n++] =
            (struct field_choice){number(cx, orgs[i].id), orgs[i].name, orgs[i].id == chosen};
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc office_user_choices(const struct field_choice **out, size_t *count, struct cx *cx,
                            const struct org_county *c)
{
    struct field_choice *list = arena_new(cx->arena, USERS_MAX * sizeof *list);
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &ORG_USER_CHOICES, V_T(c->path),
                  V_T(arena_printf(cx->arena, "%s~", c->path))));
    while (n < USERS_MAX && db_next(&rows))
        list[n++] = (struct field_choice){row_copy(&rows, ORG_USER_CHOICES_LOGIN).p,
                                          row_copy(&rows, ORG_USER_CHOICES_NAME).p, false};
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc office_user_typed(int64_t *id, struct cx *cx, struct str login, bool may_be_empty)
{
    struct db_rows rows;
    struct str typed = str_trim(login);
    *id = 0;
    if (!typed.len && may_be_empty)
        return RC_OK;
    enum rc rc = DB_ONE(&rows, cx, &ORG_USER_BY_LOGIN, V_S(people_login(cx, typed)));
    if (rc == RC_NOTFOUND)
        return fail(
            cx, RC_INVALID,
            _("User name: nobody who may sign in is called so. Choose one of the list."),
            "login");
    TRY(rc);
    *id = row_i64(&rows, ORG_USER_BY_LOGIN_ID);
    return db_done(&rows);
}

/* ---- what was typed ---- */

const char *typed_text(struct cx *cx, const struct request *q, const char *name)
{
    struct str text = request_form(q, name);
    char *out = arena_new(cx->arena, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) /* browsers send \r\n */
        if (text.p[i] != '\r')
            out[n++] = text.p[i];
    return out;
}

int64_t typed_id(const struct request *q, const char *name)
{
    int64_t n = 0;
    return str_to_i64(&n, request_form(q, name)) && n > 0 ? n : 0;
}

enum rc typed_day(int32_t *out, struct cx *cx, const struct request *q, const char *name,
                  const char *label, int32_t otherwise)
{
    struct str text = str_trim(request_form(q, name));
    if (!text.len) {
        *out = otherwise;
        return RC_OK;
    }
    if (!day_parse(out, text) || *out < 1 || *out > DAY_LATEST)
        return fail_f(cx, RC_INVALID, _("%s: this is not a day: write it as 2026-11-23."),
                      label);
    return RC_OK;
}

bool typed_mistake(enum rc rc)
{
    return rc == RC_INVALID || rc == RC_CONFLICT;
}

const char *typed_error(struct cx *cx)
{
    const char *text = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    return text;
}

const char *error_at(const char *error, const char *label)
{
    size_t len = strlen(label);
    bool is_it = error && !strncmp(error, label, len) &&
                 (error[len] == ':' || !strncmp(error + len, "\xef\xbc\x9a", 3));
    return is_it ? error : NULL;
}

/* ---- words ---- */

const char *org_kind_label(struct cx *cx, const char *kind)
{
    const struct org_kind *k = profile_org_kind(cx->profile, str_of(kind));
    return k ? LABEL(cx, k->label) : kind;
}

enum rc office_task_count(int64_t *count, struct cx *cx, int owner_kind, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &ORG_TASK_COUNT, V_I(owner_kind), V_I(id)));
    *count = row_i64(&rows, 0);
    return db_done(&rows);
}

enum rc duty_views(struct duty_view **out, size_t *count, struct cx *cx,
                   const struct duty *duties, size_t duty_count)
{
    struct duty_view *list = arena_new(cx->arena, (duty_count + 1) * sizeof *list);
    int32_t today = people_today(cx);
    for (size_t i = 0; i < duty_count; i++) {
        const struct duty *d = &duties[i];
        const char *from = format_day(cx, d->from_day);
        list[i] =
            (struct duty_view){.duty = *d,
                               .name = user_name(cx, d->user_id),
                               .org_name = org_name(cx, d->org_id),
                               .days = d->to_day ? arena_printf(cx->arena, _("%s to %s"), from,
                                                                format_day(cx, d->to_day))
                                                 : arena_printf(cx->arena, _("since %s"), from),
                               .is_past = d->to_day && d->to_day < today};
    }
    *out = list;
    *count = duty_count;
    return RC_OK;
}

/* Reads what a page of the evidence is asked for: area, years, people counted, split. The line
 * is read in scope_line.c, the index with its weights and cut-offs in scope_index.c, and the
 * address is written back in scope_write.c. */
#include "insight/scope.h"

#include "insight/scope.sql.h"
#include "insight/scope_impl.h"
#include "people/actor.h"
#include "register/columns.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { COUNTIES_MAX = 5000, YEARS_MAX = 200 };

static const char *const names[] = {"area", "year", "from_year", "welfare", "line", "from_line",
                                    "poor", "unit", "group",     "index",   "k"};

bool scope_knows(struct str name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq_z(name, names[i]))
            return true;
    return str_starts(name, STR("w_")) || str_starts(name, STR("c_"));
}

struct str scope_asked(const struct scope *s, const char *name)
{
    for (size_t i = 0; i < s->pair_count; i++)
        if (str_eq_z(s->pairs[i].name, name))
            return s->pairs[i].value;
    return (struct str){NULL, 0};
}

enum rc scope_keep(struct scope_reading *r, struct cx *cx, enum rc rc)
{
    if (rc != RC_INVALID)
        return rc;
    if (!r->error)
        r->error = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    return RC_OK;
}

/* ---- area ---- */

static enum rc area_at(struct area *out, struct cx *cx, const char *path)
{
    struct db_rows rows;
    if (!*path) {
        *out = (struct area){.path = "", .code = "", .name = _("All areas")};
        return RC_OK;
    }
    enum rc rc = DB_ONE(&rows, cx, &SCOPE_AREA_AT, V_T(path));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("The area of your account is no longer there."), "area");
    TRY(rc);
    int64_t id = row_i64(&rows, SCOPE_AREA_AT_ID);
    TRY(db_done(&rows));
    return area_get(out, cx, id);
}

static enum rc read_counties(struct scope *s, struct cx *cx)
{
    int tenant = cx->profile->tenant_level;
    const char *path = s->area.path;
    if (s->area.id && s->area.level > tenant)
        for (size_t i = 0; i < s->chain_count; i++)
            if (s->chain[i].level == tenant)
                path = s->chain[i].path;
    struct db_rows rows;
    s->counties = NULL;
    s->county_count = 0;
    size_t room = 0;
    TRY(DB_SELECT(&rows, cx, &SCOPE_COUNTIES, V_I(tenant), V_T(path),
                  V_T(arena_printf(cx->arena, "%s~", path))));
    while (db_next(&rows) && s->county_count < COUNTIES_MAX) {
        if (s->county_count == room) {
            struct scope_county *more = arena_new(cx->arena, (room * 2 + 8) * sizeof *more);
            if (room)
                memcpy(more, s->counties, room * sizeof *more);
            s->counties = more;
            room = room * 2 + 8;
        }
        s->counties[s->county_count++] = (struct scope_county){
            row_i64(&rows, SCOPE_COUNTIES_COUNTY), row_i64(&rows, SCOPE_COUNTIES_ID),
            arena_copy(cx->arena, row_str(&rows, SCOPE_COUNTIES_PATH)),
            arena_copy(cx->arena, row_str(&rows, SCOPE_COUNTIES_CODE)),
            arena_copy(cx->arena, row_str(&rows, SCOPE_COUNTIES_NAME))};
    }
    return db_done(&rows);
}

static enum rc read_chain(struct scope *s, struct cx *cx)
{
    s->chain_count = 0;
    if (s->area.id)
        TRY(area_chain(&s->chain, &s->chain_count, cx, s->area.id));
    return read_counties(s, cx);
}

static enum rc read_area(struct scope *s, struct cx *cx)
{
    struct str asked = scope_asked(s, "area");
    int64_t id;
    TRY(actor_paths(&s->tops, &s->top_count, cx, "poverty.view"));
    if (!s->top_count) {
        TRY(actor_require(cx, "poverty.view"));
        return fail(cx, RC_DENIED, "", "poverty.view nowhere");
    }
    if (asked.len) {
        if (!str_to_i64(&id, asked) || id <= 0)
            return fail(cx, RC_INVALID, _("The area in the address is not a number."), "area");
        TRY(area_get(&s->area, cx, id));
        if (!actor_may_in(cx, "poverty.view", str_of(s->area.path)))
            return fail(cx, RC_NOTFOUND, "", "area outside scope");
        return read_chain(s, cx);
    }
    TRY(area_at(&s->area, cx, s->tops[0]));
    TRY(read_chain(s, cx));
    bool above = !s->area.id || s->area.level < cx->profile->tenant_level;
    if (above && s->county_count == 1) { /* one county alone: its townships say more */
        TRY(area_get(&s->area, cx, s->counties[0].area_id));
        TRY(read_chain(s, cx));
    }
    return RC_OK;
}

/* ---- years ---- */

static int by_year(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static enum rc read_years(struct scope *s, struct cx *cx)
{
    s->years = arena_new(cx->arena, YEARS_MAX * sizeof *s->years);
    for (size_t i = 0; i < s->county_count; i++) {
        struct columns *c;
        TRY(columns_open(&c, cx, s->counties[i].county));
        const struct columns_head *h = columns_head(c);
        for (size_t y = 0; y < h->year_count; y++) {
            size_t k = 0;
            while (k < s->year_count && s->years[k] != h->years[y])
                k++;
            if (k == s->year_count && k < YEARS_MAX)
                s->years[s->year_count++] = h->years[y];
        }
        columns_close(c);
    }
    qsort(s->years, s->year_count, sizeof *s->years, by_year);
    return RC_OK;
}

static const char *year_list(struct cx *cx, const struct scope *s)
{
    struct buf b;
    buf_init(&b, cx->arena, 4096);
    for (size_t i = 0; i < s->year_count; i++)
        buf_printf(&b, "%s%d", i ? ", " : "", s->years[i]);
    return arena_copy(cx->arena, buf_view(&b));
}

/* A year that has sheets; `*out` is untouched when none is asked for. */
static enum rc read_year(int32_t *out, struct cx *cx, const struct scope *s, const char *name)
{
    struct str asked = scope_asked(s, name);
    int64_t year = 0;
    if (!asked.len || !s->year_count)
        return RC_OK;
    if (str_to_i64(&year, asked))
        for (size_t i = 0; i < s->year_count; i++)
            if (s->years[i] == year) {
                *out = (int32_t)year;
                return RC_OK;
            }
    return fail_f(cx, RC_INVALID,
                  _("There are no sheets of the year “%.*s” here. Years that have some: %s."),
                  STR_ARG(asked), year_list(cx, s));
}

static void default_years(struct scope *s)
{
    if (!s->year && s->year_count)
        s->year = s->years[s->year_count - 1];
    for (size_t i = 0; !s->from_year && i < s->year_count; i++)
        if (s->years[i] >= s->year)
            s->from_year = i ? s->years[i - 1] : 0;
}

/* ---- whom and by what ---- */

static const char *code_list(struct cx *cx, const struct indicator *const *of, size_t count)
{
    struct buf b;
    buf_init(&b, cx->arena, 4096);
    for (size_t i = 0; i < count; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", of[i]->code);
    return arena_copy(cx->arena, buf_view(&b));
}

/* One of the profile's indicators of that use. */
static enum rc read_indicator(const struct indicator **out, struct cx *cx, struct str asked,
                              const struct indicator *const *of, size_t count)
{
    if (!asked.len)
        return RC_OK;
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(asked, of[i]->code)) {
            *out = of[i];
            return RC_OK;
        }
    return fail_f(cx, RC_INVALID, _("“%.*s” cannot be chosen here. Possible are: %s."),
                  STR_ARG(asked), code_list(cx, of, count));
}

static enum rc read_switch(bool *out, struct cx *cx, const struct scope *s, const char *name,
                           const char *on)
{
    static const char *const off[] = {"below", "people"};
    struct str asked = scope_asked(s, name);
    *out = str_eq_z(asked, on);
    if (*out || !asked.len || str_eq_z(asked, off[0]) || str_eq_z(asked, off[1]))
        return RC_OK;
    return fail_f(cx, RC_INVALID, _("“%s” in the address should be empty or “%s”."), name, on);
}

/* The address says a line in its plain form: "6000", a threshold's code. */
static enum rc read_line(struct scope_line *out, struct scope *s, struct cx *cx,
                         const char *name)
{
    for (size_t i = 0; i < s->pair_count; i++) {
        if (!str_eq_z(s->pairs[i].name, name))
            continue;
        TRY(scope_line_parse(out, cx, s->pairs[i].value));
        s->pairs[i].value = str_of(out->text);
        return RC_OK;
    }
    return RC_OK;
}

static enum rc read_lines(struct scope *s, struct cx *cx)
{
    struct str line = scope_asked(s, "line");
    const struct profile *p = cx->profile;
    enum rc rc = RC_OK;
    if (line.len)
        rc = read_line(&s->line, s, cx, "line");
    if ((rc || !line.len) && p->poverty_line_count) {
        struct err kept = cx->err;
        TRY(scope_line_parse(&s->line, cx, str_of(p->poverty_lines[0])));
        cx->err = kept;
    }
    TRY(rc);
    return read_line(&s->from_line, s, cx, "from_line");
}

static enum rc read_rest(struct scope *s, struct scope_reading *r, struct cx *cx)
{
    const struct profile *p = cx->profile;
    s->welfare = p->welfare_count ? p->welfare[0] : NULL;
    s->line = (struct scope_line){.text = "", .label = ""};
    TRY(scope_keep(r, cx, read_year(&s->year, cx, s, "year")));
    TRY(scope_keep(r, cx, read_year(&s->from_year, cx, s, "from_year")));
    default_years(s);
    TRY(scope_keep(r, cx,
                   read_indicator(&s->welfare, cx, scope_asked(s, "welfare"), p->welfare,
                                  p->welfare_count)));
    s->by_size = str_eq_z(scope_asked(s, "group"), "size");
    if (!s->by_size)
        TRY(scope_keep(r, cx,
                       read_indicator(&s->group, cx, scope_asked(s, "group"), p->poverty_groups,
                                      p->poverty_group_count)));
    TRY(scope_keep(r, cx, read_switch(&s->weak, cx, s, "poor", "at")));
    TRY(scope_keep(r, cx, read_switch(&s->households, cx, s, "unit", "household")));
    TRY(scope_keep(r, cx, read_lines(s, cx)));
    return scope_read_index(s, r, cx);
}

enum rc scope_of_pairs(struct scope *out, struct cx *cx, const struct pair *pairs, size_t count)
{
    struct scope_reading reading = {NULL};
    *out = (struct scope){0};
    for (size_t i = 0; i < count; i++) {
        struct str value = str_trim(pairs[i].value);
        if (!value.len || !scope_knows(pairs[i].name) ||
            scope_asked(out, arena_copy(cx->arena, pairs[i].name)).p)
            continue; /* of twins the first counts */
        if (out->pair_count == SCOPE_PAIRS_MAX)
            return fail(cx, RC_INVALID, _("The address asks for too much at once."), "pairs");
        out->pairs[out->pair_count++] = (struct pair){pairs[i].name, value};
    }
    TRY(read_area(out, cx));
    TRY(read_years(out, cx));
    TRY(read_rest(out, &reading, cx));
    if (reading.error)
        return fail(cx, RC_INVALID, reading.error, "scope");
    return RC_OK;
}

enum rc scope_read(struct scope *out, struct cx *cx, const struct request *q)
{
    return scope_of_pairs(out, cx, q->query, q->query_count);
}

bool scope_may_households(const struct cx *cx, const struct scope *s)
{
    return actor_may_in(cx, "household.view", str_of(s->area.path));
}

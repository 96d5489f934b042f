/* The list of households: search, filters, order and paging. One query per county of the
 * actor's areas, made by db/filter.c along an index; several counties are merged by the order's
 * key. What a search text means (number, code, village, name) is search.c's. */
#include "register/list.h"
#include "base/limits.h"
#include "base/text.h"
#include "db/filter.h"
#include "people/actor.h"
#include "register/area.sql.h"
#include "register/list.sql.h"

#include <assert.h>
#include <string.h>

enum { COUNTIES_MAX = 400, PATHS_MAX = 64, SMALL_AREA = 3000 };

/* Expressions that no index leads to end in an operation that changes nothing: with them the
 * households of a small area, or a search's finds, are fetched and then sorted. */
static const struct filter_column columns[] = {
    {"place", "h.place", FILTER_TYPE_TEXT, 0, true, NULL},
    {"code", "h.code", FILTER_TYPE_TEXT, 0, true, NULL},
    {"name", "h.name_key", FILTER_TYPE_TEXT, 0, true, NULL},
    {"size", "h.people_count", FILTER_TYPE_INT, 0, true, NULL},
    {"changed", "h.changed_at", FILTER_TYPE_INT, 0, true, NULL},
    {"place_few", "h.place || ''", FILTER_TYPE_TEXT, 0, true, NULL},
    {"code_few", "h.code || ''", FILTER_TYPE_TEXT, 0, true, NULL},
    {"name_few", "h.name_key || ''", FILTER_TYPE_TEXT, 0, true, NULL},
    {"size_few", "h.people_count + 0", FILTER_TYPE_INT, 0, true, NULL},
    {"changed_few", "h.changed_at + 0", FILTER_TYPE_INT, 0, true, NULL},
    {"id", "h.id", FILTER_TYPE_INT, 0, false, NULL},
    {"shown_0", "h.shown_0", FILTER_TYPE_INT, 0, false, NULL},
    {"shown_1", "h.shown_1", FILTER_TYPE_INT, 0, false, NULL},
    {"shown_2", "h.shown_2", FILTER_TYPE_INT, 0, false, NULL},
    {"shown_3", "h.shown_3", FILTER_TYPE_INT, 0, false, NULL},
    {"shown_4", "h.shown_4", FILTER_TYPE_INT, 0, false, NULL},
    {"shown_5", "h.shown_5", FILTER_TYPE_INT, 0, false, NULL},
    {"shown_6", "h.shown_6", FILTER_TYPE_INT, 0, false, NULL},
    {"shown_7", "h.shown_7", FILTER_TYPE_INT, 0, false, NULL},
};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };
static const struct filter_table table_plain = {&HOUSEHOLD_LIST, columns, COLUMN_COUNT, "h.id"};
static const struct filter_table table_few = {&HOUSEHOLD_LIST_FEW, columns, COLUMN_COUNT,
                                              "h.id"};
static const struct filter_table table_many = {&HOUSEHOLD_LIST_MANY, columns, COLUMN_COUNT,
                                               "h.id"};

enum sort { SORT_AREA, SORT_CODE, SORT_NAME, SORT_SIZE, SORT_CHANGED };
static const struct {
    const char *name, *column, *column_few;
} sorts[] = {
    [SORT_AREA] = {"area", "place", "place_few"},
    [SORT_CODE] = {"code", "code", "code_few"},
    [SORT_NAME] = {"name", "name", "name_few"},
    [SORT_SIZE] = {"size", "size", "size_few"},
    [SORT_CHANGED] = {"changed", "changed", "changed_few"},
};

/* A row with its key in the list's order. */
struct found {
    struct household_row row;
    struct str text_key;
    int64_t int_key;
};
struct county_paths {
    int64_t county;
    struct str paths[PATHS_MAX]; /* places begin with one of these */
    size_t path_count;
    int64_t household_count; /* stored, of all these paths */
};
struct list {
    struct cx *cx;
    const struct household_query *q;
    enum sort sort;
    struct search search;
    struct county_paths *counties; /* in the order of paths */
    size_t county_count, county_cap;
    /* the last row of the page before */
    bool has_after;
    int64_t after_county, after_id;
    struct found after;
    struct found *rows;
    size_t count, cap;
};

/* ---- where ---- */

static enum rc more_counties(struct list *l, struct cx *cx)
{
    size_t cap = l->county_cap ? 4 * l->county_cap : 2;
    struct county_paths *wider = arena_array(cx->arena, cap, sizeof *wider);
    if (!wider)
        return fail(cx, RC_LIMIT, _("The list is too long to be shown at once."), "counties");
    if (l->county_count > 0)
        memcpy(wider, l->counties, l->county_count * sizeof *wider);
    l->counties = wider;
    l->county_cap = cap;
    return RC_OK;
}

static enum rc add_path(struct list *l, struct cx *cx, const struct area *a)
{
    struct county_paths *c = NULL;
    for (size_t i = 0; i < l->county_count && !c; i++)
        if (l->counties[i].county == a->county)
            c = &l->counties[i];
    if (!c) {
        if (l->county_count == l->county_cap)
            TRY(more_counties(l, cx));
        if (l->county_count == COUNTIES_MAX)
            return fail_f(cx, RC_LIMIT,
                          _("This list would span more than %d counties; choose an area."),
                          (int)COUNTIES_MAX);
        c = &l->counties[l->county_count++];
        c->county = a->county;
    }
    if (c->path_count == PATHS_MAX)
        return fail_f(cx, RC_LIMIT, _("This list would span more than %d areas; choose one."),
                      (int)PATHS_MAX);
    c->paths[c->path_count++] = str_of(a->path);
    c->household_count += a->household_count;
    return RC_OK;
}

/* A path as the counties it covers, or the one in which it lies. */
static enum rc add_scope(struct list *l, struct cx *cx, struct str path)
{
    struct area a = {.path = ""};
    if (path.len > 0)
        TRY(area_by_path(&a, cx, path));
    if (a.county != 0)
        return add_path(l, cx, &a);
    struct db_rows rows;
    enum rc rc = RC_OK;
    TRY(DB_SELECT(&rows, cx, &AREA_TENANTS, V_I(cx->profile->tenant_level), V_S(path),
                  V_S(area_path_end(cx, path))));
    while (rc == RC_OK && db_next(&rows)) {
        struct area tenant = {
            .county = row_i64(&rows, AREA_TENANTS_COUNTY),
            .path = arena_copy(cx->arena, row_str(&rows, AREA_TENANTS_PATH)),
            .household_count = row_i64(&rows, AREA_TENANTS_HOUSEHOLD_COUNT),
        };
        if (tenant.household_count > 0 || l->q->ended)
            rc = add_path(l, cx, &tenant);
    }
    TRY(db_done(&rows));
    return rc;
}

/* Where the wanted area and the actor's areas meet. */
static enum rc find_scopes(struct list *l)
{
    struct cx *cx = l->cx;
    const char *const *paths;
    size_t count;
    bool met = false;
    struct area wanted = {.path = ""};
    TRY(actor_require(cx, "household.view"));
    TRY(actor_paths(&paths, &count, cx, "household.view"));
    if (l->q->area_id)
        TRY(area_get(&wanted, cx, l->q->area_id));
    for (size_t i = 0; i < count; i++) {
        struct str own = str_of(paths[i]), path = str_of(wanted.path);
        met = met || str_starts(path, own) || str_starts(own, path);
        if (str_starts(path, own))
            TRY(add_scope(l, cx, path));
        else if (str_starts(own, path))
            TRY(add_scope(l, cx, own));
    }
    return met ? RC_OK
               : fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                      "list area=%" PRId64, l->q->area_id);
}

/* ---- one county ---- */

static struct found found_of_row(struct list *l, const struct db_rows *rows)
{
    struct cx *cx = l->cx;
    struct found f = {.row.h = household_of_row(cx, rows)};
    for (size_t i = 0; i < shown_count(cx->profile); i++)
        if (!row_null(rows, HOUSEHOLD_LIST_S0 + (int)i))
            f.row.shown[i] = value_int(row_i64(rows, HOUSEHOLD_LIST_S0 + (int)i));
    switch (l->sort) {
    case SORT_AREA:
        f.text_key = row_copy(rows, HOUSEHOLD_LIST_PLACE);
        break;
    case SORT_CODE:
        f.text_key = str_of(f.row.h.code);
        break;
    case SORT_NAME:
        f.text_key = row_copy(rows, HOUSEHOLD_LIST_NAME_KEY);
        break;
    case SORT_SIZE:
        f.int_key = f.row.h.people_count;
        break;
    case SORT_CHANGED:
        f.int_key = f.row.h.changed_at;
        break;
    }
    return f;
}

static enum rc keep(struct list *l, const struct found *f)
{
    struct cx *cx = l->cx;
    if (l->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 64;
        struct found *rows = arena_array(cx->arena, cap, sizeof *rows);
        if (!rows)
            return fail(cx, RC_LIMIT, _("The list is too long to be shown at once."),
                        "rows=%zu", l->count);
        if (l->count > 0)
            memcpy(rows, l->rows, l->count * sizeof *rows);
        l->rows = rows;
        l->cap = cap;
    }
    l->rows[l->count++] = *f;
    return RC_OK;
}

/* The filter's terms for one county. */
static size_t make_terms(struct filter_term terms[FILTER_TERMS_MAX], struct list *l,
                         const struct county_paths *c, bool few)
{
    static const char *const shown[] = {"shown_0", "shown_1", "shown_2", "shown_3",
                                        "shown_4", "shown_5", "shown_6", "shown_7"};
    const struct search *s = &l->search;
    size_t n = 0;
    /* Only the term or the order may lead to an index: which one, list_county has decided. */
    bool by_place = few ? s->kind == SEARCH_NONE : l->sort == SORT_AREA;
    terms[n++] = (struct filter_term){by_place ? "place" : "place_few", FILTER_PREFIX, c->paths,
                                      c->path_count};
    if (s->kind == SEARCH_VILLAGE)
        terms[n++] = (struct filter_term){"place", FILTER_PREFIX, s->paths, s->path_count};
    if (s->kind == SEARCH_CODE)
        terms[n++] = (struct filter_term){"code", FILTER_PREFIX, &s->code, 1};
    if (s->kind == SEARCH_PEOPLE)
        terms[n++] = (struct filter_term){"id", FILTER_IN, s->ids, s->id_count};
    for (size_t i = 0; i < shown_count(l->cx->profile); i++)
        if (l->q->list_column[i].len > 0)
            terms[n++] = (struct filter_term){shown[i], FILTER_EQ, &l->q->list_column[i], 1};
    return n;
}

/* Rows of one county, from the token on; at most `limit`. */
static enum rc list_county(struct list *l, const struct county_paths *c, size_t limit)
{
    struct cx *cx = l->cx;
    struct filter_term terms[FILTER_TERMS_MAX];
    struct filtered made;
    struct db_rows rows;
    enum rc rc = RC_OK;
    struct search *s = &l->search;
    const struct filter_table *table = &table_plain;
    struct db_arg fixed[] = {V_I(c->county), V_I(l->q->ended ? 1 : 0), V_S(s->query)};
    if (s->kind == SEARCH_PEOPLE || s->kind == SEARCH_CODE)
        TRY(search_in_county(s, cx, c->county));
    bool many = false;
    if (s->kind == SEARCH_NAME) {
        TRY(search_has_many(&many, cx, s, c->county));
        table = many ? &table_many : &table_few;
    }
    bool few = s->kind == SEARCH_NONE ? l->q->ended || c->household_count < SMALL_AREA : !many;
    struct filter f = {
        .fixed = fixed,
        .fixed_count = s->kind == SEARCH_NAME ? 3 : 2,
        .terms = terms,
        .term_count = make_terms(terms, l, c, few),
        .sort = few && l->sort != SORT_AREA ? sorts[l->sort].column_few : sorts[l->sort].column,
        .descending = l->q->descending,
        .limit = (int64_t)limit,
    };
    if (few && s->kind != SEARCH_NONE && s->kind != SEARCH_VILLAGE)
        f.sort = sorts[l->sort].column_few; /* the finds lead, not the places */
    if (l->has_after) {
        bool is_text = l->sort != SORT_SIZE && l->sort != SORT_CHANGED;
        struct db_arg key = is_text ? V_S(l->after.text_key) : V_I(l->after.int_key);
        f.after = str_of(filter_token(cx, table, &f, key, l->after_id));
    }
    TRY(filter_sql(&made, cx, table, &f));
    TRY(db_select(&rows, cx, made.sql, made.args, made.arg_count));
    while (rc == RC_OK && db_next(&rows)) {
        struct found found = found_of_row(l, &rows);
        rc = keep(l, &found);
    }
    TRY(db_done(&rows));
    return rc;
}

/* ---- all counties ---- */

static int by_key(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    int by_text = str_cmp(x->text_key, y->text_key);
    if (by_text != 0)
        return by_text;
    if (x->int_key != y->int_key)
        return x->int_key < y->int_key ? -1 : 1;
    return x->row.h.id < y->row.h.id ? -1 : x->row.h.id > y->row.h.id;
}

static int by_key_down(const void *a, const void *b)
{
    return by_key(b, a);
}

/* The key of the last row of the page before, from the row itself: names stay out of addresses.
 */
static enum rc read_after(struct list *l)
{
    struct cx *cx = l->cx;
    struct str rest = l->q->after;
    struct db_rows rows;
    if (rest.len == 0)
        return RC_OK;
    struct str county = str_cut(&rest, '.');
    enum rc rc =
        str_to_i64(&l->after_county, county) && rest.p && str_to_i64(&l->after_id, rest)
            ? DB_ONE(&rows, cx, &HOUSEHOLD_SORT_VALUES, V_I(l->after_county), V_I(l->after_id))
            : RC_NOTFOUND;
    if (rc == RC_NOTFOUND)
        return fail(
            cx, RC_INVALID,
            _("This page of the list no longer exists. Please start at the first page."),
            "after");
    TRY(rc);
    l->has_after = true;
    if (l->sort == SORT_SIZE)
        l->after.int_key = row_i64(&rows, HOUSEHOLD_SORT_VALUES_PEOPLE_COUNT);
    else if (l->sort == SORT_CHANGED)
        l->after.int_key = row_i64(&rows, HOUSEHOLD_SORT_VALUES_CHANGED_AT);
    else
        l->after.text_key =
            row_copy(&rows, l->sort == SORT_NAME   ? HOUSEHOLD_SORT_VALUES_NAME_KEY
                            : l->sort == SORT_CODE ? HOUSEHOLD_SORT_VALUES_CODE
                                                   : HOUSEHOLD_SORT_VALUES_PLACE);
    return db_done(&rows);
}

/* An index leads along one range of places at a time: several are asked one by one. */
static enum rc list_paths(struct list *l, const struct county_paths *c, size_t limit)
{
    if (c->path_count == 1 || l->sort != SORT_AREA || l->search.kind != SEARCH_NONE)
        return list_county(l, c, limit);
    struct county_paths *one = arena_new(l->cx->arena, sizeof *one);
    for (size_t i = 0; i < c->path_count; i++) {
        *one = (struct county_paths){.county = c->county,
                                     .paths = {c->paths[i]},
                                     .path_count = 1,
                                     .household_count = c->household_count};
        TRY(list_county(l, one, limit));
    }
    return RC_OK;
}

/* By place one county follows another; in any other order they are merged. */
static enum rc list_all(struct list *l, size_t limit)
{
    if (l->search.kind == SEARCH_NAME && l->search.query.len == 0)
        return RC_OK; /* nothing but signs */
    for (size_t k = 0; k < l->county_count; k++) {
        size_t i = l->q->descending ? l->county_count - 1 - k : k;
        if (l->sort == SORT_AREA && l->count >= limit)
            break;
        TRY(list_paths(l, &l->counties[i], limit));
    }
    if (l->count > 1)
        qsort(l->rows, l->count, sizeof *l->rows, l->q->descending ? by_key_down : by_key);
    return RC_OK;
}

static enum rc open_list(struct list *l, struct cx *cx, const struct household_query *q)
{
    *l = (struct list){.cx = cx, .q = q};
    bool known = q->sort.len == 0;
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++)
        if (str_eq_z(q->sort, sorts[i].name)) {
            l->sort = (enum sort)i;
            known = true;
        }
    if (!known)
        return fail(cx, RC_INVALID, _("The list cannot be sorted by that."), "sort");
    for (size_t i = 0; i < shown_count(cx->profile); i++) {
        int64_t n;
        if (q->list_column[i].len > 0 && !str_to_i64(&n, q->list_column[i]))
            return fail(cx, RC_INVALID, _("This filter is not one of the choices."),
                        "column=%zu", i);
    }
    TRY(find_scopes(l));
    return search_read(&l->search, cx, q->search);
}

/* ---- villages of a page ---- */

/* Names of areas already looked up for this page. */
struct village_cache {
    int64_t id[64];
    const char *label[64];
    size_t count;
};

static enum rc village_label(const char **out, struct cx *cx, struct village_cache *cache,
                             int64_t area_id)
{
    for (size_t i = 0; i < cache->count; i++)
        if (cache->id[i] == area_id) {
            *out = cache->label[i];
            return RC_OK;
        }
    struct area *chain;
    size_t count;
    const char *label = "";
    TRY(area_chain(&chain, &count, cx, area_id));
    for (size_t i = 0; i < count; i++)
        if (chain[i].level > cx->profile->tenant_level)
            label = *label ? arena_printf(cx->arena, "%s · %s", label, chain[i].name)
                           : chain[i].name;
    if (cache->count < 64) {
        cache->id[cache->count] = area_id;
        cache->label[cache->count++] = label;
    }
    *out = label;
    return RC_OK;
}

enum rc household_list(struct household_row **out, size_t *count, const char **next,
                       struct cx *cx, const struct household_query *q)
{
    struct list l;
    struct village_cache cache = {.count = 0};
    size_t limit = q->limit > 0 ? q->limit : LIMIT_PAGE_ROWS_DEFAULT;
    TRY(open_list(&l, cx, q));
    TRY(read_after(&l));
    TRY(list_all(&l, limit + 1));
    size_t shown = l.count < limit ? l.count : limit;
    struct household_row *rows = arena_array(cx->arena, shown + 1, sizeof *rows);
    if (!rows)
        return fail(cx, RC_LIMIT, _("The list is too long to be shown at once."), "page");
    for (size_t i = 0; i < shown; i++) {
        rows[i] = l.rows[i].row;
        TRY(village_label(&rows[i].village, cx, &cache, rows[i].h.area_id));
    }
    *next = l.count > limit ? arena_printf(cx->arena, "%" PRId64 ".%" PRId64,
                                           rows[shown - 1].h.county, rows[shown - 1].h.id)
                            : NULL;
    *out = rows;
    *count = shown;
    return RC_OK;
}

static bool is_unfiltered(const struct household_query *q)
{
    bool plain = str_trim(q->search).len == 0 && !q->ended;
    for (size_t i = 0; i < SHOWN_MAX; i++)
        plain = plain && q->list_column[i].len == 0;
    return plain;
}

enum rc household_count(int64_t *count, bool *more, struct cx *cx,
                        const struct household_query *q, int64_t max)
{
    struct list l;
    struct household_query plain = *q;
    plain.sort = (struct str){"", 0};
    plain.after = (struct str){"", 0};
    TRY(open_list(&l, cx, &plain));
    int64_t n = 0;
    if (is_unfiltered(q)) {
        for (size_t i = 0; i < l.county_count; i++)
            n += l.counties[i].household_count;
        *more = false;
        *count = n;
        return RC_OK;
    }
    TRY(list_all(&l, (size_t)max + 1));
    n = (int64_t)l.count;
    *more = n > max;
    *count = *more ? max : n;
    return RC_OK;
}

/* Lists of alerts and their sums by rule. */
#include "watch/alert.h"

#include "base/limits.h"
#include "base/text.h"
#include "db/filter.h"
#include "register/area.h"
#include "watch/watch.sql.h"
#include "watch/watch_inner.h"
#include "work/place.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 100000, TERMS_MAX = 8 };

static const struct filter_column columns[] = {
    {"area", "a.area_path", FILTER_TYPE_TEXT, 0, false, NULL},
    {"rule", "a.rule", FILTER_TYPE_INT, 0, false, NULL},
    {"colour", "a.colour", FILTER_TYPE_INT, 0, false, NULL},
    {"state", "a.state", FILTER_TYPE_INT, 0, false, NULL},
    {"household", "a.household_id", FILTER_TYPE_INT, 0, false, NULL},
    {"disaster", "a.disaster_id", FILTER_TYPE_INT, 0, false, NULL},
};
static const struct filter_table list_table = {&ALERT_PAGE, columns,
                                               sizeof columns / sizeof *columns, "a.id"};

/* Where alerts are looked at: the asked area within the actor's, else all of the actor's. */
static enum rc where(struct filter_term *area, int64_t county[2], struct cx *cx,
                     int64_t area_id)
{
    const char *const *paths;
    size_t count;
    struct str *values;
    TRY(actor_require(cx, "alert.view"));
    TRY(actor_paths(&paths, &count, cx, "alert.view"));
    county[0] = 0;
    county[1] = INT64_MAX;
    values = arena_new(cx->arena, (count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = str_of(paths[i]);
    if (area_id) {
        struct area a;
        TRY(area_get(&a, cx, area_id));
        size_t kept = 0;
        bool covered = actor_may_in(cx, "alert.view", str_of(a.path));
        for (size_t i = 0; i < count && !covered; i++)
            if (str_starts(values[i], str_of(a.path)))
                values[kept++] = values[i];
        if (covered)
            values[kept++] = str_of(a.path);
        count = kept;
        if (!count)
            return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                        "alerts area=%" PRId64, area_id);
        if (a.county)
            county[0] = county[1] = a.county;
    }
    *area = (struct filter_term){"area", FILTER_PREFIX, values, count};
    return RC_OK;
}

static struct filter_term number_term(struct cx *cx, const char *column, int64_t n)
{
    struct str *value = arena_new(cx->arena, sizeof *value);
    *value = str_of(arena_printf(cx->arena, "%" PRId64, n));
    return (struct filter_term){column, FILTER_EQ, value, 1};
}

static size_t fill_terms(struct filter_term *terms, struct cx *cx, const struct alert_query *q)
{
    static const struct str open[] = {{"1", 1}, {"2", 1}}, closed[] = {{"3", 1}};
    size_t n = 0;
    if (q->rule)
        terms[n++] = number_term(cx, "rule", q->rule);
    if (q->colour)
        terms[n++] = number_term(cx, "colour", q->colour);
    if (q->household_id)
        terms[n++] = number_term(cx, "household", q->household_id);
    if (q->disaster_id)
        terms[n++] = number_term(cx, "disaster", q->disaster_id);
    if (str_eq_z(q->state, "closed"))
        terms[n++] = (struct filter_term){"state", FILTER_IN, closed, 1};
    else if (!str_eq_z(q->state, "all"))
        terms[n++] = (struct filter_term){"state", FILTER_IN, open, 2};
    return n;
}

enum rc alert_list(struct alert **out, size_t *count, const char **next, struct cx *cx,
                   const struct alert_query *q)
{
    struct filter_term terms[TERMS_MAX];
    struct filtered page;
    struct db_rows rows;
    int64_t county[2];
    size_t limit = q->limit && q->limit < LIST_MAX ? q->limit : LIST_MAX, n = 0;
    enum rc rc = RC_OK;
    TRY(where(&terms[0], county, cx, q->area_id));
    size_t term_count = 1 + fill_terms(terms + 1, cx, q);
    const struct db_arg fixed[] = {V_I(county[0]), V_I(county[1])};
    const struct filter f = {.fixed = fixed,
                             .fixed_count = 2,
                             .terms = terms,
                             .term_count = term_count,
                             .descending = true,
                             .after = q->after.p ? q->after : STR(""),
                             .limit = (int64_t)limit + 1};
    struct alert *list = arena_array(cx->arena, limit + 1, sizeof *list);
    if (!list)
        return fail(cx, RC_LIMIT, _("This is too much at once."), "alerts limit=%zu", limit);
    TRY(filter_sql(&page, cx, &list_table, &f));
    TRY(db_select(&rows, cx, page.sql, page.args, page.arg_count));
    *next = NULL;
    while (!rc && db_next(&rows)) {
        if (n == limit) {
            *next = filter_token(cx, &list_table, &f, V_I(0), list[n - 1].id);
            break;
        }
        rc = alert_of_row(&list[n], cx, &rows);
        n += rc == RC_OK;
    }
    enum rc ended = db_done(&rows);
    TRY(rc);
    TRY(ended);
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- sums ---- */

static struct alert_sum *sum_of(struct alert_sum *sums, size_t *count, size_t room,
                                int32_t number)
{
    for (size_t i = 0; i < *count; i++)
        if (sums[i].rule_number == number)
            return &sums[i];
    if (*count == room)
        return NULL;
    sums[*count] = (struct alert_sum){.rule_number = number};
    return &sums[(*count)++];
}

static enum rc add_path(struct alert_sum *sums, size_t *count, size_t room, struct cx *cx,
                        const int64_t county[2], struct str path)
{
    struct db_rows rows;
    const char *z = arena_copy(cx->arena, path);
    TRY(DB_SELECT(&rows, cx, &ALERT_RULE_SUMS, V_I(county[0]), V_I(county[1]), V_T(z),
                  V_T(place_path_end(cx, z)), V_I(cx->now_at)));
    while (db_next(&rows)) {
        struct alert_sum *s =
            sum_of(sums, count, room, (int32_t)row_i64(&rows, ALERT_RULE_SUMS_RULE));
        if (!s)
            continue;
        s->open += row_i64(&rows, ALERT_RULE_SUMS_OPEN);
        s->late += row_i64(&rows, ALERT_RULE_SUMS_LATE);
        s->closed += row_i64(&rows, ALERT_RULE_SUMS_CLOSED);
        s->answered += row_i64(&rows, ALERT_RULE_SUMS_ANSWERED);
        s->right += row_i64(&rows, ALERT_RULE_SUMS_HITS);
    }
    return db_done(&rows);
}

enum rc alert_sums(struct alert_sum **out, size_t *count, struct cx *cx, int64_t area_id)
{
    const struct alert_rules *rules = cx->profile->alerts;
    size_t known = rules ? rules->count : 0, n = 0, room = known + 100;
    struct alert_sum *sums = arena_new(cx->arena, room * sizeof *sums);
    struct filter_term area;
    int64_t county[2];
    TRY(where(&area, county, cx, area_id));
    for (size_t i = 0; i < known; i++)
        sums[n++] =
            (struct alert_sum){.rule = &rules->list[i], .rule_number = rules->list[i].number};
    for (size_t i = 0; i < area.value_count; i++)
        TRY(add_path(sums, &n, room, cx, county, area.values[i]));
    *out = sums;
    *count = n;
    return RC_OK;
}

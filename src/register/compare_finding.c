/* Findings of a comparison: lists with filters, counts, owners; assigning, explaining, closing.
 */
#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "db/filter.h"
#include "people/actor.h"
#include "register/area.h"
#include "register/compare.sql.h"
#include "register/compare_inner.h"

#include <string.h>

enum { PATHS_MAX = FILTER_VALUES_MAX, ACT_MAX = 200, REASON_MAX = 500, OWNERS_MAX = 100 };

static const struct filter_column columns[] = {
    {.name = "rule", .expr = "f.rule", .type = FILTER_TYPE_TEXT},
    {.name = "kind", .expr = "f.kind", .type = FILTER_TYPE_TEXT},
    {.name = "state", .expr = "f.state", .type = FILTER_TYPE_INT},
    {.name = "owner", .expr = "f.owner_id", .type = FILTER_TYPE_INT},
    {.name = "before", .expr = "f.deadline_day", .type = FILTER_TYPE_INT},
    {.name = "deadline", .expr = "f.deadline_day", .type = FILTER_TYPE_INT, .can_sort = true},
    {.name = "area", .expr = "h.place", .type = FILTER_TYPE_TEXT, .can_sort = true},
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };
static const struct filter_table table_of_list = {&COMPARE_FINDINGS, columns, COLUMN_COUNT,
                                                  "f.id"};
static const struct filter_table table_owned = {&COMPARE_FINDINGS_OWNED, columns, COLUMN_COUNT,
                                                "f.id"};
static const struct filter_table table_counts = {&COMPARE_FINDING_COUNTS, columns, COLUMN_COUNT,
                                                 "f.rule"};

/* ---- reading ---- */

static struct compare_finding finding_of_row(const struct db_rows *r)
{
    struct cx *cx = r->cx;
    struct compare_finding f = {
        .county = row_i64(r, COMPARE_FINDINGS_COUNTY),
        .id = row_i64(r, COMPARE_FINDINGS_ID),
        .list_id = row_i64(r, COMPARE_FINDINGS_LIST_ID),
        .kind_code = row_copy(r, COMPARE_FINDINGS_KIND).p,
        .rule_code = row_copy(r, COMPARE_FINDINGS_RULE).p,
        .household_id = row_i64(r, COMPARE_FINDINGS_HOUSEHOLD_ID),
        .person_id = row_i64(r, COMPARE_FINDINGS_PERSON_ID),
        .row_number = row_i64(r, COMPARE_FINDINGS_ROW_NUMBER),
        .chance = row_i64(r, COMPARE_FINDINGS_CHANCE),
        .state = (enum compare_finding_state)row_i64(r, COMPARE_FINDINGS_STATE),
        .gone = row_i64(r, COMPARE_FINDINGS_GONE) != 0,
        .newer_id = row_i64(r, COMPARE_FINDINGS_NEWER_ID),
        .owner_id = row_i64(r, COMPARE_FINDINGS_OWNER_ID),
        .deadline_day = (int32_t)row_i64(r, COMPARE_FINDINGS_DEADLINE_DAY),
        .reason = row_copy(r, COMPARE_FINDINGS_REASON).p,
        .opened_at = row_i64(r, COMPARE_FINDINGS_OPENED_AT),
        .changed_at = row_i64(r, COMPARE_FINDINGS_CHANGED_AT),
        .changed_by = row_i64(r, COMPARE_FINDINGS_CHANGED_BY),
        .person_name = row_copy(r, COMPARE_FINDINGS_PERSON_NAME).p,
        .head_name = row_copy(r, COMPARE_FINDINGS_HEAD_NAME).p,
        .household_code = row_copy(r, COMPARE_FINDINGS_HOUSEHOLD_CODE).p,
        .place = row_copy(r, COMPARE_FINDINGS_PLACE).p, /* a path: named by name_places */
    };
    f.kind = profile_list_kind(cx->profile, str_of(f.kind_code));
    f.rule = list_rule_find(f.kind, str_of(f.rule_code));
    f.overdue = f.state == DIFFERENCE_OPEN && f.deadline_day < register_today(cx);
    return f;
}

/* Paths become names, county by county. */
static enum rc name_places(struct cx *cx, struct compare_finding *all, size_t count)
{
    struct places *places = NULL;
    int64_t county = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].county != county)
            TRY(places_load(&places, cx, all[i].county));
        county = all[i].county;
        struct str rest = str_of(all[i].place);
        all[i].place = places_label(places, cx, str_cut(&rest, '/'));
    }
    return RC_OK;
}

/* Where the wanted area and the actor's areas meet. */
static enum rc scope_paths(struct str *paths, size_t *count, struct cx *cx,
                           const char *permission, int64_t area_id)
{
    const char *const *own;
    size_t own_count;
    struct area wanted = {.path = ""};
    *count = 0;
    TRY(actor_paths(&own, &own_count, cx, permission));
    if (area_id)
        TRY(area_get(&wanted, cx, area_id));
    for (size_t i = 0; i < own_count && *count < PATHS_MAX; i++) {
        struct str mine = str_of(own[i]), path = str_of(wanted.path);
        if (str_starts(path, mine))
            paths[(*count)++] = path;
        else if (str_starts(mine, path))
            paths[(*count)++] = mine;
    }
    return RC_OK;
}

struct terms {
    struct filter_term all[8];
    size_t count;
    struct str paths[PATHS_MAX], today, open;
};

static void add_term(struct terms *t, const char *column, enum filter_op op,
                     const struct str *values, size_t count)
{
    t->all[t->count++] = (struct filter_term){column, op, values, count};
}

static enum rc make_terms(struct terms *t, struct cx *cx, const struct compare_query *q)
{
    size_t path_count;
    const char *permission = q->list_id ? "compare.run" : "household.view";
    *t = (struct terms){.open = STR("1")};
    TRY(scope_paths(t->paths, &path_count, cx, permission, q->area_id));
    add_term(t, "area", FILTER_PREFIX, t->paths, path_count);
    if (q->rule.len)
        add_term(t, "rule", FILTER_EQ, &q->rule, 1);
    if (q->kind.len)
        add_term(t, "kind", FILTER_EQ, &q->kind, 1);
    if (q->state.len)
        add_term(t, "state", FILTER_EQ, &q->state, 1);
    if (q->owner.len)
        add_term(t, "owner", FILTER_EQ, &q->owner, 1);
    if (!q->overdue)
        return RC_OK;
    t->today = str_of(arena_printf(cx->arena, "%d", (int)register_today(cx)));
    add_term(t, "before", FILTER_LT, &t->today, 1);
    if (!q->state.len)
        add_term(t, "state", FILTER_EQ, &t->open, 1);
    return RC_OK;
}

enum rc compare_findings(struct compare_finding **out, size_t *count, const char **next,
                         struct cx *cx, const struct compare_query *q)
{
    struct terms *terms = arena_new(cx->arena, sizeof *terms);
    struct filtered made;
    struct db_rows rows;
    struct compare_list l = {0};
    size_t limit = q->limit && q->limit <= LIMIT_PAGE_ROWS ? q->limit : LIMIT_PAGE_ROWS_DEFAULT;
    if (q->list_id)
        TRY(compare_get(&l, cx, q->list_id));
    TRY(make_terms(terms, cx, q));
    int64_t me = register_user(cx);
    const struct db_arg of_list[] = {V_I(l.county), V_I(l.id)}, owned[] = {V_I(me), V_I(me)};
    const struct filter_table *table = q->list_id ? &table_of_list : &table_owned;
    const struct filter f = {.fixed = q->list_id ? of_list : owned,
                             .fixed_count = 2,
                             .terms = terms->all,
                             .term_count = terms->count,
                             .sort = str_eq_z(q->sort, "area") ? "area" : "deadline",
                             .after = q->after,
                             .limit = (int64_t)limit + 1};
    TRY(filter_sql(&made, cx, table, &f));
    struct compare_finding *all = arena_new(cx->arena, (limit + 1) * sizeof *all);
    size_t n = 0;
    TRY(db_select(&rows, cx, made.sql, made.args, made.arg_count));
    while (db_next(&rows) && n < limit + 1)
        all[n++] = finding_of_row(&rows);
    TRY(db_done(&rows));
    *next = NULL;
    if (n > limit) {
        n = limit;
        const struct compare_finding *last = &all[n - 1];
        bool by_area = str_eq_z(q->sort, "area");
        *next = filter_token(cx, table, &f,
                             by_area ? V_T(last->place) : V_I(last->deadline_day), last->id);
    }
    TRY(name_places(cx, all, n));
    *out = all;
    *count = n;
    return RC_OK;
}

enum rc compare_findings_of_household(struct compare_finding **out, size_t *count,
                                      struct cx *cx, int64_t county, int64_t household_id)
{
    enum { MAX = 50 };
    struct db_rows rows;
    struct compare_finding *all = arena_new(cx->arena, MAX * sizeof *all);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &COMPARE_FINDINGS_OF_HOUSEHOLD, V_I(county), V_I(household_id)));
    while (db_next(&rows) && n < MAX)
        all[n++] = finding_of_row(&rows);
    TRY(db_done(&rows));
    *out = all;
    *count = n;
    return RC_OK;
}

/* ---- counts ---- */

static struct compare_rule_count *count_of(struct compare_rule_count *all, size_t *count,
                                           struct cx *cx, struct str rule, size_t room)
{
    for (size_t i = 0; i < *count; i++)
        if (str_eq_z(rule, all[i].rule_code))
            return &all[i];
    if (*count == room)
        return NULL;
    all[*count] = (struct compare_rule_count){.rule_code = arena_copy(cx->arena, rule)};
    return &all[(*count)++];
}

enum rc compare_rule_counts(struct compare_rule_count **out, size_t *count, struct cx *cx,
                            const struct compare_list *l)
{
    enum { ROOM = 64 };
    struct terms *terms = arena_new(cx->arena, sizeof *terms);
    struct compare_rule_count *all = arena_new(cx->arena, ROOM * sizeof *all);
    struct filtered made;
    struct db_rows rows;
    size_t n = 0;
    for (size_t k = 0; l->kind && k < l->kind->rule_count; k++)
        all[n++] = (struct compare_rule_count){.rule_code = l->kind->rules[k].code,
                                               .rule = &l->kind->rules[k]};
    TRY(make_terms(terms, cx, &(struct compare_query){.list_id = l->id}));
    const struct db_arg fixed[] = {V_I(l->county), V_I(l->id), V_I(register_today(cx))};
    TRY(filter_sql(&made, cx, &table_counts,
                   &(struct filter){.fixed = fixed,
                                    .fixed_count = 3,
                                    .terms = terms->all,
                                    .term_count = terms->count}));
    TRY(db_select(&rows, cx, made.sql, made.args, made.arg_count));
    while (db_next(&rows)) {
        int64_t state = row_i64(&rows, COMPARE_FINDING_COUNTS_STATE);
        struct compare_rule_count *c =
            count_of(all, &n, cx, row_str(&rows, COMPARE_FINDING_COUNTS_RULE), ROOM);
        if (!c || state < DIFFERENCE_OPEN || state > DIFFERENCE_WRONG_MATCH)
            continue;
        c->by_state[state] += row_i64(&rows, COMPARE_FINDING_COUNTS_COUNT);
        c->overdue += row_i64(&rows, COMPARE_FINDING_COUNTS_OVERDUE);
    }
    TRY(db_done(&rows));
    *out = all;
    *count = n;
    return RC_OK;
}

enum rc compare_owners(int64_t **out, size_t *count, struct cx *cx,
                       const struct compare_list *l)
{
    struct db_rows rows;
    size_t n = 0;
    *out = arena_new(cx->arena, OWNERS_MAX * sizeof **out);
    TRY(DB_SELECT(&rows, cx, &COMPARE_FINDING_OWNERS, V_I(l->county), V_I(l->id)));
    while (db_next(&rows) && n < OWNERS_MAX)
        (*out)[n++] = row_i64(&rows, COMPARE_FINDING_OWNERS_OWNER_ID);
    *count = n;
    return db_done(&rows);
}

enum rc compare_users(struct compare_user **out, size_t *count, struct cx *cx, int64_t county)
{
    enum { MAX = 500 };
    struct db_rows rows;
    size_t n = 0;
    *out = arena_new(cx->arena, MAX * sizeof **out);
    TRY(DB_SELECT(&rows, cx, &COMPARE_USERS, V_I(county)));
    while (db_next(&rows) && n < MAX)
        (*out)[n++] = (struct compare_user){row_i64(&rows, COMPARE_USERS_ID),
                                            row_copy(&rows, COMPARE_USERS_NAME).p};
    *count = n;
    return db_done(&rows);
}

/* ---- acting ---- */

struct one_finding {
    int64_t owner_id;
    enum compare_finding_state state;
    bool in_force;
    const char *path;
};

static enum rc load_finding(struct one_finding *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &COMPARE_FINDING_GET, V_I(id), V_I(county));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such finding, or it is not for you to see."),
                    "finding=%" PRId64, id);
    TRY(rc);
    *out = (struct one_finding){
        .owner_id = row_i64(&rows, COMPARE_FINDING_GET_OWNER_ID),
        .state = (enum compare_finding_state)row_i64(&rows, COMPARE_FINDING_GET_STATE),
        .in_force = row_i64(&rows, COMPARE_FINDING_GET_NEWER_ID) == 0,
        .path = row_copy(&rows, COMPARE_FINDING_GET_AREA_PATH).p};
    return db_done(&rows);
}

/* Who may: compare.run there; the owner may say what became of it. */
static enum rc check_right(struct cx *cx, const struct one_finding *f,
                           const struct compare_action *a, int64_t id)
{
    struct str path = str_of(f->path);
    bool runs = actor_may_in(cx, "compare.run", path);
    bool own = f->owner_id == register_user(cx) && actor_may_in(cx, "check.explain", path);
    if (!runs && !actor_may_in(cx, "household.view", path))
        return fail(cx, RC_NOTFOUND,
                    _("There is no such finding, or it is not for you to see."),
                    "finding=%" PRId64, id);
    if (!runs && (a->assigns || !own))
        return fail(cx, RC_DENIED,
                    _("Only the owner of a finding, or who compares lists, may change it."),
                    "finding=%" PRId64, id);
    if (!f->in_force)
        return fail(cx, RC_CONFLICT,
                    _("A newer list has taken the place of this finding; reload the page."),
                    "finding=%" PRId64, id);
    return RC_OK;
}

static enum rc act_write(struct cx *cx, void *arg)
{
    const struct compare_action *a = arg;
    for (size_t i = 0; i < a->count; i++) {
        struct one_finding f = {0};
        TRY(load_finding(&f, cx, a->county, a->ids[i]));
        TRY(check_right(cx, &f, a, a->ids[i]));
        if (!a->assigns) {
            TRY(DB_RUN(cx, &COMPARE_FINDING_SET, V_I(a->county), V_I(a->ids[i]), V_I(a->state),
                       V_S(a->reason), V_I(cx->now_at), V_I(register_user(cx))));
            continue;
        }
        TRY(DB_RUN(cx, &COMPARE_FINDING_ASSIGN, V_I(a->county), V_I(a->ids[i]),
                   V_I(a->owner_id ? a->owner_id : f.owner_id), V_I(a->deadline_day),
                   V_I(cx->now_at), V_I(register_user(cx))));
    }
    return RC_OK;
}

static enum rc check_owner(struct cx *cx, const struct compare_action *a)
{
    struct compare_user *users;
    size_t count;
    if (!a->owner_id)
        return RC_OK;
    TRY(compare_users(&users, &count, cx, a->county));
    for (size_t i = 0; i < count; i++)
        if (users[i].id == a->owner_id)
            return RC_OK;
    return fail(cx, RC_INVALID, _("Choose an owner from the list."), "owner");
}

enum rc compare_act(struct cx *cx, const struct compare_action *a)
{
    struct compare_action copy = *a;
    copy.reason = str_or_empty(str_trim(a->reason));
    if (!a->count || a->count > ACT_MAX)
        return fail(cx, RC_INVALID, _("Choose from 1 to 200 findings."), "count=%zu", a->count);
    bool known = a->state >= DIFFERENCE_OPEN && a->state <= DIFFERENCE_WRONG_MATCH;
    if (!a->assigns && !known)
        return fail(cx, RC_INVALID, _("Please choose what became of the findings."), "state");
    bool needs_reason =
        !a->assigns && (a->state == DIFFERENCE_EXPLAINED || a->state == DIFFERENCE_WRONG_MATCH);
    if (needs_reason && !copy.reason.len)
        return fail(cx, RC_INVALID, _("Please give a reason; the next visitor reads it."),
                    "reason");
    if (copy.reason.len > REASON_MAX || utf8_bad_at(copy.reason) < copy.reason.len)
        return fail(cx, RC_INVALID, _("The reason is too long: at most 500 bytes."), "reason");
    if (a->assigns && a->deadline_day && a->deadline_day < register_today(cx))
        return fail(cx, RC_INVALID, _("The deadline has already passed."), "deadline");
    TRY(check_owner(cx, a));
    return db_write(cx, a->county, act_write, &copy);
}

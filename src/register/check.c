/* A county's findings held open: which are explained, how many there are by area, whom they
 * concern. Reading only; explaining is check_explain.c, runs are check_run.c. */
#include "register/check.h"

#include "base/text.h"
#include "register/check_inner.h"

#include <string.h>

enum { NO_NODE = -1 };

/* ---- opening ---- */

static void mark_within(struct check_county *c, struct cx *cx, const struct check_place *place)
{
    bool *within = arena_new(cx->arena, c->head->area_count + 1);
    for (size_t p = 0; p < place->path_count; p++) {
        int32_t first = columns_area_index(c->columns, place->area_ids[p]);
        if (first < 0)
            continue;
        for (int32_t i = first; i < c->head->areas[first].end; i++)
            within[i] = true;
    }
    c->within = within;
}

static void mark_in_force(struct check_county *c, struct cx *cx)
{
    bool *in_force = arena_new(cx->arena, c->rules->check_count + 1);
    for (size_t i = 0; i < c->rules->check_count; i++)
        in_force[i] = check_in_year(cx->profile, &c->rules->checks[i], c->year);
    c->in_force = in_force;
}

bool check_fires(const struct check_county *c, size_t check, int64_t row)
{
    const struct columns_check *k = &c->fires.check[check];
    return c->in_force[check] && k->fires && row >= 0 && (size_t)row < k->rows &&
           (k->fires[row / 64] >> (row % 64) & 1);
}

static bool is_explained(const struct check_county *c, size_t check, int64_t row)
{
    const uint64_t *bits = c->explained ? c->explained[check] : NULL;
    return bits && (bits[row / 64] >> (row % 64) & 1);
}

int64_t check_row_of(struct cx *cx, const struct check_county *c, const struct check *check,
                     const struct check_explanation *e)
{
    if (check->subject == SUBJECT_AREA)
        return columns_area_index(c->columns, e->subject_id);
    int64_t household = columns_household_row(c->columns, e->household_id);
    if (household < 0 || check->subject == SUBJECT_HOUSEHOLD)
        return household;
    const uint32_t *people;
    size_t count;
    if (columns_people(&people, &count, cx, c->columns, c->year, (size_t)household)) {
        err_clear(cx);
        return -1;
    }
    for (size_t i = 0; i < count; i++)
        if (c->head->person_id[people[i]] == e->subject_id)
            return people[i];
    return -1;
}

/* Marks the findings whose explanation stands and whose values are those of then. */
static enum rc mark_explained(struct check_county *c, struct cx *cx, int64_t county)
{
    struct check_explanation *all;
    size_t count;
    c->explained = arena_new(cx->arena, (c->rules->check_count + 1) * sizeof *c->explained);
    TRY(check_explanations(&all, &count, cx, county, c->year, 0));
    c->explanations = all;
    c->explanation_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct check *check = profile_check(cx->profile, all[i].number);
        if (!check)
            continue;
        size_t k = (size_t)(check - c->rules->checks);
        struct arena_mark mark = arena_mark(cx->arena);
        int64_t row = check_row_of(cx, c, check, &all[i]);
        uint8_t hash[HASH_BYTES];
        if (!check_fires(c, k, row))
            continue;
        TRY(check_hash(hash, cx, c, k, (uint32_t)row));
        arena_back(cx->arena, mark);
        if (memcmp(hash, all[i].facts, HASH_BYTES) != 0)
            continue;
        if (!c->explained[k])
            c->explained[k] = arena_new(cx->arena, (c->fires.check[k].rows / 64 + 1) * 8);
        c->explained[k][row / 64] |= UINT64_C(1) << (row % 64);
    }
    return RC_OK;
}

static enum rc fill_open(struct check_county *c, struct cx *cx, const struct check_ask *ask)
{
    c->head = columns_head(c->columns);
    c->rules = cx->profile->rules;
    c->year = ask->year;
    TRY(ask->again
            ? columns_checks_again(&c->fires, cx, c->columns, c->year, ask->progress, ask->arg)
            : columns_checks(&c->fires, cx, c->columns, c->year, ask->progress, ask->arg));
    mark_within(c, cx, ask->place);
    mark_in_force(c, cx);
    return mark_explained(c, cx, ask->place->county);
}

enum rc check_county_open(struct check_county *out, struct cx *cx, const struct check_ask *ask)
{
    struct check_county c = {0};
    TRY(columns_open(&c.columns, cx, ask->place->county));
    enum rc rc = fill_open(&c, cx, ask);
    if (rc) {
        columns_close(c.columns);
        return rc;
    }
    *out = c;
    return RC_OK;
}

void check_county_close(struct check_county *c)
{
    if (c->columns)
        columns_close(c->columns);
    c->columns = NULL;
}

/* ---- counting ---- */

enum rc check_nodes_of(const int32_t **node_of, struct cx *cx, const struct check_county *c,
                       const struct area *areas, size_t count)
{
    const struct columns_head *h = c->head;
    int32_t *of = arena_array(cx->arena, h->area_count + 1, sizeof *of);
    if (!of)
        return fail(cx, RC_LIMIT, _("There are too many areas here; choose a smaller one."),
                    "areas=%zu", h->area_count);
    for (size_t a = 0; a < h->area_count; a++) {
        of[a] = c->within[a] ? (int32_t)count : NO_NODE;
        for (size_t i = 0; i < count && c->within[a]; i++)
            if (str_starts(str_of(h->areas[a].path), str_of(areas[i].path)))
                of[a] = (int32_t)i;
    }
    *node_of = of;
    return RC_OK;
}

/* What counting one check after the other needs to meet each household once. */
struct counter {
    const struct check_county *c;
    struct check_nodes *nodes;
    uint16_t *seen; /* by household row: the last check (from 1) that counted it */
    uint64_t *any;  /* bits by household row */
    bool counts_any;
};

static void count_household(struct counter *k, size_t check, size_t row, struct check_sum *sum)
{
    if (k->seen[row] == check + 1)
        return;
    k->seen[row] = (uint16_t)(check + 1);
    sum->households++;
    if (k->counts_any)
        k->any[row / 64] |= UINT64_C(1) << (row % 64);
}

static void count_row(struct counter *k, size_t check, size_t row)
{
    const struct columns_head *h = k->c->head;
    enum subject subject = k->c->rules->checks[check].subject;
    size_t household = subject == SUBJECT_PERSON ? (size_t)h->household[row] : row;
    int32_t area = subject == SUBJECT_AREA ? (int32_t)row : h->area[household];
    int32_t node = k->nodes->node_of[area];
    if (node < 0)
        return;
    struct check_sum *sum = &k->nodes->sum[(size_t)node * k->c->rules->check_count + check];
    if (is_explained(k->c, check, (int64_t)row)) {
        sum->explained++;
        return;
    }
    if (subject == SUBJECT_AREA) {
        sum->areas++;
        return;
    }
    sum->people += subject == SUBJECT_PERSON;
    count_household(k, check, household, sum);
}

static void count_check(struct counter *k, size_t check)
{
    const struct columns_check *f = &k->c->fires.check[check];
    k->counts_any = k->c->rules->checks[check].severity != SEVERITY_NOTE;
    for (size_t w = 0; f->fires && w < (f->rows + 63) / 64; w++)
        for (uint64_t bits = f->fires[w]; bits; bits &= bits - 1) {
            size_t row = w * 64 + (size_t)__builtin_ctzll(bits);
            if (row < f->rows)
                count_row(k, check, row);
        }
}

enum rc check_count(struct check_nodes *nodes, struct cx *cx, const struct check_county *c)
{
    struct counter k = {.c = c, .nodes = nodes};
    size_t rows = c->head->household_rows;
    struct arena_mark mark = arena_mark(cx->arena);
    k.seen = arena_array(cx->arena, rows + 1, sizeof *k.seen);
    k.any = arena_array(cx->arena, rows / 64 + 1, sizeof *k.any);
    if (!k.seen || !k.any)
        return fail(cx, RC_LIMIT, _("There are too many areas here; choose a smaller one."),
                    "households=%zu", rows);
    for (size_t i = 0; i < c->rules->check_count; i++)
        if (c->in_force[i])
            count_check(&k, i);
    for (size_t w = 0; nodes->any && w <= rows / 64; w++)
        for (uint64_t bits = k.any[w]; bits; bits &= bits - 1)
            nodes->any[nodes->node_of[c->head->area[w * 64 + (size_t)__builtin_ctzll(bits)]]]++;
    arena_back(cx->arena, mark);
    return RC_OK;
}

/* ---- whom ---- */

/* A list while it is being filled. */
struct lister {
    const struct check_county *c;
    const struct check_find *find;
    const uint64_t *households; /* of a check about people: bits of their households */
    struct check_found *out;
    size_t count;
    bool started, more;
};

/* The rows of the check's subject in a household that fire and are wanted. */
static enum rc rows_in(struct check_found *f, struct cx *cx, const struct lister *l,
                       uint32_t row)
{
    const struct check_county *c = l->c;
    const struct check *check = &c->rules->checks[l->find->check];
    const uint32_t *candidates = &row;
    size_t count = 1;
    if (check->subject == SUBJECT_PERSON)
        TRY(columns_people(&candidates, &count, cx, c->columns, c->year, row));
    uint32_t *rows = arena_new(cx->arena, (count + 1) * sizeof *rows);
    size_t explained = 0;
    for (size_t i = 0; i < count; i++) {
        if (!check_fires(c, l->find->check, candidates[i]))
            continue;
        bool is = is_explained(c, l->find->check, candidates[i]);
        if (is ? l->find->show == CHECK_OPEN : l->find->show == CHECK_EXPLAINED)
            continue;
        explained += is;
        rows[f->row_count++] = candidates[i];
    }
    f->rows = rows;
    f->explained = f->row_count > 0 && explained == f->row_count;
    return RC_OK;
}

static enum rc put_row(struct lister *l, struct cx *cx, uint32_t row, bool is_area)
{
    const struct columns_head *h = l->c->head;
    struct check_found f = {.household_row = is_area ? -1 : (int64_t)row};
    f.household_id = is_area ? 0 : h->household_id[row];
    f.area_id = h->areas[is_area ? (int32_t)row : h->area[row]].id;
    if (!l->started) {
        l->started = (is_area ? f.area_id : f.household_id) == l->find->after;
        return RC_OK;
    }
    if (!is_area && l->households && !(l->households[row / 64] >> (row % 64) & 1))
        return RC_OK;
    if (!l->households && !check_fires(l->c, l->find->check, row))
        return RC_OK;
    TRY(rows_in(&f, cx, l, row));
    if (!f.row_count)
        return RC_OK;
    if (l->count == l->find->max) {
        l->more = true;
        return RC_OK;
    }
    l->out[l->count++] = f;
    return RC_OK;
}

static enum rc list_households(struct lister *l, struct cx *cx)
{
    const struct columns_head *h = l->c->head;
    for (size_t a = 0; a < h->area_count && !l->more; a++) {
        const uint32_t *rows;
        size_t count;
        bool is_top =
            l->c->within[a] && (h->areas[a].parent < 0 || !l->c->within[h->areas[a].parent]);
        if (!is_top)
            continue;
        TRY(columns_rows(&rows, &count, cx, l->c->columns, (int32_t)a));
        for (size_t i = 0; i < count && !l->more; i++)
            TRY(put_row(l, cx, rows[i], false));
    }
    return RC_OK;
}

static enum rc list_areas(struct lister *l, struct cx *cx)
{
    for (size_t a = 0; a < l->c->head->area_count && !l->more; a++)
        if (l->c->within[a])
            TRY(put_row(l, cx, (uint32_t)a, true));
    return RC_OK;
}

/* The households of the people that a check fires for. */
static const uint64_t *households_of(struct cx *cx, const struct check_county *c, size_t check)
{
    const struct columns_check *f = &c->fires.check[check];
    uint64_t *bits = arena_new(cx->arena, (c->head->household_rows / 64 + 1) * sizeof *bits);
    for (size_t w = 0; f->fires && w < (f->rows + 63) / 64; w++)
        for (uint64_t rest = f->fires[w]; rest; rest &= rest - 1) {
            int32_t row = c->head->household[w * 64 + (size_t)__builtin_ctzll(rest)];
            bits[row / 64] |= UINT64_C(1) << (row % 64);
        }
    return bits;
}

enum rc check_list(struct check_found **out, size_t *count, bool *more, struct cx *cx,
                   const struct check_county *c, const struct check_find *find)
{
    const struct check *check = &c->rules->checks[find->check];
    struct lister l = {.c = c, .find = find, .started = !find->after};
    l.out = arena_array(cx->arena, find->max + 1, sizeof *l.out);
    if (!l.out)
        return fail(cx, RC_LIMIT, _("The list is too long to be shown at once."), "max=%zu",
                    find->max);
    if (check->subject == SUBJECT_PERSON)
        l.households = households_of(cx, c, find->check);
    TRY(check->subject == SUBJECT_AREA ? list_areas(&l, cx) : list_households(&l, cx));
    if (!l.started) { /* the last one of the page before is gone: from the start again */
        struct check_find first = *find;
        first.after = 0;
        return check_list(out, count, more, cx, c, &first);
    }
    *out = l.out;
    *count = l.count;
    *more = l.more;
    return RC_OK;
}

enum rc check_facts(struct columns_fact **out, size_t *count, struct cx *cx,
                    const struct check_county *c, size_t check, uint32_t row)
{
    return columns_explain(out, count, cx, c->columns, c->rules->check_program, check, row,
                           c->year);
}

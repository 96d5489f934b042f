/* Of whom the rules of a kind of list are true: the profile's rules over the live columns. */
#include "base/text.h"
#include "register/columns.h"
#include "register/compare_inner.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { HOLDINGS_FIRST = 1024, RULES_OF_KIND = 32 };

struct gathering {
    const struct list_kind *kind;
    const struct columns_head *head;
    struct arena *arena;
    struct holding *all;
    size_t count, room;
};

static enum rc add_holding(struct cx *cx, struct gathering *g, struct holding h)
{
    if (g->count == g->room) {
        size_t room = g->room ? 2 * g->room : HOLDINGS_FIRST;
        struct holding *wider = arena_array(g->arena, room, sizeof *wider);
        if (!wider)
            return fail(cx, RC_LIMIT, _("The county is too large for this comparison."),
                        "holdings");
        if (g->count)
            memcpy(wider, g->all, g->count * sizeof *wider);
        g->all = wider;
        g->room = room;
    }
    g->all[g->count++] = h;
    return RC_OK;
}

static enum rc take_block(struct cx *cx, void *arg, const struct rule_runner *r,
                          const struct rule_block *b)
{
    struct gathering *g = arg;
    const int64_t *value[RULES_OF_KIND];
    size_t rules = g->kind->rule_count;
    assert(rules <= RULES_OF_KIND);
    for (size_t k = 0; k < rules; k++)
        value[k] = rule_value(r, g->kind->rules[k].root);
    for (size_t i = 0; i < b->count[RULE_PERSON]; i++) {
        struct holding h = {0};
        for (size_t k = 0; k < rules; k++)
            if (value[k][i] == 1)
                h.rules |= UINT32_C(1) << k;
        if (!h.rules)
            continue;
        int64_t row = b->row[RULE_PERSON][i];
        h.person_id = g->head->person_id[row];
        h.household_id = g->head->household_id[g->head->household[row]];
        TRY(add_holding(cx, g, h));
    }
    return RC_OK;
}

static enum rc run_rules(struct cx *cx, struct columns *c, struct gathering *g,
                         int64_t household_id)
{
    const struct columns_head *head = g->head = columns_head(c);
    struct columns_run run = {.program = cx->profile->compared->program,
                              .household_row = -1,
                              .block = take_block,
                              .arg = g};
    if (!head->year_count || !run.program)
        return RC_OK; /* nothing is known of anybody */
    run.year = head->years[head->year_count - 1];
    run.day = register_today(cx);
    if (household_id) {
        run.household_row = columns_household_row(c, household_id);
        if (run.household_row < 0)
            return RC_OK;
    }
    return columns_run(cx, c, &run);
}

static int by_person(const void *a, const void *b)
{
    const struct holding *x = a, *y = b;
    return x->person_id < y->person_id ? -1 : x->person_id > y->person_id;
}

enum rc rules_hold(struct holding **out, size_t *count, struct cx *cx, struct arena *arena,
                   const struct compare_list *l, int64_t household_id)
{
    struct gathering g = {.kind = l->kind, .arena = arena};
    struct columns_cache *own = NULL, *before = cx->columns;
    struct columns *c;
    if (!cx->columns) { /* a command that keeps none */
        TRY(columns_cache_open(&own, cx));
        cx->columns = own;
    }
    enum rc rc = columns_open(&c, cx, l->county);
    if (!rc) {
        rc = run_rules(cx, c, &g, household_id);
        columns_close(c);
    }
    cx->columns = before;
    if (own)
        columns_cache_close(own);
    TRY(rc);
    if (g.count)
        qsort(g.all, g.count, sizeof *g.all, by_person);
    *out = g.all;
    *count = g.count;
    return RC_OK;
}

/* Who could fill a vacancy: its rule over the people of the actor's areas. */
#include "help/help_inner.h"
#include "help/vacancy.sql.h"
#include "help/vacancy_inner.h"
#include "people/actor.h"
#include "register/household.h"

#include <stdlib.h>

enum { SHOWN_MAX = 500, HELPED_MAX = 200000 };

struct found {
    int64_t person_row, person_id, household_id;
    int32_t area;
    bool helped, unsure;
};
struct search {
    struct columns *c;
    const struct columns_head *head;
    const bool *within; /* by area index */
    const int64_t *helped;
    size_t helped_count;
    const int64_t *placed; /* people who work there, ascending */
    size_t placed_count;
    struct found *best; /* at most max, in order */
    size_t count, max;
    int64_t total;
};

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool is_in(const int64_t *ids, size_t count, int64_t id)
{
    return count && bsearch(&id, ids, count, sizeof id, by_id);
}

/* Sure before unsure, helped before others, then by place. */
static int compare(const struct found *a, const struct found *b)
{
    if (a->unsure != b->unsure)
        return a->unsure ? 1 : -1;
    if (a->helped != b->helped)
        return a->helped ? -1 : 1;
    if (a->area != b->area)
        return a->area < b->area ? -1 : 1;
    return (a->person_id > b->person_id) - (a->person_id < b->person_id);
}

/* Keeps the best `max` in order. */
static void keep(struct search *s, const struct found *f)
{
    s->total++;
    if (s->count == s->max && (!s->max || compare(f, &s->best[s->max - 1]) >= 0))
        return;
    size_t at = s->count < s->max ? s->count++ : s->max - 1;
    while (at > 0 && compare(f, &s->best[at - 1]) < 0) {
        s->best[at] = s->best[at - 1];
        at--;
    }
    s->best[at] = *f;
}

static enum rc look_at(struct cx *cx, void *arg, const struct rule_runner *r,
                       const struct rule_block *b)
{
    struct search *s = arg;
    const int64_t *value = rule_value(r, 0);
    (void)cx;
    for (size_t i = 0; i < b->count[RULE_PERSON]; i++) {
        int64_t row = b->row[RULE_PERSON][i];
        int64_t household_row = b->row[RULE_HOUSEHOLD][b->parent[RULE_PERSON][i]];
        int32_t area = s->head->area[household_row];
        if (!value[i] || !s->within[area] ||
            is_in(s->placed, s->placed_count, s->head->person_id[row]))
            continue;
        int64_t household = s->head->household_id[household_row];
        keep(s, &(struct found){.person_row = row,
                                .person_id = s->head->person_id[row],
                                .household_id = household,
                                .area = area,
                                .helped = is_in(s->helped, s->helped_count, household),
                                .unsure = value[i] == RULE_MISSING});
    }
    return RC_OK;
}

static enum rc read_helped(struct search *s, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    int64_t *ids = arena_new(cx->arena, HELPED_MAX * sizeof *ids);
    TRY(DB_SELECT(&rows, cx, &VACANCY_HELPED, V_I(county)));
    while (s->helped_count < HELPED_MAX && db_next(&rows))
        ids[s->helped_count++] = row_i64(&rows, VACANCY_HELPED_HOUSEHOLD_ID);
    s->helped = ids;
    return db_done(&rows);
}

static enum rc read_placed(struct search *s, struct cx *cx, const struct vacancy *v)
{
    struct placement *list;
    size_t count;
    TRY(placements_of(&list, &count, cx, v->county, 0, v->id));
    int64_t *ids = arena_new(cx->arena, (count + 1) * sizeof *ids);
    for (size_t i = 0; i < count; i++)
        if (!list[i].to_day)
            ids[s->placed_count++] = list[i].person_id;
    qsort(ids, s->placed_count, sizeof *ids, by_id);
    s->placed = ids;
    return RC_OK;
}

/* Runs the rule and fills in what it read for those that are shown. */
static enum rc run(struct search *s, struct candidate *out, struct cx *cx,
                   const struct rule_program *program)
{
    bool *within = arena_new(cx->arena, (s->head->area_count + 1) * sizeof *within);
    if (!s->head->year_count)
        return RC_OK;
    for (size_t i = 0; i < s->head->area_count; i++)
        within[i] = actor_may_in(cx, "household.view", str_of(s->head->areas[i].path));
    s->within = within;
    int32_t year = s->head->years[s->head->year_count - 1];
    struct columns_run r = {
        .program = program, .year = year, .household_row = -1, .block = look_at, .arg = s};
    TRY(columns_run(cx, s->c, &r));
    for (size_t i = 0; i < s->count; i++) {
        const struct found *f = &s->best[i];
        out[i] = (struct candidate){.person_id = f->person_id,
                                    .household_id = f->household_id,
                                    .area_id = s->head->areas[f->area].id,
                                    .helped = f->helped,
                                    .unsure = f->unsure};
        TRY(columns_explain(&out[i].facts, &out[i].fact_count, cx, s->c, program, 0,
                            f->person_row, year));
    }
    return RC_OK;
}

enum rc vacancy_candidates(struct candidate **out, size_t *count, int64_t *total, struct cx *cx,
                           const struct vacancy *v, size_t max)
{
    struct search s = {.max = max < SHOWN_MAX ? max : SHOWN_MAX};
    const struct rule_program *program;
    struct candidate *list = arena_new(cx->arena, (s.max + 1) * sizeof *list);
    TRY(actor_require(cx, "household.view"));
    TRY(vacancy_compile(&program, cx, v->rule));
    TRY(read_helped(&s, cx, v->county));
    TRY(read_placed(&s, cx, v));
    s.best = arena_new(cx->arena, (s.max + 1) * sizeof *s.best);
    TRY(columns_open(&s.c, cx, v->county));
    s.head = columns_head(s.c);
    enum rc rc = run(&s, list, cx, program);
    columns_close(s.c);
    TRY(rc);
    for (size_t i = 0; i < s.count; i++) {
        struct person person;
        TRY(person_get(&person, cx, list[i].person_id));
        list[i].name = person.name;
    }
    *out = list;
    *count = s.count;
    *total = s.total;
    return RC_OK;
}

/* Running rule programs over columns: where a program's values stand, blocks of households with
 * their people (or of one area with all its households), the run. What is kept of the profile's
 * own rules is columns_made.c's. */
#include "register/columns_inner.h"

#include "base/text.h"
#include "base/time.h"
#include "rule/code.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_HOUSEHOLDS = 1024,
    BLOCK_PEOPLE = 6 * BLOCK_HOUSEHOLDS,
};
/* The most that the working memory of one run may take. */
static const size_t RUN_ARENA = (size_t)2 * 1024 * 1024 * 1024;

int32_t year_day(const struct county *k, int32_t year, int32_t today)
{
    int32_t last = profile_year_last(k->profile, year);
    return last < today ? last : today;
}

/* ---- what a program reads ---- */

static bool same_key(const struct load_key *a, const struct load_key *b)
{
    return a->id == b->id && a->table == b->table && a->level == b->level && a->back == b->back;
}

/* From `from` on, around the end; SIZE_MAX: not there. */
static size_t find_key(const struct load_list *list, const struct load_key *key, size_t from)
{
    for (size_t i = 0; i < list->count; i++) {
        size_t at = from + i < list->count ? from + i : from + i - list->count;
        if (same_key(&list->keys[at], key))
            return at;
    }
    return SIZE_MAX;
}

bool load_list_make(struct load_list *out, struct arena *a, const struct rule_program *p)
{
    *out = (struct load_list){.keys = arena_array(a, p->ins_count + 1, sizeof *out->keys)};
    for (size_t i = 0; out->keys && i < p->ins_count; i++) {
        if (p->ins[i].op != OP_LOAD)
            continue;
        const struct rule_name *name = &p->names[p->ins[i].k];
        const struct load_key key = {.level = p->ins[i].level,
                                     .back = p->ins[i].back,
                                     .table = name->table,
                                     .id = name->id};
        if (find_key(out, &key, 0) == SIZE_MAX)
            out->keys[out->count++] = key;
    }
    return out->keys != NULL;
}

static int32_t day_earlier(int32_t day, int back)
{
    struct date d = day_date(day);
    d.year -= back;
    if (!date_valid(d))
        d.day = 28; /* of February */
    return day_of(d);
}

/* Where an indicator, or a fact of columns.h, stands. */
static enum rc find_field(struct load_place *out, struct county *k, struct cx *cx,
                          const struct load_key *key, int32_t year)
{
    if (key->id < 0) {
        out->subject = key->id == FIX_SIZE ? SUBJECT_HOUSEHOLD : SUBJECT_PERSON;
        return fixed_column(&out->vec, k, cx, out->subject, key->id, year);
    }
    const struct indicator *ind = profile_indicator_number(k->profile, key->id);
    struct year_columns *y = year_find(k, year);
    struct sheet_columns *s = NULL;
    if (!ind)
        return fail(cx, RC_NOTFOUND, _("There is no such indicator."), "rule column=%d",
                    (int)key->id);
    out->subject = ind->subject;
    if (ind->subject == SUBJECT_AREA) {
        const struct area_values *v;
        TRY(area_values_need(&v, k, cx, RULE_FIELD, key->id, year));
        out->by_area = true;
        out->own = v->own;
        out->nearest = v->nearest;
        return RC_OK;
    }
    if (y)
        TRY(sheet_need(&s, k, cx, ind->subject, y));
    if (s)
        out->vec = &s->col[ind->index];
    return RC_OK;
}

static enum rc find_place(struct load_place *out, struct county *k, struct cx *cx,
                          const struct load_key *key, int32_t year, int32_t day)
{
    *out = (struct load_place){0};
    if (key->table == RULE_FIELD)
        return find_field(out, k, cx, key, year - key->back);
    if (key->table == RULE_INCOME) {
        const struct income_kind *kind = profile_income(k->profile, key->id);
        struct year_columns *y = year_find(k, year - key->back);
        struct income_columns *n = NULL;
        out->subject = SUBJECT_HOUSEHOLD;
        if (y && kind)
            TRY(incomes_need(&n, k, cx, y));
        if (n) {
            out->vec = &n->kind[kind - k->profile->incomes];
            out->otherwise = &n->any;
        }
        return RC_OK;
    }
    const struct area_values *v;
    TRY(area_values_need(&v, k, cx, RULE_THRESHOLD, key->id, day_earlier(day, key->back)));
    out->by_area = true;
    out->own = out->nearest = v->own;
    return RC_OK;
}

/* ---- the source ---- */

static void gather(int64_t *out, struct column col, const int64_t *rows, size_t count)
{
    if (!col.data) {
        for (size_t i = 0; i < count; i++)
            out[i] = RULE_MISSING;
        return;
    }
    switch (col.width) {
    case 1:
        for (size_t i = 0; i < count; i++) {
            int8_t v = ((const int8_t *)col.data)[rows[i]];
            out[i] = v == INT8_MIN ? RULE_MISSING : v;
        }
        return;
    case 2:
        for (size_t i = 0; i < count; i++) {
            int16_t v = ((const int16_t *)col.data)[rows[i]];
            out[i] = v == INT16_MIN ? RULE_MISSING : v;
        }
        return;
    case 4:
        for (size_t i = 0; i < count; i++) {
            int32_t v = ((const int32_t *)col.data)[rows[i]];
            out[i] = v == INT32_MIN ? RULE_MISSING : v;
        }
        return;
    default:
        for (size_t i = 0; i < count; i++)
            out[i] = ((const int64_t *)col.data)[rows[i]];
    }
}

/* The household of a row of the block's level. */
static int64_t household_of(const struct county *k, const struct rule_block *b,
                            enum rule_level level, size_t i)
{
    return level == RULE_PERSON ? k->household[b->row[RULE_PERSON][i]]
                                : b->row[RULE_HOUSEHOLD][i];
}

static struct column column_of(const struct load_place *p)
{
    const struct vec *v = p->vec && !p->vec->data && p->otherwise ? p->otherwise : p->vec;
    return v ? vec_view(v) : (struct column){NULL, 8};
}

static void load(void *arg, int64_t *out, const struct rule_block *b, enum rule_level level,
                 enum rule_table table, int32_t id, int back)
{
    struct rule_input *in = arg;
    const struct county *k = in->k;
    const struct load_key key = {
        .level = (uint8_t)level, .back = (uint8_t)back, .table = table, .id = id};
    size_t at = find_key(in->loads, &key, in->next), count = b->count[level];
    assert(at != SIZE_MAX);
    in->next = at + 1 < in->loads->count ? at + 1 : 0;
    const struct load_place *p = &in->places[at];
    if (p->by_area && level == RULE_AREA) {
        for (size_t i = 0; i < count; i++)
            out[i] = p->own[b->row[RULE_AREA][i]];
    } else if (p->by_area) {
        for (size_t i = 0; i < count; i++)
            out[i] = p->nearest[k->area[household_of(k, b, level, i)]];
    } else if (level == RULE_PERSON && p->subject == SUBJECT_HOUSEHOLD) {
        struct column col = column_of(p);
        for (size_t i = 0; i < count; i++)
            out[i] = column_at(col, (size_t)household_of(k, b, level, i));
    } else {
        gather(out, column_of(p), b->row[level], count);
    }
}

enum rc input_make(struct rule_input *out, struct county *k, struct cx *cx,
                   const struct load_list *loads, int32_t year, int32_t day)
{
    struct year_columns *y = year_find(k, year);
    struct sheet_columns *people = NULL;
    struct load_place *places = arena_array(cx->arena, loads->count + 1, sizeof *places);
    if (!places)
        return columns_no_memory(cx);
    if (y)
        TRY(sheet_need(&people, k, cx, SUBJECT_PERSON, y));
    for (size_t i = 0; i < loads->count; i++)
        TRY(find_place(&places[i], k, cx, &loads->keys[i], year, day));
    *out = (struct rule_input){.k = k,
                               .loads = loads,
                               .places = places,
                               .people = people,
                               .source = {.day = day, .year = year, .load = load}};
    return RC_OK;
}

/* ---- blocks ---- */

bool block_make(struct block_rows *out, struct arena *a, const size_t max[3])
{
    bool good = true;
    *out = (struct block_rows){0};
    for (int level = 0; level < 3; level++) {
        out->max[level] = max[level];
        out->row[level] = arena_array(a, max[level] + 1, sizeof *out->row[level]);
        out->parent[level] = arena_array(a, max[level] + 1, sizeof *out->parent[level]);
        good = good && out->row[level] && out->parent[level];
        out->b.row[level] = out->row[level];
        out->b.parent[level] = out->parent[level];
    }
    return good;
}

void block_empty(struct block_rows *b)
{
    for (int level = 0; level < 3; level++)
        b->b.count[level] = 0;
}

bool block_add_area(struct block_rows *b, int32_t area)
{
    if (b->b.count[RULE_AREA] == b->max[RULE_AREA])
        return false;
    b->row[RULE_AREA][b->b.count[RULE_AREA]++] = area;
    return true;
}

bool block_add_household(struct block_rows *b, const struct rule_input *in, size_t row)
{
    static const struct sheet_columns none = {0};
    const struct county *k = in->k;
    const struct sheet_columns *people = in->people ? in->people : &none;
    size_t *count = b->b.count, place = count[RULE_HOUSEHOLD], before = count[RULE_PERSON];
    if (place == b->max[RULE_HOUSEHOLD])
        return false;
    bool anybody = in->people && anybody_of_year(k, people, row);
    for (int32_t p = k->first[row]; p >= 0; p = k->next_person[p]) {
        if (!is_of_year(k, people, (size_t)p, anybody))
            continue;
        if (count[RULE_PERSON] == b->max[RULE_PERSON]) {
            count[RULE_PERSON] = before;
            return false;
        }
        b->row[RULE_PERSON][count[RULE_PERSON]] = p;
        b->parent[RULE_PERSON][count[RULE_PERSON]++] = (uint32_t)place;
    }
    b->row[RULE_HOUSEHOLD][place] = (int64_t)row;
    b->parent[RULE_HOUSEHOLD][place] = count[RULE_AREA] ? (uint32_t)(count[RULE_AREA] - 1) : 0;
    count[RULE_HOUSEHOLD]++;
    return true;
}

size_t largest_household(const struct county *k)
{
    size_t most = 0;
    for (size_t h = 0; h < k->rows; h++) {
        size_t people = 0;
        for (int32_t p = k->first[h]; p >= 0; p = k->next_person[p])
            people++;
        most = people > most ? people : most;
    }
    return most;
}

/* ---- a pass ---- */

/* What one pass carries along. */
struct passing {
    struct rule_pass *pass;
    struct cx *cx; /* with the pass' own arena */
    struct rule_input in;
    struct block_rows rows;
    struct rule_runner *runner;
    int64_t done;
};

static enum rc run_block(struct passing *p)
{
    struct rule_pass *pass = p->pass;
    struct rule_figures figures;
    if (p->rows.b.count[RULE_HOUSEHOLD] == 0 && p->rows.b.count[RULE_AREA] == 0)
        return RC_OK;
    rule_run(&figures, p->runner, &p->in.source, &p->rows.b);
    pass->figures.zero_divisions += figures.zero_divisions;
    pass->figures.overflows += figures.overflows;
    TRY(pass->block(pass->block_cx ? pass->block_cx : p->cx, pass->arg, p->runner, &p->rows.b));
    p->done += (int64_t)p->rows.b.count[RULE_HOUSEHOLD];
    block_empty(&p->rows);
    return pass->progress ? columns_fail(p->cx, pass->progress_cx,
                                         pass->progress(pass->progress_cx, pass->progress_arg,
                                                        p->done, (int64_t)pass->row_count))
                          : RC_OK;
}

static enum rc run_households(struct passing *p)
{
    struct rule_pass *pass = p->pass;
    const struct county *k = pass->k;
    for (size_t i = 0; i < pass->row_count; i++) {
        size_t row = pass->rows ? pass->rows[i] : i;
        if (k->household_id[row] == 0)
            continue;
        if (block_add_household(&p->rows, &p->in, row))
            continue;
        TRY(run_block(p));
        if (!block_add_household(&p->rows, &p->in, row))
            return columns_no_memory(p->cx); /* cannot be: a block holds the largest */
    }
    return run_block(p);
}

/* Rows of households in the order of their areas, and where each area's begin. */
struct by_area {
    uint32_t *rows;
    size_t *from; /* area_count + 1 */
};

static bool sort_by_area(struct by_area *out, struct arena *a, const struct county *k)
{
    out->rows = arena_array(a, k->rows + 1, sizeof *out->rows);
    out->from = arena_array(a, k->area_count + 2, sizeof *out->from);
    size_t *at = arena_array(a, k->area_count + 2, sizeof *at);
    if (!out->rows || !out->from || !at)
        return false;
    for (size_t h = 0; h < k->rows; h++)
        if (k->household_id[h])
            out->from[k->area[h] + 1]++;
    for (size_t i = 0; i < k->area_count; i++)
        out->from[i + 1] += out->from[i];
    memcpy(at, out->from, (k->area_count + 1) * sizeof *at);
    for (size_t h = 0; h < k->rows; h++)
        if (k->household_id[h])
            out->rows[at[k->area[h]]++] = (uint32_t)h;
    return true;
}

static enum rc run_areas(struct passing *p, const struct by_area *by)
{
    const struct rule_pass *pass = p->pass;
    for (size_t i = 0; i < pass->area_count; i++) {
        int32_t area = pass->areas[i];
        size_t end = by->from[pass->k->areas[area].end];
        (void)block_add_area(&p->rows, area);
        for (size_t h = by->from[area]; p->rows.max[RULE_HOUSEHOLD] > 0 && h < end; h++)
            if (!block_add_household(&p->rows, &p->in, by->rows[h]))
                return columns_no_memory(p->cx);
        TRY(run_block(p));
    }
    return RC_OK;
}

static bool reads_level(const struct rule_program *p, enum rule_level level)
{
    for (size_t i = 0; i < p->ins_count; i++)
        if (p->ins[i].level == (uint8_t)level)
            return true;
    return false;
}

/* As many rows of each level as the largest block needs. */
static void block_sizes(size_t max[3], const struct rule_pass *pass, const struct by_area *by)
{
    const struct county *k = pass->k;
    max[RULE_AREA] = 0;
    max[RULE_HOUSEHOLD] =
        pass->row_count < BLOCK_HOUSEHOLDS ? pass->row_count + 1 : BLOCK_HOUSEHOLDS;
    max[RULE_PERSON] =
        largest_household(k) +
        (pass->row_count < BLOCK_HOUSEHOLDS ? 6 * pass->row_count : BLOCK_PEOPLE);
    if (!pass->areas)
        return;
    size_t most = 0, people = 0;
    for (size_t i = 0; i < pass->area_count; i++) {
        size_t from = by->from[pass->areas[i]], end = by->from[k->areas[pass->areas[i]].end];
        size_t here = 0;
        for (size_t h = from; h < end; h++)
            for (int32_t p = k->first[by->rows[h]]; p >= 0; p = k->next_person[p])
                here++;
        most = end - from > most ? end - from : most;
        people = here > people ? here : people;
    }
    bool persons = reads_level(pass->program, RULE_PERSON);
    bool households = persons || reads_level(pass->program, RULE_HOUSEHOLD);
    max[RULE_AREA] = 1;
    max[RULE_HOUSEHOLD] = households ? most : 0;
    max[RULE_PERSON] = households ? people : 0;
}

static enum rc run_pass(struct passing *p)
{
    struct rule_pass *pass = p->pass;
    struct by_area by = {0};
    size_t max[3];
    if (!pass->rows && !pass->areas)
        pass->row_count = pass->k->rows;
    TRY(input_make(&p->in, pass->k, p->cx, pass->loads, pass->year, pass->day));
    p->in.source.arg = &p->in;
    pass->source = &p->in.source;
    if (pass->areas && !sort_by_area(&by, p->cx->arena, pass->k))
        return columns_no_memory(p->cx);
    block_sizes(max, pass, &by);
    if (!block_make(&p->rows, p->cx->arena, max))
        return columns_no_memory(p->cx);
    TRY(rule_runner_make(&p->runner, p->cx, pass->program, max));
    return pass->areas ? run_areas(p, &by) : run_households(p);
}

enum rc rule_pass(struct cx *cx, struct rule_pass *pass)
{
    struct cx own = *cx;
    struct passing p = {.pass = pass, .cx = &own};
    own.arena = arena_open(RUN_ARENA);
    err_clear(&own);
    pass->figures = (struct rule_figures){0};
    enum rc rc = run_pass(&p);
    arena_free(own.arena);
    return columns_fail(cx, &own, rc);
}

/* ---- any rule ---- */

static bool has_area_root(const struct rule_program *p)
{
    for (size_t i = 0; i < p->root_count; i++)
        if (p->roots[i].level == RULE_AREA)
            return true;
    return false;
}

static enum rc areas_under(const int32_t **out, size_t *count, struct cx *cx,
                           const struct county *k, int32_t area)
{
    size_t n = (size_t)(k->areas[area].end - area);
    int32_t *list = arena_array(cx->arena, n + 1, sizeof *list);
    if (!list)
        return columns_no_memory(cx);
    for (size_t i = 0; i < n; i++)
        list[i] = area + (int32_t)i;
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc columns_run(struct cx *cx, struct columns *c, struct columns_run *run)
{
    struct county *k = c->county;
    struct load_list loads;
    uint32_t one = run->household_row >= 0 ? (uint32_t)run->household_row : 0;
    int32_t today = register_today(cx);
    struct rule_pass pass = {.k = k,
                             .program = run->program,
                             .loads = &loads,
                             .year = run->year,
                             .day = run->day ? run->day : year_day(k, run->year, today),
                             .block = run->block,
                             .block_cx = cx,
                             .arg = run->arg};
    assert(run->area >= 0 && (size_t)run->area < k->area_count);
    if (!load_list_make(&loads, cx->arena, run->program))
        return columns_no_memory(cx);
    if (run->household_row >= 0) {
        pass.rows = &one;
        pass.row_count = 1;
    } else if (has_area_root(run->program)) {
        TRY(areas_under(&pass.areas, &pass.area_count, cx, k, run->area));
    } else if (run->area > 0) {
        TRY(columns_rows(&pass.rows, &pass.row_count, cx, c, run->area));
    }
    enum rc rc = rule_pass(&c->own, &pass);
    run->figures = pass.figures;
    return columns_fail(cx, &c->own, rc);
}

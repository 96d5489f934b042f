/* What is kept of the profile's own rules: derived indicators, deprivations, checks that fire.
 * Each is computed for a whole year when it is first asked for, then household by household as
 * things change (made_refresh). What belongs to areas depends on all their households: it goes
 * at any change and is computed when asked for again. */
#include "register/columns_inner.h"

#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MADE_ARENA = 512 * 1024 * 1024, ONE_PEOPLE = 64 };

/* A program with what is prepared for running it. */
struct engine {
    const struct rule_program *program; /* NULL: there are no such rules */
    struct load_list loads;
    const size_t *root_of; /* root → index in the profile's list; NULL: the same */
    /* for one household at a time, under the writing lock */
    struct arena *arena;
    struct rule_runner *one;
    struct block_rows block;
    struct kept_input *inputs; /* of the years, by their places; in the engine's arena */
};
/* Where a year's values stand: finding that out costs more than running for one household. */
struct kept_input {
    struct rule_input in;
    int32_t day;
    int64_t changed; /* k->places_changed of then */
};
struct made {
    struct arena *arena;
    struct engine derived, checks, area_derived, area_checks, *index;
    size_t index_count;
};

/* ---- engines ---- */

/* The rules for areas in a program of their own: the others need not be run for them. */
static enum rc compile_areas(struct engine *e, struct cx *cx, const struct profile_rules *rules,
                             bool checks)
{
    size_t all = checks ? rules->check_count : rules->derived_count, count = 0;
    struct rule_text *texts = arena_array(cx->arena, all + 1, sizeof *texts);
    size_t *root_of = arena_array(cx->arena, all + 1, sizeof *root_of);
    struct rule_fault fault;
    if (!texts || !root_of)
        return columns_no_memory(cx);
    for (size_t i = 0; i < all; i++) {
        enum subject subject = checks ? rules->checks[i].subject : rules->derived[i].subject;
        const char *text = checks ? rules->checks[i].rule : rules->derived[i].rule;
        if (subject != SUBJECT_AREA)
            continue;
        root_of[count] = i;
        texts[count++] =
            (struct rule_text){.name = checks ? rules->checks[i].code : rules->derived[i].code,
                               .level = RULE_AREA,
                               .text = str_of(text),
                               .want_bool = checks};
    }
    e->root_of = root_of;
    return count == 0 ? RC_OK
                      : rule_compile(&e->program, &fault, cx, rules->dictionary, texts, count);
}

static enum rc made_make(struct made *m, struct county *k, struct cx *cx)
{
    const struct profile_rules *rules = rules_of(k);
    m->index_count = rules->index_count;
    m->index = arena_array(m->arena, m->index_count + 1, sizeof *m->index);
    if (!m->index)
        return columns_no_memory(cx);
    m->derived.program = rules->derived_count ? rules->derived_program : NULL;
    m->checks.program = rules->check_count ? rules->check_program : NULL;
    TRY(compile_areas(&m->area_derived, cx, rules, false));
    TRY(compile_areas(&m->area_checks, cx, rules, true));
    struct engine *engines[4] = {&m->derived, &m->checks, &m->area_derived, &m->area_checks};
    for (size_t i = 0; i < 4 + m->index_count; i++) {
        struct engine *e = i < 4 ? engines[i] : &m->index[i - 4];
        if (i >= 4)
            e->program = rules->indexes[i - 4].program;
        if (e->program && !load_list_make(&e->loads, m->arena, e->program))
            return columns_no_memory(cx);
    }
    return RC_OK;
}

/* load_lock is held, or the writing lock. */
static enum rc made_need(struct made **out, struct county *k, struct cx *cx)
{
    if (!k->made) {
        struct cx own = *cx;
        own.arena = arena_open(MADE_ARENA);
        err_clear(&own);
        struct made *m = arena_new(own.arena, sizeof *m);
        m->arena = own.arena;
        enum rc rc = made_make(m, k, &own);
        if (rc) {
            arena_free(own.arena);
            return columns_fail(cx, &own, rc);
        }
        k->made = m;
    }
    *out = k->made;
    return RC_OK;
}

static void engine_free(struct engine *e)
{
    if (e->arena)
        arena_free(e->arena);
    e->arena = NULL;
}

void made_free(struct county *k)
{
    struct made *m = k->made;
    if (!m)
        return;
    engine_free(&m->derived);
    engine_free(&m->checks);
    for (size_t i = 0; i < m->index_count; i++)
        engine_free(&m->index[i]);
    k->made = NULL;
    arena_free(m->arena);
}

/* ---- taking what a run made ---- */

/* Where the values of a run go. */
struct taker {
    struct county *k;
    const struct engine *engine;
    struct derived_columns *derived;
    struct check_columns *checks;
    struct flag_columns *flags;
    size_t flag_count;
    int32_t year;
    bool areas; /* the roots of areas, else the others */
    bool failed;
};

static size_t cap_of(const struct county *k, enum rule_level level)
{
    return subject_cap(k, level == RULE_HOUSEHOLD ? SUBJECT_HOUSEHOLD
                          : level == RULE_PERSON  ? SUBJECT_PERSON
                                                  : SUBJECT_AREA);
}

static size_t index_of(const struct engine *e, size_t root)
{
    return e->root_of ? e->root_of[root] : root;
}

static void take_derived(struct taker *t, const struct rule_runner *r,
                         const struct rule_block *b)
{
    const struct rule_program *p = t->engine->program;
    for (size_t root = 0; root < rule_root_count(p); root++) {
        enum rule_level level = rule_root_level(p, root);
        if ((level == RULE_AREA) != t->areas)
            continue;
        struct vec *v = &t->derived->rule[index_of(t->engine, root)];
        const int64_t *values = rule_value(r, root);
        for (size_t i = 0; i < b->count[level]; i++)
            if (!vec_set(v, cap_of(t->k, level), (size_t)b->row[level][i], values[i]))
                t->failed = true;
    }
}

static void take_flags(struct taker *t, const struct rule_runner *r, const struct rule_block *b)
{
    for (size_t j = 0; j < t->flag_count; j++) {
        const int64_t *values = rule_value(r, j);
        for (size_t i = 0; i < b->count[RULE_HOUSEHOLD]; i++) {
            size_t row = (size_t)b->row[RULE_HOUSEHOLD][i];
            if (values[i] == 1)
                t->flags->deprived[row] |= (uint16_t)(1u << j);
            if (values[i] != RULE_MISSING)
                t->flags->known[row] |= (uint16_t)(1u << j);
        }
    }
}

static void take_checks(struct taker *t, const struct rule_runner *r,
                        const struct rule_block *b)
{
    const struct rule_program *p = t->engine->program;
    for (size_t root = 0; root < rule_root_count(p); root++) {
        size_t check = index_of(t->engine, root);
        enum rule_level level = rule_root_level(p, root);
        if ((level == RULE_AREA) != t->areas || !t->checks->check[check].fires)
            continue;
        const int64_t *values = rule_value(r, root);
        for (size_t i = 0; i < b->count[level]; i++)
            if (values[i] == 1)
                made_bit_set(&t->checks->check[check], (size_t)b->row[level][i]);
    }
}

static enum rc take(struct cx *cx, void *arg, const struct rule_runner *r,
                    const struct rule_block *b)
{
    struct taker *t = arg;
    if (t->derived)
        take_derived(t, r, b);
    if (t->checks)
        take_checks(t, r, b);
    if (t->flags)
        take_flags(t, r, b);
    return t->failed ? columns_no_memory(cx) : RC_OK;
}

/* Areas that have something of their own in a year: a sheet, or households. */
static enum rc own_areas(const int32_t **out, size_t *count, struct county *k, struct cx *cx,
                         struct year_columns *y)
{
    struct sheet_columns *s;
    size_t used = 0;
    TRY(sheet_need(&s, k, cx, SUBJECT_AREA, y));
    int32_t *list = arena_array(cx->arena, k->area_count + 1, sizeof *list);
    uint8_t *lived_in = arena_array(cx->arena, k->area_count + 1, 1);
    if (!list || !lived_in)
        return columns_no_memory(cx);
    for (size_t h = 0; h < k->rows; h++)
        if (k->household_id[h])
            lived_in[k->area[h]] = 1;
    for (size_t i = 0; i < k->area_count; i++)
        if (lived_in[i] || vec_at(&s->has, i) == 1)
            list[used++] = (int32_t)i;
    *out = list;
    *count = used;
    return RC_OK;
}

/* Runs an engine over the county for a year. */
static enum rc fill(struct taker *t, struct cx *cx, struct year_columns *y,
                    struct rule_pass *pass)
{
    struct county *k = t->k;
    if (!t->engine->program)
        return RC_OK;
    pass->k = k;
    pass->program = t->engine->program;
    pass->loads = &t->engine->loads;
    pass->year = y->year;
    pass->day = year_day(k, y->year, k->today);
    pass->block = take;
    pass->arg = t;
    if (t->areas)
        TRY(own_areas(&pass->areas, &pass->area_count, k, cx, y));
    return rule_pass(cx, pass);
}

/* ---- derived ---- */

static enum rc derived_make(struct derived_columns **out, struct county *k, struct cx *cx,
                            struct year_columns *y, bool areas)
{
    struct made *m;
    TRY(made_need(&m, k, cx));
    struct derived_columns *d = calloc(1, sizeof *d);
    if (d)
        d->rule = calloc(rules_of(k)->derived_count + 1, sizeof *d->rule);
    struct taker t = {.k = k,
                      .engine = areas ? &m->area_derived : &m->derived,
                      .derived = d,
                      .year = y->year,
                      .areas = areas};
    struct rule_pass pass = {0};
    enum rc rc = d && d->rule ? fill(&t, cx, y, &pass) : columns_no_memory(cx);
    if (rc)
        made_derived_free(k, d);
    else
        *out = d;
    return rc;
}

static enum rc derived_need(struct derived_columns **out, struct county *k, struct cx *cx,
                            struct year_columns *y, bool areas)
{
    _Atomic(struct derived_columns *) *place = areas ? &y->area_derived : &y->derived;
    enum rc rc = RC_OK;
    *out = atomic_load(place);
    if (*out)
        return RC_OK;
    pthread_mutex_lock(&k->load_lock);
    *out = atomic_load(place);
    if (!*out)
        rc = derived_make(out, k, cx, y, areas);
    if (!rc)
        atomic_store(place, *out);
    pthread_mutex_unlock(&k->load_lock);
    return rc;
}

enum rc columns_derived(struct column *out, struct cx *cx, struct columns *c, size_t derived,
                        int32_t year)
{
    struct county *k = c->county;
    struct year_columns *y = year_find(k, year);
    struct derived_columns *d;
    const struct profile_rules *rules = rules_of(k);
    if (derived >= rules->derived_count)
        return fail(cx, RC_NOTFOUND, _("There is no such indicator."), "derived=%zu", derived);
    *out = (struct column){NULL, 8};
    if (!y)
        return RC_OK;
    bool areas = rules->derived[derived].subject == SUBJECT_AREA;
    TRY(columns_fail(cx, &c->own, derived_need(&d, k, &c->own, y, areas)));
    *out = vec_view(&d->rule[derived]);
    return RC_OK;
}

/* ---- deprivations ---- */

static enum rc flags_make(struct flag_columns **out, struct county *k, struct cx *cx,
                          struct year_columns *y, size_t index)
{
    struct made *m;
    struct rule_pass pass = {0};
    TRY(made_need(&m, k, cx));
    struct flag_columns *f = calloc(1, sizeof *f);
    if (f) {
        f->deprived = calloc(k->cap + 1, sizeof *f->deprived);
        f->known = calloc(k->cap + 1, sizeof *f->known);
    }
    struct taker t = {.k = k,
                      .engine = &m->index[index],
                      .flags = f,
                      .flag_count = rules_of(k)->indexes[index].count,
                      .year = y->year};
    enum rc rc = f && f->deprived && f->known ? fill(&t, cx, y, &pass) : columns_no_memory(cx);
    if (rc)
        made_flags_free(f);
    else
        *out = f;
    return rc;
}

enum rc columns_flags(struct columns_flags *out, struct cx *cx, struct columns *c, size_t index,
                      int32_t year)
{
    struct county *k = c->county;
    struct year_columns *y = year_find(k, year);
    enum rc rc = RC_OK;
    if (index >= rules_of(k)->index_count)
        return fail(cx, RC_NOTFOUND, _("There is no such index."), "index=%zu", index);
    if (!y)
        return fail_f(cx, RC_NOTFOUND, _("No household has data of the year %d."), (int)year);
    struct flag_columns *f = atomic_load(&y->flags[index]);
    if (!f) {
        pthread_mutex_lock(&k->load_lock);
        f = atomic_load(&y->flags[index]);
        if (!f)
            rc = flags_make(&f, k, &c->own, y, index);
        if (!rc)
            atomic_store(&y->flags[index], f);
        pthread_mutex_unlock(&k->load_lock);
    }
    if (!rc)
        *out = (struct columns_flags){f->deprived, f->known};
    return columns_fail(cx, &c->own, rc);
}

/* ---- checks ---- */

static enum rc checks_make(struct check_columns **out, struct county *k, struct cx *cx,
                           struct year_columns *y, bool areas, struct rule_pass *pass)
{
    struct made *m;
    TRY(made_need(&m, k, cx));
    struct check_columns *c = made_checks_new(k, y->year, areas);
    if (!c)
        return columns_no_memory(cx);
    struct taker t = {.k = k,
                      .engine = areas ? &m->area_checks : &m->checks,
                      .checks = c,
                      .year = y->year,
                      .areas = areas};
    enum rc rc = fill(&t, cx, y, pass);
    if (rc)
        made_checks_free(k, c);
    else
        *out = c;
    return rc;
}

/* Both parts, side by side in the caller's arena. */
static enum rc checks_out(struct columns_checks *out, struct cx *cx, const struct county *k,
                          const struct check_columns *own, const struct check_columns *areas)
{
    const struct profile_rules *rules = rules_of(k);
    struct columns_check *list = arena_array(cx->arena, rules->check_count + 1, sizeof *list);
    static const uint64_t nothing[1] = {0};
    if (!list)
        return columns_no_memory(cx);
    for (size_t i = 0; i < rules->check_count; i++) {
        enum subject subject = rules->checks[i].subject;
        list[i] = subject == SUBJECT_AREA ? areas->check[i] : own->check[i];
        list[i].rows = subject_rows(k, subject);
        if (!list[i].fires) { /* not in force that year */
            list[i].fires = nothing;
            list[i].rows = 0;
        }
    }
    *out = (struct columns_checks){list, rules->check_count};
    return RC_OK;
}

static bool retired_full(struct county *k)
{
    return atomic_load(&k->retired_count) + 2 > sizeof k->retired / sizeof *k->retired;
}

static enum rc checks_need(struct columns_checks *out, struct columns *c,
                           struct year_columns *y, bool again, struct rule_pass *pass)
{
    struct county *k = c->county;
    struct cx *own = &c->own;
    struct rule_pass area_pass = {0};
    enum rc rc = RC_OK;
    pthread_mutex_lock(&k->load_lock);
    struct check_columns *rows = y->checks, *areas = y->area_checks;
    /* Nobody holds so many: then what is there is as good as new. */
    again = again && !retired_full(k);
    if (!rows || again)
        rc = checks_make(&rows, k, own, y, false, pass);
    if (!rc && rows != y->checks) {
        if (y->checks)
            retire_checks(k, y->checks);
        atomic_store(&y->checks, rows);
    }
    if (!rc && (!areas || again))
        rc = checks_make(&areas, k, own, y, true, &area_pass);
    if (!rc && areas != y->area_checks) {
        if (y->area_checks)
            retire_checks(k, y->area_checks);
        atomic_store(&y->area_checks, areas);
    }
    if (!rc)
        rc = checks_out(out, own, k, rows, areas);
    pthread_mutex_unlock(&k->load_lock);
    return rc;
}

static enum rc run_checks(struct columns_checks *out, struct cx *cx, struct columns *c,
                          int32_t year, bool again, struct rule_pass *pass)
{
    struct year_columns *y = year_find(c->county, year);
    if (!y)
        return fail_f(cx, RC_NOTFOUND, _("No household has data of the year %d."), (int)year);
    pass->progress_cx = cx;
    return columns_fail(cx, &c->own, checks_need(out, c, y, again, pass));
}

enum rc columns_checks(struct columns_checks *out, struct cx *cx, struct columns *c,
                       int32_t year, columns_progress_fn progress, void *arg)
{
    struct rule_pass pass = {.progress = progress, .progress_arg = arg};
    return run_checks(out, cx, c, year, false, &pass);
}

enum rc columns_checks_again(struct columns_checks *out, struct cx *cx, struct columns *c,
                             int32_t year, columns_progress_fn progress, void *arg)
{
    struct rule_pass pass = {.progress = progress, .progress_arg = arg};
    return run_checks(out, cx, c, year, true, &pass);
}

/* ---- one household at a time ---- */

static size_t people_linked(const struct county *k, size_t row)
{
    size_t count = 0;
    for (int32_t p = k->first[row]; p >= 0; p = k->next_person[p])
        count++;
    return count;
}

/* A runner for one household of so many people; kept. */
static enum rc engine_ready(struct engine *e, struct cx *cx, size_t people)
{
    if (e->one && e->block.max[RULE_PERSON] >= people)
        return RC_OK;
    engine_free(e);
    e->one = NULL;
    struct cx own = *cx;
    const size_t max[3] = {0, 1, people < ONE_PEOPLE ? ONE_PEOPLE : 2 * people};
    own.arena = e->arena = arena_open(MADE_ARENA);
    err_clear(&own);
    e->inputs = arena_new(e->arena, COLUMN_YEARS_MAX * sizeof *e->inputs);
    for (size_t i = 0; i < COLUMN_YEARS_MAX; i++)
        e->inputs[i].changed = -1;
    if (!block_make(&e->block, e->arena, max))
        return columns_no_memory(cx);
    return columns_fail(cx, &own, rule_runner_make(&e->one, &own, e->program, max));
}

/* The input for a year, found anew only when places have changed. */
static enum rc engine_input(struct rule_input **out, struct engine *e, struct county *k,
                            struct cx *cx, size_t year)
{
    struct kept_input *kept = &e->inputs[year];
    int32_t day = year_day(k, k->year[year]->year, k->today);
    struct cx own = *cx;
    *out = &kept->in;
    if (kept->changed == k->places_changed && kept->day == day)
        return RC_OK;
    own.arena = e->arena;
    err_clear(&own);
    kept->changed = -1;
    TRY(columns_fail(cx, &own,
                     input_make(&kept->in, k, &own, &e->loads, k->year[year]->year, day)));
    kept->in.source.arg = &kept->in;
    kept->day = day;
    kept->changed = k->places_changed;
    return RC_OK;
}

static void clear_household(struct county *k, struct year_columns *y, size_t row)
{
    made_clear_row(k, y, SUBJECT_HOUSEHOLD, row);
    for (int32_t p = k->first[row]; p >= 0; p = k->next_person[p])
        made_clear_row(k, y, SUBJECT_PERSON, (size_t)p);
}

static enum rc refresh_engine(struct taker *t, struct engine *e, struct cx *cx, size_t year,
                              const int32_t *rows, size_t count)
{
    struct county *k = t->k;
    struct rule_input *in;
    struct rule_figures figures;
    if (!e->program)
        return RC_OK;
    t->engine = e;
    t->year = k->year[year]->year;
    for (size_t i = 0; i < count; i++) {
        if (k->household_id[rows[i]] == 0)
            continue;
        TRY(engine_ready(e, cx, people_linked(k, (size_t)rows[i])));
        TRY(engine_input(&in, e, k, cx, year));
        block_empty(&e->block);
        in->next = 0;
        (void)block_add_household(&e->block, in, (size_t)rows[i]);
        rule_run(&figures, e->one, &in->source, &e->block.b);
        TRY(take(cx, t, e->one, &e->block.b));
    }
    return RC_OK;
}

static enum rc refresh_year(struct county *k, struct cx *cx, size_t year, const int32_t *rows,
                            size_t count)
{
    struct made *m = k->made;
    struct year_columns *y = k->year[year];
    for (size_t i = 0; i < count; i++)
        clear_household(k, y, (size_t)rows[i]);
    if (y->derived) {
        struct taker t = {.k = k, .derived = y->derived};
        TRY(refresh_engine(&t, &m->derived, cx, year, rows, count));
    }
    for (size_t i = 0; i < m->index_count; i++)
        if (y->flags[i]) {
            struct taker t = {
                .k = k, .flags = y->flags[i], .flag_count = rules_of(k)->indexes[i].count};
            TRY(refresh_engine(&t, &m->index[i], cx, year, rows, count));
        }
    if (!y->checks)
        return RC_OK;
    struct taker t = {.k = k, .checks = y->checks};
    return refresh_engine(&t, &m->checks, cx, year, rows, count);
}

enum rc made_refresh(struct county *k, struct cx *cx, const int32_t *rows, size_t count)
{
    struct made *m;
    bool any = false;
    for (size_t i = 0; i < k->year_count; i++) {
        struct year_columns *y = k->year[i];
        made_drop_areas(k, y);
        any = any || y->derived || y->checks;
        for (size_t n = 0; n < rules_of(k)->index_count; n++)
            any = any || y->flags[n];
    }
    if (!any)
        return RC_OK;
    TRY(made_need(&m, k, cx));
    for (size_t i = 0; i < k->year_count; i++)
        TRY(refresh_year(k, cx, i, rows, count));
    return RC_OK;
}

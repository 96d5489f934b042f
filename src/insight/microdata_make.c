/* Making a de-identified file and checking what it would disclose: see microdata.h. */
#include "insight/microdata.h"

#include "base/crypto.h"
#include "base/text.h"
#include "frame/frame.h"
#include "register/columns.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MOST = 7, CUT_PER_MILLE = 10, MONEY_STEP = 100, TWO_DIGITS = 100 };

/* The table while it is made: value[column][record]; missing as COLUMN_MISSING. Columns 0..1
 * are part and size. */
struct making {
    const struct indicator *variable[MICRODATA_VARIABLES_MAX];
    size_t variable_count, column_count;
    int64_t *value[MICRODATA_VARIABLES_MAX + 2];
    bool outside[MICRODATA_VARIABLES_MAX + 2]; /* could be known from outside */
    bool *out;                                 /* record is left out */
    size_t n;
    struct microdata_risk *risk;
};

bool microdata_allowed(const struct cx *cx, const struct indicator *ind)
{
    return ind && ind->subject == SUBJECT_HOUSEHOLD && !ind->secret && ind->type != TYPE_TEXT &&
           ind->type != TYPE_DAY && ind != cx->profile->longitude &&
           ind != cx->profile->latitude;
}

static bool has_variable(const struct making *t, const struct indicator *ind)
{
    for (size_t k = 0; k < t->variable_count; k++)
        if (t->variable[k] == ind)
            return true;
    return false;
}

static enum rc read_variables(struct making *t, struct cx *cx, const char *variables)
{
    for (struct str rest = str_of(variables); rest.len;) {
        struct str code = str_trim(str_cut(&rest, ' '));
        if (!code.len)
            continue;
        const struct indicator *ind = profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, code);
        if (!microdata_allowed(cx, ind))
            return fail_f(cx, RC_INVALID, _("“%s” cannot be part of such a file."),
                          arena_copy(cx->arena, code));
        if (has_variable(t, ind))
            continue;
        if (t->variable_count == MICRODATA_VARIABLES_MAX)
            return fail_f(cx, RC_INVALID, _("Choose at most %d variables."),
                          MICRODATA_VARIABLES_MAX);
        t->variable[t->variable_count++] = ind;
    }
    return t->variable_count ? RC_OK
                             : fail(cx, RC_INVALID, _("Choose at least one variable."), "none");
}

/* ---- values ---- */

static int64_t round_to(int64_t v, int64_t step)
{
    int64_t half = step / 2;
    return v >= 0 ? (v + half) / step * step : -((-v + half) / step * step);
}

/* Two digits, counted from the lowest value there may be: of years since 1900, say. */
static int64_t two_digits(int64_t v, const struct indicator *ind)
{
    int64_t base = ind->has_min ? ind->min : 0, step = 1;
    while ((v - base) / step >= TWO_DIGITS || (v - base) / step <= -TWO_DIGITS)
        step *= 10;
    return base + round_to(v - base, step);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Cuts the column at its 1st and 99th percentile, and so that at least K share the extremes. */
static enum rc cut_tails(struct cx *cx, int64_t *v, size_t n)
{
    int64_t *sorted = arena_array(cx->arena, n + 1, sizeof *sorted);
    size_t known = 0;
    if (!sorted)
        return fail(cx, RC_LIMIT, _("There are too many households for one file."),
                    "microdata");
    for (size_t i = 0; i < n; i++)
        if (v[i] != COLUMN_MISSING)
            sorted[known++] = v[i];
    qsort(sorted, known, sizeof *sorted, by_number);
    bool few = known < MICRODATA_KNOWN;
    size_t tail = known * CUT_PER_MILLE / 1000;
    tail = tail < MICRODATA_K - 1 ? MICRODATA_K - 1 : tail;
    int64_t low = few ? 0 : sorted[tail], high = few ? 0 : sorted[known - 1 - tail];
    for (size_t i = 0; i < n; i++)
        if (v[i] != COLUMN_MISSING)
            v[i] = few ? COLUMN_MISSING : v[i] < low ? low : v[i] > high ? high : v[i];
    return RC_OK;
}

static int64_t money_step(const struct cx *cx)
{
    int64_t step = MONEY_STEP;
    for (unsigned i = 0; i < cx->profile->currency_decimals; i++)
        step *= 10;
    return step;
}

static enum rc coarsen(struct making *t, struct cx *cx, size_t column,
                       const struct indicator *ind)
{
    int64_t *v = t->value[column];
    bool quantity =
        ind->type == TYPE_MONEY || ind->type == TYPE_DECIMAL || ind->type == TYPE_INTEGER;
    t->outside[column] = !quantity;
    for (size_t i = 0; i < t->n; i++) {
        if (v[i] == COLUMN_MISSING)
            continue;
        if (ind->type == TYPE_MONEY)
            v[i] = round_to(v[i], money_step(cx));
        else if (quantity)
            v[i] = two_digits(v[i], ind);
        else if (ind->type == TYPE_MONTH) /* a month's year */
            v[i] = v[i] / 12;
    }
    return quantity ? cut_tails(cx, v, t->n) : RC_OK;
}

/* The part of the area that a lowest area lies in: an index below the area's own level. */
static int64_t part_of(const struct columns_head *h, int32_t area, int32_t top)
{
    int32_t at = area;
    while (at >= 0 && at != top && h->areas[at].parent != top)
        at = h->areas[at].parent;
    return at < 0 || at == top ? COLUMN_MISSING : at;
}

static bool is_year(const struct columns_head *h, int32_t year)
{
    for (size_t i = 0; i < h->year_count; i++)
        if (h->years[i] == year)
            return true;
    return false;
}

/* The rows that have an answer. */
static void keep_answered(struct making *t, const struct column *columns, uint32_t *rows)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        bool some = false;
        for (size_t k = 0; k < t->variable_count && !some; k++)
            some = column_at(columns[k], rows[i]) != COLUMN_MISSING;
        if (some)
            rows[n++] = rows[i];
    }
    t->n = n;
    t->risk->households = (int64_t)n;
}

static enum rc make_room(struct making *t, struct cx *cx)
{
    bool room = true;
    t->column_count = t->variable_count + 2;
    t->out = arena_array(cx->arena, t->n + 1, sizeof *t->out);
    for (size_t k = 0; k < t->column_count; k++) {
        t->value[k] = arena_array(cx->arena, t->n + 1, sizeof *t->value[k]);
        room = room && t->value[k];
    }
    return room && t->out ? RC_OK
                          : fail(cx, RC_LIMIT, _("There are too many households for one file."),
                                 "microdata");
}

/* The households' rows, without those that say nothing. */
static enum rc find_rows(uint32_t **rows, struct making *t, struct cx *cx, struct columns *c,
                         const struct microdata *m, struct column *columns)
{
    const uint32_t *all;
    int32_t top = columns_area_index(c, m->area_id);
    if (top < 0)
        return fail(cx, RC_NOTFOUND, "", "microdata area");
    if (!is_year(columns_head(c), m->year))
        return fail_f(cx, RC_INVALID, _("There are no sheets of the year %d here."), m->year);
    TRY(columns_rows(&all, &t->n, cx, c, top));
    *rows = arena_array(cx->arena, t->n + 1, sizeof **rows);
    if (!*rows)
        return fail(cx, RC_LIMIT, _("There are too many households for one file."),
                    "microdata");
    if (t->n)
        memcpy(*rows, all, t->n * sizeof **rows);
    for (size_t k = 0; k < t->variable_count; k++)
        TRY(columns_get(&columns[k], cx, c, SUBJECT_HOUSEHOLD, t->variable[k]->number,
                        m->year));
    keep_answered(t, columns, *rows);
    return make_room(t, cx);
}

static enum rc fill(struct making *t, struct cx *cx, struct columns *c,
                    const struct microdata *m)
{
    const struct columns_head *h = columns_head(c);
    struct column size, columns[MICRODATA_VARIABLES_MAX];
    uint32_t *rows = NULL;
    TRY(find_rows(&rows, t, cx, c, m, columns));
    assert(rows);
    int32_t top = columns_area_index(c, m->area_id);
    TRY(columns_get(&size, cx, c, SUBJECT_HOUSEHOLD, FIX_SIZE, m->year));
    for (size_t i = 0; i < t->n; i++) {
        int64_t people = column_at(size, rows[i]);
        t->value[0][i] = part_of(h, h->area[rows[i]], top);
        t->value[1][i] = people > SIZE_MOST ? SIZE_MOST : people;
    }
    t->outside[0] = t->outside[1] = true;
    for (size_t k = 0; k < t->variable_count; k++) {
        for (size_t i = 0; i < t->n; i++)
            t->value[k + 2][i] = column_at(columns[k], rows[i]);
        TRY(coarsen(t, cx, k + 2, t->variable[k]));
    }
    return RC_OK;
}

struct key {
    uint64_t hash;
    size_t record;
};
static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const struct key *)a)->hash, y = ((const struct key *)b)->hash;
    return x < y ? -1 : x > y;
}

/* Parts get numbers at random, so that no list of townships fits them. */
static enum rc hide_parts(struct making *t, struct cx *cx)
{
    int64_t most = 0;
    for (size_t i = 0; i < t->n; i++)
        most = t->value[0][i] > most ? t->value[0][i] : most;
    struct key *order = arena_array(cx->arena, (size_t)most + 1, sizeof *order);
    int64_t *number = arena_array(cx->arena, (size_t)most + 1, sizeof *number);
    if (!order || !number)
        return fail(cx, RC_LIMIT, _("There are too many households for one file."),
                    "microdata");
    for (size_t i = 0; i < t->n; i++)
        if (t->value[0][i] != COLUMN_MISSING)
            order[t->value[0][i]].record = 1; /* it occurs: numbers have no gaps */
    for (int64_t k = 0; k <= most; k++) {
        crypto_random(&order[k].hash, sizeof order[k].hash);
        order[k] = (struct key){order[k].record ? order[k].hash : UINT64_MAX, (size_t)k};
    }
    qsort(order, (size_t)most + 1, sizeof *order, by_hash);
    for (int64_t k = 0; k <= most; k++)
        number[order[k].record] = k + 1;
    for (size_t i = 0; i < t->n; i++)
        if (t->value[0][i] != COLUMN_MISSING)
            t->value[0][i] = number[t->value[0][i]];
    return RC_OK;
}

/* ---- disclosure ---- */

static uint64_t hash_of(const struct making *t, size_t record)
{
    uint64_t h = 0xcbf29ce484222325U;
    for (size_t k = 0; k < t->column_count; k++)
        if (t->outside[k]) {
            h = (h ^ (uint64_t)t->value[k][record]) * 0x9e3779b97f4a7c15U;
            h ^= h >> 29;
        }
    return h;
}

static bool same_outside(const struct making *t, size_t a, size_t b)
{
    for (size_t k = 0; k < t->column_count; k++)
        if (t->outside[k] && t->value[k][a] != t->value[k][b])
            return false;
    return true;
}

/* How many records share everything that could be known from outside; for those left out 0. */
static void group_sizes(const struct making *t, struct key *keys, uint32_t *size)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        size[i] = 0;
        if (!t->out[i])
            keys[n++] = (struct key){hash_of(t, i), i};
    }
    qsort(keys, n, sizeof *keys, by_hash);
    for (size_t from = 0, to; from < n; from = to) {
        /* Of two kinds with one hash (hardly ever) too few are counted, which is safe. */
        for (to = from; to < n && keys[to].hash == keys[from].hash &&
                        same_outside(t, keys[to].record, keys[from].record);)
            to++;
        for (size_t i = from; i < to; i++)
            size[keys[i].record] = (uint32_t)(to - from);
    }
}

static bool alone(const struct making *t, const uint32_t *size, size_t i)
{
    return !t->out[i] && size[i] < MICRODATA_K;
}

static void blank(struct making *t, const uint32_t *size, size_t column, int64_t *count)
{
    for (size_t i = 0; i < t->n; i++)
        if (alone(t, size, i) && t->value[column][i] != COLUMN_MISSING) {
            t->value[column][i] = COLUMN_MISSING;
            ++*count;
        }
}

/* Leaving out may leave others alone: until all is quiet. */
static void drop(struct making *t, struct key *keys, uint32_t *size)
{
    for (bool again = true; again;) {
        again = false;
        group_sizes(t, keys, size);
        for (size_t i = 0; i < t->n; i++)
            if (alone(t, size, i)) {
                t->out[i] = again = true;
                t->risk->dropped++;
            }
    }
}

static enum rc protect(struct making *t, struct cx *cx)
{
    struct key *keys = arena_array(cx->arena, t->n + 1, sizeof *keys);
    uint32_t *size = arena_array(cx->arena, t->n + 1, sizeof *size);
    struct microdata_risk *r = t->risk;
    if (!keys || !size)
        return fail(cx, RC_LIMIT, _("There are too many households for one file."),
                    "microdata");
    group_sizes(t, keys, size);
    for (size_t i = 0; i < t->n; i++)
        r->alone_before += alone(t, size, i);
    blank(t, size, 0, &r->parts_blanked);
    for (size_t k = 2; k < t->column_count; k++)
        if (t->outside[k]) {
            group_sizes(t, keys, size);
            blank(t, size, k, &r->answers_blanked);
        }
    drop(t, keys, size);
    double sum = 0;
    for (size_t i = 0; i < t->n; i++)
        if (!t->out[i]) {
            r->records++;
            r->least = !r->least || size[i] < r->least ? size[i] : r->least;
            sum += 1.0 / size[i];
        }
    r->reidentify = r->records ? sum / (double)r->records : 0;
    return RC_OK;
}

/* ---- the file ---- */

static struct column_spec spec_of(struct cx *cx, const struct indicator *ind)
{
    struct column_spec s = {
        .name = ind->code, .label = LABEL(cx, ind->label), .type = COLUMN_I64};
    if (ind->type == TYPE_DECIMAL || ind->type == TYPE_MONEY)
        s.decimals = ind->decimals;
    return s;
}

static enum rc write_records(struct making *t, struct cx *cx, struct frame_writer *w)
{
    struct out_cell cells[MICRODATA_VARIABLES_MAX + 3];
    struct key *order = arena_array(cx->arena, t->n + 1, sizeof *order);
    if (!order)
        return fail(cx, RC_LIMIT, _("There are too many households for one file."),
                    "microdata");
    for (size_t i = 0; i < t->n; i++) {
        crypto_random(&order[i].hash, sizeof order[i].hash);
        order[i].record = i;
    }
    qsort(order, t->n, sizeof *order, by_hash);
    int64_t serial = 0;
    for (size_t k = 0; k < t->n; k++) {
        size_t i = order[k].record;
        if (t->out[i])
            continue;
        cells[0] = (struct out_cell){.i = ++serial};
        for (size_t c = 0; c < t->column_count; c++)
            cells[c + 1] = (struct out_cell){.missing = t->value[c][i] == COLUMN_MISSING,
                                             .i = t->value[c][i]};
        TRY(frame_writer_row(cx, w, cells));
    }
    return RC_OK;
}

static enum rc write_file(struct making *t, struct cx *cx, int fd)
{
    struct column_spec specs[MICRODATA_VARIABLES_MAX + 3] = {
        {.name = "serial", .label = _("Serial number"), .type = COLUMN_I64},
        {.name = "part", .label = _("Part of the area"), .type = COLUMN_I64},
        {.name = "size", .label = _("People"), .type = COLUMN_I64}};
    struct frame_writer *w;
    for (size_t k = 0; k < t->variable_count; k++)
        specs[k + 3] = spec_of(cx, t->variable[k]);
    TRY(frame_writer_open(
        &w, cx, fd, specs, t->variable_count + 3,
        &(struct frame_write_options){.format = FRAME_CSV, .row_count = t->risk->records}));
    enum rc rc = write_records(t, cx, w);
    if (rc) {
        frame_writer_abort(w);
        return rc;
    }
    return frame_writer_close(cx, w);
}

static enum rc make(struct making *t, struct cx *cx, const struct microdata *m)
{
    struct columns *c;
    TRY(columns_open(&c, cx, m->county));
    enum rc rc = fill(t, cx, c, m);
    columns_close(c);
    TRY(rc);
    if (t->n < MICRODATA_LEAST)
        return fail_f(cx, RC_INVALID,
                      _("There are fewer than %d households: choose a larger area."),
                      MICRODATA_LEAST);
    TRY(hide_parts(t, cx));
    return protect(t, cx);
}

enum rc microdata_make(struct microdata_risk *risk, struct cx *cx, const struct microdata *m,
                       int fd)
{
    *risk = (struct microdata_risk){0};
    struct making *t = arena_new(cx->arena, sizeof *t);
    t->risk = risk;
    TRY(read_variables(t, cx, m->variables));
    /* A county may have hundreds of thousands of households: memory of its own. */
    struct cx wide = *cx;
    wide.arena = arena_open((size_t)2 << 30);
    enum rc rc = make(t, &wide, m);
    if (!rc && fd >= 0)
        rc = write_file(t, &wide, fd);
    cx->err = wide.err;
    arena_free(wide.arena);
    return rc;
}

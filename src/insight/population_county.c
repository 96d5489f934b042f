/* One county's rows out of its columns into a population. */
#include "insight/population_impl.h"

#include <math.h>
#include <string.h>

enum { CODES_MAX = 400, CHAIN_MAX = 16, EMPTY_COLUMNS_MAX = 20, SIZE_GROUP_MAX = 7 };

/* ---- room ---- */

static enum rc grow_array(void *array, struct population_reading *r, size_t old, size_t size)
{
    void **at = array;
    struct cx *cx = r->wide;
    void *more = arena_array(r->p->arena, r->room, size);
    if (!more)
        return fail(
            r->wide, RC_LIMIT,
            _("There are too many households here for one page. Choose a smaller area."),
            "rows=%zu", r->room);
    if (old)
        memcpy(more, *at, old * size);
    *at = more;
    return RC_OK;
}

static enum rc make_room(struct population_reading *r, size_t count)
{
    struct population *p = r->p;
    if (p->n + count <= r->room)
        return RC_OK;
    size_t need = p->n + count, old = p->n;
    r->room = need > r->room * 2 ? need : r->room * 2;
    TRY(grow_array(&p->w, r, old, sizeof *p->w));
    if (!(r->want & POPULATION_NO_WELFARE))
        TRY(grow_array(&p->y, r, old, sizeof *p->y));
    if (r->want & POPULATION_CHILD)
        TRY(grow_array(&p->child, r, old, sizeof *p->child));
    if (p->codes)
        TRY(grow_array(&p->code, r, old, sizeof *p->code));
    if (r->want & POPULATION_ID) {
        TRY(grow_array(&p->household, r, old, sizeof *p->household));
        TRY(grow_array(&p->source, r, old, sizeof *p->source));
    }
    if (r->want & POPULATION_FLAGS) {
        TRY(grow_array(&p->deprived, r, old, sizeof *p->deprived));
        TRY(grow_array(&p->known, r, old, sizeof *p->known));
    }
    return RC_OK;
}

/* ---- groups ---- */

static void add_code(struct population *p, int64_t code, const char *label)
{
    p->codes[p->code_count++] = (struct population_group){.label = label, .code = code};
}

void population_codes_begin(struct population_reading *r)
{
    struct population *p = r->p;
    const struct indicator *g = p->scope->group;
    struct cx *cx = r->wide;
    if (!(r->want & POPULATION_CODE) || (!g && !p->scope->by_size))
        return;
    p->codes = arena_new(p->arena, (CODES_MAX + 1) * sizeof *p->codes);
    if (!g) {
        for (int64_t n = 1; n < SIZE_GROUP_MAX; n++)
            add_code(p, n, arena_printf(p->arena, _n("%d person", "%d people", n), (int)n));
        add_code(p, SIZE_GROUP_MAX,
                 arena_printf(p->arena, _("%d people or more"), SIZE_GROUP_MAX));
    } else if (g->type == TYPE_CODE) {
        for (size_t i = 0; i < g->list->code_count && i < CODES_MAX - 1; i++)
            add_code(p, g->list->codes[i].code, LABEL(cx, g->list->codes[i].label));
    } else if (g->type == TYPE_BOOL) {
        add_code(p, 1, _("yes"));
        add_code(p, 0, _("no"));
    }
}

/* Place of a code; new ones are added while there is room, then "not known" takes them. */
static uint32_t code_place(struct population *p, struct cx *cx, int64_t code)
{
    const struct indicator *g = p->scope->group;
    for (size_t i = 0; i < p->code_count; i++)
        if (p->codes[i].code == code)
            return (uint32_t)i;
    if (p->code_count >= CODES_MAX)
        code = COLUMN_MISSING;
    const char *label = _("not known");
    if (code != COLUMN_MISSING && g)
        label = value_show(cx, g, value_int(code));
    for (size_t i = 0; code == COLUMN_MISSING && i < p->code_count; i++)
        if (p->codes[i].code == code)
            return (uint32_t)i;
    add_code(p, code, label);
    return (uint32_t)p->code_count - 1;
}

/* Children of an area at or below the tenant; the first are the households that lie directly
 * at it. */
static void add_children(uint32_t *place, struct population *p, struct cx *cx,
                         const struct columns_head *h, int32_t area)
{
    size_t children = 1;
    int32_t end = h->areas[area].end;
    for (int32_t a = area + 1; a < end; a++)
        children += h->areas[a].parent == area;
    p->children = arena_new(p->arena, (children + 1) * sizeof *p->children);
    p->children[0] = (struct population_group){
        .label = _("directly here"), .path = arena_copy(p->arena, str_of(h->areas[area].path))};
    p->child_count = 1;
    for (int32_t a = area + 1; a < end; a++) {
        const struct columns_area *at = &h->areas[a];
        if (at->parent == area)
            p->children[p->child_count++] =
                (struct population_group){.label = arena_copy(p->arena, str_of(at->name)),
                                          .area_id = at->id,
                                          .path = arena_copy(p->arena, str_of(at->path))};
        place[a] = (uint32_t)p->child_count - 1;
    }
}

/* Child place by index of the county's areas. */
static enum rc child_places(uint32_t **out, struct population_reading *r,
                            const struct columns_head *h, const struct scope_county *county,
                            int32_t area)
{
    struct population *p = r->p;
    struct cx *cx = r->wide;
    const struct area *top = &p->scope->area;
    uint32_t *place = arena_array(p->arena, h->area_count + 1, sizeof *place), mine = 0;
    if (!place)
        return fail(cx, RC_LIMIT,
                    _("There are too many areas here for one page. Choose a smaller area."),
                    "areas");
    *out = place;
    if (top->id && top->level >= r->wide->profile->tenant_level) {
        add_children(place, p, r->wide, h, area);
        return RC_OK;
    }
    for (size_t i = 0; i < p->child_count; i++)
        if (str_starts(str_of(county->path), str_of(p->children[i].path)))
            mine = (uint32_t)i;
    for (size_t a = 0; a < h->area_count; a++)
        place[a] = mine;
    return RC_OK;
}

/* ---- places: where a line may differ ---- */

static const struct str *codes_of(size_t *count, struct population_reading *r,
                                  const struct columns_head *h, int32_t area)
{
    struct str *codes = arena_new(r->p->arena, CHAIN_MAX * sizeof *codes);
    *count = 0;
    for (int32_t a = area; a >= 0 && *count < CHAIN_MAX; a = h->areas[a].parent)
        if (h->areas[a].code && h->areas[a].code[0])
            codes[(*count)++] = arena_str(r->p->arena, str_of(h->areas[a].code));
    for (size_t i = 0; i < r->above_count && *count < CHAIN_MAX; i++)
        codes[(*count)++] = r->above[i];
    return codes;
}

/* "镇 · 村 · 组": what lies below the tenant. */
static const char *place_name(struct arena *a, const struct columns_head *h, int32_t area)
{
    const char *name = h->areas[area].name;
    for (int32_t up = h->areas[area].parent; up > 0; up = h->areas[up].parent)
        name = arena_printf(a, "%s · %s", h->areas[up].name, name);
    return arena_copy(a, str_of(name));
}

static enum rc add_place(struct population_reading *r, const struct columns_head *h,
                         int32_t area)
{
    struct population *p = r->p;
    struct cx *cx = r->wide;
    if (p->place_count == r->place_room) {
        size_t room = r->place_room * 2 + 64;
        struct population_place *more = arena_array(p->arena, room, sizeof *more);
        if (!more)
            return fail(cx, RC_LIMIT, "", "places=%zu", room);
        if (p->place_count)
            memcpy(more, p->places, p->place_count * sizeof *more);
        p->places = more;
        r->place_room = room;
    }
    struct population_place *at = &p->places[p->place_count++];
    *at = (struct population_place){.begin = p->n, .name = place_name(p->arena, h, area)};
    if (r->with_codes)
        at->codes = codes_of(&at->code_count, r, h, area);
    return RC_OK;
}

/* ---- values ---- */

struct county_columns {
    struct column size, welfare, group, other[EMPTY_COLUMNS_MAX];
    size_t other_count;
    double scale;
    const uint16_t *deprived, *known; /* by household row */
    const uint32_t *child;            /* by area */
};

/* One block of a moved index: flags by household row. */
struct moved_flags {
    uint16_t *deprived, *known;
    size_t count;
};
static enum rc moved_block(struct cx *cx, void *arg, const struct rule_runner *run,
                           const struct rule_block *b)
{
    struct moved_flags *m = arg;
    (void)cx;
    for (size_t j = 0; j < m->count; j++) {
        const int64_t *v = rule_value(run, j);
        for (size_t i = 0; i < b->count[RULE_HOUSEHOLD]; i++) {
            int64_t row = b->row[RULE_HOUSEHOLD][i];
            if (v[i] == RULE_MISSING)
                continue;
            m->known[row] |= (uint16_t)(1U << j);
            if (v[i])
                m->deprived[row] |= (uint16_t)(1U << j);
        }
    }
    return RC_OK;
}

static enum rc get_flags(struct county_columns *v, struct population_reading *r,
                         struct columns *c, int32_t area)
{
    const struct scope *s = r->p->scope;
    size_t rows = columns_head(c)->household_rows;
    if (!s->program) {
        struct columns_flags flags;
        size_t index = (size_t)(s->index - r->wide->profile->rules->indexes);
        TRY(columns_flags(&flags, r->wide, c, index, r->p->year));
        v->deprived = flags.deprived;
        v->known = flags.known;
        return RC_OK;
    }
    struct moved_flags m = {arena_array(r->p->arena, rows + 1, sizeof *m.deprived),
                            arena_array(r->p->arena, rows + 1, sizeof *m.known),
                            s->index->count};
    struct cx *cx = r->wide;
    if (!m.deprived || !m.known)
        return fail(
            cx, RC_LIMIT,
            _("There are too many households here for one page. Choose a smaller area."),
            "flags");
    struct columns_run run = {.program = s->program,
                              .year = r->p->year,
                              .area = area,
                              .household_row = -1,
                              .block = moved_block,
                              .arg = &m};
    TRY(columns_run(cx, c, &run));
    v->deprived = m.deprived;
    v->known = m.known;
    return RC_OK;
}

/* The columns by which a household without welfare shows that it has a sheet at all. */
static enum rc get_others(struct county_columns *v, struct population_reading *r,
                          struct columns *c)
{
    const struct profile *p = r->wide->profile;
    for (size_t i = 0; i < p->welfare_count; i++)
        TRY(columns_get(&v->other[v->other_count++], r->wide, c, SUBJECT_HOUSEHOLD,
                        p->welfare[i]->number, r->p->year));
    for (size_t i = 0; i < p->poverty_group_count; i++)
        TRY(columns_get(&v->other[v->other_count++], r->wide, c, SUBJECT_HOUSEHOLD,
                        p->poverty_groups[i]->number, r->p->year));
    return RC_OK;
}

static enum rc get_columns(struct county_columns *v, struct population_reading *r,
                           struct columns *c, const struct scope_county *county, int32_t area)
{
    struct cx *cx = r->wide;
    const struct scope *s = r->p->scope;
    int32_t year = r->p->year;
    TRY(columns_get(&v->size, cx, c, SUBJECT_HOUSEHOLD, FIX_SIZE, year));
    if (r->p->codes)
        TRY(columns_get(&v->group, cx, c, SUBJECT_HOUSEHOLD,
                        s->group ? s->group->number : FIX_SIZE, year));
    if (!(r->want & POPULATION_NO_WELFARE)) {
        TRY(columns_get(&v->welfare, cx, c, SUBJECT_HOUSEHOLD, s->welfare->number, year));
        v->scale = pow(10, s->welfare->decimals);
        TRY(get_others(v, r, c));
    }
    if (r->want & POPULATION_FLAGS)
        TRY(get_flags(v, r, c, area));
    if (r->want & POPULATION_CHILD) {
        uint32_t *child = NULL;
        TRY(child_places(&child, r, columns_head(c), county, area));
        v->child = child;
    }
    return RC_OK;
}

static bool is_empty(const struct county_columns *v, size_t row)
{
    for (size_t i = 0; i < v->other_count; i++)
        if (column_at(v->other[i], row) != COLUMN_MISSING)
            return false;
    return true;
}

static void put_welfare(struct population *p, const struct county_columns *v, size_t row)
{
    int64_t y = column_at(v->welfare, row);
    if (y != COLUMN_MISSING) {
        p->y[p->n] = (double)y / v->scale;
        p->rows_used++;
        return;
    }
    p->y[p->n] = (double)NAN;
    p->rows_missing++;
    p->weight_missing += p->w[p->n];
    p->rows_empty += is_empty(v, row);
}

static void put_row(struct population_reading *r, const struct columns_head *h,
                    const struct county_columns *v, uint32_t row)
{
    struct population *p = r->p;
    int64_t size = column_at(v->size, row);
    p->w[p->n] = p->scope->households ? 1 : size == COLUMN_MISSING ? 0 : (double)size;
    p->weight += p->w[p->n];
    if (r->want & POPULATION_NO_WELFARE)
        p->rows_used++;
    else
        put_welfare(p, v, row);
    if (v->child) {
        p->child[p->n] = v->child[h->area[row]];
        p->children[p->child[p->n]].rows++;
    }
    if (p->codes) {
        int64_t code = column_at(v->group, row);
        if (p->scope->by_size && code > SIZE_GROUP_MAX)
            code = SIZE_GROUP_MAX;
        p->code[p->n] = code_place(p, r->wide, code);
        p->codes[p->code[p->n]].rows++;
    }
    if (r->want & POPULATION_ID) {
        p->household[p->n] = h->household_id[row];
        p->source[p->n] = (uint32_t)p->source_count - 1;
    }
    if (r->want & POPULATION_FLAGS) {
        p->deprived[p->n] = v->deprived[row];
        p->known[p->n] = v->known[row];
    }
    p->n++;
}

enum rc population_read_county(struct population_reading *r, struct columns *c,
                               const struct scope_county *county)
{
    struct population *p = r->p;
    const struct columns_head *h = columns_head(c);
    const struct area *top = &p->scope->area;
    bool below = top->id && top->level > r->wide->profile->tenant_level;
    int32_t area = below ? columns_area_index(c, top->id) : 0, last = -1;
    const uint32_t *rows = NULL;
    size_t count = 0;
    p->sources[p->source_count++] = (struct population_source){
        .county = county->county, .name = county->name, .seq = h->seq};
    if (area < 0 || !h->area_count)
        return RC_OK;
    struct county_columns v = {.scale = 1};
    TRY(columns_rows(&rows, &count, r->wide, c, area));
    TRY(make_room(r, count));
    TRY(get_columns(&v, r, c, county, area));
    p->sources[p->source_count - 1].rows = (int64_t)count;
    for (size_t i = 0; i < count; i++) {
        int32_t place = h->area[rows[i]];
        if (place != last)
            TRY(add_place(r, h, place));
        last = place;
        put_row(r, h, &v, rows[i]);
        p->places[p->place_count - 1].end = p->n;
    }
    return RC_OK;
}

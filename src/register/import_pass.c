/* The loop over all households of a file: checking (reads only) and applying (in chunks,
 * resumed from the last committed one, visible by one flip). */
#include "base/limits.h"
#include "base/text.h"
#include "db/db.h"
#include "people/user.h"
#include "register/area.h"
#include "register/import.sql.h"
#include "register/import_inner.h"
#include "register/inner.h"
#include "register/office.h"

enum {
    KEEP_BYTES = 1024 * 1024 * 1024,
    WORK_BYTES = 96 * 1024 * 1024,
    REFUSED_PIECE_BYTES = 8000,
};

struct seen {
    uint64_t hash;
    int64_t row;
};
/* ---- what rows were refused, and what was met before ---- */

void pass_refuse(struct pass *p, size_t index)
{
    p->refused[index / 8] |= (uint8_t)(1 << index % 8);
}

bool pass_is_refused(const struct pass *p, size_t index)
{
    return p->refused[index / 8] >> index % 8 & 1;
}

enum rc pass_found(struct cx *cx, struct pass *p, size_t index, struct found found)
{
    if (index != SIZE_MAX && finding_level_of(found.code) == FINDING_ERROR)
        pass_refuse(p, index);
    if (p->mode == PASS_APPLY)
        return RC_OK; /* told by the check */
    return findings_add(cx, &p->findings, p->file.mapping, &found);
}

bool seen_before(struct pass *p, uint64_t hash, int64_t row, int64_t *earlier)
{
    size_t mask = (size_t)p->seen[0].row - 1; /* entry 0 keeps the room */
    size_t at = (hash & mask) | 1;
    for (;; at = (at + 2) & mask) {
        if (!p->seen[at].hash) {
            p->seen[at] = (struct seen){hash, row};
            return false;
        }
        if (p->seen[at].hash == hash) {
            *earlier = p->seen[at].row;
            return p->seen[at].row != row;
        }
    }
}

static enum rc make_memory(struct cx *cx, struct pass *p)
{
    size_t rows = p->file.first + p->file.row_count;
    size_t room = 64;
    while (room < rows * 6) /* two numbers a row, at odd places only, at most two thirds full */
        room *= 2;
    p->refused = arena_array(p->keep, rows / 8 + 1, 1);
    p->seen = arena_array(p->keep, room, sizeof *p->seen);
    if (!p->refused || !p->seen)
        return fail(cx, RC_LIMIT,
                    _("The file has too many rows for one import; split it by township."),
                    "import memory");
    p->seen[0].row = (int64_t)room;
    return RC_OK;
}

/* ---- grouping ---- */

struct keyed {
    uint64_t hash;
    uint32_t index, first; /* row place; place of the household's first row */
};

static int by_hash(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int by_first(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static enum rc read_keys(struct keyed *keys, size_t *count, struct cx *cx, struct pass *p)
{
    *count = 0;
    for (size_t i = 0; i < p->file.row_count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct keyed *k = &keys[*count];
        k->index = (uint32_t)(p->file.first + i);
        TRY(import_row_key(&k->hash, cx, &p->file, k->index));
        if (k->hash)
            (*count)++;
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

static void set_firsts(struct keyed *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        keys[i].first =
            i > 0 && keys[i].hash == keys[i - 1].hash ? keys[i - 1].first : keys[i].index;
}

static enum rc make_groups(struct groups *g, struct cx *cx, struct pass *p)
{
    size_t rows = p->file.row_count, count;
    struct keyed *keys = arena_array(p->keep, rows + 1, sizeof *keys);
    g->indexes = arena_array(p->keep, rows + 1, sizeof *g->indexes);
    g->starts = arena_array(p->keep, rows + 2, sizeof *g->starts);
    if (!keys || !g->indexes || !g->starts)
        return fail(cx, RC_LIMIT,
                    _("The file has too many rows for one import; split it by township."),
                    "groups");
    TRY(read_keys(keys, &count, cx, p));
    qsort(keys, count, sizeof *keys, by_hash);
    set_firsts(keys, count);
    qsort(keys, count, sizeof *keys, by_first);
    g->count = 0;
    for (size_t i = 0; i < count; i++) {
        g->indexes[i] = keys[i].index;
        if (i == 0 || keys[i].first != keys[i - 1].first)
            g->starts[g->count++] = (uint32_t)i;
    }
    g->starts[g->count] = (uint32_t)count;
    return RC_OK;
}

/* ---- the county ---- */

static enum rc tenant_by_name(int64_t *county, struct cx *cx, struct str name)
{
    struct db_rows rows;
    struct str key = area_name_stem(cx, area_name_key(cx, name));
    *county = 0;
    TRY(DB_SELECT(&rows, cx, &IMPORT_TENANTS, V_I(cx->profile->tenant_level)));
    while (db_next(&rows)) {
        struct str other =
            area_name_stem(cx, area_name_key(cx, row_str(&rows, IMPORT_TENANTS_NAME)));
        if (str_eq(key, other))
            *county = row_i64(&rows, IMPORT_TENANTS_COUNTY);
    }
    return db_done(&rows);
}

static enum rc only_tenant(int64_t *county, struct cx *cx)
{
    struct db_rows rows;
    size_t n = 0;
    *county = 0;
    TRY(DB_SELECT(&rows, cx, &IMPORT_TENANTS, V_I(cx->profile->tenant_level)));
    while (db_next(&rows)) {
        *county = row_i64(&rows, IMPORT_TENANTS_COUNTY);
        n++;
    }
    if (n != 1)
        *county = 0;
    return db_done(&rows);
}

struct new_tenant {
    struct str name, code;
    int64_t county, import_id;
};

static enum rc add_tenant(struct cx *cx, void *arg)
{
    struct new_tenant *t = arg;
    int64_t id;
    struct area area;
    int32_t today = day_at(cx->now_at, cx->profile->zone_offset_min);
    TRY(area_add(&id, cx, 0, cx->profile->tenant_level, t->code, t->name, today));
    TRY(area_get(&area, cx, id));
    t->county = area.county;
    return DB_RUN(cx, &IMPORT_COUNTY_SET, V_I(t->import_id), V_I(t->county));
}

struct county_set {
    int64_t import_id, county;
};

static enum rc set_county(struct cx *cx, void *arg)
{
    const struct county_set *s = arg;
    return DB_RUN(cx, &IMPORT_COUNTY_SET, V_I(s->import_id), V_I(s->county));
}

/* The county named in the first row of data; made when applying if the user may. */
static enum rc find_county(struct cx *cx, struct pass *p)
{
    int level = cx->profile->tenant_level;
    struct row_fields r;
    enum pass_mode mode = p->mode;
    p->mode = PASS_APPLY; /* findings of this row come later, in its place */
    TRY(import_row_read(&r, cx, p, p->file.first));
    p->mode = mode;
    memset(p->refused, 0, (p->file.first + p->file.row_count) / 8 + 1);
    memset(p->seen + 1, 0, ((size_t)p->seen[0].row - 1) * sizeof *p->seen);
    struct area area;
    if (r.area_code[level].len &&
        !area_by_code(&area, cx, r.area_code[level],
                      day_at(cx->now_at, cx->profile->zone_offset_min)))
        p->i.county = area.county;
    err_clear(cx);
    if (!p->i.county && r.area[level].len)
        TRY(tenant_by_name(&p->i.county, cx, r.area[level]));
    if (!p->i.county && !r.area[level].len)
        TRY(only_tenant(&p->i.county, cx));
    if (p->i.county)
        return db_write(cx, 0, set_county, &(struct county_set){p->i.id, p->i.county});
    const struct actor *acting = cx->actor;
    cx->actor = p->actor;
    bool may = actor_may_in(cx, "import.run", STR(""));
    cx->actor = acting;
    if (!may || !r.area[level].len)
        return fail_f(cx, RC_INVALID,
                      _("The file is about \"%.*s\", which is not in the register. Ask the "
                        "administrator to add it, or check the first row."),
                      STR_ARG(r.area[level]));
    if (p->mode == PASS_CHECK)
        return RC_OK;
    struct new_tenant t = {
        .name = r.area[level], .code = r.area_code[level], .import_id = p->i.id};
    TRY(db_write(cx, 0, add_tenant, &t));
    p->i.county = t.county;
    return RC_OK;
}

static enum rc is_fresh(bool *fresh, struct cx *cx, const struct pass *p)
{
    struct db_rows rows;
    *fresh = p->file.year_column < 0;
    if (!p->i.county || !*fresh)
        return RC_OK;
    enum rc rc = DB_ONE(&rows, cx, &IMPORT_ANY_HOUSEHOLD, V_I(p->i.county));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *fresh = false;
    return db_done(&rows);
}

/* ---- the header's findings ---- */

/* The column that the file of refused rows got, in whatever language. */
static bool is_reason(struct str title)
{
    for (int lang = 0; lang < LANG_COUNT; lang++)
        if (str_eq_z(str_trim(title), text_in((enum lang)lang, N_("reason"))))
            return true;
    return false;
}

static enum rc check_header(struct cx *cx, struct pass *p)
{
    struct row row;
    const struct import_file *f = &p->file;
    TRY(rows_read(&row, cx, f->rows, f->header));
    for (size_t c = 0; c < row.count; c++) {
        struct str title = row.cells[c].text;
        bool known = !title.len || (int)c == f->year_column || is_reason(title), twice = false;
        for (size_t i = 0; i < f->mapping->column_count; i++) {
            const struct bound *b = &f->bound[i];
            known = known || b->column == (int)c;
            twice = twice || (b->m->title && b->column >= 0 && b->column < (int)c &&
                              mapping_title_is(b->m, title));
            for (size_t k = 0; b->part_columns && k < b->m->part_count; k++)
                known = known || b->part_columns[k] == (int)c;
        }
        if (known && !twice)
            continue;
        enum finding_code code = twice ? FOUND_HEADER_TWICE : FOUND_COLUMN_UNKNOWN;
        TRY(pass_found(cx, p, SIZE_MAX,
                       (struct found){.code = code,
                                      .row = row.number,
                                      .column = arena_copy(cx->arena, title)}));
    }
    if (f->title_year && p->i.year && f->title_year != p->i.year &&
        f->mapping->year_kind == YEAR_ASK)
        TRY(pass_found(cx, p, SIZE_MAX,
                       (struct found){.code = FOUND_TITLE_YEAR,
                                      .number = f->title_year,
                                      .more = arena_printf(cx->arena, "%d", p->i.year)}));
    return RC_OK;
}

/* ---- checking ---- */

static enum rc check_groups(struct cx *cx, const struct job *job, struct pass *p,
                            const struct groups *g, struct arena *arena)
{
    struct cx work;
    for (size_t i = 0; i < g->count; i++) {
        struct household_record record;
        bool usable;
        arena_reset(arena);
        work = *cx;
        work.arena = arena;
        size_t count = g->starts[i + 1] - g->starts[i];
        enum rc rc = import_household_build(&record, &usable, &work, p,
                                            g->indexes + g->starts[i], count);
        if (!rc && usable)
            rc = register_compare(&p->i.counts, &work, &p->source, &record);
        if (rc)
            return import_work_failed(cx, &work, rc);
        if (i % 64 == 0)
            TRY(job_progress(cx, job, (int64_t)g->starts[i], (int64_t)g->starts[g->count],
                             N_("rows")));
    }
    return RC_OK;
}

static enum rc write_checked(struct cx *cx, void *arg)
{
    const struct pass *p = arg;
    const struct import *i = &p->i;
    const struct change_counts *c = &i->counts;
    TRY(DB_RUN(cx, &IMPORT_CHECKED_SET, V_I(i->id), V_I((int64_t)IMPORT_CHECKED),
               V_I(i->rows_total), V_I(i->rows_good), V_I(i->rows_refused),
               V_I(p->findings.error_count), V_I(p->findings.warning_count), V_I(i->year),
               V_I(cx->now_at), V_T(i->mapping[0] ? i->mapping : p->file.mapping->name)));
    size_t bytes = (p->file.first + p->file.row_count) / 8 + 1;
    for (size_t at = 0; at < bytes; at += REFUSED_PIECE_BYTES) {
        size_t len = bytes - at < REFUSED_PIECE_BYTES ? bytes - at : REFUSED_PIECE_BYTES;
        TRY(DB_RUN(cx, &REFUSED_INSERT, V_I(i->id), V_I((int64_t)(at / REFUSED_PIECE_BYTES)),
                   V_B(p->refused + at, len)));
    }
    return DB_RUN(cx, &IMPORT_COUNTS_SET, V_I(i->id), V_I(c->households[CHANGE_NEW]),
                  V_I(c->households[CHANGE_CHANGED]), V_I(c->households[CHANGE_NONE]),
                  V_I(c->people[CHANGE_NEW]), V_I(c->people[CHANGE_CHANGED]),
                  V_I(c->people[CHANGE_NONE]), V_I(c->incomes[CHANGE_NEW]),
                  V_I(c->incomes[CHANGE_CHANGED]), V_I(c->incomes[CHANGE_NONE]),
                  V_I(c->missing_people));
}

enum rc import_refused_bits(uint8_t **bits, struct cx *cx, int64_t import_id, size_t row_count)
{
    struct db_rows rows;
    size_t bytes = row_count / 8 + 1;
    *bits = arena_array(cx->arena, bytes, 1);
    if (!*bits)
        return fail(cx, RC_LIMIT, _("The file is too large for this."), "refused bits");
    TRY(DB_SELECT(&rows, cx, &REFUSED_LIST, V_I(import_id)));
    while (db_next(&rows)) {
        size_t at = (size_t)row_i64(&rows, REFUSED_LIST_PIECE) * REFUSED_PIECE_BYTES;
        struct str piece = row_str(&rows, REFUSED_LIST_BITS);
        if (at < bytes)
            memcpy(*bits + at, piece.p, piece.len < bytes - at ? piece.len : bytes - at);
    }
    return db_done(&rows);
}

static void count_rows(struct pass *p, const struct groups *g)
{
    p->i.rows_total = (int64_t)g->starts[g->count];
    p->i.rows_refused = 0;
    for (size_t i = 0; i < g->starts[g->count]; i++)
        p->i.rows_refused += pass_is_refused(p, g->indexes[i]);
    p->i.rows_good = p->i.rows_total - p->i.rows_refused;
}

static enum rc check(struct cx *cx, const struct job *job, struct pass *p,
                     const struct groups *g)
{
    struct arena *arena = arena_open(WORK_BYTES);
    enum rc rc = check_header(cx, p);
    if (!rc)
        rc = check_groups(cx, job, p, g, arena);
    arena_free(arena);
    TRY(rc);
    count_rows(p, g);
    if (!p->i.rows_total)
        return fail(cx, RC_INVALID, _("The file has a header but no rows of data below it."),
                    "no rows");
    return RC_OK;
}

/* ---- both ---- */

static enum rc prepare_pass(struct cx *cx, struct pass *p, struct groups *g)
{
    const struct mapping *mapping;
    TRY(import_mapping(&mapping, cx, &p->i));
    TRY(import_file_open(&p->file, cx, 0, p->i.document_id, mapping));
    if (p->file.mapping->year_kind == YEAR_FIXED)
        p->i.year = p->file.mapping->year;
    if (p->file.mapping->year_kind == YEAR_ASK && !p->i.year)
        p->i.year = p->file.title_year;
    if (p->file.mapping->year_kind == YEAR_ASK && !p->i.year)
        return fail(cx, RC_INVALID, _("Please say for which year the figures are."), "no year");
    if (!p->file.row_count)
        return fail(cx, RC_INVALID, _("The file has a header but no rows of data below it."),
                    "no rows");
    TRY(make_memory(cx, p));
    if (!p->i.county)
        TRY(find_county(cx, p));
    if (p->i.county)
        TRY(office_is_synthetic(&p->synthetic, cx, p->i.county));
    TRY(is_fresh(&p->fresh, cx, p));
    if (p->mode ==
        PASS_APPLY) /* what the check refused stays out, also after a resumed crash */
        TRY(import_refused_bits(&p->refused, cx, p->i.id, p->file.first + p->file.row_count));
    p->source = (struct source){p->i.county, p->i.document_id, p->i.id,
                                day_of((struct date){p->i.year, 12, 31})};
    return make_groups(g, cx, p);
}

static enum rc run_pass(struct cx *cx, const struct job *job, struct pass *p)
{
    struct groups g = {0};
    TRY(prepare_pass(cx, p, &g));
    return p->mode == PASS_CHECK ? check(cx, job, p, &g) : import_apply_groups(cx, job, p, &g);
}

enum rc import_pass_run(struct cx *cx, const struct job *job, enum pass_mode mode)
{
    struct pass p = {.mode = mode, .actor = cx->actor};
    int64_t id;
    if (!str_to_i64(&id, str_of(job->argument)))
        return fail(cx, RC_INVALID, _("This job names no import."), "argument");
    TRY(import_get(&p.i, cx, id));
    enum import_state expected = mode == PASS_CHECK ? IMPORT_CHECKING : IMPORT_APPLYING;
    if (p.i.state != expected)
        return RC_OK; /* done before a crash of the runner */
    if (mode == PASS_CHECK) {
        TRY(findings_open(&p.findings, cx, id));
        p.i.counts = (struct change_counts){0};
    }
    p.keep = arena_open(KEEP_BYTES);
    cx->actor = NULL; /* looks at the whole county; what the user may is asked with p.actor */
    enum rc rc = run_pass(cx, job, &p);
    cx->actor = p.actor;
    if (mode == PASS_CHECK) {
        enum rc closed = findings_close(cx, &p.findings);
        rc = rc ? rc : closed;
        if (!rc)
            rc = db_write(cx, 0, write_checked, &p);
    }
    import_file_close(&p.file);
    arena_free(p.keep);
    return rc;
}

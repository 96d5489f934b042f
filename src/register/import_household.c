/* The rows of one household become one record: its area, its people, its sheet; what the rows
 * say against each other is noted. */
#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "db/db.h"
#include "people/actor.h"
#include "register/area.h"
#include "register/import.sql.h"
#include "register/import_inner.h"

enum { AREA_ENTRIES_MAX = 100 * 1000 };

/* A chain of names and codes as the file writes it. */
struct area_entry {
    uint64_t hash;
    int64_t area_id;  /* 0: to be made when applying */
    const char *path; /* "" while it is to be made */
    bool usable;
    enum finding_code wrong; /* when not usable */
};

uint64_t import_hash(struct str a, struct str b)
{
    uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a 64, then mixed */
    for (size_t i = 0; i < a.len; i++)
        h = (h ^ (unsigned char)a.p[i]) * UINT64_C(1099511628211);
    h = (h ^ 0xff) * UINT64_C(1099511628211);
    for (size_t i = 0; i < b.len; i++)
        h = (h ^ (unsigned char)b.p[i]) * UINT64_C(1099511628211);
    h ^= h >> 32;
    h *= UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}

static uint64_t area_hash(const struct row_fields *r)
{
    uint64_t h = 1;
    for (size_t l = 0; l < LIMIT_AREA_LEVELS; l++) {
        h = h * UINT64_C(0x9E3779B97F4A7C15) ^ import_hash(r->area[l], r->area_code[l]);
        h ^= h >> 31;
    }
    return h ? h : 1;
}

static struct area_entry *find_entry(struct pass *p, uint64_t hash)
{
    size_t mask = p->area_room - 1;
    size_t at = hash & mask;
    while (p->areas[at].hash && p->areas[at].hash != hash)
        at = (at + 1) & mask;
    return &p->areas[at];
}

/* Doubles the table before it is more than half full. */
static bool make_room(struct pass *p)
{
    if (p->area_room && p->area_count * 2 < p->area_room)
        return true;
    size_t old_room = p->area_room, room = old_room ? old_room * 2 : 1024;
    struct area_entry *old = p->areas;
    if (room > AREA_ENTRIES_MAX * 4)
        return false;
    p->areas = arena_array(p->keep, room, sizeof *p->areas);
    if (!p->areas)
        return false;
    p->area_room = room;
    for (size_t i = 0; i < old_room; i++)
        if (old[i].hash)
            *find_entry(p, old[i].hash) = old[i];
    return true;
}

struct area_to_add {
    int64_t parent_id, id;
    int level;
    struct str code, name;
};

static enum rc add_area(struct cx *cx, void *arg)
{
    struct area_to_add *a = arg;
    return area_add(&a->id, cx, a->parent_id, a->level, a->code, a->name,
                    day_at(cx->now_at, cx->profile->zone_offset_min));
}

/* One step down the chain. *next 0: it does not exist and is not to be made now. */
static enum rc step_down(struct area *next, struct cx *cx, struct pass *p,
                         const struct area *parent, const struct row_fields *r, int level)
{
    enum rc rc = RC_NOTFOUND;
    if (r->area_code[level].len)
        rc = area_by_code(next, cx, r->area_code[level],
                          day_at(cx->now_at, cx->profile->zone_offset_min));
    if (rc == RC_NOTFOUND && r->area[level].len) {
        err_clear(cx);
        rc = area_by_name(next, cx, parent->id, r->area[level]);
    }
    if (rc != RC_NOTFOUND)
        return rc;
    err_clear(cx);
    *next = (struct area){
        .level = level, .name = r->area[level].len ? r->area[level].p : r->area_code[level].p};
    if (p->mode == PASS_CHECK)
        return RC_OK;
    struct area_to_add add = {.parent_id = parent->id,
                              .level = level,
                              .code = r->area_code[level],
                              .name =
                                  r->area[level].len ? r->area[level] : r->area_code[level]};
    TRY(db_write(cx, p->i.county, add_area, &add));
    return area_get(next, cx, add.id);
}

static enum rc tenant_area(struct area *out, struct cx *cx, const struct pass *p)
{
    struct db_rows rows;
    *out = (struct area){.name = "", .code = ""};
    if (!p->i.county)
        return RC_OK;
    enum rc rc = DB_ONE(&rows, cx, &IMPORT_TENANT_AREA, V_I(cx->profile->tenant_level),
                        V_I(p->i.county));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    int64_t id = row_i64(&rows, IMPORT_TENANT_AREA_ID);
    TRY(db_done(&rows));
    return area_get(out, cx, id);
}

static bool is_tenant_name(struct cx *cx, const struct area *tenant, const struct row_fields *r)
{
    int level = cx->profile->tenant_level;
    if (r->area_code[level].len && tenant->code && tenant->code[0])
        return str_eq_z(r->area_code[level], tenant->code);
    if (!r->area[level].len || !tenant->id)
        return true;
    struct area found;
    enum rc rc = area_by_name(&found, cx, tenant->parent_id, r->area[level]);
    err_clear(cx);
    return !rc && found.id == tenant->id;
}

/* The title of the file's column for a target; "" when the file has none. */
static const char *title_of(const struct pass *p, enum target_kind kind,
                            const struct indicator *ind)
{
    for (size_t i = 0; i < p->file.mapping->column_count; i++) {
        const struct bound *b = &p->file.bound[i];
        if (b->column >= 0 && b->m->kind == kind && b->m->indicator == ind)
            return b->title;
    }
    return "";
}

/* A value as a finding keeps it: the same in every language where that can be. */
static const char *found_value(struct cx *cx, const struct indicator *ind, struct value v)
{
    bool coded = ind->type == TYPE_CODE || ind->type == TYPE_CODES || ind->type == TYPE_BOOL;
    return coded ? value_show(cx, ind, v) : value_plain(cx, ind, v);
}

/* The title of the file's column for a level of areas. */
static const char *level_title(struct cx *cx, const struct pass *p, int level)
{
    for (size_t i = 0; i < p->file.mapping->column_count; i++) {
        const struct bound *b = &p->file.bound[i];
        if (b->m->kind == TARGET_AREA && b->m->level == level && b->m->title)
            return b->title;
    }
    return LABEL(cx, cx->profile->levels[level].label);
}

/* Tells of an area that is to be made, once per area. */
static enum rc note_new_area(struct cx *cx, struct pass *p, const struct row_fields *r,
                             int level, const char *under)
{
    struct buf chain;
    int64_t earlier = 0;
    buf_init(&chain, cx->arena, LIMIT_CELL_BYTES);
    for (int l = 0; l <= level; l++) {
        buf_str(&chain, r->area[l].len ? r->area[l] : r->area_code[l]);
        buf_char(&chain, '\n');
    }
    uint64_t hash = import_hash(STR("area"), buf_view(&chain));
    if (seen_before(p, hash, -1, &earlier) || earlier == -1)
        return RC_OK;
    return pass_found(
        cx, p, SIZE_MAX,
        (struct found){.code = FOUND_AREA_NEW,
                       .row = r->number,
                       .column = level_title(cx, p, level),
                       .value = r->area[level].len ? r->area[level] : r->area_code[level],
                       .more = under});
}

/* Resolves the chain of names below the tenant. */
static enum rc resolve(struct area_entry *e, struct cx *cx, struct pass *p,
                       const struct row_fields *r, size_t index)
{
    struct area at;
    TRY(tenant_area(&at, cx, p));
    if (!is_tenant_name(cx, &at, r)) {
        e->wrong = FOUND_AREA_OTHER;
        return RC_OK;
    }
    e->usable = true;
    if (!at.id)
        at.name =
            r->area[cx->profile->tenant_level].len ? r->area[cx->profile->tenant_level].p : "";
    for (int level = cx->profile->tenant_level + 1;
         (size_t)level < cx->profile->level_count && level < LIMIT_AREA_LEVELS; level++) {
        if (!r->area[level].len && !r->area_code[level].len)
            continue;
        struct area next;
        bool parent_known = at.id != 0;
        if (parent_known)
            TRY(step_down(&next, cx, p, &at, r, level));
        else
            next = (struct area){.level = level, .name = r->area[level].p};
        if (!next.id)
            TRY(note_new_area(cx, p, r, level, at.name ? at.name : ""));
        at = next;
    }
    e->area_id = at.id;
    e->path = at.id ? arena_copy(p->keep, str_of(at.path)) : "";
    const struct actor *acting = cx->actor;
    cx->actor = p->actor;
    if (at.id && !actor_may_in(cx, "import.run", str_of(e->path))) {
        e->usable = false;
        e->wrong = FOUND_AREA_OUTSIDE;
    }
    cx->actor = acting;
    (void)index;
    return RC_OK;
}

static enum rc find_area(struct area_entry *out, struct cx *cx, struct pass *p,
                         const struct row_fields *r, size_t index)
{
    if (!make_room(p))
        return fail(cx, RC_LIMIT, _("The file names too many different areas."), "areas");
    uint64_t hash = area_hash(r);
    struct area_entry *e = find_entry(p, hash);
    if (!e->hash) {
        TRY(resolve(e, cx, p, r, index));
        e->hash = hash;
        p->area_count++;
    }
    *out = *e;
    return RC_OK;
}

/* First value wins; a later one that differs is noted once per column. */
static enum rc merge_values(struct household_record *h, struct cx *cx, struct pass *p,
                            const struct row_fields *r)
{
    for (size_t i = 0; i < cx->profile->of_count[SUBJECT_HOUSEHOLD]; i++) {
        struct value v = r->household_values[i];
        if (v.kind == VALUE_MISSING)
            continue;
        if (h->values[i].kind == VALUE_MISSING) {
            h->values[i] = v;
            continue;
        }
        const struct indicator *ind = cx->profile->of[SUBJECT_HOUSEHOLD][i];
        if (!value_eq(v, h->values[i]))
            TRY(pass_found(cx, p, SIZE_MAX,
                           (struct found){.code = FOUND_DIFFERS,
                                          .row = r->number,
                                          .column = title_of(p, TARGET_INDICATOR, ind),
                                          .value = str_of(found_value(cx, ind, v)),
                                          .more = found_value(cx, ind, h->values[i])}));
    }
    return RC_OK;
}

/* Who imports must not take people out of households that are not theirs to change, even with
 * their identity numbers at hand. */
static enum rc is_foreign(bool *foreign, struct cx *cx, const struct pass *p,
                          int64_t household_id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &IMPORT_LIVES_IN, V_I(p->i.county), V_I(household_id));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    const struct actor *acting = cx->actor;
    cx->actor = p->actor;
    *foreign = !actor_may_in(cx, "import.run", row_str(&rows, IMPORT_LIVES_IN_AREA_PATH));
    cx->actor = acting;
    return db_done(&rows);
}

static enum rc match_person(struct person_record *person, bool *foreign, struct cx *cx,
                            struct pass *p, const struct household_record *h)
{
    *foreign = false;
    if (p->fresh)
        return RC_OK;
    int64_t household_id = 0;
    struct str identity = p->file.mapping->match_identity ? person->identity : STR("");
    TRY(register_find_person(&person->person_id, &household_id, cx, p->i.county, identity,
                             person->code));
    if (!person->person_id || !household_id || h->household_id == household_id)
        return RC_OK;
    TRY(is_foreign(foreign, cx, p, household_id));
    if (!*foreign)
        TRY(pass_found(cx, p, SIZE_MAX,
                       (struct found){.code = FOUND_MOVED,
                                      .column = title_of(p, TARGET_PERSON_NAME, NULL),
                                      .row = person->row,
                                      .value = person->name}));
    return RC_OK;
}

/* Refuses all rows of the household for one reason, told at one row. */
static enum rc refuse_all(struct cx *cx, struct pass *p, const uint32_t *indexes, size_t count,
                          struct found found)
{
    TRY(pass_found(cx, p, indexes[0], found));
    for (size_t i = 0; i < count; i++)
        pass_refuse(p, indexes[i]);
    return RC_OK;
}

/* The household that has this number, and where it lives ("": it is new); `outside`: the person
 * who imports may not write there. */
static enum rc find_household(struct household_record *h, const char **lives_in, struct cx *cx,
                              struct pass *p, bool *outside)
{
    struct db_rows rows;
    *outside = false;
    *lives_in = "";
    if (p->fresh || !h->code.len || !p->i.county)
        return RC_OK;
    enum rc rc = DB_ONE(&rows, cx, &IMPORT_HOUSEHOLD, V_I(p->i.county), V_S(h->code));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    h->household_id = row_i64(&rows, IMPORT_HOUSEHOLD_ID);
    *lives_in = arena_copy(cx->arena, row_str(&rows, IMPORT_HOUSEHOLD_AREA_PATH));
    const struct actor *acting = cx->actor;
    cx->actor = p->actor;
    *outside = !actor_may_in(cx, "import.run", row_str(&rows, IMPORT_HOUSEHOLD_AREA_PATH));
    cx->actor = acting;
    return db_done(&rows);
}

/* Counts heads; gives the row of the first and whether there is a second. */
static bool has_two_heads(const struct cx *cx, const struct row_fields *rows, size_t count,
                          size_t *first, size_t *second)
{
    *first = *second = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].refused || rows[i].person.relation != cx->profile->relation_head_code)
            continue;
        if (*first == SIZE_MAX)
            *first = i;
        else if (*second == SIZE_MAX)
            *second = i;
    }
    return *second != SIZE_MAX;
}

/* Person numbers that stand twice in the file. */
static enum rc check_person_code(struct cx *cx, struct pass *p, struct row_fields *r,
                                 size_t index)
{
    int64_t earlier;
    if (r->refused || !r->person.code.len ||
        !seen_before(p, import_hash(STR("code"), r->person.code), r->number, &earlier))
        return RC_OK;
    r->refused = true;
    return pass_found(cx, p, index,
                      (struct found){.code = FOUND_CODE_DUPLICATE,
                                     .column = title_of(p, TARGET_PERSON_CODE, NULL),
                                     .row = r->number,
                                     .value = r->person.code,
                                     .number = earlier});
}

/* *foreign: the row of a person who lives where the importer may not write; `count` none. */
static enum rc add_people(struct household_record *h, size_t *foreign, struct cx *cx,
                          struct pass *p, struct row_fields *rows, size_t count)
{
    bool is_there;
    *foreign = count;
    bool people = p->file.mapping->subject == SUBJECT_PERSON;
    h->people = arena_new(cx->arena, (count + 1) * sizeof *h->people);
    size_t income_room = 0;
    for (size_t i = 0; i < count; i++)
        income_room += rows[i].income_count;
    h->incomes = arena_new(cx->arena, (income_room + 1) * sizeof *h->incomes);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].refused)
            continue;
        TRY(merge_values(h, cx, p, &rows[i]));
        memcpy(h->incomes + h->income_count, rows[i].incomes,
               rows[i].income_count * sizeof *h->incomes);
        h->income_count += rows[i].income_count;
        if (!people)
            continue;
        TRY(match_person(&rows[i].person, &is_there, cx, p, h));
        if (is_there)
            *foreign = i;
        h->people[h->people_count++] = rows[i].person;
    }
    return RC_OK;
}

/* What the rows say of the household as a whole. Rows of a household that the register has may
 * be only a part of it: corrected ones that are sent again. */
static enum rc check_whole(struct cx *cx, struct pass *p, const struct row_fields *rows,
                           size_t count, bool is_new)
{
    size_t first, second;
    if (p->file.mapping->subject != SUBJECT_PERSON)
        return RC_OK;
    (void)has_two_heads(cx, rows, count, &first, &second);
    bool relation_is_mapped = false;
    for (size_t i = 0; i < p->file.mapping->column_count; i++)
        relation_is_mapped =
            relation_is_mapped || p->file.mapping->columns[i].kind == TARGET_PERSON_RELATION;
    if (relation_is_mapped && first == SIZE_MAX && is_new)
        TRY(pass_found(cx, p, SIZE_MAX,
                       (struct found){.code = FOUND_NO_HEAD,
                                      .column = title_of(p, TARGET_HOUSEHOLD_CODE, NULL),
                                      .row = rows[0].number,
                                      .value = rows[0].household_code}));
    int64_t size = rows[0].household_size;
    if (size >= 0 && (size < (int64_t)count || (is_new && size != (int64_t)count)))
        TRY(pass_found(cx, p, SIZE_MAX,
                       (struct found){.code = FOUND_SIZE,
                                      .column = title_of(p, TARGET_HOUSEHOLD_SIZE, NULL),
                                      .row = rows[0].number,
                                      .number = (int64_t)count,
                                      .value = str_of(arena_printf(cx->arena, "%" PRId64,
                                                                   rows[0].household_size))}));
    return RC_OK;
}

static size_t first_good(const struct row_fields *rows, size_t count)
{
    size_t i = 0;
    while (i < count && rows[i].refused)
        i++;
    return i;
}

static enum rc read_rows(struct row_fields *rows, struct cx *cx, struct pass *p,
                         const uint32_t *indexes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(import_row_read(&rows[i], cx, p, indexes[i]));
        TRY(check_person_code(cx, p, &rows[i], indexes[i]));
    }
    return RC_OK;
}

/* A file that names only the county, or the town, of a household whose village is known does
 * not move it out of its village. */
static bool names_no_other_place(const struct area_entry *named, const char *lives_in)
{
    return lives_in[0] && named->area_id && str_starts(str_of(lives_in), str_of(named->path));
}

static enum rc refuse_area(struct cx *cx, struct pass *p, const uint32_t *indexes, size_t count,
                           const struct row_fields *r, enum finding_code wrong)
{
    struct area county = {.name = ""};
    TRY(tenant_area(&county, cx, p));
    return refuse_all(cx, p, indexes, count,
                      (struct found){.code = wrong,
                                     .row = r->number,
                                     .more = county.name,
                                     .value = r->area[cx->profile->tenant_level]});
}

enum rc import_household_build(struct household_record *out, bool *usable, struct cx *cx,
                               struct pass *p, const uint32_t *indexes, size_t count)
{
    *usable = false;
    if (count > LIMIT_HOUSEHOLD_PEOPLE)
        return refuse_all(cx, p, indexes, count,
                          (struct found){.code = FOUND_HOUSEHOLD_SIZE_LIMIT,
                                         .number = LIMIT_HOUSEHOLD_PEOPLE});
    struct row_fields *rows = arena_new(cx->arena, (count + 1) * sizeof *rows);
    TRY(read_rows(rows, cx, p, indexes, count));
    size_t good = first_good(rows, count), first, second, foreign;
    if (good == count)
        return RC_OK;
    if (has_two_heads(cx, rows, count, &first, &second))
        return refuse_all(cx, p, indexes, count,
                          (struct found){.code = FOUND_TWO_HEADS,
                                         .column = title_of(p, TARGET_PERSON_NAME, NULL),
                                         .row = rows[second].number,
                                         .number = rows[first].number,
                                         .value = rows[second].person.name});
    struct area_entry area = {0};
    TRY(find_area(&area, cx, p, &rows[good], indexes[good]));
    *out = (struct household_record){
        .row = rows[good].number, .code = rows[good].household_code, .year = rows[good].year};
    out->values = arena_new(cx->arena, (cx->profile->of_count[SUBJECT_HOUSEHOLD] + 1) *
                                           sizeof *out->values);
    const char *lives_in;
    bool outside;
    TRY(find_household(out, &lives_in, cx, p, &outside));
    bool stays = names_no_other_place(&area, lives_in);
    if (!area.usable && !(stays && area.wrong == FOUND_AREA_OUTSIDE))
        return refuse_area(cx, p, indexes, count, &rows[good], area.wrong);
    if (outside)
        return refuse_all(cx, p, indexes, count,
                          (struct found){.code = FOUND_AREA_OUTSIDE,
                                         .row = rows[good].number,
                                         .value = out->code});
    out->area_id = stays ? 0 : area.area_id;
    TRY(add_people(out, &foreign, cx, p, rows, count));
    if (foreign < count)
        return refuse_all(cx, p, indexes, count,
                          (struct found){.code = FOUND_AREA_OUTSIDE,
                                         .column = title_of(p, TARGET_PERSON_NAME, NULL),
                                         .row = rows[foreign].number,
                                         .value = rows[foreign].person.name});
    TRY(check_whole(cx, p, rows, count, out->household_id == 0));
    out->people_complete = good == 0 && p->file.mapping->subject == SUBJECT_PERSON;
    *usable = true;
    return RC_OK;
}

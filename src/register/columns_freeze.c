/* Frozen copies of live columns: one raw little-endian file per column and snapshot.json that
 * says what they are (doc/snapshot.md). Households lie in order of place, people in the order
 * of their households. Names and secret indicators stay out. The folder is named by the hash of
 * snapshot.json, which holds the hashes of all files: the same content has the same name. */
#include "register/columns_inner.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "columns are written as they lie");

enum { JSON_MAX = 256 * 1024 * 1024, CHUNK = 256 * 1024, NAMES_ARENA = 64 * 1024 * 1024 };

/* One freezing. */
struct freeze {
    struct cx *cx; /* the caller's, with an arena of its own */
    struct columns *c;
    struct county *k;
    const char *dir; /* the temporary folder */
    struct buf bytes;
    struct json json;
    /* rows of the copy → live rows, and households back */
    const uint32_t *households;
    size_t household_count;
    uint32_t *people;
    size_t person_count;
    int32_t *new_household; /* by live row */
    int32_t *new_person;
    char *chunk;
};

/* ---- files ---- */

/* A file of the copy while it is written. */
struct frozen_file {
    int fd;
    const char *path;
    struct hash_state hash;
    size_t used;
    enum rc rc;
};

static enum rc file_begin(struct frozen_file *out, struct freeze *f, const char *name)
{
    struct cx *cx = f->cx;
    *out = (struct frozen_file){.path = arena_printf(cx->arena, "%s/%s", f->dir, name)};
    hash_begin(&out->hash);
    out->fd = open(out->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return out->fd < 0 ? file_fail(cx, errno, out->path) : RC_OK;
}

static void file_flush(struct frozen_file *file, struct freeze *f)
{
    if (!file->rc && file->used > 0) {
        hash_add(&file->hash, f->chunk, file->used);
        file->rc = file_put(f->cx, file->fd, f->chunk, file->used, file->path);
    }
    file->used = 0;
}

static void file_add(struct frozen_file *file, struct freeze *f, const void *p, size_t size)
{
    if (file->used + size > CHUNK)
        file_flush(file, f);
    memcpy(f->chunk + file->used, p, size);
    file->used += size;
}

/* *hash in hex. */
static enum rc file_end(const char **hash, struct frozen_file *file, struct freeze *f)
{
    uint8_t h[HASH_BYTES];
    file_flush(file, f);
    if (!file->rc && fsync(file->fd))
        file->rc = file_fail(f->cx, errno, file->path);
    if (close(file->fd) && !file->rc)
        file->rc = file_fail(f->cx, errno, file->path);
    hash_end(&file->hash, h);
    *hash = hex_of(f->cx->arena, h, sizeof h);
    return file->rc;
}

/* ---- columns ---- */

/* What snapshot.json says of one column. */
struct frozen_column {
    const char *table, *subject, *name, *type;
    int32_t number, year; /* 0: none */
    unsigned width, decimals;
    bool is_unsigned;
    const struct label *label, *unit;
    const char *list;
    size_t rows;
};

static void describe(struct freeze *f, const struct frozen_column *col, const char *file,
                     const char *hash)
{
    struct json *j = &f->json;
    json_object_begin(j);
    json_put_z(j, "table", col->table);
    json_put_z(j, "subject", col->subject);
    json_put_z(j, "name", col->name);
    if (col->year)
        json_put_i64(j, "year", col->year);
    if (col->number)
        json_put_i64(j, "number", col->number);
    json_put_z(j, "type", col->type);
    json_key(j, "file");
    if (file)
        json_z(j, file);
    else
        json_nothing(j); /* all missing */
    json_put_i64(j, "rows", (int64_t)col->rows);
    json_put_i64(j, "width", col->width);
    json_key(j, "signed");
    json_bool(j, !col->is_unsigned);
    if (!col->is_unsigned) /* the smallest of the width; beyond 2^53 as a text */
        json_put_i64(j, "missing",
                     col->width == 8 ? INT64_MIN : -(INT64_C(1) << (8 * col->width - 1)));
    if (col->decimals)
        json_put_i64(j, "decimals", col->decimals);
    if (col->list)
        json_put_z(j, "list", col->list);
    json_labels(j, f->cx, "label", col->label);
    json_labels(j, f->cx, "unit", col->unit);
    if (hash)
        json_put_z(j, "blake2b_256", hash);
    json_object_end(j);
}

/* "2026/household.net_income.i64" */
static const char *file_name(struct freeze *f, const struct frozen_column *col)
{
    struct cx *cx = f->cx;
    const char *stem = arena_printf(cx->arena, "%s.%s.%c%u", col->subject, col->name,
                                    col->is_unsigned ? 'u' : 'i', 8 * col->width);
    return col->year ? arena_printf(cx->arena, "%d/%s", (int)col->year, stem) : stem;
}

/* Which live row stands at a place of the copy. */
static size_t live_row(const struct freeze *f, enum subject subject, size_t place)
{
    return subject == SUBJECT_HOUSEHOLD ? f->households[place]
           : subject == SUBJECT_PERSON  ? f->people[place]
                                        : place;
}

static size_t place_count(const struct freeze *f, enum subject subject)
{
    return subject == SUBJECT_HOUSEHOLD ? f->household_count
           : subject == SUBJECT_PERSON  ? f->person_count
                                        : f->k->area_count;
}

static const char *const subject_names[SUBJECT_COUNT] = {"household", "person", "area"};

/* Values of live rows, in the order of the copy, in their width. */
static enum rc put_column(struct freeze *f, struct frozen_column *col, enum subject subject,
                          const void *data, unsigned width)
{
    struct frozen_file file;
    const char *hash, *name;
    col->subject = subject_names[subject];
    col->rows = place_count(f, subject);
    col->width = width;
    if (!data) {
        describe(f, col, NULL, NULL);
        return RC_OK;
    }
    name = file_name(f, col);
    TRY(file_begin(&file, f, name));
    for (size_t i = 0; i < col->rows; i++)
        file_add(&file, f, (const char *)data + live_row(f, subject, i) * width, width);
    TRY(file_end(&hash, &file, f));
    describe(f, col, name, hash);
    return RC_OK;
}

/* An array made for the copy, in its own order. */
static enum rc put_array(struct freeze *f, struct frozen_column *col, const void *data,
                         size_t count)
{
    struct frozen_file file;
    const char *hash, *name = file_name(f, col);
    col->rows = count;
    TRY(file_begin(&file, f, name));
    for (size_t i = 0; i < count; i++)
        file_add(&file, f, (const char *)data + i * col->width, col->width);
    TRY(file_end(&hash, &file, f));
    describe(f, col, name, hash);
    return RC_OK;
}

static const char *type_name(enum indicator_type type)
{
    static const char *const names[] = {"integer", "decimal", "money", "bool",    "code",
                                        "codes",   "day",     "month", "recorded"};
    return names[type];
}

/* ---- which rows ---- */

static enum rc order_rows(struct freeze *f)
{
    struct county *k = f->k;
    TRY(columns_rows(&f->households, &f->household_count, f->cx, f->c, 0));
    f->people = arena_array(f->cx->arena, k->person_rows + 1, sizeof *f->people);
    f->new_household = arena_array(f->cx->arena, k->rows + 1, sizeof *f->new_household);
    f->new_person = arena_array(f->cx->arena, k->person_rows + 1, sizeof *f->new_person);
    if (!f->people || !f->new_household || !f->new_person)
        return columns_no_memory(f->cx);
    for (size_t h = 0; h < f->household_count; h++) {
        f->new_household[f->households[h]] = (int32_t)h;
        for (int32_t p = k->first[f->households[h]]; p >= 0; p = k->next_person[p]) {
            f->new_person[p] = (int32_t)f->person_count;
            f->people[f->person_count++] = (uint32_t)p;
        }
    }
    return RC_OK;
}

static enum rc put_keys(struct freeze *f)
{
    struct county *k = f->k;
    int32_t *households = arena_array(f->cx->arena, f->person_count + 1, sizeof *households);
    struct frozen_column id = {.table = "key", .name = "id", .type = "id"};
    struct frozen_column area = {.table = "key", .name = "area", .type = "row"};
    struct frozen_column home = {
        .table = "key", .subject = "person", .name = "household", .type = "row", .width = 4};
    if (!households)
        return columns_no_memory(f->cx);
    TRY(put_column(f, &id, SUBJECT_HOUSEHOLD, k->household_id, 8));
    TRY(put_column(f, &area, SUBJECT_HOUSEHOLD, k->area, 4));
    id = (struct frozen_column){.table = "key", .name = "id", .type = "id"};
    TRY(put_column(f, &id, SUBJECT_PERSON, k->person_id, 8));
    for (size_t i = 0; i < f->person_count; i++)
        households[i] = f->new_household[k->household[f->people[i]]];
    return put_array(f, &home, households, f->person_count);
}

static enum rc put_facts(struct freeze *f)
{
    static const struct {
        enum person_fact fact;
        const char *name, *type;
    } facts[] = {{PF_SEX, "sex", "code"},
                 {PF_BIRTH, "birth", "day"},
                 {PF_RELATION, "relation", "code"},
                 {PF_IDENTITY_LENGTH, "identity_length", "integer"},
                 {PF_IDENTITY_VALID, "identity_valid", "bool"},
                 {PF_IDENTITY_BIRTH, "identity_birth_agrees", "bool"},
                 {PF_IDENTITY_SEX, "identity_sex_agrees", "bool"},
                 {PF_IDENTITY_TWICE, "identity_twice", "bool"},
                 {PF_PHONE_KNOWN, "phone_known", "bool"},
                 {PF_PHONE_VALID, "phone_valid", "bool"},
                 {PF_PHONE_SHARED, "phone_shared", "integer"}};
    const struct profile *p = f->k->profile;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const struct code_list *list = facts[i].fact == PF_SEX        ? p->sex_list
                                       : facts[i].fact == PF_RELATION ? p->relation_list
                                                                      : NULL;
        const struct vec *v = &f->k->fact[facts[i].fact];
        struct frozen_column col = {.table = "fact",
                                    .name = facts[i].name,
                                    .type = facts[i].type,
                                    .list = list ? list->name : NULL};
        TRY(put_column(f, &col, SUBJECT_PERSON, v->data, v->data ? v->width : 1));
    }
    return RC_OK;
}

/* ---- one year ---- */

/* People of each household in the year: rows people_from[h] to people_from[h + 1] of `people`.
 */
static enum rc put_people(struct freeze *f, const struct year_columns *y,
                          const struct sheet_columns *people)
{
    struct county *k = f->k;
    int32_t *from = arena_array(f->cx->arena, f->household_count + 2, sizeof *from);
    int32_t *list = arena_array(f->cx->arena, f->person_count + 1, sizeof *list);
    size_t used = 0;
    if (!from || !list)
        return columns_no_memory(f->cx);
    for (size_t h = 0; h < f->household_count; h++) {
        size_t row = f->households[h];
        bool anybody = anybody_of_year(k, people, row);
        from[h] = (int32_t)used;
        for (int32_t p = k->first[row]; p >= 0; p = k->next_person[p])
            if (is_of_year(k, people, (size_t)p, anybody))
                list[used++] = f->new_person[p];
    }
    from[f->household_count] = (int32_t)used;
    struct frozen_column a = {.table = "key",
                              .subject = "household",
                              .name = "people_from",
                              .type = "offset",
                              .year = y->year,
                              .width = 4};
    struct frozen_column b = {.table = "key",
                              .subject = "household",
                              .name = "people",
                              .type = "row",
                              .year = y->year,
                              .width = 4};
    TRY(put_array(f, &a, from, f->household_count + 1));
    return put_array(f, &b, list, used);
}

static enum rc put_sheets(struct freeze *f, struct year_columns *y)
{
    const struct profile *p = f->k->profile;
    struct cx *own = &f->c->own;
    for (int s = 0; s < SUBJECT_COUNT; s++) {
        struct sheet_columns *sheet;
        TRY(columns_fail(f->cx, own, sheet_need(&sheet, f->k, own, (enum subject)s, y)));
        for (size_t i = 0; i < p->of_count[s]; i++) {
            const struct indicator *ind = p->of[s][i];
            const struct vec *v = &sheet->col[i];
            struct frozen_column col = {.table = "indicator",
                                        .name = ind->code,
                                        .type = type_name(ind->type),
                                        .number = ind->number,
                                        .year = y->year,
                                        .decimals = ind->decimals,
                                        .label = &ind->label,
                                        .unit = &ind->unit_label,
                                        .list = ind->list ? ind->list->name : NULL};
            if (!ind->secret)
                TRY(put_column(f, &col, (enum subject)s, v->data,
                               v->data ? v->width : vec_width_of(ind)));
        }
        if (s == SUBJECT_PERSON)
            TRY(put_people(f, y, sheet));
    }
    return RC_OK;
}

static enum rc put_incomes(struct freeze *f, struct year_columns *y)
{
    const struct profile *p = f->k->profile;
    struct income_columns *n;
    TRY(columns_fail(f->cx, &f->c->own, incomes_need(&n, f->k, &f->c->own, y)));
    for (size_t i = 0; i < p->income_count; i++) {
        const struct vec *v = n->kind[i].data ? &n->kind[i] : &n->any;
        struct frozen_column col = {
            .table = "income",
            .name = arena_printf(f->cx->arena, "income_%s", p->incomes[i].code),
            .type = "money",
            .number = p->incomes[i].number,
            .year = y->year,
            .decimals = p->currency_decimals,
            .label = &p->incomes[i].label};
        TRY(put_column(f, &col, SUBJECT_HOUSEHOLD, v->data, v->data ? v->width : 1));
    }
    return RC_OK;
}

static enum rc put_rules(struct freeze *f, const struct year_columns *y)
{
    const struct profile_rules *rules = rules_of(f->k);
    for (size_t i = 0; i < rules->derived_count; i++) {
        const struct derived *d = &rules->derived[i];
        struct rule_type type = rule_root_type(rules->derived_program, i);
        struct column values;
        struct frozen_column col = {.table = "derived",
                                    .name = d->code,
                                    .type = type.kind == RULE_BOOL  ? "bool"
                                            : type.kind == RULE_DAY ? "day"
                                            : type.decimals         ? "decimal"
                                                                    : "integer",
                                    .year = y->year,
                                    .decimals = type.decimals,
                                    .label = &d->label};
        TRY(columns_derived(&values, f->cx, f->c, i, y->year));
        TRY(put_column(f, &col, d->subject, values.data, values.width));
    }
    for (size_t i = 0; i < rules->index_count; i++) {
        const struct poverty_index *index = &rules->indexes[i];
        struct columns_flags flags;
        struct frozen_column col = {.table = "deprived",
                                    .name =
                                        arena_printf(f->cx->arena, "%s_deprived", index->code),
                                    .type = "bits",
                                    .year = y->year,
                                    .is_unsigned = true,
                                    .label = &index->label};
        TRY(columns_flags(&flags, f->cx, f->c, i, y->year));
        TRY(put_column(f, &col, SUBJECT_HOUSEHOLD, flags.deprived, 2));
        col.name = arena_printf(f->cx->arena, "%s_known", index->code);
        col.table = "known";
        TRY(put_column(f, &col, SUBJECT_HOUSEHOLD, flags.known, 2));
    }
    return RC_OK;
}

static enum rc put_year(struct freeze *f, int32_t year)
{
    struct cx *cx = f->cx;
    struct year_columns *y = year_find(f->k, year);
    const char *dir = arena_printf(cx->arena, "%s/%d", f->dir, (int)year);
    struct frozen_column size = {
        .table = "fact", .name = "size", .type = "integer", .year = year};
    struct vec *sizes;
    if (mkdir(dir, 0700))
        return file_fail(cx, errno, dir);
    TRY(columns_fail(cx, &f->c->own, size_need(&sizes, f->k, &f->c->own, y)));
    TRY(put_column(f, &size, SUBJECT_HOUSEHOLD, sizes->data, sizes->data ? sizes->width : 2));
    TRY(put_sheets(f, y));
    TRY(put_incomes(f, y));
    TRY(put_rules(f, y));
    return file_sync_dir(cx, dir);
}

static enum rc put_all(struct freeze *f, int32_t year)
{
    struct county *k = f->k;
    TRY(order_rows(f));
    frozen_head(&f->json, f->cx, k, year);
    json_key(&f->json, "columns");
    json_array_begin(&f->json);
    TRY(put_keys(f));
    TRY(put_facts(f));
    for (size_t i = 0; i < k->head_year_count; i++)
        if (!year || k->years[i] == year)
            TRY(put_year(f, k->years[i]));
    json_array_end(&f->json);
    frozen_foot(&f->json, f->cx, k);
    json_object_end(&f->json);
    return buf_ok(&f->bytes) ? RC_OK : columns_no_memory(f->cx);
}

/* ---- the folder ---- */

/* A folder of files goes; what cannot be removed stays, under its temporary name. */
static void remove_files(struct cx *cx, const char *dir)
{
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.')
            (void)unlink(arena_printf(cx->arena, "%s/%s", dir, e->d_name));
    if (d)
        closedir(d);
    (void)rmdir(dir);
}

/* Of a copy that was not finished, or is there already: the years' folders, then the rest. */
static void remove_folder(struct cx *cx, const struct freeze *f)
{
    const struct county *k = f->k;
    for (size_t i = 0; i < k->head_year_count; i++)
        remove_files(cx, arena_printf(cx->arena, "%s/%d", f->dir, (int)k->years[i]));
    remove_files(cx, f->dir);
}

static enum rc keep(const char **name, struct freeze *f, const char *folder)
{
    struct cx *cx = f->cx;
    struct str json = buf_view(&f->bytes);
    uint8_t hash[HASH_BYTES];
    struct stat st;
    hash_bytes(hash, json.p, json.len);
    const char *hex = hex_of(cx->arena, hash, sizeof hash);
    const char *path = arena_printf(cx->arena, "%s/%s", folder, hex);
    TRY(file_write(cx, arena_printf(cx->arena, "%s/snapshot.json", f->dir), json, 0600));
    TRY(file_sync_dir(cx, f->dir));
    if (stat(path, &st) == 0) { /* the same content is there already */
        remove_folder(cx, f);
    } else if (rename(f->dir, path)) {
        return file_fail(cx, errno, path);
    }
    TRY(file_sync_dir(cx, folder));
    *name = hex;
    return RC_OK;
}

static enum rc freeze_in(const char **name, struct freeze *f, int32_t year, const char *folder)
{
    struct cx *cx = f->cx;
    char *dir;
    TRY(file_mkdir(cx, folder));
    struct str pattern = str_of(arena_printf(cx->arena, "%s/.tmp-XXXXXX", folder));
    dir = arena_new(cx->arena, pattern.len + 1);
    memcpy(dir, pattern.p, pattern.len);
    if (!mkdtemp(dir))
        return file_fail(cx, errno, folder);
    f->dir = dir;
    enum rc rc = put_all(f, year);
    if (!rc)
        rc = keep(name, f, folder);
    if (rc)
        remove_folder(cx, f);
    return rc;
}

enum rc columns_freeze(const char **name, struct cx *cx, struct columns *c, int32_t year,
                       const char *folder)
{
    struct cx own = *cx;
    struct freeze f = {.cx = &own, .c = c, .k = c->county};
    const char *made = NULL;
    if (year && !year_find(c->county, year))
        return fail_f(cx, RC_NOTFOUND, _("No household has data of the year %d."), (int)year);
    own.arena = arena_open(NAMES_ARENA + (c->county->person_rows + c->county->rows) * 64);
    err_clear(&own);
    buf_init(&f.bytes, NULL, JSON_MAX);
    json_init(&f.json, &f.bytes);
    f.chunk = arena_new(own.arena, CHUNK);
    enum rc rc = freeze_in(&made, &f, year, folder);
    if (!rc)
        *name = arena_copy(cx->arena, str_of(made));
    (void)columns_fail(cx, &own, rc);
    buf_free(&f.bytes);
    arena_free(own.arena);
    return rc;
}

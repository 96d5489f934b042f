/* Loads a profile: collects its files, reads the tables in order, gives the result or the list
 * of mistakes. What a single table may hold is in load_*.c. */
#include "profile/profile.h"

#include "base/crypto.h"
#include "base/embed.h"
#include "base/file.h"
#include "profile/profile_impl.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>

enum { PROFILE_FILES_MAX = 100, FAULT_VALUE_BYTES = 80 };

static const char *const tables[] = {
    "profile.csv",        "levels.csv",          "units.csv",
    "codes.csv",          "groups.csv",          "eras.csv",
    "incomes.csv",        "thresholds.csv",      "indicators.csv",
    "roles.csv",          "crosswalk.csv",       "derived.csv",
    "check_groups.csv",   "checks.csv",          "indexes.csv",
    "deprivations.csv",   "lists.csv",           "list_rules.csv",
    "list_priors.csv",    "calendar.csv",        "org_kinds.csv",
    "options.csv",        "workflows.csv",       "workflow_states.csv",
    "workflow_moves.csv", "workflow_fields.csv", "workflow_sets.csv",
    "measure_groups.csv", "measures.csv",        "tapers.csv",
    "alerts.csv",         "shipping.csv",        "goods.csv",
};
/* Those from here on may be missing. */
enum { TABLES_NEEDED = 11, TABLE_COUNT = sizeof tables / sizeof *tables };

void loader_fault(struct loader *l, const char *file, int64_t line, const char *field,
                  struct str value, const char *message)
{
    struct profile_faults *f = l->faults;
    if (f->count >= PROFILE_FAULTS_MAX)
        return;
    struct arena *a = l->cx->arena;
    if (!f->rows)
        f->rows = arena_new(a, PROFILE_FAULTS_MAX * sizeof *f->rows);
    size_t len = value.len;
    if (len > FAULT_VALUE_BYTES)
        for (len = FAULT_VALUE_BYTES; len && (value.p[len] & 0xC0) == 0x80;)
            len--;
    f->rows[f->count++] = (struct profile_fault){
        .file = arena_copy(a, str_of(file)),
        .row = line,
        .field = field,
        .value = arena_copy(a, (struct str){value.p, len}),
        .message = message,
    };
}

const struct source_file *loader_file(const struct loader *l, const char *name)
{
    for (size_t i = 0; i < l->file_count; i++)
        if (!strcmp(l->files[i].name, name))
            return &l->files[i];
    return NULL;
}

/* Every table but those of rules must be there; a file of another name is a mistake. */
static void check_files(struct loader *l)
{
    struct cx *cx = l->cx;
    for (size_t i = 0; i < TABLES_NEEDED; i++)
        if (!loader_file(l, tables[i]))
            loader_fault(l, tables[i], 0, "", STR(""), _("The profile lacks this file."));
    for (size_t i = 0; i < l->file_count; i++) {
        struct str name = str_of(l->files[i].name);
        bool known = str_starts(name, STR("mapping/"));
        for (size_t k = 0; k < TABLE_COUNT && !known; k++)
            known = str_eq_z(name, tables[k]);
        const char *near = known ? NULL : spelling_nearest(name, tables, TABLE_COUNT);
        if (!known)
            loader_fault(
                l, l->files[i].name, 0, "", STR(""),
                near ? arena_printf(cx->arena, _("Unknown file. Did you mean “%s”?"), near)
                     : _("Unknown file. Mappings belong into the folder mapping."));
    }
}

static bool small_enough(struct loader *l)
{
    struct cx *cx = l->cx;
    size_t total = 0;
    for (size_t i = 0; i < l->file_count; i++)
        total += l->files[i].bytes.len;
    if (total > PROFILE_BYTES_MAX)
        loader_fault(l, "profile.csv", 0, "", STR(""),
                     _("The profile's files are larger than 2 MB together."));
    return total <= PROFILE_BYTES_MAX;
}

static void hash_files(uint8_t out[HASH_BYTES], const struct source_file *files, size_t count)
{
    struct hash_state h;
    hash_begin(&h);
    for (size_t i = 0; i < count; i++) {
        uint64_t len = files[i].bytes.len;
        hash_add(&h, files[i].name, strlen(files[i].name) + 1);
        hash_add(&h, &len, sizeof len);
        hash_add(&h, files[i].bytes.p, files[i].bytes.len);
    }
    hash_end(&h, out);
}

static void load_all(struct loader *l)
{
    static void (*const steps[])(struct loader *) = {
        load_keys,      load_levels,     load_units,      load_eras,    load_codes,
        load_crosswalk, load_groups,     load_indicators, load_incomes, load_thresholds,
        load_roles,     load_references, load_mappings,   load_rules,   load_lists,
        load_calendar,  load_workflows,  load_measures,   load_alerts,  load_shipping,
        load_goods,
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        steps[i](l);
        arena_reset(l->temp);
    }
}

enum rc profile_load_files(struct profile **out, struct profile_faults *faults, struct cx *cx,
                           const struct source_file *files, size_t count)
{
    struct arena *arena = arena_open(PROFILE_ARENA);
    struct profile *p = arena_new(arena, sizeof *p);
    p->own = arena_new(arena, sizeof *p->own);
    p->own->arena = arena;
    struct loader l = {.cx = cx,
                       .p = p,
                       .arena = arena,
                       .temp = arena_open(PROFILE_ARENA),
                       .faults = faults,
                       .files = files,
                       .file_count = count};
    *faults = (struct profile_faults){0};
    check_files(&l);
    if (small_enough(&l))
        load_all(&l);
    arena_free(l.temp);
    if (faults->count) {
        profile_free(p);
        return RC_INVALID;
    }
    hash_files(p->hash, files, count);
    sheet_build(p);
    *out = p;
    return RC_OK;
}

void profile_free(struct profile *p)
{
    if (p)
        arena_free(p->own->arena);
}

/* ---- where files come from ---- */

static int by_name(const void *a, const void *b)
{
    const struct source_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* Adds the CSV files of one folder; `prefix` stands before their names ("mapping/"). */
static enum rc read_folder(struct source_file *files, size_t *count, struct cx *cx,
                           const char *folder, const char *prefix)
{
    DIR *d = opendir(folder);
    if (!d)
        return *prefix && errno == ENOENT ? RC_OK : file_fail(cx, errno, folder);
    enum rc rc = RC_OK;
    for (struct dirent *e = readdir(d); e && !rc; e = readdir(d)) {
        struct str name = str_of(e->d_name);
        if (name.p[0] == '.' || !str_ends(name, STR(".csv")))
            continue;
        if (*count == PROFILE_FILES_MAX) {
            rc = fail(cx, RC_LIMIT, _("A profile has at most 100 files."), "profile files");
            break;
        }
        files[*count].name = arena_printf(cx->arena, "%s%s", prefix, e->d_name);
        rc = file_read(&files[*count].bytes, cx,
                       arena_printf(cx->arena, "%s/%s", folder, e->d_name), PROFILE_BYTES_MAX);
        *count += rc == RC_OK;
    }
    closedir(d);
    return rc;
}

enum rc profile_load(struct profile **out, struct profile_faults *faults, struct cx *cx,
                     const char *folder)
{
    struct source_file *files = arena_new(cx->arena, PROFILE_FILES_MAX * sizeof *files);
    size_t count = 0;
    *faults = (struct profile_faults){0};
    TRY(read_folder(files, &count, cx, folder, ""));
    TRY(read_folder(files, &count, cx, arena_printf(cx->arena, "%s/mapping", folder),
                    "mapping/"));
    qsort(files, count, sizeof *files, by_name);
    return profile_load_files(out, faults, cx, files, count);
}

/* The embedded files of a profile, by name; RC_NOTFOUND when there are none. */
static enum rc embedded_profile(struct source_file *files, size_t *count, struct cx *cx,
                                const char *name)
{
    struct str prefix = str_of(arena_printf(cx->arena, "profile/%s/", name));
    *count = 0;
    for (size_t i = 0; i < embedded_count && *count < PROFILE_FILES_MAX; i++) {
        const struct embedded *e = &embedded_files[i];
        if (str_starts(str_of(e->path), prefix))
            files[(*count)++] =
                (struct source_file){e->path + prefix.len, {(const char *)e->data, e->len}};
    }
    qsort(files, *count, sizeof *files, by_name);
    if (!*count)
        return fail_f(cx, RC_NOTFOUND, _("The program carries no profile named “%s”."), name);
    return RC_OK;
}

enum rc profile_load_embedded(struct profile **out, struct profile_faults *faults,
                              struct cx *cx, const char *name)
{
    struct source_file *files = arena_new(cx->arena, PROFILE_FILES_MAX * sizeof *files);
    size_t count;
    *faults = (struct profile_faults){0};
    TRY(embedded_profile(files, &count, cx, name));
    return profile_load_files(out, faults, cx, files, count);
}

enum rc profile_write_embedded(struct cx *cx, const char *name, const char *folder)
{
    struct source_file *files = arena_new(cx->arena, PROFILE_FILES_MAX * sizeof *files);
    size_t count;
    TRY(embedded_profile(files, &count, cx, name));
    TRY(file_mkdir(cx, arena_printf(cx->arena, "%s/mapping", folder)));
    for (size_t i = 0; i < count; i++)
        TRY(file_write(cx, arena_printf(cx->arena, "%s/%s", folder, files[i].name),
                       files[i].bytes, 0600));
    return RC_OK;
}

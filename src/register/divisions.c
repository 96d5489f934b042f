/* Loads a country's divisions from four CSV files in the layout of the public data set
 * china-divisions (provinces, cities, areas, streets by official code), with the history of
 * codes. Which level they become follows from the profile's tenant level: streets lie right
 * under it, cities and provinces right above it where the profile has those levels. */
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "register/area.h"
#include "register/inner.h"

#include <string.h>

enum { FILE_BYTES_MAX = 16 * 1024 * 1024, FIELDS_MAX = 9, CHUNK = 400, SUCCESSION_MAX = 12 };

/* One line of a file. */
struct division {
    struct str code, name, parent_code;
    int64_t id;       /* once it is in the database */
    int32_t from_day; /* since when the code is in force; 0 unknown */
};
struct divisions {
    struct division *rows;
    size_t count;
};
struct loading {
    struct str prefix;
    struct divisions level[3]; /* provinces, cities, areas: sorted by code */
    struct divisions streets;
    int64_t added;
};

/* The next field of a line; `rest` moves on. Quotes around a field are taken off: the layout
 * has neither quotes nor commas inside one. */
static struct str next_field(struct str *rest)
{
    struct str field = str_cut(rest, ',');
    if (field.len >= 2 && field.p[0] == '"' && field.p[field.len - 1] == '"')
        field = (struct str){field.p + 1, field.len - 2};
    return str_trim(field);
}

static size_t split_line(struct str fields[FIELDS_MAX], struct str line)
{
    size_t count = 0;
    while (line.p && count < FIELDS_MAX)
        fields[count++] = next_field(&line);
    for (size_t i = count; i < FIELDS_MAX; i++)
        fields[i] = (struct str){"", 0};
    return count;
}

static int by_code(const void *a, const void *b)
{
    return str_cmp(((const struct division *)a)->code, ((const struct division *)b)->code);
}

static struct division *division_find(const struct divisions *d, struct str code)
{
    struct division key = {.code = code};
    return d->count ? bsearch(&key, d->rows, d->count, sizeof key, by_code) : NULL;
}

/* Under the wanted code, or on the way to it. */
static bool is_wanted(struct str code, struct str prefix)
{
    return str_starts(code, prefix) || str_starts(prefix, code);
}

static size_t line_count(struct str s)
{
    size_t n = 1;
    for (size_t i = 0; i < s.len; i++)
        n += s.p[i] == '\n';
    return n;
}

static enum rc read_file(struct divisions *out, struct cx *cx, const char *folder,
                         const char *name, struct str prefix)
{
    const char *path = arena_printf(cx->arena, "%s/%s", folder, name);
    struct str text;
    TRY(file_read(&text, cx, path, FILE_BYTES_MAX));
    out->rows = arena_array(cx->arena, line_count(text), sizeof *out->rows);
    if (!out->rows)
        return fail(cx, RC_LIMIT, _("The file of divisions is too large."), "%s", name);
    (void)str_cut(&text, '\n'); /* the header line */
    while (text.p && text.len > 0) {
        struct str fields[FIELDS_MAX];
        struct str line = str_trim(str_cut(&text, '\n'));
        if (line.len == 0)
            continue;
        if (split_line(fields, line) < 2 || fields[0].len == 0 || fields[1].len == 0)
            return fail_f(cx, RC_INVALID, _("%s: a line without code and name."), path);
        if (is_wanted(fields[0], prefix))
            out->rows[out->count++] = (struct division){
                .code = fields[0], .name = fields[1], .parent_code = fields[2]};
    }
    qsort(out->rows, out->count, sizeof *out->rows, by_code);
    return RC_OK;
}

/* ---- writing ---- */

/* A run of rows of one file for one write. */
struct run {
    struct loading *loading;
    struct division *rows;
    size_t count;
    const struct divisions *parents; /* NULL: top */
    int level;
    int64_t added;
};

static enum rc add_run(struct cx *cx, void *arg)
{
    struct run *run = arg;
    run->added = 0;
    for (size_t i = 0; i < run->count; i++) {
        struct division *d = &run->rows[i];
        struct arena_mark mark = arena_mark(cx->arena);
        struct area there;
        enum rc rc = area_by_exact_code(&there, cx, d->code, INT32_MAX);
        if (rc == RC_OK) {
            d->id = there.id;
        } else if (rc == RC_NOTFOUND) {
            const struct division *parent =
                run->parents ? division_find(run->parents, d->parent_code) : NULL;
            if (run->parents && !parent)
                return fail_f(cx, RC_INVALID,
                              _("The division %.*s belongs to none of the others."),
                              STR_ARG(d->code));
            TRY(area_add(&d->id, cx, parent ? parent->id : 0, run->level, d->code, d->name,
                         d->from_day));
            run->added++;
        } else {
            return rc;
        }
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

static enum rc add_level(struct cx *cx, struct loading *l, struct divisions *d, int level,
                         const struct divisions *parents)
{
    for (size_t at = 0; at < d->count; at += CHUNK) {
        size_t count = d->count - at < CHUNK ? d->count - at : CHUNK;
        struct run run = {.loading = l,
                          .rows = d->rows + at,
                          .count = count,
                          .parents = parents,
                          .level = level};
        TRY(db_write(cx, 0, add_run, &run));
        l->added += run.added;
    }
    return RC_OK;
}

/* Each county's streets are written by its own writer. */
static enum rc add_streets(struct cx *cx, struct loading *l)
{
    struct divisions *d = &l->streets;
    size_t at = 0;
    while (at < d->count) {
        size_t end = at + 1;
        while (end < d->count && str_eq(d->rows[end].parent_code, d->rows[at].parent_code))
            end++;
        struct division *parent = division_find(&l->level[2], d->rows[at].parent_code);
        struct area tenant;
        if (parent) {
            struct run run = {.loading = l,
                              .rows = d->rows + at,
                              .count = end - at,
                              .parents = &l->level[2],
                              .level = cx->profile->tenant_level + 1};
            TRY(area_get(&tenant, cx, parent->id));
            TRY(db_write(cx, tenant.county, add_run, &run));
            l->added += run.added;
        }
        at = end;
    }
    return RC_OK;
}

/* ---- history ---- */

static struct division *area_of_code(struct loading *l, struct str code)
{
    for (size_t i = 0; i < 3; i++) {
        struct division *d = division_find(&l->level[i], code);
        if (d)
            return d;
    }
    return NULL;
}

/* The history writes every code with six digits; the lists cut those of higher levels. */
static struct str short_code(struct str code)
{
    while (code.len > 2 && code.p[code.len - 1] == '0' && code.p[code.len - 2] == '0')
        code.len -= 2;
    return code;
}

static int32_t year_day(struct str year)
{
    int64_t n = 0;
    if (!str_to_i64(&n, year) || n < 1800 || n > 2200)
        return 0;
    return day_of((struct date){(int32_t)n, 1, 1});
}

/* Column numbers of areacodes_result.csv. */
enum { H_CODE = 0, H_NAME = 3, H_STATE = 5, H_FROM = 6, H_TO = 7, H_NEW = 8 };

struct history {
    struct str *lines;
    size_t count;
};

static enum rc read_history(struct history *out, struct cx *cx, const char *path)
{
    struct str text;
    TRY(file_read(&text, cx, path, FILE_BYTES_MAX));
    out->lines = arena_array(cx->arena, line_count(text), sizeof *out->lines);
    if (!out->lines)
        return fail(cx, RC_LIMIT, _("The file of divisions is too large."), "history");
    (void)str_cut(&text, '\n');
    while (text.p && text.len > 0) {
        struct str line = str_trim(str_cut(&text, '\n'));
        if (line.len > 0)
            out->lines[out->count++] = line;
    }
    return RC_OK;
}

/* Since when today's codes are in force. */
static void history_starts(struct loading *l, const struct history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        struct str f[FIELDS_MAX];
        split_line(f, h->lines[i]);
        struct division *d = area_of_code(l, short_code(f[H_CODE]));
        if (d && f[H_TO].len == 0)
            d->from_day = year_day(f[H_FROM]);
    }
}

/* An old code that was written into its successors. */
struct former {
    struct loading *loading;
    const struct history *history;
    size_t at, end; /* lines */
};

/* The line that drops a code, after `from_day`; NULL when it is not dropped. */
static bool next_line_of(struct str f[FIELDS_MAX], const struct history *h, struct str code,
                         int32_t from_day)
{
    for (size_t i = 0; i < h->count; i++) {
        split_line(f, h->lines[i]);
        if (str_eq(f[H_CODE], code) && f[H_TO].len > 0 && year_day(f[H_TO]) >= from_day)
            return true;
    }
    return false;
}

/* Who carries on what had this code: follows the history until codes in force are reached. */
static size_t successors(struct division **out, size_t room, struct former *w, struct str list,
                         int32_t day)
{
    size_t count = 0;
    for (int step = 0; step < SUCCESSION_MAX && list.p && list.len > 0; step++) {
        struct str one = str_trim(str_cut(&list, ';'));
        if (one.len == 0 || one.p[one.len - 1] == ']')
            continue; /* "130108[2001]": a part that moved earlier */
        struct division *d = area_of_code(w->loading, short_code(one));
        struct str f[FIELDS_MAX];
        while (!d && next_line_of(f, w->history, one, day) && step++ < SUCCESSION_MAX) {
            struct str next = f[H_NEW];
            one = str_trim(str_cut(&next, ';'));
            day = year_day(f[H_TO]);
            d = area_of_code(w->loading, short_code(one));
        }
        if (d && count < room)
            out[count++] = d;
    }
    return count;
}

static enum rc add_former(struct cx *cx, void *arg)
{
    struct former *w = arg;
    for (size_t i = w->at; i < w->end; i++) {
        struct str f[FIELDS_MAX];
        struct division *heirs[SUCCESSION_MAX];
        split_line(f, w->history->lines[i]);
        int32_t from = year_day(f[H_FROM]), to = year_day(f[H_TO]);
        if (f[H_TO].len == 0 || to <= from)
            continue;
        size_t count = successors(heirs, SUCCESSION_MAX, w, f[H_NEW], to);
        for (size_t k = 0; k < count; k++)
            TRY(area_former_add(cx, heirs[k]->id, short_code(f[H_CODE]), f[H_NAME], from, to));
    }
    return RC_OK;
}

enum rc area_import_divisions(int64_t *added, struct cx *cx, const char *folder,
                              struct str prefix, const char *history_path)
{
    static const char *const names[] = {"div_provinces.csv", "div_cities.csv", "div_areas.csv"};
    struct loading l = {.prefix = prefix};
    struct history history = {0};
    int tenant = cx->profile->tenant_level;
    for (size_t i = 0; i < 3; i++)
        TRY(read_file(&l.level[i], cx, folder, names[i], prefix));
    TRY(read_file(&l.streets, cx, folder, "div_streets.csv", prefix));
    if (history_path) {
        TRY(read_history(&history, cx, history_path));
        history_starts(&l, &history);
    }
    /* A city's parent is its third field; an area's too; a province has none. */
    for (int i = 0; i < 3; i++) {
        int level = tenant - 2 + i;
        const struct divisions *parents = i > 0 && level > 0 ? &l.level[i - 1] : NULL;
        if (level >= 0)
            TRY(add_level(cx, &l, &l.level[i], level, parents));
    }
    if ((size_t)tenant + 1 < cx->profile->level_count)
        TRY(add_streets(cx, &l));
    for (size_t at = 0; at < history.count; at += CHUNK) {
        struct former w = {.loading = &l,
                           .history = &history,
                           .at = at,
                           .end = at + CHUNK < history.count ? at + CHUNK : history.count};
        TRY(db_write(cx, 0, add_former, &w));
    }
    *added = l.added;
    return RC_OK;
}

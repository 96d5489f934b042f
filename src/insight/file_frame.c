/* Reads columns of a table file by name. The file itself is read by frame/rows.h in its
 * sandbox; here cells become numbers and labels. */
#include "insight/file_frame.h"

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"
#include "frame/rows.h"
#include "profile/names.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

enum { GROUPS_MAX = 100000, LABELS_MAX = 100000, SCRATCH_MAX = 64 << 20, SHOWN_BYTES = 200 };

/* ---- names ---- */

/* The columns' names for a message: as many as fit. */
static const char *shown(struct cx *cx, const char *const *names, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++) {
        const char *longer = arena_printf(cx->arena, "%s%s%s", text, i ? ", " : "", names[i]);
        if (strlen(longer) > SHOWN_BYTES)
            return arena_printf(cx->arena, "%s …", text);
        text = longer;
    }
    return text;
}

static enum rc no_column(struct cx *cx, const char *name, const char *const *names,
                         size_t count)
{
    const char *nearest = spelling_nearest(str_of(name), names, count);
    const char *text =
        arena_printf(cx->arena, _("There is no column “%s”. The columns are: %s."), name,
                     shown(cx, names, count));
    if (nearest)
        text = arena_printf(cx->arena, _("%s Did you mean “%s”?"), text, nearest);
    return fail(cx, RC_INVALID, text, "column");
}

static enum rc find_column(size_t *out, struct cx *cx, const struct file_want *want,
                           const char *const *names, size_t count)
{
    const char *name = want->name;
    size_t exact = 0, alike = 0, at = 0;
    struct str folded = utf8_fold(cx, str_of(name));
    for (size_t i = 0; i < count; i++)
        if (!strcmp(names[i], name)) {
            exact++;
            at = i;
        }
    for (size_t i = 0; i < count && !exact; i++)
        if (str_eq(utf8_fold(cx, str_of(names[i])), folded)) {
            alike++;
            at = i;
        }
    if (exact + alike > 1)
        return fail_f(cx, RC_INVALID, _("There are several columns named “%s”."), name);
    if (!exact && !alike && !want->optional)
        return no_column(cx, name, names, count);
    *out = exact || alike ? at : SIZE_MAX;
    return RC_OK;
}

enum rc file_frame_list(const char ***out, size_t *count, struct cx *cx, const char *text)
{
    struct str rest = str_of(text);
    size_t n = 1;
    for (size_t i = 0; i < rest.len; i++)
        n += rest.p[i] == ',';
    const char **list = arena_array(cx->arena, n, sizeof *list);
    if (!list)
        return fail(cx, RC_LIMIT, _("The list is too long."), "n=%zu", n);
    for (size_t i = 0; i < n; i++) {
        struct str part = str_trim(str_cut(&rest, ','));
        if (!part.len)
            return fail_f(cx, RC_INVALID, _("A part of the list “%s” is empty."), text);
        list[i] = arena_copy(cx->arena, part);
    }
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- cells ---- */

static bool is_missing(const struct cell *c, struct str text)
{
    static const char *const words[] = {".", "-", "na", "n/a", "#n/a", "nan", "null"};
    if (c->kind == CELL_EMPTY || c->kind == CELL_ERROR || !text.len)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text.len == strlen(words[i]) && !strncasecmp(text.p, words[i], text.len))
            return true;
    return false;
}

struct labels { /* a hash table of the distinct texts of one column */
    uint32_t *slot;
    size_t slots, room;
};

static uint64_t hash(struct str s)
{
    uint64_t h = 14695981039346656037ULL; /* FNV-1a */
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211ULL;
    return h;
}

static enum rc no_room(struct cx *cx)
{
    return fail(cx, RC_LIMIT, _("There is not enough memory for so many groups."), "labels");
}

static size_t free_slot(const struct labels *l, const struct file_want *w, struct str text,
                        bool *found)
{
    size_t at = hash(text) & (l->slots - 1);
    *found = false;
    for (; l->slot[at] && !*found; at = (at + 1) & (l->slots - 1))
        if (str_eq_z(text, w->labels[l->slot[at] - 1])) {
            *found = true;
            return at;
        }
    return at;
}

/* Twice the room; what the old tables held stays in the arena until it ends. */
static enum rc labels_grow(struct labels *l, struct cx *cx, struct file_want *w)
{
    struct labels more = {.slots = l->slots ? l->slots * 2 : (size_t)1 << 12};
    bool found;
    more.room = more.slots / 2;
    more.slot = arena_array(cx->arena, more.slots, sizeof *more.slot); /* index + 1 */
    const char **labels = arena_array(cx->arena, more.room, sizeof *labels);
    if (!more.slot || !labels)
        return no_room(cx);
    if (w->label_count)
        memcpy(labels, w->labels, w->label_count * sizeof *labels);
    w->labels = labels;
    for (uint32_t i = 0; i < w->label_count; i++)
        more.slot[free_slot(&more, w, str_of(labels[i]), &found)] = i + 1;
    *l = more;
    return RC_OK;
}

static enum rc label_of(uint32_t *out, struct cx *cx, struct labels *l, struct file_want *w,
                        struct str text)
{
    bool found = false;
    size_t at = free_slot(l, w, text, &found);
    if (found) {
        *out = l->slot[at] - 1;
        return RC_OK;
    }
    if (!w->as_codes && !w->as_auto && w->label_count == LABELS_MAX)
        return fail_f(cx, RC_LIMIT,
                      _("Column “%s” has more than %d different values: too many for groups."),
                      w->name, (int)LABELS_MAX);
    if (w->label_count == l->room || w->label_count == UINT32_MAX - 1) {
        TRY(labels_grow(l, cx, w));
        at = free_slot(l, w, text, &found);
    }
    w->labels[w->label_count] = arena_copy(cx->arena, text);
    l->slot[at] = (uint32_t)++w->label_count;
    *out = (uint32_t)w->label_count - 1;
    return RC_OK;
}

/* False: the cell is neither a number nor missing. */
static bool number_of(double *out, const struct cell *c)
{
    struct str text = str_trim(c->text);
    if (is_missing(c, text)) {
        *out = NAN;
        return true;
    }
    return c->kind != CELL_DAY && str_to_f64(out, text);
}

static enum rc no_number(struct cx *cx, const struct cell *c, const char *name, int64_t row)
{
    struct str text = str_trim(c->text);
    if (text.len > 40)
        text.len = utf8_whole((struct str){text.p, 40}, CHARSET_UTF8);
    return fail_f(cx, RC_INVALID, _("Row %lld, column %s: “%.*s” is not a number."),
                  (long long)row, name, STR_ARG(text));
}

/* ---- reading ---- */

struct reading {
    const struct rows *rows;
    struct file_want *wants;
    size_t count, *column, data_rows;
    struct labels *labels;
};

static enum rc header_names(const char ***out, size_t *count, struct cx *cx,
                            const struct rows *rows)
{
    struct row head;
    if (!rows_count(rows))
        return fail(cx, RC_INVALID, _("The table is empty."), "no rows");
    TRY(rows_read(&head, cx, rows, 0));
    const char **names = arena_array(cx->arena, head.count + 1, sizeof *names);
    if (!names)
        return fail(cx, RC_LIMIT, _("The table has too many columns."), "columns");
    for (size_t i = 0; i < head.count; i++)
        names[i] = arena_copy(cx->arena, str_trim(head.cells[i].text));
    *out = names;
    *count = head.count;
    return RC_OK;
}

static enum rc read_header(struct reading *r, struct cx *cx)
{
    const char **names = NULL;
    size_t count = 0;
    TRY(header_names(&names, &count, cx, r->rows));
    for (size_t i = 0; i < r->count; i++)
        TRY(find_column(&r->column[i], cx, &r->wants[i], names, count));
    return RC_OK;
}

/* All columns of the header as wants. */
static enum rc all_columns(struct reading *r, struct cx *cx)
{
    const char **names = NULL;
    TRY(header_names(&names, &r->count, cx, r->rows));
    r->wants = arena_array(cx->arena, r->count + 1, sizeof *r->wants);
    r->column = arena_array(cx->arena, r->count + 1, sizeof *r->column);
    r->labels = arena_array(cx->arena, r->count + 1, sizeof *r->labels);
    if (!r->wants || !r->column || !r->labels)
        return fail(cx, RC_LIMIT, _("The table has too many columns."), "columns");
    for (size_t i = 0; i < r->count; i++) {
        const char *name =
            *names[i] ? names[i] : arena_printf(cx->arena, _("column %zu"), i + 1);
        r->wants[i] = (struct file_want){.name = name, .as_auto = true};
        r->column[i] = i;
    }
    return RC_OK;
}

static enum rc make_room(struct reading *r, struct cx *cx)
{
    size_t n = r->data_rows + 1;
    for (size_t i = 0; i < r->count; i++) {
        struct file_want *w = &r->wants[i];
        if (r->column[i] == SIZE_MAX)
            continue;
        if (w->as_labels || w->as_codes) {
            TRY(labels_grow(&r->labels[i], cx, w));
            w->label = arena_array(cx->arena, n, sizeof *w->label);
        } else {
            w->number = arena_array(cx->arena, n, sizeof *w->number);
        }
        if (!w->label && !w->number)
            return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                        "rows=%zu", n);
    }
    return RC_OK;
}

static enum rc read_row(struct row *out, struct cx *cx, const struct reading *r, size_t i,
                        struct arena *scratch)
{
    struct arena *kept = cx->arena;
    cx->arena = scratch;
    enum rc rc = rows_read(out, cx, r->rows, i + 1);
    cx->arena = kept;
    return rc;
}

static enum rc read_label(struct reading *r, struct cx *cx, size_t i, size_t k,
                          const struct cell *c)
{
    struct file_want *w = &r->wants[k];
    struct str text = str_trim(c->text);
    return label_of(&w->label[i], cx, &r->labels[k], w, is_missing(c, text) ? STR("") : text);
}

static const struct cell *cell_at(const struct row *row, size_t column)
{
    static const struct cell empty;
    return column < row->count ? &row->cells[column] : &empty;
}

/* A column of numbers turns out to hold texts: its rows up to i are read again. */
static enum rc become_labels(struct reading *r, struct cx *cx, size_t i, size_t k)
{
    struct file_want *w = &r->wants[k];
    w->as_labels = true;
    w->number = NULL;
    TRY(labels_grow(&r->labels[k], cx, w));
    w->label = arena_array(cx->arena, r->data_rows + 1, sizeof *w->label);
    if (!w->label)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", r->data_rows);
    struct arena *scratch = arena_open(SCRATCH_MAX);
    enum rc rc = RC_OK;
    for (size_t before = 0; before <= i && !rc; before++) {
        struct row row = {0};
        rc = read_row(&row, cx, r, before, scratch);
        if (!rc)
            rc = read_label(r, cx, before, k, cell_at(&row, r->column[k]));
        arena_reset(scratch);
    }
    arena_free(scratch);
    return rc;
}

/* The row's own memory is `scratch`; labels go to the context's arena and stay. */
static enum rc read_values(struct reading *r, struct cx *cx, size_t i, struct arena *scratch)
{
    struct row row = {0};
    TRY(read_row(&row, cx, r, i, scratch));
    for (size_t k = 0; k < r->count; k++) {
        struct file_want *w = &r->wants[k];
        const struct cell *c = cell_at(&row, r->column[k]);
        if (w->number && number_of(&w->number[i], c))
            continue;
        if (w->number && !w->as_auto)
            return no_number(cx, c, w->name, row.number);
        if (w->number)
            TRY(become_labels(r, cx, i, k));
        else if (w->label)
            TRY(read_label(r, cx, i, k, c));
    }
    return RC_OK;
}

/* Numbers by size, then texts by bytes. */
static int by_label(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    double m, n;
    bool number_x = str_to_f64(&m, str_of(x)), number_y = str_to_f64(&n, str_of(y));
    if (number_x && number_y && m != n)
        return m < n ? -1 : 1;
    if (number_x != number_y)
        return number_x ? -1 : 1;
    return strcmp(x, y);
}

/* Labels in order, and the rows' indexes with them. */
static enum rc sort_labels(struct cx *cx, struct file_want *w, size_t rows, struct labels *l)
{
    uint32_t *place = arena_array(cx->arena, w->label_count + 1, sizeof *place);
    const char **sorted = arena_array(cx->arena, w->label_count + 1, sizeof *sorted);
    if (!place || !sorted)
        return fail(cx, RC_LIMIT, _("There is not enough memory for so many groups."), "sort");
    memcpy(sorted, w->labels, w->label_count * sizeof *sorted);
    qsort(sorted, w->label_count, sizeof *sorted, by_label);
    for (uint32_t i = 0; i < w->label_count; i++) {
        uint32_t old = 0;
        TRY(label_of(&old, cx, l, w, str_of(sorted[i])));
        place[old] = i;
    }
    for (size_t i = 0; i < rows; i++)
        w->label[i] = place[w->label[i]];
    w->labels = sorted;
    return RC_OK;
}

static enum rc read_all(struct reading *r, struct cx *cx)
{
    if (r->wants)
        TRY(read_header(r, cx));
    else
        TRY(all_columns(r, cx));
    r->data_rows = rows_count(r->rows) - 1;
    TRY(make_room(r, cx));
    struct arena *scratch = arena_open(SCRATCH_MAX);
    enum rc rc = RC_OK;
    for (size_t i = 0; i < r->data_rows && !rc; i++) {
        rc = read_values(r, cx, i, scratch);
        arena_reset(scratch);
    }
    arena_free(scratch);
    TRY(rc);
    for (size_t k = 0; k < r->count; k++)
        if (r->wants[k].as_labels && r->wants[k].label)
            TRY(sort_labels(cx, &r->wants[k], r->data_rows, &r->labels[k]));
    return RC_OK;
}

static enum rc read_file(struct reading *r, struct cx *cx, const struct file_from *from)
{
    struct rows *opened = NULL;
    const char *slash = strrchr(from->path, '/');
    struct rows_options options = {.name = str_of(slash ? slash + 1 : from->path),
                                   .sheet = str_of(from->sheet)};
    int fd = open(from->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file_fail(cx, errno, from->path);
    enum rc rc = rows_open(&opened, cx, fd, &options);
    close(fd);
    TRY(rc);
    r->rows = opened;
    rc = read_all(r, cx);
    rows_close(opened);
    return rc;
}

enum rc file_frame_read(size_t *rows, struct cx *cx, const struct file_from *from,
                        struct file_want *wants, size_t count)
{
    struct reading r = {.wants = wants, .count = count};
    r.column = arena_new(cx->arena, (count + 1) * sizeof *r.column);
    r.labels = arena_new(cx->arena, (count + 1) * sizeof *r.labels);
    TRY(read_file(&r, cx, from));
    *rows = r.data_rows;
    return RC_OK;
}

enum rc file_frame_read_all(struct file_want **out, size_t *count, size_t *rows, struct cx *cx,
                            const struct file_from *from)
{
    struct reading r = {0};
    TRY(read_file(&r, cx, from));
    *out = r.wants;
    *count = r.count;
    *rows = r.data_rows;
    return RC_OK;
}

/* ---- groups ---- */

enum rc file_groups_make(struct file_groups *out, struct cx *cx, const struct file_want *by,
                         size_t by_count, size_t rows)
{
    struct file_groups g = {.by = by, .by_count = by_count};
    size_t places = 1;
    for (size_t i = 0; i < by_count && places <= GROUPS_MAX * 40; i++)
        places *= by[i].label_count ? by[i].label_count : 1;
    uint32_t *seen =
        places <= GROUPS_MAX * 40 ? arena_array(cx->arena, places, sizeof *seen) : NULL;
    g.of_row = arena_array(cx->arena, rows + 1, sizeof *g.of_row);
    if (!seen || !g.of_row)
        return fail(cx, RC_LIMIT, _("There are too many groups. Take fewer columns."), "by");
    for (size_t r = 0; r < rows; r++) {
        uint32_t place = 0;
        for (size_t i = 0; i < by_count; i++)
            place = (uint32_t)(place * by[i].label_count + by[i].label[r]);
        g.of_row[r] = place;
        seen[place] = 1;
    }
    for (size_t p = 0; p < places; p++)
        g.count += seen[p];
    g.labels = arena_array(cx->arena, g.count + 1, sizeof *g.labels);
    if (!g.labels || g.count > GROUPS_MAX)
        return fail(cx, RC_LIMIT, _("There are too many groups. Take fewer columns."), "by");
    for (size_t p = 0, group = 0; p < places; p++) {
        if (!seen[p])
            continue;
        uint32_t *labels = arena_new(cx->arena, (by_count + 1) * sizeof *labels);
        for (size_t i = by_count, rest = p; i-- > 0;) { /* a row was seen: there are labels */
            size_t count = by[i].label_count ? by[i].label_count : 1;
            labels[i] = (uint32_t)(rest % count);
            rest /= count;
        }
        g.labels[group] = labels;
        seen[p] = (uint32_t)group++;
    }
    for (size_t r = 0; r < rows; r++)
        g.of_row[r] = seen[g.of_row[r]];
    *out = g;
    return RC_OK;
}

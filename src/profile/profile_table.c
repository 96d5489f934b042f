/* The strict CSV reader of the profile's tables. Files of people in general are frame/'s. */
#include "profile/profile_table.h"

#include "base/utf8.h"
#include "profile/profile_impl.h"

#include <string.h>

struct reader {
    struct loader *l;
    const char *file;
    const char *p, *end;
    int64_t line;
};

/* A quoted cell; r->p stands behind the opening quote. */
static bool quoted_cell(struct reader *r, struct str *cell)
{
    const char *from = r->p;
    int64_t first_line = r->line;
    size_t doubled = 0;
    for (; r->p < r->end; r->p++) {
        if (*r->p == '\n')
            r->line++;
        if (*r->p != '"')
            continue;
        if (r->p + 1 == r->end || r->p[1] != '"')
            break;
        doubled++;
        r->p++;
    }
    struct cx *cx = r->l->cx;
    if (r->p == r->end) {
        loader_fault(r->l, r->file, first_line, "", (struct str){from, 0},
                     _("A quotation mark is opened here and never closed."));
        return false;
    }
    *cell = (struct str){from, (size_t)(r->p - from)};
    r->p++;
    if (doubled) {
        char *copy = arena_new(r->l->temp, cell->len);
        size_t n = 0;
        for (size_t i = 0; i < cell->len; i++) {
            copy[n++] = cell->p[i];
            i += cell->p[i] == '"';
        }
        *cell = (struct str){copy, n};
    }
    return true;
}

/* One cell; *more says that another one follows in the record. */
static bool next_cell(struct reader *r, struct str *cell, bool *more)
{
    struct cx *cx = r->l->cx;
    if (r->p < r->end && *r->p == '"') {
        r->p++;
        if (!quoted_cell(r, cell))
            return false;
    } else {
        const char *from = r->p;
        while (r->p < r->end && *r->p != ',' && *r->p != '\n' && *r->p != '\r')
            r->p++;
        *cell = (struct str){from, (size_t)(r->p - from)};
    }
    *more = r->p < r->end && *r->p == ',';
    if (*more)
        r->p++;
    else if (r->p < r->end && *r->p == '\r' && r->p + 1 < r->end && r->p[1] == '\n')
        r->p++;
    if (!*more && r->p < r->end && *r->p != '\n') {
        loader_fault(
            r->l, r->file, r->line, "", *cell,
            _("Behind a closing quotation mark, a comma or the line's end is expected."));
        return false;
    }
    return true;
}

/* One record into cells[0..max); *count cells. False at the end or after a mistake. */
static bool next_record(struct reader *r, struct str *cells, size_t max, size_t *count)
{
    bool more = true;
    *count = 0;
    if (r->p >= r->end)
        return false;
    while (more && *count < max)
        if (!next_cell(r, &cells[(*count)++], &more))
            return false;
    if (r->p < r->end) {
        r->p++;
        r->line++;
    }
    return true;
}

static bool to_skip(const struct str *cells, size_t count)
{
    if (cells[0].len && cells[0].p[0] == '#')
        return true;
    for (size_t i = 0; i < count; i++)
        if (str_trim(cells[i]).len)
            return false;
    return true;
}

/* Which wanted column each column of the file is (-1: none); false without a usable header. */
static bool read_header(struct reader *r, int *place, const struct str *cells, size_t count,
                        const struct table *t)
{
    struct cx *cx = r->l->cx;
    bool good = true;
    uint64_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        struct str name = str_trim(cells[i]);
        place[i] = -1;
        for (size_t k = 0; k < t->column_count; k++)
            if (str_eq_z(name, t->columns[k]))
                place[i] = (int)k;
        const char *near = spelling_nearest(name, t->columns, t->column_count);
        if (place[i] < 0 && name.len)
            loader_fault(
                r->l, r->file, r->line - 1, arena_copy(cx->arena, name), name,
                near ? arena_printf(cx->arena, _("Unknown column. Did you mean “%s”?"), near)
                     : _("Unknown column."));
        if (place[i] >= 0 && seen >> place[i] & 1) {
            loader_fault(r->l, r->file, r->line - 1, t->columns[place[i]], name,
                         _("The column stands twice in the header."));
            good = false;
        }
        if (place[i] >= 0)
            seen |= 1ULL << place[i];
    }
    for (size_t k = 0; k < t->column_count; k++)
        if (!(seen >> k & 1)) {
            loader_fault(r->l, r->file, r->line - 1, t->columns[k], STR(""),
                         _("The header lacks this column."));
            good = false;
        }
    return good;
}

/* False (and a mistake noted) when the bytes cannot be a table of a profile. */
static bool acceptable(struct loader *l, const struct source_file *f, size_t column_count,
                       size_t *cells, size_t *rows)
{
    struct cx *cx = l->cx;
    size_t bad = utf8_bad_at(f->bytes), at = 0;
    int64_t line = 1;
    *cells = *rows = 1;
    for (; at < f->bytes.len; at++) {
        *rows += f->bytes.p[at] == '\n';
        *cells += f->bytes.p[at] == '\n' || f->bytes.p[at] == ',';
        line += at < bad && f->bytes.p[at] == '\n';
    }
    if (bad < f->bytes.len) {
        loader_fault(l, f->name, line, "", STR(""),
                     _("The file is not UTF-8 here. Save it as “CSV UTF-8”."));
        return false;
    }
    if (*cells > TABLE_CELLS_MAX || *rows * column_count > TABLE_PLACES_MAX) {
        loader_fault(l, f->name, 0, "", STR(""),
                     _("The file is too large: a table may have 200,000 cells."));
        return false;
    }
    return true;
}

/* Puts one record's cells where the wanted columns are. */
static void add_row(struct table *t, struct str *cells, const struct str *found,
                    const int *place, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (place[i] >= 0)
            cells[t->row_count * t->column_count + (size_t)place[i]] = found[i];
    t->row_count++;
}

bool table_read(struct table *out, struct loader *l, const struct source_file *file,
                const char *const *columns, size_t column_count)
{
    struct cx *cx = l->cx;
    size_t cell_max, row_max, count, header_count = 0;
    *out = (struct table){.file = file->name, .columns = columns, .column_count = column_count};
    if (!acceptable(l, file, column_count, &cell_max, &row_max))
        return false;
    struct reader r = {l, file->name, file->bytes.p, file->bytes.p + file->bytes.len, 1};
    if (str_starts(file->bytes, STR("\xEF\xBB\xBF")))
        r.p += 3;
    struct str *found = arena_new(l->temp, cell_max * sizeof *found);
    int *place = arena_new(l->temp, cell_max * sizeof *place);
    struct str *cells = arena_new(l->temp, row_max * column_count * sizeof *cells);
    int64_t *lines = arena_new(l->temp, row_max * sizeof *lines);
    out->cells = cells;
    out->lines = lines;
    for (int64_t line = r.line; next_record(&r, found, cell_max, &count); line = r.line) {
        if (to_skip(found, count))
            continue;
        if (!header_count) {
            header_count = count;
            if (!read_header(&r, place, found, count, out))
                return false;
            continue;
        }
        if (count != header_count) {
            loader_fault(l, file->name, line, columns[0], found[0],
                         arena_printf(cx->arena,
                                      _("The row has %zu cells; the header has %zu."), count,
                                      header_count));
            continue;
        }
        lines[out->row_count] = line;
        add_row(out, cells, found, place, count);
    }
    if (!header_count)
        loader_fault(l, file->name, 1, columns[0], STR(""), _("The file has no header line."));
    return header_count > 0;
}

/* The rows of an imported document: finding the header and binding its columns to a mapping. */
#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "profile/lists.h"
#include "register/import_inner.h"
#include "store/store.h"

#include <unistd.h>

enum { HEADER_ROWS_MAX = 50 };

/* How well a row serves as the mapping's header. */
struct fit {
    size_t found, missing_required;
};

static int column_of_title(const struct row *row, const struct mapping_column *c)
{
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].text.len && mapping_title_is(c, row->cells[i].text))
            return (int)i;
    return -1;
}

static int column_of_text(const struct row *row, struct str wanted)
{
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].text.len && mapping_text_is(wanted, row->cells[i].text))
            return (int)i;
    return -1;
}

/* A template is there when all columns of its parts are. */
static bool template_fits(const struct row *row, const struct mapping_column *c)
{
    for (size_t k = 0; k < c->part_count; k++)
        if (c->parts[k].kind == PART_COLUMN && column_of_text(row, c->parts[k].text) < 0)
            return false;
    return true;
}

static struct fit fit_of(const struct row *row, const struct mapping *m)
{
    struct fit fit = {0};
    for (size_t i = 0; i < m->column_count; i++) {
        const struct mapping_column *c = &m->columns[i];
        bool there = c->title ? column_of_title(row, c) >= 0 : template_fits(row, c);
        if (there && c->title)
            fit.found++;
        if (!there && c->required)
            fit.missing_required++;
    }
    return fit;
}

/* The row among the first ones that names most of the mapping's columns. */
static enum rc find_header(struct import_file *f, struct fit *best, struct cx *cx,
                           const struct mapping *m)
{
    size_t last = rows_count(f->rows);
    size_t search = (size_t)(m->header_search_rows > 0 ? m->header_search_rows : 1);
    search = search > HEADER_ROWS_MAX ? HEADER_ROWS_MAX : search;
    *best = (struct fit){0, SIZE_MAX};
    for (size_t i = 0; i < last && i < search; i++) {
        struct row row;
        TRY(rows_read(&row, cx, f->rows, i));
        struct fit fit = fit_of(&row, m);
        if (fit.found > best->found) {
            *best = fit;
            f->header = i;
        }
    }
    return RC_OK;
}

static enum rc missing_columns(struct cx *cx, const struct import_file *f,
                               const struct mapping *m, bool any)
{
    struct row row;
    struct buf names;
    if (!any)
        return fail_f(
            cx, RC_INVALID,
            _("No header row was found in the first rows of the file. Expected columns such as "
              "\"%s\"; choose the kind of file by hand if it is another one."),
            m->column_count ? m->columns[0].header : "");
    TRY(rows_read(&row, cx, f->rows, f->header));
    buf_init(&names, cx->arena, 400);
    for (size_t i = 0; i < m->column_count; i++) {
        const struct mapping_column *c = &m->columns[i];
        bool there = c->title ? column_of_title(&row, c) >= 0 : template_fits(&row, c);
        if (c->required && !there)
            buf_printf(&names, "%s%s", names.len ? ", " : "", c->header);
    }
    return fail_f(cx, RC_INVALID,
                  _("Needed columns are missing in the header (row %s of the file): %s"),
                  arena_printf(cx->arena, "%" PRId64, row.number),
                  arena_copy(cx->arena, buf_view(&names)));
}

/* The mapping of the profile that recognises most columns with none of the needed ones missing.
 */
static enum rc guess_mapping(struct import_file *f, struct cx *cx)
{
    const struct profile *p = cx->profile;
    const struct mapping *best = NULL;
    struct fit best_fit = {0, SIZE_MAX};
    size_t best_header = 0;
    for (size_t i = 0; i < p->mapping_count; i++) {
        struct fit fit;
        if (profile_is_list_mapping(p, p->mappings[i]))
            continue; /* lists of departments are compared, never taken over */
        TRY(find_header(f, &fit, cx, p->mappings[i]));
        bool better =
            fit.missing_required < best_fit.missing_required ||
            (fit.missing_required == best_fit.missing_required && fit.found > best_fit.found);
        if (fit.found && better) {
            best = p->mappings[i];
            best_fit = fit;
            best_header = f->header;
        }
    }
    if (!best)
        return fail(cx, RC_INVALID,
                    _("None of the known kinds of file fits: no header row was recognised. "
                      "Choose the kind by hand or make a mapping."),
                    "no mapping fits");
    f->mapping = best;
    f->header = best_header;
    return best_fit.missing_required ? missing_columns(cx, f, best, true) : RC_OK;
}

static void bind_columns(struct import_file *f, struct cx *cx, const struct row *row)
{
    const struct mapping *m = f->mapping;
    f->bound = arena_new(cx->arena, (m->column_count + 1) * sizeof *f->bound);
    for (size_t i = 0; i < m->column_count; i++) {
        struct bound *b = &f->bound[i];
        b->m = &m->columns[i];
        b->column = b->m->title ? column_of_title(row, b->m) : -1;
        b->title =
            b->column >= 0 ? arena_copy(cx->arena, row->cells[b->column].text) : b->m->header;
        if (b->m->title)
            continue;
        b->part_columns =
            arena_new(cx->arena, (b->m->part_count + 1) * sizeof *b->part_columns);
        for (size_t k = 0; k < b->m->part_count; k++)
            b->part_columns[k] = b->m->parts[k].kind == PART_COLUMN
                                     ? column_of_text(row, b->m->parts[k].text)
                                     : -1;
    }
    f->year_column =
        m->year_kind == YEAR_COLUMN ? column_of_text(row, str_of(m->year_header)) : -1;
}

/* A four-digit year in the titles above the header ("2024年度…"). */
static enum rc read_title_year(struct import_file *f, struct cx *cx)
{
    for (size_t i = 0; i < f->header; i++) {
        struct row row;
        TRY(rows_read(&row, cx, f->rows, i));
        for (size_t c = 0; c < row.count && !f->title_year; c++) {
            struct str t = row.cells[c].text;
            for (size_t k = 0; k + 4 <= t.len; k++) {
                int64_t year;
                bool digit_before = k > 0 && t.p[k - 1] >= '0' && t.p[k - 1] <= '9';
                bool digit_after = k + 4 < t.len && t.p[k + 4] >= '0' && t.p[k + 4] <= '9';
                if (!digit_before && !digit_after &&
                    str_to_i64(&year, (struct str){t.p + k, 4}) && year >= 2000 && year < 2100)
                    f->title_year = (int)year;
            }
        }
    }
    return RC_OK;
}

static enum rc open_rows(struct import_file *f, struct cx *cx, int64_t county,
                         int64_t document_id)
{
    struct document document;
    int fd;
    TRY(store_get(&document, cx, county, document_id));
    TRY(store_open(&fd, cx, county, document_id));
    const struct rows_options options = {.name = str_of(document.name), .tmp_dir = cx->dir};
    enum rc rc = rows_open(&f->rows, cx, fd, &options);
    close(fd);
    return rc;
}

static enum rc recognise(struct import_file *f, struct cx *cx, const struct mapping *mapping)
{
    struct row row;
    if (mapping) {
        struct fit fit;
        f->mapping = mapping;
        TRY(find_header(f, &fit, cx, mapping));
        if (!fit.found || fit.missing_required)
            return missing_columns(cx, f, mapping, fit.found > 0);
    } else {
        TRY(guess_mapping(f, cx));
    }
    TRY(rows_read(&row, cx, f->rows, f->header));
    bind_columns(f, cx, &row);
    f->column_count = row.count;
    f->first = f->header + 1;
    f->row_count = rows_count(f->rows) - f->first;
    if (f->mapping->year_kind == YEAR_COLUMN && f->year_column < 0)
        return fail_f(cx, RC_INVALID, _("The column \"%s\" that holds the year is missing."),
                      f->mapping->year_header);
    return read_title_year(f, cx);
}

enum rc import_file_open(struct import_file *f, struct cx *cx, int64_t county,
                         int64_t document_id, const struct mapping *mapping)
{
    *f = (struct import_file){.year_column = -1};
    TRY(open_rows(f, cx, county, document_id));
    enum rc rc = recognise(f, cx, mapping);
    if (rc)
        import_file_close(f);
    return rc;
}

void import_file_close(struct import_file *f)
{
    if (f->rows)
        rows_close(f->rows);
    f->rows = NULL;
}

static struct str template_text(struct cx *cx, const struct bound *b, const struct row *row,
                                size_t number)
{
    struct buf out;
    buf_init(&out, cx->arena, LIMIT_CELL_BYTES);
    for (size_t k = 0; k < b->m->part_count; k++) {
        const struct mapping_part *part = &b->m->parts[k];
        if (part->kind == PART_TEXT)
            buf_str(&out, part->text);
        else if (part->kind == PART_ROW)
            buf_printf(&out, "%zu", number);
        else if (b->part_columns[k] >= 0 && (size_t)b->part_columns[k] < row->count)
            buf_str(&out, str_trim(row->cells[b->part_columns[k]].text));
    }
    return arena_str(cx->arena, buf_view(&out));
}

struct str import_cell(struct cx *cx, const struct import_file *f, const struct bound *b,
                       const struct row *row, size_t index, enum cell_kind *kind)
{
    *kind = CELL_TEXT;
    if (!b->m->title)
        return template_text(cx, b, row, index - f->first + 1);
    if (b->column < 0 || (size_t)b->column >= row->count) {
        *kind = CELL_EMPTY;
        return STR("");
    }
    const struct cell *cell = &row->cells[b->column];
    *kind = cell->kind;
    return str_trim(cell->text);
}

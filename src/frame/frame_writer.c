/* The formats' names, and what all writers share: copies of the columns, labels, buffering. */
#include "frame/frame.h"

#include "base/file.h"
#include "base/text.h"
#include "frame/number.h"
#include "frame/writer.h"

#include <assert.h>
#include <math.h>

enum { WRITER_ARENA = 256 * 1024 * 1024, OUT_MAX = 64 * 1024 * 1024, OUT_BLOCK = 256 * 1024 };

static const struct {
    const char *name, *type, *ending;
    const struct writer_ops *ops;
} formats[] = {
    [FRAME_CSV] = {"csv", "text/csv; charset=utf-8", ".csv", &writer_csv},
    [FRAME_XLSX] = {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                    ".xlsx", &writer_xlsx},
    [FRAME_JSON] = {"json", "application/json", ".json", &writer_json},
    [FRAME_DTA] = {"dta", "application/x-stata-dta", ".dta", &writer_stat},
    [FRAME_SAV] = {"sav", "application/x-spss-sav", ".sav", &writer_stat},
};
#define FORMAT_COUNT (sizeof formats / sizeof formats[0])

bool frame_format_parse(enum frame_format *out, struct str name)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (str_eq_z(name, formats[i].name)) {
            *out = (enum frame_format)i;
            return true;
        }
    return false;
}

const char *frame_format_type(enum frame_format format)
{
    return formats[format].type;
}

const char *frame_format_ending(enum frame_format format)
{
    return formats[format].ending;
}

/* ---- shared by the formats ---- */

enum rc writer_flush(struct cx *cx, struct frame_writer *w, bool all)
{
    if (!buf_ok(&w->out))
        return fail(cx, RC_LIMIT, _("A row is too long to be written."), "row=%" PRId64,
                    w->row_count);
    if (w->out.len < OUT_BLOCK && !all)
        return RC_OK;
    TRY(file_put(cx, w->fd, w->out.p, w->out.len, "export"));
    buf_clear(&w->out);
    return RC_OK;
}

static int by_code(const void *a, const void *b)
{
    const struct column_label *x = a, *y = b;
    return (x->code > y->code) - (x->code < y->code);
}

const char *writer_label(const struct column_spec *c, int64_t code)
{
    if (c->label_count == 0)
        return NULL;
    const struct column_label key = {code, NULL};
    const struct column_label *found =
        bsearch(&key, c->labels, c->label_count, sizeof key, by_code);
    return found ? found->label : NULL;
}

bool writer_missing(const struct column_spec *c, const struct out_cell *cell)
{
    return cell->missing || (c->type == COLUMN_F64 && !isfinite(cell->f));
}

struct str writer_text(bool *is_number, char *z, const struct frame_writer *w,
                       const struct column_spec *c, const struct out_cell *cell)
{
    *is_number = false;
    if (writer_missing(c, cell))
        return (struct str){"", 0};
    if (c->type == COLUMN_TEXT)
        return cell->s;
    if (c->type == COLUMN_F64) {
        *is_number = true;
        return number_text(z, cell->f);
    }
    if (c->is_day)
        return cell->i >= INT32_MIN && cell->i <= INT32_MAX
                   ? number_text_day(z, (int32_t)cell->i)
                   : (struct str){"", 0};
    const char *label = w->use_labels ? writer_label(c, cell->i) : NULL;
    if (label)
        return str_of(label);
    *is_number = true;
    return number_text_scaled(z, cell->i, c->decimals);
}

struct str writer_header(const struct frame_writer *w, const struct column_spec *c)
{
    return str_of(w->label_header && c->label && *c->label ? c->label : c->name);
}

const char *writer_tmp_dir(const struct cx *cx)
{
    return cx->dir ? cx->dir : "/tmp";
}

/* ---- public ---- */

static const char *copy_z(struct arena *a, const char *z)
{
    return arena_copy(a, str_of(z));
}

static void columns_copy(struct frame_writer *w, const struct column_spec *columns)
{
    size_t count = w->column_count;
    w->columns = arena_new(w->arena, (count + 1) * sizeof *w->columns);
    for (size_t i = 0; i < count; i++) {
        struct column_spec *c = &w->columns[i];
        *c = columns[i];
        assert(c->name && c->decimals <= 18);
        c->name = copy_z(w->arena, c->name);
        c->label = copy_z(w->arena, c->label);
        if (i > 0 && columns[i].labels == columns[i - 1].labels &&
            columns[i].label_count == columns[i - 1].label_count) {
            c->labels = w->columns[i - 1].labels; /* a list shared by neighbours */
            continue;
        }
        struct column_label *labels =
            arena_new(w->arena, (c->label_count + 1) * sizeof *labels);
        for (size_t k = 0; k < c->label_count; k++)
            labels[k] = (struct column_label){columns[i].labels[k].code,
                                              copy_z(w->arena, columns[i].labels[k].label)};
        if (c->label_count > 0)
            qsort(labels, c->label_count, sizeof *labels, by_code);
        c->labels = labels;
    }
}

enum rc frame_writer_open(struct frame_writer **out, struct cx *cx, int fd,
                          const struct column_spec *columns, size_t column_count,
                          const struct frame_write_options *options)
{
    assert(column_count > 0 && (size_t)options->format < FORMAT_COUNT);
    struct arena *arena = arena_open(WRITER_ARENA);
    struct frame_writer *w = arena_new(arena, sizeof *w);
    w->arena = arena;
    w->fd = fd;
    w->format = options->format;
    w->ops = formats[options->format].ops;
    w->column_count = column_count;
    columns_copy(w, columns);
    w->title = copy_z(arena, options->title);
    w->note = copy_z(arena, options->note);
    w->use_labels = options->use_labels;
    w->label_header = options->label_header;
    w->row_count_promised = options->row_count;
    buf_init(&w->out, NULL, OUT_MAX);
    enum rc rc = w->ops->begin(cx, w);
    if (rc) {
        frame_writer_abort(w);
        return rc;
    }
    *out = w;
    return RC_OK;
}

enum rc frame_writer_row(struct cx *cx, struct frame_writer *w, const struct out_cell *cells)
{
    TRY(w->ops->row(cx, w, cells));
    w->row_count++;
    return writer_flush(cx, w, false);
}

enum rc frame_writer_sheet(struct cx *cx, struct frame_writer *w, const char *title)
{
    return w->ops->sheet ? w->ops->sheet(cx, w, title) : RC_OK;
}

enum rc frame_writer_close(struct cx *cx, struct frame_writer *w)
{
    enum rc rc = w->ops->end(cx, w);
    if (rc == RC_OK)
        rc = writer_flush(cx, w, true);
    frame_writer_abort(w);
    return rc;
}

void frame_writer_abort(struct frame_writer *w)
{
    if (w == NULL)
        return;
    if (w->ops->release)
        w->ops->release(w);
    buf_free(&w->out);
    arena_free(w->arena);
}

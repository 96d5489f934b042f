/* Prints figures three ways. Numbers in JSON and CSV are whole (shortest that reads back); the
 * table shows nine digits. */
#include "insight/figure_rows.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "frame/number.h"
#include "insight/text_table.h"

#include <assert.h>
#include <math.h>
#include <unistd.h>

enum { PRINT_MAX = 1 << 30, COLUMNS = 20 };

enum rc figure_rows_make(struct figure_rows *out, struct cx *cx,
                         const struct file_groups *groups, size_t room)
{
    struct figure_row *rows = arena_array(cx->arena, room + 1, sizeof *rows);
    if (!rows)
        return fail(cx, RC_LIMIT, _("There are too many groups. Take fewer columns."),
                    "rows=%zu", room);
    *out = (struct figure_rows){.groups = groups, .rows = rows, .room = room};
    return RC_OK;
}

void figure_rows_add(struct figure_rows *f, struct figure_row row)
{
    assert(f->count < f->room);
    f->rows[f->count++] = row;
}

enum rc figure_format_parse(enum figure_format *out, struct cx *cx, const char *text)
{
    if (!text || !strcmp(text, "table"))
        *out = FIGURE_TABLE;
    else if (!strcmp(text, "json"))
        *out = FIGURE_JSON;
    else if (!strcmp(text, "csv"))
        *out = FIGURE_CSV;
    else if (!strcmp(text, "markdown"))
        *out = FIGURE_MARKDOWN;
    else
        return fail(cx, RC_INVALID, _("--format is table, json, csv or markdown."), "format");
    return RC_OK;
}

static size_t by_count(const struct figure_rows *f)
{
    return f->groups ? f->groups->by_count : 0;
}

/* The label of a row in the i-th column of groups; NULL: all rows together. */
static const char *label(const struct figure_rows *f, const struct figure_row *r, size_t i)
{
    if (r->group == FIGURE_ALL)
        return NULL;
    uint32_t at = f->groups->labels[r->group][i];
    return at == FIGURE_MARGIN ? NULL : f->groups->by[i].labels[at];
}

static bool any_error(const struct figure_rows *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (isfinite(f->rows[i].e.se))
            return true;
    return false;
}

static bool any_minus(const struct figure_rows *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->rows[i].minus)
            return true;
    return false;
}

static bool any_test(const struct figure_rows *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->rows[i].test)
            return true;
    return false;
}

static bool any_k(const struct figure_rows *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->rows[i].k || f->rows[i].indicator)
            return true;
    return false;
}

/* ---- JSON ---- */

static void json_row(struct json *j, const struct figure_rows *f, const struct figure_row *r)
{
    json_object_begin(j);
    json_put_z(j, "measure", r->measure);
    if (r->indicator)
        json_put_z(j, "indicator", r->indicator);
    if (r->k)
        json_put_z(j, "k", r->k);
    json_key(j, "by");
    json_object_begin(j);
    for (size_t i = 0; i < by_count(f) && r->group != FIGURE_ALL; i++) {
        const char *z = label(f, r, i);
        if (!z)
            continue;
        json_put_str(j, f->groups->by[i].name, *z ? str_of(z) : (struct str){0});
    }
    json_object_end(j);
    if (r->minus)
        json_put_z(j, "minus", r->minus);
    json_key(j, "estimate");
    json_f64(j, r->e.value);
    json_key(j, "se");
    json_f64(j, r->e.se);
    if (r->test) {
        json_key(j, "statistic");
        json_f64(j, r->test->statistic);
        json_key(j, "p");
        json_f64(j, r->test->p);
    }
    json_key(j, "df");
    json_f64(j, r->e.df > 0 ? r->e.df : NAN);
    json_key(j, "ci");
    if (r->e.df > 0) {
        json_array_begin(j);
        json_f64(j, r->e.low);
        json_f64(j, r->e.high);
        json_array_end(j);
    } else {
        json_f64(j, NAN);
    }
    json_key(j, "deff");
    json_f64(j, r->e.deff > 0 ? r->e.deff : NAN);
    json_put_i64(j, "rows", r->e.rows);
    json_put_i64(j, "rows_left_out", r->e.rows_left_out);
    json_key(j, "weight_left_out");
    json_f64(j, r->e.weight_left_out);
    json_put_str(j, "refused", r->e.refused ? str_of(r->e.refused) : (struct str){0});
    json_put_str(j, "se_refused", r->e.se_refused ? str_of(r->e.se_refused) : (struct str){0});
    json_object_end(j);
}

static void print_json(struct buf *b, const struct figure_rows *f)
{
    struct json j;
    json_init(&j, b);
    json_array_begin(&j);
    for (size_t i = 0; i < f->count; i++) {
        buf_z(b, i ? "" : "\n");
        json_row(&j, f, &f->rows[i]);
        buf_char(b, '\n');
    }
    json_array_end(&j);
    buf_char(b, '\n');
}

/* ---- CSV ---- */

static void csv_cell(struct buf *b, const char *z, bool first)
{
    bool quote = strpbrk(z, ",\"\r\n") != NULL;
    buf_z(b, first ? "" : ",");
    buf_z(b, quote ? "\"" : "");
    for (; *z; z++) {
        if (*z == '"')
            buf_char(b, '"');
        buf_char(b, *z);
    }
    buf_z(b, quote ? "\"" : "");
}

static const char *number(struct cx *cx, double x)
{
    char text[NUMBER_TEXT_MAX];
    return isfinite(x) ? arena_copy(cx->arena, number_text(text, x)) : "";
}

static void csv_errors(struct buf *b, struct cx *cx, const struct estimate *e)
{
    bool interval = e->df > 0;
    csv_cell(b, number(cx, interval ? e->df : NAN), false);
    csv_cell(b, number(cx, interval ? e->low : NAN), false);
    csv_cell(b, number(cx, interval ? e->high : NAN), false);
    csv_cell(b, number(cx, e->deff > 0 ? e->deff : NAN), false);
    csv_cell(b, e->se_refused ? e->se_refused : "", false);
}

static void print_csv(struct buf *b, struct cx *cx, const struct figure_rows *f)
{
    bool k = any_k(f), minus = any_minus(f), test = any_test(f);
    buf_z(b, k ? "measure,indicator,k" : "measure");
    for (size_t i = 0; i < by_count(f); i++)
        csv_cell(b, f->groups->by[i].name, false);
    buf_z(b, minus ? ",minus" : "");
    buf_z(b, ",estimate,se,rows,rows_left_out,weight_left_out,refused,df,low,high,deff,"
             "se_refused");
    buf_z(b, test ? ",statistic,p\n" : "\n");
    for (size_t n = 0; n < f->count; n++) {
        const struct figure_row *r = &f->rows[n];
        struct arena_mark mark = arena_mark(cx->arena);
        csv_cell(b, r->measure, true);
        if (k) {
            csv_cell(b, r->indicator ? r->indicator : "", false);
            csv_cell(b, r->k ? r->k : "", false);
        }
        for (size_t i = 0; i < by_count(f); i++)
            csv_cell(b, label(f, r, i) ? label(f, r, i) : "", false);
        if (minus)
            csv_cell(b, r->minus ? r->minus : "", false);
        csv_cell(b, number(cx, r->e.value), false);
        csv_cell(b, number(cx, r->e.se), false);
        buf_printf(b, ",%" PRId64 ",%" PRId64, r->e.rows, r->e.rows_left_out);
        csv_cell(b, number(cx, r->e.weight_left_out), false);
        csv_cell(b, r->e.refused ? r->e.refused : "", false);
        csv_errors(b, cx, &r->e);
        if (test) {
            csv_cell(b, number(cx, r->test ? r->test->statistic : NAN), false);
            csv_cell(b, number(cx, r->test ? r->test->p : NAN), false);
        }
        buf_char(b, '\n');
        arena_back(cx->arena, mark); /* the text itself is on the heap */
    }
}

/* ---- table ---- */

struct table {
    const char *cell[COLUMNS];
    size_t width[COLUMNS], columns;
    bool k, minus, error;
};

static void put(struct table *t, const char *z)
{
    assert(t->columns < COLUMNS);
    t->cell[t->columns++] = z;
}

static void table_errors(struct table *t, struct cx *cx, const struct figure_row *r)
{
    bool interval = r && r->e.df > 0;
    if (!r) {
        put(t, _("standard error"));
        put(t, _("95 % from"));
        put(t, _("to"));
        return;
    }
    put(t, isfinite(r->e.se) ? arena_printf(cx->arena, "%.4g", r->e.se) : "-");
    put(t, interval ? arena_printf(cx->arena, "%.6g", r->e.low) : "-");
    put(t, interval ? arena_printf(cx->arena, "%.6g", r->e.high) : "-");
}

/* The cells of a row; r NULL: the heading. */
static void table_row(struct table *t, struct cx *cx, const struct figure_rows *f,
                      const struct figure_row *r)
{
    const char *x =
        r && isfinite(r->e.value) ? arena_printf(cx->arena, "%.9g", r->e.value) : "-";
    t->columns = 0;
    for (size_t i = 0; i < by_count(f) && i < 6; i++) {
        const char *z = r ? label(f, r, i) : f->groups->by[i].name;
        put(t, z ? (*z ? z : _("(missing)")) : _("all"));
    }
    put(t, r ? r->measure : _("measure"));
    if (t->k) {
        put(t, r ? (r->indicator ? r->indicator : "") : _("indicator"));
        put(t, r ? (r->k ? r->k : "") : "k");
    }
    if (t->minus)
        put(t, r ? (r->minus ? r->minus : "") : _("minus"));
    put(t, r ? x : _("estimate"));
    if (t->error)
        table_errors(t, cx, r);
    put(t, r ? arena_printf(cx->arena, "%" PRId64, r->e.rows) : _("rows"));
    put(t, r ? arena_printf(cx->arena, "%" PRId64, r->e.rows_left_out) : _("left out"));
    const char *why = r && r->e.refused ? r->e.refused : "";
    if (r && !r->e.refused && r->e.se_refused && t->error)
        why = r->e.se_refused;
    put(t, why);
}

static void print_table(struct buf *b, struct cx *cx, const struct figure_rows *f,
                        bool markdown)
{
    struct table t = {.k = any_k(f), .minus = any_minus(f), .error = any_error(f)};
    for (int printing = 0; printing < 2; printing++)
        for (size_t n = 0; n <= f->count; n++) {
            struct arena_mark mark = arena_mark(cx->arena);
            table_row(&t, cx, f, n ? &f->rows[n - 1] : NULL);
            for (size_t c = 0; c < t.columns && !printing; c++) {
                size_t w = text_width(t.cell[c]);
                t.width[c] = w > t.width[c] ? w : t.width[c];
            }
            if (printing)
                text_line(b, t.cell, t.width, t.columns, markdown);
            if (printing && !n && markdown)
                text_rule(b, NULL, t.columns);
            arena_back(cx->arena, mark);
        }
}

enum rc figure_rows_print(struct cx *cx, const struct figure_rows *f, enum figure_format format)
{
    struct buf b;
    buf_init(&b, NULL, PRINT_MAX);
    switch (format) {
    case FIGURE_TABLE:
        print_table(&b, cx, f, false);
        break;
    case FIGURE_MARKDOWN:
        print_table(&b, cx, f, true);
        break;
    case FIGURE_JSON:
        print_json(&b, f);
        break;
    case FIGURE_CSV:
        print_csv(&b, cx, f);
        break;
    }
    enum rc rc =
        buf_ok(&b)
            ? file_put(cx, STDOUT_FILENO, b.p, b.len, _("standard output"))
            : fail(cx, RC_LIMIT, _("There are too many groups. Take fewer columns."), "output");
    buf_free(&b);
    return rc;
}

/* For tests of this room: columns of the CSV files of testdata/ and ../shared/data. */
#ifndef STATS_STATS_FIXTURE_H
#define STATS_STATS_FIXTURE_H

#include "base/check.h"
#include "base/file.h"

#include <math.h>

enum { FIXTURE_COLUMNS = 256 };
struct fixture {
    size_t rows, columns;
    struct str name[FIXTURE_COLUMNS];
    struct str *cell[FIXTURE_COLUMNS];
};

static CHECK_UNUSED struct str fixture_cut(struct str *line)
{
    struct str s = str_cut(line, ',');
    if (s.len >= 2 && s.p[0] == '"')
        s = (struct str){s.p + 1, s.len - 2};
    return s;
}

/* The file's cells; until cx ends. No cell of these files holds a comma or a line end. */
static CHECK_UNUSED void fixture_read(struct fixture *f, struct cx *cx, const char *path)
{
    struct str text, line;
    check_ok(cx, file_read(&text, cx, path, 8 << 20));
    *f = (struct fixture){0};
    line = str_cut(&text, '\n');
    while (line.p && f->columns < FIXTURE_COLUMNS)
        f->name[f->columns++] = fixture_cut(&line);
    for (struct str t = text; t.p && t.len; f->rows++)
        (void)str_cut(&t, '\n');
    for (size_t c = 0; c < f->columns; c++)
        f->cell[c] = arena_array(cx->arena, f->rows, sizeof **f->cell);
    for (size_t r = 0; r < f->rows; r++) {
        line = str_cut(&text, '\n');
        for (size_t c = 0; c < f->columns; c++)
            f->cell[c][r] = fixture_cut(&line);
    }
}

static CHECK_UNUSED const struct str *fixture_cells(const struct fixture *f, const char *name)
{
    for (size_t c = 0; c < f->columns; c++)
        if (str_eq_z(f->name[c], name))
            return f->cell[c];
    fail_msg("no column %s", name);
    return NULL;
}

/* A column of numbers; what is none is NaN. */
static CHECK_UNUSED double *fixture_numbers(struct cx *cx, const struct fixture *f,
                                            const char *name)
{
    const struct str *cells = fixture_cells(f, name);
    double *x = arena_array(cx->arena, f->rows, sizeof *x);
    for (size_t r = 0; r < f->rows; r++)
        if (!str_to_f64(&x[r], cells[r]))
            x[r] = NAN;
    return x;
}

/* A data set of ../shared/data ($FUMIN_SHARED/data); false, and the test is to be skipped,
 * where it is not beside the checkout. */
static CHECK_UNUSED bool fixture_shared(struct fixture *f, struct cx *cx, const char *name)
{
    const char *shared = getenv("FUMIN_SHARED");
    const char *path =
        arena_printf(cx->arena, "%s/data/%s", shared ? shared : "../shared", name);
    if (access(path, R_OK) != 0) {
        print_message("%s is not here: skipped\n", path);
        return false;
    }
    fixture_read(f, cx, path);
    return true;
}

/* A number of a reference table measure,value. */
static CHECK_UNUSED double fixture_reference(const struct fixture *f, const char *measure)
{
    const struct str *names = fixture_cells(f, "measure"), *values = fixture_cells(f, "value");
    double x = NAN;
    for (size_t r = 0; r < f->rows; r++)
        if (str_eq_z(names[r], measure) && str_to_f64(&x, values[r]))
            return x;
    fail_msg("no reference for %s", measure);
    return x;
}

/* Fails unless the two agree to `digits` significant digits (values under one: that many
 * decimals). */
static CHECK_UNUSED void fixture_close_at(double got, double want, int digits, const char *file,
                                          int line)
{
    double scale = 1;
    while (scale < fabs(want))
        scale *= 10;
    if (fabs(got - want) <= 0.5000001 * scale * pow(10, -digits))
        return;
    print_error("got  %.15g\nwant %.15g to %d digits\n", got, want, digits);
    _fail(file, line);
}
#define fixture_close(got, want, digits)                                                       \
    fixture_close_at((got), (want), (digits), __FILE__, __LINE__)

#endif

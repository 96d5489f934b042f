/* Makes a model's columns: see formula_columns.h. */
#include "insight/formula_columns.h"

#include "base/text.h"
#include "stats/matrix.h"

#include <assert.h>
#include <math.h>

/* ---- what is read ---- */

static bool as_groups(const struct formula_part *p)
{
    return p->kind == FORMULA_GROUPS;
}

/* Numbers are read as_auto, so that a text in them is told of with advice. */
static size_t find_want(const struct file_want *wants, size_t count,
                        const struct formula_part *p)
{
    size_t i = 0;
    while (i < count &&
           (strcmp(wants[i].name, p->name) != 0 || wants[i].as_auto == as_groups(p)))
        i++;
    return i;
}

static void want(struct file_want *wants, size_t *count, const struct formula_part *p)
{
    bool labels = as_groups(p);
    if (find_want(wants, *count, p) == *count)
        wants[(*count)++] =
            (struct file_want){.name = p->name, .as_labels = labels, .as_auto = !labels};
}

enum rc formula_wants(struct file_want **out, size_t *count, struct cx *cx,
                      const struct formula *f)
{
    struct file_want *wants =
        arena_array(cx->arena, f->count * FORMULA_PARTS_MAX + 1, sizeof *wants);
    *count = 0;
    if (!wants)
        return fail(cx, RC_LIMIT, _("The formula is too long."), "terms=%zu", f->count);
    want(wants, count, &f->outcome);
    for (size_t t = 0; t < f->count; t++)
        for (size_t i = 0; i < f->terms[t].count; i++)
            want(wants, count, &f->terms[t].part[i]);
    *out = wants;
    return RC_OK;
}

/* ---- one part ---- */

struct making {
    struct cx *cx;
    const struct formula *f;
    const struct file_want *wants;
    size_t want_count, rows, room, factors;
    const uint8_t *inside;
    struct formula_columns out;
};
struct columns { /* of one part */
    size_t count;
    const double **x;
    const char **names;
};

static enum rc no_memory(struct cx *cx)
{
    return fail(cx, RC_LIMIT, _("There is too little memory for so many rows and columns."),
                "model columns");
}

static double *column(struct making *m)
{
    return arena_array(m->cx->arena, m->rows + 1, sizeof(double));
}

static enum rc columns_make(struct columns *out, struct making *m, size_t room)
{
    struct cx *cx = m->cx;
    if (room > MATRIX_COLUMNS_MAX)
        return fail_f(cx, RC_LIMIT, _("A model has at most %d columns; this one has %zu."),
                      (int)MATRIX_COLUMNS_MAX, room);
    out->count = 0;
    out->x = arena_array(cx->arena, room + 1, sizeof *out->x);
    out->names = arena_array(cx->arena, room + 1, sizeof *out->names);
    return out->x && out->names ? RC_OK : no_memory(cx);
}

static bool is_inside(const struct making *m, size_t row)
{
    return !m->inside || m->inside[row];
}

static enum rc function(const double **out, struct making *m, const struct formula_part *p,
                        const double *from)
{
    struct cx *cx = m->cx;
    double *x = column(m);
    if (!x)
        return no_memory(cx);
    for (size_t i = 0; i < m->rows; i++) {
        bool out_of_range = p->kind == FORMULA_LOG ? from[i] <= 0 : from[i] < 0;
        if (p->kind != FORMULA_POWER && out_of_range && is_inside(m, i))
            return fail_f(cx, RC_INVALID,
                          _("Data row %zu: %s of %g does not exist (column %s). Correct the "
                            "value, or leave such rows out with --if \"%s > 0\"."),
                          i + 1, p->kind == FORMULA_LOG ? "log" : "sqrt", from[i], p->name,
                          p->name);
        x[i] = p->kind == FORMULA_LOG    ? log(from[i])
               : p->kind == FORMULA_SQRT ? sqrt(from[i])
                                         : pow(from[i], p->power);
    }
    *out = x;
    return RC_OK;
}

static enum rc spline(struct columns *out, struct making *m, const struct formula_part *p,
                      const double *from)
{
    struct cx *cx = m->cx;
    TRY(columns_make(out, m, p->knot_count + 1));
    assert(out->x && out->names);
    out->x[0] = from;
    out->names[0] = p->name;
    for (size_t k = 0; k < p->knot_count; k++) {
        double *x = column(m);
        if (!x)
            return no_memory(cx);
        for (size_t i = 0; i < m->rows; i++)
            x[i] = isnan(from[i]) ? NAN : fmax(0, from[i] - p->knot[k]);
        out->x[k + 1] = x;
        out->names[k + 1] = arena_printf(cx->arena, "%s>%g", p->name, p->knot[k]);
    }
    out->count = p->knot_count + 1;
    return RC_OK;
}

/* The levels of the rows that count; the base's place among the labels. */
static enum rc levels(uint8_t **seen, size_t *base, struct making *m, const struct file_want *w,
                      const char *wanted)
{
    struct cx *cx = m->cx;
    size_t count = 0, first = SIZE_MAX;
    uint8_t *is = arena_array(cx->arena, w->label_count + 1, sizeof *is);
    if (!is)
        return no_memory(cx);
    for (size_t i = 0; i < m->rows; i++)
        if (is_inside(m, i) && *w->labels[w->label[i]])
            is[w->label[i]] = 1;
    *base = SIZE_MAX;
    for (size_t l = 0; l < w->label_count; l++) {
        if (!is[l])
            continue;
        count++;
        first = first == SIZE_MAX ? l : first;
        if (wanted && !strcmp(w->labels[l], wanted))
            *base = l;
    }
    if (count < 2)
        return fail_f(cx, RC_INVALID,
                      count ? _("Column %s has one value only in these rows: it makes no "
                                "groups. Leave it out of the formula.")
                            : _("Column %s has no values in these rows. Leave it out of the "
                                "formula."),
                      w->name);
    if (wanted && *base == SIZE_MAX)
        return fail_f(
            cx, RC_INVALID,
            _("Column %s has no value “%s” to compare with; its first value is “%s”."), w->name,
            wanted, w->labels[first]);
    *base = wanted ? *base : first;
    *seen = is;
    return RC_OK;
}

/* `full`: a column for each level, else all but the base. */
static enum rc groups(struct columns *out, struct making *m, const struct formula_part *p,
                      const struct file_want *w, bool full)
{
    struct cx *cx = m->cx;
    uint8_t *seen = NULL;
    size_t base = 0, room = 0;
    TRY(levels(&seen, &base, m, w, p->base));
    assert(seen);
    for (size_t l = 0; l < w->label_count; l++)
        room += seen[l];
    TRY(columns_make(out, m, room));
    assert(out->x && out->names);
    for (size_t l = 0; l < w->label_count; l++) {
        double *x = NULL;
        if (!seen[l] || (l == base && !full))
            continue;
        x = column(m);
        if (!x)
            return no_memory(cx);
        for (size_t i = 0; i < m->rows; i++)
            x[i] = !*w->labels[w->label[i]] ? NAN : w->label[i] == l ? 1 : 0;
        out->x[out->count] = x;
        out->names[out->count++] = arena_printf(cx->arena, "%s=%s", p->name, w->labels[l]);
    }
    if (!full && m->out.note) {
        const char *note =
            arena_printf(cx->arena, _("%s: compared with “%s”"), p->name, w->labels[base]);
        for (size_t i = 0; i < m->out.notes; i++)
            if (!strcmp(m->out.note[i], note))
                return RC_OK;
        m->out.note[m->out.notes++] = note;
    }
    return RC_OK;
}

/* A column that was to be numbers holds texts. */
static enum rc no_number(struct making *m, const struct file_want *w)
{
    struct cx *cx = m->cx;
    size_t i = 0;
    double x;
    while (i + 1 < m->rows &&
           (!*w->labels[w->label[i]] || str_to_f64(&x, str_of(w->labels[w->label[i]]))))
        i++;
    return fail_f(cx, RC_INVALID,
                  _("Column %s, data row %zu: “%s” is not a number. Correct or empty the cell; "
                    "if the column holds groups, write i.%s."),
                  w->name, i + 1, w->labels[w->label[i]], w->name);
}

static enum rc check_any(struct making *m, const struct file_want *w)
{
    struct cx *cx = m->cx;
    for (size_t i = 0; i < m->rows; i++)
        if (is_inside(m, i) && !isnan(w->number[i]))
            return RC_OK;
    return fail_f(cx, RC_INVALID,
                  _("Column %s has no values in these rows. Leave it out of the formula."),
                  w->name);
}

static enum rc part_columns(struct columns *out, struct making *m, const struct formula_part *p,
                            bool full)
{
    struct cx *cx = m->cx;
    const struct file_want *w = &m->wants[find_want(m->wants, m->want_count, p)];
    if (as_groups(p))
        return groups(out, m, p, w, full);
    if (!w->number)
        return no_number(m, w);
    TRY(check_any(m, w));
    if (p->kind == FORMULA_SPLINE)
        return spline(out, m, p, w->number);
    TRY(columns_make(out, m, 1));
    assert(out->x && out->names);
    out->count = 1;
    out->names[0] = formula_part_name(cx, p);
    out->x[0] = w->number;
    return p->kind == FORMULA_NUMBER ? RC_OK : function(&out->x[0], m, p, w->number);
}

/* ---- terms ---- */

/* Whether the term without its part `without` is in the formula: R's rule for contrasts. */
static bool has_rest(const struct formula *f, const struct formula_term *t, size_t without)
{
    if (t->count == 1)
        return f->constant;
    for (size_t o = 0; o < f->count; o++) {
        const struct formula_term *other = &f->terms[o];
        size_t found = 0;
        for (size_t i = 0; i < t->count && other->count + 1 == t->count; i++)
            for (size_t j = 0; j < other->count && i != without; j++)
                if (formula_same_part(&t->part[i], &other->part[j])) {
                    found++;
                    break;
                }
        if (found && found == other->count)
            return true;
    }
    return false;
}

static enum rc products(struct columns *out, struct making *m, const struct columns *a,
                        const struct columns *b)
{
    struct cx *cx = m->cx;
    TRY(columns_make(out, m, a->count * b->count));
    assert(out->x && out->names);
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++) {
            double *x = column(m);
            if (!x)
                return no_memory(cx);
            for (size_t r = 0; r < m->rows; r++)
                x[r] = a->x[i][r] * b->x[j][r];
            out->x[out->count] = x;
            out->names[out->count++] =
                arena_printf(cx->arena, "%s#%s", a->names[i], b->names[j]);
        }
    return RC_OK;
}

static enum rc keep(struct making *m, const struct columns *c, bool margin, size_t factor)
{
    struct cx *cx = m->cx;
    struct formula_columns *o = &m->out;
    if (o->k + c->count > m->room)
        return fail_f(cx, RC_LIMIT, _("A model has at most %d columns; this one has %zu."),
                      (int)MATRIX_COLUMNS_MAX, o->k + c->count);
    for (size_t i = 0; i < c->count; i++) {
        o->x[o->k] = c->x[i];
        o->names[o->k] = c->names[i];
        o->margin[o->k] = margin;
        o->factor[o->k++] = factor;
    }
    return RC_OK;
}

/* Whether the column stands in one term only, by itself. */
static bool stands_alone(const struct formula *f, size_t term)
{
    const struct formula_part *own = &f->terms[term].part[0];
    if (f->terms[term].count != 1 || own->kind == FORMULA_SPLINE || own->kind == FORMULA_POWER)
        return false;
    for (size_t t = 0; t < f->count; t++)
        for (size_t i = 0; i < f->terms[t].count && t != term; i++)
            if (!strcmp(f->terms[t].part[i].name, own->name))
                return false;
    return true;
}

static enum rc add_term(struct making *m, size_t term)
{
    const struct formula_term *t = &m->f->terms[term];
    struct columns all = {0};
    for (size_t i = 0; i < t->count; i++) {
        struct columns own = {0}, both = {0};
        TRY(part_columns(&own, m, &t->part[i], !has_rest(m->f, t, i)));
        if (i)
            TRY(products(&both, m, &all, &own));
        all = i ? both : own;
    }
    bool alone = stands_alone(m->f, term);
    return keep(m, &all, alone, alone && as_groups(&t->part[0]) ? ++m->factors : 0);
}

static enum rc add_constant(struct making *m)
{
    struct cx *cx = m->cx;
    struct columns one = {0};
    double *x = column(m);
    if (!x)
        return no_memory(cx);
    for (size_t i = 0; i < m->rows; i++)
        x[i] = 1;
    TRY(columns_make(&one, m, 1));
    assert(one.x && one.names);
    one.x[0] = x;
    one.names[0] = _("(constant)");
    one.count = 1;
    return keep(m, &one, false, 0);
}

static enum rc make_room(struct making *m)
{
    struct cx *cx = m->cx;
    struct formula_columns *o = &m->out;
    o->x = arena_array(cx->arena, m->room, sizeof *o->x);
    o->names = arena_array(cx->arena, m->room, sizeof *o->names);
    o->margin = arena_array(cx->arena, m->room, sizeof *o->margin);
    o->factor = arena_array(cx->arena, m->room, sizeof *o->factor);
    o->note = arena_array(cx->arena, m->f->count * FORMULA_PARTS_MAX + 1, sizeof *o->note);
    return o->x && o->names && o->margin && o->factor && o->note ? RC_OK : no_memory(cx);
}

enum rc formula_columns_make(struct formula_columns *out, struct cx *cx,
                             const struct formula *f, const struct formula_data *d)
{
    struct making m = {.cx = cx,
                       .f = f,
                       .wants = d->wants,
                       .want_count = d->want_count,
                       .rows = d->rows,
                       .room = MATRIX_COLUMNS_MAX,
                       .inside = d->inside};
    struct columns y = {0};
    struct formula_columns *o = &m.out;
    TRY(make_room(&m));
    TRY(part_columns(&y, &m, &f->outcome, false));
    assert(y.x && y.names);
    o->y = y.x[0];
    o->y_name = y.names[0];
    if (f->constant)
        TRY(add_constant(&m));
    for (size_t t = 0; t < f->count; t++)
        TRY(add_term(&m, t));
    *out = m.out;
    return RC_OK;
}

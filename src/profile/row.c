/* Cells of a profile's table as typed values; every mistake is noted with its place. */
#include "profile/profile_impl.h"

#include <string.h>

enum { NAME_BYTES = 48 };

struct str row_cell(const struct row *r, int column)
{
    return str_trim(r->t->cells[r->at * r->t->column_count + (size_t)column]);
}

int64_t row_line(const struct row *r)
{
    return r->t->lines[r->at];
}

void row_fault(const struct row *r, int column, const char *message)
{
    loader_fault(r->l, r->t->file, row_line(r), r->t->columns[column], row_cell(r, column),
                 message);
}

void row_unknown(const struct row *r, int column, const char *const *known, size_t count)
{
    row_unknown_part(r, column, row_cell(r, column), known, count);
}

void row_unknown_part(const struct row *r, int column, struct str part,
                      const char *const *known, size_t count)
{
    struct cx *cx = r->l->cx;
    const char *near = spelling_nearest(part, known, count);
    row_fault(r, column,
              near ? arena_printf(cx->arena, _("Unknown name. Did you mean “%s”?"), near)
                   : _("Unknown name."));
}

const char *row_text(const struct row *r, int column)
{
    return arena_copy(r->l->arena, row_cell(r, column));
}

const char *row_needed(const struct row *r, int column)
{
    struct cx *cx = r->l->cx;
    if (!row_cell(r, column).len)
        row_fault(r, column, _("This cell must not be empty."));
    return row_text(r, column);
}

const char *row_name(const struct row *r, int column)
{
    struct cx *cx = r->l->cx;
    struct str s = row_cell(r, column);
    bool good = s.len > 0 && s.len <= NAME_BYTES && s.p[0] >= 'a' && s.p[0] <= 'z';
    for (size_t i = 0; i < s.len && good; i++)
        good = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
               s.p[i] == '_';
    if (good)
        return row_text(r, column);
    row_fault(r, column,
              _("Expected a name of small letters a-z, digits and _, beginning with a letter, "
                "at most 48 characters."));
    return "";
}

bool row_int(int64_t *out, const struct row *r, int column, int64_t min, int64_t max)
{
    struct cx *cx = r->l->cx;
    int64_t n;
    if (str_to_i64(&n, row_cell(r, column)) && n >= min && n <= max) {
        *out = n;
        return true;
    }
    row_fault(r, column,
              arena_printf(cx->arena, _("Expected a whole number from %lld to %lld."),
                           (long long)min, (long long)max));
    return false;
}

int row_choice(const struct row *r, int column, const char *const *names, size_t count)
{
    struct str s = row_cell(r, column);
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(s, names[i]))
            return (int)i;
    row_unknown(r, column, names, count);
    return -1;
}

bool row_yes(const struct row *r, int column)
{
    struct cx *cx = r->l->cx;
    struct str s = row_cell(r, column);
    bool yes = str_eq_z(s, "yes");
    if (s.len && !yes && !str_eq_z(s, "no"))
        row_fault(r, column, _("Expected yes or no."));
    return yes;
}

struct label row_label(const struct row *r, int column, bool needed)
{
    struct cx *cx = r->l->cx;
    struct label label;
    for (int i = 0; i < LANG_COUNT; i++) {
        struct str other = row_cell(r, column + (i ? 0 : 1));
        label.in[i] = row_text(r, column + i);
        if (!*label.in[i] && (needed || other.len))
            row_fault(r, column + i, _("The text is missing in this language."));
    }
    return label;
}

/* Hiding small cells of a table with published sums: see suppress.h. */
#include "stats/suppress.h"

/* A row or column of the table. */
struct line {
    size_t first, step, count;
};

/* The smallest cell of the line that is still shown, SIZE_MAX none. Empty cells hide nothing:
 * they come last. */
static size_t smallest_shown(const struct suppress_table *t, struct line l)
{
    size_t best = SIZE_MAX;
    for (size_t k = 0; k < l.count; k++) {
        size_t at = l.first + k * l.step;
        if (t->hidden[at])
            continue;
        if (best == SIZE_MAX || (t->count[at] && !t->count[best]) ||
            (t->count[at] && t->count[at] < t->count[best]))
            best = at;
    }
    return best;
}

/* Hides one more cell of the line if it needs that; true when something changed. */
static bool protect(const struct suppress_table *t, struct line l, bool *open)
{
    size_t hidden = 0;
    int64_t sum = 0;
    for (size_t k = 0; k < l.count; k++) {
        size_t at = l.first + k * l.step;
        hidden += t->hidden[at];
        sum += t->hidden[at] ? t->count[at] : 0;
    }
    if (!hidden || (hidden >= 2 && sum >= t->least))
        return false;
    size_t next = smallest_shown(t, l);
    if (next == SIZE_MAX) {
        *open = true;
        return false;
    }
    t->hidden[next] = true;
    return true;
}

bool suppress_cells(const struct suppress_table *t)
{
    bool open = false;
    for (size_t i = 0; i < t->rows * t->columns; i++)
        t->hidden[i] = t->hidden[i] || (t->count[i] > 0 && t->count[i] < t->least);
    for (bool again = true; again;) {
        again = false;
        open = false;
        for (size_t r = 0; r < t->rows; r++)
            again |= protect(t, (struct line){r * t->columns, 1, t->columns}, &open);
        for (size_t c = 0; c < t->columns; c++)
            again |= protect(t, (struct line){c, t->columns, t->rows}, &open);
    }
    return open;
}

/* Spells out of poverty as person-periods. */
#include "stats/mobility.h"

#include "base/text.h"
#include "stats/inner.h"
#include "stats/sort.h"

/* row[k]: rows in order of person and period: two stable sorts. */
static enum rc order(uint32_t *row, struct cx *cx, const int64_t *id, const int32_t *period,
                     size_t n)
{
    struct arena_mark mark = arena_mark(cx->arena);
    uint64_t *key = arena_array(cx->arena, 2 * n + 2, sizeof *key);
    double *at = arena_array(cx->arena, 2 * n + 2, sizeof *at);
    uint32_t *places = arena_array(cx->arena, SORT_COUNTS, sizeof *places);
    if (!key || !at || !places)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", n);
    struct sort_pairs sort = {key, key + n + 1, at, at + n + 1, places, n};
    for (size_t i = 0; i < n; i++) {
        key[i] = (uint64_t)((int64_t)period[i] - INT32_MIN);
        at[i] = (double)i;
    }
    sort_pairs(&sort);
    for (size_t i = 0; i < n; i++)
        key[i] = (uint64_t)id[(size_t)at[i]] ^ 1ULL << 63;
    sort_pairs(&sort);
    for (size_t i = 0; i < n; i++)
        row[i] = (uint32_t)at[i];
    arena_back(cx->arena, mark);
    return RC_OK;
}

static enum rc check(struct cx *cx, const uint32_t *row, const int64_t *id,
                     const int32_t *period, const double *poor, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isnan(poor[i]) && poor[i] != 0 && poor[i] != 1)
            return fail_f(cx, RC_INVALID,
                          _("Data row %lld: whether somebody is poor must be 1, 0 or missing; "
                            "recode it first."),
                          (long long)i + 1);
    for (size_t k = 1; k < n; k++)
        if (id[row[k]] == id[row[k - 1]] && period[row[k]] == period[row[k - 1]])
            return fail_f(cx, RC_INVALID,
                          _("Data rows %lld and %lld are of the same person and period: keep "
                            "one of them."),
                          (long long)row[k - 1] + 1, (long long)row[k] + 1);
    return RC_OK;
}

/* Whether rows at ranks k and k + 1 are one person's in adjoining periods. */
struct panel {
    const uint32_t *row;
    const int64_t *id;
    const int32_t *period;
    const double *poor;
    size_t n;
};
static bool goes_on(const struct panel *p, size_t k)
{
    if (k + 1 >= p->n)
        return false;
    uint32_t a = p->row[k], b = p->row[k + 1];
    return p->id[a] == p->id[b] && (int64_t)p->period[b] - p->period[a] == 1 &&
           !isnan(p->poor[a]) && !isnan(p->poor[b]);
}

static void walk(struct spells *s, const struct panel *p)
{
    uint32_t duration = 0;
    bool left = false, began = false; /* whether the spell that runs is from before k */
    for (size_t k = 0; k < p->n; k++) {
        uint32_t row = p->row[k];
        bool before = k > 0 && goes_on(p, k - 1);
        if (isnan(p->poor[row]))
            s->left_out++;
        if (p->poor[row] != 0) {
            began = false;
            continue;
        }
        if (!began || !before) {
            left = !before;
            duration = 0;
            s->spell_count++;
            s->censored_left += left;
        }
        began = true;
        if (!goes_on(p, k)) {
            s->censored_right++;
            began = false;
            continue;
        }
        s->row[s->n] = row;
        s->duration[s->n] = ++duration;
        s->spell[s->n] = (uint32_t)(s->spell_count - 1);
        s->left[s->n] = left;
        s->event[s->n++] = p->poor[p->row[k + 1]];
    }
}

enum rc spells_make(struct spells *out, struct cx *cx, const int64_t *id, const int32_t *period,
                    const double *poor, size_t n)
{
    struct spells s = {.row = arena_array(cx->arena, n + 1, sizeof *s.row),
                       .duration = arena_array(cx->arena, n + 1, sizeof *s.duration),
                       .spell = arena_array(cx->arena, n + 1, sizeof *s.spell),
                       .left = arena_array(cx->arena, n + 1, sizeof *s.left),
                       .event = arena_array(cx->arena, n + 1, sizeof *s.event)};
    uint32_t *row = arena_array(cx->arena, n + 1, sizeof *row);
    if (!s.row || !s.duration || !s.spell || !s.left || !s.event || !row || n >= UINT32_MAX)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", n);
    TRY(order(row, cx, id, period, n));
    TRY(check(cx, row, id, period, poor, n));
    walk(&s, &(struct panel){row, id, period, poor, n});
    *out = s;
    return RC_OK;
}

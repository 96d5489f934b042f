/* Effects: what the register says of a household before and after help, read and never typed
 * in. That a value changed afterwards does not say that the help was the cause. */
#include "help/help_inner.h"

static enum rc newest(struct effect *out, struct cx *cx, struct columns *c, int64_t row,
                      const struct indicator *ind)
{
    const struct columns_head *h = columns_head(c);
    *out = (struct effect){COLUMN_MISSING, 0};
    for (size_t y = h->year_count; y-- > 0 && out->value == COLUMN_MISSING;) {
        struct column col;
        TRY(columns_get(&col, cx, c, SUBJECT_HOUSEHOLD, ind->number, h->years[y]));
        *out = (struct effect){column_at(col, (size_t)row), h->years[y]};
    }
    if (out->value == COLUMN_MISSING)
        out->year = 0;
    return RC_OK;
}

static enum rc read_open(struct effect *out, struct cx *cx, struct columns *c,
                         const struct plan *p, const struct plan_item *items, size_t count)
{
    int64_t row = columns_household_row(c, p->household_id);
    for (size_t i = 0; row >= 0 && i < count; i++) {
        const struct measure *m = profile_measure(cx->profile, items[i].measure);
        if (m && m->effect_column)
            TRY(newest(&out[i], cx, c, row, m->effect_column));
    }
    return RC_OK;
}

enum rc effects_read(struct effect *out, struct cx *cx, const struct plan *p,
                     const struct plan_item *items, size_t count)
{
    struct columns *c;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const struct measure *m = profile_measure(cx->profile, items[i].measure);
        out[i] = (struct effect){COLUMN_MISSING, 0};
        any = any || (m && m->effect_column);
    }
    if (!any || !p->household_id || !cx->columns)
        return RC_OK;
    TRY(columns_open(&c, cx, p->county));
    enum rc rc = read_open(out, cx, c, p, items, count);
    columns_close(c);
    return rc;
}

enum rc plan_effects(struct plan_item *items, size_t count, struct cx *cx, const struct plan *p)
{
    struct effect *now = arena_new(cx->arena, (count + 1) * sizeof *now);
    TRY(effects_read(now, cx, p, items, count));
    for (size_t i = 0; i < count; i++) {
        bool newer =
            now[i].year > items[i].before_year ||
            (now[i].year == items[i].before_year && now[i].value != items[i].before_value);
        bool begun = items[i].task_id != 0; /* approved: there is a before */
        items[i].after_value = newer && begun ? now[i].value : COLUMN_MISSING;
        items[i].after_year = newer && begun ? now[i].year : 0;
    }
    return RC_OK;
}

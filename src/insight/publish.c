/* Making, keeping and withdrawing figures for everybody. */
#include "insight/publish.h"

#include "base/format.h"
#include "base/text.h"
#include "db/db.h"
#include "insight/publish.sql.h"
#include "people/actor.h"

#include <math.h>
#include <string.h>

/* ---- the table ---- */

static int64_t whole(double x)
{
    return (int64_t)llround(x);
}

static bool is_small(int64_t count)
{
    return count < PUBLISH_LEAST;
}

/* Few poor, or few that are not: a place where all are poor would name each of them. */
static bool tells(const struct publish_row *r)
{
    int64_t others = r->households - r->poor_households;
    return r->poor_households && (is_small(r->poor_households) || is_small(others));
}

/* The hidden parts do not follow from the sum, which is shown: they are two at least, with
 * enough poor and enough others between them. */
static bool is_covered(const struct publish_row *rows, size_t count)
{
    int64_t hidden = 0, poor = 0, all = 0;
    for (size_t i = 1; i < count; i++)
        if (rows[i].hidden) {
            hidden++;
            poor += rows[i].poor_households;
            all += rows[i].households;
        }
    return !hidden || (hidden >= 2 && !is_small(poor) && !is_small(all - poor));
}

/* The part with the fewest poor that is still shown, those without any last. */
static struct publish_row *next_to_hide(struct publish_row *rows, size_t count)
{
    struct publish_row *best = NULL;
    for (size_t i = 1; i < count; i++) {
        struct publish_row *r = &rows[i];
        if (!r->hidden && (!best || (r->poor_households && !best->poor_households) ||
                           (r->poor_households && r->poor_households < best->poor_households)))
            best = r;
    }
    return best;
}

enum rc publish_hide(struct publish_row *rows, struct cx *cx, size_t count)
{
    struct publish_row *next;
    if (is_small(rows[0].households) || tells(&rows[0]))
        return fail_f(cx, RC_INVALID,
                      _("Fewer than %d households would be told apart: such a figure cannot be "
                        "published. Choose a larger area."),
                      PUBLISH_LEAST);
    for (size_t i = 1; i < count; i++)
        rows[i].hidden = tells(&rows[i]);
    while (!is_covered(rows, count) && (next = next_to_hide(rows, count)))
        next->hidden = true;
    return RC_OK;
}

static struct publish_row row_of(const struct fgt_sums *sums, int64_t area_id,
                                 const char *label)
{
    return (struct publish_row){.area_id = area_id,
                                .label = label,
                                .households = sums->rows,
                                .people = whole(sums->weight),
                                .poor_households = sums->poor_rows,
                                .poor_people = whole(sums->poor)};
}

static enum rc fill_rows(struct publish_figure *f, struct cx *cx, const struct scope *s,
                         const struct population *p)
{
    struct fgt_sums *sums = arena_array(cx->arena, p->child_count + 1, sizeof *sums);
    struct publish_row *rows = arena_array(cx->arena, p->child_count + 1, sizeof *rows);
    if (!sums || !rows || p->child_count >= PUBLISH_ROWS_MAX)
        return fail(cx, RC_LIMIT, _("Too many areas for one table."), "publish");
    population_fgt(sums, p, p->child, s->weak);
    struct fgt_sums all = {0};
    for (size_t i = 0; i < p->child_count; i++) {
        const struct population_group *g = &p->children[i];
        fgt_merge(&all, &sums[i]);
        rows[i + 1] = row_of(&sums[i], g->area_id, arena_copy(cx->arena, str_of(g->label)));
    }
    rows[0] = row_of(&all, s->area.id, s->area.name);
    f->rows = rows;
    f->row_count = p->child_count + 1;
    f->seq = p->source_count ? p->sources[0].seq : 0;
    if (!p->rows_used)
        return fail(cx, RC_INVALID, _("Nobody's income is known here for this year."),
                    "publish nobody");
    if (isnan(p->line))
        return fail(cx, RC_INVALID,
                    _("The poverty line differs between parts of this area: publish each part "
                      "alone, or type a line in."),
                    "line differs");
    f->line_minor = whole(p->line * pow(10, cx->profile->currency_decimals));
    return publish_hide(rows, cx, f->row_count);
}

enum rc publish_make(struct publish_figure *out, struct cx *cx, const struct scope *s)
{
    struct scope people = *s;
    struct population *p;
    people.households = false;
    *out = (struct publish_figure){.county = s->area.county,
                                   .area_id = s->area.id,
                                   .year = s->year,
                                   .line_label = s->line.text,
                                   .welfare = s->welfare ? s->welfare->code : "",
                                   .weak = s->weak};
    if (!s->area.id)
        return fail(cx, RC_INVALID, _("Choose the area that the figure is about."), "no area");
    TRY(population_open(&p, cx, &people, 0, NULL, POPULATION_CHILD));
    enum rc rc = fill_rows(out, cx, s, p);
    population_close(p);
    return rc;
}

/* ---- keeping ---- */

struct putting {
    const struct publish_figure *f;
    int64_t id;
};

static enum rc put_row(struct cx *cx, const struct putting *put, size_t place)
{
    const struct publish_row *r = &put->f->rows[place];
    struct db_arg hidden = V_NULL;
    return DB_RUN(cx, &PUBLISH_ROW_INSERT, V_I(put->f->county), V_I(put->id), V_I(place),
                  V_I(r->area_id), V_T(r->label), V_I(r->households), V_I(r->people),
                  r->hidden ? hidden : V_I(r->poor_households),
                  r->hidden ? hidden : V_I(r->poor_people));
}

static enum rc put_closure(struct cx *cx, void *arg)
{
    struct putting *put = arg;
    const struct publish_figure *f = put->f;
    TRY(publish_check(cx, f));
    TRY(db_ids(&put->id, cx, 1));
    TRY(DB_RUN(cx, &PUBLISH_INSERT, V_I(f->county), V_I(put->id), V_I(cx->now_at),
               V_I(cx->actor ? cx->actor->user_id : 0), V_I(f->area_id), V_I(f->year),
               V_T(f->title), V_T(f->line_label), V_I(f->line_minor), V_T(f->welfare),
               V_I(f->weak), V_I(f->seq)));
    for (size_t i = 0; i < f->row_count; i++)
        TRY(put_row(cx, put, i));
    return RC_OK;
}

static enum rc require_publisher(struct cx *cx, int64_t area_id)
{
    struct area area;
    TRY(area_get(&area, cx, area_id));
    return actor_require_in(cx, "figure.publish", str_of(area.path));
}

bool publish_may(struct cx *cx, const struct publish_figure *f)
{
    if (cx->actor && require_publisher(cx, f->area_id) == RC_OK)
        return true;
    err_clear(cx);
    return false;
}

enum rc publish_put(int64_t *id, struct cx *cx, const struct publish_figure *f)
{
    struct putting put = {.f = f};
    TRY(require_publisher(cx, f->area_id));
    /* One queue for all counties: what two officers publish at once is checked in turn. */
    TRY(db_write(cx, 0, put_closure, &put));
    *id = put.id;
    return RC_OK;
}

/* ---- reading ---- */

/* publish_select and publish_one give the same columns in the same order. */
static struct publish_figure figure_of(struct cx *cx, const struct db_rows *rows)
{
    return (struct publish_figure){
        .county = row_i64(rows, PUBLISH_ONE_COUNTY),
        .id = row_i64(rows, PUBLISH_ONE_ID),
        .at = row_i64(rows, PUBLISH_ONE_AT),
        .user_id = row_i64(rows, PUBLISH_ONE_USER_ID),
        .area_id = row_i64(rows, PUBLISH_ONE_AREA_ID),
        .year = (int32_t)row_i64(rows, PUBLISH_ONE_YEAR),
        .title = arena_copy(cx->arena, row_str(rows, PUBLISH_ONE_TITLE)),
        .line_label = arena_copy(cx->arena, row_str(rows, PUBLISH_ONE_LINE_LABEL)),
        .line_minor = row_i64(rows, PUBLISH_ONE_LINE_MINOR),
        .welfare = arena_copy(cx->arena, row_str(rows, PUBLISH_ONE_WELFARE)),
        .weak = row_i64(rows, PUBLISH_ONE_WEAK) != 0,
        .seq = row_i64(rows, PUBLISH_ONE_SEQ),
        .withdrawn_at = row_i64(rows, PUBLISH_ONE_WITHDRAWN_AT)};
}

enum rc publish_list(struct publish_figure **out, size_t *count, struct cx *cx, bool all)
{
    enum { MAX = 500 };
    struct db_rows rows;
    struct publish_figure *list = arena_array(cx->arena, MAX, sizeof *list);
    *count = 0;
    TRY(DB_SELECT(&rows, cx, &PUBLISH_SELECT, V_I(all)));
    while (db_next(&rows) && *count < MAX)
        list[(*count)++] = figure_of(cx, &rows);
    *out = list;
    return db_done(&rows);
}

enum rc publish_read_rows(struct publish_figure *f, struct cx *cx)
{
    struct db_rows rows;
    struct publish_row *list = arena_array(cx->arena, PUBLISH_ROWS_MAX, sizeof *list);
    if (!list)
        return fail(cx, RC_LIMIT, _("Too many areas for one table."), "publish");
    f->row_count = 0;
    TRY(DB_SELECT(&rows, cx, &PUBLISH_ROWS, V_I(f->county), V_I(f->id)));
    while (db_next(&rows) && f->row_count < PUBLISH_ROWS_MAX)
        list[f->row_count++] = (struct publish_row){
            .area_id = row_i64(&rows, PUBLISH_ROWS_AREA_ID),
            .label = arena_copy(cx->arena, row_str(&rows, PUBLISH_ROWS_LABEL)),
            .households = row_i64(&rows, PUBLISH_ROWS_HOUSEHOLDS),
            .people = row_i64(&rows, PUBLISH_ROWS_PEOPLE),
            .hidden = row_null(&rows, PUBLISH_ROWS_POOR_HOUSEHOLDS),
            .poor_households = row_i64(&rows, PUBLISH_ROWS_POOR_HOUSEHOLDS),
            .poor_people = row_i64(&rows, PUBLISH_ROWS_POOR_PEOPLE)};
    f->rows = list;
    return db_done(&rows);
}

enum rc publish_get(struct publish_figure *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &PUBLISH_ONE, V_I(id));
    if (rc)
        return rc;
    *out = figure_of(cx, &rows);
    TRY(db_done(&rows));
    return publish_read_rows(out, cx);
}

static enum rc withdraw_closure(struct cx *cx, void *arg)
{
    const struct publish_figure *f = arg;
    return DB_RUN(cx, &PUBLISH_WITHDRAW, V_I(f->county), V_I(f->id), V_I(cx->now_at),
                  V_I(cx->actor ? cx->actor->user_id : 0));
}

enum rc publish_withdraw(struct cx *cx, int64_t id)
{
    struct publish_figure f;
    TRY(publish_get(&f, cx, id));
    TRY(require_publisher(cx, f.area_id));
    return db_write(cx, 0, withdraw_closure, &f);
}

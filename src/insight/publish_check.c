/* What a new figure would tell together with those published before: see publish.h. Why these
 * rules are enough: figures of one year that touch each other have one line and equal numbers
 * wherever they meet, so all of them together are one tree of tables in which a hidden part has
 * nothing below it; then only the sum of a table's hidden parts is known, which publish_hide
 * keeps large. publish_test.c tries to break it. */
#include "insight/publish.h"

#include "base/format.h"
#include "base/text.h"
#include "db/db.h"
#include "insight/publish.sql.h"

#include <string.h>

enum { SAID_MAX = 4000 };

/* An earlier figure, with what is needed of its area. */
struct said {
    struct publish_figure figure;
    const char *path, *name;
    int64_t parent_id;
};
struct checking {
    const struct publish_figure *f;
    struct area area; /* of f */
    struct said *said;
    size_t count;
};

static enum rc read_said(struct checking *t, struct cx *cx)
{
    struct db_rows rows;
    bool room = true;
    t->said = arena_array(cx->arena, SAID_MAX, sizeof *t->said);
    TRY(DB_SELECT(&rows, cx, &PUBLISH_SAID, V_I(t->f->year)));
    while (t->said && db_next(&rows)) {
        struct str path = row_str(&rows, PUBLISH_SAID_PATH), own = str_of(t->area.path);
        if (!str_starts(path, own) && !str_starts(own, path))
            continue;
        room = t->count < SAID_MAX;
        if (!room)
            break;
        t->said[t->count++] = (struct said){
            .figure = {.county = row_i64(&rows, PUBLISH_SAID_COUNTY),
                       .id = row_i64(&rows, PUBLISH_SAID_ID),
                       .at = row_i64(&rows, PUBLISH_SAID_AT),
                       .area_id = row_i64(&rows, PUBLISH_SAID_AREA_ID),
                       .line_minor = row_i64(&rows, PUBLISH_SAID_LINE_MINOR),
                       .welfare = arena_copy(cx->arena, row_str(&rows, PUBLISH_SAID_WELFARE)),
                       .weak = row_i64(&rows, PUBLISH_SAID_WEAK) != 0},
            .path = arena_copy(cx->arena, path),
            .name = arena_copy(cx->arena, row_str(&rows, PUBLISH_SAID_NAME)),
            .parent_id = row_i64(&rows, PUBLISH_SAID_PARENT_ID)};
    }
    TRY(db_done(&rows));
    return t->said && room
               ? RC_OK
               : fail(cx, RC_LIMIT, _("Too many figures are published for this year."), "said");
}

/* ---- the same area again ---- */

static enum rc refuse_difference(struct cx *cx, const struct said *g, const char *label)
{
    return fail_f(
        cx, RC_CONFLICT,
        _("Together with the figure of %s published on %s, this one would tell about "
          "fewer than %d households of %s. Take the same line as then, or leave it at "
          "that figure."),
        g->name, format_time(cx, g->figure.at), PUBLISH_LEAST, label);
}

/* Numbers of few households would follow from a then and now. */
static bool too_near(const struct publish_row *a, const struct publish_row *b)
{
    int64_t poor = b->poor_households - a->poor_households;
    int64_t others = b->households - a->households - poor;
    bool moved = a->people != b->people || a->poor_people != b->poor_people;
    poor = poor < 0 ? -poor : poor;
    others = others < 0 ? -others : others;
    return (poor && poor < PUBLISH_LEAST) || (others && others < PUBLISH_LEAST) ||
           (!poor && !others && moved);
}

static const struct publish_row *row_of(const struct publish_figure *f, int64_t area_id)
{
    for (size_t i = 0; i < f->row_count; i++)
        if (f->rows[i].area_id == area_id)
            return &f->rows[i];
    return NULL;
}

/* Sum of the hidden parts: what is left of the whole. */
static struct publish_row hidden_of(const struct publish_figure *f)
{
    struct publish_row left = f->rows[0];
    for (size_t i = 1; i < f->row_count; i++) {
        const struct publish_row *r = &f->rows[i];
        if (r->hidden)
            continue;
        left.households -= r->households;
        left.people -= r->people;
        left.poor_households -= r->poor_households;
        left.poor_people -= r->poor_people;
    }
    return left;
}

/* Each part of `a` against `b`, where one that is missing has nobody. */
static enum rc check_parts(struct cx *cx, const struct said *g, const struct publish_figure *a,
                           const struct publish_figure *b)
{
    static const struct publish_row nobody = {0};
    for (size_t i = 0; i < a->row_count; i++) {
        const struct publish_row *r = &a->rows[i], *other = row_of(b, r->area_id);
        other = other ? other : &nobody;
        if (r->hidden != other->hidden || (!r->hidden && too_near(r, other)))
            return refuse_difference(cx, g, r->label);
    }
    return RC_OK;
}

static enum rc check_again(struct checking *t, struct cx *cx, const struct said *g)
{
    TRY(check_parts(cx, g, t->f, &g->figure));
    TRY(check_parts(cx, g, &g->figure, t->f));
    struct publish_row then = hidden_of(&g->figure), now = hidden_of(t->f);
    return too_near(&then, &now) ? refuse_difference(cx, g, t->area.name) : RC_OK;
}

/* ---- an area inside another ---- */

static bool has_figure(const struct checking *t, int64_t area_id)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->said[i].figure.area_id == area_id)
            return true;
    return false;
}

/* `inner` as a part of `outer`, and as a whole of its own. */
static enum rc check_link(struct cx *cx, const struct said *g,
                          const struct publish_figure *outer,
                          const struct publish_figure *inner)
{
    const struct publish_row *whole = &inner->rows[0], *part = row_of(outer, whole->area_id);
    if (!part || part->hidden)
        return fail_f(cx, RC_CONFLICT,
                      _("%s is hidden in one of the two figures, this one and that of %s "
                        "published on %s: the other one would give it away."),
                      whole->label, g->name, format_time(cx, g->figure.at));
    if (part->households == whole->households && part->people == whole->people &&
        part->poor_households == whole->poor_households &&
        part->poor_people == whole->poor_people)
        return RC_OK;
    return fail_f(cx, RC_CONFLICT,
                  _("The register has changed since the figure of %s was published on %s: the "
                    "two would not fit together, and the difference would tell about few "
                    "households of %s."),
                  g->name, format_time(cx, g->figure.at), whole->label);
}

static enum rc need_between(struct cx *cx, const struct checking *t, int64_t area_id)
{
    struct area area;
    if (has_figure(t, area_id))
        return RC_OK;
    TRY(area_get(&area, cx, area_id));
    return fail_f(cx, RC_CONFLICT,
                  _("Publish the figure of %s first: it lies between this area and one that "
                    "has been published already."),
                  area.name);
}

static enum rc check_nested(struct checking *t, struct cx *cx, const struct said *g)
{
    const struct publish_figure *f = t->f, *then = &g->figure;
    bool inside = str_starts(str_of(t->area.path), str_of(g->path)); /* f in g */
    if (f->line_minor != then->line_minor || f->weak != then->weak ||
        strcmp(f->welfare, then->welfare) != 0)
        return fail_f(cx, RC_CONFLICT,
                      _("The figure of %s published on %s has another line. Areas inside each "
                        "other need the same line and the same rule who counts as poor, or the "
                        "two would tell about few households."),
                      g->name, format_time(cx, then->at));
    if (inside)
        return then->area_id == t->area.parent_id ? check_link(cx, g, then, f)
                                                  : need_between(cx, t, t->area.parent_id);
    return g->parent_id == f->area_id ? check_link(cx, g, f, then)
                                      : need_between(cx, t, g->parent_id);
}

enum rc publish_check(struct cx *cx, const struct publish_figure *f)
{
    struct checking t = {.f = f};
    TRY(area_get(&t.area, cx, f->area_id));
    TRY(read_said(&t, cx));
    for (size_t i = 0; i < t.count; i++) {
        struct said *g = &t.said[i];
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(publish_read_rows(&g->figure, cx));
        TRY(g->figure.area_id == f->area_id ? check_again(&t, cx, g) : check_nested(&t, cx, g));
        arena_back(cx->arena, mark);
        g->figure.rows = NULL;
    }
    return RC_OK;
}

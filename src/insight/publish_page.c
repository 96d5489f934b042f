/* Figures for everybody: the officer's preview, publishing and withdrawing, and the public
 * pages. */
#include "base/format.h"
#include "base/limits.h"
#include "db/db.h"
#include "insight/publish.h"
#include "insight/publish.html.h"
#include "insight/publish_view.h"
#include "people/actor.h"

#include <math.h>
#include <string.h>

enum { COLUMNS = 5, TITLE_MAX = 240, FORM_MAX = 16 * 1024 };

static const char *share_of(struct cx *cx, int64_t part, int64_t all)
{
    if (!all)
        return "–";
    return arena_printf(cx->arena, "%s %%",
                        format_f64(cx, 100 * (double)part / (double)all, 1));
}

static void fill_row(struct table_cell *c, struct cx *cx, const struct publish_row *r,
                     bool total)
{
    c[0].text = total ? arena_printf(cx->arena, _("%s, all"), r->label) : r->label;
    c[1].text = format_int(cx, r->households);
    c[2].text = format_int(cx, r->people);
    c[3].text = r->hidden ? _("hidden") : format_int(cx, r->poor_people);
    c[4].text = r->hidden ? _("hidden") : share_of(cx, r->poor_people, r->people);
    if (r->hidden)
        c[3].tone = c[4].tone = "muted";
}

static const struct table *table_of(struct cx *cx, const struct publish_figure *f,
                                    const char *base, bool can_export)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *columns = arena_new(cx->arena, COLUMNS * sizeof *columns);
    struct table_cell *cells =
        arena_new(cx->arena, (f->row_count + 1) * COLUMNS * sizeof *cells);
    const struct table_column heads[COLUMNS] = {
        {NULL, _("Area"), ALIGN_TEXT, false},
        {NULL, _("Households"), ALIGN_NUMBER, true},
        {NULL, _("People"), ALIGN_NUMBER, true},
        {NULL, _("People below the line"), ALIGN_NUMBER, false},
        {NULL, _("Share"), ALIGN_NUMBER, false},
    };
    memcpy(columns, heads, sizeof heads);
    for (size_t i = 0; i < f->row_count; i++)
        fill_row(cells + i * COLUMNS, cx, &f->rows[i], i == 0);
    *t = (struct table){.caption = f->title ? f->title : _("People below the line"),
                        .base = base,
                        .query = "",
                        .columns = columns,
                        .column_count = COLUMNS,
                        .cells = cells,
                        .row_count = f->row_count,
                        .is_first_page = true,
                        .can_export = can_export,
                        .empty_title = _("Nobody lives here yet")};
    return t;
}

/* The line in the reader's language: it is kept as the publisher asked for it. */
static const char *line_name(struct cx *cx, const struct publish_figure *f, bool *is_amount)
{
    struct scope_line line;
    *is_amount = false;
    if (scope_line_parse(&line, cx, str_of(f->line_label))) {
        err_clear(cx);
        return f->line_label;
    }
    *is_amount = !line.threshold && line.spec.kind == LINE_FIXED;
    return line.label;
}

/* The texts that stand above the table. */
static void fill_texts(struct publish_view *v, struct cx *cx)
{
    const struct publish_figure *f = &v->figure;
    const struct indicator *welfare =
        profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, str_of(f->welfare));
    const char *unit = welfare ? LABEL(cx, welfare->unit_label) : cx->profile->currency;
    const char *label = welfare ? LABEL(cx, welfare->label) : f->welfare;
    bool is_amount;
    const char *name = line_name(cx, f, &is_amount);
    v->line = arena_printf(cx->arena, "%s %s%s",
                           format_scaled(cx, f->line_minor, cx->profile->currency_decimals),
                           unit, is_amount ? "" : arena_printf(cx->arena, " (%s)", name));
    v->rule = arena_printf(
        cx->arena, f->weak ? _("%s at or below the line") : _("%s below the line"), label);
    if (f->row_count)
        v->poor_share = share_of(cx, f->rows[0].poor_people, f->rows[0].people);
}

/* ---- the officer's side ---- */

static const char *own_title(struct cx *cx, const struct scope *s)
{
    return arena_printf(cx->arena, _("People below the poverty line in %s, %d"), s->area.name,
                        s->year);
}

static enum rc show_preview(struct cx *cx, const struct request *q, struct response *a,
                            struct publish_view *v)
{
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Publish a figure"),
                                              .nav = "poverty",
                                              .back_href = "/poverty",
                                              .back_label = _("Poverty")});
    v->csrf = visitor_of(q)->csrf;
    publish_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc preview(struct publish_view *v, struct cx *cx, const struct scope *s)
{
    TRY(actor_require_in(cx, "figure.publish", str_of(s->area.path)));
    v->pairs = s->pairs;
    v->pair_count = s->pair_count;
    enum rc rc = publish_make(&v->figure, cx, s);
    if (rc == RC_INVALID) { /* told above an empty page: the way back leads to the choice */
        v->error = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    v->title = own_title(cx, s);
    v->figure.title = v->title;
    fill_texts(v, cx);
    v->table = table_of(cx, &v->figure, "/poverty/publish", false);
    return RC_OK;
}

static enum rc publish_get_page(struct cx *cx, const struct request *q, struct response *a)
{
    struct publish_view v = {0};
    struct scope s;
    TRY(db_read_begin(cx));
    TRY(scope_read(&s, cx, q));
    TRY(preview(&v, cx, &s));
    return show_preview(cx, q, a, &v);
}

static enum rc publish_post_page(struct cx *cx, const struct request *q, struct response *a)
{
    struct publish_view v = {0};
    struct scope s;
    int64_t id;
    struct str title = str_trim(request_form(q, "title"));
    TRY(db_read_begin(cx));
    TRY(scope_of_pairs(&s, cx, q->form, q->form_count));
    TRY(preview(&v, cx, &s));
    if (!v.error && (!title.len || title.len > TITLE_MAX))
        v.error = arena_printf(cx->arena, _("Give it a title of at most %d characters."),
                               TITLE_MAX / 3);
    db_read_end(cx);
    if (!v.error) {
        v.figure.title = v.title = arena_copy(cx->arena, title);
        enum rc rc = publish_put(&id, cx, &v.figure);
        if (!rc) {
            response_redirect(cx, a, arena_printf(cx->arena, "/public/%" PRId64, id));
            return RC_OK;
        }
        if (rc != RC_CONFLICT)
            return rc;
        v.error = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
    }
    a->status = 400;
    return show_preview(cx, q, a, &v);
}

static enum rc withdraw_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(publish_withdraw(cx, id));
    response_redirect(cx, a, "/public");
    return RC_OK;
}

/* ---- everybody's side ---- */

static enum rc public_list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct publish_figure *figures;
    struct publish_list_view v = {.manage = cx->actor && actor_may(cx, "figure.publish")};
    TRY(db_read_begin(cx));
    TRY(publish_list(&figures, &v.count, cx, v.manage));
    bool is_amount;
    for (size_t i = 0; i < v.count; i++)
        figures[i].line_label = line_name(cx, &figures[i], &is_amount);
    v.figures = figures;
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Published figures"), .nav = "poverty"});
    published_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc public_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct publish_view v = {0};
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(publish_get(&v.figure, cx, id));
    v.can_withdraw = publish_may(cx, &v.figure);
    if (v.figure.withdrawn_at && !v.can_withdraw)
        return fail(cx, RC_NOTFOUND, "", "withdrawn figure");
    fill_texts(&v, cx);
    v.csrf = visitor_of(q)->csrf;
    v.table = table_of(cx, &v.figure, arena_printf(cx->arena, "/public/%" PRId64, id), true);
    if (page_wants_file(q))
        return page_table_file(cx, q, a, v.table, "published");
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.figure.title,
                                              .nav = "poverty",
                                              .back_href = "/public",
                                              .back_label = _("Published figures")});
    published_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/poverty/publish",
     .scope = SCOPE_PERMISSION,
     .permission = "figure.publish",
     .csrf = CSRF_NONE,
     .heavy = true,
     .handle = publish_get_page},
    {.method = METHOD_POST,
     .path = "/poverty/publish",
     .scope = SCOPE_PERMISSION,
     .permission = "figure.publish",
     .body_max = FORM_MAX,
     .heavy = true,
     .handle = publish_post_page},
    {.method = METHOD_POST,
     .path = "/poverty/publish/{id}/withdraw",
     .scope = SCOPE_PERMISSION,
     .permission = "figure.publish",
     .body_max = FORM_MAX,
     .handle = withdraw_post,
     .test_path = "/poverty/publish/1/withdraw"},
    {.method = METHOD_GET,
     .path = "/public",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = public_list_get},
    {.method = METHOD_GET,
     .path = "/public/{id}",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = public_get,
     .test_path = "/public/1"},
};
const struct route_table publish_routes = ROUTE_TABLE(rows);

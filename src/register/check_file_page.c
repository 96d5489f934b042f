/* The list of a check for those who visit: as CSV, JSON or Excel with a sheet for every
 * village, and as sheets to print. */
#include "register/check_file_view.h"

#include "base/format.h"
#include "base/time.h"
#include "people/actor.h"
#include "register/check.html.h"

enum { FILE_COLUMNS = 11, PRINT_MAX = 1000 };

/* ---- files ---- */

/* A file while it is written: opened at its first row, whose village names the first sheet. */
struct writing_file {
    const struct check_file *f;
    struct frame_writer *w;
    struct column_spec columns[FILE_COLUMNS];
    int fd;
    int64_t rows, village_id;
};

/* What areas so many levels below the county are called. */
static const char *level_label(struct cx *cx, int below)
{
    size_t level = (size_t)cx->profile->tenant_level + (size_t)below;
    return level < cx->profile->level_count ? LABEL(cx, cx->profile->levels[level].label)
                                            : _("Part");
}

static enum rc open_writer(struct writing_file *o, struct cx *cx, const char *title)
{
    const char *const names[FILE_COLUMNS] = {"check",  "message", "township", "village",
                                             "group",  "number",  "head",     "who",
                                             "values", "reason",  "result"};
    const char *const labels[FILE_COLUMNS] = {
        _("Check"),         _("What is wrong"),    level_label(cx, 1),
        level_label(cx, 2), level_label(cx, 3),    _("Household number"),
        _("Household"),     _("Person concerned"), _("What the register says"),
        _("Explained"),     _("What was found")};
    for (size_t i = 0; i < FILE_COLUMNS; i++)
        o->columns[i] = (struct column_spec){
            .name = names[i], .label = labels[i], .type = i ? COLUMN_TEXT : COLUMN_I64};
    const struct frame_write_options options = {
        .format = o->f->format, .title = title, .label_header = true, .row_count = -1};
    return frame_writer_open(&o->w, cx, o->fd, o->columns, FILE_COLUMNS, &options);
}

static enum rc write_item(struct writing_file *o, struct cx *cx, const struct check_item *item)
{
    const struct check *k = o->f->check;
    const char *village = item->village[0] ? item->village : item->label;
    if (!o->w)
        TRY(open_writer(o, cx, village));
    else if (o->village_id != item->village_id && k->subject != SUBJECT_AREA)
        TRY(frame_writer_sheet(cx, o->w, village));
    o->village_id = item->village_id;
    o->rows++;
    const char *const texts[FILE_COLUMNS - 1] = {
        LABEL(cx, k->message), item->township, item->village, item->group,  item->code,
        item->label,           item->people,   item->values,  item->reason, ""};
    struct out_cell cells[FILE_COLUMNS] = {{.missing = !k->number, .i = k->number}};
    for (size_t i = 1; i < FILE_COLUMNS; i++)
        cells[i] = (struct out_cell){.missing = !texts[i - 1] || !texts[i - 1][0],
                                     .s = str_of(texts[i - 1])};
    return frame_writer_row(cx, o->w, cells);
}

static enum rc too_long(struct cx *cx)
{
    return fail_f(cx, RC_LIMIT,
                  _("A list of more than %d households is too long for one file; choose an "
                    "area."),
                  (int)CHECK_FILE_MAX);
}

static size_t index_of(const struct check_file *f, const struct check_county *c)
{
    return f->own ? 0 : (size_t)(f->check - c->rules->checks);
}

static enum rc write_county(struct writing_file *o, struct cx *cx, const struct check_county *c)
{
    struct check_found *found;
    size_t count;
    bool more;
    const struct check_find find = {index_of(o->f, c), o->f->show, 0, CHECK_FILE_MAX};
    TRY(check_list(&found, &count, &more, cx, c, &find));
    if (more)
        return too_long(cx);
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct check_item item;
        TRY(check_item_fill(&item, cx, c, find.check, &found[i]));
        TRY(write_item(o, cx, &item));
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

static enum rc write_own(struct writing_file *o, struct cx *cx, const struct check_place *place)
{
    struct own_open own;
    TRY(own_rule_open(&own, cx, o->f->own, o->f->own_program, place, o->f->year));
    enum rc rc = write_county(o, cx, &own.c);
    own_rule_close(&own);
    return rc;
}

static enum rc write_counties(struct writing_file *o, struct cx *cx)
{
    for (size_t i = 0; i < o->f->scope->place_count && o->f->year; i++) {
        struct check_county c;
        if (o->f->own) {
            TRY(write_own(o, cx, &o->f->scope->places[i]));
            continue;
        }
        const struct check_ask ask = {.place = &o->f->scope->places[i], .year = o->f->year};
        TRY(check_county_open(&c, cx, &ask));
        enum rc rc = write_county(o, cx, &c);
        check_county_close(&c);
        TRY(rc);
    }
    if (!o->w)
        TRY(open_writer(o, cx, LABEL(cx, o->f->check->message)));
    return RC_OK;
}

enum rc check_file_write(int64_t *rows, struct cx *cx, const struct check_file *f, int fd)
{
    struct writing_file *o = arena_new(cx->arena, sizeof *o);
    *o = (struct writing_file){.f = f, .fd = fd};
    enum rc rc = write_counties(o, cx);
    if (rc) {
        if (o->w)
            frame_writer_abort(o->w);
        return rc;
    }
    *rows = o->rows;
    return frame_writer_close(cx, o->w);
}

enum rc check_items(struct check_item **out, size_t *count, bool *more, struct cx *cx,
                    const struct check_file *f, size_t max)
{
    struct check_item *items = arena_array(cx->arena, max + 1, sizeof *items);
    size_t n = 0;
    if (!items)
        return too_long(cx);
    *more = false;
    for (size_t p = 0; p < f->scope->place_count && f->year; p++) {
        struct check_county c;
        struct check_found *found;
        size_t found_count = 0;
        bool rest = false;
        const struct check_ask ask = {.place = &f->scope->places[p], .year = f->year};
        TRY(check_county_open(&c, cx, &ask));
        const struct check_find find = {(size_t)(f->check - c.rules->checks), f->show, 0,
                                        max - n};
        enum rc rc = check_list(&found, &found_count, &rest, cx, &c, &find);
        for (size_t i = 0; !rc && i < found_count; i++)
            rc = check_item_fill(&items[n++], cx, &c, find.check, &found[i]);
        check_county_close(&c);
        TRY(rc);
        *more = *more || rest;
    }
    *out = items;
    *count = n;
    return RC_OK;
}

/* ---- pages ---- */

struct asked {
    struct check_query query;
    struct check_where where;
    struct check_file file;
};

static enum rc read_asked(struct asked *out, struct cx *cx, const struct request *q)
{
    int64_t number;
    TRY(request_param_id(&number, cx, q, "number"));
    TRY(check_query_read(&out->query, cx, q));
    const struct check *check = profile_check(cx->profile, number);
    if (!check)
        return fail(cx, RC_NOTFOUND, _("There is no such check."), "check=%" PRId64, number);
    TRY(db_read_begin(cx));
    TRY(check_where_find(&out->where, cx, &out->query));
    if (out->where.scope.too_many)
        return fail(cx, RC_LIMIT,
                    _("Checks are summed up over a few counties at most. Choose an area:"),
                    "counties");
    out->file = (struct check_file){.check = check,
                                    .scope = &out->where.scope,
                                    .year = out->where.year,
                                    .show = out->query.show};
    return RC_OK;
}

static enum rc write_to(struct cx *cx, int fd, enum frame_format format, void *arg)
{
    struct check_file *f = arg;
    int64_t count;
    f->format = format;
    return check_file_write(&count, cx, f, fd);
}

static enum rc file_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct asked asked;
    enum frame_format format;
    TRY(actor_require(cx, "export.run"));
    struct str name = request_query(q, "format");
    if (!frame_format_parse(&format, name.len ? name : STR("csv")) ||
        (format != FRAME_CSV && format != FRAME_XLSX && format != FRAME_JSON))
        return fail(cx, RC_INVALID, _("Lists are saved as csv, xlsx or json."), "format");
    TRY(read_asked(&asked, cx, q));
    return page_file(
        cx, a,
        arena_printf(cx->arena, "check-%d-%d", asked.file.check->number, asked.where.year),
        format, write_to, &asked.file);
}

/* Items one village after the other. */
static void fill_sheets(struct check_print_view *v, struct cx *cx,
                        const struct check_item *items, size_t count)
{
    struct check_sheet *sheets = arena_new(cx->arena, (count + 1) * sizeof *sheets);
    for (size_t i = 0; i < count; i++) {
        bool same = i > 0 && items[i].village_id == items[i - 1].village_id;
        if (!same)
            sheets[v->sheet_count++] =
                (struct check_sheet){area_label(cx, items[i].village_id), &items[i], 0};
        sheets[v->sheet_count - 1].count++;
    }
    v->sheets = sheets;
}

static enum rc print_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct asked asked;
    struct check_item *items;
    size_t count;
    bool more;
    TRY(read_asked(&asked, cx, q));
    TRY(check_items(&items, &count, &more, cx, &asked.file, PRINT_MAX));
    if (more)
        return fail_f(cx, RC_LIMIT,
                      _("More than %d households are too many to print at once; choose a "
                        "township or village."),
                      (int)PRINT_MAX);
    const struct check *check = asked.file.check;
    struct check_print_view v = {
        .check = check,
        .made = arena_printf(cx->arena, _("Figures of %d, list made %s"), asked.where.year,
                             format_time(cx, cx->now_at))};
    fill_sheets(&v, cx, items, count);
    const char *back = arena_printf(cx->arena, "/check/%d", check->number);
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = arena_printf(cx->arena, _("Check %d: sheets for the villages"),
                                             check->number),
                       .nav = "check",
                       .back_href = check_href(cx, back, asked.query.area_id, asked.where.year),
                       .back_label = LABEL(cx, check->message)});
    check_print_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

#define LOOKS .method = METHOD_GET, .scope = SCOPE_PERMISSION, .csrf = CSRF_NONE
static const struct route rows[] = {
    {LOOKS, .path = "/check/{number}/file", .permission = "export.run", .time_ms_max = 120000,
     .heavy = true, .handle = file_get, .test_path = "/check/1/file"},
    {LOOKS, .path = "/check/{number}/print", .permission = "household.view",
     .time_ms_max = 60000, .heavy = true, .handle = print_get, .test_path = "/check/1/print"},
};
const struct route_table check_file_routes = ROUTE_TABLE(rows);

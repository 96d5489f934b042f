/* Exports: what, which year, which area, in which format. */
#include "base/format.h"
#include "base/limits.h"
#include "profile/lists.h"
#include "profile/mapping.h"
#include "register/area.h"
#include "register/export.h"
#include "register/export.html.h"
#include "register/export_view.h"

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a,
                         const char *error)
{
    const struct profile *p = cx->profile;
    struct export_view v = {.csrf = visitor_of(q)->csrf,
                            .error = error,
                            .may_reveal = actor_may(cx, "household.reveal")};
    struct field_choice *what = arena_new(cx->arena, (3 + p->mapping_count) * sizeof *what);
    what[v.what_count++] = (struct field_choice){
        "households", _("Households, one row each, with all indicators"), true};
    what[v.what_count++] =
        (struct field_choice){"people", _("People, one row each, with all indicators"), false};
    what[v.what_count++] = (struct field_choice){
        "incomes", _("Incomes, one row per household, year and kind"), false};
    for (size_t i = 0; i < p->mapping_count; i++)
        if (!profile_is_list_mapping(p, p->mappings[i]))
            what[v.what_count++] = (struct field_choice){
                arena_printf(cx->arena, "mapping:%s", p->mappings[i]->name),
                arena_printf(cx->arena, _("In the layout of: %s"),
                             LABEL(cx, p->mappings[i]->label)),
                false};
    v.what = what;
    const struct field_choice formats[] = {
        {"xlsx", _("Excel (.xlsx)"), true},
        {"csv", _("CSV, for any program"), false},
        {"dta", _("Stata (.dta), with labels"), false},
        {"sav", _("SPSS (.sav), with labels"), false},
        {"json", _("JSON"), false},
    };
    v.formats = formats;
    v.format_count = sizeof formats / sizeof formats[0];
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Exports"), .nav = "export"});
    export_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc export_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_form(cx, q, a, NULL);
}

static enum rc read_options(struct export_options *out, struct cx *cx, const struct request *q)
{
    struct str what = request_form(q, "what"), year = str_trim(request_form(q, "year"));
    *out = (struct export_options){.what = EXPORT_HOUSEHOLDS,
                                   .use_labels = request_form(q, "labels").len > 0,
                                   .secrets = request_form(q, "secrets").len > 0};
    if (str_eq_z(what, "people"))
        out->what = EXPORT_PEOPLE;
    else if (str_eq_z(what, "incomes"))
        out->what = EXPORT_INCOMES;
    else if (str_starts(what, STR("mapping:"))) {
        out->what = EXPORT_MAPPING;
        out->mapping = arena_copy(cx->arena, (struct str){what.p + 8, what.len - 8});
    }
    int64_t number = 0;
    if (year.len && (!str_to_i64(&number, year) || number < 1900 || number > 2200))
        return fail(cx, RC_INVALID, _("The year should be a number such as 2025."), "year");
    out->year = (int32_t)number;
    if (!frame_format_parse(&out->format, request_form(q, "format")))
        return fail(cx, RC_INVALID, _("Please choose a format."), "format");
    return RC_OK;
}

static enum rc write_export(struct cx *cx, int fd, enum frame_format format, void *arg)
{
    int64_t rows;
    (void)format;
    return export_write(&rows, cx, arg, fd);
}

static enum rc export_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct export_options options;
    enum rc rc = read_options(&options, cx, q);
    if (!rc)
        rc = page_file(cx, a, "fumin-export", options.format, write_export, &options);
    if (rc != RC_INVALID)
        return rc;
    const char *error = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    a->status = 400;
    return show_form(cx, q, a, error);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/export",
     .scope = SCOPE_PERMISSION,
     .permission = "export.run",
     .csrf = CSRF_NONE,
     .handle = export_get},
    {.method = METHOD_POST,
     .path = "/export",
     .scope = SCOPE_PERMISSION,
     .permission = "export.run",
     .csrf = CSRF_TOKEN,
     .body_max = 16384,
     .time_ms_max = 600000,
     .heavy = true,
     .handle = export_post},
};
const struct route_table export_routes = ROUTE_TABLE(rows);

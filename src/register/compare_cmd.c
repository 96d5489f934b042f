/* `fumin compare`: a list of another department is compared with the register, in this process.
 */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "register/area.h"
#include "register/compare.h"
#include "register/compare.sql.h"
#include "store/store.h"
#include "web/app.h"
#include "web/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    OPT_FILE,
    OPT_DB,
    OPT_KIND,
    OPT_DATE,
    OPT_AREA,
    OPT_DEADLINE,
    OPT_UNDO,
    OPT_YES,
    OPT_COUNT
};
static const struct option_row rows[OPT_COUNT] = {
    {NULL, "FILE", OPTION_TEXT, N_("CSV or XLSX file of the department"), false},
    {"db", "DIR", OPTION_TEXT, N_("the database's folder"), true},
    {"kind", "KIND", OPTION_TEXT, N_("kind of list: a code of the profile's lists.csv"), false},
    {"date", "DATE", OPTION_TEXT, N_("date of the list, e.g. 2026-11-01"), false},
    {"area", "CODE", OPTION_TEXT,
     N_("official code of the area that the list covers; default: the only county"), false},
    {"deadline", "DATE", OPTION_TEXT, N_("of its findings; default: the profile's days"),
     false},
    {"undo", "ID", OPTION_INT, N_("take the list of that number back instead"), false},
    {"yes", NULL, OPTION_FLAG, N_("compare even if a list of this kind is in force"), false},
};

static enum rc unknown_kind(struct cx *cx)
{
    const struct list_kinds *k = cx->profile->compared;
    const char *all = "";
    for (size_t i = 0; i < k->count; i++)
        all = arena_printf(cx->arena, "%s%s%s", all, *all ? ", " : "", k->kinds[i].code);
    return fail_f(cx, RC_INVALID, _("Name the kind of list with --kind: %s."), all);
}

static enum rc find_area(int64_t *id, struct cx *cx, const struct option_value *v)
{
    struct db_rows found;
    struct area area;
    size_t n = 0;
    if (v[OPT_AREA].given) {
        TRY(area_by_code(&area, cx, str_of(v[OPT_AREA].text),
                         day_at(cx->now_at, cx->profile->zone_offset_min)));
        *id = area.id;
        return RC_OK;
    }
    TRY(DB_SELECT(&found, cx, &COMPARE_TENANTS, V_I(cx->profile->tenant_level)));
    while (db_next(&found)) {
        *id = row_i64(&found, COMPARE_TENANTS_ID);
        n++;
    }
    TRY(db_done(&found));
    return n == 1 ? RC_OK
                  : fail(cx, RC_INVALID, _("Say with --area which county the list is about."),
                         "counties=%zu", n);
}

static enum rc store_file(int64_t *document, struct cx *cx, const char *path)
{
    bool is_new;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_f(cx, RC_NOTFOUND, _("The file %s cannot be opened: %s"), path,
                      strerrordesc_np(errno));
    const char *slash = strrchr(path, '/');
    enum rc rc = store_put(document, &is_new, cx, 0, "compare", slash ? slash + 1 : path,
                           "application/octet-stream", fd);
    close(fd);
    return rc;
}

/* A list of the kind that the new one would replace. */
static enum rc check_present(struct cx *cx, const struct list_kind *kind, int64_t area_id)
{
    struct compare_list *all;
    struct area area;
    size_t count;
    TRY(area_get(&area, cx, area_id));
    TRY(compare_list_all(&all, &count, cx));
    for (size_t i = 0; i < count; i++)
        if (all[i].kind == kind && all[i].state == COMPARE_DONE &&
            str_starts(str_of(all[i].area_path), str_of(area.path)))
            return fail_f(cx, RC_CONFLICT,
                          _("List %s of %s is in force and would be replaced. Say --yes."),
                          arena_printf(cx->arena, "%" PRId64, all[i].id),
                          format_day(cx, all[i].list_day));
    return RC_OK;
}

static enum rc print_result(struct cx *cx, int64_t id)
{
    struct compare_list l;
    struct compare_rule_count *counts;
    size_t count;
    TRY(compare_get(&l, cx, id));
    printf(_("List %s: %s rows, %s found by number, %s by score, %s decided, %s to be decided, "
             "%s not in the register, %s refused.\n"),
           arena_printf(cx->arena, "%" PRId64, l.id), format_int(cx, l.rows_total),
           format_int(cx, l.rows_identity), format_int(cx, l.rows_score),
           format_int(cx, l.rows_decided), format_int(cx, l.rows_review),
           format_int(cx, l.rows_lost), format_int(cx, l.rows_refused));
    TRY(compare_rule_counts(&counts, &count, cx, &l));
    for (size_t i = 0; i < count; i++)
        printf(_("  %s open: %s\n"), format_int(cx, counts[i].by_state[DIFFERENCE_OPEN]),
               counts[i].rule ? LABEL(cx, counts[i].rule->message) : counts[i].rule_code);
    return RC_OK;
}

static enum rc read_new(struct compare_new *n, struct cx *cx, const struct option_value *v)
{
    const struct list_kind *kind =
        profile_list_kind(cx->profile, str_of(v[OPT_KIND].given ? v[OPT_KIND].text : ""));
    if (!v[OPT_FILE].given)
        return fail(cx, RC_INVALID, _("Name the FILE to compare, or --undo ID."), "no file");
    if (!kind)
        return unknown_kind(cx);
    n->kind = str_of(kind->code);
    if (!v[OPT_DATE].given || !day_parse(&n->list_day, str_of(v[OPT_DATE].text)))
        return fail(cx, RC_INVALID, _("Give the list's date with --date 2026-11-01."), "date");
    if (v[OPT_DEADLINE].given && !day_parse(&n->deadline_day, str_of(v[OPT_DEADLINE].text)))
        return fail(cx, RC_INVALID, _("Please write a date as 2026-11-23."), "deadline");
    TRY(find_area(&n->area_id, cx, v));
    return v[OPT_YES].given ? RC_OK : check_present(cx, kind, n->area_id);
}

static enum rc run(struct cx *cx, const struct option_value *v)
{
    struct compare_new n = {0};
    int64_t id;
    bool is_new;
    if (v[OPT_UNDO].given) {
        TRY(compare_undo_now(cx, v[OPT_UNDO].number));
        printf("%s\n", _("Taken back."));
        return RC_OK;
    }
    TRY(read_new(&n, cx, v));
    TRY(store_file(&n.document_id, cx, v[OPT_FILE].text));
    TRY(compare_add(&id, &is_new, cx, &n));
    if (is_new)
        TRY(compare_run_now(cx, id, 0, 0));
    else
        printf("%s\n", _("This file was compared before; here is its result."));
    return print_result(cx, id);
}

int compare_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    enum rc rc = options_parse(v, cx, rows, OPT_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    return run(cx, v) ? command_failed(cx) : EXIT_OK;
}

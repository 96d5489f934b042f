/* `fumin import`: check a file, and take it over unless --dry-run. */
#include "base/format.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "register/import.h"
#include "store/store.h"
#include "web/app.h"
#include "web/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    OPT_FILE,
    OPT_DB,
    OPT_MAPPING,
    OPT_YEAR,
    OPT_DRY_RUN,
    OPT_REFUSED,
    OPT_FORMAT,
    OPT_UNDO,
    OPT_RESUME,
    OPT_YES,
    OPT_COUNT
};
static const struct option_row rows[OPT_COUNT] = {
    {NULL, "FILE", OPTION_TEXT, N_("CSV, XLSX, Stata or SPSS file"), false},
    {"db", "DIR", OPTION_TEXT, N_("the database's folder"), true},
    {"mapping", "NAME", OPTION_TEXT,
     N_("mapping of the profile, or a mapping file; default: recognised by the header"), false},
    {"year", "YEAR", OPTION_INT,
     N_("year the figures are about, when the file has no column for it"), false},
    {"dry-run", NULL, OPTION_FLAG, N_("check only: say what would happen, change nothing"),
     false},
    {"refused", "FILE", OPTION_TEXT,
     N_("write the refused rows with reasons to FILE (.csv or .xlsx)"), false},
    {"format", "text|json|csv", OPTION_TEXT, N_("default text; json and csv list the findings"),
     false},
    {"undo", "ID", OPTION_INT, N_("take the import of that number back instead"), false},
    {"resume", "ID", OPTION_INT, N_("go on with an import that a crash cut off"), false},
    {"yes", NULL, OPTION_FLAG, N_("take the file over even if its title names another year"),
     false},
};
enum { FINDINGS_SHOWN = 20, FINDINGS_LISTED = 10000 };

static enum rc add_file(int64_t *id, struct cx *cx, const struct option_value *v)
{
    const char *path = v[OPT_FILE].text;
    int64_t document;
    bool is_new;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_f(cx, RC_NOTFOUND, _("The file %s cannot be opened: %s"), path,
                      strerrordesc_np(errno));
    const char *slash = strrchr(path, '/');
    enum rc rc = store_put(&document, &is_new, cx, 0, "import", slash ? slash + 1 : path,
                           "application/octet-stream", fd);
    close(fd);
    TRY(rc);
    const char *mapping = v[OPT_MAPPING].given ? v[OPT_MAPPING].text : "";
    return import_add(id, cx, 0, document, str_of(mapping), (int32_t)v[OPT_YEAR].number);
}

static void print_text(struct cx *cx, const struct import *i, const struct finding *findings,
                       size_t count)
{
    const struct change_counts *c = &i->counts;
    printf(_("Import %s: %s, %s rows, %s good, %s refused.\n"),
           arena_printf(cx->arena, "%" PRId64, i->id), i->file_name,
           format_int(cx, i->rows_total), format_int(cx, i->rows_good),
           format_int(cx, i->rows_refused));
    printf(_("Households: %s new, %s changed, %s unchanged.\n"),
           format_int(cx, c->households[CHANGE_NEW]),
           format_int(cx, c->households[CHANGE_CHANGED]),
           format_int(cx, c->households[CHANGE_NONE]));
    printf(_("People: %s new, %s changed, %s unchanged.\n"),
           format_int(cx, c->people[CHANGE_NEW]), format_int(cx, c->people[CHANGE_CHANGED]),
           format_int(cx, c->people[CHANGE_NONE]));
    if (c->incomes[CHANGE_NEW] || c->incomes[CHANGE_CHANGED] || c->incomes[CHANGE_NONE])
        printf(_("Incomes: %s new, %s changed, %s unchanged.\n"),
               format_int(cx, c->incomes[CHANGE_NEW]),
               format_int(cx, c->incomes[CHANGE_CHANGED]),
               format_int(cx, c->incomes[CHANGE_NONE]));
    for (size_t k = 0; k < count && k < FINDINGS_SHOWN; k++) {
        const struct finding *f = &findings[k];
        printf(
            "  %s %s%s%s%s%s: %s\n", f->level == FINDING_ERROR ? _("refused") : _("look at it"),
            f->row ? arena_printf(cx->arena, _("row %s"), format_int(cx, f->row)) : _("file"),
            f->column[0] ? ", " : "", f->column, f->value[0] ? " = " : "", f->value,
            f->message);
    }
    if (i->error_count + i->warning_count > FINDINGS_SHOWN)
        printf(_("… %s findings in all; --format csv lists them, --refused FILE gives the rows "
                 "to correct.\n"),
               format_int(cx, i->error_count + i->warning_count));
    printf("%s\n", i->state == IMPORT_DONE ? _("Taken over.")
                                           : _("Checked only: nothing was changed."));
}

static void put_counts(struct json *j, const char *key, const int64_t counts[3])
{
    json_key(j, key);
    json_object_begin(j);
    json_put_i64(j, "new", counts[CHANGE_NEW]);
    json_put_i64(j, "changed", counts[CHANGE_CHANGED]);
    json_put_i64(j, "unchanged", counts[CHANGE_NONE]);
    json_object_end(j);
}

static void print_json(struct cx *cx, const struct import *i, const struct finding *findings,
                       size_t count)
{
    struct buf b;
    struct json j;
    buf_init(&b, cx->arena, LIMIT_JOB_ARENA / 2);
    json_init(&j, &b);
    json_object_begin(&j);
    json_put_i64(&j, "id", i->id);
    json_put_z(&j, "state", i->state == IMPORT_DONE ? "done" : "checked");
    json_put_i64(&j, "rows", i->rows_total);
    json_put_i64(&j, "good", i->rows_good);
    json_put_i64(&j, "refused", i->rows_refused);
    put_counts(&j, "households", i->counts.households);
    put_counts(&j, "people", i->counts.people);
    put_counts(&j, "incomes", i->counts.incomes);
    json_key(&j, "findings");
    json_array_begin(&j);
    for (size_t k = 0; k < count; k++) {
        json_object_begin(&j);
        json_put_i64(&j, "row", findings[k].row);
        json_put_z(&j, "level", findings[k].level == FINDING_ERROR ? "error" : "warning");
        json_put_z(&j, "code", findings[k].code);
        json_put_z(&j, "column", findings[k].column);
        json_put_z(&j, "value", findings[k].value);
        json_put_z(&j, "message", findings[k].message);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    printf("%.*s\n", STR_ARG(buf_view(&b)));
}

/* One CSV field, quoted. */
static void print_field(const char *text, const char *end)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    printf("\"%s", end);
}

static void print_csv(const struct finding *findings, size_t count)
{
    printf("row,level,code,column,value,message\n");
    for (size_t k = 0; k < count; k++) {
        printf("%" PRId64 ",%s,%s,", findings[k].row,
               findings[k].level == FINDING_ERROR ? "error" : "warning", findings[k].code);
        print_field(findings[k].column, ",");
        print_field(findings[k].value, ",");
        print_field(findings[k].message, "\n");
    }
}

static enum rc print_result(struct cx *cx, int64_t id, const struct option_value *v,
                            bool *refused)
{
    struct import i;
    struct finding *findings;
    size_t count;
    const char *format = v[OPT_FORMAT].given ? v[OPT_FORMAT].text : "text";
    TRY(import_get(&i, cx, id));
    TRY(import_findings(&findings, &count, cx,
                        &(struct finding_query){id, FINDING_ANY, STR(""), 0, FINDINGS_LISTED}));
    *refused = *refused || i.rows_refused > 0;
    if (!strcmp(format, "json"))
        print_json(cx, &i, findings, count);
    else if (!strcmp(format, "csv"))
        print_csv(findings, count);
    else
        print_text(cx, &i, findings, count);
    return RC_OK;
}

static enum rc write_refused(struct cx *cx, int64_t id, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_f(cx, RC_IO, _("The file %s cannot be written: %s"), path,
                      strerrordesc_np(errno));
    enum rc rc = import_refused_write(
        cx, id, str_ends(str_of(path), STR(".xlsx")) ? STR("xlsx") : STR("csv"), fd);
    close(fd);
    return rc;
}

/* A title of another year: a person should look before the figures go into the wrong year. */
static enum rc names_other_year(bool *doubtful, struct cx *cx, int64_t id)
{
    struct finding *findings;
    size_t count;
    TRY(import_findings(&findings, &count, cx,
                        &(struct finding_query){id, FINDING_ANY, STR("year.title"), 0, 1}));
    *doubtful = count > 0;
    return RC_OK;
}

static enum rc run(struct cx *cx, const struct option_value *v, bool *refused)
{
    int64_t id = v[OPT_UNDO].number;
    if (v[OPT_UNDO].given) {
        TRY(import_undo_now(cx, id));
        printf("%s\n", _("Taken back."));
        return RC_OK;
    }
    if (v[OPT_RESUME].given) {
        TRY(import_apply_now(cx, v[OPT_RESUME].number));
        return print_result(cx, v[OPT_RESUME].number, v, refused);
    }
    if (!v[OPT_FILE].given)
        return fail(cx, RC_INVALID, _("Name the FILE to import, or --undo ID."), "no file");
    TRY(add_file(&id, cx, v));
    TRY(import_check_now(cx, id));
    bool doubtful;
    TRY(names_other_year(&doubtful, cx, id));
    *refused = doubtful && !v[OPT_YES].given;
    if (!v[OPT_DRY_RUN].given && !*refused)
        TRY(import_apply_now(cx, id));
    TRY(print_result(cx, id, v, refused));
    return v[OPT_REFUSED].given && *refused ? write_refused(cx, id, v[OPT_REFUSED].text)
                                            : RC_OK;
}

int import_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    bool refused = false;
    enum rc rc = options_parse(v, cx, rows, OPT_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    if (run(cx, v, &refused))
        return command_failed(cx);
    return refused ? EXIT_FINDINGS : EXIT_OK;
}

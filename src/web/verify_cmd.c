/* `fumin verify`: recomputes everything that must agree and lists what does not. */
#include "base/format.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "register/apply.h"
#include "store/store.h"
#include "web/app.h"
#include "web/commands.h"

enum { OPT_DB, OPT_SAMPLE, OPT_FORMAT, OPT_COUNT };
static const struct option_row rows[OPT_COUNT] = {
    {"db", "DIR", OPTION_TEXT, N_("the database's folder"), true},
    {"sample", "N", OPTION_INT, N_("compare only N households with the journal; default all"),
     false},
    {"format", "text|json|csv", OPTION_TEXT, N_("default text"), false},
};

struct verify_result {
    int64_t documents, document_faults;
    struct verify_fault *faults;
    size_t fault_count;
    struct ledger_fault *ledger;
    size_t ledger_count;
};

static bool is_sound(const struct verify_result *r)
{
    return r->document_faults == 0 && r->fault_count == 0 && r->ledger_count == 0;
}

static void print_text(struct cx *cx, const struct verify_result *r)
{
    for (size_t i = 0; i < r->fault_count; i++)
        printf("%s (county %" PRId64 ", id %" PRId64 ")\n", r->faults[i].what,
               r->faults[i].county, r->faults[i].id);
    for (size_t i = 0; i < r->ledger_count; i++)
        printf("%s (county %" PRId64 ", id %" PRId64 ")\n", r->ledger[i].what,
               r->ledger[i].county, r->ledger[i].id);
    printf(_("Documents: %s read, %s missing or damaged.\n"), format_int(cx, r->documents),
           format_int(cx, r->document_faults));
    if (r->fault_count || r->document_faults)
        printf(_("Register: %zu faults.\n"), r->fault_count);
    else
        printf("%s\n", _("Register: everything agrees."));
    if (r->ledger_count)
        printf(_("Ledger: %zu faults.\n"), r->ledger_count);
    else
        printf("%s\n", _("Ledger: everything agrees."));
}

static void json_fault(struct json *j, const char *what, int64_t county, int64_t id)
{
    json_object_begin(j);
    json_put_z(j, "what", what);
    json_put_i64(j, "county", county);
    json_put_i64(j, "id", id);
    json_object_end(j);
}

static void print_json(struct cx *cx, const struct verify_result *r)
{
    struct buf b;
    struct json j;
    buf_init(&b, cx->arena, LIMIT_REQUEST_ARENA);
    json_init(&j, &b);
    json_object_begin(&j);
    json_put_i64(&j, "documents", r->documents);
    json_put_i64(&j, "document_faults", r->document_faults);
    json_key(&j, "faults");
    json_array_begin(&j);
    for (size_t i = 0; i < r->fault_count; i++)
        json_fault(&j, r->faults[i].what, r->faults[i].county, r->faults[i].id);
    json_array_end(&j);
    json_key(&j, "ledger_faults");
    json_array_begin(&j);
    for (size_t i = 0; i < r->ledger_count; i++)
        json_fault(&j, r->ledger[i].what, r->ledger[i].county, r->ledger[i].id);
    json_array_end(&j);
    json_object_end(&j);
    printf("%.*s\n", STR_ARG(buf_view(&b)));
}

static void print_csv(const struct verify_result *r)
{
    printf("what,county,id\n");
    for (size_t i = 0; i < r->fault_count; i++)
        printf("\"%s\",%" PRId64 ",%" PRId64 "\n", r->faults[i].what, r->faults[i].county,
               r->faults[i].id);
    for (size_t i = 0; i < r->ledger_count; i++)
        printf("\"%s\",%" PRId64 ",%" PRId64 "\n", r->ledger[i].what, r->ledger[i].county,
               r->ledger[i].id);
}

int verify_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    enum rc rc = options_parse(v, cx, rows, OPT_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    const char *format = v[OPT_FORMAT].given ? v[OPT_FORMAT].text : "text";
    struct verify_result r = {0};
    if (store_verify(&r.documents, &r.document_faults, cx) ||
        register_verify(&r.faults, &r.fault_count, cx, v[OPT_SAMPLE].number) ||
        ledger_verify(&r.ledger, &r.ledger_count, cx))
        return command_failed(cx);
    if (!strcmp(format, "json"))
        print_json(cx, &r);
    else if (!strcmp(format, "csv"))
        print_csv(&r);
    else
        print_text(cx, &r);
    return is_sound(&r) ? EXIT_OK : EXIT_FINDINGS;
}

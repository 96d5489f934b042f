/* `fumin verify`: recomputes everything that must agree and lists what does not. */
#include "base/format.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "register/apply.h"
#include "sale/sale.h"
#include "stock/stock.h"
#include "store/store.h"
#include "web/app.h"
#include "web/commands.h"
#include "web/market.h"

enum { OPT_DB, OPT_SAMPLE, OPT_FORMAT, OPT_COUNT };
static const struct option_row rows[OPT_COUNT] = {
    {"db", "DIR", OPTION_TEXT, N_("the database's folder"), true},
    {"sample", "N", OPTION_INT, N_("compare only N households with the journal; default all"),
     false},
    {"format", "text|json|csv", OPTION_TEXT, N_("default text"), false},
};

/* What is proved, in order. `json` is the key of its faults. */
enum { PART_REGISTER, PART_LEDGER, PART_MARKET_LEDGER, PART_STOCK, PART_SALE, PART_COUNT };
static const struct {
    const char *json, *name;
} parts[PART_COUNT] = {
    {"faults", N_("Register")},
    {"ledger_faults", N_("Ledger")},
    {"market_ledger_faults", N_("Ledger of the market")},
    {"stock_faults", N_("Stock")},
    {"order_faults", N_("Orders")},
};
struct verify_result {
    bool market; /* there is one: the parts from PART_MARKET_LEDGER on were looked at */
    int64_t documents, document_faults;
    struct verify_fault *faults[PART_COUNT];
    size_t count[PART_COUNT];
};

static bool is_sound(const struct verify_result *r)
{
    bool sound = r->document_faults == 0;
    for (int p = 0; p < PART_COUNT; p++)
        sound = sound && r->count[p] == 0;
    return sound;
}

static void print_text(struct cx *cx, const struct verify_result *r)
{
    for (int p = 0; p < PART_COUNT; p++)
        for (size_t i = 0; i < r->count[p]; i++)
            printf("%s (county %" PRId64 ", id %" PRId64 ")\n", r->faults[p][i].what,
                   r->faults[p][i].county, r->faults[p][i].id);
    printf(_("Documents: %s read, %s missing or damaged.\n"), format_int(cx, r->documents),
           format_int(cx, r->document_faults));
    for (int p = 0; p < (r->market ? PART_COUNT : PART_MARKET_LEDGER); p++) {
        const char *name = text_in(cx->lang, parts[p].name);
        if (r->count[p] || (p == PART_REGISTER && r->document_faults))
            printf(_("%s: %zu faults.\n"), name, r->count[p]);
        else
            printf(_("%s: everything agrees.\n"), name);
    }
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
    for (int p = 0; p < PART_COUNT; p++) {
        json_key(&j, parts[p].json);
        json_array_begin(&j);
        for (size_t i = 0; i < r->count[p]; i++)
            json_fault(&j, r->faults[p][i].what, r->faults[p][i].county, r->faults[p][i].id);
        json_array_end(&j);
    }
    json_object_end(&j);
    printf("%.*s\n", STR_ARG(buf_view(&b)));
}

static void print_csv(const struct verify_result *r)
{
    printf("what,county,id\n");
    for (int p = 0; p < PART_COUNT; p++)
        for (size_t i = 0; i < r->count[p]; i++)
            printf("\"%s\",%" PRId64 ",%" PRId64 "\n", r->faults[p][i].what,
                   r->faults[p][i].county, r->faults[p][i].id);
}

/* The market's own database, when there is one. */
static enum rc verify_market(struct verify_result *r, struct cx *market)
{
    int64_t documents, faults;
    TRY(store_verify(&documents, &faults, market));
    r->documents += documents;
    r->document_faults += faults;
    TRY(ledger_verify(&r->faults[PART_MARKET_LEDGER], &r->count[PART_MARKET_LEDGER], market));
    TRY(stock_verify(&r->faults[PART_STOCK], &r->count[PART_STOCK], market));
    return sale_verify(&r->faults[PART_SALE], &r->count[PART_SALE], market);
}

/* What is found lies in the market's arena, which stays. */
static enum rc open_and_verify_market(struct verify_result *r, struct cx *cx)
{
    struct app app;
    struct cx market;
    if (!market_exists(cx, cx->dir))
        return RC_OK;
    r->market = true;
    cx_init(&market, cx->arena);
    market.lang = cx->lang;
    enum rc rc = app_open_beside(&app, &market, cx->dir);
    if (!rc) {
        rc = verify_market(r, &market);
        app_close(&app, &market);
    }
    if (rc)
        cx->err = market.err;
    return rc;
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
        register_verify(&r.faults[PART_REGISTER], &r.count[PART_REGISTER], cx,
                        v[OPT_SAMPLE].number) ||
        ledger_verify(&r.faults[PART_LEDGER], &r.count[PART_LEDGER], cx) ||
        open_and_verify_market(&r, cx))
        return command_failed(cx);
    if (!strcmp(format, "json"))
        print_json(cx, &r);
    else if (!strcmp(format, "csv"))
        print_csv(&r);
    else
        print_text(cx, &r);
    return is_sound(&r) ? EXIT_OK : EXIT_FINDINGS;
}

/* `fumin snapshot`: a frozen copy of a county's columns as a folder of raw files (see
 * doc/snapshot.md). Expects what main opens for NEEDS_DB. */
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "register/area.h"
#include "register/columns.h"
#include "register/journal.sql.h"
#include "web/app.h"
#include "web/commands.h"

enum { OPT_DB, OPT_COUNTY, OPT_YEAR, OPT_OUT, OPT_COUNT };
static const struct option_row rows[OPT_COUNT] = {
    {"db", "DIR", OPTION_TEXT, N_("the database's folder"), true},
    {"county", "N|CODE", OPTION_TEXT,
     N_("number or official code of a county; default: the only one"), false},
    {"year", "YEAR", OPTION_INT, N_("default: all years"), false},
    {"out", "FOLDER", OPTION_TEXT, N_("where the snapshot's folder is put"), true},
};

/* The one county that has ever recorded anything. */
static enum rc only_county(int64_t *county, struct cx *cx)
{
    struct db_rows found;
    int64_t count = 0;
    TRY(DB_SELECT(&found, cx, &JOURNAL_COUNTIES, V_I(0), V_I(2)));
    while (db_next(&found)) {
        *county = row_i64(&found, JOURNAL_COUNTIES_COUNTY);
        count++;
    }
    TRY(db_done(&found));
    if (count == 1)
        return RC_OK;
    return fail(cx, RC_INVALID,
                count ? _("There are several counties: say which with --county.")
                      : _("There is no county with data yet."),
                "counties=%d", (int)count);
}

/* The county by its number of the journal, or by its code. */
static enum rc read_county(int64_t *county, struct cx *cx, const char *text)
{
    struct area area;
    int64_t number;
    if (!text)
        return only_county(county, cx);
    if (str_to_i64(&number, str_of(text)) && number > 0 && number < 100000) {
        *county = number;
        return RC_OK;
    }
    int32_t today = day_at(cx->now_at, cx->profile->zone_offset_min);
    enum rc rc = area_by_code(&area, cx, str_of(text), today);
    if (rc == RC_NOTFOUND || (rc == RC_OK && area.county == 0)) {
        err_clear(cx);
        return fail_f(cx, RC_NOTFOUND, _("There is no county with the number or code %s."),
                      text);
    }
    TRY(rc);
    *county = area.county;
    return RC_OK;
}

static enum rc freeze(const char **name, struct cx *cx, const struct option_value *v)
{
    int64_t county = 0;
    struct columns *c;
    TRY(read_county(&county, cx, v[OPT_COUNTY].given ? v[OPT_COUNTY].text : NULL));
    TRY(columns_open(&c, cx, county));
    enum rc rc = columns_freeze(name, cx, c, (int32_t)v[OPT_YEAR].number, v[OPT_OUT].text);
    columns_close(c);
    return rc;
}

int snapshot_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    const char *name;
    enum rc rc = options_parse(v, cx, rows, OPT_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    if (v[OPT_YEAR].given && (v[OPT_YEAR].number < 1900 || v[OPT_YEAR].number > 2200)) {
        (void)fail(cx, RC_INVALID, _("The year should be a number such as 2025."), "year");
        return command_usage(cx, RC_INVALID);
    }
    if (freeze(&name, cx, v))
        return command_failed(cx);
    printf("%s/%s\n", v[OPT_OUT].text, name);
    return EXIT_OK;
}

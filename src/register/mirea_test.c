/* Test of the invented country Mirea on both databases: its settlement book comes in by its own
 * mapping (no identity numbers, given names first, a coin without decimals), and its insurer's
 * list names the household of the story and what raises the alert. */
#include "base/time.h"
#include "frame/rows.h"
#include "profile/alerts.h"
#include "register/columns.h"
#include "register/compare.h"
#include "register/import.h"
#include "register/register_fixture.h"
#include "store/store.h"

#include <unistd.h>

enum { HOUSEHOLDS = 60, PEOPLE = 244, BILLS = 10, FILE_MAX = 1 << 20, DAYS_OLD = 3 };
#define BOOK       "test/data/mirea/settlement_book.csv"
#define BILLS_FILE "test/data/mirea/insurer_list.csv"

struct mirea {
    struct profile *profile;
    struct vault *vault;
    struct columns_cache *columns;
    const char *dir;
    int64_t county, district;
};

/* The register begins with the region and the district; wards and settlements come with the
 * book. */
static enum rc install(struct cx *cx, void *arg)
{
    struct mirea *m = arg;
    int64_t region;
    TRY(sheet_install(cx));
    TRY(area_add(&region, cx, 0, 0, STR("11"), STR("North Mirea"), 0));
    return area_add(&m->district, cx, region, 1, STR("1101"), STR("Sella"), 0);
}

static int64_t stored(struct cx *cx, const char *path, const char *kind)
{
    struct file_temp temp;
    struct str text;
    int64_t document;
    bool is_new;
    check_ok(cx, file_read(&text, cx, path, FILE_MAX));
    check_ok(cx, file_temp_open(&temp, cx, cx->dir));
    check_ok(cx, file_put(cx, temp.fd, text.p, text.len, "file"));
    check_ok(cx, store_put(&document, &is_new, cx, 0, kind, "x.csv", "text/csv", temp.fd));
    file_temp_drop(&temp);
    return document;
}

static void open_mirea(struct mirea *m, struct cx *cx)
{
    struct profile_faults faults = {0};
    *m = (struct mirea){.dir = check_dir(cx)};
    const char *key = arena_printf(cx->arena, "%s/key", m->dir);
    check_ok(cx, profile_load_embedded(&m->profile, &faults, cx, "mirea"));
    check_ok(cx, vault_create(cx, key));
    check_ok(cx, vault_open(&m->vault, cx, key));
    cx->profile = m->profile;
    cx->vault = m->vault;
    cx->dir = m->dir;
    cx->actor = NULL;
    check_ok(cx, db_write(cx, 0, install, m));
    check_ok(cx, columns_cache_open(&m->columns, cx));
    cx->columns = m->columns;
}

static void close_mirea(struct mirea *m, struct cx *cx)
{
    cx->columns = NULL;
    columns_cache_close(m->columns);
    cx->profile = NULL;
    cx->vault = NULL;
    cx->dir = NULL;
    vault_close(m->vault);
    profile_free(m->profile);
    check_dir_remove(cx, m->dir);
}

static void import_book(struct mirea *m, struct cx *cx)
{
    struct import i;
    struct area district;
    int64_t id;
    check_ok(cx, import_add(&id, cx, 0, stored(cx, BOOK, "import"), STR(""), 2026));
    check_ok(cx, import_check_now(cx, id));
    check_ok(cx, import_apply_now(cx, id));
    check_ok(cx, import_get(&i, cx, id));
    assert_string_equal(i.mapping, "settlement_book"); /* guessed by the header */
    assert_int_equal(i.state, IMPORT_DONE);
    assert_int_equal(i.error_count, 0);
    assert_int_equal(i.rows_good, PEOPLE);
    assert_int_equal(i.counts.households[CHANGE_NEW], HOUSEHOLDS);
    assert_int_equal(i.counts.people[CHANGE_NEW], PEOPLE);
    m->county = i.county;
    check_ok(cx, area_get(&district, cx, m->district));
    assert_int_equal(district.county, m->county); /* the one that was there */
}

static void story_on(struct cx *cx)
{
    struct mirea m;
    struct household h;
    struct compare_list l;
    struct compare_finding *found;
    size_t count;
    const char *next;
    int64_t id;
    bool is_new, named = false;
    open_mirea(&m, cx);
    import_book(&m, cx);
    check_ok(cx, household_by_code(&h, cx, m.county, STR("K-017")));
    struct compare_new n = {.area_id = m.district,
                            .kind = STR("insurer"),
                            .document_id = stored(cx, BILLS_FILE, "compare"),
                            .list_day = register_today(cx) - DAYS_OLD};
    check_ok(cx, compare_add(&id, &is_new, cx, &n));
    check_ok(cx, compare_run_now(cx, id, 0, 0));
    check_ok(cx, compare_get(&l, cx, id));
    assert_int_equal(l.state, COMPARE_DONE);
    assert_int_equal(l.rows_total, BILLS);
    assert_int_equal(l.rows_refused, 0);
    assert_int_equal(l.rows_identity, 0); /* there are no identity numbers */
    assert_true(l.rows_score >= BILLS - 3);
    assert_true(l.rows_lost >= 1); /* the stranger */
    check_ok(cx, compare_findings(&found, &count, &next, cx,
                                  &(struct compare_query){.list_id = id, .limit = 200}));
    for (size_t i = 0; i < count; i++) {
        const struct alert_rule *a = profile_alert_of_list(
            cx->profile, str_of(found[i].kind_code), str_of(found[i].rule_code));
        assert_non_null(a);
        assert_int_equal(a->colour, ALERT_RED);
        assert_string_equal(a->measure->code, "bill_cover");
        named = named || found[i].household_id == h.id;
    }
    assert_true(named);
    close_mirea(&m, cx);
}
static void story(void **state)
{
    (void)state;
    db_fixture_each(story_on);
}

int main(int argc, char **argv)
{
    crypto_init();
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {cmocka_unit_test(story)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

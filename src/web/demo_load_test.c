/* The whole way on both databases: the made-up county's files go through the normal door, and
 * what the import finds is what was planted. */
#include "base/check.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/vault.h"
#include "db/db_fixture.h"
#include "frame/rows.h"
#include "people/user.h"
#include "profile/sheet.h"
#include "register/apply.h"
#include "register/columns.h"
#include "register/import.h"
#include "register/office.h"
#include "web/demo.h"
#include "web/jobs.h"

enum { HOUSEHOLDS = 120, YEAR = 2024, SEED = 4, FINDINGS_MAX = 500, PLANTED_MAX = 200 };

static enum rc install_sheets(struct cx *cx, void *arg)
{
    (void)arg;
    return sheet_install(cx);
}

/* One line of truth.csv. */
struct planted {
    struct str file, column, kind, effect;
    int64_t row;
};

static size_t read_truth(struct planted *out, struct cx *cx, const char *dir)
{
    struct str text;
    size_t count = 0;
    check_ok(cx, file_read(&text, cx, arena_printf(cx->arena, "%s/truth.csv", dir), 1 << 20));
    (void)str_cut(&text, '\n');
    while (text.p) {
        struct str line = str_trim(str_cut(&text, '\n'));
        if (!line.len)
            continue;
        assert_true(count < PLANTED_MAX);
        struct planted *p = &out[count++];
        p->file = str_cut(&line, ',');
        assert_true(str_to_i64(&p->row, str_cut(&line, ',')));
        p->column = str_cut(&line, ',');
        p->kind = str_cut(&line, ',');
        p->effect = str_cut(&line, ',');
    }
    return count;
}

/* Every planted mistake is found at its row with the weight it was given, and no row is refused
 * that has none. (A refused member also makes the size of its household differ: a warning.) */
static void compare(struct cx *cx, const struct import *i, const struct planted *planted,
                    size_t count)
{
    struct finding *found;
    size_t found_count;
    check_ok(cx, import_findings(
                     &found, &found_count, cx,
                     &(struct finding_query){i->id, FINDING_ANY, STR(""), 0, FINDINGS_MAX}));
    for (size_t p = 0; p < count; p++) {
        int errors = 0, warnings = 0;
        if (!str_eq_z(planted[p].file, i->file_name))
            continue;
        for (size_t k = 0; k < found_count; k++) {
            bool here = found[k].row == planted[p].row;
            errors += here && found[k].level == FINDING_ERROR;
            warnings += here && found[k].level == FINDING_WARNING;
        }
        if (str_eq_z(planted[p].effect, "read"))
            assert_int_equal(errors, 0);
        else if (str_eq_z(planted[p].effect, "value"))
            assert_true(!errors && warnings);
        else
            assert_true(errors);
    }
    for (size_t k = 0; k < found_count; k++) {
        bool known = found[k].level == FINDING_WARNING;
        for (size_t p = 0; p < count && !known; p++)
            known = str_eq_z(planted[p].file, i->file_name) && planted[p].row == found[k].row;
        known = known || !strcmp(found[k].code, "household.two_heads");
        if (!known)
            print_error("row %d: %s\n", (int)found[k].row, found[k].code);
        assert_true(known);
    }
}

static void load_on(struct cx *cx)
{
    struct profile_faults faults = {0};
    struct profile *profile;
    struct columns_cache *columns;
    struct vault *vault;
    struct demo_county *c;
    struct demo_files *f;
    struct import *imports;
    struct verify_fault *broken;
    size_t import_count, broken_count;
    bool synthetic;
    struct planted *planted = arena_new(cx->arena, PLANTED_MAX * sizeof *planted);
    const char *dir = check_dir(cx), *key = arena_printf(cx->arena, "%s/key", dir);
    const char *files = arena_printf(cx->arena, "%s/files", dir);
    check_ok(cx, profile_load_embedded(&profile, &faults, cx, "cn"));
    check_ok(cx, vault_create(cx, key));
    check_ok(cx, vault_open(&vault, cx, key));
    cx->profile = profile;
    cx->vault = vault;
    cx->dir = dir;
    office_begin();
    check_ok(cx, db_write(cx, 0, install_sheets, NULL));
    check_ok(cx, columns_cache_open(&columns, cx));
    cx->columns = columns;
    check_ok(cx, demo_county_make(&c, cx, SEED, HOUSEHOLDS, YEAR));
    check_ok(cx, demo_files_open(&f, cx, files, SEED));
    f->dirtiness = 20;
    check_ok(cx, demo_files_year(cx, f, c));
    check_ok(cx, demo_files_close(cx, f));
    FILE *accounts = tmpfile();
    check_ok(cx, demo_load(cx, c, f, accounts));
    fclose(accounts);

    size_t planted_count = read_truth(planted, cx, files);
    assert_int_equal(planted_count, f->planted);
    assert_in_range(planted_count, 40, PLANTED_MAX);
    check_ok(cx, import_list(&imports, &import_count, cx, 0, 20));
    assert_int_equal(import_count, f->count + 1); /* and the visits */
    for (size_t i = 0; i < import_count; i++) {
        assert_int_equal(imports[i].state, IMPORT_DONE);
        compare(cx, &imports[i], planted, planted_count);
    }
    check_ok(cx, office_any_synthetic(&synthetic, cx));
    assert_true(synthetic);
    struct user officer;
    check_ok(cx, user_by_login(&officer, cx, STR("township_officer")));
    assert_false(officer.must_change_password);
    check_ok(cx, register_verify(&broken, &broken_count, cx, 0));
    assert_int_equal(broken_count, 0);

    columns_cache_close(columns);
    cx->columns = NULL;
    cx->profile = NULL;
    cx->vault = NULL;
    cx->dir = NULL;
    vault_close(vault);
    profile_free(profile);
    check_dir_remove(cx, dir);
}

static void test_load(void **state)
{
    (void)state;
    db_fixture_each(load_on);
}

int main(int argc, char **argv)
{
    crypto_init();
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_load)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

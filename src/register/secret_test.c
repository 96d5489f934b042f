/* Tests of secret fields and of the journal's chain: nothing plain on the disk, looks logged,
 * keys dropped, tampering found; on both databases. */
#include "register/household.h"

#include "register/register_fixture.h"

#include <fcntl.h>

#define IDENTITY "520181198001011234"
#define PHONE    "13800001111"
#define ACCOUNT  "6228480402564890018"

static int64_t add_person(struct cx *cx, const struct register_fixture *f, int64_t import_id)
{
    struct source s = fixture_source(f, 11, import_id);
    struct household_record *r = fixture_household(cx, f->village[0], "H001", 1);
    fixture_person(r, 0, "王小明", 1, IDENTITY);
    r->people[0].phone = STR(PHONE);
    r->people[0].account = STR(ACCOUNT);
    if (import_id)
        r->household_id = fixture_id(cx, f, "H001");
    else
        r->people[0].code = STR("P1");
    fixture_apply(cx, &s, r);
    int64_t person_id, household_id;
    check_ok(cx, register_find_person(&person_id, &household_id, cx, f->county, STR(IDENTITY),
                                      STR("")));
    return person_id;
}

/* Does any file of the folder hold the bytes? */
static bool folder_holds(struct cx *cx, const char *dir, const char *needle)
{
    bool found = false;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        struct str bytes;
        if (strncmp(e->d_name, "fumin.db", 8) != 0)
            continue;
        check_ok(cx, file_read(&bytes, cx, arena_printf(cx->arena, "%s/%s", dir, e->d_name),
                               16 << 20));
        found = found || str_find(bytes, str_of(needle)) != SIZE_MAX;
    }
    closedir(d);
    return found;
}

/* Masked on screen, plain only with a reason that is logged first; the database's files hold no
 * plain secret, not even of changes that wait for a flip. */
static void secrets_on(struct cx *cx)
{
    struct register_fixture f;
    const char *text;
    struct look *looks;
    size_t count;
    register_fixture_open(&f, cx);
    int64_t id = add_person(cx, &f, 0);
    struct person p;
    check_ok(cx, person_get(&p, cx, id));
    assert_true(p.has_identity && p.has_phone && p.has_account);
    check_ok(cx, person_masked(&text, cx, f.county, id, SECRET_IDENTITY));
    assert_string_equal(text, "5201**********1234");
    check_ok(cx, person_masked(&text, cx, f.county, id, SECRET_PHONE));
    assert_string_equal(text, "138****1111");
    check_ok(cx, person_masked(&text, cx, f.county, id, SECRET_ACCOUNT));
    assert_string_equal(text, "***************0018");
    check_refused(cx, person_reveal(&text, cx, f.county, id, SECRET_PHONE, STR(" ")),
                  RC_INVALID);
    check_ok(cx, look_list(&looks, &count, cx, f.county, id));
    assert_int_equal(count, 0);
    check_ok(cx,
             person_reveal(&text, cx, f.county, id, SECRET_PHONE, STR("call about the roof")));
    assert_string_equal(text, PHONE);
    check_ok(cx, look_list(&looks, &count, cx, f.county, id));
    assert_int_equal(count, 1);
    /* A person from an import who brings another phone: sealed while it waits. */
    struct source s = fixture_source(&f, 12, 77);
    struct household_record *r = fixture_household(cx, f.village[0], "H001", 1);
    r->household_id = p.household_id;
    r->people[0].person_id = id;
    r->people[0].phone = STR("13999998888");
    fixture_apply(cx, &s, r);
    if (!db_is_pg(cx)) {
        assert_true(
            folder_holds(cx, db_fixture_url(cx), "王小明")); /* the search itself works */
        assert_false(folder_holds(cx, db_fixture_url(cx), IDENTITY));
        assert_false(folder_holds(cx, db_fixture_url(cx), PHONE));
        assert_false(folder_holds(cx, db_fixture_url(cx), ACCOUNT));
        assert_false(folder_holds(cx, db_fixture_url(cx), "13999998888"));
    }
    fixture_verify(cx);
    register_fixture_close(&f, cx);
}
static void secrets(void **state)
{
    (void)state;
    db_fixture_each(secrets_on);
}

/* An indicator marked secret (the disability card) is sealed in sheet and journal, compares as
 * unchanged when sent again, and opens with the person's key until that is dropped. */
static void indicator_on(struct cx *cx)
{
    struct register_fixture f;
    const char card[] = "52018119800101123443";
    register_fixture_open(&f, cx);
    int64_t id = add_person(cx, &f, 0);
    struct source s = fixture_source(&f, 12, 0);
    struct household_record *r = fixture_household(cx, 0, "", 1);
    r->household_id = fixture_id(cx, &f, "H001");
    r->people[0].person_id = id;
    fixture_value(cx, r->people[0].values, SUBJECT_PERSON, "disability_card",
                  value_text(str_of(card)));
    struct change_counts c = fixture_apply(cx, &s, r);
    assert_int_equal(c.people[CHANGE_CHANGED], 1);
    c = fixture_apply(cx, &s, r);
    assert_int_equal(c.people[CHANGE_NONE], 1);
    const struct indicator *ind =
        profile_indicator(cx->profile, SUBJECT_PERSON, STR("disability_card"));
    struct value *v = arena_new(cx->arena, cx->profile->of_count[SUBJECT_PERSON] * sizeof *v);
    struct str plain;
    check_ok(cx, sheet_get(v, cx, SUBJECT_PERSON, f.county, id, 2026));
    assert_true(str_find(v[ind->index].s, str_of(card)) == SIZE_MAX);
    check_ok(cx, person_secret_value(&plain, cx, f.county, id, v[ind->index]));
    check_str(plain, str_of(card));
    struct journal_entry e;
    check_ok(cx, journal_source(&e, cx, f.county, KIND_PERSON_SHEET, id, 2026, ind->number));
    for (size_t i = 0; i < e.field_count; i++)
        assert_true(e.fields[i].secret == (e.fields[i].field == ind->number));
    if (!db_is_pg(cx))
        assert_false(folder_holds(cx, db_fixture_url(cx), card));
    /* And with a new household. */
    struct household_record *other = fixture_household(cx, f.village[1], "H009", 1);
    fixture_person(other, 0, "钱七", 1, NULL);
    fixture_value(cx, other->people[0].values, SUBJECT_PERSON, "disability_card",
                  value_text(str_of(card)));
    fixture_apply(cx, &s, other);
    if (!db_is_pg(cx))
        assert_false(folder_holds(cx, db_fixture_url(cx), card));
    fixture_verify(cx);
    register_fixture_close(&f, cx);
}
static void indicator(void **state)
{
    (void)state;
    db_fixture_each(indicator_on);
}

struct erasing {
    int64_t county, id;
};
static enum rc erase_write(struct cx *cx, void *arg)
{
    const struct erasing *e = arg;
    return person_erase_secrets(cx, e->county, e->id);
}

/* With the key dropped nobody can reveal, the person is not found by number, and the chain,
 * which runs over the sealed bytes, still holds. */
static void erased_on(struct cx *cx)
{
    struct register_fixture f;
    const char *text;
    register_fixture_open(&f, cx);
    struct erasing e = {f.county, add_person(cx, &f, 0)};
    check_ok(cx, db_write(cx, f.county, erase_write, &e));
    check_refused(cx, person_reveal(&text, cx, f.county, e.id, SECRET_PHONE, STR("why not")),
                  RC_NOTFOUND);
    check_refused(cx, person_masked(&text, cx, f.county, e.id, SECRET_IDENTITY), RC_NOTFOUND);
    int64_t id, household;
    check_ok(cx, register_find_person(&id, &household, cx, f.county, STR(IDENTITY), STR("")));
    assert_int_equal(id, 0);
    int64_t entries, bad;
    check_ok(cx, journal_verify(&entries, &bad, cx, f.county));
    assert_int_equal(bad, 0);
    fixture_verify(cx);
    register_fixture_close(&f, cx);
}
static void erased(void **state)
{
    (void)state;
    db_fixture_each(erased_on);
}

/* Statements of someone who has the database and breaks the rules. */
static const struct sql BREAK_OPEN = {.name = "~break_open",
                                      .lite = "DROP TRIGGER journal_update",
                                      .pg = "DROP TRIGGER journal_keep ON journal",
                                      .args = "",
                                      .cols = ""};
static const struct sql BREAK_READ = {
    .name = "~break_read",
    .lite = "SELECT body FROM journal WHERE county = $1 AND seq = $2",
    .args = "ii",
    .cols = "b"};
static const struct sql BREAK_WRITE = {
    .name = "~break_write",
    .lite = "UPDATE journal SET body = $3 WHERE county = $1 AND seq = $2",
    .args = "iib",
    .cols = ""};
static const struct sql BREAK_HEAD = {
    .name = "~break_head",
    .lite = "UPDATE journal_head SET seq = seq + 1 WHERE county = $1",
    .args = "i",
    .cols = ""};

static enum rc tamper_closed(struct cx *cx, void *arg)
{
    const int64_t *county = arg;
    return DB_RUN(cx, &BREAK_WRITE, V_I(*county), V_I(3), V_B("x", 1));
}

static enum rc tamper(struct cx *cx, void *arg)
{
    const int64_t *county = arg;
    struct db_rows rows;
    TRY(DB_RUN0(cx, &BREAK_OPEN));
    TRY(DB_ONE(&rows, cx, &BREAK_READ, V_I(*county), V_I(3)));
    struct str body = row_copy(&rows, 0);
    TRY(db_done(&rows));
    char *bytes = arena_new(cx->arena, body.len);
    memcpy(bytes, body.p, body.len);
    bytes[body.len - 2] ^= 1;
    return DB_RUN(cx, &BREAK_WRITE, V_I(*county), V_I(3), V_B(bytes, body.len));
}

static enum rc tamper_head(struct cx *cx, void *arg)
{
    const int64_t *county = arg;
    return DB_RUN(cx, &BREAK_HEAD, V_I(*county));
}

/* The journal refuses changes; one flipped bit, put there all the same, is found at its entry;
 * so is an end that was cut off. */
static void chain_on(struct cx *cx)
{
    struct register_fixture f;
    int64_t entries, bad;
    register_fixture_open(&f, cx);
    add_person(cx, &f, 0);
    check_ok(cx, journal_verify(&entries, &bad, cx, f.county));
    assert_int_equal(entries, 7); /* six areas, one household */
    assert_int_equal(bad, 0);
    assert_int_not_equal(db_write(cx, f.county, tamper_closed, &f.county), RC_OK);
    err_clear(cx);
    check_ok(cx, db_write(cx, f.county, tamper, &f.county));
    check_ok(cx, journal_verify(&entries, &bad, cx, f.county));
    assert_int_equal(bad, 3);
    struct verify_fault *faults;
    size_t count;
    check_ok(cx, register_verify(&faults, &count, cx, 0));
    assert_int_equal(count, 1);
    check_ok(cx, db_write(cx, 0, tamper_head, &(int64_t){0}));
    check_ok(cx, journal_verify(&entries, &bad, cx, 0));
    assert_int_equal(bad, entries + 1);
    register_fixture_close(&f, cx);
}
static void chain(void **state)
{
    (void)state;
    db_fixture_each(chain_on);
}

/* Every entry that can be written reads back the same; and no cut or changed bytes make the
 * reader read beyond them (run under ASan). */
static void bytes(void **state)
{
    (void)state;
    struct cx cx;
    check_open(&cx);
    for_each_seed (seed, 200) {
        uint64_t r = seed;
        struct journal_field fields[6];
        size_t count = (size_t)check_int(&r, 0, 6);
        for (size_t i = 0; i < count; i++) {
            fields[i] = (struct journal_field){.field = (int32_t)check_int(&r, -50, 5000),
                                               .secret = check_int(&r, 0, 1)};
            fields[i].from =
                check_int(&r, 0, 1) ? value_int(check_any_i64(&r) / 4) : value_missing();
            fields[i].to = check_int(&r, 0, 1) ? value_text(STR("王\0x")) : value_int(-1);
        }
        struct section s = {.kind = (enum subject_kind)check_int(&r, 1, 9),
                            .subject_id = check_int(&r, 0, 1LL << 52),
                            .row = check_int(&r, 0, 9),
                            .year = (int32_t)check_int(&r, 0, 3000),
                            .fields = fields,
                            .field_count = count};
        struct journal_entry e = {.county = 5,
                                  .seq = check_int(&r, 1, 1LL << 50),
                                  .at = -3,
                                  .household_id = check_int(&r, 0, 1LL << 52)};
        struct buf b;
        buf_init(&b, cx.arena, 4096);
        entry_put_header(&b, &e, 2);
        section_put(&b, e.household_id, &s);
        section_put(&b, e.household_id, &s);
        struct str body = arena_str(cx.arena, buf_view(&b));
        struct journal_entry *got;
        size_t got_count = 0;
        assert_true(entry_read(&got, &got_count, cx.arena, body));
        assert_int_equal(got_count, 2);
        assert_true(got[1].subject_id == s.subject_id && got[1].seq == e.seq &&
                    got[1].at == -3);
        assert_int_equal(got[1].field_count, count);
        for (size_t i = 0; i < count; i++)
            assert_true(got[1].fields[i].field == fields[i].field &&
                        value_eq(got[1].fields[i].from, fields[i].from) &&
                        value_eq(got[1].fields[i].to, fields[i].to));
        char *broken = malloc(body.len);
        for (int k = 0; k < 20; k++) {
            size_t len = (size_t)check_int(&r, 0, (int64_t)body.len);
            memcpy(broken, body.p, body.len);
            broken[check_int(&r, 0, (int64_t)body.len - 1)] ^= (char)check_int(&r, 1, 255);
            char *exact = malloc(len + 1);
            memcpy(exact, broken, len);
            (void)entry_read(&got, &got_count, cx.arena, (struct str){exact, len});
            free(exact);
        }
        free(broken);
        arena_reset(cx.arena);
    }
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets), cmocka_unit_test(indicator), cmocka_unit_test(erased),
        cmocka_unit_test(chain),   cmocka_unit_test(bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

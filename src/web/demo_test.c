/* Tests of the made-up county and its files. */
#include "base/check.h"
#include "base/check_digit.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/time.h"
#include "frame/rows.h"
#include "web/demo.h"

#include <fcntl.h>

enum { HOUSEHOLDS = 300, YEAR = 2024, ARENA = 128 * 1024 * 1024, FILE_MAX = 16 * 1024 * 1024 };

struct made {
    struct cx cx;
    struct profile *profile;
    struct demo_county *c;
    struct demo_files *f;
    const char *dir;
};

static void make_county(struct made *m, uint64_t seed)
{
    struct profile_faults faults = {0};
    cx_init(&m->cx, arena_open(ARENA));
    check_ok(&m->cx, profile_load_embedded(&m->profile, &faults, &m->cx, "cn"));
    m->cx.profile = m->profile;
    check_ok(&m->cx, demo_county_make(&m->c, &m->cx, seed, HOUSEHOLDS, YEAR));
}

/* Both years' files in a folder of their own. */
static void make_files(struct made *m, uint64_t seed)
{
    make_county(m, seed);
    m->dir = check_dir(&m->cx);
    check_ok(&m->cx, demo_files_open(&m->f, &m->cx, m->dir, seed));
    check_ok(&m->cx, demo_files_year(&m->cx, m->f, m->c));
    check_ok(&m->cx, demo_county_step(&m->cx, m->c));
    check_ok(&m->cx, demo_files_year(&m->cx, m->f, m->c));
    check_ok(&m->cx, demo_files_close(&m->cx, m->f));
}

static void end(struct made *m)
{
    if (m->dir)
        check_dir_remove(&m->cx, m->dir);
    profile_free(m->profile);
    arena_free(m->cx.arena);
}

static struct str file_bytes(struct made *m, const char *name)
{
    struct str bytes;
    const char *path = arena_printf(m->cx.arena, "%s/%s", m->dir, name);
    check_ok(&m->cx, file_read(&bytes, &m->cx, path, FILE_MAX));
    return bytes;
}

/* The same seed gives the same files byte for byte, another seed others. */
static void test_seed(void **state)
{
    (void)state;
    struct made a = {0}, b = {0}, c = {0};
    make_files(&a, 5);
    make_files(&b, 5);
    make_files(&c, 6);
    assert_int_equal(a.f->count, b.f->count);
    for (size_t i = 0; i < a.f->count; i++) {
        struct str one = file_bytes(&a, a.f->files[i].name);
        assert_true(str_eq(one, file_bytes(&b, a.f->files[i].name)));
        assert_false(str_eq(one, file_bytes(&c, a.f->files[i].name)));
    }
    assert_true(str_eq(file_bytes(&a, "truth.csv"), file_bytes(&b, "truth.csv")));
    end(&a);
    end(&b);
    end(&c);
}

/* Every identity number is wrong by GB 11643 and right by the next check character, tells birth
 * and sex, begins with a region code that GB/T 2260 does not know (99 is no province), and
 * belongs to one person. */
static void test_identity(void **state)
{
    (void)state;
    static const char order[] = "0123456789X0";
    struct made m = {0};
    make_county(&m, 1);
    for (int i = 0; i < m.c->people_count; i++) {
        const struct demo_person *p = &m.c->people[i];
        struct str number = str_of(p->identity);
        int32_t day;
        assert_int_equal(number.len, 18);
        assert_false(check_mod11_2(number));
        char right = check_mod11_2_of((struct str){number.p, 17});
        assert_int_equal(number.p[17], strchr(order, right)[1]);
        assert_true(str_starts(number, STR("99")));
        assert_true(day_parse(&day, (struct str){number.p + 6, 8}));
        assert_int_equal(day, p->birth_day);
        assert_int_equal((number.p[16] - '0') % 2, p->sex == DEMO_MALE ? 1 : 0);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(p->identity, m.c->people[k].identity);
        if (p->phone[0]) {
            assert_int_equal(strlen(p->phone), 11);
            assert_memory_equal(p->phone, "154", 3);
        }
    }
    end(&m);
}

/* Net income per head as register.md 2.4 defines it (A53), summed up anew in another way. */
static void check_income(const struct demo_county *c, const struct demo_household *h)
{
    int64_t total = 0, cost = 0;
    int size = demo_household_size(c, h);
    for (int i = 0; i < h->income_count; i++) {
        if (!strncmp(h->incomes[i].kind->code, "cost_", 5))
            cost += h->incomes[i].yuan;
        else
            total += h->incomes[i].yuan;
    }
    double want = (double)(total - cost) * 100 / size;
    assert_true(want - (double)h->per_head_minor <= 0.5 &&
                (double)h->per_head_minor - want <= 0.5);
}

static void check_household(const struct demo_county *c, const struct demo_household *h)
{
    int heads = 0, head_age = 0, able = 0, ill = 0, disabled = 0;
    for (int32_t i = demo_member(c, h->first); i >= 0; i = demo_member(c, c->people[i].next)) {
        const struct demo_person *p = &c->people[i];
        int age = demo_age(c, p);
        heads += p->relation == DEMO_HEAD;
        if (p->relation == DEMO_HEAD)
            head_age = age;
        if (p->relation == DEMO_SON || p->relation == DEMO_DAUGHTER)
            assert_true(age + 14 < head_age);
        if (p->relation == DEMO_FATHER || p->relation == DEMO_MOTHER)
            assert_true(age > head_age + 14);
        assert_true(age < 16 ? p->labour == LABOUR_NONE && !p->wage : true);
        assert_true((p->education == MISSING) != (p->student == MISSING));
        able += demo_can_work(p);
        ill += (p->health >> HEALTH_LONG & 1) || (p->health >> HEALTH_SERIOUS & 1);
        disabled += p->health >> HEALTH_DISABLED & 1;
    }
    assert_int_equal(heads, 1);
    assert_true(h->cause != CAUSE_ILLNESS || ill);
    assert_true(h->cause != CAUSE_DISABILITY || disabled);
    assert_true(h->cause != CAUSE_WORK || able);
    assert_int_equal(h->attribute != ATTRIBUTE_NONE, h->exit_status == EXIT_DONE);
    check_income(c, h);
}

/* Households make sense: one head, ages and work that fit, a cause that the facts bear out, an
 * income that adds up; and there are as many as asked for. */
static void test_households(void **state)
{
    (void)state;
    for_each_seed (seed, 5) {
        struct made m = {0};
        make_county(&m, seed);
        assert_int_equal(m.c->household_count, HOUSEHOLDS);
        assert_in_range(m.c->people_count, HOUSEHOLDS * 3, HOUSEHOLDS * 4);
        for (int i = 0; i < m.c->household_count; i++)
            check_household(m.c, &m.c->households[i]);
        end(&m);
    }
}

/* A year later some were born, some are gone, and every household left still has one head. */
static void test_step(void **state)
{
    (void)state;
    struct made m = {0};
    make_county(&m, 3);
    int people = m.c->people_count, gone = 0;
    check_ok(&m.cx, demo_county_step(&m.cx, m.c));
    assert_int_equal(m.c->year, YEAR + 1);
    assert_true(m.c->people_count > people);
    for (int i = 0; i < people; i++)
        gone += m.c->people[i].gone;
    assert_in_range(gone, 1, people / 20);
    for (int i = 0; i < m.c->household_count; i++) {
        const struct demo_household *h = &m.c->households[i];
        int heads = 0;
        for (int32_t k = demo_member(m.c, h->first); k >= 0;
             k = demo_member(m.c, m.c->people[k].next))
            heads += m.c->people[k].relation == DEMO_HEAD;
        assert_int_equal(heads, h->gone ? 0 : 1);
    }
    end(&m);
}

static struct rows *open_rows(struct made *m, const char *name)
{
    struct rows *rows;
    const char *path = arena_printf(m->cx.arena, "%s/%s", m->dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    const struct rows_options options = {.name = str_of(name), .tmp_dir = m->dir};
    check_ok(&m->cx, rows_open(&rows, &m->cx, fd, &options));
    close(fd);
    return rows;
}

/* The files of two tests: written once, opened once. */
static struct made shared;
static struct rows *opened[32];

static int shared_setup(void **state)
{
    (void)state;
    make_files(&shared, 7);
    for (size_t i = 0; i < shared.f->count; i++)
        opened[i] = open_rows(&shared, shared.f->files[i].name);
    return 0;
}

static int shared_teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < shared.f->count; i++)
        rows_close(opened[i]);
    end(&shared);
    return 0;
}

/* Every column of the mapping stands in the third row, whichever title it has, and as many rows
 * follow as the generator says. */
static void test_headers(void **state)
{
    (void)state;
    struct made *m = &shared;
    for (size_t i = 0; i < m->f->count; i++) {
        const struct demo_file *f = &m->f->files[i];
        const struct mapping *mapping = profile_mapping(m->profile, str_of(f->mapping));
        struct row header;
        check_ok(&m->cx, rows_read(&header, &m->cx, opened[i], 2));
        for (size_t k = 0; k < mapping->column_count; k++) {
            int found = 0;
            for (size_t c = 0; c < header.count; c++)
                found += mapping_title_is(&mapping->columns[k], header.cells[c].text);
            assert_int_equal(found, 1);
        }
        assert_int_equal(rows_count(opened[i]), f->rows + 3);
    }
}

static struct str cell_at(const struct row *row, const struct mapping *mapping,
                          struct str column)
{
    for (size_t i = 0; i < mapping->column_count; i++)
        if (str_eq_z(column, mapping->columns[i].header))
            return i < row->count ? row->cells[i].text : STR("");
    fail_msg("no column %.*s", STR_ARG(column));
    return STR("");
}

/* What truth.csv tells stands in the files: a wrong check digit is wrong by both rules, a 13th
 * month is there, a missing household number is missing. */
static void test_truth(void **state)
{
    (void)state;
    struct made *m = &shared;
    int checked = 0;
    struct str text = file_bytes(m, "truth.csv");
    (void)str_cut(&text, '\n'); /* the header */
    for (int64_t n = 0; n < m->f->planted; n++) {
        struct str line = str_trim(str_cut(&text, '\n')), part[6];
        size_t at = 0;
        int64_t number;
        struct row row;
        for (int i = 0; i < 6; i++)
            part[i] = str_cut(&line, ',');
        while (at < m->f->count && !str_eq_z(part[0], m->f->files[at].name))
            at++;
        assert_true(at < m->f->count && str_to_i64(&number, part[1]) && number > 3);
        check_ok(&m->cx, rows_read(&row, &m->cx, opened[at], (size_t)number - 1));
        assert_int_equal(row.number, number);
        const struct mapping *mapping =
            profile_mapping(m->profile, str_of(m->f->files[at].mapping));
        struct str cell = cell_at(&row, mapping, part[2]);
        if (str_eq_z(part[3], "identity.check_digit")) {
            char right = check_mod11_2_of((struct str){cell.p, 17});
            assert_true(cell.len == 18 && cell.p[17] != right &&
                        cell.p[17] != demo_check_character((struct str){cell.p, 17}));
            checked++;
        }
        if (str_eq_z(part[3], "work.month_13"))
            assert_true(str_eq_z(cell, "13"));
        if (str_eq_z(part[3], "household.missing"))
            assert_int_equal(cell.len, 0);
    }
    assert_true(checked > 0);
    assert_int_equal(str_trim(text).len, 0);
}

/* A county of impossible size is refused before anything is written. */
static void test_size(void **state)
{
    (void)state;
    struct made m = {0};
    make_county(&m, 1);
    struct demo_county *c;
    check_refused(&m.cx, demo_county_make(&c, &m.cx, 1, 99, YEAR), RC_INVALID);
    check_refused(&m.cx, demo_county_make(&c, &m.cx, 1, 100001, YEAR), RC_INVALID);
    end(&m);
}

int main(int argc, char **argv)
{
    crypto_init();
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seed),       cmocka_unit_test(test_identity),
        cmocka_unit_test(test_households), cmocka_unit_test(test_step),
        cmocka_unit_test(test_headers),    cmocka_unit_test(test_truth),
        cmocka_unit_test(test_size),
    };
    return cmocka_run_group_tests(tests, shared_setup, shared_teardown);
}

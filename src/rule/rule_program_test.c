/* Programs of many rules: shared work, small memory, names, bits, and the facts behind a value.
 */
#include "base/check.h"
#include "rule/rule_fixture.h"

static struct cx cx;
static struct fixture f;

static int set_up(void **state)
{
    (void)state;
    check_open(&cx);
    fixture_open(&f, &cx);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    check_close(&cx);
    return 0;
}

static const struct rule_program *compiled(const struct rule_text *texts, size_t count)
{
    const struct rule_program *p = NULL;
    if (rule_compile(&p, &f.fault, &cx, &f.d, texts, count))
        fail_msg("%s: %s", texts[f.fault.rule].name, f.fault.message);
    return p;
}

static struct rule_runner *ran(const struct rule_program *p)
{
    struct rule_runner *r = NULL;
    check_ok(&cx, rule_runner_make(&r, &cx, p, f.block.count));
    rule_run(&f.figures, r, &f.source, &f.block);
    return r;
}

static struct rule_text rule(enum rule_level level, const char *text)
{
    return (struct rule_text){"test", level, str_of(text), false};
}

static size_t count_op(const struct rule_program *p, enum rule_op op)
{
    size_t n = 0;
    for (size_t i = 0; i < p->ins_count; i++)
        n += p->ins[i].op == op;
    return n;
}

/* 300 rules that differ in one number: each has its own comparison and constant, and all the
 * rest (2 loads, a division, a fold with its condition) stands once. */
static void test_shared(void **state)
{
    enum { RULES = 300 };
    struct rule_text *texts = arena_array(cx.arena, RULES, sizeof *texts);
    (void)state;
    assert_non_null(texts);
    for (int i = 0; i < RULES; i++)
        texts[i] = rule(RULE_HOUSEHOLD,
                        arena_printf(cx.arena, "per_head * adults > %d.25 and poor", i));
    const struct rule_program *p = compiled(texts, RULES);
    assert_int_equal(count_op(p, OP_LOAD), 4); /* income, size, birth, line */
    assert_int_equal(count_op(p, OP_DIV), 1);
    assert_int_equal(count_op(p, OP_COUNT), 1);
    assert_int_equal(count_op(p, OP_AND), RULES);
    assert_true(p->ins_count <= 3 * RULES + 20);
    struct rule_runner *r = NULL;
    const size_t max[3] = {0, 1000, 3500};
    size_t before = arena_used(cx.arena);
    check_ok(&cx, rule_runner_make(&r, &cx, p, max));
    assert_true(arena_used(cx.arena) - before < 4 * 1024 * 1024);
    for (size_t i = 0; i < p->ins_count; i++) /* operands come first */
        assert_true(p->ins[i].a < (int32_t)i && p->ins[i].b < (int32_t)i &&
                    p->ins[i].c < (int32_t)i);
}

/* What is the same written in two ways is one instruction; what nobody needs is gone. */
static void test_small(void **state)
{
    static const struct {
        const char *text;
        size_t ins;
    } cases[] = {
        {"1 + 2 * 3", 1},
        {"size + debt = debt + size", 4}, /* a load each, one sum, a comparison with itself */
        {"size > 3 and true", 3},
        {"size > 3 or true", 1},
        {"if(2 > 1, size, debt)", 1},
        {"not not yes", 1},
        {"first(1, size)", 1},
        {"count(members where true)", 1},
        {"size in (3)", 3},
        {"size in (3, 4, 3)", 2},
        {"round(size, 2)", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rule_text text = rule(RULE_HOUSEHOLD, cases[i].text);
        const struct rule_program *p = compiled(&text, 1);
        if (p->ins_count != cases[i].ins)
            fail_msg("%s: %zu instructions", cases[i].text, p->ins_count);
    }
}

/* A chain of derived rules, each using the one before twice, is read once each: 2^60 otherwise.
 */
static void test_doubling(void **state)
{
    enum { CHAIN = 60 };
    struct rule_name names[CHAIN + 1] = {f.names[4]}; /* size */
    struct rule_dictionary d = {names, CHAIN + 1, f.d.code_find, f.d.code_label};
    const struct rule_program *p = NULL;
    struct rule_text text = rule(RULE_HOUSEHOLD, "d60");
    (void)state;
    for (int i = 1; i <= CHAIN; i++) {
        const char *last = i == 1 ? "size" : arena_printf(cx.arena, "d%d", i - 1);
        names[i] = (struct rule_name){
            .name = str_of(arena_printf(cx.arena, "d%d", i)),
            .level = RULE_HOUSEHOLD,
            .table = RULE_DERIVED,
            .text = str_of(arena_printf(cx.arena, "%s - (%s + 1) + %s", last, last, last))};
    }
    check_ok(&cx, rule_compile(&p, &f.fault, &cx, &d, &text, 1));
    assert_true(p->ins_count <= 3 * CHAIN + 2);
}

/* Roots' types and levels, and the names they read, of any year, each once. */
static void test_names(void **state)
{
    const struct rule_text texts[] = {
        rule(RULE_HOUSEHOLD, "per_head"),
        rule(RULE_PERSON, "birth < last_year(visited) or visited < today or altitude > 1"),
        rule(RULE_HOUSEHOLD, "if(yes, 'A', housing_grade)"),
        rule(RULE_HOUSEHOLD, "12.50"),
    };
    const struct rule_name **names = NULL;
    size_t count = 0;
    (void)state;
    const struct rule_program *p = compiled(texts, 4);
    assert_int_equal(rule_root_count(p), 4);
    assert_int_equal(rule_root_type(p, 0).kind, RULE_NUMBER);
    assert_int_equal(rule_root_type(p, 0).decimals, 6);
    assert_int_equal(rule_root_level(p, 1), RULE_PERSON);
    assert_int_equal(rule_root_type(p, 1).kind, RULE_BOOL);
    assert_ptr_equal(rule_root_type(p, 2).list, &fixture_grades);
    assert_int_equal(rule_root_type(p, 3).decimals, 2);
    check_ok(&cx, rule_root_names(&names, &count, &cx, p, 1));
    assert_int_equal(count, 3);
    check_str_z(names[0]->name, "birth");
    check_str_z(names[1]->name, "visited");
    check_str_z(names[2]->name, "altitude");
    check_ok(&cx, rule_root_names(&names, &count, &cx, p, 3));
    assert_int_equal(count, 0);
}

/* 0, missing, 2, and again. */
// NOLINTNEXTLINE(readability-function-size): the contract's parameters
static void load_thirds(void *arg, int64_t *out, const struct rule_block *b,
                        enum rule_level level, enum rule_table table, int32_t id, int back)
{
    static const int64_t three[] = {0, M, 2};
    (void)arg;
    (void)table;
    (void)id;
    (void)back;
    for (size_t i = 0; i < b->count[level]; i++)
        out[i] = three[i % 3];
}

/* Only true is a set bit, and bits behind the rows are 0: over 130 rows, two words and a bit.
 */
static void test_bits(void **state)
{
    enum { ROWS = 130 };
    struct rule_text text = rule(RULE_HOUSEHOLD, "size > 1");
    static int64_t rows[ROWS];
    static uint32_t areas[ROWS];
    uint64_t bits[3] = {~0ull, ~0ull, ~0ull};
    struct rule_runner *r = NULL;
    (void)state;
    const struct rule_program *p = compiled(&text, 1);
    struct rule_block b = {
        .count = {0, ROWS, 0}, .row = {NULL, rows, NULL}, .parent = {NULL, areas, NULL}};
    check_ok(&cx, rule_runner_make(&r, &cx, p, b.count));
    f.source.load = load_thirds;
    rule_run(&f.figures, r, &f.source, &b);
    rule_bits(bits, r, 0);
    for (size_t i = 0; i < 192; i++)
        assert_int_equal(bits[i / 64] >> (i % 64) & 1, i < ROWS && i % 3 == 2);
}

/* The facts of a household's value: its own, its area's once, its three people's, last year's
 * apart; nothing of other households. Of a person's value only what it reads. */
static void test_explain(void **state)
{
    const struct rule_text texts[] = {
        rule(RULE_HOUSEHOLD,
             "size > 1 and count(members where student) > last_year(size) or high or size > 7"),
        rule(RULE_PERSON, "student and size > 1 and altitude > 2"),
        rule(RULE_AREA, "count(households where size > 3)"),
    };
    struct rule_fact *facts = NULL;
    size_t count = 0;
    (void)state;
    for (int64_t i = 0; i < 3; i++) {
        fixture_values(&f, "size", 0)[i] = 4 + i;
        fixture_values(&f, "size", 1)[i] = 14 + i;
    }
    fixture_values(&f, "altitude", 0)[0] = 3500;
    fixture_values(&f, "student", 0)[1] = 1;
    const struct rule_program *p = compiled(texts, 3);
    const struct rule_runner *r = ran(p);
    check_ok(&cx, rule_explain(&facts, &count, &cx, r, &f.source, &f.block, 0, 0, 20));
    static const struct {
        const char *name;
        int back;
        int64_t row, value;
    } want[] = {{"size", 0, 101, 4},     {"student", 0, 1001, M}, {"student", 0, 1002, 1},
                {"student", 0, 1003, M}, {"size", 1, 101, 14},    {"altitude", 0, 10, 3500}};
    assert_int_equal(count, 6);
    for (size_t i = 0; i < count; i++) {
        check_str_z(facts[i].name->name, want[i].name);
        assert_int_equal(facts[i].back, want[i].back);
        assert_int_equal(facts[i].row, want[i].row);
        assert_int_equal(facts[i].value, want[i].value);
    }
    check_ok(&cx, rule_explain(&facts, &count, &cx, r, &f.source, &f.block, 1, 3, 20));
    assert_int_equal(count, 3); /* size of 102, student of 1004, altitude of area 10 */
    assert_int_equal(facts[0].row, 102);
    assert_int_equal(facts[1].row, 1004);
    assert_int_equal(facts[2].row, 10);
    check_ok(&cx, rule_explain(&facts, &count, &cx, r, &f.source, &f.block, 2, 0, 20));
    assert_int_equal(count, 2); /* size of its two households */
    check_ok(&cx, rule_explain(&facts, &count, &cx, r, &f.source, &f.block, 0, 0, 2));
    assert_int_equal(count, 2);
    check_ok(&cx, rule_explain(&facts, &count, &cx, r, &f.source, &f.block, 0, 2, 20));
    assert_int_equal(count, 3); /* nobody lives there: sizes and altitude */
}

/* A context without room is answered, at compiling and at making a runner. */
static void test_no_room(void **state)
{
    struct rule_text text = rule(RULE_HOUSEHOLD, "per_head > 1 and adults > 2");
    const struct rule_program *p = compiled(&text, 1), *none = NULL;
    const size_t max[3] = {0, 1 << 20, 1 << 22};
    struct rule_runner *r = NULL;
    struct cx small;
    (void)state;
    cx_init(&small, arena_open(16 * 1024));
    check_refused(&small, rule_compile(&none, &f.fault, &small, &f.d, &text, 1), RC_LIMIT);
    check_refused(&small, rule_runner_make(&r, &small, p, max), RC_LIMIT);
    arena_free(small.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_small, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_doubling, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_explain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_room, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

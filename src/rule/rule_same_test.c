/* Every back end gives the same answers: random rules on random rows, with missing and extreme
 * values, computed by run.c, by web/rule.js in node, and by SQLite and PostgreSQL. A difference
 * is made smaller before it is shown. LONG: three back ends share cases and their shrinking.
 * FUMIN_RULE_CASES: how many rules (2,000); FUMIN_SEED. */
#include "base/check.h"
#include "base/json.h"
#include "db/db_fixture.h"
#include "rule/code.h"
#include "rule/rule_random.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

enum { RULES_A_SET = 40, DEPTH = 5, CANDIDATES_MAX = 400, NODES_MAX = 120, ROUNDS_MAX = 25 };

/* One rule of one set of rows, and what C says. */
struct sample {
    enum rule_level level;
    const struct random_node *tree;
    struct str text;
    const struct rule_program *program; /* NULL: refused */
    const int64_t *want;
    size_t count;
};
/* Which of the samples differ in another back end? *row is the first row that does. */
typedef void (*differ_fn)(bool *bad, struct cx *cx, struct random_rows *d,
                          struct sample *samples, size_t count);

static size_t case_count(void)
{
    const char *text = getenv("FUMIN_RULE_CASES");
    int64_t n = 2000;
    return text && str_to_i64(&n, str_of(text)) && n > 0 ? (size_t)n : 2000;
}

static uint64_t first_seed(void)
{
    const char *text = getenv("FUMIN_SEED");
    int64_t n = 20261123;
    return text && str_to_i64(&n, str_of(text)) ? (uint64_t)n : 20261123;
}

/* Runs a program and copies the values of its roots. */
static const int64_t *run(struct cx *cx, const struct rule_program *p, struct random_rows *d,
                          size_t root)
{
    struct rule_runner *runner;
    struct rule_figures figures = {0, 0};
    struct rule_block block = rule_random_block(d);
    struct rule_source source = rule_random_source(d);
    size_t count = d->count[rule_root_level(p, root)];
    check_ok(cx, rule_runner_make(&runner, cx, p, block.count));
    rule_run(&figures, runner, &source, &block);
    int64_t *values = arena_new(cx->arena, RANDOM_ROWS * sizeof *values);
    memcpy(values, rule_value(runner, root), count * sizeof *values);
    return values;
}

/* Compiles the tree and runs it; the program stays NULL when the compiler refuses it. */
static struct sample sample_of(struct cx *cx, struct random_rows *d, enum rule_level level,
                               const struct random_node *tree)
{
    struct sample s = {.level = level, .tree = tree, .count = d->count[level]};
    struct rule_fault fault;
    s.text = rule_random_text(cx->arena, tree);
    const struct rule_text text = {.name = "case", .level = level, .text = s.text};
    if (rule_compile(&s.program, &fault, cx, rule_random_dictionary(), &text, 1)) {
        s.program = NULL;
        err_clear(cx);
        return s;
    }
    s.want = run(cx, s.program, d, 0);
    return s;
}

/* The rule number `i` of the rows with that seed. */
static struct sample sample_made(struct cx *cx, struct random_rows *d, uint64_t seed, size_t i)
{
    static const enum rule_kind kinds[] = {RULE_BOOL,   RULE_BOOL,   RULE_BOOL, RULE_BOOL,
                                           RULE_NUMBER, RULE_NUMBER, RULE_CODE, RULE_DAY};
    uint64_t state = seed * 1000003 + i;
    enum rule_level level = (enum rule_level)rule_random_pick(&state, 3);
    enum rule_kind kind = kinds[rule_random_pick(&state, 8)];
    int depth = 1 + (int)rule_random_pick(&state, DEPTH);
    return sample_of(cx, d, level, rule_random_tree(cx->arena, &state, level, kind, depth));
}

static struct sample edge_sample(struct cx *cx, struct random_rows *d, size_t rule)
{
    struct random_node *n = arena_new(cx->arena, sizeof *n);
    *n = (struct random_node){.form = rule_random_edge_rules[rule], .nodes = 1};
    struct sample s = sample_of(cx, d, RULE_PERSON, n);
    assert_non_null(s.program);
    return s;
}

static const char *shown(struct cx *cx, int64_t value)
{
    return value == RULE_MISSING ? "missing" : arena_printf(cx->arena, "%" PRId64, value);
}

/* ---- making a difference smaller ---- */

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tree. */
static struct random_node *replaced(struct cx *cx, const struct random_node *n,
                                    const struct random_node *target,
                                    const struct random_node *by)
{
    struct random_node *copy = arena_new(cx->arena, sizeof *copy);
    *copy = n == target ? *by : *n;
    if (n == target)
        return copy;
    copy->nodes = 1;
    for (size_t i = 0; i < n->child_count; i++) {
        copy->child[i] = replaced(cx, n->child[i], target, by);
        copy->nodes += copy->child[i]->nodes;
    }
    return copy;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tree. */
static void collect(const struct random_node **list, size_t *count, const struct random_node *n)
{
    if (*count < NODES_MAX)
        list[(*count)++] = n;
    for (size_t i = 0; i < n->child_count; i++)
        collect(list, count, n->child[i]);
}

/* All trees with one part replaced by a part of that part, or by a plain value. */
static size_t smaller(struct sample *out, struct cx *cx, struct random_rows *d,
                      const struct sample *s)
{
    static const struct random_node plain[] = {
        {.form = "1", .kind = RULE_NUMBER, .nodes = 1},
        {.form = "1.50", .kind = RULE_NUMBER, .nodes = 1},
        {.form = "true", .kind = RULE_BOOL, .nodes = 1},
        {.form = "today", .kind = RULE_DAY, .nodes = 1},
        {.form = "2026-11", .kind = RULE_MONTH, .nodes = 1}};
    const struct random_node *nodes[NODES_MAX], *parts[NODES_MAX];
    size_t count = 0, made = 0;
    collect(nodes, &count, s->tree);
    for (size_t i = 0; i < count; i++) {
        size_t part_count = 0;
        collect(parts, &part_count, nodes[i]);
        for (size_t p = 0; p < 5 && part_count < NODES_MAX && part_count > 1; p++)
            parts[part_count++] = &plain[p];
        for (size_t p = 1; p < part_count && made < CANDIDATES_MAX; p++) {
            if (parts[p]->kind != nodes[i]->kind)
                continue;
            struct sample one =
                sample_of(cx, d, s->level, replaced(cx, s->tree, nodes[i], parts[p]));
            if (one.program)
                out[made++] = one;
        }
    }
    return made;
}

/* Shows the smallest rule that still differs, with the values of the row; fails. */
static void show(struct cx *cx, struct random_rows *d, uint64_t seed, struct sample s,
                 differ_fn differ)
{
    struct sample *list = arena_new(cx->arena, CANDIDATES_MAX * sizeof *list);
    static bool bad[CANDIDATES_MAX];
    print_error("seed %" PRIu64 ": %.*s\n", seed, STR_ARG(s.text));
    for (int round = 0; round < ROUNDS_MAX; round++) {
        size_t count = smaller(list, cx, d, &s), best = count;
        memset(bad, 0, sizeof bad);
        differ(bad, cx, d, list, count);
        for (size_t i = 0; i < count; i++)
            if (bad[i] && (best == count || list[i].tree->nodes < list[best].tree->nodes))
                best = i;
        if (best == count || list[best].tree->nodes >= s.tree->nodes)
            break;
        s = list[best];
    }
    print_error("smallest, level %d, day %d, year %d: %.*s\n", s.level, d->day, d->year,
                STR_ARG(s.text));
    for (size_t n = 0; n < s.program->name_count; n++) {
        const struct rule_name *name = &s.program->names[n];
        print_error("  %.*s:", STR_ARG(name->name));
        for (size_t i = 0; i < d->count[rule_random_stored(name->id)] && i < 34; i++)
            print_error(" %s", shown(cx, d->value[name->id][0][i]));
        print_error("\n");
    }
    for (size_t i = 0; i < s.count; i++)
        print_error("  C, row %zu: %s\n", i, shown(cx, s.want[i]));
    bad[0] = false;
    setenv("FUMIN_RULE_SHOW", "1", 1); // NOLINT(concurrency-mt-unsafe)
    differ(bad, cx, d, &s, 1);
    fail_msg("a back end differs: %.*s", STR_ARG(s.text));
}

/* ---- JavaScript ---- */

static void put_value(struct json *j, int64_t value)
{
    if (value == RULE_MISSING)
        json_nothing(j);
    else
        json_i64(j, value);
}

static void put_row(struct json *j, const struct random_rows *d, enum rule_level level,
                    size_t row)
{
    const struct rule_dictionary *dictionary = rule_random_dictionary();
    json_object_begin(j);
    json_put_i64(j, "parent", d->parent[level][row]);
    json_key(j, "values");
    json_object_begin(j);
    for (size_t n = 0; n < dictionary->count; n++) {
        if (rule_random_stored((int32_t)n) != level ||
            dictionary->names[n].table == RULE_DERIVED)
            continue;
        json_key(j, arena_copy(j->out->arena, dictionary->names[n].name));
        json_array_begin(j);
        for (size_t back = 0; back < RANDOM_YEARS; back++)
            put_value(j, d->value[n][back][row]);
        json_array_end(j);
    }
    json_object_end(j);
    json_object_end(j);
}

static void write_data(FILE *f, struct cx *cx, const struct random_rows *d)
{
    static const char *const levels[] = {"area", "household", "person"};
    struct buf b;
    struct json j;
    buf_init(&b, cx->arena, (size_t)4 << 20);
    json_init(&j, &b);
    json_object_begin(&j);
    json_put_i64(&j, "day", d->day);
    json_put_i64(&j, "year", d->year);
    json_key(&j, "data");
    json_object_begin(&j);
    for (size_t level = 0; level < 3; level++) {
        json_key(&j, levels[level]);
        json_array_begin(&j);
        for (size_t i = 0; i < d->count[level]; i++)
            put_row(&j, d, (enum rule_level)level, i);
        json_array_end(&j);
    }
    json_object_end(&j);
    json_object_end(&j);
    assert_true(buf_ok(&b));
    fprintf(f, "%s\n", buf_view(&b).p);
}

static void write_program(FILE *f, struct cx *cx, const struct rule_program *p,
                          const struct sample *samples)
{
    struct str program;
    struct buf b;
    struct json j;
    check_ok(cx, rule_json(&program, cx, p));
    buf_init(&b, cx->arena, (size_t)4 << 20);
    json_init(&j, &b);
    json_array_begin(&j);
    for (size_t root = 0; root < rule_root_count(p); root++) {
        json_array_begin(&j);
        for (size_t i = 0; i < samples[root].count; i++)
            put_value(&j, samples[root].want[i]);
        json_array_end(&j);
    }
    json_array_end(&j);
    assert_true(buf_ok(&b));
    fprintf(f, "{\"program\":%.*s,\"want\":%s}\n", STR_ARG(program), buf_view(&b).p);
}

/* Runs node over the file; what it printed. */
static struct str run_node(struct cx *cx, const char *in, const char *out)
{
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    char node[] = "node", script[] = "test/lib/rule_same.js";
    char *const argv[] = {node, script, (char *)(uintptr_t)in, NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (posix_spawnp(&child, node, &actions, NULL, argv, environ) != 0)
        fail_msg("node cannot be started: run make packages");
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    enum { OUT_MAX = 1 << 20 };
    char *text = arena_new(cx->arena, OUT_MAX);
    FILE *f = fopen(out, "r");
    assert_non_null(f);
    size_t len = f ? fread(text, 1, OUT_MAX - 1, f) : 0;
    if (f)
        (void)fclose(f);
    return (struct str){text, len};
}

/* The numbers of the lines that differ, in order; the count of all checked. */
static size_t bad_lines(size_t *lines, size_t max, size_t *checked, struct str text)
{
    size_t count = 0;
    while (text.p) {
        struct str line = str_cut(&text, '\n'), word = str_cut(&line, ' ');
        struct str number = str_cut(&line, ' ');
        int64_t n = 0;
        if (getenv("FUMIN_RULE_SHOW") && str_eq_z(word, "bad"))
            print_error("  JavaScript, row, got, want: %.*s\n", STR_ARG(line));
        if (str_eq_z(word, "bad") && str_to_i64(&n, number) && count < max)
            lines[count++] = (size_t)n;
        if (str_eq_z(word, "checked") && str_to_i64(&n, number))
            *checked = (size_t)n;
    }
    return count;
}

static void js_differs(bool *bad, struct cx *cx, struct random_rows *d, struct sample *samples,
                       size_t count)
{
    const char *dir = check_dir(cx);
    const char *in = arena_printf(cx->arena, "%s/in", dir);
    size_t lines[CANDIDATES_MAX], checked = 0;
    FILE *f = fopen(in, "w");
    assert_non_null(f);
    write_data(f, cx, d);
    for (size_t i = 0; i < count; i++)
        write_program(f, cx, samples[i].program, &samples[i]);
    (void)fclose(f);
    struct str text = run_node(cx, in, arena_printf(cx->arena, "%s/out", dir));
    size_t n = bad_lines(lines, CANDIDATES_MAX, &checked, text);
    for (size_t i = 0; i < n; i++)
        bad[lines[i] - 1] = true;
    check_dir_remove(cx, dir);
}

/* All rules of one set of rows: each alone, and all as one program, which must say the same.
 * Lines of the file: the rows, each rule, the whole. `at` counts the accepted ones. */
static size_t write_set(FILE *f, struct cx *cx, uint64_t seed)
{
    uint64_t state = seed;
    struct random_rows *d = rule_random_data(cx->arena, &state);
    static struct sample samples[RULES_A_SET];
    static struct rule_text texts[RULES_A_SET];
    const struct rule_program *whole;
    struct rule_fault fault;
    size_t count = 0;
    write_data(f, cx, d);
    for (size_t i = 0; i < RULES_A_SET; i++) {
        struct sample s = sample_made(cx, d, seed, i);
        if (!s.program)
            continue;
        write_program(f, cx, s.program, &s);
        texts[count] = (struct rule_text){.name = "case", .level = s.level, .text = s.text};
        samples[count++] = s;
    }
    check_ok(cx, rule_compile(&whole, &fault, cx, rule_random_dictionary(), texts, count));
    for (size_t i = 0; i < count; i++) {
        const int64_t *got = run(cx, whole, d, i);
        if (memcmp(got, samples[i].want, samples[i].count * sizeof *got) != 0)
            fail_msg("seed %" PRIu64 ": differs in a program of many: %.*s", seed,
                     STR_ARG(samples[i].text));
    }
    write_program(f, cx, whole, samples);
    return count;
}

/* The edges of arithmetic: each batch's rows and rules. */
static size_t write_edges(FILE *f, struct cx *cx)
{
    uint64_t state = 1;
    struct random_rows *d = rule_random_data(cx->arena, &state);
    size_t count = 0;
    for (size_t batch = 0; batch < RANDOM_BATCHES; batch++) {
        rule_random_edges(d, batch);
        write_data(f, cx, d);
        for (size_t i = 0; rule_random_edge_rules[i]; i++, count++) {
            struct sample s = edge_sample(cx, d, i);
            write_program(f, cx, s.program, &s);
        }
    }
    return count;
}

/* Line `line` of the file written for the set: shows that rule. */
static void show_line(struct cx *cx, uint64_t seed, size_t line)
{
    uint64_t state = seed;
    struct random_rows *d = rule_random_data(cx->arena, &state);
    for (size_t i = 0, at = 1; i < RULES_A_SET; i++) {
        struct sample s = sample_made(cx, d, seed, i);
        if (s.program && at++ == line)
            show(cx, d, seed, s, js_differs);
    }
    fail_msg("seed %" PRIu64 ": JavaScript differs in a program of many rules", seed);
}

/* web/rule.js says the same as C of every random rule, alone and among others. */
static void javascript_is_same(void **state)
{
    (void)state;
    struct cx cx;
    check_open(&cx);
    const char *dir = check_dir(&cx);
    const char *in = arena_printf(cx.arena, "%s/in", dir);
    const char *out = arena_printf(cx.arena, "%s/out", dir);
    size_t sets = case_count() / RULES_A_SET + 1, accepted = 0, lines = 0, checked = 0, bad = 0;
    size_t *first = arena_new(cx.arena, (sets + 1) * sizeof *first);
    FILE *f = fopen(in, "w");
    assert_non_null(f);
    for (size_t s = 0; s < sets; s++) {
        struct arena_mark mark = arena_mark(cx.arena);
        size_t count = write_set(f, &cx, first_seed() + s);
        arena_back(cx.arena, mark);
        first[s] = lines;
        lines += count + 2;
        accepted += count;
    }
    first[sets] = lines;
    size_t edges = write_edges(f, &cx);
    (void)fclose(f);
    size_t n = bad_lines(&bad, 1, &checked, run_node(&cx, in, out));
    check_dir_remove(&cx, dir);
    print_message("%zu random rules, seed %" PRIu64 ", %zu refused\n", accepted, first_seed(),
                  sets * RULES_A_SET - accepted);
    for (size_t s = 0; s < sets && n; s++)
        if (bad >= first[s] && bad < first[s + 1])
            show_line(&cx, first_seed() + s, bad - first[s]);
    if (n)
        fail_msg("an edge differs in JavaScript; FUMIN_RULE_SHOW=1 says in which line");
    assert_int_equal(checked, accepted + sets + edges);
    assert_true(accepted > sets * RULES_A_SET * 3 / 4);
    check_close(&cx);
}

/* ---- SQL ---- */

static const char *sql_type(enum rule_kind kind)
{
    return kind == RULE_TEXT                        ? "TEXT"
           : kind == RULE_BOOL || kind == RULE_CODE ? "SMALLINT"
                                                    : "BIGINT";
}

static enum rc create_table(struct cx *cx, void *arg)
{
    const struct rule_dictionary *d = rule_random_dictionary();
    struct buf b;
    (void)arg;
    buf_init(&b, cx->arena, 1 << 16);
    buf_z(&b, "CREATE TABLE rule_row (level SMALLINT, place INTEGER");
    for (size_t n = 0; n < d->count; n++)
        buf_printf(&b, ", n%zu %s", n, sql_type(d->names[n].type.kind));
    buf_z(&b, ")");
    const struct sql create = {"~rule_create", buf_view(&b).p, NULL, "", ""};
    return DB_RUN0(cx, &create);
}

static void put_cells(struct buf *b, const struct random_rows *d, enum rule_level level,
                      size_t row)
{
    const struct rule_dictionary *dictionary = rule_random_dictionary();
    for (size_t n = 0; n < dictionary->count; n++) {
        const struct rule_name *name = &dictionary->names[n];
        int64_t value = RULE_MISSING;
        enum rule_level stored = rule_random_stored((int32_t)n);
        if (stored <= level)
            value = d->value[n][0][rule_random_climb(d, level, row, stored)];
        if (value == RULE_MISSING)
            buf_z(b, ", NULL");
        else if (name->type.kind == RULE_TEXT)
            buf_z(b, ", 'text'");
        else
            buf_printf(b, ", %" PRId64, value);
    }
}

static enum rc fill_table(struct cx *cx, void *arg)
{
    static const struct sql clear = {"~rule_clear", "DELETE FROM rule_row", NULL, "", ""};
    const struct random_rows *d = arg;
    struct buf b;
    const char *comma = "";
    buf_init(&b, cx->arena, 1 << 20);
    buf_z(&b, "INSERT INTO rule_row VALUES ");
    for (size_t level = 0; level < 3; level++)
        for (size_t i = 0; i < d->count[level]; i++) {
            buf_printf(&b, "%s(%zu, %zu", comma, level, i);
            put_cells(&b, d, (enum rule_level)level, i);
            buf_char(&b, ')');
            comma = ", ";
        }
    const struct sql fill = {"~rule_fill", buf_view(&b).p, NULL, "", ""};
    TRY(DB_RUN0(cx, &clear));
    return DB_RUN0(cx, &fill);
}

static const char *column(void *arg, struct cx *cx, const struct rule_name *name)
{
    const enum rule_level *level = arg;
    return rule_random_stored(name->id) <= *level ? arena_printf(cx->arena, "n%d", name->id)
                                                  : NULL;
}

static size_t sql_asked;

/* Asks the database for all rows of the sample's level. */
static bool sql_differs_one(struct cx *cx, struct random_rows *d, struct sample *s)
{
    struct str text;
    struct db_rows rows;
    bool differs = false, is_bool = rule_root_type(s->program, 0).kind == RULE_BOOL;
    size_t i = 0;
    if (rule_sql(&text, cx, s->program, 0, db_is_pg(cx), column, &s->level, d->day, d->year)) {
        assert_true(cx->err.rc == RC_INVALID && cx->err.text[0]);
        err_clear(cx);
        return false;
    }
    sql_asked++;
    const char *value = arena_printf(
        cx->arena, is_bool ? "CAST(CAST(%.*s AS INTEGER) AS BIGINT)" : "CAST(%.*s AS BIGINT)",
        STR_ARG(text));
    const struct sql ask = {
        "~rule_ask",
        arena_printf(cx->arena, "SELECT %s FROM rule_row WHERE level = %d ORDER BY place",
                     value, s->level),
        NULL, "", "i"};
    if (getenv("FUMIN_RULE_SHOW"))
        print_error("%s\n", ask.lite);
    check_ok(cx, DB_SELECT0(&rows, cx, &ask));
    for (; db_next(&rows); i++) {
        int64_t got = row_null(&rows, 0) ? RULE_MISSING : row_i64(&rows, 0);
        if (i < s->count && got != s->want[i] && getenv("FUMIN_RULE_SHOW"))
            print_error("  database, row %zu: %s\n", i, shown(cx, got));
        differs = differs || i >= s->count || got != s->want[i];
    }
    check_ok(cx, db_done(&rows));
    return differs || i != s->count;
}

static void sql_differs(bool *bad, struct cx *cx, struct random_rows *d, struct sample *samples,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        bad[i] = sql_differs_one(cx, d, &samples[i]);
}

/* Forms that are repeated inside themselves at #, as deep as the language allows or nearly:
 * neither database's limit of nesting may be met. */
static void deep_is_same(struct cx *cx, struct random_rows *d)
{
    static const struct {
        const char *form, *inner;
        int times;
    } deep[] = {{"(not (h_yes and (#)))", "h_is", 30},
                {"((#) or not h_yes) = h_is", "h_is", 40},
                {"if(h_num > 3, #, h_num)", "h_many", 80},
                {"if((#) > 3, h_many, h_num)", "h_many", 40},
                {"first(h_part, (#) + 1)", "h_part", 40},
                {"min(h_num, (#) * 2)", "h_many", 25},
                {"max((#), h_money) - 1", "h_money", 25},
                {"round((#) / h_num, 2)", "h_money", 12},
                {"months(h_day, if((#) > 3, h_day, today))", "h_num", 8},
                {"abs(-(#))", "h_num", 45}};
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        struct str text = str_of(deep[i].inner), form = str_of(deep[i].form);
        size_t hole = str_find(form, STR("#"));
        for (int n = 0; n < deep[i].times; n++)
            text = str_of(arena_printf(cx->arena, "%.*s%.*s%s", (int)hole, form.p,
                                       STR_ARG(text), form.p + hole + 1));
        struct random_node node = {.form = arena_copy(cx->arena, text), .nodes = 1};
        struct sample s = sample_of(cx, d, RULE_HOUSEHOLD, &node);
        size_t asked = sql_asked;
        if (!s.program || sql_differs_one(cx, d, &s) || sql_asked == asked)
            fail_msg("differs or is refused: %.*s", STR_ARG(s.text));
    }
}

static void edges_are_same(struct cx *cx)
{
    uint64_t state = 1;
    struct random_rows *d = rule_random_data(cx->arena, &state);
    for (size_t batch = 0; batch < RANDOM_BATCHES; batch++) {
        struct arena_mark mark = arena_mark(cx->arena);
        rule_random_edges(d, batch);
        check_ok(cx, db_write(cx, 0, fill_table, d));
        for (size_t i = 0; rule_random_edge_rules[i]; i++) {
            struct sample s = edge_sample(cx, d, i);
            if (sql_differs_one(cx, d, &s))
                show(cx, d, 1, s, sql_differs);
        }
        arena_back(cx->arena, mark);
    }
}

static void sql_is_same(struct cx *cx)
{
    size_t sets = case_count() / RULES_A_SET + 1;
    sql_asked = 0;
    check_ok(cx, db_write(cx, 0, create_table, NULL));
    edges_are_same(cx);
    for (size_t set = 0; set < sets; set++) {
        struct arena_mark all = arena_mark(cx->arena);
        uint64_t seed = first_seed() + set, state = seed;
        struct random_rows *d = rule_random_data(cx->arena, &state);
        check_ok(cx, db_write(cx, 0, fill_table, d));
        if (set == 0)
            deep_is_same(cx, d);
        for (size_t i = 0; i < RULES_A_SET; i++) {
            struct arena_mark mark = arena_mark(cx->arena);
            struct sample s = sample_made(cx, d, seed, i);
            if (s.program && sql_differs_one(cx, d, &s))
                show(cx, d, seed, s, sql_differs);
            arena_back(cx->arena, mark);
        }
        arena_back(cx->arena, all);
    }
    print_message("%zu of them asked of %s\n", sql_asked,
                  db_is_pg(cx) ? "PostgreSQL" : "SQLite");
    assert_true(sql_asked > sets * RULES_A_SET / 4);
}

/* Where rule_sql makes a text, both databases say the same as C of every row. */
static void test_sql(void **state)
{
    (void)state;
    db_fixture_each_empty(sql_is_same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(javascript_is_same),
        cmocka_unit_test(test_sql),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

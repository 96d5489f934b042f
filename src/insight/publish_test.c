/* An attacker reads everything that was ever published and reckons. */
#include "insight/publish.h"
#include "insight/why_fixture.h"

enum {
    TOWNS = 3,
    VILLAGES = 3, /* of a town */
    GROUPS = 3,   /* of a village; the last are households directly at it */
    LEAVES = TOWNS * VILLAGES * GROUPS,
    NODES = 1 + TOWNS + TOWNS * VILLAGES + LEAVES,
    LINES = 3,
    TIMES = 3,
    UNKNOWNS = LEAVES * LINES * TIMES,
    FACTS = 400,
    TRIES = 24,
    SEEDS = 60,
};
static const uint64_t prime = 2147483647;

/* A place; leaves are in order, those under a node are [first, end). */
struct node {
    int64_t id;
    int parent, first, end;
};
struct town_county {
    struct register_fixture f;
    struct node nodes[NODES];
    int count;
    int households[LEAVES];
    int band[TIMES][LEAVES][LINES]; /* households between a line and the one below it */
};
static struct town_county k;

/* ---- the county ---- */

/* A village and its groups; the last group is the village's own households. */
static enum rc add_village(struct cx *cx, int town, int first)
{
    int village = k.count++;
    k.nodes[village] = (struct node){0, town, first, first + GROUPS};
    TRY(area_add(&k.nodes[village].id, cx, k.nodes[town].id, 4, STR(""), STR("村"), 0));
    for (int g = 0; g < GROUPS; g++) {
        struct node *n = &k.nodes[k.count++];
        *n = (struct node){0, village, first + g, first + g + 1};
        if (g < GROUPS - 1)
            TRY(area_add(&n->id, cx, k.nodes[village].id, 5, STR(""), STR("组"), 0));
    }
    return RC_OK;
}

static enum rc add_places(struct cx *cx, void *arg)
{
    const int leaves = VILLAGES * GROUPS; /* of a town */
    (void)arg;
    k.count = 0;
    k.nodes[k.count++] = (struct node){k.f.county_area, -1, 0, LEAVES};
    for (int t = 0; t < TOWNS; t++) {
        int town = k.count++;
        k.nodes[town] = (struct node){0, 0, t * leaves, (t + 1) * leaves};
        TRY(area_add(&k.nodes[town].id, cx, k.f.county_area, 3, STR(""), STR("镇"), 0));
        for (int v = 0; v < VILLAGES; v++)
            TRY(add_village(cx, town, t * leaves + v * GROUPS));
    }
    return RC_OK;
}

static void throw_county(uint64_t *dice)
{
    for (int i = 0; i < LEAVES; i++) {
        k.households[i] = (int)(check_int(dice, 0, 4) ? check_int(dice, 0, 60) : 0);
        for (int t = 0; t < TIMES; t++) {
            int left = k.households[i];
            for (int l = 0; l < LINES; l++) {
                int most = check_int(dice, 0, 3) ? 12 : left;
                k.band[t][i][l] = (int)check_int(dice, 0, most < left ? most : left);
                left -= k.band[t][i][l];
            }
        }
    }
}

/* Households of a node in bands from..to. */
static int64_t count_of(const struct node *n, int time, int from, int to)
{
    int64_t sum = 0;
    for (int i = n->first; i < n->end; i++)
        for (int l = from; l <= to; l++)
            sum += k.band[time][i][l];
    return sum;
}
static int64_t households_of(const struct node *n)
{
    int64_t sum = 0;
    for (int i = n->first; i < n->end; i++)
        sum += k.households[i];
    return sum;
}

static struct publish_row row_of(const struct node *n, int time, int line)
{
    int64_t all = households_of(n), poor = count_of(n, time, 0, line);
    return (struct publish_row){n->id, "somewhere", all, all, false, poor, poor};
}

/* ---- the attacker ---- */

/* Equations in echelon form modulo a prime; unknown: households of a leaf in a band at a time.
 */
struct known {
    uint64_t facts[FACTS][UNKNOWNS];
    int pivot[FACTS];
    int count;
};

static void add_unknowns(uint64_t *v, const struct node *n, int time, int from, int to)
{
    memset(v, 0, UNKNOWNS * sizeof *v);
    for (int i = n->first; i < n->end; i++)
        for (int l = from; l <= to; l++)
            v[(time * LEAVES + i) * LINES + l] = 1;
}

/* What of `v` does not follow; false when all of it does. */
static bool reduce(const struct known *w, uint64_t *v)
{
    for (int f = 0; f < w->count; f++) {
        uint64_t times = v[w->pivot[f]];
        for (int u = w->pivot[f]; times && u < UNKNOWNS; u++)
            v[u] = (v[u] + (prime - times) * w->facts[f][u]) % prime;
    }
    for (int u = 0; u < UNKNOWNS; u++)
        if (v[u])
            return true;
    return false;
}

static uint64_t inverse(uint64_t a)
{
    uint64_t result = 1;
    for (uint64_t e = prime - 2; e; e >>= 1, a = a * a % prime)
        if (e & 1)
            result = result * a % prime;
    return result;
}

static void learn(struct known *w, uint64_t *v)
{
    if (!reduce(w, v))
        return;
    assert_true(w->count < FACTS);
    int pivot = 0;
    while (!v[pivot])
        pivot++;
    uint64_t scale = inverse(v[pivot]);
    for (int u = 0; u < UNKNOWNS; u++)
        w->facts[w->count][u] = v[u] * scale % prime;
    w->pivot[w->count++] = pivot;
}

static void read_figure(struct known *w, const struct publish_figure *f, int root, int time,
                        int line)
{
    static uint64_t v[UNKNOWNS];
    size_t row = 1;
    add_unknowns(v, &k.nodes[root], time, 0, line);
    learn(w, v);
    for (int i = 0; i < NODES; i++) {
        if (k.nodes[i].parent != root)
            continue;
        add_unknowns(v, &k.nodes[i], time, 0, line);
        if (!f->rows[row++].hidden)
            learn(w, v);
    }
}

static bool is_told(const struct node *n, int64_t poor, bool band)
{
    int64_t others = households_of(n) - poor;
    return (poor > 0 && poor < PUBLISH_LEAST) || (!band && poor && others < PUBLISH_LEAST);
}

/* How many counts of few households follow: of any place, below any line or between two. */
static int leaks(const struct known *w)
{
    static uint64_t v[UNKNOWNS];
    int found = 0;
    for (int n = 0; n < NODES; n++)
        for (int time = 0; time < TIMES; time++)
            for (int from = 0; from < LINES; from++)
                for (int to = from; to < LINES; to++) {
                    const struct node *at = &k.nodes[n];
                    if (!is_told(at, count_of(at, time, from, to), from > 0))
                        continue;
                    add_unknowns(v, at, time, from, to);
                    found += !reduce(w, v);
                }
    return found;
}

/* The same with what every reader knows besides: no count is below zero, above the households
 * of its place, or smaller at a higher line. Bounds by node and line until nothing moves. */
struct bounds {
    int64_t low[NODES][LINES], high[NODES][LINES];
};

static bool narrow(struct bounds *b, int n, int line, int64_t low, int64_t high)
{
    bool moved = low > b->low[n][line] || high < b->high[n][line];
    b->low[n][line] = low > b->low[n][line] ? low : b->low[n][line];
    b->high[n][line] = high < b->high[n][line] ? high : b->high[n][line];
    return moved;
}

static bool narrow_family(struct bounds *b, int root, int line)
{
    int64_t low = 0, high = 0;
    bool moved = false, parts = false;
    for (int i = 0; i < NODES; i++)
        if (k.nodes[i].parent == root) {
            parts = true;
            low += b->low[i][line];
            high += b->high[i][line];
        }
    if (!parts)
        return false;
    moved = narrow(b, root, line, low, high);
    for (int i = 0; i < NODES; i++)
        if (k.nodes[i].parent == root)
            moved |= narrow(b, i, line, b->low[root][line] - (high - b->high[i][line]),
                            b->high[root][line] - (low - b->low[i][line]));
    return moved;
}

static int leaks_by_bounds(struct bounds *b)
{
    int found = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int line = 0; line < LINES; line++)
            for (int n = 0; n < NODES; n++) {
                moved |= narrow_family(b, n, line);
                if (line)
                    moved |= narrow(b, n, line, b->low[n][line - 1], INT64_MAX) |
                             narrow(b, n, line - 1, 0, b->high[n][line]);
            }
    }
    for (int n = 0; n < NODES; n++)
        for (int line = 0; line < LINES; line++)
            found += b->low[n][line] == b->high[n][line] &&
                     is_told(&k.nodes[n], b->low[n][line], false);
    return found;
}

static void begin_bounds(struct bounds *b)
{
    for (int n = 0; n < NODES; n++)
        for (int line = 0; line < LINES; line++) {
            b->low[n][line] = 0;
            b->high[n][line] = households_of(&k.nodes[n]);
        }
}

static void read_bounds(struct bounds *b, const struct publish_figure *f, int root, int line)
{
    size_t row = 1;
    narrow(b, root, line, f->rows[0].poor_households, f->rows[0].poor_households);
    for (int i = 0; i < NODES; i++)
        if (k.nodes[i].parent == root) {
            const struct publish_row *r = &f->rows[row++];
            if (!r->hidden)
                narrow(b, i, line, r->poor_households, r->poor_households);
        }
}

/* ---- publishing at random ---- */

static bool make_figure(struct publish_figure *f, struct cx *cx, int root, int time, int line)
{
    struct publish_row *rows = arena_new(cx->arena, (1 + VILLAGES * GROUPS) * sizeof *rows);
    *f = (struct publish_figure){.county = k.f.county,
                                 .area_id = k.nodes[root].id,
                                 .title = "t",
                                 .line_label = "l",
                                 .welfare = "w",
                                 .line_minor = line,
                                 .rows = rows,
                                 .row_count = 1};
    rows[0] = row_of(&k.nodes[root], time, line);
    for (int i = 0; i < NODES; i++)
        if (k.nodes[i].parent == root)
            rows[f->row_count++] = row_of(&k.nodes[i], time, line);
    enum rc rc = publish_hide(rows, cx, f->row_count);
    err_clear(cx);
    return rc == RC_OK;
}

static int pick_root(uint64_t *dice)
{
    for (;;) {
        int n = (int)check_int(dice, 0, check_int(dice, 0, 1) ? NODES - 1 : TOWNS + 3);
        if (k.nodes[n].id)
            return n;
    }
}

struct game {
    struct known told, all; /* what was let through; what was tried */
    struct bounds bounds;
    int published, by_facts, by_bounds, unchecked;
};
static struct game game;

static void play(struct cx *cx, uint64_t seed, bool changes)
{
    uint64_t dice = seed;
    struct publish_figure f;
    int64_t id;
    throw_county(&dice);
    game.told.count = game.all.count = 0;
    begin_bounds(&game.bounds);
    for (int i = 0; i < TRIES; i++) {
        int root = pick_root(&dice), time = changes ? (int)check_int(&dice, 0, TIMES - 1) : 0;
        int line = check_int(&dice, 0, 2) ? 0 : (int)check_int(&dice, 0, LINES - 1);
        if (!make_figure(&f, cx, root, time, line))
            continue;
        f.year = (int32_t)(2000 + seed);
        read_figure(&game.all, &f, root, time, line);
        enum rc rc = publish_put(&id, cx, &f);
        if (rc) {
            assert_int_equal(rc, RC_CONFLICT);
            err_clear(cx);
            continue;
        }
        game.published++;
        read_figure(&game.told, &f, root, time, line);
        read_bounds(&game.bounds, &f, root, line);
        if (!check_int(&dice, 0, 3))
            check_ok(cx, publish_withdraw(cx, id));
    }
    game.by_facts += leaks(&game.told);
    game.by_bounds += changes ? 0 : leaks_by_bounds(&game.bounds);
    game.unchecked += leaks(&game.all);
}

/* All in one write: it would wait for the disk a thousand times otherwise. */
struct attack {
    uint64_t seed;
    bool changes;
};
static enum rc play_closure(struct cx *cx, void *arg)
{
    const struct attack *a = arg;
    play(cx, a->seed, a->changes);
    return RC_OK;
}

static void attack(struct cx *cx, bool changes)
{
    register_fixture_open(&k.f, cx);
    check_ok(cx, db_write(cx, 0, add_places, NULL));
    cx->actor = fixture_officer(cx, &k.f, k.f.county_area, "county_admin");
    game.published = game.by_facts = game.by_bounds = game.unchecked = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        check_ok(cx, db_write(cx, 0, play_closure, &(struct attack){seed, changes}));
        if (game.by_facts || game.by_bounds)
            fail_msg("seed %d: %d counts of few households follow, %d by bounds", (int)seed,
                     game.by_facts, game.by_bounds);
    }
    assert_true(game.unchecked >
                SEEDS / 6);              /* the attack finds much where nothing is refused */
    assert_true(game.published > SEEDS); /* … and not all is refused */
    register_fixture_close(&k.f, cx);
}

static void attack_still(struct cx *cx)
{
    attack(cx, false);
}
static void attack_changing(struct cx *cx)
{
    attack(cx, true);
}
static void test_still(void **state)
{
    (void)state;
    /* 60 counties: figures of areas and lines at random, some withdrawn again; nothing about
     * 1 to 9 households follows from all of them by linear algebra or by bounds. */
    db_fixture_each(attack_still);
}
static void test_changing(void **state)
{
    (void)state;
    /* The same while the register changes between the figures. */
    db_fixture_each(attack_changing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_still),
        cmocka_unit_test(test_changing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

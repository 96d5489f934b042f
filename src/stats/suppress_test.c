/* Tests of hiding small cells: an attacker who knows all sums and all shown cells must not
 * learn a small one. */
#include "base/check.h"
#include "stats/suppress.h"

enum { LEAST = 10, ROWS = 4, COLUMNS = 3, CELLS = ROWS * COLUMNS };

/* Can the hidden cell `at` grow or shrink by one with all sums kept? It can when a closed path
 * of hidden cells goes through it, turning at each; sought by depth over alternate rows and
 * columns. */
static bool can_change(const bool *hidden, size_t at)
{
    size_t row = at / COLUMNS, column = at % COLUMNS;
    bool reached_row[ROWS] = {0}, reached_column[COLUMNS] = {0};
    reached_column[column] = true; /* left by the column … */
    for (bool again = true; again;) {
        again = false;
        for (size_t r = 0; r < ROWS; r++)
            for (size_t c = 0; c < COLUMNS; c++) {
                if (!hidden[r * COLUMNS + c] || r * COLUMNS + c == at)
                    continue;
                if (reached_column[c] && !reached_row[r])
                    again = reached_row[r] = true;
                if (reached_row[r] && !reached_column[c])
                    again = reached_column[c] = true;
            }
    }
    return reached_row[row]; /* … and come back by the row */
}

/* 2,000 tables of counts at random: no count from 1 to 9 is shown, and where the sums may be
 * shown every row and column has none or two hidden cells of at least 10 together; a hidden
 * small cell can differ from what it is. */
static void test_tables(void **state)
{
    (void)state;
    uint32_t seed = 11;
    int64_t tables_with_hidden = 0, changeable = 0, small = 0;
    for (int n = 0; n < 2000; n++) {
        int64_t count[CELLS];
        bool hidden[CELLS] = {0};
        for (size_t i = 0; i < CELLS; i++) {
            seed = seed * 1664525U + 1013904223U;
            count[i] = (seed >> 16) % ((seed >> 8) % 5 ? 90 : 12);
        }
        bool open =
            suppress_cells(&(struct suppress_table){count, ROWS, COLUMNS, LEAST, hidden});
        for (size_t i = 0; i < CELLS; i++)
            assert_true(hidden[i] || !count[i] || count[i] >= LEAST);
        for (size_t r = 0; r < ROWS && !open; r++) {
            int64_t sum = 0;
            size_t cells = 0;
            for (size_t c = 0; c < COLUMNS; c++) {
                cells += hidden[r * COLUMNS + c];
                sum += hidden[r * COLUMNS + c] ? count[r * COLUMNS + c] : 0;
            }
            assert_true(!cells || (cells >= 2 && sum >= LEAST));
            tables_with_hidden += cells > 0;
        }
        for (size_t i = 0; i < CELLS && !open; i++)
            if (count[i] && count[i] < LEAST) {
                small++;
                changeable += can_change(hidden, i);
            }
    }
    assert_true(tables_with_hidden > 100);
    assert_int_equal(changeable, small);
}

/* By hand: 3 poor in one village of three. Their village's others are hidden (the sum is
 * known), and one more village, the smallest. */
static void test_by_hand(void **state)
{
    (void)state;
    const int64_t count[] = {3, 97, 20, 80, 40, 160};
    bool hidden[6] = {0};
    assert_false(suppress_cells(&(struct suppress_table){count, 3, 2, LEAST, hidden}));
    assert_true(hidden[0] && hidden[1] && hidden[2] && hidden[3]);
    assert_false(hidden[4] || hidden[5]);
}

/* One row alone cannot be protected: its sum would tell. */
static void test_open(void **state)
{
    (void)state;
    const int64_t count[] = {3, 2};
    bool hidden[2] = {0};
    assert_true(suppress_cells(&(struct suppress_table){count, 1, 2, LEAST, hidden}));
    assert_true(hidden[0] && hidden[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

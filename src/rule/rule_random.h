/* Made-up rules and data for tests and benches: well-typed random texts over a dictionary of
 * all kinds at all levels, and blocks of random rows with missing and extreme values. Not used
 * by the program. Everything follows from the state of a random stream. */
#ifndef RULE_RULE_RANDOM_H
#define RULE_RULE_RANDOM_H

#include "rule/rule.h"

enum {
    RANDOM_YEARS = 4, /* this year and three before; nothing is known of earlier ones */
    RANDOM_ROWS = 50,
    RANDOM_NAMES_MAX = 48,
};

/* An expression: `form` with one # for each child. */
struct random_node {
    const char *form;
    enum rule_kind kind;
    unsigned decimals;  /* RULE_NUMBER */
    enum rule_level at; /* the level whose names it may read */
    int nodes;          /* with all below */
    size_t child_count;
    struct random_node *child[3];
};
struct random_rows {
    int32_t day, year;
    size_t count[3];
    int64_t row[3][RANDOM_ROWS];
    uint32_t parent[3][RANDOM_ROWS];
    int64_t (*value)[RANDOM_YEARS][RANDOM_ROWS]; /* by place in the dictionary */
};

/* The next number of the stream; n of 0..count-1. Source: Steele, Lea, Flood 2014. */
uint64_t rule_random_next(uint64_t *state);
size_t rule_random_pick(uint64_t *state, size_t count);

/* Static. Names' ids are their places; list addresses are &rule_random_list[0] and [1]. */
const struct rule_dictionary *rule_random_dictionary(void);
/* An expression of that kind for rows of `level`, about `depth` deep. */
struct random_node *rule_random_tree(struct arena *arena, uint64_t *state,
                                     enum rule_level level, enum rule_kind kind, int depth);
struct str rule_random_text(struct arena *arena, const struct random_node *tree);

/* Areas, households and people, RANDOM_ROWS in all, some without any child. */
struct random_rows *rule_random_data(struct arena *arena, uint64_t *state);
/* The data as a block and as a source; both share its memory. */
struct rule_block rule_random_block(const struct random_rows *d);
struct rule_source rule_random_source(struct random_rows *d);
/* Puts every pair of the numbers and days at which arithmetic changes into the people's p_num
 * and p_many, p_money and p_part, p_day and p_month and today; batch 0..RANDOM_BATCHES-1 has
 * its part of the pairs. The rules that try them are for people; NULL at the end. */
enum { RANDOM_BATCHES = 24 };
void rule_random_edges(struct random_rows *d, size_t batch);
extern const char *const rule_random_edge_rules[];

/* The level whose rows hold a name's values: thresholds are the areas'. */
enum rule_level rule_random_stored(int32_t id);
/* The row at level `up` to which a row of `level` belongs. */
size_t rule_random_climb(const struct random_rows *d, enum rule_level level, size_t row,
                         enum rule_level up);

#endif

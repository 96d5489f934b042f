/* What the loader of rules hands from file to file of this room (load_rules.c, rule_names.c,
 * load_programs.c); other rooms see profile/rules.h. */
#ifndef PROFILE_LOAD_RULES_H
#define PROFILE_LOAD_RULES_H

#include "profile/profile_impl.h"
#include "profile/rules.h"

enum { INDEX_DEPRIVATIONS_MAX = 16 };

/* Where a rule's row stands. */
struct rule_place {
    const char *file;
    int64_t line;
    const char *field; /* NULL: "rule" */
};
struct rule_load {
    struct profile_rules *rules;
    struct rule_place *derived_places, *check_places;
    struct poverty_index *indexes; /* rules->indexes, to be filled */
    int64_t *index_lines;
    struct deprivation *deprivations; /* index i has [i * INDEX_DEPRIVATIONS_MAX ...] */
    struct rule_place *deprivation_places;
    struct rule_name *names; /* of rules->dictionary */
    size_t faults_before;    /* of other files */
};

/* Makes rules->dictionary of all that a rule of this profile may name (rule_names.c). */
void rule_names_make(struct loader *l, struct rule_load *load);
/* Once the derived rules are compiled: their types, for whoever offers names to choose from. */
void rule_names_types(struct rule_load *load);
/* Compiles all rules; each mistake is noted in its row with its place (load_programs.c). Does
 * nothing when a table was wrong already: its faults come first. */
void load_programs(struct loader *l, struct rule_load *load);

/* For further tables with rules: the texts as one program, NULL after mistakes (noted in their
 * places), or when derived rules are wrong already. Any count. */
const struct rule_program *rules_compile(struct loader *l, const struct rule_text *texts,
                                         const struct rule_place *places, size_t count);
enum rule_level rule_level_of(enum subject subject);
/* Where a rule stands; an empty cell is a mistake. */
void rule_place_of(struct rule_place *out, const struct row *r, int column);
/* Reads a table that may be missing, of at most 2,000 rows. False: nothing to load. */
bool table_optional(struct table *t, struct loader *l, const char *file,
                    const char *const *columns, size_t column_count);
/* The derived household condition of that name (a part of the cell); NULL after a mistake. */
const struct derived *row_condition(const struct row *r, int column, struct str name);

#endif

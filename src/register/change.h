/* Inside of register/: a difference between a record and the register, made by change.c and
 * written by change_write.c. */
#ifndef REGISTER_CHANGE_H
#define REGISTER_CHANGE_H

#include "register/inner.h"

struct person_delta {
    const struct person_record *r;
    bool is_new, moves, puts_safe, puts_sheet, renamed;
    struct member was, now;
    struct safe safe;
    struct section person, membership, sheet;
    struct value *values; /* the whole new sheet */
};
struct income_delta {
    const struct income_record *r;
    struct section section;
    bool is_new;
};
struct delta {
    const struct household_record *r;
    bool exists, puts_sheet;
    struct household h; /* as it is */
    int64_t area_id;    /* the record's, or what that was merged into; 0: not said */
    struct section household, sheet;
    struct value *values;
    struct person_delta *people;
    size_t people_count;
    struct income_delta *incomes;
    size_t income_count;
    int64_t missing;
};

#endif

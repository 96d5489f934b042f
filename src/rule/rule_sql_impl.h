/* What the two files of rule_sql share: the SQL of an instruction and what makes it. */
#ifndef RULE_RULE_SQL_IMPL_H
#define RULE_RULE_SQL_IMPL_H

#include "base/buf.h"
#include "rule/code.h"

/* The SQL of one instruction. */
struct sql_piece {
    const char *text; /* NULL: not needed by the root */
    bool cond;        /* a condition; else a value */
    bool wide;        /* a value known to be BIGINT on PostgreSQL */
    bool constant;    /* the value is k (may be RULE_MISSING) */
    int depth;
    int uses;
    int64_t k;
    const char *civil; /* day values: made by civil(), NULL when not yet */
};
struct sql_maker {
    struct cx *cx;
    const struct rule_program *p;
    struct sql_piece *pieces; /* one per instruction */
    struct buf steps;
    int step_count;
    rule_column_fn column;
    void *arg;
    int32_t day, year;
};

/* ---- rule_sql.c ---- */
struct sql_piece sql_constant(struct cx *cx, int64_t k);
/* A value of type BIGINT; a condition. */
struct sql_piece sql_value(const char *text, int depth);
struct sql_piece sql_cond(const char *text, int depth);
/* Makes `text` a step of the chain; its column's name. */
const char *sql_step(struct sql_maker *s, const char *text);
/* The piece as a condition, as a value, as a BIGINT. */
const char *sql_as_cond(struct sql_maker *s, const struct sql_piece *p);
const char *sql_as_value(struct sql_maker *s, const struct sql_piece *p);
const char *sql_as_wide(struct sql_maker *s, const struct sql_piece *p);
/* As sql_as_wide, as a text that may stand several times: short, or the column of a step. */
const char *sql_as_atom(struct sql_maker *s, struct sql_piece *p);
/* One deeper than both. */
int sql_deeper(const struct sql_piece *a, const struct sql_piece *b);

/* ---- rule_sql_number.c: numbers and days ---- */
int64_t sql_power(int64_t k); /* 10^k, k 0..18 */
struct sql_piece sql_add(struct sql_maker *s, struct sql_piece *x, struct sql_piece *y,
                         bool minus);
struct sql_piece sql_multiply(struct sql_maker *s, struct sql_piece *x, struct sql_piece *y);
struct sql_piece sql_multiply_known(struct sql_maker *s, struct sql_piece *x, int64_t k);
/* x * 10^k / y and x / 10^k, halves away from zero. */
struct sql_piece sql_divide(struct sql_maker *s, struct sql_piece *x, struct sql_piece *y,
                            int64_t k);
struct sql_piece sql_round(struct sql_maker *s, struct sql_piece *x, int64_t k);
struct sql_piece sql_lesser(struct sql_maker *s, struct sql_piece *x, struct sql_piece *y,
                            bool most);
/* OP_NEG and OP_ABS. */
struct sql_piece sql_sign(struct sql_maker *s, const struct rule_ins *in);
/* OP_YEARS, OP_MONTHS, OP_MONTH_OF. */
struct sql_piece sql_date(struct sql_maker *s, const struct rule_ins *in);

#endif

/* Lists with changing filters: builds the statement of one page from a named block, a fixed
 * table of columns and what the person chose. Values are always bound; column expressions come
 * only from the table. One struct sql per distinct shape, kept as long as the pool.
 *
 * The block is a sqlc block that works as it stands and carries two marks:
 *     -- name: household_list(county i64) -> many (id i64, code text)
 *     SELECT h.id, h.code FROM household h WHERE h.county = $1 FILTER ORDER
 * where FILTER and ORDER stand between slash-star and star-slash without blanks (C's comments
 * cannot hold them). Conditions are put at FILTER as " AND ...", so a WHERE must stand before
 * it; ORDER BY and LIMIT at ORDER. A block without the ORDER mark is only filtered: for counts.
 *
 * Paging is by key: `(sort, id) > ($a, $b)` finds the next page through an index on (the fixed
 * columns, sort, id) at any depth. Sort expressions must never be NULL. */
#ifndef DB_FILTER_H
#define DB_FILTER_H

#include "db/db.h"

enum filter_type {
    FILTER_TYPE_INT, /* integer, or fixed-point by `decimals` */
    FILTER_TYPE_DAY, /* INTEGER days; texts such as 2026-11-23 */
    FILTER_TYPE_TEXT,
};
enum filter_op {
    FILTER_EQ,
    FILTER_NE, /* also true where the column is NULL */
    FILTER_LT,
    FILTER_LE,
    FILTER_GT,
    FILTER_GE,
    FILTER_IN,      /* 1 to 100 values; 0 values: nothing fits */
    FILTER_PREFIX,  /* text only; begins with one of 1 to 100 values; "" fits all, 0 values:
                       nothing */
    FILTER_IS_NULL, /* no value */
    FILTER_NOT_NULL,
};
enum { FILTER_TERMS_MAX = 24, FILTER_VALUES_MAX = 100 };

struct filter_column {
    const char *name; /* as in the address: "village" */
    const char *expr; /* SQL, common to both databases: "h.area_id" */
    enum filter_type type;
    unsigned decimals;
    bool can_sort; /* an index leads to it; never NULL */
    /* Where the sort value is personal (a name), it must not stand in the address: the token
     * then holds the last row's id alone, and this statement (the fixed arguments, then the id
     * i64; one column) finds the value again. NULL: the token holds the value. */
    const struct sql *locate;
};
struct filter_table {
    const struct sql *base;
    const struct filter_column *columns;
    size_t column_count;
    const char *id_expr; /* the unique last key of the order, an i64: "h.id" */
};
struct filter_term {
    const char *column;
    enum filter_op op;
    const struct str *values; /* as typed or as in the address; read by the column's type */
    size_t value_count;       /* 1, but for the operators that say otherwise */
};
struct filter {
    const struct db_arg *fixed; /* arguments of the base statement */
    size_t fixed_count;
    const struct filter_term *terms; /* all must hold */
    size_t term_count;
    const char *sort; /* column name; NULL: by id */
    bool descending;  /* id too */
    struct str after; /* token of the last row seen; "" = first page */
    int64_t limit;    /* rows; ask for one more than shown to know whether a page follows */
};
struct filtered {
    const struct sql *sql; /* for db_select(&rows, cx, out.sql, out.args, out.arg_count) */
    struct db_arg *args;   /* in cx->arena */
    size_t arg_count;
};
/* RC_INVALID with a text for the person: an unknown column or sort, a value that is not of the
 * column's type, a bad token; RC_LIMIT: too many terms or values. Uses cx->db only for
 * `locate`. The struct sql lives as long as the pool; when DB_SHAPES_MAX shapes are kept, as
 * long as cx. */
enum rc filter_sql(struct filtered *out, struct cx *cx, const struct filter_table *table,
                   const struct filter *f) MUST_USE;
/* The token of a row with this sort value (V_I or V_T; ignored when sorted by id or with
 * `locate`) and id; in cx->arena, safe in an address. */
const char *filter_token(struct cx *cx, const struct filter_table *table,
                         const struct filter *f, struct db_arg sort_value, int64_t id);
/* "eq", "ne", "lt", "le", "gt", "ge", "in", "prefix", "null", "not-null"; false: none of them.
 */
bool filter_op_parse(enum filter_op *out, struct str name);

#endif

/* Inside of the PostgreSQL driver: the connection, an open statement, cells in binary form. */
#ifndef DB_DB_PG_IMPL_H
#define DB_DB_PG_IMPL_H

#include "base/buf.h"
#include "db/db_impl.h"

#include <libpq-fe.h>

/* pg_type.h's numbers; they never change. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_CHAR = 18,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_JSON = 114,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_NUMERIC = 1700,
};
enum { PG_BUCKETS = 256, PG_SPILL_MAX = 64 * 1024 * 1024 };

struct pg_stmt {
    const struct sql *key;
    struct pg_stmt *next; /* in its bucket */
    char name[16];
};

/* One value of the present row, in PostgreSQL's binary form; p NULL: SQL NULL. */
struct pg_cell {
    const char *p;
    int len;
    Oid type;
};

struct pg_cursor {
    struct pg_cursor *open_next, **open_link;
    const struct sql *sql;
    PGresult *res;    /* all rows, or the present one of a stream */
    int row;          /* in res */
    bool pending;     /* the row in hand was not given out yet */
    bool live;        /* more comes from the connection */
    struct buf spill; /* rows taken in when another statement needed the connection */
    size_t spill_at;
    bool spilled;
    enum rc spill_rc;
    int col_count;
    struct pg_cell cells[];
};

struct pg {
    PGconn *conn;
    bool lost; /* the server said goodbye; libpq may not have noticed yet */
    struct pg_stmt *buckets[PG_BUCKETS];
    unsigned names;
    struct pg_cursor *open, *live;
    /* Arguments of the statement that is being sent. */
    const char *values[DB_ARGS_MAX];
    int lengths[DB_ARGS_MAX], formats[DB_ARGS_MAX];
    Oid types[DB_ARGS_MAX];
    unsigned char numbers[DB_ARGS_MAX][8];
};

/* ---- db_pg_value.c ---- */
/* The type in which an argument of this letter is sent. */
Oid pg_arg_type(char letter);
/* Whether a column of this type may be read as this letter. */
bool pg_type_fits(char letter, Oid type);
/* Puts the arguments into pg->values and so on. */
void pg_args_set(struct pg *pg, const struct db_arg *args, size_t arg_count);
/* The getters of the driver. */
int64_t pg_i64(const struct db_rows *rows, int col);
double pg_f64(const struct db_rows *rows, int col);
struct str pg_str(const struct db_rows *rows, int col);
bool pg_null(const struct db_rows *rows, int col);
/* Makes row `row` of `res` the present one. */
void pg_cells_set(struct pg_cursor *c, const PGresult *res, int row);
/* Packs the only row of `res` behind the spilled ones; false when they would be too many. */
bool pg_spill_put(struct pg_cursor *c, const PGresult *res);
/* Makes the next spilled row the present one; false at the end. */
bool pg_spill_next(struct pg_cursor *c);

/* ---- db_pg_dump.c ---- */
/* pg_dump of the connection's database in custom format. The password goes by the environment,
 * not by the command line. */
enum rc pg_backup(struct db *db, struct cx *cx, const char *path) MUST_USE;

#endif

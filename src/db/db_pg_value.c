/* PostgreSQL's binary values: arguments out, cells in, rows packed aside. */
#include "db/db_pg_impl.h"

#include <assert.h>
#include <math.h>

Oid pg_arg_type(char letter)
{
    return letter == 'i'   ? OID_INT8
           : letter == 'f' ? OID_FLOAT8
           : letter == 't' ? OID_TEXT
                           : OID_BYTEA;
}

bool pg_type_fits(char letter, Oid type)
{
    switch (letter) {
    case 'i':
        return type == OID_INT8 || type == OID_INT4 || type == OID_INT2 ||
               type == OID_NUMERIC || type == OID_BOOL || type == OID_OID;
    case 'f':
        return type == OID_FLOAT8 || type == OID_FLOAT4 || type == OID_NUMERIC;
    case 't':
        return type == OID_TEXT || type == OID_VARCHAR || type == OID_BPCHAR ||
               type == OID_NAME || type == OID_CHAR || type == OID_JSON;
    default:
        return type == OID_BYTEA;
    }
}

static void put_u64(unsigned char *out, uint64_t n)
{
    for (int i = 7; i >= 0; i--, n >>= 8)
        out[i] = (unsigned char)n;
}

static uint64_t get_bits(const char *p, int len)
{
    uint64_t n = 0;
    for (int i = 0; i < len; i++)
        n = n << 8 | (unsigned char)p[i];
    return n;
}

void pg_args_set(struct pg *pg, const struct db_arg *args, size_t arg_count)
{
    for (size_t i = 0; i < arg_count; i++) {
        const struct db_arg *a = &args[i];
        uint64_t bits = (uint64_t)a->i;
        pg->formats[i] = 1;
        pg->lengths[i] = 8;
        pg->values[i] = (const char *)pg->numbers[i];
        switch (a->kind) {
        case DB_NULL:
            pg->values[i] = NULL;
            break;
        case DB_F64:
            memcpy(&bits, &a->f, sizeof bits);
            put_u64(pg->numbers[i], bits);
            break;
        case DB_I64:
            put_u64(pg->numbers[i], bits);
            break;
        case DB_TEXT:
        case DB_BLOB:
            assert(a->len <= INT32_MAX);
            pg->values[i] = a->len ? a->p : "";
            pg->lengths[i] = (int)a->len;
            break;
        }
    }
}

/* ---- numeric: base 10,000 digits behind a header; Source: numeric_send in
 * src/backend/utils/adt/numeric.c. sum(bigint) has this type. ---- */

struct numeric {
    int digit_count, weight;
    bool negative, special;
    const char *digits;
};

static struct numeric numeric_of(const struct pg_cell *cell)
{
    struct numeric n = {.digits = cell->p + 8};
    n.digit_count = (int)get_bits(cell->p, 2);
    n.weight = (int16_t)get_bits(cell->p + 2, 2);
    unsigned sign = (unsigned)get_bits(cell->p + 4, 2);
    n.negative = sign == 0x4000;
    n.special = sign > 0x4000;
    return n;
}

static int64_t numeric_i64(const struct pg_cell *cell)
{
    struct numeric n = numeric_of(cell);
    int64_t sum = 0;
    bool bad = n.special;
    for (int i = 0; i <= n.weight; i++) {
        int64_t digit =
            i < n.digit_count ? (int64_t)get_bits(n.digits + (size_t)2 * (size_t)i, 2) : 0;
        bad |= __builtin_mul_overflow(sum, (int64_t)10000, &sum);
        bad |= __builtin_add_overflow(sum, n.negative ? -digit : digit, &sum);
    }
    /* SQLite's sum() fails with "integer overflow" here; nothing we add up comes near. */
    assert(!bad && "a sum passed 2^63");
    return sum;
}

static double numeric_f64(const struct pg_cell *cell)
{
    struct numeric n = numeric_of(cell);
    long double sum = 0;
    for (int i = 0; i < n.digit_count; i++)
        sum = sum * 10000 + (long double)get_bits(n.digits + (size_t)2 * (size_t)i, 2);
    sum *= powl(10000, (long double)(n.weight + 1 - n.digit_count));
    return n.special ? NAN : (double)(n.negative ? -sum : sum);
}

/* ---- cells ---- */

static const struct pg_cell *cell_of(const struct db_rows *rows, int col)
{
    const struct pg_cursor *c = rows->handle;
    assert(col < c->col_count);
    return &c->cells[col];
}

int64_t pg_i64(const struct db_rows *rows, int col)
{
    const struct pg_cell *cell = cell_of(rows, col);
    if (!cell->p)
        return 0;
    switch (cell->type) {
    case OID_NUMERIC:
        return numeric_i64(cell);
    case OID_INT2:
        return (int16_t)get_bits(cell->p, 2);
    case OID_INT4:
        return (int32_t)get_bits(cell->p, 4);
    default:
        return (int64_t)get_bits(cell->p, cell->len);
    }
}

double pg_f64(const struct db_rows *rows, int col)
{
    const struct pg_cell *cell = cell_of(rows, col);
    if (!cell->p)
        return 0;
    uint64_t bits = get_bits(cell->p, cell->len > 8 ? 8 : cell->len);
    double d;
    float f;
    uint32_t half = (uint32_t)bits;
    switch (cell->type) {
    case OID_NUMERIC:
        return numeric_f64(cell);
    case OID_FLOAT8:
        memcpy(&d, &bits, sizeof d);
        return d;
    case OID_FLOAT4:
        memcpy(&f, &half, sizeof f);
        return (double)f;
    default:
        return (double)pg_i64(rows, col);
    }
}

struct str pg_str(const struct db_rows *rows, int col)
{
    const struct pg_cell *cell = cell_of(rows, col);
    return (struct str){cell->p, cell->p ? (size_t)cell->len : 0};
}

bool pg_null(const struct db_rows *rows, int col)
{
    return !cell_of(rows, col)->p;
}

void pg_cells_set(struct pg_cursor *c, const PGresult *res, int row)
{
    for (int i = 0; i < c->col_count; i++) {
        bool is_null = PQgetisnull(res, row, i);
        c->cells[i].p = is_null ? NULL : PQgetvalue(res, row, i);
        c->cells[i].len = is_null ? 0 : PQgetlength(res, row, i);
        c->cells[i].type = PQftype(res, i);
    }
}

/* ---- spilled rows: per cell its length (-1: NULL) and its bytes ---- */

bool pg_spill_put(struct pg_cursor *c, const PGresult *res)
{
    for (int i = 0; i < c->col_count; i++) {
        int32_t len = PQgetisnull(res, 0, i) ? -1 : PQgetlength(res, 0, i);
        buf_put(&c->spill, &len, sizeof len);
        if (len > 0)
            buf_put(&c->spill, PQgetvalue(res, 0, i), (size_t)len);
    }
    return buf_ok(&c->spill);
}

bool pg_spill_next(struct pg_cursor *c)
{
    if (c->spill_at >= c->spill.len)
        return false;
    for (int i = 0; i < c->col_count; i++) {
        int32_t len;
        memcpy(&len, c->spill.p + c->spill_at, sizeof len);
        c->spill_at += sizeof len;
        c->cells[i].p = len < 0 ? NULL : c->spill.p + c->spill_at;
        c->cells[i].len = len < 0 ? 0 : len;
        c->spill_at += len < 0 ? 0 : (size_t)len;
    }
    return true;
}

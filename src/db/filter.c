/* See filter.h. One of the two places that make SQL at run time: from the block's text, the
 * table's expressions and numbers of parameters, never from a value. */
#include "db/filter.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db_impl.h"

#include <assert.h>

enum { FILTER_TEXT_MAX = 64 * 1024, FILTER_ARGS_MAX = DB_ARGS_MAX };
/* Above every text that begins with the prefix before it: the highest code point. */
static const char HIGHEST[] = "\xF4\x8F\xBF\xBF";

/* A statement being made. */
struct maker {
    struct cx *cx;
    struct buf where, order;
    struct buf letters;
    struct db_arg *args;
    size_t arg_count;
};

/* ---- parts ---- */

bool filter_op_parse(enum filter_op *out, struct str name)
{
    static const char *const names[] = {"eq", "ne", "lt",     "le",   "gt",
                                        "ge", "in", "prefix", "null", "not-null"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq_z(name, names[i])) {
            *out = (enum filter_op)i;
            return true;
        }
    }
    return false;
}

static const struct filter_column *column_of(const struct filter_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    }
    return NULL;
}

static enum rc bad_value(struct cx *cx, const struct filter_column *column)
{
    return fail_f(cx, RC_INVALID, _("The filter “%s” does not take this value."), column->name);
}

/* Adds an argument and writes its "$n" to `out`. RC_LIMIT past the last. */
static enum rc put_arg(struct maker *m, struct buf *out, struct db_arg arg)
{
    struct cx *cx = m->cx;
    if (m->arg_count == FILTER_ARGS_MAX)
        return fail(cx, RC_LIMIT, _("Too many filters at once."), "args=%zu", m->arg_count);
    m->args[m->arg_count++] = arg;
    buf_char(&m->letters, arg.kind == DB_TEXT ? 't' : 'i');
    buf_printf(out, "$%zu", m->arg_count);
    return RC_OK;
}

static enum rc value_read(struct db_arg *out, struct cx *cx, const struct filter_column *column,
                          struct str text)
{
    int64_t number = 0;
    int32_t day = 0;
    switch (column->type) {
    case FILTER_TYPE_TEXT:
        *out = (struct db_arg){.kind = DB_TEXT, .p = text.p ? text.p : "", .len = text.len};
        return RC_OK;
    case FILTER_TYPE_DAY:
        if (!day_parse(&day, str_trim(text)))
            return bad_value(cx, column);
        *out = V_I(day);
        return RC_OK;
    case FILTER_TYPE_INT:
        if (!str_to_scaled(&number, str_trim(text), column->decimals))
            return bad_value(cx, column);
        *out = V_I(number);
        return RC_OK;
    }
    return bad_value(cx, column);
}

/* Lists are filled up to the next power of two, so that few shapes arise. */
static size_t padded(size_t count)
{
    size_t up = 1;
    while (up < count)
        up *= 2;
    return up;
}

static enum rc put_in(struct maker *m, const struct filter_column *column,
                      const struct filter_term *term)
{
    buf_printf(&m->where, " AND %s IN (", column->expr);
    for (size_t i = 0; i < padded(term->value_count); i++) {
        struct db_arg arg;
        size_t from = i < term->value_count ? i : term->value_count - 1;
        TRY(value_read(&arg, m->cx, column, term->values[from]));
        buf_z(&m->where, i ? ", " : "");
        TRY(put_arg(m, &m->where, arg));
    }
    buf_char(&m->where, ')');
    return RC_OK;
}

/* A range instead of LIKE: it uses an index whatever is bound. */
static enum rc put_prefix(struct maker *m, const struct filter_column *column,
                          const struct filter_term *term)
{
    struct cx *cx = m->cx;
    if (column->type != FILTER_TYPE_TEXT)
        return bad_value(cx, column);
    for (size_t i = 0; i < term->value_count; i++) {
        if (term->values[i].len == 0)
            return RC_OK;
    }
    buf_z(&m->where, " AND (");
    for (size_t i = 0; i < padded(term->value_count); i++) {
        struct str low = term->values[i < term->value_count ? i : term->value_count - 1];
        size_t len = low.len + sizeof HIGHEST - 1;
        char *high = arena_try(cx->arena, len + 1);
        if (!high)
            return fail(cx, RC_LIMIT, _("Too many filters at once."), "prefix=%zu", low.len);
        memcpy(high, low.p, low.len);
        memcpy(high + low.len, HIGHEST, sizeof HIGHEST);
        buf_printf(&m->where, "%s(%s >= ", i ? " OR " : "", column->expr);
        TRY(put_arg(m, &m->where, V_S(low)));
        buf_printf(&m->where, " AND %s < ", column->expr);
        TRY(put_arg(m, &m->where, V_S(((struct str){high, len}))));
        buf_char(&m->where, ')');
    }
    buf_char(&m->where, ')');
    return RC_OK;
}

static enum rc put_comparison(struct maker *m, const struct filter_column *column,
                              const struct filter_term *term)
{
    static const char *const signs[] = {
        [FILTER_EQ] = "=",  [FILTER_NE] = "<>", [FILTER_LT] = "<",
        [FILTER_LE] = "<=", [FILTER_GT] = ">",  [FILTER_GE] = ">="};
    struct db_arg arg;
    if (term->value_count != 1)
        return bad_value(m->cx, column);
    TRY(value_read(&arg, m->cx, column, term->values[0]));
    bool with_null = term->op == FILTER_NE;
    if (with_null)
        buf_printf(&m->where, " AND (%s IS NULL OR ", column->expr);
    else
        buf_z(&m->where, " AND ");
    buf_printf(&m->where, "%s %s ", column->expr, signs[term->op]);
    TRY(put_arg(m, &m->where, arg));
    buf_z(&m->where, with_null ? ")" : "");
    return RC_OK;
}

static enum rc put_term(struct maker *m, const struct filter_table *table,
                        const struct filter_term *term)
{
    struct cx *cx = m->cx;
    const struct filter_column *column = column_of(table, term->column);
    if (!column)
        return fail(cx, RC_INVALID, _("There is no such filter."), "table=%s",
                    table->base->name);
    if (term->value_count > FILTER_VALUES_MAX)
        return fail(cx, RC_LIMIT, _("Too many filters at once."), "values=%zu",
                    term->value_count);
    switch (term->op) {
    case FILTER_IS_NULL:
        buf_printf(&m->where, " AND %s IS NULL", column->expr);
        return RC_OK;
    case FILTER_NOT_NULL:
        buf_printf(&m->where, " AND %s IS NOT NULL", column->expr);
        return RC_OK;
    case FILTER_IN:
    case FILTER_PREFIX:
        if (term->value_count == 0) {
            buf_z(&m->where, " AND 1 = 0");
            return RC_OK;
        }
        return term->op == FILTER_IN ? put_in(m, column, term) : put_prefix(m, column, term);
    case FILTER_EQ:
    case FILTER_NE:
    case FILTER_LT:
    case FILTER_LE:
    case FILTER_GT:
    case FILTER_GE:
        return put_comparison(m, column, term);
    }
    return bad_value(cx, column);
}

/* ---- paging ---- */

static enum rc bad_token(struct cx *cx)
{
    return fail(cx, RC_INVALID,
                _("This page of the list no longer exists. Please start at the first page."),
                "after");
}

static bool hex_read(char *out, struct str hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        const char *high = memchr(digits, hex.p[i], 16),
                   *low = memchr(digits, hex.p[i + 1], 16);
        if (!high || !low)
            return false;
        out[i / 2] = (char)((high - digits) * 16 + (low - digits));
    }
    return hex.len % 2 == 0;
}

static const struct filter_column *sort_of(const struct filter_table *table,
                                           const struct filter *f)
{
    return f->sort && f->sort[0] ? column_of(table, f->sort) : NULL;
}

/* The value that personal sort keys are not written into the address for. */
static enum rc locate(struct db_arg *out, struct cx *cx, const struct filter_column *column,
                      const struct filter *f, int64_t id)
{
    struct db_arg args[16];
    struct db_rows rows;
    assert(f->fixed_count < sizeof args / sizeof *args);
    for (size_t i = 0; i < f->fixed_count; i++)
        args[i] = f->fixed[i];
    args[f->fixed_count] = V_I(id);
    enum rc rc = db_one(&rows, cx, column->locate, args, f->fixed_count + 1);
    if (rc == RC_NOTFOUND)
        return bad_token(cx);
    TRY(rc);
    if (column->type == FILTER_TYPE_TEXT) {
        struct str s = row_copy(&rows, 0);
        *out = (struct db_arg){.kind = DB_TEXT, .p = s.p ? s.p : "", .len = s.len};
    } else {
        *out = V_I(row_i64(&rows, 0));
    }
    return db_done(&rows);
}

static enum rc token_read(struct db_arg *value, int64_t *id, struct cx *cx,
                          const struct filter_column *column, const struct filter *f)
{
    struct str rest = f->after;
    if (column && !column->locate) {
        struct str first = str_cut(&rest, '.');
        int64_t number = 0;
        if (column->type == FILTER_TYPE_TEXT) {
            char *text = arena_try(cx->arena, first.len / 2 + 1);
            if (!text || !hex_read(text, first))
                return bad_token(cx);
            *value = (struct db_arg){.kind = DB_TEXT, .p = text, .len = first.len / 2};
        } else {
            if (!str_to_i64(&number, first))
                return bad_token(cx);
            *value = V_I(number);
        }
    }
    if (!rest.p || !str_to_i64(id, rest))
        return bad_token(cx);
    return column && column->locate ? locate(value, cx, column, f, *id) : RC_OK;
}

const char *filter_token(struct cx *cx, const struct filter_table *table,
                         const struct filter *f, struct db_arg sort_value, int64_t id)
{
    static const char digits[] = "0123456789abcdef";
    const struct filter_column *column = sort_of(table, f);
    if (!column || column->locate)
        return arena_printf(cx->arena, "%" PRId64, id);
    if (column->type != FILTER_TYPE_TEXT)
        return arena_printf(cx->arena, "%" PRId64 ".%" PRId64, sort_value.i, id);
    const unsigned char *bytes = sort_value.p;
    char *hex = arena_new(cx->arena, 2 * sort_value.len + 1);
    for (size_t i = 0; i < sort_value.len; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    return arena_printf(cx->arena, "%s.%" PRId64, hex, id);
}

static enum rc put_order(struct maker *m, const struct filter_table *table,
                         const struct filter *f)
{
    struct cx *cx = m->cx;
    const struct filter_column *column = sort_of(table, f);
    const char *down = f->descending ? " DESC" : "", *sign = f->descending ? "<" : ">";
    if (f->sort && f->sort[0] && (!column || !column->can_sort))
        return fail(cx, RC_INVALID, _("The list cannot be sorted by this."), "table=%s",
                    table->base->name);
    if (f->after.len > 0) {
        struct db_arg value = V_NULL;
        int64_t id = 0;
        TRY(token_read(&value, &id, cx, column, f));
        if (column) {
            buf_printf(&m->where, " AND (%s, %s) %s (", column->expr, table->id_expr, sign);
            TRY(put_arg(m, &m->where, value));
            buf_z(&m->where, ", ");
        } else {
            buf_printf(&m->where, " AND %s %s ", table->id_expr, sign);
        }
        TRY(put_arg(m, &m->where, V_I(id)));
        buf_z(&m->where, column ? ")" : "");
    }
    if (column)
        buf_printf(&m->order, " ORDER BY %s%s, %s%s", column->expr, down, table->id_expr, down);
    else
        buf_printf(&m->order, " ORDER BY %s%s", table->id_expr, down);
    buf_z(&m->order, " LIMIT ");
    return put_arg(m, &m->order, V_I(f->limit));
}

/* ---- the statement ---- */

static const char FILTER_MARK[] = "/*FILTER*/", ORDER_MARK[] = "/*ORDER*/";

/* The block's text with the parts in their places, or NULL when it grew too long. */
static const char *splice(struct maker *m, const char *base)
{
    struct buf out;
    struct str rest = str_of(base);
    size_t at = str_find(rest, str_of(FILTER_MARK));
    assert(at != SIZE_MAX && "the block has no FILTER mark");
    buf_init(&out, m->cx->arena, FILTER_TEXT_MAX);
    buf_put(&out, rest.p, at);
    buf_str(&out, buf_view(&m->where));
    rest = str_of(rest.p + at + strlen(FILTER_MARK));
    at = str_find(rest, str_of(ORDER_MARK));
    if (at == SIZE_MAX) {
        buf_str(&out, rest);
    } else {
        buf_put(&out, rest.p, at);
        buf_str(&out, buf_view(&m->order));
        buf_z(&out, rest.p + at + strlen(ORDER_MARK));
    }
    return buf_ok(&out) ? buf_view(&out).p : NULL;
}

/* Source: Fowler, Noll, Vo; 64-bit FNV-1a. */
static uint64_t hash_z(uint64_t h, const char *z)
{
    for (; z && *z; z++)
        h = (h ^ (unsigned char)*z) * 0x100000001b3u;
    return h;
}

static bool same_z(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static char *put_z(char **at, const char *z)
{
    char *start = *at;
    size_t size = strlen(z) + 1;
    memcpy(start, z, size);
    *at += size;
    return start;
}

/* A copy in one piece of memory, which the pool frees. */
static struct sql *shape_copy(const struct sql *s)
{
    size_t size = sizeof *s + strlen(s->name) + strlen(s->lite) + strlen(s->args) +
                  strlen(s->cols) + 5 + (s->pg ? strlen(s->pg) : 0);
    struct sql *copy = calloc(1, size);
    if (!copy)
        abort();
    char *at = (char *)(copy + 1);
    copy->name = put_z(&at, s->name);
    copy->lite = put_z(&at, s->lite);
    copy->pg = s->pg ? put_z(&at, s->pg) : NULL;
    copy->args = put_z(&at, s->args);
    copy->cols = put_z(&at, s->cols);
    return copy;
}

/* The kept statement equal to `s`, kept now if there is room; NULL when there is none. */
static const struct sql *shape_keep(struct db_pool *pool, const struct sql *s)
{
    uint64_t hash = hash_z(hash_z(hash_z(0xcbf29ce484222325u, s->lite), s->args), s->cols);
    const struct sql *found = NULL;
    pthread_mutex_lock(&pool->lock);
    size_t at = hash % (2 * DB_SHAPES_MAX);
    for (; pool->shapes[at] && !found; at = (at + 1) % (2 * DB_SHAPES_MAX)) {
        const struct sql *k = pool->shapes[at];
        if (same_z(k->lite, s->lite) && same_z(k->pg, s->pg) && same_z(k->args, s->args) &&
            same_z(k->cols, s->cols))
            found = k;
    }
    if (!found && pool->shape_count < DB_SHAPES_MAX) {
        pool->shapes[at] = shape_copy(s);
        pool->shape_count++;
        found = pool->shapes[at];
    }
    pthread_mutex_unlock(&pool->lock);
    return found;
}

static enum rc finish(struct filtered *out, struct maker *m, const struct sql *base)
{
    struct cx *cx = m->cx;
    struct sql shape = {.name = base->name, .cols = base->cols};
    bool ok = buf_ok(&m->where) && buf_ok(&m->order) && buf_ok(&m->letters);
    shape.lite = ok ? splice(m, base->lite) : NULL;
    shape.pg = ok && base->pg ? splice(m, base->pg) : NULL;
    if (!shape.lite || (base->pg && !shape.pg))
        return fail(cx, RC_LIMIT, _("Too many filters at once."), "text");
    shape.args = arena_copy(cx->arena, buf_view(&m->letters));
    const struct sql *kept = cx->pool ? shape_keep(cx->pool, &shape) : NULL;
    if (!kept) {
        struct sql *once = arena_new(cx->arena, sizeof *once);
        shape.name = arena_printf(cx->arena, "~%s", base->name);
        *once = shape;
        kept = once;
    }
    *out = (struct filtered){.sql = kept, .args = m->args, .arg_count = m->arg_count};
    return RC_OK;
}

enum rc filter_sql(struct filtered *out, struct cx *cx, const struct filter_table *table,
                   const struct filter *f)
{
    struct maker m = {.cx = cx};
    assert(strlen(table->base->args) == f->fixed_count);
    if (f->term_count > FILTER_TERMS_MAX)
        return fail(cx, RC_LIMIT, _("Too many filters at once."), "terms=%zu", f->term_count);
    m.args = arena_array(cx->arena, FILTER_ARGS_MAX, sizeof *m.args);
    if (!m.args)
        return fail(cx, RC_LIMIT, _("Too many filters at once."), "arena");
    buf_init(&m.where, cx->arena, FILTER_TEXT_MAX);
    buf_init(&m.order, cx->arena, FILTER_TEXT_MAX);
    buf_init(&m.letters, cx->arena, FILTER_ARGS_MAX + 1);
    buf_z(&m.letters, table->base->args);
    for (size_t i = 0; i < f->fixed_count; i++)
        m.args[m.arg_count++] = f->fixed[i];
    for (size_t i = 0; i < f->term_count; i++)
        TRY(put_term(&m, table, &f->terms[i]));
    if (strstr(table->base->lite, ORDER_MARK))
        TRY(put_order(&m, table, f));
    return finish(out, &m, table->base);
}

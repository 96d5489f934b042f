/* DuckDB on the columns that stats_bench left in a folder: the same figures from the same
 * packed data, one thread, CPU times and ratios. The library is opened at run time (npm's
 * @duckdb/node-bindings-linux-x64 holds a complete libduckdb.so); its C interface is declared
 * here as far as it is used. Does nothing without arguments.
 *     stats_duckdb_bench FOLDER LIBDUCKDB.SO */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Source: duckdb.h of DuckDB 1.x (MIT). */
typedef uint64_t idx;
struct result {
    idx column_count, row_count, rows_changed;
    void *columns;
    char *error;
    void *internal;
};
enum { TYPE_INTEGER = 4, TYPE_USMALLINT = 7, CHUNK = 2048 };
static struct {
    int (*open)(const char *, void **);
    int (*connect)(void *, void **);
    int (*query)(void *, const char *, struct result *);
    const char *(*result_error)(struct result *);
    void (*destroy_result)(struct result *);
    double (*value_double)(struct result *, idx, idx);
    int (*appender_create)(void *, const char *, const char *, void **);
    int (*appender_destroy)(void **);
    void *(*create_logical_type)(int);
    void *(*create_data_chunk)(void **, idx);
    void *(*data_chunk_get_vector)(void *, idx);
    void *(*vector_get_data)(void *);
    void (*data_chunk_set_size)(void *, idx);
    void (*data_chunk_reset)(void *);
    int (*append_data_chunk)(void *, void *);
} duck;

static bool load(const char *path)
{
    void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!lib) {
        printf("   DuckDB is not installable here: %s\n", dlerror());
        return false;
    }
    static const char *const names[] = {"open",
                                        "connect",
                                        "query",
                                        "result_error",
                                        "destroy_result",
                                        "value_double",
                                        "appender_create",
                                        "appender_destroy",
                                        "create_logical_type",
                                        "create_data_chunk",
                                        "data_chunk_get_vector",
                                        "vector_get_data",
                                        "data_chunk_set_size",
                                        "data_chunk_reset",
                                        "append_data_chunk"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[64];
        snprintf(name, sizeof name, "duckdb_%s", names[i]);
        void *at = dlsym(lib, name);
        if (!at) {
            printf("   this libduckdb.so has no %s\n", name);
            return false;
        }
        memcpy((char *)&duck + i * sizeof at, &at, sizeof at);
    }
    return true;
}

static void *connection;

static double ask(const char *sql)
{
    struct result r;
    double x = 0;
    if (duck.query(connection, sql, &r)) {
        fprintf(stderr, "stats_duckdb_bench: %s\n", duck.result_error(&r));
        exit(1);
    }
    if (r.internal && strncmp(sql, "SELECT", 6) == 0)
        x = duck.value_double(&r, 0, 0);
    duck.destroy_result(&r);
    return x;
}

/* ---- the columns ---- */

static const struct {
    const char *file;
    size_t width;
} columns[] = {{"county.u16", 2}, {"pattern.u16", 2}, {"income.i32", 4}, {"weight.i32", 4}};

static void fill(const char *folder)
{
    FILE *f[4];
    void *appender, *types[4];
    for (int c = 0; c < 4; c++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, columns[c].file);
        f[c] = fopen(path, "rb");
        if (!f[c]) {
            perror(path);
            exit(1);
        }
        types[c] =
            duck.create_logical_type(columns[c].width == 2 ? TYPE_USMALLINT : TYPE_INTEGER);
    }
    if (duck.appender_create(connection, NULL, "hh", &appender))
        exit(1);
    void *chunk = duck.create_data_chunk(types, 4);
    for (size_t rows = CHUNK; rows == CHUNK;) {
        duck.data_chunk_reset(chunk);
        for (int c = 0; c < 4; c++)
            rows = fread(duck.vector_get_data(duck.data_chunk_get_vector(chunk, (idx)c)),
                         columns[c].width, CHUNK, f[c]);
        duck.data_chunk_set_size(chunk, rows);
        if (rows && duck.append_data_chunk(appender, chunk))
            exit(1);
    }
    duck.appender_destroy(&appender);
    for (int c = 0; c < 4; c++)
        fclose(f[c]);
}

/* ---- the queries ---- */

static const int weights[] = {3, 3, 3, 3, 2, 2, 2, 1, 1, 1, 1, 2};

/* All figures of Alkire–Foster by county from (county, pattern, weight); the scores of the
 * 4,096 patterns are a table made before. */
static const char *af_sql(void)
{
    static char sql[8192];
    size_t n = (size_t)snprintf(sql, sizeof sql,
                                "CREATE OR REPLACE TEMP TABLE af AS SELECT county, sum(m) w,"
                                " sum(m) FILTER (score * 3 >= 24) h,"
                                " sum(m * score) FILTER (score * 3 >= 24) m0");
    for (int j = 0; j < 12; j++)
        n += (size_t)snprintf(sql + n, sizeof sql - n,
                              ", sum(m) FILTER (g.pattern & %d != 0) d%d,"
                              " sum(m) FILTER (g.pattern & %d != 0 AND score * 3 >= 24) b%d",
                              1 << j, j, 1 << j, j);
    snprintf(sql + n, sizeof sql - n,
             " FROM (SELECT county, pattern, sum(w) m FROM hh GROUP BY county, pattern) g"
             " JOIN score USING (pattern) GROUP BY county");
    return sql;
}

static void score_table(void)
{
    char sql[1024];
    size_t n = (size_t)snprintf(sql, sizeof sql,
                                "CREATE TABLE score AS SELECT p::USMALLINT AS pattern, (0");
    for (int j = 0; j < 12; j++)
        n += (size_t)snprintf(sql + n, sizeof sql - n, " + (p >> %d & 1) * %d", j, weights[j]);
    snprintf(sql + n, sizeof sql - n, ")::INTEGER AS score FROM range(4096) t(p)");
    ask(sql);
}

static double ours(const char *folder, const char *name, double *answer)
{
    char path[512], key[32];
    double ms = 0, x = 0;
    snprintf(path, sizeof path, "%s/ours.txt", folder);
    FILE *f = fopen(path, "r");
    while (f && fscanf(f, "%31s %lf %lf", key, &ms, &x) == 3)
        if (!strcmp(key, name))
            break;
    if (f)
        fclose(f);
    *answer = x;
    return ms;
}

static double cpu_ms(void) /* of the whole process: DuckDB may work on a thread of its own */
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void timed(const char *folder, const char *name, const char *sql, const char *answer_sql)
{
    double want, ms = 1e12;
    for (int i = 0; i < 3; i++) {
        double begun = cpu_ms();
        ask(sql);
        double took = cpu_ms() - begun;
        ms = took < ms ? took : ms;
    }
    double mine = ours(folder, name, &want);
    printf("   DuckDB %-10s %9.1f ms; ours %8.2f ms: %6.1f times; answers %.9f and %.9f\n",
           name, ms, mine, ms / mine, ask(answer_sql), want);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    void *database;
    if (argc < 3 || !load(argv[2]))
        return 0;
    if (duck.open(NULL, &database) || duck.connect(database, &connection))
        return 1;
    ask("SET threads = 1");
    ask("CREATE TABLE hh (county USMALLINT, pattern USMALLINT, y INTEGER, w INTEGER)");
    fill(argv[1]);
    score_table();
    timed(argv[1], "af", af_sql(), "SELECT sum(h) / sum(w) FROM af");
    timed(argv[1], "fgt",
          "CREATE OR REPLACE TEMP TABLE fgt AS SELECT county, sum(w) w,"
          " sum(w) FILTER (y < 4000) p0, sum(w * (4000 - y)::DOUBLE) FILTER (y < 4000) p1,"
          " sum(w * (4000 - y)::DOUBLE * (4000 - y)) FILTER (y < 4000) p2 FROM hh"
          " GROUP BY county",
          "SELECT sum(p2) / 16e6 / sum(w) FROM fgt");
    timed(argv[1], "gini",
          "CREATE OR REPLACE TEMP TABLE gini AS SELECT sum(w::DOUBLE * y * (2 * c - w)) /"
          " (sum(w) * sum(w::DOUBLE * y)) - 1 g FROM (SELECT w, y, sum(w) OVER (ORDER BY y ROWS"
          " UNBOUNDED PRECEDING) c FROM hh)",
          "SELECT g FROM gini");
    return 0;
}

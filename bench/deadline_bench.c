/* A million deadlines that fall due in one minute: how long until all have fired, each once,
 * with a handler that writes one notice. In four counties of unequal size, for 1,000 users.
 * On SQLite in a temporary folder (TMPDIR should be on the disk that counts), and on PostgreSQL
 * when FUMIN_TEST_PG is set. Fails (exit 1) when a notice is missing or doubled.
 * deadline_bench [count]      default 1000000 */
#include "db/db_fixture.h"

#include "base/time.h"
#include "work/deadline.h"
#include "work/notice.h"

#include <stdio.h>
#include <stdlib.h>

static const struct sql BENCH_TOLD = {
    .name = "bench_told",
    .lite = "SELECT count(*), (SELECT count(*) FROM deadline) FROM notice",
    .args = "",
    .cols = "ii",
};
enum { COUNTIES = 4, USERS = 1000, MINUTE_S = 60 };

static int64_t count = 1000000, base_at;

static enum rc tell(struct cx *cx, const struct deadline *d)
{
    struct notice n = {.county = d->county,
                       .user_id = 1 + d->subject_id % USERS,
                       .key = arena_printf(cx->arena, "task:%" PRId64 ":due", d->subject_id),
                       .text = both_typed("A task of yours is due today: check a household"),
                       .href = "/task/1"};
    return notice_add(cx, &n);
}
static const struct deadline_kind kinds[] = {{"task.due", tell}};

struct setting {
    int64_t from, to;
};
static enum rc set(struct cx *cx, void *arg)
{
    const struct setting *s = arg;
    for (int64_t i = s->from; i < s->to; i++) {
        int64_t county = i % 10 < 7 ? 1 : 2 + i % 3; /* 7 of 10 in one county */
        TRY(deadline_set(cx, county, "task.due", i, base_at + i * 7919 % MINUTE_S, 0));
    }
    return RC_OK;
}

static void must(struct cx *cx, enum rc rc)
{
    if (!rc)
        return;
    fprintf(stderr, "deadline_bench: %s (%s)\n", cx->err.text, cx->err.detail);
    exit(1);
}

static void bench(struct cx *cx)
{
    struct db_rows rows;
    int64_t fired = 0, start_us = time_mono_us();
    base_at = time_now() - 3600; /* all are due already: the clock has a backlog */
    deadline_kinds_set(kinds, 1);
    for (int64_t i = 0; i < count; i += 5000) {
        struct setting s = {i, i + 5000 < count ? i + 5000 : count};
        must(cx, db_write(cx, 1, set, &s));
    }
    double set_s = (double)(time_mono_us() - start_us) / 1e6;
    start_us = time_mono_us();
    must(cx, deadline_fire_due(&fired, cx));
    double fire_s = (double)(time_mono_us() - start_us) / 1e6;
    must(cx, DB_ONE0(&rows, cx, &BENCH_TOLD));
    int64_t told = row_i64(&rows, 0), left = row_i64(&rows, 1);
    must(cx, db_done(&rows));
    printf("%-10s %" PRId64 " deadlines: set in %.1f s, all fired in %.1f s (%.0f a second)\n",
           db_is_pg(cx) ? "postgresql" : "sqlite", fired, set_s, fire_s,
           (double)fired / fire_s);
    fflush(stdout);
    if (fired != count || told != count || left != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    if (argc > 1 && (!str_to_i64(&count, str_of(argv[1])) || count < 1))
        return 2;
    db_fixture_each(bench);
    return 0;
}

/* For the tests of tips, assemblies, postings and grievances: cases on their way, switches of
 * the profile turned, plain SQL counts. */
#ifndef CASEWORK_PUBLIC_FIXTURE_H
#define CASEWORK_PUBLIC_FIXTURE_H

#include "casework/assembly.h"
#include "casework/case_fixture.h"
#include "casework/grievance.h"
#include "casework/posting.h"
#include "casework/public_inner.h"
#include "casework/tip.h"

#define SQL(id, text, arg_letters, col_letters)                                                \
    static CHECK_UNUSED const struct sql id = {                                                \
        .name = #id, .lite = (text), .args = (arg_letters), .cols = (col_letters)}
SQL(TEST_TASKS, "SELECT count(*) FROM task WHERE kind = $1 AND subject_id = $2 AND state = 1",
    "ti", "i");
SQL(TEST_WORDS, "SELECT words FROM tip WHERE id = $1", "i", "b");

static CHECK_UNUSED int64_t test_tasks(struct cx *cx, const char *kind, int64_t subject)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE(&rows, cx, &TEST_TASKS, V_T(kind), V_I(subject)));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static CHECK_UNUSED void public_fixture_open(struct cx *cx)
{
    static struct deadline_kind kinds[24];
    size_t n = 0;
    case_fixture_open(cx);
    for (size_t i = 0; i < flow_deadline_kind_count; i++)
        kinds[n++] = flow_deadline_kinds[i];
    for (size_t i = 0; i < task_deadline_kind_count; i++)
        kinds[n++] = task_deadline_kinds[i];
    for (size_t i = 0; i < posting_deadline_kind_count; i++)
        kinds[n++] = posting_deadline_kinds[i];
    assert_true(n <= 24);
    deadline_kinds_set(kinds, n);
}

/* Everywhere the switch has that value, until the fixture is closed. */
static CHECK_UNUSED void public_option(struct cx *cx, const char *code, const char *value)
{
    const struct workflows *now = f.profile->workflows;
    struct workflows *w = arena_new(cx->arena, sizeof *w);
    struct option *o = arena_new(cx->arena, now->option_count * sizeof *o);
    size_t found = 0;
    *w = *now;
    memcpy(o, now->options, now->option_count * sizeof *o);
    for (size_t i = 0; i < w->option_count; i++)
        if (!strcmp(o[i].code, code)) {
            o[i].value = value;
            found++;
        }
    assert_true(found > 0);
    w->options = o;
    f.profile->workflows = w;
}

/* A case of a household that waits for the vote. */
static CHECK_UNUSED int64_t public_to_vote(struct cx *cx, int64_t household)
{
    const struct actor *before = cx->actor;
    int64_t id;
    as(cx, WORKER);
    check_ok(cx, case_open(&id, cx, "identify", household));
    check_ok(cx, case_try(cx, id, "accept", ""));
    case_confirm(cx, id);
    as(cx, DEPARTMENT);
    check_ok(cx, case_try(cx, id, "matches", ""));
    case_stands_at(cx, id, "vote");
    cx->actor = before;
    return id;
}

/* … that stands on notice. */
static CHECK_UNUSED int64_t public_to_notice(struct cx *cx, int64_t household)
{
    const struct actor *before = cx->actor;
    int64_t id = public_to_vote(cx, household);
    as(cx, WORKER);
    check_ok(cx, case_try(cx, id, "agree", ""));
    case_stands_at(cx, id, "notice");
    cx->actor = before;
    return id;
}

#endif

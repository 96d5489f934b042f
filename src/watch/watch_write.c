/* Writing what a run found, in chunks: alerts that are new, that are over, that moved with
 * their household. What a chunk did stands in the database alone: a run that died does the
 * rest. */
#include "watch/watch_inner.h"

#include "base/buf.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/text.h"
#include "watch/watch.sql.h"
#include "work/job.h"

enum { FACTS_BYTES = 16 * 1024, FACTS_SHOWN = 30, MANY = 20 };

static enum rc write_one(struct cx *cx, struct watch_chunk *c)
{
    int64_t id;
    bool done;
    if (c->over_at < c->over_count) {
        TRY(alert_over(&done, cx, c->county, c->over[c->over_at++]));
        c->over_done += done;
    } else if (c->move_at < c->move_count) {
        const struct alert *a = &c->move[c->move_at++];
        TRY(DB_RUN(cx, &ALERT_MOVED, V_I(c->county), V_I(a->id), V_I(a->area_id),
                   V_T(a->area_path)));
    } else {
        struct alert a = c->raise[c->raise_at++];
        a.many = c->raise_count > MANY;
        TRY(alert_raise(&id, cx, &a));
        c->raised += id != 0;
    }
    return RC_OK;
}

static bool is_done(const struct watch_chunk *c)
{
    return c->over_at == c->over_count && c->move_at == c->move_count &&
           c->raise_at == c->raise_count;
}

struct step {
    struct watch_chunk *c, from; /* from: where the chunk began, for a second run */
};

static enum rc write_chunk(struct cx *cx, void *arg)
{
    struct step *s = arg;
    *s->c = s->from;
    if (s->c->job)
        TRY(job_fence(cx, s->c->job));
    do
        TRY(write_one(cx, s->c));
    while (!is_done(s->c) && db_chunk_left_ms(cx) > 0);
    return RC_OK;
}

enum rc watch_stop(struct cx *cx, const char *point)
{
    return fault_hit(point) ? fail(cx, RC_IO, _("Please try again."), "fault %s", point)
                            : RC_OK;
}

enum rc watch_write(struct cx *cx, struct watch_chunk *c)
{
    while (!is_done(c)) {
        struct step s = {c, *c};
        TRY(watch_stop(cx, "watch.chunk"));
        TRY(db_write_bulk(cx, c->county, write_chunk, &s));
    }
    return RC_OK;
}

static void put_both(struct json *j, const char *key, const char *en, const char *zh)
{
    json_key(j, key);
    json_array_begin(j);
    json_z(j, en);
    json_z(j, zh);
    json_array_end(j);
}

const char *watch_facts_json(struct cx *cx, struct columns_fact *const *facts, size_t count)
{
    struct buf b;
    struct json j;
    buf_init(&b, cx->arena, FACTS_BYTES);
    json_init(&j, &b);
    json_array_begin(&j);
    for (size_t i = 0; i < count && i < FACTS_SHOWN; i++) {
        json_object_begin(&j);
        json_put_i64(&j, "year", facts[LANG_EN][i].year);
        put_both(&j, "label", facts[LANG_EN][i].label, facts[LANG_ZH][i].label);
        put_both(&j, "value", facts[LANG_EN][i].value, facts[LANG_ZH][i].value);
        json_object_end(&j);
    }
    json_array_end(&j);
    return buf_ok(&b) ? arena_copy(cx->arena, buf_view(&b)) : "[]";
}

const char *watch_fact_json(struct cx *cx, struct both label, struct both value)
{
    struct columns_fact fact[LANG_COUNT] = {{label.in[LANG_EN], value.in[LANG_EN], 0},
                                            {label.in[LANG_ZH], value.in[LANG_ZH], 0}};
    struct columns_fact *const facts[LANG_COUNT] = {&fact[LANG_EN], &fact[LANG_ZH]};
    return watch_facts_json(cx, facts, 1);
}

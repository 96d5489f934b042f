/* The rules over a county's register. A run reads: which rules are true (or known to be false)
 * of whom, from the columns; which alerts are open or were closed lately. What differs becomes
 * new alerts and ends of alerts, written in chunks (watch_write.c). The cursor goes on at the
 * end, so that a run that died is made again; what it wrote already differs no more. */
#include "watch/watch_inner.h"

#include "base/crypto.h"
#include "base/text.h"
#include "profile/calendar.h"
#include "register/journal.h"
#include "watch/watch.sql.h"
#include "work/job.h"

#include <string.h>

enum { DAY_S = 24 * 3600, RULES_MAX = 200, NEW_MAX = 1000 * 1000 };
static const size_t RUN_BYTES = (size_t)1024 * 1024 * 1024;

/* ---- which rules ---- */

struct watch_rules {
    const struct alert_rule *rule[RULES_MAX];
    size_t count;
    int32_t again_most;
};

static struct watch_rules rules_of(const struct profile *p)
{
    struct watch_rules out = {.count = 0};
    const struct alert_rules *all = p->alerts;
    for (size_t i = 0; all && all->program && i < all->count && out.count < RULES_MAX; i++) {
        const struct alert_rule *a = &all->list[i];
        if (a->kind != ALERT_REGISTER || a->root < 0)
            continue;
        out.rule[out.count++] = a;
        out.again_most = a->again_days > out.again_most ? a->again_days : out.again_most;
    }
    return out;
}

/* Place of a rule by its number; -1. */
static int place_of(const struct watch_rules *w, int64_t number)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->rule[i]->number == number)
            return (int)i;
    return -1;
}

int64_t watch_rules_print(const struct profile *p)
{
    uint8_t hash[HASH_BYTES];
    uint64_t n = 0;
    struct hash_state h;
    struct watch_rules w = rules_of(p);
    if (!w.count)
        return 1;
    hash_begin(&h);
    hash_add(&h, p->hash, sizeof p->hash); /* derived rules and limits stand in other files */
    for (size_t i = 0; i < w.count; i++)
        hash_add(&h, w.rule[i]->rule, strlen(w.rule[i]->rule) + 1);
    hash_end(&h, hash);
    for (size_t i = 0; i < 6; i++)
        n = n << 8 | hash[i];
    return (int64_t)n + 2;
}

/* ---- one run ---- */

/* Bits by household row, for each rule. */
struct state_bits {
    uint64_t *yes, *no, *shut; /* shut: an open alert, or one lately */
};
struct watch_run {
    struct cx *cx; /* with the run's own arena */
    const struct job *job;
    int64_t county;
    struct watch_rules rules;
    struct state_bits bits[RULES_MAX];
    size_t base, rows, words; /* the bits are of the rows base to base + rows */
    int32_t year, day;
    int64_t seq;
    const int64_t *household; /* of columns_head; while open */
    struct watch_chunk chunk;
    int64_t *over;
    struct alert *move;
    size_t over_room, move_room;
    /* (rule, household) to raise; people are found when the facts are. */
    struct found_new {
        int64_t household_id;
        uint32_t rule;
    } *fresh;
    size_t fresh_count, fresh_room;
};

static bool bit(const uint64_t *bits, size_t at)
{
    return bits[at / 64] >> (at % 64) & 1;
}

static void set_bit(uint64_t *bits, size_t at)
{
    bits[at / 64] |= UINT64_C(1) << (at % 64);
}

static enum rc too_large(struct cx *cx)
{
    return fail(cx, RC_LIMIT, _("This is too much at once."), "watch run");
}

static enum rc make_bits(struct watch_run *r)
{
    r->words = r->rows / 64 + 1;
    for (size_t i = 0; i < r->rules.count; i++) {
        uint64_t *all = arena_array(r->cx->arena, 3 * r->words, sizeof *all);
        if (!all)
            return too_large(r->cx);
        r->bits[i] = (struct state_bits){all, all + r->words, all + 2 * r->words};
    }
    return RC_OK;
}

/* A rule of people is true of a household with one of whom it is true, and known to be false
 * when it is of all. */
static void take_people(struct state_bits *bits, size_t base, const int64_t *v,
                        const struct rule_block *b)
{
    for (size_t i = 0; i < b->count[RULE_PERSON]; i++) {
        size_t row = (size_t)b->row[RULE_HOUSEHOLD][b->parent[RULE_PERSON][i]] - base;
        if (v[i] == 1)
            set_bit(bits->yes, row);
        else if (v[i] == RULE_MISSING)
            set_bit(bits->shut, row); /* not known: read below */
    }
    for (size_t i = 0; i < b->count[RULE_HOUSEHOLD]; i++) {
        size_t row = (size_t)b->row[RULE_HOUSEHOLD][i] - base;
        if (!bit(bits->yes, row) && !bit(bits->shut, row))
            set_bit(bits->no, row);
        bits->shut[row / 64] &= ~(UINT64_C(1) << (row % 64));
    }
}

static void take_households(struct state_bits *bits, size_t base, const int64_t *v,
                            const struct rule_block *b)
{
    for (size_t i = 0; i < b->count[RULE_HOUSEHOLD]; i++) {
        size_t row = (size_t)b->row[RULE_HOUSEHOLD][i] - base;
        if (v[i] == 1)
            set_bit(bits->yes, row);
        else if (v[i] != RULE_MISSING)
            set_bit(bits->no, row);
    }
}

static enum rc take_block(struct cx *cx, void *arg, const struct rule_runner *runner,
                          const struct rule_block *b)
{
    struct watch_run *r = arg;
    for (size_t i = 0; i < r->rules.count; i++) {
        const struct alert_rule *a = r->rules.rule[i];
        const int64_t *v = rule_value(runner, (size_t)a->root);
        if (a->subject == SUBJECT_PERSON)
            take_people(&r->bits[i], r->base, v, b);
        else
            take_households(&r->bits[i], r->base, v, b);
    }
    (void)cx;
    return RC_OK;
}

/* ---- what there is already ---- */

static enum rc add_over(struct watch_run *r, int64_t id)
{
    if (r->chunk.over_count == r->over_room) {
        size_t room = r->over_room ? 2 * r->over_room : 64;
        int64_t *wider = arena_array(r->cx->arena, room, sizeof *wider);
        if (!wider)
            return too_large(r->cx);
        if (r->over_room)
            memcpy(wider, r->over, r->over_room * sizeof *wider);
        r->over = wider;
        r->over_room = room;
    }
    r->over[r->chunk.over_count++] = id;
    return RC_OK;
}

static enum rc add_move(struct watch_run *r, const struct alert *a)
{
    if (r->chunk.move_count == r->move_room) {
        size_t room = r->move_room ? 2 * r->move_room : 64;
        struct alert *wider = arena_array(r->cx->arena, room, sizeof *wider);
        if (!wider)
            return too_large(r->cx);
        if (r->move_room)
            memcpy(wider, r->move, r->move_room * sizeof *wider);
        r->move = wider;
        r->move_room = room;
    }
    r->move[r->chunk.move_count++] = *a;
    return RC_OK;
}

/* One open alert (of any kind): it may be over, its household may have ended or moved. */
static enum rc see_open(struct watch_run *r, struct columns *c, const struct db_rows *rows)
{
    const struct columns_head *h = columns_head(c);
    int64_t row = columns_household_row(c, row_i64(rows, ALERTS_OPEN_HOUSEHOLD_ID));
    int64_t id = row_i64(rows, ALERTS_OPEN_ID);
    int place = place_of(&r->rules, row_i64(rows, ALERTS_OPEN_RULE));
    const struct alert_rule *rule =
        profile_alert(r->cx->profile, row_i64(rows, ALERTS_OPEN_RULE));
    if (row < 0)
        return add_over(r, id);
    size_t at = (size_t)row - r->base;
    if (place >= 0)
        set_bit(r->bits[place].shut, at);
    if ((place >= 0 && bit(r->bits[place].no, at)) || !rule) /* the profile has it no more */
        return add_over(r, id);
    const struct columns_area *area = &h->areas[h->area[row]];
    if (area->id == row_i64(rows, ALERTS_OPEN_AREA_ID))
        return RC_OK;
    const struct alert moved = {.id = id,
                                .area_id = area->id,
                                .area_path = arena_copy(r->cx->arena, str_of(area->path))};
    return add_move(r, &moved);
}

static void see_closed(struct watch_run *r, struct columns *c, const struct db_rows *rows)
{
    int64_t row = columns_household_row(c, row_i64(rows, ALERTS_CLOSED_SINCE_HOUSEHOLD_ID));
    int place = place_of(&r->rules, row_i64(rows, ALERTS_CLOSED_SINCE_RULE));
    if (row < 0 || place < 0)
        return;
    const struct alert_rule *a = r->rules.rule[place];
    int64_t until =
        row_i64(rows, ALERTS_CLOSED_SINCE_CLOSED_AT) + (int64_t)a->again_days * DAY_S;
    if (r->cx->now_at < until &&
        row_i64(rows, ALERTS_CLOSED_SINCE_COLOUR) >= (int64_t)a->colour)
        set_bit(r->bits[place].shut, (size_t)row - r->base);
}

/* household_id 0: of all. */
static enum rc see_alerts(struct watch_run *r, struct columns *c, int64_t household_id)
{
    struct db_rows rows;
    struct cx *cx = r->cx;
    enum rc rc = RC_OK;
    int64_t since = cx->now_at - (int64_t)r->rules.again_most * DAY_S;
    TRY(household_id ? DB_SELECT(&rows, cx, &ALERTS_OPEN_OF, V_I(r->county), V_I(household_id))
                     : DB_SELECT(&rows, cx, &ALERTS_OPEN, V_I(r->county)));
    while (!rc && db_next(&rows))
        rc = see_open(r, c, &rows);
    enum rc ended = db_done(&rows);
    TRY(rc);
    TRY(ended);
    TRY(household_id ? DB_SELECT(&rows, cx, &ALERTS_CLOSED_OF, V_I(r->county),
                                 V_I(household_id), V_I(since))
                     : DB_SELECT(&rows, cx, &ALERTS_CLOSED_SINCE, V_I(r->county), V_I(since)));
    while (db_next(&rows))
        see_closed(r, c, &rows);
    return db_done(&rows);
}

static enum rc add_fresh(struct watch_run *r, size_t rule, int64_t household_id)
{
    if (r->fresh_count == r->fresh_room) {
        size_t room = r->fresh_room ? 2 * r->fresh_room : 256;
        struct found_new *wider = arena_array(r->cx->arena, room, sizeof *wider);
        if (!wider || room > NEW_MAX)
            return too_large(r->cx);
        if (r->fresh_room)
            memcpy(wider, r->fresh, r->fresh_room * sizeof *wider);
        r->fresh = wider;
        r->fresh_room = room;
    }
    r->fresh[r->fresh_count++] = (struct found_new){household_id, (uint32_t)rule};
    return RC_OK;
}

/* By household first, so that those of a household come together and the facts of neighbours
 * are near each other. */
static enum rc choose_fresh(struct watch_run *r, const struct columns_head *h)
{
    for (size_t word = 0; word < r->words; word++) {
        uint64_t any = 0;
        for (size_t i = 0; i < r->rules.count; i++)
            any |= r->bits[i].yes[word] & ~r->bits[i].shut[word];
        for (; any; any &= any - 1) {
            size_t row = word * 64 + (size_t)__builtin_ctzll(any);
            for (size_t i = 0; i < r->rules.count; i++)
                if (bit(r->bits[i].yes, row) && !bit(r->bits[i].shut, row))
                    TRY(add_fresh(r, i, h->household_id[row]));
        }
    }
    return RC_OK;
}

/* ---- evaluating ---- */

static enum rc evaluate_all(struct watch_run *r, struct columns *c)
{
    const struct columns_head *h = columns_head(c);
    struct columns_run run = {.program = r->cx->profile->alerts->program,
                              .year = r->year,
                              .day = r->day,
                              .household_row = -1,
                              .block = take_block,
                              .arg = r};
    r->rows = h->household_rows;
    TRY(make_bits(r));
    if (r->year && r->rules.count)
        TRY(columns_run(r->cx, c, &run));
    TRY(see_alerts(r, c, 0));
    return choose_fresh(r, h);
}

/* For one household: bits of its row alone. */
static void one_row(struct watch_run *r, int64_t row)
{
    r->base = row < 0 ? 0 : (size_t)row;
    for (size_t i = 0; i < r->rules.count; i++)
        *r->bits[i].yes = *r->bits[i].no = *r->bits[i].shut = 0;
}

static enum rc evaluate_one(struct watch_run *r, struct columns *c, int64_t household_id)
{
    struct columns_run run = {.program = r->cx->profile->alerts->program,
                              .year = r->year,
                              .day = r->day,
                              .household_row = columns_household_row(c, household_id),
                              .block = take_block,
                              .arg = r};
    one_row(r, run.household_row);
    if (run.household_row >= 0 && r->year && r->rules.count)
        TRY(columns_run(r->cx, c, &run));
    TRY(see_alerts(r, c, household_id));
    if (run.household_row < 0)
        return RC_OK;
    for (size_t i = 0; i < r->rules.count; i++)
        if (bit(r->bits[i].yes, 0) && !bit(r->bits[i].shut, 0))
            TRY(add_fresh(r, i, household_id));
    return RC_OK;
}

static enum rc evaluate_some(struct watch_run *r, struct columns *c,
                             const struct journal_since *since)
{
    r->rows = 1;
    TRY(make_bits(r));
    for (size_t i = 0; i < since->count; i++)
        TRY(evaluate_one(r, c, since->households[i]));
    return RC_OK;
}

/* ---- the facts of new alerts ---- */

/* The first person of whom a rule of people is true. */
struct who {
    size_t root;
    int64_t row;
};

static enum rc find_person(struct cx *cx, void *arg, const struct rule_runner *runner,
                           const struct rule_block *b)
{
    struct who *w = arg;
    const int64_t *v = rule_value(runner, w->root);
    (void)cx;
    for (size_t i = 0; w->row < 0 && i < b->count[RULE_PERSON]; i++)
        if (v[i] == 1)
            w->row = b->row[RULE_PERSON][i];
    return RC_OK;
}

static enum rc describe(struct alert *out, struct watch_run *r, struct columns *c,
                        const struct found_new *f)
{
    const struct alert_rule *rule = r->rules.rule[f->rule];
    const struct rule_program *program = r->cx->profile->alerts->program;
    struct columns_fact *facts[LANG_COUNT];
    size_t count = 0;
    int64_t row = columns_household_row(c, f->household_id);
    *out = (struct alert){.county = r->county,
                          .household_id = f->household_id,
                          .rule = rule,
                          .journal_seq = columns_head(c)->seq,
                          .facts = "[]"};
    if (row >= 0 && rule->subject == SUBJECT_PERSON) {
        struct who who = {.root = (size_t)rule->root, .row = -1};
        struct columns_run run = {.program = program,
                                  .year = r->year,
                                  .day = r->day,
                                  .household_row = row,
                                  .block = find_person,
                                  .arg = &who};
        TRY(columns_run(r->cx, c, &run));
        row = who.row;
        out->person_id = row >= 0 ? columns_head(c)->person_id[row] : 0;
    }
    if (row < 0)
        return RC_OK;
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        struct cx in = watch_in(r->cx, (enum lang)lang);
        TRY(columns_explain(&facts[lang], &count, &in, c, program, (size_t)rule->root, row,
                            r->year));
    }
    out->facts = watch_facts_json(r->cx, facts, count);
    return RC_OK;
}

/* Facts are read with the columns open and written with them closed: a batch at a time. */
static enum rc raise_batch(struct watch_run *r, size_t from, size_t count)
{
    struct columns *c;
    struct alert *list = arena_array(r->cx->arena, count + 1, sizeof *list);
    enum rc rc = RC_OK;
    if (!list)
        return too_large(r->cx);
    TRY(columns_open(&c, r->cx, r->county));
    for (size_t i = 0; i < count && !rc; i++)
        rc = describe(&list[i], r, c, &r->fresh[from + i]);
    columns_close(c);
    TRY(rc);
    r->chunk.raise = list;
    r->chunk.raise_count = count;
    r->chunk.raise_at = 0;
    return watch_write(r->cx, &r->chunk);
}

static enum rc write_all(struct watch_run *r)
{
    r->chunk.over = r->over;
    r->chunk.move = r->move;
    TRY(watch_write(r->cx, &r->chunk));
    for (size_t at = 0; at < r->fresh_count; at += WATCH_BATCH) {
        struct arena_mark mark = arena_mark(r->cx->arena);
        size_t left = r->fresh_count - at;
        TRY(raise_batch(r, at, left < WATCH_BATCH ? left : WATCH_BATCH));
        arena_back(r->cx->arena, mark);
        if (r->job)
            TRY(job_progress(r->cx, r->job, (int64_t)(at + WATCH_BATCH),
                             (int64_t)r->fresh_count, N_("rows")));
    }
    return RC_OK;
}

/* ---- the cursor ---- */

struct cursor {
    int64_t seq, rules, run_at;
    int32_t day, year;
};

static enum rc read_cursor(struct cursor *out, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &ALERT_CURSOR_GET, V_I(county));
    *out = (struct cursor){0};
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *out = (struct cursor){.seq = row_i64(&rows, ALERT_CURSOR_GET_SEQ),
                           .rules = row_i64(&rows, ALERT_CURSOR_GET_RULES),
                           .run_at = row_i64(&rows, ALERT_CURSOR_GET_RUN_AT),
                           .day = (int32_t)row_i64(&rows, ALERT_CURSOR_GET_DAY),
                           .year = (int32_t)row_i64(&rows, ALERT_CURSOR_GET_YEAR)};
    return db_done(&rows);
}

static enum rc write_cursor(struct cx *cx, void *arg)
{
    const struct watch_run *r = arg;
    TRY(DB_RUN(cx, &ALERT_CURSOR_MAKE, V_I(r->county)));
    return DB_RUN(cx, &ALERT_CURSOR_PUT, V_I(r->county), V_I(r->seq), V_I(r->day), V_I(r->year),
                  V_I(watch_rules_print(cx->profile)), V_I(cx->now_at));
}

enum rc watch_behind(bool *behind, struct cx *cx, int64_t county)
{
    struct cursor at;
    int64_t seq;
    TRY(read_cursor(&at, cx, county));
    TRY(journal_last(&seq, cx, county));
    *behind = seq != at.seq || at.day != local_day(cx->profile, cx->now_at) ||
              at.rules != watch_rules_print(cx->profile);
    return RC_OK;
}

/* ---- the whole ---- */

static enum rc evaluate(struct watch_run *r, struct columns *c, bool again)
{
    const struct columns_head *h = columns_head(c);
    struct cursor at;
    struct journal_since since = {.all = true};
    r->seq = h->seq;
    r->year = h->year_count ? h->years[h->year_count - 1] : 0;
    r->day = local_day(r->cx->profile, r->cx->now_at);
    TRY(read_cursor(&at, r->cx, r->county));
    if (!again && at.day == r->day && at.year == r->year && at.seq &&
        at.rules == watch_rules_print(r->cx->profile))
        TRY(journal_households_since(&since, r->cx, r->county, at.seq, r->seq,
                                     WATCH_CHANGED_MAX));
    return since.all ? evaluate_all(r, c) : evaluate_some(r, c, &since);
}

static enum rc run_county(struct watch_run *r, bool again)
{
    struct columns *c;
    TRY(columns_open(&c, r->cx, r->county));
    enum rc rc = evaluate(r, c, again);
    columns_close(c);
    TRY(rc);
    TRY(write_all(r));
    TRY(watch_stop(r->cx, "watch.cursor"));
    return db_write(r->cx, r->county, write_cursor, r);
}

enum rc watch_register(int64_t *raised, int64_t *over, struct cx *cx, int64_t county,
                       bool again, const struct job *job)
{
    struct cx own = *cx;
    own.arena = arena_open(RUN_BYTES);
    err_clear(&own);
    struct watch_run *r = arena_new(own.arena, sizeof *r);
    *r = (struct watch_run){.cx = &own,
                            .job = job,
                            .county = county,
                            .rules = rules_of(cx->profile),
                            .chunk = {.county = county, .job = job}};
    enum rc rc = run_county(r, again);
    *raised += r->chunk.raised;
    *over += r->chunk.over_done;
    if (rc)
        rc = fail(cx, rc, arena_copy(cx->arena, str_of(own.err.text)), "%s", own.err.detail);
    arena_free(own.arena);
    return rc;
}

/* A rule tried on the past: run on the data of each earlier year, and asked a year later. */
#include "watch/watch_inner.h"

#include "base/text.h"
#include "register/area.h"

#include <string.h>

enum { ROOT_RULE = 0, ROOT_TRUTH = 1, ROOTS = 2 };

/* What is known of a household in one year, by row. */
enum { SAID_YES = 1, SAID_NO = 2, TRUE_YES = 4, TRUE_NO = 8, SEEN = 16, PART_UNKNOWN = 32 };
struct try_year {
    uint8_t *row;
    bool people; /* the rule is about people */
};

static void take_rule(struct try_year *y, const int64_t *v, const struct rule_block *b)
{
    if (!y->people) {
        for (size_t i = 0; i < b->count[RULE_HOUSEHOLD]; i++)
            y->row[b->row[RULE_HOUSEHOLD][i]] |= (uint8_t)(v[i] == 1              ? SAID_YES
                                                           : v[i] != RULE_MISSING ? SAID_NO
                                                                                  : 0);
        return;
    }
    for (size_t i = 0; i < b->count[RULE_PERSON]; i++) {
        size_t row = (size_t)b->row[RULE_HOUSEHOLD][b->parent[RULE_PERSON][i]];
        y->row[row] |= (uint8_t)(v[i] == 1              ? SAID_YES
                                 : v[i] == RULE_MISSING ? PART_UNKNOWN
                                                        : SAID_NO);
    }
}

static enum rc take_block(struct cx *cx, void *arg, const struct rule_runner *runner,
                          const struct rule_block *b)
{
    struct try_year *y = arg;
    const int64_t *truth = rule_value(runner, ROOT_TRUTH);
    (void)cx;
    take_rule(y, rule_value(runner, ROOT_RULE), b);
    for (size_t i = 0; i < b->count[RULE_HOUSEHOLD]; i++)
        y->row[b->row[RULE_HOUSEHOLD][i]] |=
            (uint8_t)(SEEN | (truth[i] == 1              ? TRUE_YES
                              : truth[i] != RULE_MISSING ? TRUE_NO
                                                         : 0));
    return RC_OK;
}

static void count_household(struct watch_trial *t, uint8_t now, uint8_t later)
{
    bool named = now & SAID_YES;
    bool known = (now & (SAID_YES | SAID_NO)) && !(now & PART_UNKNOWN && !named);
    if (!(now & SEEN))
        return;
    t->households += known;
    t->named += named;
    t->right += named && later & TRUE_YES;
    t->wrong += named && later & TRUE_NO;
    t->unknown += named && !(later & (TRUE_YES | TRUE_NO));
    t->missed += !named && later & TRUE_YES;
    t->early += named && later & TRUE_YES && !(now & TRUE_YES);
}

static enum rc run_year(struct try_year *out, struct cx *cx, struct columns *c,
                        const struct rule_program *program, int32_t area, int32_t year)
{
    size_t rows = columns_head(c)->household_rows;
    struct columns_run run = {.program = program,
                              .year = year,
                              .area = area,
                              .household_row = -1,
                              .block = take_block,
                              .arg = out};
    memset(out->row, 0, rows + 1);
    return columns_run(cx, c, &run);
}

/* Two years in memory at a time. */
static enum rc try_years(struct watch_trial **out, size_t *count, struct cx *cx,
                         struct columns *c, const struct rule_program *program, int32_t area)
{
    const struct columns_head *h = columns_head(c);
    struct watch_trial *list = arena_array(cx->arena, h->year_count + 1, sizeof *list);
    struct try_year now = {.people = rule_root_level(program, ROOT_RULE) == RULE_PERSON};
    struct try_year later = now;
    now.row = arena_array(cx->arena, h->household_rows + 1, 1);
    later.row = arena_array(cx->arena, h->household_rows + 1, 1);
    *count = 0;
    if (!list || !now.row || !later.row)
        return fail(cx, RC_LIMIT,
                    _("There are too many households here; choose a smaller area."), "try");
    for (size_t i = 0; i + 1 < h->year_count; i++) {
        struct watch_trial *t = &list[*count];
        if (i == 0)
            TRY(run_year(&now, cx, c, program, area, h->years[i]));
        TRY(run_year(&later, cx, c, program, area, h->years[i + 1]));
        *t = (struct watch_trial){.year = h->years[i]};
        for (size_t row = 0; row < h->household_rows; row++)
            if (h->household_id[row])
                count_household(t, now.row[row], later.row[row]);
        *count += t->households > 0; /* the first year has no last year to compare with */
        struct try_year swap = now;
        now = later;
        later = swap;
    }
    *out = list;
    return RC_OK;
}

static enum rc compile(const struct rule_program **out, struct rule_fault *fault, struct cx *cx,
                       const struct alert_rule *rule, struct str text)
{
    const struct rule_text texts[ROOTS] = {
        {.name = "try rule",
         .level = rule->subject == SUBJECT_PERSON ? RULE_PERSON : RULE_HOUSEHOLD,
         .text = text,
         .want_bool = true},
        {.name = "try truth",
         .level = RULE_HOUSEHOLD,
         .text = str_of(rule->truth),
         .want_bool = true}};
    enum rc rc = rule_compile(out, fault, cx, cx->profile->rules->dictionary, texts, ROOTS);
    if (rc == RC_INVALID)
        err_clear(cx);
    return rc;
}

/* NOLINTNEXTLINE(readability-function-size): where, which rule and its text, each plain */
enum rc watch_try(struct watch_trial **out, size_t *count, struct rule_fault *fault,
                  struct cx *cx, int64_t area_id, const struct alert_rule *rule,
                  struct str text)
{
    const struct rule_program *program;
    struct columns *c;
    struct area a;
    *fault = (struct rule_fault){0};
    TRY(area_get(&a, cx, area_id));
    if (!actor_may_in(cx, "alert.view", str_of(a.path)))
        return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                    "try area=%" PRId64, area_id);
    if (!a.county)
        return fail(cx, RC_INVALID, _("Choose a county, or an area in one."), "try area");
    if (rule->kind != ALERT_REGISTER || !rule->truth[0])
        return fail(
            cx, RC_INVALID,
            _("The profile does not say how to tell later whether this rule was right."),
            "rule=%d", rule->number);
    text = text.len ? text : str_of(rule->rule);
    TRY(compile(&program, fault, cx, rule, text));
    TRY(columns_open(&c, cx, a.county));
    int32_t area = columns_area_index(c, a.id);
    enum rc rc = area < 0 ? RC_OK : try_years(out, count, cx, c, program, area);
    columns_close(c);
    if (area < 0)
        *count = 0, *out = arena_new(cx->arena, sizeof **out);
    return rc;
}

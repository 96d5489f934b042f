/* Visits of the made-up county, the insurer's list of high costs (left for you to compare),
 * what the alert rules find, and a flood with its checks. */
#include "base/text.h"
#include "base/time.h"
#include "casework/case.h"
#include "watch/alert.h"
#include "web/demo_office.h"

#include <stdio.h>
#include <string.h>

enum { COSTS_MOST = 12, COST_COLUMNS = 11, CHECKED_MOST = 40, RAISED_DAYS = 5 };

static enum rc put_texts(struct cx *cx, struct demo_sheet *s, const char *const *texts,
                         size_t count)
{
    struct demo_cell cells[COST_COLUMNS] = {0};
    for (size_t i = 0; i < count && i < COST_COLUMNS; i++)
        cells[i].text = texts[i];
    return demo_sheet_put(cx, s, cells, count);
}

static const char *iso(struct cx *cx, int32_t day)
{
    struct date d = day_date(day);
    return arena_printf(cx->arena, "%04d-%02d-%02d", (int)d.year, (int)d.month, (int)d.day);
}

/* ---- visits ---- */

/* Most in time; of the watched every fifth and of the others every eighth too long ago. */
static int visited_days_ago(struct demo_office *o, const struct demo_household *h)
{
    bool watched = h->monitor != MONITOR_NONE;
    bool late = demo_chance(&o->dice, watched ? 200 : 125);
    if (watched)
        return late ? demo_between(&o->dice, 50, 120) : demo_between(&o->dice, 1, 24);
    return late ? demo_between(&o->dice, 380, 600) : demo_between(&o->dice, 5, 300);
}

static enum rc put_visits(struct cx *cx, struct demo_office *o, struct demo_sheet *sheet,
                          int64_t *rows)
{
    for (int i = 0; i < o->c->household_count; i++) {
        const struct demo_household *h = &o->c->households[i];
        struct household known;
        if (h->gone || (h->monitor == MONITOR_NONE && h->attribute == ATTRIBUTE_NONE))
            continue;
        struct arena_mark mark = arena_mark(cx->arena);
        const char *code = arena_printf(cx->arena, "61%08d", (int)h->code);
        enum rc rc = household_by_code(&known, cx, o->county, str_of(code));
        const char *texts[] = {code, iso(cx, demo_day(o, visited_days_ago(o, h)))};
        if (rc == RC_NOTFOUND)
            err_clear(cx); /* its rows were refused */
        else if (rc == RC_OK)
            rc = put_texts(cx, sheet, texts, 2);
        *rows += rc == RC_OK;
        arena_back(cx->arena, mark);
        if (rc && rc != RC_NOTFOUND)
            return rc;
    }
    return RC_OK;
}

enum rc demo_visits_make(struct cx *cx, struct demo_office *o)
{
    static const char *const head[] = {"户编号", "最近走访日期"};
    struct demo_sheet *sheet;
    struct demo_file file = {.path = arena_printf(cx->arena, "%s/visits.csv", o->dir),
                             .name = "visits.csv",
                             .mapping = "household_visits",
                             .year = o->c->year};
    TRY(demo_sheet_open(&sheet, cx, file.path, DEMO_CSV_UTF8));
    enum rc rc = put_texts(cx, sheet, head, 2);
    if (!rc)
        rc = put_visits(cx, o, sheet, &file.rows);
    enum rc closed = demo_sheet_close(cx, sheet);
    TRY(rc ? rc : closed);
    cx->actor = o->who[DEMO_ADMIN];
    return demo_import_file(cx, o->county, &file);
}

/* ---- the insurer's list ---- */

/* An ordinary household of the first village: a head who works, children, all in order. */
static bool is_ordinary(const struct demo_office *o, const struct demo_household *h)
{
    const struct demo_county *c = o->c;
    int32_t head = demo_member(c, h->first);
    if (h->gone || h->village != o->spots[0].village || head < 0 ||
        h->attribute != ATTRIBUTE_NONE || h->monitor != MONITOR_NONE || !h->water_safe ||
        h->dangerous_house)
        return false;
    const struct demo_person *p = &c->people[head];
    int age = demo_age(c, p);
    return age >= 30 && age <= 58 && p->identity[0] && demo_household_size(c, h) >= 3;
}

static enum rc choose_ordinary(struct household *out, struct cx *cx, struct demo_office *o)
{
    for (int i = 0; i < o->c->household_count && o->high_cost < 0; i++) {
        const struct demo_household *h = &o->c->households[i];
        struct person *people;
        size_t count;
        if (!is_ordinary(o, h))
            continue;
        enum rc rc = household_by_code(out, cx, o->county,
                                       str_of(arena_printf(cx->arena, "61%08d", (int)h->code)));
        if (rc == RC_NOTFOUND) {
            err_clear(cx);
            continue;
        }
        TRY(rc);
        TRY(household_people(&people, &count, cx, o->county, out->id, false));
        /* As the register knows it: nothing of it was refused. */
        if ((int)count != demo_household_size(o->c, h) || !count || !people[0].has_identity ||
            !str_starts(str_of(out->area_path), str_of(o->spots[0].path)))
            continue;
        o->high_cost = i;
        o->used[i] = true;
    }
    return RC_OK;
}

static enum rc put_cost(struct cx *cx, struct demo_office *o, struct demo_sheet *sheet,
                        const struct demo_household *h, const struct demo_person *p)
{
    static const char *const illnesses[] = {"恶性肿瘤", "脑出血", "慢性肾衰竭", "冠心病"};
    const struct demo_place *v = &o->c->villages[h->village];
    int own = demo_between(&o->dice, 210, 480) * 100, all = own * 5 / 2;
    const char *texts[COST_COLUMNS] = {o->c->townships[v->parent].name,
                                       v->name,
                                       p->name,
                                       p->identity,
                                       p->sex == DEMO_MALE ? "男" : "女",
                                       iso(cx, p->birth_day),
                                       arena_printf(cx->arena, "%d", all),
                                       arena_printf(cx->arena, "%d", own),
                                       arena_printf(cx->arena, "%d", all - own),
                                       illnesses[demo_between(&o->dice, 0, 3)],
                                       iso(cx, demo_day(o, demo_between(&o->dice, 3, 40)))};
    return put_texts(cx, sheet, texts, COST_COLUMNS);
}

/* Members of watched households who are ill: known already, so that one row alone is news. */
static enum rc put_known(struct cx *cx, struct demo_office *o, struct demo_sheet *sheet)
{
    int n = 0;
    for (int i = 0; i < o->c->household_count && n < COSTS_MOST; i++) {
        const struct demo_household *h = &o->c->households[i];
        if (h->gone || h->monitor == MONITOR_NONE)
            continue;
        for (int32_t k = demo_member(o->c, h->first); k >= 0;
             k = demo_member(o->c, o->c->people[k].next)) {
            const struct demo_person *p = &o->c->people[k];
            if (!p->identity[0] ||
                !(p->health >> HEALTH_SERIOUS & 1 || p->health >> HEALTH_LONG & 1))
                continue;
            TRY(put_cost(cx, o, sheet, h, p));
            n++;
            break;
        }
    }
    return RC_OK;
}

enum rc demo_costs_make(struct cx *cx, struct demo_office *o)
{
    static const char *const head[COST_COLUMNS] = {
        "乡镇",       "行政村",   "姓名",     "身份证号码", "性别",    "出生日期",
        "医疗总费用", "自付金额", "报销金额", "主要诊断",   "结算日期"};
    const char *path = arena_printf(cx->arena, "%s/medical-cost.csv", o->dir);
    static const char *const title[] = {"示范县大额医疗费用名单（示例数据，人物均为虚构）"};
    struct demo_sheet *sheet;
    struct household chosen;
    TRY(choose_ordinary(&chosen, cx, o));
    TRY(demo_sheet_open(&sheet, cx, path, DEMO_CSV_UTF8));
    enum rc rc = put_texts(cx, sheet, title, 1);
    if (!rc)
        rc = put_texts(cx, sheet, head, COST_COLUMNS);
    if (!rc && o->high_cost >= 0) {
        const struct demo_household *h = &o->c->households[o->high_cost];
        rc = put_cost(cx, o, sheet, h, &o->c->people[demo_member(o->c, h->first)]);
    }
    if (!rc)
        rc = put_known(cx, o, sheet);
    enum rc closed = demo_sheet_close(cx, sheet);
    return rc ? rc : closed;
}

/* ---- alerts ---- */

static const char *const found_words[] = {"入户核实，情况属实，已转村里受理。",
                                          "入户核实，收入登记有误，实际没有困难。",
                                          "该户已在监测，帮扶措施正在落实。"};

static enum rc close_alert(struct cx *cx, const struct alert *a, enum alert_outcome outcome)
{
    return alert_close(cx, a->id, a->version, outcome, str_of(found_words[outcome - 1]));
}

/* Of every six alerts of a village one was right, one wrong, one known, one is being checked.
 */
static enum rc check_spot(struct cx *cx, struct demo_office *o, int spot)
{
    static const enum alert_outcome outcomes[] = {OUTCOME_TRUE, OUTCOME_FALSE, OUTCOME_KNOWN};
    struct alert *list;
    size_t count;
    const char *next;
    const struct alert_query q = {
        .area_id = o->spots[spot].area_id, .state = STR("open"), .limit = CHECKED_MOST};
    cx->actor = o->spots[spot].worker;
    TRY(alert_list(&list, &count, &next, cx, &q));
    for (size_t i = 0; i < count; i++) {
        demo_at(o, cx, RAISED_DAYS - 1 - (int)(i % 4), 15);
        if (i % 6 < 3)
            TRY(close_alert(cx, &list[i], outcomes[i % 6]));
        else if (i % 6 == 3)
            TRY(alert_take(cx, list[i].id, list[i].version));
    }
    return RC_OK;
}

/* A flood of the second village: most houses were looked at, then it was over. */
static enum rc flood(struct cx *cx, struct demo_office *o)
{
    struct alert *list;
    size_t count;
    const char *next;
    int64_t id, raised, over;
    const struct demo_spot *s = &o->spots[1];
    const struct disaster_ask ask = {
        .name = arena_printf(cx->arena, "%s山洪（演练数据）", o->c->villages[s->village].name),
        .area_id = s->area_id,
        .area_ids = &s->area_id,
        .area_count = 1,
        .days = 5};
    demo_at(o, cx, 16, 8);
    cx->actor = o->who[DEMO_COUNTY];
    TRY(disaster_begin(&id, cx, &ask));
    cx->actor = NULL;
    TRY(watch_incoming(&raised, &over, cx, o->county));
    cx->actor = s->worker;
    const struct alert_query q = {.area_id = s->area_id,
                                  .disaster_id = id,
                                  .state = STR("open"),
                                  .limit = CHECKED_MOST * 2};
    TRY(alert_list(&list, &count, &next, cx, &q));
    for (size_t i = 0; i < count; i++) {
        demo_at(o, cx, 15 - (int)(i % 4), 14);
        if (i % 9 != 8)
            TRY(close_alert(cx, &list[i], i == 1 ? OUTCOME_TRUE : OUTCOME_FALSE));
    }
    demo_at(o, cx, 9, 10);
    cx->actor = o->who[DEMO_COUNTY];
    return disaster_end(cx, id, STR("洪水已退，房屋和饮水检查完毕。"));
}

enum rc demo_watch_make(struct cx *cx, struct demo_office *o)
{
    int64_t raised, over;
    TRY(flood(cx, o));
    demo_at(o, cx, RAISED_DAYS, 6);
    cx->actor = NULL;
    TRY(watch_county(&raised, &over, cx, o->county, true));
    for (int s = 0; s < o->spot_count; s++)
        TRY(check_spot(cx, o, s));
    cx->actor = NULL;
    cx->now_at = o->now_at;
    return watch_incoming(&raised, &over, cx, o->county);
}

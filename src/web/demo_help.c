/* Needs of households of the made-up county, and the help plans of those that are watched. */
#include "base/text.h"
#include "help/plan.h"
#include "web/demo_office.h"

#include <string.h>

/* ---- plans ---- */

static enum rc add_need(int64_t *id, struct cx *cx, int64_t household_id, int kind, int urgency,
                        int yuan, const char *words)
{
    const struct need n = {.household_id = household_id,
                           .kind = kind,
                           .urgency = urgency,
                           .amount_minor = (int64_t)yuan * 100,
                           .words = words,
                           .may_be_listed = true};
    return need_add(id, cx, &n);
}

static bool has_measure(const struct plan_item *items, size_t count, int32_t measure)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].measure == measure)
            return true;
    return false;
}

/* Too few measures fit some made-up households: then the plan gets some by hand. */
static enum rc add_by_hand(struct cx *cx, int64_t plan_id, const struct plan_item *items,
                           size_t count)
{
    static const int32_t measures[] = {1201, 1301, 1303}; /* goods, toilet, road */
    int64_t id;
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        if (has_measure(items, count, measures[i]))
            continue;
        const struct plan_item item = {
            .plan_id = plan_id, .measure = measures[i], .why = "农户提出，村里同意"};
        TRY(plan_item_add(&id, cx, &item));
    }
    return RC_OK;
}

/* One is changed, the last of four is refused, the others are taken as proposed. */
static enum rc decide_items(struct cx *cx, int64_t id)
{
    struct plan p;
    struct plan_item *items;
    size_t count;
    TRY(plan_get(&p, &items, &count, cx, id));
    for (size_t i = 0; i < count; i++) {
        struct plan_item x = items[i];
        if (x.state != ITEM_PROPOSED)
            continue;
        if (i == 0) {
            x.cost_minor += 50000;
            x.due_day += 7;
            x.why = "按实际需要增加五百元，推迟一周";
            TRY(plan_item_decide(cx, &x, ITEM_AGREED));
        } else if (i >= 3) {
            x.why = "今年先办前面几项，避免一次安排过多";
            TRY(plan_item_decide(cx, &x, ITEM_REFUSED));
        }
    }
    TRY(plan_get(&p, &items, &count, cx, id));
    bool is_left = false;
    for (size_t i = 0; i < count; i++)
        is_left = is_left || items[i].state == ITEM_PROPOSED;
    if (is_left)
        TRY(plan_take_all(cx, id, p.version));
    return RC_OK;
}

static bool is_agreed(const struct plan_item *x)
{
    return x->task_id && (x->state == ITEM_AGREED || x->state == ITEM_STARTED);
}

/* What waits for another measure can be delivered only after it. */
static enum rc deliver(struct cx *cx, struct demo_office *o, const struct plan_item *x,
                       int days)
{
    int64_t document;
    const char *name = arena_printf(cx->arena, "receipt-%" PRId64 ".pdf", x->id);
    cx->actor = o->who[DEMO_COUNTY];
    TRY(demo_document(&document, cx, o, "delivery", name, "帮扶措施签收单",
                      arena_printf(cx->arena, "措施%d已落实，农户签收。编号%" PRId64 "。",
                                   (int)x->measure, x->id)));
    return plan_item_deliver(cx, x->id, x->version, demo_day(o, days), x->cost_minor, document);
}

static enum rc confirm(struct cx *cx, struct demo_office *o, int spot, int64_t item,
                       bool happened)
{
    cx->actor = o->spots[spot].worker;
    return plan_item_confirm(cx, item, (struct str){NULL, 0}, happened,
                             happened ? STR("已经收到") : STR("还没有人来过"));
}

/* A plan that runs is half done: of three one is confirmed, one delivered, one begun; one that
 * has ended is confirmed whole; in one that is contradicted the first did not happen. */
static enum rc run_plan(struct cx *cx, struct demo_office *o, int64_t id, int spot,
                        enum demo_plan how, int days)
{
    struct plan p;
    struct plan_item *items;
    size_t count, n = 0;
    TRY(plan_get(&p, &items, &count, cx, id));
    for (size_t i = 0; i < count; i++) {
        if (!is_agreed(&items[i]))
            continue;
        int later = days - 14 - (int)n * 2 > 0 ? days - 14 - (int)n * 2 : 1;
        demo_at(o, cx, later, 10);
        bool all = how == PLAN_ENDED;
        if (all || n < 2)
            TRY(deliver(cx, o, &items[i], later));
        demo_at(o, cx, later - 1 > 0 ? later - 1 : 0, 11);
        if (all || n == 0)
            TRY(confirm(cx, o, spot, items[i].id, how != PLAN_CONTRADICTED));
        if (!all && n == 2) {
            cx->actor = o->who[DEMO_COUNTY];
            TRY(plan_item_start(cx, items[i].id, items[i].version));
        }
        n++;
    }
    return RC_OK;
}

enum rc demo_plan_make(struct cx *cx, struct demo_office *o, int64_t flow_id,
                       int64_t household_id, int spot, enum demo_plan how, int days)
{
    struct plan p;
    struct plan_item *items;
    size_t count;
    int64_t id, need;
    const char *token;
    cx->actor = o->spots[spot].worker;
    TRY(add_need(&need, cx, household_id, 2, 3, 6000, "住院自付部分还差六千元"));
    TRY(add_need(&need, cx, household_id, 6, 2, 0, "想在家附近找活干，方便照顾老人"));
    TRY(plan_propose(&id, cx, household_id, flow_id));
    TRY(plan_get(&p, &items, &count, cx, id));
    if (count < 3)
        TRY(add_by_hand(cx, id, items, count));
    if (how == PLAN_DRAFTED)
        return RC_OK;
    TRY(decide_items(cx, id));
    TRY(plan_get(&p, &items, &count, cx, id));
    cx->actor = o->who[DEMO_COUNTY];
    TRY(plan_approve(cx, id, p.version));
    cx->actor = o->spots[spot].worker;
    TRY(plan_token_new(&token, cx, id));
    int64_t made_at = cx->now_at;
    TRY(run_plan(cx, o, id, spot, how, days));
    cx->now_at = made_at; /* the day goes on */
    return RC_OK;
}

/* ---- needs ---- */

enum rc demo_needs_make(struct cx *cx, struct demo_office *o)
{
    static const struct {
        int kind, urgency, yuan;
        const char *words;
        enum need_state state;
    } list[] = {
        {8, 2, 3000, "想养两头猪，缺买猪仔的钱", NEED_OPEN},
        {3, 2, 2400, "孩子住校，每月生活费紧张", NEED_OPEN},
        {10, 3, 0, "家里有两千斤橙子卖不出去", NEED_OPEN},
        {4, 3, 8000, "屋顶漏雨，瓦片要换", NEED_OPEN},
        {1, 1, 500, "老人缺过冬的棉被", NEED_OPEN},
        {6, 2, 0, "妻子想在村里做保洁", NEED_SOLVED},
        {5, 2, 0, "水管冬天会冻住", NEED_SOLVED},
        {13, 1, 0, "不知道怎么办残疾证", NEED_WITHDRAWN},
        {3, 2, 1800, "孩子买学习用品", NEED_OPEN},
        {8, 1, 1200, "想种半亩辣椒，缺种苗", NEED_OPEN},
    };
    for (int i = 0; i < (int)(sizeof list / sizeof *list); i++) {
        const struct demo_household *made;
        struct household h;
        int spot;
        int64_t id;
        enum rc rc = demo_take_household(&h, &made, &spot, cx, o, i % 2, WISH_AGAIN);
        if (rc == RC_NOTFOUND)
            return RC_OK;
        TRY(rc);
        demo_at(o, cx, 30 - i, 10);
        cx->actor = o->spots[spot].worker;
        TRY(add_need(&id, cx, h.id, list[i].kind, list[i].urgency, list[i].yuan,
                     list[i].words));
        demo_at(o, cx, 10 - i, 15);
        if (list[i].state != NEED_OPEN)
            TRY(need_set_state(cx, id, 1, list[i].state, STR("已经解决或不再需要")));
    }
    return RC_OK;
}

/* What else brings households of the made-up county money: vacancies with people placed and
 * wages paid, small loans, offers of donors. */
#include "base/text.h"
#include "base/time.h"
#include "help/loan.h"
#include "help/offer.h"
#include "help/vacancy.h"
#include "web/demo_office.h"

#include <string.h>

/* ---- work ---- */

static const struct {
    const char *kind, *title, *text, *rule;
    int places, wage, from, to, placed, channel; /* from, to: days ago; to 0 open */
    bool public_post;
} posts[] = {
    {"firm", "分拣包装工（云禾山货）", "旺季每天八小时，包午餐，可接送。",
     "can_work and not in_school and age in 18 .. 60", 8, 2600, 120, 0, 3, 4, false},
    {"transport", "公益性岗位：护路员", "每周巡查通村公路三次，清理路面和边沟。",
     "can_work and not in_school and age in 45 .. 70", 4, 800, 100, 0, 2, 1, true},
    {"cooperative", "蔬菜大棚采摘工", "按天计酬，适合不能外出的劳动力。",
     "can_work and not in_school and age in 18 .. 65", 6, 2200, 40, 0, 0, 2, false},
    {"firm", "春茶采摘工（已招满结束）", "三月至五月，按斤计酬。",
     "can_work and age in 18 .. 65", 5, 3000, 260, 170, 1, 4, false},
};

static int32_t month_at(int32_t day)
{
    struct date d = day_date(day);
    return d.year * 12 + d.month - 1;
}

/* The months that are over, from the one after the first day. */
static enum rc pay(struct cx *cx, struct demo_office *o, int64_t placement, int from, int to,
                   int yuan)
{
    int32_t last = month_at(demo_day(o, to));
    for (int32_t m = month_at(demo_day(o, from)) + 1; m < last; m++) {
        cx->now_at = o->now_at;
        TRY(wage_paid(cx, placement, m,
                      ((int64_t)yuan + demo_between(&o->dice, 0, 20) * 10) * 100));
    }
    return RC_OK;
}

static enum rc place(struct cx *cx, struct demo_office *o, int64_t id, size_t at)
{
    struct vacancy v;
    struct candidate *list;
    size_t count;
    int64_t total, placement;
    TRY(vacancy_get(&v, cx, id));
    TRY(vacancy_candidates(&list, &count, &total, cx, &v, 12));
    int placed = 0;
    for (size_t i = at; i < count && placed < posts[at].placed; i += 2, placed++) {
        int from = posts[at].from - 5 - placed * 9, to = posts[at].to;
        demo_at(o, cx, from, 9);
        TRY(placement_add(&placement, cx, id, list[i].person_id, demo_day(o, from)));
        TRY(pay(cx, o, placement, from, to, posts[at].wage));
        if (to) {
            demo_at(o, cx, to, 17);
            TRY(placement_end(cx, placement, demo_day(o, to), STR("茶季结束")));
        }
    }
    return RC_OK;
}

static enum rc add_vacancies(struct cx *cx, struct demo_office *o)
{
    for (size_t i = 0; i < sizeof posts / sizeof *posts; i++) {
        struct vacancy v = {.area_id = o->spots[0].town_id,
                            .title = posts[i].title,
                            .text = posts[i].text,
                            .rule = posts[i].rule,
                            .places = posts[i].places,
                            .from_day = demo_day(o, posts[i].from),
                            .to_day = posts[i].to ? demo_day(o, posts[i].to) : 0,
                            .wage_month_minor = (int64_t)posts[i].wage * 100,
                            .public_post = posts[i].public_post,
                            .channel = posts[i].channel};
        int64_t id;
        struct arena_mark mark = arena_mark(cx->arena);
        demo_at(o, cx, posts[i].from, 9);
        cx->actor = o->who[DEMO_DEPARTMENT];
        TRY(demo_org(&v.org_id, cx, o, posts[i].kind));
        TRY(vacancy_save(&id, cx, &v));
        TRY(place(cx, o, id, i));
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

/* ---- loans ---- */

static const struct {
    enum loan_kind kind;
    enum loan_state state;
    int yuan, asked, paid, parts; /* days ago; monthly parts that were repaid, -1: all due */
    const char *purpose;
} loans[] = {
    {LOAN_SMALL, LOAN_ASKED, 20000, 3, 0, 0, "买三头母猪"},
    {LOAN_SMALL, LOAN_ASKED, 50000, 9, 0, 0, "扩种柑橘五亩"},
    {LOAN_SMALL, LOAN_GRANTED, 30000, 20, 0, 0, "搭建蔬菜大棚"},
    {LOAN_SMALL, LOAN_PAID_OUT, 36000, 290, 270, -1, "发展林下养鸡"},
    {LOAN_SMALL, LOAN_PAID_OUT, 24000, 250, 230, 3, "购置小型烘干机"},
    {LOAN_SMALL, LOAN_REFUSED, 50000, 60, 0, 0, "翻修住房"},
    {LOAN_GRANT, LOAN_PAID_OUT, 5000, 120, 100, 0, "返乡开办小吃店"},
    {LOAN_GRANT, LOAN_REPAID, 5000, 300, 280, 0, "开办家政服务部"},
};

static enum rc move_loan(struct cx *cx, struct demo_office *o, int64_t id,
                         enum loan_state state, int days, const char *reason)
{
    struct loan loan;
    struct loan_entry *entries;
    size_t count;
    demo_at(o, cx, days, 15);
    TRY(loan_get(&loan, &entries, &count, cx, id));
    return loan_move(cx, id, loan.version, state, demo_day(o, days), str_of(reason));
}

static enum rc repay(struct cx *cx, struct demo_office *o, int64_t id, int parts)
{
    struct loan loan;
    struct loan_entry *entries;
    struct loan_sums sums;
    size_t count;
    cx->now_at = o->now_at;
    TRY(loan_get(&loan, &entries, &count, cx, id));
    TRY(loan_sums_at(&sums, cx, &loan, entries, count, o->today));
    for (int k = 0; k < loan.months && (parts < 0 || k < parts); k++) {
        const struct loan_part *part = &sums.parts[k];
        if (part->due_day >= o->today)
            break;
        const char *receipt =
            arena_printf(cx->arena, "HK-%" PRId64 "-%02d", id % 100000, k + 1);
        TRY(loan_repay(cx, id, part->due_day, part->principal_minor + part->interest_minor,
                       str_of(receipt)));
    }
    return RC_OK;
}

static enum rc advance(struct cx *cx, struct demo_office *o, int64_t id, size_t i)
{
    enum loan_state to = loans[i].state;
    if (to == LOAN_ASKED)
        return RC_OK;
    if (to == LOAN_REFUSED)
        return move_loan(cx, o, id, LOAN_REFUSED, loans[i].asked - 6,
                         "小额信贷只能用于发展生产，不能用于建房。");
    TRY(move_loan(cx, o, id, LOAN_GRANTED, loans[i].asked - 8, ""));
    if (to == LOAN_GRANTED)
        return RC_OK;
    TRY(move_loan(cx, o, id, LOAN_PAID_OUT, loans[i].paid, ""));
    if (loans[i].kind == LOAN_SMALL)
        return repay(cx, o, id, loans[i].parts);
    return to == LOAN_REPAID ? move_loan(cx, o, id, LOAN_REPAID, 60, "") : RC_OK;
}

static enum rc add_loans(struct cx *cx, struct demo_office *o)
{
    int64_t bank, insurer;
    TRY(demo_org(&bank, cx, o, "bank"));
    TRY(demo_org(&insurer, cx, o, "insurer"));
    for (size_t i = 0; i < sizeof loans / sizeof *loans; i++) {
        const struct demo_household *made;
        struct household h;
        int spot;
        int64_t id;
        enum rc rc = demo_take_household(&h, &made, &spot, cx, o, (int)i % 3, WISH_AGAIN);
        if (rc == RC_NOTFOUND)
            return RC_OK;
        TRY(rc);
        bool small = loans[i].kind == LOAN_SMALL;
        demo_at(o, cx, loans[i].asked, 10);
        cx->actor = o->who[DEMO_DEPARTMENT];
        const struct loan loan = {.household_id = h.id,
                                  .bank_org_id = small ? bank : 0,
                                  .guarantor_org_id = small ? insurer : 0,
                                  .kind = loans[i].kind,
                                  .amount_minor = (int64_t)loans[i].yuan * 100,
                                  .months = small ? 24 : 0,
                                  .rate_bp = small ? 435 : 0,
                                  .subsidy_bp = small ? 435 : 0,
                                  .asked_day = demo_day(o, loans[i].asked),
                                  .granted_day = INT32_MIN,
                                  .paid_day = INT32_MIN,
                                  .purpose = loans[i].purpose,
                                  .reason = ""};
        TRY(loan_ask(&id, cx, &loan));
        TRY(advance(cx, o, id, i));
    }
    return RC_OK;
}

/* ---- offers ---- */

static enum rc match(struct cx *cx, struct demo_office *o, int64_t offer, int kind, int yuan,
                     bool delivered)
{
    struct need *needs;
    size_t count;
    int64_t id, document;
    TRY(needs_listed(&needs, &count, cx, o->county_area, kind, 0, 5));
    if (!count)
        return RC_OK;
    demo_at(o, cx, 8, 10);
    TRY(offer_match_add(&id, cx, offer, needs[0].id, (int64_t)yuan * 100));
    if (!delivered)
        return RC_OK;
    demo_at(o, cx, 5, 16);
    TRY(demo_document(&document, cx, o, "delivery",
                      arena_printf(cx->arena, "offer-%" PRId64 ".pdf", id), "捐赠物资签收单",
                      arena_printf(cx->arena, "农户已签收。编号%" PRId64 "。", id)));
    return offer_delivered(cx, id, document);
}

static enum rc add_offers(struct cx *cx, struct demo_office *o)
{
    static const struct {
        const char *giver, *text;
        int kind, yuan, matched;
        bool org, delivered;
    } list[] = {{"示范县春雨慈善会", "猪仔、鸡苗和种苗，送货到户", 8, 10000, 3000, true, true},
                {"一位退休教师", "资助住校学生的生活费", 3, 6000, 2400, false, false},
                {"示范县春雨慈善会", "过冬棉被四十床", 1, 8000, 0, true, false},
                {"云禾山货食品有限公司", "按保底价收购柑橘两千斤", 10, 4000, 0, false, false}};
    int64_t charity, id;
    TRY(demo_org(&charity, cx, o, "charity"));
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        demo_at(o, cx, 16 - (int)i * 2, 10);
        cx->actor = o->who[DEMO_DEPARTMENT];
        const struct offer offer = {.org_id = list[i].org ? charity : 0,
                                    .giver = list[i].giver,
                                    .text = list[i].text,
                                    .kind = list[i].kind,
                                    .amount_minor = (int64_t)list[i].yuan * 100,
                                    .until_day = demo_day(o, -60)};
        TRY(offer_add(&id, cx, o->county_area, &offer));
        if (list[i].matched)
            TRY(match(cx, o, id, list[i].kind, list[i].matched, list[i].delivered));
    }
    return RC_OK;
}

enum rc demo_incomes_help_make(struct cx *cx, struct demo_office *o)
{
    TRY(add_vacancies(cx, o));
    TRY(add_loans(cx, o));
    return add_offers(cx, o);
}

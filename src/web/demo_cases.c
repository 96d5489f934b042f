/* Tips and cases of the made-up county, each on its own way. A story is a row of letters, one
 * per step (see `struct step`); its last step was made `ended` days ago, the earlier ones lie
 * before it by each step's gap. All stories are played day by day, so that what happened first
 * was also written first. A step that the rules advise against is made with a reason.
 * LONG: one row per story, one per kind of step. */
#include "web/demo_cases.h"

#include "base/text.h"
#include "casework/assembly.h"
#include "casework/grievance.h"
#include "casework/posting.h"
#include "casework/tip.h"
#include "profile/calendar.h"

#include <assert.h>
#include <string.h>

enum { PLAYED_MAX = 256, FIRST_DAY = 330, NEAR_DAYS = 3, PLAN_DAY = 8 };

/* ---- what is told ---- */

struct story {
    const char *steps;
    int ended, spot;
    enum tip_source source;
    enum demo_wish wish;
    enum demo_plan plan;
    bool again; /* also in the copies of a large county */
};
static const struct story stories[] = {
    {"TKACMVNPYmmmnceNpl", 4, 0, TIP_SELF, WISH_STEADY, PLAN_ENDED, true},
    {"TKACMVNPYmmmnceNpl", 30, 2, TIP_SELF, WISH_STEADY, PLAN_ENDED, true},
    {"T", 0, 0, TIP_SELF, WISH_TROUBLE, PLAN_NONE, true},
    {"T", 6, 0, TIP_PHONE, WISH_TROUBLE, PLAN_NONE, false},
    {"T", 1, 1, TIP_MEDIA, WISH_TROUBLE, PLAN_NONE, true},
    {"T", 1, 0, TIP_LIST, WISH_TROUBLE, PLAN_NONE, false},
    {"TX", 12, 1, TIP_SELF, WISH_QUIET, PLAN_NONE, true},
    {"TK", 1, 0, TIP_OFFICER, WISH_TROUBLE, PLAN_NONE, true},
    {"TKD", 20, 1, TIP_PHONE, WISH_QUIET, PLAN_NONE, false},
    {"TKA", 1, 0, TIP_SELF, WISH_TROUBLE, PLAN_NONE, true},
    {"TKA", 9, 1, TIP_OFFICER, WISH_TROUBLE, PLAN_NONE, true},
    {"TKAR", 30, 1, TIP_SELF, WISH_QUIET, PLAN_NONE, true},
    {"TKAC", 2, 0, TIP_OFFICER, WISH_TROUBLE, PLAN_NONE, true},
    {"TKAC", 11, 1, TIP_SELF, WISH_TROUBLE, PLAN_NONE, false},
    {"TKACZ", 35, 2, TIP_LIST, WISH_QUIET, PLAN_NONE, true},
    {"TKACM", 3, 0, TIP_SELF, WISH_TROUBLE, PLAN_NONE, true},
    {"TKACM", 2, 0, TIP_OFFICER, WISH_TROUBLE, PLAN_NONE, true},
    {"TKACM", 9, 2, TIP_SELF, WISH_TROUBLE, PLAN_NONE, false},
    {"TKACMv", 24, 0, TIP_SELF, WISH_QUIET, PLAN_NONE, true},
    {"TKACMV", 1, 0, TIP_OFFICER, WISH_TROUBLE, PLAN_NONE, true},
    {"TKACMVo", 0, 0, TIP_SELF, WISH_TROUBLE, PLAN_NONE, true},
    {"TKACMVO", 3, 1, TIP_PHONE, WISH_TROUBLE, PLAN_NONE, false},
    {"TKACMVN", 1, 0, TIP_OFFICER, WISH_TROUBLE, PLAN_NONE, true},
    {"TKACMVN", 13, 1, TIP_SELF, WISH_TROUBLE, PLAN_NONE, false},
    {"TKACMVNP", 2, 0, TIP_SELF, WISH_TROUBLE, PLAN_NONE, true},
    {"TKACMVNP", 10, 2, TIP_OFFICER, WISH_TROUBLE, PLAN_NONE, true},
    {"TKACMVNPF", 40, 0, TIP_SELF, WISH_QUIET, PLAN_NONE, true},
    {"TKACMVNPFH", 3, 1, TIP_SELF, WISH_QUIET, PLAN_NONE, false},
    {"TKACMVNPYmm", 5, 0, TIP_SELF, WISH_TROUBLE, PLAN_UNDER_WAY, true},
    {"TKACMVNPYm", 40, 0, TIP_OFFICER, WISH_TROUBLE, PLAN_CONTRADICTED, true},
    {"TKACMVNPY", 4, 0, TIP_SELF, WISH_TROUBLE, PLAN_NONE, true},
    {"TKACMVNPY", 14, 1, TIP_PHONE, WISH_TROUBLE, PLAN_DRAFTED, true},
    {"TKACMVNPYmmmm", 8, 1, TIP_OFFICER, WISH_TROUBLE, PLAN_ENDED, true},
    {"TKACMVNPYmQ", 15, 2, TIP_MEDIA, WISH_QUIET, PLAN_NONE, false},
    {"TKACMVNPYmmmn", 2, 0, TIP_OFFICER, WISH_QUIET, PLAN_ENDED, true},
    {"TKACMVNPYmmmnce", 2, 0, TIP_SELF, WISH_QUIET, PLAN_UNDER_WAY, true},
};
enum { STORIES = sizeof stories / sizeof *stories };

static const char *const tip_words[] = {
    "家里有人住院，自付费用较多，想请村里来看看。",
    "房屋漏雨严重，墙体开裂，担心不安全。",
    "务工的人失业在家，今年收入少了一大半。",
    "孩子上高中，家里只有一个人能干活，负担重。",
    "水井干了，吃水要到两里外去挑。",
    "果园遭了冰雹，今年没有收成。",
};
static const char *const visit_words[] = {
    "入户查看住房和用水，核对医疗票据，家庭主要劳动力患病，支出明显增加。",
    "查看房屋及家庭成员情况，收入来源单一，今年减收。",
    "与户主和邻居交谈，情况基本属实，家中存粮够用。",
};

/* ---- the county's stories, with where each stands ---- */

struct played {
    const struct story *story;
    const struct demo_household *made;
    struct household household;
    int spot, at, ended; /* at: the next step */
    int64_t tip_id, flow_id, exit_id, assembly_id;
    const char *worker_name;
};
struct theatre {
    struct demo_office *o;
    struct played list[PLAYED_MAX];
    int count, day;
    struct demo_objected about;
};

static const struct demo_spot *spot_of(const struct theatre *t, const struct played *p)
{
    return &t->o->spots[p->spot];
}

/* The case that is under way. */
static int64_t *open_flow(struct played *p)
{
    return p->exit_id ? &p->exit_id : &p->flow_id;
}

/* ---- moves ---- */

static enum rc try_move(struct cx *cx, int64_t flow_id, const struct demo_move *m,
                        const char *reason)
{
    struct flow f;
    enum { ANSWERS = 10 };
    struct flow_answer answers[ANSWERS];
    size_t n = 0;
    const struct actor *who = cx->actor;
    cx->actor = NULL;
    enum rc rc = flow_get(&f, cx, flow_id);
    cx->actor = who;
    TRY(rc);
    const struct workflow_move *move =
        workflow_move(f.workflow, str_of(f.state_code), str_of(m->event));
    for (size_t i = 0; move && i < move->field_count; i++)
        for (size_t k = 0; k < m->said_count && n < ANSWERS; k++)
            if (!strcmp(move->fields[i].code, m->said[k].field))
                answers[n++] = (struct flow_answer){&move->fields[i], m->said[k].value, 0};
    struct flow_ask ask = {.id = flow_id,
                           .version = f.version,
                           .event = str_of(m->event),
                           .reason = str_of(reason),
                           .answers = answers,
                           .answer_count = n};
    return case_decide(cx, &ask);
}

enum rc demo_case_move(struct cx *cx, int64_t flow_id, const struct demo_move *m)
{
    enum rc rc = try_move(cx, flow_id, m, m->reason ? m->reason : "");
    if (rc != RC_INVALID || m->reason)
        return rc;
    err_clear(cx);
    return try_move(cx, flow_id, m, "结合入户核实的实际情况，与系统提示不一致，特此说明。");
}

enum rc demo_case_sign(struct cx *cx, int64_t flow_id)
{
    struct flow f;
    TRY(flow_get(&f, cx, flow_id));
    return flow_sign(cx, flow_id, f.version);
}

static int cause_of(const struct played *p)
{
    if (p->made->cause > 0)
        return p->made->cause;
    return p->made->dangerous_house ? CAUSE_HOUSE
           : !p->made->water_safe   ? CAUSE_WATER
           : p->made->code % 3 == 0 ? CAUSE_WORK
                                    : CAUSE_ILLNESS;
}

/* ---- tips ---- */

static enum rc step_tip(struct cx *cx, struct theatre *t, struct played *p)
{
    const char *reference;
    bool alone = p->story->source == TIP_SELF || p->story->source == TIP_LIST;
    cx->actor = alone ? NULL : spot_of(t, p)->worker;
    const struct tip tip = {
        .area_id = p->household.area_id,
        .household_id = p->household.id,
        .source = p->story->source,
        .name = p->story->source == TIP_SELF ? p->household.head_name : "",
        .phone = p->story->source == TIP_SELF ? "13900000000" : "",
        .text = tip_words[p->made->code % (int)(sizeof tip_words / sizeof *tip_words)],
        .reference = ""};
    return tip_add(&p->tip_id, &reference, cx, &tip);
}

static enum rc tip_version(int32_t *version, struct cx *cx, int64_t id)
{
    struct tip tip;
    TRY(tip_get(&tip, cx, id));
    *version = tip.version;
    return RC_OK;
}

static enum rc step_take(struct cx *cx, struct theatre *t, struct played *p)
{
    int32_t version;
    cx->actor = spot_of(t, p)->worker;
    TRY(tip_version(&version, cx, p->tip_id));
    return tip_take(&p->flow_id, cx, p->tip_id, version);
}

static enum rc step_close_tip(struct cx *cx, struct theatre *t, struct played *p)
{
    int32_t version;
    cx->actor = spot_of(t, p)->worker;
    TRY(tip_version(&version, cx, p->tip_id));
    return tip_close(cx, p->tip_id, version,
                     STR("电话核实，反映的费用已由医保报销，暂无困难；如有变化请再反映。"));
}

/* ---- the village ---- */

static enum rc step_accept(struct cx *cx, struct theatre *t, struct played *p)
{
    cx->actor = spot_of(t, p)->worker;
    return demo_case_move(cx, p->flow_id, &(struct demo_move){.event = "accept"});
}

static enum rc step_dismiss(struct cx *cx, struct theatre *t, struct played *p)
{
    cx->actor = spot_of(t, p)->worker;
    return demo_case_move(
        cx, p->flow_id,
        &(struct demo_move){.event = "dismiss", .reason = "反映的情况发生在邻村，已转告。"});
}

/* Both went there: the worker signs, the township's officer makes the move. */
static enum rc step_confirm(struct cx *cx, struct theatre *t, struct played *p)
{
    const struct demo_said said[] = {
        {"visited_on", value_int(local_day(cx->profile, cx->now_at))},
        {"household_signed", value_text(str_of(p->household.head_name))},
        {"main_reason", value_int(cause_of(p))},
        {"rigid_expense", value_int((int64_t)(6000 + p->made->code % 17 * 900) * 100)},
        {"words", value_text(str_of(visit_words[p->made->code % 3]))}};
    cx->actor = spot_of(t, p)->worker;
    TRY(demo_case_sign(cx, p->flow_id));
    cx->actor = spot_of(t, p)->town;
    return demo_case_move(
        cx, p->flow_id, &(struct demo_move){.event = "confirm", .said = said, .said_count = 5});
}

static enum rc step_reject(struct cx *cx, struct theatre *t, struct played *p)
{
    cx->actor = spot_of(t, p)->worker;
    TRY(demo_case_sign(cx, p->flow_id));
    cx->actor = spot_of(t, p)->town;
    return demo_case_move(
        cx, p->flow_id,
        &(struct demo_move){.event = "reject",
                            .reason = "入户核实，家庭收入稳定，住房和饮水安全，不符合条件。"});
}

static enum rc step_matches(struct cx *cx, struct theatre *t, struct played *p)
{
    const struct demo_said said[] = {{"result", value_int(2)}}; /* nothing against it */
    cx->actor = t->o->who[DEMO_DEPARTMENT];
    return demo_case_move(
        cx, p->flow_id, &(struct demo_move){.event = "matches", .said = said, .said_count = 1});
}

static enum rc step_against(struct cx *cx, struct theatre *t, struct played *p)
{
    cx->actor = t->o->who[DEMO_DEPARTMENT];
    return demo_case_move(
        cx, p->flow_id,
        &(struct demo_move){.event = "reject",
                            .reason = "比对发现户内有两年内购置的家用轿车，农户未能说明。"});
}

/* ---- the meeting ---- */

static enum rc assembly_of(struct assembly *out, struct cx *cx, const struct theatre *t,
                           int spot, int days)
{
    const struct demo_office *o = t->o;
    *out = (struct assembly){.area_id = o->spots[spot].area_id,
                             .place = "村委会会议室",
                             .chair = "村委会主任",
                             .recorder = "村文书",
                             .minutes = "",
                             .at = o->day_at - (int64_t)days * 86400 + (int64_t)9 * 3600 + 1800,
                             .entitled = -1,
                             .present = -1};
    cx->actor = o->spots[spot].worker;
    return assembly_add(&out->id, cx, out);
}

static enum rc count_people(struct cx *cx, struct theatre *t, int64_t id)
{
    struct assembly a;
    TRY(assembly_get(&a, cx, id));
    a.entitled = 30;
    a.present = demo_between(&t->o->dice, 22, 29);
    a.minutes = "会议由村委会主任主持，驻村工作队列席。信息员逐户介绍入户核查和部门比对情况，"
                "代表逐户讨论后举手表决，结果当场宣布。";
    return assembly_set(cx, &a);
}

static enum rc vote(struct cx *cx, struct theatre *t, int64_t id)
{
    struct assembly a;
    struct assembly_item *items;
    size_t count;
    int64_t failed;
    TRY(assembly_get(&a, cx, id));
    TRY(assembly_items(&items, &count, cx, id));
    for (size_t i = 0; i < count; i++) {
        bool passes = true;
        for (int k = 0; k < t->count; k++)
            if (items[i].flow_id == *open_flow(&t->list[k]))
                passes = t->list[k].story->steps[t->list[k].at] != 'v';
        int32_t few = (int32_t)demo_between(&t->o->dice, 0, 4);
        items[i].agree = passes ? a.present - few : few + 3;
        items[i].disagree = passes ? few : a.present - few - 3;
        items[i].abstain = 0;
        items[i].remark = passes ? "" : "代表认为家庭收入稳定，困难是暂时的";
        TRY(assembly_vote(cx, id, &items[i]));
    }
    TRY(assembly_get(&a, cx, id));
    return assembly_close(&failed, cx, id, a.version);
}

static bool waits_for_vote(const struct theatre *t, const struct played *p, int spot)
{
    char next = p->story->steps[p->at];
    int planned = demo_step_day(p->story->steps, p->at, p->ended);
    return p->flow_id && p->spot == spot && (next == 'V' || next == 'v' || next == 'e') &&
           planned <= t->day && planned + NEAR_DAYS >= t->day;
}

/* All cases of the village that are ready for one go on the list of one meeting. */
static enum rc step_vote(struct cx *cx, struct theatre *t, struct played *p)
{
    struct assembly a;
    int spot = p->spot;
    TRY(assembly_of(&a, cx, t, spot, t->day));
    for (int i = 0; i < t->count; i++) {
        struct played *x = &t->list[i];
        if (x == p || waits_for_vote(t, x, spot))
            TRY(assembly_put(cx, a.id, *open_flow(x)));
    }
    TRY(count_people(cx, t, a.id));
    TRY(vote(cx, t, a.id));
    for (int i = 0; i < t->count; i++) {
        struct played *x = &t->list[i];
        if (x != p && waits_for_vote(t, x, spot))
            x->at++;
    }
    return RC_OK;
}

/* ---- notice, township, county ---- */

static enum rc step_over(struct cx *cx, struct theatre *t, struct played *p)
{
    (void)t;
    cx->actor = NULL;
    return flow_auto_run(cx, *open_flow(p));
}

static enum rc object(struct cx *cx, struct theatre *t, struct played *p)
{
    struct posting *postings;
    size_t count;
    const char *reference;
    int64_t id;
    cx->actor = spot_of(t, p)->town;
    TRY(postings_of_flow(&postings, &count, cx, p->flow_id));
    cx->actor = NULL;
    const struct grievance g = {.posting_id = count ? postings[0].id : 0,
                                .about_flow = p->flow_id,
                                .household_id = p->household.id,
                                .channel = BY_PAGE,
                                .name = "",
                                .phone = "",
                                .text = "听说这户在城里有房子，请再核实一下。",
                                .answer = "",
                                .reference = ""};
    return grievance_add(&id, &reference, cx, &g);
}

static enum rc step_object(struct cx *cx, struct theatre *t, struct played *p)
{
    TRY(object(cx, t, p));
    cx->actor = spot_of(t, p)->worker;
    return demo_case_move(
        cx, p->flow_id,
        &(struct demo_move){.event = "object", .reason = "公示期内有群众提出异议，重新核查。"});
}

static enum rc step_pass(struct cx *cx, struct theatre *t, struct played *p)
{
    cx->actor = spot_of(t, p)->town;
    return demo_case_move(cx, *open_flow(p), &(struct demo_move){.event = "pass"});
}

static enum rc step_recognise(struct cx *cx, struct theatre *t, struct played *p)
{
    int class = p->made->attribute != ATTRIBUTE_NONE ? MONITOR_UNSTABLE
                : p->made->code % 3 == 0             ? MONITOR_SUDDEN
                                                     : MONITOR_EDGE;
    const struct demo_said said[] = {{"class", value_int(class)},
                                     {"main_cause", value_int(cause_of(p))},
                                     {"risk", value_int(cause_of(p))},
                                     {"contact", value_text(str_of(p->worker_name))}};
    cx->actor = t->o->who[DEMO_COUNTY];
    return demo_case_move(
        cx, p->flow_id,
        &(struct demo_move){.event = "recognise", .said = said, .said_count = 4});
}

static enum rc step_refuse(struct cx *cx, struct theatre *t, struct played *p)
{
    cx->actor = t->o->who[DEMO_COUNTY];
    if (!t->about.refused)
        t->about.refused = p->flow_id;
    return demo_case_move(
        cx, p->flow_id,
        &(struct demo_move){.event = "refuse",
                            .reason = "支出为一次性，家庭收入可以负担，暂不纳入，继续关注。"});
}

static enum rc step_appeal(struct cx *cx, struct theatre *t, struct played *p)
{
    cx->actor = spot_of(t, p)->town;
    return demo_case_move(
        cx, p->flow_id,
        &(struct demo_move){.event = "appeal", .reason = "农户申诉并补充了住院票据。"});
}

/* ---- watching, clearing ---- */

static enum rc step_monthly(struct cx *cx, struct theatre *t, struct played *p)
{
    const struct demo_said said[] = {
        {"visited_on", value_int(local_day(cx->profile, cx->now_at))},
        {"words", value_text(STR("家庭情况平稳，帮扶措施正在落实，无新增困难。"))},
        {"month_income", value_int((int64_t)demo_between(&t->o->dice, 18, 52) * 10000)}};
    cx->actor = spot_of(t, p)->worker;
    return demo_case_move(
        cx, p->flow_id, &(struct demo_move){.event = "monthly", .said = said, .said_count = 3});
}

static enum rc step_end(struct cx *cx, struct theatre *t, struct played *p)
{
    const struct demo_said said[] = {{"end_reason", value_int(3)}};
    cx->actor = t->o->who[DEMO_COUNTY];
    return demo_case_move(cx, p->flow_id,
                          &(struct demo_move){.event = "end",
                                              .reason = "全户并入儿子家庭共同生活。",
                                              .said = said,
                                              .said_count = 1});
}

static enum rc step_nominate(struct cx *cx, struct theatre *t, struct played *p)
{
    cx->actor = spot_of(t, p)->worker;
    TRY(case_open(&p->exit_id, cx, "exit", p->household.id));
    return demo_case_move(cx, p->exit_id, &(struct demo_move){.event = "nominate"});
}

static enum rc step_exit_check(struct cx *cx, struct theatre *t, struct played *p)
{
    const struct demo_said said[] = {
        {"visited_on", value_int(local_day(cx->profile, cx->now_at))},
        {"household_signed", value_text(str_of(p->household.head_name))},
        {"risk_gone", value_int(1)},
        {"cost_settled", value_int(1)},
        {"words", value_text(STR("收入稳定，病情好转，支出已得到控制，农户同意。"))}};
    cx->actor = spot_of(t, p)->worker;
    TRY(demo_case_sign(cx, p->exit_id));
    cx->actor = spot_of(t, p)->town;
    return demo_case_move(
        cx, p->exit_id, &(struct demo_move){.event = "confirm", .said = said, .said_count = 5});
}

/* Where the rules do not let the risk be cleared, the household stays watched. */
static enum rc step_clear(struct cx *cx, struct theatre *t, struct played *p)
{
    const struct demo_said said[] = {{"way", value_int(1)}};
    cx->actor = t->o->who[DEMO_COUNTY];
    enum rc rc =
        try_move(cx, p->exit_id,
                 &(struct demo_move){.event = "clear", .said = said, .said_count = 1}, "");
    if (rc == RC_INVALID) {
        err_clear(cx);
        return demo_case_move(
            cx, p->exit_id,
            &(struct demo_move){.event = "keep",
                                .reason = "收入尚不稳定，继续监测和帮扶半年后再评估。"});
    }
    TRY(rc);
    cx->actor = NULL;
    return flow_auto_run(cx, p->flow_id);
}

/* ---- the play ---- */

typedef enum rc (*step_fn)(struct cx *cx, struct theatre *t, struct played *p);
static const struct step {
    char letter;
    int gap; /* days after the step before */
    step_fn make;
} steps[] = {
    {'T', 0, step_tip},        {'K', 1, step_take},    {'X', 2, step_close_tip},
    {'A', 0, step_accept},     {'D', 1, step_dismiss}, {'C', 2, step_confirm},
    {'R', 3, step_reject},     {'M', 4, step_matches}, {'Z', 4, step_against},
    {'V', 5, step_vote},       {'v', 5, step_vote},    {'N', 8, step_over},
    {'o', 1, object},          {'O', 2, step_object},  {'P', 2, step_pass},
    {'Y', 3, step_recognise},  {'F', 3, step_refuse},  {'H', 6, step_appeal},
    {'m', 28, step_monthly},   {'Q', 20, step_end},    {'n', 140, step_nominate},
    {'c', 4, step_exit_check}, {'e', 5, step_vote},    {'p', 2, step_pass},
    {'l', 3, step_clear},
};

static const struct step *step_of(char letter)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i].letter == letter)
            return &steps[i];
    assert(!"a story has an unknown letter");
    return NULL;
}

int demo_step_day(const char *letters, int at, int ended)
{
    int day = ended;
    for (const char *p = letters + at + 1; letters[at] && *p; p++)
        day += step_of(*p)->gap;
    return day;
}

static enum rc cast(struct cx *cx, struct theatre *t, const struct story *s, int spot,
                    int ended)
{
    struct played *p = &t->list[t->count];
    *p = (struct played){.story = s, .ended = ended};
    assert(t->count < PLAYED_MAX);
    enum rc rc =
        demo_take_household(&p->household, &p->made, &p->spot, cx, t->o, spot, s->wish);
    if (rc == RC_NOTFOUND)
        return RC_OK; /* a very small county has fewer stories */
    p->worker_name = spot_of(t, p)->worker->name;
    t->count++;
    return rc;
}

static enum rc cast_all(struct cx *cx, struct theatre *t)
{
    for (int s = 0; s < STORIES; s++)
        TRY(cast(cx, t, &stories[s], stories[s].spot, stories[s].ended));
    for (int k = 1; k < t->o->copies; k++)
        for (int s = 0; s < STORIES; s++)
            if (stories[s].again)
                TRY(cast(cx, t, &stories[s], stories[s].spot + 2 * k,
                         stories[s].ended + k % 2));
    return RC_OK;
}

static enum rc follow_plan(struct cx *cx, struct theatre *t, struct played *p)
{
    int made_on = 0;
    for (int i = 0; p->story->steps[i]; i++)
        if (p->story->steps[i] == 'Y')
            made_on = demo_step_day(p->story->steps, i, p->ended) - PLAN_DAY;
    if (p->story->plan == PLAN_NONE || made_on != t->day)
        return RC_OK;
    return demo_plan_make(cx, t->o, p->flow_id, p->household.id, p->spot, p->story->plan,
                          t->day);
}

static enum rc play_day(struct cx *cx, struct theatre *t)
{
    for (int i = 0; i < t->count; i++) {
        struct played *p = &t->list[i];
        struct arena_mark mark = arena_mark(cx->arena);
        int hour = 9;
        while (p->story->steps[p->at] &&
               demo_step_day(p->story->steps, p->at, p->ended) >= t->day) {
            demo_at(t->o, cx, t->day, hour++);
            TRY(step_of(p->story->steps[p->at])->make(cx, t, p));
            p->at++;
        }
        demo_at(t->o, cx, t->day, 16);
        TRY(follow_plan(cx, t, p));
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

/* The meeting that is to come, with the cases that wait for it in the first village. */
static enum rc plan_meeting(struct cx *cx, struct theatre *t)
{
    struct assembly a;
    struct flow *waiting;
    size_t count;
    demo_at(t->o, cx, 1, 17);
    TRY(assembly_of(&a, cx, t, 0, -3));
    TRY(assembly_waiting(&waiting, &count, cx, t->o->spots[0].area_id));
    for (size_t i = 0; i < count; i++)
        TRY(assembly_put(cx, a.id, waiting[i].id));
    return RC_OK;
}

enum rc demo_cases_make(struct cx *cx, struct demo_office *o)
{
    struct theatre *t = arena_new(cx->arena, sizeof *t);
    t->o = o;
    t->count = 0;
    t->about = (struct demo_objected){0};
    TRY(cast_all(cx, t));
    for (t->day = FIRST_DAY; t->day >= 0; t->day--)
        TRY(play_day(cx, t));
    for (int i = 0; i < t->count && !t->about.by_meeting; i++)
        if (strchr(t->list[i].story->steps, 'v'))
            t->about.by_meeting = t->list[i].flow_id;
    TRY(plan_meeting(cx, t));
    return demo_grievances_make(cx, o, &t->about);
}

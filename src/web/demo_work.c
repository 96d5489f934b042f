/* Tasks, meetings of departments, the resource book and policy papers of the made-up county. */
#include "base/text.h"
#include "base/time.h"
#include "office/meeting.h"
#include "office/paper.h"
#include "office/resource.h"
#include "web/demo_office.h"
#include "work/task.h"

#include <string.h>

enum { DAY_S = 86400 };

/* ---- tasks ---- */

static int64_t due_at(const struct demo_office *o, int days)
{
    return o->day_at - (int64_t)(days - 1) * DAY_S;
}

struct given {
    int days, due; /* days ago; due may lie ahead */
    struct owner owner;
    const char *title, *why;
    bool evidence;
    const struct owner *parts;
    size_t part_count;
    int64_t after;
};

static enum rc give(int64_t *id, struct cx *cx, const struct demo_office *o,
                    const struct given *g)
{
    const char *field;
    struct task_new n = {.task = {.area_id = o->county_area,
                                  .owner = g->owner,
                                  .title = both_typed(g->title),
                                  .why = both_typed(g->why),
                                  .due_at = due_at(o, g->due),
                                  .needs_evidence = g->evidence},
                         .parts = g->parts,
                         .part_count = g->part_count,
                         .after_id = g->after};
    if (!n.task.owner.permission)
        n.task.owner.permission = "";
    demo_at(o, cx, g->days, 9);
    cx->actor = o->who[DEMO_COUNTY];
    return task_give_new(id, &field, cx, &n);
}

static struct owner user_owner(const struct actor *a)
{
    return (struct owner){OWNER_USER, a->user_id, ""};
}

static enum rc version_of(int32_t *version, struct cx *cx, int64_t id)
{
    struct task t;
    TRY(task_get(&t, cx, id));
    *version = t.version;
    return RC_OK;
}

static enum rc finish(struct cx *cx, const struct demo_office *o, int64_t id,
                      const struct actor *who, int days, const char *outcome)
{
    int32_t version;
    demo_at(o, cx, days, 16);
    cx->actor = who;
    TRY(version_of(&version, cx, id));
    return task_done(cx, id, version, str_of(outcome));
}

static enum rc done_with_evidence(struct cx *cx, const struct demo_office *o)
{
    int64_t id, document;
    TRY(give(&id, cx, o,
             &(struct given){.days = 18,
                             .due = 8,
                             .owner = user_owner(o->who[DEMO_HEALTH]),
                             .title = "核对大病患者家庭医生签约情况",
                             .why = "上月抽查发现两户没有签约记录，请逐户核对并附名单。",
                             .evidence = true}));
    demo_at(o, cx, 10, 15);
    cx->actor = o->who[DEMO_HEALTH];
    TRY(demo_document(&document, cx, o, "evidence", "签约核对表.pdf", "家庭医生签约核对表",
                      "全县大病患者均已签约，两户补签。"));
    TRY(task_evidence(cx, id, document, STR("核对表，共一页")));
    TRY(task_remark(cx, id, STR("两户已补签，乡镇卫生院下周上门。")));
    return finish(cx, o, id, o->who[DEMO_HEALTH], 10, "已核对完毕，漏签的两户已补签。");
}

/* A joint task of three departments; one part is done. */
static enum rc joint(struct cx *cx, const struct demo_office *o)
{
    static const char *const kinds[] = {"health", "education", "civil_affairs"};
    struct owner parts[3];
    struct task *list;
    size_t count;
    const char *next;
    int64_t id;
    for (size_t i = 0; i < 3; i++) {
        parts[i] = (struct owner){OWNER_ORG, 0, ""};
        TRY(demo_org(&parts[i].id, cx, o, kinds[i]));
    }
    TRY(give(&id, cx, o,
             &(struct given){.days = 7,
                             .due = -5,
                             .title = "入冬前联合走访重病、重残和孤儿家庭",
                             .why = "三个部门各查各的名单，结果写在同一个任务里。",
                             .parts = parts,
                             .part_count = 3}));
    cx->actor = o->who[DEMO_COUNTY];
    TRY(task_list(&list, &count, &next, cx,
                  &(struct task_query){.parent_id = id, .state = STR("all"), .limit = 5}));
    for (size_t i = 0; i < count; i++)
        if (list[i].owner.id == parts[1].id)
            TRY(finish(cx, o, list[i].id, o->who[DEMO_EDUCATION], 2,
                       "已走访十一名孤儿和困境学生，均在校。"));
    return RC_OK;
}

static enum rc plain_tasks(struct cx *cx, const struct demo_office *o)
{
    const struct given list[] = {{.days = 3,
                                  .due = -3,
                                  .owner = user_owner(o->who[DEMO_COUNTY]),
                                  .title = "汇总上月走访和帮扶情况",
                                  .why = "报领导小组办公室。"},
                                 {.days = 21,
                                  .due = 6,
                                  .owner = user_owner(o->spots[0].town),
                                  .title = "补齐危房户照片",
                                  .why = "县里抽查时缺三户住房照片。"},
                                 {.days = 12,
                                  .due = 2,
                                  .owner = user_owner(o->spots[0].worker),
                                  .title = "通知评议会代表",
                                  .why = "上次会议有两名代表没有收到通知。"},
                                 {.days = 2,
                                  .due = -6,
                                  .owner = {OWNER_AREA, o->spots[0].area_id, "case.check"},
                                  .title = "张贴自主申报二维码",
                                  .why = "村委会公示栏和村口各一张。"},
                                 {.days = 4,
                                  .due = -1,
                                  .owner = user_owner(o->who[DEMO_CIVIL]),
                                  .title = "核对低保渐退名单",
                                  .why = "本季度有九户就业增收。"},
                                 {.days = 1,
                                  .due = 0,
                                  .owner = user_owner(o->who[DEMO_ADMIN]),
                                  .title = "审阅本周预警处置情况",
                                  .why = "红色预警是否都已入户。"}};
    int64_t id = 0, last = 0;
    int32_t version;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        TRY(give(&id, cx, o, &list[i]));
        if (i == 0)
            last = id;
    }
    /* One waits for another; one was refused. */
    TRY(give(&id, cx, o,
             &(struct given){.days = 1,
                             .due = -8,
                             .owner = user_owner(o->who[DEMO_ADMIN]),
                             .title = "起草月度简报",
                             .why = "汇总完成后开始。",
                             .after = last}));
    TRY(give(&id, cx, o,
             &(struct given){.days = 15,
                             .due = 5,
                             .owner = user_owner(o->who[DEMO_EDUCATION]),
                             .title = "提供高校新生助学贷款名单",
                             .why = "用于核对教育支出。"}));
    demo_at(o, cx, 13, 11);
    cx->actor = o->who[DEMO_EDUCATION];
    TRY(version_of(&version, cx, id));
    return task_refuse(cx, id, version, STR("名单由市里统一掌握，请改向市教育部门函询。"));
}

/* ---- meetings ---- */

static enum rc save_meeting(int64_t *id, struct cx *cx, const struct demo_office *o, int days,
                            const char *title)
{
    static const char *const kinds[] = {"civil_affairs", "health", "education", "labour",
                                        "agriculture"};
    int64_t orgs[5];
    for (size_t i = 0; i < 5; i++)
        TRY(demo_org(&orgs[i], cx, o, kinds[i]));
    const struct meeting m = {.area_id = o->county_area,
                              .at = o->day_at - (int64_t)days * DAY_S + (int64_t)14 * 3600,
                              .title = title,
                              .place = "县政府三楼会议室",
                              .agenda =
                                  "一、预警处置情况\n二、监测户帮扶措施落实\n三、下步安排",
                              .minutes = "",
                              .chair_id = o->who[DEMO_ADMIN]->user_id};
    cx->actor = o->who[DEMO_COUNTY];
    return meeting_save(id, cx, &m, orgs, 5);
}

static enum rc decide(struct cx *cx, const struct demo_office *o, int64_t meeting,
                      const char *text, const char *first, const char *second, int due)
{
    int64_t id;
    struct meeting_decision d = {
        .meeting_id = meeting, .text = text, .due_day = first ? demo_day(o, due) : 0};
    const char *const kinds[] = {first, second};
    for (int i = 0; i < 2 && kinds[i]; i++) {
        d.owners[i] = (struct owner){OWNER_ORG, 0, ""};
        TRY(demo_org(&d.owners[i].id, cx, o, kinds[i]));
        d.owner_count++;
    }
    return meeting_decide(&id, cx, &d);
}

static enum rc meetings(struct cx *cx, const struct demo_office *o)
{
    int64_t id;
    struct meeting m;
    demo_at(o, cx, 16, 9);
    TRY(save_meeting(&id, cx, o, 14, "防止返贫监测帮扶月度调度会"));
    demo_at(o, cx, 14, 16);
    TRY(decide(cx, o, id, "对连续两月自付医疗费用较高的家庭开展综合救助", "health",
               "civil_affairs", -4));
    TRY(decide(cx, o, id, "组织一场就近就业专场招聘会", "labour", NULL, 3));
    TRY(decide(cx, o, id, "各部门数据于每月五日前交换", NULL, NULL, 0));
    TRY(meeting_get(&m, NULL, NULL, cx, id));
    TRY(meeting_minutes(
        cx, id, m.version,
        "会议听取了预警处置情况汇报，逐户研究了未落实措施的监测户，议定事项见决定。"));
    TRY(meeting_get(&m, NULL, NULL, cx, id));
    TRY(meeting_close(cx, id, m.version));
    demo_at(o, cx, 2, 10);
    return save_meeting(&id, cx, o, -4, "冬季救助工作部署会");
}

/* ---- resources ---- */

static enum rc book(struct cx *cx, const struct demo_office *o, int64_t resource, int spot,
                    int asked, int from, int to, const char *purpose, enum booking_state state)
{
    int64_t id;
    const struct booking b = {.resource_id = resource,
                              .from_day = demo_day(o, from),
                              .to_day = demo_day(o, to),
                              .amount = 1,
                              .purpose = purpose};
    demo_at(o, cx, asked, 10);
    cx->actor = o->spots[spot].town;
    TRY(booking_ask(&id, cx, &b));
    if (state == BOOKING_ASKED)
        return RC_OK;
    struct booking made;
    cx->actor = o->who[DEMO_COUNTY];
    TRY(booking_get(&made, cx, id));
    return booking_set(cx, id, made.version, state,
                       state == BOOKING_REFUSED ? STR("当天另有安排，请改期") : STR(""));
}

static enum rc resources(struct cx *cx, const struct demo_office *o)
{
    static const struct {
        const char *kind, *org, *name, *unit, *note;
        int amount;
    } list[] = {{"1", "transport", "四吨货车", "辆", "含司机，油费由使用单位承担", 2},
                {"2", "cooperative", "云禾镇冷库", "立方米", "零至五度", 300},
                {"4", "labour", "电商培训讲师", "人", "可上门培训", 3},
                {"5", "agriculture", "果树农技员", "人", "修剪、病虫害防治", 4},
                {"8", "cooperative", "旋耕机", "台", "", 2}};
    int64_t ids[5];
    for (size_t i = 0; i < 5; i++) {
        struct resource r = {.area_id = o->county_area,
                             .kind = list[i].kind,
                             .name = list[i].name,
                             .unit = list[i].unit,
                             .note = list[i].note,
                             .amount = list[i].amount};
        demo_at(o, cx, 200, 10);
        cx->actor = o->who[DEMO_COUNTY];
        TRY(demo_org(&r.org_id, cx, o, list[i].org));
        TRY(resource_save(&ids[i], cx, &r));
    }
    TRY(book(cx, o, ids[0], 0, 12, 9, 8, "运送柑橘到县城", BOOKING_GIVEN));
    TRY(book(cx, o, ids[2], 0, 6, -5, -6, "村播培训两天", BOOKING_GIVEN));
    TRY(book(cx, o, ids[3], 2, 3, -2, -2, "柑橘冬剪示范", BOOKING_ASKED));
    TRY(book(cx, o, ids[0], 2, 2, -3, -4, "运送救灾物资", BOOKING_ASKED));
    return book(cx, o, ids[4], 0, 5, -1, -1, "翻耕冬闲田", BOOKING_REFUSED);
}

/* ---- policy papers ---- */

static enum rc save_paper(int64_t *id, struct cx *cx, const struct demo_office *o,
                          const struct paper *p, const struct paper_link *links, size_t count)
{
    struct paper paper = *p;
    demo_at(o, cx, o->today - p->from_day, 9);
    cx->actor = o->who[DEMO_COUNTY];
    paper.area_id = o->county_area;
    TRY(demo_document(&paper.document_id, cx, o, "paper",
                      arena_printf(cx->arena, "%s.pdf", p->number), p->title, p->summary));
    return paper_save(id, cx, &paper, links, count);
}

static enum rc papers(struct cx *cx, const struct demo_office *o)
{
    static const struct paper_link first[] = {
        {"workflow", "identify", "程序按本办法执行"},
        {"option", "vote_share", "过半数通过"},
        {"threshold", "clearing_months", "监测期不少于六个月"}};
    static const struct paper_link second[] = {{"measure", "medical_relief", "提高救助比例"},
                                               {"threshold", "measure_days", "一个月内落实"}};
    int64_t old, id;
    int year = day_date(o->today).year;
    const struct paper a = {.number = arena_printf(cx->arena, "示演发〔%d〕3号", year - 1),
                            .title = "防止返贫动态监测和帮扶工作办法（试行）",
                            .summary = "示例文件：规定监测对象识别、帮扶和风险消除的程序。",
                            .from_day = demo_day(o, 600)};
    TRY(save_paper(&old, cx, o, &a, first, 3));
    const struct paper b = {.number = arena_printf(cx->arena, "示演发〔%d〕1号", year),
                            .replaces_id = old,
                            .title = "防止返贫动态监测和帮扶工作办法",
                            .summary = "示例文件：修订评议和公示程序，其余不变。",
                            .from_day = demo_day(o, 280)};
    TRY(save_paper(&id, cx, o, &b, first, 3));
    const struct paper c = {
        .number = arena_printf(cx->arena, "示演医保〔%d〕7号", year),
        .title = "大额医疗费用家庭综合救助实施细则",
        .summary = "示例文件：医保名单每月交换，自付费用较高的家庭三个工作日内入户。",
        .from_day = demo_day(o, 90)};
    return save_paper(&id, cx, o, &c, second, 2);
}

enum rc demo_work_make(struct cx *cx, struct demo_office *o)
{
    TRY(papers(cx, o));
    TRY(resources(cx, o));
    TRY(done_with_evidence(cx, o));
    TRY(plain_tasks(cx, o));
    TRY(joint(cx, o));
    return meetings(cx, o);
}

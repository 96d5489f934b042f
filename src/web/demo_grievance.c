/* Grievances of the made-up county, and villages that want to leave. */
#include "base/text.h"
#include "casework/grievance.h"
#include "profile/calendar.h"
#include "web/demo_cases.h"

#include <string.h>

/* ---- grievances ---- */

struct said_grievance {
    int days;
    int64_t about;
    enum grievance_channel channel;
    const char *name, *text;
    const char *event, *answer; /* NULL: still open */
    int answered;               /* days ago */
};

static enum rc answer(struct cx *cx, struct demo_office *o, int64_t id,
                      const struct said_grievance *s)
{
    struct grievance g;
    struct flow flow;
    demo_at(o, cx, s->answered, 15);
    /* Whoever decided does not answer it. */
    cx->actor = o->who[DEMO_ADMIN];
    TRY(grievance_get(&g, &flow, cx, id));
    return grievance_answer(cx, id, flow.version, str_of(s->event), str_of(s->answer));
}

static enum rc complain(struct cx *cx, struct demo_office *o, const struct said_grievance *s)
{
    const char *reference;
    int64_t id;
    demo_at(o, cx, s->days, 10);
    cx->actor = s->channel == BY_PAGE ? NULL : o->who[DEMO_COUNTY];
    const struct grievance g = {.about_flow = s->about,
                                .area_id = s->about ? 0 : o->spots[0].area_id,
                                .channel = s->channel,
                                .name = s->name,
                                .phone = "",
                                .text = s->text,
                                .answer = "",
                                .reference = ""};
    TRY(grievance_add(&id, &reference, cx, &g));
    return s->event ? answer(cx, o, id, s) : RC_OK;
}

enum rc demo_grievances_make(struct cx *cx, struct demo_office *o,
                             const struct demo_objected *about)
{
    const struct said_grievance list[] = {
        {36, about->refused, BY_PAGE, "家属", "我家住院花了两万多，为什么不纳入？", "answer",
         "您家的费用报销后自付六千余元，低于标准。我们会继续每季度回访；如费用再增加，请随时反"
         "映。",
         30},
        {21, 0, BY_VISIT, "", "评议会没有通知到所有村民代表。", "pass_up",
         "涉及评议程序，请县里调查。", 19},
        {13, about->by_meeting, BY_PHONE, "家属", "评议时没有说明我家孩子上大学的支出。", NULL,
         NULL, 0},
        {17, 0, BY_LETTER, "", "驻村干部已有两个月没有入户走访。", NULL, NULL, 0},
        {2, 0, BY_PAGE, "村民", "公示栏的内容太小，老人看不清。", NULL, NULL, 0},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        TRY(complain(cx, o, &list[i]));
    return RC_OK;
}

/* ---- villages ---- */

static enum rc village_leaves(struct cx *cx, struct demo_office *o, int spot, int days,
                              bool applies)
{
    int64_t id;
    demo_at(o, cx, days, 9);
    cx->actor = o->spots[spot].worker;
    TRY(case_open_area(&id, cx, "exit", o->spots[spot].area_id));
    if (!applies)
        return RC_OK;
    demo_at(o, cx, days - 2, 9);
    return demo_case_move(cx, id, &(struct demo_move){.event = "apply"});
}

enum rc demo_villages_make(struct cx *cx, struct demo_office *o)
{
    TRY(village_leaves(cx, o, 0, 24, true));
    return village_leaves(cx, o, 1, 3, false);
}

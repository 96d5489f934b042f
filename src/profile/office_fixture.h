/* Small tables of the office beside the survey's profile, for tests and the fuzzer: a chain of
 * four states with a switch, two measures, a taper, alerts. A test replaces one of them, or one
 * word of one. */
#ifndef PROFILE_OFFICE_FIXTURE_H
#define PROFILE_OFFICE_FIXTURE_H

#include "base/embed.h"
#include "profile/profile_impl.h"

#include <string.h>

enum { OFFICE_FILES_MAX = 80 };

struct office_file {
    const char *name, *text;
};
static const struct office_file office_files[] = {
    {"calendar.csv", "day,to,kind,label_en,label_zh,source\n"
                     "2026-09-30,2026-10-07,holiday,National Day,国庆节,x\n"
                     "2026-10-10,,workday,Work day,调休上班,x\n"
                     "2025-12-31,2026-01-02,holiday,New Year,元旦,x\n"},
    {"org_kinds.csv", "code,label_en,label_zh,lead,order\n"
                      "lead,Lead office,牵头单位,yes,1\n"
                      "health,Health,卫生,no,2\n"},
    {"options.csv", "code,area,value,label_en,label_zh,help_en,help_zh,source\n"
                    "naming,,yes,Naming,公示,,,x\n"
                    "naming,10,no,,,,,x\n"
                    "naming,1001,yes,,,,,x\n"
                    "share,,50,Share,比例,,,x\n"},
    {"derived.csv", "code,subject,rule,unit,label_en,label_zh,help_en,help_zh,source\n"
                    "large,household,hhsize > 6,,Large,人口多,,,x\n"
                    "old_head,household,head_age >= 60,,Old head,户主年老,,,x\n"
                    "size_twice,household,hhsize * 2,,Twice,两倍,,,x\n"},
    {"workflows.csv",
     "code,subject,kind,level,permission,label_en,label_zh,help_en,help_zh,source\n"
     "identify,household,identify,file,case.check,Identify,识别,,,x\n"
     "wish,plain,grievance,file,grievance.answer,Wish,诉求,,,x\n"},
    {"workflow_states.csv",
     "workflow,code,kind,tone,permission,level,days,working,after_days,option,skip_to,"
     "label_en,label_zh,todo_en,todo_zh,told_en,told_zh,source\n"
     "identify,tip,start,quiet,case.check,,,,,,,Tip,线索,Open it,受理,,,x\n"
     "identify,check,work,warn,case.check,,5,yes,,,,Check,核查,Visit,入户,,,x\n"
     "identify,notice,notice,warn,case.review,country,,,5,naming,decide,Notice,公示,Wait,等待"
     ",,,x\n"
     "identify,decide,work,warn,case.decide,country,3,yes,,,,Decide,审定,Decide,审定,,,x\n"
     "identify,yes,end,ok,,,,,,,,Yes,纳入,,,You are in,已纳入,x\n"
     "identify,no,end,quiet,,,,,,,,No,不纳入,,,You are not,未纳入,x\n"
     "wish,new,start,warn,grievance.answer,,2,yes,,,,New,新,Answer,答复,,,x\n"
     "wish,done,end,ok,,,,,,,,Done,办结,,,,,x\n"},
    {"workflow_moves.csv",
     "workflow,from,event,to,kind,permission,level,guard,guard_kind,reason,snapshot,two,"
     "label_en,label_zh,help_en,help_zh,source\n"
     "identify,tip,open,check,forward,,,,,no,no,no,Open,受理,,,x\n"
     "identify,check,agree,notice,forward,,,large or old_head,advice,no,no,yes,Agree,同意,,,x\n"
     "identify,check,refuse,no,refuse,,,,,yes,no,no,Refuse,不同意,,,x\n"
     "identify,notice,over,decide,auto,,,hhsize > 0,must,no,no,no,Over,期满,,,x\n"
     "identify,notice,object,check,object,case.check,file,,,yes,no,no,Object,异议,,,x\n"
     "identify,decide,agree,yes,forward,,,,,no,yes,no,Agree,同意,,,x\n"
     "identify,no,appeal,check,appeal,case.check,,,,yes,no,no,Appeal,申诉,,,x\n"
     "wish,new,answer,done,forward,,,,,no,no,no,Answer,答复,,,x\n"},
    {"workflow_fields.csv",
     "workflow,event,code,type,list,required,min,max,label_en,label_zh,sets,source\n"
     "identify,agree,words,text,,yes,,200,Words,意见,,x\n"
     "identify,agree,people,integer,,no,1,20,People,人数,hhsize,x\n"
     "wish,answer,kind,code,sex,no,,,Kind,类别,,x\n"},
    {"workflow_sets.csv", "workflow,event,indicator,value\n"
                          "identify,refuse,farm,0\n"
                          "identify,refuse,head_age,missing\n"},
    {"measure_groups.csv", "code,label_en,label_zh,picture,order\n"
                           "work,Work,就业,work,1\n"},
    {"measures.csv",
     "number,code,group,subject,rule,answers,needs,excludes,cost,unit,department,days,"
     "evidence,effect_column,label_en,label_zh,help_en,help_zh,evidence_en,evidence_zh,source\n"
     "7,post,work,household,not large,old_head,2,,120,dong_per_head,health,30,0,hhsize,"
     "Post,岗位,,,,,x\n"
     "3,training,work,person,illness = 0,large old_head,1 2,post,,,lead,10,2,,"
     "Training,培训,,,Studied,有研究,x\n"},
    {"tapers.csv", "code,rule,from_month,percent,label_en,label_zh,source\n"
                   "slow,large,0,100,Slowly,渐退,x\n"
                   "slow,,12,50,,,\n"
                   "slow,,24,0,,,\n"},
    {"alerts.csv",
     "number,code,subject,source_kind,list,rule,colour,again_days,days,cause,measure,truth,"
     "label_en,label_zh,message_en,message_zh,todo_en,todo_zh,source\n"
     "20,ill,person,register,,illness > 3,red,90,5,large,training,old_head,Ill,患病,"
     "Often ill,多次患病,Visit,入户,x\n"
     "10,late,household,task,,,yellow,30,3,,,,Late,逾期,Late,任务逾期,Visit,入户,x\n"
     "30,flood,household,disaster,,,orange,0,2,,,,Flood,受灾,Flood,受灾,Visit,入户,x\n"},
};
enum { OFFICE_FILES = sizeof office_files / sizeof *office_files };
/* Further codes that the measures need. */
#define OFFICE_CODES                                                                           \
    "need_kind,1,Work,就业,,,1\nneed_kind,2,Health,医疗,,,2\n"                                 \
    "urgency,1,Soon,尽快,,,1\nurgency,2,Now,立即,,,2\n"

#define OFFICE_KEYS "\nrest_days,6 7\nquiet_hours,21:00-07:00\nsummary_at,06:15\n"

/* All files of the survey's profile with these beside them, in `a`; how many. */
static inline size_t office_profile(struct source_file files[OFFICE_FILES_MAX], struct arena *a)
{
    static const char prefix[] = "profile/vlss/";
    size_t n = 0;
    for (size_t i = 0; i < embedded_count && n + OFFICE_FILES < OFFICE_FILES_MAX; i++) {
        const struct embedded *e = &embedded_files[i];
        struct str bytes = {(const char *)e->data, e->len};
        if (!str_starts(str_of(e->path), str_of(prefix)))
            continue;
        if (!strcmp(e->path + strlen(prefix), "codes.csv"))
            bytes = str_of(arena_printf(a, "%.*s%s", STR_ARG(bytes), OFFICE_CODES));
        if (!strcmp(e->path + strlen(prefix), "profile.csv"))
            bytes = str_of(arena_printf(a, "%.*s%s", STR_ARG(bytes), OFFICE_KEYS));
        files[n++] = (struct source_file){e->path + strlen(prefix), bytes};
    }
    for (size_t i = 0; i < OFFICE_FILES; i++)
        files[n++] = (struct source_file){office_files[i].name, str_of(office_files[i].text)};
    return n;
}

#endif

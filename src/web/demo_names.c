/* Names of made-up people and places. */
#include "web/demo.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const char demo_province[] = "演示省";
const char demo_prefecture[] = "样本市";
const char demo_county_name[] = "示范县";

struct weighted {
    const char *text;
    int weight;
};
/* About the shares of the 2020 census, per mille. */
static const struct weighted surnames[] = {
    {"王", 72}, {"李", 71}, {"张", 68}, {"刘", 52}, {"陈", 49}, {"杨", 32}, {"黄", 24},
    {"吴", 20}, {"赵", 20}, {"周", 19}, {"徐", 15}, {"孙", 15}, {"马", 13}, {"朱", 13},
    {"胡", 12}, {"林", 12}, {"郭", 12}, {"何", 11}, {"高", 10}, {"罗", 10}, {"郑", 9},
    {"梁", 9},  {"谢", 8},  {"宋", 8},  {"唐", 7},  {"许", 7},  {"邓", 7},  {"冯", 6},
    {"韩", 6},  {"曹", 6},  {"曾", 6},  {"彭", 5},  {"萧", 2},  {"蔡", 5},  {"潘", 5},
    {"田", 5},  {"董", 5},  {"袁", 5},  {"于", 4},  {"余", 4},  {"叶", 4},  {"蒋", 4},
    {"杜", 4},  {"苏", 4},  {"魏", 4},  {"程", 4},  {"吕", 4},  {"丁", 4},  {"任", 4},
    {"卢", 4},  {"姚", 4},  {"钟", 3},  {"姜", 3},  {"崔", 3},  {"谭", 3},  {"陆", 3},
    {"范", 3},  {"汪", 3},  {"廖", 3},  {"石", 3},  {"金", 3},  {"韦", 3},  {"贾", 2},
    {"夏", 2},  {"付", 2},  {"方", 2},  {"邹", 2},  {"熊", 2},  {"白", 2},  {"孟", 2},
    {"秦", 2},  {"邱", 2},  {"侯", 2},  {"江", 2},  {"尹", 2},  {"薛", 2},  {"段", 1},
    {"雷", 2},  {"龙", 2},  {"史", 1},  {"陶", 1},  {"贺", 1},  {"毛", 1},  {"郝", 1},
    {"顾", 1},  {"龚", 1},  {"欧阳", 1}};
enum { SURNAME_COUNT = sizeof surnames / sizeof *surnames };
/* Frequent among the south-western peoples of the demo's villages. */
static const char *const hill_surnames[] = {"杨", "龙", "吴", "潘", "韦", "罗", "王",
                                            "石", "陆", "莫", "覃", "黄", "梁", "田",
                                            "向", "彭", "蒙", "岑", "班", "姚"};
enum { HILL_COUNT = sizeof hill_surnames / sizeof *hill_surnames, ETHNIC_HAN = 1 };

const char *demo_surname(struct demo_dice *d, int ethnic)
{
    int weights[SURNAME_COUNT];
    if (ethnic != ETHNIC_HAN && demo_chance(d, 800))
        return hill_surnames[demo_between(d, 0, HILL_COUNT - 1)];
    for (int i = 0; i < SURNAME_COUNT; i++)
        weights[i] = surnames[i].weight;
    return surnames[demo_pick(d, weights, SURNAME_COUNT)].text;
}

/* Characters of given names by generation: the first, the second of two, and those that also
 * stand alone. */
struct fashion {
    int until; /* year of birth before which it holds */
    int single_per_mille;
    const char *first, *second, *single;
};
static const struct fashion men[] = {
    {1950, 60, "德国正兴光明文成天世永志长福景绍廷仕朝明",
     "福才贵山林清发财有仁义和顺昌荣武德元全高", "山林发贵财"},
    {1970, 150, "建国卫志文光明永新学红向跃兴家庆德金胜保",
     "国军华平明林生民东强清忠海云祥刚全才富成", "军强平华勇刚斌"},
    {1990, 300, "志建小海文永国晓光少成忠世学新金俊明朝家",
     "强军伟勇波涛飞龙华平峰辉斌林云海杰鹏明刚", "伟强勇军涛超波磊鹏飞辉刚"},
    {2010, 250, "俊志文浩家宇嘉明子天晓佳泽永振少鑫世伟荣",
     "杰豪鑫宇浩伟辉鹏龙轩涛明峰祥威博阳凯洋林", "浩杰鑫宇鹏凯阳博涛豪"},
    {9999, 120, "子梓浩宇俊嘉一奕沐泽铭睿晨皓景博思瑞承亦",
     "轩涵宇泽睿豪然辰阳航杰晨博熙霖宸昊远哲安", "睿轩辰宇泽"}};
static const struct fashion women[] = {
    {1950, 60, "秀桂玉凤兰金翠素淑月美菊梅珍贵银大国香正",
     "英兰芝珍莲香凤花梅秀芬云仙珠娥妹菊先芳贞", "珍英兰莲"},
    {1970, 150, "秀玉桂小建春红国丽凤美金翠惠学光明素亚文",
     "英芳兰珍华梅芬云香琴莲红平群玲霞珠琼菊敏", "芳英红梅霞琴"},
    {1990, 300, "小晓丽春海红秀艳玉雪燕永文美冬金云明慧梦",
     "丽芳娟敏霞燕玲梅艳红英琴萍华群平花兰云娜", "芳丽敏静娟艳燕霞玲娜萍婷"},
    {2010, 250, "雨思佳欣梦晓雪婷文诗嘉心静美慧丽玉子怡梓",
     "婷怡欣雨洁慧颖琪瑶雪萱敏倩涵梅静蓉莹玲佳", "婷欣雪倩颖洁静莹敏悦"},
    {9999, 100, "梓雨欣诗思一子若语可沐依佳心芷艺馨筱昕奕",
     "涵萱怡彤欣琪妍桐汐悦瑶宁诺柔晴雅熙玥伊然", "瑶彤悦妍"}};

/* One character out of a text of three-byte characters. */
static void put_one(char out[16], struct demo_dice *d, const char *from)
{
    int count = (int)(strlen(from) / 3);
    size_t at = strlen(out), source = (size_t)demo_between(d, 0, count - 1) * 3;
    assert(at + 4 <= 16);
    memcpy(out + at, from + source, 3);
    out[at + 3] = '\0';
}

void demo_person_name(char out[16], struct demo_dice *d, const char *surname, int sex,
                      int birth_year)
{
    const struct fashion *f = sex == DEMO_MALE ? men : women;
    while (birth_year >= f->until)
        f++;
    snprintf(out, 16, "%s", surname);
    if (demo_chance(d, f->single_per_mille)) {
        put_one(out, d, f->single);
        return;
    }
    put_one(out, d, f->first);
    put_one(out, d, f->second);
}

const char *demo_hamlet_name(int hamlet)
{
    static const char *const names[] = {"一组", "二组", "三组", "四组", "五组",   "六组",
                                        "七组", "八组", "九组", "十组", "十一组", "十二组"};
    assert(hamlet >= 0 && hamlet < 12);
    return names[hamlet];
}

static const char *const township_names[DEMO_TOWNSHIPS] = {
    "云禾镇",   "松溪坪镇", "白鹤塘镇", "金竹湾镇", "龙潭坝镇", "石桥头镇",
    "青杠岭乡", "花椒坡乡", "马蹄坳乡", "双河口乡", "茶树垭乡", "月亮岩乡"};
static const char village_first[] =
    "青云石龙白金银红清大小上下新高长双三竹松桃李梅杨柏茶枫兰禾稻麦莲";
static const char village_second[] = "溪坪塘岭湾坝桥冲垭坡沟洞井寨田山河滩岩林庄店垌坳";

/* Two characters and 村; every pair at most once in the county. */
static void village_name(struct demo_place *v, struct demo_dice *d, bool *taken)
{
    int first_count = (int)(strlen(village_first) / 3);
    int second_count = (int)(strlen(village_second) / 3);
    int pair;
    do
        pair = demo_between(d, 0, first_count * second_count - 1);
    while (taken[pair]);
    taken[pair] = true;
    snprintf(v->name, sizeof v->name, "%.3s%.3s村",
             village_first + (size_t)(pair / second_count) * 3,
             village_second + (size_t)(pair % second_count) * 3);
}

void demo_places_make(struct demo_county *c, int villages)
{
    static const int shares[] = {560, 120, 90, 80, 60, 50, 40};
    static const uint8_t peoples[] = {ETHNIC_HAN, 6, 9, 12, 15, 7, 8};
    static const int remoteness[] = {5, 3, 2};
    bool taken[1024] = {0};
    assert(strlen(village_first) / 3 * (strlen(village_second) / 3) <= 1024);
    struct demo_dice *d = &c->dice;
    c->township_count = DEMO_TOWNSHIPS;
    c->village_count = villages;
    for (int i = 0; i < c->township_count; i++) {
        struct demo_place *t = &c->townships[i];
        snprintf(t->name, sizeof t->name, "%s", township_names[i]);
        snprintf(t->code, sizeof t->code, "999901%d", i < 6 ? 100 + i : 200 + i);
        t->speciality = demo_between(d, 0, 6);
    }
    for (int i = 0; i < villages; i++) {
        struct demo_place *v = &c->villages[i];
        v->parent = (int)((int64_t)i * c->township_count / villages);
        village_name(v, d, taken);
        char township[10]; /* a copy: gcc takes the two arrays for one under the sanitizers */
        snprintf(township, sizeof township, "%s", c->townships[v->parent].code);
        snprintf(v->code, sizeof v->code, "%s%03d", township, 200 + i);
        v->hamlets = demo_between(d, 3, 9);
        v->ethnic = peoples[demo_pick(d, shares, 7)];
        v->remote = demo_pick(d, remoteness, 3);
    }
}

/* Lists of other departments about the made-up county, with planted flaws and the truth. */
#include "web/demo_lists.h"

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "register/compare.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    VEHICLE_COLUMNS = 10,
    DISABILITY_COLUMNS = 9,
    COLUMNS_MAX = 10,
    TITLE_ROWS = 1,
    HEAD_ROWS = 2,
    FLAWED_IN_DEMO = 150,
    CJK_BYTES = 3,
};
static const char made_up[] = "（示例数据，人物均为虚构）";

const char *demo_flaw_name(enum demo_list_flaw flaw)
{
    static const char *const names[LIST_FLAWS] = {
        "clean",      "masked number",   "mistyped number",    "no number",
        "same sound", "other character", "birth slipped",      "other village",
        "name only",  "stranger",        "stranger, no number"};
    return names[flaw];
}

/* What one row says; the person's own values, then the flaw. */
struct line {
    const char *town, *village;
    char name[32], identity[24], birth[16], phone[16];
    const char *sex;
};

/* ---- flaws ---- */

/* Characters of one sound, pair by pair. */
static const char same_sound[] = "小晓明铭伟玮芳方丽莉英瑛秀绣红宏玉钰珍真平萍建健志治文雯林琳"
                                 "军君华桦强墙霞遐辉晖超朝波玻娟涓梅枚云芸凤奉兰岚";
static const char others[] = "东西南北春秋忠义仁勇福寿康宁金银铁石";

static const char *sound_of(const char *character)
{
    for (const char *p = same_sound; *p; p += (size_t)2 * CJK_BYTES) {
        if (!memcmp(p, character, CJK_BYTES))
            return p + CJK_BYTES;
        if (!memcmp(p + CJK_BYTES, character, CJK_BYTES))
            return p;
    }
    return NULL;
}

static bool change_sound(char *name)
{
    for (size_t i = CJK_BYTES; i + CJK_BYTES <= strlen(name); i += CJK_BYTES) {
        const char *other = sound_of(name + i);
        if (other) {
            memcpy(name + i, other, CJK_BYTES);
            return true;
        }
    }
    return false;
}

static void change_character(char *name, struct demo_dice *d)
{
    size_t len = strlen(name);
    if (len < 2 * CJK_BYTES)
        return;
    int which = demo_between(d, 0, (int)(sizeof others / CJK_BYTES) - 1);
    memcpy(name + len - CJK_BYTES, others + (size_t)which * CJK_BYTES, CJK_BYTES);
}

static void swap(char *a, char *b)
{
    char c = *a;
    *a = *b;
    *b = c;
}

static void mistype_number(char *identity, struct demo_dice *d)
{
    int at = demo_between(d, 8, 15);
    if (demo_chance(d, 500) && identity[at] != identity[at + 1])
        swap(&identity[at], &identity[at + 1]);
    else
        identity[at] = (char)('0' + (identity[at] - '0' + demo_between(d, 1, 9)) % 10);
}

/* "1980-03-05": month and day change places where that is a date, else the last digit slips. */
static void slip_birth(char *birth, struct demo_dice *d)
{
    int day = (birth[8] - '0') * 10 + birth[9] - '0';
    if (day <= 12 && memcmp(birth + 5, birth + 8, 2)) {
        swap(&birth[5], &birth[8]);
        swap(&birth[6], &birth[9]);
        return;
    }
    birth[9] = (char)('0' + (birth[9] - '0' + demo_between(d, 1, 7)) % 9);
    if (birth[8] == '0' && birth[9] == '0')
        birth[9] = '1';
    if (birth[8] == '3')
        birth[8] = '2';
}

static void move_away(struct line *l, const struct demo_county *c, struct demo_dice *d)
{
    const struct demo_place *v = &c->villages[demo_between(d, 0, c->village_count - 1)];
    l->village = v->name;
    l->town = c->townships[v->parent].name;
}

/* Gives the flaw that came of it: not every name has a twin in sound. */
static enum demo_list_flaw spoil(struct line *l, const struct demo_county *c,
                                 struct demo_dice *d, enum demo_list_flaw flaw)
{
    switch (flaw) {
    case LIST_CLEAN:
    case LIST_STRANGER:
        return flaw;
    case LIST_MASKED:
        memset(l->identity + 4, '*', strlen(l->identity) - 8);
        return flaw;
    case LIST_TYPO:
        mistype_number(l->identity, d);
        return flaw;
    case LIST_SOUND:
        if (!change_sound(l->name))
            flaw = LIST_NO_NUMBER;
        break;
    case LIST_CHARACTER:
        change_character(l->name, d);
        break;
    case LIST_BIRTH:
        slip_birth(l->birth, d);
        break;
    case LIST_MOVED:
        move_away(l, c, d);
        break;
    case LIST_NAME_ONLY:
        l->birth[0] = '\0';
        l->village = l->town = "";
        break;
    case LIST_NO_NUMBER:
    case LIST_STRANGER_NO_NUMBER:
    case LIST_FLAWS:
        break;
    }
    l->identity[0] = '\0';
    return flaw;
}

/* ---- people ---- */

static struct line line_of(const struct demo_county *c, const struct demo_household *h,
                           const struct demo_person *p)
{
    struct line l = {.village = c->villages[h->village].name,
                     .town = c->townships[c->villages[h->village].parent].name,
                     .sex = p->sex == DEMO_MALE ? "男" : "女"};
    struct date born = day_date(p->birth_day);
    snprintf(l.name, sizeof l.name, "%s", p->name);
    snprintf(l.identity, sizeof l.identity, "%s", p->identity);
    snprintf(l.phone, sizeof l.phone, "%s", p->phone);
    snprintf(l.birth, sizeof l.birth, "%04d-%02d-%02d", (int)born.year % 10000,
             (int)born.month % 100, (int)born.day % 100);
    return l;
}

static struct line stranger(const struct demo_county *c, struct demo_dice *d)
{
    struct line l = {0};
    int sex = demo_between(d, 1, 2), year = demo_between(d, 1950, 2002);
    char given[16], digits[20];
    move_away(&l, c, d);
    demo_person_name(given, d, demo_surname(d, 1), sex, year);
    snprintf(l.name, sizeof l.name, "%s", given);
    int month = demo_between(d, 1, 12), day = demo_between(d, 1, 28);
    snprintf(l.birth, sizeof l.birth, "%04d-%02d-%02d", year, month, day);
    snprintf(digits, sizeof digits, "999733%04d%02d%02d%03d", year, month, day,
             demo_between(d, 100, 999));
    snprintf(l.identity, sizeof l.identity, "%.17s%c", digits,
             demo_check_character((struct str){digits, 17}));
    l.sex = sex == DEMO_MALE ? "男" : "女";
    return l;
}

/* ---- writing ---- */

struct list_writer {
    struct demo_list *list;
    const struct demo_county *c;
    struct demo_dice dice;
    struct demo_sheet *sheet, *truth;
    size_t room;
    int flawed;
    bool vehicles;
};

static enum rc put_texts(struct cx *cx, struct demo_sheet *s, const char *const *texts,
                         size_t count)
{
    struct demo_cell cells[COLUMNS_MAX] = {0};
    for (size_t i = 0; i < count && i < COLUMNS_MAX; i++)
        cells[i].text = texts[i];
    return demo_sheet_put(cx, s, cells, count);
}

static enum rc put_head(struct cx *cx, const struct list_writer *w)
{
    static const char *const vehicles[VEHICLE_COLUMNS] = {
        "乡镇",     "行政村",   "机动车所有人", "身份证号码", "性别",
        "出生日期", "联系电话", "号牌号码",     "车辆类型",   "注册日期"};
    static const char *const disability[DISABILITY_COLUMNS] = {
        "乡镇",     "行政村",     "姓名",     "身份证号", "性别",
        "出生日期", "残疾人证号", "残疾类别", "残疾等级"};
    const char *titles[] = {arena_printf(cx->arena, "%s%s%s", demo_county_name,
                                         w->vehicles ? "机动车登记名单" : "持证残疾人名单",
                                         made_up)};
    TRY(put_texts(cx, w->sheet, titles, sizeof titles / sizeof titles[0]));
    return w->vehicles ? put_texts(cx, w->sheet, vehicles, VEHICLE_COLUMNS)
                       : put_texts(cx, w->sheet, disability, DISABILITY_COLUMNS);
}

static enum rc put_line(struct cx *cx, struct list_writer *w, const struct line *l)
{
    static const char *const vehicles[] = {"小型普通客车", "轻型货车", "正三轮摩托车",
                                           "小型轿车"};
    static const char *const kinds[] = {"肢体", "视力", "听力", "智力", "精神", "言语"};
    static const char *const grades[] = {"一级", "二级", "三级", "四级"};
    struct demo_dice *d = &w->dice;
    if (w->vehicles) {
        const char *texts[VEHICLE_COLUMNS] = {
            l->town,
            l->village,
            l->name,
            l->identity,
            l->sex,
            l->birth,
            l->phone,
            arena_printf(cx->arena, "演A%05d", demo_between(d, 0, 99999)),
            vehicles[demo_between(d, 0, 3)],
            arena_printf(cx->arena, "20%02d-%02d-%02d", demo_between(d, 10, 24),
                         demo_between(d, 1, 12), demo_between(d, 1, 28))};
        return put_texts(cx, w->sheet, texts, VEHICLE_COLUMNS);
    }
    const char *certificate = l->identity[0] && !strchr(l->identity, '*')
                                  ? arena_printf(cx->arena, "%s%d%d", l->identity,
                                                 demo_between(d, 1, 6), demo_between(d, 1, 4))
                                  : "";
    const char *texts[DISABILITY_COLUMNS] = {l->town,
                                             l->village,
                                             l->name,
                                             l->identity,
                                             l->sex,
                                             l->birth,
                                             certificate,
                                             kinds[demo_between(d, 0, 5)],
                                             grades[demo_between(d, 0, 3)]};
    return put_texts(cx, w->sheet, texts, DISABILITY_COLUMNS);
}

static enum rc put_row(struct cx *cx, struct list_writer *w, struct line *l,
                       const char *identity, enum demo_list_flaw flaw)
{
    struct demo_list *list = w->list;
    if (list->count == w->room)
        return fail(cx, RC_LIMIT, _("There is not enough memory for this file."), "list rows");
    flaw = spoil(l, w->c, &w->dice, flaw);
    struct demo_list_row *row = &list->rows[list->count++];
    row->flaw = flaw;
    snprintf(row->identity, sizeof row->identity, "%s", identity);
    const char *truth[] = {list->name,
                           arena_printf(cx->arena, "%" PRId64, demo_sheet_row(w->sheet)),
                           demo_flaw_name(flaw), identity};
    TRY(put_texts(cx, w->truth, truth, 4));
    return put_line(cx, w, l);
}

static enum demo_list_flaw roll_flaw(struct list_writer *w)
{
    static const int weights[] = {0, 22, 12, 18, 10, 8, 10, 10, 4};
    if (!demo_chance(&w->dice, w->flawed))
        return LIST_CLEAN;
    return (enum demo_list_flaw)demo_pick(&w->dice, weights, LIST_STRANGER);
}

/* Whose name the list holds: adults with a car; most who are disabled, and a few of whom the
 * register does not know it. */
static bool is_listed(struct list_writer *w, const struct demo_person *p)
{
    int age = demo_age(w->c, p);
    if (w->vehicles)
        return age >= 18 && age <= 65 && demo_chance(&w->dice, p->sex == DEMO_MALE ? 110 : 25);
    bool disabled = p->health >> HEALTH_DISABLED & 1;
    return demo_chance(&w->dice, disabled ? 880 : 4);
}

/* The row of a person that the list knows, and now and then one of a stranger after it. */
static enum rc put_person(struct cx *cx, struct list_writer *w, const struct demo_household *h,
                          const struct demo_person *p)
{
    if (is_listed(w, p) && p->identity[0]) {
        struct line l = line_of(w->c, h, p);
        TRY(put_row(cx, w, &l, p->identity, roll_flaw(w)));
    }
    if (!demo_chance(&w->dice, w->vehicles ? 20 : 2))
        return RC_OK;
    struct line l = stranger(w->c, &w->dice);
    bool numbered = !demo_chance(&w->dice, w->flawed);
    return put_row(cx, w, &l, "", numbered ? LIST_STRANGER : LIST_STRANGER_NO_NUMBER);
}

static enum rc put_rows(struct cx *cx, struct list_writer *w)
{
    const struct demo_county *c = w->c;
    for (int i = 0; i < c->household_count; i++) {
        const struct demo_household *h = &c->households[i];
        for (int32_t k = demo_member(c, h->first); k >= 0 && !h->gone;
             k = demo_member(c, c->people[k].next)) {
            struct arena_mark mark = arena_mark(cx->arena);
            TRY(put_person(cx, w, h, &c->people[k]));
            arena_back(cx->arena, mark);
        }
    }
    return RC_OK;
}

static enum rc write_list(struct cx *cx, struct list_writer *w, const char *dir,
                          enum demo_format format)
{
    struct demo_list *list = w->list;
    list->kind = w->vehicles ? "vehicle" : "disability";
    list->name = w->vehicles ? "vehicles.csv" : "disability.xlsx";
    list->path = arena_printf(cx->arena, "%s/%s", dir, list->name);
    list->first_row = TITLE_ROWS + HEAD_ROWS;
    w->room = (size_t)w->c->people_count * 2 + 16;
    list->rows = arena_array(cx->arena, w->room, sizeof *list->rows);
    if (!list->rows)
        return fail(cx, RC_LIMIT, _("There is not enough memory for this file."), "list rows");
    TRY(demo_sheet_open(&w->sheet, cx, list->path, format));
    enum rc rc = put_head(cx, w);
    if (!rc)
        rc = put_rows(cx, w);
    enum rc closed = demo_sheet_close(cx, w->sheet);
    return rc ? rc : closed;
}

enum rc demo_lists_write(struct demo_list out[DEMO_LISTS], struct cx *cx,
                         const struct demo_county *c, const char *dir, uint64_t seed,
                         int flawed)
{
    static const char *const head[] = {"file", "row", "flaw", "identity"};
    struct demo_sheet *truth;
    enum rc rc = RC_OK;
    TRY(file_mkdir(cx, dir));
    TRY(demo_sheet_open(&truth, cx, arena_printf(cx->arena, "%s/lists-truth.csv", dir),
                        DEMO_CSV_UTF8));
    rc = put_texts(cx, truth, head, 4);
    for (int i = 0; i < DEMO_LISTS && !rc; i++) {
        struct list_writer w = {
            .list = &out[i], .c = c, .truth = truth, .flawed = flawed, .vehicles = i == 0};
        out[i] = (struct demo_list){0};
        demo_dice_seed(&w.dice, seed + (uint64_t)i + 77);
        rc = write_list(cx, &w, dir, i == 0 ? DEMO_CSV_UTF8 : DEMO_XLSX);
    }
    enum rc closed = demo_sheet_close(cx, truth);
    return rc ? rc : closed;
}

/* ---- comparing ---- */

static enum rc compare_one(struct cx *cx, const struct demo_list *list, int64_t area_id,
                           int32_t day)
{
    int64_t id;
    bool is_new;
    struct compare_list l;
    struct compare_new n = {.area_id = area_id, .kind = str_of(list->kind), .list_day = day};
    int fd = open(list->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file_fail(cx, errno, list->path);
    enum rc rc = store_put(&n.document_id, &is_new, cx, 0, "compare", list->name,
                           "application/octet-stream", fd);
    close(fd);
    TRY(rc);
    TRY(compare_add(&id, &is_new, cx, &n));
    if (is_new)
        TRY(compare_run_now(cx, id, 0, 0));
    TRY(compare_get(&l, cx, id));
    printf(_("%s: %s rows compared, %s found, %s to be decided\n"), list->name,
           format_int(cx, l.rows_total),
           format_int(cx, l.rows_identity + l.rows_score + l.rows_decided),
           format_int(cx, l.rows_review));
    return RC_OK;
}

enum rc demo_lists_make(struct cx *cx, const struct demo_county *c, const char *dir,
                        int64_t area_id, uint64_t seed, int32_t day)
{
    struct demo_list lists[DEMO_LISTS];
    TRY(demo_lists_write(lists, cx, c, dir, seed, FLAWED_IN_DEMO));
    for (int i = 0; i < DEMO_LISTS; i++)
        TRY(compare_one(cx, &lists[i], area_id, day));
    return RC_OK;
}

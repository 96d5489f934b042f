/* Who works in the made-up county: accounts, organisations, duties, helpers; and the order in
 * which the other parts are played. */
#include "web/demo_office.h"

#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "html/pdf.h"
#include "profile/calendar.h"
#include "profile/lists.h"
#include "profile/workflows.h"
#include "register/area.h"
#include "store/store.h"
#include "work/deadline.h"
#include "work/notice.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DAY_S = 86400, HELPERS_PAIRED = 7 };

/* ---- the clock ---- */

void demo_at(const struct demo_office *o, struct cx *cx, int days, int hour)
{
    int64_t at = o->day_at - (int64_t)days * DAY_S + (int64_t)hour * 3600;
    cx->now_at = at < o->now_at ? at : o->now_at;
}

int32_t demo_day(const struct demo_office *o, int days)
{
    return o->today - days;
}

/* ---- households ---- */

static bool in_trouble(const struct demo_household *h)
{
    return h->dangerous_house || !h->water_safe || h->per_head_minor < 700000;
}

/* Healthy, and somebody works. */
static bool all_well(const struct demo_county *c, const struct demo_household *h)
{
    int workers = 0;
    for (int32_t i = demo_member(c, h->first); i >= 0; i = demo_member(c, c->people[i].next)) {
        if (c->people[i].health)
            return false;
        workers += c->people[i].work_place > 0;
    }
    return workers > 0 && h->house_grade == 1 && !h->water_difficult;
}

static bool fits(const struct demo_office *o, const struct demo_household *h,
                 enum demo_wish wish)
{
    bool watched = h->monitor != MONITOR_NONE;
    if (h->gone || demo_member(o->c, h->first) < 0 || demo_household_size(o->c, h) < 2)
        return false;
    if (wish == WISH_AGAIN)
        return true;
    if (watched || wish == WISH_ANY)
        return !watched;
    if (wish == WISH_STEADY)
        return !in_trouble(h) && h->per_head_minor > 1200000 && all_well(o->c, h);
    if (wish == WISH_QUIET)
        return !in_trouble(h) && h->per_head_minor > 1000000;
    return in_trouble(h);
}

static const char *code_of_household(struct cx *cx, const struct demo_household *h)
{
    return arena_printf(cx->arena, "61%08d", (int)h->code);
}

static enum rc take_in(int32_t *found, struct household *out, struct cx *cx,
                       struct demo_office *o, int spot, enum demo_wish wish)
{
    int village = o->spots[spot].village;
    *found = -1;
    for (int32_t i = 0; i < o->c->household_count; i++) {
        const struct demo_household *h = &o->c->households[i];
        if (h->village != village || !fits(o, h, wish) ||
            (wish == WISH_AGAIN ? i < o->again[spot] : o->used[i]))
            continue;
        o->used[i] = true;
        o->again[spot] = wish == WISH_AGAIN ? i + 1 : o->again[spot];
        enum rc rc = household_by_code(out, cx, o->county, str_of(code_of_household(cx, h)));
        /* Of some the rows were refused, or the village could not be read. */
        if (rc == RC_OK && str_starts(str_of(out->area_path), str_of(o->spots[spot].path))) {
            *found = i;
            return RC_OK;
        }
        if (rc && rc != RC_NOTFOUND)
            return rc;
        err_clear(cx);
    }
    return RC_OK;
}

enum rc demo_take_household(struct household *out, const struct demo_household **made,
                            int *spot, struct cx *cx, struct demo_office *o, int from_spot,
                            enum demo_wish wish)
{
    const enum demo_wish wishes[] = {wish, WISH_ANY};
    const struct actor *before = cx->actor;
    enum rc rc = RC_OK;
    int32_t found = -1;
    cx->actor = NULL;
    for (int w = 0; w < 2 && found < 0 && !rc; w++)
        for (int s = 0; s < o->spot_count && found < 0 && !rc; s++) {
            *spot = (from_spot + s) % o->spot_count;
            rc = take_in(&found, out, cx, o, *spot, wishes[w]);
        }
    cx->actor = before;
    TRY(rc);
    if (found < 0)
        return RC_NOTFOUND;
    *made = &o->c->households[found];
    return RC_OK;
}

/* ---- documents ---- */

enum rc demo_document(int64_t *id, struct cx *cx, const struct demo_office *o, const char *kind,
                      const char *name, const char *title, const char *text)
{
    struct pdf *pdf;
    bool is_new;
    FILE *file = tmpfile();
    if (!file)
        return fail(cx, RC_IO, _("The file could not be made. Please try again."), "tmpfile");
    enum rc rc = pdf_begin(&pdf, cx, title, "示例数据，单位、人物和文件均为虚构");
    if (!rc) {
        pdf_heading(pdf, title, 1);
        pdf_text(pdf, text);
        rc = pdf_end(cx, pdf, fileno(file));
    }
    if (!rc && lseek(fileno(file), 0, SEEK_SET))
        rc = fail(cx, RC_IO, _("The file could not be made. Please try again."), "lseek");
    if (!rc)
        rc = store_put(id, &is_new, cx, o->county, kind, name, "application/pdf", fileno(file));
    fclose(file);
    return rc;
}

/* ---- accounts ---- */

static enum rc actor_of_login(const struct actor **out, struct cx *cx, const char *login)
{
    struct user user;
    TRY(user_by_login(&user, cx, str_of(login)));
    return actor_of_user(out, cx, user.id);
}

struct new_account {
    const char *login, *role, *area_name;
    const char *kind; /* of the organisation, in the name; NULL */
    int64_t area;
};

static enum rc add_account(const struct actor **out, struct cx *cx, const struct new_account *n,
                           FILE *accounts)
{
    int64_t user;
    const struct role *role = role_find(cx->profile, str_of(n->role));
    const struct org_kind *kind =
        n->kind ? profile_org_kind(cx->profile, str_of(n->kind)) : NULL;
    const char *name = LABEL(cx, role->label);
    if (kind)
        name = arena_printf(cx->arena, "%s · %s", name, LABEL(cx, kind->label));
    TRY(user_add(&user, cx, str_of(n->login), str_of(name), str_of(demo_password), false));
    TRY(user_grant(cx, user, n->role, n->area));
    fprintf(accounts, "  %-20s %s, %s\n", n->login, name, n->area_name);
    return actor_of_user(out, cx, user);
}

static enum rc add_departments(struct cx *cx, struct demo_office *o, FILE *accounts)
{
    static const struct {
        enum demo_who who;
        const char *login, *kind;
    } rows[] = {{DEMO_HEALTH, "health_officer", "health"},
                {DEMO_EDUCATION, "education_officer", "education"},
                {DEMO_CIVIL, "civil_affairs_officer", "civil_affairs"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        TRY(add_account(&o->who[rows[i].who], cx,
                        &(struct new_account){rows[i].login, "department_officer",
                                              demo_county_name, rows[i].kind, o->county_area},
                        accounts));
    TRY(actor_of_login(&o->who[DEMO_ADMIN], cx, "county_admin"));
    TRY(actor_of_login(&o->who[DEMO_COUNTY], cx, "county_officer"));
    return actor_of_login(&o->who[DEMO_DEPARTMENT], cx, "department_officer");
}

/* The township officer of a spot: that of an earlier spot, or a new one. */
static enum rc find_town(struct cx *cx, struct demo_office *o, int at, FILE *accounts)
{
    struct demo_spot *s = &o->spots[at];
    const struct demo_place *town = &o->c->townships[o->c->villages[s->village].parent];
    for (int i = 0; i < at; i++)
        if (o->spots[i].town_id == s->town_id) {
            s->town = o->spots[i].town;
            return RC_OK;
        }
    if (at == 0)
        return actor_of_login(&s->town, cx, "township_officer");
    return add_account(
        &s->town, cx,
        &(struct new_account){arena_printf(cx->arena, "township_officer_%d", at + 1),
                              "township_officer", town->name, NULL, s->town_id},
        accounts);
}

static enum rc add_spots(struct cx *cx, struct demo_office *o, FILE *accounts)
{
    int wanted = o->c->household_count < 5000 ? 3 : DEMO_SPOTS;
    for (int i = 0; i < wanted; i++) {
        /* Two villages of the first township where it has two, then one of each of the next. */
        int v = i ? o->spots[i - 1].village + 1 : 0;
        while (i > 1 && v < o->c->village_count && o->c->villages[v].parent < i - 1)
            v++;
        assert(v < o->c->village_count);
        struct demo_spot *s = &o->spots[o->spot_count];
        *s = (struct demo_spot){.village = v,
                                .area_id = o->villages[v],
                                .town_id = o->townships[o->c->villages[v].parent]};
        struct area area;
        TRY(area_get(&area, cx, s->area_id));
        s->path = area.path;
        TRY(find_town(cx, o, o->spot_count, accounts));
        const struct demo_place *village = &o->c->villages[v];
        if (i == 0)
            TRY(actor_of_login(&s->worker, cx, "village_worker"));
        else
            TRY(add_account(
                &s->worker, cx,
                &(struct new_account){arena_printf(cx->arena, "village_worker_%d", i + 1),
                                      "village_worker", village->name, NULL, s->area_id},
                accounts));
        o->spot_count++;
    }
    return RC_OK;
}

/* ---- organisations ---- */

static const struct {
    const char *kind, *name;
} firms[] = {
    {"firm", "云禾山货食品有限公司"},        {"firm", "示范县绿岭茶业有限公司"},
    {"cooperative", "松溪坪蔬菜专业合作社"}, {"cooperative", "金竹湾生猪养殖专业合作社"},
    {"station", "云禾镇电商服务站"},         {"station", "白鹤塘镇电商服务站"},
    {"bank", "示范县农村信用合作联社"},      {"insurer", "示范县惠民保险服务中心"},
    {"platform", "山里鲜网上商城"},          {"charity", "示范县春雨慈善会"}};

static enum rc add_orgs(struct cx *cx, struct demo_office *o)
{
    static const char *const usual[] = {
        "lead_office", "civil_affairs",     "health",
        "education",   "housing",           "water",
        "labour",      "agriculture",       "commerce",
        "finance",     "medical_insurance", "disabled_federation",
        "transport"};
    int64_t added, id;
    /* Named in the county's own language, as its places and firms are. */
    enum lang before = cx->lang;
    cx->lang = LANG_ZH;
    enum rc rc = org_add_usual(&added, cx, o->county_area, usual, sizeof usual / sizeof *usual);
    cx->lang = before;
    TRY(rc);
    for (size_t i = 0; i < sizeof firms / sizeof *firms; i++) {
        const struct org org = {.area_id = o->county_area,
                                .kind = firms[i].kind,
                                .name = firms[i].name,
                                .from_day = demo_day(o, 900)};
        TRY(org_add(&id, cx, &org));
    }
    for (int i = 0; i < o->c->township_count; i++) {
        const struct org org = {
            .area_id = o->townships[i],
            .kind = "township",
            .name = arena_printf(cx->arena, "%s人民政府", o->c->townships[i].name),
            .from_day = demo_day(o, 900)};
        TRY(org_add(&id, cx, &org));
    }
    for (int i = 0; i < o->spot_count; i++) {
        const struct org org = {.area_id = o->spots[i].area_id,
                                .kind = "village",
                                .name = arena_printf(cx->arena, "%s村民委员会",
                                                     o->c->villages[o->spots[i].village].name),
                                .from_day = demo_day(o, 900)};
        TRY(org_add(&id, cx, &org));
    }
    return RC_OK;
}

enum rc demo_org(int64_t *id, struct cx *cx, const struct demo_office *o, const char *kind)
{
    struct org *list;
    size_t count;
    const struct actor *before = cx->actor;
    cx->actor = NULL;
    enum rc rc = org_list(&list, &count, cx, o->county, str_of(kind), STR(""), false);
    cx->actor = before;
    TRY(rc);
    if (!count)
        return fail(cx, RC_NOTFOUND, _("There is no such organisation, or not for you to see."),
                    "kind=%s", kind);
    *id = list[0].id;
    return RC_OK;
}

static enum rc org_at(int64_t *id, struct cx *cx, const struct demo_office *o, const char *kind,
                      int64_t area_id)
{
    struct org *list;
    size_t count;
    TRY(org_list(&list, &count, cx, o->county, str_of(kind), STR(""), false));
    *id = 0;
    for (size_t i = 0; i < count && !*id; i++)
        if (list[i].area_id == area_id)
            *id = list[i].id;
    return RC_OK;
}

static enum rc give_duty(struct cx *cx, const struct demo_office *o, int64_t org,
                         const struct actor *who, const char *title, bool heads)
{
    int64_t id;
    const struct duty d = {.org_id = org,
                           .user_id = who->user_id,
                           .title = title,
                           .heads = heads,
                           .from_day = demo_day(o, 400)};
    return duty_add(&id, cx, &d);
}

static enum rc give_duties(struct cx *cx, const struct demo_office *o)
{
    static const struct {
        enum demo_who who;
        const char *kind, *title;
        bool heads;
    } rows[] = {{DEMO_ADMIN, "lead_office", "办公室主任", true},
                {DEMO_COUNTY, "lead_office", "业务股股长", false},
                {DEMO_DEPARTMENT, "labour", "就业股股长", true},
                {DEMO_DEPARTMENT, "medical_insurance", "联络员", false},
                {DEMO_HEALTH, "health", "基层卫生股股长", true},
                {DEMO_EDUCATION, "education", "学生资助中心主任", true},
                {DEMO_CIVIL, "civil_affairs", "社会救助股股长", true}};
    int64_t org;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        TRY(demo_org(&org, cx, o, rows[i].kind));
        TRY(give_duty(cx, o, org, o->who[rows[i].who], rows[i].title, rows[i].heads));
    }
    for (int i = 0; i < o->spot_count; i++) {
        const struct demo_spot *s = &o->spots[i];
        TRY(org_at(&org, cx, o, "village", s->area_id));
        TRY(give_duty(cx, o, org, s->worker, "村信息员", true));
        TRY(org_at(&org, cx, o, "township", s->town_id));
        if (!i || s->town != o->spots[i - 1].town)
            TRY(give_duty(cx, o, org, s->town, "乡村振兴办主任", true));
    }
    return RC_OK;
}

/* ---- helpers ---- */

static enum rc pair_one(struct cx *cx, const struct demo_office *o, int64_t helper,
                        const struct demo_household *h)
{
    struct household found;
    int64_t id;
    enum rc rc = household_by_code(&found, cx, o->county, str_of(code_of_household(cx, h)));
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    return pair_add(&id, cx, o->county, helper, found.id, demo_day(o, 300 - h->code % 200));
}

/* Registered and watched households of the spot, a few for each helper. */
static enum rc pair_spot(struct cx *cx, const struct demo_office *o, int spot,
                         const int64_t *helpers, int helper_count)
{
    int paired = 0;
    for (int i = 0; i < o->c->household_count && paired < helper_count * HELPERS_PAIRED; i++) {
        const struct demo_household *h = &o->c->households[i];
        bool helped = h->attribute != ATTRIBUTE_NONE || h->monitor != MONITOR_NONE;
        if (h->village != o->spots[spot].village || h->gone || !helped)
            continue;
        TRY(pair_one(cx, o, helpers[paired++ % helper_count], h));
    }
    return RC_OK;
}

static enum rc add_helpers(struct cx *cx, struct demo_office *o)
{
    enum { EACH = 3 };
    static const char *const titles[EACH] = {"驻村第一书记", "帮扶责任人", "帮扶责任人"};
    static const char *const kinds[EACH] = {"lead_office", "education", "agriculture"};
    int64_t helpers[EACH], org;
    for (int s = 0; s < o->spot_count; s++) {
        for (int i = 0; i < EACH; i++) {
            char name[16];
            int sex = demo_between(&o->dice, DEMO_MALE, DEMO_FEMALE);
            demo_person_name(name, &o->dice, demo_surname(&o->dice, 1), sex,
                             demo_between(&o->dice, 1968, 1995));
            TRY(demo_org(&org, cx, o, kinds[i]));
            const struct helper h = {
                .org_id = org,
                .user_id = s == 0 && i == 1 ? o->who[DEMO_EDUCATION]->user_id : 0,
                .name = arena_copy(cx->arena, str_of(name)),
                .title = titles[i],
                .phone =
                    arena_printf(cx->arena, "199%08d", demo_between(&o->dice, 0, 99999999)),
                .from_day = demo_day(o, 350)};
            TRY(helper_add(&helpers[i], cx, &h));
        }
        TRY(pair_spot(cx, o, s, helpers, EACH));
    }
    return RC_OK;
}

static enum rc add_substitute(struct cx *cx, const struct demo_office *o)
{
    int64_t id;
    const struct substitute s = {.user_id = o->who[DEMO_HEALTH]->user_id,
                                 .by_user_id = o->who[DEMO_CIVIL]->user_id,
                                 .from_day = demo_day(o, -5),
                                 .to_day = demo_day(o, -12),
                                 .reason = "外出培训"};
    return substitute_add(&id, cx, &s);
}

/* ---- all ---- */

static enum rc set_up(struct cx *cx, struct demo_office *o, FILE *accounts)
{
    struct area county;
    TRY(area_get(&county, cx, o->county_area));
    o->county_path = county.path;
    o->used = arena_array(cx->arena, (size_t)o->c->household_count, sizeof *o->used);
    if (!o->used)
        return fail(cx, RC_LIMIT,
                    _("This demo county is too large for the memory of one command."),
                    "office");
    memset(o->used, 0, (size_t)o->c->household_count * sizeof *o->used);
    o->copies = o->c->household_count < 5000 ? 1 : 2;
    demo_at(o, cx, 420, 9);
    TRY(add_departments(cx, o, accounts));
    TRY(add_spots(cx, o, accounts));
    demo_at(o, cx, 400, 9);
    cx->actor = o->who[DEMO_ADMIN];
    TRY(add_orgs(cx, o));
    TRY(give_duties(cx, o));
    TRY(add_helpers(cx, o));
    return add_substitute(cx, o);
}

/* What is older than three days was read. */
static enum rc read_notices(struct cx *cx, struct demo_office *o)
{
    struct arena_mark mark = arena_mark(cx->arena);
    for (int w = 0; w < DEMO_WHO; w++) {
        struct notice *list;
        size_t count;
        cx->actor = o->who[w];
        TRY(notice_list(&list, &count, cx, 0, true, 200));
        for (size_t i = 0; i < count; i++)
            if (list[i].at < o->day_at - (int64_t)3 * DAY_S) {
                TRY(notice_read(cx, list[i].id));
                break; /* all of them were not: one is enough to show both */
            }
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

static enum rc play(struct cx *cx, struct demo_office *o)
{
    typedef enum rc (*part)(struct cx *cx, struct demo_office *o);
    static const part parts[] = {demo_visits_make,       demo_costs_make,    demo_work_make,
                                 demo_cases_make,        demo_villages_make, demo_needs_make,
                                 demo_incomes_help_make, demo_watch_make,    read_notices};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        cx->actor = NULL;
        cx->now_at = o->now_at;
        int64_t from_ms = time_mono_ms();
        TRY(parts[i](cx, o));
        log_event(LOG_LEVEL_DEBUG, "demo.office", "part=%zu ms=%" PRId64, i,
                  time_mono_ms() - from_ms);
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

static const char *list_label(struct cx *cx)
{
    const struct list_kind *k = profile_list_kind(cx->profile, STR("medical_cost"));
    return k ? LABEL(cx, k->label) : "";
}

/* What is left for people to play through. */
static void tell_story(struct cx *cx, const struct demo_office *o, FILE *accounts)
{
    if (o->high_cost < 0)
        return;
    fprintf(
        accounts,
        _("To try: compare %s/medical-cost.csv (list \"%s\"); its only news is household %s "
          "in %s.\n"),
        o->dir, list_label(cx), code_of_household(cx, &o->c->households[o->high_cost]),
        o->c->villages[o->spots[0].village].name);
}

enum rc demo_office_make(struct cx *cx, const struct demo_county *c,
                         const struct demo_office_place *place, FILE *accounts)
{
    struct demo_office *o = arena_new(cx->arena, sizeof *o);
    const struct actor *before = cx->actor;
    int64_t fired, now_at = time_now(), from_ms = time_mono_ms();
    int64_t zone_s = (int64_t)cx->profile->zone_offset_min * 60;
    *o = (struct demo_office){.c = c,
                              .dir = place->dir,
                              .county = place->county,
                              .county_area = place->county_area,
                              .townships = place->townships,
                              .villages = place->villages,
                              .now_at = now_at,
                              .today = local_day(cx->profile, now_at),
                              .high_cost = -1};
    o->day_at = (int64_t)o->today * DAY_S - zone_s;
    demo_dice_seed(&o->dice, (uint64_t)c->household_count * 31 + 5);
    cx->actor = NULL;
    enum rc rc = set_up(cx, o, accounts);
    if (!rc)
        rc = play(cx, o);
    cx->actor = NULL;
    cx->now_at = now_at;
    if (!rc)
        rc = deadline_fire_due(&fired, cx); /* what was late is late */
    cx->actor = before;
    cx->now_at = now_at;
    TRY(rc);
    tell_story(cx, o, accounts);
    printf(_("The office: %s s\n"), format_scaled(cx, (time_mono_ms() - from_ms) / 100, 1));
    fflush(stdout);
    return RC_OK;
}

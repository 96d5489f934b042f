/* Walks the route table: every route x every role of profile/cn (and nobody) x own and other
 * areas, against the real server on a small register of two counties and three townships.
 * Signed out: the sign-in page or 403. A role without the permission: 403. Things of another
 * area: 404, and never a word of them on any page. A form without its token: 403.
 * LONG: one small world, walked in six ways. */
#include "base/check.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "frame/rows.h"
#include "http/raw_client.h"
#include "people/user.h"
#include "profile/alerts.h"
#include "profile/rules.h"
#include "register/area.h"
#include "register/compare.h"
#include "register/import.h"
#include "store/store.h"
#include "web/app.h"
#include "web/routes.h"
#include "web/session.h"

#include <fcntl.h>

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = (text), .args = (arg_letters), .cols = (col_letters)}
SQL(HOUSEHOLD_OF_CODE, "SELECT id, head_id, area_path FROM household WHERE code = $1", "t",
    "iit");

enum { PLACE_COUNT = 3, ACTOR_MAX = 32, YEAR = 2025 };
/* A thing of each kind in each place: what {id} becomes. */
struct place {
    const char *county, *township, *code, *head, *phone;
    int64_t county_id, township_id, village_id, household, person, import, user, session;
    int64_t list; /* of another department, about the county */
    const char *path, *township_path, *county_path; /* of the areas */
};
static struct place places[PLACE_COUNT] = {
    {.county = "同德县",
     .township = "八巴镇",
     .code = "5226010001",
     .head = "甲一安",
     .phone = "13900000001"},
    {.county = "同德县",
     .township = "河口乡",
     .code = "5226010002",
     .head = "乙二平",
     .phone = "13900000002"},
    {.county = "另一县",
     .township = "平安镇",
     .code = "5227010003",
     .head = "丙三福",
     .phone = "13900000003"},
};
struct actor_row {
    const struct role *role;
    int place;
    char login[64];
    int64_t user;
    const char *scope; /* path of the area granted */
    const char *cookie, *csrf;
};
static struct actor_row actors[ACTOR_MAX];
static size_t actor_count;
static struct app app;
static struct cx main_cx;
static struct server *server;
static struct raw_answer answer;
static int faults, tries;
static char dir[] = "/tmp/fumin-access-XXXXXX";

/* Everything that may be reached without an account. A new one is a decision. */
static const char *const public_routes[] = {
    "GET /static/{name}",
    "GET /robots.txt",
    "GET /sign-in",
    "POST /sign-in",
    "GET /recover",
    "POST /recover",
    "GET /alive",
    "GET /help",
    "GET /public",
    "GET /public/{id}",
    /* A household's own plan, by the token on its paper (help/). */
    "GET /p/{token}",
    "POST /p/{token}",
    /* What the public says and reads: told to nobody but the office (casework/). */
    "GET /report",
    "POST /report",
    "GET /report/status",
    "POST /report/status",
    "POST /report/object",
    "POST /report/appeal",
    "GET /posting",
    "GET /posting/{token}",
    "POST /posting/{token}/object",
};
enum { PUBLIC_COUNT = sizeof public_routes / sizeof public_routes[0] };

static void fault(const char *what, const struct actor_row *who, const struct route *route,
                  const char *path)
{
    faults++;
    fprintf(stderr, "%s: %s at place %d, %s %s (%s): got %d\n", what,
            who ? who->login : "nobody", who ? who->place : -1,
            route->method == METHOD_GET ? "GET" : "POST", path, route->path, answer.status);
}

/* ---- the small register ---- */

static int64_t import_file(struct cx *cx, int first, int count)
{
    struct buf b;
    int64_t document, id;
    bool is_new;
    buf_init(&b, cx->arena, 65536);
    buf_z(&b,
          "县(市、区、旗),乡(镇),行政村,户编号,姓名,与户主关系,文化程度,脱贫属性,联系电话\n");
    for (int i = first; i < first + count; i++)
        buf_printf(&b, "%s,%s,新建村,%s,%s,户主,小学,已脱贫,%s\n", places[i].county,
                   places[i].township, places[i].code, places[i].head, places[i].phone);
    const char *path = arena_printf(cx->arena, "%s/in%d.csv", dir, first);
    assert_int_equal(file_write(cx, path, buf_view(&b), 0600), RC_OK);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(store_put(&document, &is_new, cx, 0, "import", "in.csv", "text/csv", fd),
                     RC_OK);
    close(fd);
    assert_int_equal(import_add(&id, cx, 0, document, STR(""), YEAR), RC_OK);
    assert_int_equal(import_check_now(cx, id), RC_OK);
    assert_int_equal(import_apply_now(cx, id), RC_OK);
    return id;
}

/* A list of another department about the place's county; not run. */
static int64_t compare_list_of(struct cx *cx, const struct place *p)
{
    const char *path = arena_printf(cx->arena, "%s/list.csv", dir);
    int64_t id;
    bool is_new;
    struct compare_new n = {.area_id = p->county_id, .kind = STR("vehicle"), .list_day = 1};
    assert_int_equal(file_write(cx, path, STR("姓名\n欧阳\n"), 0600), RC_OK);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(
        store_put(&n.document_id, &is_new, cx, 0, "compare", "list.csv", "text/csv", fd),
        RC_OK);
    close(fd);
    assert_int_equal(compare_add(&id, &is_new, cx, &n), RC_OK);
    return id;
}

static void find_place(struct cx *cx, struct place *p)
{
    struct db_rows rows;
    struct area *chain, area;
    size_t count;
    assert_int_equal(DB_ONE(&rows, cx, &HOUSEHOLD_OF_CODE, V_T(p->code)), RC_OK);
    p->household = row_i64(&rows, 0);
    p->person = row_i64(&rows, 1);
    p->path = arena_copy(cx->arena, row_str(&rows, 2));
    assert_int_equal(db_done(&rows), RC_OK);
    assert_int_equal(area_by_name(&area, cx, 0, str_of(p->county)), RC_OK);
    p->county_id = area.id;
    p->county_path = area.path;
    assert_int_equal(area_by_name(&area, cx, area.id, str_of(p->township)), RC_OK);
    p->township_id = area.id;
    p->township_path = area.path;
    assert_int_equal(area_children(&chain, &count, cx, area.id), RC_OK);
    assert_int_equal(count, 1);
    p->village_id = chain[0].id;
}

static const char password[] = "seven green hills";

static void add_actor(struct cx *cx, const struct role *role, int place)
{
    struct actor_row *a = &actors[actor_count++];
    struct place *p = &places[place];
    assert_true(actor_count <= ACTOR_MAX);
    *a = (struct actor_row){.role = role, .place = place};
    snprintf(a->login, sizeof a->login, "%s.%d", role->code, place);
    int64_t area = p->township_id;
    a->scope = p->township_path;
    if (!strcmp(role->level, "county")) {
        area = p->county_id;
        a->scope = p->county_path;
    } else if (!strcmp(role->level, "village")) {
        area = p->village_id;
        a->scope = p->path;
    }
    assert_int_equal(
        user_add(&a->user, cx, str_of(a->login), str_of(a->login), str_of(password), false),
        RC_OK);
    assert_int_equal(user_grant(cx, a->user, role->code, area), RC_OK);
    const char *token;
    assert_int_equal(session_open(&token, cx, str_of(a->login), str_of(password),
                                  STR("127.0.0.1"), STR("access_test")),
                     RC_OK);
    a->cookie = arena_printf(cx->arena, "Cookie: %s=%s\r\n", session_cookie, token);
    if (!strcmp(role->level, "township")) {
        struct session *sessions;
        size_t count;
        p->user = a->user;
        assert_int_equal(session_list(&sessions, &count, cx, a->user), RC_OK);
        assert_int_equal(count, 1);
        p->session = sessions[0].id;
    }
}

static enum rc worker_start(struct cx *cx, void *arg)
{
    return app_attach(arg, cx);
}

static void worker_stop(struct cx *cx, void *arg)
{
    (void)arg;
    db_detach(cx);
}

static void start_server(struct cx *cx)
{
    struct server_options options = {.address = "127.0.0.1",
                                     .workers = 4,
                                     .worker_start = worker_start,
                                     .worker_stop = worker_stop,
                                     .before = session_before,
                                     .after = session_after,
                                     .failed = session_failed,
                                     .arg = &app};
    options.routes = routes_all(&options.route_count);
    assert_int_equal(server_start(&server, cx, &options), RC_OK);
}

static int setup(void **state)
{
    (void)state;
    struct cx *cx = &main_cx;
    log_init();
    crypto_init();
    cx_init(cx, arena_open(256 * 1024 * 1024));
    assert_non_null(mkdtemp(dir));
    const char *db = arena_printf(cx->arena, "%s/db", dir);
    assert_int_equal(app_create(&app, cx, db, "cn", NULL), RC_OK);
    places[0].import = places[1].import = import_file(cx, 0, 2);
    places[2].import = import_file(cx, 2, 1);
    for (int i = 0; i < PLACE_COUNT; i++)
        find_place(cx, &places[i]);
    places[0].list = places[1].list = compare_list_of(cx, &places[0]);
    places[2].list = compare_list_of(cx, &places[2]);
    for (size_t r = 0; r < cx->profile->role_count; r++)
        for (int i = 0; i < PLACE_COUNT; i++)
            add_actor(cx, &cx->profile->roles[r], i);
    /* Again, as the server holds it: with readers and writers of its own. */
    app_close(&app, cx);
    assert_int_equal(app_open(&app, cx, db, &(struct app_options){.server = true}), RC_OK);
    for (size_t i = 0; i < actor_count; i++)
        actors[i].role = &cx->profile->roles[i / PLACE_COUNT];
    start_server(cx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_stop(server, 2000);
    app_close(&app, &main_cx);
    check_dir_remove(&main_cx, dir);
    arena_free(main_cx.arena);
    return 0;
}

/* ---- asking ---- */

static void ask(const struct actor_row *who, enum method method, const char *path,
                const char *form)
{
    char text[8192];
    int fd = raw_connect(server_port(server));
    assert_true(fd >= 0);
    int n = snprintf(text, sizeof text,
                     "%s %s HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en\r\n"
                     "Connection: close\r\n%s",
                     method == METHOD_GET ? "GET" : "POST", path, who ? who->cookie : "");
    if (method == METHOD_GET)
        n += snprintf(text + n, sizeof text - (size_t)n, "\r\n");
    else
        n += snprintf(text + n, sizeof text - (size_t)n,
                      "Content-Type: application/x-www-form-urlencoded\r\n"
                      "Content-Length: %zu\r\n\r\n%s",
                      strlen(form), form);
    assert_true(raw_send(fd, text, (size_t)n));
    raw_receive(&answer, fd, 20000, true, false);
    close(fd);
    tries++;
}

/* The token of a page's form. */
static void find_csrf(struct actor_row *who)
{
    static const char mark[] = "name=\"csrf\" value=\"";
    ask(who, METHOD_GET, "/account", "");
    assert_int_equal(answer.status, 200);
    const char *found = strstr(answer.bytes, mark);
    assert_non_null(found);
    found += strlen(mark);
    who->csrf = arena_printf(main_cx.arena, "csrf=%.*s", (int)strcspn(found, "\""), found);
}

static bool covers(const struct actor_row *who, int place)
{
    return str_starts(str_of(places[place].path), str_of(who->scope));
}

static bool holds(const char *text)
{
    return memmem(answer.bytes, answer.len, text, strlen(text)) != NULL;
}

/* No page may show what lies outside of the person's areas. */
static void look_for_leaks(const struct actor_row *who, const struct route *route,
                           const char *path)
{
    char link[64];
    for (int i = 0; i < PLACE_COUNT; i++) {
        const struct place *p = &places[i];
        if (who && covers(who, i))
            continue;
        snprintf(link, sizeof link, "/household/%" PRId64 "\"", p->household);
        bool leak = holds(link) || holds(p->code) || (!strchr(path, '%') && holds(p->head));
        snprintf(link, sizeof link, "/person/%" PRId64 "\"", p->person);
        leak = leak || holds(link);
        snprintf(link, sizeof link, "county_officer.%d", i);
        leak = leak || (holds(link) && (!who || strcmp(places[who->place].county, p->county)));
        if (leak || holds(p->phone))
            fault("shows things of another area", who, route, path);
    }
}

/* ---- paths ---- */

/* NOWHERE: nothing of this kind is there, so everybody must be told "not found"; that things of
 * others are not shown is proved beside their code (compare_test, own_rule_test, why_test). */
enum { NOWHERE_ID = 424242 };
#define NOWHERE SIZE_MAX
struct target {
    const char *prefix;
    size_t offset; /* of the id in struct place */
};
static const struct target targets[] = {
    {"/household/{id}", offsetof(struct place, household)},
    {"/person/{id}", offsetof(struct place, person)},
    {"/source/household/{id}", offsetof(struct place, household)},
    {"/source/person/{id}", offsetof(struct place, person)},
    {"/area/{id}", offsetof(struct place, township_id)},
    {"/import/{id}", offsetof(struct place, import)},
    {"/compare/{id}", offsetof(struct place, list)},
    {"/user/{id}", offsetof(struct place, user)},
    {"/session/{id}", offsetof(struct place, session)},
    {"/compare/{id}", NOWHERE},
    {"/compare/finding/{id}", NOWHERE},
    {"/microdata/{id}", NOWHERE},
    {"/poverty/publish/{id}", NOWHERE},
    {"/public/{id}", NOWHERE},
    {"/rule/{id}", NOWHERE},
    {"/alert/{id}", NOWHERE},
    {"/disaster/{id}", NOWHERE},
    {"/plan/{id}", NOWHERE},
    {"/plan/item/{id}", NOWHERE},
    {"/need/{id}", NOWHERE},
    {"/case/{id}", NOWHERE},
    {"/tip/{id}", NOWHERE},
    {"/assembly/{id}", NOWHERE},
    {"/grievance/{id}", NOWHERE},
    {"/org/{id}", NOWHERE},
    {"/task/{id}", NOWHERE},
    {"/duty/{id}", NOWHERE},
    {"/helper/{id}", NOWHERE},
    {"/pair/{id}", NOWHERE},
    {"/meeting/{id}", NOWHERE},
    {"/resource/{id}", NOWHERE},
    {"/booking/{id}", NOWHERE},
    {"/paper/{id}", NOWHERE},
    {"/account/substitute/{id}", NOWHERE},
};

static const struct target *target_of(const struct route *route)
{
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
        if (str_starts(str_of(route->path), str_of(targets[i].prefix)))
            return &targets[i];
    return NULL;
}

static bool is_nowhere(const struct route *route)
{
    const struct target *t = target_of(route);
    return t && t->offset == NOWHERE;
}

static int64_t id_of(const struct route *route, int place)
{
    const struct target *t = target_of(route);
    if (!t)
        fail_msg("%s: tell the access test which thing this is of", route->path);
    if (t->offset == NOWHERE)
        return NOWHERE_ID;
    return *(const int64_t *)(const void *)((const char *)&places[place] + t->offset);
}

static int first_number(enum subject subject)
{
    const char *code = subject == SUBJECT_PERSON ? "education" : "exit_status";
    const struct indicator *ind = profile_indicator(main_cx.profile, subject, str_of(code));
    assert_non_null(ind);
    return ind->number;
}

/* The route's path with its parts filled in, for the thing of a place. */
static const char *fill_path(const struct route *route, int place)
{
    struct buf b;
    buf_init(&b, main_cx.arena, 1024);
    for (const char *p = route->path; *p;) {
        if (*p != '{') {
            buf_put(&b, p++, 1);
            continue;
        }
        struct str name = {p + 1, strcspn(p + 1, "}")};
        if (str_eq_z(name, "id"))
            buf_printf(&b, "%" PRId64, id_of(route, place));
        else if (str_eq_z(name, "year"))
            buf_printf(&b, "%d", YEAR);
        else if (str_eq_z(name, "field") && strstr(route->path, "/reveal/"))
            buf_z(&b, "phone");
        else if (str_eq_z(name, "field"))
            buf_printf(&b, "%d",
                       first_number(strstr(route->path, "/person/") ? SUBJECT_PERSON
                                                                    : SUBJECT_HOUSEHOLD));
        else if (str_eq_z(name, "number") && str_starts(str_of(route->path), STR("/check/")))
            buf_printf(&b, "%d", main_cx.profile->rules->checks[0].number);
        else if (str_eq_z(name, "number"))
            buf_printf(&b, "%d", first_number(SUBJECT_HOUSEHOLD));
        else if (str_eq_z(name, "name"))
            buf_z(&b, "style.css");
        else if (str_eq_z(name, "code")) /* of an alert rule */
            buf_z(&b, main_cx.profile->alerts->list[0].code);
        else if (str_eq_z(name, "token"))
            buf_z(&b, "AAAAAAAAAAAAAAAAAAAAAA");
        else
            fail_msg("%s: tell the access test what {%.*s} is", route->path, STR_ARG(name));
        p = name.p + name.len + 1;
    }
    if (str_ends(str_of(route->path), STR("/refused")))
        buf_z(&b, "?format=csv");
    return arena_copy(main_cx.arena, buf_view(&b));
}

/* ---- the walks ---- */

/* Shows that the public routes are exactly those listed here, that every row with a {part} says
 * a test_path, and that every changing method asks for a token, by reading the table. */
static void test_table(void **state)
{
    (void)state;
    size_t count, found = 0;
    const struct route *routes = routes_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct route *r = &routes[i];
        bool listed = false;
        const char *name = arena_printf(main_cx.arena, "%s %s",
                                        r->method == METHOD_GET ? "GET" : "POST", r->path);
        for (size_t k = 0; k < PUBLIC_COUNT; k++)
            listed = listed || !strcmp(public_routes[k], name);
        if (listed != (r->scope == SCOPE_PUBLIC))
            fail_msg("%s: public and not on this test's list, or the reverse", name);
        found += listed;
        if (strchr(r->path, '{') && !r->test_path)
            fail_msg("%s: no test_path", name);
        if (r->method != METHOD_GET && r->csrf != CSRF_TOKEN)
            fail_msg("%s: changes without a token", name);
        if (r->scope == SCOPE_PERMISSION && !permission_find(str_of(r->permission)))
            fail_msg("%s: unknown permission %s", name, r->permission);
    }
    assert_int_equal(found, PUBLIC_COUNT);
}

/* Shows that without an account nothing but the public pages opens, by asking for every route
 * with the ids of things that exist. */
static void test_signed_out(void **state)
{
    (void)state;
    size_t count;
    const struct route *routes = routes_all(&count);
    faults = 0;
    for (size_t i = 0; i < count; i++) {
        const struct route *r = &routes[i];
        const char *path = fill_path(r, 0);
        ask(NULL, r->method, path, "");
        look_for_leaks(NULL, r, path);
        if (r->scope == SCOPE_PUBLIC)
            continue;
        bool shut = r->method == METHOD_GET
                        ? answer.status == 303 && holds("Location: /sign-in")
                        : answer.status == 403;
        if (!shut)
            fault("open to nobody", NULL, r, path);
    }
    assert_int_equal(faults, 0);
}

/* What may be sent to a thing of one's own without changing the world of this test. */
static bool is_harmless(const struct route *r)
{
    return r->method == METHOD_GET;
}

static void try_route(struct actor_row *who, const struct route *r, int place)
{
    const char *path = fill_path(r, place);
    bool has_thing = strstr(r->path, "{id}") != NULL;
    bool may = r->scope != SCOPE_PERMISSION || role_has(who->role, r->permission);
    bool own = !has_thing || covers(who, place);
    if (r->method == METHOD_POST) {
        ask(who, r->method, path, "reason=1");
        if (answer.status != 403)
            fault("a form without its token", who, r, path);
    }
    if (!is_harmless(r) && may && own)
        return;
    ask(who, r->method, path,
        arena_printf(main_cx.arena, "%s&reason=1&role=village_worker&area=%" PRId64, who->csrf,
                     places[place].village_id));
    look_for_leaks(who, r, path);
    if (!may && answer.status != 403)
        fault("no permission, yet", who, r, path);
    if (is_nowhere(r)) { /* a form may be told its mistakes first */
        bool told = answer.status == 404 || (r->method == METHOD_POST && answer.status == 400);
        if (may && !told)
            fault("finds what is not there", who, r, path);
        return;
    }
    if (may && !own && answer.status != 404)
        fault("another area, yet", who, r, path);
    if (may && own && (answer.status == 403 || answer.status >= 500 || answer.status == 0))
        fault("own, yet", who, r, path);
    if (may && own && answer.status == 404 && strcmp(r->path, "/import/{id}") &&
        strcmp(r->path, "/import/{id}/refused"))
        fault("own, yet", who, r, path);
}

/* Things that are not of one area. A role below the county sees only its own imports. */
static bool is_of_area(const struct route *r)
{
    return strstr(r->path, "{id}") && strncmp(r->path, "/session/", 9) != 0;
}

/* Shows that roles and areas end where they should, by trying each route as each role of each
 * place on the things of each place. */
static void test_roles_and_areas(void **state)
{
    (void)state;
    size_t count;
    const struct route *routes = routes_all(&count);
    faults = 0;
    for (size_t w = 0; w < actor_count; w++) {
        find_csrf(&actors[w]);
        for (size_t i = 0; i < count; i++) {
            if (routes[i].scope == SCOPE_PUBLIC)
                continue;
            for (int place = 0; place < (is_of_area(&routes[i]) ? PLACE_COUNT : 1); place++)
                if (is_of_area(&routes[i]) || !strstr(routes[i].path, "{id}"))
                    try_route(&actors[w], &routes[i], place);
        }
    }
    printf("%d requests\n", tries);
    assert_int_equal(faults, 0);
}

/* Shows that another's session can be ended only by who manages that user, by asking as
 * everybody who does not. */
static void test_sessions_of_others(void **state)
{
    (void)state;
    const struct route row = {.method = METHOD_POST, .path = "/session/{id}/end"};
    faults = 0;
    for (size_t w = 0; w < actor_count; w++)
        for (int place = 0; place < PLACE_COUNT; place++) {
            const struct actor_row *who = &actors[w];
            bool manages = role_has(who->role, "user.manage") && covers(who, place);
            if (manages || who->user == places[place].user)
                continue;
            const char *path = fill_path(&row, place);
            ask(who, METHOD_POST, path, who->csrf);
            if (answer.status != 404 && answer.status != 403)
                fault("ends another's session", who, &row, path);
        }
    assert_int_equal(faults, 0);
}

/* Shows that lists and searches keep to one's areas, by asking them for the others' names,
 * numbers, phones and areas. */
static void test_lists(void **state)
{
    (void)state;
    const struct route row = {.method = METHOD_GET, .path = "/household"};
    faults = 0;
    for (size_t w = 0; w < actor_count; w++)
        for (int place = 0; place < PLACE_COUNT; place++) {
            const struct actor_row *who = &actors[w];
            const struct place *p = &places[place];
            const char *head = url_encode(main_cx.arena, str_of(p->head));
            const char *paths[] = {
                arena_printf(main_cx.arena, "/household?q=%s", head),
                arena_printf(main_cx.arena, "/household?q=%s&format=csv", head),
                arena_printf(main_cx.arena, "/household?area=%" PRId64, p->township_id),
                arena_printf(main_cx.arena, "/household?area=%" PRId64 "&format=json",
                             p->township_id),
                "/household?format=csv",
                "/area?format=csv",
                "/user?q=county",
            };
            for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
                ask(who, METHOD_GET, paths[i], "");
                look_for_leaks(who, &row, paths[i]);
                if (answer.status >= 500 || answer.status == 0)
                    fault("a list", who, &row, paths[i]);
            }
            if (!covers(who, place))
                continue;
            ask(who, METHOD_GET, paths[0], "");
            if (answer.status != 200 || !holds("/household/"))
                fault("cannot find an own household", who, &row, paths[0]);
        }
    assert_int_equal(faults, 0);
}

/* Shows that an exported file holds one's own areas only, by exporting as each role. */
static void test_exports(void **state)
{
    (void)state;
    static const char *const what[] = {"households", "people", "incomes",
                                       "mapping:national_person"};
    const struct route row = {.method = METHOD_POST, .path = "/export"};
    faults = 0;
    for (size_t w = 0; w < actor_count; w++)
        for (size_t i = 0; i < 4; i++) {
            const struct actor_row *who = &actors[w];
            if (!role_has(who->role, "export.run"))
                continue;
            bool reveals = role_has(who->role, "household.reveal");
            const char *form =
                arena_printf(main_cx.arena, "%s&what=%s&format=csv&year=%d%s", who->csrf,
                             what[i], YEAR, reveals ? "&secrets=1" : "");
            if (!reveals) {
                ask(who, METHOD_POST, "/export",
                    arena_printf(main_cx.arena, "%s&secrets=1", form));
                if (answer.status != 403)
                    fault("exports secrets", who, &row, what[i]);
            }
            ask(who, METHOD_POST, "/export", form);
            look_for_leaks(who, &row, what[i]);
            if (answer.status != 200 || (i != 2 && !holds(places[who->place].code)))
                fault("exports its own", who, &row, what[i]);
        }
    assert_int_equal(faults, 0);
}

/* Shows that roles cannot be given outside one's areas, nor by who does not manage users. */
static void test_grants(void **state)
{
    (void)state;
    const struct route row = {.method = METHOD_POST, .path = "/user/{id}/grant"};
    faults = 0;
    for (size_t w = 0; w < actor_count; w++)
        for (int place = 0; place < PLACE_COUNT; place++) {
            const struct actor_row *who = &actors[w];
            bool manages = role_has(who->role, "user.manage");
            if (manages && covers(who, place))
                continue;
            const char *form = arena_printf(main_cx.arena, "%s&role=county_admin&area=%" PRId64,
                                            who->csrf, places[place].county_id);
            const char *path =
                arena_printf(main_cx.arena, "/user/%" PRId64 "/grant", places[who->place].user);
            ask(who, METHOD_POST, path, form);
            if (answer.status < 400)
                fault("gives a role elsewhere", who, &row, path);
            form =
                arena_printf(main_cx.arena,
                             "%s&login=new.one%zu%d&name=New&role=village_worker&area=%" PRId64,
                             who->csrf, w, place, places[place].village_id);
            ask(who, METHOD_POST, "/user/new", form);
            if (answer.status < 400 && !holds("No role yet"))
                fault("makes a user elsewhere", who, &row, "/user/new");
        }
    assert_int_equal(faults, 0);
}

int main(int argc, char **argv)
{
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),           cmocka_unit_test(test_signed_out),
        cmocka_unit_test(test_roles_and_areas), cmocka_unit_test(test_sessions_of_others),
        cmocka_unit_test(test_lists),           cmocka_unit_test(test_exports),
        cmocka_unit_test(test_grants),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

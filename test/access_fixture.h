/* For access_test only: a small register of two counties and three townships, a user of each
 * role of profile/cn in each place, and the real server before them. */
#ifndef TEST_ACCESS_FIXTURE_H
#define TEST_ACCESS_FIXTURE_H

#include "base/check.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "frame/rows.h"
#include "http/raw_client.h"
#include "people/user.h"
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
static char dir[] = "/tmp/fumin-access-XXXXXX";

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
    a->cookie = arena_printf(cx->arena, "Cookie: %s=%s\r\n", "fumin_session", token);
    if (!strcmp(role->level, "township")) {
        struct session *sessions;
        size_t count;
        p->user = a->user;
        assert_int_equal(session_list(&sessions, &count, cx, a->user), RC_OK);
        assert_int_equal(count, 1);
        p->session = sessions[0].id;
    }
}

static CHECK_UNUSED enum rc worker_start(struct cx *cx, void *arg)
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
    assert_int_equal(app_create(&app, cx, db, "cn", NULL, NULL), RC_OK);
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

#endif

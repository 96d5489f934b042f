/* Walks the route table: every route x every role of profile/cn (and nobody) x own and other
 * areas, against the real server on a small register of two counties and three townships.
 * Signed out: the sign-in page or 403. A role without the permission: 403. Things of another
 * area: 404, and never a word of them on any page. A form without its token: 403.
 * LONG: one small world, walked in six ways. */
#include "access_fixture.h"
#include "profile/alerts.h"
#include "profile/rules.h"

static struct raw_answer answer;
static int faults, tries;

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
    {"/vacancy/{id}", NOWHERE},
    {"/loan/{id}", NOWHERE},
    {"/offer/{id}", NOWHERE},
    {"/offer/match/{id}", NOWHERE},
    {"/case/{id}", NOWHERE},
    {"/case/frozen/{number}", NOWHERE},
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
        else if (str_eq_z(name, "number") && is_nowhere(route))
            buf_printf(&b, "%d", NOWHERE_ID);
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
            if (!covers(who, place) || !role_has(who->role, "household.view"))
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

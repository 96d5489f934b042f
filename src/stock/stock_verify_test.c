/* What a hand at the database changes past the triggers is found (S4, S8), with the id of the
 * item, reservation, movement or lot; and a process that dies between the steps of taking or
 * packing leaves nothing of it. */
#include "stock/stock_fixture.h"

#include "base/crypto.h"

#include <signal.h>
#include <sys/wait.h>

/* ---- tampering ---- */

enum { ITEM = 11, MADE = 12, LOT_ITEM = 13, LOT = 21, DELIVERY = 31, HELD = 41, PACKED = 42 };
enum { MOVE_IN = 51, MOVE_SOLD = 52, MOVE_LOT = 53 };

/* Known numbers, put in by hand; sound. */
static const char *const scene[] = {
    "INSERT INTO stock_item VALUES (7, 11, 1, 6, 2, 0, 0, 0)",
    "INSERT INTO stock_item VALUES (7, 12, 1, 0, 0, 1, 0, 0)",
    "INSERT INTO stock_item VALUES (7, 13, 2, 500, 0, 0, 21, 0)",
    "INSERT INTO lot VALUES (7, 21, 1, 'l', 13, 2, 0, 500, 1, -1, -1, 0, 1, 0, 0)",
    "INSERT INTO delivery VALUES (7, 31, 21, 1, 500, 1, 1, 0, 1, 0, 'uid-0001', 0, '', 0)",
    "INSERT INTO reservation VALUES (7, 41, 11, 1, 2, 0, 1, 0, 0, 0)",
    "INSERT INTO reservation VALUES (7, 42, 11, 2, 5, 4, 2, 0, 9, 52)",
    "INSERT INTO stock_move VALUES (7, 51, 11, 1, 10, 0, '', 0, 0)",
    "INSERT INTO stock_move VALUES (7, 52, 11, 2, -4, 42, '', 0, 0)",
    "INSERT INTO stock_move VALUES (7, 53, 13, 1, 500, 31, '', 0, 0)",
};

static void unlock(struct cx *cx)
{
    static const char *const lite[] = {"DROP TRIGGER stock_move_update",
                                       "DROP TRIGGER stock_move_delete"};
    static const char *const pg[] = {"ALTER TABLE stock_move DISABLE TRIGGER ALL"};
    const char *const *list = db_is_pg(cx) ? pg : lite;
    size_t count = db_is_pg(cx) ? 1 : 2;
    for (size_t i = 0; i < count; i++)
        check_ok(cx, fixture_run(cx, list[i]));
}

struct tamper {
    const char *text, *what; /* how the fault that must be among them begins */
    int64_t id;
    const char *back;
};
static const struct tamper tampers[] = {
    {"UPDATE stock_item SET on_hand = 7 WHERE id = 11", "on hand differs", ITEM,
     "UPDATE stock_item SET on_hand = 6 WHERE id = 11"},
    {"UPDATE stock_item SET on_hand = 7 WHERE id = 12", "on hand differs", MADE,
     "UPDATE stock_item SET on_hand = 0 WHERE id = 12"},
    {"UPDATE stock_move SET quantity = 11 WHERE id = 51", "on hand differs", ITEM,
     "UPDATE stock_move SET quantity = 10 WHERE id = 51"},
    /* Numbers whose sum does not fit are a fault, not a failure. */
    {"UPDATE stock_move SET quantity = 9223372036854775807, item_id = 13 WHERE id <> 52",
     "on hand differs", LOT_ITEM,
     "UPDATE stock_move SET quantity = CASE id WHEN 51 THEN 10 ELSE 500 END, "
     "item_id = CASE id WHEN 51 THEN 11 ELSE 13 END WHERE id <> 52"},
    {"UPDATE stock_item SET reserved = 3 WHERE id = 11", "reserved differs", ITEM,
     "UPDATE stock_item SET reserved = 2 WHERE id = 11"},
    {"UPDATE reservation SET quantity = 3 WHERE id = 41", "reserved differs", ITEM,
     "UPDATE reservation SET quantity = 2 WHERE id = 41"},
    {"UPDATE reservation SET state = 4, ended_at = 1 WHERE id = 41", "reserved differs", ITEM,
     "UPDATE reservation SET state = 1, ended_at = 0 WHERE id = 41"},
    {"UPDATE reservation SET consumed = 3 WHERE id = 42", "no movement", PACKED,
     "UPDATE reservation SET consumed = 4 WHERE id = 42"},
    {"UPDATE reservation SET item_id = 12 WHERE id = 42", "no movement", PACKED,
     "UPDATE reservation SET item_id = 11 WHERE id = 42"},
    {"UPDATE reservation SET move_id = 0 WHERE id = 42", "no movement", PACKED,
     "UPDATE reservation SET move_id = 52 WHERE id = 42"},
    {"UPDATE reservation SET move_id = 0 WHERE id = 42", "sold without", MOVE_SOLD,
     "UPDATE reservation SET move_id = 52 WHERE id = 42"},
    /* Two reservations that claim one movement. */
    {"INSERT INTO reservation VALUES (7, 43, 11, 3, 4, 4, 2, 0, 9, 52)", "no movement", 43,
     "DELETE FROM reservation WHERE id = 43"},
    {"UPDATE stock_move SET document_id = 41 WHERE id = 52", "sold without", MOVE_SOLD,
     "UPDATE stock_move SET document_id = 42 WHERE id = 52"},
    {"UPDATE stock_move SET kind = 3 WHERE id = 52", "no movement", PACKED,
     "UPDATE stock_move SET kind = 2 WHERE id = 52"},
    {"UPDATE lot SET grams = 501 WHERE id = 21", "the grams differ", LOT,
     "UPDATE lot SET grams = 500 WHERE id = 21"},
    {"UPDATE lot SET deliveries = 2 WHERE id = 21", "the grams differ", LOT,
     "UPDATE lot SET deliveries = 1 WHERE id = 21"},
    {"UPDATE delivery SET grams = 501 WHERE id = 31", "the grams differ", LOT,
     "UPDATE delivery SET grams = 500 WHERE id = 31"},
    {"UPDATE delivery SET cancelled_at = 5 WHERE id = 31", "the grams differ", LOT,
     "UPDATE delivery SET cancelled_at = 0 WHERE id = 31"},
    {"UPDATE stock_move SET kind = 4 WHERE id = 53", "the grams differ", LOT,
     "UPDATE stock_move SET kind = 1 WHERE id = 53"},
    {"UPDATE stock_item SET lot_id = 0 WHERE id = 13", "it and its lot", LOT_ITEM,
     "UPDATE stock_item SET lot_id = 21 WHERE id = 13"},
    {"UPDATE stock_item SET lot_id = 21 WHERE id = 11", "it and its lot", ITEM,
     "UPDATE stock_item SET lot_id = 0 WHERE id = 11"},
    {"UPDATE stock_item SET lot_id = 99 WHERE id = 12", "it and its lot", MADE,
     "UPDATE stock_item SET lot_id = 0 WHERE id = 12"},
};

static void tampered(struct cx *cx)
{
    for (size_t i = 0; i < sizeof scene / sizeof *scene; i++)
        check_ok(cx, fixture_run(cx, scene[i]));
    check_sound(cx);
    unlock(cx);
    for (size_t i = 0; i < sizeof tampers / sizeof *tampers; i++) {
        const struct tamper *t = &tampers[i];
        struct verify_fault *list;
        size_t count, k = 0;
        check_ok(cx, fixture_run(cx, t->text));
        check_ok(cx, stock_verify(&list, &count, cx));
        while (k < count &&
               (strncmp(list[k].what, t->what, strlen(t->what)) != 0 || list[k].id != t->id))
            k++;
        for (size_t n = 0; k == count && n < count; n++)
            print_error("%s %" PRId64 "\n", list[n].what, list[n].id);
        if (k == count)
            fail_msg("not found: %s", t->text);
        assert_int_equal(list[k].county, COUNTY);
        check_ok(cx, fixture_run(cx, t->back));
        check_sound(cx);
    }
    check_ok(cx, fixture_run(cx, "DELETE FROM stock_move WHERE id = 52"));
    assert_int_equal(faults(cx), 2); /* the item, the reservation */
}

/* ---- death between the steps ---- */

static const char *const points[] = {"stock.reserved:1", "stock.reserved:2", "stock.ended:1",
                                     "stock.left:1",     "stock.ended:2",    "db.commit:1"};
enum { POINTS = sizeof points / sizeof *points, TAKEN = 2 };

struct sale {
    int64_t items[TAKEN];
};

/* Takes of two items, packs the one with a correction, gives the other back: all in one. */
static enum rc sell(struct cx *cx, void *arg)
{
    const struct sale *s = arg;
    const struct stock_take t[TAKEN] = {{s->items[0], 1, 3}, {s->items[1], 2, 2}};
    int64_t ids[TAKEN], left, move_id;
    size_t short_at;
    TRY(stock_reserve(ids, &short_at, &left, cx, COUNTY, t, TAKEN, 0));
    TRY(db_ids(&move_id, cx, 1));
    TRY(stock_consume(cx, COUNTY, ids[0], 2, move_id));
    return stock_release(cx, COUNTY, ids[1]);
}

/* A program of its own (SQLite must not be carried over a fork) that dies at the point. */
_Noreturn static void child_run(char **argv)
{
    struct cx cx;
    struct sale s;
    char specification[64];
    crypto_init();
    check_open(&cx);
    if (db_open(&cx.pool, &cx, &(struct db_options){.url = argv[1]}) ||
        !str_to_i64(&s.items[0], str_of(argv[3])) || !str_to_i64(&s.items[1], str_of(argv[4])))
        _exit(3);
    snprintf(specification, sizeof specification, "%s:kill", argv[2]);
    if (!fault_set(specification))
        _exit(4);
    _exit(db_write(&cx, COUNTY, sell, &s) ? 5 : 6);
}

static void killed(struct cx *cx)
{
    const char *url = arena_copy(cx->arena, str_of(db_fixture_url(cx)));
    struct sale s;
    const char *names[TAKEN];
    for (int i = 0; i < TAKEN; i++) {
        s.items[i] = item_new(cx, STOCK_PIECES, false);
        names[i] = arena_printf(cx->arena, "%" PRId64, s.items[i]);
        assert_int_equal(move(cx, s.items[i], STOCK_IN, 5), RC_OK);
    }
    for (size_t i = 0; i < POINTS; i++) {
        int status = 0;
        pid_t pid = fork();
        if (pid == 0) {
            execl("/proc/self/exe", "child", url, points[i], names[0], names[1], (char *)NULL);
            _exit(7);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
            fail_msg("%s: status %d", points[i], status);
        check_item(cx, s.items[0], 5, 0);
        check_item(cx, s.items[1], 5, 0);
        check_sound(cx);
    }
    check_ok(cx, db_write(cx, COUNTY, sell, &s));
    check_item(cx, s.items[0], 3, 0);
    check_item(cx, s.items[1], 5, 0);
    check_sound(cx);
}

EACH(tampered)
EACH(killed)

int main(int argc, char **argv)
{
    if (argc == 5)
        child_run(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tampered_each),
        cmocka_unit_test(killed_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

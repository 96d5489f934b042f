/* The HTTP gateway against a small one of our own that answers, fails, cuts off, lies and is
 * slow to accept: instructions carry the same idempotency key each time and a good signature;
 * what fails is tried again; an answer that comes after the webhook changes nothing. */
#include "sale/sale_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

enum { SAID = 64 * 1024 };
enum mode { ANSWERS, FAILS, CUTS, REFUSES, LIES };
static struct {
    int listen_fd, port;
    _Atomic int mode, calls, stop;
    char last[SAID]; /* the whole last request; read when no call runs */
    pthread_t thread;
} gate;

static void answer(int fd)
{
    static const char *const bodies[] = {
        [ANSWERS] = "{\"reference\":\"GW-1\",\"pay_url\":\"https://pay.example/p/1\"}",
        [LIES] = "{\"reference\":7,\"pay_url\":\"javascript:alert(1)\"}",
        [FAILS] = "",
        [REFUSES] = "{}"};
    static const char *const heads[] = {
        [ANSWERS] = "200 OK", [LIES] = "200 OK", [FAILS] = "503 Busy", [REFUSES] = "422 No"};
    char text[500];
    int mode = gate.mode;
    if (mode == CUTS)
        return;
    snprintf(text, sizeof text,
             "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", heads[mode],
             strlen(bodies[mode]), bodies[mode]);
    (void)!write(fd, text, strlen(text));
}

static void serve_one(int fd)
{
    size_t len = 0;
    char *end = NULL;
    while (len < SAID - 1 && !(end && strstr(end, "}"))) {
        ssize_t n = read(fd, gate.last + len, SAID - 1 - len);
        if (n <= 0)
            break;
        len += (size_t)n;
        gate.last[len] = '\0';
        end = strstr(gate.last, "\r\n\r\n");
    }
    gate.calls++;
    answer(fd);
    close(fd);
}

static void *gate_main(void *arg)
{
    (void)arg;
    while (!gate.stop) {
        struct pollfd p = {.fd = gate.listen_fd, .events = POLLIN};
        if (poll(&p, 1, 50) == 1)
            serve_one(accept(gate.listen_fd, NULL, NULL));
    }
    return NULL;
}

static const char *gate_open(struct cx *cx)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    gate.stop = 0;
    gate.listen_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(gate.listen_fd >= 0);
    assert_int_equal(bind(gate.listen_fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(gate.listen_fd, 16), 0);
    assert_int_equal(getsockname(gate.listen_fd, (struct sockaddr *)&a, &len), 0);
    assert_int_equal(pthread_create(&gate.thread, NULL, gate_main, NULL), 0);
    return arena_printf(cx->arena, "http://127.0.0.1:%d", ntohs(a.sin_port));
}

static void gate_close(void)
{
    gate.stop = 1;
    pthread_join(gate.thread, NULL);
    close(gate.listen_fd);
}

static const char *argument(struct cx *cx, const char *kind, int64_t id)
{
    return arena_printf(cx->arena, "%" PRId64 " %s %" PRId64, f.county, kind, id);
}

static void instruct(struct cx *cx, const char *kind, int64_t id)
{
    check_ok(cx, job_run_now(cx, &sale_job_kinds[0], f.county, argument(cx, kind, id)));
}

static struct payment payment_of(struct cx *cx, int64_t id)
{
    struct payment p;
    check_ok(cx, payment_get(&p, cx, f.county, id));
    return p;
}

/* Jobs that wait for this payment or refund. */
static int64_t jobs_waiting(struct cx *cx, const char *arg)
{
    static const struct sql sql = {
        .name = "~jobs_waiting",
        .lite = "SELECT count(*) FROM job WHERE argument = $1 AND state = 0",
        .args = "t",
        .cols = "i"};
    struct db_rows rows;
    check_ok(cx, DB_ONE(&rows, cx, &sql, V_T(arg)));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static void check_signed(struct cx *cx)
{
    const char *body = strstr(gate.last, "\r\n\r\n"), *line = strstr(gate.last, "Signature: ");
    assert_non_null(body);
    assert_non_null(line);
    struct str rest = str_of(line + strlen("Signature: ")), sign = str_cut(&rest, '\r');
    struct str time = {sign.p + 2, str_find(sign, STR(",")) - 2};
    int64_t at;
    assert_true(str_to_i64(&at, time));
    check_str_z(sign, pay_sign(cx, gateway_secret, at, str_of(body + 4)));
}

static void instructs(struct cx *cx)
{
    struct placed p;
    gate.mode = ANSWERS;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    /* The job was written with the order. */
    assert_int_equal(jobs_waiting(cx, argument(cx, "payment", p.payment_id)), 1);
    instruct(cx, "payment", p.payment_id);
    struct payment row = payment_of(cx, p.payment_id);
    assert_int_equal(row.state, PAYMENT_ASKED);
    assert_string_equal(row.provider_reference, "GW-1");
    assert_string_equal(row.pay_url, "https://pay.example/p/1");
    assert_non_null(
        strstr(gate.last, arena_printf(cx->arena, "Idempotency-Key: payment-%" PRId64 "\r\n",
                                       p.payment_id)));
    assert_non_null(
        strstr(gate.last, arena_printf(cx->arena, "\"amount\":%" PRId64 ",", p.total_minor)));
    assert_null(strstr(gate.last, "138 0013 8000"));
    check_signed(cx);
    /* Told once: again does not call. */
    int calls = gate.calls;
    instruct(cx, "payment", p.payment_id);
    assert_int_equal(gate.calls, calls);
}

static void fails_and_tries_again(struct cx *cx)
{
    static const enum mode modes[] = {FAILS, CUTS, FAILS, ANSWERS};
    struct placed p;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    const char *arg = argument(cx, "payment", p.payment_id);
    int calls = gate.calls;
    for (int i = 0; i < 4; i++) {
        gate.mode = (int)modes[i];
        instruct(cx, "payment", p.payment_id);
        assert_non_null(strstr(
            gate.last, arena_printf(cx->arena, "payment-%" PRId64 "\r\n", p.payment_id)));
        assert_int_equal(payment_of(cx, p.payment_id).state,
                         modes[i] == ANSWERS ? PAYMENT_ASKED : PAYMENT_NEW);
    }
    assert_int_equal(gate.calls, calls + 4);
    assert_int_equal(jobs_waiting(cx, arg), 1 + 3); /* the first, and one after each failure */
    assert_int_equal(payment_of(cx, p.payment_id).tries, 3);
    /* Crash between its answer and ours: told again with the same key. */
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    assert_true(fault_set("sale.instructed:1"));
    assert_int_equal(
        job_run_now(cx, &sale_job_kinds[0], f.county, argument(cx, "payment", p.payment_id)),
        RC_IO);
    err_clear(cx);
    assert_true(fault_set(""));
    assert_int_equal(payment_of(cx, p.payment_id).state, PAYMENT_NEW);
    instruct(cx, "payment", p.payment_id);
    assert_int_equal(payment_of(cx, p.payment_id).state, PAYMENT_ASKED);
    /* Refused for good. */
    gate.mode = REFUSES;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    instruct(cx, "payment", p.payment_id);
    assert_int_equal(payment_of(cx, p.payment_id).state, PAYMENT_FAILED);
    /* Its address is never a script. */
    gate.mode = LIES;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    instruct(cx, "payment", p.payment_id);
    assert_string_equal(payment_of(cx, p.payment_id).pay_url, "");
    assert_string_equal(payment_of(cx, p.payment_id).provider_reference, "");
}

/* Paid before our own answer is written: the answer does not undo it. Then it goes back, and is
 * done when the gateway says so, once. */
static void back(struct cx *cx)
{
    struct placed p;
    struct refund *r;
    size_t count;
    gate.mode = ANSWERS;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    assert_int_equal(tell(cx, PAY_GATEWAY, PAY_CAPTURE, p.payment_id, p.total_minor, "e1"),
                     PAY_DONE);
    instruct(cx, "payment", p.payment_id);
    assert_int_equal(payment_of(cx, p.payment_id).state, PAYMENT_CAPTURED);
    struct order o = first_order(cx, &p);
    check_ok(cx, order_cancel(cx, f.county, o.id, o.version, str_of(p.token)));
    check_ok(cx, refund_list(&r, &count, cx, f.county, o.id));
    assert_int_equal(count, 1);
    assert_int_equal(r[0].state, REFUND_NEW);
    assert_int_equal(jobs_waiting(cx, argument(cx, "refund", r[0].id)), 1);
    instruct(cx, "refund", r[0].id);
    assert_non_null(
        strstr(gate.last, arena_printf(cx->arena, "refund-%" PRId64 "\r\n", r[0].id)));
    assert_non_null(strstr(gate.last, "POST /refunds "));
    check_refused(cx, refund_confirm(cx, f.county, r[0].id), RC_CONFLICT);
    struct pay_event e = {.provider = PAY_GATEWAY,
                          .event_id = "r1",
                          .kind = PAY_REFUNDED,
                          .payment_id = p.payment_id,
                          .refund_id = r[0].id,
                          .amount_minor = r[0].amount_minor - 1,
                          .currency = "CNY",
                          .raw = STR("{}")};
    enum pay_result result;
    check_ok(cx, pay_event_take(&result, cx, f.county, &e));
    assert_int_equal(result, PAY_DIFFERS);
    e.amount_minor++;
    for (int i = 0; i < 3; i++) {
        e.event_id = arena_printf(cx->arena, "r2-%d", i);
        check_ok(cx, pay_event_take(&result, cx, f.county, &e));
        assert_int_equal(result, i ? PAY_NOTHING : PAY_DONE);
    }
    check_ok(cx, refund_list(&r, &count, cx, f.county, o.id));
    assert_int_equal(r[0].state, REFUND_DONE);
    struct payment row = payment_of(cx, p.payment_id);
    assert_int_equal(row.refunded_minor, row.captured_minor);
    check_sound(cx);
}

static void gateway_on(struct cx *cx)
{
    sale_fixture_open(cx);
    fixture_pays(cx, gate_open(cx));
    instructs(cx);
    fails_and_tries_again(cx);
    back(cx);
    gate_close();
    check_refused(cx, job_run_now(cx, &sale_job_kinds[0], f.county, "1 payment"), RC_INVALID);
    sale_fixture_close(cx);
}

static void gateway(void **state)
{
    (void)state;
    db_fixture_each(gateway_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gateway)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

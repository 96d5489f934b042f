/* One request from its header to its finished answer, apart from how bytes come and go: which
 * route, which limits, where the body is kept, and the calls of `before` and the handler. */
#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "http/http_parts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char ADDRESS_CHARS[] = "0123456789abcdefABCDEF.:";

struct exchange *exchange_new(struct server *s, const struct server_options *o,
                              const char *target)
{
    struct exchange *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->arena = arena_open(HTTP_EXCHANGE_ARENA);
    e->server = s;
    e->options = o;
    e->q.body_fd = -1;
    e->q.client = "";
    e->answer.file_fd = -1;
    e->target = arena_str(e->arena, (struct str){target, strnlen(target, LIMIT_URL_BYTES + 1)});
    buf_init(&e->body, NULL, 0);
    return e;
}

void exchange_free(struct exchange *e)
{
    if (!e)
        return;
    answer_drop(&e->answer);
    if (e->q.body_fd >= 0)
        close(e->q.body_fd);
    multipart_free(e->multipart);
    buf_free(&e->body);
    arena_free(e->arena);
    free(e);
}

/* ---- the header ---- */

static bool sink_to_file(void *arg, const void *p, size_t len)
{
    struct exchange *e = arg;
    struct cx cx;
    cx_init(&cx, e->arena);
    if (file_put(&cx, e->q.body_fd, p, len, "upload")) {
        log_event(LOG_LEVEL_ERROR, "upload_failed", "%s", cx.err.detail);
        return false;
    }
    return true;
}

static bool sink_to_memory(void *arg, const void *p, size_t len)
{
    struct exchange *e = arg;
    buf_put(&e->body, p, len);
    return buf_ok(&e->body);
}

static bool open_body_file(struct exchange *e)
{
    struct cx cx;
    struct file_temp temp;
    cx_init(&cx, e->arena);
    const char *dir = e->options->tmp_dir;
    if (!dir)
        dir = getenv("TMPDIR");
    if (!dir || !*dir)
        dir = "/var/tmp";
    if (file_temp_open(&temp, &cx, dir)) {
        log_event(LOG_LEVEL_ERROR, "upload_failed", "%s", cx.err.detail);
        return false;
    }
    if (temp.path)
        unlink(temp.path); /* nameless either way: a crash leaves nothing behind */
    e->q.body_fd = temp.fd;
    return true;
}

static bool is_urlencoded(const struct exchange *e)
{
    return type_is(e->q.content_type, "application/x-www-form-urlencoded");
}

/* Decides where the body goes. 0, or a status. */
static int prepare_body(struct exchange *e)
{
    const struct route *r = e->q.route;
    bool multipart = type_is(e->q.content_type, "multipart/form-data");
    e->body_to_file = r->body_to_file && !is_urlencoded(e);
    if (!r->body_to_file || is_urlencoded(e)) {
        if (r->body_to_file && e->body_max > LIMIT_FORM_BODY)
            e->body_max = LIMIT_FORM_BODY;
        e->body.max = (size_t)e->body_max;
    }
    if (e->body_to_file && !open_body_file(e))
        return 507;
    if (!multipart)
        return 0;
    struct str boundary = multipart_boundary(e->q.content_type);
    if (!boundary.p)
        return 400;
    struct multipart_limits limits = {.parts_max = LIMIT_FORM_FIELDS,
                                      .text_max = LIMIT_FORM_BODY};
    e->multipart =
        multipart_new(boundary, limits, e->body_to_file ? sink_to_file : sink_to_memory, e);
    return e->multipart ? 0 : 503;
}

/* The client behind a trusted proxy: the last address of the last X-Forwarded-For, which is the
 * one the proxy itself has seen. */
static void find_client(struct exchange *e, const char *peer)
{
    struct request *q = &e->q;
    q->client = peer;
    if (!e->options->trusted_proxy || strcmp(e->options->trusted_proxy, peer) != 0)
        return;
    struct str last = {NULL, 0};
    for (size_t i = 0; i < q->header_count; i++) {
        if (str_eq_case(q->headers[i].name, "x-forwarded-for"))
            last = q->headers[i].value;
        else if (str_eq_case(q->headers[i].name, "x-forwarded-proto"))
            q->tls = str_eq_case(str_trim(q->headers[i].value), "https");
    }
    while (last.p) {
        struct str address = str_trim(str_cut(&last, ','));
        const char *text = arena_copy(e->arena, address);
        if (!last.p && address.len > 0 && address.len < 46 &&
            !text[strspn(text, ADDRESS_CHARS)])
            q->client = text;
    }
}

/* Declared length of the body; -1: chunked, 0: none. */
static int64_t declared_length(const struct request *q)
{
    int64_t len = 0;
    struct str text = request_header(q, "content-length");
    if (request_header(q, "transfer-encoding").p)
        return -1;
    return text.p && str_to_i64(&len, text) ? len : 0;
}

/* Everything that can be refused before the body is read. 0, or a status. */
static int check_head(struct exchange *e, const char *method)
{
    struct request *q = &e->q;
    if (e->target.len > LIMIT_URL_BYTES)
        return 414;
    q->method = method_of(method);
    if (!url_split(&q->path, &q->query_raw, e->arena, e->target))
        return 400;
    route_find(&e->hit, e->options, q->method, q->path);
    if (!e->hit.route)
        return e->hit.allowed ? 405 : 404;
    q->route = e->hit.route;
    q->params = e->hit.params;
    q->param_count = e->hit.param_count;
    e->body_max = (int64_t)q->route->body_max;
    int64_t len = declared_length(q);
    struct str coding = request_header(q, "content-encoding");
    if (len != 0 && coding.p && !str_eq_case(coding, "identity"))
        return 415;
    if (len > e->body_max || (len != 0 && e->body_max == 0))
        return 413;
    return len != 0 ? prepare_body(e) : 0;
}

void exchange_head(struct exchange *e, const char *method, struct pair *headers, size_t count,
                   bool http_1_0)
{
    struct request *q = &e->q;
    e->head_done = true;
    e->began_ms = time_mono_ms();
    q->headers = headers;
    q->header_count = count;
    q->content_type = request_header(q, "content-type");
    find_client(e, e->peer->address);
    int framing = guard_check_headers(headers, count, http_1_0);
    e->refused = framing ? framing : check_head(e, method);
    e->body_unread = framing || (e->refused && declared_length(q) != 0);
}

/* ---- the body ---- */

int64_t exchange_body_due_ms(const struct exchange *e)
{
    int64_t rate =
        e->q.route && e->q.route->body_rate_min > 0 ? e->q.route->body_rate_min : HTTP_RATE_MIN;
    return e->began_ms + e->options->body_ms + e->q.body_len * 1000 / rate;
}

static int status_of_multipart(enum multipart_state state)
{
    switch (state) {
    case MULTIPART_MORE:
    case MULTIPART_END:
        return 0;
    case MULTIPART_MALFORMED:
    case MULTIPART_TWO_FILES:
        return 400;
    case MULTIPART_TOO_MUCH:
        return 413;
    case MULTIPART_SINK:
        return 507;
    }
    return 400;
}

static int keep_body(struct exchange *e, const void *p, size_t len)
{
    if (e->q.body_len > e->body_max)
        return 413;
    if (e->multipart)
        return status_of_multipart(multipart_feed(e->multipart, p, len));
    if (e->body_to_file)
        return sink_to_file(e, p, len) ? 0 : 507;
    return sink_to_memory(e, p, len) ? 0 : 413;
}

bool exchange_body(struct exchange *e, const void *p, size_t len)
{
    e->q.body_len += (int64_t)len;
    if (!e->refused)
        e->refused = keep_body(e, p, len);
    /* libmicrohttpd can answer only behind the body, so some of a refused body is read on. */
    return e->q.body_len <= e->body_max + HTTP_SWALLOW_MAX;
}

void exchange_body_end(struct exchange *e)
{
    struct request *q = &e->q;
    if (e->refused)
        return;
    if (e->multipart) {
        if (multipart_state_get(e->multipart) != MULTIPART_END) {
            e->refused = 400;
            return;
        }
        q->body_len = multipart_file_len(e->multipart);
        if (!multipart_has_file(e->multipart) && q->body_fd >= 0) {
            close(q->body_fd);
            q->body_fd = -1;
        }
    }
    if (q->body_fd >= 0 && lseek(q->body_fd, 0, SEEK_SET) != 0)
        e->refused = 500;
}

/* ---- by a worker ---- */

/* Whether a text part is UTF-8 without control characters but tab and line ends. */
static bool text_is_clean(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
            return false;
    }
    return utf8_bad_at(s) == s.len;
}

/* A name for the uploaded file that can be shown: what is not clean text becomes "file". */
static struct str shown_name(struct str sent)
{
    return text_is_clean(sent) ? str_trim(sent) : STR("file");
}

static enum rc read_parts(struct cx *cx, struct exchange *e)
{
    struct request *q = &e->q;
    size_t count = multipart_count(e->multipart);
    struct pair *pairs = arena_array(cx->arena, count + 1, sizeof *pairs);
    if (!pairs)
        return fail(cx, RC_LIMIT, _("The form is too large."), "parts=%zu", count);
    for (size_t i = 0; i < count; i++) {
        pairs[i].name = multipart_name(e->multipart, i);
        pairs[i].value = multipart_value(e->multipart, i);
        if (!text_is_clean(pairs[i].name) || !text_is_clean(pairs[i].value))
            return fail(cx, RC_INVALID,
                        _("The text that was sent is damaged. Go back and try again."),
                        "part=%zu", i);
    }
    q->form = pairs;
    q->form_count = count;
    if (multipart_has_file(e->multipart)) {
        q->file_name = shown_name(multipart_file_name(e->multipart));
        q->body = e->body_to_file ? (struct str){"", 0} : buf_view(&e->body);
    }
    return RC_OK;
}

static enum rc read_request(struct cx *cx, struct exchange *e)
{
    struct request *q = &e->q;
    TRY(pairs_parse(&q->query, &q->query_count, cx, q->query_raw, HTTP_QUERY_MAX));
    cookies_parse(&q->cookies, &q->cookie_count, cx, request_header(q, "cookie"));
    if (e->multipart)
        return read_parts(cx, e);
    if (is_urlencoded(e))
        return pairs_parse(&q->form, &q->form_count, cx, buf_view(&e->body), LIMIT_FORM_FIELDS);
    q->body = buf_view(&e->body);
    return RC_OK;
}

static enum rc serve(struct cx *cx, struct exchange *e, struct response *a)
{
    const struct server_options *o = e->options;
    if (time_mono_ms() > cx->deadline_ms)
        return fail(cx, RC_BUSY, _("The server is busy. Please try again in a few seconds."),
                    "waited too long for a worker");
    TRY(read_request(cx, e));
    if (o->before)
        TRY(o->before(cx, &e->q, a, o->arg));
    TRY(e->q.route->handle(cx, &e->q, a));
    if (!buf_ok(&a->body))
        return fail(cx, RC_IO, _("The page became too large to be shown."), "body over limit");
    return RC_OK;
}

static void log_failure(const struct cx *cx, const struct exchange *e, enum rc rc)
{
    enum log_level level = rc == RC_IO || rc == RC_DB ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO;
    log_event(level, "request_failed", "route=%s rc=%s detail=\"%s\"", e->q.route->path,
              rc_name(rc), cx->err.detail);
}

void exchange_run(struct cx *cx, struct squeezer *z, struct exchange *e)
{
    struct response a;
    struct request *q = &e->q;
    response_init(cx, &a);
    cx->now_at = time_now();
    cx->deadline_ms = e->queued_ms + (q->route->time_ms_max > 0 ? q->route->time_ms_max : 5000);
    cx->lang = lang_parse(request_header(q, "accept-language"), LANG_EN);
    struct arena_mark mark = arena_mark(cx->arena);
    enum rc rc = serve(cx, e, &a);
    if (rc) {
        if (!cx->err.rc)
            (void)fail(cx, rc, rc == RC_NOTFOUND ? "" : _("This did not work."),
                       "no detail"); /* the text for the page; "" is the status's own */
        log_failure(cx, e, rc);
        /* The page of the failure needs memory; give back what the handler took if it is much.
         * Then the request's decoded parts and its session are gone too. */
        if (arena_used(cx->arena) > LIMIT_REQUEST_ARENA / 2) {
            arena_back(cx->arena, mark);
            q->query_count = q->form_count = q->cookie_count = 0;
            q->session = NULL;
            cx->actor = NULL;
        }
        response_failed(cx, q, &a, http_status_of(rc), e->options);
    }
    if (e->options->after)
        e->options->after(cx, e->options->arg);
    response_finish(&e->answer, e->arena, q, &a, z);
}

/* ---- refusals, by the I/O thread ---- */

static const char *refusal_text(struct cx *cx, const struct exchange *e, int status)
{
    switch (status) {
    case 404:
        return _("There is no page at this address.");
    case 405:
        return _("This address cannot be used in that way.");
    case 413:
        return _("What was sent is larger than this page takes.");
    case 414:
    case 431:
        return _("The address or the header of the request is too long.");
    case 415:
        return _("Compressed requests are not understood. Send the text as it is.");
    case 500:
        return _("The server made a mistake. It has been noted.");
    case 501:
        return _("This way of sending is not known here.");
    case 503:
        return _("The server is busy. Please try again in a few seconds.");
    case 507:
        return _("There is no room left on the server for this file.");
    default:
        break;
    }
    if (e->multipart && multipart_state_get(e->multipart) == MULTIPART_TWO_FILES)
        return _("Send one file at a time.");
    return _("The request could not be understood. Go back, reload the page and try again.");
}

static enum rc refusal_rc(int status)
{
    switch (status) {
    case 404:
        return RC_NOTFOUND;
    case 413:
    case 414:
    case 431:
        return RC_LIMIT;
    case 503:
        return RC_BUSY;
    case 500:
    case 507:
        return RC_IO;
    default:
        return RC_INVALID;
    }
}

void exchange_refuse(struct exchange *e, int status)
{
    struct cx cx_here, *cx = &cx_here;
    struct response a;
    cx_init(cx, e->arena);
    cx->lang = lang_parse(request_header(&e->q, "accept-language"), LANG_EN);
    cookies_parse(&e->q.cookies, &e->q.cookie_count, cx, request_header(&e->q, "cookie"));
    response_init(cx, &a);
    if (status == 413 && e->body_max > 0)
        (void)fail_f(cx, RC_LIMIT, _("What was sent is larger than this page takes (%s)."),
                     format_bytes(cx, e->body_max)); /* recorded for the page */
    else
        (void)fail(cx, refusal_rc(status), refusal_text(cx, e, status), "status=%d", status);
    response_failed(cx, &e->q, &a, status, e->options);
    if (status == 405)
        response_header(cx, &a, "Allow", route_allow(e->arena, e->hit.allowed));
    response_finish(&e->answer, e->arena, &e->q, &a, NULL);
    e->answer.close = e->body_unread;
}

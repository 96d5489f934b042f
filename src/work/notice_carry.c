/* Carrying messages to mail servers, SMS gateways and webhooks by libcurl: many beside each
 * other in one thread, each with its bounds. Knows no database. Redirects are not followed;
 * what a receiver answers is not read beyond its status. */
#include "base/text.h"
#include "work/notice_inner.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct place {
    CURL *easy;
    struct curl_slist *headers, *to;
    const struct parcel *parcel;
    void *tag;
    size_t read; /* bytes of the body that curl has taken */
    bool taken, done, was_local;
    CURLcode code;
};
struct carrier {
    CURLM *multi;
    int64_t connect_ms, try_ms;
    struct place places[CARRY_MAX];
    char error[32];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void start_curl(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT); /* on failure curl_easy_init gives NULL */
}

enum rc carrier_open(struct carrier **out, struct cx *cx, int64_t connect_ms, int64_t try_ms)
{
    pthread_once(&once, start_curl);
    struct carrier *c = calloc(1, sizeof *c);
    if (c)
        c->multi = curl_multi_init();
    if (!c || !c->multi) {
        free(c);
        return fail(cx, RC_IO, _("The server is short of memory. Try again."), "curl multi");
    }
    c->connect_ms = connect_ms;
    c->try_ms = try_ms;
    *out = c;
    return RC_OK;
}

static void clear(struct carrier *c, struct place *p)
{
    if (p->easy) {
        (void)curl_multi_remove_handle(c->multi, p->easy);
        curl_easy_cleanup(p->easy);
    }
    curl_slist_free_all(p->headers);
    curl_slist_free_all(p->to);
    *p = (struct place){0};
}

void carrier_close(struct carrier *c)
{
    if (!c)
        return;
    for (int i = 0; i < CARRY_MAX; i++)
        clear(c, &c->places[i]);
    (void)curl_multi_cleanup(c->multi);
    free(c);
}

/* ---- addresses ---- */

struct range {
    uint32_t first;
    int bits;
};
/* Source: IANA's registry of special-purpose addresses (RFC 6890 and later), and multicast. */
static const struct range local4[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0a80000, 16}, {0xc6120000, 15},
    {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 4},  {0xf0000000, 4},
};

static bool is_local4(const unsigned char *p)
{
    uint32_t n =
        (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
    for (size_t i = 0; i < sizeof local4 / sizeof local4[0]; i++)
        if ((n ^ local4[i].first) >> (32 - local4[i].bits) == 0)
            return true;
    return false;
}

bool carrier_is_local(int family, const void *address)
{
    static const unsigned char zero[12], mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    const unsigned char *p = address;
    if (family == AF_INET)
        return is_local4(p);
    if (family != AF_INET6)
        return true;
    if (!memcmp(p, mapped, 12) || !memcmp(p, nat64, 12))
        return is_local4(p + 12);
    if (p[0] == 0x20 && p[1] == 0x02) /* 6to4 carries an IPv4 address */
        return is_local4(p + 2);
    /* ::/96 (unspecified, this machine), fc00::/7, fe80::/9 (link and site), multicast,
     * documentation, Teredo, NAT64 for local use */
    return !memcmp(p, zero, 12) || (p[0] & 0xfe) == 0xfc ||
           (p[0] == 0xfe && (p[1] & 0x80) == 0x80) || p[0] == 0xff ||
           (p[0] == 0x20 && p[1] == 0x01 && p[2] == 0x0d && p[3] == 0xb8) ||
           (p[0] == 0x20 && p[1] == 0x01 && p[2] == 0 && p[3] == 0) ||
           (p[0] == 0x00 && p[1] == 0x64 && p[2] == 0xff && p[3] == 0x9b);
}

/* Called with the address that the name led to, for each attempt: a name that changes between
 * a check and the connection helps nobody. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct place *p = arg;
    (void)purpose;
    if (p->parcel->no_local) {
        struct sockaddr_in6 six = {0};
        struct sockaddr_in four = {0};
        const void *address = NULL;
        if (a->family == AF_INET && a->addrlen >= sizeof four) {
            memcpy(&four, &a->addr, sizeof four);
            address = &four.sin_addr;
        } else if (a->family == AF_INET6 && a->addrlen >= sizeof six) {
            memcpy(&six, (const void *)&a->addr, sizeof six);
            address = &six.sin6_addr;
        }
        if (!address || carrier_is_local(a->family, address)) {
            p->was_local = true;
            return CURL_SOCKET_BAD;
        }
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* ---- one try ---- */

static size_t give(char *out, size_t size, size_t n, void *arg)
{
    struct place *p = arg;
    size_t left = p->parcel->body.len - p->read, most = size * n;
    size_t len = left < most ? left : most;
    memcpy(out, p->parcel->body.p + p->read, len);
    p->read += len;
    return len;
}

static size_t drop(char *data, size_t size, size_t n, void *arg)
{
    (void)data;
    (void)arg;
    return size * n;
}

static bool common(struct carrier *c, struct place *p)
{
    CURL *e = p->easy;
    return !curl_easy_setopt(e, CURLOPT_URL, p->parcel->url) &&
           !curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(e, CURLOPT_PROXY, "") &&
           !curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) &&
           !curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
           !curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L) &&
           !curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L) &&
           !curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)c->connect_ms) &&
           !curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)c->try_ms) &&
           !curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket) &&
           !curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, p) &&
           !curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, drop) &&
           !curl_easy_setopt(e, CURLOPT_PRIVATE, p);
}

static bool as_mail(struct place *p)
{
    CURL *e = p->easy;
    const struct parcel *m = p->parcel;
    char from[256];
    snprintf(from, sizeof from, "<%.250s>", m->mail_from);
    p->to = curl_slist_append(NULL, m->mail_to);
    bool ok = p->to && !curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps") &&
              !curl_easy_setopt(e, CURLOPT_USE_SSL,
                                (long)(m->must_encrypt ? CURLUSESSL_ALL : CURLUSESSL_TRY)) &&
              !curl_easy_setopt(e, CURLOPT_MAIL_FROM, from) &&
              !curl_easy_setopt(e, CURLOPT_MAIL_RCPT, p->to) &&
              !curl_easy_setopt(e, CURLOPT_UPLOAD, 1L) &&
              !curl_easy_setopt(e, CURLOPT_READFUNCTION, give) &&
              !curl_easy_setopt(e, CURLOPT_READDATA, p) &&
              !curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->body.len);
    if (ok && m->user && m->user[0])
        ok = !curl_easy_setopt(e, CURLOPT_USERNAME, m->user) &&
             !curl_easy_setopt(e, CURLOPT_PASSWORD, m->password);
    return ok;
}

static bool as_post(struct place *p)
{
    CURL *e = p->easy;
    const struct parcel *m = p->parcel;
    for (size_t i = 0; m->headers && m->headers[i]; i++) {
        struct curl_slist *longer = curl_slist_append(p->headers, m->headers[i]);
        if (!longer)
            return false;
        p->headers = longer;
    }
    return !curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") &&
           !curl_easy_setopt(e, CURLOPT_HTTPHEADER, p->headers) &&
           !curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)m->body.len) &&
           !curl_easy_setopt(e, CURLOPT_POSTFIELDS, m->body.p);
}

bool carrier_add(struct carrier *c, const struct parcel *parcel, void *tag)
{
    struct place *p = NULL;
    for (int i = 0; i < CARRY_MAX && !p; i++)
        if (!c->places[i].taken)
            p = &c->places[i];
    if (!p)
        return false;
    *p = (struct place){.taken = true, .parcel = parcel, .tag = tag};
    p->easy = curl_easy_init();
    bool ok = p->easy && common(c, p) &&
              (parcel->channel == CHANNEL_MAIL ? as_mail(p) : as_post(p)) &&
              !curl_multi_add_handle(c->multi, p->easy);
    if (!ok) { /* told by carrier_done */
        p->done = true;
        p->code = CURLE_FAILED_INIT;
    }
    return true;
}

void carrier_step(struct carrier *c, int wait_ms)
{
    int running, left;
    CURLMsg *m;
    (void)curl_multi_perform(c->multi, &running);
    if (running > 0 && wait_ms > 0) {
        (void)curl_multi_poll(c->multi, NULL, 0, wait_ms, NULL);
        (void)curl_multi_perform(c->multi, &running);
    }
    while ((m = curl_multi_info_read(c->multi, &left))) {
        struct place *p = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        CURLcode code = m->data.result;
        if (!curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&p) && p) {
            p->done = true;
            p->code = code;
        }
    }
}

static const char *reason(struct carrier *c, const struct place *p)
{
    long status = 0;
    bool mail = p->parcel->channel == CHANNEL_MAIL;
    if (p->easy)
        (void)curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &status);
    if (p->was_local)
        return "local";
    if (!mail && status >= 200 && (status < 300 || p->code == CURLE_OK)) {
        if (status < 300)
            return "";
        snprintf(c->error, sizeof c->error, "http %ld", status);
        return c->error;
    }
    switch ((int)p->code) {
    case CURLE_OK:
        return "";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "resolve";
    case CURLE_COULDNT_CONNECT:
        return "connect";
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_LOGIN_DENIED:
        return "login";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
        return "tls";
    default:
        if (!mail || status < 400)
            return "broken";
        snprintf(c->error, sizeof c->error, "smtp %ld", status);
        return c->error;
    }
}

void *carrier_done(struct carrier *c, const char **error)
{
    for (int i = 0; i < CARRY_MAX; i++) {
        struct place *p = &c->places[i];
        if (!p->done)
            continue;
        void *tag = p->tag;
        *error = reason(c, p);
        clear(c, p);
        return tag;
    }
    return NULL;
}

/* For tests: a client that sends exactly the bytes it is told to, in the rhythm it is told to,
 * over loopback. Not part of the program. */
#ifndef HTTP_RAW_CLIENT_H
#define HTTP_RAW_CLIENT_H

#include "base/str.h"
#include "base/time.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connected socket to 127.0.0.1, or -1. */
static inline int raw_connect(int port)
{
    const int on = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* Sends all; false when the other side has closed. */
static inline bool raw_send(int fd, const void *p, size_t len)
{
    const char *bytes = p;
    while (len > 0 && fd >= 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return fd >= 0;
}

static inline bool raw_send_z(int fd, const char *z)
{
    return raw_send(fd, z, strlen(z));
}

/* What came in answer; NUL-terminated. */
struct raw_answer {
    char bytes[256 * 1024];
    size_t len;
    bool closed; /* the server ended the connection */
    int status;  /* of the first answer; 0: none */
    size_t head_len;
};

/* Length of the complete message at the start of p, or 0. */
static inline size_t raw_message_len(const char *p, size_t len, bool head_only)
{
    const char *end = memmem(p, len, "\r\n\r\n", 4);
    if (!end)
        return 0;
    size_t head = (size_t)(end - p) + 4;
    const char *field = strcasestr(p, "\r\nContent-Length: ");
    if (strncmp(p, "HTTP/1.1 100", 12) == 0 || head_only)
        return head;
    if (field && field < end) {
        size_t body = (size_t)strtoul(field + 18, NULL, 10);
        return len >= head + body ? head + body : 0;
    }
    field = strcasestr(p, "\r\nTransfer-Encoding: chunked");
    if (field && field < end) {
        end = memmem(p + head - 2, len - head + 2, "\r\n0\r\n\r\n", 7);
        return end ? (size_t)(end - p) + 7 : 0;
    }
    return head;
}

/* Reads until the connection ends, or a whole message is there (unless `to_end`), or time is
 * up. */
static inline void raw_receive(struct raw_answer *a, int fd, int wait_ms, bool to_end,
                               bool head)
{
    int64_t until = time_mono_ms() + wait_ms;
    a->len = 0;
    a->closed = false;
    a->bytes[0] = 0;
    while (fd >= 0 && a->len < sizeof a->bytes - 1) {
        if (!to_end && raw_message_len(a->bytes, a->len, head))
            break;
        int64_t left = until - time_mono_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            break;
        ssize_t n = recv(fd, a->bytes + a->len, sizeof a->bytes - 1 - a->len, 0);
        if (n <= 0) {
            a->closed = true;
            break;
        }
        a->len += (size_t)n;
        a->bytes[a->len] = 0;
    }
    a->bytes[a->len] = 0;
    a->status = 0;
    if (a->len > 12 && strncmp(a->bytes, "HTTP/1.", 7) == 0)
        a->status = (int)strtol(a->bytes + 9, NULL, 10);
    const char *end = strstr(a->bytes, "\r\n\r\n");
    a->head_len = end ? (size_t)(end - a->bytes) + 4 : a->len;
}

/* The value of a header of the first answer, in `out`; false when absent. */
static inline bool raw_header(char *out, size_t size, const struct raw_answer *a,
                              const char *name)
{
    char pattern[100];
    snprintf(pattern, sizeof pattern, "\r\n%s: ", name);
    const char *at = strcasestr(a->bytes, pattern);
    if (!at || (size_t)(at - a->bytes) >= a->head_len)
        return false;
    at += strlen(pattern);
    snprintf(out, size, "%.*s", (int)strcspn(at, "\r"), at);
    return true;
}

static inline struct str raw_body(const struct raw_answer *a)
{
    return (struct str){a->bytes + a->head_len, a->len - a->head_len};
}

/* One request on a new connection, which is closed after one answer or wait_ms. */
static inline void raw_exchange(struct raw_answer *a, int port, const char *request,
                                int wait_ms)
{
    int fd = raw_connect(port);
    raw_send_z(fd, request);
    raw_receive(a, fd, wait_ms, false, strncmp(request, "HEAD ", 5) == 0);
    close(fd);
}

#endif

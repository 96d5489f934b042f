/* What is settled before the first connection: the options' defaults, room for descriptors, the
 * listening socket; and how an address is written. */
#include "base/log.h"
#include "base/text.h"
#include "http/http_parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int or_default(int value, int otherwise)
{
    return value > 0 ? value : otherwise;
}

void options_fill(struct server_options *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int workers = cores > 8 ? 32 : cores < 1 ? 4 : (int)cores * 4;
    o->io_threads = or_default(o->io_threads, 2);
    o->workers = or_default(o->workers, workers);
    o->heavy_workers = or_default(o->heavy_workers, 2);
    o->queue_max = or_default(o->queue_max, LIMIT_WORK_QUEUE);
    o->connections_max = or_default(o->connections_max, 6000);
    o->connections_per_client_max = or_default(o->connections_per_client_max, 512);
    o->header_ms = or_default(o->header_ms, 5000);
    o->body_ms = or_default(o->body_ms, 10000);
    o->idle_s = or_default(o->idle_s, 30);
    o->answer_ms = or_default(o->answer_ms, 30000);
    if (!o->address)
        o->address = "127.0.0.1";
}

/* Every connection is a descriptor; files and databases need some more. */
void options_fit_descriptors(struct server_options *o)
{
    struct rlimit limit;
    const rlim_t others = 300;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    rlim_t want = (rlim_t)o->connections_max + others;
    if (limit.rlim_cur < want) {
        limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
        (void)setrlimit(RLIMIT_NOFILE, &limit); /* read back below */
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < want) {
        o->connections_max = limit.rlim_cur > 2 * others ? (int)(limit.rlim_cur - others)
                                                         : (int)(limit.rlim_cur / 2);
        log_event(LOG_LEVEL_WARN, "few_descriptors", "connections_max=%d", o->connections_max);
    }
}

static int open_listener(const struct addrinfo *ai)
{
    const int on = 1, off = 0;
    int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (ai->ai_family == AF_INET6) /* "::" takes IPv4 too */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, 1024) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

enum rc listen_on(int *fd_out, int *port_out, struct cx *cx, const struct server_options *o)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char port[16];
    snprintf(port, sizeof port, "%d", o->port);
    if (getaddrinfo(o->address, port, &hints, &list) != 0)
        return fail_f(cx, RC_INVALID, _("%s is not an address to listen on."), o->address);
    int fd = open_listener(list);
    freeaddrinfo(list);
    if (fd < 0)
        return fail_f(cx, RC_IO,
                      _("%s port %d cannot be listened on: it is in use or not ours."),
                      o->address, o->port);
    struct sockaddr_in6 bound;
    socklen_t len = sizeof bound;
    memset(&bound, 0, sizeof bound);
    if (getsockname(fd, (struct sockaddr *)&bound, &len) == 0)
        *port_out = ntohs(bound.sin6_port); /* the port stands at the same place in IPv4 */
    *fd_out = fd;
    return RC_OK;
}

void address_write(char *out, size_t size, const struct sockaddr *sa)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    } else if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, sa, sizeof in);
        inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    }
    bool mapped = strncmp(text, "::ffff:", 7) == 0 && strchr(text, '.');
    snprintf(out, size, "%s", mapped ? text + 7 : text);
}

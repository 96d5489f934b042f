/* For tests of this room: a server with a handful of routes and short deadlines. */
#ifndef HTTP_FIXTURE_H
#define HTTP_FIXTURE_H

#include "http/http.h"
#include "http/raw_client.h"

/* Routes: GET /hello (text), GET /page (4 KB text, ETag "p1"), POST /echo (in memory, 64 KB:
 * type, form pairs, body length), PUT and POST /upload (to file, 64 MB: length and hash), GET
 * /sleep/{ms}, GET /heavy/{ms} (second pool), GET /events (three events 20 ms apart), GET
 * /forever (a stream that waits), GET /download (3 MB file), GET /fail/{rc}, GET /embedded,
 * GET /self (client, tls, query), GET /ticker (a stream that only server_wake moves). */
struct fixture {
    struct server *server;
    struct arena *arena;
    struct cx cx;
    int port;
    struct server_options options;
};
/* Short deadlines: header 300 ms, body 400 ms, idle 1 s. Change options between the two calls.
 */
void fixture_prepare(struct fixture *f);
void fixture_start(struct fixture *f);
void fixture_stop(struct fixture *f);
/* FNV-1a of a byte, to check uploads. */
uint64_t fixture_hash(uint64_t hash, const void *p, size_t len);
extern _Atomic int fixture_streams_ended, fixture_workers_live;

#endif
